import { expect, test } from 'vitest';
import { defaultConfig } from '../spec/default-config.ts';
import { findNotifyAddress, isReadiness, withNotifySocket } from './plan-notify-socket.ts';

test.each([
  [['A=1', 'NOTIFY_SOCKET=/run/systemd/notify'], '/run/systemd/notify'],
  [['NOTIFY_SOCKET=@abstract'], '@abstract'],
  [['NOTIFY_SOCKET='], undefined],
  [['XNOTIFY_SOCKET=/x'], undefined],
  [[], undefined],
])('%j', (environment, address) => {
  expect(findNotifyAddress(environment)).toBe(address);
});

test('the container gets a socket of its own, last of all mounts, and no other variable of that name', () => {
  const config = { ...defaultConfig, process: { cwd: '/', args: ['x'], env: ['NOTIFY_SOCKET=/forged', 'A=1'] } };
  const changed = withNotifySocket(config, '/run/runt/web/notify');
  expect(changed.process?.env).toEqual(['A=1', 'NOTIFY_SOCKET=/run/notify/notify.sock']);
  expect(changed.mounts?.at(-1)).toEqual({
    destination: '/run/notify',
    source: '/run/runt/web/notify',
    options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'],
  });
  expect(changed.mounts).toHaveLength((config.mounts?.length ?? 0) + 1);
  expect(config.process.env).toHaveLength(2);
});

test.each([
  ['READY=1', true],
  ['READY=1\n', true],
  ['STATUS=up\nREADY=1\nMAINPID=7', true],
  ['READY=0', false],
  ['STATUS=READY=1', false],
  ['READY=11', false],
  ['', false],
])('%j is readiness: %s', (datagram, expected) => {
  expect(isReadiness(datagram)).toBe(expected);
});
