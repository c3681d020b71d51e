"""Nothing is lost: the window is killed after a stroke, and the next one has it; history goes back and forth and outlives the window."""
from gi.repository import Gio, GLib

from scenario_sample import truth
from window import AXIAL


def voxels(w, s):
    return w.structure(s, "Parenchyma")["voxels"]


def ready(w, phases):
    w.wait(lambda s: s["case"] and s["phases"] == phases and s["jobs"] == 0, "the case to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")


def stroke(w, seed, dx):
    before = w.read()["steps"]
    w.drag(w.place(AXIAL, [seed[0] + dx, seed[1], seed[2]]), w.place(AXIAL, [seed[0] + dx - 8, seed[1], seed[2]]))
    w.wait(lambda s: s["steps"] == before + 1 and s["jobs"] == 0, "a stroke")
    return voxels(w, w.last)


def act(w, where, name, *parameters):
    """An action of the program (where: "") or of one of its windows."""
    bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    bus.call_sync("org.hilum.Hilum", "/org/hilum/Hilum" + where, "org.gtk.Actions", "Activate",
                  GLib.Variant("(sava{sv})", (name, list(parameters), {})), None, Gio.DBusCallFlags.NONE, -1, None)


def run(w):
    seed = truth()["Parenchyma"]["seed_mm"]

    # A case that was never saved: killed, offered, and there again with its steps.
    w.start("--small-sample")
    ready(w, 3)
    assert w.read()["followed"], "a new case has a journal"
    w.key("4")
    w.wait(lambda s: s["tool"] == "brush", "the brush")
    first = stroke(w, seed, 0)
    second = stroke(w, seed, 25)
    assert second > first
    w.wait(lambda s: s["kept_safe"], "the steps to be on the disk")
    w.kill()
    w.start()
    w.wait(lambda s: not s["case"] and s["jobs"] == 0, "the empty page")
    w.picture("offered")
    w.press("button", "Recover")
    ready(w, 3)
    w.wait(lambda s: voxels(w, s) == second and "recovered" in s["message"] and s["steps"] == 2, "both strokes")
    w.picture("recovered")
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == first and s["redo"] != "", "one stroke undone")

    # Saved, worked on, killed: the file, then what the journal has.
    case = w.out / "kept.hilum"
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: s["path"] == str(case) and not s["saving"] and not s["modified"], "the case to be saved")
    w.key("ctrl+shift+z", "4")
    w.wait(lambda s: voxels(w, s) == second and s["tool"] == "brush", "the stroke to be redone")
    third = stroke(w, seed, -25)
    w.wait(lambda s: s["kept_safe"], "the steps to be on the disk")
    assert case.with_name("kept.hilum-steps").exists()
    w.kill()
    w.start(case)
    ready(w, 3)
    w.wait(lambda s: voxels(w, s) == third and "recovered" in s["message"] and s["steps"] == 3 and s["modified"], "all strokes")

    # The history: open it by the offer, go back by the keyboard, forward by the pointer's list.
    w.press("button", "Show the history")
    w.wait(lambda s: s["history_shown"], "the history")
    w.picture("history")
    w.key("Home", "Return")
    w.wait(lambda s: voxels(w, s) == 0 and s["steps"] == 0 and s["redo_steps"] == 3, "the beginning")
    w.key("End", "Return")
    w.wait(lambda s: voxels(w, s) == third and s["steps"] == 3, "the last step")
    w.key("Up", "Return")
    w.wait(lambda s: voxels(w, s) == second and s["steps"] == 2, "the step before it")
    w.key("Escape")
    w.wait(lambda s: not s["history_shown"], "the history to close")

    # It outlives a proper end, too, and leaves nothing beside the case.
    w.action("save")
    w.wait(lambda s: not s["saving"] and not s["modified"], "the case to be saved")
    w.key("ctrl+q")
    w.wait_closed()
    assert not case.with_name("kept.hilum-steps").exists()
    w.start(case)
    ready(w, 3)
    assert w.read()["steps"] == 2 and w.last["redo_steps"] == 1 and w.last["message"] == ""
    w.key("ctrl+shift+z")
    w.wait(lambda s: voxels(w, s) == third, "redo after opening again")
    w.key("ctrl+z", "ctrl+z")
    w.wait(lambda s: voxels(w, s) == first, "undo after opening again")

    # The case opened once more in its own window is no second one.
    w.action("open-paths", GLib.Variant("as", [str(case)]))
    w.press("button", "Discard")
    w.wait(lambda s: s["case"] and s["jobs"] == 0 and s["steps"] == 2 and s["path"] == str(case) and s["message"] == "", "the case again")

    # In a second window it is a copy, which says so and has no path to be saved over.
    act(w, "", "new-window")
    w.wait(lambda s: not s["case"], "the second window")
    act(w, "/window/2", "open-paths", GLib.Variant("as", [str(case)]))
    w.wait(lambda s: s["case"] and s["jobs"] == 0 and "open in another window" in s["message"] and s["path"] == "", "a copy")
    w.picture("elsewhere")
    w.key("ctrl+q")
    w.wait_closed()
    assert not case.with_name("kept.hilum-steps").exists()
