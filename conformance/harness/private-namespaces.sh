#!/bin/sh
# Runs a command where the tests cannot touch the machine and the machine cannot disturb the tests: own mount, pid, cgroup and
# network namespaces, its own subtree of the v2 cgroup tree as /sys/fs/cgroup, its own /run and /dev/shm, and its own /tmp unless
# the checkout or the binary lies there. Without the network namespace a config.json with netDevices would take the machine's own
# eth0 away, and it would come back without its addresses.
# usage: private-namespaces.sh COMMAND...
set -eu

if [ "${RUNT_NAMESPACE_STAGE:-}" = "" ]; then
	tree=$(mktemp -d)
	own=runt-test-$$
	export RUNT_NAMESPACE_STAGE=tree
	status=0
	# The outer namespace only shows the whole v2 tree, to make and to remove the subtree of the tests.
	unshare --mount --propagation private sh -c '
		mount -t cgroup2 none "$1" && mkdir "$1/$2" || exit 125
		( sh -c "echo \$PPID" > "$1/$2/cgroup.procs"; shift 2; exec unshare --cgroup --mount --net --pid --fork --kill-child --mount-proc --propagation private "$@" )
		status=$?
		for attempt in 1 2 3 4 5 6 7 8 9 10; do
			find "$1/$2" -depth -type d -exec rmdir {} + 2>/dev/null && break
			sleep 0.1
		done
		exit $status' sh "$tree" "$own" "$0" "$@" || status=$?
	rmdir "$tree"
	exit $status
fi

unset RUNT_NAMESPACE_STAGE
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/harness
echo 0 > /sys/fs/cgroup/harness/cgroup.procs
mount -t tmpfs none /run
mount -t tmpfs none /dev/shm
ip link set lo up
case "$PWD:${RUNTIME:-}" in
/tmp/* | *:/tmp/*) ;;
*)
	mount -t tmpfs none /tmp
	export RUNT_TEST_PRIVATE_TMP=1
	;;
esac
exec "$@"
