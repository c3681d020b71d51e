"""Opening: ten thousand files listed without a stall, pictures in the rows, a coarse picture while a volume loads, and giving up
half way, from the empty page and over an open case, which leaves no trace."""
import os
import pathlib
import subprocess

from gi.repository import GLib

from window import AXIAL

FILES, SLOW_SLICES = 10_000, 160
MIB = 1 << 20


def body(r, g, b):
    """Soft tissue in a window of the abdomen."""
    return 90 < r < 180 and abs(r - g) < 12 and abs(r - b) < 12


def make(kind, folder, count):
    subprocess.run([os.environ["HILUM_MAKE_STUDIES"], kind, str(folder), str(count)], check=True)
    return folder


def resident(w):
    pages = int(pathlib.Path(f"/proc/{w.process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_paths(w, *paths):
    w.action("open-paths", GLib.Variant("as", [str(path) for path in paths]))


def wait_browser(w, what):
    """Listed to the end, and every row that is seen has its picture."""
    return w.wait(lambda s: s["browser"]["listed"] == s["browser"]["volumes"] and s["browser"]["waiting"] == 0 and
                  s["browser"]["pictures"] > 0, what)


def wait_no_browser(w):
    w.wait(lambda s: "browser" not in s and s["jobs"] == 0, "the browser to close")


def kept(state):
    """What must be as before when the user gave up."""
    names = ["case", "path", "modified", "phases", "phase", "undo", "redo", "tool", "active", "window_width", "window_level", "cursor_mm",
             "camera_back", "camera_target_mm", "camera_distance_mm", "structures", "recent"]
    panes = [{n: p.get(n) for n in ("slice", "px_per_mm", "origin_mm", "visible")} for p in state["panes"]]
    structures = [{n: v for n, v in s.items() if not n.startswith("live")} for s in state["structures"]]  # made again, as surfaces are
    return {n: state[n] for n in names} | {"structures": structures}, panes


def browse_many(w, many):
    before = resident(w)
    open_paths(w, many)
    state = wait_browser(w, "ten thousand files to be listed")
    print(f"{FILES} files: busiest stretch of the main loop {state['before_busy_cpu_ms']:.0f} ms (on the wall {state['before_busy_ms']:.0f}) "
          f"while searching, {state['busy_cpu_ms']:.0f} ms ({state['busy_ms']:.0f}) while the browser opened")
    assert state["browser"]["volumes"] == FILES // 20, state["browser"]
    assert state["before_busy_cpu_ms"] < 100, "the search stalls the window"
    assert state["busy_cpu_ms"] < 600, "the browser stalls the window"
    w.picture("many")

    # Rows exist for what is seen, not for five hundred volumes.
    assert len(w.all_accessible("check box")) <= 64

    # The pointer scrolls: more rows come, and their pictures.
    w.xdo("mousemove", 400, 400)
    for _ in range(12):
        w.xdo("click", 5)
    w.wait(lambda s: s["browser"]["pictures"] > state["browser"]["pictures"] and s["browser"]["waiting"] == 0, "pictures of rows further down")

    # Keys search; Escape first empties the search.
    w.key("ctrl+f")
    w.type("499 of many")
    w.wait(lambda s: s["browser"]["shown"] == 1, "one volume to match")
    w.picture("search")
    w.key("Escape")
    w.wait(lambda s: s["browser"]["shown"] == FILES // 20, "all volumes again")

    # A volume with a gap is ticked once the user takes it as it is, and what cannot be its phase is unticked.
    w.type("498 of many")
    w.wait(lambda s: s["browser"]["shown"] == 1, "the volume with a gap")
    w.press("button", "Accept the gap")
    w.wait(lambda s: s["browser"]["ticked"] == 1, "the gap to be accepted")
    w.key("Escape", "Escape")
    wait_no_browser(w)
    state = w.read()
    assert not state["case"] and state["recent"] == 0 and state["message"] == "", state
    return before


def give_up(w, slow, how):
    open_paths(w, slow)
    w.wait(lambda s: s["coarse"] and s["jobs"] == 1 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "a coarse picture")
    # A body in a window of the abdomen, where nothing was: the picture is on the screen before the volume is.
    w.wait_pixels(AXIAL, body, lambda n: n > 4000, "the coarse picture on the screen")
    state = w.read()
    assert state["coarse"] and "structures" not in state, "there is nothing to act on yet"
    w.picture("coarse")
    w.key("2")  # a tool; there is none to be had
    how()
    return w.wait(lambda s: not s["coarse"] and s["jobs"] == 0 and not s["surfaces_busy"], "the window as it was")


def run(w):
    os.environ["HILUM_THREADS"] = "1"  # so that there is a half way
    temporary = w.out / "tmp"
    temporary.mkdir()
    os.environ["TMPDIR"] = str(temporary)
    many, slow, plain = make("many", w.out / "many", FILES), make("slow", w.out / "slow", SLOW_SLICES), make("plain", w.out / "plain", 40)
    w.start()
    w.wait(lambda s: not s["case"] and s["jobs"] == 0, "the empty page")
    browse_many(w, many)

    # From the empty page, by Escape: once for what graphics and text take for good, then again and again.
    state = give_up(w, slow, lambda: w.key("Escape"))
    assert not state["case"] and state["recent"] == 0 and state["message"] == "", state
    settled = resident(w)
    for _ in range(2):
        give_up(w, slow, lambda: w.key("Escape"))
    grown = (resident(w) - settled) / MIB
    print(f"two more loads given up half way: {grown:+.1f} MiB")
    assert grown < 40, f"{grown:.0f} MiB stay behind; the volume has {SLOW_SLICES * 512 * 512 * 2 / MIB:.0f}"
    assert not list(temporary.iterdir()), "a temporary file stays behind"

    # Another study opens right.
    open_paths(w, plain)
    w.wait(lambda s: s["case"] and s["phases"] == 1 and s["jobs"] == 0, "the plain study")
    w.wait(lambda s: s["panes"][AXIAL].get("px_per_mm", 0) > 0.2 and s["recent"] == 1, "the panes to have a size")

    # Its badge keeps the finding: a click shows the sentence.
    w.press("button", "Verdict: warning")
    w.accessible("label", "No air was found around the patient")
    w.picture("findings")
    w.key("Escape")
    w.wait(lambda s: w.search_gone("label", "No air was found around the patient"), "the findings to close")

    # Work on it, then give up opening another by the button: everything is as it was.
    w.key("2")
    w.wait(lambda s: s["tool"] == "threshold" and s["can_apply"], "a threshold")
    w.key("Return")
    w.wait(lambda s: s["undo"] != "" and s["jobs"] == 0, "the threshold to be applied")
    w.wheel(*w.middle(AXIAL), up=True)
    fitted = w.read()["panes"][AXIAL]["px_per_mm"]
    w.wheel(*w.middle(AXIAL), up=True, hold="ctrl")
    w.wait(lambda s: s["panes"][AXIAL]["px_per_mm"] > fitted, "a closer look")
    w.action("save-to", GLib.Variant("s", str(w.out / "kept.hilum")))
    w.wait(lambda s: s["path"] != "" and not s["modified"] and not s["saving"], "the case to be saved")
    before = kept(w.wait_quiet())
    state = give_up(w, slow, lambda: w.press("button", "Cancel"))
    state = w.wait(lambda s: s["case"] and [x["triangles"] for x in s["structures"]] == [x["triangles"] for x in before[0]["structures"]],
                   "the surfaces to be there again")
    for was, now in zip(before, kept(state)):
        assert was == now, f"giving up left a trace:\n{was}\n{now}"

    # And not given up, it opens.
    open_paths(w, slow)
    w.wait(lambda s: s["coarse"] and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the coarse picture again")
    lit = w.wait_pixels(AXIAL, body, lambda n: n > 4000, "the coarse picture on the screen")
    darkest = lit
    while not w.read()["case"]:
        darkest = min(darkest, w.count_pixels(AXIAL, body))
    for _ in range(8):
        darkest = min(darkest, w.count_pixels(AXIAL, body))
    assert darkest > lit / 2, f"the picture went dark ({darkest} of {lit} pixels) when the volume took its place"
    state = w.wait(lambda s: s["case"] and s["jobs"] == 0 and not s["coarse"], "the whole volume")
    assert state["path"] == "" and state["phases"] == 1 and all(s["voxels"] == 0 for s in state["structures"]), state
    assert state["panes"][AXIAL]["slice"] == SLOW_SLICES // 2, "it opens in the middle"
    w.picture("whole")

    if os.environ.get("HILUM_TEST_DATA"):
        data = pathlib.Path(os.environ["HILUM_TEST_DATA"]).resolve()
        for name in ("geometry", "transfer-syntaxes"):
            open_paths(w, data / name)
            wait_browser(w, f"the volumes of {name}")
            w.picture(name)
            w.key("Escape")
            wait_no_browser(w)
        open_paths(w, data / "ct-abdomen-contrast")
        w.wait(lambda s: s["case"] and s["phases"] == 1 and s["jobs"] == 0 and s["recent"] == 4, "the public CT")
        w.picture("ct-abdomen-contrast")
    w.key("ctrl+q")
    w.wait_closed()
