//! The start-up snapshot: the arena, appended to a copy of this executable and mapped back, copy-on-write, at the same
//! address. Where it lies stands in a header inside the program's own data, patched in the copy. The digest covers the
//! whole file but itself; it is checked at build and by `--self-check`, not at each start (3 MB of hashing).

use crate::{arena, raw};
use core::ffi::{CStr, c_void};
use core::slice;
use sha2::Digest;

/// The largest page size of the architecture's kernels.
const PAGE: usize = if cfg!(target_arch = "aarch64") { 65536 } else { 4096 };

#[repr(C)]
#[derive(Clone, Copy)]
struct Header {
    offset: u64,
    length: u64,
    /// What is used of the first part: at most 2 MiB.
    first: u64,
    /// Pages of 4096 bytes that every command writes to: first page and number; a number of 0 ends the list.
    warm: [[u16; 2]; WARM],
    digest: [u8; 32],
}

const WARM: usize = 64;

const DIGEST: usize = core::mem::offset_of!(Header, digest);

#[used]
#[unsafe(link_section = ".data")] // not .bss: it must have a place in the file
static mut HEADER: Header = Header { offset: 0, length: 0, first: 0, warm: [[0; 2]; WARM], digest: [0; 32] };

fn header() -> Header {
    // SAFETY: never written in memory; volatile, because the value in the file is not the compiler's.
    unsafe { (&raw const HEADER).read_volatile() }
}

pub fn is_present() -> bool {
    header().length != 0
}

/// This program's file.
pub fn open_self() -> Result<i32, i32> {
    let how = raw::OpenHow { flags: (libc::O_RDONLY | libc::O_CLOEXEC) as u64, ..raw::OpenHow::default() };
    raw::openat2(libc::AT_FDCWD, c"/proc/self/exe", &how).map(|fd| fd as i32)
}

/// Maps the snapshot over the arena's address. The heap lives from here on. Pages that would be written to anyway are got in a
/// few calls instead of by a fault each. A refusal costs time, nothing else. [man madvise.2 MADV_POPULATE_WRITE]
pub fn map(own: i32) -> bool {
    const MADV_POPULATE_WRITE: usize = 23;
    if !map_part(own, 0, header().length as usize) {
        return false;
    }
    for [page, count] in header().warm.into_iter().take_while(|range| range[1] != 0) {
        let (at, bytes) = (arena::BASE + page as usize * arena::PAGE, count as usize * arena::PAGE);
        // SAFETY: asks for pages of our own mapping; their content stays.
        unsafe { libc::syscall(libc::SYS_madvise, at, bytes, MADV_POPULATE_WRITE) };
    }
    true
}

/// The heap's first part read into one huge page instead of mapped: a container's start writes to more than half of its pages
/// (reference counts), and each would be a fault and a copy; this is one of each. The second part is mapped: its pages cost
/// nothing while nobody asks for them. False, with nothing changed, where the kernel gives no huge pages. [man madvise.2 MADV_HUGEPAGE]
pub fn map_huge(own: i32) -> bool {
    const HUGE: usize = arena::FIRST_PART;
    let Header { offset, length, first, .. } = header();
    let (length, first) = (length as usize, first as usize);
    let at = arena::BASE as *mut c_void;
    let rest = length.saturating_sub(HUGE);
    // SAFETY: fresh memory where nothing lies, filled from our own file, taken away again when it cannot be.
    unsafe {
        if !take(at, HUGE) {
            return false;
        }
        let filled = libc::madvise(at, HUGE, libc::MADV_HUGEPAGE) == 0
            && libc::pread(own, at, first, offset as i64) == first as isize
            && (rest == 0 || map_part(own, HUGE, rest));
        if !filled {
            libc::munmap(at, HUGE);
            return false;
        }
        if rest == 0 {
            (*arena::head()).end = arena::BASE + HUGE;
        }
        true
    }
}

/// Maps a part of the snapshot's file to its place.
fn map_part(own: i32, from: usize, length: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_FIXED_NOREPLACE;
    let (at, offset) = ((arena::BASE + from) as *mut c_void, header().offset as i64 + from as i64);
    // SAFETY: a private mapping at an address where nothing lies.
    unsafe { libc::mmap(at, length, libc::PROT_READ | libc::PROT_WRITE, flags, own, offset) == at }
}

/// Fresh memory at a free address.
unsafe fn take(at: *mut c_void, bytes: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: the caller's: nothing is replaced.
    unsafe { libc::mmap(at, bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) == at }
}

/// A private, writable view of a file, or of fresh memory (fd -1).
fn view(fd: i32, length: usize) -> Option<&'static mut [u8]> {
    let kind = if fd < 0 { libc::MAP_ANONYMOUS } else { 0 };
    // SAFETY: a fresh private mapping that is never unmapped.
    unsafe {
        let at = libc::mmap(
            core::ptr::null_mut(),
            length,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | kind,
            fd,
            0,
        );
        (at != libc::MAP_FAILED).then(|| slice::from_raw_parts_mut(at as *mut u8, length))
    }
}

fn size_of_file(fd: i32) -> Option<usize> {
    let mut stat = crate::syscalls::fs::new_statx();
    raw::statx(fd, c"", libc::AT_EMPTY_PATH, libc::STATX_SIZE, &mut stat).ok()?;
    Some(stat.stx_size as usize)
}

/// Where HEADER lies in the file, by the program headers. [man elf.5]
fn header_offset(file: &[u8]) -> Option<usize> {
    let word = |at: usize| Some(u64::from_le_bytes(file.get(at..at + 8)?.try_into().ok()?));
    let half = |at: usize| Some(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?) as usize);
    let address = &raw const HEADER as u64;
    let (table, entry, count) = (word(32)? as usize, half(54)?, half(56)?);
    (0..count).find_map(|index| {
        let at = table + index * entry;
        let (offset, start, size) = (word(at + 8)?, word(at + 16)?, word(at + 32)?);
        (address >= start && address < start + size).then_some((address - start + offset) as usize)
    })
}

/// SHA-256 of the file with the header's digest left out.
fn digest(file: &[u8], header_at: usize) -> [u8; 32] {
    let at = header_at + DIGEST;
    let mut hasher = sha2::Sha256::new();
    hasher.update(&file[..at]);
    hasher.update(&file[at + 32..]);
    hasher.finalize().into()
}

/// Words that point into the stack (the engine keeps its bounds): they differ from run to run and mean nothing later.
fn forget_stack_addresses(end: usize) {
    const REACH: usize = 64 << 20;
    let marker = 0usize;
    let here = &raw const marker as usize;
    let (low, high) = (here - REACH, here + REACH);
    // SAFETY: the arena's used words.
    let words = unsafe { slice::from_raw_parts_mut(arena::BASE as *mut usize, (end - arena::BASE) / 8) };
    words.iter_mut().filter(|word| **word > low && **word < high).for_each(|word| *word = 0);
}

/// Appends the arena to a copy of this program. No allocation from here on: it would change what is written.
pub fn write(own: i32, out: &CStr) -> Result<(), &'static str> {
    arena::forget_free_blocks();
    let used = arena::close(PAGE);
    forget_stack_addresses(arena::BASE + used);
    let program = size_of_file(own).ok_or("cannot read the program")?;
    let offset = program.next_multiple_of(PAGE);
    let image = view(-1, offset + used).ok_or("no memory for the image")?;
    image[..program].copy_from_slice(view(own, program).ok_or("cannot map the program")?);
    // SAFETY: the arena is mapped up to its end.
    image[offset..].copy_from_slice(unsafe { slice::from_raw_parts(arena::BASE as *const u8, used) });
    let at = header_offset(image).ok_or("the program has no header")?;
    image[at..at + 8].copy_from_slice(&(offset as u64).to_ne_bytes());
    image[at + 8..at + 16].copy_from_slice(&(used as u64).to_ne_bytes());
    // SAFETY: the head is mapped.
    let first = unsafe { (*arena::head()).next } - arena::BASE;
    image[at + 16..at + 24].copy_from_slice(&(first.min(arena::FIRST_PART) as u64).to_ne_bytes());
    let sum = digest(image, at);
    image[at + DIGEST..at + DIGEST + 32].copy_from_slice(&sum);
    write_file(out, image, 0o755)
}

/// A copy of a program with its snapshot that knows its warm pages: "PAGE+COUNT,PAGE+COUNT,...".
pub fn write_warm(ranges: &str, image: &mut [u8], out: &CStr) -> Result<(), &'static str> {
    let at = header_offset(image).ok_or("the program has no header")?;
    let place = at + core::mem::offset_of!(Header, warm);
    let pages = header_of(image, at).length / arena::PAGE as u64;
    for (index, range) in ranges.split(',').filter(|range| !range.is_empty()).enumerate() {
        let (page, count) = range.split_once('+').ok_or("a range is PAGE+COUNT")?;
        let (page, count) = (page.parse::<u16>(), count.parse::<u16>());
        let (Ok(page), Ok(count)) = (page, count) else { return Err("a range is two numbers") };
        if index == WARM || u64::from(page) + u64::from(count) > pages {
            return Err("too many ranges, or one outside of the heap");
        }
        image[place + index * 4..place + index * 4 + 2].copy_from_slice(&page.to_ne_bytes());
        image[place + index * 4 + 2..place + index * 4 + 4].copy_from_slice(&count.to_ne_bytes());
    }
    let sum = digest(image, at);
    image[at + DIGEST..at + DIGEST + 32].copy_from_slice(&sum);
    write_file(out, image, 0o755)
}

/// The header of another program's image.
fn header_of(image: &[u8], at: usize) -> Header {
    // SAFETY: plain numbers; `at` is where the image has its header.
    unsafe { (image[at..at + size_of::<Header>()].as_ptr() as *const Header).read_unaligned() }
}

pub fn write_file(out: &CStr, content: &[u8], mode: u64) -> Result<(), &'static str> {
    let flags = (libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC) as u64;
    let fd = raw::openat2(libc::AT_FDCWD, out, &raw::OpenHow { flags, mode, resolve: 0 })
        .map_err(|_| "cannot create the output")?;
    let mut rest = content;
    while !rest.is_empty() {
        let written = raw::retry(|| raw::write(fd as i32, rest)).map_err(|_| "cannot write the output")?;
        rest = &rest[written..];
    }
    Ok(())
}

/// A whole file, with a NUL behind it (the rest of its last page, or a page of zeros).
pub fn read_file(path: &CStr) -> Option<&'static mut [u8]> {
    let how = raw::OpenHow { flags: (libc::O_RDONLY | libc::O_CLOEXEC) as u64, ..raw::OpenHow::default() };
    let fd = raw::openat2(libc::AT_FDCWD, path, &how).ok()? as i32;
    let size = size_of_file(fd)?;
    let content = view(-1, size + 1)?;
    let mut length = 0;
    while length < size {
        match raw::retry(|| raw::read(fd, &mut content[length..size])).ok()? {
            0 => break,
            got => length += got,
        }
    }
    Some(&mut content[..length + 1])
}

/// Does the file still have the digest that the build put into it? [security D9]
pub fn check_self(own: i32) -> bool {
    let check = || {
        let size = size_of_file(own)?;
        let file = view(own, size)?;
        let at = header_offset(file)?;
        let Header { offset, length, digest: expected, .. } = header();
        (offset as usize + length as usize == size && digest(file, at) == expected).then_some(())
    };
    check().is_some()
}
