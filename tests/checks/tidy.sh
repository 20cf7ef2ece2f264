#!/usr/bin/env bash
# Runs clang-tidy on the product's sources (not on tests or generated code); fails when one file has a finding.
#
#   tests/checks/tidy.sh BUILD_DIR [FILE]...      BUILD_DIR holds compile_commands.json; without FILE, every source
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${1:?usage: tests/checks/tidy.sh BUILD_DIR [FILE]...}
shift
if [ $# -eq 0 ]; then
  mapfile -t files < <(find engine server client -name '*.cc' | sort)
  set -- "${files[@]}"
fi

# Files that no target compiles have no flags to read them with.
known=()
for file in "$@"; do
  if grep -qF "\"file\": \"$PWD/$file\"" "$build/compile_commands.json"; then
    known+=("$file")
  else
    echo "tidy: no target compiles $file" >&2
  fi
done

echo "tidy: ${#known[@]} files"
# A finding in a header is met by each file that includes it, and is said once.
status=0
output=$(printf '%s\0' "${known[@]}" | xargs -0 -r -n 1 -P "$(nproc)" clang-tidy-14 --quiet -p "$build" 2>&1) || status=$?
findings=$(grep -E '(error|warning): ' <<<"$output" | sort -u) || true
if [ -n "$findings" ]; then
  printf '%s\n' "${findings//"$PWD/"/}"
  echo "tidy: $(wc -l <<<"$findings") findings"
  exit 1
elif [ "$status" -ne 0 ]; then
  printf '%s\n' "$output"
  exit 1
fi
echo "tidy: no findings"
