"""PNG files with all that they hold: samples of 16 bits, palettes, texts, density; and files written row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vulkan_forge._vulkan_forge import PngWriter, png_read, write_png

if TYPE_CHECKING:
    import os

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PngImage", "PngWriter", "read_png", "write_png"]

MODES = ("gray", "gray+alpha", "RGB", "RGBA")


class PngImage(NamedTuple):
    """A picture as its file has it.

    Attributes:
        pixels: uint8 or uint16 of shape (H, W) for gray and palettes, else (H, W, channels). Gray of 1, 2 and 4 bits is
            spread over 8.
        mode: "gray", "gray+alpha", "RGB", "RGBA" or "palette".
        bits: Of a sample in the file, 1 to 16.
        palette: uint8 RGBA of shape (n, 4), which pixels are indices of; None for other modes.
        dpi: Pixels an inch; None where the file does not say, or says different ones across and down.
        srgb: The rendering intent of a file that says its colours are sRGB, 0 to 3; else None.
        gamma: The file's gamma, such as 0.45455; None where it does not say.
        text: What it says about itself, such as {"Title": "Alps"}; of a key that comes twice the last text.
        transparent: The one or three samples, as `pixels` has them, that a file of gray or RGB says are seen through;
            else None.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    mode: str
    bits: int
    palette: NDArray[np.uint8] | None
    dpi: float | None
    srgb: int | None
    gamma: float | None
    text: dict[str, str]
    transparent: tuple[int, ...] | None = None


def read_png(path: str | os.PathLike[str], *, max_bytes: int = 1 << 32) -> PngImage:
    """Read a PNG file as it is: its own dtype and channels, and what it says about itself.

    `vulkan_forge.png_to_numpy` makes RGBA of 8 bits of any file, and is quicker.

    Args:
        path: File to read, str or os.PathLike.
        max_bytes: Refuse pictures that would need more memory than this as RGBA of 8 bits.

    Returns:
        A `PngImage`.

    Raises:
        FileError: The file is missing, broken or too large (also an OSError and a RuntimeError).

    Example:
        >>> from vulkan_forge import graphics
        >>> gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
        >>> graphics.write_png("gray.png", gray, dpi=300, text={"Title": "a ramp"}, srgb=True)
        >>> image = graphics.read_png("gray.png")
        >>> image.mode, image.pixels.shape, round(image.dpi), image.text, image.srgb
        ('gray', (16, 16), 300, {'Title': 'a ramp'}, 0)
    """
    pixels, palette, bits, dpi, srgb, gamma, text, transparent = png_read(path, max_bytes)
    mode = "palette" if palette is not None else MODES[(pixels.shape[2] if pixels.ndim == 3 else 1) - 1]
    return PngImage(pixels, mode, bits, palette, dpi, srgb, gamma, text, transparent)
