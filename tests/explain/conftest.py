"""Models whose decision is known, because it was planted or a modality was cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

from drkf.explain.utterance import EncodedUtterance
from drkf.model import DRKF
from tests.helpers.synthetic import CUE, LABEL, WIDTH, Planted, attend_evenly, make_utterance

MakeUtterance = Callable[..., EncodedUtterance]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads gain nothing on models this small, and wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def utterance() -> MakeUtterance:
    return make_utterance


@pytest.fixture
def deaf_model(tiny_model: DRKF) -> DRKF:
    """Ignores the voice."""
    fuse = tiny_model.fuse
    tiny_model.fuse = lambda speech, text, need_weights=False: fuse(  # type: ignore[method-assign]
        speech.absent(), text, need_weights
    )
    return tiny_model


@pytest.fixture
def unread_model(tiny_model: DRKF) -> DRKF:
    """Ignores the words."""
    fuse = tiny_model.fuse
    tiny_model.fuse = lambda speech, text, need_weights=False: fuse(  # type: ignore[method-assign]
        speech, text.absent(), need_weights
    )
    return tiny_model


@pytest.fixture
def even_model(tiny_model: DRKF) -> DRKF:
    attend_evenly(tiny_model)
    return tiny_model


@pytest.fixture
def planted(tiny_model: DRKF) -> Planted:
    attend_evenly(tiny_model)
    encoder = tiny_model.fusion_encoder
    generator = torch.Generator().manual_seed(9)
    with torch.no_grad():
        for embedding in (encoder.token_type, encoder.audio_position, encoder.text_position):
            embedding.weight.zero_()
        # CLS needs content of its own, or the last norm would undo any scaling of the cue.
        encoder.special.copy_(torch.randn(3, WIDTH, generator=generator))
        encoder.special[:, CUE] = 0
        for number, layer in enumerate(encoder.layers):
            layer.ff[-1].weight.zero_()
            layer.ff[-1].bias.zero_()
            layer.attention.qkv.weight[2 * WIDTH :] = torch.eye(WIDTH)
            layer.attention.qkv.bias[2 * WIDTH :] = 0
            layer.attention.output.weight.copy_(torch.eye(WIDTH) if number == 0 else 0)
            layer.attention.output.bias.zero_()
        first, last = tiny_model.classifier[0], tiny_model.classifier[-1]
        assert isinstance(first, nn.Linear) and isinstance(last, nn.Linear)
        for linear in (first, last):
            linear.weight.zero_()
            linear.bias.zero_()
        first.weight[0, CUE] = 1
        first.bias[0] = 3  # where GELU is as good as linear
        last.weight[LABEL, 0] = 4
        last.bias[LABEL] = -12
    return Planted(tiny_model)
