#!/usr/bin/env python3
"""What each network costs at least, from its graph: operations, bytes, and the time that they take at the peak of a machine.

    Benchmarks/roofline.py MODEL [MODEL ...] [--size 96] [--peak GFLOP/s] [--bandwidth GB/s] [--shapes]

    direct     every multiplication of the definitions, at the peak
    Winograd   convolutions 3x3x3 of stride 1 in whole tiles of F(4x4x6), F(4x4x4) or F(2x2x2), whichever has the fewest products (9, 8 and 3.4
               times fewer than direct); of stride 2, plain or transposed, in two phases as F(4,2) an axis: 729 for 1728; from 8 channels on both
               sides; the rest direct. Products only: the transforms come on top.
    memory     inputs, outputs and weights of convolutions and products once each, at the bandwidth

Without --peak and --bandwidth only operations and bytes. `octopi bench --json` says the peak of a machine. With --shapes: the
layers of each network as Benchmarks/Shapes/*.txt hold them. Needs onnx and numpy.
"""

import argparse
import collections
import math
from pathlib import Path

import onnx
from onnx import shape_inference

SMALLEST_CHANNELS, SMALLEST_STRIDED = 8, 4
# Outputs of a tile along z, y and x.
TILES = (4, 4, 6), (4, 4, 4), (2, 2, 2)


def load(path, size):
    """Shapes of all values for one window."""
    model = onnx.load(path, load_external_data=False)
    for value in model.graph.input:
        dims = value.type.tensor_type.shape.dim
        for axis, dim in enumerate(dims):
            if not dim.HasField("dim_value"):
                dim.ClearField("dim_param")
                dim.dim_value = 1 if axis < 2 else size
    for value in list(model.graph.output) + list(model.graph.value_info):
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    graph = shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {t.name: list(t.dims) for t in graph.initializer}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        shapes[value.name] = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
    return graph, shapes


class Layer(collections.namedtuple("Layer", "kind cin cout size kernel stride groups")):
    """One convolution: `size` is the input's, z, y, x."""

    @property
    def places(self):
        if self.kind == "transposed":
            return math.prod(self.size)
        return math.prod(-(-length // step) for length, step in zip(self.size, self.stride))

    @property
    def outputs(self):
        return self.places * (math.prod(self.stride) if self.kind == "transposed" else 1)

    @property
    def flops(self):
        return 2 * self.places * math.prod(self.kernel) * self.cin * self.cout // self.groups

    @property
    def winograd_flops(self):
        three, fits = (3, 3, 3), min(self.cin, self.cout) >= SMALLEST_CHANNELS and self.groups == 1
        if self.kernel != three or not fits:
            return self.flops
        if self.stride == (1, 1, 1):
            products = (math.prod(-(-length // m) * (m + 2) for length, m in zip(self.size, tile)) for tile in TILES)
            return min(self.flops, self.flops * min(products) / (27 * self.places))
        smallest = min(self.size) // (2 if self.kind == "conv" else 1)
        return self.flops * 729 / 1728 if self.stride == (2, 2, 2) and smallest >= SMALLEST_STRIDED else self.flops

    @property
    def bytes(self):
        return 4 * (math.prod(self.size) * self.cin + self.outputs * self.cout + math.prod(self.kernel) * self.cin * self.cout // self.groups)

    def __str__(self):
        numbers = ["x".join(map(str, axes)) for axes in (self.size, self.kernel, self.stride)]
        return f"{self.kind} {self.cin} {self.cout} {' '.join(numbers)} {self.groups}"


def attribute(node, name, default):
    for entry in node.attribute:
        if entry.name == name:
            return onnx.helper.get_attribute_value(entry)
    return default


def layers(graph, shapes):
    for node in graph.node:
        if node.op_type in ("Conv", "ConvTranspose"):
            x, w = shapes[node.input[0]], shapes[node.input[1]]
            if len(x) != 5:
                continue
            groups = attribute(node, "group", 1)
            cout = w[1] * groups if node.op_type == "ConvTranspose" else w[0]
            yield Layer(
                "transposed" if node.op_type == "ConvTranspose" else "conv", x[1], cout, tuple(x[2:]), tuple(w[2:]),
                tuple(attribute(node, "strides", [1, 1, 1])), groups)


def products(graph, shapes):
    """(flops, bytes) of matrix products."""
    for node in graph.node:
        if node.op_type in ("MatMul", "Gemm"):
            a, b, y = (shapes.get(name, []) for name in (node.input[0], node.input[1], node.output[0]))
            if a and b and y and all(y):
                inner = a[-1] if node.op_type == "MatMul" or not attribute(node, "transA", 0) else a[0]
                yield 2 * math.prod(y) * inner, 4 * (math.prod(a) + math.prod(b) + math.prod(y))


def milliseconds(amount, rate):
    return f"{1e3 * amount / (rate * 1e9):.1f}" if rate else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--peak", type=float, default=0)
    parser.add_argument("--bandwidth", type=float, default=0)
    parser.add_argument("--shapes", action="store_true")
    arguments = parser.parse_args()
    if not arguments.shapes:
        print("| network | GFLOP direct | Winograd | products of matrices | GB | direct ms | Winograd ms | memory ms |\n|---|---|---|---|---|---|---|---|")
    for model in arguments.models:
        path = Path(model) / "model.onnx" if Path(model).is_dir() else Path(model)
        graph, shapes = load(path, arguments.size)
        found, matrices = list(layers(graph, shapes)), list(products(graph, shapes))
        if arguments.shapes:
            print(f"# {Path(model).name}, window {arguments.size}^3: kind, channels in, out, size of the input, kernel, stride, groups; how often")
            for layer, count in collections.Counter(found).items():
                print(f"{layer} {count}")
            continue
        multiplied = sum(flops for flops, _ in matrices)
        direct = sum(layer.flops for layer in found) + multiplied
        winograd = sum(layer.winograd_flops for layer in found) + multiplied
        moved = sum(layer.bytes for layer in found) + sum(bytes_ for _, bytes_ in matrices)
        print(
            f"| {Path(model).name} | {direct / 1e9:.1f} | {winograd / 1e9:.1f} | {multiplied / 1e9:.1f} | {moved / 1e9:.2f} "
            f"| {milliseconds(direct, arguments.peak)} | {milliseconds(winograd, arguments.peak)} | {milliseconds(moved, arguments.bandwidth)} |")


if __name__ == "__main__":
    main()
