# Without oomScoreAdj the program has the oom_score_adj that the runtime has.
# [shows config.md#linux-process/4]
# broken: config .process.oomScoreAdj = 0
echo 123 > /proc/self/oom_score_adj
inside . 'cat /proc/self/oom_score_adj'
expect oom_score_adj 123 "$output"
