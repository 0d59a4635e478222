"""Reductions over axes of few entries, and products with few columns, which are taken apart into views."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import PLAIN, device_alone, skip_where_lacking
from vulkan_forge.numpy import _short

pytestmark = pytest.mark.gpu

RNG = np.random.default_rng(0)
MANY = _short.MANY
DTYPES = [dtype for dtype in [*PLAIN, "bool", "int8", "uint16", "int64", "float16", "float64"] if dtype != "complex64"]


def values(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    made = (RNG.normal(size=shape) * 9).astype(dtype) if dtype[0] != "u" else RNG.integers(0, 9, shape).astype(dtype)
    if made.dtype.kind == "f":
        made.reshape(-1)[::777] = np.nan
        made.reshape(-1)[5::1234] = np.inf
    return made


@pytest.mark.parametrize("op", ["sum", "prod", "min", "max", "argmin", "argmax"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions(dtype: str, op: str) -> None:
    skip_where_lacking(dtype, "int64")
    for shape, axis in (((MANY // 2, 3), 1), ((4, MANY // 2), 0), ((MANY // 8, 8, 2), 1)):
        host = values(shape, dtype)
        x = vf.asarray(host)
        assert _short.is_short(x, axis, op) == (shape[axis] <= _short.FEW.get(op, _short.FEW_TO_FOLD))
        for keepdims in (False, True):
            with np.errstate(all="ignore"):
                wanted = getattr(np, op)(
                    host.astype(np.float32) if dtype == "float16" else host, axis, keepdims=keepdims
                )
            got = getattr(vnp, op)(x, axis, keepdims=keepdims)
            assert got.shape == wanted.shape
            assert got.dtype == (wanted.dtype if dtype != "float16" or op[0] == "a" else host.dtype)
            close = 1e-3 if dtype == "float16" else 1e-6
            with np.errstate(all="ignore"):
                np.testing.assert_allclose(np.asarray(got), wanted.astype(got.dtype), rtol=close)


@pytest.mark.parametrize("dtype", ["int32", "float32", "int8", "float64"])
@pytest.mark.parametrize("columns", [(), (1,), (2,), (4,)])
def test_products(columns: tuple[int, ...], dtype: str) -> None:
    skip_where_lacking(dtype, "int64")
    a, b = RNG.integers(-9, 9, (MANY // 3, 3)).astype(dtype), RNG.integers(-9, 9, (3, *columns)).astype(dtype)
    got = vf.asarray(a) @ vf.asarray(b)
    np.testing.assert_array_equal(np.asarray(got), a @ b, strict=True)
    pair = vf.asarray(np.stack([a, a])) @ vf.asarray(b)
    np.testing.assert_array_equal(np.asarray(pair), np.stack([a @ b, a @ b]), strict=True)


def test_what_follows_is_in_the_same_kernel() -> None:
    x = vf.asarray(RNG.random((MANY, 3), np.float32))
    with device_alone(), vf.profile() as profile:
        lengths = np.asarray(vnp.sqrt((x * x).sum(axis=1)))
    assert {row.name for row in profile.rows} == {"multiply", "add_add_sqrt"}
    np.testing.assert_allclose(lengths, np.linalg.norm(np.asarray(x), axis=1), rtol=1e-6)
