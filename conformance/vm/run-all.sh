#!/bin/sh
# Runs in the virtual machine, as the only job of its systemd: each script that the request asks for, its lines to the
# second serial port, where the host reads them. The machine powers off when this ends.
cd "${0%/*}" || exit 1
stty -F /dev/ttyS1 raw 2>/dev/null
exec > /dev/ttyS1 2>&1
. ./engines/versions.sh
[ ! -e runt ] || cp runt /usr/local/bin/runt
{
  read -r RUNTIME
  export RUNTIME
  echo "# kernel $(uname -r), controllers: $(cat /sys/fs/cgroup/cgroup.controllers), up $(cut -d. -f1 /proc/uptime) s"
  echo "# runtime ${RUNTIME##*/}: $(version_of "$RUNTIME")"
  while read -r name; do
    # A script may say that it needs longer: "# seconds: N".
    seconds=$(sed -n 's/^# seconds: //p' "$name.sh")
    status=0
    timeout -k 5 "${seconds:-400}" sh "./$name.sh" < /dev/null || status=$?
    [ $status = 0 ] || echo "not ok $name: the script ended with status $status"
    echo "# $name done with status $status, up $(cut -d. -f1 /proc/uptime) s"
  done
} < request
echo '# end'
