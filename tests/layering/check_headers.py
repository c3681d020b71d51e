#!/usr/bin/env python3
"""Every public header compiles alone, as C11 and as C++17. Usage: check_headers.py SOURCE_DIR CC CXX [--without-ui] [FLAG...]"""
import concurrent.futures
import pathlib
import subprocess
import sys

source, cc, cxx = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
flags = [f for f in sys.argv[4:] if f and f != "--without-ui"]
without_ui = "--without-ui" in sys.argv  # a build without GTK has no flags to compile them with
include = source / "include"


def compile_alone(job):
    header, compiler, language, standard = job
    name = header.relative_to(include)
    run = subprocess.run([compiler, f"-x{language}", f"-std={standard}", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter",
                          "-Wno-missing-field-initializers", "-fsyntax-only", f"-I{include}", *flags, "-"],
                         input=f'#include "{name}"\nint hilum_header_alone;\n', text=True, capture_output=True)
    return None if run.returncode == 0 else f"{name} does not stand alone as {standard}:\n{run.stderr}"


headers = [h for h in sorted(include.rglob("*.h")) if not (without_ui and h.parent.name == "ui")]
jobs = [(h, cc, "c", "c11") for h in headers] + [(h, cxx, "c++", "c++17") for h in headers]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    failures = [f for f in pool.map(compile_alone, jobs) if f]
print("\n".join(failures) if failures else f"{len(headers)} headers stand alone in C and C++")
sys.exit(1 if failures or not headers else 0)
