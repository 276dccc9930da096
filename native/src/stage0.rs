//! The build's half of the binary, only while it carries no snapshot: `--compile MODULE OUT`, `--snapshot BYTECODE... OUT` and
//! `--warm RANGES PROGRAM OUT`, run by scripts/build.mjs. Two builds must give the same bytes, and C programs copy what happens to lie in the padding of
//! their variables: so the engine runs on a stack of zeros at a fixed address, without random addresses if the kernel lets us,
//! and without a random stack canary.

use crate::{arena, die, engine, raw, snapshot};
use core::ffi::{CStr, c_char, c_void};

const USAGE: &str = "--compile MODULE OUT | --snapshot BYTECODE... OUT | --warm RANGES PROGRAM OUT";
const STACK_ADDRESS: usize = arena::BASE - (1 << 30);
const STACK_SIZE: usize = 8 << 20;
const ADDR_NO_RANDOMIZE: u32 = 0x0004_0000;

/// What `work` needs; it starts on another stack and takes no arguments.
struct Task {
    own: i32,
    argv: &'static [*const c_char],
}
static mut TASK: Task = Task { own: -1, argv: &[] };

/// Executes this program once more, without address randomisation; goes on as it is where that is forbidden.
fn without_random_addresses(own: i32, argv: &[*const c_char], envp: &[*const c_char]) {
    const QUERY: u32 = u32::MAX;
    let Ok(persona) = raw::personality(QUERY) else { return };
    if persona as u32 & ADDR_NO_RANDOMIZE == 0 && raw::personality(persona as u32 | ADDR_NO_RANDOMIZE).is_ok() {
        let _ = raw::execute(own, c"", argv, envp);
    }
}

pub fn build(own: i32, argv: &'static [*const c_char], envp: &'static [*const c_char]) -> ! {
    without_random_addresses(own, argv, envp);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: a fresh stack; `work` never returns, so nothing of this frame is used again.
    unsafe {
        TASK = Task { own, argv };
        let stack =
            libc::mmap(STACK_ADDRESS as *mut c_void, STACK_SIZE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
        if stack as usize != STACK_ADDRESS {
            die(format_args!("runt stage 0: cannot map the stack"));
        }
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov qword ptr fs:[0x28], 0");
        let top = stack as usize + STACK_SIZE - 64;
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("mov rsp, {}", "xor ebp, ebp", "call {}", "ud2", in(reg) top, sym work, options(noreturn));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("mov sp, {}", "bl {}", "brk #1", in(reg) top, sym work, options(noreturn));
    }
}

extern "C" fn work() {
    // SAFETY: written before this started.
    let Task { own, argv } = unsafe { core::ptr::read(&raw const TASK) };
    let [_, mode, ref from @ .., out, _] = *argv else {
        die(format_args!("runt stage 0: {USAGE}"));
    };
    // SAFETY: the kernel's strings.
    let text = |at: *const c_char| unsafe { CStr::from_ptr(at) };
    let (mode, out) = (text(mode), text(out));
    let read = |from: &CStr| {
        snapshot::read_file(from).unwrap_or_else(|| die(format_args!("runt stage 0: cannot read {from:?}")))
    };
    engine::CLOCK_STOPPED.store(true, core::sync::atomic::Ordering::Relaxed);
    if !arena::create() {
        die(format_args!("runt stage 0: cannot map the arena"));
    }
    let result = match mode.to_bytes() {
        b"--compile" => {
            let [path] = *from else { die(format_args!("runt stage 0: one module at a time")) };
            let Ok(source) = CStr::from_bytes_until_nul(read(text(path))) else {
                die(format_args!("runt stage 0: no source"))
            };
            match engine::compile(text(path), source) {
                Ok(bytecode) => snapshot::write_file(out, &bytecode, 0o644),
                Err(error) => die(format_args!("runt stage 0: {error}")),
            }
        }
        b"--snapshot" => {
            let modules = from.iter().map(|path| read(text(*path))).map(|input| &input[..input.len() - 1]);
            match engine::evaluate(modules) {
                Ok(program) => {
                    program.settle();
                    program.close_second_part();
                    program.store();
                    if arena::leaves_room() { snapshot::write(own, out) } else { Err(engine::FULL) }
                }
                Err(error) => die(format_args!("runt stage 0: {error}")),
            }
        }
        b"--warm" => {
            let [ranges, program] = *from else { die(format_args!("runt stage 0: {USAGE}")) };
            let image = read(text(program));
            let length = image.len() - 1;
            snapshot::write_warm(text(ranges).to_str().unwrap_or("?"), &mut image[..length], out)
        }
        _ => die(format_args!("runt stage 0: unknown mode")),
    };
    match result {
        Ok(()) => raw::exit(0),
        Err(what) => die(format_args!("runt stage 0: {what}")),
    }
}
