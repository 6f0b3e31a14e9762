"""Why something could not be fetched: a reason of the catalogue, and what to do about it."""

from __future__ import annotations

# What may be over when it is tried again; the rest stays as it is until somebody acts.
_PASSING = frozenset(
    "unknown_host unreachable timeout cut busy server_error robots_unreachable".split()
)
_STATUS = {401: "forbidden", 403: "forbidden", 404: "not_found", 410: "gone", 429: "busy"}
_SERVER_ERROR = 500
_LONGEST_WAIT = 86_400.0


class FetchFailed(Exception):
    """Nothing usable came from an address; it never leaves the report.

    Args:
        reason: a key of the catalogue, under ``unreadable.fetch_``.
        detail: for those who look closer.
        retry_after: seconds for which the server asked to be left alone.
    """

    def __init__(self, reason: str, detail: str = "", retry_after: float = 0.0) -> None:
        self.reason = f"fetch_{reason}"
        self.detail = detail
        self.retry_after = min(max(retry_after, 0.0), _LONGEST_WAIT)
        self.passing = reason in _PASSING
        super().__init__(f"{self.reason}: {detail}" if detail else self.reason)

    @classmethod
    def of_status(cls, status: int, retry_after: float = 0.0) -> FetchFailed:
        """What a status that is no success means."""
        other = "server_error" if status >= _SERVER_ERROR else "status"
        return cls(_STATUS.get(status, other), str(status), retry_after)
