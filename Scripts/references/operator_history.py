"""Makes Tests/Data/opsets: what every definition of every operator gives, from the first opset to the newest.

    python Scripts/references/operator_history.py Tests/Data/opsets

For each version V of ONNX at which an operator was (re)defined, FOLDER/V holds two files:

    model.onnx   all operators whose definition begins at V, several variants of each, in a model of opset V
    data.onnx    a model without nodes: its outputs are constants, the inputs and the expected outputs by their names

An output is called `Operator.variant`. Expected values come from ONNX Runtime where it has the definition. Else from ONNX
Runtime on a newer definition that means the same (the variant's `means`); before opset 7, from ONNX Runtime on the model as ONNX's version
converter translates it; from opset 7 on, from ONNX's reference evaluator. The producer's name in data.onnx counts them. Needs onnx 1.23, onnxruntime 1.32 and numpy.
"""

import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper, version_converter
from onnx.reference import ReferenceEvaluator

random = np.random.default_rng(20)


def floats(*shape):
    return random.normal(size=shape).round(2).astype(np.float32)


def ints(*values, dtype=np.int64):
    return np.array(values, dtype)


# Inputs that variants share; an array in a variant is an initialiser of the model instead.
INPUTS = {
    "x": floats(2, 3, 4), "y": floats(2, 3, 4), "row": floats(4), "column": floats(3, 1), "positive": np.abs(floats(2, 3, 4)) + np.float32(0.5),
    "unit": (random.uniform(-0.9, 0.9, (2, 3, 4)).round(2)).astype(np.float32),
    "i": random.integers(-9, 9, (2, 3, 4)), "j": random.integers(1, 5, (2, 3, 4)), "b": random.random((2, 3, 4)) < 0.5,
    "c": random.random((2, 3, 4)) < 0.5,
    "image": floats(1, 2, 5, 6), "volume": floats(1, 2, 4, 5, 4), "wide": floats(1, 4, 2, 3), "square": floats(4, 4),
    "odd": np.array([[0.0, -0.0, 1.5, -2.5], [np.inf, -np.inf, np.nan, 3e38]], np.float32), "ties": floats(3, 4).round(0),
}
ENDLESS = 99

VARIANTS = []


@dataclass
class Variant:
    """A node as it is written from opset `since` to `until`; `means`: opset, inputs and attributes of a newer definition that gives the same."""

    operator: str
    name: str
    inputs: list
    attributes: dict
    since: int
    until: int
    outputs: int
    means: tuple | None

    def label(self, index=0):
        return f"{self.operator}.{self.name}" + (f".{index}" if index else "")

    def newer(self):
        opset, inputs, attributes = self.means
        return opset, replace(self, inputs=inputs or self.inputs, attributes=attributes)


def add(operator, variant, inputs, attributes=None, since=1, until=ENDLESS, outputs=1, means=None):
    inputs = inputs if isinstance(inputs, list) else [inputs]
    VARIANTS.append(Variant(operator, variant, inputs, attributes or {}, since, until, outputs, means))


def activations():
    for name in ("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSwish", "Mish", "Erf"):
        add(name, "plain", "x")
    for name, attributes in (
        ("Elu", {"alpha": 0.7}), ("Celu", {"alpha": 0.7}), ("LeakyRelu", {"alpha": 0.3}), ("ThresholdedRelu", {"alpha": 0.3}),
        ("HardSigmoid", {"alpha": 0.3, "beta": 0.4}), ("Selu", {"alpha": 1.5, "gamma": 1.2}), ("Swish", {"alpha": 1.5}),
        ("Shrink", {"lambd": 0.6, "bias": 0.1}),
    ):  # fmt: skip
        add(name, "default", "x", since=6 if name == "Selu" else 1)
        add(name, "given", "x", attributes)
    add("Selu", "default", "x", until=5, means=(6, None, {"alpha": 1.6732, "gamma": 1.0507}))
    add("Gelu", "exact", "x")
    add("Gelu", "tanh", "x", {"approximate": "tanh"})
    slope = floats(3)
    add("PRelu", "channels", ["x", slope], until=6, means=(7, ["x", slope.reshape(3, 1)], {}))
    add("PRelu", "one", ["x", floats(1)])
    add("PRelu", "broadcast", ["x", floats(3, 1)], since=7)
    add("PRelu", "last", ["x", floats(4)], since=7)
    add("Clip", "none", "x")
    add("Clip", "both", "x", {"min": -0.3, "max": 0.4}, until=10)
    add("Clip", "low", "x", {"min": -0.3}, until=10)
    add("Clip", "high", "x", {"max": 0.4}, until=10)
    low, high = np.float32(-0.3), np.float32(0.4)
    add("Clip", "both", ["x", low, high], since=11)
    add("Clip", "low", ["x", low], since=11)
    add("Clip", "high", ["x", "", high], since=11)
    add("Clip", "integers", ["i", np.int64(-3), np.int64(4)], since=12)


def add_along(value, operator, variant, operand, axis):
    """Broadcasting before opset 7: the second operand's axes are the first's from `axis` on."""
    shape = operand.shape + (1,) * (INPUTS[value].ndim - axis - operand.ndim)
    attributes = {"broadcast": 1, "axis": axis}
    add(operator, variant, [value, operand], attributes, until=6, means=(7, [value, operand.reshape(shape)], {}))


def elementwise():
    for name in ("Abs", "Ceil", "Cos", "Exp", "Floor", "Neg", "Sign", "Sin", "Atan", "Asinh", "Cosh", "Sinh", "Tan", "Round"):
        add(name, "plain", "x")
    for name in ("Log", "Reciprocal", "Sqrt"):
        add(name, "plain", "positive")
    for name in ("Acos", "Asin", "Atanh"):
        add(name, "plain", "unit")
    add("Acosh", "plain", [np.abs(floats(5)) + np.float32(1)])
    add("Not", "plain", "b")
    for name in ("Add", "Sub", "Mul", "Div"):
        add(name, "same", ["x", "positive"])
        add(name, "last", ["x", "row"], {"broadcast": 1}, until=6)
        add_along("x", name, "axis", floats(3) + np.float32(3), 1)
        add_along("x", name, "first axes", floats(2, 3) + np.float32(3), 0)
        add(name, "scalar", ["x", np.float32([2.5])], {"broadcast": 1}, until=6)
        add(name, "left", ["row", "positive"], since=7)
        add(name, "both", [floats(2, 1, 1), "column"], since=7)
        add(name, "integers", ["i", "j"], since=7)
    add("Pow", "same", ["positive", "x"])
    add("Pow", "last", ["positive", "row"], {"broadcast": 1}, until=6)
    add_along("positive", "Pow", "axis", floats(3), 1)
    add("Pow", "left", [np.float32([2, 3, 4, 5]), "x"], since=7)
    add("Pow", "integer exponent", ["x", "j"], since=12)
    add("Pow", "integer base", ["j", np.float32([1.5])], since=12)
    for name in ("And", "Or", "Xor"):
        add(name, "same", ["b", "c"], means=(7, None, {}))
        add_along("b", name, "axis", random.random(3) < 0.5, 1)
        add(name, "left", [np.array([[True], [False], [True]]), "b"], since=7)
    add("Equal", "integers", ["i", ints(*range(-2, 2))], {"broadcast": 1}, until=6, means=(7, None, {}))
    add("Equal", "integers", ["i", ints(*range(-2, 2))], since=7)
    add("Equal", "bool", ["b", "c"], means=(7, None, {}))
    add("Equal", "floats", ["ties", floats(3, 4).round(0)], since=11)
    for name in ("Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
        add_along("x", name, "axis", floats(3), 1)
        add(name, "left", ["row", "x"], since=7)
        add(name, "integers", ["i", "j"], since=9)
    for name in ("Max", "Min", "Mean", "Sum"):
        add(name, "three", ["x", "y", "positive"])
        add(name, "one", ["x"])
        add(name, "broadcast", ["x", "row", "column"], since=8)
    for name in ("Max", "Min"):
        add(name, "integers", ["i", "j"], since=12)
    add("Mod", "integers", ["i", "j"])
    add("Mod", "fmod", ["x", "positive"], {"fmod": 1})
    add("Mod", "floats", ["x", "positive"], since=28)
    add("Where", "broadcast", ["b", "x", "row"])
    add("IsNaN", "odd", ["odd"])
    add("IsInf", "odd", ["odd"])
    add("IsInf", "negative", ["odd"], {"detect_positive": 0})
    for target, code in (("FLOAT16", 10), ("INT32", 6), ("INT64", 7), ("BOOL", 9), ("DOUBLE", 11)):
        add("Cast", target.lower(), "x", {"to": target}, until=5, means=(9, None, {"to": code}))
        add("Cast", target.lower(), "x", {"to": code}, since=6)
        add("CastLike", target.lower(), ["x", np.zeros(1, helper.tensor_dtype_to_np_dtype(code))])
    add("Cast", "integers to floats", "i", {"to": "FLOAT"}, until=5, means=(9, None, {"to": 1}))
    add("Cast", "integers to floats", "i", {"to": 1}, since=6)
    add("Cast", "saturate", "x", {"to": 6, "saturate": 0}, since=19)


def normalisations():
    for name in ("Softmax", "LogSoftmax", "Hardmax"):
        add(name, "default", "x")
        add(name, "axis 1", "x", {"axis": 1})
        add(name, "axis 2", "x", {"axis": 2})
        add(name, "axis 0", "x", {"axis": 0})
        add(name, "channels of a volume", "volume", {"axis": 1})
        add(name, "axis -1", "x", {"axis": -1}, since=11)
        add(name, "axis -2", "x", {"axis": -2}, since=11)
    parameters = [floats(2), floats(2), floats(2), np.abs(floats(2)) + np.float32(0.5)]
    old = {"is_test": 1}
    add("BatchNormalization", "running", ["volume", *parameters], {**old, "consumed_inputs": [0, 0, 0, 1, 1]}, until=1)
    add("BatchNormalization", "running", ["volume", *parameters], {**old, "epsilon": 0.01}, since=6, until=6)
    add("BatchNormalization", "running", ["volume", *parameters], {"epsilon": 0.01}, since=7)
    add("BatchNormalization", "momentum", ["volume", *parameters], {"momentum": 0.5}, since=7)
    voxels = [floats(2, 5, 6), floats(2, 5, 6), floats(2, 5, 6), np.abs(floats(2, 5, 6)) + np.float32(0.5)]
    add("BatchNormalization", "per voxel", ["image", *voxels], {"spatial": 0, **old, "consumed_inputs": [0, 0, 0, 1, 1]}, until=1)
    add("BatchNormalization", "per voxel", ["image", *voxels], {"spatial": 0, **old}, since=6, until=6)
    add("BatchNormalization", "per voxel", ["image", *voxels], {"spatial": 0}, since=7, until=8)
    add("BatchNormalization", "per channel", ["image", *parameters], {"spatial": 1}, since=7, until=8)
    add("BatchNormalization", "training", ["volume", *parameters], {"training_mode": 1, "momentum": 0.8}, since=14, outputs=3)
    add("GroupNormalization", "two groups", ["wide", floats(2), floats(2)], {"num_groups": 2}, since=18, until=20)
    add("GroupNormalization", "two groups", ["wide", floats(4), floats(4)], {"num_groups": 2, "epsilon": 0.1}, since=21)
    add("InstanceNormalization", "default", ["volume", floats(2), floats(2)], {"consumed_inputs": [0, 0, 0]}, until=1)
    add("InstanceNormalization", "default", ["volume", floats(2), floats(2)], since=6)
    add("InstanceNormalization", "epsilon", ["volume", floats(2), floats(2)], {"epsilon": 0.2})
    add("LRN", "default", ["wide"], {"size": 3})
    add("LRN", "given", ["wide"], {"size": 5, "alpha": 0.3, "beta": 0.5, "bias": 1.5})
    add("LayerNormalization", "default", ["x", floats(4), floats(4)], outputs=3)
    add("LayerNormalization", "axis 1", ["x", floats(3, 4)], {"axis": 1, "epsilon": 0.1})
    add("RMSNormalization", "default", ["x", floats(4)])
    add("RMSNormalization", "axis 1", ["x", floats(3, 4)], {"axis": 1, "epsilon": 0.1})
    for variant, attributes in (("default", {}), ("p 1", {"p": 1}), ("axis 1", {"axis": 1})):
        add("LpNormalization", variant, "x", attributes)
    add("MeanVarianceNormalization", "default", "image")
    add("MeanVarianceNormalization", "axes", "image", {"axes": [1, 2]})


def poolings():
    square = {"kernel_shape": [3, 3]}
    for name in ("AveragePool", "MaxPool", "LpPool"):
        for variant, value, attributes in (
            ("valid", "image", {**square, "auto_pad": "VALID"}),
            ("strides", "image", {**square, "strides": [2, 2], "pads": [1, 0, 1, 1]}),
            ("same upper", "image", {**square, "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
            ("same lower", "image", {**square, "strides": [2, 2], "auto_pad": "SAME_LOWER"}),
            ("volume", "volume", {"kernel_shape": [2, 3, 2], "strides": [2, 1, 2], "pads": [0, 1, 1, 0, 1, 0]}),
        ):  # fmt: skip
            add(name, variant, value, attributes, means=(2, None, attributes) if name == "LpPool" else None)
    for name in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        add(name, "image", "image", means=(2, None, {}))
        add(name, "volume", "volume", means=(2, None, {}))
    add("GlobalLpPool", "p 1", "image", {"p": 1.0}, until=1, means=(2, None, {"p": 1}))
    add("GlobalLpPool", "p 1", "image", {"p": 1}, since=2, means=(2, None, {"p": 1}))
    add("LpPool", "p 1", "image", {**square, "p": 1.0}, until=1, means=(2, None, {**square, "p": 1}))
    add("LpPool", "p 3", "image", {**square, "p": 3}, since=2)
    padded = {**square, "strides": [2, 2], "pads": [1, 1, 1, 1]}
    ceil = {"kernel_shape": [2, 2], "strides": [3, 3], "ceil_mode": 1}
    add("AveragePool", "counts padding", "image", {**padded, "count_include_pad": 1}, since=7)
    add("AveragePool", "counts no padding", "image", padded, since=7)
    add("AveragePool", "ceil", "image", ceil, since=10)
    add("AveragePool", "ceil, counts padding", "image", {**padded, "ceil_mode": 1, "count_include_pad": 1}, since=10)
    add("AveragePool", "ceil, counts no padding", "image", {**padded, "ceil_mode": 1}, since=10)
    add("AveragePool", "dilations", "image", {"kernel_shape": [2, 2], "dilations": [2, 3]}, since=19)
    add("MaxPool", "indices", "image", padded, since=8, outputs=2)
    add("MaxPool", "indices by columns", "image", {**padded, "storage_order": 1}, since=8, outputs=2)
    add("MaxPool", "ceil", "image", {**padded, "ceil_mode": 1}, since=10)
    add("MaxPool", "dilations", "image", {"kernel_shape": [2, 2], "dilations": [2, 3]}, since=10)
    add("MaxPool", "bytes", [random.integers(-99, 99, (1, 1, 4, 4)).astype(np.int8)], {"kernel_shape": [2, 2]}, since=12)
    add("LpPool", "ceil", "image", {**padded, "ceil_mode": 1}, since=18)
    add("LpPool", "dilations", "image", {"kernel_shape": [2, 2], "dilations": [2, 3]}, since=18)


def products():
    a, b = floats(3, 4), floats(4, 2)
    for variant, attributes, c, since, until in (
        ("same", {"alpha": 0.5, "beta": 2.0}, floats(3, 2), 1, ENDLESS), ("broadcast", {"broadcast": 1}, floats(2), 1, 6),
        ("row", {}, floats(2), 7, ENDLESS), ("column", {}, floats(3, 1), 7, ENDLESS), ("scalar", {}, np.float32(3), 7, ENDLESS),
    ):  # fmt: skip
        add("Gemm", variant, ["ties", b, c], attributes, since, until)
    add("Gemm", "transposed", [a.T.copy(), b.T.copy(), floats(3, 2)], {"transA": 1, "transB": 1})
    add("Gemm", "no addend", ["ties", b], since=11)
    add("Gemm", "integers", [ints(1, 2, 3, 4, dtype=np.int32).reshape(2, 2), ints(5, 6, 7, 8, dtype=np.int32).reshape(2, 2),
                             ints(1, 1, dtype=np.int32)], since=9, until=12)  # fmt: skip
    add("MatMul", "batches", ["x", floats(2, 4, 3)])
    add("MatMul", "vector", ["x", "row"])
    add("Einsum", "products", ["x", floats(4, 5)], {"equation": "bij,jk->bik"})
    add("Einsum", "ellipsis", ["x", "y"], {"equation": "...i,...i"})
    heads = [floats(1, 2, 3, 4), floats(1, 2, 5, 4), floats(1, 2, 5, 4)]
    add("Attention", "heads", heads)
    add("Attention", "causal", heads, {"is_causal": 1})
    add("Attention", "mask and scale", [*heads, floats(3, 5)], {"scale": 0.3})
    add("Attention", "packed heads", [floats(1, 3, 8), floats(1, 5, 8), floats(1, 5, 8)], {"q_num_heads": 2, "kv_num_heads": 2})
    add("Attention", "window", heads, {"left_window_size": 1, "right_window_size": 1}, since=25)
    for name in ("Conv", "ConvTranspose"):
        add(name, "padded", ["image", floats(2, 2, 3, 3), floats(2)], {"pads": [1, 0, 0, 1], "strides": [2, 1]})
        add(name, "same", ["image", floats(2, 2, 3, 3)], {"auto_pad": "SAME_UPPER", "strides": [2, 2]})
        add(name, "groups", ["volume", floats(2, 1, 2, 2, 2)], {"group": 2, "dilations": [1, 2, 1]})
    add("ConvTranspose", "shape", ["image", floats(2, 1, 3, 3)], {"strides": [2, 2], "output_shape": [10, 12]})


def reductions():
    for name in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"):
        name, value = "Reduce" + name, "positive" if name == "LogSum" else "x"
        asInput = 13 if name == "ReduceSum" else 18
        add(name, "all", value)
        add(name, "axes", value, {"axes": [0, 2]}, until=asInput - 1)
        add(name, "dropped", value, {"axes": [1], "keepdims": 0}, until=asInput - 1)
        add(name, "negative", value, {"axes": [-1]}, since=11, until=asInput - 1)
        add(name, "axes", [value, ints(0, 2)], since=asInput)
        add(name, "dropped", [value, ints(-2)], {"keepdims": 0}, since=asInput)
        add(name, "no axes", [value, ints()], since=asInput)
        if name not in ("ReduceL1", "ReduceL2", "ReduceSumSquare"):  # their meaning without axes is disputed
            add(name, "nothing", [value, ints()], {"noop_with_empty_axes": 1}, since=asInput)
    for name in ("ReduceMax", "ReduceMin"):
        add(name, "bool", ["b", ints(1)], since=20)
    for name in ("ArgMax", "ArgMin"):
        add(name, "default", "ties")
        add(name, "axis 1", "ties", {"axis": 1, "keepdims": 0})
        add(name, "negative", "ties", {"axis": -1}, since=11)
        add(name, "last", "ties", {"axis": 1, "select_last_index": 1}, since=12)


def resizing():
    for mode, new in (("nearest", "nearest"), ("bilinear", "linear")):
        means = (7, None, {"mode": new, "scales": [1.0, 1.0, 2.0, 3.0]})
        add("Upsample", mode, "image", {"mode": mode, "height_scale": 2.0, "width_scale": 3.0}, until=1, means=means)
    for mode in ("nearest", "linear"):
        add("Upsample", mode, "image", {"mode": mode, "scales": [1.0, 1.0, 2.0, 1.5]}, since=7, until=8)
        add("Upsample", mode, ["image", np.float32([1, 1, 2, 1.5])], {"mode": mode}, since=9, until=9)
        add("Resize", mode, ["image", np.float32([1, 1, 2, 1.5])], {"mode": mode}, until=10)
        add("Resize", mode + " down", ["image", np.float32([1, 1, 0.6, 0.5])], {"mode": mode}, until=10)
    add("Upsample", "volume", ["volume", np.float32([1, 1, 2, 2, 2])], {"mode": "nearest"}, since=9, until=9)
    up, down, none = np.float32([1, 1, 2, 1.5]), np.float32([1, 1, 0.6, 0.5]), np.float32([])
    sizes = ints(1, 2, 7, 4)
    for mode in ("nearest", "linear", "cubic"):
        for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"):
            since, until = {"half_pixel_symmetric": (19, ENDLESS)}.get(coordinates, (11, ENDLESS))
            attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
            add("Resize", f"{mode} {coordinates}", ["image", none, up], attributes, since, until)
            add("Resize", f"{mode} {coordinates} down", ["image", none, down], attributes, since, until)
    half = {"mode": "nearest", "coordinate_transformation_mode": "tf_half_pixel_for_nn"}
    add("Resize", "nearest tf_half_pixel_for_nn", ["image", none, up], half, since=11, until=12)
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        add("Resize", rounding, ["image", none, up], {"mode": "nearest", "nearest_mode": rounding}, since=11)
    for mode in ("nearest", "linear"):
        add("Resize", f"{mode} sizes", ["image", none, none, sizes], {"mode": mode}, since=11, until=12)
        add("Resize", f"{mode} sizes", ["image", "", "", sizes], {"mode": mode}, since=13)
        add("Resize", f"{mode} volume", ["volume", "", np.float32([1, 1, 2, 0.5, 1.5])], {"mode": mode}, since=13)
        add("Resize", f"{mode} axes", ["image", "", np.float32([1.5, 2])], {"mode": mode, "axes": [3, 2]}, since=18)
        for policy in ("stretch", "not_larger", "not_smaller"):
            attributes = {"mode": mode, "axes": [2, 3], "keep_aspect_ratio_policy": policy}
            add("Resize", f"{mode} {policy}", ["image", "", "", ints(8, 7)], attributes, since=18)
    add("Resize", "cubic sharper", ["image", none, up], {"mode": "cubic", "cubic_coeff_a": -0.5}, since=11)
    add("Resize", "cubic inside", ["image", none, down], {"mode": "cubic", "exclude_outside": 1}, since=11)
    for mode in ("linear", "cubic"):
        add("Resize", f"{mode} antialias", ["image", "", down], {"mode": mode, "antialias": 1}, since=18)
    crop = {"mode": "linear", "coordinate_transformation_mode": "tf_crop_and_resize", "extrapolation_value": 7.0}
    add("Resize", "crop", ["image", np.float32([0, 0, 0.2, 0.1, 1, 1, 0.9, 1.3]), "", sizes], crop, since=13)
    grid = random.uniform(-1.3, 1.3, (1, 3, 4, 2)).round(2).astype(np.float32)
    for mode, new in (("bilinear", "linear"), ("nearest", "nearest"), ("bicubic", "cubic")):
        for padding in ("zeros", "border", "reflection"):
            for corners in (0, 1):
                attributes = {"padding_mode": padding, "align_corners": corners}
                variant = f"{new} {padding}{' corners' if corners else ''}"
                add("GridSample", variant, ["image", grid], {"mode": mode, **attributes}, since=16, until=19)
                add("GridSample", variant, ["image", grid], {"mode": new, **attributes}, since=20)
    add("GridSample", "default", ["image", grid])
    solid = random.uniform(-1.3, 1.3, (1, 2, 3, 2, 3)).round(2).astype(np.float32)
    for mode in ("linear", "nearest"):
        add("GridSample", f"{mode} volume", ["volume", solid], {"mode": mode, "padding_mode": "border"}, since=20)
    theta = floats(1, 2, 3)
    for corners in (0, 1):
        add("AffineGrid", f"corners {corners}", [theta, ints(1, 1, 3, 4)], {"align_corners": corners})


def shapes():
    add("Concat", "default", ["x", "y"], until=3)
    for axis in (0, 1, 2):
        add("Concat", f"axis {axis}", ["x", "y"], {"axis": axis})
    add("Concat", "negative", ["x", "y"], {"axis": -2}, since=11)
    add("Dropout", "test", "x", {"is_test": 1}, until=6)
    add("Dropout", "plain", "x", since=7)
    add("Dropout", "mask", "x", since=12, outputs=2)  # before, nobody says what it holds
    add("Dropout", "ratio", ["x", np.float32(0.3)], since=12)
    add("Dropout", "not training", ["x", np.float32(0.3), np.array(False)], since=12)
    pads = [0, 1, 2, 1, 0, 1]
    for mode in ("constant", "edge", "reflect"):
        add("Pad", mode, "x", {"mode": mode, "paddings": pads}, until=1, means=(2, None, {"mode": mode, "pads": pads}))
        add("Pad", mode, "x", {"mode": mode, "pads": pads}, since=2, until=10)
        add("Pad", mode, ["x", ints(*(pads if mode == "constant" else [0, 1, 2, 0, 2, 1]))], {"mode": mode}, since=11)
        add("Pad", mode + " axes", ["x", ints(1, 2, 2, 0), "", ints(1, -1)], {"mode": mode}, since=18)
    add("Pad", "value", "x", {"pads": pads, "value": 1.5}, since=2, until=10)
    add("Pad", "value", ["x", ints(*pads), np.float32(1.5)], since=11)
    add("Pad", "crop", "x", {"pads": [0, -1, 1, 0, 0, -2]}, since=2, until=10)
    add("Pad", "crop", ["x", ints(0, -1, 1, 0, 0, -2)], since=11)
    add("Pad", "wrap", ["x", ints(0, 1, 3, 0, 2, 1)], {"mode": "wrap"}, since=19)
    add("Reshape", "attribute", "x", {"shape": [0, -1, 2]}, until=4)
    add("Reshape", "input", ["x", ints(0, -1, 2)], since=5)
    add("Reshape", "flat", ["x", ints(-1)], since=5)
    add("Reshape", "zero allowed", [np.zeros((0, 3), np.float32), ints(3, 0)], {"allowzero": 1}, since=14)
    add("Flatten", "default", "x")
    add("Flatten", "axis 0", "x", {"axis": 0})
    add("Flatten", "axis 2", "x", {"axis": 2})
    add("Flatten", "negative", "x", {"axis": -1}, since=11)
    add("Shape", "whole", "x")
    add("Shape", "part", "x", {"start": 1, "end": -1}, since=15)
    add("Size", "whole", "x")
    add("Slice", "axes", "x", {"axes": [1, 2], "starts": [1, 0], "ends": [3, -1]}, until=9)
    add("Slice", "no axes", "x", {"starts": [0, -2], "ends": [1, 1000]}, until=9)
    add("Slice", "axes", ["x", ints(1, 0), ints(3, -1), ints(1, 2)], since=10)
    add("Slice", "backwards", ["x", ints(3, 2), ints(-1000, 0), ints(2, 1), ints(-2, -1)], since=10)
    add("Slice", "no axes", ["x", ints(0, -2), ints(1, 1000)], since=10)
    add("Slice", "negative axes", ["x", ints(1), ints(3), ints(-1)], since=11)
    wide = floats(2, 6)
    parts = {"axis": 1, "split": [1, 2, 3]}
    add("Split", "equal", [wide], {"axis": 1}, until=17, outputs=3, means=(2, None, {"axis": 1}))
    add("Split", "attribute", [wide], parts, until=12, outputs=3, means=(2, None, parts))
    add("Split", "input of old", [wide, np.float32([1, 2, 3])], {"axis": 1}, until=1, outputs=3, means=(2, [wide], parts))
    add("Split", "negative", [wide], {"axis": -1, "split": [4, 2]}, since=11, until=12, outputs=2)
    add("Split", "input", [wide, ints(1, 2, 3)], {"axis": -1}, since=13, outputs=3)
    add("Split", "number", [wide], {"axis": 1, "num_outputs": 4}, since=18, outputs=4)
    thin = floats(1, 3, 1, 2)
    add("Squeeze", "all", [thin])
    add("Squeeze", "axes", [thin], {"axes": [0]}, until=12)
    add("Squeeze", "negative", [thin], {"axes": [-2]}, since=11, until=12)
    add("Squeeze", "axes", [thin, ints(0, -2)], since=13)
    add("Unsqueeze", "axes", "x", {"axes": [0, 3]}, until=12)
    add("Unsqueeze", "negative", "x", {"axes": [-1]}, since=11, until=12)
    add("Unsqueeze", "axes", ["x", ints(-1, 1)], since=13)
    add("Tile", "one axis", ["x", np.float32(3), np.float32(1)], until=5, means=(6, ["x", ints(1, 3, 1)], {}))
    add("Tile", "repeats", ["x", ints(1, 2, 3)], since=6)
    add("Transpose", "default", "x")
    add("Transpose", "given", "x", {"perm": [1, 2, 0]})
    add("Expand", "both", ["column", ints(2, 1, 4)])
    add("Identity", "plain", "x")
    add("DepthToSpace", "default", [floats(1, 8, 2, 3)], {"blocksize": 2})
    for mode in ("DCR", "CRD"):
        add("DepthToSpace", mode, [floats(1, 8, 2, 3)], {"blocksize": 2, "mode": mode}, since=11)
        add("SpaceToDepth", mode, [floats(1, 2, 4, 6)], {"blocksize": 2, "mode": mode}, since=28)
    add("SpaceToDepth", "default", [floats(1, 2, 4, 6)], {"blocksize": 2})
    add("Constant", "tensor", [], {"value": numpy_helper.from_array(floats(2, 3))})
    for name, value in (("float", 1.5), ("int", 7), ("floats", [1.5, 2.5]), ("ints", [7, 8])):
        add("Constant", name, [], {"value_" + name: value}, since=12)
    add("ConstantOfShape", "zeros", [ints(2, 3)])
    add("ConstantOfShape", "given", [ints(2, 3)], {"value": numpy_helper.from_array(ints(5))})
    add("Range", "floats", [np.float32(1), np.float32(4), np.float32(0.7)])
    add("Range", "backwards", [np.int64(9), np.int64(1), np.int64(-3)])
    add("Col2Im", "plain", [floats(1, 8, 6), ints(3, 4), ints(2, 2)])


def indexing():
    for exclusive in (0, 1):
        for reverse in (0, 1):
            add("CumSum", f"exclusive {exclusive} reverse {reverse}", ["x", np.int64(1)], {"exclusive": exclusive, "reverse": reverse})
    add("Gather", "axis 0", ["x", ints(1, 0, 1)])
    add("Gather", "axis 1", ["x", ints(2, 0).reshape(1, 2)], {"axis": 1})
    add("Gather", "negative", ["x", ints(-1, 1)], {"axis": -1}, since=11)
    add("GatherElements", "axis 1", ["x", random.integers(-3, 3, (2, 2, 4))], {"axis": 1})
    add("GatherND", "points", ["x", ints(0, 1, 1, -1).reshape(2, 2)])
    add("GatherND", "batches", ["x", ints(1, 0).reshape(2, 1)], {"batch_dims": 1}, since=12)
    add("NonZero", "plain", [floats(3, 4).round(0)])
    add("OneHot", "default", [ints(0, 2, 5, 1), np.int64(4), np.float32([-1, 2])])
    add("OneHot", "axis 0", [ints(0, 2, 1), np.int64(3), np.float32([-1, 2])], {"axis": 0})
    add("OneHot", "negative", [ints(-1, 2, -3), np.int64(3), np.float32([-1, 2])], {"axis": -2}, since=11)
    rows, updates = random.integers(0, 3, (2, 1, 4)), floats(2, 1, 4)
    for name in ("Scatter", "ScatterElements"):
        add(name, "axis 1", ["x", rows, updates], {"axis": 1}, until=10 if name == "Scatter" else ENDLESS)
    add("ScatterElements", "negative", ["x", rows - 3, updates], {"axis": -2})
    points = ints(0, 1, 1, 2, 0, 1).reshape(3, 2)
    add("ScatterND", "distinct", ["x", points[:2], floats(2, 4)])
    for reduction, since in (("add", 16), ("mul", 16), ("max", 18), ("min", 18)):
        add("ScatterElements", reduction, ["x", rows, updates], {"axis": 1, "reduction": reduction}, since)
        add("ScatterND", reduction, ["x", points, floats(3, 4)], {"reduction": reduction}, since)
    add("TopK", "attribute", "x", {"k": 2}, until=9, outputs=2)
    add("TopK", "attribute, axis 1", "x", {"k": 2, "axis": 1}, until=9, outputs=2)
    add("TopK", "input", ["x", ints(2)], since=10, outputs=2)
    add("TopK", "axis 1", ["x", ints(2)], {"axis": 1}, since=10, outputs=2)
    add("TopK", "smallest", ["x", ints(3)], {"largest": 0, "axis": -2}, since=11, outputs=2)
    add("Trilu", "upper", ["square"])
    add("Trilu", "lower", ["square", np.int64(1)], {"upper": 0})


def model(opset, variants):
    """A model of all variants of an opset, and the inputs that it needs."""
    nodes, initialisers, outputs, used = [], [], [], {}
    for variant in variants:
        names = []
        for index, value in enumerate(variant.inputs):
            if isinstance(value, str):
                names.append(value)
                used.update({value: INPUTS[value]} if value else {})
            else:
                names.append(f"{variant.label()}/{index}")
                initialisers.append(numpy_helper.from_array(np.asarray(value), names[-1]))
        results = [variant.label(index) for index in range(variant.outputs)]
        nodes.append(helper.make_node(variant.operator, names, results, name=variant.label(), **variant.attributes))
        outputs += [helper.make_empty_tensor_value_info(result) for result in results]
    infos = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape) for name, value in used.items()]
    graph = helper.make_graph(nodes, f"opset {opset}", infos, outputs, initialisers)
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8 if opset < 21 else 10, producer_name="operator_history.py"), used


def by_runtime(proto, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    proto = onnx.shape_inference.infer_shapes(proto)  # for the types of the outputs
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feeds)


def by_conversion(proto, feeds):
    proto = onnx.shape_inference.infer_shapes(proto)
    for target in range(7, 14):
        try:
            return by_runtime(version_converter.convert_version(proto, target), feeds)
        except Exception:  # no such conversion, or the runtime does not take its result
            continue
    raise ValueError("no conversion")


def expected(opset, variant):
    """The results of one variant, or none, and who computed them."""
    proto, used = model(opset, [variant])
    ways = [("ONNX Runtime", lambda: by_runtime(proto, used))]
    if variant.means:
        ways.append(("ONNX Runtime, newer definition", lambda: by_runtime(*model(variant.newer()[0], [variant.newer()[1]]))))
    if opset < 7:
        ways.append(("ONNX Runtime, converted", lambda: by_conversion(proto, used)))
    else:
        ways.append(("ONNX's reference", lambda: ReferenceEvaluator(proto).run(None, used)))
    problems = []
    for way, function in ways:
        try:
            return function(), way
        except Exception as error:
            problems.append(f"{way}: {str(error).splitlines()[0][:160]}")
    return None, "; ".join(problems)


def write(folder, opset, names):
    """The variants of the operators that were defined at this opset, and what is missing."""
    chosen, data, credits = [], {}, {}
    for variant in VARIANTS:
        if variant.operator not in names or not variant.since <= opset <= variant.until:
            continue
        values, way = expected(opset, variant)
        if values is None:
            print(f"{opset} {variant.label()}: {way}")
            continue
        chosen.append(variant)
        credits.setdefault(way, []).append(variant.label())
        data.update({variant.label(index): np.asarray(value) for index, value in enumerate(values)})
    for name in sorted(names - {variant.operator for variant in chosen}):
        print(f"{opset} {name}: nothing")
    if not chosen:
        return
    proto, used = model(opset, chosen)
    tensors = [numpy_helper.from_array(value, name) for name, value in {**used, **data}.items()]
    text = "; ".join(f"{way}: {len(labels)}" for way, labels in credits.items())
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(proto, folder / "model.onnx")
    outputs = [helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)) for tensor in tensors]
    document = helper.make_model(helper.make_graph([], "data", [], outputs, tensors), producer_name=text, ir_version=8)
    onnx.save(document, folder / "data.onnx")
    print(f"{opset}: {len(chosen)} variants, {text}")


def main():
    warnings.simplefilter("ignore")
    for family in (activations, elementwise, normalisations, poolings, products, reductions, resizing, shapes, indexing):
        family()
    claimed = {variant.operator for variant in VARIANTS}
    defined = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.name in claimed:
            defined.setdefault(schema.since_version, set()).add(schema.name)
    for opset, names in sorted(defined.items()):
        write(Path(sys.argv[1]) / str(opset), opset, names)


if __name__ == "__main__":
    main()
