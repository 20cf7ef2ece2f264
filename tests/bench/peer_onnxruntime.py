"""One measurement with ONNX Runtime, in a process of its own. peers.py starts it inside its virtual environment.

usage: peer_onnxruntime.py speed MODEL BATCH THREADS SECONDS      prints one JSON object
       peer_onnxruntime.py reference MODEL BATCH FOLDER           writes FOLDER/test_data_set_0/{input,output}_N.pb
"""

import json
import pathlib
import resource
import sys
import time

import numpy as np
import onnx
import onnxruntime

DATA_SEED = 1
WARM_UP_SECONDS = 0.5
WARM_UP_RUNS = 3


def open_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def make_inputs(session, batch):
    """Normal noise for every input; a free first axis takes `batch`, and no other axis may be free."""
    random = np.random.default_rng(DATA_SEED)
    inputs = {}
    for value in session.get_inputs():
        shape = [batch if i == 0 and not isinstance(size, int) else size for i, size in enumerate(value.shape)]
        if any(not isinstance(size, int) for size in shape):
            raise SystemExit(f"{value.name} has free axes beside its batch: {value.shape}")
        kind = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}.get(value.type)
        if kind is None:
            raise SystemExit(f"{value.name} is {value.type}, and this makes only floating-point inputs")
        inputs[value.name] = random.standard_normal(shape).astype(kind)
    return inputs


def speed(model, batch, threads, seconds):
    session = open_session(model, threads)
    inputs = make_inputs(session, batch)
    end = time.perf_counter() + WARM_UP_SECONDS
    runs = 0
    while runs < WARM_UP_RUNS or time.perf_counter() < end:
        session.run(None, inputs)
        runs += 1
    times = []
    started = now = time.perf_counter()
    while now - started < seconds:
        session.run(None, inputs)
        times.append(time.perf_counter() - now)
        now += times[-1]
    times.sort()
    return {
        "images_per_second": len(times) * next(iter(inputs.values())).shape[0] / (now - started),
        "p50_ms": 1e3 * times[len(times) // 2],
        "p99_ms": 1e3 * times[len(times) * 99 // 100],
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "version": onnxruntime.__version__,
    }


def reference(model, batch, folder):
    session = open_session(model, threads=1)
    inputs = make_inputs(session, batch)
    names = [value.name for value in session.get_outputs()]
    folder = pathlib.Path(folder, "test_data_set_0")
    folder.mkdir(parents=True)
    for kind, tensors in (("input", inputs), ("output", dict(zip(names, session.run(None, inputs))))):
        for i, (name, array) in enumerate(tensors.items()):
            tensor = onnx.numpy_helper.from_array(array, name)
            (folder / f"{kind}_{i}.pb").write_bytes(tensor.SerializeToString())
    return {"outputs": names}


def main():
    task, model, batch, *rest = sys.argv[1:]
    if task == "speed":
        threads, seconds = rest
        print(json.dumps(speed(model, int(batch), int(threads), float(seconds))))
    else:
        print(json.dumps(reference(model, int(batch), rest[0])))


if __name__ == "__main__":
    main()
