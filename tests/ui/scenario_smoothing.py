"""How smooth surfaces are made: chosen with the keys on the slider, seen as deviation, made anew, kept with the case, and what the headless tool takes up."""
import json
import pathlib
import subprocess

from gi.repository import GLib

from scenario_cuts import click_on, make_case
from window import AXIAL


def area(w, case, *options):
    cli = pathlib.Path(w.app).with_name("hilum-cli")
    out = subprocess.run([cli, "mesh", case, "--structure", "Tumour", "--json", *options], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out)["meshes"][0]["area_mm2"]


def made(w, passes, what):
    return w.wait(lambda s: s["smoothing"] == passes and not s["surfaces_busy"] and s["jobs"] == 0, what)


def run(w):
    case, _ = make_case(w)
    w.start(case)
    w.wait(lambda s: s["case"] and s["jobs"] == 0 and not s["surfaces_busy"] and w.structure(s, "Tumour")["triangles"] > 300, "the case and its surfaces")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100, "the panes to have a size")
    assert w.last["smoothing"] == 20
    w.action("task", GLib.Variant("s", "model"))
    w.accessible("slider", "Smoothing, passes")
    w.picture("twenty")

    # By keys: the slider takes the focus from the pointer; Home is none at all.
    steps = w.read()["steps"]
    click_on(w, "slider", "Smoothing, passes")
    w.key("Home")
    made(w, 0, "bare surfaces")
    w.picture("none")
    w.action("surface-color", GLib.Variant("s", "deviation"))
    w.wait(lambda s: any(x["colored"] for x in s["structures"]) and s["jobs"] == 0, "deviations, which are none now")
    w.picture("none-deviation")
    w.key("Right")
    w.wait(lambda s: s["smoothing"] == 1, "one pass")
    w.key("Page_Up", "Page_Up", "Page_Up")
    chosen = w.wait(lambda s: s["smoothing"] > 20 and not s["surfaces_busy"] and s["jobs"] == 0, "more than twenty passes")["smoothing"]
    w.wait(lambda s: any(x["colored"] for x in s["structures"]) and s["jobs"] == 0, "deviations of those")
    w.picture("many-deviation")
    assert w.last["steps"] == steps, "no step of the history"

    # Kept with the case, and what the headless tool takes unless it is told otherwise.
    again = case.replace("cuts.hilum", "smooth.hilum")
    w.action("save-to", GLib.Variant("s", again))
    w.wait(lambda s: s["path"] == again and not s["saving"] and s["jobs"] == 0, "the case to be saved")
    w.key("ctrl+q")
    w.wait_closed()
    kept, bare, usual = area(w, again), area(w, again, "--smooth", "0"), area(w, again, "--smooth", "20")
    assert kept == area(w, again, "--smooth", str(chosen)) and kept != usual, (kept, usual, chosen)
    assert bare > 1.02 * usual, (bare, usual)
    w.start(again)
    w.wait(lambda s: s["case"] and s["smoothing"] == chosen and not s["surfaces_busy"] and w.structure(s, "Tumour")["triangles"] > 300, "the choice to come back")
