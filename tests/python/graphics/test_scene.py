"""Scene and TerrainSpike as existing scripts know them: what they take and refuse, uniforms, camera, files."""

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

import vulkan_forge as vf
from scenes import SCENE_SUN, SPIKE_SUN, matplotlibs, unit, waves
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.types import SupportsPNG

pytestmark = pytest.mark.gpu

CLASSES = {"Scene": vf.Scene, "TerrainSpike": vf.TerrainSpike}
LENS = {"fovy_deg": 45, "znear": 0.1, "zfar": 100}
inf, nan = math.inf, math.nan


@pytest.fixture(params=CLASSES)
def cls(request):
    return CLASSES[request.param]


@pytest.fixture
def scene(cls):
    with cls(48, 32, 16) as scene:
        yield scene


# ---------------------------------------------------------------- made


def test_arguments_by_position_by_keyword_and_none(cls):
    plain = cls(40, 30).render_rgba()
    for same in (
        cls(40, 30, 128, "viridis"),
        cls(width=40, height=30, grid=128, colormap="viridis"),
        cls(40, 30, None, None),
        cls(np.int64(40), np.uint8(30), grid=np.int16(128), colormap=None),
    ):
        np.testing.assert_array_equal(same.render_rgba(), plain)
        assert (same.width, same.height, same.grid) == (40, 30, 128)


@pytest.mark.parametrize("grid", [1, 0, -7, -(2**70)])
def test_grids_below_2_are_taken_as_2(cls, grid):
    with cls(24, 16, grid) as scene:
        assert scene.grid == 2
        np.testing.assert_array_equal(scene.render_rgba(), cls(24, 16, 2).render_rgba())


@pytest.mark.parametrize("grid", [4097, 2**32, 2**70])
def test_grids_beyond_4096_are_refused(cls, grid):
    with pytest.raises(vf.InputError, match="grid is out of range; expected 2 to 4096"):
        cls(8, 8, grid)


@pytest.mark.slow
def test_the_largest_grid():
    assert vf.Scene(16, 16, 4096).render_rgba().shape == (16, 16, 4)


@pytest.mark.parametrize("grid", [2.0, "16", (16,), 1.5])
def test_grids_are_integers(cls, grid):
    with pytest.raises(TypeError, match="grid must be an integer"):
        cls(8, 8, grid)


@pytest.mark.parametrize("name", ["VIRIDIS", "MAGMA", "TERRAIN", "jet", "", " viridis"])
def test_unknown_colormaps(cls, name):
    with pytest.raises(RuntimeError) as caught:
        cls(8, 8, 8, name)
    assert str(caught.value).startswith(f"Unknown colormap '{name}'. Supported: viridis, magma, terrain")
    assert isinstance(caught.value, ValueError)


def test_colormaps_that_are_no_names(cls):
    for other in (5, 1.5, ["viridis"], object()):
        with pytest.raises(RuntimeError, match="colormap"):
            cls(8, 8, 8, other)


def test_colormaps_of_ones_own(cls):
    named = cls(40, 30, 16, "magma").render_rgba()
    np.testing.assert_array_equal(cls(40, 30, 16, matplotlibs("magma")).render_rgba(), named)
    for bad in (
        np.zeros((1, 3), np.uint8),
        np.zeros((4, 2), np.uint8),
        np.full((4, 3), 1.5),
        np.zeros((4, 3), np.int32),
    ):
        with pytest.raises(vf.InputError, match="a colormap"):
            cls(8, 8, 8, bad)


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, 0), (-1, 8), (0, 0), (-(2**70), 1)])
def test_sizes_below_1_come_first(cls, width, height):
    with pytest.raises(ValueError, match="width and height must be > 0"):
        cls(width, height, 9999, "jet")


@pytest.mark.parametrize(("width", "height"), [(8.0, 8), (8, "8"), (None, 8)])
def test_sizes_are_integers(cls, width, height):
    with pytest.raises(TypeError, match="must be an integer"):
        cls(width, height)


def test_sizes_beyond_the_device(cls, device):
    most = device.limits["max_target"]
    with pytest.raises(vf.LimitError, match=str(most)):
        cls(most + 1, 1)


def test_prefer_software_and_a_device_of_ones_own(cls, device):
    has_software = any(adapter["device_type"] == "Cpu" for adapter in vf.enumerate_adapters())
    with cls(8, 8, prefer_software=True) as scene:
        assert scene.render_rgba().shape == (8, 8, 4)
        assert not has_software or scene.device.type == "Cpu"
    with cls(8, 8, device=device) as scene:
        assert scene.device.name == device.name


def test_one_device_is_shared():
    vf.release_default_device()
    with vf.default_device() as device, vf.Renderer(8, 8), vf.Scene(8, 8) as first, vf.TerrainSpike(8, 8) as second:
        for scene in (first, second):
            before = device.counts()["images"]
            scene.render_rgba()  # its table of colours is an image of that device
            assert device.counts()["images"] == before + 1


def test_both_have_the_same_methods():
    names = [name for name in dir(vf.Scene) if not name.startswith("_")]
    assert names == [name for name in dir(vf.TerrainSpike) if not name.startswith("_")]
    assert issubclass(vf.Scene, SupportsPNG)
    assert issubclass(vf.TerrainSpike, SupportsPNG)


# ---------------------------------------------------------------- make_terrain


def test_make_terrain():
    spike = vf.make_terrain(40, 30, 16)
    assert type(spike) is vf.TerrainSpike is native.TerrainSpike
    np.testing.assert_array_equal(spike.render_rgba(), vf.TerrainSpike(40, 30, 16).render_rgba())
    assert vf.make_terrain(width=8, height=8).grid == 128
    assert list(inspect.signature(vf.make_terrain).parameters) == ["width", "height", "grid"]


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, 0), (-1, 8)])
def test_make_terrain_checks_sizes_first(width, height):
    with pytest.raises(ValueError, match="width and height must be > 0"):
        vf.make_terrain(width, height, 1)


@pytest.mark.parametrize("grid", [1, 0, -1])
def test_make_terrain_refuses_small_grids(grid):
    with pytest.raises(ValueError, match="grid must be >= 2"):
        vf.make_terrain(8, 8, grid)
    with pytest.raises(TypeError, match="grid must be an integer"):
        vf.make_terrain(8, 8, grid + 0.5)


# ---------------------------------------------------------------- uniforms and camera


def matrices(scene):
    block = scene.debug_uniforms_f32()
    return block[:16].reshape((4, 4), order="F"), block[16:32].reshape((4, 4), order="F")


@pytest.mark.parametrize(("name", "sun"), [("Scene", SCENE_SUN), ("TerrainSpike", SPIKE_SUN)])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (48, 64), (33, 33)])
def test_uniforms(name, sun, width, height):
    block = CLASSES[name](width, height).debug_uniforms_f32()
    assert (block.shape, block.dtype, block.flags.c_contiguous) == ((44,), np.float32, True)
    view, projection = block[:16].reshape((4, 4), order="F"), block[16:32].reshape((4, 4), order="F")
    np.testing.assert_allclose(view, vf.camera_look_at((3, 2, 3), (0, 0, 0), (0, 1, 0)), rtol=1e-5, atol=1e-6)
    wanted = vf.camera_perspective(45, width / height, 0.1, 100, "wgpu")
    np.testing.assert_allclose(projection, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(block[32:35], unit(sun), atol=1e-6)
    np.testing.assert_allclose(block[35:39], 1, atol=1e-6)
    assert not block[39:].any()


def test_the_figures_of_both_suns():
    for cls, figures in ((vf.TerrainSpike, (0.431934, 0.863868, 0.259161)), (vf.Scene, (0.447214, 0.715542, 0.536656))):
        np.testing.assert_allclose(cls(8, 8).debug_uniforms_f32()[32:35], figures, atol=1e-6)


def test_uniforms_are_a_copy(scene):
    scene.debug_uniforms_f32()[:] = 0
    assert scene.debug_uniforms_f32().any()


def test_the_camera_by_position_and_keyword(scene):
    before = scene.debug_uniforms_f32()
    pose = ((0, 3, 4), (0, 0.5, 0), (0, 1, 0))
    scene.set_camera_look_at(*pose, 30, 1, 50)
    by_position = scene.debug_uniforms_f32()
    assert (by_position[:32] != before[:32]).any()
    np.testing.assert_array_equal(by_position[32:], before[32:])
    view, projection = matrices(scene)
    np.testing.assert_allclose(view, vf.camera_look_at(*pose), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(projection, vf.camera_perspective(30, 48 / 32, 1, 50), rtol=1e-5, atol=1e-6)
    picture = scene.render_rgba()
    for form in (list, np.array, lambda v: np.array(v, np.float32), lambda v: tuple(map(float, v))):
        scene.set_camera_look_at((1, 1, 1), (0, 0, 0), (0, 1, 0), **LENS)
        eye, target, up = map(form, pose)
        scene.set_camera_look_at(eye=eye, target=target, up=up, fovy_deg=30.0, znear=1.0, zfar=50.0)
        np.testing.assert_array_equal(scene.debug_uniforms_f32(), by_position)
        np.testing.assert_array_equal(scene.render_rgba(), picture)


def test_the_default_camera_can_be_set_again(scene):
    before, picture = scene.debug_uniforms_f32(), scene.render_rgba()
    scene.set_camera_look_at((0, 5, 1), (0, 0, 0), (0, 1, 0), **LENS)
    assert (scene.render_rgba() != picture).any()
    scene.set_camera_look_at((3, 2, 3), (0, 0, 0))
    np.testing.assert_array_equal(scene.debug_uniforms_f32(), before)
    np.testing.assert_array_equal(scene.render_rgba(), picture)


FINITE = "eye/target/up components must be finite"
COLINEAR = "up vector must not be colinear with view direction"
BAD_CAMERAS = [
    *(({name: (nan, 0, 1)}, FINITE) for name in ("eye", "target", "up")),
    *(({name: (0, 1, inf)}, FINITE) for name in ("eye", "target", "up")),
    ({"up": (3, 2, 3)}, COLINEAR),
    ({"up": (0, 0, 0)}, COLINEAR),
    ({"target": (3, 2, 3)}, COLINEAR),
    *(({"fovy_deg": bad}, "fovy_deg must be finite and in (0, 180)") for bad in (0, 180, -1, inf, nan)),
    *(({"znear": bad}, "znear must be finite and > 0") for bad in (0, -1, nan, inf)),
    *(({"zfar": bad}, "zfar must be finite and > znear") for bad in (0.1, 0.01, inf, nan)),
    ({"up": (0, 0, 0), "fovy_deg": 0, "znear": 0}, COLINEAR),
    ({"eye": (nan, 0, 0), "up": (0, 0, 0)}, FINITE),
    ({"fovy_deg": 0, "znear": 0, "zfar": 0}, "fovy_deg must be finite and in (0, 180)"),
    ({"znear": 0, "zfar": 0}, "znear must be finite and > 0"),
]


@pytest.mark.parametrize(("change", "text"), BAD_CAMERAS)
def test_refused_cameras(scene, change, text):
    before = scene.debug_uniforms_f32()
    camera = {"eye": (3, 2, 3), "target": (0, 0, 0), "up": (0, 1, 0), **LENS}
    with pytest.raises(RuntimeError) as caught:
        scene.set_camera_look_at(**{**camera, **change})
    assert str(caught.value).startswith(text)
    assert isinstance(caught.value, ValueError)
    np.testing.assert_array_equal(scene.debug_uniforms_f32(), before)


@pytest.mark.parametrize("bad", [1, None, "abc", (1, 2), (1, 2, 3, 4), ("a", 0, 0)])
@pytest.mark.parametrize("name", ["eye", "target", "up"])
def test_what_is_no_vector(scene, name, bad):
    camera = {"eye": (3, 2, 3), "target": (0, 0, 0), "up": (0, 1, 0), **LENS, name: bad}
    with pytest.raises(TypeError, match=f"{name} must be a sequence of 3 numbers"):
        scene.set_camera_look_at(**camera)


# ---------------------------------------------------------------- heights

BAD_HEIGHTS = {
    "list": [[1.0, 2.0]],
    "None": None,
    "1-D": np.zeros(4, np.float32),
    "3-D": np.zeros((2, 2, 1), np.float32),
    "0-D": np.float32(1) * np.ones(()),
    "int": np.zeros((2, 2), np.int32),
    "float16": np.zeros((2, 2), np.float16),
    "complex": np.zeros((2, 2), np.complex64),
    "byte-swapped": np.zeros((2, 2), ">f4"),
    "Fortran": np.asfortranarray(np.zeros((2, 3), np.float32)),
    "strided": np.zeros((4, 4), np.float32)[:, ::2],
    "reversed": np.zeros((4, 4), np.float32)[::-1],
    "no rows": np.zeros((0, 5), np.float32),
    "no columns": np.zeros((5, 0), np.float32),
}


@pytest.mark.parametrize("name", BAD_HEIGHTS)
def test_refused_heights(scene, name):
    scene.set_height_from_r32f(waves(16))
    before = scene.render_rgba()
    with pytest.raises(RuntimeError) as caught:
        scene.set_height_from_r32f(BAD_HEIGHTS[name])
    assert str(caught.value).startswith("height must be C-contiguous float32[H,W]; ")
    assert isinstance(caught.value, ValueError)
    np.testing.assert_array_equal(scene.render_rgba(), before)


def test_heights_are_copied(scene):
    heights = waves(32)
    scene.set_height_from_r32f(heights)
    picture = scene.render_rgba()
    heights[:] = 1
    np.testing.assert_array_equal(scene.render_rgba(), picture)
    scene.set_height_from_r32f(height_r32f=waves(32))
    np.testing.assert_array_equal(scene.render_rgba(), picture)


def test_read_only_heights_and_double_ones(scene):
    heights = waves(32).astype(np.float64) + 1e-9
    scene.set_height_from_r32f(heights.astype(np.float32))
    picture = scene.render_rgba()
    heights.flags.writeable = False
    scene.set_height_from_r32f(heights)
    np.testing.assert_array_equal(scene.render_rgba(), picture)


@pytest.mark.parametrize("shape", [(1, 1), (1, 257), (257, 1), (2, 3), (3, 2), (2, 2), (61, 63), (300, 7)])
@pytest.mark.parametrize("size", [(7, 5), (61, 1), (1, 64), (63, 33)])
def test_any_heights_in_any_picture(cls, shape, size):
    with cls(*size, 8) as scene:
        scene.set_height_from_r32f(np.linspace(-0.5, 0.5, shape[0] * shape[1], dtype=np.float32).reshape(shape))
        picture = scene.render_rgba()
        assert (picture.shape, picture.dtype) == ((size[1], size[0], 4), np.uint8)
        assert picture.flags.c_contiguous
        assert (picture[..., 3] == 255).all()


@pytest.mark.parametrize("failing", ["vmaCreateBuffer", "vmaCreateImage", "vkQueueSubmit", "vkEndCommandBuffer"])
def test_running_out_of_memory_changes_nothing(cls, failing):
    with native._testing.open_device(force_staging=True) as device:
        plain = cls(16, 16, 8, device=device)
        plain.set_height_from_r32f(waves(16))
        wanted = plain.render_rgba()
        for skip in range(5):
            scene = cls(16, 16, 8, device=device)
            scene.set_height_from_r32f(waves(16))
            native._testing.inject_fault(failing, -2, skip, 1000)
            for call in (scene.render_rgba, lambda s=scene: s.set_height_from_r32f(waves(8))):
                try:
                    call()
                except MemoryError:
                    continue
            native._testing.clear_faults()
            scene.set_height_from_r32f(waves(16))
            np.testing.assert_array_equal(scene.render_rgba(), wanted)


# ---------------------------------------------------------------- files, formats, time


@pytest.mark.parametrize("make_path", [str, lambda path: path], ids=["str", "PathLike"])
def test_file_and_array_hold_the_same_bytes(tmp_path, scene, make_path):
    scene.render_png(make_path(tmp_path / "own.png"))
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "own.png"), scene.render_rgba())
    scene.set_height_from_r32f(waves())
    scene.render_png(path=make_path(tmp_path / "given.png"))
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / "given.png"), scene.render_rgba())


def test_files_that_cannot_be_written(tmp_path, scene):
    with pytest.raises(vf.FileError) as caught:
        scene.render_png(tmp_path / "none" / "a.png")
    assert isinstance(caught.value, OSError)
    with pytest.raises(TypeError):
        scene.render_png(7)


def test_the_lut_format_is_read_at_each_construction(cls, monkeypatch):
    monkeypatch.delenv("VF_FORCE_LUT_UNORM", raising=False)
    formats = {cls(8, 8).debug_lut_format()}
    for value in ("1", "0", ""):
        monkeypatch.setenv("VF_FORCE_LUT_UNORM", value)
        forced = cls(8, 8)
        monkeypatch.delenv("VF_FORCE_LUT_UNORM")
        assert forced.debug_lut_format() == "Rgba8Unorm"
        formats.add(cls(8, 8).debug_lut_format())
    assert formats <= {"Rgba8UnormSrgb", "Rgba8Unorm"}
    assert len(formats) == 1


def test_metrics_say_where_the_time_went(scene):
    scene.render_rgba()
    scene.set_height_from_r32f(waves(32))
    scene.render_rgba()
    metrics = scene.metrics()
    assert set(metrics) == {"upload_ms", "encode_ms", "gpu_ms", "readback_ms", "upload_bytes", "readback_bytes"}
    assert (metrics["upload_bytes"], metrics["readback_bytes"]) == (32 * 32 * 4, 48 * 32 * 4)
    assert all(value >= 0 for value in metrics.values())
    scene.render_rgba()
    assert scene.metrics()["upload_bytes"] == 0  # the heights are there already


# ---------------------------------------------------------------- lifetime


def test_methods_raise_after_close(cls):
    scene = cls(8, 8)
    with scene as same:
        assert same is scene
    scene.close()
    assert scene.closed
    calls = [
        scene.render_rgba,
        scene.metrics,
        scene.debug_uniforms_f32,
        scene.debug_lut_format,
        lambda: scene.render_png("a.png"),
        lambda: scene.set_height_from_r32f(waves(4)),
        lambda: scene.set_camera_look_at((3, 2, 3), (0, 0, 0)),
        lambda: scene.width,
        lambda: scene.grid,
        lambda: scene.device,
    ]
    for call in calls:
        with pytest.raises(vf.StateError, match=rf"{cls.__name__} was used after close\(\)") as caught:
            call()
        assert caught.value.code == "CLOSED"


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(scene, duplicate):
    with pytest.raises(TypeError, match=f"{type(scene).__name__} owns native memory and cannot be copied or pickled"):
        duplicate(scene)


def test_a_picture_outlives_everything():
    scene = vf.Scene(16, 16)
    picture = scene.render_rgba()
    wanted = picture.copy()
    scene.close()
    del scene
    vf.release_default_device()
    np.testing.assert_array_equal(picture, wanted)
