# Properties that the specification does not know are ignored, wherever they are.
# [shows config.md#extensibility/1]
# broken: config if .linux.unheardOf then .root.path = "none" else . end
inside '.unheardOf = {deep: [1, "two"]} | .linux.unheardOf = "x" | .process.unheardOf = -1 | .root.unheardOf = true' 'echo ran'
expect output ran "$output"
