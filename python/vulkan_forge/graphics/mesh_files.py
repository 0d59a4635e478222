"""Meshes from files: STL, PLY, OBJ and what else `trimesh` reads."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import Mesh
from vulkan_forge.errors import ArgumentTypeError, FileError, InputError, UnsupportedError
from vulkan_forge.graphics._polygons import with_triangles

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge._vulkan_forge import Device

__all__ = ["read_mesh"]

KINDS = ("stl", "ply", "obj", "off")
# What trimesh reads wrongly in lines of vertices and faces: other white space than one blank, comments behind them, and
# indices that count back, which it takes from the end of the file instead of from where they stand.
NOT_PLAIN_OBJ = re.compile(rb"^[ \t]+(?:v[tn]?|f)[ \t]|^(?:v[tn]?|f)(?:\t|[^\n]*#)|^f[^\n]*-|\\\r?\n", re.MULTILINE)


def read_mesh(
    path: str | os.PathLike[str],
    *,
    colors: Any = None,
    shading: str = "smooth",
    opacity: float = 1.0,
    device: Device | None = None,
) -> Mesh:
    r"""Read a mesh file, as one `Mesh` in the file's own coordinates.

    The extra `mesh` is needed: pip install "vulkan-forge[mesh]". Vertices at the same place have one normal, so that
    "smooth" is smooth also for STL, which has triangles alone; those that have colour and texture coordinates in common
    as well are one. Colours of vertices and texture coordinates with their picture are taken where the file has them.

    Args:
        path: A file whose name ends in .stl, .ply, .obj or .off, of any case.
        colors: As for `Mesh`, instead of the file's own.
        shading: "smooth" or "flat".
        opacity: 0 to 1 (default 1.0).
        device: A `Device`; None for the default one.

    Returns:
        The mesh.

    Raises:
        UnsupportedError: The extra is not installed.
        FileError: The file is missing or broken, or holds no triangles.
        InputError: A name of another kind, or an argument that `Mesh` refuses.

    Example:
        >>> from pathlib import Path
        >>> from vulkan_forge import graphics
        >>> _ = Path("tetrahedron.off").write_text("OFF 4 4 0\n0 0 0\n1 0 0\n0 1 0\n0 0 1\n"
        ...     "3 0 2 1\n3 0 1 3\n3 1 2 3\n3 2 0 3\n")
        >>> graphics.read_mesh("tetrahedron.off").bounds
        ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    """
    try:
        file = Path(path)
    except TypeError as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", "path has the wrong type", expected="a str or os.PathLike", got=type(path).__name__
        ) from error
    kind = file.suffix[1:].lower()
    if kind not in KINDS:
        raise InputError.build(
            "INVALID_ARGUMENT", "unknown kind of mesh file", expected=", ".join(f".{k}" for k in KINDS), got=str(file)
        )
    loaded = _loaded(file, kind)
    places, corners = _triangles_of(loaded, file)
    own = _colors_of(loaded, len(places)) if colors is None else None
    uv, texture = _texture_of(loaded, len(places))
    first, number = _distinct(*(part for part in (places, own, uv) if part is not None))
    vertices, faces = places[first], number[corners]
    split = own is not None or uv is not None
    return Mesh(
        vertices,
        faces,
        normals=_normals_of(vertices, faces) if split and shading == "smooth" else None,
        colors=own[first] if own is not None else colors,
        uv=uv[first] if uv is not None else None,
        texture=texture,
        shading=shading,
        opacity=opacity,
        device=device,
    )


def _loaded(file: Path, kind: str) -> Any:
    try:
        import trimesh
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "mesh files are read by trimesh, which is not installed",
            expected="the extra: mesh",
            got=str(error),
            mend='pip install "vulkan-forge[mesh]"',
        ) from error
    if not file.is_file():
        raise FileError.build("FILE_READ", "failed to open mesh", expected="a file", got=f"{file}, which is none")
    try:
        _check_counts(file, kind)
        # unprocessed: it would make one of vertices whose colours differ, and of all within 1e-8 of each other
        return trimesh.load(
            io.BytesIO(PLAIN[kind](file.read_bytes())) if kind in PLAIN else str(file),
            file_type=kind,
            resolver=trimesh.resolvers.FilePathResolver(str(file)),
            force="mesh",
            process=False,
        )
    except (MemoryError, FileError):
        raise
    except Exception as error:  # whatever a reader of many formats stumbles over in a broken file
        raise FileError.build(
            "FILE_READ", "failed to read mesh", expected=f"a whole {kind.upper()} file", got=f"{file}: {error!r}"
        ) from error


def _check_counts(file: Path, kind: str) -> None:
    """A vertex or a face takes a byte or more: a file that claims more of them than it has bytes was cut short.

    Of OBJ also that no face names vertex 0.
    """
    with file.open("rb") as opened:
        head = opened.read(1 << 16)
    counts = [int(count) for count in _claimed(head, kind)]
    if sum(counts) > file.stat().st_size:
        raise FileError.build(
            "FILE_READ",
            "failed to read mesh",
            expected="as much as the header says",
            got=f"{file}: {file.stat().st_size} bytes for {sum(counts)} vertices and faces",
        )
    if kind == "obj" and re.search(rb"^f[ \t](?:[^\n#]*[ \t])?0+(?:[/\s]|$)", file.read_bytes(), re.MULTILINE):
        raise FileError.build(  # trimesh takes it for the last vertex
            "FILE_READ", "failed to read mesh", expected="vertices that are counted from 1", got=f"{file}: a face of 0"
        )


def _plain_obj(text: bytes) -> bytes:
    """The text as trimesh reads it rightly."""
    return b"\n".join(_plain_lines(text)) if NOT_PLAIN_OBJ.search(text) else text


PLAIN = {"obj": _plain_obj, "ply": with_triangles}


def _plain_lines(text: bytes) -> Iterator[bytes]:
    """Lines whose words have a blank between, and whose indices count from the file's beginning."""
    counts = {b"v": 0, b"vt": 0, b"vn": 0}
    for line in re.sub(rb"\\\r?\n", b" ", text).splitlines():
        words = line.partition(b"#")[0].split()
        if not words or words[0] not in (*counts, b"f"):
            yield line
        elif words[0] == b"f":
            yield b" ".join([b"f", *(_counted(word, list(counts.values())) for word in words[1:])])
        else:
            counts[words[0]] += 1
            yield b" ".join(words)


def _counted(corner: bytes, counts: list[int]) -> bytes:
    """A corner's indices of place, texture coordinate and normal, counted from 1 on."""
    numbers = [int(word) if word else None for word in corner.split(b"/")]
    made = [n + 1 + count if n is not None and n < 0 else n for n, count in zip(numbers, counts, strict=False)]
    if any(n is not None and n < 1 for n in made):
        raise ValueError(f"a face's corner {corner.decode()!r} names nothing that stands before it")
    return b"/".join(b"" if n is None else b"%d" % n for n in made)


def _claimed(head: bytes, kind: str) -> list[bytes]:
    if kind == "ply":
        return re.findall(rb"^element\s+\w+\s+(\d+)", head, re.MULTILINE)
    first = re.match(rb"OFF\s+(\d+)\s+(\d+)", head) if kind == "off" else None
    return list(first.groups()) if first else []


def _triangles_of(loaded: Any, file: Path) -> tuple[Any, Any]:
    """Vertices (n, 3) and faces (m, 3)."""
    import numpy as np

    vertices, faces = (np.asarray(getattr(loaded, name, ())) for name in ("vertices", "faces"))
    whole = vertices.ndim == faces.ndim == 2 and vertices.shape[1:] == faces.shape[1:] == (3,) and len(faces) > 0
    if not whole or faces.min() < 0 or faces.max() >= len(vertices):
        raise FileError.build(
            "FILE_READ", "no mesh in the file", expected="triangles of vertices that are there", got=str(file)
        )
    return np.ascontiguousarray(vertices, np.float64), np.ascontiguousarray(faces, np.int64)


def _distinct(*parts: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that differ in any of some arrays, in their order: where each is first, and the number of every row."""
    import numpy as np

    rows = np.column_stack(parts) + 0.0  # -0.0 and 0.0 are the same place
    order = np.lexsort(rows.T)
    begins = np.ones(len(rows), bool)
    begins[1:] = (rows[order[1:]] != rows[order[:-1]]).any(axis=1)
    first = order[begins]  # a stable order: the first of equal rows
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = np.empty(len(rows), np.int64)
    number[order] = rank[np.cumsum(begins) - 1]
    return np.sort(first), number


def _normals_of(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Of all that meets at a place; None where each has one vertex, whose normal `Mesh` knows."""
    import numpy as np
    import trimesh

    first, number = _distinct(vertices)
    if len(first) == len(vertices):
        return None
    with np.errstate(all="ignore"):  # corners that are not finite
        normals = trimesh.Trimesh(vertices[first], number[faces], process=False).vertex_normals[number]
    made: NDArray[np.float64] = np.nan_to_num(normals, nan=0.0, posinf=0.0, neginf=0.0)
    return made


def _colors_of(loaded: Any, count: int) -> Any:
    import numpy as np

    if getattr(loaded.visual, "kind", None) != "vertex":
        return None
    colors = np.ascontiguousarray(loaded.visual.vertex_colors, np.uint8)
    return colors if colors.shape == (count, 4) else None


def _texture_of(loaded: Any, count: int) -> tuple[Any, Any]:
    import numpy as np

    uv, material = getattr(loaded.visual, "uv", None), getattr(loaded.visual, "material", None)
    image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    if uv is None or image is None or np.shape(uv) != (count, 2):
        return None, None
    return np.ascontiguousarray(uv, np.float64), np.ascontiguousarray(image.convert("RGBA"), np.uint8)
