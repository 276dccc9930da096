/** The small root file system of the tests: static busybox, its applets, and the files a container expects. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const busyboxPath = '/bin/busybox';

export function makeRootfs(directory: string): void {
  if (!existsSync(busyboxPath)) throw new Error(`${busyboxPath} does not exist: npm run setup installs busybox-static`);
  for (const name of ['bin', 'etc', 'dev', 'proc', 'sys', 'tmp', 'root', 'run', 'data'])
    mkdirSync(join(directory, name), { recursive: true });
  chmodSync(join(directory, 'tmp'), 0o1777);
  copyFileSync(busyboxPath, join(directory, 'bin/busybox'));
  chmodSync(join(directory, 'bin/busybox'), 0o755);
  const applets = spawnSync(busyboxPath, ['--list'], { encoding: 'utf8' }).stdout.trim().split('\n');
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(directory, 'bin', applet));
  writeFileSync(
    join(directory, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n',
  );
  writeFileSync(join(directory, 'etc/group'), 'root:x:0:\nuser:x:1000:\n');
}

/** A copy whose regular files are hard links: quick, and a test that writes into its root must replace files, not edit them. */
export function cloneRootfs(from: string, to: string): void {
  mkdirSync(to, { mode: lstatSync(from).mode & 0o7777 });
  chmodSync(to, lstatSync(from).mode & 0o7777);
  for (const name of readdirSync(from)) {
    const source = join(from, name);
    const target = join(to, name);
    const stat = lstatSync(source);
    if (stat.isDirectory()) cloneRootfs(source, target);
    else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkSync(source, target);
  }
}
