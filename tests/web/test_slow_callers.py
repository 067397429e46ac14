"""Callers who never finish what they began hold no thread: everybody else is served meanwhile."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from app.web.arrival import Arrival, Gathered
from app.web.connections import WHOLE_WITHIN
from tests import servers
from tests.conftest import GENEROUS, SECRET_KEY
from tests.servers import RunningServer

HEAD = b"POST /api/v1/clients/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODY = b'{"client_name": "In pieces"}'
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
XCHUNKED = HEAD + b"Transfer-Encoding: xchunked\r\n\r\n"
UNFINISHED = [
    b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"G", b"GET / HTTP/1.1\n\n", HEAD + b"Content-Length: 20\r\n\r\n{",
    HEAD + b"Content-Length: 20\r\n\r\n", CHUNKED + b"5\r\nab", CHUNKED + b"ff\r\n0\r\n\r\n",
    HEAD + b"Content-Length: 999999999\r\n\r\n", HEAD + b"Content-Length: 20\r\nExpect: 100-continue\r\n\r\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of one worker with four threads."""
    environment = {
        "APP_ENV": "test",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('small') / 'rowlock.db'}",
        "CLIENT_REGISTRATION_LIMIT": GENEROUS,
    }
    servers.migrate(environment)
    with servers.rowlock_server(environment, workers=1, threads=4) as running:
        yield running


def connect(server: RunningServer, sent: bytes = b"") -> socket.socket:
    address = httpx.URL(server.base_url)
    made = socket.create_connection((address.host, address.port or 80), timeout=20)
    made.sendall(sent)
    return made


def everything(caller: socket.socket) -> bytes:
    """Return all that comes until the server closes."""
    answer = b""
    while part := caller.recv(65536):
        answer += part
    return answer


def status_of(caller: socket.socket) -> bytes:
    """Read one whole answer; return its status line."""
    data = b""
    while b"\r\n\r\n" not in data or len(data) < data.index(b"\r\n\r\n") + 4 + _length(data):
        part = caller.recv(65536)
        assert part, data
        data += part
    return data.split(b"\r\n", 1)[0]


def _length(data: bytes) -> int:
    return int(data.split(b"Content-Length: ", 1)[1].split(b"\r\n", 1)[0])


def test_R_05_callers_who_do_not_finish_hold_up_nobody_and_are_closed(small: RunningServer) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(small, sent)) for sent in UNFINISHED * 3]
        began = time.monotonic()
        with httpx.Client(base_url=small.base_url, timeout=5) as others:
            for _ in range(20):
                assert others.get("/healthz").status_code == 200
                made = others.post("/api/v1/clients/register", json={"client_name": "Served meanwhile"})
                assert made.status_code == 201
        # Twenty rounds past thirty stuck callers; a thread that waited for one of them would take five seconds.
        assert time.monotonic() - began < 5
        for sent, caller in zip(UNFINISHED * 3, slow, strict=True):
            last = everything(caller).rpartition(b"HTTP/1.1 ")[2]
            assert last[:3] == (b"" if not sent else b"413" if b"99999" in sent else b"408"), sent
            assert not sent or b"\r\nContent-Security-Policy: default-src 'none'" in last
        assert time.monotonic() - began < WHOLE_WITHIN + 3


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
        CHUNKED + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n" + BODY[:5] + b"\r\n%x;note=1\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n\r\n",
    ],
)
def test_a_request_may_arrive_byte_by_byte_and_two_in_one_piece(small: RunningServer, request_bytes: bytes) -> None:
    with connect(small) as caller:
        for at in range(len(request_bytes)):
            caller.sendall(request_bytes[at : at + 1])
        assert status_of(caller).startswith(b"HTTP/1.1 201")
        caller.sendall(request_bytes + request_bytes[:40])
        assert status_of(caller).startswith(b"HTTP/1.1 201")
        caller.sendall(request_bytes[40:] + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = everything(caller)
        assert answers.count(b"HTTP/1.1 201") == 1
        assert answers.count(b"HTTP/1.1 200") == 1


def test_a_caller_who_waits_to_be_told_to_continue_is_told(small: RunningServer) -> None:
    with connect(small, HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY)) as caller:
        assert caller.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.sendall(BODY)
        assert status_of(caller).startswith(b"HTTP/1.1 201")


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(small: RunningServer) -> None:
    with connect(small, HEAD + b"Content-Length: 70000\r\n\r\n") as caller:
        assert status_of(caller).startswith(b"HTTP/1.1 413")


def test_how_much_of_a_request_has_arrived() -> None:
    assert {Gathered(sent).arrival() for sent in UNFINISHED if b"99999" not in sent} == {Arrival.PARTIAL}
    for refused in (HEAD + b"Content-Length: 65537\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000):
        assert Gathered(refused).arrival() is Arrival.TOO_LONG
    for whole in (b"GET / HTTP/1.1\r\n\r\n", CHUNKED + b"zz\r\n", CHUNKED + b"0\r\nX: y\r\n\r\n", XCHUNKED):
        assert Gathered(whole).arrival() is Arrival.WHOLE
    assert Gathered(CHUNKED + b"fffff\r\n" + b"a" * 140_000).arrival() is Arrival.TOO_LONG


def test_many_small_pieces_are_each_looked_at_once() -> None:
    gathered = Gathered(CHUNKED + b"1\r\na\r\n" * 10_000 + b"fffff\r\n")
    began = time.process_time()
    for _ in range(5_000):
        gathered.data += b"\r\n\r\n"
        assert gathered.arrival() is Arrival.PARTIAL
    assert time.process_time() - began < 2  # looking at all of it each time takes a minute


def test_R_05_a_caller_who_goes_on_byte_by_byte_holds_up_nobody(small: RunningServer) -> None:
    begun = [
        HEAD + b"Content-Length: %030d\r\n\r\n" % 5_000,
        HEAD + b"Content-Length: 70000\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 75_000,
    ]
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(small, sent)) for sent in begun * 4]
        for _ in range(10):
            for caller in slow:
                with contextlib.suppress(OSError):  # some are refused by now
                    caller.sendall(b" ")
            assert httpx.get(f"{small.base_url}/healthz", timeout=2).status_code == 200


def test_R_05_callers_who_stay_after_their_last_answer_hold_up_nobody(small: RunningServer) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(connect(small, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        assert httpx.get(f"{small.base_url}/healthz", timeout=2).status_code == 200


def test_R_05_a_full_house_closes_the_caller_who_has_waited_longest(small: RunningServer) -> None:
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(connect(small)) for _ in range(600)]
        assert httpx.get(f"{small.base_url}/healthz", timeout=2).status_code == 200
        assert waiting[0].recv(1) == b""
        waiting[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status_of(waiting[-1]).startswith(b"HTTP/1.1 200")


def test_IN_01_a_head_without_an_end_is_refused_in_our_form(small: RunningServer) -> None:
    with connect(small, b"GET / HTTP/1.1\r\nX: " + b"a" * 90_000) as caller:
        answer = everything(caller)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"\r\nContent-Security-Policy: default-src 'none'" in head
    assert json.loads(body)["code"] == "headers_too_large"
