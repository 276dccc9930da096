/**
 * descriptors.json in the directory of the images: what standard input, output and error of the container led to at dump. At
 * restore those that are pipes are replaced by our own. The form is runc's. Pure.
 */
import { RuntimeError } from '../base/runtime-error.ts';

export const descriptorsName = 'descriptors.json';

/**
 * Only 0, 1 and 2: a list that named more would make criu hand other descriptors of ours to the container. `fd` is ours and
 * criu's alike.
 */
export function parseDescriptors(value: unknown): readonly { readonly key: string; readonly fd: number }[] {
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
    throw new RuntimeError({ kind: 'state', path: descriptorsName, message: 'is not a list of strings' });
  }
  const pipes: { key: string; fd: number }[] = [];
  (value as string[]).slice(0, 3).forEach((name, fd) => {
    if (/^pipe:\[\d+\]$/.test(name)) pipes.push({ key: name, fd });
  });
  return pipes;
}
