"""Furniture: round ticks, true scales, letters that never touch, and what is left out."""

import dataclasses
import itertools
import math

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import errors, graphics
from vulkan_forge.graphics import _blocks, _ticks, _views
from vulkan_forge.graphics._board import ELLIPSIS, Board
from vulkan_forge.graphics._compose import compose
from vulkan_forge.graphics.furniture import PLACES

BAR = graphics.ColorBar("viridis", (0, 100), label="Height", unit="m")


def paper(height, width, color=(255, 255, 255, 255)):
    return np.full((height, width, 4), color, np.uint8)


def laid(picture, *items, view=None, depth=None, **style):
    return compose(picture, items, view=view, depth=depth, style=graphics.FurnitureStyle(**style))


def assert_apart(board):
    """No letter touches another, and all lie in the picture."""
    for (a, one), (b, other) in itertools.combinations(board.letters, 2):
        assert not one.meets(other), f"{a!r} {one} meets {b!r} {other}"
    for one, other in itertools.combinations(board.taken, 2):
        assert not one.meets(other)
    for text, box in board.letters:
        assert box.within(board.whole), f"{text!r} {box} beyond {board.whole}"


class Camera:
    """A perspective view, or parallel rays, as figures have them: x east, y north, z up."""

    def __init__(self, eye, target, width, height, fovy=35.0, up=(0, 0, 1), parallel=None):
        self.eye, self.target = np.array(eye, float), np.array(target, float)
        forward = self.target - self.eye
        self.forward = forward / np.linalg.norm(forward)
        right = np.cross(self.forward, up)
        self.right = right / np.linalg.norm(right)
        self.up = np.cross(self.right, self.forward)
        self.width, self.height, self.parallel = width, height, parallel
        self.focal = height / 2 / math.tan(math.radians(fovy) / 2)

    def project(self, points):
        away = np.asarray(points) - self.eye
        x, y, z = away @ self.right, away @ self.up, away @ self.forward
        factor = self.height / self.parallel if self.parallel else self.focal / z
        depth = 1 - z / 1e6 if self.parallel else 1 / z
        return np.column_stack([self.width / 2 + x * factor, self.height / 2 - y * factor, depth])


# ---------------------------------------------------------------- ticks


@settings(max_examples=150, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 12))
def test_ticks_are_round_and_in_range(low, width, most):
    high = low + width
    if not high > low + 1e-9 * abs(low):
        return
    found = _ticks.ticks(low, high, lambda values, _: len(values) <= most)
    if len(found.values) > 1:
        assert len(set(found.texts)) == len(found.texts)
    if len(found.values) > 2:
        step = found.values[1] - found.values[0]
        factor = step / 10 ** math.floor(math.log10(step) + 1e-6)
        assert min(abs(factor - one) for one in (1, 2, 5, 10)) < 1e-3
    for value, text in zip(found.values, found.texts, strict=True):
        assert low - 1e-5 * width <= value <= high + 1e-5 * width
        plain = text.replace(_ticks.MINUS, "-").replace(_ticks.GROUP, "")
        assert float(plain) * 10.0**found.power == pytest.approx(value, rel=1e-6, abs=width * 1e-5)
    assert len(found.values) <= min(most, _ticks.MOST_TICKS)


@pytest.mark.parametrize(
    ("value", "step", "power", "text"),
    [
        (0, 1, 0, "0"),
        (-0.0, 0.5, 0, "0.0"),
        (-12.5, 0.5, 0, "−12.5"),
        (1000, 200, 0, "1000"),
        (25000, 5000, 0, "25\u202f000"),
        (0.02, 0.01, 0, "0.02"),
        (2.5e7, 5e6, 6, "25"),
        (-3e-5, 1e-5, -6, "−30"),
    ],
)
def test_numbers_as_written(value, step, power, text):
    assert _ticks.written(value, step, power) == text


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (57.8, 88.4, ["60", "80"]),  # a step of 50 has none between them
        (0, 360, ["0", "300"]),
        (0.974, 1, ["0.98", "1.00"]),
        (-51, 49, ["−40", "40"]),
        (100, 200, ["100", "200"]),
    ],
)
def test_scales_have_two_numbers_where_two_have_room(low, high, texts):
    def fits(values, _):
        return all(b - a >= 0.6 * (high - low) for a, b in itertools.pairwise(values))

    assert _ticks.ticks(low, high, fits).texts == texts
    assert len(_ticks.ticks(low, high, lambda values, _: len(values) < 2).values) <= 1


@pytest.mark.parametrize(("low", "width"), [(1e17, 16), (1, 1e-13), (-3e8, 1e-6), (1e300, 1e285)])
def test_ticks_that_are_written_alike_are_left_out(low, width):
    found = _ticks.ticks(low, low + width, lambda values, _: len(values) <= 6)
    assert len(set(found.texts)) == len(found.texts)


@pytest.mark.parametrize("limits", [(0, 1e-300), (-5e299, 5e299), (1e-290, 1e-289)])
def test_ticks_at_the_ends_of_doubles(limits):
    assert len(_ticks.ticks(*limits, lambda values, _: len(values) <= 6).values) >= 2
    assert len(laid(paper(300, 300), graphics.ColorBar("gray", limits)).letters) >= 2


def test_ticks_of_ones_own_that_no_double_tells_apart():
    for places in ([0, 5e-324, 1], [-1e308, 1e308, 0, 1]):
        listed = graphics.ColorBar("gray", (0, 1), ticks=places)
        assert [text for text, _ in laid(paper(300, 300), listed).letters][-1].startswith("1")
    listed = graphics.ColorBar("gray", (0, 1), ticks=[-1e308, 1e308])
    assert laid(paper(300, 300), listed).letters == []


def test_powers_go_to_the_unit():
    board = laid(paper(400, 400), graphics.ColorBar("magma", (0, 3e7), label="People"))
    assert "People, ×10⁶" in [text for text, _ in board.letters]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(40, 700),
    st.integers(40, 700),
    st.floats(-1e5, 1e5),
    st.floats(1e-3, 1e5),
    st.sampled_from(["vertical", "horizontal"]),
)
def test_colour_bars_of_any_size(height, width, low, span, orientation):
    bar = graphics.ColorBar(
        "viridis", (low, low + span), label="Height", unit="m", orientation=orientation, outside=True
    )
    assert_apart(laid(paper(height, width), bar))


def test_small_bars_drop_ticks_before_letters_touch():
    counts = []
    for height in (600, 300, 150, 80, 40):
        board = laid(paper(height, 100), dataclasses.replace(BAR, outside=True))
        counts.append(len(board.letters))
        assert_apart(board)
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


def test_a_colour_bar_has_its_colours():
    image = graphics.furnish(paper(300, 100), graphics.ColorBar(mpl.colormaps["plasma"], (0, 1), outside=True))
    wanted = (np.array(mpl.colormaps["plasma"](np.linspace(0, 1, 256)))[:, :3] * 255).round()
    column = image[:, 118, :3].astype(int)
    for color in wanted[[0, 64, 128, 192, 255]]:
        assert np.abs(column - color).max(axis=1).min() <= 3


def test_a_legend_has_its_colours_in_order():
    classes = [("30 to 35°", (240, 210, 70)), ("steeper", (120, 70, 140)), ("gentle, or no slope at all", (9, 99, 9))]
    board = laid(paper(300, 400), graphics.Legend(classes, title="Slope"))
    assert_apart(board)
    rows = [np.flatnonzero((board.picture[..., :3] == color).all(axis=2).any(axis=1)) for _, color in classes]
    assert all(one[-1] < other[0] for one, other in itertools.pairwise(rows))
    assert " ".join(text for text, _ in board.letters) == "Slope 30 to 35° steeper gentle, or no slope at all"
    for (text, box), found in zip(board.letters[1:3], rows, strict=False):
        assert found[0] <= (box.top + box.bottom) / 2 <= found[-1], text


def test_a_legend_beside_the_picture():
    legend = graphics.Legend([("seen", (250, 220, 120))], outside=True)
    board = laid(paper(200, 300), legend, graphics.Label("x", (5, 5)))
    assert board.picture.shape[0] == 200
    assert board.picture.shape[1] > 300
    assert (board.picture[:, 300:, :3] == (250, 220, 120)).all(axis=2).any()


def test_ticks_of_ones_own():
    named = graphics.ColorBar("gray", (0, 3), ticks={0: "low", 1.5: "middle", 3: "high"})
    assert {"low", "middle", "high"} <= {text for text, _ in laid(paper(400, 400), named).letters}
    listed = graphics.ColorBar("gray", (0, 3000), ticks=[0, 500, 1250, 9999])
    texts = [text for text, _ in laid(paper(400, 400), listed).letters]
    assert texts == ["0", "500", "1250"]


# ---------------------------------------------------------------- scale bars


@pytest.mark.parametrize("system", ["metric", "imperial"])
@pytest.mark.parametrize("per_pixel", [1e-7, 0.003, 0.7, 12.5, 30, 1234.5, 9e5])
def test_scale_bars_are_true(per_pixel, system):
    board = laid(paper(600, 900), graphics.ScaleBar(units_per_pixel=per_pixel, system=system))
    assert_apart(board)
    *_, number, unit = [text for text, _ in board.letters]
    power = next((p for p in range(-9, 0) if unit.startswith(f"{_ticks.power_text(p)} ")), 0)
    metres = {"km": 1e3, "m": 1, "cm": 0.01, "mm": 1e-3, "µm": 1e-6, "mi": 1609.344, "ft": 0.3048, "in": 0.0254}
    length = float(number.replace(_ticks.GROUP, "")) * 10.0**power * metres[unit.split()[-1]]
    dark = (board.picture[..., :3] < 60).all(axis=2)
    lowest = np.nonzero(dark.any(axis=1))[0].max()  # the bar's lower frame
    columns = np.nonzero(dark[lowest])[0]
    frame = 2 * board.rule
    assert columns.max() + 1 - columns.min() - frame == pytest.approx(length / per_pixel, abs=1.01)
    assert length / per_pixel <= 0.2 * 900 + 1
    digits = number.replace(_ticks.GROUP, "").replace(".", "").strip("0")
    assert digits in ("1", "2", "5")


@pytest.mark.parametrize("width", range(100, 400, 17))
@pytest.mark.parametrize("per_pixel", [0.0013, 1.0, 27.0, 138038.4, 3e6])
def test_letters_of_a_scale_bar_are_apart(width, per_pixel):
    board = laid(paper(200, width), graphics.ScaleBar(units_per_pixel=per_pixel))
    assert_apart(board)
    assert len(board.letters) >= 2  # its end and its unit


@pytest.mark.parametrize(
    ("per_pixel", "system", "length", "unit"),
    [
        (1e-30, "metric", "100", "×10⁻²⁴ µm"),
        (1e-30, "imperial", "2", "×10⁻²⁷ in"),
        (1e30, "metric", "100", "×10²⁷ km"),
        (1e9, "metric", "100", "×10⁶ km"),
        (1e6, "metric", f"100{_ticks.GROUP}000", "km"),
    ],
)
def test_scale_bars_of_atoms_and_galaxies(per_pixel, system, length, unit):
    board = laid(paper(400, 600), graphics.ScaleBar(units_per_pixel=per_pixel, system=system))
    assert_apart(board)
    assert [text for text, _ in board.letters][-2:] == [length, unit]


def test_feet_and_other_units():
    metric = laid(paper(600, 900), graphics.ScaleBar(units_per_pixel=10, unit_m=0.3048))
    same = laid(paper(600, 900), graphics.ScaleBar(units_per_pixel=3.048))
    assert metric.letters == same.letters


@pytest.mark.parametrize("place", [0, 1e7])
@pytest.mark.parametrize("ground", [None, 120.0])
def test_perspective_scale_at_a_row(place, ground):
    target = np.array([place, -place, 100.0])
    view = Camera(target + np.array([900, -3000, 1500]), target, 800, 600)
    z = 100.0 if ground is None else ground
    for row in (300, 450, 590):
        per_pixel, is_perspective = _views.metres_per_pixel(view, (400, row), ground)
        assert is_perspective
        ray = view.forward * view.focal - view.up * (row - 300)
        spot = view.eye + ray * (z - view.eye[2]) / ray[2]
        wanted = (spot - view.eye) @ view.forward / view.focal  # units a pixel covers across, at that depth
        assert per_pixel == pytest.approx(wanted, rel=1e-6)


def test_parallel_rays_have_one_scale():
    view = Camera((500, -2000, 1500), (0, 0, 0), 800, 600, parallel=1200.0)
    for row in (10, 300, 590):
        per_pixel, is_perspective = _views.metres_per_pixel(view, (400, row), None)
        assert not is_perspective
        assert per_pixel == pytest.approx(2.0)


@pytest.mark.parametrize("far", [0.0, 1e7])
@pytest.mark.parametrize("azimuth", [0, 30, 90, 180])
def test_parallel_rays_that_see_the_ground_from_its_side_have_a_scale(azimuth, far):
    box = ((far, -far, 0.0), (far + 900, -far + 500, 200.0))
    view = graphics.Camera(azimuth=azimuth, elevation=0, parallel=600.0).view(box, (800, 500))
    assert _views.metres_per_pixel(view, (400, 490), 0.0) == (pytest.approx(1.2), False)
    nearly = graphics.Camera(azimuth=azimuth, elevation=0.01, parallel=600.0).view(box, (800, 500))
    assert _views.north_of(view) == pytest.approx(_views.north_of(nearly), abs=0.1)


@pytest.mark.parametrize("size", [1e-9, 1e-3, 1.0, 1e6])
@pytest.mark.parametrize("azimuth", [0, 45, 90, 225])
def test_views_of_any_size_have_north_and_a_scale(azimuth, size):
    """A step of one world unit may lead behind the eye."""
    box = ((0.0, 0.0, 0.0), (4 * size, 3 * size, size))
    wanted = graphics.Camera(azimuth=azimuth).view(((0.0, 0.0, 0.0), (4.0, 3.0, 1.0)), (400, 300))
    view = graphics.Camera(azimuth=azimuth).view(box, (400, 300))
    assert _views.north_of(view) == pytest.approx(_views.north_of(wanted), abs=0.5)
    per_pixel, _ = _views.metres_per_pixel(view, (200, 250), 0.0)
    assert per_pixel == pytest.approx(size * _views.metres_per_pixel(wanted, (200, 250), 0.0)[0], rel=1e-3)


def test_perspective_bars_say_where_they_hold():
    view = Camera((0, -3000, 1500), (0, 0, 0), 800, 600)
    texts = [text for text, _ in laid(paper(600, 800), graphics.ScaleBar(), view=view).letters]
    assert "in the foreground" in texts
    texts = [text for text, _ in laid(paper(600, 800), graphics.ScaleBar(note=""), view=view).letters]
    assert "in the foreground" not in texts
    with pytest.raises(errors.InputError, match="over no ground"):
        laid(paper(600, 800), graphics.ScaleBar(place="upper"), view=Camera((0, -900, 10), (0, 0, 0), 800, 600))


# ---------------------------------------------------------------- north


@pytest.mark.parametrize(("eye", "wanted"), [((0, -9, 9), 0), ((9, 0, 9), 90), ((0, 9, 9), 180), ((-9, 0, 9), -90)])
def test_north_turns_with_the_view(eye, wanted):
    got = _views.north_of(Camera(eye, (0, 0, 0), 400, 300))
    assert (got - wanted + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


def test_the_arrow_points_there():
    images = {turn: graphics.furnish(paper(300, 300), graphics.NorthArrow(azimuth=turn, letter="")) for turn in (0, 90)}
    ink = {turn: (image[..., :3] < 100).all(axis=2) for turn, image in images.items()}
    rows, columns = np.nonzero(ink[0])
    assert np.ptp(rows) > 1.3 * np.ptp(columns)
    assert (ink[0][rows.min() : rows.min() + 4].sum()) < ink[0][rows.max() - 4 : rows.max()].sum()  # the tip is above
    rows, columns = np.nonzero(ink[90])
    assert np.ptp(columns) > 1.3 * np.ptp(rows)


# ---------------------------------------------------------------- all together


@pytest.mark.parametrize("size", [(300, 400), (480, 480), (600, 1100), (1080, 1920)])
@pytest.mark.parametrize("outside", [False, True])
def test_nothing_touches_anything(size, outside):
    height, width = size
    rng = np.random.default_rng(3)
    places = rng.uniform(0, 1, (60, 2)) * [width, height]
    labels = [
        graphics.Label(f"Place {k}\nsecond line" if k % 7 == 0 else f"Place {k}", tuple(at))
        for k, at in enumerate(places)
    ]
    board = laid(
        paper(height, width, (120, 140, 90, 255)),
        graphics.Title("A title of some length", "and a subtitle", outside=outside),
        dataclasses.replace(BAR, outside=outside),
        graphics.ColorBar("magma", (-3, 3), orientation="horizontal", place="lower right", label="Change", unit="°C"),
        graphics.ScaleBar(units_per_pixel=30, outside=outside),
        graphics.NorthArrow(azimuth=20),
        *labels,
    )
    assert_apart(board)
    written = [text for text, _ in board.letters]
    assert sum(text.startswith("Place") for text in written) >= 5
    assert {"N", "and a subtitle", "Height, m"} <= set(written)


@pytest.mark.parametrize("size", [(1, 1), (5, 40), (120, 1), (140, 60)])
@pytest.mark.parametrize("place", ["lower left", "upper right"])
def test_panels_of_small_pictures_have_room(size, place):
    """Panels at a side push those above and below aside, and may be higher than the picture."""
    board = laid(
        paper(*size),
        graphics.Title("A title", "and a subtitle that is longer", outside=True),
        graphics.Legend([("a class of some length", (1, 2, 3))] * 6, place=place, outside=True),
        dataclasses.replace(BAR, outside=True),
        dataclasses.replace(BAR, orientation="horizontal", place=place, outside=True),
        graphics.ScaleBar(units_per_pixel=30, place=place, outside=True),
    )
    assert_apart(board)
    assert len(board.taken) == 5
    assert all(box.within(board.whole) for box in board.taken)


@pytest.mark.parametrize("width", [1, 7, 40])
def test_what_stands_below_is_as_wide_as_it_is(width):
    """The panel to the left leaves it less of the canvas."""
    legend = graphics.Legend([("a class of some length", (1, 2, 3))], place="left", outside=True)
    level = graphics.ColorBar("magma", (-3, 3), orientation="horizontal", label="Change of it", outside=True)
    board = laid(paper(300, width), legend, level)
    assert_apart(board)
    assert all(box.within(board.whole) for box in board.taken)


@pytest.mark.parametrize("place", PLACES)
def test_one_corner_for_all(place):
    board = laid(
        paper(700, 1000),
        graphics.Title("Title", place=place),
        graphics.NorthArrow(azimuth=0, place=place),
        graphics.ScaleBar(units_per_pixel=3, place=place),
        dataclasses.replace(BAR, place=place),
        dataclasses.replace(BAR, place=place, orientation="horizontal"),
    )
    assert_apart(board)
    assert len(board.taken) == 5


def test_sizes_follow_the_picture_and_dpi():
    def height_of(board):
        return next(box.height for text, box in board.letters if text == "Height, m")

    small, large = laid(paper(540, 960), BAR), laid(paper(2160, 3840), BAR)
    assert height_of(large) == pytest.approx(4 * height_of(small), rel=0.35)
    printed = laid(paper(2160, 3840), BAR, dpi=300)
    assert printed.em == pytest.approx(8 / 72 * 300)
    assert laid(paper(540, 960), BAR, scale=2).em == pytest.approx(2 * small.em)


def test_ink_can_be_read_on_any_ground():
    for ground in (10, 60, 110, 128, 160, 220, 250):
        board = laid(paper(200, 400, (ground, ground, ground, 255)), graphics.Title("WWWW"))
        ink = np.abs(board.picture[..., 0].astype(int) - ground).max()
        assert ink > 85


def test_a_transparent_ground_stays():
    image = graphics.furnish(paper(300, 500, (0, 0, 0, 0)), graphics.Title("Title"), graphics.NorthArrow())
    assert (image[150:, :250, 3] == 0).all()
    letters = image[image[..., 3] == 255]
    assert len(letters) > 50
    assert (letters.min(axis=0)[:3] < 60).all()  # dark ink


def test_the_picture_given_stays():
    picture = paper(300, 500)
    graphics.furnish(picture, graphics.Title("Title"))
    assert (picture == 255).all()
    assert (graphics.furnish(picture) == picture).all()


def test_no_room_is_said():
    with pytest.raises(errors.InputError, match=r"NorthArrow finds no room.*30 x 20"):
        graphics.furnish(paper(20, 30), graphics.NorthArrow())


def test_accents_may_be_apart():
    joined = graphics.furnish(paper(80, 200), graphics.Title("\u00e9"))
    assert (graphics.furnish(paper(80, 200), graphics.Title("e\u0301")) == joined).all()


def test_long_titles_are_broken_and_cut():
    board = laid(paper(400, 300), graphics.Title("word " * 60, "x" * 300))
    assert_apart(board)
    assert any(text.endswith("…") for text, _ in board.letters)


def test_a_title_of_any_length_is_cut_at_once():
    calls = 0

    class Counting:
        ascent, descent, cap_height = 0.8, 0.2, 0.7

        def advance(self, text, size):
            nonlocal calls
            calls += 1
            return 0.5 * size * len(text)

    board = Board(paper(400, 300), 10.0, 12, Counting(), Counting(), None)
    assert board.wrapped("x" * 100_000, 10.0, 301) == ["x" * 59 + ELLIPSIS]
    assert board.wrapped("x", 10.0, 1) == [ELLIPSIS]
    assert [len(line) for line in board.wrapped("word " * 20_000, 10.0, 301)] == [59, 59, 60]
    assert calls < 200


# ---------------------------------------------------------------- labels


def test_labels_by_priority():
    at = [(200, 150 + k) for k in range(4)]
    labels = [graphics.Label(f"P{k}", spot, priority=k, anchor="right") for k, spot in enumerate(at)]
    written = [text for text, _ in laid(paper(300, 400), *labels).letters]
    assert written == ["P3"]


def test_labels_avoid_furniture_and_edges():
    board = laid(paper(300, 400), BAR, graphics.Label("Edge", (399, 299)), graphics.Label("Corner", (0.5, 0.5)))
    assert_apart(board)
    assert laid(paper(300, 400), graphics.Label("Off", (500, 20))).letters == []


@pytest.mark.parametrize("anchor", ["right", "left", "above", "below", "centre"])
def test_anchors(anchor):
    board = laid(paper(300, 400), graphics.Label("Name", (200, 150), anchor=anchor, dot=anchor != "centre"))
    ((_, box),) = board.letters
    middle = ((box.left + box.right) / 2 - 200, (box.top + box.bottom) / 2 - 150)
    wanted = {"right": (1, 0), "left": (-1, 0), "above": (0, -1), "below": (0, 1), "centre": (0, 0)}[anchor]
    assert (round(middle[0] / 25), round(middle[1] / 15)) == wanted


def test_labels_in_the_world_hide_behind_ridges():
    view = Camera((0, -1000, 300), (0, 0, 0), 400, 300)
    seen, behind = (0.0, -100.0, 0.0), (0.0, 400.0, 0.0)
    depth = np.zeros((300, 400))
    depth[:, :] = view.project([seen])[0, 2]  # a wall across the picture, at the first place
    labels = [graphics.Label("seen", seen, hide=True), graphics.Label("behind", behind, hide=True)]
    written = [text for text, _ in laid(paper(300, 400), *labels, view=view, depth=depth).letters]
    assert written == ["seen"]
    written = [text for text, _ in laid(paper(300, 400), graphics.Label("behind", behind), view=view).letters]
    assert written == ["behind"]
    at_the_back = graphics.Label("back", (0.0, -3000.0, 300.0))
    assert laid(paper(300, 400), at_the_back, view=view).letters == []


def test_labels_hide_by_pixels_where_rays_are_parallel():
    corners = np.array([(-500.0, -500, 0), (500, 500, 100)])
    camera = graphics.Camera(elevation=30, parallel=True)
    view = graphics.Figure(400, 300, camera=camera).add(graphics.Points(corners)).view
    at = np.zeros(3)
    for behind, shown in ((2.0, True), (4.0, False)):
        wall = at - behind * view.pixel_size(at) * np.array(view.forward)
        depth = np.full((300, 400), view.project(wall[None])[0, 2])
        label = graphics.Label("place", tuple(at), hide=True)
        written = [text for text, _ in laid(paper(300, 400), label, view=view, depth=depth).letters]
        assert written == (["place"] if shown else [])


def test_labels_move_with_panels():
    bare = laid(paper(300, 400), graphics.Label("Name", (200, 150)))
    framed = laid(paper(300, 400), graphics.Title("T", outside=True), graphics.Label("Name", (200, 150)))
    down = framed.picture.shape[0] - 300
    assert down > 10
    assert bare.letters[-1][1].top + down == framed.letters[-1][1].top


# ---------------------------------------------------------------- refusals


class Seen:
    """A view of one's own."""

    def __init__(self, target=(0, 0, 0), project=lambda points: points):
        self.target, self.project = target, project


@pytest.mark.parametrize("item", [graphics.ScaleBar(), graphics.NorthArrow(), graphics.Label("a", (0, 0, 0))])
@pytest.mark.parametrize(
    ("view", "words"),
    [
        (graphics.Camera(), r"target and project\(points\); got Camera; that of a figure is figure\.view"),
        (Seen(project=None), "target and project"),
        (Seen(project=lambda points: points[:, :2]), r"x, y and depth of each point.* got float64 \(1, 2\)"),
        (Seen(project=lambda points: None), "x, y and depth of each point"),
        (Seen(project=lambda points: points * 1j), "x, y and depth of each point"),
    ],
)
def test_views_that_are_none(item, view, words):
    with pytest.raises(errors.VulkanForgeError, match=words):
        graphics.furnish(paper(200, 300), item, view=view)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("item", [graphics.ScaleBar(), graphics.NorthArrow()])
@pytest.mark.parametrize(
    ("view", "words"),
    [
        (Seen(target=(0, 0)), r"expected \(x, y, z\), finite; got \(0, 0\)"),
        (Seen(target=None), "got None"),
        (Seen(target=(0, math.nan, 0)), "got .0, nan, 0"),
        (Seen(project=lambda points: np.full(points.shape, np.nan)), "does not see its own target"),
    ],
)
def test_views_of_nothing(item, view, words):
    with pytest.raises(errors.InputError, match=words):
        graphics.furnish(paper(200, 300), item, view=view)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("project", [lambda points: points * 0, lambda points: points[:, [0, 0, 2]]])
def test_ground_that_is_seen_as_a_line_has_no_scale(project):
    with pytest.raises(errors.InputError, match="stands over no ground"):
        graphics.furnish(paper(200, 300), graphics.ScaleBar(), view=Seen(project=project))


@pytest.mark.parametrize("colors", [[(1, 0, 0), (0, 0, 1)], [(1.0, 0, 0), (0, 0, 1.0)], [(255, 0, 0), (0, 0, 255)]])
def test_a_colour_bar_takes_colours_as_terrain_does(colors):
    """Whole numbers, too, may be shares of one: as 0 to 255 they would all be black."""
    picture = graphics.furnish(paper(200, 300), graphics.ColorBar(colors, (0, 1)))
    assert (picture[..., 0] > picture[..., 2] + 200).any()
    assert (picture[..., 2] > picture[..., 0] + 200).any()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: graphics.ColorBar("viridis", (1, 1)), errors.InputError, "low < high"),
        (lambda: graphics.ColorBar("viridis", (0, math.nan)), errors.InputError, "low < high"),
        (lambda: graphics.ColorBar("viridis", (0, 1e-320)), errors.InputError, "apart"),
        (lambda: graphics.ColorBar("viridis", (-8e307, 8e307)), errors.InputError, "apart"),
        (lambda: graphics.ColorBar("viridis", (0, 1), ticks=3), errors.ArgumentTypeError, "a sequence of numbers"),
        (lambda: graphics.ColorBar("viridis", (0, 1), ticks="01"), errors.ArgumentTypeError, "a sequence of numbers"),
        (lambda: graphics.ColorBar("viridis", 3), errors.ArgumentTypeError, "two numbers"),
        (lambda: graphics.ColorBar("viridis", (0, 1), place="middle"), errors.InputError, "'upper left' or"),
        (lambda: graphics.ColorBar("viridis", (0, 1), orientation="up"), errors.InputError, "'vertical'"),
        (lambda: graphics.ColorBar("viridis", (0, 1), ticks=[math.inf]), errors.InputError, "ticks"),
        (
            lambda: graphics.furnish(paper(99, 99), graphics.ColorBar("vir", (0, 1))),
            errors.InputError,
            "relief, viridis",
        ),
        (lambda: graphics.Legend([]), errors.InputError, "one or more"),
        (lambda: graphics.Legend([("a", 3)]), errors.ArgumentTypeError, "colour"),
        (lambda: graphics.Legend([("a", (1, 2))]), errors.ShapeError, "classes"),
        (lambda: graphics.Legend([(1, (1, 2, 3))]), errors.ArgumentTypeError, "a str"),
        (lambda: graphics.ScaleBar(units_per_pixel=0), errors.InputError, "units_per_pixel"),
        (lambda: graphics.ScaleBar(system="chinese"), errors.InputError, "'metric' or"),
        (
            lambda: graphics.furnish(paper(99, 99), graphics.ScaleBar()),
            errors.InputError,
            "units_per_pixel=, or a view",
        ),
        (lambda: graphics.NorthArrow(azimuth="x"), errors.ArgumentTypeError, "azimuth"),
        (lambda: graphics.Title(3), errors.ArgumentTypeError, "text"),
        (lambda: graphics.Label("a", 3), errors.ArgumentTypeError, "2 or 3 numbers"),
        (lambda: graphics.Label("a", (1, 2, 3, 4)), errors.InputError, "2 or 3 finite"),
        (lambda: graphics.Label("a", (1, math.nan)), errors.InputError, "2 or 3 finite"),
        (lambda: graphics.furnish(paper(99, 99), graphics.Label("a", (1, 2, 3))), errors.InputError, "view="),
        (lambda: graphics.furnish(paper(99, 99), graphics.Label("a", (1, 2), hide=True)), errors.InputError, "view="),
        (lambda: graphics.FurnitureStyle(scale=0), errors.InputError, "scale"),
        (lambda: graphics.FurnitureStyle(scale="2"), errors.ArgumentTypeError, "scale .* a number; got str"),
        (lambda: graphics.FurnitureStyle(ink="red"), errors.ShapeError, "ink"),
        (lambda: graphics.FurnitureStyle(ink=np.array("x")), errors.ShapeError, "ink"),
        (lambda: graphics.Title("a", outside=np.zeros(3)), errors.ArgumentTypeError, "outside .* a bool"),
        (lambda: graphics.Label("a", (1, 2), hide=vf.asarray([1, 2])), errors.ArgumentTypeError, "hide .* a bool"),
        (lambda: graphics.FurnitureStyle(dpi=math.inf), errors.InputError, "dpi"),
        (lambda: graphics.furnish(paper(9, 9)[..., :3]), errors.ShapeError, r"uint8 \(H, W, 4\)"),
        (lambda: graphics.furnish(paper(0, 9)), errors.ShapeError, "no pixels"),
        (lambda: graphics.furnish(np.ma.masked_array(paper(9, 9))), errors.ArgumentTypeError, "mask would be lost"),
        (lambda: graphics.furnish(paper(9, 9), "title"), errors.ArgumentTypeError, "ColorBar or"),
        (lambda: graphics.furnish(paper(9, 9), style="bold"), errors.ArgumentTypeError, "a FurnitureStyle"),
        (lambda: graphics.furnish(paper(9, 9), depth="far"), errors.DtypeError, "real numbers"),
        (lambda: graphics.furnish(paper(9, 9), depth=np.zeros((3, 3))), errors.ShapeError, "another size"),
        (
            lambda: graphics.furnish(paper(9, 9), style=graphics.FurnitureStyle(font="/no.ttf")),
            errors.FileError,
            "font",
        ),
    ],
)
def test_refusals(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("kind", [tuple, list, np.array, lambda color: tuple(np.array(color, np.uint8))])
def test_colours_may_be_numpys(kind):
    """Rows of a colormap, say, whose sums end at 255."""
    color = (200, 10, 230)

    def drawn(given):
        style = graphics.FurnitureStyle(ink=given, paper=given)
        label = graphics.Label("name", (150, 100), color=given)
        legend = graphics.Legend([("a", given)], outside=True)
        return graphics.furnish(paper(200, 300), graphics.Title("A"), label, legend, style=style), hash((style, label))

    image, key = drawn(kind(color))
    wanted, wanted_key = drawn(color)
    np.testing.assert_array_equal(image, wanted)
    assert key == wanted_key


def test_furniture_can_be_compared_and_changed():
    assert dataclasses.replace(BAR, unit="ft") != BAR
    assert hash(graphics.Title("a")) == hash(graphics.Title("a"))
    colors = np.linspace(0, 1, 12).reshape(4, 3)
    assert graphics.ColorBar(colors, (0, 1)) == graphics.ColorBar(colors.copy(), (0, 1))
    assert hash(graphics.ColorBar(colors, (0, 1))) == hash(graphics.ColorBar(colors.copy(), (0, 1)))
    assert graphics.ColorBar(colors, (0, 1)) != graphics.ColorBar(colors / 2, (0, 1))
    assert graphics.ColorBar(colors, (0, 1)) != "gray"
    assert dataclasses.replace(BAR, ticks=np.array([0.0, 50.0])) == dataclasses.replace(BAR, ticks=(0, 50))
    assert hash(graphics.Legend([("a", [1, 2, 3])])) == hash(graphics.Legend([["a", (1, 2, 3)]]))


def test_draw_path_is_antialiased():
    from vulkan_forge._vulkan_forge import draw_path

    picture = paper(40, 40)
    draw_path(picture, [(5.5, 5), (20, 5), (20, 20), (5.5, 20)], (0, 0, 0))
    assert picture[10, 5, 0] == pytest.approx(188, abs=1)  # half the light
    assert picture[10, 10, 0] == 0
    draw_path(picture, [(0, 30), (40, 30)], (255, 0, 0, 128), 4)
    assert picture[30, 20].tolist() == [255, 187, 187, 255]
    with pytest.raises(errors.InputError):
        draw_path(picture, [(0, 0), (1, math.nan), (2, 2)], (0, 0, 0))


def test_the_blocks_of_a_scale_bar_know_their_unit():
    item = graphics.ScaleBar()
    assert _blocks._round_length(item, 1999)[:3] == (1, 1, "km")
    assert _blocks._round_length(item, 999)[:3] == (5, 500, "m")
    assert _blocks._round_length(graphics.ScaleBar(system="imperial"), 1700)[:3] == (1, 1, "mi")


@pytest.mark.gpu
def test_it_takes_pictures_of_targets():
    target = graphics.Target(320, 240)
    target.clear((0.2, 0.4, 0.1, 1))
    image = graphics.furnish(target.read(), graphics.Title("Drawn"))
    assert image.shape == (240, 320, 4)
    assert vf.encode_png(image)[:4] == b"\x89PNG"
