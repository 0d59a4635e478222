"""Graphs: recorded once, ordered by what the commands need from each other, run again with other values."""

from __future__ import annotations

import re
import threading
import time
import weakref

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import compute, graphics
from vulkan_forge._vulkan_forge import _testing

pytestmark = pytest.mark.gpu

N = 100
SCALE = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(push_constant) uniform Push { float alpha; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = alpha * x[i]; }
"""
ADD = """
layout(local_size_x = 64) in;
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) buffer Y { float y[]; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] += x[i]; }
"""
SHIFT_AT = """#version 450
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_scalar_block_layout : require
layout(local_size_x = 64) in;
layout(buffer_reference, scalar) buffer Z { float at[]; };
layout(push_constant, scalar) uniform Push { Z z; uint n; float by; };
void main() { uint i = gl_GlobalInvocationID.x; if (i < n) z.at[i] += by; }
"""
LONG = """
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { float x[]; };
layout(push_constant) uniform Push { uint rounds; float add; };
void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= x.length()) return;
  float v = x[i];
  for (uint k = 0u; k < rounds; ++k) v = fract(v * 1.0001 + 0.5);
  x[i] += v < 2.0 ? add : 0.0;  // it always is, but no compiler knows
}
"""


@pytest.fixture
def scale(device):
    return vf.Kernel(SCALE, name="scale")


@pytest.fixture
def add(device):
    return vf.Kernel(ADD, name="add")


@pytest.fixture
def shift(device):
    return vf.Kernel(SHIFT_AT, name="shift")


def full(value, n=N):
    return vf.asarray(np.full(n, value, np.float32))


def value(array):
    values = np.asarray(array)
    assert (values == values[0]).all()
    return values[0]


def test_nothing_runs_while_it_is_recorded(scale):
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    assert value(y) == 0
    graph.run()
    assert value(y) == 2
    assert len(graph) == 1


def test_values_given_for_one_run_are_gone_in_the_next(scale):
    x, y, other = full(1), full(0), full(10)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
    graph.run(alpha=3.0)
    assert value(y) == 3
    graph.run(alpha=5, x=other)
    assert value(y) == 50
    graph.run()
    assert value(y) == 2
    graph.run(alpha=3.0)
    assert value(y) == 3


def test_a_chain_is_in_order_and_branches_need_no_barrier(scale, add):
    x, sums = full(1), full(0)
    parts = [full(0) for _ in range(6)]
    with vf.record() as graph:
        for i, part in enumerate(parts):
            scale(x=x, y=part, alpha=float(i), threads=N)
            add(x=part, y=sums, threads=N)
    graph.run()
    assert value(sums) == sum(range(6))
    assert graph.levels == 7
    assert [node["level"] for node in graph.nodes if node["name"].startswith("scale")] == [0] * 6
    assert graph.barriers == 6


def test_reads_do_not_order_each_other_and_writes_do(scale, add):
    a, b, c, d = full(1), full(2), full(3), full(4)
    with vf.record() as graph:
        scale(x=a, y=b, alpha=1.0, threads=N)  # 0
        scale(x=a, y=c, alpha=1.0, threads=N)  # 0
        scale(x=d, y=a, alpha=1.0, threads=N)  # 1: a was read
        scale(x=b, y=a, alpha=9.0, threads=N)  # 2: a was written
    assert [node["level"] for node in graph.nodes] == [0, 0, 1, 2]
    assert {edge[3] for edge in graph.edges} == {"read after write", "write after read", "write after write"}
    graph.run()
    assert [value(array) for array in (a, b, c)] == [9, 1, 1]


def test_what_runs_equals_one_after_another_whatever_the_order(add, scale):
    rng = np.random.default_rng(5)
    for _ in range(10):
        start = rng.integers(1, 4, 5)
        plan = [(bool(rng.integers(2)), *rng.choice(5, 2, replace=False)) for _ in range(20)]
        arrays, oracle = [full(v) for v in start], start.astype(np.float32)
        with vf.record() as graph:
            for adds, i, j in plan:
                if adds:
                    add(x=arrays[i], y=arrays[j], threads=N)
                    oracle[j] += oracle[i]
                else:
                    scale(x=arrays[i], y=arrays[j], alpha=0.5, threads=N)
                    oracle[j] = oracle[i] * np.float32(0.5)
        graph.run()
        assert [value(array) for array in arrays] == oracle.tolist()


def test_copies_and_fills(scale):
    x, y, z = full(1), full(2), full(3)
    with vf.record() as graph:
        graph.fill(x, 5.0)
        scale(x=x, y=y, alpha=2.0, threads=N)
        graph.copy(y, z)
        graph.fill(y, 0)
    assert value(x) == 1
    graph.run(alpha=3.0)
    assert [value(array) for array in (x, y, z)] == [5, 0, 15]
    assert [node["name"] for node in graph.nodes] == ["fill#1", "scale", "copy", "fill#2"]


def test_prepared_calls_keep_their_names(scale):
    x, y = full(1), full(0)
    call = scale.prepare(x=x, y=y, alpha=2.0, threads=N)
    with vf.record() as graph:
        call()
    graph.run(alpha=7.0)
    assert value(y) == 7


def test_building_blocks_and_the_arrays_they_make():
    x = vf.asarray(np.arange(6, dtype=np.int32).reshape(2, 3))
    other = vf.asarray(np.arange(6, 12, dtype=np.int32).reshape(2, 3))
    with vf.record() as graph:
        t = compute.transpose(vf.param("image", x))
        back = compute.transpose(t)
        del t  # lives on in the graph
        with pytest.raises(vf.ShapeError):  # leaves nothing behind
            compute.transpose(vf.empty(3))
    assert len(graph) == 2
    graph.run()
    assert back.tolist() == np.asarray(x).tolist()
    graph.run(image=other)
    assert back.tolist() == np.asarray(other).tolist()


def test_kernels_reached_by_address(shift):
    z, other = full(1), full(10)
    with vf.record() as graph:
        shift(z=z, n=N, by=1.0, threads=N)
        shift(z=z, n=N, by=1.0, threads=N)
    graph.run()
    assert value(z) == 3
    graph.run(z=other, by=2.0)
    assert [value(z), value(other)] == [3, 14]


def test_declared_memory_is_exchanged_everywhere(scale, shift):
    a, b, c, other, third = full(1), full(2), full(3), full(100), full(0)
    with vf.record() as graph:
        work = vf.param("work", a)
        shift(z=work, n=N, by=1.0, threads=N)
        scale(x=work, y=b, alpha=2.0, threads=N)
        graph.copy(work, c)
    graph.run(work=other)
    assert [value(array) for array in (a, b, c, other)] == [1, 202, 101, 101]
    graph.run(work=third, by=5.0)
    assert [value(b), value(third)] == [10, 5]
    graph.run()
    assert [value(array) for array in (a, b, c)] == [2, 4, 2]


def test_two_arrays_change_places(scale):
    a, b = full(1), full(2)
    with vf.record() as graph:
        scale(x=vf.param("source", a), y=vf.param("target", b), alpha=3.0, threads=N)
    graph.run(source=b, target=a)
    assert [value(a), value(b)] == [6, 2]


def test_other_arrays_may_need_another_order(scale):
    a, b, c, d = full(1), full(0), full(0), full(7)
    with vf.record() as graph:
        scale(x=a, y=b, alpha=2.0, threads=N)
        scale(x=d, y=c, alpha=3.0, threads=N)
    assert graph.levels == 1
    graph.run({"scale#2.x": b})  # now the second needs the first
    assert value(c) == 6
    graph.run()
    assert value(c) == 21


def test_one_name_for_one_value(scale):
    x, y, z = full(1), full(0), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
        scale(x=y, y=z, alpha=2.0, threads=N)
    graph.run(alpha=3)
    assert value(z) == 9
    with pytest.raises(vf.BindingError, match=r"x means several.*scale#1\.x.*scale#2\.x"):
        graph.run(x=z)
    graph.run({"scale#2.alpha": 5.0})
    assert value(z) == 10
    assert {"alpha", "scale.alpha", "scale#1.x", "scale#2.y"} <= set(graph.names)
    assert "x" not in graph.names


def test_declared_numbers(scale):
    x, y, z = full(1), full(0), full(0)
    with vf.record() as graph:
        alpha = vf.param("gain", 2.0)
        scale(x=x, y=y, alpha=alpha, threads=N)
        scale(x=y, y=z, alpha=5.0, threads=N)
        assert repr(alpha) == "param(gain=2.0)"
    graph.run()
    assert value(z) == 10
    graph.run(gain=3.0)
    assert value(z) == 15
    graph.run(alpha=1.0)  # the one that has no other name
    assert value(z) == 2


def test_structures(device):
    kernel = vf.Kernel(
        """layout(local_size_x = 64) in;
        struct Line { float slope; float start; };
        layout(binding = 0) writeonly buffer Y { float y[]; };
        layout(push_constant) uniform Push { Line line; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < y.length()) y[i] = line.slope * 2.0 + line.start; }""",
        name="line",
    )
    y, z = full(0), full(0)
    line = np.array((3, 1), [("slope", "f4"), ("start", "f4")])
    with vf.record() as graph:
        kernel(y=y, line=line, threads=N)
        kernel(y=z, line=line, threads=N)
    line["slope"] = 0  # its values were taken
    graph.run()
    assert [value(y), value(z)] == [7, 7]
    for slope in (5, 6):
        line["slope"] = slope
        graph.run(line=line)
        assert [value(y), value(z)] == [slope * 2 + 1] * 2
    with pytest.raises(vf.ArgumentTypeError):
        graph.run(line=3.0)


REFUSED = {
    "unknown name": (lambda: {"beta": 1.0}, vf.BindingError, "nothing in the graph is called beta"),
    "dtype": (lambda: {"x": vf.asarray(np.zeros(N, np.int32))}, vf.DtypeError, "float32.*got int32"),
    "number": (lambda: {"x": 1.0}, vf.ArgumentTypeError, "argument x of scale"),
    "array": (lambda: {"alpha": full(0)}, vf.ArgumentTypeError, "argument alpha"),
    "ndarray": (lambda: {"x": np.zeros(N, np.float32)}, vf.ArgumentTypeError, "of a graph.*an ndarray"),
    "text": (lambda: {"alpha": "2"}, vf.ArgumentTypeError, "alpha"),
    "empty": (lambda: {"x": vf.empty(0)}, vf.ShapeError, "too small"),
    "memory dtype": (lambda: {"out": vf.asarray(np.zeros(N, np.int32))}, vf.DtypeError, "another dtype"),
    "memory shape": (lambda: {"out": full(0, N + 1)}, vf.ShapeError, "another shape"),
    "memory number": (lambda: {"out": 3}, vf.ArgumentTypeError, "array out of a graph"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_are_checked_before_anything_runs(scale, case):
    make, error, text = REFUSED[case]
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=vf.param("out", y), alpha=2.0, threads=N)
    with pytest.raises(error, match=text):
        graph.run(make())
    assert value(y) == 0
    graph.run()
    assert value(y) == 2


def test_read_only_memory_is_refused_where_it_is_written(scale):
    fixed = np.zeros(N, np.float32)
    fixed.flags.writeable = False
    try:
        shared = vf.from_host(fixed)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=vf.param("source", x), y=vf.param("out", y), alpha=2.0, threads=N)
    with pytest.raises(vf.ReadOnlyError):
        graph.run({"scale.y": shared})
    with pytest.raises(vf.ReadOnlyError):
        graph.run(out=shared)


def test_memory_that_starts_less_aligned_is_refused(scale):
    many = np.zeros(N + 1, np.float32)
    try:
        odd = vf.from_host(many[1:])
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    y = full(0)
    with vf.record() as graph:
        graph.copy(vf.param("source", full(1)), y)
    with pytest.raises(vf.LayoutError, match="does not start as"):
        graph.run(source=odd)


def test_declaring(scale):
    x, y = full(1), full(0)
    with pytest.raises(vf.StateError, match="outside of a recording"):
        vf.param("a", 1)
    with vf.record():
        vf.param("a", 1)
        vf.param("a", 1)
        vf.param("b", x)
        vf.param("b", x)
        for name, other in (("a", 2), ("a", x), ("b", y), ("b", 3)):
            with pytest.raises(vf.InputError, match="declared twice"):
                vf.param(name, other)
        with pytest.raises(vf.InputError, match="share memory"):
            vf.param("c", x)


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


def test_an_empty_graph_runs():
    with vf.record() as graph:
        pass
    graph.run()
    assert graph.submit().done
    assert (len(graph), graph.levels, graph.barriers, graph.times(), graph.names) == (0, 0, 0, [], [])


def test_a_call_without_work_keeps_its_names(scale):
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=0)
    graph.run(alpha=3.0)
    with pytest.raises(vf.ArgumentTypeError):
        graph.run(alpha=True)
    assert value(y) == 0


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


def test_other_threads_run_as_ever(scale):
    x, y, z = full(1), full(0), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
        thread = threading.Thread(target=lambda: scale(x=x, y=z, alpha=3.0, threads=N))
        thread.start()
        thread.join()
        assert value(z) == 3
        failures = []

        def foreign():
            try:
                graph.fill(z, 0)
            except vf.StateError as error:
                failures.append(str(error))

        thread = threading.Thread(target=foreign)
        thread.start()
        thread.join()
        assert "not recording in this thread" in failures[0]
    assert len(graph) == 1


def test_a_block_ended_by_another_thread_is_dropped(scale):
    x, y = full(1), full(0)
    recording = vf.record()
    graph = recording.__enter__()
    failures = []

    def end():
        try:
            recording.__exit__(None, None, None)
        except vf.StateError as error:
            failures.append(str(error))

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()
    assert "another thread" in failures[0]
    scale(x=x, y=y, alpha=4.0, threads=N)
    assert value(y) == 4
    with pytest.raises(vf.StateError):
        graph.run()


def test_threads_share_a_graph(device):
    counter = vf.Kernel(LONG, name="count")
    x = full(0)
    with vf.record() as graph:
        counter(x=x, rounds=1, add=1.0, threads=N)

    def work():
        for i in range(50):
            graph.run(add=1.0) if i % 2 else graph.run()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(x) == 200


def test_runs_in_flight_keep_their_own_values(device):
    kernel = vf.Kernel(LONG, name="slow")
    x = full(0, 4096)
    with vf.record() as graph:
        kernel(x=x, rounds=2000, add=1.0, threads=4096)
    amounts = [float(i % 23) for i in range(40)]  # more than may be on their way at once
    events = [graph.submit(add=amount) for amount in amounts] + [graph.submit() for _ in range(3)]
    for event in events:
        event.wait()
    assert value(x) == sum(amounts) + 3
    assert [event.number for event in events] == sorted(event.number for event in events)


def test_submit_does_not_wait(device):
    kernel = vf.Kernel(LONG, name="slow")
    x = full(0, 1 << 16)
    with vf.record() as graph:
        for _ in range(4):
            kernel(x=x, rounds=500, add=1.0, threads=1 << 16)
    graph.run()  # compiled and recorded
    start = time.perf_counter()
    event = graph.submit()
    submitted = time.perf_counter() - start
    event.wait()
    assert submitted < (time.perf_counter() - start) / 2
    graph.submit(after=event).wait()
    with pytest.raises(vf.ArgumentTypeError):
        graph.submit(after=3)
    assert value(x) == 12


def test_times(scale):
    if not vf.default_device().limits["timestamp_period_ns"]:
        pytest.skip("this device has no timestamps")
    x, y = full(1), full(0)
    with vf.record() as graph:
        scale(x=x, y=y, alpha=2.0, threads=N)
        graph.copy(y, x)
        scale(x=x, y=y, alpha=2.0, threads=N)
    assert graph.times() == []
    graph.run(timed=True, alpha=3.0)
    assert value(y) == 9
    times = graph.times()
    assert [name for name, _ in times] == ["scale#1", "copy", "scale#2"]
    assert all(0 <= ms < 1000 for _, ms in times)
    graph.submit(timed=True)
    assert len(graph.times()) == 3


def test_a_thousand_commands(scale):
    arrays = [full(1, 4) for _ in range(3)]
    with vf.record() as graph:
        for i in range(1200):
            scale(x=arrays[i % 3], y=arrays[(i + 1) % 3], alpha=1.0, threads=4)
    assert graph.levels == 1200
    graph.run()
    graph.run(alpha=2.0, timed=bool(vf.default_device().limits["timestamp_period_ns"]))
    assert np.isinf(value(arrays[0]))
    assert len(str(graph).splitlines()) < 50


def test_indirect_counts(device):
    count = vf.Kernel(
        """layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uint x[]; };
        void main() { atomicAdd(x[0], 1u); }""",
        name="count",
    )
    x, counts, other = (vf.asarray(np.array(v, np.uint32)) for v in ([0], [3, 1, 1], [5, 2, 1]))
    with vf.record() as graph:
        count(x=x, groups_from=vf.param("counts", counts))
    graph.run()
    assert x.tolist() == [3]
    graph.run(counts=other)
    assert x.tolist() == [13]


def test_draws(device):
    try:
        target = graphics.Target(16, 16)
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    pipeline = graphics.Pipeline(
        vertex="layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1); }",
        fragment="""layout(location = 0) out vec4 color;
                    layout(push_constant) uniform Push { vec4 ink; };
                    void main() { color = ink; }""",
        name="flat",
    )
    corners = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)
    with vf.record() as graph:
        target.draw(pipeline, vertices={"position": corners}, clear=(0, 0, 0, 1), ink=(1, 0, 0, 1))
    corners[:] = 0  # its values were copied
    graph.run()
    assert target.read()[8, 8].tolist() == [255, 0, 0, 255]
    graph.run(ink=(0, 1, 0, 1))
    assert target.read()[8, 8].tolist() == [0, 255, 0, 255]
    graph.run()
    assert target.read()[8, 8].tolist() == [255, 0, 0, 255]
    assert [node["name"] for node in graph.nodes] == ["flat"]


def diamond(scale, add):
    a, b, c, d = (full(i) for i in range(1, 5))
    with vf.record() as graph:
        scale(x=vf.param('source "a"', a), y=b, alpha=2.0, threads=N)
        scale(x=a, y=c, alpha=3.0, threads=N)
        add(x=b, y=d, threads=N)
        add(x=c, y=d, threads=N)
        graph.fill(b, 0)
    return graph


def test_text_and_tables(scale, add):
    graph = diamond(scale, add)
    assert repr(graph) == "Graph(5 commands in 3 levels, 2 barriers)"
    assert str(graph).startswith("Graph: 5 commands in 3 levels, 2 barriers\n  0  scale#1  2 x 1 x 1 groups  reads")
    html = graph._repr_html_()
    assert html.count("<tr>") == 6
    assert "&lt;" not in html
    assert {node["name"] for node in graph.nodes} == {"scale#1", "scale#2", "add#1", "add#2", "fill"}
    node = graph.nodes[2]
    assert (node["level"], node["size"], len(node["reads"]), len(node["writes"])) == (1, "2 x 1 x 1 groups", 2, 1)


DOT_LINE = re.compile(
    r'  (label="[^"]*";|node \[.*\];|edge \[.*\];|n\d+ \[label="(\\.|[^"\\])*"\];|'
    r'\{ rank=same;( n\d+;)+ \}|n\d+ -> n\d+ \[label="(\\.|[^"\\])*"\];)'
)


def test_dot(scale, add, tmp_path):
    graph = diamond(scale, add)
    path = tmp_path / "graph.dot"
    graph.save_dot(path)
    first, *lines, last = path.read_text(encoding="utf-8").splitlines()
    assert first == "digraph graph_of_5 {"
    assert last == "}"
    for line in lines:
        assert DOT_LINE.fullmatch(line), line
    text = path.read_text(encoding="utf-8")
    assert text.count(" -> ") == len({edge[:2] for edge in graph.edges})
    assert "y: read after write" in text


def test_a_picture(scale, add, tmp_path):
    graph = diamond(scale, add)
    graph.save_png(tmp_path / "graph.png")
    picture = vf.png_to_numpy(tmp_path / "graph.png")
    assert min(picture.shape[:2]) > 200
    assert 0.02 < (picture[..., 0] < 128).mean() < 0.5
    with vf.record() as empty:
        pass
    empty.save_png(str(tmp_path / "empty.png"))


def test_a_picture_that_would_be_too_large_is_refused(scale, tmp_path):
    x = full(1, 4)
    with vf.record() as graph:
        for _ in range(200):
            scale(x=x, y=vf.empty(4), alpha=2.0, threads=4)
    with pytest.raises(vf.LimitError, match="save_dot"):
        graph.save_png(tmp_path / "large.png")
    assert not (tmp_path / "large.png").exists()
