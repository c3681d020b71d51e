"""The ways in: the empty page by name, a folder, files that are no images, a case whose images are gone and found again."""
import os
import pathlib
import shutil

from gi.repository import GLib


def run(w):
    w.start()
    w.wait(lambda s: not s["case"] and s["jobs"] == 0, "the empty page")
    w.accessible("button", "Open a study")
    w.accessible("button", "Try the sample kidney")

    # Nothing to open: one sentence, and the window lives on.
    empty = w.out / "empty"
    empty.mkdir()
    (empty / "notes.txt").write_text("no image", encoding="utf-8")
    w.action("open-paths", GLib.Variant("as", [str(empty)]))
    w.wait(lambda s: s["message"] != "" and s["jobs"] == 0 and not s["case"], "a sentence about the empty folder")
    w.picture("sentence")

    # One phase of the sample as a folder of its own.
    w.action("small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample")
    sample = next(pathlib.Path(os.environ["XDG_CACHE_HOME"], "hilum").glob("sample-*-small"))
    images = w.out / "images"
    shutil.copytree(sample / "arterial", images)
    w.action("open-paths", GLib.Variant("as", [str(images)]))
    w.wait(lambda s: s["phases"] == 1 and s["jobs"] == 0, "one phase")
    case = w.out / "moved.hilum"
    w.action("save-to", GLib.Variant("s", str(case)))
    w.wait(lambda s: s["path"] == str(case) and not s["saving"], "the case to be saved")
    w.key("ctrl+q")
    w.wait_closed()

    # The images move: the case opens, says so, and offers to look for them.
    (w.out / "elsewhere").mkdir()
    images.rename(w.out / "elsewhere" / "gone")
    w.start(case)
    w.wait(lambda s: s["case"] and s["phases"] == 1 and s["message"] != "", "a sentence about the missing images")
    w.accessible("button", "Find them")
    w.picture("missing")
    w.action("relocate-to", GLib.Variant("s", str(w.out / "elsewhere")))
    w.wait(lambda s: "found" in s["message"] and s["jobs"] == 0, "the images to be found")
    w.key("ctrl+q")
    w.wait_closed()
