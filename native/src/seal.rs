//! The sealed program: create, run, exec and restore must not show the host's binary to a container, because the
//! container's process runs our code until its execve, and /proc/N/exe would be our file. [CVE-2019-5736] [security B1]
//!
//! Three ways, the first that works (measured on an idle machine, over an unsealed start):
//! 1. in place, 0.1 ms (reseat.rs): the segments are mapped again through a detached read-only mount, and the kernel is
//!    told that our executable is an empty sealed memfd. Needs CAP_SYS_ADMIN.
//! 2. a sealed memfd with the whole program, executed, 1.9 ms. Without privileges.
//! 3. an unnamed file, executed, 1.4 ms on ext4: where vm.memfd_noexec forbids the second.
//!
//! A lower-only overlay mount (0.5 ms) lies between; it is slower than 1 and needs the same privilege. Where no
//! way works the command is refused.

use crate::raw;
use crate::snapshot::open_self;
use core::ffi::{CStr, c_char};

const SEALS: i64 = (libc::F_SEAL_SEAL | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE) as i64;
const STATX_ATTR_VERITY: u64 = 0x0010_0000;
const UNNAMED_MODE: u16 = 0o1500;

/// Commands that run beside a container's processes.
const COMMANDS: [&[u8]; 4] = [b"create", b"run", b"exec", b"restore"];

/// Conservative: any argument before "--" that is such a word counts, also an option's value.
pub fn is_needed(arguments: impl Iterator<Item = &'static [u8]>) -> bool {
    arguments.skip(1).take_while(|argument| *argument != b"--").any(|argument| COMMANDS.contains(&argument))
}

/// By the kernel's word only, never by a name or a variable: all seals are set, the file is under fs-verity, or it is the
/// unnamed file of the third way (no name, and a mode that no installed program has: a program that was replaced while it
/// runs has no name either, and is the host's). Nobody can write to that one while it runs: ETXTBSY.
pub fn is_sealed_file(own: i32) -> bool {
    if raw::fcntl(own, libc::F_GET_SEALS, 0).is_ok_and(|seals| seals as i64 & SEALS == SEALS) {
        return true;
    }
    let mut stat = crate::syscalls::fs::new_statx();
    let known = raw::statx(own, c"", libc::AT_EMPTY_PATH, libc::STATX_NLINK | libc::STATX_MODE, &mut stat).is_ok();
    let unnamed = stat.stx_nlink == 0 && stat.stx_mode & 0o7777 == UNNAMED_MODE;
    known && (stat.stx_attributes & STATX_ATTR_VERITY != 0 || unnamed)
}

pub fn is_sealed() -> bool {
    let Ok(own) = open_self() else { return false };
    let sealed = is_sealed_file(own);
    let _ = raw::close(own);
    sealed
}

/// A memfd that may be executed and sealed.
pub fn new_memfd() -> Result<i32, i32> {
    const MFD_EXEC: u32 = 0x10;
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    match raw::memfd_create(c"runt", flags | MFD_EXEC) {
        Err(libc::EINVAL) => raw::memfd_create(c"runt", flags), // before Linux 6.3
        made => made,
    }
    .map(|fd| fd as i32)
}

pub fn add_seals(fd: i32) -> Result<(), i32> {
    raw::fcntl(fd, libc::F_ADD_SEALS, SEALS).map(drop)
}

fn copy(own: i32, to: i32) -> Result<(), i32> {
    while raw::retry(|| raw::sendfile(to, own, 1 << 30))? > 0 {}
    Ok(())
}

fn sealed_memfd(own: i32) -> Result<i32, i32> {
    let fd = new_memfd()?;
    copy(own, fd)?;
    add_seals(fd)?;
    Ok(fd)
}

/// An unnamed file that cannot get a name (O_EXCL), written, then opened again for reading only.
fn unnamed_file(own: i32) -> Result<i32, i32> {
    let open = |path: &CStr, flags: i32, mode: u64| {
        let flags = (flags | libc::O_CLOEXEC) as u64;
        raw::openat2(libc::AT_FDCWD, path, &raw::OpenHow { flags, mode, resolve: 0 }).map(|fd| fd as i32)
    };
    let mut failure = libc::ENOENT;
    for directory in [c"/run", c"/tmp", c"/var/tmp", c"/dev/shm"] {
        let made = open(directory, libc::O_TMPFILE | libc::O_EXCL | libc::O_RDWR, UNNAMED_MODE as u64).and_then(|fd| {
            copy(own, fd)?;
            let again = open(raw::descriptor_path(fd).as_c(), libc::O_RDONLY, 0);
            let _ = raw::close(fd);
            again
        });
        match made {
            Ok(fd) => return Ok(fd),
            Err(errno) => failure = errno,
        }
    }
    Err(failure)
}

/// Executes a sealed copy with the same arguments and environment. Returns only on failure: an errno.
pub fn execute(own: i32, argv: &[*const c_char], envp: &[*const c_char]) -> i32 {
    let mut failure = 0;
    for make in [sealed_memfd, unnamed_file] {
        let _ = raw::lseek(own, 0, libc::SEEK_SET);
        failure = match make(own) {
            Ok(fd) => raw::execute(fd, c"", argv, envp).err().unwrap_or(0), // noexec is seen here only: the next way
            Err(errno) => errno,
        };
    }
    failure
}
