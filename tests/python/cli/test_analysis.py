"""vulkan-forge hillshade and its kin: the same values as the functions, in PNG, NumPy's files and GeoTIFF."""

import io
import sys

import numpy as np
import pytest
import rasterio

import vulkan_forge as vf
from vulkan_forge import cli, graphics
from vulkan_forge.cli import _analysis, _progress
from vulkan_forge.graphics import raster


def run(*words):
    return cli.main([str(word) for word in words])


@pytest.mark.gpu
def test_hillshade_is_the_functions(npy, heights, tmp_path):
    out = tmp_path / "shade.png"
    assert run("hillshade", npy, "-o", out, "--cell", 30, "--azimuth", 270, "--compute-edges") == 0
    wanted = np.rint(np.asarray(raster.hillshade(heights, 30, azimuth=270, compute_edges=True)))
    image = graphics.read_png(out)
    assert image.mode == "gray"
    assert image.srgb == 0
    np.testing.assert_array_equal(image.pixels, wanted)


@pytest.mark.gpu
def test_holes_are_seen_through(npy, tmp_path):
    assert run("hillshade", npy, "-o", tmp_path / "shade.png") == 0
    image = graphics.read_png(tmp_path / "shade.png")
    assert image.mode == "gray+alpha"
    assert (image.pixels[0, :, 1] == 0).all()  # gdaldem's frame
    assert (image.pixels[1:-1, 1:-1, 1] == 255).all()


@pytest.mark.gpu
@pytest.mark.parametrize("word", [word for word in _analysis.ANALYSES if word != "viewshed"])
def test_each_word(word, npy, tmp_path):
    out = tmp_path / "out.npy"
    assert run(word, npy, "-o", out) == 0
    function = getattr(raster, _analysis.ANALYSES[word].function)
    np.testing.assert_array_equal(np.load(out), np.asarray(function(np.load(npy))))


@pytest.mark.gpu
def test_pictures_have_a_legend(npy, tmp_path):
    out = tmp_path / "slope.png"
    assert run("slope", npy, "-o", out, "--cell", 30, "--picture-scale", 3, "--title", "Steepness") == 0
    assert vf.png_to_numpy(out).shape[0] >= 120
    assert vf.png_to_numpy(out).shape[1] > 180
    assert run("viewshed", npy, "-o", out, "--observer", "20,30", "--no-legend") == 0
    assert vf.png_to_numpy(out).shape == (40, 60, 4)


@pytest.mark.gpu
def test_geotiff_in_and_out(geotiff, tmp_path):
    path, out = geotiff(), tmp_path / "slope.tif"
    assert run("slope", path, "-o", out) == 0
    with rasterio.open(path) as source, rasterio.open(out) as result:
        assert result.crs == source.crs
        assert result.transform == source.transform
        heights = np.where(source.read(1) == -9999, np.nan, source.read(1))
        wanted = np.asarray(raster.slope(heights.astype(np.float32), (25, 20)))  # the file's own cells
        np.testing.assert_array_equal(result.read(1), wanted)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("slope", "none.npy", "-o", "a.png"), 1, "No such file"),
        (("slope", "DEM", "-o", "none/a.png"), 1, "expected a folder"),
        (("slope", "DEM", "-o", "a.jpg"), 1, ".png or .npy"),
        (("slope", "DEM", "-o", "a.png", "--method", "best"), 1, "unknown method; expected 'horn'"),
        (("slope", "DEM", "-o", "a.png", "--cell", "-3"), 1, "cell is out of range"),
        (("slope", "DEM", "-o", "."), 1, ".png or .npy"),
        (("slope", "DEM", "-o", "folder.png"), 1, "folder.png"),
        (("slope", "DEM", "-o", "folder.npy"), 1, "folder.npy"),
        (("slope", "DEM", "-o", "a" * 300 + "/a.png"), 1, "expected a folder"),
        (("slope", "DEM", "-o", "a" * 300 + ".npy"), 1, "too long"),
        (("slope", "a" * 300 + ".tif", "-o", "a.png"), 1, "too long"),
        (("hillshade", "DEM", "-o", "a.png", "--fill", "-9999"), 1, "fill of a picture is out of range"),
        (("slope", "DEM"), 2, "required: -o"),
        (("slope", "DEM", "-o", "a.png", "--cell", "wide"), 2, "--cell"),
        (("sloppy", "DEM"), 2, "invalid choice"),
    ],
)
def test_refusals_are_one_line(words, code, said, npy, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    for name in ("folder.png", "folder.npy"):
        (tmp_path / name).mkdir()
    try:
        got = run(*(npy if word == "DEM" else word for word in words))
    except SystemExit as refusal:  # argparse
        got = refusal.code
    text = capfd.readouterr().err
    assert got == code
    assert said in text
    assert "Traceback" not in text
    assert text.count("\n") == 1 or code == 2
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("word", ["hillshade", "render"])
def test_the_input_is_not_written_over(word, tmp_path, capfd):
    """By whatever name: a slip of the shell's completion would cost the elevation model."""
    dem = tmp_path / "dem.png"
    graphics.write_png(dem, np.arange(12, dtype=np.uint16).reshape(3, 4))
    before = dem.read_bytes()
    (tmp_path / "other.png").symlink_to(dem)
    for out in (dem, tmp_path / "other.png"):
        assert run(word, dem, "-o", out) == 1
        assert "output is the input" in capfd.readouterr().err
    assert dem.read_bytes() == before


def test_out_of_memory_and_interrupts_are_one_line(npy, tmp_path, monkeypatch, capsys):
    for error, code in ((MemoryError(), 1), (KeyboardInterrupt(), 130)):

        def fail(*_, error=error, **__):
            raise error

        monkeypatch.setattr(_analysis.Analysis, "run", fail)
        assert run("slope", npy, "-o", tmp_path / "a.png") == code
        assert capsys.readouterr().err.count("\n") == 1


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.gpu
@pytest.mark.parametrize("fill", [0, 77, 255])
def test_holes_of_a_picture_may_be_gray(fill, npy, tmp_path):
    out = tmp_path / "shade.png"
    assert run("hillshade", npy, "-o", out, "--fill", fill) == 0
    assert (graphics.read_png(out).pixels[0] == fill).all()


@pytest.mark.gpu
def test_rasters_without_a_place_begin_in_the_north(tmp_path, heights, recwarn):
    """As pictures do; they come out as they went in, and nothing warns."""
    heights[:5] += 3000
    write = {"driver": "GTiff", "dtype": "float32", "count": 1, "height": 40, "width": 60}
    with rasterio.open(tmp_path / "plain.tif", "w", **write) as target:
        target.write(heights, 1)
    recwarn.clear()
    assert run("roughness", tmp_path / "plain.tif", "-o", tmp_path / "plain.npy") == 0
    assert run("roughness", tmp_path / "plain.tif", "-o", tmp_path / "out.tif") == 0
    assert not recwarn.list
    wanted = np.asarray(raster.roughness(heights))
    np.testing.assert_array_equal(np.load(tmp_path / "plain.npy"), wanted)
    with rasterio.open(tmp_path / "out.tif") as result:
        np.testing.assert_array_equal(result.read(1), wanted)


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(terminal, monkeypatch):
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(_progress, "PATIENCE_S", 0)
    with _progress.Progress() as progress:
        progress.step("reading")
        progress.step("writing", 0.5)
    text = stream.getvalue()
    assert ("writing  50 %" in text) == terminal
    assert not terminal or text.endswith("\r")
    assert "\n" not in text


def test_only_the_word_used_is_imported():
    import subprocess

    code = (
        "import sys; from vulkan_forge import cli; cli.main(['cache', 'list']); "
        "sys.exit('vulkan_forge.graphics.raster' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=100)  # DEADLOCK_GUARD
    assert done.returncode == 0


@pytest.mark.gpu
def test_directions_have_colours_where_some_ground_is_level(tmp_path, heights):
    heights[10:20, 10:20] = heights[10, 10]
    np.save(tmp_path / "dem.npy", heights)
    out = tmp_path / "aspect.png"
    words = ("aspect", tmp_path / "dem.npy", "-o", out, "--compute-edges", "--no-legend")
    assert run(*words) == 0
    image, aspects = vf.png_to_numpy(out), np.asarray(raster.aspect(heights, compute_edges=True))
    is_level = aspects == -9999
    assert is_level.any()
    assert (image[is_level] == 255).all()
    want = raster.picture(np.where(is_level, 0, aspects), limits=(0, 360), legend=False)
    np.testing.assert_array_equal(image[~is_level], want[~is_level])
    assert np.unique(image[~is_level], axis=0).shape[0] > 100
    assert run(*words, "--limits", "0,180") == 0
    assert (vf.png_to_numpy(out)[aspects > 180] == vf.png_to_numpy(out)[aspects > 180][0]).all()
