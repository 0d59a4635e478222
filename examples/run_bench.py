"""Times the triangle with run_benchmark."""

from __future__ import annotations

import vulkan_forge as vf


def main() -> None:
    result = vf.run_benchmark("renderer_rgba", 256, 256, iterations=10, warmup=2)
    stats = result["stats"]
    size = f"{result['width']}x{result['height']}"
    print(f"{result['op']} {size}: median {stats['p50_ms']:.2f} ms, {result['throughput']['fps']:.0f} fps")


if __name__ == "__main__":
    main()
