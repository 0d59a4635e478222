"""Linear algebra against NumPy, and each factorisation against what it is a factorisation of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import narrowed, numbers, same, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=30)
DTYPES = ["float32", "float64", "complex64", "complex128"]
STACKS = [(3, 3), (2, 3, 3), (0, 3, 3), (2, 0, 0), (1, 1)]


def matrices(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape)
    return (values + 1j * rng.standard_normal(shape) if np.dtype(dtype).kind == "c" else values).astype(dtype)


def adjoint(a):
    return np.conj(a.swapaxes(-1, -2))


def positive(shape, dtype):
    a = matrices(shape, dtype)
    return (a @ adjoint(a) + 3 * np.eye(shape[-1])).astype(dtype)


def near(got, want):
    """Shape and dtype are NumPy's, and values within some units in the last place of the largest."""
    want = np.asarray(want)
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    limit = 200 * np.finfo(want.dtype).eps
    np.testing.assert_allclose(got.numpy(), want, rtol=limit, atol=limit * np.max(np.abs(want), initial=1))


@pytest.fixture(params=DTYPES)
def dtype(request):
    skip_where_lacking(request.param)
    return request.param


# ------------------------------------------------------------------ factorisations


@pytest.mark.parametrize("shape", STACKS)
def test_square_matrices(shape, dtype):
    values = positive(shape, dtype)
    x = vf.asarray(values)
    near(vnp.linalg.cholesky(x), np.linalg.cholesky(values))
    near(vnp.linalg.cholesky(x, upper=True), np.linalg.cholesky(values, upper=True))
    near(vnp.linalg.inv(x), np.linalg.inv(values))
    near(vnp.linalg.det(x), np.linalg.det(values))
    for got, want in zip(vnp.linalg.slogdet(x), np.linalg.slogdet(values), strict=True):
        near(got, want)
    near(vnp.linalg.eigvalsh(x), np.linalg.eigvalsh(values))
    found = vnp.linalg.eigh(x)
    near(found.eigenvalues, np.linalg.eigvalsh(values))
    v, w = found.eigenvectors.numpy(), found.eigenvalues.numpy()
    np.testing.assert_allclose(v * w[..., None, :] @ adjoint(v), values, atol=1e-4)


def test_turned_matrices_come_down_as_they_are(dtype):
    values = matrices((3, 3), dtype)
    near(vnp.linalg.inv(vf.asarray(values).T), np.linalg.inv(values.T))
    near(
        vnp.linalg.solve(vf.asarray(values)[::-1], vf.asarray(values)[:, 0]),
        np.linalg.solve(values[::-1], values[:, 0]),
    )


@pytest.mark.parametrize("shape", [(3, 3), (2, 4, 3), (2, 3, 4), (0, 2, 3), (3, 0)])
def test_any_matrices(shape, dtype):
    values = matrices(shape, dtype)
    x = vf.asarray(values)
    for full in (True, False):
        found = vnp.linalg.svd(x, full_matrices=full)
        near(found.S, np.linalg.svd(values, compute_uv=False))
        u, s, vh = (part.numpy() for part in found)
        k = s.shape[-1]
        np.testing.assert_allclose(u[..., :k] * s[..., None, :] @ vh[..., :k, :], values, atol=1e-5)
    near(vnp.linalg.svdvals(x), np.linalg.svdvals(values))
    for mode in ("reduced", "complete"):
        found = vnp.linalg.qr(x, mode=mode)
        want = np.linalg.qr(values, mode=mode)
        near(found.Q, want.Q)
        near(found.R, want.R)
    near(vnp.linalg.pinv(x), np.linalg.pinv(values, rtol=max(shape[-2:]) * np.finfo(dtype).eps))
    same(vnp.linalg.matrix_rank(x), np.linalg.matrix_rank(values), default=False)


def test_named_results():
    x = vf.asarray(positive((2, 2), "float32"))
    assert vnp.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert vnp.linalg.qr(x)._fields == ("Q", "R")
    assert vnp.linalg.slogdet(x)._fields == ("sign", "logabsdet")
    assert vnp.linalg.svd(x)._fields == ("U", "S", "Vh")


def test_tolerances():
    values = np.diag([1.0, 1e-3, 0.0]).astype(np.float32)
    x = vf.asarray(np.stack([values, values]))
    assert vnp.linalg.matrix_rank(x).tolist() == [2, 2]
    assert vnp.linalg.matrix_rank(x, rtol=0.01).tolist() == [1, 1]
    assert vnp.linalg.matrix_rank(x, rtol=vnp.asarray([0.01, 1e-5])).tolist() == [1, 2]
    near(vnp.linalg.pinv(x[0], rtol=0.01), np.linalg.pinv(values, rtol=0.01))


def test_eigenvalues_of_any_matrix(dtype):
    values = matrices((2, 4, 4), dtype)
    found = vnp.linalg.eig(vf.asarray(values))
    w, v = found.eigenvalues.numpy(), found.eigenvectors.numpy()
    np.testing.assert_allclose(values @ v, v * w[..., None, :], atol=1e-5)
    assert w.dtype.kind == "c"
    np.testing.assert_allclose(np.sort(vnp.linalg.eigvals(vf.asarray(values)).numpy()), np.sort(w), atol=1e-5)


@pytest.mark.parametrize(("a", "b"), [((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (3, 2)), ((2, 3, 3), (2, 3, 1))])
def test_solve(a, b, dtype):
    left, right = positive(a, dtype), matrices(b, dtype, 1)
    near(vnp.linalg.solve(vf.asarray(left), vf.asarray(right)), np.linalg.solve(left, right))


def test_lstsq(dtype):
    a, b = matrices((5, 3), dtype), matrices((5, 2), dtype, 1)
    for got, want in zip(vnp.linalg.lstsq(vf.asarray(a), vf.asarray(b)), np.linalg.lstsq(a, b), strict=True):
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-3, atol=1e-5)


def test_condition():
    values = matrices((2, 3, 3), "float32")
    for p in (None, 2, -2, 1, np.inf, "fro"):
        np.testing.assert_allclose(vnp.linalg.cond(vf.asarray(values), p).numpy(), np.linalg.cond(values, p), rtol=1e-3)


def test_integers_become_floats():
    values = numbers((3, 3))
    x = vf.asarray(values)
    assert vnp.linalg.inv(x).dtype == vnp.linalg.vector_norm(x).dtype == narrowed("float64")
    np.testing.assert_allclose(vnp.linalg.det(x).numpy(), np.linalg.det(values), rtol=1e-4)


def test_what_factorisations_refuse():
    singular = vnp.zeros((2, 2), np.float32)
    with pytest.raises(vnp.linalg.LinAlgError, match="inv") as caught:
        vnp.linalg.inv(singular)
    assert isinstance(caught.value, vf.InputError)
    assert isinstance(caught.value, np.linalg.LinAlgError)
    for function in (vnp.linalg.cholesky, lambda x: vnp.linalg.solve(x, x)):
        with pytest.raises(vnp.linalg.LinAlgError):
            function(singular)
    wide = vnp.zeros((2, 3), np.float32)
    for name in ("cholesky", "eigh", "eigvalsh", "eig", "eigvals", "inv", "det", "slogdet"):
        with pytest.raises(vf.ShapeError, match=f"{name}.*square"):
            getattr(vnp.linalg, name)(wide)
    for name in ("qr", "svd", "svdvals", "pinv", "matrix_rank", "inv"):
        with pytest.raises(vf.ShapeError, match="2 axes"):
            getattr(vnp.linalg, name)(wide[0])
    with pytest.raises(vf.ShapeError, match="solve"):
        vnp.linalg.solve(vf.asarray(np.eye(3, dtype=np.float32)), wide)
    with pytest.raises(vf.InputError, match="mode"):
        vnp.linalg.qr(wide, mode="raw")
    with pytest.raises(vf.DtypeError, match="float16"):
        vnp.linalg.inv(vf.asarray(np.eye(2, dtype=np.float16)))
    with pytest.raises(vf.ArgumentTypeError, match="send it first"):
        vnp.linalg.inv(np.eye(2))


# ------------------------------------------------------------------ on the device


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8])
@pytest.mark.parametrize("kind", ["int32", "float32"])
def test_powers(n, kind):
    pair = twins(numbers((2, 3, 3), kind) % 3)
    same(vnp.linalg.matrix_power(pair.x, n), np.linalg.matrix_power(pair.values, n))


def test_negative_powers():
    values = positive((3, 3), "float32")
    near(vnp.linalg.matrix_power(vf.asarray(values), -3), np.linalg.matrix_power(values, -3))
    with pytest.raises(vf.ShapeError, match="square"):
        vnp.linalg.matrix_power(vnp.zeros((2, 3)), 2)


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=2, most=4))
def test_diagonals_and_transposes(data, pair):
    offset = data.draw(st.integers(-5, 5))
    same(vnp.linalg.diagonal(pair.x, offset=offset), np.linalg.diagonal(pair.values, offset=offset))
    want = np.linalg.trace(pair.values, offset=offset, dtype=pair.values.dtype)
    same(vnp.linalg.trace(pair.x, offset=offset, dtype=pair.values.dtype), want)
    same(vnp.linalg.matrix_transpose(pair.x), np.linalg.matrix_transpose(pair.values))
    for name in ("diagonal", "trace", "matrix_transpose", "matrix_norm"):
        with pytest.raises(vf.ShapeError, match="2 axes"):
            getattr(vnp.linalg, name)(vnp.zeros(3))


def test_products():
    a, b = twins(numbers((3, 3), "float32")), twins(numbers((3, 3), "float32", 1))
    for name in ("matmul", "tensordot", "vecdot", "cross"):
        same(getattr(vnp.linalg, name)(a.x, b.x), getattr(np.linalg, name)(a.values, b.values))
    same(vnp.linalg.outer(a.x[0], b.x[0]), np.linalg.outer(a.values[0], b.values[0]))
    same(vnp.linalg.cross(a.x, b.x, axis=0), np.linalg.cross(a.values, b.values, axis=0))
    with pytest.raises(vf.ShapeError, match="vectors"):
        vnp.linalg.outer(a.x, b.x)


def test_multi_dot():
    chain = [twins(numbers(shape, "float32", i) % 3) for i, shape in enumerate([(2, 5), (5, 3), (3, 4), (4, 2)])]
    for part in (chain[:2], chain[:3], chain):
        same(vnp.linalg.multi_dot([p.x for p in part]), np.linalg.multi_dot([p.values for p in part]))
    ends = [chain[0].x[0], chain[1].x, chain[2].x[:, 0]]
    want = np.linalg.multi_dot([chain[0].values[0], chain[1].values, chain[2].values[:, 0]])
    same(vnp.linalg.multi_dot(ends), want)
    with pytest.raises(vf.InputError, match="two"):
        vnp.linalg.multi_dot([chain[0].x])
    with pytest.raises(vf.ShapeError, match="fit"):
        vnp.linalg.multi_dot([chain[0].x, chain[0].x])


# ------------------------------------------------------------------ norms


@quick
@given(data=st.data(), pair=views(["int32", "float32", "complex64"], least=1, smallest=1))
@pytest.mark.parametrize("order", [2, 1, 0, np.inf, -np.inf, 3, 0.5, -1])
def test_vector_norms(order, data, pair):
    ndim = pair.values.ndim
    axis = data.draw(
        st.none() | st.integers(-ndim, ndim - 1) | st.permutations(range(ndim)).map(lambda p: tuple(p[:2]))
    )
    keepdims = data.draw(st.booleans())
    with np.errstate(divide="ignore"):
        want = np.linalg.vector_norm(pair.values, axis=axis, keepdims=keepdims, ord=order)
    got = vnp.linalg.vector_norm(pair.x, axis=axis, keepdims=keepdims, ord=order)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-4)
    assert got.shape == np.shape(want)
    assert got.dtype == (narrowed("float64") if pair.values.dtype.kind == "i" else np.float32)


@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["int32", "float32", "complex64"])
def test_matrix_norms(order, kind):
    pair = twins(numbers((2, 3, 4), kind))
    for keepdims in (False, True):
        want = np.linalg.matrix_norm(pair.values, keepdims=keepdims, ord=order)
        got = vnp.linalg.matrix_norm(pair.x, keepdims=keepdims, ord=order)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-5)
        assert got.shape == want.shape
        want = np.linalg.norm(pair.values, order, (2, 0), keepdims)
        got = vnp.linalg.norm(pair.x, order, (2, 0), keepdims)
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-5)
        assert got.shape == want.shape


@pytest.mark.parametrize("shape", [(3,), (3, 4), (2, 3, 4)])
def test_norms_of_a_whole(shape):
    pair = twins(numbers(shape, "float32"))
    for keepdims in (False, True):
        same(vnp.linalg.norm(pair.x, keepdims=keepdims), np.linalg.norm(pair.values, keepdims=keepdims), close=1e-6)
    same(vnp.linalg.norm(pair.x, 1, -1), np.linalg.norm(pair.values, 1, -1), close=1e-6)


def test_half_floats_have_the_norm_of_single_ones():
    skip_where_lacking("float16")
    values = np.full(1000, 3, np.float16)
    assert vnp.linalg.vector_norm(vf.asarray(values)).item() == np.float16(np.sqrt(9000))


def test_what_norms_refuse():
    x = vnp.zeros((2, 3, 4), np.float32)
    with pytest.raises(vf.InputError, match="no such norm"):
        vnp.linalg.matrix_norm(x, ord=3)
    with pytest.raises(vf.InputError, match="no such norm"):
        vnp.linalg.norm(x, "fro", 0)
    with pytest.raises(vf.ShapeError, match="1 or 2 axes"):
        vnp.linalg.norm(x, 2)
    with pytest.raises(vf.ShapeError):
        vnp.linalg.vector_norm(x[:, :0], axis=1, ord=np.inf)
