"""Target and Pipeline: NumPy vertices through users' shaders."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import graphics
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

VERTEX = """layout(location = 0) in vec2 position; layout(location = 1) in vec4 tint;
layout(location = 0) out vec4 color; layout(push_constant) uniform Push { float depth; };
void main() { gl_Position = vec4(position, depth, 1.0); color = tint; }"""
FRAGMENT = "layout(location = 0) in vec4 color; layout(location = 0) out vec4 ink; void main() { ink = color; }"
FULL = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)  # one triangle over the whole picture
RED = np.tile(np.array([1, 0, 0, 1], np.float32), (3, 1))


@pytest.fixture
def pipeline(device):
    return graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT)


def fill(target, pipeline, tint, depth=0.5, **options):
    target.draw(
        pipeline, vertices={"position": FULL, "tint": np.tile(np.float32(tint), (3, 1))}, depth=depth, **options
    )


def test_y_points_up_and_row_0_is_the_top(pipeline):
    target = graphics.Target(8, 8)
    lower = np.array([[-1, -1], [1, -1], [1, 0], [-1, -1], [1, 0], [-1, 0]], np.float32)
    target.draw(
        pipeline, vertices={"position": lower, "tint": np.ones((6, 4), np.float32)}, clear=(0, 0, 0, 0), depth=0.0
    )
    picture = target.read()
    assert (picture[4:] == 255).all()
    assert (picture[:4] == 0).all()


@pytest.mark.parametrize("make", [dict, "structured", "array"])
def test_vertices_come_as_dict_structure_or_array(pipeline, make):
    target = graphics.Target(4, 4)
    if make == "structured":
        vertices = np.zeros(3, dtype=[("tint", "f4", 4), ("pad", "u1", 4), ("position", "f4", 2)])
        vertices["tint"], vertices["position"] = RED, FULL
        with pytest.raises(vf.BindingError, match="pad"):  # a field that no input has is a mistake, not padding
            target.draw(pipeline, vertices=vertices, depth=0.0)
        plain = np.zeros(3, dtype=[("tint", "f4", 4), ("position", "f4", 2)])
        plain["tint"], plain["position"] = RED, FULL
        target.draw(pipeline, vertices=plain, clear=(0, 0, 0, 1), depth=0.0)
    elif make == "array":
        target.draw(
            pipeline, vertices={"position": vf.asarray(FULL), "tint": vf.asarray(RED)}, clear=(0, 0, 0, 1), depth=0.0
        )
    else:
        target.draw(pipeline, vertices={"position": FULL, "tint": RED}, clear=(0, 0, 0, 1), depth=0.0)
    assert (target.read() == [255, 0, 0, 255]).all()


@pytest.mark.parametrize(("dtype", "one"), [(np.uint8, 255), (np.uint16, 65535), (np.float16, 1)])
def test_small_types_are_shares_of_one(pipeline, dtype, one):
    target = graphics.Target(2, 2)
    tint = np.tile(np.array([one, 0, one, one], dtype), (3, 1))
    target.draw(pipeline, vertices={"position": FULL, "tint": tint}, clear=(0, 0, 0, 0), depth=0.0)
    assert (target.read() == [255, 0, 255, 255]).all()


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_indices(pipeline, dtype):
    target = graphics.Target(2, 2)
    corners = np.concatenate([np.zeros((5, 2), np.float32), FULL])
    tint = np.ones((8, 4), np.float32)
    target.draw(
        pipeline,
        vertices={"position": corners, "tint": tint},
        indices=np.array([5, 6, 7], dtype),
        clear=(0, 0, 0, 0),
        depth=0.0,
    )
    assert (target.read() == 255).all()
    with pytest.raises(vf.RangeError, match="no vertex"):
        target.draw(
            pipeline, vertices={"position": corners, "tint": tint}, indices=np.array([5, 6, 8], dtype), depth=0.0
        )
    with pytest.raises(vf.DtypeError, match="uint32"):
        target.draw(pipeline, vertices={"position": corners, "tint": tint}, indices=np.array([5, 6, 7]), depth=0.0)


def test_depth_decides_and_is_read_back(pipeline):
    target = graphics.Target(4, 4)
    fill(target, pipeline, (1, 0, 0, 1), depth=0.25, clear=(0, 0, 0, 0))
    fill(target, pipeline, (0, 1, 0, 1), depth=0.75)
    assert (target.read() == [255, 0, 0, 255]).all()
    np.testing.assert_array_equal(target.read_depth(), np.full((4, 4), 0.25, np.float32))
    fill(target, pipeline, (0, 0, 1, 1), depth=0.125)
    assert (target.read() == [0, 0, 255, 255]).all()


@pytest.mark.parametrize(
    ("blend", "want"),
    [
        ("none", (0, 1, 0, 0.5)),
        ("alpha", (0.5, 0.5, 0, 1)),
        ("add", (1, 0.5, 0, 1.5)),
        ("premultiplied", (0.5, 1, 0, 1)),
    ],
)
def test_blending(device, blend, want):
    target = graphics.Target(1, 1, format="rgba32f", depth=False)
    under = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT, state=graphics.DrawState(depth_test=False))
    over = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT, state=graphics.DrawState(depth_test=False, blend=blend))
    fill(target, under, (1, 0, 0, 1), clear=(0, 0, 0, 0))
    fill(target, over, (0, 1, 0, 0.5))
    np.testing.assert_allclose(target.read()[0, 0], want, atol=1e-6)


def test_culling_goes_by_the_winding_on_the_picture(device):
    target = graphics.Target(2, 2)
    back = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT, state=graphics.DrawState(cull="back"))
    fill(target, back, (1, 1, 1, 1), clear=(0, 0, 0, 0))  # FULL is counter-clockwise with y up
    assert target.read().all()
    target.draw(back, vertices={"position": FULL[::-1].copy(), "tint": RED}, clear=(0, 0, 0, 0), depth=0.0)
    assert not target.read().any()


@pytest.mark.parametrize(
    ("name", "dtype", "channels"),
    [
        ("rgba8", np.uint8, 4),
        ("rgba16f", np.float16, 4),
        ("rgba32f", np.float32, 4),
        ("rg32f", np.float32, 2),
        ("r32f", np.float32, 1),
    ],
)
def test_formats(pipeline, name, dtype, channels):
    target = graphics.Target(7, 5, format=name)
    fill(target, pipeline, (0.25, 0.5, 0.75, 1), clear=(0, 0, 0, 0))
    picture = target.read()
    assert picture.dtype == dtype
    assert picture.shape == ((5, 7) if channels == 1 else (5, 7, channels))
    want = np.array([0.25, 0.5, 0.75, 1][:channels]) * (255 if dtype == np.uint8 else 1)
    np.testing.assert_allclose(
        picture.reshape(5, 7, channels).astype(float), np.broadcast_to(want, (5, 7, channels)), atol=1
    )


def test_many_samples_smooth_edges(pipeline):
    edge = np.array([[-1, -1], [1, -1], [-1, 1]], np.float32)
    values = []
    for samples in (1, 4):
        target = graphics.Target(16, 16, samples=samples)
        target.draw(
            pipeline, vertices={"position": edge, "tint": np.ones((3, 4), np.float32)}, clear=(0, 0, 0, 0), depth=0.0
        )
        values.append(len(np.unique(target.read()[..., 0])))
    assert values[0] == 2
    assert values[1] > 2


def test_refusals_leave_the_picture(pipeline):
    target = graphics.Target(2, 2)
    fill(target, pipeline, (1, 1, 1, 1), clear=(0, 0, 0, 0))
    vertices = {"position": FULL, "tint": RED}
    for kind, match, options in [
        (vf.BindingError, "missing vertex input", {"vertices": {"position": FULL}, "depth": 0.0}),
        (vf.BindingError, "unknown vertex input", {"vertices": {**vertices, "other": FULL}, "depth": 0.0}),
        (vf.BindingError, "missing argument", {"vertices": vertices}),
        (vf.BindingError, "unknown argument", {"vertices": vertices, "depth": 0.0, "deep": 1}),
        (vf.DtypeError, "does not fit", {"vertices": {**vertices, "position": FULL.astype(float)}, "depth": 0.0}),
        (vf.DtypeError, "does not fit", {"vertices": {**vertices, "position": RED}, "depth": 0.0}),
        (vf.ShapeError, "3 vertices", {"vertices": {**vertices, "tint": np.ones((4, 4), np.float32)}, "depth": 0.0}),
        (vf.LayoutError, "C-contiguous", {"vertices": {**vertices, "position": np.asfortranarray(FULL)}, "depth": 0.0}),
        (TypeError, "dict of arrays", {"vertices": FULL, "depth": 0.0}),
        (TypeError, "four numbers", {"vertices": vertices, "depth": 0.0, "clear": (0, 0)}),
    ]:
        with pytest.raises(kind, match=match):
            target.draw(pipeline, **options)
    assert (target.read() == 255).all()


def test_targets_and_pipelines_check_themselves(pipeline):
    for size in [(0, 4), (4, -1)]:
        with pytest.raises(ValueError, match="width and height must be > 0"):
            graphics.Target(*size)
    with pytest.raises(TypeError):
        graphics.Target(1.5, 2)
    with pytest.raises(vf.InputError, match="pixel format"):
        graphics.Target(2, 2, format="bgr")
    with pytest.raises(vf.LimitError):
        graphics.Target(1 << 20, 2)
    with pytest.raises(vf.UnsupportedError, match="samples"):
        graphics.Target(2, 2, samples=3)
    with pytest.raises(vf.StateError, match="depth"):
        fill(graphics.Target(2, 2, depth=False), pipeline, (1, 1, 1, 1))
    with pytest.raises(vf.StateError, match="no depth"):
        graphics.Target(2, 2, depth=False).read_depth()
    with pytest.raises(vf.ShaderError, match=r"pipeline.frag:1"):
        graphics.Pipeline(vertex=VERTEX, fragment="void main() { nonsense }")
    with pytest.raises(vf.ShaderError, match="cannot bind"):
        graphics.Pipeline(
            vertex=VERTEX,
            fragment="layout(binding = 0) uniform samplerCube s; layout(location = 0) out vec4 c;"
            " void main() { c = texture(s, vec3(0)); }",
        )


def test_staging_devices_draw_the_same(pipeline):
    want = graphics.Target(9, 7)
    fill(want, pipeline, (0.3, 0.6, 0.9, 1), clear=(0, 0, 0, 0))
    with _testing.open_device(force_staging=True) as other:
        there = graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT, device=other)
        got = graphics.Target(9, 7, device=other)
        fill(got, there, (0.3, 0.6, 0.9, 1), clear=(0, 0, 0, 0))
        np.testing.assert_array_equal(got.read(), want.read())
        with pytest.raises(vf.InputError, match="one device"):
            fill(got, pipeline, (1, 1, 1, 1))


def test_closed_objects_say_so(pipeline):
    target = graphics.Target(2, 2)
    target.close()
    with pytest.raises(vf.StateError, match="close"):
        target.read()
    with graphics.Target(2, 2) as target, graphics.Pipeline(vertex=VERTEX, fragment=FRAGMENT) as used:
        used.close()
        with pytest.raises(vf.StateError, match="close"):
            fill(target, used, (1, 1, 1, 1))


def test_a_count_that_is_not_the_vertices_is_refused(pipeline):
    target = graphics.Target(2, 2)
    vertices = {"position": FULL, "tint": RED}
    for count in (0, 2, 4, 2**40):
        with pytest.raises(vf.InputError, match="the count for"):
            target.draw(pipeline, vertices=vertices, count=count, clear=(0, 0, 0, 1), depth=0.0)
    target.draw(pipeline, vertices=vertices, count=3, clear=(0, 0, 0, 1), depth=0.0)
    assert (target.read() == [255, 0, 0, 255]).all()


def test_vertices_on_another_device_are_refused(pipeline):
    target = graphics.Target(2, 2)
    with vf.Device() as device:
        vertices = {"position": vf.asarray(FULL, device=device), "tint": RED}
        with pytest.raises(vf.InputError, match="memory of another device"):
            target.draw(pipeline, vertices=vertices, clear=(0, 0, 0, 1), depth=0.0)
