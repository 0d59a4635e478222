"""What the standard lets programs ask about this namespace: `__array_namespace_info__()`."""

from __future__ import annotations

from typing import Any

import numpy as np

from vulkan_forge._vulkan_forge import Device, default_device, devices
from vulkan_forge.errors import InputError
from vulkan_forge.numpy._checks import DType
from vulkan_forge.numpy._dtypes import KINDS, default_complex, default_float, default_int

__all__ = ["__array_api_version__", "__array_namespace_info__"]

__array_api_version__ = "2024.12"

WIDE_INT, WIDE_FLOAT, SMALL, HALF = (
    "shaderInt64",
    "shaderFloat64",
    "storageBuffer8BitAccess",
    "storageBuffer16BitAccess",
)
# dtype: the feature of a device that computes in it; bool and the dtypes of four bytes are everywhere.
FEATURES = {
    "bool": "",
    "int8": SMALL,
    "int16": HALF,
    "int32": "",
    "int64": WIDE_INT,
    "uint8": SMALL,
    "uint16": HALF,
    "uint32": "",
    "uint64": WIDE_INT,
    "float32": "",
    "float64": WIDE_FLOAT,
    "complex64": "",
    "complex128": WIDE_FLOAT,
}


class NamespaceInfo:
    """Answers of `__array_namespace_info__()`, as the standard 2024.12 has them.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> vnp.__array_namespace_info__().capabilities()["max dimensions"]
        8
    """

    def capabilities(self) -> dict[str, Any]:
        """What arrays can do: both kinds of shapes that depend on data, and up to 8 axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 8}

    def default_device(self) -> Device:
        """The device that arrays are made on where none is named."""
        return default_device()

    def devices(self) -> list[Device]:
        """A `Device` for each of this machine that can be used, the default one first. The others are opened here."""
        first = default_device()
        others = [row for row in devices() if row["usable"] and row["uuid"] != first.info["uuid"]]
        return [first, *(Device(row["uuid"]) for row in others)]

    def default_dtypes(self, *, device: Device | None = None) -> dict[str, DType]:
        """The dtypes that a device's arrays get where none is named.

        Args:
            device: A `Device`; None for the default one.

        Returns:
            dtypes of "real floating", "complex floating", "integral" and "indexing".
        """
        return {
            "real floating": default_float(device),
            "complex floating": default_complex(device),
            "integral": default_int(device),
            "indexing": default_int(device),
        }

    def dtypes(self, *, device: Device | None = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """The standard's dtypes that a device computes in.

        Args:
            device: A `Device`; None for the default one.
            kind: As in `isdtype`, a name of kinds or a tuple of them; None for all.

        Returns:
            dtypes by name.

        Raises:
            InputError: No such kind.
        """
        kinds = (kind,) if isinstance(kind, str) else tuple(KINDS) if kind is None else kind
        if not set(kinds) <= KINDS.keys():
            raise InputError.build(
                "INVALID_ARGUMENT", "no such kind of dtype", expected=", ".join(KINDS), got=str(kind)
            )
        letters = "".join(KINDS[one] for one in kinds)
        where = device or default_device()
        rows = {name: np.dtype(name) for name, feature in FEATURES.items() if not feature or where.has(feature)}
        return {name: found for name, found in rows.items() if found.kind in letters}


def __array_namespace_info__() -> NamespaceInfo:  # noqa: N807
    """What this namespace can do, by the standard 2024.12.

    Returns:
        An object with `capabilities`, `default_device`, `devices`, `default_dtypes` and `dtypes`.

    Example:
        >>> import vulkan_forge.numpy as vnp
        >>> "float32" in vnp.__array_namespace_info__().dtypes(kind="real floating")
        True
    """
    return NamespaceInfo()
