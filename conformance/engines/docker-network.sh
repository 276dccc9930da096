#!/bin/sh
# docker with networks: bridges, names, published ports; compose.
set -eu
ENGINE=docker-network
. "${0%/*}/docker-common.sh"
make_uplink
start_dockerd
import_alpine
get=/run/engines/get.sh

check 'bridge' 0 172.17.0 docker run --rm alpine sh -c "ip -4 address show eth0 | grep -o '172\.17\.0' | head -n 1"
docker network create --subnet 10.77.0.0/24 town > /dev/null
docker run -d --name server --network town -p 127.0.0.1:8080:80 alpine sh -c 'while :; do echo served | nc -l -p 80; done' > /dev/null
check 'published port' 0 served $get 127.0.0.1 8080
check 'by name' 0 served docker run --rm --network town alpine sh -c 'for i in $(seq 20); do a=$(timeout 2 nc server 80 < /dev/null); [ -z "$a" ] || break; sleep 0.2; done; echo $a'
check 'fixed address and MAC' 0 '10.77.0.9 02:00:00:00:00:09' docker run --rm --network town --ip 10.77.0.9 --mac-address 02:00:00:00:00:09 alpine sh -c 'echo "$(ip -4 address show eth0 | grep -o "10\.[.0-9]*" | head -n 1) $(ip link show eth0 | grep -o 02:00:00:00:00:09)"'
docker run -d --name mover alpine sleep 1000 > /dev/null
check 'connect' 0 2 sh -c 'docker network connect town mover && docker exec mover sh -c "ip -4 address show | grep -c global"'
check 'disconnect' 0 1 sh -c 'docker network disconnect town mover && docker exec mover sh -c "ip -4 address show | grep -c global"'
check 'network of another' 0 served docker run --rm --network container:server alpine sh -c 'for i in $(seq 20); do a=$(timeout 2 nc 127.0.0.1 80 < /dev/null); [ -z "$a" ] || break; sleep 0.2; done; echo $a'
check 'network of the host' 0 out0 docker run --rm --network host alpine sh -c 'ip link show out0 | grep -o out0 | head -n 1'
check 'hosts and resolver' 0 '192.0.2.7 192.0.2.8' docker run --rm --add-host far:192.0.2.7 --dns 192.0.2.8 alpine sh -c 'echo "$(awk "/far/ { print \$1 }" /etc/hosts) $(awk "/^nameserver/ { print \$2 }" /etc/resolv.conf)"'
check 'restart keeps the port' 0 served sh -c "docker restart -t 0 server > /dev/null; $get 127.0.0.1 8080"
check 'BuildKit with a network' 0 eth0 sh -c 'mkdir -p /tmp/context && printf "FROM alpine\nRUN ip -o link | grep -o eth0 | head -n 1 > /out\nCMD [\"cat\", \"/out\"]\n" > /tmp/context/Dockerfile && docker build -q -t built /tmp/context > /dev/null && docker run --rm built'
docker rm -f server mover > /dev/null
check 'network rm' 0 town docker network rm town

mkdir -p /tmp/project
cd /tmp/project
guide_file docker compose.yaml
check 'compose up' 0 '' sh -c 'docker compose up -d > /dev/null 2>&1'
check 'compose: runtime' 0 runt docker inspect --format '{{.HostConfig.Runtime}}' project-web-1
check 'compose: a service finds the other' 0 served sh -c 'for i in $(seq 50); do docker compose logs --no-log-prefix client | grep . && break; sleep 0.2; done'
check 'compose ps' 0 'client web' sh -c 'docker compose ps --services | sort | tr "\n" " " | sed "s/ $//"'
check 'compose exec' 0 served docker compose exec -T client cat /data/answer
check 'compose run' 0 served docker compose run --rm -T client cat /data/answer
check 'compose top' 0 1 sh -c 'docker compose top client | grep -c "sleep 1000"'
check 'compose scale' 0 3 sh -c 'docker compose up -d --scale web=3 --no-recreate > /dev/null 2>&1; docker compose ps -q web | wc -l'
check 'compose: scale down' 0 1 sh -c 'docker compose up -d --scale web=1 --no-recreate > /dev/null 2>&1; docker compose ps -q web | wc -l'
check 'compose pause' 0 paused sh -c 'docker compose pause web > /dev/null 2>&1; docker inspect --format "{{.State.Status}}" project-web-1; docker compose unpause web > /dev/null 2>&1'
check 'compose restart' 0 running sh -c 'docker compose restart web > /dev/null 2>&1; docker inspect --format "{{.State.Status}}" project-web-1'
check 'compose down' 0 '' sh -c 'docker compose down --volumes > /dev/null 2>&1; docker ps -aq; docker volume ls -q; docker network ls -q --filter name=project'
cat > compose.yaml << 'FILE'
services:
  web:
    build: {context: ., dockerfile_inline: "FROM alpine\nRUN echo built > /built\n", network: none}
    network_mode: none
    command: sh -c 'cat /built /run/secrets/s; exec sleep 1000'
    secrets: [s]
    healthcheck: {test: ["CMD", "cat", "/built"], interval: 1s}
    stop_grace_period: 0s
  after:
    image: alpine
    network_mode: none
    depends_on: {web: {condition: service_healthy}}
    command: echo after
secrets:
  s: {file: /tmp/secret}
FILE
echo hidden > /tmp/secret
check 'compose: build, secret, health, order' 0 'built
hidden
after' sh -c 'docker compose up -d --build > /tmp/compose.log 2>&1 || cat /tmp/compose.log; for i in $(seq 50); do docker compose logs after | grep -q after && break; sleep 0.2; done; docker compose logs --no-log-prefix web; docker compose logs --no-log-prefix after; docker compose down > /dev/null 2>&1'
cd /

check 'nothing left' 0 '' docker ps -aq
stop_dockerd
finish
