"""Read mutated sources of each kind until the time is over: no crash, no hang, always a value.

    python -m tests.benchmarks.fuzz --minutes 10 [--seed N] [--readers pdf,docx] [--keep FOLDER]

Small valid sources are cut, repeated, spliced and sprinkled with what their format is
sensitive to. Each must give drafts or a reason, within the limits. What does not is kept in a
folder and printed; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from retrieval.reading import (
    ArticleSource,
    CleaningRules,
    Limits,
    Sandbox,
    form_of_content,
    load_rules,
    read,
    read_content,
)
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.pdfwriter import Line, column, pdf
from tests.retrieval.reading.samples import (
    feed_of,
    odt_file,
    rtf_file,
    word_file,
    word_file_of,
    word_paragraph,
    workbook,
)

_RULES = Path(__file__).parents[2] / "config" / "reading" / "cleaning.toml"
_TODAY = date(2026, 11, 23)
_LIMITS = Limits(pages=50, seconds=10, memory_mb=600)
_SLACK_S = 20.0  # for a process to start on a busy machine, twice
_MAX_BYTES = 400_000
_TEXT = "Le pont de Brigny est ouvert depuis mardi. Publié le 24 mai 2017. « Oui », dit-elle."
_PAGE = (
    "<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>Un pont - Le Fil</title>"
    "<link rel='canonical' href='https://fil.example/a'><meta property='og:site_name'"
    " content='Le Fil'><script type='application/ld+json'>{\"@type\":\"NewsArticle\","
    '"datePublished":"2017-05-24T08:00:00+02:00","author":{"name":"Anne Lô"}}</script></head>'
    f"<body><article><h1>Un pont</h1><time datetime='2017-05-24'>24 mai</time><p>{_TEXT}</p>"
    f"<table><tr><td>{_TEXT}</td></tr></table><ul><li>Un</li></ul></article></body></html>"
)
SEEDS: dict[str, list[bytes]] = {
    "html": [
        _PAGE.encode(),
        _PAGE.encode("utf-16"),
        f"<p>{_TEXT}</p>".encode("cp1252"),
        b'<title>404</title><meta http-equiv="refresh" content="0;url=/a"><script '
        b'type="application/ld+json">{"@graph":[{"@type":"NewsArticle"}]}</script><div id="root">'
        b'</div><h3><a href="/b">{{ titre }}</a></h3>',
        f"<!-- saved from url=(0020)https://a.example/b --><!-- FILE ARCHIVED ON --><p>{_TEXT}"
        '<a href="/web/20190512/https://a.example/b">a</a>'.encode(),
    ],
    "mhtml": [
        b"From: <Saved by Blink>\nSnapshot-Content-Location: https://a.example/\n"
        b"MIME-Version: 1.0\n"
        b'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\n'
        b"Content-Transfer-Encoding: quoted-printable\n\n" + _PAGE.encode() + b"\n--b--\n"
    ],
    "pdf": [
        pdf([column([_TEXT[:40] + "-", "suite"]), [Line("Page 2", y=20)]], {"Title": "Un pont"}),
        pdf([column(["Un secret."])], password="a"),
        pdf([[]], drawn=b"q 9 0 0 9 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI Q"),
    ],
    "docx": [
        word_file(_TEXT, "Un pont"),
        word_file_of(b"<w:tbl><w:tr><w:tc>" + word_paragraph(b"a") + b"</w:tc></w:tr></w:tbl>"),
    ],
    "feed": [
        feed_of(f"<title>Un pont</title><description>{_TEXT}</description>"
                "<pubDate>Wed, 24 May 2017 00:30:00 +0200</pubDate>"),
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>a</title><entry><id>1</id><content'
        f' type="html">&lt;p&gt;{_TEXT}</content><updated>2017-05-24T00:00:00Z</updated>'
        "</entry></feed>".encode("cp1252"),
    ],
    "text": [_TEXT.encode(), _TEXT.encode("utf-16"), _TEXT.encode("cp1252")],
    "markdown": [f"---\ntitle: Un pont\ndate: 2017-05\n---\n# Un pont\n\n{_TEXT}".encode()],
    "rtf": [rtf_file(_TEXT, r"{\title Un pont}", r"{\v a} \deleted b\plain \bin4 {}}{")],
    "odt": [odt_file(f"<text:h>Un pont</text:h><text:p>{_TEXT}<text:s/></text:p>")],
    "mail": [
        f"From a@b Mon Nov 12 10:00:00 2018\nFrom: =?utf-8?q?L=C3=A9?= <a@b>\nSubject: TR: Un\n"
        "Date: Mon, 12 Nov 2018 10:00:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/mixed;"
        f" boundary=q\n\n--q\nContent-Type: text/html\n\n<p>{_TEXT}</p>\n--q\nContent-Type:"
        f" message/rfc822\n\nSubject: Deux\n\n{_TEXT}\n--q--\n\n".encode() * 2,
        f"From: Le Fil <a@b>\nSubject: Fwd: Un\n\n--- Message transféré ---\nDe : Le Fil\nDate :"
        f" 12 nov. 2018\nObjet : Un pont\n\n{_TEXT}\nSe désabonner\n".encode(),
    ],
    "database": [
        f"Un pont\n\nPar Anne Lô\n312 mots\n9 mai 2018\nLe Fil\nFIL\nFrançais\n(c) 2018\n\n"
        f"{_TEXT}\n\nDocument FIL0000020180509ee590000a\n\n".encode() * 2,
        f"HD Un pont\nPD 9 mai 2018\nSN Le Fil\nLP\n{_TEXT}\nAN\nDocument F0000020180509ee590000a\n"
        .encode() * 2,
        f"1 of 2 DOCUMENTS\n\nLe Fil\n\nMay 9, 2018\n\nUn pont\n\nLENGTH: 9 words\n\n{_TEXT}\n\n"
        f"LOAD-DATE: May 9, 2018\n\n2 of 2 DOCUMENTS\n\nLe Fil\n".encode(),
        f"<html><article><span class='DocPublicationName'>Le Fil</span><span class='DocHeader'>"
        f"9 mai 2018</span><p class='titreArticleVisu'>Un pont</p><p>{_TEXT}</p>news·20180509·FI·1"
        "</article>".encode() * 2,
    ],
    "jsonl": [f'{{"title": "Un pont", "text": "{_TEXT}", "date": "2017-05-24"}}\n'.encode() * 3],
    "csv": [
        f'title,text,published\nUn pont,"{_TEXT}",2017-05-24\n'.encode(),
        f'sep=;\ntitre;texte;statut\nUn pont;"Il dit "oui". {_TEXT}";publié\n'.encode("utf-16"),
    ],
    "json": [
        f'[{{"title": "Un pont", "text": "<p>{_TEXT}</p>", "status": "publish"}}]'.encode(),
        f'{{"version": "https://jsonfeed.org/version/1.1", "title": "Le Fil", "items": [{{"id": 1,'
        f' "content_text": "{_TEXT}", "date_published": "2017-05-24"}}]}}'.encode(),
        f'{{"name": "Le Fil", "type": "public_channel", "id": 9, "messages": [{{"id": 1, "type":'
        f' "message", "date_unixtime": "1614582000", "text": ["{_TEXT}"]}}]}}'.encode(),
        f'{{"a": {{"content": {{"type": "doc", "content": [{{"text": "{_TEXT}"}}]}}}}}}'.encode(),
    ],
    "xlsx": [workbook([["titre", "texte", "date"], ["Un pont", _TEXT, 43193]])],
    "wordpress": [
        b'<rss xmlns:content="c" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>a'
        b"</title><item><title>Un pont</title><wp:post_date>2017-05-24 00:30:00</wp:post_date>"
        b"<content:encoded><![CDATA[" + _TEXT.encode() + b"[caption id='1']a[/caption]\n"
        b"<!-- wp:a -->]]></content:encoded><wp:status>publish</wp:status></item></channel></rss>",
    ],
    "blogger": [
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>a</title><entry><id>1</id><title>Un'
        f' pont</title>'
        f'<content type="html">&lt;p&gt;{_TEXT}</content><published>2017-05-24T00:00:00'
        "Z</published><link rel='alternate' href='https://a.example/1'/></entry></feed>".encode(),
    ],
    "newsml": [
        f'<newsMessage xmlns="x"><newsItem guid="a" version="1"><itemMeta><provider literal="b"/>'
        f"<embargoed>2017-05-24T00:00:00Z</embargoed></itemMeta><contentMeta><headline>Un pont"
        f"</headline></contentMeta><contentSet><inlineXML><html><p>{_TEXT}</p></html></inlineXML>"
        "</contentSet></newsItem></newsMessage>".encode(),
        f"<NewsML><NewsItem><NewsManagement><FirstCreated>20170524T000000Z</FirstCreated>"
        f"</NewsManagement><NewsComponent><NewsLines><HeadLine>Un pont</HeadLine></NewsLines>"
        f"<ContentItem><DataContent><p>{_TEXT}</p></DataContent></ContentItem></NewsComponent>"
        "</NewsItem></NewsML>".encode(),
    ],
    "nitf": [
        f'<nitf><head><docdata><doc-id id-string="a"/><date.issue norm="20170524"/></docdata>'
        f"</head><body><body.head><hedline><hl1>Un pont</hl1></hedline></body.head><body.content>"
        f"<p>{_TEXT}</p></body.content></body></nitf>".encode(),
    ],
}  # fmt: skip
"""Small valid sources of each form."""
_TOKENS: dict[str, list[bytes]] = {
    "html": [b"<div>" * 500, b"<table><tr><td>", b"<!--", b"-->", b"<script>", b"</p>", b"&#0;",
             b"&#x110000;", b"<meta charset='utf-7'>", b"<svg>", b"<base href='//['>", b"]]>"],
    "pdf": [b"endobj", b"stream\n", b"endstream", b"/Count 99999999", b"/Kids [2 0 R]", b"<<" * 200,
            b"[" * 500, b"/Length -1", b"trailer", b"startxref\n0", b"0 0 R",
            b"/Filter /FlateDecode", b"Tj", b"1e999 0 Td", b"/Parent 5 0 R"],
    "docx": [b"<w:p>" * 100, b"<w:tbl>", b"</w:p>", b"&a;", b"<!DOCTYPE a [<!ENTITY a 'b'>]>",
             b"PK\x01\x02", b"PK\x03\x04", b"\xff\xff\xff\xff"],
    "mhtml": [b"--b\n", b"--b--\n", b"Content-Type: text/html\n\n", b"=\n", b"=3D" * 50, b"\n\n",
              b"Content-Transfer-Encoding: base64\n", b"Content-Type: multipart/mixed\n"],
    "feed": [b"<item>" * 100, b"<![CDATA[", b"]]>", b"<!ENTITY a 'b'>", b"&a;", b"<title>",
             b"<media:description>", b"xml:base='['", b"<pubDate>Sat, 99 Foo -1</pubDate>",
             b"<content:encoded>", b"<source>", b"&lt;p&gt;" * 50],
    "rtf": [b"{" * 500, b"}" * 50, b"\\u-1?", b"\\'e", b"\\bin99 ", b"\\v", b"\\uc9", b"\\ansicpg0",
            b"{\\title " + b"\\u1?" * 200, b"{\\field{\\*\\fldinst{", b"\\f0", b"{\\fonttbl{"],
    "odt": [b"<text:p>" * 100, b"</text:p>", b"&a;",
            b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"PK\x01\x02"],
    "mail": [b"\nFrom a 10:00\n", b"--q\n", b"--q--", b"=?utf-8?b?=", b"=?x?q?" * 50,
             b"Content-Transfer-Encoding: base64\n", b"charset=utf-7", b"message/rfc822", b"\n\n",
             b"Content-Type: multipart/mixed; boundary=q\n\n--q\n" * 50, b"a@b," * 500],
    "database": [b"<article>", b"class='DocPublicationName'", "news·20180509·FI·1".encode(),
                 b"312 mots\n", b"9 mai 2018\n", b"2 of 2 DOCUMENTS\n", b"AN\n", b"LP\n",
                 b"LENGTH: 1 words\n", b"<div>" * 300, b"99/99/9999", b" " * 900],
    "markdown": [b"---\n", b"[" * 500, b"- " * 500, b"&a ", b"*a", b"> " * 200, b"!!python/none"],
    "jsonl": [b"[" * 2000, b"\n", b'"text": 1', b"\\ud800", b"NaN", b"1e999"],
    "csv": [b'"', b"\n", b";", b",", b"\x00", b"sep=", b"\\", b"\r", b'""'],
    "json": [b"[" * 2000, b'{"a":' * 2000, b"]", b"}", b'"text": 1,', b"\\ud800", b"NaN", b"1e999",
             b'"blocks": [', b'"status": "draft",', b'"articles": ['],
    "xlsx": [b"<row>" * 100, b"</c>", b"&a;", b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b'r="XFD1048576"',
             b'<row r="1048576" hidden="1">', b't="s"', b"<v>99999999</v>",
             b'<col min="1" max="9e9"'],
    "wordpress": [b"<item>" * 100, b"</item>", b"<![CDATA[", b"]]>", b"[a b='1']" * 50, b"&#11;",
                  b"<wp:status>publish</wp:status>", b"<!-- wp:image -->" * 50, b"&a;", b"[["],
    "blogger": [b"<entry>" * 100, b"</entry>", b"<![CDATA[", b"]]>", b"&lt;p&gt;" * 50, b"&"],
    "newsml": [b"<newsItem>" * 100, b"<NewsItem>" * 100, b"</NewsItem>", b"<![CDATA[", b"<p>" * 300,
               b"xmlns:a='b'", b"<nitf>", b"version='9'", b"<DataContent>", b"&a;"],
    "nitf": [b"<nitf>" * 100, b"</nitf>", b"<![CDATA[", b"<p>" * 300, b"<media>", b"norm='9'"],
}  # fmt: skip
_MAIN_PARTS = {
    "docx": "word/document.xml",
    "odt": "content.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
}
_COMMON = [b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", "é\u0301\u2028".encode(), b"%" * 50]


@dataclass(slots=True)
class Tally:
    """What one reader was put through, and what came of it."""

    tried: int = 0
    drafts: int = 0
    slowest: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


def mutated(raw: bytes, form: str, chance: random.Random) -> bytes:
    """A source with one to eight changes."""
    if form in _MAIN_PARTS and chance.random() < 0.7:
        return _rezipped(raw, form, chance)
    data = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        _change(data, form, chance)
    return bytes(data[:_MAX_BYTES])


def _change(data: bytearray, form: str, chance: random.Random) -> None:
    start = chance.randrange(len(data) + 1)
    end = min(len(data), start + chance.choice((1, 1, 2, 8, 64, 1000)))
    kind = chance.randrange(7)
    if kind == 0:
        data[start:end] = chance.randbytes(end - start)
    elif kind == 1:
        del data[start:end]
    elif kind == 2:
        data[start:start] = bytes(data[start:end]) * chance.choice((1, 2, 50, 500))
    elif kind == 3:
        data[start:start] = chance.choice(_TOKENS.get(form, []) + _COMMON)
    elif kind == 4:
        other = chance.choice(SEEDS[form])
        place = chance.randrange(len(other))
        data[start:end] = other[place : place + 500]
    elif kind == 5 and start < len(data):
        data[start] ^= 1 << chance.randrange(8)
    elif chance.random() < 0.2:
        del data[start:]


def _rezipped(raw: bytes, form: str, chance: random.Random) -> bytes:
    """A package with a part that is changed inside its package."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        names = package.namelist()
        chosen = _MAIN_PARTS[form] if chance.random() < 0.6 else chance.choice(names)
        for name in names:
            part = package.read(name)
            if name == chosen:
                data = bytearray(part)
                for _ in range(chance.randint(1, 5)):
                    _change(data, form, chance)
                part = bytes(data)
            other.writestr(name, part)
    return out.getvalue()


Read = Callable[[str, bytes], Iterator[Draft | Unreadable | LeftOut]]


def reader(rules: CleaningRules, parser: Sandbox, folder: Path) -> Read:
    """What is put to the test: each form as the program reads it."""

    def run(form: str, raw: bytes) -> Iterator[Draft | Unreadable | LeftOut]:
        if form in ("jsonl", "csv"):
            path = folder / f"fuzz.{form}"
            path.write_bytes(raw)
            return read(path, path.name, rules, _MAX_BYTES, _TODAY, parser)
        form_of_content(raw)
        return read_content(raw, form, ArticleSource("o", "g", raw), [], rules, _TODAY, parser)

    return run


def attempt(form: str, raw: bytes, run: Read, tally: Tally) -> str:
    """Read one source; what is wrong with the outcome, or ``""``."""
    started = time.monotonic()
    try:
        for item in run(form, raw):
            if isinstance(item, Draft):
                tally.drafts += 1
                if not item.text.strip() or "\x00" in item.text or not item.title:
                    return f"a draft that is none: {item.title!r}"
            else:
                tally.reasons[item.reason] += 1
    except Exception:
        return traceback.format_exc()
    took = time.monotonic() - started
    tally.tried += 1
    tally.slowest = max(tally.slowest, took)
    return f"took {took:.1f} s" if took > _LIMITS.seconds + _SLACK_S else ""


def fuzz(form: str, seconds: float, chance: random.Random, run: Read, keep: Path) -> Tally:
    """Put mutated sources to one reader for some time."""
    tally = Tally()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        raw = mutated(chance.choice(SEEDS[form]), form, chance)
        wrong = attempt(form, raw, run, tally)
        if wrong:
            path = keep / f"{form}-{len(tally.findings)}"
            path.write_bytes(raw)
            tally.findings.append(f"{path}: {wrong}")
    return tally


def main(arguments: list[str]) -> int:
    """Fuzz each reader in turn and print a table."""
    options = argparse.ArgumentParser(description=__doc__, prog="tests.benchmarks.fuzz")
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options.add_argument("--readers", default=",".join(SEEDS))
    options.add_argument("--keep", type=Path, default=None)
    given = options.parse_args(arguments)
    forms = given.readers.split(",")
    keep = given.keep or Path(tempfile.mkdtemp(prefix="kiosque-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    chance = random.Random(given.seed)  # noqa: S311 - a seed makes a run repeatable
    findings: list[str] = []
    print(f"seed {given.seed}\n\n| reader | sources | drafts | slowest, s | reasons | findings |")
    print("|---|---|---|---|---|---|")
    with Sandbox(_LIMITS) as parser, tempfile.TemporaryDirectory() as folder:
        run = reader(load_rules(_RULES), parser, Path(folder))
        for form in forms:
            tally = fuzz(form, given.minutes * 60 / len(forms), chance, run, keep)
            reasons = ", ".join(f"{reason} {n}" for reason, n in tally.reasons.most_common())
            print(f"| {form} | {tally.tried} | {tally.drafts} | {tally.slowest:.1f} | {reasons} |"
                  f" {len(tally.findings)} |", flush=True)  # fmt: skip
            findings += tally.findings
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
