/**
 * resctrl of the fake kernel: classes of service and monitoring groups that fill themselves when they are made, a schemata file
 * that takes lines of known resources and keeps the others, a tasks file that takes one number at a time. Mounted where a
 * test's files have a directory /sys/fs/resctrl. [kernel Documentation/filesystems/resctrl.rst]
 */
import { RDTGROUP_SUPER_MAGIC, S_IFREG } from '../kernel/flags.ts';
import { fail, makeNode, type Node, plant, type Tree } from './fake-world.ts';

const resources = ['L3', 'L2', 'MB'];

export function fillResctrlRoot(root: Node): void {
  plant(root, {
    info: {
      L3: { cbm_mask: '7ff\n', min_cbm_bits: '1\n', num_closids: '8\n' },
      MB: { bandwidth_gran: '10\n', delay_linear: '1\n', min_bandwidth: '10\n', num_closids: '8\n' },
      L3_MON: { mon_features: 'llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n' },
      last_cmd_status: 'ok\n',
    },
  });
  fillClass(root, root);
  const status = root.children.get('info')?.children.get('last_cmd_status');
  root.onMkdir = (made, name) => {
    // Eight classes, as processors have.
    if ([...root.children.keys()].length > 14) {
      Object.assign(status ?? {}, { text: 'out of CLOSIDs\n' });
      root.children.delete(name);
      fail('mkdirat', 'ENOSPC', name);
    }
    fillClass(made, root);
  };
}

function fillClass(node: Node, root: Node): void {
  node.magic = RDTGROUP_SUPER_MAGIC;
  const status = root.children.get('info')?.children.get('last_cmd_status');
  plant(node, { mon_groups: {}, mon_data: monitoringData() });
  node.children.set('tasks', tasksFile());
  const schemata = makeNode(S_IFREG | 0o644, { text: '    MB:0=100;1=100\n    L3:0=7ff;1=7ff\n', magic: node.magic });
  schemata.onWrite = (text) => writeSchemata(schemata, text, status);
  node.children.set('schemata', schemata);
  const groups = node.children.get('mon_groups');
  if (groups !== undefined)
    groups.onMkdir = (made) => {
      made.magic = RDTGROUP_SUPER_MAGIC;
      // It is no place for groups itself.
      made.onMkdir = () => {};
      made.children.set('tasks', tasksFile());
      plant(made, { mon_data: monitoringData() });
    };
  if (node !== root) node.onMkdir = (_made, name) => fail('mkdirat', 'EPERM', name);
}

/** Two domains of the cache. */
function monitoringData(): Tree {
  const counters = { llc_occupancy: '0\n', mbm_total_bytes: '0\n', mbm_local_bytes: '0\n' };
  return { mon_L3_01: { ...counters }, mon_L3_00: { ...counters } };
}

function tasksFile(): Node {
  const file = makeNode(S_IFREG | 0o644, { magic: RDTGROUP_SUPER_MAGIC });
  file.onWrite = (text) => {
    if (!/^[0-9]+\n?$/.test(text)) fail('write', 'EINVAL', 'tasks');
    return `${file.text}${text.trim()}\n`;
  };
  return file;
}

function writeSchemata(file: Node, text: string, status: Node | undefined): string {
  const lines = new Map(
    file.text
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.trim().split(':')[0] ?? '', line]),
  );
  for (const line of text.split('\n').filter(Boolean)) {
    const resource = line.split(':')[0]?.trim() ?? '';
    if (!resources.includes(resource) || line.includes('wrong')) {
      Object.assign(status ?? {}, { text: `Unknown or unsupported resource name '${resource}'\n` });
      fail('write', 'EINVAL', 'schemata');
    }
    lines.set(resource, `    ${line.trim()}`);
  }
  return `${[...lines.values()].join('\n')}\n`;
}
