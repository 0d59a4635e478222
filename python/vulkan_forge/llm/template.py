"""The Jinja that chat templates are written in: a sandbox with transformers' additions, bounds on memory, and marks."""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError, nodes, pass_context
from jinja2.compiler import CodeGenerator, operators
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter

from vulkan_forge.llm.bounds import FILTERS, METHODS, MOST_TEXT, is_too_large, largest_number, weight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jinja2.compiler import Frame
    from jinja2.parser import Parser
    from jinja2.runtime import Context

    from vulkan_forge.llm.marks import Marks

__all__ = ["TemplateEnvironment", "joined"]

MOST_MADE = 1 << 30  # characters or elements of all values that a template makes
MOST_INDENT = 1024
JINJAS = ("_loop_vars", "_block_vars")  # what Jinja adds to arguments for its own functions
LEFT_OUT = ("pprint", "urlize", "wordwrap")  # filters that no conversation needs and that multiply what they are given
# Filters that write values as text: of lists, that may be far longer than what memory they take.
WRITERS = {
    *("capitalize", "center", "e", "escape", "forceescape", "format", "indent", "join", "lower", "replace", "safe"),
    *("string", "striptags", "title", "trim", "truncate", "upper", "urlencode", "wordcount", "xmlattr"),
}
# Methods that tell of a text, those that look for their first argument, and those whose argument is a set of letters.
TELLERS = {"startswith", "endswith", "find", "rfind", "index", "rindex", "count"}
FINDERS = {"split", "rsplit", "partition", "rpartition", "replace", "removeprefix", "removesuffix"}
DECODERS = {"decode", "striptags", "unescape"}  # characters come of what was written in other ways
STRIPPERS = {"strip", "lstrip", "rstrip"}
EQUALITIES = ("eq", "==", "equalto", "ne", "!=", "in")


def _fits(size: int, what: str) -> None:
    if size > MOST_TEXT:
        raise TemplateError(f"{what} gives a value that is too large; at most {MOST_TEXT} characters or elements")


def joined(pieces: Iterable[str]) -> str:
    """One text of many.

    Args:
        pieces: They come one after the other.

    Raises:
        TemplateError: It would be too long.
    """
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > MOST_TEXT:
            raise TemplateError(f"a conversation is too long; at most {MOST_TEXT} characters")
    return "".join(held)


class _Generation(Extension):
    """`{% generation %}` tells training what the assistant said: it is rendered as it stands."""

    tags = {"generation"}  # noqa: RUF012 - as the base class has it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_passed"), [], [], body).set_lineno(line)

    def _passed(self, caller: Callable[[], str]) -> str:
        return caller()


class _Code(CodeGenerator):
    """Lets the environment see what `~` joins and what is compared."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.texts_joined((")
        for arg in node.nodes:
            self.visit(arg, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        self.write("(environment.plain(")
        self.visit(node.expr, frame)
        self.write(")")
        for op in node.ops:
            self.visit(op, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:  # noqa: N802
        self.write(f" {operators[node.op]} environment.plain(")
        self.visit(node.expr, frame)
        self.write(")")


class _Formatter(SandboxedFormatter):
    """`str.format` that ends before its text fills memory."""

    size = 0

    def convert_field(self, value: Any, conversion: Any) -> Any:
        _fits(weight([value]), "format")
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> Any:
        _fits(max(weight([value]), largest_number(format_spec)), "format")
        text = super().format_field(value, format_spec)
        self.size += len(text)
        _fits(self.size, "format")
        return text


@pass_context  # with a context, Jinja writes nothing as text while it compiles
def _writable(context: Context, value: Any) -> Any:
    _fits(weight([value]), "an expression")
    return value


def _refuse(text: Any) -> None:
    _fits(weight([text]), "raise_exception")
    raise TemplateError(str(text))


def _now(format: str) -> str:
    return datetime.now().strftime(format)


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """What one conversation is rendered in.

    Args:
        marks: Those in what it is given.
    """

    code_generator_class = _Code
    intercepted_binops = frozenset(["+", "*", "**", "%"])
    concat = staticmethod(joined)

    def __init__(self, marks: Marks) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # nothing is computed before the bounds are there
            finalize=_writable,
            extensions=[_Generation, loopcontrols],
        )
        self._said = marks
        self._made = 0
        self.filters["tojson"] = self._to_json
        for name in LEFT_OUT:
            del self.filters[name]
        self.filters = {name: self._bounded_filter(name, one) for name, one in self.filters.items()}
        self.tests.update({name: self._plain_test(self.tests[name]) for name in EQUALITIES})
        self.globals.pop("lipsum")
        self.globals.update(raise_exception=_refuse, strftime_now=_now)

    # -- what a template's code calls --

    def plain(self, value: Any) -> Any:
        """What is compared: texts as they were said.

        Args:
            value: Any.
        """
        return self._said.plain(value)

    def texts_joined(self, values: Sequence[Any]) -> str:
        """What `~` makes of values.

        Args:
            values: Any.
        """
        _fits(weight(values), "~")
        text: str = self._kept(joined(map(str, values)))
        return text

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """What an operator gives.

        Args:
            context: The template's.
            operator: One of `intercepted_binops`.
            left: What stands before it.
            right: What stands behind it.
        """
        if is_too_large(operator, left, right):
            raise TemplateError(f"{operator} gives a value that is too large")
        return self._kept(super().call_binop(context, operator, left, right))

    def call(self, context: Context, target: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What a function or method gives.

        Args:
            context: The template's.
            target: The function.
            *args: What it is called with.
            **kwargs: The same by name.
        """
        owner = getattr(target, "__self__", None)
        if isinstance(owner, (str, bytes, int)):
            name = target.__name__
            if name == "join" and args:
                args = (list(args[0]), *args[1:])
            if name in METHODS:
                named = {key: one for key, one in kwargs.items() if key not in JINJAS}
                _fits(METHODS[name](owner, *args, **named), name)
            if isinstance(owner, str):
                target, args = self._as_said(owner, target, args)
                kwargs |= {"sep": self._said.as_in(owner, kwargs["sep"])} if "sep" in kwargs else {}
            result = super().call(context, target, *args, **kwargs)
            return self._kept(self._said.marked(result) if name in DECODERS else result)
        return self._kept(super().call(context, target, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Any:
        """`str.format` as a template calls it.

        Args:
            value: What a template takes from a value.
        """
        if super().wrap_str_format(value) is None:
            return None
        text, by_name = str(value.__self__), value.__name__ == "format_map"

        def formatted(*args: Any, **kwargs: Any) -> str:
            return _Formatter(self).vformat(text, () if by_name else args, args[0] if by_name else kwargs)

        return formatted

    # -- bounds and marks --

    def _kept(self, value: Any) -> Any:
        if isinstance(value, (str, bytes, list, tuple, dict)):
            _fits(len(value), "an expression")
            self._made += len(value)
            if self._made > MOST_MADE:
                raise TemplateError("values are too large together")
        return value

    def _as_said(self, owner: str, method: Any, args: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """A method of a text, and what it looks for, as the text has it."""
        name, said = method.__name__, self._said
        if name in TELLERS:
            return getattr(said.plain(owner), name), tuple(said.plain(one) for one in args)
        if name in FINDERS and args:
            return method, (said.as_in(owner, args[0]), *args[1:])
        if name in STRIPPERS and args and isinstance(args[0], str):
            return method, (args[0] + said.marked(args[0]),)
        return method, args

    def _bounded_filter(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        first = 1 if hasattr(function, "jinja_pass_arg") else 0  # the context, which is no argument of the template's

        @functools.wraps(function)
        def bounded(*args: Any, **kwargs: Any) -> Any:
            given = list(args[first:])
            if name in ("join", "batch", "slice") and given and not isinstance(given[0], str):
                given[0] = list(given[0])
            if name in WRITERS:
                _fits(weight([*given, *kwargs.values()]), name)
            if name in FILTERS:
                _fits(FILTERS[name](*given, **kwargs), name)
            if name == "replace" and len(given) > 1:
                given[1] = self._said.as_in(str(given[0]), given[1])
            if name == "trim" and len(given) > 1 and isinstance(given[1], str):
                given[1] += self._said.marked(given[1])
            result = function(*args[:first], *given, **kwargs)
            return self._kept(self._said.marked(result) if name in DECODERS else result)

        return bounded

    def _plain_test(self, function: Any) -> Callable[..., Any]:
        return lambda *args: function(*map(self.plain, args))

    def _to_json(
        self,
        x: Any,
        ensure_ascii: bool = False,
        indent: int | str | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> str:
        """As transformers has it: Jinja's own writes HTML's characters in another way."""
        if indent is not None and (len(indent) if isinstance(indent, str) else indent) > MOST_INDENT:
            raise TemplateError(f"tojson's indent is too large; at most {MOST_INDENT}")
        encoder = json.JSONEncoder(ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
        if not ensure_ascii:
            return joined(encoder.iterencode(x))
        text: str = self._said.marked(joined(encoder.iterencode(self.plain(x))))  # else marks would be written as codes
        return text
