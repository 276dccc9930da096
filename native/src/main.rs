//! runt: the entry of the one binary. With a snapshot it maps it and calls the program's main(argv); without one it is
//! the build's stage 0. Nothing may allocate before the arena is there, hence C's main and no std.
#![no_std]
#![no_main]

extern crate alloc;

mod arena;
mod engine;
mod errno;
mod exec_tail;
mod gate;
mod js;
mod json;
mod json_position;
mod json_reader;
mod kernel_module;
mod profile;
mod raw;
mod reseat;
mod seal;
mod seccomp;
mod snapshot;
mod stage0;
mod syscalls;

use core::ffi::{CStr, c_char};
use core::fmt::Write;

const STDERR: i32 = 2;

/// A fixed buffer for the messages of a process that has no heap, or no longer trusts it.
struct Line {
    bytes: [u8; 1024],
    length: usize,
}
impl Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = text.len().min(self.bytes.len() - self.length);
        self.bytes[self.length..self.length + room].copy_from_slice(&text.as_bytes()[..room]);
        self.length += room;
        Ok(())
    }
}

/// One line on stderr, then the end.
fn die(message: core::fmt::Arguments) -> ! {
    let mut line = Line { bytes: [0; 1024], length: 0 };
    let _ = line.write_fmt(message);
    line.length = line.length.min(line.bytes.len() - 1);
    line.bytes[line.length] = b'\n';
    engine::print(STDERR, &line.bytes[..=line.length]);
    raw::exit(1)
}

#[panic_handler]
fn panicked(info: &core::panic::PanicInfo) -> ! {
    die(format_args!("runt: internal error: {}; please report it", info.message()))
}

/// The prebuilt core names std's personality routine; with panic=abort nothing calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// The unwinder looks itself up in glibc's list of objects; there is none, and nothing unwinds.
#[unsafe(no_mangle)]
extern "C" fn _dl_find_object(_: *const u8, _: *mut u8) -> i32 {
    -1
}

/// glibc's checked fprintf, which the distribution's libseccomp was compiled to call for dumps that nobody asks for.
#[unsafe(no_mangle)]
extern "C" fn __fprintf_chk(_: *mut libc::FILE, _: i32, _: *const c_char) -> i32 {
    0
}

/// stdin, stdout and stderr must be open: else the next descriptor would take their place.
fn open_standard_files() {
    for fd in 0..=STDERR {
        if raw::fcntl(fd, libc::F_GETFD, 0) == Err(libc::EBADF) {
            let how = raw::OpenHow { flags: libc::O_RDWR as u64, ..raw::OpenHow::default() };
            if raw::openat2(libc::AT_FDCWD, c"/dev/null", &how) != Ok(fd as usize) {
                raw::exit(1);
            }
        }
    }
}

/// A list that ends with a null pointer as a slice, its end included.
///
/// # Safety
/// The list must end, and live as long as the process.
unsafe fn terminated(list: *const *const c_char) -> &'static [*const c_char] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut length = 0;
        while !(*list.add(length)).is_null() {
            length += 1;
        }
        core::slice::from_raw_parts(list, length + 1)
    }
}

/// The arguments as bytes: they need not be UTF-8.
fn words(argv: &'static [*const c_char]) -> impl Iterator<Item = &'static [u8]> {
    // SAFETY: the kernel's strings; the null pointer at the end is left out.
    argv.iter().take(argv.len() - 1).map(|text| unsafe { CStr::from_ptr(*text) }.to_bytes())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn main(_count: i32, argv: *const *const c_char, envp: *const *const c_char) -> i32 {
    open_standard_files();
    let ignore = raw::SignalAction { handler: libc::SIG_IGN, ..raw::SignalAction::default() };
    let _ = raw::rt_sigaction(libc::SIGPIPE, &ignore);
    // SAFETY: the kernel's lists.
    let (argv, envp) = unsafe { (terminated(argv), terminated(envp)) };
    let own = match snapshot::open_self() {
        Ok(own) => own,
        Err(errno) => die(format_args!("runt: open /proc/self/exe: {}", errno::name(errno).unwrap_or("failed"))),
    };
    if !snapshot::is_present() {
        stage0::build(own, argv, envp);
    }
    if words(argv).skip(1).eq([b"--self-check"]) {
        if snapshot::check_self(own) {
            raw::exit(0);
        }
        die(format_args!("runt: the program's file is damaged: build or copy it again"));
    }
    let mut file = own;
    let starts = seal::is_needed(words(argv));
    if starts && !seal::is_sealed_file(own) {
        file = reseat::in_place(own, argv, envp).unwrap_or_else(|_| {
            let errno = seal::execute(own, argv, envp);
            let name = errno::name(errno).unwrap_or("failed");
            die(format_args!("runt: cannot run from a sealed copy of the program: {name}"))
        });
        let _ = raw::close(own);
    }
    run(file, argv, starts)
}

/// The usual way: snapshot, main, exit.
fn run(own: i32, argv: &'static [*const c_char], huge: bool) -> ! {
    for (index, argument) in words(argv).enumerate() {
        if core::str::from_utf8(argument).is_err() {
            die(format_args!("runt: argument {index} is not UTF-8"));
        }
    }
    if !(huge && snapshot::map_huge(own)) && !snapshot::map(own) {
        die(format_args!("runt: cannot map the program's memory at {:#x} (address space limit?)", arena::BASE));
    }
    let _ = raw::close(own);
    match engine::Engine::restore().call_main(words(argv)) {
        Ok(code) => raw::exit(code),
        Err(bug) => die(format_args!("runt: internal error: {bug}; please report it")),
    }
}
