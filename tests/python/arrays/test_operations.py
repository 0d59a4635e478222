"""Every row of elementwise.def in every dtype, on the device and in the host form, beside NumPy."""

import functools
import operator
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, narrowed
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

TABLE = Path(__file__).parents[3] / "src" / "forge" / "array" / "fuse" / "elementwise.def"
KINDS = "fibc"  # the table's columns; unsigned integers have that of signed ones
MOST_ULP = 4
TOGETHER = {"device": 10, "host": 1}  # rows in a kernel, which writes one array for each; alone they are small work


class Row(NamedTuple):
    """One line of the table."""

    name: str
    operands: int
    rule: str
    takes: str  # NumPy's letters of the kinds that it has a meaning for


def row_of(line: str) -> Row:
    name, operands, rule, *expressions = (part.strip() for part in re.split(r",(?![^(]*\))", line))
    kinds = {kind for kind, expression in zip(KINDS, expressions, strict=True) if expression != "none"}
    kinds |= set({"logical": "fibc", "real": "fib", "join": "fib"}.get(rule, ""))
    return Row(name, int(operands), rule, "".join(kinds).replace("i", "iu"))


ROWS = [row_of(line) for line in re.findall(r"(?m)^FORGE_ELEMENTWISE\((.*)\)$", TABLE.read_text())]
EXACT = {row.name for row in ROWS[: [row.name for row in ROWS].index("where") + 1]} | {"sqrt", "reciprocal"}
EXACT |= {"copysign", "nextafter"}
# Where NumPy gives another dtype, or refuses: they change nothing.
ROUNDING = ("floor", "ceil", "trunc", "round")
IDENTITIES = {("square", "b"), ("conj", "b"), *((name, kind) for name in ROUNDING for kind in "biu")}
STEPS_TOO_FAR = ("nextafter", "float16")  # half floats are computed as floats, whose steps are finer


def has_meaning(row: Row, dtype: str) -> bool:
    return np.dtype(dtype).kind in row.takes and (row.name, dtype) != STEPS_TOO_FAR


CASES = [(row, dtype) for row in ROWS for dtype in DTYPES if has_meaning(row, dtype)]
REFUSED = [(row, dtype) for row in ROWS for dtype in DTYPES if not has_meaning(row, dtype)]
WIDER = {"complex64": "complex128", "complex128": "clongdouble"}  # NumPy's own log1p and pow lose digits


def name_of(value: Any) -> str:
    return value.name if isinstance(value, Row) else str(value)


@pytest.fixture(params=["device", "host"])
def form(request: pytest.FixtureRequest, device: vf.Device) -> Iterator[str]:
    """Small work, as all of this is, is the host's unless it is told otherwise."""
    native._testing.device_alone(request.param == "device")
    yield request.param
    native._testing.device_alone(False)


# ------------------------------------------------------------------ values


def floats(dtype: np.dtype[Any]) -> np.ndarray:
    info = np.finfo(dtype)
    least = [float(info.smallest_subnormal), float(info.tiny), float(info.tiny) / 2]
    sizes = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 7.0, 1 + float(info.eps), 0.1, 1e-3, 1000.25, 30000.0]
    numbers = [*sizes, *least, float(info.max), float(info.max) / 2, np.inf, np.nan]
    return np.array([sign * number for number in numbers for sign in (1, -1)], dtype)


def complexes(dtype: np.dtype[Any]) -> np.ndarray:
    parts = np.array([0.0, -0.0, 0.5, -1.0, 3.25, -1e4, 1e-4])
    real, imag = np.meshgrid(parts, parts)
    numbers = np.empty(real.size, dtype)  # real + 1j * imag would lose signs of zeros
    numbers.real, numbers.imag = real.ravel(), imag.ravel()
    return numbers


def integers(dtype: np.dtype[Any]) -> np.ndarray:
    info = np.iinfo(dtype)
    numbers = [0, 1, 2, 3, 5, 7, 100, info.max, info.max - 1, info.max // 2, info.max // 3, info.min, info.min + 1]
    numbers += [-1, -2, -3, -7] if info.min else []
    return np.array(numbers, dtype)


@functools.cache
def values(dtype: str) -> np.ndarray:
    """Extremes of a dtype, and some of what lies between."""
    kind, rng = np.dtype(dtype).kind, np.random.default_rng(7)
    if kind == "b":
        return np.array([False, True])
    if kind == "f":
        return np.concatenate([floats(np.dtype(dtype)), (rng.standard_normal(10) * 10).astype(dtype)])
    if kind == "c":
        return complexes(np.dtype(dtype))
    info = np.iinfo(dtype)
    return np.concatenate([integers(np.dtype(dtype)), rng.integers(info.min, info.max, 10, dtype)])


@functools.cache
def pairs(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Every value beside every other."""
    x, y = (a.ravel() for a in np.meshgrid(values(dtype), values(dtype)))
    return x, y


def operands_of(row: Row, dtype: str) -> tuple[np.ndarray, ...]:
    x, y = pairs(dtype)
    if row.name == "where":
        return np.arange(x.size) % 3 > 0, x, y
    if "shift" in row.name and np.dtype(dtype).kind in "iu":  # NumPy, too, leaves more than all bits to the processor
        y = y.astype("uint64").astype("int64") % (np.dtype(dtype).itemsize * 8)
    if row.rule == "real" and dtype == "uint32":  # drivers round what a float32 does not hold
        x, y = x % 2**24, y % 2**24
    if row.name == "pow" and np.dtype(dtype).kind in "iu":
        y = np.abs(y.astype("int64") % 9)
    return (x, y.astype(dtype))[: row.operands]


# ------------------------------------------------------------------ NumPy's answers


def real_dtype() -> np.dtype[Any]:
    """What `real` rows make of integers and bool."""
    return narrowed(np.float64)


def wanted(row: Row, operands: tuple[np.ndarray, ...]) -> np.ndarray:
    kind = operands[-1].dtype.kind
    if (row.name, kind) in IDENTITIES:
        return operands[0]
    if row.rule in ("real", "join") and kind not in "fc":
        operands = tuple(a.astype(real_dtype()) for a in operands)
    function = joined if row.rule == "join" else getattr(np, {"round": "rint"}.get(row.name, row.name))
    with np.errstate(all="ignore"):
        if kind != "c" or row.name in EXACT:
            return np.asarray(function(*operands))
        wide = function(*(a.astype(WIDER[a.dtype.name]) for a in operands))
        return np.asarray(wide).astype(operands[0].dtype)


def joined(real: np.ndarray, imag: np.ndarray) -> np.ndarray:
    made = np.empty(real.shape, np.result_type(real, np.complex64))
    made.real, made.imag = real, imag
    return made


@functools.cache
def flushes() -> bool:
    """Whether this device takes subnormal numbers for zeros, as many do."""
    native._testing.device_alone(True)
    small = vf.asarray(np.full(64, 2.0**-130, np.float32))
    flushed = not (small * 1).numpy().any()
    native._testing.device_alone(False)
    return flushed


def counted(form: str, *arrays: np.ndarray) -> np.ndarray:
    """Elements whose operands and results are all numbers that this device tells from zero."""
    kept = np.ones(arrays[0].shape, bool)
    for a in arrays:
        parts = [a.real, a.imag] if a.dtype.kind == "c" else [a] if a.dtype.kind == "f" else []
        for part in parts if form == "device" and flushes() else []:
            kept &= (part == 0) | ~(np.abs(part) < 4 * max(np.finfo(part.dtype).tiny, 2.0**-126))
    return kept


def compare(got: np.ndarray, want: np.ndarray, ulp: np.ndarray) -> None:
    """Values within so many units, and the signs of zeros; exactly equal where there are to be none."""
    assert got.dtype == want.dtype
    if not ulp.any():
        np.testing.assert_array_equal(got, want)
    elif want.dtype.kind == "c":
        finite = np.isfinite(want)
        np.testing.assert_array_equal(np.isfinite(got), finite)  # NumPy's infinities, too, depend on the processor
        error = np.abs(got[finite] - want[finite]) / np.finfo(want.dtype).eps  # of the whole: parts cancel
        assert np.all(error <= ulp[finite] * np.abs(want[finite]))
    else:
        limits = {"rtol": MOST_ULP * np.finfo(want.dtype).eps, "atol": MOST_ULP * least(want.dtype)}
        np.testing.assert_allclose(got, want, **limits)
    if want.dtype.kind == "f":
        zero = want == 0
        np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(want[zero]))


def units(row: Row, operands: tuple[np.ndarray, ...], want: np.ndarray) -> np.ndarray:
    """How many units in the last place each result may be off."""
    x, y = operands[0], operands[-1]
    if want.dtype.kind not in "fc":
        return np.zeros(x.shape)
    if y.dtype.kind != "c":
        return np.full(x.shape, 0 if row.name in EXACT else MOST_ULP)
    if row.name != "pow":
        return np.full(x.shape, 2 if row.name in EXACT else MOST_ULP + 1)  # as docs/accuracy.md has it
    with np.errstate(all="ignore"):
        return MOST_ULP * (1 + np.abs(y) * np.nan_to_num(np.abs(np.log(x)), posinf=0))  # the angle loses by its size


def least(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).smallest_subnormal)


# ------------------------------------------------------------------ every row, every dtype


@functools.cache
def computed(form: str, dtype: str) -> dict[str, np.ndarray]:
    """What all rows make of a dtype, several rows in a kernel."""
    arrays: dict[int, vf.Array] = {}

    def put(a: np.ndarray) -> vf.Array:
        return arrays.setdefault(id(a), vf.asarray(a))

    results = {}
    for row in (row for row, taken in CASES if taken == dtype):
        operands = operands_of(row, dtype)
        shared = [put(a) if any(a is b for b in pairs(dtype)) else vf.asarray(a) for a in operands]
        results[row.name] = getattr(native.elementwise, row.name)(*shared)
    lazy = list(results.values())
    for i in range(0, len(lazy), TOGETHER[form]):
        native.evaluate(lazy[i : i + TOGETHER[form]])
    return {name: result.numpy() for name, result in results.items()}


def test_the_table_is_read_whole() -> None:
    named = {name for name in dir(native.elementwise) if not name.startswith("_")}
    assert {row.name for row in ROWS} == named
    assert len(CASES) > 600


@pytest.mark.parametrize(("row", "dtype"), CASES, ids=name_of)
def test_every_row_is_numpys(row: Row, dtype: str, form: str) -> None:
    operands = operands_of(row, dtype)
    got, want = computed(form, dtype)[row.name], wanted(row, operands)
    kept = counted(form, want, *operands)
    if row.name in ("minimum", "maximum"):
        got, want = got + 0, want + 0  # of zeros of either sign one is as good as the other
    compare(got[kept], want[kept], units(row, operands, want)[kept])


@pytest.mark.parametrize(("row", "dtype"), REFUSED, ids=name_of)
def test_what_has_no_meaning_is_refused(row: Row, dtype: str) -> None:
    x = vf.asarray(values(dtype))
    with pytest.raises(vf.DtypeError, match=row.name):
        getattr(native.elementwise, row.name)(*[x] * row.operands)


# ------------------------------------------------------------------ promotion


@pytest.mark.parametrize("first", DTYPES)
def test_every_pair_of_dtypes_is_promoted_as_numpy_does_it(first: str, form: str) -> None:
    x = vf.asarray(np.arange(2).astype(first))
    others = {second: vf.asarray(np.arange(2)[::-1].astype(second)) for second in DTYPES}
    made = {}
    for second, y in others.items():
        made[second, "add"] = native.elementwise.add(x, y)
        made[second, "where"] = native.elementwise.where(x == x, x, y)
        if "complex" not in first + second:
            made[second, "less"] = native.elementwise.less(x, y)
    lazy = list(made.values())
    for i in range(0, len(lazy), TOGETHER[form]):
        native.evaluate(lazy[i : i + TOGETHER[form]])
    for (second, name), got in made.items():
        dtype = np.result_type(first, second)
        results = {"add": np.ones(2, dtype), "where": np.arange(2).astype(dtype), "less": np.array([True, False])}
        assert got.dtype == results[name].dtype, (name, second)
        np.testing.assert_array_equal(got.numpy(), results[name])


# ------------------------------------------------------------------ strides

WHOLE = np.random.default_rng(3).integers(0, 16, (6, 10))
LAYOUTS = {
    "contiguous": lambda a: a,
    "sliced": lambda a: a[1:5, 2:8],
    "stepped": lambda a: a[::2, ::3],
    "reversed": lambda a: a[::-1, ::-1],
    "transposed": lambda a: a.T,
    "a column": lambda a: a[:, 3:4],
    "a row": lambda a: a[2],
    "one element": lambda a: a[2, 3],
    "nothing": lambda a: a[:, 3:3],
    "with a new axis": lambda a: a[:, None, ::-2],
}


@pytest.mark.parametrize(
    "dtype", ["bool", "uint8", "int16", "float16", "float32", "float64", "complex64", "complex128"]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_strides_do_not_matter(layout: str, dtype: str, form: str) -> None:
    values, view = WHOLE.astype(dtype), LAYOUTS[layout]
    x, y = vf.asarray(values), vf.asarray(values[::-1].copy())
    left, right = np.asarray(view(values)), np.asarray(view(values[::-1]))
    np.testing.assert_array_equal((view(x) * view(y)).numpy(), np.asarray(left * right), strict=True)
    row = left[..., :1, :] if left.ndim > 1 else left  # along the first axis once more
    rows = view(x)[..., :1, :] if left.ndim > 1 else view(x)
    np.testing.assert_array_equal((rows * view(y)).numpy(), np.asarray(row * right), strict=True)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "nothing"])
def test_views_are_written_where_they_lie(layout: str, form: str) -> None:
    values, view = WHOLE.astype(np.float32), LAYOUTS[layout]
    x = vf.asarray(values)
    view(x)[...] = view(x) * 2 + 1
    key = view(np.arange(values.size).reshape(values.shape))
    values.flat[key] = values.flat[key] * 2 + 1
    np.testing.assert_array_equal(x.numpy(), values)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int16", "uint16"])
@pytest.mark.parametrize("start", range(6))
def test_narrow_elements_are_read_wherever_they_lie(form: str, dtype: str, start: int) -> None:
    """The device reads them as parts of words, where arrays begin with one."""
    x = np.random.default_rng(1).integers(-40, 40, (7, 130)).astype(dtype)
    for key in (np.s_[:, start:], np.s_[start:, start::3], np.s_[:, start::-1], np.s_[start]):
        ours = vnp.asarray(x)[key]
        assert np.array_equal(
            np.asarray(vnp.where(ours > 0, ours, 1)), np.where(x[key] > 0, x[key], np.asarray(1, dtype))
        )


# ---------------------------------------------------------------- operators in place


@pytest.mark.parametrize(
    ("x", "change", "error"),
    [
        (np.array([2, 9]), lambda x: operator.ipow(x, 0.5), vf.DtypeError),
        (np.array([[1, 2], [3, 4]]), lambda x: operator.imatmul(x, x * 0.5), vf.DtypeError),
        (np.array([1.0, 2.0]), lambda x: operator.ipow(x, vnp.asarray([[1.0], [2.0]])), vf.ShapeError),
        (np.array([1], np.uint8), lambda x: operator.iadd(x, vnp.asarray(np.array([-5], np.int8))), vf.DtypeError),
        (np.array([1], np.uint64), lambda x: operator.imul(x, vnp.asarray(np.array([-5]))), vf.DtypeError),
    ],
)
def test_operators_in_place_keep_kind_and_shape(x, change, error):
    ours = vnp.asarray(x)
    with pytest.raises(error, match="in-place"):
        change(ours)
    np.testing.assert_array_equal(ours, x)


def test_a_modulus_is_refused_not_ignored():
    with pytest.raises(TypeError):
        pow(vnp.asarray([3, 4]), 2, 5)
    assert pow(vnp.asarray([3, 4]), 2, None).tolist() == [9, 16]


@pytest.mark.parametrize("shape", [(2,), (), (2, 3)])
def test_fill_never_shares_memory(shape):
    x, y = vnp.full(shape, 5.0), vnp.full(shape, 7.0)
    x.fill(y)
    x[...] = 1
    assert np.asarray(y).tolist() == np.full(shape, 7.0).tolist()
    x.fill(y)
    y[...] = 2
    assert np.asarray(x).tolist() == np.full(shape, 7.0).tolist()


def test_membership():
    x = vnp.asarray([[1, 3], [5, np.nan]])
    assert 3 in x
    assert 2 not in x
    assert np.nan not in x
    assert 1 not in vnp.zeros((0, 2))
