"""Draws in graphs: captured, ordered with kernels by what they share, and run again with other values."""

from __future__ import annotations

import numpy as np
import pytest

import vulkan_forge as vf
from drawing import FULL, at_pixels, cover
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu

ADD = graphics.DrawState(topology="points", depth_test=False, blend=graphics.Blend(target="one"))
DOT = """layout(location = 0) in vec2 position;
void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; }"""
INK = """layout(push_constant) uniform Push { float ink; };
layout(location = 0) out float color; void main() { color = ink; }"""
PLACE = """layout(local_size_x = 64) in;
layout(binding = 0) writeonly buffer P { vec2 positions[]; };
layout(push_constant) uniform Push { uint n; float shift; };
void main() { uint i = gl_GlobalInvocationID.x;
  if (i < n) positions[i] = vec2((i + 0.5 + shift) / n * 2.0 - 1.0, 0.0); }"""


@pytest.fixture
def dots(device):
    return graphics.Pipeline(vertex=DOT, fragment=INK, state=ADD, name="dots")


def test_compute_and_draws_in_one_graph(device, dots):
    """A kernel writes positions, a draw reads them, a read keeps the pixels on the device, a kernel sums them up."""
    n = 16
    place = vf.Kernel(PLACE, name="place")
    total = vf.Kernel(
        """layout(local_size_x = 1) in; layout(binding = 0) readonly buffer P { float pixels[]; };
        layout(binding = 1) writeonly buffer S { float sums[2]; };
        void main() { float all = 0.0, weighted = 0.0;
          for (uint i = 0; i < pixels.length(); ++i) { all += pixels[i]; weighted += i * pixels[i]; }
          sums[0] = all; sums[1] = weighted; }""",
        name="total",
    )
    positions, pixels, sums = vf.empty((n, 2)), vf.empty((1, n)), vf.empty(2)
    target = graphics.Target(n, 1, format="r32f", depth=False)
    with vf.record() as graph:
        place(positions=positions, n=n, shift=0.0, threads=n)
        target.draw(dots, vertices={"position": positions}, clear=0.0, ink=1.0)
        target.read(out=pixels)
        total(pixels=pixels, sums=sums, threads=1)
    with pytest.raises(vf.StateError, match="nothing was drawn"):
        target.read()  # captured is not drawn
    graph.run()
    assert target.read().tolist() == [[1.0] * n]
    assert sums.tolist() == [n, n * (n - 1) / 2]
    graph.run(shift=1.0, ink=2.0)  # the last dot leaves the picture
    assert target.read().tolist() == [[0.0] + [2.0] * (n - 1)]
    assert sums.tolist() == [2 * (n - 1), n * (n - 1)]
    names = [node["name"] for node in graph.nodes]
    assert names == ["place", "dots", "read", "total"]
    levels = [node["level"] for node in graph.nodes]
    assert levels == [0, 1, 2, 3]


def test_streams_indices_and_counts_change_by_name(device, dots):
    n = 6
    here, there = (vf.asarray(at_pixels([(x, 0) for x in columns], n, 1)) for columns in ([0, 1, 2], [3, 4, 5]))
    first, second = (vf.asarray(np.array(rows, np.uint32)) for rows in ([0, 0, 1], [2, 2, 2]))
    target = graphics.Target(n, 1, format="r32f", depth=False)
    with vf.record() as graph:
        target.draw(dots, vertices={"position": here}, indices=first, clear=0.0, ink=1.0)
    graph.run()
    assert target.read()[0].tolist() == [2, 1, 0, 0, 0, 0]
    graph.run(position=there)
    assert target.read()[0].tolist() == [0, 0, 0, 2, 1, 0]
    graph.run(indices=second, ink=0.5)
    assert target.read()[0].tolist() == [0, 0, 1.5, 0, 0, 0]
    graph.run({"dots.position": there, "dots.indices": second})
    assert target.read()[0].tolist() == [0, 0, 0, 0, 0, 3]
    graph.run()
    assert target.read()[0].tolist() == [2, 1, 0, 0, 0, 0]
    for kind, match, change in [
        (vf.DtypeError, "does not fit the shader", {"position": vf.asarray(np.zeros((3, 2), np.int32))}),
        (vf.DtypeError, "uint32 or uint16", {"indices": here}),
        (vf.ArgumentTypeError, "an Array or Buffer", {"position": np.zeros((3, 2), np.float32)}),
        (vf.BindingError, "nothing in the graph is called", {"positions": here}),
    ]:
        with pytest.raises(kind, match=match):
            graph.run(change)
    assert target.read()[0].tolist() == [2, 1, 0, 0, 0, 0]


def test_indirect_counts_in_a_graph(device, dots):
    n = 8
    positions = vf.asarray(at_pixels([(x, 0) for x in range(n)], n, 1))
    count = vf.Kernel(
        """layout(local_size_x = 1) in; layout(binding = 0) writeonly buffer C { uint counts[4]; };
        layout(push_constant) uniform Push { uint vertices; };
        void main() { counts[0] = vertices; counts[1] = 1; counts[2] = 0; counts[3] = 0; }""",
        name="count",
    )
    counts, other = vf.empty(4, dtype=np.uint32), vf.asarray(np.array([1, 4, 7, 0], np.uint32))
    target = graphics.Target(n, 1, format="r32f", depth=False)
    with vf.record() as graph:
        count(counts=counts, vertices=3, threads=1)
        target.draw(dots, vertices={"position": positions}, indirect=counts, clear=0.0, ink=1.0)
    for vertices in (3, 0, 8):
        graph.run(vertices=vertices)
        assert target.read()[0].tolist() == [1.0] * vertices + [0.0] * (n - vertices)
    graph.run(indirect=other)
    assert target.read()[0].tolist() == [0] * 7 + [4]


def test_blocks_textures_and_params(device):
    fragment = """layout(binding = 0) readonly buffer T { float table[]; };
    layout(binding = 1) uniform sampler2D picture;
    layout(push_constant) uniform Push { float scale; };
    layout(location = 0) out float color;
    void main() { color = scale * table[0] + texelFetch(picture, ivec2(0), 0).r; }"""
    tables = [vf.asarray(np.array([i], np.float32)) for i in (1, 2)]
    pictures = [vf.Texture(np.full((1, 1), i, np.float32)) for i in (10, 20)]
    target = graphics.Target(1, 1, format="r32f", depth=False)
    with vf.record() as graph:
        target.draw(
            cover(fragment, name="mix"),
            count=3,
            table=vf.param("data", tables[0]),
            picture=pictures[0],
            scale=vf.param("gain", 100.0),
        )
    for change, want in [
        ({}, 110),
        ({"gain": 1000.0}, 1010),
        ({"picture": pictures[1]}, 120),
        ({"data": tables[1]}, 210),
        ({"data": tables[1], "picture": pictures[1], "gain": 1.0}, 22),
        ({}, 110),
    ]:
        graph.run(change)
        assert target.read()[0, 0] == want, change
    with pytest.raises(vf.ArgumentTypeError, match=r"use vf\.asarray"), vf.record():
        target.draw(cover(fragment), count=3, table=np.zeros(1, np.float32), picture=pictures[0], scale=1.0)


def test_pictures_are_textures_of_the_next_draw(device):
    """Ping-pong of blurs in one graph, against NumPy: each layout change is derived."""
    blur = """layout(binding = 0) uniform sampler2D picture; layout(location = 0) out float color;
    void main() { ivec2 at = ivec2(gl_FragCoord.xy); int last = textureSize(picture, 0).x - 1;
      color = (texelFetch(picture, ivec2(max(at.x - 1, 0), at.y), 0).r + texelFetch(picture, at, 0).r * 2.0
               + texelFetch(picture, ivec2(min(at.x + 1, last), at.y), 0).r) / 4.0; }"""
    first, second = (graphics.Target(32, 1, format="r32f", depth=False) for _ in range(2))
    start = """layout(location = 0) out float color; void main() { color = gl_FragCoord.x > 16.0 ? 1.0 : 0.0; }"""
    pipeline = cover(blur, name="blur")
    with vf.record() as graph:
        first.draw(cover(start, name="start"), count=3)
        for _ in range(3):
            second.draw(pipeline, count=3, picture=first.texture())
            first.draw(pipeline, count=3, picture=second.texture())
    want = (np.arange(32) + 0.5 > 16).astype(np.float32)
    for _ in range(6):
        padded = np.pad(want, 1, mode="edge")
        want = (padded[:-2] + 2 * want + padded[2:]) / 4
    for _ in range(2):
        graph.run()
        np.testing.assert_allclose(first.read()[0], want, atol=1e-6)


def test_kernels_sample_pictures(device):
    """A kernel reads a target as a texture, between two draws into it."""
    target = graphics.Target(4, 2, format="rgba8", depth=False)
    take = vf.Kernel(
        """layout(local_size_x = 8) in; layout(binding = 0) uniform sampler2D picture;
        layout(binding = 1) writeonly buffer R { float reds[]; };
        void main() { uint i = gl_GlobalInvocationID.x;
          if (i < 8) reds[i] = texelFetch(picture, ivec2(i % 4, i / 4), 0).r; }""",
        name="take",
    )
    before, after = vf.empty(8), vf.empty(8)
    fill = cover(INK.replace("float color", "vec4 color").replace("color = ink", "color = vec4(ink)"), name="fill")
    with vf.record() as graph:
        target.draw(fill, count=3, ink=1.0)
        take(picture=target.texture(), reds=before, threads=8)
        target.draw(fill, count=3, ink=0.0)
        take(picture=target.texture(), reds=after, threads=8)
    for _ in range(2):
        graph.run()
        assert before.tolist() == [1.0] * 8
        assert after.tolist() == [0.0] * 8
    assert [node["level"] for node in graph.nodes] == [0, 1, 2, 3]


def test_draws_that_need_nothing_from_each_other_share_a_level(device, dots):
    targets = [graphics.Target(4, 4, format="r32f", depth=False) for _ in range(3)]
    positions = vf.asarray(FULL)
    with vf.record() as graph:
        for target in targets:
            target.draw(dots, vertices={"position": positions}, clear=0.0, ink=1.0)
    assert [node["level"] for node in graph.nodes] == [0, 0, 0]


def test_draws_into_one_target_follow_each_other(device):
    target = graphics.Target(1, 1, format="r32f", depth=False)
    add = cover(INK, state=graphics.DrawState(depth_test=False, blend=graphics.Blend(target="one")), name="add")
    with vf.record() as graph:
        target.clear(1.0)
        for ink in (1.0, 2.0, 4.0):
            target.draw(add, count=3, ink=ink)
    graph.run()
    graph.run()
    assert target.read()[0, 0] == 8
    graph.run({"add#2.ink": 20.0})
    assert target.read()[0, 0] == 26
    assert levels_of(graph) == [0, 0, 0, 0], "one pass: nothing lies between"


def levels_of(graph):
    return [node["level"] for node in graph.nodes]


@pytest.mark.parametrize("samples", [1, 4])
def test_neighbouring_draws_are_one_pass_until_something_lies_between(device, samples):
    """What is drawn is the same as apart: a clear, a read or a kernel between ends the pass, and so does a hazard."""
    add = cover(INK, state=graphics.DrawState(depth_test=False, blend=graphics.Blend(target="one")), name="add")
    target, other = (graphics.Target(2, 2, format="r32f", samples=samples) for _ in range(2))
    pixels = vf.empty((2, 2))
    with vf.record() as graph:
        target.draw(add, count=3, clear=1.0, ink=1.0)
        target.draw(add, count=3, ink=2.0)
        target.read(out=pixels)
        target.draw(add, count=3, ink=4.0)
        target.clear(10.0)
        target.draw(add, count=3, ink=8.0)
        other.draw(add, count=3, clear=0.5, ink=0.25)
        target.draw(add, count=3, ink=16.0)
    levels = levels_of(graph)
    assert levels[0] == levels[1] < levels[2] < levels[3] < levels[4] == levels[5] < levels[7]
    for _ in range(2):
        graph.run()
        assert (pixels.tolist(), target.read().tolist(), other.read()[0, 0]) == ([[4] * 2] * 2, [[34] * 2] * 2, 0.75)
    graph.run(timed=True)
    assert len(graph.times()) == len(graph.nodes)
    assert target.read()[1, 1] == 34


def test_draws_that_write_what_the_next_reads_are_apart(device):
    count = """layout(binding = 0) buffer C { uint counts[2]; };
    layout(location = 0) out float color;
    void main() { color = float(counts[0]); atomicAdd(counts[1], 1u); counts[0] = 7u; }"""
    show = count.replace("atomicAdd(counts[1], 1u); counts[0] = 7u;", "").replace("buffer C", "readonly buffer C")
    state = graphics.DrawState(depth_test=False)
    counts, target = vf.asarray(np.zeros(2, np.uint32)), graphics.Target(1, 1, format="r32f", depth=False)
    writer, reader = cover(count, state, name="writer"), cover(show, state, name="reader")
    with vf.record() as graph:
        target.draw(writer, count=3, counts=counts)
        target.draw(reader, count=3, counts=counts)
        target.draw(reader, count=3, counts=counts)
    assert levels_of(graph) == [0, 1, 1]
    graph.run()
    assert target.read()[0, 0] == 7
    assert counts.tolist() == [7, 1]


def test_passes_of_very_many_draws(device):
    target = graphics.Target(1, 1, format="r32f", depth=False)
    add = cover(INK, state=graphics.DrawState(depth_test=False, blend=graphics.Blend(target="one")), name="add")
    with vf.record() as graph:
        for _ in range(1500):
            target.draw(add, count=3, ink=1.0)
    assert graph.levels == 2
    graph.run()
    assert target.read()[0, 0] == 1500


def test_draws_join_by_the_memory_of_their_run(device, dots):
    """Another run's arrays may lie where an earlier draw writes: then the draws are apart for that run."""
    mark = """layout(location = 0) in vec2 position;
    layout(binding = 0) writeonly buffer P { vec2 places[1]; };
    void main() { places[0] = vec2(0.5, 0.0); gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; }"""
    if not device.info["features"]["vertexPipelineStoresAndAtomics"]:
        pytest.skip("vertex shaders of this device do not write")
    marker = graphics.Pipeline(vertex=mark, fragment=INK, state=ADD, name="marker")
    left, here, there = (vf.asarray(np.array([[-0.5, 0.0]], np.float32)) for _ in range(3))
    target = graphics.Target(2, 1, format="r32f", depth=False)
    with vf.record() as graph:
        target.draw(marker, vertices={"position": left}, places=there, clear=0.0, ink=1.0)
        target.draw(dots, vertices={"position": here}, ink=1.0)
    assert levels_of(graph) == [0, 0]
    graph.run()
    assert target.read().tolist() == [[2, 0]]
    graph.run({"dots.position": there})
    assert target.read().tolist() == [[1, 1]]


def test_what_fails_while_recording_leaves_nothing(device, dots):
    target = graphics.Target(2, 2, format="r32f", depth=False)
    with vf.record() as graph:
        with pytest.raises(vf.BindingError):
            target.draw(dots, vertices={}, clear=0.0, ink=1.0)
        with pytest.raises(vf.StateError, match="read_async inside"):
            target.read_async()
        target.clear(3.0)
    assert [node["name"] for node in graph.nodes] == ["clear"]
    graph.run()
    assert (target.read() == 3).all()


def test_graphs_keep_what_they_draw_with(device, dots):
    target = graphics.Target(2, 2, format="r32f", depth=False)
    pixels = vf.empty((2, 2))
    with vf.record() as graph:
        target.draw(dots, vertices={"position": vf.asarray(at_pixels([(0, 0)], 2, 2))}, clear=0.0, ink=5.0)
        target.read(out=pixels)
    target.close()
    dots.close()
    graph.run()
    assert pixels.tolist() == [[5, 0], [0, 0]]


def test_submitted_runs_are_waited_for_by_reads(device):
    target = graphics.Target(64, 64, format="r32f", depth=False)
    with vf.record() as graph:
        target.draw(cover(INK, name="ink"), count=3, ink=1.0)
    for ink in (2.0, 3.0, 4.0):
        graph.submit(ink=ink)
    assert (target.read() == 4).all()


def test_values_put_off_are_those_from_before_a_draw_or_a_read_writes(device):
    count = """layout(binding = 0) buffer C { uint counts[2]; };
    layout(location = 0) out float color;
    void main() { color = 3.0; counts[0] = 7u; counts[1] = 8u; }"""
    writer = cover(count, graphics.DrawState(depth_test=False), name="writer")
    target = graphics.Target(2, 2, format="r32f", depth=False)
    counts, pixels = vf.asarray(np.array([1, 2], np.uint32)), vf.asarray(np.ones((2, 2), np.float32))
    with vf.record() as graph:
        counted, seen = counts * 10, pixels * 5
        target.draw(writer, count=3, counts=counts)
        target.read(out=pixels)
        vf.evaluate(counted, seen)
    graph.run()
    assert (counted.tolist(), seen.tolist()) == ([10, 20], [[5.0] * 2] * 2)
    assert (counts.tolist(), pixels.tolist()) == ([7, 8], [[3.0] * 2] * 2)
