"""Chat templates: a model's own Jinja text, rendered where it can reach nothing but what it is given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["render_chat"]

MOST_TEXT = 16 << 20  # characters of a rendered conversation
MOST_BITS = 4096  # of a power


def _is_too_large(operator: str, left: Any, right: Any) -> bool:
    """Whether a few characters of a template would fill memory: long texts, huge powers."""
    if operator == "**":
        return isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MOST_BITS
    for text, times in ((left, right), (right, left)):
        if isinstance(text, (str, bytes, list, tuple)) and isinstance(times, int):
            return len(text) * times > MOST_TEXT
    return False


def _environment() -> Any:
    try:
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE", "chat templates need jinja2", mend="pip install 'vulkan-forge[llm]'"
        ) from error
    from jinja2 import TemplateError

    def refuse(text: str) -> None:
        raise TemplateError(text)

    def to_json(value: Any, indent: int | None = None, **more: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent, **more)

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["*", "**"])

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if _is_too_large(operator, left, right):
                raise TemplateError(f"{operator} gives a value that is too large")
            return super().call_binop(context, operator, left, right)

    environment = Environment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = to_json
    environment.globals["raise_exception"] = refuse
    return environment


def render_chat(
    template: str | None, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True, **more: Any
) -> str:
    """Render a conversation.

    Args:
        template: Jinja text as Hugging Face's tokenizers have it.
        messages: Each with "role" and "content".
        add_generation_prompt: Whether the assistant's turn is opened.
        **more: What else the template knows: bos_token, tools, ...

    Returns:
        The text, control tokens included.

    Raises:
        InputError: There are no messages, or the template refuses them; the message names the template's line.
        UnsupportedError: jinja2 is not installed.

    Example:
        >>> from vulkan_forge import llm
        >>> template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
        >>> llm.render_chat(template, [{"role": "user", "content": "hi"}])
        '<user>hi'
    """
    if not template:
        raise InputError.build(
            "INVALID_ARGUMENT", "the model has no chat template", mend="pass a prompt instead of messages"
        )
    if not messages:
        raise InputError.build("INVALID_ARGUMENT", "a conversation has no messages", expected="one or more")
    environment = _environment()
    from jinja2 import TemplateError

    try:
        text = _joined(
            environment.from_string(template).generate(
                messages=list(messages), add_generation_prompt=add_generation_prompt, **more
            )
        )
    except (
        TemplateError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"a chat template failed at line {_line_of(error)}",
            got=f"{type(error).__name__}: {error}",
        ) from error
    return text


def _joined(pieces: Iterable[str]) -> str:
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > MOST_TEXT:
            raise InputError.build("INVALID_ARGUMENT", "a conversation is too long", expected=f"{MOST_TEXT} characters")
    return "".join(held)


def _line_of(error: BaseException) -> object:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line if line is not None else "?"
