#!/usr/bin/env python3
"""Writes small MRC files for the tests of Sources/Octopi/Volume, with mrcfile, the reference reader and writer of the format.

    python Scripts/references/mrc_files.py Tests/Data/mrc

Voxel (z, y, x) of every file is 31 z + 7 y + 3 x - 20 (unsigned types: without the 20; float16 and float32: divided by 4). Shape 3 x 4 x 5
(z, y, x) along the *volume's* axes, 13.48 A. Needs mrcfile 1.5.
"""

import sys

import mrcfile
import numpy as np

folder = sys.argv[1]
z, y, x = np.ogrid[0:3, 0:4, 0:5]
k = 31 * z + 7 * y + 3 * x
TYPES = {"i1": k - 20, "i2": k - 20, "u2": k, "f2": (k - 20) / 4, "f4": (k - 20) / 4}


def write(name, values, extended=None, axes=(1, 2, 3)):
    # Section, row, column run along the axes that maps, mapr, mapc name.
    order = [3 - number for number in reversed(axes)]
    with mrcfile.new(f"{folder}/{name}.mrc", overwrite=True) as mrc:
        mrc.set_data(np.ascontiguousarray(values.transpose(order)))
        if extended is not None:
            mrc.set_extended_header(extended)
        header = mrc.header
        header.mapc, header.mapr, header.maps = axes
        header.mx, header.my, header.mz = 5, 4, 3
        header.cella.x, header.cella.y, header.cella.z = 5 * 13.48, 4 * 13.48, 3 * 13.48
        # mrcfile writes the time into the first label; the same bytes every time are worth more here.
        header.label[0] = b"made by Scripts/references/mrc_files.py"


for code, values in TYPES.items():
    write(f"little-{code}", values.astype("<" + code))
    if code != "i1":
        write(f"big-{code}", values.astype(">" + code))
write("extended", TYPES["i2"].astype("<i2"), extended=np.zeros(160, "V1"))
for axes in [(1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1)]:
    write("axes-" + "".join(map(str, axes)), TYPES["i2"].astype("<i2"), axes=axes)
