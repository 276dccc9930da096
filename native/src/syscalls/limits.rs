//! Resource limits, time, environment, facts about this program.
use crate::js::{Call, Outcome, Refusal, boolean};
use crate::raw::{self, Limit};
use alloc::vec::Vec;
use core::ffi::{CStr, c_char};

/// int prlimit(pid_t pid, int resource, const struct rlimit *new, struct rlimit *old) - prlimit(2)
pub fn prlimit(call: &Call) -> Outcome {
    let pid = call.integer(0, "pid", 0, i32::MAX as i64)? as i32;
    let resource = call.u32(1, "resource")?;
    let new = if call.is_undefined(2) && call.is_undefined(3) {
        None
    } else {
        Some(Limit { soft: call.unsigned(2, "soft")?, hard: call.unsigned(3, "hard")? })
    };
    let mut old = Limit::default();
    raw::prlimit64(pid, resource, new.as_ref(), &mut old)?;
    call.object(&[(c"soft", call.quantity(old.soft)?), (c"hard", call.quantity(old.hard)?)])
}

/// int clock_gettime(clockid_t clock, struct timespec *out) - clock_gettime(2)
pub fn clock_gettime(call: &Call) -> Outcome {
    let time = raw::clock_gettime(call.i32(0, "clock")?).map_err(Refusal::Errno)?;
    call.ints([time.tv_sec, time.tv_nsec].into_iter())
}

/// char *errno's name - errno(3)
pub fn errno_name(call: &Call) -> Outcome {
    let errno = call.i32(0, "errno")?;
    match crate::errno::name(errno) {
        Some(name) => call.string(name.as_bytes()),
        None => call.string(alloc::format!("errno {errno}").as_bytes()),
    }
}

/// extern char **environ - environ(7)
pub fn environ(call: &Call) -> Outcome {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    let mut all: Vec<&[u8]> = Vec::new();
    // SAFETY: the C library's list ends with a null pointer; nobody changes it.
    unsafe {
        let mut at = environ;
        while !at.is_null() && !(*at).is_null() {
            all.push(CStr::from_ptr(*at).to_bytes());
            at = at.add(1);
        }
    }
    call.strings(all.iter())
}

/// The SHA-256 of a string's UTF-8 or of bytes, in hexadecimal - FIPS 180-4
pub fn sha256(call: &Call) -> Outcome {
    use sha2::Digest;
    let digest = if call.is_string(0) {
        sha2::Sha256::digest(call.text(0, "data")?.bytes())
    } else {
        sha2::Sha256::digest(call.bytes(0, "data")?)
    };
    let mut hex = [0u8; 64];
    for (index, byte) in digest.iter().enumerate() {
        hex[index * 2] = b"0123456789abcdef"[(byte >> 4) as usize];
        hex[index * 2 + 1] = b"0123456789abcdef"[(byte & 15) as usize];
    }
    call.string(&hex)
}

/// Does this process run from a sealed copy of the binary? See seal.rs
pub fn is_sealed(_: &Call) -> Outcome {
    Ok(boolean(crate::seal::is_sealed()))
}
