"""Measures the candidates of the tuning table on a device and keeps the best; re-exported as `compute.tune`."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from vulkan_forge import _vulkan_forge
from vulkan_forge._vulkan_forge import _tuning
from vulkan_forge.errors import ArgumentTypeError, InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vulkan_forge._vulkan_forge import Device

    Key = tuple[str, str, str]
    Work = Callable[[], object]

__all__ = ["tune"]

# "any" stands for the kinds without rows of their own.
_DTYPES = {"f16": "float16", "f32": "float32", "any": "int32"}


def _array(shape: tuple[int, ...], dtype: str, device: Device | None) -> Any:
    values = np.random.default_rng(0).integers(0, 9, shape).astype(dtype)
    return _vulkan_forge.asarray(values, device=device)


def _matmul(kind: str, size: str, device: Device | None) -> Work:
    n = 1024 if size == "large" else 384
    a, b = (_array((n, n), _DTYPES[kind], device) for _ in range(2))
    return lambda: np.asarray(_vulkan_forge.matmul(a, b))


def _matvec(kind: str, size: str, device: Device | None) -> Work:
    a, x = _array((4096, 2048), "float32", device), _array((2048, 1), "float32", device)
    y = _array((1, 4096), "float32", device)
    return lambda: (np.asarray(_vulkan_forge.matmul(a, x)), np.asarray(_vulkan_forge.matmul(y, a)))


# operation: makes the call to time, from kind, size and device
_WORK: dict[str, Callable[[str, str, Device | None], Work]] = {"matmul": _matmul, "matvec": _matvec}


def _seconds(work: Work, budget: float) -> float:
    work()  # compiles
    best, rounds, end = float("inf"), 0, time.perf_counter() + budget
    while rounds < 3 or time.perf_counter() < end:
        started = time.perf_counter()
        work()
        best, rounds = min(best, time.perf_counter() - started), rounds + 1
    return best


def _measured(key: Key, choices: list[str], device: Device | None, budget: float) -> dict[str, float]:
    work = _WORK[key[0]](key[1], key[2], device)
    times = {}
    for choice in choices:
        _tuning.choose(key, choice, device)
        times[choice] = _seconds(work, budget)
    return times


def _names(operations: Iterable[str] | None) -> set[str]:
    """What is to be tuned; a name alone is no row of letters."""
    if operations is None:
        return set(_WORK)
    try:
        return _WORK.keys() & ([operations] if isinstance(operations, str) else list(operations))
    except TypeError:
        expected, got = f"names, of {', '.join(_WORK)}", type(operations).__name__
        raise ArgumentTypeError.build("BAD_TYPE", "operations of tune", expected=expected, got=got) from None


def _budget(seconds: float) -> float:
    """Seconds for each candidate; without an end the first one would be timed for ever."""
    try:
        budget = float(seconds)
    except (TypeError, ValueError):
        got = type(seconds).__name__
        raise ArgumentTypeError.build("BAD_TYPE", "seconds of tune", expected="a number", got=got) from None
    if not (math.isfinite(budget) and budget >= 0):
        raise InputError.build(
            "INVALID_ARGUMENT", "seconds of tune", expected="0 or more, not infinite", got=str(budget)
        )
    return budget


def tune(
    operations: Iterable[str] | None = None, *, device: Device | None = None, seconds: float = 0.3
) -> dict[Key, dict[str, float]]:
    """Time the tuning table's candidates on a device, use the best from now on, and keep them for later processes.

    Results stay the same but for rounding: another tile may add in another order. Nothing is tuned unless asked for
    here; until then the table's first row for the device's class is used.

    Args:
        operations: Names such as "matmul", or one name; None for all that can be tuned. Others are passed over.
        device: A `Device`; None for the default one.
        seconds: How long each candidate is timed; compiling comes on top.

    Returns:
        The best time in seconds of each candidate, by (operation, kind, size).

    Raises:
        InputError: seconds are negative or have no end.
        ArgumentTypeError: operations are no names, or seconds no number.

    Example:
        >>> from vulkan_forge import compute
        >>> sorted(compute.tune([]))
        []
    """
    wanted, budget = _names(operations), _budget(seconds)
    report: dict[Key, dict[str, float]] = {}
    for key, choices in _tuning.rows(device).items():
        if key[0] not in wanted or len(choices) < 2:
            continue
        try:
            times = _measured(key, choices, device, budget)
        except UnsupportedError:
            _tuning.choose(key, "", device)
            continue
        report[key] = times
        _tuning.choose(key, min(times, key=times.__getitem__), device)
    if report:
        _tuning.save(device)
    return report
