/**
 * --regex of kill and delete: the operator's own pattern, over ids of which checkId knows every character; so nobody else can
 * make it slow (risk D10). crun takes POSIX's extended expressions; what these write differently from JavaScript's is refused,
 * because a pattern that means something else here would end the wrong containers. Pure. [man regex.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';

const lengthLimit = 1024;

/** What an id is asked. Throws kind 'usage' for a pattern that is none. */
export function parseIdPattern(pattern: string): (id: string) => boolean {
  if (pattern === '') throw invalid(pattern, 'is empty, and would match every container');
  if (pattern.length > lengthLimit) throw invalid(pattern.slice(0, 40), `is longer than ${lengthLimit}`);
  for (const opening of ['[:', '[.', '[=']) {
    if (pattern.includes(`[${opening}`) || pattern.includes(`[^${opening}`) || isInsideBrackets(pattern, opening)) {
      throw invalid(pattern, `holds "${opening}": write the characters out, as in [A-Za-z]`);
    }
  }
  try {
    // 'u': a mistake is an error, never a character that stands for itself.
    const expression = new RegExp(pattern, 'u');
    return (id) => expression.test(id);
  } catch (error) {
    throw invalid(pattern, error instanceof Error ? error.message : String(error));
  }
}

/** "[a[:digit:]]": a class within brackets, where JavaScript sees a bracket among the characters. */
function isInsideBrackets(pattern: string, opening: string): boolean {
  const closing = `${opening[1]}]`;
  const start = pattern.indexOf(opening);
  return start >= 0 && pattern.indexOf(closing, start + 2) >= 0;
}

function invalid(pattern: string, reason: string): RuntimeError {
  return new RuntimeError({
    kind: 'usage',
    path: '--regex',
    message: `invalid regular expression ${JSON.stringify(pattern)}: ${reason}`,
  });
}
