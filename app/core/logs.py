"""Logs: one JSON object per line on standard output, ASCII only, so that no input can forge or colour a line."""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

from app.core import clock
from app.core.settings import Settings

_encode = json.JSONEncoder(default=str).encode
_requests: structlog.PrintLogger | None = None


def configure(chosen: Settings) -> None:
    """Send structlog and the standard library's loggers to standard output as JSON lines."""
    global _requests
    _requests = structlog.PrintLogger(sys.stdout) if chosen.log_level in ("DEBUG", "INFO") else None
    structlog.configure(
        processors=[_stamp, _fault, _to_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(chosen.log_level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.getLevelName(chosen.log_level), logging.INFO))
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # a refusal has its request line already


def write_request(**line: Any) -> None:
    """Log a request: the one line that every call pays for goes past structlog (a sixteenth of a check)."""
    if _requests is not None:
        _requests.info(_encode({"time": clock.rfc3339(clock.now()), "level": "info", **line, "event": "request"}))


class JsonLines(logging.Formatter):
    """Formats a record of the standard library as one JSON line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON; of an exception only its type and place."""
        line: dict[str, Any] = {
            "time": clock.rfc3339(clock.now()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= fault(record.exc_info[1])
        return json.dumps(line)


def fault(error: BaseException) -> dict[str, Any]:
    """Return what may be logged of a fault: its type and where it arose, never its message (it may quote SQL)."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return {"fault": type(error).__name__, "at": places}


def gunicorn_logconfig(level: str) -> dict[str, Any]:
    """Return gunicorn's `logconfig_dict`, so that the server's own lines have the same form."""
    handlers = {"out": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "app.core.logs.JsonLines"}},
        "handlers": handlers,
        "root": {"level": level, "handlers": ["out"]},
        "loggers": {"gunicorn.error": {"level": level, "handlers": ["out"], "propagate": False}},
    }


def _stamp(_logger: object, method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {"time": clock.rfc3339(clock.now()), "level": method, **line}


def _fault(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = line.pop("error", None)
    return {**line, **fault(error)} if isinstance(error, BaseException) else line


def _to_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    return _encode(line)
