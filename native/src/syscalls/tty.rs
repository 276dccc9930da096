//! Terminals and the ioctls of namespace descriptors.
use crate::js::{Call, Outcome, int, number};
use crate::raw;

/// Bytes of the kernel's struct termios: four flag words, the line discipline, 19 control characters.
const TERMIOS: usize = 36;

/// int ioctl(int fd, TIOCGPTPEER, int flags) - ioctl_tty(2)
pub fn ioctl_tiocgptpeer(call: &Call) -> Outcome {
    let flags = call.i32(1, "flags")? | libc::O_CLOEXEC | libc::O_NOCTTY;
    number(raw::ioctl_number(call.fd(0, "masterFd")?, libc::TIOCGPTPEER, flags as u64))
}

/// int ioctl(int fd, TIOCSPTLCK, const int *lock) - ioctl_tty(2)
pub fn ioctl_tiocsptlck(call: &Call) -> Outcome {
    let mut buffer = [0u8; 64];
    buffer[..4].copy_from_slice(&call.i32(1, "lock")?.to_ne_bytes());
    number(raw::ioctl_buffer(call.fd(0, "masterFd")?, libc::TIOCSPTLCK, &mut buffer))
}

/// int ioctl(int fd, TIOCGPTN, unsigned *number) - ioctl_tty(2)
pub fn ioctl_tiocgptn(call: &Call) -> Outcome {
    let mut buffer = [0u8; 64];
    raw::ioctl_buffer(call.fd(0, "masterFd")?, libc::TIOCGPTN, &mut buffer)?;
    Ok(int(u32::from_ne_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]) as i64))
}

/// int ioctl(int fd, TIOCSCTTY, int steal) - ioctl_tty(2)
pub fn ioctl_tiocsctty(call: &Call) -> Outcome {
    number(raw::ioctl_number(call.fd(0, "fd")?, libc::TIOCSCTTY, call.u32(1, "steal")? as u64))
}

/// int ioctl(int fd, TIOCGWINSZ, struct winsize *out) - ioctl_tty(2)
pub fn ioctl_tiocgwinsz(call: &Call) -> Outcome {
    let mut buffer = [0u8; 64];
    raw::ioctl_buffer(call.fd(0, "fd")?, libc::TIOCGWINSZ, &mut buffer)?;
    let half = |at: usize| int(u16::from_ne_bytes([buffer[at], buffer[at + 1]]) as i64);
    call.object(&[(c"rows", half(0)), (c"columns", half(2))])
}

/// int ioctl(int fd, TIOCSWINSZ, const struct winsize *size) - ioctl_tty(2)
pub fn ioctl_tiocswinsz(call: &Call) -> Outcome {
    let mut buffer = [0u8; 64];
    let size = |index, name| call.integer(index, name, 0, u16::MAX as i64);
    buffer[..2].copy_from_slice(&(size(1, "rows")? as u16).to_ne_bytes());
    buffer[2..4].copy_from_slice(&(size(2, "columns")? as u16).to_ne_bytes());
    number(raw::ioctl_buffer(call.fd(0, "fd")?, libc::TIOCSWINSZ, &mut buffer))
}

/// int ioctl(int fd, TCGETS, struct termios *out) - ioctl_tty(2)
pub fn tcgets(call: &Call) -> Outcome {
    let mut buffer = [0u8; 64];
    raw::ioctl_buffer(call.fd(0, "fd")?, libc::TCGETS, &mut buffer)?;
    call.byte_array(&buffer[..TERMIOS])
}

/// int ioctl(int fd, TCSETS, const struct termios *in) - ioctl_tty(2)
pub fn tcsets(call: &Call) -> Outcome {
    let termios = call.bytes(1, "termios")?;
    if termios.len() != TERMIOS {
        return call.throw("termios: not from tcgets");
    }
    let mut buffer = [0u8; 64];
    buffer[..TERMIOS].copy_from_slice(termios);
    number(raw::ioctl_buffer(call.fd(0, "fd")?, libc::TCSETS, &mut buffer))
}

/// void cfmakeraw(struct termios *t) - termios(3)
pub fn make_raw(call: &Call) -> Outcome {
    let termios = call.bytes(0, "termios")?;
    if termios.len() != TERMIOS {
        return call.throw("termios: not from tcgets");
    }
    let mut raw = [0u8; TERMIOS];
    raw.copy_from_slice(termios);
    let mut change = |word: usize, clear: u32, set: u32| {
        let at = word * 4;
        let old = u32::from_ne_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
        raw[at..at + 4].copy_from_slice(&(old & !clear | set).to_ne_bytes());
    };
    let input = libc::IGNBRK
        | libc::BRKINT
        | libc::PARMRK
        | libc::ISTRIP
        | libc::INLCR
        | libc::IGNCR
        | libc::ICRNL
        | libc::IXON;
    change(0, input, 0);
    if !call.flag(1, "outputProcessing")? {
        change(1, libc::OPOST, 0);
    }
    change(2, libc::CSIZE | libc::PARENB, libc::CS8);
    change(3, libc::ECHO | libc::ECHONL | libc::ICANON | libc::ISIG | libc::IEXTEN, 0);
    raw[17 + libc::VMIN] = 1;
    raw[17 + libc::VTIME] = 0;
    call.byte_array(&raw)
}

/// int ioctl(int fd, NS_GET_NSTYPE) - ioctl_ns(2)
pub fn ioctl_ns_get_nstype(call: &Call) -> Outcome {
    const NS_GET_NSTYPE: u64 = 0xb703;
    number(raw::ioctl_number(call.fd(0, "fd")?, NS_GET_NSTYPE, 0))
}
