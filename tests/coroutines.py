"""Tests that are coroutines: each runs in a loop of its own, with a limit of time.

A ``conftest.py`` imports the hook: ``from tests.coroutines import pytest_pyfunc_call``.
"""

from __future__ import annotations

import asyncio
import inspect

import pytest

_SECONDS = 120


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine function; leave the others to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    values = {name: pyfuncitem.funcargs[name] for name in wanted}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**values), _SECONDS))
    return True
