//! eBPF programs that guard a cgroup's devices. The attribute is always 256 zeroed bytes, more than any kernel's, because
//! kernels 6.17 to 7.1 write past a short one on BPF_PROG_QUERY. [man bpf.2]
use crate::js::{Call, Outcome, Refusal, number};
use crate::raw;

const PROG_LOAD: i32 = 5;
const PROG_ATTACH: i32 = 8;
const PROG_DETACH: i32 = 9;
const PROG_GET_FD_BY_ID: i32 = 13;
const PROG_QUERY: i32 = 16;
const PROG_TYPE_CGROUP_DEVICE: u64 = 15;
const ATTACH_CGROUP_DEVICE: u64 = 6;
const INSTRUCTION: usize = 8;

fn low(word: u64, value: u64) -> u64 {
    u64::from_ne_bytes({
        let mut bytes = word.to_ne_bytes();
        bytes[..4].copy_from_slice(&(value as u32).to_ne_bytes());
        bytes
    })
}
/// Two 32-bit fields side by side.
fn fields(first: u64, second: u64) -> u64 {
    let (a, b) = ((first as u32).to_ne_bytes(), (second as u32).to_ne_bytes());
    u64::from_ne_bytes([a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]])
}

/// int bpf(BPF_PROG_LOAD, union bpf_attr *attr, unsigned size) - bpf(2)
pub fn bpf_load_cgroup_device(call: &Call) -> Outcome {
    let program = call.bytes(0, "program")?;
    if program.is_empty() || program.len() % INSTRUCTION != 0 {
        return call.throw("program: not an array of struct bpf_insn");
    }
    let mut attributes = [0u64; 32];
    attributes[0] = fields(PROG_TYPE_CGROUP_DEVICE, (program.len() / INSTRUCTION) as u64);
    attributes[1] = program.as_ptr() as u64;
    attributes[2] = c"Apache-2.0".as_ptr() as u64;
    number(raw::bpf(PROG_LOAD, &mut attributes))
}

/// int bpf(BPF_PROG_ATTACH, union bpf_attr *attr, unsigned size) - bpf(2)
pub fn bpf_prog_attach(call: &Call) -> Outcome {
    let replace = call.fd(3, "replaceFd")?.max(0) as u64;
    let mut attributes = [0u64; 32];
    attributes[0] = fields(call.fd(0, "cgroupFd")? as u64, call.fd(1, "programFd")? as u64);
    attributes[1] = fields(ATTACH_CGROUP_DEVICE, call.u32(2, "flags")? as u64);
    attributes[2] = low(0, replace);
    number(raw::bpf(PROG_ATTACH, &mut attributes))
}

/// int bpf(BPF_PROG_QUERY, union bpf_attr *attr, unsigned size) - bpf(2)
pub fn bpf_prog_query(call: &Call) -> Outcome {
    const ROOM: usize = 64; // BPF_CGROUP_MAX_PROGS
    let mut ids = [0u32; ROOM];
    let mut attributes = [0u64; 32];
    attributes[0] = fields(call.fd(0, "cgroupFd")? as u64, ATTACH_CGROUP_DEVICE);
    attributes[2] = &raw mut ids as u64;
    attributes[3] = low(0, ROOM as u64);
    raw::bpf(PROG_QUERY, &mut attributes)?;
    let bytes = attributes[3].to_ne_bytes();
    let count = u32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    if count > ROOM {
        return Err(Refusal::Errno(libc::ENOSPC));
    }
    call.ints(ids[..count].iter().map(|id| *id as i64))
}

/// int bpf(BPF_PROG_GET_FD_BY_ID, union bpf_attr *attr, unsigned size) - bpf(2)
pub fn bpf_prog_get_fd_by_id(call: &Call) -> Outcome {
    let mut attributes = [0u64; 32];
    attributes[0] = low(0, call.u32(0, "id")? as u64);
    number(raw::bpf(PROG_GET_FD_BY_ID, &mut attributes))
}

/// int bpf(BPF_PROG_DETACH, union bpf_attr *attr, unsigned size) - bpf(2)
pub fn bpf_prog_detach(call: &Call) -> Outcome {
    let mut attributes = [0u64; 32];
    attributes[0] = fields(call.fd(0, "cgroupFd")? as u64, call.fd(1, "programFd")? as u64);
    attributes[1] = low(0, ATTACH_CGROUP_DEVICE);
    number(raw::bpf(PROG_DETACH, &mut attributes))
}
