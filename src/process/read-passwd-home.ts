import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** The home directory of uid by the container's /etc/passwd, '/' if there is none. root: the container's root directory. */
export declare function readPasswdHome(kernel: Kernel, root: Fd, uid: number): string;
