"""Models that are damaged on purpose: errors of ours, whatever the bytes are."""

import itertools

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession

pytestmark = pytest.mark.gpu
HEAD = '<ir_version: 8, opset_import: ["": 17]> '
MODEL = parse_model(HEAD + """g (float[N, 6] x, bool c) => (float[N, 4] y, float[M] z) {
    m = MatMul(x, w) a = Add(m, b) s = Softmax<axis = -1>(a) i = Constant<value = int64[2] {0, 1}>()
    t = Transpose<perm = [1, 0]>(s) g = Gather<axis = 0>(t, i) r = Constant<value_ints = [-1]>() z = Reshape(g, r)
    y = If (c) <then_branch = yes () => (float[N, 4] p) { p = Relu(s) },
                else_branch = no () => (float[N, 4] q) { q = Neg(s) }>
}""")  # fmt: skip
MODEL.graph.initializer.extend(
    numpy_helper.from_array(np.random.default_rng(0).standard_normal(shape).astype(np.float32), name)
    for name, shape in (("w", (6, 4)), ("b", (4,)))
)
DATA = MODEL.SerializeToString()
FEEDS = {"x": np.ones((3, 6), np.float32), "c": np.array(True)}


def attempt(source, **options):
    """Loads and runs; nothing but errors about the model may come of it."""
    try:
        with InferenceSession(source, **options) as session:
            session.run(None, FEEDS)
    except vf.InternalError:
        raise
    except vf.VulkanForgeError:
        return False
    return True


def test_the_model_itself_runs():
    assert attempt(DATA)


@settings(deadline=None, max_examples=60)
@given(changes=st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes(changes):
    data = bytearray(DATA)
    for place, value in changes:
        data[place] = value
    attempt(bytes(data))


@pytest.mark.parametrize("number", [29, 63, 64, 2**31 - 1, -1])
def test_numbers_of_data_types_that_have_no_name(number):
    for change in ("tensor", "attribute", "input"):
        model = onnx.ModelProto.FromString(DATA)
        if change == "tensor":
            model.graph.initializer[0].data_type = number
        elif change == "attribute":
            model.graph.node[3].attribute[0].t.data_type = number
        else:
            model.graph.input[0].type.tensor_type.elem_type = number
        with pytest.raises(vf.VulkanForgeError, match=str(number)):
            InferenceSession(model)


@settings(deadline=None, max_examples=30)
@given(cut=st.integers(0, len(DATA) - 1), fallback=st.sampled_from([None, "host"]))
def test_bytes_that_are_missing(cut, fallback):
    attempt(DATA[:cut], fallback=fallback)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), fallback=st.sampled_from([None, "host"]))
def test_nodes_that_are_changed(data, fallback):
    """Models that can be parsed, in which names, operators, attributes and shapes were exchanged."""
    model = onnx.ModelProto()
    model.CopyFrom(MODEL)
    nodes = model.graph.node
    names = [*(name for node in nodes for name in (*node.input, *node.output)), "", "nowhere"]
    for _ in range(data.draw(st.integers(1, 4))):
        node = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        match data.draw(st.sampled_from(["input", "output", "operator", "attribute", "weights", "drop", "opset"])):
            case "input" if node.input:
                node.input[data.draw(st.integers(0, len(node.input) - 1))] = data.draw(st.sampled_from(names))
            case "output":
                node.output[0] = data.draw(st.sampled_from(names))
            case "operator":
                node.op_type = data.draw(st.sampled_from(OPERATORS))
            case "attribute":
                name = data.draw(st.sampled_from(["axis", "axes", "perm", "keepdims", "kernel_shape", "body", "to"]))
                value = data.draw(st.sampled_from([-9, 0, 7, 1 << 40, [1, 1, 1], [-1], "text", 0.5]))
                node.attribute.append(helper.make_attribute(name, value))
            case "weights":
                tensor = model.graph.initializer[data.draw(st.integers(0, 1))]
                tensor.dims[0] = data.draw(st.sampled_from([-1, 0, 5, 1 << 50]))
            case "drop":
                nodes.remove(node)
                if not nodes:
                    return
            case "opset":
                model.opset_import[0].version = data.draw(st.sampled_from([-1, 0, 1, 6, 9, 13, 22, 99]))
    attempt(model, fallback=fallback)


OPERATORS = [
    "Conv", "ConvTranspose", "MaxPool", "Pad", "Concat", "Split", "Squeeze", "Slice", "TopK", "LSTM", "Loop", "Scan",
    "Resize", "Einsum", "GridSample", "RoiAlign", "DFT", "STFT", "Unique", "NonMaxSuppression", "ScatterND", "Col2Im",
    "DeformConv", "MelWeightMatrix", "BitCast", "TensorScatter", "Multinomial", "Det", "Attention", "StringSplit",
    "SequenceAt", "Optional", "DequantizeLinear", "BatchNormalization", "LayerNormalization", "Where", "Expand", "Tile",
]  # fmt: skip


def circle():
    """A product that needs itself, as a chain of products that fusions follow."""
    node = helper.make_node("Mul", ["a", "k"], ["a"], "m")
    gate = helper.make_node("Sigmoid", ["a"], ["g"])
    return [node, gate, helper.make_node("Mul", ["a", "g"], ["y"])]


def long_chain():
    names = ["x", *(f"t{i}" for i in range(3000)), "y"]
    return [helper.make_node("Mul", [a, "k"], [b]) for a, b in itertools.pairwise(names)]


def nothing_in():
    return [helper.make_node("Sigmoid", [], ["g"]), helper.make_node("Mul", ["x", "g"], ["y"])]


def nothing_out():
    return [helper.make_node("Div", ["x", "x"], []), helper.make_node("Mul", ["x", "x"], ["y"])]


def no_filters():
    names = ["s", "b", "m", "v"]
    conv = helper.make_node("ConvTranspose", ["x", "none"], ["c"])
    return [conv, helper.make_node("BatchNormalization", ["c", *names], ["y"])]


@pytest.mark.parametrize("nodes", [circle, long_chain, nothing_in, nothing_out, no_filters])
def test_fusions_see_graphs_that_nobody_has_checked(nodes):
    values = [numpy_helper.from_array(np.array(2, np.float32), "k")]
    values.append(numpy_helper.from_array(np.zeros((0, 3, 1), np.float32), "none"))
    values += [numpy_helper.from_array(np.ones(3, np.float32), name) for name in ("s", "b", "m", "v")]
    ports = [[helper.make_tensor_value_info(name, 1, None)] for name in ("x", "y")]
    graph = helper.make_graph(nodes(), "g", *ports, values)
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    assert attempt(data) is False or nodes is long_chain


def small(*functions, **node):
    """A model of one node of x, and functions."""
    made = {"op_type": "F", "inputs": ["x"], "outputs": ["y"], "domain": "own", **node}
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in "xy"]
    graph = helper.make_graph([helper.make_node(**made)], "g", values[:1], values[1:])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=8)


def function(name, calls, domain):
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function(
        "own", name, ["a"], ["b"], [helper.make_node(calls, ["a"], ["b"], domain=domain)], opsets
    )


@pytest.mark.parametrize("fallback", [None, "host"])
@pytest.mark.parametrize(
    "model",
    [
        small(function("F", "F", "own")),
        small(function("F", "Neg", ""), function("F", "Relu", "")),
        small(function("F", "Neg", ""), inputs=["x", "x"]),
    ],
    ids=["calls itself", "twice", "too many inputs"],
)
def test_functions_that_cannot_be_put_where_they_are_called(model, fallback):
    with pytest.raises(vf.InputError, match="own functions cannot be put"):
        InferenceSession(model, fallback=fallback)


@pytest.mark.parametrize("fallback", [None, "host"])
def test_opsets_that_cannot_be(fallback):
    model = small(op_type="Celu", domain="")
    model.opset_import[0].version = 1 << 40
    with pytest.raises(vf.InputError, match="opset"):
        InferenceSession(model, fallback=fallback)


@pytest.mark.parametrize(("key", "value"), [("dims", 3), ("data_type", 99)])
def test_damaged_tensors_of_the_host(key, value):
    model = parse_model(HEAD + "g (float[2] x) => (float[2] y, string[1] s) { y = Relu(x) s = Identity(t) }")
    tensor = numpy_helper.from_array(np.array(["a"], object), "t")
    if key == "dims":
        tensor.dims[0] = value
    else:
        tensor.data_type = value
    model.graph.initializer.append(tensor)
    with pytest.raises((vf.InputError, vf.UnsupportedError)), InferenceSession(model, fallback="host") as session:
        session.run(None, {"x": np.ones(2, np.float32)})


@pytest.mark.parametrize("fallback", [None, "host"])
def test_operators_whose_names_are_no_text(fallback):
    data = small(op_type="Celu", domain="").SerializeToString().replace(b"Celu", b"\xff\xff\xff\xff")
    with pytest.raises(vf.VulkanForgeError), InferenceSession(data, fallback=fallback) as session:
        session.run(None, {"x": np.ones(2, np.float32)})


def test_scales_that_are_no_floats():
    node = helper.make_node("Resize", ["x", "", "k"], ["y"])
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.int32), "k")
    ports = [[helper.make_tensor_value_info(name, 1, [1, 1, 2, 2] if name == "x" else None)] for name in ("x", "y")]
    model = helper.make_model(helper.make_graph([node], "g", *ports, [scales]))
    with pytest.raises(vf.InputError, match="scales are floats"), InferenceSession(model) as session:
        session.run(None, {"x": np.ones((1, 1, 2, 2), np.float32)})
