/**
 * Every call of the commands for a container that is there fails in turn, once and for good, on the fake kernel: one clear error
 * or the right answer, the machine as it was for who only looks, and a second delete for whatever the first has left.
 * create: fault-sweep.test.ts; mounts, update, restore: their own tests. [spec runtime.md#errors]
 */
import { describe, expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { requestTypes } from '../checkpoint/criu-messages.ts';
import { formatMessage } from '../checkpoint/format-protobuf.ts';
import { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { globals, hostFiles, plainConfig } from '../testing/containers.ts';
import { checkpointRequest } from '../testing/criu-requests.ts';
import { createFakeKernel, type FakeKernel, type Fault } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { recordWithCgroup } from '../testing/state-records.ts';
import { checkpointContainer } from './checkpoint-container.ts';
import { deleteContainer } from './delete-container.ts';
import { killContainer } from './kill-container.ts';
import { listContainers } from './list-containers.ts';
import { listProcesses } from './list-processes.ts';
import { pauseContainer, resumeContainer } from './pause-container.ts';
import { showState } from './show-state.ts';
import { startContainer } from './start-container.ts';
import { type ContainerEvent, watchContainer } from './watch-container.ts';

const hook = [{ path: '/bin/hook', args: ['hook'] }];
const ended = { 'cgroup.events': 'populated 0\nfrozen 0\n', 'cgroup.procs': '' };

interface Machine {
  /** Of the container's cgroup. */
  readonly cgroup?: Tree;
  readonly gate?: boolean;
  readonly criu?: readonly { readonly data: Uint8Array }[];
}

function machine({ cgroup = {}, gate = false, criu = [] }: Machine, fault?: Fault): FakeKernel {
  const record = { ...recordWithCgroup, hooks: { poststart: hook, poststop: hook } };
  const web = {
    'state.json': formatJson(record),
    'config.json': formatJson(plainConfig),
    ...(gate && { 'start.sock': '' }),
  };
  const files = {
    ...hostFiles(plainConfig),
    bin: { hook: 'ELF', criu: 'ELF' },
    run: { runt: { web } },
    images: {},
    etc: { passwd: 'root:x:0:0::/:/bin/sh\n' },
  };
  const role = {
    ...{ name: 'parent' as const, inbox: [], peerEnded: true, outbox: [], gate: undefined },
    ...{ criu: [...criu], environment: ['PATH=/bin'] },
  };
  return createFakeKernel({
    ...{ files, role },
    cgroup: { name: 'web', inode: 7777, files: cgroup },
    processes: {
      '100': {
        mountinfo: '',
        root: { $link: '/' },
        fd: { '0': { $link: '/dev/null' }, '1': { $link: '/dev/null' }, '2': { $link: '/dev/null' } },
      },
    },
    ...(fault === undefined ? {} : { fault }),
  });
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };
type Act = (kernel: Kernel) => unknown;

function outcome(act: Act, kernel: Kernel): Outcome {
  try {
    return { value: act(kernel) };
  } catch (error) {
    return { error };
  }
}

const sweeps: readonly Omit<Fault, 'at'>[] = [
  ...['EIO', 'ENOENT', 'EPERM', 'ESRCH', 'EINTR'].map((errno) => ({ errno, sticky: false })),
  { errno: 'EIO', sticky: true },
];

/** Calls look at each failing call of `act`; `seen` gets the machine after it. */
function sweep(
  start: Machine,
  act: Act,
  { errno, sticky }: Omit<Fault, 'at'>,
  seen: (fake: FakeKernel, end: Outcome, call: string) => void,
): void {
  for (let at = 1; ; at++) {
    const fake = machine(start, { at, errno, sticky });
    const end = outcome(act, fake.kernel);
    const hit = fake.fired();
    if (hit === undefined) return;
    const call = `${errno} ${fake.trace[hit.index]}`;
    if ('error' in end) expectClear(end.error, call);
    expect(fake.children(), call).toEqual([]);
    seen(fake, end, call);
  }
}

function expectClear(error: unknown, call: string): void {
  expect(error, call).toBeInstanceOf(RuntimeError);
  const { fields, message } = error as RuntimeError;
  expect(fields.kind, `${call}: ${message}`).not.toBe('bug');
  expect(fields.errno ?? fields.message, call).toBeTruthy();
}

/** The answer was another one, and no error: reviewed, see the file. */
const otherAnswers = new Set<string>();

const events: ContainerEvent[] = [];
const readers: readonly (readonly [string, Act])[] = [
  ['state', (kernel) => showState(kernel, globals, 'web')],
  [
    'list',
    (kernel) => {
      const { containers, problems } = listContainers(kernel, globals);
      if (problems[0] !== undefined) throw new RuntimeError({ kind: 'state', message: problems[0] });
      return containers;
    },
  ],
  ['ps', (kernel) => listProcesses(kernel, globals, 'web')],
  [
    'events',
    (kernel) => {
      events.length = 0;
      const output = {
        reader: new Fd<'object'>(1, 'stdout'),
        emit: (event: ContainerEvent) => events.push(event) > 0,
        warn: () => {},
      };
      watchContainer(kernel, globals, { id: 'web', statsOnly: true, intervalMs: 5000 }, output);
      return [...events];
    },
  ],
];

describe.each(readers)('%s', (name, act) => {
  test.each(sweeps)('%o', (fault) => {
    const sound = machine({});
    const answer = outcome(act, sound.kernel);
    expect(answer).toHaveProperty('value');
    const before = sound.world();
    sweep({}, act, fault, (fake, end, call) => {
      expect(fake.world(), call).toEqual(before);
      if ('value' in end && formatJson(end.value as object) !== formatJson((answer as { value: object }).value))
        otherAnswers.add(`${name}: ${call}`);
    });
  });
});

const signals = (fake: FakeKernel): string[] => fake.trace.filter((line) => line.startsWith('pidfdSendSignal'));

test.each(sweeps)('kill: the signal goes when it says so, to init and once, %o', (fault) => {
  sweep(
    {},
    (kernel) => killContainer(kernel, globals, { id: 'web', signal: 'TERM', all: false }),
    fault,
    (fake, end, call) => {
      if ('value' in end) expect(signals(fake), call).toEqual(['pidfdSendSignal(<pidfd of 100>, 15)']);
    },
  );
});

const frozen = (fake: FakeKernel): boolean =>
  fake.world().some((line) => line.startsWith('/sys/fs/cgroup/web/cgroup.freeze 755 0:0 file 1'));

test.each(sweeps)('pause and resume: done when they say so, not done when not, %o', (fault) => {
  sweep(
    {},
    (kernel) => pauseContainer(kernel, globals, 'web'),
    fault,
    (fake, end, call) => {
      // When taking it back fails too, that is said.
      const isSaid = 'error' in end && String((end.error as Error).message).includes('run runt resume');
      expect(frozen(fake), call).toBe('value' in end || isSaid);
    },
  );
  const paused = { 'cgroup.freeze': '1', 'cgroup.events': 'populated 1\nfrozen 1\n' };
  sweep(
    { cgroup: paused },
    (kernel) => resumeContainer(kernel, globals, 'web'),
    fault,
    (fake, end, call) => {
      if ('value' in end) expect(frozen(fake), call).toBe(false);
    },
  );
});

test.each(sweeps)('start: a start that failed can be repeated, or has ended the container, %o', (fault) => {
  sweep(
    { gate: true },
    (kernel) => startContainer(kernel, globals, 'web'),
    fault,
    (fake, end, call) => {
      if ('value' in end) return;
      const again = outcome((kernel) => startContainer(kernel, globals, 'web'), fake.kernel);
      if ('error' in again && !fault.sticky && signals(fake).length === 0) {
        expect((again.error as RuntimeError).message, call).toMatch(/already running|has stopped/);
      }
    },
  );
});

/** The kernel says that it is not there: then nothing is left of it. */
const isAbsent = ({ errno }: Omit<Fault, 'at'>): boolean => errno === 'ENOENT';

const left = (fake: FakeKernel): string[] =>
  fake.world().filter((line) => line.startsWith('/run/runt/web') || line.startsWith('/sys/fs/cgroup/web'));

test.each(sweeps)('delete --force: what a failing one leaves, the next takes away, %o', (fault) => {
  const remove = (kernel: Kernel) => deleteContainer(kernel, globals, { id: 'web', force: true });
  sweep({ cgroup: ended }, remove, fault, (fake, end, call) => {
    if ('value' in end) {
      // A warning says that nothing could be known.
      if (!isAbsent(fault) && (end.value as string[]).length === 0) expect(left(fake), call).toEqual([]);
      return;
    }
    // The record stays for as long as there is something to be taken away.
    if (left(fake).some((line) => line.startsWith('/sys/')))
      expect(left(fake).join('\n'), call).toContain('/state.json ');
    if (fault.sticky) return;
    expect(outcome(remove, fake.kernel), call).toHaveProperty('value');
    expect(left(fake), call).toEqual([]);
  });
});

const answer = (type: keyof typeof requestTypes, more: Parameters<typeof formatMessage>[0] = []) => ({
  data: formatMessage([{ number: 1, value: requestTypes[type] }, { number: 2, value: true }, ...more]),
});
const version = answer('VERSION', [
  {
    number: 10,
    value: formatMessage([
      { number: 1, value: 4 },
      { number: 2, value: 2 },
    ]),
  },
]);

test.each(sweeps)('checkpoint: the record goes with the container and not before, %o', (fault) => {
  const save = (leaveRunning: boolean) => (kernel: Kernel) =>
    checkpointContainer(kernel, globals, { ...checkpointRequest, leaveRunning }, () => {});
  const host = { cgroup: ended, criu: [version, answer('DUMP')] };
  const sound = machine(host);
  expect(outcome(save(false), sound.kernel)).toEqual({ value: undefined });
  expect(left(sound)).toEqual([]);
  sweep(host, save(true), fault, (fake, _end, call) => {
    expect(left(fake).join('\n'), call).toContain('/state.json ');
    expect(frozen(fake), call).toBe(false);
  });
  sweep(host, save(false), fault, (fake, end, call) => {
    if ('value' in end) {
      if (!isAbsent(fault)) expect(left(fake), call).toEqual([]);
      return;
    }
    if (left(fake).some((line) => line.startsWith('/sys/')))
      expect(left(fake).join('\n'), call).toContain('/state.json ');
  });
});

test('where another answer came', async () => {
  await expect(`${[...otherAnswers].sort().join('\n')}\n`).toMatchFileSnapshot('../testing/golden/other-answers.txt');
});
