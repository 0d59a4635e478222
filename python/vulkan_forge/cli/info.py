"""`vulkan-forge info`: everything `doctor` shows, whole, and as JSON for machines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from vulkan_forge import _vulkan_forge
from vulkan_forge.cli._machine import driver_files, has_validation_layers
from vulkan_forge.errors import VulkanForgeError
from vulkan_forge.probe import refused_by_environment
from vulkan_forge.reports import environment_report

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this word takes."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print everything; 1 where there is no usable device."""
    report = machine_report()
    lines = [json.dumps(report, indent=2)] if args.json else _outline(report)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if report["chosen"] is not None else 1


def machine_report() -> dict[str, Any]:
    """Return all that is known of this machine's Vulkan, in values that JSON can hold."""
    report = environment_report()
    del report["device"]
    report["drivers"] = [{"path": str(path), "trouble": trouble} for path, trouble in driver_files()]
    report["validation_layers"] = has_validation_layers()
    report["cache"] = {"folder": _vulkan_forge.cache_folder(), "families": _vulkan_forge.cache_use()}
    report.update(devices=[], chosen=None, refusal=refused_by_environment() or None)
    try:
        report["devices"] = _vulkan_forge.devices()
        if not report["refusal"]:
            with _vulkan_forge.Device() as device:
                report["chosen"] = device.info["index"]
    except VulkanForgeError as error:
        report["refusal"] = str(error)
    return report


def _outline(value: Any, indent: str = "") -> list[str]:
    """Nested dicts and lists as indented lines; a list of plain values stays on one."""
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    lines = []
    for key, item in rows:
        is_nested = isinstance(item, dict) or (isinstance(item, list) and any(isinstance(part, dict) for part in item))
        if is_nested:
            lines += [f"{indent}{key}:", *_outline(item, indent + "  ")]
        else:
            text = ", ".join(map(str, item)) if isinstance(item, list | tuple) else item
            lines.append(f"{indent}{key}: {text}")
    return lines
