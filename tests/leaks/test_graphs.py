"""Recorders and graphs leave nothing behind, run, given up half way or in a cycle."""

import contextlib

import pytest

import vulkan_forge as vf
from leaks import SIZE, assert_clean, kernel_on, values

pytestmark = pytest.mark.gpu


def recorder(device):
    made, x = vf.Recorder(device=device), vf.asarray(values(), device=device)
    with made, made.scope("scope"):
        for _ in range(3):
            made.run(kernel_on(device), x=x, threads=64)
        made.fill(x, 0)
        made.copy(x, vf.asarray(values(), device=device))
    made.times()


def recorder_dropped_half_way(device):
    made, x = vf.Recorder(device=device), vf.asarray(values(), device=device)
    with contextlib.suppress(ZeroDivisionError), made, made.scope("scope"):
        made.run(kernel_on(device), x=x, threads=64)
        _ = 1 / 0


def graph(device):
    x, other = (vf.asarray(values(), device=device) for _ in range(2))
    with vf.record() as made:
        kernel_on(device)(x=vf.param("data", x), threads=SIZE)
        made.fill(other, 0)
        made.copy(x, other)
    made.run()
    made.run(data=vf.asarray(values(), device=device))
    made.run(timed=bool(device.limits["timestamp_period_ns"]))
    made.submit(x=other)


def graph_half_way(device):
    x = vf.asarray(values(), device=device)
    with contextlib.suppress(ZeroDivisionError), vf.record():
        kernel_on(device)(x=x, threads=SIZE)
        1 / 0  # noqa: B018
    with vf.record() as never_run:
        kernel_on(device)(x=x, threads=SIZE)
    del never_run
    vf.record()


def graph_in_a_cycle(device):
    x = vf.asarray(values(), device=device)
    with vf.record() as made:
        kernel_on(device)(x=x, threads=SIZE)
    made.run()
    held = [made]
    held.append(held)


CASES = [recorder, recorder_dropped_half_way, graph, graph_half_way, graph_in_a_cycle]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_nothing_is_left_of(device, case):
    assert_clean(lambda: case(device), device)
