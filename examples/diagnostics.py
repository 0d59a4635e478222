"""What this machine has: adapters, and a probe of each backend."""

from __future__ import annotations

import json

import vulkan_forge as vf


def main() -> None:
    for adapter in vf.enumerate_adapters():
        print(f"{adapter['name']}: {adapter['backend']}, {adapter['device_type']}")
    for backend in ("AUTO", "VULKAN", "GL"):
        print(json.dumps(vf.device_probe(backend), default=str)[:160])


if __name__ == "__main__":
    main()
