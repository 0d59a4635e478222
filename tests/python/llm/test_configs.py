"""Configs are frozen, checked where they are made, and known to registries."""

import dataclasses
import pickle

import numpy as np
import pytest

import vulkan_forge as vf
from vulkan_forge import llm
from vulkan_forge.llm.registry import Registry

CLASSES = [
    llm.SamplingParams,
    llm.CacheConfig,
    llm.FcfsSchedulerConfig,
    llm.PrioritySchedulerConfig,
    llm.DynamicChunkBatcherConfig,
]


@pytest.mark.parametrize("kind", [*CLASSES, llm.EngineConfig, llm.EmbedderConfig])
def test_every_field_says_what_it_is(kind):
    for field in dataclasses.fields(kind):
        assert {"help", "constraints"} <= field.metadata.keys(), field.name


@pytest.mark.parametrize("kind", CLASSES)
def test_values(kind):
    one = kind()
    assert one == kind() == pickle.loads(pickle.dumps(one))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(one, dataclasses.fields(kind)[0].name, 1)


WRONG = [
    (llm.SamplingParams, {"max_tokens": -1}),
    (llm.SamplingParams, {"temperature": float("nan")}),
    (llm.SamplingParams, {"temperature": float("inf")}),
    (llm.SamplingParams, {"temperature": "hot"}),
    (llm.SamplingParams, {"top_p": 0}),
    (llm.SamplingParams, {"top_p": 1.1}),
    (llm.SamplingParams, {"top_k": -1}),
    (llm.SamplingParams, {"top_k": 1.5}),
    (llm.SamplingParams, {"min_p": 2}),
    (llm.SamplingParams, {"repetition_penalty": 0}),
    (llm.SamplingParams, {"seed": -1}),
    (llm.SamplingParams, {"seed": 2**64}),
    (llm.SamplingParams, {"logprobs": 21}),
    (llm.SamplingParams, {"stop": ("",)}),
    (llm.SamplingParams, {"stop_ids": (-1,)}),
    (llm.SamplingParams, {"logit_bias": {1: float("inf")}}),
    (llm.SamplingParams, {"logit_bias": {-1: 0.0}}),
    (llm.SamplingParams, {"logit_bias": [1]}),
    (llm.SamplingParams, {"logit_bias": {1: "a"}}),
    (llm.SamplingParams, {"logit_bias": {1: None}}),
    (llm.SamplingParams, {"logit_bias": {1: True}}),
    (llm.SamplingParams, {"logit_bias": {1: 10**400}}),
    (llm.SamplingParams, {"logit_bias": {1: 10**5000}}),
    (llm.SamplingParams, {"logit_bias": {1: float("nan")}}),
    (llm.SamplingParams, {"logit_bias": {2**40: 1.0}}),
    (llm.SamplingParams, {"logit_bias": {True: 1.0}}),
    (llm.SamplingParams, {"stop": 5}),
    (llm.SamplingParams, {"stop": None}),
    (llm.SamplingParams, {"stop": b"x"}),
    (llm.SamplingParams, {"stop": ("a", 5)}),
    (llm.SamplingParams, {"stop_ids": 2}),
    (llm.SamplingParams, {"stop_ids": None}),
    (llm.SamplingParams, {"stop_ids": "ab"}),
    (llm.SamplingParams, {"stop_ids": (True,)}),
    (llm.SamplingParams, {"stop_ids": (1.0,)}),
    (llm.SamplingParams, {"stop_ids": (2**32,)}),
    (llm.SamplingParams, {"max_tokens": 10**5000}),
    (llm.SamplingParams, {"temperature": 10**5000}),
    (llm.SamplingParams, {"ignore_eos": 1}),
    (llm.CacheConfig, {"pages": -1}),
    (llm.CacheConfig, {"pages": True}),
    (llm.FcfsSchedulerConfig, {"max_sessions": 0}),
    (llm.PrioritySchedulerConfig, {"default_priority": -1}),
    (llm.PrioritySchedulerConfig, {"aging_steps": 0}),
    (llm.DynamicChunkBatcherConfig, {"max_batch_tokens": 0}),
    (llm.DynamicChunkBatcherConfig, {"chunk_tokens": 0}),
    (llm.EmbedderConfig, {"model": None}),
    (llm.EmbedderConfig, {"model": "m", "batch_size": 0}),
    (llm.EmbedderConfig, {"model": "m", "max_tokens": -1}),
    (llm.EmbedderConfig, {"model": "m", "truncate": 1}),
    (llm.EngineConfig, {"model": 3}),
    (llm.EngineConfig, {"model": "m", "precision": "half"}),
    (llm.EngineConfig, {"model": "m", "scheduler": "fcfs"}),
    (llm.EngineConfig, {"model": "m", "max_context": 0}),
    (llm.EngineConfig, {"model": "m", "batcher": llm.DynamicChunkBatcherConfig(max_batch_tokens=4)}),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG)
def test_wrong_values_are_refused(kind, wrong):
    with pytest.raises(vf.InputError):
        kind(**wrong)


def test_registries():
    assert llm.schedulers.list_registered() == [llm.SchedulerType.FCFS, llm.SchedulerType.PRIORITY]
    assert llm.batchers.get(llm.BatcherType.DYNAMIC_CHUNK) is llm.DynamicChunkBatcherConfig
    for registry in (llm.schedulers, llm.batchers):
        for kind in registry.list_registered():
            assert registry.get(kind).get_type() is kind
            with pytest.raises(vf.InputError, match="already"):
                registry.register(kind, registry.get(kind))
    empty = Registry("scheduler")
    with pytest.raises(vf.InputError, match="unknown scheduler"):
        empty.get(llm.SchedulerType.FCFS)


def test_bases_are_no_kinds():
    for base in (llm.BaseSchedulerConfig, llm.BaseBatcherConfig):
        with pytest.raises(NotImplementedError):
            base.get_type()


def test_one_stop_text_may_stand_alone():
    assert llm.SamplingParams(stop="end").stop == ("end",)


def test_stop_ids_of_any_whole_type():
    stops = llm.SamplingParams(stop_ids=np.array([2, 5])).stop_ids
    assert stops == (2, 5)
    assert {type(one) for one in stops} == {int}


def test_numbers_of_numpy_are_pythons():
    given = {"max_tokens": np.int64(3), "seed": np.uint64(2**63), "temperature": np.float32(0.5), "min_p": np.int8(0)}
    params = llm.SamplingParams(**given, logit_bias={np.int64(3): np.float32(0.25)})
    assert params == llm.SamplingParams(max_tokens=3, seed=2**63, temperature=0.5, min_p=0, logit_bias={3: 0.25})
    assert {type(one) for one in (params.max_tokens, params.seed)} == {int}
    assert {type(one) for pair in params.logit_bias.items() for one in pair} == {int, float}
    assert llm.EngineConfig(model="m", max_context=np.int32(64)).max_context == 64


@pytest.mark.parametrize("wrong", [np.float64(1.0), np.bool_(True), np.array([1])])
def test_no_other_kinds_of_numpy_are_whole_numbers(wrong):
    with pytest.raises(vf.InputError, match="max_tokens"):
        llm.SamplingParams(max_tokens=wrong)


def test_biases_stay_what_they_were():
    biases = {3: 1.0}
    params = llm.SamplingParams(logit_bias=biases)
    biases[3] = float("nan")
    assert params.logit_bias == {3: 1.0}
