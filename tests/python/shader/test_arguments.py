"""Arguments that do not fit are refused before anything runs, and the message says how to mend it."""

import numpy as np
import pytest

import vulkan_forge as vf
from kernels import inputs, saxpy

pytestmark = pytest.mark.gpu


def frozen(values):
    values.flags.writeable = False
    return values


BASE = {"n": 64, "alpha": 1.0, "threads": 64}
REFUSALS = {
    "missing": (lambda x, y: {"x": x, **BASE}, vf.BindingError, "ARGUMENT_NAMES", "missing argument.*got no y"),
    "missing number": (
        lambda x, y: {"x": x, "y": y, "n": 1, "threads": 1},
        vf.BindingError,
        "ARGUMENT_NAMES",
        "got no alpha",
    ),
    "unknown": (
        lambda x, y: {"x": x, "y": y, "z": x, **BASE},
        vf.BindingError,
        "ARGUMENT_NAMES",
        r"unknown argument.*x: readonly float\[\].*alpha: float; got z",
    ),
    "unknown number": (
        lambda x, y: {"x": x, "y": y, "beta": 2, **BASE},
        vf.BindingError,
        "ARGUMENT_NAMES",
        "got beta",
    ),
    "read-only": (
        lambda x, y: {"x": x, "y": frozen(y.copy()), **BASE},
        vf.ReadOnlyError,
        "READ_ONLY",
        "argument y is written by the shader; expected a writable ndarray",
    ),
    "dtype": (
        lambda x, y: {"x": x.astype(np.float64), "y": y, **BASE},
        vf.DtypeError,
        "BAD_DTYPE",
        r"argument x.*expected float32 \(the shader's float\[\]\); got float64; convert it: \.astype\(np\.float32\)",
    ),
    "integer": (lambda x, y: {"x": x, "y": y.view(np.int32), **BASE}, vf.DtypeError, "BAD_DTYPE", "got int32"),
    "byte order": (lambda x, y: {"x": x.astype(">f4"), "y": y, **BASE}, vf.DtypeError, "BAD_DTYPE", "got >f4"),
    "strided": (
        lambda x, y: {"x": np.repeat(x, 2)[::2], "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        r"argument x is not C-contiguous.*np\.ascontiguousarray",
    ),
    "reversed": (lambda x, y: {"x": x[::-1], "y": y, **BASE}, vf.LayoutError, "NOT_CONTIGUOUS", r"strides \(-4"),
    "fortran": (
        lambda x, y: {"x": np.asfortranarray(x[:64].reshape(8, 8)), "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        "C order",
    ),
    "empty": (
        lambda x, y: {"x": x, "y": y[:0], **BASE},
        vf.ShapeError,
        "TOO_SMALL",
        "argument y of saxpy is too small",
    ),
    "number": (lambda x, y: {"x": 3.0, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "got a number"),
    "list": (lambda x, y: {"x": [1.0] * 64, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "a sequence of"),
    "None": (lambda x, y: {"x": None, "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "argument x.*NoneType"),
    "bytes": (lambda x, y: {"x": b"1234", "y": y, **BASE}, vf.ArgumentTypeError, "BAD_TYPE", "got bytes"),
    "masked": (
        lambda x, y: {"x": np.ma.masked_array(x), "y": y, **BASE},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        "masked array",
    ),
    "no grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0},
        vf.InputError,
        "INVALID_ARGUMENT",
        r"threads= \(invocations\), groups= \(workgroups\) or groups_from= .*; got none",
    ),
    "two grids": (
        lambda x, y: {"x": x, "y": y, "groups": 1, **BASE},
        vf.InputError,
        "INVALID_ARGUMENT",
        "got 2 of them; give exactly one",
    ),
    "negative grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "threads": -1},
        vf.ShapeError,
        "BAD_SHAPE",
        "threads must not be negative",
    ),
    "float grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": 1.0},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        "groups must be integers",
    ),
    "four axes": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": (1, 1, 1, 1)},
        vf.ShapeError,
        "BAD_SHAPE",
        "1 to 3",
    ),
    "no axes": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": ()},
        vf.ShapeError,
        "BAD_SHAPE",
        "1 to 3",
    ),
    "huge grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "threads": 2**32 + 64},
        vf.LimitError,
        "LIMIT_EXCEEDED",
        "too large",
    ),
    "endless grid": (
        lambda x, y: {"x": x, "y": y, "n": 1, "alpha": 1.0, "groups": 2**100},
        vf.LimitError,
        "LIMIT_EXCEEDED",
        "too large",
    ),
    "float count": (
        lambda x, y: {"x": x, "y": y, "n": 64.0, "alpha": 1.0, "threads": 64},
        vf.ArgumentTypeError,
        "BAD_TYPE",
        r"n.*an integer \(uint",
    ),
    "strided Array": (
        lambda x, y: {"x": strided_array(x), "y": y, **BASE},
        vf.LayoutError,
        "NOT_CONTIGUOUS",
        r"vf\.asarray, which makes a copy",
    ),
    "read-only Array": (
        lambda x, y: {"x": x, "y": vf.asarray(frozen(y.copy()), copy=False), **BASE},
        vf.ReadOnlyError,
        "READ_ONLY",
        "y of saxpy is written by the shader",
    ),
    "wrong Array": (
        lambda x, y: {"x": vf.asarray(x.astype(np.float16)), "y": y, **BASE},
        vf.DtypeError,
        "BAD_DTYPE",
        "got float16",
    ),
    "small Buffer": (lambda x, y: {"x": vf.Buffer(0), "y": y, **BASE}, vf.ShapeError, "TOO_SMALL", "too small"),
    "closed Array": (lambda x, y: {"x": closed(vf.asarray(x)), "y": y, **BASE}, vf.StateError, "CLOSED", "close()"),
    "closed Buffer": (lambda x, y: {"x": closed(vf.Buffer(256)), "y": y, **BASE}, vf.StateError, "CLOSED", "close()"),
}


def closed(thing):
    thing.close()
    return thing


def strided_array(values):
    return vf.asarray(np.repeat(values, 2)[::2], copy=False)


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_before_anything_runs(device, name):
    make, error, code, text = REFUSALS[name]
    x, y = inputs()
    wanted = y.copy()
    kernel = saxpy()
    try:
        arguments = make(x, y)
    except vf.UnsupportedError:
        pytest.skip("this device cannot import host memory")
    with pytest.raises(error, match=text) as caught:
        kernel(**arguments)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert isinstance(caught.value, RuntimeError)
    if "Array" in name or "Buffer" in name or "grid" in name:
        with pytest.raises(error, match=text):
            kernel.prepare(**as_arrays(arguments))
    np.testing.assert_array_equal(y, wanted)
    assert device.counts()["waiting"] == 0


def as_arrays(arguments):
    """Prepared calls take no ndarrays."""
    return {name: vf.asarray(value) if isinstance(value, np.ndarray) else value for name, value in arguments.items()}


def test_arguments_are_keywords():
    with pytest.raises(TypeError):
        saxpy()(*inputs(), n=1, alpha=1.0, threads=1)


@pytest.mark.parametrize("word", ["threads", "groups", "groups_from"])
def test_arguments_that_calls_have_a_word_for_are_refused(word):
    source = f"""layout(local_size_x = 1) in; layout(binding = 0) buffer X {{ float x[]; }};
    layout(push_constant) uniform P {{ uint {word}; }}; void main() {{ x[0] = float({word}); }}"""
    with pytest.raises(vf.BindingError, match=rf"no call can give.*got {word}"):
        vf.Kernel(source)
