"""Tests of `bot.answering.checking`."""
