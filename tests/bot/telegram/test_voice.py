"""Voice messages: heard by the endpoint that is set, then answered as if they had been typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.app import Kiosque
from bot.messages.catalogue import Catalogue
from bot.telegram.limits import Access
from config.settings import TranscriptionSettings
from tests.bot.telegram.bench import Scripted, Setup, labels, whole
from tests.bot.telegram.conftest import Start
from tests.fake_llm import FakeLlm, Reply, fails, hangs, hears, html
from tests.fake_telegram.core import FakeTelegram
from tests.fake_telegram.people import Person, new_group

FR = Catalogue("fr")
SOUND = b"OggS a question"
QUESTION = "Qui dirige l’hôpital ?"

Listening = Callable[..., Setup]


@pytest.fixture(scope="module")
def ears() -> Iterator[FakeLlm]:
    """A server that puts recordings into words; each test says which."""
    with FakeLlm(hears(QUESTION)) as server:
        yield server


@pytest.fixture
def listening(kiosque: Kiosque, ears: FakeLlm) -> Listening:
    """A setup that listens through that server, which answers so."""

    def made(
        reply: Reply | None = None,
        chosen: dict[str, Any] | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Setup:
        ears.script, ears.asked = reply or hears(QUESTION), []
        transcription = TranscriptionSettings(base_url=ears.url, **(chosen or {}))
        settings = kiosque.settings.model_copy(update={"transcription": transcription})
        return Setup(script=Scripted("La directrice."), settings=settings, **more)

    return made


def requests(setup: Setup) -> list[str]:
    """What was asked."""
    assert setup.script is not None
    return [request.text for request in setup.script.requests]


@pytest.mark.parametrize(
    ("kind", "more", "name"),
    [
        ("voice", {"mime_type": "audio/ogg"}, "voice.ogg"),
        ("audio", {"file_name": "../../x.M4A"}, "audio.m4a"),
        ("audio", {"mime_type": "audio/x-wav", "file_name": "son.exe"}, "audio.wav"),
        ("video_note", {}, "note.mp4"),
    ],
)
async def test_what_is_spoken_is_answered(
    start: Start, listening: Listening, ears: FakeLlm, kind: str, more: dict[str, Any], name: str
) -> None:
    """The answer shows first what was understood; the server gets the file under a safe name."""
    setup = listening()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        spoken = ana.speak(SOUND, kind=kind, **more)
        await bench.idle()
    (answer,) = ana.private.shown
    assert answer["text"].startswith(
        f"J’ai entendu\u00a0: «\u00a0{QUESTION}\u00a0»\n\nLa directrice. [1]"
    )
    assert answer["reply_to_message"]["message_id"] == spoken["message_id"]
    assert whole(answer)
    assert requests(setup) == [QUESTION]
    assert ears.asked[0].body["file"] == {"name": name, "content": SOUND}
    assert (ana.id, "typing") in setup.fake.world.actions


async def test_it_is_a_part_of_the_conversation(start: Start, listening: Listening) -> None:
    """A follow-up in writing knows what was said aloud, and the other way round."""
    setup = listening()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND)
        await bench.idle()
        ana.say("Depuis quand ?")
        await bench.idle()
    assert setup.script is not None
    assert setup.script.requests[1].turns[0].text == QUESTION
    assert not ana.private.texts[1].startswith("J’ai entendu")


async def test_in_a_group_only_a_reply_to_the_bot(
    start: Start, listening: Listening, ears: FakeLlm
) -> None:
    """What people say to each other is neither fetched nor sent anywhere."""
    fake = FakeTelegram()
    group = new_group(fake, "Rédaction")
    setup = listening(fake=fake, access=Access(chats=frozenset({group.id})))
    async with start(setup) as bench:
        ana = Person(fake, "Ana")
        ana.speak(SOUND, group)
        ana.say("/ask Qui ?", group)
        await bench.idle()
        assert (ears.asked, fake.made("getFile")) == ([], [])
        ana.speak(SOUND, group, to=group.shown[0])
        await bench.idle()
    assert requests(setup) == ["Qui ?", QUESTION]
    assert "J’ai entendu" in group.texts[1]


@pytest.mark.parametrize(
    ("reply", "key"),
    [
        (hears(" \n "), "nothing"),
        (fails(401), "away"),
        (fails(429), "away"),
        (fails(500), "away"),
        (html(200), "away"),
    ],
)
async def test_what_cannot_be_heard(
    start: Start, listening: Listening, reply: Reply, key: str
) -> None:
    """One polite line, and the next question is answered."""
    setup = listening(reply)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND)
        await bench.idle()
        ana.say("Qui ?")
        await bench.idle()
    assert ana.private.texts[0] == FR.text(f"telegram.voice.{key}")
    assert requests(setup) == ["Qui ?"]


async def test_a_server_that_hangs(start: Start, listening: Listening) -> None:
    """The deadline ends it; so does /stop, at once."""
    setup = listening(hangs(), {"timeout_s": 0.3})
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND)
        await bench.idle()
    assert ana.private.texts == [FR.text("telegram.voice.away")]
    setup = listening(hangs())
    async with start(setup) as bench:
        bob = Person(setup.fake, "Bob")
        bob.speak(SOUND)
        await setup.fake.until(lambda: bench.context.runs.count)
        bob.speak(SOUND)
        await setup.fake.until(lambda: bob.private.texts)
        bob.say("/stop")
        await bench.idle()
    assert bob.private.texts == [FR.text("telegram.taken.busy"), FR.text("telegram.interrupted")]


@pytest.mark.parametrize("said", [{"seconds": 121}, {"size": 10_000_001}, {"size": 30_000_000}])
async def test_what_is_too_long(
    start: Start, listening: Listening, ears: FakeLlm, said: dict[str, Any]
) -> None:
    """It is not fetched, whatever of it is too long; the line says what is heard."""
    setup = listening()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND, **said)
        await bench.idle()
        await setup.fake.until(lambda: ana.private.texts)
    assert ana.private.texts == [FR.text("telegram.voice.too_long", seconds=120, size=10)]
    assert (ears.asked, setup.fake.made("getFile")) == ([], [])


async def test_a_file_that_is_not_what_it_says(
    start: Start, listening: Listening, ears: FakeLlm
) -> None:
    """Larger than it was announced, or not there: it goes nowhere."""
    setup = listening(chosen={"max_mb": 1})
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(bytes(1_000_001), size=5)
        await bench.idle()
        spoken = ana.speak(SOUND)
        del setup.fake.world.files[spoken["voice"]["file_id"]]
        await bench.idle()
    assert ana.private.texts == [FR.text("telegram.voice.not_fetched")] * 2
    assert ears.asked == []


async def test_it_counts_as_a_question(start: Start, listening: Listening, ears: FakeLlm) -> None:
    """Before it is listened to: who asks too much, or may not ask, costs nothing."""
    setup = listening(per_minute=1, access=Access(users=frozenset({7})))
    async with start(setup) as bench:
        ana, bob = Person(setup.fake, "Ana"), Person(setup.fake, "Bob", id_=7)
        ana.speak(SOUND)
        bob.speak(SOUND)
        await bench.idle()
        bob.speak(SOUND)
        await bench.idle()
    assert str(ana.id) in ana.private.texts[0]
    assert "Attendez" in bob.private.texts[1]
    assert len(ears.asked) == 1


async def test_the_voice_of_somebody_else_is_checked(start: Start, listening: Listening) -> None:
    """As a forwarded text is: what it claims, unless it asks something."""
    origin = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "B"}}
    setup = listening(hears("Le tramway a coûté deux milliards."))
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        spoken = ana.speak(SOUND)
        await bench.idle()
        setup.fake.world.keep(ana.private, spoken | origin)
        setup.fake.updates.push("message", spoken | origin | {"message_id": 9_999})
        await bench.idle()
    asked = requests(setup)
    assert asked[0] == "Le tramway a coûté deux milliards."
    assert asked[1] != asked[0]
    assert asked[1].endswith(asked[0])
    assert "«\u00a0Le tramway a coûté deux milliards.\u00a0»" in ana.private.texts[1]


async def test_an_answer_grows_below_what_was_heard(start: Start, listening: Listening) -> None:
    """From its first sentence on; and when it is interrupted."""
    setup = listening()
    assert setup.script is not None
    setup.script.hold = asyncio.Event()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND)
        await setup.fake.until(lambda: ana.private.texts)
        first = ana.private.texts[0]
        ana.say("/stop")
        await bench.idle()
    assert first.startswith("J’ai entendu")
    assert "La directrice." in first
    assert ana.private.texts[0].startswith("J’ai entendu")
    assert "interrompue" in ana.private.texts[0]


async def test_what_was_heard_stays_above(start: Start, listening: Listening) -> None:
    """Above an answer that is asked again wider, and above a failure."""
    setup = replace(listening(hears("Qui dirige l'hôpital en 1998 ?")), script=None)
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.speak(SOUND)
        await bench.idle()
        ana.click(ana.private.shown[0], "1998 ✕")
        await bench.idle()
    (wider,) = ana.private.shown
    assert "1998 ✕" not in labels(wider)
    assert wider["text"].startswith("J’ai entendu")
    failing = listening()
    assert failing.script is not None
    failing.script.answer = lambda _question: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    async with start(failing) as bench:
        bob = Person(failing.fake, "Bob")
        bob.speak(SOUND)
        await bench.idle()
    assert bob.private.texts[0].startswith("J’ai entendu")
    assert "Une erreur" in bob.private.texts[0]


async def test_the_status_says_that_it_listens(start: Start, listening: Listening) -> None:
    """An administrator sees whether voice messages are put into words."""
    setup = listening(access=Access(admins=frozenset({502})))
    async with start(setup) as bench:
        chief = Person(setup.fake, "Chef", id_=502)
        chief.say("/status")
        await bench.idle()
    assert "Messages vocaux\u00a0: oui" in chief.private.texts[0]


async def test_help_and_the_line_for_the_rest_say_so(start: Start, listening: Listening) -> None:
    """What else is no text gets a line that does not deny the ears."""
    setup = listening()
    async with start(setup) as bench:
        ana = Person(setup.fake, "Ana")
        ana.say("/aide")
        await setup.fake.until(lambda: ana.private.texts)
        ana.send(location={"latitude": 48.8, "longitude": 2.3})
        await bench.idle()
        await setup.fake.until(lambda: len(ana.private.texts) == 2)
    assert FR.text("telegram.help_voice") in ana.private.texts[0]
    assert ana.private.texts[1] == FR.text("telegram.unread_but_heard")
