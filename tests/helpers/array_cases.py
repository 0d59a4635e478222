"""Arrays for the tests of vulkan_forge.numpy: dtypes that the device has, views out of hypothesis, NumPy as oracle."""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge.numpy._namespace_info import FEATURES

DTYPES = [*FEATURES, "float16"]
PLAIN = ["int32", "uint32", "float32", "complex64"]  # on every device
NEEDS = {**FEATURES, "bool": "storageBuffer8BitAccess", "float16": "storageBuffer16BitAccess"}


@functools.cache
def has(feature: str) -> bool:
    return vf.default_device().has(feature)


def lacks(dtype: Any) -> str:
    """The feature that the device lacks for a dtype; empty where it has it."""
    feature = NEEDS[np.dtype(dtype).name]
    return "" if not feature or has(feature) else feature


@contextlib.contextmanager
def device_alone() -> Iterator[None]:
    """Small work on the device as well: for tests that count kernels."""
    native._testing.device_alone(True)
    try:
        yield
    finally:
        native._testing.device_alone(False)


def skip_where_lacking(*dtypes: Any) -> None:
    for dtype in dtypes:
        if lacks(dtype):
            pytest.skip(f"{dtype} needs {lacks(dtype)}")


def narrowed(dtype: Any) -> np.dtype[Any]:
    """The dtype that stands for one of NumPy's defaults on this device."""
    wide = np.dtype(dtype)
    if wide.kind in "iu" and wide.itemsize == 8:
        return wide if has("shaderInt64") else np.dtype(f"{wide.kind}4")
    if wide in (np.float64, np.complex128):
        return wide if has("shaderFloat64") else np.dtype(f"{wide.kind}{wide.itemsize // 2}")
    return wide


def same(got: vf.Array, want: Any, *, default: bool = False, close: float = 0.0) -> None:
    """Shape, dtype (or, with `default`, the device's stand-in for it) and values are NumPy's."""
    wanted = np.asarray(want)
    assert isinstance(got, vf.Array), type(got)
    assert got.shape == wanted.shape
    assert got.dtype == (narrowed(wanted.dtype) if default else wanted.dtype)
    if close:
        np.testing.assert_allclose(got.numpy(), wanted, rtol=close, atol=close)
    else:
        np.testing.assert_array_equal(got.numpy(), wanted)


def numbers(shape: Any, dtype: Any = "int32", seed: int = 0) -> np.ndarray:
    """Small whole numbers of any dtype, with signs where it has them."""
    low = -9 if np.dtype(dtype).kind in "ifc" else 0
    return np.random.default_rng(seed).integers(low, 10, shape).astype(dtype)


class Twins(NamedTuple):
    """The same view of the same values, here and in NumPy."""

    x: vf.Array
    values: np.ndarray


def twins(values: np.ndarray) -> Twins:
    return Twins(vf.asarray(values), values.copy())


def shapes(least: int = 0, most: int = 3, side: int = 4, smallest: int = 0) -> st.SearchStrategy:
    return st.lists(st.integers(smallest, side), min_size=least, max_size=most).map(tuple)


def slices(extent: int) -> st.SearchStrategy:
    bound = st.none() | st.integers(-extent - 1, extent + 1)
    return st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, -1, -2]))


@st.composite
def views(draw: Any, dtypes: Any = ("int32",), least: int = 0, most: int = 3, smallest: int = 0) -> Twins:
    """Views with steps of either sign, turned axes, extents of 0 and 1; or plain arrays."""
    shape = draw(shapes(least, most, smallest=smallest))
    values = numbers(shape, draw(st.sampled_from(list(dtypes))), seed=draw(st.integers(0, 99)))
    x = vf.asarray(values)
    if draw(st.booleans()):
        order = draw(st.permutations(range(values.ndim)))
        x, values = x.transpose(*order) if order else x, values.transpose(order)
    steps = tuple(draw(st.sampled_from([slice(None), slice(None, None, -1), slice(0, None, 2)])) for _ in values.shape)
    return Twins(x[steps], values[(*steps, ...)])  # with the dots NumPy gives an array where no axis is left
