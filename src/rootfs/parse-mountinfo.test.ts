import { expect, test } from 'vitest';
import { parseMountinfo } from './parse-mountinfo.ts';

test('id, mount point and type; optional fields and escapes', () => {
  const text = [
    '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '40 27 0:30 /a /mnt/with\\040blank rw shared:1 master:2 - tmpfs none rw,size=4k',
    'nonsense',
    '',
  ].join('\n');
  expect(parseMountinfo(text)).toEqual([
    { id: 27, point: '/', fsType: 'ext4' },
    { id: 40, point: '/mnt/with blank', fsType: 'tmpfs' },
  ]);
});
