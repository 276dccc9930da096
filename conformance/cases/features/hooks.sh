# Each of the hooks of the features is run.
# [shows features.md#hooks/1]
# broken: instead features real | jq '.hooks += ["noSuchHook"]'
features
hooks=$(printf '%s' "$output" | jq -r '.hooks // [] | .[]')
[ -n "$hooks" ] || not_applicable 'a runtime that lists hooks'
mkdir "$rootfs/data/log"
chmod 777 "$rootfs/data/log"
filter=.
for name in $hooks; do
  case $name in startContainer) place=/data/log ;; *) place=$rootfs/data/log ;; esac
  filter="$filter | hook(\"$name\"; \"touch $place/$name\")"
done
configure "$filter"
must run
expect 'hooks that ran' "$(printf '%s\n' "$hooks" | sort)" "$(ls "$rootfs/data/log" | sort)"
