"""GGUF files: the `gguf` package writes them, and hostile ones are refused by name, whatever they say."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest
from gguf import GGUFReader, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

import vulkan_forge as vf
from llm_models import write_folder, write_gguf, write_safetensors
from vulkan_forge import llm
from vulkan_forge.llm.files import open_model, read_tensors

VALUES = {
    "a.u8": ("add_uint8", 200),
    "a.i8": ("add_int8", -100),
    "a.u16": ("add_uint16", 60000),
    "a.i16": ("add_int16", -30000),
    "a.u32": ("add_uint32", 2**32 - 1),
    "a.i32": ("add_int32", -(2**31)),
    "a.u64": ("add_uint64", 2**64 - 1),
    "a.i64": ("add_int64", -(2**63)),
    "a.f32": ("add_float32", 0.5),
    "a.f64": ("add_float64", 1e300),
    "a.flag": ("add_bool", True),
    "a.text": ("add_string", "grüße"),
    "a.list": ("add_array", [1, 2, 3]),
    "a.texts": ("add_array", ["a", "", "ü"]),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("gguf") / "m.gguf")


def test_every_kind_of_value(tmp_path):
    writer = GGUFWriter(tmp_path / "x.gguf", "llama")
    for key, (add, value) in VALUES.items():
        getattr(writer, add)(key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with llm.Gguf(tmp_path / "x.gguf") as gguf:
        said = gguf.metadata()
        numbers = said.pop("a.list")
        assert (numbers.dtype, numbers.tolist()) == (np.int32, VALUES["a.list"][1])
        assert {key: said[key] for key in VALUES.keys() & said} == {
            key: value for key, (_, value) in VALUES.items() if key != "a.list"
        }
        assert gguf.tensors() == []
        with pytest.raises(vf.InputError, match="no such tensor"):
            gguf.tensor("x")


def test_tensors_are_those_of_the_package(small):
    expected = {t.name: (t.tensor_type.name, tuple(int(n) for n in t.shape[::-1])) for t in GGUFReader(small).tensors}
    with llm.Gguf(small) as gguf:
        assert {name: (kind, shape) for name, kind, shape in gguf.tensors()} == expected


def header(tensors=0, keys=0, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def text(value):
    return struct.pack("<Q", len(value)) + value


def tensor(name=b"x", shape=(32,), kind=0, place=0):
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, place)


HOSTILE = {
    "empty": b"",
    "another kind": b"PK\x03\x04" + bytes(100),
    "cut in the magic": b"GGU",
    "cut in the header": b"GGUF\x03",
    "version": header(version=99) + bytes(32),
    "big-endian": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "too many keys": header(keys=2**60),
    "too many tensors": header(tensors=2**60) + bytes(64),
    "key without end": header(keys=1) + struct.pack("<Q", 2**63) + bytes(32),
    "key too long": header(keys=1) + text(b"k" * 70000) + struct.pack("<IB", 0, 1),
    "unknown type": header(keys=1) + text(b"k") + struct.pack("<IQ", 77, 0),
    "text without end": header(keys=1) + text(b"k") + struct.pack("<IQ", 8, 2**62),
    "array too long": header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, 4, 2**61),
    "texts too many": header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, 8, 2**61),
    "arrays too many": header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, 9, 8) + bytes(95),
    "keys beyond what any file has": header(keys=2**17) + b"".join(text(b"%6d" % i) + bytes(5) for i in range(2**17)),
    "arrays too deep": header(keys=1) + text(b"k") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 50 + bytes(64),
    "key twice": header(keys=2) + (text(b"k") + struct.pack("<IB", 0, 1)) * 2,
    "alignment": header(keys=1) + text(b"general.alignment") + struct.pack("<II", 4, 3),
    "alignment of 0": header(keys=1) + text(b"general.alignment") + struct.pack("<II", 4, 0),
    "alignment is text": header(keys=1) + text(b"general.alignment") + struct.pack("<I", 8) + text(b"32"),
    "axes": header(tensors=1) + text(b"x") + struct.pack("<I", 2**31) + bytes(64),
    "extents beside one of 0": header(tensors=1) + tensor(shape=(0, 2**60, 2**60)) + bytes(64),
    "an extent beside one of 0": header(tensors=1) + tensor(shape=(0, 2**63)) + bytes(64),
    "extents overflow": header(tensors=1) + tensor(shape=(2**40, 2**40)) + bytes(64),
    "rows of broken blocks": header(tensors=1) + tensor(shape=(31, 2), kind=2) + bytes(1000),
    "tensor beyond the end": header(tensors=1) + tensor(shape=(1024,)) + bytes(64),
    "tensor far beyond": header(tensors=1) + tensor(place=2**63) + bytes(256),
    "place wraps": header(tensors=1) + tensor(place=2**64 - 32) + bytes(256),
    "unaligned": header(tensors=1) + tensor(place=1) + bytes(512),
    "tensor twice": header(tensors=2) + tensor() * 2 + bytes(512),
    "no end of tensors": header(tensors=3) + tensor(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(tmp_path, name):
    path = tmp_path / "x.gguf"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(vf.FileError):
        llm.Gguf(path)


KINDS = {
    0: np.uint8,
    1: np.int8,
    2: np.uint16,
    3: np.int16,
    4: np.uint32,
    5: np.int32,
    6: np.float32,
    7: np.bool_,
    10: np.uint64,
    11: np.int64,
    12: np.float64,
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_numbers_are_arrays(tmp_path, kind):
    values = np.array([0, 1, 2, 100], KINDS[kind])
    path = tmp_path / "x.gguf"
    stored = values.view(np.uint8) * 2 if kind == 7 else values  # any byte but 0 is true
    path.write_bytes(header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, kind, 4) + stored.tobytes())
    with llm.Gguf(path) as gguf:
        got = gguf.metadata()["k"]
    assert got.dtype == values.dtype
    assert got.tolist() == values.tolist()


def test_arrays_in_arrays(tmp_path):
    path = tmp_path / "x.gguf"
    inner = struct.pack("<IQ2B", 0, 2, 3, 4) + struct.pack("<IQ", 8, 1) + text(b"a")
    path.write_bytes(header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, 9, 2) + inner)
    with llm.Gguf(path) as gguf:
        numbers, texts = gguf.metadata()["k"]
    assert numbers.tolist() == [3, 4]
    assert texts == ["a"]


def test_metadata_takes_the_memory_that_it_takes_in_the_file(tmp_path):
    size, path = 8 << 20, tmp_path / "x.gguf"
    path.write_bytes(header(keys=1) + text(b"k") + struct.pack("<IIQ", 9, 1, size) + bytes([200]) * size)
    code = f"""
import resource
from vulkan_forge import llm
gguf = llm.Gguf({str(path)!r})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
values = gguf.metadata()["k"]
print(len(values), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10)
"""
    count, grown = map(
        int, subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.split()
    )
    assert count == size
    assert grown < 4 * size  # the file's own pages among them


@pytest.mark.parametrize("shape", [(0,), (0, 32), (32, 0, 2)])
def test_empty_tensors(tmp_path, shape):
    path = tmp_path / "x.gguf"
    path.write_bytes(header(tensors=1) + tensor(shape=shape) + bytes(256))
    with llm.Gguf(path) as gguf:
        assert gguf.tensor("x").shape == shape[::-1]


def test_messages_name_the_place(tmp_path):
    path = tmp_path / "x.gguf"
    path.write_bytes(HOSTILE["tensor beyond the end"])
    with pytest.raises(vf.FileError, match=r"tensor 'x'.*expected 4096 bytes"):
        llm.Gguf(path)
    path.write_bytes(HOSTILE["array too long"])
    with pytest.raises(vf.FileError, match="key 'k'"):
        llm.Gguf(path)


def test_no_file_and_no_regular_one(tmp_path):
    with pytest.raises(vf.FileError, match="No such file"):
        llm.Gguf(tmp_path / "nothing.gguf")
    with pytest.raises(vf.FileError):
        llm.Gguf("/dev/null")
    with pytest.raises(vf.FileError, match=r"config\.json"):
        open_model(tmp_path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_change_is_read_or_refused(small, tmp_path_factory, data):
    """Bytes of the part that is not tensors are changed, and the file is cut: values or FileError, nothing else."""
    whole = small.read_bytes()
    end = GGUFReader(small).data_offset
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del changed[data.draw(st.integers(0, len(changed))) :]
    path = tmp_path_factory.mktemp("fuzz") / "x.gguf"
    path.write_bytes(bytes(changed))
    try:
        with llm.Gguf(path) as gguf:
            gguf.metadata()
            for name, kind, shape in gguf.tensors():
                if isinstance(kind, str):
                    assert gguf.tensor(name).shape == shape
    except (vf.FileError, vf.UnsupportedError, vf.InputError):
        pass


@pytest.mark.parametrize("key", ["llama.block_count", "llama.embedding_length", "llama.attention.head_count"])
@pytest.mark.parametrize("value", [0, 2**32 - 1, 3])
def test_sizes_that_the_tensors_contradict(tmp_path, key, value):
    path = write_gguf(tmp_path / "m.gguf")
    data = path.read_bytes()
    at = data.index(key.encode()) + len(key) + 4
    path.write_bytes(data[:at] + struct.pack("<I", value) + data[at + 4 :])
    with pytest.raises((vf.FileError, vf.UnsupportedError)):
        llm.InferenceEngine(llm.EngineConfig(model=path, max_context=64))


BROKEN_FOLDERS = {
    "header too long": struct.pack("<Q", 2**60) + b"{}",
    "no JSON": struct.pack("<Q", 4) + b"{{{{",
    "no object": struct.pack("<Q", 2) + b"[]",
    "no offsets": struct.pack("<Q", 27) + b'{"x":{"dtype":"F32","shape":',
    "beyond the end": struct.pack("<Q", 64) + b'{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'.ljust(64),
    "wrong size": struct.pack("<Q", 64)
    + b'{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}'.ljust(64)
    + bytes(8),
    "negative": struct.pack("<Q", 64) + b'{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}'.ljust(64) + bytes(8),
}


ROW = b'{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
BROKEN_FOLDERS["a name twice"] = struct.pack("<Q", 112) + (b'{"x":%s,"x":%s}' % (ROW, ROW)).ljust(112) + bytes(4)
BROKEN_FOLDERS["no text"] = struct.pack("<Q", 64) + (b'{"\\ud800":%s}' % ROW).ljust(64) + bytes(4)
BROKEN_FOLDERS["no text in bytes"] = struct.pack("<Q", 64) + (b'{"\xed\xa0\x80":%s}' % ROW).ljust(64) + bytes(4)


@pytest.mark.parametrize("name", BROKEN_FOLDERS)
def test_broken_safetensors_are_refused(tmp_path, name):
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (tmp_path / "model.safetensors").write_bytes(BROKEN_FOLDERS[name])
    with pytest.raises(vf.FileError, match=r"safetensors|'x'"):
        llm.InferenceEngine(llm.EngineConfig(model=tmp_path))


def test_tensors_that_stand_in_two_files_are_refused(tmp_path):
    """One of them was taken, by the order of the files' names."""
    write_folder(tmp_path)
    write_safetensors(tmp_path / "old.safetensors", {"model.norm.weight": np.zeros(1)})
    with pytest.raises(vf.FileError, match=r"'model.norm.weight' .* in two files.*; got model.safetensors and old"):
        llm.InferenceEngine(llm.EngineConfig(model=tmp_path))
    with pytest.raises(vf.FileError, match="in two files"):
        read_tensors(tmp_path)


@pytest.mark.parametrize("key", ["zzz", "hidden_act"])
def test_halves_of_characters_are_no_text(tmp_path, key):
    write_folder(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, key: "\ud800"}))
    with pytest.raises(vf.FileError, match="half of a character"):
        llm.InferenceEngine(llm.EngineConfig(model=tmp_path))


def test_empty_tensors_of_safetensors_have_shapes_that_can_be(tmp_path):
    row = b'{"x":{"dtype":"F32","shape":[0,281474976710655,281474976710655],"data_offsets":[0,0]}}'
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", 96) + row.ljust(96))
    with pytest.raises(vf.FileError, match="'x' is too large"):
        llm.InferenceEngine(llm.EngineConfig(model=tmp_path))


def test_unknown_architectures_are_named(tmp_path):
    path = write_gguf(tmp_path / "m.gguf", architecture="mamba")
    with pytest.raises(vf.UnsupportedError, match="mamba"):
        llm.InferenceEngine(llm.EngineConfig(model=path))
    (tmp_path / "config.json").write_text('{"architectures": ["MambaForCausalLM"]}')
    with pytest.raises(vf.UnsupportedError, match="Mamba"):
        llm.InferenceEngine(llm.EngineConfig(model=tmp_path))


def test_values_match_after_close(small):
    gguf = llm.Gguf(small)
    values = gguf.tensor("output_norm.weight")
    gguf.close()
    assert np.isfinite(values).all()
    with pytest.raises(vf.StateError):
        gguf.tensors()
