"""Random numbers on the device, with the names and arguments of numpy.random.

`default_rng` gives a `Generator` on Philox4x32-10 (`docs/random.md`): the same bits on every device, though not NumPy's
own. The functions of this module share one such generator, which `seed` starts anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import InputError
from vulkan_forge.numpy._checks import ArrayLike, DType, integer_of, number_of, shape_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, default_int, dtype_of

__all__ = ["Generator", "default_rng", "normal", "permutation", "rand", "randint", "randn", "random", "seed", "uniform"]

elementwise = native.elementwise
Size = int | Sequence[int] | None


def _shape(size: Size) -> tuple[int, ...]:
    return () if size is None else shape_of(size, "size")


class Generator:
    """Random numbers as Arrays, with the methods of numpy.random.Generator.

    Floats are float64, or float32 on a device that lacks it, where no dtype is given. Methods that take parameters take
    numbers, not arrays of them.

    Args:
        seed: 0 to 2^64 - 1; None for one from the operating system.
        device: A `Device`; None for the default one.

    Raises:
        InputError: seed does not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.Generator(7).random((2, 3)).shape
        (2, 3)
    """

    def __init__(self, seed: int | None = None, *, device: Device | None = None) -> None:
        self.device = native.default_device() if device is None else device
        self.philox = native.Generator(seed, device=self.device)

    def _float(self, dtype: npt.DTypeLike | None) -> DType:
        return default_float(self.device) if dtype is None else dtype_of(dtype)

    def random(self, size: Size = None, dtype: npt.DTypeLike | None = None) -> Array:
        """Draw values from 0 up to 1, which is left out.

        Args:
            size: The shape; None for ().
            dtype: float32 or float64.

        Returns:
            An `Array`.

        Raises:
            InputError: No such dtype.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> 0 <= vnp.random.default_rng(1).random().item() < 1
            True
        """
        return self.philox.uniform(_shape(size), dtype=self._float(dtype))

    def uniform(
        self, low: float = 0.0, high: float = 1.0, size: Size = None, dtype: npt.DTypeLike | None = None
    ) -> Array:
        """Draw values from low up to high, which is left out.

        Args:
            low: The least value.
            high: What all values are below.
            size: The shape; None for ().
            dtype: float32 or float64.

        Returns:
            An `Array`.

        Raises:
            InputError: high is below low, or one is not finite.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> 2 <= vnp.random.default_rng(1).uniform(2, 3).item() < 3
            True
        """
        return self.philox.uniform(_shape(size), low, high, dtype=self._float(dtype))

    def normal(
        self, loc: float = 0.0, scale: float = 1.0, size: Size = None, dtype: npt.DTypeLike | None = None
    ) -> Array:
        """Draw normally distributed values.

        Args:
            loc: The mean.
            scale: The standard deviation.
            size: The shape; None for ().
            dtype: float32 or float64.

        Returns:
            An `Array`.

        Raises:
            InputError: scale is negative, or one of the two is not finite.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> vnp.random.default_rng(1).normal(size=3).shape
            (3,)
        """
        return self.philox.normal(_shape(size), loc, scale, dtype=self._float(dtype))

    def standard_normal(self, size: Size = None, dtype: npt.DTypeLike | None = None) -> Array:
        """Draw normally distributed values of mean 0 and deviation 1; see `normal`."""
        return self.normal(0.0, 1.0, size, dtype)

    def exponential(self, scale: float = 1.0, size: Size = None, dtype: npt.DTypeLike | None = None) -> Array:
        """Draw exponentially distributed values of mean scale.

        Args:
            scale: The mean.
            size: The shape; None for ().
            dtype: float32 or float64.

        Returns:
            An `Array`.

        Raises:
            InputError: scale is negative or not finite.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> vnp.random.default_rng(1).exponential(size=3).shape
            (3,)
        """
        scale = number_of(scale, "exponential: scale")
        if not 0 <= scale < math.inf:
            raise InputError.build("INVALID_ARGUMENT", "no such scale", expected="0 or more", got=str(scale))
        return elementwise.log1p(-self.random(size, dtype)) * -scale

    def integers(
        self,
        low: int,
        high: int | None = None,
        size: Size = None,
        dtype: npt.DTypeLike | None = None,
        endpoint: bool = False,
    ) -> Array:
        """Draw integers.

        Args:
            low: The least value; where high is None, what all values are below, and the least is 0.
            high: What all values are below.
            size: The shape; None for ().
            dtype: Any integer dtype; None for int64, or int32 on a device that lacks it.
            endpoint: Take high itself too.

        Returns:
            An `Array`.

        Raises:
            InputError: The range is empty, or does not fit in the dtype.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> 1 <= vnp.random.default_rng(1).integers(1, 6, endpoint=True).item() <= 6
            True
        """
        low, high = (0, low) if high is None else (low, high)
        wanted = default_int(self.device) if dtype is None else dtype_of(dtype)
        end = integer_of(high, "integers: the end") + bool(endpoint)
        return self.philox.integers(low, end, _shape(size), dtype=wanted)

    def choice(
        self,
        a: ArrayLike,
        size: Size = None,
        replace: bool = True,
        p: Sequence[float] | Array | None = None,
        axis: int = 0,
        shuffle: bool = True,
    ) -> Array:
        """Draw from the numbers below a, or from the entries of an array.

        Args:
            a: A count, or an `Array` with 1 or more axes.
            size: The shape; None for ().
            replace: Whether an entry may come more than once.
            p: How likely each entry is; an `Array` is brought to the host. None: all are as likely.
            axis: The axis that entries are taken from.
            shuffle: Without effect: the order is random.

        Returns:
            An `Array`.

        Raises:
            InputError: Nothing to choose from, not enough, or p is no distribution.
            RangeError: axis lies outside of a.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> sorted(vnp.random.default_rng(1).choice(3, 3, replace=False).tolist())
            [0, 1, 2]
        """
        if isinstance(a, int | np.integer) and a >= 2**63:
            raise InputError.build(
                "INVALID_ARGUMENT", "choice: a is beyond what int64 counts", expected="less than 2**63", got=str(a)
            )
        entries = a if isinstance(a, int | np.integer) else native.contiguous(array_of(a, "choice", self.device))
        chances = p.numpy() if isinstance(p, Array) else p
        return self.philox.choice(entries, _shape(size), replace=replace, p=chances, axis=axis, shuffle=shuffle)

    def permutation(self, x: ArrayLike, axis: int = 0) -> Array:
        """Give the numbers below x, or the entries of an axis of x, in random order.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> sorted(vnp.random.default_rng(1).permutation(3).tolist())
            [0, 1, 2]
        """
        if isinstance(x, int | np.integer):
            return self.philox.permutation(x)
        mixed = native.copy(array_of(x, "permutation", self.device))
        self.philox.shuffle(mixed, axis)
        return mixed

    def shuffle(self, x: Array, axis: int = 0) -> None:
        """Put the entries of an axis into random order, in place.

        Example:
            >>> import vulkan_forge.numpy as vnp
            >>> x = vnp.arange(3)
            >>> vnp.random.default_rng(1).shuffle(x)
            >>> sorted(x.tolist())
            [0, 1, 2]
        """
        native.assign(x, self.permutation(x, axis))

    def spawn(self, n_children: int) -> list[Generator]:
        """Make generators that are independent of this one and of each other."""
        children = [Generator(0, device=self.device) for _ in range(integer_of(n_children, "n_children"))]
        for child, philox in zip(children, self.philox.spawn(n_children), strict=True):
            child.philox = philox
        return children


def default_rng(seed: int | Generator | None = None, *, device: Device | None = None) -> Generator:
    """Make a generator of random numbers.

    Args:
        seed: 0 to 2^64 - 1; None for one from the operating system; a `Generator` is returned as it is.
        device: A `Device`; None for the default one.

    Returns:
        A `Generator`.

    Raises:
        InputError: seed does not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> one, other = vnp.random.default_rng(3), vnp.random.default_rng(3)
        >>> one.random(2).tolist() == other.random(2).tolist()
        True
    """
    return seed if isinstance(seed, Generator) else Generator(seed, device=device)


_shared: list[Generator] = []  # the one of the functions below, made at first use


def _generator() -> Generator:
    if not _shared or _shared[0].device.closed:
        seed()
    return _shared[0]


def seed(seed: int | None = None) -> None:
    """Start the functions of this module anew.

    Args:
        seed: 0 to 2^64 - 1; None for one from the operating system.

    Raises:
        InputError: seed does not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.seed(1)
    """
    _shared[:] = [Generator(seed)]


def rand(*shape: int) -> Array:
    """Draw values from 0 up to 1, which is left out.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.rand(2, 3).shape
        (2, 3)
    """
    return _generator().random(shape)


def randn(*shape: int) -> Array:
    """Draw normally distributed values of mean 0 and deviation 1.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.randn(2, 3).shape
        (2, 3)
    """
    return _generator().normal(size=shape)


def random(size: Size = None) -> Array:
    """Draw values from 0 up to 1, which is left out; see `Generator.random`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.random((2, 3)).shape
        (2, 3)
    """
    return _generator().random(size)


def uniform(low: float = 0.0, high: float = 1.0, size: Size = None) -> Array:
    """Draw values from low up to high, which is left out; see `Generator.uniform`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.uniform(-1, 1, 3).shape
        (3,)
    """
    return _generator().uniform(low, high, size)


def normal(loc: float = 0.0, scale: float = 1.0, size: Size = None) -> Array:
    """Draw normally distributed values; see `Generator.normal`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.normal(size=3).shape
        (3,)
    """
    return _generator().normal(loc, scale, size)


def randint(low: int, high: int | None = None, size: Size = None) -> Array:
    """Draw integers below high; see `Generator.integers`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.randint(10, size=3).shape
        (3,)
    """
    return _generator().integers(low, high, size)


def permutation(x: ArrayLike) -> Array:
    """Give the numbers below x, or the entries of x, in random order; see `Generator.permutation`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.random.permutation(3).shape
        (3,)
    """
    return _generator().permutation(x)
