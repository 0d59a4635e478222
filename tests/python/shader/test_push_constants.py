"""Push constants: each value arrives unchanged, or is refused."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from kernels import EXPLICIT, needs, writer

pytestmark = pytest.mark.gpu


SCALARS = [
    ("float", "float32", [], [0, 1.5, -3, 1e30, float("inf"), np.float16(2), np.int8(-3)]),
    ("int", "int32", [], [0, -1, 2**31 - 1, -(2**31), np.int64(7)]),
    ("uint", "uint32", [], [0, 2**32 - 1, np.uint64(9)]),
    ("double", "float64", ["shaderFloat64"], [0, 0.1, -1e300]),
    ("int64_t", "int64", ["shaderInt64"], [0, -(2**63), 2**63 - 1]),
    ("uint64_t", "uint64", ["shaderInt64"], [0, 2**64 - 1, 2**63]),
]


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
        ("mat2", np.eye(3), vf.ShapeError, r"4 numbers; got shape \(3, 3\)"),
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


@pytest.mark.parametrize(
    ("declared", "read", "shape"),
    [
        ("vec2 p[3];", "for (int i = 0; i < 6; ++i) r[i] = p[i / 2][i % 2];", (3, 2)),
        ("float p[2][3];", "for (int i = 0; i < 6; ++i) r[i] = p[i / 3][i % 3];", (2, 3)),
        ("mat2 p[2];", "for (int i = 0; i < 8; ++i) r[i] = p[i / 4][i % 2][i / 2 % 2];", (2, 2, 2)),
        ("mat2x3 p[2];", "for (int i = 0; i < 12; ++i) r[i] = p[i / 6][i % 2][i / 2 % 3];", (2, 3, 2)),
    ],
)
def test_arrays_of_vectors_and_matrices_have_numpys_shape(declared, read, shape):
    kernel = writer(declared, read)
    numbers = np.arange(np.prod(shape), dtype=np.float32)
    shaped = numbers.reshape(shape)
    for given_as in (shaped, shaped.tolist(), np.asfortranarray(shaped)):
        r = np.zeros(numbers.size, np.float32)
        kernel(r=r, p=given_as, threads=1)
        np.testing.assert_array_equal(r, numbers)


def test_all_numbers_in_one_row_come_in_glsls_order():
    kernel = writer("mat2 p[2];", "for (int i = 0; i < 8; ++i) r[i] = p[i / 4][i / 2 % 2][i % 2];")
    r = np.zeros(8, np.float32)
    kernel(r=r, p=list(range(8)), threads=1)
    np.testing.assert_array_equal(r, np.arange(8))


@pytest.mark.parametrize(
    ("declared", "shape", "wanted"),
    [
        ("float p[6];", (2, 3), "6 numbers"),
        ("vec4 p;", (2, 2), "4 numbers"),
        ("mat2x3 p;", (2, 3), r"shape \(3, 2\) or 6 numbers"),
        ("vec2 p[3];", (2, 3), r"shape \(3, 2\) or 6 numbers"),
    ],
)
def test_other_shapes_are_refused(declared, shape, wanted):
    kernel = writer(declared, "r[0] = 0;")
    with pytest.raises(vf.ShapeError, match=wanted) as caught:
        kernel(r=np.zeros(1, np.float32), p=np.zeros(shape, np.float32), threads=1)
    assert str(shape) in str(caught.value)


def test_rows_of_whole_numbers_are_no_floats(device):
    """NumPy makes floats of lists that have integers from 2^63 on beside smaller ones."""
    needs(device, "shaderInt64")
    kernel = vf.Kernel(
        EXPLICIT
        + """
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer R { uint64_t r[]; };
        layout(push_constant) uniform Push { u64vec2 p[2]; };
        void main() { for (int i = 0; i < 4; ++i) r[i] = p[i / 2][i % 2]; }"""
    )
    rows = [[2**63 + 1, 1], [2**64 - 1, 2**53 + 1]]
    for given_as in (rows, (tuple(rows[0]), np.array(rows[1], np.uint64)), [np.array(row, np.uint64) for row in rows]):
        r = np.zeros(4, np.uint64)
        kernel(r=r, p=given_as, threads=1)
        assert r.tolist() == rows[0] + rows[1]
    with pytest.raises(vf.InputError, match="at most 64 bits; got 18446744073709551616"):
        kernel(r=r, p=[[2**64, 1], [2, 3]], threads=1)
    with pytest.raises(vf.ShapeError, match="rows of equal length"):
        kernel(r=r, p=[[1, 2], [3]], threads=1)
