import { expect, test } from 'vitest';
import { planSystemdPath } from './plan-systemd-path.ts';
import type { SystemdManager } from './systemd-unit.ts';

test.each<[string | undefined, SystemdManager, string, string]>([
  [undefined, 'system', 'runc-web.scope', 'system.slice/runc-web.scope'],
  ['', 'system', 'runc-web.scope', 'system.slice/runc-web.scope'],
  [undefined, 'user', 'runc-web.scope', 'user.slice/runc-web.scope'],
  ['system.slice:docker:1234', 'system', 'docker-1234.scope', 'system.slice/docker-1234.scope'],
  [':docker:1234', 'user', 'docker-1234.scope', 'user.slice/docker-1234.scope'],
  [
    'kubepods-besteffort-pod12.slice:cri-containerd:ab',
    'system',
    'cri-containerd-ab.scope',
    'kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod12.slice/cri-containerd-ab.scope',
  ],
  ['-.slice:x:y', 'system', 'x-y.scope', 'x-y.scope'],
  ['a.slice::y', 'system', '-y.scope', 'a.slice/-y.scope'],
  [':x:pods-a.slice', 'system', 'pods-a.slice', 'pods.slice/pods-a.slice'],
])('%s of the %s manager', (cgroupsPath, manager, unit, path) => {
  const planned = planSystemdPath(cgroupsPath, 'web', manager);
  expect(planned.unit).toBe(unit);
  expect(planned.components.join('/')).toBe(path);
  expect(planned.isSlice).toBe(unit.endsWith('.slice'));
});

test.each<[string, string]>([
  ['/a/b', 'slice:prefix:name'],
  ['a:b', 'slice:prefix:name'],
  ['a:b:c:d', 'slice:prefix:name'],
  ['a:b:c', 'must end in .slice'],
  ['.slice:b:c', 'must end in .slice'],
  ['a.service:b:c', 'must end in .slice'],
  ['a--b.slice:x:y', 'a dash stands between two names'],
  ['-a.slice:x:y', 'a dash stands between two names'],
  ['a-.slice:x:y', 'a dash stands between two names'],
  ['../x.slice:x:y', 'may not have'],
  ['a.slice:x:', 'no name'],
  ['a.slice:x:y/z', 'may not have'],
  ['a.slice:x:y z', 'may not have'],
  ['a.slice:x:y\n', 'may not have'],
  ['a.slice:x@:y', 'may not have'],
  ['a.slice:x:\u{e9}', 'may not have'],
  [`a.slice:x:${'y'.repeat(250)}`, 'longer than 255'],
  [':x:-.slice', 'root slice'],
])('%s is refused', (cgroupsPath, reason) => {
  expect(() => planSystemdPath(cgroupsPath, 'web', 'system')).toThrow(reason);
  expect(() => planSystemdPath(cgroupsPath, 'web', 'system')).toThrow('/linux/cgroupsPath');
});
