"""Pictures of objects: `Figure`, with the `Camera` and the `Light` it is made with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vulkan_forge._vulkan_forge import SceneObject, Stage, View, encode_png
from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.graphics._colors import color_of
from vulkan_forge.graphics._raster_arguments import choice, integer, number, pair
from vulkan_forge.graphics._terrain_map import furnished
from vulkan_forge.graphics.png import write_png

if TYPE_CHECKING:
    import os
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge._vulkan_forge import Device
    from vulkan_forge.graphics._colors import Color
    from vulkan_forge.graphics.furniture import FurnitureStyle

    Point = tuple[float, float, float]
    Box = tuple[Point, Point]

__all__ = ["Camera", "Figure", "Light"]


def _says(help_text: str, constraints: str) -> dict[str, str]:
    return {"help": help_text, "constraints": constraints}


def _point(value: Any, name: str) -> tuple[float, float, float]:
    try:
        x, y, z = value
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError.build(
            "BAD_TYPE", f"{name} has the wrong type", expected="3 numbers", got=repr(value)
        ) from error
    return number(x, name), number(y, name), number(z, name)


@dataclass(frozen=True, kw_only=True)
class Light:
    """The light of a picture: a sun, and a sky that fills its shade.

    Args:
        sun: (azimuth, elevation) in degrees: clockwise from north, and over the horizon (0 to 90).
        fill: Share of full light that shade keeps, 0 to 1 (default 0.35).
        softness: Half the angle in degrees over which cast shadows fade (default 1.5).

    Raises:
        InputError: A number is out of range.

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.Light(sun=(135, 30)).fill
        0.35
    """

    sun: tuple[float, float] = field(default=(315.0, 45.0), metadata=_says("Azimuth and elevation.", "degrees"))
    fill: float = field(default=0.35, metadata=_says("Share of full light that shade keeps.", "0 to 1"))
    softness: float = field(default=1.5, metadata=_says("Half the angle over which shadows fade.", "0 to 30 degrees"))

    def __post_init__(self) -> None:
        azimuth, elevation = pair(self.sun, "sun")
        elevation = number(elevation, "elevation of the sun", least=0, most=90)
        object.__setattr__(self, "sun", (number(azimuth, "azimuth of the sun"), elevation))
        object.__setattr__(self, "fill", number(self.fill, "fill", least=0, most=1))
        object.__setattr__(self, "softness", number(self.softness, "softness", least=0, most=30))


@dataclass(frozen=True, kw_only=True)
class Camera:
    """Where a picture is seen from. As it is, it frames all objects from the south, north up.

    Args:
        azimuth: Where the eye stands, degrees of the compass (default 180.0, the south).
        elevation: Degrees of the eye over the horizon, -90 to 90 (default 38.0); 90 looks straight down.
        fovy: Degrees between the picture's lower and upper edge, 0.01 to 179 (default 30.0); rays that are closer to
            parallel are `parallel=True`.
        target: The point that is looked at; None: what frames the objects.
        eye: Where the eye stands, instead of azimuth and elevation.
        up: What is up in the picture where `eye` is given; None: z, or y (north) looking straight down.
        parallel: Parallel rays instead of perspective: True, or the world units between the picture's lower and upper
            edge; a bool is a flag, and 1 one unit.
        fill: Share of the picture that framed objects take, along the side that is full (default 0.85).
        near: World units from the eye within which nothing is drawn; None: a thousandth of the way to the target.

    Raises:
        InputError: A number is out of range.

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.Camera(azimuth=225, elevation=30).fovy
        30.0
    """

    azimuth: float = field(default=180.0, metadata=_says("Where the eye stands.", "degrees of the compass"))
    elevation: float = field(default=38.0, metadata=_says("The eye over the horizon.", "-90 to 90 degrees"))
    fovy: float = field(default=30.0, metadata=_says("Angle of view.", "0.01 to 179 degrees"))
    target: tuple[float, float, float] | None = field(default=None, metadata=_says("What is looked at.", "a point"))
    eye: tuple[float, float, float] | None = field(default=None, metadata=_says("Where the eye is.", "a point"))
    up: tuple[float, float, float] | None = field(default=None, metadata=_says("Up in the picture.", "a vector"))
    parallel: bool | float = field(default=False, metadata=_says("Parallel rays.", "a flag, or a height > 0"))
    fill: float = field(default=0.85, metadata=_says("Share that framed objects take.", "> 0 and <= 1"))
    near: float | None = field(default=None, metadata=_says("Nothing nearer is drawn.", "> 0"))

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "azimuth", number(self.azimuth, "azimuth"))
        put(self, "elevation", number(self.elevation, "elevation", least=-90, most=90))
        # from further away float32 no longer tells an object's points apart
        put(self, "fovy", number(self.fovy, "fovy", least=0.01, most=179))
        put(self, "fill", number(self.fill, "fill", above=0, most=1))
        for name in ("target", "eye", "up"):
            if getattr(self, name) is not None:
                put(self, name, _point(getattr(self, name), name))
        put(self, "parallel", _flag_or_height(self.parallel))
        if self.near is not None:
            put(self, "near", number(self.near, "near", above=0))

    def view(self, box: Box | None, size: tuple[int, int]) -> View:
        """What this camera makes of objects within a box.

        Args:
            box: ((x, y, z), (x, y, z)): their lowest and highest corner; None where there are none.
            size: (width, height) in pixels.

        Raises:
            InputError: The camera needs objects to frame, and there are none.
        """
        framed = None
        if box is not None:
            fovy = 0.0 if self.parallel else self.fovy
            framed = View.framed(box, self.azimuth, self.elevation, fovy=fovy, fill=self.fill, size=size)
        is_plain = isinstance(self.parallel, bool) and self.near is None
        if framed and is_plain and self.eye is None and self.target is None:
            return framed
        return self._placed(framed, size)

    def _placed(self, framed: View | None, size: tuple[int, int]) -> View:
        if framed is None and (self.eye is None or self.target is None or self.parallel is True):
            raise InputError.build(
                "INVALID_ARGUMENT",
                "there is nothing to frame",
                expected="objects with finite points",
                got="none",
                mend="add objects, or say where the camera stands: Camera(eye=, target=)",
            )
        target = self.target or (framed.target if framed else (0.0, 0.0, 0.0))
        eye = self.eye
        if eye is None and framed is not None:
            eye = _shifted(target, framed.eye, framed.target)
        height = 0.0 if self.parallel is False else framed.parallel_height if self.parallel is True else self.parallel  # type: ignore[union-attr]
        up = self.up or (framed.up if self.eye is None and framed else _up_between(eye or target, target))
        fovy = self.fovy if self.parallel is False else 0.0
        return View(eye or target, target, up, fovy=fovy, parallel_height=height, near=self.near or 0.0, size=size)


def _flag_or_height(value: Any) -> bool | float:
    """What `parallel` says: only bools are flags, 1 is a height."""
    import numpy as np

    return bool(value) if isinstance(value, (bool, np.bool_)) else number(value, "parallel", above=0)


def _shifted(point: Point, end: Point, start: Point) -> Point:
    x, y, z = (p + e - s for p, e, s in zip(point, end, start, strict=True))
    return x, y, z


def _up_between(eye: Point, target: Point) -> Point:
    """North where the eye looks straight down or up, else the sky."""
    across = math.hypot(eye[0] - target[0], eye[1] - target[1])
    return (0.0, 1.0, 0.0) if across <= 1e-5 * abs(eye[2] - target[2]) else (0.0, 0.0, 1.0)


class Figure:
    """A picture of objects: meshes, points, lines and others.

    Args:
        width: Pixels.
        height: Pixels.
        supersample: Samples along each side of a pixel, 1 to 8 (default 2): edges are smooth by their mean.
        background: A colour: 3 or 4 numbers from 0 to 1, "#rrggbb", "#rrggbbaa", a name, or "transparent" (default
            white).
        light: A `Light`; None: the default one.
        camera: A `Camera`; None: one that frames all objects.
        eye_dome: How much what lies behind its neighbours is darkened, 0 to 10 (default 0.0). About 0.3 gives clouds of
            points a shape.
        device: A `Device`; None for the default one.

    Raises:
        InputError: A size, a colour or an option is wrong.
        NoDeviceError: No usable Vulkan device.

    Example:
        >>> from vulkan_forge import graphics
        >>> corners = np.array([[0, 0, 0], [2, 0, 0], [0, 1, 0.5]], np.float32)
        >>> figure = graphics.Figure(160, 120, background="transparent")
        >>> figure.add(graphics.Mesh(corners, np.array([[0, 1, 2]], np.uint32))).save("triangle.png")
        >>> figure.render().shape
        (120, 160, 4)
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        supersample: int = 2,
        background: Color = "white",
        light: Light | None = None,
        camera: Camera | None = None,
        eye_dome: float = 0.0,
        device: Device | None = None,
    ) -> None:
        self.background = background
        self.light = light
        self.camera = camera
        self._eye_dome = number(eye_dome, "eye_dome", least=0, most=10)
        self._supersample = integer(supersample, "supersample", least=1, most=8)
        self._stage = Stage(width, height, supersample=self._supersample, device=device)
        self._objects: list[SceneObject] = []

    @property
    def light(self) -> Light:
        """The picture's light; may be set."""
        return self._light

    @light.setter
    def light(self, value: Light | None) -> None:
        self._light: Light = _option(value, Light, "light")

    @property
    def camera(self) -> Camera:
        """Where it is seen from; may be set."""
        return self._camera

    @camera.setter
    def camera(self, value: Camera | None) -> None:
        self._camera: Camera = _option(value, Camera, "camera")

    @property
    def background(self) -> tuple[float, float, float, float]:
        """(r, g, b, a), sRGB with straight alpha; may be set to any colour."""
        return self._background

    @background.setter
    def background(self, value: Color) -> None:
        self._background = color_of(value, "background")

    @property
    def supersample(self) -> int:
        """Samples along each side of a pixel."""
        return self._supersample

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._stage.width, self._stage.height

    @property
    def objects(self) -> tuple[SceneObject, ...]:
        """What was added; the number of an object in `read("id")` is its place, from 1."""
        return tuple(self._objects)

    def add(self, *objects: SceneObject) -> Figure:
        """Add objects to what is drawn.

        Args:
            *objects: `Mesh`, `Points`, `Lines` and other scene objects.

        Returns:
            The figure itself.

        Raises:
            ArgumentTypeError: Something else.
        """
        for one in objects:
            if not isinstance(one, SceneObject):
                raise ArgumentTypeError.build(
                    "BAD_TYPE", "not a scene object", expected="a Mesh, Points, Lines ...", got=type(one).__name__
                )
        self._objects += objects
        return self

    def remove(self, *objects: SceneObject) -> Figure:
        """Draw these no more.

        Args:
            *objects: What was added.

        Returns:
            The figure itself.

        Raises:
            InputError: It was not added.
        """
        for one in objects:
            places = [i for i, other in enumerate(self._objects) if other is one]
            if not places:
                raise InputError.build(
                    "INVALID_ARGUMENT", "remove of what is not there", expected="an object of the figure", got=repr(one)
                )
            del self._objects[places[0]]
        return self

    @property
    def bounds(self) -> Box | None:
        """((x, y, z), (x, y, z)): lowest and highest corner of all objects, world units; None where nothing is."""
        boxes = [one.bounds for one in self._objects]
        known = [box for box in boxes if box is not None]
        if not known:
            return None
        low = tuple(min(box[0][axis] for box in known) for axis in range(3))
        high = tuple(max(box[1][axis] for box in known) for axis in range(3))
        return low, high

    @property
    def view(self) -> View:
        """The camera as it stands now, which says where points are in the picture."""
        return self._camera.view(self.bounds, self.size)

    def render(self) -> NDArray[np.uint8]:
        """Draw the picture.

        Returns:
            RGBA, uint8 of shape (height, width, 4): sRGB with straight alpha, row 0 on top.

        Raises:
            InputError: There is nothing to frame, or an object lives on another device.
            StateError: The figure or an object was closed.
            DeviceError: The device failed; no picture is given.
        """
        return self._stage.render(
            self._objects,
            self.view,
            sun=self._light.sun,
            fill=self._light.fill,
            softness=self._light.softness,
            background=self._background,
            eye_dome=self._eye_dome,
        )

    def furnish(self, *items: Any, style: FurnitureStyle | None = None) -> NDArray[np.uint8]:
        """Draw the picture, and lay furniture out on it.

        Args:
            *items: `ColorBar`, `ScaleBar`, `NorthArrow`, `Title` and `Label`, whose places in the world are seen as the
                figure's camera sees them.
            style: How all of it looks.

        Returns:
            RGBA, uint8 of shape (height, width, 4), larger where items stand outside.

        Raises:
            InputError: As `render` and the function `furnish` raise it.
        """
        return furnished(self, items, style)

    def save(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Draw the picture into a PNG file.

        Args:
            path: The file.
            **options: As `write_png` takes them: `dpi`, `text`, `level` and others.

        Raises:
            FileError: The file cannot be written.
        """
        write_png(path, self.render(), **options)

    def read(self, layer: str) -> NDArray[Any]:
        """Ask what the last picture's pixels are.

        Args:
            layer: "depth": float32, 1 near and 0 infinitely far or nothing; `view.project` gives the same numbers.
                "id": uint32, the place among the objects from 1, 0 for nothing. What is seen through is in neither.

        Returns:
            Values of one sample a pixel, of shape (height, width).

        Raises:
            StateError: Nothing was rendered yet.
            InputError: Another word.
        """
        which = choice(layer, "layer", ("depth", "id"))
        return self._stage.read_depth() if which == "depth" else self._stage.read_ids()

    def metrics(self) -> dict[str, float]:
        """Where the last picture's time went, in milliseconds, and the bytes it moved."""
        return self._stage.metrics()

    def _repr_png_(self) -> bytes:
        return encode_png(self.render())

    def close(self) -> None:
        """Drop the picture's memory on the device; objects stay as they are. Safe to call twice."""
        self._stage.close()

    @property
    def closed(self) -> bool:
        """True once close() was called."""
        return self._stage.closed

    def __enter__(self) -> Figure:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _option(value: Any, kind: type[Any], name: str) -> Any:
    if value is not None and not isinstance(value, kind):
        raise ArgumentTypeError.build("BAD_TYPE", name, expected=f"a {kind.__name__}", got=type(value).__name__)
    return kind() if value is None else value
