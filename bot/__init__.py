"""Kiosque for people: answers, the command line, Telegram."""
