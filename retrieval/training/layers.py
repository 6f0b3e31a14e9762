"""The cross-encoder in PyTorch: the layers of e5-small, a segment vector and two heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.crossencoder.tensors import FIRST_TRAINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from retrieval.embedding.weights import E5Weights

_WEIGHT_LIMIT = 63
PAD = 1
"""The id of the token that fills up a batch."""


class _Rounding(torch.autograd.Function):
    """``(round(x / scale + zero) - zero) * scale``; the gradient passes as if nothing happened.

    Plain operators on all cores: torch's own fake quantisation by channel runs on one.
    """

    @staticmethod
    def forward(_: object, values: Tensor, scales: Tensor, zeros: Tensor | None) -> Tensor:
        """Round; ``zeros`` None for a range around 0."""
        made = values.float() / scales
        if zeros is None:
            return made.round_().mul_(scales).to(torch.bfloat16)
        return made.add_(zeros).round_().sub_(zeros).mul_(scales).to(torch.bfloat16)

    @staticmethod
    def backward(_: object, gradient: Tensor) -> tuple[Tensor, None, None]:
        """Straight through."""
        return gradient, None, None


class Quantised(nn.Linear):
    """A product as the shipped network makes it: weights in 7 bits, what comes in in 8.

    Training learns to bear the rounding, which otherwise costs half a unit of a logit.
    """

    def forward(self, values: Tensor) -> Tensor:
        """The product of values that are rounded already and rounded weights."""
        scales = self.weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-9) / _WEIGHT_LIMIT
        weight = _Rounding.apply(self.weight, scales, None)
        return functional.linear(values.to(weight.dtype), weight, self.bias.to(weight.dtype))


def rounded(values: Tensor) -> Tensor:
    """Values in 8 bits, with a range for each pair: a run of the network holds one pair."""
    flat = values.detach().flatten(1)
    low, high = (edge.float()[:, None, None] for edge in (flat.amin(1), flat.amax(1)))
    low, high = low.clamp(max=0), high.clamp(min=0)
    scales = (high - low).clamp(min=1e-9) / 255
    return cast("Tensor", _Rounding.apply(values, scales, (-low / scales).round()))


class Layer(nn.Module):
    """Self-attention and feed-forward, each added to its input and normalised.

    Args:
        hidden: numbers a token.
        wide: numbers a token inside the feed-forward.
        heads: of the attention.
        epsilon: of the normalisations.
        dropout: share of the numbers that training leaves out.
    """

    def __init__(
        self, hidden: int, wide: int, heads: int, epsilon: float, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.q, self.k, self.v = (Quantised(hidden, hidden) for _ in range(3))
        self.ao = Quantised(hidden, hidden)
        self.fi, self.fo = Quantised(hidden, wide), Quantised(wide, hidden)
        self.aln, self.oln = (nn.LayerNorm(hidden, eps=epsilon) for _ in range(2))
        self._heads = heads
        self._dropout = dropout

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """The next hidden states; ``mask`` is true where a token may be looked at."""
        rows, length, size = hidden.shape
        shape = (rows, length, self._heads, size // self._heads)
        given = rounded(hidden)
        q, k, v = (part(given).view(shape).transpose(1, 2) for part in (self.q, self.k, self.v))
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = self.ao(rounded(seen.transpose(1, 2).reshape(rows, length, size)))
        hidden = self.aln(hidden + self._drop(seen))
        wide = functional.gelu(self.fi(rounded(hidden)))
        return cast("Tensor", self.oln(hidden + self._drop(self.fo(rounded(wide)))))

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self._dropout, self.training)


class CrossEncoder(nn.Module):
    """What is trained, on what is frozen.

    Args:
        source: the weights of e5-small.
        dropout: share of the numbers that training leaves out in the trained layers.
    """

    def __init__(self, source: E5Weights, dropout: float = 0.0) -> None:
        super().__init__()
        shape = source.shape
        size, eps = shape.hidden, shape.epsilon
        positions = source.vector("emb.pos").reshape(-1, size)
        positions = positions + source.vector("emb.type").reshape(-1, size)[0]
        self.word = nn.Parameter(_tensor(source.blocks("emb.word", size).floats()), False)
        self.pos = nn.Parameter(_tensor(positions), False)
        self.eln = nn.LayerNorm(size, eps=eps)
        layers = [
            Layer(size, shape.feed_forward, shape.heads, eps, dropout * (at >= FIRST_TRAINED))
            for at in range(shape.layers)
        ]
        self.layers = nn.ModuleList(layers)
        self.seg = nn.Parameter(torch.zeros(2, size))
        self.rel, self.span = nn.Linear(size, 1), nn.Linear(size, 2)
        self._fill(source)
        for frozen in (self.eln, *layers[:FIRST_TRAINED]):
            frozen.requires_grad_(False)

    def forward(self, ids: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Relevance (one a pair) and span logits (two a token) of padded pairs."""
        mask = (ids != PAD)[:, None, None, :]
        with torch.no_grad():
            hidden = self.eln(self.word[ids] + self.pos[: ids.shape[1]])
            for layer in self.layers[:FIRST_TRAINED]:
                hidden = layer(hidden, mask)
        hidden = hidden + self.seg[segments]
        for layer in self.layers[FIRST_TRAINED:]:
            hidden = layer(hidden, mask)
        hidden = hidden.float()
        return self.rel(hidden[:, 0]).squeeze(-1), self.span(hidden)

    def trained(self) -> dict[str, NDArray[np.float32]]:
        """What was trained, by the names of `retrieval.crossencoder.tensors`."""
        found = {}
        for name, value in self.named_parameters():
            if value.requires_grad:
                found[_ours(name)] = value.detach().float().numpy().copy()
        return found

    def load(self, trained: Mapping[str, NDArray[np.float32]]) -> None:
        """Put in what was trained before.

        Raises:
            KeyError: something is missing.
        """
        with torch.no_grad():
            for name, value in self.named_parameters():
                if value.requires_grad:
                    value.copy_(_tensor(trained[_ours(name)]).view_as(value))

    def _fill(self, source: E5Weights) -> None:
        hidden, wide = source.shape.hidden, source.shape.feed_forward
        with torch.no_grad():
            for norm, name in [(self.eln, "emb.ln")]:
                norm.weight.copy_(_tensor(source.vector(f"{name}.w")))
                norm.bias.copy_(_tensor(source.vector(f"{name}.b")))
            for name, value in self.layers.named_parameters():
                ours = _ours(f"layers.{name}")
                if value.dim() == 1:
                    value.copy_(_tensor(source.vector(ours)))
                else:
                    columns = wide if ".fo." in ours else hidden
                    value.copy_(_tensor(source.blocks(ours, columns).floats()))


def _tensor(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _ours(name: str) -> str:
    """``layers.4.q.weight`` is ``l4.q.w`` in the file of e5-small."""
    name = name.replace("layers.", "l", 1) if name.startswith("layers.") else name
    return name.replace(".weight", ".w").replace(".bias", ".b")
