import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def benchmark():
    """benchmarks/onnx_models.py, which knows the models and what they are fed."""
    spec = importlib.util.spec_from_file_location("onnx_models", ROOT / "benchmarks" / "onnx_models.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["onnx_models"] = module
    spec.loader.exec_module(module)
    return module
