# An oomScoreAdj that the kernel does not take is an error.
# [shows config.md#valid-values/1]
# broken: config .process.oomScoreAdj = 1000
refused '.process.oomScoreAdj = 2000'
