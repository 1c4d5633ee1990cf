#!/usr/bin/env python3
"""Resamples a small volume with torch, for the tests of tomograms that are brought to a model's voxel size.

    python Scripts/references/resample.py Tests/Data/resample.json

Finer grids: torch's trilinear interpolation (align_corners=False). Coarser ones: its antialiased linear interpolation, which
exists for two axes and is done here one axis after the other. Outputs in C order;
the input is `volume_of`.
"""

import json
import sys

import torch

def volume_of(shape):
    z, y, x = torch.meshgrid(*[torch.arange(n) for n in shape], indexing="ij")
    return ((7 * z * z + 13 * y + 5 * x * y + 31 * x * x + 3) % 61) / 4 - 5


def along(values, axis, size):
    moved = values.movedim(axis, -1)
    lines = moved.reshape(1, 1, -1, moved.shape[-1])
    lines = torch.nn.functional.interpolate(lines, size=(lines.shape[2], size), mode="bilinear", antialias=True)
    return lines.reshape(*moved.shape[:-1], size).movedim(-1, axis)


def resample(volume, ratio):
    sizes = [round(n / ratio) for n in volume.shape]
    assert all(abs(size * ratio - n) < 1e-9 for size, n in zip(sizes, volume.shape)), ratio
    if ratio < 1:
        return torch.nn.functional.interpolate(volume[None, None], size=sizes, mode="trilinear", align_corners=False)[0, 0]
    for axis, size in enumerate(sizes):
        volume = along(volume, axis, size)
    return volume


cases = []
for ratio, shape in [(0.5, (4, 5, 6)), (0.8, (4, 8, 12)), (2.0, (8, 10, 14)), (2.5, (5, 10, 15)), (1.25, (5, 10, 15))]:
    values = resample(volume_of(shape), ratio)
    cases.append({"of": shape, "ratio": ratio, "shape": list(values.shape), "values": [round(x, 5) for x in values.flatten().tolist()]})
json.dump(cases, open(sys.argv[1], "w"), separators=(",", ":"))
