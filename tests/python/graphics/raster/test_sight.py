"""Viewsheds and sky views against plain Python on small rasters."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import errors
from vulkan_forge.graphics import raster

pytestmark = pytest.mark.gpu


def terrain(rows=18, columns=23, seed=5):
    return np.random.default_rng(seed).normal(0, 4, (rows, columns)).astype(np.float32)


def steepest(heights, observer, target, eye, distance, bend):
    """Of the ground where the line crosses columns, and where it crosses rows."""
    dy, dx = target[0] - observer[0], target[1] - observer[1]
    best = -math.inf
    for part in {Fraction(i, n) for n in (abs(dy), abs(dx)) for i in range(1, n)}:
        y, x = observer[0] + dy * part, observer[1] + dx * part
        low, high = (math.floor(y), math.floor(x)), (math.ceil(y), math.ceil(x))
        ends = [h for h in (heights[low], heights[high]) if not math.isnan(h)]
        if not ends:
            continue
        h = ends[0] + (ends[-1] - ends[0]) * float((y - low[0]) + (x - low[1]))
        d = distance * float(part)
        best = max(best, (h - eye - bend * d * d) / d)
    return best


def plain_needed(heights, observer, cell, above, bend):
    """How high above its ground each cell is seen."""
    heights = heights.astype(float)
    eye, needed = heights[observer] + above, np.zeros(heights.shape)
    for target in np.ndindex(heights.shape):
        distance = math.hypot((target[1] - observer[1]) * cell[0], (target[0] - observer[0]) * cell[1])
        if distance == 0:
            continue
        line = steepest(heights, observer, target, eye, distance, bend)
        needed[target] = max(0, eye + line * distance + bend * distance**2 - heights[target])
    return np.where(np.isnan(heights), np.nan, needed)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 14), st.integers(1, 17), st.floats(0, 0.2), st.integers(0, 99), st.data())
def test_needed_heights_are_the_plain_ones(rows, columns, holes, seed, data):
    heights = terrain(rows, columns, seed)
    observer = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    own = heights[observer]
    heights[np.random.default_rng(seed).random(heights.shape) < holes] = np.nan
    heights[observer] = own
    got = raster.viewshed(heights, observer, (3, 2), observer_height=1.5, bend=0, result="needed")
    np.testing.assert_allclose(np.asarray(got), plain_needed(heights, observer, (3, 2), 1.5, 0), atol=2e-3, rtol=1e-4)


def test_seen_is_what_needs_no_more_than_the_target_has():
    heights = terrain()
    needed = plain_needed(heights, (7, 11), (1, 1), 2, 0)
    for target in (0.0, 1.5):
        got = np.asarray(raster.viewshed(heights, (7, 11), target_height=target, bend=0))
        sure = np.abs(needed - target) > 1e-3
        np.testing.assert_array_equal(got[sure | (needed == 0)], (needed <= target)[sure | (needed == 0)])


def test_a_plain_falls_off_with_the_earth():
    flat = np.zeros((1, 400), np.float32)
    seen = np.asarray(raster.viewshed(flat, (0, 0), 100, observer_height=2, bend=1))[0]
    horizon = math.sqrt(2 * 2 * 6_371_000)  # 5,048 m
    assert seen[: int(horizon / 100)].all()
    assert not seen[int(horizon / 100) + 2 :].any()
    assert np.asarray(raster.viewshed(flat, (0, 0), 100, bend=0)).all()


def test_distance_and_holes():
    heights = np.zeros((9, 9), np.float32)
    heights[2, 2] = -1
    seen = np.asarray(raster.viewshed(heights, (4, 4), max_distance=3, nodata=-1, fill=-7))
    y, x = np.mgrid[-4:5, -4:5]
    want = (np.hypot(x, y) <= 3).astype(np.float32)
    want[2, 2] = -7
    np.testing.assert_array_equal(seen, want)


@pytest.mark.parametrize("hole", [np.nan, -1])
@pytest.mark.parametrize("result", ["visible", "needed"])
def test_an_observer_in_a_hole_sees_nothing(hole, result):
    heights = np.zeros((5, 70), np.float32)
    heights[2, 3] = hole
    seen = raster.viewshed(heights, (2, 3), nodata=-1, fill=-7, result=result)
    assert (np.asarray(seen) == -7).all()
    assert np.isnan(np.asarray(raster.viewshed(heights, (2, 3), nodata=-1, result=result))).all()
    assert (np.asarray(raster.viewshed(heights, (2, 4), nodata=-1, fill=-7, result=result)) == -7).sum() == 1


def test_a_wall_hides_what_is_behind_it_at_any_angle():
    """Lines that cross it between two columns meet it in full height."""
    heights = np.zeros((5, 40), np.float32)
    heights[2] = 10
    needed = np.asarray(raster.viewshed(heights, (0, 0), observer_height=2, bend=0, result="needed"))
    np.testing.assert_allclose(needed[3], 2 + 8 * 3 / 2, rtol=1e-5)
    np.testing.assert_allclose(needed[4], 2 + 8 * 4 / 2, rtol=1e-5)
    assert not np.asarray(raster.viewshed(heights.T.copy(), (0, 0), target_height=13.9, bend=0))[:, 3:].any()


def test_every_direction_is_looked_at_alike():
    heights = terrain(21, 21)
    observer = (10, 10)
    base = np.asarray(raster.viewshed(heights, observer, bend=0, result="needed"))
    for turn in range(1, 4):
        turned = np.ascontiguousarray(np.rot90(heights, turn))
        got = np.asarray(raster.viewshed(turned, observer, bend=0, result="needed"))
        np.testing.assert_allclose(got, np.rot90(base, turn), atol=1e-4)


def test_an_observer_outside():
    for observer in ((-1, 0), (0, 23), (2**40, 0)):
        with pytest.raises(errors.RangeError, match="observer lies outside"):
            raster.viewshed(terrain(), observer)
    with pytest.raises(errors.RangeError):
        raster.viewshed(np.zeros((0, 3), np.float32), (0, 0))
    with pytest.raises(errors.ArgumentTypeError):
        raster.viewshed(terrain(), (1.5, 2))
    with pytest.raises(errors.ArgumentTypeError):
        raster.viewshed(terrain(), 3)
    with pytest.raises(errors.LimitError, match="32000 cells"):
        raster.viewshed(np.zeros((1, 40_000), np.float32), (0, 0))
    assert np.asarray(raster.viewshed(np.zeros((1, 40_000), np.float32), (0, 0), max_distance=9)).sum() == 10
    with pytest.raises(errors.InputError, match="'visible' or 'needed'"):
        raster.viewshed(terrain(), (1, 2), result="x")


# ---------------------------------------------------------------- sky


def plain_sky(heights, cell, kind, directions, radius):
    heights = heights.astype(float)
    rows, columns = heights.shape
    result = np.zeros(heights.shape)
    for ray in range(directions):
        angle = 2 * math.pi * ray / directions
        x, y = math.cos(angle) / cell[0], -math.sin(angle) / cell[1]
        longer = max(abs(x), abs(y))
        best = np.full(heights.shape, -np.inf if kind == "openness" else 0.0)
        for i in range(1, radius + 1):
            dx, dy = round(x / longer * i), round(y / longer * i)
            there = np.full(heights.shape, np.nan)
            to = (slice(max(0, -dy), rows - max(0, dy)), slice(max(0, -dx), columns - max(0, dx)))
            source = (slice(max(0, dy), rows + min(0, dy)), slice(max(0, dx), columns + min(0, dx)))
            if abs(dy) < rows and abs(dx) < columns:
                there[to] = heights[source]
            rise = (there - heights) / math.hypot(dx * cell[0], dy * cell[1])
            best = np.fmax(best, rise)
        if kind == "factor":
            result += 1 - best / np.sqrt(1 + best**2)
        elif kind == "ambient":
            result += 1 / (1 + best**2)
        else:
            result += 90 - np.degrees(np.arctan(np.where(np.isinf(best), 0, best)))
    return np.where(np.isnan(heights), np.nan, result / directions)


@pytest.mark.parametrize("kind", ["factor", "ambient", "openness"])
@pytest.mark.parametrize("shape", [(18, 23), (1, 1), (1, 12), (70, 130)])
def test_sky_is_the_plain_one(kind, shape):
    heights = terrain(*shape)
    if shape == (18, 23):
        heights[3, 4] = heights[17, 22] = np.nan
    got = np.asarray(raster.sky_view(heights, (2, 1.5), kind=kind, directions=11, radius=7))
    np.testing.assert_allclose(got, plain_sky(heights, (2, 1.5), kind, 11, 7), rtol=1e-5, atol=1e-4)


def test_pits_see_less_than_summits():
    y, x = np.mgrid[-9:10, -9:10].astype(np.float32)
    bowl = x**2 + y**2
    for kind in ("factor", "ambient", "openness"):
        assert np.asarray(raster.sky_view(bowl, kind=kind))[9, 9] < np.asarray(raster.sky_view(-bowl, kind=kind))[9, 9]
    assert np.asarray(raster.sky_view(-bowl, kind="openness"))[9, 9] > 90


def test_sky_in_place_and_empty():
    heights = vf.asarray(terrain())
    assert isinstance(raster.sky_view(heights), vf.Array)
    assert np.asarray(raster.sky_view(np.zeros((0, 4), np.float32))).shape == (0, 4)
    filled = np.asarray(raster.sky_view(np.array([[1, -1]], np.float32), nodata=-1, fill=5))
    assert filled.tolist() == [[1, 5]]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"kind": "x"}, errors.InputError, "'factor' or"),
        ({"directions": 0}, errors.InputError, "directions"),
        ({"radius": 0}, errors.InputError, "radius"),
        ({"radius": 1.5}, errors.ArgumentTypeError, "an integer"),
        ({"directions": 400, "radius": 400}, errors.LimitError, "lower one of them"),
    ],
)
def test_refused_skies(options, error, text):
    with pytest.raises(error) as caught:
        raster.sky_view(terrain(), **options)
    assert text in str(caught.value)
