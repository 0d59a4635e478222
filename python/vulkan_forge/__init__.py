"""Vulkan compute and graphics for NumPy.

Importing creates no device, starts no thread and works on a machine without Vulkan; what needs a device
opens it at first use. `doctor()` says what this machine can do.
"""

try:
    from vulkan_forge import _vulkan_forge
except ImportError as error:
    raise ImportError(
        f"the native module of vulkan_forge does not load: {error}. "
        "Build it: ./dev build in a checkout, else pip install . (for the Python that runs here)"
    ) from error

from vulkan_forge import _logging, errors
from vulkan_forge._vulkan_forge import (
    Array,
    Buffer,
    Call,
    Device,
    Event,
    Graph,
    HostFuture,
    Kernel,
    Recorder,
    Renderer,
    Sampler,
    Scene,
    TerrainSpike,
    Texture,
    __version__,
    asarray,
    cache_folder,
    cache_use,
    camera_look_at,
    camera_perspective,
    camera_view_proj,
    clear_cache,
    colormap_supported,
    compiler_version,
    copy_async,
    default_device,
    devices,
    empty,
    encode_png,
    from_dlpack,
    from_host,
    grid_generate,
    loader_version,
    numpy_to_png,
    param,
    png_to_numpy,
    record,
    release_default_device,
    transfer_counters,
)
from vulkan_forge.bench import BenchmarkResult as BenchmarkResult
from vulkan_forge.bench import run_benchmark
from vulkan_forge.cli.doctor import doctor
from vulkan_forge.dem import dem_normalize, dem_stats
from vulkan_forge.errors import (
    ArgumentTypeError,
    BindingError,
    DeviceError,
    DeviceLostError,
    DtypeError,
    FileError,
    ForkError,
    InputError,
    InternalError,
    InteropError,
    LayoutError,
    LimitError,
    NoDeviceError,
    OutOfMemoryError,
    RangeError,
    ReadOnlyError,
    ShaderError,
    ShapeError,
    StateError,
    UnmappedError,
    UnsupportedError,
    VulkanForgeError,
    WaitTimeoutError,
)
from vulkan_forge.lazy import compile, evaluate
from vulkan_forge.probe import device_probe, enumerate_adapters
from vulkan_forge.profiling import Profile, ProfileRow, profile
from vulkan_forge.reports import MemoryReport, MemoryRow, Metrics, environment_report
from vulkan_forge.scene import make_terrain
from vulkan_forge.triangle import render_triangle_png, render_triangle_rgba
from vulkan_forge.types import PathLikeStr as PathLikeStr
from vulkan_forge.types import SupportsPNG as SupportsPNG

# Users' scripts take the native module as their namespace and look for these two there.
for _function in (enumerate_adapters, device_probe):
    setattr(_vulkan_forge, _function.__name__, _function)
del _function

_logging.start_trace()

generate_grid = grid_generate  # the name in older scripts

__all__ = [
    # compute
    "Device",
    "devices",
    "default_device",
    "release_default_device",
    "Buffer",
    "Array",
    "asarray",
    "from_host",
    "from_dlpack",
    "empty",
    "copy_async",
    "Kernel",
    "Recorder",
    "Call",
    "Event",
    "HostFuture",
    "record",
    "param",
    "Graph",
    "evaluate",
    "compile",
    "Texture",
    "Sampler",
    # pictures
    "Renderer",
    "Scene",
    "TerrainSpike",
    "make_terrain",
    "render_triangle_rgba",
    "render_triangle_png",
    "png_to_numpy",
    "numpy_to_png",
    "encode_png",
    "colormap_supported",
    "camera_look_at",
    "camera_perspective",
    "camera_view_proj",
    "grid_generate",
    "dem_stats",
    "dem_normalize",
    # this machine
    "doctor",
    "enumerate_adapters",
    "device_probe",
    "loader_version",
    "compiler_version",
    "cache_folder",
    "cache_use",
    "clear_cache",
    # measuring
    "run_benchmark",
    "transfer_counters",
    "environment_report",
    "profile",
    "Profile",
    "ProfileRow",
    "MemoryReport",
    "MemoryRow",
    "Metrics",
    # errors
    "errors",
    "VulkanForgeError",
    "ArgumentTypeError",
    "BindingError",
    "DeviceError",
    "DeviceLostError",
    "DtypeError",
    "FileError",
    "ForkError",
    "InputError",
    "InternalError",
    "InteropError",
    "LayoutError",
    "LimitError",
    "NoDeviceError",
    "OutOfMemoryError",
    "RangeError",
    "ReadOnlyError",
    "ShaderError",
    "ShapeError",
    "StateError",
    "UnmappedError",
    "UnsupportedError",
    "WaitTimeoutError",
    "__version__",
]
