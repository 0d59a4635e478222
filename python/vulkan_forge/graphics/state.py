"""What a `Pipeline` is made with: `DrawState`, and the `Blend` and `Stencil` in it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn

from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.graphics._raster_arguments import number

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Blend", "DrawState", "Stencil"]

TOPOLOGIES = ("triangles", "triangle-strip", "lines", "line-strip", "points")
CULLS = ("none", "back", "front")
FRONTS = ("counter-clockwise", "clockwise")
COMPARES = ("never", "less", "less-equal", "equal", "greater-equal", "greater", "not-equal", "always")
OPERATIONS = ("add", "subtract", "reverse-subtract", "min", "max")
STENCIL_OPERATIONS = (
    "keep",
    "zero",
    "replace",
    "increment",
    "decrement",
    "increment-wrap",
    "decrement-wrap",
    "invert",
)
FACTORS = (
    "zero",
    "one",
    *(f"{minus}{of}" for of in ("source", "target", "source-alpha", "target-alpha") for minus in ("", "one-minus-")),
)


def _says(help_text: str, constraints: str) -> dict[str, str]:
    return {"help": help_text, "constraints": constraints}


def _refuse(failed: str, expected: str, got: object) -> NoReturn:
    raise InputError.build("INVALID_ARGUMENT", failed, expected=expected, got=repr(got))


def _check_word(name: str, value: object, known: Iterable[str]) -> None:
    if not isinstance(value, str) or value not in tuple(known):
        _refuse(f"unknown {name}", ", ".join(f'"{word}"' for word in known), value)


def _check_kind(name: str, value: object, kind: type | tuple[type, ...], expected: str) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ArgumentTypeError.build("BAD_TYPE", name, expected=expected, got=type(value).__name__)


@dataclass(frozen=True, kw_only=True)
class Blend:
    """How a colour and the one that is there become one: (source * its factor) operation (target * its factor).

    Factors: "zero", "one", "source", "target", "source-alpha", "target-alpha", and each but the first two after
    "one-minus-". Operations: "add", "subtract" (source - target), "reverse-subtract", "min" and "max" (which take no
    factors).

    Args:
        source: Factor of what is drawn.
        target: Factor of what is there.
        operation: What joins both.
        source_alpha: Factor for the alpha channel; None: as `source`.
        target_alpha: Factor for the alpha channel; None: as `target`.
        operation_alpha: Operation for the alpha channel; None: as `operation`.

    Raises:
        InputError: A word is unknown.

    Example:
        >>> from vulkan_forge import graphics
        >>> shade = graphics.Blend(source="target", target="zero")
        >>> graphics.DrawState(blend=shade) == graphics.DrawState(blend="multiply")
        True
    """

    source: str = field(default="one", metadata=_says("Factor of what is drawn.", "a factor"))
    target: str = field(default="zero", metadata=_says("Factor of what is there.", "a factor"))
    operation: str = field(default="add", metadata=_says("What joins both.", "an operation"))
    source_alpha: str | None = field(default=None, metadata=_says("Factor for alpha.", "a factor, or None"))
    target_alpha: str | None = field(default=None, metadata=_says("Factor for alpha.", "a factor, or None"))
    operation_alpha: str | None = field(default=None, metadata=_says("Operation for alpha.", "an operation, or None"))

    def __post_init__(self) -> None:
        for name in ("source", "target", "operation"):
            if getattr(self, f"{name}_alpha") is None:
                object.__setattr__(self, f"{name}_alpha", getattr(self, name))
        for one in fields(self):
            words = OPERATIONS if one.name.startswith("operation") else FACTORS
            _check_word(one.name, getattr(self, one.name), words)


PRESETS: dict[str, Blend | None] = {
    "none": None,
    "alpha": Blend(source="source-alpha", target="one-minus-source-alpha", source_alpha="one"),
    "premultiplied": Blend(source="one", target="one-minus-source-alpha"),
    "add": Blend(source="source-alpha", target="one", source_alpha="one"),
    "multiply": Blend(source="target", target="zero"),
    "min": Blend(target="one", operation="min"),
    "max": Blend(target="one", operation="max"),
}


@dataclass(frozen=True, kw_only=True)
class Stencil:
    """What is asked of the stencil buffer, and what becomes of it.

    The test compares `reference` with what is there, both under `read_mask`: "less" passes where the reference is less.

    Args:
        compare: "never", "less", "less-equal", "equal", "greater-equal", "greater", "not-equal" or "always".
        fail: Where the test fails: "keep", "zero", "replace" (by the reference), "increment" and "decrement" (which
            stop at the ends), "increment-wrap", "decrement-wrap" or "invert".
        depth_fail: Where it passes and depth fails.
        success: Where both pass.
        reference: 0 to 255.
        read_mask: Bits that are compared.
        write_mask: Bits that are written.
        back: Another `Stencil` for back faces, of which words alone count; None: the same.

    Raises:
        InputError: A word is unknown, or a number does not fit.

    Example:
        >>> from vulkan_forge import graphics
        >>> mark = graphics.Stencil(success="replace", reference=1)
        >>> inside = graphics.Stencil(compare="equal", reference=1)
        >>> graphics.DrawState(stencil=inside, depth_test=False).stencil.compare
        'equal'
    """

    compare: str = field(default="always", metadata=_says("How reference and value compare.", "a comparison"))
    fail: str = field(default="keep", metadata=_says("Where the test fails.", "a stencil operation"))
    depth_fail: str = field(default="keep", metadata=_says("Where depth fails.", "a stencil operation"))
    success: str = field(default="keep", metadata=_says("Where both pass.", "a stencil operation"))
    reference: int = field(default=0, metadata=_says("What is compared, or written.", "0 to 255"))
    read_mask: int = field(default=255, metadata=_says("Bits that are compared.", "0 to 255"))
    write_mask: int = field(default=255, metadata=_says("Bits that are written.", "0 to 255"))
    back: Stencil | None = field(default=None, metadata=_says("For back faces.", "a Stencil, or None"))

    def __post_init__(self) -> None:
        _check_word("compare", self.compare, COMPARES)
        for name in ("fail", "depth_fail", "success"):
            _check_word(name, getattr(self, name), STENCIL_OPERATIONS)
        for name in ("reference", "read_mask", "write_mask"):
            _check_kind(name, getattr(self, name), int, "an integer")
            if not 0 <= getattr(self, name) <= 255:
                _refuse(name, "0 to 255", getattr(self, name))
        if self.back is not None:
            _check_kind("back", self.back, Stencil, "a Stencil")


@dataclass(frozen=True, kw_only=True)
class DrawState:
    """Everything about drawing that is fixed when a `Pipeline` is made.

    Args:
        topology: "triangles", "triangle-strip", "lines", "line-strip" or "points".
        primitive_restart: In strips the highest index of its type (65535, 4294967295) begins a new one.
        cull: Faces that are left out: "none", "back" or "front".
        front: The order of a front face's corners on the picture: "counter-clockwise" or "clockwise".
        wireframe: Draw edges only.
        line_width: Pixels; others than 1 need a device with wide lines.
        blend: "none", "alpha" (over, by the source's alpha), "premultiplied" (over, for colours that carry their
            alpha), "add" (light upon light, by alpha), "multiply", "min" or "max", each of which is kept as the `Blend`
            that it stands for; a `Blend`; or one of these for each attachment.
        write: Channels that are written, of "rgba"; or a string for each attachment.
        depth_test: Compare depth, and write it.
        depth_write: False: compare only.
        depth_compare: What passes, of the new depth against the old: "less" and the other words of `Stencil.compare`.
        depth_bias: (constant, slope) added to depths, in the smallest steps of the depth buffer, and by the slope.
        stencil: A `Stencil`; None: no test.
        alpha_to_coverage: With several samples: alpha says how many of them are covered.

    Raises:
        InputError: A word is unknown, or a value cannot work.
        ArgumentTypeError: A value is of another type.

    Example:
        >>> from vulkan_forge import graphics
        >>> state = graphics.DrawState(blend="premultiplied", depth_write=False)
        >>> state.topology, state.depth_compare
        ('triangles', 'less')
        >>> graphics.DrawState(cull="left")
        Traceback (most recent call last):
        ...
        vulkan_forge.errors.InputError: unknown cull; expected "none", "back", "front"; got 'left'
    """

    topology: str = field(default="triangles", metadata=_says("What vertices make.", "a topology"))
    primitive_restart: bool = field(default=False, metadata=_says("The highest index begins a new strip.", "of strips"))
    cull: str = field(default="none", metadata=_says("Faces that are left out.", '"none", "back", "front"'))
    front: str = field(default="counter-clockwise", metadata=_says("Order of a front face's corners.", "an order"))
    wireframe: bool = field(default=False, metadata=_says("Draw edges only.", ""))
    line_width: float = field(default=1.0, metadata=_says("Pixels.", "> 0"))
    blend: str | Blend | tuple[str | Blend, ...] = field(
        default="none", metadata=_says("How colours mix.", "a preset, a Blend, or one for each attachment")
    )
    write: str | tuple[str, ...] = field(default="rgba", metadata=_says("Channels that are written.", 'of "rgba"'))
    depth_test: bool = field(default=True, metadata=_says("Compare depth, and write it.", ""))
    depth_write: bool = field(default=True, metadata=_says("Write depth that passes.", ""))
    depth_compare: str = field(default="less", metadata=_says("What passes.", "a comparison"))
    depth_bias: tuple[float, float] = field(default=(0.0, 0.0), metadata=_says("Added to depths.", "(constant, slope)"))
    stencil: Stencil | None = field(default=None, metadata=_says("The stencil test.", "a Stencil, or None"))
    alpha_to_coverage: bool = field(default=False, metadata=_says("Alpha covers samples.", ""))

    def __post_init__(self) -> None:
        for name, known in (("topology", TOPOLOGIES), ("cull", CULLS), ("front", FRONTS), ("depth_compare", COMPARES)):
            _check_word(name, getattr(self, name), known)
        for name in ("primitive_restart", "wireframe", "depth_test", "depth_write", "alpha_to_coverage"):
            _check_kind(name, getattr(self, name), bool, "True or False")
        _check_kind("line_width", self.line_width, (int, float), "a number")
        if not 0 < self.line_width < float("inf"):
            _refuse("line_width", "> 0", self.line_width)
        if self.primitive_restart and not self.topology.endswith("strip"):
            _refuse("primitive_restart", 'topology="triangle-strip" or "line-strip"', self.topology)
        if self.stencil is not None:
            _check_kind("stencil", self.stencil, Stencil, "a Stencil")
        self._check_bias()
        blends = self.blend if isinstance(self.blend, list | tuple) else (self.blend,)
        writes = self.write if isinstance(self.write, list | tuple) else (self.write,)
        if not blends or not writes or (len(blends) != len(writes) and 1 not in (len(blends), len(writes))):
            _refuse("blend and write", "as many of each, or one", (self.blend, self.write))
        object.__setattr__(self, "blend", self._plain(tuple(_to_blend(one) for one in blends)))
        for one in writes:
            if not isinstance(one, str) or set(one) - set("rgba"):
                _refuse("write", 'channels of "rgba"', one)
        object.__setattr__(self, "write", self._plain(tuple(writes)))

    def _check_bias(self) -> None:
        pair = self.depth_bias
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            _refuse("depth_bias", "(constant, slope)", pair)
        object.__setattr__(self, "depth_bias", (number(pair[0], "depth_bias"), number(pair[1], "depth_bias")))

    @staticmethod
    def _plain(values: tuple[Any, ...]) -> Any:
        return values[0] if len(values) == 1 else values

    @property
    def blends(self) -> tuple[tuple[Blend | None, str], ...]:
        """Of each attachment, or one for all: how it blends (None: not at all), and the channels written."""
        blends = self.blend if isinstance(self.blend, tuple) else (self.blend,)
        writes = self.write if isinstance(self.write, tuple) else (self.write,)
        count = max(len(blends), len(writes))
        mixes = [None if isinstance(one, str) else one for one in blends]
        return tuple((mixes[i if len(mixes) > 1 else 0], writes[i if len(writes) > 1 else 0]) for i in range(count))


def _to_blend(value: object) -> str | Blend:
    """A preset's Blend; "none" stays a word."""
    if isinstance(value, Blend):
        return value
    _check_word("blend", value, PRESETS)
    return PRESETS[str(value)] or "none"
