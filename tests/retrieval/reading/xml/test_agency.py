"""NITF and NewsML: each item with its own title, day, author and newspaper; no embargoed one."""

from __future__ import annotations

import io

import pytest

from retrieval.reading import CleaningRules, Sandbox, read
from retrieval.reading.pieces import Piece
from retrieval.reading.xml.newsml import parse_newsml
from retrieval.reading.xml.nitf import parse_nitf
from retrieval.vocabulary import Draft
from tests.retrieval.reading.conftest import ROOT, TODAY

_CASE = ROOT / "tests" / "data" / "cases" / "agency" / "05_nitf.xml"
_NITF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "http://www.nitf.org/IPTC/NITF/3.4/specification/dtd/nitf-3-4.dtd">
<nitf xml:lang="fr"><head><title>Barrage</title><docdata{state}>
<doc-id regsrc="AZP" id-string="AZP-0042"/><date.issue norm="20200302T080000+0100"/>
<date.release norm="20200303T060000+0100"/><du-key key="barrage" generation="1"/>
<doc.copyright year="2020" holder="Agence Zéphyr"/></docdata>{pubdata}</head>
<body><body.head><hedline><hl1>Le barrage <em>cède</em></hl1><hl2>Trois villages évacués</hl2>
</hedline><byline>Par <person>Luc Adam</person></byline><dateline><location>Tresny</location>
<story.date norm="20200301">1er mars</story.date></dateline>
<abstract><p>L’eau monte.</p></abstract></body.head>
<body.content><p>Le barrage de <location>Tresny</location> a cédé.</p>
<media media-type="image"><media-reference source="a.jpg"/><media-caption>Le barrage, lundi
</media-caption></media><hl2>La suite</hl2><block><p>L’eau monte &amp; monte.</p></block>
<bq><block><p>« Partez », dit-il.</p></block></bq></body.content>
<body.end><tagline>la/lb</tagline></body.end></body></nitf>"""
_G2 = "http://iptc.org/std/nar/2006-10-01/"


def nitf(state: str = "", pubdata: str = "") -> str:
    """A document of NITF."""
    return _NITF.format(state=state, pubdata=pubdata)


def g2(
    body: str = "<p>Le bac est en panne.</p>",
    *,
    guid: str = "urn:azp:1",
    version: int = 1,
    status: str = "usable",
    extra: str = "",
    kind: str = "text",
) -> str:
    """A news item of NewsML-G2 with XHTML in it."""
    return (
        f'<newsItem xmlns="{_G2}" guid="{guid}" version="{version}" standard="NewsML-G2"'
        ' xml:lang="fr"><rightsInfo><copyrightHolder literal="Zéphyr SA"/></rightsInfo>'
        f'<itemMeta><itemClass qcode="ninat:{kind}"/><provider qcode="nprov:AZP">'
        "<name>Agence Zéphyr</name></provider><versionCreated>2020-03-04T09:00:00+01:00"
        f'</versionCreated>{extra}<pubStatus qcode="stat:{status}"/></itemMeta>'
        "<contentMeta><contentCreated>2020-03-01T23:30:00+00:00</contentCreated>"
        '<by>Par Ève Morin</by><headline role="hld:main">Le bac &amp; la mer</headline>'
        '<headline role="hld:subHeadline">Tous à pied</headline>'
        '<description role="drol:summary">Plus de bac.</description></contentMeta>'
        '<contentSet><inlineXML contenttype="application/xhtml+xml">'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{body}'
        "</body></html></inlineXML></contentSet></newsItem>"
    )


def message(*items: str) -> str:
    """A message of NewsML-G2."""
    return (
        f'<?xml version="1.0"?><newsMessage xmlns="{_G2}"><header><sent>2020-03-09T00:00:00Z</sent>'
        f"</header><itemSet>{''.join(items)}</itemSet></newsMessage>"
    )


def of_newsml(text: str) -> list[Piece]:
    """The pieces of NewsML, parsed in this process."""
    return list(parse_newsml(io.BytesIO(text.encode())))


# --- NITF ---------------------------------------------------------------------------------


def test_the_case_of_nitf(rules: CleaningRules, parser: Sandbox) -> None:
    """An article with its title, its byline and its own day."""
    [draft] = read(_CASE, "05_nitf.xml", rules, 1_000_000, TODAY, parser)
    assert isinstance(draft, Draft)
    assert (draft.title, draft.author) == ("Le bac est en panne", "Ève Morin")
    assert (str(draft.published), draft.text) == (
        "2020-03-02",
        "Le bac de Fresnoy est en panne depuis lundi.",
    )


def test_all_of_a_document_of_nitf() -> None:
    """Standfirst and body, without captions and signatures; the release is the publication."""
    [piece] = parse_nitf(io.BytesIO(nitf().encode()))
    assert piece.text.split("\n") == [
        "Trois villages évacués",
        "Le barrage de Tresny a cédé.",
        "La suite",
        "L’eau monte & monte.",
        "« Partez », dit-il.",
    ]
    claims = piece.claims
    assert (claims.title, claims.author, claims.outlet) == (
        "Le barrage cède",
        "Luc Adam",
        "Agence Zéphyr",
    )
    assert (claims.published, claims.language) == ("2020-03-03T06:00:00+01:00", "fr")
    assert (piece.name, piece.removed) == ("AZP-0042", ("caption: Le barrage, lundi",))


def test_where_a_document_of_nitf_was_printed() -> None:
    """The newspaper and its day come before the agency and its release."""
    printed = '<pubdata type="print" name="Le Courrier du Lac" date.publication="20200304"/>'
    [piece] = parse_nitf(io.BytesIO(nitf(pubdata=printed).encode()))
    assert (piece.claims.outlet, piece.claims.published) == ("Le Courrier du Lac", "2020-03-04")


@pytest.mark.parametrize(
    ("state", "reason", "until"),
    [
        ("embargoed", "scheduled", "2020-03-03T06:00:00+01:00"),
        ("canceled", "cancelled", ""),
        ("withheld", "withheld", ""),
        ("draft", "draft", ""),
        ("usable", "", ""),
    ],
)
def test_the_state_of_a_document_of_nitf(state: str, reason: str, until: str) -> None:
    """``management-status`` tells what is not to be published, and the release until when."""
    [piece] = parse_nitf(io.BytesIO(nitf(f' management-status="{state}"').encode()))
    assert (piece.left_out, piece.until) == (reason, until)


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("Par <person>Luc Adam</person>, <byttl>envoyé spécial</byttl>", "Luc Adam"),
        ("<byttl>Par Luc Adam</byttl>", "Luc Adam"),
        ("De Villard", "De Villard"),
        ("Parmentier", "Parmentier"),
        ("", ""),
    ],
)
def test_the_byline_of_a_document_of_nitf(byline: str, author: str) -> None:
    """A name without the word that says so, and without the person's title."""
    text = nitf().replace("Par <person>Luc Adam</person>", byline)
    [piece] = parse_nitf(io.BytesIO(text.encode()))
    assert piece.claims.author == author


def test_documents_of_nitf_one_after_the_other() -> None:
    """Files that were put together give each of their articles."""
    pieces = list(parse_nitf(io.BytesIO((nitf() + nitf().replace("0042", "0043")).encode())))
    assert [piece.name for piece in pieces] == ["AZP-0042", "AZP-0043"]


# --- NewsML-G2 ----------------------------------------------------------------------------


def test_an_item_of_newsml_g2() -> None:
    """Its own headline, byline, provider and day; the message's is not the item's."""
    [piece] = of_newsml(message(g2()))
    claims = piece.claims
    assert (claims.title, claims.author, claims.outlet) == (
        "Le bac & la mer",
        "Ève Morin",
        "Agence Zéphyr",
    )
    assert (claims.published, claims.language) == ("2020-03-01T23:30:00+00:00", "fr")
    assert piece.text.split("\n") == ["Tous à pied", "Plus de bac.", "Le bac est en panne."]
    assert piece.name == "urn:azp:1"


@pytest.mark.parametrize("prefix", ["", "nar:"])
def test_an_item_that_is_the_whole_file(prefix: str) -> None:
    """A file of one item, whatever prefix its elements have."""
    item = g2()
    if prefix:
        start, _, rest = item.partition("<contentSet>")
        start = start.replace("</", "§").replace("<", f"<{prefix}").replace("§", f"</{prefix}")
        start = start.replace("xmlns=", "xmlns:nar=")
        rest = rest.replace("inlineXML", "nar:inlineXML").replace("contentSet", "nar:contentSet")
        item = start + "<nar:contentSet>" + rest.replace("</newsItem>", "</nar:newsItem>")
    [piece] = of_newsml('<?xml version="1.0"?>' + item)
    assert (piece.claims.title, piece.problem) == ("Le bac & la mer", "")
    assert "Le bac est en panne." in piece.text


@pytest.mark.parametrize(
    ("options", "reason", "detail", "until"),
    [
        ({"status": "canceled"}, "cancelled", "", ""),
        ({"status": "withheld"}, "withheld", "", ""),
        ({"status": "draft"}, "draft", "", ""),
        ({"kind": "picture"}, "attachment", "", ""),
        ({"kind": "video"}, "attachment", "", ""),
        (
            {"extra": "<embargoed>2031-01-02T06:00:00+01:00</embargoed>"},
            "scheduled",
            "",
            "2031-01-02T06:00:00+01:00",
        ),
        ({"extra": "<embargoed/>"}, "scheduled", "", ""),
    ],
)
def test_what_is_left_out_of_newsml_g2(
    options: dict[str, str], reason: str, detail: str, until: str
) -> None:
    """What was cancelled, withheld, or is under embargo; pictures."""
    [piece] = of_newsml(message(g2(**options)))  # type: ignore[arg-type] # each is a text
    assert (piece.left_out, piece.detail, piece.until) == (reason, detail, until)


def test_a_package_is_no_article() -> None:
    """It refers to items, and has no text."""
    package = g2().replace("newsItem", "packageItem")
    [piece] = of_newsml(message(package))
    assert (piece.left_out, piece.detail) == ("other_kind", "packageItem")


def test_the_latest_version_counts() -> None:
    """A cancelled item is not an article in an earlier version; the order is not that of time."""
    kept = [g2("<p>Trois.</p>", version=3), g2("<p>Deux.</p>", version=2)]
    killed = [g2(guid="urn:2", version=n, status=s) for n, s in ((1, "usable"), (2, "canceled"))]
    found = of_newsml(message(*kept, *killed))
    assert [piece.left_out for piece in found] == ["", "revision", "revision", "cancelled"]
    assert "Trois." in found[0].text


def test_nitf_within_newsml_g2() -> None:
    """NITF says what the item does not; the item comes first."""
    start, end = g2().split('<html xmlns="http://www.w3.org/1999/xhtml">')
    inner = nitf().split("]>")[-1]
    inner = inner[inner.index("<nitf") :]
    start = start.replace("<by>Par Ève Morin</by>", "")
    [piece] = of_newsml(message(start + inner + end[end.index("</inlineXML>") :]))
    assert (piece.claims.title, piece.claims.author) == ("Le bac & la mer", "Luc Adam")
    assert "Le barrage de Tresny a cédé." in piece.text


def test_plain_text_within_newsml_g2() -> None:
    """``inlineData`` is text; what is encoded otherwise is none."""
    start, end = g2().split("<inlineXML", 1)
    end = end[end.index("</inlineXML>") + len("</inlineXML>") :]
    data = '<inlineData contenttype="text/plain">Le bac.\nLa mer.</inlineData>'
    coded = '<inlineData contenttype="text/plain" encoding="base64">QUJD</inlineData>'
    [piece] = of_newsml(message(start + coded + data + end))
    assert piece.text.endswith("Le bac.\nLa mer.")


def test_a_broken_item_of_a_message() -> None:
    """It costs no other."""
    found = of_newsml(message(g2(guid="a"), g2(guid="b").replace("</newsItem>", ""), g2(guid="c")))
    assert [(piece.name, piece.problem) for piece in found] == [
        ("a", ""),
        ("2", "broken_record"),
        ("c", ""),
    ]


# --- NewsML 1 -----------------------------------------------------------------------------


def newsml1(
    components: str, *, status: str = "Usable", number: int = 1, more: str = "", guid: str = "9"
) -> str:
    """A news item of NewsML 1.2."""
    return (
        "<NewsItem><Identification><NewsIdentifier><ProviderId>zephyr.example</ProviderId>"
        f"<DateId>20200302</DateId><NewsItemId>{guid}</NewsItemId>"
        f"<RevisionId>{number}</RevisionId></NewsIdentifier></Identification><NewsManagement>"
        '<NewsItemType FormalName="News"/><FirstCreated>20200301T233000Z</FirstCreated>'
        "<ThisRevisionCreated>20200305T080000Z</ThisRevisionCreated>"
        f'<Status FormalName="{status}"/>'
        f"{more}</NewsManagement><NewsComponent>{components}</NewsComponent></NewsItem>"
    )


def component(title: str, data: str, *, role: str = "Main", media: str = "Text") -> str:
    """A component with lines of its own and a content."""
    return (
        f'<NewsComponent Duid="{title}"><Role FormalName="{role}"/><NewsLines>'
        f"<HeadLine>{title}</HeadLine><ByLine>Par Ève Morin</ByLine></NewsLines>"
        '<AdministrativeMetadata><Provider><Party FormalName="Agence Zéphyr"/></Provider>'
        '</AdministrativeMetadata><DescriptiveMetadata><Language FormalName="fr"/>'
        f'</DescriptiveMetadata><ContentItem><MediaType FormalName="{media}"/>'
        f"<DataContent>{data}</DataContent></ContentItem></NewsComponent>"
    )


def _newsml(*items: str) -> str:
    start = '<?xml version="1.0"?><!DOCTYPE NewsML PUBLIC "x" "y"><NewsML><NewsEnvelope/>'
    return f"{start}{''.join(items)}</NewsML>"


def test_an_item_of_newsml_1() -> None:
    """An article, beside a picture whose caption is none of it."""
    parts = component("Le bac", "<p>Le bac est en panne.</p><p>Depuis lundi.</p>")
    parts += component("Photo", "<p>Le bac, lundi</p>", role="Caption")
    parts += component("Image", "QUJD", media="Photo")
    [piece] = of_newsml(_newsml(newsml1(parts)))
    claims = piece.claims
    assert (claims.title, claims.author, claims.outlet) == ("Le bac", "Ève Morin", "Agence Zéphyr")
    assert (claims.published, claims.language) == ("2020-03-01T23:30:00+00:00", "fr")
    assert (piece.text, piece.name) == (
        "Le bac est en panne.\nDepuis lundi.",
        "zephyr.example:20200302:9",
    )


def test_several_articles_in_an_item_of_newsml_1() -> None:
    """Each text with the nearest headline above it is an article, under a name that stays."""
    parts = component("Le bac", "<p>Le bac.</p>") + component(
        "La mer", "Texte &lt;b&gt;brut&lt;/b&gt;"
    )
    found = of_newsml(_newsml(newsml1(parts)))
    assert [(piece.claims.title, piece.text) for piece in found] == [
        ("Le bac", "Le bac."),
        ("La mer", "Texte brut"),
    ]
    assert found[1].name == "zephyr.example:20200302:9#La mer"


@pytest.mark.parametrize(
    ("status", "more", "reason", "until"),
    [
        ("Canceled", "", "cancelled", ""),
        ("Withheld", "", "withheld", ""),
        (
            "Embargoed",
            '<StatusWillChange><FutureStatus FormalName="Usable"/><DateAndTime>20310102T060000+0100'
            "</DateAndTime></StatusWillChange>",
            "scheduled",
            "2031-01-02T06:00:00+01:00",
        ),
    ],
)
def test_the_status_of_an_item_of_newsml_1(status: str, more: str, reason: str, until: str) -> None:
    """It is told, with the moment at which it changes."""
    parts = component("Le bac", "<p>Le bac.</p>")
    [piece] = of_newsml(_newsml(newsml1(parts, status=status, more=more)))
    assert (piece.left_out, piece.until) == (reason, until)


def test_revisions_and_references_of_newsml_1() -> None:
    """The latest revision counts; an item that only refers to others is none."""
    first, second = (component("Le bac", f"<p>{n}</p>") for n in ("Un.", "Deux."))
    package = newsml1('<NewsComponent><NewsItemRef NewsItem="#a"/></NewsComponent>', guid="10")
    found = of_newsml(_newsml(newsml1(first), newsml1(second, number=2), package))
    assert [(piece.text, piece.left_out) for piece in found] == [
        ("", "revision"),
        ("Deux.", ""),
        ("", "other_kind"),
    ]
