"""Draws the triangle in a process for each backend, as WGPU_BACKEND names it, and compares the pictures.

Writes backends_report.json into the output folder. Exits with 0 where a backend worked and, with --require-same, all
that worked drew the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DEFAULT_BACKENDS = {"win32": ("VULKAN", "DX12"), "darwin": ("VULKAN", "METAL")}


def draw(options: argparse.Namespace) -> dict[str, Any]:
    """What a child does; its device is that of the environment."""
    from vulkan_forge import device_probe
    from vulkan_forge._vulkan_forge import Renderer, numpy_to_png

    try:
        renderer = Renderer(options.width, options.height)
        pictures = [renderer.render_triangle_rgba() for _ in range(options.runs)]
        if options.png:
            numpy_to_png(options.out_dir / f"triangle_{options.child.lower()}.png", pictures[0])
    except RuntimeError as error:
        unsupported = "No suitable GPU adapter" in str(error)
        return {"status": "unsupported" if unsupported else "error", "message": str(error)}
    hashes = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pictures]
    adapter = device_probe().get("adapter_name")
    return {"status": "ok", "adapter_name": adapter, "hashes": hashes, "all_equal": len(set(hashes)) == 1}


def run_child(backend: str, words: list[str]) -> dict[str, Any]:
    environment = {**os.environ, "WGPU_BACKEND": backend.lower(), "WGPU_BACKENDS": backend.lower()}
    command = [sys.executable, __file__, *words, "--child", backend]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"status": "error", "message": f"exit code {done.returncode}: {done.stderr.strip()[-2000:]}"}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backends", nargs="+", help="names, apart by spaces or commas")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--runs", type=int, default=2, help="pictures a backend")
    parser.add_argument("--png", action="store_true", help="also write the pictures")
    parser.add_argument("--out-dir", type=Path, default=Path("backends_artifacts"))
    parser.add_argument("--require-same", action="store_true", help="fail where backends draw different bytes")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(draw(options)))
        return 0
    words = options.backends or DEFAULT_BACKENDS.get(sys.platform, ("VULKAN", "GL"))
    backends = [name.upper() for word in words for name in word.split(",") if name]
    options.out_dir.mkdir(parents=True, exist_ok=True)
    passed = ["--width", str(options.width), "--height", str(options.height), "--runs", str(max(1, options.runs))]
    passed += ["--out-dir", str(options.out_dir), *(["--png"] if options.png else [])]
    results = {backend: run_child(backend, passed) for backend in backends}
    worked = [result for result in results.values() if result["status"] == "ok"]
    hashes = {one for result in worked for one in result["hashes"]}
    report = {
        "width": options.width,
        "height": options.height,
        "runs": options.runs,
        "results": results,
        "at_least_one_ok": bool(worked),
        "all_same": len(hashes) == 1,
    }
    path = options.out_dir / "backends_report.json"
    path.write_text(json.dumps(report, indent=2) + "\n")
    for backend, result in results.items():
        print(f"{backend}: {result['status']} {result.get('adapter_name') or result.get('message', '')}")
    print(f"wrote {path}")
    return 0 if worked and (report["all_same"] or not options.require_same) else 1


if __name__ == "__main__":
    raise SystemExit(main())
