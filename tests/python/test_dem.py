"""Statistics and normalisation of heights against NumPy, with and without holes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf

# Differences of float32 heights of up to 1e4 are taken in double; what remains is one rounding to float32.
CLOSE = 2e-6
MAPS = hnp.arrays(
    st.sampled_from([np.float32, np.float64]),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.floats(-10000, 10000, width=32) | st.just(np.nan),
)


def bump(rows=33, columns=21, dtype=np.float32):
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    return (700 + 50 * np.exp(-(x**2 + y**2) * 4)).astype(dtype)


@given(MAPS)
def test_stats_are_those_of_the_heights_that_are_there(heights):
    values = heights[np.isfinite(heights)].astype(np.float64)
    got = vf.dem_stats(heights)
    assert all(type(value) is float for value in got)
    if values.size == 0:
        assert np.isnan(got).all()
    else:
        want = values.min(), values.max(), values.mean(), values.std()
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masked_cells_are_holes(dtype):
    heights = np.arange(9, dtype=dtype).reshape(3, 3)
    masked = np.ma.masked_array(heights, mask=heights > 6)
    wanted = np.where(heights > 6, np.nan, heights)
    assert vf.dem_stats(masked) == vf.dem_stats(wanted) == (0, 6, 3, 2)
    np.testing.assert_array_equal(vf.dem_normalize(masked), vf.dem_normalize(wanted))
    assert vf.dem_stats(np.ma.masked_array(heights)) == vf.dem_stats(heights)
    with pytest.raises(vf.ShapeError, match="float32/float64"):
        vf.dem_stats(masked.astype(int))


def test_stats_of_a_large_flat_map_are_exact():
    assert vf.dem_stats(np.full((1000, 1000), np.float32(0.1))) == (*[float(np.float32(0.1))] * 3, 0.0)


def test_array_likes_are_converted():
    assert vf.dem_stats([[0.0, 1.0], [2.0, 3.0]]) == (0.0, 3.0, 1.5, pytest.approx(np.sqrt(1.25)))


@pytest.mark.parametrize(
    "heights",
    [
        np.zeros(4),
        np.zeros((2, 2, 2)),
        np.zeros((2, 2), np.int32),
        np.zeros((2, 2), np.float16),
        np.zeros((2, 2), ">f4"),
        np.asfortranarray(np.zeros((2, 3))),
        np.zeros((4, 4))[:, ::2],
        [[1, 2], [3, 4]],
    ],
    ids=["1-D", "3-D", "int", "half", "big endian", "Fortran", "strided", "list of int"],
)
@pytest.mark.parametrize("function", [vf.dem_stats, vf.dem_normalize])
def test_other_arrays_are_refused(function, heights):
    with pytest.raises(RuntimeError, match="heightmap must be 2-D float32/float64 and C-contiguous; got"):
        function(heights)


@pytest.mark.parametrize("function", [vf.dem_stats, vf.dem_normalize])
def test_empty_maps_are_refused(function):
    with pytest.raises(vf.ShapeError, match="heightmap cannot be empty"):
        function(np.zeros((0, 5), np.float32))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_minmax_hits_both_ends(dtype):
    heights = bump(dtype=dtype)
    kept = heights.copy()
    got = vf.dem_normalize(heights, mode="MinMax", out_range=(10, 20))
    assert got.dtype == np.float32
    assert got.shape == heights.shape
    assert got.flags.c_contiguous
    assert got.min() == pytest.approx(10, rel=1e-5)
    assert got.max() == pytest.approx(20, rel=1e-5)
    np.testing.assert_array_equal(heights, kept)


def test_zscore_has_mean_0_and_deviation_1():
    got = vf.dem_normalize(bump(), mode="zscore")
    assert abs(float(got.mean(dtype=np.float64))) < CLOSE
    assert abs(float(got.std(dtype=np.float64)) - 1) < CLOSE


@pytest.mark.parametrize(("mode", "value"), [("minmax", 3), ("zscore", 0)])
def test_a_flat_map_becomes_one_value(mode, value):
    got = vf.dem_normalize(np.full((3, 4), 7.5), mode=mode, out_range=(3, 9))
    np.testing.assert_array_equal(got, np.full((3, 4), value, np.float32))


def test_eps_bounds_the_divisor():
    got = vf.dem_normalize(np.array([[0.0, 0.25]]), eps=0.5)
    np.testing.assert_allclose(got, [[0, 0.5]], atol=CLOSE)


@given(MAPS)
def test_holes_stay_holes_and_the_range_is_held(heights):
    got = vf.dem_normalize(heights)
    np.testing.assert_array_equal(np.isfinite(got), np.isfinite(heights))
    there = got[np.isfinite(got)]
    assert ((there >= -1e-5) & (there <= 1 + 1e-5)).all()


def test_stats_come_along():
    heights = bump()
    array, stats = vf.dem_normalize(heights, return_stats=True)
    assert stats == vf.dem_stats(heights)
    np.testing.assert_array_equal(array, vf.dem_normalize(heights))


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="mode must be 'minmax' or 'zscore'; got 'log'"):
        vf.dem_normalize(bump(), mode="log")
    with pytest.raises(ValueError, match="out_range must be finite"):
        vf.dem_normalize(bump(), out_range=(0, np.inf))
    with pytest.raises(ValueError, match="eps must be finite and >= 0"):
        vf.dem_normalize(bump(), eps=-1)


@pytest.mark.gpu
@pytest.mark.parametrize("mode", ["minmax", "zscore"])
def test_the_renderer_does_the_same(mode):
    heights = bump()
    heights[3, 4] = np.nan
    with vf.Renderer(16, 16) as renderer:
        renderer.add_terrain(heights, (30, 30))
        np.testing.assert_allclose(renderer.terrain_stats(), vf.dem_stats(heights), rtol=1e-12)
        renderer.normalize_terrain(mode, range=(-1, 2))
        renderer.upload_height_r32f()
        got = renderer.read_full_height_texture()
    np.testing.assert_allclose(got, vf.dem_normalize(heights, mode=mode, out_range=(-1, 2)), atol=CLOSE)
