"""A log filter of last resort: what looks like a person's identifier never reaches a log.

Code keeps personal values out of messages; this filter is for the message that a library writes about them.
"""

from __future__ import annotations

import logging
import re

# Ten or more digits in a row (national code, mobile, postal code, FIDA), in Latin, Persian or Arabic digits; Persian words.
_IDENTIFIER = re.compile(r"(?<![0-9A-Za-z_.:-])[0-9۰-۹٠-٩]{8,12}(?![0-9A-Za-z_.:-])")
_PERSIAN = re.compile(r"[\u0600-\u06FF][\u0600-\u06FF\u200c ]*")


def redacted(text: str) -> str:
    """The text with identifiers and Persian words blacked out."""
    return _PERSIAN.sub("[…]", _IDENTIFIER.sub("[…]", text))


class PrivacyFilter(logging.Filter):
    """Redacts every record that passes; attach it to handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the message and the text of an attached exception; never drop the record."""
        record.msg, record.args = redacted(record.getMessage()), ()
        if record.exc_info:
            formatter = logging.Formatter()
            record.exc_text = redacted(formatter.formatException(record.exc_info))
            record.exc_info = None
        return True


def guard_logs(level: int = logging.INFO) -> None:
    """Send the databank's log to standard error through the filter. Called once by an entry point."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(PrivacyFilter())
    logger = logging.getLogger("databank")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
