"""What the host computes where it is asked to: text, sequences, optional values, narrow numbers, pictures.

`OPERATORS` has a row for each operator: a function of a node and its inputs, which are ndarrays (text as Python's str),
lists for sequences, and None for what is left out. It gives one value, or a tuple of them.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from vulkan_forge.errors import InputError, UnsupportedError
from vulkan_forge.onnx._model import import_onnx

if TYPE_CHECKING:
    from vulkan_forge.onnx._host import Program

Values: TypeAlias = "np.ndarray[Any, Any]"
Function: TypeAlias = "Callable[..., Any]"


class HostNode:
    """A node as the functions see it.

    Args:
        text: Operator and name, for messages.
        opset: The opset whose meaning the node has.
        attributes: By name: numbers, str, lists, ndarrays.
        graphs: The graphs among its attributes.
        outputs: How many outputs it has.
    """

    def __init__(
        self, text: str, opset: int, attributes: Mapping[str, Any], graphs: Mapping[str, Program], outputs: int
    ) -> None:
        self.text = text
        self.opset = opset
        self.attributes = attributes
        self.graphs = graphs
        self.outputs = outputs
        self.scope: Any = {}

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.attributes.get(name, otherwise)

    def refuse(self, failed: str, expected: str, got: str) -> InputError:
        return InputError.build("INVALID_ARGUMENT", f"{self.text}: {failed}", expected=expected, got=got)

    def unsupported(self, what: str, mend: str) -> UnsupportedError:
        return UnsupportedError.build("MISSING_FEATURE", f"{self.text}: {what} is not supported", mend=mend)


def _numbers(values: Values | None, otherwise: list[int] | None = None) -> list[int]:
    return list(otherwise or []) if values is None else [int(v) for v in np.asarray(values).reshape(-1)]


def _texts(values: list[str], shape: tuple[int, ...]) -> Values:
    made = np.empty(len(values), object)
    made[:] = values
    return made.reshape(shape)


def _each(values: Values, change: Callable[[str], Any], dtype: Any = object) -> Values:
    made = np.empty(values.size, dtype)
    for i, value in enumerate(values.reshape(-1)):
        made[i] = change(value)
    return made.reshape(values.shape)


# -- text --


def _normalized(n: HostNode, x: Values) -> Values:
    if x.ndim > 2 or (x.ndim == 2 and x.shape[0] != 1) or x.ndim == 0:
        raise n.refuse("text stands in a row", "(C) or (1, C)", str(x.shape))
    change = {"LOWER": str.lower, "UPPER": str.upper}.get(n.get("case_change_action", "NONE"), str)
    fold = str if n.get("is_case_sensitive", 0) else str.lower
    stops = {fold(word) for word in n.get("stopwords", [])}  # whole elements, as the definition and onnxruntime have it
    texts = [change(text) for text in x.reshape(-1) if fold(text) not in stops] or [""]
    return _texts(texts, (1, len(texts)) if x.ndim == 2 else (len(texts),))


def _split_text(n: HostNode, x: Values) -> tuple[Values, Values]:
    delimiter, most = n.get("delimiter") or None, n.get("maxsplit", -1)
    parts = [text.split(delimiter, most) for text in x.reshape(-1)]
    width = max(map(len, parts), default=0)
    texts = [text for row in parts for text in row + [""] * (width - len(row))]
    counts = np.array([len(row) for row in parts], np.int64).reshape(x.shape)
    return _texts(texts, (*x.shape, width)), counts


def _matches(n: HostNode, x: Values) -> Values:
    try:
        pattern = re.compile(n.get("pattern", ""))
    except re.error as error:
        raise n.refuse("this is no pattern", "a regular expression", str(error)) from None
    return _each(x, lambda text: pattern.fullmatch(text) is not None, np.bool_)


def _joined_text(n: HostNode, x: Values, y: Values) -> Values:
    a, b = np.broadcast_arrays(x, y)
    return _texts([left + right for left, right in zip(a.reshape(-1), b.reshape(-1), strict=True)], a.shape)


def _runs_of_words(n: HostNode, x: Values) -> Values:
    """Counts runs of words; the device's own row does it for numbers."""
    starts, columns, pool = n.get("ngram_counts"), n.get("ngram_indexes"), n.get("pool_strings") or n.get("pool_int64s")
    shortest, longest = n.get("min_gram_length", 1), n.get("max_gram_length", 1)
    known: dict[tuple[Any, ...], int] = {}
    number = 0
    for i, (start, end) in enumerate(zip(starts, [*starts[1:], len(pool)], strict=True)):
        for at in range(start, end, i + 1):
            known[tuple(pool[at : at + i + 1])] = columns[number]
            number += 1
    rows = x.reshape(-1, x.shape[-1])
    counts = np.zeros((len(rows), max(columns) + 1), np.float32)
    for row, words in zip(counts, rows.tolist(), strict=True):
        for apart in range(1, min(n.get("max_skip_count", 0), len(words)) + 2):  # no second word is further away
            for length in range(max(shortest, 1 if apart == 1 else 2), longest + 1):
                for start in range(len(words) - apart * (length - 1)):
                    place = known.get(tuple(words[start : start + apart * length : apart][:length]))
                    if place is not None:
                        row[place] += 1
    mode, weights = n.get("mode", "TF"), n.get("weights")
    counts = np.minimum(counts, 1) if mode == "IDF" else counts
    counts = counts * np.array(weights, np.float32) if mode != "TF" and weights else counts
    return counts.reshape(*x.shape[:-1], -1)


def _labels(n: HostNode, x: Values) -> Values:
    """ai.onnx.ml's LabelEncoder: one value for another."""
    kinds = {"strings": object, "int64s": np.int64, "floats": np.float32, "tensor": None}
    keys: Any = next((n.get(f"keys_{kind}") for kind in kinds if n.get(f"keys_{kind}") is not None), [])
    kind = next((kind for kind in kinds if n.get(f"values_{kind}") is not None), "tensor")
    values = n.get(f"values_{kind}")
    dtype = kinds[kind] or values.dtype
    default = n.get({"strings": "default_string", "int64s": "default_int64", "floats": "default_float"}.get(kind, ""))
    if n.get("default_tensor") is not None:
        default = n.get("default_tensor").reshape(-1)[0]
    if default is None:
        default = {"strings": "_Unused", "int64s": -1, "floats": -0.0}.get(kind, 0)
    table = dict(zip(np.asarray(keys).tolist(), np.asarray(values).tolist(), strict=True))
    return _each(x, lambda value: table.get(value, default), dtype)


# -- tensors of what the device does not hold --


def _reshaped(n: HostNode, x: Values, shape: Values) -> Values:
    wanted = _numbers(shape)
    if not n.get("allowzero", 0):
        wanted = [x.shape[i] if extent == 0 else extent for i, extent in enumerate(wanted)]
    return x.reshape(wanted)


def _flat(n: HostNode, x: Values) -> Values:
    axis = n.get("axis", 1) % (x.ndim + 1) if n.get("axis", 1) < 0 else n.get("axis", 1)
    return x.reshape(math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))


def _axes(n: HostNode, axes: Values | None) -> tuple[int, ...] | None:
    given = n.get("axes") if axes is None else _numbers(axes)
    return None if given is None else tuple(given)


def _gathered(n: HostNode, x: Values, indices: Values) -> Values:
    made: Values = np.take(x, indices, n.get("axis", 0))
    return made


def _place_along(x: Values, axis: int, start: int, end: int, step: int) -> slice:
    """What NumPy's slices leave out: backwards, a start in front of the axis is its first element."""
    extent = x.shape[axis]
    start, end = (place + extent if place < 0 else place for place in (start, end))
    if step > 0:
        return slice(max(start, 0), max(end, 0), step)
    return slice(min(max(start, 0), extent - 1), end if end >= 0 else None, step)


def _sliced(n: HostNode, x: Values, starts: Values, ends: Values, axes: Any = None, steps: Any = None) -> Values:
    first, last = _numbers(starts), _numbers(ends)
    places = [slice(None)] * x.ndim
    by = _numbers(steps, [1] * len(first))
    for axis, start, end, step in zip(_numbers(axes, list(range(len(first)))), first, last, by, strict=True):
        places[axis] = _place_along(x, axis, start, end, step)
    return x[tuple(places)]


def _parted(n: HostNode, x: Values, sizes: list[int], axis: int) -> list[Values]:
    if min(sizes, default=0) < 0 or sum(sizes) != x.shape[axis]:  # NumPy gives what is left to the last part
        raise n.refuse("the parts do not make up the axis", f"sizes that add up to {x.shape[axis]}", str(sizes))
    return np.split(x, np.cumsum(sizes, dtype=np.int64)[:-1], axis)


def _split(n: HostNode, x: Values, parts: Values | None = None) -> tuple[Values, ...]:
    axis = n.get("axis", 0)
    sizes = n.get("split") if parts is None else _numbers(parts)
    if sizes is None:
        each = -(-x.shape[axis] // n.outputs)
        return tuple(np.split(x, range(each, each * n.outputs, each), axis))
    if len(sizes) != n.outputs:
        raise n.refuse("the parts do not fit the outputs", f"{n.outputs} sizes", str(sizes))
    return tuple(_parted(n, x, sizes, axis))


def _constant(n: HostNode) -> Values:
    for name in ("value", "value_string", "value_strings", "value_int", "value_ints", "value_float", "value_floats"):
        value = n.get(name)
        if value is not None and "string" in name:
            return _texts(value, (len(value),)) if isinstance(value, list) else _texts([value], ())
        if value is not None:
            dtype = np.float32 if "float" in name else np.int64 if "int" in name else None
            return np.asarray(value, dtype)
    raise n.refuse("a constant has a value", "a tensor, numbers or text", ", ".join(n.attributes))


# -- narrow numbers --


def _to_text(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return (
            "NaN" if np.isnan(value) else "INF" if value == np.inf else "-INF" if value == -np.inf else f"{value:.8g}"
        )
    return str(int(value) if isinstance(value, (bool, np.bool_)) else value)


def _read(x: Values, dtype: np.dtype[Any]) -> Values:
    """Numbers that stand in text; ValueError where it is something else."""
    for text in x.reshape(-1):
        if "_" in text:  # which Python takes for a separator of digits
            raise ValueError(f"{text!r} is no number")
    if dtype == np.bool_:
        return _each(x, lambda text: float(text) != 0, np.bool_)  # to Python any text but an empty one is true
    return x.astype(np.float64 if dtype.kind == "f" else dtype).astype(dtype)


def _cast(x: Values, number: int, saturate: bool, rounding: str = "up") -> Values:
    onnx = import_onnx()
    if number == onnx.TensorProto.STRING:
        return _each(x, _to_text)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(number)
    if x.dtype == object:
        return _read(x, dtype)
    name = onnx.TensorProto.DataType.Name(number)
    if name == "FLOAT8E8M0":
        made: Values = onnx.numpy_helper.to_float8e8m0(x, saturate, rounding).astype(dtype)
        return made
    if name.startswith("FLOAT8") and saturate:
        made = onnx.numpy_helper.saturate_cast(x, dtype)
        return made
    return x.astype(dtype)


def _cast_to(n: HostNode, x: Values) -> Values:
    return _cast(x, n.get("to"), n.get("saturate", 1) != 0, n.get("round_mode", "up"))


def _cast_like(n: HostNode, x: Values, like: Values) -> Values:
    onnx = import_onnx()
    number = onnx.TensorProto.STRING if like.dtype == object else onnx.helper.np_dtype_to_tensor_dtype(like.dtype)
    return _cast(x, number, n.get("saturate", 1) != 0, n.get("round_mode", "up"))


def _spread(n: HostNode, given: Values, shape: tuple[int, ...]) -> Values:
    """Scales or zero points of an axis, or of blocks of it, in the input's shape."""
    axis, block = n.get("axis", 1), n.get("block_size", 0)
    if given.size == 1 and given.ndim <= 1:
        return given.reshape(())
    if given.ndim == 1 and not block:
        places = [1] * len(shape)
        places[axis] = given.size
        return given.reshape(places)
    places_of_blocks = np.arange(shape[axis]) // max(block, 1)
    made: Values = np.take(given, places_of_blocks, axis)
    return made


def _quantized(n: HostNode, x: Values, scale: Values, zero: Values | None = None) -> Values:
    onnx = import_onnx()
    number = n.get("output_dtype", 0) or (onnx.TensorProto.UINT8 if zero is None else 0)
    number = number or onnx.helper.np_dtype_to_tensor_dtype(zero.dtype)  # type: ignore[union-attr]
    wide = onnx.helper.tensor_dtype_to_np_dtype(n.get("precision", 0) or onnx.TensorProto.FLOAT)
    value = x.astype(wide) / _spread(n, scale, x.shape).astype(wide)
    name = onnx.TensorProto.DataType.Name(number)
    if not name.startswith("FLOAT"):
        value = np.rint(value)
    if zero is not None:
        value = value + _spread(n, zero, x.shape).astype(wide)
    if name.startswith("FLOAT"):
        return _cast(value, number, n.get("saturate", 1) != 0)
    made: Values = onnx.numpy_helper.saturate_cast(value, onnx.helper.tensor_dtype_to_np_dtype(number))
    return made


def _dequantized(n: HostNode, x: Values, scale: Values, zero: Values | None = None) -> Values:
    value = x.astype(np.float32)
    if zero is not None:
        value = value - _spread(n, zero, x.shape).astype(np.float32)
    onnx = import_onnx()
    number = n.get("output_dtype", 0)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(number) if number else scale.dtype
    made: Values = (value * _spread(n, scale, x.shape).astype(np.float32)).astype(dtype)
    return made


# -- sequences and optional values --


def _insert(n: HostNode, sequence: list[Any], value: Any, place: Values | None = None) -> list[Any]:
    at = len(sequence) if place is None else int(np.asarray(place).reshape(-1)[0])
    if not -len(sequence) <= at <= len(sequence):
        raise n.refuse("there is no such place", f"{-len(sequence)} to {len(sequence)}", str(at))
    at = at + len(sequence) if at < 0 else at
    return [*sequence[:at], value, *sequence[at:]]


def _place(n: HostNode, sequence: list[Any], place: Values | None) -> int:
    at = -1 if place is None else int(np.asarray(place).reshape(-1)[0])
    if not -len(sequence) <= at < len(sequence):
        raise n.refuse("there is no such entry", f"{-len(sequence)} to {len(sequence) - 1}", str(at))
    return at % len(sequence)


def _erase(n: HostNode, sequence: list[Any], place: Values | None = None) -> list[Any]:
    at = _place(n, sequence, place)
    return sequence[:at] + sequence[at + 1 :]


def _split_to_sequence(n: HostNode, x: Values, parts: Values | None = None) -> list[Values]:
    axis = n.get("axis", 0)
    if parts is None:
        pieces = np.split(x, x.shape[axis], axis)
        return pieces if n.get("keepdims", 1) else [piece.squeeze(axis) for piece in pieces]
    sizes = _numbers(parts)
    if parts.ndim == 0:
        return np.split(x, range(sizes[0], x.shape[axis], sizes[0]), axis)
    return _parted(n, x, sizes, axis)


def _concat_sequence(n: HostNode, sequence: list[Values]) -> Values:
    axis = n.get("axis")
    return np.stack(sequence, axis) if n.get("new_axis", 0) else np.concatenate(sequence, axis)


def _element(n: HostNode, value: Any) -> Any:
    if value is None:
        raise n.refuse("an optional value is empty", "one that is there", "none")
    return value


# -- control flow --


def _branch(n: HostNode, condition: Values) -> tuple[Any, ...]:
    return tuple(n.graphs["then_branch" if bool(condition.reshape(-1)[0]) else "else_branch"].run([], n.scope))


def _loop(n: HostNode, steps: Values | None = None, goes_on: Values | None = None, *state: Any) -> tuple[Any, ...]:
    body = n.graphs["body"]
    carried = list(state)
    scanned: list[list[Any]] = [[] for _ in body.outputs[1 + len(carried) :]]
    most = np.iinfo(np.int64).max if steps is None else int(np.asarray(steps).reshape(-1)[0])
    on = goes_on is None or bool(np.asarray(goes_on).reshape(-1)[0])
    step = 0
    while step < most and on:
        made = body.run([np.array(step, np.int64), np.array(True), *carried], n.scope)
        on = bool(np.asarray(made[0]).reshape(-1)[0])
        carried = list(made[1 : 1 + len(carried)])
        for rows, value in zip(scanned, made[1 + len(carried) :], strict=True):
            rows.append(np.asarray(value))
        step += 1
    ports = body.ports[1 + len(carried) :]
    return (*carried, *(np.stack(rows) if rows else _no_rows(port) for rows, port in zip(scanned, ports, strict=True)))


def _no_rows(port: Any) -> Values:
    """What a loop that never turns gives of a value: no rows, of the dtype and extents that the body says."""
    onnx, tensor = import_onnx(), port.tensor_type
    number = tensor.elem_type or onnx.TensorProto.FLOAT
    dtype = object if number == onnx.TensorProto.STRING else onnx.helper.tensor_dtype_to_np_dtype(number)
    return np.zeros((0, *(max(dim.dim_value, 0) for dim in tensor.shape.dim)), dtype)


# -- pictures --


def _picture(n: HostNode, data: Values) -> Values:
    try:
        from PIL import Image
    except ImportError:
        raise n.unsupported("reading pictures without Pillow", 'pip install "vulkan-forge[media]"') from None
    try:
        image = Image.open(io.BytesIO(data.tobytes()))
        kind = n.get("pixel_format", "RGB")
        pixels = np.asarray(image.convert("L" if kind == "Grayscale" else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise n.refuse("this is no picture", "a file that Pillow reads", str(error)) from None
    return pixels[:, :, None] if kind == "Grayscale" else pixels[:, :, ::-1].copy() if kind == "BGR" else pixels


OPERATORS: Mapping[tuple[str, str], Function] = {
    ("", "Cast"): _cast_to,
    ("", "CastLike"): _cast_like,
    ("", "Concat"): lambda n, *parts: np.concatenate(parts, n.get("axis", 1)),
    ("", "ConcatFromSequence"): _concat_sequence,
    ("", "Constant"): _constant,
    ("", "DequantizeLinear"): _dequantized,
    ("", "Equal"): lambda n, a, b: np.asarray(a == b, np.bool_),
    ("", "Expand"): lambda n, x, shape: np.array(np.broadcast_to(x, np.broadcast_shapes(x.shape, _numbers(shape)))),
    ("", "Flatten"): _flat,
    ("", "Gather"): _gathered,
    ("", "Identity"): lambda n, x: x,
    ("", "If"): _branch,
    ("", "ImageDecoder"): _picture,
    ("", "Loop"): _loop,
    ("", "Optional"): lambda n, x=None: x,
    ("", "OptionalGetElement"): _element,
    ("", "OptionalHasElement"): lambda n, x=None: np.array(x is not None),
    ("", "QuantizeLinear"): _quantized,
    ("", "RegexFullMatch"): _matches,
    ("", "Reshape"): _reshaped,
    ("", "SequenceAt"): lambda n, sequence, place: sequence[_place(n, sequence, place)],
    ("", "SequenceConstruct"): lambda n, *values: list(values),
    ("", "SequenceEmpty"): lambda n: [],
    ("", "SequenceErase"): _erase,
    ("", "SequenceInsert"): _insert,
    ("", "SequenceLength"): lambda n, sequence: np.array(len(sequence), np.int64),
    ("", "Shape"): lambda n, x: np.array(x.shape[n.get("start", 0) : n.get("end")], np.int64),
    ("", "Size"): lambda n, x: np.array(x.size, np.int64),
    ("", "Slice"): _sliced,
    ("", "Split"): _split,
    ("", "SplitToSequence"): _split_to_sequence,
    ("", "Squeeze"): lambda n, x, axes=None: np.squeeze(x, _axes(n, axes)),
    ("", "StringConcat"): _joined_text,
    ("", "StringNormalizer"): _normalized,
    ("", "StringSplit"): _split_text,
    ("", "TfIdfVectorizer"): _runs_of_words,
    ("", "Tile"): lambda n, x, repeats: np.tile(x, _numbers(repeats)),
    ("", "Transpose"): lambda n, x: np.transpose(x, n.get("perm")),
    ("", "Unsqueeze"): lambda n, x, axes=None: np.expand_dims(x, _axes(n, axes) or ()),
    ("", "Where"): lambda n, condition, x, y: np.where(condition, x, y),
    ("ai.onnx.ml", "ArrayFeatureExtractor"): lambda n, x, places: np.take(np.atleast_2d(x), _numbers(places), -1),
    ("ai.onnx.ml", "Binarizer"): lambda n, x: (x > n.get("threshold", 0)).astype(x.dtype),
    ("ai.onnx.ml", "LabelEncoder"): _labels,
}  # fmt: skip
