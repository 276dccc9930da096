#!/bin/sh
# The kubelet alone with pods from a folder, on containerd, both as docs/kubernetes.md sets them up: through runc as the
# control, then through the runtime under test. What happened is read from the kubelet, the containers' own files and cgroups.
# needs: kubelet
# needs: crictl
# seconds: 3000
. ./common.sh
. ./engine-common.sh

manifests=/etc/kubernetes/manifests
out=/var/lib/hello
pods=/run/kubelet-pods

# wait_for SECONDS COMMAND...
wait_for() {
  until=$(($(cut -d. -f1 /proc/uptime) + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    [ "$(cut -d. -f1 /proc/uptime)" -lt $until ] || return 1
    sleep 1
  done
}

# move_blob FILE: to its digest's name, which is printed
move_blob() {
  digest=$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$work/oci/blobs/sha256/$digest"
  echo "$digest"
}

# make_image NAME CONFIG: an OCI layout of busybox, made here, into containerd. [image-spec: image-layout.md]
make_image() {
  mkdir -p "$work/oci/blobs/sha256"
  tar -C "$bundle/rootfs" -cf "$work/blob" bin tmp
  layer_size=$(stat -c %s "$work/blob")
  layer=$(move_blob "$work/blob")
  jq -cn --arg layer "sha256:$layer" --argjson config "$2" '{architecture: "amd64", os: "linux",
    config: ({Env: ["PATH=/bin"]} + $config), rootfs: {type: "layers", diff_ids: [$layer]}}' > "$work/blob"
  config_size=$(stat -c %s "$work/blob")
  config=$(move_blob "$work/blob")
  jq -cn --arg layer "sha256:$layer" --argjson layer_size "$layer_size" --arg config "sha256:$config" --argjson config_size "$config_size" '
    {schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {mediaType: "application/vnd.oci.image.config.v1+json", digest: $config, size: $config_size},
    layers: [{mediaType: "application/vnd.oci.image.layer.v1.tar", digest: $layer, size: $layer_size}]}' > "$work/blob"
  manifest_size=$(stat -c %s "$work/blob")
  manifest=$(move_blob "$work/blob")
  jq -cn --arg manifest "sha256:$manifest" --argjson size "$manifest_size" --arg name "$1" '{schemaVersion: 2, manifests: [{
    mediaType: "application/vnd.oci.image.manifest.v1+json", digest: $manifest, size: $size,
    annotations: {"io.containerd.image.name": $name}}]}' > "$work/oci/index.json"
  echo '{"imageLayoutVersion": "1.0.0"}' > "$work/oci/oci-layout"
  tar -C "$work/oci" -cf "$work/image.tar" .
  ctr -n k8s.io images import --local "$work/image.tar" > /dev/null || fail "image $1"
  rm -rf "${work:?}/oci" "$work/image.tar"
}

# pod NAME SCRIPT [SPEC [CONTAINER]]: a manifest of one container "main" that runs SCRIPT; SPEC and CONTAINER, as JSON,
# are added to the pod's spec and the container. JSON is YAML, too.
pod() {
  spec=${3-} more=${4-}
  jq -n --arg name "$1" --arg script "$2" --arg out $out --argjson spec "${spec:-null}" --argjson more "${more:-null}" '
    def container: {image: "localhost/busybox:1", imagePullPolicy: "Never", volumeMounts: [{name: "out", mountPath: "/out"}]};
    {apiVersion: "v1", kind: "Pod", metadata: {name: $name}, spec: ({hostNetwork: true, volumes: [{name: "out", hostPath: {path: $out}}],
      containers: [container + {name: "main", command: ["sh", "-c", $script]} + $more]} + $spec
      | if .initContainers then .initContainers |= map(container + .) else . end)}' > "$work/manifest"
  # [order] a rename: the kubelet must not read half of it.
  mv "$work/manifest" "$manifests/$1.yaml"
}

# seen FILTER: of the kubelet's list of pods; p("NAME") is a pod, c("NAME") the status of its container
seen() {
  busybox wget -q -T 20 -O "$pods" http://127.0.0.1:10255/pods || return 1
  jq -r 'def p($name): .items[] | select(.metadata.name | startswith($name + "-"));
    def c($name): p($name).status.containerStatuses[0];
    '"$1" "$pods"
}
is_seen() { [ "$(seen "$1")" = true ]; }
# sees NAME SECONDS FILTER: waits until FILTER, which begins with a pod's name, is true
sees() {
  if wait_for "$2" is_seen "$3"; then
    pass "$1"
  else
    of=${3#*\"}
    fail "$1" "not seen: $3" "$(seen "p(\"${of%%\"*}\").status | [.phase, (.containerStatuses[]? | .restartCount, .state, .lastState)] | tostring")"
  fi
}

# cgroup_of POD: of its container, and of the pod
cgroup_of() {
  id=$(seen "c(\"$1\").containerID" | sed 's,.*//,,')
  find $cgroups/kubepods.slice -type d -name "cri-containerd-$id.scope"
}

start_daemons() {
  guide_file kubernetes /etc/containerd/config.toml
  guide_file kubernetes /etc/kubernetes/kubelet.yaml
  guide_file kubernetes /etc/systemd/system/kubelet.service
  # What an emulated machine with a small disk and no registry needs.
  cat >> /etc/containerd/config.toml <<'CONF'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = 'localhost/pause:1'
CONF
  cat >> /etc/kubernetes/kubelet.yaml <<'CONF'
runtimeRequestTimeout: 10m
evictionHard: {memory.available: 10Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%}
imageGCHighThresholdPercent: 100
resolvConf: ""
CONF
  guide_steps kubernetes containerd || fail 'the steps for containerd'
  wait_for 120 ctr version || fail 'containerd answers' "$(journalctl -u containerd | tail -n 5)"
  make_image localhost/busybox:1 '{"Cmd": ["sh"]}'
  make_image localhost/pause:1 '{"Entrypoint": ["sh", "-c", "trap \"exit 0\" TERM INT; while :; do sleep 1000; done"]}'
  guide_steps kubernetes kubelet || fail 'the steps for the kubelet'
  wait_for 300 seen . || fail 'the kubelet answers' "$(journalctl -u kubelet | tail -n 15)"
  echo "# $with: up $(cut -d. -f1 /proc/uptime) s"
}

add_pods() {
  mkdir -p $manifests $out
  guide_file kubernetes $manifests/hello.yaml
  pod never 'exit 5' '{"restartPolicy": "Never"}'
  pod onfailure 'test -e /out/once || { touch /out/once; exit 4; }' '{"restartPolicy": "OnFailure"}'
  pod always 'echo again >> /out/always'
  pod oom 'dd if=/dev/zero of=/dev/null bs=256M count=1' '{"restartPolicy": "Never"}' '{"resources": {"limits": {"memory": "32Mi"}}}'
  pod init 'touch /out/unreached' '{"restartPolicy": "Never", "initContainers": [{"name": "one", "command": ["sh", "-c", "exit 6"]}]}'
  pod sick 'trap "exit 3" TERM; echo started >> /out/sick; touch /tmp/well; sleep 10; rm /tmp/well; while :; do sleep 1; done' \
    '{"terminationGracePeriodSeconds": 120}' '{"livenessProbe": {"exec": {"command": ["test", "-e", "/tmp/well"]},
    "periodSeconds": 2, "failureThreshold": 1, "initialDelaySeconds": 2, "timeoutSeconds": 60}}'
  pod stubborn 'trap "echo asked >> /out/stubborn" TERM; while :; do sleep 1; done' '{"terminationGracePeriodSeconds": 5}'
}

look() {
  sees 'a pod runs and its exec readiness probe says so' 400 'p("hello").status | .phase == "Running" and any(.conditions[]; .type == "Ready" and .status == "True")'
  check 'init containers ran in their order, before the other' 'one two main' "$(paste -sd ' ' $out/order)"
  sees 'their ends are known' 60 '[p("hello").status.initContainerStatuses[].state.terminated.exitCode] == [0, 0]'
  cgroup=$(cgroup_of hello)
  check 'memory limit' 67108864 "$(cat "$cgroup/memory.max")"
  check 'a container out of memory ends as a whole' 1 "$(cat "$cgroup/memory.oom.group")"
  check 'CPU limit' '50000 100000' "$(cat "$cgroup/cpu.max")"
  check 'limit of pids, of the pod' 64 "$(cat "${cgroup%/*}/pids.max")"
  check 'the sandbox and the container are in the slice of the pod' 2 "$(find "${cgroup%/*}" -mindepth 1 -maxdepth 1 -name 'cri-containerd-*.scope' | wc -l)"
  sees 'restartPolicy Never' 300 'p("never").status.phase == "Failed" and (c("never") | .restartCount == 0 and .state.terminated.exitCode == 5)'
  sees 'restartPolicy OnFailure' 300 'p("onfailure").status.phase == "Succeeded" and (c("onfailure") | .restartCount == 1 and .lastState.terminated.exitCode == 4)'
  sees 'restartPolicy Always' 300 'c("always") | .restartCount >= 1 and .lastState.terminated.exitCode == 0'
  # No more than that: containerd may miss the event when the cgroup goes at once, and then calls it "Error".
  sees 'out of memory: killed' 200 'c("oom") | .restartCount == 0 and .state.terminated.exitCode == 137'
  echo "# $with: killed because of: $(seen 'c("oom").state.terminated.reason')"
  sees 'an init container that fails ends the pod' 300 'p("init").status | .phase == "Failed" and .initContainerStatuses[0].state.terminated.exitCode == 6'
  check 'and the other is never started' absent "$(cat $out/unreached 2>/dev/null || echo absent)"
  sees 'a failing exec liveness probe restarts the container' 300 'c("sick") | .restartCount >= 1 and .lastState.terminated.exitCode == 3'
  check_match 'with a new root file system' 'started started*' "$(paste -sd ' ' $out/sick)"
  sees 'a pod that will not stop runs' 300 'p("stubborn").status.phase == "Running"'
}

cri() { crictl --runtime-endpoint unix:///run/containerd/containerd.sock --timeout 300s "$@"; }

# What the kubelet asks for only at a user's wish.
ask_engine() {
  cgroup=$(cgroup_of stubborn)
  id=${cgroup##*-}
  id=${id%.scope}
  check 'exec, by the engine' inside "$(cri exec "$id" echo inside)"
  check 'exec, its status' 1 "$(cri exec "$id" sh -c 'exit 7' > "$work/exec" 2>&1; echo $?)"
  check_match 'exec, its status in words' '*exit code 7*' "$(cat "$work/exec")"
  # [order] read at once: the kubelet would put its own values back.
  check 'limits changed while it runs' '50331648 25000 100000' \
    "$(cri update --memory 50331648 --cpu-period 100000 --cpu-quota 25000 "$id" > /dev/null && cat "$cgroup/memory.max" "$cgroup/cpu.max" | paste -sd ' ')"
  check 'usage' "$id" "$(cri stats --output json "$id" | jq -r '.stats[0] | select(.memory.workingSetBytes.value != "0") | .attributes.id')"
}

no_tasks() { [ -z "$(ctr -n k8s.io tasks ls -q)" ]; }
no_pods() { is_seen '(.items // []) == []'; }
left() {
  ctr -n k8s.io tasks ls -q | sed 's/^/task /'
  find $cgroups/kubepods.slice -name 'cri-containerd-*'
  find /run/containerd/runc/k8s.io -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null
  # shellcheck disable=SC2009
  ps -eo pid,args | grep '[c]ontainerd-shim'
}

stop() {
  rm -f $manifests/*.yaml
  wait_for 400 no_pods || fail 'the pods go with their files' "$(jq -c '.items[].metadata.name' "$pods")"
  wait_for 200 no_tasks
  wait_for 100 test -z "$(left)"
  check 'graceful stop: the program had its time' 'one two main stopped' "$(paste -sd ' ' $out/order)"
  check 'a program that will not stop was asked, then killed' asked "$(sort -u $out/stubborn 2>/dev/null)"
  check 'no task, cgroup, state or shim left' '' "$(left)"
}

session() {
  rm -rf $out
  start_daemons
  add_pods
  look
  ask_engine
  stop
  if [ $failed != 0 ]; then
    for unit in containerd kubelet; do journalctl -u $unit -o cat | grep -iE '^E|level=(error|warn)|fail' | tail -n 12 | cut -c1-700 | sed "s/^/# $unit: /"; done
  fi
  systemctl stop kubelet containerd
  # Each session begins with nothing: containers that the kubelet keeps, images, logs, by which it counts restarts.
  rm -rf /var/lib/kubelet /var/lib/containerd /var/log/pods /var/log/containers
}

for applet in test touch rm; do ln -sf busybox "$bundle/rootfs/bin/$applet"; done
install kubelet crictl /usr/local/bin/
sessions "$(kubelet --version | cut -d' ' -f2), containerd $(containerd --version | cut -d' ' -f3)"
rm -f /usr/local/bin/kubelet /usr/local/bin/crictl
finish
