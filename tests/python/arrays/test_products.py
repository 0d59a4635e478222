"""Products of matrices and tensors against NumPy."""

import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import DTYPES, numbers, same, shapes, skip_where_lacking, twins, views

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=40)
KINDS = st.sampled_from(["int32", "float32", "complex64", "uint32"])


def turned(draw, values):
    """Twins of the values, whose last two axes may lie the other way round in memory."""
    if values.ndim > 1 and draw(st.booleans()):
        x = vf.asarray(np.ascontiguousarray(values.swapaxes(-1, -2)))
        return x.mT, values
    return vf.asarray(values), values


def whole(shape, dtype, seed=0):
    """Whole numbers, so that products are exact; complex ones with both parts."""
    values = numbers(shape, dtype, seed)
    return (values + 1j * numbers(shape, dtype, seed + 50)).astype(dtype) if values.dtype.kind == "c" else values


def alike(a, b):
    """Dtypes whose promotion every device has."""
    return np.result_type(a, b) not in (np.float64, np.complex128, np.int64)


# ------------------------------------------------------------------ matmul


@quick
@given(
    data=st.data(), m=st.integers(0, 5), k=st.integers(0, 5), n=st.integers(0, 5), batch=shapes(0, 2, 3, 1), dtype=KINDS
)
def test_matmul(data, m, k, n, batch, dtype):
    few = tuple(1 if data.draw(st.booleans()) else extent for extent in batch)[data.draw(st.integers(0, len(batch))) :]
    a, left = turned(data.draw, whole((*batch, m, k), dtype))
    b, right = turned(data.draw, whole((*few, k, n), dtype, 1))
    same(vnp.matmul(a, b), left @ right)
    same(a @ b, left @ right)
    same(vnp.matmul(a, vf.asarray(whole(k, dtype, 2))), left @ whole(k, dtype, 2))
    same(vnp.matmul(vf.asarray(whole(k, dtype, 2)), b), whole(k, dtype, 2) @ right)


@pytest.mark.parametrize("dtype", DTYPES)
def test_matmul_of_every_dtype(dtype):
    skip_where_lacking(dtype)
    a, b = twins(whole((9, 20), dtype)), twins(whole((20, 7), dtype, 1))
    same(vnp.matmul(a.x, b.x), a.values @ b.values)
    same(vnp.tensordot(a.x, b.x, axes=1), a.values @ b.values)
    same(vnp.vecdot(a.x, a.x), np.vecdot(a.values, a.values))


def test_small_integers_wrap():
    skip_where_lacking("int8")
    a = twins(np.full((2, 100), 100, np.int8))
    same(vnp.matmul(a.x, a.x.T), a.values @ a.values.T)
    assert vnp.vecdot(a.x, a.x).dtype == np.int8


def test_matmul_of_mixed_dtypes():
    a, b = twins(whole((3, 4), "complex64")), twins(whole((4, 2), "float32"))
    same(vnp.matmul(a.x, b.x), a.values @ b.values)
    same(vnp.matmul(b.x.T, a.x.T), b.values.T @ a.values.T)
    skip_where_lacking("float64")
    same(vnp.matmul(a.x, vf.asarray(numbers((4, 2)))), a.values @ numbers((4, 2)))
    same(vnp.matmul(b.x.T, b.x, dtype=np.float64), np.matmul(b.values.T, b.values, dtype=np.float64))


def test_infinities_stay_in_their_part():
    one = vf.asarray(np.array([[1.0]], np.float32))
    for parts in [(np.inf, 2), (2, np.inf), (-3, -np.inf), (np.nan, 3), (3, np.nan)]:
        got = vnp.matmul(vf.asarray(np.array([[complex(*parts)]], np.complex64)), one).item()
        np.testing.assert_array_equal((got.real, got.imag), parts)


def test_matmul_refuses():
    x = vnp.zeros((2, 3), np.float32)
    with pytest.raises(vf.ShapeError, match="single numbers"):
        vnp.matmul(x, 2)
    with pytest.raises(vf.ShapeError):
        vnp.matmul(x, x)
    with pytest.raises(vf.ArgumentTypeError, match="send it first"):
        vnp.matmul(x, np.zeros((3, 2)))
    with pytest.raises(vf.InputError, match="out"):
        vnp.matmul(x, x.T, out=x)


# ------------------------------------------------------------------ others


@quick
@given(data=st.data(), a=views(["int32", "float32"], least=1, smallest=1), dtype=KINDS)
def test_vecdot(data, a, dtype):
    values = a.values.astype(dtype)
    x, b = vf.asarray(values), twins(whole(values.shape, dtype, 1))
    axis = data.draw(st.integers(-values.ndim, -1))
    same(vnp.vecdot(x, b.x, axis=axis), np.vecdot(values, b.values, axis=axis))
    if values.size:
        same(vnp.vdot(x, b.x), np.vdot(values, b.values))
    with pytest.raises(vf.ShapeError, match="length"):
        vnp.vecdot(x, vnp.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype))


@quick
@given(a=shapes(0, 3, 3), b=shapes(0, 3, 3), dtypes=st.tuples(KINDS, KINDS))
def test_products_of_all_pairs(a, b, dtypes):
    if not alike(*dtypes):
        return
    x, y = twins(whole(a, dtypes[0])), twins(whole(b, dtypes[1], 1))
    same(vnp.outer(x.x, y.x), np.outer(x.values, y.values))
    same(vnp.kron(x.x, y.x), np.kron(x.values, y.values))
    same(vnp.tensordot(x.x, y.x, axes=0), np.tensordot(x.values, y.values, axes=0))
    for name in ("dot", "inner"):
        try:
            want = getattr(np, name)(x.values, y.values)
        except ValueError:
            with pytest.raises(vf.ShapeError):
                getattr(vnp, name)(x.x, y.x)
        else:
            same(getattr(vnp, name)(x.x, y.x), want)


@quick
@given(data=st.data(), shape=shapes(1, 4, 4), dtype=KINDS)
def test_tensordot(data, shape, dtype):
    a = twins(whole(shape, dtype))
    count = data.draw(st.integers(0, len(shape)))
    left = data.draw(st.permutations(range(len(shape))))[:count]
    other = [shape[i] for i in left] + data.draw(st.lists(st.integers(0, 3), max_size=2))
    order = data.draw(st.permutations(range(len(other))))
    b = twins(whole([other[i] for i in order], dtype, 1))
    right = [order.index(i) for i in range(count)]
    signed = [axis - len(other) for axis in right]
    same(vnp.tensordot(a.x, b.x, (left, signed)), np.tensordot(a.values, b.values, (left, right)))
    with pytest.raises(vf.ShapeError):
        vnp.tensordot(a.x, b.x, (range(len(shape)), ()))


def test_tensordot_refuses():
    a, b = vnp.zeros((2, 3)), vnp.zeros((4, 3))
    for axes in (1, 3, -1, ((0,), (0,))):
        with pytest.raises(vf.ShapeError):
            vnp.tensordot(a, b, axes)
    with pytest.raises(vf.RangeError):
        vnp.tensordot(a, b, ((2,), (0,)))


@quick
@given(data=st.data(), pair=views(["int32", "float32"], least=2, most=4))
def test_trace(data, pair):
    n = pair.values.ndim
    first, second = data.draw(st.permutations(range(n)))[:2]
    offset = data.draw(st.integers(-5, 5))
    want = np.trace(pair.values, offset, first, second, dtype=pair.values.dtype)
    same(vnp.trace(pair.x, offset, first, second - n, dtype=pair.values.dtype), want)
    with pytest.raises(vf.InputError, match="twice"):
        vnp.trace(pair.x, 0, 1, 1)


# ------------------------------------------------------------------ einsum

TEXTS = [
    "ij,jk->ik", "ij,jk", "ij,kj->ki", "bij,bjk->bik", "ij,ij->ij", "ij,ij->i", "ij,ij->", "i,j->ij", "i,i", "ii",
    "ii->i", "ij->ji", "ij->j", "ij->", "ba", "iij->ij", "iji->j", "ijk,ijk->k", "abc,bd->adc", "abc,cb->a",
    "ab,bc,cd->ad", "ab,bc,cd,de->ae", "ab,ab,ab->a", "i,ij,j->", "a,b,c->cab", "abcd,cd->ab",
    "ea,fb,abcd,gc,hd->efgh", "ij,j->i", "iii->i", "aab,b->a", "ab,cd->", "ab,cd->ac",
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["int32", "float32", "complex64"])
@pytest.mark.parametrize("text", TEXTS)
def test_einsum(text, dtype):
    extents = {letter: 2 + i % 3 for i, letter in enumerate(string.ascii_lowercase)}
    terms = text.partition("->")[0].split(",")
    pairs = [twins(whole([extents[letter] for letter in term], dtype, i)) for i, term in enumerate(terms)]
    want = np.einsum(text, *(p.values for p in pairs), optimize=True)
    for optimize in ("greedy", "optimal", False, True):
        same(vnp.einsum(text, *(p.x for p in pairs), optimize=optimize), want)
    numbered = [
        part for p, term in zip(pairs, terms, strict=True) for part in (p.x, [ord(letter) - 97 for letter in term])
    ]
    if "->" in text:
        numbered.append([ord(letter) - 97 for letter in text.partition("->")[2]])
    same(vnp.einsum(*numbered), want)


DOTS = [
    ("...ij,...jk->...ik", (4, 2, 3), (3, 5)), ("...ij,...jk", (2, 3), (4, 3, 5)), ("i...->...", (2, 3, 4)),
    ("...i->i...", (2, 3, 4)), ("...ii->...i", (2, 3, 3)), ("...,...->...", (2, 3), (3,)), ("...", (2, 3)),
    ("i...,i...", (2, 3), (2, 3)), ("...i,...i", (4, 1, 3), (2, 3)), ("a...b,b", (2, 3, 4), (4,)),
    ("ij,...->ij...", (2, 3), ()),
]  # fmt: skip


@pytest.mark.parametrize("case", DOTS, ids=str)
def test_einsum_with_dots(case):
    text, *extents = case
    pairs = [twins(whole(shape, "float32", i)) for i, shape in enumerate(extents)]
    same(vnp.einsum(text, *(p.x for p in pairs)), np.einsum(text, *(p.values for p in pairs)))


def test_einsum_of_nothing_and_of_one():
    for shape in [(0, 3), (3, 0), (1, 3)]:
        a, b = twins(whole(shape, "float32")), twins(whole((shape[1], 2), "float32"))
        same(vnp.einsum("ij,jk->ik", a.x, b.x), a.values @ b.values)
    one, many = twins(whole((1, 3), "float32")), twins(whole((4, 3), "float32", 1))
    same(vnp.einsum("ij,ij->ij", one.x, many.x), one.values * many.values)
    same(vnp.einsum("ij,ij->j", one.x, many.x), (one.values * many.values).sum(0))
    same(vnp.einsum(",i->i", 2, many.x[0]), 2 * many.values[0])


def test_einsum_promotes_first():
    skip_where_lacking("int8", "int16")
    a, b = twins(np.full(3, 100, np.int8)), twins(np.full(3, 100, np.int16))
    same(vnp.einsum("i,i,i->i", a.x, a.x, b.x), np.einsum("i,i,i->i", a.values, a.values, b.values))
    skip_where_lacking("float64")
    same(vnp.einsum("i,i", a.x, b.x, dtype=np.float64), np.einsum("i,i", a.values, b.values, dtype=np.float64))


@quick
@given(data=st.data())
def test_einsum_of_random_texts(data):
    letters = "abcde"[: data.draw(st.integers(1, 5))]
    terms = data.draw(st.lists(st.text(letters, max_size=4), min_size=1, max_size=4))
    used = sorted(set("".join(terms)))
    result = "".join(data.draw(st.permutations(used))[: data.draw(st.integers(0, len(used)))])
    extents = {letter: data.draw(st.integers(1, 3)) for letter in letters}
    pairs = [twins(whole([extents[letter] for letter in term], "int32", i) % 5) for i, term in enumerate(terms)]
    text = ",".join(terms) + "->" + result
    same(vnp.einsum(text, *(p.x for p in pairs)), np.einsum(text, *(p.values for p in pairs)))


@pytest.mark.parametrize(
    "text",
    ["ij,jk->il", "ij->ii", "ij", "i1,jk", "ij,jk->i->k", "ijk,jk", "ij,jk,kl", "...ij,jk->ik", "i....,jk", "i,jk", ""],
)
def test_einsum_refuses_texts(text):
    x = vnp.zeros((2, 3, 3), np.float32) if text.startswith("...") else vnp.zeros((3, 3), np.float32)
    with pytest.raises(vf.InputError, match="einsum"):
        vnp.einsum(text, x, vnp.zeros((3, 3), np.float32))


def test_einsum_refuses():
    with pytest.raises(vf.ShapeError, match="'j'"):
        vnp.einsum("ij,jk", vnp.zeros((2, 3)), vnp.zeros((4, 2)))
    with pytest.raises(vf.ShapeError, match="'i'"):
        vnp.einsum("ii", vnp.zeros((2, 3)))
    with pytest.raises(vf.InputError, match="neither text nor lists"):
        vnp.einsum(vnp.zeros(3), [99])


@pytest.mark.parametrize(
    "lists", [([0, 30],), ([30, 0],), ([25, 26],), ([51, 0],), ([0, 30], [30, 5]), ([2, 40], [40, 3])]
)
def test_einsum_of_numbers_orders_axes_as_numpy_does(lists):
    pairs = [twins(numbers((3, 3), seed=i)) for i, _ in enumerate(lists)]
    ours = [part for pair, row in zip(pairs, lists, strict=True) for part in (pair.x, row)]
    theirs = [part for pair, row in zip(pairs, lists, strict=True) for part in (pair.values, row)]
    same(vnp.einsum(*ours), np.einsum(*theirs))


def test_kron_with_a_number():
    x, values = twins(numbers((2, 3), "float32"))
    same(vnp.kron(x, 2), np.kron(values, np.float32(2)))
    same(vnp.kron(2, x), np.kron(np.float32(2), values))


def test_axes_may_lie_in_arrays():
    a, b = twins(numbers((2, 3), "float32")), twins(numbers((3, 4), "float32", 1))
    for axes in ([1, 0], np.array([1, 0]), vnp.asarray([1, 0])):
        same(vnp.tensordot(a.x, b.x, axes), np.tensordot(a.values, b.values, np.asarray(axes)))
    for axis in (np.array(1), vnp.asarray(1)):
        same(vnp.sum(a.x, axis=axis), np.sum(a.values, axis=1))
    for shape in (np.array(3), vnp.asarray(3)):
        assert vnp.zeros(shape).shape == (3,)
