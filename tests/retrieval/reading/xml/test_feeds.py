"""Feeds: one article an entry, with the newspaper's own day, letters and address."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, Refused, Sandbox, feed_entries, read
from retrieval.vocabulary import Draft, Unreadable
from tests.retrieval.reading.conftest import ROOT, TODAY, Reading
from tests.retrieval.reading.samples import feed_of

_REAL = ROOT.parent / "shared" / "data" / "feeds"
_ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Fil</title>
<entry><id>urn:1</id><title type="html">L&amp;#8217;été &lt;b&gt;ici&lt;/b&gt;</title>
<link href="https://fil.example/1#haut"/><author><name>Anne Lô</name></author>
<published>2017-05-24T00:30:00+02:00</published><updated>2017-06-01T00:00:00Z</updated>
<content type="html">&lt;p&gt;Le pont.&lt;/p&gt;&lt;p&gt;Il ouvre.&lt;/p&gt;</content>
</entry></feed>"""


def _read(reading: Reading, folder: Path, raw: bytes) -> tuple[list[Draft], list[Unreadable]]:
    path = folder / "fil.xml"
    path.write_bytes(raw)
    return reading(path)


def test_an_entry_of_atom(tmp_path: Path, reading: Reading) -> None:
    """Everything that it says, as plain text, on the day of the newspaper's clock."""
    drafts, problems = _read(reading, tmp_path, _ATOM.encode())
    assert problems == []
    [draft] = drafts
    assert (draft.title, draft.author, draft.outlet) == ("L’été ici", "Anne Lô", "Le Fil")
    assert (draft.text, draft.language) == ("Le pont.\nIl ouvre.", "fr")
    assert str(draft.published) == "2017-05-24"
    assert draft.origin == draft.url == draft.source == "https://fil.example/1"
    assert b"Il ouvre" in draft.raw


def test_the_whole_text_beats_the_summary(tmp_path: Path, reading: Reading) -> None:
    """``content:encoded`` is the article; pictures' captions and feed footers are not."""
    item = (
        '<title>Un pont</title><guid isPermaLink="false">7</guid>'
        '<media:content url="https://x.example/a.jpg"><media:description>Une longue légende de la'
        " photographie, plus longue que tout le reste de cette entrée.</media:description>"
        "</media:content><description>Résumé.</description><content:encoded><![CDATA[<p>Le pont"
        " est <a href='/a'>ouvert</a> à tous.</p><script>x()</script>"
        "<p>L’article Un pont est apparu en premier sur Le Fil.</p>]]></content:encoded>"
    )
    raw = feed_of(item).replace(
        b"<rss ",
        b'<rss xmlns:media="http://search.yahoo.com/mrss/"'
        b' xmlns:content="http://purl.org/rss/1.0/modules/content/" ',
    )
    [draft] = _read(reading, tmp_path, raw)[0]
    assert draft.text == "Le pont est ouvert à tous."
    assert draft.origin == f"file:{(tmp_path / 'fil.xml').resolve()}#7"


def test_an_aggregator_names_the_newspaper(tmp_path: Path, reading: Reading) -> None:
    """The outlet is the source of the entry, else the feed."""
    items = [
        f"<description>Le pont {n} est ouvert.</description>{source}"
        for n, source in ((1, '<source url="https://a.example/">La Gazette</source>'), (2, ""))
    ]
    drafts = _read(reading, tmp_path, feed_of(*items))[0]
    assert [draft.outlet for draft in drafts] == ["La Gazette", "Le Fil"]


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Wed, 24 May 2017 00:30:00 +0200", "2017-05-24"),
        ("Tue, 23 May 2017 23:30:00 -0400", "2017-05-23"),
        ("2017-05-24T23:30:00-05:00", "2017-05-24"),
        ("2017-05-24", "2017-05-24"),
        ("Tue, 23 May 2017 22:30:00 GMT", "2017-05-24"),
        ("2017-05-23T22:30:00Z", "2017-05-24"),
        ("2017-05-24T00:00:00Z", "2017-05-24"),
        ("Wed, 24 May 2017 00:30:00 CEST", "2017-05-24"),
        ("24 mai 2017", "2017-05-24"),
        ("bientôt", "None"),
    ],
)
def test_the_day_is_the_newspapers(tmp_path: Path, reading: Reading, words: str, day: str) -> None:
    """A clock's own offset moves no date to another day; a moment in UTC is told in Paris."""
    item = f"<description>Le pont est ouvert.</description><pubDate>{words}</pubDate>"
    [draft] = _read(reading, tmp_path, feed_of(item))[0]
    assert str(draft.published) == day


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="utf-8"?>'])
def test_letters_are_right_whatever_is_declared(
    tmp_path: Path, reading: Reading, encoding: str, declared: str
) -> None:
    """A feed that declares nothing, or wrongly, is decoded as any other text."""
    text = "L’œuvre « coûte » 3 € à l’État, dit-elle en été."
    feed = feed_of(f"<description>{text}</description>").decode().split("?>", 1)[1]
    [draft] = _read(reading, tmp_path, (declared + feed).encode(encoding))[0]
    assert draft.text == text


def test_snippets_lose_nothing(tmp_path: Path, reading: Reading) -> None:
    """The shortest of texts is kept, and an entry without any says its title."""
    items = ["<description>Non.</description>", "<title>Le pont ouvre</title>", "<title/>"]
    drafts, problems = _read(reading, tmp_path, feed_of(*items))
    assert [draft.text for draft in drafts] == ["Non.", "Le pont ouvre"]
    assert [(problem.source, problem.reason) for problem in problems] == [("fil.xml#3", "no_text")]


@pytest.mark.parametrize("raw", [b"<note>Un pont</note>", b"Un pont.", b"<html><p>Un pont</p>"])
def test_what_is_no_feed(parser: Sandbox, raw: bytes) -> None:
    """Other XML, text and pages are no feed."""
    with pytest.raises(Refused, match="not_a_feed"):
        feed_entries(raw, parser)


def test_an_empty_feed(parser: Sandbox, tmp_path: Path, reading: Reading) -> None:
    """A feed that has nothing to say is a feed; as a file it holds no article."""
    assert feed_entries(feed_of(), parser) == ()
    assert [problem.reason for problem in _read(reading, tmp_path, feed_of())[1]] == ["no_records"]


def test_entries_without_drafts(parser: Sandbox) -> None:
    """What a follower of feeds needs: addresses, titles, days and summaries."""
    [entry] = feed_entries(_ATOM.encode(), parser)
    claims = entry.piece.claims
    assert (claims.outlet, claims.language) == ("Le Fil", "fr")
    assert (entry.link, claims.published) == ("https://fil.example/1", "2017-05-24T00:30:00+02:00")
    assert (claims.title, entry.piece.text) == ("L’été ici", "Le pont.\nIl ouvre.")


@pytest.mark.skipif(not _REAL.is_dir(), reason="no ../shared/data/feeds here")
def test_real_feeds(rules: CleaningRules, parser: Sandbox) -> None:
    """Every item is there, dated, and no letter is damaged."""
    paths = sorted(_REAL.glob("*.xml"))
    assert paths
    for path in paths:
        raw = path.read_bytes()
        items = list(read(path, path.name, rules, 1_000_000, TODAY, parser))
        assert len(items) == raw.count(b"<item>") + raw.count(b"<item ")
        drafts = [item for item in items if isinstance(item, Draft)]
        empty = raw.count(b"<title></title>")
        assert len(drafts) == len(items) - empty
        for draft in drafts:
            assert draft.published is not None
            assert draft.published.day
            assert not set("\ufffdÃ") & set(draft.title + draft.text)


def test_a_feed_that_breaks_off(tmp_path: Path, reading: Reading) -> None:
    """What came before the break is read, and the break is told; a whole feed has none."""
    raw = feed_of("<title>Un pont</title><guid>1</guid><description>Le pont ouvre.</description>")
    whole, none = _read(reading, tmp_path, raw)
    cut, [problem] = _read(reading, tmp_path, raw[: raw.rindex(b"</item>")])
    assert [draft.text for draft in cut] == [draft.text for draft in whole] == ["Le pont ouvre."]
    assert (problem.reason, problem.detail, none) == ("cut_short", "Un pont", [])
    assert len(feed_entries(raw[: raw.rindex(b"</item>")])) == 1
