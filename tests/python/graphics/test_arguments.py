"""What draws take by the shaders' own names: blocks, textures, samplers, addresses, and push constants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from drawing import COVER, FULL, cover
from vulkan_forge import graphics
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

FLAT = graphics.DrawState(depth_test=False)
TABLE = """layout(binding = 0) readonly buffer T { vec4 table[]; };
layout(push_constant) uniform Push { uint width; };
layout(location = 0) out vec4 color;
void main() { color = table[uint(gl_FragCoord.y) * width + uint(gl_FragCoord.x)]; }"""


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from(["ndarray", "Array", "Buffer"]))
def test_storage_blocks_are_read_where_they_are(width, height, form):
    values = np.random.default_rng(width).standard_normal((height, width, 4)).astype(np.float32)
    table = {"ndarray": lambda: values, "Array": lambda: vf.asarray(values), "Buffer": lambda: vf.Buffer(values)}[
        form
    ]()
    target = graphics.Target(width, height, format="rgba32f", depth=False)
    target.draw(cover(TABLE), count=3, table=table, width=width)
    np.testing.assert_array_equal(target.read(), values)


LIGHTS = """struct Light { vec3 at; float power; vec3 color; };
layout(std140, binding = 1) uniform Scene { vec4 ambient; Light lights[2]; } scene;
layout(location = 0) out vec4 color;
void main() { color = scene.ambient;
  for (int i = 0; i < 2; ++i) color.rgb += scene.lights[i].power * scene.lights[i].color; }"""


def test_uniform_blocks_are_structured_arrays(device):
    pipeline = cover(LIGHTS)
    scene = np.zeros((), pipeline.dtype("scene"))
    assert scene.dtype["lights"].base.itemsize == 32
    scene["ambient"] = (0.125, 0, 0, 1)
    scene["lights"]["power"] = (2, 4)
    scene["lights"]["color"] = [(1, 0, 0), (0, 0.5, 0.25)]
    target = graphics.Target(2, 2, format="rgba32f")
    target.draw(pipeline, count=3, scene=scene)
    assert target.read()[0, 0].tolist() == [2.125, 2, 1, 1]
    with pytest.raises(vf.DtypeError, match="argument scene of pipeline"):
        target.draw(pipeline, count=3, scene=np.zeros(5, np.float32))
    wrong = np.zeros((), [(name, scene.dtype[name]) for name in scene.dtype.names[::-1]])
    with pytest.raises(vf.LayoutError, match=r'pipeline\.dtype\("scene"\)'):
        target.draw(pipeline, count=3, scene=wrong)


def test_both_stages_share_what_both_declare(device):
    block = "layout(binding = 0) uniform Camera { mat4 view; vec4 ink; } camera;"
    vertex = f"""{block} layout(location = 0) in vec4 corner;
    layout(push_constant) uniform Push {{ float scale; vec4 tint; }};
    void main() {{ gl_Position = scale * (camera.view * corner); }}"""
    fragment = f"""{block} layout(push_constant) uniform Push {{ float scale; vec4 tint; }};
    layout(location = 0) out vec4 color; void main() {{ color = camera.ink + tint; }}"""
    pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=FLAT)
    assert [row["name"] for row in pipeline.parameters] == ["camera", "scale", "tint"]
    camera = np.zeros((), pipeline.dtype("camera"))
    camera["view"] = np.eye(4)
    camera["ink"] = 0.25
    corners = np.concatenate([FULL, np.tile(np.float32([0, 1]), (3, 1))], axis=1)
    target = graphics.Target(2, 2, format="rgba32f")
    target.draw(pipeline, vertices={"corner": corners}, camera=camera, scale=1.0, tint=(1, 2, 3, 4))
    assert target.read()[1, 1].tolist() == [1.25, 2.25, 3.25, 4.25]


WRITES = " layout(location = 0) out vec4 c; void main() {{ c = {}; }}"


@pytest.mark.parametrize(
    ("vertex", "fragment", "match"),
    [
        (
            "layout(binding = 0) uniform A { vec4 a; }; void main() { gl_Position = a; }",
            "layout(binding = 0) uniform sampler2D b;" + WRITES.format("texture(b, vec2(0))"),
            "differ in set 0 binding 0.*vec4.* a and sampler2D b",
        ),
        (
            "layout(binding = 0) uniform A { vec4 a; }; void main() { gl_Position = a; }",
            "layout(binding = 1) uniform A { vec4 a; };" + WRITES.format("a"),
            "differ in where a is",
        ),
        (
            "layout(push_constant) uniform P { vec4 a; }; void main() { gl_Position = a; }",
            "layout(push_constant) uniform P { float b; };" + WRITES.format("vec4(b)"),
            "lie over each other",
        ),
        (
            "layout(push_constant) uniform P { vec4 a; }; void main() { gl_Position = a; }",
            "layout(push_constant) uniform P { vec2 b; vec2 a; };" + WRITES.format("b.xyxy + a.xyxy"),
            "differ in push constant a",
        ),
        (
            "layout(location = 0) in vec4 a; layout(push_constant) uniform P { layout(offset = 16) vec4 b; };"
            " void main() { gl_Position = a + b; }",
            "layout(push_constant) uniform P { vec4 a; };" + WRITES.format("a"),
            "a vertex input and an argument of one name",
        ),
    ],
)
def test_stages_that_disagree_are_refused(device, vertex, fragment, match):
    with pytest.raises(vf.ShaderError, match=match):
        graphics.Pipeline(vertex=vertex, fragment=fragment)


PICTURE = """layout(binding = 0) uniform sampler2D picture;
layout(location = 0) out vec4 color;
void main() { color = texture(picture, gl_FragCoord.xy / vec2(textureSize(picture, 0)) / 2.0); }"""


def test_textures_are_sampled_by_their_filter(device):
    values = np.random.default_rng(0).random((4, 4, 4), np.float32)
    target = graphics.Target(8, 8, format="rgba32f", depth=False)
    target.draw(cover(PICTURE), count=3, picture=vf.Texture(values))
    np.testing.assert_array_equal(target.read(), values.repeat(2, axis=0).repeat(2, axis=1))


def test_samplers_apart_from_textures(device):
    fragment = """layout(binding = 0) uniform texture2D picture; layout(binding = 1) uniform sampler how;
    layout(location = 0) out float color;
    void main() { color = texture(sampler2D(picture, how), vec2(1.25, 0.5)).r; }"""
    texture = vf.Texture(np.array([[0, 1, 2, 3]], np.float32))
    target = graphics.Target(1, 1, format="r32f", depth=False)
    for wrap, want in [("clamp", 3), ("repeat", 1), ("mirror", 3)]:
        target.draw(cover(fragment), count=3, picture=texture, how=vf.Sampler(wrap=wrap))
        assert target.read()[0, 0] == want, wrap


def test_lists_of_textures_and_blocks(device):
    fragment = """layout(binding = 0) uniform sampler2D maps[3];
    layout(binding = 1) readonly buffer B { float v[]; } blocks[2];
    layout(location = 0) out float sum;
    void main() { sum = blocks[0].v[1] + blocks[1].v[1] + texelFetch(maps[0], ivec2(0), 0).r
      + texelFetch(maps[1], ivec2(0), 0).r + texelFetch(maps[2], ivec2(0), 0).r; }"""
    maps = [vf.Texture(np.full((1, 1), 10.0**i, np.float32)) for i in range(3)]
    blocks = [vf.asarray(np.array([0, 1000 * (i + 1)], np.float32)) for i in range(2)]
    target = graphics.Target(1, 1, format="r32f", depth=False)
    target.draw(cover(fragment), count=3, maps=maps, blocks=blocks)
    assert target.read()[0, 0] == 3111
    with pytest.raises(vf.ShapeError, match="another number of elements"):
        target.draw(cover(fragment), count=3, maps=maps[:2], blocks=blocks)


def test_arrays_by_address(device):
    vertex = """#version 460
    #extension GL_EXT_buffer_reference : require
    layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer Points { vec2 at[]; };
    layout(push_constant) uniform Push { Points points; };
    void main() { gl_Position = vec4(points.at[gl_VertexIndex], 0.0, 1.0); gl_PointSize = 1.0; }"""
    fragment = "layout(location = 0) out float seen; void main() { seen = 1.0; }"
    pipeline = graphics.Pipeline(
        vertex=vertex, fragment=fragment, state=graphics.DrawState(topology="points", depth_test=False)
    )
    target = graphics.Target(2, 2, format="r32f", depth=False)
    target.draw(pipeline, count=2, points=vf.asarray(np.array([[-0.5, 0.5], [0.5, -0.5]], np.float32)), clear=0.0)
    assert target.read().tolist() == [[1, 0], [0, 1]]


def test_fragments_write_arrays(device):
    """A histogram of where fragments fall, by atomics in the fragment shader; what comes back is the caller's array."""
    if not device.has("fragmentStoresAndAtomics"):
        pytest.skip("the device's fragment shaders do not write")
    fragment = """layout(binding = 0) buffer H { uint counts[]; };
    layout(location = 0) out float seen;
    void main() { atomicAdd(counts[uint(gl_FragCoord.x) / 4], 1u); seen = 1.0; }"""
    pipeline = cover(fragment)
    target = graphics.Target(16, 8, format="r32f", depth=False)
    there, here = vf.asarray(np.zeros(4, np.uint32)), np.zeros(4, np.uint32)
    for counts in (there, here):
        target.draw(pipeline, count=3, counts=counts)
        np.testing.assert_array_equal(np.asarray(counts), [32] * 4)
    frozen = np.zeros(4, np.uint32)
    frozen.flags.writeable = False
    with pytest.raises(vf.ReadOnlyError, match="argument counts is written by the shader"):
        target.draw(pipeline, count=3, counts=frozen)


def test_fragments_store_images(device):
    if not device.has("fragmentStoresAndAtomics"):
        pytest.skip("the device's fragment shaders do not write")
    fragment = """layout(binding = 0, r32f) uniform writeonly image2D picture;
    layout(location = 0) out float seen;
    void main() { imageStore(picture, ivec2(gl_FragCoord.xy), vec4(gl_FragCoord.x)); seen = 0.0; }"""
    picture = (
        vf.Texture.empty((2, 3), "r32f") if hasattr(vf.Texture, "empty") else vf.Texture(np.zeros((2, 3), np.float32))
    )
    graphics.Target(3, 2, format="r32f", depth=False).draw(cover(fragment), count=3, picture=picture)
    np.testing.assert_array_equal(picture.read(), np.tile(np.float32([0.5, 1.5, 2.5]), (2, 1)))


def test_names_that_cannot_be_keywords(device):
    fragment = """layout(push_constant) uniform Push { float count; float clear; };
    layout(location = 0) out vec2 color; void main() { color = vec2(count, clear); }"""
    target = graphics.Target(1, 1, format="rg32f", depth=False)
    target.draw(cover(fragment), count=3, arguments={"count": 5.0, "clear": 6.0})
    assert target.read()[0, 0].tolist() == [5, 6]
    with pytest.raises(vf.BindingError, match="given twice"):
        target.draw(cover(), count=3, arguments={"ink": (0, 0, 0, 0)}, ink=(0, 0, 0, 0))
    with pytest.raises(vf.ArgumentTypeError, match="a dict of values"):
        target.draw(cover(fragment), count=3, arguments=5)


def test_what_does_not_fit_is_refused_and_leaves_the_picture(device):
    pipeline = cover(TABLE)
    target = graphics.Target(2, 2, format="rgba32f")
    target.clear(1.0)
    good = {"table": np.zeros((4, 4), np.float32), "width": 2}
    with vf.Device() as other:
        for kind, match, change in [
            (vf.BindingError, r"missing argument of pipeline; expected table: readonly vec4\[\], width: uint; got no",
             {"table": None}),
            (vf.BindingError, "unknown argument of pipeline.*got tables", {"tables": 1}),
            (vf.DtypeError, "wrong dtype", {"table": np.zeros((4, 4))}),
            (vf.ShapeError, "too small", {"table": np.zeros((0, 4), np.float32)}),
            (vf.ShapeError, "a multiple of 4 numbers", {"table": np.zeros(7, np.float32)}),
            (vf.ArgumentTypeError, "argument table of pipeline", {"table": vf.Texture(np.zeros((1, 1), np.float32))}),
            (vf.ArgumentTypeError, "argument table of pipeline", {"table": 3.0}),
            (vf.ArgumentTypeError, "an integer", {"width": 2.5}),
            (vf.InputError, "does not fit", {"width": -1}),
            (vf.ShapeError, "argument width of pipeline", {"width": (1, 2)}),
            (vf.InputError, "on the pipeline's device", {"table": vf.asarray(good["table"], device=other)}),
        ]:  # fmt: skip
            values = {name: value for name, value in (good | change).items() if value is not None}
            with pytest.raises(kind, match=match):
                target.draw(pipeline, count=3, clear=0.0, **values)
    assert (target.read() == 1).all()


def test_spir_v_is_taken_and_validated(device):
    with pytest.raises(vf.ShaderError):
        graphics.Pipeline(vertex=b"\x00" * 8, fragment="void main() {}")
    with pytest.raises(vf.ArgumentTypeError, match="the fragment shader of a Pipeline; expected GLSL as str"):
        graphics.Pipeline(vertex="void main() {}", fragment=None)


def test_defines_and_includes(device):
    pipeline = graphics.Pipeline(
        vertex=COVER.replace("DEPTH", "0.0"),
        fragment='#include "ink.glsl"\nlayout(location = 0) out vec4 color; void main() { color = ink(SHADE); }',
        includes={"ink.glsl": "vec4 ink(float shade) { return vec4(shade); }"},
        defines={"SHADE": "0.5"},
        state=FLAT,
    )
    target = graphics.Target(1, 1, format="rgba32f", depth=False)
    target.draw(pipeline, count=3)
    assert target.read()[0, 0].tolist() == [0.5] * 4


def test_errors_of_shaders_name_stage_and_line(device):
    with pytest.raises(vf.ShaderError, match=r"shade\.vert:2"):
        graphics.Pipeline(vertex="void main() {\n nonsense; }", fragment="void main() {}", name="shade")
    with pytest.raises(vf.ShaderError, match=r"shade\.frag:1"):
        graphics.Pipeline(vertex="void main() {}", fragment="layout(local_size_x = 1) in; void main() {}", name="shade")


def test_staging_devices_send_and_fetch(device):
    values = np.random.default_rng(3).random((2, 3, 4), np.float32)
    with _testing.open_device(force_staging=True) as other:
        target = graphics.Target(3, 2, format="rgba32f", depth=False, device=other)
        target.draw(cover(TABLE, device=other), count=3, table=values, width=3)
        np.testing.assert_array_equal(target.read(), values)


HANDED_ON = """{out} void main() {{ {write}
gl_Position = vec4(vec2(gl_VertexIndex & 1, gl_VertexIndex >> 1) * 4.0 - 1.0, 0.5, 1.0); }}"""
TAKEN = "{into} layout(location = 0) out vec4 color; void main() {{ color = {read}; }}"


def handing_on(out, write, into, read):
    return graphics.Pipeline(
        vertex=HANDED_ON.format(out=out, write=write), fragment=TAKEN.format(into=into, read=read), name="pair"
    )


@pytest.mark.parametrize(
    ("out", "write", "into", "read", "got"),
    [
        ("", "", "layout(location = 0) in vec3 n;", "vec4(n, 1.0)", "nothing at this location"),
        (
            "layout(location = 1) out vec3 n;",
            "n = vec3(1.0);",
            "layout(location = 0) in vec3 n;",
            "vec4(n, 1)",
            "nothing",
        ),
        (
            "layout(location = 0) out vec2 n;",
            "n = vec2(1.0);",
            "layout(location = 0) in vec4 n;",
            "n",
            "vec2 n at location 0",
        ),
        (
            "layout(location = 0) flat out uint n;",
            "n = 5u;",
            "layout(location = 0) flat in float n;",
            "vec4(n)",
            "uint n at location 0",
        ),
        ("layout(location = 0) out mat2 n;", "n = mat2(1.0);", "layout(location = 2) in vec2 n;", "n.xyxy", "nothing"),
    ],
)
def test_fragments_read_what_vertices_write(out, write, into, read, got):
    """It was a black picture, or one of other bits."""
    with pytest.raises(vf.ShaderError, match=rf"fragment stage of pair reads what the vertex.*got {got}"):
        handing_on(out, write, into, read)


@pytest.mark.parametrize(
    ("out", "write", "into", "read"),
    [
        ("layout(location = 0) out vec4 n;", "n = vec4(0.5);", "layout(location = 0) in vec2 n;", "n.xyxy"),
        ("layout(location = 0) out mat2 n;", "n = mat2(.5, .5, .5, .5);", "layout(location = 1) in vec2 n;", "n.xyxy"),
        (
            "layout(location = 0) out float n[2];",
            "n[0] = n[1] = 0.5;",
            "layout(location = 0) in float n[2];",
            "vec4(n[1])",
        ),
        ("", "", "layout(location = 0) in vec3 never_read;", "vec4(0.5)"),
        (
            "layout(location = 0) out Both { vec2 x; float y; } b;",
            "b.x = vec2(0.5); b.y = 0.5;",
            "layout(location = 0) in Both { vec2 x; float y; } b;",
            "vec4(b.x, b.y, 0.5)",
        ),
        (
            "layout(location = 0) out vec2 a; layout(location = 0, component = 2) out vec2 b;",
            "a = b = vec2(0.5);",
            "layout(location = 0) in vec4 n;",
            "n",
        ),
    ],
)
def test_what_may_be_handed_on(out, write, into, read):
    target = graphics.Target(2, 2, format="rgba32f")
    target.draw(handing_on(out, write, into, read), count=3)
    np.testing.assert_allclose(target.read(), 0.5)
