"""The verdict before the export: three structures, one sound, one deliberately thin, one hidden; by pointer and keys. What the dialog says is
what is measured, what it speaks for is not ticked, what would be refused is said before, and what was done is said after."""
import json
import math
import time

import pyatspi
from gi.repository import GLib

import scenario_every_tool as tools
from scenario_draw import spin
from scenario_numbers import click_on
from scenario_sample import truth
from window import AXIAL, DEADLINE_S, POLL_S


def says(w, text):
    """A label holds this somewhere; those that are not shown hold nothing."""
    return any(text in x.name for x in w.all_accessible("label"))


def wait_says(w, text):
    w.wait(lambda s: says(w, text), f"“{text}”")


def tags(w):
    return [x.name for x in w.all_accessible("label") if x.name in ("ok", "look")]


def sensitive(node):
    return node.getState().contains(pyatspi.STATE_SENSITIVE)


def ticked(node):
    return node.getState().contains(pyatspi.STATE_CHECKED)


LEAST_MM = 3  # the small sample's voxels are 1.6 x 1.6 x 2 mm


def words(thin):
    return f"sound, but {min(thin['wall_ray_mm'], thin['wall_ball_mm']):.2f} mm thin"


def click_box(w, name):
    """Ticks a box by the pointer. The rows above it may grow between the question where it is and the click: then once more."""
    box = w.accessible("check box", name)
    deadline = time.monotonic() + DEADLINE_S
    while not ticked(box):
        assert time.monotonic() < deadline, f"{name} cannot be ticked"
        click_on(w, "check box", name)
        for _ in range(20):
            time.sleep(POLL_S)
            if ticked(box):
                return


def paint(w, seed):
    tools.SEED = seed
    tools.active(w, "Parenchyma")
    tools.ball(w, seed, 9)  # thick
    tools.active(w, "Tumour")
    tools.choose(w, "Shape", "Disc in the slice")
    spin(w, "Radius in millimetres", 0.6)
    steps = w.read()["steps"]
    w.drag(w.place(AXIAL, [seed[0] + 25, seed[1], seed[2]]), w.place(AXIAL, [seed[0] + 45, seed[1], seed[2]]))
    w.wait(lambda s: s["steps"] == steps + 1 and s["jobs"] == 0, "a stroke as thin as a voxel")
    tools.active(w, "Cyst")
    tools.choose(w, "Shape", "Ball")
    tools.dab(w, [seed[0], seed[1] - 30, seed[2]], 6)
    tools.put_away(w)
    w.key("space")
    w.wait(lambda s: not w.structure(s, "Cyst")["visible"], "the cyst to be hidden")
    w.wait(lambda s: all(w.structure(s, n)["triangles"] > 20 for n in ("Parenchyma", "Tumour")) and not s["surfaces_busy"], "the surfaces")


def dialog(w):
    w.key("ctrl+e")
    for name in ("Parenchyma", "Tumour"):
        w.wait(lambda s, n=name: w.structure(s, n)["verdict"] != "", f"the verdict on {name}")
    assert w.structure(w.last, "Parenchyma")["verdict"] == "sound", w.last["structures"]
    thin = w.structure(w.last, "Tumour")
    assert not w.structure(w.last, "Cyst")["measured"], "nobody asked for the hidden one"
    w.wait(lambda s: tags(w) == ["ok", "ok"], "both to be ok")
    spin(w, "Least diameter: mm", LEAST_MM)  # the number is what the verdict calls thin, ticked or not
    wait_says(w, words(thin))
    wait_says(w, "Tumour: least diameter")
    w.wait(lambda s: tags(w) == ["ok", "look"], "the thin one to be worth a look")
    for tick in ("Remove pieces below", "Resolve overlaps and crossings", "Least diameter", "Hollow, with walls of", "Fewer triangles, within"):
        assert not ticked(w.accessible("check box", tick)), f"{tick} was ticked by itself"
    w.picture("verdicts")
    return thin


def show(w, seed):
    """The pointer brings the crosshair to the thin place, and what is thin is coloured; the number below is what counts as thin."""
    before = w.read()["cursor_mm"]
    click_on(w, "button", "Show the place in Tumour")
    state = w.wait(lambda s: s["cursor_mm"] != before and w.structure(s, "Tumour")["colored"], "the thin place")
    assert state["thin_mm"] == LEAST_MM and w.structure(state, "Tumour")["coloring"] == "thickness"
    x, y, z = state["cursor_mm"]
    assert seed[0] + 22 < x < seed[0] + 48 and abs(y - seed[1]) < 3 and abs(z - seed[2]) < 3, state["cursor_mm"]
    assert w.structure(state, "Parenchyma")["coloring"] == "own"


def hidden_one(w):
    """By keys, from the button that was pressed last: past the tumour's expander to the tick, then to the expander with everything."""
    assert not ticked(w.accessible("check box", "Cyst · "))
    w.key("Tab", "Tab", "space")
    w.wait(lambda s: w.structure(s, "Cyst")["verdict"] != "", "the verdict on the hidden one")
    assert w.structure(w.last, "Cyst")["triangles"] == 0 or not w.structure(w.last, "Cyst")["shown"]
    w.key("Tab", "Tab", "space")  # its Show button, its expander
    wait_says(w, "closed: yes\n2-manifold: yes\noutward: yes")
    w.picture("details")


def united(w):
    """Of a union nothing is on screen; its verdict is made for the dialog, and goes with the tick."""
    click_box(w, "United into one surface")
    w.wait(lambda s: s["union_verdict"] == "sound", "the verdict on the union")
    assert w.last["union_shells"] == 3, "what does not touch stays apart"
    wait_says(w, "United: least diameter")
    assert says(w, "United") and not says(w, "Tumour: least diameter"), "advice is on what would be written"
    w.picture("united")
    click_box(w, "One file for each structure")
    w.wait(lambda s: not says(w, "United: ") and says(w, "Tumour: least diameter"), "the union to be gone")


def refusals(w):
    export = w.accessible("button", "Export…")
    assert sensitive(export)
    click_box(w, "Hollow, with walls of")
    spin(w, "Hollow, with walls of: mm", 15)
    wait_says(w, "Parenchyma: Walls of 15 mm leave no cavity")
    assert sensitive(export), "a wall that stays solid is no failure"
    click_box(w, "Remove pieces below")
    spin(w, "Remove pieces below: ml", 50)
    wait_says(w, "Tumour: Nothing would be left")
    assert not sensitive(export), "what would fail cannot be asked for"
    w.picture("refused")
    spin(w, "Remove pieces below: ml", 0.001)
    w.wait(lambda s: not says(w, "Nothing would be left") and sensitive(export), "the objection to go")
    w.key("Escape")
    w.wait(lambda s: s["background"] == 0 and not any(x.name == "Export…" for x in w.all_accessible("button")), "the dialog to be gone")


def exported(w, thin):
    """The record, said and written; the verdicts stay what they were, for they are of the surfaces as they are."""
    path = w.out / "thick.stl"
    options = {"min-diameter": GLib.Variant("d", LEAST_MM), "decimate-error": GLib.Variant("d", 0.1)}
    w.action("export-to", GLib.Variant("(sa{sv})", (str(path), options)))
    message = w.wait(lambda s: "recorded" in s["message"] and s["jobs"] == 0, "the export")["message"]
    print(message, flush=True)
    w.picture("exported")
    for words in (f"Tumour: thickened to {LEAST_MM} mm with ", "; now sound, thinnest wall ", "triangles taken away", "no point farther than ", "volume +"):
        assert words in message, f"{words} is not in {message}"
    assert "Cyst" not in message
    record = json.loads((w.out / "thick.stl.json").read_text())
    tumour = next(s for s in record["surfaces"] if s["structure"] == "Tumour")
    assert [m["op"] for m in tumour["modifications"]] == ["thicken", "decimate"]
    now = float(message.split("Tumour: ")[1].split("thinnest wall ")[1].split(" mm")[0])
    assert now > LEAST_MM - 0.2 > min(thin["wall_ray_mm"], thin["wall_ball_mm"]) and math.isfinite(now), message
    assert w.structure(w.last, "Tumour")["wall_ray_mm"] == thin["wall_ray_mm"], "kept as long as the surface is the same"


def panel(w, thin):
    """Model shows the same verdicts; a stroke makes the one new, and only that one."""
    w.key("ctrl+2")
    wait_says(w, words(thin))
    assert w.accessible("spin button", "What counts as thin").queryValue().currentValue == LEAST_MM
    w.picture("panel")
    w.key("ctrl+1")


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    seed = truth()["Parenchyma"]["seed_mm"]
    paint(w, seed)
    thin = dialog(w)
    show(w, seed)
    hidden_one(w)
    united(w)
    refusals(w)
    exported(w, thin)
    panel(w, thin)
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
