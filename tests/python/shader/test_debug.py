"""Kernels that check their indices and print: right results, no harm done, and a message that finds the mistake."""

import logging
import re

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import BLUR
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu


def debug(source, **options):
    return vf.Kernel(source, debug=True, **{"name": "blur", **options})


def test_what_is_right_stays_right():
    x, y, z = np.arange(1000, dtype=np.float32), np.zeros(1000, np.float32), np.zeros(1000, np.float32)
    debug(BLUR)(x=x, y=y, n=1000, shift=0, threads=1000)
    vf.Kernel(BLUR)(x=x, y=z, n=1000, shift=0, threads=1000)
    np.testing.assert_array_equal(y, z)


def test_a_read_out_of_range_gives_zero_and_tells():
    x, y = np.full(100, 5, np.float32), np.full(200, 7, np.float32)
    with pytest.raises(vf.RangeError) as caught:
        debug(BLUR)(x=x, y=y, n=101, shift=0, threads=101)
    text = str(caught.value)
    assert "kernel blur indexed out of range 1 time;" in text
    assert "line 8: index 100 of x, which has 100 elements (invocation 100, 0, 0)" in text
    assert caught.value.details["count"] == "1"
    assert (y[:100] == 6).all()
    assert y[100] == 1  # 0 was read
    assert (y[101:] == 7).all()


def test_indices_below_zero():
    x, y = np.full(100, 5, np.float32), np.zeros(100, np.float32)
    with pytest.raises(vf.RangeError, match=r"3 times.*index -[123] of x, which has 100 elements"):
        debug(BLUR)(x=x, y=y, n=100, shift=-3, threads=100)
    assert y.tolist() == [1] * 3 + [6] * 97


def test_a_write_out_of_range_is_dropped():
    x, y = np.ones(256, np.float32), vf.Buffer(np.full(256, 7, np.float32))
    view = y.array(np.float32, 64)
    with pytest.raises(vf.RangeError, match=r"192 times.*line 8: index \d+ of y, which has 64 elements"):
        debug(BLUR)(x=x, y=view, n=256, shift=0, threads=256)
    assert y.read(dtype="f4").tolist() == [2] * 64 + [7] * 192


@pytest.mark.parametrize("name", ["größe", "日本", "a\nb"])
def test_names_beyond_ascii(name):
    x, y = np.full(100, 5, np.float32), np.zeros(200, np.float32)
    with pytest.raises(vf.RangeError, match=f"kernel {name} indexed out of range 1 time"):
        debug(BLUR, name=name)(x=x, y=y, n=101, shift=0, threads=101)


def test_far_out_of_range():
    x, y = np.ones(64, np.float32), np.zeros(64, np.float32)
    with pytest.raises(vf.RangeError, match=r"64 times.*index 4000000"):
        debug(BLUR)(x=x, y=y, n=64, shift=400_000_000, threads=64)
    assert (y == 1).all()


POINTER = """#extension GL_EXT_buffer_reference : require
layout(local_size_x = 64) in;
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float v[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Head { uint count; float table[4]; vec2 v[]; };
layout(push_constant) uniform Push { Floats x; Floats y; Head head; uint n; };
float take(Floats from, uint i) { return from.v[i]; }
void main() {
  uint i = gl_GlobalInvocationID.x;
  Floats local = x;  // chosen by a condition, it would end SwiftShader
  if (i < n) {
    y.v[i] = take(x, i) + local.v[0];
    head.v[i].y = head.table[i % 5u] + 1.0;
  }
}
"""


def test_addresses_know_their_size():
    kernel = debug(POINTER)
    head = np.zeros((), kernel.dtype("head", length=10))
    head["table"] = 1, 2, 3, 4
    x, y = np.full(10, 2, np.float32), np.ones(10, np.float32)
    kernel(x=x, y=y, head=head, n=4, threads=4)
    assert head["v"][:5, 1].tolist() == [2, 3, 4, 5, 0]
    with pytest.raises(vf.RangeError) as caught:
        kernel(x=x, y=y, head=head, n=13, threads=13)
    text = str(caught.value)
    assert re.search(r"line 6: index 1[012] of x\.v, which has 10 elements", text)
    assert re.search(r"line 11: index 1[012] of y\.v, which has 10 elements", text)
    assert re.search(r"line 12: index (1[012] of head\.v, which has 10|4 of head\.table, which has 4) elements", text)
    assert head["v"][4, 1] == 1  # table[4] read as 0


def test_arrays_and_buffers():
    kernel = debug(POINTER)
    x, y = (vf.asarray(np.ones(count, np.float32)) for count in (5, 50))
    head = vf.Buffer(np.zeros(100, np.float32))
    with pytest.raises(vf.RangeError, match=r"index 5 of x\.v, which has 5 elements"):
        kernel(x=x, y=y, head=head, n=6, threads=6)


STRUCTS = """struct Inner { float a[3]; vec4 color; };
struct Item { Inner inner[2]; uint kind; };
layout(local_size_x = 1) in;
layout(binding = 0) buffer Items { Item items[]; } whole;
layout(binding = 1) uniform Table { vec4 rows[4]; } table;
layout(push_constant) uniform Push { uint item, inner, a, component, row; };
shared uint tile[8];
void main() {
  tile[row] = 3u;
  whole.items[item].inner[inner].a[a] = 1.0 + table.rows[row][component];
  whole.items[item].inner[inner].color[component] = float(tile[row]);
}
"""


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"item": 2}, r"index 2 of whole\.items, which has 2"),
        ({"inner": 2}, r"index 2 of whole\.items\[\]\.inner, which has 2"),
        ({"a": 3}, r"index 3 of whole\.items\[\]\.inner\[\]\.a, which has 3"),
        ({"component": 4}, r"index 4 of table\.rows\[\], which has 4"),
        ({"row": 4}, r"line 10: index 4 of table\.rows, which has 4"),
        ({"row": 8}, r"line 9: index 8 of tile, which has 8"),
    ],
)
def test_every_array_on_the_way_is_checked(wrong, text):
    kernel = debug(STRUCTS)
    items = np.zeros(2, kernel.dtype("whole"))
    fine = {"item": 1, "inner": 1, "a": 2, "component": 3, "row": 2}
    kernel(whole=items, table=np.zeros((4, 4), np.float32), **fine, threads=1)
    assert items["inner"]["a"][1, 1, 2] == 1
    assert items["inner"]["color"][1, 1, 3] == 3
    with pytest.raises(vf.RangeError, match=text):
        kernel(whole=items, table=np.zeros((4, 4), np.float32), **{**fine, **wrong}, threads=1)


LOOPS = """layout(local_size_x = 1) in;
layout(binding = 0) buffer X { uint x[]; };
layout(binding = 1) buffer Y { uint y[]; };
uint at(uint i) { return x[i] + 1u; }
void main() {
  uint sum = 0u, local[4] = uint[4](1u, 2u, 3u, 4u);
  for (uint i = 0u; i < x[0]; i += x[1]) {
    if (i == 3u) continue;
    if (x[2] == i) break;
    switch (i % 3u) { case 0u: sum += at(i); case 1u: sum += x[i] * local[i % 4u]; break; default: sum ^= x[i]; }
    uint k = 0u;
    do { sum += x[k] > 2u && x[k + 1u] < 9u ? x[k] : at(k); } while (++k < x[3]);
    atomicAdd(y[1], x[i]);
    atomicMax(y[i], 2u);
  }
  y[0] = sum;
}
"""


def test_control_flow_of_all_kinds():
    for seed in range(20):
        x = np.random.default_rng(seed).integers(1, 7, 32).astype(np.uint32)
        x[0], x[2] = 12, 9
        y, z = np.zeros(16, np.uint32), np.zeros(16, np.uint32)
        debug(LOOPS)(x=x, y=y, threads=1)
        vf.Kernel(LOOPS)(x=x, y=z, threads=1)
        np.testing.assert_array_equal(y, z)


def test_atomics_out_of_range():
    kernel = debug(
        """layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() { uint old = atomicAdd(x[gl_GlobalInvocationID.x / 32u], 1u); }"""
    )
    x = np.zeros(2, np.uint32)
    with pytest.raises(vf.RangeError, match=r"64 times.*index [23] of x, which has 2"):
        kernel(x=x, threads=128)
    assert x.tolist() == [32, 32]


def test_the_counter_counts_all():
    x, y = np.zeros(1, np.float32), np.zeros(1, np.float32)
    with pytest.raises(vf.RangeError) as caught:
        debug(BLUR)(x=x, y=y, n=100_000, shift=1, threads=100_000)
    assert caught.value.details["count"] == str(100_000 + 99_999)


def test_prepared_recorded_and_submitted_calls():
    kernel = debug(BLUR)
    x, y = vf.asarray(np.ones(10, np.float32)), vf.asarray(np.zeros(20, np.float32))
    call = kernel.prepare(x=x, y=y, n=11, shift=0, threads=11)
    for _ in range(2):
        with pytest.raises(vf.RangeError, match=r"blur indexed out of range 1 time"):
            call()
    recorder = vf.Recorder()
    with pytest.raises(vf.RangeError, match=r"2 times"), recorder:
        recorder.run(kernel, x=x, y=y, n=12, shift=0, threads=12)
    event = kernel.submit(x=x, y=y, n=13, shift=0, threads=13)
    with pytest.raises(vf.RangeError, match=r"3 times"):
        event.wait()
    kernel(x=x, y=y, n=10, shift=0, threads=10)


def test_the_environment_turns_it_on(monkeypatch):
    x, y = np.ones(10, np.float32), np.zeros(20, np.float32)
    monkeypatch.setenv("VULKAN_FORGE_DEBUG_KERNELS", "1")
    with pytest.raises(vf.RangeError):
        vf.Kernel(BLUR)(x=x, y=y, n=11, shift=0, threads=11)
    vf.Kernel(BLUR, debug=False)(x=x, y=y, n=11, shift=0, threads=11)
    monkeypatch.setenv("VULKAN_FORGE_DEBUG_KERNELS", "0")
    vf.Kernel(BLUR)(x=x, y=y, n=11, shift=0, threads=11)


def test_devices_that_copy(staging):
    x, y = np.ones(10, np.float32), np.zeros(20, np.float32)
    with pytest.raises(vf.RangeError, match="index 10 of x"):
        debug(BLUR, device=staging)(x=x, y=y, n=11, shift=0, threads=11)
    assert y.tolist() == [2] * 10 + [1] + [0] * 9


@pytest.mark.parametrize("source", [BLUR, POINTER, STRUCTS, LOOPS])
def test_what_is_made_is_valid(source):
    native._testing.validate(debug(source))


# ---------------------------------------------------------------- text

PRINT = """#extension GL_EXT_debug_printf : require
layout(local_size_x = 1) in;
layout(push_constant) uniform Push { uint n; int i; float f; vec3 v; };
void main() {
  if (gl_GlobalInvocationID.x < n)
    debugPrintfEXT("%d of %u: %f %.2f %v3f %x %5d|%-5d|%% %e", i, gl_GlobalInvocationID.x, f, f, v, 255, 3, 4, f);
}
"""


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, logger="vulkan_forge.shader")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "vulkan_forge.shader"]


def test_texts_beyond_ascii_keep_what_is_ascii(said):
    """glslang took the characters beside them along, values to print among them, or left the text without an end."""
    kernel = vf.Kernel(
        """#extension GL_EXT_debug_printf : require
        layout(local_size_x = 1) in;
        #include "größe"
        void main() { debugPrintfEXT("Δ=%d", 7); debugPrintfEXT("größe %d m²", size()); }""",
        includes={"größe": 'int size() { debugPrintfEXT("é%dé", 8); return 9; }'},
    )
    kernel(threads=1)
    assert sorted(said()) == ["??8??", "??=7", "gr????e 9 m??"]


def test_text_reaches_the_log(said):
    kernel = vf.Kernel(PRINT, name="talk")
    kernel(n=2, i=-7, f=1.5, v=(1, 2, 3), threads=2)
    wanted = "-7 of {}: 1.500000 1.50 1.000000, 2.000000, 3.000000 ff     3|4    |% 1.500000e+00"
    assert sorted(said()) == [wanted.format(0), wanted.format(1)]


def test_text_of_other_types(device, said):
    if not (device.has("shaderInt64") and device.has("shaderFloat64")):
        pytest.skip("needs shaderInt64 and shaderFloat64")
    kernel = vf.Kernel(
        """#extension GL_EXT_debug_printf : require
        #extension GL_EXT_shader_explicit_arithmetic_types : require
        layout(local_size_x = 1) in;
        layout(push_constant) uniform Push { int64_t i; uint64_t u; double d; ivec2 p; bool b; };
        void main() { debugPrintfEXT("%ld %lu %f %v2d %d", i, u, d, p, b); debugPrintfEXT("plain"); }"""
    )
    kernel(i=-(2**40), u=2**63, d=0.25, p=(-1, 2), b=True, threads=1)
    assert said() == [f"{-(2**40)} {2**63} 0.250000 -1, 2 1", "plain"]


def test_text_that_does_not_fit_is_counted(said):
    kernel = vf.Kernel(PRINT)
    kernel(n=20_000, i=1, f=0, v=(0, 0, 0), threads=20_000)
    lines = said()
    lost = re.fullmatch(r"(\d+) more lines of kernel were lost.*", lines[-1])
    assert lost
    assert len(lines) - 1 + int(lost[1]) == 20_000
    kernel(n=1, i=1, f=0, v=(0, 0, 0), threads=1)
    assert len(said()) == len(lines) + 1


def test_text_with_checks_and_without_words(said):
    source = BLUR.replace("void main() {", 'void main() { debugPrintfEXT("here");').replace(
        "layout(local", "#extension GL_EXT_debug_printf : require\nlayout(local", 1
    )
    x, y = np.ones(4, np.float32), np.zeros(8, np.float32)
    with pytest.raises(vf.RangeError, match="line 9: index 4 of x"):
        debug(source)(x=x, y=y, n=5, shift=0, threads=5)
    assert said() == ["here"] * 64


def test_a_prepared_call_reports_also_while_a_profile_runs():
    kernel = debug(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint x[]; };
        layout(push_constant) uniform Push { uint at; };
        void main() { x[at] = 1u; }"""
    )
    call = kernel.prepare(x=vf.asarray(np.zeros(4, np.uint32)), at=9, threads=1)
    with vf.profile(), pytest.raises(vf.RangeError, match="index 9 of x"):
        call()
