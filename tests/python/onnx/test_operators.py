"""Operators on drawn inputs against onnxruntime and the onnx package's reference evaluator."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from onnx.reference import ReferenceEvaluator

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession

onnxruntime.set_default_logger_severity(3)

pytestmark = pytest.mark.gpu
quick = settings(deadline=None, max_examples=20)


def model_of(nodes, feeds, opset=17):
    info = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in feeds.items()
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in nodes[-1].output if name]
    graph = helper.make_graph(nodes, "drawn", info, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset < 21 else 10)


def compare(nodes, feeds, opset=17, tolerance=1e-5, reference=False):
    model = model_of(nodes, feeds, opset)
    if reference:
        want = ReferenceEvaluator(model).run(None, feeds)
    else:
        inferred = onnx.shape_inference.infer_shapes(model).SerializeToString()
        want = onnxruntime.InferenceSession(inferred, providers=["CPUExecutionProvider"]).run(None, feeds)
    with InferenceSession(model) as session:
        got = session.run(None, feeds)
    for ours, theirs in zip(got, want, strict=True):
        assert ours.shape == theirs.shape
        assert ours.dtype == theirs.dtype
        scale = max(1.0, float(np.abs(theirs).max())) if theirs.size and theirs.dtype.kind == "f" else 1
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)


def floats(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@quick
@given(data=st.data(), axes=st.integers(1, 3))
def test_convolutions_and_what_follows(data, axes):
    draw = lambda low, high: [data.draw(st.integers(low, high)) for _ in range(axes)]
    groups, kernel, strides, dilations = data.draw(st.sampled_from([1, 1, 2, 4])), draw(1, 3), draw(1, 2), draw(1, 2)
    extents = [max(d * (k - 1) + 1, 3) + extra for d, k, extra in zip(dilations, kernel, draw(0, 9), strict=True)]
    images, channels, filters = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    x = floats((images, channels * groups, *extents))
    w, b = floats((filters * groups, channels, *kernel), 1), floats(filters * groups, 2)
    pads = draw(0, 1) * 2
    conv = helper.make_node(
        "Conv", ["x", "w", "b"], ["c"], strides=strides, dilations=dilations, pads=pads, group=groups
    )
    tail = data.draw(st.sampled_from(["Relu", "Sigmoid", "HardSwish", "Tanh"]))
    compare([conv, helper.make_node(tail, ["c"], ["y"])], {"x": x, "w": w, "b": b})


@quick
@given(data=st.data(), axes=st.integers(1, 2), groups=st.sampled_from([1, 2]))
def test_transposed_convolutions(data, axes, groups):
    draw = lambda low, high: [data.draw(st.integers(low, high)) for _ in range(axes)]
    kernel, strides, extents = draw(1, 4), draw(1, 3), draw(2, 6)
    pads = [min(p, k - 1) for p, k in zip(draw(0, 2), kernel, strict=True)] * 2
    more = [data.draw(st.integers(0, s - 1)) for s in strides]
    x, w = floats((2, 2 * groups, *extents)), floats((2 * groups, 3, *kernel), 1)
    node = helper.make_node(
        "ConvTranspose", ["x", "w"], ["y"], strides=strides, pads=pads, output_padding=more, group=groups
    )
    if all(
        (e - 1) * s + k - 2 * p + m > 0 for e, s, k, p, m in zip(extents, strides, kernel, pads, more, strict=False)
    ):
        compare([node], {"x": x, "w": w})


@quick
@given(kernel=st.lists(st.integers(1, 4), min_size=1, max_size=3), batch=st.integers(1, 2), data=st.data())
def test_transposed_convolutions_side_by_side(kernel, batch, data):
    """Windows that neither overlap nor leave gaps, with a bias and an activation behind them."""
    extents = [data.draw(st.integers(1, 5)) for _ in kernel]
    x, w = floats((batch, 3, *extents)), floats((3, 5, *kernel), 1)
    nodes = [
        helper.make_node("ConvTranspose", ["x", "w", "b"], ["c"], strides=kernel),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    compare(nodes, {"x": x, "w": w, "b": floats((5,), 2)})


@pytest.mark.parametrize("kind", ["MaxPool", "AveragePool", "LpPool"])
@pytest.mark.parametrize("kernel", [[2, 3], [7, 9]])  # a kernel of its own, and loops
def test_pooling_of_small_and_large_windows(kind, kernel):
    pads = [k // 2 for k in kernel] * 2
    outputs = ["y", "places"] if kind == "MaxPool" else ["y"]
    node = helper.make_node(kind, ["x"], outputs, kernel_shape=kernel, strides=[2, 1], pads=pads, dilations=[1, 2])
    compare([node], {"x": floats((2, 3, 17, 23))}, opset=19)


@quick
@given(data=st.data(), kind=st.sampled_from(["MaxPool", "AveragePool"]), ceil=st.integers(0, 1))
def test_pooling(data, kind, ceil):
    draw = lambda low, high: [data.draw(st.integers(low, high)) for _ in range(2)]
    kernel, strides, extents = draw(1, 4), draw(1, 3), draw(4, 12)
    pads = [data.draw(st.integers(0, k - 1)) for k in kernel] * 2
    options = {"count_include_pad": data.draw(st.integers(0, 1))} if kind == "AveragePool" else {}
    node = helper.make_node(
        kind, ["x"], ["y"], kernel_shape=kernel, strides=strides, pads=pads, ceil_mode=ceil, **options
    )
    compare([node], {"x": floats((2, 3, *extents))}, opset=19)


@quick
@given(data=st.data(), axes=st.integers(1, 4))
def test_slices(data, axes):
    shape = [data.draw(st.integers(1, 6)) for _ in range(axes)]
    bound = st.integers(-8, 8)
    picks = [(data.draw(bound), data.draw(bound), data.draw(st.sampled_from([-3, -2, -1, 1, 2, 3]))) for _ in shape]
    starts, ends, steps = (np.array(values, np.int64) for values in zip(*picks, strict=True))
    feeds = {"x": floats(shape), "s": starts, "e": ends, "a": np.arange(axes), "t": steps}
    compare([helper.make_node("Slice", list("xseat"), ["y"])], feeds)


@quick
@given(data=st.data(), mode=st.sampled_from(["constant", "edge", "reflect"]))
def test_pads(data, mode):
    shape = [data.draw(st.integers(2, 5)) for _ in range(3)]
    most = [extent - 1 for extent in shape] if mode == "reflect" else [4] * 3
    pads = np.array([data.draw(st.integers(0, m)) for m in most * 2], np.int64)
    compare([helper.make_node("Pad", ["x", "p"], ["y"], mode=mode)], {"x": floats(shape), "p": pads})


@quick
@given(
    data=st.data(),
    name=st.sampled_from(
        ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ReduceLogSumExp"]
    ),
)
def test_reductions(data, name):
    shape = [data.draw(st.integers(1, 7)) for _ in range(data.draw(st.integers(1, 4)))]
    axes = np.array(sorted(data.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))), np.int64)
    node = helper.make_node(name, ["x", "a"], ["y"], keepdims=data.draw(st.integers(0, 1)))
    compare([node], {"x": floats(shape), "a": axes}, opset=18)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_means_of_whole_numbers_go_towards_zero(dtype):
    x = np.random.default_rng(0).integers(-9, 10, (40, 3)).astype(dtype)
    compare([helper.make_node("ReduceMean", ["x", "a"], ["y"])], {"x": x, "a": np.array([1])}, opset=18)


@quick
@given(data=st.data(), mode=st.sampled_from(["nearest", "linear", "cubic"]), sides=st.tuples(*[st.integers(2, 9)] * 4))
def test_resizing(data, mode, sides):
    ways = ["asymmetric", "half_pixel", "align_corners", "pytorch_half_pixel"]
    way = data.draw(st.sampled_from(ways))
    x, sizes = floats((1, 2, *sides[:2])), np.array([1, 2, *sides[2:]], np.int64)
    node = helper.make_node(
        "Resize", ["x", "", "", "s"], ["y"], mode=mode, coordinate_transformation_mode=way, nearest_mode="floor"
    )
    compare([node], {"x": x, "s": sizes}, opset=18, reference=True)


@quick
@given(
    data=st.data(),
    kind=st.sampled_from([("LSTM", 4), ("GRU", 3), ("RNN", 1)]),
    way=st.sampled_from(["forward", "reverse", "bidirectional"]),
)
def test_recurrent_layers(data, kind, way):
    name, gates = kind
    steps, batch, inputs, hidden = (data.draw(st.integers(1, 5)) for _ in range(4))
    count = 2 if way == "bidirectional" else 1
    feeds = {
        "x": floats((steps, batch, inputs)),
        "w": floats((count, gates * hidden, inputs), 1),
        "r": floats((count, gates * hidden, hidden), 2),
        "b": floats((count, 2 * gates * hidden), 3),
    }
    outputs = ["y", "h", "c"] if name == "LSTM" else ["y", "h"]
    compare([helper.make_node(name, list("xwrb"), outputs, hidden_size=hidden, direction=way)], feeds)


@quick
@given(
    data=st.data(),
    equation=st.sampled_from(
        ["ij,jk->ik", "bij,bjk->bik", "ij,kj->ik", "bhid,bhjd->bhij", "ij,ij->", "ii->i", "ij->ji", "i,j->ij"]
    ),
)
def test_einsum(data, equation):
    extents = {axis: data.draw(st.integers(1, 5)) for axis in equation if axis.isalpha()}
    terms = equation.split("->")[0].split(",")
    feeds = {f"x{i}": floats([extents[a] for a in term], i) for i, term in enumerate(terms)}
    compare([helper.make_node("Einsum", list(feeds), ["y"], equation=equation)], feeds, reference=True)


def graph_of(nodes, inputs, outputs):
    """A body on single numbers."""
    info = helper.make_tensor_value_info
    port = lambda name: info(name, types.get(name, onnx.TensorProto.FLOAT), [])
    types = {"i": onnx.TensorProto.INT64, "on": onnx.TensorProto.BOOL, "next": onnx.TensorProto.BOOL}
    return helper.make_graph(nodes, "body", [port(one) for one in inputs], [port(one) for one in outputs])


def constant(name, value, dtype=np.float32):
    return helper.make_node("Constant", [], [name], value=onnx.numpy_helper.from_array(np.array(value, dtype)))


def test_loops_of_constants_turn():
    double = [helper.make_node("Identity", ["on"], ["next"]), helper.make_node("Add", ["v", "v"], ["w"])]
    body = graph_of([*double, helper.make_node("Identity", ["w"], ["each"])], ["i", "on", "v"], ["next", "w", "each"])
    nodes = [
        constant("turns", 10, np.int64),
        constant("one", 1),
        helper.make_node("Loop", ["turns", "", "one"], ["y", "all"], body=body),
    ]
    compare(nodes, {"unused": floats(1)})


def test_scans_of_constants_turn():
    add = [helper.make_node("Add", ["s", "x1"], ["t"]), helper.make_node("Identity", ["t"], ["each"])]
    nodes = [
        constant("zero", 0),
        constant("all", [1, 2, 3, 4]),
        helper.make_node(
            "Scan", ["zero", "all"], ["y", "each"], body=graph_of(add, ["s", "x1"], ["t", "each"]), num_scan_inputs=1
        ),
    ]
    compare(nodes, {"unused": floats(1)}, reference=True)


def test_means_of_half_floats_do_not_overflow():
    x = np.full((3, 5000), 60.0, np.float16)
    compare([helper.make_node("ReduceMean", ["x"], ["y"], axes=[0])], {"x": x + np.arange(5000, dtype=np.float16) % 7})
    compare([helper.make_node("GlobalAveragePool", ["x"], ["y"])], {"x": x[None]}, reference=True, tolerance=1e-3)
    with InferenceSession(model_of([helper.make_node("ReduceMean", ["x"], ["y"], axes=[1])], {"x": x})) as session:
        np.testing.assert_array_equal(session.run(None, {"x": x})[0], np.full((3, 1), 60.0, np.float16))


def test_zeros_are_quantised_as_onnxruntime_does():
    node = helper.make_node("DynamicQuantizeLinear", ["x"], ["y", "scale", "zero"])
    for x in (np.zeros((2, 3), np.float32), floats((4, 5))):
        compare([node], {"x": x})


@pytest.mark.parametrize("group", [1, 2])
def test_convolutions_of_nothing_but_padding_are_the_bias(group):
    w, b = floats((4, 2 // group, 3, 3)), floats(4, 1)
    x = np.zeros((1, 2, 0, 5), np.float32)
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], pads=[2, 1, 2, 1], group=group)
    with InferenceSession(model_of([node], {"x": x, "w": w, "b": b})) as session:
        got = session.run(None, {"x": x, "w": w, "b": b})[0]
    np.testing.assert_allclose(got, np.broadcast_to(b[:, None, None], (1, 4, 2, 5)), rtol=1e-6)


INDICES = np.zeros((1, 1), np.int64)
IMAGE = np.ones((1, 4, 3, 3), np.float32)
KERNEL = np.ones((4, 1, 3, 3), np.float32)
SUM = (
    [helper.make_node("Add", ["s", "x1"], ["t"]), helper.make_node("Identity", ["t"], ["e"])],
    ["s", "x1"],
    ["t", "e"],
)
LIST = np.ones(3, np.float32)


@pytest.mark.parametrize(
    ("node", "feeds", "text"),
    [
        (("GatherElements", ["x", "i"]), {"x": np.ones((0, 1), np.float32), "i": INDICES}, "without elements"),
        (("GatherND", ["x", "i"]), {"x": np.ones((0, 2), np.float32), "i": INDICES}, "without elements"),
        (
            ("ScatterElements", ["x", "i", "u"]),
            {"x": np.ones((0, 1), np.float32), "i": INDICES, "u": np.ones((1, 1), np.float32)},
            "without elements",
        ),
        (("ConvTranspose", ["x", "w"], {"output_padding": [1]}), {"x": IMAGE, "w": KERNEL}, "output_padding"),
        (("ConvTranspose", ["x", "w"], {"output_shape": [5]}), {"x": IMAGE, "w": KERNEL}, "output_shape"),
        (("ConvTranspose", ["x", "w"], {"group": 0}), {"x": IMAGE, "w": KERNEL}, "do not fit"),
        (("Conv", ["x", "w"], {"group": 0}), {"x": IMAGE, "w": KERNEL}, "group"),
        (("DepthToSpace", ["x"], {"blocksize": 2**32}), {"x": IMAGE}, "blocks"),
        (("SpaceToDepth", ["x"], {"blocksize": 2**32}), {"x": IMAGE}, "blocks"),
        (("Dropout", ["x", "r", "t"]), {"x": LIST, "r": np.float32([]), "t": np.array([], np.bool_)}, "one number"),
        (("Scan", ["s", "x"], {"num_scan_inputs": -1}), {"s": LIST[0], "x": LIST}, "num_scan_inputs"),
        (("Scan", ["s", "x"], {"num_scan_inputs": 3}), {"s": LIST[0], "x": LIST}, "num_scan_inputs"),
        (
            ("Scan", ["s", "x"], {"num_scan_inputs": 1, "scan_input_axes": [0, 0]}),
            {"s": LIST[0], "x": LIST},
            "axes and directions",
        ),
        (
            ("Range", ["a", "b", "c"]),
            {"a": np.float32(0), "b": np.float32(1e30), "c": np.float32(1)},
            "too many values",
        ),
        (
            ("Range", ["a", "b", "c"]),
            {"a": np.float32(0), "b": np.float32("nan"), "c": np.float32(1)},
            "too many values",
        ),
        (("OneHot", ["i", "d", "v"]), {"i": INDICES, "d": np.array(2**40), "v": LIST[:2]}, "too many values"),
        (("OneHot", ["i", "d", "v"]), {"i": INDICES, "d": np.array(-1), "v": LIST[:2]}, "too many values"),
        (("Pad", ["x", "p"], {"mode": "edge"}), {"x": LIST, "p": np.array([0, 2**40])}, "too long"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_numbers_that_cannot_be_are_refused(node, feeds, text):
    name, inputs, *more = node
    attributes = dict(*more)
    if name == "Scan":
        attributes["body"] = graph_of(*SUM)
    outputs = ["y", "z"] if name == "Scan" else ["y"]
    model = model_of([helper.make_node(name, inputs, outputs, **attributes)], feeds)
    arrays = {name: np.asarray(value) for name, value in feeds.items()}
    with pytest.raises(vf.VulkanForgeError, match=text), InferenceSession(model) as session:
        session.run(None, arrays)


EXTREME = [0.0, -0.0, 1.0, -1.0, 1e-40, 3e38, -3e38, np.inf, -np.inf, np.nan, 0.5, 88.8, -103.9, 2.5, 1e10]
values = st.lists(st.sampled_from(EXTREME) | st.floats(-100, 100, width=32), min_size=1, max_size=24)


@quick
@given(
    numbers=values,
    name=st.sampled_from(
        ["Relu", "Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Neg", "Floor", "Ceil", "Round", "Sign",
         "Erf", "Reciprocal", "Softplus", "Softsign", "Elu", "Selu", "LeakyRelu", "HardSigmoid", "HardSwish",
         "Atan", "IsNaN", "IsInf"]
    ),
)  # fmt: skip
def test_single_elements_at_their_extremes(numbers, name):
    x = np.array(numbers, np.float32)
    model = model_of([helper.make_node(name, ["x"], ["y"])], {"x": x}, 20)
    with np.errstate(all="ignore"):
        (want,) = ReferenceEvaluator(model).run(None, {"x": x})
    with InferenceSession(model) as session:
        (got,) = session.run(None, {"x": x})
    assert got.dtype == want.dtype
    if got.dtype.kind == "f":
        keep = np.abs(x) > 1e-37  # the smallest numbers may be taken for 0
        keep |= x == 0
        got, want = got[keep], want[keep]
    np.testing.assert_allclose(got, want, rtol=2e-5, atol=1e-6)


@quick
@given(
    numbers=values,
    others=values,
    name=st.sampled_from(["Add", "Sub", "Mul", "Div", "Max", "Min", "Equal", "Less", "Greater", "LessOrEqual"]),
)
def test_pairs_at_their_extremes(numbers, others, name):
    size = min(len(numbers), len(others))
    ordinary = lambda drawn: [0.0 if 0 < abs(v) < 1e-37 else v for v in drawn[:size]]
    x, z = (np.array(ordinary(drawn), np.float32) for drawn in (numbers, others))
    model = model_of([helper.make_node(name, ["x", "z"], ["y"])], {"x": x, "z": z})
    with np.errstate(all="ignore"):
        (want,) = ReferenceEvaluator(model).run(None, {"x": x, "z": z})
    with InferenceSession(model) as session:
        got = session.run(None, {"x": x, "z": z})[0]
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=np.finfo(np.float32).tiny)  # smaller results may be 0


@quick
@given(
    data=st.data(),
    mode=st.sampled_from(["linear", "nearest", "cubic"]),
    padding=st.sampled_from(["zeros", "border", "reflection"]),
    corners=st.integers(0, 1),
)
def test_grids(data, mode, padding, corners):
    height, width, rows, columns = (data.draw(st.integers(1, 6)) for _ in range(4))
    x, grid = floats((2, 3, height, width)), floats((2, rows, columns, 2), 1) * np.float32(1.5)
    node = helper.make_node("GridSample", ["x", "g"], ["y"], mode=mode, padding_mode=padding, align_corners=corners)
    if (
        min(height, width) > 1
    ):  # the reference divides by the range of one place, and moves cubic positions to the border
        theirs = (mode, padding) != ("cubic", "border")
        compare([node], {"x": x, "g": grid}, opset=22 if theirs else 20, tolerance=2e-4, reference=theirs)


@quick
@given(
    data=st.data(),
    way=st.sampled_from(["half_pixel", "output_half_pixel"]),
    ratio=st.integers(0, 3),
)
def test_regions(data, way, ratio):
    corners = np.array(
        [
            [a, b, a + c, b + d]
            for a, b, c, d in data.draw(st.lists(st.tuples(*[st.integers(0, 9)] * 4), min_size=1, max_size=4))
        ],
        np.float32,
    )
    feeds = {"x": floats((2, 3, 10, 12)), "r": corners, "i": np.arange(len(corners), dtype=np.int64) % 2}
    node = helper.make_node(
        "RoiAlign", ["x", "r", "i"], ["y"], output_height=3, output_width=2, sampling_ratio=ratio,
        coordinate_transformation_mode=way, spatial_scale=0.75,
    )  # fmt: skip
    compare([node], feeds, opset=16, tolerance=1e-4)
    rois = np.concatenate([feeds["i"][:, None].astype(np.float32), corners], axis=1)
    pool = helper.make_node("MaxRoiPool", ["x", "q"], ["y"], pooled_shape=[3, 2], spatial_scale=0.5)
    compare([pool], {"x": feeds["x"], "q": rois}, opset=16)


@quick
@given(data=st.data(), inverse=st.integers(0, 1), parts=st.integers(1, 2))
def test_spectra(data, inverse, parts):
    batch, length = data.draw(st.integers(1, 3)), data.draw(st.integers(2, 40))
    onesided = 0 if inverse or parts == 2 else data.draw(st.integers(0, 1))
    node = helper.make_node("DFT", ["x", "n"], ["y"], inverse=inverse, onesided=onesided)
    size = np.array(data.draw(st.integers(2, 40)), np.int64)
    compare([node], {"x": floats((batch, length, parts)), "n": size}, opset=20, tolerance=1e-4, reference=True)


@quick
@given(data=st.data(), sort=st.integers(0, 1), axis=st.sampled_from([None, 0, 1]))
def test_distinct_entries(data, sort, axis):
    x = np.array(data.draw(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=12)), np.float32)
    options = {} if axis is None else {"axis": axis}
    compare([helper.make_node("Unique", ["x"], list("ydic"), sorted=sort, **options)], {"x": x})


@quick
@given(data=st.data(), centred=st.integers(0, 1))
def test_boxes_that_do_not_overlap(data, centred):
    count = data.draw(st.integers(1, 20))
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    corner, size = random.random((2, count, 2)), random.random((2, count, 2))
    boxes = np.concatenate([corner, corner + size * (0.5 if not centred else 0)], axis=2)
    if centred:
        boxes[..., 2:] = size * 0.5 + 0.01
    feeds = {
        "b": boxes.astype(np.float32),
        "s": random.random((2, 3, count)).astype(np.float32),
        "m": np.array([data.draw(st.integers(0, 6))]),
        "i": np.array([data.draw(st.sampled_from([0.0, 0.3, 0.7]))], np.float32),
        "t": np.array([0.2], np.float32),
    }
    compare([helper.make_node("NonMaxSuppression", list("bsmit"), ["y"], center_point_box=centred)], feeds)


@quick
@given(data=st.data(), how=st.sampled_from(["none", "add", "mul", "min", "max"]), kind=st.sampled_from("fi"))
def test_scattered_elements(data, how, kind):
    rows, columns = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    dtype = np.float32 if kind == "f" else np.int32
    x, u = ((floats((rows, columns), seed) * 3).astype(dtype) for seed in (0, 1))
    places = np.array(data.draw(st.permutations(range(rows))))[:, None].repeat(columns, 1)
    if how != "none":  # several for one place
        places = np.random.default_rng(0).integers(-rows, rows, (rows, columns))
    node = helper.make_node("ScatterElements", list("xpu"), ["y"], axis=0, reduction=how)
    compare([node], {"x": x, "p": places, "u": u}, opset=18)


@pytest.mark.parametrize("auto_pad", ["NOTSET", "SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize("shape", [[10, 11], [8, 9], [12, 13]])
@pytest.mark.parametrize("kernel", [3, 4])
def test_shapes_of_transposed_convolutions_that_are_asked_for(auto_pad, shape, kernel):
    """Odd numbers of places to cut off: which end loses one more is the definition's."""
    node = helper.make_node(
        "ConvTranspose",
        ["x", "w"],
        ["y"],
        strides=[2, 2],
        output_shape=shape,
        auto_pad=auto_pad,
        kernel_shape=[kernel] * 2,
    )
    compare([node], {"x": floats((1, 3, 5, 6)), "w": floats((3, 4, kernel, kernel), 1)})


@pytest.mark.parametrize("way", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(
    ("name", "gates", "functions", "alphas", "betas"),
    [
        ("GRU", 3, ["Sigmoid", "ScaledTanh"], [0.5], [0.7]),
        ("LSTM", 4, ["Sigmoid", "LeakyRelu", "Elu"], [0.1, 0.6], []),
        ("LSTM", 4, ["HardSigmoid", "LeakyRelu", "Affine"], [0.3, 0.1, 0.5], [0.4, 0.25]),
    ],
)
def test_numbers_of_activations_go_to_those_that_have_some(name, gates, functions, alphas, betas, way):
    count = 2 if way == "bidirectional" else 1
    feeds = {"x": floats((4, 2, 3)), "w": floats((count, gates * 5, 3), 1), "r": floats((count, gates * 5, 5), 2)}
    numbers = {"activation_alpha": alphas * count, "activation_beta": betas * count}
    options = {"hidden_size": 5, "direction": way, "activations": functions * count}
    options |= {key: values for key, values in numbers.items() if values}
    compare([helper.make_node(name, list("xwr"), ["y", "h"], **options)], feeds)


@pytest.mark.parametrize("name", ["QuantizeLinear", "DequantizeLinear"])
def test_blocks_of_a_row(name):
    x = np.arange(7, dtype=np.float32 if name == "QuantizeLinear" else np.int8)
    feeds = {"x": x, "scale": np.array([0.5, 1, 2, 4], np.float32), "zero": np.array([0, 1, 2, 3], np.int8)}
    compare([helper.make_node(name, list(feeds), ["y"], axis=0, block_size=2)], feeds, opset=21, reference=True)


@pytest.mark.parametrize("size", [(1, 3, 2, 4), (2, 3, 2, 4), (1, 3, 2, 4, 3)])
@pytest.mark.parametrize("align", [0, 1])
def test_grids_of_one_picture_and_of_several(size, align):
    axes = len(size) - 2
    feeds = {"t": floats((size[0], axes, axes + 1)), "s": np.array(size)}
    compare([helper.make_node("AffineGrid", ["t", "s"], ["y"], align_corners=align)], feeds, opset=20)
