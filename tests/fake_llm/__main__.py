"""``python -m tests.fake_llm [PORT]``: a server to try Kiosque with, until Ctrl-C."""

from __future__ import annotations

import sys
from threading import Event

from tests.fake_llm.echo import echo
from tests.fake_llm.server import FakeLlm


def main() -> None:
    """Serve, and say where."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with FakeLlm(echo, port=port) as server:
        sys.stdout.write(f"KIOSQUE_LLM__BASE_URL={server.url} KIOSQUE_LLM__MODEL=fake\n")
        sys.stdout.flush()
        try:
            Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
