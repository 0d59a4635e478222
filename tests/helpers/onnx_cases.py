"""The onnx package's own tests, run on a session; and what of ONNX is supported, as docs/onnx.md says."""

import collections
import functools
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from vulkan_forge import _vulkan_forge as native
from vulkan_forge.errors import UnsupportedError
from vulkan_forge.onnx import InferenceSession
from vulkan_forge.onnx._model import described

DOCS = Path(__file__).resolve().parents[2] / "docs" / "onnx.md"

# Tests of operators that are supported which are not run, each with its reason.
EXCLUDED = {
    r"test_attention_4d_causal_fp16(_expanded)?": "differs from NumPy's float16 products by one unit in the last place",
    r"test_attention_(3d_causal|4d_causal|4d_attn_mask_causal|4d(_causal)?_padded_kv)_bf16(_expanded)?": (
        "differs by one or two units in the last place from sums that are rounded to bfloat16 one by one"
    ),
}


@functools.cache
def cases():
    """All node tests, by the operator of their first node."""
    from onnx.backend.test import loader

    found = collections.defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in loader.load_model_tests(kind="node"):
            found[operator_of(case)].append(case)
    return found


def operator_of(case):
    """Operators by their name; what ONNX takes apart by the name of the test."""
    return case.model.graph.node[0].op_type if len(case.model.graph.node) == 1 else case.name


def operators():
    """Those that have tests with one node."""
    return {
        case.model.graph.node[0].op_type
        for found in cases().values()
        for case in found
        if len(case.model.graph.node) == 1
    }


def values_of(value):
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def is_supported(case):
    """Whether the model can be loaded: all operators and data types are there."""
    try:
        return not native.onnx_unsupported(described(case.model))
    except UnsupportedError:
        return False


def run(case):
    """Runs a case and compares; UnsupportedError where it needs what is not there."""
    with InferenceSession(case.model) as session:
        names = [port.name for port in session.get_inputs()]
        for inputs, outputs in case.data_sets:
            feeds = dict(zip(names, map(values_of, inputs), strict=True))
            for got, want in zip(session.run(None, feeds), map(values_of, outputs), strict=True):
                assert got.dtype == want.dtype, (got.dtype, want.dtype)
                assert got.shape == want.shape, (got.shape, want.shape)
                if got.dtype.kind == "V" or got.dtype.name == "bfloat16":
                    got, want = got.astype(np.float32), want.astype(np.float32)
                np.testing.assert_allclose(got, want, rtol=case.rtol, atol=case.atol)


def operators_table():
    """The supported operators, a row each, as docs/onnx.md has them."""
    since = collections.defaultdict(list)
    for domain, name, opset in native.onnx_operators():
        since[(domain, name)].append(opset)
    taken_apart = sorted(
        schema.name
        for schema in onnx.defs.get_all_schemas()
        if schema.domain == ""
        and (schema.has_function or schema.has_context_dependent_function)
        and ("", schema.name) not in since
        and not schema.deprecated
    )
    lines = ["| operator | from opset |", "|---|---|"]
    lines += [
        f"| {domain + '.' if domain else ''}{name} | {min(opsets)} |"
        for (domain, name), opsets in sorted(since.items())
    ]
    return "\n".join(lines), ", ".join(taken_apart)


def missing_operators():
    """Operators of ai.onnx without a row or a function."""
    have = {name for domain, name, _ in native.onnx_operators() if domain == ""}
    return ", ".join(
        sorted(
            {
                schema.name
                for schema in onnx.defs.get_all_schemas()
                if schema.domain == ""
                and schema.name not in have
                and not schema.has_function
                and not schema.has_context_dependent_function
                and not schema.deprecated
            }
        )
    )


def generated():
    table, parts = operators_table()
    return (
        "<!-- generated: python tests/helpers/onnx_cases.py -->\n\n"
        f"{table}\n\nTaken apart into these, by ONNX's own definitions, as far as those need nothing else: {parts}.\n\n"
        f"Not yet: {missing_operators()}.\n"
    )


if __name__ == "__main__":
    text = DOCS.read_text()
    head = text[: text.index("<!-- generated")] if "<!-- generated" in text else text
    DOCS.write_text(head + generated())
    sys.stdout.write(f"wrote {DOCS}\n")
