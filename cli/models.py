"""Commands around linkage models: train one on the data at hand, list, show, and put one in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.nightly import settings_on
from cli.progress import shown_progress
from cli.review import BY, WHY, said
from cli.shown import DATE, JSON, say, show_facts, show_json, show_table
from hub.settings import settings_from_environment

if TYPE_CHECKING:
    from matching.known_models import KnownModel
    from matching.model import Model

NAME = Annotated[str, typer.Argument(metavar="NAME", help="Name of a model, as `databank models list` shows it.")]
DEFAULT_SEED = 1

models = typer.Typer(no_args_is_help=True, help="Linkage models: which there are, which is in force, and its change.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(train)
    app.add_typer(models, name="models")


def train(
    name: Annotated[str | None, typer.Option(help="Name of the new model; default: trained- and the date.")] = None,
    business_date: DATE = None,
    description: Annotated[str, typer.Option(metavar="TEXT", help="What data this is; kept in the model.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds and records give equal models.")] = DEFAULT_SEED,
    as_json: JSON = False,
) -> None:
    """Train a linkage model on the staged deliveries. It is written, not put in force: `databank models use` does that.

    Example: `databank train --name autumn --description "21 feeds, first autumn" --date 2026-11-20`
    """
    from matching.model import in_force
    from nights.business_date import business_date_of
    from nights.models import train_model

    settings = settings_on(business_date)
    day = business_date_of(settings)
    with shown_progress() as progress:
        done = train_model(
            settings,
            day,
            name=name or f"trained-{day}",
            description=description or f"staged deliveries up to {day}",
            seed=seed,
            progress=progress,
        )
    if as_json:
        show_json(_as_json(done.model) | {"file": done.path, "page": done.page, "advice": done.advice})
        return
    _show(done.model)
    say(f"Page: {done.page}")
    say(f"It is not in force. {done.advice}")
    say(f"Of a synthetic nation: `databank evaluate {in_force(settings)} {done.model.name}`.")
    say(f"Put it in force: `databank models use {done.model.name}`.")


@models.command("list")
def listing(as_json: JSON = False) -> None:
    """List the models of the tree and those trained here: which is in force, trained on what, and which are refused and why.

    Example: `databank models list --json`
    """
    from matching.known_models import known_models

    found = known_models(settings_from_environment())
    if as_json:
        show_json([_known_as_json(each) for each in found])
        return
    rows = []
    for each in found:
        training = each.model.training if each.model else {}
        state = "in force" if each.is_in_force else ""
        rows.append((each.name, each.origin, state, training.get("records"), training.get("description") or each.refusal))
    show_table(("model", "origin", "", "records", "trained on, or why it is refused"), rows)


@models.command()
def show(name: NAME, as_json: JSON = False) -> None:
    """Show what a model believes and how it was trained, and write its offline page.

    Example: `databank models show autumn`
    """
    from matching.model import load_model, model_path
    from nights.models import write_page

    settings = settings_from_environment()
    model = load_model(model_path(settings, name))
    page = write_page(settings, model)
    if as_json:
        show_json(_as_json(model) | {"page": page})
        return
    rows = [
        (comparison, label, f"{each.m:.6f}", f"{each.u:.6f}", f"{each.weight:+.2f}")
        for comparison, levels in model.odds.items()
        for label, each in levels.items()
    ]
    show_table(("comparison", "level", "m", "u", "bits"), rows)
    say()
    _show(model)
    say(f"Page: {page}")


@models.command()
def use(name: NAME, by: BY, reason: WHY) -> None:
    """Put a model in force, from the next night on; who and why stay on record. A model that does not fit is refused.

    Example: `databank models use autumn --by "S. Karimi" --reason "fewer wrong links on last month's sample"`
    """
    from matching.known_models import use_model

    settings = settings_from_environment()
    done = use_model(settings, name, switched_by=said(by), reason=said(reason))
    say(f"Model {done.version} is in force; the next night links with it. `databank models history` tells who and why.")


@models.command()
def history(as_json: JSON = False) -> None:
    """Show who put which model in force, when and why.

    Example: `databank models history`
    """
    from matching.switches import switches

    done: list[dict[str, object]] = [vars(each) for each in switches(settings_from_environment())]
    if as_json:
        show_json(done)
    elif done:
        show_table(list(done[0]), [list(each.values()) for each in done])
    else:
        say("The tree's model has always been in force.")


def _show(model: Model) -> None:
    from nights.models import facts_of_model

    show_facts(f"Model {model.name}", [(english, value) for _, english, value in facts_of_model(model)])


def _as_json(model: Model) -> dict[str, object]:
    odds = {name: {label: vars(each) for label, each in levels.items()} for name, levels in model.odds.items()}
    return {"name": model.name, "version": model.version, "training": model.training, "comparisons": odds}


def _known_as_json(each: KnownModel) -> dict[str, object]:
    version = each.model.version if each.model else None
    training = each.model.training if each.model else None
    plain = {name: value for name, value in vars(each).items() if name != "model"}
    return plain | {"version": version, "training": training}
