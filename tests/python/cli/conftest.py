"""Elevation files to work on."""

import numpy as np
import pytest
import rasterio


@pytest.fixture
def heights():
    y, x = np.mgrid[-2:2:40j, -3:3:60j]
    return (900 * np.exp(-(x**2) - y**2)).astype(np.float32)


@pytest.fixture
def npy(tmp_path, heights):
    path = tmp_path / "dem.npy"
    np.save(path, heights)
    return str(path)


@pytest.fixture
def geotiff(tmp_path, heights):
    """Writes a GeoTIFF with a hole; its crs and transform as asked."""

    def write(crs="EPSG:2056", transform=None, values=heights, unit=None):
        path = tmp_path / "dem.tif"
        transform = transform or rasterio.Affine(25, 0, 2_600_000, 0, -20, 1_200_000)
        cells = values.copy()
        cells[5, 7] = -9999
        options = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": -9999.0, "crs": crs}
        height, width = cells.shape
        with rasterio.open(path, "w", height=height, width=width, transform=transform, **options) as target:
            target.write(cells, 1)
            if unit:
                target.units = (unit,)
        return str(path)

    return write
