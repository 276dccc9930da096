//! Netlink sockets: the kernel's own protocols. Messages go in and out by write and read.
use crate::js::{Call, Outcome, number};
use crate::raw;

/// int socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) - netlink(7), rtnetlink(7)
pub fn socket_netlink(_call: &Call) -> Outcome {
    number(raw::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC))
}

/// int setsockopt(int fd, int level, int name, const int *value, 4) - setsockopt(2)
pub fn setsockopt_number(call: &Call) -> Outcome {
    let value = call.i32(3, "value")?;
    number(raw::setsockopt(call.fd(0, "fd")?, call.i32(1, "level")?, call.i32(2, "name")?, &value))
}
