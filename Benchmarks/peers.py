#!/usr/bin/env python3
"""Times one window of networks in this program and in the CPU runtimes that are installed, side by side.

    Benchmarks/peers.py MODEL [MODEL ...] [--size 96] [--threads 1,2] [--rounds 3] [--windows 7]
                        [--octopi .build/release/octopi] [--avx2] [--as-installed]

A model is an ONNX file or a folder with model.onnx. Runs whichever of onnxruntime, openvino and torch (by way of onnx2torch) can be
imported by this Python, and installs nothing.

How: in every round each runtime has its turn in a fresh process, one after the other, so that a machine whose speed drifts treats all
alike. A process loads and compiles the network and runs one window that is not counted (each runtime makes there what it has not made
before), then times --windows windows of the same noise, writing of the input and all. The table has the best and the median of all windows of all rounds, how much longer the runtime takes than octopi by either,
and the most memory that a process held (VmHWM). OpenVINO computes in float32 (INFERENCE_PRECISION_HINT f32); with --as-installed also as
it chooses by itself (bf16 where the processor has it). With --avx2 all are limited to AVX2, as far as they can be: OCTOPI_ISA=avx2,
ONEDNN_MAX_CPU_ISA=AVX2; ONNX Runtime cannot.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path


def onnxruntime_window(job):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda window: session.run(None, {name: window})


def openvino_window(job):
    import openvino

    core = openvino.Core()
    network = core.read_model(job["model"])
    network.reshape([1, 1] + [job["size"]] * 3)
    settings = {"INFERENCE_NUM_THREADS": job["threads"], "NUM_STREAMS": 1}
    if job["runtime"] == "OpenVINO fp32":
        settings["INFERENCE_PRECISION_HINT"] = "f32"
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda window: request.infer([window])


def torch_window(job):
    import onnx2torch
    import torch

    torch.set_num_threads(job["threads"])
    network = onnx2torch.convert(job["model"]).eval()

    def run(window):
        with torch.inference_mode():
            network(torch.from_numpy(window))

    return run


RUNTIMES = {
    "OpenVINO fp32": (["openvino"], openvino_window),
    "OpenVINO as installed": (["openvino"], openvino_window),
    "ONNX Runtime": (["onnxruntime"], onnxruntime_window),
    "torch": (["torch", "onnx2torch"], torch_window),
}


def peak_memory():
    """The most that this process has held, in bytes; 0 where the system does not say."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def work(job):
    """One turn of a peer, in a process of its own."""
    import numpy

    run = RUNTIMES[job["runtime"]][1](job)
    window = numpy.random.default_rng(0).standard_normal([1, 1] + [job["size"]] * 3, numpy.float32)
    times = []
    for _ in range(job["windows"] + 1):
        start = time.perf_counter()
        run(window)
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": times[1:], "memory": peak_memory()}))


def environment(threads, avx2):
    settings = dict(os.environ, OMP_NUM_THREADS=str(threads))
    if avx2:
        settings.update(OCTOPI_ISA="avx2", ONEDNN_MAX_CPU_ISA="AVX2")
    return settings


def turn(runtime, model, threads, avx2, arguments):
    """Seconds of the windows of one turn, and the most memory; None with a message if the runtime cannot run the network."""
    if runtime == "octopi":
        command = [arguments.octopi, "bench", model, "--size", str(arguments.size), "--threads", str(threads), "--rounds", str(arguments.windows), "--json"]
    else:
        job = {"runtime": runtime, "model": model, "size": arguments.size, "threads": threads, "windows": arguments.windows}
        command = [sys.executable, __file__, "--work", json.dumps(job)]
    process = subprocess.run(command, capture_output=True, text=True, env=environment(threads, avx2))
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines() or ["no message"]
        print(f"{runtime} cannot run {model}: {lines[0] if runtime == 'octopi' else lines[-1]}", file=sys.stderr)
        return None
    result = json.loads(process.stdout.strip().splitlines()[-1] if runtime != "octopi" else process.stdout)
    if runtime == "octopi":
        return result["window"]["seconds"], result["peak_memory_bytes"]
    return result["seconds"], result["memory"]


def installed(arguments):
    found = []
    for name, (modules, _) in RUNTIMES.items():
        if name == "OpenVINO as installed" and not arguments.as_installed:
            continue
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        if missing:
            print(f"{name} is left out: no {', '.join(missing)} in {sys.executable}", file=sys.stderr)
        else:
            found.append(name)
    return found


def measure(model, threads, avx2, runtimes, arguments):
    """(seconds, bytes) of each runtime over all rounds."""
    seconds = {name: [] for name in ["octopi", *runtimes]}
    memory = dict.fromkeys(seconds, 0)
    for _ in range(arguments.rounds):
        for name in list(seconds):
            result = turn(name, model, threads, avx2, arguments)
            if result is None:
                del seconds[name]
                continue
            seconds[name] += result[0]
            memory[name] = max(memory[name], result[1])
    return seconds, memory


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def path(model):
    folder = Path(model)
    return str(folder / "model.onnx" if folder.is_dir() else folder)


def rows(model, threads, avx2, runtimes, arguments):
    seconds, memory = measure(path(model), threads, avx2, runtimes, arguments)
    ours = seconds.get("octopi")
    name = Path(model).name if Path(model).is_dir() else Path(model).stem
    for runtime, times in seconds.items():
        best, median = min(times), statistics.median(times)
        ratios = "| | " if runtime == "octopi" or not ours else f"| {best / min(ours):.2f} | {median / statistics.median(ours):.2f} "
        size = f"{memory[runtime] / 2**20:.0f}" if memory[runtime] else ""
        yield f"| {name} | {threads}{', AVX2' if avx2 else ''} | {runtime} | {1e3 * best:.1f} | {1e3 * median:.1f} {ratios}| {size} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--threads", default="1,2", help="numbers with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--windows", type=int, default=7, help="timed windows of a turn, after one that is not")
    parser.add_argument("--octopi", default=".build/release/octopi")
    parser.add_argument("--avx2", action="store_true", help="all limited to AVX2")
    parser.add_argument("--as-installed", action="store_true", help="OpenVINO also with the precision of its choice")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        return work(json.loads(arguments.work))
    if not arguments.models:
        parser.error("give at least one network")
    runtimes = installed(arguments)
    print(f"{processor()}; windows of {arguments.size}^3, {arguments.rounds} interleaved rounds, in each a fresh process a runtime: one window untimed, then {arguments.windows} timed\n")
    print("| network | threads | runtime | best ms | median ms | takes longer by (best) | (median) | memory MiB |\n|---|---|---|---|---|---|---|---|", flush=True)
    for model in arguments.models:
        for threads in map(int, arguments.threads.split(",")):
            for row in rows(model, threads, arguments.avx2, runtimes, arguments):
                print(row, flush=True)


if __name__ == "__main__":
    main()
