"""Polygons of any number of corners in binary PLY files, which trimesh reads where all have three, or all four."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEAD = re.compile(rb"ply\r?\n.*?^end_header\r?\n", re.DOTALL | re.MULTILINE)
FORMAT = re.compile(rb"^format binary_(little|big)_endian ", re.MULTILINE)
ELEMENT = re.compile(rb"^element[ \t]+(\w+)[ \t]+(\d+)[^\n]*\n((?:(?!element|end_header)[^\n]*\n)*)", re.MULTILINE)
PROPERTY = re.compile(rb"^property[ \t]+(?:list[ \t]+(\w+)[ \t]+)?(\w+)[ \t]+\w+", re.MULTILINE)
CODES = {"char": "b", "uchar": "B", "short": "h", "ushort": "H", "int": "i", "uint": "I", "float": "f", "double": "d"}
CODES |= {"int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I"}
CODES |= {"float32": "f", "float64": "d"}


class _Faces(NamedTuple):
    """Where the one list of each face lies: `before` and `behind` are bytes of other properties."""

    start: int
    many: int
    before: int
    length: str  # codes of struct
    corner: str
    behind: int


def with_triangles(data: bytes) -> bytes:
    """The file with its polygons as fans of triangles; as it is where trimesh reads it, or refuses it by itself.

    Raises:
        ValueError: A face has no number of corners that can be, or lies beyond the end.
        struct.error: A face lies beyond the end.
    """
    head = HEAD.match(data)
    form = FORMAT.search(head.group()) if head else None
    if head is None or form is None:
        return data
    order = "<" if form.group(1) == b"little" else ">"
    found = next((one for one in ELEMENT.finditer(head.group()) if one.group(1) == b"face"), None)
    faces = _faces_of(head.group(), head.end(), order)
    if found is None or faces is None or _are_plain(data, faces, order):
        return data
    triangles, end = _triangles(data, faces, order)
    said = b"element face %d\nproperty list uchar int vertex_indices\n" % len(triangles)
    return b"".join(
        (
            data[: found.start()],
            said,
            data[found.end() : head.end()],
            data[head.end() : faces.start],
            triangles.tobytes(),
            data[end:],
        )
    )


def _faces_of(head: bytes, start: int, order: str) -> _Faces | None:
    """None where something has lists before the faces, or faces have several, or none."""
    for element in ELEMENT.finditer(head):
        rows = [(length.decode(), kind.decode()) for length, kind in PROPERTY.findall(element.group(3))]
        if any(kind not in CODES or (length and length not in CODES) for length, kind in rows):
            return None
        lists = [i for i, (length, _) in enumerate(rows) if length]
        sizes = [struct.calcsize(order + CODES[kind]) for _, kind in rows]
        if element.group(1) == b"face":
            if len(lists) != 1:
                return None
            length, index = rows[lists[0]]
            around = sum(sizes[: lists[0]]), sum(sizes[lists[0] + 1 :])
            return _Faces(start, int(element.group(2)), around[0], CODES[length], CODES[index], around[1])
        if lists:
            return None
        start += sum(sizes) * int(element.group(2))
    return None


def _are_plain(data: bytes, faces: _Faces, order: str) -> bool:
    """Whether all faces have three corners, or all four."""
    import numpy as np

    at = faces.start + faces.before
    size = struct.calcsize(order + faces.length)
    if faces.many == 0 or at + size > len(data):
        return True
    (first,) = struct.unpack_from(order + faces.length, data, at)
    stride = faces.before + size + int(first) * struct.calcsize(order + faces.corner) + faces.behind
    if first not in (3, 4) or faces.start + faces.many * stride > len(data):
        return False
    rows = np.frombuffer(data, np.uint8, faces.many * stride, faces.start).reshape(faces.many, stride)
    lengths = rows[:, faces.before : faces.before + size]
    return bool((lengths == lengths[0]).all())


def _triangles(data: bytes, faces: _Faces, order: str) -> tuple[NDArray[Any], int]:
    """As the file is to have them, and where faces end."""
    import numpy as np

    size, each = (struct.calcsize(order + code) for code in (faces.length, faces.corner))
    starts: dict[int, list[int]] = {}
    length, at = struct.Struct(order + faces.length), faces.start
    for _ in range(faces.many):
        (corners,) = length.unpack_from(data, at + faces.before)
        starts.setdefault(corners, []).append(at + faces.before + size)
        at += faces.before + size + corners * each + faces.behind
        if corners < 0 or at > len(data):
            raise ValueError(f"a face of {corners} corners")
    whole = np.frombuffer(data, np.uint8)
    parts = [
        _fans(whole[np.array(places)[:, None] + np.arange(corners * each)].view(order + faces.corner))
        for corners, places in starts.items()
        if corners >= 3
    ]
    fans = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    made = np.zeros(len(fans), [("count", np.uint8), ("corners", order + "i4", 3)])
    made["count"], made["corners"] = 3, fans
    return made, at


def _fans(polygons: NDArray[Any]) -> NDArray[np.int64]:
    import numpy as np

    first = np.broadcast_to(polygons[:, :1], polygons[:, 2:].shape)
    return np.stack([first, polygons[:, 1:-1], polygons[:, 2:]], axis=-1).reshape(-1, 3).astype(np.int64)
