/**
 * unknown -> Config, or every fault at once. First the generated schema validator, then what a schema cannot say; where the
 * schema refused something, the rest of the checks run on what is left. Pure, no effects; accepts valid properties that runt
 * does not carry out yet: check-carried-out.ts refuses those. [spec config.md]
 */
import { checkLinux } from './check-linux.ts';
import { cleanPath } from './check-mounts.ts';
import { checkProcessMeaning } from './check-process.ts';
import { checkVersion } from './check-version.ts';
import type { Config } from './config-types.ts';
import { addFault, emptyReport, type Fault, type Report } from './fault.ts';
import { validateConfig } from './generated/validate.js';
import { schemaFaults } from './schema-faults.ts';
import { soundPart } from './sound-part.ts';

/** Warnings are to be logged and do not stop anything [spec runtime.md#warnings]. */
export type ConfigCheck =
  | { readonly config: Config; readonly faults?: undefined; readonly warnings: readonly Fault[] }
  | { readonly faults: readonly Fault[]; readonly warnings: readonly Fault[] };

/** `value` is what the JSON parser gave: objects without prototype, bigint beyond 2^53-1. */
export function checkConfig(value: unknown): ConfigCheck {
  if (!validateConfig(value)) return checkRest(value, schemaFaults(validateConfig.errors ?? [], value));
  const config = value as Config;
  const report = emptyReport();
  checkMeaning(config, report);
  if (report.faults.length === 0) return { config, warnings: report.warnings };
  return { faults: report.faults, warnings: report.warnings };
}

function checkRest(value: unknown, faults: Fault[]): ConfigCheck {
  const report: Report = { faults, warnings: [], unsound: faults.map((fault) => fault.pointer) };
  // A fault of the whole: not an object, or more faults than were listed.
  const isReadable = !faults.some((fault) => fault.pointer === '');
  if (isReadable) checkMeaning(soundPart(value as object, faults) as Config, report);
  return { faults: report.faults, warnings: report.warnings };
}

function checkMeaning(config: Config, report: Report): void {
  checkVersion(config.ociVersion, report);
  // The rules below are those of Linux; a file for another platform is judged by its schema alone.
  if (config.linux === undefined && isForOtherPlatform(config)) return;
  if (config.root?.path !== undefined && config.root.path.charCodeAt(0) === 47 && cleanPath(config.root.path) === '/') {
    addFault(
      report,
      '/root/path',
      'must not be /: the container would be the host',
      'write the directory of the root file system',
    );
  }
  if (config.process !== undefined) checkProcessMeaning(config.process, '/process', report);
  checkHooksCanRun(config, report);
  checkLinux(config, report);
}

/** startContainer hooks are children of the process that has its scheduling already [man sched.7]. */
function checkHooksCanRun({ process, hooks }: Config, report: Report): void {
  const scheduler = process?.scheduler;
  if (scheduler?.policy !== 'SCHED_DEADLINE' || (hooks?.startContainer?.length ?? 0) === 0) return;
  if (scheduler.flags?.includes('SCHED_FLAG_RESET_ON_FORK') === true) return;
  const what = 'a process of SCHED_DEADLINE cannot have children, and startContainer hooks are children of it';
  addFault(report, '/process/scheduler/flags', what, 'add SCHED_FLAG_RESET_ON_FORK, or take another kind of hook');
}

export function isForOtherPlatform(config: Config): boolean {
  return (
    config.freebsd !== undefined ||
    config.zos !== undefined ||
    config.solaris !== undefined ||
    config.windows !== undefined ||
    config.vm !== undefined
  );
}
