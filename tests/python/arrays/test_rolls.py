"""Rolled arrays as parts of expressions: read where they come from, round the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone

pytestmark = pytest.mark.gpu

SHAPES = [(7,), (1,), (300, 5), (5, 300), (64, 64), (3, 1, 130), (2, 3, 4, 5), (0, 4), ()]


@pytest.fixture(params=["device", "host"], autouse=True)
def where(request: pytest.FixtureRequest):
    if request.param == "host":
        yield
    else:
        with device_alone():
            yield


def numbers(shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(3).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "float32", "complex64"])
def test_alone(shape: tuple[int, ...], dtype: str) -> None:
    x = numbers(shape, dtype)
    ours = vnp.asarray(x)
    for by in (0, 1, -1, 3, -1000003, 2**40 + 1):
        np.testing.assert_array_equal(np.asarray(vnp.roll(ours, by)), np.roll(x, by))
        for axis in range(x.ndim):
            np.testing.assert_array_equal(np.asarray(vnp.roll(ours, by, axis=axis)), np.roll(x, by, axis=axis))


def neighbours(np: Any, x: Any) -> Any:
    around = [(dy, dx) for dy in (-1, 0, 1) for dx in (-2, 0, 1)]
    return sum(np.roll(x, by, axis=(0, 1)) for by in around)


@pytest.mark.parametrize("shape", [(5, 7), (64, 1), (1, 100), (200, 300), (400, 3)], ids=str)
@pytest.mark.parametrize("view", ["whole", "turned", "every second", "backwards"])
def test_neighbours_are_one_kernel(shape: tuple[int, int], view: str, where: None) -> None:
    x = numbers(shape)
    ours = vnp.asarray(x)
    key: Any = {"every second": (slice(None), slice(None, None, 2)), "backwards": (slice(None, None, -1),)}.get(
        view, ()
    )
    x, ours = (x.T, ours.T) if view == "turned" else (x[key], ours[key])
    vf.evaluate(ours)
    with vf.profile() as profile:
        made = vf.evaluate(neighbours(vnp, ours) * 2 - ours)
    assert sum(row.count for row in profile.rows) <= 1
    np.testing.assert_array_equal(np.asarray(made), neighbours(np, x) * 2 - x)


def test_what_is_rolled_may_be_broadcast() -> None:
    rows, columns = numbers((50, 1)), numbers((80,))
    ours = vnp.roll(vnp.asarray(rows), 3, axis=0) * vnp.roll(vnp.asarray(columns), -7) + vnp.asarray(rows)
    np.testing.assert_array_equal(np.asarray(ours), np.roll(rows, 3, axis=0) * np.roll(columns, -7) + rows)


def test_reductions_behind_and_products_beside() -> None:
    x = numbers((120, 256)) / 16
    ours = vnp.asarray(x)
    np.testing.assert_allclose(
        np.asarray(vnp.sum(vnp.roll(ours, 5, axis=1) * ours, axis=1)),
        (np.roll(x, 5, axis=1) * x).sum(axis=1),
        rtol=1e-5,
    )
    np.testing.assert_allclose(float(vnp.sum(vnp.roll(ours, 5) * ours)), float((np.roll(x, 5) * x).sum()), rtol=1e-5)
    np.testing.assert_allclose(
        np.asarray(ours @ ours.T + vnp.roll(ours, 1)[:, :120]), x @ x.T + np.roll(x, 1)[:, :120], rtol=1e-5
    )


def test_values_are_those_of_their_time() -> None:
    x = vnp.asarray(numbers((100, 50)))
    before = np.asarray(x).copy()
    later = vnp.roll(x, 1, axis=0) + 0
    x[3] = -1.0
    np.testing.assert_array_equal(np.asarray(later), np.roll(before, 1, axis=0))


def test_memory_that_is_rolled_is_not_overwritten() -> None:
    """x + roll(x) of an x that nobody else holds must not go into x's memory."""
    data = numbers((256, 256))
    x = vf.evaluate(vnp.asarray(data) * 1)
    shifted = vnp.roll(x, 1, axis=1)
    del x
    np.testing.assert_array_equal(np.asarray(vf.evaluate(shifted * 2)), np.roll(data, 1, axis=1) * 2)


def test_compiled_functions_take_other_arrays() -> None:
    step = vf.compile(lambda x: vnp.roll(x, 1, axis=0) + vnp.roll(x * 2, -1, axis=1))
    for seed in (0, 1, 2):
        x = np.random.default_rng(seed).random((90, 70)).astype(np.float32)
        np.testing.assert_allclose(
            np.asarray(step(vnp.asarray(x))), np.roll(x, 1, axis=0) + np.roll(x * 2, -1, axis=1), rtol=1e-6
        )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_random_rolls(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=4)))
    shifts = st.lists(st.integers(-30, 30), min_size=len(shape), max_size=len(shape))
    a, b = data.draw(shifts), data.draw(shifts)
    order = data.draw(st.permutations(range(len(shape))))
    x = numbers(shape, data.draw(st.sampled_from(["int32", "uint8", "float32"]))).transpose(order)
    ours = vnp.asarray(numbers(shape, str(x.dtype))).transpose(order)
    axes = tuple(range(len(shape)))
    expected = np.roll(x, a, axis=axes) - np.roll(np.roll(x, b, axis=axes), 1)
    np.testing.assert_array_equal(
        np.asarray(vnp.roll(ours, a, axis=axes) - vnp.roll(vnp.roll(ours, b, axis=axes), 1)), expected
    )
