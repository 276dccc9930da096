#!/bin/sh
# docker swarm of one node: services that scale, are updated, rolled back and killed. Their network is the host's: an overlay
# network needs IPVS and VLAN filtering of the kernel.
set -eu
ENGINE=docker-swarm
. "${0%/*}/docker-common.sh"
start_dockerd
import_alpine

# replicas N: until that many tasks of the service run.
replicas() {
  for i in $(seq 60); do
    [ "$(docker service ls --filter name=web --format '{{.Replicas}}')" = "$1/$1" ] && break
    sleep 0.5
  done
  docker service ls --filter name=web --format '{{.Replicas}}'
}
label() { docker service inspect --format '{{index .Spec.TaskTemplate.ContainerSpec.Env 0}}' web; }
check 'swarm init' 0 '' sh -c 'docker swarm init --advertise-addr 127.0.0.1 > /dev/null'
check 'service create' 0 '' sh -c 'docker service create -d -q --name web --network host --no-resolve-image --replicas 2 --stop-grace-period 0s --update-monitor 1s --rollback-monitor 1s \
  --env version=1 alpine sleep 1000 > /dev/null' && check 'service runs' 0 2/2 replicas 2
check 'service scale' 0 '' sh -c 'docker service scale -d web=3 > /dev/null' && check 'scaled' 0 3/3 replicas 3
check 'service logs and ps' 0 3 sh -c 'docker service ps -q --filter desired-state=running web | wc -l'
check 'a task that was killed comes back' 0 3/3 sh -c 'docker kill $(docker ps -q --filter name=web | head -n 1) > /dev/null; sleep 1; for i in $(seq 60); do [ "$(docker service ls --filter name=web --format "{{.Replicas}}")" = 3/3 ] && break; sleep 0.5; done; docker service ls --filter name=web --format "{{.Replicas}}"'
check 'service update' 0 '' sh -c 'docker service update -q --no-resolve-image --env-add version=2 web > /dev/null' && check 'updated' 0 version=2 label
check 'service rollback' 0 '' sh -c 'docker service rollback -q web > /dev/null' && check 'rolled back' 0 version=1 label
check 'service rm' 0 web docker service rm web
echo hidden | docker secret create s - > /dev/null
docker service create -d -q --name web --network host --no-resolve-image --secret s --stop-grace-period 0s alpine sh -c 'cat /run/secrets/s; exec sleep 1000' > /dev/null
check 'service with a secret' 0 hidden sh -c 'for i in $(seq 50); do docker logs "$(docker ps -q --filter name=web | head -n 1)" 2> /dev/null | grep . && break; sleep 0.2; done'
docker service rm web > /dev/null
wait_for 60 sh -c '[ -z "$(docker ps -aq)" ]' || true
check 'swarm leave' 0 '' sh -c 'docker swarm leave --force > /dev/null'
check 'nothing left' 0 '' docker ps -aq
stop_dockerd
finish
