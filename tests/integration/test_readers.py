#!/usr/bin/env python3
"""Voxel for voxel: `hilum-cli volume` against an independent reader, for every transfer syntax.

The other side is pydicom, with DCMTK's dcmdjpeg, dcmdjpls and dcmdrle for JPEG, JPEG-LS and RLE and Pillow for
JPEG 2000: real = slope * stored + intercept, slices placed by Image Position (Patient). Single slices of the test
data are made into series of three by copying the file with another position; their compressed pixels stay as they
are. Exit status 77 (skipped) without HILUM_TEST_DATA or without those readers. Usage: test_readers.py HILUM_CLI
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

DATA = os.environ.get("HILUM_TEST_DATA")
if not DATA:
    print("skipped: HILUM_TEST_DATA is not set, so there are no real images to compare")
    sys.exit(77)
try:
    import numpy as np
    import pydicom
    from PIL import features
except ImportError:
    system = "/usr/bin/python3"  # Debian's packages may belong to another interpreter than the one that runs
    if os.path.realpath(sys.executable) != os.path.realpath(system) and os.path.exists(system):
        os.execv(system, [system, *sys.argv])
    print("skipped: python3-pydicom, python3-numpy and python3-pil are the other reader")
    sys.exit(77)
missing = [tool for tool in ("dcmdjpeg", "dcmdjpls", "dcmdrle") if not shutil.which(tool)]
if missing or not features.check_codec("jpg_2000"):
    print("skipped: without", ", ".join(missing) or "JPEG 2000 in Pillow", "there is nothing to compare with")
    sys.exit(77)

warnings.simplefilter("ignore")  # pydicom comments on every oddity of the test data
DATA = pathlib.Path(DATA).resolve()
CLI = os.path.abspath(sys.argv[1])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="hilum-readers-"))
SYNTAXES = DATA / "transfer-syntaxes"
PYDICOM = DATA / "pydicom/src/pydicom/data/test_files"
JPEG = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 53, 55, 57, 70)}
JPEG_LS = {f"1.2.840.10008.1.2.4.{n}" for n in (80, 81)}
RLE = "1.2.840.10008.1.2.5"
ENHANCED = {f"1.2.840.10008.5.1.4.1.1.{n}" for n in ("2.1", "2.2", "4.1", "4.4")}


def tearDownModule():
    shutil.rmtree(WORK)


def run_json(*args):
    done = subprocess.run([CLI, *map(str, args), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{args}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def decompressed(path, ds):
    """The file with plain pixels, by DCMTK's tools; JPEG 2000 is left to pydicom."""
    syntax = ds.file_meta.get("TransferSyntaxUID", "")
    tool = "dcmdjpeg" if syntax in JPEG else "dcmdjpls" if syntax in JPEG_LS else "dcmdrle" if syntax == RLE else None
    if not tool:
        return ds
    out = WORK / "plain.dcm"
    subprocess.run([tool, str(path), str(out)], check=True, capture_output=True)
    return pydicom.dcmread(out, force=True)


class Frame:
    """One slice as the other reader sees it."""

    def __init__(self, stored, slope, intercept, ds, position):
        self.position = np.array([float(v) for v in position])
        # NRRD of 16 bits: what lies outside is clipped, and hilum-cli says so.
        self.real = np.clip(stored.astype(np.float64) * slope + intercept, -32768, 32767)
        self.measured = np.ones(stored.shape, bool)
        if "PixelPaddingValue" in ds:
            low = high = int(ds.PixelPaddingValue)
            if "PixelPaddingRangeLimit" in ds:
                low, high = sorted((low, int(ds.PixelPaddingRangeLimit)))
            self.measured = (stored < low) | (stored > high)


def first(ds, per_frame, macro):
    for group in (per_frame, *ds.get("SharedFunctionalGroupsSequence", ())[:1]):
        if macro in group and len(group[macro].value):
            return group[macro].value[0]
    return pydicom.Dataset()


def enhanced_frames(ds):
    stored = ds.pixel_array.reshape(-1, ds.Rows, ds.Columns)
    for plane, group in zip(stored, ds.PerFrameFunctionalGroupsSequence):
        values = first(ds, group, "PixelValueTransformationSequence")
        slope, intercept = values.get("RescaleSlope"), values.get("RescaleIntercept")
        if slope is None:
            values = first(ds, group, "RealWorldValueMappingSequence")
            slope, intercept = values.get("RealWorldValueSlope", 1), values.get("RealWorldValueIntercept", 0)
        position = first(ds, group, "PlanePositionSequence").ImagePositionPatient
        yield Frame(plane, float(slope), float(intercept), ds, position)


def read_frames(folder):
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            ds = pydicom.dcmread(path, force=True)
        except Exception:
            continue
        if "PixelData" not in ds or "Rows" not in ds:
            continue
        ds = decompressed(path, ds)
        if ds.get("SOPClassUID") in ENHANCED:
            yield from enhanced_frames(ds)
        else:
            yield Frame(ds.pixel_array, float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0)), ds,
                        ds.ImagePositionPatient)


def read_nrrd(path):
    data = path.read_bytes()
    end = data.index(b"\n\n")
    header = dict(line.split(": ", 1) for line in data[:end].decode().splitlines() if ": " in line and line[0] != "#")
    kind = {"int16": "<i2", "float": "<f4", "double": "<f8", "uint16": "<u2"}[header["type"]]
    dims = [int(n) for n in header["sizes"].split()]
    voxels = np.frombuffer(data[end + 2:], kind).reshape(dims[::-1])
    vectors = [[float(v) for v in part.strip("()").split(",")]
               for part in (header["space directions"] + " " + header["space origin"]).split()]
    return voxels, np.array(vectors[2]), np.array(vectors[3])


class Agreement(unittest.TestCase):
    def compare(self, folder, volumes=None, rounding=0.0):
        """Every voxel of every volume of the folder is some frame's, and every frame is used once."""
        frames = list(read_frames(folder))
        listed = run_json("scan", folder)["volumes"]
        self.assertGreater(len(listed), 0)
        if volumes:
            self.assertEqual(len(listed), volumes)
        for index, info in enumerate(listed):
            self.assertIn(info["verdict"], ("ok", "warning"), info["findings"])
            out = WORK / "one.nrrd"
            run_json("volume", folder, "--volume", index, "--out", out)
            voxels, step, origin = read_nrrd(out)
            for k, plane in enumerate(voxels):
                at = origin + k * step
                here = [f for f in frames if np.linalg.norm(f.position - at) < 0.02]
                self.assertTrue(here, f"{folder.name}: no frame lies at {at}")
                agreeing = [f for f in here if self.agrees(plane, f, rounding)]
                self.assertTrue(agreeing, f"{folder.name}, slice {k}: " + self.difference(plane, here[0]))
                frames = [f for f in frames if f is not agreeing[0]]
        self.assertEqual(len(frames), 0, f"{folder.name}: frames are in no volume")

    @staticmethod
    def agrees(plane, frame, rounding):
        # NRRD holds whole numbers: a value between two may go either way.
        near = np.abs(plane - frame.real) <= np.where(frame.real == np.round(frame.real), rounding, 0.5 + rounding)
        return bool(np.all(near | ~frame.measured))

    @staticmethod
    def difference(plane, frame):
        off = np.abs(plane - frame.real) * frame.measured
        return f"{np.count_nonzero(off)} of {off.size} voxels differ, by up to {off.max()}"

    def compare_single(self, path):
        """A single slice, made into three. Several files of the test data are no CT and lie nowhere: they are
        given a place, which changes nothing about their pixels."""
        folder = WORK / "series"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        ds = pydicom.dcmread(path, force=True)
        for number in range(3):
            ds.ImagePositionPatient = [-100, -50, 2.5 * number]
            ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
            ds.PixelSpacing = [0.5, 0.5]
            ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2" if ds.get("Modality") != "MR" else "1.2.840.10008.5.1.4.1.1.4"
            ds.Modality = ds.Modality if ds.get("Modality") == "MR" else "CT"
            ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
            ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3", "1.2.3.4"
            ds.SOPInstanceUID = f"1.2.3.4.{number + 1}"
            ds.InstanceNumber = number + 1
            for unused in ("AcquisitionNumber", "SpacingBetweenSlices"):
                if unused in ds:
                    delattr(ds, unused)
            ds.save_as(folder / f"{number}.dcm", write_like_original=True)
        self.compare(folder, volumes=1)

    def test_real_series(self):
        for folder in ("ct-abdomen-contrast", "ct-petct", "ct-jpegls", "mr-coronal-haste",
                       "totalsegmentator/example_ct_dicom"):
            with self.subTest(folder):
                self.compare(DATA / folder, volumes=1)

    def test_mr_in_every_coding(self):
        for folder in ("anatomical/001", "anatomical/001_implicit", "compressed", "compressed_j2k", "compressed_jpeg",
                       "compressed_jpegls", "compressed_rle"):
            with self.subTest(folder):
                self.compare(SYNTAXES / "mr-generic" / folder, volumes=1)

    def test_slopes_that_vary(self):
        folder = SYNTAXES / "mr-generic/anatomical/002_non_isotropic"
        volume = run_json("scan", folder)["volumes"][0]
        codes = [f["code"] for f in volume["findings"]]
        self.compare(folder, volumes=1, rounding=0.5 if "rescale-varies" in codes else 0)

    def test_ct_in_every_coding(self):
        paths = sorted(SYNTAXES.glob("CTImage*.dcm"))
        self.assertEqual(len(paths), 16)
        for path in paths:
            with self.subTest(path.name):
                self.compare_single(path)

    def test_odd_files(self):
        for name in ("693_J2KI.dcm", "J2K_pixelrep_mismatch.dcm", "JPEG2000.dcm", "JPGExtended.dcm",
                     "JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "MR_small_RLE.dcm",
                     "MR_small_bigendian.dcm", "MR_small_expb.dcm", "MR_small_implicit.dcm",
                     "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "CT_small.dcm", "image_dfl.dcm", "examples_overlay.dcm"):
            with self.subTest(name):
                self.compare_single(PYDICOM / name)

    def test_multi_frame(self):
        for folder, volumes in (("enhanced/In/Philips", 2), ("enhanced/In/Siemens", 4), ("enhanced/philips/001", 1),
                                ("enhanced/philips/001_implicit", 1), ("enhanced/siemens_multiframe", 1),
                                ("seg/data/segmentations/23x38x3/multiframe", 1),
                                ("seg/data/segmentations/24x38x3/multiframe", 1)):
            with self.subTest(folder):
                self.compare(DATA / folder, volumes=volumes)

    def test_two_volumes_of_one_file_in_a_case(self):
        """A case finds its images again by name, and every frame has one."""
        folder, case = DATA / "enhanced/In/Philips", WORK / "two.hilum"
        for index in range(2):
            run_json("load", folder, "--volume", index, "--case", case)
        counts = []
        for index in range(2):
            run_json("volume", folder, "--volume", index, "--out", WORK / "one.nrrd")
            voxels = read_nrrd(WORK / "one.nrrd")[0]
            # NRRD holds whole numbers: 10 there is 9.5 and more.
            done = run_json("segment", case, "--structure", f"S{index}", "--phase", index, "--threshold", "9.5:30000")
            counts.append(done["steps"][-1]["voxels"])
            self.assertEqual(counts[index], np.count_nonzero(voxels >= 10))
        self.assertNotEqual(counts[0], counts[1])

    def test_declined(self):
        """What is in colour or a palette, or has frames that lie nowhere, is named and not loaded."""
        for path in (*SYNTAXES.glob("TestPattern*"), *SYNTAXES.glob("US-*"), PYDICOM / "SC_rgb_rle_2frame.dcm",
                     PYDICOM / "examples_jpeg2k.dcm", PYDICOM / "examples_palette.dcm"):
            with self.subTest(path.name):
                done = subprocess.run([CLI, "volume", str(path), "--out", str(WORK / "none.nrrd")],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 1)
                self.assertIn(path.name, done.stderr)
                self.assertFalse((WORK / "none.nrrd").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
