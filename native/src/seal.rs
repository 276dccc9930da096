//! The sealed copy: create, run, exec and restore go on from a copy of this program that nobody can write to, because the
//! container's process runs our code until its execve and /proc/N/exe would be the host's binary. [CVE-2019-5736]
//! [security B1] [man memfd_create.2]

use crate::raw;
use crate::snapshot::open_self;
use core::ffi::{CStr, c_char};

const SEALS: i64 = (libc::F_SEAL_SEAL | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE) as i64;
const STATX_ATTR_VERITY: u64 = 0x0010_0000;

/// Commands that run beside a container's processes.
const COMMANDS: [&[u8]; 4] = [b"create", b"run", b"exec", b"restore"];

/// Conservative: any argument before "--" that is such a word counts, also an option's value.
pub fn is_needed(arguments: &[&[u8]]) -> bool {
    let before_end = arguments.iter().skip(1).take_while(|argument| **argument != b"--");
    before_end.into_iter().any(|argument| COMMANDS.contains(argument))
}

/// By the kernel's word only, never by a name or a variable: all seals are set, or the file is under fs-verity.
pub fn is_sealed_file(own: i32) -> bool {
    if raw::fcntl(own, libc::F_GET_SEALS, 0).is_ok_and(|seals| seals as i64 & SEALS == SEALS) {
        return true;
    }
    let mut stat = crate::syscalls::fs::new_statx();
    let known = raw::statx(own, c"", libc::AT_EMPTY_PATH, 0, &mut stat).is_ok();
    known && stat.stx_attributes & STATX_ATTR_VERITY != 0
}

pub fn is_sealed() -> bool {
    let Ok(own) = open_self() else { return false };
    let sealed = is_sealed_file(own);
    let _ = raw::close(own);
    sealed
}

/// A sealed copy of the program in memory, with its snapshot.
fn memfd(own: i32) -> Result<i32, i32> {
    const MFD_EXEC: u32 = 0x10;
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    let made = match raw::memfd_create(c"runt", flags | MFD_EXEC) {
        Err(libc::EINVAL) => raw::memfd_create(c"runt", flags), // before Linux 6.3
        made => made,
    };
    let fd = made? as i32;
    while raw::retry(|| raw::sendfile(fd, own, 1 << 30))? > 0 {}
    raw::fcntl(fd, libc::F_ADD_SEALS, SEALS)?;
    Ok(fd)
}

/// Executes the sealed copy with the same arguments and environment. Returns only on failure: an errno.
pub fn execute(own: i32, argv: *const *const c_char, envp: *const *const c_char) -> i32 {
    let fd = match memfd(own) {
        Ok(fd) => fd,
        Err(errno) => return errno,
    };
    // SAFETY: argv and envp are the process's own lists, which end with a null pointer.
    let (argv, envp) = unsafe { (terminated(argv), terminated(envp)) };
    raw::execute(fd, c"", argv, envp).err().unwrap_or(0)
}

/// A null-terminated list as a slice, its end included.
unsafe fn terminated(list: *const *const c_char) -> &'static [*const c_char] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut length = 0;
        while !(*list.add(length)).is_null() {
            length += 1;
        }
        core::slice::from_raw_parts(list, length + 1)
    }
}

pub const FAILED: &CStr = c"cannot run from a sealed copy of the program";
