"""Match weights of candidate pairs, as Splink weighs them by a model, on the runner's own connection."""

from __future__ import annotations

from hub.duck import Connection
from matching.comparisons import term_frequency_columns
from matching.engine import keeps_order
from matching.match_weight import weights_of
from matching.model import Model

ISSUED_ONCE = ("national_code", "foreign_id", "passport_no")
# Who counts as one person before linking, and what follows from that.
PERSON = "hash(given_name_key, surname_key, birth_year)"
# What a person has one of, most of all: told once for a listed person, be it by several records.
NAME_FORMS = ("given_name_key", "given_name_phonetic", "surname_key", "surname_phonetic")
HELD_ONCE = (*NAME_FORMS, "father_name_key", "father_name_phonetic", "birth_date", "province_code")


def term_frequencies(con: Connection, values_of: str, total_of: str, *, is_first: bool = False) -> None:
    """Share of persons that hold each value, for the values that the compared records hold.

    Persons, not records, are counted, or the many records of one would make his name common. Without knowing yet who is
    who, different names or birth years count as different persons; one is left out, because two spellings of the person in
    question count twice.

    A value that ``total_of`` does not hold, because it came later, is as rare as one that a single person has.

    A share is of those who have such a value at all; of everybody for numbers that are issued to one person, of which few
    may be on file.

    Args:
        is_first: nothing is counted yet, and most names and dates will be asked for: persons are then listed once for all
            of them, each with one of a kind.

    Reads:   ``values_of`` (the compared records), ``total_of`` (all records, or those of the night that is the reference)
    Leaves:  temp tables tf_<column> (<column>, tf_<column>); what an earlier call counted stays
    """
    persons = f"({_persons(total_of)})"
    if is_first:
        con.execute(f"create or replace temp table tf_person as from {persons}")
        persons = "tf_person"
    totals = ", ".join(
        f"greatest(1, count(*){_among_holders(column, bit)})::double as {column}" for column, bit in _bits().items()
    )
    con.execute(f"create temp table if not exists tf_total as select {totals} from {persons}")
    for column in _begin_counts(con, values_of):
        con.execute(f"create or replace temp table uncounted as {_uncounted(column, values_of)}")
        _add_counts(con, column, _of_listed(column) if is_first and column in HELD_ONCE else _of_records(column, total_of))
    con.execute("drop table if exists tf_person")


def _begin_counts(con: Connection, values_of: str) -> list[str]:
    """Columns of which some value is not counted yet."""
    columns = term_frequency_columns()
    for column in columns:
        con.execute(
            f"""create temp table if not exists tf_{column} as
                select {column}, cast(null as double) as tf_{column} from {values_of} limit 0"""
        )
    asked = " union all ".join(f"select '{column}' as name from ({_uncounted(column, values_of)})" for column in columns)
    found = {name for (name,) in con.execute(f"select distinct name from ({asked})").fetchall()}
    return [column for column in columns if column in found]


def _uncounted(column: str, values_of: str) -> str:
    return f"""
        select distinct {column}, hash({column}) as value_hash from {values_of}
        where {column} is not null and {column} not in (select {column} from tf_{column})
    """


def _add_counts(con: Connection, column: str, counted: str) -> None:
    con.execute(
        f"""insert into tf_{column}
            with counted as ({counted})
            select {column}, greatest(1, coalesce(person_count, 0) - 1)
                       / (select t.{column} from tf_total as t) as tf_{column}
            from uncounted left join counted using (value_hash)"""
    )


def _bits() -> dict[str, int]:
    # One bit a column: exact, so that every engine finds the same, and no dearer than an estimate.
    return {column: 1 << place for place, column in enumerate(term_frequency_columns())}


def _persons(total_of: str) -> str:
    """SQL of the persons that are told apart: hashes of what each holds once, and which columns any of its records fills."""
    held = " + ".join(f"case when {column} is null then 0 else {bit} end" for column, bit in _bits().items())
    # The persons' own names are told apart already, so their hashes are enough; of the others the first by order counts, as
    # it does on every engine.
    asked = ", ".join(f"hash({name}) as {name}" if name in NAME_FORMS else name for name in HELD_ONCE)
    first = {name: f"min({name})" for name in HELD_ONCE}
    once = ", ".join(
        f"{value} as {name}" if name in NAME_FORMS else f"case when {value} is not null then hash({value}) end as {name}"
        for name, value in first.items()
    )
    return f"""
        select {once}, bit_or(held) as held
        from (select {PERSON} as person, {asked}, {held} as held from {total_of}) group by person
    """


def _of_listed(column: str) -> str:
    return f"select {column} as value_hash, count(*) as person_count from tf_person group by {column}"


def _of_records(column: str, total_of: str) -> str:
    return f"""
        select hash({column}) as value_hash, count(distinct {PERSON}) as person_count from {total_of}
        where {column} in (select {column} from uncounted) group by {column}
    """


def frequency_tables() -> tuple[str, ...]:
    """Names of the tables of the population that was counted."""
    return tuple(f"tf_{name}" for name in ("total", *term_frequency_columns()))


def _among_holders(column: str, bit: int) -> str:
    return "" if column in ISSUED_ONCE else f" filter (where (held & {bit}) > 0)"


def weigh(con: Connection, model: Model, prior: float, *, records: str, pairs: str, least_weight: float) -> None:
    """Weigh pairs.

    Reads:   ``records`` (record_no and the compared columns), ``pairs`` (record_no_l, record_no_r), tf_<column>
    Leaves:  temp table weighed_pair (record_no_l, record_no_r, match_weight), pairs of at least ``least_weight`` bits
    """
    if keeps_order(con):
        weighed = weights_of(model, prior, records=records, pairs=pairs)
        con.execute(
            f"create or replace temp table weighed_pair as select * from ({weighed}) where match_weight >= {least_weight}"
        )
    else:
        from matching.by_splink import weigh_by_splink  # which takes a while to load

        weigh_by_splink(con, model, prior, records=records, pairs=pairs, least_weight=least_weight)
