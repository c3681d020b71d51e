"""Every tool of the window's table, once each, by pointer and keys, with what it did checked in the voxels of the saved case. The window tells
which tools it has; a tool that nobody drives here fails the test. Other scenarios go into the depth of each."""
import os

from scenario_draw import choose, inside, press_and_hold, read_labels, spin, to_mm, voxels
from scenario_sample import truth
from window import AXIAL, CORONAL, SAGITTAL

SEED = None  # a point in the cortex, LPS mm


def at(w, dx=0, dy=0, pane=AXIAL, dz=0):
    return w.place(pane, [SEED[0] + dx, SEED[1] + dy, SEED[2] + dz])


def take(w, tool, key):
    if w.read()["tool"] == tool:
        return  # its key again would put it away
    w.key(key)
    w.wait(lambda s: s["tool"] == tool, f"the tool {tool}")


def put_away(w):
    w.key("Escape")
    w.wait(lambda s: s["tool"] == "" or s["outline"] > 0 or s["strokes"] > 0, "no tool")
    if w.last["tool"]:
        w.key("Escape")
        w.wait(lambda s: s["tool"] == "", "no tool")


def undo_all(w):
    """Back to no voxel in any structure."""
    while w.wait_quiet()["steps"] > 0:
        steps = w.last["steps"]
        w.key("ctrl+z")
        w.wait(lambda s: s["steps"] < steps, "a step undone")
    assert all(s["voxels"] == 0 for s in w.last["structures"]), w.last["structures"]


def active(w, name):
    label = w.structure(w.read(), name)["label"]
    while w.read()["active"] != label:
        before = w.last["active"]
        w.key("w")
        w.wait(lambda s: s["active"] != before, "the next structure")


def dab(w, mm, radius=8, key="4", tool="brush"):
    take(w, tool, key)
    spin(w, "Radius in millimetres", radius)
    steps = w.read()["steps"]
    w.click(*w.place(AXIAL, mm))
    w.wait(lambda s: s["steps"] == steps + 1 and s["jobs"] == 0, "a dab")


def disc(found, origin, spacing, mm):
    """Radius of the largest distance from a point, and the slices, of what was painted."""
    far = max(((v[0] * spacing[0] + origin[0] - mm[0]) ** 2 + (v[1] * spacing[1] + origin[1] - mm[1]) ** 2) ** 0.5 for v in found)
    return far, {v[2] for v in found}


def window(w):
    take(w, "window", "1")
    width = w.last["window_width"]
    x, y = at(w)
    w.drag((x, y), (x + 60, y))
    w.wait(lambda s: s["window_width"] > width, "a wider window")
    assert w.last["steps"] == 0


def threshold(w):
    take(w, "threshold", "2")
    w.click(*at(w))
    w.wait(lambda s: s["can_apply"], "a range from the click")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 1000 and s["jobs"] == 0, "the threshold to be applied")
    found, origin, spacing = read_labels(w, "Parenchyma")
    seed = tuple(round((SEED[i] - origin[i]) / spacing[i]) for i in range(3))
    assert seed in found and len(found) == voxels(w, w.last)


def grow(w):
    take(w, "grow", "3")
    w.click(*at(w))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "a preview")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 100 and s["jobs"] == 0, "the growth to be applied")
    found, origin, spacing = read_labels(w, "Parenchyma")
    seed = tuple(round((SEED[i] - origin[i]) / spacing[i]) for i in range(3))
    reached, todo = {seed}, [seed]
    while todo:  # what grew is one piece that holds the seed
        i, j, k = todo.pop()
        for n in ((i - 1, j, k), (i + 1, j, k), (i, j - 1, k), (i, j + 1, k), (i, j, k - 1), (i, j, k + 1)):
            if n in found and n not in reached:
                reached.add(n)
                todo.append(n)
    assert reached == found, (len(reached), len(found))


def brush(w):
    dab(w, SEED, 8)
    found, origin, spacing = read_labels(w, "Parenchyma")
    far, slices = disc(found, origin, spacing, SEED)
    assert 6 < far <= 8.8 and len(slices) == 1, (far, slices)


def erase(w):
    dab(w, SEED, 10)
    whole = voxels(w, w.last)
    dab(w, SEED, 5, "5", "erase")
    found, origin, spacing = read_labels(w, "Parenchyma")
    near = min(((v[0] * spacing[0] + origin[0] - SEED[0]) ** 2 + (v[1] * spacing[1] + origin[1] - SEED[1]) ** 2) ** 0.5 for v in found)
    assert len(found) < whole and near > 4, (len(found), whole, near)


def lasso(w):
    take(w, "lasso", "7")
    corners = [at(w, dx, dy) for dx, dy in ((-12, -10), (13, -9), (12, 11), (-10, 12))]
    for n, corner in enumerate(corners):
        w.click(*corner)
        w.wait(lambda s, n=n: s["outline"] == n + 1, "a point")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 0 and s["outline"] == 0, "the outline to be filled")
    found, origin, spacing = read_labels(w, "Parenchyma")
    polygon = [((p[0] - origin[0]) / spacing[0], (p[1] - origin[1]) / spacing[1]) for p in (to_mm(w, AXIAL, c) for c in corners)]
    expected = {v for v in found if inside(polygon, v[0], v[1])}
    assert len(found - expected) <= 2 and len({v[2] for v in found}) == 1


def scissors(w):
    dab(w, SEED, 10)
    whole, origin, _ = read_labels(w, "Parenchyma")
    take(w, "scissors", "6")
    loop = [at(w, dx, dy) for dx, dy in ((0, -25), (25, -25), (25, 0), (25, 25), (0, 25), (0, 10), (0, -10), (0, -24))]
    press_and_hold(w, loop)
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "a preview of the cut")
    w.key("Return")
    w.wait(lambda s: 0 < voxels(w, s) < len(whole) and s["jobs"] == 0, "the cut")
    left, origin, spacing = read_labels(w, "Parenchyma")
    edge = (to_mm(w, AXIAL, loop[0])[0] - origin[0]) / spacing[0]
    assert left < whole and all(v[0] <= edge + 0.5 for v in left) and all(v[0] >= edge - 0.5 for v in whole - left)


def level_trace(w):
    take(w, "level-trace", "8")
    x, y = at(w)
    w.xdo("mousemove", x - 1, y)
    w.xdo("mousemove", x, y)
    w.wait(lambda s: s["outline"] >= 4 and "Contour at" in s["status"], "the contour under the pointer")
    w.click(x, y)
    w.wait(lambda s: voxels(w, s) > 0 and s["jobs"] == 0, "the contour to be filled")
    found, origin, spacing = read_labels(w, "Parenchyma")
    seed = tuple(round((SEED[i] - origin[i]) / spacing[i]) for i in range(3))
    assert seed in found and {v[2] for v in found} == {seed[2]}


def islands(w):
    left, right = [SEED[0] - 12, SEED[1], SEED[2]], [SEED[0] + 12, SEED[1], SEED[2]]
    dab(w, left, 6)
    one = voxels(w, w.last)
    dab(w, right, 4)
    take(w, "islands", "9")
    w.click(*w.place(AXIAL, left))
    w.wait(lambda s: voxels(w, s) == one and s["jobs"] == 0, "the part that was clicked to stay alone")


def fill_holes(w):
    dab(w, SEED, 10)
    spin(w, "Radius in millimetres", 9)
    choose(w, "Shape", "Ball")
    w.click(*at(w))
    whole = w.wait(lambda s: s["steps"] == 2 and s["jobs"] == 0, "a ball") and voxels(w, w.last)
    take(w, "erase", "5")
    spin(w, "Radius in millimetres", 3)
    choose(w, "Shape", "Ball")
    w.click(*at(w))
    w.wait(lambda s: s["steps"] == 3 and voxels(w, s) < whole, "a cavity")
    take(w, "fill-holes", "h")
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "the tool to be ready")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) == whole and s["jobs"] == 0, "the cavity to be filled")
    choose_disc(w)


def choose_disc(w):
    for key, tool in (("4", "brush"), ("5", "erase")):
        take(w, tool, key)
        choose(w, "Shape", "Disc")


def margin(w):
    dab(w, SEED, 6)
    before, origin, spacing = read_labels(w, "Parenchyma")
    take(w, "margin", "m")
    w.accessible("spin button", "Millimetres").queryValue().currentValue = 3
    w.key("Return")
    w.wait(lambda s: s["steps"] == 2 and s["jobs"] == 0, "the margin")
    after, origin, spacing = read_labels(w, "Parenchyma")
    reach = [int(3 / spacing[a]) for a in range(3)]
    box = [(min(v[a] for v in s), max(v[a] for v in s)) for s in (before, after) for a in range(3)]
    hollow(w, after)
    assert before < after and all(box[a + 3] == (box[a][0] - reach[a], box[a][1] + reach[a]) for a in range(3)), (box, reach)


def hollow(w, solid):
    """A wall of 3 mm of a disc that is one slice thick is the disc; of a ball it is the ball less its middle."""
    w.key("ctrl+z", "ctrl+z")
    w.wait(lambda s: s["steps"] == 0, "both undone")
    ball(w, SEED, 9)
    whole, origin, spacing = read_labels(w, "Parenchyma")
    middle = tuple(round((SEED[i] - origin[i]) / spacing[i]) for i in range(3))
    take(w, "margin", "m")
    choose(w, "Margin operation", "Hollow")
    confirm(w)
    wall = read_labels(w, "Parenchyma")[0]
    assert wall < whole and middle in whole - wall and len(solid) > 0
    choose(w, "Margin operation", "Grow")
    take(w, "brush", "4")
    choose(w, "Shape", "Disc")


def confirm(w, at_least=1):
    """Enter, after a list was used: a click in the pane gives the keys back to the window."""
    steps = w.read()["steps"]
    w.click(*at(w))
    w.wait(lambda s: s["can_apply"] and s["jobs"] == 0, "something to apply")
    w.key("Return")
    return w.wait(lambda s: s["steps"] == steps + at_least and s["jobs"] == 0, "the step")


def ball(w, mm, radius):
    take(w, "brush", "4")
    choose(w, "Shape", "Ball")
    dab(w, mm, radius)


def split(w):
    left, right = [SEED[0] - 12, SEED[1], SEED[2]], [SEED[0] + 12, SEED[1], SEED[2]]
    dab(w, left, 8)
    larger = read_labels(w, "Parenchyma")[0]
    dab(w, right, 6)
    both, origin, spacing = read_labels(w, "Parenchyma")
    take(w, "split", "d")
    choose(w, "How to split", "What does not")
    confirm(w)
    assert read_labels(w, "Parenchyma")[0] == larger and read_labels(w, "Parenchyma 2")[0] == both - larger
    w.key("ctrl+z")
    w.wait(lambda s: len(s["structures"]) == 6 and voxels(w, s) == len(both), "one structure again")
    # What touches, by a click in each part.
    dab(w, SEED, 6)
    joined = read_labels(w, "Parenchyma")[0]
    take(w, "split", "d")
    choose(w, "How to split", "By clicks")
    w.click(*w.place(AXIAL, right))
    w.wait(lambda s: s["strokes"] > 0, "a mark where the click was")
    w.click(*w.place(AXIAL, left))
    w.wait(lambda s: s["can_apply"] and s["preview"] == 3, "a preview of two parts")
    w.wait_pixels(AXIAL, lambda r, g, b: g > r + 15 and g > b + 15, lambda n: n > 50, "the part that leaves, in a colour of its own")
    w.picture("split")
    w.key("Return")
    w.wait(lambda s: len(s["structures"]) == 7 and s["jobs"] == 0, "two structures")
    one, two = read_labels(w, "Parenchyma")[0], read_labels(w, "Parenchyma 2")[0]
    voxel = lambda mm: tuple(round((mm[i] - origin[i]) / spacing[i]) for i in range(3))  # noqa: E731
    assert one | two == joined and voxel(right) in one and voxel(left) in two


def median(found):
    """Of 3x3x3 voxels, far from the volume's border."""
    around = [(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
    candidates = {(v[0] + d[0], v[1] + d[1], v[2] + d[2]) for v in found for d in around}
    return {v for v in candidates if sum((v[0] + d[0], v[1] + d[1], v[2] + d[2]) in found for d in around) >= 14}


def smooth(w):
    ball(w, SEED, 9)
    dab(w, [SEED[0] + 9, SEED[1], SEED[2]], 3)
    rough = read_labels(w, "Parenchyma")[0]
    take(w, "smooth", "u")
    choose(w, "Smoothing", "Median 3")
    confirm(w)
    assert read_labels(w, "Parenchyma")[0] == median(rough)
    # Two structures together keep what they have in common.
    active(w, "Tumour")
    dab(w, [SEED[0] + 6, SEED[1] + 4, SEED[2]], 6)
    union = read_labels(w, "Parenchyma")[0] | read_labels(w, "Tumour")[0]
    before = read_labels(w, "Tumour")[0]
    take(w, "smooth", "u")
    choose(w, "Smoothing", "All together")
    w.accessible("spin button", "Width of smoothing").queryValue().currentValue = 3
    confirm(w)
    one, two = read_labels(w, "Parenchyma")[0], read_labels(w, "Tumour")[0]
    assert one | two == union and not one & two and two != before
    active(w, "Parenchyma")
    take(w, "brush", "4")
    choose(w, "Shape", "Disc")


def fill_slices(w):
    slice_now = w.read()["panes"][AXIAL]["slice"]
    x, y = at(w)
    dab(w, SEED, 8)
    for n in range(1, 7):
        w.wheel(x, y, True)
        w.wait(lambda s, n=n: s["panes"][AXIAL]["slice"] == slice_now + n, "the next slice")
    steps = w.last["steps"]
    spin(w, "Radius in millimetres", 4)
    w.click(x, y)
    w.wait(lambda s: s["steps"] == steps + 1 and s["jobs"] == 0, "a dab in another slice")
    drawn, origin, spacing = read_labels(w, "Parenchyma")
    take(w, "fill-slices", "z")
    w.wait(lambda s: s["can_apply"], "the tool to be ready")
    w.key("Return")
    w.wait(lambda s: s["steps"] == steps + 2 and s["jobs"] == 0, "the slices between to be filled")
    found = read_labels(w, "Parenchyma")[0]
    of_slice = lambda s, k: {v[:2] for v in s if v[2] == k}  # noqa: E731
    lo, hi = min(v[2] for v in drawn), max(v[2] for v in drawn)
    assert hi - lo == 6 and {v[2] for v in found} == set(range(lo, hi + 1))
    assert of_slice(found, lo) == of_slice(drawn, lo) and of_slice(found, hi) == of_slice(drawn, hi)
    sizes = [len(of_slice(found, k)) for k in range(lo, hi + 1)]
    assert sizes == sorted(sizes) or sizes == sorted(sizes, reverse=True), sizes  # from one disc to the other
    w.click(*w.place(CORONAL, SEED))
    w.wait(lambda s: s["panes"][AXIAL]["slice"] == slice_now, "the slice of before")


def combine(w):
    dab(w, SEED, 8)
    active(w, "Tumour")
    dab(w, [SEED[0] + 8, SEED[1], SEED[2]], 6)
    one, two = read_labels(w, "Parenchyma")[0], read_labels(w, "Tumour")[0]
    active(w, "Parenchyma")
    take(w, "combine", "b")
    choose(w, "Combine operation", "Join")
    choose(w, "Other structure", "Tumour")
    steps = w.read()["steps"]
    w.click(*at(w))  # the keys go to the window again, not to the list
    w.key("Return")
    w.wait(lambda s: s["steps"] == steps + 1 and s["jobs"] == 0, "the two to be joined")
    assert read_labels(w, "Parenchyma")[0] == one | two
    w.key("ctrl+z")
    w.wait(lambda s: voxels(w, s) == len(one) and s["jobs"] == 0, "the two apart again")
    choose(w, "Combine operation", "Cut away")
    w.accessible("spin button", "Millimetres the other").queryValue().currentValue = 3
    confirm(w)
    left, origin, spacing = read_labels(w, "Parenchyma")
    near = lambda v: any((v[0] - u[0]) ** 2 * spacing[0] ** 2 + (v[1] - u[1]) ** 2 * spacing[1] ** 2 <= 9.0001 for u in two)  # noqa: E731
    assert left == {v for v in one if not near(v)} and left < one


def guide(w):
    take(w, "guide", "g")
    w.click(*at(w))
    state = w.wait(lambda s: "guide_point_mm" in s and s["guide_can_apply"], "the guide's point")
    assert all(abs(state["guide_point_mm"][i] - SEED[i]) < 2 for i in range(3))
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 1000 and s["jobs"] == 0, "the first stage's structure")


def seeds(w):
    take(w, "seeds", "s")
    spin(w, "Radius of strokes in millimetres", 1.5)
    press_and_hold(w, [at(w, dx, 0) for dx in (-3, -1, 1, 3)])
    w.wait(lambda s: s["strokes"] > 0 and s["jobs"] == 0, "a stroke")
    assert w.last["preview"] == 0 and voxels(w, w.last) == 0
    w.xdo("keydown", "shift")
    press_and_hold(w, [at(w, dx, -30) for dx in (-20, -10, 0, 10, 20)])
    w.xdo("keyup", "shift")
    w.wait(lambda s: s["can_apply"] and s["preview"] == 3 and s["jobs"] == 0, "a preview of both")
    first, serial = w.last["strokes"], w.last["preview_serial"]
    active(w, "Tumour")
    press_and_hold(w, [at(w, dx, 14) for dx in (-2, 0, 2)])
    w.wait(lambda s: s["strokes"] > first and s["preview_serial"] != serial and "Tumour" in s["status"] and s["jobs"] == 0,
           "a stroke in another structure")
    for pane in (AXIAL, SAGITTAL):
        w.wait_pixels(pane, lambda r, g, b: g > 60 and g > 1.25 * r and g > 1.25 * b, lambda n: n > 300, "what would become tumour, in its colour")
    w.picture("seeds")
    # Undo takes strokes back before it takes steps.
    w.key("ctrl+z")
    w.wait(lambda s: s["strokes"] == first and s["jobs"] == 0 and s["preview"] == 3, "the stroke taken back")
    active(w, "Tumour")
    press_and_hold(w, [at(w, dx, 14) for dx in (-2, 0, 2)])
    w.wait(lambda s: s["strokes"] > first and s["jobs"] == 0 and s["can_apply"], "the stroke again")
    assert w.last["steps"] == 0
    w.key("Return")
    w.wait(lambda s: s["steps"] == 1 and s["undo"] == "Grow from seeds" and s["jobs"] == 0, "one step for all")
    one, origin, spacing = read_labels(w, "Parenchyma")
    two = read_labels(w, "Tumour")[0]
    voxel = lambda dx, dy: tuple(round((SEED[i] + (dx, dy, 0)[i] - origin[i]) / spacing[i]) for i in range(3))  # noqa: E731
    assert voxel(0, 0) in one and voxel(0, 14) in two and voxel(0, -30) not in one | two
    active(w, "Parenchyma")
    w.key("Escape")
    w.wait(lambda s: s["strokes"] == 0 and s["tool"] == "seeds", "Esc to drop the strokes")


def vessel(w):
    """A tree from one click in the cortex is no vessel tree, but the tool does not know: what it writes holds the click."""
    take(w, "vessel", "a")
    choose(w, "What is made of the points", "Tree from a click")
    w.click(*at(w))
    w.wait(lambda s: s["can_apply"] and s["preview"] == 2 and s["jobs"] == 0, "what grows from the click")
    w.key("Return")
    w.wait(lambda s: voxels(w, s) > 0 and s["jobs"] == 0, "the tree to be written")
    found, origin, spacing = read_labels(w, "Parenchyma")
    assert tuple(round((SEED[i] - origin[i]) / spacing[i]) for i in range(3)) in found
    choose(w, "What is made of the points", "Root to tip")


DRIVERS = {"window": window, "threshold": threshold, "grow": grow, "brush": brush, "erase": erase, "scissors": scissors, "lasso": lasso,
           "level-trace": level_trace, "islands": islands, "seeds": seeds, "vessel": vessel, "split": split, "smooth": smooth, "fill-slices": fill_slices, "fill-holes": fill_holes, "margin": margin, "combine": combine, "guide": guide}


def run(w):
    global SEED
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    tools = w.last["tools"]
    assert sorted(tools) == sorted(DRIVERS), f"tools that nobody drives, or that are gone: {set(tools) ^ set(DRIVERS)}"
    SEED = truth()["Parenchyma"]["seed_mm"]
    w.click(*w.place(CORONAL, SEED))
    w.wait(lambda s: abs(s["cursor_mm"][2] - SEED[2]) < 2, "the axial slice of the cortex")
    w.click(*w.place(AXIAL, SEED))
    w.wait(lambda s: all(abs(s["cursor_mm"][i] - SEED[i]) < 2 for i in range(3)), "the crosshair on the cortex")
    only = os.environ.get("HILUM_UI_ONLY", "").split()
    for tool in only or tools:
        print(f"driving {tool}", flush=True)
        DRIVERS[tool](w)
        put_away(w)
        undo_all(w)
    w.key("ctrl+s")
    w.wait(lambda s: not s["modified"] and not s["saving"], "everything to be saved")
    w.key("ctrl+q")
    w.wait_closed()
