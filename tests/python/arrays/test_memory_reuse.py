"""Memory that nobody else reads any more is written over by what is computed from it; and nothing else is."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone
from vulkan_forge import compute

pytestmark = pytest.mark.gpu
MANY = 50_000


@pytest.fixture(autouse=True, params=["device", "as it comes"])
def _where(request: pytest.FixtureRequest) -> Any:
    with device_alone() if request.param == "device" else nullcontext():
        yield


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).random(MANY, np.float32)


def address(x: vf.Array) -> int:
    """Where the values lie; nothing holds on to them."""
    if not vf.default_device().shares_memory_with_host:
        pytest.skip("the device does not share memory with the host")
    return np.asarray(x).ctypes.data


def test_the_last_reader_writes_over_it(values):
    x = vf.asarray(values)
    before = address(x)
    x = x * 2 + 1
    assert address(x) == before
    x = vnp.sqrt(x) - x
    assert address(x) == before
    wanted = values * np.float32(2) + np.float32(1)
    np.testing.assert_allclose(np.asarray(x), np.sqrt(wanted) - wanted, rtol=1e-6)


def test_what_is_written_over_is_not_copied_first(values):
    if vf.default_device().limits["timestamp_period_ns"] == 0:
        pytest.skip("needs timestamps")
    x = vf.asarray(values)
    with vf.profile() as profile:
        for _ in range(3):
            x = x * 2 + 1
            vf.evaluate(x)
    assert "overwritten" not in [row["why"] for row in profile.submissions]
    np.testing.assert_allclose(np.asarray(x), values * np.float32(8) + np.float32(7), rtol=1e-6)
    with vf.profile() as profile:
        later = x + 1
        x[:] = 0  # somebody else still reads what was there
    assert "overwritten" in [row["why"] for row in profile.submissions]
    np.testing.assert_allclose(np.asarray(later), values * np.float32(8) + np.float32(8), rtol=1e-6)


def test_another_dtype_of_the_size_takes_it_too(values):
    x = vf.asarray(values)
    before = address(x)
    x = (x * 1000).astype(np.int32)
    assert address(x) == before
    np.testing.assert_array_equal(np.asarray(x), (values * np.float32(1000)).astype(np.int32))


def test_rows_that_are_reduced_on_the_way(values):
    x = vf.asarray(values.reshape(500, 100))
    before = address(x)
    x = x - x.max(axis=1, keepdims=True)
    assert address(x) == before
    rows = values.reshape(500, 100)
    np.testing.assert_array_equal(np.asarray(x), rows - rows.max(axis=1, keepdims=True))


def kept_by_name(x):
    return x, lambda: np.asarray(x)


def kept_by_a_view(x):
    part = x[1:]
    return part, lambda: np.asarray(part)


def kept_by_numpy(x):
    view = np.asarray(x)
    return view, lambda: view


def kept_by_another_expression(x):
    other = x * 3
    return other, lambda: np.asarray(other)


def kept_below_another_expression(x):
    part = x + 4
    other = part * 3
    return (part, other), lambda: np.asarray(other)


def kept_by_a_graph(x):
    y = vf.empty(x.shape)
    kernel = vf.Kernel("""layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { float x[]; };
        layout(binding = 1) writeonly buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < x.length()) y[i] = x[i]; }""")
    with vf.record() as graph:
        kernel(x=x, y=y, threads=x.size)
    return graph, lambda: (graph.run(), np.array(np.asarray(y)))[1]


def kept_by_dlpack(x):
    other = vf.from_dlpack(x)
    return other, lambda: np.asarray(other)


def kept_by_a_future(x):
    future = x.to_host_async()
    return future, future.result


@pytest.mark.parametrize(
    "keep",
    [
        kept_by_name,
        kept_by_a_view,
        kept_by_numpy,
        kept_by_another_expression,
        kept_below_another_expression,
        kept_by_a_graph,
        kept_by_dlpack,
        kept_by_a_future,
    ],
    ids=lambda keep: keep.__name__,
)
def test_what_others_read_stays(values, keep):
    x = vf.asarray(values)
    held, read = keep(x)
    wanted = {"kept_by_a_view": values[1:], "kept_by_another_expression": values * np.float32(3)}.get(
        keep.__name__, (values + np.float32(4)) * np.float32(3) if keep is kept_below_another_expression else values
    )
    x = x * 0 - 1
    np.testing.assert_array_equal(np.asarray(x), np.full(MANY, -1, np.float32))
    np.testing.assert_array_equal(read(), wanted)
    del held


def test_a_part_of_the_expression_that_is_kept_is_right(values):
    x = vf.asarray(values)
    part = x * 2
    whole = part + x
    del x
    np.testing.assert_array_equal(np.asarray(whole), values * np.float32(2) + values)
    np.testing.assert_array_equal(np.asarray(part), values * np.float32(2))


def test_memory_of_numpy_is_never_written_over(values):
    if not vf.default_device().shares_memory_with_host:
        pytest.skip("the device does not see the host's memory")
    own = values.copy()
    x = vf.from_host(own)
    x = x + 1
    np.testing.assert_array_equal(np.asarray(x), values + 1)
    np.testing.assert_array_equal(own, values)


def test_two_results_and_broadcasts(values):
    x, row = vf.asarray(values.reshape(500, 100)), vf.asarray(values[:100])
    a, b = x + row, x * row
    del x
    vf.evaluate(a, b)
    rows = values.reshape(500, 100)
    np.testing.assert_array_equal(np.asarray(a), rows + values[:100])
    np.testing.assert_array_equal(np.asarray(b), rows * values[:100])
    turned = vf.asarray(values.reshape(500, 100))
    turned = turned.T + 0
    np.testing.assert_array_equal(np.asarray(turned), rows.T)


def test_a_table_stays_as_it_is(values):
    places = np.random.default_rng(1).integers(0, MANY, MANY).astype(np.int32)
    x, at = vf.asarray(values), vf.asarray(places)
    x = x[at] * 2
    del at
    np.testing.assert_array_equal(np.asarray(x), values[places] * np.float32(2))


def test_recordings_do_not(values):
    step = vf.compile(lambda a: a * 2 + 1)
    x = vf.asarray(values)
    for _ in range(3):
        np.testing.assert_array_equal(np.asarray(step(x)), values * np.float32(2) + 1)


def test_sorts_and_reductions_afterwards(values):
    x = vf.asarray(values)
    x = x + 1
    ordered, total = compute.sort(x), compute.reduce(x, "max")
    x = x * 0
    assert np.asarray(x).max() == 0
    np.testing.assert_array_equal(np.asarray(ordered), np.sort(values + 1))
    assert total.item() == (values + 1).max()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_any_program(steps: list[tuple[int, int, int]]) -> None:
    """Names that are bound again and again, read and unread, beside NumPy."""
    host = [np.arange(8192, dtype=np.float32) % 97 + i for i in range(5)]
    ours = [vf.asarray(values) for values in host]
    for kind, a, b in steps:
        if kind == 0:
            host[a], ours[a] = host[a] - host[b], ours[a] - ours[b]
        elif kind == 1:
            host[a], ours[a] = np.minimum(host[b] * 2, 99), vnp.minimum(ours[b] * 2, 99)
        elif kind == 2:
            host[a], ours[a] = host[b], ours[b]
        elif kind == 3:
            np.testing.assert_array_equal(np.asarray(ours[a]), host[a])
        elif kind == 4:
            host[a] = host[a] + 1
            ours[a] += 1
            if any(ours[a] is other for i, other in enumerate(ours) if i != a):  # one array under two names
                host = [host[a] if one is ours[a] else values for one, values in zip(ours, host, strict=True)]
        else:
            vf.evaluate(ours[a], ours[b])
    for mine, wanted in zip(ours, host, strict=True):
        np.testing.assert_array_equal(np.asarray(mine), wanted)
