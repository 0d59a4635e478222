"""segmented_reduce against NumPy, segment by segment."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

IDENTITIES = {"sum": 0, "prod": 1, "min": 2**31 - 1, "max": -(2**31)}


def check(x, offsets, op):
    got = np.asarray(compute.segmented_reduce(x, offsets, op))
    parts = [x[a:b] for a, b in itertools.pairwise(offsets)]
    expected = [getattr(np, op)(p) if p.size else IDENTITIES[op] for p in parts]
    assert got.shape == (len(parts),)
    if x.dtype.kind == "f":
        np.testing.assert_allclose(got, np.array(expected, np.float64), rtol=1e-5)
    else:
        np.testing.assert_array_equal(got, np.array(expected, got.dtype))


@settings(deadline=None, max_examples=30)
@given(
    cuts=st.lists(st.integers(0, 5000), max_size=60),
    op=st.sampled_from(["sum", "max", "min"]),
    dtype=st.sampled_from(["int32", "uint32", "int64", "uint64"]),
    seed=st.integers(0, 99),
)
def test_any_offsets(cuts, op, dtype, seed):
    x = np.random.default_rng(seed).integers(-1000, 1000, 5000).astype(np.int32)
    check(x, np.array([0, *sorted(cuts)], dtype), op)


def test_segments_of_every_size():
    x = np.random.default_rng(0).integers(-1000, 1000, 3_000_000).astype(np.int32)
    offsets = np.array([0, 1, 1, 1000, 1024, 3071, 3072, 2_200_000, 2_200_001, 2_999_999, 3_000_000])
    for op in ("sum", "max"):
        check(x, offsets, op)
        check(x, np.array([0, 3_000_000]), op)
        check(x, np.array([17, 2_999_000]), op)


def test_many_short_segments():
    rng = np.random.default_rng(1)
    x = rng.random(100_000, dtype=np.float32) + 1
    offsets = np.sort(rng.integers(0, x.size + 1, 20_000)).astype(np.uint32)
    offsets[[0, -1]] = 0, x.size
    full = np.unique(offsets)
    check(x, full, "sum")
    got = np.asarray(compute.segmented_reduce(x, offsets))
    assert (got[np.diff(offsets.astype(np.int64)) == 0] == 0).all()


def test_empty_and_bad_input():
    x = np.arange(10, dtype=np.int32)
    assert np.asarray(compute.segmented_reduce(x, np.array([3]))).shape == (0,)
    assert np.asarray(compute.segmented_reduce(x[:0], np.array([0, 0, 0]))).tolist() == [0, 0]
    for offsets, where in (
        ([0, 11], "11 at position 1"),
        ([0, 7, 3, 10], "7 at position 1"),
        ([-1, 3], "-1 at position 0"),
    ):
        with pytest.raises(vf.RangeError, match=where):
            compute.segmented_reduce(x, np.array(offsets))
    with pytest.raises(vf.ShapeError):
        compute.segmented_reduce(x, np.zeros(0, np.int64))
    with pytest.raises(vf.DtypeError, match="offsets"):
        compute.segmented_reduce(x, np.zeros(2, np.float32))
    with pytest.raises(vf.InputError, match="prod"):
        compute.segmented_reduce(x, np.array([0, 1]), "argmin")
