#!/usr/bin/env python3
"""Exports a network that octopi trained to ONNX, and checks the file against PyTorch.

    python Scripts/export_onnx.py --model-config best_model_config.yaml --model-weights best_model.pth -o model.onnx

Builds the network that model_config.yaml describes (Unet, DynUNet, SegResNet, SwinUNETR; through octopi where it is installed, else
with monai), loads the weights, and writes

    model.onnx              input `input` [batch, 1, z, y, x], output `logits` [batch, classes, z, y, x]
    test_data_set_0/        an input and what PyTorch makes of it, in ONNX's test layout

Batch and space are left open where the network allows it, which is tried, not assumed. Needs torch, monai, pyyaml, onnx, and for the
newer of PyTorch's two exporters onnxscript; with onnxruntime the file is run and compared with PyTorch:

    pip install torch monai pyyaml einops onnx onnxscript onnxruntime
"""

import argparse
import contextlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

USAGE, DAMAGED, MISSING, UNSUPPORTED, DEFECT, CANNOT_CREATE = 64, 65, 66, 69, 70, 73
EXPORTERS = ("dynamo", "torchscript")
INPUT, OUTPUT = "input", "logits"
TOLERANCE = 1e-3  # of the largest value that PyTorch gives


class Failure(Exception):
    """What is wrong, what to do about it, and the exit code (sysexits.h)."""

    def __init__(self, code, message, remedy=None):
        super().__init__(message)
        self.code, self.remedy = code, remedy


def main():
    arguments = parse(sys.argv[1:])
    try:
        run(arguments)
    except Failure as failure:
        print(f"export_onnx: {failure}", file=sys.stderr)
        for line in (failure.remedy or "").splitlines():
            print(f"        {line}", file=sys.stderr)
        return failure.code
    return 0


def parse(words):
    class Parser(argparse.ArgumentParser):
        def error(self, message):
            self.print_usage(sys.stderr)
            print(f"export_onnx: {message}", file=sys.stderr)
            sys.exit(USAGE)

    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("-mc", "--model-config", required=True, type=Path, help="octopi's model_config.yaml")
    parser.add_argument("-mw", "--model-weights", required=True, type=Path, help="its weights (.pth)")
    parser.add_argument("-o", "--output", type=Path, help="the file to write (default: model.onnx beside the weights)")
    parser.add_argument("--exporter", choices=("auto", *EXPORTERS), default="auto", help="which of PyTorch's exporters (default: auto)")
    parser.add_argument("--opset", type=int, help="ONNX opset (default: 18 for dynamo, 17 for torchscript)")
    parser.add_argument("--fixed-size", action="store_true", help="leave the batch open, but not space")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    return parser.parse_args(words)


def run(arguments):
    output = arguments.output or arguments.model_weights.with_name("model.onnx")
    samples = output.parent / "test_data_set_0"
    for path in (output, samples):
        if path.exists() and not arguments.overwrite:
            raise Failure(CANNOT_CREATE, f"'{path}' exists already", "give --overwrite, or another place with -o")
    for path in (arguments.model_config, arguments.model_weights):
        if not path.is_file():
            raise Failure(MISSING, f"no file '{path}'", "check --model-config and --model-weights")
    require("torch", "monai", "yaml", "onnx")
    network = Network(arguments.model_config)
    model = network.build()
    load_weights(model, arguments.model_weights, arguments.model_config)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{network.architecture}: {parameters:,} parameters, {network.classes} classes, window {network.window}")

    if not output.parent.is_dir():
        raise Failure(MISSING, f"no folder '{output.parent}'", "make it first, or choose another place with -o")
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=output.parent))
    except OSError as error:
        raise Failure(CANNOT_CREATE, f"cannot write into '{output.parent}': {error.strerror}", "choose another place with -o") from error
    try:
        report = export_checked(network, model, arguments, scratch / "model.onnx")
        write_samples(network, model, report, scratch / "test_data_set_0")
        if samples.exists():
            shutil.rmtree(samples)
        os.replace(scratch / "test_data_set_0", samples)
        os.replace(scratch / "model.onnx", output)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    summarise(report, output, samples)


def require(*modules):
    names = {"yaml": "pyyaml"}
    missing = [m for m in modules if importlib.util.find_spec(m) is None]
    if missing:
        packages = " ".join(names.get(m, m) for m in missing)
        raise Failure(UNSUPPORTED, f"Python cannot find {', '.join(missing)}", f"pip install {packages}\n(this Python is {sys.executable})")


# ---------------------------------------------------------------- the network


class Network:
    """What model_config.yaml says."""

    def __init__(self, path):
        import yaml

        self.path = path
        try:
            described = yaml.safe_load(path.read_text())
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise Failure(DAMAGED, f"'{path}' is not YAML: {str(error).splitlines()[0]}", "take the file that octopi wrote beside the weights")
        model = described.get("model") if isinstance(described, dict) else None
        if not isinstance(model, dict):
            raise Failure(DAMAGED, f"'{path}' has no section 'model'", "take the model_config.yaml that octopi wrote beside the weights")
        self.model = model
        self.architecture = self.need("architecture")
        self.classes, self.window = int(self.need("num_classes")), int(self.need("dim_in"))
        if not isinstance(described.get("labels"), dict):
            print(f"export_onnx: warning: '{path}' has no 'labels'; octopi segment needs them", file=sys.stderr)
        if self.architecture not in BUILDERS:
            raise Failure(UNSUPPORTED, f"'{path}': unknown architecture '{self.architecture}'", f"known: {', '.join(BUILDERS)}")
        if self.window % self.factor:
            raise Failure(DAMAGED, f"'{path}': dim_in {self.window} is no multiple of {self.factor}, which {self.architecture} needs")

    def need(self, key):
        if self.model.get(key) is None:
            raise Failure(DAMAGED, f"'{self.path}': model.{key} is missing", "take the model_config.yaml that octopi wrote beside the weights")
        return self.model[key]

    @property
    def factor(self):
        """Sizes must be multiples of this: the product of all strides."""
        if self.architecture == "SwinUNETR":
            return 32
        if self.architecture == "SegResNet":
            return 2 ** (len(self.model.get("blocks_down", (1, 2, 2, 4))) - 1)
        product = 1
        for stride in self.need("strides"):
            product *= max(stride) if isinstance(stride, (list, tuple)) else stride
        return product

    def build(self):
        settings = {key: value for key, value in self.model.items()}
        settings["use_checkpoint"] = False  # saves memory in training; no effect on results, and cannot be exported
        try:
            if importlib.util.find_spec("octopi"):
                with silence():
                    from octopi.models import common
                    return common.get_model(self.architecture).build_model(settings).eval()
            return BUILDERS[self.architecture](settings).eval()
        except (KeyError, TypeError, ValueError) as error:
            raise Failure(DAMAGED, f"'{self.path}' does not describe a {self.architecture}: {type(error).__name__}: {error}")


def unet(c):
    from monai.networks.nets import UNet
    return UNet(spatial_dims=3, in_channels=1, out_channels=c["num_classes"], channels=c["channels"], strides=c["strides"],
                num_res_units=c["num_res_units"], dropout=c["dropout"])


def dynunet(c):
    from monai.networks.nets import DynUNet
    act = ("leakyrelu", {"inplace": True, "negative_slope": 0.01})
    return DynUNet(spatial_dims=3, in_channels=1, out_channels=c["num_classes"], kernel_size=c["kernel_size"], strides=c["strides"],
                   upsample_kernel_size=c["upsample_kernel_size"], filters=c.get("filters"), dropout=c.get("dropout"),
                   norm_name=c.get("norm_name", ("INSTANCE", {"affine": True})), act_name=c.get("act_name", act),
                   deep_supervision=c.get("deep_supervision", False), deep_supr_num=c.get("deep_supr_num", 1),
                   res_block=c.get("res_block", True))


def segresnet(c):
    from monai.networks.nets import SegResNetDS
    return SegResNetDS(spatial_dims=3, in_channels=1, out_channels=c["num_classes"], init_filters=c["init_filters"],
                       act=c.get("act", "prelu"), norm=c.get("norm", "instance"), blocks_down=c.get("blocks_down", (1, 2, 2, 4)),
                       blocks_up=c.get("blocks_up"), dsdepth=c.get("dsdepth", 1), upsample_mode=c.get("upsample_mode", "deconv"),
                       resolution=c.get("resolution"))


def swinunetr(c):
    from monai.networks.nets import SwinUNETR
    return SwinUNETR(spatial_dims=3, in_channels=1, out_channels=c["num_classes"], feature_size=c["feature_size"], depths=c["depths"],
                     num_heads=c["num_heads"], window_size=c.get("window_size", 7), drop_rate=c["drop_rate"],
                     attn_drop_rate=c["attn_drop_rate"], dropout_path_rate=c["dropout_path_rate"], use_checkpoint=c["use_checkpoint"])


BUILDERS = {"Unet": unet, "DynUNet": dynunet, "SegResNet": segresnet, "SwinUNETR": swinunetr}


def shortened(text, limit=150):
    return text if len(text) <= limit else text[: limit - 4] + " ..."


def load_weights(model, path, config):
    import pickle
    import torch

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise Failure(DAMAGED, f"'{path}' cannot be read as weights: {shortened(str(error).splitlines()[0], 60)}",
                      "it should hold a state_dict: torch.save(model.state_dict(), 'best_model.pth')")
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict):
        raise Failure(DAMAGED, f"'{path}' holds a {type(state).__name__}, not a state_dict")
    state = {name.removeprefix("module.").removeprefix("_orig_mod."): value for name, value in state.items()}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        lines = [shortened(line.strip()) for line in str(error).splitlines()[1:4]]
        raise Failure(DAMAGED, f"the weights '{path}' do not belong to the network that '{config}' describes", "\n".join(lines))
    model.float()


# ---------------------------------------------------------------- export


def export_checked(network, model, arguments, path):
    """The first of the exporters and degrees of freedom whose file gives what PyTorch gives."""
    import torch

    if arguments.exporter != "auto":
        exporters = [arguments.exporter]
    else:
        modern = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 6)
        exporters = list(EXPORTERS) if modern and importlib.util.find_spec("onnxscript") else ["torchscript"]
    # Both exporters freeze the window arithmetic of the transformer: its space stays fixed.
    open_space = not arguments.fixed_size and network.architecture != "SwinUNETR"
    can_run = importlib.util.find_spec("onnxruntime") is not None
    attempts = [(e, True) for e in exporters if open_space] + [(e, False) for e in exporters]
    reasons = []
    for exporter, space in attempts:
        try:
            with silence():
                export(network, model, exporter, space, arguments.opset, path)
                report = check(network, model, path, space, can_run)
        except Exception as error:  # exporters raise whatever they like; the next attempt decides
            first = (str(error).strip().splitlines() or [""])[0]
            reasons.append(shortened(f"{exporter}, space {'open' if space else 'fixed'}: {type(error).__name__}: {first}"))
            continue
        report.update(exporter=exporter, space=space)
        return report
    raise Failure(DEFECT, f"PyTorch {torch.__version__} could not export this {network.architecture}", "\n".join(reasons))


def export(network, model, exporter, space, opset, path):
    import onnx
    import torch

    d, f = network.window, network.factor
    shape = (2, 1, d, d + f, d + 2 * f) if space else (2, 1, d, d, d)
    example = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    names = {0: "batch"} | ({2: "depth", 3: "height", 4: "width"} if space else {})
    common = dict(input_names=[INPUT], output_names=[OUTPUT])
    if exporter == "torchscript":
        torch.onnx.export(model, (example,), str(path), dynamo=False, opset_version=opset or 17, do_constant_folding=True,
                          dynamic_axes={INPUT: names, OUTPUT: names}, **common)
    else:
        dims = {axis: torch.export.Dim(name, min=1) if axis == 0 else f * torch.export.Dim(f"{name}_{f}", min=1, max=4096 // f)
                for axis, name in names.items()}
        torch.onnx.export(model, (example,), str(path), dynamo=True, opset_version=opset or 18, external_data=False,
                          dynamic_shapes=(dims,), **common)
    proto = without_notes(onnx.load(path))
    onnx.save(proto, path)
    onnx.checker.check_model(str(path), full_check=True)


def without_notes(proto):
    """Without stack traces and doc strings: they hold paths of this machine."""
    nodes = [*proto.graph.node, *(node for function in proto.functions for node in function.node)]
    values = [*proto.graph.value_info, *proto.graph.input, *proto.graph.output, *proto.graph.initializer]
    for holder in [proto, proto.graph, *nodes, *values, *proto.functions]:
        if hasattr(holder, "metadata_props"):
            del holder.metadata_props[:]
        if hasattr(holder, "doc_string"):
            holder.doc_string = ""
    return proto


def shapes_to_check(network, space):
    """The window alone, two of them, and where space is open one that is neither a cube nor the exporter's example."""
    d, f = network.window, network.factor
    shapes = [(1, 1, d, d, d), (2, 1, d, d, d)]
    return shapes + ([(1, 1, d + 2 * f, max(f, d - f), d)] if space else [])


def check(network, model, path, space, can_run):
    """Largest difference between ONNX Runtime and PyTorch per shape; raises where it is too large."""
    import numpy as np
    import torch

    report = dict(bytes=path.stat().st_size, checks=[])
    if not can_run:
        return report
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    for shape in shapes_to_check(network, space):
        x = torch.randn(shape, generator=torch.Generator().manual_seed(shape[2]))
        with torch.inference_mode():
            want = model(x).numpy()
        got = session.run(None, {INPUT: x.numpy()})[0]
        if got.shape != want.shape or want.shape[1] != network.classes:
            raise ValueError(f"output {got.shape} for PyTorch's {want.shape} and {network.classes} classes")
        difference, largest = float(np.abs(got - want).max()), float(np.abs(want).max())
        if not difference <= TOLERANCE * max(largest, 1e-30):
            raise ValueError(f"differs from PyTorch by {difference:.3g} at {shape}, where values reach {largest:.3g}")
        report["checks"].append((shape, difference, largest))
    return report


def write_samples(network, model, report, folder):
    import onnx
    import torch

    d, f = network.window, network.factor
    size = min(d, -(-48 // f) * f) if report["space"] else d
    x = torch.randn((1, 1, size, size, size), generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        y = model(x)
    folder.mkdir()
    for name, file, value in ((INPUT, "input_0.pb", x), (OUTPUT, "output_0.pb", y)):
        (folder / file).write_bytes(onnx.numpy_helper.from_array(value.numpy(), name).SerializeToString())


@contextlib.contextmanager
def silence():
    """Keeps the exporters' chatter, of Python and of C++, from the terminal; errors are raised, not printed."""
    logging.disable(logging.ERROR)
    sys.stdout.flush(), sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1), os.dup2(nowhere, 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        os.dup2(kept[0], 1), os.dup2(kept[1], 2)
        for descriptor in (*kept, nowhere):
            os.close(descriptor)
        logging.disable(logging.NOTSET)


def summarise(report, output, samples):
    axes = "batch and space open" if report["space"] else "batch open, window size fixed"
    print(f"{output}: {report['bytes']:,} bytes, {report['exporter']} exporter, {axes}")
    for shape, difference, largest in report["checks"]:
        print(f"  {'x'.join(map(str, shape)):>18}  ONNX Runtime differs from PyTorch by {difference:.1e}, values reach {largest:.3g}")
    if not report["checks"]:
        print("  not compared with PyTorch: pip install onnxruntime", file=sys.stderr)
    print(f"{samples}: an input and PyTorch's output")


if __name__ == "__main__":
    sys.exit(main())
