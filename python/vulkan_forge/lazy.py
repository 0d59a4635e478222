"""When expressions are computed: `evaluate`, and `compile`, which traces a function once and replays it."""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from vulkan_forge import _vulkan_forge as native
from vulkan_forge._vulkan_forge import Array
from vulkan_forge.errors import ArgumentTypeError, LayoutError

T = TypeVar("T")

_MOST_TRACES = 32


class _Tracing(threading.local):
    """Whether this thread is tracing: a recording has no other inside."""

    active = False


_tracing = _Tracing()


def evaluate(*values: Any) -> Any:
    """Computes arrays together: what they share once, and in one kernel for each shape where that can be.

    Reading values (`np.asarray`, `tolist`, printing) does it by itself, array by array. It returns once the work is
    submitted.

    Args:
        *values: `Array`s, or tuples, lists and dicts of them; what is no `Array` is left alone.

    Returns:
        The argument itself, or the tuple of them where there are several.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> x = vf.asarray(np.arange(3.0))
        >>> y, z = vf.evaluate(x * 2, x * 2 + 1)
        >>> z.tolist()
        [1.0, 3.0, 5.0]
    """
    arrays: list[Array] = []
    for value in values:
        _flatten(value, arrays)
    native.evaluate(arrays)
    return values[0] if len(values) == 1 else values


def _flatten(value: Any, arrays: list[Array]) -> Hashable:
    """Appends the arrays in a value; what is left of it without them is its structure."""
    if isinstance(value, Array):
        arrays.append(value)
        return (Array, value.shape, value.dtype.str, value.device)
    if isinstance(value, (tuple, list)):
        return (type(value), *(_flatten(item, arrays) for item in value))
    if isinstance(value, dict):
        return (dict, *((_flatten(key, []), _flatten(item, arrays)) for key, item in value.items()))
    import numpy as np  # not before: importing vulkan_forge leaves it alone

    if isinstance(value, (float, complex, np.generic)):  # 0.0 equals -0.0, and NaN not even itself
        return (type(value), np.asarray(value).tobytes())
    return (type(value), value)


def _rebuild(value: Any, arrays: "list[Array]") -> Any:
    """The same structure with other arrays, taken from the front."""
    if isinstance(value, Array):
        return arrays.pop(0)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_rebuild(item, arrays) for item in value))
    if isinstance(value, (tuple, list)):
        return type(value)(_rebuild(item, arrays) for item in value)
    if isinstance(value, dict):
        return {key: _rebuild(item, arrays) for key, item in value.items()}
    return value


def _traced(function: Callable[..., Any], positional: Any, named: Any) -> Any:
    _tracing.active = True
    try:
        return function(*positional, **named)
    finally:
        _tracing.active = False


def _inline(function: Callable[..., Any], args: Any, arrays: list[Array]) -> Any:
    """A call while another is traced: part of that, with arguments and results of its own as ever."""
    positional, named = _rebuild(args, [native.copy(array) for array in arrays])
    result = function(*positional, **named)
    found: list[Array] = []
    _flatten(result, found)
    return _rebuild(result, [native.copy(array) for array in found])


class _Trace:
    """One recording of a function: its graph, and the arrays that stand for arguments and results."""

    def __init__(self, function: Callable[..., Any], args: Any, arrays: list[Array]) -> None:
        self.placeholders = placeholders = [native.copy(array) for array in arrays]
        native.evaluate(placeholders)
        with native.record(device=arrays[0].device) as graph:
            for i, placeholder in enumerate(placeholders):
                native.param(f"in{i}", placeholder)
            # Copies, which become part of the kernels: in-place operators on arguments stay inside.
            positional, named = _rebuild(args, [native.copy(placeholder) for placeholder in placeholders])
            self.result = _traced(function, positional, named)
            self.outputs: list[Array] = []
            found: list[Array] = []
            _flatten(self.result, found)
            self.outputs.extend(native.copy(array) for array in found)  # memory of their own, whatever was returned
            self.host = native.host_replay(placeholders, self.outputs)
            native.evaluate(self.outputs)
            for i, output in enumerate(self.outputs):
                native.param(f"out{i}", output)
        self.graph = graph

    def run(self, arrays: list[Array]) -> Any:
        computed = self.host.run(arrays) if self.host else None
        if computed is not None:
            return _rebuild(self.result, computed)
        changes: dict[str, Any] = {f"in{i}": native.contiguous(array) for i, array in enumerate(arrays)}
        fresh = [native.empty(o.shape, dtype=o.dtype, device=o.device) for o in self.outputs]
        changes.update((f"out{i}", output) for i, output in enumerate(fresh))
        try:
            self.graph.submit(changes)
        except LayoutError:  # memory that starts elsewhere than the recorded kernels were chosen for
            fresh = self._run_in_place(arrays)
        return _rebuild(self.result, fresh)

    def _run_in_place(self, arrays: list[Array]) -> list[Array]:
        """Through the recorded arrays themselves, for the price of copies."""
        for placeholder, array in zip(self.placeholders, arrays, strict=True):
            placeholder[...] = array
        self.graph.submit({})
        fresh = [native.copy(output) for output in self.outputs]
        native.evaluate(fresh)
        return fresh


class Compiled:
    """A function that is traced once for each shape and dtype of its arguments: see `compile`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._traces: OrderedDict[Hashable, _Trace] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def traces(self) -> int:
        """How many recordings are kept."""
        return len(self._traces)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Runs the recording for arguments like these, which the first call makes."""
        arrays: list[Array] = []
        key = _flatten((args, named), arrays)
        try:
            hash(key)
        except TypeError as error:
            raise ArgumentTypeError(
                f"an argument of a compiled function cannot be told from others ({error}); expected Arrays, numbers, "
                "strings, and tuples, lists and dicts of them; pass ndarrays as vf.asarray(a)"
            ) from None
        if not arrays:
            return self._function(*args, **named)
        if _tracing.active:
            return _inline(self._function, (args, named), arrays)
        with self._lock:
            return self._trace(key, (args, named), arrays).run(arrays)

    def _trace(self, key: Hashable, args: Any, arrays: list[Array]) -> _Trace:
        trace = self._traces.get(key)
        if trace is None:
            trace = _Trace(self._function, args, arrays)
            self._traces[key] = trace
            if len(self._traces) > _MOST_TRACES:
                self._traces.popitem(last=False)
        self._traces.move_to_end(key)
        return trace


def compile(function: Callable[..., T]) -> Callable[..., T]:
    """Traces a function of arrays once and replays it as a graph, with other arrays, from then on.

    The first call for each combination of shapes and dtypes runs the Python code and records its kernels; later calls
    bind their arrays and submit the recording, whatever the number of operations. Small functions of each element are
    computed by the host then, where it sees the device's memory and need not wait. Results are fresh arrays. Compiled
    functions may call each other and themselves: what is called while another is traced becomes part of that.

    The function must be one of its arguments alone: what it prints, reads or changes elsewhere happens once, and
    numbers and strings among its arguments belong to the trace (a number that changes is best an `Array` of shape ()).
    It cannot look at values: `float(x)`, `if x > 0`, `x[mask]`, `nonzero` and what else depends on
    them raise StateError.

    Args:
        function: Takes and returns `Array`s, or tuples, lists and dicts of them.

    Returns:
        The function, compiled; at most 32 recordings are kept.

    Raises:
        StateError: While it is traced, the function asks for values.

    Example:
        >>> import numpy as np, vulkan_forge as vf
        >>> @vf.compile
        ... def step(x, v):
        ...     return x + v * 0.5, v * 0.75
        >>> x, v = vf.asarray(np.zeros(3, np.float32)), vf.asarray(np.ones(3, np.float32))
        >>> for _ in range(3):
        ...     x, v = step(x, v)
        >>> x.tolist()
        [1.15625, 1.15625, 1.15625]
    """
    return Compiled(function)
