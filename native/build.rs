//! Links libseccomp's static library and takes the engine's view of the time away while a snapshot is made.
use std::{env, fs, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUNT_LIBSECCOMP_DIR");
    println!("cargo:rerun-if-env-changed=RUNT_MUSL_DIR");
    // The engine seeds its hashes from gettimeofday(2): see __wrap_gettimeofday in engine.rs.
    println!("cargo:rustc-link-arg-bins=-Wl,--wrap=gettimeofday");
    println!("cargo:rustc-link-arg-bins=-Wl,--build-id=none");
    let musl = find_musl();
    // musl, not glibc: glibc's start asks the processor about itself by cpuid some forty times, and in a virtual machine each
    // is an exit to the hypervisor: 0.25 ms of every start. It also makes the program 0.9 MB smaller.
    println!("cargo:rustc-link-arg-bins=-nostartfiles");
    for object in ["crt1.o", "crti.o", "crtn.o"] {
        println!("cargo:rustc-link-arg-bins={musl}/{object}");
    }
    if env::var("CARGO_FEATURE_PROFILE").is_ok() {
        println!("cargo:rustc-link-arg-bins=-lgcov");
    }
    // The prebuilt core names the unwinder; nothing here ever unwinds.
    for argument in ["-Wl,-Bstatic", "-Wl,--start-group", "-lgcc_eh", "-lgcc", "-lm", "-lc", "-Wl,--end-group"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    // A copy in a folder of its own: beside the distribution's libseccomp.a lies glibc's libc.a, which would be taken for musl's.
    let library = find_library().expect("libseccomp.a: run npm run setup");
    let own = env::var("OUT_DIR").unwrap();
    fs::copy(&library, format!("{own}/libseccomp.a")).unwrap_or_else(|error| panic!("copy {library}: {error}"));
    println!("cargo:rustc-link-search=native={own}");
    println!("cargo:rustc-link-lib=static=seccomp");
}

/// RUNT_LIBSECCOMP_DIR, or where the distribution's C compiler (not musl's) finds it.
fn find_library() -> Option<String> {
    if let Ok(directory) = env::var("RUNT_LIBSECCOMP_DIR") {
        return Some(format!("{directory}/libseccomp.a"));
    }
    let output = Command::new("cc").arg("-print-file-name=libseccomp.a").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(path.trim().into()).filter(|path: &String| path.starts_with('/'))
}

/// The folder of musl's libc.a and start files; RUNT_MUSL_DIR, or Debian's place.
fn find_musl() -> String {
    env::var("RUNT_MUSL_DIR")
        .unwrap_or_else(|_| format!("/usr/lib/{}-linux-musl", env::var("CARGO_CFG_TARGET_ARCH").unwrap()))
}
