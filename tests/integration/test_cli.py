#!/usr/bin/env python3
"""hilum-cli as a user runs it, on the small sample: every verb, its JSON keys, and how it fails.

Usage: test_cli.py HILUM_CLI [--no-render]
"""
import csv
import hashlib
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CLI = os.path.abspath(sys.argv[1])
RENDER = "--no-render" not in sys.argv
WORK = pathlib.Path(tempfile.mkdtemp(prefix="hilum-cli-"))


def run(*args, status=0, env=None):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True, env={**os.environ, **(env or {})})
    if done.returncode != status:
        raise AssertionError(f"{args}: exit {done.returncode}, wanted {status}\n{done.stdout}\n{done.stderr}")
    return done


def run_json(*args, env=None):
    return json.loads(run(*args, "--json", env=env).stdout)


def fail(*args, status=1):
    """The one line of a failure, usage line left out."""
    done = run(*args, status=status)
    lines = done.stderr.strip().split("\n")
    if status == 1 and len(lines) != 1:
        raise AssertionError(f"{args}: a failure is one line, not {lines}")
    return lines[0]


def setUpModule():
    run("demo", "--out", WORK / "sample", "--small")
    run("load", WORK / "sample" / "nephrographic", "--case", WORK / "case.hilum")
    run("load", WORK / "sample" / "arterial", "--case", WORK / "case.hilum")
    # The truth's labels give every later test structures with known volumes.
    run("labels", WORK / "case.hilum", "--in", WORK / "sample" / "truth.nrrd")


def tearDownModule():
    shutil.rmtree(WORK)


class Scan(unittest.TestCase):
    def test_volumes(self):
        found = run_json("scan", WORK / "sample")
        self.assertEqual(len(found["volumes"]), 3)
        for index, volume in enumerate(found["volumes"]):
            self.assertEqual(volume["index"], index)
            self.assertEqual(volume["dims"], [192, 192, 120])
            self.assertEqual(volume["modality"], "CT")
            self.assertEqual(volume["verdict"], "ok", volume["findings"])
            self.assertEqual(volume["files"], 120)
            for got, want in zip(volume["spacing_mm"], [1.6, 1.6, 2.0]):
                self.assertAlmostEqual(got, want, 6)
            for a in range(3):
                for c in range(3):
                    self.assertAlmostEqual(volume["axes"][a][c], float(a == c), 6)
        self.assertEqual(sorted(v["phase"] for v in found["volumes"]), ["arterial", "excretory", "nephrographic"])
        self.assertEqual(len(found["patients"]), 1)

    def test_shuffled_names_and_depth(self):
        deep = WORK / "heap" / "a" / "b"
        deep.mkdir(parents=True)
        for n, file in enumerate(sorted((WORK / "sample" / "arterial").iterdir())):
            shutil.copy(file, deep / f"{(n * 37) % 120:04}x")
        (deep / "notes.txt").write_text("not DICOM")
        found = run_json("scan", WORK / "heap")
        self.assertEqual([v["dims"] for v in found["volumes"]], [[192, 192, 120]])
        self.assertEqual(found["ignored_files"], 1)
        one = run_json("volume", WORK / "heap", "--out", WORK / "heap.nrrd")
        two = run_json("volume", WORK / "sample" / "arterial", "--out", WORK / "plain.nrrd")
        self.assertEqual(one["dims"], two["dims"])
        self.assertEqual((WORK / "heap.nrrd").read_bytes(), (WORK / "plain.nrrd").read_bytes())

    def test_missing_slice_is_named(self):
        gap = WORK / "gap"
        shutil.copytree(WORK / "sample" / "arterial", gap)
        sorted(gap.iterdir())[60].unlink()
        volume = run_json("scan", gap)["volumes"][0]
        self.assertEqual(volume["verdict"], "refused")
        self.assertTrue(volume["findings"][0]["message"])
        self.assertIn("mm", volume["findings"][0]["message"])
        fail("load", gap, "--case", WORK / "gap.hilum")
        self.assertFalse((WORK / "gap.hilum").exists())


class Gaps(unittest.TestCase):
    """Missing slices are refused until the user accepts them, and the case remembers."""

    def test_accepted(self):
        folder = WORK / "gapped"
        shutil.copytree(WORK / "sample" / "arterial", folder)
        for name in sorted(folder.iterdir())[50:52]:
            name.unlink()
        self.assertIn("2 slices are missing", fail("load", folder, "--case", WORK / "gapped.hilum"))
        self.assertFalse((WORK / "gapped.hilum").exists())
        found = run_json("load", folder, "--case", WORK / "gapped.hilum", "--accept-gaps")
        self.assertEqual(found["dims"], [192, 192, 120])
        self.assertEqual(found["verdict"], "warning")
        self.assertEqual([f["code"] for f in found["findings"]], ["interpolated-gap"])
        written = run_json("volume", folder, "--out", WORK / "gapped.nrrd", "--accept-gaps")
        self.assertEqual(written["dims"], [192, 192, 120])

    def test_nothing_to_accept(self):
        found = run_json("volume", WORK / "sample" / "arterial", "--out", WORK / "whole.nrrd", "--accept-gaps")
        self.assertEqual(found["findings"], [])


class Segment(unittest.TestCase):
    def setUp(self):
        self.case = WORK / "segment.hilum"
        shutil.copy(WORK / "case.hilum", self.case)
        self.truth = json.loads((WORK / "sample" / "truth.json").read_text())

    def test_steps_in_order(self):
        out = run_json("segment", self.case, "--structure", "bright", "--threshold", "200:", "--remove-below", "1", "--largest", "--fill-holes")
        self.assertEqual([s["op"] for s in out["steps"]], ["threshold", "remove-below", "largest", "fill-holes"])
        voxels = [s["voxels"] for s in out["steps"]]
        self.assertTrue(voxels[0] >= voxels[1] >= voxels[2] <= voxels[3], voxels)
        self.assertEqual(out["voxels"], voxels[3])
        self.assertAlmostEqual(out["volume_ml"], voxels[3] * 1.6 * 1.6 * 2.0 / 1000, 6)

    def test_threads_give_the_same_bits(self):
        names = []
        for threads in (1, 2, 5):
            run("segment", self.case, "--structure", "bright", "--threshold", "150:3000", "--open", "2", "--smooth", "1", "--threads", threads)
            out = WORK / f"threads{threads}.nrrd"
            run("labels", self.case, "--out", out, "--raw")
            names.append(out.read_bytes())
        self.assertEqual(names[0], names[1])
        self.assertEqual(names[0], names[2])

    def test_cpu_variants_give_the_same_bits(self):
        outs = []
        for cpu in ("none", "sse4", "avx2", "avx512"):
            env = {"HILUM_CPU": cpu}
            run("segment", self.case, "--structure", "bright", "--threshold", "150:3000", "--close", "2", env=env)
            run("labels", self.case, "--out", WORK / "cpu.nrrd", "--raw", env=env)
            run("export", self.case, "--format", "stl", "--out", WORK / "cpu.stl", "--structure", "bright", env=env)
            outs.append((WORK / "cpu.nrrd").read_bytes() + (WORK / "cpu.stl").read_bytes())
        for other in outs[1:]:
            self.assertEqual(outs[0], other)

    def test_ranges_that_steps_find(self):
        """Otsu of soft tissue and contrast, presets, growth by confidence up to an edge: they find what they are pointed at."""
        kidney = next(s for s in self.truth["structures"] if s["name"] == "Parenchyma")
        seed = ",".join(map(str, kidney["seed_mm"]))
        out = run_json("segment", self.case, "--structure", "grown", "--grow", seed, "--confidence", "2.5", "--iterations", "3", "--barrier", "60", "--radius", "40")
        self.assertGreater(out["volume_ml"], 0.2 * kidney["volume_ml"])
        self.assertLess(out["volume_ml"], 1.5 * kidney["volume_ml"])
        small = run_json("segment", self.case, "--structure", "grown", "--grow", seed, "--confidence", "2.5", "--radius", "5")
        self.assertLess(small["volume_ml"], 4 / 3 * math.pi * 0.5**3 * 1.3)
        classes = [run_json("segment", self.case, "--structure", "bright", "--otsu", "-150:600", "--classes", "3", "--class", c)["voxels"] for c in (1, 2, 3)]
        whole = run_json("segment", self.case, "--structure", "bright", "--threshold", "-150:600")["voxels"]
        self.assertEqual(sum(classes), whole)
        self.assertGreater(min(classes), 0)
        preset = run_json("segment", self.case, "--structure", "bright", "--preset", "cortex-nephrographic")
        ranged = run_json("segment", self.case, "--structure", "bright", "--threshold", "120:180")
        self.assertEqual(preset["voxels"], ranged["voxels"])
        recipe = WORK / "ranges.recipe"
        recipe.write_text(f"[step 1]\notsu=-150:600\nclasses=2\nclass=2\n\n[step 2]\ngrow={seed}\nradius=5\n", encoding="utf-8")
        by_recipe = run_json("segment", self.case, "--structure", "bright", "--recipe", recipe)
        by_hand = run_json("segment", self.case, "--structure", "bright", "--otsu", "-150:600", "--classes", "2", "--class", "2", "--grow", seed, "--radius", "5")
        self.assertEqual(by_recipe["voxels"], by_hand["voxels"])
        self.assertIn("urine-excretory", fail("segment", self.case, "--structure", "x", "--preset", "spleen"))
        fail("segment", self.case, "--structure", "x", "--grow", seed, "--tolerance", "5", "--confidence", "2", status=2)
        fail("segment", self.case, "--structure", "x", "--otsu", "0:100", "--radius", "2", status=2)

    def test_vessels(self):
        """A course along the aorta with its numbers, the arterial tree from one click, arteries parted from veins; by hand and by recipe."""
        aorta, cava = "9.8,6.6,14", "-20,5,4"
        arteries = next(s for s in self.truth["structures"] if s["name"] == "Arteries")["volume_ml"]
        course = ["segment", self.case, "--structure", "Course", "--phase", "1", "--vessel", f"{aorta};9.8,6.6,54"]
        step = run_json(*course)["steps"][1]
        self.assertTrue(37 < step["length_mm"] < 46, step)
        self.assertTrue(15 < step["least_diameter_mm"] <= step["mean_diameter_mm"] < 23, step)
        self.assertTrue(10 < step["narrowest_mm"][2] < 58, step)
        self.assertIn("mm long", run(*course).stdout)
        tree = ["segment", self.case, "--structure", "Tree", "--phase", "1", "--vessel-tree", aorta]
        grown = run_json(*tree)
        self.assertLess(abs(grown["volume_ml"] / arteries - 1), 0.1)
        self.assertNotIn("length_mm", grown["steps"][1])
        self.assertEqual(run_json(*tree, "--threads", "1")["voxels"], grown["voxels"])
        recipe = WORK / "vessels.recipe"
        recipe.write_text(f"[step 1]\nphase=1\n\n[step 2]\nvessel-tree={aorta}\ntolerance=60\nradius=15\ncalcium=0.5\n", encoding="utf-8")
        by_recipe = run_json("segment", self.case, "--structure", "Tree", "--recipe", recipe)
        by_hand = run_json(*tree, "--tolerance", "60", "--radius", "15", "--calcium", "0.5")
        self.assertEqual(by_recipe["voxels"], by_hand["voxels"])
        self.setUp()  # the tree took the voxels of the arteries
        parted = run_json("segment", self.case, "--structure", "Parted", "--union", "Arteries", "--union", "Veins", "--phase", "1", "--separate", aorta, "--against", cava)
        self.assertLess(abs(parted["volume_ml"] / arteries - 1), 0.12)
        self.assertIn("root", fail("segment", self.case, "--structure", "x", "--vessel", aorta))
        self.assertIn("against", fail("segment", self.case, "--structure", "x", "--union", "Veins", "--separate", cava))
        self.assertIn("brighter", fail("segment", self.case, "--structure", "x", "--vessel-tree", "0,-100,14"))
        fail("segment", self.case, "--structure", "x", "--vessel", aorta, "--neck", "2", status=2)

    def test_strokes_and_joint_smoothing(self):
        strokes = WORK / "two.strokes"
        strokes.write_text("[stroke 1]\nstructure=Kidney\nradius=3\npoints=82.3,32.6,13.4\n"
                           "[stroke 2]\nstructure=Aorta\nradius=3\npoints=9.8,6.6,14\n"
                           "[stroke 3]\nbackground=true\nradius=4\npoints=60,-40,10;110,40,10\n")
        out = run_json("seeds", self.case, "--strokes", strokes, "--margin", "10")
        self.assertEqual([s["name"] for s in out["structures"]], ["Kidney", "Aorta"])
        self.assertEqual(out["strokes"], 3)
        self.assertTrue(all(s["voxels"] > 100 for s in out["structures"]), out)
        one = run_json("seeds", self.case, "--strokes", strokes, "--margin", "10", "--threads", "1")
        self.assertEqual(one["structures"], out["structures"])
        smooth = run_json("smooth", self.case, "--sigma", "2", "--structure", "Kidney", "--structure", "Aorta")
        self.assertEqual(sum(s["voxels"] for s in smooth["structures"]), sum(s["voxels"] for s in out["structures"]))
        parts = run_json("segment", self.case, "--structure", "Aorta", "--part", "9.8,6.6,14", "--hollow", "2")
        self.assertEqual([s["op"] for s in parts["steps"]], ["part", "hollow"])
        # Two balls that touch: by their neck, by points, and, once they are apart, as islands.
        run("segment", self.case, "--structure", "Pair", "--grow", "0,0,0;14,0,0", "--range", "-2000:4000", "--radius", "8")
        whole = run_json("segment", self.case, "--structure", "Pair", "--median", "--majority", "2")["voxels"]
        for how in (["--necks", "2"], ["--part", "0,0,0", "--part", "14,0,0;15,0,0"]):
            out = run_json("split", self.case, "--structure", "Pair", *how)["structures"]
            self.assertEqual(len(out), 2)
            self.assertEqual(out[0]["name"], "Pair")
            self.assertEqual(sum(s["voxels"] for s in out), whole)
            self.assertTrue(all(s["voxels"] > 0.4 * whole for s in out), out)
            run("segment", self.case, "--structure", "Pair", "--union", out[1]["name"])
        run("segment", self.case, "--structure", "Two", "--grow", "0,0,0;40,0,0", "--range", "-2000:4000", "--radius", "6")
        ring = run_json("segment", self.case, "--structure", "Ring", "--union", "Kidney", "--margin", "2", "--outside", "Kidney")
        self.assertEqual([s["op"] for s in ring["steps"]], ["union", "outside"])
        self.assertGreater(ring["voxels"], 100)
        apart = run_json("split", self.case, "--structure", "Two", "--islands", "2")["structures"]
        self.assertEqual(len(apart), 2)
        fail("split", self.case, "--structure", "Pair", "--islands", "2", "--necks", "2", status=2)
        fail("split", self.case, "--structure", "Pair", "--part", "0,0,0", status=2)
        self.assertIn("outside the structure", fail("split", self.case, "--structure", "Pair", "--part", "0,0,0", "--part", "0,0,60"))
        strokes.write_text("[stroke 1]\nstructure=Kidney\npoints=1,2\n")
        self.assertIn("[stroke 1]", fail("seeds", self.case, "--strokes", strokes))
        fail("smooth", self.case, "--sigma", "much", status=2)
        fail("seeds", self.case, status=2)

    def test_usage_is_status_2(self):
        for args in (["--structure", "x"], ["--threshold", "1:2"], ["--structure", "x", "--threshold", "banana"], ["--structure", "x", "--threshold", "5:1"],
                     ["--structure", "x", "--grow", "1,2"], ["--structure", "x", "--range", "1:2"], ["--structure", "x", "--dilate", "-1"], ["--nonsense"]):
            with self.subTest(args=args):
                fail("segment", self.case, *args, status=2)

    def test_seed_outside_is_named(self):
        line = fail("segment", self.case, "--structure", "x", "--grow", "9999,0,0", "--range", "0:100")
        self.assertIn("9999", line)
        line = fail("segment", self.case, "--structure", "x", "--threshold", "100:200", "--inside", "No such thing")
        self.assertIn("No such thing", line)


class Guide(unittest.TestCase):
    CLICKS = {"Parenchyma": "82.3,32.6,13.4", "Other kidney": "-82.3,32.6,1.4", "Arteries": "9.8,6.6,14",
              "Tumour": "83.6,11.3,-20", "Veins": "-20,5,4"}

    def setUp(self):
        self.case = WORK / "guide.hilum"
        self.case.unlink(missing_ok=True)
        for phase in ("nephrographic", "arterial"):
            run("load", WORK / "sample" / phase, "--case", self.case)

    def clicks(self, *without):
        return [w for name, at in self.CLICKS.items() if name not in without for w in ("--click", f"{name}={at}")]

    def test_one_click_a_structure(self):
        out = run_json("guide", self.case, "--protocol", "ct-two-phases", *self.clicks())
        self.assertEqual(out["protocol"], "Renal CT, two phases")
        made = {s["structure"]: s["volume_ml"] for s in out["stages"]}
        self.assertEqual(set(made), set(self.CLICKS))
        truth = {s["name"]: s["volume_ml"] for s in json.loads((WORK / "sample" / "truth.json").read_text())["structures"]}
        for name in ("Parenchyma", "Tumour"):
            self.assertLess(abs(made[name] / truth[name] - 1), 0.15, (name, made[name], truth[name]))
        self.assertIn("candidates", out)
        names = [s["name"] for s in run_json("measure", self.case)["structures"]]
        self.assertNotIn("Cyst", names, "nobody clicked for it")

    def test_what_is_missing_is_named(self):
        before = self.case.read_bytes()
        self.assertIn("Tumour", fail("guide", self.case, "--protocol", "ct-two-phases", *self.clicks("Tumour")))
        self.assertIn("excretory", fail("guide", self.case, "--protocol", "ct-three-phases", *self.clicks(), "--click", "Collecting system=41.2,8.5,-3.5"))
        fail("guide", self.case, "--protocol", "ct-two-phases", "--click", "Nobody=1,2,3", status=2)
        fail("guide", self.case, "--protocol", "no-such-protocol", status=1)
        self.assertEqual(before, self.case.read_bytes())


class Surfaces(unittest.TestCase):
    def test_section(self):
        """An axial section lies in its slice and is closed; a sphere's contours lie on it; the table has every corner."""
        case = WORK / "case.hilum"
        mesh = next(m for m in run_json("mesh", case)["meshes"] if m["structure"] == "Parenchyma")
        z = mesh["thinnest_mm"][2]
        section = run_json("section", case, "--structure", "Parenchyma", "--axial", f"{z:.3f}", "--out", WORK / "section.csv")["sections"][0]
        self.assertGreater(section["area_mm2"], 0)
        corners = [p for c in section["contours"] for p in c["points_mm"]]
        self.assertTrue(all(c["closed"] for c in section["contours"]))
        self.assertTrue(all(abs(p[2] - round(z, 3)) < 1e-6 for p in corners))
        rows = (WORK / "section.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(rows), 1 + len(corners))
        x, y, _ = mesh["thinnest_mm"]
        around = run_json("section", case, "--structure", "Parenchyma", "--sphere", f"{x},{y},{z}", "--radius", 15)["sections"][0]
        self.assertGreater(len(around["contours"]), 0)
        self.assertTrue(0 < around["area_mm2"] < 4 * math.pi * 15**2, around["area_mm2"])
        for contour in around["contours"]:
            for p in contour["points_mm"]:
                self.assertAlmostEqual(sum((a - b) ** 2 for a, b in zip(p, (x, y, z))) ** 0.5, 15, delta=1e-4)

    def test_mesh_measure_export_check(self):
        meshes = run_json("mesh", WORK / "case.hilum")["meshes"]
        self.assertGreaterEqual(len(meshes), 7)
        for mesh in meshes:
            self.assertTrue(mesh["closed"] and mesh["manifold"] and mesh["oriented"] and mesh["outward"], mesh)
            self.assertEqual(mesh["degenerate_triangles"], 0)
            self.assertAlmostEqual(mesh["volume_ml"] / mesh["label_volume_ml"], 1, delta=0.01, msg=str(mesh))

        measured = run_json("measure", WORK / "case.hilum")
        self.assertEqual(measured["phase"], "Nephrographic")
        by_name = {s["name"]: s for s in measured["structures"]}
        self.assertGreater(by_name["Parenchyma"]["centroid_mm"][0], 0, "the sample's kidney is the left one, at +x")
        pairs = {(d["a"], d["b"]): d for d in measured["distances"]}
        touching = pairs[("Parenchyma", "Tumour")]
        self.assertLessEqual(touching["distance_mm"], (1.6**2 * 2 + 4) ** 0.5 + 1e-9)
        self.check_numbers(measured)
        self.check_surfaces(measured, {m["structure"]: m for m in meshes})
        for s in measured["structures"]:
            self.assertGreater(s["max_diameter_mm"], 0)
            for axis in range(3):
                self.assertLess(s["bounds_mm"][0][axis], s["centroid_mm"][axis])
                self.assertGreater(s["bounds_mm"][1][axis], s["centroid_mm"][axis])

        folder = f"{WORK}/stl/"
        exported = run_json("export", WORK / "case.hilum", "--format", "stl", "--out", folder)
        files = exported["files"]
        for surface in exported["surfaces"]: # smoothing's leash is half a voxel: at most its diagonal
            distance = surface["label_distance"]
            self.assertTrue(surface["area_mm2"] > 0 and "gaussian_per_mm2" in surface["curvature"], surface)
            self.assertTrue(0 < distance["mean_mm"] <= distance["p95_mm"] <= distance["hausdorff_mm"] <= distance["hausdorff_bound_mm"], surface)
            self.assertLess(distance["hausdorff_mm"], 0.5 * (1.6**2 * 2 + 4) ** 0.5, surface)
        self.assertEqual(len(files), len(meshes))
        for file in files:
            self.assertEqual(file["bytes"], os.path.getsize(file["path"]))
            header = pathlib.Path(file["path"]).read_bytes()[:80]
            self.assertIn(b"LPS mm", header)
            self.assertFalse(header.startswith(b"solid"))
            verdict = run_json("check", file["path"])
            self.assertEqual(verdict["verdict"], "ok", verdict)
            self.assertTrue(verdict["closed"] and verdict["manifold"])
        for file in files:
            self.assert_printable(file["path"])

    def check_surfaces(self, measured, meshes):
        """The same surfaces as `mesh` makes, with the same numbers, and how far from the labels; distances between them."""
        for s in measured["structures"]:
            surface, mesh = s["surface"], meshes[s["name"]]
            for key in ("area_mm2", "volume_ml", "min_wall_ray_mm", "min_wall_ball_mm", "thinnest_mm", "curvature"):
                self.assertEqual(surface[key], mesh[key], (s["name"], key))
            self.assertEqual(surface["volume_method"], "divergence theorem")
            self.assertEqual(s["volume_method"], "voxel count")
            self.assertAlmostEqual(surface["volume_ml"] / s["volume_ml"], 1, delta=0.01)
            for spread in surface["curvature"].values():
                self.assertTrue(spread["p5"] <= spread["median"] <= spread["p95"], spread)
            distance = surface["label_distance"]
            self.assertTrue(0 < distance["mean_mm"] <= distance["p95_mm"] <= distance["hausdorff_mm"], distance)
        case = WORK / "case.hilum"
        out = run_json("measure", case, "--no-surfaces", "--between", "tumour, Collecting system", "--between", "Cyst,Tumour", "--between", "Parenchyma,Tumour")
        self.assertNotIn("surface", out["structures"][0])
        voxels = {(d["a"], d["b"]): d["distance_mm"] for d in measured["distances"]}
        for pair in out["between"]:
            expected = voxels.get((pair["a"], pair["b"]), voxels.get((pair["b"], pair["a"])))
            self.assertAlmostEqual(math.dist(pair["point_a_mm"], pair["point_b_mm"]), pair["gap_mm"], 9)
            self.assertTrue(expected - 3 <= pair["gap_mm"] < expected, (pair, expected)) # surfaces lie half a voxel outside of voxel centres
            self.assertLessEqual(pair["gap_mm"], pair["a_to_b"]["mean_mm"])
            self.assertEqual(pair["symmetric"]["hausdorff_mm"], max(pair["a_to_b"]["hausdorff_mm"], pair["b_to_a"]["hausdorff_mm"]))
        self.assertEqual([(p["a"], p["b"]) for p in out["between"]], [("Tumour", "Collecting system"), ("Cyst", "Tumour"), ("Parenchyma", "Tumour")])
        self.assertEqual(out["between"][2]["gap_mm"], 0, "neighbours share their boundary")
        fail("measure", case, "--between", "Tumour", status=2)
        fail("measure", case, "--between", "Tumour,Tumour", status=2)
        self.assertIn("Nothing", fail("measure", case, "--between", "Tumour,Nothing"))
        text = run("measure", case, "--no-surfaces", "--between", "Tumour,Cyst").stdout
        self.assertIn("mm between surfaces, at ", text)
        text = run("export", case, "--format", "stl", "--structure", "Cyst", "--out", WORK / "cyst.stl").stdout
        for word in ("mm2", "ml (divergence)", "thinnest", "curvature mean", "Gaussian", "from the label"):
            self.assertIn(word, text)

    def check_numbers(self, measured):
        """What the labels and images of the sample say by other means: the truth's solids, the NRRD files, numpy's sorting."""
        truth = {s["name"]: s for s in json.loads((WORK / "sample" / "truth.json").read_text(encoding="utf-8"))["structures"]}
        for s in measured["structures"]:
            values = {v["phase"]: v for v in s["values"]}
            self.assertEqual(list(values), ["Nephrographic", "Arterial"])
            self.assertAlmostEqual(values["Nephrographic"]["mean"], s["mean_hu"], 6)
            for v in values.values():
                self.assertEqual(sum(v["histogram"]["counts"]), s["voxels"])
                order = [v["min"], v["p5"], v["p25"], v["median"], v["p75"], v["p95"], v["max"]]
                self.assertEqual(order, sorted(order))
            axial = s["diameters"]["axial"]
            self.assertAlmostEqual(math.dist(axial["point_a_mm"], axial["point_b_mm"]), axial["diameter_mm"], 6)
            self.assertAlmostEqual(axial["point_a_mm"][2], axial["point_b_mm"][2], 6)
            self.assertLessEqual(axial["perpendicular_mm"], axial["diameter_mm"] + 1e-6)
            self.assertLessEqual(axial["diameter_mm"], s["max_diameter_mm"] + 1e-6)
            for axis in range(3):
                self.assertAlmostEqual(s["extents_mm"][axis], s["bounds_mm"][1][axis] - s["bounds_mm"][0][axis], 6)
            if s["name"] in ("Parenchyma", "Tumour"):
                self.assertIsNotNone(s["partial_volume_ml"])
                self.assertAlmostEqual(s["partial_volume_ml"] / truth[s["name"]]["volume_ml"], 1, delta=0.05, msg=s["name"])

        table = WORK / "numbers.csv"
        again = run_json("measure", WORK / "case.hilum", "--no-surfaces", "--phase", "1", "--csv", table)
        self.assertEqual(again["phase"], "Arterial")
        self.assertTrue(table.read_bytes().endswith(b"\r\n"))
        with open(table, newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual([r["structure"] for r in rows], [s["name"] for s in again["structures"]])
        for row, s in zip(rows, again["structures"]):
            self.assertAlmostEqual(float(row["volume (ml)"]), s["volume_ml"], delta=0.001)
            self.assertAlmostEqual(float(row["Arterial median (HU)"]), next(v["median"] for v in s["values"] if v["phase"] == "Arterial"), delta=0.06)
            self.assertEqual(row["note"], "Planning aid. Not for diagnosis.")
            self.assertEqual(row[f"distance to {s['name']} (mm)"], "")
        first, second = again["structures"][0]["name"], again["structures"][1]["name"]
        distance = next(d["distance_mm"] for d in again["distances"] if (d["a"], d["b"]) == (first, second))
        self.assertAlmostEqual(float(rows[0][f"distance to {second} (mm)"]), distance, delta=0.01)
        self.assertIn("could not create", fail("measure", WORK / "case.hilum", "--csv", WORK / "no" / "such" / "folder.csv").lower())

    def assert_admesh_fixes_nothing(self, path):
        text = subprocess.run(["admesh", path], capture_output=True, text=True, check=True).stdout
        for line in ("Degenerate facets", "Edges fixed", "Facets removed", "Facets added", "Facets reversed", "Backwards edges"):
            count = [row for row in text.split("\n") if row.startswith(line)][0].split(":")[1].split()[0]
            self.assertEqual(count, "0", f"{path}: {line}")

    def assert_printable(self, path):
        if shutil.which("admesh"):
            self.assert_admesh_fixes_nothing(path)
        if shutil.which("prusa-slicer"):
            text = subprocess.run(["prusa-slicer", "--info", path], capture_output=True, text=True, check=True).stdout
            self.assertIn("manifold = yes", text, path)

    def test_preparation(self):
        export = ("export", WORK / "case.hilum", "--format", "stl", "--structure", "Tumour")
        plain = run_json(*export, "--out", WORK / "plain.stl")["surfaces"][0]
        self.assertEqual(plain["modifications"], [])
        hollow = run_json(*export, "--out", WORK / "hollow.stl", "--hollow", "2", "--resolution", "0.5", "--decimate-error", "0.1")["surfaces"][0]
        self.assertEqual([m["op"] for m in hollow["modifications"]], ["hollow", "decimate"])
        self.assertLessEqual(hollow["modifications"][1]["deviation_mm"], 0.1)
        self.assertLess(hollow["volume_ml"], plain["volume_ml"])
        verdict = run_json("check", WORK / "hollow.stl")
        self.assertTrue(verdict["closed"] and verdict["manifold"] and verdict["outward"], verdict)
        self.assertGreaterEqual(verdict["shells"], 2, "an outside and a cavity")
        self.assert_printable(WORK / "hollow.stl")
        self.check_record(hollow)
        thick = run_json(*export[:-1], "Cyst", "--out", WORK / "thick.stl", "--min-diameter", "2", "--decimate-error", "0.05")["surfaces"][0]
        self.assertEqual([m["op"] for m in thick["modifications"]], ["thicken", "decimate"])
        reached = thick["modifications"][0]
        self.assertEqual(reached["below"], 0, reached)
        self.assertGreaterEqual(reached["least_mm"], 2 - 2 * reached["tolerance_mm"], reached)
        self.assertNotIn("least_mm", thick["modifications"][1])
        # Hollowing leaves what is thin: the calyces are.
        thin = (*export[:-1], "Collecting system", "--out", WORK / "shell.stl", "--hollow", "4", "--resolution", "0.8")
        shell = run_json(*thin)["surfaces"][0]["modifications"][0]
        self.assertGreater(shell["below"], 0, shell)
        self.assertLess(shell["least_mm"], 4 - shell["tolerance_mm"], shell)
        self.assertIn(f"NOT REACHED: at {shell['below']} places", run(*thin).stdout)
        self.assert_printable(WORK / "thick.stl")
        measure = pathlib.Path(CLI).parent.parent / "tests" / "measure-walls"
        if measure.exists(): # diameter, tolerance, lowest facet, in millimetres
            walls = json.loads(subprocess.run([measure, WORK / "thick.stl", "2", "0.05", "0.02"], capture_output=True, text=True, check=True).stdout)
            self.assertEqual(walls["below"], 0, walls)
            self.assertGreaterEqual(walls["min_ray_mm"], 1.95, walls)
        grey = run_json("mesh", WORK / "case.hilum", "--structure", "Cyst", "--grey", "Cyst=:90", "--images", WORK / "sample")["meshes"][0]
        self.assertEqual(grey["position"], "grey values")
        self.assertTrue(grey["closed"] and grey["manifold"] and grey["self_intersections"] == 0, grey)
        self.assertAlmostEqual(grey["volume_ml"] / grey["label_volume_ml"], 1, delta=0.1)
        for bad in ("Cyst", "Cyst=90", "Cyst=90:10"):
            fail("mesh", WORK / "case.hilum", "--grey", bad, status=2)
        union = run_json("export", WORK / "case.hilum", "--format", "stl", "--union", "Tumour,Parenchyma", "--out", WORK / "union.stl")["surfaces"]
        self.assertEqual([s["structure"] for s in union], ["Tumour + Parenchyma"])
        self.assertGreater(union[0]["volume_ml"], plain["volume_ml"])
        self.assertIn("min-diameter", fail(*export, "--out", WORK / "x.stl", "--min-diameter", "thick", status=2))

    def check_record(self, hollow):
        """What was done stands beside the file and in the case; where nothing was done, nothing is written."""
        self.assertFalse((WORK / "plain.stl.json").exists())
        beside = json.loads((WORK / "hollow.stl.json").read_text(encoding="utf-8"))
        self.assertEqual(beside["sha256"], hashlib.sha256((WORK / "hollow.stl").read_bytes()).hexdigest())
        kept = run_json("exports", WORK / "case.hilum")["exports"][-1]
        self.assertEqual(kept["file"], "hollow.stl")
        for record in (beside["surfaces"][0], kept):
            self.assertEqual([m["op"] for m in record["modifications"]], ["hollow", "decimate"])
            self.assertAlmostEqual(record["volume_ml"], hollow["volume_ml"], 6)
            self.assertAlmostEqual(record["modifications"][-1]["volume_after_ml"], hollow["volume_ml"], 6)
            self.assertEqual(record["modifications"][0]["shells_before"], 1)
            self.assertGreaterEqual(record["modifications"][0]["shells_after"], 2)

    def test_distance_between_files(self):
        for passes in ("0", "20"):
            run("export", WORK / "case.hilum", "--format", "stl", "--structure", "Tumour", "--smooth", passes, "--out", WORK / f"smooth{passes}.stl")
        surface = run_json("export", WORK / "case.hilum", "--format", "stl", "--structure", "Tumour", "--out", WORK / "t.stl")["surfaces"][0]
        against = run_json("check", WORK / "smooth20.stl", "--against", WORK / "smooth0.stl")["against"]
        for key in ("mean_mm", "p95_mm", "hausdorff_mm"):
            self.assertAlmostEqual(against["symmetric"][key], surface["label_distance"][key], 3)
        self.assertAlmostEqual(max(against["there"]["hausdorff_mm"], against["back"]["hausdorff_mm"]), against["symmetric"]["hausdorff_mm"], 6)
        self.assertIn("nothere.stl", fail("check", WORK / "smooth20.stl", "--against", WORK / "nothere.stl"))

    def test_ras_is_a_rotation(self):
        for frame in ("lps", "ras"):
            run("export", WORK / "case.hilum", "--format", "stl", "--structure", "Tumour", "--frame", frame, "--out", WORK / f"{frame}.stl")
        lps, ras = (run_json("check", WORK / f"{f}.stl") for f in ("lps", "ras"))
        self.assertAlmostEqual(lps["volume_ml"], ras["volume_ml"], 3)
        self.assertEqual(ras["verdict"], "ok", "a mirror would turn the surface inside out")

    def test_hidden_is_not_exported_unasked_and_unknown_is_named(self):
        self.assertIn("Spleen 9", fail("export", WORK / "case.hilum", "--format", "stl", "--out", WORK / "x.stl", "--structure", "Spleen 9"))
        fail("export", WORK / "case.hilum", "--format", "docx", "--out", WORK / "x", status=2)


class Boundaries(unittest.TestCase):
    """The range that made a structure is remembered and used, unless the user says otherwise."""

    @classmethod
    def setUpClass(cls):
        cls.case = WORK / "range.hilum"
        run("load", WORK / "sample" / "nephrographic", "--case", cls.case)
        run("load", WORK / "sample" / "excretory", "--case", cls.case)
        made = run_json("segment", cls.case, "--structure", "Urine", "--phase", "1", "--grow", "41.2,8.5,-3.5", "--range", "340:")
        assert made["boundary"] == {"phase": 1, "lo": 340, "hi": None}, made

    def kept(self, name="Urine"):
        return next(s["boundary"] for s in run_json("labels", self.case, "--out", WORK / "range.nrrd")["structures"] if s["name"] == name)

    def mesh(self, *args):
        return run_json("mesh", self.case, "--structure", "Urine", *args)["meshes"][0]

    def test_default_and_override(self):
        self.assertEqual(self.kept(), {"phase": 1, "lo": 340, "hi": None})
        grey, off, bare = self.mesh(), self.mesh("--grey", "Urine=off"), self.mesh("--labels-only")
        self.assertEqual([m["position"] for m in (grey, off, bare)], ["grey values", "labels", "labels"])
        self.assertEqual(grey["range"], [340, None])
        for m in (grey, off, bare):
            self.assertTrue(m["closed"] and m["manifold"] and m["outward"] and m["self_intersections"] == 0, m)
        self.assertEqual((off["area_mm2"], off["volume_ml"]), (bare["area_mm2"], bare["volume_ml"]))
        self.assertNotEqual(grey["area_mm2"], bare["area_mm2"])
        other = self.mesh("--grey", "Urine=400:", "--phase", "1")
        self.assertEqual(other["range"], [400, None])
        fail("mesh", self.case, "--grey", "Urine=400:", "--labels-only", status=2)

    def test_export_says_against_what(self):
        out = run_json("export", self.case, "--format", "stl", "--structure", "Urine", "--out", WORK / "urine.stl")["surfaces"][0]
        self.assertEqual(out["position"], "grey values")
        self.assertLess(out["value_distance"]["mean_mm"], out["label_distance"]["mean_mm"])
        self.assertNotIn("value_distance", run_json("export", self.case, "--format", "stl", "--structure", "Urine", "--labels-only", "--out", WORK / "urine.stl")["surfaces"][0])
        union = run_json("export", self.case, "--format", "stl", "--union", "Urine", "--union", "Urine", "--out", WORK / "urine.stl")["surfaces"]
        self.assertTrue(all(s["position"] in ("labels", "grey values") for s in union))
        section = run_json("section", self.case, "--axial", "-3.5", "--structure", "Urine")["sections"][0]
        self.assertGreater(section["area_mm2"], 0)

    def test_later_steps(self):
        run("segment", self.case, "--structure", "Later", "--phase", "1", "--threshold", "340:", "--open", "1")
        self.assertEqual(self.kept("Later"), {"phase": 1, "lo": 340, "hi": None})
        run("segment", self.case, "--structure", "Later", "--largest", "--fill-holes")  # changes it, and keeps the range
        self.assertEqual(self.kept("Later"), {"phase": 1, "lo": 340, "hi": None})
        run("segment", self.case, "--structure", "Later", "--dilate", "2")  # a margin is not where the range ends
        self.assertIsNone(self.kept("Later"))
        run("segment", self.case, "--structure", "Later", "--threshold", "360:900")
        self.assertEqual(self.kept("Later"), {"phase": 0, "lo": 360, "hi": 900})
        run("segment", self.case, "--structure", "Later", "--denoise-median", "--threshold", "360:900")
        self.assertIsNone(self.kept("Later"))

    def test_without_images(self):
        case = WORK / "gone.hilum"
        shutil.copytree(WORK / "sample" / "nephrographic", WORK / "gone")
        run("load", WORK / "gone", "--case", case)
        run("segment", case, "--structure", "Bright", "--threshold", "150:", "--largest")
        shutil.rmtree(WORK / "gone")
        done = run("mesh", case, "--json")
        self.assertEqual(json.loads(done.stdout)["meshes"][0]["position"], "labels")
        self.assertIn("Bright", done.stderr)
        self.assertIn("missing", done.stderr)


class Labels(unittest.TestCase):
    def test_round_trip(self):
        run("labels", WORK / "case.hilum", "--out", WORK / "out.nrrd")
        shutil.copy(WORK / "case.hilum", WORK / "again.hilum")
        structures = run_json("labels", WORK / "again.hilum", "--in", WORK / "out.nrrd")["structures"]
        run("labels", WORK / "again.hilum", "--out", WORK / "again.nrrd")
        self.assertEqual((WORK / "out.nrrd").read_bytes(), (WORK / "again.nrrd").read_bytes())
        truth = json.loads((WORK / "sample" / "truth.json").read_text())
        self.assertTrue(truth and structures)

    def test_other_grid_is_refused(self):
        data = (WORK / "sample" / "truth.nrrd").read_bytes().replace(b"space origin: (", b"space origin: (9", 1)
        (WORK / "moved.nrrd").write_bytes(data)
        fail("labels", WORK / "case.hilum", "--in", WORK / "moved.nrrd")


class Trouble(unittest.TestCase):
    def test_bad_input_is_one_line_and_status_1(self):
        (WORK / "empty").mkdir()
        (WORK / "text.dcm").write_text("hello")
        (WORK / "zero.dcm").write_bytes(b"")
        first = sorted((WORK / "sample" / "arterial").iterdir())[0].read_bytes()
        (WORK / "truncated").mkdir()
        for length in (200, 400, 1200, 2000, len(first) - 1):
            (WORK / "truncated" / f"cut{length}.dcm").write_bytes(first[:length])
        for path in ("empty", "text.dcm", "zero.dcm", "nowhere"):
            with self.subTest(path=path):
                self.assertIn(path, fail("scan", WORK / path))
        for cut in (WORK / "truncated").iterdir():
            with self.subTest(cut=cut.name):
                self.assertIn(cut.name, fail("scan", cut))
                self.assertIn(cut.name, fail("load", cut, "--case", WORK / "cut.hilum"))
        self.assertFalse((WORK / "cut.hilum").exists())
        for path in ("text.dcm", "zero.dcm", "nowhere"):
            fail("check", WORK / path)
            fail("mesh", WORK / path)

    def test_images_gone(self):
        shutil.copytree(WORK / "sample" / "excretory", WORK / "moving")
        run("load", WORK / "moving", "--case", WORK / "moving.hilum")
        run("segment", WORK / "moving.hilum", "--structure", "Bone", "--threshold", "400:", "--largest")
        os.rename(WORK / "moving", WORK / "moved-away")
        self.assertTrue(run_json("mesh", WORK / "moving.hilum")["meshes"][0]["closed"])
        done = run("segment", WORK / "moving.hilum", "--structure", "Bone", "--threshold", "300:", status=1)
        self.assertTrue(done.stderr)
        run("segment", WORK / "moving.hilum", "--structure", "Bone", "--threshold", "300:", "--images", WORK / "moved-away")

    def test_interrupted_output_leaves_nothing(self):
        fail("volume", WORK / "sample" / "arterial", "--out", WORK / "no-such-folder" / "x.nrrd")
        fail("demo", "--out", WORK / "sample")

    def test_no_verb_and_help(self):
        run(status=2)
        run("frobnicate", status=2)
        self.assertIn("Not for diagnosis", run("--help").stdout)
        for verb in ("scan", "demo", "load", "segment", "mesh", "measure", "export", "check", "render", "volume", "labels", "guide", "seeds", "smooth", "split"):
            self.assertIn(verb, run(verb, "--help").stdout)


@unittest.skipUnless(RENDER, "this build has no renderer")
class Render(unittest.TestCase):
    def test_pictures(self):
        for view, size in (("axial", (200, 160)), ("four-up", (320, 240)), ("anterior", (160, 120))):
            out = WORK / f"{view}.png"
            run("render", WORK / "case.hilum", "--view", view, "--size", f"{size[0]}x{size[1]}", "--out", out)
            head = out.read_bytes()[:24]
            self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual((int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")), size)
        cuts = [["--through", "60,0,0", "--normal", "1,-1,0"], ["--sphere", "60,0,0", "--radius", 30], ["--sphere", "60,0,0", "--radius", 30, "--other-side"], []]
        pictures = set()
        for cut in cuts:
            run("render", WORK / "case.hilum", "--view", "anterior", "--size", "300x200", *cut, "--out", WORK / "cut.png")
            pictures.add((WORK / "cut.png").read_bytes())
        self.assertEqual(len(pictures), len(cuts))
        fail("render", WORK / "case.hilum", "--view", "anterior", "--through", "60,0,0", "--out", WORK / "x.png", status=2)
        fail("render", WORK / "case.hilum", "--view", "anterior", "--cut", "axial", "--sphere", "1,2,3", "--radius", 30, "--out", WORK / "x.png", status=2)
        fail("render", WORK / "case.hilum", "--view", "anterior", "--sphere", "1,2,3", "--radius", 0.5, "--out", WORK / "x.png", status=2)
        fail("render", WORK / "case.hilum", "--view", "upwards", "--out", WORK / "x.png", status=2)
        fail("render", WORK / "case.hilum", "--size", "1x1", "--out", WORK / "x.png", status=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
