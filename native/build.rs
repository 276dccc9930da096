//! Links libseccomp's static library and takes the engine's view of the time away while a snapshot is made.
use std::{env, process::Command};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=RUNT_LIBSECCOMP_DIR");
    // The engine seeds its hashes from gettimeofday(2): see __wrap_gettimeofday in engine.rs.
    println!("cargo:rustc-link-arg-bins=-Wl,--wrap=gettimeofday");
    println!("cargo:rustc-link-arg-bins=-Wl,--build-id=none");
    // The prebuilt core and the C library name the unwinder; nothing here ever unwinds.
    for argument in ["-Wl,-Bstatic", "-Wl,--start-group", "-lgcc_eh", "-lgcc", "-lm", "-lc", "-Wl,--end-group"] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    if let Some(directory) = env::var_os("RUNT_LIBSECCOMP_DIR").map(|d| d.into_string().unwrap()).or_else(find_library)
    {
        println!("cargo:rustc-link-search=native={directory}");
    }
    println!("cargo:rustc-link-lib=static=seccomp");
}

/// The C compiler knows where the distribution keeps libseccomp.a.
fn find_library() -> Option<String> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let output = Command::new(compiler).arg("-print-file-name=libseccomp.a").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(path.trim().strip_suffix("/libseccomp.a")?.to_string())
}
