# A cpu.burst above cpu.quota is an error.
# [shows config-linux.md#cpu/1]
# broken: config del(.linux.resources.cpu)
need_controller cpu
refused '.linux.resources.cpu = {quota: 10000, period: 100000, burst: 20000}'
