# Shared by the scripts of engines: the runtime where the guides of docs/ install it, an image named alpine as a tar file.
# Sourced after common.sh. At the end, peers_back.
# shellcheck shell=sh

GUIDES=docs
. ./engines/guide.sh
[ "$RUNTIME" = /usr/local/bin/runt ] || install "$RUNTIME" /usr/local/bin/runt
# Nothing may fall back to another runtime unseen.
for peer in /usr/sbin/runc /usr/bin/crun; do mount --bind /dev/null $peer; done
peers_back() { umount /usr/sbin/runc /usr/bin/crun; }

for applet in echo id sed stat ps seq; do ln -sf busybox "$bundle/rootfs/bin/$applet"; done
mkdir -p "$bundle/rootfs/etc"
echo root:x:0:0:root:/:/bin/sh > "$bundle/rootfs/etc/passwd"
tar -C "$bundle/rootfs" -cf "$work/rootfs.tar" .

# answer COMMAND...: what it prints, and its status if that is not 0
answer() { "$@" 2> "$work/stderr" < /dev/null || { echo "status $?"; cat "$work/stderr" >&2; }; }
# values FOLDER FILE...: of a cgroup, in one line
values() {
  folder=$cgroups$1
  shift
  for file; do cat "$folder/$file" 2> /dev/null || echo absent; done | tr '\n' ',' | sed 's/,$//'
}
