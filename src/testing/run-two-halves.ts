/**
 * Runs parent and child of one operation to a fixpoint: each half from its start with the messages the other has sent so far,
 * until nothing new is said. Both ended: the protocol is sound; neither: a deadlock, with what each waits for.
 */

import type { Kernel } from '../kernel/kernel.ts';
import { createFakeKernel, type FakeKernel, type FakeOptions } from './fake-kernel.ts';
import { Blocked, type Ended } from './fake-processes.ts';

export interface Half {
  readonly fake: FakeKernel;
  /** How it ended: 'returned', 'exited N', 'executed', 'failed: MESSAGE', 'blocked: WHAT'. */
  readonly end: string;
  readonly said: readonly string[];
  readonly ended: Ended | undefined;
  readonly error: unknown;
}

export interface TwoHalves {
  readonly parent: Half;
  readonly child: Half;
}

export interface HalvesOptions extends Pick<FakeOptions, 'files' | 'lsm'> {
  /** The kernel as the runtime has it, and the fake behind it for what others do meanwhile. */
  readonly run: (kernel: Kernel, fake: FakeKernel) => unknown;
  readonly gate?: readonly string[] | undefined;
  readonly parentFault?: FakeOptions['fault'] | undefined;
  readonly childFault?: FakeOptions['fault'] | undefined;
}

const roundLimit = 12;

export function runTwoHalves(options: HalvesOptions): TwoHalves {
  let parent: Half | undefined;
  let child: Half | undefined;
  for (let round = 0; round < roundLimit; round++) {
    const nextParent = runHalf({ ...heard('parent', options, child), fault: options.parentFault });
    const nextChild = runHalf({ ...heard('child', options, nextParent), fault: options.childFault });
    const settled = same(parent, nextParent) && same(child, nextChild);
    parent = nextParent;
    child = nextChild;
    if (settled) return { parent, child };
  }
  throw new Error(`no fixpoint after ${roundLimit} rounds`);
}

const same = (before: Half | undefined, after: Half): boolean =>
  before?.end === after.end && before.said.join('\n') === after.said.join('\n');

function heard(name: 'parent' | 'child', options: HalvesOptions, other: Half | undefined): HalfOptions {
  const { files, lsm, run, gate } = options;
  const peerEnded = other !== undefined && !other.end.startsWith('blocked');
  return { name, files, ...(lsm === undefined ? {} : { lsm }), run, gate, inbox: other?.said ?? [], peerEnded };
}

export interface HalfOptions extends Pick<HalvesOptions, 'files' | 'lsm' | 'run' | 'gate'> {
  readonly name: 'parent' | 'child';
  /** What the other half says. */
  readonly inbox: readonly string[];
  /** After its last packet the other half is gone. */
  readonly peerEnded: boolean;
  /** It is killed there: what is sent to it afterwards fails. */
  readonly peerKilled?: boolean | undefined;
  readonly fault?: FakeOptions['fault'] | undefined;
}

/** One half alone: against a recorded other half, or one that is cut off after some of its packets. */
export function runHalf({ name, files, lsm, run, gate, inbox, peerEnded, peerKilled, fault }: HalfOptions): Half {
  const role = { name, inbox: [...inbox], peerEnded, peerKilled, outbox: [], gate };
  const security = lsm === undefined ? {} : { lsm };
  const fake = createFakeKernel({ files, role, ...security, ...(fault === undefined ? {} : { fault }) });
  const half = (end: string, ended?: Ended, error?: unknown): Half => ({ fake, end, said: role.outbox, ended, error });
  let thrown: unknown;
  try {
    run(fake.kernel, fake);
  } catch (error) {
    thrown = error;
  }
  const halted = fake.halted();
  if (halted instanceof Blocked) return half(`blocked: ${halted.what}`);
  if (halted !== undefined) return half(halted.tail === undefined ? `exited ${halted.code}` : 'executed', halted);
  if (thrown === undefined) return half('returned');
  return half(`failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`, undefined, thrown);
}

/** The parent against a recorded child, with each of its calls failing in turn: what became of it, and which call it was. */
export function* sweepParent(
  options: Pick<HalvesOptions, 'files' | 'lsm' | 'run'>,
  inbox: readonly string[],
  { errno, sticky }: Omit<NonNullable<FakeOptions['fault']>, 'at'>,
): Generator<{ readonly half: Half; readonly call: string }> {
  for (let at = 1; ; at++) {
    const half = runHalf({ ...options, name: 'parent', inbox, peerEnded: true, fault: { at, errno, sticky } });
    const hit = half.fake.fired();
    if (hit === undefined) return;
    yield { half, call: half.fake.trace[hit.index] ?? '' };
  }
}
