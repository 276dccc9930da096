// Makes the disk of the virtual machine: Debian's newest suite with a kernel, systemd and the peers, as an ext4 file
// beside its kernel and initial RAM disk. Made once, kept in the cache folder under a hash of what is in it.
// Must not hold anything of a test run: scripts and the binary under test come on a second disk (vm-machine.mjs).

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, cacheDirectory, ensureMade, Refusal } from './test-image.mjs';

const PACKAGES = [
  ...['linux-image-cloud-amd64', 'initramfs-tools', 'kmod'],
  ...['systemd', 'systemd-sysv', 'dbus', 'procps', 'iproute2', 'util-linux'],
  ...['runc', 'crun', 'busybox-static', 'jq', 'libcap2-bin', 'apparmor', 'checkpolicy', 'keyutils'],
  ...['criu', 'iptables'],
  ...['podman', 'docker.io', 'docker-cli'],
  // An ordinary user with a manager of their own.
  ...['libpam-systemd', 'dbus-user-session', 'uidmap'],
];
const DISK_SIZE = '2G';

// A RAM disk with just the drivers of our one disk: unpacking the usual one takes seconds under emulation.
const INITRAMFS_HOOK = `#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk ext4
`;

// Runs the tests and powers off, whatever comes out. Needs next to nothing of a booted system, so it starts early.
const UNIT = `[Unit]
Description=Tests of the runtime
DefaultDependencies=no
Requires=sysinit.target dbus.socket
After=sysinit.target dbus.socket
AllowIsolate=yes
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Type=oneshot
Delegate=yes
ExecStart=/bin/sh -c 'mkdir -p /var/lib/vm && tar -xf /dev/vdb -C /var/lib/vm && exec /var/lib/vm/run-all.sh'
StandardOutput=journal+console
`;

/** Options of mmdebstrap: files put in before the packages are configured. */
function setUp() {
  const write = (path, text, mode) => `printf %s ${quote(text)} > "$1"/${path} && chmod ${mode} "$1"/${path}`;
  const commands = [
    'mkdir -p "$1"/etc/initramfs-tools/conf.d "$1"/etc/initramfs-tools/hooks "$1"/etc/systemd/system',
    write('etc/initramfs-tools/conf.d/runt', 'MODULES=list\n', '644'),
    write('etc/initramfs-tools/hooks/runt', INITRAMFS_HOOK, '755'),
    write('etc/systemd/system/runt-tests.service', UNIT, '644'),
    // Its hundred profiles would be compiled at every boot, for minutes; the tests load their own.
    'ln -s /dev/null "$1"/etc/systemd/system/apparmor.service',
  ];
  return commands.map((command) => `--essential-hook=${command}`);
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The paths of the disk, the kernel and the RAM disk; made now if they are not there. */
export function ensureVmImage() {
  const options = setUp();
  const hash = createHash('sha256')
    .update(JSON.stringify([PACKAGES, DISK_SIZE, options]))
    .digest('hex')
    .slice(0, 12);
  const directory = ensureMade(join(cacheDirectory(), `vm-image-${hash}`), (partial) => {
    if (process.getuid() !== 0) throw new Refusal('making the image of the virtual machine needs root');
    makeVmImage(partial, options);
  });
  return {
    disk: join(directory, 'root.img'),
    kernel: join(directory, 'vmlinuz'),
    initrd: join(directory, 'initrd.img'),
  };
}

function makeVmImage(directory, options) {
  const tree = join(directory, 'tree');
  buildImage(tree, PACKAGES, options);
  for (const file of ['vmlinuz', 'initrd.img'])
    copyFileSync(join(tree, 'boot', bootFile(tree, file)), join(directory, file));
  const format = ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', tree];
  execFileSync('mke2fs', [...format, join(directory, 'root.img'), DISK_SIZE], { stdio: ['ignore', 2, 2] });
  rmSync(tree, { recursive: true, force: true });
}

/** "vmlinuz" -> "vmlinuz-7.2.1-cloud-amd64" */
function bootFile(tree, prefix) {
  const found = readdirSync(join(tree, 'boot')).find((name) => name.startsWith(`${prefix}-`));
  if (found === undefined) throw new Refusal(`the kernel's package brought no ${prefix}`);
  return found;
}
