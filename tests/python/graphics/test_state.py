"""DrawState, Blend and Stencil: frozen, checked, and doing on the picture what their words say."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from drawing import FULL, cover
from vulkan_forge import graphics
from vulkan_forge.graphics import Blend, DrawState, Stencil
from vulkan_forge.graphics.state import FACTORS, OPERATIONS

FLAT = DrawState(depth_test=False)
SHARE = st.integers(0, 16).map(lambda i: i / 16)
COLOR = st.tuples(SHARE, SHARE, SHARE, SHARE)


def test_values_are_frozen_and_compare():
    assert DrawState() == DrawState()
    assert hash(DrawState(blend="alpha")) == hash(DrawState(blend="alpha"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        DrawState().cull = "back"
    with pytest.raises(TypeError):
        DrawState("triangles")
    assert dataclasses.replace(DrawState(blend="add"), cull="back") == DrawState(blend="add", cull="back")


@pytest.mark.parametrize("kind", [Blend, DrawState, Stencil])
def test_each_field_says_what_it_is(kind):
    assert all({"help", "constraints"} <= set(one.metadata) for one in dataclasses.fields(kind))
    text = kind.__doc__
    assert [one.name for one in dataclasses.fields(kind) if f"{one.name}: " not in text] == []


@pytest.mark.parametrize(
    ("made", "error", "match"),
    [
        (lambda: DrawState(topology="quads"), vf.InputError, 'unknown topology; expected "triangles"'),
        (lambda: DrawState(cull=None), vf.InputError, "unknown cull"),
        (lambda: DrawState(front="left"), vf.InputError, "unknown front"),
        (lambda: DrawState(depth_compare="<"), vf.InputError, "unknown depth_compare"),
        (lambda: DrawState(blend="odd"), vf.InputError, 'unknown blend; expected "none", "alpha", "premultiplied"'),
        (lambda: DrawState(blend=("add", "odd")), vf.InputError, "unknown blend"),
        (lambda: DrawState(blend=()), vf.InputError, "as many of each"),
        (lambda: DrawState(blend=("add",) * 2, write=("r",) * 3), vf.InputError, "as many of each"),
        (lambda: DrawState(write="rgbx"), vf.InputError, 'channels of "rgba"'),
        (lambda: DrawState(line_width=0), vf.InputError, "line_width; expected > 0"),
        (lambda: DrawState(line_width="1"), vf.ArgumentTypeError, "line_width"),
        (lambda: DrawState(depth_bias=1), vf.InputError, r"\(constant, slope\)"),
        (lambda: DrawState(depth_bias=("x", 0)), vf.ArgumentTypeError, "depth_bias has the wrong type; .* got str"),
        (lambda: DrawState(depth_bias=(0, float("nan"))), vf.InputError, "depth_bias is out of range"),
        (lambda: DrawState(depth_bias=(float("inf"), 0)), vf.InputError, "depth_bias is out of range"),
        (lambda: DrawState(topology=np.array(["lines", "points"])), vf.InputError, "unknown topology"),
        (lambda: DrawState(blend=np.array(["add", "min"])), vf.InputError, "unknown blend"),
        (lambda: DrawState(depth_test=1), vf.ArgumentTypeError, "depth_test; expected True or False; got int"),
        (lambda: DrawState(primitive_restart=True), vf.InputError, "strip"),
        (lambda: DrawState(stencil="equal"), vf.ArgumentTypeError, "a Stencil"),
        (lambda: Blend(source="sauce"), vf.InputError, "unknown source"),
        (lambda: Blend(operation="plus"), vf.InputError, "unknown operation"),
        (lambda: Stencil(compare="odd"), vf.InputError, "unknown compare"),
        (lambda: Stencil(success="add"), vf.InputError, "unknown success"),
        (lambda: Stencil(reference=256), vf.InputError, "0 to 255"),
        (lambda: Stencil(read_mask=True), vf.ArgumentTypeError, "an integer"),
        (lambda: Stencil(back="keep"), vf.ArgumentTypeError, "a Stencil"),
    ],
)
def test_what_cannot_be_says_what_can(made, error, match):
    with pytest.raises(error, match=match):
        made()


@pytest.mark.gpu
def test_another_object_is_no_state(device):
    with pytest.raises(vf.ArgumentTypeError, match=r"graphics\.DrawState"):
        cover(state={"cull": "back"})


# ---------------------------------------------------------------- blending, by its formula


def factor(word, source, target):
    if word in ("zero", "one"):
        return float(word == "one")
    value = {"source": source, "target": target}[word.removeprefix("one-minus-").removesuffix("-alpha")]
    if word.endswith("-alpha"):
        value = value[3]
    return 1 - value if word.startswith("one-minus-") else value


def blended(blend, source, target):
    def one(by_source, by_target, operation, s, t):
        if operation in ("min", "max"):
            return np.minimum(s, t) if operation == "min" else np.maximum(s, t)
        s, t = s * by_source, t * by_target
        return {"add": s + t, "subtract": s - t, "reverse-subtract": t - s}[operation]

    source, target = np.float64(source), np.float64(target)
    color = one(
        factor(blend.source, source, target), factor(blend.target, source, target), blend.operation, source, target
    )
    by_source, by_target = (
        np.broadcast_to(factor(word, source, target), 4)[3] for word in (blend.source_alpha, blend.target_alpha)
    )
    alpha = one(by_source, by_target, blend.operation_alpha, source[3], target[3])
    return np.append(color[:3], alpha)


def drawn_over(state, source, target, format="rgba32f"):
    picture = graphics.Target(1, 1, format=format, depth=False)
    picture.draw(cover(state=state), count=3, clear=target, ink=source)
    return picture.read()[0, 0]


@pytest.mark.gpu
@pytest.mark.parametrize("preset", ["none", "alpha", "premultiplied", "add", "multiply", "min", "max"])
@settings(max_examples=5, deadline=None)
@given(source=COLOR, target=COLOR)
def test_presets_follow_their_formulas(preset, source, target):
    s, t = np.float64(source), np.float64(target)
    want = {
        "none": s,
        "alpha": np.append(s[:3] * s[3] + t[:3] * (1 - s[3]), s[3] + t[3] * (1 - s[3])),
        "premultiplied": s + t * (1 - s[3]),
        "add": np.append(s[:3] * s[3] + t[:3], s[3] + t[3]),
        "multiply": s * t,
        "min": np.minimum(s, t),
        "max": np.maximum(s, t),
    }[preset]
    got = drawn_over(DrawState(depth_test=False, blend=preset), source, target)
    np.testing.assert_allclose(got, want, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("word", FACTORS)
def test_factors_and_operations(device, operation, word):
    source, target = (0.25, 0.5, 0.75, 0.5), (0.5, 0.25, 0.125, 0.75)
    for blend in (
        Blend(source=word, target="one", operation=operation),
        Blend(source="one", target=word, operation=operation, source_alpha="zero", operation_alpha="add"),
    ):
        got = drawn_over(DrawState(depth_test=False, blend=blend), source, target)
        np.testing.assert_allclose(got, blended(blend, source, target), atol=1e-6, err_msg=str(blend))


@pytest.mark.gpu
@pytest.mark.parametrize("write", ["rgba", "r", "ga", "", "b"])
def test_only_named_channels_are_written(device, write):
    got = drawn_over(DrawState(depth_test=False, write=write), (1, 1, 1, 1), (0, 0, 0, 0))
    assert got.tolist() == [float(channel in write) for channel in "rgba"]


# ---------------------------------------------------------------- depth and stencil

HOLDS = {
    "never": lambda a, b: False,
    "less": lambda a, b: a < b,
    "less-equal": lambda a, b: a <= b,
    "equal": lambda a, b: a == b,
    "greater-equal": lambda a, b: a >= b,
    "greater": lambda a, b: a > b,
    "not-equal": lambda a, b: a != b,
    "always": lambda a, b: True,
}


@pytest.mark.gpu
@pytest.mark.parametrize("compare", HOLDS)
def test_depth_compares(device, compare):
    target = graphics.Target(1, 1, format="r32f")
    for depth, there in itertools.product((0.25, 0.5, 0.75), repeat=2):
        pipeline = cover(state=DrawState(depth_compare=compare), depth=depth)
        target.draw(pipeline, count=3, clear={0: 0.0, "depth": there}, ink=(1, 0, 0, 0))
        passes = HOLDS[compare](depth, there)
        assert target.read()[0, 0] == float(passes), (depth, there)
        assert target.read("depth")[0, 0] == (depth if passes else there), (depth, there)


@pytest.mark.gpu
def test_depth_is_not_written_where_the_state_says_so(device):
    target = graphics.Target(1, 1)
    target.draw(cover(state=DrawState(depth_write=False), depth=0.5), count=3, clear=(0, 0, 0, 0), ink=(1, 1, 1, 1))
    assert target.read()[0, 0].tolist() == [255] * 4
    assert target.read("depth")[0, 0] == 1


@pytest.mark.gpu
def test_depth_bias_moves_by_the_slope(device):
    plane = """layout(location = 0) in vec2 position;
    void main() { gl_Position = vec4(position, 0.5 + 0.125 * position.x, 1.0); }"""
    read = {}
    for slope in (0.0, 2.0):
        state = DrawState(depth_compare="always", depth_bias=(0, slope))
        pipeline = graphics.Pipeline(vertex=plane, fragment=INK_NONE, state=state)
        target = graphics.Target(8, 8, format=())
        target.draw(pipeline, vertices={"position": FULL})
        read[slope] = target.read("depth")
    x = (np.arange(8) + 0.5) / 4 - 1
    np.testing.assert_allclose(read[0.0], np.broadcast_to(0.5 + 0.125 * x, (8, 8)), atol=1e-6)
    np.testing.assert_allclose(read[2.0] - read[0.0], 2 * 0.125 / 4, atol=1e-6)  # depth a pixel, twice


INK_NONE = "void main() {}"


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("operation", "want"),
    [
        ("keep", 7),
        ("zero", 0),
        ("replace", 5),
        ("increment", 8),
        ("decrement", 6),
        ("increment-wrap", 8),
        ("decrement-wrap", 6),
        ("invert", 248),
    ],
)
def test_stencil_operations(device, operation, want):
    target = graphics.Target(2, 2, stencil=True)
    stencil = Stencil(success=operation, reference=5)
    target.draw(cover(state=DrawState(stencil=stencil)), count=3, clear={"stencil": 7}, ink=(1, 1, 1, 1))
    np.testing.assert_array_equal(target.read("stencil"), np.full((2, 2), want, np.uint8))


@pytest.mark.gpu
def test_a_stencil_cuts_out_what_was_marked(device):
    left = np.array([[-1, -1], [0, -1], [-1, 1], [-1, 1], [0, -1], [0, 1]], np.float32)
    vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
    mark = graphics.Pipeline(
        vertex=vertex,
        fragment=INK_NONE,
        state=DrawState(write="", depth_test=False, stencil=Stencil(success="replace", reference=1)),
    )
    inside = cover(state=DrawState(depth_test=False, stencil=Stencil(compare="equal", reference=1)))
    outside = cover(state=DrawState(depth_test=False, stencil=Stencil(compare="not-equal", reference=1)))
    target = graphics.Target(8, 4, format="r8", stencil=True)
    target.draw(mark, vertices={"position": left}, clear=0.0)
    target.draw(inside, count=3, ink=(1, 0, 0, 0))
    target.draw(outside, count=3, ink=(0.2, 0, 0, 0))
    np.testing.assert_array_equal(target.read(), np.tile(np.repeat([255, 51], 4), (4, 1)))
    np.testing.assert_array_equal(target.read("stencil"), np.tile(np.repeat([1, 0], 4), (4, 1)))


@pytest.mark.gpu
def test_faces_have_stencils_of_their_own(device):
    front, back = Stencil(success="increment"), Stencil(success="invert")
    both = dataclasses.replace(front, back=back)
    vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
    pipeline = graphics.Pipeline(vertex=vertex, fragment=INK_NONE, state=DrawState(stencil=both, depth_test=False))
    for corners, want in ((FULL, 1), (FULL[::-1].copy(), 255)):
        target = graphics.Target(2, 2, format=(), stencil=True)
        target.draw(pipeline, vertices={"position": corners}, clear={})
        assert (target.read("stencil") == want).all()


@pytest.mark.gpu
@pytest.mark.parametrize("front", ["counter-clockwise", "clockwise"])
@pytest.mark.parametrize("cull", ["none", "front", "back"])
def test_culling_by_the_winding_on_the_picture(device, cull, front):
    vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
    pipeline = graphics.Pipeline(
        vertex=vertex,
        fragment="layout(location = 0) out float seen; void main() { seen = gl_FrontFacing ? 1.0 : 0.5; }",
        state=DrawState(cull=cull, front=front, depth_test=False),
    )
    for corners, winding in ((FULL, "counter-clockwise"), (FULL[::-1].copy(), "clockwise")):
        target = graphics.Target(2, 2, format="r32f")
        target.draw(pipeline, vertices={"position": corners}, clear=0.0)
        face = "front" if winding == front else "back"
        assert (target.read() == (0 if cull == face else 1 if face == "front" else 0.5)).all()


# ---------------------------------------------------------------- topologies and lines


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("topology", "want"),
    [("points", 4), ("lines", 8), ("line-strip", 10), ("triangles", None), ("triangle-strip", 64)],
)
def test_topologies(device, topology, want):
    """Corners of the 8 x 8 picture in a zigzag: how many pixels each topology covers, by what it connects."""
    corners = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32) * np.float32(
        7 / 8 if "tri" not in topology else 1
    )
    vertex = """layout(location = 0) in vec2 position;
    void main() { gl_Position = vec4(position, 0.5, 1.0); gl_PointSize = 1.0; }"""
    fragment = "layout(location = 0) out float seen; void main() { seen = 1.0; }"
    state = DrawState(topology=topology, depth_test=False)
    target = graphics.Target(8, 8, format="r32f")
    target.draw(
        graphics.Pipeline(vertex=vertex, fragment=fragment, state=state), vertices={"position": corners}, clear=0.0
    )
    covered = target.read() > 0
    if topology == "points":
        assert covered.sum() == 4
        assert covered[[0, 0, 7, 7], [0, 7, 0, 7]].all()
    elif topology == "lines":  # the bottom row and the top row
        assert covered[0].sum() >= 7
        assert covered[7].sum() >= 7
        assert not covered[1:7].any()
    elif topology == "line-strip":  # and the diagonal from bottom right to top left
        assert covered[np.arange(1, 7), np.arange(1, 7)].all()
    elif topology == "triangles":  # one whole triangle: below the diagonal
        assert 28 <= covered.sum() <= 36
    else:
        assert covered.sum() == want


@pytest.mark.gpu
def test_wide_lines_are_asked_of_the_device(device):
    state = DrawState(topology="lines", line_width=3.0, depth_test=False)
    vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
    fragment = "layout(location = 0) out float seen; void main() { seen = 1.0; }"
    target = graphics.Target(8, 8, format="r32f")
    line = {"position": np.array([[-1, 0.0], [1, 0.0]], np.float32)}
    pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=state)
    if not device.has("wideLines"):
        with pytest.raises(vf.UnsupportedError, match="wideLines"):
            target.draw(pipeline, vertices=line, clear=0.0)
        return
    target.draw(pipeline, vertices=line, clear=0.0)
    rows = (target.read() > 0).sum(axis=0)
    assert 2 <= rows.min() <= rows.max() <= 4
    with pytest.raises(vf.LimitError, match="lines of this width"):
        wide = graphics.Pipeline(vertex=vertex, fragment=fragment, state=dataclasses.replace(state, line_width=1e6))
        target.draw(wide, vertices=line, clear=0.0)


@pytest.mark.gpu
def test_restart_begins_a_new_strip(device):
    vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
    fragment = "layout(location = 0) out float seen; void main() { seen = 1.0; }"
    left, right = ([[x, -1], [x + 0.5, -1], [x, 1], [x + 0.5, 1]] for x in (-1.0, 0.5))
    corners = np.array(left + right, np.float32)
    for dtype in (np.uint16, np.uint32):
        restart = np.iinfo(dtype).max
        strip = np.array([0, 1, 2, 3, restart, 4, 5, 6, 7], dtype)
        state = DrawState(topology="triangle-strip", primitive_restart=True, depth_test=False)
        target = graphics.Target(8, 4, format="r32f")
        pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=state)
        target.draw(pipeline, vertices={"position": corners}, indices=strip, clear=0.0)
        np.testing.assert_array_equal(target.read(), np.tile([1, 1, 0, 0, 0, 0, 1, 1], (4, 1)))
        plain = graphics.Pipeline(
            vertex=vertex, fragment=fragment, state=dataclasses.replace(state, primitive_restart=False)
        )
        with pytest.raises(vf.RangeError, match="no vertex"):
            target.draw(plain, vertices={"position": corners}, indices=strip)


@pytest.mark.gpu
def test_wireframes_cover_edges(device):
    if not device.has("fillModeNonSolid"):
        with pytest.raises(vf.UnsupportedError, match="fillModeNonSolid"):
            cover(state=DrawState(wireframe=True))
        return
    counts = []
    for wireframe in (False, True):
        state = DrawState(wireframe=wireframe, depth_test=False)
        vertex = "layout(location = 0) in vec2 position; void main() { gl_Position = vec4(position, 0.5, 1.0); }"
        fragment = "layout(location = 0) out float seen; void main() { seen = 1.0; }"
        target = graphics.Target(32, 32, format="r32f")
        triangle = np.array([[-0.9, -0.9], [0.9, -0.9], [0, 0.9]], np.float32)
        pipeline = graphics.Pipeline(vertex=vertex, fragment=fragment, state=state)
        target.draw(pipeline, vertices={"position": triangle}, clear=0.0)
        counts.append(int((target.read() > 0).sum()))
    assert 0 < counts[1] < counts[0] / 2


@pytest.mark.gpu
def test_blending_is_refused_where_the_format_has_none(device):
    target = graphics.Target(1, 1, format="r32ui", depth=False)
    ids = "layout(location = 0) out uint id; void main() { id = 7u; }"
    with pytest.raises(vf.UnsupportedError, match="integers have no shares"):
        target.draw(cover(ids, state=DrawState(depth_test=False, blend="add")), count=3)
    target.draw(cover(ids), count=3)
    assert target.read()[0, 0] == 7


@pytest.mark.gpu
def test_each_attachment_blends_its_own_way(device):
    two = """layout(location = 0) out vec4 a; layout(location = 1) out vec4 b;
    layout(push_constant) uniform Push { vec4 ink; }; void main() { a = ink; b = ink; }"""
    target = graphics.Target(1, 1, format=("rgba32f", "rgba32f"), depth=False)
    state = DrawState(depth_test=False, blend=("none", "add"), write=("rgba", "rgb"))
    target.draw(cover(two, state=state), count=3, clear=(0.5, 0.5, 0.5, 0.5), ink=(0.25, 0, 0, 1))
    assert target.read(0)[0, 0].tolist() == [0.25, 0, 0, 1]
    assert target.read(1)[0, 0].tolist() == [0.75, 0.5, 0.5, 0.5]
    with pytest.raises(vf.InputError, match="the blending of pipeline"):
        target.draw(cover(two, state=DrawState(depth_test=False, blend=("none",) * 3)), count=3, ink=(0, 0, 0, 0))
