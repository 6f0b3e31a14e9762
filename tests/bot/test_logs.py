"""The log of a home holds what happened and no secret, and its absence troubles nobody."""

from __future__ import annotations

import json
import logging
from io import StringIO
from pathlib import Path

import pytest

from bot.logs import log_to_file, log_to_stream

SECRET = "sk-of-no-worth"
LOG = logging.getLogger("bot.tests")


def test_what_happens_is_written_without_secrets(tmp_path: Path) -> None:
    """Ours from INFO, libraries' from WARNING; a secret is masked even inside an error."""
    with log_to_file(tmp_path / "logs", [SECRET]):
        LOG.info("answering with %s", SECRET)
        logging.getLogger("httpx").info("GET /%s", SECRET)
        try:
            raise ValueError(SECRET)
        except ValueError:
            LOG.exception("failed")
    text = (tmp_path / "logs" / "kiosque.log").read_text(encoding="utf-8")
    assert "INFO bot.tests answering with ********" in text
    assert "ValueError: ********" in text
    assert SECRET not in text
    assert "GET" not in text


def test_nothing_said_leaves_no_file(tmp_path: Path) -> None:
    """The folder is made with the first line, and nothing is written after the end."""
    with log_to_file(tmp_path / "logs", []):
        LOG.debug("nothing")
    LOG.info("after the end")
    assert not (tmp_path / "logs").exists()


def test_a_disk_that_takes_no_log_is_no_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be: work goes on, and the user sees nothing."""
    (tmp_path / "logs").write_text("", encoding="utf-8")
    with log_to_file(tmp_path / "logs", []):
        LOG.warning("lost")
    assert capfd.readouterr() == ("", "")


def test_old_lines_make_room(tmp_path: Path) -> None:
    """The files stay bounded whatever is written."""
    with log_to_file(tmp_path, []):
        for _ in range(60):
            LOG.info("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) < 5_000_000


def test_lines_of_the_bot_are_json() -> None:
    """Lines are JSON, with what was given beside the message; a secret is masked everywhere."""
    stream = StringIO()
    with log_to_stream(["42:PLANTED"], stream):
        log = logging.getLogger("bot.telegram.test")
        try:
            raise ValueError("https://api.telegram.org/bot42:PLANTED/getMe")
        except ValueError:
            log.exception("failed with %s", "42:PLANTED", extra={"chat": 7})
        for library in ("httpx", "httpx2"):
            logging.getLogger(library).info("POST https://api.telegram.org/bot42:PLANTED/getMe")
    (line,) = stream.getvalue().splitlines()
    value = json.loads(line)
    assert (value["level"], value["chat"], value["message"]) == ("error", 7, "failed with ********")
    assert "PLANTED" not in line
    assert "ValueError" in value["error"]
