/** The flags of exec over the process of config.json. */
import { expect, test } from 'vitest';
import type { ExecRequest } from '../base/request.ts';
import type { Process } from '../spec/config-types.ts';
import { execRequest } from '../testing/containers.ts';
import { planExecProcess } from './plan-exec-process.ts';

const base: Process = {
  terminal: true,
  cwd: '/work',
  args: ['init'],
  env: ['A=1'],
  user: { uid: 5, gid: 6, additionalGids: [7], umask: 0o77 },
  noNewPrivileges: true,
  capabilities: {
    bounding: ['CAP_KILL'],
    permitted: ['CAP_KILL'],
    effective: ['CAP_KILL'],
    inheritable: ['CAP_CHOWN'],
  },
};

const request: ExecRequest = { ...execRequest, id: 'c', args: ['ls', '-l'], detach: false };

test('without flags only the arguments and the terminal change', () => {
  expect(planExecProcess(base, request)).toEqual({ ...base, args: ['ls', '-l'], terminal: false });
});

test('all flags', () => {
  const process = planExecProcess(base, {
    ...request,
    tty: true,
    cwd: '/x',
    env: ['B=2'],
    user: '1:2',
    additionalGids: ['8', '9'],
    apparmor: 'p',
    processLabel: 'l',
  });
  expect(process).toMatchObject({
    terminal: true,
    cwd: '/x',
    env: ['A=1', 'B=2'],
    user: { uid: 1, gid: 2, additionalGids: [7, 8, 9], umask: 0o77 },
    apparmorProfile: 'p',
    selinuxLabel: 'l',
  });
});

test('a user without group keeps the group', () => {
  expect(planExecProcess(base, { ...request, user: '1' }).user).toMatchObject({ uid: 1, gid: 6 });
});

test('--cap never makes inheritable, and ambient only what already is [CVE-2022-29162]', () => {
  const { capabilities } = planExecProcess(base, {
    ...request,
    capabilities: ['CAP_CHOWN', 'CAP_NET_RAW', 'CAP_KILL'],
  });
  expect(capabilities).toEqual({
    bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW'],
    permitted: ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW'],
    effective: ['CAP_KILL', 'CAP_CHOWN', 'CAP_NET_RAW'],
    inheritable: ['CAP_CHOWN'],
    ambient: ['CAP_CHOWN'],
  });
});

test.each([
  [{ args: [] }, 'exec args cannot be empty'],
  [{ cwd: 'x' }, 'Cwd must be an absolute path'],
  [{ env: ['FOO'] }, '--env: "FOO": missing \'=\''],
  [{ env: ['=x'] }, '--env: "=x": missing'],
  [{ user: 'root' }, '--user: bad uid "root"'],
  [{ additionalGids: ['-1'] }, '--additional-gids: bad gid "-1"'],
])('refuses %j', (change, message) => {
  expect(() => planExecProcess(base, { ...request, ...change })).toThrow(message);
});
