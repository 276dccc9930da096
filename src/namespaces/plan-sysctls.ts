/** linux.sysctl -> files below /proc/sys. That each belongs to a namespace of the container is checked before. Pure. */
import { RuntimeError } from '../base/runtime-error.ts';
import { sysctlComponents } from '../spec/check-sysctl.ts';
import type { SysctlSetting } from './sysctl-setting.ts';

export function planSysctls(sysctl: { readonly [name: string]: string } | undefined): readonly SysctlSetting[] {
  if (sysctl === undefined) return [];
  return Object.entries(sysctl).map(([name, value]) => {
    const components = sysctlComponents(name);
    if (components === undefined) {
      throw new RuntimeError({
        kind: 'spec',
        pointer: `/linux/sysctl/${name}`,
        message: 'is not the name of a sysctl',
      });
    }
    return { name, file: components.join('/'), value };
  });
}
