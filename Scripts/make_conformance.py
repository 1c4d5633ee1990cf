#!/usr/bin/env python3
"""Runs ONNX's own tests of operators with `octopi verify` and says how many pass, family by family.

    make_conformance.py FOLDER [--octopi .build/release/octopi] [--only TEXT]

Writes the tests that are in scope (Scripts/references/onnx_conformance.tsv: whatever a segmentation network or the shape arithmetic
around it can contain) from the installed `onnx` package to FOLDER, in ONNX's test layout, and runs the program on them:

    passed      all outputs within the test's own tolerance
    wrong       another result, or an error although the operator is claimed
    unclaimed   refused because an operator, an opset or a type is not supported (exit code 69)

Ends with 1 if a test is wrong or fewer than 1,200 pass. Needs Python with onnx 1.23 and numpy; nothing is installed.
"""

import argparse
import collections
import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

SCOPE = Path(__file__).parent / "references" / "onnx_conformance.tsv"
WANTED = 1200


def cases():
    """(kind, name, model, data sets or the folder that holds them, rtol, atol) of all tests of the package."""
    import onnx
    import onnx.backend.test.case.model as models
    import onnx.backend.test.case.node as nodes
    from onnx.backend.test.case.utils import import_recursive
    from onnx.backend.test.loader import load_model_tests

    import_recursive(nodes)
    for case in nodes._NodeTestCases:
        yield "node", case.name, case.model, case.data_sets, case.rtol, case.atol
    for kind in ("simple", "pytorch-operator", "pytorch-converted"):
        for case in load_model_tests(kind=kind):
            folder = Path(case.model_dir)
            yield kind, case.name, onnx.load(folder / "model.onnx"), folder, case.rtol, case.atol
    for case in models.collect_testcases():
        if case.model is not None:
            yield "simple", case.name, case.model, case.data_sets, case.rtol, case.atol


def write(folder, model, data, rtol, atol):
    import numpy
    import onnx
    from onnx import TensorProto, numpy_helper

    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "tolerance.json").write_text(json.dumps({"rtol": rtol, "atol": atol}) + "\n")
    if isinstance(data, Path):
        for source in sorted(data.glob("test_data_set_*")):
            shutil.copytree(source, folder / source.name)
        return
    for number, (inputs, outputs) in enumerate(data):
        target = folder / f"test_data_set_{number}"
        target.mkdir()
        for role, values, infos in (("input", inputs, model.graph.input), ("output", outputs, model.graph.output)):
            for index, (value, info) in enumerate(zip(values, infos)):
                tensor = value if isinstance(value, TensorProto) else numpy_helper.from_array(numpy.asarray(value), info.name)
                (target / f"{role}_{index}.pb").write_bytes(tensor.SerializeToString())


def write_all(out, scope):
    missing = set(scope)
    for kind, name, model, data, rtol, atol in cases():
        test = f"{kind}/{name}"
        if test in missing:
            shutil.rmtree(out / test, ignore_errors=True)
            write(out / test, model, data, rtol, atol)
            missing.remove(test)
    return sorted(missing)


def run(octopi, out):
    """`passed`, `wrong` or `unclaimed`, and why, for each test by its name."""
    process = subprocess.run([octopi, "verify", str(out), "--json"], capture_output=True, text=True)
    if not process.stdout:
        sys.exit(f"'{octopi} verify' ended with {process.returncode}:\n{process.stderr}")
    names = {"passed": "passed", "failed": "wrong", "unsupported": "unclaimed"}
    results = {}
    for test in json.loads(process.stdout)["tests"]:
        why = test["message"] or f"largest difference {test['largest_difference']} of {test['largest_expected']}"
        results[str(Path(test["folder"]).relative_to(out))] = names[test["result"]], why
    return results


def show(results, scope):
    columns = ["passed", "wrong", "unclaimed"]
    counts = collections.defaultdict(collections.Counter)
    for test, (result, _) in results.items():
        counts[scope[test]][result] += 1
    print(f"{'family':24}" + "".join(f"{name:>11}" for name in columns))
    for family in sorted(counts):
        print(f"{family:24}" + "".join(f"{counts[family][name]:11}" for name in columns))
    total = sum(counts.values(), collections.Counter())
    print(f"{'in all':24}" + "".join(f"{total[name]:11}" for name in columns))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--octopi", default=".build/release/octopi")
    parser.add_argument("--only", default="", help="tests with this text in their names")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    scope = {}
    for line in SCOPE.read_text().splitlines():
        family, test = line.split("\t")
        if arguments.only in test:
            scope[test] = family
    missing = write_all(arguments.folder, scope)
    results = {test: result for test, result in run(arguments.octopi, arguments.folder).items() if test in scope}
    for test, (result, why) in sorted(results.items()):
        if result != "passed":
            print(f"{result}: {test}: {why}")
    if missing:
        print(f"not in this version of onnx: {', '.join(missing)}")
    total = show(results, scope)
    if total["wrong"] or (not arguments.only and total["passed"] < WANTED):
        sys.exit(1)


if __name__ == "__main__":
    main()
