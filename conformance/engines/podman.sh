#!/bin/sh
# podman, with the runtime under test: foreground, exit status, detached with exec and logs, removal while running.
set -eu
ENGINE=podman
. "${0%/*}/common.sh"

# Natively root lacks CAP_SYS_RESOURCE on some machines, so podman's default limits could not be raised to; there are no
# controllers for a limit of processes; and there is no journal.
cat > /tmp/containers.conf <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
pids_limit = 0
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "tested"
runtime_supports_json = ["tested"]
[engine.runtimes]
tested = ["$RUNTIME"]
CONF
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /tmp/policy.json
export CONTAINERS_CONF=/tmp/containers.conf

p() { podman --storage-driver vfs "$@"; }

make_rootfs_tar
p import --signature-policy /tmp/policy.json /tmp/rootfs.tar busybox > /dev/null 2>&1 || p import /tmp/rootfs.tar busybox > /dev/null

check 'run echo' 0 hello p run --rm --network none busybox echo hello
check 'exit status' 7 '' p run --rm --network none busybox sh -c 'exit 7'
check 'command not found' 127 '' p run --rm --network none busybox no-such-command
check 'hostname' 0 litter p run --rm --network none --hostname litter busybox hostname
p run -d --name long --network none busybox sh -c 'echo started; exec sleep 1000' > /dev/null
check 'exec' 0 inside p exec long echo inside
check 'exec exit status' 5 '' p exec long sh -c 'exit 5'
check 'logs' 0 started p logs long
check 'state' 0 running p inspect --format '{{.State.Status}}' long
check 'kill' 0 long p kill long
check 'wait' 0 137 p wait long
check 'rm' 0 long p rm -f long
check 'nothing left' 0 '' p ps -aq
finish
