/**
 * maskedPaths and readonlyPaths -> steps. A path that is not there costs the child one system call and is no error. Pure.
 * [spec config-linux.md#masked-paths] [spec config-linux.md#readonly-paths]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { MountBook } from './plan-targets.ts';
import { planTarget } from './plan-targets.ts';
import type { RootfsStep } from './rootfs-step.ts';

/** `pointer` is that of the list; `label` an SELinux context for covers. Doubles are left out. No text is put together unless something is refused. */
export function planHiddenPaths(
  book: MountBook,
  kind: 'maskPath' | 'readonlyPath',
  paths: readonly string[],
  pointer: string,
  label?: string,
): RootfsStep[] {
  const seen = new Set<string>();
  const steps: RootfsStep[] = [];
  for (let i = 0; i < paths.length; i++) {
    const written = paths[i] ?? '';
    if (written.charCodeAt(0) !== 47) {
      const message = 'must be an absolute path';
      throw new RuntimeError({ kind: 'spec', pointer: `${pointer}/${i}`, path: written, message });
    }
    const target = planTarget(book, written);
    if (target.path === '/' && kind === 'maskPath') {
      throw new RuntimeError({
        kind: 'spec',
        pointer: `${pointer}/${i}`,
        message: 'must not be /: nothing would be left',
      });
    }
    if (seen.has(target.path)) continue;
    seen.add(target.path);
    steps.push(
      label === undefined || kind !== 'maskPath' ? { kind, index: i, target } : { kind, index: i, target, label },
    );
  }
  return steps;
}
