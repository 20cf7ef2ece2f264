#!/usr/bin/env bash
# Installs the packages, builds, and runs every test. Ends with `N passed, N failed, N skipped`; exits 0 when none failed.
#
#   tests/run.sh [--preset release|asan|tsan|dev] [--filter REGEX] [--quick] [--no-packages] [--jobs N]
#
#   --preset       which preset of CMakePresets.json to build (release)
#   --filter       only tests whose CTest name matches; only their targets are built
#   --quick        leave out the tests labelled "slow"
#   --no-packages  do not look for missing packages
#   --jobs         compiler jobs at once (one a CPU)
#
# Tests with real models and pictures need DNND_TEST_DATA, a folder of test data; without it they are skipped and say so.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/.."

preset=release
filter=
quick=false
with_packages=true
jobs=$(nproc)
usage() {
  sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$self"
}
while [ $# -gt 0 ]; do
  case "$1" in
    --preset) preset=${2:?--preset wants a name} && shift ;;
    --filter) filter=${2:?--filter wants a regular expression} && shift ;;
    --jobs) jobs=${2:?--jobs wants a number} && shift ;;
    --quick) quick=true ;;
    --no-packages) with_packages=false ;;
    --help) usage && exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done

if [ -n "${DNND_TEST_DATA-}" ]; then
  DNND_TEST_DATA=$(realpath "$DNND_TEST_DATA")
  export DNND_TEST_DATA
fi
if $with_packages; then
  deploy/scripts/install-packages.sh build test demo
fi

build=build/$preset
log=$(mktemp)
cmake --preset "$preset" -DDNND_BUILD_TESTS=ON >"$log" 2>&1 || { cat "$log" && exit 1; }
rm -f "$log"

selection=()
[ -z "$filter" ] || selection+=(-R "$filter")
if $quick; then
  selection+=(-LE slow)
fi
targets=(all)
if [ -n "$filter" ]; then
  mapfile -t tests < <(ctest --test-dir "$build" -N "${selection[@]}" | sed -n 's/^ *Test *#[0-9]*: //p')
  [ ${#tests[@]} -gt 0 ] || { echo "run.sh: no test matches $filter" >&2; exit 2; }
  # A CTest name is the name of the target that builds what the test runs. Checks of the tree have none and need none.
  targets=()
  for test in "${tests[@]}"; do
    if ninja -C "$build" -t query "$test" >/dev/null 2>&1; then
      targets+=("$test")
    fi
  done
fi
[ ${#targets[@]} -eq 0 ] || cmake --build "$build" -j "$jobs" --target "${targets[@]}"

# Debian's libraries are built without sanitizers: containers that both sides touch carry no annotations.
export ASAN_OPTIONS=detect_container_overflow=0:strict_string_checks=1:detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export UBSAN_OPTIONS=print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}
export TSAN_OPTIONS=second_deadlock_stack=1${TSAN_OPTIONS:+:$TSAN_OPTIONS}

reports=$PWD/$build/reports
rm -rf "$reports"
mkdir -p "$reports/gtest"
GTEST_OUTPUT=xml:$reports/gtest/ ctest --test-dir "$build" --output-on-failure --output-junit "$reports/ctest.xml" \
  "${selection[@]}" || true
python3 tests/summary.py "$reports/ctest.xml" "$reports/gtest"
