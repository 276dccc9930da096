//! Processes: making, waiting, namespaces, names, keyrings, execve.
use crate::js::{Call, Outcome, Refusal, UNDEFINED, Value, int, number};
use crate::raw::{self, CloneArgs};
use alloc::{ffi::CString, vec, vec::Vec};
use core::ffi::{c_char, c_void};
use rquickjs_sys as q;

/// The arguments that clone3 and clone3Shared have in common; the pidfd is written to `pidfd`.
fn clone_arguments(call: &Call, pidfd: &mut i32) -> Result<CloneArgs, Refusal> {
    const CLONE_INTO_CGROUP: u64 = 1 << 33;
    let cgroup = call.fd(2, "cgroupFd")?;
    let mut arguments = CloneArgs {
        flags: call.size(0, "flags")? | libc::CLONE_PIDFD as u64,
        pidfd: pidfd as *mut i32 as u64,
        exit_signal: call.integer(1, "exitSignal", 0, 64)? as u64,
        ..CloneArgs::default()
    };
    if cgroup >= 0 {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = cgroup as u64;
    }
    // SAFETY: a look at the engine's queue. A job that waits would run in both processes.
    if unsafe { q::JS_IsJobPending(q::JS_GetRuntime(call.context)) } {
        return call.throw("clone3: a promise job is pending");
    }
    Ok(arguments)
}

/// long clone3(struct clone_args *args, size_t size), without CLONE_VM - clone(2)
pub fn clone3(call: &Call) -> Outcome {
    let mut pidfd = -1;
    let mut arguments = clone_arguments(call, &mut pidfd)?;
    let pid = raw::clone3(&mut arguments)?;
    let pidfd = if pid == 0 { -1 } else { pidfd };
    call.ints([pid as i64, pidfd as i64].into_iter())
}

/// What the child of clone3Shared needs: whom to call.
struct Life {
    context: *mut q::JSContext,
    function: Value,
}

/// The child's whole life. The engine's own chain of frames is put right by the parent's return from its native call.
unsafe extern "C" fn live(argument: *mut c_void) -> ! {
    // SAFETY: the parent's frame holds it and is stopped.
    unsafe {
        let life = &*(argument as *const Life);
        q::JS_Call(life.context, life.function, UNDEFINED, 0, core::ptr::null_mut());
    }
    raw::exit(1) // a life that comes back is a bug; nobody may run the parent's program a second time
}

/// long clone3(struct clone_args *args, size_t size), with CLONE_VM | CLONE_VFORK - clone(2), vfork(2)
pub fn clone3_shared(call: &Call) -> Outcome {
    let mut pidfd = -1;
    let mut arguments = clone_arguments(call, &mut pidfd)?;
    let mut life = Life { context: call.context, function: call.value(3) };
    // SAFETY: a function of the program, checked by the engine when it is called.
    if !unsafe { q::JS_IsFunction(life.context, life.function) } {
        return call.throw("life: not a function");
    }
    // SAFETY: `live` works on the same heap, one after the other, and ends by execve or _exit.
    let pid = unsafe { raw::clone3_shared(&mut arguments, live, &raw mut life as *mut c_void) }?;
    call.ints([pid as i64, pidfd as i64].into_iter())
}

/// int waitid(idtype_t type, id_t id, siginfo_t *info, int options) - waitid(2); EINTR is returned
pub fn waitid(call: &Call) -> Outcome {
    // struct siginfo of 64-bit Linux as words: code at 2, pid at 4, status at 6
    let mut info = [0i32; 32];
    let (kind, id) = (call.u32(0, "idtype")? as i32, call.i32(1, "id")?);
    raw::waitid(kind, id, &mut info, call.i32(2, "options")?)?;
    call.object(&[(c"pid", int(info[4] as i64)), (c"code", int(info[2] as i64)), (c"status", int(info[6] as i64))])
}

/// int pidfd_open(pid_t pid, unsigned flags) - pidfd_open(2)
pub fn pidfd_open(call: &Call) -> Outcome {
    let pid = call.integer(0, "pid", 1, i32::MAX as i64)? as i32;
    number(raw::pidfd_open(pid, call.u32(1, "flags")?))
}

/// int pidfd_send_signal(int pidfd, int sig, NULL, 0) - pidfd_send_signal(2)
pub fn pidfd_send_signal(call: &Call) -> Outcome {
    number(raw::pidfd_send_signal(call.fd(0, "pidfd")?, call.integer(1, "signal", 0, 64)? as i32))
}

/// int kill(pid_t pid, int sig) - kill(2); a process group only, never -1 ("everybody")
pub fn kill(call: &Call) -> Outcome {
    let group = call.integer(0, "pid", -(i32::MAX as i64), -2)? as i32;
    number(raw::kill(group, call.integer(1, "signal", 0, 64)? as i32))
}

/// void exit_group(int code) - _exit(2)
pub fn exit(call: &Call) -> Outcome {
    raw::exit(call.integer(0, "code", 0, 255)? as i32)
}

/// int unshare(int flags) - unshare(2)
pub fn unshare(call: &Call) -> Outcome {
    number(raw::unshare(call.u32(0, "flags")? as u64))
}

/// int setns(int fd, int flags) - setns(2)
pub fn setns(call: &Call) -> Outcome {
    number(raw::setns(call.fd(0, "fd")?, call.u32(1, "flags")?))
}

/// int prctl(int option, unsigned long a, b, c, d) - prctl(2); only options whose arguments are numbers
pub fn prctl(call: &Call) -> Outcome {
    const ALLOWED: [i32; 16] = [
        libc::PR_SET_PDEATHSIG,
        libc::PR_GET_DUMPABLE,
        libc::PR_SET_DUMPABLE,
        libc::PR_GET_KEEPCAPS,
        libc::PR_SET_KEEPCAPS,
        libc::PR_CAPBSET_READ,
        libc::PR_CAPBSET_DROP,
        libc::PR_SET_CHILD_SUBREAPER,
        libc::PR_SET_NO_NEW_PRIVS,
        libc::PR_GET_NO_NEW_PRIVS,
        libc::PR_CAP_AMBIENT,
        libc::PR_GET_SECUREBITS,
        libc::PR_SET_SECUREBITS,
        libc::PR_GET_SECCOMP,
        57, // PR_SET_IO_FLUSHER
        65, // PR_SET_MDWE
    ];
    let option = call.i32(0, "option")?;
    if !ALLOWED.contains(&option) {
        return call.throw("option: a prctl option that takes a pointer or is not known");
    }
    let (a, b) = (call.size(1, "arg2")?, call.size(2, "arg3")?);
    number(raw::prctl(option, a, b, call.size(3, "arg4")?, call.size(4, "arg5")?))
}

/// pid_t setsid(void) - setsid(2)
pub fn setsid(_: &Call) -> Outcome {
    number(raw::setsid())
}

/// int setpgid(pid_t pid, pid_t pgid) - setpgid(2)
pub fn setpgid(call: &Call) -> Outcome {
    let pid = |index, name| call.integer(index, name, 0, i32::MAX as i64);
    number(raw::setpgid(pid(0, "pid")? as i32, pid(1, "pgid")? as i32))
}

/// pid_t getpid(void) - getpid(2)
pub fn getpid(_: &Call) -> Outcome {
    number(raw::getpid())
}

/// int sethostname(const char *name, size_t length) - sethostname(2)
pub fn sethostname(call: &Call) -> Outcome {
    let name = call.text(0, "name")?;
    name.as_c()?;
    number(raw::sethostname(name.bytes()))
}

/// int setdomainname(const char *name, size_t length) - setdomainname(2)
pub fn setdomainname(call: &Call) -> Outcome {
    let name = call.text(0, "name")?;
    name.as_c()?;
    number(raw::setdomainname(name.bytes()))
}

/// int personality(unsigned long persona) - personality(2)
pub fn personality(call: &Call) -> Outcome {
    number(raw::personality(call.u32(0, "persona")?))
}

/// long keyctl(KEYCTL_JOIN_SESSION_KEYRING, const char *name) - keyctl(2)
pub fn keyctl_join_session_keyring(call: &Call) -> Outcome {
    number(raw::keyctl_join(call.text(0, "name")?.as_c()?))
}

/// long keyctl(KEYCTL_DESCRIBE, key, char *buffer, size_t size) - keyctl(2)
pub fn keyctl_describe(call: &Call) -> Outcome {
    let mut buffer = vec![0u8; 4096];
    let length = raw::keyctl_describe(call.i32(0, "key")?, &mut buffer)?;
    call.string(&buffer[..length.min(buffer.len()).saturating_sub(1)])
}

/// long keyctl(KEYCTL_SETPERM, key, permissions) - keyctl(2)
pub fn keyctl_setperm(call: &Call) -> Outcome {
    number(raw::keyctl_setperm(call.i32(0, "key")?, call.u32(1, "permissions")?))
}

/// Pointers to strings, and the null pointer that ends such a list.
pub fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|text| text.as_ptr()).chain([core::ptr::null()]).collect()
}

/// int execve(const char *path, char *const argv[], char *const envp[]) - execve(2)
pub fn execve(call: &Call) -> Outcome {
    let path = call.text(0, "path")?;
    let (argv, envp) = (call.strings_of(call.value(1), "argv")?, call.strings_of(call.value(2), "envp")?);
    number(raw::execute(-1, path.as_c()?, &pointers(&argv), &pointers(&envp)))
}

/// int uname(struct utsname *out) - uname(2)
pub fn uname(call: &Call) -> Outcome {
    // SAFETY: plain bytes; all zero is valid.
    let mut out: libc::utsname = unsafe { core::mem::zeroed() };
    raw::uname(&mut out)?;
    let text = |field: &[c_char]| -> Result<_, Refusal> {
        let bytes: Vec<u8> = field.iter().map(|byte| *byte as u8).take_while(|byte| *byte != 0).collect();
        call.string(&bytes)
    };
    let (release, machine, nodename) = (text(&out.release)?, text(&out.machine)?, text(&out.nodename)?);
    call.object(&[(c"release", release), (c"machine", machine), (c"nodename", nodename)])
}
