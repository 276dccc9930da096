/* The floor of `run`: the least the kernel has to be asked for so that a command runs in a container as the default
 * `spec` configuration describes it: one process, no checks, no state, no JSON. What a runtime takes above this is
 * its own doing. Classic mount(2) on purpose: it is fewer calls than the descriptor interface, so the floor is low.
 *
 * Must not be used to run anything but the bench: it trusts its root file system.
 *
 *   floor ROOTFS CGROUP COMMAND [ARGUMENT]...      CGROUP: a folder that is made, and removed at the end
 *
 * [spec config-linux.md#default-filesystems] [man clone3.2] [man pivot_root.2] [man capabilities.7] [man bpf.2] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call) \
  do { if ((call) < 0) { fprintf(stderr, "floor: %s: %s\n", #call, strerror(errno)); _exit(1); } } while (0)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { SAFE = MS_NOSUID | MS_NOEXEC | MS_NODEV };
static const struct { const char *type, *target; unsigned long flags; const char *data; } MOUNTS[] = {
  {"proc", "proc", 0, NULL},
  {"tmpfs", "dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"},
  {"devpts", "dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
  {"tmpfs", "dev/shm", SAFE, "mode=1777,size=65536k"},
  {"mqueue", "dev/mqueue", SAFE, NULL},
  {"sysfs", "sys", SAFE | MS_RDONLY, NULL},
  {"cgroup2", "sys/fs/cgroup", SAFE | MS_RELATIME | MS_RDONLY, NULL},
};
static const struct { const char *path; int major, minor; } DEVICES[] = {
  {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
  {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
};
static const char *const LINKS[][2] = {
  {"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"}, {"/proc/self/fd/1", "dev/stdout"},
  {"/proc/self/fd/2", "dev/stderr"}, {"/proc/kcore", "dev/core"}, {"pts/ptmx", "dev/ptmx"},
};
static const char *const MASKED[] = {
  "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
  "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
};
static const char *const READ_ONLY[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

/* The device filter of the default configuration: make any node; use only the default ones and terminals. */
static int load_device_filter(void) {
  enum { ALLOW = 18, DENY = 20 };
#define JUMP(at, operation, source, value, target) \
  {.code = BPF_JMP | (operation) | BPF_K, .dst_reg = (source), .imm = (value), .off = (target) - (at) - 1}
  struct bpf_insn program[] = {
    {.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 2, .src_reg = 1, .off = 0},
    {.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 4, .src_reg = 1, .off = 4},
    {.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 5, .src_reg = 1, .off = 8},
    {.code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 2},
    {.code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = 2, .imm = 0xffff},
    {.code = BPF_ALU | BPF_RSH | BPF_K, .dst_reg = 3, .imm = 16},
    JUMP(6, BPF_JEQ, 3, BPF_DEVCG_ACC_MKNOD, ALLOW),
    JUMP(7, BPF_JNE, 2, BPF_DEVCG_DEV_CHAR, DENY),
    JUMP(8, BPF_JEQ, 4, 136, ALLOW),
    JUMP(9, BPF_JEQ, 4, 5, 16),
    JUMP(10, BPF_JNE, 4, 1, DENY),
    JUMP(11, BPF_JEQ, 5, 3, ALLOW), JUMP(12, BPF_JEQ, 5, 5, ALLOW), JUMP(13, BPF_JEQ, 5, 7, ALLOW),
    JUMP(14, BPF_JEQ, 5, 8, ALLOW), JUMP(15, BPF_JEQ, 5, 9, ALLOW),
    JUMP(16, BPF_JEQ, 5, 0, ALLOW), JUMP(17, BPF_JNE, 5, 2, DENY),
    {.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1}, {.code = BPF_JMP | BPF_EXIT},
    {.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0}, {.code = BPF_JMP | BPF_EXIT},
  };
  union bpf_attr load = {
    .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, .insn_cnt = COUNT(program), .insns = (uintptr_t)program,
    .license = (uintptr_t)"Apache",
  };
  int filter = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
  MUST(filter);
  return filter;
}

static int make_cgroup(const char *path) {
  MUST(mkdir(path, 0755));
  int cgroup = open(path, O_DIRECTORY | O_CLOEXEC);
  MUST(cgroup);
  union bpf_attr attach = {
    .target_fd = cgroup, .attach_bpf_fd = load_device_filter(),
    .attach_type = BPF_CGROUP_DEVICE, .attach_flags = BPF_F_ALLOW_MULTI,
  };
  MUST(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach));
  return cgroup;
}

static void fill_root(const char *rootfs) {
  MUST(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL));
  MUST(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
  MUST(chdir(rootfs));
  for (size_t i = 0; i < COUNT(MOUNTS); i++) {
    /* The root file system has these folders but for those below /dev, whose tmpfs is new. */
    if (mkdir(MOUNTS[i].target, 0755) && errno != EEXIST) MUST(-1);
    MUST(mount(MOUNTS[i].type, MOUNTS[i].target, MOUNTS[i].type, MOUNTS[i].flags, MOUNTS[i].data));
  }
  for (size_t i = 0; i < COUNT(DEVICES); i++)
    MUST(mknod(DEVICES[i].path, S_IFCHR | 0666, makedev(DEVICES[i].major, DEVICES[i].minor)));
  for (size_t i = 0; i < COUNT(LINKS); i++) MUST(symlink(LINKS[i][0], LINKS[i][1]));
}

static void mask(const char *path) {
  if (mount("/dev/null", path, NULL, MS_BIND, NULL) == 0 || errno == ENOENT) return;
  MUST(mount("tmpfs", path, "tmpfs", MS_RDONLY, NULL));
}

static void close_root(void) {
  MUST(syscall(SYS_pivot_root, ".", "."));
  MUST(umount2(".", MNT_DETACH));
  MUST(chdir("/"));
  for (size_t i = 0; i < COUNT(READ_ONLY); i++) {
    if (mount(READ_ONLY[i], READ_ONLY[i], NULL, MS_BIND | MS_REC, NULL) && errno == ENOENT) continue;
    MUST(mount(NULL, READ_ONLY[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
  }
  for (size_t i = 0; i < COUNT(MASKED); i++) mask(MASKED[i]);
  MUST(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  MUST(fd);
  MUST(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
}

static void drop_privileges(void) {
  const uint32_t kept = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};
  const struct rlimit files = {1024, 1024};
  MUST(setrlimit(RLIMIT_NOFILE, &files));
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++)
    if (capability > 31 || !(kept & 1u << capability)) MUST(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
  MUST(syscall(SYS_capset, &header, data));
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static void run_child(const char *rootfs, char **command) {
  static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", NULL};
  MUST(setsid());
  /* [order] here, not in clone3: there it would take the cgroup of the parent as its root. */
  MUST(unshare(CLONE_NEWCGROUP));
  MUST(sethostname("floor", 5));
  raise_loopback();
  fill_root(rootfs);
  close_root();
  drop_privileges();
  MUST(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
  MUST(execve(command[0], command, environment));
}

int main(int argc, char **argv) {
  if (argc < 4) return fprintf(stderr, "usage: floor ROOTFS CGROUP COMMAND [ARGUMENT]...\n"), 1;
  int pidfd = -1, cgroup = make_cgroup(argv[2]);
  struct clone_args clone = {
    .flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | CLONE_PIDFD | CLONE_INTO_CGROUP,
    .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD, .cgroup = cgroup,
  };
  long pid = syscall(SYS_clone3, &clone, sizeof clone);
  MUST(pid);
  if (pid == 0) run_child(argv[1], argv + 3);
  siginfo_t info;
  MUST(waitid(P_PIDFD, pidfd, &info, WEXITED));
  MUST(rmdir(argv[2]));
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}
