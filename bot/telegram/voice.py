"""Voice messages: put into words by the endpoint that is set, then answered as if typed.

Sound files and video messages are heard in the same way. What has a caption is a question in
writing. The speaker has a place among the answers from the first second on: ``/stop`` and the
end of the bot end the listening too.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING
from uuid import uuid4

from telegram import Audio, VideoNote, Voice
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import MessageHandler, filters

from bot.answering.intents import Intent
from bot.answering.model.transcription import Recording
from bot.answering.tasks import worded
from bot.telegram.addressing import addressed, is_forwarded, is_from_a_person, place_of
from bot.telegram.files import fetched
from bot.telegram.limits import Priority
from bot.telegram.post import reply
from bot.telegram.runs import Taken, until
from retrieval.errors import KiosqueError

if TYPE_CHECKING:
    from typing import Any

    from telegram import Message, Update
    from telegram.ext import ContextTypes

    from bot.answering.model.transcription import Transcriber
    from bot.telegram.addressing import Addressed
    from bot.telegram.ask import QuestionHandler
    from bot.telegram.context import BotContext

logger = logging.getLogger(__name__)

_ENDINGS = {
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/x-m4a": ".m4a",
    "audio/m4a": ".m4a",
    "audio/ogg": ".ogg",
    "audio/opus": ".ogg",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/flac": ".flac",
    "audio/x-flac": ".flac",
    "audio/webm": ".webm",
}
"""Endings that OpenAI's protocol takes, by what Telegram says of a sound file."""
_KNOWN = frozenset(_ENDINGS.values())
_NAMES: dict[type, str] = {Voice: "voice.ogg", VideoNote: "note.mp4"}


class NotFetchedError(Exception):
    """Telegram does not give the recording."""


@dataclass(frozen=True, slots=True)
class VoiceLimits:
    """How long a recording may be, in seconds and in bytes."""

    seconds: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as a message announces it; its sender says how long it is.

    Args:
        file_id: as Telegram names it.
        name: with the ending that says what it is.
        seconds: its length.
        size: in bytes; 0 when it is not said.
    """

    file_id: str
    name: str
    seconds: int
    size: int


class VoiceHandler:
    """Handles what is spoken.

    Args:
        context: what the work is done with.
        asking: answers what was understood.
        transcriber: puts recordings into words.
        limits: a longer recording is not listened to.
    """

    def __init__(
        self,
        context: BotContext,
        asking: QuestionHandler,
        transcriber: Transcriber,
        limits: VoiceLimits,
    ) -> None:
        self._context = context
        self._asking = asking
        self._transcriber = transcriber
        self._limits = limits

    def handlers(self) -> list[MessageHandler[Any, Any]]:
        """What PTB is to call."""
        spoken = (filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE) & ~filters.CAPTION
        return [MessageHandler(filters.UpdateType.MESSAGE & spoken, self.on_voice)]

    async def on_voice(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A recording: silence when it is for somebody else."""
        message, me = update.message, self._context.bot.bot
        if message is None or not is_from_a_person(message, me):
            return
        asked, sound = addressed(message, me), sound_of(message)
        if asked is None or sound is None or not await self._asking.admitted(message):
            return
        if sound.seconds > self._limits.seconds or sound.size > self._limits.max_bytes:
            if await self._asking.admits_command(message):
                await self._too_long(message)
        elif await self._asking.may_ask(message):
            await self._begin(message, asked, sound)

    async def _too_long(self, message: Message) -> None:
        seconds, size = self._limits.seconds, self._limits.max_bytes // 1_000_000
        await reply(self._context, message, "telegram.voice.too_long", seconds=seconds, size=size)

    async def _begin(self, message: Message, asked: Addressed, sound: Sound) -> None:
        taken = await self._context.runs.start(
            place_of(message).user, lambda stop: self._heard(message, asked, sound, stop)
        )
        if taken is not Taken.STARTED:
            await reply(self._context, message, self._context.runs.refusal(taken))

    async def _heard(
        self, message: Message, asked: Addressed, sound: Sound, stop: asyncio.Event
    ) -> None:
        """Listen, and answer what was said; or say why not."""
        heard = await until(stop, self._words(message, sound))
        if not heard.value:  # all that is left is to say so
            self._context.runs.delivers(place_of(message).user)
        if heard.stopped:
            await reply(self._context, message, "telegram.interrupted")
        elif isinstance(heard.error, NotFetchedError):
            await reply(self._context, message, "telegram.voice.not_fetched")
        elif isinstance(heard.error, KiosqueError):
            logger.warning("a recording was not put into words: %s", heard.error)
            await reply(self._context, message, "telegram.voice.away")
        elif heard.error is not None:
            reference = uuid4().hex[:8]
            logger.error("not heard", exc_info=heard.error, extra={"reference": reference})
            await reply(self._context, message, "telegram.failed", reference=reference)
        elif not heard.value:
            await reply(self._context, message, "telegram.voice.nothing")
        else:
            asked = replace(asked, text=await self._asks(message, heard.value))
            place, number = place_of(message), message.message_id
            await self._asking.answer_here(place, number, asked, stop, heard.value)

    async def _words(self, message: Message, sound: Sound) -> str:
        """What is said in a recording.

        Raises:
            NotFetchedError: Telegram does not give it.
            TranscriberUnavailable: the endpoint cannot be used.
        """
        thread = message.message_thread_id if message.is_topic_message else None
        with suppress(TelegramError):
            await self._context.bot.send_chat_action(
                message.chat_id,
                ChatAction.TYPING,
                message_thread_id=thread,
                rate_limit_args=Priority.CONTROL,
            )
        content = await fetched(self._context.bot, sound.file_id)
        if content is None or len(content) > self._limits.max_bytes:
            raise NotFetchedError
        return await self._transcriber.words(Recording(sound.name, content))

    async def _asks(self, message: Message, words: str) -> str:
        """What is asked by words: those of somebody else are checked, as a forwarded text is."""
        if not is_forwarded(message, words) or message.from_user is None:
            return words
        texts = await self._context.texts_for(message.from_user)
        return worded(Intent.CLAIM, words, texts.language)


def sound_of(message: Message) -> Sound | None:
    """The recording of a message, if it has one."""
    sound = message.voice or message.video_note or message.audio
    if sound is None:
        return None
    name = f"audio{_ending(sound)}" if isinstance(sound, Audio) else _NAMES[type(sound)]
    seconds = sound.to_dict()["duration"]  # the attribute is about to become another type
    return Sound(sound.file_id, name, int(seconds), sound.file_size or 0)


def _ending(audio: Audio) -> str:
    """The ending of a sound file: of its name if it is known, else of its kind."""
    named = PurePath((audio.file_name or "").replace("\\", "/")).suffix.lower()
    return named if named in _KNOWN else _ENDINGS.get(audio.mime_type or "", ".mp3")
