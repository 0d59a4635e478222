"""Fourier transforms: the Python array API standard's extension `fft`, and NumPy's functions over two axes.

All run on the device. Arguments mean what they mean in numpy.fft. Integers are transformed as the device's default
float, float16 as float32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import DtypeError, InputError
from vulkan_forge.numpy import _axes, _conversion
from vulkan_forge.numpy._arguments import check_real, floats
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, integer_of, number_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, dtype_of, in_dtype

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

elementwise = native.elementwise
OTHER_WAY = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _values(function: str, x: ArrayLike) -> Array:
    """In a dtype that transforms take."""
    values = floats(array_of(x, function))
    return native.contiguous(in_dtype(values, np.float32) if values.dtype == np.float16 else values)


def _complex_values(function: str, x: ArrayLike) -> Array:
    values = _values(function, x)
    return native.contiguous(in_dtype(values, np.result_type(values.dtype, np.complex64)))


def _real_values(function: str, x: ArrayLike) -> Array:
    values = _values(function, x)
    check_real(function, values)
    return values


def fft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform along one axis.

    Args:
        x: `Array` of any dtype with 1 or more axes.
        n: How many values take part: fewer than there are are cropped, beyond them zeros follow. None: all.
        axis: Which axis.
        norm: "backward" (None): the inverse divides by n; "forward": this one does; "ortho": both by its root.

    Returns:
        A complex `Array`.

    Raises:
        InputError: n is below 1, or norm is not known.
        ShapeError: There is no such axis.
        LimitError: n is beyond what the device can do.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.fft(vnp.asarray([1.0, 0.0])).real.tolist()
        [1.0, 1.0]
    """
    return native.fft(_values("fft", x), n, axis, norm)


def ifft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform back along one axis; arguments and errors as for `fft`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.ifft(vnp.asarray([2.0, 0.0])).real.tolist()
        [1.0, 1.0]
    """
    return native.ifft(_values("ifft", x), n, axis, norm)


def rfft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform reals along one axis: the first n // 2 + 1 values, of which the others are conjugates.

    Arguments and errors as for `fft`; a DtypeError for complex numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.rfft(vnp.asarray([1.0, 0.0, 0.0])).real.tolist()
        [1.0, 1.0]
    """
    return native.rfft(_real_values("rfft", x), n, axis, norm)


def irfft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform back to n reals along one axis, 2 (m - 1) of m values where n is None.

    Arguments and errors as for `fft`; the result is a real `Array`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.irfft(vnp.asarray([2.0, 0.0])).tolist()
        [1.0, 1.0]
    """
    return native.irfft(_complex_values("irfft", x), n, axis, norm)


def hfft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform a signal with Hermitian symmetry, of which the first half is given, to n reals.

    Arguments and errors as for `irfft`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.hfft(vnp.asarray([1.0, 1.0])).tolist()
        [2.0, 0.0]
    """
    values = native.contiguous(elementwise.conj(_complex_values("hfft", x)))
    return native.irfft(values, n, axis, _other_way(norm))


def ihfft(x: ArrayLike, /, n: int | None = None, axis: int = -1, norm: str | None = "backward") -> Array:
    """Transform reals back to the first half of a signal with Hermitian symmetry. Arguments and errors as for `rfft`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.ihfft(vnp.asarray([2.0, 0.0])).real.tolist()
        [1.0, 1.0]
    """
    return elementwise.conj(native.rfft(_real_values("ihfft", x), n, axis, _other_way(norm)))


def _other_way(norm: str | None) -> str:
    if norm not in tuple(OTHER_WAY):  # which asks for no hash
        raise InputError.build(
            "INVALID_ARGUMENT", "norm is not known", expected="backward, forward or ortho", got=repr(norm)
        )
    return OTHER_WAY[norm]


def fftn(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = "backward"
) -> Array:
    """Transform along several axes.

    Args:
        x: `Array` of any dtype.
        s: A length for each of the axes, as n of `fft`; -1 for its own. None for their own.
        axes: Which axes; None: the last len(s), or all.
        norm: As for `fft`.

    Returns:
        A complex `Array`.

    Raises:
        ShapeError: There is no such axis, or s and axes differ in length.
        InputError: A length is below 1, or norm is not known.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.fftn(vnp.asarray([[1.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return native.fftn(_values("fftn", x), s, axes, norm)


def ifftn(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = "backward"
) -> Array:
    """Transform back along several axes; arguments and errors as for `fftn`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.ifftn(vnp.asarray([[2.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return native.ifftn(_values("ifftn", x), s, axes, norm)


def rfftn(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = "backward"
) -> Array:
    """Transform reals along several axes: `rfft` along the last of them, `fft` along the others.

    Arguments and errors as for `fftn`; a DtypeError for complex numbers.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.rfftn(vnp.asarray([[1.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return native.rfftn(_real_values("rfftn", x), s, axes, norm)


def irfftn(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = "backward"
) -> Array:
    """Transform back to reals along several axes: `ifft`, and along the last of them `irfft`.

    Arguments and errors as for `fftn`; the result is a real `Array`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.irfftn(vnp.asarray([[2.0, 0.0]])).tolist()
        [[1.0, 1.0]]
    """
    return native.irfftn(_complex_values("irfftn", x), s, axes, norm)


def fft2(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = "backward"
) -> Array:
    """Transform along two axes; arguments and errors as for `fftn`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.fft2(vnp.asarray([[1.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return fftn(x, s, axes, norm)


def ifft2(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = "backward"
) -> Array:
    """Transform back along two axes; arguments and errors as for `fftn`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.ifft2(vnp.asarray([[2.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return ifftn(x, s, axes, norm)


def rfft2(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = "backward"
) -> Array:
    """Transform reals along two axes; arguments and errors as for `rfftn`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.rfft2(vnp.asarray([[1.0, 0.0]])).real.tolist()
        [[1.0, 1.0]]
    """
    return rfftn(x, s, axes, norm)


def irfft2(
    x: ArrayLike, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1), norm: str | None = "backward"
) -> Array:
    """Transform back to reals along two axes; arguments and errors as for `irfftn`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.irfft2(vnp.asarray([[2.0, 0.0]])).tolist()
        [[1.0, 1.0]]
    """
    return irfftn(x, s, axes, norm)


def fftfreq(n: int, /, d: float = 1.0, dtype: npt.DTypeLike | None = None, *, device: Device | None = None) -> Array:
    """Give the frequencies of the values of `fft`, in cycles for each unit of d.

    Args:
        n: How many values were transformed.
        d: The distance between two of them.
        dtype: A real dtype; None for the device's default float.
        device: A `Device`; None for the default one.

    Returns:
        An `Array` of n values: from 0 up, then the negative ones.

    Raises:
        InputError: n is below 1, or d is 0 or no real number.
        DtypeError: dtype is not real.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.fftfreq(4).tolist()
        [0.0, 0.25, -0.5, -0.25]
    """
    return _frequencies("fftfreq", np.fft.fftfreq, n, d, dtype, device)


def rfftfreq(n: int, /, d: float = 1.0, dtype: npt.DTypeLike | None = None, *, device: Device | None = None) -> Array:
    """Give the frequencies of the values of `rfft`: n // 2 + 1 of them, none negative. Arguments as for `fftfreq`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.rfftfreq(4).tolist()
        [0.0, 0.25, 0.5]
    """
    return _frequencies("rfftfreq", np.fft.rfftfreq, n, d, dtype, device)


def _frequencies(
    function: str, of: Callable[..., Any], n: int, d: float, dtype: npt.DTypeLike | None, device: Device | None
) -> Array:
    """Made on the host and sent, as arange is."""
    n = integer_of(n, f"{function}: n")
    if n < 1:
        raise InputError.build("INVALID_ARGUMENT", f"{function} of no values", expected="n of 1 or more", got=str(n))
    d = number_of(d, f"{function}: d")
    if d == 0:
        raise InputError.build(
            "INVALID_ARGUMENT", f"{function}: values have no distance", expected="d other than 0", got="0"
        )
    wanted = default_float(device) if dtype is None else dtype_of(dtype)
    if wanted.kind != "f":
        raise DtypeError.build("BAD_DTYPE", f"{function} gives fractions", expected="a real float", got=str(wanted))
    return _conversion.upload(of(n, d), wanted, device)


def fftshift(x: ArrayLike, /, axes: Axis = None) -> Array:
    """Bring the frequency 0 to the middle.

    Args:
        x: `Array` of any dtype.
        axes: An axis, a tuple of them, or None for all.

    Returns:
        An `Array` of the shape of x.

    Raises:
        RangeError: There is no such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.fftshift(vnp.asarray([0, 1, -1])).tolist()
        [-1, 0, 1]
    """
    x = array_of(x, "fftshift")
    along = axes_of(axes, x.ndim, "fftshift")
    return _axes.roll(x, tuple(x.shape[axis] // 2 for axis in along), along)


def ifftshift(x: ArrayLike, /, axes: Axis = None) -> Array:
    """Bring the frequency 0 back to the front: the inverse of `fftshift`, whose arguments and errors it has.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fft.ifftshift(vnp.asarray([-1, 0, 1])).tolist()
        [0, 1, -1]
    """
    x = array_of(x, "ifftshift")
    along = axes_of(axes, x.ndim, "ifftshift")
    return _axes.roll(x, tuple(-(x.shape[axis] // 2) for axis in along), along)
