"""``python -m bot.cli``, where the ``kiosque`` command is not installed."""

from __future__ import annotations

import sys

from bot.cli import main

sys.exit(main())
