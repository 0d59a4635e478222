"""The picture of a terrain: sun, exposure, range of heights, colours."""

import numpy as np
import pytest

import vulkan_forge as vf
from scenes import bilinear, decode, encode, matplotlibs, unit
from terrains import ONE_STEP, bump, loaded, luminance, ramp

pytestmark = pytest.mark.gpu


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


def test_ranges_are_checked_before_the_terrain_is_asked_for(bare):
    with pytest.raises(ValueError, match="min must be < max"):
        bare.set_height_range(2, 1)
    with pytest.raises(ValueError, match="min/max must be finite floats"):
        bare.set_height_range(0, float("nan"))


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


TABLE = decode(matplotlibs("viridis"))
FACTORS = {0.04: 5.0, 0.2: np.tan(np.pi / 6) / 0.2, 1.5: 1.0}  # of shading, by the slope of a plane


@pytest.mark.parametrize("slope", FACTORS)
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("options", [{}, {"ambient": 0.15, "exposure": 0.8}, {"tone": "reinhard", "exposure": 1.5}])
def test_light_and_colour_of_a_plane(slope, axis, options):
    """Table at (h - lo) / (hi - lo), times ambient + (1 - ambient) max(0, n.L) exposure, sRGB once."""
    across = np.arange(65, dtype=np.float32) * np.float32(slope)
    heights = np.ascontiguousarray(
        np.broadcast_to(across, (65, 65)).T if axis == 0 else np.broadcast_to(across, (65, 65))
    )
    exposure, tone, ambient = options.get("exposure", 1.0), options.get("tone", "none"), options.get("ambient", 0.25)
    with vf.Renderer(65, 65) as renderer:
        renderer.add_terrain(heights, (1.0, 1.0))
        renderer.set_height_range(heights.min() - 1, heights.max() + 2)
        renderer.set_style(shadows=False, sky=False, walls=False, tone=tone, ambient=ambient)
        renderer.set_exposure(exposure)
        far = 20_000.0  # a lens so long that each pixel stands over its own cell
        renderer.set_camera_look_at(
            (0, far, 0), (0, 0, 0), (0, 0, -1), 2 * np.degrees(np.arctan(32.5 / far)), 100, 30_000
        )
        normal = unit([-slope * FACTORS[slope] * (axis == 1), 1, -slope * FACTORS[slope] * (axis == 0)])
        for elevation, azimuth in ((45, 90), (30, 200), (70, 315)):
            renderer.set_sun(elevation, azimuth)
            e, a = np.radians((elevation, azimuth))
            facing = normal @ (np.cos(e) * np.sin(a), np.sin(e), -np.cos(e) * np.cos(a))
            light = (ambient + (1 - ambient) * max(0.0, facing)) * exposure
            t = (heights.astype(float) - heights.min() + 1) / (np.ptp(heights) + 3) * 255
            linear = np.stack([bilinear(TABLE[:, k : k + 1], t, np.zeros_like(t)) for k in range(3)], axis=-1) * light
            wanted = encode(linear / (1 + linear) if tone == "reinhard" else linear)
            got = renderer.render_rgba()[..., :3].astype(float)
            inner = np.s_[4:-4, 4:-4]
            assert np.abs(got - wanted)[inner].max() <= 2 * ONE_STEP


def test_bright_slopes_are_not_clipped(hill):
    """The brightest pixel is a colour of the table at most, and a slope to the sun is not one flat patch."""
    hill.set_style(walls=False, background=(0, 0, 0, 1))
    for azimuth in (0, 90, 180, 270):
        hill.set_sun(45, azimuth)
        picture = hill.render_rgba()[..., :3]
        assert (picture.reshape(-1, 3).max(axis=0) <= matplotlibs("viridis").max(axis=0) + ONE_STEP).all()
        summit = picture[52:76, 52:76].reshape(-1, 3)
        assert len(np.unique(summit, axis=0)) > 100


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
