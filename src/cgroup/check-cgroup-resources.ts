/**
 * Limits of the specification that cgroup v2 has no file for: a value that asks for something is refused by name, a value that
 * asks for nothing (zero, the kernel's default, what engines send unasked) is accepted. Never ignored silently (rule B12).
 * [spec config-linux.md#memory] [spec config-linux.md#network] [spec config-linux.md#cpu]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Integer64, Resources } from '../spec/generated/config-types.ts';

/** The kernel's own value of vm.swappiness. */
const DEFAULT_SWAPPINESS = 60;

/** Throws kind 'spec', with the pointer, at the first value that cannot be carried out. */
export function checkCgroupResources(resources: Resources): void {
  const { memory, cpu, network, blockIO } = resources;
  refuseLimit('memory/kernel', memory?.kernel);
  refuseLimit('memory/kernelTCP', memory?.kernelTCP);
  if (memory?.swappiness !== undefined && memory.swappiness !== DEFAULT_SWAPPINESS) throw refusal('memory/swappiness');
  if (memory?.disableOOMKiller === true) throw refusal('memory/disableOOMKiller');
  refuseLimit('cpu/realtimeRuntime', cpu?.realtimeRuntime);
  refuseLimit('cpu/realtimePeriod', cpu?.realtimePeriod);
  refuseLimit('network/classID', network?.classID);
  network?.priorities?.forEach(({ priority }, index) => {
    refuseLimit(`network/priorities/${index}/priority`, priority);
  });
  refuseLimit('blockIO/leafWeight', blockIO?.leafWeight);
  blockIO?.weightDevice?.forEach(({ leafWeight }, index) => {
    refuseLimit(`blockIO/weightDevice/${index}/leafWeight`, leafWeight);
  });
}

function refuseLimit(where: string, value: Integer64 | undefined): void {
  if (value !== undefined && value > 0) throw refusal(where);
}

function refusal(where: string): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    pointer: `/linux/resources/${where}`,
    message: 'cgroup v2 has no such limit',
    hint: 'leave it out: only cgroup v1 had it',
  });
}
