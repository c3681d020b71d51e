#!/usr/bin/env python3
"""The main job on public studies, named by HILUM_TEST_DATA: one kidney from a DICOM folder to printable surfaces.

Exit status 77 (skipped) without HILUM_TEST_DATA. Usage: test_real.py HILUM_CLI
The steps and what they gave are described in docs/worked-example.md.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

DATA = os.environ.get("HILUM_TEST_DATA")
if not DATA:
    print("skipped: HILUM_TEST_DATA is not set, so there are no real studies to test on")
    sys.exit(77)
DATA = pathlib.Path(DATA).resolve()
CLI = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="hilum-real-"))


def run_json(*args):
    done = subprocess.run([CLI, *map(str, args), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{args}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def tearDownModule():
    shutil.rmtree(WORK)


def nrrd_bytes(path):
    """The voxels of a raw NRRD, after its header."""
    data = path.read_bytes()
    return data[data.index(b"\n\n") + 2:]


def ones(data, is_one):
    """A bit per byte, as one large integer: counting and meeting without a loop in Python."""
    return int.from_bytes(data.translate(bytes(1 if is_one(v) else 0 for v in range(256))), "little")


def dice(a, b):
    return 2 * (a & b).bit_count() / (a.bit_count() + b.bit_count())


def dice_with_authors(case, structure, theirs):
    """A structure of a case on ct-abdomen-contrast against one of the masks that came with it."""
    masks = WORK / "masks"
    with tarfile.open(DATA / "ct-abdomen-contrast-masks.tar.gz") as archive:
        archive.extractall(masks, [m for m in archive.getmembers() if m.name.startswith(f"{theirs}/")])
    run_json("volume", masks / theirs, "--out", WORK / "theirs.nrrd")
    label = next(s["label"] for s in run_json("labels", case, "--out", WORK / "labels.nrrd", "--raw")["structures"] if s["name"] == structure)
    # int16 0 or 255, little endian: every other byte says it.
    truth = ones(nrrd_bytes(WORK / "theirs.nrrd")[::2], lambda v: v > 127)
    return dice(truth, ones(nrrd_bytes(WORK / "labels.nrrd"), lambda v: v == label))


class Geometry(unittest.TestCase):
    def scan(self, folder, dims, spacing, verdicts=("ok",)):
        volumes = run_json("scan", DATA / folder)["volumes"]
        self.assertEqual(len(volumes), 1)
        self.assertEqual(volumes[0]["dims"], dims)
        for got, want in zip(volumes[0]["spacing_mm"], spacing):
            self.assertAlmostEqual(got, want, 2)
        self.assertIn(volumes[0]["verdict"], verdicts, volumes[0]["findings"])
        return volumes[0]

    def test_contrast_ct(self):
        volume = self.scan("ct-abdomen-contrast", [512, 512, 119], [0.743, 0.743, 1.6])
        self.assertEqual(volume["axes"], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])

    def test_petct_spacing_is_not_thickness(self):
        self.scan("ct-petct", [512, 512, 99], [0.977, 0.977, 4.25], ("ok", "warning"))

    def test_jpegls(self):
        self.scan("ct-jpegls", [512, 512, 135], [0.977, 0.977, 3.27], ("ok", "warning"))

    def test_coronal_mr(self):
        volume = self.scan("mr-coronal-haste", [256, 256, 30], [1.56, 1.56, 8.75], ("ok", "warning"))
        row, column, normal = volume["axes"]
        self.assertGreater(row[0], 0.9, "rows run to the patient's left")
        self.assertLess(column[2], -0.9, "columns run to the feet")
        self.assertGreater(abs(normal[1]), 0.9, "slices are coronal")

    def test_refused_is_named(self):
        for folder in ("geometry/ge-tilt-variable-gaps", "geometry/dicom2nifti-failing"):
            for volume in run_json("scan", DATA / folder)["volumes"]:
                if volume["verdict"] == "refused":
                    self.assertTrue(any(f["verdict"] == "refused" and f["message"] for f in volume["findings"]))

    def test_every_folder_is_survived(self):
        done = subprocess.run([CLI, "scan", "--json", str(DATA)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len(json.loads(done.stdout)["volumes"]), 30)


class Kidneys(unittest.TestCase):
    """ct-abdomen-contrast: both kidneys, aorta with renal arteries, spine."""

    KIDNEY = ["--threshold", "132:300", "--outside", "Artery", "--outside", "Bone", "--smooth", "1", "--open", "3"]
    TIDY = ["--close", "7", "--fill-holes", "--open", "4", "--dilate", "1", "--outside", "Fat", "--open", "1.6", "--largest", "--fill-holes"]

    @classmethod
    def setUpClass(cls):
        cls.case = WORK / "ct.hilum"
        run_json("load", DATA / "ct-abdomen-contrast", "--case", cls.case)

        def segment(name, *steps):
            return run_json("segment", cls.case, "--structure", name, *steps)["volume_ml"]

        segment("Bone", "--threshold", "220:", "--close", "2", "--largest", "--fill-holes")
        # The first kidneys only keep the artery out of the cortex.
        for name, seed in (("Kidney R", "98.8,238.5,72"), ("Kidney L", "295.9,233.4,72")):
            segment(name, "--threshold", "135:300", "--smooth", "1", "--open", "2", "--grow", seed, "--close", "3", "--fill-holes")
        cls.artery = segment("Artery", "--threshold", "142:300", "--outside", "Kidney R", "--outside", "Kidney L", "--outside", "Bone", "--smooth", "1",
                             "--grow", "205.8,197.6,72", "--dilate", "1.5", "--close", "1.5", "--fill-holes")
        segment("Fat", "--threshold", "-300:50", "--smooth", "0.8")
        cls.right = segment("Kidney R", *cls.KIDNEY, "--grow", "98.8,238.5,72", *cls.TIDY)
        cls.left = segment("Kidney L", *cls.KIDNEY, "--grow", "295.9,233.4,72", *cls.TIDY)

    def test_surfaces_are_closed(self):
        for name in ("Bone", "Artery", "Kidney R", "Kidney L"):
            mesh = run_json("mesh", self.case, "--structure", name)["meshes"][0]
            self.assertTrue(mesh["closed"] and mesh["manifold"] and mesh["oriented"] and mesh["outward"], mesh)
            self.assertAlmostEqual(mesh["volume_ml"] / mesh["label_volume_ml"], 1, delta=0.01)

    def test_kidneys_are_plausible_and_on_their_sides(self):
        for volume in (self.left, self.right):
            self.assertTrue(120 < volume < 230, f"{volume} ml")
        found = {s["name"]: s for s in run_json("measure", self.case)["structures"]}
        spine = found["Bone"]["centroid_mm"][0]
        self.assertLess(found["Kidney R"]["centroid_mm"][0], spine - 30)
        self.assertGreater(found["Kidney L"]["centroid_mm"][0], spine + 30)

    def test_artery_against_the_authors_mask(self):
        value = dice_with_authors(self.case, "Artery", "artery")
        print(f"Dice of the grown artery with the authors' mask: {value:.4f}")
        self.assertGreater(value, 0.82)

    def test_export_is_printable(self):
        for file in run_json("export", self.case, "--format", "stl", "--out", f"{WORK}/stl/", "--structure", "Kidney L", "--structure", "Artery")["files"]:
            self.assertEqual(run_json("check", file["path"])["verdict"], "ok")
            if shutil.which("admesh"):
                text = subprocess.run(["admesh", file["path"]], capture_output=True, text=True, check=True).stdout
                self.assertIn("Edges fixed           :     0", text)
                self.assertIn("Facets removed        :     0", text)


class Vessels(unittest.TestCase):
    """ct-abdomen-contrast: the arteries from one click in the aorta, and a course along it; nothing is locked."""

    @classmethod
    def setUpClass(cls):
        cls.case = WORK / "vessels.hilum"
        run_json("load", DATA / "ct-abdomen-contrast", "--case", cls.case)

    def test_tree_from_one_click(self):
        for click, least in (("205.8,197.6,72", 0.84), ("202.8,188,43.2", 0.80), ("191,205.1,120", 0.80)):
            run_json("segment", self.case, "--structure", "Arteries", "--vessel-tree", click)
            value = dice_with_authors(self.case, "Arteries", "artery")
            print(f"Dice of the artery from one click at {click} with the authors' mask: {value:.4f}")
            self.assertGreater(value, least)
            self.assertLess(dice_with_authors(self.case, "Arteries", "venoussystem"), 0.01, "it keeps out of the veins")

    def test_course_along_the_aorta(self):
        step = run_json("segment", self.case, "--structure", "Aorta", "--vessel", "205.8,197.6,72;205.8,197.6,40")["steps"][0]
        self.assertTrue(32 <= step["length_mm"] < 40, step)
        self.assertTrue(14 < step["least_diameter_mm"] <= step["mean_diameter_mm"] < 24, step)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
