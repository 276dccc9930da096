//! Sealing in place: this process goes on, but no longer runs from the host's file as the kernel shows it.
//! Every segment of the program is mapped again, from the same file through a detached read-only mount (or, where it is
//! writable, copied to memory of no file), and PR_SET_MM_EXE_FILE makes an empty sealed memfd our /proc/self/exe. The
//! kernel allows that only when no mapping of the old executable's path is left, so nothing can be forgotten here.
//! The mount is dissolved at once: nobody can reach it, make it writable, or take it apart. [man PR_SET_MM.2const]

use crate::{raw, seal};
use core::ffi::{CStr, c_char, c_void};
use core::slice;

/// One entry of the program header table. [man elf.5]
#[repr(C)]
struct ProgramHeader {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    _physical: u64,
    file_size: u64,
    _memory_size: u64,
    _align: u64,
}
const WRITABLE: u32 = 2;
const EXECUTABLE: u32 = 1;
const LOAD: u32 = 1;
const RELRO: u32 = 0x6474_e552;

/// The program's file through a read-only mount that is in no namespace.
fn open_detached(own: i32) -> Result<i32, i32> {
    let flags = libc::AT_EMPTY_PATH as u32 | libc::OPEN_TREE_CLONE | libc::O_CLOEXEC as u32;
    let tree = raw::open_tree(own, c"", flags)? as i32;
    let set = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;
    let attributes = raw::MountAttributes { set, clear: 0, propagation: 0, userns_fd: 0 };
    let how = raw::OpenHow { flags: (libc::O_RDONLY | libc::O_CLOEXEC) as u64, ..raw::OpenHow::default() };
    let file = raw::mount_setattr(tree, c"", libc::AT_EMPTY_PATH as u32, &attributes)
        .and_then(|_| raw::openat2(libc::AT_FDCWD, raw::descriptor_path(tree).as_c(), &how));
    let _ = raw::close(tree);
    file.map(|fd| fd as i32)
}

/// Maps one segment again, with the same content at the same address.
///
/// # Safety
/// `header` must describe a segment of this very program, and `file` must be its file.
unsafe fn remap(header: &ProgramHeader, file: i32, page: usize) -> Result<(), i32> {
    let start = header.address as usize & !(page - 1);
    let end = (header.address as usize + header.file_size as usize).next_multiple_of(page);
    let length = end - start;
    // SAFETY: reading our own segment; the replacement holds the same bytes, so code and constants stay what they are.
    unsafe {
        let got = if header.flags & WRITABLE == 0 {
            let protection = libc::PROT_READ | if header.flags & EXECUTABLE != 0 { libc::PROT_EXEC } else { 0 };
            let offset = header.offset as usize & !(page - 1);
            let flags = libc::MAP_PRIVATE | libc::MAP_FIXED;
            libc::mmap(start as *mut c_void, length, protection, flags, file, offset as i64)
        } else {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let copy = libc::mmap(core::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
            if copy == libc::MAP_FAILED {
                return Err(libc::ENOMEM);
            }
            core::ptr::copy_nonoverlapping(start as *const u8, copy as *mut u8, length);
            libc::mremap(copy, length, length, libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED, start)
        };
        if got as usize == start { Ok(()) } else { Err(libc::ENOMEM) }
    }
}

/// struct prctl_mm_map: what the kernel believes about our memory's layout.
#[repr(C)]
#[derive(Default)]
struct MemoryMap {
    start_code: u64,
    end_code: u64,
    start_data: u64,
    end_data: u64,
    start_brk: u64,
    brk: u64,
    start_stack: u64,
    arg_start: u64,
    arg_end: u64,
    env_start: u64,
    env_end: u64,
    auxv: u64,
    auxv_size: u32,
    exe_fd: u32,
}

/// The span of a list of strings as the kernel laid them out: one behind the other.
fn span(strings: &[*const c_char], default: u64) -> (u64, u64) {
    if strings.len() < 2 {
        return (default, default);
    }
    let (first, last) = (strings[0], strings[strings.len() - 2]);
    // SAFETY: the process's own strings.
    (first as u64, last as u64 + unsafe { CStr::from_ptr(last) }.count_bytes() as u64 + 1)
}

/// PR_SET_MM_EXE_FILE needs CAP_SYS_RESOURCE; the whole map needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE instead, and
/// a kernel that has it. What it says beside the executable is what is true anyway.
fn set_executable(
    fd: i32,
    headers: &[ProgramHeader],
    argv: &[*const c_char],
    envp: &[*const c_char],
) -> Result<(), i32> {
    const PR_SET_MM: i32 = 35;
    const PR_SET_MM_EXE_FILE: u64 = 13;
    const PR_SET_MM_MAP: u64 = 14;
    if raw::prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd as u64, 0, 0).is_ok() {
        return Ok(());
    }
    let code =
        headers.iter().find(|header| header.kind == LOAD && header.flags & EXECUTABLE != 0).ok_or(libc::ENOEXEC)?;
    let data =
        headers.iter().rfind(|header| header.kind == LOAD && header.flags & WRITABLE != 0).ok_or(libc::ENOEXEC)?;
    // SAFETY: asks for the break without moving it.
    let brk = unsafe { libc::sbrk(0) } as u64;
    let stack = argv.as_ptr() as u64 - 8; // argc
    let (arg_start, arg_end) = span(argv, stack);
    let (env_start, env_end) = span(envp, arg_end);
    let map = MemoryMap {
        start_code: code.address,
        end_code: code.address + code.file_size,
        start_data: data.address,
        end_data: data.address + data.file_size,
        start_brk: brk,
        brk,
        start_stack: stack,
        arg_start,
        arg_end,
        env_start,
        env_end,
        exe_fd: fd as u32,
        ..MemoryMap::default()
    };
    raw::prctl(PR_SET_MM, PR_SET_MM_MAP, &raw const map as u64, size_of::<MemoryMap>() as u64, 0).map(drop)
}

/// Gives the program's file for the snapshot: the detached one. After an error the process is as good as before, and
/// not sealed.
pub fn in_place(own: i32, argv: &[*const c_char], envp: &[*const c_char]) -> Result<i32, i32> {
    let empty = seal::new_memfd()?;
    seal::add_seals(empty)?;
    let file = open_detached(own)?;
    // SAFETY: the kernel gives the address and the count of this program's headers.
    let headers = unsafe {
        let table = libc::getauxval(libc::AT_PHDR) as *const ProgramHeader;
        slice::from_raw_parts(table, libc::getauxval(libc::AT_PHNUM) as usize)
    };
    // SAFETY: a number.
    let page = unsafe { libc::getauxval(libc::AT_PAGESZ) } as usize;
    for header in headers.iter().filter(|header| header.kind == LOAD) {
        // SAFETY: our own segments and file.
        unsafe { remap(header, file, page)? };
    }
    for header in headers.iter().filter(|header| header.kind == RELRO) {
        let start = header.address as usize & !(page - 1);
        let end = (header.address + header.file_size) as usize & !(page - 1);
        // SAFETY: what the C library's start-up made read-only is read-only again.
        unsafe { libc::mprotect(start as *mut c_void, end - start, libc::PROT_READ) };
    }
    set_executable(empty, headers, argv, envp)?;
    let _ = raw::close(empty);
    if seal::is_sealed() { Ok(file) } else { Err(libc::EPERM) }
}
