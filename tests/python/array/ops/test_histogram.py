"""histogram and bincount against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from array_cases import skip_where_lacking
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


def counted(x, **keywords):
    try:
        return compute.histogram(x, **keywords)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))


def check(x, **keywords):
    counts, edges = counted(x, **keywords)
    expected, expected_edges = np.histogram(x, **keywords)
    np.testing.assert_array_equal(edges, expected_edges)
    counts = np.asarray(counts)
    assert counts.dtype == expected.dtype
    np.testing.assert_array_equal(counts, expected)


@settings(deadline=None, max_examples=40)
@given(
    n=st.integers(0, 3000),
    bins=st.sampled_from([1, 2, 10, 63, 256, 1000]),
    span=st.sampled_from([None, (0, 1), (-0.3, 0.7), (0.25, 0.26), (5, 6)]),
    seed=st.integers(0, 99),
)
def test_float32(n, bins, span, seed):
    x = np.random.default_rng(seed).random(n, dtype=np.float32)
    check(x, bins=bins, range=span)


@pytest.mark.parametrize("bins", [7, 100, 256, 3000, 20_000])
def test_values_on_the_edges(bins):
    edges = np.linspace(0.5, 1.5, bins + 1).astype(np.float32)
    x = np.concatenate([edges, np.nextafter(edges, np.float32(2)), np.nextafter(edges, np.float32(-1))])
    check(x, bins=bins, range=(0.5, 1.5))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_integers(dtype):
    info = np.iinfo(dtype)
    x = np.random.default_rng(1).integers(0, 120, 5003).astype(dtype)
    x[:2] = info.min, info.max
    check(x[2:], bins=17)
    check(x, bins=50, range=(3.5, 99))
    check(x, bins=9, range=(-1e6, 1e7))
    check(x, bins=4, range=(info.max - 2, info.max + 30.5) if info.bits < 64 else (0, 5))


@settings(deadline=None, max_examples=40)
@given(
    dtype=st.sampled_from(["int8", "uint8", "int16", "uint16", "int32", "uint32"]),
    bins=st.sampled_from([1, 4, 16, 100, 256]),
    low=st.sampled_from([-200, -128, 0, 3.5, 100]),
    width=st.sampled_from([1, 63.7, 256, 1024, 65536, 1e7]),
    seed=st.integers(0, 99),
)
def test_integers_between_any_edges(dtype, bins, low, width, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(-300, 70_000, 3001).astype(dtype)
    x[:100] = np.linspace(low, low + width, 100).astype(np.int64).astype(dtype)  # on edges, and the last one
    check(x, bins=bins, range=(low, low + width))


@pytest.mark.parametrize("bins", [99, 2, 3000])
def test_uneven_edges(bins):
    rng = np.random.default_rng(bins)
    edges = np.sort(rng.random(bins + 1, dtype=np.float32))
    x = np.concatenate([rng.random(50_000, dtype=np.float32), edges, edges])
    check(x, bins=edges)
    check((x * 1e4).astype(np.int32), bins=np.sort(rng.integers(0, 10_000, bins + 1)))


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_floats(dtype):
    x = np.random.default_rng(2).standard_normal(5003).astype(dtype)
    check(x, bins=37)
    check(x, bins=11, range=(-1, 1))


def test_edges_far_from_zero():
    x = (1000 + np.random.default_rng(3).random(5003)).astype(np.float32)
    check(x, bins=300)
    check(x, bins=300, range=(1000.1, 1000.9))


@pytest.mark.parametrize("n", [100_003, 1 << 20, 1 << 24])
def test_several_teams(n):
    x = np.random.default_rng(n).standard_normal(n).astype(np.float32)
    check(x, bins=256)
    check(vf_free(x), bins=5000, range=(-3, 3))


def vf_free(x):
    return x[1:]  # not aligned to 16 bytes


def test_given_edges():
    x = np.random.default_rng(4).random(5000, dtype=np.float32) * 10
    check(x, bins=[0, 1, 1.5, 4, 9.75])
    check((x * 3).astype(np.int32), bins=[0.5, 3, 3, 20, 29])


def test_nan_counts_nowhere():
    x = np.array([0.1, np.nan, 0.9, np.inf, -np.inf], np.float32)
    check(x, bins=3, range=(0, 1))
    with pytest.raises(vf.InputError, match="range"):
        compute.histogram(x, bins=3)


def test_extreme_ranges():
    x = np.array([-1e38, 0, 5e37, 1e38], np.float32)
    check(x, bins=5)
    check(np.full(10, 2.5, np.float32), bins=4)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint32", "int64"])
def test_bincount(dtype):
    x = np.random.default_rng(5).integers(0, 100, 10_007).astype(dtype)
    try:
        counts = compute.bincount(x, minlength=120)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(np.asarray(counts), np.bincount(x, minlength=120))
    np.testing.assert_array_equal(np.asarray(compute.bincount(x)), np.bincount(x))


def test_bincount_of_large_values():
    x = np.array([70_000, 3, 70_000], np.uint32)
    np.testing.assert_array_equal(np.asarray(compute.bincount(x)), np.bincount(x))
    assert np.asarray(compute.bincount(x[:0], minlength=3)).tolist() == [0, 0, 0]


def test_bad_input_is_refused():
    x = np.ones(4, np.float32)
    with pytest.raises(vf.InputError):
        compute.histogram(x, bins=0)
    with pytest.raises(vf.InputError):
        compute.histogram(x, range=(2, 1))
    with pytest.raises(vf.InputError, match="rise"):
        compute.histogram(x, bins=[0, 2, 1])
    with pytest.raises(vf.DtypeError):
        compute.histogram(x.astype(np.complex64))
    with pytest.raises(vf.DtypeError):
        compute.bincount(x)
    with pytest.raises(vf.LimitError):
        compute.bincount(np.array([1 << 30], np.int32))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_negative_numbers_are_not_counted(dtype):
    skip_where_lacking(dtype)
    for value in (-1, np.iinfo(dtype).min):
        with pytest.raises(vf.InputError, match="negative"):
            compute.bincount(np.array([1, value], dtype))


@settings(deadline=None, max_examples=60)
@given(
    dtype=st.sampled_from(["float16", "float32", "int8", "int16", "uint32", "int64", "uint64"]),
    edges=st.lists(st.floats(-3, 3, width=64), min_size=2, max_size=9),
    seed=st.integers(0, 99),
)
def test_given_edges_of_any_precision(dtype, edges, seed):
    rng = np.random.default_rng(seed)
    x = (rng.integers(-30, 31, 500) / 10).clip(0 if dtype[0] == "u" else -3).astype(dtype)
    near = [float(x[0]), float(np.nextafter(float(x[1]), 9)), float(np.nextafter(float(x[2]), -9))]
    check(x, bins=sorted([*edges, *near]))


def test_tenths_are_no_floats():
    x = np.array([0.7, 0.1, 0.3, 0.6], np.float32)
    check(x, bins=[0, 0.1, 0.3, 0.6, 0.7, 1])


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
def test_whole_edges_beyond_2_to_53_are_exact(dtype):
    limits = np.iinfo(dtype)
    near = [2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, 2**53 + 3, 2**62 + 1, limits.max - 1, limits.max]
    x = np.array(near * 3, dtype)
    for edges in ([2**53, 2**53 + 1, 2**53 + 3], [2**53 + 1, limits.max - 1, limits.max], near):
        counts, given_back = counted(x, bins=np.array(edges, dtype))
        inside = np.searchsorted(np.array(edges, dtype), np.unique(x), side="right") - 1
        inside[np.unique(x) == edges[-1]] = len(edges) - 2  # the last bin has both edges
        kept = (np.unique(x) >= edges[0]) & (np.unique(x) <= edges[-1])
        assert np.asarray(counts).tolist() == (3 * np.bincount(inside[kept], minlength=len(edges) - 1)).tolist()
        assert given_back.dtype == dtype


@pytest.mark.parametrize(
    ("dtype", "edges"),
    [
        ("int32", np.array([0, 2**60 - 5])),
        ("uint32", np.array([0, 2**60 - 5])),
        ("int64", np.array([0, 2**64 - 3], np.uint64)),
    ],
)
def test_whole_edges_beyond_the_dtype(dtype, edges):
    most = np.iinfo(dtype).max
    counts, _ = counted(np.array([most, most - 2, 5], dtype), bins=edges)
    assert np.asarray(counts).tolist() == [3]


@pytest.mark.parametrize("dtype", ["int64", "uint64"])
@pytest.mark.parametrize("bins", [1, 2, 255])
def test_equal_bins_hold_the_smallest_and_the_largest_beyond_2_to_53(dtype, bins):
    limits, rng = np.iinfo(dtype), np.random.default_rng(bins)
    for _ in range(10):  # their edges are rounded, up or down
        check(rng.integers(limits.min, limits.max, 257, dtype, endpoint=True), bins=bins)
    low, high = 2**60 + 1, 2**60 + 100_001
    check(np.array([low, high, low - 1, high + 1, low + 7], dtype), bins=bins, range=(low, high))


def test_limits_that_are_no_numbers_of_the_dtype():
    x = np.arange(5)
    check(x, bins=3, range=(np.array(0.5), np.array(3)))
    check(x.astype(np.float32), bins=3, range=(0, 2**60 + 1))


def test_nanoseconds():
    start = np.datetime64("2026-11-30", "ns").astype(np.int64)
    x = start + np.arange(1000) * 1_000_003
    check(x, bins=x[::100])


@pytest.mark.parametrize("bins", ["auto", ["a", "b"], [[1, 2], [3]], [1j, 2]])
def test_what_are_no_edges_is_refused(bins):
    with pytest.raises(vf.VulkanForgeError):
        compute.histogram(np.zeros(3, np.float32), bins=bins)
