"""Arrays with a frame around them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, axis_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, in_dtype, result_type
from vulkan_forge.numpy._gather import picked
from vulkan_forge.numpy._joining import concat
from vulkan_forge.numpy._views import between, flipped, widened

__all__ = [
    "pad",
]


GATHERED = ("edge", "reflect", "symmetric", "wrap")
# mode: the option that it has
FILLED = {
    "constant": "constant_values",
    "empty": "",
    "linear_ramp": "end_values",
    "maximum": "stat_length",
    "minimum": "stat_length",
    "mean": "stat_length",
}


def pad(x: ArrayLike, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Array:
    """An array with a border.

    Args:
        x: Any `Array`.
        pad_width: How wide: a number, (before, after), one such pair for each axis, or a dict of axes to those.
        mode: "constant" by default, "edge", "reflect", "symmetric", "wrap", "empty", "linear_ramp", "maximum",
            "minimum" or "mean".
        **kwargs: constant_values (0), end_values (0, of "linear_ramp") or stat_length (None, of the last three), in
            the forms of pad_width.

    Returns:
        A new `Array` of the dtype of x.

    Raises:
        InputError: No such mode, an option that the mode does not have, or a negative width or length.
        ShapeError: Pairs that do not fit, or nothing to repeat.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.pad(vnp.asarray([1, 2, 3]), 2, mode="reflect").tolist()
        [3, 2, 1, 2, 3, 2, 1]
    """
    given = array_of(x, "pad")
    if mode not in GATHERED and mode not in FILLED:
        known = ", ".join((*GATHERED, *FILLED))
        raise InputError.build("INVALID_ARGUMENT", "pad does not know this mode", expected=known, got=repr(mode))
    option = FILLED.get(mode, "")
    if kwargs.keys() - {option}:
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"mode {mode} of pad does not have this option",
            expected=option or "none",
            got=", ".join(kwargs),
        )
    widths = _whole_pairs(pad_width, given.ndim, "pad_width")
    if mode in GATHERED:
        return _pad_gathered(given, widths, mode)
    setting = kwargs.get(option, None if option == "stat_length" else 0)
    if mode in ("constant", "empty") and not isinstance(setting, (Sequence, np.ndarray)):
        return _pad_framed(given, widths, setting)
    if option == "stat_length" and setting is not None:
        return _pad_filled(given, widths, mode, _whole_pairs(setting, given.ndim, option))
    return _pad_filled(given, widths, mode, _pairs(setting, given.ndim))


def _whole_pairs(value: Any, axes: int, what: str) -> list[tuple[int, ...]]:
    """`_pairs` of integers, none of them negative."""
    pairs = [tuple(integer_of(one, f"pad: {what}") for one in pair) for pair in _pairs(value, axes)]
    if min(itertools.chain(*pairs), default=0) < 0:
        raise InputError.build("INVALID_ARGUMENT", f"pad takes no negative {what}", got=str(value))
    return pairs


def _pairs(value: Any, axes: int) -> list[Any]:
    """(before, after) for each axis."""
    if isinstance(value, dict):
        rows = {axis_of(axis, axes, "pad"): _pairs(pair, 1)[0] for axis, pair in value.items()}
        return [rows.get(axis, (0, 0)) for axis in range(axes)]
    try:
        return [tuple(pair) for pair in np.broadcast_to(np.asarray(value), (axes, 2)).tolist()]
    except ValueError:
        raise ShapeError.build(
            "BAD_SHAPE",
            "pad takes a pair for each axis",
            expected=f"shape ({axes}, 2), or one that broadcasts",
            got=repr(value)[:60],
        ) from None


def _pad_gathered(x: Array, widths: list[Any], mode: str) -> Array:
    """Borders that repeat entries: NumPy says which, of positions in place of values."""
    for axis, pair in enumerate(widths):
        if pair != (0, 0) and x.shape[axis] == 0:
            raise ShapeError.build("BAD_SHAPE", f"pad has nothing to repeat along axis {axis}", got=str(x.shape))
    places = [np.pad(np.arange(n), pair, mode=mode) for n, pair in zip(x.shape, widths, strict=True)]  # type: ignore[call-overload]
    borders = [_borders(where + pair[0], pair) for where, pair in zip(places, widths, strict=True)]
    if None in itertools.chain(*borders):
        for axis, where in enumerate(places):
            x = x if widths[axis] == (0, 0) else picked(x, where, axis)
        return x
    inside = [slice(before, before + n) for n, (before, _) in zip(x.shape, widths, strict=True)]
    made = native.empty(_framed(x, widths), dtype=x.dtype, device=x.device)
    native.assign(made[tuple(inside)], x)
    for axis, (before, after) in enumerate(borders):
        inside[axis] = slice(None)  # corners are borders of borders
        whole, n = made[tuple(inside)], made.shape[axis]
        for target, source in ((slice(0, widths[axis][0]), before), (slice(n - widths[axis][1], n), after)):
            if target.start < target.stop:
                native.assign(whole[(slice(None),) * axis + (target,)], whole[(slice(None),) * axis + (source,)])
    return made


def _borders(places: np.ndarray[Any, Any], pair: tuple[int, int]) -> list[slice | None]:
    """What the borders in front and behind repeat, as slices; None where no slice can say it."""
    return [_as_slice(places[: pair[0]]), _as_slice(places[places.size - pair[1] :])]


def _as_slice(places: np.ndarray[Any, Any]) -> slice | None:
    if places.size == 0:
        return slice(0, 0)
    first, step = int(places[0]), int(np.sign(places[-1] - places[0]))
    if not np.array_equal(places, first + step * np.arange(places.size)):
        return None
    if step == 0:
        return slice(first, first + 1)
    stop = int(places[-1]) + step
    return slice(first, None if stop < 0 else stop, step)


def _framed(x: Array, widths: list[Any]) -> tuple[int, ...]:
    return tuple(before + extent + after for extent, (before, after) in zip(x.shape, widths, strict=True))


def _pad_framed(x: Array, widths: list[Any], value: Any) -> Array:
    """One value all around."""
    extents = _framed(x, widths)
    number = value.item() if isinstance(value, Array) else value
    made = native.copy(native.full(extents, number, x.dtype, device=x.device))
    native.assign(
        made[tuple(slice(pair[0], pair[0] + extent) for extent, pair in zip(x.shape, widths, strict=True))], x
    )
    return made


def _pad_filled(x: Array, widths: list[Any], mode: str, settings: list[Any]) -> Array:
    """Borders along one axis after the other; corners are borders of borders."""
    for axis, (pair, both) in enumerate(zip(widths, settings, strict=True)):
        turned = flipped(x, (axis,))
        before = _border(x, axis, pair[0], mode, both[0])
        after = flipped(_border(turned, axis, pair[1], mode, both[1]), (axis,))
        x = concat([before, x, after], axis=axis, dtype=x.dtype)
    return x


def _border(x: Array, axis: int, width: int, mode: str, setting: Any) -> Array:
    """What lies in front of an axis."""
    extents = (*x.shape[:axis], width, *x.shape[axis + 1 :])
    if mode == "constant" or width == 0:
        return native.full(extents, setting or 0, x.dtype, device=x.device)
    if mode == "linear_ramp":
        return _ramp(x, axis, width, setting)
    if x.shape[axis] == 0 or setting == 0:
        raise ShapeError.build("BAD_SHAPE", f"no values to take the {mode} of", got=f"{x.shape}, stat_length {setting}")
    return widened(_statistic(native.contiguous(between(x, axis, 0, setting)), axis, mode), extents)


def _statistic(x: Array, axis: int, mode: str) -> Array:
    if mode != "mean":
        return native.reduce(x, mode[:3], axis=axis, keepdims=True)
    mean = native.elementwise.divide(native.reduce(x, "sum", axis=axis, keepdims=True), x.shape[axis])
    return in_dtype(native.elementwise.round(mean) if x.dtype.kind in "iu" else mean, x.dtype)


def _ramp(x: Array, axis: int, width: int, end: Any) -> Array:
    wide = result_type(x.dtype, default_float(x.device))
    edge = in_dtype(between(x, axis, 0, 1), wide)
    steps = native.asarray(np.arange(width, dtype=wide).reshape((-1,) + (1,) * (x.ndim - 1 - axis)), device=x.device)
    made = steps * ((edge - end) / width) + end
    return in_dtype(native.elementwise.floor(made) if x.dtype.kind in "iu" else made, x.dtype)
