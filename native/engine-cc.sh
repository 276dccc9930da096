#!/bin/sh
# musl-gcc, so that for the engine's own sources a profile made in one checkout can be read in another (-fprofile-use): it knows its
# source by the path that the compiler is given, and by the name of what is made of it. $RUNT_PROFILE: the folder of profiles.
# $RUNT_TARGET: cargo's folder, which the program is not to tell; not among CFLAGS, where a blank in it would end the flag.
set -eu
[ -z "${RUNT_TARGET-}" ] || set -- "$@" "-ffile-prefix-map=$RUNT_TARGET=target"
source=
for word; do
  case $word in
    */quickjs.c | */libregexp.c | */libunicode.c | */dtoa.c) source=$word ;;
  esac
done
[ -n "$source" ] || exec musl-gcc "$@"
cd "${source%/*}"
name=${source##*/}
base=${name%.c}
[ -z "${RUNT_PROFILE-}" ] || cp "$RUNT_PROFILE/$base.gcda" "$base.gcda"
for word; do
  shift
  [ "$word" != "$source" ] || word=$name
  set -- "$@" "$word"
done
exec musl-gcc "$@" -dumpdir ./ -dumpbase "$base"
