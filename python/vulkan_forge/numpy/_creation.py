"""Arrays out of nothing, of numbers, or of other libraries' arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device, default_device
from vulkan_forge.errors import InputError, ShapeError
from vulkan_forge.numpy._checks import ArrayLike, DType, Operand, device_of, refuse_ndarray, shape_of
from vulkan_forge.numpy._dtypes import (
    default_float,
    default_int,
    default_of,
    dtype_of,
    dtype_of_number,
    in_dtype,
    result_type,
)
from vulkan_forge.numpy._views import diagonal_of, in_shape, widened

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "ascontiguousarray",
    "bartlett",
    "blackman",
    "copy",
    "diag",
    "diagflat",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "fromfunction",
    "full",
    "full_like",
    "geomspace",
    "hamming",
    "hanning",
    "identity",
    "indices",
    "kaiser",
    "linspace",
    "logspace",
    "meshgrid",
    "mgrid",
    "ogrid",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "vander",
    "zeros",
    "zeros_like",
]

Shape = int | Sequence[int]


def _host(value: Any) -> Any:
    """A number; an Array of one element is read."""
    return value.item() if isinstance(value, Array) else value


def _narrowed(dtype: DType, device: Device | None) -> DType:
    """The device's default where NumPy's own default came out of Python numbers."""
    return default_of(dtype.kind, device) if dtype in (np.int64, np.float64, np.complex128) else dtype


def upload(values: np.ndarray[Any, Any], dtype: object = None, device: Device | None = None) -> Array:
    """Values that we made on the host: in the dtype that was asked for, else in the device's default of the kind."""
    wanted = _narrowed(values.dtype, device) if dtype is None else dtype_of(dtype)
    return native.asarray(values.astype(wanted, copy=False), device=device)


def array_of(value: ArrayLike, what: str, device: Device | None = None) -> Array:
    """An Array as it is; numbers and nested sequences become one. ndarrays of more than one element are refused."""
    if isinstance(value, Array):
        return value
    if isinstance(value, np.ndarray) and value.size > 1:
        raise refuse_ndarray(value, what)
    return asarray(value, device=device)


def arrays_of(values: Iterable[ArrayLike], what: str) -> list[Array]:
    """Each as `array_of` makes it, on the device of the first Array."""
    given = [values] if isinstance(values, np.ndarray) else list(values)
    device = device_of(*given)
    return [array_of(value, what, device) for value in given]


def _holds_arrays(value: object) -> bool:
    return isinstance(value, (list, tuple)) and any(isinstance(one, Array) or _holds_arrays(one) for one in value)


def _stacked(items: Sequence[Any], dtype: object, device: Device | None) -> Array:
    """An Array of nested sequences with Arrays among them: each is copied to its place."""
    where = device or device_of(*items)
    parts = [asarray(one, device=where) for one in items]
    if len({part.shape for part in parts}) > 1:
        raise ShapeError.build(
            "BAD_SHAPE",
            "nested arrays differ in shape",
            expected="equal shapes",
            got=", ".join(str(p.shape) for p in parts),
        )
    wanted = result_type(*parts) if dtype is None else dtype_of(dtype)
    if dtype is None and wanted not in {part.dtype for part in parts}:
        wanted = _narrowed(wanted, where)
    made = native.empty((len(parts), *parts[0].shape), dtype=wanted, device=where)
    for i, part in enumerate(parts):
        native.assign(made[i], part)
    return made


def _from_numbers(obj: Any, dtype: object, device: Device | None) -> Array:
    wanted = None if dtype is None else dtype_of(dtype)
    try:
        values = np.asarray(obj, wanted)
    except ValueError as error:
        raise ShapeError.build("BAD_SHAPE", "nested sequences make no array", got=str(error)) from None
    own = isinstance(obj, (np.generic, np.ndarray)) or hasattr(obj, "__array__") or isinstance(obj, memoryview)
    return upload(values, values.dtype if own or dtype is not None else None, device)


def asarray(obj: Any, /, dtype: object = None, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """Values as an `Array`.

    Args:
        obj: An `Array`, a number, nested sequences of numbers and Arrays, an ndarray, or anything with
            `__dlpack__` or a buffer.
        dtype: The dtype to have; None keeps that of arrays, and gives Python's numbers the device's default.
        device: A `Device`; None for that of obj, else the default one.
        copy: None copies where needed; True always; False never.

    Returns:
        An `Array`: obj itself where nothing must change and copy is not True.

    Raises:
        InputError: copy=False, and a copy is needed.
        ShapeError: Nested sequences of unequal lengths.
        DtypeError: A dtype that devices do not have.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.asarray([[1, 2], [3, 4]], dtype=vnp.float32).tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    if isinstance(obj, Array):
        return _of_array(obj, dtype, device, copy)
    if copy is False:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "asarray cannot avoid a copy",
            expected="an Array",
            got=type(obj).__name__,
            mend="vf.from_host(a) shares an ndarray's memory",
        )
    if _holds_arrays(obj):
        return _stacked(obj, dtype, device)
    if hasattr(obj, "__dlpack__") and not isinstance(obj, (np.ndarray, np.generic)):
        return _of_array(native.from_dlpack(obj, device=device, copy=True), dtype, None, None)
    return _from_numbers(obj, dtype, device)


def _of_array(x: Array, dtype: object, device: Device | None, copy: bool | None) -> Array:
    here = x if device is None else native.asarray(x, device=device)
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    if copy is False and (here is not x or wanted != x.dtype):
        raise InputError.build(
            "INVALID_ARGUMENT",
            "asarray cannot avoid a copy",
            expected="the array's own dtype and device",
            got=str(wanted),
        )
    if wanted != x.dtype:
        return native.cast(here, wanted)
    return native.copy(here) if copy and here is x else here


def array(
    obj: Any, dtype: object = None, *, copy: bool | None = True, ndmin: int = 0, device: Device | None = None
) -> Array:
    """Values as a new `Array`, as numpy.array.

    Args:
        obj: As for `asarray`.
        dtype: As for `asarray`.
        copy: True, else as for `asarray`.
        ndmin: The result has at least so many axes; extents of 1 go in front.
        device: As for `asarray`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.array([1, 2, 3], ndmin=2).shape
        (1, 3)
    """
    made = asarray(obj, dtype, device=device, copy=copy if isinstance(obj, Array) or copy is False else None)
    return in_shape(made, (1,) * (ndmin - made.ndim) + made.shape)


def asanyarray(obj: Any, dtype: object = None) -> Array:
    """`asarray` under another of NumPy's names.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.asanyarray([1, 2]).shape
        (2,)
    """
    return asarray(obj, dtype)


def ascontiguousarray(obj: Any, dtype: object = None) -> Array:
    """Values as a C-contiguous `Array` of one axis at least; a copy where they are not one already.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ascontiguousarray(1).shape
        (1,)
    """
    made = native.contiguous(asarray(obj, dtype))
    return made if made.ndim else in_shape(made, (1,))


def copy(x: ArrayLike) -> Array:
    """A C-contiguous copy in memory of its own.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x = vnp.zeros(2)
        >>> y = vnp.copy(x)
        >>> y[0] = 1
        >>> x.tolist()
        [0.0, 0.0]
    """
    return native.copy(array_of(x, "copy"))


def from_dlpack(x: Any, /, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """Another library's tensor as an `Array`; its memory is shared where the device can import it.

    Args:
        x: Anything with `__dlpack__` in host memory, or an `Array`.
        device: A `Device`; None for the default one.
        copy: None shares or copies; True copies; False shares or raises.

    Raises:
        InteropError: The tensor is on another device, or copy=False cannot be met.

    Example:
        >>> import numpy, vulkan_forge.numpy as vnp
        >>> vnp.from_dlpack(numpy.arange(3.0)).tolist()
        [0.0, 1.0, 2.0]
    """
    return native.from_dlpack(x, device=device, copy=copy)


def empty(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` whose values are whatever the memory holds.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.empty((2, 3)).shape
        (2, 3)
    """
    wanted = default_float(device) if dtype is None else dtype_of(dtype)
    return native.empty(shape_of(shape), dtype=wanted, device=device)


def full(shape: Shape, fill_value: Operand, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of one value everywhere.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        fill_value: A number, or an `Array` that broadcasts to the shape.
        dtype: None for that of the value: the device's default of its kind for Python's numbers.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.full(3, 7).tolist()
        [7, 7, 7]
    """
    if isinstance(fill_value, Array):
        return native.copy(widened(asarray(fill_value, dtype, device=device), shape_of(shape)))
    wanted = dtype_of_number(fill_value, device) if dtype is None else dtype_of(dtype)
    return native.full(shape_of(shape), fill_value, wanted, device=device)


def zeros(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of zeros.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.zeros(2).tolist()
        [0.0, 0.0]
    """
    return full(shape, 0, default_float(device) if dtype is None else dtype, device=device)


def ones(shape: Shape, dtype: object = None, *, device: Device | None = None) -> Array:
    """An `Array` of ones.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: None for the device's default float.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ones(2, dtype=vnp.int32).tolist()
        [1, 1]
    """
    return full(shape, 1, default_float(device) if dtype is None else dtype, device=device)


def empty_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` like another one, whose values are whatever the memory holds.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.empty_like(vnp.ones((2, 3))).shape
        (2, 3)
    """
    like = array_of(x, "empty_like")
    return empty(
        like.shape if shape is None else shape, like.dtype if dtype is None else dtype, device=device or like.device
    )


def full_like(
    x: ArrayLike,
    /,
    fill_value: Operand,
    dtype: object = None,
    *,
    device: Device | None = None,
    shape: Shape | None = None,
) -> Array:
    """An `Array` like another one, of one value everywhere.

    Args:
        x: An `Array`, or numbers.
        fill_value: A number, or an `Array` that broadcasts to the shape.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.full_like(vnp.zeros(2), 5).tolist()
        [5.0, 5.0]
    """
    like = array_of(x, "full_like")
    extents = like.shape if shape is None else shape
    return full(extents, fill_value, like.dtype if dtype is None else dtype, device=device or like.device)


def zeros_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` of zeros like another one.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.zeros_like(vnp.ones(2)).tolist()
        [0.0, 0.0]
    """
    return full_like(x, 0, dtype, device=device, shape=shape)


def ones_like(
    x: ArrayLike, /, dtype: object = None, *, device: Device | None = None, shape: Shape | None = None
) -> Array:
    """An `Array` of ones like another one.

    Args:
        x: An `Array`, or numbers.
        dtype: None for that of x.
        device: A `Device`; None for that of x.
        shape: None for that of x.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ones_like(vnp.zeros(2)).tolist()
        [1.0, 1.0]
    """
    return full_like(x, 1, dtype, device=device, shape=shape)


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

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.arange(1, 7, 2).tolist()
        [1, 3, 5]
    """
    first, last, by = _host(start), _host(stop), _host(step)
    if last is None:
        first, last = 0, first
    if by == 0:
        raise InputError.build("INVALID_ARGUMENT", "the step of arange is 0", expected="another step", got="0")
    wanted: Any = None if dtype is None else dtype_of(dtype)
    return upload(np.arange(first, last, by, dtype=wanted), dtype, device)


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

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.linspace(0, 1, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    wanted = None if dtype is None else dtype_of(dtype)
    values, step = np.linspace(_host(start), _host(stop), num, endpoint=endpoint, retstep=True, dtype=wanted)
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
    wanted = None if dtype is None else dtype_of(dtype)
    values = np.logspace(_host(start), _host(stop), num, endpoint, _host(base), wanted)
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
    wanted = None if dtype is None else dtype_of(dtype)
    return upload(np.geomspace(_host(start), _host(stop), num, endpoint, wanted), dtype, device)


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
    n = x.size + abs(k)
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


def _along(n: int, axis: int, ndim: int, device: Device | None) -> Array:
    """0, 1, 2 ... as int32 along one of so many axes."""
    return native.asarray(np.arange(n, dtype=np.int32).reshape((-1,) + (1,) * (ndim - 1 - axis)), device=device)


def _below(n: int, m: int, k: int, device: Device | None) -> Array:
    """True on and below the k-th diagonal."""
    return native.elementwise.less_equal(_along(m, 1, 2, device), _along(n, 0, 2, device) + k)


def tri(n: int, m: int | None = None, k: int = 0, dtype: object = None, *, device: Device | None = None) -> Array:
    """Ones on and below the k-th diagonal, zeros above it.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.tri(2).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    wanted = default_float(device) if dtype is None else dtype_of(dtype)
    return in_dtype(_below(n, n if m is None else m, k, device), wanted)


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
    return native.elementwise.where(_below(made.shape[-2], made.shape[-1], k - 1, made.device), _zero(made), made)


def _zero(like: Array) -> Array:
    return native.full((), 0, like.dtype, device=like.device)


def _open_grid(axes: Sequence[Array]) -> list[Array]:
    """Each array along an axis of its own."""
    n = len(axes)
    return [in_shape(x, (1,) * i + (x.size,) + (1,) * (n - 1 - i)) for i, x in enumerate(axes)]


def meshgrid(*arrays: ArrayLike, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> list[Array]:
    """Coordinates of a grid out of those of its axes.

    Args:
        *arrays: Coordinates along each axis.
        indexing: "xy", where the first array goes along the second axis of the grid; or "ij".
        sparse: Leave extents of 1 where nothing changes.
        copy: Only for NumPy's sake: full grids are values of their own, sparse ones are views.

    Raises:
        InputError: No such indexing.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> x, y = vnp.meshgrid([1, 2, 3], [4, 5])
        >>> x.tolist(), y.tolist()
        ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])
    """
    if indexing not in ("xy", "ij"):
        raise InputError.build("INVALID_ARGUMENT", "no such indexing", expected='"xy" or "ij"', got=repr(indexing))
    axes = arrays_of(arrays, "meshgrid")
    swap = indexing == "xy" and len(axes) > 1
    order = [axes[1], axes[0], *axes[2:]] if swap else axes
    grid = _open_grid(order)
    if not sparse:
        grid = [widened(x, tuple(one.size for one in order)) for x in grid]
    return [grid[1], grid[0], *grid[2:]] if swap else grid


def indices(
    dimensions: Sequence[int], dtype: object = None, sparse: bool = False, *, device: Device | None = None
) -> Any:
    """The positions of a grid: result[i] has the index along axis i.

    Args:
        dimensions: The grid's shape.
        dtype: None for the device's default integer.
        sparse: Return a tuple of arrays with extents of 1 where nothing changes.
        device: A `Device`; None for the default one.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.indices((2, 2)).tolist()
        [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
    """
    shape = shape_of(dimensions)
    wanted = default_int(device) if dtype is None else dtype_of(dtype)
    grid = [in_dtype(x, wanted) for x in _open_grid([_along(n, 0, 1, device) for n in shape])]
    if sparse:
        return tuple(grid)
    made = native.empty((len(grid), *shape), dtype=wanted, device=device)
    for i, x in enumerate(grid):
        native.assign(made[i], x)
    return made


def fromfunction(
    function: Callable[..., Any],
    shape: Sequence[int],
    *,
    dtype: object = float,
    device: Device | None = None,
    **kwargs: Any,
) -> Any:
    """What a function makes of the positions of a grid; it is called once, with an `Array` for each axis.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.fromfunction(lambda i, j: i + j, (2, 2)).tolist()
        [[0.0, 1.0], [1.0, 2.0]]
    """
    wanted = default_float(device) if dtype is float else dtype_of(dtype)
    grid = indices(shape, wanted, device=device)
    return function(*(grid[i] for i in range(len(shape))), **kwargs)


def _window(name: str, m: int, *more: float) -> Array:
    return upload(np.asarray(getattr(np, name)(m, *more), np.float64))


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


def vander(x: ArrayLike, n: int | None = None, increasing: bool = False) -> Array:
    """The powers of values as the columns of a matrix.

    Args:
        x: One axis.
        n: How many columns; None for as many as values.
        increasing: The powers rise from left to right.

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
    count = given.size if n is None else n
    powers = np.arange(count) if increasing else np.arange(count)[::-1]
    keeps = given.dtype.kind in "iu" or given.dtype == default_float(given.device)  # others are promoted, as in NumPy
    exact = given.dtype if keeps else np.int32
    return native.elementwise.pow(given[:, None], native.asarray(powers.astype(exact), device=given.device))


class Grid:
    """`mgrid` and `ogrid`: slices become coordinates, `[0:3]` as `arange`, `[0:1:5j]` as `linspace`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.ogrid[0:2, 0:1:3j][1].tolist()
        [[0.0, 0.5, 1.0]]
    """

    def __init__(self, sparse: bool) -> None:
        self._of_numpy: Any = np.ogrid if sparse else np.mgrid

    def __getitem__(self, key: slice | tuple[slice, ...]) -> Any:
        made = self._of_numpy[key]
        device = default_device()
        if isinstance(made, np.ndarray):
            return upload(made, device=device)
        return tuple(upload(one, device=device) for one in made)


mgrid = Grid(sparse=False)
ogrid = Grid(sparse=True)
