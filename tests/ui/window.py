"""Drives the window as a user does: pointer and keys through xdotool, names through the accessibility tree. Every wait is
for a state that the window itself reports in HILUM_TEST_STATE_FILE (src/ui/test_state.c); the deadline only ends a test that fails."""
import json
import os
import pathlib
import subprocess
import time

import gi
import pyatspi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

AXIAL, SAGITTAL, CORONAL, MODEL = range(4)
DEADLINE_S = float(os.environ.get("HILUM_UI_DEADLINE", "180"))
POLL_S = 0.05
DOUBLE_S, DOUBLE_PX = 0.6, 12  # more than what GTK takes for a double click


class Skip(Exception):
    """What a scenario needs is not there; the reason is its text."""


class Window:
    def __init__(self, app, out):
        self.app, self.out = app, pathlib.Path(out)
        self.state_file = self.out / "state.json"
        self.log = self.out / "hilum.log"
        self.process = None
        self.last = {}
        self.shots = 0
        self.clicked = (-1000, -1000, 0)

    # --- the process ---
    def start(self, *arguments):
        self.state_file.unlink(missing_ok=True)
        env = dict(os.environ, HILUM_TEST_STATE_FILE=str(self.state_file))
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.app, *map(str, arguments)], env=env, stdout=log, stderr=log)
        self.wait(lambda s: True, "the window to appear")

    def wait_closed(self):
        code = self.process.wait(DEADLINE_S)
        assert code == 0, f"the window ended with {code}"
        self.process = None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def check_log(self):
        bad = [line for line in self.log.read_text(encoding="utf-8").splitlines() if "CRITICAL" in line or "WARNING" in line]
        # The software renderer and a bare X server have things to say that are not ours.
        bad = [line for line in bad if "dconf" not in line and "Vulkan" not in line and "portal" not in line and "a11y bus" not in line]
        assert not bad, "the log has warnings:\n" + "\n".join(bad)

    # --- state ---
    def read(self):
        try:
            self.last = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return self.last

    def wait(self, predicate, what):
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            state = self.read()
            if state is not None:
                try:
                    if predicate(state):
                        return state
                except KeyError:
                    pass
            assert self.process.poll() is None, f"the window ended with {self.process.returncode} while waiting for {what}"
            time.sleep(POLL_S)
        raise AssertionError(f"waited in vain for {what}")

    def wait_quiet(self, what="all jobs to end"):
        return self.wait(lambda s: s["jobs"] == 0 and not s["surfaces_busy"] and not s["saving"], what)

    @staticmethod
    def structure(state, name):
        return next(s for s in state["structures"] if s["name"] == name)

    # --- hands ---
    @staticmethod
    def xdo(*arguments):
        subprocess.run(["xdotool", *map(str, arguments)], check=True)

    def key(self, *keys):
        for key in keys:
            self.xdo("key", "--clearmodifiers", key)

    def type(self, text):
        self.xdo("type", "--clearmodifiers", text)

    def place(self, pane, point_mm):
        """Screen position of a point in patient space, in a slice pane."""
        p = self.read()["panes"][pane]
        d = [point_mm[i] - p["origin_mm"][i] for i in range(3)]
        u = sum(d[i] * p["right"][i] for i in range(3)) * p["px_per_mm"]
        v = sum(d[i] * p["down"][i] for i in range(3)) * p["px_per_mm"]
        return round(p["x"] + u), round(p["y"] + v)

    def middle(self, pane):
        p = self.read()["panes"][pane]
        return round(p["x"] + p["width"] / 2), round(p["y"] + p["height"] / 2)

    def press_apart(self, x, y):
        """A press to come never makes a double click with the one before, however fast the window was: that is told by time alone."""
        if abs(x - self.clicked[0]) < DOUBLE_PX and abs(y - self.clicked[1]) < DOUBLE_PX:
            time.sleep(max(0, self.clicked[2] + DOUBLE_S - time.monotonic()))
        self.clicked = (x, y, time.monotonic())

    def click(self, x, y, button=1, hold=None):
        if button == 1:
            self.press_apart(x, y)
        self.xdo("mousemove", x, y)
        if hold:
            self.xdo("keydown", hold)
        self.xdo("click", button)
        if hold:
            self.xdo("keyup", hold)

    def drag(self, a, b, button=1, steps=12):
        self.press_apart(*a)
        self.xdo("mousemove", *a, "mousedown", button)
        for n in range(1, steps + 1):
            self.xdo("mousemove", round(a[0] + (b[0] - a[0]) * n / steps), round(a[1] + (b[1] - a[1]) * n / steps))
        self.xdo("mouseup", button)

    def wheel(self, x, y, up, hold=None):
        self.click(x, y, 4 if up else 5, hold)

    # --- actions over D-Bus: what menus and keys activate, for those that need a path ---
    def action(self, name, *parameters):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        bus.call_sync("org.hilum.Hilum", "/org/hilum/Hilum/window/1", "org.gtk.Actions", "Activate",
                      GLib.Variant("(sava{sv})", (name, list(parameters), {})), None, Gio.DBusCallFlags.NONE, -1, None)

    # --- eyes ---
    def pixels(self, pane):
        """RGB of a pane as it is on the screen."""
        p = self.read()["panes"][pane]
        box = f"{int(p['width'])}x{int(p['height'])}+{int(p['x'])}+{int(p['y'])}"
        raw = subprocess.run(["import", "-window", "root", "-crop", box, "-depth", "8", "rgb:-"], check=True, capture_output=True).stdout
        return [raw[n:n + 3] for n in range(0, len(raw), 3)]

    def count_pixels(self, pane, like):
        return sum(1 for p in self.pixels(pane) if like(*p))

    def wait_pixels(self, pane, like, enough, what):
        """Until enough(number of pixels that are `like`): the picture on the screen is a state, too."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            count = self.count_pixels(pane, like)
            if enough(count):
                return count
        raise AssertionError(f"never seen: {what} ({count} pixels at last)")

    def picture(self, name):
        subprocess.run(["import", "-window", "root", str(self.out / f"{name}.png")], check=False)

    # --- names ---
    def accessible(self, role, name):
        """The accessible object whose role ends so (“button” is any button) and whose name is this or, if there is none, starts so;
        waits until it is there."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            desktop = pyatspi.Registry.getDesktop(0)
            for app in desktop:
                if app and app.name == "hilum":
                    found = self.search(app, role, name, whole=True) or self.search(app, role, name)
                    if found:
                        return found
            time.sleep(POLL_S)
        raise AssertionError(f"no accessible {role} called “{name}”")

    def search(self, node, role, name, whole=False):
        try:
            if node.getRoleName().endswith(role) and (node.name == name if whole else node.name.startswith(name)):
                return node
            for child in node:
                found = child and self.search(child, role, name, whole)
                if found:
                    return found
        except (GLib.Error, LookupError):
            pass  # the tree changed under our feet; the caller looks again
        return None

    def search_gone(self, role, name):
        return not any(x.name.startswith(name) and x.getState().contains(pyatspi.STATE_SHOWING) for x in self.all_accessible(role))

    def all_accessible(self, role, node=None):
        """All objects of the program whose role ends so, as they are now."""
        found = []
        try:
            if node is None:
                return [x for app in pyatspi.Registry.getDesktop(0) if app and app.name == "hilum" for x in self.all_accessible(role, app)]
            if node.getRoleName().endswith(role):
                found.append(node)
            for child in node:
                if child:
                    found += self.all_accessible(role, child)
        except (GLib.Error, LookupError):
            pass  # the tree changed under our feet
        return found

    def press(self, role, name):
        node = self.accessible(role, name)
        assert node.queryAction().doAction(0), f"{name} could not be pressed"
