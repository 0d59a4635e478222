"""Grids against plain NumPy, and every refusal with its text."""

import math
import os
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vulkan_forge as vf

inf, nan = math.inf, math.nan


def plain_grid(nx, nz, dx, dz):
    j, i = np.mgrid[:nz, :nx].reshape(2, -1)
    xy = np.stack([(i - (nx - 1) / 2) * dx, (j - (nz - 1) / 2) * dz], 1)
    uv = np.stack([i / (nx - 1), j / (nz - 1)], 1)
    a = (np.arange(nz - 1)[:, None] * nx + np.arange(nx - 1)).reshape(-1, 1)
    return (
        xy.astype(np.float32),
        uv.astype(np.float32),
        (a + np.array([0, 1, nx, nx, 1, nx + 1])).reshape(-1).astype(np.uint32),
    )


@given(st.integers(2, 40), st.integers(2, 40), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_is_the_plain_one(nx, nz, dx, dz):
    for got, want in zip(vf.grid_generate(nx, nz, (dx, dz)), plain_grid(nx, nz, dx, dz), strict=True):
        assert got.dtype == want.dtype
        assert got.shape == want.shape
        assert got.flags.c_contiguous
        assert got.flags.writeable
        np.testing.assert_array_equal(got, want)


def test_defaults_are_unit_spacing_about_the_centre():
    for got, want in zip(vf.grid_generate(nx=3, nz=4), vf.grid_generate(3, 4, (1.0, 1.0), "center"), strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(vf.grid_generate(3, 4, origin=None)[0], vf.grid_generate(3, 4)[0])
    np.testing.assert_array_equal(vf.grid_generate(2, 2)[0], [(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5)])


def test_corners_of_uv():
    nx, nz = 5, 7
    uv = vf.grid_generate(nx, nz)[1]
    np.testing.assert_array_equal(uv[[0, nx - 1, (nz - 1) * nx, -1]], [(0, 0), (1, 0), (0, 1), (1, 1)])


def test_triangles_run_counter_clockwise():
    xy, _, indices = vf.grid_generate(6, 5, (2, 0.5))
    a, b, c = xy[indices.reshape(-1, 3)].astype(float).transpose(1, 0, 2)
    (ux, uy), (vx, vy) = (b - a).T, (c - a).T
    np.testing.assert_allclose(ux * vy - uy * vx, 1)  # twice the area of half a cell


def test_indices_are_32_bit_at_any_size():
    for n, count in ((2, 6), (256, 390_150), (300, 536_406)):
        indices = vf.grid_generate(n, n)[2]
        assert indices.dtype == np.uint32
        assert indices.shape == (count,)
        assert indices.max() == n * n - 1


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer's builds are slow")
def test_a_million_vertices_are_quick():
    best = inf
    for _ in range(5):
        start = time.perf_counter()
        vf.grid_generate(1024, 1024)
        best = min(best, time.perf_counter() - start)
    # 15 ms on one Xeon core. Time counts with VF_TEST_PERF=1; else there is room for a busy machine.
    assert best < (0.04 if os.environ.get("VF_TEST_PERF") == "1" else 0.2)


@pytest.mark.parametrize(
    "spacing", [(1, 2), [1, 2], np.array([1, 2]), np.array([1, 2], np.float32), (np.int64(1), np.float64(2))]
)
@pytest.mark.parametrize("integer", [int, np.int8, np.int64, np.uint32])
def test_numbers_of_any_kind(integer, spacing):
    np.testing.assert_array_equal(vf.grid_generate(integer(3), integer(4), spacing)[0], plain_grid(3, 4, 1, 2)[0])


SMALL = "nx and nz must be >= 2"
SPACING = "spacing components must be finite and > 0"
ORIGIN = "origin must be 'center'"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        *(((n, 2), SMALL) for n in (1, 0, -1, -(10**30))),
        *(((2, n), SMALL) for n in (1, 0, -1)),
        *(((2, 2, (s, 1)), SPACING) for s in (0, -1, inf, -inf, nan, 1e300, 1e-60, 10**400)),
        *(((2, 2, (1, s)), SPACING) for s in (0, -1, inf, -inf, nan)),
        *(((2, 2, (1, 1), origin), ORIGIN) for origin in ("corner", "", "Center", 3, b"center")),
        ((1, 2, (0, 0), "corner"), SMALL),
        ((2, 2, (0, 1), "corner"), SPACING),
        ((2**20, 2**20), "grid is too large"),
        ((10**30, 2), "grid is too large"),
    ],
)
def test_refused_values(arguments, text):
    for error in (ValueError, RuntimeError):
        with pytest.raises(error) as caught:
            vf.grid_generate(*arguments)
        assert str(caught.value).startswith(text)


@pytest.mark.parametrize("bad", [2.0, "2", None, (2,), np.float32(2), np.array([2, 3])])
def test_sizes_that_are_no_integers(bad):
    for arguments in ((bad, 2), (2, bad)):
        with pytest.raises(TypeError, match="nx and nz must be integers"):
            vf.grid_generate(*arguments)


@pytest.mark.parametrize(
    "bad", [1, 1.0, None, (1,), (1, 1, 1), "ab", ("a", 1), (None, 1), {1, 2}, {1: 1, 2: 2}, np.array(1.0)]
)
def test_spacing_that_is_no_pair(bad):
    with pytest.raises(TypeError, match="spacing must be a pair"):
        vf.grid_generate(2, 2, bad)


def test_arrays_own_their_memory():
    first = vf.grid_generate(3, 3)[0]
    tail = first[1:]
    del first
    vf.grid_generate(3, 3)[0][:] = 9
    np.testing.assert_array_equal(tail, plain_grid(3, 3, 1, 1)[0][1:])
