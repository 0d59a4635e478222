"""The protocol for things that render themselves into a file."""

import pytest

import vulkan_forge as vf
from vulkan_forge.types import SupportsPNG


class Blank:
    def render_png(self, path):
        return None


def test_supports_png():
    assert isinstance(Blank(), SupportsPNG)
    assert not isinstance(object(), SupportsPNG)


@pytest.mark.parametrize("cls", [vf.Renderer, vf.Scene, vf.TerrainSpike])
def test_what_renders_supports_png(cls):
    assert issubclass(cls, SupportsPNG)
