"""The kidney guide by hand: one click a structure on the sample, with keys and pointer; undo, save, reopen, what is left over."""
from gi.repository import GLib

from scenario_sample import truth
from window import AXIAL, SAGITTAL


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def height(w, point):
    """Of a point over the axial slice, in mm."""
    pane = w.read()["panes"][AXIAL]
    normal = cross(pane["right"], pane["down"])  # towards superior
    return sum(normal[i] * (point[i] - pane["origin_mm"][i]) for i in range(3))


def show(w, point):
    """Turns axial slices with the keyboard until the point lies in the one that is seen."""
    w.xdo("mousemove", *w.middle(AXIAL))
    for _ in range(400):
        before, away = w.read()["panes"][AXIAL]["slice"], height(w, point)
        w.key("Up" if away > 0 else "Down")
        w.wait(lambda s: s["panes"][AXIAL]["slice"] != before, "another slice")
        if abs(height(w, point)) >= abs(away):
            w.key("Down" if away > 0 else "Up")
            w.wait(lambda s: s["panes"][AXIAL]["slice"] == before, "the slice before")
            return
    raise AssertionError(f"no slice shows {point}")


def click(w, point):
    show(w, point)
    w.click(*w.place(AXIAL, point))
    w.wait(lambda s: max(abs(s["guide_point_mm"][i] - point[i]) for i in range(3)) < 3, "the point to be where the click was")


def ml(w, s, name):
    return w.structure(s, name)["volume_ml"]


def make(w, name, point, least, most):
    """Click, Enter, and the volume that the truth promises, as a share of it."""
    expected = truth()[name]["voxel_volume_ml"]
    click(w, point)
    assert w.last["guide_can_apply"] and not w.last["guide_done"], w.last
    steps = w.last["steps"]
    w.key("Return")
    w.wait(lambda s: s["guide_done"] and s["jobs"] == 0, f"{name} to be made")
    assert w.last["steps"] == steps + 1, "a stage is one step"
    found = ml(w, w.last, name)
    assert least * expected < found < most * expected, f"{name}: {found} ml, the truth is {expected} ml"
    return found


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    place = {name: s["seed_mm"] for name, s in truth().items()}
    assert w.read()["guide"] == "", "the guide waits behind its button"

    # The key begins it with the protocol for three phases; the button puts it away and brings it back.
    w.key("ctrl+g")
    w.wait(lambda s: s["guide"] == "ct-three-phases" and s["tool"] == "guide", "the guide")
    assert w.last["guide_stage"] == 0 and not w.last["guide_can_apply"] and not w.last["guide_can_next"], w.last
    w.press("button", "Kidney guide")
    w.wait(lambda s: s["guide"] == "" and s["tool"] == "", "the guide to be put away")
    w.key("g")
    w.wait(lambda s: s["guide"] == "ct-three-phases" and s["tool"] == "guide", "the guide again")

    # The kidney: the phase is switched, a second click moves the point.
    nephrographic = w.last["phase"]
    assert w.last["guide_title"].startswith("Kidney"), w.last["guide_title"]
    show(w, place["Parenchyma"])
    x, y = w.place(AXIAL, place["Parenchyma"])
    w.click(x + 40, y)
    w.wait(lambda s: "guide_point_mm" in s, "a point")
    sagittal = w.last["panes"][SAGITTAL]["slice"]
    w.picture("point")
    kidney = make(w, "Parenchyma", place["Parenchyma"], 0.7, 1.5)
    assert w.last["panes"][SAGITTAL]["slice"] != sagittal, "the crosshair goes with the point"
    w.wait_quiet()
    w.picture("kidney")

    # Undone and done again: the guide knows.
    w.key("ctrl+z")
    w.wait(lambda s: ml(w, s, "Parenchyma") == 0 and not s["guide_done"], "the kidney to be undone")
    w.key("ctrl+shift+z")
    w.wait(lambda s: ml(w, s, "Parenchyma") == kidney and s["guide_done"], "the kidney to be there again")

    # Enter goes on; the other kidney is left out by Next.
    w.key("Return")
    w.wait(lambda s: s["guide_stage"] == 1 and s["guide_can_next"], "the next stage")
    w.press("button", "Next in the guide")
    w.wait(lambda s: s["guide_stage"] == 2 and s["phase"] != nephrographic, "the arteries and their phase")
    assert next(x for x in w.last["structures"] if x["label"] == w.last["active"])["name"] == "Arteries"
    make(w, "Arteries", place["Arteries"], 0.6, 1.5)
    w.key("n")
    w.wait(lambda s: s["guide_stage"] == 3 and s["phase"] != nephrographic, "the collecting system")
    w.key("k", "n")
    w.wait(lambda s: s["guide_stage"] == 5 and s["guide_title"] == "Tumour" and s["phase"] == nephrographic, "the tumour")

    # From the keyboard: back and forth, the point at the crosshair.
    w.key("shift+n")
    w.wait(lambda s: s["guide_title"] == "Cyst", "one back")
    w.key("n")
    w.wait(lambda s: s["guide_title"] == "Tumour", "forth again")
    tumour = make(w, "Tumour", place["Tumour"], 0.6, 1.4)
    w.wait_quiet()
    w.picture("tumour")

    # A locked structure is said, and stays.
    w.key("ctrl+z")
    w.wait(lambda s: ml(w, s, "Tumour") == 0, "the tumour to be undone")
    w.key("l")
    w.wait(lambda s: w.structure(s, "Tumour")["locked"], "the lock")
    w.press("button", "Apply in the guide")
    w.wait(lambda s: "lock" in s["message"].lower(), "a sentence about the lock")
    w.key("l")
    w.wait(lambda s: not w.structure(s, "Tumour")["locked"], "no lock")
    w.key("p")
    w.wait(lambda s: s["guide_point_mm"] == s["cursor_mm"], "the point at the crosshair")
    w.key("Return")
    w.wait(lambda s: s["guide_done"] and s["jobs"] == 0 and ml(w, s, "Tumour") > 0, "the tumour again")
    assert abs(ml(w, w.last, "Tumour") - tumour) < 0.2 * tumour and w.last["message"] == "", w.last

    # Saved and opened again it stands where it stood.
    case = w.out / "guide.hilum"
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: s["path"] == str(case) and not s["modified"] and not s["saving"], "the case to be saved")
    saved = w.wait_quiet()
    w.key("ctrl+q")
    w.wait_closed()
    w.start(case)
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the case to be open again")
    state = w.wait(lambda s: s["guide"] == "ct-three-phases", "the guide to be there")
    for key in ("guide_stage", "guide_title", "guide_point_mm", "guide_done"):
        assert state[key] == saved[key], key
    for name in ("Parenchyma", "Arteries", "Tumour"):
        assert w.structure(state, name)["voxels"] == w.structure(saved, name)["voxels"], name

    # Veins are skipped, the parenchyma is made anew without a click, and what is left over is looked for.
    w.key("n")
    w.wait(lambda s: s["guide_title"] == "Veins" and s["tool"] == "guide", "the veins")
    w.key("k")
    w.wait(lambda s: s["guide_stage"] == 7 and s["guide_can_apply"], "the last stage")
    w.key("Return")
    w.wait(lambda s: s["guide_done"] and s["jobs"] == 0, "clean parenchyma")
    w.key("Return")
    w.wait(lambda s: s["guide_stage"] == s["guide_count"] and s["tool"] == "", "the last page")
    w.key("Return")
    w.wait(lambda s: s["guide_places"] >= 0 and s["jobs"] == 0, "what is left over to be looked for")

    # Another protocol begins anew and keeps the clicks.
    w.action("guide-protocol", GLib.Variant("s", "ct-one-phase"))
    w.wait(lambda s: s["guide"] == "ct-one-phase" and s["guide_stage"] == 0 and "guide_point_mm" in s, "another protocol")
    w.action("guide-protocol", GLib.Variant("s", str(w.out / "none.protocol")))
    w.wait(lambda s: "none.protocol" in s["message"] and s["guide"] == "ct-one-phase", "a sentence about the file")

    # One of one's own, with a volume that cannot be: it is made all the same, and the card asks to look again.
    own = w.out / "own.protocol"
    own.write_text("[protocol]\nname=My own\n[stage 1]\nstructure=Parenchyma\nphase=nephrographic\nclick=required\nexpect-ml=1:2\n"
                   "step1=grow {click} range 145:\nstep2=open 3\nstep3=keep {click}\n", encoding="utf-8")
    w.action("guide-protocol", GLib.Variant("s", str(own)))
    w.wait(lambda s: s["guide"] == str(own) and s["guide_count"] == 1 and "guide_point_mm" in s and s["message"] == "", "a protocol from a file")
    w.key("Return")
    w.wait(lambda s: s["guide_done"] and s["jobs"] == 0 and s["undo"] == "Guide: Parenchyma", "the kidney once more")
    w.accessible("label", "Parenchyma: 1")
    w.wait_quiet()
    w.picture("own")

    # A kidney as bright as that has no cyst in it: a place to look at, and the crosshair goes there.
    w.key("Return")
    w.wait(lambda s: s["guide_stage"] == 1 and s["tool"] == "", "the last page")
    w.key("Return")
    w.wait(lambda s: s["guide_places"] >= 1 and s["jobs"] == 0, "places to look at")
    w.press("button", "Place 1:")
    w.wait(lambda s: max(abs(s["cursor_mm"][i] - place["Cyst"][i]) for i in range(3)) < 8, "the crosshair at the cyst, which no structure holds")
    w.wait_quiet()
    w.picture("places")
    w.key("ctrl+q")
    w.press("button", "Discard")
    w.wait_closed()
