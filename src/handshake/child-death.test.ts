import { expect, test } from 'vitest';
import { CLD_EXITED, CLD_KILLED, SIGKILL } from '../kernel/flags.ts';
import { childDeath } from './child-death.ts';

const base = { phase: 'while it mounted', process: 'init', signalName: (signal: number) => `SIG${signal}` } as const;

test.each([
  [{ pid: 5, code: CLD_KILLED, status: SIGKILL }, false, 'container init was killed by SIG9 while it mounted'],
  [{ pid: 5, code: CLD_EXITED, status: 3 }, false, 'container init exited with status 3 while it mounted'],
  [undefined, false, 'container init closed its handshake while it mounted'],
  [{ pid: 5, code: CLD_KILLED, status: SIGKILL }, true, 'container init was OOM-killed (memory limit too low?)'],
  [{ pid: 5, code: CLD_EXITED, status: 3 }, true, 'exited with status 3'],
])('%j, out of memory: %s', (wait, outOfMemory, text) => {
  expect(childDeath({ ...base, wait, outOfMemory }).message).toContain(text);
});

test('exec', () => {
  const wait = { pid: 5, code: CLD_KILLED, status: SIGKILL };
  expect(childDeath({ ...base, process: 'exec', wait, outOfMemory: true }).message).toContain('(possibly OOM-killed)');
});
