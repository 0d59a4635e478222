"""A scene in NumPy: each pixel's ray is followed to the surface in double precision."""

import matplotlib
import numpy as np

BACKGROUND = (39, 39, 48, 255)
SPIKE_SUN, SCENE_SUN = (0.5, 1, 0.3), (0.5, 0.8, 0.6)


def unit(v):
    return np.asarray(v, float) / np.linalg.norm(v)


def waves(size=128, periods=2):
    """0.25 sin x cos z over whole periods."""
    at = np.linspace(0, 2 * np.pi * periods, size)
    return (0.25 * np.sin(at)[None, :] * np.cos(at)[:, None]).astype(np.float32)


def own_surface(side=129):
    """What a scene draws before it is given heights: two sines, and the map [[0, .25], [.5, .75]] interpolated."""
    at = np.linspace(-1.5, 1.5, side)
    fraction = np.linspace(0, 1, side)
    sines = 0.25 * np.sin(1.3 * at)[None, :] + 0.25 * np.cos(1.1 * at)[:, None]
    return sines + 0.25 * fraction[None, :] + 0.5 * fraction[:, None]


def bilinear(values, row, column):
    """Values between samples; the border goes on beyond the edge."""
    rows, columns = values.shape
    row, column = np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)
    r, c = row.astype(int), column.astype(int)
    r1, c1 = np.minimum(r + 1, rows - 1), np.minimum(c + 1, columns - 1)
    tr, tc = row - r, column - c
    upper = values[r, c] * (1 - tc) + values[r, c1] * tc
    lower = values[r1, c] * (1 - tc) + values[r1, c1] * tc
    return upper * (1 - tr) + lower * tr


def encode(linear):
    """Linear light as sRGB bytes."""
    linear = np.clip(linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(srgb * 255)


def decode(byte):
    v = np.asarray(byte) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def matplotlibs(name):
    return (np.array(matplotlib.colormaps[name].colors) * 255).astype(np.uint8)


def plain_picture(heights, width, height, view, projection, sun, table, exposure=1.0):
    """RGBA bytes as floats, and each pixel's distance to the surface, 0 beside it. `table` is (256, 3) sRGB bytes."""
    heights = np.asarray(heights, float)
    rows, columns = heights.shape

    def sample(x, z):
        return (z / 3 + 0.5) * (rows - 1), (x / 3 + 0.5) * (columns - 1)

    def above(p):
        return p[..., 1] - bilinear(heights, *sample(p[..., 0], p[..., 2]))

    x = (np.arange(width) + 0.5) / width * 2 - 1
    y = 1 - (np.arange(height) + 0.5) / height * 2
    ndc = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0, 1.0), axis=-1)
    back = ndc @ np.linalg.inv(np.asarray(projection, float) @ np.asarray(view, float)).T
    eye = np.linalg.inv(np.asarray(view, float))[:3, 3]
    ray = back[..., :3] / back[..., 3:] - eye
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)

    seen = np.zeros((height, width), bool)
    low, high = np.zeros((height, width)), np.zeros((height, width))
    before, was_inside, step = None, None, 0.01
    for t in np.arange(0.1, np.linalg.norm(eye) + 3, step):
        p = eye + t * ray
        inside = (np.abs(p[..., 0]) <= 1.5) & (np.abs(p[..., 2]) <= 1.5)
        side = above(p) > 0
        if before is not None:
            crosses = ~seen & inside & was_inside & (side != before)
            low[crosses], high[crosses] = t - step, t
            seen |= crosses
        before, was_inside = side, inside
    start = above(eye + low[..., None] * ray) > 0
    for _ in range(40):
        middle = (low + high) / 2
        same = (above(eye + middle[..., None] * ray) > 0) == start
        low, high = np.where(same, middle, low), np.where(same, high, middle)

    p = eye + low[..., None] * ray
    row, column = sample(p[..., 0], p[..., 2])
    slope_z = np.gradient(heights, 3 / (rows - 1), axis=0) if rows > 1 else np.zeros_like(heights)
    slope_x = np.gradient(heights, 3 / (columns - 1), axis=1) if columns > 1 else np.zeros_like(heights)
    dx, dz = bilinear(slope_x, row, column), bilinear(slope_z, row, column)
    facing = np.stack([-dx, np.ones_like(dx), -dz], axis=-1) @ unit(sun) / np.sqrt(dx**2 + 1 + dz**2)
    light = (0.15 + 0.85 * np.maximum(facing, 0)) * exposure
    t = np.clip(0.5 + bilinear(heights, row, column) / 2, 0, 1)
    albedo = np.stack([bilinear(decode(table)[:, k : k + 1], t * 255, np.zeros_like(t)) for k in range(3)], axis=-1)
    picture = np.empty((height, width, 4))
    picture[:] = BACKGROUND
    picture[seen, :3] = encode(albedo * light[..., None])[seen]
    return picture, np.where(seen, low, 0)


def away_from_outlines(distance, jump=0.12):
    """Pixels on the surface, and beside it, whose neighbours lie no jump nearer or farther."""
    padded = np.pad(distance, 1, mode="edge")
    rows, columns = distance.shape
    around = np.stack([padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)])
    smooth = np.ptp(around, axis=0) < jump
    return smooth & (distance > 0), smooth & (distance == 0)
