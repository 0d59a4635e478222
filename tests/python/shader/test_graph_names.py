"""Values given to a run of a graph by name: what a name means, and what is refused before anything runs."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from graphs import N, full, value

pytestmark = pytest.mark.gpu


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


def test_numbers_are_one_where_they_are_equal(device):
    with vf.record():
        for equal in (2, 2.0, np.uint64(2)):
            vf.param("two", equal)
        for nan in (float("nan"), np.float32("nan")):
            vf.param("nan", nan)
        for name, one, other in (("large", 2**53, 2**53 + 1), ("sign", 2**64 - 1, -1)):
            vf.param(name, one)
            with pytest.raises(vf.InputError, match="one value for one name"):
                vf.param(name, other)


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
    with pytest.raises(vf.LayoutError, match="field slope at another place"):  # the same bytes, in another order
        graph.run(line=line.view([("start", "f4"), ("slope", "f4")]))
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
