import { expect, test } from 'vitest';
import { parseDbusAddress } from './parse-dbus-address.ts';

test.each<[string, readonly string[]]>([
  ['unix:path=/run/user/1000/bus', ['/run/user/1000/bus']],
  ['unix:path=/run/user/1000/bus,guid=0123', ['/run/user/1000/bus']],
  ['unix:guid=1,path=/a;unix:path=/b', ['/a', '/b']],
  ['tcp:host=x,port=1;unix:path=/b', ['/b']],
  ['unix:abstract=/tmp/dbus-x', []],
  ['unix:runtime=yes', ['/run/user/7/bus']],
  ['unix:path=/with%20blank%2cand', ['/with blank,and']],
  ['unix:path=relative', []],
  ['unix:path=/bad%zz', []],
  ['unix:path=/nul%00', []],
  ['unix:path=/cut%2', []],
  ['', []],
  ['nonsense', []],
])('%s', (address, paths) => {
  expect(parseDbusAddress(address, '/run/user/7')).toEqual(paths);
});

test('without a runtime directory', () => {
  expect(parseDbusAddress('unix:runtime=yes', undefined)).toEqual([]);
});
