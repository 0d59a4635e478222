"""Vertices from NumPy and from the device: dtypes, layouts, instances, indices, and counts that the device reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from drawing import FULL, at_pixels
from vulkan_forge import graphics
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

FLAT = graphics.DrawState(depth_test=False)
POINTS = graphics.DrawState(topology="points", depth_test=False)
COUNT = graphics.DrawState(topology="points", depth_test=False, blend=graphics.Blend(target="one"))
DOT = """layout(location = 0) in vec2 position;
void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; }"""
ONE = "layout(location = 0) out float count; void main() { count = 1.0; }"


def echo(kind, state=POINTS):
    """Points whose pixel gets a vertex input of this type, as the shader sees it."""
    scalar = {"u": "u", "i": "i"}.get(kind[0] if kind != "int" else "i", "")
    size = int(kind[-1]) if kind[-1].isdigit() else 1
    filled = ", ".join(["value" if size == 1 else f"value[{i}]" for i in range(size)] + ["0"] * (4 - size))
    vertex = f"""layout(location = 0) in vec2 position; layout(location = 1) in {kind} value;
    layout(location = 0) flat out {scalar}vec4 seen;
    void main() {{ gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; seen = {scalar}vec4({filled}); }}"""
    fragment = f"""layout(location = 0) flat in {scalar}vec4 seen; layout(location = 0) out {scalar}vec4 color;
    void main() {{ color = seen; }}"""
    target = "rgba32ui" if scalar == "u" else "rgba32i" if scalar == "i" else "rgba32f"
    return graphics.Pipeline(vertex=vertex, fragment=fragment, state=state), target


def echoed(kind, values, wrap=lambda a: a):
    pipeline, format = echo(kind)
    n = len(values)
    target = graphics.Target(n, 1, format=format, depth=False)
    places = at_pixels([(i, 0) for i in range(n)], n, 1)
    target.draw(pipeline, vertices={"position": places, "value": wrap(values)}, clear=0)
    return target.read()[0]


@pytest.mark.parametrize("wrap", [lambda a: a, vf.asarray], ids=["ndarray", "Array"])
@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        (np.float32, "vec"), (np.float16, "vec"), (np.uint8, "vec"), (np.uint16, "vec"), (np.int8, "vec"),
        (np.int16, "vec"), (np.int32, "ivec"), (np.int16, "ivec"), (np.int8, "ivec"), (np.uint32, "uvec"),
        (np.uint16, "uvec"), (np.uint8, "uvec"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 2, 4])
def test_dtypes_arrive(device, dtype, kind, size, wrap):
    rng = np.random.default_rng(1)
    shape = (5, size) if size > 1 else 5
    if np.issubdtype(dtype, np.integer):
        low = 1 - np.iinfo(dtype).max if np.issubdtype(dtype, np.signedinteger) else 0
        values = rng.integers(low, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    else:
        values = rng.standard_normal(shape).astype(dtype)
    name = kind + str(size) if size > 1 else {"vec": "float", "ivec": "int", "uvec": "uint"}[kind]
    try:
        got = echoed(name, values, wrap)
    except vf.UnsupportedError as error:
        assert "vertex format" in str(error)  # noqa: PT017
        return
    want = values.reshape(5, size).astype(np.float64)
    if kind == "vec" and np.issubdtype(dtype, np.integer):
        want /= np.iinfo(dtype).max  # shares of one
    np.testing.assert_allclose(got[:, :size], want, rtol=1e-6, atol=1e-7)


def test_matrices_are_columns(device):
    values = np.arange(48, dtype=np.float32).reshape(3, 4, 4)
    vertex = """layout(location = 0) in vec2 position; layout(location = 1) in mat4 value;
    layout(location = 5) in uint at; layout(location = 0) flat out vec4 seen;
    void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; seen = value[at]; }"""
    fragment = (
        "layout(location = 0) flat in vec4 seen; layout(location = 0) out vec4 color; void main() { color = seen; }"
    )
    pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=POINTS)
    target = graphics.Target(3, 1, format="rgba32f", depth=False)
    places = at_pixels([(i, 0) for i in range(3)], 3, 1)
    columns = np.array([0, 3, 1], np.uint32)
    target.draw(pipeline, vertices={"position": places, "value": values, "at": columns}, clear=0)
    np.testing.assert_array_equal(target.read()[0], values[np.arange(3), columns])


@pytest.mark.parametrize("align", [False, True])
def test_structures_are_drawn_as_they_lie(device, align):
    dtype = np.dtype([("value", "f4", 3), ("position", "f4", 2), ("more", "f8")], align=align)
    points = np.zeros(4, dtype)
    points["value"] = np.arange(12).reshape(4, 3)
    points["position"] = at_pixels([(i, 0) for i in range(4)], 4, 1)
    pipeline, format = echo("vec3")
    target = graphics.Target(4, 1, format=format, depth=False)
    with pytest.raises(vf.BindingError, match=r"unknown vertex input of pipeline.*more"):
        target.draw(pipeline, vertices=points)
    view = np.ndarray(4, {"names": ["value", "position"], "formats": [("f4", 3), ("f4", 2)],
                          "offsets": [0, 12], "itemsize": dtype.itemsize}, points.data)  # fmt: skip
    target.draw(pipeline, vertices=view, clear=0)
    np.testing.assert_array_equal(target.read()[0, :, :3], points["value"])


def test_fields_that_are_not_aligned_are_refused(device):
    points = np.zeros(2, [("tag", "u1"), ("value", "f4", 3), ("position", "f4", 2)])
    pipeline, format = echo("vec3")
    view = points[["value", "position"]]
    with pytest.raises(vf.LayoutError, match="align=True"):
        graphics.Target(2, 1, format=format, depth=False).draw(pipeline, vertices=view)


@settings(max_examples=20, deadline=None)
@given(columns=st.integers(3, 9), first=st.integers(0, 6), step=st.integers(1, 3), on_device=st.booleans())
def test_rows_with_gaps_are_drawn_in_place(columns, first, step, on_device):
    first = min(first, columns - 3)
    table = np.arange(6 * step * columns, dtype=np.float32).reshape(6 * step, columns)
    values = table[::step, first : first + 3]
    if on_device:
        there = vf.asarray(table)[::step, first : first + 3]
        got = echoed("vec3", values, lambda _: there)
    else:
        got = echoed("vec3", values)
    np.testing.assert_array_equal(got[:, :3], values)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (np.zeros((4, 6), np.float32)[:, ::2], "C-contiguous"),
        (np.zeros((4, 3), np.float32)[::-1], "C-contiguous"),
        (np.asfortranarray(np.zeros((4, 3), np.float32)), "C-contiguous"),
        (np.broadcast_to(np.zeros(3, np.float32), (4, 3)), "C-contiguous"),
    ],
)
def test_what_does_not_lie_forwards_is_refused(device, values, match):
    with pytest.raises(vf.LayoutError, match=match):
        echoed("vec3", values)


def test_nothing_is_cast(device):
    for values in (
        np.zeros((4, 3)),
        np.zeros((4, 3), np.int64),
        np.zeros((4, 3), np.uint32),
        np.zeros((4, 2), np.float32),
    ):
        with pytest.raises(vf.DtypeError, match=r"vertex input value of pipeline.*vec3: \(N, 3\)"):
            echoed("vec3", values)
    with pytest.raises(vf.ShapeError, match="vertex input value"):
        echoed("vec3", np.zeros((4, 3, 1, 1), np.float32))


def test_host_memory_is_used_in_place(device):
    """Where the device shares memory with the host a draw of millions of vertices makes no buffer of its own."""
    if not device.shares_memory_with_host:
        pytest.skip("the device has memory of its own")
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=POINTS)
    target = graphics.Target(4, 4, format="r32f", depth=False)
    many = np.zeros((1 << 18, 2), np.float32)
    target.draw(pipeline, vertices={"position": many})
    before = device.counts()
    seen = []
    for _ in range(3):
        target.draw(pipeline, vertices={"position": many})
        seen.append(device.counts()["buffer_bytes"])
    assert set(seen) == {before["buffer_bytes"]}


def test_kernels_write_what_draws_read(device):
    """Positions computed on the device, drawn without leaving it: one point on each pixel of the diagonal."""
    place = vf.Kernel("""layout(local_size_x = 64) in;
    layout(binding = 0) writeonly buffer P { vec2 positions[]; };
    layout(push_constant) uniform Push { uint n; };
    void main() { uint i = gl_GlobalInvocationID.x; if (i < n) positions[i] = (vec2(i, i) + 0.5) / n * 2.0 - 1.0; }""")
    positions = vf.empty((64, 2), dtype=np.float32)
    place(positions=positions, n=64, threads=64)
    target = graphics.Target(64, 64, format="r32f", depth=False)
    target.draw(graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT), vertices={"position": positions}, clear=0.0)
    np.testing.assert_array_equal(target.read(), np.eye(64, dtype=np.float32)[::-1])


# ---------------------------------------------------------------- instances

SHIFTED = """layout(location = 0) in vec2 corner;
layout(location = 1) in vec2 offset; layout(location = 2) in float ink;
layout(location = 0) flat out float seen;
void main() { gl_Position = vec4(corner + offset, 0.0, 1.0); gl_PointSize = 1.0; seen = ink; }"""
SEEN = "layout(location = 0) flat in float seen; layout(location = 0) out float color; void main() { color = seen; }"


@settings(max_examples=10, deadline=None)
@given(instances=st.integers(1, 40), vertices=st.integers(1, 8))
def test_each_instance_is_counted(instances, vertices):
    target = graphics.Target(1, 1, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    middle = {"position": np.zeros((vertices, 2), np.float32)}
    target.draw(pipeline, vertices=middle, instances=instances, clear=0.0)
    assert target.read()[0, 0] == instances * vertices
    target.draw(pipeline, vertices=middle, instances=0)
    assert target.read()[0, 0] == instances * vertices


@pytest.mark.parametrize("form", ["dict", "structure", "array"])
def test_streams_per_instance(device, form):
    """A dot moved to a place of its own in each instance, with an ink of its own."""
    n = 12
    dots = np.zeros(n, [("offset", "f4", 2), ("ink", "f4")])
    dots["offset"] = at_pixels([(i, 0) for i in range(n)], n, 1)
    dots["ink"] = np.arange(1, n + 1)
    per_instance = dots if form == "structure" else {"offset": dots["offset"].copy(), "ink": dots["ink"].copy()}
    if form == "array":
        per_instance = {name: vf.asarray(values) for name, values in per_instance.items()}
    pipeline = graphics.Pipeline(vertex=SHIFTED, fragment=SEEN, state=POINTS)
    target = graphics.Target(n, 1, format="r32f", depth=False)
    corner = {"corner": np.zeros((1, 2), np.float32)}
    target.draw(pipeline, vertices=corner, per_instance=per_instance, clear=0.0)
    np.testing.assert_array_equal(target.read()[0], np.arange(1, n + 1))
    with pytest.raises(vf.InputError, match="the instances for pipeline"):
        target.draw(pipeline, vertices=corner, per_instance=per_instance, instances=3)
    with pytest.raises(vf.BindingError, match="given twice"):
        target.draw(pipeline, vertices={**corner, "ink": np.zeros(1, np.float32)}, per_instance=per_instance)
    with pytest.raises(vf.BindingError, match="missing vertex input"):
        target.draw(pipeline, vertices=corner)
    if form == "dict":
        with pytest.raises(vf.ShapeError, match="12 instances"):
            target.draw(pipeline, vertices=corner, per_instance={**per_instance, "ink": np.zeros(3, np.float32)})


# ---------------------------------------------------------------- indices and indirect counts


@pytest.mark.parametrize("wrap", [lambda a: a, vf.asarray], ids=["ndarray", "Array"])
@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_indices_choose_vertices(device, dtype, wrap):
    n = 16
    places = at_pixels([(i, 0) for i in range(n)], n, 1)
    chosen = np.array([3, 3, 7, 0, 15, 3], dtype)
    target = graphics.Target(n, 1, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    target.draw(pipeline, vertices={"position": places}, indices=wrap(chosen), clear=0.0)
    np.testing.assert_array_equal(target.read()[0], np.bincount(chosen, minlength=n))
    for wrong in (chosen.astype(np.int64), chosen.astype(np.uint8)):
        with pytest.raises(vf.DtypeError, match="uint32 or uint16"):
            target.draw(pipeline, vertices={"position": places}, indices=wrap(wrong))
    with pytest.raises(vf.LayoutError):
        target.draw(pipeline, vertices={"position": places}, indices=wrap(chosen)[::2])


@settings(max_examples=15, deadline=None)
@given(chosen=st.lists(st.integers(0, 15), max_size=60), small=st.booleans(), instances=st.integers(1, 5))
def test_any_indices_are_counted(chosen, small, instances):
    n, indices = 16, np.array(chosen, np.uint16 if small else np.uint32)
    target = graphics.Target(n, 1, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    places = at_pixels([(i, 0) for i in range(n)], n, 1)
    for given_as in (indices, vf.asarray(indices)):
        target.draw(pipeline, vertices={"position": places}, indices=given_as, instances=instances, clear=0.0)
        np.testing.assert_array_equal(target.read()[0], instances * np.bincount(indices, minlength=n))


def test_counts_that_a_kernel_wrote(device):
    """A kernel keeps what it likes and says how many; the draw asks the device, not the host."""
    keep = vf.Kernel("""layout(local_size_x = 64) in;
    layout(binding = 0) readonly buffer X { float x[]; };
    layout(binding = 1) writeonly buffer P { vec2 positions[]; };
    layout(binding = 2) buffer C { uint counts[]; };
    void main() { uint i = gl_GlobalInvocationID.x; if (i >= x.length() || x[i] < 0.5) return;
      uint at = atomicAdd(counts[0], 1u);
      positions[at] = vec2((i + 0.5) / x.length() * 2.0 - 1.0, 0.0); }""")
    x = np.random.default_rng(2).random(200, np.float32)
    positions, counts = vf.empty((200, 2), dtype=np.float32), vf.asarray(np.array([0, 2, 0, 0], np.uint32))
    keep(x=vf.asarray(x), positions=positions, counts=counts, threads=200)
    target = graphics.Target(200, 1, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    target.draw(pipeline, vertices={"position": positions}, indirect=counts, clear=0.0)
    np.testing.assert_array_equal(target.read()[0], 2.0 * (x >= 0.5))


def test_indirect_rows(device):
    n = 8
    places = at_pixels([(i, 0) for i in range(n)], n, 1)
    target = graphics.Target(n, 1, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    rows = vf.asarray(np.array([[2, 1, 0, 0], [3, 2, 5, 0], [0, 9, 0, 0]], np.uint32))
    target.draw(pipeline, vertices={"position": places}, indirect=rows, clear=0.0)
    assert target.read()[0].tolist() == [1, 1, 0, 0, 0, 2, 2, 2]
    indexed = vf.asarray(np.array([[2, 1, 1, 0, 0], [1, 3, 0, 4, 0]], np.uint32))
    indices = vf.asarray(np.array([1, 6, 7], np.uint16))
    target.draw(pipeline, vertices={"position": places}, indices=indices, indirect=indexed, clear=0.0)
    assert target.read()[0].tolist() == [0, 0, 0, 0, 0, 3, 1, 1]


def test_a_draw_without_a_count_is_no_empty_picture(device):
    target = graphics.Target(2, 2, format="r32f", depth=False)
    vertex = "void main() { gl_Position = vec4(0.0, 0.0, 0.0, 1.0); gl_PointSize = 1.0; }"
    pipeline = graphics.Pipeline(vertex=vertex, fragment=ONE, state=COUNT)
    for options in ({}, {"instances": 3}):
        with pytest.raises(vf.InputError, match="the count for pipeline is missing"):
            target.draw(pipeline, clear=0.0, **options)
    with pytest.raises(vf.StateError, match="nothing was drawn"):
        target.read()


@pytest.mark.parametrize("wrap", [lambda a: a, vf.asarray], ids=["ndarray", "Array"])
def test_no_rows_draw_nothing(device, wrap):
    target = graphics.Target(2, 2, format="r32f", depth=False)
    none, one = wrap(np.zeros((0, 2), np.float32)), np.zeros((1, 2), np.float32)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    target.draw(pipeline, vertices={"position": none}, clear=5.0)
    target.draw(pipeline, vertices={"position": one}, indices=wrap(np.zeros(0, np.uint32)))
    target.draw(pipeline, vertices={"position": one}, indirect=vf.asarray(np.zeros((0, 4), np.uint32)))
    assert (target.read() == 5).all()


def test_indirect_counts_are_checked(device):
    target = graphics.Target(2, 2, format="r32f", depth=False)
    pipeline = graphics.Pipeline(vertex=DOT, fragment=ONE, state=COUNT)
    vertices = {"position": FULL}
    four = vf.asarray(np.array([3, 1, 0, 0], np.uint32))
    for kind, match, options in [
        (vf.ArgumentTypeError, "an Array of uint32", {"indirect": np.array([3, 1, 0, 0], np.uint32)}),
        (vf.DtypeError, "uint32", {"indirect": vf.asarray(np.zeros(4, np.int32))}),
        (vf.ShapeError, r"\(4,\) or \(N, 4\)", {"indirect": vf.asarray(np.zeros(5, np.uint32))}),
        (vf.ShapeError, r"\(5,\) or \(N, 5\)", {"indirect": four, "indices": np.zeros(3, np.uint32)}),
        (vf.ShapeError, "indirect", {"indirect": vf.asarray(np.zeros((1, 1, 4), np.uint32))}),
        (vf.InputError, "indirect alone", {"indirect": four, "instances": 2}),
        (vf.ArgumentTypeError, "count", {"count": 1.5}),
        (vf.InputError, "0 or more", {"instances": -1}),
    ]:
        with pytest.raises(kind, match=match):
            target.draw(pipeline, vertices=vertices, **options)


def test_interpolation_is_linear_on_the_plane_and_correct_in_depth(device):
    """Values across a triangle, with and without perspective, against barycentric coordinates by NumPy."""
    vertex = """layout(location = 0) in vec4 corner; layout(location = 1) in float value;
    layout(location = 0) out float smooth_; layout(location = 1) noperspective out float flat_;
    void main() { gl_Position = corner; smooth_ = value; flat_ = value; }"""
    fragment = """layout(location = 0) in float smooth_; layout(location = 1) noperspective in float flat_;
    layout(location = 0) out vec2 color; void main() { color = vec2(smooth_, flat_); }"""
    pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=FLAT)
    plane = np.array([[-1, -1], [1, -1], [-1, 1]], np.float64)  # nothing is clipped: some drivers lose values there
    w, value = np.array([1, 2, 4.0]), np.array([0, 1, 10.0])
    corners = np.concatenate([plane * w[:, None], np.zeros((3, 1)), w[:, None]], axis=1).astype(np.float32)
    target = graphics.Target(16, 8, format="rg32f", depth=False)
    target.draw(pipeline, vertices={"corner": corners, "value": value.astype(np.float32)})
    x, y = (np.arange(16) + 0.5) / 8 - 1, 1 - (np.arange(8)[:, None] + 0.5) / 4
    share = np.stack(np.broadcast_arrays(-(x + y) / 2, (x + 1) / 2, (y + 1) / 2), axis=-1)
    inside = share.min(axis=-1) > 0
    picture, share = target.read()[inside], share[inside]
    np.testing.assert_allclose(picture[:, 1], share @ value, atol=2e-4)
    np.testing.assert_allclose(picture[:, 0], (share @ (value / w)) / (share @ (1 / w)), atol=2e-4)


def test_staging_devices_draw_strided_rows(device):
    table = np.arange(24, dtype=np.float32).reshape(4, 6)
    with _testing.open_device(force_staging=True) as other:
        target = graphics.Target(4, 1, format="r32f", depth=False, device=other)
        pipeline = graphics.Pipeline(vertex=SHIFTED, fragment=SEEN, state=POINTS, device=other)
        places = at_pixels([(i, 0) for i in range(4)], 4, 1)
        target.draw(
            pipeline,
            vertices={"corner": np.zeros((1, 2), np.float32)},
            per_instance={"offset": places, "ink": table[:, 2]},
            clear=0.0,
        )
        np.testing.assert_array_equal(target.read()[0], table[:, 2])
