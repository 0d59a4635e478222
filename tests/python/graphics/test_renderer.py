"""The Renderer as existing scripts know it: the reference triangle, a terrain's heights, and its picture in the sun."""

import copy
import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

NO_TERRAIN = r"no terrain uploaded; call add_terrain\(\) first"
NOT_A_HEIGHTMAP = "heightmap must be a 2-D NumPy array of dtype float32 or float64"
# Step of an 8-bit channel; drivers may round an interpolated value either way.
ONE_STEP = 1


def ramp(rows=4, columns=5, dtype=np.float32):
    return np.linspace(-2, 7, rows * columns, dtype=dtype).reshape(rows, columns)


def bump(size=128, dtype=np.float32):
    """A Gaussian, 50 high, sigma 0.18 of the width, centred."""
    at = (np.arange(size) - (size - 1) / 2) / (0.18 * size)
    return (50 * np.exp(-0.5 * (at[:, None] ** 2 + at[None, :] ** 2))).astype(dtype)


def luminance(picture):
    return picture[..., :3].astype(float) @ [0.2126, 0.7152, 0.0722]


def loaded(heights, width=16, height=16, **options):
    renderer = vf.Renderer(width, height)
    renderer.add_terrain(heights, (1.0, 1.0), **options)
    return renderer


@pytest.fixture
def renderer():
    with loaded(ramp()) as renderer:
        yield renderer


@pytest.fixture
def bare():
    with vf.Renderer(8, 8) as renderer:
        yield renderer


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


# ---------------------------------------------------------------- add_terrain


def test_terrain_by_position_and_keyword(bare):
    heights = ramp()
    bare.add_terrain(heights, (1.0, 2.0), 3.0, "magma")
    by_position = bare.render_rgba()
    bare.add_terrain(heightmap=heights, spacing=(1.0, 2.0), exaggeration=3.0, colormap="magma")
    np.testing.assert_array_equal(bare.render_rgba(), by_position)
    bare.add_terrain(heights, [1, np.float64(2)])
    assert bare.terrain_stats()[1] == pytest.approx(7)


BAD_SPACING = [(0, 1), (1, 0), (-1, 1), (float("nan"), 1), (1, float("inf")), (1, -0.0)]
BAD_EXAGGERATION = [0, -1, float("nan"), float("inf"), 1e-60, 1e60]
BAD_HEIGHTS = {
    "list": [[1.0, 2.0]],
    "1-D": np.zeros(4, np.float32),
    "3-D": np.zeros((2, 2, 1), np.float32),
    "0-D": np.float32(1) * np.ones(()),
    "int": np.zeros((2, 2), np.int32),
    "float16": np.zeros((2, 2), np.float16),
    "longdouble": np.zeros((2, 2), np.longdouble),
    "complex": np.zeros((2, 2), np.complex64),
    "byte-swapped": np.zeros((2, 2), ">f4"),
    "strided": np.zeros((4, 4), np.float32)[:, ::2],
    "reversed": np.zeros((4, 4), np.float32)[::-1],
    "None": None,
}


@pytest.mark.parametrize("spacing", BAD_SPACING)
def test_spacing_is_checked_first(bare, spacing):
    with pytest.raises(RuntimeError, match="spacing components must be > 0"):
        bare.add_terrain(None, spacing, -1.0, "none")


@pytest.mark.parametrize("spacing", [(1,), (1, 2, 3), 1.0, "ab", None, (1, "x")])
def test_spacing_is_a_pair(bare, spacing):
    with pytest.raises(RuntimeError, match="spacing"):
        bare.add_terrain(ramp(), spacing)


@pytest.mark.parametrize("exaggeration", BAD_EXAGGERATION)
def test_then_exaggeration(bare, exaggeration):
    with pytest.raises(RuntimeError, match="exaggeration must be > 0"):
        bare.add_terrain(None, (1, 1), exaggeration, "none")


@pytest.mark.parametrize("name", BAD_HEIGHTS)
def test_then_the_heightmap(bare, name):
    with pytest.raises(RuntimeError, match=NOT_A_HEIGHTMAP if name not in {"strided", "reversed"} else "C-contiguous"):
        bare.add_terrain(BAD_HEIGHTS[name], (1, 1), 1.0, "none")


def test_fortran_order_says_both(bare):
    with pytest.raises(RuntimeError, match=r"^heightmap must be a 2-D NumPy array.*C-contiguous"):
        bare.add_terrain(np.asfortranarray(ramp()), (1, 1))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_then_emptiness(bare, shape):
    with pytest.raises(RuntimeError, match="heightmap cannot be empty"):
        bare.add_terrain(np.zeros(shape, np.float32), (1, 1), 1.0, "none")


@pytest.mark.parametrize("name", ["none", "VIRIDIS", "Magma", ""])
def test_then_the_colormap(bare, name):
    with pytest.raises(RuntimeError) as caught:
        bare.add_terrain(ramp(), (1, 1), 1.0, name)
    assert f"Unknown colormap '{name}'. Supported: viridis, magma, terrain" in str(caught.value)


def test_a_failed_call_changes_nothing(renderer):
    renderer.upload_height_r32f()
    renderer.set_height_range(-1, 5)
    renderer.set_sun(30, 100)
    before = state(renderer)
    nan = float("nan")
    failing = [
        *(lambda s=s: renderer.add_terrain(ramp(), s) for s in BAD_SPACING),
        *(lambda e=e: renderer.add_terrain(ramp(), (1, 1), e) for e in BAD_EXAGGERATION),
        *(lambda h=h: renderer.add_terrain(h, (1, 1)) for h in BAD_HEIGHTS.values()),
        lambda: renderer.add_terrain(np.zeros((0, 5), np.float32), (1, 1)),
        lambda: renderer.add_terrain(ramp(), (1, 1), 1.0, "none"),
        lambda: renderer.normalize_terrain("none"),
        lambda: renderer.normalize_terrain("minmax", (0, nan)),
        lambda: renderer.normalize_terrain("minmax", (0, 1), -1.0),
        lambda: renderer.normalize_terrain("zscore", None, nan),
        lambda: renderer.set_height_range(1, 0),
        lambda: renderer.set_height_range(nan, 0),
        lambda: renderer.set_sun(nan, 0),
        lambda: renderer.set_exposure(0),
        lambda: renderer.set_style(ambient=2.0),
        lambda: renderer.set_style(shadows=False, tone="filmic"),
        lambda: renderer.set_camera_look_at((0, 0, 0), (0, 0, 0)),
        lambda: renderer.debug_read_height_patch(0, 0, 99, 99),
        lambda: renderer.render_png("/nonexistent/a.png"),
    ]
    for call in failing:
        with pytest.raises(RuntimeError):
            call()
    for got, wanted in zip(state(renderer), before, strict=True):
        np.testing.assert_array_equal(got, wanted)


def state(renderer):
    return renderer.terrain_stats(), renderer.read_full_height_texture(), renderer.render_rgba()


@pytest.mark.parametrize("failing", ["vmaCreateBuffer", "vmaCreateImage", "vkQueueSubmit"])
def test_running_out_of_memory_changes_nothing(failing):
    with native._testing.open_device(force_staging=True) as device:
        renderer = vf.Renderer(16, 16, device=device)
        renderer.add_terrain(ramp(), (1, 1))
        renderer.upload_height_r32f()
        before = state(renderer)
        renderer.normalize_terrain("minmax")
        changed = renderer.terrain_stats()
        calls = [renderer.upload_height_r32f, lambda: renderer.add_terrain(ramp(9, 9), (1, 1))]
        for skip in range(6):
            for call in calls:
                native._testing.inject_fault(failing, -2, skip, 1000)
                try:
                    call()
                except MemoryError:
                    assert renderer.terrain_stats() == changed
                    native._testing.clear_faults()
                    np.testing.assert_array_equal(renderer.read_full_height_texture(), before[1])
                else:
                    native._testing.clear_faults()
                    renderer.add_terrain(ramp(), (1, 1))
                    renderer.upload_height_r32f()
                    renderer.normalize_terrain("minmax")


def test_the_heightmap_is_copied(bare):
    heights = ramp()
    bare.add_terrain(heights, (1, 1))
    wanted = bare.terrain_stats()
    heights[:] = 99
    assert bare.terrain_stats() == wanted
    bare.upload_height_r32f()
    np.testing.assert_array_equal(bare.read_full_height_texture(), ramp())


def test_heights_are_stored_as_float32_products(bare):
    heights = np.random.default_rng(0).standard_normal((7, 9))
    for given_heights in (heights, heights.astype(np.float32)):
        bare.add_terrain(given_heights, (1, 1), 0.1)
        bare.upload_height_r32f()
        wanted = given_heights.astype(np.float32) * np.float32(0.1)
        np.testing.assert_array_equal(bare.read_full_height_texture().view(np.uint32), wanted.view(np.uint32))


def test_a_new_terrain_drops_texture_and_range():
    with loaded(bump(32)) as renderer:
        plain = renderer.render_rgba()
        renderer.upload_height_r32f()
        renderer.set_height_range(-100, 100)
        assert (renderer.render_rgba() != plain).any()
        renderer.add_terrain(bump(32), (1, 1))
        np.testing.assert_array_equal(renderer.render_rgba(), plain)
        assert not renderer.read_full_height_texture().any()


# ---------------------------------------------------------------- heights


def test_without_a_terrain(bare):
    calls = [
        bare.terrain_stats,
        lambda: bare.normalize_terrain("minmax"),
        lambda: bare.set_height_range(0, 1),
        bare.upload_height_r32f,
        bare.read_full_height_texture,
        lambda: bare.debug_read_height_patch(0, 0, 1, 1),
        bare.render_rgba,
        lambda: bare.render_png("a.png"),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match=NO_TERRAIN):
            call()
    assert not Path("a.png").exists()
    bare.set_sun(45, 0)
    bare.set_exposure(2)
    assert bare.render_triangle_rgba().any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 257), (2, 3), (3, 2), (64, 64), (33, 257)])
def test_statistics_of_ramps(shape):
    heights = ramp(*shape)
    stats = loaded(heights).terrain_stats()
    assert all(type(value) is float for value in stats)
    exact = heights.astype(np.float64)
    np.testing.assert_allclose(stats[:2], [exact.min(), exact.max()], atol=1e-7)
    np.testing.assert_allclose(stats[2:], [exact.mean(), exact.std()], atol=1e-6)


def test_a_flat_field_has_no_deviation():
    for value in (0.1, 1e6, -3.3):
        assert loaded(np.full((300, 301), value, np.float32)).terrain_stats()[3] < 1e-7


@settings(max_examples=40, deadline=None)
@given(
    heights=hnp.arrays(
        np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(-1e3, 1e3, width=32)
    )
)
def test_statistics_match_numpy(heights):
    exact = heights.astype(np.float64)
    wanted = [exact.min(), exact.max(), exact.mean(), exact.std()]
    np.testing.assert_allclose(loaded(heights, 1, 1).terrain_stats(), wanted, rtol=1e-9, atol=1e-6)


def test_minmax():
    with loaded(ramp(20, 30)) as renderer:
        renderer.normalize_terrain("minmax")
        np.testing.assert_allclose(renderer.terrain_stats()[:2], [0, 1], atol=1e-7)
        renderer.normalize_terrain("MinMax", range=(10, 20), eps=None)
        np.testing.assert_allclose(renderer.terrain_stats()[:2], [10, 20], rtol=1e-5)
        renderer.normalize_terrain(mode="minmax", range=None, eps=1e-8)
        renderer.upload_height_r32f()
        wanted = (ramp(20, 30) + 2) / 9
        np.testing.assert_allclose(renderer.read_full_height_texture(), wanted, atol=1e-6)
        renderer.normalize_terrain("minmax", (1, -1))
        np.testing.assert_allclose(renderer.terrain_stats()[:2], [-1, 1], atol=1e-6)


def test_minmax_of_a_flat_field_is_its_lower_end():
    with loaded(np.full((3, 4), 5, np.float32)) as renderer:
        renderer.normalize_terrain("minmax", (0.3, 0.9))
        renderer.upload_height_r32f()
        assert (renderer.read_full_height_texture() == np.float32(0.3)).all()


@pytest.mark.parametrize("shape", [(64, 64), (257, 129), (1000, 700)])
def test_zscore(shape):
    rng = np.random.default_rng(1)
    with loaded((rng.standard_normal(shape) * 300 + 2000).astype(np.float32)) as renderer:
        renderer.normalize_terrain("ZScore")
        renderer.upload_height_r32f()
        texture = renderer.read_full_height_texture().astype(np.float64)
        for mean, std in (renderer.terrain_stats()[2:], (texture.mean(), texture.std())):
            assert abs(mean) < 2e-6
            assert abs(std - 1) < 2e-6


def test_normalising_leaves_the_texture_until_the_next_upload(renderer):
    renderer.upload_height_r32f()
    renderer.normalize_terrain("minmax")
    np.testing.assert_array_equal(renderer.read_full_height_texture(), ramp())
    renderer.upload_height_r32f()
    assert renderer.read_full_height_texture().max() == pytest.approx(1)


def test_modes(renderer):
    with pytest.raises(RuntimeError, match="mode must be 'minmax' or 'zscore'"):
        renderer.normalize_terrain("median")
    for arguments in (("minmax", (0,)), ("minmax", "ab"), ("minmax", 3)):
        with pytest.raises(RuntimeError, match="range must be two numbers"):
            renderer.normalize_terrain(*arguments)
    with pytest.raises(TypeError):
        renderer.normalize_terrain(3)


# ---------------------------------------------------------------- the height texture


@pytest.mark.parametrize("width", [1, 7, 33, 61, 63, 64, 255, 256, 257])
@pytest.mark.parametrize("rows", [1, 5])
def test_the_texture_is_exact_at_any_width(width, rows):
    heights = np.random.default_rng(width).standard_normal((rows, width), np.float32)
    with loaded(heights) as renderer:
        blank = renderer.read_full_height_texture()
        assert (blank.shape, blank.dtype) == ((rows, width), np.float32)
        assert not blank.any()
        assert not renderer.debug_read_height_patch(0, 0, width, rows).any()
        renderer.upload_height_r32f()
        renderer.upload_height_r32f()
        texture = renderer.read_full_height_texture()
        np.testing.assert_array_equal(texture.view(np.uint32), heights.view(np.uint32))
        assert texture.flags.c_contiguous
        assert texture.flags.writeable
        texture[:] = 0
        np.testing.assert_array_equal(renderer.read_full_height_texture(), heights)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_patches(data):
    renderer, heights = patched()
    rows, columns = heights.shape
    x, y = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    w, h = data.draw(st.integers(1, columns - x)), data.draw(st.integers(1, rows - y))
    patch = renderer.debug_read_height_patch(x, y, w, h)
    assert (patch.dtype, patch.shape) == (np.float32, (h, w))
    np.testing.assert_array_equal(patch, heights[y : y + h, x : x + w])


@pytest.fixture(scope="module", autouse=True)
def _forget_the_patched():
    yield
    HELD.clear()


HELD = {}


def patched():
    if not HELD:
        heights = np.random.default_rng(2).standard_normal((13, 61), np.float32)
        HELD["renderer"], HELD["heights"] = loaded(heights), heights
        HELD["renderer"].upload_height_r32f()
    return HELD["renderer"], HELD["heights"]


@pytest.mark.parametrize(
    ("patch", "text"),
    [
        ((0, 0, 0, 1), "patch dimensions must be > 0"),
        ((0, 0, 1, 0), "patch dimensions must be > 0"),
        ((9, 9, 0, 0), "patch dimensions must be > 0"),
        ((0, 0, -1, 1), "patch dimensions must be > 0"),
        ((1, 0, 4, 1), "requested patch exceeds texture bounds in x: x+w (5) > width (4)"),
        ((0, 2, 1, 2), "requested patch exceeds texture bounds in y: y+h (4) > height (3)"),
        ((2**62, 0, 2**62, 1), "requested patch exceeds texture bounds in x"),
        ((-1, 0, 1, 1), "patch origin must be >= 0"),
        ((0, -1, 1, 1), "patch origin must be >= 0"),
    ],
)
def test_patches_outside(patch, text):
    with loaded(ramp(3, 4)) as renderer, pytest.raises(RuntimeError) as caught:
        renderer.debug_read_height_patch(*patch)
    assert text in str(caught.value)


def test_patches_are_given_as_integers(renderer):
    with pytest.raises(TypeError, match="integers"):
        renderer.debug_read_height_patch(0.5, 0, 1, 1)
    assert renderer.debug_read_height_patch(x=0, y=np.int64(1), w=2, h=1).shape == (1, 2)


# ---------------------------------------------------------------- sun, exposure, range


@pytest.mark.parametrize("angles", [(float("nan"), 0), (0, float("inf")), (-float("inf"), 1)])
def test_angles_are_finite(renderer, angles):
    with pytest.raises(ValueError, match="angles must be finite"):
        renderer.set_sun(*angles)


@pytest.mark.parametrize("exposure", [0, -1, float("nan"), float("inf")])
def test_exposure_is_positive(renderer, exposure):
    with pytest.raises(ValueError, match="exposure must be > 0"):
        renderer.set_exposure(exposure)


def test_settings_by_keyword(renderer):
    renderer.set_sun(elevation_deg=20, azimuth_deg=120)
    first = renderer.render_rgba()
    renderer.set_sun(20.0, 120.0)
    np.testing.assert_array_equal(renderer.render_rgba(), first)
    renderer.set_exposure(exposure=2)
    renderer.set_height_range(min=0, max=3)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (float("nan"), 1, "min/max must be finite floats"),
        (0, float("inf"), "min/max must be finite floats"),
        (0, 1e60, "min/max must be finite floats"),
        (1, 1, "min must be < max"),
        (2, 1, "min must be < max"),
        (1, 1 + 1e-12, "min must be < max"),
    ],
)
def test_ranges_are_checked(renderer, low, high, text):
    with pytest.raises(ValueError, match=text):
        renderer.set_height_range(low, high)


def test_the_default_range_is_the_1st_to_99th_percentile():
    heights = np.random.default_rng(3).standard_normal((50, 40), np.float32)
    ordered = np.sort(heights.ravel())
    low, high = ordered[int(2000 * 0.01)], ordered[int(2000 * 0.99)]
    with loaded(heights, 64, 64) as renderer:
        by_default = renderer.render_rgba()
        renderer.set_height_range(low, high)
        np.testing.assert_array_equal(renderer.render_rgba(), by_default)
        renderer.set_height_range(low - 1, high)
        assert (renderer.render_rgba() != by_default).any()


def test_a_flat_field_has_a_picture():
    for value in (0.0, 1e6, -1e-3):
        picture = loaded(np.full((8, 8), value, np.float32), 32, 32).render_rgba()
        assert len(np.unique(picture[..., :3].reshape(-1, 3), axis=0)) > 1  # it stands out from the background


# ---------------------------------------------------------------- the picture


@pytest.fixture
def hill():
    with vf.Renderer(128, 128) as renderer:
        renderer.add_terrain(bump(), (30.0, 30.0), 1.0, "viridis")
        yield renderer


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sunny_side_is_brighter(dtype):
    with vf.Renderer(128, 128) as renderer:
        renderer.add_terrain(bump(dtype=dtype), (30.0, 30.0))
        for azimuth, sign in [(90, 1), (270, -1)]:
            renderer.set_sun(45, azimuth)
            light = luminance(renderer.render_rgba())
            assert sign * (light[64, 80] - light[64, 48]) >= 3


def test_the_sun_goes_round_by_the_compass(hill):
    """Row 0 is north: seen from the south, a sun in the south lights the near side."""
    hill.set_style(shadows=False, sky=False)
    light = {}
    for azimuth in (0, 90, 180, 270, 360, -90):
        hill.set_sun(45, azimuth)
        light[azimuth] = luminance(hill.render_rgba())
    np.testing.assert_array_equal(light[0], light[360])
    np.testing.assert_array_equal(light[270], light[-90])
    east, west = np.s_[60:72, 76:92], np.s_[60:72, 36:52]
    assert light[90][east].mean() > light[90][west].mean() + 3
    assert light[270][west].mean() > light[270][east].mean() + 3
    near = np.s_[62:78, 56:72]
    assert light[180][near].mean() > light[0][near].mean() + 3
    for azimuth in (0, 180):
        assert abs(light[azimuth][east].mean() - light[azimuth][west].mean()) < 1.5  # symmetric in x


def test_the_picture_is_symmetric_in_x(hill):
    hill.set_sun(45, 180)
    light = luminance(hill.render_rgba())
    assert np.abs(light - light[:, ::-1]).mean() < 1
    assert (light != light[0, 0]).any(axis=0).sum() >= 120  # the terrain fills the width


def test_the_picture_is_opaque_and_contiguous(hill):
    picture = hill.render_rgba()
    assert (picture.dtype, picture.shape) == (np.uint8, (128, 128, 4))
    assert picture.flags.c_contiguous
    assert (picture[..., 3] == 255).all()


def test_exposure_brightens(hill):
    hill.set_sun(45, 90)
    means = []
    for exposure in (0.25, 0.5, 1.0, 2.0):
        hill.set_exposure(exposure)
        means.append(luminance(hill.render_rgba())[40:100, 30:98].mean())
    assert means == sorted(means)
    assert means[0] < means[2] - 20


def test_colormaps_differ(hill):
    pictures = []
    for name in vf.colormap_supported():
        hill.add_terrain(bump(), (30, 30), 1.0, name)
        pictures.append(hill.render_rgba())
    for a, b in [(0, 1), (0, 2), (1, 2)]:
        assert (pictures[a] != pictures[b]).any(axis=-1).mean() > 0.2


@pytest.mark.parametrize("shape", [(1, 1), (1, 257), (257, 1), (2, 3), (3, 2), (2, 2)])
@pytest.mark.parametrize("size", [(7, 5), (64, 1), (1, 64), (63, 33)])
def test_any_terrain_in_any_picture(shape, size):
    with loaded(ramp(*shape), *size) as renderer:
        assert renderer.render_rgba().shape == (size[1], size[0], 4)


def test_no_seed_is_left_behind_by_other_pictures(hill):
    first = hill.render_rgba()
    hill.render_triangle_rgba()
    hill.upload_height_r32f()
    hill.read_full_height_texture()
    np.testing.assert_array_equal(hill.render_rgba(), first)


def test_metrics_say_where_the_time_went(hill):
    hill.render_rgba()
    metrics = hill.metrics()
    assert set(metrics) == {"upload_ms", "encode_ms", "gpu_ms", "readback_ms", "upload_bytes", "readback_bytes"}
    assert metrics["readback_bytes"] == 128 * 128 * 4
    assert metrics["upload_bytes"] == 128 * 128 * 4
    assert all(value >= 0 for value in metrics.values())
    hill.render_rgba()
    assert hill.metrics()["upload_bytes"] == 0  # the heights are there already


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
