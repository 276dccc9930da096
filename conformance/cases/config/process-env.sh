# The program gets the environment of process.env, and nothing of the runtime's.
# [rule config.md#process]
# broken: config .process.env += ["LEAKED=yes"]
export LEAKED=yes
inside '.process.env = ["PATH=/bin", "ONE=1", "TWO=a b=c"]' 'echo "$ONE/$TWO/${LEAKED-none}"'
expect 'ONE/TWO/LEAKED' '1/a b=c/none' "$output"
