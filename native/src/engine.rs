//! The engine: boots QuickJS-ng on the arena, compiles a bundle, evaluates it before the snapshot, calls `main` after.
//! No policy: the only texts made here are those of a bug in us.

use crate::arena;
use crate::js::{UNDEFINED, Value};
use crate::raw;
use alloc::{string::String, vec::Vec};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::slice;
use rquickjs_sys as q;

/// Enough for the deepest recursion of ours (64 levels of JSON), far below the smallest usual RLIMIT_STACK.
const STACK: usize = 512 << 10;

/// What the snapshot must remember; kept in the arena's head.
pub struct Engine {
    context: *mut q::JSContext,
    main: Value,
}

unsafe extern "C" fn js_calloc(_: *mut c_void, count: q::size_t, size: q::size_t) -> *mut c_void {
    let Some(bytes) = (count as usize).checked_mul(size as usize) else { return core::ptr::null_mut() };
    arena::allocate_zeroed(bytes).cast()
}
unsafe extern "C" fn js_malloc(_: *mut c_void, size: q::size_t) -> *mut c_void {
    arena::allocate(size as usize).cast()
}
unsafe extern "C" fn js_free(_: *mut c_void, at: *mut c_void) {
    if !at.is_null() {
        arena::release(at.cast());
    }
}
unsafe extern "C" fn js_realloc(_: *mut c_void, at: *mut c_void, size: q::size_t) -> *mut c_void {
    let size = size as usize;
    if at.is_null() { arena::allocate(size).cast() } else { arena::resize(at.cast(), size).cast() }
}
unsafe extern "C" fn js_usable(at: *const c_void) -> q::size_t {
    arena::usable(at.cast()) as q::size_t
}

const MEMORY: q::JSMallocFunctions = q::JSMallocFunctions {
    js_calloc: Some(js_calloc),
    js_malloc: Some(js_malloc),
    js_free: Some(js_free),
    js_realloc: Some(js_realloc),
    js_malloc_usable_size: Some(js_usable),
};

/// A runtime and a context with `native:kernel`; with the parser only where a bundle is compiled. [security B14]
fn boot(with_parser: bool) -> Option<*mut q::JSContext> {
    // SAFETY: the arena is mapped; nothing else has touched the engine.
    unsafe {
        let runtime = q::JS_NewRuntime2(&MEMORY, core::ptr::null_mut());
        if runtime.is_null() {
            return None;
        }
        q::JS_SetMaxStackSize(runtime, STACK as _);
        let context = q::JS_NewContextRaw(runtime);
        let failed = q::JS_AddIntrinsicBaseObjects(context)
            | q::JS_AddIntrinsicDate(context)
            | q::JS_AddIntrinsicRegExp(context)
            | q::JS_AddIntrinsicJSON(context)
            | q::JS_AddIntrinsicProxy(context)
            | q::JS_AddIntrinsicMapSet(context)
            | q::JS_AddIntrinsicTypedArrays(context)
            | q::JS_AddIntrinsicPromise(context)
            | q::JS_AddIntrinsicBigInt(context)
            | q::JS_AddIntrinsicWeakRef(context)
            | if with_parser { q::JS_AddIntrinsicEval(context) } else { 0 };
        (failed == 0 && crate::kernel_module::register(context)).then_some(context)
    }
}

/// Another module of the program, while one of them is compiled: its name is enough.
unsafe extern "C" fn stand_in(context: *mut q::JSContext, name: *const c_char, _: *mut c_void) -> *mut q::JSModuleDef {
    // SAFETY: the engine's context and name.
    unsafe { q::JS_NewCModule(context, name, None) }
}

/// Source of a module (with a NUL behind it) to bytecode without source text, files and lines (they would be 4 % of the heap); the
/// names of functions stay.
pub fn compile(path: &CStr, source: &CStr) -> Result<Vec<u8>, String> {
    let context = boot(true).ok_or("the engine does not start")?;
    let (length, mut size) = (source.count_bytes(), 0);
    // Modules find each other by the file's name, without the folder.
    let folder = path.to_bytes().iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    // SAFETY: the source lives across the call; the written buffer is copied at once.
    unsafe {
        q::JS_SetModuleLoaderFunc(q::JS_GetRuntime(context), None, Some(stand_in), core::ptr::null_mut());
        let flags = (q::JS_EVAL_TYPE_MODULE | q::JS_EVAL_FLAG_COMPILE_ONLY) as c_int;
        let module = q::JS_Eval(context, source.as_ptr(), length as _, path.as_ptr().add(folder), flags);
        if q::JS_IsException(module) {
            return Err(exception(context));
        }
        let flags = (q::JS_WRITE_OBJ_BYTECODE | q::JS_WRITE_OBJ_STRIP_SOURCE | q::JS_WRITE_OBJ_STRIP_DEBUG) as c_int;
        let written = q::JS_WriteObject(context, &mut size, module, flags);
        if written.is_null() {
            return Err(exception(context));
        }
        Ok(slice::from_raw_parts(written, size as usize).to_vec())
    }
}

/// Evaluates the whole program in a fresh context and finds its `main`. The last of several modules gets its memory behind
/// the first 2 MiB, see `arena::begin_second_part`.
pub fn evaluate(modules: impl ExactSizeIterator<Item = &'static [u8]>) -> Result<Engine, String> {
    let context = boot(false).ok_or("the engine does not start")?;
    let (count, mut main) = (modules.len(), UNDEFINED);
    for (index, bytecode) in modules.enumerate() {
        if count > 1 && index == count - 1 {
            leave_first_part(context)?;
        }
        let found = evaluate_module(context, bytecode)?;
        // SAFETY: looks at the value's kind.
        if unsafe { q::JS_IsFunction(context, found) } {
            main = found;
        }
    }
    if count == 1 {
        close_intrinsics(context);
    }
    // SAFETY: as above.
    if !unsafe { q::JS_IsFunction(context, main) } {
        return Err("the program exports no function main".into());
    }
    Ok(Engine { context, main })
}

pub const FULL: &str = "the heap's first part is too full: more modules must come later (scripts/bundle.mjs)";

/// [order] intrinsics first, because closing them makes objects that everybody uses.
fn leave_first_part(context: *mut q::JSContext) -> Result<(), String> {
    close_intrinsics(context);
    // SAFETY: a live runtime.
    unsafe { q::JS_RunGC(q::JS_GetRuntime(context)) };
    if arena::begin_second_part() {
        return Ok(());
    }
    Err(FULL.into())
}

/// Evaluates one module, which imports only what was evaluated before. Gives its export `main`.
fn evaluate_module(context: *mut q::JSContext, bytecode: &[u8]) -> Result<Value, String> {
    // SAFETY: bytecode of our own build; references are given up or kept for ever.
    unsafe {
        let flags = q::JS_READ_OBJ_BYTECODE as c_int;
        let module = q::JS_ReadObject(context, bytecode.as_ptr(), bytecode.len() as _, flags);
        if q::JS_IsException(module) || q::JS_ResolveModule(context, module) < 0 {
            return Err(exception(context));
        }
        let definition = q::JS_VALUE_GET_PTR(module) as *mut q::JSModuleDef;
        let promise = q::JS_EvalFunction(context, module);
        if q::JS_IsException(promise) {
            return Err(exception(context));
        }
        let mut job_context = context;
        while q::JS_ExecutePendingJob(q::JS_GetRuntime(context), &mut job_context) > 0 {}
        if q::JS_PromiseState(context, promise) != q::JSPromiseStateEnum_JS_PROMISE_FULFILLED {
            return Err(describe(context, q::JS_PromiseResult(context, promise)));
        }
        q::JS_FreeValue(context, promise);
        let exports = q::JS_GetModuleNamespace(context, definition);
        let main = q::JS_GetPropertyStr(context, exports, c"main".as_ptr());
        q::JS_FreeValue(context, exports);
        Ok(main)
    }
}

impl Engine {
    /// Last touches before the heap is written: garbage gone, collection off.
    pub fn settle(&self) {
        // SAFETY: plain calls on a live runtime.
        unsafe {
            let runtime = q::JS_GetRuntime(self.context);
            q::JS_RunGC(runtime);
            q::JS_SetGCThreshold(runtime, usize::MAX as _);
        }
    }

    /// The engine carves small blocks out of slabs, the newest first, in a list for each size, and a new slab writes to the one
    /// before: so the newest of each shall lie in the heap's first part, and no free place in the second.
    pub fn close_second_part(&self) {
        if !arena::end_second_part() {
            return;
        }
        // The engine's sizes, less its header.
        let sizes = (16..=128).step_by(8).chain((144..=256).step_by(16)).chain((288..=512).step_by(32));
        for size in sizes.map(|size: usize| size - 8) {
            let mut first_part: *mut *mut c_void = core::ptr::null_mut();
            let slabs = arena::next();
            // SAFETY: blocks of a live runtime; those of the first part are a list until they are freed.
            unsafe {
                let runtime = q::JS_GetRuntime(self.context);
                loop {
                    let block = q::js_malloc_rt(runtime, size as _) as *mut *mut c_void;
                    if block.is_null() || arena::next() != slabs {
                        break;
                    }
                    if (block as usize) < arena::BASE + arena::FIRST_PART {
                        *block = first_part.cast();
                        first_part = block;
                    }
                }
                while !first_part.is_null() {
                    let block = first_part;
                    first_part = (*block).cast();
                    q::js_free_rt(runtime, block.cast());
                }
            }
        }
    }

    pub fn store(&self) {
        // SAFETY: the head is mapped; a JSValue is two words.
        unsafe {
            (*arena::head()).roots[0] = self.context as usize;
            (&raw mut (*arena::head()).roots[2] as *mut Value).write(self.main);
        }
    }

    /// The engine of the snapshot that is mapped.
    pub fn restore() -> Engine {
        // SAFETY: `store` wrote both before the snapshot was made.
        unsafe {
            let head = arena::head();
            let context = (*head).roots[0] as *mut q::JSContext;
            // The snapshot's stack was another one: without this every call is a stack overflow.
            q::JS_UpdateStackTop(q::JS_GetRuntime(context));
            Engine { context, main: (&raw const (*head).roots[2] as *const Value).read() }
        }
    }

    /// main(argv): its number is the exit code. Err is a bug's description.
    pub fn call_main(&self, arguments: impl Iterator<Item = &'static [u8]>) -> Result<i32, String> {
        let call = crate::js::Call { context: self.context, arguments: &[] };
        // SAFETY: plain calls; main has no `this`.
        unsafe {
            let Ok(mut argv) = call.strings(arguments) else { return Err(exception(self.context)) };
            let result = q::JS_Call(self.context, self.main, UNDEFINED, 1, &mut argv);
            if q::JS_IsException(result) {
                return Err(exception(self.context));
            }
            Ok(if q::JS_IsInt(result) { q::JS_VALUE_GET_INT(result) & 0xff } else { 0 })
        }
    }
}

/// Closes what `globalThis` holds and each prototype behind it: data can add nothing to them. Sealing would also make each of
/// the engine's functions that nobody uses, 70 KB. Their methods stay writable, because a frozen prototype also forbids an own property of the same name on what inherits. [security D5]
fn close_intrinsics(context: *mut q::JSContext) {
    // SAFETY: a live context; the engine's lists are freed as it asks.
    unsafe {
        let global = q::JS_GetGlobalObject(context);
        let (mut list, mut count) = (core::ptr::null_mut(), 0);
        let flags = q::JS_GPN_STRING_MASK as c_int;
        if q::JS_GetOwnPropertyNames(context, &mut list, &mut count, global, flags) < 0 {
            return;
        }
        for index in 0..count as usize {
            let value = q::JS_GetProperty(context, global, (*list.add(index)).atom);
            if q::JS_IsObject(value) {
                let prototype = q::JS_GetPropertyStr(context, value, c"prototype".as_ptr());
                if q::JS_IsObject(prototype) {
                    q::JS_PreventExtensions(context, prototype);
                }
                q::JS_FreeValue(context, prototype);
                q::JS_PreventExtensions(context, value);
            }
            q::JS_FreeValue(context, value);
        }
        q::JS_FreePropertyEnum(context, list, count);
        q::JS_FreeValue(context, global);
    }
}

/// The pending exception on one line: what, and the innermost frames.
fn exception(context: *mut q::JSContext) -> String {
    // SAFETY: takes the exception over.
    unsafe { describe(context, q::JS_GetException(context)) }
}

unsafe fn describe(context: *mut q::JSContext, error: Value) -> String {
    const FRAMES: usize = 4;
    // SAFETY: strings are copied before they are freed.
    unsafe {
        let mut text = words(context, error);
        if q::JS_IsError(error) {
            let stack = q::JS_GetPropertyStr(context, error, c"stack".as_ptr());
            for frame in words(context, stack).lines().take(FRAMES) {
                text.push(' ');
                // The bytecode has no files and lines.
                text.push_str(frame.trim().split(" (<null>").next().unwrap_or_default());
            }
            q::JS_FreeValue(context, stack);
        }
        q::JS_FreeValue(context, error);
        text.replace('\n', " ")
    }
}

unsafe fn words(context: *mut q::JSContext, value: Value) -> String {
    // SAFETY: as above.
    unsafe {
        let mut length = 0;
        let at: *const c_char = q::JS_ToCStringLen2(context, &mut length, value, false);
        if at.is_null() {
            return "an error that cannot be shown".into();
        }
        let text = String::from_utf8_lossy(slice::from_raw_parts(at.cast(), length as usize)).into_owned();
        q::JS_FreeCString(context, at);
        text
    }
}

unsafe extern "C" {
    fn __real_gettimeofday(time: *mut libc::timeval, zone: *mut c_void) -> c_int;
}

/// Set while a snapshot is made: then no clock is read, so that two builds give the same bytes.
pub static CLOCK_STOPPED: core::sync::atomic::AtomicBool = core::sync::atomic::AtomicBool::new(false);

/// What the engine's gettimeofday(2) is linked to (build.rs): it seeds hashes and random numbers from it.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_gettimeofday(time: *mut libc::timeval, zone: *mut c_void) -> c_int {
    // SAFETY: the caller's pointers, as for the real function.
    unsafe {
        if !CLOCK_STOPPED.load(core::sync::atomic::Ordering::Relaxed) {
            return __real_gettimeofday(time, zone);
        }
        time.write(libc::timeval { tv_sec: 1, tv_usec: 0 });
        0
    }
}

/// Writes all of a text to a descriptor; there is nobody to tell of an error.
pub fn print(fd: i32, text: &[u8]) {
    let mut rest = text;
    while let Ok(written @ 1..) = raw::retry(|| raw::write(fd, rest)) {
        rest = &rest[written..];
    }
}
