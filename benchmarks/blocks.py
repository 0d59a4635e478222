"""Building blocks on the device beside NumPy, and numba where it is installed: reduce, scan, sort, histogram, moves.

./dev bench blocks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import vulkan_forge as vf
from _measure import best_of_both, header, row
from vulkan_forge import compute

try:
    import numba
except ImportError:
    numba = None

N, SORTED = 1 << 24, 1 << 22


def beside(
    name: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any], work: float, unit: str, rounds: int = 9
) -> None:
    """One row; `work` in units of 1e9 or 1e6 a second."""
    mine, other = best_of_both(ours, theirs, rounds)
    row(name, mine, peer, other, f"{work / mine:8.1f} against {work / other:8.1f} {unit}")


def numba_scan() -> Callable[[Any, Any], Any]:
    @numba.njit
    def scan(x: Any, y: Any) -> None:
        total = np.float32(0)
        for i in range(x.size):
            total += x[i]
            y[i] = total

    return scan


def numba_histogram() -> Callable[[Any, Any], Any]:
    @numba.njit
    def histogram(x: Any, counts: Any) -> None:
        for i in range(x.size):
            counts[min(int(x[i] * 256), 255)] += 1

    return histogram


def reductions(x: Any, array: vf.Array) -> None:
    for op in ("sum", "max", "argmax"):
        beside(
            f"{op} of 2^24 float32",
            lambda op=op: np.asarray(compute.reduce(array, op)),
            "NumPy",
            getattr(x, op),
            N * 4 / 1e9,
            "GB/s",
        )
    square, device = x.reshape(4096, 4096), vf.asarray(x.reshape(4096, 4096))
    for axis in (0, 1):
        beside(
            f"sum of 4096 x 4096 along axis {axis}",
            lambda axis=axis: np.asarray(compute.reduce(device, axis=axis)),
            "NumPy",
            lambda axis=axis: square.sum(axis),
            N * 4 / 1e9,
            "GB/s",
        )
    offsets = np.arange(0, N + 1, 128)
    cuts = vf.asarray(offsets)
    beside(
        "sums of 2^17 segments",
        lambda: np.asarray(compute.segmented_reduce(array, cuts)),
        "NumPy add.reduceat",
        lambda: np.add.reduceat(x, offsets[:-1]),
        N * 4 / 1e9,
        "GB/s",
    )


def scans(x: Any, array: vf.Array) -> None:
    out = np.empty_like(x)

    def ours() -> Any:
        return np.asarray(compute.scan(array))

    beside("inclusive scan of 2^24 float32", ours, "NumPy cumsum", lambda: np.cumsum(x, out=out), N * 8 / 1e9, "GB/s")
    if numba:
        loop = numba_scan()
        beside("inclusive scan of 2^24 float32", ours, "numba", lambda: loop(x, out), N * 8 / 1e9, "GB/s")


def sorts() -> None:
    keys = np.random.default_rng(1).integers(0, 1 << 32, SORTED, dtype=np.uint32)
    for name, x in (("uint32", keys), ("float32", np.random.default_rng(2).standard_normal(SORTED).astype(np.float32))):
        array = vf.asarray(x)
        beside(
            f"sort of 2^22 {name}",
            lambda a=array: np.asarray(compute.sort(a)),
            "NumPy sort",
            lambda x=x: np.sort(x),
            SORTED / 1e6,
            "M/s",
        )
    device = vf.asarray(keys)
    beside(
        "argsort of 2^22 uint32",
        lambda: np.asarray(compute.argsort(device)),
        "NumPy argsort, stable",
        lambda: np.argsort(keys, kind="stable"),
        SORTED / 1e6,
        "M/s",
        3,
    )


def histograms(x: Any, array: vf.Array) -> None:
    def ours() -> Any:
        return np.asarray(compute.histogram(array, bins=256, range=(0, 1))[0])

    gigabytes = N * 4 / 1e9
    beside(
        "histogram of 2^24 float32, 256 bins",
        ours,
        "NumPy",
        lambda: np.histogram(x, bins=256, range=(0, 1)),
        gigabytes,
        "GB/s",
        3,
    )
    if numba:
        loop = numba_histogram()
        counts = np.zeros(256, np.int64)
        beside("histogram of 2^24 float32, 256 bins", ours, "numba", lambda: loop(x, counts), gigabytes, "GB/s")


def moves(x: Any, array: vf.Array) -> None:
    mask = x < 0.5
    device_mask = vf.asarray(mask)
    beside(
        "compact half of 2^24 float32",
        lambda: np.asarray(compute.compact(array, device_mask)),
        "NumPy x[mask]",
        lambda: x[mask],
        N / 1e6,
        "M/s",
    )
    at = np.random.default_rng(3).integers(0, N, SORTED).astype(np.int32)
    indices = vf.asarray(at)
    beside(
        "gather 2^22 of 2^24 float32, checked",
        lambda: np.asarray(compute.gather(array, indices)),
        "NumPy take",
        lambda: np.take(x, at),
        SORTED / 1e6,
        "M/s",
    )
    target = vf.asarray(np.zeros(1 << 16, np.int32))
    places = vf.asarray(at & 0xFFFF)
    ones = vf.asarray(np.ones(1, np.int32))
    host = np.zeros(1 << 16, np.int32)

    def add() -> Any:
        return np.asarray(compute.scatter(target, places, ones, op="add", mode="wrap"))

    beside(
        "scatter-add 2^22 into 2^16", add, "NumPy add.at", lambda: np.add.at(host, at & 0xFFFF, 1), SORTED / 1e6, "M/s"
    )
    matrix = x.reshape(4096, 4096)
    square = vf.asarray(matrix)
    beside(
        "transpose of 4096 x 4096 float32",
        lambda: np.asarray(compute.transpose(square)),
        "NumPy .T.copy()",
        lambda: matrix.T.copy(),
        N * 8 / 1e9,
        "GB/s",
    )


def main() -> None:
    header(vf.default_device())
    x = np.random.default_rng(0).random(N, dtype=np.float32)
    array = vf.asarray(x)
    reductions(x, array)
    scans(x, array)
    sorts()
    histograms(x, array)
    moves(x, array)


if __name__ == "__main__":
    main()
