#!/bin/sh
# podman with networks by netavark: bridges, names, published ports, networks that come and go; slirp4netns.
set -eu
ENGINE=podman-network
. "${0%/*}/podman-common.sh"
import_alpine
make_uplink

serve='while :; do echo served | nc -l -p 80; done'
check 'bridge' 0 10.88.0 podman run --rm alpine sh -c "ip -4 address show eth0 | grep -o '10\.88\.0' | head -n 1"
podman network create --subnet 10.77.0.0/24 town > /dev/null
podman run -d --name server --network town -p 127.0.0.1:8080:80 alpine sh -c "$serve" > /dev/null
check 'published port' 0 served /run/engines/get.sh 127.0.0.1 8080
check 'by address' 0 served podman run --rm --network town alpine sh -c 'for i in $(seq 20); do timeout 2 nc 10.77.0.2 80 < /dev/null && break; sleep 0.2; done'
check 'by name' 0 10.77.0.2 podman run --rm --network town alpine sh -c "nslookup server 2> /dev/null | awk '/^Address/ && !/:53/ { print \$NF }' | head -n 1"
check 'fixed address and MAC' 0 '10.77.0.9 02:00:00:00:00:09' podman run --rm --network town:ip=10.77.0.9,mac=02:00:00:00:00:09 alpine sh -c 'echo "$(ip -4 address show eth0 | grep -o "10\.[.0-9]*" | head -n 1) $(ip link show eth0 | grep -o 02:00:00:00:00:09)"'
check 'two networks' 0 '2' podman run --rm --network town --network podman alpine sh -c 'ip -4 address show | grep -c "inet 10"'
podman run -d --name mover alpine sleep 1000 > /dev/null
check 'connect' 0 2 sh -c 'podman network connect town mover && podman exec mover sh -c "ip -4 address show | grep -c \"inet 10\""'
check 'disconnect' 0 1 sh -c 'podman network disconnect town mover && podman exec mover sh -c "ip -4 address show | grep -c \"inet 10\""'
check 'network of another' 0 served podman run --rm --network container:server alpine sh -c 'for i in $(seq 20); do timeout 2 nc 127.0.0.1 80 < /dev/null && break; sleep 0.2; done'
check 'a pod and its ports' 0 served sh -c 'podman pod create --name pod -p 127.0.0.1:8081:80 --infra-image alpine --infra-command "sleep 1000" > /dev/null &&
  podman run -d --pod pod alpine sh -c "while :; do echo served | nc -l -p 80; done" > /dev/null
  /run/engines/get.sh 127.0.0.1 8081; podman pod rm -f -t 0 pod > /dev/null'
check 'network of the host' 0 out0 podman run --rm --network host alpine sh -c 'ip link show out0 | grep -o out0 | head -n 1'
check 'bridge in a user namespace' 0 10.88.0 podman run --rm --userns auto alpine sh -c "ip -4 address show eth0 | grep -o '10\.88\.0' | head -n 1"
check 'hosts and resolver' 0 '192.0.2.7 192.0.2.8' podman run --rm --add-host far:192.0.2.7 --dns 192.0.2.8 --network podman alpine sh -c 'echo "$(awk "/far/ { print \$1 }" /etc/hosts) $(awk "/nameserver/ { print \$2 }" /etc/resolv.conf)"'
check 'restart keeps the port' 0 served sh -c 'podman restart -t 0 server > /dev/null; /run/engines/get.sh 127.0.0.1 8080'
check 'slirp4netns' 0 tap0 podman run --rm --network slirp4netns alpine sh -c 'ip link show tap0 | grep -o tap0 | head -n 1'
podman rm -af -t 0 > /dev/null
check 'network rm' 0 town podman network rm town
check 'nothing left' 0 '' sh -c 'podman ps -aq; ip -o link show type bridge | grep -v podman0; true'
finish
