"""The main job on real data: an SRTM elevation model becomes slope, hillshade and a 3-D view, checked and timed.

    python examples/demo.py --out out

Reads jacksboro_fault_dem (NASA SRTM, 3 arc seconds, Tennessee) from matplotlib's sample data, computes slope and
Horn's hillshade with a GLSL kernel on the imported NumPy array, compares both with NumPy, renders the terrain at
1920 x 1080, and writes PNGs, env.json and metrics.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

import vulkan_forge as vf
from vulkan_forge.reports import environment_report

HORN = """
#version 450
#extension GL_EXT_scalar_block_layout : require
layout(local_size_x = 64, local_size_y = 4) in;
layout(binding = 0, scalar) readonly buffer Height { float height[]; };   // metres, row 0 north
layout(binding = 1, scalar) writeonly buffer Slope { float slope[]; };    // degrees
layout(binding = 2, scalar) writeonly buffer Shade { float shade[]; };    // 0 to 1
layout(push_constant) uniform Push { uint rows; uint columns; float dx; float dy; vec3 sun; };

float h(int r, int c) {
  return height[clamp(r, 0, int(rows) - 1) * int(columns) + clamp(c, 0, int(columns) - 1)];
}

void main() {
  int c = int(gl_GlobalInvocationID.x), r = int(gl_GlobalInvocationID.y);
  if (c >= int(columns) || r >= int(rows)) return;
  float east = ((h(r-1, c+1) + 2.0 * h(r, c+1) + h(r+1, c+1))
              - (h(r-1, c-1) + 2.0 * h(r, c-1) + h(r+1, c-1))) / (8.0 * dx);
  float north = ((h(r-1, c-1) + 2.0 * h(r-1, c) + h(r-1, c+1))
               - (h(r+1, c-1) + 2.0 * h(r+1, c) + h(r+1, c+1))) / (8.0 * dy);
  float squared = east * east + north * north;
  int i = r * int(columns) + c;
  slope[i] = degrees(atan(sqrt(squared)));
  shade[i] = max(0.0, (sun.z - east * sun.x - north * sun.y) / sqrt(1.0 + squared));
}
"""

# Hypsometric tints from valley to summit, after the tradition of atlas relief maps; sRGB.
TINTS = np.array(
    [
        (96, 130, 94),
        (134, 158, 106),
        (178, 188, 132),
        (214, 204, 158),
        (205, 178, 133),
        (184, 148, 110),
        (170, 134, 108),
        (196, 172, 154),
        (236, 228, 218),
    ],
    dtype=np.uint8,
)


def load_elevation() -> tuple[np.ndarray, float, float]:
    """Heights in metres as float32 (rows, columns), row 0 north, and the size of a cell in metres."""
    from matplotlib import cbook

    data = cbook.get_sample_data("jacksboro_fault_dem.npz")
    elevation = np.ascontiguousarray(data["elevation"], dtype=np.float32)
    middle = np.radians((float(data["ymin"]) + float(data["ymax"])) / 2)
    metres = 111_320.0  # of a degree of latitude
    return elevation, float(data["dx"]) * metres * float(np.cos(middle)), float(data["dy"]) * metres


def sun_vector(elevation_deg: float, azimuth_deg: float) -> np.ndarray:
    """Unit vector to the sun: east, north, up."""
    e, a = np.radians(elevation_deg), np.radians(azimuth_deg)
    return np.array([np.cos(e) * np.sin(a), np.cos(e) * np.cos(a), np.sin(e)])


def horn_numpy(height: np.ndarray, dx: float, dy: float, sun: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope in degrees and hillshade by Horn's method, in float64: what the kernel is held against."""
    z = np.pad(height.astype(np.float64), 1, mode="edge")
    nw, n, ne = z[:-2, :-2], z[:-2, 1:-1], z[:-2, 2:]
    w, e = z[1:-1, :-2], z[1:-1, 2:]
    sw, s, se = z[2:, :-2], z[2:, 1:-1], z[2:, 2:]
    east = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * dx)
    north = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * dy)
    squared = east**2 + north**2
    shade = (sun[2] - east * sun[0] - north * sun[1]) / np.sqrt(1 + squared)
    return np.degrees(np.arctan(np.sqrt(squared))), np.maximum(0, shade)


def milliseconds(action, repeats: int = 5) -> tuple[float, float]:
    """First and best later wall time of an action, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1e3)
    return times[0], min(times[1:])


def main() -> int:
    """Runs the job; returns 0 where the device agrees with NumPy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for pictures and reports")
    parser.add_argument("--device", default=None, help="part of a device's name, its index or uuid")
    parser.add_argument("--width", type=int, default=1920)
    parser.add_argument("--height", type=int, default=1080)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    device = vf.Device(options.device) if options.device else vf.default_device()

    height, dx, dy = load_elevation()
    rows, columns = height.shape
    sun = sun_vector(45, 315)
    slope, shade = np.empty_like(height), np.empty_like(height)

    copied_before = sum(vf.transfer_counters().values())
    kernel = vf.Kernel(HORN, device=device, name="horn")

    def compute() -> None:
        kernel(
            height=height, slope=slope, shade=shade, rows=rows, columns=columns, dx=dx, dy=dy, sun=sun.tolist(),
            threads=(columns, rows),
        )  # fmt: skip

    first_ms, kernel_ms = milliseconds(compute)
    copied = sum(vf.transfer_counters().values()) - copied_before
    start = time.perf_counter()
    want_slope, want_shade = horn_numpy(height, dx, dy, sun)
    numpy_ms = (time.perf_counter() - start) * 1e3
    slope_error = float(np.abs(slope - want_slope).max())
    shade_error = float(np.abs(shade - want_shade).max())

    renderer = vf.Renderer(options.width, options.height, device=device)
    renderer.add_terrain(height, (dx, dy), exaggeration=2.0, colormap=TINTS)
    renderer.set_sun(elevation_deg=38, azimuth_deg=315)
    renderer.set_style(ambient=0.35)
    renderer.set_exposure(1.12)
    picture = renderer.render_rgba()
    frame_first = renderer.metrics()
    picture = renderer.render_rgba()
    frame = renderer.metrics()

    start = time.perf_counter()
    vf.numpy_to_png(options.out / "terrain.png", picture)
    png_ms = (time.perf_counter() - start) * 1e3
    vf.numpy_to_png(options.out / "hillshade.png", (shade * 255).round().astype(np.uint8))
    vf.numpy_to_png(options.out / "slope.png", np.clip(slope * (255 / 45), 0, 255).astype(np.uint8))

    agrees = slope_error < 1e-3 and shade_error < 1e-5
    metrics = {
        "device": device.name,
        "raster": [rows, columns],
        "kernel": {"first_ms": first_ms, "call_ms": kernel_ms, "numpy_ms": numpy_ms, "bytes_copied": copied},
        "largest_difference": {"slope_degrees": slope_error, "hillshade": shade_error},
        "terrain": {
            "upload_ms": frame_first["upload_ms"],
            "encode_ms": frame["encode_ms"],
            "gpu_ms": frame["gpu_ms"],
            "gpu_first_ms": frame_first["gpu_ms"],
            "readback_ms": frame["readback_ms"],
            "upload_bytes": frame_first["upload_bytes"],
            "readback_bytes": frame["readback_bytes"],
            "png_ms": png_ms,
            "png_bytes": (options.out / "terrain.png").stat().st_size,
        },
    }
    (options.out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    (options.out / "env.json").write_text(json.dumps(environment_report(device), indent=2) + "\n")

    print(f"device          {device.name} ({device.type})")
    print(f"elevation       jacksboro_fault_dem, {rows} x {columns} cells of {dx:.1f} x {dy:.1f} m")
    print(
        f"slope + shade   {kernel_ms:8.2f} ms a call ({first_ms:.0f} ms the first), NumPy {numpy_ms:.2f} ms;"
        f" {copied} bytes copied"
    )
    print(f"largest difference from NumPy   slope {slope_error:.2e} degrees, hillshade {shade_error:.2e}")
    print(
        f"3-D view        {options.width} x {options.height}: upload {frame_first['upload_ms']:.1f},"
        f" encode {frame['encode_ms']:.1f}, GPU {frame['gpu_ms']:.0f},"
        f" readback {frame['readback_ms']:.1f}, PNG {png_ms:.0f} ms"
    )
    print(f"written         {options.out}/terrain.png hillshade.png slope.png metrics.json env.json")
    print("agrees with NumPy" if agrees else "DOES NOT AGREE WITH NUMPY")
    return 0 if agrees else 1


if __name__ == "__main__":
    raise SystemExit(main())
