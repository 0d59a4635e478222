"""Measures of windows against gdaldem's files, and against plain NumPy over shapes, holes and cell sizes."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import errors
from vulkan_forge.graphics import raster

pytestmark = pytest.mark.gpu

GDALDEM = np.load(Path(__file__).parents[3] / "data" / "raster" / "gdaldem.npz")
CELLS = {"rough": (30, 25), "holed": (30, 30)}
HOLE = -9999.0
ZT = {"method": "zevenbergen_thorne"}
EDGES = {"compute_edges": True}


def host(array):
    return np.asarray(array)


# ---------------------------------------------------------------- gdaldem

# The command line, and the function with what it takes. gdaldem subtracts sums of four heights in float32 where we sum
# differences; its files of hillshade hold bytes.
LIKE = [
    ("hillshade", raster.hillshade, {}),
    ("hillshade -compute_edges", raster.hillshade, EDGES),
    ("hillshade -az 200 -alt 20 -z 3", raster.hillshade, {"azimuth": 200, "altitude": 20, "z_factor": 3}),
    ("hillshade -alg ZevenbergenThorne", raster.hillshade, ZT),
    ("hillshade -combined", raster.hillshade, {"shading": "combined"}),
    ("hillshade -multidirectional", raster.hillshade, {"shading": "multidirectional"}),
    (
        "hillshade -multidirectional -compute_edges -alt 30",
        raster.hillshade,
        {"shading": "multidirectional", "altitude": 30, **EDGES},
    ),
    ("hillshade -igor", raster.hillshade, {"shading": "igor"}),
    ("hillshade -igor -az 100 -z 2", raster.hillshade, {"shading": "igor", "azimuth": 100, "z_factor": 2}),
    ("slope", raster.slope, {}),
    ("slope -p", raster.slope, {"unit": "percent"}),
    ("slope -s 2 -compute_edges", raster.slope, {"scale": 2, **EDGES}),
    ("slope -alg ZevenbergenThorne", raster.slope, ZT),
    ("aspect", raster.aspect, {}),
    ("aspect -trigonometric", raster.aspect, {"convention": "trigonometric"}),
    ("aspect -zero_for_flat", raster.aspect, {"zero_for_flat": True, "fill": 0}),
    ("aspect -alg ZevenbergenThorne -compute_edges", raster.aspect, ZT | EDGES),
    ("TRI -alg Riley", raster.tri, {}),
    ("TRI -alg Wilson -compute_edges", raster.tri, {"method": "wilson", **EDGES}),
    ("TPI", raster.tpi, {}),
    ("TPI -compute_edges", raster.tpi, EDGES),
    ("roughness", raster.roughness, {}),
    ("roughness -compute_edges", raster.roughness, EDGES),
]
# gdaldem's aspect takes every cell as square, and so does that of its igor, which is compared where they are.
USES_CELLS = (raster.hillshade, raster.slope)


def like_gdaldem(model, function, options):
    options = {"nodata": HOLE, "fill": 0 if function is raster.hillshade else HOLE, **options}
    if function in USES_CELLS:
        options["cell"] = CELLS[model]
    return host(function(GDALDEM[f"dem {model}"], **options))


def aspect_tolerance(model, want):
    """On nearly level ground gdaldem's aspect is as good as its differences: some last places of sums of heights."""
    heights = GDALDEM[f"dem {model}"].astype(float)
    east = heights[1:-1, 2:] - heights[1:-1, :-2]
    north = heights[:-2, 1:-1] - heights[2:, 1:-1]
    tolerance = np.full(want.shape, 2e-4)
    tolerance[1:-1, 1:-1] += np.degrees(4 * np.spacing(np.float32(2048)) / np.maximum(np.hypot(east, north), 1e-3))
    return tolerance


@pytest.mark.parametrize(
    ("model", "command", "function", "options"),
    [(model, *row) for model in CELLS for row in LIKE if not (model == "rough" and "igor" in row[0])],
)
def test_is_what_gdaldem_gives(model, command, function, options):
    want = GDALDEM[f"{model} {command}"]
    got = like_gdaldem(model, function, options)
    assert got.shape == want.shape
    if want.dtype == np.uint8:
        assert np.abs(got - want.astype(float)).max() < 0.5 + 1e-3
    elif function is raster.aspect:
        apart = np.abs(got - want.astype(float))
        assert (np.minimum(apart, 360 - apart) <= aspect_tolerance(model, want)).all()
    else:
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=1e-4)


def test_bytes_are_gdaldems_file():
    if not host_has_bytes():
        pytest.skip("the device has no 8-bit storage")
    for model in CELLS:
        got = host(raster.hillshade(GDALDEM[f"dem {model}"], CELLS[model], nodata=HOLE, dtype="uint8"))
        want = GDALDEM[f"{model} hillshade"]
        assert got.dtype == np.uint8
        apart = got.astype(int) - want
        assert np.abs(apart).max() <= 1
        assert (apart != 0).mean() < 0.002  # halves, rounded either way


def host_has_bytes():
    try:
        raster.hillshade(np.zeros((3, 3), np.float32), dtype="uint8")
    except errors.UnsupportedError:
        return False
    return True


# ---------------------------------------------------------------- plain NumPy


def windows(heights, nodata, edges):
    """The nine neighbours of every cell, (3, 3, rows, columns), NaN where there is none."""
    h = heights.astype(np.float64)
    if nodata is not None:
        h[heights == np.float32(nodata)] = np.nan
    rows, columns = h.shape
    if edges and rows >= 2 and columns >= 2:
        big = np.full((rows + 2, columns + 2), np.nan)
        big[1:-1, 1:-1] = h
        big[1:-1, 0], big[1:-1, -1] = 2 * h[:, 0] - h[:, 1], 2 * h[:, -1] - h[:, -2]
        tops = np.pad(np.stack([2 * h[0] - h[1], 2 * h[-1] - h[-2]]), ((0, 0), (1, 1)), mode="edge")
        big[0], big[-1] = tops
        near = np.stack([[big[r : r + rows, c : c + columns] for c in range(3)] for r in range(3)])
        for row, other in ((0, slice(0, 3)), (-1, slice(0, 3))):  # in these rows columns repeat
            near[other, 0, row, 0] = near[other, 1, row, 0]
            near[other, 2, row, -1] = near[other, 1, row, -1]
        near = np.where(np.isnan(near), h, near)
    else:
        big = np.pad(h, 1, constant_values=np.nan)
        near = np.stack([[big[r : r + rows, c : c + columns] for c in range(3)] for r in range(3)])
        near[:, :, np.isnan(near).any(axis=(0, 1))] = np.nan
    return near


def gradient(w, cell, zt):
    if zt:
        return (w[1, 2] - w[1, 0]) / (2 * cell[0]), (w[0, 1] - w[2, 1]) / (2 * cell[1])
    east = (w[0, 2] + 2 * w[1, 2] + w[2, 2] - w[0, 0] - 2 * w[1, 0] - w[2, 0]) / (8 * cell[0])
    north = (w[0, 0] + 2 * w[0, 1] + w[0, 2] - w[2, 0] - 2 * w[2, 1] - w[2, 2]) / (8 * cell[1])
    return east, north


def plain_slope(w, cell, zt):
    return np.degrees(np.arctan(np.hypot(*gradient(w, cell, zt))))


def plain_hillshade(w, cell, zt, azimuth=315, altitude=45):
    east, north = gradient(w, cell, zt)
    a, e = np.radians(azimuth), np.radians(altitude)
    light = np.sin(e) - np.cos(e) * (east * np.sin(a) + north * np.cos(a))
    return 1 + 254 * np.maximum(light / np.sqrt(1 + east**2 + north**2), 0)


def plain_curvature(w, cell, kind):
    d = ((w[1, 0] + w[1, 2]) / 2 - w[1, 1]) / cell[0] ** 2
    e = ((w[0, 1] + w[2, 1]) / 2 - w[1, 1]) / cell[1] ** 2
    f = (w[0, 2] - w[0, 0] + w[2, 0] - w[2, 2]) / (4 * cell[0] * cell[1])
    g, h = gradient(w, cell, True)
    s = g * g + h * h
    flat = s == 0
    if kind == "total":
        return -2 * (d + e)
    top = -2 * (d * g * g + e * h * h + f * g * h) if kind == "profile" else 2 * (d * h * h + e * g * g - f * g * h)
    return np.where(flat, 0, top / np.where(flat, 1, s))


shapes = st.tuples(st.integers(1, 9), st.one_of(st.integers(1, 14), st.sampled_from([64, 255, 256, 257, 300])))
cells = st.tuples(st.floats(0.5, 100), st.floats(0.5, 100))


@settings(deadline=None)
@given(
    shapes, cells, st.floats(0, 0.3), st.booleans(), st.booleans(), st.sampled_from([None, -5.0]), st.integers(0, 99)
)
def test_is_plain_numpy(shape, cell, holes, edges, zt, nodata, seed):
    rng = np.random.default_rng(seed)
    heights = (rng.normal(0, 20, shape) + 5 * np.arange(shape[1])).astype(np.float32)
    heights[rng.random(shape) < holes] = np.nan if nodata is None else nodata
    w = windows(heights, nodata, edges)
    rules = {"nodata": nodata, "compute_edges": edges}
    method = "zevenbergen_thorne" if zt else "horn"
    differences = np.abs(w - w[1, 1]).reshape(9, *shape)
    for got, want in [
        (raster.slope(heights, cell, method=method, **rules), plain_slope(w, cell, zt)),
        (raster.hillshade(heights, cell, method=method, **rules), plain_hillshade(w, cell, zt)),
        (raster.tri(heights, **rules), np.sqrt((differences**2).sum(axis=0))),
        (raster.tri(heights, method="wilson", **rules), differences.sum(axis=0) / 8),
        (raster.tpi(heights, **rules), w[1, 1] - (w.sum(axis=(0, 1)) - w[1, 1]) / 8),
        (raster.roughness(heights, **rules), w.max(axis=(0, 1)) - w.min(axis=(0, 1))),
    ]:
        want = np.where(np.isnan(w[1, 1]), np.nan, want)
        np.testing.assert_allclose(host(got), want, rtol=2e-4, atol=2e-3)


@pytest.mark.parametrize("kind", ["total", "profile", "plan"])
@pytest.mark.parametrize("edges", [False, True])
def test_curvature_is_plain_numpy(kind, edges):
    rng = np.random.default_rng(3)
    heights = rng.normal(0, 20, (23, 41)).astype(np.float32)
    heights[5:8, 6:9] = 7
    heights[12, 30] = np.nan
    w, cell = windows(heights, None, edges), (3.0, 4.0)
    want = np.where(np.isnan(w[1, 1]), np.nan, plain_curvature(w, cell, kind))
    got = host(raster.curvature(heights, cell, kind=kind, compute_edges=edges))
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


def test_curvature_has_the_signs_it_says():
    y, x = np.mgrid[-3:4, -3:4].astype(np.float32)
    dome = -(x**2 + y**2)
    assert host(raster.curvature(dome))[3, 3] > 0
    assert host(raster.curvature(dome, kind="profile"))[3, 5] > 0  # steepens downhill
    assert host(raster.curvature(dome, kind="plan"))[3, 5] < 0  # flow spreads


@pytest.mark.parametrize("shape", [(0, 0), (0, 7), (7, 0), (1, 1), (1, 9), (9, 1), (2, 2), (2, 1)])
@pytest.mark.parametrize("edges", [False, True])
def test_small_shapes(shape, edges):
    heights = np.ones(shape, np.float32)
    got = host(raster.slope(heights, compute_edges=edges))
    assert got.shape == shape
    if min(shape, default=0) >= 2 and edges:
        assert (got == 0).all()
    else:
        assert np.isnan(got).all()


@pytest.mark.parametrize("shape", [(3, 70_000), (70_000, 3), (1100, 1021), (1024, 1024)])
def test_long_shapes(shape):
    heights = np.random.default_rng(1).normal(0, 9, shape).astype(np.float32)
    np.testing.assert_allclose(
        host(raster.slope(heights)), plain_slope(windows(heights, None, False), (1, 1), False), rtol=1e-4, atol=1e-3
    )


def test_infinite_heights_spoil_only_what_touches_them():
    heights = np.zeros((9, 9), np.float32)
    heights[2, 2] = np.inf
    slopes = host(raster.slope(heights))
    assert (slopes[4:-1, 4:-1] == 0).all()


def test_level_ground():
    flat = np.full((5, 6), 12, np.float32)
    assert (host(raster.aspect(flat))[1:-1, 1:-1] == -9999).all()
    assert (host(raster.aspect(flat, zero_for_flat=True))[1:-1, 1:-1] == 0).all()
    assert (host(raster.curvature(flat, kind="plan"))[1:-1, 1:-1] == 0).all()
    np.testing.assert_allclose(host(raster.hillshade(flat, altitude=90))[1:-1, 1:-1], 255)
    assert (host(raster.hillshade(flat, shading="igor"))[1:-1, 1:-1] == 255).all()


@pytest.mark.parametrize(("facing", "degrees"), [("n", 0), ("e", 90), ("s", 180), ("w", 270)])
def test_aspect_faces_downhill(facing, degrees):
    y, x = np.mgrid[:5, :5].astype(np.float32)
    heights = {"n": y, "s": -y, "e": -x, "w": x}[facing]
    assert (host(raster.aspect(heights))[1:-1, 1:-1] == degrees).all()
    trigonometric = host(raster.aspect(heights, convention="trigonometric"))[1:-1, 1:-1]
    assert (trigonometric == (90 - degrees) % 360).all()


def test_aspect_takes_cells_that_are_not_square():
    y, x = np.mgrid[:5, :5].astype(np.float32)
    got = host(raster.aspect(-(x * 3 + y), (3, 1)))[2, 2]  # as steep eastward as southward
    assert got == pytest.approx(135, abs=1e-4)


@pytest.mark.parametrize("dtype", [np.float64, np.int16, np.uint8, np.int32, np.float16])
def test_other_dtypes_are_converted(dtype):
    heights = np.random.default_rng(2).integers(0, 100, (11, 12)).astype(dtype)
    heights[4, 4] = 99
    want = host(raster.slope(heights.astype(np.float32), nodata=99))
    np.testing.assert_array_equal(host(raster.slope(heights, nodata=99)), want)


@pytest.mark.parametrize("nan", [float("nan"), np.float32("nan"), np.float16("nan"), np.array(np.nan)])
def test_no_number_is_no_nodata_whatever_its_type(nan):
    heights = np.arange(30, dtype=np.float32).reshape(5, 6)
    got = host(raster.slope(heights, nodata=nan, fill=nan))
    np.testing.assert_array_equal(got, host(raster.slope(heights)))


def test_nodata_beyond_float32():
    heights = np.arange(30.0).reshape(5, 6)
    heights[0, 0] = nodata = -np.finfo(np.float64).max
    holed = np.where(heights == nodata, np.nan, heights)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = host(raster.slope(heights, nodata=nodata))
    np.testing.assert_array_equal(got, host(raster.slope(holed)))


def test_arrays_stay_on_the_device():
    heights = vf.asarray(np.random.default_rng(2).normal(0, 9, (33, 44)).astype(np.float32))
    slopes = raster.slope(heights)
    assert isinstance(slopes, vf.Array)
    np.testing.assert_array_equal(host(slopes), host(raster.slope(host(heights))))
    again = host(raster.roughness(slopes, compute_edges=True))
    assert np.isfinite(again[2:-2, 2:-2]).all()


def test_an_array_that_starts_between_words():
    values = np.random.default_rng(2).normal(0, 9, 1 + 40 * 64).astype(np.float32)
    want = host(raster.slope(values[1:].reshape(40, 64).copy()))
    np.testing.assert_array_equal(host(raster.slope(values[1:].reshape(40, 64))), want)


def test_in_a_graph():
    heights = vf.asarray(np.random.default_rng(2).normal(0, 9, (20, 24)).astype(np.float32))
    with vf.record() as graph:
        shade = raster.hillshade(heights)
    graph.run()
    np.testing.assert_array_equal(host(shade), host(raster.hillshade(host(heights))))


def test_heights_are_left_alone():
    heights = np.random.default_rng(2).normal(0, 9, (20, 24)).astype(np.float32)
    before = heights.copy()
    raster.hillshade(heights, nodata=0)
    np.testing.assert_array_equal(heights, before)


FUNCTIONS = [
    raster.slope,
    raster.sky_view,
    lambda heights: raster.viewshed(heights, (2, 3)),
    lambda heights: raster.picture(heights, legend=False),
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_any_order_of_memory(function):
    heights = np.random.default_rng(2).normal(0, 9, (20, 24)).astype(np.float32)
    want, part = host(function(heights)), host(function(heights[1:18:2, ::-3].copy()))
    for dtype in (np.float32, np.float64):
        np.testing.assert_array_equal(host(function(np.asfortranarray(heights, dtype))), want)
        np.testing.assert_array_equal(host(function(heights.astype(dtype)[1:18:2, ::-3])), part)
    np.testing.assert_array_equal(host(function(vf.asarray(heights)[1:18:2, ::-3])), part)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.int64])
def test_masked_cells_are_holes(function, dtype):
    heights = np.random.default_rng(2).normal(0, 900, (20, 24)).astype(dtype)
    mask = np.zeros(heights.shape, bool)
    mask[4:9, 11:17] = True
    want = host(function(np.where(mask, np.float32(np.nan), heights.astype(np.float32))))
    heights[mask] = 30_000  # what lies under a mask means nothing
    np.testing.assert_array_equal(host(function(np.ma.array(heights, mask=mask))), want)


GOOD = np.zeros((4, 5), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: raster.slope([[1.0]]), errors.ArgumentTypeError, "an ndarray or an Array; got list"),
        (lambda: raster.slope(np.zeros(4, np.float32)), errors.ShapeError, "2 axes"),
        (lambda: raster.slope(np.zeros((4, 4), complex)), errors.DtypeError, "complex128"),
        (lambda: raster.slope(np.zeros((4, 4), bool)), errors.DtypeError, "bool"),
        (lambda: raster.slope(GOOD, 0), errors.InputError, "cell is out of range; expected a finite number and > 0"),
        (lambda: raster.slope(GOOD, (1, -1)), errors.InputError, "cell is out of range"),
        (lambda: raster.slope(GOOD, (1, 2, 3)), errors.ArgumentTypeError, "two numbers"),
        (lambda: raster.slope(GOOD, "x"), errors.ArgumentTypeError, "cell"),
        (lambda: raster.slope(GOOD, 1e-45), errors.InputError, "too small or too large for float32"),
        (lambda: raster.aspect(GOOD, 1e30), errors.InputError, "a cell of 1e+30 x 1e+30"),
        (lambda: raster.slope(GOOD, 5e-324, scale=1e-9), errors.InputError, "too small or too large"),
        (lambda: raster.curvature(GOOD, 1e-300), errors.InputError, "too small or too large"),
        (lambda: raster.curvature(GOOD, (1, 1e300)), errors.InputError, "too small or too large"),
        (lambda: raster.hillshade(GOOD, shading="multidirectional", z_factor=1e25), errors.InputError, "z_factor"),
        (lambda: raster.slope(GOOD, unit="radians"), errors.InputError, "'degrees' or 'percent'; got 'radians'"),
        (lambda: raster.slope(GOOD, method="sobel"), errors.InputError, "'horn' or 'zevenbergen_thorne'"),
        (lambda: raster.slope(GOOD, scale=0), errors.InputError, "scale"),
        (lambda: raster.slope(GOOD, z_factor=np.nan), errors.InputError, "z_factor"),
        (lambda: raster.hillshade(GOOD, altitude=91), errors.InputError, "-90 to 90; got 91"),
        (lambda: raster.hillshade(GOOD, azimuth=np.inf), errors.InputError, "azimuth"),
        (lambda: raster.hillshade(GOOD, shading="nice"), errors.InputError, "'plain' or"),
        (lambda: raster.hillshade(GOOD, dtype="int16"), errors.DtypeError, "'float32' or 'uint8'"),
        (lambda: raster.hillshade(GOOD, dtype="uint8", fill=300), errors.InputError, "fill"),
        (lambda: raster.aspect(GOOD, convention=3), errors.ArgumentTypeError, "a str"),
        (lambda: raster.curvature(GOOD, kind="mean"), errors.InputError, "'total'"),
        (lambda: raster.tri(GOOD, method="horn"), errors.InputError, "'riley' or 'wilson'"),
        (lambda: raster.tpi(GOOD, nodata="x"), errors.ArgumentTypeError, "nodata"),
    ],
)
def test_refusals(call, error, text):
    with pytest.raises(error) as caught:
        call()
    assert text in str(caught.value)


# ---------------------------------------------------------------- pictures


def test_a_picture_shows_values_by_colour():
    values = np.array([[0, 1], [2, np.nan]], np.float32)
    image = raster.picture(values, colormap="gray", legend=False, hole=(1, 2, 3))
    assert image.tolist() == [[[0, 0, 0, 255], [128, 128, 128, 255]], [[255, 255, 255, 255], [1, 2, 3, 255]]]
    wide = raster.picture(values, colormap="gray", legend=False, scale=3)
    assert wide.shape == (6, 6, 4)


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_a_picture_keeps_digits_that_float32_has_not(dtype):
    """Times in seconds, say, whose steps in float32 are minutes."""
    hour = np.tile(np.arange(0, 3600, 60), (9, 1))
    want = raster.picture(hour.astype(np.float32), title="s")
    got = raster.picture((1_700_000_000 + hour).astype(dtype), title="s", legend=False)
    assert (got == want[: got.shape[0], : got.shape[1]]).all()
    nodata = np.where(hour == 0, -1.7976931348623157e308, hour)  # infinite as in float32: beyond all limits
    assert (
        raster.picture(nodata, legend=False)[:, 1] == raster.picture(hour[:, 1:].astype(float), legend=False)[:, 0]
    ).all()


def test_a_picture_has_a_legend():
    values = np.linspace(0, 50, 200 * 150, dtype=np.float32).reshape(200, 150)
    image = raster.picture(values, title="Length", unit="m")
    assert image.shape[0] == 200
    assert (image[:, :150] == raster.picture(values, legend=False)).all()
    bar = image[:, 150 + 18, :3]
    inside = bar[np.abs(bar.astype(int) - bar.mean(axis=1, keepdims=True)).max(axis=1) > 20]  # neither paper nor ink
    np.testing.assert_allclose(inside[0], (253, 231, 36), atol=4)  # the highest on top
    np.testing.assert_allclose(inside[-1], (68, 1, 84), atol=4)
    printed = raster.picture(values, title="Length", unit="m", dpi=300)
    assert printed.shape[1] - 150 > 2 * (image.shape[1] - 150)


def test_shade_darkens():
    values = np.ones((4, 4), np.float32)
    dark = raster.picture(values, limits=(0, 1), colormap="gray", legend=False, shade=np.full((4, 4), 51, np.float32))
    assert (dark[..., :3] == 51).all()


def test_holes_of_a_shade_do_nothing():
    shade = np.ma.masked_greater(np.array([[51, 250], [51, 250]], np.int16), 100)
    image = raster.picture(np.ones((2, 2), np.float32), limits=(0, 1), colormap="gray", legend=False, shade=shade)
    assert image[..., 0].tolist() == [[51, 255], [51, 255]]


@pytest.mark.parametrize("value", [1e17, -1e17, 3.4e38, 0.0, 1e-40])
def test_constant_rasters_are_in_the_middle(value):
    values = np.full((40, 40), value, np.float32)
    assert (raster.picture(values, colormap="gray", legend=False)[..., 0] == 128).all()
    assert raster.picture(values).shape[1] > 40


@pytest.mark.parametrize("high", [1e-44, 1e-40, 1e-30, 3e38])
def test_all_colours_of_any_range(high):
    values = np.array([[0, high]], np.float32)
    image = raster.picture(np.repeat(values, 60, axis=0), colormap="gray", legend=False)
    assert image[0, :, 0].tolist() == [0, 255]
    assert raster.picture(np.repeat(values, 60, axis=0)).shape[1] > 2


def test_limits_that_float32_has_not():
    values = np.array([[0, 1, 2]], np.float32)
    image = raster.picture(values, colormap="gray", legend=False, limits=(1 - 1e-12, 1 + 1e-12))
    assert image[0, 0, 0] == 0
    assert image[0, 1, 0] in (127, 128)
    assert image[0, 2, 0] == 255
    assert (raster.picture(values, colormap="gray", legend=False, limits=(-4e299, 4e299))[..., 0] == 128).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 3)])
def test_small_pictures(shape):
    image = raster.picture(np.full(shape, np.nan, np.float32), title="x")
    assert image.shape[0] >= shape[0]
    assert image.shape[1] > shape[1]
    assert image.dtype == np.uint8


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: raster.picture(GOOD, limits=(1, 1)), "low < high"),
        (lambda: raster.picture(GOOD, limits=(-1.7e308, 1.7e308)), "apart"),
        (lambda: raster.picture(GOOD, limits=(0, 1e-320)), "apart"),
        (lambda: raster.picture(GOOD, hole=(1, 2)), "hole is no colour"),
        (lambda: raster.picture(GOOD, hole=(300, -1, 2)), "0 to 255; got 300"),
        (lambda: raster.picture(GOOD, hole="red"), "hole is no colour"),
        (lambda: raster.picture(GOOD, colormap="rainbows"), "viridis"),
        (lambda: raster.picture(GOOD, colormap=np.full((4, 3), 300)), "0 to 255"),
        (lambda: raster.picture(GOOD, shade=np.zeros((2, 2), np.float32)), "shade has another shape"),
        (lambda: raster.picture(GOOD[:0]), "no cells"),
        (lambda: raster.picture(GOOD, scale=0), "scale"),
    ],
)
def test_refused_pictures(call, text):
    with pytest.raises(errors.InputError) as caught:
        call()
    assert text in str(caught.value)
