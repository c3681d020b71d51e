"""Surfaces under the brush: 3D changes while the button is down, the surface itself follows when the hand rests, hidden structures wait."""
import time

from gi.repository import GLib

from scenario_sample import reddish, truth
from window import AXIAL, MODEL


def stroke_with_looks(w, a, b, name, steps=10):
    """A drag that is held until the state has said live pieces of `name` twice: returns the serials seen before and while it went on."""
    before = w.structure(w.read(), name)
    w.xdo("mousemove", *a, "mousedown", 1)
    serials = [before["live_serial"]]
    for n in range(1, steps + 1):
        w.xdo("mousemove", round(a[0] + (b[0] - a[0]) * n / steps), round(a[1] + (b[1] - a[1]) * n / steps))
        if n in (steps // 2, steps):  # the button is still down
            state = w.wait(lambda s: w.structure(s, name)["live_serial"] > serials[-1], "the surface to follow the brush")
            serials.append(w.structure(state, name)["live_serial"])
    return serials


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    kidney = truth()["Parenchyma"]
    seed = kidney["seed_mm"]
    w.press("button", "Grow tool")
    w.wait(lambda s: s["tool"] == "grow", "the grow tool")
    w.accessible("spin button", "Tolerance").queryValue().currentValue = 25
    w.click(*w.place(AXIAL, seed))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "a preview of the growth")
    w.key("Return")
    w.wait(lambda s: w.structure(s, "Parenchyma")["triangles"] > 1000 and not s["surfaces_busy"] and s["live_ready"], "its surface, ready to be painted")
    assert not w.structure(w.last, "Parenchyma")["live"]
    w.picture("before")

    # Parenchyma: 3D follows while the button is down, with the whole structure in pieces; then the surface itself comes.
    w.key("Escape", "5")
    w.wait(lambda s: s["tool"] == "erase", "the eraser")
    grown = w.structure(w.read(), "Parenchyma")
    a, b = w.place(AXIAL, seed), w.place(AXIAL, [seed[0] - 15, seed[1], seed[2]])
    serials = stroke_with_looks(w, a, b, "Parenchyma")
    assert len(serials) == 3 and serials == sorted(set(serials)), serials
    state = w.read()
    assert not state["undo"].startswith("Erase"), "the stroke is not over"
    during = w.structure(state, "Parenchyma")
    assert during["live_triangles"] > 0.9 * grown["triangles"], (during, grown)
    w.wait_pixels(MODEL, reddish, lambda n: n > 500, "the kidney under the brush")
    w.picture("during")
    w.xdo("mouseup", 1)
    state = w.wait(lambda s: not s["surfaces_busy"] and not w.structure(s, "Parenchyma")["live"], "the surface itself")
    after = w.structure(state, "Parenchyma")
    assert after["voxels"] < grown["voxels"] and after["triangles"] != grown["triangles"], (grown, after)
    w.wait_pixels(MODEL, reddish, lambda n: n > 500, "the kidney after the stroke")
    w.picture("after")

    # Hidden, it waits: its voxels change, its surface does not until it is shown.
    w.key("space")
    w.wait(lambda s: not w.structure(s, "Parenchyma")["visible"], "the kidney to be hidden")
    serial = w.structure(w.read(), "Parenchyma")["live_serial"]
    w.key("ctrl+z")
    state = w.wait(lambda s: w.structure(s, "Parenchyma")["voxels"] == grown["voxels"] and not s["surfaces_busy"] and s["live_ready"], "the stroke undone")
    time.sleep(0.5)  # not waited for: it must not come
    state = w.read()
    assert w.structure(state, "Parenchyma")["triangles"] == after["triangles"], "a hidden structure was made"
    w.key("space")
    w.wait(lambda s: w.structure(s, "Parenchyma")["visible"] and w.structure(s, "Parenchyma")["triangles"] == grown["triangles"], "its surface once it is shown")
    w.wait(lambda s: not s["surfaces_busy"] and s["live_ready"] and w.structure(s, "Parenchyma")["live_serial"] > serial, "its pieces, too")

    # Coloured by numbers: made by a job, gone with the surface, made anew for the next one.
    w.action("surface-color", GLib.Variant("s", "deviation"))
    w.wait(lambda s: w.structure(s, "Parenchyma")["colored"] and s["jobs"] == 0, "the deviation to be measured")
    w.wait_pixels(MODEL, lambda r, g, b: b > 60 and b > r + 15, lambda n: n > 3000, "blue, where the surface lies inside its label")
    w.picture("deviation")
    w.action("surface-color", GLib.Variant("s", "thickness"))
    w.wait(lambda s: w.structure(s, "Parenchyma")["coloring"] == "thickness" and w.structure(s, "Parenchyma")["colored"] and s["jobs"] == 0, "the thickness")
    w.action("task", GLib.Variant("s", "model"))
    w.accessible("spin button", "What counts as thin").queryValue().currentValue = 6
    w.wait_pixels(MODEL, lambda r, g, b: g > 80 and g > r + 20, lambda n: n > 100, "green, where it is about four millimetres thick")
    w.picture("thickness")

    # Cut open at the axial slice, and the cut follows the slice; then whole again.
    w.action("cut-models", GLib.Variant("s", "axial"))
    state = w.wait(lambda s: s["cut"], "the models to be cut open")
    at = state["cut_mm"]
    w.wheel(*w.middle(AXIAL), True)
    w.wait(lambda s: s["cut"] and abs(s["cut_mm"] - at) > 1, "the cut to follow the slice")
    w.wait_pixels(MODEL, reddish, lambda n: n > 500, "what is left of the kidney")
    w.picture("cut")
    w.action("cut-models", GLib.Variant("s", "none"))
    w.wait(lambda s: not s["cut"], "the models to be whole")
    w.action("surface-color", GLib.Variant("s", "own"))
    w.wait(lambda s: w.structure(s, "Parenchyma")["coloring"] == "own" and not w.structure(s, "Parenchyma")["colored"], "its own colour")
    w.key("ctrl+q")
