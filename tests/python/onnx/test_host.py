"""What runs partly on the host: the onnx package's node tests of it, and what passes between host and device."""

import sys
import types

import numpy as np
import pytest
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


def test_no_other_runtime_is_imported(monkeypatch):
    for name in ("onnxruntime", "torch", "onnx.reference"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it raises
    model = parse_model(
        HEAD + 'g (string[N] t) => (string[M] u) { u = StringNormalizer<case_change_action = "UPPER">(t) }'
    )
    with InferenceSession(model, fallback="host") as session:
        assert session.run(None, {"t": np.array(["é", "b"], object)})[0].tolist() == ["E", "B"]
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
