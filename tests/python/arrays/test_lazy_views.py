"""Views of values that are not computed: parts of the expression, or of the memory that others see as well."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone

pytestmark = pytest.mark.gpu

A = np.arange(6 * 40, dtype=np.float32).reshape(6, 40)
ROW = np.linspace(-1, 1, 40, dtype=np.float32)
COLUMN = np.arange(6, dtype=np.float32)[:, None]

VIEWS: dict[str, Callable[[Any, Any], Any]] = {
    "part": lambda np, x: x[1:-1, 3:30:4],
    "backwards": lambda np, x: x[::-2, ::-1],
    "one row": lambda np, x: x[-2],
    "one element": lambda np, x: x[2, 7],
    "turned": lambda np, x: x.T,
    "turned part": lambda np, x: x[2:].T[5:9],
    "new axes": lambda np, x: x[None, :, None, 4],
    "squeezed": lambda np, x: np.squeeze(x[:, :1]),
    "another shape": lambda np, x: x.reshape(4, 60),
    "flat part": lambda np, x: x.reshape(-1)[5:200:3],
    "flipped": lambda np, x: np.flip(x, axis=1),
    "nothing": lambda np, x: x[3:3],
    "diagonal": lambda np, x: np.diagonal(x),
}
EXPRESSIONS: dict[str, Callable[..., Any]] = {
    "chain": lambda np, a, row, column: a * 2 + 1,
    "broadcast": lambda np, a, row, column: a * row - column,
    "chosen": lambda np, a, row, column: np.where(row > 0, a, column),
    "small": lambda np, a, row, column: row + column,
    "cast": lambda np, a, row, column: (a + row).astype(np.int32),
    "function": lambda np, a, row, column: np.exp(row) * a,
    "sums": lambda np, a, row, column: a - a.sum(axis=1, keepdims=True),
    "product": lambda np, a, row, column: (a @ a.T) @ a / 1e6,
    "rolled": lambda np, a, row, column: np.roll(a, 2, axis=1) + a,
    "gathered": lambda np, a, row, column: a[np.asarray([1, 0, 2, 5, 3, 4])] + row,
}


@pytest.fixture(params=["device", "host"], autouse=True)
def where(request: pytest.FixtureRequest):
    if request.param == "host":
        yield
    else:
        with device_alone():
            yield


def ours() -> tuple[Any, ...]:
    return tuple(map(vnp.asarray, (A, ROW, COLUMN)))


def kernels(work: Callable[[], Any]) -> int:
    with vf.profile() as profile:
        work()
    return sum(row.count for row in profile.rows)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values(expression: str, view: str) -> None:
    expected = VIEWS[view](np, EXPRESSIONS[expression](np, A, ROW, COLUMN))
    made = VIEWS[view](vnp, EXPRESSIONS[expression](vnp, *ours()))
    assert made.shape == expected.shape
    np.testing.assert_allclose(np.asarray(made * 2), expected * 2, rtol=2e-6, atol=1e-4)
    np.testing.assert_allclose(np.asarray(made), expected, rtol=2e-6, atol=1e-4)


@pytest.mark.parametrize("view", [v for v in VIEWS if v not in ("nothing", "diagonal", "flat part", "another shape")])
def test_a_view_of_what_nobody_keeps_is_part_of_the_kernel(view: str) -> None:
    a, row, column = ours()
    assert kernels(lambda: vf.evaluate(VIEWS[view](vnp, a * row - column) * 3)) <= 1
    assert kernels(lambda: vf.evaluate(VIEWS[view](vnp, vnp.where(a > 3, row, column)))) <= 1


def test_costly_values_are_not_computed_again_along_new_axes() -> None:
    a, row, _ = ours()
    np.testing.assert_allclose(np.asarray(vnp.exp(row)[None, :] * a), np.exp(ROW)[None, :] * A, rtol=1e-6)


def test_writes_through_a_view_show() -> None:
    a, row, _ = ours()
    whole = a * row
    part = whole[1:3]
    part[:, 5] = -7.0
    expected = A * ROW
    expected[1:3, 5] = -7
    np.testing.assert_array_equal(np.asarray(whole), expected)
    part += 1.0
    expected[1:3] += 1
    np.testing.assert_array_equal(np.asarray(whole), expected)


def test_writes_to_the_whole_show_in_a_view() -> None:
    a, row, _ = ours()
    whole = a * row
    part, turned = whole[1:3], whole.T
    whole += 1.0
    whole[2] = 0.0
    expected = A * ROW + 1
    expected[2] = 0
    np.testing.assert_array_equal(np.asarray(part), expected[1:3])
    np.testing.assert_array_equal(np.asarray(turned), expected.T)


def test_views_of_what_was_dropped_see_each_other() -> None:
    a, row, _ = ours()
    whole = a * row
    left, right = whole[:, :30], whole[:, 10:]
    del whole
    gc.collect()
    left[...] = 5.0
    expected = A * ROW
    expected[:, :30] = 5
    np.testing.assert_array_equal(np.asarray(right), expected[:, 10:])


def test_closing_the_whole_leaves_its_views() -> None:
    a, row, _ = ours()
    whole = a * row
    part = whole[1:3]
    deeper = part[:, ::2]
    whole.close()
    with pytest.raises(vf.StateError, match="close"):
        whole + 1
    part.close()
    assert (deeper.shape, deeper.dtype) == ((2, 20), np.float32)
    np.testing.assert_array_equal(np.asarray(deeper), (A * ROW)[1:3, ::2])


def test_an_expression_keeps_what_a_view_was() -> None:
    a, row, _ = ours()
    whole = a * row
    doubled = whole[2:] * 2
    whole[3] = 0.0
    np.testing.assert_array_equal(np.asarray(doubled), (A * ROW)[2:] * 2)


def test_compiled_functions_may_take_views_of_what_they_compute() -> None:
    step = vf.compile(lambda x: (x * 2)[1:].T - (x + 1)[:-1].T)
    for seed in (0, 1):
        x = np.random.default_rng(seed).random((9, 33)).astype(np.float32)
        np.testing.assert_allclose(np.asarray(step(vnp.asarray(x))), (x * 2)[1:].T - (x + 1)[:-1].T, rtol=1e-6)


def test_a_view_built_before_a_recording_and_used_in_it() -> None:
    a, row, _ = ours()
    part = (a * row)[1:]
    with vf.record() as graph:
        made = vf.evaluate(part + 1)
    graph.run()
    np.testing.assert_array_equal(np.asarray(made), (A * ROW)[1:] + 1)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_random_programs_alias_as_in_numpy(data: st.DataObject) -> None:
    """A pool of arrays and their NumPy twins: expressions, views of them, writes through either, deletions."""
    start = np.arange(24, dtype=np.float32).reshape(4, 6)
    pool: list[tuple[Any, Any]] = [(vnp.asarray(start), start.copy())]
    for _ in range(data.draw(st.integers(3, 14))):
        mine, theirs = pool[data.draw(st.integers(0, len(pool) - 1))]
        match data.draw(st.sampled_from(["compute", "view", "view of new", "write", "add", "drop", "read"])):
            case "compute":
                pool.append((mine * 2 - 1, theirs * 2 - 1))
            case "view" | "view of new" as how:
                views = ["turned", "new", "shape"] + (
                    ["part", "backwards", "row"] if theirs.ndim and theirs.size else []
                )
                view = {
                    "turned": lambda x: x.T,
                    "new": lambda x: x[None] if x.ndim < 5 else x,
                    "shape": lambda x: x.reshape(-1) if how == "view of new" else x[...],
                    "part": lambda x: x[1:],
                    "backwards": lambda x: x[::-1],
                    "row": lambda x: x[-1] if x.ndim > 1 else x[-1:],
                }[data.draw(st.sampled_from(views))]
                pool.append((view(mine + 3), view(theirs + 3)) if how == "view of new" else (view(mine), view(theirs)))
            case "write":
                mine[...] = 9.0
                theirs[...] = 9.0
            case "add":
                mine += 1.0
                theirs += 1.0
            case "drop" if len(pool) > 1:
                pool.pop(data.draw(st.integers(0, len(pool) - 1)))
            case "read":
                np.testing.assert_array_equal(np.asarray(mine), theirs)
        del mine, theirs
    for mine, theirs in pool:
        np.testing.assert_array_equal(np.asarray(mine), theirs)


@pytest.mark.parametrize(
    "view", [lambda x: x[None, None], lambda x: x.reshape(1, 1), lambda x: vnp.expand_dims(x, (0, 1))]
)
@pytest.mark.parametrize("made", [lambda: vnp.full((), 2.0), lambda: vnp.zeros(()), lambda: vnp.asarray(2.0)])
def test_a_view_of_a_single_number_keeps_its_axes(view, made):
    x = view(made())
    assert x.shape == (1, 1)
    y = vnp.concat([x, x])
    assert x.shape == (1, 1)
    assert y.shape == (2, 1)
    assert x.numpy().shape == (1, 1)
    assert (view(made()) * vnp.ones((2, 3))).shape == (2, 3)
