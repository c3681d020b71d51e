"""Vessels by hand on the sample: a course that follows the pointer from root to tip, a tree from one click, an artery and a vein parted; with keys,
undo and what Backspace and Esc take back. What was written is read from the saved case, voxel by voxel."""
import pyatspi

from scenario_draw import choose, read_labels, voxels
from scenario_every_tool import active
from scenario_sample import reddish, truth
from window import AXIAL, CORONAL, SAGITTAL

AORTA, CAVA = [9.8, 6.6, 14], [-20, 5, 4]
LENGTH_MM = 40


def arteries(s, w):
    return voxels(w, s, "Arteries")


def go_to(w, mm):
    """The crosshair to a point; no tool may be in hand."""
    w.click(*w.place(CORONAL, mm))
    w.wait(lambda s: abs(s["cursor_mm"][2] - mm[2]) < 2 and s["jobs"] == 0, "the axial slice")
    w.click(*w.place(AXIAL, mm))
    w.wait(lambda s: all(abs(s["cursor_mm"][i] - mm[i]) < 2 for i in range(3)), f"the crosshair at {mm}")


def show_phase(w, name, number):
    at = w.accessible("label", name).queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    w.click(round(at.x + at.width / 2), round(at.y + at.height / 2))
    w.wait(lambda s: s["phase"] == number, f"the {name} phase")


def course(w):
    tip = [AORTA[0], AORTA[1], AORTA[2] + LENGTH_MM]
    w.click(*w.place(CORONAL, AORTA))
    w.wait(lambda s: s["strokes"] > 0 and s["jobs"] == 0 and "Point at the tip" in s["status"], "the root to be set")
    points = w.last["strokes"]
    for share in (0.5, 1):  # the course follows the pointer, in every slice, without a click
        x, y = w.place(CORONAL, [AORTA[0], AORTA[1], AORTA[2] + share * LENGTH_MM])
        w.xdo("mousemove", x, y)
        w.wait(lambda s, n=points: s["strokes"] > n + 8, "the course to follow the pointer")
        points = w.last["strokes"]
    assert w.last["preview"] == 0 and w.last["steps"] == 0 and w.last["jobs"] == 0
    w.wait_pixels(CORONAL, reddish, lambda n: n > 80, "the course on the screen")
    w.picture("follows")
    w.click(*w.place(CORONAL, tip))
    w.wait(lambda s: s["can_apply"] and s["preview"] == 2 and "mm long" in s["status"] and s["jobs"] == 0, "the lumen to the tip")
    print(f"course: {w.last['status']}", flush=True)
    length = float(w.last["status"].split(" mm long")[0])
    assert LENGTH_MM - 3 < length < LENGTH_MM + 6, w.last["status"]
    w.wait_pixels(CORONAL, reddish, lambda n: n > 500, "the lumen on the screen")
    w.picture("course")
    w.key("BackSpace")
    w.wait(lambda s: not s["can_apply"] and s["preview"] == 0 and s["jobs"] == 0, "the tip to be taken back")
    w.click(*w.place(CORONAL, tip))
    w.wait(lambda s: s["can_apply"] and s["preview"] == 2, "the tip again")
    w.key("Return")
    w.wait(lambda s: arteries(s, w) > 0 and s["jobs"] == 0 and s["steps"] == 1, "the course to be written")
    assert w.last["undo"] == "Trace Arteries" and w.last["strokes"] == 0 and w.last["preview"] == 0, w.last["undo"]
    found, origin, spacing = read_labels(w, "Arteries")
    assert len(found) == arteries(w.last, w)
    at = lambda v, a: origin[a] + v[a] * spacing[a]  # noqa: E731
    assert {round((AORTA[2] + mm - origin[2]) / spacing[2]) for mm in range(2, LENGTH_MM - 2)} <= {v[2] for v in found}
    assert all(AORTA[2] - 4 < at(v, 2) < tip[2] + 4 for v in found), "it ends where root and tip are"
    assert all((at(v, 0) - AORTA[0]) ** 2 + (at(v, 1) - AORTA[1]) ** 2 < 18 ** 2 for v in found), "it stays in the aorta"
    w.key("ctrl+z")
    w.wait(lambda s: arteries(s, w) == 0, "one undo to take it away")


def tree(w):
    choose(w, "What is made of the points", "Tree from a click")
    w.click(*w.place(AXIAL, AORTA))
    w.wait(lambda s: s["can_apply"] and s["preview"] == 2 and "lumen" in s["status"] and s["jobs"] == 0, "the tree")
    print(f"tree: {w.last['status']}; the main loop was busy for {w.last['before_busy_cpu_ms']:.0f} ms at a stretch", flush=True)
    w.wait_pixels(CORONAL, reddish, lambda n: n > 2000, "the tree on the screen")
    w.picture("tree")
    w.key("Escape")
    w.wait(lambda s: s["preview"] == 0 and s["strokes"] == 0 and s["tool"] == "vessel", "Esc to drop it and keep the tool")
    w.click(*w.place(AXIAL, AORTA))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "the tree again")
    w.key("Return")
    w.wait(lambda s: arteries(s, w) > 0 and s["jobs"] == 0, "the tree to be written")
    real = truth()["Arteries"]["volume_ml"]
    got = w.structure(w.last, "Arteries")["volume_ml"]
    assert abs(got / real - 1) < 0.15, (got, real)
    return read_labels(w, "Arteries")[0]


def apart(w, artery):
    """The vein goes into the same structure, and out of it again."""
    w.key("Escape")
    w.wait(lambda s: s["tool"] == "", "no tool")
    go_to(w, CAVA)
    w.key("a")
    w.wait(lambda s: s["tool"] == "vessel", "the vessel tool")
    w.click(*w.place(AXIAL, CAVA))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "the vein")
    w.key("Return")
    w.wait(lambda s: arteries(s, w) > len(artery) + 1000 and s["jobs"] == 0, "the vein in the same structure")
    both = arteries(w.last, w)
    choose(w, "What is made of the points", "Artery from vein")
    w.click(*w.place(AXIAL, [AORTA[0], AORTA[1], CAVA[2]]))
    w.wait(lambda s: s["strokes"] > 0 and "Shift+click" in s["status"], "the artery's point")
    w.click(*w.place(AXIAL, CAVA), hold="shift")
    w.wait(lambda s: s["can_apply"] and s["preview"] == 2 and "of its own" in s["status"] and s["jobs"] == 0, "what would go")
    w.picture("apart")
    names, steps = {s["name"] for s in w.last["structures"]}, w.last["steps"]
    w.key("Return")
    w.wait(lambda s: s["steps"] == steps + 1 and len(s["structures"]) == len(names) + 1 and s["jobs"] == 0, "a structure of its own")
    new = next(s for s in w.last["structures"] if s["name"] not in names)
    assert new["voxels"] + arteries(w.last, w) == both, "no voxel is lost or doubled"
    left = read_labels(w, "Arteries")[0]
    shared = 2 * len(left & artery) / (len(left) + len(artery))
    print(f"parted: Dice {shared:.3f} with the artery before the vein joined it", flush=True)
    assert shared > 0.97
    w.key("ctrl+z")
    w.wait(lambda s: len(s["structures"]) == len(names) and arteries(s, w) == both, "one undo for all of it")


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    go_to(w, AORTA)
    show_phase(w, "Arterial", 0)
    active(w, "Arteries")
    w.key("a")
    w.wait(lambda s: s["tool"] == "vessel" and "root" in s["status"], "the vessel tool")
    course(w)
    apart(w, tree(w))
    for pane in (AXIAL, SAGITTAL):
        assert w.last["panes"][pane]["visible"]
    w.key("ctrl+s")
    w.wait(lambda s: not s["modified"] and not s["saving"], "everything to be saved")
    w.key("ctrl+q")
    w.wait_closed()
