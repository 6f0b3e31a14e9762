"""``python -m retrieval.training groups | train | export``: see ``crossencoder/weights.md``.

groups HOME QUESTIONS OUT     search each question in the archive of a home
train OUT --groups SHARE FILE --groups SHARE FILE … [--start FILE] --minutes N
export TRAINED OUT            what is shipped, and its SHA-256
"""

from __future__ import annotations

import argparse
import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.crossencoder.engine import is_quantised, write_tensors
from retrieval.embedding.conversion import quantised

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


def export(trained: Mapping[str, NDArray[np.float32]], path: Path) -> str:
    """Write tensors in 7 bits where they are matrices of layers.

    Args:
        trained: what `CrossEncoder.trained` gives.
        path: where to.

    Returns:
        The file's SHA-256, for `retrieval.crossencoder.engine`.
    """
    matrices = {n: quantised(v) for n, v in trained.items() if is_quantised(n)}
    vectors = {n: v.astype("float32") for n, v in trained.items() if not is_quantised(n)}
    return write_tensors(vectors, matrices, path)


def main() -> None:
    """Do one step."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    steps = parser.add_subparsers(required=True)
    step = steps.add_parser("groups")
    step.set_defaults(do=_groups)
    for name in ("home", "questions", "out"):
        step.add_argument(name, type=Path)
    step = steps.add_parser("train")
    step.set_defaults(do=_train)
    step.add_argument("home", type=Path, help="a home that has the embedding model")
    step.add_argument("out", type=Path)
    step.add_argument("--groups", nargs=2, action="append", metavar=("SHARE", "FILE"))
    step.add_argument("--start", type=Path, help="what was trained before; none: e5-small")
    step.add_argument("--minutes", type=float, default=60)
    step = steps.add_parser("export")
    step.set_defaults(do=_export)
    for name in ("trained", "out"):
        step.add_argument(name, type=Path)
    given = parser.parse_args()
    given.do(given)


def _groups(given: argparse.Namespace) -> None:
    from retrieval.archive.reader import ArchiveReader
    from retrieval.embedding import EmbeddingChoice, open_embedder
    from retrieval.index.generations import Places
    from retrieval.search import HybridSearch
    from retrieval.training.groups import QuestionGroup, make_groups, write_groups

    places = Places(given.home)
    embedder = open_embedder(EmbeddingChoice(), given.home)
    with (
        ArchiveReader(places.archive) as archive,
        closing(HybridSearch(places, archive, embedder)) as search,
    ):
        made = list(make_groups(search, archive, given.questions))
    write_groups([each for each in made if isinstance(each, QuestionGroup)], given.out)
    missed = [each for each in made if isinstance(each, str)]
    logging.info("%d groups; quote not found: %s", len(made) - len(missed), missed)


def _train(given: argparse.Namespace) -> None:
    from retrieval.embedding.conversion import E5Weights
    from retrieval.embedding.model import TOKENIZER_FILE, find_weights, model_folder
    from retrieval.embedding.tokens import ManyTexts
    from retrieval.training.groups import read_groups
    from retrieval.training.train import CrossEncoder, Sampler, TrainingRecipe, train

    shares = tuple(int(share) for share, _ in given.groups)
    recipe = TrainingRecipe(
        given.minutes, groups=sum(shares), shares=shares, titled=(1.0,) * len(shares)
    )
    network = CrossEncoder(E5Weights(find_weights()))
    if given.start:
        with np.load(given.start) as arrays:
            network.load(dict(arrays))
    tokens = ManyTexts(model_folder(given.home) / TOKENIZER_FILE)
    sampler = Sampler([read_groups(Path(file)) for _, file in given.groups], tokens, recipe)
    train(network, sampler, recipe, lambda _through: None)
    np.savez(given.out, allow_pickle=False, **network.trained())


def _export(given: argparse.Namespace) -> None:
    from retrieval.training.__main__ import export

    with np.load(given.trained) as arrays:
        logging.info("%s", export(dict(arrays), given.out))


if __name__ == "__main__":
    main()
