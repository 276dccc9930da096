#!/bin/sh
# podman build and buildah, in both isolations; pods, and pods of a Kubernetes file.
set -eu
ENGINE=podman-build
. "${0%/*}/podman-common.sh"
import_alpine
mkdir -p /tmp/context
echo context > /tmp/context/file
printf hidden > /tmp/secret

cat > /tmp/context/Containerfile << 'FILE'
FROM alpine
RUN echo built > /built
RUN --mount=type=secret,id=s cat /run/secrets/s > /secret
RUN --mount=type=bind,source=file,target=/bound cat /bound > /copied
RUN --mount=type=tmpfs,target=/scratch touch /scratch/file
RUN --mount=type=cache,target=/cache echo kept > /cache/file
RUN --mount=type=cache,target=/cache cat /cache/file > /kept
USER 1000
WORKDIR /tmp
RUN id -u > user && pwd >> user
CMD ["cat", "/built", "/secret", "/copied", "/kept", "/tmp/user"]
FILE
wanted='built
hiddencontext
kept
1000
/tmp'
build() {
  tag=$1
  shift
  podman build -q --no-cache --secret id=s,src=/tmp/secret -t "$tag" "$@" /tmp/context > /dev/null && podman run --rm --network none "$tag"
}
check 'build, isolation oci' 0 "$wanted" build one --isolation oci --network none
check 'build, isolation chroot' 0 "$wanted" build two --isolation chroot --network host
check 'build, the default isolation' 0 "$wanted" build three --network none
printf 'FROM alpine\nRUN awk "{ print \\$2 }" /proc/self/uid_map > /map\nCMD ["cat", "/map"]\n' > /tmp/users
check 'build in a user namespace' 0 100000 build four --isolation oci --network none --userns-uid-map 0:100000:65536 --userns-gid-map 0:100000:65536 -f /tmp/users
printf 'FROM alpine\nRUN exit 9\n' > /tmp/fails
check 'build that fails' 9 '' podman build -q --network none -f /tmp/fails /tmp/context
printf 'FROM alpine AS first\nRUN echo stage > /stage\nFROM alpine\nCOPY --from=first /stage /stage\nCMD ["cat", "/stage"]\n' > /tmp/stages
check 'build in stages' 0 stage build five --network none -f /tmp/stages
check 'ulimit and device of a build' 0 '512 a,e5' sh -c 'printf "FROM alpine\nRUN echo \$(ulimit -n) \$(stat -c %%t,%%T /dev/fuse) > /out\nCMD [\"cat\", \"/out\"]\n" > /tmp/limits &&
  podman build -q --network none --ulimit nofile=512:512 --device /dev/fuse -t six -f /tmp/limits /tmp/context > /dev/null && podman run --rm --network none six'

guide_buildah() { guide_steps podman buildah | grep -x hello; }
check 'guide: buildah' 0 hello guide_buildah
container=$(buildah from --pull-never alpine)
for isolation in oci chroot; do
  buildah_run() { buildah run --isolation $isolation --runtime "$RUNTIME" --network "$network" "$@"; }
  case $isolation in oci) network=none ;; *) network=host ;; esac
  check "buildah run, $isolation" 0 ran buildah_run "$container" echo ran
  check "buildah run, $isolation: exit status" 6 '' buildah_run "$container" sh -c 'exit 6'
  check "buildah run, $isolation: user and volume" 0 '1000 context' buildah_run --user 1000 -v /tmp/context:/context "$container" sh -c 'echo "$(id -u) $(cat /context/file)"'
  check "buildah run, $isolation: capabilities" 0 0000000000000000 buildah_run --cap-drop all "$container" sh -c 'sed -n "s/CapEff:.//p" /proc/self/status'
  check "buildah run, $isolation: terminal" 0 terminal sh -c "script -qc \"buildah run -t --isolation $isolation --runtime $RUNTIME --network $network $container sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
done
check 'buildah commit' 0 changed sh -c "buildah run --isolation oci --runtime '$RUNTIME' --network none $container sh -c 'echo changed > /changed' && buildah commit -q $container changed > /dev/null && podman run --rm --network none changed cat /changed"
buildah rm -a > /dev/null

check 'pod' 0 hello sh -c 'podman pod create --name pod --network none --hostname together --infra-image alpine --infra-command "sleep 1000" > /dev/null && podman run --rm --pod pod alpine echo hello'
check 'pod: shared namespaces' 0 together podman run --rm --pod pod alpine hostname
check 'pod: pause and unpause' 0 Running sh -c 'podman pod pause pod > /dev/null && podman pod unpause pod > /dev/null && podman pod inspect --format "{{.State}}" pod'
check 'pod: stop and start' 0 Running sh -c 'podman pod stop -t 0 pod > /dev/null && podman pod start pod > /dev/null && podman pod inspect --format "{{.State}}" pod'
check 'pod: top' 0 'sleep 1000' sh -c "podman pod top pod args | tail -n 1 | sed 's/ *$//'"
check 'pod: rm' 0 '' sh -c 'podman pod rm -f -t 0 pod > /dev/null'
check 'pod: shared processes' 0 2 sh -c 'podman pod create --name close --network none --share pid,ipc,net,uts --infra-image alpine --infra-command "sleep 1000" > /dev/null &&
  podman run -d --pod close --name other alpine sleep 2000 > /dev/null && podman run --rm --pod close alpine sh -c "ps | grep -c [s]leep"; podman pod rm -f -t 0 close > /dev/null'

cat > /tmp/pod.yaml << 'FILE'
apiVersion: v1
kind: Pod
metadata:
  name: kube
spec:
  hostNetwork: true
  restartPolicy: Never
  initContainers:
  - {name: first, image: "docker.io/library/alpine:latest", imagePullPolicy: Never, command: [sh, -c, "echo made > /shared/file"], volumeMounts: [{name: shared, mountPath: /shared}]}
  containers:
  - name: second
    image: docker.io/library/alpine:latest
    imagePullPolicy: Never
    command: [sh, -c, "cat /shared/file; exec sleep 1000"]
    volumeMounts: [{name: shared, mountPath: /shared}]
    securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
    livenessProbe: {exec: {command: [cat, /shared/file]}, periodSeconds: 1}
  volumes:
  - {name: shared, emptyDir: {}}
FILE
check 'kube play' 0 made sh -c 'podman kube play /tmp/pod.yaml > /dev/null && podman logs kube-second'
check 'kube: as it was told' 0 '1000 0000000000000000' podman exec kube-second sh -c 'echo "$(id -u) $(sed -n "s/CapEff:.//p" /proc/self/status)"'
check 'kube down' 0 '' sh -c 'podman kube down --force /tmp/pod.yaml > /dev/null'
podman rm -af -t 0 > /dev/null
check 'nothing left' 0 '' sh -c 'podman ps -aq --external; podman pod ps -q'
finish
