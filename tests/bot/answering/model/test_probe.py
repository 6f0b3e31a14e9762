"""A look at the model servers of this machine: those that answer as one, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from bot.answering.model.probe import local_servers, offered
from retrieval.errors import BadSettings, WriterUnavailable
from tests.fake_llm import FakeLlm, says


def test_servers_that_answer_are_found() -> None:
    """A port that nobody listens at, and a server of something else, are passed over."""
    with FakeLlm(says("oui"), models=["nomic-embed", "petit", "grand"]) as server:
        other = server.url.replace("/v1", "/elsewhere")
        places = [("A", server.url), ("B", "http://127.0.0.1:9/v1"), ("C", other)]
        found = asyncio.run(local_servers(places))
    assert [(one.name, one.base_url) for one in found] == [("A", server.url)]
    assert found[0].models == ("petit", "grand", "nomic-embed")


def test_names_are_bounded() -> None:
    """A server that offers thousands of models gives a list that can be read."""
    with FakeLlm(says("oui"), models=[f"m{n}" for n in range(3000)]) as server:
        assert len(asyncio.run(offered(server.url))) == 20


def test_what_is_no_server_is_said() -> None:
    """An address that is none, and one where nobody answers, are errors of their kinds."""
    with pytest.raises(BadSettings, match="llm_url_malformed"):
        asyncio.run(offered("ftp://x"))
    with pytest.raises(WriterUnavailable):
        asyncio.run(offered("http://127.0.0.1:9/v1"))
