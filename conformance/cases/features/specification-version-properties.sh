# The features have the properties of the specification, and no others.
# [shows features.md#specification-version/6]
# broken: instead features real | jq '.ownInvention = true'
features
expect 'other properties' '' "$(printf '%s' "$output" | jq -r '
  (keys - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations", "potentiallyUnsafeConfigAnnotations"])[],
  ((.linux // {} | keys) - ["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt", "memoryPolicy",
    "mountExtensions", "netDevices"])[]')"
