//! Who the process is: users, groups, capabilities.
use crate::js::{Call, Outcome, Refusal, number};
use crate::raw::{self, CapabilityData, CapabilityHeader};
use alloc::vec::Vec;

/// _LINUX_CAPABILITY_VERSION_3: two words for each set.
pub const CAPABILITY_VERSION: u32 = 0x2008_0522;
const ID_LIMIT: i64 = u32::MAX as i64 - 1;

/// A user or group id: 0 to 2^32-2. -1 would mean "unchanged". [CVE-2026-30892]
pub fn id(call: &Call, index: usize, name: &str) -> Result<u32, Refusal> {
    Ok(call.integer(index, name, 0, ID_LIMIT)? as u32)
}

/// uid_t getuid(void) - getuid(2)
pub fn getuid(_: &Call) -> Outcome {
    number(raw::getuid())
}

/// uid_t geteuid(void) - getuid(2)
pub fn geteuid(_: &Call) -> Outcome {
    number(raw::geteuid())
}

/// gid_t getegid(void) - getgid(2)
pub fn getegid(_: &Call) -> Outcome {
    number(raw::getegid())
}

/// int setresuid(uid_t ruid, uid_t euid, uid_t suid) - setresuid(2)
pub fn setresuid(call: &Call) -> Outcome {
    number(raw::setresuid(id(call, 0, "ruid")?, id(call, 1, "euid")?, id(call, 2, "suid")?))
}

/// int setresgid(gid_t rgid, gid_t egid, gid_t sgid) - setresgid(2)
pub fn setresgid(call: &Call) -> Outcome {
    number(raw::setresgid(id(call, 0, "rgid")?, id(call, 1, "egid")?, id(call, 2, "sgid")?))
}

/// int setgroups(size_t count, const gid_t *list) - setgroups(2)
pub fn setgroups(call: &Call) -> Outcome {
    let groups: Vec<u32> = call.numbers(0, "gids", 0, ID_LIMIT)?.iter().map(|gid| *gid as u32).collect();
    number(raw::setgroups(&groups))
}

/// int capget(cap_user_header_t header, cap_user_data_t data) - capget(2)
pub fn capget(call: &Call) -> Outcome {
    let mut header = CapabilityHeader { version: CAPABILITY_VERSION, pid: 0 };
    let mut data = [CapabilityData::default(); 2];
    raw::capget(&mut header, &mut data)?;
    let mask = |low: u32, high: u32| call.big(low as u64 | (high as u64) << 32);
    let effective = mask(data[0].effective, data[1].effective)?;
    let permitted = mask(data[0].permitted, data[1].permitted)?;
    let inheritable = mask(data[0].inheritable, data[1].inheritable)?;
    call.object(&[(c"effective", effective), (c"permitted", permitted), (c"inheritable", inheritable)])
}
