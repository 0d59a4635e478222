"""What a machine has of Vulkan, seen from outside: driver and layer files, device nodes, settings."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

DRIVERS = "icd.d"
LAYERS = "explicit_layer.d"
WIDE_VECTORS = (1, 4, 305)  # Vulkan of the lavapipe that they are taken for unasked: Mesa 25.0
SETTINGS = (
    "VULKAN_FORGE_DEVICE",
    "VULKAN_FORGE_PREFER_SOFTWARE",
    "VULKAN_FORGE_VALIDATION",
    "VULKAN_FORGE_CACHE_DIR",
    "VULKAN_FORGE_FORCE_STAGING",
    "VULKAN_FORGE_CPU_VECTOR_BITS",
    "VULKAN_FORGE_SPREAD_THREADS",
    "VULKAN_FORGE_COMPILE_AHEAD",
    "VF_FORCE_LUT_UNORM",
    "WGPU_BACKEND",
    "WGPU_BACKENDS",
    "VK_DRIVER_FILES",
    "VK_ICD_FILENAMES",
    "VK_ADD_DRIVER_FILES",
    "VK_LOADER_DRIVERS_SELECT",
    "VK_LOADER_DRIVERS_DISABLE",
    "VK_INSTANCE_LAYERS",
    "LP_NATIVE_VECTOR_WIDTH",
)


class DriverFile(NamedTuple):
    """One manifest of a driver, and why the loader cannot use it (empty: it can)."""

    path: Path
    trouble: str


def in_bytes(count: float) -> str:
    """Bytes as people read them."""
    units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while count >= 1024 and len(units) > 1:
        count /= 1024
        del units[0]
    return f"{count:.1f}".removesuffix(".0") + f" {units[0]}"


def settings() -> dict[str, str]:
    """Variables that are set and change which device is taken or how."""
    return {name: os.environ[name] for name in SETTINGS if name in os.environ}


def standard_folders(kind: str) -> list[Path]:
    """Where a Vulkan loader on Linux looks for manifests, in its order."""
    home = Path.home()

    def paths(name: str, default: str) -> list[Path]:
        return [Path(path) for path in (os.environ.get(name) or default).split(os.pathsep) if path]

    roots = [
        *paths("XDG_CONFIG_HOME", str(home / ".config")),
        *paths("XDG_CONFIG_DIRS", "/etc/xdg"),
        Path("/usr/local/etc"),
        Path("/etc"),
        *paths("XDG_DATA_HOME", str(home / ".local/share")),
        *paths("XDG_DATA_DIRS", f"/usr/local/share{os.pathsep}/usr/share"),
    ]
    return list(dict.fromkeys(root / "vulkan" / kind for root in roots))


def _manifests(places: list[Path]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        files += sorted(place.glob("*.json")) if place.is_dir() else [place]
    return files


def _listed(name: str) -> list[Path]:
    return [Path(word) for word in os.environ.get(name, "").split(os.pathsep) if word]


def driver_files() -> list[DriverFile]:
    """The manifests the loader would read, as its environment variables and standard folders have it."""
    return [DriverFile(path, trouble_of(path)) for path in _driver_manifests()]


def _driver_manifests() -> list[Path]:
    named = _listed("VK_DRIVER_FILES") or _listed("VK_ICD_FILENAMES")
    standard = [folder for folder in standard_folders(DRIVERS) if folder.is_dir()]
    return _manifests(_listed("VK_ADD_DRIVER_FILES") + (named or standard))


def trouble_of(manifest: Path) -> str:
    """Say why a driver's manifest or library cannot be loaded; empty where it can."""
    try:
        library = str(json.loads(manifest.read_text())["ICD"]["library_path"])
    except OSError as error:
        return str(error.strerror).lower()
    except (ValueError, KeyError, TypeError):
        return "not a driver's manifest"
    try:
        # a name without a folder is left to the system's search, as the loader does
        ctypes.CDLL(str(manifest.parent / library) if os.sep in library else library)
    except OSError as error:
        return str(error)
    return ""


def has_validation_layers() -> bool:
    """Whether a manifest of the Khronos validation layers stands where the loader looks."""
    places = _listed("VK_ADD_LAYER_PATH") + (_listed("VK_LAYER_PATH") or standard_folders(LAYERS))
    return any("khronos_validation" in path.name.lower() for path in _manifests(places) if path.is_file())


def closed_nodes() -> list[Path]:
    """GPU device files that this user may not open."""
    nodes = sorted(Path("/dev/dri").glob("renderD*")) + sorted(Path("/dev").glob("nvidia[0-9]*"))
    return [node for node in nodes if not os.access(node, os.R_OK | os.W_OK)]


def has_nvidia_card() -> bool:
    """Whether the kernel's NVIDIA driver is there."""
    return Path("/dev/nvidiactl").exists()


def has_avx512() -> bool:
    """Whether the processor has what Mesa's vectors of 512 bits want, as Linux tells."""
    try:
        return "avx512vl" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def gains_by_wide_vectors() -> bool:
    """Whether a driver is here that vectors of 512 bits make faster: Mesa's for CPUs, of 25.0, and AVX-512."""
    return has_avx512() and any(_has_wide_vectors(path) for path in _driver_manifests())


def _has_wide_vectors(manifest: Path) -> bool:
    """By what the manifest says: Mesa 22.3 (1.1.230) is slower with them, 25.2 and 26.1 end the process."""
    try:
        driver = json.loads(manifest.read_text())["ICD"]
        version = tuple(map(int, str(driver["api_version"]).split(".")))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return "lvp" in str(driver.get("library_path", "")) and version == WIDE_VECTORS


def family() -> str:
    """Which package manager to speak of: "debian", "fedora", "windows" or "other"."""
    if sys.platform == "win32":
        return "windows"
    try:
        import platform

        release = platform.freedesktop_os_release()
    except OSError:
        return "other"
    names = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return "debian" if names & {"debian", "ubuntu"} else "fedora" if names & {"fedora", "rhel"} else "other"
