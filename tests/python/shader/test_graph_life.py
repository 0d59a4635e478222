"""What ends up in no graph, what a graph keeps alive, and what it says once it is closed."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
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


def doubled_and_summed(x):
    doubled = vnp.asarray(x) * 2
    vf.evaluate(doubled)
    return compute.transpose(x), doubled, compute.reduce(x, "sum")


READS = {
    "ndarray": np.asarray,
    "numpy": lambda a: a.numpy(),
    "text": str,
    "async": lambda a: a.to_host_async().result(),
    "copy": lambda a: vf.copy_async(a, vf.empty(a.shape, device=a.device)).wait(),
    "dlpack": lambda a: a.__dlpack__(copy=True),
    "expression": lambda a: np.asarray(vnp.asarray(a) + 1),
    "block": lambda a: np.asarray(compute.reduce(a, "max")),
    "view": lambda a: np.asarray(a[...]),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_a_graph_makes_has_no_values_before_it_runs(any_device, read):
    x = vf.asarray(np.arange(6, dtype=np.float32).reshape(2, 3), device=any_device)
    with vf.record() as graph:
        made = doubled_and_summed(x)
    for array in made:
        with pytest.raises(vf.StateError, match=r"graph computes which has not run.*call graph\.run\(\)"):
            read(array)
    graph.run()
    for array in made:
        read(array)
    for array, right in zip(made, (x.numpy().T, x.numpy() * 2, x.numpy().sum()), strict=True):
        np.testing.assert_array_equal(np.asarray(array), right)


def test_what_a_failed_recording_made_never_has_values(device):
    x = vf.asarray(np.ones((2, 3), np.float32), device=device)
    with pytest.raises(ZeroDivisionError), vf.record():
        made = doubled_and_summed(x)
        1 / 0  # noqa: B018
    for array in made:
        with pytest.raises(vf.StateError, match="record what failed in its block anew"):
            np.asarray(array)


def test_graphs_wait_for_the_graphs_whose_results_they_read(device):
    x = vf.asarray(np.arange(6, dtype=np.float32).reshape(2, 3), device=device)
    with vf.record() as first:
        turned = compute.transpose(x)
    with vf.record() as second:
        back = compute.transpose(turned)
    for run in (second.run, second.submit, lambda: second.run(timed=True)):
        with pytest.raises(vf.StateError, match="has not run"):
            run()
    with vf.profile(device=device), pytest.raises(vf.StateError, match="has not run"):
        second.run()
    first.run()
    second.run()
    np.testing.assert_array_equal(np.asarray(back), np.asarray(x))


def test_kernels_read_nothing_that_a_graph_has_yet_to_make(scale):
    x, y, out = full(3), vf.empty((N,)), vf.empty((N,))
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    prepared = scale.prepare(x=y, y=out, alpha=2.0, threads=N)
    for call in (prepared, lambda: scale(x=y, y=out, alpha=2.0, threads=N)):
        with pytest.raises(vf.StateError, match="has not run"):
            call()
    graph.run()
    prepared()
    assert value(out) == 12


def test_memory_that_the_host_or_a_kernel_wrote_has_values(device, scale):
    x, by_host, by_kernel = full(3), vf.empty((N,)), vf.empty((N,))
    with vf.record() as graph:
        inside = vf.asarray(np.full(N, 5, np.float32))
        scale(x=inside, y=inside, alpha=2.0, threads=N)
        scale(x=x, y=by_host, alpha=2.0, threads=N)
        scale(x=x, y=by_kernel, alpha=2.0, threads=N)
    assert value(inside) == 5
    scale(x=x, y=by_kernel, alpha=3.0, threads=N)
    assert value(by_kernel) == 9
    if device.shares_memory_with_host:
        np.from_dlpack(by_host)[...] = 7
        assert value(by_host) == 7
    graph.run()
    assert (value(inside), value(by_host), value(by_kernel)) == (10, 6, 6)
