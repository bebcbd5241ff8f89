"""Blocking: the pairs that the rules bring (``matching.blocking_rules``), the yield of each, and what its cap leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from hub.duck import Connection
from hub.steps import Step
from matching.blocking_rules import ALIKE, BLOCKING_RULES, DERIVED, ENDS, FIELDS, OWN_NAMES, BlockingRule
from schemas.tables import BLOCKING_YIELD, POPULATION

# A block that would make more pairs than this is left out by name; narrower rules still find what is in it (L10).
MOST_PAIRS_PER_BLOCK = 10_000
# A block that was below the cap when the reference was measured may grow by this factor before it is left out too.
BLOCK_GROWTH = 2
# Others are looked up in the blocks of some rules at a time, in no more than so many: they stay close to the processor.
BLOCKS_AT_ONCE = 500_000
ALL_RULES = range(len(BLOCKING_RULES))


@dataclass(frozen=True)
class Cap:
    """What is left out in a round: the blocks of that round in temp table capped_block, and those that make more pairs, or
    hold more others, than the numbers above; where ``is_carried``, than ``BLOCK_GROWTH`` times as many, and large blocks are
    those of the reference alone, since a part of the nation does not see how many known persons a block holds."""

    round_no: int = 0
    is_carried: bool = False


_NAME = "hash(given_name_phonetic, surname_phonetic)"
_ALIKE = "l.head is null or r.head is null or l.head = r.head or l.tail = r.tail"


def hear_names(con: Connection, profiles: str, population: str) -> None:
    """Find out whether anybody else bears the names of profiles, in the registry where there is one: a name that nobody
    bears is mostly mistyped, or a part of it was left out.

    Args:
        profiles: table that holds ``hashed_fields``.
        population: table of person records, of the night that is the reference.

    Leaves:  temp table heard_name (name, is_heard); what an earlier call asked stays
    """
    con.execute("create temp table if not exists heard_name (name ubigint, is_heard boolean)")
    con.execute(
        f"""create or replace temp table asked_name as
            select distinct {_NAME} as name from {profiles}
            where given_name_phonetic is not null and surname_phonetic is not null
              and {_NAME} not in (select name from heard_name)"""
    )
    if con.execute("select count(*) from asked_name").fetchall()[0][0]:
        con.execute(
            f"""insert into heard_name
                with bearer as (
                    select hash(hash(given_name_phonetic), hash(surname_phonetic)) as name, is_registry from {population}
                    where is_registry = (select coalesce(bool_or(is_registry), false) from {population})
                ),
                heard as (
                    select name, bool_or(is_registry) or count(*) > 1 as is_heard
                    from bearer semi join asked_name using (name) group by name
                )
                select name, coalesce(is_heard, false) from asked_name left join heard using (name)"""
        )
    con.execute("drop table asked_name")


def block_keys(
    table: str, column_no: str, *, is_other: bool, is_heard: bool = False, rule_nos: Collection[int] = ALL_RULES
) -> str:
    """SQL of all blocks of a table's rows: rule_no, block, record_no (``column_no``), and the two fields of which one has to
    agree (null: none has to).

    Args:
        table: holds ``hashed_fields``.
        is_other: blocks under which the other record of a pair is found.
        is_heard: temp table heard_name tells which names others bear; else all count as those that nobody does.
        rule_nos: the rules that are asked for.
    """
    selects = []
    for rule_no in rule_nos:
        rule = BLOCKING_RULES[rule_no]
        fields = (rule.other if is_other else None) or rule.fields
        known = " and ".join(f"{field} is not null" for field in fields)
        if rule.lacking and not is_other:
            known += f" and {rule.lacking} is null"
        if rule.is_for_unheard and is_heard and not is_other:
            known += f" and {_NAME} not in (select name from heard_name where is_heard)"
        ends = ", ".join(_end(rule, end) for end in ENDS)
        block = f"hash({rule_no}, {', '.join(fields)})"
        selects.append(f"select {rule_no}::utinyint, {block}, {column_no}, {ends} from {table} where {known}")
    columns = ", ".join(("rule_no", "block", "record_no", *ENDS))
    return f"select * from ({' union all '.join(selects)}) as keyed({columns})"


def _numbers(is_meant: Callable[[BlockingRule], bool]) -> str:
    return ", ".join(str(rule_no) for rule_no, rule in enumerate(BLOCKING_RULES) if is_meant(rule))


def _end(rule: BlockingRule, end: str) -> str:
    if rule.alike is None:
        return "null::ubigint"
    field = dict(zip(ENDS, ALIKE[rule.alike], strict=True))[end]
    return f"case when father_name_key is not null then {field} end" if rule.alike in OWN_NAMES else field


def hashed_fields() -> str:
    """SQL of what the rules read, as whole numbers, one column a field: several times as fast as text."""
    return ", ".join(f"case when {_column(field)} is not null then hash({_value(field)}) end as {field}" for field in FIELDS)


def hashed(rows: str) -> str:
    """SQL of rows with ``record_no`` and the columns that the rules read, as ``block_keys`` takes them."""
    return f"select record_no, {hashed_fields()} from ({rows})"


def _column(field: str) -> str:
    return DERIVED[field][0] if field in DERIVED else field


def _value(field: str) -> str:
    return DERIVED[field][1].format(DERIVED[field][0]) if field in DERIVED else field


def blocked_fields() -> tuple[str, ...]:
    """Columns that the rules read."""
    return tuple(dict.fromkeys(map(_column, FIELDS)))


def block_profiles(con: Connection, profiles: str, population: str) -> None:
    """Blocks of the profiles, reached from both sides.

    Args:
        population: as ``hear_names`` takes it.

    Leaves:  temp tables profile_block and mirrored_block, as ``block_keys``
    """
    con.execute(f"create or replace temp table hashed_profile as {hashed(f'from {profiles}')}")
    hear_names(con, "hashed_profile", population)
    for name, is_other in (("profile_block", False), ("mirrored_block", True)):
        keys = block_keys("hashed_profile", "record_no", is_other=is_other, is_heard=True)
        con.execute(f"create or replace temp table {name} as {keys}")
    con.execute("drop table hashed_profile")


def candidate_pairs(con: Connection, known: str, cap: Cap, *, is_further: bool = False) -> None:
    """Pairs of each profile with known persons and with other profiles.

    Args:
        known: record_no of the persons, and the fields of the rules.
        is_further: profiles were compared with each other before.

    Reads:   temp tables of ``block_profiles``, capped_block (round_no, block, is_capped)
    Leaves:  temp tables candidate_pair (record_no_l of a profile, record_no_r, rule_no), rule_size (of each rule, how many
             pairs its blocks hold, and what the cap leaves out), large_block (blocks of more than few others; is_capped)
    """
    _find_others(con, known, is_further=is_further)
    few_of = _few_among(con)
    few = " ".join(f"when {n} then {count}" for n, count in few_of.items())
    growth = BLOCK_GROWTH if cap.is_carried else 1
    is_large = "false" if cap.is_carried else f"coalesce(r.known_count > case rule_no {few} end, false)"
    most = " ".join(f"when {n} then {rule.most_others}" for n, rule in enumerate(BLOCKING_RULES))
    con.execute(
        f"""create or replace temp table block_size as
            select rule_no, block, l.n * r.n as pair_count,
                   l.n * r.n > {MOST_PAIRS_PER_BLOCK * growth} or r.n > {growth} * case rule_no {most} end
                       or coalesce(c.is_capped, false) as is_capped,
                   {is_large} or c.block is not null as is_large
            from (select rule_no, block, count(*) as n from profile_block group by all) as l
            join (
                select block, count(*) as n, count(*) filter (where is_known) as known_count from other_block group by all
            ) as r using (block)
            left join (select * from capped_block where round_no = {cap.round_no}) as c using (block)"""
    )
    con.execute(
        """create or replace temp table large_block as
           select block, is_capped from block_size where is_large or is_capped"""
    )
    con.execute(
        """create or replace temp table rule_size as
           select rule_no, coalesce(sum(pair_count) filter (where not is_capped), 0) as pair_count,
                  count(*) filter (where is_capped) as capped_block_count,
                  coalesce(sum(pair_count) filter (where is_capped), 0) as capped_pair_count
           from block_size group by rule_no"""
    )
    # Only one of two open records may be unheard of, or lack what is asked for, so either may be the one that does.
    one_sided = _numbers(lambda rule: rule.is_for_unheard or rule.lacking is not None)
    asked_of_large = ", ".join(map(str, few_of))
    con.execute(
        f"""create or replace temp table candidate_pair as
            select case when is_turned then other_no else profile_no end as record_no_l,
                   case when is_turned then profile_no else other_no end as record_no_r, min(rule_no) as rule_no
            from (
                select l.record_no as profile_no, r.record_no as other_no, l.rule_no,
                       not r.is_known and l.record_no > r.record_no as is_turned
                from profile_block as l
                join (
                    select o.block, o.record_no, o.is_known, o.tail,
                           case when b.block is not null or o.rule_no not in ({asked_of_large}) then o.head end as head
                    from other_block as o left join large_block as b using (block) where not coalesce(b.is_capped, false)
                ) as r on r.block = l.block and l.record_no <> r.record_no and ({_ALIKE})
                 and (r.is_known or l.record_no < r.record_no or l.rule_no in ({one_sided}))
            )
            group by all"""
    )
    con.execute("drop table other_block; drop table block_size")


def _few_among(con: Connection) -> dict[int, int]:
    """How many known persons are few in a block of a rule, of those rules that ask for more only among more."""
    known_count = con.execute(f"select known_person_count from {POPULATION.name}").fetchall()[0][0]
    few = {rule_no: rule.few_among(known_count) for rule_no, rule in enumerate(BLOCKING_RULES)}
    return {rule_no: count for rule_no, count in few.items() if count}


def _find_others(con: Connection, known: str, *, is_further: bool) -> None:
    """Leaves temp table other_block: the blocks, of those that profiles have, in which others are found."""
    counts = dict(con.execute("select rule_no, count(*) from profile_block group by rule_no").fetchall())
    for number, rule_nos in enumerate(_shared_out(counts)):
        meant = f"rule_no in ({', '.join(map(str, rule_nos))})"
        others = f"select *, true as is_known from ({block_keys(known, 'record_no', is_other=True, rule_nos=rule_nos)})"
        if not is_further:
            others += f" union all select *, false from mirrored_block where {meant}"
        found = f"""
            select distinct rule_no, block, record_no, head, tail, is_known
            from ({others}) semi join (select distinct block from profile_block where {meant}) using (block)
        """
        con.execute(f"insert into other_block {found}" if number else f"create or replace temp table other_block as {found}")


def _shared_out(counts: Mapping[int, int]) -> Sequence[Sequence[int]]:
    """The rules that have any block, in groups that together have no more than ``BLOCKS_AT_ONCE``, or are single rules.

    Args:
        counts: number of blocks of a rule.
    """
    groups: list[list[int]] = [[]]
    held = 0
    for rule_no in sorted(counts) or [ALL_RULES[0]]:
        held += counts.get(rule_no, 0)
        if groups[-1] and held > BLOCKS_AT_ONCE:
            groups.append([])
            held = counts[rule_no]
        groups[-1].append(rule_no)
    return groups


def rules_between(con: Connection, profiles: str, known: str, population: str) -> tuple[str, ...]:
    """Names of the rules that bring a profile of one table together with a record of another, be the blocks small or large.

    Args:
        population: as ``hear_names`` takes it.
    """
    con.execute(f"create or replace temp table hashed_profile as {hashed(f'from {profiles}')}")
    hear_names(con, "hashed_profile", population)
    rows = con.execute(
        f"""with known as ({hashed(f"from {known}")})
            select distinct l.rule_no
            from ({block_keys("hashed_profile", "record_no", is_other=False, is_heard=True)}) as l
            join ({block_keys("known", "record_no", is_other=True)}) as r using (rule_no, block)
            where {_ALIKE} or l.rule_no in ({", ".join(map(str, _few_among(con)))}) order by l.rule_no"""
    ).fetchall()
    con.execute("drop table hashed_profile")
    return tuple(BLOCKING_RULES[rule_no].name for (rule_no,) in rows)


def note_yield(con: Connection) -> None:
    """Remember what each rule brought in the first round.

    Leaves:  temp tables first_rule_size (as rule_size), rule_yield (rule_no, new_pair_count)
    """
    con.execute("create or replace temp table first_rule_size as from rule_size")
    con.execute(
        """create or replace temp table rule_yield as
           select rule_no, count(*) as new_pair_count from candidate_pair group by rule_no"""
    )


def blocking_yield() -> Step:
    """What each rule brought, and what its cap left out.

    Reads:   temp tables of ``note_yield``
    Grain:   blocking_rule
    """
    names = ", ".join(f"({n}, '{rule.name}')" for n, rule in enumerate(BLOCKING_RULES))
    return Step(
        BLOCKING_YIELD.name,
        BLOCKING_YIELD.grain,
        f"""
        select n.name as blocking_rule, coalesce(s.pair_count, 0)::bigint as pair_count,
               coalesce(b.new_pair_count, 0)::bigint as new_pair_count,
               coalesce(s.capped_block_count, 0)::bigint as capped_block_count,
               coalesce(s.capped_pair_count, 0)::bigint as capped_pair_count
        from (values {names}) as n(rule_no, name)
        left join first_rule_size as s using (rule_no) left join rule_yield as b using (rule_no)
        """,
    )
