#!/usr/bin/env python3
"""Exported files as printing programs see them: every structure with every option of preparation, through admesh and PrusaSlicer.

Usage: check_exports.py HILUM_CLI [--short] [--out DIR] [--structure NAME]... [--option NAME]... [--case sample|ct]...

Prints a line a file, then a table for each case, and fails if a file is not clean: admesh must have nothing to fix (degenerate facets, edges, facets removed, added or
reversed, backwards edges, normals), `prusa-slicer --info` (where there is one) must say that it is manifold. Cases: the sample with its true labels, and with HILUM_TEST_DATA the study of
docs/worked-example.md, by the commands that stand there. --short: two structures of the small sample, on coarse grids. Exit status 77 (skipped) without admesh. Files stay in --out.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTIONS = {
    "plain": [],
    "fill-holes": ["--fill-holes"],
    "remove-below": ["--remove-below", "0.01"],
    "decimate": ["--decimate-error", "0.1"],
    "resolve": ["--resolve"],
    "hollow": ["--hollow", "2"],
    "hollow+decimate": ["--hollow", "2", "--decimate-error", "0.1"],
    "min-diameter": ["--min-diameter", "2"],
    "min-diameter+decimate": ["--min-diameter", "2", "--decimate-error", "0.1"],
}
FIXES = ("Degenerate facets", "Edges fixed", "Facets removed", "Facets added", "Facets reversed", "Backwards edges", "Normals fixed")


def run_json(cli, *args):
    done = subprocess.run([cli, *map(str, args), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().split("\n")[-1])
    return json.loads(done.stdout)


def sample_case(cli, out, small):
    case = out / "sample.hilum"
    run_json(cli, "demo", "--out", out / "sample", *(["--small"] if small else []))
    run_json(cli, "load", out / "sample" / "nephrographic", "--case", case)
    run_json(cli, "labels", case, "--in", out / "sample" / "truth.nrrd")
    return case


def ct_case(cli, out):
    """The commands of the worked example up to the surfaces, as they stand there."""
    text = (ROOT / "docs" / "worked-example.md").read_text(encoding="utf-8")
    commands = re.search(r"```sh\n[^\n]*\n(.*?)\n\$cli mesh", text, re.S).group(1)
    case = out / "ct-abdomen-contrast.hilum"
    shell = f'set -e; cli="{cli}"; case="{case}"\n{commands}'
    subprocess.run(["bash", "-c", shell], cwd=os.environ["HILUM_TEST_DATA"], stdout=subprocess.DEVNULL, check=True)
    return case


def admesh_fixes(path):
    text = subprocess.run(["admesh", path], capture_output=True, text=True, check=True).stdout
    found = [re.search(re.escape(what) + r"\s*:\s*(\d+)", text) for what in FIXES]
    if not all(found):
        raise RuntimeError("admesh says nothing about " + ", ".join(what for what, m in zip(FIXES, found) if not m))
    return {what.lower(): int(m.group(1)) for what, m in zip(FIXES, found) if int(m.group(1)) > 0}


def prusa_says(path):
    """Nothing if it is manifold."""
    text = subprocess.run(["prusa-slicer", "--info", path], capture_output=True, text=True).stdout
    if "manifold = yes" in text:
        return {}
    wrong = re.findall(r"^(open_edges|facets_\w+|edges_fixed|degenerate_facets|backwards_edges) = (\d+)", text, re.M)
    return {"not manifold": 1, **{what: int(n) for what, n in wrong}}


def look_at(path, triangles, has_prusa):
    """What is wrong with a file, as text or ''."""
    wrong = admesh_fixes(path)
    if has_prusa:
        wrong |= prusa_says(path)
    return ", ".join(f"{n} {w}" for w, n in wrong.items()) if triangles > 0 else "no triangles"


def export(cli, case, args, folder):
    """[(structure, path, triangles)] of one file a structure."""
    said = run_json(cli, "export", case, "--format", "stl", "--hidden", *args, "--out", f"{folder}/")
    return [(s["structure"], f["path"], s["triangles"]) for s, f in zip(said["surfaces"], said["files"], strict=True)]


def export_all(cli, case, names, args, folder):
    """The same, structures all at once; those that fail by themselves have a sentence for a path."""
    try:
        return export(cli, case, [a for n in names for a in ("--structure", n)] + args, folder)
    except RuntimeError as error:
        if len(names) == 1:
            return [(names[0], str(error), 0)]
    return [one for n in names for one in export_all(cli, case, [n], args, folder)]


def check_case(cli, name, case, out, wanted, options, has_prusa):
    """Every structure with every option, and a union of the two smallest. Returns the number of files that are not clean."""
    structures = run_json(cli, "measure", case)["structures"]
    names = [s["name"] for s in sorted(structures, key=lambda s: s["voxels"]) if s["voxels"] > 0 and (not wanted or s["name"] in wanted)]
    shown = [o for o in [*OPTIONS, "union"] if o in options]
    results = {}
    for option in shown:
        folder = out / f"{name}-{option}"
        if option == "union":
            files = export(cli, case, ["--union", ",".join(names[:2])], folder) if len(names) > 1 else []
        else:
            files = export_all(cli, case, names, OPTIONS[option], folder)
        for structure, path, triangles in files:
            wrong = look_at(path, triangles, has_prusa) if os.path.exists(path) else f"no file: {path}"
            results.setdefault(structure, {})[option] = wrong or "clean"
            print(f"{name}: {structure}, {option}: {triangles} triangles, {wrong or 'clean'}", flush=True)
    print(f"\n| {name} | " + " | ".join(shown) + " |\n|---|" + "---|" * len(shown))
    for structure, said in results.items():
        print(f"| {structure} | " + " | ".join(said.get(o, "-") for o in shown) + " |")
    print(flush=True)
    return sum(w != "clean" for said in results.values() for w in said.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli", type=os.path.abspath)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--structure", action="append", default=[])
    parser.add_argument("--option", action="append", choices=[*OPTIONS, "union"])
    parser.add_argument("--case", action="append", choices=["sample", "ct"])
    args = parser.parse_args()
    if not shutil.which("admesh"):
        print("skipped: admesh is not installed, so nobody else looks at the files")
        return 77
    has_prusa = shutil.which("prusa-slicer") is not None
    if not has_prusa:
        print("prusa-slicer is not installed: admesh alone looks at the files")
    out = (args.out or pathlib.Path(tempfile.mkdtemp(prefix="hilum-exports-"))).resolve()
    out.mkdir(parents=True, exist_ok=True)
    options = set(args.option or [*OPTIONS, "union"])
    if args.short:
        for given in OPTIONS.values():
            given += ["--resolution", "0.5"] if {"--resolve", "--hollow", "--min-diameter"} & set(given) else []
    wrong = 0
    try:
        if "sample" in (args.case or ["sample"]):
            wanted = args.structure or (["Tumour", "Cyst"] if args.short else [])
            wrong += check_case(args.cli, "sample", sample_case(args.cli, out, args.short), out, wanted, options, has_prusa)
        if os.environ.get("HILUM_TEST_DATA") and not args.short and "ct" in (args.case or ["ct"]):
            wrong += check_case(args.cli, "ct-abdomen-contrast", ct_case(args.cli, out), out, args.structure, options, has_prusa)
    finally:
        if not args.out:
            shutil.rmtree(out)
    print("every file is clean" if wrong == 0 else f"{wrong} files are not clean")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
