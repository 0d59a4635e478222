"""The Python array API standard 2024.12 as a checklist, with array-api-strict as what it says."""

import inspect
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import array_api_strict as strict
import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import lacks, narrowed

pytestmark = pytest.mark.gpu

VERSION = "2024.12"
ITS_OWN = {"Device", "ArrayAPIStrictFlags", "__version__", "newaxis"}  # of array-api-strict, but for newaxis
NEWER = {"broadcast_shapes", "isin"}  # than this version of the standard
EXTENSIONS = ("linalg", "fft")
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float32", "float64", "complex64", "complex128"]


def at(space: Any, name: str) -> Any:
    """The object of a dotted name."""
    return operator.attrgetter(name)(space)


NAMES = [n for n in strict.__all__ if n not in ITS_OWN | NEWER and "flags" not in n]
NAMES += [f"{extension}.{name}" for extension in EXTENSIONS for name in getattr(strict, extension).__all__]
FUNCTIONS = [n for n in NAMES if callable(at(strict, n)) and n not in DTYPES]
METHODS = [n for n in dir(strict.asarray(0)) if re.fullmatch(r"__\w+__|[a-zA-Z]\w*", n) and n not in dir(object)]
OF_PYTHON = {
    "__firstlineno__",
    "__static_attributes__",
    "__annotations__",
    "__slots__",
    "__weakref__",
    "__module__",
    "__buffer__",
}


@pytest.fixture(autouse=True)
def the_version() -> Iterator[None]:
    with strict.ArrayAPIStrictFlags(api_version=VERSION, enabled_extensions=EXTENSIONS):
        yield


# ------------------------------------------------------------------ names and signatures


def test_the_checklist_is_long() -> None:
    assert len(FUNCTIONS) > 170
    assert len(METHODS) > 60


@pytest.mark.parametrize("name", [*NAMES, "newaxis"])
def test_every_name_is_there(name: str) -> None:
    found = at(vnp, name)
    where = at(vnp, name.rpartition(".")[0]) if "." in name else vnp
    assert name.rpartition(".")[2] in where.__all__
    if not callable(found) and "." not in name and name not in EXTENSIONS:
        assert found == at(strict, name) or np.isnan(found) or name == "__array_api_version__"


@pytest.mark.parametrize("name", [name for name in METHODS if name not in OF_PYTHON])
def test_every_member_of_arrays_is_there(name: str) -> None:
    assert hasattr(vf.Array, name)


def of_native(function: Any, name: str) -> inspect.Signature:
    """Native functions have no signature but say it in their first line."""
    said = re.match(rf"{name.rpartition('.')[2]}\(([^)]*)\)", function.__doc__)[1]  # type: ignore[index]
    return inspect.signature(eval(f"lambda {re.sub(r': [^,=]*', '', said)}: 0"))


def signature_of(name: str) -> inspect.Signature:
    function = at(vnp, name)
    try:
        return inspect.signature(function)
    except ValueError:
        return of_native(function, name)


def takes(ours: list[inspect.Parameter], place: int, wanted: inspect.Parameter) -> bool:
    """Whether an argument may be given as the standard says."""
    by_place = ours[place : place + 1] if all(p.kind != p.KEYWORD_ONLY for p in ours[: place + 1]) else []
    if wanted.kind in (wanted.POSITIONAL_ONLY, wanted.VAR_POSITIONAL):
        return bool(by_place) and by_place[0].kind in (wanted.kind, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if wanted.kind == wanted.POSITIONAL_OR_KEYWORD:
        return bool(by_place) and by_place[0].name == wanted.name and by_place[0].kind == wanted.kind
    return any(p.name == wanted.name and p.kind != p.POSITIONAL_ONLY for p in ours)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "__array_namespace_info__"])
def test_every_signature_takes_what_the_standard_says(name: str) -> None:
    ours, theirs = (list(s.parameters.values()) for s in (signature_of(name), inspect.signature(at(strict, name))))
    assert [p.name for i, p in enumerate(theirs) if not takes(ours, i, p)] == []
    more = [p for p in ours[len(theirs) :] if p.kind != p.KEYWORD_ONLY]
    assert [p.name for p in more if p.default is p.empty] == []
    defaults = {p.name: p.default for p in ours if p.default is not None}  # None: worked out
    known = {p.name: p.default for p in theirs if isinstance(p.default, (bool, int, float, str))}
    assert {name: default for name, default in defaults.items() if known.get(name, default) != default} == {}


# ------------------------------------------------------------------ results

Call = Callable[[Any], Any]
F, I32, B, C = "float32", "int32", "bool", "complex64"
MATRIX = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]]
GRID = [[3, -1, 2, 0], [-5, 4, 0, 7], [1, 1, -2, 6]]


def put(xp: Any, values: Any, dtype: str = F) -> Any:
    return xp.asarray(values, dtype=getattr(xp, dtype))


def of(dtype: str) -> list[Any]:
    """Two operands of a dtype whose results are defined."""
    if dtype == B:
        return [[True, False, True, False], [True, True, False, False]]
    if dtype.startswith("complex"):
        return [[1 + 2j, -0.5j, 3.0, -1.5 + 0.25j], [2 - 1j, 1 + 1j, -2.0, 0.5j]]
    if dtype.startswith("float"):
        return [[0.5, -0.25, 0.75, 0.125], [2.0, 0.5, -1.5, 0.25]]
    return [[7, 3, 12, 100], [2, 1, 5, 3]]


NUMERIC, REAL = (I32, "uint8", "int16", F, C), (I32, "uint8", F)
# functions, and the dtypes that they are tried on; operands are counted in their signatures.
FAMILIES = [
    ("abs add multiply negative positive square subtract sign pow round isfinite isinf isnan", NUMERIC),
    ("ceil floor trunc floor_divide remainder maximum minimum less less_equal greater greater_equal", REAL),
    ("equal not_equal", (*NUMERIC, B)),
    ("acos acosh asin asinh atan atanh cos cosh divide exp expm1 log log1p log2 log10", (F, C)),
    ("reciprocal sin sinh sqrt tan tanh", (F, C)),
    ("atan2 copysign hypot logaddexp nextafter signbit", (F,)),
    ("logical_and logical_or logical_not logical_xor", (B,)),
    ("bitwise_and bitwise_or bitwise_xor bitwise_invert", (I32, "uint8", B)),
    ("bitwise_left_shift bitwise_right_shift", (I32, "uint8")),
    ("conj imag real", (C,)),
]
ELEMENTWISE = {name: dtypes for names, dtypes in FAMILIES for name in names.split()}


def elementwise(name: str, dtype: str) -> Call:
    count = len(inspect.signature(at(strict, name)).parameters)

    def call(xp: Any) -> Any:
        operands = [put(xp, values, dtype) for values in of(dtype)[:count]]
        if name == "acosh" and dtype == F:
            operands[0] = operands[0] + 2
        if name in ("log", "log2", "log10", "sqrt") and dtype == F:
            operands[0] = xp.abs(operands[0])
        if name == "pow" and dtype == F:
            operands[0] = xp.abs(operands[0])
        return at(xp, name)(*operands)

    return call


def matrix(xp: Any) -> Any:
    return put(xp, MATRIX)


def grid(xp: Any, dtype: str = I32) -> Any:
    return put(xp, np.abs(GRID).tolist() if dtype.startswith("u") else GRID, dtype)


def line(xp: Any, dtype: str = F) -> Any:
    return put(xp, [3, 1, 2, 3, 1, 0], dtype)


def rebuilt_from_svd(xp: Any, x: Any) -> Any:
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    return xp.matmul(u * s, vh)


def rebuilt_from_qr(xp: Any, x: Any, mode: str) -> Any:
    q, r = xp.linalg.qr(x, mode=mode)
    return xp.matmul(q, r), xp.matmul(xp.matrix_transpose(q), q)


def rebuilt_from_eigh(xp: Any, x: Any) -> Any:
    values, vectors = xp.linalg.eigh(x)
    return values, xp.matmul(vectors * values, xp.matrix_transpose(vectors))


def calls_with_axes(name: str, dtypes: list[str]) -> list[Call]:
    """A reduction of everything, of an axis, of two, and with its axes kept."""
    options: list[dict[str, Any]] = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}]
    options += [] if name in ("argmax", "argmin") else [{"axis": (0, 1)}]
    return [lambda xp, d=d, o=o: at(xp, name)(grid(xp, d), **o) for d in dtypes for o in options]


CALLS: dict[str, list[Call]] = {name: [elementwise(name, d) for d in dtypes] for name, dtypes in ELEMENTWISE.items()}
CALLS |= {name: calls_with_axes(name, [I32, F]) for name in ("max", "min", "argmax", "argmin", "all", "any")}
CALLS |= {name: calls_with_axes(name, ["int16", "uint8", I32, F]) for name in ("sum", "prod")}
CALLS |= {name: calls_with_axes(name, [F]) for name in ("mean", "std", "var")}
CALLS |= {"count_nonzero": calls_with_axes("count_nonzero", [I32, B, F])}
CALLS |= {
    "clip": [
        lambda xp: xp.clip(grid(xp), 0, 3),
        lambda xp: xp.clip(grid(xp, F), max=2.5),
        lambda xp: xp.clip(grid(xp), grid(xp) - 1, None),
    ],
    # creation
    "arange": [
        lambda xp: xp.arange(5),
        lambda xp: xp.arange(2, 9, 3),
        lambda xp: xp.arange(1.0, 0.0, -0.25),
        lambda xp: xp.arange(3, dtype=xp.float32),
    ],
    "asarray": [
        lambda xp: xp.asarray([[1, 2], [3, 4]]),
        lambda xp: xp.asarray([1.5, 2]),
        lambda xp: xp.asarray(True),
        lambda xp: xp.asarray([1j, 2]),
        lambda xp: xp.asarray(grid(xp), copy=True),
    ],
    "empty": [lambda xp: xp.empty((2, 3), dtype=xp.int8).shape, lambda xp: xp.empty(4).dtype],
    "empty_like": [lambda xp: xp.empty_like(grid(xp)).dtype, lambda xp: xp.empty_like(grid(xp), dtype=xp.bool).shape],
    "eye": [lambda xp: xp.eye(3), lambda xp: xp.eye(2, 4, k=1, dtype=xp.int32), lambda xp: xp.eye(3, k=-1)],
    "from_dlpack": [lambda xp: xp.from_dlpack(grid(xp)), lambda xp: xp.from_dlpack(np.arange(3, dtype=np.int32))],
    "full": [
        lambda xp: xp.full((2, 3), 7),
        lambda xp: xp.full(3, 1.5),
        lambda xp: xp.full((), True),
        lambda xp: xp.full((1,), 2j, dtype=xp.complex64),
    ],
    "full_like": [lambda xp: xp.full_like(grid(xp), 7), lambda xp: xp.full_like(grid(xp), 1.5, dtype=xp.float32)],
    "linspace": [lambda xp: xp.linspace(0, 1, 5), lambda xp: xp.linspace(0, 1, 5, endpoint=False, dtype=xp.float32)],
    "meshgrid": [
        lambda xp: xp.meshgrid(line(xp), line(xp)[:2]),
        lambda xp: xp.meshgrid(line(xp), line(xp)[:2], indexing="ij"),
    ],
    "ones": [lambda xp: xp.ones((2, 2)), lambda xp: xp.ones(3, dtype=xp.bool)],
    "ones_like": [lambda xp: xp.ones_like(grid(xp))],
    "tril": [lambda xp: xp.tril(grid(xp)), lambda xp: xp.tril(grid(xp), k=-1)],
    "triu": [lambda xp: xp.triu(grid(xp)), lambda xp: xp.triu(grid(xp), k=1)],
    "zeros": [lambda xp: xp.zeros((2, 2)), lambda xp: xp.zeros((0, 3), dtype=xp.uint8)],
    "zeros_like": [lambda xp: xp.zeros_like(grid(xp, F))],
    # dtypes
    "astype": [
        lambda xp: xp.astype(grid(xp), xp.float32),
        lambda xp: xp.astype(grid(xp, F), xp.bool),
        lambda xp: xp.astype(grid(xp), xp.int32, copy=False),
    ],
    "broadcast_arrays": [lambda xp: xp.broadcast_arrays(grid(xp), grid(xp)[:1, ...], put(xp, 3, I32))],
    "broadcast_to": [lambda xp: xp.broadcast_to(put(xp, [1, 2], I32), (3, 2))],
    "can_cast": [
        lambda xp: [xp.can_cast(a, b) for a in (xp.int8, xp.int64) for b in (xp.int16, xp.uint8)],
        lambda xp: [xp.can_cast(a, b) for a in (xp.float32, xp.float64) for b in (xp.float32, xp.float64)],
        lambda xp: xp.can_cast(grid(xp), xp.int64),
    ],
    "finfo": [
        lambda xp, n=n: about(xp.finfo(at(xp, n)), "bits eps max min smallest_normal dtype") for n in (F, C, "float64")
    ],
    "iinfo": [lambda xp, n=n: about(xp.iinfo(at(xp, n)), "bits max min dtype") for n in DTYPES[1:9]],
    "isdtype": [
        lambda xp: [xp.isdtype(at(xp, n), kind) for n in DTYPES for kind in ("integral", ("bool", "real floating"))]
    ],
    "result_type": [
        lambda xp: xp.result_type(xp.int8, xp.uint8),
        lambda xp: xp.result_type(grid(xp, F), xp.complex64),
        lambda xp: xp.result_type(grid(xp), 1),
    ],
    # linear algebra
    "matmul": [
        lambda xp: xp.matmul(matrix(xp), matrix(xp)),
        lambda xp: xp.matmul(grid(xp), line(xp, I32)[:4]),
        lambda xp: xp.matmul(grid(xp, F), xp.matrix_transpose(grid(xp, F))),
    ],
    "matrix_transpose": [lambda xp: xp.matrix_transpose(grid(xp))],
    "tensordot": [
        lambda xp: xp.tensordot(grid(xp), grid(xp), axes=2),
        lambda xp: xp.tensordot(grid(xp, F), grid(xp, F), axes=((1,), (1,))),
    ],
    "vecdot": [lambda xp: xp.vecdot(grid(xp), grid(xp)), lambda xp: xp.vecdot(grid(xp, C), grid(xp, C), axis=-1)],
    "linalg.cholesky": [
        lambda xp: xp.linalg.cholesky(matrix(xp)),
        lambda xp: xp.linalg.cholesky(matrix(xp), upper=True),
    ],
    "linalg.cross": [lambda xp: xp.linalg.cross(matrix(xp), matrix(xp)[::-1, :])],
    "linalg.det": [lambda xp: xp.linalg.det(matrix(xp))],
    "linalg.diagonal": [
        lambda xp: xp.linalg.diagonal(grid(xp)),
        lambda xp: xp.linalg.diagonal(grid(xp), offset=1),
    ],
    "linalg.eigh": [lambda xp: rebuilt_from_eigh(xp, matrix(xp))],
    "linalg.eigvalsh": [lambda xp: xp.linalg.eigvalsh(matrix(xp))],
    "linalg.inv": [lambda xp: xp.linalg.inv(matrix(xp))],
    "linalg.matmul": [lambda xp: xp.linalg.matmul(matrix(xp), matrix(xp))],
    "linalg.matrix_norm": [
        lambda xp, o=o: xp.linalg.matrix_norm(matrix(xp), ord=o) for o in ("fro", "nuc", 1, 2, np.inf, -1, -2, -np.inf)
    ],
    "linalg.matrix_power": [lambda xp, n=n: xp.linalg.matrix_power(matrix(xp), n) for n in (0, 3, -1)],
    "linalg.matrix_rank": [
        lambda xp: xp.linalg.matrix_rank(matrix(xp)),
        lambda xp: xp.linalg.matrix_rank(matrix(xp), rtol=0.5),
    ],
    "linalg.matrix_transpose": [lambda xp: xp.linalg.matrix_transpose(matrix(xp))],
    "linalg.outer": [lambda xp: xp.linalg.outer(line(xp), line(xp))],
    "linalg.pinv": [lambda xp: xp.linalg.pinv(grid(xp, F))],
    "linalg.qr": [lambda xp, m=m: rebuilt_from_qr(xp, grid(xp, F), m) for m in ("reduced", "complete")],
    "linalg.slogdet": [lambda xp: xp.linalg.slogdet(matrix(xp))],
    "linalg.solve": [
        lambda xp: xp.linalg.solve(matrix(xp), grid(xp, F)),
        lambda xp: xp.linalg.solve(matrix(xp), line(xp)[:3]),
    ],
    "linalg.svd": [lambda xp: rebuilt_from_svd(xp, grid(xp, F))],
    "linalg.svdvals": [lambda xp: xp.linalg.svdvals(grid(xp, F))],
    "linalg.tensordot": [lambda xp: xp.linalg.tensordot(matrix(xp), matrix(xp), axes=1)],
    "linalg.trace": [
        lambda xp: xp.linalg.trace(grid(xp)),
        lambda xp: xp.linalg.trace(grid(xp, F), offset=1),
        lambda xp: xp.linalg.trace(grid(xp), dtype=xp.float32),
    ],
    "linalg.vecdot": [lambda xp: xp.linalg.vecdot(matrix(xp), matrix(xp))],
    "linalg.vector_norm": [
        lambda xp, o=o: xp.linalg.vector_norm(matrix(xp), axis=1, ord=o) for o in (2, 1, 0, np.inf, -np.inf, 3)
    ]
    + [lambda xp: xp.linalg.vector_norm(matrix(xp), keepdims=True)],
    # transforms
    **{
        f"fft.{name}": [
            lambda xp, f=name: at(xp.fft, f)(grid(xp, C)),
            lambda xp, f=name: at(xp.fft, f)(grid(xp, C), n=3, axis=0, norm="ortho"),
        ]
        for name in ("fft", "ifft", "irfft", "hfft")
    },
    **{
        f"fft.{name}": [
            lambda xp, f=name: at(xp.fft, f)(grid(xp, C)),
            lambda xp, f=name: at(xp.fft, f)(grid(xp, C), s=(2, 3), axes=(0, 1), norm="forward"),
        ]
        for name in ("fftn", "ifftn", "irfftn")
    },
    "fft.rfft": [lambda xp: xp.fft.rfft(grid(xp, F)), lambda xp: xp.fft.rfft(grid(xp, F), n=5)],
    "fft.rfftn": [lambda xp: xp.fft.rfftn(grid(xp, F))],
    "fft.ihfft": [lambda xp: xp.fft.ihfft(grid(xp, F))],
    "fft.fftfreq": [lambda xp: xp.fft.fftfreq(5), lambda xp: xp.fft.fftfreq(4, d=0.5, dtype=xp.float32)],
    "fft.rfftfreq": [lambda xp: xp.fft.rfftfreq(5, d=2.0)],
    "fft.fftshift": [lambda xp: xp.fft.fftshift(grid(xp, F)), lambda xp: xp.fft.fftshift(grid(xp, F), axes=1)],
    "fft.ifftshift": [lambda xp: xp.fft.ifftshift(grid(xp, F))],
    # manipulation
    "concat": [
        lambda xp: xp.concat([grid(xp), grid(xp)]),
        lambda xp: xp.concat((grid(xp), grid(xp, "int16")), axis=1),
        lambda xp: xp.concat([grid(xp), grid(xp)], axis=None),
    ],
    "expand_dims": [lambda xp: xp.expand_dims(grid(xp), axis=1), lambda xp: xp.expand_dims(grid(xp), axis=-1)],
    "flip": [lambda xp: xp.flip(grid(xp)), lambda xp: xp.flip(grid(xp), axis=(0,))],
    "moveaxis": [lambda xp: xp.moveaxis(xp.reshape(line(xp), (1, 2, 3)), 0, -1)],
    "permute_dims": [lambda xp: xp.permute_dims(grid(xp), (1, 0))],
    "repeat": [
        lambda xp: xp.repeat(grid(xp), 2),
        lambda xp: xp.repeat(grid(xp), put(xp, [1, 0, 2], "int64"), axis=0),
    ],
    "reshape": [lambda xp: xp.reshape(grid(xp), (2, -1)), lambda xp: xp.reshape(grid(xp), (6, 2), copy=True)],
    "roll": [lambda xp: xp.roll(grid(xp), 5), lambda xp: xp.roll(grid(xp), (1, -1), axis=(0, 1))],
    "squeeze": [lambda xp: xp.squeeze(grid(xp)[:1, :], 0)],
    "stack": [lambda xp: xp.stack([grid(xp), grid(xp)], axis=-1)],
    "tile": [lambda xp: xp.tile(grid(xp), (2, 1, 2))],
    "unstack": [lambda xp: xp.unstack(grid(xp)), lambda xp: xp.unstack(grid(xp), axis=1)],
    # searching, sets, sorting
    "nonzero": [lambda xp: xp.nonzero(grid(xp))],
    "searchsorted": [
        lambda xp: xp.searchsorted(xp.sort(line(xp)), put(xp, [0.5, 1, 3])),
        lambda xp: xp.searchsorted(xp.sort(line(xp)), put(xp, [1, 3]), side="right"),
        lambda xp: xp.searchsorted(line(xp), put(xp, [1, 3]), sorter=xp.argsort(line(xp))),
    ],
    "where": [
        lambda xp: xp.where(grid(xp) > 0, grid(xp), put(xp, 0, "int16")),
        lambda xp: xp.where(grid(xp) > 0, grid(xp, F), 0.5),
    ],
    "unique_all": [lambda xp: xp.unique_all(line(xp))],
    "unique_counts": [lambda xp: xp.unique_counts(line(xp, I32))],
    "unique_inverse": [lambda xp: xp.unique_inverse(grid(xp))],
    "unique_values": [lambda xp: xp.unique_values(grid(xp))],
    "argsort": [
        lambda xp: xp.argsort(grid(xp)),
        lambda xp: xp.argsort(grid(xp), axis=0, descending=True),
    ],
    "sort": [lambda xp: xp.sort(grid(xp)), lambda xp: xp.sort(grid(xp, F), axis=0, descending=True)],
    "take": [lambda xp: xp.take(grid(xp), put(xp, [2, 0], "int64"), axis=0)],
    "take_along_axis": [lambda xp: xp.take_along_axis(grid(xp), xp.argsort(grid(xp), axis=1), axis=1)],
    # statistics of axes
    "cumulative_sum": [
        lambda xp: xp.cumulative_sum(grid(xp), axis=1),
        lambda xp: xp.cumulative_sum(line(xp), include_initial=True),
        lambda xp: xp.cumulative_sum(grid(xp), axis=0, dtype=xp.float32),
    ],
    "cumulative_prod": [
        lambda xp: xp.cumulative_prod(line(xp)),
        lambda xp: xp.cumulative_prod(grid(xp), axis=0, include_initial=True),
    ],
    "diff": [
        lambda xp: xp.diff(grid(xp)),
        lambda xp: xp.diff(grid(xp), axis=0, n=2),
        lambda xp: xp.diff(line(xp), prepend=line(xp)[:1], append=line(xp)[-2:]),
    ],
}
CALLS["sum"].append(lambda xp: xp.sum(grid(xp), dtype=xp.float32))
CALLS["prod"].append(lambda xp: xp.prod(grid(xp), dtype=xp.float32, axis=1))
CALLS["var"].append(lambda xp: xp.var(grid(xp, F), correction=1.0, axis=0))
CALLS["std"].append(lambda xp: xp.std(grid(xp, F), correction=0.5))
EVERY_CALL = [pytest.param(name, i, id=f"{name}-{i}") for name, calls in CALLS.items() for i in range(len(calls))]


def about(info: Any, names: str) -> list[Any]:
    return [getattr(info, name) for name in names.split()]


def dtype_of(value: Any) -> np.dtype[Any]:
    """NumPy's dtype for one of either side."""
    return np.dtype(getattr(value, "_np_dtype", value))


def allowed(dtype: Any) -> tuple[np.dtype[Any], ...]:
    """The dtype, and what a device has in its place; building blocks make int64 on every device."""
    wanted = dtype_of(dtype)
    return (wanted, narrowed(wanted))


def assert_alike(got: Any, want: Any) -> None:
    if isinstance(want, tuple | list):
        assert len(got) == len(want)
        if hasattr(want, "_fields"):
            assert got._fields == want._fields
        for ours, theirs in zip(got, want, strict=True):
            assert_alike(ours, theirs)
    elif isinstance(want, strict._array_object.Array):
        assert isinstance(got, vf.Array)
        assert got.shape == want.shape
        assert got.dtype in allowed(want.dtype), (got.dtype, want.dtype)
        np.testing.assert_allclose(got.numpy(), np.asarray(want), rtol=2e-5, atol=2e-5)
    elif hasattr(want, "_np_dtype"):
        assert dtype_of(got) in allowed(want)
    else:
        assert got == want


def test_every_function_is_called() -> None:
    assert set(FUNCTIONS) - CALLS.keys() == {"__array_namespace_info__"}


@pytest.mark.parametrize(("name", "i"), EVERY_CALL)
def test_every_function_gives_what_the_standard_says(name: str, i: int) -> None:
    call = CALLS[name][i]
    with np.errstate(all="ignore"):
        want = call(strict)
    try:
        got = call(vnp)
    except vf.UnsupportedError as error:  # dtypes of a building block
        pytest.skip(str(error))
    assert_alike(got, want)


# ------------------------------------------------------------------ operators

BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"]
BINARY += ["eq", "ne", "lt", "le", "gt", "ge"]
SCALARS = [True, 2, 1.5, 2j]
RAISES = (TypeError, ValueError, OverflowError)


def outcome(work: Callable[[], Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return work()
    except RAISES:
        return None


def is_mixed(dtype: str, scalar: Any) -> bool:
    """Whether the standard leaves it open: scalars of a higher kind, and bool beside numbers."""
    kinds = "biufc"
    kind = np.dtype(dtype).kind.replace("u", "i")
    mine, other = kinds.index(kind), kinds.index(np.asarray(scalar).dtype.kind)
    return mine < other or (other == 0 and mine > 0)


@pytest.mark.parametrize("dtype", [B, "uint8", I32, F, C])
@pytest.mark.parametrize("name", BINARY)
def test_operators_with_arrays_and_numbers(name: str, dtype: str) -> None:
    function = getattr(operator, name + "_" if name in ("and", "or") else name)
    others: list[Any] = [None, *(s for s in SCALARS if not is_mixed(dtype, s))]
    for other in others:
        for swapped in (False, True):

            def work(xp: Any) -> Any:
                x, y = (put(xp, values, dtype) for values in of(dtype))
                pair = (x, y if other is None else other)  # noqa: B023
                return function(*(reversed(pair) if swapped else pair))  # noqa: B023

            want = outcome(lambda work=work: work(strict))
            got = outcome(lambda work=work: work(vnp))
            if want is None:  # NumPy may give more, never less
                continue
            assert got is not None, (name, dtype, other, swapped)
            assert_alike(got, want)


IN_PLACE = [name for name in BINARY[:12] if name != "truediv"]


@pytest.mark.parametrize("dtype", [B, I32, F, C])
@pytest.mark.parametrize("name", [*IN_PLACE, "truediv"])
def test_operators_in_place(name: str, dtype: str) -> None:
    def work(xp: Any) -> Any:
        x, y = (put(xp, values, dtype) for values in of(dtype))
        kept = x
        x = getattr(operator, "i" + name)(x, y)
        assert x is kept
        return x

    want = outcome(lambda: work(strict))
    if want is not None:
        assert_alike(work(vnp), want)


@pytest.mark.parametrize("name", ["pos", "neg", "abs", "invert"])
def test_operators_of_one_array(name: str) -> None:
    for dtype in (I32, "uint8", F, C, B):
        want = outcome(lambda dtype=dtype: getattr(operator, name)(put(strict, of(dtype)[0], dtype)))
        if want is not None:
            assert_alike(getattr(operator, name)(put(vnp, of(dtype)[0], dtype)), want)


def test_matrix_products() -> None:
    assert_alike(matrix(vnp) @ matrix(vnp), matrix(strict) @ matrix(strict))
    x, y = matrix(vnp), matrix(strict)
    x @= matrix(vnp)
    y @= matrix(strict)
    assert_alike(x, y)


@pytest.mark.parametrize(
    "work",
    [
        lambda x: x["int32"] + 2**40,
        lambda x: x["uint8"] - 300,
        lambda x: 2.5 & x["int32"],
        lambda x: x["int32"] & 1.5,
        lambda x: x["float32"] << 1,
        lambda x: ~x["float32"],
        lambda x: x["bool"] - x["bool"],
        lambda x: -x["bool"],
        lambda x: x["complex64"] < x["complex64"],
        lambda x: x["complex64"] % 2,
        lambda x: x["complex64"] // x["complex64"],
        lambda x: x["float32"] + "1",
        lambda x: x["float32"] + None,
        lambda x: x["float32"] @ 2.0,
        lambda x: x["float32"] + x["int32"][:3],
        lambda x: operator.iadd(x["int32"], 1.5),
        lambda x: operator.itruediv(x["int32"], 2),
        lambda x: operator.iadd(x["float32"], 1j),
        lambda x: float(x["float32"]),
        lambda x: int(x["int32"]),
        lambda x: bool(x["bool"]),
        lambda x: operator.index(x["float32"][0]),
        lambda x: int(x["complex64"][0]),
    ],
    ids=lambda work: inspect.getsource(work).strip().removeprefix("lambda x: ").rstrip(","),
)
def test_what_must_raise_does(work: Callable[[Any], Any]) -> None:
    x = {dtype: put(vnp, of(dtype)[0], dtype) for dtype in (B, "uint8", I32, F, C)}
    with pytest.raises((TypeError, ValueError, OverflowError, vf.VulkanForgeError)):
        work(x)


# ------------------------------------------------------------------ arrays, inspection, exchange


def test_python_numbers_of_arrays() -> None:
    assert float(put(vnp, 1.5)) == 1.5
    assert int(put(vnp, -3, I32)) == -3
    assert complex(put(vnp, 2j, C)) == 2j
    assert bool(put(vnp, 1, I32)) is True
    assert range(5)[put(vnp, 2, I32)] == 2


def test_attributes() -> None:
    x, y = grid(vnp), grid(strict)
    for name in ("shape", "ndim", "size"):
        assert getattr(x, name) == getattr(y, name)
    assert_alike(x.T, y.T)
    assert_alike(x.mT, y.mT)
    assert x.dtype == vnp.int32
    assert x.device == vnp.__array_namespace_info__().default_device()
    assert_alike(x.to_device(x.device), y)


KEYS = [
    (1, 2),
    (slice(None, None, -1), 0),
    (..., slice(1, 3)),
    (None, slice(2), ...),
    (slice(0, 0),),
    (-1,),
    (slice(None), slice(None, None, 2)),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_basic_keys(key: Any) -> None:
    if len(key) == 1 and not isinstance(key[0], int):
        key = (*key, ...)
    elif len(key) == 1:
        key = (*key, slice(None))
    assert_alike(grid(vnp)[key], grid(strict)[key])
    x, y = grid(vnp), grid(strict)
    key = tuple(one for one in key if one is not None)  # the standard writes through none
    x[key], y[key] = 9, 9
    assert_alike(x, y)


def test_masks_and_arrays_of_integers() -> None:
    x, y = grid(vnp), grid(strict)
    assert_alike(x[x > 1], y[y > 1])
    x[x > 1], y[y > 1] = -7, -7
    assert_alike(x, y)
    at, there = put(vnp, [0, 2, 1], "int64"), put(strict, [0, 2, 1], "int64")
    assert_alike(x[at, at], y[there, there])


def test_the_namespace_of_arrays() -> None:
    x = grid(vnp)
    assert x.__array_namespace__() is vnp
    assert x.__array_namespace__(api_version=VERSION) is vnp
    with pytest.raises(ValueError, match=re.escape(VERSION)):
        x.__array_namespace__(api_version="2031.12")
    assert vnp.__array_api_version__ == VERSION


def test_what_the_namespace_says_of_itself() -> None:
    info, wanted = vnp.__array_namespace_info__(), strict.__array_namespace_info__()
    assert info.capabilities().keys() == wanted.capabilities().keys()
    assert info.capabilities()["boolean indexing"]
    assert info.capabilities()["data-dependent shapes"]
    assert info.default_device() in info.devices()
    assert info.default_dtypes().keys() == wanted.default_dtypes().keys()
    for name, dtype in wanted.default_dtypes().items():
        assert info.default_dtypes()[name] == narrowed(dtype_of(dtype)), name
    for kind in (
        None,
        "bool",
        "integral",
        "unsigned integer",
        "real floating",
        ("bool", "complex floating"),
        "numeric",
    ):
        named = {name for name in wanted.dtypes(kind=kind) if name == "bool" or not lacks(name)}
        assert info.dtypes(kind=kind).keys() == named


@pytest.mark.parametrize("dtype", DTYPES)
def test_dlpack_goes_round_by_numpy(dtype: str) -> None:
    values = np.arange(6).reshape(2, 3).astype(dtype)
    x = vnp.from_dlpack(values)
    assert x.dtype == values.dtype
    np.testing.assert_array_equal(x.numpy(), values)
    back = np.from_dlpack(x)
    np.testing.assert_array_equal(back, values, strict=True)
    device, number = x.__dlpack_device__()
    assert (int(device), number) == (1, 0) or not vf.default_device().shares_memory_with_host
    np.testing.assert_array_equal(np.from_dlpack(x[:, ::2]), values[:, ::2], strict=True)
    np.testing.assert_array_equal(np.from_dlpack(x == x).all(), True)


def test_dlpack_asks_for_copies() -> None:
    x = grid(vnp)
    copied = vnp.from_dlpack(x, copy=True)
    copied[0, 0] = 100
    assert x[0, 0] == 3
    np.testing.assert_array_equal(np.from_dlpack(x, copy=True), np.asarray(GRID, np.int32))
