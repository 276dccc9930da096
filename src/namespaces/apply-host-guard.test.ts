import { expect, test } from 'vitest';
import { Fd } from '../kernel/fd.ts';
import type { Stat } from '../kernel/kernel.ts';
import type { Config, NamespaceType } from '../spec/config-types.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyHostGuard } from './apply-host-guard.ts';

const stat = (ino: number): Stat => ({ ino, devMajor: 0, devMinor: 4 }) as Stat;
/** The runtime's own namespaces have inode 1; the joined one has `ino`. */
const guard = (config: Partial<Config>, type: NamespaceType, ino: number) => () => {
  const { kernel } = stubKernel({ statx: () => stat(1), fstat: () => stat(ino) });
  const join = { type, flag: 0, path: '/ns/x', pointer: '/linux/namespaces/3' };
  applyHostGuard(kernel, { ociVersion: '1.3.0', root: { path: 'r' }, ...config }, [
    { join, fd: new Fd<'host'>(5, '/ns/x') },
  ]);
};
const sysctl = (key: string) => ({ linux: { sysctl: { [key]: '1' } } });

test.each([
  [sysctl('net.ipv4.ip_forward'), 'network', '/linux/sysctl/net.ipv4.ip_forward'],
  [sysctl('net/core/somaxconn'), 'network', '/linux/sysctl/net~1core~1somaxconn'],
  [sysctl('kernel.msgmax'), 'ipc', '/linux/sysctl/kernel.msgmax'],
  [sysctl('kernel.domainname'), 'uts', '/linux/sysctl/kernel.domainname'],
  [{ hostname: 'box' }, 'uts', '/hostname'],
  [{ domainname: 'box' }, 'uts', '/domainname'],
] as const)('%j in a joined %s namespace', (config, type, pointer) => {
  expect(guard(config, type, 1)).toThrow(pointer);
  expect(guard(config, type, 2)).not.toThrow();
});

test('what belongs to another namespace, or to none, is not asked', () => {
  expect(guard(sysctl('net.ipv4.ip_forward'), 'ipc', 1)).not.toThrow();
  expect(guard({}, 'network', 1)).not.toThrow();
  expect(guard({ hostname: '' }, 'uts', 1)).not.toThrow();
});
