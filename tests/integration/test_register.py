#!/usr/bin/env python3
"""Phases that do not lie on each other, as a user meets them: the sample's arterial phase moved by a known rigid motion, loaded beside
the nephrographic one, registered, nudged, put back, segmented and drawn. The error is that of the true motion over the kidney.

On the small sample; --full takes the one of 384 x 384 x 240 voxels, for figures.

Usage: test_register.py HILUM_CLI [--no-render] [--full]
"""
import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

CLI = os.path.abspath(sys.argv[1])
RENDER = "--no-render" not in sys.argv
SMALL = () if "--full" in sys.argv else ("--small",)
WORK = pathlib.Path(tempfile.mkdtemp(prefix="hilum-register-"))
SHIFT_MM, AXIS, ANGLE_DEG = (3.0, -2.0, 5.0), (1.0, 2.0, -2.0), 3.0


def run(*args, status=0):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True)
    if done.returncode != status:
        raise AssertionError(f"{args}: exit {done.returncode}, wanted {status}\n{done.stdout}\n{done.stderr}")
    return done


def run_json(*args):
    return json.loads(run(*args, "--json").stdout)


# --- a rigid motion: p -> R (p - centre) + centre + SHIFT_MM ---

def rotation():
    length = math.sqrt(sum(a * a for a in AXIS))
    x, y, z = (a / length for a in AXIS)
    c, s = math.cos(math.radians(ANGLE_DEG)), math.sin(math.radians(ANGLE_DEG))
    return [[c + x * x * (1 - c), x * y * (1 - c) - z * s, x * z * (1 - c) + y * s],
            [y * x * (1 - c) + z * s, c + y * y * (1 - c), y * z * (1 - c) - x * s],
            [z * x * (1 - c) - y * s, z * y * (1 - c) + x * s, c + z * z * (1 - c)]]


R = rotation()
CENTRE = [0.0, 0.0, 0.0]  # set once the kidney is known


def rotate(v):
    return [sum(R[r][c] * v[c] for c in range(3)) for r in range(3)]


def move(p):
    return [a + c + t for a, c, t in zip(rotate([p[i] - CENTRE[i] for i in range(3)]), CENTRE, SHIFT_MM)]


def transform(matrix, p):
    return [sum(matrix[r][c] * p[c] for c in range(3)) + matrix[r][3] for r in range(3)]


# --- DICOM: explicit little endian, as hilum-cli demo writes it ---

def element(data, group, tag):
    at = data.index(struct.pack("<HH", group, tag) + b"DS")
    length = struct.unpack_from("<H", data, at + 6)[0]
    return at + 6, at + 8, at + 8 + length


def numbers(data, tag):
    _, start, end = element(data, 0x20, tag)
    return [float(n) for n in data[start:end].decode().split("\\")]


def with_numbers(data, tag, values):
    length_at, start, end = element(data, 0x20, tag)
    text = "\\".join(f"{v:.12f}"[:16] for v in values)  # DS: 16 characters a number
    text += " " * (len(text) % 2)
    return data[:length_at] + struct.pack("<H", len(text)) + text.encode() + data[end:]


def move_series(source, target):
    target.mkdir()
    for file in source.iterdir():
        data = file.read_bytes()
        axes = numbers(data, 0x37)
        data = with_numbers(data, 0x32, move(numbers(data, 0x32)))
        data = with_numbers(data, 0x37, rotate(axes[:3]) + rotate(axes[3:]))
        (target / file.name).write_bytes(data)


def kidney_points(truth, step=2 if SMALL else 4):
    """LPS mm of every `step`th voxel of the kidney (labels of the truth), read from the NRRD's raw bytes."""
    head, _, raw = truth.read_bytes().partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:] if ": " in line)
    if fields["encoding"] in ("gzip", "gz"):
        import gzip
        raw = gzip.decompress(raw)
    nx, ny, nz = map(int, fields["sizes"].split())
    origin = [float(v) for v in fields["space origin"].strip("()").split(",")]
    axes = [[float(v) for v in a.strip("()").split(",")] for a in fields["space directions"].split()]
    points = []
    for k in range(0, nz, step):
        for j in range(0, ny, step):
            row = (k * ny + j) * nx
            for i in range(0, nx, step):
                if raw[row + i]:
                    points.append([origin[c] + i * axes[0][c] + j * axes[1][c] + k * axes[2][c] for c in range(3)])
    return points


def target_error(matrix, points):
    errors = [math.dist(transform(matrix, p), move(p)) for p in points]
    return sum(errors) / len(errors), max(errors)


def setUpModule():
    global POINTS
    run("demo", "--out", WORK / "sample", *SMALL)
    POINTS = kidney_points(WORK / "sample" / "truth.nrrd")
    for c in range(3):
        CENTRE[c] = sum(p[c] for p in POINTS) / len(POINTS)
    move_series(WORK / "sample" / "arterial", WORK / "moved")
    run("load", WORK / "sample" / "nephrographic", "--case", WORK / "case.hilum")
    run("labels", WORK / "case.hilum", "--in", WORK / "sample" / "truth.nrrd")
    assert len(POINTS) > 1000, len(POINTS)


def tearDownModule():
    shutil.rmtree(WORK)


class Register(unittest.TestCase):
    def setUp(self):
        self.case = WORK / f"{self.id().rsplit('.', 1)[1]}.hilum"
        shutil.copy(WORK / "case.hilum", self.case)
        self.loaded = run_json("load", WORK / "moved", "--case", self.case)

    def test_another_grid_joins(self):
        self.assertEqual(self.loaded["phases"], 2)
        self.assertIn("resampled", [f["code"] for f in self.loaded["findings"]])
        # Steps of one phase and structures of the other meet voxel by voxel.
        done = run_json("segment", self.case, "--structure", "Bright", "--phase", 1, "--threshold", "200:", "--inside", "Parenchyma")
        self.assertGreater(done["volume_ml"], 0)

    def test_known_motion(self):
        before, _ = target_error([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]], POINTS)
        self.assertGreater(before, 5)
        found = run_json("register", self.case, "--phase", 1, "--inside", "Parenchyma")
        mean, worst = target_error(found["transform"], POINTS)
        print(f"kidney: mean {mean:.3f} mm, worst {worst:.3f} mm, residual {found['residual_mm']:.3f} mm, "
              f"{found['seconds']:.2f} s", file=sys.stderr)
        self.assertTrue(found["reliable"], found)
        self.assertTrue(found["applied"])
        self.assertEqual((found["phase"], found["to"], found["metric"]), (1, 0, "mi"))
        self.assertLessEqual(mean, 0.5)
        self.assertLessEqual(worst, 1.0)
        self.assertLess(found["residual_mm"], 1.5)
        self.assertIn("registered", [f["code"] for f in found["findings"]])
        # It is in the file: nudging by nothing tells what is there.
        same = run_json("register", self.case, "--phase", 1, "--nudge", "0,0,0")
        for r in range(4):
            for c in range(4):
                self.assertAlmostEqual(same["transform"][r][c], found["transform"][r][c], 9)
        # Registered again from there, it stays.
        again = run_json("register", self.case, "--phase", 1, "--inside", "Parenchyma")
        mean, worst = target_error(again["transform"], POINTS)
        self.assertLessEqual(worst, 1.0)

    def test_threads(self):
        copy = WORK / "one-thread.hilum"
        shutil.copy(self.case, copy)
        a = run_json("register", self.case, "--phase", 1, "--inside", "Parenchyma")
        b = run_json("register", copy, "--phase", 1, "--inside", "Parenchyma", "--threads", 1)
        self.assertEqual(a["transform"], b["transform"])
        self.assertEqual(a["residual_mm"], b["residual_mm"])

    def test_nudge_and_reset(self):
        found = run_json("register", self.case, "--phase", 1, "--nudge", "1,-2,0.5")
        self.assertEqual((found["method"], found["reliable"], found["residual_mm"]), ("manual", False, None))
        self.assertAlmostEqual(found["moved_mm"], math.sqrt(1 + 4 + 0.25), 9)
        for c, d in enumerate((-1, 2, -0.5)):  # the picture moves one way, the place that is asked for the other
            self.assertAlmostEqual(found["transform"][c][3], d, 9)
        turned = run_json("register", self.case, "--phase", 1, "--nudge", "0,0,0,0,0,0.5")
        self.assertAlmostEqual(turned["rotated_deg"], 0.5, 9)
        back = run_json("register", self.case, "--phase", 1, "--reset")
        self.assertEqual((back["method"], back["moved_mm"]), ("scanner", 0))

    def test_refused(self):
        for args, status, words in [
                (("--phase", 0), 1, "the structures lie on"),
                (("--phase", 7), 1, "no phase 7"),
                (("--phase", 1, "--to", 1), 1, "another than --to"),
                (("--phase", 1, "--inside", "Nothing"), 1, "no structure"),
                (("--phase", 1, "--nudge", "0,900,0"), 1, "does not overlap"),
                (("--phase", 1, "--nudge", "1,2"), 2, "--nudge is"),
                (("--phase", 1, "--nudge", "1,2,3", "--reset"), 2, "stand alone"),
                (("--phase", 1, "--method", "ssd"), 2, "mi or ncc"),
                (("--phase", 1, "--box", "0,0,0,1,1"), 2, "--box is"),
                (("--phase", 1, "--box", "9000,9000,9000,9001,9001,9001"), 1, ""),
                ((), 2, "--phase is missing")]:
            before = self.case.read_bytes()
            done = run("register", self.case, *args, status=status)
            self.assertIn(words, done.stderr)
            self.assertEqual(self.case.read_bytes(), before)

    @unittest.skipUnless(RENDER, "built without the renderer")
    def test_pictures(self):
        pictures = {}
        for name, args in {"alone": (), "blend": ("--fuse", 1), "none": ("--fuse", 1, "--blend", 0), "checker": ("--fuse", 1, "--fusion", "checker"),
                           "whole": ("--fuse", 1, "--blend", 1), "second": ("--phase", 1)}.items():
            run("render", self.case, "--view", "axial", "--size", "400x400", "--out", WORK / f"{name}.png", *args)
            pictures[name] = (WORK / f"{name}.png").read_bytes()
        self.assertEqual(pictures["alone"], pictures["none"])
        self.assertEqual(pictures["second"], pictures["whole"])
        self.assertEqual(len(set(pictures.values())), 4)
        run("render", self.case, "--fuse", 1, "--fusion", "stripes", "--out", WORK / "x.png", status=2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
