"""A public CT in the window: bone by threshold and islands, both kidneys by threshold, margins and a click, each with a closed surface.

Needs HILUM_TEST_DATA; the same study as docs/worked-example.md."""
import os
import pathlib
import subprocess

from gi.repository import GLib

from window import AXIAL, MODEL, Skip

RIGHT_CORTEX, LEFT_CORTEX = [98.8, 238.5, 72], [295.9, 233.4, 72]
BONE = [183.5, 254.9, 72]  # a lamina: dense enough to be in any range


def choose(w, name, index):
    """An entry of a drop-down: opened by name, chosen by keys."""
    button = w.search(w.accessible("box", name), "button", "")
    assert button.queryAction().doAction(0), f"{name} could not be opened"
    w.key("Home", *["Down"] * index, "Return")


def spin(w, name, value):
    w.accessible("spin button", name).queryValue().currentValue = value


def apply(w, what):
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, f"{what} to be ready")
    undo = w.last["undo"]
    before = [s["voxels"] for s in w.last["structures"]]
    w.key("Return")
    w.wait(lambda s: s["jobs"] == 0 and (s["undo"] != undo or [t["voxels"] for t in s["structures"]] != before), what)


def threshold(w, lo, hi):
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold", "the threshold tool")
    spin(w, "Lower bound", lo)
    spin(w, "Upper bound", hi)
    apply(w, f"threshold {lo} to {hi}")


def margin(w, op, mm):
    w.key("8")
    w.wait(lambda s: s["tool"] == "margin", "the margin tool")
    choose(w, "Margin operation", op)
    spin(w, "Millimetres", mm)
    apply(w, f"margin {op} by {mm} mm")


def keep(w, point_mm):
    w.key("6")
    w.wait(lambda s: s["tool"] == "islands", "the islands tool")
    before = [s["voxels"] for s in w.read()["structures"]]
    w.click(*w.place(AXIAL, point_mm))
    w.wait(lambda s: [t["voxels"] for t in s["structures"]] != before and s["jobs"] == 0, "one island to stay")


def go_to(w, point_mm):
    """Brings the axial pane to a point by the page and arrow keys."""
    w.xdo("mousemove", *w.middle(AXIAL))
    w.key("Escape")
    while True:
        pane = w.read()["panes"][AXIAL]
        away = round((point_mm[2] - pane["origin_mm"][2]) / 1.6)
        if away == 0:
            return
        w.key("Up" if away > 0 else "Down")
        w.wait(lambda s: s["panes"][AXIAL]["slice"] != pane["slice"], "the slice to change")


def run(w):
    data = os.environ.get("HILUM_TEST_DATA")
    if not data:
        raise Skip("HILUM_TEST_DATA is not set, so there is no real study to open")
    w.start(pathlib.Path(data).resolve() / "ct-abdomen-contrast")
    state = w.wait(lambda s: s["case"] and s["phases"] == 1 and s["jobs"] == 0, "the study to be open")
    w.wait(lambda s: s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    names = [s["name"] for s in state["structures"]]
    go_to(w, RIGHT_CORTEX)

    w.action("add-structure", GLib.Variant("s", "bone"))
    w.wait(lambda s: len(s["structures"]) == len(names) + 1 and s["active"] == len(names) + 1, "a structure for the bone")
    threshold(w, 220, 1500)
    keep(w, BONE)
    w.key("Escape", "q")
    for structure, seed in (("Parenchyma", RIGHT_CORTEX), ("Tumour", LEFT_CORTEX)):
        # The second structure only holds the other kidney here: what is in it does not matter to the tools.
        while w.read()["active"] != names.index(structure) + 1:
            active = w.last["active"]
            w.key("q" if active > names.index(structure) + 1 else "w")
            w.wait(lambda s: s["active"] != active, "another structure")
        threshold(w, 135, 300)
        margin(w, 4, 1)
        margin(w, 2, 2)
        keep(w, seed)
        margin(w, 3, 3)
    w.key("Escape")
    w.wait_quiet()
    state = w.wait(lambda s: w.structure(s, "Parenchyma")["triangles"] > 1000 and w.structure(s, "Tumour")["triangles"] > 1000
                   and not s["surfaces_busy"], "the surfaces")
    for structure in ("Parenchyma", "Tumour"):
        volume = w.structure(state, structure)["volume_ml"]
        assert 100 < volume < 230, f"{structure}: {volume} ml"
    w.picture("real")

    folder = w.out / "stl"
    folder.mkdir()
    w.action("export-to", GLib.Variant("s", str(folder)))
    w.wait(lambda s: "STL" in s["message"] and s["jobs"] == 0, "the export")
    for file in sorted(folder.iterdir()):
        text = subprocess.run(["admesh", str(file)], capture_output=True, text=True, check=True).stdout
        for line in ("Edges fixed           :     0", "Facets removed        :     0", "Facets reversed       :     0"):
            assert line in text, f"{file.name}: {text}"
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
