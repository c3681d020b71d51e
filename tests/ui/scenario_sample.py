"""The whole job on the sample: open, grow the kidney by a click, see the surface, hide and show it, undo, save, reopen, export."""
import hashlib
import json
import os
import pathlib
import struct

from gi.repository import GLib

from window import AXIAL, MODEL


def reddish(r, g, b):
    return r > 60 and r > 1.25 * g and r > 1.25 * b


def truth():
    folder = next(pathlib.Path(os.environ["XDG_CACHE_HOME"], "hilum").glob("sample-*-small"))
    values = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {s["name"]: s for s in values["structures"]}


def turn(w):
    """The hand in 3D: left turns, middle pans, the wheel zooms, keypad 1 is the anterior view again."""
    x, y = w.middle(MODEL)
    before = w.read()
    assert before["camera_back"] == [0, -1, 0], before["camera_back"]
    w.drag((x, y), (x + 120, y))
    state = w.wait(lambda s: abs(s["camera_back"][0]) > 0.3, "the model to turn under the hand")
    assert state["camera_back"][0] < 0, "a drag to the right brings the patient's right side to the front"
    w.drag((x, y), (x, y + 60), button=2)
    w.wait(lambda s: s["camera_target_mm"] != before["camera_target_mm"], "the model to be panned")
    distance = w.last["camera_distance_mm"]
    w.wheel(x, y, up=True)
    w.wait(lambda s: s["camera_distance_mm"] < distance, "the wheel to zoom")
    w.key("KP_1")
    w.wait(lambda s: s["camera_back"] == [0, -1, 0], "the anterior view")


def run(w):
    w.start("--small-sample")
    state = w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    assert [s["name"] for s in state["structures"]][:2] == ["Parenchyma", "Tumour"]
    assert not state["modified"] and state["undo"] == ""
    kidney = truth()["Parenchyma"]

    # By name: the tools and the panes are there for whoever cannot see them.
    w.accessible("image", "Axial slice")
    w.accessible("image", "3D view")
    w.press("button", "Grow tool")
    w.wait(lambda s: s["tool"] == "grow", "the grow tool")
    w.accessible("spin button", "Tolerance").queryValue().currentValue = 25

    w.click(*w.place(AXIAL, kidney["seed_mm"]))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "a preview of the growth")
    assert w.structure(w.last, "Parenchyma")["voxels"] == 0, "a preview must change nothing"
    w.key("Return")
    w.wait(lambda s: s["undo"] != "" and w.structure(s, "Parenchyma")["voxels"] > 0, "the kidney to be grown")
    state = w.wait(lambda s: w.structure(s, "Parenchyma")["triangles"] > 1000 and not s["surfaces_busy"], "its surface")
    grown = w.structure(state, "Parenchyma")
    assert grown["volume_ml"] > 0.3 * kidney["voxel_volume_ml"], grown
    assert state["modified"]
    seen = w.wait_pixels(MODEL, reddish, lambda n: n > 2000, "a surface in 3D")
    w.picture("grown")

    turn(w)

    w.key("space")
    w.wait(lambda s: not w.structure(s, "Parenchyma")["visible"], "the kidney to be hidden")
    w.wait_pixels(MODEL, reddish, lambda n: n < seen / 10, "an empty 3D pane")
    w.key("space")
    w.wait(lambda s: w.structure(s, "Parenchyma")["visible"], "the kidney to be shown")
    w.wait_pixels(MODEL, reddish, lambda n: n > seen / 2, "the surface again")

    w.key("ctrl+z")
    w.wait(lambda s: w.structure(s, "Parenchyma")["voxels"] == 0 and w.structure(s, "Parenchyma")["triangles"] == 0, "undo")
    w.key("ctrl+shift+z")
    w.wait(lambda s: w.structure(s, "Parenchyma")["voxels"] == grown["voxels"], "redo")
    w.wait_quiet()

    case = w.out / "case.hilum"
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: s["path"] == str(case) and not s["modified"] and not s["saving"], "the case to be saved")
    assert case.read_bytes()[:15] == b"SQLite format 3"
    w.key("ctrl+q")
    w.wait_closed()

    w.start(case)
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the case to be open again")
    state = w.wait(lambda s: w.structure(s, "Parenchyma")["triangles"] > 1000 and not s["surfaces_busy"], "its surface again")
    assert w.structure(state, "Parenchyma")["voxels"] == grown["voxels"]
    assert state["message"] == "", state["message"]
    assert not state["modified"]

    folder = w.out / "stl"
    folder.mkdir()
    w.action("export-to", GLib.Variant("(sa{sv})", (str(folder), {})))
    w.wait(lambda s: "STL" in s["message"] and s["jobs"] == 0, "the export")
    data = (folder / "parenchyma.stl").read_bytes()
    triangles = struct.unpack_from("<I", data, 80)[0]
    assert len(data) == 84 + 50 * triangles
    assert triangles == w.structure(w.last, "Parenchyma")["triangles"], "the file is what is on the screen"
    assert not data.startswith(b"solid") and b"DEMO" not in data[:80] and b"SAMPLE" not in data[:80]
    assert not (folder / "parenchyma.stl.json").exists(), "nothing was done to it, so nothing is recorded"

    # Prepared: what was asked for is done, said, written beside the file, and remembered by the case.
    prepared = folder / "prepared.stl"
    w.action("export-to", GLib.Variant("(sa{sv})", (str(prepared), {"union": GLib.Variant("b", True), "decimate-error": GLib.Variant("d", 0.2)})))
    w.wait(lambda s: "recorded" in s["message"] and s["jobs"] == 0, "the prepared export")
    record = json.loads((folder / "prepared.stl.json").read_text())
    assert [m["op"] for m in record["surfaces"][0]["modifications"]] == ["decimate"], record
    assert record["sha256"] == hashlib.sha256(prepared.read_bytes()).hexdigest()
    assert struct.unpack_from("<I", prepared.read_bytes(), 80)[0] < triangles
    w.key("ctrl+s")
    w.wait(lambda s: not s["modified"] and not s["saving"], "the case to remember the export")

    # The dialog offers all of it.
    w.action("export")
    for tick in ("United into one surface", "Remove pieces below", "Resolve overlaps and crossings", "Least diameter", "Hollow, with walls of", "Fewer triangles, within"):
        w.accessible("check box", tick)
    w.picture("export-dialog")
    w.key("Escape")
    w.picture("reopened")
    w.key("ctrl+q")
    w.wait_closed()
