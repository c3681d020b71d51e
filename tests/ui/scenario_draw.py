"""The drawing tools by hand: lasso, level tracing, scissors in a slice and in 3D, the smart brush, edit limits and the badge. What they changed
is read back from the saved case with hilum-cli, voxel by voxel."""
import os
import pathlib
import subprocess
import time

import pyatspi
from gi.repository import GLib

from scenario_sample import truth
from window import AXIAL, CORONAL, DEADLINE_S, MODEL, POLL_S


def voxels(w, s, name="Parenchyma"):
    return w.structure(s, name)["voxels"]


def spin(w, name, value):
    w.accessible("spin button", name).queryValue().currentValue = value


def choose(w, name, row):
    """Opens a drop-down by its name and clicks a row of its list, by the row's words."""
    box = w.accessible("box", name)
    button = w.search(box, "button", "")
    assert button.queryAction().doAction(0), f"{name} does not open"
    deadline = time.monotonic() + DEADLINE_S
    while not (words := w.search(box, "list", "") and w.search(w.search(box, "list", ""), "label", row)):
        assert time.monotonic() < deadline, f"no row {row} under {name}"
        time.sleep(POLL_S)
    # GTK tells places within the window; those of a popover as if it began a little below the top of its button.
    at, under = words.queryComponent().getExtents(pyatspi.WINDOW_COORDS), button.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    w.click(round(under.x + under.width / 2), round(at.y + at.height / 2 + 26))


def inside(polygon, x, y):
    """The rule of hilum/segment/polygon.h."""
    odd = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1]):
        if (ay <= y) != (by <= y):
            (lx, ly), (hx, hy) = ((ax, ay), (bx, by)) if ay <= by else ((bx, by), (ax, ay))
            odd ^= lx + (y - ly) / (hy - ly) * (hx - lx) > x
    return odd


def read_labels(w, name):
    """Voxels of a structure as the saved case has them: {(i, j, k)}, and the grid's origin and spacing (the sample lies along the patient)."""
    case, nrrd = w.out / "draw.hilum", w.out / "draw.nrrd"
    case.unlink(missing_ok=True)
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: case.exists() and s["path"] == str(case) and not s["modified"] and not s["saving"], "the case to be saved")
    subprocess.run([pathlib.Path(w.app).parent / "hilum-cli", "labels", case, "--out", nrrd], check=True, capture_output=True)
    data = nrrd.read_bytes()
    header, body = data.split(b"\n\n", 1)
    fields = dict(line.split(": ", 1) for line in header.decode().splitlines() if ": " in line)
    if fields["encoding"] == "gzip":
        import gzip
        body = gzip.decompress(body)
    nx, ny, _ = map(int, fields["sizes"].split())
    origin = [float(v) for v in fields["space origin"].strip("()").split(",")]
    spacing = [sum(float(v) ** 2 for v in axis.strip("()").split(",")) ** 0.5 for axis in fields["space directions"].split()]
    label = next(s["label"] for s in w.last["structures"] if s["name"] == name)
    found = {(n % nx, n // nx % ny, n // (nx * ny)) for n, value in enumerate(body) if value == label}
    return found, origin, spacing


def press_and_hold(w, points):
    w.press_apart(*points[0])
    w.xdo("mousemove", *points[0], "mousedown", 1)
    for p in points[1:]:
        w.xdo("mousemove", *p)
    w.xdo("mouseup", 1)


def to_mm(w, pane, px):
    p = w.last["panes"][pane]
    u, v = (px[0] - p["x"]) / p["px_per_mm"], (px[1] - p["y"]) / p["px_per_mm"]
    return [p["origin_mm"][i] + u * p["right"][i] + v * p["down"][i] for i in range(3)]


def lasso(w, seed):
    w.key("7")
    w.wait(lambda s: s["tool"] == "lasso", "the lasso")
    corners = [w.place(AXIAL, [seed[0] + dx, seed[1] + dy, seed[2]]) for dx, dy in ((-14, -9), (12, -11), (15, 10), (-3, 3), (-12, 13))]
    for n, corner in enumerate(corners):
        w.click(*corner)
        w.wait(lambda s, n=n: s["outline"] == n + 1, "a point")
    w.click(*w.place(AXIAL, [seed[0] + 30, seed[1], seed[2]]))
    w.wait(lambda s: s["outline"] == 6, "a point too many")
    w.key("BackSpace")
    w.wait(lambda s: s["outline"] == 5, "Backspace to take it back")
    w.picture("lasso")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 0 and s["outline"] == 0 and s["undo"] == "Lasso Parenchyma", "Enter to close the outline")
    found, origin, spacing = read_labels(w, "Parenchyma")
    polygon = [((p[0] - origin[0]) / spacing[0], (p[1] - origin[1]) / spacing[1]) for p in (to_mm(w, AXIAL, c) for c in corners)]
    k = round((to_mm(w, AXIAL, corners[0])[2] - origin[2]) / spacing[2])
    lo, hi = [int(min(p[a] for p in polygon)) - 1 for a in (0, 1)], [int(max(p[a] for p in polygon)) + 2 for a in (0, 1)]
    expected = {(i, j, k) for i in range(lo[0], hi[0]) for j in range(lo[1], hi[1]) if inside(polygon, i, j)}
    # A pointer on a pixel of the screen may lie on the rim of a voxel: not more than a few may differ.
    assert len(found ^ expected) <= 2, (len(found), len(expected), sorted(found ^ expected)[:10])
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == 0, "the lasso undone")

    # Freehand in the coronal pane: a loop closes when it is let go. Esc forgets points, then the tool.
    x, y = w.place(CORONAL, seed)
    loop = [(x + dx, y + dy) for dx, dy in ((-30, 0), (-20, -25), (0, -30), (22, -20), (30, 0), (20, 24), (0, 30), (-24, 18), (-30, 3))]
    press_and_hold(w, loop)
    w.wait(lambda s: voxels(w, s) > 0 and s["outline"] == 0, "the loop to be filled")
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == 0, "the loop undone")
    w.click(*corners[0])
    w.wait(lambda s: s["outline"] == 1, "a point")
    w.key("Escape")
    w.wait(lambda s: s["outline"] == 0 and s["tool"] == "lasso", "Esc to forget it")
    w.key("Escape")
    w.wait(lambda s: s["tool"] == "", "Esc to put the lasso away")


def level_trace(w, seed):
    w.key("8")
    w.wait(lambda s: s["tool"] == "level-trace", "level tracing")
    x, y = w.place(AXIAL, seed)
    w.xdo("mousemove", x - 1, y)
    w.xdo("mousemove", x, y)
    w.wait(lambda s: s["outline"] >= 4 and "Contour at" in s["status"], "the contour under the pointer")
    w.picture("level-trace")
    w.click(x, y)
    w.wait(lambda s: voxels(w, s) > 0 and s["undo"] == "Level trace Parenchyma", "the contour to be filled")
    w.key("ctrl+z", "Escape")
    w.wait(lambda s: voxels(w, s) == 0 and s["tool"] == "", "it undone")


def brush_and_badge(w, seed):
    air = [seed[0], seed[1] - 400, seed[2]]
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush" and s["badge"] == "", "the brush")
    spin(w, "Radius in millimetres", 12)
    a = w.place(AXIAL, seed)
    w.click(*a)
    w.wait(lambda s: voxels(w, s) > 0, "a plain dab")
    plain = voxels(w, w.last)
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == 0, "it undone")
    choose(w, "Keep to the intensity", "By its spread")
    w.accessible("spin button", "Standard deviations")
    w.click(*a)
    w.wait(lambda s: 0 < voxels(w, s) < plain, "a dab that keeps to the cortex")
    w.picture("smart-brush")
    smart = voxels(w, w.last)
    w.key("ctrl+z", "l")
    w.wait(lambda s: voxels(w, s) == 0 and "locked" in s["badge"], "the badge to say that the structure is locked")
    w.click(*a)
    w.wait_pixels(AXIAL, lambda r, g, b: r > 220 and 190 < g < 230 and b < 90, lambda n: n > 1500, "the badge over the pane")
    w.picture("badge")
    w.key("l", "space")
    w.wait(lambda s: "hidden" in s["badge"], "the badge to say that it is hidden")
    w.key("space")
    w.wait(lambda s: s["badge"] == "", "the badge to go")
    assert voxels(w, w.last) == 0
    choose(w, "Keep to the intensity", "No")
    w.key("Escape")
    w.wait(lambda s: s["tool"] == "", "no tool")
    return smart


def limits(w, seed):
    """Only a range of values may change; the badge says so where nothing may."""
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush")
    w.press("button", "Edit limits")  # opens them
    w.press("check box", "Only a range of values")
    w.wait(lambda s: s["limits"], "the limits")
    spin(w, "Editable to", 2000)
    spin(w, "Editable from", 1900)
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: "1900 to 2000 HU" in s["badge"], "the badge to name the range")
    w.picture("limits")
    assert voxels(w, w.last) == 0
    spin(w, "Editable from", 50)
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: voxels(w, s) > 0 and s["badge"] == "", "a dab within the range")
    w.press("check box", "Only a range of values")
    w.wait(lambda s: not s["limits"], "the limits to go")
    w.key("ctrl+z", "Escape")
    w.wait(lambda s: voxels(w, s) == 0 and s["tool"] == "", "it undone")


def scissors(w, seed):
    # Something to cut: the cortex by threshold.
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold", "the threshold")
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: s["can_apply"], "a range")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 1000 and s["jobs"] == 0, "it to be applied")
    everything = voxels(w, w.last)
    w.wait_quiet()
    w.wait(lambda s: w.structure(s, "Parenchyma")["triangles"] > 1000, "its surface")
    w.key("6")
    w.wait(lambda s: s["tool"] == "scissors", "the scissors")

    # In 3D: the upper part of what is seen. The preview changes nothing, Enter cuts.
    p = w.read()["panes"][MODEL]
    box = [(p["x"] + 10, p["y"] + 40), (p["x"] + p["width"] - 10, p["y"] + 40), (p["x"] + p["width"] - 10, p["y"] + p["height"] / 2),
           (p["x"] + 10, p["y"] + p["height"] / 2)]
    box = [(round(x), round(y)) for x, y in box]
    back = w.last["camera_back"]
    for corner in box:
        w.click(*corner)
    w.wait(lambda s: s["outline"] == 4 and s["camera_back"] == back, "four points in 3D")
    w.click(*box[0])
    w.wait(lambda s: "would go" in s["status"] and s["can_apply"] and s["jobs"] == 0, "what would go")
    assert voxels(w, w.last) == everything
    w.wait_pixels(CORONAL, lambda r, g, b: r > 180 and g < 150 and b < 150, lambda n: n > 200, "the preview of the cut in a slice")
    w.picture("scissors")
    w.key("Return")
    w.wait(lambda s: 0 < voxels(w, s) < everything and s["undo"] == "Cut Parenchyma" and s["outline"] == 0, "the cut")
    kept = voxels(w, w.last)
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == everything, "the cut undone")
    # Shift gives the hand back to the model.
    x, y = w.middle(MODEL)
    w.xdo("mousemove", x, y, "keydown", "shift", "mousedown", 1)
    for n in range(1, 7):
        w.xdo("mousemove", x + 15 * n, y)
    w.xdo("mouseup", 1, "keyup", "shift")
    w.wait(lambda s: s["camera_back"] != back and s["outline"] == 0, "the model to turn")

    # In a slice, one slice deep: only that slice changes.
    choose(w, "How deep the cut goes", "This slice")
    x, y = w.place(AXIAL, seed)
    slice_box = [(x - 60, y - 60), (x + 60, y - 60), (x + 60, y + 60), (x - 60, y + 60)]
    for corner in slice_box:
        w.click(*corner)
    w.wait(lambda s: s["outline"] == 4 and s["can_apply"], "four points in the slice")
    w.key("Return")
    w.wait(lambda s: "would go" in s["status"] and s["can_apply"] and s["jobs"] == 0, "what would go in the slice")
    before, origin, spacing = read_labels(w, "Parenchyma")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) < everything and s["jobs"] == 0 and s["undo"] == "Cut Parenchyma", "the slice to be cut")
    after, _, _ = read_labels(w, "Parenchyma")
    gone = before - after
    k = round((to_mm(w, AXIAL, slice_box[0])[2] - origin[2]) / spacing[2])
    assert after <= before and gone and {v[2] for v in gone} == {k}, (len(gone), {v[2] for v in gone}, k)
    polygon = [((q[0] - origin[0]) / spacing[0], (q[1] - origin[1]) / spacing[1]) for q in (to_mm(w, AXIAL, c) for c in slice_box)]
    expected = {v for v in before if v[2] == k and inside(polygon, v[0], v[1])}
    assert len(gone ^ expected) <= 2, (len(gone), len(expected))
    w.key("ctrl+z", "Escape")
    w.wait(lambda s: voxels(w, s) == everything and s["tool"] == "", "it undone")
    return kept


def islands(w, seed):
    """The part that is clicked becomes a structure of its own."""
    before = voxels(w, w.read())
    w.key("i")
    w.wait(lambda s: s["tool"] == "islands", "the islands tool")
    choose(w, "Island operation", "Split the part")
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: len(s["structures"]) == 7 and s["jobs"] == 0 and s["undo"].startswith("Split"), "the part to be split off")
    assert voxels(w, w.last, "Parenchyma 2") + voxels(w, w.last) == before
    w.key("ctrl+z", "Escape")
    w.wait(lambda s: len(s["structures"]) == 6 and voxels(w, s) == before, "it undone")


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    seed = truth()["Parenchyma"]["seed_mm"]
    # The sample opens in its middle; the crosshair brings all panes to the cortex.
    w.click(*w.place(CORONAL, seed))
    w.wait(lambda s: abs(s["cursor_mm"][2] - seed[2]) < 2, "the axial slice of the cortex")
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: all(abs(s["cursor_mm"][i] - seed[i]) < 2 for i in range(3)), "the crosshair on the cortex")
    lasso(w, seed)
    level_trace(w, seed)
    brush_and_badge(w, seed)
    limits(w, seed)
    scissors(w, seed)
    islands(w, seed)

    # The rest of the tools are a key away, and by name.
    w.key("0")
    w.press("button", "Combine tool")
    w.wait(lambda s: s["tool"] == "combine", "a tool from the popover")
    w.key("Escape")
    w.wait(lambda s: s["tool"] == "", "no tool")
    w.key("ctrl+s")
    w.wait(lambda s: not s["modified"], "everything to be saved")
    w.key("ctrl+q")
    w.wait_closed()
