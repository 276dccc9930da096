/**
 * What `update` asks for, checked as linux.resources of config.json is: the same schema, the same rules, pointers from the root
 * of the file. The rules between values (swap and memory, burst and quota) hold for old and new together, so they are checked
 * once merged. Pure. [spec config-linux.md#control-groups]
 */
import { checkResources } from './check-resources.ts';
import type { Resources } from './config-types.ts';
import { emptyReport, type Fault } from './fault.ts';
import { validateResources } from './generated/validate.js';
import { schemaFaults } from './schema-faults.ts';

export type UpdateCheck =
  | { readonly resources: Resources; readonly faults?: undefined }
  | { readonly faults: readonly Fault[] };

/** The parsed file of --resources, or what the flags make. */
export function checkUpdate(value: unknown): UpdateCheck {
  if (!validateResources(value)) return { faults: schemaFaults(validateResources.errors ?? [], value) };
  return { resources: value as Resources };
}

/** Old and new together. */
export function checkMergedResources(merged: Resources): readonly Fault[] {
  const report = emptyReport();
  checkResources(merged, '', report);
  return report.faults;
}
