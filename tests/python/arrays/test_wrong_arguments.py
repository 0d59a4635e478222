"""What NumPy or Python refuse on the way is refused by our errors, which are those builtins too."""

import operator

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp

pytestmark = pytest.mark.gpu

WRONG_TYPE = {
    "arange": [lambda x: vnp.arange("a"), lambda x: vnp.arange(3, dtype=bool), lambda x: vnp.arange([1, 2])],
    "array_split": [lambda x: vnp.array_split(x, 1.5), lambda x: vnp.array_split(x, "a")],
    "correction": [
        lambda x: vnp.var(x, ddof="a"),
        lambda x: vnp.var(x, correction="1"),
        lambda x: vnp.std(x, ddof=1j),
        lambda x: vnp.std(x, correction=[1, 2]),
        lambda x: vnp.nanvar(x, ddof="a"),
        lambda x: vnp.nanstd(x, correction="a"),
        lambda x: vnp.cov(x, ddof="a"),
    ],
    "diag": [lambda x: vnp.diag(x[0], 1.5), lambda x: vnp.diagonal(x, 0.5), lambda x: vnp.trace(x, "a")],
    "diff": [lambda x: vnp.diff(x, 1.5), lambda x: vnp.diff(x, axis=0.5)],
    "exponential": [
        lambda x: vnp.random.default_rng(1).exponential("a"),
        lambda x: vnp.random.default_rng(1).exponential(np.complex64(1)),
    ],
    "dtype": [
        lambda x: vnp.mean(x, dtype="bad"),
        lambda x: vnp.std(x, dtype="bad"),
        lambda x: vnp.matmul(x, x, dtype="bad"),
    ],
    "eye": [lambda x: vnp.eye(2.5), lambda x: vnp.eye(2, 3.5), lambda x: vnp.eye(2, k=0.5)],
    "fft": [lambda x: vnp.fft.fftfreq(1.5), lambda x: vnp.fft.fftfreq(3, d="a"), lambda x: vnp.fft.rfftfreq(3, d=None)],
    "full": [lambda x: vnp.full((2,), "x"), lambda x: vnp.full((2,), None)],
    "indices": [lambda x: vnp.diag_indices("a"), lambda x: vnp.tril_indices("a"), lambda x: vnp.triu_indices("a")],
    "integers": [lambda x: vnp.random.default_rng(1).integers("a")],
    "interp": [lambda x: vnp.interp(x, x[0], x[1], period="a")],
    "linalg": [
        lambda x: vnp.linalg.pinv(x, rtol="a"),
        lambda x: vnp.linalg.lstsq(x, x, "a"),
        lambda x: vnp.linalg.vector_norm(x, ord="a"),
        lambda x: vnp.linalg.vector_norm(x, ord=1j),
    ],
    "linspace": [lambda x: vnp.linspace(0, 1, 2.5), lambda x: vnp.linspace("a", 1), lambda x: vnp.geomspace(1, 2, 2.5)],
    "logspace": [lambda x: vnp.logspace(0, 1, "a")],
    "matrix_power": [lambda x: vnp.linalg.matrix_power(x, 1.5), lambda x: vnp.linalg.matrix_power(x, "a")],
    "pad": [lambda x: vnp.pad(x, "a"), lambda x: vnp.pad(x, 1.5), lambda x: vnp.pad(x, None)],
    "partition": [lambda x: vnp.partition(x, 0.5)],
    "quantile": [lambda x: vnp.quantile(x, 1j)],
    "random": [lambda x: vnp.random.default_rng(1).random(1.5), lambda x: vnp.random.rand(1.5)],
    "repeat": [lambda x: vnp.repeat(x, [1.5, 2]), lambda x: vnp.repeat(x, 1.5), lambda x: vnp.repeat(x, "a")],
    "roll": [lambda x: vnp.roll(x, 1.5), lambda x: vnp.roll(x, 1, 0.5), lambda x: vnp.rot90(x, 1.5)],
    "round": [lambda x: vnp.round(x, 1.5), lambda x: vnp.around(x, None)],
    "sort": [lambda x: vnp.sort(x, axis=1.5), lambda x: vnp.argsort(x, axis="a")],
    "spawn": [lambda x: vnp.random.default_rng(1).spawn(1.5)],
    "sum": [lambda x: vnp.sum(x, axis="a"), lambda x: vnp.sum(x, axis=0.5), lambda x: vnp.sum(x, axis=(0, "a"))],
    "tensordot": [lambda x: vnp.tensordot(x, x, ((0,),)), lambda x: vnp.tensordot(x, x, 1.5)],
    "tile": [lambda x: vnp.tile(x, 1.5), lambda x: vnp.tile(x, "a")],
    "topk": [lambda x: vnp.topk(x, 1.5)],
    "trapezoid": [lambda x: vnp.trapezoid(x, dx="a"), lambda x: vnp.trapezoid(x, dx=None)],
    "tri": [
        lambda x: vnp.tri(1.5),
        lambda x: vnp.tri(2, k=0.5),
        lambda x: vnp.tril(x, "a"),
        lambda x: vnp.triu(x, 0.5),
    ],
    "windows": [lambda x: vnp.hanning("a"), lambda x: vnp.kaiser(3, "a")],
    "zeros": [lambda x: vnp.zeros(2.5), lambda x: vnp.zeros((2, "a")), lambda x: vnp.zeros("a")],
}
WRONG_VALUE = {
    "arange": [lambda x: vnp.arange(2**70), lambda x: vnp.arange(0, 10, np.nan), lambda x: vnp.arange(0, np.inf)],
    "casting": [
        lambda x: vnp.can_cast(np.int8, np.int16, "bad"),
        lambda x: vnp.can_cast(np.int8, np.int16, None),
        lambda x: np.add(x, 1, casting="bad"),
    ],
    "choice": [lambda x: vnp.random.default_rng(1).choice(2**70)],
    "eigh": [
        lambda x: vnp.linalg.eigh(x, "a"),
        lambda x: vnp.linalg.eigh(x, UPLO=3),
        lambda x: vnp.linalg.eigvalsh(x, None),
    ],
    "einsum": [
        lambda x: vnp.einsum(x, [0, -1]),
        lambda x: vnp.einsum("a,b,c->", x[0], x[0], x[0], optimize="bad"),
        lambda x: vnp.einsum(vnp.asarray([1])),
    ],
    "einsum_operands": [lambda x: vnp.einsum("")],
    "einsum_path": [
        lambda x: vnp.einsum("a,b,c->", x[0], x[0], x[0], optimize=["einsum_path", (0, 7)]),
        lambda x: vnp.einsum("a,b,c->", x[0], x[0], x[0], optimize=["einsum_path", (0, 1)]),
        lambda x: vnp.einsum("a,b,c->", x[0], x[0], x[0], optimize=["einsum_path"]),
    ],
    "fft": [
        lambda x: vnp.fft.fftfreq(3, d=0),
        lambda x: vnp.fft.rfftfreq(3, 0.0),
        lambda x: vnp.fft.hfft(x, norm=["ortho"]),
    ],
    "of arrays": [
        lambda x: vnp.arange(x),
        lambda x: vnp.linspace(x, 1, 3),
        lambda x: vnp.linalg.multi_dot([x[0, 0], x]),
        lambda x: vnp.linalg.multi_dot([x, x[0], x]),
        lambda x: vnp.tril_indices_from(x[0]),
        lambda x: vnp.triu_indices_from(x[0, 0]),
        lambda x: vnp.searchsorted(x[0], x, sorter=vnp.asarray([0])),
        lambda x: vnp.searchsorted(x[0], x, sorter=vnp.asarray([[0, 1]])),
    ],
    "geomspace": [lambda x: vnp.geomspace(0, 8, 4), lambda x: vnp.geomspace(1, 8, -4)],
    "linspace": [lambda x: vnp.linspace(0, 1, -1), lambda x: vnp.logspace(0, 1, -1)],
    "pad": [lambda x: vnp.pad(x, [[1, 2], [1]])],
    "quantile": [lambda x: vnp.quantile(x, "a"), lambda x: vnp.percentile(x, [1, [2]])],
    "resize": [lambda x: vnp.resize(x, (-1,))],
}


def cases(table):
    return [pytest.param(call, id=f"{name}-{i}") for name, calls in table.items() for i, call in enumerate(calls)]


@pytest.fixture(scope="module")
def x():
    return vnp.asarray(np.array([[1, 2], [3, 4]], np.float32))


@pytest.mark.parametrize("call", cases(WRONG_TYPE))
def test_a_wrong_type_is_a_type_error_of_ours(call, x):
    with pytest.raises(TypeError) as caught:
        call(x)
    assert isinstance(caught.value, vf.InputError)
    assert caught.value.code in ("BAD_TYPE", "BAD_DTYPE")


@pytest.mark.parametrize("call", cases(WRONG_VALUE))
def test_a_wrong_value_is_an_input_error(call, x):
    with pytest.raises(vf.InputError) as caught:
        call(x)
    assert str(caught.value)


def test_more_values_than_memory_are_a_memory_error_of_ours():
    with pytest.raises(vf.OutOfMemoryError):
        vnp.arange(1e18)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: vnp.var(x, ddof="a"), "var: ddof"),
        (lambda x: vnp.nanstd(x, correction="a"), "nanstd: correction"),
        (lambda x: vnp.cov(x, ddof="a"), "cov: ddof"),
        (lambda x: vnp.trapezoid(x, dx="a"), "trapezoid: dx"),
        (lambda x: vnp.interp(x, x[0], x[1], period="a"), "interp: period"),
        (lambda x: vnp.linalg.vector_norm(x, ord="a"), "vector_norm: ord"),
        (lambda x: vnp.fft.fftfreq(3, d="a"), "fftfreq: d"),
    ],
)
def test_the_error_names_the_argument(call, name, x):
    with pytest.raises(vf.ArgumentTypeError, match=name):
        call(x)


def test_numbers_of_any_real_type_are_taken(x):
    for one in (1, 1.0, True, np.int8(1), np.float32(1), np.array(1), vnp.asarray(1)):
        assert vnp.var(x, ddof=one).item() == vnp.var(x, ddof=1).item()


@pytest.mark.parametrize("other", [[1, 2], (1, 2), []], ids=["list", "tuple", "empty"])
@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.lt, operator.ge])
def test_lists_beside_an_array_are_not_compared_by_identity(compare, other, x):
    for operands in ((x[0], other), (other, x[0])):
        with pytest.raises(vf.ArgumentTypeError, match="a comparison"):
            compare(*operands)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("kind", [int, np.int32, np.asarray, vnp.asarray])
def test_an_axis_may_be_an_array_without_axes(axis, kind, x):
    one = kind(axis)
    assert vnp.expand_dims(x, axis=one).shape == np.expand_dims(np.ones((2, 2)), axis).shape
    assert vnp.sum(x, axis=one).tolist() == x.numpy().sum(axis=axis).tolist()
    assert vnp.tensordot(x, x, axes=kind(abs(axis))).tolist() == np.tensordot(x.numpy(), x.numpy(), abs(axis)).tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda x: vnp.ones(2**70),
        lambda x: vnp.zeros((2**40, 2**40)),
        lambda x: vnp.full(2**62, 1, np.int16),
        lambda x: vnp.ones((2**62, 0), np.float32),
        lambda x: vnp.ones_like(x, shape=2**70),
        lambda x: vnp.broadcast_to(x, (2**70, 2, 2)),
        lambda x: vnp.empty(2**70),
    ],
)
def test_shapes_beyond_any_memory_are_refused_at_the_call(call, x):
    with pytest.raises(vf.LimitError):
        call(x)
