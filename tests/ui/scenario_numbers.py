"""Numbers and ranges by hand: the review's table, distances that move the crosshair, the clipboard, a CSV file, and every way to a range."""
import csv
import math

from gi.repository import GLib

from scenario_sample import truth
from window import AXIAL


def click_on(w, role, name):
    box = w.accessible(role, name).queryComponent().getExtents(1)  # of the window, which fills the screen
    w.click(box.x + box.width // 2, box.y + box.height // 2)


def range_of(s):
    return s["range_lo"], s["range_hi"]


def ranges(w, seed):
    # Grow: what limits it shows in the preview at once.
    w.key("3")
    w.wait(lambda s: s["tool"] == "grow", "the grow tool")
    w.click(*w.place(AXIAL, seed))
    first = w.wait(lambda s: s["can_apply"] and s["jobs"] == 0 and " ml" in s["status"], "a preview")["status"]
    w.accessible("spin button", "Within millimetres of a seed").queryValue().currentValue = 6
    near = w.wait(lambda s: s["jobs"] == 0 and s["status"] != first, "growth within a ball")["status"]
    assert float(near.split()[0]) < 4 / 3 * math.pi * 0.6**3 * 1.3, near
    w.accessible("spin button", "Within millimetres of a seed").queryValue().currentValue = 0
    w.wait(lambda s: s["jobs"] == 0 and s["status"] == first, "growth without limit again")
    click_on(w, "", "Growth follows the region")
    followed = w.wait(lambda s: s["jobs"] == 0 and s["status"] not in (first, near), "growth by confidence")["status"]
    w.accessible("spin button", "Stop at edges").queryValue().currentValue = 60
    w.wait(lambda s: s["jobs"] == 0 and s["can_apply"] and s["status"] != followed, "growth up to edges")
    w.picture("grow")
    w.key("Return")
    w.wait(lambda s: w.structure(s, "Parenchyma")["voxels"] > 1000 and s["jobs"] == 0, "it to be applied")

    # Threshold: the menu of suggestions by pointer and keyboard, Shift+click in the slice.
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold", "the threshold")
    w.key("alt+s")
    w.accessible("menu item", "Two classes: brighter")
    w.picture("suggestions")
    before = range_of(w.read())
    w.press("menu item", "Two classes: brighter")
    otsu = range_of(w.wait(lambda s: range_of(s) != before, "a range by Otsu"))
    assert -100 < otsu[0] < 150 and otsu[1] > 200, otsu
    w.key("alt+s")
    w.press("menu item", "Kidney: 120 to 180 HU")
    w.wait(lambda s: range_of(s) == (120, 180), "the preset's range")
    x, y = w.place(AXIAL, seed)
    w.click(x, y, hold="shift")
    w.wait(lambda s: range_of(s) != (120, 180), "the tissue under the pointer")
    w.picture("threshold")
    w.key("Escape")


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    known = truth()
    seed = known["Parenchyma"]["seed_mm"]
    ranges(w, seed)

    # A second structure, so that there is a distance.
    w.key("w")
    w.wait(lambda s: s["active"] == 2, "the tumour")
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush")
    a = w.place(AXIAL, [seed[0] + 30, seed[1], seed[2]])
    w.drag(a, (a[0] + 10, a[1]))
    w.wait(lambda s: w.structure(s, "Tumour")["voxels"] > 0 and s["jobs"] == 0, "a stroke")
    w.key("Escape")

    # Measured because it is looked at, and again because the labels changed while it is.
    w.key("ctrl+4")
    w.wait(lambda s: s["measured"] == 2 and s["jobs"] == 0, "both structures to be measured")
    w.accessible("label", "Tumour: ")
    w.accessible("list item", "Tumour to Parenchyma")  # the tumour's distances are what is asked first
    w.picture("review")
    w.key("ctrl+z")
    w.wait(lambda s: s["measured"] == 1, "one structure after undo")
    w.key("ctrl+shift+z")
    w.wait(lambda s: s["measured"] == 2 and s["jobs"] == 0, "two again")

    # A click on a distance (now from the kidney: the tumour was away): the crosshair to one end, then to the other.
    before = w.read()["cursor_mm"]
    click_on(w, "list item", "Parenchyma to Tumour")
    one = w.wait(lambda s: s["cursor_mm"] != before, "the crosshair at the kidney's nearest point")["cursor_mm"]
    click_on(w, "list item", "Parenchyma to Tumour")
    other = w.wait(lambda s: s["cursor_mm"] != one, "the crosshair at the tumour's nearest point")["cursor_mm"]
    w.picture("distance")

    # The file says what the screen says.
    path = w.out / "numbers.csv"
    w.action("export-numbers-to", GLib.Variant("s", str(path)))
    w.wait(lambda s: "numbers.csv" in s["message"] and s["jobs"] == 0, "the file")
    with open(path, newline="", encoding="utf-8") as f:
        rows = {r["structure"]: r for r in csv.DictReader(f)}
    assert set(rows) == {"Parenchyma", "Tumour"}, rows
    assert abs(float(rows["Tumour"]["volume (ml)"]) - w.structure(w.last, "Tumour")["volume_ml"]) < 0.001
    assert abs(float(rows["Tumour"]["distance to Parenchyma (mm)"]) - math.dist(one, other)) < 0.02, (rows, one, other)
    assert rows["Tumour"]["note"] == "Planning aid. Not for diagnosis."
    w.press("button", "Copy")
    w.wait(lambda s: "clipboard" in s["message"], "the table on the clipboard")
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
