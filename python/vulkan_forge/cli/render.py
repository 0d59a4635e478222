"""`vulkan-forge render`: an elevation model as a terrain picture, with colour bar, scale bar and north arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vulkan_forge.cli._analysis import check_output, write_picture
from vulkan_forge.cli._elevation import read_elevation
from vulkan_forge.cli._options import add_options, given, numbers, options_of
from vulkan_forge.cli._progress import Progress
from vulkan_forge.errors import InputError
from vulkan_forge.graphics import Camera, FurnitureStyle, Light, Terrain, TerrainStyle

if TYPE_CHECKING:
    import argparse

    from vulkan_forge.cli._options import Option

# Looks by name; options of TerrainStyle that are given besides go over them.
STYLES: dict[str, dict[str, Any]] = {
    "relief": {},
    "contours": {"contours": True},
    "gray": {"colormap": ((0.82, 0.82, 0.81), (0.97, 0.97, 0.96))},
    "viridis": {"colormap": "viridis"},
    "flat": {"shadows": "none", "sky": False},
}
PICTURE = ("title", "subtitle", "label", "unit", "supersample")


def options() -> dict[str, tuple[Any, list[Option]]]:
    """What this word takes, by what the API makes of it."""
    place = options_of(Terrain, skip=("dem", "style", "device", "options"))
    picture = [one for one in options_of(Terrain.map) if one.name in PICTURE]
    return {
        "where it is": (Terrain, place),
        "how terrain looks": (TerrainStyle, options_of(TerrainStyle)),
        "light": (Light, options_of(Light)),
        "camera": (Camera, options_of(Camera, prefix="camera_", prefixed=("fill",))),
        "what stands on the picture": (Terrain.map, picture),
        "how that looks": (FurnitureStyle, options_of(FurnitureStyle)),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    parser.add_argument("input", help="elevation: .npy, gray .png of 8 or 16 bits, or with the extra geo a GeoTIFF")
    parser.add_argument("-o", "--output", required=True, help="the picture, .png")
    parser.add_argument(
        "--size", type=numbers, default=(1600.0, 1000.0), metavar="WxH", help="pixels (default: 1600x1000)"
    )
    parser.add_argument("--style", choices=STYLES, default="relief", help="a look by name (default: relief)")
    parser.add_argument("--bare", action="store_true", help="terrain alone: no colour bar, scale bar and north arrow")
    for title, (_, rows) in options().items():
        add_options(parser.add_argument_group(title), rows)


def run(args: argparse.Namespace) -> int:
    """Read, draw and write."""
    width, height = _size(args.size)
    if not args.output.lower().endswith(".png"):
        raise InputError.build("INVALID_ARGUMENT", "unknown kind of output", expected=".png", got=f"'{args.output}'")
    check_output(args.output, args.input)
    place, style, light, camera, picture, look = (given(args, rows) for _, rows in options().values())
    with Progress() as progress:
        progress.step(f"reading {args.input}")
        elevation = read_elevation(args.input)
        in_metres = place.get("units") != "degrees"  # as what a file says of its cells
        if in_metres and not {"cell", "extent"} & place.keys() and elevation.cell is not None:
            place["cell"] = elevation.cell
        progress.step("preparing light")
        terrain = Terrain(elevation.heights, **place, **{**STYLES[args.style], **style})
        how: dict[str, Any] = {"light": Light(**light), "camera": Camera(**camera)}
        progress.step("drawing")
        if args.bare:
            kept = {name: value for name, value in picture.items() if name == "supersample"}
            image = terrain.render(width, height, **how, **kept)
        else:
            image = terrain.map(width, height, **how, **picture, furniture=FurnitureStyle(**look))
        options_of_png = {"dpi": look["dpi"]} if look.get("dpi") else {}
        write_picture(args.output, image, progress, **options_of_png)
    return 0


def _size(size: float | tuple[float, ...]) -> tuple[int, int]:
    if (
        not isinstance(size, tuple)
        or len(size) != 2
        or not all(1 <= side < 2**31 and side == int(side) for side in size)
    ):
        raise InputError.build("INVALID_ARGUMENT", "size is out of range", expected="such as 3840x2160", got=str(size))
    return int(size[0]), int(size[1])
