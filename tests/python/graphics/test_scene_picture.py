"""The picture of a scene, held against one that NumPy makes ray by ray, and the sizes of its files."""

import hashlib
import os

import numpy as np
import pytest

import vulkan_forge as vf
from scenes import (
    BACKGROUND,
    SCENE_SUN,
    SPIKE_SUN,
    away_from_outlines,
    bilinear,
    decode,
    encode,
    matplotlibs,
    own_surface,
    plain_picture,
    unit,
    waves,
)
from terrains import ONE_STEP

pytestmark = pytest.mark.gpu

SIZE = (160, 120)
SUNS = {vf.Scene: SCENE_SUN, vf.TerrainSpike: SPIKE_SUN}
DEFAULT = {"eye": (3, 2, 3), "target": (0, 0, 0), "up": (0, 1, 0), "fovy_deg": 45, "znear": 0.1, "zfar": 100}
FROM_ABOVE = {**DEFAULT, "eye": (0, 5, 0), "up": (0, 0, -1)}  # north, which is -z, on top


def assert_is_the_plain_one(scene, heights, camera, table):
    scene.set_camera_look_at(**camera)
    width, height = scene.width, scene.height
    view = vf.camera_look_at(camera["eye"], camera["target"], camera["up"])
    projection = vf.camera_perspective(camera["fovy_deg"], width / height, camera["znear"], camera["zfar"])
    wanted, distance = plain_picture(heights, width, height, view, projection, SUNS[type(scene)], table)
    got = scene.render_rgba().astype(float)
    apart = np.abs(got - wanted).max(axis=-1)
    on, beside = away_from_outlines(distance)
    assert on.sum() > 200
    assert beside.sum() > 200
    assert apart[on].max() <= 2 * ONE_STEP
    assert (apart[on] > ONE_STEP).mean() < 0.02
    assert apart[beside].max() == 0


@pytest.mark.parametrize("cls", SUNS)
@pytest.mark.parametrize(
    "camera", [DEFAULT, FROM_ABOVE, {**DEFAULT, "eye": (-2, 3, -3)}], ids=["own", "above", "other"]
)
def test_the_surface_before_any_heights(cls, camera):
    assert_is_the_plain_one(cls(*SIZE), own_surface(), camera, matplotlibs("viridis"))


@pytest.mark.parametrize("cls", SUNS)
@pytest.mark.parametrize("name", ["viridis", "magma"])
def test_the_users_heights_have_their_own_normals(cls, name):
    """The sines of the surface that was there before are gone, from the heights and from the light."""
    with cls(*SIZE, 128, name) as scene:
        scene.render_rgba()
        for heights in (waves(128, 1), -0.4 * np.hanning(128)[:, None] * np.hanning(128).astype(np.float32)):
            heights = np.ascontiguousarray(heights, np.float32)
            scene.set_height_from_r32f(heights)
            assert_is_the_plain_one(scene, heights, DEFAULT, matplotlibs(name))
            assert_is_the_plain_one(scene, heights, FROM_ABOVE, matplotlibs(name))


@pytest.mark.parametrize("shape", [(40, 61), (7, 3), (2, 2), (33, 2), (257, 63)])
def test_heights_of_any_shape_from_above(shape):
    """Flat enough that the mesh, coarser or finer than the samples, shows the same places."""
    rng = np.random.default_rng(1)
    coarse = rng.uniform(-0.02, 0.02, (4, 4))
    row, column = np.mgrid[0 : 3 : shape[0] * 1j, 0 : 3 : shape[1] * 1j]
    heights = bilinear(coarse, row, column).astype(np.float32)
    with vf.Scene(*SIZE, 160) as scene:
        scene.set_height_from_r32f(heights)
        assert_is_the_plain_one(scene, heights, FROM_ABOVE, matplotlibs("viridis"))


def test_a_flat_square_is_one_colour():
    """And that is the table's middle under the sun's height; beside it lies the background."""
    for cls, sun in SUNS.items():
        for height in (0.0, 0.5, -2.0, 7.0):
            with cls(64, 64, 4) as scene:
                scene.set_height_from_r32f(np.full((5, 9), height, np.float32))
                scene.set_camera_look_at((0, height + 4, 0), (0, height, 0), (0, 0, -1), 30, 0.1, 100)
                t = np.clip(0.5 + height / 2, 0, 1) * 255
                table = decode(matplotlibs("viridis"))
                albedo = table[int(t)] * (1 - t % 1) + table[min(int(t) + 1, 255)] * (t % 1)
                wanted = encode(albedo * (0.15 + 0.85 * unit(sun)[1]))
                inside = scene.render_rgba()[8:-8, 8:-8]
                assert len(np.unique(inside.reshape(-1, 4), axis=0)) == 1
                np.testing.assert_allclose(inside[0, 0, :3], wanted, atol=ONE_STEP)
                scene.set_camera_look_at((0, height + 4, 0), (0, height, 0), (0, 0, -1), 60, 0.1, 100)
                assert tuple(scene.render_rgba()[0, 0]) == BACKGROUND


def test_row_0_is_at_the_back_and_column_0_on_the_left():
    places = {(0, 0): np.s_[:60, :80], (0, -1): np.s_[:60, 80:], (-1, 0): np.s_[60:, :80], (-1, -1): np.s_[60:, 80:]}
    with vf.Scene(*SIZE) as scene:
        scene.set_camera_look_at(**{**DEFAULT, "eye": (0, 4, 3)})
        for corner, quarter in places.items():
            heights = np.zeros((33, 33), np.float32)
            heights[corner] = 1
            heights[np.ix_(*[range(-4, 0) if at else range(4) for at in corner])] = 1
            scene.set_height_from_r32f(heights)
            picture = scene.render_rgba().astype(int)
            yellow = picture[..., 0] + picture[..., 1] - picture[..., 2] > 250
            assert yellow[quarter].sum() > 20
            assert yellow.sum() == yellow[quarter].sum()


def test_what_is_nearer_hides_what_is_behind():
    """Ridges across the view hide the valleys between them from the front and from the back, whatever is drawn last."""
    ridges = (0.5 * np.cos(np.linspace(0, 6 * np.pi, 128)))[:, None] + np.linspace(-0.2, 0.2, 128)[None, :]
    heights = ridges.astype(np.float32)
    with vf.Scene(*SIZE, 128) as scene:
        scene.set_height_from_r32f(heights)
        for eye in ((0, 1.2, 4), (0, 1.2, -4)):
            assert_is_the_plain_one(scene, heights, {**DEFAULT, "eye": eye}, matplotlibs("viridis"))


def test_holes_show_the_background():
    heights = np.zeros((64, 64), np.float32)
    with vf.Scene(128, 128) as scene:
        scene.set_camera_look_at(**FROM_ABOVE)
        scene.set_height_from_r32f(heights)
        whole = scene.render_rgba()
        for missing in (np.nan, np.inf, -np.inf):
            heights[20:44, 20:44] = missing
            scene.set_height_from_r32f(heights)
            holed = scene.render_rgba()
            assert (holed[58:70, 58:70] == BACKGROUND).all()
            ring = np.s_[36:38, 36:92]  # beside the hole light is as it was
            np.testing.assert_array_equal(holed[ring], whole[ring])
        scene.set_height_from_r32f(np.full((9, 9), np.nan, np.float32))
        assert (scene.render_rgba() == BACKGROUND).all()


def test_a_coarse_mesh_keeps_the_light_of_each_pixel():
    fine, coarse = vf.Scene(*SIZE, 256), vf.Scene(*SIZE, 9)
    ripples = (0.008 * np.sin(np.linspace(0, 60, 256)))[None, :].repeat(256, axis=0).astype(np.float32)
    for scene in (fine, coarse):
        scene.set_height_from_r32f(ripples)
        scene.set_camera_look_at(**FROM_ABOVE)
    a, b = fine.render_rgba().astype(int), coarse.render_rgba().astype(int)
    assert np.abs(a - b)[30:-30, 50:-50].max() <= 4
    assert np.ptp(b[60, 50:-50, 1]) >= 8


def test_always_the_same_bytes():
    def digests():
        found = []
        for cls in SUNS:
            scene = cls(97, 61)
            found += [hashlib.sha256(scene.render_rgba().tobytes()).hexdigest() for _ in range(3)]
        return found

    first = digests()
    assert first[:3] == first[:1] * 3
    assert first[3:] == first[3:4] * 3
    assert digests() == first


@pytest.mark.skipif(os.environ.get("VF_ENABLE_TERRAIN_TESTS") != "1", reason="large; for VF_ENABLE_TERRAIN_TESTS=1")
def test_large_heights():
    """64 MiB of them, and the largest grid, look like the same hill coarser."""
    pictures = []
    for side, grid in ((4096, 4096), (256, 256)):
        across = np.hanning(side).astype(np.float32)
        with vf.Scene(*SIZE, grid) as scene:
            scene.set_height_from_r32f(np.outer(across, across))
            pictures.append(scene.render_rgba().astype(int))
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.5


# ---------------------------------------------------------------- colours decoded beforehand


@pytest.mark.parametrize("name", ["viridis", "magma", "terrain"])
def test_linear_colours_look_the_same(name, monkeypatch):
    plain = vf.TerrainSpike(*SIZE, colormap=name).render_rgba().astype(int)
    monkeypatch.setenv("VF_FORCE_LUT_UNORM", "")
    forced = vf.TerrainSpike(*SIZE, colormap=name)
    apart = np.abs(forced.render_rgba() - plain)
    assert forced.debug_lut_format() == "Rgba8Unorm"
    assert apart.max() <= 13  # half a step of a linear byte near black is 6.5 of sRGB's, and light may double none
    assert apart.mean() < 1


def test_the_renderers_colours_too(monkeypatch):
    """Read when the Renderer is made: a terrain added later follows it."""

    def picture():
        with vf.Renderer(64, 64) as renderer:
            monkeypatch.delenv("VF_FORCE_LUT_UNORM", raising=False)
            renderer.add_terrain(waves(64), (0.05, 0.05), 1.0, "magma")
            return renderer.render_rgba().astype(int)

    plain = picture()
    monkeypatch.setenv("VF_FORCE_LUT_UNORM", "1")
    forced = picture()
    assert (plain != forced).any()
    assert np.abs(plain - forced).max() <= 13


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("cls", SUNS)
def test_a_default_picture_has_more_than_4096_bytes(cls, tmp_path):
    cls(320, 240, 64, "viridis").render_png(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 4096


@pytest.mark.parametrize("cls", SUNS)
@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("name", ["viridis", "magma", "terrain"])
def test_a_small_picture_has_more_than_1000_bytes(cls, name, forced, tmp_path, monkeypatch):
    if forced:
        monkeypatch.setenv("VF_FORCE_LUT_UNORM", "1")
    cls(128, 128, 32, name).render_png(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


@pytest.mark.parametrize("level", [1, 3])
def test_the_strongest_compression_leaves_enough(level):
    assert len(vf.encode_png(vf.Scene(320, 240, 64).render_rgba(), level=level)) > 4096
    assert len(vf.encode_png(vf.Scene(128, 128, 32).render_rgba(), level=level)) > 1000


@pytest.mark.parametrize("cls", SUNS)
def test_other_heights_make_a_file_of_another_size(cls, tmp_path):
    with cls(320, 240, 64) as scene:
        scene.render_png(tmp_path / "before.png")
        scene.set_height_from_r32f(waves(128))
        scene.render_png(tmp_path / "after.png")
    before, after = ((tmp_path / name).stat().st_size for name in ("before.png", "after.png"))
    assert before != after
    assert max(before, after) < 320 * 240 * 4 / 2  # and both are compressed
