/** Process of config.json or of exec -> ProcessPlan. */
import type { Process } from '../spec/config-types.ts';
import type { ProcessPlan } from './process-plan.ts';

/** pointer: '/process' in config.json, '' for the file of exec --process. */
export declare function planProcess(process: Process, pointer: string): ProcessPlan;
