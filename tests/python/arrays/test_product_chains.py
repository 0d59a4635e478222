"""What goes on from a matrix product: one kernel where it is short and nobody else needs the product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone, skip_where_lacking

pytestmark = pytest.mark.gpu

RNG = np.random.default_rng(0)
SIZES = [(5, 7, 3), (1, 64, 100), (100, 64, 1), (33, 500, 65), (300, 9000, 5), (2, 3, 400), (130, 70, 129), (65, 1, 64)]


@pytest.fixture(autouse=True)
def on_the_device():
    with device_alone():
        yield


def operands(size: tuple[int, int, int], dtype: str = "float32") -> dict[str, np.ndarray]:
    """Matrices a and b, and what lies beside their product: all of it, a row, a column, one value."""
    m, k, n = size
    shapes = {"a": (m, k), "b": (k, n), "full": (m, n), "row": (n,), "column": (m, 1), "one": (1, 1)}
    return {name: (RNG.random(shape) - 0.3).astype(dtype) for name, shape in shapes.items()}


def kernels(work: Callable[[], Any]) -> list[str]:
    """Those that compute a product or go on from one."""
    with vf.profile() as profile:
        work()
    return [row.name for row in profile.rows if not row.name.startswith(("panels", "copy")) for _ in range(row.count)]


CHAINS: dict[str, Callable[..., Any]] = {
    "relu": lambda np, a, b, row, **_: np.maximum(a @ b + row, 0),
    "residual": lambda np, a, b, full, column, **_: (a @ b) * 2 + full - column,
    "activation": lambda np, a, b, row, **_: np.tanh(a @ b / a.shape[1] + row),
    "twice": lambda np, a, b, one, **_: (lambda c: c * c + one)(a @ b),
    "compared": lambda np, a, b, full, **_: a @ b > full,
    "chosen": lambda np, a, b, full, row, **_: np.where(full > 0, a @ b, row),
    "turned": lambda np, a, b, full, **_: b.T @ a.T - full.T,
    "backwards": lambda np, a, b, row, full, **_: a @ b + row[::-1] * full[::-1],
    "whole": lambda np, a, b, one, **_: (a @ b + one).astype(np.int32),
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_values(size: tuple[int, int, int], chain: str) -> None:
    given = operands(size)
    if chain == "whole":  # sums that no rounding moves over the next integer
        given = {name: np.rint(values * 8).astype(np.float32) for name, values in given.items()}
    work = CHAINS[chain]
    ours = work(vnp, **{name: vf.asarray(values) for name, values in given.items()})
    wanted = work(np, **given)
    assert ours.dtype == wanted.dtype
    if wanted.dtype.kind == "f":
        np.testing.assert_allclose(np.asarray(ours), wanted, rtol=2e-5, atol=2e-4)
    else:
        assert (np.asarray(ours) == wanted).mean() > 0.999  # a comparison may turn at a rounding


@pytest.mark.parametrize("dtype", ["float64", "int32", "int64", "float16", "bfloat16"])
def test_dtypes(dtype: str) -> None:
    if dtype != "bfloat16":  # which goes by way of float32
        skip_where_lacking(dtype)
    given = operands((40, 30, 50))
    short = dtype in ("float16", "bfloat16")
    if dtype.startswith("int"):
        given = {name: np.rint(values * 9) for name, values in given.items()}
    held = {name: vf.asarray(values.astype(np.float32)).astype(dtype) for name, values in given.items()}
    host = {name: np.asarray(x).astype(np.float64) for name, x in held.items()}
    ours = (held["a"] @ held["b"]) * 2 - held["row"]
    assert ours.dtype == held["a"].dtype
    wanted = (host["a"] @ host["b"]) * 2 - host["row"]
    loose = {"float16": 4e-3, "bfloat16": 3e-2}.get(dtype, 1e-12)
    np.testing.assert_allclose(np.asarray(ours).astype(np.float64), wanted, rtol=loose, atol=loose * 8 if short else 0)


def test_one_kernel():
    x = {name: vf.asarray(values) for name, values in operands((200, 100, 300)).items()}
    assert len(kernels(lambda: np.asarray(vnp.maximum(x["a"] @ x["b"] + x["row"], 0)))) == 1
    assert kernels(lambda: x["a"] @ x["b"]) == []  # nothing before it is asked for


def test_a_product_that_others_need_is_computed_by_itself():
    x = {name: vf.asarray(values) for name, values in operands((200, 100, 300)).items()}
    product = x["a"] @ x["b"]
    ours = product + 1
    assert len(kernels(lambda: np.asarray(ours))) == 2
    assert kernels(lambda: np.asarray(product)) == []
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(product) + 1)
    both = x["a"] @ x["b"] + x["a"] @ x["b"]
    np.testing.assert_allclose(np.asarray(both), 2 * np.asarray(product), rtol=1e-6)


def test_reductions_and_stacks_behind_a_product():
    given = operands((64, 80, 96))
    a, b = vf.asarray(given["a"]), vf.asarray(given["b"])
    wanted = given["a"] @ given["b"]
    np.testing.assert_allclose(np.asarray((a @ b + 1).sum(axis=1)), (wanted + 1).sum(axis=1), rtol=1e-4)
    stacked = vnp.stack([a, a * 2])
    np.testing.assert_allclose(np.asarray(stacked @ b + 1), np.stack([wanted, 2 * wanted]) + 1, rtol=1e-4, atol=1e-4)
    assert (vnp.zeros((0, 80), dtype=vnp.float32) @ b + 1).shape == (0, 96)
    np.testing.assert_array_equal(np.asarray(vnp.ones((3, 0)) @ vnp.ones((0, 2)) + 5), np.full((3, 2), 5.0))


def test_what_is_written_later_does_not_show():
    given = operands((20, 30, 40))
    x = {name: vf.asarray(values) for name, values in given.items()}
    ours = x["a"] @ x["b"] + x["row"]
    for name in ("a", "b", "row"):
        with x[name].map() as view:
            view[:] = 0
    np.testing.assert_allclose(np.asarray(ours), given["a"] @ given["b"] + given["row"], rtol=1e-4, atol=1e-5)


def test_written_in_place_and_compiled():
    given = operands((20, 20, 20))
    x = {name: vf.asarray(values) for name, values in given.items()}
    target = vnp.zeros((22, 22), dtype=vnp.float32)
    target[1:-1, 1:-1] = x["a"] @ x["b"]
    np.testing.assert_allclose(np.asarray(target)[1:-1, 1:-1], given["a"] @ given["b"], rtol=1e-4, atol=1e-5)
    x["full"] += x["a"] @ x["b"]
    np.testing.assert_allclose(np.asarray(x["full"]), given["full"] + given["a"] @ given["b"], rtol=1e-4, atol=1e-5)
    layer = vf.compile(lambda a, b, c: vnp.maximum(a @ b + c, 0))
    for _ in range(3):
        np.testing.assert_allclose(
            np.asarray(layer(x["a"], x["b"], x["row"])),
            np.maximum(given["a"] @ given["b"] + given["row"], 0),
            rtol=1e-4,
            atol=1e-5,
        )
        given = operands((20, 20, 20))
        x = {name: vf.asarray(values) for name, values in given.items()}


def test_shapes_that_do_not_fit_are_refused_at_once():
    a, b = vf.asarray(np.ones((3, 4), np.float32)), vf.asarray(np.ones((3, 4), np.float32))
    with pytest.raises(vf.ShapeError, match="do not fit"):
        a @ b


@settings(deadline=None, max_examples=40)
@given(st.tuples(*[st.integers(1, 40)] * 3), st.sampled_from(sorted(CHAINS)), st.booleans(), st.booleans())
def test_any_size_and_order(size: tuple[int, int, int], chain: str, turn_a: bool, turn_b: bool) -> None:
    given = {name: np.rint(values * 6) for name, values in operands(size).items()}  # exact in float32
    held = {name: vf.asarray(values) for name, values in given.items()}
    for name, turned in (("a", turn_a), ("b", turn_b)):
        if turned:
            held[name] = vf.asarray(np.ascontiguousarray(given[name].T)).T
    work = CHAINS[chain]
    wanted = work(np, **given)
    np.testing.assert_allclose(np.asarray(work(vnp, **held)), wanted, rtol=1e-5, atol=1e-5)
