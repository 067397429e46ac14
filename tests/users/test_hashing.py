"""How many hashes run at once."""

import os
import threading

import pytest
from flask import Flask

from app.core import settings as app_settings
from app.users import hashing
from tests.concurrency import at_once


@pytest.mark.usefixtures("app")
def test_as_many_hashes_run_at_once_as_the_process_may_use_cores(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {4, 6, 7})
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr(hashing, "_queue", None)
    together = threading.Barrier(3)
    with app_settings.changed(web_concurrency=1, threads=8):
        queue = hashing.queue()
        assert sorted(at_once(3, lambda _: queue.run(lambda: together.wait(1)))) == [0, 1, 2]
        with pytest.raises(threading.BrokenBarrierError):
            queue.run(lambda: threading.Barrier(2).wait(0.01))
