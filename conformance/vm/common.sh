# Shared by the scripts that run in the virtual machine: a bundle of busybox, containers made of it, checks in the style
# of TAP. Sourced by scripts whose working directory is this one, with RUNTIME set to the binary under test.
# Every script begins and ends with no container and no cgroup of its own.
# shellcheck shell=sh disable=SC2034

name=${0##*/} name=${name%.sh}
work=/var/lib/vm/work-$name
bundle=$work/bundle
root=/run/vm-state-$name
cgroups=/sys/fs/cgroup
# Where containers go, so that every runtime's are in the same place.
group=/vm-$name
# What a runtime may need of time under emulation, before it is given up.
patience=40
failed=0
mkdir -p "$bundle/rootfs/bin" "$bundle/rootfs/tmp" "$bundle/rootfs/proc" "$bundle/rootfs/dev" "$bundle/rootfs/sys" "$root"
cp /usr/bin/busybox "$bundle/rootfs/bin/busybox"
for applet in sh true cat sleep dd grep mknod ls id ulimit mount nproc; do ln -sf busybox "$bundle/rootfs/bin/$applet"; done

case $RUNTIME in *runt) is_runt=true ;; *) is_runt=false ;; esac

pass() { echo "ok $name: $1"; }
skip() { echo "ok $name: $1 # SKIP $2"; }
fail() {
  failed=$((failed + 1))
  echo "not ok $name: $1"
  shift
  for line; do echo "$line" | head -c 600 | sed 's/^/    /'; echo; done
}

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: $2" "actual:   $3"; fi
}

# check_match NAME PATTERN ACTUAL: PATTERN as of `case`
check_match() {
  # shellcheck disable=SC2254
  case $3 in $2) pass "$1" ;; *) fail "$1" "expected: $2" "actual:   $3" ;; esac
}

# configure FILTER: the base configuration through jq, into the bundle
configure() { jq "$1" base.json > "$bundle/config.json"; }

# limits RESOURCES [FILTER]: a container "c" with these resources, which sleeps
limits() {
  configure ".linux.cgroupsPath = \"$group/c\" | .linux.resources += ($1) | ${2-.}"
}

# runtime ARGUMENT...: sets status, and error to what was on stderr; stdout goes to $work/stdout
runtime() {
  status=0
  timeout -k 1 $patience "$RUNTIME" --root "$root" "$@" > "$work/stdout" 2> "$work/stderr" < /dev/null || status=$?
  error=$(cat "$work/stderr")
}

create() { runtime create --bundle "$bundle" "${1-c}"; }
run() { runtime run --bundle "$bundle" "${1-c}"; output=$(cat "$work/stdout"); }
delete() { runtime delete --force "${1-c}"; }

# value FILE: of the container's cgroup; "absent" when there is none
value() {
  if [ -e "$cgroups$group/c/$1" ]; then cat "$cgroups$group/c/$1"; else echo absent; fi
}

# created NAME: the last create succeeded; else the reason is shown, and the checks after it will fail
created() { [ "$status" = 0 ] || fail "$1: create" "status $status" "$error"; }

# left: what is there that should not be after a container is gone
left() {
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$cgroups$group/c" ] || echo "cgroup $group/c"
}

# holds NAME RESOURCES [FILE EXPECTED]...: a container with these resources has these values, and leaves nothing
holds() {
  title=$1
  limits "$2"
  shift 2
  create
  created "$title"
  while [ $# -gt 0 ]; do
    actual=$(value "$1")
    # Without its controller there is no file, and no limit either.
    [ "$2" = unlimited ] && [ "$actual" = absent ] && actual=unlimited
    [ "$2" = unlimited ] && [ "$actual" = max ] && actual=unlimited
    check "$title: $1" "$2" "$actual"
    shift 2
  done
  delete
  check "$title: nothing left" '' "$(left)"
}

# refused NAME RESOURCES WORD...: create fails with one line that has each of these words, and leaves nothing
refused() {
  title=$1
  limits "$2"
  shift 2
  create
  complain "$title" "$@"
}

# complain NAME WORD...: the last command failed, in one line that has each of the words, and left nothing
complain() {
  title=$1
  shift
  missing=
  for word; do
    case $error in *"$word"*) ;; *) missing="$missing, $word" ;; esac
  done
  [ "$(wc -l < "$work/stderr")" = 1 ] || missing="$missing, one line"
  if [ "$status" = 0 ]; then
    fail "$title: refused" 'status 0'
  elif $is_runt && [ -n "$missing" ]; then
    fail "$title: refused" "missing:${missing#,}" "$error"
  else
    pass "$title: refused"
  fi
  check "$title: nothing left" '' "$(left)"
  # Whatever came out, the next check starts from nothing.
  [ "$status" != 0 ] && [ -z "$(left)" ] || delete
}

# until_true COMMAND...: a few seconds at most
until_true() {
  tries=100
  until "$@" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

finish() {
  check 'no cgroup left' '' "$(find "$cgroups$group" -mindepth 1 -type d 2>/dev/null)"
  [ ! -d "$cgroups$group" ] || rmdir "$cgroups$group"
  umount "$bundle/rootfs" 2>/dev/null
  rm -rf "${work:?}" "${root:?}"
}
