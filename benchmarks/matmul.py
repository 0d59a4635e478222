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


def product(name: str, a: Any, b: Any, work: float, unit: str) -> None:
    """One matrix product beside NumPy's, small dtypes beside its float32, as it has nothing fast for them."""
    x, y = vf.asarray(a), vf.asarray(b)
    small = a.dtype.itemsize < 4
    p, q = (a.astype("float32"), b.astype("float32")) if small else (a, b)
    compare(name, lambda: np.asarray(compute.matmul(x, y)), f"NumPy {p.dtype}", lambda: p @ q, work, unit)


def products() -> None:
    for m, k, n in ((512, 512, 512), (1024, 1024, 1024), (2048, 64, 2048), (64, 64, 64)):
        product(f"matmul f32 {m}x{k}x{n}", values(m, k), values(k, n), 2e-9 * m * k * n, "GFLOP/s")
    for dtype in ("float16", "float64", "int8"):
        a, b = (RNG.integers(-9, 9, (512, 512)).astype(dtype) for _ in range(2))
        product(f"matmul {dtype} 512", a, b, 2e-9 * 512**3, "GFLOP/s")
    a, b = values(32, 128, 64), values(32, 64, 128)
    product("matmul f32 32 of 128x64x128", a, b, 2e-9 * 32 * 128 * 64 * 128, "GFLOP/s")


def vectors() -> None:
    a, v = values(4096, 4096), values(4096)
    product("matrix @ vector f32 4096", a, v, a.nbytes * 1e-9, "GB/s")
    product("vector @ matrix f32 4096", v, a, a.nbytes * 1e-9, "GB/s")


def convolution(torch: Any, n: int, c: int, o: int, side: int) -> None:
    image, kernel = values(n, c, side, side), values(o, c, 3, 3)
    x, w = vf.asarray(image), vf.asarray(kernel)
    theirs, weights = torch.from_numpy(image), torch.from_numpy(kernel)
    compare(
        f"convolve {n}x{c}x{side}x{side}, {o} of 3x3",
        lambda: np.asarray(compute.convolve(x, w, padding=1)),
        "torch",
        lambda: torch.nn.functional.conv2d(theirs, weights, padding=1),
        2e-9 * n * o * c * 9 * side * side,
        "GFLOP/s",
    )


def convolutions() -> None:
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        print("torch is not installed: convolutions go without a peer")
        return
    for n, c, o, side in ((1, 64, 64, 64), (8, 3, 32, 112), (4, 128, 128, 28)):
        convolution(torch, n, c, o, side)


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
