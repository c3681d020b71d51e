"""Where a comparison program and Hilum define the same thing they must find the same: hilum-bench and its peers on a small volume, count by
count. HILUM_PEERS names the folder of the built programs; without it the test says that it is skipped. No time is looked at."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77
SLICES = 60
RANGE = "--lo 200 --hi 3071"
PAIRS = [  # volume, Hilum's arguments, program, its arguments, what must agree
    ("i16", f"threshold {RANGE}", "itk_seg", f"threshold {RANGE}", ["count"]),
    ("i16", f"grow {RANGE} --seed 250,361,30", "itk_seg", f"ctr {RANGE} --seed 250,361,30", ["count"]),
    ("i16", f"cc6 {RANGE}", "itk_seg", f"cc6 {RANGE}", ["count"]),
    ("i16", f"cc26 {RANGE}", "itk_seg", f"cc26 {RANGE}", ["count"]),
    ("i16", f"dilate {RANGE} --radius 3", "itk_seg", f"dilate {RANGE} --radius 3", ["count"]),
    ("i16", f"erode {RANGE} --radius 3", "itk_seg", f"erode {RANGE} --radius 3", ["count"]),
    ("i16", f"open {RANGE} --radius 3", "itk_seg", f"open {RANGE} --radius 3", ["count"]),
    ("i16", "median", "itk_seg", "median", ["count"]),
    ("i16", "iso --iso 249.5", "vtk_iso", "fe --iso 249.5 --backend TBB", ["vertices"]),
    ("u8", "labels --labels 6", "vtk_iso", "dfe --labels 6 --backend TBB", ["vertices"]),
]


def run(program, *arguments):
    done = subprocess.run([str(program), *arguments, "--threads", "2", "--reps", "1"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    bench, peers = pathlib.Path(sys.argv[1]), os.environ.get("HILUM_PEERS")
    if not peers or not pathlib.Path(peers, "gen_volume").exists():
        print("skipped: HILUM_PEERS names no folder with the comparison programs")
        return SKIP
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([pathlib.Path(peers, "gen_volume"), "small", str(SLICES)], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        size = ["512", "512", str(SLICES), ".7", ".7", ".8"]
        for kind, ours, program, theirs, keys in PAIRS:
            volume = str(pathlib.Path(folder, f"small.{kind}.raw"))
            a, b = run(bench, volume, *size, *ours.split()), run(pathlib.Path(peers, program), volume, *size, *theirs.split())
            for key in keys:
                same = key in a and a[key] == b.get(key) and a[key] > 0
                failed += not same
                print(f"{'same' if same else 'DIFFERENT'}: {ours}: {key} {a.get(key)} and {b.get(key)}")
    return 1 if failed else 0


sys.exit(main())
