"""What copick and starfile make of picks, for Tests/Data/star.

    pip install copick==1.31.0 "zarr<3" starfile scipy
    python Scripts/references/star_picks.py            # in the repository

Writes `project` (two runs of different, partly odd sizes; picks with locations, translations and rotations, the awkward ones
included; a tomograms.star) and, beside it, what `copick export picks` writes of it and of the demo's picks, without the first
line, which has the date.
"""
import json, os, shutil, subprocess
import numpy as np, zarr
from scipy.spatial.transform import Rotation

HERE = os.path.abspath("Tests/Data/star")
PROJECT = os.path.join(HERE, "project")
RUNS = {"TS_1": (31, 41, 61), "TS_2": (24, 28, 32)}  # z, y, x
ANGLES = [(0, 0, 0), (30, 0, 0), (30, 0, 50), (30, 180, 40), (0, 90, 0), (180, 90, 180), (10, 20, 30), (-170, 3e-5, 20), (77, 133, -12)]


def tomogram(run, shape, spacing):
    path = f"{PROJECT}/static/ExperimentRuns/{run}/VoxelSpacing{spacing:.3f}/wbp.zarr"
    group = zarr.open_group(path, mode="w")
    group.create_dataset("0", shape=shape, chunks=shape, dtype="f4", fill_value=0.0, compressor=None, dimension_separator="/")
    scale = {"type": "scale", "scale": [spacing] * 3}
    axes = [{"name": n, "type": "space", "unit": "angstrom"} for n in "zyx"]
    group.attrs["multiscales"] = [{"version": "0.4", "name": "/", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": [scale]}]}]


def picks(run, name, points):
    path = f"{PROJECT}/overlay/ExperimentRuns/{run}/Picks"
    os.makedirs(path, exist_ok=True)
    document = {"pickable_object_name": name, "user_id": "octopi", "session_id": "1", "run_name": run, "voxel_spacing": None,
                "unit": "angstrom", "points": points, "trust_orientation": True}
    with open(f"{path}/octopi_1_{name}.json", "w") as f:
        json.dump(document, f, indent=1)


def point(x, y, z, angles=(0, 0, 0), shift=(0, 0, 0), score=1.0):
    t = np.eye(4)
    t[:3, :3] = Rotation.from_euler("ZYZ", angles, degrees=True).as_matrix()
    t[:3, 3] = shift
    return {"location": {"x": x, "y": y, "z": z}, "transformation_": t.tolist(), "instance_id": 0, "score": score}


def export(folder, uri, output, *options, size="10.0"):
    subprocess.run(["copick", "export", "picks", "-c", "config.json", "--picks-uri", uri, "--output-file", output,
                    "--output-format", "star", "--voxel-size", size, *options], cwd=folder, check=True)
    for path in [output] + [os.path.join(r, f) for r, _, fs in os.walk(os.path.join(os.path.dirname(output), "coordinates")) for f in fs]:
        lines = open(path).read().split("\n")
        text = "\n".join(line for line in lines if not line.startswith("# Created")).strip() + "\n"
        open(path, "w").write(text.replace(os.path.dirname(output) + "/", ""))


shutil.rmtree(HERE, ignore_errors=True)
os.makedirs(PROJECT)
for run, shape in RUNS.items():
    tomogram(run, shape, 10.0)
objects = [{"name": n, "is_particle": True, "label": i + 1, "radius": 60.0} for i, n in enumerate(["ribosome", "proteasome"])]
json.dump({"config_type": "filesystem", "pickable_objects": objects, "overlay_root": "overlay", "static_root": "static"},
          open(f"{PROJECT}/config.json", "w"), indent=1)
random = np.random.default_rng(7)
for run, shape in RUNS.items():
    spread = np.array(shape[::-1]) * 10.0
    picks(run, "ribosome", [point(100.0, 90.0, 80.0)] + [
        point(*(random.random(3) * spread).tolist(), angles=a, shift=(random.random(3) * 5).tolist(), score=round(random.random(), 3)) for a in ANGLES])
    picks(run, "proteasome", [point(*(random.random(3) * spread).tolist(), score=0.5)])
with open(f"{PROJECT}/tomograms.star", "w") as f:
    f.write("# version 50001\n\ndata_global\n\nloop_\n_rlnTomoName #1\n_rlnVoltage #2\n_rlnSphericalAberration #3\n_rlnAmplitudeContrast #4\n"
            "_rlnTomoTiltSeriesPixelSize #5\n_rlnTomoSizeX #6\n_rlnTomoSizeY #7\n_rlnTomoSizeZ #8\n"
            "TS_1  300.000000  2.700000  0.100000  1.540000  397  266  201\n"
            "TS_2  300.000000  2.700000  0.100000  1.350000  237  207  177\n")

export(PROJECT, "ribosome:octopi/1", f"{HERE}/relion5.star")
export(PROJECT, "ribosome:octopi/1", f"{HERE}/relion5-pixels.star", "--tilt-series-pixel-size", "1.54")
export(PROJECT, "ribosome:octopi/1", f"{HERE}/relion5-tomograms.star", "--tomograms-star", f"{PROJECT}/tomograms.star")
os.makedirs(f"{HERE}/import")
export(PROJECT, "ribosome:octopi/1", f"{HERE}/import/index.star", "--star-layout", "import", "--coordinates", "centered")
demo = os.path.join(HERE, "demo-copy")
shutil.copytree("Examples/demo", demo)
shutil.copytree("Tests/Data/demo/overlay", f"{demo}/overlay", dirs_exist_ok=True)
export(demo, "*:octopi/1", f"{HERE}/demo.star")
shutil.rmtree(demo)
