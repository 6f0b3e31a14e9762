"""Who says it: the person, or the source, that an article reports as saying a sentence."""

from bot.answering.speech.attribution import Speaker, attributed, is_named, said_by, speaker_of

__all__ = ["Speaker", "attributed", "is_named", "said_by", "speaker_of"]
