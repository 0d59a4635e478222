"""Factorisations, and what is computed by them: LAPACK on the host, through `numpy.linalg`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, DtypeError, InputError, ShapeError
from vulkan_forge.numpy._arguments import floats, the_arrays
from vulkan_forge.numpy._checks import ArrayLike
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import in_dtype

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


def _on_host(function: Callable[..., Any], *operands: ArrayLike, square: bool = False, **options: Any) -> list[Array]:
    """One call of numpy.linalg: the only place where values go down to the host and results up again.

    The first operand holds matrices. Integers are computed as the device's default float. Results lie on the device
    of the operands.
    """
    name = function.__name__.strip("_")
    arrays = [floats(x) for x in the_arrays(name, *operands)]
    check_matrices(name, arrays[0], square)
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


def check_matrices(function: str, x: Array, square: bool = False) -> None:
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
