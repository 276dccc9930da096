//! One thin function for each system call: marshalling only. The doc line is the call's C signature and man page.
pub mod bpf;
pub mod fs;
pub mod ids;
pub mod limits;
pub mod mount;
pub mod netlink;
pub mod process;
pub mod scheduling;
pub mod signal;
pub mod socket;
pub mod tty;
