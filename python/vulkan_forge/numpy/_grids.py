"""The positions of a grid, and coordinates along its axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array, Device, default_device
from vulkan_forge.errors import InputError
from vulkan_forge.numpy._checks import ArrayLike, shape_of
from vulkan_forge.numpy._conversion import arrays_of, upload
from vulkan_forge.numpy._dtypes import default_float, default_int, dtype_of, in_dtype
from vulkan_forge.numpy._views import in_shape, widened

__all__ = [
    "fromfunction",
    "indices",
    "meshgrid",
    "mgrid",
    "ogrid",
]


def along(n: int, axis: int, ndim: int, device: Device | None) -> Array:
    """0, 1, 2 ... as int32 along one of so many axes."""
    return native.asarray(np.arange(n, dtype=np.int32).reshape((-1,) + (1,) * (ndim - 1 - axis)), device=device)


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
        copy: False makes views of the arrays where no extent is repeated, as in sparse grids.

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
    if copy:
        grid = [native.copy(x) for x in grid]
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
    grid = [in_dtype(x, wanted) for x in _open_grid([along(n, 0, 1, device) for n in shape])]
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
