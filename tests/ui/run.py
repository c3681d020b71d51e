#!/usr/bin/env python3
"""One scenario in the real window, under its own X server and session bus. Usage: run.py APP SCENARIO

Exit status 77: something that the test needs is not installed. Pictures and logs of a failure stay in HILUM_UI_OUT.
"""
import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

NEEDED = ["Xvfb", "xdotool", "dbus-run-session", "import"]


def missing():
    lacking = [tool for tool in NEEDED if not shutil.which(tool)]
    try:
        import pyatspi  # noqa: F401
    except ImportError:
        lacking.append("python3-pyatspi")
    return lacking


def outside(app, scenario):
    """Starts the X server and the session bus, then this script again inside."""
    lacking = missing()
    if lacking:
        print(f"skipped: not installed: {', '.join(lacking)}")
        return 77
    with tempfile.TemporaryDirectory(prefix="hilum-ui-") as home:
        read, write = os.pipe()
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "+extension", "GLX", "-nolisten", "tcp"],
                                  pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        try:
            with os.fdopen(read) as pipe:
                number = pipe.readline().strip()
            if not number:
                print("the X server did not start")
                return 1
            env = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS")}
            runtime = pathlib.Path(home, "run")
            runtime.mkdir(mode=0o700)
            env.update(DISPLAY=f":{number}", GDK_BACKEND="x11", LIBGL_ALWAYS_SOFTWARE="1", GTK_A11Y="atspi", NO_AT_BRIDGE="0",
                       XDG_RUNTIME_DIR=str(runtime), XDG_CONFIG_HOME=home + "/config", XDG_DATA_HOME=home + "/data", XDG_STATE_HOME=home + "/state", LANG="C.UTF-8", LC_ALL="C.UTF-8",
                       GSETTINGS_BACKEND="memory", HILUM_UI_HOME=home, GTK_THEME="Default:dark")
            # The sample may be shared by the scenarios; everything else is new.
            env.setdefault("HILUM_UI_OUT", home + "/out")
            env["XDG_CACHE_HOME"] = str(pathlib.Path(env["HILUM_UI_OUT"]).parent / "cache")
            return subprocess.run(["dbus-run-session", "--", sys.executable, __file__, "--inside", app, scenario], env=env, check=False).returncode
        finally:
            server.terminate()
            server.wait()


def inside(app, scenario):
    from window import Skip, Window
    out = pathlib.Path(os.environ["HILUM_UI_OUT"])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    window = Window(app, out)
    try:
        importlib.import_module(f"scenario_{scenario}").run(window)
        window.check_log()
        print(f"{scenario}: ok")
    except Skip as why:
        print(f"skipped: {why}")
        return 77
    except Exception:
        traceback.print_exc()
        window.picture("failure")
        print(f"last state: {window.last}\nsee {out}")
        return 1
    finally:
        window.kill()
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        sys.exit(inside(*sys.argv[2:4]))
    sys.exit(outside(*sys.argv[1:3]))
