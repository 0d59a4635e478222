"""The engine: sessions on one model, computed together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vulkan_forge._owner import Owner
from vulkan_forge._vulkan_forge import LlmEngine
from vulkan_forge.errors import ArgumentTypeError, InputError
from vulkan_forge.llm.checks import checked_call, checked_ids, shown, whole
from vulkan_forge.llm.configs import EngineConfig, PrioritySchedulerConfig, SamplingParams
from vulkan_forge.llm.ends import end_tokens
from vulkan_forge.llm.files import open_model
from vulkan_forge.llm.tokenizer import TextStream, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from vulkan_forge._vulkan_forge import Device

__all__ = ["InferenceEngine", "Output", "TokenOutput"]


@dataclass(frozen=True)
class TokenOutput:
    """One token of one session."""

    session_id: str
    token: int
    text: str  # that is certain with it
    logprob: float  # of the model itself, before any sampling parameter
    top_logprobs: tuple[tuple[int, float], ...]
    finish_reason: str | None  # "stop" (an end token, stop id or stop text), "length"; None: it goes on


@dataclass
class Output:
    """What became of a session so far."""

    session_id: str
    ids: list[int] = field(default_factory=list)
    text: str = ""
    logprobs: list[float] = field(default_factory=list)
    top_logprobs: list[tuple[tuple[int, float], ...]] = field(default_factory=list)  # as many as params.logprobs says
    finish_reason: str | None = None  # "stop", "length" or "cancelled"; None: it goes on
    stopped_by: str | int | None = None  # the stop text or the token
    time_to_first_token: float | None = None  # seconds since add_session
    seconds: float = 0.0  # from add_session to the last token

    @property
    def time_per_token(self) -> float | None:
        """Seconds a token, behind the first one; None before the second."""
        if self.time_to_first_token is None or len(self.ids) < 2:
            return None
        return (self.seconds - self.time_to_first_token) / (len(self.ids) - 1)


class _Session:
    def __init__(
        self, session_id: str, native: int, params: SamplingParams, stream: TextStream | None, prompt_tokens: int
    ) -> None:
        self.native = native
        self.prompt_tokens = prompt_tokens
        self.params = params
        self.stream = stream
        self.started = time.perf_counter()
        self.output = Output(session_id)
        self.pending: list[str] = []  # pieces that stream() has not given yet


class InferenceEngine(Owner[LlmEngine]):
    """Runs many sessions on one model. Safe to use from several threads; it starts none.

    Args:
        config: Which model, and how.
        device: A `Device`; the default one where None.
        progress: Called with what is done and how much of it, 0 to 1, while the model is loaded.

    Raises:
        FileError: The model's file is damaged.
        UnsupportedError: The model is of a kind that is not known here.
        LimitError: max_context is more than the model was made for.

    Example:
        ``engine = llm.InferenceEngine(llm.EngineConfig(model="model.gguf"))``
    """

    def __init__(
        self,
        config: EngineConfig,
        device: Device | None = None,
        *,
        progress: Callable[[str, float], None] | None = None,
    ) -> None:
        if not isinstance(config, EngineConfig):
            raise ArgumentTypeError.build("BAD_TYPE", "config", expected="an EngineConfig", got=type(config).__name__)
        checked_call(progress, "progress")
        super().__init__()
        self.config = config
        self._files = open_model(config.model)
        self._ends = end_tokens(self._files)
        loaded = None
        if progress is not None:
            say = progress
            loaded = lambda layers, every: say("bringing weights to the device", layers / every)
        self._native = LlmEngine(self._files.native, config.to_native(), device, loaded)
        self._tokenizer: Tokenizer | None = None
        self._sessions: dict[str, _Session] = {}
        self._by_native: dict[int, _Session] = {}
        self._last = 0
        self._stopped = 0  # answers that ended at a stop text
        self._times = {"time_to_first_token": [0.0, 0], "time_per_token": [0.0, 0]}  # sums and counts

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's own; made at first use."""
        return self._load_tokenizer()

    @property
    def vocabulary(self) -> int:
        """How many tokens the model knows: ids are below it."""
        return self._live().vocabulary

    def _load_tokenizer(self) -> Tokenizer:
        if self._tokenizer is None:
            self._tokenizer = Tokenizer(self._files)
        return self._tokenizer

    # -- sessions --

    def add_session(
        self,
        prompt: str | Sequence[int],
        params: SamplingParams | None = None,
        *,
        priority: int | None = None,
        session_id: str | None = None,
    ) -> str:
        """Add a session, which the next steps compute.

        Args:
            prompt: Text, or token ids.
            params: How tokens are chosen; the defaults are greedy.
            priority: The smaller the more urgent, for schedulers that look at it; None: the scheduler's default.
            session_id: A name of its own; None: one is made.

        Returns:
            The session's id.

        Raises:
            LimitError: Prompt and max_tokens are more than a context holds; nothing was computed.
            RangeError: An id is not in the vocabulary.
            ArgumentTypeError: The prompt is neither text nor ids, or params are no `SamplingParams`.
            InputError: The id is taken, or the prompt is empty.
        """
        params = self._params_of(params)
        with self._lock:
            native = self._live()
            name = self._name_of(session_id)
            ids = self._ids_of(self.tokenizer.encode(prompt) if isinstance(prompt, str) else prompt, "prompt")
            if not ids:
                raise InputError.build("INVALID_ARGUMENT", "prompt", expected="one token or more", got="none")
            stream = None
            if isinstance(prompt, str) or params.stop or self._tokenizer is not None:
                stream = TextStream(self.tokenizer, params.stop)
            session = _Session(name, 0, params, stream, len(ids))
            if params.max_tokens == 0:
                session.output.finish_reason = "length"
            else:
                session.native = native.add(ids, params.to_native(self._ends), self._priority_of(priority))
                self._by_native[session.native] = session
            self._sessions[name] = session
            return name

    def _ids_of(self, ids: Sequence[int], what: str = "ids") -> list[int]:
        return checked_ids(ids, what, self._live().vocabulary)

    @staticmethod
    def _params_of(params: SamplingParams | None) -> SamplingParams:
        if params is not None and not isinstance(params, SamplingParams):
            raise ArgumentTypeError.build("BAD_TYPE", "params", expected="SamplingParams", got=type(params).__name__)
        return SamplingParams() if params is None else params

    @staticmethod
    def _check_name(session_id: object) -> None:
        if not isinstance(session_id, str):
            raise ArgumentTypeError.build("BAD_TYPE", "session_id", expected="str", got=type(session_id).__name__)

    def _name_of(self, session_id: str | None) -> str:
        while session_id is None:
            self._last += 1
            made = f"session-{self._last}"
            session_id = None if made in self._sessions else made  # a user may have taken it
        self._check_name(session_id)
        if session_id in self._sessions:
            raise InputError.build("INVALID_ARGUMENT", "a session has this id already", got=repr(session_id))
        return session_id

    def _priority_of(self, priority: int | None) -> int:
        if priority is None:
            scheduler = self.config.scheduler
            return scheduler.default_priority if isinstance(scheduler, PrioritySchedulerConfig) else 0
        value = whole(priority)
        if value is None or not 0 <= value < 2**31:
            raise InputError.build("INVALID_ARGUMENT", "priority", expected="an int from 0 on", got=shown(priority))
        return value

    def _session(self, session_id: str) -> _Session:
        self._check_name(session_id)
        if session_id not in self._sessions:
            raise InputError.build(
                "INVALID_ARGUMENT", "unknown session", expected="an id of add_session", got=repr(session_id)
            )
        return self._sessions[session_id]

    def cancel(self, session_id: str) -> bool:
        """Take a session out; its memory is free at once. False where it is over already.

        Args:
            session_id: Which.

        Raises:
            InputError: There is no such session.
        """
        with self._lock:
            session = self._session(session_id)
            if session.output.finish_reason is not None:
                return False
            self._live().cancel(session.native)
            del self._by_native[session.native]
            self._end(session, "cancelled")
            return True

    def forget(self, session_id: str) -> None:
        """Drop a session and its output; one that runs is cancelled.

        Args:
            session_id: Which.

        Raises:
            InputError: There is no such session.
        """
        with self._lock:
            self.cancel(session_id)
            del self._sessions[session_id]

    def output(self, session_id: str) -> Output:
        """What became of a session so far.

        Args:
            session_id: Which.

        Raises:
            InputError: There is no such session.
        """
        return self._session(session_id).output

    def prompt_progress(self, session_id: str) -> float:
        """How much of a session's prompt is read, 0 to 1.

        Args:
            session_id: Which.

        Raises:
            InputError: There is no such session.
        """
        with self._lock:
            session = self._session(session_id)
            if session.output.ids or session.output.finish_reason is not None:
                return 1.0
            return min(self._live().computed(session.native) / session.prompt_tokens, 1.0)

    # -- steps --

    def step(self) -> list[TokenOutput]:
        """Compute one step for all sessions together.

        Returns:
            A row for each token that was chosen; empty where only prompts were read, or nobody waits.
        """
        with self._lock:
            return [self._note(*row) for row in self._live().step()]

    @property
    def idle(self) -> bool:
        """Whether no session waits or runs."""
        return self._live().idle()

    def _note(self, native: int, token: int, logprob: float, top: list[tuple[int, float]], finish: str) -> TokenOutput:
        session = self._by_native[native]
        output = session.output
        now = time.perf_counter() - session.started
        first = output.time_to_first_token is None
        times = self._times["time_to_first_token" if first else "time_per_token"]
        times[0] += now - (0.0 if first else output.seconds)
        times[1] += 1
        if first:
            output.time_to_first_token = now
        output.seconds = now
        output.ids.append(token)
        output.logprobs.append(logprob)
        output.top_logprobs.append(tuple(top))
        text = session.stream.put(token) if session.stream and finish != "stop" else ""
        stopped = session.stream.stopped if session.stream else None
        if stopped is not None and not finish:
            self._live().cancel(native)
            self._stopped += 1
        reason = "stop" if stopped is not None else finish or None
        self._say(session, text)
        if reason:
            output.stopped_by = stopped if stopped is not None else token if reason == "stop" else None
            del self._by_native[native]
            text += self._end(session, reason)
        return TokenOutput(output.session_id, token, text, logprob, tuple(top), reason)

    def _say(self, session: _Session, text: str) -> None:
        if text:
            session.output.text += text
            session.pending.append(text)

    def _end(self, session: _Session, reason: str) -> str:
        session.output.finish_reason = reason
        rest = session.stream.end() if session.stream else ""
        self._say(session, rest)
        return rest

    def stream(self, session_id: str) -> Iterator[str]:
        """Pieces of a session's text as they come; steps are computed as needed. Closing the iterator early cancels it.

        A session of ids has a text as well, from its first token on.

        Args:
            session_id: Which.

        Returns:
            An iterator over whole characters, each once, in order.

        Raises:
            InputError: There is no such session.
        """
        with self._lock:
            session = self._session(session_id)
            self._give_text(session)
        pieces = self._pieces(session)
        next(pieces)  # it stands within its try from here on: closing it cancels
        return pieces

    def _give_text(self, session: _Session) -> None:
        """Texts for the tokens of a session of ids, which had none so far."""
        if session.stream is not None:
            return
        session.stream = TextStream(self.tokenizer, session.params.stop)
        output = session.output
        ended = 1 if output.finish_reason == "stop" else 0  # by its last token, which is no part of the text
        for token in output.ids[: len(output.ids) - ended]:
            self._say(session, session.stream.put(token))
        if output.finish_reason is not None:
            self._say(session, session.stream.end())

    def _pieces(self, session: _Session) -> Iterator[str]:
        try:
            yield ""
            while True:
                while session.pending:
                    yield session.pending.pop(0)
                if session.output.finish_reason is not None:
                    return
                self.step()
        finally:
            if session.output.finish_reason is None:
                self.cancel(session.output.session_id)

    # -- whole answers --

    def generate(self, prompt: str | Sequence[int], params: SamplingParams | None = None) -> list[int]:
        """The ids of one answer, end token included; other sessions go on meanwhile.

        Args:
            prompt: Text, or token ids.
            params: How tokens are chosen.

        Returns:
            Token ids.

        Raises:
            LimitError, RangeError, InputError: As `add_session`.
        """
        return self._answer(prompt, params).ids

    def complete(self, prompt: str | Sequence[int], params: SamplingParams | None = None) -> Output:
        """One answer with its text; other sessions go on meanwhile.

        Args:
            prompt: Text, or token ids.
            params: How tokens are chosen.

        Raises:
            LimitError, RangeError, InputError: As `add_session`.
        """
        self._load_tokenizer()  # text is wanted, whatever the prompt is
        return self._answer(prompt, params)

    def _answer(self, prompt: str | Sequence[int], params: SamplingParams | None) -> Output:
        name = self.add_session(prompt, params)
        try:
            while self._session(name).output.finish_reason is None:
                self.step()
            return self._session(name).output
        finally:
            self.forget(name)

    def logits(self, ids: Sequence[int], *, all_positions: bool = False) -> NDArray[np.float32]:
        """The model's numbers for the token that follows.

        Args:
            ids: One token or more, up to max_context.
            all_positions: Whether those after each of the tokens are wanted, or after the last one.

        Returns:
            float32 (vocabulary,), or (len(ids), vocabulary).

        Raises:
            LimitError: ids are none, or too many for the context or for what sessions leave of the cache.
            RangeError: An id is not in the vocabulary.
            ArgumentTypeError: They are no row of whole numbers.
        """
        with self._lock:
            result: NDArray[np.float32] = self._live().logits(self._ids_of(ids), all_positions)
            return result

    def prompt_logprobs(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The model's log-probability of each token of a prompt, after those before it; the first has none.

        Args:
            ids: One token or more, up to max_context.

        Returns:
            float32 (len(ids) - 1,).

        Raises:
            LimitError, RangeError: As `logits`.
        """
        with self._lock:
            result: NDArray[np.float32] = self._live().log_probabilities(self._ids_of(ids))
            return result

    def metrics(self) -> dict[str, Any]:
        """Counts of sessions, pages of keys and values, preemptions, tokens, shared tokens, steps and bytes.

        Also `time_to_first_token` and `time_per_token`, in seconds: means over all sessions since the engine was made,
        None before there is one. Those of a session are in its `Output`.
        """
        with self._lock:
            said = dict(self._live().metrics())
            said["cancelled"] -= self._stopped  # the native engine takes those out by the same door
            for name, (total, count) in self._times.items():
                said[name] = total / count if count else None
            return said

    # -- lifetime --

    def _let_go(self, native: LlmEngine) -> None:
        native.close()
