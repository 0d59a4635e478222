"""Numba with fast math on all cores."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

Run = Callable[[], object]


@numba.njit(parallel=True, fastmath=True)
def _mandelbrot(k, side, most):
    for i in numba.prange(side * side):
        x = np.float32(i % side) / np.float32(side) * np.float32(3) - np.float32(2)
        y = np.float32(i // side) / np.float32(side) * np.float32(3) - np.float32(1.5)
        a = b = np.float32(0)
        n = 0
        while n < most and a * a + b * b < np.float32(4):
            a, b = a * a - b * b + x, np.float32(2) * a * b + y
            n += 1
        k[i] = n


@numba.njit(parallel=True, fastmath=True)
def _nbody(x, y, z, w, f):
    for i in numba.prange(x.size):
        sx = sy = sz = np.float32(0)
        for j in range(x.size):
            dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
            q = np.float32(1) / np.sqrt(dx * dx + dy * dy + dz * dz + np.float32(1e-4))
            s = w[j] * q * q * q
            sx, sy, sz = sx + dx * s, sy + dy * s, sz + dz * s
        f[i, 0], f[i, 1], f[i, 2] = sx, sy, sz


def mandelbrot(side: int, most: int, wanted: np.ndarray) -> Run:
    k = np.zeros(side * side, np.uint32)
    _mandelbrot(k, side, most)
    assert (k == wanted).mean() > 0.99  # fast math rounds otherwise
    return lambda: _mandelbrot(k, side, most)


def nbody(p: np.ndarray) -> Run:
    columns, f = [np.ascontiguousarray(p[:, i]) for i in range(4)], np.zeros((len(p), 3), np.float32)
    return lambda: _nbody(*columns, f)
