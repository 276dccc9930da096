//! The system calls, as the kernel has them: the only file that calls syscall(2). One row of the table is one call:
//! its safe Rust face and, after `=`, the number and the words that go into the registers.
//! Nothing is decided here. [man syscalls.2]

use crate::profile;
use core::ffi::{CStr, c_char, c_long, c_void};
use libc::c_ulong;

/// What a call gives: its value, or the positive errno.
pub type Outcome = Result<usize, i32>;

#[repr(C)]
#[derive(Default)]
pub struct OpenHow {
    pub flags: u64,
    pub mode: u64,
    pub resolve: u64,
}

#[repr(C)]
#[derive(Default)]
pub struct CloneArgs {
    pub flags: u64,
    pub pidfd: u64,
    pub child_tid: u64,
    pub parent_tid: u64,
    pub exit_signal: u64,
    pub stack: u64,
    pub stack_size: u64,
    pub tls: u64,
    pub set_tid: u64,
    pub set_tid_size: u64,
    pub cgroup: u64,
}

#[repr(C)]
pub struct MountAttributes {
    pub set: u64,
    pub clear: u64,
    pub propagation: u64,
    pub userns_fd: u64,
}

#[repr(C)]
#[derive(Default, Clone, Copy)]
pub struct CapabilityHeader {
    pub version: u32,
    pub pid: i32,
}

#[repr(C)]
#[derive(Default, Clone, Copy, PartialEq)]
pub struct CapabilityData {
    pub effective: u32,
    pub permitted: u32,
    pub inheritable: u32,
}

/// struct sched_attr, with the last two words that Linux 5.3 added.
#[repr(C)]
#[derive(Default)]
pub struct SchedulingAttributes {
    pub size: u32,
    pub policy: u32,
    pub flags: u64,
    pub nice: i32,
    pub priority: u32,
    pub runtime: u64,
    pub deadline: u64,
    pub period: u64,
    pub util_min: u32,
    pub util_max: u32,
}

#[repr(C)]
#[derive(Default, Clone, Copy)]
pub struct Limit {
    pub soft: u64,
    pub hard: u64,
}

/// struct kernel_sigaction; all zero is SIG_DFL.
#[repr(C)]
#[derive(Default)]
pub struct SignalAction {
    pub handler: usize,
    pub flags: c_ulong,
    pub restorer: usize,
    pub mask: u64,
}

/// struct statfs of 64-bit Linux as words: the magic at 0, the flags at 10.
pub type FileSystem = [u64; 15];

/// struct sock_fprog.
#[repr(C)]
pub struct FilterProgram {
    pub length: u16,
    pub instructions: *const u8,
}

#[repr(C)]
pub struct PollEntry {
    pub fd: i32,
    pub events: i16,
    pub revents: i16,
}

/// A register's content. References become addresses.
trait Word {
    fn word(self) -> c_long;
}
macro_rules! numbers {
    ($($type:ty)*) => {$(impl Word for $type { fn word(self) -> c_long { self as c_long } })*};
}
numbers!(i32 u32 i64 u64 usize);
impl Word for &CStr {
    fn word(self) -> c_long {
        self.as_ptr() as c_long
    }
}
impl<T> Word for *const T {
    fn word(self) -> c_long {
        self as c_long
    }
}
impl<T> Word for *mut T {
    fn word(self) -> c_long {
        self as c_long
    }
}
impl<T> Word for &T {
    fn word(self) -> c_long {
        self as *const T as c_long
    }
}
impl<T> Word for &mut T {
    fn word(self) -> c_long {
        self as *mut T as c_long
    }
}
/// A string or none.
impl Word for Option<&CStr> {
    fn word(self) -> c_long {
        self.map_or(0, |text| text.as_ptr() as c_long)
    }
}
impl<T> Word for Option<&T> {
    fn word(self) -> c_long {
        self.map_or(0, |value| value as *const T as c_long)
    }
}

fn finish(result: c_long) -> Outcome {
    if result >= 0 {
        return Ok(result as usize);
    }
    // SAFETY: the C library's errno of this thread.
    Err(unsafe { *libc::__errno_location() })
}

const NO_WORD: usize = 0;

macro_rules! calls {
    ($($(#[$meta:meta])* $name:ident($($argument:ident: $type:ty),*) = $number:ident($($word:expr),*);)*) => {$(
        $(#[$meta])*
        pub fn $name($($argument: $type),*) -> Outcome {
            // SAFETY: every address comes from a reference that outlives the call; a buffer's length is its own; the
            // structures have the kernel's layout; what the kernel writes goes to `&mut` only.
            finish(unsafe { libc::syscall(libc::$number, $(Word::word($word)),*) })
        }
    )*};
}

calls! {
    openat2(dirfd: i32, path: &CStr, how: &OpenHow) = SYS_openat2(dirfd, path, how, size_of::<OpenHow>());
    close(fd: i32) = SYS_close(fd);
    read(fd: i32, buffer: &mut [u8]) = SYS_read(fd, buffer.as_mut_ptr(), buffer.len());
    write(fd: i32, data: &[u8]) = SYS_write(fd, data.as_ptr(), data.len());
    lseek(fd: i32, offset: i64, whence: i32) = SYS_lseek(fd, offset, whence);
    statx(dirfd: i32, path: &CStr, flags: i32, mask: u32, out: &mut libc::statx) = SYS_statx(dirfd, path, flags, mask, out);
    fstatfs(fd: i32, out: &mut FileSystem) = SYS_fstatfs(fd, out);
    mkdirat(dirfd: i32, name: &CStr, mode: u32) = SYS_mkdirat(dirfd, name, mode);
    mknodat(dirfd: i32, name: &CStr, mode: u32, device: u64) = SYS_mknodat(dirfd, name, mode, device);
    symlinkat(target: &CStr, dirfd: i32, name: &CStr) = SYS_symlinkat(target, dirfd, name);
    unlinkat(dirfd: i32, name: &CStr, flags: i32) = SYS_unlinkat(dirfd, name, flags);
    renameat2(old_fd: i32, old: &CStr, new_fd: i32, new: &CStr, flags: u32) = SYS_renameat2(old_fd, old, new_fd, new, flags);
    readlinkat(dirfd: i32, path: &CStr, buffer: &mut [u8]) = SYS_readlinkat(dirfd, path, buffer.as_mut_ptr(), buffer.len());
    faccessat2(dirfd: i32, path: &CStr, mode: i32, flags: i32) = SYS_faccessat2(dirfd, path, mode, flags);
    fchmod(fd: i32, mode: u32) = SYS_fchmod(fd, mode);
    fchown(fd: i32, uid: u32, gid: u32) = SYS_fchownat(fd, c"", uid, gid, libc::AT_EMPTY_PATH);
    ftruncate(fd: i32, length: i64) = SYS_ftruncate(fd, length);
    flock(fd: i32, operation: i32) = SYS_flock(fd, operation);
    getdents64(fd: i32, buffer: &mut [u8]) = SYS_getdents64(fd, buffer.as_mut_ptr(), buffer.len());
    /// Only for commands whose argument is a number.
    fcntl(fd: i32, command: i32, argument: i64) = SYS_fcntl(fd, command, argument);
    dup3(old: i32, new: i32, flags: i32) = SYS_dup3(old, new, flags);
    close_range(first: u32, last: u32, flags: u32) = SYS_close_range(first, last, flags);
    memfd_create(name: &CStr, flags: u32) = SYS_memfd_create(name, flags);
    sendfile(out: i32, from: i32, count: usize) = SYS_sendfile(out, from, NO_WORD, count);
    fchdir(fd: i32) = SYS_fchdir(fd);
    getcwd(buffer: &mut [u8]) = SYS_getcwd(buffer.as_mut_ptr(), buffer.len());
    umask(mode: u32) = SYS_umask(mode);
    ppoll(entries: &mut [PollEntry], timeout: Option<&libc::timespec>) = SYS_ppoll(entries.as_mut_ptr(), entries.len(), timeout, NO_WORD, NO_WORD);
    pipe2(fds: &mut [i32; 2], flags: i32) = SYS_pipe2(fds, flags);
    flistxattr(fd: i32, buffer: &mut [u8]) = SYS_flistxattr(fd, buffer.as_mut_ptr(), buffer.len());
    fgetxattr(fd: i32, name: &CStr, buffer: &mut [u8]) = SYS_fgetxattr(fd, name, buffer.as_mut_ptr(), buffer.len());
    fsetxattr(fd: i32, name: &CStr, value: &[u8]) = SYS_fsetxattr(fd, name, value.as_ptr(), value.len(), NO_WORD);
    futimens(fd: i32, times: &[libc::timespec; 2]) = SYS_utimensat(fd, NO_WORD, times, NO_WORD);

    fsopen(kind: &CStr, flags: u32) = SYS_fsopen(kind, flags);
    fsconfig(fd: i32, command: u32, key: Option<&CStr>, value: Option<&CStr>, aux: i32) = SYS_fsconfig(fd, command, key, value, aux);
    fsmount(fd: i32, flags: u32, attributes: u32) = SYS_fsmount(fd, flags, attributes);
    fspick(dirfd: i32, path: &CStr, flags: u32) = SYS_fspick(dirfd, path, flags);
    open_tree(dirfd: i32, path: &CStr, flags: u32) = SYS_open_tree(dirfd, path, flags);
    move_mount(from_fd: i32, from: &CStr, to_fd: i32, to: &CStr, flags: u32) = SYS_move_mount(from_fd, from, to_fd, to, flags);
    mount_setattr(dirfd: i32, path: &CStr, flags: u32, attributes: &MountAttributes) = SYS_mount_setattr(dirfd, path, flags, attributes, size_of::<MountAttributes>());
    pivot_root(new: &CStr, old: &CStr) = SYS_pivot_root(new, old);
    umount2(path: &CStr, flags: i32) = SYS_umount2(path, flags);
    chroot(path: &CStr) = SYS_chroot(path);

    waitid(kind: i32, id: i32, info: &mut [i32; 32], options: i32) = SYS_waitid(kind, id, info, options, NO_WORD);
    pidfd_open(pid: i32, flags: u32) = SYS_pidfd_open(pid, flags);
    pidfd_send_signal(pidfd: i32, signal: i32) = SYS_pidfd_send_signal(pidfd, signal, NO_WORD, NO_WORD);
    kill(pid: i32, signal: i32) = SYS_kill(pid, signal);
    unshare(flags: u64) = SYS_unshare(flags);
    setns(fd: i32, flags: u32) = SYS_setns(fd, flags);
    /// Only for options whose arguments are numbers.
    prctl(option: i32, a: u64, b: u64, c: u64, d: u64) = SYS_prctl(option, a, b, c, d);
    setsid() = SYS_setsid();
    setpgid(pid: i32, pgid: i32) = SYS_setpgid(pid, pgid);
    getpid() = SYS_getpid();
    getuid() = SYS_getuid();
    geteuid() = SYS_geteuid();
    getegid() = SYS_getegid();
    setresuid(real: u32, effective: u32, saved: u32) = SYS_setresuid(real, effective, saved);
    setresgid(real: u32, effective: u32, saved: u32) = SYS_setresgid(real, effective, saved);
    setgroups(groups: &[u32]) = SYS_setgroups(groups.len(), groups.as_ptr());
    capget(header: &mut CapabilityHeader, data: &mut [CapabilityData; 2]) = SYS_capget(header, data);
    capset(header: &mut CapabilityHeader, data: &[CapabilityData; 2]) = SYS_capset(header, data);
    prlimit64(pid: i32, resource: u32, new: Option<&Limit>, old: &mut Limit) = SYS_prlimit64(pid, resource, new, old);
    sethostname(name: &[u8]) = SYS_sethostname(name.as_ptr(), name.len());
    setdomainname(name: &[u8]) = SYS_setdomainname(name.as_ptr(), name.len());
    personality(persona: u32) = SYS_personality(persona);
    sched_setattr(pid: i32, attributes: &SchedulingAttributes) = SYS_sched_setattr(pid, attributes, NO_WORD);
    sched_getattr(pid: i32, out: &mut SchedulingAttributes) = SYS_sched_getattr(pid, out, size_of::<SchedulingAttributes>(), NO_WORD);
    sched_setaffinity(pid: i32, mask: &[u8]) = SYS_sched_setaffinity(pid, mask.len(), mask.as_ptr());
    sched_getaffinity(pid: i32, mask: &mut [u8]) = SYS_sched_getaffinity(pid, mask.len(), mask.as_mut_ptr());
    /// The first word is IOPRIO_WHO_PROCESS.
    ioprio_set(pid: i32, priority: i32) = SYS_ioprio_set(1, pid, priority);
    ioprio_get(pid: i32) = SYS_ioprio_get(1, pid);
    /// The kernel counts one node less than it is told; a length of whole words.
    set_mempolicy(mode: i32, nodes: &[u8]) = SYS_set_mempolicy(mode, nodes.as_ptr(), nodes.len() * 8 + 1);
    get_mempolicy(mode: &mut i32, nodes: &mut [u8]) = SYS_get_mempolicy(mode, nodes.as_mut_ptr(), nodes.len() * 8, NO_WORD, NO_WORD);
    keyctl_join(name: &CStr) = SYS_keyctl(1, name);
    keyctl_setperm(key: i32, permissions: u32) = SYS_keyctl(5, key, permissions);
    keyctl_describe(key: i32, buffer: &mut [u8]) = SYS_keyctl(6, key, buffer.as_mut_ptr(), buffer.len());
    uname(out: &mut libc::utsname) = SYS_uname(out);

    rt_sigprocmask(how: i32, mask: &u64) = SYS_rt_sigprocmask(how, mask, NO_WORD, 8);
    rt_sigaction(signal: i32, action: &SignalAction) = SYS_rt_sigaction(signal, action, NO_WORD, 8);
    signalfd4(mask: &u64, flags: i32) = SYS_signalfd4(-1, mask, 8, flags);

    /// Only for requests whose argument is a number.
    ioctl_number(fd: i32, request: u64, argument: u64) = SYS_ioctl(fd, request, argument);
    /// Only for requests whose structure is not larger than the buffer.
    ioctl_buffer(fd: i32, request: u64, buffer: &mut [u8; 64]) = SYS_ioctl(fd, request, buffer);

    socketpair(kind: i32, fds: &mut [i32; 2]) = SYS_socketpair(libc::AF_UNIX, kind, NO_WORD, fds);
    socket(family: i32, kind: i32) = SYS_socket(family, kind, NO_WORD);
    connect(fd: i32, address: &libc::sockaddr_un, length: usize) = SYS_connect(fd, address, length.min(size_of::<libc::sockaddr_un>()));
    bind(fd: i32, address: &libc::sockaddr_un, length: usize) = SYS_bind(fd, address, length.min(size_of::<libc::sockaddr_un>()));
    setsockopt(fd: i32, level: i32, name: i32, value: &i32) = SYS_setsockopt(fd, level, name, value, size_of::<i32>());
    listen(fd: i32, backlog: i32) = SYS_listen(fd, backlog);
    accept4(fd: i32, flags: i32) = SYS_accept4(fd, NO_WORD, NO_WORD, flags);

    /// The attribute is larger than any kernel's, so that no command reads or writes past it.
    bpf(command: i32, attributes: &mut [u64; 32]) = SYS_bpf(command, attributes, size_of::<[u64; 32]>());
    seccomp_filter(flags: u32, program: &FilterProgram) = SYS_seccomp(1, flags, program);
    seccomp_probe_flag(flag: u32) = SYS_seccomp(1, flag, NO_WORD);
    seccomp_action(action: &u32) = SYS_seccomp(2, NO_WORD, action);
}

/// clone3(2). The caller must not ask for shared memory: CLONE_VM and CLONE_THREAD are taken out.
pub fn clone3(arguments: &mut CloneArgs) -> Outcome {
    arguments.flags &= !(libc::CLONE_VM as u64 | libc::CLONE_THREAD as u64 | libc::CLONE_SIGHAND as u64);
    // SAFETY: without CLONE_VM the child has its own copy of everything, as after fork(2).
    let pid = finish(unsafe { libc::syscall(libc::SYS_clone3, arguments as *mut CloneArgs, size_of::<CloneArgs>()) });
    if pid == Ok(0) {
        profile::forget();
    }
    pid
}

/// clone3(2) with CLONE_VM and CLONE_VFORK, as vfork(2): the child runs `life(argument)` on this very stack, below this call,
/// in this very memory, and never comes back; we are stopped until it has executed another program or has ended.
///
/// # Safety
/// `life` must leave the memory as its creator can go on with it.
pub unsafe fn clone3_shared(
    arguments: &mut CloneArgs,
    life: unsafe extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> Outcome {
    arguments.flags &= !(libc::CLONE_THREAD as u64 | libc::CLONE_SIGHAND as u64);
    arguments.flags |= (libc::CLONE_VM | libc::CLONE_VFORK) as u64;
    let mut result: isize = libc::SYS_clone3 as isize;
    // SAFETY: one block, so that the child never runs code that the compiler made for both: it calls `life`, whose frames
    // lie below the stack pointer, where nothing of ours is (a block that may call leaves no red zone).
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "mov rdi, r12",
            "xor ebp, ebp",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") result,
            in("rdi") arguments as *mut CloneArgs,
            in("rsi") size_of::<CloneArgs>(),
            in("r12") argument,
            in("r13") life,
            lateout("rcx") _,
            lateout("r11") _,
        );
        #[cfg(target_arch = "aarch64")]
        {
            let number = result;
            core::arch::asm!(
                "svc #0",
                "cbnz x0, 2f",
                "mov x0, x20",
                "blr x21",
                "brk #1",
                "2:",
                in("x8") number,
                inlateout("x0") arguments as *mut CloneArgs => result,
                in("x1") size_of::<CloneArgs>(),
                in("x20") argument,
                in("x21") life,
                lateout("x30") _,
            );
        }
    }
    if result < 0 { Err(-result as i32) } else { Ok(result as usize) }
}

/// execve(2), or execveat(2) with AT_EMPTY_PATH when `fd` is not negative. Both lists end with a null pointer.
pub fn execute(fd: i32, path: &CStr, argv: &[*const c_char], envp: &[*const c_char]) -> Outcome {
    assert!(argv.last().is_some_and(|end| end.is_null()) && envp.last().is_some_and(|end| end.is_null()));
    let (argv, envp) = (argv.as_ptr(), envp.as_ptr());
    // SAFETY: the lists are terminated (asserted) and made of strings that live until here.
    finish(unsafe {
        if fd >= 0 {
            libc::syscall(libc::SYS_execveat, fd, c"".as_ptr(), argv, envp, libc::AT_EMPTY_PATH)
        } else {
            libc::syscall(libc::SYS_execve, path.as_ptr(), argv, envp)
        }
    })
}

/// exit_group(2): nothing is torn down.
pub fn exit(code: i32) -> ! {
    profile::write();
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// sendmsg(2) and recvmsg(2); the header's pointers are the caller's buffers, alive across the call.
pub fn sendmsg(fd: i32, message: &libc::msghdr, flags: i32) -> Outcome {
    // SAFETY: socket.rs builds the header from slices that it holds.
    finish(unsafe { libc::syscall(libc::SYS_sendmsg, fd, message as *const libc::msghdr, flags) })
}

pub fn recvmsg(fd: i32, message: &mut libc::msghdr, flags: i32) -> Outcome {
    // SAFETY: as above; the kernel writes into those buffers.
    finish(unsafe { libc::syscall(libc::SYS_recvmsg, fd, message as *mut libc::msghdr, flags) })
}

/// clock_gettime(2), through the vDSO.
pub fn clock_gettime(clock: i32) -> Result<libc::timespec, i32> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is ours.
    finish(unsafe { libc::clock_gettime(clock, &mut time) } as c_long).map(|_| time)
}

/// "/proc/self/fd/N", made without a heap.
pub struct DescriptorPath([u8; 32]);
impl DescriptorPath {
    pub fn as_c(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or(c"")
    }
}
pub fn descriptor_path(fd: i32) -> DescriptorPath {
    let mut path = [0u8; 32];
    path[..14].copy_from_slice(b"/proc/self/fd/");
    let (mut at, mut unit) = (14, 1);
    while fd / unit >= 10 {
        unit *= 10;
    }
    while unit > 0 {
        path[at] = b'0' + (fd / unit % 10) as u8;
        at += 1;
        unit /= 10;
    }
    DescriptorPath(path)
}

/// Calls again as long as a signal interrupts.
pub fn retry(mut call: impl FnMut() -> Outcome) -> Outcome {
    loop {
        let outcome = call();
        if outcome != Err(libc::EINTR) {
            return outcome;
        }
    }
}
