//! Mounts, by descriptors: the new mount API. Calls that take a path take "." or a bare name.
use crate::js::{Call, Outcome, number};
use crate::raw::{self, MountAttributes, retry};

const FSOPEN_CLOEXEC: u32 = 1;
const FSMOUNT_CLOEXEC: u32 = 1;
const FSPICK_CLOEXEC: u32 = 1;
const OPEN_TREE_CLOEXEC: u32 = libc::O_CLOEXEC as u32;

/// int fsopen(const char *fstype, unsigned flags) - fsopen(2)
pub fn fsopen(call: &Call) -> Outcome {
    number(raw::fsopen(call.text(0, "fsType")?.as_c()?, call.u32(1, "flags")? | FSOPEN_CLOEXEC))
}

/// int fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux) - fsconfig(2)
pub fn fsconfig(call: &Call) -> Outcome {
    const SET_BINARY: u32 = 2;
    let command = call.u32(1, "command")?;
    if command == SET_BINARY {
        return call.throw("command: FSCONFIG_SET_BINARY is not offered");
    }
    let (key, value) = (call.optional_text(2, "key")?, call.optional_text(3, "value")?);
    let key = key.as_ref().map(|text| text.as_c()).transpose()?;
    let value = value.as_ref().map(|text| text.as_c()).transpose()?;
    let (fd, aux) = (call.fd(0, "fd")?, call.fd(4, "aux")?);
    number(retry(|| raw::fsconfig(fd, command, key, value, aux)))
}

/// int fsmount(int fd, unsigned flags, unsigned attributes) - fsmount(2)
pub fn fsmount(call: &Call) -> Outcome {
    let flags = call.u32(1, "flags")? | FSMOUNT_CLOEXEC;
    number(raw::fsmount(call.fd(0, "fd")?, flags, call.u32(2, "mountAttributes")?))
}

/// int fspick(int dirfd, const char *path, unsigned flags) - fspick(2)
pub fn fspick(call: &Call) -> Outcome {
    let flags = call.u32(2, "flags")? | FSPICK_CLOEXEC;
    number(raw::fspick(call.fd(0, "dirfd")?, call.text(1, "path")?.as_c()?, flags))
}

/// int open_tree(int dirfd, const char *path, unsigned flags) - open_tree(2)
pub fn open_tree(call: &Call) -> Outcome {
    let flags = call.u32(2, "flags")? | OPEN_TREE_CLOEXEC;
    number(raw::open_tree(call.fd(0, "dirfd")?, call.text(1, "path")?.as_c()?, flags))
}

/// int move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) - move_mount(2)
pub fn move_mount(call: &Call) -> Outcome {
    let (from, to) = (call.text(1, "fromPath")?, call.text(3, "toPath")?);
    let (from_fd, to_fd) = (call.fd(0, "fromFd")?, call.fd(2, "toFd")?);
    number(raw::move_mount(from_fd, from.as_c()?, to_fd, to.as_c()?, call.u32(4, "flags")?))
}

/// int mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr, size_t) - mount_setattr(2)
pub fn mount_setattr(call: &Call) -> Outcome {
    let path = call.text(1, "path")?;
    let attributes = MountAttributes {
        set: call.size(3, "set")?,
        clear: call.size(4, "clear")?,
        propagation: call.size(5, "propagation")?,
        userns_fd: call.fd(6, "usernsFd")?.max(0) as u64,
    };
    number(raw::mount_setattr(call.fd(0, "dirfd")?, path.as_c()?, call.u32(2, "flags")?, &attributes))
}

/// int pivot_root(".", ".") - pivot_root(2)
pub fn pivot_root(_: &Call) -> Outcome {
    number(raw::pivot_root(c".", c"."))
}

/// int umount2(".", int flags) - umount(2)
pub fn umount(call: &Call) -> Outcome {
    number(raw::umount2(c".", call.i32(0, "flags")?))
}

/// int umount2(const char *name, int flags) - umount(2): one entry of the working directory
pub fn umount_entry(call: &Call) -> Outcome {
    let name = call.text(0, "name")?;
    let name = name.as_c()?;
    if name.is_empty() || name.to_bytes().contains(&b'/') {
        return call.throw("name: not a bare name");
    }
    number(raw::umount2(name, call.i32(1, "flags")?))
}

/// int chroot(".") - chroot(2)
pub fn chroot(_: &Call) -> Outcome {
    number(raw::chroot(c"."))
}
