"""Tests of `bot.answering.quotation`."""
