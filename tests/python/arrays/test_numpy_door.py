"""NumPy's own functions called on our arrays: they dispatch to us, and nothing is transferred unasked."""

import io

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import numbers, same, skip_where_lacking, twins

pytestmark = pytest.mark.gpu

UFUNCS = sorted(
    name
    for name in set(dir(np)) & set(vnp.__all__)
    if isinstance(getattr(np, name), np.ufunc) and name not in ("matmul", "vecdot", "matvec", "vecmat")
)
EXACT = {"floor", "ceil", "trunc", "rint", "negative", "absolute", "square", "sign", "positive", "conjugate"}


@pytest.fixture
def pair():
    return twins(np.linspace(0.25, 0.75, 12, dtype=np.float32).reshape(3, 4))


def unread(before):
    """No bytes came to the host since."""
    return vf.transfer_counters()["downloaded_bytes"] == before["downloaded_bytes"]


# ------------------------------------------------------------------ ufuncs


def test_there_are_many():
    assert len(UFUNCS) > 70


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_dispatch(name, pair):
    ufunc = getattr(np, name)
    integers = "shift" in name or "bitwise" in name or name == "invert"
    x, values = twins(numbers((3, 4), "uint32")) if integers else pair
    others = [2] * (ufunc.nin - 1) if integers or name == "ldexp" else [0.5] * (ufunc.nin - 1)
    if name in ("acosh", "arccosh"):
        x, values = x + 1, values + 1
    got, want = ufunc(x, *others), ufunc(values, *others)
    for ours, theirs in zip(*((got, want) if isinstance(got, tuple) else ((got,), (want,))), strict=True):
        same(
            ours, theirs, default=name == "float_power", close=0 if theirs.dtype.kind != "f" or name in EXACT else 4e-6
        )


def test_ufuncs_with_their_operands_swapped(pair):
    same(np.subtract(1, pair.x), np.subtract(np.float32(1), pair.values))
    same(np.float32(2) * pair.x, 2 * pair.values)
    same(np.array(2, np.float32) * pair.x, 2 * pair.values)
    skip_where_lacking("float64")
    same(np.float64(2) * pair.x, np.float64(2) * pair.values)


def test_out_and_where_and_dtype(pair):
    x, values = pair
    out = vnp.zeros_like(x)
    assert np.add(x, 1, out=out) is out
    same(out, values + 1)
    assert np.add(x, 2, out=out, where=x > 0.5) is out
    same(out, np.where(values > 0.5, values + 2, values + 1))
    same(np.add(x, 1, dtype=np.int32), np.add(values.astype(np.int32), 1))
    first, second = vnp.zeros_like(x), vnp.zeros_like(x)
    assert np.modf(x, first, second)[0] is first
    same(first, np.modf(values)[0])
    rows = out[0]
    np.multiply(x[0], 3, out=rows)
    same(out[0], values[0] * 3)
    with pytest.raises(vf.ArgumentTypeError, match=r"np\.asarray"):
        np.add(x, 1, out=np.zeros((3, 4)))
    with pytest.raises(vf.ArgumentTypeError, match=r"np\.asarray"):
        values += x
    with pytest.raises(vf.InputError, match="where"):
        np.add(x, 1, where=x > 0)
    with pytest.raises(vf.InputError, match="signature"):
        np.add(x, 1, signature="ff->f")


def test_results_keep_their_kind_in_out(pair):
    x, whole = pair.x, vnp.zeros((3, 4), dtype=np.int32)
    for call in (
        lambda: np.multiply(x, 2.5, out=whole),
        lambda: np.multiply(x, 2.5, out=whole, where=x > 0, casting="same_kind"),
        lambda: np.add.reduce(x, out=whole[0]),
        lambda: np.mean(x, axis=0, out=whole[0]),
        lambda: np.modf(x, vnp.zeros_like(x), whole),
        lambda: np.negative(whole, out=vnp.zeros_like(whole, dtype=np.uint32)),
    ):
        with pytest.raises(vf.DtypeError, match="does not go into out"):
            call()
    assert not whole.numpy().any()
    np.multiply(x, 2.5, out=whole, casting="unsafe")
    same(whole, np.multiply(pair.values, np.float32(2.5)).astype(np.int32))
    small = vnp.zeros_like(x, dtype=np.float16)
    np.add(x, 1, out=small)
    same(small, np.add(pair.values, 1).astype(np.float16))


def test_vectors_may_lie_along_any_axis(pair):
    for axis in (0, -1):
        same(np.vecdot(pair.x, pair.x, axis=axis), np.vecdot(pair.values, pair.values, axis=axis), close=1e-6)
    with pytest.raises(vf.InputError, match="axis, keepdims"):
        np.matmul(pair.x, pair.x, axis=0, keepdims=True)


@pytest.mark.parametrize("name", ["add", "multiply", "minimum", "maximum"])
def test_reduce_and_accumulate(name, pair):
    ufunc = getattr(np, name)
    same(ufunc.reduce(pair.x), ufunc.reduce(pair.values), close=1e-6)
    same(ufunc.reduce(pair.x, axis=1, keepdims=True), ufunc.reduce(pair.values, axis=1, keepdims=True), close=1e-6)
    same(ufunc.reduce(pair.x, axis=None), np.asarray(ufunc.reduce(pair.values, axis=None)), close=1e-6)
    same(ufunc.accumulate(pair.x), ufunc.accumulate(pair.values), close=1e-6)
    same(ufunc.accumulate(pair.x, axis=-1), ufunc.accumulate(pair.values, axis=-1), close=1e-6)
    out = vnp.zeros(4, dtype=np.float32)
    assert ufunc.reduce(pair.x, out=out) is out
    same(out, ufunc.reduce(pair.values), close=1e-6)


def test_logical_reductions(pair):
    skip_where_lacking("bool")
    for ufunc in (np.logical_and, np.logical_or):
        same(ufunc.reduce(pair.x > 0.5, axis=0), ufunc.reduce(pair.values > 0.5, axis=0))


def test_outer_and_at(pair):
    same(np.multiply.outer(pair.x[0], pair.x[1]), np.multiply.outer(pair.values[0], pair.values[1]))
    x, values = twins(np.zeros(5, np.int32))
    at = np.array([0, 1, 1, -1, 1])
    np.add.at(x, vf.asarray(at), vf.asarray(np.arange(5, dtype=np.int32)))
    np.add.at(values, at, np.arange(5))
    same(x, values)
    np.maximum.at(x, [0, 0], 50)
    np.maximum.at(values, [0, 0], 50)
    same(x, values)
    np.add.at(x, slice(1, 3), 10)
    np.add.at(values, slice(1, 3), 10)
    same(x, values)
    two, twos = twins(np.zeros((4, 6), np.int32))
    np.add.at(two[::2], (slice(None), vf.asarray(at)), 1)
    np.add.at(twos[::2], (slice(None), at), 1)
    same(two, twos)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.subtract.reduce(x),
        lambda x: np.subtract.accumulate(x),
        lambda x: np.subtract.at(x, [0], 1),
        lambda x: np.add.reduceat(x, [0, 1]),
        lambda x: np.spacing(x),
        lambda x: np.frexp(x),
    ],
)
def test_what_no_ufunc_of_ours_does(call, pair):
    with pytest.raises(vf.UnsupportedError, match=r"np\.\w+.*np\.asarray\(x\)"):
        call(pair.x)


# ------------------------------------------------------------------ functions

CALLS = {
    "sum": lambda np, x: np.sum(x, axis=0),
    "mean": lambda np, x: np.mean(x),
    "max": lambda np, x: np.max(x, axis=1, keepdims=True),
    "concatenate": lambda np, x: np.concatenate([x, x], axis=1),
    "stack": lambda np, x: np.stack([x, x]),
    "vstack": lambda np, x: np.vstack((x, x)),
    "where": lambda np, x: np.where(x > 0.5, x, 0),
    "clip": lambda np, x: np.clip(x, 0.3, 0.6),
    "round": lambda np, x: np.round(x, 1),
    "reshape": lambda np, x: np.reshape(x, (4, 3)),
    "transpose": lambda np, x: np.transpose(x),
    "moveaxis": lambda np, x: np.moveaxis(x, 0, 1),
    "broadcast_to": lambda np, x: np.broadcast_to(x, (2, 3, 4)),
    "pad": lambda np, x: np.pad(x, 1, mode="edge"),
    "roll": lambda np, x: np.roll(x, 1, axis=0),
    "tile": lambda np, x: np.tile(x, 2),
    "repeat": lambda np, x: np.repeat(x, 2, axis=0),
    "take": lambda np, x: np.take(x, [0, 1], axis=1),
    "diagonal": lambda np, x: np.diagonal(x),
    "tril": lambda np, x: np.tril(x),
    "zeros_like": lambda np, x: np.zeros_like(x),
    "full_like": lambda np, x: np.full_like(x, 3),
    "expand_dims": lambda np, x: np.expand_dims(x, 0),
    "squeeze": lambda np, x: np.squeeze(x[None]),
    "real": lambda np, x: np.real(x),
    "nan_to_num": lambda np, x: np.nan_to_num(x),
    "isclose": lambda np, x: np.isclose(x, 0.5),
    "copy": lambda np, x: np.copy(x),
    "ravel": lambda np, x: np.ravel(x),
    "append": lambda np, x: np.append(x, x),
    "cumsum": lambda np, x: np.cumsum(x, axis=1),
    "sort": lambda np, x: np.sort(x, axis=0),
    "dot": lambda np, x: np.dot(x, x.T),
    "matmul": lambda np, x: np.matmul(x, x.T),
    "einsum": lambda np, x: np.einsum("ij,kj->ik", x, x),
    "linalg.norm": lambda np, x: np.linalg.norm(x),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_dispatch(name, pair):
    before = vf.transfer_counters()
    got = CALLS[name](np, pair.x)
    assert isinstance(got, vf.Array)
    assert unread(before)
    same(got, np.asarray(CALLS[name](np, pair.values)), close=1e-5)


def test_numbers_and_lists_come_back_as_such(pair):
    assert np.shape(pair.x) == (3, 4)
    assert np.ndim(pair.x) == 2
    assert np.size(pair.x) == 12
    assert np.allclose(pair.x, pair.x) is True
    assert np.array_equal(pair.x, pair.x) is True
    assert np.iscomplexobj(pair.x) is False
    parts = np.split(pair.x, 3)
    assert [part.shape for part in parts] == [(1, 4)] * 3
    assert all(isinstance(part, vf.Array) for part in parts)


def test_out_of_functions(pair):
    out = vnp.zeros(4, dtype=np.float32)
    assert np.sum(pair.x, axis=0, out=out) is out
    same(out, pair.values.sum(axis=0), close=1e-6)
    whole = vnp.zeros_like(pair.x)
    np.clip(pair.x, 0.3, 0.6, out=whole)
    same(whole, np.clip(pair.values, np.float32(0.3), np.float32(0.6)))
    np.copyto(whole, 7)
    assert whole.numpy().min() == 7


def test_mixing_is_refused_with_the_remedy(pair):
    x, values = pair
    for call in (
        lambda: np.add(x, values),
        lambda: values + x,
        lambda: x + values,
        lambda: np.add(values, values, out=x),
        lambda: np.concatenate([x, values]),
        lambda: np.where(values > 0, x, x),
        lambda: np.dot(x, values.T),
        lambda: np.take(x, np.array([0, 1])),
        lambda: vnp.add(x, values),
    ):
        with pytest.raises(vf.ArgumentTypeError, match=r"vf\.asarray\(\w+\)"):
            call()
    same(np.add(x, np.array([2], np.float32)), values + 2)
    same(np.add(x, np.float32(2)), values + 2)


def test_unknown_functions_name_the_nearest_way(pair):
    for call in (
        lambda: np.unwrap(pair.x),
        lambda: np.apply_along_axis(sum, 0, pair.x),
        lambda: np.linalg.matrix_power(pair.x, 2) if not hasattr(vnp.linalg, "matrix_power") else np.unwrap(pair.x),
        lambda: np.i0(pair.x),
    ):
        with pytest.raises(vf.UnsupportedError, match=r"np\.[\w.]+ does not work on Arrays.*np\.asarray\(x\)"):
            call()


def test_unknown_arguments_say_what_there_is(pair):
    with pytest.raises(vf.ArgumentTypeError, match=r"np\.broadcast_to.*subok"):
        np.broadcast_to(pair.x, (2, 3, 4), subok=True)
    with pytest.raises(vf.ArgumentTypeError, match=r"np\.zeros_like.*order"):
        np.zeros_like(pair.x, order="F")


def test_arrays_like_ours(pair):
    same(np.zeros(3, dtype=np.float32, like=pair.x), np.zeros(3, np.float32))
    same(np.full((2,), 3, dtype=np.int32, like=pair.x), np.full(2, 3, np.int32))
    same(np.arange(3, dtype=np.int32, like=pair.x), np.arange(3, dtype=np.int32))
    same(np.copy(pair.x, order="K"), pair.values)
    same(np.reshape(pair.x, (4, 3), order="F"), pair.values.reshape((4, 3), order="F"))


def test_foreign_types_are_left_to_themselves(pair):
    class Other:
        def __array_function__(self, func, types, args, kwargs):
            return "theirs"

    assert np.concatenate([pair.x, Other()]) == "theirs"
    assert vf.Array.__array_function__(pair.x, np.sum, (Other,), (pair.x,), {}) is NotImplemented


def test_what_is_for_the_host_goes_there(pair, tmp_path):
    np.save(tmp_path / "x.npy", pair.x)
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), pair.values)
    text = io.StringIO()
    np.savetxt(text, pair.x)
    assert len(text.getvalue().splitlines()) == 3
    assert np.array2string(pair.x) == np.array2string(pair.values)
    assert np.can_cast(pair.x, np.float64)
    np.testing.assert_allclose(pair.x, pair.values)


def test_numbers_take_part():
    x = vnp.asarray([1.0, 2.0], dtype=np.float32)
    assert (np.float32(1) + x).dtype == np.float32
    assert (x + np.int8(1)).dtype == np.float32
    assert isinstance(np.float64(2) * x, vf.Array)
    assert isinstance(np.exp(x), vf.Array)
    assert vnp.sum(x) == 3
    assert float(np.sum(x)) == 3.0
