"""What a graph may be given anew in each run: textures, lists, values of fills; and what debugged kernels say in it."""

import gc
import logging

import numpy as np
import pytest

import vulkan_forge as vf
from graphs import N, full
from kernels import BLUR
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


def picture(value, dtype=np.float32):
    return vf.Texture(np.full((2, 2), value, dtype))


# ---------------------------------------------------------------- textures

LOOK = """layout(local_size_x = 4) in;
layout(binding = 0) uniform sampler2D t;
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { float by; };
void main() { uint i = gl_GlobalInvocationID.x; y[i] = by * texelFetch(t, ivec2(i % 2, i / 2), 0).r; }
"""
DOUBLE = """layout(local_size_x = 2, local_size_y = 2) in;
layout(binding = 0, r32f) uniform image2D t;
void main() { ivec2 at = ivec2(gl_GlobalInvocationID.xy); imageStore(t, at, imageLoad(t, at) * 2.0); }
"""


@pytest.fixture
def look(device):
    return vf.Kernel(LOOK, name="look")


@pytest.fixture
def double(device):
    return vf.Kernel(DOUBLE, name="double")


def test_sampled_and_stored_in_turn(look, double):
    texture, other, y = picture(3), picture(10), vf.asarray(np.zeros(4, np.float32))
    with vf.record() as graph:
        double(t=texture, threads=(2, 2))
        look(t=texture, y=y, by=1.0, threads=4)
        double(t=texture, threads=(2, 2))
    assert "t" in graph.names
    assert "by" in graph.names
    graph.run()
    assert y.tolist() == [6] * 4
    assert (texture.read() == 12).all()
    graph.run(t=other, by=10.0)
    assert y.tolist() == [200] * 4
    assert (other.read() == 40).all()
    assert (texture.read() == 12).all()
    graph.run({"look.t": other})  # one of the calls only: the other texture is doubled
    assert y.tolist() == [40] * 4
    assert (texture.read() == 48).all()
    graph.run()
    assert y.tolist() == [96] * 4


def test_many_textures_in_flight(look):
    """Each run has a texture that nobody holds any more once it was sent."""
    outputs = [vf.asarray(np.zeros(4, np.float32)) for _ in range(40)]
    with vf.record() as graph:
        look(t=picture(0), y=outputs[0], by=2.0, threads=4)
    events = [graph.submit(t=picture(i), y=y) for i, y in enumerate(outputs)]
    gc.collect()
    for event in events:
        event.wait()
    assert [y.tolist()[3] for y in outputs] == [2 * i for i in range(40)]
    same = picture(7)
    for _ in range(3):
        graph.run(t=same)
        assert outputs[0].tolist() == [14] * 4


def test_a_graph_keeps_its_textures(look):
    texture, y = picture(5), vf.asarray(np.zeros(4, np.float32))
    with vf.record() as graph:
        look(t=texture, y=y, by=1.0, threads=4)
    texture.close()
    look.close()
    del texture
    gc.collect()
    graph.run()
    assert y.tolist() == [5] * 4
    with vf.profile():
        graph.run(t=picture(6))
    assert y.tolist() == [6] * 4
    graph.run(timed=True, t=picture(7))
    assert y.tolist() == [7] * 4
    assert graph.nodes[0]["reads"] == ["t"]
    assert graph.nodes[0]["writes"] == ["y"]


def test_samplers_and_declared_textures(device):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform texture2D t;
        layout(binding = 1) uniform sampler s;
        layout(binding = 2) writeonly buffer Y { float y[]; };
        void main() { y[0] = texture(sampler2D(t, s), vec2(1.25, 0.5)).r; }""",
        name="at",
    )
    one, two = vf.Texture(np.array([[10, 20]], np.float32)), vf.Texture(np.array([[30, 40]], np.float32))
    y, z = full(0, 1), full(0, 1)
    with vf.record() as graph:
        kernel(t=vf.param("source", one), s=vf.Sampler(), y=y, threads=1)
        kernel(t=one, s=vf.Sampler(), y=z, threads=1)
    assert {"source", "s", "at#1.t"} <= set(graph.names)
    for changes, wanted in (
        ({}, [20, 20]),
        ({"source": two}, [40, 20]),
        ({"s": vf.Sampler(wrap="repeat")}, [10, 10]),
        ({"s": vf.Sampler(wrap="repeat"), "source": two}, [30, 10]),
        ({"source": one}, [20, 20]),
    ):
        for _ in range(2):
            graph.run(changes)
            assert [y.tolist()[0], z.tolist()[0]] == wanted
    for value, error in (
        (vf.Texture(np.zeros((1, 2), np.int32)), vf.DtypeError),
        (vf.Texture(np.zeros(2, np.float32)), vf.ShapeError),
        (y, vf.ArgumentTypeError),
        (vf.Sampler(), vf.ArgumentTypeError),
        (np.zeros((1, 2), np.float32), vf.ArgumentTypeError),
    ):
        with pytest.raises(error):
            graph.run(source=value)
    with pytest.raises(vf.InputError, match="declared twice"), vf.record():
        vf.param("source", one)
        vf.param("source", two)
    with native._testing.open_device() as other:
        far = vf.Texture(np.zeros((1, 2), np.float32), device=other)
        with pytest.raises(vf.InputError, match="on the kernel's device"):
            graph.run(source=far)


def test_a_texture_sampled_and_stored_by_one_call_of_a_run(look, double):
    kernel = vf.Kernel(
        """layout(binding = 0, r32f) writeonly uniform image2D a; layout(binding = 1) uniform sampler2D b;
        void main() { imageStore(a, ivec2(0), texelFetch(b, ivec2(0), 0)); }"""
    )
    a, b = picture(1), picture(2)
    with vf.record() as graph:
        kernel(a=a, b=b, threads=1)
    with pytest.raises(vf.InputError, match="bound twice, sampled and as a storage image"):
        graph.run(a=b)
    graph.run(a=b, b=a)
    assert b.read()[0].tolist() == [1, 2]


def test_declared_lists(device):
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { float v[]; } xs[2];
        layout(binding = 2) buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = xs[0].v[i] - xs[1].v[i]; }"""
    )
    a, b, y = full(5), full(3), full(0)
    with vf.record() as graph:
        kernel(xs=vf.param("pair", [a, b]), y=y, threads=N)
    for pair, wanted in ((None, 2), ([b, a], -2), ((a, a), 0), (None, 2)):
        graph.run({} if pair is None else {"pair": pair})
        assert (np.asarray(y) == wanted).all()
    with pytest.raises(vf.ArgumentTypeError, match="some and of something else"), vf.record():
        vf.param("pair", [a, 3])


# ---------------------------------------------------------------- fills


@pytest.mark.parametrize(
    "dtype", ["float32", "int32", "uint32", "float16", "int8", "uint16", "bool", "float64", "int64"]
)
def test_the_value_of_a_fill(device, dtype):
    x, y = vf.asarray(np.zeros(64, dtype)), vf.asarray(np.zeros(64, dtype))
    values = [True, False] if dtype == "bool" else [0] if dtype.endswith("64") else [3, 7, 0]
    with vf.record() as graph:
        graph.fill(x, vf.param("start", values[0]))
        graph.copy(x, y)
    assert set(graph.names) >= {"start", "fill.value"}
    for value in values:
        for name in ("start", "fill.value"):
            graph.run({name: value})
            np.testing.assert_array_equal(np.asarray(y), np.full(64, value, dtype))
    graph.run()
    np.testing.assert_array_equal(np.asarray(y), np.full(64, values[0], dtype))


def test_values_that_a_fill_does_not_take(device):
    x, wide = vf.asarray(np.zeros(64, np.int32)), vf.asarray(np.zeros(8, np.int64))
    with vf.record() as graph:
        graph.fill(x, vf.param("start", 1))
        graph.fill(wide, vf.param("wide", 0))
        graph.fill(x, 4)
    for changes, error, text in (
        ({"start": 1.5}, vf.ArgumentTypeError, "integer"),
        ({"start": 2**31}, vf.InputError, "does not fit"),
        ({"start": [1, 2]}, vf.ArgumentTypeError, "one number"),
        ({"start": "a"}, vf.ArgumentTypeError, "number"),
        ({"start": x}, vf.ArgumentTypeError, "a number; got .*Array"),
        ({"wide": 1}, vf.InputError, "32-bit pattern"),
    ):
        with pytest.raises(error, match=text):
            graph.run(changes)
    assert not np.asarray(x).any()
    graph.run({"fill#1.value": -1, "wide": -1})
    assert np.asarray(wide).tolist() == [-1] * 8
    assert np.asarray(x).tolist() == [4] * 64


def test_a_declared_number_for_kernels_and_fills(device):
    scale = vf.Kernel(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        layout(push_constant) uniform Push { float a; };
        void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= a; }"""
    )
    x, empty = full(0), vf.empty(0)
    with vf.record() as graph:
        a = vf.param("a", 2.0)
        graph.fill(vf.param("x", x), a)
        graph.fill(empty, a)
        scale(x=x, a=a, threads=N)
    other = full(0)
    for value in (2.0, 3.0, -1.5):
        graph.run(a=value)
        assert (np.asarray(x) == value**2).all()
        graph.run(a=value, x=other)
        assert (np.asarray(other) == value**2).all()


# ---------------------------------------------------------------- after


def test_after_an_event_on_another_queue():
    with native._testing.open_device(emulate_transfer=True) as device:
        add = vf.Kernel(
            """layout(local_size_x = 64) in;
            layout(binding = 0) readonly buffer X { float x[]; };
            layout(binding = 1) buffer Y { float y[]; };
            void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] += x[i]; }""",
            device=device,
        )
        a, b, x, y = (vf.asarray(np.full(N, i, np.float32), device=device) for i in (1, 2, 3, 4))
        with vf.record() as graph:
            add(x=x, y=y, threads=N)
        wanted = 4.0
        for k, source in ((1, a), (2, b), (1, a)):
            event = vf.copy_async(source, x)  # the graph waits for what it touches by itself
            graph.submit(after=event)
            wanted += k
        graph.submit(after=[vf.copy_async(a, b), event]).wait()
        assert (np.asarray(y) == wanted + 1).all()
        vf.copy_async(y, a)
        graph.run()  # writes what the copy still reads
        assert (np.asarray(a) == wanted + 1).all()
        with pytest.raises(vf.ArgumentTypeError, match="an Event"):
            graph.submit(after=3)
    with native._testing.open_device() as other:
        texture = vf.Texture(np.zeros((2, 2), np.float32), device=other)
        event = vf.Kernel(DOUBLE, device=other).submit(t=texture, threads=(2, 2))
        here = full(0)
        with vf.record() as graph:
            graph.fill(here, 1)
        with pytest.raises(vf.InputError, match="another device"):
            graph.submit(after=event)


# ---------------------------------------------------------------- what kernels say

AT = """#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };
layout(push_constant) uniform Push { Floats x; Floats y; uint n; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < n) y.v[i] = x.v[i] + 1.0;
}
"""
TALK = """#extension GL_EXT_debug_printf : require
layout(local_size_x = 1) in;
layout(push_constant) uniform Push { int v; };
void main() { debugPrintfEXT("v is %d", v); }
"""


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, logger="vulkan_forge.shader")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "vulkan_forge.shader"]


def test_indices_are_reported_after_each_run(device):
    kernel = vf.Kernel(BLUR, debug=True, name="blur")
    x, y, z = full(5, 10), full(0, 20), full(0, 20)
    with vf.record() as graph:
        kernel(x=x, y=y, n=10, shift=0, threads=20)
        kernel(x=x, y=z, n=vf.param("n", 10), shift=vf.param("shift", 0), threads=20)
    assert graph.nodes[1]["reads"] == ["x", "what blur#2 says"]
    for _ in range(2):
        graph.run()
        assert np.asarray(z).tolist() == [6] * 10 + [0] * 10
    for _ in range(2):
        with pytest.raises(vf.RangeError) as caught:
            graph.run(n=12)
        text = str(caught.value)
        assert "kernel blur#2 indexed out of range 2 times" in text
        assert "line 8: index 10 of x, which has 10 elements (invocation 10, 0, 0)" in text
        assert caught.value.details["count"] == "2"
    assert np.asarray(z).tolist() == [6] * 10 + [1] * 2 + [0] * 8
    with pytest.raises(vf.RangeError, match=r"blur#2 indexed out of range 3 times.*index -[123] of x"):
        graph.run(shift=-3)
    timed = device.limits["timestamp_period_ns"] > 0
    with pytest.raises(vf.RangeError, match=r"blur#1 .* 5 times.*blur#2 indexed out of range too: .*line 8"):
        graph.run(x=full(1, 5), n=11, timed=timed)
    graph.run()  # nothing is left of the runs before
    with vf.profile(), pytest.raises(vf.RangeError, match="blur#2"):
        graph.run(n=11)


def test_each_run_has_its_own_report(device):
    kernel = vf.Kernel(BLUR, debug=True, name="blur")
    x, y = full(5, 10), full(0, 40)
    with vf.record() as graph:
        kernel(x=x, y=y, n=10, shift=0, threads=40)
    events = [graph.submit(n=10 + i % 4) for i in range(24)]
    for i, event in reversed(list(enumerate(events))):
        if i % 4 == 0:
            event.wait()
            continue
        with pytest.raises(vf.RangeError, match=rf"blur indexed out of range {i % 4} time"):
            event.wait()
    event = graph.submit(n=13)
    del event, graph, events  # nobody asks
    gc.collect()


def test_sizes_are_those_of_the_arrays_of_the_run(device):
    kernel = vf.Kernel(AT, debug=True, name="at")
    x, y = full(1, 64), full(0, 64)
    with vf.record() as graph:
        kernel(x=x, y=vf.param("out", y), n=64, threads=64)
    graph.run()
    other = full(7, 64)
    graph.run(out=other)  # its address is known to be of y
    assert (np.asarray(other) == 2).all()
    longer = full(3, 64)
    with pytest.raises(vf.RangeError, match=r"4 times.*index 6\d of x\.v, which has 60 elements"):
        graph.run(x=full(1, 60), out=other)
    assert np.asarray(other).tolist() == [2] * 60 + [1] * 4
    graph.run(x=longer, out=other)
    assert (np.asarray(other) == 4).all()
    room, tail = vf.Buffer(np.zeros(128, np.float32)), full(9, 64)
    with vf.record() as graph:
        kernel(x=x, y=vf.param("out", room.array(np.float32, 64)), n=70, threads=70)
    for out in (room.array(np.float32, 64), tail, None):
        with pytest.raises(vf.RangeError, match=r"index 6\d of [xy]\.v, which has 64 elements"):
            graph.run({} if out is None else {"out": out})
    assert not np.frombuffer(room.read(), np.float32)[64:].any()


def test_text_reaches_the_log_in_the_order_of_the_calls(device, said):
    talk = vf.Kernel(TALK, name="talk")
    with vf.record() as graph:
        talk(v=1, threads=1)
        talk(v=vf.param("v", 2), threads=1)
        talk.prepare(v=3, threads=1)()
    graph.run()
    assert said() == ["v is 1", "v is 2", "v is 3"]
    event = graph.submit(v=20)
    graph.run(v=30)
    event.wait()
    event.wait()
    assert said()[3:] == ["v is 1", "v is 30", "v is 3", "v is 1", "v is 20", "v is 3"]


def test_lists_in_debugged_graphs(device):
    kernel = vf.Kernel(
        """layout(local_size_x = 16) in;
        layout(binding = 0) buffer X { uint v[]; } xs[2];
        layout(push_constant) uniform Push { uint at; };
        void main() { if (gl_GlobalInvocationID.x == 0) xs[1].v[at] += 1; }""",
        debug=True,
        name="pick",
    )
    a, b = (vf.asarray(np.zeros(n, np.uint32)) for n in (4, 6))
    with vf.record() as graph:
        kernel(xs=[a, b], at=5, threads=1)
    graph.run()
    assert np.asarray(b)[5] == 1
    with pytest.raises(vf.RangeError, match=r"index 5 of xs\[\]\.v, which has 4 elements"):
        graph.run(xs=[b, a])
    graph.run(xs=[b, a], at=3)
    assert np.asarray(a)[3] == 1


# ---------------------------------------------------------------- both rewritings at once


def test_loops_are_counted_and_indices_checked(device):
    """On drivers that end loops early both passes over the SPIR-V meet in one kernel."""
    source = """layout(local_size_x = 64) in;
    layout(binding = 0) readonly buffer X { uint x[]; };
    layout(binding = 1) writeonly buffer Y { uint y[]; };
    layout(push_constant) uniform Push { uint rounds; uint n; };
    void main() {
      uint i = gl_GlobalInvocationID.x, sum = 0;
      if (i >= n) return;
      for (uint k = 0; k < rounds; ++k) {
        if (k % 3 == 2) continue;
        for (uint j = 0; j < 2; ++j) sum += x[(i + k + j) % n];
        if (sum > 0xfffffff0u) break;
      }
      y[i] = sum;
    }"""
    kernel = vf.Kernel(source, debug=True, name="both")
    native._testing.validate(kernel)
    x, y = np.arange(50, dtype=np.uint32), np.zeros(64, np.uint32)

    def wanted(n, rounds):
        k = np.array([k for k in range(rounds) if k % 3 != 2])
        return [sum(int(x[(i + k + j) % n].sum()) for j in range(2)) for i in range(n)]

    kernel(x=x, y=y, rounds=100, n=50, threads=64)
    assert y[:50].tolist() == wanted(50, 100)
    with pytest.raises(vf.RangeError, match=r"line 10: index \d+ of x, which has 50 elements"):
        kernel(x=x, y=y, rounds=100, n=52, threads=64)
    ended = None
    try:
        kernel(x=x, y=y, rounds=60_000, n=50, threads=64)  # 140,000 passes
    except vf.UnsupportedError as error:
        ended = str(error)
    if ended:
        assert "loops of both were ended early" in ended
    else:
        assert y[:50].tolist() == wanted(50, 60_000)
    with vf.record() as graph:
        kernel(x=vf.asarray(x), y=vf.asarray(y), rounds=100, n=50, threads=64)
    graph.run()
    with pytest.raises(vf.RangeError, match="kernel both"):
        graph.run(n=51)


# ---------------------------------------------------------------- fills


@pytest.mark.parametrize(
    ("dtype", "value", "error"),
    [
        ("int32", 2.7, vf.ArgumentTypeError),
        ("int32", float("nan"), vf.ArgumentTypeError),
        ("int32", 2**31, vf.InputError),
        ("uint8", 300, vf.InputError),
        ("uint8", -1, vf.InputError),
        ("float32", 1e40, vf.InputError),
        ("float32", 1j, vf.ArgumentTypeError),
        ("float32", "3", vf.ArgumentTypeError),
        ("bool", 7, vf.ArgumentTypeError),
    ],
)
def test_a_value_that_the_dtype_does_not_hold_fills_nothing(dtype, value, error):
    x = vf.asarray(np.zeros(8, dtype))
    with pytest.raises(error), vf.record() as graph:
        graph.fill(x, value)
    with pytest.raises(error), vf.Recorder() as recorder:
        recorder.fill(x, value)
    assert not np.asarray(x).any()


@pytest.mark.parametrize(
    ("dtype", "value"),
    [("bool", 1), ("bool", True), ("bool", 0), ("uint8", 7), ("float16", 1.5), ("complex64", 0), ("int64", 0)],
)
def test_fills_of_small_dtypes(dtype, value):
    x = vf.asarray(np.full(8, 3).astype(dtype))
    with vf.record() as graph:
        graph.fill(x, value)
    graph.run()
    np.testing.assert_array_equal(x, np.full(8, value, dtype))


def test_bfloat16_is_filled_by_its_upper_half():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    x = vf.empty(8, dtype="bfloat16")
    with vf.record() as graph:
        graph.fill(x, vf.param("v", 0.0))
    for value in (0.0, 1.0, -2.5, 3.14159, 1e38, float("inf"), float("nan")):
        graph.run(v=value)
        np.testing.assert_array_equal(x.numpy().astype(np.float32), np.full(8, value, bfloat16).astype(np.float32))


def test_an_argument_by_two_names_is_refused():
    kernel = vf.Kernel(ONE, name="scale")
    x = vf.asarray(np.ones(4, np.float32))
    with vf.record() as graph:
        kernel(x=x, alpha=2.0, threads=4)
    with pytest.raises(vf.BindingError, match="twice"):
        graph.run({"scale.alpha": 3.0}, alpha=4.0)


ONE = """layout(local_size_x = 4) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { float alpha; };
void main() { x[gl_GlobalInvocationID.x] *= alpha; }
"""


# ---------------------------------------------------------------- values that the graph does not have yet


def test_the_host_cannot_see_what_is_being_recorded():
    x = vf.asarray(np.ones((4, 4), np.float32))
    with vf.record():
        turned = compute.transpose(x)
        with pytest.raises(vf.StateError):
            turned.to_host_async()
        with pytest.raises(vf.StateError):
            turned.map()
        with pytest.raises(vf.StateError):
            vf.copy_async(turned, vf.empty((4, 4)))
        with pytest.raises(vf.StateError):
            vf.copy_async(x, turned)


def test_what_no_command_computes_cannot_be_read_afterwards():
    x = vf.asarray(np.ones(8, np.float32))
    with vf.record() as graph:
        left, kept = x * 2, vf.evaluate(x * 3)
    assert len(graph) == 1
    with pytest.raises(vf.StateError, match="without computing them"):
        left.tolist()
    with pytest.raises(vf.StateError, match="without computing them"):
        (left + 1).tolist()
    with x.map() as view:
        view[:] = 50
    graph.run()
    assert kept.tolist() == [150] * 8


def test_copies_do_not_overlap_after_an_exchange_either():
    s, t = vf.asarray(np.arange(8, dtype=np.float32)), vf.empty(8)
    with vf.record() as graph:
        graph.copy(vf.param("s", s), t)
    graph.run()
    with pytest.raises(vf.InputError):
        graph.run(s=t)
    assert t.tolist() == list(range(8))
