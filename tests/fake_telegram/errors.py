"""What the Bot API answers when it refuses, in its own words."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal: an HTTP status, a description, and parameters for programs."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, object]:
        """The JSON of the response."""
        body: dict[str, object] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(why: str, **parameters: int) -> ApiError:
    """400, as for nearly everything that is wrong with a request."""
    return ApiError(400, f"Bad Request: {why}", **parameters)


def method_not_found() -> ApiError:
    """There is no such method."""
    return ApiError(404, "Not Found: method not found")


def unauthorized() -> ApiError:
    """The token is not that of the bot."""
    return ApiError(401, "Unauthorized")


def forbidden(why: str) -> ApiError:
    """The bot may not write there."""
    return ApiError(403, f"Forbidden: {why}")


def flooded(seconds: int) -> ApiError:
    """Too much in too short a time."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def conflict() -> ApiError:
    """Another process polls with the same token."""
    return ApiError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance"
        " is running",
    )


def webhook_active() -> ApiError:
    """Updates go to a webhook: polling is refused."""
    return ApiError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to"
        " delete the webhook first",
    )


NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the"
    " same as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
UPGRADED = "group chat was upgraded to a supergroup chat"
