"""vulkan-forge render: the picture of Terrain.map, with every option of the API's dataclasses."""

import dataclasses

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import cli, graphics
from vulkan_forge.cli import render


def run(*words):
    return cli.main(["render", *(str(word) for word in words)])


@pytest.mark.gpu
def test_it_is_the_terrains_map(npy, heights, tmp_path):
    out = tmp_path / "out.png"
    words = ["--size", "320x200", "--cell", 30, "--sun", "90,20", "--title", "A hill", "--contours", 100, "--dpi", 90]
    assert run(npy, "-o", out, *words, "--elevation", 50, "--supersample", 1) == 0
    terrain = graphics.Terrain(heights, 30, contours=100)
    wanted = terrain.map(
        320,
        200,
        title="A hill",
        light=graphics.Light(sun=(90, 20)),
        camera=graphics.Camera(elevation=50),
        supersample=1,
        furniture=graphics.FurnitureStyle(dpi=90),
    )
    np.testing.assert_array_equal(vf.png_to_numpy(out), wanted)
    assert graphics.read_png(out).dpi == pytest.approx(90, abs=0.02)


@pytest.mark.gpu
@pytest.mark.parametrize("style", render.STYLES)
def test_styles_and_bare_pictures(style, npy, heights, tmp_path):
    out = tmp_path / "out.png"
    assert run(npy, "-o", out, "--size", "120x90", "--style", style, "--bare") == 0
    wanted = graphics.Terrain(heights, **render.STYLES[style]).render(120, 90)
    np.testing.assert_array_equal(vf.png_to_numpy(out), wanted)


@pytest.mark.gpu
def test_numbers_may_begin_with_a_sign(npy, heights, tmp_path):
    out = tmp_path / "out.png"
    words = ["--size", "60x45", "--bare", "--units", "degrees", "--extent", "-10,-9,-4.5,-4", "--color-range", "-.5,90"]
    assert run(npy, "-o", out, *words) == 0
    wanted = graphics.Terrain(heights, units="degrees", extent=(-10, -9, -4.5, -4), color_range=(-0.5, 90))
    np.testing.assert_array_equal(vf.png_to_numpy(out), wanted.render(60, 45))


@pytest.mark.gpu
def test_geotiff_knows_its_cells(geotiff, tmp_path):
    out = tmp_path / "out.png"
    path = geotiff()
    assert run(path, "-o", out, "--size", "120x90", "--bare") == 0
    from vulkan_forge.cli._elevation import read_elevation

    wanted = graphics.Terrain(read_elevation(path).heights, (25, 20)).render(120, 90)
    np.testing.assert_array_equal(vf.png_to_numpy(out), wanted)


def test_every_option_of_the_dataclasses_is_there():
    for kind in (graphics.Light, graphics.FurnitureStyle):
        names = {option.name for made, rows in render.options().values() if made is kind for option in rows}
        assert names == {field.name for field in dataclasses.fields(kind)}
    for kind in (graphics.TerrainStyle, graphics.Camera):
        names = {option.name for made, rows in render.options().values() if made is kind for option in rows}
        assert len(names) >= 0.7 * len(dataclasses.fields(kind))
    all_rows = [option for _, rows in render.options().values() for option in rows]
    assert len({option.place for option in all_rows}) == len(all_rows)
    assert all(option.help for option in all_rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "big"), "--size"),
        (("--size", "100"), "such as 3840x2160"),
        (("--size", "0x10"), "such as 3840x2160"),
        (("--size", "nanxnan"), "such as 3840x2160"),
        (("--size", "infx1"), "such as 3840x2160"),
        (("--units", "degrees"), "cells in degrees need a size"),
        (("--color-range", "-10"), "color_range"),
        (("--style", "baroque"), "invalid choice"),
        (("--sun", "90"), "sun"),
        (("--fill-light", "2"), "unrecognized"),
        (("--cell", "-1"), "cell"),
    ],
)
def test_refusals(words, said, npy, tmp_path, capfd):
    try:
        code = run(npy, "-o", tmp_path / "out.png", *words)
    except SystemExit as refusal:
        code = refusal.code
    assert code in (1, 2)
    text = capfd.readouterr().err
    assert said in text
    assert "Traceback" not in text


def test_other_suffixes_are_refused(npy, tmp_path, capsys):
    assert run(npy, "-o", tmp_path / "out.jpg") == 1
    assert "expected .png" in capsys.readouterr().err
