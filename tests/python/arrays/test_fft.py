"""Fourier transforms against NumPy; the kernels have their own tests in tests/python/array/ops/test_fft.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, narrowed, numbers, same, shapes, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=25)
NORMS = st.sampled_from(["backward", "ortho", "forward", None])
REAL_ONLY = ("rfft", "ihfft", "rfftn", "rfft2")


def near(got, want):
    """Within some units in the last place of the largest value; dtypes may be the device's stand-ins."""
    want = np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype == narrowed(want.dtype)
    limit = 50 * np.finfo(got.dtype).eps
    np.testing.assert_allclose(got.numpy(), want, rtol=limit, atol=limit * np.max(np.abs(want), initial=1))


@quick
@given(data=st.data(), pair=views(["float32", "complex64"], least=1, smallest=2), norm=NORMS)
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_along_one_axis(name, data, pair, norm):
    if name in REAL_ONLY and pair.values.dtype.kind == "c":
        with pytest.raises(vf.DtypeError):
            getattr(vnp.fft, name)(pair.x)
        return
    axis = data.draw(st.integers(-pair.values.ndim, pair.values.ndim - 1).filter(lambda i: pair.values.shape[i] > 1))
    n = data.draw(st.none() | st.integers(1, 9))
    near(getattr(vnp.fft, name)(pair.x, n=n, axis=axis, norm=norm), getattr(np.fft, name)(pair.values, n, axis, norm))


@quick
@given(data=st.data(), shape=shapes(2, 3, 5, 2), norm=NORMS)
@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"])
def test_along_several_axes(name, data, shape, norm):
    pair = twins(numbers(shape, "float32" if name in REAL_ONLY else "complex64"))
    axes = data.draw(st.permutations(range(len(shape))))[:2]
    s = data.draw(st.none() | st.tuples(st.integers(1, 6), st.integers(2, 6)))
    got = getattr(vnp.fft, name)(pair.x, s=s, axes=axes, norm=norm)
    near(got, getattr(np.fft, name)(pair.values, s, axes, norm))
    near(getattr(vnp.fft, name)(pair.x), getattr(np.fft, name)(pair.values))


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype(dtype):
    skip_where_lacking(dtype)
    pair = twins(numbers((3, 10), dtype))
    # NumPy transforms float16 as such; here it is done in single precision.
    values = pair.values.astype(np.float32) if dtype == "float16" else pair.values
    near(vnp.fft.fft(pair.x), np.fft.fft(values))
    near(vnp.fft.irfft(pair.x), np.fft.irfft(values))
    if values.dtype.kind != "c":
        near(vnp.fft.rfft(pair.x, axis=0), np.fft.rfft(values, axis=0))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name, n):
    for d in (1.0, 0.25):
        same(getattr(vnp.fft, name)(n, d=d, dtype=np.float32), getattr(np.fft, name)(n, d).astype(np.float32))
    assert getattr(vnp.fft, name)(n).dtype == narrowed("float64")
    assert getattr(vnp.fft, name)(n, device=vf.default_device()).shape == getattr(np.fft, name)(n).shape
    with pytest.raises(vf.InputError, match="n of 1"):
        getattr(vnp.fft, name)(0)
    with pytest.raises(vf.DtypeError, match="fractions"):
        getattr(vnp.fft, name)(n, dtype=np.int32)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=1))
def test_shifts(data, pair):
    axes = data.draw(st.none() | st.permutations(range(pair.values.ndim)).map(lambda p: tuple(p[:2])))
    for name in ("fftshift", "ifftshift"):
        same(getattr(vnp.fft, name)(pair.x, axes=axes), getattr(np.fft, name)(pair.values, axes))
    same(vnp.fft.ifftshift(vnp.fft.fftshift(pair.x)), pair.values)


def test_what_is_refused():
    x = vnp.zeros(4, np.complex64)
    for function in (vnp.fft.fft, vnp.fft.hfft, vnp.fft.irfft):
        with pytest.raises(vf.InputError):
            function(x, n=0)
        with pytest.raises(vf.InputError, match="norm"):
            function(x, norm="sideways")
        with pytest.raises(vf.InputError):
            function(x, axis=1)
    with pytest.raises(vf.RangeError):
        vnp.fft.fftshift(x, axes=1)
    with pytest.raises(vf.ArgumentTypeError, match="send it first"):
        vnp.fft.fft(np.zeros(4))


def test_numpys_own_door():
    pair = twins(numbers(8, "complex64"))
    near(np.fft.fft(pair.x), np.fft.fft(pair.values))
    near(np.fft.fftn(pair.x), np.fft.fftn(pair.values))


@pytest.mark.parametrize("s", [None, (4, -1), (-1, 5), (-1, -1), (2, 3)])
@pytest.mark.parametrize("axes", [(0, 1), (1, 0), (0, 0)])
@pytest.mark.parametrize("name", ["fftn", "rfftn", "irfftn", "rfft2", "irfft2"])
def test_lengths_of_their_own_are_those_of_what_is_given(name, axes, s):
    x, values = twins(numbers((3, 4), "float32"))
    same(getattr(vnp.fft, name)(x, s, axes), getattr(np.fft, name)(values, s, axes), close=1e-4)


def test_wrong_lengths_and_axes():
    x = vnp.zeros((3, 4), np.float32)
    for call in (
        lambda: vnp.fft.irfftn(x, ("a", 2)),
        lambda: vnp.fft.irfftn(x, (2, -2)),
        lambda: vnp.fft.irfftn(x, (2, 2), (0,)),
        lambda: vnp.fft.irfftn(x, (2, 2, 2)),
        lambda: vnp.fft.rfftn(x, axes=("a",)),
        lambda: vnp.fft.rfftn(x, axes=(0, 7)),
    ):
        with pytest.raises(vf.InputError):
            call()
