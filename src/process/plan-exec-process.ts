import type { ExecRequest } from '../base/request.ts';
import type { Process } from '../spec/config-types.ts';

/** The process of `exec` without --process: config.json's process changed by the flags. Throws kind 'usage'. */
export declare function planExecProcess(base: Process, request: ExecRequest): Process;
