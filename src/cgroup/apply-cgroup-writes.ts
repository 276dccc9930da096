/**
 * Writes the planned lines into the container's cgroup, in order, and reads back what is in force. An error says which property,
 * which file, which value, why. Nothing is skipped silently: a missing file is an error unless the plan says otherwise (rule B12).
 * [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { CgroupWrite } from './cgroup-plan.ts';
import { comparisonOf } from './check-cgroup-value.ts';
import { readFile, writeFile } from './open-in-cgroup.ts';

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
  if (errno === undefined) {
    verify(kernel, cgroup, write);
    return;
  }
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

/** [order] after each write, not after all: in an idle cgroup (cpu.idle) the weight that was just taken reads 0. */
function verify(kernel: Kernel, cgroup: Fd<'cgroup'>, write: CgroupWrite): void {
  const isInForce = comparisonOf(write.file);
  if (isInForce === undefined) return;
  const seen = readFile(kernel, cgroup, write.file);
  if (typeof seen === 'string') throw describe(cgroup, write, seen, 'openat2');
  if (isInForce(write.value, seen.text)) return;
  const shown = seen.text.trim().replaceAll('\n', ', ').slice(0, 100);
  throw new RuntimeError({
    kind: 'kernel',
    operation: `write "${write.value}" to ${write.file}`,
    pointer: write.pointer,
    path: `${cgroup.path}/${write.file}`,
    message: `the kernel took it, but the file says "${shown}"`,
    hint: 'it may be out of what the kernel can count, or somebody else wrote at the same time',
  });
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
  if (write.file.startsWith('io.')) {
    if (errno === 'ENODEV' || errno === 'ENXIO') return 'there is no such block device (a whole disk, not a partition)';
    if (errno === 'EOPNOTSUPP')
      return "the device's I/O scheduler has no weights: it must be bfq (see /sys/block/*/queue/scheduler)";
  }
  if (errno === 'EINVAL' || errno === 'ERANGE') {
    return write.file === 'cpu.weight'
      ? 'the kernel does not accept this value; an idle cgroup (cpu.idle 1) has no weight'
      : 'the kernel does not accept this value';
  }
  return errno === 'EBUSY' ? 'the limit is below what is already in use' : undefined;
}
