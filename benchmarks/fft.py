"""Fourier transforms beside scipy.fft with all processors (and torch.fft where it is installed), in one run.

./dev bench fft

GFLOP/s count 5 n log2 n for complex transforms and half of that for real ones, whatever is really computed.
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

PROCESSORS = os.cpu_count() or 1
DEVICE = vf.default_device()
RNG = np.random.default_rng(0)


def complex_values(*shape: int) -> np.ndarray:
    return (RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)).astype(np.complex64)


def real_values(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def peers() -> dict[str, Callable[[str], Callable[[Any], Any]]]:
    """Functions of a name such as "fft2", by library."""
    found: dict[str, Callable[[str], Callable[[Any], Any]]] = {}
    try:
        scipy_fft = importlib.import_module("scipy.fft")
        found["scipy.fft"] = lambda name: lambda x: getattr(scipy_fft, name)(x, workers=PROCESSORS)
    except ImportError:
        found["numpy.fft"] = lambda name: getattr(np.fft, name)
    try:
        torch = importlib.import_module("torch")
        found["torch.fft"] = lambda name: lambda x: getattr(torch.fft, name)(torch.from_numpy(x))
    except ImportError:
        pass
    return found


def measure(title: str, name: str, x: np.ndarray, lines: int) -> None:
    """One row for each peer; `lines` is the number of values that a transform combines."""
    on_device = vf.asarray(x)
    function = getattr(compute, name)

    def ours() -> None:
        function(on_device)
        DEVICE.wait_idle()

    ours()
    operations = 5.0 * x.size * np.log2(lines) * (0.5 if name.startswith("r") else 1.0)
    for library, named in peers().items():
        theirs = named(name)
        mine, other = best_of_both(ours, lambda theirs=theirs: theirs(x))
        rates = f"{operations / mine / 1e9:.1f} against {operations / other / 1e9:.1f} GFLOP/s"
        row(title, mine, library, other, rates)


def main() -> None:
    header(DEVICE)
    measure("fft 2^20, complex64", "fft", complex_values(1 << 20), 1 << 20)
    measure("fft2 1024 x 1024, complex64", "fft2", complex_values(1024, 1024), 1 << 20)
    measure("rfft 2^20, float32", "rfft", real_values(1 << 20), 1 << 20)
    measure("rfft2 1024 x 1024, float32", "rfft2", real_values(1024, 1024), 1 << 20)
    measure("fft 1000 x (1000), complex64", "fft", complex_values(1000, 1000), 1000)
    measure("fftn 128 x 128 x 128, complex64", "fftn", complex_values(128, 128, 128), 1 << 21)
    measure("fft 4096 x (256), complex64", "fft", complex_values(4096, 256), 256)
    measure("fft of a prime, 524287, complex64", "fft", complex_values(524287), 524287)
    measure("fft 4096, complex64", "fft", complex_values(4096), 4096)


if __name__ == "__main__":
    main()
