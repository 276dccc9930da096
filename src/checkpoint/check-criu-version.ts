/** Whether this criu can do what is asked of it. Pure. */
import { RuntimeError } from '../base/runtime-error.ts';
import type { CriuFeatures, CriuVersion } from './criu-messages.ts';

/**
 * 3.16: the first whose restore takes another LSM profile than that of the dump; the freezer of cgroup v2 (3.14), external pid
 * namespaces and the status-ready notification (3.15) are older.
 */
const oldest = { major: 3, minor: 16 };

export function checkCriuVersion({ major, minor, sublevel, isSnapshot }: CriuVersion): void {
  // A build between two releases has the features of the next one, and the number of the last.
  const effective = isSnapshot ? minor + 1 : minor;
  if (major > oldest.major || (major === oldest.major && effective >= oldest.minor)) return;
  throw new RuntimeError({
    kind: 'kernel',
    message: `criu ${major}.${minor}${sublevel === 0 ? '' : `.${sublevel}`} is too old: ${oldest.major}.${oldest.minor} or newer is needed`,
    hint: 'install a newer criu',
  });
}

/** runc's words. The kernel's part: soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY), userfaultfd. */
export function checkCriuFeatures(wanted: CriuFeatures, present: CriuFeatures | undefined): void {
  const missing: string[] = [];
  if (wanted.memoryTracking === true && present?.memoryTracking !== true) missing.push('MemTrack');
  if (wanted.lazyPages === true && present?.lazyPages !== true) missing.push('LazyPages');
  if (missing.length === 0) return;
  throw new RuntimeError({
    kind: 'kernel',
    message: `criu is missing features: [${missing.join(' ')}]`,
    hint: missing.includes('MemTrack')
      ? '--pre-dump needs a kernel that tracks changed memory (CONFIG_MEM_SOFT_DIRTY)'
      : '--lazy-pages needs a kernel with userfaultfd (CONFIG_USERFAULTFD)',
  });
}
