"""The preview of region growing while the range is dragged, on a public CT: the picture follows the hand before it lets go. Says how many
previews there were a second (docs/performance.md). Needs HILUM_TEST_DATA; the same study as docs/worked-example.md."""
import os
import pathlib
import time

from scenario_real import RIGHT_CORTEX, go_to, spin
from window import AXIAL, DEADLINE_S, Skip

DRAG_S = 6.0


def cpu_seconds(w):
    fields = pathlib.Path(f"/proc/{w.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def previewed(r, g, b):
    """The parenchyma's colour over the picture."""
    return r > 1.15 * g and r > 1.15 * b and r > 60


def run(w):
    data = os.environ.get("HILUM_TEST_DATA")
    if not data:
        raise Skip("HILUM_TEST_DATA is not set, so there is no real study to open")
    w.start(pathlib.Path(data).resolve() / "ct-abdomen-contrast")
    w.wait(lambda s: s["case"] and s["phases"] == 1 and s["jobs"] == 0, "the study to be open")
    w.wait(lambda s: s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    go_to(w, RIGHT_CORTEX)
    w.key("3")
    w.wait(lambda s: s["tool"] == "grow", "the grow tool")
    spin(w, "Tolerance", 20)
    x, y = w.place(AXIAL, RIGHT_CORTEX)
    w.xdo("mousemove", x, y, "mousedown", 1)
    first = w.wait(lambda s: s["preview"] == 2 and s["jobs"] == 0, "the first preview")
    seen = w.wait_pixels(AXIAL, previewed, lambda n: n > 50, "the first preview on the screen")
    begin, cpu, moves = time.monotonic(), cpu_seconds(w), 0
    while (seconds := time.monotonic() - begin) < DRAG_S:  # up, a pixel at a time, and back: 20 to 60 HU
        away = moves % 260
        w.xdo("mousemove", x, y - 4 - (away if away < 130 else 260 - away))
        moves += 1
    cpu = cpu_seconds(w) - cpu
    # The button is still down: what is on the screen has followed already.
    w.xdo("mousemove", x, y - 134)
    deadline = time.monotonic() + DEADLINE_S
    while (now := w.count_pixels(AXIAL, previewed)) < 2 * seen:
        assert time.monotonic() < deadline, f"the picture did not follow the hand: {seen} pixels, then {now}"
    last = w.wait(lambda s: s["jobs"] == 0 and s["status"] != first["status"], "the last preview")
    w.picture("grow-live")
    w.xdo("mouseup", 1)
    count = last["previews"] - first["previews"]
    assert count >= 3 and last["steps"] == 0, count
    print(f"{count} previews in {seconds:.1f} s of dragging ({moves} moves): {count / seconds:.1f} a second; {cpu:.1f} s of processor time, all threads and "
          f"drawing; {first['status']} to {last['status']}", flush=True)
    w.key("ctrl+q")
    w.wait_closed()
