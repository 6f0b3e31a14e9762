"""Mail: a newsletter is an article of whoever sent it; what programs write is left out."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from retrieval.reading import CleaningRules, Sandbox, read
from retrieval.reading.mail.mailbox import address_day, outlet_of, plain_subject
from retrieval.vocabulary import Draft, LeftOut, Unreadable
from tests.retrieval.reading.conftest import CASES, LIMIT_BYTES, TODAY, Reading

_CASES = CASES / "mail"


def _all(
    path: Path, rules: CleaningRules, parser: Sandbox
) -> tuple[list[Draft], list[tuple[str, str]]]:
    """The drafts of a file, and the reasons why the rest gives none, by name."""
    items = list(read(path, path.name, rules, LIMIT_BYTES, TODAY, parser))
    drafts = [item for item in items if isinstance(item, Draft)]
    return drafts, [
        (item.source.partition("#")[2], item.reason)
        for item in items
        if isinstance(item, LeftOut | Unreadable)
    ]


def _message(text: str, **headers: str) -> bytes:
    head = {
        "From": "Le Fanal <lettre@fanal.example>",
        "Date": "Mon, 12 Nov 2018 10:00:00 +0100",
        "Subject": "Royec recrute",
        "Message-ID": "<1@fanal.example>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return "\n".join([*lines, "", text]).encode()


def test_a_message_that_was_never_sent(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """Outlook saves what is not sent yet with ``X-Unsent: 1``; 0 says nothing."""
    path = tmp_path / "a.eml"
    path.write_bytes(_message("La conserverie de Royec recrute.", X_Unsent="1"))
    assert _all(path, rules, parser) == ([], [("1@fanal.example", "draft")])
    path.write_bytes(_message("La conserverie de Royec recrute.", X_Unsent="0"))
    assert len(_all(path, rules, parser)[0]) == 1


def _one(reading: Reading, folder: Path, raw: bytes) -> Draft:
    path = folder / "a.eml"
    path.write_bytes(raw)
    [draft], problems = reading(path)
    assert problems == []
    return draft


def test_a_newsletter(reading: Reading) -> None:
    """The page is read, without what is hidden and without its foot; its list names it."""
    [draft], problems = reading(_CASES / "newsletter.eml")
    assert problems == []
    assert draft.text.split("\n") == [
        "La conserverie de Royec recrute",
        "La conserverie de Royec va recruter quarante-cinq personnes d'ici à septembre.",
        "Le directeur, Simon Guérin, cherche surtout des conducteurs de ligne. Les candidatures"
        " sont ouvertes jusqu'au 30 novembre, a-t-il dit.",
    ]
    assert (draft.title, draft.outlet) == (
        "La conserverie de Royec recrute — l'été", "La Lettre du Fanal",
    )  # fmt: skip
    assert str(draft.published) == "2018-11-12"  # half past midnight where it was sent
    assert any(words.startswith("foot of a newsletter: Se désabonner") for words in draft.removed)


@pytest.mark.parametrize(
    ("name", "title", "outlet", "day"),
    [
        ("forwarded.eml", "Référendum à Brigny : le non l’emporte", "La Gazette", "2015-03-01"),
        (
            "forwarded_outlook.eml",
            "Le port de Brigny bloqué quatre heures",
            "Le Fanal",
            "2015-03-04",
        ),
    ],
)
def test_a_forwarded_newsletter(
    name: str, title: str, outlet: str, day: str, reading: Reading
) -> None:
    """The header within counts: who sent it on, and when, is nobody's newspaper and day."""
    [draft], _ = reading(_CASES / name)
    assert (draft.title, draft.outlet, str(draft.published)) == (title, outlet, day)
    assert draft.author is None
    assert "archives" not in draft.text
    assert "Pour info" not in draft.text


def test_an_answer_keeps_its_own_words(reading: Reading) -> None:
    """A letter that answers another is not taken for one that sends it on."""
    [draft], _ = reading(_CASES / "answer.eml")
    assert draft.title == "La piscine de Royec"
    assert draft.text.startswith("La piscine de Royec ouvrira bien en mai")
    assert str(draft.published) == "2015-03-05"


def test_a_mailbox(rules: CleaningRules, parser: Sandbox) -> None:
    """Letters are articles; notices, answers of programs, drafts and spam have their reasons."""
    drafts, rest = _all(_CASES / "mailbox.mbox", rules, parser)
    assert [(d.title, d.outlet, str(d.published)) for d in drafts] == [
        ("Royec champion", "Le Courrier", "2018-11-14"),
        ("Le barrage sera vide", "L'Avenir", "2018-11-15"),
    ]
    assert rest == [
        ("m2@x", "automatic_reply"), ("m3@x", "mail_report"), ("m4@x", "invitation"),
        ("m5@x", "spam"), ("m6@x", "draft"), ("m7@x", "trashed"), ("m8@x", "encrypted_mail"),
        ("m9@x", "covering_note"), ("inner@avenir.example/dossier.pdf", "attachment"),
    ]  # fmt: skip
    # Flowed lines are joined, "From" at the beginning of a line is no new letter, and the
    # signature is not the article's.
    assert drafts[0].text == (
        "Le club de Royec est champion régional de pétanque depuis mercredi.\n\n"
        "From the stands, three hundred people cheered."
    )


def test_a_mailbox_with_line_ends_of_windows(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """The line ends of Windows change nothing."""
    path = tmp_path / "a.mbox"
    path.write_bytes((_CASES / "mailbox.mbox").read_bytes().replace(b"\n", b"\r\n"))
    drafts, rest = _all(path, rules, parser)
    assert (len(drafts), len(rest)) == (2, 9)


def test_a_mailbox_without_blank_lines(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """A separator that a header follows begins a letter; in a sentence, "From" begins none."""
    separator = b"From a@b Mon Nov 12 10:00:00 2018\n"
    one = _message("Le pont est ouvert.\nFrom the mayor, on 3 May 2018\nnothing came.")
    path = tmp_path / "a.mbox"
    path.write_bytes(
        separator + one + b"\n" + separator + _message("Il est beau.", Message_ID="<2@x>")
    )
    drafts, _ = _all(path, rules, parser)
    assert [draft.text.split("\n")[-1] for draft in drafts] == ["nothing came.", "Il est beau."]


def test_a_broken_letter_among_others(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """A letter that cannot be read is reported, and those around it are read."""
    separator = b"From a@b Mon Nov 12 10:00:00 2018\n"
    broken = _message(
        "xx", Message_ID="<2@x>", Content_Type="text/plain; charset=utf-16", Subject="=?x?q?a?="
    )
    letters = [
        _message("Le pont est ouvert."),
        broken,
        _message("Il est beau.", Message_ID="<3@x>"),
    ]
    path = tmp_path / "a.mbox"
    path.write_bytes(b"".join(separator + letter + b"\n\n" for letter in letters))
    drafts, _ = _all(path, rules, parser)
    assert {"Le pont est ouvert.", "Il est beau."} <= {draft.text for draft in drafts}


def test_a_letter_without_an_identifier_has_a_lasting_name(
    tmp_path: Path, rules: CleaningRules, parser: Sandbox
) -> None:
    """Its name comes of what it is, not of its place in the mailbox."""
    separator = b"From a@b Mon Nov 12 10:00:00 2018\n"
    letter = separator + _message("Le pont est ouvert.", Message_ID="") + b"\n\n"
    path = tmp_path / "a.mbox"
    path.write_bytes(letter)
    [[alone], _] = _all(path, rules, parser)
    path.write_bytes(separator + _message("Autre chose ici.") + b"\n\n" + letter)
    assert alone.origin in {draft.origin for draft in _all(path, rules, parser)[0]}


def test_a_message_of_apple_mail(tmp_path: Path, reading: Reading) -> None:
    """An ``.emlx`` is a message behind its size, with properties of the program after it."""
    raw = _message("Le pont est ouvert.\n")
    path = tmp_path / "a.emlx"
    path.write_bytes(b"%d\n" % len(raw) + raw + b"<?xml version='1.0'?><plist><dict/></plist>")
    assert [draft.text for draft in reading(path)[0]] == ["Le pont est ouvert."]


def test_the_richer_version_is_read(tmp_path: Path, reading: Reading) -> None:
    """The plain version is the letter where the page is only a frame around it."""
    message = EmailMessage()
    message["From"], message["Message-ID"] = "Le Fanal <a@b.example>", "<1@b.example>"
    message.set_content("Le conseil municipal de Royec a voté lundi le budget de la ville.\n")
    message.add_alternative("<p>Votre messagerie n'affiche pas ceci.</p>", subtype="html")
    draft = _one(reading, tmp_path, message.as_bytes())
    assert draft.text == "Le conseil municipal de Royec a voté lundi le budget de la ville."


def test_an_encoding_that_is_not_said(tmp_path: Path, reading: Reading) -> None:
    """Bytes of Windows under no encoding, or a wrong one, are read as what they are."""
    for declared in ("text/plain", "text/plain; charset=us-ascii", "text/plain; charset=x-none"):
        raw = _message("L’été arrive à Royec, dit l’élue.", Content_Type=declared)
        draft = _one(reading, tmp_path, raw.decode().encode("cp1252"))
        assert draft.text == "L’été arrive à Royec, dit l’élue."


def test_a_subscription_above_the_article_is_no_foot(tmp_path: Path, reading: Reading) -> None:
    """A line about the subscription at the top of a letter does not end it."""
    text = (
        "Vous recevez cette lettre chaque lundi.\n\n" + "Le pont est ouvert depuis mardi.\n\n" * 6
    )
    draft = _one(reading, tmp_path, _message(text + "Se désinscrire\n\n12 rue Haute"))
    assert draft.text.count("Le pont est ouvert") == 6
    assert "rue Haute" not in draft.text


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Fwd: TR : [Fanal-lettre] Royec recrute", "Royec recrute"), ("RE[2]: Oui", "Oui"),
        ("Réf : le pont", "le pont"), ("Transféré : Le pont", "Le pont"),
        ("Transfert de la mairie", "Transfert de la mairie"), ("[Exclusif]", "[Exclusif]"),
        ("Tram : la ligne 3 rouvre", "Tram : la ligne 3 rouvre"), ("Re:", "Re:"),
    ],
)  # fmt: skip
def test_subjects(subject: str, plain: str) -> None:
    """What programs put before a subject goes; a title that begins alike stays."""
    assert plain_subject(subject) == plain


@pytest.mark.parametrize(
    ("list_id", "sender", "outlet"),
    [
        ("La Lettre <l.fanal.example>", "Rédaction <r@fanal.example>", "La Lettre"),
        ("<0f3a9bc1.list-id.mail.example>", "Le Fanal <r@fanal.example>", "Le Fanal"),
        ("8e8da1fa93bmc list <8e8.example>", "Le Fanal via Envoi <r@e.example>", "Le Fanal"),
        ("", "lettre@fanal.example", "fanal.example"),
        ("", '"L\'Avenir : matin" <a@b.example>', "L'Avenir : matin"), ("", "", ""),
    ],
)  # fmt: skip
def test_outlets(list_id: str, sender: str, outlet: str) -> None:
    """The list's name if people gave it, else the sender's, else the domain."""
    assert outlet_of(list_id, sender) == outlet


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Mon, 12 Nov 2018 00:30:00 +0100", "2018-11-12"),
        ("Sun, 11 Nov 2018 23:30:00 -0500 (EST)", "2018-11-11"),
        ("lun. 12 nov. 2018 à 18:04", "2018-11-12"), ("Nov 12, 2018, at 18:04", "2018-11-12"),
        ("hier", "hier"),
    ],
)  # fmt: skip
def test_days(words: str, day: str) -> None:
    """The day is the sender's own, whatever it is elsewhere."""
    assert address_day(words) == day
