"""The library's logger, and VULKAN_FORGE_TRACE."""

from __future__ import annotations

import logging
import os

from vulkan_forge import _vulkan_forge

logger = logging.getLogger("vulkan_forge")
logger.addHandler(logging.NullHandler())


def start_trace() -> None:
    """Show each submission on stderr where VULKAN_FORGE_TRACE asks for it."""
    if os.environ.get("VULKAN_FORGE_TRACE", "") in ("", "0"):
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("vulkan_forge %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    _vulkan_forge._trace(True)
