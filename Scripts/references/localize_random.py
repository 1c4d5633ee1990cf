#!/usr/bin/env python3
"""Writes random label volumes and the picks that octopi makes of them, for the tests of Sources/Octopi/Localize.

    python Scripts/references/localize_random.py Tests/Data/localize/random.json.gz

Labels are written as runs, value and count by turns, in C order; picks as [z, y, x] in voxels with all digits. The volumes are small but
full of ties: balls of one or two radii that touch, cubes, smoothed noise, thin slices. Needs octopi 1.7.0 with scipy and scikit-image 0.25
or newer; the picks are those of `octopi.extract.localize.extract_coordinates`.
"""

import contextlib
import gzip
import io
import json
import sys

import numpy as np
from octopi.extract.localize import extract_coordinates
from scipy.ndimage import gaussian_filter

CASES = 96


def grid(shape):
    return np.ogrid[tuple(slice(0, s) for s in shape)]


def balls(rng):
    volume = np.zeros(rng.integers(14, 34, 3), np.uint8)
    radii = rng.integers(2, 6, rng.integers(1, 3))
    for _ in range(rng.integers(4, 24)):
        centre, radius = [rng.integers(0, s) for s in volume.shape], rng.choice(radii)
        volume[sum((g - c) ** 2 for g, c in zip(grid(volume.shape), centre)) <= radius**2] = 1
    return volume


def cubes(rng):
    volume = np.zeros(rng.integers(8, 28, 3), np.uint8)
    for _ in range(rng.integers(2, 12)):
        centre, half = [rng.integers(0, s) for s in volume.shape], rng.integers(1, 5, 3)
        volume[tuple(slice(max(0, c - h), c + h + 1) for c, h in zip(centre, half))] = 1
    return volume


def blobs(rng):
    field = gaussian_filter(rng.standard_normal(rng.integers(8, 24, 3)), rng.uniform(0.8, 2.5))
    return (field > np.quantile(field, rng.uniform(0.3, 0.9))).astype(np.uint8)


def slices(rng):
    return (rng.random(rng.integers(1, 12, 3)) < rng.uniform(0.6, 1)).astype(np.uint8)


def runs(values):
    ends = np.flatnonzero(np.diff(values)) + 1
    starts = np.concatenate(([0], ends))
    counts = np.diff(np.concatenate((starts, [len(values)])))
    return np.stack((values[starts], counts), 1).ravel().tolist()


def picks(volume, case, method):
    with contextlib.redirect_stdout(io.StringIO()):
        points = extract_coordinates(
            volume, case["min_radius"], case["max_radius"], case["label"], method, case["filter_size"]
        )
    return [[float(c) for c in point] for point in points]


def main(path):
    rng = np.random.default_rng(20260)
    cases = []
    for index in range(CASES):
        kind = (balls, balls, blobs, cubes, balls, slices)[index % 6]
        volume = kind(rng)
        if rng.random() < 0.5:
            volume[rng.random(volume.shape) < 0.01] = 2
        case = {
            "name": f"{kind.__name__} {index}",
            "shape": list(volume.shape),
            "labels": runs(volume.ravel().astype(int)),
            "label": int(rng.choice([1, 1, 1, 1, 2])),
            "min_radius": float(rng.choice([0, 0, 0.5, 1, 2, 3.5])),
            "max_radius": float(rng.choice([4, 10, 100])),
            "filter_size": int(rng.choice([1, 2, 3, 4, 5, 7, 10, 10, 10, 13, 64])),
        }
        case["watershed"], case["com"] = picks(volume, case, "watershed"), picks(volume, case, "com")
        cases.append(case)
    text = json.dumps({"cases": cases}, separators=(",", ":"))
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(text.encode())
    print(f"{CASES} volumes, {sum(len(c['watershed']) + len(c['com']) for c in cases)} picks, {len(text)} bytes of JSON")


if __name__ == "__main__":
    main(sys.argv[1])
