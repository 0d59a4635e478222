"""Light on Terrain: slopes, cast shadows with soft edges, the sky's share, and the block's shadow on its ground."""

import numpy as np
import pytest

from land import UNLIT, from_above, linear
from vulkan_forge import graphics

WHITE = np.ones((2, 3))
WEST = graphics.Light(sun=(270, 45), softness=3)


def light_of(dem, size, light=WEST, supersample=1, **options):
    """What is left of white, which is linear light."""
    options = {"colormap": WHITE, "highlight": 0, **options}
    return linear(from_above(dem, size, light=light, supersample=supersample, **options))[..., 0]


def wall(high=200.0):
    dem = np.zeros((40, 200), np.float32)
    dem[:, 80:84] = high
    return dem


@pytest.mark.gpu
def test_slopes_are_lit_as_lambert_says():
    """Cones: every direction of slope at once."""
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    dem = (-300 * np.hypot(x, y)).astype(np.float32)
    light = graphics.Light(sun=(315, 50), fill=0.3)
    got = light_of(dem, (200, 200), light, cell=10)
    slope = 300 / 1000
    away = np.arctan2(y, x)  # downhill, east and south
    normal = np.stack([slope * np.cos(away), -slope * np.sin(away), np.ones_like(x)]) / np.hypot(1, slope)
    sun = np.array([np.cos(np.radians(50)) * np.sin(np.radians(315)), np.cos(np.radians(50)) * np.cos(np.radians(315)),
                    np.sin(np.radians(50))])  # fmt: skip
    want = np.minimum(0.3 + 0.7 * np.tensordot(sun, normal, 1) / sun[2], 1)
    ring = (np.hypot(x, y) > 0.15) & (np.abs(x) < 0.95) & (np.abs(y) < 0.95)
    assert np.abs(got - want)[ring].max() < 0.02


@pytest.mark.gpu
@pytest.mark.parametrize("shadows", ["soft", "hard"])
def test_shadows_are_as_long_as_the_sun_is_low(shadows):
    light = graphics.Light(sun=(270, np.degrees(np.arctan(0.5))), softness=1)
    got = light_of(wall(), (200, 40), light, shadows=shadows)[20]
    # 200 high, a sun of tangent 1/2: 400 long, 40 cells from the wall's east side
    assert got[86:120] == pytest.approx(0.35, abs=0.02)
    assert got[130:] == pytest.approx(1, abs=0.01)
    assert got[:78] == pytest.approx(1, abs=0.01)
    middle = np.flatnonzero(got[86:] > 0.675)[0] + 86
    assert middle == pytest.approx(124, abs=2)


@pytest.mark.gpu
@pytest.mark.parametrize("height", [8000.0, 3000.0, 300.0, 100.0])
def test_a_close_look_keeps_shadows_from_afar(height):
    """Of a wall 113 cells away, which the widest picture alone shows."""
    dem = np.zeros((600, 1000), np.float32)
    dem[:, 200:215] = 1000
    terrain = graphics.Terrain(dem, 30, colormap=WHITE, **{**UNLIT, "exaggeration": 1, "shadows": "soft"})
    above = graphics.Camera(elevation=90, parallel=height, target=(328 * 30.0, 9000.0, 0.0))
    picture = terrain.render(100, 80, camera=above, light=graphics.Light(sun=(270, 10)), supersample=1)
    assert linear(picture)[40, 50] == pytest.approx(0.35, abs=0.02)


@pytest.mark.gpu
def test_soft_edges_widen_with_distance():
    def width(high):
        row = light_of(wall(high), (200, 40), shadows="soft")[20, 86:]
        return np.count_nonzero((row > 0.36) & (row < 0.99))

    assert width(800) >= 2 * width(200) > 2
    assert np.count_nonzero(np.diff(light_of(wall(800), (200, 40), shadows="soft")[20, 90:]) < -0.01) == 0


@pytest.mark.gpu
@pytest.mark.parametrize("azimuth", range(0, 360, 30))
def test_a_towers_shadow_points_away_from_the_sun(azimuth):
    dem = np.zeros((120, 120), np.float32)
    dem[58:62, 58:62] = 300
    got = light_of(dem, (120, 120), graphics.Light(sun=(azimuth, 45)), shadows="soft")
    dark = np.argwhere(got < 0.6)
    dark = dark[np.hypot(*(dark - 59.5).T) > 6] - 59.5
    assert len(dark) > 40
    towards = np.array([-np.cos(np.radians(azimuth)), np.sin(np.radians(azimuth))])  # of the sun, in rows and columns
    along = dark @ towards
    assert along.max() < 0
    assert along.min() == pytest.approx(-31, abs=3)
    assert np.abs(dark @ [towards[1], -towards[0]]).max() < 5


@pytest.mark.gpu
def test_no_shadows_where_none_are_wanted_and_none_of_a_sun_overhead():
    assert light_of(wall(), (200, 40), shadows="none")[20, 90:] == pytest.approx(1, abs=0.01)
    assert light_of(wall(), (200, 40), graphics.Light(sun=(0, 90)), shadows="soft")[20, 90:] == pytest.approx(
        1, abs=0.01
    )


@pytest.mark.gpu
def test_a_sun_at_the_horizon_leaves_the_sky():
    assert light_of(wall(), (200, 40), graphics.Light(sun=(90, 0)), shadows="soft")[20, :70] == pytest.approx(
        0.35, abs=0.01
    )


@pytest.mark.gpu
def test_a_sun_at_the_horizon_is_hidden_by_walls():
    dem = np.zeros((40, 200), np.float32)
    dem[:, 40:61] = np.linspace(100, 0, 21)  # it faces the sun
    sun = graphics.Light(sun=(90, 0))
    open_slope = light_of(dem, (200, 40), sun, shadows="soft", exaggeration=1)[20, 50]
    dem[:, 150:154] = 200
    assert open_slope > 0.5
    assert light_of(dem, (200, 40), sun, shadows="soft", exaggeration=1)[20, 50] == pytest.approx(0.35, abs=0.01)


@pytest.mark.gpu
def test_hollows_see_less_of_the_sky():
    y, x = np.mgrid[-1:1:100j, -1:1:100j]
    bowl = np.where(np.hypot(x, y) < 0.4, 0.0, 300.0).astype(np.float32)
    overhead = graphics.Light(sun=(0, 90), fill=1.0)
    got = light_of(bowl, (100, 100), overhead, sky=True, sky_strength=1.0)
    # 200 wide, 300 high: from the middle the horizon's tangent is 1.5 all round
    assert got[50, 50] == pytest.approx(1 / (1 + 1.5**2), abs=0.12)
    assert got[2, 2] > 0.9
    assert got[50, 33] < got[50, 50]  # in the wall's foot


@pytest.mark.gpu
def test_the_sky_has_its_share_of_the_light():
    assert light_of(wall(), (200, 40), graphics.Light(sun=(270, 45), fill=0.2), shadows="soft")[
        20, 90
    ] == pytest.approx(0.2, abs=0.02)


@pytest.mark.gpu
def test_the_block_shades_its_ground_and_leaves_alpha_for_it():
    dem = np.full((30, 30), 100.0)
    options = {"exaggeration": 1, "base": 0, "ground": 1.0}
    terrain = graphics.Terrain(dem, 10, background="transparent", **options)
    camera = graphics.Camera(elevation=90, parallel=True, fill=0.3)
    alpha = terrain.render(200, 200, camera=camera, light=graphics.Light(sun=(270, 45)))[..., 3]
    assert alpha[100, 137] == pytest.approx(0.65 * 255, abs=40)  # east of it: no sun, and half of the sky
    assert alpha[100, 62] < 0.25 * 255
    assert alpha[5, 5] == 0
    opaque = graphics.Terrain(dem, 10, background="white", **options)
    picture = opaque.render(200, 200, camera=camera, light=graphics.Light(sun=(270, 45)))
    assert (picture[..., 3] == 255).all()
    assert picture[100, 137, 0] < picture[100, 62, 0] < 256
    none = graphics.Terrain(dem, 10, background="transparent", exaggeration=1, base=0, ground=0)
    assert none.render(200, 200, camera=camera)[100, 137, 3] == 0
