"""Arrays of descriptors: lists of arrays and textures as one argument."""

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

N = 100
SUM = """layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float v[]; } xs[3];
layout(binding = 1) writeonly buffer Y { float y[]; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < y.length()) y[i] = xs[0].v[i] + 10.0 * xs[1].v[i] + 100.0 * xs[2].v[i];
}
"""
CHOOSE = """layout(local_size_x = 64) in;
layout(constant_id = 0) const uint COUNT = 2;
layout(binding = 1) readonly buffer X { float v[]; } xs[COUNT];
layout(binding = 0) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint which; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = xs[which].v[i]; }
"""
OPEN = """#extension GL_EXT_nonuniform_qualifier : require
layout(local_size_x = 64) in;
layout(binding = 1) readonly buffer X { float v[]; } xs[];
layout(binding = 0) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint count; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= y.length()) return;
  float sum = 0.0;
  for (uint k = 0; k < count; ++k) sum += xs[k].v[i];
  y[i] = sum;
}
"""


def full(value, n=N):
    return np.full(n, value, np.float32)


def needs(device, *features):
    lacking = [name for name in features if not device.has(name)]
    if lacking:
        pytest.skip(f"needs {lacking[0]}")


def made(source, **options):
    """A kernel, or a skip where the device lacks what it says it needs."""
    try:
        return vf.Kernel(source, **{"name": "lists", **options})
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def test_lists_of_all_kinds_of_memory(any_device):
    kernel = vf.Kernel(SUM, device=any_device)
    y = np.zeros(N, np.float32)
    plain = [full(i) for i in (1, 2, 3)]
    arrays = [vf.asarray(x, device=any_device) for x in plain]
    buffers = [vf.Buffer(x, device=any_device) for x in plain]
    for xs in (plain, tuple(arrays), buffers, [plain[0], arrays[1], buffers[2]]):
        y[:] = 0
        kernel(xs=xs, y=y, threads=N)
        assert (y == 321).all()
        y[:] = 0
        kernel.submit(xs=xs, y=y, threads=N).wait()
        assert (y == 321).all()


def test_what_is_written_comes_back(any_device):
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { uint v[]; } xs[2];
        void main() {
          uint i = gl_GlobalInvocationID.x;
          if (i < xs[0].v.length()) xs[0].v[i] += 1;
          if (i < xs[1].v.length()) xs[1].v[i] *= 3;
        }""",
        device=any_device,
    )
    a, b = np.arange(10, dtype=np.uint32), np.arange(20, dtype=np.uint32)
    kernel(xs=[a, b], threads=20)
    assert a.tolist() == list(range(1, 11))
    assert b.tolist() == list(range(0, 60, 3))
    xs = [a, b]
    event = kernel.submit(xs=xs, threads=20)
    xs.clear()  # the call keeps what it was given
    event.wait()
    assert a.tolist() == list(range(2, 12))
    both = np.ones(4, np.uint32)  # the same memory twice
    made_up = vf.asarray(both, device=any_device)
    kernel(xs=[made_up, made_up], threads=1)
    assert np.asarray(made_up)[0] in (3, 4, 6)


def test_parameters_and_explain(device):
    needs(device, "shaderStorageBufferArrayDynamicIndexing")
    rows = {row["name"]: row for row in vf.Kernel(SUM).parameters}
    assert rows["xs"] == {"name": "xs", "type": "float[]", "access": "read", "kind": "binding", "count": 3}
    assert rows["y"]["count"] is None
    choose = vf.Kernel(CHOOSE, spec={"COUNT": 4})
    assert {row["name"]: row["count"] for row in choose.parameters} == {"xs": 4, "y": None, "which": None}
    assert "binding 1 storage buffer xs[COUNT]: readonly float[]" in choose.explain()
    assert "COUNT is 4, by default 2" in choose.explain()
    assert "xs[3]: readonly float[]" in vf.Kernel(SUM).explain()
    assert vf.Kernel(SUM).dtype("xs") == np.float32


def test_a_constant_says_how_many(device):
    needs(device, "shaderStorageBufferArrayDynamicIndexing")
    y = np.zeros(N, np.float32)
    kernel = vf.Kernel(CHOOSE)
    for count in (2, 1, 4, 2):
        special = kernel.specialize(COUNT=count)
        for which in range(count):
            special(xs=[full(i + 5) for i in range(count)], y=y, which=which, threads=N)
            assert (y == which + 5).all()
        with pytest.raises(vf.ShapeError, match=rf"expected list of {count} readonly float\[\]; got {count + 1}"):
            special(xs=[full(0)] * (count + 1), y=y, which=0, threads=N)
    with pytest.raises(vf.InputError, match="has no elements"):
        kernel.specialize(COUNT=0)
    with pytest.raises(vf.LimitError, match="too many descriptors"):
        kernel.specialize(COUNT=2**32 - 1)
    computed = CHOOSE.replace("xs[COUNT]", "xs[COUNT * 2]")
    with pytest.raises(vf.ShaderError, match='length of "xs" is computed from constants'):
        vf.Kernel(computed)


def test_as_many_as_are_given(device):
    kernel = made(OPEN)
    assert {row["name"]: row["count"] for row in kernel.parameters}["xs"] == 0
    assert "xs[]: readonly float[]" in kernel.explain()
    y = np.zeros(N, np.float32)
    for count in (1, 3, 8, 9, 2, 17):
        if count + 1 > device.limits["max_stage_storage_buffers"]:
            continue
        kernel(xs=[full(2**i % 31) for i in range(count)], y=y, count=count, threads=N)
        assert (y == sum(2**i % 31 for i in range(count))).all()
    with pytest.raises(vf.ShapeError, match=r"expected one or more .*float\[\]; got 0"):
        kernel(xs=[], y=y, count=0, threads=N)


def test_as_many_as_the_device_takes_and_no_more(device):
    kernel = made(OPEN)
    most = min(device.limits["max_stage_storage_buffers"], device.limits["max_stage_resources"]) - 1
    y = np.zeros(4, np.float32)
    if most <= 1 << 12:
        with pytest.raises(vf.LimitError, match="too many descriptors in lists") as caught:
            kernel(xs=[vf.asarray(full(1, 4))] * (most + 1), y=y, count=most, threads=4)
        assert caught.value.details["limit"] == str(most + 1)
        assert not y.any()
    count = min(most, 1000) - 1  # one for the count of loops, on drivers that end them
    xs = [vf.asarray(full(i, 4)) for i in range(count)]
    kernel(xs=xs, y=y, count=count, threads=4)
    assert (y == sum(range(count))).all()
    with pytest.raises(vf.LimitError, match="too many descriptors"):
        vf.Kernel(SUM.replace("xs[3]", f"xs[{2**24}]"))


def test_an_element_for_each_invocation(device):
    needs(device, "shaderStorageBufferArrayNonUniformIndexing", "runtimeDescriptorArray")
    source = """#extension GL_EXT_nonuniform_qualifier : require
    layout(local_size_x = 64) in;
    layout(binding = 0) buffer X { uint v[]; } xs[];
    layout(binding = 1) writeonly buffer Y { uint y[]; };
    layout(push_constant) uniform Push { uint count; };
    void main() {
      uint i = gl_GlobalInvocationID.x, k = i % count;
      if (i < y.length()) y[i] = xs[nonuniformEXT(k)].v[i / count];
    }"""
    count = 7
    xs = [np.arange(30 + i, dtype=np.uint32) * 100 + i for i in range(count)]
    i = np.arange(200)
    wanted = [xs[k % count][k // count] for k in i]
    for debug in (False, True):
        y = np.zeros(200, np.uint32)
        vf.Kernel(source, debug=debug)(xs=xs, y=y, count=count, threads=200)
        assert y.tolist() == wanted
    xs[3] = xs[3][:5]  # each element has its own size
    with pytest.raises(vf.RangeError, match=r"24 times.*line 8: index \d+ of xs\[\]\.v, which has 5 elements"):
        vf.Kernel(source, debug=True)(xs=xs, y=y, count=count, threads=200)
    length = source.replace("v[i / count]", "v.length()")
    with pytest.raises(
        vf.UnsupportedError, match="asks for the length of an element of xs"
    ):  # drivers do not survive it
        vf.Kernel(length)


EACH = """#extension GL_EXT_nonuniform_qualifier : require
layout(local_size_x = 64) in;
layout(binding = 0{format}) uniform {kind} xs[{count}];
layout(binding = 1) uniform sampler s;
layout(binding = 2) writeonly buffer Y {{ float y[]; }};
void main() {{
  uint i = gl_GlobalInvocationID.x, k = i % 5;
  y[i] = {read};
  {more}
}}
"""
ELEMENTS = {
    "sampler2D": ("SampledImage", "", "textureLod(xs[nonuniformEXT(k)], vec2(0.5), 0).r", ""),
    "texture2D": ("SampledImage", "", "textureLod(sampler2D(xs[nonuniformEXT(k)], s), vec2(0.5), 0).r", ""),
    "image2D": (
        "StorageImage",
        ", r32f",
        "imageLoad(xs[nonuniformEXT(k)], ivec2(i % 2, 0)).r",
        "imageStore(xs[nonuniformEXT(k)], ivec2(i % 2, 1), vec4(k));",
    ),
    "U { float a; }": ("UniformBuffer", "", "xs[nonuniformEXT(k)].a", ""),
}


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", ELEMENTS)
def test_any_kind_of_element_for_each_invocation(device, kind, debug):
    feature, form, read, more = ELEMENTS[kind]
    needs(device, f"shader{feature}ArrayNonUniformIndexing", "runtimeDescriptorArray")
    is_block = kind.startswith("U ")
    kernel = vf.Kernel(
        EACH.format(format=form, kind=kind, count=5 if is_block else "", read=read, more=more), debug=debug
    )
    native._testing.validate(kernel)
    y = np.zeros(640, np.float32)
    xs = [np.full(1, 10 + i, np.float32) if is_block else picture(10 + i) for i in range(5)]
    kernel(xs=xs, s=vf.Sampler(), y=y, threads=640)
    assert (y == 10 + np.arange(640) % 5).all()
    if kind == "image2D":
        assert [x.read()[1].tolist() for x in xs] == [[i, i] for i in range(5)]
    if debug and not is_block:
        with pytest.raises(vf.RangeError, match=r"256 times.*line 8: index [34] of xs, which has 3 elements"):
            kernel(xs=xs[:3], s=vf.Sampler(), y=y, threads=320 if more else 640)


def test_uniform_blocks(device):
    needs(device, "shaderUniformBufferArrayDynamicIndexing")
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform U { vec4 a; int b; } us[2];
        layout(binding = 1) writeonly buffer Y { vec4 y; };
        layout(push_constant) uniform Push { uint which; };
        void main() { y = us[which].a * us[which].b; }"""
    )
    first, second = np.zeros(1, kernel.dtype("us")), np.zeros(1, kernel.dtype("us"))
    first["a"], first["b"] = [1, 2, 3, 4], 10
    second["a"], second["b"] = [5, 6, 7, 8], 100
    y = np.zeros(4, np.float32)
    for us in ([first, second], [vf.Buffer(first), vf.Buffer(second)]):
        for which, wanted in ((0, [10, 20, 30, 40]), (1, [500, 600, 700, 800])):
            kernel(us=us, y=y, which=which, threads=1)
            assert y.tolist() == wanted
    with pytest.raises(vf.LayoutError if first.dtype.itemsize > 20 else vf.DtypeError, match=r"us\[1\]"):
        kernel(us=[first, np.zeros(1, [("a", "f4", 3), ("b", "i4")])], y=y, which=0, threads=1)


SAMPLE = """layout(local_size_x = 4) in;
layout(binding = 0) uniform sampler2D maps[3];
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { uint which; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  y[i] = texelFetch(maps[which], ivec2(i % 2, i / 2), 0).r + texelFetch(maps[2], ivec2(0), 0).r;
}
"""


def picture(value):
    return vf.Texture(np.full((2, 2), value, np.float32))


def test_textures(device):
    needs(device, "shaderSampledImageArrayDynamicIndexing")
    kernel = vf.Kernel(SAMPLE, name="sample")
    y = vf.asarray(np.zeros(4, np.float32))
    maps = [picture(value) for value in (1, 10, 100)]
    for which, wanted in ((0, 101), (1, 110), (2, 200)):
        kernel(maps=maps, y=y, which=which, threads=4)
        assert y.tolist() == [wanted] * 4
    call = kernel.prepare(maps=maps, y=y, which=1, threads=4)
    maps[1].write(np.full((2, 2), 20, np.float32))
    call()
    assert y.tolist() == [120] * 4
    with pytest.raises(vf.DtypeError, match=r"argument maps\[1\] of sample holds other numbers"):
        kernel(maps=[maps[0], vf.Texture(np.zeros((2, 2), np.int32)), maps[2]], y=y, which=0, threads=4)
    with pytest.raises(vf.ArgumentTypeError, match=r"argument maps\[2\] of sample.*sampler2D.*vf\.Texture"):
        kernel(maps=[*maps[:2], np.zeros((2, 2), np.float32)], y=y, which=0, threads=4)
    with pytest.raises(vf.ArgumentTypeError, match=r"argument maps\[0\] of sample.*got a Sampler"):
        kernel(maps=[vf.Sampler(), *maps[1:]], y=y, which=0, threads=4)


def test_textures_apart_from_samplers(device):
    needs(device, "shaderSampledImageArrayDynamicIndexing")
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform texture2D t[2];
        layout(binding = 2) uniform sampler s[2];
        layout(binding = 5) buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint a, b; };
        void main() { y[0] = texture(sampler2D(t[a], s[b]), vec2(1.25, 0.5)).r; }"""
    )
    t = [vf.Texture(np.array([[10, 20]], np.float32)), vf.Texture(np.array([[30, 40]], np.float32))]
    s = [vf.Sampler(), vf.Sampler(wrap="repeat")]
    y = np.zeros(1, np.float32)
    for a, b, wanted in ((0, 0, 20), (0, 1, 10), (1, 0, 40), (1, 1, 30)):
        kernel(t=t, s=s, y=y, a=a, b=b, threads=1)
        assert y[0] == wanted


STORE = """layout(local_size_x = 2, local_size_y = 2) in;
layout(binding = 0, r32f) readonly uniform image2D a[2];
layout(binding = 1, r32f) writeonly uniform image2D b[2];
layout(push_constant) uniform Push { int from, to; };
void main() {
  ivec2 at = ivec2(gl_GlobalInvocationID.xy);
  imageStore(b[to], at, imageLoad(a[from], at) + 1.0);
}
"""


def test_storage_images_in_one_submission(device):
    needs(device, "shaderStorageImageArrayDynamicIndexing")
    kernel = vf.Kernel(STORE)
    access = {row["name"]: row["access"] for row in kernel.parameters}
    assert access["a"] == "read"
    assert access["b"] == "write"
    images = [picture(value) for value in (1, 2, 3, 4)]
    recorder = vf.Recorder()
    with recorder:
        recorder.run(kernel, a=images[:2], b=images[2:], **{"from": 1, "to": 0}, threads=(2, 2))
        recorder.run(kernel, a=images[2:], b=images[:2], **{"from": 0, "to": 1}, threads=(2, 2))
    assert recorder.barriers >= 2
    assert [image.read()[1, 1] for image in images] == [1, 4, 3, 4]
    with pytest.raises(vf.InputError, match=r"maps\[1\].*bound twice, sampled and as a storage image"):
        vf.Kernel(
            """layout(binding = 0, r32f) uniform image2D a; layout(binding = 1) uniform sampler2D maps[2];
            void main() { imageStore(a, ivec2(0), texelFetch(maps[0], ivec2(0), 0)); }"""
        )(a=images[0], maps=[images[1], images[0]], threads=1)


def test_barriers_follow_from_elements():
    add = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { float v[]; } xs[2];
        layout(binding = 2) buffer Y { float v[]; } ys[2];
        void main() {
          uint i = gl_GlobalInvocationID.x;
          if (i < ys[0].v.length()) ys[0].v[i] += xs[0].v[i];
          if (i < ys[1].v.length()) ys[1].v[i] += xs[1].v[i];
        }""",
        name="add",
    )
    a, b, c, d, e, f = (vf.asarray(full(i)) for i in (1, 2, 3, 4, 5, 6))
    recorder = vf.Recorder()
    with recorder:
        recorder.run(add, xs=[a, b], ys=[c, d], threads=N)
        recorder.run(add, xs=[b, a], ys=[e, f], threads=N)
    assert recorder.barriers == 0  # what is only read is shared
    with recorder:
        recorder.run(add, xs=[a, b], ys=[c, d], threads=N)
        recorder.run(add, xs=[a, d], ys=[e, f], threads=N)
    assert recorder.barriers == 1
    assert [int(np.asarray(one)[7]) for one in (c, d, e, f)] == [5, 8, 8, 15]


# ---------------------------------------------------------------- graphs


def test_graphs(device):
    kernel = vf.Kernel(SUM, name="sum")
    xs, y = [vf.asarray(full(i)) for i in (1, 2, 3)], vf.asarray(full(0))
    with vf.record() as graph:
        kernel(xs=xs, y=y, threads=N)
        kernel(xs=[xs[0], y, xs[2]], y=vf.param("out", vf.asarray(full(0))), threads=N)
        kernel(xs=xs, y=y, threads=N)
    graph.run()
    assert (np.asarray(y) == 321).all()
    assert "sum#2.xs" in graph.names
    assert "xs" not in graph.names  # not all calls have the same
    out = vf.asarray(full(0))
    graph.run({"sum#2.xs": (xs[2], y, xs[1])}, out=out)
    assert (np.asarray(out) == 3 + 3210 + 200).all()
    for wrong, error, text in (
        ([xs[0]], vf.ShapeError, r"expected list of 3 readonly float\[\]; got 1"),
        ([xs[0], xs[1], full(1)], vf.ArgumentTypeError, r"argument xs\[2\] of a graph.*an ndarray"),
        (xs[0], vf.ArgumentTypeError, "expected list of 3"),
        ([xs[0], vf.asarray(np.zeros(N, np.int32)), xs[1]], vf.DtypeError, r"argument xs\[1\] of sum"),
    ):
        with pytest.raises(error, match=text):
            graph.run({"sum#2.xs": wrong})
    with pytest.raises(vf.ArgumentTypeError, match=r"argument xs\[0\] of a graph"), vf.record():
        kernel(xs=[full(1)] * 3, y=y, threads=N)
    with pytest.raises(vf.ArgumentTypeError, match=r"argument xs\[1\] of a prepared call"):
        kernel.prepare(xs=[xs[0], full(1), xs[1]], y=y, threads=N)


def test_declared_memory_in_a_list():
    kernel = vf.Kernel(SUM, name="sum")
    xs, y = [vf.asarray(full(i)) for i in (1, 2, 3)], vf.asarray(full(0))
    with vf.record() as graph:
        kernel(xs=[xs[0], vf.param("middle", xs[1]), xs[2]], y=y, threads=N)
        graph.copy(xs[1], xs[0])
    for middle in (7, 5, 7):
        graph.run(middle=vf.asarray(full(middle)))
        assert np.asarray(y)[0] % 100 // 10 * 10 in (middle * 10 % 100, (middle * 10 + middle) // 10 % 10 * 10)
        assert (np.asarray(xs[0]) == middle).all()


def test_graphs_with_lists_of_other_lengths(device):
    kernel = made(OPEN)
    y = vf.asarray(full(0))
    with vf.record() as graph:
        kernel(xs=[vf.asarray(full(1))], y=y, count=1, threads=N)
    for count in (1, 5, 11, 5):
        if count + 1 < device.limits["max_stage_storage_buffers"]:
            graph.run(xs=[vf.asarray(full(i)) for i in range(count)], count=count)
            assert (np.asarray(y) == sum(range(count))).all()


# ---------------------------------------------------------------- debug


def test_debug_checks_elements_and_their_own_sizes(device):
    needs(device, "shaderStorageBufferArrayDynamicIndexing")
    kernel = vf.Kernel(CHOOSE.replace("xs[which].v[i]", "xs[which].v[i + 1]"), debug=True, name="choose")
    y = np.full(10, 7, np.float32)
    kernel(xs=[full(1, 11), full(2, 4)], y=y, which=0, threads=10)
    assert (y == 1).all()
    with pytest.raises(vf.RangeError, match=r"7 times.*line 6: index \d+ of xs\[\]\.v, which has 4 elements"):
        kernel(xs=[full(1, 11), full(2, 4)], y=y, which=1, threads=10)
    assert y.tolist() == [2] * 3 + [0] * 7
    with pytest.raises(vf.RangeError, match=r"line 6: index 5 of xs, which has 2 elements"):
        kernel(xs=[full(1, 11), full(2, 4)], y=y, which=5, threads=10)
    assert not y.any()


def test_debug_knows_how_many_were_given(device):
    kernel = made(OPEN, debug=True)
    native._testing.validate(kernel)
    y = np.zeros(N, np.float32)
    kernel(xs=[full(1), full(2)], y=y, count=2, threads=N)
    assert (y == 3).all()
    with pytest.raises(vf.RangeError, match=r"line 10: index 2 of xs, which has 2 elements"):
        kernel(xs=[full(1), full(2)], y=y, count=3, threads=N)
    assert (y == 3).all()


def test_debug_drops_writes_to_images_that_are_not_there(device):
    needs(device, "shaderStorageImageArrayDynamicIndexing")
    kernel = vf.Kernel(STORE, debug=True)
    native._testing.validate(kernel)
    images = [picture(value) for value in (1, 2, 3, 4)]
    kernel(a=images[:2], b=images[2:], **{"from": 1, "to": 1}, threads=(2, 2))
    assert (images[3].read() == 3).all()
    with pytest.raises(vf.RangeError, match=r"4 times.*index 2 of b, which has 2"):
        kernel(a=images[:2], b=images[2:], **{"from": 1, "to": 2}, threads=(2, 2))
    assert [image.read()[0, 0] for image in images] == [1, 2, 3, 3]
    with pytest.raises(vf.RangeError, match=r"index -1 of a, which has 2"):
        kernel(a=images[:2], b=images[2:], **{"from": -1, "to": 0}, threads=(2, 2))
    assert (images[2].read() == 1).all()  # 0 was read


def test_debug_keeps_images_with_their_samplers(device):
    needs(device, "shaderSampledImageArrayDynamicIndexing")
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform texture2D t[2];
        layout(binding = 1) uniform sampler s;
        layout(binding = 2) buffer Y { float y[]; };
        layout(push_constant) uniform Push { uint a; };
        void main() { y[0] = texture(sampler2D(t[a], s), vec2(y[1], y[2])).r; }""",
        debug=True,
    )
    native._testing.validate(kernel)
    t, y = [picture(3), picture(4)], np.zeros(3, np.float32)
    kernel(t=t, s=vf.Sampler(), y=y, a=1, threads=1)
    assert y[0] == 4
    with pytest.raises(vf.RangeError, match=r"index 2 of t, which has 2"):
        kernel(t=t, s=vf.Sampler(), y=y, a=2, threads=1)


# ---------------------------------------------------------------- misuse

READ_ONLY = full(3)
READ_ONLY.flags.writeable = False
GOOD = [full(1), full(2), full(3)]
REFUSED = {
    "one array": (GOOD[0], vf.ArgumentTypeError, r"argument xs of lists; expected list of 3 float\[\]; got ndarray"),
    "rows": (np.zeros((3, N), np.float32), vf.ArgumentTypeError, "expected list of 3"),
    "text": ("abc", vf.ArgumentTypeError, "expected list of 3.*got str"),
    "a set": ({1, 2, 3}, vf.ArgumentTypeError, "expected list of 3.*got set"),
    "none": (None, vf.ArgumentTypeError, "expected list of 3.*got NoneType"),
    "two": (GOOD[:2], vf.ShapeError, r"expected list of 3 float\[\]; got 2"),
    "four": ([*GOOD, GOOD[0]], vf.ShapeError, "got 4"),
    "empty": ([], vf.ShapeError, "got 0"),
    "a number": ([*GOOD[:2], 3.0], vf.ArgumentTypeError, r"argument xs\[2\] of lists; expected float\[\]; got float"),
    "nested": ([*GOOD[:2], [GOOD[2]]], vf.ArgumentTypeError, r"argument xs\[2\].*got list"),
    "dtype": ([GOOD[0], GOOD[1].astype(int), GOOD[2]], vf.DtypeError, r"argument xs\[1\].*float32"),
    "gaps": ([*GOOD[:2], full(0, 2 * N)[::2]], vf.LayoutError, r"argument xs\[2\] is not C-contiguous"),
    "no elements": ([full(0, 0), *GOOD[:2]], vf.ShapeError, r"argument xs\[0\] of lists is too small"),
    "read-only": ([GOOD[0], READ_ONLY, GOOD[1]], vf.ReadOnlyError, r"argument xs\[1\] is written by the shader"),
    "a texture": (lambda: [picture(1), *GOOD[:2]], vf.ArgumentTypeError, r"argument xs\[0\] of lists.*got a Texture"),
    "closed": (lambda: [GOOD[0], closed(), GOOD[1]], vf.StateError, "Array was used after close"),
}


def closed():
    array = vf.asarray(full(1))
    array.close()
    return array


@pytest.mark.parametrize("case", REFUSED)
def test_refused_before_anything_runs(case):
    xs, error, text = REFUSED[case]
    kernel = vf.Kernel(
        SUM.replace("readonly buffer X", "buffer X").replace("y[i] =", "y[i] = xs[1].v[i] ="), name="lists"
    )
    y = np.full(N, 7, np.float32)
    with pytest.raises(error, match=text):
        kernel(xs=xs() if callable(xs) else xs, y=y, threads=N)
    assert (y == 7).all()


def test_a_list_for_what_is_no_array():
    kernel = vf.Kernel(SUM)
    with pytest.raises(vf.ArgumentTypeError, match=r"writeonly float\[\] as a NumPy array"):
        kernel(xs=GOOD, y=[full(0)], threads=N)


def test_another_devices_array_in_a_list():
    with native._testing.open_device() as other:
        kernel = vf.Kernel(SUM, name="lists")
        with pytest.raises(vf.InputError, match=r"argument xs\[2\] of lists; expected an array on the kernel's device"):
            kernel(xs=[*GOOD[:2], vf.asarray(full(1), device=other)], y=full(0), threads=N)


def test_arrays_of_arrays_are_refused():
    source = """layout(local_size_x = 1) in;
    layout(binding = 0) uniform sampler2D maps[2][3];
    layout(binding = 9) buffer Y { vec4 y; };
    void main() { y = texture(maps[1][2], vec2(0)); }"""
    with pytest.raises(vf.ShaderError, match="arrays of arrays of sampler2D maps"):
        vf.Kernel(source)


@pytest.mark.parametrize("feature", ["shaderStorageBufferArrayDynamicIndexing", "runtimeDescriptorArray"])
def test_what_the_device_lacks_is_named(device, feature):
    if device.has(feature):
        pytest.skip(f"this device has {feature}")
    with pytest.raises(vf.UnsupportedError) as caught:
        vf.Kernel(CHOOSE if "Dynamic" in feature else OPEN)
    assert caught.value.details["feature"] == feature


def test_one_element_is_a_list_too():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint v; } xs[1];
        void main() { xs[0].v += 1; }"""
    )
    x = np.zeros(1, np.uint32)
    kernel(xs=[x], threads=1)
    assert x[0] == 1
    with pytest.raises(vf.ArgumentTypeError, match="expected list of 1 uint"):
        kernel(xs=x, threads=1)
