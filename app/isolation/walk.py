"""Every route of the live route map, tried with the credentials of another client.

Nothing is listed but what may be open: a route that is new tomorrow is tried tomorrow, and one that lost its guard is
named. Each try goes the whole way of a request.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.ids import new_id
from app.isolation import watching
from app.isolation.models import Check, Probe, Target
from app.isolation.open_routes import OPEN, OPEN_ROUTES
from app.web import inner_calls
from app.web.inner_calls import Answer, Route

_REFUSALS = (401, 403, 404)
_OF_EACH_ANSWER = {"date", "x-request-id", "etag", "content-length"}
_OPERATORS = frozenset({"operator"})
_CONTROLS = {
    "user": "/me",
    "admin": "/me",
    "access key": "/keys",
    "secret key": "/keys",
    "access key in X-API-Key": "/keys",
}
"""What each credential opens at its own client: one that opens nothing at all would prove nothing."""
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Try:
    """One call with one credential, on a path that is really somebody's or on the same with invented ids."""

    who: str
    headers: Headers
    client: UUID
    ids: Mapping[str, str]


class Walk:
    """Tries every route against one client with what opens another; the checks say how it went."""

    def __init__(self, attacker: Probe, target: Target) -> None:
        """Take what the tries are made with, and whom they are made against."""
        self._attacker, self._target = attacker, target
        self._ghost = new_id()
        self._nobodys = {name: str(new_id()) for name in target.ids} | {"name": f"nobodys-{self._ghost.hex[:12]}"}
        self._ids = {name: [value, self._nobodys[name]] for name, value in target.ids.items()}
        self.guarded = Check(
            "routes.guarded", "Every route says whom it admits, and only those that may be open admit anyone."
        )
        self.foreign = Check(
            "routes.foreign_client",
            "On another client’s path every credential is refused, by the same bytes as on the path of no client.",
        )
        self.objects = Check(
            "routes.foreign_objects",
            "Another client’s objects are unknown on one’s own path, by the same bytes as objects of nobody.",
        )
        self.operators = Check(
            "routes.operators_only", "What is the operators’ alone refuses every client’s credential."
        )
        self.canaries = Check("canaries.unseen", "No value of the other client stands in any answer.")
        self.rows = Check("rows.untouched", "No row of the other client is changed.")
        self.live = Check(
            "credentials.live", "The credentials that were tried open their own client, before and after."
        )
        self._kept = watching.sums(target.client_id) if target.watched else {}

    @property
    def checks(self) -> list[Check]:
        """The checks, in the order in which a reader wants them."""
        watched = [self.rows] if self._target.watched else []
        return [self.guarded, self.foreign, self.objects, self.operators, self.canaries, *watched, self.live]

    @property
    def tried(self) -> dict[str, int]:
        """How much was tried."""
        credentials = len(self._everyone(self._ghost, self._nobodys))
        requests = sum(check.counts.get("requests", 0) for check in self.checks)
        return {"routes": self.guarded.counts.get("routes", 0), "requests": requests, "credentials": credentials}

    def steps(self) -> Iterator[tuple[int, int]]:
        """Try one route after the other; yield how many are done, and how many there are."""
        found = inner_calls.routes()
        self._check_live("before")
        for done, route in enumerate(found, start=1):
            self.guarded.count("routes")
            if not route.callers:
                self.guarded.fail(f"{route}: no guard")
            elif route.kinds & OPEN and str(route) not in OPEN_ROUTES:
                self.guarded.fail(f"{route}: open to anyone, which only a few routes may be")
            self._try(route)
            if self._target.watched:
                self._compare_rows(route)
            yield done, len(found)
        self._check_live("after")

    def _try(self, route: Route) -> None:
        if route.kinds & OPEN or not route.callers:
            self._try_open(route)
            return
        if route.names_client:
            self._try_foreign(route)
            self._try_own(route)
        if route.kinds == _OPERATORS:
            self._try_operators_only(route)
        elif not route.names_client:
            for one in self._own():
                self._send(self.operators, route, one)

    def _try_open(self, route: Route) -> None:
        """Look for canaries in what needs no credential; what writes is left to those whom it names."""
        if route.method != "GET" or not ((route.names_client and self._target.watched) or not route.names_client):
            return
        for one in (*self._at(self._target.client_id, self._target.ids), self._nobody(self._target.client_id)):
            answer = self._send(self.canaries, route, one)
            if answer.status >= 500:
                self.canaries.fail(f"{route}: {one.who} got {answer.status}")

    def _try_foreign(self, route: Route) -> None:
        theirs, nobodys = (self._target.client_id, self._target.ids), (self._ghost, self._nobodys)
        for real, invented in zip(self._everyone(*theirs), self._everyone(*nobodys), strict=True):
            self._compare(self.foreign, route, real, invented)

    def _try_own(self, route: Route) -> None:
        """On the attacker's own path: with the other client's objects and token, and whatever reads there."""
        own, named = self._attacker.client_id, set(route.parameters) & set(self._target.ids)
        if named and route.method != "PUT":
            for real, invented in zip(self._at(own, self._target.ids), self._at(own, self._nobodys), strict=True):
                self._compare(self.objects, route, real, invented, refused=False)
        elif route.method == "GET":
            for one in self._own():
                self._send(self.objects, route, one)
        if self._target.user_token is not None:
            pair = (self._both(own, self._target.ids), self._both(self._ghost, self._nobodys))
            self._compare(self.foreign, route, *pair)

    def _try_operators_only(self, route: Route) -> None:
        for one in self._own():
            answer = self._send(self.operators, route, one)
            if answer.status not in _REFUSALS:
                self.operators.fail(f"{route}: {one.who} got {answer.status}")

    def _compare(self, check: Check, route: Route, real: _Try, invented: _Try, *, refused: bool = True) -> None:
        """Make a call and the same with invented ids; the answers must not differ, nor open anything."""
        found, nobodys = self._send(check, route, real), self._send(check, route, invented)
        if (refused and found.status not in _REFUSALS) or found.status >= 500:
            check.fail(f"{route}: {real.who} got {found.status}")
        elif self._masked(found) != self._masked(nobodys):
            check.fail(
                f"{route}: {real.who} got another answer ({found.status}) than with invented ids ({nobodys.status})"
            )

    def _send(self, check: Check, route: Route, one: _Try) -> Answer:
        values = dict.fromkeys(route.parameters, "nobodys") | dict(one.ids) | {inner_calls.CLIENT: str(one.client)}
        path = route.filled(values)
        body = route.body if route.names_client else {} if route.body is not None else None
        answer = inner_calls.send(route.method, path, headers=one.headers, body=body)
        check.count("requests")
        self._look_for_canaries(route, one, answer, sent=path + json.dumps(body))
        return answer

    def _look_for_canaries(self, route: Route, one: _Try, answer: Answer, *, sent: str) -> None:
        self.canaries.count("answers")
        told = answer.body + "\n".join(value for _, value in answer.headers).encode()
        # What a call names itself may come back to it.
        if any(canary.encode() in told for canary in self._target.canaries if canary not in sent):
            self.canaries.fail(f"{route}: {one.who} was shown rows of another client")

    def _masked(self, answer: Answer) -> tuple[Any, ...]:
        """Return what two answers are compared by: all but their own names, moments and the ids that were sent."""
        body, headers = answer.body.decode(errors="replace"), answer.headers
        for old, new in ((answer.request_id, "request"), *self._sent_ids()):
            body = body.replace(old, new) if old else body
        kept = [
            pair for pair in headers if pair[0].lower() not in _OF_EACH_ANSWER and "ratelimit" not in pair[0].lower()
        ]
        return answer.status, body, sorted(kept)

    def _sent_ids(self) -> Iterator[tuple[str, str]]:
        for name, values in self._ids.items():
            for value in values:
                yield value, name
        for client_id in (self._ghost, self._target.client_id, self._attacker.client_id):
            yield str(client_id), "client"

    def _compare_rows(self, route: Route) -> None:
        now = watching.sums(self._target.client_id)
        changed = sorted(name for name in now.keys() | self._kept.keys() if now.get(name) != self._kept.get(name))
        self.rows.count("comparisons")
        for name in changed:
            self.rows.fail(f"{route}: {name} was changed")
        self._kept = now

    def _check_live(self, when: str) -> None:
        for who, path in _CONTROLS.items():
            address = f"/api/v1/{self._attacker.client_id}{path}"
            answer = inner_calls.send("GET", address, headers=self._attacker.credentials[who], body=None)
            self.live.count("requests")
            if answer.status != 200:
                self.live.fail(f"GET {path}: {who} got {answer.status} {when} the tries")

    def _own(self) -> list[_Try]:
        return self._at(self._attacker.client_id, self._attacker.ids)

    def _everyone(self, client: UUID, ids: Mapping[str, str]) -> list[_Try]:
        together = [self._both(client, ids)] if self._target.user_token is not None else []
        return [*self._at(client, ids), *together, self._nobody(client)]

    def _at(self, client: UUID, ids: Mapping[str, str]) -> list[_Try]:
        return [_Try(who, headers, client, ids) for who, headers in self._attacker.credentials.items()]

    def _both(self, client: UUID, ids: Mapping[str, str]) -> _Try:
        headers = {**self._attacker.key_header, "Authorization": f"Bearer {self._target.user_token}"}
        return _Try("access key with the other's user token", headers, client, ids)

    def _nobody(self, client: UUID) -> _Try:
        return _Try("no credential", {}, client, self._target.ids)
