"""Compiled functions whose small work the host does, and those that it must leave to the device."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone, same, skip_where_lacking

pytestmark = pytest.mark.gpu


def put(values):
    return vf.asarray(np.asarray(values, np.float32))


def kernels(work):
    """The names of what the device runs meanwhile, copies too."""
    with vf.profile() as profile:
        work()
    return [row.name for row in profile.rows for _ in range(row.count)]


def by_host(function, *arrays):
    """Whether calls after the first one need no device; what they give is read elsewhere."""
    compiled = vf.compile(function)
    compiled(*arrays)
    vf.default_device().wait_idle()
    return kernels(lambda: compiled(*arrays)) == []


def test_small_chains_need_no_device():
    if not vf.default_device().shares_memory_with_host:
        pytest.skip("the host does not see this device's memory")
    x, y = put(np.arange(1000)), put(np.ones(1000))
    assert by_host(lambda a, b: (a + b) * 2 - a, x, y)
    with device_alone():
        assert not by_host(lambda a, b: (a + b) * 2 - a, x, y)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.sum(axis=1),
        lambda x: x - x.max(axis=1, keepdims=True),
        lambda x: x @ x,
        lambda x: vnp.sort(x, axis=0),
        lambda x: vnp.roll(x, 1, axis=0) + x,
        lambda x: vnp.cumsum(x, axis=0),
    ],
    ids=["sum", "rows", "product", "sort", "roll", "scan"],
)
def test_what_is_more_than_elements_runs_as_recorded(function):
    compiled = vf.compile(function)
    for seed in range(3):
        values = np.random.default_rng(seed).integers(0, 9, (8, 8)).astype(np.float32)
        same(compiled(vf.asarray(values)), np.asarray(function(vf.asarray(values))))


def test_large_work_is_the_devices():
    assert not by_host(lambda a: a * 2 + 1, put(np.zeros(1 << 22)))


def test_other_values_strides_and_results():
    skip_where_lacking("bool")  # the recording, which is there as well, holds it
    compiled = vf.compile(lambda a, b, k: (a * b + k, a > b, {"a": a, "twice": (a * b + k) * 2}, k + 1))
    rng = np.random.default_rng(3)
    for round_ in range(4):
        a, b = rng.standard_normal((2, 6, 5)).astype(np.float32)
        k = np.float32(round_)
        x = vf.asarray(np.ascontiguousarray(a.T)).T if round_ % 2 else vf.asarray(a)  # the same shape, in another order
        first, larger, more, number = compiled(x, vf.asarray(b), vf.asarray(k))
        same(first, a * b + k)
        same(larger, a > b)
        same(more["a"], a)
        same(more["twice"], (a * b + k) * 2)
        same(number, k + 1)


def test_results_are_their_own():
    double = vf.compile(lambda x: (x * 2, x, x * 2))
    source = put([1, 2])
    first, copied, again = double(source)
    first[0] = 9
    copied[1] = 7
    assert (source.tolist(), again.tolist(), first.tolist(), copied.tolist()) == ([1, 2], [2, 4], [9, 4], [1, 7])
    second = double(source)[0]
    assert (second.tolist(), first.tolist()) == ([2, 4], [9, 4])


def test_what_is_read_beside_arguments_is_read_anew():
    table = put([1, 2, 3])
    add = vf.compile(lambda x: x + table)
    assert add(put([0, 0, 0])).tolist() == [1, 2, 3]
    table[0] = 5
    assert add(put([1, 1, 1])).tolist() == [6, 3, 4]


def test_expressions_from_before_are_computed_once():
    table = put([1, 2, 3]) * 2
    add = vf.compile(lambda x: x + table)
    assert add(put([0, 0, 0])).tolist() == [2, 4, 6]
    assert add(table).tolist() == [4, 8, 12]


def test_arguments_that_are_still_being_computed():
    step = vf.compile(lambda x: x * 2 + 1)
    x = vf.asarray(np.ones(1 << 20, np.float32))
    step(x[:100])
    for _ in range(3):
        busy = vnp.cumsum(x)
        same(step(busy[:100]), np.arange(1, 101, dtype=np.float32) * 2 + 1)
        same(step(busy[:100] - 1), np.arange(100, dtype=np.float32) * 2 + 1)


def test_parts_of_an_argument():
    ends = vf.compile(lambda x: x[1:] - x[:-1])
    for _ in range(2):
        assert ends(put([1, 4, 9, 16])).tolist() == [3, 5, 7]


def test_in_place_and_written_arguments():
    @vf.compile
    def grow(x):
        x += 1
        x *= 2
        return x

    x = put([1, 2])
    for _ in range(2):
        assert grow(x).tolist() == [4, 6]
        assert x.tolist() == [1, 2]


def test_inside_a_recording_nothing_is_computed():
    step = vf.compile(lambda x: x + 1)
    x = put([1, 2])
    step(x)
    with pytest.raises(vf.StateError), vf.record():
        step(x)
    assert step(x).tolist() == [2, 3]


def test_closed_arguments_are_refused():
    step = vf.compile(lambda x: x + 1)
    x = put([1, 2])
    step(x)
    x.close()
    with pytest.raises(vf.StateError):
        step(x)


def test_many_threads():
    step = vf.compile(lambda x, y: x * y + x)
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(200):
            a, b = rng.standard_normal((2, 50)).astype(np.float32)
            if not np.array_equal(np.asarray(step(vf.asarray(a), vf.asarray(b))), a * b + a):
                failures.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: vnp.maximum(a, b),
    lambda a, b: vnp.where(a > b, a, b),
    lambda a, _: vnp.sqrt(vnp.abs(a)),
    lambda a, _: -a,
]


def test_more_operations_than_one_walk_numbers():
    def many(x):
        results = []
        for i in range(300):
            value = x
            for k in range(30):
                value = value * (1 + (7 * i + k) % 13 / 16) + (30 * i + k)
            results.append(value)
        return tuple(results)

    compiled, values = vf.compile(many), np.arange(4, dtype=np.float32)
    for start in (values, values + 7):
        for got, want in zip(compiled(put(start)), many(start), strict=True):
            np.testing.assert_array_equal(np.asarray(got), want)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12),
    st.sampled_from([(), (1,), (7,), (3, 5), (2, 1, 4)]),
    st.integers(0, 2**32 - 1),
)
def test_any_program(steps, shape, seed):
    """Compiled as it comes: random expressions over two arrays, whose every step is a result."""

    def program(x, y):
        values = [x, y]
        for operation, a, b in steps:
            values.append(OPERATIONS[operation](values[a % len(values)], values[b % len(values)]))
        return tuple(values)

    compiled = vf.compile(program)
    rng = np.random.default_rng(seed)
    for _ in range(2):
        x, y = (vf.asarray(np.asarray(rng.standard_normal(shape), np.float32)) for _ in range(2))
        for got, want in zip(compiled(x, y), program(x, y), strict=True):
            np.testing.assert_array_equal(np.asarray(got), np.asarray(want))
