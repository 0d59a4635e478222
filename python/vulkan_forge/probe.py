"""Which devices there are and whether they work, in the words that existing scripts know."""

from __future__ import annotations

import os
import time
from typing import Any

from vulkan_forge import _vulkan_forge

__all__ = ["device_probe", "enumerate_adapters", "refused_by_environment"]

BACKENDS = ("VULKAN", "DX12", "METAL", "GL", "AUTO")
NO_ADAPTER = "No suitable GPU adapter"


def refused_by_environment() -> str:
    """Say why WGPU_BACKEND or WGPU_BACKENDS rules Vulkan out; empty where neither does."""
    for name in ("WGPU_BACKEND", "WGPU_BACKENDS"):
        words = {word.strip().lower() for word in os.environ.get(name, "").split(",")} - {""}
        if words and "vulkan" not in words:
            return f"{name}={os.environ[name]} names no vulkan; unset it, or add vulkan to it"
    return ""


def enumerate_adapters() -> list[dict[str, Any]]:
    """List every device as a dict that JSON can hold; an empty list where there is none. Never raises.

    `devices()` says more, and why a device is not usable.

    Example:
        >>> import vulkan_forge as vf
        >>> [sorted(adapter)[:3] for adapter in vf.enumerate_adapters()][:1]
        [['backend', 'device_id', 'device_type']]
    """
    if refused_by_environment():
        return []
    try:
        return [_adapter(info) for info in _vulkan_forge.devices()]
    except RuntimeError:  # VulkanForgeError among them
        return []


def device_probe(backend: str | None = None) -> dict[str, Any]:
    """Open a device, close it, and report how that went. Never raises.

    Args:
        backend: VULKAN, DX12, METAL, GL or AUTO, in any case; None is AUTO. Only Vulkan can be had.

    Returns:
        backend_request, status ("ok", "unsupported" or "error") and millis; message where it is not ok, and
        otherwise what `enumerate_adapters` lists for the device, its name as adapter_name.

    Example:
        >>> import vulkan_forge as vf
        >>> vf.device_probe("metal")["status"]
        'unsupported'
    """
    request = "AUTO" if backend is None else str(backend).upper()
    started = time.perf_counter()
    found = _probe(request)
    millis = (time.perf_counter() - started) * 1000
    return {"backend_request": request, **found, "millis": millis}


def _probe(request: str) -> dict[str, Any]:
    refusal = refused_by_environment()
    if request not in BACKENDS:
        refusal = f"unknown backend {request}; expected one of {', '.join(BACKENDS)}"
    elif request not in ("VULKAN", "AUTO"):
        refusal = f"vulkan_forge has no {request}, only Vulkan"
    if refusal:
        return {"status": "unsupported", "message": f"{NO_ADAPTER}: {refusal}"}
    try:
        with _vulkan_forge.Device() as device:
            adapter = _adapter(device.info)
    except RuntimeError as error:
        status = "unsupported" if NO_ADAPTER in str(error) else "error"
        return {"status": status, "message": str(error)}
    return {"status": "ok", "adapter_name": adapter.pop("name"), **adapter}


def _adapter(info: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": info["name"],
        "backend": "VULKAN",
        "device_type": info["device_type"],
        "vendor_id": info["vendor_id"],
        "device_id": info["device_id"],
        "features": ", ".join(name for name, has in sorted(info["features"].items()) if has),
        "limits": ", ".join(f"{name}={value}" for name, value in info["limits"].items()),
    }
