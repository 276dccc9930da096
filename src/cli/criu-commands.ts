/** The rows of checkpoint and restore, with their flags: runc's, and crun's --network-lock and --tcp-close. Data only; part of command-table.ts. */
import type { Command, Flag } from './command-table.ts';

const both: readonly Flag[] = [
  {
    name: 'image-path',
    kind: 'string',
    value: 'DIR',
    description: 'directory of the images',
    default: 'checkpoint',
  },
  {
    name: 'work-path',
    kind: 'string',
    value: 'DIR',
    description: "directory of criu's log and sockets",
    default: 'that of the images',
  },
  { name: 'tcp-established', kind: 'boolean', description: 'allow open TCP connections' },
  { name: 'ext-unix-sk', kind: 'boolean', description: 'allow connections to unix sockets outside of the container' },
  { name: 'shell-job', kind: 'boolean', description: 'allow a process that has the terminal of its caller' },
  { name: 'file-locks', kind: 'boolean', description: 'save and restore file locks' },
  {
    name: 'manage-cgroups-mode',
    kind: 'string',
    value: 'soft|full|strict|ignore',
    description: 'what criu does about cgroups',
    default: 'soft',
  },
  { name: 'empty-ns', kind: 'list', value: 'network', description: 'make a namespace without restoring what is in it' },
  { name: 'auto-dedup', kind: 'boolean', description: 'remove pages from images as soon as they are not needed' },
  { name: 'lazy-pages', kind: 'boolean', description: 'move memory when it is touched (userfaultfd)' },
  {
    name: 'network-lock',
    kind: 'string',
    value: 'iptables|nftables|skip',
    description: 'how criu stops the network meanwhile',
    default: "criu's own way",
  },
];

const checkpointFlags: readonly Flag[] = [
  ...both,
  {
    name: 'parent-path',
    kind: 'string',
    value: 'DIR',
    description: 'images of an earlier pre-dump, relative to the images',
  },
  { name: 'pre-dump', kind: 'boolean', description: 'save memory only and let the container go on' },
  { name: 'leave-running', kind: 'boolean', description: 'let the container go on' },
  { name: 'tcp-skip-in-flight', kind: 'boolean', description: 'leave out TCP connections that are being made' },
  { name: 'link-remap', kind: 'boolean', description: 'give deleted files a name again where that is needed' },
  {
    name: 'status-fd',
    kind: 'integer',
    value: 'N',
    description: 'descriptor that is written one zero byte when lazy pages can be fetched',
  },
  { name: 'page-server', kind: 'string', value: 'ADDRESS:PORT', description: 'where the memory goes' },
];

const restoreFlags: readonly Flag[] = [
  ...both,
  { name: 'tcp-close', kind: 'boolean', description: 'restore TCP connections as closed' },
  {
    name: 'lsm-profile',
    kind: 'string',
    value: 'TYPE:NAME',
    description: 'another AppArmor profile or SELinux label than at checkpoint',
  },
  {
    name: 'lsm-mount-context',
    kind: 'string',
    value: 'CONTEXT',
    description: 'another SELinux context of mounts than at checkpoint',
  },
  { name: 'no-subreaper', kind: 'boolean', description: 'do not reap orphans of the container' },
  { name: 'no-pivot', kind: 'boolean', description: 'accepted: criu changes the root in its own way' },
];

/** restoreLike: the flags that restore has in common with create. */
export function criuCommands(restoreLike: readonly Flag[]): readonly Command[] {
  const id = { minimumArguments: 1, maximumArguments: 1, usage: 'ID' };
  return [
    {
      name: 'checkpoint',
      summary: 'save a running container into files, and remove it',
      ...id,
      flags: checkpointFlags,
      carriedOutBy: 'checkpoint-container',
    },
    {
      name: 'restore',
      summary: 'make a container of what checkpoint saved',
      ...id,
      flags: [...restoreLike, ...restoreFlags],
      carriedOutBy: 'restore-container',
    },
  ];
}
