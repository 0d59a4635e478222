"""Philox on the device against the NumPy text of docs/random.md, bit by bit, and the distributions themselves."""

import copy
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from vulkan_forge.random import Generator

pytestmark = pytest.mark.gpu

PAGE = (Path(__file__).parents[4] / "docs" / "random.md").read_text()
MODEL: dict = {}
exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], MODEL)
SEED, STREAM = 0x1234_5678_9ABC_DEF0, 0x55_0000_0003


def words(count, position=0, seed=SEED, stream=STREAM, attempt=0):
    return MODEL["words"](seed, stream, position, count, attempt)


def doubles(count, position=0, **where):
    return words(2 * count, position, **where).view(np.uint64)


@pytest.fixture
def rng():
    return Generator(SEED, stream=STREAM)


@pytest.fixture
def float64():
    if not vf.default_device().info["features"]["shaderFloat64"]:
        pytest.skip("needs float64")


# From the paper's own implementation (Random123, kat_vectors).
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected):
    assert MODEL["philox"](counter, key).tolist() == expected
    kernel = vf.Kernel("""
        #include "philox.glsl"
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer X { uvec4 x[]; };
        layout(push_constant) uniform Push { uvec4 counter; uvec2 key; };
        void main() { x[0] = philox(counter, key); }
    """)
    x = np.zeros(4, np.uint32)
    kernel(x=x, counter=counter, key=key, groups=1)
    assert x.tolist() == expected


def test_the_page_s_kernel():
    x = np.zeros(100, np.float32)
    vf.Kernel(re.findall(r"```glsl\n(.*?)```", PAGE, re.DOTALL)[0])(x=x, seed=7, threads=100)
    counter = np.zeros((100, 4), np.uint32)
    counter[:, 0] = np.arange(100)
    np.testing.assert_array_equal(x, MODEL["normal"](MODEL["philox"](counter, (7, 0))[:, 0]))


@settings(deadline=None, max_examples=30)
@given(
    position=st.one_of(st.integers(0, 40), st.integers(2**34 - 9, 2**34), st.integers(2**63, 2**63 + 5)),
    count=st.one_of(st.integers(0, 40), st.integers(1000, 5000)),
    seed=st.integers(0, 2**64 - 1),
    stream=st.integers(0, 2**56 - 1),
)
def test_words(position, count, seed, stream):
    rng = Generator(seed, stream=stream)
    rng.position = position
    where = {"seed": seed, "stream": stream}
    np.testing.assert_array_equal(np.asarray(rng.bits(count)), words(count, position, **where))
    even = position + count + (position + count) % 2
    np.testing.assert_array_equal(np.asarray(rng.bits(count, dtype=np.uint64)), doubles(count, even, **where))
    assert rng.position == even + 2 * count


def test_uniform_has_the_model_s_bits(rng):
    np.testing.assert_array_equal(np.asarray(rng.uniform((300, 7))), MODEL["uniform"](words(2100)).reshape(300, 7))
    scaled = np.asarray(rng.uniform(1001, -3.1, 0.7))
    low, high = np.float32(-3.1), np.float32(0.7)
    np.testing.assert_array_equal(scaled, low + (high - low) * MODEL["uniform"](words(1001, 2100)))


def test_uniform_double(rng, float64):
    x = np.asarray(rng.uniform(501, -1, 3, dtype=np.float64))
    np.testing.assert_array_equal(x, -1 + 4 * MODEL["uniform_double"](doubles(501)))


def test_uniform_stays_below_its_bound(rng):
    high = np.float32(np.nextafter(np.float32(2**20), np.float32(2**21)))
    x = np.asarray(rng.uniform(10000, 2**20, high))  # two values in the range, rounding would give a third
    assert set(x.tolist()) == {2.0**20}
    assert set(np.asarray(rng.uniform(10, 5, 5)).tolist()) == {5.0}


def test_normal_has_the_model_s_bits(rng):
    np.testing.assert_array_equal(np.asarray(rng.normal(100001)), MODEL["normal"](words(100001)))
    x = np.asarray(rng.normal(1000, 2.5, 0.1))
    expected = np.float32(2.5) + np.float32(0.1) * MODEL["normal"](words(1000, 100001))
    np.testing.assert_array_equal(x, expected)


def test_normal_double(rng, float64):
    x = np.asarray(rng.normal(50001, dtype=np.float64))
    np.testing.assert_array_equal(x, MODEL["normal_double"](doubles(50001)))


def test_normals_at_the_ends_of_their_words():
    """The rarest values: words around 0, the sign's change, and where the two polynomials meet."""
    edges = np.array([0, 1, 2, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1], np.uint32)
    near = np.uint32(0x400000) + np.arange(-1000, 1000).astype(np.uint32)  # p = 2^-9: w = 8
    word = np.concatenate([edges, near, near + np.uint32(2**31)])
    kernel = vf.Kernel("""
        #include "philox.glsl"
        layout(local_size_x = 64) in;
        layout(binding = 0) readonly buffer X { uint x[]; };
        layout(binding = 1) writeonly buffer Y { float y[]; };
        void main() { uint i = gl_GlobalInvocationID.x; if (i < x.length()) y[i] = philox_normal(x[i]); }
    """)
    y = np.empty(len(word), np.float32)
    kernel(x=word, y=y, threads=len(word))
    np.testing.assert_array_equal(y, MODEL["normal"](word))
    assert y[0] == -y[4]
    assert 6.33 < abs(y).max() < 6.34


def quantile_error(z, odd_bits):
    """The largest relative error of the normals of words whose upper tail is (2 k + 1) / 2^odd_bits: p = erfc / 2."""
    k = np.arange(len(z), dtype=np.float64)
    tail = np.array([math.erfc(abs(float(v)) / math.sqrt(2)) / 2 for v in z])
    p = (2 * k + 1) / 2.0**odd_bits
    return np.max(np.abs(tail / p - 1) / np.maximum(1, z.astype(np.float64) ** 2))  # d ln(tail) = -z dz, about


def test_normals_are_as_accurate_as_promised():
    assert quantile_error(MODEL["normal"](np.arange(500, dtype=np.uint32)), 33) < 5e-7
    word = np.arange(500, dtype=np.uint64) << np.uint64(11)
    assert quantile_error(MODEL["normal_double"](word), 54) < 2e-15


def kolmogorov(values, distribution):
    """The Kolmogorov-Smirnov statistic times the root of the count: above 1.95 once in 1,000."""
    values = np.sort(values)
    theory = distribution(values)
    n = len(values)
    above = np.max(np.arange(1, n + 1) / n - theory)
    return math.sqrt(n) * max(above, np.max(theory - np.arange(n) / n))


def test_distributions(rng):
    n = 1 << 16
    cumulative = np.vectorize(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)))
    z = np.asarray(rng.normal(n)).astype(np.float64)
    assert kolmogorov(z, cumulative) < 1.95
    assert kolmogorov(np.asarray(rng.uniform(n)).astype(np.float64), lambda u: u) < 1.95
    root = math.sqrt(n)
    assert abs(z.mean()) * root < 4
    assert abs((z**2).mean() - 1) * root / math.sqrt(2) < 4
    assert abs((z**3).mean()) * root / math.sqrt(15) < 4
    assert abs((z**4).mean() - 3) * root / math.sqrt(96) < 4
    assert abs((z[1:] * z[:-1]).mean()) * root < 4


def lemire(low, count, n, position=0):
    """The integers of one word each, in the page's words."""
    out = np.empty(n, np.int64)
    for i, word in enumerate(words(n, position)):
        at, attempt, product = position + i, 0, int(word) * count
        while (product & 0xFFFFFFFF) < 2**32 % count:
            attempt += 1
            product = int(words(1, at, attempt=attempt)[0]) * count
        out[i] = low + (product >> 32)
    return out


def lemire_wide(low, count, n, position=0):
    out = []
    for i, word in enumerate(doubles(n, position)):
        at, attempt, product = position + 2 * i, 0, int(word) * count
        while product % 2**64 < 2**64 % count:
            attempt += 1
            product = int(doubles(1, at, attempt=attempt)[0]) * count
        out.append(low + (product >> 64))
    return out


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 6), (-5, 5), (-(2**31), 2**31), (-(2**30), 2**30 + 2**29 + 1)])
def test_integers(rng, low, high):
    rng.position = 3  # within a block
    x = np.asarray(rng.integers(low, high, 300))
    assert x.dtype == np.int32
    np.testing.assert_array_equal(x, lemire(low, high - low, 300, 3))  # the last range rejects one word in four
    assert rng.position == 303


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 10, "int64"),
        (-(2**40), 2**40, "int64"),
        (-(2**63), 2**62 + 1, "int64"),
        (-(2**63), 2**63, "int64"),
        (0, 2**64, "uint64"),
        (2**63, 2**63 + 2**33 + 1, "uint64"),
    ],
)
def test_wide_integers(rng, low, high, dtype):
    x = np.asarray(rng.integers(low, high, 200, dtype=dtype))
    assert x.dtype == np.dtype(dtype)
    model = lemire_wide if high - low > 2**32 else lemire
    assert x.tolist() == list(model(low, high - low, 200))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "uint32"])
def test_small_integers(rng, dtype):
    info = np.iinfo(dtype)
    try:
        x = np.asarray(rng.integers(int(info.min), int(info.max) + 1, 1001, dtype=dtype))
    except vf.UnsupportedError:
        pytest.skip("this device has no small types")
    np.testing.assert_array_equal(x, lemire(int(info.min), int(info.max) - int(info.min) + 1, 1001))


def test_one_argument_is_the_end(rng):
    x = np.asarray(rng.integers(10, shape=1000))
    assert set(x.tolist()) == set(range(10))
    assert rng.integers(3).shape == ()


@pytest.mark.parametrize("count", [0, 1, 2, 1000, 70001])
def test_permutation(rng, count):
    rng.position = 3  # two words a value start at an even position
    np.testing.assert_array_equal(np.asarray(rng.permutation(count)), np.argsort(doubles(count, 4), kind="stable"))


def test_permutations_are_all_as_likely(rng):
    seen = np.zeros((4, 4), int)
    for _ in range(300):
        seen[np.arange(4), rng.permutation(4).tolist()] += 1
    assert np.sum((seen - 75) ** 2 / 75) < 28  # chi-squared with 9 degrees of freedom: one in 1,000


@pytest.mark.parametrize("method", ["bits", "uniform", "normal"])
def test_calls_may_be_split(rng, method):
    whole = np.asarray(getattr(rng, method)(30))
    rng.position = 0
    parts = [np.asarray(getattr(rng, method)(n)) for n in (10, 1, 0, 19)]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_streams_and_children_differ(rng):
    children = rng.spawn(2) + rng.spawn(1) + [Generator(SEED, stream=STREAM + 1), rng]
    values = [tuple(g.bits(4).tolist()) for g in children]
    assert len(set(values)) == 5
    again = Generator(SEED, stream=STREAM).spawn(3)
    assert [tuple(g.bits(4).tolist()) for g in again] == values[:3]


def test_state(rng):
    rng.uniform(5)
    for other in (pickle.loads(pickle.dumps(rng)), copy.copy(rng)):
        assert (other.seed, other.stream, other.position) == (SEED, STREAM, 5)
        assert repr(other) == f"Generator(seed={SEED}, stream={STREAM}, position=5)"
        assert other.bits(3).tolist() == words(3, 5).tolist()
    with pytest.raises(TypeError):
        pickle.dumps(Generator(1, device=vf.default_device()))
    assert Generator().seed != Generator().seed


def test_bad_input_is_refused(rng):
    for call in (
        lambda: Generator(-1),
        lambda: Generator(2**64),
        lambda: Generator(1, stream=2**56),
        lambda: rng.uniform(3, 2, 1),
        lambda: rng.uniform(3, 0, math.inf),
        lambda: rng.uniform(3, -3e38, 3e38),
        lambda: rng.normal(3, 0, -1),
        lambda: rng.normal(3, math.nan),
        lambda: rng.normal(3, 1e39),
        lambda: rng.permutation(-1),
        lambda: rng.integers(3, 3),
        lambda: rng.integers(0, 2**31 + 1),
        lambda: rng.integers(-1, 5, dtype="uint8"),
    ):
        with pytest.raises(vf.InputError):
            call()
    for call in (lambda: Generator("a"), lambda: rng.integers(0.5, 3)):
        with pytest.raises(TypeError):
            call()
    for call in (lambda: rng.uniform(3, dtype="int32"), lambda: rng.bits(3, dtype="int32")):
        with pytest.raises(vf.DtypeError):
            call()
    assert rng.position == 0
    rng.position = 2**64 - 3
    with pytest.raises(vf.LimitError):
        rng.bits(4)
    assert rng.bits(2).shape == (2,)


def test_a_permutation_beyond_64_bits_is_refused():
    with pytest.raises(vf.VulkanForgeError):
        Generator(1).permutation(2**64 + 3)
