"""Windows, which fade a signal out at both ends: made on the host and sent."""

from __future__ import annotations

import numpy as np

from vulkan_forge._vulkan_forge import Array
from vulkan_forge.numpy._checks import numpys_errors
from vulkan_forge.numpy._conversion import upload

__all__ = [
    "bartlett",
    "blackman",
    "hamming",
    "hanning",
    "kaiser",
]


def _window(name: str, m: int, *more: float) -> Array:
    with numpys_errors(name):
        values = np.asarray(getattr(np, name)(m, *more), np.float64)
    return upload(values)


def bartlett(m: int) -> Array:
    """A triangular window of m values, made on the host and sent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.bartlett(3).tolist()
        [0.0, 1.0, 0.0]
    """
    return _window("bartlett", m)


def blackman(m: int) -> Array:
    """Blackman's window of m values, made on the host and sent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.blackman(5).shape
        (5,)
    """
    return _window("blackman", m)


def hamming(m: int) -> Array:
    """Hamming's window of m values, made on the host and sent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.hamming(5).shape
        (5,)
    """
    return _window("hamming", m)


def hanning(m: int) -> Array:
    """Hann's window of m values, made on the host and sent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.hanning(3).tolist()
        [0.0, 1.0, 0.0]
    """
    return _window("hanning", m)


def kaiser(m: int, beta: float) -> Array:
    """Kaiser's window of m values, made on the host and sent.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.kaiser(5, 14.0).shape
        (5,)
    """
    return _window("kaiser", m, beta)
