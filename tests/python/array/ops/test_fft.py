"""Fourier transforms against numpy.fft in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge import compute

pytestmark = pytest.mark.gpu

NAMES = ["fft", "ifft", "rfft", "irfft"]
VOLUMES = ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"]


def values(name, shape, wide=False):
    """What a function of this name takes."""
    rng = np.random.default_rng(1)
    real = rng.standard_normal(shape)
    if name.startswith("rfft"):
        return real.astype(np.float64 if wide else np.float32)
    return (real + 1j * rng.standard_normal(shape)).astype(np.complex128 if wide else np.complex64)


def error_of(got, expected):
    """Root mean square of the error over that of the values."""
    assert got.shape == expected.shape
    return np.linalg.norm(got - expected) / max(np.linalg.norm(expected), 1e-30)


def check(name, x, *args, **options):
    wide = x.dtype in (np.complex128, np.float64)
    got = np.asarray(getattr(compute, name)(x, *args, **options))
    expected = getattr(np.fft, name)(x.astype(np.complex128 if np.iscomplexobj(x) else np.float64), *args, **options)
    assert got.dtype == np.dtype(("f8" if wide else "f4") if expected.dtype.kind == "f" else ("c16" if wide else "c8"))
    most = (5e-16 if wide else 2e-7) * max(np.log2(max(expected.size, 2)), 2)
    assert error_of(got, expected) < most


@pytest.fixture
def float64():
    if not vf.default_device().info["features"]["shaderFloat64"]:
        pytest.skip("needs float64")


@pytest.mark.parametrize(
    "length", [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 22, 35, 49, 60, 64, 105, 121, 128, 360, 1000]
)
@pytest.mark.parametrize("name", NAMES)
def test_smooth_lengths(name, length):
    check(name, values(name, (3, length)), length if name == "irfft" else None)


@pytest.mark.parametrize("length", [2, 13, 16, 49, 100, 243, 512, 1000, 1155, 2048, 3000, 4096, 13**3])
@pytest.mark.parametrize("name", NAMES)
def test_many_rows(name, length):
    """Enough values for whole rows to go through shared memory, and rows that fill no whole group of them."""
    rows = 2**18 // length + 3
    check(name, values(name, (rows, length)), length if name == "irfft" else None, norm="ortho")


@pytest.mark.parametrize("length", [97, 1009])
def test_many_rows_of_a_prime(length):
    rows = 2**18 // length + 3
    for name in NAMES:
        check(name, values(name, (rows, length)), length if name == "irfft" else None)
    check("fft", values("fft", (rows, length)), length - 5)
    check("fft", values("fft", (rows, length)), length + 40)


def test_many_rows_in_double(float64):
    for name in NAMES:
        check(name, values(name, (300, 1000), wide=True), 1000 if name == "irfft" else None)


@pytest.mark.parametrize("length", [17, 19, 34, 97, 257, 1009, 2 * 509])
@pytest.mark.parametrize("name", NAMES)
def test_lengths_with_large_primes(name, length):
    check(name, values(name, (2, length)), length if name == "irfft" else None)


@settings(deadline=None, max_examples=30)
@given(
    name=st.sampled_from(NAMES),
    shape=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    axis=st.integers(-4, 3),
    n=st.sampled_from([None, 1, 2, 3, 4, 7, 8, 12, 17]),
    norm=st.sampled_from([None, "backward", "ortho", "forward"]),
)
def test_any_axis_length_and_norm(name, shape, axis, n, norm):
    axis %= len(shape)
    if name == "irfft" and n is None and shape[axis] == 1:
        n = 1
    check(name, values(name, shape), n, axis, norm)


@pytest.mark.parametrize("name", VOLUMES)
def test_several_axes(name):
    check(name, values(name, (4, 6, 10)))
    check(name, values(name, (4, 6, 10)), axes=(2, 0), norm="ortho")
    check(name, values(name, (4, 6, 10)), s=(5, 12), axes=(0, 1))


def test_s_alone_means_the_last_axes():
    x = values("fft", (3, 4, 6))
    assert error_of(np.asarray(compute.fftn(x, s=(8, 3))), np.fft.fftn(x, s=(8, 3), axes=(-2, -1))) < 1e-6
    assert error_of(np.asarray(compute.fftn(x, s=(-1, 3))), np.fft.fftn(x, s=(4, 3), axes=(-2, -1))) < 1e-6


@pytest.mark.parametrize("name", ["fft", "ifft", "fftn"])
def test_reals_are_complex_values(name):
    check(name, np.random.default_rng(0).standard_normal((3, 20)).astype(np.float32))


@pytest.mark.parametrize("length", [1 << 18, 3**11, 5**7 * 4, 1 << 15])
def test_long_transforms_are_as_accurate_as_promised(length):
    x = values("fft", (length,))
    got = np.asarray(compute.fft(vf.asarray(x)))
    assert error_of(got, np.fft.fft(x.astype(np.complex128))) < 3e-8 * np.log2(length)  # 2e-7 is promised
    back = np.asarray(compute.ifft(vf.asarray(got)))
    assert error_of(back, x.astype(np.complex128)) < 6e-8 * np.log2(length)


def test_a_long_prime():
    check("fft", values("fft", (100003,)))


@pytest.mark.parametrize("shape", [(64, 96, 50), (512, 513), (3, 1000, 101)])
def test_volumes(shape):
    check("fftn", values("fftn", shape))
    check("rfftn", values("rfftn", shape))
    check("irfftn", values("irfftn", shape))


@pytest.mark.parametrize("length", [1, 2, 8, 15, 17, 30, 34, 210, 1024, 1155])
@pytest.mark.parametrize("name", NAMES)
def test_double_precision(name, length, float64):
    check(name, values(name, (2, length, 3), wide=True), length if name == "irfft" else None, 1)


def test_a_tone_is_one_line():
    n, k = 4096, 37
    y = compute.fft(np.exp(2j * np.pi * k * np.arange(n) / n).astype(np.complex64)).numpy()
    assert abs(y[k] - n) < 1e-3
    y[k] = 0
    assert np.max(np.abs(y)) < 1e-3


def test_devices_that_the_host_cannot_see(any_device):
    x = values("fft", (33, 100))
    y = np.asarray(compute.fft2(vf.asarray(x, device=any_device)))
    assert error_of(y, np.fft.fft2(x)) < 1e-6


def test_memory_at_any_alignment():
    raw = np.zeros(8 * 64 + 4, np.uint8)[4:]
    x = raw.view(np.complex64)
    x[:] = values("fft", (64,))
    assert error_of(np.asarray(compute.fft(x)), np.fft.fft(x)) < 1e-6


def test_nothing_to_transform():
    assert compute.fft(np.zeros((0, 8), np.complex64)).shape == (0, 8)
    assert compute.rfft(np.zeros((8, 0), np.float32), axis=0).shape == (5, 0)
    assert compute.fft(np.zeros((2, 0), np.complex64), 4).tolist() == [[0, 0, 0, 0]] * 2


def test_the_input_stays_as_it_is():
    x = vf.asarray(values("fft", (5, 1000)))
    before = np.asarray(x).copy()
    compute.fft2(x)
    np.testing.assert_array_equal(np.asarray(x), before)


def test_bad_input_is_refused():
    x = np.zeros((4, 4), np.complex64)
    for call in (
        lambda: compute.fft(x, 0),
        lambda: compute.fft(np.zeros((4, 0), np.complex64)),
        lambda: compute.irfft(x[:, :1].copy()),
        lambda: compute.fft(x, norm="other"),
        lambda: compute.fft(x, norm=1),
    ):
        with pytest.raises(vf.InputError):
            call()
    for call in (
        lambda: compute.fft(x, axis=2),
        lambda: compute.fftn(x, axes=(0, -3)),
        lambda: compute.fftn(x, s=(2,), axes=(0, 1)),
        lambda: compute.fft2(x[0].copy()),
        lambda: compute.fft(np.zeros((), np.complex64)),
        lambda: compute.fftn(x, axes=()),
    ):
        with pytest.raises(vf.ShapeError):
            call()
    for call in (
        lambda: compute.fft(np.zeros(4, np.int32)),
        lambda: compute.rfft(x),
        lambda: compute.irfft(np.zeros(4, np.float32)),
    ):
        with pytest.raises(vf.DtypeError):
            call()
    with pytest.raises(vf.LimitError):
        compute.fft(x, 2**27 + 1)
    with pytest.raises(TypeError):
        compute.fftn(x, s=(1.5, 2))
    with pytest.raises(vf.LayoutError):
        compute.fft(x[:, ::2])


def test_one_axis_needs_no_tuple():
    x = np.random.default_rng(0).random((4, 8)).astype(np.complex64)
    np.testing.assert_allclose(np.asarray(compute.fftn(x, s=4, axes=1)), np.fft.fftn(x, s=(4,), axes=(1,)), atol=1e-5)
    np.testing.assert_allclose(np.asarray(compute.fftn(x, axes=0)), np.fft.fftn(x, axes=(0,)), atol=1e-5)


@pytest.mark.parametrize("kind", [np.asarray, vf.asarray], ids=["ndarray", "Array"])
def test_axes_and_lengths_may_be_arrays(kind):
    """Each of their integers is made when it is asked for."""
    x = np.random.default_rng(0).random((4, 8)).astype(np.complex64)
    for axes in ([0, 1], [1, 0], [1]):
        got = compute.fftn(x, axes=kind(np.array(axes, np.int32)))
        np.testing.assert_allclose(np.asarray(got), np.fft.fftn(x, axes=axes), atol=1e-5)
    got = compute.fftn(x, s=kind(np.array([2, 300], np.int32)), axes=(0, 1))
    np.testing.assert_allclose(np.asarray(got), np.fft.fftn(x, s=(2, 300), axes=(0, 1)), atol=1e-5)
    with pytest.raises(vf.ArgumentTypeError, match="axes"):
        compute.fftn(x, axes=kind(np.array([[0, 1], [1, 0]], np.int32)))


@pytest.mark.parametrize("axes", [1.5, "0", np.array(0.5), ("a",), (0.5,), (None,), [0, None]])
def test_axes_that_are_no_integers_are_refused(axes):
    with pytest.raises(vf.ArgumentTypeError, match="axes"):
        compute.fftn(np.ones((4, 8), np.complex64), axes=axes)
