/** Edits of parsed JSON by pointer, for tables of inputs in tests. */
import { pointerTokens } from '../spec/schema-faults.ts';
import { parseJson } from './parse-json.ts';

type Node = { [key: string]: unknown };

/** pointer -> JSON text of the new value, or undefined to remove. Missing objects on the way are made. */
export type Edits = { readonly [pointer: string]: string | undefined };

/** A parsed copy of the text with the edits carried out in order. */
export function editJson(text: string, edits: Edits): unknown {
  const root = { '': parseJson(text) } as Node;
  for (const [pointer, value] of Object.entries(edits)) {
    const tokens = ['', ...pointerTokens(pointer)];
    let at = root;
    for (const token of tokens.slice(0, -1)) {
      if (at[token] === undefined) at[token] = Object.create(null);
      at = at[token] as Node;
    }
    const last = tokens.at(-1) as string;
    if (value === undefined) delete at[last];
    else at[last] = parseJson(value);
  }
  return root[''];
}
