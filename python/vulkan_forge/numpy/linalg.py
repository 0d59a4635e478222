"""Linear algebra: the Python array API standard's extension `linalg`, and a few of NumPy's functions beside it.

Products, powers, traces, and norms that are sums run on the device. **Factorisations run on the host**: cholesky, qr,
svd, svdvals, eigh, eigvalsh, eig, eigvals, solve, inv, det, slogdet, pinv, matrix_rank, lstsq, cond, and the spectral
and nuclear norms send their operands down, call LAPACK through `numpy.linalg` and send the results up. Each says so,
waits for its operands, and takes a stack of matrices at once: (..., M, N).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError
from vulkan_forge.numpy import _einsum, _products, _series, _statistics
from vulkan_forge.numpy._arguments import floats, real_dtype, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, Axis, axes_of, integer_of, number_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import in_dtype
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
Order = int | float | Literal["fro", "nuc"] | None


class LinAlgError(InputError, np.linalg.LinAlgError):
    """A matrix has no such factorisation: it is singular, not positive definite, or an iteration did not end."""


class EighResult(NamedTuple):
    """What `eigh` gives."""

    eigenvalues: Array
    eigenvectors: Array


class EigResult(NamedTuple):
    """What `eig` gives."""

    eigenvalues: Array
    eigenvectors: Array


class QRResult(NamedTuple):
    """What `qr` gives."""

    Q: Array
    R: Array


class SlogdetResult(NamedTuple):
    """What `slogdet` gives."""

    sign: Array
    logabsdet: Array


class SVDResult(NamedTuple):
    """What `svd` gives."""

    U: Array
    S: Array
    Vh: Array


# ------------------------------------------------------------------ LAPACK on the host


def _on_host(function: Callable[..., Any], *operands: ArrayLike, square: bool = False, **options: Any) -> list[Array]:
    """One call of numpy.linalg: the only place where values go down to the host and results up again.

    The first operand holds matrices. Integers are computed as the device's default float. Results lie on the device
    of the operands.
    """
    name = function.__name__.strip("_")
    arrays = [floats(x) for x in the_arrays(name, *operands)]
    _check_matrices(name, arrays[0], square)
    for x in arrays:
        if x.dtype == np.float16:
            raise DtypeError.build(
                "BAD_DTYPE", f"{name} has no float16", expected="float32 or wider", got="float16", mend="cast it first"
            )
    try:
        made = function(*(np.asarray(x) for x in arrays), **options)
    except np.linalg.LinAlgError as error:
        raise LinAlgError.build("INVALID_ARGUMENT", f"{name}: {error}") from None
    except TypeError as error:
        raise ArgumentTypeError.build("BAD_TYPE", f"{name}: an argument has the wrong type", got=str(error)) from None
    except ValueError as error:
        raise ShapeError.build("BAD_SHAPE", f"{name}: {error}", got=", ".join(str(x.shape) for x in arrays)) from None
    results = made if isinstance(made, tuple) else (made,)
    return [native.asarray(np.asarray(one), device=arrays[0].device) for one in results]


def _check_matrices(function: str, x: Array, square: bool = False) -> None:
    if x.ndim < 2:
        raise ShapeError.build("BAD_SHAPE", f"{function} takes matrices", expected="2 axes at least", got=str(x.shape))
    if square and x.shape[-1] != x.shape[-2]:
        raise ShapeError.build("BAD_SHAPE", f"{function} takes square matrices", got=str(x.shape))


def cholesky(x: ArrayLike, /, *, upper: bool = False) -> Array:
    """Factor a positive definite matrix into a triangle times its conjugate transpose. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M), symmetric or Hermitian; one triangle is read.
        upper: Give the upper triangle U with x = U^H U instead of the lower L with x = L L^H.

    Returns:
        An `Array` of the shape of x.

    Raises:
        LinAlgError: x is not positive definite.
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.cholesky(vnp.asarray([[4.0, 2.0], [2.0, 5.0]])).tolist()
        [[2.0, 0.0], [1.0, 2.0]]
    """
    return _on_host(np.linalg.cholesky, x, square=True, upper=upper)[0]


def qr(x: ArrayLike, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """Factor a matrix into one with orthonormal columns and an upper triangle. Runs on the host.

    Args:
        x: `Array` of shape (..., M, N).
        mode: "reduced": K = min(M, N) columns; "complete": M.

    Returns:
        `Q` of shape (..., M, K) and `R` of shape (..., K, N).

    Raises:
        InputError: No such mode.
        ShapeError: x has fewer than 2 axes.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.qr(vnp.asarray([[3.0, 1.0], [4.0, 2.0]])).R.shape
        (2, 2)
    """
    if mode not in ("reduced", "complete"):
        raise InputError.build(
            "INVALID_ARGUMENT", "qr has no such mode", expected="reduced or complete", got=repr(mode)
        )
    return QRResult(*_on_host(np.linalg.qr, x, mode=mode))


def svd(x: ArrayLike, /, *, full_matrices: bool = True) -> SVDResult:
    """Factor a matrix into rotations and singular values. Runs on the host.

    Args:
        x: `Array` of shape (..., M, N).
        full_matrices: Give square U and Vh; else K = min(M, N) columns and rows of them.

    Returns:
        `U`, real `S` of shape (..., K), largest first, and `Vh`, with x = U * S @ Vh.

    Raises:
        LinAlgError: The iteration did not end.
        ShapeError: x has fewer than 2 axes.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.svd(vnp.asarray([[3.0, 0.0], [0.0, 4.0]])).S.tolist()
        [4.0, 3.0]
    """
    return SVDResult(*_on_host(np.linalg.svd, x, full_matrices=full_matrices))


def svdvals(x: ArrayLike, /) -> Array:
    """Find singular values, largest first: the `S` of `svd`. Runs on the host.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.svdvals(vnp.asarray([[3.0, 0.0], [0.0, 4.0]])).tolist()
        [4.0, 3.0]
    """
    return _on_host(np.linalg.svd, x, compute_uv=False)[0]


def eigh(x: ArrayLike, /, UPLO: Literal["L", "U"] = "L") -> EighResult:  # noqa: N803
    """Find eigenvalues and eigenvectors of a symmetric or Hermitian matrix. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M).
        UPLO: Which triangle is read: "L" or "U".

    Returns:
        Real `eigenvalues` of shape (..., M), rising, and `eigenvectors`, the columns of (..., M, M).

    Raises:
        LinAlgError: The iteration did not end.
        InputError: UPLO is neither.
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.eigh(vnp.asarray([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.tolist()
        [1.0, 2.0]
    """
    return EighResult(*_on_host(np.linalg.eigh, x, square=True, UPLO=_triangle("eigh", UPLO)))


def _triangle(function: str, name: Any) -> str:
    """The triangle that is read, in upper or lower case as NumPy takes it."""
    if not isinstance(name, str) or name.upper() not in ("L", "U"):
        raise InputError.build(
            "INVALID_ARGUMENT", f"{function}: UPLO names no triangle", expected='"L" or "U"', got=repr(name)[:60]
        )
    return name


def eigvalsh(x: ArrayLike, /, UPLO: Literal["L", "U"] = "L") -> Array:  # noqa: N803
    """Find the eigenvalues of a symmetric or Hermitian matrix, rising; see `eigh`. Runs on the host.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.eigvalsh(vnp.asarray([[2.0, 0.0], [0.0, 1.0]])).tolist()
        [1.0, 2.0]
    """
    return _on_host(np.linalg.eigvalsh, x, square=True, UPLO=_triangle("eigvalsh", UPLO))[0]


def eig(x: ArrayLike, /) -> EigResult:
    """Find eigenvalues and eigenvectors of any square matrix. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M).

    Returns:
        `eigenvalues` of shape (..., M) in no order and `eigenvectors`, the columns of (..., M, M); complex.

    Raises:
        LinAlgError: The iteration did not end, or x has NaN or infinities.
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.eig(vnp.asarray([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues.dtype.kind
        'c'
    """
    values, vectors = _on_host(np.linalg.eig, x, square=True)
    wide = np.result_type(values.dtype, np.complex64)
    return EigResult(in_dtype(values, wide), in_dtype(vectors, wide))


def eigvals(x: ArrayLike, /) -> Array:
    """Find the eigenvalues of any square matrix, complex and in no order; see `eig`. Runs on the host.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> abs(vnp.linalg.eigvals(vnp.asarray([[2.0]]))).tolist()
        [2.0]
    """
    values = _on_host(np.linalg.eigvals, x, square=True)[0]
    return in_dtype(values, np.result_type(values.dtype, np.complex64))


def inv(x: ArrayLike, /) -> Array:
    """Invert a matrix. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M).

    Returns:
        An `Array` of the shape of x.

    Raises:
        LinAlgError: x is singular.
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.inv(vnp.asarray([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    return _on_host(np.linalg.inv, x, square=True)[0]


def solve(x1: ArrayLike, x2: ArrayLike, /) -> Array:
    """Solve x1 @ result = x2. Runs on the host.

    Args:
        x1: `Array` of shape (..., M, M).
        x2: `Array` of shape (M,), a vector, or (..., M, K).

    Returns:
        An `Array` of shape (..., M) or (..., M, K).

    Raises:
        LinAlgError: x1 is singular.
        ShapeError: The shapes do not fit.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.solve(vnp.asarray([[2.0, 0.0], [0.0, 4.0]]), vnp.asarray([2.0, 2.0])).tolist()
        [1.0, 0.5]
    """
    return _on_host(np.linalg.solve, x1, x2, square=True)[0]


def det(x: ArrayLike, /) -> Array:
    """Find the determinant. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M).

    Returns:
        An `Array` of shape (...).

    Raises:
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> round(vnp.linalg.det(vnp.asarray([[2.0, 0.0], [0.0, 4.0]])).item(), 6)
        8.0
    """
    return _on_host(np.linalg.det, x, square=True)[0]


def slogdet(x: ArrayLike, /) -> SlogdetResult:
    """Find the sign of the determinant and the logarithm of its magnitude, which does not overflow. Runs on the host.

    Args:
        x: `Array` of shape (..., M, M).

    Returns:
        `sign`, 0 where x is singular, and real `logabsdet`, then -inf; of shape (...).

    Raises:
        ShapeError: x is not square.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.slogdet(vnp.asarray([[1.0, 0.0], [0.0, -1.0]])).sign.item()
        -1.0
    """
    return SlogdetResult(*_on_host(np.linalg.slogdet, x, square=True))


def pinv(x: ArrayLike, /, *, rtol: ArrayLike | None = None) -> Array:
    """Find the pseudo-inverse by singular values. Runs on the host.

    Args:
        x: `Array` of shape (..., M, N).
        rtol: Singular values up to this share of the largest count as 0: a number, or an `Array` of shape (...). None:
            max(M, N) times the precision of the dtype.

    Returns:
        An `Array` of shape (..., N, M).

    Raises:
        LinAlgError: The iteration did not end.
        ShapeError: x has fewer than 2 axes.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.pinv(vnp.asarray([[2.0], [0.0]])).tolist()
        [[0.5, 0.0]]
    """
    return _on_host(np.linalg.pinv, x, rtol=_share(x, rtol))[0]


def _share(x: ArrayLike, rtol: ArrayLike | None) -> Any:
    """The tolerance beside the largest singular value, on the host."""
    if rtol is not None:
        return rtol.numpy() if isinstance(rtol, Array) else rtol
    x = array_of(x, "linalg")
    return max(x.shape[-2:], default=0) * float(np.finfo(floats(x).dtype).eps)


def matrix_rank(x: ArrayLike, /, *, rtol: ArrayLike | None = None) -> Array:
    """Count the singular values that are not 0. Runs on the host.

    Args:
        x: `Array` of shape (..., M, N).
        rtol: As for `pinv`.

    Returns:
        An int64 `Array` of shape (...).

    Raises:
        LinAlgError: The iteration did not end.
        ShapeError: x has fewer than 2 axes.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.matrix_rank(vnp.asarray([[1.0, 2.0], [2.0, 4.0]])).item()
        1
    """
    return _on_host(_matrix_rank, x, rtol=_share(x, rtol))[0]


def _matrix_rank(x: npt.NDArray[Any], rtol: Any) -> Any:
    values = np.linalg.svd(x, compute_uv=False)
    return np.count_nonzero(
        values > np.max(values, axis=-1, keepdims=True, initial=0) * np.asarray(rtol)[..., None], axis=-1
    )


def lstsq(a: ArrayLike, b: ArrayLike, /, rcond: float | None = None) -> tuple[Array, Array, Array, Array]:
    """Find the least squares solution of a @ result = b. Runs on the host.

    Args:
        a: `Array` of shape (M, N).
        b: `Array` of shape (M,) or (M, K).
        rcond: Singular values up to this share of the largest count as 0; None: max(M, N) times the precision.

    Returns:
        The solution, of shape (N,) or (N, K); sums of squared residuals, empty where a has no full rank or M <= N; the
        rank, of shape (); and the singular values.

    Raises:
        LinAlgError: The iteration did not end.
        ShapeError: The shapes do not fit.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> round(vnp.linalg.lstsq(vnp.asarray([[1.0], [1.0]]), vnp.asarray([1.0, 3.0]))[0].item(), 6)
        2.0
    """
    solution, residuals, rank, values = _on_host(np.linalg.lstsq, a, b, rcond=rcond)
    return solution, residuals, rank, values


def cond(x: ArrayLike, /, p: Order = None) -> Array:
    """Find how many digits solving with a matrix costs: its norm times that of its inverse. Runs on the host.

    Args:
        x: `Array` of shape (..., M, N); square unless p is None, 2 or -2.
        p: Which norm, as for `norm`.

    Returns:
        A real `Array` of shape (...).

    Raises:
        ShapeError: x is not square, or has fewer than 2 axes.
        DtypeError: float16.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.cond(vnp.asarray([[2.0, 0.0], [0.0, 4.0]])).item()
        2.0
    """
    return _on_host(np.linalg.cond, x, square=p not in (None, 2, -2), p=p)[0]


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
    _check_matrices(function, x, square)
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
        InputError: Fewer than two, or the others are no matrices.
        ShapeError: The shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linalg.multi_dot([vnp.asarray([[1, 2]]), vnp.asarray([[1], [1]]), vnp.asarray([[5]])]).tolist()
        [[15]]
    """
    given = the_arrays("multi_dot", *arrays)
    if len(given) < 2:
        raise InputError.build("INVALID_ARGUMENT", "multi_dot takes two arrays at least", got=str(len(given)))
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
