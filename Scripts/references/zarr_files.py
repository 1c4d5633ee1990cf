#!/usr/bin/env python3
"""Writes small Zarr stores as they are found outside of copick projects, for the tests of tomograms in files of their own.

    python Scripts/references/zarr_files.py Tests/Data/zarr-files      # once with zarr-python 2.18, once with 3.1

Each version writes what it can. Voxel (z, y, x) is 31 z + 7 y + 3 x, shape 5 x 6 x 7, chunks 3 x 4 x 4 and smaller; spacings as the names say.
"""

import sys

import numpy as np
import zarr

folder = sys.argv[1]
z, y, x = np.ogrid[0:5, 0:6, 0:7]
k = 31 * z + 7 * y + 3 * x


def multiscales(path, scale, unit, version=None):
    axes = [{"name": n, "type": "space", **({"unit": unit} if unit else {})} for n in "zyx"]
    dataset = {"path": path, "coordinateTransformations": [{"type": "scale", "scale": [scale] * 3}]}
    return [{"axes": axes, "datasets": [dataset], "name": "tomogram", **({"version": version} if version else {})}]


if zarr.__version__.startswith("2."):
    from numcodecs import Blosc, GZip, Zstd

    def v2(name, dtype, compressor, scale, unit, path="0", **more):
        group = zarr.open_group(zarr.DirectoryStore(f"{folder}/{name}", dimension_separator="/"), mode="w")
        group.create_dataset(path, data=k.astype(dtype), chunks=(3, 4, 4), compressor=compressor, dimension_separator="/", **more)
        group.attrs["multiscales"] = multiscales(path, scale, unit, "0.4")

    v2("v2-gzip-nanometer-1.348.zarr", "<i2", GZip(1), 1.348, "nanometer")
    v2("v2-zstd-angstrom-10.zarr", ">u2", Zstd(3), 10.0, "angstrom", path="s0")
    v2("v2-blosc-no-unit-1.zarr", "<f4", Blosc("zstd", 3, Blosc.BITSHUFFLE), 1.0, None)
    zarr.save_array(f"{folder}/v2-plain.zarr", k.astype("|u1"), chunks=(5, 6, 7))
else:
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    def v3(name, dtype, scale, unit, **more):
        group = zarr.open_group(f"{folder}/{name}", mode="w", zarr_format=3)
        array = group.create_array("0", shape=k.shape, dtype=dtype, **more)
        array[:] = k.astype(dtype)
        group.attrs["ome"] = {"version": "0.5", "multiscales": multiscales("0", scale, unit)}

    v3("v3-sharded-zstd-angstrom-10.zarr", "int16", 10.0, "angstrom", chunks=(2, 3, 4), shards=(4, 6, 8), compressors=ZstdCodec(level=3, checksum=True))
    v3("v3-gzip-micrometer-0.001.zarr", "uint16", 0.001, "micrometer", chunks=(3, 4, 4), compressors=GzipCodec(level=1))
    v3("v3-blosc-angstrom-7.84.zarr", "float32", 7.84, "angstrom", chunks=(3, 4, 4), compressors=BloscCodec(cname="lz4", clevel=5, shuffle="shuffle"))
    array = zarr.create_array(f"{folder}/v3-plain.zarr", shape=k.shape, dtype="uint8", chunks=(5, 6, 7), zarr_format=3)
    array[:] = k.astype("uint8")
