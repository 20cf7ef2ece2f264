#!/usr/bin/env bash
# Runs every command of README.md, in order, in one shell, as a reader would. A block of commands is fenced with ```sh; one that is
# not to be run says why in a comment above it: <!-- not run by readme_test.sh: ... -->
#
#   tests/deploy/readme_test.sh BIN_DIR        BIN_DIR holds the programs, in place of build/release/bin
#
# Only those programs are on the path that deploy/demo.sh builds: the reader has no others. They must be all that
# `cmake --install` copies, where BIN_DIR is that of a build. Blocks of ```textproto must be configurations of a model.
#
# The commands themselves are not changed; daemon and client learn by variables of the free ports that are used here, and the
# addresses and folders that the text names are replaced by those.
set -euo pipefail
bin=$(realpath "${1:?usage: readme_test.sh BIN_DIR}")
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
http=127.0.0.1:$(free_port)
grpc=127.0.0.1:$(free_port)

mkdir "$work/bin" "$work/store"
programs=$(sed -n 's/.*cmake --build .* --target //p' deploy/demo.sh)
for program in $programs; do
  ln -s "$bin/$program" "$work/bin/"
done
if [ -e "$bin/../cmake_install.cmake" ]; then
  cmake --install "$bin/.." --prefix "$work/installed" >/dev/null
  diff <(ls "$work/bin") <(ls "$work/installed/bin") ||
    { echo "deploy/demo.sh does not build what is installed" >&2; exit 1; }
fi

awk -v store="$work/store" '
  /^```textproto$/ { folder = store "/example" ++n "/1"; system("mkdir -p " folder "; touch " folder "/model.onnx"); next }
  /^```/ { folder = ""; next }
  folder != "" { print >(folder "/../config.textproto") }' README.md
"$bin/dnnd" --model-store "$work/store" --state-dir "$work/state" --check-config >/dev/null
[ -n "$(ls "$work/store")" ] || { echo "README.md holds no configuration of a model" >&2; exit 1; }

# Whatever goes wrong on the way, the reader's daemon does not stay behind.
echo "trap 'kill \$(jobs -p) 2>/dev/null || true' EXIT" >"$work/commands"
awk '/^<!-- not run by readme_test.sh: .+ -->$/ { skip = 1; next }
     /^```sh$/ { run = !skip; skip = 0; next }
     /^```/ { run = 0; next }
     run { print }' README.md |
  sed -e "s#127\.0\.0\.1:8000#$http#g" -e "s#/tmp/#$work/#g" -e "s#\$PWD/build/release/bin#$work/bin#" >>"$work/commands"
[ "$(wc -l <"$work/commands")" -gt 1 ] || { echo "README.md holds no commands to run" >&2; exit 1; }

export DNND_GRPC_ADDRESS=$grpc DNND_HTTP_ADDRESS=$http DNNCTL_ADDRESS=$grpc
timeout 300 bash -euo pipefail -x "$work/commands" </dev/null
echo "README.md: every command was run"
