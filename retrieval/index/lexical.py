"""The lexical index: passages in tantivy, as terms that our own analysis has made.

Texts come analysed (`retrieval.text.analysis`), so that the index and the answers
agree on what a word is; tantivy only splits at spaces, counts and ranks (BM25, k1 1.2,
b 0.75). A question never passes through a query language.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.errors import IndexDamaged, KiosqueError, StorageFull
from retrieval.process import is_failure
from retrieval.scope import LATEST, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    import tantivy

_ANALYZER = "terms"
_HEAP = 64_000_000
_MAX_TERMS = 256
_NO_ROOM = ("no space left", "storagefull", "file too large", "permission denied", "read-only")


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A passage as the lexical index holds it.

    ``first`` and ``last`` are the days that its date may mean, as YYYYMMDD; None if it has
    no date.
    """

    id: int
    terms: Sequence[str]
    title_terms: Sequence[str] = ()
    first: int | None = None
    last: int | None = None
    outlet: str | None = None


class LexicalIndex:
    """Passages by their terms. Searching is safe from several threads.

    Args:
        folder: where the index is.
        create: make an empty one there.

    Raises:
        IndexDamaged: there is none, or it cannot be read.
        StorageFull: no room, or no right, to write.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        import tantivy

        self._folder = folder
        with tantivy_faults(folder):
            if create:
                folder.mkdir(parents=True, exist_ok=True)
            elif not (folder / "meta.json").is_file():
                raise IndexDamaged("index_missing", path=str(folder))
            index = tantivy.Index(_schema(), path=str(folder), reuse=True)
            analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            index.register_tokenizer(_ANALYZER, analyzer)
            index.reload()
        self._index = index
        self._writer: tantivy.IndexWriter | None = None

    # --- searching ------------------------------------------------------------------

    def search(
        self,
        terms: Sequence[str],
        n: int,
        scope: Scope | None = None,
        *,
        title_weight: float = 0.5,
    ) -> list[tuple[int, float]]:
        """The ``n`` passages that rank best by BM25, best first.

        Args:
            terms: of the question, analysed as the passages were.
            n: how many.
            scope: only passages of articles inside.
            title_weight: what a term in the article's title counts, where one in the
                passage counts 1.

        Returns:
            Pairs of passage id and score; none when no term is known.

        Raises:
            IndexDamaged: the index cannot be read.
        """
        wanted = list(dict.fromkeys(_one_word(term) for term in terms))[:_MAX_TERMS]
        if not wanted:
            return []
        with tantivy_faults(self._folder):
            searcher = self._index.searcher()
            query = self._query(wanted, scope or Scope(), title_weight)
            hits = searcher.search(query, n, count=False).hits
            found = searcher.fast_field_values("passage", [address for _, address in hits])
        pairs = zip(found, hits, strict=True)
        return [(int(id_), float(score)) for id_, (score, _) in pairs if id_ is not None]

    def _query(self, terms: list[str], scope: Scope, title_weight: float) -> tantivy.Query:
        from tantivy import Occur, Query

        schema = self._index.schema
        clauses = [(Occur.Should, Query.term_query(schema, "body", term)) for term in terms]
        if title_weight > 0:
            clauses += [
                (
                    Occur.Should,
                    Query.boost_query(Query.term_query(schema, "title", term), title_weight),
                )
                for term in terms
            ]
        anywhere = Query.boolean_query(clauses)
        limits = [(Occur.Must, query) for query in self._limits(scope)]
        return Query.boolean_query([(Occur.Must, anywhere), *limits]) if limits else anywhere

    def _limits(self, scope: Scope) -> Iterator[tantivy.Query]:
        from tantivy import FieldType, Occur, Query

        schema = self._index.schema
        limits: list[Query] = []
        if scope.has_period:
            limits += [
                Query.range_query(schema, "last", FieldType.Integer, scope.first, LATEST),
                Query.range_query(schema, "first", FieldType.Integer, 0, scope.last),
            ]
        if scope.outlets:
            limits.append(
                Query.boolean_query(
                    [
                        (Occur.Should, Query.term_query(schema, "outlet", outlet))
                        for outlet in sorted(scope.outlets)
                    ]
                )
            )
        for limit in limits:
            yield Query.const_score_query(limit, 0.0)

    def document_frequency(self, term: str) -> int:
        """In how many passages a term stands: rare words tell what a question is about."""
        with tantivy_faults(self._folder):
            return int(self._index.searcher().doc_freq("body", _one_word(term)))

    def count(self) -> int:
        """How many passages there are."""
        with tantivy_faults(self._folder):
            return int(self._index.searcher().num_docs)

    def ids(self) -> set[int]:
        """Every passage that is in."""
        from tantivy import Query

        with tantivy_faults(self._folder):
            searcher = self._index.searcher()
            hits = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False).hits
            found = searcher.fast_field_values("passage", [address for _, address in hits])
        return {int(id_) for id_ in found if id_ is not None}

    # --- writing --------------------------------------------------------------------

    def add(self, records: Iterable[PassageRecord]) -> None:
        """Put passages in; they are found after `commit`."""
        import tantivy

        writer, schema = self._writing(), self._index.schema
        with tantivy_faults(self._folder):
            for record in records:
                writer.add_document(tantivy.Document.from_dict(_document(record), schema))

    def delete(self, ids: Iterable[int]) -> None:
        """Take passages out; they are gone after `commit`."""
        writer = self._writing()
        with tantivy_faults(self._folder):
            for id_ in ids:
                writer.delete_documents_by_term("passage", id_)

    def commit(self) -> None:
        """Write what was added and deleted, and find it from now on."""
        if self._writer is None:
            return
        with tantivy_faults(self._folder):
            self._writer.commit()
            self._writer.wait_merging_threads()  # this ends the writer
            self._writer = None
            self._index.reload()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Commit, unless an error is on its way."""
        if kind is None:
            self.commit()

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            with tantivy_faults(self._folder):
                self._writer = self._index.writer(_HEAP, 1)
        return self._writer


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    # Integer, not unsigned: deleting by an unsigned field deletes nothing, and says nothing.
    builder.add_integer_field("passage", stored=True, indexed=True, fast=True)
    builder.add_integer_field("first", indexed=True, fast=True)
    builder.add_integer_field("last", indexed=True, fast=True)
    builder.add_text_field("outlet", tokenizer_name="raw", index_option="basic")
    for name in ("body", "title"):
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _one_word(term: str) -> str:
    """A term as one word, whatever an equivalent of several words is called."""
    return "_".join(term.split())


def _document(record: PassageRecord) -> dict[str, Any]:
    """Without a date, an empty interval: no period admits it."""
    fields: dict[str, Any] = {
        "passage": record.id,
        "first": LATEST if record.first is None else record.first,
        "last": -1 if record.last is None else record.last,
        "body": " ".join(map(_one_word, record.terms)),
        "title": " ".join(map(_one_word, record.title_terms)),
    }
    return fields | ({"outlet": record.outlet} if record.outlet else {})


@contextmanager
def tantivy_faults(folder: Path) -> Iterator[None]:
    """Translate what tantivy raises (``ValueError`` for nearly everything).

    Raises:
        StorageFull: no room, or no right, to write.
        IndexDamaged: anything else.
    """
    try:
        yield
    except KiosqueError:
        raise
    except BaseException as error:
        if not is_failure(error):
            raise
        if any(word in str(error).lower() for word in _NO_ROOM):
            raise StorageFull("storage_full", path=str(folder)) from error
        raise IndexDamaged("index_damaged", path=str(folder), detail=str(error)) from error
