/**
 * The hostile inputs of the security notes, section 3, that a config's validation has to answer: one clear fault at one
 * pointer, or acceptance where the input is odd but right. The number is the row there. Rows about the parser (7 to 9, 12 to 15)
 * belong to the native parser; those about effects (23, 24, 27) to the domains.
 */
import { describe, expect, test } from 'vitest';
import { type Edits, editJson } from '../testing/edit-json.ts';
import { checkConfig } from './check-config.ts';
import { checkProcess } from './check-process.ts';
import { defaultConfig, formatSpec } from './default-config.ts';

const base = formatSpec(defaultConfig);
const withoutNamespaces: Edits = { '/linux': '{}', '/hostname': '""' };
const userNamespace: Edits = { '/linux/namespaces/6': '{"type":"user"}' };
const oneMapping = '[{"containerID":0,"hostID":1000,"size":10}]';
const errno = '"defaultAction":"SCMP_ACT_ERRNO"';

/** row, what, edits, pointer of the only fault, part of its text. */
const refused: readonly (readonly [number, string, Edits, string, string])[] = [
  [2, 'ociVersion missing', { '/ociVersion': undefined }, '/ociVersion', 'is missing'],
  [2, 'ociVersion of another major', { '/ociVersion': '"9.9.9"' }, '/ociVersion', 'major version 9'],
  [2, 'ociVersion of major 0', { '/ociVersion': '"0.5.0-dev"' }, '/ociVersion', 'major version 0'],
  [2, 'ociVersion no SemVer', { '/ociVersion': '"1"' }, '/ociVersion', 'SemVer'],
  [2, 'ociVersion with leading zero', { '/ociVersion': '"1.02.0"' }, '/ociVersion', 'SemVer'],
  [2, 'ociVersion with empty pre-release', { '/ociVersion': '"1.0.0-"' }, '/ociVersion', 'SemVer'],
  [2, 'ociVersion a number', { '/ociVersion': '1.0' }, '/ociVersion', 'must be a string (got the number 1)'],
  [3, 'rlimit 2^64', { '/process/rlimits/0/hard': '18446744073709551616' }, '/process/rlimits/0/hard', 'out of range'],
  [
    3,
    'memory limit 1e30',
    { '/linux/resources/memory/limit': '1e30' },
    '/linux/resources/memory/limit',
    'out of range',
  ],
  [3, 'memory limit 1.5', { '/linux/resources/memory/limit': '1.5' }, '/linux/resources/memory/limit', 'not whole'],
  [3, 'memory limit 1e400', { '/linux/resources/memory/limit': '1e400' }, '/linux/resources/memory/limit', 'not whole'],
  [3, 'memory limit -2', { '/linux/resources/memory/limit': '-2' }, '/linux/resources/memory/limit', 'out of range'],
  [
    4,
    'int64 beyond its end',
    { '/linux/resources/cpu/quota': '9223372036854775808' },
    '/linux/resources/cpu/quota',
    'out of range',
  ],
  [5, 'uid -1', { '/process/user/uid': '-1' }, '/process/user/uid', 'out of range'],
  [5, 'uid (uid_t)-1', { '/process/user/uid': '4294967295' }, '/process/user/uid', 'out of range'],
  [5, 'gid 2^32', { '/process/user/gid': '4294967296' }, '/process/user/gid', 'out of range'],
  [5, 'uid a string', { '/process/user/uid': '"0"' }, '/process/user/uid', 'got the string "0"'],
  [5, 'uid a fraction', { '/process/user/uid': '0.5' }, '/process/user/uid', 'not whole'],
  [5, 'uid -0', { '/process/user/uid': '-0.0' }, '/process/user/uid', '-0'],
  [5, 'additional gid', { '/process/user/additionalGids': '[5,-1]' }, '/process/user/additionalGids/1', 'out of range'],
  [
    0,
    'device name too long',
    { '/linux/netDevices': '{"a123456789012345":{}}' },
    '/linux/netDevices/a123456789012345',
    'at most 15',
  ],
  [0, 'device name with a slash', { '/linux/netDevices': '{"a/b":{}}' }, '/linux/netDevices/a~1b', 'must not contain'],
  [0, 'device name with %', { '/linux/netDevices': '{"a%d":{}}' }, '/linux/netDevices/a%d', 'no device has a %'],
  [0, 'new device name ..', { '/linux/netDevices': '{"a":{"name":".."}}' }, '/linux/netDevices/a/name', '".."'],
  [
    0,
    'new device name of 16 bytes',
    { '/linux/netDevices': '{"a":{"name":"éééééééé"}}' },
    '/linux/netDevices/a/name',
    'at most 15',
  ],
  [
    0,
    'new device name with a blank',
    { '/linux/netDevices': '{"a":{"name":"b c"}}' },
    '/linux/netDevices/a/name',
    'white space',
  ],
  [
    0,
    'device template with two %d',
    { '/linux/netDevices': '{"a":{"name":"%d%d"}}' },
    '/linux/netDevices/a/name',
    'one "%d"',
  ],
  [
    0,
    'device template with %s',
    { '/linux/netDevices': '{"a":{"name":"b%s"}}' },
    '/linux/netDevices/a/name',
    'one "%d"',
  ],
  [
    0,
    'two devices of one name',
    { '/linux/netDevices': '{"a":{"name":"c"},"b":{"name":"c"}}' },
    '/linux/netDevices/b',
    'as a does',
  ],
  [0, 'device name not a string', { '/linux/netDevices': '{"a":{"name":5}}' }, '/linux/netDevices/a/name', 'string'],
  [
    0,
    'network devices without a network namespace',
    { ...withoutNamespaces, '/linux': '{"netDevices":{"eth0":{}}}' },
    '/linux/netDevices',
    'needs a network namespace',
  ],
  [6, 'NUL in args', { '/process/args': '["sh","a\\u0000b"]' }, '/process/args/1', 'contains NUL'],
  [6, 'NUL in env', { '/process/env/0': '"A=\\u0000"' }, '/process/env/0', 'contains NUL'],
  [6, 'NUL in cwd', { '/process/cwd': '"/a\\u0000"' }, '/process/cwd', 'contains NUL'],
  [6, 'NUL in hostname', { '/hostname': '"a\\u0000b"' }, '/hostname', 'contains NUL'],
  [6, 'NUL in mount destination', { '/mounts/1/destination': '"/a\\u0000b"' }, '/mounts/1/destination', 'contains NUL'],
  [6, 'NUL in mount source', { '/mounts/1/source': '"/a\\u0000b"' }, '/mounts/1/source', 'contains NUL'],
  [6, 'NUL in hook path', { '/hooks/poststop': '[{"path":"/a\\u0000b"}]' }, '/hooks/poststop/0/path', 'contains NUL'],
  [6, 'NUL in annotation', { '/annotations/a': '"a\\u0000b"' }, '/annotations/a', 'contains NUL'],
  [6, 'NUL in annotation key', { '/annotations': '{"a\\u0000b":""}' }, '/annotations/a\0b', 'contains NUL'],
  [11, 'null', { '': 'null' }, '', 'must be an object (got null)'],
  [11, 'an array', { '': '[]' }, '', 'must be an object (got an array)'],
  [11, 'a string', { '': '"x"' }, '', 'must be an object (got the string "x")'],
  [21, 'destination /', { '/mounts/1/destination': '"/"' }, '/mounts/1/destination', 'must not be /'],
  [
    21,
    'destination that is / when cleaned',
    { '/mounts/1/destination': '"/a/../.."' },
    '/mounts/1/destination',
    'must not be /',
  ],
  [21, 'destination empty', { '/mounts/1/destination': '""' }, '/mounts/1/destination', 'must not be empty'],
  [22, 'tmpfs on /proc', { '/mounts/0/type': '"tmpfs"' }, '/mounts/0/destination', '/proc is for proc'],
  [
    22,
    'tmpfs on /proc, disguised',
    { '/mounts/1/destination': '"//x/../proc/"' },
    '/mounts/1/destination',
    '/proc is for proc',
  ],
  [
    22,
    'tmpfs on /proc/self/attr',
    { '/mounts/1/destination': '"/proc/self/attr"' },
    '/mounts/1/destination',
    'inside /proc',
  ],
  [
    22,
    'proc on /proc/sys',
    { '/mounts/1': '{"destination":"/proc/sys","type":"proc"}' },
    '/mounts/1/destination',
    'inside /proc',
  ],
  [22, 'tmpfs on /sys', { '/mounts/1/destination': '"/sys"' }, '/mounts/1/destination', '/sys is for sysfs'],
  [25, 'root missing', { '/root': undefined }, '/root', 'is missing'],
  [25, 'root path missing', { '/root': '{}' }, '/root/path', 'is missing'],
  [25, 'root path empty', { '/root/path': '""' }, '/root/path', 'must not be empty'],
  [25, 'root path /', { '/root/path': '"/./"' }, '/root/path', 'must not be /'],
  [26, 'duplicate namespace', { '/linux/namespaces/6': '{"type":"pid"}' }, '/linux/namespaces/6', 'duplicate'],
  [26, 'unknown namespace', { '/linux/namespaces/6': '{"type":"net"}' }, '/linux/namespaces/6/type', 'must be one of'],
  [26, 'relative path', { '/linux/namespaces/0/path': '"ns/pid"' }, '/linux/namespaces/0/path', 'absolute'],
  [
    28,
    'major -1',
    { '/linux/devices': '[{"path":"/dev/x","type":"c","major":-1,"minor":0}]' },
    '/linux/devices/0/major',
    'out of range',
  ],
  [
    28,
    'major 4096',
    { '/linux/devices': '[{"path":"/dev/x","type":"c","major":4096,"minor":0}]' },
    '/linux/devices/0/major',
    '0 to 4095',
  ],
  [
    28,
    'minor 2^40',
    { '/linux/devices': '[{"path":"/dev/x","type":"b","major":1,"minor":1099511627776}]' },
    '/linux/devices/0/minor',
    '0 to 1048575',
  ],
  [
    28,
    'type q',
    { '/linux/devices': '[{"path":"/dev/x","type":"q","major":1,"minor":0}]' },
    '/linux/devices/0/type',
    'must be one of',
  ],
  [
    28,
    'no minor',
    { '/linux/devices': '[{"path":"/dev/x","type":"u","major":1}]' },
    '/linux/devices/0/minor',
    'is missing',
  ],
  [
    28,
    'relative path',
    { '/linux/devices': '[{"path":"../../tmp/zz","type":"p"}]' },
    '/linux/devices/0/path',
    'absolute',
  ],
  [28, 'in /proc', { '/linux/devices': '[{"path":"/dev/../proc/x","type":"p"}]' }, '/linux/devices/0/path', '/proc'],
  [
    28,
    'duplicate path',
    { '/linux/devices': '[{"path":"/dev/x","type":"p"},{"path":"/dev//x","type":"p"}]' },
    '/linux/devices/1/path',
    'duplicate',
  ],
  [
    29,
    'duplicate rlimit',
    { '/process/rlimits/1': '{"type":"RLIMIT_NOFILE","soft":1,"hard":1}' },
    '/process/rlimits/1',
    'duplicate RLIMIT_NOFILE',
  ],
  [29, 'soft above hard', { '/process/rlimits/0/soft': '1025' }, '/process/rlimits/0/soft', 'above hard'],
  [
    29,
    'soft above hard, big',
    { '/process/rlimits/0/soft': '18446744073709551615' },
    '/process/rlimits/0/soft',
    'above hard',
  ],
  [29, 'unknown rlimit', { '/process/rlimits/0/type': '"NOFILE"' }, '/process/rlimits/0/type', 'must be one of'],
  [
    30,
    'effective, not permitted',
    { '/process/capabilities/permitted': '["CAP_KILL","CAP_AUDIT_WRITE"]' },
    '/process/capabilities/effective/2',
    'not permitted',
  ],
  [
    30,
    'inheritable, not bounding',
    { '/process/capabilities/inheritable': '["CAP_CHOWN"]' },
    '/process/capabilities/inheritable/0',
    'not bounding',
  ],
  [
    31,
    'unknown architecture',
    { '/linux/seccomp': `{${errno},"architectures":["SCMP_ARCH_X86_46"]}` },
    '/linux/seccomp/architectures/0',
    'must be one of',
  ],
  [
    31,
    'unknown action',
    { '/linux/seccomp': '{"defaultAction":"SCMP_ACT_DENY"}' },
    '/linux/seccomp/defaultAction',
    'must be one of',
  ],
  [
    31,
    'unknown operator',
    {
      '/linux/seccomp': `{${errno},"syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"EQ"}]}]}`,
    },
    '/linux/seccomp/syscalls/0/args/0/op',
    'must be one of',
  ],
  [
    31,
    'argument 6',
    {
      '/linux/seccomp': `{${errno},"syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}]}`,
    },
    '/linux/seccomp/syscalls/0/args/0/index',
    '0 to 5',
  ],
  [
    31,
    'errnoRet 4096',
    { '/linux/seccomp': `{${errno},"defaultErrnoRet":4096}` },
    '/linux/seccomp/defaultErrnoRet',
    '0 to 4095',
  ],
  [
    31,
    'errnoRet without errno',
    { '/linux/seccomp': `{${errno},"syscalls":[{"names":["a"],"action":"SCMP_ACT_KILL","errnoRet":1}]}` },
    '/linux/seccomp/syscalls/0/errnoRet',
    'returns no errno',
  ],
  [
    31,
    'no names',
    { '/linux/seccomp': `{${errno},"syscalls":[{"names":[],"action":"SCMP_ACT_KILL"}]}` },
    '/linux/seccomp/syscalls/0/names',
    'at least 1',
  ],
  [
    31,
    'notify on write',
    {
      '/linux/seccomp': `{${errno},"listenerPath":"/s","syscalls":[{"names":["a","write"],"action":"SCMP_ACT_NOTIFY"}]}`,
    },
    '/linux/seccomp/syscalls/0/names/1',
    'write',
  ],
  [
    31,
    'notify on sendmsg',
    {
      '/linux/seccomp': `{${errno},"listenerPath":"/s","syscalls":[{"names":["sendmsg"],"action":"SCMP_ACT_NOTIFY"}]}`,
    },
    '/linux/seccomp/syscalls/0/names/0',
    'sendmsg',
  ],
  [
    31,
    'notify by default',
    { '/linux/seccomp': '{"defaultAction":"SCMP_ACT_NOTIFY","listenerPath":"/s"}' },
    '/linux/seccomp/defaultAction',
    'must not be SCMP_ACT_NOTIFY',
  ],
  [
    31,
    'metadata without listener',
    { '/linux/seccomp': `{${errno},"listenerMetadata":"m"}` },
    '/linux/seccomp/listenerMetadata',
    'without listenerPath',
  ],
  [
    32,
    'overlap inside',
    {
      ...userNamespace,
      '/linux/gidMappings': oneMapping,
      '/linux/uidMappings': '[{"containerID":5,"hostID":2000,"size":2},{"containerID":0,"hostID":1000,"size":6}]',
    },
    '/linux/uidMappings/1/containerID',
    'overlaps',
  ],
  [
    32,
    'overlap outside',
    {
      ...userNamespace,
      '/linux/gidMappings': oneMapping,
      '/linux/uidMappings': '[{"containerID":0,"hostID":1000,"size":10},{"containerID":10,"hostID":1009,"size":1}]',
    },
    '/linux/uidMappings/1/hostID',
    'overlaps',
  ],
  [
    32,
    'size 0',
    {
      ...userNamespace,
      '/linux/gidMappings': oneMapping,
      '/linux/uidMappings': '[{"containerID":0,"hostID":0,"size":0}]',
    },
    '/linux/uidMappings/0/size',
    'out of range',
  ],
  [
    32,
    '341 extents',
    {
      ...userNamespace,
      '/linux/uidMappings': oneMapping,
      '/linux/gidMappings': JSON.stringify(
        Array.from({ length: 341 }, (_, i) => ({ containerID: i, hostID: i, size: 1 })),
      ),
    },
    '/linux/gidMappings',
    'at most 340 entries (got 341)',
  ],
  [
    32,
    'beyond the last id',
    {
      ...userNamespace,
      '/linux/gidMappings': oneMapping,
      '/linux/uidMappings': '[{"containerID":4294967290,"hostID":0,"size":10}]',
    },
    '/linux/uidMappings/0',
    'beyond the last id',
  ],
  [32, 'command line', { '/process/commandLine': '"cmd.exe"' }, '/process/commandLine', 'Windows only'],
  [32, 'without user namespace', { '/linux/uidMappings': oneMapping }, '/linux/uidMappings', 'needs a user namespace'],
  [
    32,
    'user namespace without uids',
    { ...userNamespace, '/linux/gidMappings': oneMapping },
    '/linux/uidMappings',
    'is missing',
  ],
  [
    33,
    'hook path relative',
    { '/hooks/createRuntime': '[{"path":"bin/x"}]' },
    '/hooks/createRuntime/0/path',
    'absolute',
  ],
  [33, 'hook path missing', { '/hooks/createRuntime': '[{}]' }, '/hooks/createRuntime/0/path', 'is missing'],
  [33, 'hook timeout 0', { '/hooks/prestart': '[{"path":"/x","timeout":0}]' }, '/hooks/prestart/0/timeout', 'from 1'],
  [
    33,
    'hook timeout -1',
    { '/hooks/startContainer': '[{"path":"/x","timeout":-1}]' },
    '/hooks/startContainer/0/timeout',
    'from 1',
  ],
  [34, 'cgroupsPath ..', { '/linux/cgroupsPath': '"../../.."' }, '/linux/cgroupsPath', '".."'],
  [34, 'cgroupsPath too long', { '/linux/cgroupsPath': `"/${'a'.repeat(5000)}"` }, '/linux/cgroupsPath', '255'],
  [34, 'cgroupsPath with newline', { '/linux/cgroupsPath': '"/a\\nb"' }, '/linux/cgroupsPath', 'newline'],
  [34, 'cgroupsPath of the root', { '/linux/cgroupsPath': '"/"' }, '/linux/cgroupsPath', 'root of the cgroup tree'],
  [34, 'cgroupsPath .', { '/linux/cgroupsPath': '"./"' }, '/linux/cgroupsPath', 'root of the cgroup tree'],
  [
    35,
    'unified key with slash',
    { '/linux/resources/unified': '{"../memory.max":"1"}' },
    '/linux/resources/unified/..~1memory.max',
    'plain file name',
  ],
  [
    35,
    'unified key without controller',
    { '/linux/resources/unified': '{"max":"1"}' },
    '/linux/resources/unified/max',
    'CONTROLLER.PARAMETER',
  ],
  [
    35,
    'unified key ..',
    { '/linux/resources/unified': '{"..":"1"}' },
    '/linux/resources/unified/..',
    'CONTROLLER.PARAMETER',
  ],
  [
    35,
    'unified value with NUL',
    { '/linux/resources/unified': '{"memory.max":"1\\u0000"}' },
    '/linux/resources/unified/memory.max',
    'contains NUL',
  ],
  [36, 'sysctl unknown', { '/linux/sysctl': '{"vm.swappiness":"1"}' }, '/linux/sysctl/vm.swappiness', 'no namespace'],
  [
    36,
    'sysctl that climbs',
    { '/linux/sysctl': '{"net/../kernel/panic":"1"}' },
    '/linux/sysctl/net~1..~1kernel~1panic',
    'not the name',
  ],
  [
    36,
    'sysctl that climbs, dotted',
    { '/linux/sysctl': '{"net.//.kernel.panic":"1"}' },
    '/linux/sysctl/net.~1~1.kernel.panic',
    'not the name',
  ],
  [
    36,
    'sysctl core_pattern',
    { '/linux/sysctl': '{"kernel.core_pattern":"|/x"}' },
    '/linux/sysctl/kernel.core_pattern',
    'no namespace',
  ],
  [36, 'sysctl hostname', { '/linux/sysctl': '{"kernel.hostname":"x"}' }, '/linux/sysctl/kernel.hostname', '/hostname'],
  [
    36,
    'sysctl of the host network',
    { ...withoutNamespaces, '/linux/sysctl': '{"net.core.somaxconn":"1"}' },
    '/linux/sysctl/net.core.somaxconn',
    'type network',
  ],
  [37, 'masked path relative', { '/linux/maskedPaths/0': '"proc/acpi"' }, '/linux/maskedPaths/0', 'absolute'],
  [37, 'read-only path relative', { '/linux/readonlyPaths/0': '"proc/bus"' }, '/linux/readonlyPaths/0', 'absolute'],
  [38, 'annotation no string', { '/annotations/a': '1' }, '/annotations/a', 'must be a string'],
  [38, 'annotation with empty key', { '/annotations': '{"":"x"}' }, '/annotations/', 'empty key'],
  [42, 'oomScoreAdj', { '/process/oomScoreAdj': '5000' }, '/process/oomScoreAdj', '-1000 to 1000'],
  [42, 'umask', { '/process/user/umask': '99999' }, '/process/user/umask', '0 to 511'],
  [42, 'nice', { '/process/scheduler': '{"policy":"SCHED_OTHER","nice":99}' }, '/process/scheduler/nice', '-20 to 19'],
  [42, 'policy', { '/process/scheduler': '{"policy":"SCHED_FAST"}' }, '/process/scheduler/policy', 'must be one of'],
  [42, 'no policy', { '/process/scheduler': '{"nice":1}' }, '/process/scheduler/policy', 'is missing'],
  [
    42,
    'children of a deadline process',
    {
      '/process/scheduler': '{"policy":"SCHED_DEADLINE","runtime":2000,"deadline":2000}',
      '/hooks': '{"startContainer":[{"path":"/bin/x"}]}',
    },
    '/process/scheduler/flags',
    'cannot have children',
  ],
  [42, 'policy a number', { '/process/scheduler': '{"policy":1}' }, '/process/scheduler/policy', 'must be'],
  [
    42,
    'scheduler flag',
    { '/process/scheduler': '{"policy":"SCHED_OTHER","flags":["SCHED_FLAG_FAST"]}' },
    '/process/scheduler/flags/0',
    'must be one of',
  ],
  [
    42,
    'FIFO without priority',
    { '/process/scheduler': '{"policy":"SCHED_FIFO"}' },
    '/process/scheduler/priority',
    '1 to 99',
  ],
  [
    42,
    'FIFO priority out of range',
    { '/process/scheduler': '{"policy":"SCHED_FIFO","priority":500}' },
    '/process/scheduler/priority',
    '0 to 99',
  ],
  [
    42,
    'priority without real time',
    { '/process/scheduler': '{"policy":"SCHED_OTHER","priority":1}' },
    '/process/scheduler/priority',
    'SCHED_FIFO or SCHED_RR',
  ],
  [
    42,
    'runtime without deadline policy',
    { '/process/scheduler': '{"policy":"SCHED_RR","priority":1,"runtime":5}' },
    '/process/scheduler/runtime',
    'SCHED_DEADLINE',
  ],
  [
    42,
    'deadline without values',
    { '/process/scheduler': '{"policy":"SCHED_DEADLINE"}' },
    '/process/scheduler/runtime',
    'at least 1024',
  ],
  [
    42,
    'deadline below runtime',
    { '/process/scheduler': '{"policy":"SCHED_DEADLINE","runtime":3000,"deadline":2000}' },
    '/process/scheduler/deadline',
    'below runtime',
  ],
  [
    42,
    'period below deadline',
    { '/process/scheduler': '{"policy":"SCHED_DEADLINE","runtime":2000,"deadline":2000,"period":1999}' },
    '/process/scheduler/period',
    'below deadline',
  ],
  [
    42,
    'deadline with the highest bit',
    { '/process/scheduler': '{"policy":"SCHED_DEADLINE","runtime":2000,"deadline":9223372036854775808}' },
    '/process/scheduler',
    'at most 9223372036854775807',
  ],
  [
    42,
    'runtime of 65 bits',
    { '/process/scheduler': '{"policy":"SCHED_DEADLINE","runtime":18446744073709551616}' },
    '/process/scheduler/runtime',
    '18446744073709551615',
  ],
  [
    42,
    'I/O class',
    { '/process/ioPriority': '{"class":"IOPRIO_CLASS_NONE","priority":0}' },
    '/process/ioPriority/class',
    'must be one of',
  ],
  [
    42,
    'I/O class alone',
    { '/process/ioPriority': '{"class":"IOPRIO_CLASS_BE"}' },
    '/process/ioPriority/priority',
    'is missing',
  ],
  ...['x', '3-1', '-1', '1-', '0x1', '65536', '1,2-3-4', ',,', '1 2'].map(
    (list) =>
      [
        42,
        `processors ${list}`,
        { '/process/execCPUAffinity': JSON.stringify({ final: list }) },
        '/process/execCPUAffinity/final',
        '',
      ] as const,
  ),
  [
    42,
    'processors no text',
    { '/process/execCPUAffinity': '{"initial":0}' },
    '/process/execCPUAffinity/initial',
    'string',
  ],
  [42, 'memory mode', { '/linux/memoryPolicy': '{"mode":"MPOL_ALL"}' }, '/linux/memoryPolicy/mode', 'must be one of'],
  [42, 'no memory mode', { '/linux/memoryPolicy': '{"nodes":"0"}' }, '/linux/memoryPolicy/mode', 'is missing'],
  [
    42,
    'memory flag',
    { '/linux/memoryPolicy': '{"mode":"MPOL_LOCAL","flags":["MPOL_F_NODE"]}' },
    '/linux/memoryPolicy/flags/0',
    'must be one of',
  ],
  [42, 'nodes', { '/linux/memoryPolicy': '{"mode":"MPOL_BIND","nodes":"a"}' }, '/linux/memoryPolicy/nodes', 'a list'],
  [42, 'no nodes', { '/linux/memoryPolicy': '{"mode":"MPOL_BIND"}' }, '/linux/memoryPolicy/nodes', 'needs nodes'],
  [
    42,
    'nodes for local',
    { '/linux/memoryPolicy': '{"mode":"MPOL_LOCAL","nodes":"0"}' },
    '/linux/memoryPolicy/nodes',
    'takes no nodes',
  ],
  [
    42,
    'static and relative nodes',
    {
      '/linux/memoryPolicy': '{"mode":"MPOL_BIND","nodes":"0","flags":["MPOL_F_STATIC_NODES","MPOL_F_RELATIVE_NODES"]}',
    },
    '/linux/memoryPolicy/flags',
    'both',
  ],
  [
    42,
    'balancing of interleaved memory',
    { '/linux/memoryPolicy': '{"mode":"MPOL_INTERLEAVE","nodes":"0","flags":["MPOL_F_NUMA_BALANCING"]}' },
    '/linux/memoryPolicy/flags',
    'MPOL_BIND',
  ],
  [
    42,
    'static nodes of none',
    { '/linux/memoryPolicy': '{"mode":"MPOL_PREFERRED","flags":["MPOL_F_STATIC_NODES"]}' },
    '/linux/memoryPolicy/flags',
    'given none',
  ],
  [42, 'hostname of 65', { '/hostname': `"${'h'.repeat(65)}"` }, '/hostname', 'at most 64 bytes'],
  [42, 'hostname of 66 bytes', { '/hostname': `"${'é'.repeat(33)}"` }, '/hostname', 'at most 64 bytes (got 66)'],
  [42, 'domainname of 65', { '/domainname': `"${'d'.repeat(65)}"` }, '/domainname', 'at most 64 bytes'],
  [42, 'hostname of the host', { '/linux': '{}' }, '/hostname', 'needs a uts namespace'],
  [
    42,
    'offsets without time namespace',
    { '/linux/timeOffsets': '{"boottime":{"secs":1}}' },
    '/linux/timeOffsets',
    'needs a time namespace',
  ],
  [42, 'personality', { '/linux/personality': '{"domain":"LINUX64"}' }, '/linux/personality/domain', 'must be one of'],
  [42, 'rootfsPropagation', { '/linux/rootfsPropagation': '"salve"' }, '/linux/rootfsPropagation', 'must be one of'],
  [
    42,
    'ioPriority',
    { '/process/ioPriority': '{"class":"IOPRIO_CLASS_BE","priority":8}' },
    '/process/ioPriority/priority',
    '0 to 7',
  ],
  [49, 'env without =', { '/process/env/2': '"NOVALUE"' }, '/process/env/2', 'has no ='],
  [49, 'env without name', { '/process/env/2': '"=x"' }, '/process/env/2', 'name before the ='],
];

/** row, what, edits: odd, but to be accepted. */
const accepted: readonly (readonly [number, string, Edits])[] = [
  [
    1,
    'unknown properties',
    { '/future': '{"x":[1]}', '/process/future': 'null', '/linux/resources/memory': '{"zz":-5}' },
  ],
  [
    4,
    'the ends of 64 bits',
    { '/process/rlimits/0': '{"type":"RLIMIT_NOFILE","soft":18446744073709551615,"hard":18446744073709551615}' },
  ],
  [4, 'the other end of 64 bits', { '/linux/resources/cpu/quota': '-9223372036854775808' }],
  [10, 'keys of Object.prototype', { '/annotations': '{"__proto__":"a","constructor":"b","toString":"c"}' }],
  [10, 'the same as files of a cgroup', { '/linux/resources/unified': '{"a.__proto__":"a","a.constructor":"b"}' }],
  [20, 'a destination that climbs', { '/mounts/1/destination': '"/../../../data"' }],
  [
    22,
    'what lxcfs mounts',
    { '/mounts/7': '{"destination":"/proc/cpuinfo","type":"bind","source":"/x","options":["bind"]}' },
  ],
  [22, 'the host procfs bound', { '/mounts/0': '{"destination":"/proc","source":"/proc","options":["rbind"]}' }],
  [22, 'a name that only begins like /proc', { '/mounts/1/destination': '"/process"' }],
  [
    31,
    'an unknown system call',
    { '/linux/seccomp': `{${errno},"syscalls":[{"names":["nosuch"],"action":"SCMP_ACT_ALLOW"}]}` },
  ],
  [33, 'a long timeout', { '/hooks/poststart': '[{"path":"/x","timeout":1000000000}]' }],
  [35, 'several lines for one file', { '/linux/resources/unified': '{"io.max":"8:0 rbps=1\\n8:16 rbps=1"}' }],
  [
    36,
    'net with slashes and a dotted interface',
    { '/linux/sysctl': '{"net/ipv4/conf/eth0.100/rp_filter":"0","net.ipv4.conf.eth0/1.rp_filter":"0"}' },
  ],
  [38, 'a long annotation', { '/annotations/a': `"${'x'.repeat(1_000_000)}"` }],
  [
    42,
    'console size without terminal',
    { '/process/terminal': 'false', '/process/consoleSize': '{"height":99999,"width":1}' },
  ],
  [44, 'no process', { '/process': undefined }],
  [49, 'odd environment', { '/process/env': '["PATH=","LD_PRELOAD=/x","A==","A=1"]' }],
  [
    34,
    'absent values as Go programs write them',
    { '/linux/cgroupsPath': '""', '/linux/namespaces/0/path': '""', '/linux/resources/blockIO/weight': '0' },
  ],
];

/** row, what, edits, pointer of the only warning. */
const warned: readonly (readonly [number, string, Edits, string])[] = [
  [2, 'a newer minor version', { '/ociVersion': '"1.9.0"' }, '/ociVersion'],
  [21, 'a relative destination', { '/mounts/1/destination': '"dev"' }, '/mounts/1/destination'],
  [
    30,
    'an unknown capability',
    { '/process/capabilities/bounding/3': '"CAP_KIL"' },
    '/process/capabilities/bounding/3',
  ],
  [
    30,
    'ambient, not inheritable',
    { '/process/capabilities/ambient': '["CAP_KILL"]' },
    '/process/capabilities/ambient/0',
  ],
];

describe('hostile inputs', () => {
  // [shows config.md#specification-version/1 config.md#valid-values/1 config.md#posix-process/2 config.md#posix-process/8 config-linux.md#namespaces/8 config-linux.md#seccomp/8]
  test.each(refused)('row %i, %s: refused', (_row, _what, edits, pointer, text) => {
    const result = checkConfig(editJson(base, edits));
    expect(result.faults?.map((fault) => fault.pointer)).toEqual([pointer]);
    expect(result.faults?.[0]?.what).toContain(text);
  });

  test.each(accepted)('row %i, %s: accepted', (_row, _what, edits) => {
    expect(checkConfig(editJson(base, edits)).faults).toBeUndefined();
  });

  test.each(warned)('row %i, %s: warned about', (_row, _what, edits, pointer) => {
    const result = checkConfig(editJson(base, edits));
    expect(result.faults).toBeUndefined();
    expect(result.warnings.map((warning) => warning.pointer)).toEqual([pointer]);
  });

  test('row 10: a key of Object.prototype changes nothing for others', () => {
    checkConfig(
      editJson(base, { '/annotations': '{"__proto__":"a"}', '/linux/netDevices': '{"__proto__":{"name":"x"}}' }),
    );
    expect(Object.hasOwn(Object.prototype, 'name')).toBe(false);
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  // Row 45: the rules of /process are those of exec --process, with pointers from the file's root.
  const processRows = refused.filter(([, , edits]) => {
    const pointers = Object.keys(edits);
    return pointers.length === 1 && pointers[0]?.startsWith('/process/') === true;
  });
  test.each(processRows)('row 45 as %i, %s: refused for exec', (_row, _what, edits, pointer, text) => {
    const config = editJson(base, edits) as { process: unknown };
    const result = checkProcess(config.process);
    expect(result.faults?.map((fault) => fault.pointer)).toEqual([pointer.slice('/process'.length)]);
    expect(result.faults?.[0]?.what).toContain(text);
  });
});
