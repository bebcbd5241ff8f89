"""Commands of insurers' desks: may this booklet be issued, issue it, end it. The database decides and keeps account."""

from __future__ import annotations

import getpass
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import parsed_date, settings_of_databank
from cli.review import said
from cli.shown import JSON, say, show_json

if TYPE_CHECKING:
    from warehouse.issuing import Answer, Asked

REFUSED_EXIT_CODE = 1
OPEN_END = "9999-12-31"

IDENTIFIER = Annotated[
    str, typer.Argument(metavar="CODE", help="National code, or a foreigner's code; - reads it from standard input.")
]
INSURER = Annotated[str, typer.Option(metavar="CODE", help="The insurer that asks, e.g. SSO or IHIO-GOV.")]
BORN = Annotated[str, typer.Option("--birth-date", metavar="DATE", help="As 1980-01-10, or Jalali as 1358/10/20.")]
NUMBER = Annotated[str, typer.Option("--booklet-no", metavar="NO", help="The insurer's number of the booklet.")]
FROM = Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day of cover; today when left out.")]
TO = Annotated[str, typer.Option("--to", metavar="DATE", help="First day without cover again; open-ended when left out.")]
BY = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who acts; kept with the act.", default_factory=getpass.getuser)
]

WORDS = {
    "free": "Free: the booklet may be issued. / می‌توان دفترچه صادر کرد.",
    "granted": "Granted: the booklet is issued. / دفترچه صادر شد.",
    "ended": "Ended. / دفترچه پایان یافت.",
    "two_basic": "Refused: another insurer covers these days. / رد شد: بیمه‌گر دیگری این روزها را پوشش می‌دهد.",
    "same_insurer": "Refused: this insurer covers these days already. / رد شد: همین بیمه‌گر دفترچهٔ فعالی دارد.",
    "deceased": "Refused: the registry knows of this person's death. / رد شد: درگذشت این شخص ثبت شده است.",
    "unknown_to_registry": "Refused: nobody bears this code. / رد شد: این کد در ثبت احوال یافت نشد.",
    "code_of_other": "Refused: the code is somebody else's. / رد شد: این کد از آنِ شخص دیگری است.",
    "no_such_booklet": "Refused: this insurer has no such booklet on that day. / رد شد: چنین دفترچه‌ای یافت نشد.",
}

booklet = typer.Typer(no_args_is_help=True, help="Ask whether a basic booklet may be issued, issue it, end it.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(booklet, name="booklet")


@booklet.command()
def check(
    identifier: IDENTIFIER, insurer: INSURER, born: BORN, from_: FROM = None, to: TO = OPEN_END, as_json: JSON = False
) -> None:
    """Say whether a booklet could be issued for these days. Changes nothing; exits 1 when it could not.

    Example: `databank booklet check 0012345679 --insurer SSO --birth-date 1358/10/20 --from 2026-12-01`
    """
    from warehouse.issuing import check_booklet

    found = check_booklet(settings_of_databank(), _asked(identifier, insurer, born), _first_day(from_), parsed_date(to))
    _tell(found, as_json=as_json)


@booklet.command()
def issue(
    identifier: IDENTIFIER,
    insurer: INSURER,
    born: BORN,
    booklet_no: NUMBER,
    by: BY,
    from_: FROM = None,
    to: TO = OPEN_END,
    as_json: JSON = False,
) -> None:
    """Issue a booklet, or be refused: never a second one for the same days. Both are kept; exits 1 when refused.

    Example: `databank booklet issue 0012345679 --insurer SSO --birth-date 1358/10/20 --booklet-no 77 --from 2026-12-01`
    """
    from warehouse.issuing import issue_booklet

    found = issue_booklet(
        settings_of_databank(),
        _asked(identifier, insurer, born),
        said(booklet_no),
        _first_day(from_),
        parsed_date(to),
        acted_by=said(by),
    )
    _tell(found, as_json=as_json)


@booklet.command()
def end(
    identifier: IDENTIFIER,
    insurer: INSURER,
    born: BORN,
    booklet_no: NUMBER,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the act.")],
    by: BY,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day without cover; today when left out.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """End an insurer's own booklet from a day on; another insurer may cover that day. Exits 1 when there is none such.

    Example: `databank booklet end 0012345679 --insurer SSO --birth-date 1358/10/20 --booklet-no 77 --reason "left the job"`
    """
    from warehouse.issuing import end_booklet

    found = end_booklet(
        settings_of_databank(),
        _asked(identifier, insurer, born),
        said(booklet_no),
        _first_day(from_),
        reason=said(reason),
        acted_by=said(by),
    )
    _tell(found, as_json=as_json)


def _asked(identifier: str, insurer: str, born: str) -> Asked:
    from warehouse.issuing import Asked

    code = typer.get_text_stream("stdin").readline() if identifier == "-" else identifier
    return Asked(insurer, code.strip(), parsed_date(born))


def _first_day(text: str | None) -> date:
    from schemas.jalali import today

    return parsed_date(text) if text else today()


def _tell(found: Answer, *, as_json: bool) -> None:
    if as_json:
        show_json(vars(found))
    else:
        say(WORDS[found.kind_code or found.answer_code])
        if found.keeper_insurer_code:
            say(f"Keeper: {found.keeper_insurer_code}")
        if found.conflict_no is not None:
            say(f"Conflict number: {found.conflict_no}")
        if found.act_no is not None:
            say(f"Kept as act {found.act_no}.")
    if found.answer_code == "refused":
        raise typer.Exit(REFUSED_EXIT_CODE)
