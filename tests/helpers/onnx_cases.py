"""The onnx package's own tests, run on a session; and what of ONNX is supported, as docs/onnx.md says."""

import collections
import functools
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from vulkan_forge import _vulkan_forge as native
from vulkan_forge.errors import UnsupportedError
from vulkan_forge.onnx import InferenceSession
from vulkan_forge.onnx._host_ops import OPERATORS
from vulkan_forge.onnx._model import described

DOCS = Path(__file__).resolve().parents[2] / "docs" / "onnx.md"

# Tests of operators that are supported which are not run, each with its reason.
EXCLUDED = {
    r"test_bernoulli(_double|_seed)?(_expanded)?": (
        "compares with numbers that NumPy's generator drew; test_random.py looks at the distribution"
    ),
    r"test_dft_inverse(_opset19)?": "compares rounding errors of NumPy's about 0 with an absolute tolerance of 1e-7",
    r"test_attention_4d_causal_fp16(_expanded)?": "differs from NumPy's float16 products by one unit in the last place",
    r"test_attention_(3d_causal|4d_causal|4d_attn_mask_causal|4d(_causal)?_padded_kv)_bf16(_expanded)?": (
        "differs by one or two units in the last place from sums that are rounded to bfloat16 one by one"
    ),
}


NARROW = ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
          "float4_e2m1fn", "int4", "uint4", "int2", "uint2")  # fmt: skip


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
    """A test's value: ndarrays, lists of them for sequences, None for what is not there."""
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    if isinstance(value, onnx.SequenceProto):
        return numpy_helper.to_list(value)
    if isinstance(value, onnx.OptionalProto):
        return numpy_helper.to_optional(value)
    return value if value is None or isinstance(value, list) else np.asarray(value)


def is_supported(case):
    """Whether the device can run the model: all operators and data types are there."""
    try:
        return not native.onnx_unsupported(described(case.model))
    except UnsupportedError:
        return False


def run(case, **options):
    """Runs a case and compares; UnsupportedError where it needs what is not there."""
    with InferenceSession(case.model, **options) as session:
        names = [port.name for port in session.get_inputs()]
        for inputs, outputs in case.data_sets:
            feeds = dict(zip(names, map(values_of, inputs), strict=True))
            for got, want in zip(session.run(None, feeds), map(values_of, outputs), strict=True):
                compare(got, want, case)


def compare(got, want, case):
    """One value with the one that a case expects."""
    if want is None or isinstance(want, list):
        assert type(got) is type(want)
        for a, b in zip(got or [], want or [], strict=True):
            compare(a, b, case)
        return
    assert got.shape == want.shape, (got.shape, want.shape)
    if want.dtype.kind in "OU":
        assert got.astype(str).tolist() == want.astype(str).tolist()
        return
    assert got.dtype == want.dtype, (got.dtype, want.dtype)
    if got.dtype.kind not in "biuf" or got.dtype.name in NARROW:
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
    """Operators of ai.onnx without a row, a function or an implementation on the host."""
    have = {name for domain, name, _ in native.onnx_operators() if domain == ""}
    have |= {name for domain, name in OPERATORS if domain == ""}
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


def counts():
    """What becomes of the onnx package's node tests when they are loaded."""
    number = collections.Counter()
    for found in cases().values():
        for case in found:
            excluded = any(re.fullmatch(name, case.name) for name in EXCLUDED)
            number["excluded" if excluded else "run" if is_supported(case) else "refused"] += 1
    return number


def generated():
    table, parts = operators_table()
    host = ", ".join(sorted(f"{domain}.{name}" if domain else name for domain, name in OPERATORS))
    return (
        "<!-- generated: python tests/helpers/onnx_cases.py -->\n\n"
        f"{table}\n\nTaken apart into these, by ONNX's own definitions, as far as those need nothing else: {parts}.\n\n"
        f'On the host, where `fallback="host"` asks for it: {host}.\n\n'
        f"On neither side: {missing_operators()}.\n"
    )


if __name__ == "__main__":
    text = DOCS.read_text()
    head = text[: text.index("<!-- generated")] if "<!-- generated" in text else text
    DOCS.write_text(head + generated())
    sys.stdout.write(f"wrote {DOCS}\n{dict(counts())}\n")
