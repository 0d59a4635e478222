"""Graphs: recorded once, ordered by what the commands need from each other, run again."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from graphs import N, full, value
from vulkan_forge import compute, graphics

pytestmark = pytest.mark.gpu


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
