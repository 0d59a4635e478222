"""Meshes, points and lines of any numbers: a picture, or a typed error; never a crash, and nothing that is nowhere."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vulkan_forge as vf
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FLAT = graphics.Camera(eye=(32, 32, 100), target=(32, 32, 0), parallel=64.0)
ODD = [0.0, -0.0, 1.0, 32.0, 1e-45, -1e-38, 1e7, -1e7, 3e38, -3e38, 1e200, -1.7e308, np.nan, np.inf, -np.inf]


def numbers(dtype):
    width = 8 * np.dtype(dtype).itemsize
    plain = st.floats(-100, 100, width=32)
    odd = st.sampled_from([float(dtype(x)) if abs(x) < 3.3e38 or not np.isfinite(x) else x for x in ODD])
    anything = st.floats(allow_nan=True, allow_infinity=True, width=width)
    mixed = st.one_of(plain, plain, odd if width == 64 else odd.filter(lambda x: not abs(x) > 3.3e38 or np.isinf(x)))
    return st.one_of(mixed, anything)


@st.composite
def places(draw, most=24):
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    count = draw(st.integers(0, most))
    return draw(hnp.arrays(dtype, (count, 3), elements=numbers(dtype)))


def pictures_of(thing):
    """Whole pictures, framed by itself and by a camera of ours; what cannot be framed says so."""
    for camera in (None, FLAT, graphics.Camera(eye=(1, 2, 3), target=(1e-3, 0, 0))):
        with contextlib.suppress(vf.InputError):
            figure = graphics.Figure(16, 16, **({"camera": camera} if camera else {}))
            picture = figure.add(thing).render()
            assert picture.shape == (16, 16, 4)
            assert (picture[..., 3] == 255).all(), "the background is solid"


@QUICK
@given(
    vertices=places(), data=st.data(), shading=st.sampled_from(["smooth", "flat"]), opacity=st.sampled_from([1.0, 0.5])
)
def test_any_mesh(vertices, data, shading, opacity):
    most = max(len(vertices) - 1, 0)
    rows = data.draw(st.integers(0, 12 if len(vertices) else 0))
    faces = data.draw(hnp.arrays(np.int64, (rows, 3), elements=st.integers(0, most)))
    mesh = graphics.Mesh(vertices, faces, shading=shading, opacity=opacity)
    low_high = mesh.bounds
    finite = np.isfinite(vertices).all(axis=1)
    assert (low_high is None) == (not finite[faces].all(axis=1).any()), "around the faces that are drawn"
    pictures_of(mesh)


@QUICK
@given(
    positions=places(),
    size=st.sampled_from([0.0, 1.0, 7.5, 1e4, 1e30]),
    unit=st.sampled_from(["pixel", "world"]),
    opacity=st.sampled_from([1.0, 0.5]),
)
def test_any_points(positions, size, unit, opacity):
    pictures_of(graphics.Points(positions, size=size, unit=unit, opacity=opacity))


@QUICK
@given(
    positions=places(),
    width=st.sampled_from([0.0, 1.0, 6.0, 500.0]),
    dash=st.sampled_from([(), (1, 1), (0, 3), (1e-3, 1e-3), (1e6, 1e6)]),
    joins=st.sampled_from(["miter", "round", "bevel"]),
    caps=st.sampled_from(["butt", "round", "square"]),
    closed=st.booleans(),
    opacity=st.sampled_from([1.0, 0.5]),
)
def test_any_lines(positions, **options):
    pictures_of(graphics.Lines(positions, **options))


@pytest.mark.parametrize("far", [0, 1e5, 1e7, -4e6])
@pytest.mark.parametrize("kind", ["mesh", "points", "lines"])
def test_far_from_zero_the_picture_is_the_same(kind, far):
    rng = np.random.default_rng(3)
    at = np.round(rng.uniform(0, 64, (30, 3)) * 64) / 64  # with room to be exact at 1e7

    def drawn(shift):
        camera = graphics.Camera(eye=(32 + shift, 32 + shift, 100), target=(32 + shift, 32 + shift, 0), parallel=64.0)
        there = at + np.array([shift, shift, 0])
        thing = {
            "mesh": lambda: graphics.Mesh(there, np.arange(30).reshape(10, 3)),
            "points": lambda: graphics.Points(there, size=5),
            "lines": lambda: graphics.Lines(there, width=2, dash=(6, 4)),
        }[kind]()
        return graphics.Figure(48, 48, camera=camera).add(thing).render().astype(int)

    assert (np.abs(drawn(far) - drawn(0)) > 2).mean() < 0.004


def test_flat_and_single_geometry():
    """What has no extent along an axis, or none at all, still has a picture."""
    spot = np.array([[5.0, 5, 5]])
    for one in (
        graphics.Points(spot, size=5),
        graphics.Points(np.repeat(spot, 3, axis=0), size=5),
        graphics.Lines(np.array([[0.0, 0, 0], [1, 0, 0]]), width=4),
        graphics.Lines(np.array([[0.0, 0, 0], [0, 0, 1]]), width=4),
        graphics.Mesh(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), np.array([[0, 1, 2]])),
    ):
        assert (graphics.Figure(32, 32).add(one).render()[..., :3] < 200).any()


def test_dashes_are_as_exact_at_the_end_of_a_very_long_line():
    """A million pixels of zigzag before the piece that is looked at: no sum of lengths loses its digits."""
    turns = 20_000
    x = np.where(np.arange(turns) % 2, 1000.0, -1000.0)  # 2,000 pixels each
    zigzag = np.column_stack([x, np.full(turns, -500.0), np.zeros(turns)])
    last = np.array([[x[-1], -500.0, 0], [x[-1], 32.0, 0], [-68.0, 32.0, 0], [64.0, 32.0, 0]])
    before = np.abs(np.diff(np.concatenate([zigzag, last])[:, :2], axis=0)).sum()
    assert before > 3.9e7
    along = np.concatenate([zigzag, last])
    picture = graphics.Figure(64, 64, supersample=4, background="transparent", camera=FLAT).add(
        graphics.Lines(along, width=2, dash=(6, 4), joins="bevel")
    )
    row = picture.render()[31:33, :, 3].max(axis=0) / 255
    until = np.abs(np.diff(along[:-1, :2], axis=0)).sum()  # where the last piece begins, at x = -68
    expected = ((until + 68 + np.arange(64) + 0.5) % 10 < 6).astype(float)
    back = ((until - (np.arange(64) + 0.5 + 68)) % 10 < 6).astype(float)  # the piece before it, the other way
    np.testing.assert_allclose(row, np.maximum(expected, back), atol=0.3)


@pytest.mark.parametrize("count", [1 << 20])
def test_many_of_each(count):
    """Very many of each are drawn."""
    rng = np.random.default_rng(0)
    cloud = rng.uniform(0, 64, (count, 3)).astype(np.float32)
    faces = np.arange(count // 3 * 3, dtype=np.uint32).reshape(-1, 3)
    for thing in (
        graphics.Points(cloud, size=1),
        graphics.Lines(cloud[: count // 16], offsets=np.arange(0, count // 16, 2), width=1),
        graphics.Mesh(cloud, faces[: count // 64]),
    ):
        picture = graphics.Figure(32, 32, camera=FLAT, background="transparent").add(thing).render()
        assert picture[..., 3].mean() > 100
