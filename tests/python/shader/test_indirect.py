"""groups_from=: workgroup counts that the device reads itself."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

COUNT = """
layout(local_size_x = 4) in;
layout(binding = 0) buffer X { uint x[]; };
void main() { atomicAdd(x[gl_WorkGroupID.x % x.length()], 1u); }
"""
PLAN = """
layout(local_size_x = 1) in;
layout(binding = 0) writeonly buffer C { uint counts[]; };
layout(push_constant) uniform Push { uint n; };
void main() { counts[0] = n; counts[1] = 1u; counts[2] = 1u; }
"""


@pytest.fixture
def count(device):
    return vf.Kernel(COUNT, name="count")


@pytest.fixture
def plan(device):
    return vf.Kernel(PLAN, name="plan")


def zeros(n=8):
    return vf.asarray(np.zeros(n, np.uint32))


def groups(*values):
    return vf.asarray(np.array(values, np.uint32))


@pytest.mark.parametrize("counts", [(5, 1, 1), (2, 3, 1), (1, 1, 4), (0, 1, 1), (7, 0, 1)])
def test_as_many_groups_run_as_the_array_says(count, counts):
    x = zeros()
    count(x=x, groups_from=groups(*counts))
    expected = np.bincount(np.arange(counts[0]), minlength=8) * counts[1] * counts[2] * 4
    assert x.tolist() == expected.tolist()


def test_a_buffer_may_hold_more_than_the_counts(count):
    x, counts = zeros(), vf.Buffer(64)
    counts.write(np.array([3, 1, 1, 99], np.uint32))
    count(x=x, groups_from=counts)
    assert x.tolist() == [4, 4, 4, 0, 0, 0, 0, 0]


def test_the_callers_ndarray_is_worked_on(count):
    x = np.zeros(8, np.uint32)
    count(x=x, groups_from=groups(2, 1, 1))
    assert x.tolist() == [4, 4, 0, 0, 0, 0, 0, 0]


def test_counts_written_by_an_earlier_kernel_are_waited_for(count, plan):
    x, counts = zeros(), groups(0, 0, 0)
    recorder = vf.Recorder()
    with recorder:
        for n in (6, 2):
            recorder.run(plan, counts=counts, n=n, threads=1)
            recorder.run(count, x=x, groups_from=counts)
    assert x.tolist() == [8, 8, 4, 4, 4, 4, 0, 0]
    assert recorder.barriers == 3


def test_a_prepared_call_reads_the_counts_anew(count):
    x, counts = zeros(), groups(1, 1, 1)
    call = count.prepare(x=x, groups_from=counts)
    call()
    with counts.map() as view:
        view[0] = 3
    call()
    assert x.tolist() == [8, 4, 4, 0, 0, 0, 0, 0]


def test_part_of_an_ndarray_shared_in_place(count):
    many = np.zeros(16, np.uint32)
    many[3:6] = 4, 1, 1
    try:
        shared = vf.from_host(many[3:6])
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    x = zeros()
    count(x=x, groups_from=shared)
    assert x.tolist() == [4, 4, 4, 4, 0, 0, 0, 0]


REFUSED = {
    "dtype": (lambda: vf.asarray(np.ones(3, np.int32)), vf.DtypeError, "uint32; got int32"),
    "size": (lambda: groups(1, 1), vf.ShapeError, r"3 numbers.*got shape \(2,\)"),
    "small": (lambda: vf.Buffer(8), vf.ShapeError, "12 bytes.*got 8 bytes"),
    "ndarray": (lambda: np.ones(3, np.uint32), vf.ArgumentTypeError, "groups_from.*use groups="),
    "numbers": (lambda: (1, 1, 1), vf.ArgumentTypeError, "groups_from"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_holds_no_counts_is_refused(count, case):
    make, error, text = REFUSED[case]
    x = zeros()
    with pytest.raises(error, match=text):
        count(x=x, groups_from=make())
    assert x.tolist() == [0] * 8


def test_one_grid_only(count):
    with pytest.raises(vf.InputError, match="give exactly one"):
        count(x=zeros(), groups_from=groups(1, 1, 1), threads=4)


def test_an_odd_start_is_refused(count):
    try:
        shared = vf.from_host(np.zeros(15, np.uint8)[1:13].view(np.uint32))
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    with pytest.raises(vf.LayoutError, match="multiple of 4"):
        count(x=zeros(), groups_from=shared)


def test_another_devices_counts_are_refused(count):
    with _testing.open_device() as other, pytest.raises(vf.InputError, match="groups_from"):
        count(x=zeros(), groups_from=vf.asarray(np.ones(3, np.uint32), device=other))
