"""Chat templates: a model's own Jinja text, rendered where it can reach nothing but what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vulkan_forge.errors import ArgumentTypeError, InputError, UnsupportedError
from vulkan_forge.llm.marks import Marks

__all__ = ["render_chat", "render_marked"]


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
        ArgumentTypeError: The template is no text, or the messages are no list of mappings.
        InputError: There are no messages, or the template refuses them; the message names the template's line.
        UnsupportedError: jinja2 is not installed.

    Example:
        >>> from vulkan_forge import llm
        >>> template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
        >>> llm.render_chat(template, [{"role": "user", "content": "hi"}])
        '<user>hi'
    """
    marks = Marks(frozenset())
    return render_marked(template, messages, marks, add_generation_prompt=add_generation_prompt, **more)


def render_marked(template: str | None, messages: Sequence[Mapping[str, Any]], marks: Marks, /, **more: Any) -> str:
    """Render a conversation whose texts have marks.

    Args:
        template: Jinja text as Hugging Face's tokenizers have it.
        messages: Each with "role" and "content".
        marks: Those in all that is given; the text has them too.
        **more: What else the template knows.

    Raises:
        InputError, UnsupportedError: As `render_chat`.
    """
    _check(template, messages)
    try:
        from vulkan_forge.llm.template import TemplateEnvironment, joined
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE", "chat templates need jinja2", mend="pip install 'vulkan-forge[llm]'"
        ) from error
    from jinja2 import TemplateError

    try:
        made = TemplateEnvironment(marks).from_string(template or "")
        return joined(made.generate({"tools": None, "documents": None, **more, "messages": list(messages)}))
    except (
        TemplateError,
        TypeError,
        ValueError,
        LookupError,
        AttributeError,
        ArithmeticError,
        AssertionError,
        RuntimeError,  # RecursionError, and what Python makes of a StopIteration
        MemoryError,
        SyntaxError,  # more blocks in each other than Python takes
    ) as error:
        raise InputError.build(
            "INVALID_ARGUMENT",
            f"a chat template failed at line {_line_of(error)}",
            got=f"{type(error).__name__}: {error}",
        ) from error


def _check(template: object, messages: object) -> None:
    if template is not None and not isinstance(template, str):
        raise ArgumentTypeError.build("BAD_TYPE", "template", expected="str", got=type(template).__name__)
    if not template:
        raise InputError.build(
            "INVALID_ARGUMENT", "the model has no chat template", mend="pass a prompt instead of messages"
        )
    if not isinstance(messages, Sequence) or isinstance(messages, (str, bytes)):
        raise ArgumentTypeError.build(
            "BAD_TYPE", "messages", expected="a list of mappings", got=type(messages).__name__
        )
    for index, one in enumerate(messages):
        if not isinstance(one, Mapping):
            raise ArgumentTypeError.build("BAD_TYPE", f"message {index}", expected="a mapping", got=type(one).__name__)
    if not messages:
        raise InputError.build("INVALID_ARGUMENT", "a conversation has no messages", expected="one or more")


def _line_of(error: BaseException) -> object:
    line = None if isinstance(error, SyntaxError) else getattr(error, "lineno", None)  # that of the code made of it
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line if line is not None else "?"
