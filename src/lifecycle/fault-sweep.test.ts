/**
 * Every call of create, run and exec fails in turn, in the parent and in the child, once and for good, on the fake kernel. The oracle is the
 * specification: "generating an error MUST leave the state of the environment as if the operation were never attempted"
 * [spec runtime.md#errors]; and a program is never executed without what protects the host from it. The descriptors of a
 * runtime that failed are not looked at: all are close-on-exec, and it exits.
 */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { CLONE_NEWUSER } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Config } from '../spec/config-types.ts';
import {
  execRequest,
  fixtures,
  globals,
  hostFiles,
  hostLines,
  plainConfig,
  requestFor,
  runningFiles,
} from '../testing/containers.ts';
import type { Tree } from '../testing/fake-world.ts';
import { type Half, runHalf, runTwoHalves, sweepParent } from '../testing/run-two-halves.ts';
import { createContainer } from './create-container.ts';
import { execInContainer } from './exec-in-container.ts';
import { runContainer } from './run-container.ts';

interface Sweep {
  readonly errno: string;
  readonly sticky: boolean;
}

const once = (errno: string): Sweep => ({ errno, sticky: false });
const always = (errno: string): Sweep => ({ errno, sticky: true });
const allSweeps = [once('EIO'), once('ENOENT'), once('EPERM'), once('EEXIST'), always('EIO'), always('ENOENT')];
/** A host with both, which no real one has: each call for a label is in the sweep. */
const lsm = { apparmor: ['p'], selinux: ['container_t'] };
const labels: Config = {
  ...plainConfig,
  process: {
    ...(plainConfig.process as NonNullable<Config['process']>),
    apparmorProfile: 'p',
    selinuxLabel: 'system_u:system_r:container_t:s0',
  },
  linux: { ...plainConfig.linux, mountLabel: 'system_u:object_r:container_file_t:s0' },
};
const traceable: Config = {
  ...plainConfig,
  process: {
    ...(plainConfig.process as NonNullable<Config['process']>),
    capabilities: { ...plainConfig.process?.capabilities, bounding: ['CAP_SYS_PTRACE'] },
  },
};
const cases = [
  ...Object.entries({ ...fixtures, labels }).map(
    ([name, config]) =>
      [name, config, name === 'default' ? allSweeps : [once('EIO'), always('EPERM')], create] as const,
  ),
  ['run', plainConfig, allSweeps, runDetached] as const,
  ['exec', labels, allSweeps, exec] as const,
  ['exec where somebody may trace', traceable, [once('EIO'), once('EINVAL'), always('EPERM')], exec] as const,
];

interface Operation {
  readonly files: Tree;
  readonly run: (kernel: Kernel) => unknown;
}

function create(config: Config): Operation {
  return { files: hostFiles(config), run: (kernel) => createContainer(kernel, globals, requestFor(config)) };
}
function runDetached(config: Config): Operation {
  const request = { ...requestFor(config), command: 'run' as const };
  return { files: hostFiles(config), run: (kernel) => runContainer(kernel, globals, request) };
}
function exec(config: Config): Operation {
  const request = { ...execRequest, pidFile: '/tmp/pid' };
  return { files: runningFiles(config), run: (kernel) => execInContainer(kernel, globals, request) };
}

/** mkdirat has made it, so this answer means that a delete has removed it again: there is nothing to undo. */
const contradiction = 'ENOENT openat2OrErrno(</run/runt>, "web"';

/** Calls at which create did not fail, one line each: reviewed, see the files. */
const tolerated = { parent: new Set<string>(), child: new Set<string>() };

describe.each(cases)('%s', (_name, config, sweeps, operation) => {
  const { files, run } = operation(config);
  const whole = runTwoHalves({ files, lsm, run });
  const before = runHalf({ files, lsm, run: () => {}, name: 'parent', inbox: [], peerEnded: true }).fake.world();

  // [shows runtime.md#errors/1]
  test.each(sweeps)('parent, %o', (fault) => {
    for (const { half, call } of sweepParent({ files, lsm, run }, whole.child.said, fault)) {
      const what = `${fault.errno} ${call}`;
      if (half.end === 'returned') tolerated.parent.add(what);
      else if (!what.startsWith(contradiction)) checkFailedParent(half, before, what);
    }
  });

  test.each(sweeps)('child, %o', ({ errno, sticky }) => {
    const child = { files, lsm, run, name: 'child', inbox: whole.parent.said, gate: ['{"kind":"go"}'] } as const;
    const sound = runHalf({ ...child, peerEnded: false });
    expect(sound.end).toBe('executed');
    // The holder of an id-mapped mount's user namespace is born before.
    const isBirth = (line: string) => /^clone3(Shared)?\(/.test(line) && !line.startsWith(`clone3(${CLONE_NEWUSER}, `);
    const born = sound.fake.trace.findLastIndex(isBirth);
    for (let at = 1; ; at++) {
      const half = runHalf({ ...child, peerEnded: false, fault: { at, errno, sticky } });
      const hit = half.fake.fired();
      if (hit === undefined) break;
      if (hit.index <= born) continue;
      const what = `${errno} ${half.fake.trace[hit.index]}`;
      if (half.end !== 'executed') checkFailedChild(half, hit.name, what);
      else {
        tolerated.child.add(what);
        checkProtected(half, sound, what, errno);
      }
    }
  });
});

function checkFailedParent(half: Half, before: readonly string[], what: string): void {
  expect(half.error, what).toBeInstanceOf(RuntimeError);
  const { fields, message } = half.error as RuntimeError;
  expect(fields.kind, `${what}: ${message}`).not.toBe('bug');
  expect(fields.operation, what).toBeTruthy();
  expect(fields.errno ?? fields.message, what).toBeTruthy();
  expect(half.fake.children(), what).toEqual([]);
  // What cannot be undone because the fault hit the undoing is said.
  if (!message.includes('not undone')) expect(hostLines(half.fake.world()), what).toEqual(hostLines(before));
}

function checkFailedChild(half: Half, call: string, what: string): void {
  // Nobody can be told when telling is what fails.
  if (call === 'sendmsg') return;
  expect(half.end, what).toBe('exited 1');
  const packet = JSON.parse(half.said.at(-1) ?? '{}');
  expect(packet.kind, what).toBe('failed');
  expect(packet.error.kind, `${what}: ${JSON.stringify(packet.error)}`).not.toBe('bug');
  expect(packet.error.errno ?? packet.error.message, what).toBeTruthy();
}

/** Whatever was done instead: the program is covered as without the fault. ENOENT says that there is nothing to be covered. */
function checkProtected(half: Half, sound: Half, what: string, errno: string): void {
  const security = (each: Half) => each.ended?.tail?.filter(([name]) => name !== 'execve');
  const labelled = (each: Half) => each.fake.trace.filter((line) => /attr.*(exec p|container_t)/.test(line));
  expect(labelled(half), what).toEqual(labelled(sound));
  expect(security(half), what).toEqual(security(sound));
  if (errno === 'ENOENT') return;
  const mounts = (each: Half) => each.fake.world().filter((line) => line.includes(' <= '));
  expect(mounts(half), what).toEqual(expect.arrayContaining(mounts(sound)));
}

test('where create goes on though a call failed', async () => {
  for (const side of ['parent', 'child'] as const) {
    const text = `${[...tolerated[side]].sort().join('\n')}\n`;
    await expect(text).toMatchFileSnapshot(`../testing/golden/tolerated-${side}.txt`);
  }
});
