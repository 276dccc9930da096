//! Seccomp profiles to BPF programs with libseccomp (linked statically). Policy is the caller's.
//! libseccomp 2.5 writes a program to a descriptor only, so a memfd carries it: the one use of system calls here.
//! [man seccomp_init.3] [man seccomp_rule_add.3] [man seccomp.2]

use crate::js::{Call, Outcome, Refusal, Value, boolean, int, number};
use crate::raw;
use alloc::{ffi::CString, format, string::String, vec, vec::Vec};
use core::ffi::{c_char, c_int, c_uint, c_void};

/// struct scmp_arg_cmp.
#[repr(C)]
#[derive(Clone, Copy)]
struct Comparison {
    argument: c_uint,
    operator: c_int,
    first: u64,
    second: u64,
}

/// struct scmp_version.
#[repr(C)]
struct Version {
    major: c_uint,
    minor: c_uint,
    micro: c_uint,
}

unsafe extern "C" {
    fn seccomp_version() -> *const Version;
    fn seccomp_init(default_action: u32) -> *mut c_void;
    fn seccomp_release(filter: *mut c_void);
    fn seccomp_arch_native() -> u32;
    fn seccomp_arch_add(filter: *mut c_void, token: u32) -> c_int;
    fn seccomp_arch_remove(filter: *mut c_void, token: u32) -> c_int;
    fn seccomp_arch_exist(filter: *const c_void, token: u32) -> c_int;
    fn seccomp_attr_set(filter: *mut c_void, attribute: c_int, value: u32) -> c_int;
    fn seccomp_syscall_resolve_name(name: *const c_char) -> c_int;
    fn seccomp_syscall_resolve_name_arch(token: u32, name: *const c_char) -> c_int;
    fn seccomp_rule_add_array(
        filter: *mut c_void,
        action: u32,
        number: c_int,
        count: c_uint,
        all: *const Comparison,
    ) -> c_int;
    fn seccomp_export_bpf(filter: *const c_void, fd: c_int) -> c_int;
}

const ATTRIBUTE_BAD_ARCHITECTURE: c_int = 2;
const ATTRIBUTE_OPTIMIZE: c_int = 8;
const OPTIMIZE_TREE: u32 = 2;
const NO_SUCH_SYSCALL: c_int = -1;

/// A filter that is being built; released at the end.
struct Filter(*mut c_void);
impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: from seccomp_init, released once.
        unsafe { seccomp_release(self.0) }
    }
}

/// Why there is no program: the library's refusal in words, or ours.
enum Fault {
    Text(String),
    Refusal(Refusal),
}
impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Fault::Refusal(refusal)
    }
}

fn checked(result: c_int, what: impl FnOnce() -> String) -> Result<(), Fault> {
    if result >= 0 {
        return Ok(());
    }
    let name = crate::errno::name(-result).unwrap_or("unknown error");
    Err(Fault::Text(format!("{}: {name}", what())))
}

/// Adds the architectures asked for; takes the native one away when it was not.
fn architectures(filter: &Filter, tokens: &[i64]) -> Result<(), Fault> {
    // SAFETY: plain calls on a live filter.
    unsafe {
        for token in tokens {
            if seccomp_arch_exist(filter.0, *token as u32) != 0 {
                checked(seccomp_arch_add(filter.0, *token as u32), || format!("architecture {token:#x}"))?;
            }
        }
        let native = seccomp_arch_native();
        if !tokens.is_empty() && !tokens.contains(&(native as i64)) {
            checked(seccomp_arch_remove(filter.0, native), || "native architecture".into())?;
        }
        Ok(())
    }
}

/// [index, operator, a, b]
fn comparison(call: &Call, value: Value) -> Result<Comparison, Refusal> {
    let words = call.each_of(value, "args", |word| call.unsigned_of(word, "args"))?;
    let [argument @ 0..=5, operator @ 1..=7, first, second] = words[..] else {
        return call.throw("args: not [index, operator, a, b]");
    };
    Ok(Comparison { argument: argument as c_uint, operator: operator as c_int, first, second })
}

fn rule(call: &Call, filter: &Filter, rule: Value, unknown: &mut Vec<CString>) -> Result<(), Fault> {
    let action = call.property(rule, c"action", |value| call.integer_of(value, "action", 0, u32::MAX as i64))? as u32;
    let names = call.property(rule, c"names", |value| call.strings_of(value, "names"))?;
    let numbers = call.property(rule, c"numbers", |value| {
        call.each_of(value, "numbers", |number| call.integer_of(number, "numbers", 0, i32::MAX as i64))
    })?;
    let all = call.property(rule, c"args", |value| call.each_of(value, "args", |one| comparison(call, one)))?;
    let add = |number: c_int, name: &dyn Fn() -> String| {
        // SAFETY: `all` lives until after the call, with its length.
        checked(unsafe { seccomp_rule_add_array(filter.0, action, number, all.len() as c_uint, all.as_ptr()) }, name)
    };
    for name in names {
        // SAFETY: a C string.
        let number = unsafe { seccomp_syscall_resolve_name(name.as_ptr()) };
        if number == NO_SUCH_SYSCALL {
            unknown.push(name);
        } else {
            add(number, &|| name.to_string_lossy().into_owned())?;
        }
    }
    for number in numbers {
        add(number as c_int, &|| format!("syscall {number}"))?;
    }
    Ok(())
}

fn compile(call: &Call, profile: Value) -> Result<(Vec<u8>, Vec<CString>), Fault> {
    let word = |name| call.property(profile, name, |value| call.integer_of(value, "profile", 0, u32::MAX as i64));
    // SAFETY: null is checked for.
    let filter = Filter(unsafe { seccomp_init(word(c"defaultAction")? as u32) });
    if filter.0.is_null() {
        return Err(Fault::Text("default action: EINVAL".into()));
    }
    let tokens = call.property(profile, c"architectures", |value| {
        call.each_of(value, "architectures", |token| call.integer_of(token, "architectures", 0, u32::MAX as i64))
    })?;
    architectures(&filter, &tokens)?;
    let bad = word(c"badArchitectureAction")? as u32;
    // SAFETY: plain calls on a live filter.
    checked(unsafe { seccomp_attr_set(filter.0, ATTRIBUTE_BAD_ARCHITECTURE, bad) }, || {
        "action for other architectures".into()
    })?;
    if call.property(profile, c"optimize", |value| call.flag_of(value, "optimize"))? {
        // SAFETY: as above.
        checked(unsafe { seccomp_attr_set(filter.0, ATTRIBUTE_OPTIMIZE, OPTIMIZE_TREE) }, || "optimize".into())?;
    }
    let mut unknown = Vec::new();
    let faults = call.property(profile, c"rules", |rules| {
        call.each_of(rules, "rules", |one| match rule(call, &filter, one, &mut unknown) {
            Ok(()) => Ok(None),
            Err(Fault::Text(text)) => Ok(Some(text)),
            Err(Fault::Refusal(refusal)) => Err(refusal),
        })
    })?;
    if let Some((index, text)) = faults.into_iter().enumerate().find_map(|(index, fault)| Some((index, fault?))) {
        return Err(Fault::Text(format!("rule {index}: {text}")));
    }
    Ok((export(&filter)?, unknown))
}

fn export(filter: &Filter) -> Result<Vec<u8>, Fault> {
    let errno = |errno: i32| Fault::Refusal(Refusal::Errno(errno));
    let fd = raw::memfd_create(c"filter", libc::MFD_CLOEXEC).map_err(errno)? as i32;
    // SAFETY: writes to our descriptor.
    let exported = checked(unsafe { seccomp_export_bpf(filter.0, fd) }, || "export".into());
    let program = exported.and_then(|()| {
        let size = raw::lseek(fd, 0, libc::SEEK_CUR).map_err(errno)?;
        let mut program = vec![0u8; size];
        raw::lseek(fd, 0, libc::SEEK_SET).map_err(errno)?;
        let got = raw::read(fd, &mut program).map_err(errno)?;
        program.truncate(got);
        Ok(program)
    });
    let _ = raw::close(fd);
    program
}

/// scmp_filter_ctx: seccomp_init, seccomp_rule_add_array, seccomp_export_bpf - seccomp_rule_add(3)
pub fn seccomp_compile(call: &Call) -> Outcome {
    match compile(call, call.value(0)) {
        Ok((program, unknown)) => {
            let program = call.byte_array(&program)?;
            let unknown = call.strings(unknown.iter().map(|name| name.as_bytes()))?;
            call.object(&[(c"program", program), (c"unknown", unknown)])
        }
        Err(Fault::Text(text)) => call.object(&[(c"error", call.string(text.as_bytes())?)]),
        Err(Fault::Refusal(refusal)) => Err(refusal),
    }
}

/// const struct scmp_version *seccomp_version(void) - seccomp_version(3)
pub fn seccomp_version_text(call: &Call) -> Outcome {
    // SAFETY: the library's constant.
    let version = unsafe { &*seccomp_version() };
    call.string(format!("{}.{}.{}", version.major, version.minor, version.micro).as_bytes())
}

/// int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name) - seccomp_syscall_resolve_name(3)
pub fn seccomp_resolve_name(call: &Call) -> Outcome {
    let name = call.text(1, "name")?;
    let (token, name) = (call.u32(0, "architecture")?, name.as_c()?);
    // SAFETY: a C string.
    Ok(int(unsafe { seccomp_syscall_resolve_name_arch(token, name.as_ptr()) } as i64))
}

/// int seccomp(SECCOMP_GET_ACTION_AVAIL, 0, const uint32_t *action) - seccomp(2)
pub fn seccomp_action_available(call: &Call) -> Outcome {
    number(raw::seccomp_action(&call.u32(0, "action")?))
}

/// int seccomp(SECCOMP_SET_MODE_FILTER, flag, NULL): EFAULT from a kernel that knows the flag - seccomp(2)
pub fn seccomp_flag_known(call: &Call) -> Outcome {
    Ok(boolean(raw::seccomp_probe_flag(call.u32(0, "flag")?) == Err(libc::EFAULT)))
}
