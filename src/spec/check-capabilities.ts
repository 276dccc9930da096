/**
 * The five capability sets: unknown names are warned about and not granted, sets that no kernel can give are faults. Pure.
 * [spec config.md#linux-process] [man capset.2] [man capabilities.7]
 */
import { capabilityNames } from './capability-names.ts';
import type { Capabilities } from './config-types.ts';
import { addFault, addWarning, nearest, type Report, showValue } from './fault.ts';

const known: ReadonlySet<string> = new Set(capabilityNames);
const sets = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;
/** Looking for the nearest name is dear; a hostile list may have millions. */
const mostSuggestions = 50;
type SetName = (typeof sets)[number];

/** `pointer` is that of the capabilities object. */
export function checkCapabilities(capabilities: Capabilities, pointer: string, report: Report): void {
  for (let i = 0; i < sets.length; i++) {
    const name = sets[i] as SetName;
    const list = capabilities[name];
    // Engines write the same list in each set: what equals a list that was looked at needs no second look.
    if (list === undefined || (i > 0 && isSameList(list, capabilities.bounding))) continue;
    warnUnknown(list, `${pointer}/${name}`, report);
  }
  const { bounding, effective, permitted, inheritable, ambient } = capabilities;
  // capset(2) answers EPERM to both.
  checkSubset(
    { list: effective, name: 'effective', of: permitted, ofName: 'permitted', isFault: true },
    pointer,
    report,
  );
  checkSubset(
    { list: inheritable, name: 'inheritable', of: bounding, ofName: 'bounding', isFault: true },
    pointer,
    report,
  );
  // PR_CAP_AMBIENT_RAISE fails for these; the specification wants a warning for what cannot be granted.
  checkSubset({ list: ambient, name: 'ambient', of: permitted, ofName: 'permitted', isFault: false }, pointer, report);
  checkSubset(
    { list: ambient, name: 'ambient', of: inheritable, ofName: 'inheritable', isFault: false },
    pointer,
    report,
  );
}

function warnUnknown(list: readonly string[], pointer: string, report: Report): void {
  for (let i = 0; i < list.length; i++) {
    const name = list[i];
    if (name === undefined || known.has(name)) continue;
    const near = i < mostSuggestions ? nearest(name, capabilityNames) : undefined;
    const right = near === undefined ? undefined : `did you mean "${near}"?`;
    addWarning(report, `${pointer}/${i}`, `unknown capability ${showValue(name)}: not granted`, right);
  }
}

interface Subset {
  readonly list: readonly string[] | undefined;
  readonly name: SetName;
  readonly of: readonly string[] | undefined;
  readonly ofName: SetName;
  readonly isFault: boolean;
}

function checkSubset(subset: Subset, pointer: string, report: Report): void {
  const { list, name, of, ofName } = subset;
  if (list === undefined || isSameList(list, of)) return;
  const allowed = new Set(of ?? []);
  for (let i = 0; i < list.length; i++) {
    const capability = list[i];
    if (capability === undefined || allowed.has(capability) || !known.has(capability)) continue;
    const right = `add "${capability}" to ${ofName}, or remove it here`;
    if (subset.isFault) {
      addFault(
        report,
        `${pointer}/${name}/${i}`,
        `${capability} is ${name} but not ${ofName}: the kernel refuses that`,
        right,
      );
    } else {
      addWarning(
        report,
        `${pointer}/${name}/${i}`,
        `${capability} is ${name} but not ${ofName}: cannot be granted`,
        right,
      );
    }
  }
}

function isSameList(a: readonly string[], b: readonly string[] | undefined): boolean {
  if (b === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
