"""Soaks of a few seconds, so that the long ones work when they are asked for."""

import importlib.util
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.gpu


keeps_freed_memory = pytest.mark.skipif(
    "ASAN_OPTIONS" in os.environ, reason="AddressSanitizer keeps freed memory for a while"
)


def script(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@keeps_freed_memory
def test_a_short_soak_is_flat():
    said = []
    assert script("soak").soak(minutes=0.05, threads=3, say=said.append) == 0, said
    assert said[-1] == "flat"


@keeps_freed_memory
def test_some_hundred_pictures_are_flat():
    said = []
    assert script("frames").frames(400, size=96, say=said.append) == 0, said
    assert said[-1] == "flat"
