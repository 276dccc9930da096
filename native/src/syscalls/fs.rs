//! Files, directories, descriptors. Every descriptor is made close-on-exec.
use crate::js::{Call, Outcome, Refusal, int, number};
use crate::raw::{self, OpenHow, retry};
use alloc::{vec, vec::Vec};

const MAJOR_LIMIT: i64 = 4095;
const MINOR_LIMIT: i64 = (1 << 20) - 1;

/// int openat2(int dirfd, const char *path, const struct open_how *how, size_t size) - openat2(2)
pub fn openat2(call: &Call) -> Outcome {
    let path = call.text(1, "path")?;
    let flags = call.u32(2, "flags")?;
    // openat2 refuses O_NOCTTY beside O_PATH, which opens no terminal anyway.
    let always = if flags & libc::O_PATH as u32 == 0 { libc::O_CLOEXEC | libc::O_NOCTTY } else { libc::O_CLOEXEC };
    let how = OpenHow {
        flags: flags as u64 | always as u64,
        mode: call.u32(3, "mode")? as u64,
        resolve: call.u32(4, "resolve")? as u64,
    };
    let (dirfd, path) = (call.fd(0, "dirfd")?, path.as_c()?);
    number(retry(|| raw::openat2(dirfd, path, &how)))
}

/// int close(int fd) - close(2); not retried: Linux has freed the number even on EINTR
pub fn close(call: &Call) -> Outcome {
    number(raw::close(call.fd(0, "fd")?))
}

/// ssize_t read(int fd, void *buf, size_t count), to the end of the file - read(2)
pub fn read_all(call: &Call) -> Outcome {
    let (fd, limit) = (call.fd(0, "fd")?, call.size(1, "limitBytes")? as usize);
    let mut stat = new_statx();
    let known = match raw::statx(fd, c"", libc::AT_EMPTY_PATH, libc::STATX_SIZE, &mut stat) {
        Ok(_) => (stat.stx_size as usize).min(limit),
        Err(_) => 0,
    };
    // One byte more than the file is said to have, so that a file read whole needs no second buffer.
    let mut buffer = vec![0u8; known.max(4095) + 1];
    let mut length = 0;
    loop {
        let got = retry(|| raw::read(fd, &mut buffer[length..]))?;
        if got == 0 {
            break;
        }
        length += got;
        if length > limit {
            return Err(Refusal::Errno(libc::EFBIG));
        }
        if length == buffer.len() {
            buffer.resize(length * 2, 0);
        }
    }
    if core::str::from_utf8(&buffer[..length]).is_err() {
        return Err(Refusal::Errno(libc::EILSEQ));
    }
    call.string(&buffer[..length])
}

/// ssize_t read(int fd, void *buf, size_t count) - read(2)
pub fn read(call: &Call) -> Outcome {
    let (fd, length) = (call.fd(0, "fd")?, call.integer(1, "lengthBytes", 0, 1 << 30)?);
    let mut buffer = vec![0u8; length as usize];
    let got = retry(|| raw::read(fd, &mut buffer))?;
    call.byte_array(&buffer[..got])
}

/// ssize_t write(int fd, const void *buf, size_t count) - write(2)
pub fn write(call: &Call) -> Outcome {
    let fd = call.fd(0, "fd")?;
    if call.is_string(1) {
        let text = call.text(1, "data")?;
        return number(retry(|| raw::write(fd, text.bytes())));
    }
    let data = call.bytes(1, "data")?;
    number(retry(|| raw::write(fd, data)))
}

pub fn new_statx() -> libc::statx {
    // SAFETY: plain numbers; all zero is valid.
    unsafe { core::mem::zeroed() }
}

/// int statx(int dirfd, const char *path, int flags, unsigned mask, struct statx *out) - statx(2)
pub fn statx(call: &Call) -> Outcome {
    let path = call.text(1, "path")?;
    let mut stat = new_statx();
    let mask = libc::STATX_BASIC_STATS | libc::STATX_MNT_ID;
    raw::statx(call.fd(0, "dirfd")?, path.as_c()?, call.i32(2, "flags")?, mask, &mut stat)?;
    call.object(&[
        (c"mode", int(stat.stx_mode as i64)),
        (c"uid", int(stat.stx_uid as i64)),
        (c"gid", int(stat.stx_gid as i64)),
        (c"nlink", int(stat.stx_nlink as i64)),
        (c"rdevMajor", int(stat.stx_rdev_major as i64)),
        (c"rdevMinor", int(stat.stx_rdev_minor as i64)),
        (c"devMajor", int(stat.stx_dev_major as i64)),
        (c"devMinor", int(stat.stx_dev_minor as i64)),
        (c"ino", call.quantity(stat.stx_ino)?),
        (c"size", int(stat.stx_size as i64)),
        (c"mountId", call.quantity(stat.stx_mnt_id)?),
        (c"attributes", int(stat.stx_attributes as i64)),
        (c"mtimeSeconds", int(stat.stx_mtime.tv_sec)),
    ])
}

/// int fstatfs(int fd, struct statfs *out): f_type - fstatfs(2)
pub fn fstatfs(call: &Call) -> Outcome {
    let mut out = raw::FileSystem::default();
    raw::fstatfs(call.fd(0, "fd")?, &mut out)?;
    Ok(int(out[0] as u32 as i64))
}

/// int fstatfs(int fd, struct statfs *out): f_flags - fstatfs(2)
pub fn fstatfs_flags(call: &Call) -> Outcome {
    let mut out = raw::FileSystem::default();
    raw::fstatfs(call.fd(0, "fd")?, &mut out)?;
    Ok(int(out[10] as i64))
}

/// int mkdirat(int dirfd, const char *name, mode_t mode) - mkdirat(2)
pub fn mkdirat(call: &Call) -> Outcome {
    number(raw::mkdirat(call.fd(0, "dirfd")?, call.text(1, "name")?.as_c()?, call.u32(2, "mode")?))
}

/// int mknodat(int dirfd, const char *name, mode_t mode, dev_t dev) - mknodat(2)
pub fn mknodat(call: &Call) -> Outcome {
    let major = call.integer(3, "major", 0, MAJOR_LIMIT)? as u32;
    let minor = call.integer(4, "minor", 0, MINOR_LIMIT)? as u32;
    let name = call.text(1, "name")?;
    number(raw::mknodat(call.fd(0, "dirfd")?, name.as_c()?, call.u32(2, "mode")?, libc::makedev(major, minor)))
}

/// int symlinkat(const char *target, int dirfd, const char *name) - symlinkat(2)
pub fn symlinkat(call: &Call) -> Outcome {
    let (target, name) = (call.text(0, "target")?, call.text(2, "name")?);
    number(raw::symlinkat(target.as_c()?, call.fd(1, "dirfd")?, name.as_c()?))
}

/// int unlinkat(int dirfd, const char *name, int flags) - unlinkat(2)
pub fn unlinkat(call: &Call) -> Outcome {
    number(raw::unlinkat(call.fd(0, "dirfd")?, call.text(1, "name")?.as_c()?, call.i32(2, "flags")?))
}

/// int renameat2(int olddirfd, const char *old, int newdirfd, const char *new, unsigned flags) - renameat2(2)
pub fn renameat2(call: &Call) -> Outcome {
    let (old, new) = (call.text(1, "oldName")?, call.text(3, "newName")?);
    let (old_fd, new_fd) = (call.fd(0, "oldDirfd")?, call.fd(2, "newDirfd")?);
    number(raw::renameat2(old_fd, old.as_c()?, new_fd, new.as_c()?, call.u32(4, "flags")?))
}

/// ssize_t readlinkat(int dirfd, const char *path, char *buf, size_t size) - readlinkat(2)
pub fn readlinkat(call: &Call) -> Outcome {
    let mut buffer = [0u8; libc::PATH_MAX as usize];
    let length = raw::readlinkat(call.fd(0, "dirfd")?, call.text(1, "path")?.as_c()?, &mut buffer)?;
    call.string(&buffer[..length])
}

/// int faccessat2(int dirfd, const char *path, int mode, int flags) - faccessat2(2)
pub fn faccessat2(call: &Call) -> Outcome {
    let path = call.text(1, "path")?;
    number(raw::faccessat2(call.fd(0, "dirfd")?, path.as_c()?, call.i32(2, "mode")?, call.i32(3, "flags")?))
}

/// int fchmod(int fd, mode_t mode) - fchmod(2)
pub fn fchmod(call: &Call) -> Outcome {
    number(raw::fchmod(call.fd(0, "fd")?, call.u32(1, "mode")?))
}

/// int fchownat(int fd, "", uid_t uid, gid_t gid, AT_EMPTY_PATH) - fchownat(2); -1, "unchanged", cannot be said
pub fn fchown(call: &Call) -> Outcome {
    let (uid, gid) = (super::ids::id(call, 1, "uid")?, super::ids::id(call, 2, "gid")?);
    number(raw::fchown(call.fd(0, "fd")?, uid, gid))
}

/// int ftruncate(int fd, off_t length) - ftruncate(2)
pub fn ftruncate(call: &Call) -> Outcome {
    let (fd, length) = (call.fd(0, "fd")?, call.size(1, "length")? as i64);
    number(retry(|| raw::ftruncate(fd, length)))
}

/// int flock(int fd, int operation) - flock(2)
pub fn flock(call: &Call) -> Outcome {
    let (fd, operation) = (call.fd(0, "fd")?, call.i32(1, "operation")?);
    number(retry(|| raw::flock(fd, operation)))
}

/// ssize_t getdents64(int fd, void *buf, size_t size), to the end - getdents64(2)
pub fn read_directory(call: &Call) -> Outcome {
    const NAME: usize = 19; // offset of d_name in struct linux_dirent64; d_reclen lies at 16
    let fd = call.fd(0, "fd")?;
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut buffer = vec![0u8; 16384];
    loop {
        let length = raw::getdents64(fd, &mut buffer)?;
        if length == 0 {
            break;
        }
        let mut at = 0;
        while at < length {
            let size = u16::from_ne_bytes([buffer[at + 16], buffer[at + 17]]) as usize;
            let name = buffer[at + NAME..at + size].split(|byte| *byte == 0).next().unwrap_or(b"");
            if name != b"." && name != b".." {
                names.push(name.to_vec());
            }
            at += size;
        }
    }
    call.strings(names.iter())
}

/// int fcntl(int fd, int cmd, long arg) - fcntl(2); only commands whose argument is a number
pub fn fcntl(call: &Call) -> Outcome {
    const ALLOWED: [i32; 10] = [
        libc::F_DUPFD_CLOEXEC,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
        libc::F_SETFL,
        libc::F_GETPIPE_SZ,
        libc::F_SETPIPE_SZ,
        libc::F_ADD_SEALS,
        libc::F_GET_SEALS,
        libc::F_GETLEASE,
    ];
    let command = call.i32(1, "command")?;
    if !ALLOWED.contains(&command) {
        return call.throw("command: an fcntl command that takes a pointer or is not known");
    }
    number(raw::fcntl(call.fd(0, "fd")?, command, call.i32(2, "argument")? as i64))
}

/// int dup3(int oldfd, int newfd, int flags) - dup3(2)
pub fn dup3(call: &Call) -> Outcome {
    let (old, new, flags) = (call.fd(0, "oldFd")?, call.fd(1, "newFd")?, call.i32(2, "flags")?);
    number(retry(|| raw::dup3(old, new, flags)))
}

/// int close_range(unsigned first, unsigned last, unsigned flags) - close_range(2)
pub fn close_range(call: &Call) -> Outcome {
    number(raw::close_range(call.u32(0, "first")?, call.u32(1, "last")?, call.u32(2, "flags")?))
}

/// int memfd_create(const char *name, unsigned flags) - memfd_create(2)
pub fn memfd_create(call: &Call) -> Outcome {
    let name = call.text(0, "name")?;
    number(raw::memfd_create(name.as_c()?, call.u32(1, "flags")? | libc::MFD_CLOEXEC))
}

/// ssize_t sendfile(int out, int in, NULL, size_t count) - sendfile(2)
pub fn sendfile(call: &Call) -> Outcome {
    let (out, from, count) = (call.fd(0, "outFd")?, call.fd(1, "inFd")?, call.size(2, "count")? as usize);
    number(retry(|| raw::sendfile(out, from, count)))
}

/// int fchdir(int fd) - fchdir(2)
pub fn fchdir(call: &Call) -> Outcome {
    number(raw::fchdir(call.fd(0, "fd")?))
}

/// long getcwd(char *buf, size_t size), without the C library's changes - getcwd(2)
pub fn getcwd(call: &Call) -> Outcome {
    let mut buffer = [0u8; libc::PATH_MAX as usize + 16];
    let length = raw::getcwd(&mut buffer)?;
    call.string(&buffer[..length.saturating_sub(1)])
}

/// mode_t umask(mode_t mask) - umask(2)
pub fn umask(call: &Call) -> Outcome {
    number(raw::umask(call.u32(0, "mode")?))
}

/// int poll(struct pollfd *fds, nfds_t count, int timeout) - poll(2); EINTR is returned
pub fn poll(call: &Call) -> Outcome {
    let fds = call.numbers(0, "fds", -1, i32::MAX as i64)?;
    let events = call.numbers(1, "events", 0, i16::MAX as i64)?;
    if fds.len() != events.len() {
        return call.throw("events: not as many as fds");
    }
    let timeout = call.integer(2, "timeoutMs", -1, i32::MAX as i64)?;
    let wait = libc::timespec { tv_sec: timeout / 1000, tv_nsec: timeout % 1000 * 1_000_000 };
    let mut entries: Vec<raw::PollEntry> = fds
        .iter()
        .zip(&events)
        .map(|(fd, events)| raw::PollEntry { fd: *fd as i32, events: *events as i16, revents: 0 })
        .collect();
    raw::ppoll(&mut entries, (timeout >= 0).then_some(&wait))?;
    call.ints(entries.iter().map(|entry| entry.revents as u16 as i64))
}

/// int pipe2(int fds[2], int flags) - pipe(2)
pub fn pipe2(call: &Call) -> Outcome {
    let mut fds = [0; 2];
    raw::pipe2(&mut fds, call.i32(0, "flags")? | libc::O_CLOEXEC)?;
    call.ints(fds.iter().map(|fd| *fd as i64))
}

/// ssize_t flistxattr(int fd, char *list, size_t size) - listxattr(2)
pub fn flistxattr(call: &Call) -> Outcome {
    let mut buffer = vec![0u8; 65536]; // XATTR_LIST_MAX
    let length = raw::flistxattr(call.fd(0, "fd")?, &mut buffer)?;
    call.strings(buffer[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()))
}

/// ssize_t fgetxattr(int fd, const char *name, void *value, size_t size) - getxattr(2)
pub fn fgetxattr(call: &Call) -> Outcome {
    let mut buffer = vec![0u8; 65536]; // XATTR_SIZE_MAX
    let length = raw::fgetxattr(call.fd(0, "fd")?, call.text(1, "name")?.as_c()?, &mut buffer)?;
    call.byte_array(&buffer[..length])
}

/// int fsetxattr(int fd, const char *name, const void *value, size_t size, 0) - setxattr(2)
pub fn fsetxattr(call: &Call) -> Outcome {
    let name = call.text(1, "name")?;
    number(raw::fsetxattr(call.fd(0, "fd")?, name.as_c()?, call.bytes(2, "value")?))
}

/// int utimensat(int fd, NULL, const struct timespec times[2], 0) - utimensat(2)
pub fn futimens_seconds(call: &Call) -> Outcome {
    let seconds = |index, name| -> Result<libc::timespec, Refusal> {
        Ok(libc::timespec { tv_sec: call.integer(index, name, -(1 << 53) + 1, (1 << 53) - 1)?, tv_nsec: 0 })
    };
    number(raw::futimens(call.fd(0, "fd")?, &[seconds(1, "atimeSeconds")?, seconds(2, "mtimeSeconds")?]))
}
