"""The onnx package's node tests, all of those whose operators are supported."""

import re

import onnx_cases
import pytest

from vulkan_forge.errors import UnsupportedError


@pytest.mark.parametrize("operator", sorted(onnx_cases.cases()))
def test_node_tests_of_onnx(operator, device):
    ran, refused = 0, []
    for case in onnx_cases.cases()[operator]:
        if any(re.fullmatch(name, case.name) for name in onnx_cases.EXCLUDED) or not onnx_cases.is_supported(case):
            continue
        try:
            onnx_cases.run(case)
            ran += 1
        except UnsupportedError as error:  # a form of the operator, with its reason
            refused.append(str(error))
        except AssertionError as error:
            raise AssertionError(f"{case.name}: {error}") from None
    if not ran:
        pytest.skip(refused[0] if refused else "not supported yet: docs/onnx.md")


def test_the_list_of_operators_in_the_guide_is_the_tables():
    text = onnx_cases.DOCS.read_text()
    assert text[text.index("<!-- generated") :] == onnx_cases.generated(), "run python tests/helpers/onnx_cases.py"
