"""Identity: this night's disposable clusters meet yesterday's membership; what changed becomes events.

A person id is minted once, densely after the largest ever issued, and never reused. Nothing changed → no event. What the
log alone says (membership, where an id leads) is in ``matching.lookup``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.duck import table_or_empty
from hub.errors import IdentityError
from hub.layers import count_rows
from hub.runs import Run
from hub.steps import Runner
from matching import first_night, issued, membership
from matching.places import placed
from matching.question import lay_out
from schemas.tables import CROSSWALK, FORMER, IDENTITY_EVENT, JUDGEMENT, PERSON, REVIEW_PAIR

PREVIOUS = {
    "person.previous_membership": CROSSWALK,
    "person.previous_former": FORMER,
    "person.previous_person": PERSON,
}
# What only makes a night steadier; a base without them is used all the same.
PREVIOUS_IF_THERE = {
    "person.previous_judgement": JUDGEMENT,
    "person.previous_review_pair": REVIEW_PAIR,
}


@dataclass(frozen=True)
class IdentityCounts:
    """What a night did to identities: events by kind, and what there is after it."""

    minted: int
    joined: int
    left: int
    merged: int
    split: int
    persons: int
    records: int


def attach_previous(runner: Runner, base_folder: Path | None) -> None:
    """Make yesterday's identity readable as ``person.previous_membership``, ``previous_former``, ``previous_person``,
    ``previous_judgement`` and ``previous_review_pair``.

    Safe to call more than once. The linker may call it first: joining high and fracturing low needs yesterday's membership.

    Args:
        base_folder: folder of the live run; None in a new nation, whose three tables are empty.

    Raises:
        IdentityError: the live run's folder lacks a table; nothing may be minted without it.
    """
    for name, table in (PREVIOUS | PREVIOUS_IF_THERE).items():
        path = base_folder / f"{table.name}.parquet" if base_folder else None
        if path is None or (name in PREVIOUS_IF_THERE and not path.exists()):
            runner.attach_empty(name, table.columns)
            continue
        if not path.exists():
            raise IdentityError(
                f"The live run {path.parent.name} has no {table.name}; no person id was given out.",
                hint="Restore that run's folder from backup; without it ids would be issued twice.",
                run_id=path.parent.name,
            )
        runner.attach(name, path)


def identify(runner: Runner, run: Run, base_folder: Path | None) -> IdentityCounts:
    """Give every current record its person, and write down what changed since the live run.

    Where this night's clusters are the live run's but for some, only these and their persons are looked at
    (``matching.question``).

    Reads:   linkage.cluster, person.judgement; person.crosswalk, person.former, person.person, person.judgement and
             linkage.cluster of the live run
    Leaves:  person.identity_event, person.crosswalk, person.person, person.former
    """
    attach_previous(runner, base_folder)
    judgements = table_or_empty(runner.con, JUDGEMENT.name, JUDGEMENT.columns)
    is_plain = base_folder is None and first_night.is_counted(runner.con)
    if is_plain:
        events = first_night.identity_event(run, judgements, placed(runner, CROSSWALK, "place"))
    else:
        events = membership.identity_event(run, judgements)
    question = lay_out(runner, base_folder)
    for step in (
        membership.overlap(),
        first_night.assignment() if is_plain else membership.assignment(),
        membership.swallowed(),
    ):
        runner.run(step)
    crosswalk = first_night.crosswalk(run) if is_plain else membership.crosswalk(run)
    question.answer(runner, crosswalk, "identity.member")
    for step in (membership.former(run), membership.repointed(), events):
        runner.run(step)
    issued_then = question.issued(runner.con)
    question.answer(runner, first_night.person(run) if is_plain else issued.person(run, issued_then), issued_then)
    question.close(runner.con)
    return _counts(runner)


def _counts(runner: Runner) -> IdentityCounts:
    events = dict(
        runner.con.execute(f"select event_code, count(*) from {IDENTITY_EVENT.name} group by event_code").fetchall()
    )
    live = f"select count(*) from {PERSON.name} where state_code = 'live'"
    return IdentityCounts(
        minted=events.get("mint", 0),
        joined=events.get("join", 0),
        left=events.get("leave", 0),
        merged=events.get("merge", 0),
        split=events.get("split", 0),
        persons=runner.con.execute(live).fetchall()[0][0],
        records=count_rows(runner.files, runner.folder / f"{CROSSWALK.name}.parquet"),
    )
