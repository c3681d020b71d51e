"""Cuts by hand: a free plane that faces the eye, moved and tilted by its handle, from anywhere with a key held, by keys, wheel and numbers; a sphere that
holds the tumour; the lines in the slices, the sections on the clipboard; all of it, with the colours, as it was when the case is opened again; and the distance between two surfaces as a line."""
import gzip
import json
import math
import pathlib
import subprocess

from gi.repository import GLib

from window import AXIAL, MODEL, Skip

PLANE, SPHERE = 2, 3


def cyan(r, g, b):
    return g > 150 and b > 190 and r < 170


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def degrees(a, b):
    return math.degrees(math.acos(max(-1, min(1, dot(a, b)))))


def make_case(w):
    """The small sample with the labels of the left kidney and the great vessels from its truth, made without the window."""
    cli = pathlib.Path(w.app).with_name("hilum-cli")
    if not cli.exists():
        raise Skip("hilum-cli was not built")
    folder, case = w.out / "study", str(w.out / "cuts.hilum")

    def make(*arguments):
        subprocess.run([cli, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)

    make("demo", "--small", "--out", folder)
    make("load", folder, "--volume", "0", "--case", case)
    header, voxels = (folder / "truth.nrrd").read_bytes().split(b"\n\n", 1)
    kept = bytes(label if label < 8 else 0 for label in range(256))
    (folder / "kidney.nrrd").write_bytes(header + b"\n\n" + gzip.compress(gzip.decompress(voxels).translate(kept)))
    make("labels", case, "--in", folder / "kidney.nrrd")
    values = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return case, {s["name"]: s for s in values["structures"]}


def spin(w, name, value):
    w.accessible("spin button", name).queryValue().currentValue = value


def settled(s):
    return s["cut"] and not s["caps_lag"] and s["jobs"] == 0


def click_on(w, role, name):
    box = w.accessible(role, name).queryComponent().getExtents(1)  # of the window, which fills the screen
    w.click(box.x + box.width // 2, box.y + box.height // 2)


def seen_at(w, point_mm):
    """Screen position of a point of the scene in 3D, by the camera's target plane."""
    s, pane = w.read(), w.read()["panes"][MODEL]
    back, right, up = s["camera_back"], s["camera_right"], s["camera_up"]
    d = [point_mm[i] - s["camera_target_mm"][i] for i in range(3)]
    depth = s["camera_distance_mm"] - dot(d, back)
    px = pane["height"] / 2 / math.tan(math.radians(12.5)) / depth
    return round(pane["x"] + pane["width"] / 2 + dot(d, right) * px), round(pane["y"] + pane["height"] / 2 - dot(d, up) * px)


def plane(w, place):
    # Where the crosshair is, facing the eye.
    click_on(w, "button", "Free plane")
    state = w.wait(lambda s: s["cut_kind"] == PLANE and settled(s) and s["cut_area_mm2"] > 0, "a free plane")
    assert degrees(state["cut_normal"], state["camera_back"]) < 0.01 and math.dist(state["cut_point_mm"], state["cursor_mm"]) < 1e-6
    w.wait_pixels(MODEL, cyan, lambda n: n > 100, "its handle")
    w.wait_pixels(AXIAL, cyan, lambda n: n > 100, "its line in the axial slice")
    w.picture("plane")

    # The ring moves it along its normal: up is away from the eye, for it is seen squarely.
    x, y = seen_at(w, place)
    w.drag((x - 22, y), (x - 22, y - 40))
    moved = w.wait(lambda s: settled(s) and dot([a - b for a, b in zip(s["cut_point_mm"], place)], s["cut_normal"]) < -3, "the plane to go deeper")
    assert degrees(moved["cut_normal"], state["cut_normal"]) < 0.01 and moved["camera_back"] == state["camera_back"]
    # The knob tilts it, and stays under the pointer.
    x, y = seen_at(w, moved["cut_point_mm"])
    x, y = seen_at(w, [p + 4 * n for p, n in zip(moved["cut_point_mm"], moved["cut_normal"])])
    w.drag((x, y), (x + 30, y))
    tilted = w.wait(lambda s: settled(s) and degrees(s["cut_normal"], state["cut_normal"]) > 20, "the plane to be tilted")
    assert dot(tilted["cut_normal"], tilted["camera_right"]) > 0.3, tilted["cut_normal"]
    assert math.dist(tilted["cut_point_mm"], moved["cut_point_mm"]) < 1e-6
    w.picture("tilted")

    # From anywhere: Shift along it, Ctrl tilts; neither turns the model. A click with Ctrl still takes a structure.
    x, y = w.middle(MODEL)[0] + 120, w.middle(MODEL)[1] + 90
    w.xdo("keydown", "shift")
    w.drag((x, y), (x - 60, y))
    w.xdo("keyup", "shift")
    shifted = w.wait(lambda s: settled(s) and math.dist(s["cut_point_mm"], tilted["cut_point_mm"]) > 3, "the plane to be shifted")
    assert shifted["cut_normal"] == tilted["cut_normal"] and shifted["camera_back"] == state["camera_back"]
    w.xdo("keydown", "ctrl")
    w.drag((x, y), (x, y - 40))
    w.xdo("keyup", "ctrl")
    turned = w.wait(lambda s: settled(s) and degrees(s["cut_normal"], tilted["cut_normal"]) > 10, "the plane to be turned")
    assert dot(turned["cut_normal"], turned["camera_up"]) > dot(tilted["cut_normal"], turned["camera_up"])

    # Keys, in the pane that the pointer is in, and the wheel with Shift.
    w.key("Right")
    w.wait(lambda s: settled(s) and abs(degrees(s["cut_normal"], turned["cut_normal"]) - 5) < 1.5, "five degrees")
    before = w.read()
    w.key("Page_Up")
    deeper = w.wait(lambda s: settled(s) and abs(math.dist(s["cut_point_mm"], before["cut_point_mm"]) - 1) < 1e-3, "one millimetre")
    assert dot([a - b for a, b in zip(deeper["cut_point_mm"], before["cut_point_mm"])], deeper["camera_back"]) < 0
    w.key("shift+Page_Down")
    w.wait(lambda s: settled(s) and abs(math.dist(s["cut_point_mm"], before["cut_point_mm"]) - 0.9) < 1e-3, "a tenth of it back")
    slice_before = w.read()["panes"][AXIAL]["slice"]
    w.wheel(x, y, True, "shift")
    w.wait(lambda s: settled(s) and abs(math.dist(s["cut_point_mm"], before["cut_point_mm"]) - 1.9) < 1e-3, "a millimetre by the wheel")
    assert w.last["panes"][AXIAL]["slice"] == slice_before and w.last["camera_distance_mm"] == state["camera_distance_mm"]

    # Numbers: straight at the left side, 4 mm before the crosshair; then the other side.
    spin(w, "Direction that the plane faces round the body", 90)
    spin(w, "Direction that the plane faces towards superior", 0)
    spin(w, "How far the plane lies before the crosshair", 4)
    exact = w.wait(lambda s: settled(s) and degrees(s["cut_normal"], [1, 0, 0]) < 0.1 and abs(s["cut_point_mm"][0] - s["cursor_mm"][0] - 4) < 0.06, "the plane as the numbers say")
    click_on(w, "check box", "Keep the other side")
    w.wait(lambda s: settled(s) and s["cut_other_side"], "the other side")
    assert abs(w.last["cut_area_mm2"] - exact["cut_area_mm2"]) < 0.2 + 0.01 * exact["cut_area_mm2"], (w.last["cut_area_mm2"], exact["cut_area_mm2"])
    w.picture("numbers")
    click_on(w, "check box", "Keep the other side")
    click_on(w, "button", "Facing me")
    w.wait(lambda s: settled(s) and degrees(s["cut_normal"], s["camera_back"]) < 0.01, "the plane to face the eye again")
    click_on(w, "button", "To the crosshair")
    w.wait(lambda s: settled(s) and math.dist(s["cut_point_mm"], place) < 1e-6, "the plane at the crosshair again")


def sphere(w, truth):
    click_on(w, "button", "Sphere")
    w.wait(lambda s: s["cut_kind"] == SPHERE and settled(s), "a sphere")
    w.action("cut-about-structure", GLib.Variant("d", 10.0))
    about = w.wait(lambda s: settled(s) and s["cut_radius_mm"] != 20, "the sphere to hold the tumour")
    volume = truth["Tumour"]["volume_ml"] * 1000
    assert math.dist(about["cut_point_mm"], truth["Tumour"]["centroid_mm"]) < 2.5, about["cut_point_mm"]
    assert (0.75 * volume / math.pi) ** (1 / 3) + 9 < about["cut_radius_mm"] < 3 * (0.75 * volume / math.pi) ** (1 / 3) + 10, about["cut_radius_mm"]
    w.wait_pixels(AXIAL, cyan, lambda n: n > 100, "its circle in the axial slice")
    w.picture("sphere")
    # The middle moves it, the rim makes it larger.
    x, y = seen_at(w, about["cut_point_mm"])
    w.drag((x, y), (x - 30, y))
    away = w.wait(lambda s: settled(s) and math.dist(s["cut_point_mm"], about["cut_point_mm"]) > 3, "the sphere to be moved")
    assert abs(dot([a - b for a, b in zip(away["cut_point_mm"], about["cut_point_mm"])], away["camera_back"])) < 1e-6
    assert away["cut_radius_mm"] == about["cut_radius_mm"]
    rim = [p + away["cut_radius_mm"] * r for p, r in zip(away["cut_point_mm"], away["camera_right"])]
    x, y = seen_at(w, rim)
    w.drag((x, y), (x + 25, y))
    w.wait(lambda s: settled(s) and s["cut_radius_mm"] > about["cut_radius_mm"] + 2 and s["cut_point_mm"] == away["cut_point_mm"], "a larger sphere")
    spin(w, "Radius of the sphere", about["cut_radius_mm"])
    click_on(w, "check box", "Take the ball away")
    w.wait(lambda s: settled(s) and s["cut_other_side"], "the ball to be taken away")
    w.picture("scooped")
    w.action("copy-sections")
    w.wait(lambda s: "clipboard" in s["message"], "the sections on the clipboard")


def review(w, case):
    """The distance that a surgeon asks for: between surfaces, as the command line says it, with a line in all panes until one looks at something else."""
    cli = pathlib.Path(w.app).with_name("hilum-cli")
    told = subprocess.run([cli, "measure", case, "--json", "--no-surfaces", "--between", "Tumour,Collecting system"], check=True, capture_output=True, text=True)
    gap = json.loads(told.stdout)["between"][0]
    w.action("cut-models", GLib.Variant("s", "none"))
    w.action("task", GLib.Variant("s", "review"))
    w.wait(lambda s: s["measured"] >= 7 and s["jobs"] == 0, "the numbers")
    click_on(w, "list item", f"Tumour to Collecting system, surfaces {gap['gap_mm']:.1f}")
    w.wait(lambda s: abs(s["span_mm"] - gap["gap_mm"]) < 1e-3, "the line between the surfaces")
    assert math.dist(w.last["cursor_mm"], gap["point_a_mm"]) < 4, (w.last["cursor_mm"], gap)
    assert gap["gap_mm"] > 1
    w.wait_pixels(AXIAL, cyan, lambda n: n > 20, "it in the axial slice")
    w.wait_pixels(MODEL, cyan, lambda n: n > 20, "and in 3D")
    w.picture("review")
    w.action("task", GLib.Variant("s", "model"))
    w.wait(lambda s: s["span_mm"] < 0, "the line to go")


def reopen(w, case):
    """What is cut and coloured is what one looks at: it comes back with the case, and is no step."""
    w.action("surface-color", GLib.Variant("s", "thickness"))
    w.wait(lambda s: w.structure(s, "Tumour")["colored"] and s["jobs"] == 0, "the tumour's walls to be measured")
    spin(w, "What counts as thin", 4.5)
    before = w.read()
    case = case.replace("cuts.hilum", "again.hilum")
    w.action("save-to", GLib.Variant("s", case))
    w.wait(lambda s: s["path"] == case and not s["saving"] and s["jobs"] == 0, "the case to be saved")
    assert w.last["steps"] == before["steps"]
    w.key("ctrl+q")
    w.wait_closed()
    w.start(case)
    after = w.wait(lambda s: s["case"] and settled(s) and w.structure(s, "Tumour")["colored"], "the cut and the colours to come back")
    for key in ("cut_kind", "cut_point_mm", "cut_radius_mm", "cut_other_side"):
        assert after[key] == before[key], (key, before[key], after[key])
    assert w.structure(after, "Tumour")["coloring"] == "thickness"
    assert w.accessible("spin button", "What counts as thin").queryValue().currentValue == 4.5
    w.wait(lambda s: abs(s["cut_area_mm2"] - before["cut_area_mm2"]) < 0.01 * before["cut_area_mm2"] and not s["surfaces_busy"], "the same sections")
    w.action("task", GLib.Variant("s", "model"))
    w.picture("reopened")
    w.action("cut-models", GLib.Variant("s", "none"))
    w.wait(lambda s: not s["cut"], "the models to be whole")


def run(w):
    case, truth = make_case(w)
    w.start(case)
    w.wait(lambda s: s["case"] and s["jobs"] == 0 and not s["surfaces_busy"] and w.structure(s, "Tumour")["triangles"] > 300, "the case and its surfaces")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    # The tumour is active, and the crosshair in it.
    for _ in range(8):
        if w.read()["active"] == w.structure(w.last, "Tumour")["label"]:
            break
        active = w.last["active"]
        w.key("w")
        w.wait(lambda s: s["active"] != active, "the next structure")
    w.action("go-to-structure")
    w.wait(lambda s: math.dist(s["cursor_mm"], truth["Tumour"]["centroid_mm"]) < 3, "the crosshair in the tumour")
    w.action("task", GLib.Variant("s", "model"))
    place = w.read()["cursor_mm"]
    plane(w, place)
    sphere(w, truth)
    reopen(w, case)
    review(w, case)
    w.key("ctrl+q")
    w.wait_closed()
