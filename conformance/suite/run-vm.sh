#!/bin/sh
# The virtual machine's job for `npm run conformance -- --vm` (its image calls it run-all.sh): the suite of runtime-tools, and the
# cases, with all controllers, all capabilities and AppArmor. Its lines go to the second serial port; the machine powers off when this ends.
cd "${0%/*}" || exit 1
stty -F /dev/ttyS1 raw 2>/dev/null
exec > /dev/ttyS1 2>&1
[ ! -e runt ] || cp runt /usr/local/bin/runt
read -r RUNTIME names < request
export RUNTIME PATIENCE=240
echo "# $(uname -r), controllers: $(cat /sys/fs/cgroup/cgroup.controllers)"
# linux_process_apparmor_profile names a profile and leaves it to the machine to have it.
if command -v apparmor_parser > /dev/null; then
  printf 'profile acme_secure_profile flags=(unconfined) {}\n' | apparmor_parser -r -K && echo '# profile loaded'
fi
# A machine that was booted for the cases that need SELinux.
if grep -q security=selinux /proc/cmdline; then
  . ./selinux-policy.sh
  mkdir -p /run/policy && load_policy /run/policy && echo '# policy loaded' || sed 's/^/# /' /run/policy/policy.log
fi
# What lies on this machine's /run cannot be executed, and the bundles lie there.
mkdir -p /run/suite && mount -t tmpfs -o mode=755 tmpfs /run/suite
# shellcheck disable=SC2086
[ ! -d suite ] || sh ./run.sh "$PWD/suite" /run/suite-logs $names
# Why it failed, for the log on the host.
for file in /run/suite-logs/*.out; do
  [ -e "$file" ] || continue
  name=${file##*/} name=${name%.out}
  grep -A 12 '^not ok ' "$file" | head -n 30 | sed "s/^/# $name: /"
  head -n 5 "/run/suite-logs/$name.err" | sed "s/^/# $name: /"
done
# Our own cases, with the time that a runtime needs here, and a place where devices can be opened.
# shellcheck disable=SC2046
[ ! -d cases ] || PATIENCE=60 TMPDIR=/run/suite sh cases/run.sh $(cat case-names)
echo '# end'
