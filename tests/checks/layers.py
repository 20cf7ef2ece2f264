#!/usr/bin/env python3
"""Checks that every #include follows an arrow of the layers. Exits 1 and names each one that does not.

usage: layers.py [ROOT]

The tables below are the law; README.md of each folder explains it. Arrows are transitive.
"""

import pathlib
import re
import sys

SOURCE_SUFFIXES = {".h", ".hpp", ".cc", ".cpp"}

# Which top-level folder may include from which.
FOLDERS = {
    "proto": {"proto"},
    "engine": {"engine"},
    "server": {"server", "engine", "proto"},
    "client": {"client", "proto"},
    "tests": {"tests", "server", "engine", "client", "proto"},
}

# Rooms of engine/. A name with a dot is that one header.
ENGINE = {
    "base": [],
    "tensor": ["base"],
    "ir": ["tensor"],
    "onednn": ["tensor"],
    "ops": ["ir", "onednn"],
    "onnx": ["ir", "ops/op_def.h"],
    "passes": ["ops"],
    "memory": ["ir"],
    "cost": ["ops"],
    "exec": ["passes", "memory", "cost"],
    "train": ["exec", "onnx"],
    "zoo": ["onnx"],
    "dnnbench": ["exec", "onnx", "train", "zoo", "engine.h"],
}

# Rooms of server/. "engine" is the whole engine; without it a room may still use engine/base, which holds what any
# C++ code here needs (status macros, clock, checked arithmetic).
SERVER = {
    "config": ["proto"],
    "telemetry": [],
    "store": ["config"],
    "repository": ["engine", "store", "telemetry"],
    "batching": ["repository"],
    "vision": ["engine"],
    "retrieval": ["repository", "vision", "engine"],
    "finetune": ["repository", "vision", "engine"],
    "handlers": ["config", "telemetry", "store", "repository", "batching", "vision", "retrieval", "finetune"],
    "security": ["config"],
    "grpc": ["handlers", "security"],
    "http": ["handlers", "security"],
    "daemon": ["grpc", "http", "retrieval", "finetune"],
}

# Rooms of client/. "proto" is all messages; a room without it is of use to any program.
CLIENT = {
    "output": ["proto"],
    "draw": [],
    "api": ["output", "proto"],
    "commands": ["api", "output", "draw", "proto"],
}

# Libraries that only some places may touch, so that each can be replaced in one room.
LIBRARIES = [
    (r"(oneapi/dnnl/|dnnl)", "oneDNN", ["engine/onednn/", "tests/engine/onednn/", "tests/bench/"]),
    (r"(grpcpp/|grpc/(?!health/v1/\w+\.pb\.h)|.*\.grpc\.pb\.h)", "gRPC", ["server/grpc/", "server/security/", "server/daemon/", "client/api/", "client/commands/", "tests/"]),
    (r"prometheus/", "prometheus-cpp", ["server/telemetry/", "server/http/", "tests/server/"]),
    (r"(civetweb\.h|CivetServer\.h)", "civetweb", ["server/http/", "tests/server/http/"]),
    (r"sqlite3\.h", "SQLite", ["server/store/", "tests/server/store/"]),
    (r"(turbojpeg|jpeglib|png)\.h", "picture decoders", ["server/vision/", "client/draw/", "tests/"]),
]

# Generated headers are included by their path inside proto/.
GENERATED = re.compile(r"(dnnd/v1|google/rpc|grpc/health/v1|inference)/\w+(\.grpc)?\.pb\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def reach(arrows, room):
    """All that `room` may include, itself among it."""
    found, todo = {room}, list(arrows.get(room, []))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += arrows.get(name, [])
    return found


def engine_fault(here, there):
    """`here` and `there` are paths inside engine/, e.g. ["ops", "conv.cc"]."""
    if len(here) < 2:
        return None  # the façade sees every room
    room, allowed = here[0], reach(ENGINE, here[0])
    if room not in ENGINE:
        return f"engine/{room} is no room of the table in tests/checks/layers.py"
    if there[0] in allowed or "/".join(there) in allowed:
        return None
    return f"engine/{room} may not include engine/{'/'.join(there)}"


def server_fault(here, folder, there):
    """`here` is a path inside server/, `there` one inside `folder`."""
    if len(here) < 2:
        return f"server/{here[0]} stands in no room"
    room, allowed = here[0], reach(SERVER, here[0])
    if room not in SERVER:
        return f"server/{room} is no room of the table in tests/checks/layers.py"
    if folder == "server":
        allowed_here = len(there) > 1 and there[0] in allowed
    else:
        allowed_here = folder in allowed or (folder == "engine" and there[0] == "base")
    return None if allowed_here else f"server/{room} may not include {folder}/{'/'.join(there)}"


def client_fault(here, folder, there):
    """As server_fault; main.cc and the program's folder see every room."""
    if len(here) < 2:
        return None
    room, allowed = here[0], reach(CLIENT, here[0])
    if room not in CLIENT:
        return f"client/{room} is no room of the table in tests/checks/layers.py"
    if (there[0] if folder == "client" else folder) in allowed:
        return None
    return f"client/{room} may not include {folder}/{'/'.join(there)}"


def folder_fault(path, target):
    here, there = path.split("/"), target.split("/")
    if there[0] not in FOLDERS:
        return None  # a library's header
    if there[0] not in FOLDERS[here[0]]:
        return f"{here[0]} may not include {there[0]}"
    if here[0] == "engine":
        return engine_fault(here[1:], there[1:])
    if here[0] == "server":
        return server_fault(here[1:], there[0], there[1:])
    if here[0] == "client":
        return client_fault(here[1:], there[0], there[1:])
    return None


def library_fault(path, target):
    for pattern, name, homes in LIBRARIES:
        if re.match(pattern, target) and not path.startswith(tuple(homes)):
            return f"only {', '.join(homes)} may include {name} ({target})"
    return None


def faults(root):
    """Yields (path, line, why) of each include under `root` that no arrow allows."""
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in SOURCE_SUFFIXES:
                continue
            path = file.relative_to(root).as_posix()
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match.group(1) or match.group(2)
                if GENERATED.fullmatch(target):
                    target = f"proto/{target}"
                why = folder_fault(path, target) or library_fault(path, target)
                if why:
                    yield path, number, why


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    found = list(faults(root))
    for path, number, why in found:
        print(f"{path}:{number}: {why}")
    print(f"layers: {len(found)} includes against the arrows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
