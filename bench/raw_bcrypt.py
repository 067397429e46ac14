"""The machine's own limit for logins: bcrypt at cost 12 on every core, with no server around it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import bcrypt

ROUNDS = 12
_PASSWORD = b"correct horse battery"


def rate(seconds: float) -> float:
    """Return the checks per second of all cores together; bcrypt releases the interpreter's lock."""
    hashed = bcrypt.hashpw(_PASSWORD, bcrypt.gensalt(ROUNDS))
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        return sum(pool.map(lambda _: _of_one_thread(hashed, seconds), range(cores)))


def _of_one_thread(hashed: bytes, seconds: float) -> float:
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        bcrypt.checkpw(_PASSWORD, hashed)
        done += 1
    return done / took
