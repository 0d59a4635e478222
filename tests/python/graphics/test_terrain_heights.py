"""A terrain of the Renderer: what add_terrain takes, its statistics, and the texture of its heights."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf
from terrains import NO_TERRAIN, NOT_A_HEIGHTMAP, bump, loaded, ramp
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu


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


def test_eps_is_a_number():
    with loaded(ramp()) as renderer, pytest.raises(vf.ArgumentTypeError, match=r"^eps must be a number; .*got str"):
        renderer.normalize_terrain("minmax", None, "x")


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
