"""Files that several words write."""

from __future__ import annotations

import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from vulkan_forge.errors import FileError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What NumPy raises for an .npy file that is damaged, whose header is Python's text.
NO_ARRAY = (ValueError, EOFError, SyntaxError, TypeError, tokenize.TokenError)


def write_npy(path: str, values: NDArray[np.float32]) -> None:
    """An array as NumPy keeps it, under this very name.

    Raises:
        FileError: The file cannot be written.
    """
    import numpy as np

    try:
        with Path(path).open("wb") as file:
            np.save(file, values)
    except OSError as error:
        raise FileError.build(
            "FILE_WRITE",
            "failed to write output",
            expected="a file that can be written",
            got=f"'{path}' ({error.strerror})",
        ) from error
