"""Every tool by hand: window, slices, threshold, brush, eraser, islands, fill, margin, lock, isolate, structures, panes."""
from gi.repository import GLib

from scenario_sample import truth
from window import AXIAL, CORONAL, MODEL


def voxels(w, s, name="Parenchyma"):
    return w.structure(s, name)["voxels"]


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    seed = truth()["Parenchyma"]["seed_mm"]

    # Window: a preset, then a drag with no tool in hand.
    w.key("alt+4")
    w.wait(lambda s: s["window_width"] == 2000, "the bone window")
    x, y = w.middle(AXIAL)
    w.drag((x, y), (x + 80, y))
    w.wait(lambda s: s["window_width"] > 2000, "a wider window")
    w.key("alt+2")
    w.wait(lambda s: s["window_width"] == 300, "the kidney window")

    # Slices by wheel and keys; the crosshair by a click.
    before = w.read()["panes"][AXIAL]["slice"]
    w.wheel(x, y, True)
    w.wait(lambda s: s["panes"][AXIAL]["slice"] == before + 1, "one slice up")
    w.key("Down")
    w.wait(lambda s: s["panes"][AXIAL]["slice"] == before, "one slice down")
    w.click(*w.place(AXIAL, [seed[0] - 20, seed[1], seed[2]]))
    w.wait(lambda s: abs(s["cursor_mm"][0] - (seed[0] - 20)) < 2, "the crosshair to move")
    coronal = w.read()["panes"][CORONAL]["slice"]
    w.click(*w.place(AXIAL, [seed[0], seed[1] - 20, seed[2]]))
    w.wait(lambda s: s["panes"][CORONAL]["slice"] != coronal, "the coronal slice to follow")

    # Brush: a drag is one step, with a live result; the eraser takes it away again.
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush")
    a, b = w.place(AXIAL, seed), w.place(AXIAL, [seed[0] - 15, seed[1], seed[2]])
    w.drag(a, b)
    w.wait(lambda s: voxels(w, s) > 0 and s["undo"] != "" and s["jobs"] == 0, "a stroke")
    stroke = voxels(w, w.last)
    w.wheel(*a, True, hold="shift")
    w.drag(a, b)
    w.wait(lambda s: voxels(w, s) > stroke, "a wider stroke with a larger brush")
    w.key("5")
    w.wait(lambda s: s["tool"] == "erase", "the eraser")
    wide = voxels(w, w.last)
    w.drag(a, b)
    w.wait(lambda s: voxels(w, s) < wide and s["undo"].startswith("Erase"), "the eraser to erase")
    w.key("ctrl+z", "ctrl+z", "ctrl+z")
    w.wait(lambda s: voxels(w, s) == 0 and s["undo"] == "", "three strokes undone")

    # Threshold, then islands, fill and margin.
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold", "the threshold")
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: s["can_apply"], "a range from the click")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 1000 and s["jobs"] == 0, "the threshold to be applied")
    everything = voxels(w, w.last)
    w.key("i")
    w.wait(lambda s: s["tool"] == "islands", "the islands tool")
    w.accessible("box", "Island operation")  # the choice is there by name
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: 0 < voxels(w, s) < everything and s["jobs"] == 0, "one island to stay")
    island = voxels(w, w.last)
    w.key("h")
    w.wait(lambda s: s["tool"] == "fill-holes" and s["can_apply"] and s["jobs"] == 0, "a preview of the filling")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) >= island and s["jobs"] == 0 and s["undo"].startswith("Fill"), "the holes to be filled")
    filled = voxels(w, w.last)
    w.key("m")
    w.wait(lambda s: s["tool"] == "margin" and s["can_apply"], "the margin tool")
    w.accessible("spin button", "Millimetres").queryValue().currentValue = 4
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > filled and "mm" in s["undo"] and s["jobs"] == 0, "the margin to grow")
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == filled, "the margin undone")

    # Locked means locked; the next structure; isolate.
    w.key("Escape", "l")
    w.wait(lambda s: w.structure(s, "Parenchyma")["locked"] and s["tool"] == "", "the lock")
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush again")
    w.drag(a, b)
    w.wait(lambda s: s["message"] != "" or voxels(w, s) == filled, "the lock to hold")
    assert voxels(w, w.read()) == filled
    w.key("w")
    w.wait(lambda s: s["active"] == 2, "the next structure")
    w.key("Escape", "shift+space")
    w.wait(lambda s: not w.structure(s, "Parenchyma")["shown"] and w.structure(s, "Tumour")["shown"], "the tumour alone")
    w.key("shift+space")
    w.wait(lambda s: w.structure(s, "Parenchyma")["shown"], "all of them again")
    w.action("add-structure", GLib.Variant("s", "bone"))
    w.wait(lambda s: len(s["structures"]) == 7 and s["active"] == 7, "a new structure")
    w.key("Delete")
    w.wait(lambda s: len(s["structures"]) == 6, "it to be deleted")

    # One pane alone, and back.
    w.xdo("mousemove", *w.middle(MODEL))
    w.key("F11")
    w.wait(lambda s: not s["panes"][AXIAL]["visible"] and s["panes"][MODEL]["visible"], "3D alone")
    w.key("F11")
    w.wait(lambda s: s["panes"][AXIAL]["visible"], "all four panes")
    w.picture("tools")
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
