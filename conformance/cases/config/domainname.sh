# domainname is the container's NIS domain name.
# [rule config.md#domainname]
# broken: config .domainname = "other"
before=$(cat /proc/sys/kernel/domainname)
inside '.domainname = "of.the.case"' 'cat /proc/sys/kernel/domainname'
expect 'domain name inside' of.the.case "$output"
expect 'domain name outside' "$before" "$(cat /proc/sys/kernel/domainname)"
