"""Says which adapters there are and what a probe of each backend finds, as JSON.

Exits with 0 where a probe is ok, or where every one is unsupported; else with 1.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

from vulkan_forge._vulkan_forge import __version__, device_probe, enumerate_adapters

BACKENDS = ("VULKAN", "DX12", "METAL", "GL")


def report(backends: list[str]) -> dict[str, Any]:
    return {
        "platform": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "vulkan_forge": __version__,
        },
        "adapters": enumerate_adapters(),
        "probes": {backend: device_probe(backend) for backend in backends},
    }


def summary(found: dict[str, Any]) -> str:
    lines = [f"{a['name']}: {a['backend']}, {a['device_type']}" for a in found["adapters"]] or ["no adapters"]
    for backend, probe in found["probes"].items():
        said = probe.get("adapter_name") or probe.get("message", "")
        lines.append(f"{backend:8} {probe['status']:12} {probe['millis']:8.1f} ms  {said}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=Path("device_diagnostics.json"), help="file to write")
    parser.add_argument("--summary", action="store_true", help="print a line each instead of the JSON")
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS), help="names, apart by spaces or commas")
    options = parser.parse_args()
    backends = [name.upper() for word in options.backends for name in word.split(",") if name]
    found = report(backends)
    text = json.dumps(found, indent=2)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(text + "\n")
    print(summary(found) if options.summary else text)
    states = {probe["status"] for probe in found["probes"].values()}
    return 0 if "ok" in states or states <= {"unsupported"} else 1


if __name__ == "__main__":
    raise SystemExit(main())
