"""What the record that speaks for a code tells of its person: what all records that the code links to it tell together.

A code that the registry does not know links its records to the one that speaks for it, and that one is compared with others.
"""

from __future__ import annotations

from matching.comparisons import compared_columns

# What is told by one record or not at all, by the columns that say whether it is the same.
_TOGETHER: dict[tuple[str, ...], tuple[str, ...]] = {
    ("given_name_key",): ("given_name_key", "given_name_phonetic", "given_name_letters"),
    ("surname_key",): ("surname_key", "surname_phonetic", "surname_letters"),
    ("father_name_key",): ("father_name_key", "father_name_phonetic", "father_name_letters"),
    ("birth_year", "birth_month", "birth_day"): ("birth_date", "birth_year", "birth_month", "birth_day"),
}


def told(rows: str) -> str:
    """SQL of what speaking records tell: of each value the commonest, of equally common ones its own, else the first; of
    births, whole dates before years alone.

    Args:
        rows: table of the compared columns by node_no, whose person they are of, and record_no.

    Grain:   node_no
    """
    columns = compared_columns()
    alone = (name for name in columns if not any(name in names for names in _TOGETHER.values()))
    groups = dict(_TOGETHER)
    groups.update({(name,): (name,) for name in alone})
    values = " ".join(
        f"left join ({_commonest(rows, same, names)}) as t{place} on t{place}.node_no = n.node_no"
        for place, (same, names) in enumerate(groups.items())
    )
    holder = {name: f"t{place}.{name}" for place, names in enumerate(groups.values()) for name in names}
    selected = ", ".join(f"{holder[name]} as {name}" for name in columns)
    return f"select n.node_no, {selected} from (select distinct node_no from {rows}) as n {values}"


def _commonest(rows: str, same: tuple[str, ...], names: tuple[str, ...]) -> str:
    listed = ", ".join(names)
    return f"""
        select node_no, {listed} from (
            select node_no, {listed}, row_number() over (
                       partition by node_no
                       order by {names[0]} is null, value_count desc, record_no <> node_no, record_no) as place
            from (
                select node_no, record_no, {listed}, count(*) over (partition by node_no, {", ".join(same)}) as value_count
                from {rows} where {same[0]} is not null
            ) as counted
        ) as placed where place = 1
    """
