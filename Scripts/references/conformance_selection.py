"""Chooses ONNX's tests that stand in Tests/Data/conformance-FAMILY.

    python Scripts/make_conformance.py FOLDER ; python Scripts/references/conformance_selection.py FOLDER

Of each family that has no folder yet: for every set of operators the smallest test and, of more than three, one of middle size; at most
40 a family, none above 30 kB. Chains of half-precision operators are left out: their tolerance is below one unit in the last place, so that
they hold an evaluation to the order of roundings of the one that made them. Needs onnx.
"""

import collections
import shutil
import sys
from pathlib import Path

import onnx

ROOT = Path(__file__).resolve().parents[2]
LARGEST, MOST = 30_000, 40


def size(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def choose(folders):
    groups = collections.defaultdict(list)
    for folder in folders:
        model = onnx.load(folder / "model.onnx")
        groups[tuple(sorted({node.op_type for node in model.graph.node}))].append((size(folder), folder))
    chosen = []
    for _, group in sorted(groups.items()):
        group.sort()
        chosen.append(group[0])
        if len(group) > 3:
            chosen.append(group[len(group) // 2])
    chosen = [folder for bytes_, folder in chosen if bytes_ <= LARGEST]
    return chosen[:: max(1, -(-len(chosen) // MOST))]


def main():
    source = Path(sys.argv[1])
    families = collections.defaultdict(list)
    for line in (ROOT / "Scripts/references/onnx_conformance.tsv").read_text().splitlines():
        family, test = line.split("\t")
        if (source / test).is_dir() and not ("fp16" in test and "expanded" in test):
            families[family].append(source / test)
    for family, folders in sorted(families.items()):
        target = ROOT / "Tests/Data" / f"conformance-{family.replace(' ', '-')}"
        if target.exists():
            continue
        chosen = choose(folders)
        for folder in chosen:
            shutil.copytree(folder, target / folder.name)
        print(f"{family}: {len(chosen)} of {len(folders)} tests")


if __name__ == "__main__":
    main()
