#!/bin/sh
# How long ROUNDS `run --rm` take, with each runtime in turn, so that a busy moment meets all of them. Prints
# `time ENGINE RUNTIME ALL LEAST`, milliseconds of all and of the quickest, or `time ENGINE RUNTIME -` where the engine cannot start it here.
set -eu
ENGINE=times
. "${0%/*}/common.sh"
writable_etc
mount -t tmpfs tmpfs /usr/local/bin
install "$RUNTIME" /usr/local/bin/runt
ROUNDS=10
RUNTIMES='runt crun runc'
path_of() { command -v "$1" 2> /dev/null || echo "/usr/local/bin/$1"; }
for runtime in $RUNTIMES; do echo "version: $runtime $(version_of "$(path_of "$runtime")")"; done

# measure ENGINE: by the function run_ENGINE RUNTIME
measure() {
  for runtime in $RUNTIMES; do
    "run_$1" "$runtime" > /dev/null 2>&1 || { echo "time $1 $runtime -"; continue; }
    eval "total_$runtime=0 least_$runtime=999999999999"
    able="${able-} $runtime"
  done
  for _ in $(seq $ROUNDS); do
    for runtime in $able; do
      before=$(date +%s%N)
      "run_$1" "$runtime" > /dev/null 2>&1
      took=$(($(date +%s%N) - before))
      eval "total_$runtime=\$((total_$runtime + took)); [ \$least_$runtime -le $took ] || least_$runtime=$took"
    done
  done
  for runtime in $able; do eval "echo time $1 $runtime \$((total_$runtime / 1000000)) \$((least_$runtime / 1000000))"; done
  able=
}

make_rootfs_tar
dockerd --bridge none --iptables=false --ip6tables=false --exec-opt native.cgroupdriver=cgroupfs --pidfile /run/docker.pid \
  --add-runtime runt=/usr/local/bin/runt --add-runtime crun=/usr/bin/crun > /tmp/dockerd.log 2>&1 &
wait_for 60 docker version
docker import /tmp/rootfs.tar alpine > /dev/null
run_docker() { docker run --rm --network none --runtime "$1" alpine true; }
measure docker

podman_settings 'pids_limit = 0' > /etc/containers/containers.conf
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
podman import /tmp/rootfs.tar alpine > /dev/null 2>&1
run_podman() { podman --runtime "$(path_of "$1")" run --rm --network none alpine true; }
measure podman
