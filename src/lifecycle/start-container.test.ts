/** start of a program that has ended, and was reaped by who created it, before start is done. */
import { expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { POLLIN } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { globals, hostFiles, plainConfig } from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { soundRecord } from '../testing/state-records.ts';
import { startContainer } from './start-container.ts';

const hook = [{ path: '/bin/hook', args: ['hook'] }];

/** Once the gate is open the number of init is nobody's, or another process's. */
function start(more: Partial<Kernel> = {}, inbox: string[] = []) {
  const poststart = inbox.length > 0 ? {} : { hooks: { poststart: hook } };
  const record = { ...soundRecord, phase: 'created', ...poststart };
  const web = { 'state.json': formatJson(record), 'config.json': formatJson(plainConfig), 'start.sock': '' };
  const fake = createFakeKernel({
    files: { ...hostFiles(plainConfig), bin: { hook: 'ELF' }, run: { runt: { web } } },
    role: { name: 'parent', inbox, peerEnded: true, outbox: [], gate: undefined },
  });
  const { kernel } = fake;
  let isOpen = false;
  const connectUnixOrErrno: Kernel['connectUnixOrErrno'] = (fd, path) => {
    isOpen = true;
    return kernel.connectUnixOrErrno(fd, path);
  };
  const pidfdOpen: Kernel['pidfdOpen'] = (pid, flags) => {
    if (isOpen && pid === 100) throw new RuntimeError({ kind: 'kernel', syscall: 'pidfd_open', errno: 'ESRCH' });
    return kernel.pidfdOpen(pid, flags);
  };
  let message = '';
  try {
    startContainer({ ...kernel, connectUnixOrErrno, pidfdOpen, ...more }, globals, 'web');
  } catch (error) {
    message = (error as Error).message;
  }
  const hooks = fake.trace.filter((line) => line.startsWith('clone3(')).length;
  const signalled = fake.trace.filter((line) =>
    /^(pidfdSendSignal\(<pidfd of 100>|poll\(\[<pidfd of 100>\])/.test(line),
  );
  return { message, hooks, signalled };
}

test('its poststart hooks run, and start has succeeded', () => {
  expect(start()).toEqual({ message: '', hooks: 1, signalled: [] });
});

test('a hook that fails kills the process that was init, and no other, and start ends when it has ended', () => {
  const refused = () => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'clone3', errno: 'EAGAIN' });
  };
  const { message, signalled } = start({ clone3: refused });
  expect(message).toContain('EAGAIN');
  expect(signalled).toEqual(['pidfdSendSignal(<pidfd of 100>, 9)', expect.stringMatching(/^poll\(.*, 1000\)/)]);
});

test('a program that cannot be executed: start ends when init has ended, so that it can be deleted at once', () => {
  const pidfdOpen: Kernel['pidfdOpen'] = () => new Fd<'object'>(77, 'pidfd of 100');
  const waits: unknown[] = [];
  const poll: Kernel['poll'] = (fds, events, timeoutMs) => {
    waits.push([fds.map((fd) => fd.path), events, timeoutMs]);
    return [1];
  };
  const { message, signalled } = start({ pidfdOpen, poll }, ['T0:13']);
  expect(message).toContain('EACCES');
  expect(waits).toEqual([[['pidfd of 100'], [POLLIN], 1000]]);
  // How it ends is its own: the exit status is what its parent is told.
  expect(signalled).toEqual([]);
});
