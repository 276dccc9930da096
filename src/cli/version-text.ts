/**
 * The text of --version, read by engines as well as by people, so two of its lines are for engines:
 * - go-runc (containerd, buildkit) takes a version only from a first line that begins with "runc version ";
 * - Docker takes the last line that holds the word "version" and shows what stands before it as the runtime's name.
 * With both lines go-runc knows the version and `docker info` shows the right name. What "runc version" claims is the command
 * line, which is runc's. Nothing goes to stderr, for cri-o reads both together.
 */
import type { Kernel } from '../kernel/kernel.ts';

export function versionText(kernel: Kernel): string {
  const { version, commit, quickjs } = kernel.buildInfo;
  return [
    `runc version ${version}`,
    `commit: ${commit}`,
    'spec: 1.3.0',
    `libseccomp: ${kernel.seccompVersion()}`,
    `quickjs: ${quickjs}`,
    `runt version ${version}`,
    '',
  ].join('\n');
}
