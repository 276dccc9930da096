/** What exec says when the container's cgroup takes no more processes, or is gone. */
import { expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { execRequest, globals, plainConfig, runningFiles } from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { soundRecord } from '../testing/state-records.ts';
import { execInContainer } from './exec-in-container.ts';

/** The fake kernel with a running container in a cgroup of its own, and no process can be made. */
function kernelRefusing(errno: string): Kernel {
  const { kernel } = createFakeKernel({ files: runningFiles(plainConfig) });
  const tree = kernel.openat2(cwdFd, '/sys/fs/cgroup', O_RDONLY | O_DIRECTORY, 0, 0);
  kernel.mkdirat(tree, 'web', 0o755);
  const cgroup = { path: '/web', inode: Number(kernel.statx(tree, 'web', 0).ino), createdParents: [] };
  const state = kernel.openat2(cwdFd, '/run/runt/web/state.json', O_WRONLY | O_TRUNC, 0, 0);
  kernel.write(state, formatJson({ ...soundRecord, phase: 'created', cgroup }));
  const refuse = () => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'clone3', errno });
  };
  return new Proxy(kernel, {
    get: (target, name: keyof Kernel) => (name === 'clone3' || name === 'clone3Shared' ? refuse : target[name]),
  });
}

test.each([
  ['EAGAIN', /exec failed: .*pids\.max.*pids\/limit/],
  ['ENODEV', /exec failed: container is stopping/],
])('%s', (errno, expected) => {
  expect(() => execInContainer(kernelRefusing(errno), globals, execRequest)).toThrow(expected);
});
