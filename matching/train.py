"""Training: a model from the data at hand. Done rarely, seeded, written as JSON that people review.

u comes from random pairs, m from expectation maximisation over blocks that hold mostly one person each. It needs no truth
and no registry: where national codes are there, records that share one are the best block; else names, births and contacts
are. Every record counts, also those that tell the same: without them, whoever is in a block of namesakes would seem to move
all the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from hub.duck import DuckConnection
from hub.errors import ModelNotTrained
from matching.comparisons import COMPARISONS, DIFFERS, Comparison, compared_columns, list_columns
from matching.expectation import LEAST_MATCHES, Estimate, Lesson, Whole, estimate
from matching.model import CURRENT, IN_TREE, Model, Odds, load_model
from matching.patterns import Patterns, patterns
from matching.together import Together, heard, names_together

EM_BLOCKS = (
    ("national_code",),
    ("foreign_id",),
    ("passport_no",),
    ("mobile_no_key", "given_name_key"),
    ("email_key", "given_name_key"),
    ("birth_date", "surname_key"),
    ("given_name_key", "surname_key", "birth_year"),
    ("given_name_key", "father_name_key", "birth_year"),
)
# Twins, families, neighbours and namesakes are in these too: they teach only what the others cannot. Those of a contact
# alone teach names, where nobody tells births.
ROUGH_BLOCKS = (
    ("birth_date", "father_name_key"),
    ("birth_date", "postal_code_key"),
    ("birth_date", "address_key"),
    ("birth_date", "province_code"),
    ("birth_date", "sex_code"),
    ("mobile_no_key",),
    ("email_key",),
    ("address_key",),
    ("postal_code_key",),
    ("given_name_key", "surname_key", "province_code"),
    ("given_name_key", "surname_key"),
)
# Alone, it brings too many strangers and twins together to teach by itself; with all blocks it shows what names do.
BIRTH = ("birth_date",)
# Among namesakes the sex agrees, whoever they are: it would make all of them look like one person.
TOLD_BY = {"given_name_key": "sex"}
RANDOM_PAIRS = 4_000_000
LEAST_BLOCK_PAIRS = 200
MOST_BLOCK_PAIRS = 2_000_000
# More records than this on one value are not mostly one person.
MOST_RECORDS_IN_BLOCK = 50
# No level is so rare that one sight of it may decide; below this many pairs a level's odds are assumed.
LEAST_M, LEAST_U, LEAST_U_ROUGH = 5e-4, 1e-6, 1e-5
ASSUMED_DIFFERS, ASSUMED_BEST = 0.08, 0.9
# A stranger's names are those of a person in each other's place as often as they agree, where one of both was written so.
# Both names tell that at once, so random pairs, which hardly show it, cannot.
SWAPPED_NAMES = "swapped"
# Relatives do not share it; in a block of namesakes, who differs in other things is mostly one person all the same.
GIVEN_NAME = "given_name_key"
# Records of one name and home whose births say whether they are one person, or father and namesake son.
NAMESAKES_AT_HOME = tuple(("given_name_key", "surname_key", home) for home in ("address_key", "postal_code_key"))
BIRTH_COMPARISON = next(each for each in COMPARISONS if each.name == "birth")
Block = tuple[str, ...]


def train(con: DuckConnection, *, name: str, description: str, seed: int) -> Model:
    """Train a model on ``linkage.person_record``.

    Args:
        name: of the version, such as 2026-11-21.
        description: what data this is; kept in the model.

    Raises:
        ModelNotTrained: there are too few records that could be one person.
    """
    columns = ", ".join(compared_columns())
    con.execute(
        f"""create or replace temp table training_record as
            select row_number() over (order by record_key) as record_no, {columns}, {list_columns("p")}
            from linkage.person_record as p"""
    )
    records = int(con.execute("select count(*) from training_record").fetchall()[0][0])
    blocks = [block for block in (*EM_BLOCKS, *ROUGH_BLOCKS) if _pair_count(con, block) >= LEAST_BLOCK_PAIRS]
    if not blocks:
        raise ModelNotTrained(
            "Too few records share a code, a phone or a name; no model was made.",
            hint="Train on more deliveries, or use the model of the tree.",
        )
    found, together = _listened(con, records, blocks, seed)
    namesakes = _share_of_namesakes(con, seed)
    con.execute("drop table training_record")
    odds, assumed = _odds(found)
    training = {
        "description": description,
        "records": records,
        "seed": seed,
        "random_pairs": RANDOM_PAIRS,
        "blocks": ["+".join(block) for block in blocks],
        "assumed": assumed,
        "namesakes": namesakes,
        "others": round(_others(found, records), 3),
        "relatives": _rounded(found.relatives),
        "relatives_of_one_birth": _rounded(found.one_birth),
    }
    return Model(name, odds, training | ({"together": together} if together else {}))


def _listened(con: DuckConnection, records: int, blocks: Sequence[Block], seed: int) -> tuple[Estimate, Together]:
    """What the records teach, once it is known which of their names go together."""
    found = _estimated(con, records, blocks, seed)
    prior = max(1.0, _others(found, records)) / records
    together = names_together(con, Model("", _odds(found)[0], {}), prior, _sampled(con, seed)[0])
    if not together:
        return found, {}
    con.execute(f"create or replace temp table training_record as {heard('from training_record', together)}")
    return _estimated(con, records, blocks, seed), together


def _estimated(con: DuckConnection, records: int, blocks: Sequence[Block], seed: int) -> Estimate:
    return estimate(
        patterns(con, "training_record", _random_pairs(records, seed)),
        [_lesson(con, block, seed) for block in blocks],
        lambda: _whole(con, records, seed),
    )


def _others(found: Estimate, records: int) -> float:
    """Other records of a person; one, where random pairs show so few that their number is chance."""
    has_matches = found.match_share * found.random_pairs >= LEAST_MATCHES
    return found.match_share * (records - 1) if has_matches else 1.0


def _lesson(con: DuckConnection, block: Block, seed: int) -> Lesson:
    return Lesson(
        _block_patterns(con, block, seed),
        _teachable(block),
        is_rough=block in ROUGH_BLOCKS,
        has_relatives=GIVEN_NAME not in block,
    )


def _share_of_namesakes(con: DuckConnection, seed: int) -> float:
    """Of the pairs of one name and home that tell both births, those whose births are of two persons: at the most so many
    are a father and his namesake son. All may be, where too few tell it."""
    pairs = " union ".join(f"({_sample(_pairs(block), 1, seed)})" for block in NAMESAKES_AT_HOME)
    found = patterns(con, "training_record", pairs)
    counted = found.counted(BIRTH_COMPARISON, found.count)
    if counted.sum() < LEAST_MATCHES:
        return 1.0
    return round(float(counted[-1] / counted.sum()), 6)


def _random_pairs(records: int, seed: int) -> str:
    """SQL of all pairs where they are few, else of a sample that depends on the seed alone."""
    if records * (records - 1) // 2 <= RANDOM_PAIRS:
        return """select l.record_no as record_no_l, r.record_no as record_no_r
                  from training_record as l join training_record as r on l.record_no < r.record_no"""
    sides = " , ".join(
        f"(hash(range, {2 * seed + side}) % {records} + 1)::bigint as record_no_{name}" for side, name in enumerate("lr")
    )
    return f"select * from (select {sides} from range({RANDOM_PAIRS})) where record_no_l <> record_no_r"


def _grouped(block: Block) -> str:
    known = " and ".join(f"{field} is not null" for field in block)
    fields = ", ".join(block)
    return f"from training_record where {known} group by {fields} having count(*) between 2 and {MOST_RECORDS_IN_BLOCK}"


def _pair_count(con: DuckConnection, block: Block) -> int:
    sql = f"select coalesce(sum(n * (n - 1) // 2), 0)::bigint from (select count(*) as n {_grouped(block)})"
    return int(con.execute(sql).fetchall()[0][0])


def _block_patterns(con: DuckConnection, block: Block, seed: int) -> Patterns:
    every = _pair_count(con, block) // MOST_BLOCK_PAIRS + 1
    return patterns(con, "training_record", _sample(_pairs(block), every, seed))


def _whole(con: DuckConnection, records: int, seed: int) -> Whole:
    pairs, every = _sampled(con, seed)
    found = patterns(con, "training_record", pairs)
    return Whole(replace(found, count=found.count * every), records * (records - 1) / 2)


def _sampled(con: DuckConnection, seed: int) -> tuple[str, int]:
    """SQL of all pairs that any block brings together, each once, or of a sample; of how many one is taken."""
    blocks = (*EM_BLOCKS, *ROUGH_BLOCKS, BIRTH)
    every = sum(_pair_count(con, block) for block in blocks) // MOST_BLOCK_PAIRS + 1
    return _sample(" union ".join(f"({_pairs(block)})" for block in blocks), every, seed), every


def _pairs(block: Block) -> str:
    return f"""with member as (
                   select unnest(record_nos) as record_no, row_number() over () as group_no
                   from (select list(record_no) as record_nos {_grouped(block)})
               )
               select l.record_no as record_no_l, r.record_no as record_no_r
               from member as l join member as r on r.group_no = l.group_no and l.record_no < r.record_no"""


def _sample(pairs: str, every: int, seed: int) -> str:
    return f"select * from ({pairs}) where hash(record_no_l, record_no_r, {seed}) % {every} = 0"


def _teachable(block: Block) -> list[Comparison]:
    """Comparisons that neither read the block's fields nor follow from them: on those its pairs agree by choice."""
    is_read = re.compile(rf"\b(?:{'|'.join(block)})_[lr]\b")
    told = {TOLD_BY[field] for field in block if field in TOLD_BY}
    return [
        each
        for each in COMPARISONS
        if each.name not in told and not is_read.search(" ".join([each.unknown, *(level.sql for level in each.levels)]))
    ]


def _odds(found: Estimate) -> tuple[dict[str, dict[str, Odds]], list[str]]:
    tree = _tree_odds()
    odds: dict[str, dict[str, Odds]] = {}
    assumed: list[str] = []
    for comparison in COMPARISONS:
        m, u = (_by_label(comparison, shares.get(comparison.name)) for shares in (found.m, found.u))
        if not m:
            assumed.append(comparison.name)
            known = tree.get(comparison.name, {})
            m = {label: each.m for label, each in known.items()} or _assumed(comparison)
            u = u or {label: each.u for label, each in known.items()}
        odds[comparison.name] = _bounded(comparison, m, u)
    return odds, assumed


def _tree_odds() -> Mapping[str, Mapping[str, Odds]]:
    """What the tree's model holds, for comparisons that the data does not show; nothing when it belongs to others."""
    try:
        return load_model(IN_TREE / f"{CURRENT}.json").odds
    except ModelNotTrained:
        return {}


def _by_label(comparison: Comparison, shares: Iterable[float] | None) -> dict[str, float]:
    return {} if shares is None else {label: float(value) for label, value in zip(comparison.labels, shares, strict=True)}


def _assumed(comparison: Comparison) -> dict[str, float]:
    best, *between, _ = comparison.labels
    share = (1 - ASSUMED_BEST - ASSUMED_DIFFERS) / max(1, len(between))
    return {best: ASSUMED_BEST, **dict.fromkeys(between, share), DIFFERS: ASSUMED_DIFFERS}


def _bounded(comparison: Comparison, m: Mapping[str, float], u: Mapping[str, float]) -> dict[str, Odds]:
    # What people do over the years bounds how sure a difference may make us; the other levels share what is left.
    differs = max(m[DIFFERS], comparison.least_differs)
    others = {label: max(m[label], LEAST_M) for label in comparison.labels if label != DIFFERS}
    scale = (1 - differs) / sum(others.values())
    frequent = {level.label for level in comparison.levels if level.term_frequency}
    unseen = {label: LEAST_U if label in frequent else LEAST_U_ROUGH for label in others}
    if SWAPPED_NAMES in others:
        unseen[SWAPPED_NAMES] = others[SWAPPED_NAMES] * scale * u.get(comparison.levels[0].label, 0.0)
    return {
        **{
            label: Odds(_rounded(min(1.0, value * scale)), _rounded(min(1.0, max(u.get(label, 0.0), unseen[label]))))
            for label, value in others.items()
        },
        DIFFERS: Odds(_rounded(min(1.0, differs)), _rounded(min(1.0, u.get(DIFFERS, 0.0) or 1.0))),
    }


def _rounded(value: float) -> float:
    return round(value, 9)
