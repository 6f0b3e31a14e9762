"""A field of an export is read as HTML where it is HTML, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.pages.snippets import html_field
from tests.bounds import bounded


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("<p>Le pont d&rsquo;Arvieux rouvre.</p><p>Il &eacute;tait ferm&eacute;.</p>",
         "Le pont d’Arvieux rouvre.\nIl était fermé."),
        ("<!-- wp:paragraph --><p>Le bac est en panne.</p><!-- /wp:paragraph -->",
         "Le bac est en panne."),
        ("Le bac est en panne.<br />\nIl repart lundi.", "Le bac est en panne.\nIl repart lundi."),
        ("Le <strong>bac</strong> est\u00a0là.\n\nIl part.", "Le bac est\u00a0là.\nIl part."),
        ("<![CDATA[<p>Le bac part.</p>]]>", "Le bac part."),
        ("&lt;p&gt;Le bac part.&lt;/p&gt;&lt;p&gt;Il revient.&lt;/p&gt;",
         "Le bac part.\nIl revient."),
        ("<p>L&amp;rsquo;&amp;eacute;cluse co&amp;ucirc;te 3&amp;nbsp;M&amp;euro;.</p>",
         "L’écluse coûte 3\u00a0M€."),
        ("<h2>Le bac</h2><ul><li>Lundi : fermé</li><li>Mardi : ouvert</li></ul>",
         "Le bac\nLundi : fermé\nMardi : ouvert"),
        ("<DIV CLASS=a>Le bac<SCRIPT>alert('x')</SCRIPT></DIV>", "Le bac"),
        ("<p>Il gagne par 3 < 5 et <o:p>encore</o:p> <Lauzet></p>",
         "Il gagne par 3 < 5 et encore <Lauzet>"),
        ("<p>Le bac <!-- jamais fermé</p><p>part.</p>", "Le bac <!-- jamais fermé\npart."),
        ("<p>Fin coupée <a href=\"https://a", "Fin coupée"),
    ],
)  # fmt: skip
def test_html_in_a_field_is_read_as_html(field: str, text: str) -> None:
    """Tags, comments and entities of a CMS are no text; what stands between them is."""
    assert html_field(field) == text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("L&rsquo;&icirc;le d&#8217;Yeu &amp; ses phares", "L’île d’Yeu & ses phares"),
        ("D&#xE9;bat &quot;franc&quot;", 'Débat "franc"'),
        ("R&D; AT&T, Dupont & fils", "R&D; AT&T, Dupont & fils"),
        ("&#150; trois &#156;ufs", "– trois œufs"),
        ("&lt;mairie@exemple.fr&gt;", "<mairie@exemple.fr>"),
        (
            "L&#8217&#233cole est ferm&eacute, dit-il&nbsp: lundi",
            "L’école est fermé, dit-il\u00a0: lundi",
        ),
        (
            "https://a.example/?x=1&copy=2&notes &copyright",
            "https://a.example/?x=1&copy=2&notes &copyright",
        ),
    ],
)
def test_entities_alone_are_read(field: str, text: str) -> None:
    """A title has often entities and no tags; an ampersand in a name is one."""
    assert html_field(field) == text


@pytest.mark.parametrize(
    "field",
    [
        "Le maire écrit à <mairie@exemple.fr>.\nIl attend.",
        "On a 3 < 5 et 7 > 2, dit-il.",
        "<https://exemple.example/page>",
        "La balise <b> met en gras.",
        "Un cœur <3 pour Royec",
        "Une phrase.\n\nUne autre.",
    ],
)
def test_plain_text_comes_back_unchanged(field: str) -> None:
    """Angle brackets that are no HTML, and line ends, stay as they are."""
    assert html_field(field) == field


@given(st.text(alphabet="<>/&;!-[]pbri =\"'\n aé", max_size=200))
def test_any_text_is_read(field: str) -> None:
    """Whatever stands in a field, a text comes out and no error."""
    assert isinstance(html_field(field), str)


@pytest.mark.parametrize("piece", ["<p ", "<!-- ", "<div>", "&amp;", "<!--a--", "<![CDATA[", "</"])
def test_hostile_fields_take_little_time(piece: str) -> None:
    """The time that a field takes grows with its size, not with its square."""
    with bounded():
        html_field("<p>" + piece * 20_000)
