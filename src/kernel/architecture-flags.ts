/**
 * What depends on the architecture: the only place with x86_64 or aarch64 values (a test reads both columns).
 * `native:kernel` names the architecture the binary was compiled for; vitest gets the build machine's.
 * Sources: include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h, linux/audit.h.
 */
import { architecture } from 'native:kernel';

export interface ArchitectureFlags {
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;
  /** The native architecture's name in a seccomp profile and its AUDIT_ARCH token. */
  readonly seccompName: string;
  readonly auditArchitecture: number;
}

export const architectureTable: { readonly x86_64: ArchitectureFlags; readonly aarch64: ArchitectureFlags } = {
  x86_64: {
    O_DIRECTORY: 0o200000,
    O_NOFOLLOW: 0o400000,
    seccompName: 'SCMP_ARCH_X86_64',
    auditArchitecture: 0xc000003e,
  },
  aarch64: {
    O_DIRECTORY: 0o40000,
    O_NOFOLLOW: 0o100000,
    seccompName: 'SCMP_ARCH_AARCH64',
    auditArchitecture: 0xc00000b7,
  },
};

export const { O_DIRECTORY, O_NOFOLLOW, seccompName, auditArchitecture } = architectureTable[architecture];
