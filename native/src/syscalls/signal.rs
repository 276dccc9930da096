//! Signals. No handler is ever installed: dispositions are "default" or "ignore", delivery goes through signalfd.
use crate::js::{Call, Outcome, Refusal, int, number};
use crate::raw::{self, SignalAction, retry};

/// Bits of the kernel's sigset_t.
fn mask(call: &Call, index: usize) -> Result<u64, Refusal> {
    Ok(call.numbers(index, "signals", 1, 64)?.iter().fold(0, |mask, signal| mask | 1 << (signal - 1)))
}

/// int rt_sigprocmask(int how, const sigset_t *set, NULL, size_t) - sigprocmask(2)
pub fn sigprocmask(call: &Call) -> Outcome {
    number(raw::rt_sigprocmask(call.integer(0, "how", 0, 2)? as i32, &mask(call, 1)?))
}

/// int signalfd4(-1, const sigset_t *mask, size_t, int flags) - signalfd(2)
pub fn signalfd(call: &Call) -> Outcome {
    number(raw::signalfd4(&mask(call, 0)?, libc::SFD_CLOEXEC))
}

/// ssize_t read(int fd, struct signalfd_siginfo *out, size_t) - signalfd(2)
pub fn read_signalfd(call: &Call) -> Outcome {
    let fd = call.fd(0, "fd")?;
    let mut info = [0u8; 128]; // ssi_signo at 0, ssi_pid at 12
    if retry(|| raw::read(fd, &mut info))? != info.len() {
        return Err(Refusal::Errno(libc::EIO));
    }
    let word = |at: usize| u32::from_ne_bytes([info[at], info[at + 1], info[at + 2], info[at + 3]]);
    call.object(&[(c"signal", int(word(0) as i64)), (c"pid", int(word(12) as i64))])
}

/// int rt_sigaction(int signal, const struct sigaction *new, NULL, size_t) - sigaction(2)
pub fn ignore_signal(call: &Call) -> Outcome {
    let handler = if call.flag(1, "ignore")? { libc::SIG_IGN } else { libc::SIG_DFL };
    let action = SignalAction { handler, ..SignalAction::default() };
    number(raw::rt_sigaction(call.integer(0, "signal", 1, 64)? as i32, &action))
}
