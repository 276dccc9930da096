/** mounts add and remove on the fake kernel: what is mounted, what is written down, and what is left when a call fails. */
import { describe, expect, test } from 'vitest';
import type { MountsRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH, O_PATH } from '../kernel/flags.ts';
import { globals, plainConfig, runningFiles } from '../testing/containers.ts';
import { createFakeKernel, type Fault } from '../testing/fake-kernel.ts';
import { changeMounts } from './change-mounts.ts';

const list = '[{"destination":"/data","source":"/nothing","options":["rbind"]}]';
const files = { ...runningFiles(plainConfig), vol: { file: 'text' }, data: {}, etc: { conf: '' }, list };
const request = (action: 'add' | 'remove', ...operands: string[]): MountsRequest => ({
  command: 'mounts',
  action,
  id: 'web',
  operands,
  options: [],
});
const add = request('add', '/vol', '/data');
const remove = request('remove', '/data');

function world(fault?: Fault) {
  const fake = createFakeKernel({ files, ...(fault === undefined ? {} : { fault }) });
  const change = (what: MountsRequest): string => {
    try {
      changeMounts(fake.kernel, globals, what);
      return '';
    } catch (error) {
      if (error instanceof RuntimeError) return error.message;
      throw error;
    }
  };
  const mounts = () => fake.world().filter((line) => line.startsWith('/data <= ') || line.startsWith('/etc/conf <= '));
  return { fake, change, mounts };
}

test('a mount comes and goes; the record comes and goes with it', () => {
  const { change, mounts, fake } = world();
  expect(change(add)).toBe('');
  expect(mounts()).toEqual(['/data <= bind 0']);
  expect(change(request('add', '/vol/file', '/etc/../etc/conf'))).toBe('');
  expect(mounts()).toEqual(['/data <= bind 0', '/etc/conf <= bind 0']);
  expect(change(remove)).toBe('');
  expect(mounts()).toEqual(['/etc/conf <= bind 0']);
  expect(change(remove)).toContain('is no mount of mounts add');
  expect(change(request('remove', '/etc/conf/'))).toBe('');
  expect(mounts()).toEqual([]);
  expect(fake.children()).toEqual([]);
});

test('an error and a warning name what the caller wrote, not a place in config.json', () => {
  const { change, fake } = world();
  const withOption = (option: string): MountsRequest => ({ ...add, options: [option] });
  expect(change(withOption('idmap'))).toMatch(/^mounts add failed: --options: idmap needs a mapping, .* - hint: /);
  expect(change(request('add', '/nothing', '/data'))).toBe(
    'mounts add failed: open /nothing for the container: /nothing: no such file or directory (ENOENT from open_tree(2))',
  );
  expect(change(request('add', '/vol', '/proc/x'))).toMatch(/^mounts add failed: \/proc\/x: must not be inside \/proc/);
  expect(changeMounts(fake.kernel, globals, withOption('idmapp'))).toEqual([
    '--options: "idmapp" has no effect on a bind mount',
  ]);
  expect(change(request('add', '/list'))).toContain('/list: /0/source: /nothing: no such file');
});

test('the destination is only what it was: another mount there stays', () => {
  const { change, mounts, fake } = world();
  expect(change(add)).toBe('');
  // What a privileged container can do: cover it.
  const { kernel } = fake;
  const cover = kernel.fsmount(kernel.fsopen('tmpfs', 0), 0, 0);
  const data = kernel.openat2(cwdFd, '/data', O_PATH, 0, 0);
  kernel.moveMount(cover, '', data, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  expect(change(remove)).toContain('is not what mounts add has mounted');
  expect(mounts()[0]).toBe('/data <= bind 0');
});

describe.each([
  ['add', [], add],
  ['remove', [add], remove],
] as const)('whichever call of %s fails', (_, before, what) => {
  test.each(['EIO', 'ENOENT', 'EPERM', 'EINVAL', 'EMFILE'])(
    '%s: one error, and the mounts and the record say the same',
    (errno) => {
      for (let at = 1; ; at++) {
        const { fake, change, mounts } = world({ at, errno, sticky: false });
        for (const each of before) change(each);
        if (fake.fired() !== undefined) continue;
        const message = change(what);
        const fired = fake.fired();
        if (fired === undefined) break;
        const call = fake.trace[fired.index] ?? '';
        if (message !== '') expect(message, call).toMatch(/^mounts (add|remove) failed/);
        expect(fake.children(), call).toEqual([]);
        const isMounted = mounts().length > 0;
        const isAsked = (what.action === 'add') === (message === '');
        if (message === '') expect(isMounted, call).toBe(isAsked);
        const recorded = fake.world().some((line) => line.includes('mounts.json 600') && line.includes('"/data"'));
        // Only the last act, writing down what is gone, can come too late.
        if (what.action === 'add') expect(recorded, call).toBe(isMounted);
        else if (!recorded) expect(isMounted, call).toBe(false);
      }
    },
  );
});

describe('an ordinary user', () => {
  const linux = {
    ...plainConfig.linux,
    namespaces: [...(plainConfig.linux?.namespaces ?? []), { type: 'user' as const }],
  };
  const own = { ...files, ...runningFiles({ ...plainConfig, linux }) };
  const userWorld = (fault?: Fault) => {
    const fake = createFakeKernel({ files: own, ...(fault === undefined ? {} : { fault }) });
    const kernel = { ...fake.kernel, geteuid: () => 1000 };
    return { fake, change: (what: MountsRequest) => changeMounts(kernel, globals, what) };
  };
  const mounts = (lines: readonly string[]) => lines.filter((line) => line.startsWith('/data <= '));

  test('the source is opened with the power of the container’s user namespace, in the host’s mounts', () => {
    const { fake, change } = userWorld();
    expect(change(add)).toEqual([]);
    expect(mounts(fake.world())).toEqual(['/data <= bind 0']);
    const calls = fake.trace.filter((line) => /^(setns|setresuid|unshare|openTree)\(/.test(line));
    expect(calls.map((line) => line.replace(/\(.*?(\d{6,})?\).*$/, '($1)'))).toEqual([
      'setns(268435456)',
      'setresuid()',
      'unshare(131072)',
      'openTree()',
      'setns(131072)',
    ]);
    expect(fake.children()).toEqual([]);
  });

  test('whichever call fails: one error, and the mounts and the record say the same', () => {
    let failures = 0;
    for (let at = 1; ; at++) {
      const { fake, change } = userWorld({ at, errno: 'EIO', sticky: false });
      let error: unknown;
      try {
        change(add);
      } catch (thrown) {
        error = thrown;
      }
      const fired = fake.fired();
      if (fired === undefined) break;
      const call = fake.trace[fired.index] ?? '';
      if (error !== undefined) {
        failures += 1;
        expect(error, call).toBeInstanceOf(RuntimeError);
        expect((error as RuntimeError).fields.kind, call).not.toBe('bug');
      }
      expect(mounts(fake.world()).length > 0, call).toBe(error === undefined);
      expect(fake.children(), call).toEqual([]);
    }
    expect(failures).toBeGreaterThan(20);
  });

  test('ids are mapped by root alone', () => {
    const idMap = [{ containerID: 0, hostID: 1000, size: 1 }];
    const list = [
      { destination: '/data', type: 'bind', source: '/vol', options: ['bind'], uidMappings: idMap, gidMappings: idMap },
    ];
    const fake = createFakeKernel({ files: { ...own, 'list.json': JSON.stringify(list) } });
    const kernel = { ...fake.kernel, geteuid: () => 1000 };
    expect(() => changeMounts(kernel, globals, request('add', '/list.json'))).toThrow(
      /\/list.json: \/0.*id-mapped mounts are not supported for rootless containers/,
    );
    expect(mounts(fake.world())).toEqual([]);
  });
});
