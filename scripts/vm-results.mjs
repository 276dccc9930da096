// What the scripts of conformance/vm say, line by line: which checks passed, and for engines the rows of RESULTS.md.
//   ok SCRIPT: CHECK [# SKIP WHY]         not ok SCRIPT: CHECK         (SCRIPT: RUNTIME: CHECK of those that have a control)
//   # version SCRIPT: TEXT                a script that tests an engine; TEXT is its version
//   # runtime RUNTIME: VERSION            # kernel RELEASE
//   # SCRIPT done with status 0, ...      it came to its end
// Pure.

/** The line with which the machine says that it ran everything it was asked to. */
const END = '# end';

/**
 * expected: as of conformance/vm/expected.json; tested: the runtime of scripts without a control. read(LINE) returns the line to print, if
 * any: a check that fails and is expected to is "listed", with its reason; one that passes although it is not expected to is a failure. counts: passed, failed, skipped,
 * listed, ended; runs(): as of engineRow, of the engines' scripts that came to their end.
 */
export function vmResults(expected, tested) {
  const counts = { passed: 0, failed: 0, skipped: 0, listed: 0, ended: false };
  const seen = { versions: new Map(), runtimes: new Map(), kernel: 'unknown', done: new Set(), scripts: new Map() };
  const read = (line) => {
    if (line === END) {
      counts.ended = true;
      return undefined;
    }
    note(seen, line);
    const check = judge(parseCheck(line, tested), expected);
    if (check === undefined) {
      // Whatever says so is a failure, in whichever form.
      if (line.startsWith('not ok ')) counts.failed += 1;
      return line;
    }
    counts[check.result] += 1;
    record(seen.scripts, check);
    return check.line ?? line;
  };
  return { counts, read, runs: () => engineRuns(seen) };
}

/** "not ok podman: runc: pause" -> what it says; undefined for other lines. tested: as above. */
export function parseCheck(line, tested) {
  const found = /^(ok|not ok|listed) ([\w-]+): (?:(runt|runc|crun): )?(.*)$/.exec(line);
  if (found === null) return undefined;
  const [, word, script, runtime = tested, rest] = found;
  const [whole, skip] = rest.split(' # SKIP ');
  // "not ok podman: pause: status 1, ..." of the engines' checks.
  const check = word === 'not ok' ? whole.replace(/: status .*/, '') : whole;
  const result = { ok: skip === undefined ? 'passed' : 'skipped', 'not ok': 'failed', listed: 'listed' }[word];
  return { script, runtime, check, result };
}

function judge(check, expected) {
  if (check === undefined) return undefined;
  const entry = expected.find(
    (each) => each.script === check.script && each.check === check.check && each.runtimes.includes(check.runtime),
  );
  if (entry === undefined) return check;
  const title = `${check.script}: ${check.runtime}: ${check.check}`;
  if (check.result === 'failed') return { ...check, result: 'listed', line: `listed ${title}: ${entry.why}` };
  if (check.result !== 'passed' || entry.orPasses) return check;
  return { ...check, result: 'failed', line: `not ok ${title}: passed, but listed: ${entry.why}` };
}

function note(seen, line) {
  const [, word, name, rest] = /^# (version|runtime|kernel|[\w-]+) ([^:, ]+)(?:: (.*))?/.exec(line) ?? [];
  if (word === 'version') seen.versions.set(name, rest);
  else if (word === 'runtime') seen.runtimes.set(name, rest);
  else if (word === 'kernel') seen.kernel = name;
  else if (line.startsWith(`# ${word} done with status 0`)) seen.done.add(word);
}

/** scripts: name -> runtime -> counts. */
function record(scripts, { script, runtime, check, result }) {
  const runtimes = scripts.get(script) ?? new Map();
  const run = runtimes.get(runtime) ?? { passed: 0, listed: 0, failed: [] };
  if (result === 'failed') run.failed.push(check);
  else if (result !== 'skipped') run[result] += 1;
  scripts.set(script, runtimes.set(runtime, run));
}

function engineRuns({ versions, runtimes, kernel, done, scripts }) {
  return [...versions]
    .filter(([engine]) => done.has(engine))
    .flatMap(([engine, version]) =>
      [...(scripts.get(engine) ?? [])].map(([runtime, run]) => ({
        ...{ engine, version, where: 'virtual machine', runtime, kernel, ...run },
        runtimeVersion: runtimes.get(runtime) ?? 'unknown',
      })),
    );
}
