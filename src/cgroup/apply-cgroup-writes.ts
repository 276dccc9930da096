/**
 * Writes the planned lines into the container's cgroup, in order. An error says which property, which file, which value, why.
 * Nothing is skipped silently: a missing file is an error unless the plan says otherwise (rule B12). [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupWrite } from './cgroup-plan.ts';
import { writeFile } from './open-in-cgroup.ts';

/**
 * isNew: made just now, so that values which are the default need no write. The caller gives it plan.writesAfterClone
 * once the child is in.
 */
export function applyCgroupWrites(
  kernel: Kernel,
  cgroup: Fd<'cgroup'>,
  writes: readonly CgroupWrite[],
  isNew = true,
): void {
  for (const write of writes) {
    if (write.isDefault !== true || !isNew) applyWrite(kernel, cgroup, write);
  }
}

function applyWrite(kernel: Kernel, cgroup: Fd<'cgroup'>, write: CgroupWrite): void {
  const errno = writeValue(kernel, cgroup, write);
  if (errno === undefined) return;
  if (errno === 'ENOENT') {
    // A default asks for nothing: without its controller there is nothing to reset.
    if (write.whenMissing === 'skip' || write.isDefault === true) return;
    if (write.whenMissing !== undefined) {
      applyWrite(kernel, cgroup, write.whenMissing);
      return;
    }
  }
  throw describe(cgroup, write, errno, 'openat2');
}

function writeValue(kernel: Kernel, cgroup: Fd<'cgroup'>, write: CgroupWrite): undefined | string {
  try {
    return writeFile(kernel, cgroup, write.file, write.value);
  } catch (error) {
    const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
    throw errno === undefined ? error : describe(cgroup, write, errno, 'write');
  }
}

function describe(cgroup: Fd<'cgroup'>, write: CgroupWrite, errno: string, syscall: string): RuntimeError {
  const hint = hintFor(write, errno, syscall);
  return new RuntimeError({
    kind: 'kernel',
    operation: `write "${write.value}" to ${write.file}`,
    pointer: write.pointer,
    path: `${cgroup.path}/${write.file}`,
    syscall,
    errno,
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintFor(write: CgroupWrite, errno: string, syscall: string): string | undefined {
  if (syscall === 'openat2' && errno === 'ENOENT') {
    if (write.file.startsWith('io.') && write.file.includes('weight')) {
      return 'this kernel has no I/O scheduler with weights (bfq or the cost model)';
    }
    return 'this kernel has no such file: the name is wrong, or the feature is not built in';
  }
  if (errno === 'EINVAL' || errno === 'ERANGE') return 'the kernel does not accept this value';
  return errno === 'EBUSY' ? 'the limit is below what is already in use' : undefined;
}
