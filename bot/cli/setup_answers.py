"""The questions of ``kiosque setup``, and what their answers mean for the settings."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.messages.errors import explained
from retrieval.errors import BadSettings, BadUse, Failed, KiosqueError, NotFound
from retrieval.text.file_names import is_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.cli.interview import Interview
    from bot.messages.catalogue import Catalogue
    from config.loading import Loaded
    from config.settings import Settings
    from config.settings_file import Value

_TRIES = 3
"""Answers to one question, of which each was wrong; then it is left as it is."""

_MAX_NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A chat model that may be chosen; without an address: none.

    Args:
        base_url: of its server.
        name: its name there.
        key: the server's.
        is_set: whether it is the one of the settings.
    """

    base_url: str = ""
    name: str = ""
    key: str = field(default="", repr=False)
    is_set: bool = False

    @property
    def line(self) -> str:
        """The model and its server, for people."""
        host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        return f"{self.name[:_MAX_NAME_CHARS]} ({host})"


@dataclass(frozen=True, slots=True)
class SetupAnswers:
    """What somebody answered.

    Args:
        home: the folder of the archive.
        model: the chat model; None leaves the setting as it is.
        tests_model: whether the model takes its test now.
        token: the bot's; empty leaves the setting as it is.
        admin: one more administrator.
        source: articles to index.
    """

    home: Path
    model: OfferedModel | None = None
    tests_model: bool = False
    token: str = field(default="", repr=False)
    admin: int | None = None
    source: Path | None = None


def values_of(answers: SetupAnswers, before: Loaded, file: Path) -> dict[str, Value]:
    """The options that the answers change, by their dotted names.

    Args:
        answers: to the questions.
        before: the settings that were in force.
        file: the settings file; files of secrets are named after it.
    """
    from config.places import default_home

    values: dict[str, Value] = {}
    settings, model = before.settings, answers.model
    was_set = before.origins.get("home", "") == str(file)
    if answers.home != (settings.home if was_set else default_home()):
        values["home"] = str(answers.home)
    if model is not None and (model.base_url or settings.llm.base_url):
        values |= {"llm.base_url": model.base_url, "llm.model": model.name, "llm.api_key": None}
        values["llm.api_key_file"] = _key_file(file).name if model.key else None
    if answers.token:
        values |= {"telegram.token": None, "telegram.token_file": _token_file(file).name}
    admins = list(settings.telegram.admins)
    if answers.admin is not None and answers.admin not in admins:
        values["telegram.admins"] = [*admins, answers.admin]
    return values


def secrets_of(answers: SetupAnswers, file: Path) -> dict[Path, str]:
    """The files of secrets to write beside the settings file, each with its secret."""
    secrets = {}
    if answers.model is not None and answers.model.key:
        secrets[_key_file(file)] = answers.model.key
    if answers.token:
        secrets[_token_file(file)] = answers.token
    return secrets


def _key_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}-llm.key")


def _token_file(file: Path) -> Path:
    return file.with_name(f"{file.stem}-telegram.token")


class SetupQuestions:
    """Asks the questions, and checks each answer where it can be: nothing is written.

    Args:
        interview: asks.
        before: the settings in force, which are the defaults.
        texts: the language.
        hide: told of each secret that is typed.
        found: the models of this machine's servers; looked for unless a test gives them.
    """

    def __init__(
        self,
        interview: Interview,
        before: Settings,
        texts: Catalogue,
        hide: Callable[[str], None],
        found: Sequence[OfferedModel] | None = None,
    ) -> None:
        self._interview = interview
        self._before = before
        self._texts = texts
        self._hide = hide
        self._found = found

    def answers(self) -> SetupAnswers:
        """Ask everything.

        Raises:
            InterviewLeft: somebody leaves.
        """
        home = self._home()
        model = self._model()
        written = model.base_url if model is not None else self._before.llm.base_url
        tests = bool(written) and self._interview.agreed("setup.test")
        token = self._token()
        admin = self._admin(token or self._before.telegram.token.get_secret_value())
        chosen = None if model is not None and model.is_set else model
        return SetupAnswers(home, chosen, tests, token, admin, self._source())

    def _home(self) -> Path:
        for _ in range(_TRIES):
            reply = self._interview.ask("setup.home", str(self._before.home))
            home = Path(reply).expanduser().absolute()
            # These raise nothing, whatever was typed.
            is_folder = os.path.isdir(home) or not os.path.exists(home)
            if is_folder and is_utf8(home):
                return home
            key = "home_not_utf8" if is_folder else "home_not_folder"
            self._explain(BadSettings(key, path=home))
        return self._before.home

    # --- the model --------------------------------------------------------------------

    def _model(self) -> OfferedModel | None:
        """The model that was chosen and answers; None when none that was named does."""
        offers = [*self._set_model(), *self._local_models()]
        self._interview.show(f"{n}. {offer.line}" for n, offer in enumerate(offers, 1))
        for _ in range(_TRIES):
            reply = self._interview.ask("setup.model", "1" if offers else "0")
            try:
                model = self._chosen(reply, offers)
                if model.base_url:
                    self._try_out(model)
            except KiosqueError as error:
                self._explain(error)
            else:
                return model
        return None

    def _set_model(self) -> list[OfferedModel]:
        llm = self._before.llm
        if not llm.base_url:
            return []
        return [OfferedModel(llm.base_url, llm.model, llm.api_key.get_secret_value(), is_set=True)]

    def _local_models(self) -> list[OfferedModel]:
        if self._found is not None:
            return list(self._found)
        from bot.answering.model.probe import local_servers

        self._interview.say("setup.looking")
        servers = asyncio.run(local_servers())
        return [OfferedModel(one.base_url, name) for one in servers for name in one.models]

    def _chosen(self, reply: str, offers: Sequence[OfferedModel]) -> OfferedModel:
        """The model that a reply means: a number of the list, 0 for none, or an address.

        Raises:
            BadUse: it is no number of the list.
            BadSettings: it is no address.
        """
        if not reply.isdecimal():
            return self._at(reply)
        if int(reply) > len(offers):
            raise BadUse("not_in_the_list", given=reply)
        return offers[int(reply) - 1] if int(reply) else OfferedModel()

    def _at(self, address: str) -> OfferedModel:
        """The model of an address, asked for.

        Raises:
            BadSettings: it is no address, or no key.
        """
        from bot.answering.model.endpoint import split

        host = split(address).netloc.rpartition("@")[2]
        key = self._interview.ask_hidden("setup.key", host=host)
        self._hide(key)
        names = self._offered(address, key)
        self._interview.show(f"{n}. {name[:_MAX_NAME_CHARS]}" for n, name in enumerate(names, 1))
        reply = self._interview.ask("setup.model_name", names[0] if names else "")
        if reply.isdecimal() and 0 < int(reply) <= len(names):
            reply = names[int(reply) - 1]
        if not reply:
            raise BadSettings("llm_model_unnamed", host=host)
        return OfferedModel(address, reply, key)

    @staticmethod
    def _offered(address: str, key: str) -> list[str]:
        from bot.answering.model.probe import offered
        from retrieval.errors import WriterUnavailable

        try:
            return asyncio.run(offered(address, key or None))
        except WriterUnavailable:
            return []  # many servers have no list; what is wrong is told by the first word

    def _try_out(self, model: OfferedModel) -> None:
        """Have a model say a word.

        Raises:
            WriterUnavailable: it does not.
            BadSettings: its address or key cannot be one.
        """
        from bot.answering.model.endpoint import ChatEndpoint
        from bot.answering.model.probe import first_word
        from bot.answering.model.protocol import ModelChoice

        self._interview.say("setup.trying", model=model.line)
        llm = self._before.llm
        choice = ModelChoice(
            model.base_url, model.name, model.key or None, llm.timeout_s, retries=0
        )
        asyncio.run(first_word(ChatEndpoint(choice), llm.max_tokens))
        self._interview.say("setup.answers", model=model.line)

    # --- Telegram ---------------------------------------------------------------------

    def _token(self) -> str:
        """A token that Telegram knows; empty when none was typed."""
        is_set = self._before.telegram.token.get_secret_value()
        default = self._texts.text("setup.kept" if is_set else "setup.none")
        for _ in range(_TRIES):
            token = self._interview.ask_hidden("setup.token", default=default)
            if not token:
                return ""
            self._hide(token)
            from bot.telegram.pairing import username  # loaded for those who want a bot alone

            try:
                bot = asyncio.run(username(token, self._before.telegram))
            except (BadSettings, Failed) as error:
                self._explain(error)
            else:
                self._interview.say("setup.token_right", bot=bot)
                return token
        return ""

    def _admin(self, token: str) -> int | None:
        """Who sends a code to the bot."""
        interview, admins = self._interview, self._before.telegram.admins
        if not token or not interview.is_live:
            return None
        if not interview.agreed("setup.admin", default=not admins):
            return None
        from bot.telegram.pairing import PairingCode, administrator, username

        telegram, code = self._before.telegram, PairingCode()
        try:
            bot = asyncio.run(username(token, telegram))
            interview.say("setup.code", bot=bot, code=code.digits)
            thanks = self._texts.text("setup.thanks")
            admin = asyncio.run(administrator(token, telegram, code, thanks))
        except (BadSettings, Failed) as error:
            self._explain(error)
            return None
        interview.say("setup.nobody" if admin is None else "setup.known", id=admin)
        return admin

    # --- articles ---------------------------------------------------------------------

    def _source(self) -> Path | None:
        """Articles to index; None when there are none yet."""
        none = self._texts.text("setup.none")
        for _ in range(_TRIES):
            reply = self._interview.ask("setup.articles", none)
            if reply == none:
                return None
            path = Path(reply).expanduser().absolute()
            if os.path.exists(path):
                return path
            self._explain(NotFound("path_missing", path=path))
        return None

    def _explain(self, error: KiosqueError) -> None:
        failure = explained(error, self._texts)
        self._interview.show((failure.message, failure.do))
