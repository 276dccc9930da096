/**
 * Runs parent and child of one operation to a fixpoint: each half from its start with the messages the other has sent so far,
 * until nothing new is said. Both ended: the protocol is sound; neither: a deadlock, with what each waits for.
 */

import type { Kernel } from '../kernel/kernel.ts';
import { createFakeKernel, type FakeKernel, type FakeOptions } from './fake-kernel.ts';
import { Blocked, Ended } from './fake-processes.ts';

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

export interface HalvesOptions extends Pick<FakeOptions, 'files'> {
  readonly run: (kernel: Kernel) => unknown;
  readonly gate?: readonly string[];
  readonly parentFault?: FakeOptions['fault'];
  readonly childFault?: FakeOptions['fault'];
}

const roundLimit = 12;

export function runTwoHalves(options: HalvesOptions): TwoHalves {
  let parent: Half | undefined;
  let child: Half | undefined;
  for (let round = 0; round < roundLimit; round++) {
    const nextParent = runHalf('parent', options, child);
    const nextChild = runHalf('child', options, nextParent);
    const settled = same(parent, nextParent) && same(child, nextChild);
    parent = nextParent;
    child = nextChild;
    if (settled) return { parent, child };
  }
  throw new Error(`no fixpoint after ${roundLimit} rounds`);
}

const same = (before: Half | undefined, after: Half): boolean =>
  before?.end === after.end && before.said.join('\n') === after.said.join('\n');

function runHalf(name: 'parent' | 'child', options: HalvesOptions, other: Half | undefined): Half {
  const peerEnded = other !== undefined && !other.end.startsWith('blocked');
  const role = { name, inbox: [...(other?.said ?? [])], peerEnded, outbox: [], gate: options.gate };
  const fault = name === 'parent' ? options.parentFault : options.childFault;
  const fake = createFakeKernel({ files: options.files, role, ...(fault === undefined ? {} : { fault }) });
  const half = (end: string, ended?: Ended, error?: unknown): Half => ({ fake, end, said: role.outbox, ended, error });
  try {
    options.run(fake.kernel);
    return half('returned');
  } catch (error) {
    if (error instanceof Blocked) return half(`blocked: ${error.what}`);
    if (error instanceof Ended) return half(error.tail === undefined ? `exited ${error.code}` : 'executed', error);
    return half(`failed: ${error instanceof Error ? error.message : String(error)}`, undefined, error);
  }
}
