# Shared by the scripts of engines: the runtime where the guides of docs/ install it, an image named alpine as a tar file, and a
# session through runc as the control before the one through the runtime under test. Sourced after common.sh. Ends with `sessions`.
# shellcheck shell=sh

GUIDES=docs
. ./engines/guide.sh
. ./engines/versions.sh

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

# engine_session RUNTIME BINARY: the script's function `session`, with every check under the runtime's name
engine_session() {
  with=$1 failed=0 engine=$name
  is_runt=false
  [ "$with" != runt ] || is_runt=true
  echo "# runtime $1: $(version_of "$2")"
  # The control bears the name, too, so that the words of the guides serve as they stand.
  RUNTIME=/usr/local/bin/runt
  install "$2" "$work/runtime" && mv "$work/runtime" $RUNTIME
  name="$engine: $with"
  session
  name=$engine
}

# sessions VERSION: of the engine
sessions() {
  echo "# version $name: $1"
  tested=${RUNTIME##*/}
  cp "$RUNTIME" "$work/tested"
  cp "$(command -v runc)" "$work/control"
  # Nothing may fall back to another runtime unseen.
  for peer in /usr/sbin/runc /usr/bin/crun; do mount --bind /dev/null $peer; done
  [ "$tested" = runc ] || engine_session runc "$work/control"
  engine_session "$tested" "$work/tested"
  umount /usr/sbin/runc /usr/bin/crun
}
