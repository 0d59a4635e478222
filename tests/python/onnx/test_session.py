"""InferenceSession: call shapes, plans, refusals. Values are NumPy's."""

import gc
import threading

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession

pytestmark = pytest.mark.gpu


def parsed(text, opset=17):
    return parse_model(f'<ir_version: 8, opset_import: ["": {opset}]> {text}')


CHAIN = (
    "chain (float[N, 4] x, float[N, 4] z) => (float[N, 4] y) { a = Mul(x, z) b = Sigmoid(a) c = Add(b, x) y = Tanh(c) }"
)


def chain(x, z):
    return np.tanh(1 / (1 + np.exp(-x * z)) + x)


def arrays(rows=3, seed=0):
    random = np.random.default_rng(seed)
    return {name: random.standard_normal((rows, 4)).astype(np.float32) for name in "xz"}


def test_runs_by_name_and_again_with_other_values_and_shapes():
    with InferenceSession(parsed(CHAIN)) as session:
        for rows, seed in ((3, 0), (3, 1), (700, 2), (3, 3), (0, 4)):
            feeds = arrays(rows, seed)
            (y,) = session.run(["y"], feeds)
            np.testing.assert_allclose(y, chain(**feeds), rtol=1e-5, atol=1e-6)
        assert session.report()["recorded"]


@pytest.mark.parametrize("names", [None, [], ()])
def test_all_outputs_come_where_none_is_named(names):
    with InferenceSession(parsed("g (float[2] x) => (float[2] y, float[2] z) { y = Neg(x) z = Abs(y) }")) as session:
        y, z = session.run(names, {"x": np.array([1, -2], np.float32)})
    assert (y.tolist(), z.tolist()) == ([-1, 2], [1, 2])


def test_inputs_and_outputs_are_described_as_onnxruntime_does():
    with InferenceSession(parsed(CHAIN)) as session:
        assert [tuple(port) for port in session.get_inputs()] == [
            ("x", "tensor(float)", ["N", 4]),
            ("z", "tensor(float)", ["N", 4]),
        ]
        assert session.get_outputs()[0].name == "y"


def test_arrays_go_in_and_stay_on_the_device():
    feeds = arrays()
    with InferenceSession(parsed(CHAIN)) as session:
        first = session.run(None, {name: vf.asarray(value) for name, value in feeds.items()}, arrays=True)[0]
        second = session.run(None, {name: -value for name, value in feeds.items()}, arrays=True)[0]
        assert isinstance(first, vf.Array)
        np.testing.assert_allclose(np.asarray(first), chain(**feeds), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(np.asarray(second), chain(-feeds["x"], -feeds["z"]), rtol=1e-5, atol=1e-6)


def test_strided_ndarrays_are_taken():
    feeds = arrays()
    flipped = {name: np.asfortranarray(value)[::-1] for name, value in feeds.items()}
    with InferenceSession(parsed(CHAIN)) as session:
        y = session.run(None, flipped)[0]
    np.testing.assert_allclose(y, chain(feeds["x"], feeds["z"])[::-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", [{"record": False}, {"share_memory": False}, {"fold": False}], ids=str)
def test_each_part_of_planning_can_be_switched_off(options):
    feeds = arrays()
    with InferenceSession(parsed(CHAIN), **options) as session:
        np.testing.assert_allclose(session.run(None, feeds)[0], chain(**feeds), rtol=1e-5, atol=1e-6)


def convolutions(count=6, channels=16):
    random = np.random.default_rng(0)
    nodes, weights, value = [], [], "x"
    for i in range(count):
        w = random.standard_normal((channels, channels, 3, 3)).astype(np.float32) * 0.1
        weights += [numpy_helper.from_array(w, f"w{i}")]
        nodes += [helper.make_node("Conv", [value, f"w{i}"], [f"c{i}"], pads=[1, 1, 1, 1])]
        nodes += [helper.make_node("Relu", [f"c{i}"], [f"r{i}"])]
        value = f"r{i}"
    info = helper.make_tensor_value_info
    shape = [1, channels, 20, 20]
    graph = helper.make_graph(
        nodes, "deep", [info("x", TensorProto.FLOAT, shape)], [info(value, TensorProto.FLOAT, shape)], weights
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_activations_are_computed_with_their_convolutions_and_weights_packed_once():
    model = convolutions()
    x = np.random.default_rng(1).standard_normal((1, 16, 20, 20)).astype(np.float32)
    from onnx.reference import ReferenceEvaluator

    with InferenceSession(model) as session:
        want = ReferenceEvaluator(model).run(None, {"x": x})[0]
        np.testing.assert_allclose(session.run(None, {"x": x})[0], want, rtol=1e-4, atol=1e-5)
        names = [name for name, _ in session.times()]
        assert not any(name.startswith("maximum") for name in names)
        report = session.report()
        assert report["constant_commands"] >= 6
        assert report["shared_bytes"] <= 1.15 * report["least_bytes"]


def test_what_depends_on_values_runs_node_by_node():
    model = parsed("found (float[N] x) => (int64[M, K] y) { y = NonZero(x) }")
    with InferenceSession(model) as session:
        for x in ([0, 1, 0, 2], [3, 0, 0, 0], [0, 0, 0, 0]):
            x = np.array(x, np.float32)
            np.testing.assert_array_equal(session.run(None, {"x": x})[0], np.array(np.nonzero(x)))
        assert not session.report()["recorded"]
        assert "NonZero" in session.report()["reason"]


BRANCH = """branch (bool flag, float[N] x) => (float[N] y) {
  y = If (flag) <then_branch = yes () => (float[N] a) { a = Neg(x) },
                 else_branch = no () => (float[N] b) { b = Abs(x) }>
}"""


def test_small_whole_numbers_among_the_inputs_choose_a_plan():
    x = np.array([-1, 2], np.float32)
    with InferenceSession(parsed(BRANCH)) as session:
        for flag, want in ((True, -x), (False, np.abs(x)), (True, -x)):
            np.testing.assert_array_equal(session.run(None, {"flag": np.array(flag), "x": x})[0], want)
            assert session.report()["recorded"]


def test_sessions_on_one_file_share_their_weights(tmp_path):
    path = tmp_path / "deep.onnx"
    onnx.save(convolutions(), path)
    x = np.ones((1, 16, 20, 20), np.float32)
    with vf.default_device() as device, InferenceSession(path) as first:
        first.run(None, {"x": x})
        gc.collect()
        before = device.counts()["buffers"]
        with InferenceSession(path) as second:
            np.testing.assert_array_equal(second.run(None, {"x": x})[0], first.run(None, {"x": x})[0])
            assert device.counts()["buffers"] == before


def test_external_data_that_changed_is_read_again(tmp_path):
    model = parsed("g (float[4] x) => (float[4] y) { y = Add(x, w) }")
    model.graph.initializer.append(numpy_helper.from_array(np.ones(4, np.float32), "w"))
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    feeds = {"x": np.zeros(4, np.float32)}
    with InferenceSession(path) as first, InferenceSession(path) as second:
        assert first._live() is second._live()
        (tmp_path / "w.bin").unlink()
        np.full(4, 5, np.float32).tofile(tmp_path / "w.bin")
        with InferenceSession(path) as third:
            assert third.run(None, feeds)[0].tolist() == [5] * 4
        assert first.run(None, feeds)[0].tolist() == [1] * 4


def test_threads_take_turns():
    feeds = [arrays(seed=seed) for seed in range(8)]
    results = [None] * len(feeds)
    with InferenceSession(parsed(CHAIN)) as session:

        def work(i):
            for _ in range(5):
                results[i] = session.run(None, feeds[i])[0]
                assert session.report()["recorded"]

        threads = [threading.Thread(target=work, args=(i,)) for i in range(len(feeds))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for feed, result in zip(feeds, results, strict=True):
        np.testing.assert_allclose(result, chain(**feed), rtol=1e-5, atol=1e-6)


def test_nan_and_infinity_go_through():
    model = parsed("odd (float[N] x) => (float[N] y) { a = Relu(x) y = Mul(a, x) }")
    x = np.array([np.nan, np.inf, -np.inf, 1], np.float32)
    with InferenceSession(model) as session:
        y = session.run(None, {"x": x})[0]
    assert np.isnan(y[0])
    assert y[1] == np.inf
    assert y[3] == 1


# -- refusals --


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (lambda f: f.pop("z"), vf.InputError, 'no "z"'),
        (lambda f: f.update(w=f["x"]), vf.InputError, '"w"'),
        (lambda f: f.update(x=f["x"].astype(np.float64)), vf.DtypeError, "float32"),
        (lambda f: f.update(x=np.zeros((3, 5), np.float32)), vf.ShapeError, r"\(\?, 4\)"),
        (lambda f: f.update(x=np.zeros(4, np.float32)), vf.ShapeError, r"\(4,\)"),
        (lambda f: f.update(x=[[1.0] * 4]), vf.ArgumentTypeError, "ndarray"),
    ],
    ids=["missing", "unknown", "dtype", "extent", "axes", "list"],
)
def test_wrong_feeds_are_refused(change, error, text):
    feeds = arrays()
    change(feeds)
    with InferenceSession(parsed(CHAIN)) as session, pytest.raises(error, match=text):
        session.run(None, feeds)


def test_shapes_that_do_not_fit_each_other_are_refused_and_the_session_lives_on():
    model = parsed("sum (float[N] x, float[M] z) => (float[K] y) { y = Add(x, z) }")
    x = np.ones(3, np.float32)
    with InferenceSession(model) as session:
        with pytest.raises(vf.ShapeError, match="Add"):
            session.run(None, {"x": x, "z": np.ones(2, np.float32)})
        np.testing.assert_array_equal(session.run(None, {"x": x, "z": x})[0], x + x)


@pytest.mark.parametrize("names", ["y", b"y", 3, [3], [None], ["y", 3]], ids=repr)
def test_names_are_lists_of_str(names):
    wanted = "output_names are names; expected a list of str"
    with InferenceSession(parsed(CHAIN)) as session, pytest.raises(vf.ArgumentTypeError, match=wanted):
        session.run(names, arrays())
    with pytest.raises(vf.ArgumentTypeError, match="fusions are names; expected a list of str"):
        InferenceSession(parsed(CHAIN), fusions=names)


@pytest.mark.parametrize("fallback", [None, "host"])
def test_values_of_the_model_are_not_replaced(fallback):
    model = parsed("g (float[2] x, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")
    feeds = {"x": np.zeros(2, np.float32)}
    with InferenceSession(model, fallback=fallback) as session:
        assert [port.name for port in session.get_inputs()] == ["x"]
        with pytest.raises(vf.UnsupportedError, match='"w" has a value in the model'):
            session.run(None, {**feeds, "w": np.ones(2, np.float32)})
        assert session.run(None, feeds)[0].tolist() == [1, 2]


def test_feeds_have_names():
    with InferenceSession(parsed(CHAIN)) as session:
        for name in (3, None, b"x"):
            with pytest.raises(vf.ArgumentTypeError, match="inputs are names"):
                session.run(None, {**arrays(), name: np.zeros(1)})


def test_paths_that_cannot_be_are_refused():
    with pytest.raises(vf.FileError, match="null byte"):
        InferenceSession("a\0b")


def test_unknown_outputs_and_closed_sessions_are_refused():
    session = InferenceSession(parsed(CHAIN))
    with pytest.raises(vf.InputError, match="no such output"):
        session.run(["nothing"], arrays())
    session.close()
    session.close()
    assert session.closed
    with pytest.raises(vf.StateError, match="close"):
        session.run(None, arrays())


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("g (float[N] x) => (float[N] y) { y = Marvel(x) }", vf.UnsupportedError, "Marvel of opset 17"),
        ("g (float[N] x) => (float[N] y) { y = Add(x, b) b = Neg(y) }", vf.InputError, "circle"),
        ("g (float[N] x) => (float[N] y) { y = Add(x, lost) }", vf.InputError, '"lost"'),
        ("g (string[N] x) => (string[N] y) { y = Identity(x) }", vf.UnsupportedError, "STRING"),
        ("g (seq(float[N]) x) => (int64 y) { y = SequenceLength(x) }", vf.UnsupportedError, "sequence"),
    ],
    ids=["operator", "circle", "lost", "text", "sequence"],
)
def test_models_that_cannot_run_are_refused_when_they_are_loaded(text, error, message):
    with pytest.raises(error, match=message):
        InferenceSession(parsed(text))


def test_shapes_beyond_all_memory_are_refused():
    model = parsed("huge (int64[2] s, float x) => (float[A, B] y) { a = Expand(x, s) y = CumSum(a, z) }")
    model.graph.initializer.append(numpy_helper.from_array(np.array(0, np.int64), "z"))
    with InferenceSession(model) as session, pytest.raises((vf.LimitError, vf.OutOfMemoryError)):
        session.run(None, {"s": np.array([1 << 40, 1 << 30], np.int64), "x": np.array(1, np.float32)})


@pytest.mark.parametrize("data", [b"", b"no model at all", b"\x08\x08" + b"\xff" * 40], ids=["empty", "text", "noise"])
def test_damaged_bytes_are_refused(data):
    with pytest.raises(vf.InputError, match="no ONNX model"):
        InferenceSession(data)


def test_files_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(vf.FileError, match="cannot be read"):
        InferenceSession(tmp_path / "none.onnx")
    with pytest.raises(vf.ArgumentTypeError, match="no model"):
        InferenceSession(3)  # type: ignore[arg-type]


def external(location, tmp_path):
    model = convolutions(1)
    (tensor,) = model.graph.initializer
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "weights.bin").write_bytes(tensor.raw_data)
    (tmp_path / "weights.bin").write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
    path = tmp_path / "inside" / "model.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_external_data_is_read_from_the_models_folder(tmp_path):
    x = np.ones((1, 16, 20, 20), np.float32)
    with InferenceSession(external("weights.bin", tmp_path)) as session, InferenceSession(convolutions(1)) as plain:
        np.testing.assert_array_equal(session.run(None, {"x": x})[0], plain.run(None, {"x": x})[0])


@pytest.mark.parametrize("place", ["../weights.bin", "/etc/hostname", "nothing.bin"])
def test_external_data_from_elsewhere_is_refused(place, tmp_path):
    with pytest.raises(vf.FileError, match="external data"):
        InferenceSession(external(place, tmp_path))


@pytest.mark.parametrize("options", [{}, {"record": False}])
def test_constants_of_branches_and_turns_are_those_of_one_run(options):
    model = parsed("""g (bool c, int64 m) => (float[2] y, float[T, 2] z) {
        k = Constant<value_floats = [10.0, 20.0]>()
        b = If (c) <then_branch = yes () => (float[2] p) { p = Constant<value_floats = [1.0, 2.0]>() },
                    else_branch = no () => (float[2] q) { q = Constant<value_floats = [3.0, 4.0]>() }>
        y = Add(b, k)
        s = Loop (m, ) <body = turn (int64 i, bool going) => (bool on, float[2] r) {
            on = Identity(going) r = Constant<value_floats = [5.0, 6.0]>() }>
        z = Mul(s, k) }""")
    with InferenceSession(model, **options) as session:
        for c, m in ((True, 2), (False, 2), (False, 3), (True, 1), (True, 3)):
            y, z = session.run(None, {"c": np.array(c), "m": np.array(m, np.int64)})
            assert y.tolist() == ([11, 22] if c else [13, 24])
            assert z.tolist() == [[50, 120]] * m


def test_turns_that_give_several_shapes_are_refused():
    model = parsed("""g (float[1] x, int64 m) => (float[K, M] y) {
        t = Constant<value = bool {1}>() one = Constant<value = int64 {1}>() shape = Constant<value = int64[1] {1}>()
        y = Loop(m, t) <body = turn (int64 i, bool going) => (bool on, float[M] part) {
            on = Identity(going) next = Add(i, one) wide = Reshape(next, shape) part = Expand(x, wide) }> }""")
    with InferenceSession(model) as session:
        feeds = {"x": np.ones(1, np.float32), "m": np.array(1, np.int64)}
        assert session.run(None, feeds)[0].tolist() == [[1]]
        with pytest.raises(vf.InputError, match="several shapes"):
            session.run(None, {**feeds, "m": np.array(3, np.int64)})


SURPLUS = {
    "y = ReduceSum<axes = [1]>(x)": "axes",
    "y = ReduceMean(x, i)": "at most 1",
    "y = Clip<min = 0.0, max = 1.0>(x)": "max|min",
    "y, z = Split<axis = 1, split = [1, 3]>(x)": "split",
    "y = Cast<to = 1, too = 2>(x)": "too",
    "b = Constant<value = bool {1}>() y = If(b) <then_branch = t () => (p) { p = ReduceSum<axes = [1]>(x) },"
    "else_branch = e () => (q) { q = Exp(x) }>": "axes",
}


@pytest.mark.parametrize("text", SURPLUS)
@pytest.mark.parametrize("fallback", [None, "host"])
def test_attributes_and_inputs_of_other_opsets_are_refused(text, fallback):
    """They had counted for nothing: all axes were summed, nothing was clipped."""
    model = parsed(f"g (float[3, 4] x, int64[1] i) => (y) {{ {text} }}")
    with pytest.raises(vf.InputError, match=f"does not know in opset 17.*({SURPLUS[text]})"):
        InferenceSession(model, fallback=fallback)


def test_what_names_in_no_use_say_is_taken():
    """Inputs that are left out at the end, and notes of tools."""
    model = parsed("g (float[3] x) => (y) { y = Exp<__note = 1>(x, ) }")
    with InferenceSession(model) as session:
        np.testing.assert_allclose(session.run(None, {"x": np.zeros(3, np.float32)})[0], 1)


def with_functions(graph, *functions):
    text = f'<ir_version: 10, opset_import: ["": 18, "own": 1]> {graph}'
    return parse_model(text + "".join(f'<domain: "own", opset_import: ["": {o}, "own": 1]> {f}' for o, f in functions))


def test_functions_have_defaults_where_they_are_called_without():
    scaled = "scaled <factor: float = 3.0>(a) => (b) { f = Constant<value_float: float = @factor>() b = Mul(a, f) }"
    twice = "twice (a) => (b) { c = own.scaled(a) b = own.scaled<factor = 2.0>(c) }"
    model = with_functions("g (float[2] x) => (float[2] y) { y = own.twice(x) }", (18, scaled), (18, twice))
    before = model.SerializeToString()
    with InferenceSession(model) as session:
        assert session.run(None, {"x": np.array([1, -2], np.float32)})[0].tolist() == [6, -12]
    assert model.SerializeToString() == before


def test_functions_of_another_opset_mean_what_it_says():
    sums = "sums (a) => (b) { b = ReduceSum<axes = [1], keepdims = 0>(a) }"
    model = with_functions("g (float[2, 3] x) => (float[2] y) { y = own.sums(x) }", (12, sums))
    with InferenceSession(model) as session:
        assert session.run(None, {"x": np.arange(6, dtype=np.float32).reshape(2, 3)})[0].tolist() == [3, 12]


LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("start", "limit", "step"),
    [(2**53 + 1, 2**53 + 4, 1), (2**53 + 4, 2**53 - 1, -2), (-LARGEST, LARGEST, 2**62), (5, 5, 1), (5, 7, -1)],
)
def test_ranges_of_large_whole_numbers(start, limit, step):
    model = parsed("g (int64 s, int64 l, int64 d) => (int64[N] y) { y = Range(s, l, d) }")
    feeds = {name: np.array(value, np.int64) for name, value in (("s", start), ("l", limit), ("d", step))}
    with InferenceSession(model) as session:
        assert session.run(None, feeds)[0].tolist() == list(range(start, limit, step))


@pytest.mark.parametrize("dtype", ["int64", "uint64", "uint32", "int8", "float"])
def test_indices_far_outside_are_cold(dtype):
    model = parsed(f"""g ({dtype}[N] i) => (float[N, 3] y) {{
        d = Constant<value = int64 {{3}}>() v = Constant<value_floats = [0.0, 1.0]>() y = OneHot(i, d, v) }}""")
    far = {"int64": [2**32, -(2**62), -1], "uint64": [2**32 + 1, 2**63, 2], "uint32": [2**32 - 1, 3, 1]}
    indices = np.array([0, *far.get(dtype, [100, -100, -1])], dtype.replace("float", "float32"))
    hot = {"uint64": 2, "uint32": 1}.get(dtype, 2)
    with InferenceSession(model) as session:
        made = session.run(None, {"i": indices})[0]
    assert made.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0], [float(k == hot) for k in range(3)]]
