"""Where generations were first kept; `retrieval.generations` has them now."""

from retrieval.generations import Generation, Places, open_generation

__all__ = ["Generation", "Places", "open_generation"]
