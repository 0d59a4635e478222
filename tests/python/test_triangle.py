"""The module's triangle functions: what they refuse, in which order, and that a Renderer draws the same."""

import numpy as np
import pytest

import vulkan_forge as vf


@pytest.mark.parametrize(("width", "height"), [(0, 8), (8, 0), (-1, 8), (0, 0)])
def test_sizes_below_1_are_refused(tmp_path, width, height):
    with pytest.raises(ValueError, match="width and height must be > 0"):
        vf.render_triangle_rgba(width, height)
    with pytest.raises(ValueError, match="width and height must be > 0"):
        vf.render_triangle_png(tmp_path / "picture.txt", width, height)  # sizes come first


@pytest.mark.parametrize(("width", "height"), [(8.0, 8), (8, "8"), (None, 8)])
def test_sizes_are_integers(tmp_path, width, height):
    with pytest.raises(TypeError, match="width and height must be integers"):
        vf.render_triangle_rgba(width, height)
    with pytest.raises(TypeError, match="width and height must be integers"):
        vf.render_triangle_png(tmp_path / "picture.png", width, height)


def test_a_path_is_a_path():
    with pytest.raises(vf.ArgumentTypeError, match=r"^path has the wrong type; .*got int"):
        vf.render_triangle_png(5, 5, 5)


@pytest.mark.parametrize("name", ["picture", "picture.jpg", "png", "picture.png.txt"])
def test_the_file_is_a_png(tmp_path, name):
    with pytest.raises(ValueError, match=r"path must end in \.png"):
        vf.render_triangle_png(tmp_path / name, 8, 8)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.gpu
@pytest.mark.parametrize("make_path", [str, lambda path: path], ids=["str", "PathLike"])
@pytest.mark.parametrize("name", ["picture.png", "PICTURE.PNG"])
def test_file_and_array_hold_the_same(tmp_path, make_path, name):
    vf.render_triangle_png(make_path(tmp_path / name), 61, 33)
    picture = vf.render_triangle_rgba(61, np.int64(33))
    assert picture.shape == (33, 61, 4)
    assert picture.flags.c_contiguous
    np.testing.assert_array_equal(vf.png_to_numpy(tmp_path / name), picture)
    with vf.Renderer(61, 33) as renderer:
        np.testing.assert_array_equal(renderer.render_triangle_rgba(), picture)


@pytest.mark.gpu
def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(vf.FileError) as caught:
        vf.render_triangle_png(tmp_path / "none" / "picture.png", 8, 8)
    assert isinstance(caught.value, OSError)
