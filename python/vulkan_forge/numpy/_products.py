"""Products of matrices and tensors: on the tuned kernels of the building block `matmul`, whatever the dtype."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError
from vulkan_forge.numpy import _einsum, _short, _statistics
from vulkan_forge.numpy._arguments import refuse, the_arrays
from vulkan_forge.numpy._checks import ArrayLike, axes_of, axis_of, integer_of
from vulkan_forge.numpy._conversion import array_of
from vulkan_forge.numpy._dtypes import dtype_of, in_dtype
from vulkan_forge.numpy._views import diagonal_of, in_shape, is_contiguous, permuted

__all__ = [
    "dot",
    "einsum",
    "inner",
    "kron",
    "matmul",
    "outer",
    "tensordot",
    "trace",
    "vdot",
    "vecdot",
]

elementwise = native.elementwise


def matmul(x1: ArrayLike, x2: ArrayLike, /, out: None = None, *, dtype: npt.DTypeLike | None = None) -> Array:
    """Multiply matrices.

    Args:
        x1: `Array` of shape (..., M, K) or (K,).
        x2: `Array` of shape (..., K, N) or (K,). Leading axes broadcast.
        out: Refused.
        dtype: The dtype to compute in and to give; None for what both are promoted to.

    Returns:
        An `Array` of shape (..., M, N); a vector's axis is left out. Integers wrap, bool is "and" and "or"; float16 is
        summed in float32.

    Raises:
        ShapeError: An operand has no axis, or shapes do not fit.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.matmul(vnp.asarray([[1, 2], [3, 4]]), vnp.asarray([5, 6])).tolist()
        [17, 39]
    """
    refuse("matmul", out=out)
    a, b = the_arrays("matmul", x1, x2)
    if a.ndim == 0 or b.ndim == 0:
        raise ShapeError.build(
            "BAD_SHAPE",
            "matmul takes no single numbers",
            expected="one axis at least",
            got=f"{a.shape} and {b.shape}",
            mend="multiply with *",
        )
    common = np.result_type(a.dtype, b.dtype) if dtype is None else dtype_of(dtype)
    return matrices_multiplied(a, b, common)


def matrices_multiplied(a: Array, b: Array, dtype: np.dtype[Any]) -> Array:
    """The product in this dtype, by way of one that the building block takes."""
    narrow = _short.multiplied(a, b, dtype)
    if narrow is not None:
        return narrow
    if dtype.kind == "c":
        return _complex_product(a, b, dtype)
    if dtype.kind == "f" or dtype.itemsize >= 4:
        return _block(in_dtype(a, dtype), in_dtype(b, dtype))
    if not {a.dtype, b.dtype} <= {np.dtype(np.int8), np.dtype(np.uint8)}:
        a, b = (in_dtype(x, np.int32) for x in (a, b))
    made = _block(a, b)  # int32, whose lower bits are those of the smaller integers' sums
    return elementwise.not_equal(made, 0) if dtype.kind == "b" else in_dtype(made, dtype)


def _block(a: Array, b: Array) -> Array:
    (a, turned_a), (b, turned_b) = _laid(a), _laid(b)
    return native.product(a, b, transpose_a=turned_a, transpose_b=turned_b)


def _laid(x: Array) -> tuple[Array, bool]:
    """A contiguous Array, and whether its last two axes are to be read the other way round."""
    if x.ndim > 1 and not is_contiguous(x):
        turned = permuted(x, [*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])
        if is_contiguous(turned):
            return native.contiguous(turned), True
    return native.contiguous(x), False


def _complex_product(a: Array, b: Array, dtype: np.dtype[Any]) -> Array:
    """Products of the parts: two where one of the matrices is real, else four."""
    real = np.dtype(f"f{dtype.itemsize // 2}")
    if a.dtype.kind != "c":
        made = [_block(in_dtype(a, real), part) for part in parts_of(b, real)]
    elif b.dtype.kind != "c":
        made = [_block(part, in_dtype(b, real)) for part in parts_of(a, real)]
    else:
        (ar, ai), (br, bi) = parts_of(a, real), parts_of(b, real)
        made = [_block(ar, br) - _block(ai, bi), _block(ar, bi) + _block(ai, br)]
    return complex_of(*made)


def parts_of(x: Array, dtype: np.dtype[Any]) -> list[Array]:
    """The real and the imaginary part, in a real dtype."""
    return [in_dtype(part, dtype) for part in (elementwise.real(x), elementwise.imag(x))]


def complex_of(real: Array, imag: Array) -> Array:
    """Complex numbers of their parts; those that times i would make NaN of the other part are put in whole."""
    turned = elementwise.multiply(imag, 1j)
    for value in (math.inf, -math.inf):
        turned = elementwise.where(elementwise.equal(imag, value), complex(0, value), turned)
    return elementwise.add(real, elementwise.where(elementwise.isnan(imag), complex(0, math.nan), turned))


def vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: int = -1) -> Array:
    """Multiply vectors: sums of the conjugate of x1 times x2 along an axis.

    Args:
        x1: `Array` with 1 or more axes.
        x2: The same; all axes but that of the vectors broadcast.
        axis: The axis of vectors.

    Returns:
        An `Array` without that axis, of the dtype that both are promoted to.

    Raises:
        ShapeError: Vectors differ in length, or shapes do not broadcast.
        RangeError: axis lies outside of one of them.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.vecdot(vnp.asarray([[1, 2], [3, 4]]), vnp.asarray([1, 10])).tolist()
        [21, 43]
    """
    a, b = the_arrays("vecdot", x1, x2)
    a, b = (_with_last(x, axis_of(axis, x.ndim, "vecdot")) for x in (a, b))
    if a.shape[-1] != b.shape[-1]:
        raise ShapeError.build("BAD_SHAPE", "vectors differ in length", expected=str(a.shape[-1]), got=str(b.shape[-1]))
    return summed_products(conjugated(a), b, (-1,))


def _with_last(x: Array, axis: int) -> Array:
    return permuted(x, [*(i for i in range(x.ndim) if i != axis), axis])


def conjugated(x: Array) -> Array:
    """The conjugate; real numbers themselves."""
    return elementwise.conj(x) if x.dtype.kind == "c" else x


def summed_products(a: Array, b: Array, axes: tuple[int, ...]) -> Array:
    """Sums of products in the dtype that both are promoted to."""
    products = elementwise.multiply(a, b)
    return _statistics.sum(products, axes, products.dtype)


def tensordot(x1: ArrayLike, x2: ArrayLike, /, axes: int | Sequence[Any] = 2) -> Array:
    """Contract two tensors.

    Args:
        x1: `Array` of any shape.
        x2: The same.
        axes: How many of the last axes of x1 meet as many of the first of x2; or two sequences of axes that meet in
            pairs.

    Returns:
        An `Array` with the axes of x1 that are left, then those of x2.

    Raises:
        ShapeError: Axes that meet differ in length, or in number.
        RangeError: No such axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.tensordot(vnp.asarray([[1, 2], [3, 4]]), vnp.asarray([1, 10]), axes=1).tolist()
        [21, 43]
    """
    a, b = the_arrays("tensordot", x1, x2)
    left, right = _axes_that_meet(a, b, axes)
    if [a.shape[i] for i in left] != [b.shape[i] for i in right]:
        got = f"{a.shape} and {b.shape}, axes {left} and {right}"
        raise ShapeError.build("BAD_SHAPE", "axes that meet differ in length", got=got)
    outer_a, outer_b = ([i for i in range(x.ndim) if i not in used] for x, used in ((a, left), (b, right)))
    shape = [*(a.shape[i] for i in outer_a), *(b.shape[i] for i in outer_b)]
    inside = math.prod(a.shape[i] for i in left)
    rows = in_shape(permuted(a, [*outer_a, *left]), (math.prod(a.shape[i] for i in outer_a), inside))
    columns = in_shape(permuted(b, [*right, *outer_b]), (inside, math.prod(b.shape[i] for i in outer_b)))
    return in_shape(matmul(rows, columns), shape)


def _axes_that_meet(a: Array, b: Array, axes: int | Sequence[Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, int | np.integer) or getattr(axes, "ndim", 1) == 0:
        axes = integer_of(axes, "tensordot: axes")
        if not 0 <= axes <= min(a.ndim, b.ndim):
            raise ShapeError.build(
                "BAD_SHAPE", "tensordot has no such axes", expected=f"0 to {min(a.ndim, b.ndim)}", got=str(axes)
            )
        return tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    if not isinstance(axes, Sized) or len(axes) != 2:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "tensordot takes no such axes", expected="an int, or two sequences", got=repr(axes)[:60]
        )
    left, right = (axes_of(one, x.ndim, "tensordot") for one, x in zip(axes, (a, b), strict=True))
    if len(left) != len(right):
        raise ShapeError.build("BAD_SHAPE", "axes meet in pairs", expected=str(len(left)), got=str(len(right)))
    return left, right


def dot(a: ArrayLike, b: ArrayLike, /, out: None = None) -> Array:
    """Multiply as NumPy's dot: numbers, vectors, matrices, or the last axis of a with the last but one of b.

    Args:
        a: `Array` of any shape.
        b: The same.
        out: Refused.

    Returns:
        An `Array`.

    Raises:
        ShapeError: The axes that meet differ.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.dot(vnp.asarray([1, 2]), vnp.asarray([3, 4])).item()
        11
    """
    refuse("dot", out=out)
    x, y = the_arrays("dot", a, b)
    if x.ndim == 0 or y.ndim == 0:
        return elementwise.multiply(x, y)
    return tensordot(x, y, ((-1,), (max(y.ndim - 2, 0),)))


def vdot(a: ArrayLike, b: ArrayLike, /) -> Array:
    """Multiply two arrays as vectors: the sum of the conjugate of a times b.

    Args:
        a: `Array` of any shape.
        b: `Array` of as many elements.

    Returns:
        An `Array` of shape ().

    Raises:
        ShapeError: They differ in size.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.vdot(vnp.asarray([1j]), vnp.asarray([1j])).item()
        (1+0j)
    """
    x, y = (in_shape(v, (v.size,)) for v in the_arrays("vdot", a, b))
    return vecdot(x, y)


def inner(a: ArrayLike, b: ArrayLike, /) -> Array:
    """Multiply along the last axes of both.

    Args:
        a: `Array` of any shape.
        b: `Array` with a last axis as long.

    Returns:
        An `Array` with the other axes of a, then those of b.

    Raises:
        ShapeError: The last axes differ.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.inner(vnp.asarray([[1, 2], [3, 4]]), vnp.asarray([1, 10])).tolist()
        [21, 43]
    """
    x, y = the_arrays("inner", a, b)
    return elementwise.multiply(x, y) if x.ndim == 0 or y.ndim == 0 else tensordot(x, y, ((-1,), (-1,)))


def outer(a: ArrayLike, b: ArrayLike, /, out: None = None) -> Array:
    """Multiply each element of a with each of b.

    Args:
        a: `Array`, flattened.
        b: The same.
        out: Refused.

    Returns:
        An `Array` of shape (size of a, size of b).

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.outer(vnp.asarray([1, 2]), vnp.asarray([3, 4])).tolist()
        [[3, 4], [6, 8]]
    """
    refuse("outer", out=out)
    x, y = the_arrays("outer", a, b)
    return elementwise.multiply(in_shape(x, (x.size, 1)), in_shape(y, (1, y.size)))


def kron(a: ArrayLike, b: ArrayLike, /) -> Array:
    """Put b, times each element of a, in that element's place.

    Args:
        a: `Array` of any shape.
        b: The same; the one with fewer axes gets axes of 1 in front.

    Returns:
        An `Array` whose extents are the products of those of a and b.

    Raises:
        ShapeError: The product needs more axes than an Array has: more than 4 in a or b.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.kron(vnp.asarray([1, 10]), vnp.asarray([1, 2])).tolist()
        [1, 2, 10, 20]
    """
    x, y = the_arrays("kron", a, b)
    axes = max(x.ndim, y.ndim)
    x, y = (in_shape(v, (*(1,) * (axes - v.ndim), *v.shape)) for v in (x, y))
    wide = in_shape(x, [n for extent in x.shape for n in (extent, 1)])
    products = elementwise.multiply(wide, in_shape(y, [n for extent in y.shape for n in (1, extent)]))
    return in_shape(products, [p * q for p, q in zip(x.shape, y.shape, strict=True)])


def trace(
    x: ArrayLike,
    /,
    offset: int = 0,
    axis1: int = 0,
    axis2: int = 1,
    dtype: npt.DTypeLike | None = None,
    out: None = None,
) -> Array:
    """Sum diagonals.

    Args:
        x: `Array` with 2 or more axes.
        offset: Which diagonal: 0 for the main one, above it where positive.
        axis1: The axis that counts rows.
        axis2: The axis that counts columns.
        dtype: As for `sum`.
        out: Refused.

    Returns:
        An `Array` without the two axes.

    Raises:
        RangeError: No such axis.
        InputError: Both axes are the same.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.trace(vnp.asarray([[1, 2], [3, 4]])).item()
        5
    """
    refuse("trace", out=out)
    x = array_of(x, "trace")
    rows, columns = axes_of((axis1, axis2), x.ndim, "trace")
    return _statistics.sum(diagonal_of(x, offset, rows, columns), -1, dtype)


def einsum(
    subscripts: Any,
    /,
    *operands: Any,
    out: None = None,
    dtype: npt.DTypeLike | None = None,
    optimize: Any = "greedy",
) -> Array:
    """Sum products of operands over the axes that a text names.

    Args:
        subscripts: A letter for each axis, operands divided by commas, as "ij,jk->ik"; without an arrow the result has
            the letters that occur once, by the alphabet. "..." stands for all other axes, which broadcast.
        *operands: `Array` for each. NumPy's other form, operands and lists of numbers in turn, works too.
        out: Refused.
        dtype: The dtype to compute in and to give; None for what all are promoted to.
        optimize: In which order three or more operands meet, as for `numpy.einsum_path`, which finds it.

    Returns:
        An `Array`. Two operands meet as a matrix product wherever both have axes of their own.

    Raises:
        InputError: The text is wrong, or does not fit the operands.
        ShapeError: Axes of one letter differ.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.einsum("ij,j->i", vnp.asarray([[1, 2], [3, 4]]), vnp.asarray([1, 10])).tolist()
        [21, 43]
    """
    refuse("einsum", out=out)
    text, given = _einsum.text_and_operands(subscripts, operands)
    if not given:
        raise InputError.build(
            "INVALID_ARGUMENT", "einsum: there are no operands", expected="one at least", got=repr(text)
        )
    arrays = the_arrays("einsum", *given)
    common = np.result_type(*(x.dtype for x in arrays)) if dtype is None else dtype_of(dtype)
    arrays = [in_dtype(x, common) for x in arrays]
    return _einsum.contracted(_einsum.expression_of(text, arrays), optimize)
