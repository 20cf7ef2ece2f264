#!/usr/bin/env bash
# Fails, naming file and line, where a C++ or proto source is not as clang-format writes it. Mends with --fix.
set -euo pipefail
cd "$(dirname "$0")/../.."

action=(--dry-run --Werror)
[ "${1-}" = --fix ] && action=(-i)
find engine server client tests \( -name '*.h' -o -name '*.cc' \) -print0 | xargs -0 -r clang-format-14 "${action[@]}"
echo "format: clean"
