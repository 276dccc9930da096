import type { Config } from '../spec/generated/config-types.ts';
import type { RootfsPlan } from './rootfs-step.ts';

export type NamespaceMode = 'new' | 'joined' | 'host';

export interface RootfsInput {
  readonly config: Config;
  /** Absolute path of the bundle: the start of relative paths. */
  readonly bundle: string;
  readonly namespaces: { readonly mount: NamespaceMode; readonly user: NamespaceMode; readonly cgroup: NamespaceMode };
  /** This process is in the initial user namespace: it may mknod. */
  readonly initialUserNamespace: boolean;
  readonly noPivot: boolean;
  /** Host path of the container's own cgroup directory in the v2 tree; undefined without a cgroup. */
  readonly cgroupPath: string | undefined;
}

/** Throws RuntimeError kind 'spec' with a JSON pointer for what is refused. */
export function planRootfs(_input: RootfsInput): RootfsPlan {
  throw new Error('being written');
}
