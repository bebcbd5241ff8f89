"""Inquiries: questions to civil registration within its quota and hours, a log of every answer, and a delivery of them.

``wires/<feed>/answers.jsonl`` holds one entry an answer, on disk before the next question is asked: an inquiry costs quota,
so none is made twice. The delivery lists every person who was ever found, in the format that the feed's contract says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.fetching import PATIENCE, Patience
from connectors.transports.receiving import Fetched, Inbox
from connectors.transports.rows import write_rows
from hub.errors import WireDown, WireError, WireRefused
from hub.journal import Journal
from hub.progress import Progress, quiet
from hub.settings import Settings
from schemas.feed import Feed
from schemas.file_names import file_name
from schemas.inquiries import AUTH, FINAL, FOUND, LATER, QUESTION, REVIEW, TECHNICAL, Question, answer_code, class_of
from schemas.jalali import TEHRAN
from schemas.wires import Wire

if TYPE_CHECKING:
    from connectors.transports.soap import Service

QUOTA_USED, CLOSED = "daily quota used", "outside open hours"
MOST_FAILURES = 5
"""So many questions in a row that fail technically, or are not taken: the service itself is in trouble, or our use of it."""
ASK_AGAIN_DAYS = 30
"""Codes that people must look at are asked about again so many days after the last answer: they may have done it."""
ANSWER_COLUMN = "answer"
"""The column of the delivery that says what was answered, beside the service's own fields."""


@dataclass(frozen=True)
class Answer:
    """One line of the log. ``key``: ``found`` or the key of an error; ``fields``: the service's own names, as text."""

    national_code: str
    birth_date: str
    key: str
    asked_at: str
    fields: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Inquiries:
    """How it went: answers by key, what is still to be asked, why it stopped (None: everything was asked), the new file."""

    answers: dict[str, int]
    left: int
    stopped: str | None = None
    delivery: Fetched | None = None


class AnswerLog:
    """Every answer that was ever given."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, Answer)
        self._days = Counter(_day(each) for each in self.answers)

    @property
    def answers(self) -> Sequence[Answer]:
        """All answers, oldest first."""
        return self._journal.entries

    def add(self, answer: Answer) -> None:
        """Write an answer down before anything else happens."""
        self._journal.add(answer)
        self._days[_day(answer)] += 1

    def count_on(self, day: date) -> int:
        """Questions asked on a day of Tehran: what the service counts."""
        return self._days[day]

    def unsettled(self, questions: Iterable[Question], today: date) -> list[Question]:
        """Questions without an answer that asking again today would not change; those that never got one come first, so
        that a few which always fail do not keep the others from being asked."""
        tries = Counter(Question(each.national_code, each.birth_date) for each in self.answers)
        settled = {Question(each.national_code, each.birth_date) for each in self.answers if _is_settled(each, today)}
        return sorted((each for each in questions if each not in settled), key=tries.__getitem__)

    def latest(self) -> dict[str, Answer]:
        """What is known of each code: the last answer that says something about it, one that found a person before all."""
        known: dict[str, Answer] = {}
        for each in self.answers:
            before = known.get(each.national_code)
            if answer_code(each.key) and (each.key == FOUND or before is None or before.key != FOUND):
                known[each.national_code] = each
        return known


def _is_settled(answer: Answer, today: date) -> bool:
    meaning = class_of(answer.key)
    if meaning in (REVIEW, QUESTION):
        return (today - _day(answer)).days < ASK_AGAIN_DAYS
    return meaning == FINAL


def answer_log(settings: Settings, feed: Feed) -> AnswerLog:
    """The log of a feed of inquiries."""
    return AnswerLog(Inbox(settings, feed).state / "answers.jsonl")


def inquire(
    settings: Settings,
    feed: Feed,
    questions: Sequence[Question],
    business_date: date,
    *,
    progress: Progress = quiet,
    patience: Patience = PATIENCE,
    now: Callable[[], datetime] = lambda: datetime.now(TEHRAN),
) -> Inquiries:
    """Ask what is not yet answered, as far as quota and hours allow, and deliver all that was ever answered about codes.

    Raises:
        WireRefused: the service does not accept us; a person must look. What was answered is delivered.
        WireDown: it does not answer. What was answered is delivered.
    """
    if feed.wire is None:
        raise WireRefused(
            f"The contract of {feed.name} names no inquiry service; nothing was asked.",
            hint="Add its server and connection.",
        )
    inbox = Inbox(settings, feed)
    with inbox.held():
        log = answer_log(settings, feed)
        asking = _Asking(settings, feed.wire, log, patience, now)
        today = now().astimezone(TEHRAN).date()
        before, unsettled = len(log.answers), log.unsettled(questions, today)
        failure: WireError | None = None
        try:
            asking.all(unsettled, progress)
        except WireError as error:
            failure = error
        delivery = _deliver(inbox, feed, log, business_date)
    if failure is not None:
        raise failure
    counts = Counter(each.key for each in log.answers[before:])
    return Inquiries(dict(sorted(counts.items())), len(log.unsettled(unsettled, today)), asking.stopped, delivery)


class _Unanswered(WireDown):
    """The service failed at a question; worth asking again."""


@dataclass
class _Asking:
    """One sitting at the service."""

    settings: Settings
    wire: Wire
    log: AnswerLog
    patience: Patience
    now: Callable[[], datetime]
    stopped: str | None = None

    def all(self, questions: Sequence[Question], progress: Progress) -> None:
        """Ask one after the other until all are asked or something says stop."""
        from connectors.transports.soap import open_service

        failures = refused = 0
        with open_service(self.settings, self.wire) as service:
            for done, question in enumerate(questions):
                progress("inquire", done, len(questions))
                try:
                    self.stopped = self.patience.retrying()(self.once, service, question)
                    failures, refused = 0, refused + 1 if self.was_not_taken() else 0
                except _Unanswered:
                    failures += 1
                    if failures >= MOST_FAILURES:
                        raise
                    continue
                if self.stopped is not None:
                    return
                if refused >= MOST_FAILURES:
                    raise WireRefused(
                        f"The inquiry service of {self.wire.connection} takes none of our questions "
                        f"({self.log.answers[-1].key}). What was answered is kept.",
                        hint="Ask civil registration which inquiry we may use, and with which values.",
                    )
        progress("inquire", len(questions), len(questions))

    def was_not_taken(self) -> bool:
        """Whether the last answer is about the question itself."""
        return bool(self.log.answers) and class_of(self.log.answers[-1].key) == QUESTION

    def closed(self) -> str | None:
        """Why no question may be asked now; None where one may."""
        moment = self.now().astimezone(TEHRAN)
        opens, closes = self.wire.open_hours.split("-")
        if not opens <= f"{moment:%H:%M}" < closes:
            return CLOSED
        return QUOTA_USED if self.log.count_on(moment.date()) >= self.wire.daily_quota else None

    def once(self, service: Service, question: Question) -> str | None:
        """One question, its answer written down; returns why no other may be asked now, None where one may."""
        if (why := self.closed()) is not None:
            return why
        reply = service.ask(question)
        moment = self.now().astimezone(TEHRAN).isoformat(timespec="seconds")
        self.log.add(Answer(question.national_code, question.birth_date, reply.key, moment, dict(reply.fields)))
        meaning = class_of(reply.key)
        if meaning == AUTH:
            raise WireRefused(
                f"The inquiry service of {self.wire.connection} refuses us: {reply.key}. What was answered is kept.",
                hint="Ask civil registration about our user before trying again: repeated attempts lock it.",
            )
        if meaning == TECHNICAL:
            raise _Unanswered(
                f"The inquiry service of {self.wire.connection} fails: {reply.key}. What was answered is kept.",
                hint="Try again later; if it lasts, tell the agency.",
            )
        return reply.key if meaning == LATER else None


def _deliver(inbox: Inbox, feed: Feed, log: AnswerLog, business_date: date) -> Fetched | None:
    """What is known of each code that was ever asked for, as a file of the business date; nothing where nothing is."""
    layout = feed.layout_on(business_date)
    known = log.latest()
    if layout is None or not known or feed.wire is None:
        return None
    name = file_name(feed, business_date)
    part = inbox.part(name)
    part.drop()
    columns = [column.source for column in layout.columns]
    rows = ({column: _row(known[code]).get(column) for column in columns} for code in sorted(known))
    count = write_rows(part.path, name, layout.format, columns, rows)
    return inbox.keep(name, "", f"{feed.wire.kind} {feed.wire.connection}", rows=count)


def _row(answer: Answer) -> dict[str, str | None]:
    """A row of the delivery; of a code that was not found, the question."""
    asked = {} if answer.fields else {"nin": answer.national_code, "birthDate": answer.birth_date}
    return {**asked, **answer.fields, ANSWER_COLUMN: answer_code(answer.key)}


def _day(answer: Answer) -> date:
    return datetime.fromisoformat(answer.asked_at).astimezone(TEHRAN).date()
