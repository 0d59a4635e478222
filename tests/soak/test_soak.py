"""A soak of a few seconds, so that the long one works when it is asked for."""

import importlib.util
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.gpu


@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer keeps freed memory for a while")
def test_a_short_soak_is_flat():
    spec = importlib.util.spec_from_file_location("soak", Path(__file__).with_name("soak.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    said = []
    assert module.soak(minutes=0.05, threads=3, say=said.append) == 0, said
    assert said[-1] == "flat"
