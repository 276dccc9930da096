/** mounts add|remove ID OPERAND...: the action comes before the id, as in crun. Pure. */
import type { MountsRequest } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';

/** `options`: the values of --options, each of which may hold several with commas. */
export function mountsRequest(positionals: readonly string[], options: readonly string[]): MountsRequest {
  const [action, id, ...operands] = positionals;
  if ((action !== 'add' && action !== 'remove') || id === undefined) {
    const message = `unknown action ${JSON.stringify(action)}`;
    throw new RuntimeError({ kind: 'usage', message, hint: 'runt mounts add ... or runt mounts remove ...' });
  }
  if (action === 'remove' && operands.length !== 1) {
    throw new RuntimeError({ kind: 'usage', message: '"mounts remove" takes an id and one destination or file' });
  }
  if (options.length > 0 && operands.length !== 2) {
    throw new RuntimeError({ kind: 'usage', path: '--options', message: 'is for mounts add ID SOURCE DESTINATION' });
  }
  return { command: 'mounts', action, id, operands, options: options.flatMap((each) => each.split(',')) };
}
