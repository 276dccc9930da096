/**
 * How the process runs: scheduler, ioPriority, execCPUAffinity, memoryPolicy, as the process sees it and as others see it.
 * [spec config.md#linux-process, config-linux.md#memory-policy]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';
import type { Config } from '../harness/default-config.ts';

const bench = useBench();

/** [man proc_pid_stat.5]: what comes behind the name in brackets begins with field 3. */
const field = (stat: string, number: number): number =>
  Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3]);
const scheduling = (stat: string) => ({ nice: field(stat, 19), priority: field(stat, 40), policy: field(stat, 41) });

const asked =
  (properties: object) =>
  (config: Config): void => {
    Object.assign(config.process, properties);
  };
const withUsers = (config: Config): void => {
  config.linux.namespaces.push({ type: 'user' });
  const map = [{ containerID: 0, hostID: 100000, size: 65536 }];
  Object.assign(config.linux, { uidMappings: map, gidMappings: map });
};

/** One line of cat, run directly: a process of SCHED_DEADLINE cannot fork. */
const look = (file: string, change: (config: Config) => void): string => {
  bench.current.configure(['/bin/cat', file], change);
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 0, stderr: '' });
  return result.stdout;
};
const fails = (change: (config: Config) => void, words: RegExp): void => {
  bench.current.configure(['/bin/true'], change);
  const result = bench.current.run('a');
  expect(result).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(words) });
  expect(result.stderr.trim().split('\n'), 'one line').toHaveLength(1);
};
/** A container that sleeps, for as long as `act` takes. */
const during = (id: string, change: (config: Config) => void, act: (pid: number) => void): void => {
  bench.current.configure(['/bin/sleep', '60'], change);
  expect(bench.current.create(id)).toMatchObject({ status: 0, stderr: '' });
  expect(bench.current.runt(['start', id])).toMatchObject({ status: 0, stderr: '' });
  try {
    act(bench.current.state(id).pid);
  } finally {
    expect(bench.current.runt(['delete', '--force', id])).toMatchObject({ status: 0, stderr: '' });
  }
};
const own = scheduling(readFileSync('/proc/self/stat', 'utf8'));

const policies: readonly (readonly [object, object])[] = [
  [
    { policy: 'SCHED_OTHER', nice: 7 },
    { policy: 0, nice: 7, priority: 0 },
  ],
  [
    { policy: 'SCHED_OTHER', nice: -6 },
    { policy: 0, nice: -6, priority: 0 },
  ],
  [
    { policy: 'SCHED_BATCH', nice: 3 },
    { policy: 3, nice: 3, priority: 0 },
  ],
  [{ policy: 'SCHED_IDLE' }, { policy: 5, nice: own.nice, priority: 0 }],
  [
    { policy: 'SCHED_FIFO', priority: 42 },
    { policy: 1, nice: own.nice, priority: 42 },
  ],
  [
    { policy: 'SCHED_RR', priority: 1 },
    { policy: 2, nice: own.nice, priority: 1 },
  ],
  [
    { policy: 'SCHED_RR', priority: 9, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    { policy: 2, nice: own.nice, priority: 9 },
  ],
  [
    { policy: 'SCHED_OTHER', nice: own.nice + 4, flags: ['SCHED_FLAG_KEEP_PARAMS'] },
    { policy: 0, nice: own.nice, priority: 0 },
  ],
  [
    { policy: 'SCHED_FIFO', flags: ['SCHED_FLAG_KEEP_POLICY'] },
    { policy: 0, nice: 0, priority: 0 },
  ],
];

test.each(policies)('scheduler %j, for init', (scheduler, want) => {
  expect(scheduling(look('/proc/self/stat', asked({ scheduler })))).toEqual(want);
});

test.each(policies)(
  'scheduler %j, for init in a user namespace, where only the runtime has the power',
  (scheduler, want) => {
    const stat = look('/proc/self/stat', (config) => {
      withUsers(config);
      asked({ scheduler })(config);
    });
    expect(scheduling(stat)).toEqual(want);
  },
);

const deadline = {
  policy: 'SCHED_DEADLINE',
  runtime: 20_000_000,
  deadline: 60_000_000,
  period: 100_000_000,
  flags: ['SCHED_FLAG_RECLAIM'],
};

test('SCHED_DEADLINE: runtime, deadline and period arrive', () => {
  during('a', asked({ scheduler: deadline }), (pid) => {
    const shown = spawnSync('chrt', ['-p', String(pid)], { encoding: 'utf8' }).stdout;
    expect(shown).toContain('SCHED_DEADLINE');
    expect(shown).toContain('20000000/60000000/100000000');
    expect(scheduling(readFileSync(`/proc/${pid}/stat`, 'utf8')).policy).toBe(6);
  });
});

test('the nice value that is not given is 0, whatever the caller has', () => {
  bench.current.configure(['/bin/cat', '/proc/self/stat'], asked({ scheduler: { policy: 'SCHED_OTHER' } }));
  const { stdout } = spawnSync(
    'nice',
    ['-n', '5', bench.current.binary, '--root', bench.current.stateRoot, 'run', '-b', bench.current.bundle, 'a'],
    {
      encoding: 'utf8',
    },
  );
  expect(scheduling(stdout).nice).toBe(0);
});

test('without a scheduler the caller and its container are left alone', () => {
  bench.current.configure(['/bin/cat', '/proc/self/stat']);
  const { stdout } = spawnSync(
    'nice',
    ['-n', '5', bench.current.binary, '--root', bench.current.stateRoot, 'run', '-b', bench.current.bundle, 'a'],
    {
      encoding: 'utf8',
    },
  );
  expect(scheduling(stdout).nice).toBe(own.nice + 5);
});

test('createContainer hooks run as before: the policy comes after them', () => {
  const script = join(bench.current.directory, 'hook');
  writeFileSync(script, `#!/bin/sh\ncut -d' ' -f41 /proc/self/stat > ${bench.current.directory}/policy\n`, {
    mode: 0o755,
  });
  look('/proc/self/stat', (config) => {
    asked({ scheduler: deadline })(config);
    Object.assign(config, { hooks: { createContainer: [{ path: script }] } });
  });
  expect(readFileSync(`${bench.current.directory}/policy`, 'utf8')).toBe('0\n');
});

test.each([
  ['IOPRIO_CLASS_RT', 2, 'realtime: prio 2'],
  ['IOPRIO_CLASS_BE', 7, 'best-effort: prio 7'],
  ['IOPRIO_CLASS_BE', 0, 'best-effort: prio 0'],
  ['IOPRIO_CLASS_IDLE', 4, 'idle'],
])('ioPriority %s %i, also in a user namespace, and for exec', (name, priority, want) => {
  const ioPriority = { class: name, priority };
  expect(bench.current.script('ionice -p $$', asked({ ioPriority }))).toContain(want);
  const inUsers = (config: Config): void => {
    withUsers(config);
    asked({ ioPriority })(config);
  };
  during('b', inUsers, (pid) => {
    expect(spawnSync('ionice', ['-p', String(pid)], { encoding: 'utf8' }).stdout).toContain(want);
    expect(bench.current.runt(['exec', 'b', 'sh', '-c', 'ionice -p $$']).stdout).toContain(want);
  });
});

test('exec: as the container, or as process.json says', () => {
  const file = join(bench.current.directory, 'process.json');
  const exec = (properties: object) => {
    writeFileSync(file, JSON.stringify({ cwd: '/', args: ['/bin/cat', '/proc/self/stat'], ...properties }));
    return bench.current.runt(['exec', '--process', file, 'a']);
  };
  during('a', asked({ scheduler: { policy: 'SCHED_FIFO', priority: 3 } }), () => {
    const inherited = bench.current.runt(['exec', 'a', 'cat', '/proc/self/stat']);
    expect(scheduling(inherited.stdout)).toMatchObject({ policy: 1, priority: 3 });
    expect(scheduling(exec({}).stdout)).toMatchObject({ policy: 1, priority: 3 });
    const batch = exec({ scheduler: { policy: 'SCHED_BATCH', nice: 4 } });
    expect(scheduling(batch.stdout)).toMatchObject({ policy: 3, nice: 4 });
    expect(scheduling(exec({ scheduler: deadline }).stdout)).toMatchObject({ policy: 6 });
    const reset = { policy: 'SCHED_RR', priority: 4, flags: ['SCHED_FLAG_RESET_ON_FORK'] };
    expect(scheduling(exec({ scheduler: reset }).stdout)).toMatchObject({ policy: 2, priority: 4 });
    expect(exec({ scheduler: deadline, execCPUAffinity: { final: '0' } })).toMatchObject({
      status: 255,
      stderr: expect.stringMatching(/SCHED_DEADLINE: \/scheduler: operation not permitted.*no CPU affinity/),
    });
    expect(exec({ scheduler: { policy: 'SCHED_ISO' } })).toMatchObject({
      status: 255,
      stderr: expect.stringMatching(/SCHED_ISO: \/scheduler: .*invalid argument.*SCHED_ISO/),
    });
  });
});

test('exec in a user namespace: scheduling is set with the powers of the host', () => {
  const inUsers = (config: Config): void => {
    withUsers(config);
    asked({ scheduler: { policy: 'SCHED_RR', priority: 5 } })(config);
  };
  during('a', inUsers, () => {
    const { stdout } = bench.current.runt(['exec', 'a', 'cat', '/proc/self/stat']);
    expect(scheduling(stdout)).toMatchObject({ policy: 2, priority: 5 });
  });
});

const allowed = (text: string): string | undefined => /^Cpus_allowed_list:\t(.*)$/m.exec(text)?.[1];
const everything = allowed(readFileSync('/proc/self/status', 'utf8'));

test('execCPUAffinity: initial and final for exec, nothing for init', () => {
  const affinity = (initial: string, final: string) => asked({ execCPUAffinity: { initial, final } });
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['0', '', '0'],
    ['', '1', '1'],
    ['0', '1', '1'],
    ['1', '0-1', '0-1'],
    [' 1 ,, ', '', '1'],
    // More than exist: those that do. A number beyond 1024 is as good as any.
    ['0,4000', '', '0'],
    ['', '1-60000', '1'],
    ['', '', everything],
  ];
  cases.forEach(([initial, final, want], index) => {
    const id = `c${index}`;
    during(id, affinity(initial, final), (pid) => {
      expect(allowed(readFileSync(`/proc/${pid}/status`, 'utf8')), 'init').toBe(everything);
      const result = bench.current.runt(['exec', id, 'cat', '/proc/self/status']);
      expect(result, `${initial} / ${final}`).toMatchObject({ status: 0, stderr: '' });
      expect(allowed(result.stdout), `${initial} / ${final}`).toBe(want);
    });
  });
});

// [shows config.md#linux-process/8]
test('the affinity of the caller is left alone when nothing is asked for, except by a cpuset', () => {
  const bound = ['0', bench.current.binary, '--root', bench.current.stateRoot];
  const runBound = (...args: string[]) => spawnSync('taskset', ['-c', ...bound, ...args], { encoding: 'utf8' });
  bench.current.configure(['/bin/cat', '/proc/self/status']);
  expect(allowed(runBound('run', '-b', bench.current.bundle, 'a').stdout)).toBe('0');
  during(
    'b',
    () => {},
    () => expect(allowed(runBound('exec', 'b', 'cat', '/proc/self/status').stdout)).toBe('0'),
  );
});

test('execCPUAffinity of a processor that does not exist: exec fails, nothing is left', () => {
  const file = join(bench.current.directory, 'process.json');
  writeFileSync(file, JSON.stringify({ cwd: '/', args: ['/bin/true'], execCPUAffinity: { initial: '901-902' } }));
  const refusal = (place: string) => ({
    status: 255,
    stderr: expect.stringMatching(`${place}: invalid argument.*none of them`),
  });
  during('a', asked({ execCPUAffinity: { final: '900' } }), () => {
    const final = bench.current.runt(['exec', 'a', 'true']);
    expect(final).toMatchObject(refusal('processors 900: /process/execCPUAffinity/final'));
    const initial = bench.current.runt(['exec', '--process', file, 'a']);
    expect(initial).toMatchObject(refusal('processors 901-902: /execCPUAffinity/initial'));
  });
});

const memory =
  (memoryPolicy: object) =>
  (config: Config): void => {
    Object.assign(config.linux, { memoryPolicy });
  };
/** The policy of every mapping [man numa.7]; each line is address, policy, facts. */
const numaPolicies = (text: string): string[] => [
  ...new Set(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[1] ?? ''),
  ),
];

test.each([
  [{ mode: 'MPOL_DEFAULT' }, 'default'],
  [{ mode: 'MPOL_BIND', nodes: '0' }, 'bind:0'],
  [{ mode: 'MPOL_BIND', nodes: '0,3', flags: ['MPOL_F_STATIC_NODES'] }, 'bind=static:0'],
  [{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING'] }, 'bind=balancing:0'],
  [{ mode: 'MPOL_INTERLEAVE', nodes: '0-2' }, 'interleave:0'],
  [{ mode: 'MPOL_INTERLEAVE', nodes: '5', flags: ['MPOL_F_RELATIVE_NODES'] }, 'interleave=relative:0'],
  [{ mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0' }, 'weighted interleave:0'],
  [{ mode: 'MPOL_PREFERRED', nodes: '0' }, 'prefer:0'],
  [{ mode: 'MPOL_PREFERRED' }, 'local'],
  [{ mode: 'MPOL_PREFERRED_MANY', nodes: '0' }, 'prefer (many):0'],
  [{ mode: 'MPOL_LOCAL' }, 'local'],
])('memoryPolicy %j, for init and exec', (policy, want) => {
  const first = want.split(' ')[0] as string;
  expect(numaPolicies(look('/proc/self/numa_maps', memory(policy)))).toContain(first);
  during('b', memory(policy), () => {
    const seen = bench.current.runt(['exec', 'b', 'cat', '/proc/self/numa_maps']).stdout;
    expect(seen).toContain(` ${want} `);
  });
});

test('what the kernel refuses: one sentence with the place, nothing left', () => {
  fails(
    memory({ mode: 'MPOL_BIND', nodes: '7' }),
    /MPOL_BIND on the nodes 7: \/linux\/memoryPolicy: invalid argument.*none of the nodes/,
  );
  fails(memory({ mode: 'MPOL_BIND', nodes: '5000' }), /\/linux\/memoryPolicy: invalid argument/);
  fails(
    asked({ scheduler: { policy: 'SCHED_ISO' } }),
    /SCHED_ISO: \/process\/scheduler: invalid argument.*not implement/,
  );
  fails(
    asked({ scheduler: { policy: 'SCHED_OTHER', flags: ['SCHED_FLAG_UTIL_CLAMP_MIN'] } }),
    /\/process\/scheduler: operation not supported.*CONFIG_UCLAMP_TASK/,
  );
  fails(
    asked({ scheduler: { policy: 'SCHED_DEADLINE', runtime: 1024, deadline: 1024, period: 1024 } }),
    /\/process\/scheduler: invalid argument.*sched_deadline_period_min_us/,
  );
});

test('a scheduling that needs CAP_SYS_NICE, without it', () => {
  bench.current.configure(['/bin/true'], asked({ scheduler: { policy: 'SCHED_FIFO', priority: 1 } }));
  const weak = (...args: string[]) =>
    spawnSync(
      'setpriv',
      ['--bounding-set', '-sys_nice', '--', bench.current.binary, '--root', bench.current.stateRoot, ...args],
      { encoding: 'utf8' },
    );
  const run = () => weak('run', '-b', bench.current.bundle, 'a');
  expect(run()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/SCHED_FIFO: \/process\/scheduler: operation not permitted.*CAP_SYS_NICE/),
  });
  bench.current.configure(['/bin/true'], asked({ ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 1 } }));
  const result = run();
  // Since Linux 5.14 CAP_SYS_ADMIN is as good for that.
  if (result.status !== 0)
    expect(result.stderr).toMatch(/\/process\/ioPriority: operation not permitted.*CAP_SYS_NICE/);
});
