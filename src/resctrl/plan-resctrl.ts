/** linux.intelRdt -> ResctrlPlan. Pure. [spec config-linux.md#intelrdt] */
import type { IntelRdt } from '../spec/config-types.ts';
import type { ResctrlPlan } from './resctrl-plan.ts';

/** An object with nothing in it still asks for a class of the container's own; undefined: nothing is asked, nothing touched. */
export function planResctrl(id: string, intelRdt: IntelRdt | undefined): ResctrlPlan | undefined {
  if (intelRdt === undefined) return undefined;
  const { closID = '', l3CacheSchema = '', memBwSchema = '', schemata = [], enableMonitoring = false } = intelRdt;
  const compared = [l3CacheSchema, memBwSchema].filter((line) => line !== '');
  return {
    group: closID === '/' ? '' : closID === '' ? id : closID,
    isNamed: closID !== '',
    compared,
    // [order] cache, bandwidth, then the lines that may say it anew.
    schemata: [...compared, ...schemata.filter((line) => line !== '')],
    monitor: enableMonitoring ? id : undefined,
  };
}
