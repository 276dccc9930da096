# A hook gets the arguments and the environment that are listed, as by execv.
# [shows config.md#posix-platform-hooks/1 config.md#posix-platform-hooks/6]
# broken: config .hooks.createRuntime[0].env += ["LEAKED=yes"]
printf '#!/bin/sh\ncat > /dev/null\necho "$#/$1/$2/$ONE/${LEAKED-none}" > log\n' > "$work/hook"
sed -i "s|> log|> $work/log|" "$work/hook"
chmod 755 "$work/hook"
export LEAKED=yes
configure '.hooks.createRuntime = [{path: "\($work)/hook", args: ["hook", "a b", ""], env: ["PATH=/usr/bin:/bin", "ONE=1"]}]'
must run
expect 'number, first, second argument, environment' '2/a b//1/none' "$(cat log)"
