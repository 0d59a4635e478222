"""Matrix products, matrix times vector and convolutions, beside NumPy (and torch where it is installed).

./dev bench matmul
./dev bench matmul --tune    measures the tuning table's candidates first, and keeps the best for this device
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import best_of_both, header, row
from vulkan_forge import compute

RNG = np.random.default_rng(0)


def values(*shape: int, dtype: str = "float32") -> Any:
    return (RNG.random(shape) - 0.5).astype(dtype)


def compare(name: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any], work: float, unit: str) -> None:
    """One row; `work` in units of 1e9 (GFLOP, GB) becomes a rate."""
    mine, other = best_of_both(ours, theirs, rounds=15)
    row(name, mine, peer, other, f"{work / mine:.1f} against {work / other:.1f} {unit}")


def products() -> None:
    for m, k, n in ((512, 512, 512), (1024, 1024, 1024), (2048, 64, 2048), (64, 64, 64)):
        a, b = values(m, k), values(k, n)
        x, y = vf.asarray(a), vf.asarray(b)
        flops = 2e-9 * m * k * n
        compare(f"matmul f32 {m}x{k}x{n}", lambda: np.asarray(compute.matmul(x, y)), "NumPy", lambda: a @ b, flops, "GFLOP/s")
    for dtype in ("float16", "float64", "int8"):
        a, b = (RNG.integers(-9, 9, (512, 512)).astype(dtype) for _ in range(2))
        x, y = vf.asarray(a), vf.asarray(b)
        wide = (a.astype("float32"), b.astype("float32")) if dtype != "float64" else (a, b)
        compare(
            f"matmul {dtype} 512",
            lambda: np.asarray(compute.matmul(x, y)),
            f"NumPy {wide[0].dtype}",
            lambda: wide[0] @ wide[1],
            2e-9 * 512**3,
            "GFLOP/s",
        )
    a, b = values(32, 128, 64), values(32, 64, 128)
    x, y = vf.asarray(a), vf.asarray(b)
    flops = 2e-9 * 32 * 128 * 64 * 128
    compare("matmul f32 32 of 128x64x128", lambda: np.asarray(compute.matmul(x, y)), "NumPy", lambda: a @ b, flops, "GFLOP/s")


def vectors() -> None:
    a, v = values(4096, 4096), values(4096)
    x, y = vf.asarray(a), vf.asarray(v)
    size = a.nbytes * 1e-9
    compare("matrix @ vector f32 4096", lambda: np.asarray(compute.matmul(x, y)), "NumPy", lambda: a @ v, size, "GB/s")
    compare("vector @ matrix f32 4096", lambda: np.asarray(compute.matmul(y, x)), "NumPy", lambda: v @ a, size, "GB/s")


def convolutions() -> None:
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        print("torch is not installed: convolutions go without a peer")
        return
    for n, c, o, side in ((1, 64, 64, 64), (8, 3, 32, 112), (4, 128, 128, 28)):
        image, kernel = values(n, c, side, side), values(o, c, 3, 3)
        x, w = vf.asarray(image), vf.asarray(kernel)
        tx, tw = torch.from_numpy(image), torch.from_numpy(kernel)
        compare(
            f"convolve {n}x{c}x{side}x{side}, {o} of 3x3",
            lambda: np.asarray(compute.convolve(x, w, padding=1)),
            "torch",
            lambda: torch.nn.functional.conv2d(tx, tw, padding=1),
            2e-9 * n * o * c * 9 * side * side,
            "GFLOP/s",
        )


if __name__ == "__main__":
    with vf.default_device() as device:
        header(device)
        if os.environ.get("VULKAN_FORGE_TUNE"):
            for key, times in compute.tune(device=device).items():
                for choice, seconds in sorted(times.items(), key=lambda item: item[1]):
                    print(f"{' '.join(key):24s} {choice:56s} {seconds * 1e3:9.3f} ms")
        products()
        vectors()
        convolutions()
