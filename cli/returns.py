"""`databank returns …`: conflict returns sealed for insurers, sent to them, and proved to have arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.listing import LISTING, ListingGroup
from cli.progress import shown_progress
from cli.shown import JSON, listed, say, show_facts, show_json, show_table
from hub.errors import DeliveryCorrupt, DeliveryMissing, SettingsError
from hub.settings import settings_from_environment

if TYPE_CHECKING:
    from nights.returns import ReturnState

returns = typer.Typer(
    cls=ListingGroup,
    help="Conflict returns on their way to insurers: sealed, sent, proved.\n\n"
    "Examples: `databank returns` · `databank returns send SSO` · `databank returns certificate SSO sso.pem`",
)
INSURERS = Annotated[list[str] | None, typer.Argument(metavar="[INSURER]...", help="Insurers by code; left out: all.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(returns, name="returns")


@returns.command(LISTING)
def list_returns(insurers: INSURERS = None, as_json: JSON = False) -> None:
    """List returns: conflicts, whether sealed and delivered, when and with which proof, and what stands in the way.

    Examples: `databank returns` · `databank returns SSO OIL --json`
    """
    from nights.returns import return_states

    _show(return_states(settings_from_environment(), _known(insurers)), as_json=as_json)


@returns.command()
def build(
    run_id: Annotated[str | None, typer.Option("--run", help="Published run; left out: the live one.")] = None,
    as_json: JSON = False,
) -> None:
    """Write the returns of a published night again and seal those not yet delivered; sends nothing.

    Examples: `databank returns build` · `databank returns build --run 2026-11-20-0a1b2c3d4e5f`
    """
    from nights.night import report_night
    from nights.returns import return_states
    from warehouse.runs import live_run_id

    settings = settings_from_environment()
    run = run_id or live_run_id(settings)
    if run is None:
        raise SettingsError("No night was published yet; no return was written.", hint="Run `databank sync` first.")
    report_night(settings, run)
    _show([each for each in return_states(settings) if each.run_id == run], as_json=as_json)


@returns.command()
def send(insurers: INSURERS = None, as_json: JSON = False) -> None:
    """Send what was not delivered yet, by SFTP, oldest first. Safe to repeat: nothing arrives twice.

    A night does this by itself at its end. The exit code is 16 where a return could not be delivered.

    Examples: `databank returns send` · `databank returns send SSO`
    """
    from nights.returns import refuse_undelivered, send_returns

    with shown_progress() as progress:
        tried = send_returns(settings_from_environment(), _known(insurers), progress=progress)
    _show(
        tried,
        as_json=as_json,
        nothing="Nothing is due: what is sealed was delivered or has no connection. `databank returns` shows all.",
    )
    refuse_undelivered(tried)


@returns.command()
def verify(
    insurers: INSURERS = None,
    is_remote: Annotated[
        bool, typer.Option("--remote", help="Also look whether what was sent lies there unchanged.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Prove that returns, sealed or not, are byte for byte as they were made; with --remote, also at the insurers.

    What lies no more at an insurer may simply have been taken by it. Insurers verify with openssl alone (docs/operating.md).

    Examples: `databank returns verify` · `databank returns verify SSO --remote`
    """
    from nights.returns import verify_returns

    checks = list(verify_returns(settings_from_environment(), _known(insurers), is_remote=is_remote))
    wrong = [name for each in checks for name in each.wrong]
    if as_json:
        keys = ("insurer_code", "business_date", "run_id", "state_code")
        show_json(
            [
                {key: getattr(each.state, key) for key in keys} | {"wrong": each.wrong, "remote": each.remote_code}
                for each in checks
            ]
        )
    else:
        show_table(
            ("insurer", "date", "as made", "at the insurer"),
            [
                (each.state.insurer_code, each.state.business_date, "no" if each.wrong else "yes", each.remote_code)
                for each in checks
            ],
        )
    if not checks:
        raise DeliveryMissing("There is no return; nothing was verified.", hint="`databank sync` writes them.")
    if wrong:
        raise DeliveryCorrupt(
            f"Not as they were made: {', '.join(sorted(set(wrong)))}. Do not send them.",
            hint="`databank returns build` writes and seals them again.",
        )


@returns.command()
def certificate(
    insurer: Annotated[str, typer.Argument(help="Insurer by code.")],
    file: Annotated[Path, typer.Argument(help="Its X.509 certificate in PEM, with an RSA key.")],
    by: Annotated[str | None, typer.Option("--by", help="Who compared the fingerprint with the insurer.")] = None,
) -> None:
    """Put an insurer's certificate in force: its returns are sealed for it, and for nobody else.

    Ask the insurer for the SHA-256 fingerprint by another way than the file came, and compare before you rely on it.

    Example: `databank returns certificate SSO sso.pem --by "S. Karimi"`
    """
    from connectors.recipients import accept_certificate, connection_of
    from hub.envelopes import make_certificate

    settings = settings_from_environment()
    accepted = accept_certificate(settings, insurer, file, by, datetime.now(UTC).date())
    show_facts(f"Certificate of {insurer}", [
        ("subject", accepted.subject), ("SHA-256", accepted.fingerprint),
        ("valid", f"{accepted.from_date} to {accepted.last_date}"), ("connection", connection_of(insurer)),
        ("it verifies with", str(make_certificate(settings))),
    ])  # fmt: skip


def show_way(states: Sequence[ReturnState]) -> None:
    """Print how far returns came, and which of them a person must look at."""
    from nights.returns import counted, needing_people
    from nights.sealing import FAILED

    if not states:
        return
    facts = [("All nights", listed(counted(states)))]
    for each in needing_people(states):
        why = each.reason if each.state_code == FAILED else f"certificate {each.certificate_code.replace('_', ' ')}"
        facts.append((each.insurer_code, str(why)))
    show_facts("Returns on their way to insurers (`databank returns`)", facts)


def _known(wanted: list[str] | None) -> list[str]:
    """Codes as they were typed, checked.

    Raises:
        SettingsError: there is no such insurer.
    """
    from schemas.codes import insurers

    if unknown := sorted(set(wanted or ()) - insurers().keys()):
        raise SettingsError(
            f"There is no insurer {', '.join(unknown)}; nothing was done.", hint=f"Insurers: {', '.join(insurers())}."
        )
    return list(wanted or ())


def _show(states: Sequence[ReturnState], *, as_json: bool, nothing: str = "No return was written yet.") -> None:
    rows = [
        {
            "insurer": each.insurer_code, "date": each.business_date, "conflicts": each.conflict_count,
            "state": each.state_code, "certificate": each.certificate_code, "attempts": each.attempts or None,
            "at": each.at, "proof": each.proof_code,
        }
        for each in states
    ]  # fmt: skip
    if as_json:
        details = ({"run_id": each.run_id, "reason": each.reason, "file": each.file and str(each.file)} for each in states)
        show_json([row | more for row, more in zip(rows, details, strict=True)])
    elif rows:
        show_table(list(rows[0]), [list(row.values()) for row in rows])
        for each in states:
            if each.reason and each.state_code == "failed":
                say(f"{each.insurer_code} {each.business_date}: {each.reason}")
    else:
        say(nothing)
