//! The engine's own counters of what it executed, for scripts/profile-engine.mjs only (cargo feature `profile`): the compiler's
//! library writes them to files, by paths, as long as these can be reached. Else nothing. [gcc Invoke gcov-dump]

#[cfg(feature = "profile")]
unsafe extern "C" {
    fn __gcov_dump();
    fn __gcov_reset();
}

/// Adds the counters to the files. From 0 again: a child that shares our memory goes before us.
pub fn write() {
    #[cfg(feature = "profile")]
    // SAFETY: no arguments; there is one thread.
    unsafe {
        __gcov_dump();
        __gcov_reset();
    }
}

/// A child begins with a copy of its creator's counters, who writes them itself.
pub fn forget() {
    #[cfg(feature = "profile")]
    // SAFETY: as above.
    unsafe {
        __gcov_reset();
    }
}
