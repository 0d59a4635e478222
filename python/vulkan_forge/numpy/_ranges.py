"""Numbers from one to another, at equal distances or ratios: made on the host and sent."""

from __future__ import annotations

from typing import Any

import numpy as np

from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import InputError
from vulkan_forge.numpy._checks import check_parts, numpys_errors
from vulkan_forge.numpy._conversion import upload
from vulkan_forge.numpy._dtypes import dtype_of

__all__ = [
    "arange",
    "geomspace",
    "linspace",
    "logspace",
]


def _host(value: Any) -> Any:
    """A number; an Array of one element is read."""
    return value.item() if isinstance(value, Array) else value


def _wanted(dtype: object, *numbers: Any) -> Any:
    """The dtype to have, or None; a real one is refused where a number is complex."""
    if dtype is None:
        return None
    wanted = dtype_of(dtype)
    check_parts(np.result_type(*numbers), wanted)
    return wanted


def arange(
    start: Any, /, stop: Any = None, step: Any = 1, dtype: object = None, *, device: Device | None = None
) -> Array:
    """Numbers at equal steps from start up to stop, which is left out; made on the host and sent.

    Args:
        start: The first one; with stop None this is stop, and the first is 0.
        stop: The end.
        step: The step, of either sign.
        dtype: None for the device's default integer, or its default float where one of the three is a float.
        device: A `Device`; None for the default one.

    Raises:
        InputError: A step of 0, or numbers that cannot be counted.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.arange(1, 7, 2).tolist()
        [1, 3, 5]
    """
    with numpys_errors("arange"):
        first, last, by = _host(start), _host(stop), _host(step)
    if last is None:
        first, last = 0, first
    if by == 0:
        raise InputError.build("INVALID_ARGUMENT", "the step of arange is 0", expected="another step", got="0")
    with numpys_errors("arange"):
        values = np.arange(first, last, by, dtype=_wanted(dtype, first, last, by))
    return upload(values, dtype, device)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: object = None,
    *,
    device: Device | None = None,
) -> Any:
    """Numbers at equal distances, made on the host and sent.

    Args:
        start: The first one.
        stop: The last one.
        num: How many, 50 by default.
        endpoint: False leaves stop out, and the distances fit num steps.
        retstep: Return the distance too, as the second of a tuple.
        dtype: None for the device's default float (or complex).
        device: A `Device`; None for the default one.

    Raises:
        InputError: num is negative or no integer.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linspace(0, 1, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    with numpys_errors("linspace"):
        first, last = _host(start), _host(stop)
        wanted = _wanted(dtype, first, last)
        values, step = np.linspace(first, last, num, endpoint=endpoint, retstep=True, dtype=wanted)
    made = upload(values, dtype, device)
    return (made, step) if retstep else made


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10.0,
    dtype: object = None,
    *,
    device: Device | None = None,
) -> Array:
    """Powers of a base whose exponents are `linspace(start, stop, num)`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.logspace(0, 2, 3).tolist()
        [1.0, 10.0, 100.0]
    """
    with numpys_errors("logspace"):
        first, last, power = _host(start), _host(stop), _host(base)
        values = np.logspace(first, last, num, endpoint, power, _wanted(dtype, first, last, power))
    return upload(values, dtype, device)


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: object = None, *, device: Device | None = None
) -> Array:
    """Numbers from start to stop, each the same multiple of the one before.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.geomspace(1, 8, 4).tolist()
        [1.0, 2.0, 4.0, 8.0]
    """
    with numpys_errors("geomspace"):
        first, last = _host(start), _host(stop)
        values = np.geomspace(first, last, num, endpoint, _wanted(dtype, first, last))
    return upload(values, dtype, device)
