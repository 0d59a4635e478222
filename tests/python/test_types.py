"""The protocol for things that render themselves into a file."""

import vulkan_forge as vf
from vulkan_forge.types import SupportsPNG


class Blank:
    def render_png(self, path):
        return None


def test_supports_png():
    assert isinstance(Blank(), SupportsPNG)
    assert not isinstance(object(), SupportsPNG)


def test_a_renderer_supports_png():
    assert issubclass(vf.Renderer, SupportsPNG)
