"""Letters against other users of FreeType: Pillow for advances and shapes, matplotlib for every grey of a glyph."""

from pathlib import Path

import matplotlib.font_manager
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.ft2font import FT2Font, LoadFlags
from PIL import Image, ImageDraw, ImageFont, features

import vulkan_forge as vf
from vulkan_forge import errors, graphics

OURS = Path(vf.__file__).parent / "fonts" / "DejaVuSans.ttf"
TEXTS = ["Matterhorn 4478 m", "AVATAR To Ty. P,", "Größe: −12.5 °C", "façade Łódź Ångström"]


@pytest.fixture(scope="module")
def font():
    return graphics.Font()


def crop(cells):
    rows, columns = np.nonzero(cells)
    return cells[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(int)


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow finds no libfribidi, which it lays out text with")
@pytest.mark.parametrize("text", TEXTS)
def test_advances_and_kerning_are_those_of_harfbuzz(font, text):
    theirs = ImageFont.truetype(str(OURS), 1000, layout_engine=ImageFont.Layout.RAQM)
    assert font.advance(text, 1000) == pytest.approx(theirs.getlength(text), abs=0.1)


@pytest.mark.parametrize("letter", ["g", "Å", "R", "ß"])
def test_large_letters_look_as_pillows(font, letter):
    theirs = ImageFont.truetype(str(OURS), 300, layout_engine=ImageFont.Layout.BASIC)
    wanted = Image.new("L", (400, 600))
    ImageDraw.Draw(wanted).text((50, 400), letter, font=theirs, fill=255, anchor="ls")
    mine = np.zeros((600, 400), np.uint8)
    cells, left, top = font.coverage(letter, 300, (50, 400))[0]
    mine[top : top + cells.shape[0], left : left + cells.shape[1]] = cells
    off = np.abs(mine.astype(int) - np.asarray(wanted).astype(int))
    assert off.mean() < 1.5  # theirs is hinted by the font's own program, ours a little bolder


@pytest.mark.parametrize("size", [9, 16, 48, 120])
@pytest.mark.parametrize("letter", ["g", "Å", "8", "ß", "−"])
def test_every_grey_is_matplotlibs(font, letter, size):
    face = FT2Font(str(OURS))
    face.set_size(size, 72)
    face.set_text(letter, 0.0, LoadFlags.NO_HINTING)
    face.draw_glyphs_to_bitmap(antialiased=True)
    theirs = crop(np.asarray(face.get_image()))
    ours = crop(font.coverage(letter, size, (0, 0), hinted=False)[0][0])
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1


def test_a_halo_is_all_that_lies_near(font):
    from scipy.ndimage import distance_transform_edt

    (letters, left, top), (halo, halo_left, halo_top) = font.coverage("Rg", 160, (0, 0), halo=9, hinted=False)
    whole = np.zeros(halo.shape, np.uint8)
    y, x = top - halo_top, left - halo_left
    whole[y : y + letters.shape[0], x : x + letters.shape[1]] = letters
    away = distance_transform_edt(whole < 128)
    inside = (whole < 255) & (away <= 8)  # the surround, beyond the letters themselves
    assert (halo[inside & (away > 1)] == 255).all()
    assert (halo[away >= 10.8] == 0).all()


def test_hinted_lines_meet_rows_of_pixels(font):
    crisp = font.coverage("EFTHLZ", 13, (0, 20))[0][0]
    plain = font.coverage("EFTHLZ", 13, (0, 20), hinted=False)[0][0]
    assert (crisp[-1] > 200).mean() > 0.15  # feet of E, L and Z fill the last row
    assert (crisp[-1] > 200).mean() > (plain[-1] > 200).mean() - 1e-9


def test_boxes_hold_what_is_drawn(font):
    picture = np.full((80, 300, 4), 255, np.uint8)
    at = (20.3, 50)
    font.draw(picture, "Ågypt", size=30, at=at, halo=3, halo_color=(255, 0, 0))
    rows, columns = np.nonzero((picture != 255).any(axis=2))
    left, top, right, bottom = font.box("Ågypt", 30, at, halo=3)
    assert left <= columns.min() <= left + 1
    assert right - 2 <= columns.max() < right
    assert top <= rows.min() <= top + 1
    assert bottom - 2 <= rows.max() < bottom


def test_text_stays_in_its_picture(font):
    picture = np.full((20, 30, 4), 255, np.uint8)
    for at in ((-500, 10), (29, 19), (10, -40), (10, 900), (1e6, 1e6)):
        font.draw(picture, "Wwwwwwwwwwwwwww", size=40, at=at)
    font.draw(picture, "x" * 10_000, size=40, at=(-2000, 15))
    assert picture.shape == (20, 30, 4)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.floats(1, 60), st.floats(-90, 90))
def test_any_text_is_drawn(text, size, angle):
    font, picture = graphics.Font(), np.full((40, 80, 4), 255, np.uint8)
    font.draw(picture, text, size=size, at=(5, 25), halo=1, angle=angle)
    left, top, right, bottom = font.box(text, size, (5, 25), halo=1, angle=angle)
    assert left <= right
    assert top <= bottom


def test_other_fonts(tmp_path):
    mono = matplotlib.font_manager.findfont("DejaVu Sans Mono")
    font = graphics.Font(mono)
    assert font.family == "DejaVu Sans Mono"
    assert font.advance("iii", 20) == pytest.approx(font.advance("MMM", 20))
    assert graphics.Font(bold=True).style == "Bold"
    symbols = graphics.Font(matplotlib.font_manager.findfont("cmsy10"))  # letters come from DejaVu
    assert symbols.coverage("Höhe", 30)[0][0].any()


def test_missing_glyphs_are_seen(font):
    assert not font.has("\u4e2d")
    cells = font.coverage("\u4e2d", 40)[0][0]
    assert (cells > 128).sum() > 100


@pytest.mark.parametrize("content", [b"", b"no font at all" * 100, "half", "head"])
def test_broken_files(tmp_path, content):
    path = tmp_path / "broken.ttf"
    whole = OURS.read_bytes()
    path.write_bytes({"half": whole[:300], "head": b"\0" * 64 + whole[64:]}.get(content, content))
    with pytest.raises(errors.FileError, match=r"failed to open font.*broken\.ttf") as caught:
        graphics.Font(path)
    assert isinstance(caught.value, OSError)


def test_missing_files():
    with pytest.raises(errors.FileError, match="No such file"):
        graphics.Font("/nonexistent/font.ttf")
    with pytest.raises(errors.FileError, match="no face 7"):
        graphics.Font(OURS, face=7)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"size": 0}, errors.InputError, "1 to 4096"),
        ({"size": "x"}, errors.ArgumentTypeError, "size"),
        ({"text": b"x"}, errors.ArgumentTypeError, "a str"),
        ({"at": 3}, errors.ArgumentTypeError, "at"),
        ({"color": (0, 0, 300)}, errors.InputError, "0 to 255"),
        ({"color": "red"}, errors.ArgumentTypeError, "color"),
        ({"halo": -1}, errors.InputError, "halo"),
        ({"picture": np.zeros((4, 4, 3), np.uint8)}, errors.InputError, r"uint8 \(H, W, 4\)"),
        ({"picture": np.zeros((4, 8, 4), np.uint8)[:, ::2]}, errors.LayoutError, "C-contiguous"),
    ],
)
def test_refusals(font, arguments, error, words):
    usual = {"picture": np.zeros((4, 4, 4), np.uint8), "text": "a", "size": 9, "at": (0, 0)}
    with pytest.raises(error, match=words):
        font.draw(**{**usual, **arguments})


def test_read_only_pictures(font):
    picture = np.zeros((4, 4, 4), np.uint8)
    picture.flags.writeable = False
    with pytest.raises(errors.ReadOnlyError):
        font.draw(picture, "a", size=9, at=(0, 0))
