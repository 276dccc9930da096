# A program without a slash is looked for in the PATH of process.env, as by execvp.
# [shows config.md#process/7]
# broken: config .process.args = ["/bin/true"]
mkdir "$rootfs/data/programs"
printf '#!/bin/sh\necho found "$@"\n' > "$rootfs/data/programs/of-the-case"
chmod 755 "$rootfs/data/programs/of-the-case"
configure '.process.args = ["of-the-case", "one"] | .process.env = ["PATH=/nowhere:/data/programs:/bin"]'
must run
expect output 'found one' "$output"
