"""Options come from signatures and docstrings: names, types, defaults and help."""

import argparse
import inspect

import pytest

from vulkan_forge import graphics
from vulkan_forge.cli import _options
from vulkan_forge.graphics import raster


def parser_of(api, **how):
    parser = argparse.ArgumentParser()
    options = _options.options_of(api, **how)
    _options.add_options(parser, options)
    return parser, options


@pytest.mark.parametrize(
    "api", [raster.hillshade, raster.slope, raster.viewshed, graphics.ScaleBar, graphics.FurnitureStyle]
)
def test_each_argument_has_its_option_and_help(api):
    _, options = parser_of(api, skip=("heights", "dtype"))
    names = {option.name for option in options}
    assert names == set(inspect.signature(api).parameters) - {"heights", "dtype"}
    assert all(option.help for option in options)


def test_words_become_values():
    parser, options = parser_of(raster.viewshed, skip=("heights",))
    args = parser.parse_args(["--observer", "3,4", "--cell", "30", "--max-distance", "500.5", "--result", "needed"])
    assert _options.given(args, options) == {
        "observer": (3, 4),
        "cell": 30.0,
        "max_distance": 500.5,
        "result": "needed",
    }
    parser, options = parser_of(raster.hillshade, skip=("heights", "dtype"))
    assert _options.given(parser.parse_args([]), options) == {}
    assert _options.given(parser.parse_args(["--compute-edges"]), options) == {"compute_edges": True}
    assert _options.given(parser.parse_args(["--no-compute-edges"]), options) == {"compute_edges": False}
    assert _options.given(parser.parse_args(["--cell", "30,20"]), options) == {"cell": (30.0, 20.0)}


def test_dataclasses_and_functions_alike():
    parser, options = parser_of(graphics.ScaleBar)
    args = parser.parse_args(["--units-per-pixel", "30", "--system", "imperial", "--no-outside", "--note", "x"])
    assert graphics.ScaleBar(**_options.given(args, options)) == graphics.ScaleBar(
        units_per_pixel=30, system="imperial", note="x"
    )


def test_what_is_required():
    parser, _ = parser_of(raster.viewshed, skip=("heights",))
    with pytest.raises(SystemExit) as caught:
        parser.parse_args([])
    assert caught.value.code == 2


def test_prefixes_keep_names_apart():
    _, options = parser_of(raster.picture, skip=("values", "shade"), prefix="picture_", prefixed=("scale",))
    flags = {option.name: option.flag for option in options}
    assert flags["scale"] == "--picture-scale"
    assert flags["title"] == "--title"


def test_defaults_are_told():
    parser, _ = parser_of(raster.hillshade, skip=("heights", "dtype"))
    text = parser.format_help()
    assert "(default: 315.0)" in text
    assert "Where the sun stands" in text
