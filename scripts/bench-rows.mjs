// What the bench measures: its rows, what each may cost at most against which peer, and the driver's plan for them.
// Pure: no effects. The paths are those of the inside of the test image (conformance/bench/inside.sh makes them).

export const WORK = '/tmp/work';
const BUNDLES = '/tmp/bundles';

/**
 * Steps of one arm, `kind command` as conformance/bench/driver.c reads them. `cli` is the runtime with its global flags;
 * `id` differs from arm to arm, because runtimes name the container's cgroup after it.
 */
const aliveFor = (command) => (cli, id) => [
  `once ${cli} run -d -b ${BUNDLES}/sleep ${id}`,
  `time ${cli} ${command(id)}`,
  `last ${cli} delete --force ${id}`,
];

/**
 * limits: runt's median may be at most `ratio` of the median of `against`; `goal` is where we want to be.
 * unit: what is compared, `ns` unless said; peak memory is compared with crun's in every row that has it.
 */
export const ROWS = [
  {
    name: 'run',
    title: 'run of /bin/true, default spec',
    limits: [
      { against: 'crun', ratio: 0.65, goal: 0.55 },
      { against: 'floor', ratio: 1.8, goal: 1.5 },
    ],
    steps: (cli, id) => [`time ${cli} run -b ${BUNDLES}/true ${id}`],
    floor: [`time ${WORK}/floor /tmp/rootfs /sys/fs/cgroup/floor /bin/true`],
  },
  {
    name: 'create-start-delete',
    title: 'create + start + delete',
    limits: [{ against: 'crun', ratio: 0.65 }],
    steps: (cli, id) => [
      `time ${cli} create -b ${BUNDLES}/true ${id}`,
      `time ${cli} start ${id}`,
      'after @reap',
      `time ${cli} delete ${id}`,
    ],
  },
  {
    name: 'run-seccomp',
    title: "run of /bin/true, a profile like docker's, cache warm",
    limits: [{ against: 'crun', ratio: 0.65 }],
    steps: (cli, id) => [`time ${cli} run -b ${BUNDLES}/seccomp ${id}`],
  },
  {
    name: 'exec',
    title: 'exec /bin/true',
    limits: [{ against: 'crun', ratio: 0.65 }],
    steps: aliveFor((id) => `exec ${id} /bin/true`),
  },
  { name: 'state', title: 'state', limits: [{ against: 'crun', ratio: 0.45 }], steps: aliveFor((id) => `state ${id}`) },
  {
    name: 'kill',
    title: 'kill (SIGCONT)',
    limits: [{ against: 'crun', ratio: 0.45 }],
    steps: aliveFor((id) => `kill ${id} CONT`),
  },
  { name: 'list', title: 'list of one', limits: [{ against: 'crun', ratio: 0.45 }], steps: aliveFor(() => 'list') },
  {
    name: 'delete-force',
    title: 'delete --force of a running container',
    limits: [{ against: 'runc', ratio: 0.25 }],
    steps: (cli, id) => [
      `before ${cli} run -d -b ${BUNDLES}/sleep ${id}`,
      `time ${cli} delete --force ${id}`,
      'after @reap',
    ],
  },
  {
    name: 'created',
    title: 'memory (PSS) of a created container that waits',
    limits: [{ against: 'crun', ratio: 1, unit: 'kib' }],
    unit: 'kib',
    steps: (cli, id) => [
      `before ${cli} create --pid-file /tmp/created.pid -b ${BUNDLES}/true ${id}`,
      'time @pss /tmp/created.pid',
      `after ${cli} delete --force ${id}`,
      'after @reap',
    ],
  },
];

/** The limits of a row, with the one that all commands have. */
export function limitsOf(row) {
  return row.unit === 'kib' ? row.limits : [...row.limits, { against: 'crun', ratio: 1, unit: 'kib' }];
}

/** The driver's plan. `arms` are names: `floor` or the name of a runtime in WORK/bin. */
export function planText(rows, arms) {
  const lines = rows.flatMap((row) => [
    `row ${row.name}`,
    ...arms.flatMap((arm) => {
      const steps =
        arm === 'floor' ? row.floor : row.steps(`${WORK}/bin/${arm} --root /run/bench/${arm}`, `bench-${arm}`);
      return steps ? [`arm ${arm}`, ...steps] : [];
    }),
  ]);
  return `${lines.join('\n')}\n`;
}
