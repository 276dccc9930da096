//! The gate: where a created container's init waits for `start`, possibly for ever. It will run nothing but the exec tail any
//! more, so it gives back all memory but the tail's own: the heap's pages and the program's text, which comes back from the
//! file page by page. What is given back must not be used: no JavaScript and no allocation after `release_memory`.

use crate::arena::{self, BASE, PAGE};
use crate::raw;
use crate::syscalls::socket::pair;
use core::ffi::c_void;

/// A heap of 64 MB; pages beyond are kept.
const BITMAP_WORDS: usize = 256;
const BITMAP_PAGES: usize = BITMAP_WORDS * 64;
/// What `start` says: messages.ts of src/handshake.
const GO: &[u8] = b"{\"kind\":\"go\"}";
/// What an ordinary user's `exec` asks, and the answer.
const GIVE_NAMESPACES: &[u8] = b"{\"kind\":\"giveNamespaces\"}";
const NAMESPACES: &[u8] = b"{\"kind\":\"namespaces\"}";
/// As many as there are kinds of them.
const MOST: usize = 8;

/// Descriptors of the own namespaces, on the stack: the heap is given back before they are asked for.
pub struct Namespaces {
    count: usize,
    fds: [i32; MOST],
}
impl Namespaces {
    /// More than there can be are left out.
    pub fn new(numbers: &[i64]) -> Self {
        let mut fds = [-1; MOST];
        for (fd, number) in fds.iter_mut().zip(numbers) {
            *fd = *number as i32;
        }
        Namespaces { count: numbers.len().min(MOST), fds }
    }

    /// With SCM_RIGHTS; who asked and went away is forgotten - sendmsg(2), unix(7)
    fn send(&self, connection: i32) {
        let mut io = libc::iovec { iov_base: NAMESPACES.as_ptr().cast_mut().cast(), iov_len: NAMESPACES.len() };
        // struct cmsghdr of 16 bytes, then the descriptors. [man cmsg.3]
        let mut control = [0u64; 2 + MOST / 2];
        control[0] = (16 + self.count * 4) as u64;
        control[1] = pair(libc::SOL_SOCKET, libc::SCM_RIGHTS);
        for (word, both) in control[2..].iter_mut().zip(self.fds.chunks_exact(2)) {
            *word = pair(both[0], both[1]);
        }
        // SAFETY: plain numbers and pointers; all zero is valid.
        let mut message: libc::msghdr = unsafe { core::mem::zeroed() };
        message.msg_iov = &mut io;
        message.msg_iovlen = 1;
        if self.count > 0 {
            message.msg_control = control.as_mut_ptr().cast();
            message.msg_controllen = (16 + self.count.div_ceil(2) * 8) as _;
        }
        let _ = raw::sendmsg(connection, &message, libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT);
    }
}

unsafe extern "C" {
    static __executable_start: u8;
    static etext: u8;
}

/// `mark` is given a function to name the memory that must stay.
pub fn release_memory(mark: impl FnOnce(&mut dyn FnMut(usize, usize))) {
    let pages = ((arena::mapped_end() - BASE) / PAGE).min(BITMAP_PAGES);
    let mut kept = [0u64; BITMAP_WORDS];
    mark(&mut |address, bytes| {
        for page in address / PAGE..(address + bytes).div_ceil(PAGE) {
            let index = page.wrapping_sub(BASE / PAGE);
            if index < pages {
                kept[index / 64] |= 1 << (index % 64);
            }
        }
    });
    let is_kept = |page: usize| kept[page / 64] >> (page % 64) & 1 == 1;
    let mut page = 0;
    while page < pages {
        let from = page;
        while page < pages && !is_kept(page) {
            page += 1;
        }
        if page > from {
            give_back(BASE + from * PAGE, (page - from) * PAGE);
        }
        page += 1;
    }
    let text = &raw const __executable_start as usize & !(PAGE - 1);
    give_back(text, (&raw const etext as usize - text) & !(PAGE - 1));
}

/// A refusal costs memory, nothing else.
fn give_back(address: usize, bytes: usize) {
    // SAFETY: heap pages that nothing will read any more, or read-only pages of the program's file.
    unsafe { libc::syscall(libc::SYS_madvise, address as *mut c_void, bytes, libc::MADV_DONTNEED) };
}

/// Blocks until somebody has connected and said go; a start that was killed before it did is forgotten - accept(2)
pub fn wait(listener: i32, namespaces: &Namespaces) -> Result<i32, i32> {
    loop {
        let connection = raw::retry(|| raw::accept4(listener, libc::SOCK_CLOEXEC))? as i32;
        let mut text = [0u8; 64];
        if let Ok(length) = raw::retry(|| raw::read(connection, &mut text)) {
            if &text[..length] == GO {
                return Ok(connection);
            }
            if &text[..length] == GIVE_NAMESPACES {
                namespaces.send(connection);
            }
        }
        let _ = raw::close(connection);
    }
}
