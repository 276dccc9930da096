/**
 * linux.netDevices: names that the kernel would take, and a network namespace to move them to. Pure. Whether the devices are
 * there, and their names free, is asked when they are moved. [spec config-linux.md#network-devices]
 */
import { encodeUtf8 } from '../base/utf8.ts';
import type { NamespaceTable } from './check-namespaces.ts';
import type { Linux } from './config-types.ts';
import { addFault, isSound, pointerToken, type Report, showValue } from './fault.ts';

/** IFNAMSIZ, with the NUL at the end. */
const longestBytes = 15;

export function checkNetDevices(
  devices: NonNullable<Linux['netDevices']>,
  namespaces: NamespaceTable,
  report: Report,
): void {
  const entries = Object.entries(devices);
  if (entries.length > 0 && namespaces.network === undefined && isSound(report, '/linux/namespaces')) {
    const right = 'add {"type": "network"} to /linux/namespaces';
    addFault(report, '/linux/netDevices', 'needs a network namespace to move the devices to', right);
  }
  const targets = new Map<string, string>();
  for (const [name, device] of entries) {
    const pointer = `/linux/netDevices/${pointerToken(name)}`;
    const fault = nameFault(name) ?? (name.includes('%') ? 'no device has a % in its name' : undefined);
    if (fault !== undefined) addFault(report, pointer, `is not the name of a network device: ${fault}`);
    const given = device?.name;
    if (given !== undefined && given !== '') {
      const wrong = nameFault(given) ?? templateFault(given);
      if (wrong !== undefined) addFault(report, `${pointer}/name`, `${wrong} (got ${showValue(given)})`);
    }
    const target = given === undefined || given === '' ? name : given;
    const other = targets.get(target);
    if (other !== undefined && !target.includes('%')) {
      addFault(report, pointer, `gets the name ${showValue(target)}, as ${other} does`, 'give it another name');
    }
    targets.set(target, name);
  }
}

/** dev_valid_name() of the kernel. */
function nameFault(name: string): string | undefined {
  if (encodeUtf8(name).length > longestBytes) return `must be at most ${longestBytes} bytes`;
  if (name === '.' || name === '..') return 'must not be "." or ".."';
  for (const character of name) {
    if (character === '/' || character === ':' || isSpace(character)) return 'must not contain "/", ":" or white space';
  }
  return undefined;
}

/** isspace() of the kernel. */
function isSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  return code === 32 || (code >= 9 && code <= 13);
}

/** One %d and no other %. */
function templateFault(name: string): string | undefined {
  const at = name.indexOf('%');
  if (at < 0 || (name[at + 1] === 'd' && !name.includes('%', at + 1))) return undefined;
  return 'may contain one "%d" and no other "%"';
}
