"""Structured arrays as kernel arguments: every layout field by field, what differs named, what Kernel.dtype gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf

pytestmark = pytest.mark.gpu

STRUCTS = """
struct Inner { vec3 a; float b; };
struct Item { float f; vec3 v; uint flag; mat3 m; float w[2]; Inner inner[2]; bool ok; mat4x2 t; };
"""
# offsets and itemsize as the GLSL specification (4.4.5 and 7.6.2.2) and GL_EXT_scalar_block_layout give them
LAYOUTS = {
    "std430": ([0, 16, 28, 32, 80, 96, 128, 136], 176),
    "std140": ([0, 16, 28, 32, 80, 112, 144, 160], 224),
    "scalar": ([0, 4, 16, 20, 56, 64, 96, 100], 132),
}
HEAD = "#extension GL_EXT_scalar_block_layout : require\n"


def needs(device, layout):
    if layout == "scalar" and not device.has("scalarBlockLayout"):
        pytest.skip("needs scalarBlockLayout")


def reader(layout):
    """Sums every member of every item with a weight of its own."""
    return vf.Kernel(
        HEAD
        + STRUCTS
        + f"""layout(local_size_x = 1) in;
        layout(binding = 0, {layout}) readonly buffer Items {{ Item items[]; }};
        layout(binding = 1) buffer Y {{ float y[]; }};
        void main() {{
          uint i = gl_GlobalInvocationID.x;
          Item s = items[i];
          float sum = s.f + 2.0 * s.v.x + 3.0 * s.v.z + 4.0 * float(s.flag) + (s.ok ? 100.0 : 0.0);
          for (int c = 0; c < 3; ++c) for (int r = 0; r < 3; ++r) sum += s.m[c][r] * float(5 + c * 3 + r);
          for (int k = 0; k < 2; ++k) sum += s.w[k] * float(20 + k) + s.inner[k].a.y * float(30 + k) + s.inner[k].b;
          for (int c = 0; c < 4; ++c) sum += s.t[c].y * float(40 + c);
          y[i] = sum;
        }}""",
        name="reader",
    )


def filled(dtype, count, seed=0):
    rng = np.random.default_rng(seed)
    items = np.zeros(count, dtype)
    for name in dtype.names:
        if name == "inner":
            items[name]["a"] = rng.integers(-9, 9, items[name]["a"].shape)
            items[name]["b"] = rng.integers(-9, 9, items[name]["b"].shape)
        else:
            items[name] = rng.integers(0, 2 if name == "ok" else 9, items[name].shape)
    return items


def spec(items):
    w = items["w"] if items["w"].ndim == 2 else items["w"][..., 0]  # std140 pads each number to four
    m = items["m"][:, :, :3]
    t = items["t"][:, :, :2]
    total = items["f"] + 2 * items["v"][:, 0] + 3 * items["v"][:, 2] + 4.0 * items["flag"] + 100.0 * items["ok"]
    total += (m * np.arange(5, 14).reshape(3, 3)).sum((1, 2)) + (w * [20, 21]).sum(1)
    total += (items["inner"]["a"][..., 1] * [30, 31]).sum(1) + items["inner"]["b"].sum(1)
    return total + (t[..., 1] * np.arange(40, 44)).sum(1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_field_by_field(device, layout):
    needs(device, layout)
    kernel = reader(layout)
    offsets, itemsize = LAYOUTS[layout]
    dtype = kernel.dtype("items")
    assert [dtype.fields[name][1] for name in dtype.names] == offsets
    assert dtype.itemsize == itemsize
    items = filled(dtype, 7)
    for given_items in (items, vf.Buffer(items)):
        y = np.zeros(7, np.float32)
        kernel(items=given_items, y=y, threads=7)
        np.testing.assert_array_equal(y, spec(items))


def test_offsets_that_differ_are_named():
    kernel = reader("std430")
    dtype = kernel.dtype("items")
    packed = np.dtype([(name, dtype.fields[name][0]) for name in dtype.names])
    y = np.zeros(3, np.float32)
    with pytest.raises(vf.LayoutError, match="field v at another place; expected byte 16; got byte 4") as caught:
        kernel(items=np.zeros(3, packed), y=y, threads=3)
    text = caught.value.details["mend"]
    assert "kernel.dtype" in text
    assert eval(text.partition("which is ")[2], {"np": np}) == dtype  # noqa: S307: our own words
    assert not y.any()


def changed(dtype, name, **parts):
    """A dtype with one field's format or offset replaced, or the field renamed, or the itemsize."""
    spec = {
        "names": list(dtype.names),
        "formats": [dtype.fields[n][0] for n in dtype.names],
        "offsets": [dtype.fields[n][1] for n in dtype.names],
        "itemsize": parts.get("itemsize", dtype.itemsize),
    }
    if name:
        at = dtype.names.index(name)
        spec["formats"][at] = parts.get("format", spec["formats"][at])
        spec["names"][at] = parts.get("rename", name)
    return np.dtype(spec)


@pytest.mark.parametrize(
    ("name", "parts", "error", "text"),
    [
        ("flag", {"format": "i4"}, vf.DtypeError, r"field flag; expected uint32 at byte 28; got int32"),
        ("flag", {"format": "?"}, vf.DtypeError, r"field flag; expected uint32 at byte 28; got bool"),
        ("v", {"format": ("f4", 4)}, vf.DtypeError, r"field v; expected float32\[3\] at byte 16; got float32\[4\]"),
        ("m", {"format": ("f4", (3, 3))}, vf.DtypeError, r"field m; expected float32\[3\]\[4\].*got float32\[3\]\[3\]"),
        ("inner", {"format": ("f4", 8)}, vf.DtypeError, r"field inner; expected a structure\[2\].*got float32\[8\]"),
        (
            "w",
            {"rename": "weights"},
            vf.DtypeError,
            r"lacks field w; expected float32\[2\] at byte 80; got fields f",
        ),
        (None, {"itemsize": 180}, vf.LayoutError, r"elements of another size; expected 176 bytes.*got 180"),
        ("f", {"format": ">f4"}, vf.DtypeError, "field f has a dtype"),
    ],
)
def test_fields_that_differ_are_named(name, parts, error, text):
    kernel = reader("std430")
    items = np.zeros(2, changed(kernel.dtype("items"), name, **parts))
    y = np.zeros(2, np.float32)
    with pytest.raises(error, match=text):
        kernel(items=items, y=y, threads=2)
    assert not y.any()


def test_nested_fields_are_named():
    kernel = reader("std430")
    dtype = kernel.dtype("items")
    inner = np.dtype([("b", "f4"), ("a", "f4", 3)])
    with pytest.raises(vf.LayoutError, match=r"field inner\.a at another place; expected byte 0; got byte 4"):
        kernel(items=np.zeros(2, changed(dtype, "inner", format=(inner, 2))), y=np.zeros(2, np.float32), threads=2)
    wide = np.dtype({"names": ["a", "b"], "formats": [("f4", 3), "f4"], "offsets": [0, 12], "itemsize": 20})
    smaller = changed(dtype, "inner", format=(wide, 2), itemsize=200)
    with pytest.raises(vf.LayoutError, match=r"elements of inner of another size; expected 16 bytes.*got 20"):
        kernel(items=np.zeros(2, smaller), y=np.zeros(2, np.float32), threads=2)


POINTS = """
struct Point { vec2 at; uint kind; };
layout(local_size_x = 1) in;
layout(binding = 0) buffer P { Point points[]; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < points.length()) { points[i].at *= 2.0; points[i].kind += 1u; }
}
"""


def test_padding_may_be_spelled_out_and_foreign_fields_not():
    kernel = vf.Kernel(POINTS)
    points = np.zeros(5, [("at", "f4", 2), ("kind", "u4"), ("_pad", "u4")])
    points["at"], points["_pad"] = 3, 77
    kernel(points=points, threads=5)
    assert (points["at"] == 6).all()
    assert (points["kind"] == 1).all()
    assert (points["_pad"] == 77).all()
    with pytest.raises(vf.DtypeError, match="a field that the shader lacks, mass; expected fields at, kind"):
        kernel(points=np.zeros(5, [("at", "f4", 2), ("kind", "u4"), ("mass", "f4")]), threads=5)


def test_a_complex_number_is_a_vector_of_two():
    kernel = vf.Kernel(POINTS)
    points = np.zeros(3, {"names": ["at", "kind"], "formats": ["c8", "u4"], "offsets": [0, 8], "itemsize": 16})
    points["at"] = 1 + 2j
    kernel(points=points, threads=3)
    assert (points["at"] == 2 + 4j).all()


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 300), offset=st.sampled_from([0, 1, 3, 16]))
def test_structures_at_any_address_and_count(count, offset):
    kernel = points_kernel()
    raw = np.zeros(count * 16 + 64, np.uint8)
    points = raw[offset : offset + count * 16].view(kernel.dtype("points"))
    points["at"] = 1
    kernel(points=points, threads=count)
    assert (points["at"] == 2).all()
    assert (points["kind"] == 1).all()
    assert not raw[offset + count * 16 :].any()


_KERNELS = {}


def points_kernel():
    return _KERNELS.setdefault("points", vf.Kernel(POINTS))


def test_devices_that_copy(staging):
    kernel = vf.Kernel(POINTS, device=staging)
    points = np.zeros((2, 3), kernel.dtype("points"))
    points["at"] = 4
    kernel(points=points, threads=6)
    assert (points["at"] == 8).all()


def test_what_cannot_be_taken():
    kernel = points_kernel()
    points = np.zeros(6, kernel.dtype("points"))
    with pytest.raises(vf.LayoutError, match="not C-contiguous"):
        kernel(points=points[::2], threads=3)
    points.flags.writeable = False
    with pytest.raises(vf.ReadOnlyError, match="points is written"):
        kernel(points=points, threads=6)
    with pytest.raises(vf.DtypeError, match="structures"):
        kernel(points=np.zeros(24, np.float32), threads=6)
    with pytest.raises(vf.DtypeError, match="takes numbers"):
        vf.Kernel("layout(binding=0) buffer X { float x[]; }; void main() { x[0] = 1; }")(
            x=np.zeros_like(points), threads=1
        )
    with pytest.raises(vf.DtypeError, match=r"argument points, field o has a dtype"):
        kernel(points=np.zeros(2, [("at", "f4", 2), ("o", "O")]), threads=2)
    with pytest.raises(vf.ArgumentTypeError, match="masked"):
        kernel(points=np.ma.zeros(2, kernel.dtype("points")), threads=2)


HEADED = """
layout(local_size_x = 1) in;
layout(binding = 0) buffer H { uint count; vec2 scale; float rest[]; } head;
layout(binding = 1, std140) uniform U { vec3 gain; float bias; mat2 turn; float table[3]; } u;
void main() {
  uint i = gl_GlobalInvocationID.x;
  head.rest[i] = head.rest[i] * head.scale.y * u.gain.z + u.bias + u.turn[1][0] + u.table[2] + float(head.count);
}
"""


def test_blocks_of_several_members():
    kernel = vf.Kernel(HEADED)
    head = np.zeros((), kernel.dtype("head", length=4))
    assert head.dtype.fields["rest"][1] == 16
    assert head.dtype.itemsize == 32
    assert kernel.dtype("head").itemsize == 16
    u = np.zeros(1, kernel.dtype("u"))
    assert u.dtype["table"].shape == (3, 4)
    head["count"], head["scale"], head["rest"] = 5, (0, 2), np.arange(4)
    u["gain"], u["bias"], u["table"] = (0, 0, 3), 10, [[1, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0]]
    u["turn"][0, 1, 0] = 100
    kernel(head=head, u=u, threads=4)
    np.testing.assert_array_equal(head["rest"], np.arange(4) * 6 + 10 + 100 + 3 + 5)
    with pytest.raises(vf.ShapeError, match=r"one block of several members; expected one structure"):
        kernel(head=head, u=np.zeros(2, kernel.dtype("u")), threads=4)
    with pytest.raises(vf.DtypeError, match=r"block of several members.*give one structure of np\.dtype"):
        kernel(head=head, u=np.zeros(20, np.float32), threads=4)
    with pytest.raises(vf.ShapeError, match=r"expected one structure.*got shape \(0,\)"):
        kernel(head=head, u=u[:0], threads=4)


PUSHED = """
struct Light { vec3 color; float power; };
layout(local_size_x = 1) in;
layout(push_constant) uniform Push { Light light; uint n; Light more[2]; bool on; };
layout(binding = 0) buffer Y { float y[]; };
void main() {
  y[0] = light.color.y * light.power;
  y[1] = float(n);
  y[2] = more[1].color.z;
  y[3] = more[0].power;
  y[4] = on ? 1.0 : 0.0;
}
"""


def test_structures_in_push_constants():
    kernel = vf.Kernel(PUSHED)
    dtype = kernel.dtype("light")
    lights = np.zeros(3, dtype)
    lights["color"], lights["power"] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [10, 20, 30]
    y = np.zeros(5, np.float32)
    for one in (lights[0], lights[:1], lights[0:1].reshape(())):
        kernel(light=one, n=4, more=lights[1:], on=True, y=y, threads=1)
        assert y.tolist() == [20, 4, 9, 20, 1]
    with pytest.raises(vf.ShapeError, match=r"argument more.*Light\[2\], 2 structures; got shape \(3,\)"):
        kernel(light=lights[0], n=4, more=lights, on=True, y=y, threads=1)
    with pytest.raises(vf.LayoutError, match="field power at another place; expected byte 12; got byte 16"):
        padded = np.zeros((), {"names": ["color", "power"], "formats": [("f4", 3), "f4"], "offsets": [0, 16]})
        kernel(light=padded, n=4, more=lights[1:], on=True, y=y, threads=1)
    for wrong in (1.0, (1, 2, 3, 4)):
        with pytest.raises(vf.ArgumentTypeError, match=r"a structured NumPy array.*fill np\.zeros\(\(\), np\.dtype"):
            kernel(light=wrong, n=4, more=lights[1:], on=True, y=y, threads=1)
    with pytest.raises(vf.DtypeError, match="argument n"):
        kernel(light=lights[0], n=lights[0], more=lights[1:], on=True, y=y, threads=1)


def test_structures_by_address(device):
    kernel = vf.Kernel(
        """#extension GL_EXT_buffer_reference : require
        struct Point { vec2 at; uint kind; };
        layout(local_size_x = 1) in;
        layout(buffer_reference, std430, buffer_reference_align = 4) buffer Points { Point at[]; };
        layout(push_constant) uniform Push { Points points; };
        void main() { points.at[gl_GlobalInvocationID.x].kind = gl_GlobalInvocationID.x; }"""
    )
    points = np.zeros(9, kernel.dtype("points"))
    kernel(points=points, threads=9)
    assert points["kind"].tolist() == list(range(9))
    recorder = vf.Recorder(device=device)
    buffer = vf.Buffer(np.zeros_like(points))
    with recorder:
        recorder.run(kernel, points=buffer, threads=4)
    assert buffer.read(dtype=points.dtype)["kind"].tolist() == [0, 1, 2, 3, 0, 0, 0, 0, 0]


def test_dtype_of_plain_arrays():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { vec3 x[]; };
        layout(binding = 1) uniform W { float w[4]; };
        layout(push_constant) uniform Push { mat3 m; vec2 v; uint n; };
        void main() { x[gl_GlobalInvocationID.x] = m * vec3(v, w[3]) * float(n); }"""
    )
    assert kernel.dtype("x") == np.dtype(("f4", (4,)))
    assert kernel.dtype("w") == np.dtype(("f4", (4,)))
    assert kernel.dtype("n") == np.uint32
    x = np.zeros(2, kernel.dtype("x"))
    w = np.zeros(4, kernel.dtype("w"))
    w[:, 0] = 1, 2, 3, 4
    kernel(x=x, w=w, m=np.eye(3), v=(5, 6), n=2, threads=2)
    assert x[1, :3].tolist() == [10, 12, 8]
    with pytest.raises(vf.BindingError, match="expected x, w, m, v, n; got q"):
        kernel.dtype("q")
    with pytest.raises(vf.BindingError, match="unknown member"):
        kernel.dtype("x.y")
    with pytest.raises(vf.InputError, match="length="):
        kernel.dtype("x", length=3)


def test_dtype_reaches_into_structures():
    kernel = reader("std430")
    assert kernel.dtype("items.inner") == np.dtype([("a", "f4", 3), ("b", "f4")])
    assert kernel.dtype("items.inner.a") == np.dtype(("f4", (3,)))
    with pytest.raises(vf.BindingError, match="expected a, b; got c"):
        kernel.dtype("items.inner.c")


def test_buffers_hold_structured_arrays():
    points = np.array([((1, 2), 3), ((4, 5), 6)], points_kernel().dtype("points"))
    buffer = vf.Buffer(points)
    assert buffer.size == points.nbytes
    back = buffer.read(dtype=points.dtype)
    assert back["kind"].tolist() == [3, 6]
    assert buffer.read(16, dtype=points.dtype)["at"].tolist() == [[4, 5]]
    with pytest.raises(vf.ShapeError, match="no whole elements"):
        buffer.read(4, dtype=points.dtype)
    with pytest.raises(vf.DtypeError, match="plain memory"):
        buffer.read(dtype=object)
