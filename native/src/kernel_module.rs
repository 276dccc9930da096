//! The table of contents: every function of `native:kernel` (kernel.d.ts), and the module's constants.
//! One C function serves them all: the engine gives it the row's number ("magic").

use crate::exec_tail::{exec_tail, exec_tail_at_gate};
use crate::js::{Call, Native, Refusal, Value, int};
use crate::json::parse_json;
use crate::json_position::json_position;
use crate::seccomp::*;
use crate::syscalls::{
    bpf::*, fs::*, ids::*, limits::*, mount::*, netlink::*, process::*, scheduling::*, signal::*, socket::*, tty::*,
};
use core::ffi::{CStr, c_int};
use rquickjs_sys as q;

pub const NAME: &CStr = c"native:kernel";

/// Name, number of parameters, function.
const FUNCTIONS: &[(&CStr, u8, Native)] = &[
    // files
    (c"openat2", 5, openat2),
    (c"close", 1, close),
    (c"readAll", 2, read_all),
    (c"read", 2, read),
    (c"write", 2, write),
    (c"statx", 3, statx),
    (c"fstatfs", 1, fstatfs),
    (c"fstatfsFlags", 1, fstatfs_flags),
    (c"mkdirat", 3, mkdirat),
    (c"mknodat", 5, mknodat),
    (c"symlinkat", 3, symlinkat),
    (c"unlinkat", 3, unlinkat),
    (c"renameat2", 5, renameat2),
    (c"readlinkat", 2, readlinkat),
    (c"faccessat2", 4, faccessat2),
    (c"fchmod", 2, fchmod),
    (c"fchown", 3, fchown),
    (c"ftruncate", 2, ftruncate),
    (c"flock", 2, flock),
    (c"readDirectory", 1, read_directory),
    (c"fcntl", 3, fcntl),
    (c"dup3", 3, dup3),
    (c"closeRange", 3, close_range),
    (c"memfdCreate", 2, memfd_create),
    (c"sendfile", 3, sendfile),
    (c"fchdir", 1, fchdir),
    (c"getcwd", 0, getcwd),
    (c"umask", 1, umask),
    (c"poll", 3, poll),
    (c"pipe2", 1, pipe2),
    (c"flistxattr", 1, flistxattr),
    (c"fgetxattr", 2, fgetxattr),
    (c"fsetxattr", 3, fsetxattr),
    (c"futimensSeconds", 3, futimens_seconds),
    // mounts
    (c"fsopen", 2, fsopen),
    (c"fsconfig", 5, fsconfig),
    (c"fsmount", 3, fsmount),
    (c"fspick", 3, fspick),
    (c"openTree", 3, open_tree),
    (c"moveMount", 5, move_mount),
    (c"mountSetattr", 7, mount_setattr),
    (c"pivotRoot", 0, pivot_root),
    (c"umount", 1, umount),
    (c"umountEntry", 2, umount_entry),
    (c"chroot", 0, chroot),
    // processes
    (c"clone3", 3, clone3),
    (c"clone3Shared", 4, clone3_shared),
    (c"waitid", 3, waitid),
    (c"pidfdOpen", 2, pidfd_open),
    (c"pidfdSendSignal", 2, pidfd_send_signal),
    (c"kill", 2, kill),
    (c"exit", 1, exit),
    (c"unshare", 1, unshare),
    (c"setns", 2, setns),
    (c"prctl", 5, prctl),
    (c"setsid", 0, setsid),
    (c"setpgid", 2, setpgid),
    (c"getpid", 0, getpid),
    (c"getuid", 0, getuid),
    (c"geteuid", 0, geteuid),
    (c"getegid", 0, getegid),
    (c"setresuid", 3, setresuid),
    (c"setresgid", 3, setresgid),
    (c"setgroups", 1, setgroups),
    (c"capget", 0, capget),
    (c"prlimit", 4, prlimit),
    (c"sethostname", 1, sethostname),
    (c"setdomainname", 1, setdomainname),
    (c"personality", 1, personality),
    (c"schedSetattr", 8, sched_setattr),
    (c"schedGetattr", 1, sched_getattr),
    (c"schedSetaffinity", 2, sched_setaffinity),
    (c"schedGetaffinity", 1, sched_getaffinity),
    (c"ioprioSet", 2, ioprio_set),
    (c"ioprioGet", 1, ioprio_get),
    (c"setMempolicy", 2, set_mempolicy),
    (c"getMempolicy", 0, get_mempolicy),
    (c"keyctlJoinSessionKeyring", 1, keyctl_join_session_keyring),
    (c"keyctlDescribe", 1, keyctl_describe),
    (c"keyctlSetperm", 2, keyctl_setperm),
    (c"execve", 3, execve),
    (c"execTail", 3, exec_tail),
    (c"execTailAtGate", 4, exec_tail_at_gate),
    // signals
    (c"sigprocmask", 2, sigprocmask),
    (c"signalfd", 1, signalfd),
    (c"readSignalfd", 1, read_signalfd),
    (c"ignoreSignal", 2, ignore_signal),
    // terminals and namespace descriptors
    (c"ioctlTiocgptpeer", 2, ioctl_tiocgptpeer),
    (c"ioctlTiocsptlck", 2, ioctl_tiocsptlck),
    (c"ioctlTiocgptn", 1, ioctl_tiocgptn),
    (c"ioctlTiocsctty", 2, ioctl_tiocsctty),
    (c"ioctlTiocgwinsz", 1, ioctl_tiocgwinsz),
    (c"ioctlTiocswinsz", 3, ioctl_tiocswinsz),
    (c"tcgets", 1, tcgets),
    (c"tcsets", 2, tcsets),
    (c"makeRaw", 2, make_raw),
    (c"ioctlNsGetNstype", 1, ioctl_ns_get_nstype),
    // sockets
    (c"socketpair", 1, socketpair),
    (c"socketUnix", 1, socket_unix),
    (c"socketNetlink", 0, socket_netlink),
    (c"setsockoptNumber", 4, setsockopt_number),
    (c"interfaceUp", 1, interface_up),
    (c"connectUnix", 2, connect_unix),
    (c"bindUnix", 2, bind_unix),
    (c"listen", 2, listen),
    (c"accept4", 1, accept4),
    (c"sendmsg", 3, sendmsg),
    (c"recvmsg", 2, recvmsg),
    (c"recvmsgBytes", 2, recvmsg_bytes),
    // bpf and seccomp
    (c"bpfLoadCgroupDevice", 1, bpf_load_cgroup_device),
    (c"bpfProgAttach", 4, bpf_prog_attach),
    (c"bpfProgQuery", 1, bpf_prog_query),
    (c"bpfProgGetFdById", 1, bpf_prog_get_fd_by_id),
    (c"bpfProgDetach", 2, bpf_prog_detach),
    (c"seccompCompile", 1, seccomp_compile),
    (c"seccompVersion", 0, seccomp_version_text),
    (c"seccompResolveName", 2, seccomp_resolve_name),
    (c"seccompActionAvailable", 1, seccomp_action_available),
    (c"seccompFlagKnown", 1, seccomp_flag_known),
    // text and time
    (c"parseJson", 1, parse_json),
    (c"jsonPosition", 2, json_position),
    (c"sha256", 1, sha256),
    (c"clockGettime", 1, clock_gettime),
    (c"errnoName", 1, errno_name),
    (c"environ", 0, environ),
    (c"uname", 0, uname),
    (c"isSealed", 0, is_sealed),
];

const ARCHITECTURE: &[u8] = if cfg!(target_arch = "x86_64") {
    b"x86_64"
} else if cfg!(target_arch = "aarch64") {
    b"aarch64"
} else {
    panic!("only x86_64 and aarch64")
};

/// A value that scripts/build.mjs gives while the snapshot is made; empty without it.
fn build_variable(name: &CStr) -> &'static [u8] {
    // SAFETY: the environment is not changed by anybody.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        if value.is_null() { b"" } else { CStr::from_ptr(value).to_bytes() }
    }
}

/// The C function behind every row.
unsafe extern "C" fn dispatch(
    context: *mut q::JSContext,
    _this: Value,
    count: c_int,
    arguments: *mut Value,
    row: c_int,
) -> Value {
    // SAFETY: the engine gives `count` values; at least as many as the row's parameter number.
    let arguments = unsafe { core::slice::from_raw_parts(arguments, count.max(0) as usize) };
    let call = Call { context, arguments };
    match FUNCTIONS[row as usize].2(&call) {
        Ok(value) => value,
        Err(Refusal::Errno(errno)) => int(-errno as i64),
        Err(Refusal::Thrown) => q::JS_EXCEPTION,
    }
}

/// Fills the module's exports.
unsafe extern "C" fn initialize(context: *mut q::JSContext, module: *mut q::JSModuleDef) -> c_int {
    let call = Call { context, arguments: &[] };
    // SAFETY: the names live for ever; each value goes over to the module.
    unsafe {
        for (row, (name, parameters, _)) in FUNCTIONS.iter().enumerate() {
            let function = q::JS_NewCFunction2(
                context,
                Some(core::mem::transmute::<
                    unsafe extern "C" fn(*mut q::JSContext, Value, c_int, *mut Value, c_int) -> Value,
                    unsafe extern "C" fn(*mut q::JSContext, Value, c_int, *mut Value) -> Value,
                >(dispatch)),
                name.as_ptr(),
                *parameters as c_int,
                q::JSCFunctionEnum_JS_CFUNC_generic_magic,
                row as c_int,
            );
            if q::JS_SetModuleExport(context, module, name.as_ptr(), function) < 0 {
                return -1;
            }
        }
        let text = |bytes: &[u8]| call.string(bytes).unwrap_or(q::JS_UNDEFINED);
        let engine = CStr::from_ptr(q::JS_GetVersion());
        let info = call.object(&[
            (c"version", text(build_variable(c"RUNT_VERSION"))),
            (c"commit", text(build_variable(c"RUNT_COMMIT"))),
            (c"quickjs", text(engine.to_bytes())),
        ]);
        let Ok(info) = info else { return -1 };
        let constants = q::JS_SetModuleExport(context, module, c"architecture".as_ptr(), text(ARCHITECTURE))
            | q::JS_SetModuleExport(context, module, c"buildInfo".as_ptr(), info);
        if constants < 0 { -1 } else { 0 }
    }
}

/// Makes the module known to a context, before anything imports it.
pub fn register(context: *mut q::JSContext) -> bool {
    // SAFETY: a fresh context; the module is the context's.
    unsafe {
        let module = q::JS_NewCModule(context, NAME.as_ptr(), Some(initialize));
        let names = FUNCTIONS.iter().map(|(name, _, _)| *name).chain([c"architecture", c"buildInfo"]);
        !module.is_null() && names.into_iter().all(|name| q::JS_AddModuleExport(context, module, name.as_ptr()) >= 0)
    }
}
