"""Linear algebra: the Python array API standard's extension `linalg`, and a few of NumPy's functions beside it.

Products, powers, traces, and norms that are sums run on the device. **Factorisations run on the host**: cholesky, qr,
svd, svdvals, eigh, eigvalsh, eig, eigvals, solve, inv, det, slogdet, pinv, matrix_rank, lstsq, cond, and the spectral
and nuclear norms send their operands down, call LAPACK through `numpy.linalg` and send the results up. Each says so,
waits for its operands, and takes a stack of matrices at once: (..., M, N).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy import _einsum, _products, _series, _statistics
from vulkan_forge.numpy._arguments import floats, real_dtype, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, integer_of, number_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import in_dtype
from vulkan_forge.numpy._factorisations import EighResult as EighResult
from vulkan_forge.numpy._factorisations import EigResult as EigResult
from vulkan_forge.numpy._factorisations import (
    LinAlgError,
    Order,
    check_matrices,
    cholesky,
    cond,
    det,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    inv,
    lstsq,
    matrix_rank,
    pinv,
    qr,
    slogdet,
    solve,
    svd,
    svdvals,
)
from vulkan_forge.numpy._factorisations import QRResult as QRResult
from vulkan_forge.numpy._factorisations import SlogdetResult as SlogdetResult
from vulkan_forge.numpy._factorisations import SVDResult as SVDResult
from vulkan_forge.numpy._matrices import eye
from vulkan_forge.numpy._views import diagonal_of, in_shape, permuted, widened

__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]

elementwise = native.elementwise
matmul, vecdot, tensordot = _products.matmul, _products.vecdot, _products.tensordot


# ------------------------------------------------------------------ on the device


def cross(x1: ArrayLike, x2: ArrayLike, /, *, axis: int = -1) -> Array:
    """Take the cross product of vectors in space; see `vulkan_forge.numpy.cross`.

    Args:
        x1: `Array` with 3 entries along axis.
        x2: The same; the other axes broadcast.
        axis: The axis of vectors.

    Returns:
        An `Array`.

    Raises:
        ShapeError: Vectors do not have 3 entries, or shapes do not broadcast.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.cross(vnp.asarray([1, 0, 0]), vnp.asarray([0, 1, 0])).tolist()
        [0, 0, 1]
    """
    return _series.cross(x1, x2, axis=axis)


def outer(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """Multiply each element of a vector with each of another.

    Args:
        x1: `Array` of shape (M,).
        x2: `Array` of shape (N,).

    Returns:
        An `Array` of shape (M, N).

    Raises:
        ShapeError: Not vectors.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.outer(vnp.asarray([1, 2]), vnp.asarray([3, 4])).tolist()
        [[3, 4], [6, 8]]
    """
    a, b = the_arrays("outer", x1, x2)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError.build(
            "BAD_SHAPE", "outer takes vectors", expected="one axis each", got=f"{a.shape}, {b.shape}"
        )
    return _products.outer(a, b)


def _matrices(function: str, x: ArrayLike, square: bool = False) -> Array:
    x = array_of(x, function)
    check_matrices(function, x, square)
    return x


def matrix_transpose(x: ArrayLike, /) -> Array:
    """Swap the last two axes: a view.

    Args:
        x: `Array` of shape (..., M, N).

    Returns:
        An `Array` of shape (..., N, M).

    Raises:
        ShapeError: x has fewer than 2 axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.matrix_transpose(vnp.asarray([[1, 2]])).tolist()
        [[1], [2]]
    """
    x = _matrices("matrix_transpose", x)
    return permuted(x, [*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])


def diagonal(x: ArrayLike, /, *, offset: int = 0) -> Array:
    """Take diagonals of matrices: a view.

    Args:
        x: `Array` of shape (..., M, N).
        offset: Which diagonal: 0 for the main one, above it where positive.

    Returns:
        An `Array` of shape (..., length).

    Raises:
        ShapeError: x has fewer than 2 axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.diagonal(vnp.asarray([[1, 2], [3, 4]])).tolist()
        [1, 4]
    """
    x = _matrices("diagonal", x)
    return diagonal_of(x, offset, x.ndim - 2, x.ndim - 1)


def trace(x: ArrayLike, /, *, offset: int = 0, dtype: npt.DTypeLike | None = None) -> Array:
    """Sum diagonals of matrices.

    Args:
        x: `Array` of shape (..., M, N).
        offset: As for `diagonal`.
        dtype: As for `vulkan_forge.numpy.sum`.

    Returns:
        An `Array` of shape (...).

    Raises:
        ShapeError: x has fewer than 2 axes.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.trace(vnp.asarray([[1, 2], [3, 4]])).item()
        5
    """
    return _statistics.sum(diagonal(x, offset=offset), -1, dtype)


def matrix_power(x: ArrayLike, n: int, /) -> Array:
    """Multiply a matrix n times by itself.

    Args:
        x: `Array` of shape (..., M, M).
        n: How often; 0 gives the identity, and for a negative one the inverse is made first, on the host.

    Returns:
        An `Array` of the shape of x.

    Raises:
        LinAlgError: n is negative, and x singular.
        ShapeError: x is not square.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.matrix_power(vnp.asarray([[1, 1], [0, 1]]), 5).tolist()
        [[1, 5], [0, 1]]
    """
    x, n = _matrices("matrix_power", x, square=True), integer_of(n, "matrix_power: n")
    if n < 0:
        x, n = inv(x), -n
    if n == 0:
        return native.copy(widened(eye(x.shape[-1], dtype=x.dtype, device=x.device), x.shape))
    power: Array | None = None
    while n:
        if n & 1:
            power = x if power is None else matmul(power, x)
        n >>= 1
        x = matmul(x, x) if n else x
    assert power is not None
    return power


def multi_dot(arrays: Sequence[ArrayLike], /) -> Array:
    """Multiply several matrices in the order that costs least.

    Args:
        arrays: Two or more `Array` of shape (M, N); the first and the last may be vectors.

    Returns:
        An `Array`.

    Raises:
        InputError: Fewer than two.
        ShapeError: The shapes do not fit, or the others are no matrices.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.multi_dot([vnp.asarray([[1, 2]]), vnp.asarray([[1], [1]]), vnp.asarray([[5]])]).tolist()
        [[15]]
    """
    given = the_arrays("multi_dot", *arrays)
    if len(given) < 2:
        raise InputError.build("INVALID_ARGUMENT", "multi_dot takes two arrays at least", got=str(len(given)))
    for i, x in enumerate(given):
        if x.ndim != 2 and not (x.ndim == 1 and i in (0, len(given) - 1)):
            raise ShapeError.build(
                "BAD_SHAPE", "multi_dot takes matrices, and vectors at its ends", expected="two axes", got=str(x.shape)
            )
    letters = _einsum.LETTERS
    terms = [letters[i : i + 2] for i in range(len(given))]
    if given[0].ndim == 1:
        terms[0] = terms[0][1:]
    if given[-1].ndim == 1:
        terms[-1] = terms[-1][:1]
    result = (terms[0][:1] if given[0].ndim == 2 else "") + (terms[-1][-1:] if given[-1].ndim == 2 else "")
    for (a, x), (b, y) in zip(zip(terms, given, strict=True), [*zip(terms, given, strict=True)][1:], strict=False):
        if x.shape[-1] != y.shape[0]:
            raise ShapeError.build("BAD_SHAPE", f"matrices {a} and {b} do not fit", got=f"{x.shape} and {y.shape}")
    return _products.einsum(f"{','.join(terms)}->{result}", *given, optimize="optimal" if len(given) < 7 else "greedy")


# ------------------------------------------------------------------ norms


def vector_norm(x: ArrayLike, /, *, axis: Axis = None, keepdims: bool = False, ord: int | float = 2) -> Array:
    """Find the length of vectors.

    Args:
        x: `Array` of any shape.
        axis: The axis of vectors, a tuple of axes that make one vector, or None for all.
        keepdims: Leave an extent of 1 where each axis was.
        ord: p of the p-norm; inf for the largest and -inf for the smallest magnitude; 0 counts what is not zero.

    Returns:
        A real `Array`; float64 for integers (float32 on a device that lacks it), else of the precision of x. float16 is
        summed in float32.

    Raises:
        ShapeError: Nothing to take the largest or smallest magnitude of.
        RangeError: An axis lies outside of x.
        ArgumentTypeError: ord is no real number.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.vector_norm(vnp.asarray([3.0, 4.0])).item()
        5.0
    """
    values = floats(array_of(x, "vector_norm"))
    result = real_dtype(values.dtype)
    wide = in_dtype(values, np.float32) if result == np.float16 else values
    axes = axes_of(axis, values.ndim, "vector_norm")
    return in_dtype(_vector_norm(wide, axes, keepdims, number_of(ord, "vector_norm: ord")), result)


def _vector_norm(x: Array, axes: tuple[int, ...], keepdims: bool, order: int | float) -> Array:
    if order in (np.inf, -np.inf):
        return _statistics.reduced(elementwise.abs(x), "max" if order > 0 else "min", axes, keepdims)
    total = _statistics.reduced(_terms(x, order), "sum", axes, keepdims)
    if order in (0, 1):
        return total
    return elementwise.sqrt(total) if order == 2 else elementwise.pow(total, 1.0 / order)


def _terms(x: Array, order: int | float) -> Array:
    """What a norm sums."""
    if order == 0:
        return in_dtype(elementwise.not_equal(x, 0), real_dtype(x.dtype))
    if order == 2:
        return _statistics.squared(x)
    return elementwise.abs(x) if order == 1 else elementwise.pow(elementwise.abs(x), float(order))


def matrix_norm(x: ArrayLike, /, *, keepdims: bool = False, ord: Order = "fro") -> Array:
    """Find the size of matrices.

    Args:
        x: `Array` of shape (..., M, N).
        keepdims: Leave an extent of 1 where each of the last two axes was.
        ord: "fro": the root of the sum of squares; 1 and -1: the largest and smallest sum of magnitudes of a column;
            inf and -inf: of a row; 2 and -2: the largest and smallest singular value, "nuc": their sum, on the host.

    Returns:
        A real `Array`, as for `vector_norm`.

    Raises:
        InputError: No such norm.
        ShapeError: x has fewer than 2 axes, or nothing to take the largest or smallest of.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.matrix_norm(vnp.asarray([[3.0, 0.0], [4.0, 0.0]])).item()
        5.0
    """
    values = floats(_matrices("matrix_norm", x))
    result = real_dtype(values.dtype)
    wide = in_dtype(values, np.float32) if result == np.float16 else values
    made = in_dtype(_matrix_norm(wide, ord), result)
    return in_shape(made, (*made.shape, 1, 1)) if keepdims else made


def _matrix_norm(x: Array, order: Order) -> Array:
    if order in ("fro", None):
        return _vector_norm(x, (x.ndim - 2, x.ndim - 1), False, 2)
    if order in (1, -1, np.inf, -np.inf):
        sums = _statistics.reduced(elementwise.abs(x), "sum", -2 if order in (1, -1) else -1, False)
        return _statistics.reduced(sums, "max" if order in (1, np.inf) else "min", -1, False)
    if order in (2, -2, "nuc"):
        return _statistics.reduced(svdvals(x), {2: "max", -2: "min", "nuc": "sum"}[order], -1, False)
    raise InputError.build(
        "INVALID_ARGUMENT", "no such norm of a matrix", expected="fro, nuc, 1, -1, 2, -2, inf or -inf", got=repr(order)
    )


def norm(x: ArrayLike, /, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Array:
    """Find the size of vectors or matrices, as NumPy chooses between the two.

    Args:
        x: `Array` of any shape.
        ord: Which norm, as for `vector_norm` and `matrix_norm`; None: the root of the sum of squares.
        axis: One axis: of vectors; two: of matrices; None: x as a whole.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        A real `Array`.

    Raises:
        InputError: No such norm.
        ShapeError: x as a whole is neither vector nor matrix, and ord is given.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.norm(vnp.asarray([[3.0, 0.0], [4.0, 0.0]]), axis=0).tolist()
        [5.0, 0.0]
    """
    x = array_of(x, "norm")
    if axis is None and ord is None:
        return vector_norm(x, keepdims=keepdims)
    axes = axes_of(axis, x.ndim, "norm")
    if len(axes) == 1:
        if isinstance(ord, str):
            raise InputError.build("INVALID_ARGUMENT", "no such norm of a vector", expected="a number", got=repr(ord))
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ShapeError.build("BAD_SHAPE", "norm takes vectors or matrices", expected="1 or 2 axes", got=str(axes))
    matrices = permuted(x, [*(i for i in range(x.ndim) if i not in axes), *axes])
    made = matrix_norm(matrices, ord="fro" if ord is None else ord)
    return in_shape(made, [1 if i in axes else n for i, n in enumerate(x.shape)]) if keepdims else made
