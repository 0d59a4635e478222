"""What runs partly on the host: the onnx package's node tests of it, and what passes between host and device."""

import sys
import types

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from onnx.parser import parse_model

import onnx_cases
import vulkan_forge as vf
from vulkan_forge.errors import UnsupportedError
from vulkan_forge.onnx import InferenceSession
from vulkan_forge.onnx._host_ops import OPERATORS

pytestmark = pytest.mark.gpu
HEAD = '<ir_version: 10, opset_import: ["": 21]> '


def hosted(operator):
    """Node tests of an operator that the device refuses."""
    return [case for case in onnx_cases.cases()[operator] if not onnx_cases.is_supported(case)]


def names():
    return sorted({name for domain, name in OPERATORS if hosted(name)})


@pytest.mark.parametrize("operator", names())
def test_node_tests_that_the_device_refuses(operator, device):
    cases = hosted(operator)
    for case in cases[:: max(len(cases) // 12, 1)]:
        onnx_cases.run(case, fallback="host")


@pytest.mark.slow
def test_all_node_tests_that_the_device_refuses(device):
    failed, refused = {}, 0
    for operator in sorted(onnx_cases.cases()):
        for case in hosted(operator):
            try:
                onnx_cases.run(case, fallback="host")
            except UnsupportedError:
                refused += 1
            except Exception as error:
                failed[case.name] = str(error)
    assert not failed, "\n".join(f"{name}: {why}" for name, why in failed.items())
    assert refused <= 9  # training, and trees of decisions


def test_values_stay_on_the_device_between_its_parts():
    model = parse_model(
        HEAD
        + """words (float[N] x, string[N] t) => (float[N] y, string[N] u) {
        a = Exp(x) b = Mul(a, x)
        u = StringConcat(t, t)
        found = RegexFullMatch<pattern = "aa|bb">(u) keep = Cast<to = 1>(found)
        y = Mul(b, keep)
    }"""
    )
    x, t = np.array([1, 2, 3], np.float32), np.array(["a", "b", "c"], object)
    with InferenceSession(model, fallback="host") as session:
        assert [port.type for port in session.get_inputs()] == ["tensor(float)", "tensor(string)"]
        y, u = session.run(None, {"x": x, "t": t})
        assert isinstance(session.run(["y"], {"x": vf.asarray(x), "t": t.astype("U")}, arrays=True)[0], vf.Array)
        report = session.report()
    np.testing.assert_allclose(y, np.exp(x) * x * [1, 1, 0], rtol=1e-6)
    assert u.tolist() == ["aa", "bb", "cc"]
    assert report["host"] == ["StringConcat", "RegexFullMatch"]
    assert len(report["device"]) == 2


def test_models_that_the_device_can_run_are_run_there_alone():
    model = parse_model(HEAD + "g (float[N] x) => (float[N] y) { y = Neg(x) }")
    with InferenceSession(model, fallback="host") as session:
        session.run(None, {"x": np.ones(2, np.float32)})
        assert session.report()["recorded"]


LOOP = """gathered (int64 n, float[M] x) => (seq(float[M]) parts) {
    start = SequenceEmpty<dtype = 1>() on = Constant<value = bool {1}>()
    parts = Loop (n, on, start) <body = once (int64 i, bool c, seq(float[M]) s) => (bool d, seq(float[M]) r) {
        d = Identity(c) f = Cast<to = 1>(i) y = Mul(x, f) r = SequenceInsert(s, y)
    }>
}"""


def test_loops_carry_sequences():
    x = np.array([1, -1], np.float32)
    with InferenceSession(parse_model(HEAD + LOOP), fallback="host") as session:
        (parts,) = session.run(None, {"n": np.array(3), "x": x})
    np.testing.assert_array_equal(np.stack(parts), np.arange(3)[:, None] * x)


def hosted_run(body, feeds, signature, opset=21):
    model = parse_model(f'<ir_version: 10, opset_import: ["": {opset}, "ai.onnx.ml": 3]> g {signature} {{ {body} }}')
    with InferenceSession(model, fallback="host") as session:
        return session.run(None, feeds)


def text(*values):
    return np.array(values, object)


WORDS = text("monday", "Tuesday", "MONDAY dinner", "élan", "")


@pytest.mark.parametrize("action", ["NONE", "LOWER", "UPPER"])
@pytest.mark.parametrize("exact", [0, 1])
@pytest.mark.parametrize("stops", ["monday", "MONDAY", "dinner", "elan"])
def test_text_is_normalised_by_whole_elements_as_onnxruntime_does(action, exact, stops):
    model = parse_model(
        HEAD
        + f"""g (string[N] t) => (string[M] u) {{ u = StringNormalizer<case_change_action = "{action}",
        is_case_sensitive = {exact}, stopwords = ["{stops}"], locale = "C.UTF-8">(t) }}"""
    )
    want = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"t": WORDS})[0]
    with InferenceSession(model, fallback="host") as session:
        assert session.run(None, {"t": WORDS})[0].tolist() == want.tolist()


@pytest.mark.parametrize(
    ("body", "signature", "feeds", "want"),
    [
        ("y = Gather(t, i)", "(string[N] t, int64 i) => (string y)", {"t": text("a", "b"), "i": np.array(-1)}, "b"),
        (
            "s = SequenceConstruct(t, t) i = Constant<value_int = 1>() a = SequenceAt(s, i) y = Squeeze(a)",
            "(string[1] t) => (string y)",
            {"t": text("a")},
            "a",
        ),
    ],
    ids=["gather", "sequence"],
)
def test_text_without_axes_is_an_ndarray(body, signature, feeds, want):
    (y,) = hosted_run(body, feeds, signature)
    assert isinstance(y, np.ndarray)
    assert (y.shape, y.item()) == ((), want)


@pytest.mark.parametrize(("start", "end", "step"), [(-100, -200, -1), (100, -200, -3), (-2, 100, 1), (5, 1, -1)])
def test_slices_of_text_are_those_of_numbers(start, end, step):
    body, places = "y = Slice(t, s, e, a, p)", {"s": start, "e": end, "a": 0, "p": step}
    ports = ", int64[1] s, int64[1] e, int64[1] a, int64[1] p) => "
    feeds = {name: np.array([value]) for name, value in places.items()}
    (y,) = hosted_run(body, {"t": text(*"0123"), **feeds}, f"(string[N] t{ports}(string[M] y)")
    (want,) = hosted_run(body, {"t": np.arange(4), **feeds}, f"(int64[N] t{ports}(int64[M] y)")
    assert y.astype(np.int64).tolist() == want.tolist()


@pytest.mark.parametrize(
    "body",
    ["a, b = Split(t, s)", "q = SplitToSequence(t, s) o = Constant<value_int = 0>() a = SequenceAt(q, o) b = Size(t)"],
)
@pytest.mark.parametrize("sizes", [[1, 1], [4, -1], [1, 3]])
def test_parts_make_up_the_axis(body, sizes):
    feeds = {"t": text("a", "b", "c"), "s": np.array(sizes)}
    with pytest.raises(vf.InputError, match=r"add up to 3"):
        hosted_run(body, feeds, "(string[N] t, int64[2] s) => (a, b)")


def test_loops_that_never_turn_give_rows_of_the_bodys_type():
    body = """u, numbers, texts = Loop(n, "", t) <body = b (int64 i, bool c, string[2] v) =>
        (bool d, string[2] w, int64 j, string[2] x) {
        d = Identity(c) w = StringConcat(v, v) j = Identity(i) x = Identity(v) }>"""
    feeds = {"t": text("a", "b"), "n": np.array(0)}
    u, numbers, texts = hosted_run(
        body, feeds, "(string[2] t, int64 n) => (string[2] u, int64[K] numbers, string[K, 2] texts)"
    )
    assert u.tolist() == ["a", "b"]
    assert (numbers.dtype, numbers.shape) == (np.int64, (0,))
    assert (texts.dtype, texts.shape) == (object, (0, 2))


def test_text_is_read_as_numbers():
    (y,) = hosted_run("y = Cast<to = 9>(t)", {"t": text("0", "1", "0.0", "-2")}, "(string[N] t) => (bool[N] y)")
    assert y.tolist() == [False, True, False, True]
    for wrong in ("no", "1_0"):
        with pytest.raises(vf.InputError, match=wrong):
            hosted_run("y = Cast<to = 7>(t)", {"t": text(wrong)}, "(string[N] t) => (int64[N] y)")


def test_blocks_of_a_row():
    body = """s = Constant<value_floats = [0.5, 1.0, 2.0]>()
        q = QuantizeLinear<output_dtype = 22, axis = 0, block_size = 2>(x, s)
        y = DequantizeLinear<axis = 0, block_size = 2>(q, s)"""
    x = np.array([2.5, 1, -3, 4, 8, -9], np.float32)
    (y,) = hosted_run(body, {"x": x}, "(float[6] x) => (float[6] y)")
    assert y.tolist() == [2.5, 1, -3, 4, 8, -8]


def test_features_of_a_row_are_a_matrix():
    x, i = np.arange(5, dtype=np.float32), np.array([3, 1])
    (y,) = hosted_run(
        "y = ai.onnx.ml.ArrayFeatureExtractor(x, i)", {"x": x, "i": i}, "(float[N] x, int64[2] i) => (float[1, 2] y)"
    )
    assert y.tolist() == [[3, 1]]


@pytest.mark.parametrize("order", [1, -1])
def test_branches_may_call_values_of_different_kinds_alike(order):
    branches = [
        """y = If(c) <then_branch = a () => (float[2] p) { v = Neg(x) w = Mul(v, v) p = Add(w, w) },
        else_branch = b () => (float[2] q) { q = Exp(x) }>""",
        """u = If(c) <then_branch = a () => (string[2] p) { v = StringConcat(t, t) w = Identity(v) p = Identity(w) },
        else_branch = b () => (string[2] q) { q = Identity(t) }>""",
        "w = Abs(x) z = Sqrt(w)",
    ]
    feeds = {"c": np.array(True), "x": np.array([4, -9], np.float32), "t": text("a", "b")}
    signature = "(bool c, float[2] x, string[2] t) => (float[2] y, string[2] u, float[2] z)"
    y, u, z = hosted_run(" ".join(branches[::order]), feeds, signature)
    assert (y.tolist(), u.tolist(), z.tolist()) == ([32, 162], ["aa", "bb"], [2, 3])


def test_functions_in_branches_are_taken_apart():
    body = """y = If(c) <then_branch = a () => (float[1, 2, 3, 4] p) { p = Attention(q, q, q) },
        else_branch = b () => (float[1, 2, 3, 4] r) { r = Neg(q) }> u = StringConcat(t, t)"""
    q = np.random.default_rng(0).standard_normal((1, 2, 3, 4)).astype(np.float32)
    signature = "(bool c, float[1, 2, 3, 4] q, string[N] t) => (float[1, 2, 3, 4] y, string[N] u)"
    y, u = hosted_run(body, {"c": np.array(True), "q": q, "t": text("a")}, signature, opset=23)
    weights = np.exp(q @ q.swapaxes(2, 3) / 2)
    np.testing.assert_allclose(y, weights @ q / weights.sum(-1, keepdims=True), rtol=1e-5, atol=1e-6)
    assert u.tolist() == ["aa"]


def sparse_model(indices, extents, *, with_text):
    values = helper.make_tensor("w", TensorProto.FLOAT, [2], [1, 2])
    places = helper.make_tensor("places", TensorProto.INT64, np.shape(indices), np.ravel(indices))
    nodes = [helper.make_node("Add", ["x", "w"], ["y"])]
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, extents)]
    if with_text:
        nodes.append(helper.make_node("StringConcat", ["t", "t"], ["u"]))
        ports.append(helper.make_tensor_value_info("t", TensorProto.STRING, [1]))
    outputs = [onnx.ValueInfoProto(name=name) for node in nodes for name in node.output]
    sparse = helper.make_sparse_tensor(values, places, extents)
    graph = helper.make_graph(nodes, "g", ports, outputs, sparse_initializer=[sparse])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def test_sparse_initializers_are_there():
    with InferenceSession(sparse_model([1, 3], [4], with_text=True), fallback="host") as session:
        y, _ = session.run(None, {"x": np.ones(4, np.float32), "t": text("a")})
    assert y.tolist() == [1, 2, 1, 3]


@pytest.mark.parametrize("fallback", [None, "host"])
@pytest.mark.parametrize(
    ("indices", "extents"),
    [([1, 4], [4]), ([-1, 1], [4]), ([1], [4]), ([[0, 1], [2, 1]], [2, 2]), ([[0], [1]], [2, 2]), ([0, 1], [2**50])],
    ids=["outside", "negative", "one is missing", "outside of a matrix", "one column", "huge"],
)
def test_damaged_sparse_initializers_are_refused(indices, extents, fallback):
    model = sparse_model(indices, extents, with_text=fallback is not None)
    with pytest.raises(vf.InputError, match=r'sparse tensor "w" is damaged'):
        InferenceSession(model, fallback=fallback)


@pytest.mark.parametrize(
    "t",
    [np.array(["a", "é"]), np.array(["a", "é"], object), np.char.encode(["a", "é"], "utf-8"), text("a", "é".encode())],
)
def test_text_comes_as_str_or_as_utf8(t):
    (u,) = hosted_run("u = StringConcat(t, t)", {"t": t}, "(string[2] t) => (string[2] u)")
    assert u.tolist() == ["aa", "éé"]


@pytest.mark.parametrize(
    ("t", "error", "match"),
    [
        (text("a", 1), vf.DtypeError, "got int"),
        (text("a", None), vf.DtypeError, "NoneType"),
        (np.ones(2, np.float32), vf.DtypeError, "float32"),
        (text(b"a", b"\xff"), vf.InputError, "UTF-8"),
        (np.array(["a", "b", "c"]), vf.ShapeError, r"\(2\)"),
    ],
    ids=["number", "none", "numbers", "bytes", "shape"],
)
def test_what_is_no_text_is_refused(t, error, match):
    with pytest.raises(error, match=match):
        hosted_run("u = Identity(t)", {"t": t}, "(string[2] t) => (string[2] u)")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        ([1.0], vf.ArgumentTypeError),
        (1.0, vf.ArgumentTypeError),
        (None, vf.ArgumentTypeError),
        (np.ones(2), vf.DtypeError),
        (np.ones((1, 2), np.float32), vf.ShapeError),
    ],
    ids=["list", "number", "none", "dtype", "shape"],
)
def test_entries_of_sequences_are_what_the_model_says(entry, error):
    feeds = {"s": [np.ones(2, np.float32), entry], "i": np.array(0)}
    with pytest.raises(error, match=r"s\[1\]"):
        hosted_run("y = SequenceAt(s, i)", feeds, "(seq(float[N]) s, int64 i) => (float[N] y)")
    with pytest.raises(error, match='"s"'):
        feeds = {"s": 1.0 if entry is None else entry}  # None is an optional value that is not there
        hosted_run("y = OptionalHasElement(s)", feeds, "(optional(float[N]) s) => (bool y)")


def test_no_other_runtime_is_imported(monkeypatch):
    for name in ("onnxruntime", "torch", "onnx.reference"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it raises
    model = parse_model(
        HEAD + 'g (string[N] t) => (string[M] u) { u = StringNormalizer<case_change_action = "UPPER">(t) }'
    )
    with InferenceSession(model, fallback="host") as session:
        assert session.run(None, {"t": np.array(["é", "b"], object)})[0].tolist() == ["É", "B"]
    assert isinstance(sys.modules.get("onnx"), types.ModuleType)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (lambda f: f.pop("t"), vf.InputError, 'no "t"'),
        (lambda f: f.update(w=f["x"]), vf.InputError, '"w"'),
        (lambda f: f.update(x=f["x"].astype(np.float64)), vf.DtypeError, "float32"),
        (lambda f: f.update(x=f["x"][None]), vf.ShapeError, r"\(\?\)"),
        (lambda f: f.update(t=["a"] * 3), vf.ArgumentTypeError, "another kind"),
    ],
    ids=["missing", "unknown", "dtype", "shape", "list"],
)
def test_wrong_feeds_are_refused(change, error, text):
    model = parse_model(HEAD + "g (float[N] x, string[N] t) => (string[N] u) { u = StringConcat(t, t) }")
    feeds = {"x": np.ones(3, np.float32), "t": np.array(["a", "b", "c"], object)}
    change(feeds)
    with InferenceSession(model, fallback="host") as session, pytest.raises(error, match=text):
        session.run(None, feeds)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('u = RegexFullMatch<pattern = "(">(t)', "no pattern"),
        ("s = SequenceConstruct(t) i = Constant<value_int = 3>() u = SequenceAt(s, i)", "no such entry"),
        ("s = Constant<value_ints = [5]>() u = Reshape(t, s)", "cannot be computed"),
    ],
    ids=["pattern", "entry", "shape"],
)
def test_what_cannot_be_computed_says_why(body, text):
    model = parse_model(HEAD + "g (string[N] t) => (u) { " + body + " }")
    with InferenceSession(model, fallback="host") as session, pytest.raises(vf.InputError, match=text):
        session.run(None, {"t": np.array(["a"], object)})


def test_what_neither_side_has_is_refused_when_it_is_loaded():
    model = parse_model(HEAD + "g (string[N] t) => (string[N] u) { u = Marvel(t) }")
    with pytest.raises(vf.UnsupportedError, match=r"neither the device nor the host.*Marvel of opset 21"):
        InferenceSession(model, fallback="host")
    with pytest.raises(vf.InputError, match="fallback"):
        InferenceSession(model, fallback="cloud")
