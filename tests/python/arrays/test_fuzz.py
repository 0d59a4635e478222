"""Random programs of arrays, run here and in NumPy side by side: expressions, views, writes, evaluations at any point.

A program is a list of steps; a step names its operands by numbers that any list of arrays has an answer to. So each
part of a program is one, too, and hypothesis finds the shortest that fails, which is printed as Python.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import lacks, narrowed
from vulkan_forge import _vulkan_forge as native

pytestmark = pytest.mark.gpu

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "uint32", "int64", "float16", "float32", "float64", "complex64"]
FIRST = [((16, 64), "float32"), ((16, 64), "int32"), ((64,), "float32"), ((16, 1), "int16"), ((1, 64), "bool")]
SHAPES = [(16, 64), (64,), (16, 1), (1, 64), (), (2, 16, 64), (0, 64), (4, 5), (5,), (3, 4, 5), (64, 16)]
MOST = 4096  # elements: the host's share is tried as well, and NumPy's is quick
LARGEST, SMALLEST = 500.0, 1 / 64  # floats stay where sums are exact and no device takes them for zero

KEYS: list[Any] = [
    (slice(1, None),),
    (slice(None, None, -1),),
    (slice(None, None, 2),),
    (..., slice(None, None, 3)),
    (..., slice(0, 1)),
    (0,),
    (..., -1),
    (..., None),
    (slice(2, 2),),
    (slice(None), slice(None, None, -2)),
]
UNARY = ["abs", "negative", "positive", "square", "sign", "floor", "ceil", "trunc", "logical_not", "isfinite", "conj"]
UNARY += ["real", "imag", "bitwise_invert", "signbit"]
BINARY = ["add", "subtract", "multiply", "minimum", "maximum", "divide", "floor_divide", "remainder", "less", "equal"]
BINARY += ["greater_equal", "not_equal", "logical_and", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor"]
IN_PLACE = ["iadd", "isub", "imul", "iand", "ixor", "ior"]
REDUCTIONS = ["sum", "max", "min", "prod", "any", "all"]
NUMBERS = [0, 1, 2, -3, 0.5, True, 7]


class Pair(NamedTuple):
    """An array, NumPy's twin of it, and its name in the program."""

    ours: vf.Array
    theirs: np.ndarray
    name: str


class Skip(Exception):  # noqa: N818
    """The step has no meaning for the arrays at hand."""


def holds(array: np.ndarray) -> bool:
    return array.dtype.kind in "fc" and array.size > 0


class Program:
    """The arrays of a program so far, and its text."""

    def __init__(self) -> None:
        self.arrays: list[Pair] = []
        self.text: list[str] = []
        self.count = 0

    def say(self, line: str) -> None:
        self.text.append(line)

    def name(self) -> str:
        self.count += 1
        return f"x{self.count}"

    def pick(self, number: int) -> Pair:
        if not self.arrays:
            raise Skip
        return self.arrays[number % len(self.arrays)]

    def keep(self, ours: Any, theirs: Any, text: str, *, view: bool = False) -> Pair:
        """A result of both, made fit for what comes next."""
        values = np.asarray(theirs) if view else np.array(theirs)  # NumPy's real, say, is a view
        name = self.name()
        self.say(f"{name} = {text}")
        assert isinstance(ours, vf.Array)
        assert ours.shape == values.shape
        assert ours.dtype in (values.dtype, narrowed(values.dtype))
        pair = Pair(ours, values if view else values.astype(ours.dtype, copy=False), name)
        if not view and (fit := self.fitted(pair)):
            pair = fit
        self.arrays.append(pair)
        return pair

    def fitted(self, pair: Pair) -> Pair | None:
        """Floats brought back to where they are exact in sums, by the same operations on both sides."""
        x, values, name = pair
        if not holds(values):
            return None
        with np.errstate(all="ignore"):
            size = np.abs(values)
            if values.dtype.kind == "c":
                whole = np.all(np.trunc(values.real) == values.real) and np.all(np.trunc(values.imag) == values.imag)
                if whole and size.max() < LARGEST:
                    return None
                self.say(f"{name} = vnp.full({values.shape}, 1j, dtype='{values.dtype}')")
                return Pair(native.full(values.shape, 1j, values.dtype), np.full_like(values, 1j), name)
            if not np.all(np.isfinite(values)):
                self.say(f"{name} = vnp.where(vnp.isfinite({name}), {name}, 3)")
                x = vnp.where(vnp.isfinite(x), x, 3)
                values = np.where(np.isfinite(values), values, values.dtype.type(3))
            if np.abs(values).max() > LARGEST:
                self.say(f"{name} = vnp.remainder({name}, 101)")
                x, values = vnp.remainder(x, 101), np.remainder(values, values.dtype.type(101))
            if np.any((values != 0) & (np.abs(values) < SMALLEST)):
                self.say(f"{name} = vnp.trunc({name})")
                x, values = vnp.trunc(x), np.trunc(values)
        return Pair(x, values, name)

    def whole(self, pair: Pair) -> Pair:
        """Without fractions, so that sums do not depend on their order."""
        if pair.theirs.dtype.kind != "f" or np.all(pair.theirs == np.trunc(pair.theirs)):
            return pair
        return self.keep(vnp.trunc(pair.ours), np.trunc(pair.theirs), f"vnp.trunc({pair.name})")

    def check(self, pair: Pair) -> None:
        np.testing.assert_array_equal(pair.ours.numpy(), pair.theirs, err_msg=pair.name, strict=True)


def fresh(p: Program, a: int, b: int, c: int) -> None:
    shape, dtype = SHAPES[a % len(SHAPES)], np.dtype(DTYPES[b % len(DTYPES)])
    low, high = (0 if dtype.kind in "bu" else -9), (2 if dtype.kind == "b" else 10)
    values = np.random.default_rng(c).integers(low, high, shape).astype(dtype)
    made = f"np.random.default_rng({c}).integers({low}, {high}, {shape}).astype('{dtype}')"
    p.keep(vf.asarray(values), values, f"vf.asarray({made})")


OF_COMPLEX = {"abs", "negative", "positive", "square", "conj", "real", "imag", "isfinite", "logical_not", "add"}
OF_COMPLEX |= {"subtract", "multiply", "equal", "not_equal", "logical_and", "logical_xor"}
NOT_OF_BOOL = {"negative", "positive", "square", "sign", "floor", "ceil", "trunc", "conj", "signbit", "subtract"}
NOT_OF_BOOL |= {"divide", "floor_divide", "remainder"}


def refused(name: str, *operands: np.ndarray) -> bool:
    """Where the operation has no meaning, or another than NumPy's."""
    kinds = {a.dtype.kind for a in operands}
    if "c" in kinds:
        return name not in OF_COMPLEX
    if name == "real":
        return True  # the very array: a view
    if "bitwise" in name:
        return np.result_type(*operands).kind not in "biu"
    if kinds == {"b"}:
        return name in NOT_OF_BOOL
    return name == "divide" and np.result_type(*operands).kind != "f"


def unary(p: Program, a: int, b: int, c: int) -> None:
    name, x = UNARY[b % len(UNARY)], p.pick(a)
    if refused(name, x.theirs):
        raise Skip
    p.keep(getattr(vnp, name)(x.ours), getattr(np, name)(x.theirs), f"vnp.{name}({x.name})")


def fit_together(*pairs: Pair) -> None:
    try:
        size = np.broadcast(*(pair.theirs for pair in pairs)).size
    except ValueError:
        raise Skip from None
    if size > MOST:
        raise Skip


def binary(p: Program, a: int, b: int, c: int) -> None:
    name, x, y = BINARY[b % len(BINARY)], p.pick(a), p.pick(c)
    if refused(name, x.theirs, y.theirs):
        raise Skip
    fit_together(x, y)
    p.keep(getattr(vnp, name)(x.ours, y.ours), getattr(np, name)(x.theirs, y.theirs), f"vnp.{name}({x.name}, {y.name})")


def with_number(p: Program, a: int, b: int, c: int) -> None:
    name, x, number = BINARY[b % len(BINARY)], p.pick(a), NUMBERS[c % len(NUMBERS)]
    if refused(name, x.theirs, np.asarray(number)) or (number == -3 and x.theirs.dtype.kind == "u"):
        raise Skip
    if "bitwise" in name and isinstance(number, float):
        raise Skip
    if x.theirs.dtype.kind == "b" and refused(name, x.theirs):
        raise Skip
    p.keep(getattr(vnp, name)(x.ours, number), getattr(np, name)(x.theirs, number), f"vnp.{name}({x.name}, {number})")


def cast(p: Program, a: int, b: int, c: int) -> None:
    x, dtype = p.pick(a), np.dtype(DTYPES[b % len(DTYPES)])
    kind, values = x.theirs.dtype.kind, x.theirs
    if kind == "c" and dtype.kind != "c":
        raise Skip
    if kind == "f" and dtype.kind in "iu":  # what an integer cannot hold is open
        info = np.iinfo(dtype)
        if values.size and (values.min() < info.min or values.max() > info.max):
            raise Skip
    if kind in "iu" and dtype.kind in "fc" and values.size and np.abs(values.astype("f8")).max() > 1e4:
        raise Skip
    p.keep(x.ours.astype(dtype), values.astype(dtype), f"{x.name}.astype('{dtype}')")


def choose(p: Program, a: int, b: int, c: int) -> None:
    x, y, condition = p.pick(a), p.pick(b), p.pick(c)
    fit_together(x, y, condition)
    yes, yes_too = condition.ours != 0, condition.theirs != 0
    text = f"vnp.where({condition.name} != 0, {x.name}, {y.name})"
    p.keep(vnp.where(yes, x.ours, y.ours), np.where(yes_too, x.theirs, y.theirs), text)


def broadcast(p: Program, a: int, b: int, c: int) -> None:
    x, shape = p.pick(a), SHAPES[b % len(SHAPES)]
    try:
        made = np.broadcast_to(x.theirs, shape).copy()
    except ValueError:
        raise Skip from None
    p.keep(native.broadcast(x.ours, shape), made, f"native.broadcast({x.name}, {shape})")


def part(p: Program, a: int, b: int, c: int) -> None:
    x, key = p.pick(a), KEYS[b % len(KEYS)]
    try:
        made = x.theirs[(*key, ...)] if ... not in key else x.theirs[key]
    except IndexError:
        raise Skip from None
    if made.ndim > 4:
        raise Skip
    p.keep(x.ours[key], made if isinstance(made, np.ndarray) else np.asarray(made), f"{x.name}[{key}]", view=True)


def turned(p: Program, a: int, b: int, c: int) -> None:
    x = p.pick(a)
    p.keep(x.ours.T, x.theirs.T, f"{x.name}.T", view=True)


def reduction(p: Program, a: int, b: int, c: int) -> None:
    name, x = REDUCTIONS[b % len(REDUCTIONS)], p.pick(a)
    if x.theirs.dtype.kind == "c" or lacks(x.theirs.dtype):
        raise Skip
    x = p.whole(x) if name in ("sum", "prod") else x
    axis = [None, *range(-x.theirs.ndim, x.theirs.ndim)][c % (2 * x.theirs.ndim + 1)]
    if name in ("max", "min") and x.theirs.size == 0:
        raise Skip
    if name == "prod" and x.theirs.dtype.kind == "f":
        raise Skip
    keepdims = c % 2 == 0
    theirs = np.asarray(getattr(np, name)(x.theirs, axis=axis, keepdims=keepdims))
    ours = getattr(vnp, name)(x.ours, axis=axis, keepdims=keepdims)
    if theirs.dtype == np.float16 and not np.all(np.abs(theirs) < 1024):
        raise Skip
    p.keep(ours, theirs, f"vnp.{name}({x.name}, axis={axis}, keepdims={keepdims})")


def rows(p: Program, a: int, b: int, c: int) -> None:
    name, x = ["sum", "max", "min"][b % 3], p.pick(a)
    x = p.whole(x) if name == "sum" else x
    ours = native.reduce_rows(x.ours, name)
    if ours is None:
        raise Skip
    with np.errstate(over="ignore"):
        theirs = np.asarray(getattr(np, name)(x.theirs, axis=-1, keepdims=True))
    if theirs.dtype == np.float16 and not np.all(np.abs(theirs) < 1024):
        raise Skip
    p.keep(ours, theirs.astype(ours.dtype), f"native.reduce_rows({x.name}, '{name}')")


def in_place(p: Program, a: int, b: int, c: int) -> None:
    name, x = IN_PLACE[b % len(IN_PLACE)], p.pick(a)
    y = p.pick(c)
    kind = x.theirs.dtype.kind
    if x.theirs.dtype != y.theirs.dtype or (kind in "fc" and name in ("iand", "ixor", "ior", "imul")):
        raise Skip
    if kind == "b" and name == "isub":
        raise Skip
    try:
        if np.broadcast_shapes(x.theirs.shape, y.theirs.shape) != x.theirs.shape:
            raise Skip
    except ValueError:
        raise Skip from None
    if kind == "f" and x.theirs.size and np.abs(x.theirs).max() > LARGEST:
        raise Skip
    p.say(f"operator.{name}({x.name}, {y.name})")
    assert getattr(operator, name)(x.ours, y.ours) is x.ours
    getattr(operator, name)(x.theirs, y.theirs)


def in_place_number(p: Program, a: int, b: int, c: int) -> None:
    name, x, number = ["iadd", "imul", "isub"][b % 3], p.pick(a), [1, 2, 0][c % 3]
    if x.theirs.dtype.kind == "b" or (holds(x.theirs) and np.abs(x.theirs).max() > LARGEST):
        raise Skip
    p.say(f"operator.{name}({x.name}, {number})")
    getattr(operator, name)(x.ours, number)
    getattr(operator, name)(x.theirs, number)


def assign(p: Program, a: int, b: int, c: int) -> None:
    x, y, key = p.pick(a), p.pick(b), (*KEYS, ...)[c % (len(KEYS) + 1)]
    try:
        target = x.theirs[key]
        if np.broadcast_shapes(np.shape(target), y.theirs.shape) != np.shape(target):
            raise Skip
    except (IndexError, ValueError):
        raise Skip from None
    if x.theirs.dtype != y.theirs.dtype:
        raise Skip
    p.say(f"{x.name}[{'...' if key is ... else key}] = {y.name}")
    x.ours[key] = y.ours
    x.theirs[key] = y.theirs.copy()


def assign_number(p: Program, a: int, b: int, c: int) -> None:
    x, key = p.pick(a), (*KEYS, ...)[c % (len(KEYS) + 1)]
    try:
        x.theirs[key]
    except IndexError:
        raise Skip from None
    p.say(f"{x.name}[{'...' if key is ... else key}] = {b % 2}")
    x.ours[key] = b % 2
    x.theirs[key] = b % 2


def mask(p: Program, a: int, b: int, c: int) -> None:
    x, limit = p.pick(a), b % 4
    if x.theirs.dtype.kind in "bc" or x.theirs.ndim == 0:
        raise Skip
    p.say(f"{x.name}[{x.name} > {limit}] = {c % 3}")
    x.ours[x.ours > limit] = c % 3
    x.theirs[x.theirs > limit] = c % 3


def read(p: Program, a: int, b: int, c: int) -> None:
    x = p.pick(a)
    p.say(f"{x.name}.numpy()")
    p.check(x)


def together(p: Program, a: int, b: int, c: int) -> None:
    chosen = [p.pick(number) for number in (a, b, c)]
    p.say(f"vf.evaluate({', '.join(x.name for x in chosen)})")
    vf.evaluate(*(x.ours for x in chosen))


def drop(p: Program, a: int, b: int, c: int) -> None:
    if len(p.arrays) > 4:
        gone = p.arrays.pop(a % len(p.arrays))
        p.say(f"del {gone.name}")


STEPS: list[Callable[[Program, int, int, int], None]] = [
    fresh, unary, binary, binary, with_number, cast, choose, broadcast, part, part, turned, reduction, reduction, rows,
    in_place, in_place_number, assign, assign_number, mask, read, together, drop,
]  # fmt: skip

numbers = st.integers(0, 999)
programs = st.lists(st.tuples(st.sampled_from(STEPS), numbers, numbers, numbers), min_size=20, max_size=60)


@pytest.fixture(params=["device", "host"], scope="module")
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    native._testing.device_alone(request.param == "device")
    yield request.param
    native._testing.device_alone(False)


def run(steps: list[Any]) -> Program:
    p = Program()
    for shape, dtype in FIRST:
        fresh(p, SHAPES.index(shape), DTYPES.index(dtype), len(p.arrays))
    try:
        with np.errstate(all="ignore"):
            for step, *numbers in steps:
                try:
                    step(p, *numbers)
                except Skip:
                    continue
            for pair in p.arrays:
                p.check(pair)
    except BaseException:
        note("\n".join(p.text))
        raise
    return p


@settings(deadline=None, max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=programs)
def test_programs_give_what_numpy_gives(form: str, steps: list[Any]) -> None:
    run(steps)


def test_what_a_row_comes_to_may_be_assigned_to_other_shapes(form: str) -> None:
    y = vf.asarray(np.ones((16, 64), np.float32))
    x = vf.asarray(np.zeros((16, 32), np.float32))
    x[:, ::2] = native.reduce_rows(y, "sum")
    np.testing.assert_array_equal(x.numpy(), np.tile(np.array([64, 0], np.float32), (16, 16)))
