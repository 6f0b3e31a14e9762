"""Markdown as other tools write it: its header in any notation, its signs, its notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading.documents.markdown import parse_markdown, plain_text, read_markdown
from retrieval.reading.documents.notes import front_matter
from retrieval.vocabulary import Draft, LeftOut
from tests.bounds import bounded
from tests.retrieval.reading.conftest import CASES, Reading, ReadingAll

_BODY = "Le lavoir de Brenac sera restauré par la commune."


def test_the_cases_of_other_tools(reading: Reading, reading_all: ReadingAll) -> None:
    """A header of TOML says that it is a draft; a clipping has its author, address and date."""
    folder = CASES / "other_markdown"
    assert [type(item) for item in reading_all(folder / "03_toml.md")] == [LeftOut]
    [draft], problems = reading(folder / "04_clip.md")
    assert problems == []
    assert (draft.title, draft.author) == ("Le moulin de Royec", "Anne Roussel")
    assert (draft.url, str(draft.published)) == ("https://moulin.example/a", "2018-05-07")
    assert draft.text == (
        "Le moulin de Royec, restauré par douze bénévoles, moud de nouveau depuis samedi."
        "\n\nDont trois meuniers."
    )
    assert draft.removed == ("callout: [!note] Ma note À vérifier auprès du maire.",)


def test_the_case_of_a_draft(reading_all: ReadingAll) -> None:
    """``draft: true`` leaves an article out."""
    [item] = reading_all(CASES / "unpublished" / "draft.md")
    assert isinstance(item, LeftOut)
    assert item.reason == "draft"


@pytest.mark.parametrize(
    "header",
    [
        '+++\ntitle = "Le lavoir"\ndate = 2017-05-04T10:00:00+02:00\nauthor = "Ada"\n+++\n',
        '+++\r\ntitle = "Le lavoir"\r\ndate = 2017-05-04\r\nauthors = ["Ada"]\r\n+++\r\n',
        '{\n  "title": "Le lavoir",\n  "date": "2017-05-04",\n  "author": "Ada"\n}\n',
        "---\ntitle: Le lavoir\npublished: 2017-05-04\nauthor: '[[Ada]]'\n---\n",
        "---\ntitle: Le lavoir\ndate: 2017-05-04\nauthor: [[Ada]]\n---\n",
        "---\ntitle: Le lavoir\ndate: 2017-05-04\nauthor:\n  - '[[auteurs/ada|Ada]]'\n---\n",
        "% Le lavoir\n% Ada\n% 4 mai 2017\n\n",
        "# Le lavoir\n\nAuteur: Ada\nDate de publication: 4 mai 2017\nTags: eau, Brenac\n\n",
        "Title: Le lavoir\nAuthor: Ada\nDate: 2017-05-04\n\n",
        "# Le lavoir\n\n- **Author:** Ada\n- **Published:** 2017-05-04\n\n",
        "# Le lavoir\nauthor:: [[Ada]]\npublished:: 2017-05-04\nstatus::\n\n",
    ],
)
def test_headers(tmp_path: Path, reading: Reading, header: str) -> None:
    """YAML, TOML, JSON, a title block, lines of properties: the same article."""
    path = tmp_path / "a.md"
    path.write_bytes((header + _BODY + "\n").encode())
    [draft], problems = reading(path)
    assert problems == []
    assert (draft.title, draft.author, str(draft.published)) == ("Le lavoir", "Ada", "2017-05-04")
    assert draft.text.removeprefix("Le lavoir\n\n") == _BODY


@pytest.mark.parametrize(
    "text",
    [
        "Paris : il pleut.\nLyon : il neige.\n\nFin.",
        "{{titre}} du jour\n\nFin.", "{a} est une lettre.\n\nFin.", "+++\n\nUn pont.",
        "% de hausse : trois.\n\nFin."[2:], "Le maire : « oui ».\n\nFin.",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_header(text: str) -> None:
    """Lines with a colon, braces or signs are text when no names of fields stand there."""
    assert front_matter(text) == ({}, text)


@pytest.mark.parametrize(
    "header",
    [
        '+++\ntitle = "a\n+++\n', "+++\na = " + "[" * 9_000 + "\n+++\n",
        "+++\n" + "a" * 30_000 + "\n+++\n",
    ],
)  # fmt: skip
def test_a_header_that_cannot_be_read(tmp_path: Path, reading: Reading, header: str) -> None:
    """A broken or hostile header of TOML is one bad article."""
    path = tmp_path / "a.md"
    path.write_text(header + _BODY)
    assert [problem.reason for problem in reading(path)[1]] == ["bad_front_matter"]


def test_the_day_of_a_clipping_is_not_the_article_s(tmp_path: Path, reading: Reading) -> None:
    """When a note was made, saved or changed says nothing of the article."""
    path = tmp_path / "a.md"
    path.write_text(
        "---\ntitle: Le lavoir\nsource: https://fanal.example/l\ncreated: 2024-02-01\n"
        f"updated: 2024-03-01\ndate_saved: 2024-02-02\n---\n{_BODY}"
    )
    [draft], _ = reading(path)
    assert (draft.published, draft.url) == (None, "https://fanal.example/l")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("draft: yes", "draft"), ("published: false", "draft"), ("publish: no", "draft"),
        ("status: brouillon", "draft"), ("Statut: Privé", "private"), ("status: trash", "trashed"),
        ("visibility: private", "private"), ("status: future\ndate: 2031-01-02", "scheduled"),
        ("embargo: 2031-01-02", "scheduled"), ("confidentiel: oui", "private"),
    ],
)  # fmt: skip
def test_unpublished_notes(
    tmp_path: Path, reading_all: ReadingAll, header: str, reason: str
) -> None:
    """A header that says that a text was not published keeps it out."""
    path = tmp_path / "a.md"
    path.write_text(f"---\ntitle: Le lavoir\n{header}\n---\n{_BODY}")
    [item] = reading_all(path)
    assert isinstance(item, LeftOut)
    assert item.reason == reason


@pytest.mark.parametrize(
    "header",
    ["draft: false", "published: 2024-01-02", "status: publié", "embargo: 2019-01-02", "type: page",
     "status: lu"],
)  # fmt: skip
def test_published_notes(tmp_path: Path, reading_all: ReadingAll, header: str) -> None:
    """A date is no flag, and other words say nothing against a text."""
    path = tmp_path / "a.md"
    path.write_text(f"---\ntitle: Le lavoir\n{header}\n---\n{_BODY}")
    assert isinstance(reading_all(path)[0], Draft)


def test_a_folder_of_drafts(tmp_path: Path, reading_all: ReadingAll) -> None:
    """What lies in the ``_drafts`` of a site generator is left out."""
    path = tmp_path / "_drafts" / "a.md"
    path.parent.mkdir()
    path.write_text(_BODY)
    assert [type(item) for item in reading_all(path)] == [LeftOut]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("Le [[lavoir]] de [[communes/brenac|Brenac]].", "Le lavoir de Brenac."),
        ("Le [[lavoir#Histoire]] rouvre.", "Le lavoir rouvre."),
        ("Un.\n\n![[a.jpg]]\n\nDeux ![[b.png|300]] trois.", "Un.\n\nDeux  trois."),
        ("Le ==lavoir== rouvre. ^abc-1", "Le lavoir rouvre."),
        ("Un.\n\n#eau #brenac/lavoir\n\nDeux.", "Un.\n\nDeux."),
        ("Le n°1 est #1.", "Le n°1 est #1."),
        ("Un %%à vérifier%% pont.\n\n%%\nNote\n%%\n\nDeux.", "Un  pont.\n\nDeux."),
        ("Une hausse de 5 %% dit-il.", "Une hausse de 5 %% dit-il."),
        ("Un[^1] pont.\n\n[^1]: Mot.", "Un pont.\n\nMot."),
        ("Un.\n\n{{< figure src=\"a.jpg\" >}}\n\nDeux {{% note %}}trois{{% /note %}}.",
         "Un.\n\nDeux trois."),
        ("Un {% include a.html %}pont.", "Un pont."),
        ("# Titre {#titre .grand}\n\nUn.\n{: .chapo}", "Titre\n\nUn."),
        ("::: {.encadre}\nUn.\n:::\n\n:::note\n\nDeux.\n\n:::", "Un.\n\nDeux."),
        ("import Photo from './photo'\n\nexport const a = 1\n\nUn.\n\n<Photo id=\"1\" />\n\nDeux.",
         "Un.\n\nDeux."),
        ("<p>Un <b>pont</b>.</p><!-- caché -->\n\nDeux<br>trois.", "Un pont.\n\nDeux\u2028trois."),
        ("<div align=\"center\">\n\nUn.\n\n</div>", "Un."),
        ("<!-- caché\n\nencore -->\n\nUn.", "Un."),
        ("> [!quote] Le maire\n> Nous rouvrirons.", "Le maire\nNous rouvrirons."),
        ("> Un mot.\n\nUn.", "Un mot.\n\nUn."),
        ("Un.\n\n> [!warning]- À vérifier\n> Auprès de lui.\n> > [!tip] Ou d’elle\n\nDeux.",
         "Un.\n\nDeux."),
        ("Un :::: deux. Il a dit : « [sic] ».", "Un :::: deux. Il a dit : « [sic] »."),
    ],
)  # fmt: skip
def test_signs_of_tools(markdown: str, text: str) -> None:
    """Links between notes, pictures, comments, tags, shortcodes: their words stay, no sign does."""
    assert plain_text(markdown) == text


def test_notes_are_told() -> None:
    """What a reader wrote beside the article is left out, and said."""
    prose = read_markdown("Un.\n\n> [!todo] Rappeler le maire\n\n%%source : M. B.%%\n\n#eau\n")
    assert prose.text == "Un."
    assert sorted(prose.removed) == [
        "callout: [!todo] Rappeler le maire", "comment: source : M. B.", "tags: #eau",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "piece",
    ["[[", "![[a", "%%", "{{<", "{%", "==a", "> [!note]\n", "[^1]", "#a ", "a: b\n", "{.a", "<a ",
     ":::\n", "- a: b\n", "[^1]: a\n\n"],
)  # fmt: skip
def test_hostile_signs_take_little_time(piece: str) -> None:
    """Signs that are never closed cost a time that grows with their number."""
    with bounded():
        read_markdown(front_matter(piece * 4_000)[1])


def test_a_header_with_colons_in_its_values(tmp_path: Path, reading: Reading) -> None:
    """Values that people did not quote are read; a list that nobody asks for may be broken."""
    path = tmp_path / "a.md"
    header = 'title: Brenac : le vote\ndate: 2017-05-04\nauthor: "Ada" Roux\ntags: [eau, Brenac\n'
    path.write_text(f"---\n{header}---\n{_BODY}\n", encoding="utf-8")
    [draft], problems = reading(path)
    assert problems == []
    assert (draft.title, str(draft.published)) == ("Brenac : le vote", "2017-05-04")
    assert draft.text == _BODY


def test_a_broken_header_is_told_by_its_line(tmp_path: Path, reading: Reading) -> None:
    """A header that cannot be mended is refused; its line says where, in no language."""
    path = tmp_path / "a.md"
    path.write_text(f"---\ndate: 2017-05-04\ntitle: [Le lavoir\n---\n{_BODY}\n", encoding="utf-8")
    [problem] = reading(path)[1]
    assert (problem.reason, problem.detail) == ("bad_front_matter", "title: [Le lavoir")


_JOPLIN = """

id: 00112233445566778899aabbccddeeff
parent_id: ffeeddccbbaa99887766554433221100
created_time: 2024-02-01T08:00:00.000Z
author:{author}
source_url: https://fanal.example/lavoir
is_todo: 0
type_: {kind}"""


def test_the_fields_of_joplin(tmp_path: Path, reading: Reading, reading_all: ReadingAll) -> None:
    """The fields at the foot of a note are no text, and not its day; a notebook is no article."""
    path = tmp_path / "a.md"
    path.write_text(f"Le lavoir\n\n{_BODY}{_JOPLIN.format(author=' Ada Roux', kind=1)}")
    [draft], _ = reading(path)
    assert draft.text == f"Le lavoir\n\n{_BODY}"
    assert (draft.url, draft.author) == ("https://fanal.example/lavoir", "Ada Roux")
    assert draft.published is None
    path.write_text(f"Coupures de presse du lavoir{_JOPLIN.format(author='', kind=2)}")
    assert [type(item) for item in reading_all(path)] == [LeftOut]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (f"titre:: Le lavoir\ndate:: 2017-05-04\n\n- {_BODY}\n  id:: 6a-1\n\t- Il a un toit.\n"
         "\t  collapsed:: true\n- TODO appeler le maire\n", f"{_BODY}\n\nIl a un toit."),
        (f"{_BODY}\n\nprix:: 12 euros\n\n```dataview\nTABLE prix\n```\n", _BODY),
        (f"{_BODY}\n\n```\nprix:: 12 euros\n```\n", f"{_BODY}\n\nprix:: 12 euros\n"),
        (f"[Read on Omnivore](https://o.example/a)\n[Read Original](https://b.example)\n\n{_BODY}"
         "\n\n## Highlights\n\n> sera restauré [x](https://o.example/a#1)\n", _BODY),
        (f"## Highlights\n\n- {_BODY}\n", f"Highlights\n\n- {_BODY}"),
        (f"> ## Excerpt\n> Le lavoir de Brenac.\n\n---\n{_BODY}", _BODY),
        (f"> ## Le lavoir\n> {_BODY}", f"Le lavoir\n\n{_BODY}"),
        (f"{_BODY} {{% comment %}}Et le toit ?{{% endcomment %}}\n\n[Lire]({{{{ site.url }}}}/a)",
         f"{_BODY}\n\nLire"),
        (f"- {_BODY}\n- TODO est un mot.", f"- {_BODY}\n\n- TODO est un mot."),
        (f"{_BODY}\n\nLavoir :: bassin public.", f"{_BODY}\n\nLavoir :: bassin public."),
    ],
)  # fmt: skip
def test_marks_of_programs_for_notes(markdown: str, text: str) -> None:
    """Properties, queries, links of a service, excerpts and marked passages are no text."""
    [piece] = parse_markdown(markdown.encode())
    assert piece.text.rstrip() == text.rstrip()


@pytest.mark.parametrize(
    "piece",
    ["a:: b\n", "- TODO a\n", "Un.\n## Highlights\n> a\n", "{% comment %}", "id: a\n", "type_: 1\n",
     "[a](b)\n", "[a](b)", "> ## Excerpt\n> a\n\n", "```dataview\n", "a-" * 9 + ":: "],
)  # fmt: skip
def test_hostile_marks_of_notes_take_little_time(piece: str) -> None:
    """Marks of programs for notes, over and over, cost a time that grows with their number."""
    with bounded():
        parse_markdown((f"a:: b\n\n{piece * 4_000}\ntype_: 1").encode())
