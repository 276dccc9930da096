/**
 * The words of a seccomp profile as the numbers of the kernel and of libseccomp: actions, comparison operators, architectures,
 * flags. Sources: seccomp.h of libseccomp, linux/seccomp.h, linux/audit.h. [spec config-linux.md#seccomp] [man seccomp.2]
 */

export interface SeccompAction {
  readonly value: number;
  /** Has 16 bits of data for an errno (ERRNO) or a tracer (TRACE). */
  readonly takesErrno: boolean;
}

/** SCMP_ACT_* and SECCOMP_RET_* are the same numbers. */
export const seccompActions: ReadonlyMap<string, SeccompAction> = new Map([
  ['SCMP_ACT_KILL', { value: 0, takesErrno: false }],
  ['SCMP_ACT_KILL_THREAD', { value: 0, takesErrno: false }],
  ['SCMP_ACT_KILL_PROCESS', { value: 0x80000000, takesErrno: false }],
  ['SCMP_ACT_TRAP', { value: 0x00030000, takesErrno: false }],
  ['SCMP_ACT_ERRNO', { value: 0x00050000, takesErrno: true }],
  ['SCMP_ACT_NOTIFY', { value: 0x7fc00000, takesErrno: false }],
  ['SCMP_ACT_TRACE', { value: 0x7ff00000, takesErrno: true }],
  ['SCMP_ACT_LOG', { value: 0x7ffc0000, takesErrno: false }],
  ['SCMP_ACT_ALLOW', { value: 0x7fff0000, takesErrno: false }],
]);

export const SECCOMP_RET_KILL_THREAD = 0;
export const SECCOMP_RET_ERRNO = 0x00050000;

export const SCMP_CMP_NE = 1;
export const SCMP_CMP_LT = 2;
export const SCMP_CMP_LE = 3;
export const SCMP_CMP_EQ = 4;
export const SCMP_CMP_GE = 5;
export const SCMP_CMP_GT = 6;
export const SCMP_CMP_MASKED_EQ = 7;

export const seccompOperators: ReadonlyMap<string, number> = new Map([
  ['SCMP_CMP_NE', SCMP_CMP_NE],
  ['SCMP_CMP_LT', SCMP_CMP_LT],
  ['SCMP_CMP_LE', SCMP_CMP_LE],
  ['SCMP_CMP_EQ', SCMP_CMP_EQ],
  ['SCMP_CMP_GE', SCMP_CMP_GE],
  ['SCMP_CMP_GT', SCMP_CMP_GT],
  ['SCMP_CMP_MASKED_EQ', SCMP_CMP_MASKED_EQ],
]);

export const SECCOMP_FILTER_FLAG_LOG = 2;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
/** Linux 5.19. */
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

/**
 * What each flag adds to seccomp(2)'s. TSYNC is for a process with threads, and init has none; WAIT_KILLABLE_RECV is about
 * notifications: plan-seccomp.ts adds it to a filter with a listener, on any other the kernel refuses it (EINVAL).
 */
export const seccompFlags: ReadonlyMap<string, number> = new Map([
  ['SECCOMP_FILTER_FLAG_TSYNC', 0],
  ['SECCOMP_FILTER_FLAG_LOG', SECCOMP_FILTER_FLAG_LOG],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', SECCOMP_FILTER_FLAG_SPEC_ALLOW],
  ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 0],
]);

/** x32 programs have x86_64's audit architecture and this bit in each syscall number. */
export const X32_SYSCALL_BIT = 0x40000000;

const LITTLE_ENDIAN = 0x40000000;

export const SCMP_ARCH_X86 = 0x40000003;
export const SCMP_ARCH_X86_64 = 0xc000003e;
export const SCMP_ARCH_X32 = 0x4000003e;
export const SCMP_ARCH_ARM = 0x40000028;
export const SCMP_ARCH_AARCH64 = 0xc00000b7;

/** Tokens of libseccomp, which are AUDIT_ARCH_* values but for X32. */
export const seccompArchitectures: ReadonlyMap<string, number> = new Map([
  ['SCMP_ARCH_X86', SCMP_ARCH_X86],
  ['SCMP_ARCH_X86_64', SCMP_ARCH_X86_64],
  ['SCMP_ARCH_X32', SCMP_ARCH_X32],
  ['SCMP_ARCH_ARM', SCMP_ARCH_ARM],
  ['SCMP_ARCH_AARCH64', SCMP_ARCH_AARCH64],
  ['SCMP_ARCH_MIPS', 0x00000008],
  ['SCMP_ARCH_MIPS64', 0x80000008],
  ['SCMP_ARCH_MIPS64N32', 0xa0000008],
  ['SCMP_ARCH_MIPSEL', 0x40000008],
  ['SCMP_ARCH_MIPSEL64', 0xc0000008],
  ['SCMP_ARCH_MIPSEL64N32', 0xe0000008],
  ['SCMP_ARCH_PPC', 0x00000014],
  ['SCMP_ARCH_PPC64', 0x80000015],
  ['SCMP_ARCH_PPC64LE', 0xc0000015],
  ['SCMP_ARCH_S390', 0x00000016],
  ['SCMP_ARCH_S390X', 0x80000016],
  ['SCMP_ARCH_PARISC', 0x0000000f],
  ['SCMP_ARCH_PARISC64', 0x8000000f],
  ['SCMP_ARCH_RISCV64', 0xc00000f3],
  ['SCMP_ARCH_LOONGARCH64', 0xc0000102],
  ['SCMP_ARCH_M68K', 0x00000004],
  ['SCMP_ARCH_SH', 0x4000002a],
  ['SCMP_ARCH_SHEB', 0x0000002a],
]);

/** Of the specification, but younger than the libseccomp we link (2.5.4). */
export const architecturesUnknownToLibrary: ReadonlySet<string> = new Set([
  'SCMP_ARCH_LOONGARCH64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_SH',
  'SCMP_ARCH_SHEB',
]);

/** The machines we run on are little-endian, and one filter cannot have both orders. */
export function isLittleEndian(token: number): boolean {
  return (token & LITTLE_ENDIAN) !== 0;
}

/** The value of seccomp_data.arch for programs of this architecture. */
export function auditArchitectureOf(token: number): number {
  return token === SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
}
