"""shuffle and choice against the NumPy text of docs/random.md, entry by entry, and against NumPy's own ways."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge._vulkan_forge import _testing
from vulkan_forge.random import Generator

pytestmark = pytest.mark.gpu

PAGE = (Path(__file__).parents[4] / "docs" / "random.md").read_text()
MODEL: dict = {}
exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], MODEL)
SEED, STREAM = 0x1234_5678_9ABC_DEF0, 0x55_0000_0003


class Draws:
    """Words of 64 bits in order, as the model has them."""

    def __init__(self, position=0):
        self.position = position + position % 2

    def __call__(self, count):
        made = MODEL["words"](SEED, STREAM, self.position, 2 * count).view(np.uint64)
        self.position += 2 * count
        return made


@pytest.fixture
def rng():
    return Generator(SEED, stream=STREAM)


def order(count, position=0):
    return np.argsort(Draws(position)(count), kind="stable")


def weights(count, seed=0, zeros=0.3):
    rng = np.random.default_rng(seed)
    p = rng.random(count) * (rng.random(count) >= zeros)
    p[rng.integers(count)] += 0.1
    return p / p.sum()


# ---------------------------------------------------------------- shuffle


@pytest.mark.parametrize(("shape", "axis"), [((7,), 0), ((1000, 3), 0), ((4, 90), 1), ((2, 5, 3), -2), ((1, 4), 0)])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "complex64"])
def test_shuffle_takes_the_order_of_a_permutation(rng, shape, axis, dtype):
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    wanted = np.take(x, order(shape[axis]), axis)
    array, host = vf.asarray(x), x.copy()
    try:
        assert rng.shuffle(array, axis=axis) is None
    except vf.UnsupportedError as error:
        pytest.skip(str(error))
    np.testing.assert_array_equal(np.asarray(array), wanted)
    rng.position = 0
    rng.shuffle(host, axis)
    np.testing.assert_array_equal(host, wanted)
    assert rng.position == 2 * shape[axis]


def test_shuffle_of_nothing(rng):
    for shape in ((0,), (0, 3), (3, 0)):
        x = vf.asarray(np.zeros(shape, np.float32))
        rng.shuffle(x)
        assert x.shape == shape


def test_what_cannot_be_shuffled(rng):
    fixed = np.zeros(4, np.float32)
    fixed.flags.writeable = False
    for x, error in (
        (fixed, vf.ReadOnlyError),
        (np.float32(1), vf.ArgumentTypeError),
        (vf.asarray(np.array(1.0)), vf.ShapeError),
        ([1, 2], vf.ArgumentTypeError),
        (np.zeros((4, 4), np.float32)[:, ::2], vf.LayoutError),
    ):
        with pytest.raises(error):
            rng.shuffle(x)
    with pytest.raises(vf.RangeError):
        rng.shuffle(vf.empty(4), axis=1)
    assert rng.position == 0


# ---------------------------------------------------------------- choice


@pytest.mark.parametrize("shape", [None, 0, 5, (3, 4), (2, 0)])
@pytest.mark.parametrize("count", [1, 7, 2**40])
def test_numbers_are_those_of_integers(rng, count, shape):
    got = rng.choice(count, shape)
    rng.position = 0
    wanted = rng.integers(0, count, () if shape is None else shape, dtype="int64")
    assert got.dtype == np.int64
    assert (got.shape, got.tolist()) == (wanted.shape, wanted.tolist())


@pytest.mark.parametrize("shape", [0, 1, 5, (2, 3), 1000])
def test_without_replacement_it_is_the_start_of_a_permutation(rng, shape):
    rng.position = 3
    got = np.asarray(rng.choice(1000, shape, replace=False, shuffle=False))
    np.testing.assert_array_equal(got, order(1000, 3)[: got.size].reshape(got.shape))
    assert len(np.unique(got)) == got.size


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 300), seed=st.integers(0, 1000), shape=st.sampled_from([None, 3, (2, 5), 4000]))
def test_chances(count, seed, shape):
    p = weights(count, seed)
    got = np.asarray(Generator(SEED, stream=STREAM).choice(count, shape, p=p))
    wanted = MODEL["choice_by_chance"](Draws()(got.size), p).reshape(got.shape)
    np.testing.assert_array_equal(got, wanted)
    assert (p[got] > 0).all()


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 200), seed=st.integers(0, 1000), data=st.data())
def test_chances_without_replacement(count, seed, data):
    p = weights(count, seed)
    size = data.draw(st.integers(0, np.count_nonzero(p)))
    rng, draws = Generator(SEED, stream=STREAM), Draws()
    got = rng.choice(count, size, replace=False, p=p).tolist()
    assert got == MODEL["choice_by_chance_once"](draws, size, p)
    assert len(set(got)) == size
    assert rng.position == draws.position


def test_numpy_chooses_the_same_from_the_same_draws(rng):
    class Same(np.random.Generator):
        """NumPy's own choice, over the words of the model."""

        draws = Draws()

        def random(self, size):
            return MODEL["uniform_double"](self.draws(int(np.prod(size)))).reshape(size)

    p = weights(50, 5)
    numpy_s = Same(np.random.PCG64(0))
    assert rng.choice(50, 30, p=p).tolist() == numpy_s.choice(50, 30, p=p).tolist()
    assert rng.choice(50, 20, replace=False, p=p).tolist() == numpy_s.choice(50, 20, replace=False, p=p).tolist()


def test_sums_that_meet_a_draw_exactly():
    """A draw that equals a running sum belongs to the next entry, as searchsorted(side="right") has it."""
    word = Draws()(1)[0]
    draw = float(word >> np.uint64(11)) * 2.0**-53
    assert Generator(SEED, stream=STREAM).choice(2, p=[draw, 1 - draw]).item() == 1
    above = np.nextafter(draw, 1)
    assert Generator(SEED, stream=STREAM).choice(2, p=[above, 1 - above]).item() == 0


@pytest.mark.parametrize(("shape", "axis"), [((6,), 0), ((6, 3), 0), ((3, 6), 1), ((2, 6, 3), -2)])
@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("chances", [False, True])
def test_entries_of_an_axis(rng, shape, axis, replace, chances):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    p = weights(6, 1, zeros=0) if chances else None
    for size in (None, 4, (2, 2)):
        rng.position = 0
        numbers = np.asarray(rng.choice(6, size, replace=replace, p=p))
        for values in (x, vf.asarray(x)):
            rng.position = 0
            got = rng.choice(values, size, replace=replace, p=p, axis=axis)
            np.testing.assert_array_equal(np.asarray(got), np.take(x, numbers, axis))


@pytest.mark.parametrize("replace", [True, False])
def test_every_device_chooses_alike(replace):
    p = weights(40, 2)
    wanted = Generator(SEED).choice(40, 12, replace=replace, p=p).tolist()
    with _testing.open_device(force_staging=True) as device:
        rng = Generator(SEED, device=device)
        assert rng.choice(40, 12, replace=replace, p=p).tolist() == wanted
        x = vf.asarray(np.arange(40), device=device)
        rng.position = 0
        assert rng.choice(x, 12, replace=replace, p=p).tolist() == wanted
        with pytest.raises(vf.InputError, match="another device"):
            rng.shuffle(vf.empty(3))


def test_frequencies(rng):
    p = np.array([0.05, 0.2, 0, 0.5, 0.25])
    seen = np.bincount(np.asarray(rng.choice(5, 40_000, p=p)), minlength=5)
    assert seen[2] == 0
    assert np.sum((seen - 40_000 * p)[p > 0] ** 2 / (40_000 * p[p > 0])) < 16.3  # chi-squared, 3: one in 1,000
    first = np.bincount([rng.choice(5, 2, replace=False, p=p).tolist()[0] for _ in range(2000)], minlength=5)
    assert np.sum((first - 2000 * p)[p > 0] ** 2 / (2000 * p[p > 0])) < 16.3


def test_many_chances(rng):
    p = weights(100_003, 3)
    got = np.asarray(rng.choice(len(p), 100_000, p=p))
    np.testing.assert_array_equal(got, MODEL["choice_by_chance"](Draws()(100_000), p))


def test_chances_of_any_real_dtype(rng):
    for p in (np.array([0.25, 0.75], np.float32), [0, 1], (0.5, 0.5), np.array([True, False]), vf.asarray([0.1, 0.9])):
        rng.position = 0
        got = rng.choice(2, 10, p=p).tolist()
        assert got == MODEL["choice_by_chance"](Draws()(10), np.asarray(p)).tolist()
    third = np.full(3, 1 / 3, np.float16)  # adds up to 0.9998, which is 1 as far as float16 can tell
    assert rng.choice(3, p=third).shape == ()


REFUSED = [
    ({"a": 0, "shape": 1}, vf.InputError, "nothing to choose from"),
    ({"a": -1}, vf.InputError, "negative"),
    ({"a": 2**64}, vf.InputError, "too large a count"),
    ({"a": np.zeros((0, 2), np.float32), "shape": 1}, vf.InputError, "nothing to choose from"),
    ({"a": 3, "shape": 4, "replace": False}, vf.InputError, "expected at most 3; got 4"),
    ({"a": 3, "shape": 3, "replace": False, "p": [0.5, 0, 0.5]}, vf.InputError, "at most 2, of those whose chance"),
    ({"a": 3, "p": [0.5, 0.5]}, vf.ShapeError, "expected 3 chances"),
    ({"a": 2, "p": [[0.5, 0.5]]}, vf.ShapeError, "expected 2 chances"),
    ({"a": 2, "p": [1.5, -0.5]}, vf.InputError, "no chance; expected 0 to 1"),
    ({"a": 2, "p": [np.nan, 1]}, vf.InputError, "no chance"),
    ({"a": 2, "p": [0.5, 0.6]}, vf.InputError, "does not add up to 1"),
    ({"a": 2, "p": [0.5j, 0.5]}, vf.DtypeError, "real numbers"),
    ({"a": 2, "p": ["x", "y"]}, vf.DtypeError, "real numbers"),
    ({"a": np.zeros(4, np.float32), "axis": 1}, vf.RangeError, "axis"),
    ({"a": np.float32(3)}, vf.ArgumentTypeError, "an int, an Array or an ndarray"),
    ({"a": 2.0}, vf.ArgumentTypeError, "an int, an Array or an ndarray"),
    ({"a": "abc"}, vf.ArgumentTypeError, "an int, an Array or an ndarray"),
    ({"a": 3, "shape": -1}, vf.ShapeError, "negative"),
]


@pytest.mark.parametrize(("arguments", "error", "text"), REFUSED)
def test_refused(rng, arguments, error, text):
    with pytest.raises(error, match=text):
        rng.choice(**arguments)
    assert rng.position == 0


def test_counts_of_numpy_and_nothing_at_all(rng):
    assert rng.choice(np.int64(3), 4).shape == (4,)
    for a in (0, np.zeros((0, 2), np.float32)):
        assert rng.choice(a, 0).shape[0] == 0
        assert rng.choice(a, (0,), replace=False).shape[0] == 0


def test_in_a_graph(rng):
    x, p = vf.asarray(np.arange(30)), weights(30, 4)
    with vf.record() as graph:
        drawn = rng.choice(x, 8, p=p)
        rng.shuffle(x)
    assert x.tolist() == list(range(30))
    graph.run()
    draws = Draws()
    assert drawn.tolist() == MODEL["choice_by_chance"](draws(8), p).tolist()
    assert x.tolist() == np.argsort(draws(30), kind="stable").tolist()
