/** Which setns(2) an exec makes: all at once by init's pidfd, or one by one with what init has handed over. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { CLONE_NEWCGROUP, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWTIME, CLONE_NEWUSER } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyContainerJoin } from './apply-container-join.ts';

const init = new Fd<'object'>(3, 'pidfd');
const all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET;

/** inUser: what may be joined only from inside of the user namespace. */
function join(flags: number, handedOver: readonly number[] | undefined, inUser: readonly number[] = []) {
  let entered = false;
  const { kernel, calls } = stubKernel({
    setns: (_fd, flag) => {
      const refused = flag === all || (!entered && inUser.includes(flag));
      if (refused) throw new RuntimeError({ kind: 'kernel', syscall: 'setns', errno: 'EPERM' });
      if (flag === CLONE_NEWUSER) entered = true;
    },
  });
  const containerNamespaces = handedOver && new Map(handedOver.map((flag) => [flag, new Fd<'object'>(flag, 'ns')]));
  applyContainerJoin(kernel, { containerInit: init, containerNamespaces }, flags);
  return calls.map(([, fd, flag]) => [(fd as Fd).number, flag]);
}

test('by the pidfd: at once, or where that is refused the host’s before the container’s', () => {
  expect(join(CLONE_NEWNS, undefined)).toEqual([[3, CLONE_NEWNS]]);
  expect(join(all, undefined, [CLONE_NEWNS])).toEqual([
    [3, all],
    [3, CLONE_NEWNET],
    [3, CLONE_NEWNS],
    [3, CLONE_NEWUSER],
    [3, CLONE_NEWNS],
  ]);
});

test('what was handed over: each by its own descriptor, never by the pidfd', () => {
  const given = [CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET];
  expect(join(all, given, [CLONE_NEWNS, CLONE_NEWNET])).toEqual([
    [CLONE_NEWNET, CLONE_NEWNET],
    [CLONE_NEWNS, CLONE_NEWNS],
    [CLONE_NEWUSER, CLONE_NEWUSER],
    [CLONE_NEWNET, CLONE_NEWNET],
    [CLONE_NEWNS, CLONE_NEWNS],
  ]);
});

test('the rest, for the child that is inside already', () => {
  const flags = CLONE_NEWTIME | CLONE_NEWCGROUP;
  expect(join(flags, [CLONE_NEWTIME, CLONE_NEWCGROUP])).toEqual([
    [CLONE_NEWTIME, CLONE_NEWTIME],
    [CLONE_NEWCGROUP, CLONE_NEWCGROUP],
  ]);
  expect(() => join(flags, [CLONE_NEWTIME, CLONE_NEWCGROUP], [CLONE_NEWTIME])).toThrow('EPERM');
});
