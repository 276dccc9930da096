/**
 * Runs once before the real-kernel tests: refuses to run where a test could touch the machine's own processes or cgroups, and
 * makes the root file system that all bundles share (static busybox of the distribution, hard-linked into each bundle).
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeRootfs } from './rootfs.ts';

const CGROUP2_SUPER_MAGIC = 0x63677270;

export default function setup(): () => void {
  if (process.getuid?.() !== 0) throw new Error('the real-kernel tests need root; run them with npm test');
  if (!isOwnPidNamespace())
    throw new Error('run the real-kernel tests with npm test: they need their own pid and mount namespace');
  if (statfsSync('/sys/fs/cgroup').type !== CGROUP2_SUPER_MAGIC)
    throw new Error('/sys/fs/cgroup is not a cgroup2 tree here');
  const binary = process.env.RUNTIME ?? fileURLToPath(new URL('../../dist/runt', import.meta.url));
  if (!existsSync(binary)) throw new Error(`${binary} does not exist: npm run build makes it`);

  const workspace = mkdtempSync(join(tmpdir(), 'runt-test-'));
  process.env.RUNT_TEST_BINARY = binary;
  process.env.RUNT_TEST_WORKSPACE = workspace;
  makeRootfs(join(workspace, 'rootfs'));
  return () => {
    // The path was made above by mkdtemp; the check keeps a changed environment from widening the removal.
    if (!workspace.startsWith(join(tmpdir(), 'runt-test-'))) throw new Error(`refusing to remove ${workspace}`);
    rmSync(workspace, { recursive: true });
  };
}

/** In a fresh pid namespace pid 1 is the shell or vitest that scripts/test.mjs started, never an init system. */
function isOwnPidNamespace(): boolean {
  const command = readFileSync('/proc/1/cmdline', 'utf8');
  return command.includes('vitest') || command.includes('private-namespaces.sh');
}
