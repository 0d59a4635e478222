"""Points: their circles, order, sizes and units, on the splatting kernel, the rasteriser and as layers."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from processes import succeeds
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu
# A pixel is a world unit: x from 0 to 32, y from 0 (below) to 32.
FLAT = graphics.Camera(eye=(16, 16, 100), target=(16, 16, 0), parallel=32.0)


def alpha(points, supersample=2, camera=FLAT):
    one = graphics.Figure(32, 32, supersample=supersample, background="transparent", camera=camera).add(points)
    return one.render()[..., 3] / 255


def circles(middles, diameters, supersample):
    """Coverage of samples by circles; the sample a middle lies in is always covered."""
    at = (np.arange(32 * supersample) + 0.5) / supersample
    x, y = np.meshgrid(at, 32 - at)
    covered = np.zeros(x.shape, bool)
    for (mx, my, *_), diameter in zip(middles, diameters, strict=True):
        covered |= (x - mx) ** 2 + (y - my) ** 2 < (diameter / 2) ** 2
        covered[int((32 - my) * supersample), int(mx * supersample)] = True
    return covered.reshape(32, supersample, 32, supersample).mean(axis=(1, 3))


@pytest.mark.parametrize("supersample", [1, 2, 4])
@pytest.mark.parametrize("size", [0.1, 1.0, 3.0, 7.0, 20.0])
def test_they_are_circles(size, supersample):
    places = np.array([[10.3, 12.2, 0], [20.7, 21.1, 0], [-0.4, 30.2, 0]])
    found = alpha(graphics.Points(places, size=size), supersample)
    expected = circles(places[:2] if size < 0.8 else places, [max(size, 1e-9)] * (2 if size < 0.8 else 3), supersample)
    assert (np.abs(found - expected) > 0.01).sum() <= 2, "edges within a float's rounding aside"


@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_sizes_of_each_and_units(opacity):
    places, sizes = np.array([[8.25, 8.25, 0], [20.25, 20.25, 5]]), np.array([2.0, 19.0], np.float32)
    for unit in ("pixel", "world"):
        found = alpha(graphics.Points(places, size=sizes, unit=unit, opacity=opacity))
        assert (np.abs(found - opacity * circles(places, sizes, 2)) > 0.01).sum() <= 4


def test_world_units_follow_the_distance():
    camera = graphics.Camera(eye=(0, -10, 0), target=(0, 0, 0))
    pixel = 2 * np.tan(np.radians(15)) * 10 / 32
    near = alpha(graphics.Points(np.zeros((1, 3)), size=8 * pixel, unit="world"), 4, camera).sum()
    far = alpha(graphics.Points(np.array([[0.0, 10, 0]]), size=8 * pixel, unit="world"), 4, camera).sum()
    assert near == pytest.approx(np.pi * 16, rel=0.05)
    assert far == pytest.approx(np.pi * 4, rel=0.1)


def test_the_nearest_is_seen_and_the_last_of_equals():
    places = np.array([[16, 16, 1], [16, 16, 2], [16, 16, 0], [8, 8, 0], [8, 8, 0]], np.float32)
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 0, 0], [0, 0, 255]], np.uint8)
    picture = graphics.Figure(32, 32, camera=FLAT).add(graphics.Points(places, colors=colors, size=4)).render()
    assert picture[15, 15, :3].tolist() == [0, 255, 0]
    assert picture[23, 7, :3].tolist() == [0, 0, 255]


def test_many_points_beside_numpy():
    rng = np.random.default_rng(1)
    places = np.column_stack([rng.uniform(-2, 34, (5000, 2)), rng.uniform(0, 9, 5000)]).astype(np.float32)
    colors = rng.integers(0, 256, (5000, 3), dtype=np.uint8)
    one = graphics.Figure(32, 32, supersample=1, camera=FLAT).add(graphics.Points(places, colors=colors, size=0.01))
    picture, expected = one.render(), np.full((32, 32, 3), 255)
    for (x, y, _), color in sorted(zip(places, colors, strict=True), key=lambda pair: pair[0][2]):
        if 0 <= x < 32 and 0 < y <= 32:
            expected[int(np.ceil(32 - y)) - 1 if y == int(y) else int(32 - y), int(x)] = color
    assert (picture[..., :3] == expected).all(axis=2).mean() > 0.99


def test_what_is_not_finite_is_not_drawn():
    places = np.array([[16, 16, 0], [np.nan, 1, 1], [np.inf, 0, 0], [0, -np.inf, 0]])
    points = graphics.Points(places, size=2)
    assert points.bounds == ((16, 16, 0), (16, 16, 0))
    np.testing.assert_allclose(alpha(points), circles(places[:1], [2], 2), atol=0.002)


def test_slices_are_taken():
    places = np.random.default_rng(0).uniform(4, 28, (100, 3))
    whole = graphics.Points(places[::5].copy(), size=3), graphics.Points(np.asfortranarray(places[::5]), size=3)
    for points in whole:
        np.testing.assert_array_equal(alpha(points), alpha(graphics.Points(places[::5], size=3)))


def test_arrays_are_used_in_place():
    places = np.random.default_rng(0).uniform(4, 28, (100, 3)).astype(np.float32)
    colors = np.tile(np.array([255, 0, 0, 255], np.uint8), (100, 1))
    there = vf.asarray(places), vf.asarray(colors)
    before = vf.transfer_counters()
    points = graphics.Points(there[0], colors=there[1], size=3)
    after = vf.transfer_counters()
    assert before == after
    np.testing.assert_array_equal(alpha(points), alpha(graphics.Points(places, size=3)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions": np.zeros((3, 2))},
        {"positions": np.zeros((3, 3), np.int32)},
        {"positions": [[0, 0, 0]]},
        {"colors": np.zeros((2, 3))},
        {"colors": np.zeros((0, 4), np.uint8)},
        {"colors": np.full((3, 3), 2.0)},
        {"colors": np.zeros((3, 3), np.int16)},
        {"colors": "nothing"},
        {"size": -1.0},
        {"size": float("nan")},
        {"size": "big"},
        {"size": np.array([1.0, np.nan, 2])},
        {"size": np.ones(2)},
        {"size": np.ones(3, np.int32)},
        {"unit": "mile"},
        {"opacity": 1.5},
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(vf.InputError):
        graphics.Points(**{"positions": np.zeros((3, 3)), **wrong})


COLOURS_AFTER_NOTHING = """
import ctypes, mmap
import numpy as np
import vulkan_forge as vf
from vulkan_forge import graphics

page = mmap.PAGESIZE
memory = mmap.mmap(-1, 2 * page)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
colors = np.frombuffer(memory, np.uint8, 4 * 64, page).reshape(64, 4)
colors[:] = (200, 200, 200, 255)
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start), ctypes.c_size_t(page), 0) == 0
figure = graphics.Figure(120, 90)
figure.add(graphics.Points(np.random.default_rng(0).normal(size=(64, 3)), colors=vf.from_host(colors)))
assert (figure.render() == 200).any()
"""


def test_pixels_without_a_point_read_no_colour():
    """They read the word before the colours, which may be nobody's."""
    succeeds(COLOURS_AFTER_NOTHING)
