"""The names of numpy.random on Philox; the numbers have their own tests in tests/python/array/ops/test_random.py."""

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import narrowed, skip_where_lacking
from vulkan_forge import random as philox

pytestmark = pytest.mark.gpu


def test_a_generator_gives_philoxs_numbers():
    ours, theirs = vnp.random.default_rng(5), philox.Generator(5)
    for got, want in [
        (ours.random((2, 3), np.float32), theirs.uniform((2, 3))),
        (ours.uniform(-1, 2, 4, np.float32), theirs.uniform(4, -1, 2)),
        (ours.normal(3, 0.5, (5,), np.float32), theirs.normal(5, 3, 0.5)),
        (ours.standard_normal(5, np.float32), theirs.normal(5)),
        (ours.integers(10, size=6, dtype=np.int32), theirs.integers(10, shape=6)),
        (ours.integers(3, 5, 6, np.int32, endpoint=True), theirs.integers(3, 6, 6)),
        (ours.permutation(7), theirs.permutation(7)),
        (ours.choice(9, 4), theirs.choice(9, 4)),
        (ours.choice(9, 4, replace=False), theirs.choice(9, 4, replace=False)),
    ]:
        assert isinstance(got, vf.Array)
        assert got.tolist() == want.tolist()
        assert got.shape == want.shape


def test_defaults():
    rng = vnp.random.default_rng(1)
    for got in (rng.random(), rng.uniform(), rng.normal(), rng.exponential(), rng.integers(3)):
        assert got.shape == ()
    assert rng.random().dtype == rng.normal().dtype == narrowed("float64")
    assert rng.integers(3).dtype == narrowed("int64")
    assert vnp.random.default_rng(rng) is rng
    assert vnp.random.default_rng().random(2).tolist() != vnp.random.default_rng().random(2).tolist()


def test_exponential():
    x = vnp.random.default_rng(2).exponential(3.0, 20_000, np.float32).numpy()
    assert x.min() >= 0
    assert x.mean() == pytest.approx(3, rel=0.05)
    assert x.std() == pytest.approx(3, rel=0.05)


def test_chances():
    rng = vnp.random.default_rng(3)
    assert set(rng.choice(3, 50, p=[0.5, 0, 0.5]).tolist()) == {0, 2}
    assert rng.choice(3, 5, p=vf.asarray(np.array([0, 1, 0], np.float32))).tolist() == [1] * 5
    entries = vf.asarray(np.arange(6, dtype=np.float32).reshape(3, 2))
    drawn = rng.choice(entries.T, 4, axis=1)
    assert drawn.shape == (2, 4)
    assert (drawn[1] - drawn[0]).tolist() == [1] * 4


def test_orders():
    rng = vnp.random.default_rng(4)
    x = vf.asarray(np.arange(12, dtype=np.int32).reshape(4, 3))
    mixed = rng.permutation(x)
    assert sorted(mixed.tolist()) == x.tolist()
    part = x[:, ::2]
    rng.shuffle(part)
    assert sorted(part.tolist()) == [[0, 2], [3, 5], [6, 8], [9, 11]]
    assert sorted(x[:, 1].tolist()) == [1, 4, 7, 10]
    rng.shuffle(x, axis=1)
    assert sorted(x.numpy().ravel().tolist()) == list(range(12))


def test_children_differ():
    rng = vnp.random.default_rng(5)
    children = rng.spawn(2)
    draws = [tuple(one.random(3, np.float32).tolist()) for one in (rng, *children)]
    assert len(set(draws)) == 3


def test_functions_of_the_module_share_a_seed():
    def drawn():
        vnp.random.seed(6)
        made = vnp.random.rand(2), vnp.random.randn(2), vnp.random.random(2), vnp.random.uniform(0, 2, 2)
        more = vnp.random.normal(0, 1, 2), vnp.random.randint(9, size=2), vnp.random.permutation(4)
        return [x.tolist() for x in (*made, *more)]

    assert drawn() == drawn()
    assert vnp.random.rand().shape == ()
    assert vnp.random.rand(2, 3).shape == vnp.random.randn(2, 3).shape == (2, 3)


def test_what_is_refused():
    rng = vnp.random.default_rng(7)
    with pytest.raises(vf.InputError):
        rng.uniform(2, 1)
    with pytest.raises(vf.InputError):
        rng.integers(3, 3)
    with pytest.raises(vf.InputError):
        rng.normal(scale=-1)
    for scale in (-1, -0.5, np.nan, np.inf, "1"):
        for draw in (rng.exponential, lambda scale: rng.normal(0, scale)):
            with pytest.raises(vf.InputError):
                draw(scale)
    with pytest.raises(vf.InputError):
        vnp.random.default_rng(-1)
    skip_where_lacking("float64")
    assert rng.random(2, np.float64).dtype == np.float64
