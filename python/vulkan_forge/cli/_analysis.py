"""Words that are functions of `vulkan_forge.graphics.raster`: their arguments are the options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vulkan_forge.cli._files import write_npy
from vulkan_forge.errors import FileError, InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge.cli._elevation import Elevation
    from vulkan_forge.cli._options import Option
    from vulkan_forge.cli._progress import Progress


class Row(NamedTuple):
    """How a word's pictures look unless told."""

    function: str
    title: str
    unit: str
    colormap: str
    limits: tuple[float, float] | None = None


LEVEL_GROUND = -9999.0  # the aspect of what faces nowhere
ANALYSES = {
    "hillshade": Row("hillshade", "", "", "gray"),
    "slope": Row("slope", "Slope", "°", "magma"),
    "aspect": Row("aspect", "Aspect", "°", "viridis", (0.0, 360.0)),
    "curvature": Row("curvature", "Curvature", "1/m", "viridis"),
    "tri": Row("tri", "Ruggedness", "m", "magma"),
    "tpi": Row("tpi", "Topographic position", "m", "viridis"),
    "roughness": Row("roughness", "Roughness", "m", "magma"),
    "sky-view": Row("sky_view", "Sky-view factor", "", "gray"),
    "viewshed": Row("viewshed", "Seen", "", "gray"),
}
OUTPUTS = (".png", ".npy", ".tif", ".tiff")


class Analysis:
    """A word, as the modules of other words are."""

    def __init__(self, word: str) -> None:
        from vulkan_forge.cli._options import options_of
        from vulkan_forge.graphics import raster

        self.row = ANALYSES[word]
        self.function: Callable[..., Any] = getattr(raster, self.row.function)
        self.options: list[Option] = options_of(self.function, skip=("heights", "dtype"))
        names = [option.name for option in self.options]
        pictured = options_of(raster.picture, ("values", "shade"), prefix="picture_", prefixed=names)
        looks = self._looks()
        pictured = [option._replace(default=looks.get(option.name, option.default)) for option in pictured]
        self.picture_options = [] if word == "hillshade" else pictured

    def _looks(self) -> dict[str, Any]:
        row = self.row
        return {"title": row.title, "unit": row.unit, "colormap": row.colormap, "limits": row.limits}

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds what this word takes."""
        from vulkan_forge.cli._options import add_options

        parser.add_argument("input", help="elevation: .npy, gray .png of 8 or 16 bits, or with the extra geo a GeoTIFF")
        parser.add_argument("-o", "--output", required=True, help=".png for a picture, .npy or .tif for the values")
        add_options(parser, self.options)
        if self.picture_options:
            add_options(parser.add_argument_group("how a picture looks"), self.picture_options)

    def run(self, args: argparse.Namespace) -> int:
        """Reads, computes and writes."""
        from vulkan_forge.cli._elevation import read_elevation
        from vulkan_forge.cli._options import given
        from vulkan_forge.cli._progress import Progress

        suffix = Path(args.output).suffix.lower()
        if suffix not in OUTPUTS:
            raise InputError.build(
                "INVALID_ARGUMENT", "unknown kind of output", expected=" or ".join(OUTPUTS), got=f"'{args.output}'"
            )
        check_output(args.output, args.input)
        with Progress() as progress:
            progress.step(f"reading {args.input}")
            elevation = read_elevation(args.input)
            wanted = given(args, self.options)
            takes_cell = any(option.name == "cell" for option in self.options)
            if takes_cell and "cell" not in wanted and elevation.cell is not None:
                wanted["cell"] = elevation.cell
            if suffix == ".png" and not self.picture_options:
                _check_gray(wanted.get("fill"))
            progress.step("computing")
            import numpy as np

            values = np.asarray(self.function(elevation.heights, **wanted))
            progress.step(f"writing {args.output}")
            self._write(args, values, elevation, progress)
        return 0

    def _write(
        self, args: argparse.Namespace, values: NDArray[np.float32], elevation: Elevation, progress: Progress
    ) -> None:
        suffix = Path(args.output).suffix.lower()
        if suffix == ".npy":
            write_npy(args.output, values)
        elif suffix == ".png":
            write_picture(args.output, self._picture(args, values), progress)
        else:
            _write_raster(args.output, values, elevation)

    def _picture(self, args: argparse.Namespace, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        import numpy as np

        from vulkan_forge.cli._options import given
        from vulkan_forge.graphics import raster

        if self.picture_options:
            looks = self._looks()
            if getattr(args, "unit", "") == "percent":
                looks["unit"] = "%"
            if self.row.function == "aspect":  # else level ground is the lowest value, and directions are one colour
                values = np.where(values == LEVEL_GROUND, np.float32(np.nan), values)
            return raster.picture(values, **{**looks, **given(args, self.picture_options)})
        is_hole = np.isnan(values)
        gray = np.where(is_hole, 0, np.rint(values)).astype(np.uint8)
        return np.dstack([gray, np.where(is_hole, 0, 255).astype(np.uint8)]) if is_hole.any() else gray


def _check_gray(fill: float | None) -> None:
    """Refuses what bytes of gray cannot show; NaN is seen through."""
    from vulkan_forge.graphics._raster_arguments import number

    if fill is not None and fill == fill:
        number(fill, "fill of a picture", least=0, most=255)


def check_output(path: str, source: str) -> None:
    """Refuses an output that cannot be written, or that is what is read, before anything is computed."""
    target = Path(path)
    if not _is_folder(target.parent):
        raise FileError.build("FILE_WRITE", "failed to write output", expected="a folder", got=f"'{target.parent}'")
    if _are_one(target, Path(source)):
        raise FileError.build(
            "FILE_WRITE",
            "output is the input, which would be lost",
            expected="another file",
            got=f"'{path}'",
            mend="name another output, or copy the input first",
        )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long, a folder that may not be entered
        return False


def _are_one(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # one of them is not there; reading and writing say why
        return False


def write_picture(path: str, picture: NDArray[np.uint8], progress: Progress, **options: Any) -> None:
    """A PNG, row by row."""
    from vulkan_forge.graphics import PngWriter

    height, width = picture.shape[:2]
    channels = picture.shape[2] if picture.ndim == 3 else 1
    rows = max(1, (1 << 22) // (width * channels))
    with PngWriter(path, width, height, channels=channels, srgb=True, **options) as writer:
        for start in range(0, height, rows):
            writer.write(picture[start : start + rows])
            progress.step(f"writing {path}", min(start + rows, height) / height)


def _write_raster(path: str, values: NDArray[np.float32], elevation: Elevation) -> None:
    import numpy as np

    from vulkan_forge.cli._elevation import import_rasterio, is_from_south, without_place

    rasterio = import_rasterio(path)
    known = elevation.profile or {}
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": float("nan"), "compress": "deflate"}
    profile.update({key: known[key] for key in ("crs", "transform") if known.get(key) is not None})
    if known and is_from_south(known["transform"]):
        values = np.ascontiguousarray(values[::-1])
    try:
        size = {"height": values.shape[0], "width": values.shape[1]}
        with without_place(rasterio), rasterio.open(path, "w", **size, **profile) as target:
            target.write(values, 1)
    except (rasterio.errors.RasterioError, OSError) as error:
        raise FileError.build(
            "FILE_WRITE", "failed to write output", expected="a file that can be written", got=f"'{path}' ({error})"
        ) from error
