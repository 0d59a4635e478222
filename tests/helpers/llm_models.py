"""Small models with random weights, written as GGUF by the `gguf` package or as a Hugging Face folder by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.constants import GGML_QUANT_SIZES

from llm_reference import GemmaReference, Reference
from vulkan_forge import llm

FORMATS = ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K")
WIDTH, HIDDEN, LAYERS, HEADS, KEY_HEADS = 256, 256, 2, 4, 2
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def letters() -> list[str]:
    """The 256 letters of byte-level BPE, in the order of their code points."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return sorted([chr(b) for b in plain] + [chr(256 + i) for i in range(256 - len(plain))])


TOKENS = [*CONTROL, *letters(), "he", "ll", "Ġhe", "Ġhell"]
MERGES = ["h e", "l l", "Ġ he", "Ġhe ll"]
IDS = [int(one) for one in np.random.default_rng(1).integers(0, len(TOKENS), 40)]


def engine_of(path: Path, **more: Any) -> llm.InferenceEngine:
    """A small engine in float32."""
    more.setdefault("precision", "float32")
    more.setdefault("max_context", 64)
    more.setdefault("scheduler", llm.FcfsSchedulerConfig(max_sessions=2))
    more.setdefault("batcher", llm.DynamicChunkBatcherConfig(max_batch_tokens=32))
    return llm.InferenceEngine(llm.EngineConfig(model=path, **more))


def blocks(format_name: str, rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Random bytes of a quantised matrix with scales that make sense: (rows, bytes)."""
    size, bytes_each = GGML_QUANT_SIZES[GGMLQuantizationType[format_name]]
    data = rng.integers(0, 256, (rows, columns // size, bytes_each), dtype=np.uint8)
    scales = {"Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "Q4_1": [0, 2], "Q5_1": [0, 2]}.get(format_name, [0])
    weight = {"Q4_K": 2e-4, "Q5_K": 1e-4, "Q6_K": 5e-5, "Q8_0": 5e-4}.get(format_name, 6e-3)
    for i, at in enumerate(scales):
        value = rng.uniform(0.5, 1.5, data.shape[:2]) * weight * (-7.5 if i and format_name.endswith("_1") else 1)
        data[..., at : at + 2] = value.astype(np.float16)[..., None].view(np.uint8)
    return data.reshape(rows, -1)


def matrix(format_name: str, rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """A matrix as the writer takes it."""
    if format_name not in ("F32", "F16", "BF16"):
        return blocks(format_name, rows, columns, rng)
    values = rng.normal(0, columns**-0.5, (rows, columns)).astype(np.float32)
    if format_name == "BF16":
        return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    return values.astype(np.float16) if format_name == "F16" else values


def write_gguf(
    path: Path,
    format_name: str = "Q4_1",
    *,
    architecture: str = "llama",
    embedding: str = "Q8_0",
    value_format: str | None = None,
    biases: bool = False,
    context: int = 512,
    window: int = 0,
    scaling: dict[str, str | float] | None = None,
    seed: int = 0,
) -> Path:
    """A model of two layers, whose vocabulary is the bytes and a few more. `scaling`: keys behind rope.scaling."""
    rng = np.random.default_rng(seed)
    writer = GGUFWriter(path, architecture)
    writer.add_block_count(LAYERS)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    if window:
        writer.add_sliding_window(window)
    for key, value in (scaling or {}).items():
        add_value = writer.add_string if isinstance(value, str) else writer.add_float32
        add_value(f"{architecture}.rope.scaling.{key}", value)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3] * len(CONTROL) + [1] * (len(TOKENS) - len(CONTROL)))
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(TEMPLATE)

    def add(name: str, kind: str, rows: int, columns: int) -> None:
        quantised = kind not in ("F32", "F16")
        writer.add_tensor(
            name, matrix(kind, rows, columns, rng), raw_dtype=GGMLQuantizationType[kind] if quantised else None
        )

    def add_values(name: str, count: int, middle: float) -> None:
        writer.add_tensor(name, (middle + 0.1 * rng.normal(size=count)).astype(np.float32))

    head = WIDTH // HEADS
    writer.add_tensor(
        "token_embd.weight",
        matrix(embedding, len(TOKENS), WIDTH, rng),
        raw_dtype=GGMLQuantizationType[embedding] if embedding not in ("F32", "F16") else None,
    )
    add_values("output_norm.weight", WIDTH, 1)
    for i in range(LAYERS):
        add_values(f"blk.{i}.attn_norm.weight", WIDTH, 1)
        add_values(f"blk.{i}.ffn_norm.weight", WIDTH, 1)
        add(f"blk.{i}.attn_q.weight", format_name, HEADS * head, WIDTH)
        add(f"blk.{i}.attn_k.weight", format_name, KEY_HEADS * head, WIDTH)
        add(f"blk.{i}.attn_v.weight", value_format or format_name, KEY_HEADS * head, WIDTH)
        add(f"blk.{i}.attn_output.weight", format_name, WIDTH, HEADS * head)
        add(f"blk.{i}.ffn_gate.weight", format_name, HIDDEN, WIDTH)
        add(f"blk.{i}.ffn_up.weight", value_format or format_name, HIDDEN, WIDTH)
        add(f"blk.{i}.ffn_down.weight", format_name, WIDTH, HIDDEN)
        for name, rows in (("q", HEADS * head), ("k", KEY_HEADS * head), ("v", KEY_HEADS * head)) if biases else ():
            add_values(f"blk.{i}.attn_{name}.bias", rows, 0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


HUGGING_FACE = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def write_folder(
    folder: Path,
    *,
    rope_scaling: dict[str, object] | None = None,
    stretch: np.ndarray | None = None,
    turned_size: float = 1.0,
    seed: int = 0,
) -> Reference:
    """A Llama in float32 as safetensors with config.json; the reference of it."""
    rng = np.random.default_rng(seed)
    head, keys = WIDTH // HEADS, KEY_HEADS * WIDTH // HEADS
    shapes = {
        "attn_norm": (WIDTH,),
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (keys, WIDTH),
        "attn_v": (keys, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_norm": (WIDTH,),
        "ffn_gate": (HIDDEN, WIDTH),
        "ffn_up": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
    }
    ours = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    sizes = {"token_embd.weight": (len(TOKENS), WIDTH), "output_norm.weight": (WIDTH,)}
    for i in range(LAYERS):
        for name, shape in shapes.items():
            ours[f"blk.{i}.{name}.weight"] = f"model.layers.{i}.{HUGGING_FACE[name]}.weight"
            sizes[f"blk.{i}.{name}.weight"] = shape
    weights = {name: rng.normal(len(s) == 1, s[-1] ** -0.5, s).astype(np.float32) for name, s in sizes.items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", {ours[name]: value for name, value in weights.items()})
    config = {
        "architectures": ["LlamaForCausalLM"],
        "num_hidden_layers": LAYERS,
        "hidden_size": WIDTH,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_HEADS,
        "intermediate_size": HIDDEN,
        "max_position_embeddings": 512,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "rope_scaling": rope_scaling,
        "tie_word_embeddings": True,
        "eos_token_id": 2,
    }
    (folder / "config.json").write_text(json.dumps(config))
    doubles = {name: value.astype(np.float64) for name, value in weights.items()}
    return Reference(
        doubles, LAYERS, HEADS, KEY_HEADS, head, 1e-5, 10000.0, halves=True, stretch=stretch, turned_size=turned_size
    )


def write_safetensors(path: Path, weights: dict[str, np.ndarray]) -> None:
    """Float32 tensors as safetensors."""
    header, at = {}, 0
    for name, value in weights.items():
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(np.ascontiguousarray(value, np.float32).tobytes() for value in weights.values())
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


GEMMA = {
    **HUGGING_FACE,
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
GEMMA_SIZES = {
    "layers": 4,
    "width": 64,
    "heads": 4,
    "key_heads": 1,
    "head": 32,
    "hidden": 96,
    "pattern": 2,
    "window": 5,
}


def gemma_weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Random float32 weights by GGUF's names; gains lie round 1."""
    s, rng = GEMMA_SIZES, np.random.default_rng(seed)
    width, queries, keys = s["width"], s["heads"] * s["head"], s["key_heads"] * s["head"]
    shapes = {
        "attn_norm": (width,),
        "attn_q": (queries, width),
        "attn_k": (keys, width),
        "attn_v": (keys, width),
        "attn_q_norm": (s["head"],),
        "attn_k_norm": (s["head"],),
        "attn_output": (width, queries),
        "post_attention_norm": (width,),
        "ffn_norm": (width,),
        "ffn_gate": (s["hidden"], width),
        "ffn_up": (s["hidden"], width),
        "ffn_down": (width, s["hidden"]),
        "post_ffw_norm": (width,),
    }
    sizes = {"token_embd.weight": (len(TOKENS), width), "output_norm.weight": (width,)}
    sizes |= {f"blk.{i}.{name}.weight": shape for i in range(s["layers"]) for name, shape in shapes.items()}
    return {
        name: (rng.normal(1, 0.1, shape) if len(shape) == 1 else rng.normal(0, shape[-1] ** -0.5, shape)).astype(
            np.float32
        )
        for name, shape in sizes.items()
    }


def gemma_reference(weights: dict[str, np.ndarray], **more: object) -> GemmaReference:
    """The model of these weights in NumPy."""
    s = GEMMA_SIZES
    doubles = {name: value.astype(np.float64) for name, value in weights.items()}
    shape = (s["layers"], s["heads"], s["key_heads"], s["head"], 1e-6, 1e6)
    return GemmaReference(doubles, *shape, halves=True, window=s["window"], pattern=s["pattern"], **more)


def write_gemma_gguf(path: Path, weights: dict[str, np.ndarray]) -> Path:
    """Gemma 3 as its GGUF files are: gains as they stand, a SentencePiece tokenizer."""
    s = GEMMA_SIZES
    writer = GGUFWriter(path, "gemma3")
    writer.add_block_count(s["layers"])
    writer.add_context_length(512)
    writer.add_embedding_length(s["width"])
    writer.add_feed_forward_length(s["hidden"])
    writer.add_head_count(s["heads"])
    writer.add_head_count_kv(s["key_heads"])
    writer.add_key_length(s["head"])
    writer.add_value_length(s["head"])
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_sliding_window(s["window"])
    writer.add_uint32("gemma3.attention.sliding_window_pattern", s["pattern"])
    for name, value in weights.items():
        writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_gemma_folder(folder: Path, weights: dict[str, np.ndarray], **more: object) -> Path:
    """The same as a Hugging Face folder, whose gains lack 1."""
    s = GEMMA_SIZES
    folder.mkdir(parents=True, exist_ok=True)
    theirs = {}
    for name, value in weights.items():
        parts = name.split(".")
        if parts[0] == "blk":
            full = f"model.layers.{parts[1]}.{GEMMA[parts[2]]}.weight"
        else:
            full = {"token_embd": "model.embed_tokens.weight", "output_norm": "model.norm.weight"}[parts[0]]
        theirs[full] = value - 1 if value.ndim == 1 else value
    write_safetensors(folder / "model.safetensors", theirs)
    config = {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "num_hidden_layers": s["layers"],
        "hidden_size": s["width"],
        "num_attention_heads": s["heads"],
        "num_key_value_heads": s["key_heads"],
        "head_dim": s["head"],
        "query_pre_attn_scalar": s["head"],
        "intermediate_size": s["hidden"],
        "max_position_embeddings": 512,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1e6,
        "rope_local_base_freq": 1e4,
        "sliding_window": s["window"],
        "sliding_window_pattern": s["pattern"],
        "layer_types": [
            "full_attention" if (i + 1) % s["pattern"] == 0 else "sliding_attention" for i in range(s["layers"])
        ],
        "vocab_size": len(TOKENS),
        "hidden_activation": "gelu_pytorch_tanh",
        "tie_word_embeddings": True,
        **more,
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder
