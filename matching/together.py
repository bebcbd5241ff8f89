"""Names that go together: Jim and James, Chang and Zhang, علی and Ali. No rule of spelling tells that they are one name.

Training learns them from pairs that everything but the name proves. Whoever is called by a nickname is mostly called by the
name elsewhere, so most persons with two records who bear the rarer name bear the other too. Few of them are twins; and names
that twins bear, brothers and sisters bear as well: names of siblings are two. A rarer name goes with one commoner one alone,
so that no chain of likenesses makes a third. The spellings of one sound prove it together: Tedy and Teddy, sasha and саша.

Such a name counts by the sound of the commoner one: where names are compared, and wherever records are asked for by sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.duck import Connection, literal
from hub.engine import passing_tables
from matching.comparisons import COMPARISONS, KNOWN_PARTS, OWN_NAMES, Comparison
from matching.levels import aliased, level_of
from matching.match_weight import weights_of
from matching.model import Model
from matching.weights import term_frequencies

Together = Mapping[str, Mapping[str, str]]
"""By name: the key of a rarer one, and the sound that it counts for."""

# A father's name is a given name: it counts as one, and tells which go together. Twins have one father.
HEARD = {"given_name": "given_name", "father_name": "given_name", "surname": "surname"}
# Of 33 such pairs one is two persons.
SURE_WEIGHT = 5.0
# So many persons, by birth, bear both names; of those with two records who bear the rarer one so large a share bears the
# other too, which few twins do, and so many times as large a share as of all records.
LEAST_PERSONS, LEAST_SHARE, LEAST_LIFT = 4, 0.4, 4
# A model holds no name that fewer persons bear: it is no person's own.
LEAST_BEARERS = 3
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


# When a person was born, so far as it is told; persons are counted by it.
_BORN = "coalesce({0}birth_date::varchar, {0}birth_year::varchar, '')"
_NAMES = {c.name: _Name(c) for c in COMPARISONS if c.name in HEARD}


def names_together(con: Connection, model: Model, prior: float, pairs: str) -> dict[str, dict[str, str]]:
    """Learn which names go together.

    Args:
        model: tells what is sure.
        prior: probability that two random records are one person.
        pairs: SQL of the pairs that may be one person (record_no_l, record_no_r).

    Reads:   temp table training_record
    """
    document = " or ".join(f"l.{name} = r.{name}" for name in ("national_code", "foreign_id", "passport_no", "email_key"))
    with passing_tables(con):
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
        together = {name: _of_one_name(con, _NAMES[name]) for name in OWN_NAMES}
    return {name: found for name, found in together.items() if found}


def _find_sure_pairs(con: Connection, model: Model, prior: float) -> None:
    """Find the pairs that are sure without one of the names, or without given name and surname.

    Reads:   temp table told_pair
    Leaves:  temp table sure_pair (without, record_no_l, record_no_r)
    """
    con.execute("create or replace temp table sure_pair (without varchar[], record_no_l bigint, record_no_r bigint)")
    for without in (*((name,) for name in HEARD), OWN_NAMES):
        told = Model(model.name, {each: odds for each, odds in model.odds.items() if each not in without}, {})
        weighed = weights_of(told, prior, records="training_record", pairs="told_pair")
        con.execute(
            f"""insert into sure_pair select [{", ".join(map(literal, without))}], record_no_l, record_no_r
                from ({weighed}) where match_weight >= {SURE_WEIGHT}"""
        )


def _of_one_name(con: Connection, name: _Name) -> dict[str, str]:
    """Rarer names, by key, with the sound that each counts for.

    Each key is looked at alone first, then all keys of one sound together, but for those that are another name: what few
    persons bear in each of its spellings is proved by all of them. A key of which this is not so keeps its own sound; one
    of which nothing is known goes with the others where none of that sound is another name. Keys of fewer than
    ``LEAST_BEARERS`` prove it with the others, and keep their own sound.
    """
    found = con.execute(
        f"""with {_spellings(name)},
            group_of as (
                select *, key as of_key, is_so as goes from spelling where not is_other
                union all
                select *, '' as of_key, is_so and (known > 0 or not has_other) as goes from spelling where not is_other
            ),
            sibling as ({_siblings(name)}),
            homes as (
                select own, sound, of_key, sum(homes) as homes
                from group_of join sibling using (key, sound) group by own, sound, of_key
            ),
            proof as (
                select g.own, g.sound, g.of_key,
                       count(distinct w.born) filter (where w.is_unlike and w.sound = g.sound) as persons,
                       count(distinct w.born) as known
                from group_of as g join both_ways as w on w.key = g.key group by all
            )
            select own, sound, any_value(g.head), list(g.key order by g.key)
            from group_of as g join proof as p using (own, sound, of_key) left join homes as h using (own, sound, of_key)
            where g.goes and g.bearers >= {LEAST_BEARERS} and p.persons >= {LEAST_PERSONS}
              and p.persons >= {LEAST_SHARE} * p.known and p.persons >= {LEAST_LIFT} * g.share * p.known
              and p.persons >= {PERSONS_PER_HOME} * coalesce(h.homes, 0)
            group by own, sound, of_key, p.persons
            order by of_key = '', p.persons desc, of_key, own, sound"""
    ).fetchall()
    return _without_chains(found)


def _spellings(name: _Name) -> str:
    """SQL of what is told of each key as one for another sound: ``spelling``, and before it ``both_ways``, who bears what.

    Columns: own (its sound), sound, head and share of that one, known (persons with two sure records), is_so (of these
             enough bear both), is_other (it is common, or known to be another name), has_other (one of its sound is).
    """
    key, sound = name.key, name.sound
    told_by = [_NAMES[each] for each, kind in HEARD.items() if kind == name.comparison.name]
    return f"""pair as ({" union all ".join(map(_sure_pairs, told_by))}),
            both_ways as (
                select key_l as key, sound_r as sound, born, is_unlike from pair
                union select key_r, sound_l, born, is_unlike from pair
            ),
            borne as (
                select key, sound, count(distinct born) as persons from both_ways where is_unlike
                group by key, sound
            ),
            known as (select key, count(distinct born) as persons from both_ways group by key),
            of_key as (
                select {key} as key, any_value({sound}) as own, count(*) as records,
                       count(distinct {_BORN.format("")}) as bearers
                from training_record where {sound} is not null group by {key}
            ),
            of_sound as (
                select own as sound, arg_max(key, (records, key)) as head, max(records) as head_records,
                       sum(records) / sum(sum(records)) over () as share
                from of_key group by own
            ),
            spelling as (
                select o.own, o.key, o.bearers, s.sound, s.head, s.share, coalesce(k.persons, 0) as known,
                       coalesce(b.persons, 0) >= {LEAST_SHARE} * known as is_so,
                       o.records >= s.head_records or (known >= {LEAST_PERSONS} and not is_so) as is_other,
                       bool_or(is_other) over (partition by o.own, s.sound) as has_other
                from (select distinct own, sound from borne join of_key using (key)) as t
                join of_sound as s using (sound) join of_key as o using (own)
                left join known as k using (key) left join borne as b on b.key = o.key and b.sound = s.sound
            )"""


def _sure_pairs(name: _Name) -> str:
    """SQL of the pairs that are sure without this name: the two names, by key and sound, and when such a person was born."""
    key, sound = name.key, name.sound
    return f"""
                select l.{key} as key_l, r.{key} as key_r, l.{sound} as sound_l, r.{sound} as sound_r,
                       {_BORN.format("l.")} as born,
                       l.{sound} <> r.{sound} and {name.is_unlike} as is_unlike
                from (select distinct record_no_l, record_no_r from sure_pair
                      where list_contains(without, {literal(name.comparison.name)})) as p
                join training_record as l on l.record_no = p.record_no_l
                join training_record as r on r.record_no = p.record_no_r
                where least(length(l.{key}), length(r.{key})) > 1"""


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


def _without_chains(found: Iterable[tuple[str, str, str, list[str]]]) -> dict[str, str]:
    """The surest first; a name for which others count by now counts for no other itself, and the other way round: two
    likenesses do not make a third.

    Args:
        found: a sound, the one that it may count for, the commonest name of that one, the keys that go with it.
    """
    together: dict[str, str] = {}
    for own, sound, head, keys in found:
        if head not in together and own not in together.values():
            together |= {key: sound for key in keys if key not in together}
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
