"""Expressions: when they are computed, in how many kernels, and that they keep their values."""

import gc
import operator
import threading

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp
from array_cases import device_alone, same
from vulkan_forge import _vulkan_forge as native
from vulkan_forge import compute

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def on_the_device():
    with device_alone():
        yield


def kernels(work):
    """The names of the kernels that run meanwhile."""
    with vf.profile() as profile:
        work()
    return [row.name for row in profile.rows if row.name != "copy" for _ in range(row.count)]


def put(values):
    return vf.asarray(np.asarray(values, np.float32))


def test_nothing_is_computed_until_it_is_asked_for():
    x = put([1, 2, 3])
    assert kernels(lambda: (x + 1) * 2 - x) == []


def test_a_chain_is_one_kernel():
    x = put(np.arange(100))
    y = (x * 2 + 1) * x - 3
    assert kernels(lambda: y.tolist()) == ["multiply_add_multiply_subtract"]
    assert kernels(lambda: y.tolist()) == []
    values = np.arange(100, dtype=np.float32)
    np.testing.assert_array_equal(np.asarray(y), (values * 2 + 1) * values - 3)


def test_evaluate_computes_several_in_one_kernel():
    x = put(np.arange(8))
    shared = x * x
    assert kernels(lambda: vf.evaluate(shared + 1, {"a": [shared - 1]})) == ["multiply_add_subtract"]


def test_a_value_that_is_used_again_is_stored_the_second_time():
    x = put(np.arange(64))
    part = x * 3 + 1
    assert (part * 2).tolist()[1] == 8
    (part * 5).tolist()
    assert kernels(lambda: part.tolist()) == []


def test_dead_values_are_not_computed():
    x = put([1, 2])
    y = x + 1
    for _ in range(10):
        y = x * 2
    del x
    gc.collect()
    assert kernels(lambda: y.tolist()) == ["multiply"]


def test_long_loops_do_not_grow():
    x = put(np.ones(1000))
    step = put(np.full(1000, 1e-4))
    for _ in range(200):
        x = x + step * x
    np.asarray(x)
    before = sum(row.bytes for row in vf.default_device().memory_report().rows)
    for _ in range(2000):
        x = x + step * x
    np.asarray(x)
    after = sum(row.bytes for row in vf.default_device().memory_report().rows)
    assert after <= before + 100_000


# -- expressions keep their values whatever is written later -----------------------------------------------------------


def written_by_assignment(x):
    x[...] = 9


def written_by_part(x):
    x[1:] = 9


def written_by_map(x):
    with x.map() as view:
        view[:] = 9


def written_by_kernel(x):
    kernel = vf.Kernel(
        """#version 450
        layout(local_size_x = 64) in;
        layout(binding = 0) buffer X { float x[]; };
        void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] = 9; }"""
    )
    kernel(x=x, threads=x.size)


def written_by_copy(x):
    vf.copy_async(put(np.full(x.shape, 9)), x).wait()


def written_by_in_place(x):
    np.asarray(x)  # from now on others see the memory
    x *= 100


def written_by_graph(x):
    with vf.record() as graph:
        graph.fill(x, 9.0)
    graph.run()


def written_by_scatter(x):
    compute.scatter(x, vf.asarray(np.array([0, 2])), put([9, 9]))


@pytest.mark.parametrize(
    "write",
    [
        written_by_assignment,
        written_by_part,
        written_by_map,
        written_by_kernel,
        written_by_copy,
        written_by_in_place,
        written_by_graph,
        written_by_scatter,
    ],
    ids=lambda write: write.__name__,
)
def test_what_is_written_later_does_not_show(write):
    x = put([1, 2, 3])
    before, of_a_view = x + 1, x[::-1] * 2
    write(x)
    assert before.tolist() == [2, 3, 4]
    assert of_a_view.tolist() == [6, 4, 2]
    assert 9 in x.tolist() or 100 in x.tolist()


def test_views_show_what_is_written():
    x = put(np.arange(6).reshape(2, 3))
    row, column = x[1], x[:, 0]
    x[1, 0] = 50
    assert row.tolist() == [50, 4, 5]
    assert column.tolist() == [0, 50]
    row += 1
    assert x.tolist() == [[0, 1, 2], [51, 5, 6]]


def test_in_place_operators_write_memory_that_others_see():
    values = np.arange(4, dtype=np.float32)
    x = vf.asarray(values)
    view = x[1:]
    x += 1
    assert view.tolist() == [2, 3, 4]
    x *= x
    assert view.tolist() == [4, 9, 16]


def test_adding_to_a_part_writes_it_once():
    """Python ends x[i] += y by assigning the result to where it stands already."""
    x, y = put(np.zeros((6, 5))), put(np.ones((4, 5)))
    np.asarray(x)
    with vf.profile() as profile:
        x[1:-1] += y
    counts = {row.name: row.count for row in profile.rows}
    assert counts == {"add": 1, "copy": 1}  # the copy puts it in place: the sum reads what it is written over
    assert x.tolist() == [[0] * 5, *[[1] * 5] * 4, [0] * 5]


def test_in_place_operators_on_memory_of_numpy():
    if not vf.default_device().shares_memory_with_host:
        pytest.skip("the device does not see the host's memory")
    values = np.arange(4, dtype=np.float32)
    x = vf.from_host(values)
    x += 10
    x[0] = 1
    x.tolist()
    np.testing.assert_array_equal(values, [1, 11, 12, 13])


def test_in_place_operators_keep_the_dtype_and_shape():
    x = vf.asarray(np.arange(3, dtype=np.int32))
    x += 1
    assert x.dtype == np.int32
    with pytest.raises(vf.DtypeError, match="int32"):
        x += 1.5
    with pytest.raises(vf.ShapeError, match=r"\(3,\)"):
        x += vf.asarray(np.zeros((2, 3), np.int32))
    assert x.tolist() == [1, 2, 3]


def test_a_part_may_be_assigned_from_what_overlaps_it():
    values = np.arange(20, dtype=np.float32)
    x = vf.asarray(values)
    x[1:] = x[:-1]
    values[1:] = values[:-1].copy()
    assert x.tolist() == values.tolist()
    x[::-1] = x + 1
    assert x.tolist() == (values + 1)[::-1].tolist()


def test_broadcast_values_cannot_be_written():
    x = native.view(put([1, 2]), (3, 2), (0, 4))
    assert not x.writable
    with pytest.raises(vf.ReadOnlyError):
        x[0] = 1


# -- recordings --------------------------------------------------------------------------------------------------------


def test_expressions_in_a_recording_run_with_it():
    x, out = put([1, 2, 3]), put([0, 0, 0])
    earlier = x * 10
    with vf.record() as graph:
        out[...] = x + earlier
    graph.run()
    assert out.tolist() == [11, 22, 33]
    x[...] = put([5, 5, 5])
    graph.run()
    assert out.tolist() == [15, 25, 35], "what was built before the recording keeps its values"


def test_values_cannot_be_read_in_a_recording():
    x = put([1, 2, 3])
    with vf.record():
        y = x + 1
        for read in (y.tolist, y.numpy, lambda: float(y[0]), lambda: np.asarray(y)):
            with pytest.raises(vf.StateError, match="when it runs"):
                read()
        assert "recorded" in repr(y)
        assert x.tolist() == [1, 2, 3]


def test_long_expressions_in_a_recording_are_cut():
    x = put([1.0, 2.0])
    with vf.record() as graph:
        y = x
        for _ in range(300):
            y = y + 1
        out = vf.evaluate(y)
    graph.run()
    assert out.tolist() == [301, 302]


def test_compile_traces_once_for_each_shape():
    calls = []

    @vf.compile
    def step(x, v, factor=2.0):
        calls.append(x.shape)
        return {"x": x + v * factor, "sum": (x * v, v)}

    for n in (4, 4, 8, 4):
        x, v = np.arange(n, dtype=np.float32), np.ones(n, np.float32)
        got = step(vf.asarray(x), vf.asarray(v), factor=3.0)
        assert got["x"].tolist() == (x + 3).tolist()
        assert got["sum"][0].tolist() == x.tolist()
        assert got["sum"][1].tolist() == v.tolist()
    assert calls == [(4,), (8,)]
    assert step.traces == 2


def test_results_of_compiled_functions_are_their_own():
    double = vf.compile(lambda x: x * 2)
    first = double(put([1, 2]))
    second = double(put([5, 6]))
    assert first.tolist() == [2, 4]
    assert second.tolist() == [10, 12]
    third = double(second)
    assert third.tolist() == [20, 24]


def test_arguments_of_compiled_functions_are_not_changed():
    @vf.compile
    def grow(x):
        x += 1
        x[0] = 0
        return x

    x = put([1, 2])
    for _ in range(2):
        assert grow(x).tolist() == [0, 3]
        assert x.tolist() == [1, 2]


def test_arguments_of_compiled_functions_may_start_anywhere():
    step = vf.compile(lambda x, y: (x * 2 + y, x.sum()))
    values = np.arange(40, dtype=np.float32)
    x, y = put(values), put(values)
    results = [step(put(values[8:]), put(values[8:]))]  # starts as recorded; its results stay
    results += [step(x[start : start + 32], y[8:]) for start in (1, 3, 5)]
    results.append(step(put(values[:32]), put(values[8:])))
    for start, (scaled, total) in zip((8, 1, 3, 5, 0), results, strict=True):
        assert scaled.tolist() == (values[start : start + 32] * 2 + values[8:]).tolist()
        assert total.item() == values[start : start + 32].sum()
    assert x.tolist() == values.tolist()


def test_compiled_functions_cannot_look_at_values():
    @vf.compile
    def look(x):
        return x * 2 if x[0] > 0 else x

    with pytest.raises(vf.StateError, match="when it runs"):
        look(put([1, 2]))


def test_compiled_functions_refuse_what_they_cannot_tell_apart():
    with pytest.raises(vf.ArgumentTypeError, match="asarray"):
        vf.compile(lambda x, y: x)(put([1]), np.arange(3))


def test_compiled_functions_call_themselves_and_each_other():
    # DEADLOCK_GUARD: a lock that the calls inside wait for would hang, so that nothing here is left to fail.
    @vf.compile
    def count(x, n):
        return x if n == 0 else count(x, n - 1) + 1

    @vf.compile
    def even(x, n):
        return x if n == 0 else odd(x * 2, n - 1)

    @vf.compile
    def odd(x, n):
        return x + 100 if n == 0 else even(x * 3, n - 1)

    for values in ([1, 2], [5, 7]):
        x = put(values)
        assert [count(x, n).tolist() for n in (3, 0, 3)] == [[v + n for v in values] for n in (3, 0, 3)]
        assert even(x, 3).tolist() == [v * 12 + 100 for v in values]
        assert odd(x, 1).tolist() == [v * 3 for v in values]
    assert (count.traces, even.traces, odd.traces) == (2, 1, 1)


def test_what_is_called_while_another_is_traced_keeps_its_arguments_and_results():
    @vf.compile
    def grow(x):
        x += 1
        return x

    @vf.compile
    def outer(x):
        same_values = itself(x)
        same_values *= 10
        return x, grow(x), same_values

    itself = vf.compile(lambda x: x)
    for start in (1, 4):
        assert [part.tolist() for part in outer(put([start]))] == [[start], [start + 1], [start * 10]]


def test_a_trace_that_fails_leaves_the_next_call_its_own():
    @vf.compile
    def fail(x):
        raise KeyError("on purpose")

    double = vf.compile(lambda x: x * 2)
    with pytest.raises(KeyError, match="purpose"):
        fail(put([1]))
    assert double(put([1])).tolist() == [2]
    assert double.traces == 1


@pytest.mark.parametrize("kind", [float, np.float32, complex])
def test_numbers_of_compiled_functions_are_told_apart_by_their_bits(kind):
    @vf.compile
    def signed(x, options):
        return x * (-1 if np.signbit(np.real(options["sign"])) else 1)

    x = put([3])
    for sign in (0.0, -0.0, 0.0, -0.0):
        assert signed(x, {"sign": kind(sign)}).tolist() == [-3 if np.signbit(sign) else 3]
    assert signed.traces == 2
    for _ in range(2):
        signed(x, {"sign": kind(float("nan"))})  # a new object each time, and equal to none
    assert signed.traces == 3


# -- numbers and refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [True, 3, 2.5, 1 + 2j, np.float32(2), np.int64(3), np.array([2.0]), np.array(2.0)])
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int32", "uint64", "float32", "float64", "complex64"])
def test_numbers_take_numpys_dtypes(number, dtype):
    values = np.array([0, 1, 3]).astype(dtype)
    x = vf.asarray(values)
    got, turned = x + number, x * number if isinstance(number, np.ndarray | np.generic) else number * x
    kind, number_type = values.dtype.kind, type(number)  # devices may lack NumPy's defaults
    by_default = (kind == "b" and number_type is int) or (kind in "biu" and number_type in (float, complex))
    for result, wanted in ((got, values + number), (turned, values * number)):
        same(result, wanted, default=by_default)


def test_arrays_on_both_sides_are_refused_with_the_way_out():
    x = put([1, 2])
    for mix in (lambda: x + np.arange(2), lambda: np.arange(2) * x, lambda: x @ np.arange(2)):
        with pytest.raises(vf.ArgumentTypeError, match="asarray"):
            mix()
    with pytest.raises(vf.RangeError, match="int8"):
        vf.asarray(np.arange(3, dtype=np.int8)) + 1000
    with pytest.raises(TypeError):
        x + "text"
    with pytest.raises(vf.ShapeError, match=r"\(2,\)"):
        x + put([1, 2, 3])


BEYOND = [
    ("uint8", 300),
    ("uint8", -1),
    ("int8", 128),
    ("int8", -129),
    ("uint32", -1),
    ("int64", 2**63),
    ("uint64", 2**64),
]


@pytest.mark.parametrize(("dtype", "number"), [*BEYOND, ("bool", 2**70), ("uint16", -(2**70))])
def test_integers_that_a_dtype_does_not_hold_compare_all_the_same(dtype, number):
    info = np.iinfo(dtype) if dtype != "bool" else None
    values = np.array([0, 1] if info is None else [info.min, 0, info.max], dtype)
    x = vf.asarray(values)
    for compare in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        assert compare(x, number).tolist() == [compare(int(value), number) for value in values]
        assert compare(number, x).tolist() == [compare(number, int(value)) for value in values]
    assert vnp.less(x, number).tolist() == [int(value) < number for value in values]
    assert number not in x


def test_truth_is_that_of_one_element():
    assert put([3]) == 3
    assert not put([0])
    with pytest.raises(TypeError, match="2 elements"):
        bool(put([1, 2]))
    assert int(put([3.7])) == 3
    assert [10, 20, 30][vf.asarray(np.int32(1))] == 20


def test_one_element_is_formatted_as_a_number():
    assert f"{put([2.5])[0]:.2f}" == "2.50"
    assert f"{put([1, 2])}" == "[1. 2.]"
    with pytest.raises(TypeError, match=r"\(2,\)"):
        f"{put([1, 2]):.2f}"


def test_divmod():
    quotient, rest = divmod(put([7, -7]), 2)
    assert quotient.tolist() == [3, -4]
    assert rest.tolist() == [1, 1]
    assert [part.tolist() for part in divmod(9, put([2, 4]))] == [[4, 2], [1, 1]]


def test_threads_build_and_evaluate_the_same_expression():
    x = put(np.arange(1000))
    y = x * 2 + 1
    results, errors = [], []

    def work():
        try:
            results.extend((y + i).tolist()[3] - i for i in range(20))
        except BaseException as error:  # shown below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert set(results) == {7.0}


def test_what_depends_on_values_is_refused_in_a_recording():
    x = put([1, 0, 2])
    with vf.record():
        for ask in (
            lambda: x[x > 0],
            lambda: compute.nonzero(x),
            lambda: compute.bincount(vf.asarray(np.arange(3, dtype=np.int32))),
            lambda: compute.gather(x, vf.asarray(np.array([0, 1], np.int32))),
        ):
            with pytest.raises(vf.StateError, match="when it runs"):
                ask()


def test_squares_of_squares_are_one_kernel():
    x = put([1.0, -1.0])
    z = x
    for _ in range(40):
        z = z * z
    assert z.tolist() == [1, 1]


def test_sums_of_many_arrays_take_few_kernels():
    arrays = [put([i]) for i in range(30)]
    total = arrays[0]
    for array in arrays[1:]:
        total = (total + array) * 1
    assert len(kernels(lambda: np.asarray(total))) == 3
    assert total.tolist() == [sum(range(30))]


def test_a_host_that_runs_ahead_waits_for_memory():
    x = put(np.zeros((1024, 1024)))
    for _ in range(300):
        x[1:-1, 1:-1] = x[1:-1, 1:-1] + 1
    pooled = sum(row.bytes for row in vf.default_device().memory_report().rows)
    assert x[5, 5].item() == 300
    assert pooled < 500_000_000


# ---------------------------------------------------------------- writes inside of compiled functions and recordings


def later_slice(a):
    s = a + 1
    a[1:] = 9
    return s


def later_view(a):
    s, t = a * 1, a[1:]
    t *= 2
    return s, t


def later_twice(a):
    s = a + 1
    a[:2] = 7
    u = a + s
    a[2:4] = s[:2]
    return s, u, a * 1


@pytest.mark.parametrize("function", [later_slice, later_view, later_twice])
@pytest.mark.parametrize("n", [4, 1 << 20])
def test_compiled_values_are_those_from_before_a_later_write(function, n):
    expected = function(np.arange(n, dtype=np.float32))
    compiled = vf.compile(function)
    for _ in range(3):
        got = compiled(vf.asarray(np.arange(n, dtype=np.float32)))
        for ours, numpys in zip(*((x if isinstance(x, tuple) else (x,)) for x in (got, expected)), strict=True):
            np.testing.assert_array_equal(ours, numpys)


def test_recorded_values_are_those_from_before_a_kernel_writes():
    increase = vf.Kernel(
        "layout(local_size_x = 4) in; layout(binding = 0) buffer X { float x[]; };"
        "void main() { x[gl_GlobalInvocationID.x] += 1.0; }"
    )
    a, b = vf.asarray(np.ones(8, np.float32)), vf.asarray(np.full(8, 5, np.float32))
    with vf.record() as graph:
        before = a * 2
        increase(x=a, threads=8)
        total = compute.reduce(before)
        kept = a * 3
        graph.copy(b, a)
        kept_total = compute.reduce(kept)
        last = a * 4
        compute.scatter(a, vf.asarray(np.arange(8, dtype=np.int32)), vf.asarray(np.zeros(8, np.float32)), mode="clip")
        last_total = compute.reduce(last)
    for start in (1, 10):
        with a.map() as view:
            view[:] = start
        graph.run()
        assert [float(x) for x in (total, kept_total, last_total)] == [16 * start, 24 * (start + 1), 160]


@pytest.mark.parametrize("size", [8, 12, 65536, 65540, *range(65601, 65608), 2**18 - 1])
@pytest.mark.parametrize("costly", [False, True])
def test_words_of_any_length_and_what_is_left_of_them(size, costly):
    x = np.random.default_rng(size).uniform(-4, 4, size).astype(np.float32)
    a = put(x)
    got = np.asarray(vnp.exp(a) * a + vnp.log(a * a + 1) if costly else a * 2 + a)
    np.testing.assert_allclose(got, np.exp(x) * x + np.log(x * x + 1) if costly else x * 2 + x, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("length", [64, 68, 72, 76, 2048, 4092, 4100])
def test_rows_of_whole_words(length):
    """Rows of eights, of fours, and such whose costly values find no room in shared memory."""
    x = np.random.default_rng(length).standard_normal((65, length)).astype(np.float32)
    a, w = put(x), put(x[0])
    e = vnp.exp(a - vnp.amax(a, -1, keepdims=True))
    right = np.exp(x.astype(float) - x.max(-1, keepdims=True))
    np.testing.assert_allclose(e / e.sum(-1, keepdims=True), right / right.sum(-1, keepdims=True), rtol=3e-6)
    np.testing.assert_allclose(vnp.var(a * w, -1), np.var(x.astype(float) * x[0], -1), rtol=1e-5)
    np.testing.assert_array_equal(vnp.amin(a, -1), x.min(-1))
    np.testing.assert_array_equal(np.asarray(vnp.argmax(a, -1)), x.argmax(-1))


@pytest.mark.parametrize("skip", [0, 1])
def test_a_submission_that_fails_leaves_its_values_to_be_computed(skip):
    """They counted as computed, and were whatever the memory held."""
    x = np.arange(70000, dtype=np.float32)
    a, b = put(x), put(x[::-1].copy())
    first = vnp.exp(-a / 70000)
    vf.evaluate(first)
    first, second = first * 2, (a * 2 + b) * 3  # nobody else has what the first is made of: it may go to its memory
    native._testing.inject_fault("vkQueueSubmit", -1, skip, 1)  # VK_ERROR_OUT_OF_HOST_MEMORY
    try:
        with pytest.raises(vf.VulkanForgeError):
            for value in (first, second):
                vf.evaluate(value)
    finally:
        native._testing.clear_faults()
    np.testing.assert_allclose(first, 2 * np.exp(-x / 70000), rtol=1e-6)
    np.testing.assert_array_equal(second, (x * 2 + x[::-1]) * 3)
