"""Two phases by hand: seen at once, nudged, undone, registered, put back."""
from window import AXIAL


def run(w):
    w.start("--small-sample")
    w.wait(lambda s: s["case"] and s["phases"] == 3 and s["jobs"] == 0, "the sample to be open")
    w.wait(lambda s: s["panes"][AXIAL]["width"] > 100 and s["panes"][AXIAL].get("px_per_mm", 0) > 0.2, "the panes to have a size")
    w.wait_quiet()
    assert w.last["phase"] > 0 and w.last["alignment"] == "scanner", w.last

    # One key goes round the ways of seeing two; the buttons have names.
    for mode in ("blend", "checker", "off"):
        w.key("v")
        w.wait(lambda s: s["fusion"] == mode, f"fusion to be {mode}")
    w.press("button", "Blend of two phases")
    w.wait(lambda s: s["fusion"] == "blend" and s["fused_phase"] == 0, "a blend with the first phase")
    w.accessible("slider", "Share of the other phase").queryValue().currentValue = 25
    w.wait(lambda s: abs(s["blend"] - 0.25) < 0.01, "a quarter of the other")

    # Nudges show at once and are one step.
    w.key("alt+Right", "alt+Right", "alt+Right")
    w.wait(lambda s: abs(s["moved_mm"] - 1.5) < 1e-6 and s["jobs"] == 0, "three nudges")
    assert w.last["alignment"] == "manual" and w.last["undo"].startswith("Nudge "), w.last
    w.key("alt+Page_Up")
    w.wait(lambda s: s["moved_mm"] != 1.5 and s["jobs"] == 0, "a turn")
    w.picture("nudged")
    w.key("ctrl+z")
    w.wait(lambda s: s["moved_mm"] == 0 and s["alignment"] == "scanner" and s["undo"] == "", "all nudges undone")

    # Register: the sample's phases lie on each other, so from a nudge it finds back to nothing.
    w.key("alt+Down", "alt+Down", "alt+Down", "alt+Down")
    w.wait(lambda s: abs(s["moved_mm"] - 2) < 1e-6 and s["jobs"] == 0, "a nudge of 2 mm")
    w.key("ctrl+r")
    w.wait(lambda s: s["alignment"] == "registered" and s["jobs"] == 0, "a registration")
    assert w.last["moved_mm"] < 0.5, w.last
    assert "residual" in w.last["message"] and w.last["undo"].startswith("Register "), w.last
    w.picture("registered")
    w.press("button", "Undo")
    w.wait(lambda s: s["alignment"] == "manual", "the registration undone by its button")
    w.press("button", "Put the phase back to scanner coordinates")
    w.wait(lambda s: s["alignment"] == "scanner" and s["jobs"] == 0, "the phase to be back")
