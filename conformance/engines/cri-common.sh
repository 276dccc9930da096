# Shared by cri.sh, cri-o.sh and the virtual machine's critest.sh: a network for pods, what this machine lacks, and critest's verdicts
# against cri-expected.json. Sourced with ENGINE and is_runt set; scripts/cri-programs.mjs builds what stands in /run/cri.
# shellcheck shell=sh

# A bridge for pods; the session's network namespace is its own.
write_pod_network() {
  mkdir -p /etc/cni/net.d
  cat > /etc/cni/net.d/10-pods.conflist <<'CNI'
{ "cniVersion": "1.0.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.85.0.0/16" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
CNI
}

has_controllers() { grep -qw memory /sys/fs/cgroup/cgroup.controllers; }

# Words for cri-expected.json's `when`, one a line.
machine_lacks() {
  has_controllers || echo controllers
  [ -e /sys/module/apparmor ] || echo apparmor
  # CAP_SYS_RESOURCE, bit 24 of the bounding set
  [ $((0x$(sed -n 's/CapBnd:.//p' /proc/self/status) >> 24 & 1)) = 1 ] || echo CAP_SYS_RESOURCE
}

# run_critest ENDPOINT [TITLE]: every spec but the benchmarks, which critest leaves out by itself. A spec that is not listed and
# does not pass fails the run, and so does one that is listed with a reason and passes. TITLE: before each spec, not the engine.
# LEFT_OUT: where CRITEST_FLAGS has a focus, why the other specs are not run.
run_critest() {
  title=${2-$ENGINE} status=0
  # Left out, and listed: without a registry its pull fails before or after the deadline that it waits for, as it happens.
  unsteady='public image should timeout if requested'
  # shellcheck disable=SC2086
  (cd /tmp && exec /run/cri/critest --runtime-endpoint "$1" --ginkgo.no-color --ginkgo.skip="$unsteady" \
    --ginkgo.json-report=/tmp/critest.json ${CRITEST_FLAGS-}) > /tmp/critest.txt 2>&1 || status=$?
  [ -s /tmp/critest.json ] || { tail -n 30 /tmp/critest.txt; echo "not ok $title: critest: status $status, no report"; exit 1; }
  machine_lacks | jq -Rn '[inputs]' > /tmp/lacks.json
  runtime=runc
  if $is_runt; then runtime=runt; fi
  jq -r --arg engine "$ENGINE" --arg title "$title" --arg runtime $runtime --arg left_out "${LEFT_OUT-}" --slurpfile lacks /tmp/lacks.json --slurpfile expected /run/engines/cri-expected.json \
    -f /run/engines/cri-verdicts.jq /tmp/critest.json > /tmp/verdicts
  cat /tmp/verdicts
  echo "# $(grep -c '^listed ' /tmp/verdicts || true) listed with their reasons"
  passed=$((passed + $(grep -c '^ok ' /tmp/verdicts || true)))
  failed=$((failed + $(grep -c '^not ok ' /tmp/verdicts || true)))
}
