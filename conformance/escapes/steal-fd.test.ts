/** A container that stops each process of exec as soon as it sees it, and takes its time to look at it. [CVE-2016-9962] */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();
const done = { status: 0, stdout: '', stderr: '' };

// Nobody can keep CAP_SYS_PTRACE of the runtime's own user namespace from the memory of a process that becomes the container's.
test.each([
  ['without CAP_SYS_PTRACE it finds no way to the host, and no memory', ['CAP_KILL'], ['memory']],
  ['with CAP_SYS_PTRACE it finds no way to the host', ['CAP_KILL', 'CAP_SYS_PTRACE'], []],
])(
  '%s',
  (_name, capabilities, args) => {
    const { directory, rootfs, stateRoot, binary, bundle } = bench.current;
    const source = fileURLToPath(new URL('steal-fd.c', import.meta.url));
    execFileSync('cc', ['-O2', '-static', '-o', join(rootfs, 'bin/steal-fd'), source]);
    bench.current.configure(['/bin/steal-fd', ...args], (config: Config) => {
      for (const set of ['bounding', 'effective', 'permitted']) config.process.capabilities[set] = capabilities;
    });
    const found = join(directory, 'found');
    const run = `'${binary}' --root '${stateRoot}' run -d -b '${bundle}' a </dev/null >'${found}' 2>&1`;
    expect(spawnSync('sh', ['-c', run]).status).toBe(0);
    for (let round = 0; round < 60; round++) expect(bench.current.runt(['exec', 'a', '/bin/true'])).toEqual(done);
    expect(bench.current.runt(['delete', '-f', 'a'])).toEqual(done);
    const lines = readFileSync(found, 'utf8').split('\n');
    expect(lines.filter((line) => line === 'caught').length).toBeGreaterThan(5);
    expect([...new Set(lines)].filter((line) => !['ready', 'caught', ''].includes(line))).toEqual([]);
  },
  60_000,
);
