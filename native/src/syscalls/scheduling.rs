//! Scheduling policy, processor affinity, I/O priority, NUMA memory policy.
use crate::js::{Call, Outcome, Refusal, number};
use crate::raw::{self, SchedulingAttributes};
use alloc::vec;

/// Bits of a set of processors or nodes travel as bytes, lowest first; the kernel reads whole words.
const WORD: usize = 8;
/// As many processors as runt names at all, 65536, in bytes.
const PROCESSORS: usize = 8192;
/// More nodes than a kernel can be made for, in bytes: at most a page, says get_mempolicy(2).
const NODES: usize = 1024;

fn pid(call: &Call) -> Result<i32, Refusal> {
    Ok(call.integer(0, "pid", 0, i32::MAX as i64)? as i32)
}

/// int sched_setattr(pid_t pid, struct sched_attr *attributes, unsigned int flags) - sched_setattr(2)
pub fn sched_setattr(call: &Call) -> Outcome {
    let attributes = SchedulingAttributes {
        size: size_of::<SchedulingAttributes>() as u32,
        policy: call.u32(1, "policy")?,
        flags: call.unsigned(2, "flags")?,
        nice: call.i32(3, "nice")?,
        priority: call.u32(4, "priority")?,
        runtime: call.unsigned(5, "runtime")?,
        deadline: call.unsigned(6, "deadline")?,
        period: call.unsigned(7, "period")?,
        ..Default::default()
    };
    number(raw::sched_setattr(pid(call)?, &attributes))
}

/// int sched_getattr(pid_t pid, struct sched_attr *attributes, unsigned int size, unsigned int flags) - sched_setattr(2)
pub fn sched_getattr(call: &Call) -> Outcome {
    let mut out = SchedulingAttributes::default();
    raw::sched_getattr(pid(call)?, &mut out)?;
    call.object(&[
        (c"policy", call.quantity(out.policy as u64)?),
        (c"flags", call.quantity(out.flags)?),
        (c"nice", crate::js::int(out.nice as i64)),
        (c"priority", call.quantity(out.priority as u64)?),
        (c"runtime", call.quantity(out.runtime)?),
        (c"deadline", call.quantity(out.deadline)?),
        (c"period", call.quantity(out.period)?),
    ])
}

/// int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *mask) - sched_setaffinity(2)
pub fn sched_setaffinity(call: &Call) -> Outcome {
    number(raw::sched_setaffinity(pid(call)?, call.bytes(1, "mask")?))
}

/// int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask) - sched_setaffinity(2)
pub fn sched_getaffinity(call: &Call) -> Outcome {
    let mut mask = vec![0u8; PROCESSORS];
    let length = raw::sched_getaffinity(pid(call)?, &mut mask)?;
    call.byte_array(&mask[..length.min(PROCESSORS)])
}

/// int ioprio_set(IOPRIO_WHO_PROCESS, pid_t pid, int priority) - ioprio_set(2)
pub fn ioprio_set(call: &Call) -> Outcome {
    number(raw::ioprio_set(pid(call)?, call.i32(1, "priority")?))
}

/// int ioprio_get(IOPRIO_WHO_PROCESS, pid_t pid) - ioprio_set(2)
pub fn ioprio_get(call: &Call) -> Outcome {
    number(raw::ioprio_get(pid(call)?))
}

/// long set_mempolicy(int mode, const unsigned long *nodes, unsigned long maxnode) - set_mempolicy(2)
pub fn set_mempolicy(call: &Call) -> Outcome {
    let nodes = call.bytes(1, "nodes")?;
    if nodes.len() % WORD != 0 {
        return call.throw("nodes: not whole words");
    }
    number(raw::set_mempolicy(call.i32(0, "mode")?, nodes))
}

/// long get_mempolicy(int *mode, unsigned long *nodes, unsigned long maxnode, NULL, 0) - get_mempolicy(2)
pub fn get_mempolicy(call: &Call) -> Outcome {
    let mut mode = 0i32;
    let mut nodes = vec![0u8; NODES];
    raw::get_mempolicy(&mut mode, &mut nodes)?;
    call.object(&[(c"mode", crate::js::int(mode as i64)), (c"nodes", call.byte_array(&nodes)?)])
}
