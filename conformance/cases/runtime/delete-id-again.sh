# After delete the id can be used again.
# [rule runtime.md#delete]
# broken: instead delete true
configure
for _ in 1 2; do
  must create
  must start
  stopped
  must delete
done
