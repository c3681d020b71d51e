"""The range that made a structure: remembered with the threshold, undone with it, kept by a brush, seen, changed and cleared in the dialog
by keys, saved and opened; and the surface follows it."""
from gi.repository import GLib

from scenario_real import spin
from scenario_sample import truth
from window import AXIAL


def boundary(w, s):
    return w.structure(s, "Parenchyma")["boundary"]


def settled(w, position, what):
    """The surface in 3D is the one of the labels and range as they are; its number of triangles says that there is one."""
    w.wait(lambda s: w.structure(s, "Parenchyma")["position"] == position and w.structure(s, "Parenchyma")["triangles"] > 1000
           and not s["surfaces_busy"] and s["jobs"] == 0, what)


def open_dialog(w):
    w.key("F2")
    w.accessible("check box", "Surface follows grey values")
    w.xdo("mousemove", 180, 20)  # without a window manager keys go where the pointer is: to the dialog
    w.key("Tab", "Tab", "Tab")  # name, kind, colour, and there


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    seed = truth()["Parenchyma"]["seed_mm"]
    assert boundary(w, w.read()) is None

    # A threshold, in the phase that is shown.
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold", "the threshold")
    spin(w, "Lower bound", 130)
    spin(w, "Upper bound", 320)
    w.wait(lambda s: s["can_apply"] and s["range_lo"] == 130 and s["range_hi"] == 320, "the range")
    phase = w.last["phase"]
    w.key("Return")
    w.wait(lambda s: boundary(w, s) is not None and s["jobs"] == 0, "the range to be remembered")
    assert boundary(w, w.last) == {"phase": phase, "lo": 130, "hi": 320}, w.last
    assert w.last["steps"] == 1 and w.structure(w.last, "Parenchyma")["voxels"] > 1000
    settled(w, "grey values", "a surface that follows the values")
    w.picture("grey-values")

    # One step, back and forth.
    w.key("ctrl+z")
    w.wait(lambda s: boundary(w, s) is None and w.structure(s, "Parenchyma")["voxels"] == 0, "range and voxels to go together")
    w.key("ctrl+shift+z")
    w.wait(lambda s: boundary(w, s) is not None and w.structure(s, "Parenchyma")["voxels"] > 1000, "and to come back")

    # A brush changes the structure and keeps the range.
    before = w.structure(w.last, "Parenchyma")["voxels"]
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush")
    go_to_seed = w.place(AXIAL, [seed[0] + 40, seed[1] + 30, seed[2]])
    w.drag(go_to_seed, (go_to_seed[0] + 30, go_to_seed[1] + 20))
    w.wait(lambda s: w.structure(s, "Parenchyma")["voxels"] != before and s["jobs"] == 0, "a stroke")
    assert boundary(w, w.last)["lo"] == 130
    settled(w, "grey values", "the surface after the stroke")

    # The dialog: cleared by keys, undone, changed by keys.
    w.key("Escape")
    open_dialog(w)
    w.picture("dialog")
    w.key("space")
    w.press("button", "Done")
    w.wait(lambda s: boundary(w, s) is None, "the range to be cleared")
    settled(w, "labels", "the surface of the labels")
    w.picture("labels")
    w.key("ctrl+z")
    w.wait(lambda s: boundary(w, s) is not None, "the range to be back")
    open_dialog(w)
    w.key("Tab", "ctrl+a")
    w.type("145.5")
    w.key("Tab", "ctrl+a", "BackSpace", "Return")
    w.wait(lambda s: boundary(w, s) is not None and boundary(w, s)["lo"] == 145.5, "another range")
    assert boundary(w, w.last)["hi"] == 1e9, w.last  # open
    open_dialog(w)  # a range without an end is refused, and nothing is changed
    w.key("Tab", "ctrl+a", "BackSpace", "Return")
    w.accessible("label", "The range needs")
    w.picture("refused")
    w.key("Escape")
    settled(w, "grey values", "the surface by the new range")

    # Saved and opened.
    case = w.out / "boundary.hilum"
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: s["path"] == str(case) and not s["saving"] and not s["modified"], "the case to be saved")
    w.key("ctrl+q")
    w.wait_closed()
    w.start(case)
    w.wait(lambda s: s["case"] and s["jobs"] == 0 and boundary(w, s) is not None, "the case to be open again")
    assert boundary(w, w.last) == {"phase": phase, "lo": 145.5, "hi": 1e9}, w.last
    w.key("ctrl+z")
    w.wait(lambda s: boundary(w, s) == {"phase": phase, "lo": 130, "hi": 320}, "its history to know the range before")
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
