/** The flags of checkpoint and restore that have a form of their own -> what criu takes. Pure; the sentences are runc's. [man runc-checkpoint.8] */
import { RuntimeError } from '../base/runtime-error.ts';
import { CLONE_NEWNET } from '../kernel/flags.ts';
import { cgroupModes, networkLocks } from './criu-messages.ts';

/** --manage-cgroups-mode. */
export function planCgroupMode(given: string | undefined): number {
  if (given === undefined || given === '') return cgroupModes.default;
  if (Object.hasOwn(cgroupModes, given) && given !== 'default') return cgroupModes[given as keyof typeof cgroupModes];
  throw refusal('--manage-cgroups-mode', `invalid manage-cgroups-mode value: ${given}`, 'soft, full, strict or ignore');
}

/** --network-lock, as crun has it. undefined: criu's own choice. */
export function planNetworkLock(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (Object.hasOwn(networkLocks, given)) return networkLocks[given as keyof typeof networkLocks];
  throw refusal('--network-lock', `invalid network-lock value: ${given}`, 'iptables, nftables or skip');
}

/** --empty-ns. A network namespace is always made empty: its interfaces are the engine's, who brings them back in a hook. */
export function planEmptyNamespaces(given: readonly string[]): number {
  for (const name of given) {
    if (name !== 'network') throw refusal('--empty-ns', `namespace "${name}" is not supported`, 'only network');
  }
  return CLONE_NEWNET;
}

/** --page-server ADDRESS:PORT, an IPv6 address in brackets. */
export function planPageServer(given: string | undefined): { address: string; port: number } | undefined {
  if (given === undefined || given === '') return undefined;
  const match = /^(?:\[([^[\]]+)\]|([^:[\]]+)):([^:]+)$/.exec(given);
  const address = match?.[1] ?? match?.[2];
  const port = match?.[3];
  if (address === undefined || port === undefined) {
    throw new RuntimeError({ kind: 'usage', message: 'Use --page-server ADDRESS:PORT to specify page server' });
  }
  const number = /^[0-9]{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65535) throw refusal('--page-server', 'Invalid port number', '1 to 65535');
  return { address, port: number };
}

/** --parent-path: relative to the images, where criu makes a link of it. */
export function planParentPath(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (given[0] !== '/') return given;
  throw refusal('--parent-path', '--parent-path must be relative', 'it starts at the directory of --image-path');
}

/** --lsm-profile TYPE:NAME. */
export function planLsmProfile(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (/^(apparmor|selinux):./.test(given)) return given;
  throw refusal('--lsm-profile', `invalid LSM profile: ${given}`, 'TYPE:NAME, where TYPE is apparmor or selinux');
}

function refusal(path: string, message: string, hint: string): RuntimeError {
  return new RuntimeError({ kind: 'usage', path, message, hint });
}
