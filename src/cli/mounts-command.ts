/** The row of `mounts` in the table of commands. Data only. crun has the command too. */
import type { Command } from './command-table.ts';

export const mountsCommand: Command = {
  name: 'mounts',
  summary: 'add a mount to a running container, or remove it again',
  usage: 'add ID SOURCE DESTINATION | add ID FILE | remove ID DESTINATION|FILE',
  minimumArguments: 3,
  maximumArguments: 4,
  flags: [
    {
      name: 'options',
      short: 'o',
      kind: 'list',
      value: 'OPTION[,OPTION...]',
      description: 'mount options for SOURCE, as in config.json',
      default: 'rbind',
    },
  ],
  carriedOutBy: 'change-mounts',
};
