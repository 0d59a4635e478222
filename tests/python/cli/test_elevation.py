"""Elevation files: what is read, what a cell is, and what is refused in one line."""

import math
import sys

import numpy as np
import pytest
import rasterio

from vulkan_forge import errors, graphics
from vulkan_forge.cli import _elevation


def test_npy(npy, heights):
    read = _elevation.read_elevation(npy)
    np.testing.assert_array_equal(read.heights, heights)
    assert read.cell is None


@pytest.mark.parametrize("dtype", ["int16", "float64", "uint8", "bool"])
def test_other_dtypes(tmp_path, dtype):
    np.save(tmp_path / "a.npy", np.ones((3, 4), dtype))
    if dtype == "bool":
        with pytest.raises(errors.FileError, match="real numbers"):
            _elevation.read_elevation(str(tmp_path / "a.npy"))
    else:
        assert _elevation.read_elevation(str(tmp_path / "a.npy")).heights.dtype == np.float32


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png(tmp_path, dtype):
    values = np.arange(12, dtype=dtype).reshape(3, 4) * (5000 if dtype == "uint16" else 20)
    path = str(tmp_path / "a.png")
    graphics.write_png(path, values)
    np.testing.assert_array_equal(_elevation.read_elevation(path).heights, values)
    graphics.write_png(path, np.dstack([values, np.where(values > 40, np.iinfo(dtype).max, 0).astype(dtype)]))
    holes = np.isnan(_elevation.read_elevation(path).heights)
    np.testing.assert_array_equal(holes, values <= 40)


def test_gray_that_is_seen_through_is_a_hole(tmp_path):
    from PIL import Image

    values = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    Image.fromarray(values).save(tmp_path / "a.png", transparency=40)
    heights = _elevation.read_elevation(str(tmp_path / "a.png")).heights
    np.testing.assert_array_equal(heights, np.where(values == 40, np.float32(np.nan), values))


def test_colours_are_no_heights(tmp_path):
    path = str(tmp_path / "a.png")
    graphics.write_png(path, np.zeros((3, 4, 3), np.uint8))
    with pytest.raises(errors.FileError, match="a gray PNG"):
        _elevation.read_elevation(path)


def test_geotiff_in_metres(geotiff, heights):
    read = _elevation.read_elevation(geotiff())
    assert read.cell == (25, 20)
    assert np.isnan(read.heights[5, 7])
    assert np.isnan(read.heights).sum() == 1
    np.testing.assert_array_equal(read.heights[6:], heights[6:])


def test_geotiff_in_degrees(geotiff):
    read = _elevation.read_elevation(geotiff("EPSG:4326", rasterio.Affine(0.001, 0, 7, 0, -0.001, 46.02)))
    middle = 46.02 - 0.02
    assert read.cell[0] == pytest.approx(111.32 * math.cos(math.radians(middle)), rel=3e-3)
    assert read.cell[1] == pytest.approx(111.15, rel=1e-3)


def test_geotiff_in_feet(geotiff, heights):
    read = _elevation.read_elevation(geotiff("EPSG:2225", unit="ft"))
    assert read.cell[0] == pytest.approx(25 * 0.3048006)
    np.testing.assert_allclose(read.heights[6:], heights[6:] * 0.3048, rtol=1e-6)


def test_geotiff_from_the_south(geotiff, heights):
    read = _elevation.read_elevation(geotiff(transform=rasterio.Affine(25, 0, 0, 0, 20, 0)))
    np.testing.assert_array_equal(read.heights[:30], heights[::-1][:30])


def test_cells_of_files_without_units_are_taken_as_they_are(tmp_path):
    """As gdaldem does: an ASCII grid knows the size of its cells and no projection."""
    path = tmp_path / "a.asc"
    path.write_text("ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 30\nNODATA_value -9999\n1 2\n3 -9999\n")
    read = _elevation.read_elevation(str(path))
    assert read.cell == (30, 30)
    np.testing.assert_array_equal(read.heights, np.array([[1, 2], [3, np.nan]], np.float32))


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
@pytest.mark.parametrize("dtype", ["complex128", "float64"])
def test_geotiffs_of_wide_numbers(tmp_path, dtype):
    path, hole = str(tmp_path / "a.tif"), -1.7976931348623157e308
    options = {"nodata": hole} if dtype == "float64" else {}
    with rasterio.open(path, "w", driver="GTiff", dtype=dtype, count=1, height=1, width=2, **options) as target:
        target.write(np.array([[1, hole]], dtype), 1)
    if dtype == "float64":
        np.testing.assert_array_equal(_elevation.read_elevation(path).heights, [[1, np.nan]])
    else:
        with pytest.raises(errors.FileError, match="real numbers"):
            _elevation.read_elevation(path)


def test_turned_rasters_are_refused(geotiff):
    with pytest.raises(errors.FileError, match="turned"):
        _elevation.read_elevation(geotiff(transform=rasterio.Affine(25, 9, 0, 9, -20, 0)))


@pytest.mark.parametrize("latitude", [-60, 0, 46, 89])
def test_degrees_as_rasterios_ellipsoid(latitude):
    east, north = _elevation.metres_per_degree(latitude)
    # published series of the WGS 84 meridian and parallel
    phi = math.radians(latitude)
    assert north == pytest.approx(111132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi), rel=1e-6)
    assert east == pytest.approx(111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi), rel=1e-5, abs=1)


@pytest.mark.parametrize("name", ["none.npy", "none.png", "none.tif"])
def test_missing_files(tmp_path, name):
    with pytest.raises(errors.FileError, match="No such file"):
        _elevation.read_elevation(str(tmp_path / name))


@pytest.mark.parametrize("header", [b"({[(\\\n  ", b"{'descr': ", b"\x00\x00", b"f()"])
def test_npy_files_whose_header_is_no_text_of_pythons_are_refused(header, tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(errors.FileError, match="no NumPy file"):
        _elevation.read_elevation(str(path))


@pytest.mark.parametrize("name", ["a.npy", "a.png", "a.tif", "a.xyz"])
def test_broken_files(tmp_path, name):
    (tmp_path / name).write_bytes(b"no raster" * 20)
    with pytest.raises(errors.FileError, match=name):
        _elevation.read_elevation(str(tmp_path / name))


def test_nodata_of_doubles_is_infinite_and_no_warning(tmp_path, recwarn):
    np.save(tmp_path / "a.npy", np.array([[1.0, -1.7976931348623157e308]]))
    assert _elevation.read_elevation(str(tmp_path / "a.npy")).heights.tolist() == [[1, -np.inf]]
    assert not recwarn.list


def test_several_arrays_are_refused(tmp_path):
    with (tmp_path / "a.npy").open("wb") as file:
        np.savez(file, a=np.ones((3, 4)), b=np.ones((3, 4)))
    with pytest.raises(errors.FileError, match="several arrays"):
        _elevation.read_elevation(str(tmp_path / "a.npy"))


def test_geotiff_with_scale_and_offset(geotiff, heights):
    path = geotiff()
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets = (0.5,), (100.0,)
    np.testing.assert_allclose(_elevation.read_elevation(path).heights[6:], heights[6:] * 0.5 + 100, rtol=1e-6)


def test_objects_are_not_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}]], object), allow_pickle=True)
    with pytest.raises(errors.FileError):
        _elevation.read_elevation(str(tmp_path / "a.npy"))


def test_without_the_extra(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"II*\0")
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(errors.UnsupportedError, match=r"pip install 'vulkan-forge\[geo\]'"):
        _elevation.read_elevation(str(tmp_path / "a.tif"))
