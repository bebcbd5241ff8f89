"""Names that go together: Jim and James, Chang and Zhang, علی and Ali. No rule of spelling tells that they are one name.

Training learns them from pairs that everything but the name proves. Whoever is called by a nickname is mostly called by the
name elsewhere, so most persons with two records who bear the rarer name bear the other too. Few of them are twins; and names
that twins bear, brothers and sisters bear as well: names of siblings are two. A rarer name goes with one commoner one alone,
so that no chain of likenesses makes a third.

Such a name counts by the sound of the commoner one: where names are compared, and wherever records are asked for by sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.duck import Connection, literal
from matching.comparisons import COMPARISONS, KNOWN_PARTS, Comparison
from matching.levels import aliased, level_of
from matching.match_weight import weights_of
from matching.model import Model
from matching.weights import drop_term_frequencies, term_frequencies

Together = Mapping[str, Mapping[str, str]]
"""By name: the key of a rarer one, and the sound that it counts for."""

NAMES = ("given_name", "surname")
# A father's name is a given name.
HEARD = {"given_name": "given_name", "father_name": "given_name", "surname": "surname"}
# Of 33 such pairs one is two persons.
SURE_WEIGHT = 5.0
# So many persons, by birth, bear both names; of those with two records who bear the rarer one so large a share bears the
# other too, which few twins do, and so many times as large a share as of all records.
LEAST_PERSONS, LEAST_SHARE, LEAST_LIFT = 4, 0.4, 4
# For so many persons there is at most one home whose siblings bear the two names; so far apart are siblings born.
PERSONS_PER_HOME, SIBLINGS_YEARS = 2, 15
# Who are of one family where all of these agree.
FAMILIES = (
    ("surname_key", "address_key"),
    ("surname_key", "postal_code_key"),
    ("surname_key", "mobile_no_key"),
    ("surname_key", "father_name_key"),
)
MOST_RECORDS_OF_FAMILY = 50
# What a name is that no rule of comparison finds like another.
UNLIKE = ("near", "differs")


@dataclass(frozen=True)
class _Name:
    comparison: Comparison

    @property
    def key(self) -> str:
        return f"{self.comparison.name}_key"

    @property
    def sound(self) -> str:
        return f"{self.comparison.name}_phonetic"

    @property
    def is_unlike(self) -> str:
        places = [place for place, label in enumerate(self.comparison.labels) if label in UNLIKE]
        return f"{level_of(self.comparison)} in ({', '.join(map(str, places))})"


_NAMES = {c.name: _Name(c) for c in COMPARISONS if c.name in NAMES}


def names_together(con: Connection, model: Model, prior: float, pairs: str) -> dict[str, dict[str, str]]:
    """Learn which names go together.

    Args:
        model: tells what is sure.
        prior: probability that two random records are one person.
        pairs: SQL of the pairs that may be one person (record_no_l, record_no_r).

    Reads:   temp table training_record
    """
    document = " or ".join(f"l.{name} = r.{name}" for name in ("national_code", "foreign_id", "passport_no", "email_key"))
    con.execute(
        f"""create or replace temp table told_pair as
            select record_no_l, record_no_r from ({pairs}) as p
            join training_record as l on l.record_no = p.record_no_l
            join training_record as r on r.record_no = p.record_no_r
            where coalesce(l.sex_code = r.sex_code, true)
              and coalesce(l.birth_date = r.birth_date or ({aliased(KNOWN_PARTS)}) or {document}, false)"""
    )
    term_frequencies(con, "training_record", "training_record")
    _find_sure_pairs(con, model, prior)
    drop_term_frequencies(con)
    together = {name: _of_one_name(con, each) for name, each in _NAMES.items()}
    for table in ("told_pair", "sure_pair"):
        con.execute(f"drop table {table}")
    return {name: found for name, found in together.items() if found}


def _find_sure_pairs(con: Connection, model: Model, prior: float) -> None:
    """Find the pairs that are sure without one of the names, or without both.

    Reads:   temp table told_pair
    Leaves:  temp table sure_pair (without, record_no_l, record_no_r)
    """
    con.execute("create or replace temp table sure_pair (without varchar[], record_no_l bigint, record_no_r bigint)")
    for without in (*((name,) for name in NAMES), NAMES):
        told = Model(model.name, {each: odds for each, odds in model.odds.items() if each not in without}, {})
        weighed = weights_of(told, prior, records="training_record", pairs="told_pair")
        con.execute(
            f"""insert into sure_pair select [{", ".join(map(literal, without))}], record_no_l, record_no_r
                from ({weighed}) where match_weight >= {SURE_WEIGHT}"""
        )


def _of_one_name(con: Connection, name: _Name) -> dict[str, str]:
    """Rarer names, by key, with the sound that each counts for."""
    key, sound = name.key, name.sound
    found = con.execute(
        f"""with pair as (
                select l.{key} as key_l, r.{key} as key_r, l.{sound} as sound_l, r.{sound} as sound_r,
                       coalesce(l.birth_date::varchar, l.birth_year::varchar) as born,
                       l.{sound} <> r.{sound} and {name.is_unlike} as is_unlike
                from (select distinct record_no_l, record_no_r from sure_pair
                      where list_contains(without, {literal(name.comparison.name)})) as p
                join training_record as l on l.record_no = p.record_no_l
                join training_record as r on r.record_no = p.record_no_r
                where least(length(l.{key}), length(r.{key})) > 1
            ),
            both_ways as (
                select key_l as key, sound_r as sound, born, is_unlike from pair
                union select key_r, sound_l, born, is_unlike from pair
            ),
            borne as (select key, sound, count(*) as persons from both_ways where is_unlike group by key, sound),
            known as (select key, count(distinct coalesce(born, '')) as persons from both_ways group by key),
            of_key as (
                select {key} as key, any_value({sound}) as sound, count(*) as records from training_record
                where {sound} is not null group by {key}
            ),
            of_sound as (
                select sound, arg_max(key, (records, key)) as head, max(records) as head_records,
                       sum(records) / sum(sum(records)) over () as share
                from of_key group by sound
            ),
            sibling as ({_siblings(name)})
            select b.key, o.sound, b.sound, s.head
            from borne as b join known as t on t.key = b.key
            join of_key as o on o.key = b.key join of_sound as s on s.sound = b.sound
            left join sibling as f on f.key = b.key and f.sound = b.sound
            where s.head_records > o.records
              and b.persons >= {LEAST_PERSONS} and b.persons >= {LEAST_SHARE} * t.persons
              and b.persons >= {LEAST_LIFT} * s.share * t.persons
              and b.persons >= {PERSONS_PER_HOME} * coalesce(f.homes, 0)
            order by b.persons desc, b.key, b.sound"""
    ).fetchall()
    return _without_chains(found)


def _siblings(name: _Name) -> str:
    """SQL of the names that siblings bear, as key and sound, in how many homes. Surnames say nothing of it."""
    key, sound = name.key, name.sound
    if name.comparison.name != "given_name":
        return f"select {key} as key, {sound} as sound, 0 as homes from training_record limit 0"
    families = " union all ".join(
        f"""select l.{key} as key, r.{sound} as sound, count(distinct hash({family}, {home})) as homes
            from (select {family}, {home} from training_record group by all
                  having count(*) between 2 and {MOST_RECORDS_OF_FAMILY}) as f
            join training_record as l using ({family}, {home}) join training_record as r using ({family}, {home})
            where l.{sound} <> r.{sound} and abs(l.birth_year - r.birth_year) between 2 and {SIBLINGS_YEARS}
            group by all"""
        for family, home in FAMILIES
    )
    return f"select key, sound, max(homes) as homes from ({families}) group by key, sound"


def _without_chains(found: Iterable[tuple[str, str, str, str]]) -> dict[str, str]:
    """The surest first; a name for which others count by now counts for no other itself, and the other way round: two
    likenesses do not make a third.

    Args:
        found: key, its sound, the sound that it may count for, the commonest name of that sound.
    """
    together: dict[str, str] = {}
    for key, own, sound, head in found:
        if key not in together and head not in together and own not in together.values():
            together[key] = sound
    return together


def heard(rows: str, together: Together) -> str:
    """SQL of these records, with each name by the sound that it counts for."""
    sounds, joins = [], []
    for name, kind in HEARD.items():
        if known := together.get(kind):
            values = ", ".join(f"({literal(key)}, {literal(sound)})" for key, sound in sorted(known.items()))
            sounds.append(f"coalesce({name}_heard.sound, r.{name}_phonetic) as {name}_phonetic")
            joins.append(f"left join (values {values}) as {name}_heard (key, sound) on {name}_heard.key = r.{name}_key")
    return f"select r.* replace ({', '.join(sounds)}) from ({rows}) as r {' '.join(joins)}" if sounds else rows
