/** What real engines write has to be accepted: the shapes of Docker, Podman and containerd, written from their sources. */
import { expect, test } from 'vitest';
import { editJson } from '../testing/edit-json.ts';
import { checkCarriedOut } from './check-carried-out.ts';
import { checkConfig } from './check-config.ts';
import type { Config } from './config-types.ts';
import { defaultConfig, formatSpec } from './default-config.ts';

const base = formatSpec(defaultConfig);

const engines: { readonly [name: string]: { readonly [pointer: string]: string } } = {
  docker: {
    '/ociVersion': '"1.2.0"',
    '/process/user': '{"uid":0,"gid":0,"additionalGids":[0,10]}',
    '/process/oomScoreAdj': '0',
    '/process/consoleSize': '{"height":0,"width":0}',
    '/linux/cgroupsPath': '"/docker/0123456789abcdef"',
    '/linux/sysctl': '{"net.ipv4.ip_unprivileged_port_start":"0","net.ipv4.ping_group_range":"0 2147483647"}',
    '/linux/resources': `{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":5,"access":"rwm"}],
      "memory":{},"cpu":{"shares":0},"pids":{},"blockIO":{"weight":0}}`,
    '/hooks':
      '{"prestart":[{"path":"/proc/1234/exe","args":["libnetwork-setkey","-exec-root=/var/run/docker","id","ctl"]}]}',
    '/linux/seccomp': `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],
      "syscalls":[{"names":["accept"],"action":"SCMP_ACT_ALLOW"},
      {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}]},
      {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"op":"SCMP_CMP_MASKED_EQ"}]},
      {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}`,
    '/linux/rootfsPropagation': '"rslave"',
  },
  podman: {
    '/process/user': '{"uid":0,"gid":0,"umask":18,"additionalGids":[0]}',
    '/linux/cgroupsPath': '"/libpod_parent/libpod-0123"',
    '/linux/sysctl': '{"net.ipv4.ping_group_range":"0 0"}',
    '/linux/namespaces/1/path': '"/run/netns/netns-0123"',
    '/mounts/7': '{"destination":"/etc/hosts","type":"bind","source":"/run/x/hosts","options":["bind","rprivate"]}',
    '/annotations': '{"io.container.manager":"libpod","org.opencontainers.image.stopSignal":"15"}',
    '/linux/resources/pids': '{"limit":2048}',
  },
  'podman, rootless': {
    '/linux/namespaces/6': '{"type":"user"}',
    '/linux/uidMappings': '[{"containerID":0,"hostID":1000,"size":1},{"containerID":1,"hostID":100000,"size":65536}]',
    '/linux/gidMappings': '[{"containerID":0,"hostID":1000,"size":1},{"containerID":1,"hostID":100000,"size":65536}]',
    '/mounts/5':
      '{"destination":"/sys","type":"bind","source":"/sys","options":["rprivate","nosuid","noexec","nodev","ro","rbind"]}',
  },
  'containerd, a pod that shares namespaces': {
    '/linux/cgroupsPath': '"/k8s.io/0123"',
    '/linux/namespaces': `[{"type":"pid"},{"type":"ipc","path":"/proc/12/ns/ipc"},{"type":"uts","path":"/proc/12/ns/uts"},
      {"type":"mount"},{"type":"network","path":"/proc/12/ns/net"},{"type":"cgroup"}]`,
    '/linux/resources/memory': '{"limit":134217728,"swap":134217728}',
    '/linux/resources/cpu': '{"shares":102,"quota":50000,"period":100000}',
    '/linux/resources/unified': '{"memory.oom.group":"1","memory.swap.max":"0"}',
    '/process/oomScoreAdj': '999',
    '/process/apparmorProfile': '""',
    '/linux/devices': '[{"path":"/dev/fuse","type":"c","major":10,"minor":229,"fileMode":67108864,"uid":0,"gid":0}]',
  },
};

test.each(Object.entries(engines))('%s', (_name, edits) => {
  const result = checkConfig(editJson(base, edits));
  expect(result).toMatchObject({ warnings: [] });
  expect(result.faults).toBeUndefined();
  expect(checkCarriedOut(editJson(base, edits) as Config)).toEqual([]);
});
