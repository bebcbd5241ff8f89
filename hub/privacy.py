"""Keeping personal values out of what is logged and printed.

Code keeps them out of its own messages. A library's message may quote a row, and no pattern tells a Latin name from any
other word: so of an error that nobody expected, and of what a library logs, only the kind and the place are told. The
words themselves are shown only where ``DATABANK_DEBUG`` is set, to whoever sits there.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import traceback

# Eight to twelve digits in a row (national code, mobile, FIDA) in Latin, Persian or Arabic digits; Persian words.
_IDENTIFIER = re.compile(r"(?<![0-9A-Za-z_.:-])[0-9۰-۹٠-٩]{8,12}(?![0-9A-Za-z_.:-])")
_PERSIAN = re.compile(r"[\u0600-\u06FF][\u0600-\u06FF\u200c ]*")
ROOMS = {
    *("hub", "schemas", "connectors", "matching", "warehouse", "reports", "exchange", "portal", "synthetic", "nights"),
    *("dags", "cli", "tests"),
}
OURS = "databank"


def redacted(text: str) -> str:
    """The text with identifiers and Persian words blacked out: a net below messages that are ours."""
    return _PERSIAN.sub("[…]", _IDENTIFIER.sub("[…]", text))


def told(error: BaseException) -> str:
    """Kind and place of an error, without its words: ``OutOfMemoryException at matching.link:88``."""
    frames = [(frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(error.__traceback__)] or [
        ("?", 0)
    ]
    ours = [place for place in frames if str(place[0]).partition(".")[0] in ROOMS]
    module, line = (ours or frames)[-1]
    return f"{type(error).__name__} at {module}:{line}"


def is_debugging() -> bool:
    """Whether whoever started this asked to see everything, values included."""
    return bool(os.environ.get("DATABANK_DEBUG"))


class PrivacyFilter(logging.Filter):
    """Redacts what the databank logs; of libraries only that something critical was said. Attach it to handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the message and the text of an attached exception; drop what libraries say in passing."""
        if record.name.partition(".")[0] == OURS:
            record.msg, record.args = redacted(_message(record)), ()
        elif record.levelno < logging.CRITICAL:
            return False  # some libraries set levels of their own; their failures come as exceptions
        else:
            record.msg, record.args = f"{record.name}:{record.lineno} has something to say; its words are withheld", ()
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        record.exc_info, record.stack_info = None, None
        record.exc_text = told(error) if error else None
        return True


def keep_files_private() -> None:
    """Files and folders made from now on are for this user only: they hold personal data. Called once by an entry point."""
    os.umask(0o077)


def guard_logs() -> None:
    """Send every log, warning and stray exception of this process to standard error through the filter.

    Called once by an entry point.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    if not is_debugging():
        handler.addFilter(PrivacyFilter())
        logging.raiseExceptions = False  # else a log line that fails prints its arguments
        sys.excepthook = lambda kind, error, trace: _tell(error)
        sys.unraisablehook = lambda stray: _tell(stray.exc_value)
        threading.excepthook = lambda stray: _tell(stray.exc_value)
    logging.captureWarnings(True)
    ours, libraries = logging.getLogger(OURS), logging.getLogger()
    for logger in (ours, libraries):
        logger.handlers[:] = [handler]
    ours.setLevel(logging.INFO)
    ours.propagate = False
    libraries.setLevel(logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # its arguments do not fit; they are left out
        return str(record.msg)


def _tell(error: BaseException | None) -> None:
    if error is not None:
        logging.getLogger(OURS).error("Unexpected %s", told(error))
