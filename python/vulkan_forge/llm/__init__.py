"""Language models on Vulkan: `InferenceEngine` runs many sessions on one model together.

GGUF files and Hugging Face folders of the Llama family and Gemma 3. Weights stay quantised on the device. `Embedder`
makes vectors of texts. Text needs the extra `vulkan-forge[llm]` (tokenizers, jinja2); ids alone need NumPy.
"""

from vulkan_forge._vulkan_forge import Gguf
from vulkan_forge.llm.chat import render_chat
from vulkan_forge.llm.configs import (
    BaseBatcherConfig,
    BaseSchedulerConfig,
    BatcherType,
    CacheConfig,
    DynamicChunkBatcherConfig,
    EmbedderConfig,
    EngineConfig,
    FcfsSchedulerConfig,
    PrioritySchedulerConfig,
    SamplingParams,
    SchedulerType,
)
from vulkan_forge.llm.embedder import Embedder
from vulkan_forge.llm.engine import InferenceEngine, Output, TokenOutput
from vulkan_forge.llm.registry import batchers, schedulers
from vulkan_forge.llm.tokenizer import Tokenizer

__all__ = [
    "InferenceEngine",
    "EngineConfig",
    "SamplingParams",
    "CacheConfig",
    "Embedder",
    "EmbedderConfig",
    "Output",
    "TokenOutput",
    "BaseSchedulerConfig",
    "FcfsSchedulerConfig",
    "PrioritySchedulerConfig",
    "SchedulerType",
    "schedulers",
    "BaseBatcherConfig",
    "DynamicChunkBatcherConfig",
    "BatcherType",
    "batchers",
    "Tokenizer",
    "render_chat",
    "Gguf",
]
