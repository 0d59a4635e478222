"""What ends up in no graph, what a graph keeps alive, and what it says once it is closed."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

import vulkan_forge as vf
from graphs import N, full, value
from vulkan_forge import compute
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu


def test_an_exception_leaves_nothing(scale):
    x, y = full(1), full(0)
    with pytest.raises(ZeroDivisionError), vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
        1 / 0  # noqa: B018
    with pytest.raises(vf.StateError, match="ended with an exception"):
        graph.run()
    assert repr(graph) == "Graph(nothing recorded)"
    scale(x=x, y=y, alpha=4.0, threads=N)  # runs again at once
    assert value(y) == 4


def test_a_refused_call_is_not_part_of_the_graph(scale):
    x, y = full(1), full(0)
    with vf.record() as graph:
        with pytest.raises(vf.BindingError):
            scale(x=x, y=y, threads=N)
        with pytest.raises(vf.ArgumentTypeError, match="of a graph"):
            scale(x=np.ones(N, np.float32), y=y, alpha=1.0, threads=N)
        with pytest.raises(vf.ArgumentTypeError, match="call in a graph"):
            compute.transpose(np.ones((2, 2)))
        scale(x=x, y=y, alpha=2.0, threads=N)
    assert len(graph) == 1


def test_what_cannot_be_recorded_says_so(scale):
    x, y = full(1), full(0)
    call = scale.prepare(x=x, y=y, alpha=2.0, threads=N)
    recording = vf.record()
    with recording as graph:
        for refused in (
            lambda: vf.record().__enter__(),
            lambda: vf.Recorder().__enter__(),
            lambda: scale.submit(x=x, y=y, alpha=2.0, threads=N),
            call.submit,
        ):
            with pytest.raises(vf.StateError, match=r"inside `with vf.record\(\)`"):
                refused()
        for early in (graph.run, graph.submit, graph.times, lambda: graph.nodes, lambda: str(graph)):
            with pytest.raises(vf.StateError, match="still being recorded"):
                early()
    with pytest.raises(vf.StateError, match="made already"):
        recording.__enter__()
    for late in (lambda: graph.copy(x, y), lambda: graph.fill(x, 0)):
        with pytest.raises(vf.StateError, match="not recording"):
            late()
    other = vf.record()
    with other, pytest.raises(vf.StateError, match="run inside"):
        graph.run()
    assert value(y) == 0


def test_two_devices_are_refused(scale):
    x, y = full(1), full(0)
    with _testing.open_device() as other:
        a, b = (vf.asarray(np.zeros(4, np.float32), device=other) for _ in range(2))
        with vf.record() as graph:
            scale(x=x, y=y, alpha=2.0, threads=N)
            with pytest.raises(vf.InputError, match="another device"):
                graph.copy(a, b)
            with pytest.raises(vf.InputError, match="one device to another"):
                graph.copy(a, full(0, 4))
        with vf.record(device=other), pytest.raises(vf.InputError, match="another device"):
            scale(x=x, y=y, alpha=2.0, threads=N)


def test_closed_kernels_and_arrays_live_on(scale):
    x, y = full(1), full(0)
    view = np.asarray(y)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    for each in (x, y, scale):
        each.close()
    graph.run(alpha=3.0)
    if not vf.default_device().shares_memory_with_host:
        return
    assert (view == 3).all()


def test_close(scale):
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    with graph:
        graph.run()
    graph.close()
    assert graph.closed
    assert repr(graph) == "Graph(closed)"
    for use in (graph.run, graph.submit, graph.times, lambda: graph.nodes, lambda: graph.save_dot("x.dot")):
        with pytest.raises(vf.StateError, match="after close"):
            use()
    with vf.record() as inside:
        inside.close()
        scale(x=x, y=y, alpha=9.0, threads=N)  # runs: nothing is recorded any more
    assert value(y) == 9


def test_memory_of_a_run_is_not_kept(scale):
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    before = vf.default_device().counts()["buffers"]
    graph.run(x=full(5))
    assert value(y) == 10
    vf.default_device().wait_idle()
    assert vf.default_device().counts()["buffers"] <= before


def test_host_memory_lives_as_long_as_the_graph(device):
    class Owned(np.ndarray):
        pass

    values, y = np.full(N, 3, np.float32).view(Owned), full(0)
    alive = weakref.ref(values)
    try:
        x = vf.from_host(values)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    with vf.record() as graph:
        graph.copy(x, y)
    x.close()
    del values, x
    graph.run()
    assert value(y) == 3
    assert alive() is not None
    graph.close()
    vf.default_device().wait_idle()
    vf.default_device().counts()
    assert alive() is None
