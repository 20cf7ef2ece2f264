#!/usr/bin/env python3
"""Measures dnnd's engine beside its peers: the same ONNX files, in turn, in the same minutes on the same machine.

usage: peers.py [CASE]... [--rounds N] [--seconds S] [--threads K] [--bin DIR] [--json FILE] [--least RATIO]

A CASE is MODEL or MODEL@BATCH. MODEL is an ONNX file, an architecture of `dnnbench zoo --list`, or the name of a model
in DNND_TEST_DATA. Without a CASE: those that the project holds itself to.

Machines are shared and noisy, so a rate alone says little. Each round runs ours and then each peer (A B A B ...), every
run in a fresh process; the figure is the ratio within a round, its median and its spread over the rounds. Before that
our outputs are held against the peer's on the same inputs: a fast wrong answer is none.

Peers live in a virtual environment that is made once, in the user's cache, and never in the tree.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "dnnd-peers")
DEFAULT_CASES = ("resnet50@1", "resnet50@8", "mobilenetv2@1", "squeezenet_fp32@1", "resnet20_cifar10@1", "mnist_lenet@1")

# How near our outputs must be to the peer's: both compute in f32 and add in different orders.
RELATIVE_TOLERANCE = 1e-3
RANGE_TOLERANCE = 1e-4


def run_json(*command):
    """The JSON object that a command prints last; raises with its output when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


class Ours:
    """The engine of this tree, through dnnbench."""

    name = "dnnd"

    def __init__(self, dnnbench):
        self.dnnbench = dnnbench

    def speed(self, model, batch, threads, seconds):
        return run_json(self.dnnbench, "speed", "--model", model, "--batch", batch, "--threads", threads, "--seconds",
                        seconds, "--json")

    def agrees(self, folder):
        """Whether our outputs on FOLDER's data set are its outputs; what dnnbench said otherwise."""
        done = subprocess.run([self.dnnbench, "verify", "--rtol", str(RELATIVE_TOLERANCE), "--atol-range",
                               str(RANGE_TOLERANCE), folder], capture_output=True, text=True)
        return done.returncode == 0, (done.stdout + done.stderr).strip()

    def build_zoo_model(self, architecture, path):
        subprocess.run([self.dnnbench, "zoo", architecture, "--output", path], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class PythonPeer:
    """A peer that is a Python package: a virtual environment with it, and a script that measures one thing.

    A new peer is a subclass with these four lines, and its script with the two tasks of peer_onnxruntime.py.
    """

    name = ""
    requirements = ()
    script = ""

    def __init__(self):
        self.folder = CACHE / self.name
        self.python = self.folder / "bin/python"

    def install(self):
        """Makes the environment; one that was left half made has no mark and is made again."""
        mark = self.folder / "complete"
        wanted = "\n".join(self.requirements)
        if mark.exists() and mark.read_text() == wanted:
            return
        print(f"making {self.folder}", file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)
        # Debian's own Python: the one that its python3-venv package belongs to.
        subprocess.run(["/usr/bin/python3", "-m", "venv", self.folder], check=True)
        subprocess.run([self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        *self.requirements], check=True)
        mark.write_text(wanted)

    def speed(self, model, batch, threads, seconds):
        return run_json(self.python, HERE / self.script, "speed", model, batch, threads, seconds)

    def write_reference(self, model, batch, folder):
        run_json(self.python, HERE / self.script, "reference", model, batch, folder)


class OnnxRuntime(PythonPeer):
    name = "onnxruntime"
    requirements = ("onnxruntime", "onnx", "numpy")
    script = "peer_onnxruntime.py"


PEERS = (OnnxRuntime,)


def find_model(name, ours, work):
    """The ONNX file that a case names, built by the zoo where it names an architecture; None without its test data."""
    if name.endswith(".onnx"):
        return pathlib.Path(name).resolve()
    data = os.environ.get("DNND_TEST_DATA")
    if data and pathlib.Path(data, "models", name, "model.onnx").exists():
        return pathlib.Path(data, "models", name, "model.onnx").resolve()
    path = work / f"{name}.onnx"
    try:
        if not path.exists():
            ours.build_zoo_model(name, path)
    except subprocess.CalledProcessError:
        return None
    return path


def compare_outputs(ours, peer, model, batch, work):
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    shutil.copy(model, folder / "model.onnx")
    peer.write_reference(model, batch, folder)
    agree, said = ours.agrees(folder)
    shutil.rmtree(folder)
    return agree, said


def measure(ours, peer, model, batch, options):
    """The rounds of one case: every figure of both, and the ratio within each round."""
    rounds = []
    for _ in range(options.rounds):
        a = ours.speed(model, batch, options.threads, options.seconds)
        b = peer.speed(model, batch, options.threads, options.seconds)
        rounds.append({ours.name: a, peer.name: b, "ratio": a["images_per_second"] / b["images_per_second"]})
    return rounds


def summarise(case, model, ours, peer, rounds, agree):
    ratios = [entry["ratio"] for entry in rounds]

    def median(side, key):
        return statistics.median(entry[side][key] for entry in rounds)

    return {
        "case": case, "peer": peer.name, "outputs_agree": agree,
        "ratio": statistics.median(ratios), "ratio_least": min(ratios), "ratio_most": max(ratios),
        "images_per_second": median(ours.name, "images_per_second"),
        "peer_images_per_second": median(peer.name, "images_per_second"),
        "p50_ms": median(ours.name, "p50_ms"), "peer_p50_ms": median(peer.name, "p50_ms"),
        "model_bytes": model.stat().st_size, "peak_rss_bytes": median(ours.name, "peak_rss_bytes"),
        "peer_peak_rss_bytes": median(peer.name, "peak_rss_bytes"),
    }


def print_row(row):
    megabytes = 1e-6
    print(f"{row['case'][-24:]:24} {row['peer']:12} {row['images_per_second']:10.1f} {row['peer_images_per_second']:10.1f} "
          f"{row['ratio']:7.3f} {row['ratio_least']:.3f}-{row['ratio_most']:.3f} "
          f"{(row['peak_rss_bytes'] - row['model_bytes']) * megabytes:8.0f} "
          f"{(row['peer_peak_rss_bytes'] - row['model_bytes']) * megabytes:8.0f}  "
          f"{'agree' if row['outputs_agree'] else 'DIFFER'}", flush=True)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", default=DEFAULT_CASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one run (4)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/release/bin", help="folder of dnnbench")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--least", type=float, help="exit 1 when a median ratio is below this")
    return parser.parse_args()


def main():
    options = parse_options()
    ours = Ours(options.bin / "dnnbench")
    peers = [kind() for kind in PEERS]
    for peer in peers:
        peer.install()
    report, good = [], True
    print(f"{'case':24} {'peer':12} {'ours/s':>10} {'peer/s':>10} {'ratio':>7} {'spread':11} "
          f"{'MB over':>8} {'the file':>8}  outputs", flush=True)
    with tempfile.TemporaryDirectory(prefix="dnnd-peers-") as folder:
        work = pathlib.Path(folder)
        for case in options.cases:
            name, _, batch = case.partition("@")
            model = find_model(name, ours, work)
            if model is None:
                print(f"{case:24} skipped: no such file, architecture or model in DNND_TEST_DATA")
                continue
            for peer in peers:
                agree, said = compare_outputs(ours, peer, model, int(batch or 1), work)
                rounds = measure(ours, peer, model, int(batch or 1), options)
                row = summarise(case, model, ours, peer, rounds, agree)
                report.append({**row, "rounds": rounds})
                print_row(row)
                if not agree:
                    print(said)
                good = good and agree and (options.least is None or row["ratio"] >= options.least)
    if options.json:
        options.json.write_text(json.dumps({"threads": options.threads, "cases": report}, indent=1) + "\n")
    return 0 if good and report else 1


if __name__ == "__main__":
    sys.exit(main())
