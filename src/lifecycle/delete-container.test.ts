import { describe, expect, it } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { GlobalOptions } from '../base/request.ts';
import { cwdFd } from '../kernel/fd.ts';
import { LOCK_NB, MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH, O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { soundRecord } from '../testing/state-records.ts';
import { deleteContainer } from './delete-container.ts';
import { listContainers } from './list-containers.ts';
import { showState } from './show-state.ts';

const globals: GlobalOptions = {
  root: undefined,
  log: undefined,
  logFormat: 'text',
  debug: false,
  cgroupManager: 'cgroupfs',
  rootless: 'auto',
};
const stopped = { ...soundRecord, init: { pid: 100, startTime: 1, pidNamespace: 4026532000, ownPidNamespace: true } };
const sharedInit = { ...soundRecord.init, ownPidNamespace: false };
const cgroup = { path: '/web', inode: 7, createdParents: [] };
const files = (web: Tree): Tree => ({ run: { runt: { web } }, etc: { passwd: 'root:x:0:0::/:/bin/sh\n' } });

function remove(web: Tree, force: boolean) {
  const fake = createFakeKernel({ files: files(web) });
  let message = '';
  let warnings: readonly string[] = [];
  try {
    warnings = deleteContainer(fake.kernel, globals, { id: 'web', force });
  } catch (error) {
    message = (error as Error).message;
  }
  const left = fake.world().filter((line) => line.startsWith('/run/runt/web'));
  const sent = fake.trace.filter((line) => line.startsWith('pidfdSendSignal'));
  const cgroupCalls = fake.trace.filter((line) => line.includes('cgroup.kill') || line.includes('/sys/fs/cgroup'));
  return { message, warnings, isGone: left.length === 0, sent, cgroupCalls };
}

describe('delete', () => {
  it.each([
    ['stopped', { 'state.json': formatJson(stopped), 'config.json': '{}' }, false],
    ['stopped, forced', { 'state.json': formatJson(stopped) }, true],
    ['of another boot', { 'state.json': formatJson({ ...soundRecord, bootId: 'other' }) }, false],
    [
      'an interrupted create',
      { 'state.json': formatJson({ ...soundRecord, phase: 'creating', init: undefined }) },
      false,
    ],
    ['an empty directory', {}, false],
    ['a first record that was never put in place', { 'state.json~': '{"vers' }, false],
    ['the same, forced', { 'state.json~': '' }, true],
  ])('%s: removed', (_, web, force) => {
    expect(remove(web as Tree, force)).toMatchObject({ message: '', isGone: true, sent: [] });
  });

  it.each([
    [
      'running',
      {},
      'cannot delete container web that is not stopped: running - hint: kill it first, or: runt delete --force web',
    ],
    [
      'created',
      { 'start.sock': '' },
      'cannot delete container web that is not stopped: created - hint: kill it first, or: runt delete --force web',
    ],
  ])('%s: refused without --force', (_, more, message) => {
    expect(remove({ 'state.json': formatJson(soundRecord), ...more }, false)).toMatchObject({
      message,
      isGone: false,
      sent: [],
    });
  });

  it.each([
    ['truncated', '{"version":1,"pha'],
    ['empty', ''],
    ['pid 1', formatJson({ ...soundRecord, init: { ...soundRecord.init, pid: 1 } })],
    ['of another id', formatJson({ ...soundRecord, id: 'other' })],
    ['of a later version', formatJson({ ...soundRecord, version: 9, init: undefined })],
  ])('a record that is %s: refused without --force, removed with it', (_, text) => {
    const refused = remove({ 'state.json': text }, false);
    expect(refused.message).toContain('state.json');
    expect(refused.isGone).toBe(false);
    const forced = remove({ 'state.json': text }, true);
    expect(forced).toMatchObject({ message: '', isGone: true, sent: [] });
    expect(forced.warnings).toHaveLength(1);
  });

  it('a damaged record: the one before it still names the process', () => {
    const web = { 'state.json': '{"version"', 'state.json~': formatJson(soundRecord) };
    expect(remove(web, true).sent).toEqual(['pidfdSendSignal(<pidfd of 100>, 9)']);
  });

  it.each([
    ['in the damaged one', { 'state.json': { version: 9, hostMounts: [1], madeMounts: [4] } }],
    ['in the one before it', { 'state.json': { version: 9 }, 'state.json~': { phase: 'creating', hostMounts: [1] } }],
    ['in both', { 'state.json': { version: 9, hostMounts: [1], madeMounts: [4] }, 'state.json~': { hostMounts: [1] } }],
  ])('a damaged record: the mounts on the host, which stand %s, are taken off', (_, records) => {
    const web = Object.entries(records).map(([name, more]) => [name, formatJson({ ...soundRecord, ...more })]);
    const fake = createFakeKernel({ files: { ...files(Object.fromEntries(web)), bundle: { rootfs: { data: {} } } } });
    const { kernel } = fake;
    const tree = kernel.fsmount(kernel.fsopen('tmpfs', 0), 0, 0);
    const data = kernel.openat2(cwdFd, '/bundle/rootfs/data', O_PATH, 0, 0);
    kernel.moveMount(tree, '', data, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    const mounts = () => fake.world().filter((line) => line.startsWith('/bundle/rootfs/data <= '));
    expect(mounts()).toHaveLength(1);
    expect(kernel.fstat(tree).mountId).toBe(4);
    deleteContainer(kernel, globals, { id: 'web', force: true });
    expect(mounts()).toEqual([]);
  });

  it.each([
    ['sound', { 'state.json': formatJson({ ...soundRecord, bootId: 'other', init: sharedInit, cgroup }) }],
    ['damaged', { 'state.json': formatJson({ ...soundRecord, bootId: 'other', version: 9, cgroup }) }],
  ])('a %s record of another boot: who has its pid or its cgroup now is not touched', (_, web) => {
    const forced = remove(web, true);
    expect(forced).toMatchObject({ message: '', isGone: true, sent: [] });
    expect(forced.cgroupCalls).toEqual([]);
  });

  it.each([
    ['created', true, true],
    ['created', false, false],
    ['creating', true, false],
  ] as const)(
    'somebody holds the lock of a container that is %s, --force %s: killed before the wait %s',
    (phase, force, isKilled) => {
      const fake = createFakeKernel({ files: files({ 'state.json': formatJson({ ...soundRecord, phase }) }) });
      const sent: string[] = [];
      const flock: Kernel['flock'] = (_fd, operation) => {
        sent.push(...fake.trace.filter((line) => line.startsWith('pidfdSendSignal')));
        sent.push((operation & LOCK_NB) === 0 ? 'waits' : 'tries');
        return (operation & LOCK_NB) === 0;
      };
      try {
        deleteContainer({ ...fake.kernel, flock }, globals, { id: 'web', force });
      } catch (error) {
        expect((error as Error).message).toContain('that is not stopped');
      }
      const killed = ['pidfdSendSignal(<pidfd of 100>, 9)'];
      expect(sent).toEqual(force ? ['tries', ...(isKilled ? killed : []), 'waits'] : ['waits']);
    },
  );

  it('a container that is not there', () => {
    const { kernel } = createFakeKernel({ files: {} });
    expect(deleteContainer(kernel, globals, { id: 'web', force: true })).toEqual([]);
    expect(() => deleteContainer(kernel, globals, { id: 'web', force: false })).toThrow('container does not exist');
    expect(() => deleteContainer(kernel, globals, { id: '..', force: true })).toThrow('invalid container ID format');
  });
});

describe('state and list', () => {
  it('state of a running and of a stopped one', () => {
    const running = createFakeKernel({
      files: files({ 'state.json': formatJson({ ...soundRecord, annotations: { b: '2', a: '1' } }) }),
    });
    const state = showState(running.kernel, globals, 'web');
    expect(Object.keys(state)).toEqual([
      'ociVersion',
      'id',
      'pid',
      'status',
      'bundle',
      'rootfs',
      'created',
      'annotations',
      'owner',
    ]);
    expect(state).toMatchObject({ pid: 100, status: 'running', owner: '' });
    expect(Object.keys(state.annotations ?? {})).toEqual(['a', 'b']);
    const ended = createFakeKernel({ files: files({ 'state.json': formatJson(stopped) }) });
    expect(showState(ended.kernel, globals, 'web')).toMatchObject({
      pid: 0,
      status: 'stopped',
      annotations: undefined,
    });
  });

  it('list reports a damaged container and shows the others', () => {
    const fake = createFakeKernel({
      files: {
        run: { runt: { bad: { 'state.json': '{' }, web: { 'state.json': formatJson(soundRecord) } } },
        etc: { passwd: 'root:x:0:0::/:/bin/sh\n' },
      },
    });
    const { containers, problems } = listContainers(fake.kernel, globals);
    expect(containers.map(({ id, owner }) => [id, owner])).toEqual([['web', 'root']]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('load container bad');
  });

  it('a missing root: empty by default, an error when it was named', () => {
    const { kernel } = createFakeKernel({ files: {} });
    expect(listContainers(kernel, globals)).toEqual({ containers: [], problems: [] });
    expect(() => listContainers(kernel, { ...globals, root: '/nowhere' })).toThrow('/nowhere');
  });
});
