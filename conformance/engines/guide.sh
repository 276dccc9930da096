# The guides of docs/ are what the tests run: their blocks, found by the name behind the language. Sourced, with GUIDES set to
# the folder.
# shellcheck shell=sh

# guide GUIDE NAME: the block of docs/GUIDE.md whose first line ends with NAME, as in "```sh NAME". Fails if there is none.
guide() {
  awk -v name="$2" '/^```/ && inside { exit } inside { print; lines++ } $0 ~ /^```[a-z]+ / && substr($0, index($0, " ") + 1) == name { inside = 1 }
    END { exit !lines }' "$GUIDES/$1.md"
}

# guide_file GUIDE PATH: writes that block, named by the file's path, into it.
guide_file() {
  mkdir -p "$(dirname "$2")"
  guide "$1" "$2" > "$2" || { echo "docs/$1.md has no block $2" >&2; exit 1; }
}

# guide_steps GUIDE NAME: runs the commands of that block, as one shell would.
guide_steps() {
  guide "$1" "$2" > /tmp/steps || { echo "docs/$1.md has no block $2" >&2; return 1; }
  sh -e /tmp/steps
}
