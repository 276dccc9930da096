/**
 * The last part of a child's life: enters the working directory, finds the program, and prepares the exec tail as data. After
 * the tail has begun no JavaScript runs (risk D1). What can fail for a reason of the user's fails here, before `ready`.
 * [spec config.md#process] [CVE-2024-21626]
 */
import type { Kernel, TailOperation } from '../kernel/kernel.ts';
import { planTail } from '../plan/plan-tail.ts';
import { applyStdioOwner } from '../process/apply-stdio-owner.ts';
import { applyWorkingDirectory } from '../process/apply-working-directory.ts';
import { readPasswdHome } from '../process/read-passwd-home.ts';
import { runLookupExecutable } from '../process/run-lookup-executable.ts';
import { grantCapabilities } from '../security/plan-capabilities.ts';
import { planCredentials } from '../security/plan-credentials.ts';
import { rootOf } from './apply-init-step.ts';
import { applyNullStreams } from './apply-null-streams.ts';
import type { ChildContext } from './child-context.ts';

export interface AppliedExec {
  /** Everything that the tail will do, ready to be handed to native code. */
  readonly tail: readonly TailOperation[];
  /** Capabilities that were asked for and cannot be granted [spec config.md#linux-process]. */
  readonly warnings: readonly string[];
}

export function applyExec(kernel: Kernel, context: ChildContext): AppliedExec {
  const { plan } = context;
  const { process } = plan;
  const root = rootOf(kernel, context);
  // In a user namespace the host's device belongs to nobody who could change it.
  if (!process.terminal && !plan.foreignUserNamespace) applyNullStreams(kernel, context);
  // Streams made by root belong to root already, and a terminal was given to the user when it was made.
  if (!process.terminal && (process.uid !== 0 || plan.foreignUserNamespace)) applyStdioOwner(kernel, process.uid);
  const env = process.homeMissing ? [...plan.env, `HOME=${readPasswdHome(kernel, root, process.uid)}`] : plan.env;
  applyWorkingDirectory(kernel, root, process.cwd, `${process.pointer}/cwd`);
  const path = runLookupExecutable(kernel, process);
  const { pointer } = process;
  const granted = grantCapabilities(plan.capabilities, kernel.capget().permitted, `${pointer}/capabilities`);
  const { seccomp, setgroupsDenied } = context;
  const tail = planCredentials(planTail(plan, { capabilities: granted.sets, setgroupsDenied, seccomp, path, env }));
  return { tail, warnings: granted.warnings };
}
