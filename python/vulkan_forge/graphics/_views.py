"""What furniture asks of a view: the scale at a place, and where north is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import ArgumentTypeError, InputError, ShapeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge.graphics.furniture import Projection


STILL = 1e-4  # pixels that are no way: coordinates far from zero have no more digits


def projected(view: Projection, points: Any) -> NDArray[np.float64]:
    """(N, 3): x, y and depth of world points."""
    import numpy as np

    wanted = np.asarray(points, np.float64)
    seen = np.asarray(view.project(wanted))
    if seen.shape != wanted.shape or seen.dtype.kind not in "fiu":
        raise ShapeError.build(
            "BAD_SHAPE",
            "project() of the view gives no places",
            expected=f"x, y and depth of each point: real numbers of shape {wanted.shape}",
            got=f"{seen.dtype} {seen.shape}",
        )
    return seen.astype(np.float64)


def check_view(view: Any) -> None:
    """Refuses what has not the two parts that are asked."""
    if view is not None and not (hasattr(view, "target") and callable(getattr(view, "project", None))):
        raise ArgumentTypeError.build(
            "BAD_TYPE",
            "view has the wrong type",
            expected="an object with target and project(points)",
            got=type(view).__name__,
            mend="that of a figure is figure.view",
        )


def _target_of(view: Projection) -> NDArray[np.float64]:
    """The view's target, which it sees."""
    import numpy as np

    try:
        target = np.asarray(view.target, np.float64)
    except (TypeError, ValueError):
        target = np.empty(0)
    if target.shape != (3,) or not np.isfinite(target).all():
        raise InputError.build(
            "INVALID_ARGUMENT", "target of the view", expected="(x, y, z), finite", got=repr(view.target)
        )
    if not np.isfinite(projected(view, target[None])).all():
        raise InputError.build(
            "INVALID_ARGUMENT",
            "the view does not see its own target",
            expected="a finite place in the picture",
            got="one that is not finite",
        )
    return target


def north_of(view: Projection | None) -> float:
    """Degrees clockwise from the picture's upward direction to north, at the view's target."""
    import numpy as np

    if view is None:
        return 0.0
    target = _target_of(view)
    step = _step(view, target)
    (x0, y0, z0), (x1, y1, z1) = projected(view, target + np.array([[0, 0, 0], [0, step, 0]]))
    if not math.hypot(x1 - x0, y1 - y0) >= STILL:  # north lies straight behind the target, or before it
        return 180.0 if z1 > z0 else 0.0
    return math.degrees(math.atan2(x1 - x0, y0 - y1))


def metres_per_pixel(view: Projection | None, at: tuple[float, float], ground: float | None) -> tuple[float, bool]:
    """World units a pixel covers across the picture, on the level ground seen at a pixel, and whether that varies."""
    import numpy as np

    if view is None:
        raise InputError.build(
            "INVALID_ARGUMENT",
            "a scale bar has no scale",
            expected="units_per_pixel=, or a view",
            got="neither",
        )
    target = _target_of(view)
    if ground is not None:
        target = np.array([target[0], target[1], ground])
    edge_on = _edge_on(view, target)
    if edge_on is not None:
        return edge_on, False
    try:
        back = np.linalg.inv(_ground_to_pixels(view, target))
    except np.linalg.LinAlgError:  # ground that is seen as a line
        back = np.full((3, 3), np.nan)
    x, y = at
    corners = back @ np.array([[x - 0.5, y, 1.0], [x + 0.5, y, 1.0]]).T
    if not (corners[2] > 0).all() or not np.isfinite(corners).all():
        raise InputError.build(
            "INVALID_ARGUMENT",
            "a scale bar stands over no ground",
            expected="a place below the horizon",
            got=f"row {y:.0f}",
            mend="take a lower place, or name units_per_pixel",
        )
    ends = corners[:2] / corners[2]
    per_pixel = float(np.hypot(*(ends[:, 1] - ends[:, 0])))
    # Where rays are parallel the last row of the map is (0, 0, 1): no vanishing points.
    is_perspective = bool(np.abs(back[2, :2] * [x, y]).sum() > 1e-6 * abs(back[2, 2]))
    return per_pixel, is_perspective


def has_scale(view: Projection, at: tuple[float, float], ground: float | None) -> bool:
    """Whether a pixel sees level ground."""
    try:
        metres_per_pixel(view, at, ground)
    except InputError:
        return False
    return True


def _edge_on(view: Projection, target: NDArray[np.float64]) -> float | None:
    """World units a pixel covers where parallel rays see the ground as a level line; None where they do not."""
    import numpy as np

    step = _step(view, target)
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], np.float64)
    start, east, north, both = projected(view, target + step * corners)[:, :2]
    moved = np.stack([east - start, north - start])
    is_level_line = np.abs(moved[:, 1]).max() < STILL < np.abs(moved[:, 0]).max()
    if not is_level_line or np.hypot(*(both - east - north + start)) > 10 * STILL:
        return None
    return float(step / np.hypot(*moved[:, 0]))


def _step(view: Projection, target: NDArray[np.float64]) -> float:
    """A distance on the ground of about 20 pixels."""
    import numpy as np

    step = 1.0
    for _ in range(60):
        seen = projected(view, target + step * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]]))
        moved = max(np.hypot(*(seen[1, :2] - seen[0, :2])), np.hypot(*(seen[2, :2] - seen[0, :2])))
        if 5 <= moved <= 80:
            break
        if not np.isfinite(moved):  # behind the eye
            step /= 10
        else:
            step *= float(np.clip(20 / moved, 1e-3, 1e3)) if moved > 0 else 10.0
    return step


def _ground_to_pixels(view: Projection, target: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, 3): the projective map from level ground, as offsets from the target, to pixels."""
    import numpy as np

    step = _step(view, target)
    around = step * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1], [0, 0]], np.float64)
    points = np.column_stack([around + target[:2], np.full(len(around), target[2])])
    seen = projected(view, points)[:, :2]
    middle = seen.mean(axis=0)
    rows = []
    for (u, v), (x, y) in zip(around / step, seen - middle, strict=True):
        rows.append([u, v, 1, 0, 0, 0, -x * u, -x * v, -x])
        rows.append([0, 0, 0, u, v, 1, -y * u, -y * v, -y])
    _, _, axes = np.linalg.svd(np.array(rows))
    plane = axes[-1].reshape(3, 3)
    to_middle = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1.0]])
    result = to_middle @ plane @ np.diag([1 / step, 1 / step, 1.0])
    with np.errstate(all="ignore"):  # of ground that is seen as a line: that stands nowhere in the picture
        return np.asarray(result / result[2, 2])
