import { expect, test } from 'vitest';
import { findMountsBelow, mountsAbove, parseMountinfo } from './parse-mountinfo.ts';

test('id, mount point and type; optional fields and escapes', () => {
  const text = [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '40 27 0:30 /a /mnt/with\\040blank rw shared:1 master:2 - tmpfs none rw,size=4k',
    'nonsense',
    '',
  ].join('\n');
  expect(parseMountinfo(text)).toEqual([
    { id: 27, parent: 1, point: '/', fsType: 'ext4' },
    { id: 40, parent: 27, point: '/mnt/with blank', fsType: 'tmpfs' },
  ]);
});

const mountinfo = [
  '20 1 0:5 / /proc rw - proc proc rw',
  '21 1 0:6 /fs /proc/fs rw - proc proc rw',
  '30 1 0:7 / /b/rootfs rw - tmpfs tmpfs rw',
  '31 30 0:8 / /b/rootfs/proc rw - proc proc rw',
  '32 30 0:9 / /b/rootfs/a\\040b rw shared:3 - tmpfs tmpfs rw',
  '33 1 0:9 / /b/rootfs2/x rw - tmpfs tmpfs rw',
  '',
].join('\n');

test('mounts below a directory: by component, not the one on it', () => {
  expect(findMountsBelow(mountinfo, '/b/rootfs')).toEqual([
    { id: 31, parent: 30, path: 'proc' },
    { id: 32, parent: 30, path: 'a b' },
  ]);
  expect(findMountsBelow(mountinfo, '/b/rootfs2')).toEqual([{ id: 33, parent: 1, path: 'x' }]);
  expect(findMountsBelow(mountinfo, '/b/rootfs/proc')).toEqual([]);
});

test('what a mount is mounted on', () => {
  const line = (id: number, parent: number) => ({ id, parent, point: '/', fsType: 'tmpfs' });
  const ids = (lines: readonly ReturnType<typeof line>[], id: number) => mountsAbove(lines, id).map((each) => each.id);
  expect(ids([line(1, 0), line(2, 1), line(3, 2), line(4, 1)], 3)).toEqual([3, 2, 1]);
  expect(ids([line(1, 1)], 1)).toEqual([1]);
  expect(ids([line(1, 0)], 7)).toEqual([]);
});
