//! The exec tail: what a container's process does last, from the first limit to execve(2). Once a filter, foreign
//! credentials or tight limits are in force nothing may allocate, because an allocation can need a forbidden system call:
//! so every operand becomes C memory first (`read_operation`) and the operations then run on it, one call after another
//! (`perform`), without the engine. Failure is reported as `T<index>:<errno>`. [security D1, D2]

use crate::gate;
use crate::js::{Call, Outcome, Refusal, Value};
use crate::profile;
use crate::raw::{self, CapabilityData, CapabilityHeader, FilterProgram, Limit, SignalAction};
use crate::syscalls::ids::CAPABILITY_VERSION;
use crate::syscalls::process::pointers;
use crate::syscalls::socket::pair;
use alloc::{ffi::CString, vec::Vec};
use core::ffi::c_char;

const SIGNALS: i32 = 64;
const SET_MASK: i32 = libc::SIG_SETMASK;
/// A capability number that no kernel has: loops end at EINVAL before it.
const CAPABILITY_LIMIT: u64 = 64;
const ID_LIMIT: i64 = u32::MAX as i64 - 1;

enum Operation {
    ResetSignals,
    Umask(u32),
    Rlimit(u32, Limit),
    Setgroups(Vec<u32>),
    Setresgid(u32),
    Setresuid(u32),
    Bounding(u64),
    KeepCapabilities(bool),
    Capset([u64; 3]),
    Ambient(u64),
    VerifyCapabilities { sets: [u64; 3], bounding: u64, ambient: u64 },
    NoNewPrivileges,
    Seccomp(u32, Vec<u8>),
    SeccompListener(u32, Vec<u8>),
    Personality(u32),
    Write(i32, Vec<u8>),
    Dup2(i32, i32),
    Fchdir(i32),
    Close(i32),
    CloseFrom(u32),
    Execve { fd: i32, path: CString, argv: List, envp: List },
}

/// Strings and the list of pointers to them that execve(2) takes.
struct List {
    _strings: Vec<CString>,
    pointers: Vec<*const c_char>,
}
impl List {
    fn new(strings: Vec<CString>) -> Self {
        let pointers = pointers(&strings);
        List { _strings: strings, pointers }
    }
}

/// Reads one tuple. `at` gives its members.
fn read_operation(call: &Call, tuple: Value) -> Result<Operation, Refusal> {
    let parts = call.each_of(tuple, "operation", Ok)?;
    let at = |index: usize| parts.get(index).copied().unwrap_or(crate::js::UNDEFINED);
    let name = call.text_of(at(0), "operation")?;
    let u32_at = |index| Ok::<u32, Refusal>(call.integer_of(at(index), "operand", 0, u32::MAX as i64)? as u32);
    let id_at = |index| Ok::<u32, Refusal>(call.integer_of(at(index), "id", 0, ID_LIMIT)? as u32);
    let fd_at = |index, from| Ok::<i32, Refusal>(call.integer_of(at(index), "fd", from, i32::MAX as i64)? as i32);
    let mask_at = |index| call.unsigned_of(at(index), "mask");
    Ok(match name.bytes() {
        b"resetSignals" => Operation::ResetSignals,
        b"umask" => Operation::Umask(u32_at(1)?),
        b"rlimit" => Operation::Rlimit(u32_at(1)?, Limit { soft: mask_at(2)?, hard: mask_at(3)? }),
        b"setgroups" => Operation::Setgroups(
            call.each_of(at(1), "gids", |gid| Ok(call.integer_of(gid, "gids", 0, ID_LIMIT)? as u32))?,
        ),
        b"setresgid" => Operation::Setresgid(id_at(1)?),
        b"setresuid" => Operation::Setresuid(id_at(1)?),
        b"bounding" => Operation::Bounding(mask_at(1)?),
        b"keepCapabilities" => Operation::KeepCapabilities(call.flag_of(at(1), "keep")?),
        b"capset" => Operation::Capset([mask_at(1)?, mask_at(2)?, mask_at(3)?]),
        b"ambient" => Operation::Ambient(mask_at(1)?),
        b"verifyCapabilities" => Operation::VerifyCapabilities {
            sets: [mask_at(1)?, mask_at(2)?, mask_at(3)?],
            bounding: mask_at(4)?,
            ambient: mask_at(5)?,
        },
        b"noNewPrivileges" => Operation::NoNewPrivileges,
        b"seccomp" => Operation::Seccomp(u32_at(1)?, call.bytes_of(at(2), "program")?.to_vec()),
        b"seccompListener" => Operation::SeccompListener(u32_at(1)?, call.bytes_of(at(2), "program")?.to_vec()),
        b"personality" => Operation::Personality(u32_at(1)?),
        b"write" => Operation::Write(fd_at(1, 0)?, call.text_of(at(2), "text")?.bytes().to_vec()),
        b"dup2" => Operation::Dup2(fd_at(1, 0)?, fd_at(2, 0)?),
        b"fchdir" => Operation::Fchdir(fd_at(1, 0)?),
        b"close" => Operation::Close(fd_at(1, 0)?),
        b"closeFrom" => Operation::CloseFrom(fd_at(1, 0)? as u32),
        b"execve" => Operation::Execve {
            fd: fd_at(1, -1)?,
            path: CString::from(call.text_of(at(2), "path")?.as_c()?),
            argv: List::new(call.strings_of(at(3), "argv")?),
            envp: List::new(call.strings_of(at(4), "envp")?),
        },
        _ => return call.throw("operation: not one of the exec tail's"),
    })
}

/// Reads every tuple, then runs them: never returns, except when a tuple is malformed - execve(2)
pub fn exec_tail(call: &Call) -> Outcome {
    let report_fd = call.fd(0, "reportFd")?;
    let code = call.integer(1, "exitCode", 0, 255)? as i32;
    let operations = call.each(2, "operations", |tuple| read_operation(call, tuple))?;
    profile::write();
    run(report_fd, code, &operations, 0)
}

/// The same, after a wait for `start` at a listening socket, with next to no memory - accept(2), madvise(2), execve(2)
pub fn exec_tail_at_gate(call: &Call) -> Outcome {
    let listener = call.fd(0, "listenerFd")?;
    let code = call.integer(1, "exitCode", 0, 255)? as i32;
    let operations = call.each(2, "operations", |tuple| read_operation(call, tuple))?;
    let namespaces = gate::Namespaces::new(&call.numbers(3, "namespaces", 0, i32::MAX as i64)?);
    profile::write();
    let early = early_count(&operations);
    let failure = perform_early(&operations[..early], listener);
    gate::release_memory(|keep| mark(&operations, keep));
    let Ok(connection) = gate::wait(listener, &namespaces) else { raw::exit(code) }; // nobody has come, so nobody can be told
    if let Some((index, errno)) = failure {
        report(connection, index, errno);
        raw::exit(code);
    }
    run(connection, code, &operations, early)
}

/// What needs nobody's order to start: a created container may wait for ever, and must not wait with the host's powers.
fn is_early(operation: &Operation) -> bool {
    use Operation::*;
    let identity = matches!(operation, Setgroups(_) | Setresgid(_) | Setresuid(_) | Bounding(_) | KeepCapabilities(_));
    let sets = matches!(operation, Capset(_) | Ambient(_) | VerifyCapabilities { .. });
    identity || sets || matches!(operation, ResetSignals | Umask(_) | Personality(_))
}

/// Early operations are those before the filter, if that comes first: it may forbid the wait itself.
fn early_count(operations: &[Operation]) -> usize {
    let is_filter =
        |operation: &Operation| matches!(operation, Operation::Seccomp(..) | Operation::SeccompListener(..));
    let filter = operations.iter().position(is_filter);
    filter.unwrap_or(operations.len())
}

/// The first failure is told when somebody is there to hear it.
fn perform_early(operations: &[Operation], listener: i32) -> Option<(usize, i32)> {
    let mut early = operations.iter().enumerate().filter(|(_, operation)| is_early(operation));
    let failure =
        early.find_map(|(index, operation)| perform(operation, [listener, -1]).err().map(|errno| (index, errno)));
    // A change of ids gives the system's default back (fs.suid_dumpable). [security D4]
    let _ = raw::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
    failure
}

/// Tells `keep` of every piece of memory that `run` will read: (address, bytes).
fn mark(operations: &[Operation], keep: &mut dyn FnMut(usize, usize)) {
    fn of<T>(slice: &[T], keep: &mut dyn FnMut(usize, usize)) {
        keep(slice.as_ptr() as usize, size_of_val(slice));
    }
    fn of_list(list: &List, keep: &mut dyn FnMut(usize, usize)) {
        of(&list.pointers, keep);
        for text in &list._strings {
            of(text.as_bytes_with_nul(), keep);
        }
    }
    of(operations, keep);
    for operation in operations {
        match operation {
            Operation::Setgroups(groups) => of(groups, keep),
            Operation::Seccomp(_, program) | Operation::SeccompListener(_, program) => of(program, keep),
            Operation::Write(_, text) => of(text, keep),
            Operation::Execve { path, argv, envp, .. } => {
                of(path.as_bytes_with_nul(), keep);
                of_list(argv, keep);
                of_list(envp, keep);
            }
            _ => {}
        }
    }
}

/// Of the first `early` operations those are done that `perform_early` does.
fn run(report_fd: i32, code: i32, operations: &[Operation], early: usize) -> ! {
    let exec_fd = operations.iter().find_map(|operation| match operation {
        Operation::Execve { fd, .. } => Some(*fd),
        _ => None,
    });
    let keep = [report_fd, exec_fd.unwrap_or(-1)];
    for (index, operation) in operations.iter().enumerate() {
        if index < early && is_early(operation) {
            continue;
        }
        if let Err(errno) = perform(operation, keep) {
            report(report_fd, index, errno);
            raw::exit(code);
        }
    }
    report(report_fd, operations.len(), libc::ENOEXEC); // a list without execve
    raw::exit(code)
}

/// From here on: no allocation.
fn perform(operation: &Operation, keep: [i32; 2]) -> Result<(), i32> {
    match operation {
        Operation::ResetSignals => reset_signals(),
        Operation::Umask(mask) => raw::umask(*mask).map(drop),
        Operation::Rlimit(resource, limit) => {
            raw::prlimit64(0, *resource, Some(limit), &mut Limit::default()).map(drop)
        }
        Operation::Setgroups(groups) => raw::setgroups(groups).map(drop),
        Operation::Setresgid(gid) => raw::setresgid(*gid, *gid, *gid).map(drop),
        Operation::Setresuid(uid) => raw::setresuid(*uid, *uid, *uid).map(drop),
        Operation::Bounding(mask) => drop_bounding(*mask),
        Operation::KeepCapabilities(keep) => raw::prctl(libc::PR_SET_KEEPCAPS, *keep as u64, 0, 0, 0).map(drop),
        Operation::Capset(sets) => capset(sets),
        Operation::Ambient(mask) => ambient(*mask),
        Operation::VerifyCapabilities { sets, bounding, ambient } => verify(sets, *bounding, *ambient),
        Operation::NoNewPrivileges => raw::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).map(drop),
        Operation::Seccomp(flags, program) => seccomp(*flags, program).map(drop),
        Operation::SeccompListener(flags, program) => send_listener(keep[0], seccomp(*flags | NEW_LISTENER, program)?),
        Operation::Personality(persona) => raw::personality(*persona).map(drop),
        Operation::Write(fd, text) => write_all(*fd, text),
        Operation::Dup2(from, to) if from == to => raw::fcntl(*from, libc::F_SETFD, 0).map(drop),
        Operation::Dup2(from, to) => raw::retry(|| raw::dup3(*from, *to, 0)).map(drop),
        Operation::Fchdir(fd) => raw::fchdir(*fd).map(drop),
        Operation::Close(fd) => raw::close(*fd).map(drop),
        Operation::CloseFrom(first) => close_from(*first, keep),
        Operation::Execve { fd, path, argv, envp } => raw::execute(*fd, path, &argv.pointers, &envp.pointers).map(drop),
    }
}

/// SIG_DFL for every signal, and an empty mask: ignored dispositions and the mask survive execve(2).
fn reset_signals() -> Result<(), i32> {
    for signal in 1..=SIGNALS {
        if signal != libc::SIGKILL && signal != libc::SIGSTOP {
            raw::rt_sigaction(signal, &SignalAction::default())?;
        }
    }
    raw::rt_sigprocmask(SET_MASK, &0).map(drop)
}

/// Drops what is not in the mask, up to the kernel's last capability, behind which it says EINVAL.
fn drop_bounding(mask: u64) -> Result<(), i32> {
    for capability in (0..CAPABILITY_LIMIT).filter(|capability| mask >> capability & 1 == 0) {
        match raw::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) {
            Ok(_) => {}
            Err(libc::EINVAL) => break,
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn words(sets: &[u64; 3]) -> [CapabilityData; 2] {
    let half = |shift: u32| CapabilityData {
        effective: (sets[0] >> shift) as u32,
        permitted: (sets[1] >> shift) as u32,
        inheritable: (sets[2] >> shift) as u32,
    };
    [half(0), half(32)]
}

fn capset(sets: &[u64; 3]) -> Result<(), i32> {
    let mut header = CapabilityHeader { version: CAPABILITY_VERSION, pid: 0 };
    raw::capset(&mut header, &words(sets)).map(drop)
}

fn ambient(mask: u64) -> Result<(), i32> {
    raw::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as u64, 0, 0, 0)?;
    for capability in (0..CAPABILITY_LIMIT).filter(|capability| mask >> capability & 1 == 1) {
        raw::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE as u64, capability, 0, 0)?;
    }
    Ok(())
}

/// Reads the five sets back; EPERM when one is not what was asked for. [security B10]
fn verify(sets: &[u64; 3], bounding: u64, ambient: u64) -> Result<(), i32> {
    let mut header = CapabilityHeader { version: CAPABILITY_VERSION, pid: 0 };
    let mut data = [CapabilityData::default(); 2];
    raw::capget(&mut header, &mut data)?;
    let (mut found_bounding, mut found_ambient) = (0u64, 0u64);
    let possible = sets[1] & sets[2]; // the kernel keeps the ambient set within permitted and inheritable
    for capability in 0..CAPABILITY_LIMIT {
        match raw::prctl(libc::PR_CAPBSET_READ, capability, 0, 0, 0) {
            Ok(set) => found_bounding |= (set as u64) << capability,
            Err(libc::EINVAL) => break,
            Err(errno) => return Err(errno),
        }
        if possible >> capability & 1 == 1 {
            let set = raw::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_IS_SET as u64, capability, 0, 0)?;
            found_ambient |= (set as u64) << capability;
        }
    }
    let same = data == words(sets) && found_bounding == bounding && found_ambient == ambient;
    if same { Ok(()) } else { Err(libc::EPERM) }
}

/// SECCOMP_FILTER_FLAG_NEW_LISTENER
const NEW_LISTENER: u32 = 1 << 3;
/// messages.ts of src/handshake.
const LISTENER: &[u8] = b"{\"kind\":\"listener\"}";

/// The filter is in force, so this is the one call of ours that a profile may not hand to its agent: nobody has the listener
/// yet. The descriptor itself is close-on-exec from birth. - unix(7), seccomp_unotify(2)
fn send_listener(report_fd: i32, listener: usize) -> Result<(), i32> {
    let mut io = libc::iovec { iov_base: LISTENER.as_ptr().cast_mut().cast(), iov_len: LISTENER.len() };
    // struct cmsghdr of 16 bytes, then the descriptor. [man cmsg.3]
    let rights = pair(libc::SOL_SOCKET, libc::SCM_RIGHTS);
    let mut control = [20u64, rights, pair(listener as i32, 0)];
    // SAFETY: plain numbers and pointers; all zero is valid.
    let mut message: libc::msghdr = unsafe { core::mem::zeroed() };
    message.msg_iov = &mut io;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control) as _;
    raw::retry(|| raw::sendmsg(report_fd, &message, libc::MSG_NOSIGNAL)).map(drop)
}

fn seccomp(flags: u32, program: &[u8]) -> Result<usize, i32> {
    const INSTRUCTION: usize = 8;
    if program.is_empty() || program.len() % INSTRUCTION != 0 || program.len() / INSTRUCTION > u16::MAX as usize {
        return Err(libc::EINVAL);
    }
    let filter = FilterProgram { length: (program.len() / INSTRUCTION) as u16, instructions: program.as_ptr() };
    raw::seccomp_filter(flags, &filter)
}

fn write_all(fd: i32, mut text: &[u8]) -> Result<(), i32> {
    while !text.is_empty() {
        let written = raw::retry(|| raw::write(fd, text))?;
        text = &text[written..];
    }
    Ok(())
}

/// Closes from `first` up, around the two descriptors that close at execve(2) by themselves. [CVE-2024-21626]
fn close_from(first: u32, keep: [i32; 2]) -> Result<(), i32> {
    let (low, high) = (keep[0].min(keep[1]), keep[0].max(keep[1]));
    let mut from = first;
    for fd in [low, high] {
        if fd >= 0 && fd as u32 >= from {
            if fd as u32 > from {
                raw::close_range(from, fd as u32 - 1, 0)?;
            }
            // What is kept must not leak through execve.
            raw::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC as i64)?;
            from = fd as u32 + 1;
        }
    }
    raw::close_range(from, u32::MAX, 0).map(drop)
}

/// `T<index>:<errno>` from a buffer on the stack; nobody is left to hear of an error here.
fn report(fd: i32, index: usize, errno: i32) {
    let mut text = [0u8; 32];
    let mut length = 0;
    let mut put = |byte: u8| {
        text[length] = byte;
        length += 1;
    };
    put(b'T');
    decimal(index as u32, &mut put);
    put(b':');
    decimal(errno as u32, &mut put);
    let _ = raw::write(fd, &text[..length]);
}

fn decimal(number: u32, put: &mut dyn FnMut(u8)) {
    if number >= 10 {
        decimal(number / 10, put);
    }
    put(b'0' + (number % 10) as u8);
}
