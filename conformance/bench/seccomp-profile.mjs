// A seccomp profile of the size and shape of docker's default one, for the bench: everything the kernel headers of
// this machine name is allowed but for what an ordinary container has no business with; a few calls are allowed by
// their arguments only; clone3 answers ENOSYS so that the C library falls back to clone, whose flags can be seen.
// Not docker's list, and not for protecting anything: only its weight has to be the same.
// [spec config-linux.md#seccomp]

import { execFileSync } from 'node:child_process';

// Kernel, clock, module, keyring, mount, trace and NUMA control: what needs privileges or widens the attack surface.
const REFUSED = new Set(
  `_sysctl acct add_key bdflush bpf break chroot clock_adjtime clock_adjtime64 clock_settime clock_settime64 clone
  clone3 create_module delete_module fanotify_init finit_module fsconfig fsmount fsopen fspick ftime get_kernel_syms
  get_mempolicy gtty idle init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load
  kexec_load keyctl lock lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages mpx
  name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root prof
  profil query_module quotactl quotactl_fd reboot request_key set_mempolicy set_mempolicy_home_node setdomainname
  sethostname setns settimeofday socket stime stty swapoff swapon sysfs syslog ulimit umount umount2 unshare uselib
  userfaultfd ustat vhangup vm86 vm86old vserver`.split(/\s+/),
);

const NAMESPACE_FLAGS = 0x7e020000;
const AF_VSOCK = 40;
const ENOSYS = 38;
const PERSONALITIES = [0, 8, 0x20000, 0x20008, 0xffffffff];

/** Names of all system calls that a header of the kernel defines. */
function readNames(header) {
  const options = ['-E', '-dM', '-include', header, '-x', 'c', '/dev/null'];
  const text = execFileSync('cc', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return [...text.matchAll(/^#define __NR_([a-z]\w*) /gm)].map((match) => match[1]);
}

/** The `linux.seccomp` object for a machine whose Node calls its architecture `arch` (x64 or arm64). */
export function makeSeccompProfile(arch = process.arch) {
  const x86 = arch === 'x64';
  // Docker's list serves all architectures at once: on x86 also the 32-bit calls are in it.
  const headers = x86 ? ['asm/unistd.h', 'asm/unistd_32.h'] : ['asm/unistd.h'];
  const names = [...new Set(headers.flatMap(readNames))].filter((name) => !REFUSED.has(name)).sort();
  const action = 'SCMP_ACT_ALLOW';
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    architectures: x86
      ? ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32']
      : ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
    syscalls: [
      { names, action },
      { names: ['socket'], action, args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] },
      ...PERSONALITIES.map((value) => ({
        names: ['personality'],
        action,
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      })),
      {
        names: ['clone'],
        action,
        args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  };
}
