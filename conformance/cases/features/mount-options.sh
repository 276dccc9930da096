# Each of the mount options of the features is known: a container can be made with it.
# [shows features.md#mount-options/1]
# broken: instead features real | jq '.mountOptions += ["no-such-option"]'
features
options=$(printf '%s' "$output" | jq -r '.mountOptions // [] | .[]')
[ -n "$options" ] || not_applicable 'a runtime that lists mount options'
mkdir source
# Those that are about a bind mount are tried on one; what maps ids needs a mapping, and remount a mount.
for option in $options; do
  case $option in
    bind | idmap | rbind | *-nofollow | copy-symlink | r?* | *private | *shared | *slave | *unbindable) kind='mount("/data"; "bind"; "\($work)/source"; ["rbind", OPTION])' ;;
    *) kind='mount("/data"; "tmpfs"; "tmpfs"; [OPTION])' ;;
  esac
  case $option in
    idmap | ridmap) kind="$kind | .mounts[-1] += {uidMappings: [{containerID: 0, hostID: 5000, size: 1}], gidMappings: [{containerID: 0, hostID: 5000, size: 1}]}" ;;
    remount) kind='mount("/data"; "tmpfs"; "tmpfs"; []) | mount("/data"; "tmpfs"; "tmpfs"; [OPTION])' ;;
  esac
  configure "$(printf '%s' "$kind" | sed "s/OPTION/\"$option\"/")"
  call run --bundle "$bundle" "$id"
  checks=1
  [ "$status" = 0 ] || fail "a container with the mount option $option" "$errors"
done
