//! The one heap, Rust's and the engine's, at the same address in every process, so that it can be written to a file at
//! build time and mapped at start. Everything about the heap lives in its first page: a static would not be in the snapshot.
//! A block is an 8-byte header (the block's size) and the payload, aligned to 16 (so a block begins 8 bytes off). Sizes come in classes (steps of 16 up to 1 KiB,
//! then four steps for each power of two), freed blocks wait in a list for each class, and the last block grows in place.
//! Memory is reserved little by little, because RLIMIT_AS and overcommit=2 count reservations. [man mmap.2]

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::ptr::null_mut;

/// Below 2^38: an aarch64 kernel with 39-bit addresses gives a process 2^39 bytes.
pub const BASE: usize = 1 << 37;
pub const PAGE: usize = 4096;
/// More than any command needs; a runaway ends with "out of memory" and not with a sick host.
const LIMIT: usize = BASE + (1 << 30);
const GROWTH: usize = 256 << 10;
const SMALL: usize = 1024;
const CLASSES: usize = 64 + 4 * 22;
const HEADER: usize = 8;
/// Freed blocks from this size on are worth carving up: the buffers of loading, 15 % of the heap.
const HOLE: usize = 2048;
const HOLES: usize = 64;
/// The first part of the heap, which a container's start gets as one huge page.
pub const FIRST_PART: usize = 2 << 20;
/// What must stay free of it: a start allocates about 130 KB.
const ROOM: usize = 128 << 10;

/// What the first page holds. `roots` belongs to engine.rs.
#[repr(C)]
pub struct Head {
    pub next: usize,
    pub end: usize,
    /// Nothing from here to the end was ever used: it is zero, and costs no page until it is touched.
    fresh: usize,
    pub roots: [usize; 6],
    /// Where the heap's second part ends, while the first still has room; 0: there is none, or it was passed.
    pub second_end: usize,
    /// `next` of the first part while the second is being filled. Build only.
    aside: usize,
    /// Large blocks that were freed, [start, end): carved up before the end of the arena is: see `release`.
    holes: [(usize, usize); HOLES],
    free: [usize; CLASSES],
}

/// The head of the mapped arena. One thread, no interrupts: nobody else looks at it meanwhile.
pub fn head() -> *mut Head {
    BASE as *mut Head
}

/// (class, block bytes) for a block that must hold `bytes`, header included.
fn class_of(bytes: usize) -> (usize, usize) {
    if bytes <= SMALL {
        let class = bytes.div_ceil(16);
        return (class - 1, class * 16);
    }
    let step = (usize::BITS - (bytes - 1).leading_zeros() - 3) as usize;
    let rounded = (bytes + (1 << step) - 1) >> step << step;
    let quarter = (rounded >> step) - 4;
    (64 + (step - 8) * 4 + quarter.saturating_sub(1), rounded)
}

/// Maps zeroed memory behind the arena's end until `end` is inside. False when the kernel or the limit refuses.
fn grow(end: usize) -> bool {
    let head = head();
    // SAFETY: the head is mapped before the first allocation; the new mapping replaces nothing (NOREPLACE).
    unsafe {
        let from = (*head).end;
        let to = (end + GROWTH - 1) & !(GROWTH - 1);
        if to > LIMIT {
            return false;
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        let got = libc::mmap(from as *mut c_void, to - from, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if got as usize != from {
            return false;
        }
        (*head).end = to;
        true
    }
}

/// An empty arena, for the programs of the build.
pub fn create() -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: a fresh mapping at a free address.
    unsafe {
        let got = libc::mmap(BASE as *mut c_void, GROWTH, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if got as usize != BASE {
            return false;
        }
        (*head()).next = BASE + PAGE + HEADER;
        (*head()).end = BASE + GROWTH;
    }
    true
}

/// From here on memory comes from behind the first part: for what a container's start does not touch. False: it is too full.
pub fn begin_second_part() -> bool {
    let head = head();
    // SAFETY: the head is mapped; up to `end` nothing else is.
    unsafe {
        let second = BASE + FIRST_PART + HEADER;
        if (*head).next >= second || ((*head).end < second && !grow(second)) {
            return false;
        }
        forget_free_blocks();
        (*head).aside = (*head).next;
        (*head).next = second;
        true
    }
}

/// Back to what the first part has left. False: there is no second part.
pub fn end_second_part() -> bool {
    let head = head();
    // SAFETY: the head is mapped.
    unsafe {
        if (*head).aside == 0 {
            return false;
        }
        forget_free_blocks();
        (*head).second_end = (*head).next;
        (*head).next = (*head).aside;
        (*head).aside = 0;
        true
    }
}

/// Whether a start finds enough of the first part free.
pub fn leaves_room() -> bool {
    // SAFETY: the head is mapped.
    unsafe { (*head()).second_end == 0 || (*head()).next + ROOM <= BASE + FIRST_PART }
}

/// Where fresh blocks come from.
pub fn next() -> usize {
    // SAFETY: the head is mapped.
    unsafe { (*head()).next }
}

/// Where the heap's memory ends, whichever part is being filled.
pub fn mapped_end() -> usize {
    // SAFETY: the head is mapped.
    unsafe { (*head()).end.max((*head()).second_end) }
}

/// Where the last block of the snapshot ends.
fn used_end() -> usize {
    // SAFETY: the head is mapped.
    unsafe { (*head()).next.max((*head()).second_end) }
}

/// Ends the arena at the next multiple of `page`, as it will be mapped. Gives its length.
pub fn close(page: usize) -> usize {
    let head = head();
    // SAFETY: the head is mapped; growth is a multiple of `page`, so the end stays inside what is mapped.
    unsafe {
        let end = used_end().next_multiple_of(page);
        (*head).end = end;
        if (*head).second_end != 0 {
            (*head).second_end = end;
            (*head).end = BASE + FIRST_PART;
            // What lies behind `next` was used while the program was loaded.
            let next = (*head).next as *mut u8;
            next.write_bytes(0, BASE + FIRST_PART - next as usize);
            (*head).fresh = next as usize;
        }
        end - BASE
    }
}

/// Forgets freed blocks, so that a start allocates from fresh, dense pages and does not touch holes all over the snapshot.
pub fn forget_free_blocks() {
    // SAFETY: the head is mapped.
    unsafe {
        (*head()).free = [0; CLASSES];
        (*head()).holes = [(0, 0); HOLES];
    }
}

fn block_size(at: *const u8) -> usize {
    // SAFETY: `at` came from `allocate`: its header lies before it.
    unsafe { *(at.sub(HEADER) as *const usize) }
}

pub fn allocate(size: usize) -> *mut u8 {
    if size > LIMIT - BASE {
        return null_mut();
    }
    let (class, bytes) = class_of(size + HEADER);
    let head = head();
    // SAFETY: free lists hold blocks of this class only; fresh blocks lie between `next` and `end`.
    unsafe {
        let recycled = (*head).free[class];
        if recycled != 0 {
            (*head).free[class] = *(recycled as *const usize);
            return recycled as *mut u8;
        }
        if let Some(hole) = (*head).holes.iter_mut().find(|hole| hole.0 + bytes <= hole.1) {
            let block = hole.0;
            hole.0 += bytes;
            *(block as *mut usize) = bytes;
            return (block + HEADER) as *mut u8;
        }
        if (*head).next + bytes > (*head).end && (*head).second_end != 0 {
            // The first part is full: on behind the second.
            (*head).end = (*head).second_end;
            (*head).next = (*head).second_end + HEADER;
            (*head).second_end = 0;
        }
        let block = (*head).next;
        if block + bytes > (*head).end && !grow(block + bytes) {
            return null_mut();
        }
        (*head).next += bytes;
        (*head).fresh = (*head).fresh.max((*head).next);
        *(block as *mut usize) = bytes;
        (block + HEADER) as *mut u8
    }
}

/// A block of zeros: nothing is written when the memory is fresh.
pub fn allocate_zeroed(size: usize) -> *mut u8 {
    // SAFETY: the head is mapped; a fresh block of at least that size.
    unsafe {
        let fresh = (*head()).fresh;
        let at = allocate(size);
        if !at.is_null() && (at as usize) < fresh {
            at.write_bytes(0, size);
        }
        at
    }
}

pub fn release(at: *mut u8) {
    let bytes = block_size(at);
    let head = head();
    // SAFETY: `at` is a live block; its payload is ours from now on.
    unsafe {
        if at as usize - HEADER + bytes == (*head).next {
            (*head).next -= bytes;
            return;
        }
        if bytes >= HOLE {
            let (start, end) = (at as usize - HEADER, at as usize - HEADER + bytes);
            // A hole beside this one grows; otherwise the smallest place in the list is taken, and what it held is lost.
            if let Some(hole) = (*head).holes.iter_mut().find(|hole| hole.1 == start) {
                hole.1 = end;
            } else if let Some(hole) = (*head).holes.iter_mut().find(|hole| hole.0 == end && hole.1 > hole.0) {
                hole.0 = start;
            } else if let Some(hole) = (*head).holes.iter_mut().min_by_key(|hole| hole.1 - hole.0) {
                *hole = (start, end);
            }
            return;
        }
        let (class, _) = class_of(bytes);
        *(at as *mut usize) = (*head).free[class];
        (*head).free[class] = at as usize;
    }
}

pub fn resize(at: *mut u8, size: usize) -> *mut u8 {
    let old = block_size(at);
    if size + HEADER <= old {
        return at;
    }
    if size > LIMIT - BASE {
        return null_mut();
    }
    let head = head();
    // SAFETY: the last block may grow up to `end`; otherwise the payload is copied to a new, larger block.
    unsafe {
        let start = at as usize - HEADER;
        let (_, bytes) = class_of(size + HEADER);
        if start + old == (*head).next && ((*head).second_end == 0 || start + bytes <= (*head).end) {
            if start + bytes > (*head).end && !grow(start + bytes) {
                return null_mut();
            }
            (*head).next = start + bytes;
            (*head).fresh = (*head).fresh.max((*head).next);
            *(at.sub(HEADER) as *mut usize) = bytes;
            return at;
        }
        let moved = allocate(size);
        if !moved.is_null() {
            core::ptr::copy_nonoverlapping(at, moved, old - HEADER);
            release(at);
        }
        moved
    }
}

pub fn usable(at: *const u8) -> usize {
    if at.is_null() { 0 } else { block_size(at) - HEADER }
}

struct Arena;

#[global_allocator]
static ARENA: Arena = Arena;

// SAFETY: blocks are disjoint, aligned to 16 and as large as asked; larger alignments are refused.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 16 { null_mut() } else { allocate(layout.size()) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 16 { null_mut() } else { allocate_zeroed(layout.size()) }
    }
    unsafe fn dealloc(&self, at: *mut u8, _: Layout) {
        release(at);
    }
    unsafe fn realloc(&self, at: *mut u8, _: Layout, size: usize) -> *mut u8 {
        resize(at, size)
    }
}
