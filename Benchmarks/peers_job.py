#!/usr/bin/env python3
"""Times the segmentation of a whole tomogram: this program beside MONAI's sliding window with OpenVINO as its predictor.

    Benchmarks/peers_job.py MODEL [--volume 96,192,192] [--size 96] [--threads 2] [--rounds 3] [--program PATH]

Both take the same volume size, windows (overlap 0.5, constant weights) and four orientations, and end with a label for each voxel. Both
hold the volume in memory: no files are read. In every round each has its turn, one after the other. Needs monai, torch and openvino in
this Python, installs nothing, and takes this program's part from `octopi-benchmarks job`:

    swift build -c release --package-path Benchmarks
"""

import argparse
import statistics
import subprocess
import sys
import time

ORIENTATIONS = [lambda v: v, lambda v: v.flip((-2, -1)), lambda v: v.flip((-3,)), lambda v: v.flip((-1,))]  # each is its own inverse


def predictor(model, size, threads):
    import openvino
    import torch

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape([1, 1] + [size] * 3)
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda windows: torch.from_numpy(request.infer([windows.numpy()])[0].copy())


def segment(volume, predict, size):
    from monai.inferers import sliding_window_inference

    total = 0
    for turn in ORIENTATIONS:
        total = total + turn(sliding_window_inference(turn(volume), [size] * 3, 1, predict, overlap=0.5, mode="constant"))
    return (total / len(ORIENTATIONS)).argmax(1)


def own_seconds(arguments):
    command = [arguments.program, "job", arguments.model, "--volume", arguments.volume, "--size", str(arguments.size), "--rounds", "1"]
    process = subprocess.run(command + ["--threads", str(arguments.threads)], capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(process.stderr.strip() or f"{arguments.program} failed")
    windows, _, seconds = [cell.strip() for cell in process.stdout.strip().splitlines()[-1].strip("|").split("|")][:3]
    return int(windows), float(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="an ONNX file")
    parser.add_argument("--volume", default="96,192,192", help="voxels along z, y, x")
    parser.add_argument("--size", type=int, default=96, help="edge of a window")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--program", default="Benchmarks/.build/release/octopi-benchmarks")
    arguments = parser.parse_args()

    import torch

    torch.set_num_threads(arguments.threads)
    predict = predictor(arguments.model, arguments.size, arguments.threads)
    volume = torch.randn([1, 1] + [int(n) for n in arguments.volume.split(",")], generator=torch.Generator().manual_seed(0))
    predict(torch.zeros([1, 1] + [arguments.size] * 3))

    ours, theirs, windows = [], [], 0
    with torch.inference_mode():
        for _ in range(arguments.rounds):
            windows, seconds = own_seconds(arguments)
            ours.append(seconds)
            start = time.perf_counter()
            segment(volume, predict, arguments.size)
            theirs.append(time.perf_counter() - start)
    print("| volume | windows | octopi s (best, median) | MONAI + OpenVINO fp32 s (best, median) | takes longer by (best, median) |\n|---|---|---|---|---|")
    best, median = min(theirs) / min(ours), statistics.median(theirs) / statistics.median(ours)
    print(
        f"| {arguments.volume} | {windows} | {min(ours):.2f}, {statistics.median(ours):.2f} "
        f"| {min(theirs):.2f}, {statistics.median(theirs):.2f} | {best:.2f}, {median:.2f} |"
    )


if __name__ == "__main__":
    main()
