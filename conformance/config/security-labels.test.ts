/**
 * Labels on a host that cannot give them, and profiles that are not loaded. What AppArmor enforces is tested in the virtual
 * machine (vm/apparmor.sh). [spec config.md#linux-process]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useBench } from '../harness/container.ts';

const bench = useBench();

const parameter = '/sys/module/apparmor/parameters/enabled';
const hasAppArmor = existsSync(parameter) && readFileSync(parameter, 'utf8').startsWith('Y');
const hasSelinux = existsSync('/sys/fs/selinux/enforce');
/** Either the module is off, or it knows no such profile: never a container without. */
const noProfile = hasAppArmor ? 'no profile with this name is loaded' : 'AppArmor is not enabled on this host';
const noContext = hasSelinux ? 'policy does not know' : 'SELinux is not enabled';

test.each([
  ['apparmorProfile', 'runt-test-no-such-profile', noProfile],
  ['selinuxLabel', 'no_u:no_r:no_t:s0', noContext],
])('%s: refused, for create, run and exec', (key, label, words) => {
  const refusal = (status: number, place: string) => ({
    status,
    stdout: '',
    stderr: expect.stringMatching(`${place}${key}: .*${words}`),
  });
  bench.current.configure(['/bin/true'], (config) => Object.assign(config.process, { [key]: label }));
  expect(bench.current.create('a')).toMatchObject(refusal(1, '/process/'));
  expect(bench.current.run('a')).toMatchObject(refusal(1, '/process/'));

  bench.current.configure(['/bin/sleep', '60']);
  expect(bench.current.create('b')).toMatchObject({ status: 0, stderr: '' });
  const flag = key === 'apparmorProfile' ? '--apparmor' : '--process-label';
  expect(bench.current.runt(['exec', flag, label, 'b', 'true'])).toMatchObject(refusal(255, '/process/'));
  const file = join(bench.current.directory, 'process.json');
  writeFileSync(file, JSON.stringify({ cwd: '/', args: ['/bin/true'], [key]: label }));
  expect(bench.current.runt(['exec', '--process', file, 'b'])).toMatchObject(refusal(255, '/'));
  expect(bench.current.runt(['delete', '--force', 'b'])).toMatchObject({ status: 0, stderr: '' });
});

test('empty labels and unconfined ask for nothing that this host does not give', () => {
  const change = (labels: object) => (config: { process: object }) => Object.assign(config.process, labels);
  expect(bench.current.script('echo runs', change({ apparmorProfile: '', selinuxLabel: '' }))).toBe('runs\n');
  expect(bench.current.script('echo runs', change({ apparmorProfile: 'unconfined' }))).toBe('runs\n');
});

test('mountLabel is ignored without SELinux, and on every file system of ours with it', () => {
  const seen = bench.current.script('grep -c context= /proc/self/mounts; true', (config) =>
    Object.assign(config.linux, { mountLabel: 'system_u:object_r:container_file_t:s0' }),
  );
  expect(Number(seen) > 0).toBe(hasSelinux);
});
