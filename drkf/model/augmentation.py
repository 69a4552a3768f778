"""Progressive modality augmentation: a residual auto-encoder per modality."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from drkf.model.sequence import TokenSequence


class AutoEncoderBlock(nn.Module):
    """Encodes a token to the narrowest of ``sizes`` and decodes it back to width d."""

    def __init__(self, width: int, sizes: Sequence[int]):
        super().__init__()
        widths = [width, *sizes]
        down = [layer(a, b) for a, b in pairwise(widths)]
        up = [layer(b, a) for a, b in pairwise(widths)][::-1]
        self.encode = nn.Sequential(*down)
        # The outermost layer is linear: a rectified output could only ever add to the sum.
        self.decode = nn.Sequential(*up[:-1], nn.Linear(widths[1], width))

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))


def layer(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.GELU())


class ProgressiveAugmentation(nn.Module):
    """A -> A': block i encodes and decodes the running sum of its input and the last output.

    ``weight`` in 0..1 is the augmentation weight that training ramps up: A' = A + weight *
    (transition(input + output) - A), so that early on the augmented view is close to the
    original and later it is all the auto-encoder's own.
    """

    def __init__(self, width: int, sizes: Sequence[int], blocks: int):
        super().__init__()
        self.blocks = nn.ModuleList(AutoEncoderBlock(width, sizes) for _ in range(blocks))
        self.transition = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, sequence: TokenSequence, weight: float = 1.0) -> TokenSequence:
        """(B, T, d) -> (B, T, d), token by token, so padding cannot leak."""
        running = sequence.hidden
        output = torch.zeros_like(running)
        for block in self.blocks:
            running = running + output
            output = block(running)
        augmented = self.transition(running + output)
        hidden = sequence.hidden + weight * (augmented - sequence.hidden)
        return TokenSequence(hidden, sequence.mask)
