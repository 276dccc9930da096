/**
 * Which pages of the heap every command writes to (reference counts, mostly): the program is stopped at its first output and the kernel
 * asked which pages of its private mapping are its own by then. With that list in its header a start gets them in a few calls, instead
 * of by a fault each. The command reads no file and no environment, so that two builds find the same. [proc_pid_pagemap.5]
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const COMMAND = ['state', '--help'];
/** Of arena.rs. */
const BASE = 2 ** 37;
const PAGE = 4096;
/** As many as the program's header holds: WARM of snapshot.rs. */
const MOST_RANGES = 64;
const HEAP_PAGES = 1024;
const PATIENCE_MS = 5000;

/** "PAGE+COUNT,..." for stage 0's --warm; '' and a reason on stderr where the kernel does not say. */
export async function warmPages(program) {
  const pageSize = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
  try {
    const written = await writtenPages(program, pageSize);
    return toRanges(written, pageSize / PAGE);
  } catch (error) {
    console.error(`build: each start will be 0.05 ms slower: cannot tell which pages it writes to (${error.message})`);
    return '';
  }
}

/** A pipe that is full stops the program in write(2). */
async function writtenPages(program, pageSize) {
  const folder = mkdtempSync(join(tmpdir(), 'runt-build-'));
  const path = join(folder, 'full');
  execFileSync('mkfifo', [path]);
  const own = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const blocking = openSync(path, constants.O_WRONLY);
  fill(own);
  const child = spawn(program, COMMAND, { env: {}, cwd: '/', stdio: ['ignore', blocking, 'ignore'] });
  const ended = new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
  try {
    await untilBlocked(child);
    return readPagemap(child.pid, pageSize);
  } finally {
    child.kill('SIGKILL');
    await ended.catch(() => {});
    closeSync(blocking);
    closeSync(own);
    rmSync(folder, { recursive: true });
  }
}

function fill(fd) {
  try {
    for (;;) writeSync(fd, Buffer.alloc(PAGE));
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
  }
}

async function untilBlocked(child) {
  const end = Date.now() + PATIENCE_MS;
  for (let asleep = 0; asleep < 3; ) {
    await sleep(5);
    if (child.exitCode !== null) throw new Error(`${COMMAND.join(' ')} ended with status ${child.exitCode}`);
    if (Date.now() > end) throw new Error('it does not stop');
    const state = child.pid === undefined ? '' : stateOf(child.pid);
    asleep = state === 'S' ? asleep + 1 : 0;
  }
}

/** Before execve it is still a copy of us, and may sleep. */
function stateOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const isProgram = readFileSync(`/proc/${pid}/maps`, 'latin1').includes(BASE.toString(16));
  return isProgram ? text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) : '';
}

/** Present (bit 63) and no page of a file any more (bit 61). */
function readPagemap(pid, pageSize) {
  const file = openSync(`/proc/${pid}/pagemap`, 'r');
  const entries = Buffer.alloc(HEAP_PAGES * 8);
  const length = readSync(file, entries, 0, entries.length, (BASE / pageSize) * 8);
  closeSync(file);
  const pages = [];
  for (let index = 0; index < length / 8; index++) {
    const flags = entries.readUInt8(index * 8 + 7);
    if (flags & 0x80 && !(flags & 0x20)) pages.push(index);
  }
  if (pages.length === 0) throw new Error('the kernel shows none');
  return pages;
}

/** One page between two ranges costs as much as another call; more of them only if there would be too many ranges. */
function toRanges(pages, scale) {
  for (let gap = 1; ; gap++) {
    const ranges = joined(pages, gap);
    if (ranges.length > MOST_RANGES) continue;
    return ranges.map(({ page, count }) => `${page * scale}+${count * scale}`).join();
  }
}

function joined(pages, gap) {
  const ranges = [];
  for (const page of pages) {
    const last = ranges.at(-1);
    if (last !== undefined && page - (last.page + last.count) <= gap) last.count = page - last.page + 1;
    else ranges.push({ page, count: 1 });
  }
  return ranges;
}
