# The program is confined by process.apparmorProfile.
# [rule config.md#linux-process]
# broken: config del(.process.apparmorProfile)
[ -d /sys/kernel/security/apparmor ] && command -v apparmor_parser > /dev/null || not_applicable 'AppArmor, and apparmor_parser'
printf 'profile of-the-case flags=(attach_disconnected) { file, capability, network, mount, umount, signal, unix, }\n' | apparmor_parser -r -K
inside '.process.apparmorProfile = "of-the-case"' 'cat /proc/self/attr/current'
expect_match profile 'of-the-case*' "$output"
