"""Models in files, whose large tensors are mapped: nothing of the file is held once the model is loaded."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, numpy_helper
from onnx.parser import parse_model

import vulkan_forge as vf
from vulkan_forge.onnx import InferenceSession

pytestmark = pytest.mark.gpu
CHANNELS = 64  # of a layer with 147 KiB of weights


def normalized(producer=""):
    """A convolution with batch normalisation, a product by a table, and a mask: large tensors of three types."""
    model = parse_model(f"""<ir_version: 8, opset_import: ["": 17], producer_name: "{producer}">
    g (float[N, {CHANNELS}, 8, 8] x) => (float[N, {CHANNELS}, 8, 8] y, float z, int64[N] t) {{
        c = Conv<pads = [1, 1, 1, 1]>(x, w) y = BatchNormalization(c, scale, shift, mean, variance)
        m = Cast<to = 1>(mask) z = ReduceSum<keepdims = 0>(m)
        s = Shape<start = 0, end = 1>(x) zero = Sub(s, s) t = Gather(table, zero)
    }}""")
    random = np.random.default_rng(0)
    tensors = {
        "w": random.standard_normal((CHANNELS, CHANNELS, 3, 3)).astype(np.float32) * 0.1,
        "mask": random.random(70_000) > 0.3,
        "table": random.integers(0, 100, 9_000),
        **{name: random.uniform(0.5, 1, CHANNELS).astype(np.float32) for name in ("scale", "shift", "mean")},
        "variance": random.uniform(0.5, 1, CHANNELS).astype(np.float32),
    }
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in tensors.items())
    return model


def feeds(count=2):
    return {"x": np.random.default_rng(1).standard_normal((count, CHANNELS, 8, 8)).astype(np.float32)}


def results(source, count=2, **options):
    with InferenceSession(source, **options) as session:
        return session.run(None, feeds(count))


def assert_same(got, wanted):
    for ours, theirs in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("producer", ["", "a", "ab", "abc"])
def test_values_may_start_at_any_byte_of_the_file(producer, tmp_path):
    model = normalized(producer)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    wanted = results(model)
    assert_same(results(path), wanted)
    assert wanted[1] == numpy_helper.to_array(model.graph.initializer[1]).sum()


@pytest.mark.parametrize("fallback", [None, "host"])
def test_external_data_has_its_places(fallback, tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    wanted = results(model)
    onnx.save(model, path, save_as_external_data=True, location="weights", size_threshold=0)
    assert (tmp_path / "weights").stat().st_size > 200_000
    assert_same(results(path, fallback=fallback), wanted)


@pytest.mark.parametrize("large", ["own", "external"])
def test_the_file_may_change_once_the_model_is_loaded(large, tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    wanted = [results(model, count) for count in (1, 3)]
    onnx.save(model, path, save_as_external_data=large == "external", location="weights")
    with InferenceSession(path) as session:
        for file in tmp_path.iterdir():
            file.write_bytes(b"")  # a mapping of it would end the process
        for count, values in zip((1, 3), wanted, strict=True):
            assert_same(session.run(None, feeds(count)), values)


def test_tensors_of_nested_graphs_and_attributes_are_read_at_once(tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    values = np.random.default_rng(2).random(20_000).astype(np.float32)
    branches = [
        onnx.helper.make_graph(
            [onnx.helper.make_node(op, ["v"], [op])],
            op,
            [],
            [onnx.helper.make_tensor_value_info(op, TensorProto.FLOAT, [20_000])],
            [numpy_helper.from_array(values, "v")],
        )
        for op in ("Neg", "Identity")
    ]
    model.graph.node.append(onnx.helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(values)))
    model.graph.node.append(
        onnx.helper.make_node("If", ["cond"], ["b"], then_branch=branches[0], else_branch=branches[1])
    )
    model.graph.node.append(onnx.helper.make_node("Add", ["b", "k"], ["total"]))
    model.graph.input.append(onnx.helper.make_tensor_value_info("cond", TensorProto.BOOL, []))
    model.graph.output.append(onnx.helper.make_tensor_value_info("total", TensorProto.FLOAT, [20_000]))
    onnx.save(model, path, save_as_external_data=True, location="weights", convert_attribute=True)
    with InferenceSession(path) as session:
        for file in tmp_path.iterdir():
            file.write_bytes(b"")
        for c, wanted in ((True, np.zeros_like(values)), (False, 2 * values)):
            np.testing.assert_array_equal(session.run(["total"], {**feeds(), "cond": np.array(c)})[0], wanted)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_file_stays_open_or_mapped(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(normalized().SerializeToString())
    with InferenceSession(path):
        assert str(path) not in Path("/proc/self/maps").read_text()
        assert str(path) not in [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def outcome(source):
    """What comes of loading and running: the kind of error, or the results."""
    try:
        return results(source)
    except vf.InternalError:
        raise
    except vf.VulkanForgeError as error:
        return type(error)


def as_protobuf_has_it(text):
    """The model as the onnx package parses it, or the bytes where it does not."""
    try:
        return onnx.load_model_from_string(text)
    except DecodeError:
        return text


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_end_as_damaged_bytes_do(data, tmp_path):
    text = bytearray(normalized().SerializeToString())
    # Where fields begin is worth more than the middle of values: near the start and the end, and of tensors.
    marks = [0, len(text) - 1] + [text.find(name) for name in (b"Bmask", b"Bw", b"Btable")]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(marks)) + data.draw(st.integers(-40, 40))
        text[place % len(text)] = data.draw(st.integers(0, 255))
    text = text[: data.draw(st.sampled_from([len(text), len(text), len(text) // 2, 100]))]
    path = tmp_path / "damaged.onnx"
    path.write_bytes(text)
    by_file, by_bytes = outcome(path), outcome(as_protobuf_has_it(bytes(text)))
    if isinstance(by_bytes, list) and isinstance(by_file, list):
        for ours, theirs in zip(by_file, by_bytes, strict=True):
            np.testing.assert_allclose(ours, theirs)
    else:
        assert not isinstance(by_bytes, list)
        assert not isinstance(by_file, list)


def test_bytes_have_no_folder(tmp_path):
    onnx.save(normalized(), tmp_path / "model.onnx", save_as_external_data=True, location="weights")
    with pytest.raises(vf.FileError, match="the path of the model"):
        InferenceSession((tmp_path / "model.onnx").read_bytes())


def test_graphs_in_pieces_are_merged_as_protobuf_does(tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    wanted = results(model)
    (tensor,) = (tensor for tensor in model.graph.initializer if tensor.name == "w")
    piece = onnx.ModelProto()
    piece.graph.initializer.append(tensor)
    model.graph.initializer.remove(tensor)
    path.write_bytes(model.SerializeToString() + piece.SerializeToString())
    assert_same(results(path), wanted)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"offset": "300000000"}, vf.FileError),
        ({"offset": "-4"}, vf.FileError),
        ({"offset": "four"}, vf.FileError),
        ({"length": "65536"}, vf.InputError),
        ({"location": ""}, vf.FileError),
        ({"location": "."}, vf.FileError),
    ],
)
def test_places_outside_the_file_are_refused(change, error, tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights")
    stored = onnx.load(path, load_external_data=False)
    for tensor in stored.graph.initializer:
        if tensor.name == "w":
            entries = {entry.key: entry.value for entry in tensor.external_data} | change
            del tensor.external_data[:]
            for key, value in entries.items():
                tensor.external_data.add(key=key, value=value)
            assert tensor.data_location == TensorProto.EXTERNAL
    path.write_bytes(stored.SerializeToString())
    with pytest.raises(error, match='"w"'):
        InferenceSession(path)


@pytest.mark.parametrize("dims", [[1] * 64 + [1 << 16], [1 << 62] * 300, [3, -2], [1 << 15]], ids=str)
def test_shapes_that_do_not_fit_their_values_are_refused(dims, tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    (table,) = (tensor for tensor in model.graph.initializer if tensor.name == "table")
    table.raw_data = bytes(1 << 16)
    table.data_type = TensorProto.INT8
    del table.dims[:]
    table.dims.extend(dims)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(vf.InputError, match='"table" is damaged'):
        InferenceSession(path)


@pytest.mark.parametrize("location", [b"a\0b", b"x" * 300, b"\xff\xfe", b"circle"], ids=str)
def test_names_that_no_file_has_are_refused(location, tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    (tensor,) = (tensor for tensor in model.graph.initializer if tensor.name == "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="w" * len(location))
    (tmp_path / "circle").symlink_to("circle")
    path.write_bytes(model.SerializeToString().replace(b"w" * len(location), location))
    with pytest.raises((vf.FileError, vf.InputError), match=r"external data|no ONNX model"):
        InferenceSession(path)


def test_many_small_fields_are_left_to_protobuf(tmp_path):
    model, path = normalized(), tmp_path / "model.onnx"
    wanted = results(model)
    model.metadata_props.extend([onnx.StringStringEntryProto(key="k")] * 250_000)
    path.write_bytes(model.SerializeToString())
    assert_same(results(path), wanted)


@pytest.mark.skipif(sys.platform != "linux", reason="makes a named pipe")
def test_pipes_are_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(normalized().SerializeToString()))
    writer.start()
    assert_same(results(path), results(normalized()))
    writer.join()


FUNCTION = """
import sys
import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from vulkan_forge.onnx import InferenceSession
values = np.arange(20_000, dtype=np.float32)
branches = [helper.make_graph([helper.make_node(op, ["v"], ["r"])], op, [],
            [helper.make_tensor_value_info("r", TensorProto.FLOAT, [20_000])], [numpy_helper.from_array(values, "v")])
            for op in ("Neg", "Identity")]
body = [helper.make_node("If", ["c"], ["y"], then_branch=branches[0], else_branch=branches[1])]
opset = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
function = helper.make_function("own", "Chosen", ["c"], ["y"], body, opset[:1])
graph = helper.make_graph([helper.make_node("Chosen", ["c"], ["y"], domain="own")], "g",
                          [helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, [20_000])])
model = helper.make_model(graph, functions=[function], opset_imports=opset, ir_version=8)
folder = sys.argv[1]
save(model, folder + "/model.onnx")
for fallback in (None, "host"):
    with InferenceSession(folder + "/model.onnx", fallback=fallback) as session:
        for c, sign in ((True, -1), (False, 1)):
            assert (session.run(None, {"c": np.array(c)})[0] == sign * values).all()
"""


def test_local_functions_in_a_process_that_imports_nothing_else(tmp_path):
    subprocess.run([sys.executable, "-c", FUNCTION, str(tmp_path)], check=True)
