"""`databank bench …`: figures as ratios to a floor measured in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.nightly import settings_on
from cli.people import write_nation
from cli.progress import shown_progress
from cli.shown import DATE, JSON, note, say, show_facts, show_json, show_table
from hub.settings import Settings, settings_from_environment

VARIANTS = ("default", "codes70", "nocodes")
WITHOUT_SPLINK = Annotated[bool, typer.Option("--without-splink", help="Leave plain Splink out.")]
bench = typer.Typer(no_args_is_help=True, help="Measure the databank against a floor, in one run.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(bench, name="bench")


def _known_variant(value: str) -> str:
    if value not in VARIANTS:
        raise typer.BadParameter(f"use one of: {', '.join(VARIANTS)}")
    return value


@bench.command()
def night(
    persons: Annotated[int, typer.Option(min=100, help="Persons of the synthetic nation.")] = 200_000,
    seed: Annotated[int, typer.Option(help="Seed of the nation.")] = 11,
    as_json: JSON = False,
) -> None:
    """A whole first night: rows, seconds and peak memory of each stage, and the ratio to the floor.

    Example: `databank bench night --persons 200000 --json`
    """
    from nights.bench import bench_night, passing_home
    from nights.intake import inbox_dates
    from synthetic.options import NationOptions

    with passing_home(settings_from_environment(), f"night-{persons}-{seed}") as settings:
        write_nation(settings, NationOptions(persons=persons, seed=seed, nights=1))
        figures = bench_night(settings, inbox_dates(settings)) | {"seed": seed}
    if as_json:
        show_json(figures)
        return
    show_table(
        ("stage", "rows", "seconds", "peak MB"),
        [
            (item["stage"], f"{item['rows']:,}", f"{item['seconds']:.2f}", f"{item['peak_mb']:,}")
            for item in figures["stages"] + figures["floor"]
        ],
    )
    say(f"Night {figures['night_seconds']} s, floor {figures['floor_seconds']} s: {figures['ratio']} × the floor.")


@bench.command()
def linkage(
    persons: Annotated[int, typer.Option(min=100, help="Persons of the synthetic nation.")] = 200_000,
    seed: Annotated[int, typer.Option(help="Seed of the nation.")] = 11,
    variant: Annotated[
        str,
        typer.Option(
            help="default; codes70: 30 % of the insurers' records without a national code; nocodes: no code anywhere.",
            callback=_known_variant,
        ),
    ] = "default",
    nights: Annotated[int, typer.Option(min=1, max=2, help="2: link a changed second night incrementally, too.")] = 1,
    change: Annotated[
        float, typer.Option(min=0.0001, max=0.5, metavar="RATE", help="Share of rows that the second night changes.")
    ] = 0.01,
    without_splink: WITHOUT_SPLINK = False,
    overlaps: Annotated[bool, typer.Option("--overlaps", help="Judge cover too, and count its overlaps.")] = False,
    as_json: JSON = False,
) -> None:
    """Linking alone, from standardised records to persons, against plain Splink and against a bare join and write.

    The nation is made once and kept under `bench/` of the state folder. PostgreSQL is not needed.

    Example: `databank bench linkage --persons 200000 --variant nocodes --json`
    """
    from nights.bench_linkage import Plan, bench_linkage

    plan = Plan(persons, seed, variant, change if nights == 2 else 0.0, not without_splink, overlaps)
    with shown_progress() as progress:
        figures = bench_linkage(settings_from_environment(), plan, make_nation, progress)
    if as_json:
        show_json(figures)
    else:
        _show_linkage(figures)


@bench.command()
def own(
    truth: Annotated[Path, typer.Option(help="Which record is whose: CSV or Parquet with record_key, true_person_id.")],
    business_date: DATE = None,
    seed: Annotated[int, typer.Option(min=0, help="Of training; equal seeds and records give equal figures.")] = 1,
    without_splink: WITHOUT_SPLINK = False,
    as_json: JSON = False,
) -> None:
    """Linking of your own staged deliveries, whose truth you know: with the tree's model, with one trained on them, and
    by plain Splink at its best threshold. No model is kept and nothing is published.

    Example: `databank bench own --truth truth.csv --date 2026-11-20` (docs/own_set.md)
    """
    from nights.bench_own import bench_own
    from nights.business_date import business_date_of

    settings = settings_on(business_date)
    with shown_progress() as progress:
        found = bench_own(
            settings,
            business_date_of(settings),
            truth,
            seed=seed,
            is_splink_measured=not without_splink,
            progress=progress,
        )
    if as_json:
        ways = {way.name: way.persons.figures() | {"reviews": way.reviews} for way in found.ways}
        show_json(vars(found) | {"ways": ways, "best_model": found.best_model.name, "advice": found.advice})
        return
    show_table(
        ("linked", "precision", "recall", "F1", "false pairs", "missed pairs", "pairs for people"),
        [
            (
                way.name, *(f"{each:.4f}" for each in (way.persons.precision, way.persons.recall, way.persons.f1)),
                f"{way.persons.false_pairs:,}", f"{way.persons.missed_pairs:,}",
                None if way.reviews is None else f"{way.reviews:,}",
            )
            for way in found.ways
        ],
    )  # fmt: skip
    say(f"{found.records:,} records, {found.known_records:,} of them in the truth.")
    note(found.advice)
    if found.unmeasured:
        note(found.unmeasured)


@bench.command()
def conflicts(
    persons: Annotated[int, typer.Option(min=100, help="Persons of the synthetic nation.")] = 200_000,
    seed: Annotated[int, typer.Option(help="Seed of the nation.")] = 11,
    as_json: JSON = False,
) -> None:
    """The conflicts of a first night against those that are true, kind by kind. PostgreSQL is not needed.

    Example: `databank bench conflicts --persons 1000000 --json`
    """
    from cli.evaluating import show_conflict_scores
    from nights.bench import passing_home
    from nights.bench_conflicts import bench_conflicts
    from synthetic.options import FIRST_BUSINESS_DATE, NationOptions

    with passing_home(settings_from_environment(), f"conflicts-{persons}-{seed}") as settings:
        write_nation(settings, NationOptions(persons=persons, seed=seed))
        with shown_progress() as progress:
            found = bench_conflicts(settings, FIRST_BUSINESS_DATE, progress)
    if as_json:
        scores = {each.kind_code: each.figures() for each in found.scores}
        show_json(vars(found) | {"persons": persons, "seed": seed, "scores": scores})
        return
    show_conflict_scores(found.scores)
    say(f"Cover and conflicts: {found.seconds:.1f} s, {found.cpu_seconds:.1f} s of the processor, {found.peak_mb:,} MB.")


@bench.command()
def readers(
    rows: Annotated[int, typer.Option(min=100, help="Rows in each file; a workbook holds 100,000 at most.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=1, help="Read each file so often; the quickest counts.")] = 3,
    as_json: JSON = False,
) -> None:
    """Every format's reader on the same rows, against DuckDB's own reader of delimited UTF-8: rate and peak memory.

    Example: `databank bench readers --rows 1000000 --json`
    """
    from nights.bench import passing_home
    from nights.bench_readers import bench_readers
    from synthetic.plain_rows import write_plain_rows

    with passing_home(settings_from_environment(), "readers") as settings, shown_progress() as progress:
        figures = bench_readers(settings, rows, repeats, write_plain_rows, progress)
    if as_json:
        show_json({"rows": rows, "repeats": repeats, "formats": figures})
        return
    show_table(
        ("format", "rows", "file MB", "seconds", "CPU seconds", "rows/s", "MB/s", "to DuckDB", "by CPU", "peak MB"),
        [
            (
                each["format"], f"{each['rows']:,}", f"{each['file_mb']:,}", f"{each['seconds']:.2f}",
                f"{each['cpu_seconds']:.2f}", f"{each['rows_per_second']:,}",
                f"{each['mb_per_second']:,}", f"{each['ratio']:.2f}", f"{each['cpu_ratio']:.2f}", f"{each['peak_mb']:,}",
            )
            for each in figures
        ],
    )  # fmt: skip


@bench.command()
def cover(
    persons: Annotated[int, typer.Option(min=100, help="Persons, made without files or linkage.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Seed of the persons.")] = 11,
    without_load: Annotated[bool, typer.Option("--without-load", help="Leave PostgreSQL out.")] = False,
    as_json: JSON = False,
) -> None:
    """Cover as time, overlaps and who keeps, by seconds; then all booklets into PostgreSQL under their exclusion constraint.

    Example: `databank bench cover --persons 1000000 --json`
    """
    from nights.bench import passing_home
    from nights.bench_cover import bench_cover

    with passing_home(settings_from_environment(), f"cover-{persons}-{seed}") as settings:
        figures = bench_cover(settings, persons, seed, with_load=not without_load)
    if as_json:
        show_json(figures)
        return
    taken, cpu = figures["seconds"], figures["cpu_seconds"]
    show_table(("part", "seconds", "CPU seconds"), [(name, f"{taken[name]:.2f}", f"{cpu[name]:.2f}") for name in taken])
    show_facts("", [(name, f"{count:,} rows") for name, count in figures["rows"].items()])
    say("A sweep over the bounds of covers counts the same days." if figures["is_exact"] else "The sweep counts OTHER days.")


@bench.command()
def scaling(
    small: Annotated[Path, typer.Argument(help="What `databank bench linkage --json` printed for the smaller nation.")],
    large: Annotated[Path, typer.Argument(help="The same for the larger one.")],
    persons: Annotated[int, typer.Option("--to", min=1, help="Persons of the nation to tell about.")] = 90_000_000,
    as_json: JSON = False,
) -> None:
    """Tell from two measured nations what a larger one takes: exponents, seconds, memory, disk.

    Example: `databank bench scaling 1m.json 10m.json --to 90000000`
    """
    from nights.scaling import growth, read_figures

    sizes = read_figures(small), read_figures(large)
    found = growth(*sizes, persons)
    if as_json:
        show_json({"persons": persons, "figures": [vars(each) for each in found]})
        return
    names = [f"{size['persons']:,}" for size in sizes]
    say(f"| figure | unit | {names[0]} persons | {names[1]} persons | exponent | {persons:,} persons, extrapolated |")
    say("|---|---|---|---|---|---|")
    for each in found:
        numbers = [f"{value:,.1f}" if each.unit == "s" else f"{value:,.0f}" for value in (each.small, each.large)]
        expected = "–" if each.expected is None else f"{each.expected:,.0f}"
        exponent = "–" if each.exponent is None else f"{each.exponent:.2f}"
        say(f"| {' | '.join((each.name, each.unit or '–', *numbers, exponent, expected))} |")


def make_nation(settings: Settings, persons: int, seed: int) -> None:
    """Write the first night of a nation under the home of the settings."""
    from schemas.contracts import load_feeds
    from synthetic.nation import generate
    from synthetic.options import NationOptions

    generate(NationOptions(persons=persons, seed=seed), settings.home, load_feeds(settings.contracts))


def _show_linkage(found: Mapping[str, Any]) -> None:
    parts = {"standardise": found["standardise"], "link: ours": found["ours"], "link: plain Splink": found["splink"],
             "floor: read, join, write": found["floor"]}  # fmt: skip
    say(f"{found['persons']:,} persons, {found['records']:,} records, variant {found['variant']}, seed {found['seed']}")
    show_table(
        ("part", "seconds", "peak MB", "precision", "recall", "false pairs", "missed pairs"),
        [
            (name, f"{part['seconds']:.2f}", f"{part['peak_mb']:,}", *_quality(part))
            for name, part in parts.items()
            if part is not None
        ],
    )
    ratios, splink = found["ratios"], found["splink"]
    facts = [
        ("Ours to the floor", _times(ratios["ours_to_floor"])),
        ("Standardising to the floor", _times(ratios["standardise_to_floor"])),
        ("Twins and same-named relatives", "precision {}, recall {}".format(*_quality(found["ours"]["twins"]))),
    ]
    if overlaps := found["ours"].get("overlaps"):
        facts.append(("Double basic cover", f"precision {overlaps['precision']:.6f}, recall {overlaps['recall']:.6f}"))
    if second := found["incremental"]:
        same = "equal to it" if second["equal"] else f"NOT equal in {', '.join(second['differing'])}"
        told = f"{second['changed']:,} changed, {second['seconds']} s: {second['ratio_rebuild']} of a rebuild, {same}"
        facts.append(("Second night", told))
    if splink is not None:
        facts += [
            ("Plain Splink to ours", f"{_times(ratios['splink_to_ours'])}, without its training "
             f"{_times(ratios['splink_without_training_to_ours'])}; best threshold {splink['threshold']} bits"),
            ("Our memory to plain Splink's", _times(ratios["ours_to_splink_memory"])),
            ("Our errors to plain Splink's", f"false pairs {_times(ratios['ours_to_splink_false_pairs'])}, "
             f"missed pairs {_times(ratios['ours_to_splink_missed_pairs'])}"),
        ]  # fmt: skip
    show_facts("", facts)


def _quality(part: Mapping[str, Any]) -> tuple[str | None, ...]:
    if "precision" not in part:
        return (None,) * 4
    return f"{part['precision']:.6f}", f"{part['recall']:.6f}", f"{part['false_pairs']:,}", f"{part['missed_pairs']:,}"


def _times(ratio: float | None) -> str:
    return "not measured" if ratio is None else f"{ratio:.2f} ×"
