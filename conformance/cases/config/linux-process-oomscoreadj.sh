# oomScoreAdj is the oom_score_adj of the program.
# [shows config.md#linux-process/3]
# broken: config .process.oomScoreAdj = 322
inside '.process.oomScoreAdj = 321' 'cat /proc/self/oom_score_adj'
expect oom_score_adj 321 "$output"
