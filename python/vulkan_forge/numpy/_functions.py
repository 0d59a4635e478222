"""NumPy's own door: np.add(x, 1) and np.sum(x) on an Array arrive here, by `__array_ufunc__` and `__array_function__`.

The function of the same name in `vulkan_forge.numpy`, or in its `linalg` or `fft`, does the work. Nothing is sent to
the device or read from it unasked, but what is for the host by nature: printing and files.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import vulkan_forge.numpy as vnp
from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, InputError, UnsupportedError
from vulkan_forge.numpy._checks import axis_of, check_casting, refuse_ndarray
from vulkan_forge.numpy._dtypes import check_cast, in_dtype
from vulkan_forge.numpy._keys import setitem_by
from vulkan_forge.numpy._views import in_shape

# Functions of NumPy that look at dtypes and memory, write text or files: they get ndarrays.
FOR_THE_HOST = frozenset(
    [
        "array2string",
        "array_repr",
        "array_str",
        "can_cast",
        "may_share_memory",
        "min_scalar_type",
        "save",
        "savetxt",
        "savez",
        "savez_compressed",
        "shares_memory",
    ]
)
# ufunc: the function that its reduce is.
REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "minimum": "min",
    "maximum": "max",
    "fmin": "nanmin",
    "fmax": "nanmax",
    "logical_and": "all",
    "logical_or": "any",
}
# ufunc: the op of the building block `scan` that its accumulate is.
SCANS = {"add": "sum", "multiply": "prod", "minimum": "min", "maximum": "max"}
# ufunc: the op of the building block `scatter` that its at is.
SCATTERS = {"add": "add", "minimum": "min", "maximum": "max"}
SAME_KIND = "same_kind"
MODULES = ("numpy", "numpy.linalg", "numpy.fft")


def array_ufunc(x: Array, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """What np.add(x, ...) and np.add.reduce(x, ...) give for an Array, or write where `out=` is one."""
    name = f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}")
    outs = _outs(name, kwargs.pop("out", ()))
    _refuse_ndarrays(name, (inputs, kwargs))
    casting = kwargs.get("casting", SAME_KIND) if method == "__call__" else SAME_KIND
    if method == "__call__":
        made = _called(ufunc, inputs, kwargs, outs)
    elif method in METHODS:
        made = METHODS[method](ufunc, *inputs, **kwargs)
    else:
        raise _unknown(name)
    return _into(name, outs, made, casting)


def array_function(
    x: Array, func: Callable[..., Any], types: Iterable[type], args: Any, kwargs: Mapping[str, Any]
) -> Any:
    """What np.sum(x) and the like give for an Array, or write where `out=` is one."""
    if not all(issubclass(kind, (Array, np.ndarray)) for kind in types):
        return NotImplemented
    name = f"{getattr(func, '__module__', 'numpy')}.{func.__name__}".replace("numpy", "np", 1)
    if func.__name__ in FOR_THE_HOST:
        return func(*_on_host(args), **_on_host(dict(kwargs)))
    _refuse_ndarrays(name, (args, kwargs))
    ours = _ours(func)
    if ours is None:
        raise _unknown(name)
    # Arrays that are made lie in C order; NumPy asks for that, or leaves the order open, even where nobody else does.
    plain = ("order",) if kwargs.get("order") in ("C", "K", "A") and not _takes(ours, "order") else ()
    named = {key: value for key, value in kwargs.items() if key not in ("out", *plain)}
    _check_arguments(name, ours, args, named)
    return _into(name, _outs(name, kwargs.get("out")), ours(*args, **named))


def _ours(func: Callable[..., Any]) -> Callable[..., Any] | None:
    """Our function of the same name and module."""
    module = getattr(func, "__module__", None) or "numpy"
    if module not in MODULES:
        return None
    place: Any = vnp
    for part in module.split(".")[1:]:
        place = getattr(place, part, None)
    found = getattr(place, func.__name__, None)
    return found if callable(found) and not isinstance(found, type) else None


def _unknown(name: str) -> UnsupportedError:
    return UnsupportedError.build(
        "MISSING_FEATURE",
        f"{name} does not work on Arrays",
        expected="a function of vulkan_forge.numpy",
        got=name,
        mend=f"take the values to NumPy, which copies where the device does not share memory: {name}(np.asarray(x))",
    )


def _walk(value: Any) -> Iterable[Any]:
    """The value and, where it is a container, all in it."""
    yield value
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _walk(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _walk(one)


def _refuse_ndarrays(name: str, arguments: Any) -> None:
    for value in _walk(arguments):
        if isinstance(value, np.ndarray) and value.size > 1:
            raise refuse_ndarray(value, name)


def _on_host(value: Any) -> Any:
    if isinstance(value, Array):
        return np.asarray(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_on_host(one) for one in value)
    return {key: _on_host(one) for key, one in value.items()} if isinstance(value, dict) else value


def _outs(name: str, out: Any) -> tuple[Array | None, ...]:
    """Where results go: Arrays or None, one for each."""
    outs = out if isinstance(out, tuple) else (out,)
    for one in outs:
        if one is not None and not isinstance(one, Array):
            raise ArgumentTypeError.build(
                "BAD_TYPE",
                f"{name} of an Array does not write to other arrays",
                expected="out=None or an Array",
                got=type(one).__name__,
                mend="read the result back: out[...] = np.asarray(result)",
            )
    return outs


def _into(name: str, outs: Sequence[Array | None], made: Any, casting: str = SAME_KIND) -> Any:
    """The results, written where they are wanted."""
    if not any(isinstance(out, Array) for out in outs):
        return made
    results = made if isinstance(made, tuple) else (made,)
    for out, result in zip(outs, results, strict=True):
        if out is not None:
            what = f"{name}: the result does not go into out"
            check_cast(result.dtype, out.dtype, what, casting, mend="write out[...] = result")
    for out, result in zip(outs, results, strict=True):
        if out is not None:
            native.assign(out, result)
    kept = tuple(result if out is None else out for out, result in zip(outs, results, strict=True))
    return kept if isinstance(made, tuple) else kept[0]


def _takes(function: Callable[..., Any], argument: str) -> bool:
    try:
        return argument in inspect.signature(function).parameters
    except ValueError:  # native functions have no signature
        return False


def _check_arguments(name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Says which argument of NumPy's we do not have. Native functions have no signature and say so themselves."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            f"{name} of an Array does not take these arguments",
            expected=f"{signature}",
            got=str(error).removeprefix("got "),
        ) from None


# ------------------------------------------------------------------ ufuncs


def _called(ufunc: np.ufunc, inputs: Sequence[Any], kwargs: dict[str, Any], outs: Sequence[Array | None]) -> Any:
    function = _ours(ufunc)
    if function is None:
        raise _unknown(f"np.{ufunc.__name__}")
    where, dtype = kwargs.pop("where", True), kwargs.pop("dtype", None)
    check_casting(kwargs.get("casting", SAME_KIND), f"np.{ufunc.__name__}")
    given = {key: value for key, value in kwargs.items() if key not in ("casting", "order", "subok")}
    ours = {key: value for key, value in given.items() if _takes(function, key)}  # axis, of vecdot
    others = given.keys() - ours.keys()
    if others or (where is not True and outs[:1] in ((), (None,))):
        wrong = ", ".join(sorted(others)) or "where= without out="
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"np.{ufunc.__name__} of an Array has no {wrong}",
            expected="out, dtype, where",
            got=wrong,
        )
    if dtype is not None:
        inputs = [in_dtype(x, dtype) if isinstance(x, Array) else x for x in inputs]
    made = function(*inputs, **ours)
    return made if where is True else native.elementwise.where(where, made, outs[0])


def _reduce(
    ufunc: np.ufunc, x: Array, /, axis: Any = 0, dtype: Any = None, keepdims: bool = False, **kwargs: Any
) -> Any:
    name = REDUCTIONS.get(ufunc.__name__)
    if name is None:
        raise _unknown(f"np.{ufunc.__name__}.reduce")
    options = {key: value for key, value in kwargs.items() if key not in ("initial", "where") or not _is_default(value)}
    if dtype is not None:
        options["dtype"] = dtype
    function = getattr(vnp, name)
    _check_arguments(f"np.{ufunc.__name__}.reduce", function, (x,), {"axis": axis, "keepdims": keepdims, **options})
    return function(x, axis=axis, keepdims=keepdims, **options)


def _is_default(value: Any) -> bool:
    return value is True or value is np._NoValue


def _accumulate(ufunc: np.ufunc, x: Array, /, axis: int = 0, dtype: Any = None) -> Array:
    if ufunc.__name__ not in SCANS:
        raise _unknown(f"np.{ufunc.__name__}.accumulate")
    values = native.contiguous(x if dtype is None else in_dtype(x, dtype))
    return native.scan(values, SCANS[ufunc.__name__], axis=axis_of(axis, x.ndim, f"np.{ufunc.__name__}.accumulate"))


def _outer(ufunc: np.ufunc, a: Any, b: Any, /, **kwargs: Any) -> Any:
    first, second = vnp.asarray(a), vnp.asarray(b)
    return _called(ufunc, (in_shape(first, first.shape + (1,) * second.ndim), second), kwargs, (None,))


def _at(ufunc: np.ufunc, x: Array, indices: Any, values: Any) -> None:
    if ufunc.__name__ not in SCATTERS:
        raise _unknown(f"np.{ufunc.__name__}.at")
    setitem_by(SCATTERS[ufunc.__name__], x, indices, values)


METHODS: dict[str, Callable[..., Any]] = {"reduce": _reduce, "accumulate": _accumulate, "outer": _outer, "at": _at}
