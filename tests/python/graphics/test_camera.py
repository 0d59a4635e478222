"""Camera matrices against plain NumPy, and every refusal with its text."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import vulkan_forge as vf

pytestmark = pytest.mark.camera

POSE = {"eye": (3, 2, 3), "target": (0, 0, 0), "up": (0, 1, 0)}
LENS = {"fovy_deg": 45, "aspect": 4 / 3, "znear": 0.1, "zfar": 100}
inf, nan = math.inf, math.nan


def unit(v) -> np.ndarray:
    return np.asarray(v, float) / np.linalg.norm(v)


def plain_look_at(eye, target, up) -> np.ndarray:
    f = unit(np.subtract(target, eye))
    s = unit(np.cross(f, up))
    view = np.eye(4)
    view[:3, :3] = s, np.cross(s, f), -f
    view[:3, 3] = -view[:3, :3] @ eye
    return view


def plain_perspective(fovy_deg, aspect, znear, zfar, clip_space="wgpu") -> np.ndarray:
    f = 1 / math.tan(math.radians(fovy_deg) / 2)
    depth = {
        "wgpu": (zfar / (znear - zfar), zfar * znear / (znear - zfar)),
        "gl": ((zfar + znear) / (znear - zfar), 2 * zfar * znear / (znear - zfar)),
    }
    return np.array([[f / aspect, 0, 0, 0], [0, f, 0, 0], [0, 0, *depth[clip_space]], [0, 0, -1, 0]])


def assert_matrix(got, want) -> None:
    assert got.shape == (4, 4)
    assert got.dtype == np.float32
    assert got.flags.c_contiguous
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6 * abs(want).max())


coordinates = st.floats(-1000, 1000).map(lambda x: round(x, 3))
vectors = st.tuples(coordinates, coordinates, coordinates)
lenses = st.tuples(st.floats(1, 179), st.floats(0.1, 10), st.floats(1e-3, 10), st.floats(11, 1e5))
spaces = st.sampled_from(["wgpu", "gl"])


@given(vectors, vectors, vectors)
def test_look_at_is_the_plain_one(eye, target, up):
    assume(eye != target and any(up))
    assume(np.linalg.norm(np.cross(unit(np.subtract(target, eye)), unit(up))) > 0.01)
    assert_matrix(vf.camera_look_at(eye, target, up), plain_look_at(eye, target, up))


@given(lenses, spaces)
def test_perspective_is_the_plain_one(lens, space):
    assert_matrix(vf.camera_perspective(*lens, space), plain_perspective(*lens, space))


@given(vectors, lenses, spaces)
def test_view_proj_is_the_product(eye, lens, space):
    assume(math.hypot(eye[0], eye[2]) > 0.1 and abs(eye[1]) < 50 * math.hypot(eye[0], eye[2]))
    pose = (eye, (0, 0, 0), (0, 1, 0))
    got = vf.camera_view_proj(*pose, *lens, clip_space=space)
    assert_matrix(got, plain_perspective(*lens, space) @ plain_look_at(*pose))


@pytest.mark.parametrize("space", ["wgpu", "gl"])
def test_view_proj_equals_the_product_of_the_two(space):
    want = vf.camera_perspective(**LENS, clip_space=space) @ vf.camera_look_at(**POSE)
    np.testing.assert_allclose(vf.camera_view_proj(**POSE, **LENS, clip_space=space), want, rtol=1e-5, atol=1e-6)


def test_looking_down_minus_z():
    view = vf.camera_look_at((0, 0, 3), (0, 0, 0), (0, 1, 0))
    want = np.eye(4)
    want[2, 3] = -3
    np.testing.assert_allclose(view, want, atol=1e-6)


def test_figures_of_the_default_depth():
    projection = vf.camera_perspective(45, 1, 0.1, 100)
    assert projection[2, 2] == pytest.approx(-1.001001, abs=1e-6)
    assert projection[2, 3] == pytest.approx(-0.1001001, abs=1e-6)
    np.testing.assert_array_equal(projection, vf.camera_perspective(45, 1, 0.1, 100, "wgpu"))


def test_the_two_depths_differ_only_in_depth():
    wgpu, gl = (vf.camera_perspective(**LENS, clip_space=space) for space in ("wgpu", "gl"))
    np.testing.assert_allclose(wgpu[[0, 1, 3]], gl[[0, 1, 3]], rtol=1e-5)
    assert not np.allclose(wgpu, gl)
    for matrix, nearest in ((wgpu, 0), (gl, -1)):
        for z, depth in ((-LENS["znear"], nearest), (-LENS["zfar"], 1)):
            clip = matrix.astype(float) @ (0, 0, z, 1)
            assert clip[2] / clip[3] == pytest.approx(depth, abs=1e-4)


def test_y_is_up():
    for space in ("wgpu", "gl"):
        clip = vf.camera_view_proj(**POSE, **LENS, clip_space=space) @ (0, 0.5, 0, 1)
        assert clip[1] / clip[3] > 0


def test_any_sequence_of_numbers():
    want = vf.camera_look_at(**POSE)
    for form in (
        list,
        np.array,
        lambda v: np.array(v, np.float32),
        lambda v: np.array(v)[::-1][::-1],
        lambda v: [*map(np.int64, v)],
    ):
        np.testing.assert_array_equal(vf.camera_look_at(*map(form, POSE.values())), want)
    vf.camera_perspective(np.float32(45), np.int32(1), 1, 2)


@pytest.mark.parametrize(
    "bad",
    [
        1,
        None,
        "abc",
        b"abc",
        (1, 2),
        (1, 2, 3, 4),
        ("a", 0, 0),
        (None, 0, 0),
        (1j, 0, 0),
        {1, 2, 3},
        np.array(3.0),
    ],
)
@pytest.mark.parametrize("name", ["eye", "target", "up"])
def test_what_is_no_vector(name, bad):
    with pytest.raises(TypeError, match=f"{name} must be a sequence of 3 numbers"):
        vf.camera_look_at(**{**POSE, name: bad})
    with pytest.raises(TypeError):
        vf.camera_view_proj(**{**POSE, name: bad}, **LENS)


FINITE = "eye/target/up components must be finite"
COLINEAR = "up vector must not be colinear with view direction"
FOVY = "fovy_deg must be finite and in (0, 180)"
ASPECT = "aspect must be finite and > 0"
NEAR = "znear must be finite and > 0"
FAR = "zfar must be finite and > znear"
CLIP = "clip_space must be 'wgpu' or 'gl'"

BAD_POSES = [
    *(({name: bad}, FINITE) for name in POSE for bad in ((nan, 0, 1), (0, inf, 1), (0, 1, -inf), (10**400, 0, 1))),
    ({"up": (3, 2, 3)}, COLINEAR),
    ({"up": (-6, -4, -6)}, COLINEAR),
    ({"up": (3.0001, 2, 3)}, COLINEAR),
    ({"up": (0, 0, 0)}, COLINEAR),
    ({"target": (3, 2, 3)}, COLINEAR),
    ({"up": (0, 0, 0), "eye": (nan, 0, 0)}, FINITE),
    ({"eye": (1e300, 1, 2)}, FINITE),  # beyond float32
]
BAD_LENSES = [
    *(({"fovy_deg": bad}, FOVY) for bad in (0, 180, -1, 181, inf, -inf, nan)),
    *(({"aspect": bad}, ASPECT) for bad in (0, -1, inf, nan)),
    *(({"znear": bad}, NEAR) for bad in (0, -0.1, inf, nan)),
    *(({"zfar": bad}, FAR) for bad in (0.1, 0.05, -1, inf, nan)),
    *(({"clip_space": bad}, CLIP) for bad in ("", "WGPU", "vulkan", "gl ")),
    ({"fovy_deg": 0, "aspect": 0}, FOVY),
    ({"aspect": 0, "znear": 0}, ASPECT),
    ({"znear": 0, "zfar": nan}, NEAR),
    ({"zfar": 0, "clip_space": "x"}, FAR),
]


def refuse(call, text, **arguments) -> None:
    for error in (RuntimeError, ValueError):
        with pytest.raises(error) as caught:
            call(**arguments)
        assert str(caught.value).startswith(text)


@pytest.mark.parametrize(("change", "text"), BAD_POSES)
def test_refused_poses(change, text):
    refuse(vf.camera_look_at, text, **{**POSE, **change})
    refuse(vf.camera_view_proj, text, **{**POSE, **change}, **LENS)
    refuse(
        vf.camera_view_proj, text, **{**POSE, **change}, **{**LENS, "fovy_deg": 0, "clip_space": "x"}
    )  # vectors first


@pytest.mark.parametrize(("change", "text"), BAD_LENSES)
def test_refused_lenses(change, text):
    refuse(vf.camera_perspective, text, **{**LENS, **change})
    refuse(vf.camera_view_proj, text, **POSE, **{**LENS, **change})


@pytest.mark.parametrize("change", [{"aspect": 1e-300}, {"fovy_deg": 1e-300}, {"znear": 1e300, "zfar": 2e300}])
def test_no_matrix_holds_an_infinity(change):
    refuse(vf.camera_perspective, "lens is too extreme", **{**LENS, **change})


def test_far_away_but_sound():
    view = vf.camera_look_at((1e30, 0, 0), (-1e30, 0, 0), (0, 1e-30, 0))
    np.testing.assert_allclose(view[:3, :3], [[0, 0, -1], [0, 1, 0], [1, 0, 0]], atol=1e-6)
    huge = vf.camera_look_at((0, 0, 0), (1e308, 0, 0), (0, 1e308, 1e308))
    assert np.isfinite(huge).all()
