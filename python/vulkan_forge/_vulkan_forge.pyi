"""
The native part of vulkan_forge.
"""

from __future__ import annotations

import collections.abc
import os
import typing

import numpy as np
import numpy.typing
import typing_extensions
from vulkan_forge.probe import device_probe, enumerate_adapters

__all__: list[str] = [
    "Array",
    "Buffer",
    "Call",
    "Device",
    "Event",
    "Font",
    "Generator",
    "Gguf",
    "Graph",
    "HostFuture",
    "HostReplay",
    "Kernel",
    "Land",
    "Lines",
    "LlmEngine",
    "Mesh",
    "OnnxSession",
    "Pipeline",
    "PngWriter",
    "Points",
    "Recorder",
    "Renderer",
    "Sampler",
    "Scene",
    "SceneObject",
    "Stage",
    "Target",
    "TerrainSpike",
    "Texture",
    "View",
    "any_bfloat16",
    "argsort",
    "asarray",
    "assign",
    "bincount",
    "broadcast",
    "cache_folder",
    "cache_use",
    "camera_look_at",
    "camera_perspective",
    "camera_view_proj",
    "cast",
    "clear_cache",
    "colormap_supported",
    "compact",
    "compiler_version",
    "contiguous",
    "convolve",
    "copy",
    "copy_async",
    "default_device",
    "device_probe",
    "devices",
    "draw_path",
    "elementwise",
    "empty",
    "encode_png",
    "enumerate_adapters",
    "evaluate",
    "fft",
    "fft2",
    "fftn",
    "from_dlpack",
    "from_host",
    "full",
    "gather",
    "gathered",
    "grid_generate",
    "histogram",
    "host_replay",
    "ifft",
    "ifft2",
    "ifftn",
    "irfft",
    "irfft2",
    "irfftn",
    "loader_version",
    "matmul",
    "nonzero",
    "numpy_to_png",
    "onnx_fusions",
    "onnx_operators",
    "onnx_unsupported",
    "param",
    "permuted",
    "png_packer",
    "png_read",
    "png_to_numpy",
    "product",
    "raster_colors",
    "raster_contours",
    "raster_sky",
    "raster_viewshed",
    "raster_window",
    "record",
    "reduce",
    "reduce_rows",
    "release_default_device",
    "reshaped",
    "rfft",
    "rfft2",
    "rfftn",
    "rolled",
    "scan",
    "scatter",
    "segmented_reduce",
    "sort",
    "sort_pairs",
    "transfer_counters",
    "transpose",
    "view",
    "write_png",
]

class Device:
    """
    One Vulkan device, its memory and its queue.

    Args:
        selector: Part of a name (any case), an index as `devices()` lists them, or a uuid. None takes what
            VULKAN_FORGE_DEVICE names, else the best: discrete, integrated, virtual, CPU; then memory.
        prefer_software: Take a CPU driver where there is one.

    Raises:
        NoDeviceError: No loader, no driver, or no device fits; the message lists every device with its reasons.

    Example:
        >>> import vulkan_forge as vf
        >>> with vf.Device() as dev:
        ...     dev.name != ""
        True
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __eq__(self, other: typing.Any) -> bool: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __hash__(self) -> int: ...
    def __init__(self, selector: typing.Any = None, *, prefer_software: typing.Any = None) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def counts(self) -> dict[str, typing.Any]:
        """
        Native objects alive on this device.
        """
    def has(self, feature: str) -> bool:
        """
        True where the device has a feature, by Vulkan's name for it.
        """
    def memory(self) -> list[typing.Any]:
        """
        Memory heaps with this moment's budget and use, in bytes.
        """
    def memory_report(self) -> typing.Any:
        """
        What the memory in use is for.

        Returns:
            A `MemoryReport`: rows of label, bytes, most bytes so far, and count, the largest first; the totals of the device with
            their high-water mark; bytes kept for reuse. Labels are those of `label=`, else the kind. Printed, it is a table.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> with vf.Device() as device:
            ...     weights = vf.asarray(np.zeros(1000, np.float32), device=device, label="weights")
            ...     report = device.memory_report()
            >>> [(row.label, row.bytes) for row in report.rows]
            [('weights', 4000)]
        """
    def trim(self) -> None:
        """
        Gives memory that is kept for reuse back to the driver.
        """
    def wait_idle(self) -> None:
        """
        Waits until all submitted work is done.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def info(self) -> dict[str, typing.Any]:
        """
        Everything the device says about itself, as `devices()` lists it.
        """
    @property
    def limits(self) -> dict[str, typing.Any]:
        """
        Limits by name; bytes, counts and nanoseconds.
        """
    @property
    def name(self) -> str:
        """
        The driver's name for it.
        """
    @property
    def queues(self) -> int:
        """
        2 where copies run on a queue of their own beside kernels, else 1.
        """
    @property
    def shares_memory_with_host(self) -> bool:
        """
        True where arrays live in memory that the host sees too: NumPy views cost nothing.
        """
    @property
    def type(self) -> str:
        """
        DiscreteGpu, IntegratedGpu, VirtualGpu, Cpu or Other.
        """

class Event:
    """
    Work that was submitted and may still run.

    `Kernel.submit` and other calls that do not wait return one. Any thread may ask it, and any number of tasks may
    `await event`: one thread of the device, started at the first `await`, wakes their loops.

    Work that was submitted is never cancelled. A cancelled task forgets its wait and nothing else; a wait whose time is over
    says so, and the next one goes on waiting; an Event may be dropped. Whatever the work uses stays alive until the device
    has finished with it.

    Example:
        >>> import asyncio, numpy as np, vulkan_forge as vf
        >>> double = vf.Kernel('''layout(local_size_x = 64) in;
        ... layout(binding = 0) buffer X { float x[]; };
        ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= 2.0; }''')
        >>> x = vf.asarray(np.ones(3, np.float32))
        >>> event = double.submit(x=x, threads=3)
        >>> event.wait(timeout_s=60)
        >>> event.done
        True
        >>> async def main():
        ...     await double.submit(x=x, threads=3)
        ...     return x.tolist()
        >>> asyncio.run(main())
        [4.0, 4.0, 4.0]
    """
    def __await__(self) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def wait(self, timeout_s: typing.Any = None) -> None:
        """
        Waits until the work is done. Other threads run meanwhile.

        Args:
            timeout_s: Seconds to wait at most; None for ever. Ctrl-C ends the wait too.

        Raises:
            WaitTimeoutError: The time was over. The work goes on and nothing is forgotten: wait again.
            DeviceLostError: The device was lost before the work was done.
        """
    @property
    def device(self) -> Device:
        """
        The device that does the work.
        """
    @property
    def done(self) -> bool:
        """
        True once the device has finished and results are where the caller looks.

        Raises:
            DeviceLostError: The device was lost before.
        """
    @property
    def number(self) -> int:
        """
        The submission's number on its device; 0 where there was nothing to do.
        """

class HostFuture:
    """
    Values on their way to the host, from `Array.to_host_async`.

    `await future` gives the ndarray, without a thread that waits for it. What is said of `Event` about cancelling and
    waiting holds here too.
    """
    def __await__(self) -> typing.Any: ...
    def result(self, timeout_s: typing.Any = None) -> numpy.typing.NDArray[typing.Any]:
        """
        The ndarray; waits for it. Asked again, it is the same one.

        Args:
            timeout_s: Seconds to wait at most; None for ever.

        Raises:
            WaitTimeoutError: The time was over. The readback goes on: ask again.
            DeviceLostError: The device was lost before the values were there.
        """
    @property
    def done(self) -> bool:
        """
        True once `result` does not wait.
        """
    @property
    def event(self) -> Event:
        """
        The copy on the device, to be named in `after=`.
        """

class _Profile:
    def __init__(self, arg0: typing.Any) -> None: ...
    def commands(self) -> list[typing.Any]: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def submissions(self) -> list[typing.Any]: ...
    @property
    def calibrated(self) -> bool: ...

class _Mapping:
    def __enter__(self) -> numpy.typing.NDArray[typing.Any]: ...
    def __exit__(self, *args: typing.Any) -> None: ...

class Array:
    """
    Values of one dtype in device memory, with a shape and byte strides as in NumPy.

    Made by `asarray` (copies), `from_host` (shares NumPy's memory), `from_dlpack` and `empty`. `np.asarray(x)` is a read-only
    view where the device shares memory with the host, else a copy; `with x.map() as view:` is a writable one.
    """

    __hash__: typing.ClassVar[None] = None  # type: ignore[assignment]
    def __abs__(self) -> Array: ...
    def __add__(self, arg0: typing.Any) -> Array: ...
    def __and__(self, arg0: typing.Any) -> Array: ...
    def __array__(self, dtype: numpy.typing.DTypeLike | None = None, *, copy: bool | None = None) -> typing.Any: ...
    def __array_function__(
        self, arg0: typing.Any, arg1: typing.Any, arg2: typing.Any, arg3: typing.Any
    ) -> typing.Any: ...
    def __array_namespace__(self, *, api_version: typing.Any = None) -> typing.Any:
        """
        `vulkan_forge.numpy`, as the Python array API asks for it.
        """
    def __array_ufunc__(
        self, arg0: typing.Any, arg1: typing.Any, *args: typing.Any, **kwargs: typing.Any
    ) -> typing.Any: ...
    def __bool__(self) -> typing.Any: ...
    def __complex__(self) -> typing.Any: ...
    def __contains__(self, arg0: typing.Any) -> bool: ...
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __divmod__(self, arg0: typing.Any) -> typing.Any: ...
    def __dlpack__(
        self,
        *,
        stream: typing.Any = None,
        max_version: typing.Any = None,
        dl_device: typing.Any = None,
        copy: bool | None = None,
    ) -> typing.Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __eq__(self, arg0: typing.Any) -> Array:  # type: ignore[override]
        ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __float__(self) -> typing.Any: ...
    def __floordiv__(self, arg0: typing.Any) -> Array: ...
    def __format__(self, arg0: str) -> typing.Any: ...
    def __ge__(self, arg0: typing.Any) -> Array: ...
    def __getitem__(self, arg0: typing.Any) -> Array: ...
    def __gt__(self, arg0: typing.Any) -> Array: ...
    def __iadd__(self, arg0: typing.Any) -> Array: ...
    def __iand__(self, arg0: typing.Any) -> Array: ...
    def __ifloordiv__(self, arg0: typing.Any) -> Array: ...
    def __ilshift__(self, arg0: typing.Any) -> Array: ...
    def __imatmul__(self, arg0: typing.Any) -> Array: ...
    def __imod__(self, arg0: typing.Any) -> Array: ...
    def __imul__(self, arg0: typing.Any) -> Array: ...
    def __index__(self) -> typing.Any: ...
    def __int__(self) -> typing.Any: ...
    def __invert__(self) -> Array: ...
    def __ior__(self, arg0: typing.Any) -> Array: ...
    def __ipow__(self, arg0: typing.Any, *args: typing.Any) -> Array: ...
    def __irshift__(self, arg0: typing.Any) -> Array: ...
    def __isub__(self, arg0: typing.Any) -> Array: ...
    def __iter__(self) -> typing.Any: ...
    def __itruediv__(self, arg0: typing.Any) -> Array: ...
    def __ixor__(self, arg0: typing.Any) -> Array: ...
    def __le__(self, arg0: typing.Any) -> Array: ...
    def __len__(self) -> int: ...
    def __lshift__(self, arg0: typing.Any) -> Array: ...
    def __lt__(self, arg0: typing.Any) -> Array: ...
    def __matmul__(self, arg0: typing.Any) -> Array: ...
    def __mod__(self, arg0: typing.Any) -> Array: ...
    def __mul__(self, arg0: typing.Any) -> Array: ...
    def __ne__(self, arg0: typing.Any) -> Array:  # type: ignore[override]
        ...
    def __neg__(self) -> Array: ...
    def __or__(self, arg0: typing.Any) -> Array: ...
    def __pos__(self) -> Array: ...
    def __pow__(self, arg0: typing.Any, *args: typing.Any) -> Array: ...
    def __radd__(self, arg0: typing.Any) -> Array: ...
    def __rand__(self, arg0: typing.Any) -> Array: ...
    def __rdivmod__(self, arg0: typing.Any) -> typing.Any: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, arg0: typing.Any) -> Array: ...
    def __rlshift__(self, arg0: typing.Any) -> Array: ...
    def __rmatmul__(self, arg0: typing.Any) -> Array: ...
    def __rmod__(self, arg0: typing.Any) -> Array: ...
    def __rmul__(self, arg0: typing.Any) -> Array: ...
    def __ror__(self, arg0: typing.Any) -> Array: ...
    def __rpow__(self, arg0: typing.Any, *args: typing.Any) -> Array: ...
    def __rrshift__(self, arg0: typing.Any) -> Array: ...
    def __rshift__(self, arg0: typing.Any) -> Array: ...
    def __rsub__(self, arg0: typing.Any) -> Array: ...
    def __rtruediv__(self, arg0: typing.Any) -> Array: ...
    def __rxor__(self, arg0: typing.Any) -> Array: ...
    def __setitem__(self, arg0: typing.Any, arg1: typing.Any) -> None: ...
    def __str__(self) -> typing.Any: ...
    def __sub__(self, arg0: typing.Any) -> Array: ...
    def __truediv__(self, arg0: typing.Any) -> Array: ...
    def __xor__(self, arg0: typing.Any) -> Array: ...
    def all(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.all` of this array.
        """
    def any(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.any` of this array.
        """
    def argmax(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.argmax` of this array.
        """
    def argmin(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.argmin` of this array.
        """
    def argsort(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.argsort` of this array.
        """
    def astype(self, dtype: numpy.typing.DTypeLike, *, copy: bool = True) -> Array:
        """
        The values in another dtype, as part of an expression.

        Args:
            dtype: The dtype to have.
            copy: False gives this array itself where its dtype is that already.

        Raises:
            DtypeError: Complex numbers to real ones: take `real`, `imag` or `abs`.

        Example:
            >>> import vulkan_forge as vf
            >>> vf.asarray([1.5, -1.5]).astype("int32").tolist()
            [1, -1]
        """
    def clip(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.clip` of this array.
        """
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def conj(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.conj` of this array.
        """
    def copy(self) -> Array:
        """
        A fresh copy in C order.
        """
    def cumprod(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.cumprod` of this array.
        """
    def cumsum(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.cumsum` of this array.
        """
    def diagonal(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.diagonal` of this array.
        """
    def dot(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.dot` of this array.
        """
    def fill(self, value: typing.Any) -> None:
        """
        Writes one value everywhere.
        """
    def flatten(self) -> Array:
        """
        A fresh one-dimensional copy.
        """
    def item(self, *args: typing.Any) -> typing.Any:
        """
        The value of an array of one element, or of the element at these indices, as a Python number.
        """
    def map(self) -> _Mapping:
        """
        A context manager whose value is a writable ndarray of the values.

        Waits for all work that uses the array. Where the device shares memory with the host the ndarray is that memory; elsewhere
        it is a copy that is sent back when the block ends.

        Raises:
            ReadOnlyError: The array is over read-only memory.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> x = vf.asarray(np.zeros(3))
            >>> with x.map() as view:
            ...     view[:] = 7
            >>> np.asarray(x)
            array([7., 7., 7.])
        """
    def max(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.max` of this array.
        """
    def mean(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.mean` of this array.
        """
    def min(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.min` of this array.
        """
    def nonzero(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.nonzero` of this array.
        """
    def numpy(self) -> numpy.typing.NDArray[typing.Any]:
        """
        A fresh, writable ndarray with the values; `np.asarray(x)` is the view without a copy.
        """
    def prod(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.prod` of this array.
        """
    def ptp(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.ptp` of this array.
        """
    def ravel(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.ravel` of this array.
        """
    def repeat(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.repeat` of this array.
        """
    def reshape(self, *args: typing.Any, **kwargs: typing.Any) -> Array:
        """
        `vulkan_forge.numpy.reshape` of this array; extents may be given one by one.
        """
    def round(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.round` of this array.
        """
    def searchsorted(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.searchsorted` of this array.
        """
    def sort(self, axis: typing.Any = -1) -> None:
        """
        Sorts the array itself along an axis.
        """
    def squeeze(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.squeeze` of this array.
        """
    def std(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.std` of this array.
        """
    def sum(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.sum` of this array.
        """
    def swapaxes(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.swapaxes` of this array.
        """
    def take(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.take` of this array.
        """
    def to_device(self, device: typing.Any, *, stream: typing.Any = None) -> typing.Any:
        """
        The values on a device: this array where it lies there, else a copy that goes through the host.
        """
    def to_host_async(self, *, after: typing.Any = None) -> HostFuture:
        """
        Starts a readback and returns a `HostFuture` at once.

        The values are those that the array has when all work submitted before is done; what is submitted or written later does
        not show. The device makes the copy, and the ndarray is that copy: writable, with the array's shape and strides.

        Args:
            after: An `Event`, or a sequence of them, that must be done before.

        Returns:
            A `HostFuture`: `future.result()` or `await future` gives the ndarray.

        Raises:
            OutOfMemoryError: There is no room for the copy.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> x = vf.asarray(np.arange(3))
            >>> future = x.to_host_async()
            >>> with x.map() as view:
            ...     view[:] = 0
            >>> future.result(timeout_s=60)
            array([0, 1, 2])
        """
    def tobytes(self) -> typing.Any:
        """
        The values' bytes in C order.
        """
    def tolist(self) -> typing.Any:
        """
        The values as nested lists.
        """
    def trace(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.trace` of this array.
        """
    def transpose(self, *args: typing.Any) -> Array:
        """
        `vulkan_forge.numpy.transpose` of this array; axes may be given one by one.
        """
    def var(self, *args: typing.Any, **kwargs: typing.Any) -> typing.Any:
        """
        `vulkan_forge.numpy.var` of this array.
        """
    @property
    def T(self) -> typing.Any:
        """
        A view with the axes in reverse order.
        """
    @property
    def __array_interface__(self) -> typing.Any: ...
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that holds the values.
        """
    @property
    def dtype(self) -> np.dtype[typing.Any]:
        """
        The NumPy dtype of the elements.
        """
    @property
    def event(self) -> Event:
        """
        The work that wrote the values last, as an `Event`.
        """
    @property
    def imag(self) -> Array:
        """
        The imaginary part.
        """
    @property
    def itemsize(self) -> int:
        """
        Bytes of one element.
        """
    @property
    def mT(self) -> Array:
        """
        A view with the last two axes swapped.
        """
    @property
    def nbytes(self) -> int:
        """
        Bytes of all elements.
        """
    @property
    def ndim(self) -> int:
        """
        Number of axes.
        """
    @property
    def real(self) -> Array:
        """
        The real part.
        """
    @property
    def shape(self) -> tuple[typing.Any, ...]:
        """
        Extents.
        """
    @property
    def size(self) -> int:
        """
        Number of elements.
        """
    @property
    def strides(self) -> tuple[typing.Any, ...]:
        """
        Bytes from element to element along each axis.
        """
    @property
    def writable(self) -> bool:
        """
        False over read-only host memory, and where elements stand twice.
        """

class HostReplay:
    """
    Expressions that the host computes again and again: see `compile`.
    """
    def run(self, inputs: list[Array]) -> list[Array] | None:
        """
        Fresh arrays; None where the device has to.
        """

class Buffer:
    """
    Raw bytes on a device.

    Args:
        size: Bytes; or a bytes-like object, as a C-contiguous ndarray of any dtype, whose contents it then holds.
        intent: What the memory is for: "device" (kernels work here), "upload" (the host writes, the device reads),
            "readback" (the device writes, the host reads) or "shared" (both, always visible to the host).
        device: A `Device`; None for the default one.
        label: What `Device.memory_report` calls the memory; left empty, "buffer".

    Raises:
        LimitError: The device does not allow one buffer of this size; the message names the limit.
        OutOfMemoryError: The device has no room.

    Example:
        >>> import vulkan_forge as vf
        >>> buffer = vf.Buffer(16)
        >>> buffer.write(b"abcd", offset=4)
        >>> buffer.read(4, 4)
        b'abcd'
        >>> import numpy as np
        >>> vf.Buffer(np.array([(1, 2.5)], [("id", "u4"), ("x", "f4")])).read(dtype="f4").tolist()[1]
        2.5
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self, size: typing.Any, *, intent: str = "device", device: Device | None = None, label: str = ""
    ) -> None: ...
    def __len__(self) -> int: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def array(self, dtype: numpy.typing.DTypeLike, shape: typing.Any = None, offset: typing.SupportsIndex = 0) -> Array:
        """
        These bytes as an `Array` of a dtype; shares the memory.
        """
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def read(
        self, offset: typing.SupportsIndex = 0, size: typing.Any = None, *, dtype: numpy.typing.DTypeLike | None = None
    ) -> typing.Any:
        """
        Copies bytes out, after all work that writes the buffer. `size` None: to the end. Returns bytes, or a 1-D
        ndarray where a dtype is given, which may be a structured one.
        """
    def write(self, data: typing.Any, offset: typing.SupportsIndex = 0) -> None:
        """
        Copies a bytes-like object in, after all work that uses the buffer.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that holds it.
        """
    @property
    def intent(self) -> str:
        """
        What the memory is for.
        """
    @property
    def label(self) -> str:
        """
        What memory reports call it.
        """
    @property
    def size(self) -> int:
        """
        Bytes.
        """

class Sampler:
    """
    How a texture is read between its texels and beyond its edges.

    For shaders that declare `sampler` apart from `texture2D`; a `Texture` brings its own for `sampler2D`.

    Args:
        filter: "nearest" or "linear".
        wrap: What lies beyond the edge: "clamp" (the edge's texel), "repeat" or "mirror".
        normalized: True: coordinates run from 0 to 1. False: they count texels (1d and 2d textures, wrap "clamp" only).

    Example:
        >>> import vulkan_forge as vf
        >>> vf.Sampler(filter="linear", wrap="mirror")
        Sampler(filter='linear', wrap='mirror', normalized=True)
    """
    def __init__(self, *, filter: str = "nearest", wrap: str = "clamp", normalized: bool = True) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def filter(self) -> str:
        """
        As given.
        """
    @property
    def normalized(self) -> bool:
        """
        As given.
        """
    @property
    def wrap(self) -> str:
        """
        As given.
        """

class Texture:
    """
    Texels on a device, for `sampler2D`, `texture2D` and `image2D` in shaders.

    Args:
        texels: C-contiguous ndarray: (W,), (H, W), (H, W, C), (D, H, W) or (D, H, W, C) with 1, 2 or 4 channels; row 0 is
            at coordinate 0. Copied.
        format: GLSL's word: "rgba8" (0 to 255 read as 0.0 to 1.0), "rgba8ui", "r32f", "rg16f", "r32i", "rgba8_srgb" and so
            on. None takes the usual one: uint8 as 8-bit fractions, other integers as integers, floats as floats.
        kind: "1d", "2d", "3d" or "2d_array". None follows from the array; (D, H, W) needs the word.
        filter: "nearest" or "linear"; linear needs a format that the device can filter.
        wrap: Beyond the edge: "clamp", "repeat" or "mirror".
        normalized: False: `texture()` takes coordinates in texels (1d, 2d, wrap "clamp").
        device: A `Device`; None for the default one.

    Raises:
        ShapeError, DtypeError, LayoutError: The array cannot be texels of that format.
        UnsupportedError: The device has no such textures, or does not filter them.
        LimitError: It is larger than the device allows.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> half = vf.Kernel('''
        ... layout(local_size_x = 8, local_size_y = 8) in;
        ... layout(binding = 0) uniform sampler2D photo;
        ... layout(binding = 1, rgba8) writeonly uniform image2D small;
        ... void main() {
        ...   ivec2 at = ivec2(gl_GlobalInvocationID.xy);
        ...   if (all(lessThan(at, imageSize(small))))
        ...     imageStore(small, at, texture(photo, (vec2(at) + 0.5) / vec2(imageSize(small))));
        ... }''')
        >>> photo = vf.Texture(np.full((64, 64, 4), 200, np.uint8), filter="linear")
        >>> small = vf.Texture.zeros((32, 32), "rgba8")
        >>> half(photo=photo, small=small, threads=(32, 32))
        >>> small.read()[5, 7].tolist()
        [200, 200, 200, 200]
    """
    @staticmethod
    def zeros(
        extent: typing.Any,
        format: str,
        *,
        kind: typing.Any = None,
        filter: str = "nearest",
        wrap: str = "clamp",
        normalized: bool = True,
        device: Device | None = None,
    ) -> Texture:
        """
        A texture of zeros: `extent` is (H, W) and the like, without channels, which the format says.
        """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        texels: typing.Any,
        *,
        format: typing.Any = None,
        kind: typing.Any = None,
        filter: str = "nearest",
        wrap: str = "clamp",
        normalized: bool = True,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def read(self) -> numpy.typing.NDArray[typing.Any]:
        """
        The texels as a new ndarray of the texture's own shape and dtype, rows without padding, after all work that
        writes the texture.
        """
    def write(self, texels: typing.Any) -> None:
        """
        Replaces all texels, after all work that uses the texture. Depths are 0 to 1, else InputError.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that holds it.
        """
    @property
    def dtype(self) -> np.dtype[typing.Any]:
        """
        The NumPy dtype of one channel.
        """
    @property
    def format(self) -> str:
        """
        GLSL's word for the format.
        """
    @property
    def kind(self) -> str:
        """
        "1d", "2d", "3d" or "2d_array".
        """
    @property
    def sampler(self) -> Sampler:
        """
        How it is sampled.
        """
    @property
    def shape(self) -> tuple[typing.Any, ...]:
        """
        As the ndarray that read() gives.
        """
    @property
    def storable(self) -> bool:
        """
        True where shaders may take it as a storage image (image2D).
        """

class Generator:
    """
    Random numbers by Philox4x32-10, with equal bits on every device.

    A value depends on seed, stream and position alone, so calls may be split in any way: `normal(30)` gives what `normal(10)`
    and `normal(20)` give. `docs/random.md` has the rules, and the same in NumPy.

    Args:
        seed: 0 to 2^64 - 1; None for one from the operating system.
        stream: Which of 2^56 independent lines of words under this seed.
        device: A `Device`; None for the default one.

    Raises:
        InputError: seed or stream does not fit.

    Example:
        >>> from vulkan_forge import random
        >>> rng = random.Generator(7)
        >>> once = rng.uniform(3).tolist()
        >>> rng.position = 0
        >>> rng.uniform(3).tolist() == once
        True
    """
    def __getstate__(self) -> tuple[typing.Any, ...]: ...
    def __init__(self, seed: typing.Any = None, *, stream: typing.Any = 0, device: Device | None = None) -> None: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: tuple[typing.Any, ...]) -> None: ...
    def bits(self, shape: typing.Any, *, dtype: typing.Any = "uint32") -> Array:
        """
        Random words.

        Args:
            shape: An int or a tuple of ints.
            dtype: "uint32", or "uint64", which takes two words for each value.

        Returns:
            An `Array`.

        Example:
            >>> from vulkan_forge import random
            >>> [hex(word) for word in random.Generator(0).bits(2).tolist()]
            ['0x6627e8d5', '0xe169c58d']
        """
    def choice(
        self,
        a: typing.Any,
        shape: typing.Any = None,
        *,
        replace: bool = True,
        p: typing.Any = None,
        axis: typing.SupportsIndex = 0,
        shuffle: bool = True,
    ) -> Array:
        """
        A random sample: of the numbers 0 to a - 1, or of the entries of an axis of an array.

        Args:
            a: A count, or an `Array` or C-contiguous ndarray with 1 or more axes.
            shape: How many, an int or a tuple of ints; None: one.
            replace: True: an entry may come more than once. False: it may not.
            p: How likely each entry is, numbers with a sum of 1, on the host; None: all are as likely.
            axis: The axis that entries are taken from, from the end where negative.
            shuffle: As in NumPy's Generator, where False leaves samples without replacement in an order of no meaning; here their
                order is random either way.

        Returns:
            An `Array`: int64 numbers, or entries of a with `shape` in the axis's place. With p and without replacement they are
            found on the host, and the call takes time by the length of p.

        Raises:
            InputError: Nothing to choose from, or not enough without replacement; p is negative, NaN or has another sum.
            ShapeError: p has another length.
            RangeError: The axis lies outside of a.
            LimitError: 2^29 entries or more, without replacement or with p.

        Example:
            >>> from vulkan_forge import random
            >>> rng = random.Generator(1)
            >>> rng.choice(5, (2, 3)).shape
            (2, 3)
            >>> sorted(rng.choice(3, 3, replace=False).tolist())
            [0, 1, 2]
            >>> rng.choice(3, 4, p=[0, 1, 0]).tolist()
            [1, 1, 1, 1]
        """
    def integers(
        self, low: typing.Any, high: typing.Any = None, shape: typing.Any = (), *, dtype: typing.Any = "int32"
    ) -> Array:
        """
        Integers from low to high - 1, each as likely as any other.

        Args:
            low: The least value; where high is None, what all values are below.
            high: What all values are below.
            shape: An int or a tuple of ints.
            dtype: Any integer dtype. A range beyond 2^32 takes two words for each value.

        Returns:
            An `Array`.

        Raises:
            InputError: The range is empty or does not fit in the dtype.
            UnsupportedError: The device lacks 8-bit or 16-bit storage, and the dtype needs it.

        Example:
            >>> from vulkan_forge import random
            >>> random.Generator(1).integers(1, 7, 4).shape
            (4,)
        """
    def normal(
        self, shape: typing.Any, loc: float = 0.0, scale: float = 1.0, *, dtype: typing.Any = "float32"
    ) -> Array:
        """
        Normally distributed values: the inverse of the distribution at one word (float32) or two (float64).

        Good to 4 units in the last place; they reach 6.3 (float32) and 8.2 (float64) deviations.

        Args:
            shape: An int or a tuple of ints.
            loc: The mean.
            scale: The standard deviation.
            dtype: "float32", or "float64" on a device that has it.

        Returns:
            An `Array`.

        Raises:
            InputError: scale is negative, or one of the two is not finite.
            UnsupportedError: The device lacks float64.

        Example:
            >>> from vulkan_forge import random
            >>> random.Generator(1).normal((2, 3), scale=0.5).shape
            (2, 3)
        """
    def permutation(self, count: typing.Any) -> Array:
        """
        The numbers 0 to count - 1 in random order, as likely in one as in any other.

        The order that sorts `count` words of 64 bits (two equal ones, which keep their order, have a chance of count^2 / 2^65). To
        shuffle an array: `compute.gather(a, rng.permutation(len(a)))`.

        Args:
            count: How many.

        Returns:
            An `Array` of int64.

        Raises:
            InputError: count is negative.
            LimitError: The words would take 4 GiB or more.

        Example:
            >>> from vulkan_forge import random
            >>> sorted(random.Generator(1).permutation(4).tolist())
            [0, 1, 2, 3]
        """
    def shuffle(self, x: typing.Any, axis: typing.SupportsIndex = 0) -> None:
        """
        Puts the entries of an axis into random order, in place.

        All entries move as they are: rows of a matrix stay rows. The order is that of `permutation`, so any order is as likely as
        any other.

        Args:
            x: A writable `Array` or C-contiguous ndarray with 1 or more axes. An ndarray is waited for.
            axis: The axis whose entries move, from the end where negative.

        Raises:
            RangeError: The axis lies outside of x.
            ReadOnlyError: x may not be written.
            ShapeError: x has no axis.
            LimitError: The axis has 2^29 entries or more.

        Example:
            >>> import numpy as np
            >>> from vulkan_forge import random
            >>> x = np.arange(6).reshape(3, 2)
            >>> random.Generator(1).shuffle(x)
            >>> sorted(x.tolist())
            [[0, 1], [2, 3], [4, 5]]
        """
    def spawn(self, count: typing.SupportsIndex) -> list[Generator]:
        """
        New generators, independent of this one and of each other.

        Their seeds are drawn from this one's seed and stream beside its words, so `position` stays as it is; further calls make
        further generators.

        Example:
            >>> from vulkan_forge import random
            >>> len(random.Generator(1).spawn(3))
            3
        """
    def uniform(
        self, shape: typing.Any, low: float = 0.0, high: float = 1.0, *, dtype: typing.Any = "float32"
    ) -> Array:
        """
        Values spread evenly over [low, high): never high itself, unless both are equal.

        Args:
            shape: An int or a tuple of ints.
            low: The least value.
            high: What all values are below.
            dtype: "float32" (24 bits of a word) or "float64" (53 bits of two words; needs a device with float64).

        Returns:
            An `Array`.

        Raises:
            InputError: high is below low, or one is not finite.
            UnsupportedError: The device lacks float64.

        Example:
            >>> from vulkan_forge import random
            >>> random.Generator(1).uniform(2, -1, 1).shape
            (2,)
        """
    @property
    def position(self) -> int:
        """
        The next word's number; may be set.
        """
    @position.setter
    def position(self, arg1: typing.Any) -> None: ...
    @property
    def seed(self) -> int:
        """
        The key, 64 bits.
        """
    @property
    def stream(self) -> int:
        """
        Which line of words, below 2^56.
        """

class Call:
    """
    A kernel with its arguments, recorded once and run by calling it.

    Made by `Kernel.prepare`. Each call submits and waits; the GIL is released meanwhile. `submit` does not wait.
    `Recorder.run` takes it too.
    """
    def __call__(self) -> None:
        """
        Runs and waits.
        """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def submit(self, *, after: typing.Any = None) -> Event:
        """
        Starts it and returns an `Event`; never waits for an earlier run. `after` as of `Kernel.submit`.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class Kernel:
    """
    A compute kernel from GLSL text or SPIR-V bytes.

    Args:
        source: GLSL (str; `#version 450` is assumed where it names none) or SPIR-V (bytes, validated).
        device: A `Device`; None for the default one.
        name: Shown in messages and profiles.
        includes: Texts for `#include "name"`, by name.
        defines: Macros.
        spec: Values of specialisation constants, by name. A workgroup size that the shader leaves to a constant
            (`local_size_x_id`, without local_size_x) and nobody gives is chosen for the device: 256 invocations where it
            takes them, as 256, 16 x 16 or 8 x 8 x 4.
        debug: True: every index into memory is checked. A read out of range gives 0, a write is dropped, and the call (of
            work on its way the event's wait) then raises RangeError with line, index, name and size of the first. Costs
            time; sizes of buffers by address are known where they are arguments, not behind pointer arithmetic. None asks
            the environment: VULKAN_FORGE_DEBUG_KERNELS=1.

    `debugPrintfEXT` (GL_EXT_debug_printf) needs no layer: its lines go to Python's logger "vulkan_forge.shader" at level INFO
    once the call has been waited for.

    Raises:
        RangeError: With `debug`, when called: an index out of range.
        ShaderError: It does not compile (the message shows each line), or is not valid SPIR-V.
        UnsupportedError: It needs a feature that the device lacks.
        LimitError: Its workgroup or push constants are too large for the device.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> scale = vf.Kernel('''
        ... layout(local_size_x = 64) in;
        ... layout(binding = 0) readonly buffer X { float x[]; };
        ... layout(binding = 1) writeonly buffer Y { float y[]; };
        ... layout(push_constant) uniform Push { uint n; float a; };
        ... void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = a * x[i]; }
        ... ''')
        >>> x = np.arange(4, dtype=np.float32); y = np.empty_like(x)
        >>> scale(x=x, y=y, n=4, a=2.0, threads=4)
        >>> y
        array([0., 2., 4., 6.], dtype=float32)
    """
    def __call__(self, **kwargs: typing.Any) -> None:
        """
        Runs the kernel and waits for it.

        Args:
            threads: Invocations along x, y, z (an int or up to three); rounded up to whole workgroups.
            groups: Workgroups along x, y, z; give this or threads.
            groups_from: An `Array` of 3 uint32 (or a `Buffer` that begins with them) from which the device itself reads the
                workgroups along x, y, z when the work begins: an earlier kernel may have written them. Give this instead of
                threads or groups. Counts beyond `device.limits["max_groups"]` cannot be seen here and are undefined.
            **arguments: One for each of the shader's buffers and push constants, by the shader's own names. Buffers take
                C-contiguous ndarrays (used in place where the device can, and written back where not), `Array` or `Buffer`.
                Blocks of structures or of several members take structured ndarrays; `Kernel.dtype` gives the dtype.
                Push constants take numbers, sequences, (rows, columns) matrices and structured ndarrays. Textures and images
                take a `Texture`. Arrays of descriptors (`buffer X { float x[]; } xs[3]`, `uniform sampler2D maps[]`) take a list
                or tuple of as many; without a size in the shader, of one or more.

        Raises:
            BindingError: An argument is missing or unknown.
            DtypeError, ShapeError, LayoutError, ReadOnlyError: An array does not fit the shader's declaration.
        """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        source: typing.Any,
        *,
        device: Device | None = None,
        name: str = "kernel",
        includes: collections.abc.Mapping[str, str] = {},
        defines: collections.abc.Mapping[str, str] = {},
        spec: dict[str, typing.Any] = {},
        debug: bool | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def dtype(self, name: str, *, length: typing.Any = None) -> np.dtype[typing.Any]:
        """
        The NumPy dtype that an argument has in the shader's memory.

        Of an array this is the dtype of one element, with every offset and the itemsize as the block's layout (std140, std430,
        scalar) makes them; of a block of several members it is the whole block. A mat4 is a (4, 4) field of columns, a mat3
        that the layout pads a (3, 4) one, bool a uint32.

        Args:
            name: An argument's name; `"lights.color"` reaches into structures.
            length: Elements of the runtime-sized array that ends a block of several members; None gives its fixed part.

        Returns:
            numpy.dtype, for `np.zeros(n, kernel.dtype("particles"))`.

        Raises:
            BindingError: There is no such argument or member.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> move = vf.Kernel('''
            ... struct Particle { vec3 at; float mass; vec3 speed; };
            ... layout(local_size_x = 64) in;
            ... layout(binding = 0) buffer P { Particle particles[]; };
            ... void main() {
            ...   uint i = gl_GlobalInvocationID.x;
            ...   if (i < particles.length()) particles[i].at += particles[i].speed;
            ... }''')
            >>> particles = np.zeros(5, move.dtype("particles"))
            >>> particles.dtype.itemsize
            32
            >>> particles["speed"] = (1, 0, 2)
            >>> move(particles=particles, threads=5)
            >>> particles["at"][4].tolist()
            [1.0, 0.0, 2.0]
        """
    def explain(self) -> str:
        """
        What the kernel takes and uses, as text: bindings, push constants with offsets, specialisation constants with
        their values, the workgroup and how it was chosen, shared memory, subgroup size, SPIR-V size and capabilities,
        and what the driver says of the compiled code (registers, spills), where it says anything.
        """
    def prepare(self, **kwargs: typing.Any) -> Call:
        """
        The same arguments, checked and recorded once: returns a `Call` to run many times. Arrays must be `Array` or `Buffer`.
        """
    def specialize(self, **kwargs: typing.Any) -> Kernel:
        """
        The same kernel with other values of its specialisation constants.

        Shares the compiled program: nothing is compiled or reflected anew but the pipeline, which is kept for each set of
        values. Constants that are not named keep the values they have here.

        Args:
            **values: By the shader's names, or `local_size_x` and so on for a workgroup size without a name.

        Returns:
            Kernel.

        Raises:
            BindingError: There is no constant of that name; the message lists those there are.
            ArgumentTypeError, InputError: A value is not of the constant's type, or does not fit.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> fill = vf.Kernel('''
            ... layout(local_size_x_id = 0) in;
            ... layout(constant_id = 1) const float value = 1.0;
            ... layout(binding = 0) buffer X { float x[]; };
            ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] = value; }''')
            >>> x = np.zeros(3, np.float32)
            >>> fill.specialize(value=2.5)(x=x, threads=3)
            >>> x.tolist()
            [2.5, 2.5, 2.5]
        """
    def submit(self, **kwargs: typing.Any) -> Event:
        """
        Starts the kernel and returns at once.

        Args:
            after: An `Event`, or a sequence of them, that must be done before. Work that shares memory keeps its order by itself;
                other work of one device needs this. Another device's event is refused: wait for it first.
            **arguments: As of a call. ndarrays are kept alive, and must be left alone, until the work is done: the device works
                in their own memory where it can. Where it cannot, what the kernel wrote is brought back by the Event's `wait`,
                `done` or `await`, whichever sees the end first.

        Returns:
            An `Event`.

        Raises:
            What a call raises, before anything runs.

        Example:
            >>> import numpy as np, vulkan_forge as vf
            >>> fill = vf.Kernel('''layout(local_size_x = 64) in;
            ... layout(binding = 0) writeonly buffer X { uint x[]; };
            ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] = 7; }''')
            >>> x = np.zeros(3, np.uint32)
            >>> event = fill.submit(x=x, threads=3)
            >>> event.wait()
            >>> x.tolist()
            [7, 7, 7]
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device it runs on.
        """
    @property
    def name(self) -> str:
        """
        As given.
        """
    @property
    def parameters(self) -> list[typing.Any]:
        """
        The arguments it takes: dicts with name, type (as GLSL writes it), access (read, write, read_write,
        value), kind (binding, address, value) and count (of an array of descriptors; 0 where each call says how many;
        None for what is no array).
        """
    @property
    def workgroup(self) -> tuple[int, int, int]:
        """
        Invocations of one workgroup along x, y, z.
        """

class _RecordedScope:
    def __enter__(self) -> None: ...
    def __exit__(self, *args: typing.Any) -> None: ...

class Recorder:
    """
    Many kernels, copies and fills in one submission.

    Inside `with recorder:` calls are recorded; they are sent together (long recordings early, while the device is idle) and
    waited for at the end of the block. Barriers follow from what each call reads and writes. An exception in the block drops
    what was not yet sent.

    Args:
        device: A `Device`; None for the default one.
        wait: False ends the block without waiting; `recorder.event` is then the work on its way.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> add = vf.Kernel('''layout(local_size_x = 64) in;
        ... layout(binding = 0) buffer X { uint x[]; };
        ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] += 1; }''')
        >>> x = vf.asarray(np.zeros(3, np.uint32))
        >>> recorder = vf.Recorder()
        >>> with recorder:
        ...     with recorder.scope("steps"):
        ...         for _ in range(10):
        ...             recorder.run(add, x=x, threads=3)
        >>> x.tolist()
        [10, 10, 10]
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, arg0: typing.Any, arg1: typing.Any, arg2: typing.Any) -> None: ...
    def __init__(self, *, device: Device | None = None, wait: bool = True) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def after(self, events: typing.Any) -> None:
        """
        What the block sends from here on runs after an `Event`, or after each of several.
        """
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def copy(self, source: Array, target: Array) -> None:
        """
        Records a copy of all bytes of an array into another.
        """
    def fill(self, array: Array, value: typing.Any) -> None:
        """
        Records setting every element to a value.
        """
    @typing.overload
    def run(self, kernel: Kernel, **kwargs: typing.Any) -> None:
        """
        Records a kernel; arguments as of `Kernel`, arrays as `Array` or `Buffer`.
        """
    @typing.overload
    def run(self, call: Call) -> None:
        """
        Records a `Call`, whose arguments were checked when it was prepared.
        """
    def scope(self, name: str) -> _RecordedScope:
        """
        A context manager that names and times what is recorded inside it on the device.
        """
    def times(self) -> list[typing.Any]:
        """
        (name, milliseconds on the device) of each scope of the last block, in order.
        """
    @property
    def barriers(self) -> int:
        """
        Barriers that the last block needed.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def event(self) -> Event:
        """
        The last block's work, as an `Event`.
        """
    @property
    def submissions(self) -> int:
        """
        Pieces that the last block was sent in.
        """

class _Param:
    def __repr__(self) -> str: ...

class Graph:
    """
    Work recorded once by `record`, to be run again with other values.

    Commands are ordered by what they need from each other: those that need nothing from each other form a level and stand
    without barriers between them; one barrier stands between levels. Results are those of the order in which they were
    recorded. All memory that the graph uses, arrays made inside its block included, lives as long as the graph; kernels and
    arrays may be closed before. Runs of one graph never overlap on the device. Safe to use from any thread.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> scale = vf.Kernel('''layout(local_size_x = 64) in;
        ... layout(binding = 0) buffer X { float x[]; };
        ... layout(push_constant) uniform Push { float alpha; };
        ... void main() { if (gl_GlobalInvocationID.x < x.length()) x[gl_GlobalInvocationID.x] *= alpha; }''', name="scale")
        >>> x, other = vf.asarray(np.ones(3, np.float32)), vf.asarray(np.full(3, 5, np.float32))
        >>> with vf.record() as graph:
        ...     scale(x=x, alpha=2.0, threads=3)
        >>> graph.run()
        >>> graph.run(alpha=3.0)
        >>> x.tolist()
        [6.0, 6.0, 6.0]
        >>> graph.run(alpha=10.0, x=other)
        >>> other.tolist()
        [50.0, 50.0, 50.0]
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __len__(self) -> int: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    def _repr_html_(self) -> str: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def copy(self, source: Array, target: Array) -> None:
        """
        Inside the block: records a copy of all bytes of an array into another.
        """
    def fill(self, array: Array, value: typing.Any) -> None:
        """
        Inside the block: records setting every element to a value (one that repeats over 32-bit words). A value
        named by `param` may be another one in each run.
        """
    def run(self, changes: typing.Any = None, /, *, timed: bool = False, **kwargs: typing.Any) -> None:
        """
        Runs the graph and waits; what is not given has the value that it was recorded with.

        Args:
            changes: A dict of values by name, for names that are no Python identifiers.
            timed: Take a timestamp before and after each command, for `times`.
            **named: Values by name. A kernel's argument name means every call that has such an argument, where all were recorded
                with the same value; else "kernel.argument" or "kernel#2.argument" says which (`names` lists all that mean one
                thing). A name declared with `param` means what it was declared for.

        Raises:
            BindingError: Nothing, or more than one thing, has this name.
            DtypeError, ShapeError, LayoutError, ReadOnlyError, ArgumentTypeError: As the kernel's own call raises them; nothing
                ran.
            UnsupportedError: timed=True on a device without timestamps.
            RangeError: A kernel with `debug=True` indexed out of range; what ran has run.
        """
    def save_dot(self, path: str | os.PathLike[str]) -> None:
        """
        Writes the graph in the DOT language: a node for each command, an edge for each dependency, labelled with the
        array and the hazard.
        """
    def save_png(self, path: str | os.PathLike[str]) -> None:
        """
        Draws the graph: levels from top to bottom, an arrow for each dependency.

        Args:
            path: Where to write the PNG.

        Raises:
            LimitError: More than the picture can hold; `save_dot` has no limit.
        """
    def submit(
        self, changes: typing.Any = None, /, *, after: typing.Any = None, timed: bool = False, **kwargs: typing.Any
    ) -> Event:
        """
        Starts the graph and returns at once.

        Runs of one graph follow each other on the device, each with the values it was given. Up to 16 runs with different values
        may be on their way; one more waits for the oldest.

        Args:
            changes: As of `run`.
            after: An `Event`, or a sequence of them, that must be done before.
            timed: As of `run`.
            **named: As of `run`.

        Returns:
            An `Event`.

        Raises:
            What `run` raises, before anything runs; RangeError by the Event, once the work is waited for.
        """
    def times(self) -> list[typing.Any]:
        """
        (name, milliseconds on the device) of each command in the last timed run, in the order of recording; it is
        waited for. Commands of one level may overlap, and so do their times. Empty before a timed run.
        """
    @property
    def barriers(self) -> int:
        """
        Barriers between the levels.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def edges(self) -> list[typing.Any]:
        """
        What must follow what: (from, to, array, hazard) with hazard "read after write",
        "write after read", "write after write" or "layout" (of an image).
        """
    @property
    def levels(self) -> int:
        """
        Steps in which the commands run; those of one step need nothing from each other.
        """
    @property
    def names(self) -> list[str]:
        """
        The names that `run` takes, sorted.
        """
    @property
    def nodes(self) -> list[typing.Any]:
        """
        The commands in the order of recording: dicts with name, level, size, reads and writes.
        """

class _Recording:
    def __enter__(self) -> Graph: ...
    def __exit__(self, arg0: typing.Any, arg1: typing.Any, arg2: typing.Any) -> None: ...

class PngWriter:
    """
    Writes a PNG file row by row.

    For pictures that need not be in memory as a whole: some strips at a time are packed, by all cores. The file takes its name
    when it is whole; what was not finished leaves none. Use it with `with`, which closes it, or abandons the file after an
    exception. close() finishes the file, and raises StateError where rows are missing.

    Args:
        path: File to write, str or os.PathLike. A file of that name is replaced.
        width: Pixels.
        height: Rows, all of which have to come.
        channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
        bits: Of a sample, 8 or 16.
        level: "fast", "default" or "small"; 1, 2, 3.
        dpi: Pixels an inch, for printing.
        text: A dict of str, such as {"Title": "Alps"}; keys are ASCII.
        srgb: True where the colours are sRGB, or a rendering intent 0 to 3.

    Raises:
        InputError: An argument that no PNG can hold (also a ValueError).
        FileError: The file cannot be written (also an OSError and a RuntimeError).

    Example:
        >>> from vulkan_forge import graphics
        >>> with graphics.PngWriter("rows.png", 640, 480, channels=1) as writer:
        ...     for _ in range(48):
        ...         writer.write(np.zeros((10, 640), np.uint8))
        >>> graphics.read_png("rows.png").pixels.shape
        (480, 640)
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, arg0: typing.Any, arg1: typing.Any, arg2: typing.Any) -> None: ...
    def __init__(
        self,
        path: str | os.PathLike[str],
        width: typing.Any,
        height: typing.Any,
        *,
        channels: typing.Any = 4,
        bits: typing.Any = 8,
        level: typing.Any = "default",
        dpi: typing.Any = None,
        text: typing.Any = None,
        srgb: typing.Any = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def write(self, rows: typing.Any) -> None:
        """
        Add rows below those that are there.

        Args:
            rows: C-contiguous uint8 or uint16 of shape (n, width), or (n, width, channels).

        Raises:
            InputError: Rows of another format (also a ValueError), or more than the picture has.
            FileError: The file cannot be written.
            StateError: The writer is closed.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def rows_left(self) -> int:
        """
        Rows that have not come yet.
        """

class Renderer:
    """
    Pictures of one size, rendered without a screen.

    Args:
        width: Pixels, >= 1.
        height: Pixels, >= 1.
        prefer_software: Take a CPU driver where there is one.
        device: A `Device`; None for the default one.

    Raises:
        NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
        InputError: A size below 1.

    Example:
        >>> import vulkan_forge as vf
        >>> renderer = vf.Renderer(64, 48)
        >>> renderer.render_triangle_rgba().shape
        (48, 64, 4)
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self, width: typing.Any, height: typing.Any, *, prefer_software: bool = False, device: Device | None = None
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def add_terrain(
        self, heightmap: typing.Any, spacing: typing.Any, exaggeration: float = 1.0, colormap: typing.Any = "viridis"
    ) -> None:
        """
        Sets the terrain to draw. Replaces the former one, its texture and its colour range.

        Args:
            heightmap: float32 or float64 (rows, columns), C-contiguous; row 0 is north. A copy is kept. NaN marks holes.
            spacing: (dx, dy), world units from column to column and from row to row.
            exaggeration: Factor on the heights as they are stored.
            colormap: A name out of `colormap_supported()`, or an ndarray (N, 3 or 4) of uint8 or of floats from 0 to 1.

        Raises:
            InputError: A bad size, dtype, order, spacing, exaggeration or name; the message says which.
        """
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def debug_read_height_patch(self, x: typing.Any, y: typing.Any, w: typing.Any, h: typing.Any) -> typing.Any:
        """
        float32 (h, w): rows y to y+h and columns x to x+w of the height texture.
        """
    def info(self) -> str:
        """
        Size and pixel format as text.
        """
    def metrics(self) -> dict[str, typing.Any]:
        """
        Where the last picture's time went, in milliseconds, and the bytes it moved.
        """
    def normalize_terrain(self, mode: str, range: typing.Any = None, eps: typing.Any = 1e-08) -> None:
        """
        Changes the stored heights in place; the height texture stays as it is until the next upload.

        Args:
            mode: "minmax" maps to `range`, a flat field to its lower end; "zscore" gives mean 0 and deviation 1. Any case.
            range: (low, high) of "minmax"; None is (0, 1).
            eps: Least divisor; None is 1e-8.
        """
    def read_full_height_texture(self) -> numpy.typing.NDArray[np.float32]:
        """
        float32 (rows, columns): the heights as last uploaded, bit for bit; zeros before any upload.
        """
    def render_png(self, path: str | os.PathLike[str]) -> None:
        """
        Writes the same picture as a PNG file.
        """
    def render_rgba(self) -> numpy.typing.NDArray[np.uint8]:
        """
        uint8 (height, width, 4): the terrain, lit by the sun. Row 0 is the top.
        """
    def render_triangle_png(self, path: str | os.PathLike[str]) -> None:
        """
        Writes the same picture as a PNG file.
        """
    def render_triangle_rgba(self) -> numpy.typing.NDArray[np.uint8]:
        """
        uint8 (height, width, 4): the reference triangle on white. Row 0 is the top.
        """
    def set_camera_look_at(
        self,
        eye: typing.Any,
        target: typing.Any,
        up: typing.Any = (0, 1, 0),
        fovy_deg: float = 30.0,
        znear: float = 0.1,
        zfar: float = 1000000.0,
    ) -> None:
        """
        Looks from eye to target; world units, x east, y up, z south, the terrain's middle at x = z = 0.

        Without it the camera frames all of the terrain from the south. The same checks as `camera_view_proj`.
        """
    def set_exposure(self, exposure: float) -> None:
        """
        Factor on the light before it is encoded; 1 by default.
        """
    def set_height_range(self, min: float, max: float) -> None:
        """
        Heights of the first and last colour, instead of the 1st and 99th percentile.
        """
    def set_style(
        self,
        *,
        shadows: bool | None = None,
        sky: bool | None = None,
        walls: bool | None = None,
        ambient: float | None = None,
        tone: str | None = None,
        background: collections.abc.Sequence[float] | None = None,
    ) -> None:
        """
        How the terrain looks; None leaves a setting as it is.

        Args:
            shadows: Cast shadows of the sun, soft at their edges (default True).
            sky: Darker where the horizon stands high (default True).
            walls: Sides and foot of the block (default True).
            ambient: Share of the light that comes from the sky, 0 to 1 (default 0.25).
            tone: "none" (colours as in the legend, default) or "reinhard".
            background: Linear (r, g, b, a).
        """
    def set_sun(self, elevation_deg: float, azimuth_deg: float) -> None:
        """
        Where the sun stands: degrees above the horizon, and clockwise from north.
        """
    def terrain_stats(self) -> tuple[typing.Any, ...]:
        """
        (min, max, mean, population std) of the stored heights; holes do not count.
        """
    def upload_height_r32f(self) -> None:
        """
        Copies the stored heights into the height texture.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that draws.
        """
    @property
    def height(self) -> int:
        """
        Pixels.
        """
    @property
    def width(self) -> int:
        """
        Pixels.
        """

class Scene:
    """
    A square of heights under a fixed sun, seen in perspective.

    The square lies between -1.5 and 1.5 along x and z, y up. Its colours span heights from -1 to 1. Before any heights are
    given a surface of two waves on a slope is drawn.

    Args:
        width: Pixels, >= 1.
        height: Pixels, >= 1.
        grid: Vertices a side of the mesh, at most 4096; fewer than 2 are taken as 2, None as 128. Colour and light are worked
            out for each pixel, whatever the mesh.
        colormap: A name out of `colormap_supported()`, or an ndarray (N, 3 or 4) of uint8 or of floats from 0 to 1; None is
            "viridis".
        prefer_software: Take a CPU driver where there is one.
        device: A `Device`; None for the default one.

    Raises:
        NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
        InputError: A size below 1, a grid above 4096, an unknown colormap.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> scene = vf.Scene(64, 48, colormap="magma")
        >>> y, x = np.mgrid[-1:1:65j, -1:1:65j]
        >>> scene.set_height_from_r32f(np.exp(-4 * (x**2 + y**2)).astype(np.float32))
        >>> scene.set_camera_look_at(eye=(0, 2, 4), target=(0, 0, 0))
        >>> scene.render_rgba().shape
        (48, 64, 4)
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        width: typing.Any,
        height: typing.Any,
        grid: typing.Any = 128,
        colormap: typing.Any = "viridis",
        *,
        prefer_software: bool = False,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def debug_lut_format(self) -> str:
        """
        "Rgba8UnormSrgb", or "Rgba8Unorm" where the colormap's texture holds linear values.
        """
    def debug_uniforms_f32(self) -> numpy.typing.NDArray[np.float32]:
        """
        float32 (44,): what the shaders read.

        [0:16] view and [16:32] projection, column by column; [32:35] unit vector to the sun; [35] exposure; [36] spacing;
        [37] height range; [38] exaggeration; the rest is 0.
        """
    def metrics(self) -> dict[str, typing.Any]:
        """
        Where the last picture's time went, in milliseconds, and the bytes it moved.
        """
    def render_png(self, path: str | os.PathLike[str]) -> None:
        """
        Writes the same picture as a PNG file.
        """
    def render_rgba(self) -> numpy.typing.NDArray[np.uint8]:
        """
        uint8 (height, width, 4): the picture. Row 0 is the top.
        """
    def set_camera_look_at(
        self,
        eye: typing.Any,
        target: typing.Any,
        up: typing.Any = (0, 1, 0),
        fovy_deg: float = 45.0,
        znear: float = 0.1,
        zfar: float = 100.0,
    ) -> None:
        """
        Looks from eye to target, instead of from (3, 2, 3) to the middle. The same checks as `camera_view_proj`.
        """
    def set_height_from_r32f(self, height_r32f: typing.Any) -> None:
        """
        Draws these heights, lit by their own slopes, from now on. They are copied.

        Args:
            height_r32f: float32 or float64 (rows, columns), C-contiguous; row 0 is at z = -1.5, column 0 at x = -1.5. Between
                samples heights are interpolated. NaN marks holes.

        Raises:
            InputError: Another type, dtype, shape or order; the former heights stay.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that draws.
        """
    @property
    def grid(self) -> int:
        """
        Vertices a side of the mesh.
        """
    @property
    def height(self) -> int:
        """
        Pixels.
        """
    @property
    def width(self) -> int:
        """
        Pixels.
        """

class TerrainSpike(Scene):
    """
    A `Scene` whose sun stands higher.

    Args:
        width: Pixels, >= 1.
        height: Pixels, >= 1.
        grid: As for `Scene`.
        colormap: As for `Scene`.
        prefer_software: Take a CPU driver where there is one.
        device: A `Device`; None for the default one.

    Raises:
        NoDeviceError: No usable Vulkan device ("No suitable GPU adapter").
        InputError: A size below 1, a grid above 4096, an unknown colormap.

    Example:
        >>> import vulkan_forge as vf
        >>> with vf.TerrainSpike(64, 48, 32, "terrain") as spike:
        ...     spike.render_png("spike.png")
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        width: typing.Any,
        height: typing.Any,
        grid: typing.Any = 128,
        colormap: typing.Any = "viridis",
        *,
        prefer_software: bool = False,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class Pipeline:
    """
    A vertex and a fragment shader, with the state they draw in.

    Layouts follow from the shaders: vertex inputs, uniform and storage blocks, textures, samplers and push constants are
    given to `Target.draw` by the shaders' own names, checked as a `Kernel`'s arguments are. What both stages declare is one
    argument.

    Args:
        vertex: GLSL (str) or SPIR-V (bytes). In clip space y points up and depth runs from 0 to 1, as `camera_view_proj`
            has it.
        fragment: GLSL or SPIR-V; output 0 is attachment 0 of the target, in linear light for sRGB formats.
        state: A `DrawState`: topology, blending, depth, stencil, culling. None for its defaults.
        name: Shown in messages, profiles and graphs.
        includes: Texts for `#include "name"`, by name.
        defines: Macros, for both stages.
        spec: Values of specialisation constants, by name; a name that both stages have is given to both.
        device: A `Device`; None for the default one.

    Raises:
        ShaderError: A stage does not compile (the message shows each line), is not valid SPIR-V, or the stages declare one
            binding in two ways.
        UnsupportedError: It needs a feature that the device lacks.
        BindingError: `spec` names a constant that neither stage has.
        LimitError: Its push constants or descriptors are beyond a limit of the device.

    Example:
        >>> from vulkan_forge import graphics
        >>> dots = graphics.Pipeline(
        ...     vertex='''layout(location = 0) in vec2 position;
        ...               void main() { gl_Position = vec4(position, 0.0, 1.0); gl_PointSize = 1.0; }''',
        ...     fragment='''layout(location = 0) out vec4 color;
        ...                 layout(push_constant) uniform Push { vec4 ink; };
        ...                 void main() { color = ink; }''',
        ...     state=graphics.DrawState(topology="points", blend="add", depth_test=False))
        >>> dots.inputs
        [{'name': 'position', 'type': 'vec2', 'location': 0}]
        >>> [(row["name"], row["type"]) for row in dots.parameters]
        [('ink', 'vec4')]
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        *,
        vertex: typing.Any,
        fragment: typing.Any,
        state: typing.Any = None,
        name: str = "pipeline",
        includes: collections.abc.Mapping[str, str] = {},
        defines: collections.abc.Mapping[str, str] = {},
        spec: dict[str, typing.Any] = {},
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def dtype(self, name: str, *, length: typing.Any = None) -> np.dtype[typing.Any]:
        """
        The NumPy dtype that an argument has in the shaders' memory; see `Kernel.dtype`.

        Args:
            name: An argument's name; `"lights.color"` reaches into structures.
            length: Elements of the runtime-sized array that ends a block of several members.

        Returns:
            numpy.dtype.

        Raises:
            BindingError: There is no such argument or member.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device it draws on.
        """
    @property
    def inputs(self) -> list[typing.Any]:
        """
        The vertex shader's inputs: dicts with name, type and location.
        """
    @property
    def name(self) -> str:
        """
        As given.
        """
    @property
    def outputs(self) -> list[typing.Any]:
        """
        The fragment shader's outputs: dicts with name, type and location, which is the attachment's number.
        """
    @property
    def parameters(self) -> list[typing.Any]:
        """
        What else a draw takes by name: dicts as `Kernel.parameters` has them.
        """

class Target:
    """
    An offscreen picture, to draw into and read back.

    Args:
        width: Pixels, >= 1.
        height: Pixels, >= 1.
        format: Of the attachments: a name; a sequence of names, for outputs 0, 1, ... of the fragment shader; a dict of
            names by output; or () for depth alone. "rgba8_srgb" (linear light, stored as sRGB) and, with 1, 2 or 4 channels
            r, rg, rgba: "rgba8" (0.0 to 1.0 as bytes), "rgba16", "rgba16f", "rgba32f", and integers as "r32ui", "rgba8i".
            The device is asked: an error names those it draws into.
        depth: Have a float32 depth buffer.
        stencil: Have an 8-bit stencil buffer, and depth with it.
        samples: 1, 2, 4 or 8; more than one is antialiased: colours are averaged into pixels, depth and stencil are the
            first sample's. Not for integers, which have no mean.
        device: A `Device`; None for the default one.

    Raises:
        UnsupportedError: The device does not draw into this format, or with as many samples.
        LimitError: It is larger than the device allows, or has more attachments.
        InputError: A name is unknown; integers with several samples.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> from vulkan_forge import graphics
        >>> target = graphics.Target(64, 64)
        >>> pipeline = graphics.Pipeline(
        ...     vertex='''layout(location = 0) in vec2 position;
        ...               void main() { gl_Position = vec4(position, 0.0, 1.0); }''',
        ...     fragment='''layout(location = 0) out vec4 color;
        ...                 layout(push_constant) uniform Push { vec4 ink; };
        ...                 void main() { color = ink; }''')
        >>> corners = np.array([[-1, -1], [3, -1], [-1, 3]], np.float32)
        >>> target.draw(pipeline, vertices={"position": corners}, clear=(0, 0, 0, 1), ink=(1, 0, 0, 1))
        >>> target.read()[0, 0]
        array([255,   0,   0, 255], dtype=uint8)
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        width: typing.Any,
        height: typing.Any,
        *,
        format: typing.Any = "rgba8_srgb",
        depth: bool = True,
        stencil: bool = False,
        samples: typing.SupportsIndex = 1,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def clear(self, values: typing.Any) -> None:
        """
        Clears the attachments; inside `record` it is captured.

        Args:
            values: As `clear` of `draw`.

        Example:
            >>> from vulkan_forge import graphics
            >>> target = graphics.Target(2, 1, format={"color": "rgba8", "ids": "r32ui"})
            >>> target.clear({"color": (1, 0, 0, 1), "ids": 7, "depth": 0.5})
            >>> target.read("ids")
            array([[7, 7]], dtype=uint32)
        """
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def draw(
        self,
        pipeline: Pipeline,
        *,
        vertices: typing.Any = None,
        per_instance: typing.Any = None,
        indices: typing.Any = None,
        indirect: typing.Any = None,
        clear: typing.Any = None,
        instances: typing.Any = None,
        count: typing.Any = None,
        arguments: typing.Any = None,
        **kwargs: typing.Any,
    ) -> None:
        """
        Draws and waits; inside `record` it is captured instead.

        Args:
            pipeline: A `Pipeline` of the same device.
            vertices: Arrays by the vertex shader's input names: a dict of (N, components) arrays (ndarray or `Array`), or one
                structured ndarray with those field names. Rows may have gaps between them. Used in place where the device
                shares memory with the host, else copied there.
            per_instance: The same, a row for each instance.
            indices: uint32 or uint16, ndarray or `Array`; None draws the vertices in order. Those of an ndarray are checked.
            indirect: An `Array` of uint32 that the device reads when it draws: (N, 4) rows of vertices, instances, first vertex,
                first instance; with indices (N, 5) of indices, instances, first index, vertex offset, first instance.
            clear: What to start from; None draws over what is there (zeros and depth 1 in a new target). Linear (r, g, b, a) for
                all attachments, or a dict of values by attachment, "depth" and "stencil"; what it leaves out is zeros, depth 1.
            instances: How often to draw; None takes the rows of `per_instance`, else 1.
            count: Vertices, for shaders that take no inputs.
            arguments: The shaders' arguments in a dict, for names that cannot be keywords.
            **values: The shaders' arguments by name, as of a `Kernel`'s call: arrays for blocks, a `Texture` or `Sampler`,
                numbers for push constants.

        Raises:
            BindingError: An input or argument is missing or unknown; an attachment would get another's output.
            DtypeError, ShapeError, LayoutError, RangeError: An array does not fit; an index names no vertex.
            StateError: The pipeline tests depth or stencil, which the target does not have.
            InputError: The target is read by what draws into it; memory of another device; counts that disagree.
            UnsupportedError: The device does not blend the format, or draw lines so wide.

        After an error the picture is what it was before.
        """
    def read(self, attachment: typing.Any = 0, *, region: typing.Any = None, out: typing.Any = None) -> typing.Any:
        """
        An attachment as an array of (height, width) or (height, width, channels), row 0 on top; never padded.

        Args:
            attachment: A number or name of the target's, "depth" (float32, 0 near to 1 far) or "stencil" (uint8).
            region: (x, y, width, height) in pixels, y from the top; None reads everything.
            out: A C-contiguous ndarray of that shape and dtype to read into; or an `Array`, which keeps the pixels on the device:
                that does not wait, and inside `record` it is captured.

        Returns:
            numpy.ndarray, or `out`.

        Raises:
            StateError: Nothing was drawn yet, or no draw succeeded; the target has no depth or stencil.
            RangeError: The region does not lie inside, or there is no such attachment.
            DtypeError, ShapeError, LayoutError, ReadOnlyError: `out` does not fit.
        """
    def read_async(self, attachment: typing.Any = 0, *, region: typing.Any = None) -> HostFuture:
        """
        Starts a read and returns at once.

        Args:
            attachment: As of `read`.
            region: As of `read`.

        Returns:
            A `HostFuture`: `result()` waits, `await` does not block.

        Example:
            >>> from vulkan_forge import graphics
            >>> target = graphics.Target(2, 1, format="r32f")
            >>> target.clear(0.5)
            >>> future = target.read_async()
            >>> future.result()
            array([[0.5, 0.5]], dtype=float32)
        """
    def read_depth(self) -> numpy.typing.NDArray[typing.Any]:
        """
        The same as `read("depth")`.
        """
    def texture(
        self, attachment: typing.Any = 0, *, filter: str = "nearest", wrap: str = "clamp", normalized: bool = True
    ) -> Texture:
        """
        An attachment as a `Texture`, without a copy: later draws show in it.

        Args:
            attachment: A number or name, or "depth": a texture of one float, 0 near to 1 far (of a target without stencil; with
                several samples the first one's).
            filter: "nearest" or "linear".
            wrap: Beyond the edge: "clamp", "repeat" or "mirror".
            normalized: False: coordinates count texels.

        Raises:
            UnsupportedError: The device does not sample, or not filter, this format.

        Example:
            >>> from vulkan_forge import graphics
            >>> target = graphics.Target(4, 4, format="rgba16f")
            >>> target.clear((0, 0.5, 1, 1))
            >>> target.texture(filter="linear").read()[0, 0].tolist()
            [0.0, 0.5, 1.0, 1.0]
        """
    @property
    def attachments(self) -> list[str]:
        """
        Names of the attachments; empty where they go by number.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device it lies on.
        """
    @property
    def formats(self) -> tuple[typing.Any, ...]:
        """
        Of each attachment, as `Texture` names them.
        """
    @property
    def height(self) -> int:
        """
        Pixels.
        """
    @property
    def samples(self) -> int:
        """
        As given.
        """
    @property
    def width(self) -> int:
        """
        Pixels.
        """

class Font:
    """
    An outline font for pictures: TrueType, OpenType or Type 1, by FreeType.

    Letters are set with the font's kerning at quarters of a pixel, and rasterised once for each size. Characters that a font
    lacks come from DejaVu Sans; those that it lacks, too, show as a box. Text runs from left to right, a character a glyph:
    scripts that join or reorder letters need a shaping engine, which this is not, and kerning that a font has in its GPOS
    table alone is not used.

    Args:
        path: A font file, str or os.PathLike; None: DejaVu Sans, which the package brings.
        face: Which font of a collection (.ttc).
        bold: The bundled font's bold form; with `path`, that of the characters which the font lacks.

    Raises:
        FileError: The file is missing, broken, or has no outlines (also an OSError and a RuntimeError).

    Example:
        >>> from vulkan_forge import graphics
        >>> font = graphics.Font()
        >>> font.family, font.has("°"), font.has("\\u4e2d")
        ('DejaVu Sans', True, False)
        >>> round(font.advance("AV", 100) - font.advance("A", 100) - font.advance("V", 100))  # kerning
        -6
        >>> picture = np.full((40, 200, 4), 255, np.uint8)
        >>> font.draw(picture, "47° N", size=24, at=(10, 30), color=(20, 30, 60))
        >>> bool((picture[..., 0] < 60).any())
        True
    """
    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, face: typing.Any = 0, bold: bool = False
    ) -> None: ...
    def __repr__(self) -> str: ...
    def advance(self, text: typing.Any, size: typing.Any) -> float:
        """
        Pixels from the start of a line to where more would go on.

        Args:
            text: The line.
            size: Pixels an em, 1 to 4096.
        """
    def box(
        self,
        text: typing.Any,
        size: typing.Any,
        at: typing.Any = (0, 0),
        *,
        halo: typing.Any = 0,
        angle: typing.Any = 0,
        hinted: bool = True,
    ) -> tuple[typing.Any, ...]:
        """
        The pixels that a line would touch.

        Args:
            text: The line.
            size: Pixels an em, 1 to 4096.
            at: x and y of its start, on the baseline, in pixels from the upper left corner; horizontal hinted text goes to
                whole y.
            halo: Pixels that a surround reaches beyond the letters, 0 to 256.
            angle: Degrees counter-clockwise about `at`.
            hinted: Move horizontal edges to rows of pixels, which is crisper.

        Returns:
            left, top, right, bottom, half open; all equal where nothing is drawn.
        """
    def coverage(
        self,
        text: typing.Any,
        size: typing.Any,
        at: typing.Any = (0, 0),
        *,
        halo: typing.Any = 0,
        angle: typing.Any = 0,
        hinted: bool = True,
    ) -> tuple[typing.Any, ...]:
        """
        How much of each pixel a line covers.

        Args:
            text: The line.
            size: Pixels an em, 1 to 4096.
            at: As for box().
            halo: As for box().
            angle: As for box().
            hinted: As for box().

        Returns:
            (cells, left, top) of the letters and of the surround; cells are uint8 (height, width), 255 where all is covered.
        """
    def draw(
        self,
        picture: typing.Any,
        text: typing.Any,
        *,
        size: typing.Any,
        at: typing.Any,
        color: typing.Any = (0, 0, 0),
        halo: typing.Any = 0,
        halo_color: typing.Any = (255, 255, 255),
        angle: typing.Any = 0,
        hinted: bool = True,
    ) -> None:
        """
        Draw a line of text into a picture, mixed as light.

        Args:
            picture: C-contiguous writable uint8 of shape (H, W, 4): sRGB with straight alpha.
            text: The line. Line ends and other marks that steer text draw nothing.
            size: Pixels an em, 1 to 4096.
            at: As for box().
            color: (r, g, b) or (r, g, b, a), 0 to 255.
            halo: As for box().
            halo_color: As color.
            angle: As for box().
            hinted: As for box().

        Raises:
            InputError: An argument of the wrong kind or out of its range (subclasses say which).
        """
    def has(self, character: typing.Any) -> bool:
        """
        Whether the font itself has a glyph for a character.
        """
    @property
    def ascent(self) -> float:
        """
        Over the line, of the size.
        """
    @property
    def cap_height(self) -> float:
        """
        Of a capital, of the size.
        """
    @property
    def descent(self) -> float:
        """
        Under the line, of the size.
        """
    @property
    def faces(self) -> int:
        """
        Fonts in its file.
        """
    @property
    def family(self) -> str:
        """
        Its name.
        """
    @property
    def kept_glyphs(self) -> int:
        """
        Glyphs that are rasterised already, one for each size and quarter of a pixel that was drawn.
        """
    @property
    def line_height(self) -> float:
        """
        From line to line, of the size.
        """
    @property
    def style(self) -> str:
        """
        Such as "Book" or "Bold".
        """

class View:
    """
    Where a picture's camera stands, and what it makes of points.

    `Figure.view` gives it. World axes are a map's: x east, y north, z up.
    """
    @staticmethod
    def framed(
        box: typing.Any,
        azimuth: float,
        elevation: float,
        *,
        fovy: float = 30.0,
        fill: float = 0.85,
        size: collections.abc.Sequence[typing.SupportsIndex],
    ) -> View:
        """
        The view that shows a whole box, as large as it fits.

        Args:
            box: ((x, y, z), (x, y, z)): its lowest and highest corner, world units.
            azimuth: Where the eye stands, degrees of the compass; 180 is south, with north up.
            elevation: Degrees of the eye over the horizon; 90 looks straight down.
            fovy: Degrees from the picture's lower to its upper edge (default 30.0); 0: parallel rays.
            fill: Share of the picture's width or height that the box takes (default 0.85).
            size: (width, height) in pixels.

        Raises:
            InputError: A box without points or not finite, or a number that makes no picture.
        """
    def __init__(
        self,
        eye: typing.Any,
        target: typing.Any,
        up: typing.Any = (0.0, 0.0, 1.0),
        *,
        fovy: float = 30.0,
        parallel_height: float = 0.0,
        near: float = 0.0,
        size: collections.abc.Sequence[typing.SupportsIndex],
    ) -> None: ...
    def pixel_size(self, point: typing.Any) -> float:
        """
        World units that a pixel covers at a point, along the picture's axes.
        """
    def project(self, points: typing.Any) -> numpy.typing.NDArray[np.float64]:
        """
        Where points are in the picture.

        Args:
            points: float64 or float32 (N, 3), world units.

        Returns:
            float64 (N, 3): pixels from the picture's upper left corner (column, row; middles of pixels are at halves), and depth
            as `Figure.read("depth")` gives it: 1 near, 0 infinitely far. Points that are not in front of the eye: NaN, NaN, -1.

        Raises:
            InputError: Another dtype or shape.
        """
    @property
    def eye(self) -> tuple[typing.Any, ...]:
        """
        World units.
        """
    @property
    def forward(self) -> tuple[typing.Any, ...]:
        """
        Unit vector.
        """
    @property
    def fovy(self) -> float:
        """
        Degrees; 0: parallel rays.
        """
    @property
    def parallel_height(self) -> float:
        """
        World units from the lower to the upper edge, of parallel rays.
        """
    @property
    def right(self) -> tuple[typing.Any, ...]:
        """
        Unit vector.
        """
    @property
    def size(self) -> tuple[int, int]:
        """
        (width, height).
        """
    @property
    def target(self) -> tuple[typing.Any, ...]:
        """
        World units.
        """
    @property
    def up(self) -> tuple[typing.Any, ...]:
        """
        Unit vector of the picture.
        """

class SceneObject:
    """
    A thing that a `Figure` draws: the base of `Mesh`, `Points`, `Lines` and others.
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    @property
    def bounds(self) -> typing.Any:
        """
        ((x, y, z), (x, y, z)): lowest and highest corner of what is drawn, world units; None where nothing is.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        Where it lives.
        """

class Stage:
    """
    The device's part of a `Figure`, which see.

    Args:
        width: Pixels.
        height: Pixels.
        supersample: Samples along each side of a pixel, 1 to 8.
        device: A `Device`; None for the default one.
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        width: typing.Any,
        height: typing.Any,
        *,
        supersample: typing.SupportsIndex = 2,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def metrics(self) -> dict[str, typing.Any]:
        """
        Where the last picture's time went, in milliseconds, and the bytes it moved.
        """
    def read_depth(self) -> numpy.typing.NDArray[np.float32]:
        """
        float32 (height, width): the last picture's depths.
        """
    def read_ids(self) -> numpy.typing.NDArray[np.uint32]:
        """
        uint32 (height, width): numbers of the last picture's objects, from 1; 0: none.
        """
    def render(
        self,
        objects: collections.abc.Sequence[typing.Any],
        view: View,
        *,
        sun: collections.abc.Sequence[float],
        fill: float,
        softness: float,
        background: collections.abc.Sequence[float],
        eye_dome: float = 0.0,
    ) -> numpy.typing.NDArray[np.uint8]:
        """
        uint8 (height, width, 4): a picture of objects.

        Args:
            objects: A sequence of `SceneObject`.
            view: A `View` of this size.
            sun: Azimuth and elevation in degrees.
            fill: Share of the light that shade keeps.
            softness: Half the angle over which shadows fade, degrees.
            background: (r, g, b, a), sRGB and straight alpha, 0 to 1.
            eye_dome: How much what lies behind its neighbours is darkened.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def device(self) -> Device:
        """
        The device that draws.
        """
    @property
    def height(self) -> int:
        """
        Pixels.
        """
    @property
    def width(self) -> int:
        """
        Pixels.
        """

class Land(SceneObject):
    """
    The device's part of a `Terrain`, which see.

    Args:
        heights: float32 (rows, columns), C-contiguous, row 0 north. Kept, not copied.
        cell: World units from column to column and from row to row.
        corner: World coordinates of the outer corner in the northwest.
        nodata: The height of holes, beside what is not finite.
        device: A `Device`; None for the default one.
    """
    def __init__(
        self,
        heights: np.ndarray,
        *,
        cell: collections.abc.Sequence[float],
        corner: collections.abc.Sequence[float],
        nodata: float,
        device: Device | None = None,
    ) -> None: ...
    def layers(self, view: View) -> tuple[typing.Any, ...]:
        """
        float32 unit normals and float64 places, both (height, width, 3) in world axes; NaN where there is no land.
        """
    def set_drape(
        self, pixels: numpy.typing.NDArray[typing.Any] | None, *, place: collections.abc.Sequence[float], opacity: float
    ) -> None:
        """
        An image on the surface.

        Args:
            pixels: uint8 (height, width, 4), sRGB and straight alpha; None: none.
            place: West, north, width and depth in world units.
            opacity: 0 to 1.
        """
    def set_style(self, options: dict[str, typing.Any]) -> None:
        """
        Every option of a `TerrainStyle`, in numbers.
        """
    def summary(self) -> dict[str, typing.Any]:
        """
        Lowest and highest, typical ones, how many count, and how they are exaggerated.
        """

class Mesh(SceneObject):
    """
    Triangles with two sides, lit by the figure's light.

    Triangles may cross each other and be seen through; what is behind shines through in the right order, fragment by
    fragment.

    Args:
        vertices: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
            from zero. Faces at a vertex that is not finite are left out; `bounds` is around the vertices of the others.
        faces: (M, 3) integers: the vertices of each triangle, in either order. They are copied.
        normals: (N, 3) of any length; None: the mean of the faces at a vertex, by their angles.
        colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha.
            None: light gray; with a texture white. They are multiplied with the texture.
        uv: (N, 2): where a vertex is in the texture, from its lower left corner (0, 0) to its upper right one (1, 1);
            beyond that it repeats.
        texture: uint8 (height, width, 3 or 4), row 0 on top.
        shading: "smooth": light by the normals of vertices; "flat": by those of triangles.
        opacity: 0 to 1 (default 1.0), times the colours' alpha.
        device: A `Device`; None: that of the first `Array` given, else the default one.

    Raises:
        InputError: A wrong dtype, shape, number or order (subclasses say which).
        RangeError: A face names a vertex that is not there.
        LimitError: The device has no room for so large a texture, or so many points.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import graphics
        >>> corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float64)
        >>> faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
        >>> graphics.Mesh(corners, faces, colors="orange", shading="flat").bounds
        ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        vertices: typing.Any,
        faces: typing.Any,
        *,
        normals: typing.Any = None,
        colors: typing.Any = None,
        uv: typing.Any = None,
        texture: typing.Any = None,
        shading: str = "smooth",
        opacity: float = 1.0,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class Points(SceneObject):
    """
    Round spots, millions of them, each in its own colour.

    Args:
        positions: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
            from zero. What is not finite is not drawn.
        colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha.
            None: dark blue. A uint8 `Array` (N, 4) is used in place.
        size: Diameter of all, or (N,) of each (default 2.0).
        unit: "pixel", or "world": farther ones are smaller. None is drawn smaller than a sample.
        opacity: 0 to 1 (default 1.0), times the colours' alpha.
        device: A `Device`; None: that of the first `Array` given, else the default one.

    Raises:
        InputError: A wrong dtype, shape, number or order (subclasses say which).
        LimitError: More points than one object may have.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import graphics
        >>> places = np.random.default_rng(0).normal(size=(1000, 3))
        >>> picture = graphics.Figure(64, 64).add(graphics.Points(places, colors="crimson", size=3)).render()
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        positions: typing.Any,
        *,
        colors: typing.Any = None,
        size: typing.Any = 2.0,
        unit: str = "pixel",
        opacity: float = 1.0,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class Lines(SceneObject):
    """
    Lines of a width in pixels, with joins, caps and dashes.

    They are drawn a little nearer than they are, by about their width on the ground, so that they lie on a surface whose points
    they share without sinking into it. Where they are seen through, a line that crosses itself is no darker there.

    Args:
        positions: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
            from zero. A point that is not finite (NaN) ends a line; the next one begins another.
        offsets: Places of lines' first points among the positions, ascending; None: one line.
        colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha,
            mixed between points. None: black.
        width: Pixels (default 1.5); none is drawn narrower than a sample.
        joins: "miter" (pointed, but no longer than 4 half widths), "round" or "bevel".
        caps: Of ends and of dashes: "butt", "round" or "square". A line of one point is a dot, but with "butt" nothing.
        dash: Pixels of strokes and gaps in turn, up to 16 numbers; (): drawn through.
        closed: Each line's last point is joined with its first one.
        opacity: 0 to 1 (default 1.0), times the colours' alpha.
        nudge: Pixels that lines come nearer, beside half their width; more on ground that is seen at a grazing angle
            (default 1.0).
        device: A `Device`; None: that of the first `Array` given, else the default one.

    Raises:
        InputError: A wrong dtype, shape, number, word or order (subclasses say which).
        LimitError: More points than one object may have.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import graphics
        >>> t = np.linspace(0, 6 * np.pi, 300)
        >>> helix = np.stack([np.cos(t), np.sin(t), t / 10], axis=1)
        >>> figure = graphics.Figure(64, 64).add(graphics.Lines(helix, width=3, colors="teal", dash=(8, 4)))
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        positions: typing.Any,
        offsets: typing.Any = None,
        *,
        colors: typing.Any = None,
        width: float = 1.5,
        joins: str = "round",
        caps: str = "butt",
        dash: collections.abc.Sequence[float] = (),
        closed: bool = False,
        opacity: float = 1.0,
        nudge: float = 1.0,
        device: Device | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class Gguf:
    """
    A GGUF model file: what it says about itself, and its tensors.

    The file is mapped, not read. Nothing in it is trusted: counts and places are checked against its size.

    Args:
        path: The file.

    Raises:
        FileError: The file cannot be read, is no GGUF file, or is damaged; the message names key or tensor.
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(self, path: str | os.PathLike[str]) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def metadata(self) -> dict[str, typing.Any]:
        """
        All keys with their values: numbers, text, bool, ndarrays of numbers, and lists of text or of arrays.
        """
    def tensor(self, name: str) -> numpy.typing.NDArray[np.float32]:
        """
        The values of a tensor.

        Args:
            name: As `tensors` lists it.

        Returns:
            A float32 ndarray of the tensor's shape.

        Raises:
            InputError: There is no such tensor.
            UnsupportedError: Its format is not known here.
        """
    def tensors(self) -> list[typing.Any]:
        """
        Name, format ("Q4_K"; a number where it is not known here) and shape, rows first, of each tensor.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

class LlmEngine:
    """
    The native part of vulkan_forge.llm.InferenceEngine.
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self, model: typing.Any, options: dict[str, typing.Any], device: Device | None = None, loaded: typing.Any = None
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def add(
        self,
        ids: collections.abc.Sequence[typing.SupportsIndex],
        sampling: dict[str, typing.Any],
        priority: typing.SupportsIndex,
    ) -> int: ...
    def cancel(self, session: typing.SupportsIndex) -> bool: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def computed(self, session: typing.SupportsIndex) -> int: ...
    def idle(self) -> bool: ...
    def log_probabilities(
        self, ids: collections.abc.Sequence[typing.SupportsIndex]
    ) -> numpy.typing.NDArray[np.float32]: ...
    def logits(
        self, ids: collections.abc.Sequence[typing.SupportsIndex], all: bool
    ) -> numpy.typing.NDArray[np.float32]: ...
    def metrics(self) -> dict[str, typing.Any]: ...
    def step(self) -> list[typing.Any]: ...
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """
    @property
    def vocabulary(self) -> int: ...

class OnnxSession:
    """
    A model on a device, as `vulkan_forge.onnx.InferenceSession` holds it.
    """
    def __copy__(self, *args: typing.Any) -> typing.Any: ...
    def __deepcopy__(self, *args: typing.Any) -> typing.Any: ...
    def __enter__(self) -> typing_extensions.Self: ...
    def __exit__(self, *args: typing.Any) -> None: ...
    def __init__(
        self,
        model: dict[str, typing.Any],
        device: Device | None = None,
        *,
        record: bool = True,
        share_memory: bool = True,
        fold: bool = True,
        fusions: collections.abc.Sequence[str] | None = None,
    ) -> None: ...
    def __reduce_ex__(self, *args: typing.Any) -> typing.Any: ...
    def close(self) -> None:
        """
        Drops this object's share of its native memory. Safe to call twice; other methods then raise StateError.

        Views handed out earlier stay valid: they hold a share of their own.
        """
    def report(self) -> dict[str, typing.Any]:
        """
        What the last plan is made of.
        """
    def run(
        self, feeds: dict[str, typing.Any], outputs: collections.abc.Sequence[str], as_arrays: bool = False
    ) -> list[typing.Any]:
        """
        The wanted outputs, as ndarrays or as `Array`s.
        """
    def times(self) -> list[tuple[str, float]]:
        """
        Runs the last plan again; its kernels in order, with milliseconds on the device.
        """
    @property
    def closed(self) -> bool:
        """
        True once close() was called.
        """

def _error_rows() -> list[typing.Any]:
    """
    Every error code with its Python class and meaning, as (code, class name, meaning).
    """

def _pass_log_on() -> None: ...
def _set_result(arg0: typing.Any, arg1: typing.Any, arg2: typing.Any) -> None: ...
def _shutdown() -> None: ...
def _trace(on: bool) -> None: ...
def any_bfloat16(values: typing.Any) -> bool:
    """
    Whether an Array of bfloat16 is in a tuple, or in lists in it.
    """

def argsort(x: typing.Any, *, descending: bool = False) -> Array:
    """
    The order that sorts along the last axis, stable: np.argsort(x, kind="stable").

    Args:
        x: As for `sort`.
        descending: Largest first; equal elements keep their order.

    Returns:
        An int64 `Array` of the shape of x.

    Raises:
        DtypeError, LimitError, UnsupportedError: As for `sort`.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.argsort(np.array([3, 1, 2, 1], np.int32)).tolist()
        [1, 3, 2, 0]
    """

def asarray(
    values: typing.Any,
    *,
    dtype: numpy.typing.DTypeLike | None = None,
    device: Device | None = None,
    copy: bool | None = None,
    label: str = "",
) -> Array:
    """
    Values on a device, as an `Array`.

    Args:
        values: An ndarray of any strides, an `Array` (returned as it is where nothing must change), or nested sequences.
        dtype: The dtype to have; None keeps the values' own. Nothing is cast unless asked for here.
        device: A `Device`; None for the default one (or the `Array`'s own).
        copy: None copies what is in host memory; False shares it instead (as `from_host`) or raises; True always copies.
        label: What `Device.memory_report` calls the memory; left empty, "array".

    Returns:
        A C-contiguous `Array` (with copy=False: of the values' own strides).

    Raises:
        DtypeError: object, string, datetime, long double or byte-swapped values.
        InteropError: copy=False where a copy is needed.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> x = vf.asarray(np.arange(3, dtype=np.float32))
        >>> np.asarray(x)
        array([0., 1., 2.], dtype=float32)
    """

def assign(x: Array, value: typing.Any) -> None:
    """
    Writes a value, converted and broadcast, over all elements.
    """

def bincount(x: typing.Any, *, minlength: typing.SupportsIndex = 0) -> Array:
    """
    Counts each value of an array of small integers, as np.bincount.

    Args:
        x: `Array` or C-contiguous ndarray of integers, 0 or more, of any shape.
        minlength: The result has at least so many entries.

    Returns:
        An int64 `Array`: entry i says how often i occurs. The call waits for the largest value.

    Raises:
        InputError: x has a negative value.
        DtypeError: x has no integers.
        LimitError: A value of 2^28 or more.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.bincount(np.array([0, 2, 2], np.uint32)).tolist()
        [1, 0, 2]
    """

def broadcast(x: Array, shape: typing.Any) -> Array:
    """
    The values along more axes, as part of an expression.
    """

def cache_folder() -> str:
    """
    The folder of cached shaders and pipelines; empty where nothing is kept.
    """

def cache_use() -> list[typing.Any]:
    """
    What the caches hold: a dict with version, family, files and bytes for each.
    """

def camera_look_at(eye: typing.Any, target: typing.Any, up: typing.Any) -> numpy.typing.NDArray[np.float32]:
    """
    Make the matrix that takes world space to view space.

    Right-handed: x right, y up, looking along -z.

    Args:
        eye: Where the camera stands, a sequence of 3 numbers.
        target: What it looks at, a sequence of 3 numbers.
        up: Which way is up, a sequence of 3 numbers not along the view.

    Returns:
        C-contiguous float32 array of shape (4, 4) for column vectors: view @ point.

    Raises:
        InputError: A component is not finite, or up lies along the view (also a ValueError and a RuntimeError).
        TypeError: An argument is not a sequence of 3 numbers.

    Example:
        >>> float(vulkan_forge.camera_look_at((0, 0, 3), (0, 0, 0), (0, 1, 0))[2, 3])
        -3.0
    """

def camera_perspective(
    fovy_deg: float, aspect: float, znear: float, zfar: float, clip_space: str = "wgpu"
) -> numpy.typing.NDArray[np.float32]:
    """
    Make a perspective projection matrix.

    Args:
        fovy_deg: Vertical field of view in degrees, in (0, 180).
        aspect: Width divided by height.
        znear: Distance of the near plane, > 0.
        zfar: Distance of the far plane, > znear.
        clip_space: "wgpu" for depth 0 to 1, "gl" for depth -1 to 1; y is up in both.

    Returns:
        C-contiguous float32 array of shape (4, 4): clip = projection @ view @ point.

    Raises:
        InputError: A value is out of range (also a ValueError and a RuntimeError).

    Example:
        >>> vulkan_forge.camera_perspective(90, 1, 1, 3, "gl")[2]
        array([ 0.,  0., -2., -3.], dtype=float32)
    """

def camera_view_proj(
    eye: typing.Any,
    target: typing.Any,
    up: typing.Any,
    fovy_deg: float,
    aspect: float,
    znear: float,
    zfar: float,
    clip_space: str = "wgpu",
) -> numpy.typing.NDArray[np.float32]:
    """
    Make camera_perspective(...) @ camera_look_at(...), multiplied in double and rounded once.

    Args:
        eye, target, up: As for camera_look_at(); checked first.
        fovy_deg, aspect, znear, zfar, clip_space: As for camera_perspective().

    Returns:
        C-contiguous float32 array of shape (4, 4): clip = result @ point.

    Raises:
        InputError: As for the two (also a ValueError and a RuntimeError).
        TypeError: A vector is not a sequence of 3 numbers.

    Example:
        >>> matrix = vulkan_forge.camera_view_proj((3, 2, 3), (0, 0, 0), (0, 1, 0), 45, 4 / 3, 0.1, 100)
        >>> x, y, z, w = matrix @ (0, 0, 0, 1)  # the target is in the middle: x and y are 0
    """

def cast(x: Array, dtype: numpy.typing.DTypeLike) -> Array:
    """
    The values in another dtype, as part of an expression.
    """

def clear_cache(family: str = "") -> int:
    """
    Removes cached files of a family (empty: of all); returns how many.
    """

def colormap_supported() -> list[typing.Any]:
    """
    List the names of the colormaps.

    Returns:
        A new list of str.

    Example:
        >>> vulkan_forge.colormap_supported()
        ['viridis', 'magma', 'terrain']
    """

def compact(x: typing.Any, mask: typing.Any) -> Array:
    """
    The elements whose mask is set, in order: x[mask].

    Args:
        x: `Array` or C-contiguous ndarray of any dtype.
        mask: bool or any other dtype (not zero: set), of the shape of x, or with one axis as long as the first of x.

    Returns:
        An `Array` with one axis, or with the mask's axis shortened. The call waits until the device has counted.

    Raises:
        ShapeError: The mask does not fit x.
        UnsupportedError: The device lacks one of the dtypes (bool needs 8-bit storage; use uint32 there).

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.array([5, 6, 7, 8], np.int32)
        >>> compute.compact(x, np.array([1, 0, 0, 1], np.uint32)).tolist()
        [5, 8]
    """

def compiler_version() -> str:
    """
    Version of the GLSL compiler.
    """

def contiguous(x: Array) -> Array:
    """
    An Array without gaps, in C order: x itself where it is one.
    """

def convolve(
    x: typing.Any,
    w: typing.Any,
    *,
    stride: typing.Any = 1,
    padding: typing.Any = 0,
    dilation: typing.Any = 1,
    groups: typing.SupportsIndex = 1,
    bias: typing.Any = None,
) -> Array:
    """
    Convolution over one, two or three axes as neural networks have it: the kernel is not turned over.

    Args:
        x: `Array` or C-contiguous ndarray of float16, float32 or float64 and shape (N, C, spatial...).
        w: The same, of shape (O, C / groups, kernel...), with as many axes.
        stride: Places from one output to the next: a number, or one for each spatial axis.
        padding: Zeros around the input: a number, one for each axis, or (before, after) for each; "valid" for none; "same" for
            an output of ceil(input / stride) places, the odd zero behind.
        dilation: Places of the input from one of the kernel to the next, as stride.
        groups: Channels and filters fall into this many groups that have nothing to do with each other.
        bias: Shape (O,), added to each output; None for none.

    Returns:
        An `Array` of shape (N, O, spatial...), of the wider dtype of x and w. Sums are float32, or float64 where one is.

    Raises:
        ShapeError: Axes or channels do not fit, or the kernel is larger than the padded input.
        DtypeError: Not floats.
        InputError: A stride, dilation or padding that cannot work.
        LimitError: 2^31 elements or more in one image.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.array([[[1, 2, 4, 8]]], np.float32)
        >>> compute.convolve(x, np.ones((1, 1, 3), np.float32), padding="same").tolist()
        [[[3.0, 7.0, 14.0, 12.0]]]
    """

def copy(x: Array) -> Array:
    """
    Memory of its own.
    """

def copy_async(source: Array, target: Array, *, after: typing.Any = None) -> Event:
    """
    Starts a copy of all bytes of an array into another and returns at once.

    It runs beside kernels where the device has a queue for that (`Device.queues`), after the work that wrote the source and
    before later work that uses either.

    Args:
        source: A C-contiguous `Array`.
        target: A writable C-contiguous `Array` of as many bytes, of any dtype and shape.
        after: An `Event`, or a sequence of them, that must be done before.

    Returns:
        An `Event`.

    Raises:
        ShapeError: The sizes differ.
        InputError: The arrays overlap, or are on two devices.
        ReadOnlyError: The target is over read-only memory.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> x, y = vf.asarray(np.arange(3)), vf.asarray(np.zeros(3, int))
        >>> vf.copy_async(x, y).wait()
        >>> y.tolist()
        [0, 1, 2]
    """

def default_device() -> Device:
    """
    The device that calls without `device=` use. Opened at first need; one for the process.
    """

def devices() -> list[typing.Any]:
    """
    Every Vulkan device with its limits, features, and the reasons for and against it.

    Raises:
        NoDeviceError: No Vulkan loader or driver is installed.
    """

def draw_path(
    picture: typing.Any, points: typing.Any, color: typing.Any, width: typing.Any = None, closed: bool = False
) -> None:
    """
    Draw a polygon, or with a width a line, into a picture, antialiased by exact areas and mixed as light.

    Args:
        picture: C-contiguous writable uint8 of shape (H, W, 4): sRGB with straight alpha.
        points: (N, 2) pixels from the upper left corner; up to 32767 of a polygon.
        color: (r, g, b) or (r, g, b, a), 0 to 255.
        width: Of a line; None: the polygon is filled.
        closed: The line ends where it began.
    """

def empty(shape: typing.Any, *, dtype: typing.Any = "float32", device: Device | None = None, label: str = "") -> Array:
    """
    An uninitialised C-contiguous `Array`.

    Args:
        shape: Extents: an int or a sequence of up to 8.
        dtype: Any real or complex NumPy dtype that devices know; float32 by default.
        device: A `Device`; None for the default one.
        label: What `Device.memory_report` calls the memory; left empty, "array".

    Example:
        >>> import vulkan_forge as vf
        >>> vf.empty((2, 3)).shape
        (2, 3)
    """

def encode_png(
    array: typing.Any,
    *,
    level: typing.Any = "default",
    dpi: typing.Any = None,
    text: typing.Any = None,
    srgb: typing.Any = None,
) -> bytes:
    """
    Encode an array as the bytes of a PNG file.

    Args:
        array: As for numpy_to_png().
        level: As for numpy_to_png().
        dpi: As for numpy_to_png().
        text: As for numpy_to_png().
        srgb: As for numpy_to_png().

    Returns:
        The bytes that numpy_to_png() would write.

    Raises:
        InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).

    Example:
        >>> vulkan_forge.encode_png(numpy.zeros((2, 2), numpy.uint8))[:4]
        b'\\x89PNG'
    """

def evaluate(arrays: collections.abc.Sequence[typing.Any]) -> None:
    """
    Computes them together.
    """

def fft(
    a: typing.Any, n: typing.SupportsIndex | None = None, axis: typing.SupportsIndex = -1, norm: typing.Any = None
) -> Array:
    """
    The discrete Fourier transform along one axis, as numpy.fft.fft.

    Any length is transformed in O(n log n): those whose prime factors are 2, 3, 5, 7, 11 and 13 directly, the others by
    Bluestein's method over a longer one. The relative error of complex64 is about 1e-7 (root mean square).

    Args:
        a: `Array` or C-contiguous ndarray: complex64, float32, or, on a device with float64, complex128, float64.
        n: Values that take part: fewer than there are are cropped, beyond them zeros follow. None: all.
        axis: Which axis.
        norm: "backward" (None): the inverse divides by n; "forward": this one does; "ortho": both by its root.

    Returns:
        An `Array`, complex64 or complex128.

    Raises:
        InputError: n is below 1, or norm is not known.
        DtypeError: a has another dtype; nothing is cast.
        LimitError: n is beyond 2^27, or the lines along the axis span more than 3.75 GiB.
        UnsupportedError: a needs float64, which the device lacks.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.fft(np.array([1, 0, 0, 0], np.complex64)).numpy().real.tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

def fft2(a: typing.Any, s: typing.Any = None, axes: typing.Any = (-2, -1), norm: typing.Any = None) -> Array:
    """
    The transform over two axes, as numpy.fft.fft2; see `fftn`.
    """

def fftn(a: typing.Any, s: typing.Any = None, axes: typing.Any = None, norm: typing.Any = None) -> Array:
    """
    The transform over several axes, as numpy.fft.fftn.

    Args:
        a: As in `fft`.
        s: A length for each of the axes, -1 for its own; None for their own.
        axes: Which axes; None for the last len(s), or for all.
        norm: As in `fft`.

    Returns:
        An `Array`, complex64 or complex128.

    Raises:
        ShapeError: An axis is not there, or s and axes differ in length.
        InputError, DtypeError, LimitError, UnsupportedError: As in `fft`.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.fftn(np.ones((2, 2), np.float32)).numpy().real.tolist()
        [[4.0, 0.0], [0.0, 0.0]]
    """

def from_dlpack(tensor: typing.Any, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """
    Another library's tensor in host memory as an `Array`.

    Args:
        tensor: Anything with `__dlpack__` on the CPU: torch, JAX, NumPy, CuPy's pinned memory. Any strides; the dtypes
            that NumPy has too, and bfloat16 (no float8). What its owner must not see changed (JAX's arrays, read-only
            ndarrays) becomes an `Array` that kernels may not write.
        device: A `Device`; None for the default one.
        copy: None shares the memory where the device can import it, else copies; True copies; False shares or raises.

    Raises:
        InteropError: The tensor is on another device, or copy=False cannot be met.
        DtypeError: Its dtype is none of those.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> vf.from_dlpack(np.arange(4.0)).shape
        (4,)
    """

def from_host(values: typing.Any, *, device: Device | None = None, label: str = "") -> Array:
    """
    A NumPy array's own memory as an `Array`: no copy, at any alignment and with any strides.

    The device reads and writes the ndarray in place, so both see each other's changes; the ndarray is kept alive until the
    device has finished with it. Read-only ndarrays give arrays that kernels may not write.

    Args:
        values: An ndarray.
        device: A `Device`; None for the default one.
        label: What `Device.memory_report` calls the memory; left empty, "imported from the host".

    Raises:
        UnsupportedError: The device cannot import host memory; `asarray` copies.
        InteropError: The driver refused these pages (some file mappings).

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> a = np.zeros(1000, np.float32)
        >>> x = vf.from_host(a)
        >>> np.shares_memory(np.asarray(x), a)
        True
    """

def full(shape: typing.Any, value: typing.Any, dtype: numpy.typing.DTypeLike, device: Device | None = None) -> Array:
    """
    One value everywhere, as an expression without memory.
    """

def gather(x: typing.Any, indices: typing.Any, *, axis: typing.SupportsIndex = 0, mode: str = "raise") -> Array:
    """
    Takes entries of an axis by index, as np.take.

    Args:
        x: `Array` or C-contiguous ndarray of any dtype with 1 or more axes.
        indices: int32, uint32, int64 or uint64, of any shape; negative ones count from the end.
        axis: The axis that is indexed, from the end where negative.
        mode: "raise": indices are checked on the device first, and the call waits for that; "clip": the nearest end, negative
            ones are 0; "wrap": counted on round the axis.

    Returns:
        An `Array` of the dtype of x, with the shape of indices in the axis's place.

    Raises:
        RangeError: An index (mode "raise") or the axis lies outside; the message names index and position.
        DtypeError: indices are no integers of 32 or 64 bits.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.array([10, 20, 30], np.int32)
        >>> compute.gather(x, np.array([2, 0, -1])).tolist()
        [30, 10, 30]
    """

def gathered(table: Array, places: Array) -> Array:
    """
    table[places] as part of an expression: of one axis, and for places that are known to lie in it.
    """

def grid_generate(
    nx: typing.Any, nz: typing.Any, spacing: typing.Any = (1.0, 1.0), origin: typing.Any = "center"
) -> tuple[typing.Any, ...]:
    """
    Make a flat grid of triangles, centred on the origin.

    Vertices are row-major with x fastest; triangles run counter-clockwise.

    Args:
        nx: Vertices along x, >= 2.
        nz: Vertices along z, >= 2.
        spacing: Distances between vertices (dx, dz), > 0.
        origin: Where (0, 0) lies; only "center".

    Returns:
        xy, a float32 array of shape (nx * nz, 2); uv, likewise, 0 to 1 along each side; and indices, a uint32 array
        of shape (6 * (nx - 1) * (nz - 1),).

    Raises:
        InputError: A value is out of range (also a ValueError and a RuntimeError).
        TypeError: nx or nz is not an integer, or spacing not a pair of numbers.

    Example:
        >>> xy, uv, indices = vulkan_forge.grid_generate(3, 2, spacing=(2.0, 1.0))
        >>> xy[0]
        array([-2. , -0.5], dtype=float32)
    """

def histogram(x: typing.Any, *, bins: typing.Any = 10, range: typing.Any = None) -> tuple[Array, typing.Any]:
    """
    Counts elements by bin, as np.histogram: the same counts.

    Args:
        x: `Array` or C-contiguous ndarray of integers or real floats that the device can hold, of any shape.
        bins: How many bins of equal width, or their edges, rising.
        range: (low, high) of equal bins; None: from the smallest to the largest element, for which the call waits.

    Returns:
        The counts, an int64 `Array`, and the edges, an ndarray. NaN and what lies outside of the range count nowhere.

    Raises:
        InputError: No bins, a range that is not finite or does not rise (also where x has NaN and range is None), or edges that
            do not rise.
        DtypeError: x is complex.
        LimitError: 2^32 elements or more.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> counts, edges = compute.histogram(np.array([0, 1, 1, 4], np.float32), bins=4)
        >>> counts.tolist(), edges.tolist()
        ([1, 2, 0, 1], [0.0, 1.0, 2.0, 3.0, 4.0])
    """

def host_replay(inputs: list[Array], results: list[Array]) -> HostReplay | None:
    """
    What is being recorded, where it is small and elementwise; else None.
    """

def ifft(
    a: typing.Any, n: typing.SupportsIndex | None = None, axis: typing.SupportsIndex = -1, norm: typing.Any = None
) -> Array:
    """
    The inverse of `fft`, as numpy.fft.ifft. Arguments as there.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.ifft(np.array([4, 0, 0, 0], np.complex64)).numpy().real.tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

def ifft2(a: typing.Any, s: typing.Any = None, axes: typing.Any = (-2, -1), norm: typing.Any = None) -> Array:
    """
    The inverse of `fft2`, as numpy.fft.ifft2; see `fftn`.
    """

def ifftn(a: typing.Any, s: typing.Any = None, axes: typing.Any = None, norm: typing.Any = None) -> Array:
    """
    The inverse of `fftn`, as numpy.fft.ifftn.
    """

def irfft(
    a: typing.Any, n: typing.SupportsIndex | None = None, axis: typing.SupportsIndex = -1, norm: typing.Any = None
) -> Array:
    """
    The inverse of `rfft`, as numpy.fft.irfft.

    Args:
        a: `Array` or C-contiguous ndarray, complex64 or complex128: m values, the first half of a spectrum.
        n: Values of the result; None for 2 (m - 1).
        axis, norm: As in `fft`.

    Returns:
        An `Array`, float32 or float64.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.irfft(np.array([4, 0, 0], np.complex64)).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

def irfft2(a: typing.Any, s: typing.Any = None, axes: typing.Any = (-2, -1), norm: typing.Any = None) -> Array:
    """
    The inverse of `rfft2`, as numpy.fft.irfft2; see `irfftn`.
    """

def irfftn(a: typing.Any, s: typing.Any = None, axes: typing.Any = None, norm: typing.Any = None) -> Array:
    """
    The inverse of `rfftn`, as numpy.fft.irfftn. Arguments as in `fftn`; the last length is 2 (m - 1) where s says nothing.
    """

def loader_version() -> str:
    """
    Version of the Vulkan loader, such as '1.3.239'.
    """

def matmul(
    a: typing.Any, b: typing.Any, *, transpose_a: bool = False, transpose_b: bool = False, out_dtype: typing.Any = None
) -> Array:
    """
    The matrix product of NumPy's `a @ b`, on the device.

    Args:
        a: `Array` or ndarray of shape (..., M, K) or (K,), of any strides. Leading axes are a stack and broadcast.
        b: The same, of shape (..., K, N) or (K,).
        transpose_a: Take a as (..., K, M).
        transpose_b: Take b as (..., N, K).
        out_dtype: The dtype to store; None for the default below. Products of floats may be stored as any float that is no
            wider than what they are summed in.

    Returns:
        An `Array` of shape (..., M, N); a vector's axis is left out, as in NumPy.

    Sums and defaults: float16 and float32, mixed too, are summed in float32 and give float32 (two float16 give float16);
    float64 with any float gives float64; two of int8 and uint8 are summed in int32 and give int32; two int32, uint32, int64 or
    uint64 that are alike give the same and wrap. Sums run in an order that is fixed for a device, a shape and a tuning.

    Raises:
        ShapeError: The shapes do not fit or broadcast.
        DtypeError: These dtypes have no product, or cannot be stored as out_dtype.
        LayoutError: An array does not lie at a multiple of its element size.
        LimitError: A matrix has 2^31 elements or more.
        UnsupportedError: The device lacks float64, 64-bit integers, or (to store it) 16-bit storage.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> a = np.arange(6, dtype=np.float32).reshape(2, 3)
        >>> compute.matmul(a, a, transpose_b=True).tolist()
        [[5.0, 14.0], [14.0, 50.0]]
    """

def nonzero(x: typing.Any) -> Array:
    """
    Positions of the elements that are not zero, in the flattened array, as np.flatnonzero.

    Args:
        x: `Array` or C-contiguous ndarray of any dtype.

    Returns:
        An int64 `Array` with one axis. The call waits until the device has counted.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.nonzero(np.array([0, 3, 0, 1], np.int32)).tolist()
        [1, 3]
    """

def numpy_to_png(
    path: str | os.PathLike[str],
    array: typing.Any,
    *,
    level: typing.Any = "default",
    dpi: typing.Any = None,
    text: typing.Any = None,
    srgb: typing.Any = None,
) -> None:
    """
    Write an array as a PNG file: the whole file, or nothing.

    Args:
        path: File to write, str or os.PathLike. A file of that name is replaced.
        array: C-contiguous uint8 array of shape (H, W) for gray, (H, W, 3) for RGB or (H, W, 4) for RGBA.
        level: "fast", "default" or "small"; 1, 2, 3. "default" chooses filters row by row, "small" looks longer for what
            repeats.
        dpi: Pixels an inch, for printing; None: not said.
        text: A dict of str, such as {"Title": "Alps"}; keys are ASCII, values any text.
        srgb: True where the colours are sRGB, or a rendering intent 0 to 3. Bytes stay as they are.

    Raises:
        InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).
        FileError: The file cannot be written (also an OSError and a RuntimeError).

    Example:
        >>> vulkan_forge.numpy_to_png("gray.png", numpy.zeros((480, 640), numpy.uint8))
    """

def onnx_fusions() -> list[tuple[str, str]]:
    """
    The fusions: (name, what it does).
    """

def onnx_operators() -> list[tuple[str, str, int]]:
    """
    The operators that have a row: (domain, name, the first opset of this meaning).
    """

def onnx_unsupported(model: dict[str, typing.Any]) -> list[str]:
    """
    What a model needs and has no row, in words.
    """

def param(name: str, value: typing.Any) -> typing.Any:
    """
    A name for a value in the graph that is being recorded.

    Args:
        name: What `Graph.run` will call it.
        value: A number or sequence, a `Texture` or `Sampler`, or a list for an array of descriptors, to give to kernels'
            calls as an argument (a number also to `Graph.fill` as the value): the name then means all calls that got it. Or
            an `Array` or `Buffer`, which is returned as it is: the name means that memory wherever the graph uses it, in
            copies, fills, draws and building blocks too. One that stands in must have its dtype, shape and alignment.

    Returns:
        What to give to the calls.

    Raises:
        StateError: Outside of `with vf.record()`.
        InputError: The name is declared already, for something else.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> x, y, other = (vf.asarray(np.full(2, i, np.int32)) for i in range(3))
        >>> with vf.record() as graph:
        ...     graph.copy(vf.param("source", x), y)
        >>> graph.run(source=other)
        >>> y.tolist()
        [2, 2]
    """

def permuted(x: Array, axes: collections.abc.Sequence[typing.SupportsIndex]) -> Array:
    """
    A view with these axes in this order; each stands there once.
    """

def png_packer() -> str:
    """
    What unpacks PNG here: libdeflate or zlib, with its version.
    """

def png_read(path: str | os.PathLike[str], max_bytes: typing.SupportsIndex) -> tuple[typing.Any, ...]:
    """
    Pixels, palette, bits, dpi, sRGB intent, gamma, texts and the transparent pixel; see vulkan_forge.graphics.read_png.
    """

def png_to_numpy(
    path: str | os.PathLike[str], *, max_bytes: typing.SupportsIndex = 4294967296
) -> numpy.typing.NDArray[typing.Any]:
    """
    Read a PNG file as RGBA.

    Gray and palettes are expanded, 16 bits rounded to 8, and alpha is 255 where the file has none. Bytes are payload:
    gamma, colour profiles and sRGB marks change nothing.

    Args:
        path: File to read, str or os.PathLike.
        max_bytes: Refuse pictures that need more memory than this.

    Returns:
        C-contiguous uint8 array of shape (H, W, 4), row 0 on top.

    Raises:
        FileError: The file is missing, broken or too large (also an OSError and a RuntimeError).

    Example:
        >>> image = vulkan_forge.png_to_numpy("terrain.png")
        >>> image.shape
        (480, 640, 4)
    """

def product(a: Array, b: Array, *, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    """
    `matmul` as part of an expression: a short chain behind it is computed as its elements are stored.
    """

def raster_colors(name: str) -> numpy.typing.NDArray[np.uint8]:
    """
    A colormap's 256 colours, uint8 RGBA of shape (256, 4).
    """

def raster_contours(
    heights: typing.Any, levels: collections.abc.Sequence[float], nodata: float
) -> tuple[typing.Any, ...]:
    """
    Lines of equal height; see vulkan_forge.graphics.raster.contours.

    Args:
        heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
        levels: Ascending.
        nodata: The height that means a hole, beside NaN.

    Returns:
        float64 points of shape (n, 2) as column and row, int64 starts of each line and the end, int64 indices of their levels.
    """

def raster_sky(
    heights: typing.Any,
    kind: str,
    *,
    directions: typing.SupportsIndex,
    radius: typing.SupportsIndex,
    cell: collections.abc.Sequence[float],
    z_factor: float,
    holes: collections.abc.Sequence[float],
) -> Array:
    """
    How much of the sky cells see; see vulkan_forge.graphics.raster.sky_view.

    Args:
        heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
        kind: "factor", "ambient" or "openness".
        directions: How many rays, evenly around.
        radius: Their length in cells.
        cell: Width and height of a cell.
        z_factor: What heights are multiplied by.
        holes: The height that means a hole, and what holes get.
    """

def raster_viewshed(
    heights: typing.Any,
    observer: collections.abc.Sequence[typing.SupportsIndex],
    *,
    cell: collections.abc.Sequence[float],
    above: collections.abc.Sequence[float],
    reach: float,
    bend: float,
    needed: bool,
    holes: collections.abc.Sequence[float],
) -> Array:
    """
    What an observer sees; see vulkan_forge.graphics.raster.viewshed.

    Args:
        heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
        observer: Row and column.
        cell: Width and height of a cell.
        above: The eye over ground, and what is looked at.
        reach: The longest line of sight.
        bend: How far the ground falls off by a unit's distance squared.
        needed: How high above the ground something must be to be seen, instead of whether the ground is.
        holes: The height that means a hole, and what holes get.
    """

def raster_window(
    heights: typing.Any,
    measure: str,
    *,
    zevenbergen_thorne: bool,
    edges: bool,
    per: collections.abc.Sequence[float],
    holes: collections.abc.Sequence[float],
    a: collections.abc.Sequence[float],
    b: collections.abc.Sequence[float],
    dtype: numpy.typing.DTypeLike,
) -> Array:
    """
    A measure of windows of 3 x 3 cells; vulkan_forge.graphics.raster has a function for each.

    Args:
        heights: float32 `Array` or C-contiguous ndarray of shape (rows, columns).
        measure: Its name in measures.def.
        zevenbergen_thorne: Their gradient instead of Horn's.
        edges: Windows that reach beyond the raster or over holes count.
        per: From weighted differences to slopes, eastward and northward.
        holes: The height that means a hole, and what holes get.
        a: Four parameters of the measure.
        b: Four more.
        dtype: float32 or uint8.
    """

def record(*, device: Device | None = None) -> _Recording:
    """
    A context manager that captures this thread's calls as a `Graph` and runs none.

    Captured are calls of kernels and of prepared calls, the functions of `vulkan_forge.compute`, `graphics.Target.draw`,
    `Target.clear`, `Target.read` into an `Array`, `Graph.copy` and `Graph.fill`. Everything else is done at once, as outside:
    making and reading arrays, readbacks; they see memory as it is before the graph runs. Calls of other threads run as ever.
    An exception in the block leaves nothing recorded.

    Args:
        device: The `Device` of all that is captured; None takes that of the first call.

    Raises:
        StateError: This thread is recording already.
        ArgumentTypeError: A call is given an ndarray: a graph keeps to memory that stays where it is. (Vertices and indices
            of a draw are copied.)
    """

def reduce(x: typing.Any, op: str = "sum", *, axis: typing.Any = None, keepdims: bool = False) -> Array:
    """
    Reduces one axis, several, or the whole array, to a value each.

    Args:
        x: `Array` or C-contiguous ndarray of any dtype the device can hold.
        op: "sum", "prod", "min", "max", "any", "all", "argmin" or "argmax".
        axis: The axis that goes, from the end where negative, or a tuple of several; None: all of them. "argmin" and "argmax"
            take one, or None.
        keepdims: Leave an extent of 1 where each axis was.

    Returns:
        An `Array` of NumPy's dtype: int64 or uint64 for sums and products of integers and bool, bool for "any" and "all", int64
        for "argmin" and "argmax" (flat where axis is None), else that of x. NaN wins in "min", "max" and the arg forms. Sums of
        floats are added in blocks, float16 in float32; complex takes "sum", "prod", "any" and "all".

    Raises:
        RangeError: An axis lies outside of x.
        InputError: An axis is named twice.
        ShapeError: No element to take "min", "max", "argmin" or "argmax" of.
        DtypeError: The op has no meaning for complex numbers.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.arange(6, dtype=np.float32).reshape(2, 3)
        >>> compute.reduce(x, "max", axis=0).tolist()
        [3.0, 4.0, 5.0]
        >>> compute.reduce(x).tolist()
        15.0
        >>> compute.reduce(x.reshape(1, 2, 3), axis=(0, -1)).tolist()
        [3.0, 12.0]
    """

def reduce_rows(x: Array, op: str) -> Array | None:
    """
    Reduces the last axis to an extent of 1 as part of an expression; None where `reduce` does better.
    """

def release_default_device() -> None:
    """
    Closes the shared default device; the next call that needs one opens it anew.
    """

def reshaped(x: Array, shape: collections.abc.Sequence[typing.Any]) -> Array | None:
    """
    A view of another shape of as many elements; None where x has gaps.
    """

def rfft(
    a: typing.Any, n: typing.SupportsIndex | None = None, axis: typing.SupportsIndex = -1, norm: typing.Any = None
) -> Array:
    """
    The first n // 2 + 1 values of the transform of reals.

    As numpy.fft.rfft. An even length costs half of a complex transform.

    Args:
        a: `Array` or C-contiguous ndarray, float32 or, on a device with float64, float64.
        n, axis, norm: As in `fft`.

    Returns:
        An `Array`, complex64 or complex128.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.rfft(np.array([1, 0, 0, 0], np.float32)).numpy().real.tolist()
        [1.0, 1.0, 1.0]
    """

def rfft2(a: typing.Any, s: typing.Any = None, axes: typing.Any = (-2, -1), norm: typing.Any = None) -> Array:
    """
    The transform of reals over two axes, as numpy.fft.rfft2; see `rfftn`.
    """

def rfftn(a: typing.Any, s: typing.Any = None, axes: typing.Any = None, norm: typing.Any = None) -> Array:
    """
    The transform of reals over several axes, as numpy.fft.rfftn: `rfft` along the last of them, `fft` along the others. Arguments as in `fftn`.
    """

def rolled(x: Array, by: collections.abc.Sequence[typing.SupportsIndex]) -> Array:
    """
    Each axis moved by so many places as part of an expression; ends come round.
    """

def scan(
    x: typing.Any, op: str = "sum", *, axis: typing.SupportsIndex = -1, exclusive: bool = False, reverse: bool = False
) -> Array:
    """
    Running sum, product, smallest or largest along an axis.

    Args:
        x: `Array` or C-contiguous ndarray of any dtype the device can hold, with 1 or more axes.
        op: "sum", "prod", "min" or "max".
        axis: The axis to go along, from the end where negative.
        exclusive: Leave an element's own value out: the first result is 0, 1, or the dtype's highest or lowest value.
        reverse: Start at the end of the axis.

    Returns:
        An `Array` of the shape of x and the dtype of NumPy's cumsum and cumprod: int64 or uint64 for sums and products of
        integers and bool, else that of x. NaN wins in "min" and "max". Floats are added in another order than NumPy's,
        with a smaller error; float16 in float32.

    Raises:
        RangeError: The axis lies outside of x.
        DtypeError: The op has no meaning for complex numbers.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.array([3, 1, 4, 1], np.int32)
        >>> compute.scan(x).tolist()
        [3, 4, 8, 9]
        >>> compute.scan(x, "max", exclusive=True, reverse=True).tolist()
        [4, 4, 1, -2147483648]
    """

def scatter(
    target: typing.Any,
    indices: typing.Any,
    values: typing.Any,
    *,
    axis: typing.SupportsIndex = 0,
    op: str = "set",
    mode: str = "raise",
) -> typing.Any:
    """
    Puts values into an axis of an array by index, in place.

    Args:
        target: A writable `Array` with 1 or more axes.
        indices: int32, uint32, int64 or uint64, of any shape; negative ones count from the end.
        values: Of the dtype of target: an array of the shape that `gather` would give, or one element for all places.
        axis: The axis that is indexed, from the end where negative.
        op: "set": where several values meet one of them stays, whichever; "add", "mul", "min", "max": all count (as
            np.add.at), floats in no fixed order; for 32-bit numbers, and 64-bit ones where the device has such atomics.
        mode: As for `gather`; with "raise" nothing is written where an index lies outside.

    Returns:
        target.

    Raises:
        RangeError: An index (mode "raise") or the axis lies outside.
        ReadOnlyError: target may not be written.
        ShapeError, DtypeError: values or indices do not fit.
        UnsupportedError: The device has no atomics for the dtype.

    Example:
        >>> import numpy as np
        >>> import vulkan_forge as vf
        >>> from vulkan_forge import compute
        >>> target = vf.asarray(np.zeros(3, np.int32))
        >>> compute.scatter(target, np.array([0, 2, 0]), np.array([1, 2, 3], np.int32), op="add").tolist()
        [4, 0, 2]
    """

def segmented_reduce(x: typing.Any, offsets: typing.Any, op: str = "sum") -> Array:
    """
    Reduces the segments of an array, each to a value: segment i goes from offsets[i] to offsets[i + 1].

    Args:
        x: `Array` or C-contiguous ndarray with one axis, of any dtype the device can hold.
        offsets: int32, uint32, int64 or uint64, one more than there are segments, never falling (as indptr of a CSR matrix).
        op: "sum", "prod", "min", "max", "any" or "all".

    Returns:
        An `Array` with a value for each segment, of the dtype that `reduce` gives. An empty segment gives 0, 1, or the dtype's
        highest or lowest value. The call waits until the device has checked the offsets.

    Raises:
        RangeError: An offset lies beyond x or after the next one; the message names value and position.
        ShapeError, DtypeError: x or offsets do not fit.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> x = np.array([1, 2, 3, 4], np.float32)
        >>> compute.segmented_reduce(x, np.array([0, 1, 1, 4])).tolist()
        [1.0, 0.0, 9.0]
    """

def sort(x: typing.Any, *, descending: bool = False) -> Array:
    """
    Sorts along the last axis: a stable radix sort, every row for itself.

    Args:
        x: `Array` or C-contiguous ndarray of bool, integers or real floats that the device can hold.
        descending: Largest first. NaN comes last in both orders; -0.0 and 0.0 are equal and stay in order.

    Returns:
        An `Array` of the shape and dtype of x.

    Raises:
        DtypeError: x is complex.
        LimitError: A row has 4 GiB or more.
        UnsupportedError: The device lacks the dtype.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.sort(np.array([3.0, -1.0, 2.0], np.float32)).tolist()
        [-1.0, 2.0, 3.0]
    """

def sort_pairs(keys: typing.Any, values: typing.Any, *, descending: bool = False) -> tuple[Array, Array]:
    """
    Sorts keys along the last axis and moves values with them, stable.

    Args:
        keys: As x of `sort`.
        values: `Array` or C-contiguous ndarray of any dtype and of the shape of keys.
        descending: Largest key first.

    Returns:
        Two `Array`: the sorted keys, and the values in their order.

    Raises:
        ShapeError: keys and values differ in shape.
        DtypeError, LimitError, UnsupportedError: As for `sort`.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> keys, values = compute.sort_pairs(np.array([2, 1], np.uint32), np.array([0.5, 1.5], np.float32))
        >>> keys.tolist(), values.tolist()
        ([1, 2], [1.5, 0.5])
    """

def transfer_counters() -> dict[str, typing.Any]:
    """
    Bytes that this process has copied between host and device memory so far.
    """

def transpose(x: typing.Any) -> Array:
    """
    A contiguous copy with the last two axes swapped.

    Args:
        x: `Array` or C-contiguous ndarray of any dtype with 2 or more axes; leading axes are a batch.

    Returns:
        An `Array` of the same dtype.

    Raises:
        ShapeError: x has fewer than 2 axes.

    Example:
        >>> import numpy as np
        >>> from vulkan_forge import compute
        >>> compute.transpose(np.arange(6, dtype=np.int32).reshape(2, 3)).tolist()
        [[0, 3], [1, 4], [2, 5]]
    """

def view(
    x: Array,
    shape: collections.abc.Sequence[typing.Any],
    strides: collections.abc.Sequence[typing.Any],
    offset: typing.SupportsIndex = 0,
) -> Array:
    """
    The same memory with another shape and byte strides.

    Args:
        x: An `Array`.
        shape: Extents.
        strides: Bytes from element to element along each axis, of any sign.
        offset: Bytes from the first element of x to that of the view.

    Raises:
        RangeError: The view would leave the memory.
    """

def write_png(
    path: str | os.PathLike[str],
    array: typing.Any,
    *,
    level: typing.Any = "default",
    dpi: typing.Any = None,
    text: typing.Any = None,
    srgb: typing.Any = None,
) -> None:
    """
    Write an array of 8 or 16 bits a sample as a PNG file: the whole file, or nothing.

    Args:
        path: File to write, str or os.PathLike. A file of that name is replaced.
        array: C-contiguous uint8 or uint16 of shape (H, W) for gray, or (H, W, C) with 1 channel for gray, 2 for gray and
            alpha, 3 for RGB, 4 for RGBA.
        level: As for vulkan_forge.numpy_to_png().
        dpi: As for vulkan_forge.numpy_to_png().
        text: As for vulkan_forge.numpy_to_png().
        srgb: As for vulkan_forge.numpy_to_png().

    Raises:
        InputError: The array has another type, layout or shape (also a ValueError and a RuntimeError).
        FileError: The file cannot be written (also an OSError and a RuntimeError).

    Example:
        >>> from vulkan_forge import graphics
        >>> graphics.write_png("deep.png", np.full((4, 5), 40_000, np.uint16), dpi=300)
        >>> graphics.read_png("deep.png").pixels[0, 0]
        np.uint16(40000)
    """

_testing: typing.Any  # for the test suite alone
_tuning: typing.Any  # for compute.tune
__version__: str

class elementwise:
    """Every elementwise operation, by the name of its row."""

    @staticmethod
    def abs(x: typing.Any) -> Array:
        """
        Elementwise abs, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def acos(x: typing.Any) -> Array:
        """
        Elementwise acos, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def acosh(x: typing.Any) -> Array:
        """
        Elementwise acosh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def add(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise add, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def asin(x: typing.Any) -> Array:
        """
        Elementwise asin, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def asinh(x: typing.Any) -> Array:
        """
        Elementwise asinh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def atan(x: typing.Any) -> Array:
        """
        Elementwise atan, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def atan2(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise atan2, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def atanh(x: typing.Any) -> Array:
        """
        Elementwise atanh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_and(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise bitwise_and, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_invert(x: typing.Any) -> Array:
        """
        Elementwise bitwise_invert, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_left_shift(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise bitwise_left_shift, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_or(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise bitwise_or, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_right_shift(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise bitwise_right_shift, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def bitwise_xor(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise bitwise_xor, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def cbrt(x: typing.Any) -> Array:
        """
        Elementwise cbrt, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def ceil(x: typing.Any) -> Array:
        """
        Elementwise ceil, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def conj(x: typing.Any) -> Array:
        """
        Elementwise conj, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def copysign(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise copysign, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def cos(x: typing.Any) -> Array:
        """
        Elementwise cos, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def cosh(x: typing.Any) -> Array:
        """
        Elementwise cosh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def divide(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise divide, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def equal(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise equal, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def exp(x: typing.Any) -> Array:
        """
        Elementwise exp, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def exp2(x: typing.Any) -> Array:
        """
        Elementwise exp2, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def expm1(x: typing.Any) -> Array:
        """
        Elementwise expm1, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def floor(x: typing.Any) -> Array:
        """
        Elementwise floor, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def floor_divide(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise floor_divide, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def greater(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise greater, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def greater_equal(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise greater_equal, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def hypot(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise hypot, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def imag(x: typing.Any) -> Array:
        """
        Elementwise imag, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def isfinite(x: typing.Any) -> Array:
        """
        Elementwise isfinite, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def isinf(x: typing.Any) -> Array:
        """
        Elementwise isinf, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def isnan(x: typing.Any) -> Array:
        """
        Elementwise isnan, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def join_complex(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise join_complex, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def less(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise less, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def less_equal(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise less_equal, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def log(x: typing.Any) -> Array:
        """
        Elementwise log, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def log10(x: typing.Any) -> Array:
        """
        Elementwise log10, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def log1p(x: typing.Any) -> Array:
        """
        Elementwise log1p, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def log2(x: typing.Any) -> Array:
        """
        Elementwise log2, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def logaddexp(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise logaddexp, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def logical_and(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise logical_and, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def logical_not(x: typing.Any) -> Array:
        """
        Elementwise logical_not, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def logical_or(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise logical_or, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def logical_xor(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise logical_xor, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def maximum(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise maximum, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def minimum(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise minimum, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def multiply(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise multiply, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def negative(x: typing.Any) -> Array:
        """
        Elementwise negative, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def nextafter(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise nextafter, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def not_equal(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise not_equal, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def positive(x: typing.Any) -> Array:
        """
        Elementwise positive, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def pow(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise pow, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def real(x: typing.Any) -> Array:
        """
        Elementwise real, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def reciprocal(x: typing.Any) -> Array:
        """
        Elementwise reciprocal, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def remainder(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise remainder, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def round(x: typing.Any) -> Array:
        """
        Elementwise round, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def sign(x: typing.Any) -> Array:
        """
        Elementwise sign, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def signbit(x: typing.Any) -> Array:
        """
        Elementwise signbit, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def sin(x: typing.Any) -> Array:
        """
        Elementwise sin, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def sinh(x: typing.Any) -> Array:
        """
        Elementwise sinh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def sqrt(x: typing.Any) -> Array:
        """
        Elementwise sqrt, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def square(x: typing.Any) -> Array:
        """
        Elementwise square, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def subtract(x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise subtract, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def tan(x: typing.Any) -> Array:
        """
        Elementwise tan, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def tanh(x: typing.Any) -> Array:
        """
        Elementwise tanh, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def trunc(x: typing.Any) -> Array:
        """
        Elementwise trunc, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
    @staticmethod
    def where(condition: typing.Any, x1: typing.Any, x2: typing.Any) -> Array:
        """
        Elementwise where, part of an expression that is computed when its values are asked for.

        Operands broadcast and are promoted as in NumPy 2; see docs/arrays.md.
        """
