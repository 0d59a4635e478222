"""Letters of 5 x 8 pixels for pictures that need no more."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# The printable ASCII characters from the space on; five columns each, a byte a column, the lowest bit on top.
COLUMNS = (
    "0000000000 00005F0000 0007000700 147F147F14 242A7F2A12 2313086462 3649552250 0005030000 "
    "001C224100 0041221C00 14083E0814 08083E0808 00A0600000 0808080808 0060600000 2010080402 "
    "3E5149453E 00427F4000 4261514946 2141454B31 1814127F10 2745454539 3C4A494930 0171090503 "
    "3649494936 064949291E 0036360000 0056360000 0814224100 1414141414 0041221408 0201510906 "
    "324979413E 7E1111117E 7F49494936 3E41414122 7F4141221C 7F49494941 7F09090901 3E4149497A "
    "7F0808087F 00417F4100 2040413F01 7F08142241 7F40404040 7F020C027F 7F0408107F 3E4141413E "
    "7F09090906 3E4151215E 7F09192946 4649494931 01017F0101 3F4040403F 1F2040201F 3F4038403F "
    "6314081463 0708700807 6151494543 007F414100 0204081020 0041417F00 0402010204 8080808080 "
    "0001020400 2054545478 7F48444438 3844444420 384444487F 3854545418 087E090102 18A4A4A47C "
    "7F08040478 00447D4000 4080847D00 7F10284400 00417F4000 7C04180478 7C08040478 3844444438 "
    "FC24242418 18242424FC 7C08040408 4854545420 043F444020 3C4040207C 1C2040201C 3C4030403C "
    "4428102844 1CA0A0A07C 4464544C44 0008364100 00007F0000 0041360800 0804081008 "
)
GLYPHS = [
    np.unpackbits(np.frombuffer(bytes.fromhex(glyph), np.uint8)[None], axis=0, bitorder="little").astype(bool)
    for glyph in COLUMNS.split()
]
ADVANCE, HEIGHT = 6, 8  # pixels from letter to letter, and of a line


def text_size(text: str, scale: int) -> tuple[int, int]:
    """Width and height of a line of text in pixels."""
    return max(len(text) * ADVANCE - 1, 0) * scale, HEIGHT * scale


def draw_text(
    picture: npt.NDArray[np.uint8], x: int, y: int, text: str, color: tuple[int, int, int], scale: int
) -> None:
    """Draws a line of text with its top left corner at (x, y); characters beyond ASCII become "?"."""
    for letter in text:
        index = ord(letter) - ord(" ") if " " <= letter <= "~" else ord("?") - ord(" ")
        mask = np.kron(GLYPHS[index], np.ones((scale, scale), bool))
        part = picture[y : y + mask.shape[0], x : x + mask.shape[1]]
        part[mask[: part.shape[0], : part.shape[1]]] = color
        x += ADVANCE * scale
