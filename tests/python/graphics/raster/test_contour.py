"""Contours against matplotlib's (contourpy), by geometry, and what each line promises."""

import contourpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import errors
from vulkan_forge.graphics import raster

pytestmark = pytest.mark.gpu


def terrain(rows=40, columns=50, seed=4):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    return (30 * np.sin(x / 7) * np.cos(y / 5) + rng.normal(0, 3, x.shape)).astype(np.float32)


def pieces(lines):
    """The segments of lines, each with its ends in order, as a sorted array (n, 4)."""
    parts = [np.concatenate([line[:-1], line[1:]], axis=1) for line in lines if len(line) > 1]
    if not parts:
        return np.empty((0, 4))
    both = np.concatenate(parts)
    swap = (both[:, 0] > both[:, 2]) | ((both[:, 0] == both[:, 2]) & (both[:, 1] > both[:, 3]))
    both[swap] = both[swap][:, [2, 3, 0, 1]]
    both = both[(np.abs(both[:, :2] - both[:, 2:]) > 1e-6).any(axis=1)]  # contours through a corner touch it in points
    return both[np.lexsort(np.round(both.T[::-1], 4))]


def plain(heights, level):
    """contourpy's lines; it sees float64."""
    masked = np.ma.masked_invalid(heights.astype(np.float64))
    return contourpy.contour_generator(z=masked, name="serial", corner_mask=False).lines(level)


@pytest.mark.parametrize("level", [-31.5, -10, 0.25, 3, 21])
def test_lines_are_matplotlibs(level):
    heights = terrain()
    ours = pieces([line.points for line in raster.contours(heights, [level])])
    theirs = pieces(plain(heights, level))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 40), st.floats(0, 0.2), st.integers(0, 999))
def test_lines_are_matplotlibs_on_any_shape(rows, columns, holes, seed):
    rng = np.random.default_rng(seed)
    heights = rng.normal(0, 4, (rows, columns)).astype(np.float32)
    heights[rng.random(heights.shape) < holes] = np.nan
    levels = [-2.25, 0.0625, 3.125]
    lines = raster.contours(heights, levels)
    for level in levels:
        ours = pieces([line.points for line in lines if line.level == level])
        theirs = pieces(plain(heights, level)) if rows > 1 and columns > 1 else np.empty((0, 4))
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_each_line_is_whole():
    heights = terrain(60, 70)
    lines = raster.contours(heights, interval=5)
    assert [line.level for line in lines] == sorted(line.level for line in lines)
    ends = []
    for line in lines:
        assert line.points.dtype == np.float64
        assert line.closed == (line.points[0] == line.points[-1]).all()
        steps = np.abs(np.diff(line.points, axis=0)).max(axis=1)
        assert steps.max() <= 1 + 1e-9  # from side to side of a cell
        if not line.closed:
            ends += [line.points[0], line.points[-1]]
    for column, row in ends:  # open lines end at the raster's edge
        assert column in (0, 69) or row in (0, 59)


def test_their_number_is_matplotlibs():
    heights = terrain(60, 70)
    for level in (-11.5, 0.5, 9.25):
        assert len(raster.contours(heights, [level])) == len(plain(heights, level))


def test_higher_ground_lies_to_the_left():
    y, x = np.mgrid[-9:10, -9:10].astype(np.float32)
    for sign, turns in ((1, 1), (-1, -1)):
        (ring,) = raster.contours(-sign * (x**2 + y**2), [-sign * 30.5])
        assert ring.closed
        px, py = ring.points[:, 0], -ring.points[:, 1]  # north up
        area = np.sum(px[:-1] * py[1:] - px[1:] * py[:-1]) / 2
        assert np.sign(area) == turns


def test_points_lie_on_the_surface():
    heights = terrain()
    for line in raster.contours(heights, [2.5]):
        x, y = line.points.T
        c, r = np.floor(x).astype(int), np.floor(y).astype(int)
        c2, r2 = np.minimum(c + 1, 49), np.minimum(r + 1, 39)
        at = np.where(
            x > c,
            heights[r, c] + (x - c) * (heights[r, c2] - heights[r, c]),
            heights[r, c] + (y - r) * (heights[r2, c] - heights[r, c]),
        )
        np.testing.assert_allclose(at, 2.5, atol=1e-4)


@pytest.mark.parametrize("corners", [(1, 0, 0, 1), (0, 1, 1, 0)])
@pytest.mark.parametrize("level", [0.25, 0.75])
def test_saddles_hang_together_by_their_mean(corners, level):
    heights = np.array(corners, np.float32).reshape(2, 2)
    lines = raster.contours(heights, [level])
    assert len(lines) == 2
    cut = {tuple(np.round(line.points.mean(axis=0)).astype(int)) for line in lines}  # the corner each line cuts off
    lower = level > 0.5  # the mean lies below: high corners are cut off
    want = {(x, y) for y in range(2) for x in range(2) if bool(heights[y, x]) == lower}
    assert cut == want


def test_levels_of_an_interval():
    ramp = np.arange(0, 10, 0.5, dtype=np.float32) * np.ones((3, 1), np.float32)
    assert [line.level for line in raster.contours(ramp, interval=2.5, base=1)] == [1.0, 3.5, 6.0, 8.5]
    assert [line.level for line in raster.contours(ramp, [3, 1, 1, 2.25])] == [1.0, 2.25, 3.0]
    assert raster.contours(ramp, []) == []
    assert raster.contours(ramp, [99.0]) == []
    assert raster.contours(np.full((3, 3), np.nan, np.float32), interval=1) == []


def test_plateaus_at_a_level():
    heights = np.zeros((6, 6), np.float32)
    heights[2:4, 2:4] = 1
    (ring,) = raster.contours(heights, [0.0])
    assert ring.closed
    assert raster.contours(heights, [1.0]) == []  # nothing lies above


def test_no_point_repeats_the_one_before():
    rng = np.random.default_rng(7)
    heights = rng.integers(0, 4, (30, 40)).astype(np.int16)
    lines = raster.contours(heights, interval=1)
    for line in lines:
        assert len(line.points) > 1
        assert (line.points[1:] != line.points[:-1]).any(axis=1).all()
        assert line.closed == (line.points[0] == line.points[-1]).all()
    for level in (0, 1, 2):  # the lines themselves are matplotlib's
        ours = pieces([line.points for line in lines if line.level == level])
        np.testing.assert_allclose(ours, pieces(plain(heights.astype(float), level)), atol=1e-6)


def test_a_pit_as_high_as_the_level_has_no_line():
    heights = np.full((5, 5), 2, np.float32)
    heights[2, 2] = heights[0, 4] = 1
    assert raster.contours(heights, [1.0]) == []


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (1, 9), (9, 1)])
def test_too_small_for_lines(shape):
    assert raster.contours(np.ones(shape, np.float32), [0.5]) == []


def test_many_levels():
    heights = terrain(30, 33)
    levels = np.linspace(-40, 40, 3000)
    lines = raster.contours(heights, levels)
    some = levels[1234]
    ours = pieces([line.points for line in lines if line.level == some])
    theirs = pieces(plain(heights, some))
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("far", "dtype"),
    [(far, dtype) for far in (1e5, 1e7, -3e6) for dtype in (np.float64, np.float32, np.int32)]
    + [(1e12, np.float64), (1e12, np.float32)],  # where no int32 is
)
def test_far_from_zero(far, dtype):
    """Levels between two float32 are told apart, and lie where linear heights say, whatever the heights are made of."""
    heights = (terrain(24, 30) * (1 if dtype is np.float64 else 64)).astype(np.float64)
    there = (heights + far).astype(dtype)
    step = 0.1 if dtype is np.float64 else 6.4
    levels = far + step * np.arange(-20, 21) + 0.0371
    lines = raster.contours(there, levels)
    if (there == there.flat[0]).all():  # float32 at 1e12 has steps of 65,536
        assert lines == []
        return
    assert {line.level for line in lines} <= set(levels.tolist())
    for level in levels:
        ours = pieces([line.points for line in lines if line.level == level])
        theirs = pieces(plain(there.astype(np.float64) - far, level - far))
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=3e-4)


@pytest.mark.parametrize("how", [{"interval": 0.1}, {"levels": [0.5]}])
def test_numbers_that_float32_takes_for_infinite_are_holes(how):
    ramp = np.arange(0, 3, 0.25) * np.ones((3, 1))
    lowest = -1.797e308
    with_hole = ramp.copy()
    with_hole[0, 0] = lowest
    plain_hole = ramp.copy()
    plain_hole[0, 0] = np.nan
    ours, wanted = raster.contours(with_hole, **how), raster.contours(plain_hole, **how)
    assert [line.level for line in ours] == [line.level for line in wanted]
    assert raster.contours(np.full((3, 3), lowest), **how) == []


def test_an_interval_far_from_zero():
    ramp = 1e7 + np.arange(0, 3, 0.25) * np.ones((3, 1))
    lines = raster.contours(ramp, interval=0.1)
    np.testing.assert_allclose([line.level for line in lines], 1e7 + 0.1 * np.arange(28), atol=1e-8)
    np.testing.assert_allclose([line.points[0, 0] for line in lines], 0.4 * np.arange(28), atol=1e-5)
    flat32 = np.float32(1e7) + np.arange(4, dtype=np.float32) * np.ones((3, 1), np.float32)  # steps of 1
    lines = raster.contours(flat32, interval=0.25, base=0.125)
    np.testing.assert_allclose([line.level - 1e7 for line in lines], 0.25 * np.arange(12) + 0.125, atol=1e-8)
    np.testing.assert_allclose([line.points[0, 0] for line in lines], 0.25 * np.arange(12) + 0.125, atol=1e-6)


@pytest.mark.parametrize("level", [3.5e38, -3.5e38, 1e300, 3.4028234e38])
def test_levels_beyond_every_height(level):
    heights = np.array([[3.4e38, -3.4e38], [0, 1]], np.float32)
    assert raster.contours(heights, [level]) == []


def test_nodata_and_arrays():
    heights = terrain()
    heights[10:14, 20:30] = -9999
    holes = np.where(heights == -9999, np.float32(np.nan), heights)
    for given_heights in (heights, vf.asarray(heights)):
        got = raster.contours(given_heights, interval=10, nodata=-9999)
        want = raster.contours(holes, interval=10)
        assert len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            np.testing.assert_array_equal(a.points, b.points)


def assert_same(got, want):
    assert len(got) == len(want) > 0
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a.points, b.points)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.int64])
@pytest.mark.parametrize("rules", [{"interval": 10}, {"levels": [3.5]}])
def test_masked_cells_are_holes(dtype, rules):
    heights = terrain().astype(dtype)
    mask = np.zeros(heights.shape, bool)
    mask[10:14, 20:30] = True
    want = raster.contours(np.where(mask, np.float32(np.nan), heights.astype(np.float32)), **rules)
    heights[mask] = 30_000
    assert_same(raster.contours(np.ma.array(heights, mask=mask), **rules), want)


def test_masked_integers_keep_their_digits():
    heights = np.ma.masked_equal(np.array([[0, 1, -9], [0, 1, -9]], np.int64) + (1 << 40), (1 << 40) - 9)
    (line,) = raster.contours(heights, [(1 << 40) + 0.5])
    assert line.points[:, 0].tolist() == [0.5, 0.5]


def test_any_order_of_memory():
    heights = terrain()
    want, part = raster.contours(heights, interval=10), raster.contours(heights[::2, ::3].copy(), interval=10)
    for far in (0.0, 1e9):
        apart = np.asfortranarray(heights.astype(np.float64) + far)
        got = raster.contours(apart, interval=10)
        assert len(got) == len(want)
    assert_same(raster.contours(np.asfortranarray(heights), interval=10), want)
    assert_same(raster.contours(heights[::2, ::3], interval=10), part)
    assert_same(raster.contours(vf.asarray(heights)[::2, ::3], interval=10), part)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda h: raster.contours(h), errors.InputError, "one of both; got neither"),
        (lambda h: raster.contours(h, [1], interval=1), errors.InputError, "got both"),
        (lambda h: raster.contours(h, interval=0), errors.InputError, "interval"),
        (lambda h: raster.contours(h, [np.nan]), errors.InputError, "level"),
        (lambda h: raster.contours(h, ["x"]), errors.ArgumentTypeError, "level"),
        (lambda h: raster.contours(h, 5.0), errors.ArgumentTypeError, "a sequence of numbers; got float"),
        (lambda h: raster.contours(h, "12"), errors.ArgumentTypeError, "a sequence of numbers; got str"),
        (lambda h: raster.contours(h, b"12"), errors.ArgumentTypeError, "a sequence of numbers; got bytes"),
        (lambda h: raster.contours(h, interval=1e-4), errors.LimitError, "at most 16384"),
        (lambda h: raster.contours(h, range(20_000)), errors.LimitError, "at most 16384"),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error) as caught:
        call(terrain())
    assert text in str(caught.value)


def test_a_graph_cannot_hold_them():
    heights = vf.asarray(terrain())
    with pytest.raises(errors.StateError), vf.record():
        raster.contours(heights, [1.0])


def test_a_base_as_far_as_numbers_go():
    ramp = np.arange(16, dtype=np.float32).reshape(4, 4)
    near = [line.level for line in raster.contours(ramp, interval=5)]
    assert near == [0.0, 5.0, 10.0] or near == [5.0, 10.0]
    for base in (1e17, -1e17, 5e17):
        assert [line.level for line in raster.contours(ramp, interval=5, base=base)] == near
    for base in (1e308, -1e308):  # a multiple of 4
        assert 8.0 in [line.level for line in raster.contours(ramp, interval=4, base=base)]


@pytest.mark.parametrize("interval", [1e-5, 1e-310, 5e-324])
def test_an_interval_that_is_too_small_for_any_device(interval):
    with pytest.raises(errors.LimitError, match="too many levels"):
        raster.contours(np.arange(16, dtype=np.float32).reshape(4, 4), interval=interval)


@pytest.mark.parametrize("nodata", [-3.4028235e38, -9999.9, -3.4028234663852886e38])
def test_nodata_of_float32_in_a_raster_of_float64(nodata):
    heights = np.arange(36.0).reshape(6, 6)
    holed = np.where(heights == 14, np.nan, heights)
    filled = np.where(heights == 14, np.float64(np.float32(nodata)), heights)
    for how in ({"interval": 5}, {"levels": [7.5, 14.5]}):
        want, got = raster.contours(holed, **how), raster.contours(filled, nodata=nodata, **how)
        assert [line.level for line in got] == [line.level for line in want]
        for ours, theirs in zip(got, want, strict=True):
            np.testing.assert_array_equal(ours.points, theirs.points)
