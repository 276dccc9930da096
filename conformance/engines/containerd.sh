#!/bin/sh
# containerd by ctr, its runc shim calling the runtime under test. The image is an OCI layout written here: two blobs.
set -eu
ENGINE=containerd
. "${0%/*}/common.sh"
install_runtime

work=/tmp/containerd
mkdir -p $work
cat > $work/config.toml <<CONF
version = 3
root = "$work/root"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
[grpc]
address = "/run/containerd/containerd.sock"
CONF

# write_blob FILE: moves the file to its digest's name, prints the digest.
write_blob() {
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" $work/oci/blobs/sha256/"$digest"
  echo "$digest"
}

make_image() {
  mkdir -p $work/oci/blobs/sha256
  layer_size=$(stat -c %s /tmp/rootfs.tar)
  layer=$(write_blob /tmp/rootfs.tar)
  architecture=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
  jq -cn --arg layer "sha256:$layer" --arg architecture "$architecture" '{architecture: $architecture, os: "linux",
    config: {Env: ["PATH=/bin"]}, rootfs: {type: "layers", diff_ids: [$layer]}}' > $work/config.json
  config_size=$(stat -c %s $work/config.json)
  config=$(write_blob $work/config.json)
  jq -cn --arg layer "sha256:$layer" --argjson layer_size "$layer_size" --arg config "sha256:$config" \
    --argjson config_size "$config_size" '{schemaVersion: 2,
    config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size},
    layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layer_size}]}' > $work/manifest.json
  manifest_size=$(stat -c %s $work/manifest.json)
  manifest=$(write_blob $work/manifest.json)
  jq -cn --arg manifest "sha256:$manifest" --argjson size "$manifest_size" '{schemaVersion: 2, manifests: [{
    mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $manifest, size: $size,
    annotations: {"io.containerd.image.name": "local/busybox:1", "org.opencontainers.image.ref.name": "1"}}]}' \
    > $work/oci/index.json
  echo '{"imageLayoutVersion": "1.0.0"}' > $work/oci/oci-layout
  tar -C $work/oci -cf $work/image.tar .
}

# No CPU shares (ctr asks for 1024 unless told): there is no cpu controller natively.
run() { ctr run --runc-binary "$RUNTIME" --snapshotter native --cpu-shares 0 "$@"; }

start_daemon() {
  containerd -c $work/config.toml >> $work/log 2>&1 &
  daemon=$!
  wait_for 30 ctr version || { cat $work/log; exit 1; }
}

echo "version: $(containerd --version | awk '{print $3}')"
make_rootfs_tar
make_image
start_daemon
ctr images import --snapshotter native --local $work/image.tar > /dev/null
ctr events > $work/events 2> /dev/null &

check 'run echo' 0 hello run --rm local/busybox:1 one echo hello
check 'exit status' 7 '' run --rm local/busybox:1 two sh -c 'exit 7'
check 'command not found' 1 '' run --rm local/busybox:1 three no-such-command
ctr containers rm three > /dev/null 2>&1 || true
check 'run detached' 0 '' run -d local/busybox:1 long sleep 1000
check 'exec' 0 inside ctr tasks exec --exec-id e1 long echo inside
check 'exec exit status' 5 '' ctr tasks exec --exec-id e2 long sh -c 'exit 5'
check 'status' 0 RUNNING sh -c "ctr tasks ls | awk '\$1 == \"long\" { print \$3 }'"
check 'exec with a terminal' 0 terminal sh -c "script -qc 'ctr tasks exec -t --exec-id e3 long sh -c \"test -t 1 && printf terminal\"' /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
check 'pids' 0 2 sh -c 'ctr tasks ps long | wc -l'
check 'metrics' 0 '' sh -c 'ctr tasks metrics long > /dev/null'
check 'pause' 0 '' ctr tasks pause long
check 'status of a paused one' 0 PAUSED sh -c "ctr tasks ls | awk '\$1 == \"long\" { print \$3 }'"
check 'resume' 0 '' ctr tasks resume long
check 'status after it' 0 RUNNING sh -c "ctr tasks ls | awk '\$1 == \"long\" { print \$3 }'"
for signal in TERM KILL; do
  kill -$signal $daemon
  wait $daemon || true
  start_daemon
  check "daemon ended by $signal, the container goes on" 0 'RUNNING inside' sh -c "echo \$(ctr tasks ls | awk '\$1 == \"long\" { print \$3 }') \$(ctr tasks exec --exec-id e4 long echo inside)"
done
check 'kill' 0 '' ctr tasks kill -s KILL long
wait_for 10 sh -c "ctr tasks ls | grep -q STOPPED" || true
check 'delete task' 0 'exit code 137' sh -c "ctr tasks delete long 2>&1 | grep -o 'exit code .*[0-9]'"
check 'delete container' 0 '' ctr containers delete long
wait_for 5 grep -q /tasks/resumed $work/events || true
check 'events' 0 'create start exec-added exec-started paused resumed' sh -c "for e in create start exec-added exec-started paused resumed; do grep -q /tasks/\$e $work/events && echo \$e; done | tr '\n' ' ' | sed 's/ \$//'"
run -d local/busybox:1 orphan sleep 1000
kill_shim() { for p in /proc/[0-9]*; do ! tr '\0' ' ' < "$p/cmdline" 2> /dev/null | grep -q "shim-runc-v2 .*-id $1" || kill -KILL "${p#/proc/}"; done; }
kill_shim orphan
wait_for 10 sh -c '! pgrep -f "^sleep 1000"' || true
check 'its shim was killed: the container is taken away' 1 '' pgrep -f '^sleep 1000'
ctr containers rm orphan > /dev/null 2>&1 || true
check 'signals' 0 'exit code 9' sh -c "ctr run -d --runc-binary $RUNTIME --snapshotter native --cpu-shares 0 local/busybox:1 signals sh -c 'trap \"exit 9\" USR1; touch /ready; while :; do sleep 0.1; done'
  for i in \$(seq 50); do ctr tasks exec --exec-id s\$i signals test -e /ready && break; sleep 0.1; done; ctr tasks kill -s USR1 signals
  for i in \$(seq 50); do ctr tasks ls | grep -q 'signals.*STOPPED' && break; sleep 0.1; done; ctr tasks delete signals 2>&1 | grep -o 'exit code .*[0-9]'; ctr containers delete signals"
check 'options' 0 '1000 /tmp litter value 0000000000000000 2' run --rm --user 1000 --cwd /tmp --hostname litter --env NAME=value --seccomp local/busybox:1 options \
  sh -c 'echo $(id -u) $(pwd) $(hostname) $NAME $(sed -n "s/CapEff:.//p; s/Seccomp:.//p" /proc/self/status)'
check 'read-only root and a mount' 0 'root:x:0:0:root:/:/bin/sh' run --rm --read-only --mount type=bind,src=/tmp/rootfs,dst=/mnt,options=rbind:ro local/busybox:1 mounts sh -c 'touch /file 2> /dev/null || cat /mnt/etc/passwd'
check 'privileged' 0 more run --rm --privileged local/busybox:1 strong sh -c '[ -w /proc/sys/kernel/hostname ] && echo more'
check 'device' 0 'a,e5' run --rm --device /dev/fuse local/busybox:1 device stat -c '%t,%T' /dev/fuse
check 'network of the host' 0 lo run --rm --net-host local/busybox:1 hostnet sh -c 'ip link show lo | grep -o lo: | head -n 1 | tr -d :'
check 'a root file system by its path' 0 hello ctr run --rm --runc-binary "$RUNTIME" --cpu-shares 0 --rootfs /tmp/rootfs bypath /bin/echo hello
check 'another state root' 0 hello run --rm --runc-root /run/other local/busybox:1 other echo hello
check 'snapshotter overlayfs' 0 overlay sh -c "ctr images unpack --snapshotter overlayfs local/busybox:1 > /dev/null 2>&1 || ctr images import --snapshotter overlayfs --local $work/image.tar > /dev/null
  ctr run --rm --runc-binary $RUNTIME --snapshotter overlayfs --cpu-shares 0 local/busybox:1 overlay sh -c 'sed -n \"s,^overlay / \([a-z]*\) .*,\1,p\" /proc/mounts'"
check 'user namespace' 0 '0 100000 65536' sh -c "ctr run --rm --runc-binary '$RUNTIME' --snapshotter native --cpu-shares 0 --uidmap 0:100000:65536 --gidmap 0:100000:65536 local/busybox:1 users cat /proc/self/uid_map | tr -s ' ' | sed 's/^ //'"
check 'terminal' 0 terminal sh -c "script -qc \"ctr run --rm -t --runc-binary '$RUNTIME' --snapshotter native --cpu-shares 0 local/busybox:1 tty sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
run -d local/busybox:1 dump sh -c 'i=0; while :; do i=$((i+1)); echo $i > /count; sleep 0.1; done'
sleep 1
check 'checkpoint' 0 '' sh -c 'ctr containers checkpoint --rw --image --task dump local/dump:1 > /dev/null'
ctr tasks kill -s KILL dump > /dev/null 2>&1 || true
wait_for 10 sh -c "ctr tasks delete dump" || true
ctr containers delete dump > /dev/null 2>&1 || true
check 'restore' 0 '' sh -c 'ctr containers restore --rw --live dump2 local/dump:1 > /dev/null'
check 'goes on after restore' 0 on ctr tasks exec --exec-id e9 dump2 sh -c 'a=$(cat /count); sleep 1; [ $(cat /count) -gt $a ] && [ $a -gt 1 ] && echo on'
ctr tasks kill -s KILL dump2 > /dev/null 2>&1 || true
wait_for 10 sh -c "ctr tasks delete dump2" || true
ctr containers delete dump2 > /dev/null 2>&1 || true
many() {
  for i in $(seq 50); do { run --rm local/busybox:1 many$i echo $i || echo "$i: status $?" >&2; } & done | sort -n | tr '\n' ' '
  wait
}
check '50 at once' 0 "$(seq 50 | tr '\n' ' ' | sed 's/ $//') " many
check 'nothing left' 0 '' ctr containers ls -q
kill $daemon
finish
