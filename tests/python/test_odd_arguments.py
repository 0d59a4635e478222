"""Odd values for every argument of the public surface are refused by a type that callers can catch; none crashes.

What may come: our own errors, the TypeError with which Python refuses a call of its own functions, what the methods of
an argument raise, and a path that no file system can hold.
What may not: SystemError, a bare RuntimeError, a list of C++ signatures, a segfault.
"""

import random

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import graphics
from vulkan_forge.graphics import raster

pytestmark = pytest.mark.gpu

SCALE = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint n; float a; vec2 v; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < n && i < x.length()) x[i] += a * v.x; }
"""
VERTEX = "layout(location = 0) in vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }"
FRAGMENT = """
layout(location = 0) out vec4 color;
layout(push_constant) uniform Push { vec4 ink; };
void main() { color = ink; }
"""


class OwnError(Exception):
    """What an argument's own methods raise."""


class Failing:
    def __index__(self):
        raise OwnError

    __float__ = __fspath__ = __len__ = __index__


class Lying:
    """Says it is everything, and is nothing."""

    def __index__(self):
        return "no integer"

    def __float__(self):
        return "no number"

    def __len__(self):
        return 10**18

    def __getitem__(self, index):
        return self

    def __dlpack__(self, **options):
        return 5

    def __dlpack_device__(self):
        return 7


def closed(thing):
    thing.close()
    return thing


def odd_values():
    floats = np.zeros((4, 4), np.float32)
    fields = [("at", "f4", (2,)), ("b", "i4")]
    return [
        *(None, True, False, 0, 1, -1, 3, 64, 2**31, 2**32, 2**63, 2**64, -(2**63), 10**30),
        *(0.0, 1.5, -1.0, float("nan"), float("inf"), 1e308, 1j, ..., int, object(), range(3), {}, {"a": 1}, {1: 2}),
        *("", "text", "float32", "viridis", "/nonexistent/x.png", "\0", "\ud800", b"", b"abcd", bytearray(8)),
        *((), (1,), (1, 1), (1, 2, 3), (0, 0, 0), (1, 2, 3, 4), [], [1.0, "x"], [[1, 2], [3, 4]], [[1, 2], [3]]),
        *(np.float32(3), np.int64(-3), np.bool_(True), np.array(5.0), np.array([64, 1, 1]), memoryview(b"abc")),
        *(floats, floats[::-1], floats.T[::2], floats[:0], floats.astype(">f4"), floats.astype(np.longdouble)),
        *(np.full((4, 4), np.nan), np.zeros(4, np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4), np.uint8)),
        *(
            np.array(["a"]),
            np.array([None]),
            np.ma.zeros(4),
            np.zeros(3, "M8[s]"),
            np.zeros((2,) * 12),
            np.zeros(3, fields),
        ),
        np.broadcast_to(np.float32(1), (1000, 1000, 1000, 1000)),  # terabytes, were it ever copied
        *(Failing(), Lying(), vf.default_device(), vf.asarray([1.0, 2.0]), vf.Buffer(64), vf.Kernel(SCALE)),
        *(closed(vf.asarray([1.0])), closed(vf.Buffer(4)), closed(vf.Device()), closed(vf.Kernel(SCALE))),
    ]


def recorded(method):
    def call(**arguments):
        recorder = vf.Recorder()
        with recorder:
            getattr(recorder, method)(**arguments)

    return call


def recorded_scope(name):
    recorder = vf.Recorder()
    with recorder, recorder.scope(name):
        pass


def cases(tmp_path):
    """name: callable, arguments that work."""
    kernel, x, buffer = vf.Kernel(SCALE), vf.asarray(np.zeros(64, np.float32)), vf.Buffer(256)
    renderer, target = vf.Renderer(16, 16), graphics.Target(8, 8)
    renderer.add_terrain(np.random.default_rng(0).random((6, 6)), (1, 1))
    scene = vf.Scene(16, 16, 8)
    pipeline = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT)
    corners = np.zeros((3, 2), np.float32)
    run = {"x": x, "n": 4, "a": 1.0, "v": (1, 2), "threads": 4}
    lens = {"fovy_deg": 45, "aspect": 1, "znear": 0.1, "zfar": 10, "clip_space": "wgpu"}
    pose = {"eye": (0, 0, 3), "target": (0, 0, 0), "up": (0, 1, 0)}
    picture, cells = np.zeros((2, 2), np.uint8), np.eye(4, dtype=np.float32)
    png = tmp_path / "a.png"
    vf.numpy_to_png(png, picture)
    bench = {"op": "numpy_to_png", "width": 4, "height": 4, "iterations": 1, "warmup": 0}
    stages = {"vertex": VERTEX, "fragment": FRAGMENT, "state": graphics.DrawState()}
    draw = {"pipeline": pipeline, "vertices": {"at": corners}, "indices": None, "clear": None, "ink": (1, 1, 1, 1)}
    target.clear(0.0)
    return {
        "Device": (vf.Device, {"selector": None, "prefer_software": None}),
        "Buffer": (vf.Buffer, {"size": 4, "intent": "device", "device": None}),
        "Buffer.write": (buffer.write, {"data": b"1", "offset": 0}),
        "Buffer.read": (buffer.read, {"offset": 0, "size": None}),
        "Buffer.array": (buffer.array, {"dtype": "f4", "shape": None, "offset": 0}),
        "asarray": (vf.asarray, {"values": [1.0], "dtype": None, "device": None, "copy": None}),
        "from_host": (vf.from_host, {"values": np.zeros(4), "device": None}),
        "from_dlpack": (vf.from_dlpack, {"tensor": np.zeros(4), "device": None, "copy": None}),
        "empty": (vf.empty, {"shape": 3, "dtype": "f4", "device": None}),
        "Kernel": (vf.Kernel, {"source": SCALE, "name": "k", "includes": {}, "defines": {}, "spec": {}}),
        "kernel": (kernel, run),
        "kernel groups": (kernel, {**{k: v for k, v in run.items() if k != "threads"}, "groups": 1}),
        "prepare": (kernel.prepare, run),
        "Recorder": (vf.Recorder, {"device": None}),
        "Recorder.run": (recorded("run"), {"kernel": kernel, **run}),
        "Recorder.copy": (recorded("copy"), {"source": x, "target": vf.asarray(np.zeros(64, np.float32))}),
        "Recorder.fill": (recorded("fill"), {"array": x, "value": 0}),
        "Recorder.scope": (recorded_scope, {"name": "steps"}),
        "Renderer": (vf.Renderer, {"width": 4, "height": 4, "device": None}),
        "add_terrain": (renderer.add_terrain, {"heightmap": np.zeros((4, 4)), "spacing": (1, 1), "colormap": "magma"}),
        "normalize_terrain": (renderer.normalize_terrain, {"mode": "minmax", "range": None, "eps": None}),
        "set_height_range": (renderer.set_height_range, {"min": 0, "max": 1}),
        "height_patch": (renderer.debug_read_height_patch, {"x": 0, "y": 0, "w": 1, "h": 1}),
        "set_sun": (renderer.set_sun, {"elevation_deg": 1, "azimuth_deg": 2}),
        "set_exposure": (renderer.set_exposure, {"exposure": 1}),
        "set_camera": (renderer.set_camera_look_at, pose),
        "set_style": (renderer.set_style, {"shadows": None, "ambient": None, "tone": None, "background": None}),
        "render_png": (renderer.render_png, {"path": png}),
        "Scene": (vf.Scene, {"width": 4, "height": 4, "grid": 8, "colormap": "magma", "device": None}),
        "TerrainSpike": (vf.TerrainSpike, {"width": 4, "height": 4, "grid": None, "colormap": None}),
        "make_terrain": (vf.make_terrain, {"width": 4, "height": 4, "grid": 8}),
        "set_height_from_r32f": (scene.set_height_from_r32f, {"height_r32f": np.zeros((3, 3), np.float32)}),
        "scene camera": (scene.set_camera_look_at, {**pose, "fovy_deg": 45, "znear": 0.1, "zfar": 10}),
        "scene render_png": (scene.render_png, {"path": png}),
        "Target": (graphics.Target, {"width": 4, "height": 4, "format": "rgba8", "samples": 1, "device": None}),
        "Pipeline": (graphics.Pipeline, {**stages, "includes": {}, "defines": {}, "device": None}),
        "draw": (target.draw, {**draw, "instances": 1, "count": None, "per_instance": None, "indirect": None}),
        "Target.clear": (target.clear, {"values": (0, 0, 0, 1)}),
        "Target.read": (target.read, {"attachment": 0, "region": (0, 0, 2, 2), "out": None}),
        "Target.read_async": (target.read_async, {"attachment": "depth", "region": None}),
        "Target.texture": (target.texture, {"attachment": 0, "filter": "linear", "wrap": "clamp", "normalized": True}),
        "render_triangle_rgba": (vf.render_triangle_rgba, {"width": 4, "height": 4}),
        "render_triangle_png": (vf.render_triangle_png, {"path": png, "width": 4, "height": 4}),
        "png_to_numpy": (vf.png_to_numpy, {"path": png, "max_bytes": 1 << 20}),
        "numpy_to_png": (vf.numpy_to_png, {"path": png, "array": picture, "level": 1}),
        "encode_png": (vf.encode_png, {"array": picture, "level": 1, "dpi": 72, "text": {"a": "b"}, "srgb": True}),
        "write_png": (graphics.write_png, {"path": png, "array": picture, "level": "fast"}),
        "read_png": (graphics.read_png, {"path": png, "max_bytes": 1 << 20}),
        "PngWriter": (
            graphics.PngWriter,
            {"path": tmp_path / "b.png", "width": 3, "height": 3, "channels": 1, "bits": 8},
        ),
        "hillshade": (raster.hillshade, {"heights": cells, "cell": 1, "azimuth": 9, "shading": "igor", "nodata": 0}),
        "slope": (raster.slope, {"heights": cells, "cell": (1, 2), "unit": "percent", "scale": 2, "fill": 1}),
        "curvature": (raster.curvature, {"heights": cells, "kind": "plan", "compute_edges": True}),
        "contours": (raster.contours, {"heights": cells, "levels": [0.5], "nodata": 3}),
        "viewshed": (raster.viewshed, {"heights": cells, "observer": (0, 0), "max_distance": 2, "bend": 1}),
        "sky_view": (raster.sky_view, {"heights": cells, "kind": "ambient", "directions": 4, "radius": 2}),
        "picture": (raster.picture, {"values": cells, "limits": (0, 1), "title": "a", "scale": 1}),
        "camera_look_at": (vf.camera_look_at, pose),
        "camera_perspective": (vf.camera_perspective, lens),
        "camera_view_proj": (vf.camera_view_proj, {**pose, **lens}),
        "grid_generate": (vf.grid_generate, {"nx": 3, "nz": 3, "spacing": (1, 1), "origin": "center"}),
        "dem_stats": (vf.dem_stats, {"heightmap": np.zeros((2, 2))}),
        "dem_normalize": (vf.dem_normalize, {"heightmap": np.zeros((2, 2)), "mode": "zscore", "out_range": (0, 1)}),
        "run_benchmark": (vf.run_benchmark, bench),
    }


def assert_fair(call, arguments):
    code, text = None, ""
    try:
        call(**arguments)
    except (TypeError, OwnError, UnicodeEncodeError, BufferError, vf.VulkanForgeError) as refusal:
        code, text = getattr(refusal, "code", None), str(refusal)
    assert "incompatible" not in text, arguments
    assert code not in ("INTERNAL", "UNMAPPED_ERROR"), arguments


def test_odd_arguments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some odd values are names of files
    chance, values = random.Random(0), odd_values()
    for name, (call, working) in cases(tmp_path).items():
        call(**working)
        for argument in working:
            for value in chance.sample(values, 12) + values * (argument in ("threads", "name", "size", "selector")):
                large = name in ("grid_generate", "run_benchmark", "render_triangle_rgba", "render_triangle_png")
                if large and type(value) is int and value > 64:
                    continue  # right, but gigabytes
                assert_fair(call, {**working, argument: value})
        for _ in range(5):  # several at once
            assert_fair(call, {argument: chance.choice(values[-50:]) for argument in working})
