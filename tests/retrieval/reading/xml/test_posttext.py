"""The text of a WordPress post: blocks, shortcodes and lines, as the site shows them."""

from __future__ import annotations

import pytest

from retrieval.reading.xml.wordpress import post_text


def _block(name: str, html: str, attributes: str = "") -> str:
    return f"<!-- wp:{name} {attributes}-->\n{html}\n<!-- /wp:{name} -->\n"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("Un.\n\nDeux.\nTrois.", ["Un.", "Deux.", "Trois."]),
        ("Un.\r\n\r\nDeux.", ["Un.", "Deux."]),
        ("<p>Un\n<em>peu</em></p>", ["Un", "peu"]),
        ("Avant.<!--more-->\nAprès.<!--nextpage-->Fin.", ["Avant.", "Après.Fin."]),
        ("Avant.\n\n<!--more Lire la suite-->\n\nAprès.", ["Avant.", "Après."]),
        ('Un.\n[gallery ids="1,2"]\nDeux.', ["Un.", "Deux."]),
        ("Un.[gallery]Deux.", ["Un.", "Deux."]),
        ('[caption id="a" width="3"]<img src="a.jpg"/> Une légende[/caption]Un.', ["Un."]),
        ("[embed]https://video.example/1[/embed]\nUn.", ["Un."]),
        ("Un.\nhttps://video.example/watch?v=1\nDeux.", ["Un.", "Deux."]),
        ('[contact-form-7 id="4" title="Écrire"]Un.', ["Un."]),
        ('[contact-form-7 404 "Non trouvé"]Un.', ["Un."]),
        ('[vc_row][vc_column width="1/2"]Un.[/vc_column][/vc_row]', ["Un."]),
        ('[et_pb_text admin_label="x"]<p>Un.</p>[/et_pb_text]', ["Un."]),
        ("[quote]Un.[/quote]", ["Un."]),
        ("« [Le maire] a tort [sic] » […].", ["« [Le maire] a tort [sic] » […]."]),
        ("[NDLR : en 2019 = 3 euros] Un.", ["[NDLR : en 2019 = 3 euros] Un."]),
        ("[video du conseil] Un.", ["[video du conseil] Un."]),
        ("Écrivez [[gallery]] pour une galerie.", ["Écrivez [[gallery]] pour une galerie."]),
        ("[caption]Un.", ["Un."]),
        (_block("paragraph", "<p>Un\nseul.</p>"), ["Un seul."]),
        (_block("core/paragraph", "<p>Un.</p>"), ["Un."]),
        (_block("image", "<figure><img/><figcaption>Une légende</figcaption></figure>"), [""]),
        (
            _block("embed", "<figure><div>\nhttps://x.example/1\n</div></figure>", '{"url":"x"} ')
            + _block("paragraph", "<p>Un.</p>"),
            ["Un."],
        ),
        (_block("core-embed/twitter", "<p>Un autre le dit.</p>") + "<p>Un.</p>", ["Un."]),
        (_block("quote", "<blockquote><p>Un.</p><cite>Elle</cite></blockquote>"), ["Un.", "Elle"]),
        (
            _block("group", _block("buttons", _block("button", "<a>Don</a>")) + "<p>Un.</p>"),
            ["Un."],
        ),
        (_block("gallery", _block("gallery", "<p>a</p>") + "<p>b</p>") + "<p>Un.</p>", ["Un."]),
        ('<!-- wp:block {"ref":12} /--><p>Un.</p>', ["Un."]),
        ("<!-- wp:image --><p>Un.</p>", ["Un."]),
        (" \n", [""]),
    ],
)  # fmt: skip
def test_the_lines_of_a_post(content: str, lines: list[str]) -> None:
    """A line for each paragraph; brackets that are words stay, and so does what is never closed."""
    assert post_text(content)[0].split("\n") == lines


def test_what_was_left_out_is_told() -> None:
    """Captions, posts of others and bare addresses are in the report, with their first words."""
    content = (
        '[caption id="a"]<img/> Le quai, hier[/caption]\n'
        "<!-- wp:embed --><p>Un tweet.</p><!-- /wp:embed -->\n<p>https://x.example/1</p>"
    )
    text, removed = post_text(content)
    assert text == ""
    assert set(removed) == {
        "caption: Le quai, hier",
        "embed: Un tweet.",
        "embed: https://x.example/1",
    }


@pytest.mark.parametrize(
    "part", ["[a ", "[caption]", "<!-- wp:a ", "<!-- wp:image -->", "[/a]", "<"]
)
def test_hostile_marks_take_a_bounded_time(part: str) -> None:
    """Twenty thousand marks that are never closed are gone through once."""
    assert isinstance(post_text(part * 20_000)[0], str)
