"""Logs: one JSON object a line. They hold ids and never personal data, whatever an exception or a library says."""

import re
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

MAX_CAUSES = 5

_ADDRESS = re.compile(r"[^\s<>\"'(){}\[\],;:=/]+@[^\s<>\"'(){}\[\],;:/]+")


def exception_without_values(_: Any, __: str, event: EventDict) -> EventDict:
    """Render an exception as types and places. Not its message: PostgreSQL's, for one, quotes the whole row."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    chain: list[dict[str, Any]] = []
    while isinstance(error, BaseException) and len(chain) < MAX_CAUSES:
        chain.append({"type": type(error).__qualname__, "frames": _frames(error.__traceback__)})
        error = error.__cause__ or error.__context__
    if chain:
        event["exception"] = chain
    return event


def scrub_addresses(_: Any, __: str, event: EventDict) -> EventDict:
    """The last line of defence, for the texts of other libraries."""
    return {key: _ADDRESS.sub("…@…", value) if isinstance(value, str) else value for key, value in event.items()}


def _frames(tb: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(tb)]


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(level: str) -> dict[str, Any]:
    """Set structlog up to log through the standard library; return Django's LOGGING."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    json_lines = {
        "()": ProcessorFormatter,
        "foreign_pre_chain": _SHARED,
        "processors": [
            ProcessorFormatter.remove_processors_meta,
            exception_without_values,
            scrub_addresses,
            structlog.processors.JSONRenderer(),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json_lines": json_lines},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json_lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # A line for every wake-up call would drown the rest.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            # Says for each queue at each start that delayed delivery, which nothing uses, will not work.
            "kombu.transport.native_delayed_delivery": {"level": "ERROR"},
            # At DEBUG it would write out every request to Amazon SES, mail and all.
            "botocore": {"level": "INFO"},
            # Django's own handler would print messages unscrubbed.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
