"""What a call answers that cannot be served just now."""

import httpx

ANSWERED_WITHIN = 5.0
_PROBLEM = {"type", "title", "status", "detail", "code", "request_id"}


def is_unavailable(answer: httpx.Response) -> bool:
    """Tell whether an answer is the 503 of the contract, given in time."""
    body = answer.json() if answer.headers["content-type"] == "application/problem+json" else {}
    return (
        (answer.status_code, body.get("code")) == (503, "temporarily_unavailable")
        and body.keys() >= _PROBLEM
        and int(answer.headers["retry-after"]) >= 1
        and answer.elapsed.total_seconds() <= ANSWERED_WITHIN
    )
