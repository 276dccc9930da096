# personality.domain is the program's execution domain.
# [shows config-linux.md#personality/1]
# broken: config del(.linux.personality)
inside '.linux.personality = {domain: "LINUX32"}' 'cat /proc/self/personality; uname -m'
expect_match 'persona and machine' '00000008
*' "$output"
