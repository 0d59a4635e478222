"""Building blocks in teams of other sizes than the device's subgroups."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


@pytest.fixture(params=[1, 2, 4, 16, 32, 64, 128])
def lanes(request: pytest.FixtureRequest) -> Iterator[int]:
    native._testing.emulate_lanes(request.param)
    yield request.param
    native._testing.emulate_lanes(0)


def test_reduce(lanes):
    x = np.random.default_rng(lanes).integers(-1000, 1000, 40_003).astype(np.int32)
    for op in ("sum", "max", "argmin"):
        assert np.asarray(compute.reduce(x, op)) == getattr(np, op)(x)
    y = x[:40_000].reshape(100, 400)
    np.testing.assert_array_equal(np.asarray(compute.reduce(y, "sum", axis=1)), y.sum(1))
    np.testing.assert_array_equal(np.asarray(compute.reduce(y, "sum", axis=0)), y.sum(0))


def test_scan(lanes):
    x = np.random.default_rng(lanes).integers(-1000, 1000, 40_003).astype(np.int32)
    np.testing.assert_array_equal(np.asarray(compute.scan(x)), np.cumsum(x))
    largest = np.maximum.accumulate(x[::-1])[::-1]
    np.testing.assert_array_equal(np.asarray(compute.scan(x, "max", reverse=True)), largest)


def test_moves_and_sorts(lanes):
    rng = np.random.default_rng(lanes)
    x = rng.integers(-50, 50, 20_003).astype(np.int32)
    mask = (x % 3 == 0).astype(np.uint32)
    np.testing.assert_array_equal(np.asarray(compute.compact(x, mask)), x[mask != 0])
    np.testing.assert_array_equal(np.asarray(compute.argsort(x)), np.argsort(x, kind="stable"))
    counts, _ = compute.histogram(x.astype(np.float32), bins=20)
    np.testing.assert_array_equal(np.asarray(counts), np.histogram(x.astype(np.float32), bins=20)[0])
    offsets = np.array([0, 10, 10, 19_000, 20_003])
    np.testing.assert_array_equal(
        np.asarray(compute.segmented_reduce(x, offsets)), [x[a:b].sum() for a, b in itertools.pairwise(offsets)]
    )


# -- the same blocks in users' kernels --

TOTALS = """
#define WORKGROUP 64
layout(local_size_x = WORKGROUP) in;
#define STATE {state}
STATE combine(STATE a, STATE b) {{ return {combine}; }}
#include "reduce.glsl"
#include "scan.glsl"
layout(binding = 0) readonly buffer X {{ STATE x[]; }};
layout(binding = 1) writeonly buffer Total {{ STATE total[]; }};
layout(binding = 2) writeonly buffer Upto {{ STATE upto[]; }};
layout(binding = 3) writeonly buffer OfTeam {{ STATE of_team[]; }};
void main() {{
  STATE mine = x[gl_GlobalInvocationID.x];
  STATE all = reduce_workgroup(mine);
  if (gl_LocalInvocationIndex == 0) total[gl_WorkGroupID.x] = all;
  upto[gl_GlobalInvocationID.x] = scan_workgroup(mine);
  of_team[gl_GlobalInvocationID.x] = scan_lanes_total(scan_lanes(mine));
}}
"""


@pytest.mark.parametrize("emulated", [False, True])
@pytest.mark.parametrize(
    ("state", "combine", "ufunc"),
    [("float", "a + b", np.add), ("int", "max(a, b)", np.maximum), ("uint", "a * b", np.multiply)],
)
def test_includes_in_a_kernel(state, combine, ufunc, emulated):
    dtype = {"float": np.float32, "int": np.int32, "uint": np.uint32}[state]
    kernel = vf.Kernel(
        TOTALS.format(state=state, combine=combine), defines={"EMULATED_LANES": "64"} if emulated else {}
    )
    x = (1 + np.random.default_rng(0).permutation(640) % 37).astype(dtype)
    total, upto, of_team = np.zeros(10, dtype), np.zeros_like(x), np.zeros_like(x)
    kernel(x=x, total=total, upto=upto, of_team=of_team, groups=10)
    rows = x.reshape(10, 64)
    np.testing.assert_array_equal(total, ufunc.reduce(rows, axis=1, dtype=dtype))
    np.testing.assert_array_equal(upto.reshape(10, 64), ufunc.accumulate(rows, axis=1, dtype=dtype))
    if emulated:
        np.testing.assert_array_equal(of_team.reshape(10, 64)[:, 0], total)
