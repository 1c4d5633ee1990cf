#!/usr/bin/env python3
"""Compares `octopi run` with ONNX Runtime on random inputs of other sizes and of batch 2.

    Scripts/compare_onnxruntime.py MODEL [MODEL ...] [--octopi .build/release/octopi] [--seed 0] [--sizes 32,48,40x32x48]

A model is an ONNX file or a folder with model.onnx. A network with open space axes is run on each of --sizes, one with an open batch
axis also on two images; sizes that ONNX Runtime refuses too do not count. Ends with 1 if a largest difference is above 1e-3 of the largest
value (half precision: 5e-3). Needs numpy and onnxruntime; nothing is installed.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnxruntime


def shapes(session, sizes):
    """Lists of input shapes to try, one list a case."""
    inputs = session.get_inputs()
    opens = [any(not isinstance(dim, int) for dim in value.shape[2:]) for value in inputs]
    batch = any(len(value.shape) > 2 and not isinstance(value.shape[0], int) for value in inputs)
    for count in (1, 2) if batch else (1,):
        for size in sizes if any(opens) else [None]:
            if count == 1 and size is None:
                continue  # the recorded data of the model have this shape
            yield [shape(value.shape, count, size) for value in inputs]


def shape(declared, count, size):
    space = list(size or [])
    dims = []
    for axis, dim in enumerate(declared):
        if isinstance(dim, int):
            dims.append(dim)
        elif axis == 0:
            dims.append(count)
        elif axis == 1:
            dims.append(1)
        else:
            dims.append(space[axis - len(declared)])
    return dims


def octopi(program, model, feeds, folder):
    command = [program, "run", model, "--output", str(folder / "out"), "--overwrite", "--quiet", "--json"]
    for index, (name, array) in enumerate(feeds.items()):
        numpy.save(folder / f"{index}.npy", array)
        command += ["--input", f"{name}={folder / f'{index}.npy'}"]
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        raise RuntimeError(process.stderr.strip().splitlines()[0] if process.stderr.strip() else f"exit code {process.returncode}")
    return [numpy.load(output["path"]) for output in json.loads(process.stdout)["outputs"]]


def compare(program, path, sizes, seed, folder):
    """(description, relative difference or message) of each case of a model."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    half = any("float16" in value.type for value in [*session.get_inputs(), *session.get_outputs()])
    for case in shapes(session, sizes):
        random = numpy.random.default_rng(seed)
        feeds = {
            value.name: random.standard_normal(dims).astype(numpy.float16 if "float16" in value.type else numpy.float32)
            for value, dims in zip(session.get_inputs(), case)
        }
        text = ", ".join("x".join(map(str, dims)) for dims in case)
        try:
            wanted = session.run(None, feeds)
        except Exception:
            continue  # refused there too
        try:
            got = octopi(program, path, feeds, folder)
        except RuntimeError as error:
            yield text, str(error), False
            continue
        worst = 0.0
        for ours, theirs in zip(got, wanted):
            if ours.shape != theirs.shape:
                worst = float("inf")
                continue
            a, b = ours.astype(numpy.float64), theirs.astype(numpy.float64)
            worst = max(worst, numpy.abs(a - b).max() / max(numpy.abs(b).max(), 1e-30))
        yield text, f"{worst:.1e}", worst <= (5e-3 if half else 1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--octopi", default=".build/release/octopi")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sizes", default="32,48,48x32x64", help="edges, or z x y x x, with commas")
    arguments = parser.parse_args()
    sizes = [[int(n) for n in re.split("x", text)] for text in arguments.sizes.split(",")]
    sizes = [size * 3 if len(size) == 1 else size for size in sizes]
    cases = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            path = Path(model) / "model.onnx" if Path(model).is_dir() else Path(model)
            for text, result, passed in compare(arguments.octopi, str(path), sizes, arguments.seed, Path(folder)):
                cases += 1
                wrong += not passed
                print(f"{'ok   ' if passed else 'WRONG'} {Path(model).name} {text}: {result}", flush=True)
    print(f"{cases - wrong} of {cases} agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
