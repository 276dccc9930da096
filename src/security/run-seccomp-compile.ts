/**
 * The seccomp filter of a container as bytes for the exec tail: from the cache, or compiled with libseccomp and given its
 * prologue. [order] before clone3: compiling takes milliseconds and allocates, and once the filter is in force no JavaScript
 * may run. [spec config-linux.md#seccomp] [man seccomp.2]
 */

import { during, RuntimeError } from '../base/runtime-error.ts';
import { architectureTable } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel, SeccompProgramRequest } from '../kernel/kernel.ts';
import type { Seccomp } from '../spec/generated/config-types.ts';
import { INSTRUCTION_BYTES, MAXIMUM_INSTRUCTIONS } from './classic-bpf.ts';
import type { LoadedSeccomp } from './loaded-seccomp.ts';
import { patchEnosys } from './patch-enosys.ts';
import { planSeccomp, planSeccompFlags } from './plan-seccomp.ts';
import { planSeccompKey } from './plan-seccomp-key.ts';
import { usesNotify } from './plan-seccomp-listener.ts';
import { planSeccompPatches } from './plan-seccomp-patches.ts';
import { readSeccompCache } from './read-seccomp-cache.ts';
import { writeSeccompCache } from './write-seccomp-cache.ts';

/**
 * root: the runtime's state directory (the cache is <root>/.cache/seccomp), undefined = no cache. Throws kind 'spec' with a
 * pointer for what cannot be carried out. A hit costs four system calls.
 */
export function loadSeccompProgram(kernel: Kernel, seccomp: Seccomp, root: Fd<'host'> | undefined): LoadedSeccomp {
  return during('prepare the seccomp filter', () => {
    const listens = usesNotify(seccomp);
    const flags = planSeccompFlags(seccomp.flags, listens);
    if (root === undefined) return { program: compile(kernel, seccomp), flags, listens };
    const key = kernel.sha256(keyText(kernel, seccomp));
    const cached = readSeccompCache(kernel, root, key);
    if (cached !== undefined) return { program: cached, flags, listens };
    const program = compile(kernel, seccomp);
    writeSeccompCache(kernel, root, key, program);
    return { program, flags, listens };
  });
}

/** The build is in it: another one may have other tables, or another libseccomp of the same version. */
function keyText(kernel: Kernel, seccomp: Seccomp): string {
  const { version, commit } = kernel.buildInfo;
  return planSeccompKey(seccomp, kernel.architecture, `${version} ${commit} ${kernel.seccompVersion()}`);
}

function compile(kernel: Kernel, seccomp: Seccomp): Uint8Array {
  const request = planSeccomp(seccomp, architectureTable[kernel.architecture].auditArchitecture);
  const compiled = compileRequest(kernel, request);
  const patches = planSeccompPatches({
    request,
    names: (seccomp.syscalls ?? []).flatMap(({ names }) => names),
    unknown: new Set(compiled.unknown),
    resolve: (architecture, name) => kernel.seccompResolveName(architecture, name),
  });
  const program = patchEnosys(compiled.program, patches);
  const instructions = program.length / INSTRUCTION_BYTES;
  if (instructions <= MAXIMUM_INSTRUCTIONS) return program;
  throw new RuntimeError({
    kind: 'spec',
    pointer: '/linux/seccomp/syscalls',
    message: `the filter would have ${instructions} instructions, and the kernel takes ${MAXIMUM_INSTRUCTIONS}`,
    hint: 'use fewer rules, conditions or architectures',
  });
}

/** The library's own refusals name no property, so the profile as a whole is pointed at. */
function compileRequest(kernel: Kernel, request: SeccompProgramRequest): ReturnType<Kernel['seccompCompile']> {
  try {
    return kernel.seccompCompile(request);
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.fields.pointer !== undefined) throw error;
    throw error.with({ pointer: '/linux/seccomp' });
  }
}
