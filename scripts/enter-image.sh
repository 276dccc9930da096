#!/bin/sh
# Runs a command inside the test image as root, in namespaces of its own (mount, pid, cgroup, net, ipc, uts):
# a machine-like root with /proc, /sys, a cgroup v2 tree on /sys/fs/cgroup, and empty /run, /tmp and /var/lib.
# The image is read-only there, so sessions can share it; when the command ends all its processes are killed, and its
# mounts and cgroups go. The host's own mounts and cgroups are never touched. Needs root. Exits with the command's status.
#
#   enter-image.sh IMAGE [--bind SOURCE:TARGET[:rw]]... -- COMMAND [ARGUMENT]...
#
# TARGET is made if it lies in one of the empty folders. Why not chroot: runtimes make the mount that `/` is on
# private, and pivot away from it; both need `/` to be a mount point.
set -eu

die() { echo "enter-image: $*" >&2; exit 125; }

# --- third stage: process 1 of the session builds its root, pivots into it, and stays as its reaper -----------------
build_root() {
  # [order] first the image on itself, read-only; everything writable is mounted over it.
  mount --bind "$image" "$image"
  mount -o remount,bind,ro "$image"
  cd "$image"
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  # The session's cgroup must hold no process itself, or no runtime could hand its controllers on. [man cgroups.7]
  mkdir sys/fs/cgroup/session
  echo 0 > sys/fs/cgroup/session/cgroup.procs
  mount --rbind /dev dev
  # Engines keep locks in /dev/shm: the host's must not be seen.
  for folder in dev/shm run tmp var/lib var/tmp var/log var/cache root; do mount -t tmpfs tmpfs "$folder"; done
  chmod 1777 dev/shm tmp var/tmp
  while [ "$1" = --bind ]; do bind_path "$2"; shift 2; done
}

bind_path() {
  source=${1%%:*} target=${1#*:} mode=ro
  case $target in *:rw) mode=rw target=${target%:rw} ;; esac
  if [ -d "$source" ]; then
    mkdir -p ".$target"
  else
    mkdir -p ".${target%/*}"
    [ -e ".$target" ] || : > ".$target"
  fi
  mount --bind "$source" ".$target"
  [ $mode = rw ] || mount -o remount,bind,ro ".$target"
}

if [ "${1-}" = --inside ]; then
  image=$2
  shift 2
  build_root "$@"
  while [ "$1" = --bind ]; do shift 2; done
  shift # the --
  pivot_root . mnt
  umount -l /mnt
  cd /
  ip link set lo up
  # Not exec: process 1 has to reap what the command's daemons leave.
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM-dumb}" "$@" && exit 0 || exit $?
fi

# [order] a process joins the cgroup before it gets a cgroup namespace, whose root is then that cgroup. Not earlier: the
# `unshare` outside that waits for process 1 must not be in it.
if [ "${1-}" = --join ]; then
  echo 0 > "$2/cgroup.procs"
  shift 2
  exec unshare -C -n -i -u -- "$0" --inside "$@"
fi

# --- second stage: private mounts; a cgroup for the session, removed with all that is below it ----------------------
if [ "${1-}" = --session ]; then
  shift
  # The image's /mnt serves for a look at the host's v2 tree, wherever the host has it.
  mount -t cgroup2 cgroup2 "$1/mnt"
  group=$1/mnt/runt-image-$$
  mkdir "$group"
  exec 3<&0 # what runs in the background would read from /dev/null
  unshare -m -p -f --kill-child --propagation private -- "$0" --join "$group" "$@" <&3 3<&- &
  session=$!
  # KILL: unshare itself holds the others back. Its death is process 1's, and so everybody's.
  # A second signal finds nobody, and the cleaning up is still to come.
  trap 'kill -9 $session 2> /dev/null || :' INT TERM HUP
  status=0
  wait $session || status=$?
  # A signal ends `wait` early: the session is over only when it is.
  while kill -0 $session 2>/dev/null; do status=0; wait $session || status=$?; done
  # The kernel lets go of a dead pid namespace's processes a moment after its first process was reaped.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
  [ ! -d "$group" ] || echo "enter-image: cgroup runt-image-$$ could not be removed" >&2
  exit $status
fi

[ $# -ge 3 ] || die "usage: enter-image.sh IMAGE [--bind SOURCE:TARGET[:rw]]... -- COMMAND [ARGUMENT]..."
[ "$(id -u)" = 0 ] || die "needs root"
[ -d "$1/proc" ] || die "$1 is not a root file system"
exec unshare -m --propagation private -- "$0" --session "$@"
