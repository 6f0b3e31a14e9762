"""Trains the cross-encoder on groups: which window answers, whether one does, and where.

Three losses: listwise over the windows of a question that is answered, a sigmoid for each
window by itself, and the first and last token of the answer. bfloat16 on the processor,
batches of groups of like length, a rate that rises and falls once.
"""

from __future__ import annotations

import logging
import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.crossencoder.engine import FIRST_TRAINED, Pair, join, title_text, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from retrieval.embedding.conversion import E5Weights
    from retrieval.embedding.tokens import ManyTexts
    from retrieval.training.groups import GroupWindow, QuestionGroup


_LOG = logging.getLogger(__name__)
_POOL = 12
"""Batches that are made together, so that groups of like length share one."""
_DECISION = 2.5
"""How much the window of the answer, or the nearest to none, counts beside each other one."""
_NEGATIVE_SPAN = 0.3
"""How much an unanswered question counts where the span is learnt: it should be nowhere."""
_SPAN = 0.3
"""How much the span counts beside relevance."""


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """How to train.

    Args:
        minutes: how long; the rate follows the time, so that it is low at the end.
        groups: questions a batch.
        windows: windows a question, the right one included.
        rate: highest learning rate of the layers; the heads learn eight times as fast.
        floor: lowest one, at the end.
        warm: share of the time until the highest rate.
        shares: how many of a batch's questions come from each file of groups.
        titled: chance that the title is read with the window, for each file.
        hardest: negatives are drawn from so many of the best.
        seed: of everything that is drawn.
    """

    minutes: float
    groups: int = 8
    windows: int = 4
    rate: float = 5e-5
    floor: float = 1e-6
    warm: float = 0.03
    shares: tuple[int, ...] = (8,)
    titled: tuple[float, ...] = (1.0,)
    hardest: int = 16
    seed: int = 1


@dataclass(frozen=True, slots=True)
class _Example:
    """The pairs of one question; the first is right when ``answerable``.

    ``wrong`` says which of the group's near windows the others are.
    """

    group: QuestionGroup
    wrong: list[int]
    pairs: list[Pair]
    answerable: bool
    span: tuple[int, int]
    has_span: bool

    @property
    def length(self) -> int:
        return max(len(pair.ids) for pair in self.pairs)


class Sampler:
    """Draws groups, each file's in a new order each time round, and cuts them into tokens.

    Args:
        files: the groups of each file.
        tokens: the tokenizer.
        recipe: how.
    """

    def __init__(
        self, files: Sequence[Sequence[QuestionGroup]], tokens: ManyTexts, recipe: TrainingRecipe
    ) -> None:
        self._files = files
        self._tokens = tokens
        self._recipe = recipe
        self._random = random.Random(recipe.seed)  # noqa: S311 - draws examples, no secrets
        self._bags: list[list[int]] = [[] for _ in files]
        self._logits: dict[tuple[str, int], float] = {}

    def batches(self) -> Iterator[list[_Example]]:
        """Batches without end."""
        while True:
            drawn = [
                self._example(self._draw(at), self._recipe.titled[at])
                for _ in range(_POOL)
                for at, share in enumerate(self._recipe.shares)
                for _ in range(share)
            ]
            drawn.sort(key=lambda each: each.length)
            size = self._recipe.groups
            made = [drawn[at : at + size] for at in range(0, len(drawn), size)]
            self._random.shuffle(made)
            yield from made

    def _draw(self, at: int) -> QuestionGroup:
        if not self._bags[at]:
            self._bags[at] = list(range(len(self._files[at])))
            self._random.shuffle(self._bags[at])
        return self._files[at][self._bags[at].pop()]

    def _example(self, group: QuestionGroup, titled: float) -> _Example:
        wanted = self._recipe.windows - 1
        wrong = self._wrong(group, wanted)
        others = [self._random.choice(self._files[0]).target for _ in range(wanted - len(wrong))]
        pieces = [group.target, *(group.near[at] for at in wrong), *others]
        pairs = encode(self._tokens, group.question, pieces, self._random.random() < titled)
        span = tokens_of(pairs[0], group.start, group.end) if group.answerable else None
        return _Example(
            group,
            wrong,
            pairs,
            group.answerable,
            span or (0, 0),
            span is not None or not group.answerable,
        )

    def tell(self, examples: Sequence[_Example], logits: Tensor) -> None:
        """Remember how the network judged negatives: the worst are shown again."""
        for example, row in zip(examples, logits.tolist(), strict=True):
            for at, logit in zip(example.wrong, row[1:], strict=False):
                self._logits[example.group.id, at] = logit

    def _wrong(self, group: QuestionGroup, wanted: int) -> list[int]:
        """Near windows: the one that was judged worst so far, and others by chance."""
        places = list(range(min(len(group.near), self._recipe.hardest)))
        known = [at for at in places if (group.id, at) in self._logits]
        worst = max(known, key=lambda at: self._logits[group.id, at], default=None)
        if worst is None:
            return self._random.sample(places, min(wanted, len(places)))
        rest = [at for at in places if at != worst]
        return [worst, *self._random.sample(rest, min(wanted - 1, len(rest)))]


def encode(
    tokens: ManyTexts, question: str, pieces: Sequence[GroupWindow], titled: bool = True
) -> list[Pair]:
    """The pairs of a question with some windows."""
    titles = [title_text(piece.title) if titled else "" for piece in pieces]
    cut = tokens.cuts([question, *titles, *(piece.text for piece in pieces)])
    half = 1 + len(pieces)
    return [join(cut[0], t, w) for t, w in zip(cut[1:half], cut[half:], strict=True)]


def padded(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """The ids and segments of pairs, filled up to the longest."""
    longest = max(len(pair.ids) for pair in pairs)
    ids = np.full((len(pairs), longest), PAD)
    segments = np.zeros_like(ids)
    for row, pair in enumerate(pairs):
        ids[row, : len(pair.ids)] = pair.ids
        segments[row, : len(pair.ids)] = pair.segments
    return torch.from_numpy(ids), torch.from_numpy(segments)


def train(
    network: CrossEncoder, sampler: Sampler, recipe: TrainingRecipe, keep: Callable[[float], None]
) -> None:
    """Train a network in place.

    Args:
        network: what to train.
        sampler: gives the batches.
        recipe: how.
        keep: called after each batch with the share of the time that has passed; it may
            save the network.
    """
    torch.manual_seed(recipe.seed)
    network.train()
    optimiser = _optimiser(network, recipe)
    rates = [group["lr"] for group in optimiser.param_groups]
    begun, mean, step = time.monotonic(), 0.0, 0
    for step, batch in enumerate(sampler.batches()):
        through = (time.monotonic() - begun) / (60 * recipe.minutes)
        if through >= 1:
            break
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * _share(through, recipe)
        loss, logits = _loss(network, batch)
        sampler.tell(batch, logits)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        mean = loss.item() if not step else 0.98 * mean + 0.02 * loss.item()
        if not step % 20:
            _LOG.info("%d: %.3f, %.1f %%", step, mean, 100 * through)
        keep(through)
    keep(1.0)


def _optimiser(network: CrossEncoder, recipe: TrainingRecipe) -> torch.optim.Optimizer:
    layers = [
        v for n, v in network.named_parameters() if v.requires_grad and n.startswith("layers")
    ]
    heads = [
        v for n, v in network.named_parameters() if v.requires_grad and not n.startswith("layers")
    ]
    return torch.optim.AdamW(
        [
            {"params": layers, "lr": recipe.rate, "weight_decay": 0.01},
            {"params": heads, "lr": 8 * recipe.rate, "weight_decay": 0.0},
        ]
    )


def _share(through: float, recipe: TrainingRecipe) -> float:
    """The rate when some share of the time has passed, as a share of the highest."""
    if through < recipe.warm:
        return max(0.02, through / recipe.warm)
    past = (through - recipe.warm) / (1 - recipe.warm)
    low = recipe.floor / recipe.rate
    return low + (1 - low) * (1 + math.cos(math.pi * past)) / 2


def _loss(network: CrossEncoder, batch: list[_Example]) -> tuple[Tensor, Tensor]:
    """The loss of a batch, and the logits of its windows, a row a question."""
    ids, segments = padded([pair for each in batch for pair in each.pairs])
    with torch.autocast("cpu", torch.bfloat16):
        relevance, spans = network(ids, segments)
    scores = relevance.float().view(len(batch), -1)
    right = torch.tensor([float(each.answerable) for each in batch])
    listwise = -(functional.log_softmax(scores, -1)[:, 0] * right).sum() / right.sum().clamp(min=1)
    targets = torch.zeros_like(scores)
    targets[:, 0] = right
    weights = torch.ones_like(scores)
    weights[:, 0] = _DECISION
    sigmoid = functional.binary_cross_entropy_with_logits(scores, targets, weights)
    rows = torch.arange(len(batch)) * scores.shape[1]
    span = _span_loss(spans.float()[rows], ids[rows], batch)
    return listwise + sigmoid + _SPAN * span, scores.detach()


def _span_loss(spans: Tensor, ids: Tensor, batch: list[_Example]) -> Tensor:
    spans = spans.masked_fill((ids == PAD)[:, :, None], -1e9)
    logs = functional.log_softmax(spans, 1)
    edges = torch.tensor([each.span for each in batch])
    weights = torch.tensor(
        [each.has_span * (1.0 if each.answerable else _NEGATIVE_SPAN) for each in batch]
    )
    at = torch.arange(len(batch))
    found = logs[at, edges[:, 0], 0] + logs[at, edges[:, 1], 1]
    return -(found * weights).sum() / weights.sum().clamp(min=1)


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
        """What was trained, by the names of `retrieval.crossencoder.engine`."""
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
