/** What exec says when the container's cgroup takes no more processes, or is gone. */
import { describe, expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { CLONE_PARENT, CLONE_VFORK, O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { execRequest, globals, plainConfig, runningFiles } from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { type HalfOptions, runHalf } from '../testing/run-two-halves.ts';
import { soundRecord } from '../testing/state-records.ts';
import { cloneIntoContainer } from './clone-into-container.ts';
import { execInContainer } from './exec-in-container.ts';
import type { PreparedExec } from './prepare-exec.ts';

/** The running container gets a cgroup, which is its record's. */
function placeInCgroup(kernel: Kernel, systemdUnit?: object): void {
  const tree = kernel.openat2(cwdFd, '/sys/fs/cgroup', O_RDONLY | O_DIRECTORY, 0, 0);
  kernel.mkdirat(tree, 'web', 0o755);
  const cgroup = { path: '/web', inode: Number(kernel.statx(tree, 'web', 0).ino), createdParents: [] };
  const state = kernel.openat2(cwdFd, '/run/runt/web/state.json', O_WRONLY | O_TRUNC, 0, 0);
  kernel.write(state, formatJson({ ...soundRecord, phase: 'created', cgroup, ...(systemdUnit && { systemdUnit }) }));
}

/** The fake kernel with a running container in a cgroup of its own, and no process can be made. */
/** syscall: of a step on the way into the container, which the process that makes the child takes. */
function kernelRefusing(errno: string, syscall = 'clone3'): Kernel {
  const { kernel } = createFakeKernel({ files: runningFiles(plainConfig) });
  placeInCgroup(kernel);
  const refuse = () => {
    throw new RuntimeError({ kind: 'kernel', syscall, errno });
  };
  return new Proxy(kernel, {
    get: (target, name: keyof Kernel) => (name === 'clone3' || name === 'clone3Shared' ? refuse : target[name]),
  });
}

test.each([
  ['EAGAIN', /exec failed: .*pids\.max.*pids\/limit/],
  ['ENODEV', /exec failed: container is stopping/],
  ['ENOENT', /exec failed: container is stopping/],
])('%s', (errno, expected) => {
  expect(() => execInContainer(kernelRefusing(errno), globals, execRequest)).toThrow(expected);
});

test.each(['ENOENT', 'ENODEV', 'EBUSY'])('%s of a step on the way says nothing of the cgroup', (errno) => {
  const kernel = kernelRefusing(errno, 'setns');
  expect(() => execInContainer(kernel, globals, execRequest)).toThrow(
    new RegExp(`^exec failed: .*${errno} from setns`),
  );
});

// [man pid_namespaces.7] fork(2) into the pid namespace of an init that is ending fails with ENOMEM.
test.each([
  ['ended', [1], /^exec failed: container is stopping: its init has ended$/],
  ['lives', [0], /^exec failed: .*cannot allocate memory/],
])('ENOMEM, and init %s', (_, ready, expected) => {
  const poll: Kernel['poll'] = () => ready;
  const kernel = new Proxy(kernelRefusing('ENOMEM'), {
    get: (target, name: keyof Kernel) => (name === 'poll' ? poll : target[name]),
  });
  expect(() => execInContainer(kernel, globals, execRequest)).toThrow(expected);
});

describe('an ordinary user outside of the tree of their manager', () => {
  const operation = (unit: object | undefined): Pick<HalfOptions, 'files' | 'run'> => ({
    files: runningFiles(plainConfig),
    run: (kernel) => {
      placeInCgroup(kernel, unit);
      const refusing = new Proxy(kernel, {
        get: (target, name: keyof Kernel) =>
          name !== 'clone3'
            ? target[name]
            : (...given: Parameters<Kernel['clone3']>) => {
                if (given[2] !== undefined)
                  throw new RuntimeError({ kind: 'kernel', syscall: 'clone3', errno: 'EACCES' });
                return target.clone3(...given);
              },
      });
      return execInContainer(refusing, globals, execRequest);
    },
  });
  const unit = { name: 'runc-web.scope', manager: 'user' };

  test('the process waits until the manager has moved it; no manager, no process', () => {
    const child = runHalf({ ...operation(unit), name: 'child', inbox: ['{"kind":"idsMapped"}'], peerEnded: true });
    expect(child.said.map((packet) => JSON.parse(packet).kind)).toEqual(['mapIds', 'ready']);
    const alone = runHalf({ ...operation(unit), name: 'child', inbox: [], peerEnded: true, peerKilled: true });
    expect(alone.end).toBe('exited 1');
    const parent = runHalf({ ...operation(unit), name: 'parent', inbox: ['{"kind":"mapIds"}'], peerEnded: true });
    expect(parent.end).toMatch(/^failed: exec failed: put the process into .* no systemd user manager found/);
    expect(parent.fake.children()).toEqual([]);
  });

  test.each([undefined, { ...unit, manager: 'system' }])('no unit of theirs: refused (%j)', (other) => {
    const parent = runHalf({ ...operation(other), name: 'parent', inbox: [], peerEnded: true });
    expect(parent.end).toMatch(/no process may be put into this cgroup/);
  });
});

test.each([
  [true, false, CLONE_PARENT + CLONE_VFORK],
  [false, true, CLONE_PARENT],
])(
  'who makes the child stands still (%s) until it has executed; traceable: %s',
  (standsStill, isTraceable, expected) => {
    const fd = new Fd<'object'>(9, 'pidfd');
    const asked: number[] = [];
    const kernel: Partial<Kernel> = {
      clone3Shared: (_flags, _signal, _cgroup, life) => {
        life();
        return { pid: 7, pidfd: fd };
      },
      clone3: (flags) => {
        asked.push(flags);
        return { pid: 8, pidfd: fd };
      },
      exit: () => undefined as never,
      waitid: () => ({ pid: 7, code: 1, status: 0 }),
      close: () => undefined,
      pidfdOpen: () => fd,
      closeRange: (first, last) => {
        closed.push([first, last]);
      },
    };
    const closed: number[][] = [];
    const prepared = { record: soundRecord, initPid: 5, plan: { standsStill, isTraceable }, cgroupIsOptional: false };
    const life = () => undefined as never;
    const keeps = { first: 4, fds: [8, 3, 9, 6].map((number) => new Fd<'object'>(number, 'kept')) };
    const lives = { life, lifeOutside: life, join: () => undefined, keeps };
    expect(cloneIntoContainer(kernel as Kernel, prepared as unknown as PreparedExec, [], lives).child.pid).toBe(8);
    expect(asked).toEqual([expected]);
    // Where somebody may look at the child's descriptors, what it does not need is closed before it is born.
    const others = [
      [4, 5],
      [7, 7],
      [10, 0xffffffff],
    ];
    expect(closed).toEqual(isTraceable ? others : []);
  },
);
