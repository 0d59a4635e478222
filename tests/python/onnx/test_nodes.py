"""The onnx package's node tests of supported operators: some of each operator, and, as a long test, all."""

import re

import pytest

import onnx_cases
from vulkan_forge.errors import UnsupportedError

QUICK = 2  # cases of an operator


def wanted(operator):
    for case in onnx_cases.cases()[operator]:
        if not any(re.fullmatch(name, case.name) for name in onnx_cases.EXCLUDED) and onnx_cases.is_supported(case):
            yield case


def run(cases):
    ran, refused = 0, []
    for case in cases:
        try:
            onnx_cases.run(case)
            ran += 1
        except UnsupportedError as error:  # a form of the operator, with its reason
            refused.append(str(error))
        except Exception as error:
            raise AssertionError(f"{case.name}: {error}") from error
    if not ran:
        pytest.skip(refused[0] if refused else "not supported yet: docs/onnx.md")


@pytest.mark.parametrize("operator", sorted(onnx_cases.operators()))
def test_some_node_tests_of_each_operator(operator, device):
    cases = (case for case in wanted(operator) if "_expanded" not in case.name)
    run(case for case, _ in zip(cases, range(QUICK), strict=False))


@pytest.mark.slow
def test_all_node_tests(device):
    failed = {}
    for operator in sorted(onnx_cases.cases()):
        for case in wanted(operator):
            try:
                onnx_cases.run(case)
            except UnsupportedError:
                continue
            except Exception as error:
                failed[case.name] = str(error)
    assert not failed, "\n".join(f"{name}: {why}" for name, why in failed.items())


@pytest.mark.parametrize("pattern", onnx_cases.EXCLUDED)
def test_excluded_tests_are_there_and_fail(pattern, device):
    """An exclusion goes when its reason does."""
    assert onnx_cases.EXCLUDED[pattern]
    excluded = [case for cases in onnx_cases.cases().values() for case in cases if re.fullmatch(pattern, case.name)]
    assert excluded
    for case in excluded:
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            onnx_cases.run(case)


def test_the_list_of_operators_in_the_guide_is_the_tables():
    text = onnx_cases.DOCS.read_text()
    assert text[text.index("<!-- generated") :] == onnx_cases.generated(), "run python tests/helpers/onnx_cases.py"
