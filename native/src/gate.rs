//! The gate: where a created container's init waits for `start`, possibly for ever. It will run nothing but the exec tail any
//! more, so it gives back all memory but the tail's own: the heap's pages and the program's text, which comes back from the
//! file page by page. What is given back must not be used: no JavaScript and no allocation after `release_memory`.

use crate::arena::{self, BASE, PAGE};
use crate::raw;
use core::ffi::c_void;

/// A heap of 64 MB; pages beyond are kept.
const BITMAP_WORDS: usize = 256;
const BITMAP_PAGES: usize = BITMAP_WORDS * 64;
/// What `start` says: messages.ts of src/handshake.
const GO: &[u8] = b"{\"kind\":\"go\"}";

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
pub fn wait(listener: i32) -> Result<i32, i32> {
    loop {
        let connection = raw::retry(|| raw::accept4(listener, libc::SOCK_CLOEXEC))? as i32;
        let mut text = [0u8; 64];
        if let Ok(length) = raw::retry(|| raw::read(connection, &mut text)) {
            if &text[..length] == GO {
                return Ok(connection);
            }
        }
        let _ = raw::close(connection);
    }
}
