"""Draws the triangle again and again, in this process and in forked ones, and compares the bytes.

Writes determinism_report.json into the output folder. Exits with 0 where all are equal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
from pathlib import Path
from typing import NamedTuple

from vulkan_forge._vulkan_forge import Renderer


class Task(NamedTuple):
    """What one process draws."""

    width: int
    height: int
    runs: int
    pngs: Path | None  # folder to write the pictures into, too


def hashes_of(task: Task) -> list[str]:
    """SHA-256 of the bytes of each run; every second one by a new Renderer."""
    found, renderer = [], Renderer(task.width, task.height)
    for run in range(task.runs):
        if run % 2:
            renderer = Renderer(task.width, task.height)
        found.append(hashlib.sha256(renderer.render_triangle_rgba().tobytes()).hexdigest())
        if task.pngs:
            renderer.render_triangle_png(task.pngs / f"triangle_{run}.png")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--runs", type=int, default=5, help="pictures a process")
    parser.add_argument("--processes", type=int, default=0, help="forked processes beside this one")
    parser.add_argument("--png", action="store_true", help="also write and compare files")
    parser.add_argument("--out-dir", type=Path, default=Path("determinism_artifacts"))
    options = parser.parse_args()
    options.out_dir.mkdir(parents=True, exist_ok=True)
    task = Task(options.width, options.height, max(1, options.runs), None)
    hashes: list[list[str]] = []
    if options.processes > 0:  # before this process opens a device of its own: one cannot be used across a fork
        with multiprocessing.get_context("fork").Pool(options.processes, maxtasksperchild=1) as pool:
            hashes = pool.map(hashes_of, [task] * options.processes, chunksize=1)
    hashes.insert(0, hashes_of(task._replace(pngs=options.out_dir if options.png else None)))
    files = [options.out_dir / f"triangle_{run}.png" for run in range(task.runs if options.png else 0)]
    different = {one for process in hashes for one in process}
    different_files = {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    report = {
        "width": options.width,
        "height": options.height,
        "runs": task.runs,
        "processes": options.processes,
        "hashes": hashes,
        "png_hashes": sorted(different_files),
        "all_equal": len(different) == 1 and len(different_files) <= 1,
    }
    path = options.out_dir / "determinism_report.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    count = sum(map(len, hashes))
    verdict = "equal" if report["all_equal"] else "DIFFERENT"
    print(f"{count} pictures in {len(hashes)} processes: {verdict}; wrote {path}")
    return 0 if report["all_equal"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
