"""Every format of quant.def against the `gguf` package, value for value."""

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_models import FORMATS, matrix
from vulkan_forge import llm


def through_a_file(path, format_name, data):
    writer = GGUFWriter(path, "llama")
    raw = GGMLQuantizationType[format_name] if data.dtype == np.uint8 else None
    writer.add_tensor("x", data, raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with llm.Gguf(path) as gguf:
        return gguf.tensor("x")


@pytest.mark.parametrize("format_name", FORMATS)
def test_equals_the_gguf_package(tmp_path, format_name):
    data = matrix(format_name, 3, 512, np.random.default_rng(0))
    expected = dequantize(data, GGMLQuantizationType[format_name])
    np.testing.assert_array_equal(through_a_file(tmp_path / "x.gguf", format_name, data), expected)


@pytest.mark.parametrize("format_name", [f for f in FORMATS if f.startswith("Q")])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_any_bytes(tmp_path_factory, format_name, seed):
    """Scales may be anything a float16 can be: infinities, NaN, denormal numbers."""
    shape = matrix(format_name, 1, 512, np.random.default_rng(0)).shape
    data = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    with np.errstate(all="ignore"):
        expected = dequantize(data, GGMLQuantizationType[format_name])
    got = through_a_file(tmp_path_factory.mktemp("q") / "x.gguf", format_name, data)
    np.testing.assert_array_equal(got, expected)
