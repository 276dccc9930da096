/**
 * run in the foreground, from the moment that the program runs: whatever fails then, nobody is left without who attends them, the
 * exit code is the program's once it has ended, and what could not be removed is told. Every call fails in turn. [man runc-run.8]
 */
import { describe, expect, test } from 'vitest';
import { CLD_EXITED, CLD_KILLED, LOCK_UN, P_PIDFD } from '../kernel/flags.ts';
import type { Kernel, WaitResult } from '../kernel/kernel.ts';
import type { Config } from '../spec/config-types.ts';
import { globals, hostFiles, hostLines, plainConfig, requestFor } from '../testing/containers.ts';
import { type Half, type HalvesOptions, runHalf, runTwoHalves, sweepParent } from '../testing/run-two-halves.ts';
import { runContainer } from './run-container.ts';

const hook = [{ path: '/bin/hook', args: ['hook'] }];
/** With a createRuntime hook: the child is a process of its own in the fake kernel. */
const config: Config = { ...plainConfig, hooks: { createRuntime: hook, poststop: hook } };
const files = { ...hostFiles(config), bin: { hook: 'ELF' } };
const before = runHalf({ files, run: () => {}, name: 'parent', inbox: [], peerEnded: true }).fake.world();

interface Run {
  code: number | undefined;
  warnings: string[];
}

/** `seen` is of the last one. */
function foreground(end: WaitResult, keep: boolean): Pick<HalvesOptions, 'files' | 'run'> & { readonly seen: Run } {
  const seen: Run = { code: undefined, warnings: [] };
  const request = { ...requestFor(config), command: 'run' as const, detach: false, pidFile: undefined, keep };
  const run = (kernel: Kernel): void => {
    seen.code = undefined;
    seen.warnings = [];
    const waitid: Kernel['waitid'] = (type, id, options) => {
      const result = kernel.waitid(type, id, options);
      return type === P_PIDFD && result?.pid === end.pid ? end : result;
    };
    let polls = 0;
    const poll: Kernel['poll'] = (...given) => {
      polls += 1;
      if (polls > 9) throw new Error('it polls for ever');
      return kernel.poll(...given);
    };
    const replaced: Partial<Kernel> = { waitid, poll };
    const ending = new Proxy(kernel, { get: (target, name: keyof Kernel) => replaced[name] ?? target[name] });
    seen.code = runContainer(ending, globals, request, (text) => seen.warnings.push(text));
  };
  return { files, run, seen };
}

const exited: WaitResult = { pid: 100, code: CLD_EXITED, status: 7 };
const killed: WaitResult = { pid: 100, code: CLD_KILLED, status: 9 };

/** The fault came when the program ran: from the unlocking on. */
function isAttended({ fake }: Half): boolean {
  const unlocked = fake.trace.indexOf(`flock(<web>, ${LOCK_UN})`);
  return unlocked !== -1 && (fake.fired()?.index ?? -1) >= unlocked;
}

describe.each([
  ['exited', exited, 7],
  ['was killed', killed, 137],
] as const)('a program that %s', (_, end, code) => {
  const { seen, ...options } = foreground(end, false);
  const inbox = runTwoHalves(options).child.said;

  test('its code, and nothing is left', () => {
    const { end: how, fake } = runHalf({ ...options, name: 'parent', inbox, peerEnded: true });
    expect([how, seen.code, seen.warnings]).toEqual(['returned', code, []]);
    expect(hostLines(fake.world())).toEqual(hostLines(before));
  });

  test.each([
    ...['EIO', 'ENODEV', 'ENOENT', 'ESRCH', 'EBUSY', 'ENOMEM', 'EBADF'].map((errno) => ({ errno, sticky: false })),
    { errno: 'EIO', sticky: true },
  ])('%o', (fault) => {
    let faults = 0;
    for (const { half, call } of sweepParent(options, inbox, fault)) {
      if (!isAttended(half)) continue;
      faults += 1;
      const what = `${fault.errno} ${call}: ${half.end}`;
      const isTold = seen.warnings.some((text) => text.startsWith('container web was not removed: '));
      // ENOENT says that it is not there.
      if (!isTold && fault.errno !== 'ENOENT') expect(hostLines(half.fake.world()), what).toEqual(hostLines(before));
      // What was killed and not waited for is the next parent's, once we have exited.
      if (!isTold) expect(half.fake.children().filter((child) => !child.endsWith(' killed'))).toEqual([]);
      if (half.end === 'returned') expect(seen.code, what).toBe(code);
      else expect(half.end, what).toMatch(/^failed: runt run failed/);
    }
    expect(faults).toBeGreaterThan(0);
  });
});

test('--keep: a container that cannot be attended is ended, and its record kept', () => {
  const { seen, ...options } = foreground(exited, true);
  const said = runTwoHalves(options).child.said;
  for (const { half, call } of sweepParent(options, said, { errno: 'ENOMEM', sticky: false })) {
    if (!isAttended(half) || !call.startsWith('poll(')) continue;
    expect(half.end).toMatch(/^failed: runt run failed: .*ENOMEM/);
    expect(half.fake.trace).toContain('pidfdSendSignal(<pidfd of 100>, 9)');
    expect(half.fake.world().join('\n')).toContain('/run/runt/web/state.json');
    expect(seen.code).toBeUndefined();
    return;
  }
  throw new Error('poll was not called');
});
