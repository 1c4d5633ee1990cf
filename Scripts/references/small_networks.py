#!/usr/bin/env python3
"""Make Tests/Data/small-networks: the four architectures of octopi as small files, as two exporters write them.

    python Scripts/references/small_networks.py Tests/Data/small-networks

Needs torch, monai, einops, onnx, onnxscript. Weights are not stored: each is cut out of one long sine, scaled and shaped by nodes whose
result is constant, so that a network of a million weights takes some tens of kilobytes. Names are short, what is for people is left out.
"""
import io
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from monai import networks
from onnx import TensorProto, helper, numpy_helper

nets = networks.nets
NETWORKS = {
    "unet": (lambda: nets.UNet(3, 1, 3, (8, 12, 20), (2, 2), num_res_units=1, norm="instance"), (16, 16, 16)),
    "dynunet": (lambda: nets.DynUNet(3, 1, 3, [3, 3, 3], [1, 2, 2], [2, 2], filters=[8, 12, 20], res_block=True), (16, 16, 16)),
    "segresnet": (lambda: nets.SegResNetDS(3, init_filters=8, in_channels=1, out_channels=3, blocks_down=(1, 1, 1), norm="instance"), (16, 16, 16)),
    "swinunetr": (lambda: nets.SwinUNETR(1, 3, depths=(2, 1, 1, 1), num_heads=(1, 2, 3, 4), feature_size=12, window_size=3), (64, 32, 32)),
}


def exported(model: torch.nn.Module, size: tuple[int, ...], exporter: str) -> onnx.ModelProto:
    x, file = torch.randn(1, 1, *size), io.BytesIO()
    if exporter == "ts":
        torch.onnx.export(model, x, file, dynamo=False, opset_version=17, input_names=["input"], output_names=["logits"],
                          dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    else:
        torch.onnx.export(model, (x.repeat(2, 1, 1, 1, 1),), file, dynamo=True, opset_version=18, input_names=["input"], output_names=["logits"],
                          dynamic_shapes={next(iter(__import__("inspect").signature(model.forward).parameters)): {0: torch.export.Dim("batch")}})
    return onnx.load_from_string(file.getvalue())


def shortened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with short names, and without what is for people."""
    graph, names = model.graph, {"": "", "input": "input", "logits": "logits"}

    def short(name: str) -> str:
        return names.setdefault(name, f"v{len(names):x}")

    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for node in graph.node:
        node.name = ""
        node.doc_string = ""
        del node.metadata_props[:]
        node.input[:] = [short(n) for n in node.input]
        node.output[:] = [short(n) for n in node.output]
        for attribute in node.attribute:
            assert attribute.type != onnx.AttributeProto.GRAPH
            if attribute.type == onnx.AttributeProto.TENSOR:
                attribute.t.name = ""
    assert not model.functions
    del graph.value_info[:]
    del model.metadata_props[:]
    del graph.metadata_props[:]
    return model


def without_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every float initialiser of more than 64 numbers made by nodes."""
    graph = model.graph
    large = [t for t in graph.initializer if t.data_type == TensorProto.FLOAT and np.prod(t.dims) > 64]
    kept = [t for t in graph.initializer if t not in large]
    length = max(int(np.prod(t.dims)) for t in large) + 1000

    def constant(name: str, value) -> str:
        kept.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    nodes = [
        helper.make_node("Range", [constant("w.0", np.float32(0)), constant("w.n", np.float32(length)), constant("w.1", np.float32(1))], ["w.r"]),
        helper.make_node("Mul", ["w.r", constant("w.c", np.float32(0.7390851))], ["w.m"]),
        helper.make_node("Sin", ["w.m"], ["w.s"]),
    ]
    for index, tensor in enumerate(large):
        count, fan = int(np.prod(tensor.dims)), int(np.prod(tensor.dims[1:])) if len(tensor.dims) > 1 else 1
        start = 37 * index % 1000
        bounds = [constant(f"w{index}.a", np.array([start])), constant(f"w{index}.b", np.array([start + count]))]
        shape = constant(f"w{index}.d", np.array(tensor.dims, np.int64))
        nodes += [
            helper.make_node("Slice", ["w.s"] + bounds, [f"w{index}.s"]),
            helper.make_node("Mul", [f"w{index}.s", constant(f"w{index}.f", np.float32(1.4 / fan ** 0.5))], [f"w{index}.m"]),
            helper.make_node("Reshape", [f"w{index}.m", shape], [tensor.name]),
        ]
    nodes += graph.node
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    return model


def main(folder: Path) -> None:
    warnings.filterwarnings("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    for name, (build, size) in NETWORKS.items():
        for exporter in ("ts", "dy"):
            torch.manual_seed(1)
            model = without_weights(shortened(exported(build().eval(), size, exporter)))
            path = folder / f"{name}-{exporter}.onnx"
            path.write_bytes(model.SerializeToString())
            print(path, path.stat().st_size, len(model.graph.node), "nodes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
