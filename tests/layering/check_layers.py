#!/usr/bin/env python3
"""Includes that cross the wall the wrong way, third-party headers outside their module, and banned calls.

The tables below are docs/architecture.md's include table; the test fails when code and table disagree, and `--self-test` proves
that it can fail. Usage: check_layers.py SOURCE_DIR [--self-test]
"""
import pathlib
import re
import sys
import tempfile

# module -> modules whose public headers it may include (its own always)
USES = {
    "base": [],
    "geom": [],
    "kernels": ["base", "geom"],
    "volume": ["base", "geom", "kernels"],
    "filter": ["base", "geom", "kernels", "volume"],
    "mesh": ["base", "geom", "kernels", "volume"],
    "phantom": ["base", "geom", "volume"],
    "segment": ["base", "geom", "kernels", "volume", "filter", "mesh"],
    "register": ["base", "geom", "kernels", "volume"],
    "dicom": ["base", "geom", "volume"],
    "exchange": ["base", "geom", "volume", "mesh"],
    "sample": ["base", "geom", "volume", "filter", "mesh", "segment", "phantom", "dicom", "exchange"],
    "casefile": ["base", "geom", "volume", "filter", "mesh", "segment", "register", "dicom", "exchange"],
    "view": ["base", "geom", "volume", "filter", "mesh", "segment", "register", "dicom", "exchange", "casefile"],
}
USES["render"] = USES["view"] + ["view"]
USES["ui"] = sorted(set(USES["render"] + ["render", "sample", "phantom"]))
USES["app"] = USES["ui"] + ["ui"]
USES["cli"] = sorted(set(USES["view"] + ["view", "render", "sample", "phantom"]))
# kernels may see only these of base: they run without GLib
KERNELS_BASE = {"hilum/base/cpu.h"}

# include pattern -> modules that may use it
THIRD_PARTY = [
    (re.compile(r"^(gtk|gdk|gsk|adwaita)/|^gdk/"), {"ui", "app"}),
    (re.compile(r"^epoxy/"), {"render", "ui"}),
    (re.compile(r"^dcmtk/"), {"dicom"}),
    (re.compile(r"^openjpeg"), {"dicom"}),
    (re.compile(r"^json-glib/"), {"exchange", "sample", "cli"}),
    (re.compile(r"^cairo"), {"exchange", "ui", "cli"}),
    (re.compile(r"^sqlite3\.h$"), {"casefile"}),
    (re.compile(r"^zlib\.h$"), {"casefile", "exchange"}),
    (re.compile(r"^(glib|gio|gmodule|glib-object)(/|\.h)|^glib"), {m for m in USES if m not in ("geom", "kernels")}),
]
BANNED = {
    "atoi": "g_ascii_string_to_signed", "atof": "g_ascii_strtod", "strtod": "g_ascii_strtod", "strtok": "g_strsplit", "sprintf": "g_snprintf",
    "vsprintf": "g_vsnprintf", "strcpy": "g_strlcpy", "strcat": "g_strlcat", "gets": "g_data_input_stream_read_line",
    "usleep": "a condition", "sleep": "a condition", "malloc": "g_malloc or hilum_big_alloc", "realloc": "g_realloc", "calloc": "g_malloc0",
}
RAW_MEMORY = {"malloc", "realloc", "calloc"}
BANNED_CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
MAX_LINES = 800


def module_of(path, root):
    parts = path.relative_to(root).parts
    if parts[0] == "src":
        return parts[1]
    if parts[:2] == ("include", "hilum"):
        return parts[2]
    return None


def check(root):
    problems = []
    files = [p for d in ("src", "include") for p in sorted((root / d).rglob("*")) if p.suffix in (".c", ".h", ".cpp")]
    for path in files:
        module = module_of(path, root)
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(root)
        if module not in USES:
            problems.append(f"{where}: module '{module}' is not in the include table")
            continue
        if text.count("\n") > MAX_LINES:
            problems.append(f"{where}: {text.count(chr(10))} lines; the house allows {MAX_LINES}")
        if path.suffix == ".cpp" and module != "dicom":
            problems.append(f"{where}: C++ belongs in src/dicom only")
        for inc in INCLUDE.findall(text):
            m = re.match(r"hilum/([^/]+)/", inc)
            if m:
                target = m.group(1)
                if target != module and target not in USES[module]:
                    problems.append(f"{where}: {module} may not include {inc}")
                if module == "kernels" and target == "base" and inc not in KERNELS_BASE:
                    problems.append(f"{where}: kernels run without GLib and may not include {inc}")
            for pattern, allowed in THIRD_PARTY:
                if pattern.search(inc) and module not in allowed:
                    problems.append(f"{where}: <{inc}> may be included only in {', '.join(sorted(allowed))}")
        code = COMMENT.sub(lambda m: "\n" * m.group(0).count("\n"), text)
        for number, line in enumerate(code.split("\n"), 1):
            for call in BANNED_CALL.findall(line):
                if call in RAW_MEMORY and module == "base":
                    continue
                problems.append(f"{where}:{number}: {call}() is banned here; use {BANNED[call]}")
    return problems


def self_test():
    """Each kind of breach, planted in a throw-away tree, must be found."""
    breaches = {
        "src/volume/a.c": '#include "hilum/segment/step.h"\n',
        "src/kernels/b.c": '#include "hilum/base/progress.h"\n',
        "src/mesh/c.c": "#include <gtk/gtk.h>\n",
        "src/view/d.c": "#include <dcmtk/config/osconfig.h>\n",
        "src/geom/e.c": "#include <glib.h>\n",
        "src/ui/f.c": "int f(const char *s) { return atoi(s); }\n",
        "src/mesh/g.cpp": "int g;\n",
        "src/nowhere/h.c": "int h;\n",
        "src/filter/i.c": "int i;\n" * (MAX_LINES + 1),
    }
    for name, text in breaches.items():
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "include").mkdir()
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text(text)
            if not check(root):
                print(f"self-test: the breach in {name} went unnoticed")
                return 1
    return 0


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(self_test())
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) if found else "layers hold")
    sys.exit(1 if found else 0)
