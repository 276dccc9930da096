import { describe, expect, it } from 'vitest';
import { soundRecord } from '../testing/state-records.ts';
import { checkStateRecord, salvageRecord } from './check-state-record.ts';

const cgroup = { path: '/runt/web', inode: 77, createdParents: ['/runt'] };
const init = soundRecord.init;
const resctrl = { mountPoint: '/sys/fs/resctrl', group: 'web', madeInode: 7, isNamed: false, monitor: 'web' };

describe('sound records', () => {
  it.each([
    [
      'with everything',
      {
        ...soundRecord,
        cgroup,
        annotations: { a: 'b' },
        hooks: { poststop: [{ path: '/bin/x', args: ['x'], timeout: 3 }] },
      },
    ],
    ['before the child exists', { ...soundRecord, phase: 'creating', init: undefined }],
    ['before the cgroup exists', { ...soundRecord, cgroup: { ...cgroup, inode: 0 } }],
    ['with a class of service', { ...soundRecord, resctrl }],
    ['with members of a later version', { ...soundRecord, noNewKeyring: true }],
  ])('%s', (_, record) => expect(checkStateRecord(record, 'web')).toBeUndefined());
});

describe('damaged records', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['', null],
    ['', []],
    ['', 'text'],
    ['/version', { ...soundRecord, version: 2 }],
    ['/version', {}],
    ['/id', { ...soundRecord, id: 'other' }],
    ['/phase', { ...soundRecord, phase: 'done' }],
    ['/bootId', { ...soundRecord, bootId: 7 }],
    ['/bundle', { ...soundRecord, bundle: 'relative' }],
    ['/rootfs', { ...soundRecord, rootfs: 1 }],
    ['/owner', { ...soundRecord, owner: -1 }],
    ['/terminal', { ...soundRecord, terminal: 'yes' }],
    ['/cgroupManager', { ...soundRecord, cgroupManager: 'docker' }],
    ['/systemdUnit', { ...soundRecord, systemdUnit: 'runc-web.scope' }],
    ['/systemdUnit/name', { ...soundRecord, systemdUnit: { name: 'ssh.service', manager: 'system' } }],
    ['/systemdUnit/name', { ...soundRecord, systemdUnit: { name: 'a/b.scope', manager: 'system' } }],
    ['/systemdUnit/manager', { ...soundRecord, systemdUnit: { name: 'a.scope', manager: 'session' } }],
    ['/annotations', { ...soundRecord, annotations: [] }],
    ['/resctrl', { ...soundRecord, resctrl: 'web' }],
    ['/resctrl/mountPoint', { ...soundRecord, resctrl: { ...resctrl, mountPoint: 'sys' } }],
    ['/resctrl/group', { ...soundRecord, resctrl: { ...resctrl, group: '..' } }],
    ['/resctrl/group', { ...soundRecord, resctrl: { ...resctrl, group: 'a/b' } }],
    ['/resctrl/madeInode', { ...soundRecord, resctrl: { ...resctrl, madeInode: -1 } }],
    // The default class is nobody's to remove.
    ['/resctrl/madeInode', { ...soundRecord, resctrl: { ...resctrl, group: '', madeInode: 5 } }],
    ['/resctrl/isNamed', { ...soundRecord, resctrl: { ...resctrl, isNamed: 1 } }],
    ['/resctrl/monitor', { ...soundRecord, resctrl: { ...resctrl, monitor: '../x' } }],
    ['/annotations/a', { ...soundRecord, annotations: { a: 1 } }],
    ['/runtime', { ...soundRecord, runtime: undefined }],
    ['/runtime/startTime', { ...soundRecord, runtime: { pid: 4, startTime: 1.5 } }],
    ['/init', { ...soundRecord, init: 100 }],
    ['/init/pid', { ...soundRecord, init: { ...init, pid: 1 } }],
    ['/init/pid', { ...soundRecord, init: { ...init, pid: -1 } }],
    ['/init/pid', { ...soundRecord, init: { ...init, pid: '100' } }],
    ['/init/pid', { ...soundRecord, init: { ...init, pid: 2 ** 31 } }],
    ['/init/pidNamespace', { ...soundRecord, init: { ...init, pidNamespace: -1 } }],
    ['/init/ownPidNamespace', { ...soundRecord, init: { ...init, ownPidNamespace: 1 } }],
    ['/cgroup/path', { ...soundRecord, cgroup: { ...cgroup, path: '/' } }],
    ['/cgroup/path', { ...soundRecord, cgroup: { ...cgroup, path: '' } }],
    ['/cgroup/path', { ...soundRecord, cgroup: { ...cgroup, path: 'a' } }],
    ['/cgroup/path', { ...soundRecord, cgroup: { ...cgroup, path: '/a/../..' } }],
    ['/cgroup/path', { ...soundRecord, cgroup: { ...cgroup, path: '/a//b' } }],
    ['/cgroup/inode', { ...soundRecord, cgroup: { ...cgroup, inode: -1 } }],
    ['/cgroup/createdParents', { ...soundRecord, cgroup: { ...cgroup, createdParents: ['/'] } }],
    ['/hooks/poststop', { ...soundRecord, hooks: { poststop: [{ path: 'relative' }] } }],
    ['/hooks/poststart', { ...soundRecord, hooks: { poststart: {} } }],
  ];
  it.each(cases)('%s', (pointer, record) => expect(checkStateRecord(record, 'web')?.pointer).toBe(pointer));
});

describe('what is certain in a damaged record', () => {
  it('keeps the sound parts only', () => {
    const salvaged = salvageRecord({ ...soundRecord, cgroup, init: { ...init, pid: 1 }, owner: 'x' }, 'web');
    expect(salvaged?.cgroup).toEqual(cgroup);
    expect(salvaged?.init).toBeUndefined();
    expect(checkStateRecord(salvaged, 'web')).toBeUndefined();
  });
  it.each([
    [
      'its own',
      { hostMounts: [1], madeMounts: [2, 3] },
      { rootfs: '/bundle/rootfs', hostMounts: [1], madeMounts: [2, 3] },
    ],
    ['all new ones', { hostMounts: [1], phase: 'creating' }, { rootfs: '/bundle/rootfs', hostMounts: [1] }],
    ['not known which', { hostMounts: [1] }, { rootfs: '/' }],
    ['not known which', { hostMounts: [1], madeMounts: ['2'], phase: 'creating' }, { rootfs: '/' }],
    ['not known where', { hostMounts: [1], madeMounts: [2], rootfs: 'rootfs' }, { rootfs: '/' }],
    ['never the whole host', { hostMounts: [], phase: 'creating', rootfs: '/' }, { rootfs: '/' }],
  ])('mounts on the host, %s: %j', (_, damaged, mounts) => {
    const salvaged = salvageRecord({ ...soundRecord, version: 9, ...damaged }, 'web');
    const { rootfs, hostMounts, madeMounts } = salvaged ?? {};
    expect({ rootfs, hostMounts, madeMounts }).toEqual(mounts);
  });
  it('a class of service', () => {
    const resctrl = { mountPoint: '/sys/fs/resctrl', group: 'web', madeInode: 5, isNamed: false };
    expect(salvageRecord({ id: 'web', bootId: 'x', resctrl }, 'web')?.resctrl).toEqual(resctrl);
  });
  it.each([
    ['another container', { ...soundRecord, id: 'other' }],
    ['nothing sound', { id: 'web', bootId: 'x', init: { pid: 1 }, cgroup: { path: '/' } }],
    ['no object', []],
  ])('%s: nothing', (_, value) => expect(salvageRecord(value, 'web')).toBeUndefined());
});
