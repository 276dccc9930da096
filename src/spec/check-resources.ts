/**
 * linux.resources against itself: what no kernel can do, whichever controllers the host has. Pure; also for `update`.
 * Whether a controller is there, and the conversion to files, is the cgroup domain's. [spec config-linux.md#control-groups]
 */
import type { BlockIo, Cpu, Memory, Resources } from './config-types.ts';
import { addFault, pointerToken, type Report } from './fault.ts';

/** `pointer` is that of the resources: '/linux/resources' in config.json. */
export function checkResources(resources: Resources, pointer: string, report: Report): void {
  if (resources.memory !== undefined) checkMemory(resources.memory, `${pointer}/memory`, report);
  if (resources.cpu !== undefined) checkCpu(resources.cpu, `${pointer}/cpu`, report);
  if (resources.blockIO !== undefined) checkBlockIo(resources.blockIO, `${pointer}/blockIO`, report);
  if (resources.rdma !== undefined) checkRdma(resources.rdma, `${pointer}/rdma`, report);
  if (resources.unified !== undefined) checkUnified(resources.unified, `${pointer}/unified`, report);
}

/** `swap` is memory and swap together; 0 is not set, -1 unlimited. The sentences begin as runc's, which engines know. */
function checkMemory(memory: Memory, pointer: string, report: Report): void {
  const swap = memory.swap ?? 0;
  const limit = memory.limit ?? 0;
  if (swap <= 0) return;
  if (limit === 0) {
    addFault(report, `${pointer}/swap`, 'unable to set swap limit without memory limit', 'add "limit"');
  } else if (limit > 0 && swap < limit) {
    addFault(
      report,
      `${pointer}/swap`,
      `memory+swap limit should be >= memory limit (${swap} < ${limit})`,
      'swap counts memory and swap together',
    );
  }
}

function checkCpu(cpu: Cpu, pointer: string, report: Report): void {
  if (cpu.burst !== undefined && cpu.quota !== undefined && cpu.quota > 0 && cpu.burst > cpu.quota) {
    addFault(report, `${pointer}/burst`, `must not be larger than quota (${cpu.burst} > ${cpu.quota})`);
  }
}

/** 1000 is the greatest weight of both versions of the controller; 0 is what Docker writes for none. */
function checkBlockIo(blockIo: BlockIo, pointer: string, report: Report): void {
  checkWeight(blockIo.weight, `${pointer}/weight`, report);
  checkWeight(blockIo.leafWeight, `${pointer}/leafWeight`, report);
  const devices = blockIo.weightDevice;
  if (devices === undefined) return;
  for (let i = 0; i < devices.length; i++) {
    const device = devices[i];
    if (device === undefined) continue;
    checkWeight(device.weight, `${pointer}/weightDevice/${i}/weight`, report);
    checkWeight(device.leafWeight, `${pointer}/weightDevice/${i}/leafWeight`, report);
    if (device.weight === undefined && device.leafWeight === undefined) {
      addFault(report, `${pointer}/weightDevice/${i}`, 'must have at least one of weight and leafWeight');
    }
  }
}

function checkWeight(weight: number | undefined, pointer: string, report: Report): void {
  if (weight !== undefined && weight > 1000)
    addFault(report, pointer, `must be a whole number from 0 to 1000: ${weight} is out of range`);
}

function checkRdma(rdma: NonNullable<Resources['rdma']>, pointer: string, report: Report): void {
  for (const [name, limits] of Object.entries(rdma)) {
    if (limits.hcaHandles !== undefined || limits.hcaObjects !== undefined) continue;
    const at = `${pointer}/${pointerToken(name)}`;
    // A limit that the schema refused was there, only wrong.
    if (!report.unsound.some((unsound) => unsound.startsWith(at)))
      addFault(report, at, 'must have at least one of hcaHandles and hcaObjects');
  }
}

/** A key is a file of the container's own cgroup: one component, controller.parameter. */
function checkUnified(unified: { readonly [key: string]: string }, pointer: string, report: Report): void {
  for (const key of Object.keys(unified)) {
    const at = `${pointer}/${pointerToken(key)}`;
    if (key.includes('/'))
      addFault(report, at, 'must be a plain file name (no slashes)', 'write it as in "memory.high"');
    else if (key.indexOf('.') < 1)
      addFault(report, at, 'must be in the form CONTROLLER.PARAMETER', 'write it as in "memory.high"');
    else if (key.length > 255) addFault(report, at, 'must be at most 255 bytes, as every file name');
  }
}
