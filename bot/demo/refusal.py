"""How the Bot API says no: a status, a description, and sometimes parameters."""

from typing import Any

Json = dict[str, Any]

PREFIXES = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}


class Refused(Exception):
    """A call that is not carried out.

    description: without the prefix of its status, as in "chat not found".
    parameters: ResponseParameters of the Bot API: retry_after (seconds), migrate_to_chat_id.
    """

    def __init__(self, description: str, status: int = 400, **parameters: int) -> None:
        super().__init__(PREFIXES.get(status, "") + description)
        self.status = status
        self.parameters = parameters

    def answer(self) -> Json:
        answer: Json = {"ok": False, "error_code": self.status, "description": str(self)}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def too_many_requests(seconds: int) -> Refused:
    return Refused(f"Too Many Requests: retry after {seconds}", 429, retry_after=seconds)


def too_large() -> Refused:
    return Refused("Request Entity Too Large", 413)
