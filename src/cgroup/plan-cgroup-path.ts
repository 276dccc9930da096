/**
 * config.linux.cgroupsPath and the id -> the components of the cgroup's path below the root of the v2 tree.
 * A relative path starts at the root too: the specification wants one value to lead to one place, which a path relative to the
 * caller's own cgroup does not. Nothing here may ever name the root itself: whoever deletes the container kills all that is in
 * its cgroup (rule B16). [spec config-linux.md#cgroups-path]
 */
import { RuntimeError } from '../base/runtime-error.ts';

const pointer = '/linux/cgroupsPath';
const NAME_MAX = 255;
const PATH_MAX = 4096;

/**
 * At least one component, none empty, "." or "..". `delegated`: of the cgroup where a rootless runtime may make others; there
 * relative paths start, because above it nothing can be made.
 */
export function planCgroupPath(
  cgroupsPath: string | undefined,
  id: string,
  delegated: readonly string[] = nothing,
): readonly string[] {
  if (cgroupsPath === undefined) return [...delegated, id];
  if (cgroupsPath.length >= PATH_MAX) throw refusal(cgroupsPath.slice(0, 40), 'is longer than 4095 characters');
  if (isSystemdForm(cgroupsPath)) {
    throw refusal(cgroupsPath, 'is of the form slice:prefix:name, which only the systemd cgroup manager takes');
  }
  const components = componentsOf(cgroupsPath);
  for (const component of components) checkComponent(cgroupsPath, component);
  if (components.length === 0) throw refusal(cgroupsPath, 'names the root of the cgroup tree');
  return cgroupsPath.charCodeAt(0) === SLASH ? components : [...delegated, ...components];
}

/** Of a path in the v2 tree: the names between the slashes. */
export function componentsOf(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '');
}

const SLASH = 47;
const nothing: readonly string[] = [];

function checkComponent(cgroupsPath: string, component: string): void {
  if (component === '.' || component === '..')
    throw refusal(cgroupsPath, `may not contain the component "${component}"`);
  if (component.length > NAME_MAX) throw refusal(component.slice(0, 40), 'has a component longer than 255 bytes');
  if (component.includes('\n') || component.includes('\0')) {
    throw refusal(JSON.stringify(cgroupsPath), 'may not contain a newline or NUL');
  }
}

function isSystemdForm(cgroupsPath: string): boolean {
  return !cgroupsPath.includes('/') && cgroupsPath.split(':').length === 3;
}

function refusal(value: string, reason: string): RuntimeError {
  const shown = value.startsWith('"') ? value : `"${value}"`;
  return new RuntimeError({
    kind: 'spec',
    pointer,
    message: `${shown} ${reason}`,
    hint: 'give an absolute path below the root of the cgroup tree, such as /my-group/my-container, or leave cgroupsPath out',
  });
}
