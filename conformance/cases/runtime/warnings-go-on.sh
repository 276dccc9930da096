# What is only worth a warning does not stop the operation.
# [shows runtime.md#warnings/1 config.md#linux-process/1..2]
# broken: config .process.capabilities.bounding = "x"
inside '.process.capabilities.bounding += ["CAP_NO_SUCH_CAPABILITY"]' 'echo ran'
expect output ran "$output"
