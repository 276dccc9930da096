/**
 * Numbers of system calls that libseccomp 2.5.4 may not know (distributions added some of them to theirs). From 424 on a new
 * system call has one number on every architecture we run, so one table serves x86_64, its 32-bit modes, and both ARMs; what
 * belongs to x86_64 alone is a table of its own. Source: linux/arch/x86/entry/syscalls/syscall_64.tbl and scripts/syscall.tbl
 * up to Linux 7.0. To extend: add the line of the kernel's table.
 */
import {
  SCMP_ARCH_AARCH64,
  SCMP_ARCH_ARM,
  SCMP_ARCH_X32,
  SCMP_ARCH_X86,
  SCMP_ARCH_X86_64,
  X32_SYSCALL_BIT,
} from './seccomp-tables.ts';

const sharedNumbers: ReadonlyMap<string, number> = new Map([
  ['futex_waitv', 449],
  ['set_mempolicy_home_node', 450],
  ['cachestat', 451],
  ['fchmodat2', 452],
  ['map_shadow_stack', 453],
  ['futex_wake', 454],
  ['futex_wait', 455],
  ['futex_requeue', 456],
  ['statmount', 457],
  ['listmount', 458],
  ['lsm_get_self_attr', 459],
  ['lsm_set_self_attr', 460],
  ['lsm_list_modules', 461],
  ['mseal', 462],
  ['setxattrat', 463],
  ['getxattrat', 464],
  ['listxattrat', 465],
  ['removexattrat', 466],
  ['open_tree_attr', 467],
  ['file_getattr', 468],
  ['file_setattr', 469],
  ['listns', 470],
  ['rseq_slice_yield', 471],
]);

/** 64-bit programs of x86 only. */
const x86Numbers: ReadonlyMap<string, number> = new Map([
  ['uretprobe', 335],
  ['uprobe', 336],
]);

/** As it stands in seccomp_data.nr; undefined when this table does not have it for the architecture. */
export function syscallNumber(architecture: number, name: string): number | undefined {
  switch (architecture) {
    case SCMP_ARCH_X86_64:
      return sharedNumbers.get(name) ?? x86Numbers.get(name);
    case SCMP_ARCH_X86:
    case SCMP_ARCH_ARM:
    case SCMP_ARCH_AARCH64:
      return sharedNumbers.get(name);
    case SCMP_ARCH_X32: {
      const number = sharedNumbers.get(name);
      return number === undefined ? undefined : number + X32_SYSCALL_BIT;
    }
    default:
      return undefined;
  }
}
