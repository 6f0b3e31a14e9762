"""placeholder until the time helper lands"""
from __future__ import annotations


def told_days(text, published, language):
    return ()
