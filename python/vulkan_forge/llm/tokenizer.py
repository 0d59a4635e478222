"""Text to ids and back: the `tokenizers` library, set up from what a model file says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vulkan_forge.errors import FileError, UnsupportedError
from vulkan_forge.llm.chat import render_marked
from vulkan_forge.llm.checks import checked_ids, checked_text
from vulkan_forge.llm.ends import CONTROL, end_tokens, listed, token_content, token_settings, token_types
from vulkan_forge.llm.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from vulkan_forge.llm.files import ModelFiles

__all__ = ["TextStream", "Tokenizer", "load_tokenizer"]

MOST_TOKENS = 1 << 24  # of a tokenizer.json, whose ids may leave gaps: each takes memory
USER_DEFINED, BYTE = 4, 6  # GGUF's token types, beside CONTROL
FENCE = "\U0010fffe\U0010ffff"  # no characters: what stands for a control token in front of a text

# What comes before byte-level BPE, by GGUF's tokenizer.ggml.pre: regular expressions, digits one by one where None.
GPT2 = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
PRE: dict[str, tuple[str | None, ...]] = {
    "default": (GPT2,),
    "gpt-2": (GPT2,),
    "smollm": (None, GPT2),
    "llama-bpe": (LLAMA3,),
    "llama3": (LLAMA3,),
    "llama-v3": (LLAMA3,),
    "qwen2": (QWEN2,),
}
# As llama.cpp has it: a word that is a token is that token, whatever the merges say, and texts get a start token
# where the file says nothing of it.
AS_LLAMA3 = ("llama-bpe", "llama3", "llama-v3")


def _library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise UnsupportedError.build(
            "MISSING_FEATURE",
            "text needs the tokenizers library",
            mend="pip install 'vulkan-forge[llm]', or pass token ids",
        ) from error
    return tokenizers


def load_tokenizer(path: Path) -> Any:
    """A tokenizer.json as the `tokenizers` library has it.

    Args:
        path: The file.

    Raises:
        FileError: It cannot be read.
        UnsupportedError: The library is not installed.
    """
    library = _library()
    try:
        made = library.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception for files that it cannot read
        raise FileError.build("FILE_READ", "a model's tokenizer cannot be read", got=f"'{path}' ({error})") from error
    made.no_padding()  # what the model was trained with, and no business of those who ask it
    made.no_truncation()
    return made


def _byte_letters() -> dict[str, int]:
    """The letters that byte-level BPE writes bytes as."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {chr(code): byte for code, byte in [*((b, b) for b in plain), *((256 + i, b) for i, b in enumerate(rest))]}


class Tokenizer:
    """A model's own tokenizer and chat template.

    Args:
        files: The model, as `open_model` gives it.

    Raises:
        FileError: The model file says nothing, or nonsense, of its tokenizer.
        UnsupportedError: It is of a kind that is not known here, or the `tokenizers` library is not installed.
    """

    def __init__(self, files: ModelFiles) -> None:
        facts = files.facts
        self._byte_level = True
        self.template: str | None = None
        self.tool_template: str | None = None  # for conversations with tools, where the model has one of its own
        self._fence: int | None = None
        self._strips_before: frozenset[str] = frozenset()  # control tokens that take the white space around them
        self._strips_behind: frozenset[str] = frozenset()
        if files.folder is None:
            self._from_gguf(facts)
        else:
            self._from_folder(files)
        self.ends = tuple(self._ids(end_tokens(files)))
        self._letters = _byte_letters()
        self._pieces: dict[int, bytes] = {}
        named = sorted(self.control, key=len, reverse=True)
        self._control_begins = frozenset(text[0] for text in named)
        self._control_pattern = re.compile("|".join(map(re.escape, named))) if named else None

    # -- what a file says --

    def _from_gguf(self, facts: Mapping[str, Any]) -> None:
        tokens = facts.get("tokenizer.ggml.tokens")
        if not isinstance(tokens, list) or not all(isinstance(one, str) for one in tokens):
            raise FileError.build("FILE_READ", "a model file has no tokenizer", expected="tokenizer.ggml.tokens")
        types = token_types(facts, len(tokens))
        self.tokens: list[str] = tokens
        self.control = {
            text: i for i, (text, kind) in enumerate(zip(tokens, types, strict=True)) if kind == CONTROL and text
        }
        model = facts.get("tokenizer.ggml.model")
        if model == "gpt2":
            self._tokenizer = self._byte_level_bpe(facts)
        elif model == "llama":
            self._byte_level = False
            self._tokenizer = self._sentence_piece(facts, types)
        else:
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                "a tokenizer is of a kind that is not known here",
                expected="gpt2 or llama",
                got=str(model),
            )
        self._added = {i for i, kind in enumerate(types) if kind == USER_DEFINED}
        added = _library().AddedToken
        self._tokenizer.add_tokens(
            [added(t, normalized=False) for t, kind in zip(tokens, types, strict=True) if kind == USER_DEFINED and t]
        )
        self._tokenizer.add_special_tokens([added(text, special=True, normalized=False) for text in self.control])
        self._read_start(facts)
        self.end = next(self._ids([facts.get("tokenizer.ggml.eos_token_id")]), None)
        template = facts.get("tokenizer.chat_template")
        self.template = template if isinstance(template, str) else None
        template = facts.get("tokenizer.chat_template.tool_use")
        self.tool_template = template if isinstance(template, str) else None

    def _read_start(self, facts: Mapping[str, Any]) -> None:
        self.start = next(self._ids([facts.get("tokenizer.ggml.bos_token_id")]), None)
        adds = facts.get("tokenizer.ggml.add_bos_token")
        if not isinstance(adds, bool):
            adds = not self._byte_level or facts.get("tokenizer.ggml.pre") in AS_LLAMA3
        self.adds_start = adds and self.start is not None

    def _byte_level_bpe(self, facts: Mapping[str, Any]) -> Any:
        library = _library()
        pre = facts.get("tokenizer.ggml.pre", "default")
        if not isinstance(pre, str) or pre not in PRE:
            raise UnsupportedError.build(
                "MISSING_FEATURE",
                "a tokenizer splits text in a way that is not known here",
                expected=", ".join(PRE),
                got=str(pre),
            )
        pairs = facts.get("tokenizer.ggml.merges", [])
        if not isinstance(pairs, list) or not all(isinstance(pair, str) for pair in pairs):
            raise FileError.build("FILE_READ", "a model file's merges are damaged", expected="a list of texts")
        try:
            model = library.models.BPE(
                vocab={text: i for i, text in enumerate(self.tokens)},
                merges=[tuple(pair.split(" ", 1)) for pair in pairs if " " in pair],
                ignore_merges=pre in AS_LLAMA3,
            )
        except Exception as error:  # the library raises plain Exception for merges of unknown tokens
            raise FileError.build("FILE_READ", "a model file's merges are damaged", got=str(error)) from error
        tokenizer = library.Tokenizer(model)
        splits = library.pre_tokenizers
        steps = [
            splits.Digits(individual_digits=True) if regex is None else splits.Split(library.Regex(regex), "isolated")
            for regex in PRE[pre]
        ]
        tokenizer.pre_tokenizer = splits.Sequence([*steps, splits.ByteLevel(add_prefix_space=False, use_regex=False)])
        return tokenizer

    def _sentence_piece(self, facts: Mapping[str, Any], types: Sequence[int]) -> Any:
        library = _library()
        scores = listed(facts.get("tokenizer.ggml.scores"))
        if (
            not isinstance(scores, list)
            or len(scores) != len(self.tokens)
            or not all(isinstance(one, (int, float)) for one in scores)
        ):
            raise FileError.build(
                "FILE_READ", "a model file's scores are damaged", expected=f"{len(self.tokens)} numbers"
            )
        vocabulary = {text: i for i, text in enumerate(self.tokens)}
        merges = []
        for number, (text, kind) in enumerate(zip(self.tokens, types, strict=True)):
            if kind in (CONTROL, USER_DEFINED, BYTE):
                continue
            for cut in range(1, len(text)):
                left = text[:cut]
                if left in vocabulary and text[cut:] in vocabulary:
                    merges.append((-scores[number], number, left, text[cut:]))
        unknown = facts.get("tokenizer.ggml.unknown_token_id", 0)
        if not isinstance(unknown, int):
            raise FileError.build(
                "FILE_READ", "a model file's unknown token is damaged", expected="its id", got=str(unknown)
            )
        tokenizer = library.Tokenizer(
            library.models.BPE(
                vocab=vocabulary,
                merges=[pair[2:] for pair in sorted(merges)],
                unk_token=self.tokens[unknown] if 0 <= unknown < len(self.tokens) else None,
                fuse_unk=True,
                byte_fallback=True,
            )
        )
        normalizers = library.normalizers
        prefix = [normalizers.Prepend("▁")] if facts.get("tokenizer.ggml.add_space_prefix", True) else []
        tokenizer.normalizer = normalizers.Sequence([*prefix, normalizers.Replace(" ", "▁")])
        return tokenizer

    def _from_folder(self, files: ModelFiles) -> None:
        folder = files.folder
        assert folder is not None
        self._tokenizer = load_tokenizer(folder / "tokenizer.json")
        settings = token_settings(folder / "tokenizer_config.json")
        by_text = self._tokenizer.get_vocab(with_added_tokens=True)
        last = max(by_text.values(), default=-1)
        if last >= MOST_TOKENS:
            raise FileError.build(
                "FILE_READ",
                "a model's tokenizer cannot be used",
                expected=f"ids below {MOST_TOKENS}",
                got=f"the id {last}",
            )
        self.tokens = [""] * (last + 1)
        for text, i in by_text.items():
            self.tokens[i] = text
        decoder = self._tokenizer.decoder
        self._byte_level = decoder is None or b"ByteLevel" in decoder.__getstate__()
        added = self._tokenizer.get_added_tokens_decoder()
        self._added = {i for i, token in added.items() if not token.special}
        special = [token for token in added.values() if token.special]
        self.control = {token.content: by_text[token.content] for token in special}
        self._strips_before = frozenset(token.content for token in special if token.lstrip)
        self._strips_behind = frozenset(token.content for token in special if token.rstrip)
        self._read_folder_ends(files.facts, settings, token_settings(folder / "generation_config.json"))
        templates = self._folder_templates(folder, settings)
        self.template, self.tool_template = templates.get("default"), templates.get("tool_use")
        self._tokenizer.add_tokens([_library().AddedToken(FENCE, normalized=False)])
        self._fence = self._tokenizer.token_to_id(FENCE)

    def _read_folder_ends(
        self, config: Mapping[str, Any], settings: Mapping[str, Any], generation: Mapping[str, Any]
    ) -> None:
        """The end token that templates name; the start token is added where its own post-processor does."""

        def named(key: str) -> list[Any]:
            said = [source.get(key) for source in (config, generation)]
            return [one for value in said for one in (value if isinstance(value, list) else [value])]

        def text_id(key: str) -> list[Any]:
            text = token_content(settings.get(key))
            return [self._tokenizer.token_to_id(text)] if isinstance(text, str) else []

        self.end = next(self._ids([*text_id("eos_token"), *named("eos_token_id")]), None)
        self.start = next(self._ids([*named("bos_token_id"), *text_id("bos_token")]), None)
        adds = settings.get("add_bos_token")
        if not isinstance(adds, bool):
            adds = self._tokenizer.encode("", add_special_tokens=True).ids[:1] == [self.start]
        self.adds_start = adds and self.start is not None

    @staticmethod
    def _folder_templates(folder: Path, settings: Mapping[str, Any]) -> dict[str, str]:
        """By name, as settings may have several; one alone is the default."""
        path = folder / "chat_template.jinja"
        if not path.exists():
            said = settings.get("chat_template")
            named = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
            pairs = [(one.get("name"), one.get("template")) for one in named] or [("default", said)]
            return {name: text for name, text in pairs if isinstance(name, str) and isinstance(text, str)}
        try:
            return {"default": path.read_text(encoding="utf-8")}
        except (OSError, ValueError) as error:
            raise FileError.build(
                "FILE_READ", "a model's chat template cannot be read", got=f"'{path}' ({error})"
            ) from error

    def _ids(self, values: Iterable[Any]) -> Iterator[int]:
        """Those that are ids of tokens."""
        return (one for one in values if type(one) is int and 0 <= one < len(self.tokens))

    # -- text to ids --

    def encode(self, text: str, *, control: bool = False) -> list[int]:
        """Ids of a text.

        Args:
            text: Any text.
            control: Whether the text of a control token stands for the token; else for its characters.

        Raises:
            ArgumentTypeError: The text is no str.

        Example:
            ``engine.tokenizer.encode("hello")``
        """
        text = checked_text(text, "text")
        start = [self.start] if self.adds_start and self.start is not None else []
        return [*start, *(self._encode_control(text) if control else self._encode_plain(text))]

    def _encode_plain(self, text: str, *, behind: bool = False) -> list[int]:
        """Ids of a text without control tokens; some tokenizers begin it in another way where one stands before it."""
        if FENCE in text:  # somebody has said it: in parts, as the library would take it for the fence
            first, *rest = text.split(FENCE)
            parts = [first + FENCE[0], *(FENCE[1] + part + FENCE[0] for part in rest[:-1]), FENCE[1] + rest[-1]]
            return [one for i, part in enumerate(parts) for one in self._encode_plain(part, behind=behind or i > 0)]
        self._tokenizer.encode_special_tokens = True
        fenced = behind and self._fence is not None
        ids: list[int] = self._tokenizer.encode(FENCE + text if fenced else text, add_special_tokens=False).ids
        return ids[1:] if fenced else ids

    def _encode_control(self, text: str, meant: Callable[[str], str] = str) -> list[int]:
        """Ids of a text in which the texts of control tokens stand for them.

        Args:
            text: What is encoded.
            meant: What the text between them means.
        """
        ids: list[int] = []
        at, strips = 0, False
        for found in self._control_pattern.finditer(text) if self._control_pattern else ():
            name = found.group()
            part = text[at : found.start()]
            part = part.rstrip() if name in self._strips_before else part
            part = part.lstrip() if strips else part
            ids += self._encode_plain(meant(part), behind=at > 0) if part else []
            ids.append(self.control[name])
            at, strips = found.end(), name in self._strips_behind
        part = text[at:].lstrip() if strips else text[at:]
        return ids + (self._encode_plain(meant(part), behind=at > 0) if part else [])

    def encode_chat(
        self, messages: Sequence[Mapping[str, Any]], *, add_generation_prompt: bool = True, **more: Any
    ) -> list[int]:
        """Ids of a conversation by the model's own template; only the template can place control tokens.

        Of several templates that a model has, "tool_use" is taken where there are tools, else "default".

        Args:
            messages: Each with "role" and "content".
            add_generation_prompt: Whether the assistant's turn is opened.
            **more: What else the template knows, such as tools.

        Raises:
            ArgumentTypeError: The messages are no list of mappings, or hold what is no text, number, list or mapping.
            InputError: The template refuses the messages, or there is none; the message names the template's line.
        """
        with_tools = more.get("tools") is not None and self.tool_template is not None
        template = self.tool_template if with_tools else self.template
        marks = Marks(self._control_begins, (messages, more), template)
        given = {
            "bos_token": self.tokens[self.start] if self.start is not None else "",
            "eos_token": self.tokens[self.end] if self.end is not None else "",
            **{name: marks.marked(one) for name, one in more.items()},
        }
        text = render_marked(
            template, marks.marked(messages), marks, add_generation_prompt=add_generation_prompt, **given
        )
        ids = self._encode_control(text, lambda part: checked_text(marks.plain(part), "text"))
        starts = self.adds_start and self.start is not None and ids[:1] != [self.start]
        return [self.start, *ids] if starts and self.start is not None else ids

    # -- ids to text --

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; nothing for control tokens.

        Args:
            token: Its id.
        """
        if token not in self._pieces:
            self._pieces[token] = self._piece(token)
        return self._pieces[token]

    def _piece(self, token: int) -> bytes:
        text = self.tokens[token] if 0 <= token < len(self.tokens) else ""
        if text in self.control:
            return b""
        if self._byte_level and token in self._added:
            return text.encode()  # as texts have it, not in letters
        if self._byte_level:
            return b"".join(bytes([self._letters[c]]) if c in self._letters else c.encode() for c in text)
        if re.fullmatch(r"<0x[0-9A-Fa-f]{2}>", text):
            return bytes([int(text[3:5], 16)])
        return text.replace("▁", " ").encode()

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; bytes that are no character become U+FFFD.

        Args:
            ids: Token ids.

        Raises:
            ArgumentTypeError: They are no row of whole numbers.
        """
        return b"".join(self.piece(token) for token in checked_ids(ids, "ids")).decode("utf-8", "replace")


class TextStream:
    """Text as it comes: whole characters only, and nothing that is or may become a stop text.

    Args:
        tokenizer: Whose ids come.
        stops: Texts that end the stream.
    """

    def __init__(self, tokenizer: Tokenizer, stops: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stops = tuple(stops)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped: str | None = None

    def put(self, token: int) -> str:
        """Take a token; the text that is certain now."""
        return self._take(self._decoder.decode(self._tokenizer.piece(token)))

    def end(self) -> str:
        """What was held back, once there is no more."""
        text = self._take(self._decoder.decode(b"", True)) + ("" if self.stopped else self._held)
        self._held = ""
        return text

    def _take(self, text: str) -> str:
        if self.stopped:
            return ""
        self._held += text
        found = [(self._held.find(stop), -len(stop), stop) for stop in self._stops if stop in self._held]
        if found:
            at, _, self.stopped = min(found)
            certain, self._held = self._held[:at], ""
            return certain
        longest = max((self._may_begin(stop) for stop in self._stops), default=0)
        certain = self._held[: len(self._held) - longest]
        self._held = self._held[len(certain) :]
        return certain

    def _may_begin(self, stop: str) -> int:
        """How much of the end of what is held is a beginning of a stop text."""
        return next((n for n in range(min(len(stop) - 1, len(self._held)), 0, -1) if self._held.endswith(stop[:n])), 0)
