"""Functions that compute in bfloat16 by way of float32, which holds all its values: one rounding, at the end.

Operators and elementwise rows know bfloat16 themselves; what stands in Python, and the blocks below it, do not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy._dtypes import dtype_of, is_bfloat16, kind_of

Call = Callable[..., Any]


def widened(function: FunctionType) -> Call:
    """The function, for bfloat16 too: of Arrays of it, and asked for by `dtype=`."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    place = names.index("dtype") if "dtype" in names else len(names)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if place < len(args) <= len(names):  # a dtype by position
            kwargs |= zip(names[place:], args[place:], strict=False)
            args = args[:place]
        asked = kwargs.get("dtype")
        to_short = asked is not None and _names_bfloat16(asked)
        if not (to_short or native.any_bfloat16(args) or (kwargs and native.any_bfloat16(tuple(kwargs.values())))):
            return function(*args, **kwargs)
        if to_short:
            kwargs["dtype"] = np.dtype(np.float32)
        made = function(*_wide(args), **{key: _wide(value) for key, value in kwargs.items()})
        back = to_short or (asked is None and all(map(_leaves_it, _dtypes((args, kwargs)))))
        return _short(made) if back else made

    return call


def widen(space: dict[str, Any], names: Iterable[str]) -> None:
    """Puts widened functions in the place of those of a namespace that are Python's."""
    for name in names:
        if isinstance(space.get(name), FunctionType):
            space[name] = widened(space[name])


def _leaves_it(dtype: np.dtype[Any]) -> bool:
    """Whether bfloat16 beside it stays bfloat16; larger integers are places, exponents and counts, not values."""
    return is_bfloat16(dtype) or (kind_of(dtype) != "f" and not (dtype.kind in "iu" and dtype.itemsize == 2))


def _names_bfloat16(dtype: Any) -> bool:
    if isinstance(dtype, str):
        return dtype == "bfloat16"
    return getattr(dtype, "__name__", getattr(dtype, "name", "")) == "bfloat16"


def _dtypes(value: Any) -> Iterable[np.dtype[Any]]:
    """Those of all Arrays in arguments."""
    if isinstance(value, Array):
        yield dtype_of(value)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _dtypes(one)
    elif isinstance(value, dict):
        yield from _dtypes(tuple(value.values()))


def _wide(value: Any) -> Any:
    if isinstance(value, Array):
        return native.cast(value, np.float32) if is_bfloat16(value.dtype) else value
    if type(value) in (list, tuple):
        return type(value)(_wide(one) for one in value)
    return value


def _short(made: Any) -> Any:
    if isinstance(made, Array):
        return native.cast(made, "bfloat16") if made.dtype == np.float32 else made
    if isinstance(made, list):
        return [_short(one) for one in made]
    if isinstance(made, tuple):
        rebuilt = [_short(one) for one in made]
        return type(made)(*rebuilt) if hasattr(made, "_fields") else tuple(rebuilt)
    return made
