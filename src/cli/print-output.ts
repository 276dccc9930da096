/**
 * What commands print on standard output, byte for byte as runc does it: engines parse it. Formats are pure functions of
 * this file; writing is main.ts' business.
 */
import { formatJson } from '../base/format-json.ts';
import type { Finding } from '../lifecycle/doctor.ts';
import type { ContainerState } from '../lifecycle/show-state.ts';

/** state: two spaces, no newline at the end. */
export function formatState(state: ContainerState): string {
  return formatJson(state, '  ');
}

/** features: four spaces, a newline at the end. */
export function formatFeatures(features: object): string {
  return `${formatJson(features, '    ')}\n`;
}

/** list --format json: one line; "null" when there is nothing, as Go writes an empty slice. */
export function formatListJson(containers: readonly ContainerState[]): string {
  return `${containers.length === 0 ? 'null' : formatJson(containers)}\n`;
}

/** list --quiet. */
export function formatListIds(containers: readonly ContainerState[]): string {
  return containers.map(({ id }) => `${id}\n`).join('');
}

/** ps --format json: one line, "null" for none. */
export function formatPids(pids: readonly number[]): string {
  return `${pids.length === 0 ? 'null' : formatJson(pids)}\n`;
}

export function formatListTable(containers: readonly ContainerState[]): string {
  const rows = containers.map((state) => [
    state.id,
    String(state.pid),
    state.status,
    state.bundle,
    state.created,
    state.owner,
  ]);
  return formatTable([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows]);
}

/** As Go's tabwriter with a least width of 12 and three blanks between columns: the last column is not padded. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 12, [...cell].length + 3);
    });
  }
  return rows.map((row) => `${formatRow(row, widths)}\n`).join('');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - [...cell].length),
    )
    .join('');
}

/** doctor: one line for each feature. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ feature, problem, required }) => {
      if (problem === undefined) return `ok       ${feature}\n`;
      return `${required ? 'MISSING ' : 'limited '} ${feature}: ${problem}\n`;
    })
    .join('');
}

/** plan: for people and for tests that compare. */
export function formatPlan(plan: object): string {
  return `${formatJson(plan, '  ')}\n`;
}
