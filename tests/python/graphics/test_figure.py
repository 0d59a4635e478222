"""Figures: cameras, colours, transparency and what is refused. Truth is arithmetic."""

from __future__ import annotations

import io
import itertools
import pickle

import numpy as np
import pytest
from PIL import Image

import vulkan_forge as vf
from vulkan_forge import graphics

pytestmark = pytest.mark.gpu
ABOVE = graphics.Camera(elevation=90, parallel=True, fill=1)
FULL = graphics.Light(sun=(0, 90), fill=0)


def square(side=2.0, z=0.0, **options):
    """A square around the origin, seen from above; in full light its colours are as given."""
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float64) * side / 2 + [0, 0, z]
    return graphics.Mesh(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32), shading="flat", **options)


def figure(size=16, **options):
    defaults = {"camera": ABOVE, "light": FULL, "background": "transparent"}
    return graphics.Figure(size, size, **{**defaults, **options})


def test_every_background_byte_comes_back():
    for alpha in (255, 128):
        for value in range(256) if alpha == 255 else range(0, 256, 5):
            color = (value / 255, value / 255, (255 - value) / 255, alpha / 255)
            camera = graphics.Camera(eye=(0, 0, 1), target=(0, 0, 0))
            pixel = graphics.Figure(1, 1, background=color, camera=camera, supersample=1).render()[0, 0]
            assert pixel.tolist() == [value, value, 255 - value, alpha]


def test_colors_in_full_light_are_those_given():
    picture = figure().add(square(colors=(10 / 255, 120 / 255, 250 / 255))).render()
    assert (picture == [10, 120, 250, 255]).all()


def test_a_square_covers_what_it_covers():
    big, small = square(4, colors=(0, 0, 0, 0)), square(2, z=1, colors="red")
    picture = figure(16).add(big, small).render()
    assert (picture[4:12, 4:12] == [255, 0, 0, 255]).all()
    assert picture[..., 3].sum() == 64 * 255


@pytest.mark.parametrize("supersample", [1, 2, 3])
def test_coverage_is_that_of_the_triangle(supersample):
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float64)
    mesh = graphics.Mesh(corners, np.array([[0, 1, 2]]))
    alpha = figure(64, supersample=supersample).add(mesh).render()[..., 3] / 255
    assert abs(alpha.mean() - 0.5) < 0.01 / supersample + 0.5 / 64
    if supersample > 1:
        assert ((alpha > 0) & (alpha < 1)).any()


def over(layers, background=(0.0, 0.0, 0.0, 0.0)):
    """The nearest first: straight linear colours over each other, as sRGB bytes."""
    total = np.array([*np.array(background[:3]) * background[3], background[3]])
    for *rgb, a in reversed(layers):
        total = np.array([*np.array(rgb) * a, a]) + (1 - a) * total
    rgb = total[:3] / max(total[3], 1e-9)
    encoded = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * np.maximum(rgb, 1e-9) ** (1 / 2.4) - 0.055)
    return np.array([*encoded, total[3]]) * 255


def test_layers_come_in_the_order_of_their_depth():
    tints = {"red": (1, 0, 0, 0.5), "lime": (0, 1, 0, 0.25), "blue": (0, 0, 1, 0.75)}
    heights = {"red": 0.3, "lime": 0.2, "blue": 0.1}
    expected = over([tints["red"], tints["lime"], tints["blue"]])
    pictures = []
    for order in itertools.permutations(tints):
        objects = [square(z=heights[name], colors=name, opacity=tints[name][3]) for name in order]
        pictures.append(figure(4).add(*objects).render())
        assert np.abs(pictures[-1].astype(float) - expected).max() <= 1
    assert all((picture == pictures[0]).all() for picture in pictures)


def test_crossing_planes_are_sorted_by_fragment():
    corners = np.array([[-1, -1, -1], [1, -1, 1], [1, 1, 1], [-1, 1, -1]], np.float64)
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    red = graphics.Mesh(corners, faces, colors="red", opacity=0.5)
    blue = graphics.Mesh(corners * [1, 1, -1], faces, colors="blue", opacity=0.5)
    light = graphics.Light(sun=(0, 90), fill=1)
    picture = figure(16, light=light).add(red, blue).render().astype(int)
    assert (picture[:, :7, 2] > picture[:, :7, 0]).all(), "blue is above in the west"
    assert (picture[:, 9:, 0] > picture[:, 9:, 2]).all()


def test_many_layers_and_what_they_hide():
    sheets = [square(z=i / 100, colors="white", opacity=0.1) for i in range(40)]
    alpha = figure(4).add(*sheets).render()[..., 3]
    assert np.abs(alpha / 255 - (1 - 0.9**40)).max() < 0.01
    hidden = figure(4).add(square(z=0, colors="red", opacity=0.5), square(z=1, colors="blue")).render()
    assert (hidden == [0, 0, 255, 255]).all()


def test_more_layers_than_there_is_room_for_are_drawn_again():
    stack = [square(z=i, colors="white", opacity=0.02) for i in range(80)]
    first = figure(128, supersample=1).add(*stack).render()
    assert (first == first[0, 0]).all()


def test_the_background_shines_through():
    picture = figure(4, background=(0, 0, 1)).add(square(colors=(1, 0, 0, 0.5))).render()
    assert np.abs(picture - over([(1, 0, 0, 0.5)], (0, 0, 1, 1))).max() <= 1


def test_a_transparent_background_survives_to_the_file(tmp_path):
    one = figure(8).add(square(1, colors="red"), square(2, z=-1, colors=(0, 0, 0, 0)))
    one.save(tmp_path / "one.png")
    read = np.asarray(Image.open(tmp_path / "one.png"))
    assert (read == one.render()).all()
    assert read[0, 0, 3] == 0
    assert (np.asarray(Image.open(io.BytesIO(one._repr_png_()))) == read).all()


def test_ids_and_depths_say_what_is_seen():
    one = figure(16).add(square(4, colors="red"), square(2, z=1, colors="blue"))
    one.render()
    ids, depths = one.read("id"), one.read("depth")
    assert (ids[6:10, 6:10] == 2).all()
    assert ids[0, 0] == 1
    expected = one.view.project(np.array([[0.0, 0, 1], [-1.9, 1.9, 0]]))[:, 2]
    np.testing.assert_allclose([depths[8, 8], depths[0, 0]], expected, rtol=1e-5)
    with pytest.raises(vf.InputError, match="unknown layer"):
        one.read("normal")


def test_reading_needs_a_picture():
    with pytest.raises(vf.StateError, match="no picture"):
        figure().read("id")


def test_project_is_where_things_are():
    camera = graphics.Camera(azimuth=210, elevation=25)
    dots = np.array([[0, 0, 0], [3, 1, 0.5], [-1, 2, 1]], np.float64)
    one = graphics.Figure(200, 150, camera=camera).add(graphics.Points(dots, size=5, colors="black"))
    dark = one.render()[..., 0] < 128
    for x, y, _ in one.view.project(dots):
        assert dark[int(y), int(x)]


@pytest.mark.parametrize("far", [0.0, 1e7])
def test_coordinates_far_from_zero_make_the_same_picture(far):
    t = np.linspace(0, 2 * np.pi, 40)
    ring = np.stack([np.cos(t), np.sin(t), 0.2 * np.sin(5 * t)], axis=1)
    shift = np.array([far, 2 * far, 0])
    objects = [graphics.Lines(ring + shift, width=2), graphics.Points(ring * 0.5 + shift, size=3)]
    picture = graphics.Figure(96, 96).add(*objects).render()
    near = graphics.Figure(96, 96).add(graphics.Lines(ring, width=2), graphics.Points(ring * 0.5, size=3)).render()
    assert np.abs(picture.astype(int) - near).mean() < 0.1


def test_cameras():
    one = graphics.Figure(40, 20).add(square())
    assert np.linalg.norm(one.view.target) < 0.3
    one.camera = graphics.Camera(eye=(0, -10, 5), target=(0, 0, 0))
    assert one.view.eye == (0, -10, 5)
    one.camera = graphics.Camera(target=(1, 2, 0))
    assert one.view.target == (1, 2, 0)
    one.camera = graphics.Camera(eye=(0, 0, 9), target=(0, 0, 0))
    np.testing.assert_allclose(one.view.up, (0, 1, 0), atol=1e-12)
    one.camera = graphics.Camera(elevation=90, parallel=4.0)
    assert one.view.parallel_height == 4
    assert one.view.pixel_size((0, 0, 0)) == pytest.approx(0.2)
    assert graphics.Camera() == pickle.loads(pickle.dumps(graphics.Camera()))


@pytest.mark.parametrize("units", [1, 1.0, np.float32(1), np.int64(1)])
def test_one_unit_is_no_flag(units):
    one = figure(camera=graphics.Camera(elevation=90, parallel=units)).add(square(6.0))
    assert one.view.parallel_height == 1
    assert one.view.pixel_size((0, 0, 0)) == pytest.approx(1 / 16)


@pytest.mark.parametrize("flag", [True, False])
def test_flags_of_numpy_are_flags(flag):
    camera = graphics.Camera(elevation=90, parallel=np.bool_(flag))
    assert camera.parallel is flag
    one, other = figure(camera=camera), figure(camera=graphics.Camera(elevation=90, parallel=flag))
    assert one.add(square(6.0)).view.parallel_height == other.add(square(6.0)).view.parallel_height


def test_nothing_to_frame_is_said():
    with pytest.raises(vf.InputError, match="nothing to frame"):
        graphics.Figure(4, 4).render()
    empty = graphics.Points(np.zeros((0, 3)))
    assert empty.bounds is None
    with pytest.raises(vf.InputError, match="nothing to frame"):
        graphics.Figure(4, 4).add(empty).render()
    camera = graphics.Camera(eye=(0, -1, 0), target=(0, 0, 0))
    assert (graphics.Figure(4, 4, camera=camera).add(empty).render() == 255).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"supersample": 0},
        {"supersample": 9},
        {"background": "sky"},
        {"background": (1, 2, 3)},
        {"background": 5},
        {"light": "bright"},
        {"camera": graphics.Light()},
        {"width": 1 << 20},
    ],
)
def test_wrong_options_are_refused(wrong):
    with pytest.raises(vf.InputError):
        graphics.Figure(**{"width": 8, "height": 8, **wrong})


@pytest.mark.parametrize("fovy", [0.01, 1, 150])
def test_points_stand_where_the_view_says(fovy):
    """However far away the eye is: float32 would move them about below the least angle that is taken."""
    places = np.random.default_rng(0).uniform(-1, 1, (40, 3))
    figure = graphics.Figure(320, 240, camera=graphics.Camera(fovy=fovy, elevation=20))
    picture = figure.add(graphics.Points(places, size=4, colors="black")).render()
    x, y, _ = figure.view.project(places).T
    assert (picture[y.astype(int), x.astype(int), 0] < 128).all()


def test_ranges_are_told():
    with pytest.raises(vf.InputError, match=r"expected a finite number and 0\.01 to 179; got 0"):
        graphics.Camera(fovy=0)
    with pytest.raises(vf.InputError, match=r"expected a finite number and > 0 and <= 1; got 0"):
        graphics.Camera(fill=0)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (graphics.Camera, {"elevation": 91}),
        (graphics.Camera, {"fovy": 0}),
        (graphics.Camera, {"fovy": 0.001}),
        (graphics.Camera, {"eye": (1, 2)}),
        (graphics.Camera, {"eye": (1, 2, float("nan"))}),
        (graphics.Camera, {"fill": 0}),
        (graphics.Camera, {"parallel": -1.0}),
        (graphics.Camera, {"parallel": 0}),
        (graphics.Camera, {"near": 0}),
        (graphics.Light, {"sun": (0, 100)}),
        (graphics.Light, {"sun": 3}),
        (graphics.Light, {"fill": 1.5}),
        (graphics.Light, {"softness": -1}),
    ],
)
def test_wrong_fields_are_refused(kind, wrong):
    with pytest.raises(vf.InputError):
        kind(**wrong)


def test_objects_come_and_go():
    one, thing = figure(4), square(colors="red")
    assert one.add(thing).objects == (thing,)
    assert one.remove(thing).objects == ()
    with pytest.raises(vf.InputError, match="not there"):
        one.remove(thing)
    with pytest.raises(vf.ArgumentTypeError):
        one.add("a mesh")
    one.add(thing)
    thing.close()
    with pytest.raises(vf.StateError):
        one.render()
    one.close()
    assert one.closed


def test_pictures_are_the_same_each_time():
    rng = np.random.default_rng(3)
    soup = graphics.Mesh(rng.normal(size=(60, 3)), rng.integers(0, 60, (40, 3)), colors=rng.random((60, 4)))
    one = graphics.Figure(48, 48).add(soup, graphics.Points(rng.normal(size=(500, 3)), size=4, opacity=0.4))
    assert (one.render() == one.render()).all()
