"""The log of a home holds what happened and no secret, and its absence troubles nobody."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.logs import logged

SECRET = "sk-of-no-worth"
LOG = logging.getLogger("bot.tests")


def test_what_happens_is_written_without_secrets(tmp_path: Path) -> None:
    """Ours from INFO, libraries' from WARNING; a secret is masked even inside an error."""
    with logged(tmp_path / "logs", [SECRET]):
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
    with logged(tmp_path / "logs", []):
        LOG.debug("nothing")
    LOG.info("after the end")
    assert not (tmp_path / "logs").exists()


def test_a_disk_that_takes_no_log_is_no_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be: work goes on, and the user sees nothing."""
    (tmp_path / "logs").write_text("", encoding="utf-8")
    with logged(tmp_path / "logs", []):
        LOG.warning("lost")
    assert capfd.readouterr() == ("", "")


def test_old_lines_make_room(tmp_path: Path) -> None:
    """The files stay bounded whatever is written."""
    with logged(tmp_path, []):
        for _ in range(60):
            LOG.info("x" * 100_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert sum(file.stat().st_size for file in files) < 5_000_000
