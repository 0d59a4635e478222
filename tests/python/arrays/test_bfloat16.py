"""bfloat16, beside ml_dtypes: operators round after each operation, functions once at their end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone
from vulkan_forge import compute

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.filterwarnings("ignore:invalid value|overflow|divide by zero:RuntimeWarning"),
]

BF = np.dtype(ml_dtypes.bfloat16)
RNG = np.random.default_rng(0)
EVERY = np.arange(1 << 16, dtype=np.uint16).view(BF)  # all there are


def same(ours: Any, wanted: np.ndarray) -> None:
    """The same dtype and the same values, zeros' signs too; any NaN is a NaN."""
    got = np.asarray(ours)
    assert got.dtype == wanted.dtype
    if wanted.dtype != BF:
        np.testing.assert_array_equal(got, wanted)
        return
    a, b = got.astype(np.float32), wanted.astype(np.float32)
    np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))


def needs_short_words() -> None:
    """Building blocks move words of 16 bits; only expressions have a host form."""
    device = vf.default_device()
    if not (device.has("storageBuffer16BitAccess") and device.has("shaderInt16")):
        pytest.skip("the device has no 16-bit words")


def some(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(BF)


def test_every_value_comes_and_goes():
    x = vf.asarray(EVERY)
    assert x.dtype == BF
    np.testing.assert_array_equal(np.asarray(x).view(np.uint16), EVERY.view(np.uint16))
    np.testing.assert_array_equal(x.numpy().view(np.uint16), EVERY.view(np.uint16))
    shared = vf.from_host(EVERY.copy())
    same(shared[::-1], EVERY[::-1])
    assert vf.asarray(np.array([1.5, -2], BF)).tolist() == [1.5, -2]


@pytest.mark.parametrize("source", ["float32", "float64", "float16", "int32", "bool", "uint8"])
@pytest.mark.parametrize("where", ["as it comes", "device"])
def test_casts(source: str, where: str) -> None:
    bits = RNG.integers(0, 1 << 32, 1 << 16, dtype=np.uint32)
    values = bits.view(np.float32).astype(np.float64) if source.startswith("float") else bits.astype(np.int32)
    if source == "float64":  # ties that a rounding to float32 on the way would make or break
        values[:1000] = np.float64(1) + np.ldexp(RNG.integers(0, 512, 1000), -8) + np.ldexp(1.0, -40)
    host = values.astype(source)
    with device_alone() if where == "device" else nullcontext():
        made = vf.asarray(host).astype(BF)
        wanted = host.astype(np.float32).astype(BF) if source != "float64" else _from_double(host)
        same(made, wanted)
        same(vf.asarray(EVERY).astype("float32"), EVERY.astype(np.float32))


def _from_double(host: np.ndarray) -> np.ndarray:
    """One rounding: ml_dtypes goes by way of float32 and rounds twice."""
    short = host.astype(np.float32)
    odd = (short.view(np.uint32) & 0xFFFF) == 0x8000  # looks like a tie
    exact = short.astype(np.float64) == host
    towards = np.where(host > short, np.inf, -np.inf).astype(np.float32)
    return np.where(odd & ~exact & np.isfinite(short), np.nextafter(short, towards), short).astype(BF)


@pytest.mark.parametrize("alone", [False, True])
def test_operators_round_after_each(alone: bool) -> None:
    a, b = RNG.permutation(EVERY), RNG.permutation(EVERY)
    x, y = vf.asarray(a), vf.asarray(b)
    with device_alone() if alone else nullcontext():
        for op in ("__add__", "__sub__", "__mul__", "__truediv__"):
            same(getattr(x, op)(y), getattr(a, op)(b))
        same((x * y) + x, (a * b) + a)
        same(-x, -a)
        same(x < y, a < b)
        same(x * 0.1 + 1, a * BF.type(0.1) + BF.type(1))
        same(vnp.where(x > 0, x, y), np.where(a > 0, a, b))
        same(vnp.sqrt(vnp.abs(x)), np.sqrt(np.abs(a)))


def test_dtypes_that_it_meets():
    x = vf.asarray(some(3))
    for other, wanted in (
        *((name, BF) for name in ("bool", "int8", "uint8")),
        *((name, "float32") for name in ("int16", "uint16", "float16", "float32")),
        *((name, "float64") for name in ("int32", "uint64", "float64")),
        ("complex64", "complex64"),
    ):
        assert vnp.result_type(BF, other) == vnp.result_type(other, "bfloat16") == np.dtype(wanted)
        if vnp.dtype(wanted) != np.float64 or x.device.has("shaderFloat64"):
            assert (x + np.ones((), other)[()]).dtype == np.dtype(wanted)
    for number, wanted in ((True, BF), (2, BF), (2.5, BF), (1j, "complex64")):
        assert vnp.result_type(x, number) == (x + number).dtype == np.dtype(wanted)
    assert vnp.isdtype(BF, "real floating")
    assert vnp.finfo(BF).bits == 16
    assert vnp.finfo(BF).eps == 2**-7
    assert vnp.can_cast(BF, "float32")


FUNCTIONS: list[Callable[[Any, Any], Any]] = [
    lambda np, x: np.sum(x),
    lambda np, x: np.sum(x, axis=0),
    lambda np, x: np.max(x, axis=1),
    lambda np, x: np.argmax(x, axis=1),
    lambda np, x: np.mean(x, axis=-1),
    lambda np, x: np.var(x, axis=0),
    lambda np, x: np.prod(x[:2], axis=0),
    lambda np, x: np.cumsum(x[0]),
    lambda np, x: np.sort(x, axis=1),
    lambda np, x: np.matmul(x, x.T),
    lambda np, x: np.einsum("ij,kj->ik", x, x),
    lambda np, x: np.tensordot(x, x, axes=2),
    lambda np, x: np.clip(x, -0.5, 0.5),
    lambda np, x: np.median(x),
    lambda np, x: np.gradient(x[0]),
    lambda np, x: np.linalg.norm(x),
    lambda np, x: np.hypot(x, x),
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_round_once(function: Callable[[Any, Any], Any]) -> None:
    host = some(40, 64)
    ours, wanted = function(vnp, vf.asarray(host)), function(np, host.astype(np.float32))
    floats = np.asarray(wanted).dtype.kind == "f"
    assert ours.dtype == (BF if floats else np.asarray(wanted).dtype)
    got = np.asarray(ours).astype(np.float64)
    np.testing.assert_allclose(got, wanted, rtol=2**-8 + 1e-5, atol=2e-5)  # half a unit, and what float32 itself errs


MOVES: list[Callable[[Any, Any], Any]] = [
    lambda np, x: x[3:30:2, ::-1],
    lambda np, x: x.T,
    lambda np, x: np.reshape(x, (64, 40)),
    lambda np, x: x[x > 0],
    lambda np, x: x[[5, -1, 5]],
    lambda np, x: np.concatenate([x, x], axis=1),
    lambda np, x: np.stack([x, x]),
    lambda np, x: np.roll(x, (3, -5), axis=(0, 1)),
    lambda np, x: np.tile(x, (2, 1)),
    lambda np, x: np.repeat(x, 2, axis=0),
    lambda np, x: np.take(x, np.asarray([1, 0]), axis=1),
    lambda np, x: np.pad(x, 2, mode="edge"),
    lambda np, x: np.tril(x),
    lambda np, x: np.where(x > 0, x, 0 * x),
    lambda np, x: np.flip(x, axis=0),
    lambda np, x: np.broadcast_to(x, (2, 40, 64)),
    lambda np, x: np.squeeze(x[None]),
]


@pytest.mark.parametrize("move", MOVES)
def test_moves_keep_the_bits(move: Callable[[Any, Any], Any]) -> None:
    needs_short_words()
    host = some(40, 64)
    same(move(vnp, vf.asarray(host)), move(np, host))


def test_writing():
    needs_short_words()
    host = some(8, 6)
    x = vf.asarray(host)
    for key, value in (
        ((2,), 7),
        (np.s_[:, 1], 0.3),
        (np.s_[::2, ::-2], some(4, 3)),
        ([1, 2], 0.1),
        (host > 0.5, 0),
        ((slice(3), [1, 4]), some(3, 2)),
    ):
        x[key] = vf.asarray(value) if isinstance(value, np.ndarray) else value
        host[key] = value
        same(x, host)
    x += 1
    host += BF.type(1)
    same(x, host)
    with x.map() as view:
        view[0] = 3
    assert x[0].tolist() == [3] * 6


def test_functions_meet_dtypes_as_operators_do():
    x = vf.asarray(some(3))
    for other, wanted in (("int8", BF), ("int16", "float32"), ("uint16", "float32"), ("float32", "float32")):
        assert vnp.fmax(x, vf.asarray(np.ones(3, other))).dtype == vnp.result_type(x, other) == np.dtype(wanted)


def test_making():
    for made in (
        vnp.zeros(3, dtype=BF),
        vnp.ones((2, 2), dtype="bfloat16"),
        vnp.full(3, 0.1, dtype=BF),
        vnp.arange(5, dtype=BF),
        vnp.linspace(0, 1, 7, dtype=BF),
        vnp.eye(3, dtype=BF),
        vnp.zeros_like(vf.asarray(some(4))),
        vnp.asarray([0.1, 2], dtype=BF),
        vf.empty(4, dtype="bfloat16"),
        vnp.sum(vnp.ones(3), dtype=BF),
        vnp.zeros(3, BF),
        vnp.ones((2, 2), "bfloat16"),
        vnp.full(3, 0.1, BF),
        vnp.asarray([0.1, 2], BF),
    ):
        assert made.dtype == BF
    assert vnp.full(1, 0.1, dtype=BF).item() == float(BF.type(0.1))
    assert vnp.arange(5, dtype=BF).tolist() == [0, 1, 2, 3, 4]
    assert vnp.sum(vf.asarray(some(4)), dtype=np.float32).dtype == np.float32


def test_numpys_own_functions():
    host = some(5, 4)
    x = vf.asarray(host)
    assert np.sum(x).dtype == np.add(x, x).dtype == np.sqrt(x).dtype == np.concatenate([x, x]).dtype == BF
    same(np.multiply(x, 2), host * BF.type(2))


def test_dlpack():
    host = some(6)
    x = vf.asarray(host)
    same(vf.from_dlpack(x), host)
    assert vf.from_dlpack(x, copy=True).dtype == BF


def test_what_does_not_know_it_says_so():
    x = vf.asarray(some(4, 4))
    with pytest.raises(vf.DtypeError, match=r"does not compute in bfloat16.*cast it"):
        compute.reduce(x, "sum")
    with pytest.raises(vf.DtypeError, match="bfloat16"):
        compute.matmul(x, x)
    with pytest.raises(BufferError, match="bfloat16"):
        memoryview(x)
    with pytest.raises(vf.DtypeError, match="float32 and float64"):
        vnp.nextafter(x, x)
    with pytest.raises(vf.DtypeError, match="bfloat16"):
        vf.Texture(some(4, 4))
    kernel = vf.Kernel("layout(binding = 0) buffer X { float x[]; };\nvoid main() { x[0] = 1; }")
    with pytest.raises(vf.DtypeError, match="bfloat16"):
        kernel(x=x, threads=1)


def test_without_the_package():
    code = """
import sys; sys.modules["ml_dtypes"] = None
import numpy as np, vulkan_forge as vf
x = vf.asarray(np.ones(3, np.float32)).astype("bfloat16")
assert (x + x).astype("float32").tolist() == [2, 2, 2]
try: x.dtype
except vf.UnsupportedError as error: assert "pip install ml_dtypes" in str(error), error
else: raise SystemExit("no error")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=40), st.floats(-4, 4))
def test_chains(values: list[float], scale: float) -> None:
    host = np.array(values, np.float32).astype(BF)
    x = vf.asarray(host)
    factor = BF.type(scale)
    with np.errstate(all="ignore"):
        same(vnp.maximum(x * scale, x) - x, np.maximum(host * factor, host) - host)
