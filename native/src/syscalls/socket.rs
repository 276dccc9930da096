//! Unix sockets and descriptors sent over them; one interface ioctl.
use crate::js::{Call, Outcome, Refusal, number};
use crate::raw::{self, retry};
use alloc::{vec, vec::Vec};

/// SCM_MAX_FD: what the kernel takes in one message.
const MAX_FDS: usize = 253;

/// int socketpair(AF_UNIX, int type, 0, int fds[2]) - socketpair(2)
pub fn socketpair(call: &Call) -> Outcome {
    let mut fds = [0; 2];
    raw::socketpair(call.u32(0, "type")? as i32 | libc::SOCK_CLOEXEC, &mut fds)?;
    call.ints(fds.iter().map(|fd| *fd as i64))
}

/// int socket(AF_UNIX, int type, 0) - socket(2)
pub fn socket_unix(call: &Call) -> Outcome {
    number(raw::socket(libc::AF_UNIX, call.u32(0, "type")? as i32 | libc::SOCK_CLOEXEC))
}

/// int ioctl(int fd, SIOCGIFFLAGS and SIOCSIFFLAGS, struct ifreq *) - netdevice(7)
pub fn interface_up(call: &Call) -> Outcome {
    let name = call.text(0, "name")?;
    if name.as_c()?.count_bytes() >= libc::IFNAMSIZ {
        return Err(Refusal::Errno(libc::ENODEV));
    }
    let mut request = [0u8; 64]; // struct ifreq: 16 bytes of name, then the flags
    request[..name.bytes().len()].copy_from_slice(name.bytes());
    let fd = raw::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC)? as i32;
    let up = raw::ioctl_buffer(fd, libc::SIOCGIFFLAGS, &mut request).and_then(|_| {
        let flags = u16::from_ne_bytes([request[16], request[17]]) | libc::IFF_UP as u16;
        request[16..18].copy_from_slice(&flags.to_ne_bytes());
        raw::ioctl_buffer(fd, libc::SIOCSIFFLAGS, &mut request)
    });
    let _ = raw::close(fd);
    number(up)
}

/// The address of a path, and its length; "@name" is an abstract one, whose first byte is NUL.
fn address(path: &[u8]) -> Result<(libc::sockaddr_un, usize), Refusal> {
    // SAFETY: plain numbers; all zero is valid.
    let mut address: libc::sockaddr_un = unsafe { core::mem::zeroed() };
    if path.is_empty() || path.contains(&0) {
        return Err(Refusal::Errno(libc::EINVAL));
    }
    if path.len() >= address.sun_path.len() {
        return Err(Refusal::Errno(libc::ENAMETOOLONG));
    }
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (to, from) in address.sun_path.iter_mut().zip(path) {
        *to = *from as _;
    }
    let start = core::mem::offset_of!(libc::sockaddr_un, sun_path);
    if path[0] == b'@' {
        address.sun_path[0] = 0;
        return Ok((address, start + path.len()));
    }
    Ok((address, start + path.len() + 1))
}

/// int connect(int fd, const struct sockaddr *address, socklen_t length) - connect(2)
pub fn connect_unix(call: &Call) -> Outcome {
    let fd = call.fd(0, "fd")?;
    let (address, length) = address(call.text(1, "path")?.bytes())?;
    number(retry(|| raw::connect(fd, &address, length)))
}

/// int bind(int fd, const struct sockaddr *address, socklen_t length) - bind(2)
pub fn bind_unix(call: &Call) -> Outcome {
    let (address, length) = address(call.text(1, "path")?.bytes())?;
    number(raw::bind(call.fd(0, "fd")?, &address, length))
}

/// int listen(int fd, int backlog) - listen(2)
pub fn listen(call: &Call) -> Outcome {
    number(raw::listen(call.fd(0, "fd")?, call.u32(1, "backlog")? as i32))
}

/// int accept4(int fd, NULL, NULL, SOCK_CLOEXEC) - accept(2); EINTR is returned
pub fn accept4(call: &Call) -> Outcome {
    number(raw::accept4(call.fd(0, "fd")?, libc::SOCK_CLOEXEC))
}

/// A header over one data buffer and, when there is one, a control buffer; it borrows both.
fn header(io: &mut libc::iovec, control: &mut [u64], control_bytes: usize) -> libc::msghdr {
    // SAFETY: plain numbers and pointers; all zero is valid.
    let mut header: libc::msghdr = unsafe { core::mem::zeroed() };
    header.msg_iov = io;
    header.msg_iovlen = 1;
    if control_bytes > 0 {
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = control_bytes as _;
    }
    header
}

/// ssize_t sendmsg(int fd, const struct msghdr *message, MSG_NOSIGNAL) with SCM_RIGHTS - sendmsg(2), unix(7)
pub fn sendmsg(call: &Call) -> Outcome {
    let (fd, data) = (call.fd(0, "fd")?, call.text(1, "data")?);
    let fds = call.numbers(2, "fds", 0, i32::MAX as i64)?;
    if fds.len() > MAX_FDS {
        return call.throw("fds: more than 253");
    }
    let bytes = data.bytes();
    let mut io = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // struct cmsghdr is one length word, then level and type as 32 bits each; the descriptors follow. [man cmsg.3]
    let length = 16 + fds.len() * 4;
    let mut control = vec![0u64; length.div_ceil(8)];
    control[0] = length as u64;
    control[1] = pair(libc::SOL_SOCKET, libc::SCM_RIGHTS);
    for (index, both) in fds.chunks(2).enumerate() {
        control[2 + index] = pair(both[0] as i32, both.get(1).map_or(0, |fd| *fd as i32));
    }
    let control_bytes = if fds.is_empty() { 0 } else { control.len() * 8 };
    let message = header(&mut io, &mut control, control_bytes);
    number(retry(|| raw::sendmsg(fd, &message, libc::MSG_NOSIGNAL)))
}

/// Two 32-bit words in memory order as one 64-bit word.
pub fn pair(first: i32, second: i32) -> u64 {
    let (a, b) = (first.to_ne_bytes(), second.to_ne_bytes());
    u64::from_ne_bytes([a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]])
}
fn unpair(word: u64) -> [i32; 2] {
    let b = word.to_ne_bytes();
    [i32::from_ne_bytes([b[0], b[1], b[2], b[3]]), i32::from_ne_bytes([b[4], b[5], b[6], b[7]])]
}

/// ssize_t recvmsg(int fd, struct msghdr *message, MSG_CMSG_CLOEXEC) - recvmsg(2), unix(7)
pub fn recvmsg(call: &Call) -> Outcome {
    receive(call, |data| call.string(data))
}

/// The same for a peer that does not speak text.
pub fn recvmsg_bytes(call: &Call) -> Outcome {
    receive(call, |data| call.byte_array(data))
}

fn receive(call: &Call, make: impl Fn(&[u8]) -> Outcome) -> Outcome {
    let (fd, maximum) = (call.fd(0, "fd")?, call.integer(1, "maximumBytes", 1, 1 << 26)? as usize);
    let mut data = vec![0u8; maximum];
    let mut control = vec![0u64; 2 + MAX_FDS.div_ceil(2)];
    let mut io = libc::iovec { iov_base: data.as_mut_ptr().cast(), iov_len: data.len() };
    let space = control.len() * 8;
    let mut message = header(&mut io, &mut control, space);
    let length = retry(|| raw::recvmsg(fd, &mut message, libc::MSG_CMSG_CLOEXEC))?;
    let (flags, controls) = (message.msg_flags, message.msg_controllen as usize);
    let fds = received(&control, controls);
    if flags & (libc::MSG_TRUNC | libc::MSG_CTRUNC) != 0 {
        for fd in fds {
            let _ = raw::close(fd);
        }
        return Err(Refusal::Errno(libc::EMSGSIZE));
    }
    let content = make(&data[..length])?;
    let list = call.ints(fds.iter().map(|fd| *fd as i64))?;
    call.object(&[(c"data", content), (c"fds", list)])
}

/// The descriptors of all SCM_RIGHTS messages.
fn received(control: &[u64], bytes: usize) -> Vec<i32> {
    let mut fds = Vec::new();
    let mut at = 0;
    while at + 2 <= control.len() && at * 8 + 16 <= bytes {
        let length = control[at] as usize;
        if length < 16 || at * 8 + length > bytes {
            break;
        }
        if control[at + 1] == pair(libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            let count = (length - 16) / 4;
            fds.extend(control[at + 2..].iter().flat_map(|word| unpair(*word)).take(count));
        }
        at += length.div_ceil(8);
    }
    fds
}
