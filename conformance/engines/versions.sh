# Sourced.
# shellcheck shell=sh

# version_of RUNTIME: as it says itself. runt says runc's words first, its own last.
version_of() { "$1" --version | awk '/^(crun|runc|runt) version/ { v = $3 } END { print v }'; }
