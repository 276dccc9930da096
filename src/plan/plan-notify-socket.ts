/**
 * NOTIFY_SOCKET, readiness for systemd as runc relays it: the container gets a socket of its own, bound from the container's
 * state directory, and never the service manager's. Pure. [man sd_notify.3]
 */
import type { Config, Mount } from '../spec/config-types.ts';

/** In the container. */
const containerDirectory = '/run/notify';
export const notifyDirectoryName = 'notify';
export const notifySocketName = 'notify.sock';

const prefix = 'NOTIFY_SOCKET=';

/** Where the service manager listens; undefined: nobody wants to know. */
export function findNotifyAddress(environment: readonly string[]): string | undefined {
  const entry = environment.find((each) => each.startsWith(prefix));
  return entry === undefined || entry.length === prefix.length ? undefined : entry.slice(prefix.length);
}

/** directory: absolute, on the host. The configuration that is carried out, not the one that is saved: exec is told nothing. */
export function withNotifySocket(config: Config, directory: string): Config {
  const { process } = config;
  if (process === undefined) return config;
  const mount: Mount = {
    destination: containerDirectory,
    source: directory,
    options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'],
  };
  const entry = `${prefix}${containerDirectory}/${notifySocketName}`;
  const env = [...(process.env ?? []).filter((each) => !each.startsWith(prefix)), entry];
  return { ...config, mounts: [...(config.mounts ?? []), mount], process: { ...process, env } };
}

/** The datagram says that the service is up. Whatever else it says stays in the container. */
export function isReadiness(datagram: string): boolean {
  return datagram.split('\n').includes('READY=1');
}
