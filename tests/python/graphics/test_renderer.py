"""The Renderer as existing scripts know it: its sizes, the reference triangle, and its lifetime."""

import copy
import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

import vulkan_forge as vf
from terrains import ONE_STEP, loaded, ramp

pytestmark = pytest.mark.gpu


# ---------------------------------------------------------------- made


def test_sizes_by_position_and_keyword():
    for renderer in (
        vf.Renderer(61, 33),
        vf.Renderer(width=61, height=33),
        vf.Renderer(np.int32(61), height=np.uint8(33)),
    ):
        assert renderer.info() == "Renderer 61x33, format=Rgba8UnormSrgb"
        assert (renderer.width, renderer.height) == (61, 33)
        assert renderer.render_triangle_rgba().shape == (33, 61, 4)


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, 0), (-1, 8), (8, -5), (0, 0), (-(2**70), 1)])
def test_sizes_below_1(width, height):
    with pytest.raises(ValueError, match="width and height must be > 0") as caught:
        vf.Renderer(width, height)
    assert isinstance(caught.value, RuntimeError)


@pytest.mark.parametrize(("width", "height"), [(8.0, 8), (8, "8"), (None, 8), (8, [8]), (1.5, 8), (np.float32(8), 8)])
def test_sizes_that_are_no_integers(width, height):
    with pytest.raises(TypeError, match="must be an integer"):
        vf.Renderer(width, height)


def test_sizes_beyond_the_device(device):
    most = device.limits["max_target"]
    for size in (most + 1, 2**31, 2**32 + 8, 2**70):
        with pytest.raises(vf.LimitError, match=str(most)) as caught:
            vf.Renderer(size, 1)
        assert caught.value.code == "LIMIT_EXCEEDED"


def test_prefer_software():
    with vf.Renderer(8, 8, prefer_software=True) as renderer:
        assert renderer.render_triangle_rgba().shape == (8, 8, 4)


# ---------------------------------------------------------------- triangle


def reference_triangle(width, height):
    """Section 4 in NumPy: coverage at pixel centres, linear colours, sRGB encoded."""
    corners = np.array([(-0.8, -0.8), (0.8, -0.8), (0, 0.8)])
    colors = np.array([(1, 0.2, 0.2), (0.2, 1, 0.2), (0.2, 0.2, 1)])
    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = 1 - (np.arange(height) + 0.5) / height * 2
    px, py = np.meshgrid(x, y)
    matrix = np.vstack([corners.T, np.ones(3)])
    weights = np.einsum("ij,jhw->hwi", np.linalg.inv(matrix), np.array([px, py, np.ones_like(px)]))
    inside = (weights >= 0).all(axis=-1)
    linear = weights @ colors
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055)
    picture = np.full((height, width, 4), 255, np.uint8)
    picture[inside, :3] = np.rint(np.clip(encoded, 0, 1) * 255)[inside]
    return picture, inside


def covered(picture):
    return (picture[..., :3] != 255).any(axis=-1)


def test_the_triangle_of_the_contract():
    picture = vf.Renderer(256, 256).render_triangle_rgba()
    assert (picture.dtype, picture.shape) == (np.uint8, (256, 256, 4))
    assert picture.flags.c_contiguous
    assert (picture[..., 3] == 255).all()
    inside = covered(picture)
    assert inside.sum() == 20_808
    rows, columns = np.nonzero(inside)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (27, 229, 26, 229)
    for (row, column), color in {
        (27, 128): (124, 125, 254),
        (128, 128): (169, 170, 203),
        (200, 60): (232, 144, 153),
        (220, 128): (200, 201, 134),
    }.items():
        np.testing.assert_allclose(picture[row, column, :3].astype(int), color, atol=ONE_STEP)
    assert (picture[0, 0] == 255).all()


@pytest.mark.parametrize(("width", "height"), [(256, 256), (96, 64), (61, 33), (63, 7), (257, 257), (320, 240)])
def test_the_triangle_matches_numpy(width, height):
    picture = vf.Renderer(width, height).render_triangle_rgba()
    wanted, inside = reference_triangle(width, height)
    # A centre on an edge to within rounding may fall either way.
    differs = covered(picture) != inside
    assert differs.sum() <= 0.004 * inside.sum() + 4
    both = inside & ~differs
    assert np.abs(picture.astype(int) - wanted)[both].max() <= ONE_STEP


@pytest.mark.parametrize("size", [(7, 33), (33, 7), (61, 1), (63, 1), (255, 1), (257, 1), (1, 1), (1, 257)])
def test_rows_of_any_width(size):
    picture = vf.Renderer(*size).render_triangle_rgba()
    assert picture.shape == (size[1], size[0], 4)
    wanted, inside = reference_triangle(*size)
    assert (picture[..., 3] == 255).all()
    np.testing.assert_allclose(
        picture.astype(int), wanted, atol=255 if (covered(picture) != inside).any() else ONE_STEP
    )


HASH = """
import hashlib, numpy as np, vulkan_forge as vf
r = vf.Renderer(97, 61)
at = (np.arange(40) - 19.5) / 7
r.add_terrain(np.exp(-at[:, None] ** 2 - at ** 2).astype(np.float32), (1, 1))
for draw in (r.render_triangle_rgba, r.render_rgba):
    print(hashlib.sha256(draw().tobytes()).hexdigest())
"""


def test_the_same_bytes_for_every_call_object_and_process():
    def digests(renderer):
        at = (np.arange(40) - 19.5) / 7
        renderer.add_terrain(np.exp(-(at[:, None] ** 2) - at**2).astype(np.float32), (1, 1))
        draws = (renderer.render_triangle_rgba, renderer.render_rgba)
        return [hashlib.sha256(draw().tobytes()).hexdigest() for draw in draws]

    with vf.Renderer(97, 61) as renderer:
        first = digests(renderer)
        assert [digests(renderer) for _ in range(2)] == [first] * 2
    assert digests(vf.Renderer(97, 61)) == first
    environment = {**os.environ, "VULKAN_FORGE_VALIDATION": "0"}
    done = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == first


@pytest.mark.parametrize("make_path", [str, lambda path: path], ids=["str", "PathLike"])
def test_file_and_array_hold_the_same_bytes(tmp_path, renderer, make_path):
    for draw, write in [
        (renderer.render_triangle_rgba, renderer.render_triangle_png),
        (renderer.render_rgba, renderer.render_png),
    ]:
        write(make_path(tmp_path / "a.png"))
        np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "a.png"), draw())
    renderer.render_triangle_png(path=make_path(tmp_path / "b.png"))


def test_files_that_cannot_be_written(tmp_path, renderer):
    for write in (renderer.render_triangle_png, renderer.render_png):
        with pytest.raises(vf.FileError) as caught:
            write(tmp_path / "none" / "a.png")
        assert isinstance(caught.value, OSError)
        with pytest.raises(TypeError):
            write(7)


# ---------------------------------------------------------------- lifetime


def test_methods_raise_after_close():
    renderer = loaded(ramp())
    with renderer as same:
        assert same is renderer
    renderer.close()
    assert renderer.closed
    calls = [
        renderer.info,
        renderer.metrics,
        renderer.render_triangle_rgba,
        renderer.render_rgba,
        renderer.terrain_stats,
        renderer.upload_height_r32f,
        renderer.read_full_height_texture,
        lambda: renderer.render_triangle_png("a.png"),
        lambda: renderer.render_png("a.png"),
        lambda: renderer.add_terrain(ramp(), (1, 1)),
        lambda: renderer.normalize_terrain("minmax"),
        lambda: renderer.set_height_range(0, 1),
        lambda: renderer.debug_read_height_patch(0, 0, 1, 1),
        lambda: renderer.set_sun(1, 1),
        lambda: renderer.set_exposure(1),
        lambda: renderer.set_style(sky=False),
        lambda: renderer.width,
        lambda: renderer.device,
    ]
    for call in calls:
        with pytest.raises(vf.StateError, match=r"Renderer was used after close\(\)") as caught:
            call()
        assert caught.value.code == "CLOSED"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(renderer, duplicate):
    with pytest.raises(TypeError, match="Renderer owns native memory and cannot be copied or pickled"):
        duplicate(renderer)


def test_a_picture_outlives_everything():
    renderer = vf.Renderer(64, 64)
    picture = renderer.render_triangle_rgba()
    wanted = picture.copy()
    renderer.close()
    del renderer
    vf.release_default_device()
    np.testing.assert_array_equal(picture, wanted)
