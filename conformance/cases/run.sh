#!/bin/sh
# Black-box cases for OCI runtimes on Linux: each file below this folder is one behaviour of the specification.
#
#   RUNTIME=/usr/bin/runc sh run.sh [--prove] [CASE | FOLDER]...      CASE: runtime/kill-stopped, without .sh
#
# Prints for each "result CASE pass|fail|n/a|broken", and in lines that begin with # what was wanted and seen, or what the host lacks.
# Exits with 0 if none failed. --prove puts a deliberately broken runtime (broken.sh) in place, the one of the case's line
# "# broken: ...": then each case must fail, and exits with 0 if all did. JOBS: how many at once (as many as processors), LOGS: a
# folder for what the cases printed.
# TMPDIR: where the bundles go, /tmp.
# Needs root, the cgroup v2 tree on /sys/fs/cgroup, jq, ip, unshare and a static busybox.
set -u

cases=$(cd "$(dirname "$0")" && pwd)
export cases

# --- one case, in its namespaces, as process 1 -----------------------------------------------------------------------
if [ "${1-}" = --case ]; then
  case_file=$2 id=$3
  work=$PLACE/$id bundle=$PLACE/$id/bundle root=$PLACE/$id/state
  mkdir -p "$bundle" && mkdir -m 700 "$root" && cp -a "$PLACE/rootfs" "$bundle/rootfs" || exit 2
  cd "$work" || exit 2
  ip link set lo up
  export RUNTIME
  if [ "$PROVE" = yes ]; then
    NO_FAULT=$work/no-fault
    BROKEN=$(sed -n 's/^# broken: //p' "$case_file")
    REAL=$RUNTIME RUNTIME=$cases/broken.sh
    export BROKEN REAL NO_FAULT
  fi
  (
    set -eu
    . "$cases/words.sh"
    . "$case_file"
    # A case that has looked at nothing would pass with any runtime.
    [ "$checks" -gt 0 ] || exit 3
  )
  status=$?
  if [ -e "${NO_FAULT-}" ]; then cat "$NO_FAULT"; status=4; fi
  # The kernel ends what is left when this process ends; cgroups are nobody's then.
  for container in "$root"/*/; do
    [ ! -d "$container" ] || timeout 10 "${REAL-$RUNTIME}" --root "$root" delete --force "$(basename "$container")" > /dev/null 2>&1
  done
  exit $status
fi

# --- one case, from outside ------------------------------------------------------------------------------------------
if [ "${1-}" = --one ]; then
  name=$2
  id=$(echo "$name" | tr / -)
  log=$LOGS/$id.log
  status=0
  timeout -k 5 120 unshare -m -p -n -f --kill-child --mount-proc --propagation private -- \
    sh "$0" --case "$cases/$name.sh" "$id" > "$log" 2>&1 < /dev/null || status=$?
  case $status in 0) result=pass ;; 76) result=fail ;; 77) result=n/a ;; *) result=broken ;; esac
  [ $result != broken ] || echo "the case ended with $status" >> "$log"
  find "/sys/fs/cgroup/cases/$id" -depth -type d -exec rmdir {} + 2> /dev/null
  rm -rf "${PLACE:?}/${id:?}" 2> /dev/null
  # One write: several of us print at once.
  { echo "result $name $result"; [ $result = pass ] || sed 's/^/#   /' "$log"; } > "$log.line"
  cat "$log.line"
  rm "$log.line"
  exit 0
fi

# --- all -------------------------------------------------------------------------------------------------------------
die() { echo "cases: $*" >&2; exit 2; }

PROVE=no
[ "${1-}" != --prove ] || { PROVE=yes; shift; }
RUNTIME=$(command -v "${RUNTIME:?the path of a runtime}") || die "there is no such runtime"
[ "$(id -u)" = 0 ] || die 'needs root'
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || die '/sys/fs/cgroup is not a cgroup v2 tree'
for tool in jq ip unshare busybox; do command -v $tool > /dev/null || die "needs $tool"; done

PLACE=$(mktemp -d "${TMPDIR:-/tmp}/cases.XXXXXX") || exit 2
LOGS=${LOGS:-$PLACE/logs}
mkdir -p "$LOGS"
# Root of a user namespace has to get to its bundle.
chmod 711 "$PLACE"
export PLACE LOGS PROVE RUNTIME
trap 'rm -rf "${PLACE:?}"; rmdir /sys/fs/cgroup/cases 2> /dev/null' EXIT

# On a nodev or noexec mount all that is about devices would fail, and nothing run.
mknod "$PLACE/null" c 1 3 && (: < "$PLACE/null") 2> /dev/null && mkdir "$PLACE/rootfs" ||
  die "no device can be opened in $PLACE: set TMPDIR to a folder that is not mounted nodev or noexec"

(
  cd "$PLACE/rootfs" && mkdir -p bin dev etc home proc run sys tmp data
  cp "$(command -v busybox)" bin/busybox
  for applet in $(bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "bin/$applet"; done
  printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000:user:/home:/bin/sh\n' > etc/passwd
  printf 'root:x:0:\nuser:x:1000:\n' > etc/group
) || die 'no root file system'

cd "$cases" || exit 2
[ $# -gt 0 ] || set -- *
kind=$(basename "$RUNTIME")
echo "# $kind $("$RUNTIME" --version | sed -n "s/^$kind version //p")"
: > "$PLACE/list"
for name; do
  if [ -d "$name" ]; then find "$name" -name '*.sh' | sed 's/\.sh$//'
  elif [ -f "$name.sh" ] && [ "${name#*/}" != "$name" ]; then echo "$name"
  elif [ ! -f "$name" ]; then die "there is no case or folder $name"; fi >> "$PLACE/list"
done
LC_ALL=C sort -u -o "$PLACE/list" "$PLACE/list"
xargs -r -P "${JOBS:-$(nproc)}" -n 1 sh "$cases/run.sh" --one < "$PLACE/list" | tee "$PLACE/results"

count() { grep -c "^result .* $1\$" "$PLACE/results"; }
echo "# $(count pass) pass, $(count fail) fail, $(count n/a) not applicable, $(count broken) broken"
[ "$(count broken)" = 0 ] || exit 1
if [ $PROVE = yes ]; then [ "$(count pass)" = 0 ]; else [ "$(count fail)" = 0 ]; fi
