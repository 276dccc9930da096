/**
 * The part of a file that the schema accepts, so that the checks beyond the schema can run on the rest and all faults come at
 * once. A faulty entry of an array becomes undefined (indices stay), any other faulty value is left out. Pure; copies only
 * along the faulty paths, and runs only when there are faults.
 */
import type { Fault } from './fault.ts';
import { pointerTokens } from './schema-faults.ts';

type Node = { [key: string]: unknown };

/** What the checks may look at: Config-like, with holes. `value` must be an object. */
export function soundPart(value: object, faults: readonly Fault[]): object {
  const part = copyOf(value) as Node;
  // What is copied already is ours to change: many faults in one long list copy it once.
  const own = new Set<object>([part]);
  for (const fault of faults) cutOut(part, pointerTokens(fault.pointer), own);
  return part;
}

function cutOut(part: Node, tokens: readonly string[], own: Set<object>): void {
  const depth = depthOfCut(part, tokens);
  let at = part;
  for (let i = 0; i < depth; i++) {
    const token = tokens[i] as string;
    const child = at[token];
    // An earlier fault may have cut the path already.
    if (typeof child !== 'object' || child === null) return;
    const copy = own.has(child) ? child : copyOf(child);
    own.add(copy);
    at[token] = copy;
    at = copy as Node;
  }
  const last = tokens[depth];
  if (last === undefined) return;
  if (Array.isArray(at)) at[Number(last)] = undefined;
  else delete at[last];
}

/** Index of the token to cut at: the innermost entry of an array on the way, else the last token. */
function depthOfCut(part: Node, tokens: readonly string[]): number {
  let depth = tokens.length - 1;
  let at: unknown = part;
  for (let i = 0; i < tokens.length && typeof at === 'object' && at !== null; i++) {
    if (Array.isArray(at)) depth = i;
    at = (at as Node)[tokens[i] as string];
  }
  return depth;
}

function copyOf(value: object): object {
  return Array.isArray(value) ? value.slice() : Object.assign(Object.create(null), value);
}
