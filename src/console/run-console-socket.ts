import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Connects to a unix socket named by a flag (--console-socket, --pidfd-socket), before anything is created. */
export declare function runConsoleSocket(kernel: Kernel, flag: string, path: string): Fd<'object'>;
/** Sends a descriptor with SCM_RIGHTS, waits at most 5 s. name: '/dev/ptmx' for a console, as runc. */
export declare function sendDescriptor(kernel: Kernel, socket: Fd, descriptor: Fd, name: string): void;
