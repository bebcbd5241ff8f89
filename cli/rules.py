"""Commands of officials who say which booklet keeps: see the rules, propose a change, see its effect, decide, look back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.listing import LISTING, ListingGroup
from cli.nightly import parsed_date, settings_of_databank
from cli.review import said
from cli.shown import JSON, say, show_facts, show_json, show_table

if TYPE_CHECKING:
    from schemas.codes import OverlapRule
    from warehouse.rule_effect import Moved

FIRST_DAY, OPEN_END = "0001-01-01", "9999-12-31"
SHOWN_NUMBERS = 20
NUMBER = Annotated[int, typer.Argument(metavar="NO", help="Number of the proposal.")]
BY = Annotated[str, typer.Option("--by", metavar="NAME", help="Who acts; kept for ever.")]
WHY = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept for ever.")]

rules = typer.Typer(cls=ListingGroup, help="Rules of who keeps the booklet: see, propose, decide, look back.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rules, name="rules")


@rules.command(LISTING)
def in_force(
    day: Annotated[str | None, typer.Option(metavar="DATE", help="Only rules that hold on this day.")] = None,
    as_json: JSON = False,
) -> None:
    """List the rules in force, first in order of priority decides: the tree's with every approved change.

    Example: `databank rules list --day 1405/09/01`
    """
    from warehouse.rule_review import rules_in_force

    on = parsed_date(day) if day else None
    found = [each for each in rules_in_force(settings_of_databank()) if on is None or each.from_date <= on < each.to_date]
    if as_json:
        show_json([asdict(each) for each in found])
        return
    show_table(
        ("rule", "priority", "side a", "condition", "side b", "outcome", "from", "to", "confidence"),
        [
            (each.rule_code, each.priority, each.insurer_a, _condition(each), _side_b(each), each.outcome_code,
             _first(each), _last(each), each.confidence)
            for each in found
        ],
    )  # fmt: skip


@rules.command()
def show(code: Annotated[str, typer.Argument(metavar="RULE", help="Code of the rule.")], as_json: JSON = False) -> None:
    """Show a rule in all its versions, with source and reasons, and what was ever proposed about it.

    Example: `databank rules show R2`
    """
    from hub.errors import SettingsError
    from warehouse.rule_review import proposals, rules_in_force

    settings = settings_of_databank()
    versions = [each for each in rules_in_force(settings) if each.rule_code == code]
    about = [each for each in proposals(settings) if each.rule_code == code]
    if not versions and not about:
        raise SettingsError(f"There is no rule {code}; nothing was shown.", hint="`databank rules list` names all of them.")
    if as_json:
        show_json({"versions": [asdict(each) for each in versions], "proposals": [vars(each) for each in about]})
        return
    for each in versions:
        facts = [(name, str(value)) for name, value in asdict(each).items() if value not in (None, "")]
        show_facts(f"{code}, {_first(each) or 'since ever'} to {_last(each) or 'open end'}", facts)
    for proposal in about:
        state = proposal.decision_code or "waits"
        say(f"Proposal {proposal.proposal_no} {state}; by {proposal.proposed_by}: {proposal.reason}")


@rules.command()
def propose(
    code: Annotated[str, typer.Argument(metavar="RULE", help="Code of the rule, known or new.")],
    by: BY,
    reason: WHY,
    source: Annotated[str, typer.Option(metavar="TEXT", help="Law, circular or letter that it rests on.")],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="COLUMN=VALUE",
            help="A column of the rule table, e.g. to_age_a=22 or outcome_code=choose; often. Others stay as they are. "
            "Columns: schemas/codes/README.md.",
        ),
    ] = None,
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="First day in force.")] = FIRST_DAY,
    to: Annotated[
        str, typer.Option("--to", metavar="DATE", help="Day after the last; open-ended when left out.")
    ] = OPEN_END,
    end: Annotated[bool, typer.Option("--end", help="End the rule on these days instead of changing it.")] = False,
) -> None:
    """Propose a change of a rule, or a new one. Nothing is judged by it until another person approves it.

    Example: `databank rules propose R7 --set from_age_a=25 --from 1406/01/01 --source "circular 12" --reason "new age" --by "A. Rad"`
    """  # noqa: E501
    from dataclasses import fields

    from schemas.codes import OverlapRule
    from warehouse.rule_review import propose as propose_rule
    from warehouse.rule_review import rules_in_force

    settings = settings_of_databank()
    known = [each for each in rules_in_force(settings) if each.rule_code == code]
    row = {each.name: "" for each in fields(OverlapRule)}
    if known:
        row |= {name: "" if value is None else str(value) for name, value in asdict(known[-1]).items()}
    for change in changes or []:
        name, _, value = change.partition("=")
        if name not in row:
            raise typer.BadParameter(f"the rule table has no column {name}; it has {', '.join(row)}")
        row[name] = value
    said_otherwise = {name for name in ("reason_fa", "reason_en") if known and row[name] == getattr(known[-1], name)}
    if known and row["outcome_code"] != known[-1].outcome_code and said_otherwise and not end:
        raise typer.BadParameter(
            f"another outcome has another reason: --set {' and --set '.join(sorted(said_otherwise))} too"
        )
    row |= {"rule_code": code, "source": said(source), "from_date": str(parsed_date(from_)), "to_date": str(parsed_date(to))}
    number = propose_rule(settings, row, is_repeal=end, reason=said(reason), proposed_by=said(by))
    say(
        f"Proposal {number} waits for a second person: `databank rules effect {number}` shows what it would change, "
        f"`databank rules approve {number}` puts it in force."
    )


@rules.command()
def effect(number: NUMBER, as_json: JSON = False) -> None:
    """Say which conflicts of the live night would be judged otherwise. Changes nothing.

    Example: `databank rules effect 3`
    """
    moved = _effect(number)
    if as_json:
        show_json([vars(each) for each in moved])
    else:
        _show_effect(moved)


@rules.command()
def approve(
    number: NUMBER,
    by: BY,
    reason: WHY,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask after showing the effect.")] = False,
) -> None:
    """Approve a proposal of somebody else, after its effect was shown; the next night judges by it.

    Example: `databank rules approve 3 --by "S. Karimi" --reason "as the circular says"`
    """
    from warehouse.rule_review import decide

    _show_effect(_effect(number))
    if not yes and not typer.confirm(f"Approve proposal {number}?"):
        raise typer.Exit(1)
    decide(settings_of_databank(), number, is_approved=True, reason=said(reason), decided_by=said(by))
    say(f"Proposal {number} is approved; `databank sync` judges by it.")


@rules.command()
def reject(number: NUMBER, by: BY, reason: WHY) -> None:
    """Reject a proposal; it stays on record.

    Example: `databank rules reject 3 --by "S. Karimi" --reason "the circular was withdrawn"`
    """
    from warehouse.rule_review import decide

    decide(settings_of_databank(), number, is_approved=False, reason=said(reason), decided_by=said(by))
    say(f"Proposal {number} is rejected.")


@rules.command()
def history(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what nobody has decided yet.")] = False,
    as_json: JSON = False,
) -> None:
    """List everything that was ever proposed and decided, by whom and why.

    Example: `databank rules history --waiting`
    """
    from warehouse.rule_review import proposals

    found = [each for each in proposals(settings_of_databank()) if not waiting or each.decision_code is None]
    if as_json:
        show_json([vars(each) for each in found])
    elif found:
        show_table(
            ("no", "rule", "from", "to", "proposed by", "reason", "source", "decision", "by", "why"),
            [
                (each.proposal_no, each.rule_code, each.from_date, each.to_date, each.proposed_by, each.reason, each.source,
                 each.decision_code or "waits", each.decided_by, each.decision_reason)
                for each in found
            ],
        )  # fmt: skip
    else:
        say("Nothing waits." if waiting else "Nothing was ever proposed: the rules are those of the tree.")


def _effect(number: int) -> list[Moved]:
    from nights.second_try import with_second_try
    from warehouse.rule_effect import effect as effect_of
    from warehouse.rule_review import amended, find_proposal, rules_in_force

    settings = settings_of_databank()
    now = rules_in_force(settings)
    return with_second_try(effect_of)(settings, now, amended(now, [find_proposal(settings, number)]))


def _show_effect(moved: list[Moved]) -> None:
    if not moved:
        say("No conflict of the live night would be judged otherwise.")
        return
    show_table(
        ("between", "and", "as now", "as proposed", "stretches", "conflicts"),
        [
            (each.insurer_a, each.insurer_b, each.before, each.after, f"{each.stretch_count:,}",
             " ".join(map(str, each.conflict_nos[:SHOWN_NUMBERS])) + " …" * (len(each.conflict_nos) > SHOWN_NUMBERS))
            for each in moved
        ],
    )  # fmt: skip


def _condition(each: OverlapRule) -> str:
    ages = "" if each.from_age_a is None and each.to_age_a is None else f"age {each.from_age_a or 0}–{each.to_age_a or ''}"
    return " ".join(filter(None, (each.member_kind_a, each.relation_a, each.sex_code_a, ages)))


def _side_b(each: OverlapRule) -> str:
    return f"{each.insurer_b} {each.relation_b}".strip()


def _first(each: OverlapRule) -> str:
    return "" if str(each.from_date) == FIRST_DAY else str(each.from_date)


def _last(each: OverlapRule) -> str:
    return "" if str(each.to_date) == OPEN_END else str(each.to_date)
