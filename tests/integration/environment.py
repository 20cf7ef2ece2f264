"""The Python of the tests: a virtual environment with gRPC, ONNX Runtime and Pillow, made once under build/."""

import contextlib
import fcntl
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
FOLDER = BUILD / "venv"
REQUIREMENTS = ("grpcio", "grpcio-tools", "grpcio-reflection", "grpcio-health-checking", "grpcio-status",
                "googleapis-common-protos", "numpy", "onnx", "onnxruntime", "pillow")
# What ctest takes as "skipped"; see SKIP_RETURN_CODE.
SKIPPED = 77


@contextlib.contextmanager
def _alone():
    """Two test runs at once do not make it together."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout.strip().splitlines()[-1:]}")


def python():
    """Its interpreter. Ends the process as skipped when the packages cannot be had."""
    wanted = "\n".join(REQUIREMENTS)
    stamp = FOLDER / "requirements"
    with _alone():
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(FOLDER, ignore_errors=True)
            try:
                _run("/usr/bin/python3", "-m", "venv", FOLDER)
                _run(FOLDER / "bin/python", "-m", "pip", "install", "--quiet", *REQUIREMENTS)
            except RuntimeError as error:
                print(f"skipped: cannot install {' '.join(REQUIREMENTS)}: {error}")
                sys.exit(SKIPPED)
            stamp.write_text(wanted)
    return FOLDER / "bin/python"


def grpcurl():
    """The path of grpcurl, built once from the Go module proxy; None with the reason when it cannot be had."""
    program = BUILD / "go/bin/grpcurl"
    with _alone():
        if program.exists():
            return program, ""
        go = shutil.which("go")
        if go is None:
            return None, "no go to build grpcurl with"
        try:
            _run("env", f"GOBIN={program.parent}", go, "install",
                 "github.com/fullstorydev/grpcurl/cmd/grpcurl@latest")
        except RuntimeError as error:
            return None, f"cannot build grpcurl: {error}"
    return program, ""
