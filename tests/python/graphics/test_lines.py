"""Lines: widths, joins, caps and dashes as measured on the picture."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu
# A pixel is a world unit: x from 0 to 64, y from 0 (below) to 64.
FLAT = graphics.Camera(eye=(32, 32, 100), target=(32, 32, 0), parallel=64.0)


def path(*places):
    return np.array([(x, y, 0) for x, y in places], np.float64)


def alpha(lines, supersample=4):
    one = graphics.Figure(64, 64, supersample=supersample, background="transparent", camera=FLAT).add(lines)
    return one.render()[..., 3] / 255


@pytest.mark.parametrize("width", [1.0, 1.5, 2.0, 5.0])
def test_width_is_in_pixels(width):
    level = alpha(graphics.Lines(path((-9, 32), (80, 32)), width=width))
    np.testing.assert_allclose(level.sum(axis=0), width, atol=0.26)
    steep = alpha(graphics.Lines(path((-9, -5), (80, 61)), width=width))
    np.testing.assert_allclose(steep.sum(axis=0).mean(), width * np.hypot(89, 66) / 89, rtol=0.03)


def test_nothing_is_narrower_than_a_sample():
    thin = alpha(graphics.Lines(path((0, 10.3), (64, 20.7)), width=0), supersample=1)
    assert (thin.sum(axis=0) >= 1).all()


@pytest.mark.parametrize(("caps", "extra"), [("butt", 0), ("square", 6 * 6), ("round", np.pi * 9)])
def test_caps(caps, extra):
    area = alpha(graphics.Lines(path((20, 32), (44, 32)), width=6, caps=caps)).sum()
    assert area == pytest.approx(24 * 6 + extra, rel=0.02)


@pytest.mark.parametrize("joins", ["miter", "round", "bevel"])
def test_joins(joins):
    # A right angle: two strips with a common square of h, and the outer corner.
    area = alpha(graphics.Lines(path((12, 40), (40, 40), (40, 12)), width=12, joins=joins)).sum()
    corner = {"miter": 36, "round": np.pi * 9, "bevel": 18}[joins]
    assert area == pytest.approx(2 * 28 * 12 - 36 + corner, rel=0.01)


def test_sharp_turns_have_no_spikes():
    picture = alpha(graphics.Lines(path((10, 30), (50, 32), (10, 34)), width=4, joins="miter"))
    assert picture[:, 53:].sum() == 0


def test_back_and_forth_has_no_holes():
    for joins in ("miter", "round", "bevel"):
        picture = alpha(graphics.Lines(path((10, 32), (50, 32), (20, 32)), width=4, joins=joins))
        assert (picture[30:34, 12:48] == 1).all()


def test_closed_lines_have_no_ends():
    ring = path((16, 16), (48, 16), (48, 48), (16, 48))
    closed = alpha(graphics.Lines(ring, width=4, joins="miter", closed=True))
    assert closed.sum() == pytest.approx(36**2 - 28**2, rel=0.01)
    again = alpha(graphics.Lines(np.concatenate([ring, ring[:1]]), width=4, joins="miter", closed=True))
    assert (closed == again).all()


def test_dashes_have_their_lengths():
    picture = alpha(graphics.Lines(path((0, 32), (64, 32)), width=2, dash=(6, 4)))
    row = picture[32]
    expected = (np.arange(64) % 10 < 6).astype(float)
    np.testing.assert_allclose(row, expected, atol=0.26)


def test_dashes_go_on_round_corners_and_begin_anew_with_each_line():
    bent = alpha(graphics.Lines(path((2, 60), (36, 60), (36, 2)), width=2, dash=(6, 4)))
    at = np.arange(44, 84)  # along the line: 34 to the corner, then down
    column = bent[4:, 36][at - 34]
    np.testing.assert_allclose(column[:38], (at[:38] % 10 < 6).astype(float), atol=0.51)
    two = path((0, 40), (64, 40), (0, 20), (64, 20))
    lines = alpha(graphics.Lines(two, offsets=[0, 2], width=2, dash=(7, 4)))
    np.testing.assert_allclose(lines[24], lines[44], atol=1e-6)


def test_round_dots():
    dots = alpha(graphics.Lines(path((0, 32), (64, 32)), width=4, dash=(0, 8), caps="round"))
    assert dots.sum() == pytest.approx(np.pi * 4 * 8, rel=0.1)


@pytest.mark.parametrize("caps", ["butt", "round", "square"])
@pytest.mark.parametrize("dash", [(0, 12), (8, 4), (5, 15), (0, 8, 8, 8)])
@pytest.mark.parametrize("end", [43.3, 51.7, 55.0])
def test_dashes_are_those_of_their_line(caps, dash, end):
    """A dot at the start is whole, and nothing is drawn of what would begin beyond the end."""
    picture = alpha(graphics.Lines(path((8, 32), (30.5, 32), (end, 32)), width=8, dash=dash, caps=caps))
    y, x = np.mgrid[:256, :256] / 4 + 0.125  # samples
    expected, begin = np.zeros((256, 256), bool), 8.0
    for part, length in enumerate(dash * 12):
        if part % 2 == 0 and begin <= end:
            beyond, side = np.maximum(begin - x, x - min(begin + length, end)), y - 32
            reach = {"butt": beyond < 0, "square": beyond <= 4, "round": np.maximum(beyond, 0) ** 2 + side**2 < 16}
            expected |= reach[caps] & (abs(side) < 4)
        begin += length
    np.testing.assert_allclose(picture, expected.reshape(64, 4, 64, 4).mean(axis=(1, 3)), atol=0.26)


@pytest.mark.parametrize("joins", ["miter", "round", "bevel"])
def test_dashes_are_the_same_however_many_points_a_line_has(joins):
    """A join belongs to a dash that goes over it: it fills no gap behind one that ends just beyond it."""
    few, many = np.array([4, 60.0]), np.linspace(4, 60, 29)
    pictures = [
        alpha(graphics.Lines(path(*((x, 32) for x in xs)), width=8, dash=(9, 6), joins=joins)) for xs in (few, many)
    ]
    np.testing.assert_allclose(*pictures, atol=0.26)


@pytest.mark.parametrize("form", ["offsets", "nan"])
def test_several_lines(form):
    two = path((4, 10), (60, 10), (4, 50), (60, 50))
    if form == "nan":
        lines = graphics.Lines(np.insert(two, 2, np.nan, axis=0), width=2)
    else:
        lines = graphics.Lines(two, offsets=np.array([0, 2, 4]), width=2)
    assert alpha(lines).sum() == pytest.approx(2 * 56 * 2, rel=0.01)


def test_colors_go_from_point_to_point():
    colors = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    lines = graphics.Lines(path((0, 32), (64, 32)), width=6, colors=colors)
    row = graphics.Figure(64, 64, camera=FLAT).add(lines).render()[32].astype(int)
    assert row[1, 0] > 240
    assert row[62, 2] > 240
    assert abs(row[32, 0] - 188) < 4, "half of the light"


def test_translucent_lines_are_one_thing_each():
    cross = path((4, 4), (60, 60), (60, 4), (4, 60), (32, 62))
    picture = alpha(graphics.Lines(cross, width=6, opacity=0.5), supersample=2)
    assert picture.max() == pytest.approx(0.5, abs=0.01)
    two = graphics.Figure(64, 64, background="transparent", camera=FLAT)
    two.add(*(graphics.Lines(path((0, y), (64, 64 - y)), width=6, opacity=0.5) for y in (10, 54)))
    assert two.render()[32, 32, 3] / 255 == pytest.approx(0.75, abs=0.01)


def test_lines_lie_on_ground_they_share_points_with():
    y, x = np.mgrid[0:40, 0:40]
    z = 3 * np.sin(x / 5) * np.cos(y / 7)
    places = np.stack([x, y, z], axis=2).reshape(-1, 3).astype(np.float64)
    at = (y * 40 + x)[:-1, :-1].ravel()
    faces = np.concatenate([np.stack([at, at + 1, at + 41], axis=1), np.stack([at, at + 41, at + 40], axis=1)])
    ground = graphics.Mesh(places, faces)
    track = places.reshape(40, 40, 3)[np.arange(40), np.arange(40)]  # along the diagonals of cells
    for elevation in (15, 30, 60, 90):
        one = graphics.Figure(160, 120, camera=graphics.Camera(elevation=elevation, azimuth=200)).add(ground)
        one.add(graphics.Lines(track, width=2, colors="red"))
        one.render()
        seen = one.read("id") == 2
        without_area = graphics.Mesh(places, faces[:, :1].repeat(3, axis=1))  # the same bounds, nothing drawn
        one.remove(ground).add(without_area).render()
        share = seen.sum() / (one.read("id") == 1).sum()
        assert share > (0.97 if elevation >= 30 else 0.6), f"{elevation}: hidden behind hills at most"


def test_degenerate_lines():
    dot = alpha(graphics.Lines(path((32, 32), (32, 32)), width=8, caps="round"))
    assert dot.sum() == pytest.approx(np.pi * 16, rel=0.03)
    assert alpha(graphics.Lines(path((32, 32)), width=8)).sum() == 0
    for places in ((32.5, 32.5), (32.5, 32.5), (32.5, 32.5)), ((32.5, 32.5),):  # on a sample
        assert alpha(graphics.Lines(path(*places), width=8), supersample=1).sum() == 0
        square = alpha(graphics.Lines(path(*places), width=8, caps="square"), supersample=1)
        assert square.sum() == pytest.approx(64, abs=9)  # the column or row at the middle is there as well
    for places in (np.zeros((0, 3)), np.full((4, 3), np.nan)):
        assert graphics.Lines(places).bounds is None
        assert alpha(graphics.Lines(places)).sum() == 0


def test_lines_through_the_eye_are_cut():
    camera = graphics.Camera(eye=(0, 0, 1), target=(0, 10, 0))
    lines = graphics.Lines(np.array([[0.5, -50, 0], [0.5, 50, 0], [0.5, 5e6, 0]]), width=3)
    picture = graphics.Figure(64, 64, camera=camera, background="transparent").add(lines).render()
    assert picture[-1, :, 3].any()
    assert not picture[0, :, 3].any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions": np.zeros((3, 2))},
        {"offsets": [2, 1]},
        {"offsets": [-1]},
        {"offsets": [4]},
        {"offsets": [0.5]},
        {"colors": np.zeros((2, 3))},
        {"width": -1},
        {"width": float("inf")},
        {"joins": "sharp"},
        {"caps": "flat"},
        {"dash": (1,)},
        {"dash": (0, 0)},
        {"dash": (-1, 2)},
        {"dash": (1, 1) * 9},
        {"opacity": 2},
        {"nudge": float("nan")},
    ],
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(vf.InputError):
        graphics.Lines(**{"positions": np.zeros((3, 3)), **wrong})
