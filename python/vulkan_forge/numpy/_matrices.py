"""Matrices of a form: diagonals, triangles, and powers in columns."""

from __future__ import annotations

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device
from vulkan_forge.errors import ShapeError
from vulkan_forge.numpy._checks import ArrayLike, DType, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import default_float, default_int, default_of, dtype_of, in_dtype, kind_of
from vulkan_forge.numpy._filled import zeros
from vulkan_forge.numpy._grids import along
from vulkan_forge.numpy._views import diagonal_of, in_shape

__all__ = [
    "diag",
    "diagflat",
    "eye",
    "identity",
    "tri",
    "tril",
    "triu",
    "vander",
]


def eye(
    n_rows: int, n_cols: int | None = None, /, k: int = 0, dtype: object = None, *, device: Device | None = None
) -> Array:
    """A matrix with ones on a diagonal and zeros elsewhere.

    Args:
        n_rows: How many rows.
        n_cols: How many columns; None for as many.
        k: The diagonal: above the main one where positive, below it where negative.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.eye(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    made = native.copy(zeros((n_rows, n_rows if n_cols is None else n_cols), dtype, device=device))
    native.assign(diagonal_of(made, k, 0, 1), 1)
    return made


def identity(n: int, dtype: object = None, *, device: Device | None = None) -> Array:
    """A square matrix with ones on its diagonal.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.identity(2).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    return eye(n, dtype=dtype, device=device)


def diag(v: ArrayLike, k: int = 0) -> Array:
    """A matrix with these values on its k-th diagonal; or, of a matrix, a view of that diagonal.

    Args:
        v: Values with one axis, or a matrix.
        k: The diagonal: above the main one where positive, below it where negative.

    Raises:
        ShapeError: v has no axis, or more than two.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.diag([1, 2]).tolist()
        [[1, 0], [0, 2]]
    """
    x = array_of(v, "diag")
    if x.ndim == 2:
        return diagonal_of(x, k, 0, 1)
    if x.ndim != 1:
        raise ShapeError.build("BAD_SHAPE", "diag takes values or a matrix", expected="1 or 2 axes", got=str(x.shape))
    n = x.size + abs(integer_of(k, "a diagonal's offset"))
    made = native.copy(zeros((n, n), x.dtype, device=x.device))
    native.assign(diagonal_of(made, k, 0, 1), x)
    return made


def diagflat(v: ArrayLike, k: int = 0) -> Array:
    """`diag` of the flattened values.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.diagflat([[1, 2]]).tolist()
        [[1, 0], [0, 2]]
    """
    x = array_of(v, "diagflat")
    return diag(in_shape(x, (x.size,)), k)


def _below(n: int, m: int, k: int, device: Device | None) -> Array:
    """True on and below the k-th diagonal."""
    below = integer_of(k, "a diagonal's offset")
    return native.elementwise.less_equal(along(m, 1, 2, device), along(n, 0, 2, device) + below)


def tri(n: int, m: int | None = None, k: int = 0, dtype: object = None, *, device: Device | None = None) -> Array:
    """Ones on and below the k-th diagonal, zeros above it.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.tri(2).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    wanted = default_float(device) if dtype is None else dtype_of(dtype)
    rows, columns = integer_of(n, "tri: n"), integer_of(n if m is None else m, "tri: m")
    return in_dtype(_below(rows, columns, k, device), wanted)


def _matrices(x: ArrayLike, what: str) -> Array:
    made = array_of(x, what)
    if made.ndim < 2:
        raise ShapeError.build("BAD_SHAPE", f"{what} takes matrices", expected="2 or more axes", got=str(made.shape))
    return made


def tril(x: ArrayLike, /, k: int = 0) -> Array:
    """The values on and below the k-th diagonal of each matrix, zeros above it.

    Args:
        x: Two axes or more; the last two are the matrices.
        k: The diagonal: above the main one where positive, below it where negative.

    Raises:
        ShapeError: Fewer than two axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.tril([[1, 2], [3, 4]]).tolist()
        [[1, 0], [3, 4]]
    """
    made = _matrices(x, "tril")
    return native.elementwise.where(_below(made.shape[-2], made.shape[-1], k, made.device), made, _zero(made))


def triu(x: ArrayLike, /, k: int = 0) -> Array:
    """The values on and above the k-th diagonal of each matrix, zeros below it.

    Args:
        x: Two axes or more; the last two are the matrices.
        k: The diagonal: above the main one where positive, below it where negative.

    Raises:
        ShapeError: Fewer than two axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.triu([[1, 2], [3, 4]]).tolist()
        [[1, 2], [0, 4]]
    """
    made = _matrices(x, "triu")
    above = integer_of(k, "a diagonal's offset") - 1
    return native.elementwise.where(_below(made.shape[-2], made.shape[-1], above, made.device), _zero(made), made)


def _zero(like: Array) -> Array:
    return native.full((), 0, like.dtype, device=like.device)


def vander(x: ArrayLike, n: int | None = None, increasing: bool = False) -> Array:
    """The powers of values as the columns of a matrix.

    Args:
        x: One axis.
        n: How many columns; None for as many as values.
        increasing: The powers rise from left to right.

    Returns:
        An `Array` in the dtype that x is promoted to beside the device's default integer.

    Raises:
        ShapeError: x has not one axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.vander(vnp.asarray([1, 2, 3])).tolist()
        [[1, 1, 1], [4, 2, 1], [9, 3, 1]]
    """
    given = array_of(x, "vander")
    if given.ndim != 1:
        raise ShapeError.build("BAD_SHAPE", "vander takes values", expected="one axis", got=str(given.shape))
    count = given.size if n is None else integer_of(n, "vander: n")
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    wanted = _with_integers(given)
    exact = np.int32 if wanted.kind == "c" else wanted
    columns = native.asarray(powers.astype(exact), device=given.device)
    return native.elementwise.pow(in_dtype(given, wanted)[:, None], columns)


def _with_integers(x: Array) -> DType:
    """What x is promoted to beside the default integer, where the device has it."""
    found = x.dtype if kind_of(x.dtype) in "fc" else np.promote_types(x.dtype, default_int(x.device))
    return found if found.kind == "i" else default_of(kind_of(found), x.device)
