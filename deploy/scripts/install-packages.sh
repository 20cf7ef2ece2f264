#!/usr/bin/env bash
# Installs the Debian 12 packages that dnnd needs. The one place that names them; the Dockerfile, deploy/demo.sh,
# tests/run.sh and .ci/run call it.
#
#   deploy/scripts/install-packages.sh [GROUP]...       root, or a user who may sudo
#   deploy/scripts/install-packages.sh --list [GROUP]... only names them, one a line
#
#   build    compile the daemon and its tools (default)
#   test     compile and run the tests, check format and lint
#   demo     what deploy/demo.sh shows its answers with
#   runtime  run a daemon that was built elsewhere
#   train    train the built-in models again (PyTorch; nothing else needs it)
#
# Does not touch apt when every package is there already.
set -euo pipefail

packages() {
  case "$1" in
    build)
      echo build-essential cmake ninja-build ccache pkg-config
      echo protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libgrpc-dev libgrpc++-dev libabsl-dev libssl-dev
      echo libdnnl-dev libonnx-dev
      echo prometheus-cpp-dev libcivetweb-dev
      echo libturbojpeg0-dev libpng-dev
      echo libsqlite3-dev libspdlog-dev nlohmann-json3-dev libcli11-dev
      ;;
    test)
      echo libgtest-dev libgmock-dev libbenchmark-dev libonnx-testdata
      echo clang-format-14 clang-tidy-14 libomp-14-dev  # clang-tidy reads omp.h from there
      echo prometheus                        # promtool checks the metrics' names and the alert rules
      echo python3 python3-venv python3-numpy python3-pil
      ;;
    demo)
      echo curl
      ;;
    runtime)
      echo ca-certificates
      echo libgrpc++1.51 libprotobuf32 libssl3
      echo libdnnl2 libgomp1 libonnx1
      echo libprometheus-cpp-core1.0 libcivetweb1
      echo libturbojpeg0 libpng16-16
      echo libsqlite3-0 libspdlog1.10
      ;;
    train)
      echo python3-torch python3-onnx python3-numpy python3-pil
      ;;
    *)
      echo "install-packages.sh: no group '$1'; want build, test, demo, runtime or train" >&2
      return 2
      ;;
  esac
}

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install-packages.sh: run it as root, or install sudo" >&2
    return 1
  fi
}

list_only=false
if [ "${1-}" = --list ]; then
  list_only=true
  shift
fi
[ $# -gt 0 ] || set -- build

wanted=()
for group in "$@"; do
  names=$(packages "$group")
  # shellcheck disable=SC2206  # names hold no blanks or wildcards
  wanted+=($names)
done
if $list_only; then
  printf '%s\n' "${wanted[@]}" | sort -u
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "packages ($*): all ${#wanted[@]} are installed"
  exit 0
fi

echo "packages ($*): installing ${missing[*]}"
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "packages ($*): done"
