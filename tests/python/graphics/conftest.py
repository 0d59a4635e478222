"""What tests of pictures share."""

import pytest

import vulkan_forge as vf
from terrains import loaded, ramp


@pytest.fixture
def renderer():
    with loaded(ramp()) as renderer:
        yield renderer


@pytest.fixture
def bare():
    with vf.Renderer(8, 8) as renderer:
        yield renderer
