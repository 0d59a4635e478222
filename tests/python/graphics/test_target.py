"""Target: formats asked of the device, attachments, samples, clears, and every way to read."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from drawing import FULL, at_pixels, cover
from vulkan_forge import graphics
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

CHANNELS = {"r": 1, "rg": 2, "rgba": 4}
DTYPES = {
    "8": np.uint8, "16": np.uint16, "16f": np.float16, "32f": np.float32,
    "8ui": np.uint8, "16ui": np.uint16, "32ui": np.uint32, "8i": np.int8, "16i": np.int16, "32i": np.int32,
    "8_srgb": np.uint8,
}  # fmt: skip
FORMATS = [f"{letters}{rest}" for letters in CHANNELS for rest in DTYPES]
# What Vulkan promises of every device that draws.
PROMISED = ["r8", "rg8", "rgba8", "rgba8_srgb", "r16f", "rg16f", "rgba16f", "r32f", "rg32f", "rgba32f"]
PROMISED += [name for name in FORMATS if name.endswith(("ui", "i"))]
FLAT = graphics.DrawState(depth_test=False)
TWO = """layout(location = 0) out vec4 color; layout(location = 1) out uint id;
layout(push_constant) uniform Push { vec4 ink; uint number; };
void main() { color = ink; id = number; }"""


def parts(name):
    letters = next(word for word in ("rgba", "rg", "r") if name.startswith(word))
    return CHANNELS[letters], DTYPES[name.removeprefix(letters)]


def of_kind(name):
    kind = "uvec4" if name.endswith("ui") else "ivec4" if name.endswith("i") else "vec4"
    return f"""layout(push_constant) uniform Push {{ {kind} ink; }};
    layout(location = 0) out {kind} color; void main() {{ color = ink; }}"""


def srgb(linear):
    linear = np.asarray(linear, np.float64)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_holds_what_is_drawn(device, name):
    channels, dtype = parts(name)
    try:
        target = graphics.Target(5, 3, format=name, depth=False)
    except vf.UnsupportedError as error:
        assert name not in PROMISED
        assert name in str(error)  # noqa: PT017
        assert "rgba8, " in str(error)  # noqa: PT017
        return
    assert target.formats == (name,)
    integer = name.endswith("i")
    values = (3, 1, 2, 120) if integer else (0.25, 0.5, 0.75, 1.0)
    target.draw(cover(of_kind(name)), count=3, ink=values)
    picture = target.read()
    assert picture.dtype == dtype
    assert picture.shape == ((3, 5) if channels == 1 else (3, 5, channels))
    want = np.array(values[:channels], np.float64)
    if name.endswith("_srgb"):
        want[:3] = srgb(want[:3])
    if not integer and np.issubdtype(dtype, np.integer):
        want *= np.iinfo(dtype).max
    got = picture.reshape(-1, channels).astype(np.float64)
    np.testing.assert_allclose(got, np.broadcast_to(want, got.shape), atol=0 if integer or "f" in name else 1)
    target.clear(values[:channels])
    np.testing.assert_allclose(target.read().reshape(-1, channels), np.broadcast_to(want, got.shape), atol=0.51)


def test_a_format_the_device_lacks_is_named_with_those_it_has(device):
    with pytest.raises(vf.InputError, match=r"unknown pixel format; expected one that .* draws into: r8, rg8, rgba8"):
        graphics.Target(2, 2, format="rgb8")
    assert graphics.Target(2, 2, format="rgba8-srgb").formats == ("rgba8_srgb",)


def test_the_widest_integers_arrive(device):
    for name, values in (("r32ui", (0, 1, 2**31, 2**32 - 1)), ("r32i", (-(2**31), -1, 0, 2**31 - 1))):
        target = graphics.Target(2, 2, format=name, depth=False)
        for value in values:
            target.draw(cover(of_kind(name)), count=3, ink=(value, 0, 0, 0))
            assert (target.read() == value).all()
            target.clear(value)
            assert (target.read() == value).all()
        with pytest.raises(vf.InputError, match="does not fit"):
            target.clear(2**32)
        with pytest.raises(vf.ArgumentTypeError, match="an integer"):
            target.clear(0.5)


# ---------------------------------------------------------------- several attachments


def test_attachments_by_name_and_number(device):
    target = graphics.Target(4, 3, format={"color": "rgba16f", "id": "r32ui"}, depth=True)
    assert target.attachments == ["color", "id"]
    target.draw(cover(TWO), count=3, ink=(0.5, 1, 2, 4), number=77)
    for which in (0, "color"):
        np.testing.assert_array_equal(target.read(which), np.broadcast_to(np.float16([0.5, 1, 2, 4]), (3, 4, 4)))
    for which in (1, "id"):
        np.testing.assert_array_equal(target.read(which), np.full((3, 4), 77, np.uint32))
    np.testing.assert_array_equal(target.read("depth"), np.ones((3, 4), np.float32))
    with pytest.raises(vf.BindingError, match='expected "color", "id", "depth"; got "ids"'):
        target.read("ids")
    for index in (2, -1):
        with pytest.raises(vf.RangeError, match="no such attachment"):
            target.read(index)
    with pytest.raises(vf.StateError, match="no stencil"):
        target.read("stencil")


def test_outputs_and_attachments_must_fit(device):
    pipeline = cover(TWO)
    given = {"count": 3, "ink": (0, 0, 0, 0), "number": 0}
    with pytest.raises(vf.InputError, match="output id of pipeline has no attachment"):
        graphics.Target(2, 2, depth=False).draw(pipeline, **given)
    with pytest.raises(vf.DtypeError, match="output id of pipeline does not fit attachment 1"):
        graphics.Target(2, 2, format=("rgba8", "r32f"), depth=False).draw(pipeline, **given)
    with pytest.raises(vf.DtypeError, match='does not fit attachment "color"'):
        graphics.Target(2, 2, format={"color": "r32i", "id": "r32ui"}, depth=False).draw(pipeline, **given)
    with pytest.raises(vf.BindingError, match="another attachment"):
        graphics.Target(2, 2, format={"color": "rgba8", "ids": "r32ui"}, depth=False).draw(pipeline, **given)
    with pytest.raises(vf.LimitError, match="too many attachments"):
        graphics.Target(2, 2, format=("r8",) * 100)
    with pytest.raises(vf.InputError, match="without attachments"):
        graphics.Target(2, 2, format=(), depth=False)
    with pytest.raises(vf.InputError, match="another than depth"):
        graphics.Target(2, 2, format={"depth": "r32f"})
    with pytest.raises(vf.ArgumentTypeError, match="a sequence of names"):
        graphics.Target(2, 2, format=3)


def test_what_no_output_is_for_stays(device):
    target = graphics.Target(2, 2, format=("rgba8", "r32ui"), depth=False)
    target.draw(cover(TWO), count=3, ink=(0, 0, 0, 0), number=5)
    target.draw(cover(), count=3, ink=(1, 1, 1, 1))
    assert (target.read(0) == 255).all()
    assert (target.read(1) == 5).all()


def test_depth_alone(device):
    target = graphics.Target(3, 2, format=())
    state = graphics.DrawState()
    target.draw(cover("void main() {}", state=state, depth=0.25), count=3)
    assert target.formats == ()
    assert (target.read("depth") == 0.25).all()
    assert (target.read_depth() == 0.25).all()


def test_clears_name_what_they_clear(device):
    target = graphics.Target(2, 2, format={"color": "rgba8", "id": "r32ui"}, stencil=True)
    target.clear({"color": (1, 0, 0, 1), 1: 9, "depth": 0.5, "stencil": 3})
    assert (target.read() == [255, 0, 0, 255]).all()
    assert (target.read("id") == 9).all()
    assert (target.read("depth") == 0.5).all()
    assert (target.read("stencil") == 3).all()
    target.clear({"id": (8,)})  # what is left out is zeros, and depth 1
    assert not target.read().any()
    assert (target.read("depth") == 1).all()
    for kind, values, match in [
        (vf.ArgumentTypeError, None, "None"),
        (vf.ArgumentTypeError, (0, 0), "four numbers"),
        (vf.ArgumentTypeError, "red", "argument clear of attachment 0"),
        (vf.BindingError, {"colour": 1}, "no such attachment"),
        (vf.InputError, {"depth": 2}, "0 to 1"),
        (vf.InputError, {"stencil": -1}, "does not fit"),
    ]:
        with pytest.raises(kind, match=match):
            target.clear(values)
    assert (target.read("id") == 8).all()


# ---------------------------------------------------------------- samples


EDGE = np.array([[-1, -1], [1, -1], [-1, 1]], np.float32)
FLOATS = """layout(location = 0) out vec4 color; void main() { color = vec4(4.0, 2.0, -1.0, 1.0); }"""
PLANE = """layout(location = 0) in vec2 position;
void main() { gl_Position = vec4(position, 0.25, 1.0); }"""


def most_samples(format):
    for samples in (8, 4, 2):
        try:
            return graphics.Target(4, 4, format=format, samples=samples)
        except vf.UnsupportedError:
            continue
    pytest.skip("the device has no more than one sample of this format")


@pytest.mark.parametrize("format", ["rgba8", "rgba16f", "rgba32f", "r32f", "rgba8_srgb"])
def test_samples_are_averaged(device, format):
    count = most_samples(format).samples
    target = graphics.Target(16, 16, format=format, samples=count)
    pipeline = graphics.Pipeline(vertex=PLANE, fragment=FLOATS)
    target.draw(pipeline, vertices={"position": EDGE}, clear=0.0)
    red = target.read().reshape(16, 16, -1)[..., 0].astype(float)
    inside, outside = red[15, 0], red[0, 15]
    assert outside == 0
    assert inside == {"f": 4.0}.get(format[-1], 255)
    shares = np.unique(red)
    assert len(shares) > 2
    if format.endswith("f"):
        np.testing.assert_allclose(shares * count / 4, np.round(shares * count / 4), atol=1e-3)


def test_depth_of_many_samples_is_the_first_ones(device):
    samples = most_samples("rgba8").samples
    target = graphics.Target(8, 8, format="rgba8", samples=samples)
    target.draw(graphics.Pipeline(vertex=PLANE, fragment=FLOATS), vertices={"position": FULL}, clear=0.0)
    np.testing.assert_array_equal(target.read("depth"), np.full((8, 8), 0.25, np.float32))
    target.draw(graphics.Pipeline(vertex=PLANE, fragment=FLOATS), vertices={"position": EDGE}, clear=0.0)
    assert set(np.unique(target.read("depth"))) == {0.25, 1.0}


def test_stencil_of_many_samples(device):
    samples = most_samples("rgba8").samples
    try:
        target = graphics.Target(4, 4, format="rgba8", samples=samples, stencil=True)
    except vf.UnsupportedError:
        pytest.skip("the device has one sample of stencil")
    target.clear({"stencil": 9})
    assert (target.read("stencil") == 9).all()


def test_integers_of_many_samples_are_refused_with_the_reason(device):
    for format in ("r32ui", ("rgba8", "r32i")):
        with pytest.raises(vf.InputError, match="the mean of two ids is no id"):
            graphics.Target(4, 4, format=format, samples=4)


def test_alpha_covers_samples(device):
    count = most_samples("rgba32f").samples
    target = graphics.Target(1, 1, format="rgba32f", samples=count, depth=False)
    state = graphics.DrawState(depth_test=False, alpha_to_coverage=True)
    target.draw(cover(state=state), count=3, clear=0.0, ink=(1, 0, 0, 0.5))
    assert 0 < target.read()[0, 0, 0] < 1


# ---------------------------------------------------------------- reading


def ramp(width, height):
    """A target in which each pixel is its own number, row by row."""
    fragment = f"""layout(location = 0) out uint id;
    void main() {{ id = uint(gl_FragCoord.x) + {width}u * uint(gl_FragCoord.y); }}"""
    target = graphics.Target(width, height, format="r32ui", depth=False)
    target.draw(cover(fragment), count=3)
    return target, np.arange(width * height, dtype=np.uint32).reshape(height, width)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_regions_are_slices(data):
    width, height = data.draw(st.integers(1, 37)), data.draw(st.integers(1, 19))
    target, want = ramp(width, height)
    np.testing.assert_array_equal(target.read(), want)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    got = target.read(region=(x, y, w, h))
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(got, want[y : y + h, x : x + w])
    out = np.zeros((h, w), np.uint32)
    assert target.read(region=(x, y, w, h), out=out) is out
    np.testing.assert_array_equal(out, got)


@pytest.mark.parametrize(
    ("region", "kind"),
    [
        ((0, 0, 9, 1), vf.RangeError),
        ((8, 0, 1, 1), vf.RangeError),
        ((0, 0, 0, 1), vf.RangeError),
        ((-1, 0, 1, 1), vf.RangeError),
        ((0, 0, 2**40, 1), vf.RangeError),
        ((2**32 - 1, 0, 2, 1), vf.RangeError),
        ((0, 0, 1), vf.ArgumentTypeError),
        ("abcd", vf.ArgumentTypeError),
        ((0, 0, 1.5, 1), vf.ArgumentTypeError),
    ],
)
def test_regions_outside_are_refused(device, region, kind):
    target, _ = ramp(8, 4)
    with pytest.raises(kind, match="region"):
        target.read(region=region)


def test_out_must_fit(device):
    target, want = ramp(8, 4)
    frozen = np.zeros((4, 8), np.uint32)
    frozen.flags.writeable = False
    for kind, out in [
        (vf.DtypeError, np.zeros((4, 8), np.int32)),
        (vf.ShapeError, np.zeros((8, 4), np.uint32)),
        (vf.LayoutError, np.zeros((4, 16), np.uint32)[:, ::2]),
        (vf.ReadOnlyError, frozen),
        (vf.ArgumentTypeError, [[0]]),
        (vf.DtypeError, vf.asarray(np.zeros((4, 8), np.float32))),
        (vf.ShapeError, vf.asarray(np.zeros((4, 7), np.uint32))),
    ]:
        with pytest.raises(kind, match="out"):
            target.read(out=out)
    np.testing.assert_array_equal(target.read(), want)


def test_pixels_stay_on_the_device(device):
    target, want = ramp(9, 5)
    array = vf.empty((5, 9), dtype=np.uint32)
    assert target.read(out=array) is array
    np.testing.assert_array_equal(np.asarray(array), want)
    small = vf.empty((2, 3), dtype=np.uint32)
    np.testing.assert_array_equal(np.asarray(target.read(region=(4, 1, 3, 2), out=small)), want[1:3, 4:7])
    depth = graphics.Target(9, 5)
    depth.clear({"depth": 0.5})
    np.testing.assert_array_equal(
        np.asarray(depth.read("depth", out=vf.empty((5, 9)))), np.full((5, 9), 0.5, np.float32)
    )


def test_reads_on_their_way(device):
    target, want = ramp(33, 17)
    future = target.read_async()
    target.clear(0)  # comes after: the read sees what was there
    np.testing.assert_array_equal(future.result(), want)

    async def waited():
        return await target.read_async(region=(1, 1, 2, 2))

    assert not asyncio.run(waited()).any()
    kept = target.read_async().result()
    target.close()
    assert not kept.any()


def test_ids_say_what_was_drawn_where(device):
    """Points with ids of their own, one a pixel; NumPy knows which lies where."""
    width, height = 31, 13
    rng = np.random.default_rng(5)
    places = rng.permutation(width * height)[:100]
    ids = rng.integers(1, 2**32, 100, dtype=np.uint32)
    vertex = """layout(location = 0) in vec2 position; layout(location = 1) in uint id;
    layout(location = 0) flat out uint seen;
    void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; seen = id; }"""
    fragment = """layout(location = 0) flat in uint seen; layout(location = 0) out uint id;
    void main() { id = seen; }"""
    pipeline = graphics.Pipeline(
        vertex=vertex, fragment=fragment, state=graphics.DrawState(topology="points", depth_test=False)
    )
    target = graphics.Target(width, height, format="r32ui", depth=False)
    at = at_pixels(np.stack([places % width, places // width], axis=1), width, height)
    target.draw(pipeline, vertices={"position": at, "id": ids}, clear=0)
    want = np.zeros(width * height, np.uint32)
    want[places] = ids
    np.testing.assert_array_equal(target.read(), want.reshape(height, width))


def test_depths_are_interpolated(device):
    """A plane through three depths: each pixel has the plane's depth at its centre."""
    vertex = "layout(location = 0) in vec3 corner; void main() { gl_Position = vec4(corner, 1.0); }"
    pipeline = graphics.Pipeline(vertex=vertex, fragment="void main() {}")
    corners = np.array([[-1, -1, 0.1], [3, -1, 0.5], [-1, 3, 0.9]], np.float32)
    target = graphics.Target(16, 12, format=())
    target.draw(pipeline, vertices={"corner": corners})
    x, y = (np.arange(16) + 0.5) / 16, 1 - (np.arange(12) + 0.5) / 12
    want = 0.1 + 0.2 * x + 0.4 * y[:, None]
    np.testing.assert_allclose(target.read("depth"), want, atol=1e-6)


# ---------------------------------------------------------------- textures over targets, and no blank frames


def test_an_attachment_is_a_texture_without_a_copy(device):
    first, second = (graphics.Target(4, 4, format="rgba32f", depth=False) for _ in range(2))
    half = """layout(binding = 0) uniform sampler2D picture; layout(location = 0) out vec4 color;
    void main() { color = 0.5 * texelFetch(picture, ivec2(gl_FragCoord.xy), 0); }"""
    halve = cover(half)
    first.clear((8, 4, 2, 1))
    pictures = [first.texture(), second.texture()]
    second.draw(halve, count=3, picture=pictures[0])
    first.draw(halve, count=3, picture=pictures[1])
    assert first.read()[0, 0].tolist() == [2, 1, 0.5, 0.25]
    with pytest.raises(vf.InputError, match="reads the target it draws into"):
        first.draw(halve, count=3, picture=pictures[0])
    with pytest.raises(vf.InputError, match="stencil as a texture"):
        graphics.Target(2, 2, stencil=True).texture("stencil")
    first.close()
    assert pictures[0].read()[0, 0].tolist() == [2, 1, 0.5, 0.25]


SLOPE = """void main() { vec2 corner = vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1) * 4.0 - 1.0;
gl_Position = vec4(corner, 0.5 + 0.25 * corner.x, 1.0); }"""
SHADE = """layout(binding = 0) uniform sampler2D depths; layout(location = 0) out vec2 color;
void main() { float depth = texelFetch(depths, ivec2(gl_FragCoord.xy), 0).r;
  color = vec2(depth, gl_FragCoord.y < 2.0 && depth < 0.5 ? 1.0 : 0.0); }"""

LOOK = """layout(binding = 0) uniform sampler2D depths;
void main() { if (texelFetch(depths, ivec2(0), 0).r > 2.0) discard; }"""


def slope():
    return graphics.Pipeline(vertex=SLOPE, fragment="void main() {}", name="slope")


@pytest.mark.parametrize("samples", [1, 4])
@pytest.mark.parametrize("form", [(), "rgba8"])
def test_depth_is_a_texture_of_later_draws(device, samples, form):
    """A pass for depth alone, then one that compares: what shadows are made of."""
    seen, shown = (
        graphics.Target(8, 4, format=form, samples=samples),
        graphics.Target(8, 4, format="rg32f", depth=False),
    )
    depths, shade = seen.texture("depth"), cover(SHADE, name="shade")
    for clear in (1.0, 0.25):
        seen.draw(slope(), count=3, clear={"depth": clear})
        shown.draw(shade, count=3, depths=depths)
        found = shown.read()
        np.testing.assert_array_equal(found[..., 0], seen.read("depth"))
        np.testing.assert_array_equal(depths.read(), seen.read("depth"))
        np.testing.assert_array_equal(found[..., 1], (found[..., 0] < 0.5) & (np.arange(4) < 2)[:, None])
    if samples == 1:
        np.testing.assert_allclose(found[0, :, 0], np.minimum(0.25 + 0.5 * (np.arange(8) + 0.5) / 8, 0.25), atol=1e-6)
    assert depths.format == "depth"
    with pytest.raises(vf.InputError, match="reads the target it draws into"):
        seen.draw(cover(LOOK), count=3, depths=depths)


def test_depth_is_a_texture_of_kernels_and_graphs(device):
    target, depths = graphics.Target(8, 1, format=()), vf.empty(8)
    take = vf.Kernel(
        """layout(local_size_x = 8) in; layout(binding = 0) uniform sampler2D picture;
        layout(binding = 1) writeonly buffer R { float depths[8]; };
        void main() { uint i = gl_GlobalInvocationID.x; depths[i] = texelFetch(picture, ivec2(i, 0), 0).r; }""",
        name="take",
    )
    with vf.record() as graph:
        target.draw(slope(), count=3, clear={"depth": 1})
        take(picture=target.texture("depth"), depths=depths, threads=8)
        target.clear({"depth": 0.125})
    for _ in range(2):
        graph.run()
        np.testing.assert_allclose(depths, 0.25 + 0.5 * (np.arange(8) + 0.5) / 8, atol=1e-6)
        assert (target.read("depth") == 0.125).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.5, np.nan, np.inf])
def test_depths_that_are_none_are_refused(device, wrong):
    target = graphics.Target(2, 2)
    target.clear({"depth": 0.5})
    depths = target.texture("depth")
    with pytest.raises(vf.InputError, match="expected 0 to 1"):
        depths.write(np.array([[0, 1], [1, wrong]], np.float32))
    assert (target.read("depth") == 0.5).all()
    depths.write(np.array([[0, 1], [0.25, 0]], np.float32))
    np.testing.assert_array_equal(target.read("depth"), [[0, 1], [0.25, 0]])


def test_depth_that_cannot_be_a_texture(device):
    with pytest.raises(vf.InputError, match=r"of a target with stencil.*leave stencil=True away"):
        graphics.Target(2, 2, stencil=True).texture("depth")
    with pytest.raises(vf.StateError, match="no depth"):
        graphics.Target(2, 2, depth=False).texture("depth")


def test_a_target_that_nothing_was_drawn_into_is_no_picture(device):
    target = graphics.Target(2, 2)
    for read in (
        target.read,
        target.read_async,
        target.read_depth,
        lambda: target.read(out=vf.empty((2, 2, 4), dtype=np.uint8)),
    ):
        with pytest.raises(vf.StateError, match="nothing was drawn"):
            read()
    target.draw(cover(), count=3, ink=(1, 1, 1, 1))  # over zeros
    assert (target.read() == 255).all()


def test_staging_devices_read_the_same(device):
    with _testing.open_device(force_staging=True) as other:
        target = graphics.Target(7, 5, format="r32f", device=other)
        target.clear({0: 0.25, "depth": 0.5})
        assert (target.read() == 0.25).all()
        assert (target.read("depth", region=(1, 1, 3, 2)) == 0.5).all()
        assert (target.read_async().result() == 0.25).all()
        assert (np.asarray(target.read(out=vf.empty((5, 7), device=other))) == 0.25).all()
        with pytest.raises(vf.InputError, match="another device"):
            target.read(out=vf.empty((5, 7)))


@pytest.mark.parametrize("name", ["depth", "stencil"])
def test_what_a_target_lacks_is_not_cleared(name):
    target = graphics.Target(4, 4, depth=name == "stencil")
    with pytest.raises(vf.BindingError, match=f'no such attachment; .*got "{name}"'):
        target.clear({name: 0})


def test_stencil_is_cleared_to_what_it_holds():
    target = graphics.Target(4, 4, stencil=True)
    target.clear({"stencil": 255})
    assert (target.read("stencil") == 255).all()
    with pytest.raises(vf.InputError, match="clear of stencil; expected 0 to 255; got 256"):
        target.clear({"stencil": 256})
