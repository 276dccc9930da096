import { expect, test } from 'vitest';
import { planSysctls } from './plan-sysctls.ts';

test.each([
  ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
  ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
  ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
])('%s', (name, file) => {
  expect(planSysctls({ [name]: '1' })).toEqual([{ name, file, value: '1' }]);
});

test('a name that leads elsewhere is refused', () => {
  expect(() => planSysctls({ 'net/../kernel/panic': '1' })).toThrow('net/../kernel/panic');
});

test('none', () => {
  expect(planSysctls(undefined)).toEqual([]);
});
