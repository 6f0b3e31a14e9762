"""placeholder until the overview helper lands"""
from __future__ import annotations


class Overviews:
    def __init__(self, finder, reader):
        pass

    def given(self, gathered, room):
        return ()

    def picks(self, gathered):
        return []
