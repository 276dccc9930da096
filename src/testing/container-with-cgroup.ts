/** A fake machine with the container 'web', whose cgroup exists and is the one that its record names. */
import { formatJson } from '../base/format-json.ts';
import { cwdFd } from '../kernel/fd.ts';
import { O_PATH } from '../kernel/flags.ts';
import { createFakeKernel, type FakeKernel } from './fake-kernel.ts';
import type { Tree } from './fake-world.ts';
import { soundRecord } from './state-records.ts';

/** change: of the record. files: more of the host's files. */
export function containerWithCgroup(change: object = {}, files: Tree = {}): FakeKernel {
  const make = (inode: number) => {
    const record = { ...soundRecord, cgroup: { path: '/web', inode, createdParents: [] }, ...change };
    const fake = createFakeKernel({
      files: { run: { runt: { web: { 'state.json': formatJson(record) } } }, ...files },
    });
    const root = fake.kernel.openat2(cwdFd, '/sys/fs/cgroup', O_PATH, 0, 0);
    fake.kernel.mkdirat(root, 'web', 0o755);
    const made = fake.kernel.statx(root, 'web', 0).ino;
    fake.kernel.close(root);
    return { fake, made };
  };
  // Inodes are numbered as they are made: the second world has the number that the first one's cgroup had.
  return make(Number(make(1).made)).fake;
}
