"""Times one window of a network in this program and in the CPU runtimes that are installed, side by side.

    python Benchmarks/peers.py MODEL_FOLDER [MODEL_FOLDER ...] [--size 96] [--threads 2] [--rounds 7] [--octopi .build/release/octopi]

A folder holds model.onnx. Runs whichever of onnxruntime and openvino can be imported, and installs nothing. Rounds are
interleaved, so that a machine whose speed drifts treats all alike; the table has the best and the median, and ratios of medians.
OpenVINO computes in float32 here (INFERENCE_PRECISION_HINT f32); with --as-installed also as it chooses by itself.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time


def octopi(arguments, model, threads):
    command = [arguments.octopi, "bench", model, "--size", str(arguments.size), "--threads", str(threads), "--rounds", "1", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["window"]["best_seconds"]


def onnxruntime_peer(model, size, threads):
    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    window = numpy.random.default_rng(0).standard_normal((1, 1, size, size, size), numpy.float32)
    return lambda: session.run(None, {name: window})


def openvino_peer(model, size, threads, as_installed=False):
    import numpy
    import openvino

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape([1, 1, size, size, size])
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
    if not as_installed:
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    window = numpy.random.default_rng(0).standard_normal((1, 1, size, size, size), numpy.float32)
    return lambda: request.infer([window])


def peers(arguments, model):
    found = {}
    makers = {
        "OpenVINO fp32": lambda: openvino_peer(model, arguments.size, arguments.threads),
        "ONNX Runtime": lambda: onnxruntime_peer(model, arguments.size, arguments.threads),
    }
    if arguments.as_installed:
        makers["OpenVINO as installed"] = lambda: openvino_peer(model, arguments.size, arguments.threads, True)
    for name, make in makers.items():
        try:
            found[name] = make()
            found[name]()  # compiled and warm
        except ImportError:
            print(f"{name} is not installed, left out")
    return found


def seconds(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--octopi", default=".build/release/octopi")
    parser.add_argument("--as-installed", action="store_true")
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {arguments.threads} threads, window {arguments.size}^3, {arguments.rounds} interleaved rounds\n")
    print("| network | runtime | best ms | median ms | octopi is faster by |\n|---|---|---|---|---|")
    for folder in arguments.folders:
        model = os.path.join(folder, "model.onnx")
        runs = peers(arguments, model)
        times = {name: [] for name in ["octopi", *runs]}
        for _ in range(arguments.rounds):
            times["octopi"].append(octopi(arguments, model, arguments.threads))
            for name, run in runs.items():
                times[name].append(seconds(run))
        ours = statistics.median(times["octopi"])
        for name, values in times.items():
            ratio = "" if name == "octopi" else f"{statistics.median(values) / ours:.2f}"
            print(f"| {os.path.basename(os.path.normpath(folder))} | {name} | {1e3 * min(values):.1f} | {1e3 * statistics.median(values):.1f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
