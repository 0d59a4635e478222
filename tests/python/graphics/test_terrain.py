"""Terrain: where it is, what colours it has, what is a hole, and what is refused."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf
from land import ABOVE, UNLIT, from_above, hills, linear
from vulkan_forge import errors, graphics
from vulkan_forge.graphics import raster

WHITE = np.ones((2, 3))


def drawn(picture):
    """Rows and columns, first and last, of what is not transparent."""
    rows, columns = (np.flatnonzero((picture[..., 3] > 0).any(axis=axis)) for axis in (1, 0))
    return rows[0], rows[-1], columns[0], columns[-1]


# ------------------------------------------------------------------ colours


@pytest.mark.gpu
@pytest.mark.parametrize("colormap", ["viridis", "magma", "relief"])
def test_level_ground_in_full_light_has_the_legends_bytes(colormap):
    terrain = graphics.Terrain(
        np.full((9, 12), 40.0), colormap=colormap, color_range=(0, 100), background="transparent"
    )
    picture = terrain.render(60, 45, camera=ABOVE)
    assert (picture[10:-10, 10:-10] == terrain.colors[int(0.4 * 256)]).all()


def test_steps_have_the_bytes_of_matplotlibs_colormap():
    from matplotlib import colormaps

    steps = np.repeat(np.linspace(0, 1, 16), 4).astype(np.float32) * np.ones((8, 1), np.float32)
    picture = from_above(steps, (640, 80), colormap="cividis", color_range=(0, 1), light=graphics.Light(sun=(0, 90)))
    want = colormaps["cividis"](np.linspace(0, 1, 16), bytes=True)
    got = picture[40, 20::40]
    assert np.abs(got.astype(int) - want).max() == 0


def test_a_colormap_may_be_an_object_a_list_or_bytes():
    from matplotlib import colors

    two = colors.ListedColormap(["#ff0000", "#0000ff"])
    assert (
        graphics.Terrain(hills(), colormap=two).colors[[0, 127, 128, 255], :3].tolist()
        == [[255, 0, 0]] * 2 + [[0, 0, 255]] * 2
    )
    assert graphics.Terrain(hills(), colormap=[(0, 0, 0), (1, 1, 1)]).colors[[0, 255], 0].tolist() == [0, 255]
    assert graphics.Terrain(hills(), colormap=np.array([[9, 8, 7, 6]], np.uint8)).colors[77].tolist() == [9, 8, 7, 6]


@pytest.mark.gpu
def test_the_legend_shows_what_is_seen_through_as_terrain_does():
    """Light paper is below both; rasters as maps have it, too."""
    level = np.full((40, 60), 0.3, np.float32)
    colors = [(1, 0, 0, 0.2), (0, 0, 1, 1)]
    terrain = graphics.Terrain(level, colormap=colors, color_range=(0, 1))
    ground = terrain.render(60, 45, camera=ABOVE)[22, 30].astype(int)
    bar = graphics.furnish(
        np.full((300, 200, 4), 255, np.uint8), graphics.ColorBar(terrain.colors, (0, 1), length=1.0, ticks=[])
    ).astype(int)
    apart = np.abs(bar - ground).max(axis=2)
    assert apart.min() <= 2
    flat = raster.picture(level, colormap=terrain.colors, limits=(0, 1), legend=False).astype(int)
    assert np.abs(flat[20, 30] - ground).max() <= 2


def test_statistics_ignore_holes():
    dem = hills()
    holes = dem.copy()
    holes[:3] = np.nan
    holes[5, 5], holes[6, 6], holes[7, 7] = np.inf, -np.inf, -9999
    terrain = graphics.Terrain(holes, nodata=-9999)
    there = np.isfinite(holes) & (holes != -9999)
    assert terrain.height_range == (dem[there].min(), dem[there].max())
    assert terrain.color_range == pytest.approx(np.percentile(dem[there], [1, 99]), abs=2)


# ------------------------------------------------------------------ where it is


@pytest.mark.gpu
@pytest.mark.parametrize("shape", [(40, 60), (100, 10), (10, 100)])
def test_the_block_is_framed(shape):
    picture = graphics.Terrain(hills(*shape), background="transparent", ground=0).render(160, 100)
    top, bottom, left, right = drawn(picture)
    assert max((right - left) / 160, (bottom - top) / 100) == pytest.approx(0.85, abs=0.05)
    assert (left + right) / 2 == pytest.approx(79.5, abs=2)


@pytest.mark.gpu
def test_row_0_is_north_and_column_0_is_west():
    dem = np.zeros((40, 60), np.float32)
    dem[:20, :30] = 1
    picture = from_above(dem, colormap=[(0, 0, 0), (1, 1, 1)])
    assert picture[5, 5, 0] == 255
    assert picture[5, 50, 0] == picture[35, 5, 0] == picture[35, 50, 0] == 0


@pytest.mark.gpu
def test_nothing_trembles_far_from_zero():
    near = graphics.Terrain(hills(), 30, origin=(0, 0)).render(160, 100).astype(int)
    far = graphics.Terrain(hills(), 30, origin=(1e7, 1e7)).render(160, 100).astype(int)
    assert np.abs(near - far).max() <= 1


def test_degrees_become_metres_at_their_latitude():
    east, north = 111_319.49 * np.cos(np.radians(60)), 111_412.0  # at 60 degrees, WGS 84
    degrees = graphics.Terrain(hills(), units="degrees", extent=(10, 10.6, 59.8, 60.2))
    (west, south, _), (right, top, _) = degrees.bounds
    assert (right - west) / 0.6 == pytest.approx(east, rel=3e-3)
    assert (top - south) / 0.4 == pytest.approx(north, rel=1e-3)
    same = graphics.Terrain(hills(), cell=(0.01, 0.01), units="degrees", origin=(10, 60.2))
    assert np.allclose(same.bounds, degrees.bounds, rtol=1e-9)
    for place in ({"extent": np.array([10, 10.6, 59.8, 60.2])}, {"cell": 0.01, "origin": np.array([10, 60.2])}):
        assert np.allclose(graphics.Terrain(hills(), units="degrees", **place).bounds, degrees.bounds, rtol=1e-9)


def test_the_place_comes_from_cells_or_from_an_extent():
    assert graphics.Terrain(hills(4, 6), cell=5).extent == (0, 30, 0, 20)
    assert graphics.Terrain(hills(4, 6), cell=(5, 10), origin=(100, 7)).extent == (100, 130, -33, 7)
    assert graphics.Terrain(hills(4, 6), extent=(0, 3, 10, 20)).bounds[1][:2] == (3, 20)


def test_nodata_is_rounded_as_heights_are():
    dem = np.full((4, 5), 12.5)
    dem[1, 2] = -9999.9  # which float32 has not
    terrain = graphics.Terrain(dem, nodata=-9999.9)
    assert terrain.height_range == (12.5, 12.5)
    assert np.isnan(terrain.heights_at([(75, 75)])[0])


def test_heights_between_cells():
    terrain = graphics.Terrain(np.array([[0, 10], [20, np.nan]], np.float32), cell=1)
    points = [(0.5, 1.5), (1, 1.5), (0.5, 1), (1.4, 0.1), (3, 0)]
    assert terrain.heights_at(points)[:3].tolist() == [0, 5, 10]
    assert np.isnan(terrain.heights_at(points)[3:]).all()


def test_gentle_land_is_exaggerated_and_steep_land_is_not():
    assert graphics.Terrain(hills(high=1), 30).exaggeration > 10
    assert graphics.Terrain(hills(high=1000), 30).exaggeration == 1
    assert graphics.Terrain(hills(), exaggeration=2.5).bounds[1][2] == pytest.approx(2.5 * hills().max())


@pytest.mark.gpu
def test_a_close_look_shows_the_rasters_own_cells():
    rows, columns = np.mgrid[:1500, :1500]
    dem = (10.0 * ((rows // 4 + columns // 4) % 2)).astype(np.float32)
    terrain = graphics.Terrain(dem, cell=1, exaggeration=1, **UNLIT)
    close = graphics.Camera(eye=(700, 700, 200), target=(700, 700, 0), fovy=10)
    terrain.render(64, 64, camera=close)
    places = terrain.read("world")[20:44, 20:44].reshape(-1, 3)
    assert np.abs(places[:, :2] - 700).max() < 20
    want = dem[(1500 - places[:, 1]).astype(int), places[:, 0].astype(int)]
    inside = (np.abs(places[:, 0] % 4 - 2) < 1) & (np.abs(places[:, 1] % 4 - 2) < 1)
    assert inside.sum() > 20
    assert np.abs(places[inside, 2] - want[inside]).max() < 1.5


# ------------------------------------------------------------------ holes


@pytest.mark.gpu
@pytest.mark.parametrize("hole", [np.nan, np.inf, -9999.0, -3.4028235e38])
def test_holes_are_seen_through_and_nothing_else_is(hole):
    dem = hills()
    dem[10:20, 30:45] = hole
    alpha = from_above(dem, nodata=-9999)[..., 3]
    assert (alpha[10:20, 30:45] == 0).all()
    alpha[10:20, 30:45] = 255
    assert (alpha == 255).all()


@pytest.mark.gpu
def test_a_hole_has_walls_and_the_block_has_sides():
    dem = np.zeros((40, 60), np.float32)
    dem[10:30, 20:40] = np.nan
    options = {"ground": 0, "background": "transparent", "base": -200, "exaggeration": 1}
    camera = graphics.Camera(elevation=40)
    walls = graphics.Terrain(dem, 10, **options)
    with_walls = walls.render(240, 160, camera=camera)[..., 3] > 0
    without = graphics.Terrain(dem, 10, walls=False, **options).render(240, 160, camera=camera)
    assert with_walls.sum() > (without[..., 3] > 0).sum()
    normals = walls.read("normal")
    found = {tuple(n) for n in np.round(normals[np.isfinite(normals[..., 0])]).astype(int)}
    assert {(0, 0, 1), (0, -1, 0)} <= found  # level ground, and sides that face south: of the hole and of the block
    sides = np.argwhere(np.round(np.nan_to_num(normals[..., 1])) == -1)
    assert len(np.unique(sides[:, 0])) > 20


@pytest.mark.gpu
@pytest.mark.parametrize(
    "dem",
    [
        np.full((5, 7), np.nan),
        np.full((1, 1), 3.0),
        np.arange(50.0)[None],
        np.arange(50.0)[:, None],
        np.zeros((8, 8)),
        np.full((8, 8), 1e6),
        np.array([[-9e36, 9e36], [0, 1]]),
    ],
    ids=["all holes", "one cell", "a row", "a column", "level", "far up", "float32's ends"],
)
def test_degenerate_rasters_make_pictures(dem):
    picture = graphics.Terrain(dem, ground=0, background="transparent").render(48, 32)
    assert picture.shape == (32, 48, 4)
    assert (picture[..., 3] > 0).any() == bool(np.isfinite(dem).any())


@pytest.mark.gpu
def test_huge_exaggeration_makes_a_picture():
    assert (graphics.Terrain(hills(), exaggeration=1e6, background="transparent").render(48, 32)[..., 3] > 0).any()


@settings(max_examples=12, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
        elements=st.floats(-300, 300, width=32) | st.sampled_from([np.nan, np.inf]),
    )
)
def test_what_is_there_is_drawn(dem):
    """Of heights that no perspective draws together: of a tower only the top fills the picture."""
    rows, columns = dem.shape
    alpha = from_above(dem, (8 * columns, 8 * rows))[4::8, 4::8, 3]
    if np.isfinite(dem).any():
        assert np.array_equal(alpha > 0, np.isfinite(dem))
    else:
        assert (alpha == 0).all()


# ------------------------------------------------------------------ water, lines, images


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("camera", "has_scale"),
    [
        (graphics.Camera(elevation=0, parallel=True), True),
        (graphics.Camera(elevation=0, azimuth=90, parallel=True), True),
        (graphics.Camera(eye=(900, 100, 20), target=(900, 600, 400), fovy=20), False),
    ],
    ids=["from the south", "from the east", "upwards"],
)
def test_maps_have_a_scale_bar_where_ground_is_seen(camera, has_scale):
    terrain = graphics.Terrain(hills(), 30, exaggeration=1, ground=0)
    bare = terrain.render(400, 300, camera=camera)
    drawn = (terrain.map(400, 300, camera=camera) != bare).any(axis=2)
    assert drawn[250:, :120].any() == has_scale
    assert drawn[:60, 350:].any()  # the arrow


@pytest.mark.parametrize("points", ["here", {}, [(1, "x")], [(1j, 2)], np.zeros((2, 2), complex), 10**400])
def test_points_that_are_none_are_refused(points):
    with pytest.raises(errors.ArgumentTypeError, match="points have the wrong type; expected real numbers"):
        graphics.Terrain(hills(), 30).heights_at(points)


def test_masked_points_stand_nowhere():
    terrain = graphics.Terrain(hills(), 30)
    places = np.ma.masked_array([(300.0, 300.0), (600.0, 600.0)], [(False, False), (False, True)])
    assert np.isnan(terrain.heights_at(places)).tolist() == [False, True]


@pytest.mark.gpu
def test_water_lies_level_over_low_ground():
    dem = np.linspace(0, 100, 60, dtype=np.float32) * np.ones((40, 1), np.float32)
    terrain = graphics.Terrain(dem, 10, exaggeration=1, water=50, water_color=("#00ffff", "#0000ff"), **UNLIT)
    picture = from_above(dem, terrain=terrain)
    assert (picture[20, :28, 2] == 255).all()
    assert picture[20, 2, 1] < picture[20, 20, 1]  # deeper
    assert (picture[20, 33:, 2] < 255).all()
    heights = terrain.read("world")[..., 2]
    assert heights[20, :28] == pytest.approx(50, abs=0.01)
    assert heights[20, 50] == pytest.approx(dem[20, 50], abs=1)


@pytest.mark.gpu
def test_contours_lie_at_their_heights():
    dem = np.linspace(0, 100, 300, dtype=np.float32) * np.ones((40, 1), np.float32)
    options = {"colormap": WHITE, "contours": 10, "contour_major": 5, "contour_color": "black", "contour_width": 1.5}
    row = from_above(dem, (300, 40), supersample=2, light=graphics.Light(sun=(0, 90)), **options)[20, :, 0].astype(int)
    dark = [i for i in range(1, 299) if row[i] < 200 and row[i] <= row[i - 1] and row[i] < row[i + 1]]
    want = np.arange(10, 100, 10) / 100 * 299
    assert len(dark) == 9
    assert np.abs(np.array(dark) - want).max() <= 1.5
    ink = [(255 - row[i - 3 : i + 4]).sum() for i in dark]
    assert ink[4] > 1.5 * max(ink[:4] + ink[5:])  # the fifth is wide


def test_contours_choose_an_interval():
    for flag in (True, np.True_):
        assert graphics.Terrain(hills(high=100), contours=flag).contour_interval in (5, 10)
    assert graphics.Terrain(hills(), contours=False).contour_interval == 0
    assert graphics.Terrain(np.zeros((3, 3)), contours=True).contour_interval == 0


@pytest.mark.gpu
@pytest.mark.parametrize("on_device", [False, True])
def test_an_image_lies_where_its_extent_says(on_device):
    image = np.zeros((4, 4, 4), np.uint8)
    image[:2], image[2:] = (255, 0, 0, 255), (0, 0, 255, 255)
    image[:, 2:, 3] = 0
    terrain = graphics.Terrain(np.zeros((40, 60)), 10, exaggeration=1, colormap=WHITE, **UNLIT)
    terrain.drape(vf.asarray(image) if on_device else image, (100, 500, 100, 300))
    picture = from_above(None, terrain=terrain)
    assert tuple(picture[12, 15]) == (255, 0, 0, 255)
    assert tuple(picture[27, 15]) == (0, 0, 255, 255)
    assert tuple(picture[12, 45]) == tuple(picture[5, 5]) == (255, 255, 255, 255)  # its alpha is 0, and outside
    terrain.drape(image, (100, 500, 100, 300), opacity=0.5)
    half = from_above(None, terrain=terrain)[12, 15]
    assert linear(half[None])[0].tolist() == pytest.approx([1, 0.5, 0.5], abs=0.01)
    terrain.drape(None)
    assert (from_above(None, terrain=terrain)[..., :3] == 255).all()


# ------------------------------------------------------------------ what is given


@pytest.mark.parametrize("dtype", [np.float64, np.int16, np.uint8])
def test_any_real_dtype_is_taken(dtype):
    dem = np.round(hills()).astype(dtype)
    assert graphics.Terrain(dem).height_range == (dem.min(), dem.max())


def test_arrays_views_and_masks_are_taken():
    dem = hills()
    assert graphics.Terrain(vf.asarray(dem)).height_range == (dem.min(), dem.max())
    assert graphics.Terrain(dem[::-2, ::3].T).height_range == (dem[::2, ::3].min(), dem[::2, ::3].max())
    masked = np.ma.masked_less(dem, 30)
    assert graphics.Terrain(masked).height_range == (dem[dem >= 30].min(), dem.max())


def test_what_was_given_may_change_afterwards():
    dem = hills()
    terrain = graphics.Terrain(dem)
    before = terrain.heights_at([(100, 100)])
    dem[:] = 0
    assert terrain.heights_at([(100, 100)]) == before


@pytest.mark.gpu
def test_style_may_change_and_sameness_is_kept():
    terrain = graphics.Terrain(hills())
    first = terrain.render(60, 40)
    assert np.array_equal(first, terrain.render(60, 40))
    terrain.style = dataclasses.replace(terrain.style, colormap="magma", water=40.0, exaggeration=3.0)
    changed = terrain.render(60, 40)
    assert not np.array_equal(first, changed)
    fresh = graphics.Terrain(hills(), colormap="magma", water=40.0, exaggeration=3.0)
    assert np.array_equal(changed, fresh.render(60, 40))


def test_styles_of_colours_can_be_compared():
    colors = np.linspace(0, 1, 12).reshape(4, 3)
    style = graphics.TerrainStyle(colormap=colors)
    assert style == graphics.TerrainStyle(colormap=colors.copy())
    assert hash(style) == hash(graphics.TerrainStyle(colormap=colors.copy()))
    assert style != graphics.TerrainStyle(colormap=colors / 2)
    assert style != graphics.TerrainStyle()
    assert style != "relief"
    assert graphics.TerrainStyle(colormap="magma") == graphics.TerrainStyle(colormap="magma")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: graphics.Terrain([[1, 2]]), vf.ArgumentTypeError, "an ndarray or an Array"),
        (lambda: graphics.Terrain(np.zeros(3)), vf.ShapeError, "2 axes"),
        (lambda: graphics.Terrain(np.zeros((0, 3))), vf.ShapeError, "none of them empty"),
        (lambda: graphics.Terrain(np.zeros((2, 2), complex)), vf.DtypeError, "a real one"),
        (lambda: graphics.Terrain(hills(), cell=0), vf.InputError, "> 0"),
        (lambda: graphics.Terrain(hills(), cell=(1, np.nan)), vf.InputError, "cell"),
        (lambda: graphics.Terrain(hills(), cell=1, extent=(0, 1, 0, 1)), vf.InputError, "too much"),
        (lambda: graphics.Terrain(hills(), extent=(0, 1, 1, 0)), vf.InputError, "south < north"),
        (lambda: graphics.Terrain(hills(), units="feet"), vf.InputError, "'metres' or 'degrees'"),
        (lambda: graphics.Terrain(hills(), 0.1, units="degrees"), vf.InputError, "latitude="),
        (lambda: graphics.Terrain(hills(), units="degrees"), vf.InputError, "cell= or extent="),
        (lambda: graphics.Terrain(hills(), colormap="viridiss"), vf.InputError, "viridis"),
        (lambda: graphics.Terrain(hills(), colormap=np.zeros((3, 2))), vf.ShapeError, "3 or 4"),
        (lambda: graphics.Terrain(hills(), colormap=[[2, 0, 0], [0, 0, 0]]), vf.InputError, "0 to 1"),
        (
            lambda: graphics.Terrain(hills(), colormap=[(255, 0, 0), (0, 0, 9)]),
            vf.InputError,
            "int64, 0 to 255; np.array(colors, np.uint8)",
        ),
        (lambda: graphics.Terrain(hills(), color_range=(3, 3)), vf.InputError, "low < high"),
        (lambda: graphics.Terrain(hills(), shadows="maybe"), vf.InputError, "'soft'"),
        (lambda: graphics.Terrain(hills(), exaggeration=-1), vf.InputError, "exaggeration"),
        (lambda: graphics.Terrain(hills(), contours=0), vf.InputError, "contours"),
        (lambda: graphics.Terrain(hills(), base=1e6), vf.InputError, "base lies above land"),
        (lambda: graphics.Terrain(hills(), watr=3), vf.ArgumentTypeError, "water"),
        (lambda: graphics.Terrain(hills(), style=3), vf.ArgumentTypeError, "a TerrainStyle"),
        (lambda: graphics.Terrain(hills()).drape(np.zeros((2, 2))), vf.ShapeError, "3 or 4"),
        (
            lambda: graphics.Terrain(hills()).drape(np.ma.zeros((2, 2, 4))),
            errors.ArgumentTypeError,
            "mask would be lost",
        ),
        (lambda: graphics.Terrain(hills()).read("depth"), vf.StateError, "render"),
        (lambda: graphics.Terrain(hills()).render(0, 5), vf.InputError, "width"),
    ],
)
def test_what_cannot_be_is_refused(make, error, words):
    with pytest.raises(error) as caught:
        make()
    assert words in str(caught.value)


def test_a_closed_terrain_says_so():
    terrain = graphics.Terrain(hills())
    terrain.close()
    with pytest.raises(vf.StateError):
        terrain.render(40, 30)
