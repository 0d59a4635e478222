"""Loading an ONNX model from a file and its first run, each in a process of its own: caches empty, then filled.

./dev bench first_runs

Empty caches twice: with kernels compiled on a second core meanwhile, as it is, and without
(VULKAN_FORGE_COMPILE_AHEAD=0). The best of a few rounds, in turns; importing and opening the device are not in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from onnx_models import light_models

ROUNDS = 3
RUN = """
import sys, time
import numpy as np, onnx, vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession
vf.default_device()
start = time.perf_counter()
with InferenceSession(sys.argv[1]) as session:
    (port,) = session.get_inputs()
    session.run(None, {port.name: np.ones(port.shape, np.float32)})
    print(time.perf_counter() - start)
"""


def seconds(path: Path, caches: str, ahead: str) -> float:
    more = {
        "VULKAN_FORGE_CACHE_DIR": f"{caches}/forge",
        "MESA_SHADER_CACHE_DIR": f"{caches}/mesa",
        "VULKAN_FORGE_COMPILE_AHEAD": ahead,
    }
    command = [sys.executable, "-c", RUN, str(path)]
    return float(subprocess.run(command, env={**os.environ, **more}, check=True, capture_output=True, text=True).stdout)


def measure(name: str, path: Path) -> None:
    times: dict[str, list[float]] = {"ahead": [], "alone": [], "filled": []}
    for _ in range(ROUNDS):
        for key, ahead in (("alone", "0"), ("ahead", "1")):
            with tempfile.TemporaryDirectory() as caches:
                times[key].append(seconds(path, caches, ahead))
                times["filled"].append(seconds(path, caches, ahead))
    best = {key: min(values) * 1e3 for key, values in times.items()}
    print(
        f"{name:16} empty caches {best['ahead']:6.0f} ms, without compiling ahead {best['alone']:6.0f} "
        f"({best['alone'] / best['ahead']:.2f} times)   filled {best['filled']:6.0f} ms",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, model, _ in light_models():
            path = Path(folder) / f"{name}.onnx"
            path.write_bytes(model)
            measure(name, path)
            path.unlink()


if __name__ == "__main__":
    main()
