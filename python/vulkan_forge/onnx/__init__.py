"""ONNX models on Vulkan, with onnxruntime's call shapes.

`InferenceSession` runs a model; `backend` is the onnx package's backend API. docs/onnx.md lists the operators.
"""

from vulkan_forge.onnx.session import InferenceSession, NodeArg, fusions

__all__ = ["InferenceSession", "NodeArg", "fusions"]
