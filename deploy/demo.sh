#!/usr/bin/env bash
# Shows the whole of it on a fresh Debian 12: installs the packages, builds, starts the daemon on the built-in models,
# asks them real questions, checks the answers, and stops it.
#
#   deploy/demo.sh [--no-packages] [--bin DIR] [--overlays DIR]
#
#   --bin         a folder of programs that were built before
#   --overlays    where pictures go with what was found drawn over them (build/demo)
#
# Exits 0 when every answer was right and the daemon ended cleanly. Takes free ports, and leaves nothing but the overlays.
set -euo pipefail
self=$(realpath "$0")
cd "$(dirname "$self")/.."

bin=
overlays=build/demo
with_packages=true
while [ $# -gt 0 ]; do
  case "$1" in
    --bin) bin=${2:?--bin wants a folder} && shift ;;
    --overlays) overlays=${2:?--overlays wants a folder} && shift ;;
    --no-packages) with_packages=false ;;
    --help) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$self" && exit 0 ;;
    *) echo "demo.sh: unknown option $1" >&2 && exit 2 ;;
  esac
  shift
done

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
  printf '$ %s\n' "$*"
  "$@"
}

if $with_packages; then
  say "1. Packages"
  deploy/scripts/install-packages.sh build demo
fi

if [ -z "$bin" ]; then
  say "2. Build"
  # A tree that tests/run.sh has configured keeps its tests; a new one does without them and their packages.
  [ -e build/release/CMakeCache.txt ] || cmake --preset release -DDNND_BUILD_TESTS=OFF >/dev/null
  # All programs: README.md's tour and `cmake --install` want them.
  cmake --build --preset release --target dnnd dnnctl dnnbench
  bin=build/release/bin
fi
PATH=$(realpath "$bin"):$PATH

work=$(mktemp -d)
daemon=
stop() {
  status=$?
  trap - EXIT
  [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
  if [ "$status" -ne 0 ] && [ -s "$work/dnnd.log" ]; then
    echo "demo.sh: failed; the daemon's last words:" >&2
    tail -n 20 "$work/dnnd.log" >&2
  fi
  rm -rf "$work"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT TERM

say "3. Start the daemon on the built-in model store"
echo '$ dnnd --model-store deploy/models/store --state-dir ...'
dnnd --model-store deploy/models/store --state-dir "$work/state" --grpc-address 127.0.0.1:0 \
  --http-address 127.0.0.1:0 --ready-file "$work/ready.json" 2>"$work/dnnd.log" &
daemon=$!
for ((tries = 0; tries < 600; tries++)); do
  [ ! -e "$work/ready.json" ] || break
  kill -0 "$daemon" 2>/dev/null || { daemon= && echo "demo.sh: the daemon ended" >&2 && exit 1; }
  sleep 0.1
done
[ -e "$work/ready.json" ] || { echo "demo.sh: the daemon is not ready after a minute" >&2; exit 1; }
address_of() { sed -E "s/.*\"$1\": *\"([^\"]*)\".*/\1/" "$work/ready.json"; }
DNNCTL_ADDRESS=$(address_of grpc_address)
export DNNCTL_ADDRESS
http=http://$(address_of http_address)
echo "ready: gRPC on $DNNCTL_ADDRESS, $http/metrics"

say "4. Ask how it is and what it serves"
run dnnctl health
run dnnctl models list

say "5. Classify pictures"
run dnnctl classify shapes --top-k 2 deploy/models/pictures/*
wrong=0
for picture in deploy/models/pictures/*; do
  want=$(basename "$picture")
  want=${want%_*}
  got=$(dnnctl --output json classify shapes --top-k 1 "$picture" | sed -E 's/.*"label": ?"([^"]*)".*/\1/')
  if [ "$got" != "$want" ]; then
    echo "wrong: $picture was taken for '$got'"
    wrong=$((wrong + 1))
  fi
done
pictures=(deploy/models/pictures/*)
echo "$((${#pictures[@]} - wrong)) of ${#pictures[@]} answers are right"
[ "$wrong" -eq 0 ]

# What is true of scene N stands in scenes/scene_N.json. Both it and a reply are JSON on one line.
scenes=deploy/models/scenes
truth_of() { sed -E "s/.*\"$2\": (\[[^]]*\]).*/\1/" "${1%.*}.json"; }
labels_in() { grep -oE '"label": ?"[^"]*"' | sed -E 's/.*"([^"]*)"$/\1/' | sort | xargs; }

say "6. Detect what is in scenes"
mkdir -p "$overlays/detect" "$overlays/segment"
run dnnctl detect shapes-detector "$scenes"/*.jpeg --save "$overlays/detect"
wrong=0
for scene in "$scenes"/*.jpeg; do
  want=$(truth_of "$scene" things | labels_in)
  got=$(dnnctl --output json detect shapes-detector "$scene" | labels_in)
  if [ "$got" != "$want" ]; then
    echo "wrong: in $scene there is $want, found was $got"
    wrong=$((wrong + 1))
  fi
done
asked=("$scenes"/*.jpeg)
echo "in $((${#asked[@]} - wrong)) of ${#asked[@]} scenes just the things were found that are there"
[ "$wrong" -eq 0 ]

say "7. Segment the same scenes"
run dnnctl segment shapes-segmenter "$scenes"/*.jpeg --save "$overlays/segment"
# The areas of what is there and of what was found, "label pixels" a line. Together they may differ by 1 in 20 of the picture:
# outlines fall between pixels, and what is small and covered is hard to tell.
true_areas() { truth_of "$1" areas | grep -oE '"label": "[^"]*", "pixels": [0-9]+' | sed -E 's/.*: "(.*)", .*: /\1 /'; }
found_areas() {
  dnnctl --output json segment shapes-segmenter "$1" |
    grep -oE '"label": ?"[^"]*", ?"score": ?[^}]*\}, ?"pixels": ?"[0-9]+"' | sed -E 's/"label": ?"([^"]*)".*"([0-9]+)"$/\1 \2/'
}
wrong=0
for scene in "$scenes"/*.jpeg; do
  awk -v scene="$scene" '
    NR == FNR { want[$1] = $2; picture += $2; seen[$1]; next }
    { got[$1] = $2; seen[$1] }
    END {
      for (label in seen) {
        off += want[label] > got[label] ? want[label] - got[label] : got[label] - want[label]
      }
      printf "%s: areas differ by %.1f %% of the picture\n", scene, 100 * off / picture
      exit off > picture / 20
    }' <(true_areas "$scene") <(found_areas "$scene") || wrong=$((wrong + 1))
done
echo "in $((${#asked[@]} - wrong)) of ${#asked[@]} scenes everything covers as much as it should"
[ "$wrong" -eq 0 ]

say "8. Ask several models at once, and about the frames of a stream"
mkdir -p "$overlays/perceive"
run dnnctl perceive shapes-detector,shapes-segmenter "$scenes/scene_0.jpeg" --save "$overlays/perceive"
run dnnctl perceive shapes-detector "$scenes"/*.jpeg --fps 30
echo "look at $overlays/detect, $overlays/segment and $overlays/perceive"

say "9. What Prometheus would see"
echo "\$ curl $http/metrics"
curl -fsS "$http/metrics" >"$work/metrics"
grep -E "^dnnd_(requests_total|batch_size_(sum|count)|model_state)" "$work/metrics" | grep -v " 0$"
for model in shapes shapes-detector shapes-segmenter; do
  grep -q "^dnnd_requests_total{.*model=\"$model\"" "$work/metrics"
done

say "10. Stop"
echo '$ kill -TERM (the daemon)'
kill -TERM "$daemon"
code=0
wait "$daemon" || code=$?
daemon=
[ "$code" -eq 0 ] || { echo "demo.sh: the daemon ended with exit code $code" >&2; exit 1; }
echo "the daemon finished what it had admitted and ended cleanly"
