"""dtypes, promotion and inspection, against NumPy and array-api-strict; and the standard's names and signatures."""

import inspect
import itertools
import warnings

import array_api_strict as strict
import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, has, numbers, same, skip_where_lacking
from vulkan_forge.numpy._namespace_info import FEATURES

pytestmark = pytest.mark.gpu
KINDS = ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]
SCALARS = [True, 3, 2.5, 1j]


@pytest.fixture(autouse=True, scope="module")
def _version():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strict.set_array_api_strict_flags(api_version="2024.12")
    yield
    strict.reset_array_api_strict_flags()


def in_strict(name):
    return getattr(strict, name)


# ------------------------------------------------------------------ promotion


@pytest.mark.parametrize("a", DTYPES)
def test_result_type_of_dtypes(a):
    for b in DTYPES:
        assert vnp.result_type(np.dtype(a), b) == np.result_type(np.dtype(a), np.dtype(b))
        assert vnp.result_type(a, np.zeros(2, b)) == np.result_type(np.dtype(a), np.dtype(b))
    assert vnp.result_type(a) == np.dtype(a)
    assert vnp.result_type("int8", "uint8", a) == np.result_type(np.int8, np.uint8, np.dtype(a))


def test_result_type_is_the_standards():
    checked = 0
    for a, b in itertools.product(FEATURES, FEATURES):
        try:
            wanted = strict.result_type(in_strict(a), in_strict(b))
        except TypeError:
            continue
        assert vnp.result_type(np.dtype(a), np.dtype(b)).name == str(wanted).rpartition(".")[2]
        checked += 1
    assert checked > 70


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scalar", SCALARS, ids=repr)
def test_python_numbers_are_weak(dtype, scalar):
    got, wide = vnp.result_type(np.dtype(dtype), scalar), np.result_type(np.dtype(dtype), scalar)
    stands_for = {"int64": vnp.default_int(), "float64": vnp.default_float(), "complex128": vnp.default_complex()}
    assert got in (wide, stands_for.get(wide.name))
    assert vnp.result_type(scalar, np.dtype(dtype)) == got
    if has("shaderFloat64") and has("shaderInt64"):
        assert got == wide


def test_result_type_of_arrays_and_numbers():
    x = vnp.zeros(2, dtype=np.float32)
    assert vnp.result_type(x, 1.5) == np.float32
    assert vnp.result_type(x, np.float64(1.5)) == np.float64
    assert vnp.result_type(x, np.int32) == np.float64
    assert vnp.result_type(1, 2.0) == vnp.default_float()
    assert vnp.result_type(True) == np.bool_
    assert vnp.result_type(1j, 1) == vnp.default_complex()
    with pytest.raises(vf.InputError):
        vnp.result_type()
    with pytest.raises(vf.ArgumentTypeError, match="no dtype"):
        vnp.result_type(x, "no such dtype")
    with pytest.raises(vf.DtypeError, match="object"):
        vnp.result_type(x, object)
    assert vnp.promote_types("int8", "uint8") == np.int16


def test_can_cast():
    for a, b in itertools.product(DTYPES, DTYPES):
        assert vnp.can_cast(np.dtype(a), np.dtype(b)) == np.can_cast(a, b)
    for a, b in itertools.product(FEATURES, FEATURES):
        if strict.can_cast(in_strict(a), in_strict(b)):
            assert vnp.can_cast(a, b)
    assert vnp.can_cast(vnp.zeros(1, dtype=np.float32), np.float64)
    assert not vnp.can_cast(np.float64, np.float32)
    assert vnp.can_cast(np.float64, np.float32, "same_kind")


@pytest.mark.parametrize("dtype", FEATURES)
def test_isdtype(dtype):
    for kind in [*KINDS, ("bool", "integral"), ("numeric", "bool"), ()]:
        assert vnp.isdtype(np.dtype(dtype), kind) == strict.isdtype(in_strict(dtype), kind)
    for other in FEATURES:
        assert vnp.isdtype(np.dtype(dtype), np.dtype(other)) == (dtype == other)
    with pytest.raises(vf.InputError, match="kind"):
        vnp.isdtype(dtype, "float")
    with pytest.raises(vf.InputError, match="kind"):
        vnp.isdtype(np.dtype(dtype), (dtype, "float"))


def test_finfo_and_iinfo():
    for dtype in ("float16", "float32", "float64", "complex64", "complex128"):
        got, want = vnp.finfo(dtype), np.finfo(dtype)
        for name in (
            "bits",
            "eps",
            "max",
            "min",
            "smallest_normal",
            "tiny",
            "resolution",
            "epsneg",
            "smallest_subnormal",
        ):
            assert getattr(got, name) == getattr(want, name)
            assert type(getattr(got, name)) is (int if name == "bits" else float)
        assert got.dtype == want.dtype
    assert vnp.finfo(vnp.zeros(1, dtype=np.float32)).bits == 32
    for dtype in ("int8", "uint64", "int32"):
        assert (vnp.iinfo(dtype).max, vnp.iinfo(dtype).bits) == (np.iinfo(dtype).max, np.iinfo(dtype).bits)
    assert vnp.iinfo(vnp.zeros(1, dtype=np.int32)).min == -(2**31)
    with pytest.raises(vf.DtypeError):
        vnp.finfo(np.int32)
    with pytest.raises(vf.DtypeError):
        vnp.iinfo(np.float32)


def test_constants_and_names():
    assert (vnp.pi, vnp.e, vnp.inf) == (np.pi, np.e, np.inf)
    assert vnp.nan != vnp.nan
    assert vnp.newaxis is None
    assert vnp.float32 is np.float32
    assert vnp.bool is np.bool_
    assert vnp.ndarray is vf.Array
    assert vnp.dtype("f4") == np.float32
    assert vnp.issubdtype(vnp.zeros(1, dtype=np.float32).dtype, vnp.floating)


# ------------------------------------------------------------------ casts


@pytest.mark.parametrize("a", DTYPES)
@pytest.mark.parametrize("b", DTYPES)
def test_astype(a, b):
    skip_where_lacking(a, b)
    values = numbers(12, a)
    if np.dtype(b).kind in "bu":
        values = np.abs(values).astype(a)
    x = vf.asarray(values)
    if np.dtype(a).kind == "c" and np.dtype(b).kind != "c":
        with pytest.raises(vf.DtypeError, match="real"):
            vnp.astype(x, b).numpy()
        return
    same(vnp.astype(x, b), values.astype(b))
    same(x.astype(b), values.astype(b))


def test_astype_copies():
    x = vnp.asarray([1.5, 2.5], dtype=np.float32)
    assert vnp.astype(x, np.float32, copy=False) is x
    for other in (vnp.astype(x, np.float32), vnp.astype(x, np.int32), x.astype(np.float32)):
        other[0] = 9
    assert x.tolist() == [1.5, 2.5]
    assert vnp.astype(vnp.asarray([1.7, -1.7]), np.int32).tolist() == [1, -1]
    with vf.Device() as device:
        moved = vnp.astype(x, np.int32, device=device)
        assert moved.tolist() == [1, 2]
        assert vnp.astype(x, np.float32, device=device).tolist() == [1.5, 2.5]


# ------------------------------------------------------------------ inspection


def test_defaults_follow_the_device(device):
    wide_float, wide_int = device.has("shaderFloat64"), device.has("shaderInt64")
    assert vnp.default_float() == vnp.zeros(1).dtype == (np.float64 if wide_float else np.float32)
    assert vnp.default_int(device) == vnp.arange(1).dtype == (np.int64 if wide_int else np.int32)
    assert vnp.default_complex() == vnp.asarray(1j).dtype == (np.complex128 if wide_float else np.complex64)


def test_namespace_info(device):
    info, other = vnp.__array_namespace_info__(), strict.__array_namespace_info__()
    assert vnp.__array_api_version__ == "2024.12"
    assert info.capabilities().keys() == other.capabilities().keys()
    assert info.capabilities()["boolean indexing"] is info.capabilities()["data-dependent shapes"] is True
    assert vnp.zeros((1,) * info.capabilities()["max dimensions"]).ndim == 8
    with pytest.raises(vf.VulkanForgeError):
        vnp.zeros((1,) * 9)
    assert repr(info.default_device()) == repr(device)
    assert repr(info.devices()[0]) == repr(device)
    assert len(info.devices()) == sum(row["usable"] for row in vf.devices())
    assert info.default_dtypes().keys() == other.default_dtypes().keys()
    assert info.default_dtypes(device=device)["real floating"] == vnp.default_float(device)
    for kind in [*KINDS, None, ("bool", "integral"), ()]:
        ours, theirs = info.dtypes(kind=kind), other.dtypes(kind=kind)
        assert ours.keys() == {name for name in theirs if not FEATURES[name] or has(FEATURES[name])}
        assert all(found == np.dtype(name) for name, found in ours.items())
    with pytest.raises(vf.InputError):
        info.dtypes(kind="float")
    for name in ("capabilities", "default_device", "default_dtypes", "devices", "dtypes"):
        theirs = inspect.signature(getattr(type(other), name)).parameters
        assert inspect.signature(getattr(info, name)).parameters.keys() == theirs.keys() - {"self"}


def test_arrays_know_the_namespace():
    x = vnp.zeros(1)
    assert x.__array_namespace__() is vnp
    assert x.__array_namespace__(api_version="2024.12") is vnp
    with pytest.raises(ValueError, match=r"2024\.12"):
        x.__array_namespace__(api_version="1999.01")


# ------------------------------------------------------------------ the standard's names and signatures

FUNCTIONS = sorted(
    n for n in strict.__all__ if inspect.isfunction(getattr(strict, n)) and not n.startswith(("get_", "set_", "reset_"))
)
FUNCTIONS = [name for name in FUNCTIONS if name not in ("ArrayAPIStrictFlags", "__array_namespace_info__")]


def test_the_standard_has_many():
    assert len(FUNCTIONS) > 120


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_the_standard(name):
    """It is here, and takes what the standard's takes: as many arguments in order, and those that are named by name."""
    ours = getattr(vnp, name)
    try:
        found = inspect.signature(ours)
    except ValueError:
        return  # native; its rows are tested on their own
    wanted = inspect.signature(getattr(strict, name)).parameters.values()
    firsts = [p for p in wanted if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty]
    more = [p for p in wanted if p.kind == p.POSITIONAL_OR_KEYWORD and p.default is not p.empty]
    named = [p for p in wanted if p.kind == p.KEYWORD_ONLY]
    found.bind(*range(len(firsts)), **{p.name: None for p in [*named, *more]})
    if any(p.kind == p.VAR_POSITIONAL for p in wanted):
        found.bind(*range(9))


def test_the_standards_other_names():
    for name in ("linalg", "fft"):
        assert inspect.ismodule(getattr(vnp, name))
    for name in [*FEATURES, "e", "inf", "nan", "newaxis", "pi"]:
        assert hasattr(vnp, name)


def test_values_outside_of_a_dtype_are_refused():
    with pytest.raises((vf.VulkanForgeError, OverflowError)):
        vnp.full(2, 300, dtype=np.int8).numpy()


def test_what_is_no_dtype_is_said_so():
    with pytest.raises(vf.ArgumentTypeError, match=r"no dtype.*float128x"):
        vnp.asarray([1, 2], dtype="float128x")


@pytest.mark.parametrize("name", ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"])
@pytest.mark.parametrize("dtype", ["int8", "int64"])
def test_uint64_and_signed_integers_compare_exactly(name: str, dtype: str) -> None:
    large = np.array([0, 5, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1], "uint64")
    small = np.array([0, 5, -5, -128, 127] if dtype == "int8" else [0, -1, 2**53, -(2**63), 2**63 - 1], dtype)[:, None]
    ours, theirs = getattr(vnp, name), getattr(np, name)
    for a, b in ((large, small), (small, large)):
        exact = theirs(a.astype(object), b.astype(object)).astype(bool)
        np.testing.assert_array_equal(np.asarray(ours(vnp.asarray(a), vnp.asarray(b))), exact)
