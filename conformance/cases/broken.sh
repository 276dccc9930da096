#!/bin/sh
# A deliberately broken runtime: $REAL, with the fault that $BROKEN names. A case that still passes with it shows nothing.
#   config FILTER            create and run get the configuration through this jq filter: what a runtime does that overlooks something
#   instead COMMAND SCRIPT   SCRIPT in place of this command; `real` is the call that was asked for
# In SCRIPT: $bundle, $id and $root of that call.
set -u
arguments() { for each; do printf "'%s' " "$(printf %s "$each" | sed "s/'/'\\\\''/g")"; done; }
all=$(arguments "$@")
real() { eval "timeout -k 2 20 \"\$REAL\" $all"; }

# A fault that cannot be put in proves nothing: run.sh looks for this file.
no_fault() { echo "$1: $BROKEN" > "$NO_FAULT"; exit 120; }

root= command= bundle=. id=
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=$2; shift ;;
    --bundle) bundle=$2; shift ;;
    -*) ;;
    *) if [ -z "$command" ]; then command=$1; elif [ -z "$id" ]; then id=$1; fi ;;
  esac
  shift
done
export root

fault=${BROKEN%% *} rest=${BROKEN#* }
case $fault in
  config)
    case $command in create | run) ;; *) eval "exec \"\$REAL\" $all" ;; esac
    cp "$bundle/config.json" "$bundle/config.asked"
    jq "$rest" "$bundle/config.asked" > "$bundle/config.json" || no_fault "the filter does not apply"
    status=0
    real || status=$?
    mv "$bundle/config.asked" "$bundle/config.json"
    exit $status
    ;;
  instead)
    [ "$command" = "${rest%% *}" ] || eval "exec \"\$REAL\" $all"
    eval "${rest#* }"
    ;;
  *)
    no_fault 'the case names none'
    ;;
esac
