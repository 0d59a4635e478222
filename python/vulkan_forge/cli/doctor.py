"""`vulkan-forge doctor`: one screen on what Vulkan on this machine can do, and what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from vulkan_forge import _vulkan_forge
from vulkan_forge.errors import VulkanForgeError
from vulkan_forge.probe import NO_ADAPTER, refused_by_environment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

WIDTH = 100
MOST_DRIVERS = 6
MOST_DEVICES = 4

# What to install, by package manager: the loader with drivers, the validation layers.
INSTALL = {
    "debian": ("apt install libvulkan1 mesa-vulkan-drivers", "apt install vulkan-validationlayers"),
    "fedora": ("dnf install vulkan-loader mesa-vulkan-drivers", "dnf install vulkan-validation-layers"),
    "windows": ("install your graphics card's driver, it brings Vulkan", "install the Vulkan SDK"),
    "other": (
        "install the Vulkan loader and a driver (Mesa has them)",
        "install the Vulkan validation layers",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""


def run(args: argparse.Namespace) -> int:
    """Print the report; 1 where there is no usable device."""
    text, is_healthy = examine()
    sys.stdout.write(text)
    return 0 if is_healthy else 1


def doctor() -> str:
    """Print one screen on what Vulkan on this machine can do and what is missing, and return its text.

    Works without a driver, and then says what to install or to set.
    """
    text, _ = examine()
    sys.stdout.write(text)
    return text


def examine() -> tuple[str, bool]:
    """Return the report, and whether a device could be opened."""
    found, refusal = _devices()
    refusal = refused_by_environment() or refusal
    chosen = None
    if found and not refusal:
        try:
            chosen = _vulkan_forge.Device()
        except VulkanForgeError as error:
            refusal = str(error)
    lines = [*_versions(), *_drivers(), *_device_lines(found)]
    if chosen:
        with chosen:
            lines += _chosen(chosen)
    else:
        lines += _row("chosen", f"none: {refusal or 'no device was found'}", wrap=True)
    lines += [*_surroundings(), *_advice(found, chosen is not None)]
    return "\n".join(lines) + "\n", chosen is not None


def _row(name: str, text: str, *, wrap: bool = False) -> list[str]:
    """One line of the report, shortened or wrapped to its width."""
    import textwrap

    indent = " " * 12
    if wrap:
        return textwrap.wrap(text, WIDTH, initial_indent=f"{name:12}", subsequent_indent=indent)
    room = WIDTH - len(indent)
    if len(text) > room:
        text = f"{text[: room // 2 - 2]}...{text[-(room // 2 - 1) :]}"
    return [f"{name:12}{text}"]


def _devices() -> tuple[list[dict[str, Any]], str]:
    try:
        return _vulkan_forge.devices(), ""
    except VulkanForgeError as error:
        return [], str(error)


def _versions() -> Iterator[str]:
    import platform

    from vulkan_forge.cli._machine import settings

    try:
        import numpy as np

        numpy_version = np.__version__
    except ImportError as error:
        numpy_version = f"does not import: {error}"
    yield f"vulkan_forge {_vulkan_forge.__version__}"
    yield from _row(
        "python",
        f"{platform.python_version()}, NumPy {numpy_version}, "
        f"{platform.system()} {platform.release()} {platform.machine()}",
    )
    try:
        loader = f"Vulkan {_vulkan_forge.loader_version()}"
    except VulkanForgeError as error:
        loader = str(error).partition(";")[0].removeprefix(f"{NO_ADAPTER}: ")
    yield from _row("loader", loader)
    yield from _row("compiler", _vulkan_forge.compiler_version())
    packer = _vulkan_forge.png_packer()
    slow = (
        ""
        if packer.startswith("libdeflate")
        else " (with libdeflate-dev at build time PNG is read three times as fast)"
    )
    yield from _row("png", packer + slow)
    for number, (name, value) in enumerate(settings().items()):
        yield from _row("" if number else "set", f"{name}={value}")


def _drivers() -> Iterator[str]:
    from vulkan_forge.cli._machine import driver_files

    files = driver_files()
    for number, (path, trouble) in enumerate(files[:MOST_DRIVERS]):
        state = f"not usable: {trouble}" if trouble else "loads"
        yield from _row("" if number else "drivers", f"{path}  {state}")
    if len(files) > MOST_DRIVERS:
        yield from _row("", f"and {len(files) - MOST_DRIVERS} more: vulkan-forge info")
    if not files:
        yield from _row("drivers", "no driver's manifest (ICD) in the places where the loader looks")


def _device_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    for number, info in enumerate(found[:MOST_DEVICES]):
        kind = f"[{info['index']}] {info['name']}, {info['device_type']}, Vulkan {info['api_version']}"
        yield from _row("" if number else "devices", kind)
        reasons = "; ".join(info["reasons_for"] if info["usable"] else info["reasons_against"])
        yield from _row("", f"    {'usable' if info['usable'] else 'not usable'}: {reasons}")
        yield from _row("", f"    driver: {info['driver']}")
    if len(found) > MOST_DEVICES:
        yield from _row("", f"and {len(found) - MOST_DEVICES} more: vulkan-forge info")


def _chosen(device: _vulkan_forge.Device) -> Iterator[str]:
    from vulkan_forge.cli._machine import in_bytes, settings

    info, limits = device.info, device.limits
    named = [name for name in ("VULKAN_FORGE_DEVICE", "VULKAN_FORGE_PREFER_SOFTWARE") if name in settings()]
    why = f"as {' and '.join(named)} asks" if named else "the best (discrete, integrated, virtual, CPU; then memory)"
    yield from _row("chosen", f"[{info['index']}], {why}", wrap=True)
    yield from _row(
        "limits",
        f"buffer {in_bytes(limits['max_buffer_bytes'])}, binding {in_bytes(limits['max_storage_range'])}, "
        f"push constants {limits['max_push_bytes']} B, shared {in_bytes(limits['max_shared_bytes'])}",
    )
    yield from _row(
        "",
        f"workgroup {limits['max_invocations']}, subgroup {limits['subgroup_size']}, "
        f"groups {' x '.join(map(str, limits['max_groups']))}, image {limits['max_image_2d']} pixels a side",
    )
    for number, heap in enumerate(device.memory()):
        where = "on the device" if heap["device_local"] else "on the host"
        sizes = f"{in_bytes(heap['bytes'])}, budget {in_bytes(heap['budget_bytes'])}"
        text = f"{sizes}, used {in_bytes(heap['used_bytes'])}, {where}"
        yield from _row("" if number else "memory", text)
    page = limits["host_import_alignment"]
    imports = f"can be imported in {page} B pages" if page else "cannot be imported, it is copied"
    shares = "shares its memory with the host" if device.shares_memory_with_host else "has memory of its own"
    yield from _row("host", f"it {shares}; NumPy's memory {imports}", wrap=True)
    yield from _vectors(device)


def _vectors(device: _vulkan_forge.Device) -> Iterator[str]:
    """Whether Mesa's CPU driver leaves half of the processor's vectors unused."""
    from vulkan_forge.cli._machine import gains_by_wide_vectors

    if not device.info["driver"].startswith("llvmpipe"):
        return
    lanes = device.limits["subgroup_size"]
    if not device.has("dynamicRendering"):
        text = f"{lanes * 32} bits: kernels, arrays and models are faster; nothing can be drawn"
    elif gains_by_wide_vectors():
        text = (
            f"{lanes * 32} bits, the processor has 512: VULKAN_FORGE_CPU_VECTOR_BITS=512 makes products and models "
            "up to twice as fast in processes that draw nothing"
        )
    else:
        text = f"{lanes * 32} bits"
    yield from _row("vectors", text, wrap=True)


def _surroundings() -> Iterator[str]:
    from vulkan_forge.cli._machine import has_validation_layers, in_bytes

    found = has_validation_layers()
    text = "installed; VULKAN_FORGE_VALIDATION=1 turns them on" if found else "not installed; only tests need them"
    yield from _row("validation", text)
    uses = [f"{use['family']} {use['files']} files {in_bytes(use['bytes'])}" for use in _vulkan_forge.cache_use()]
    folder = _vulkan_forge.cache_folder() or "off"
    yield from _row("cache", f"{folder}: {', '.join(uses) or 'empty'}", wrap=True)


def _advice(found: list[dict[str, Any]], is_healthy: bool) -> Iterator[str]:
    """What to install or to set, most likely cause first."""
    from vulkan_forge.cli._machine import (
        closed_nodes,
        driver_files,
        family,
        has_nvidia_card,
        has_validation_layers,
        settings,
    )

    files = driver_files()
    usable = [file for file in files if not file.trouble]
    drivers, layers = INSTALL[family()]
    advice = []
    if not is_healthy and refused_by_environment():
        advice.append(refused_by_environment())
    overrides = [name for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES") if name in settings()]
    if not usable and overrides:
        advice.append(f"{' and '.join(overrides)} name no driver that loads; unset them")
    elif not usable or not (found or is_healthy):
        advice.append(f"no working Vulkan driver: {drivers}")
    if has_nvidia_card() and not any("nvidia" in file.path.name for file in usable):
        advice.append(
            "an NVIDIA card but not its Vulkan driver: install libnvidia-gl or nvidia-vulkan-icd; "
            "in a container set NVIDIA_DRIVER_CAPABILITIES=all"
        )
    if nodes := closed_nodes():
        advice.append(
            f"no permission for {', '.join(map(str, nodes))}: add yourself to the group that owns them "
            "(sudo usermod -aG render $USER) and log in again"
        )
    if found and not is_healthy and not refused_by_environment():
        advice.append("name a usable device in VULKAN_FORGE_DEVICE, or unset it; a newer driver may help")
    if "VULKAN_FORGE_VALIDATION" in settings() and not has_validation_layers():
        advice.append(f"VULKAN_FORGE_VALIDATION is set: {layers}")
    for text in advice:
        yield from _row("do this", text, wrap=True)
    if not advice:
        yield from _row("verdict", "all is well")
