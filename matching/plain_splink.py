"""Plain Splink: Splink 5 as its tutorial uses it, the yardstick of `databank bench linkage`. The databank never links so.

One table, all records in one deduplication: comparisons out of Splink's library with term frequencies, blocking rules, the
share of matching pairs from sure rules, u by random sampling, m by expectation maximisation over two or three blocks,
prediction, connected components at one threshold. It reads the same match keys as we do, in which placeholders are
already null; records go by their record keys; columns that nobody fills are left out. Settings, and what training and
prediction are told, are those of the example in Splink's own description of release 5.0.0, or its defaults.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import splink.comparison_library as library
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import SplinkException

from hub.duck import Connection, DuckConnection, literal
from hub.errors import ModelNotTrained
from matching.clustering import components
from matching.evaluate import Score, evaluate

UNIQUE_ID = "record_key"
COLUMNS = (
    "given_name_key", "surname_key", "father_name_key", "birth_date", "birth_year", "sex_code", "national_code",
    "foreign_id", "birth_certificate_key", "mobile_no_key", "email_key", "postal_code_key", "address_key",
    "city_key",
)  # fmt: skip
NAME_KEYS = ("given_name_key", "surname_key", "father_name_key")
# Exact agreement, weighed by how common the value is.
EXACT_BY_FREQUENCY = ("birth_certificate_key", "mobile_no_key", "postal_code_key", "address_key", "city_key")
EXACT = ("sex_code", "national_code", "foreign_id")
# The code's rule, and what takes its place where nobody tells codes. Beside codes, addresses make plain Splink worse.
BY_CODE, BY_ADDRESS = ("national_code",), ("address_key", "given_name_key")
BLOCKING = (
    BY_CODE,
    BY_ADDRESS,
    ("foreign_id",),
    ("birth_date", "given_name_key"),
    ("birth_date", "surname_key"),
    ("given_name_key", "surname_key", "father_name_key"),
    ("given_name_key", "surname_key", "birth_year"),
    ("surname_key", "father_name_key", "birth_year"),
    ("mobile_no_key", "given_name_key"),
    ("email_key",),
    ("postal_code_key", "given_name_key"),
)
# Rules that nearly only hold for one person, and the share of all matching pairs that they are judged to find.
SURE = (BY_CODE, ("given_name_key", "surname_key", "birth_date"))
SURE_RECALL = 0.9
# Each comparison must be left free by one block at least; the code's block is there when codes are.
EM_BLOCKS = (BY_CODE, ("birth_date", "given_name_key"), ("given_name_key", "surname_key", "father_name_key"))
EM_BLOCKS_WITHOUT_CODE = (("birth_date", "surname_key"), *EM_BLOCKS[1:])
# Where nobody tells births, names alone must do for all three.
BY_NAMES = ("given_name_key", "surname_key")
RANDOM_PAIRS = 1e6
# Pairs are predicted from here on (log2), seen from the least weight that is kept.
PREDICTED_WEIGHT = -10
# The best threshold is looked for from here on, and is far above it where many records tell the same. Where few do, the
# sure rules make Splink think that hardly any pair is one person, and its best threshold is far below.
LEAST_WEIGHT, LEAST_OF_SMALL = 0, -40
# The threshold is looked for in wide steps from high to low, then around the best of them bit by bit.
HIGHEST_THRESHOLD, WIDE_STEP = 40, 4
RECORDS = "plain_record"


@dataclass
class PlainSplink:
    """One linkage by plain Splink: seconds of each part, and CPU seconds of all, filled while it runs.

    Args:
        least_weight: pairs are kept from here on, for the sweep.
    """

    con: DuckConnection
    seed: int
    least_weight: int = LEAST_WEIGHT
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0

    def link(self, person_record: Path) -> None:
        """Read the records, train, predict. Leaves the table ``predicted``, which Splink named.

        Raises:
            ModelNotTrained: Splink cannot be trained so on these records.
        """
        with self._timing("train"):
            self.con.execute(
                f"create or replace table {RECORDS} as "
                f"select {UNIQUE_ID}, {', '.join(COLUMNS)} from read_parquet({literal(person_record)})"
            )
            try:
                self._linker = self._trained()
            except (SplinkException, ValueError) as error:  # the latter where a level's m falls to nothing
                raise ModelNotTrained(
                    "Plain Splink learns nothing from these records; it was not measured.",
                    hint="Its tutorial's blocks leave too little free: tell it more than names.",
                ) from error
        with self._timing("predict"):
            self._predicted = self._linker.inference.predict(threshold_match_weight=self.least_weight + PREDICTED_WEIGHT)

    def keep_pairs(self, path: Path) -> None:
        """Write the predicted pairs, for the sweep."""
        self.con.execute(
            f"""copy (select {UNIQUE_ID}_l, {UNIQUE_ID}_r, match_weight from {self._predicted.physical_name}
                      where match_weight >= {self.least_weight})
                to {literal(path)} (format parquet)"""
        )

    def cluster(self, threshold: float) -> None:
        """Connected components of pairs from ``threshold`` (log2) on. Leaves the view plain_cluster."""
        with self._timing("cluster"):
            clusters = self._linker.clustering.cluster_pairwise_predictions_at_threshold(
                self._predicted, threshold_match_weight=threshold
            )
        self.con.execute(
            f"create or replace view plain_cluster as select {UNIQUE_ID}, cluster_id from {clusters.physical_name}"
        )

    def _trained(self) -> Linker:
        filled = self._filled()
        api = DuckDBAPI(connection=self.con)
        linker = Linker(api.register(RECORDS, table_name="plain_input"), _settings(filled), log_level=logging.ERROR)
        training = linker.training
        if self._has_sure_pairs(filled):  # else nothing is estimated, and Splink's own default holds
            training.estimate_probability_two_random_records_match(_blocks(SURE, filled), recall=SURE_RECALL)
        training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=self.seed)
        for block in _blocks(EM_BLOCKS if "national_code" in filled else EM_BLOCKS_WITHOUT_CODE, filled):
            training.estimate_parameters_using_expectation_maximisation(block)
        return linker

    def _has_sure_pairs(self, filled: set[str]) -> bool:
        known = [rule for rule in SURE if filled.issuperset(rule)]
        return any(
            self.con.execute(
                f"""select 1 from {RECORDS} where {" and ".join(f"{name} is not null" for name in rule)}
                    group by {", ".join(rule)} having count(*) > 1 limit 1"""
            ).fetchall()
            for rule in known
        )

    def _filled(self) -> set[str]:
        counts = ", ".join(f"count({column})" for column in COLUMNS)
        found = self.con.execute(f"select {counts} from {RECORDS}").fetchall()[0]
        filled = {column for column, count in zip(COLUMNS, found, strict=True) if count}
        return filled - {"address_key"} if "national_code" in filled else filled

    @contextmanager
    def _timing(self, part: str) -> Iterator[None]:
        started, cpu_started = time.perf_counter(), time.process_time()
        yield
        self.cpu_seconds += time.process_time() - cpu_started
        self.seconds[part] = round(time.perf_counter() - started, 2)


def _settings(filled: set[str]) -> SettingsCreator:
    comparisons: list[Any] = [library.NameComparison(name) for name in NAME_KEYS if name in filled]
    if "birth_date" in filled:
        comparisons.append(library.DateOfBirthComparison("birth_date", input_is_string=False))
    if "email_key" in filled:
        comparisons.append(library.EmailComparison("email_key"))
    comparisons += [
        library.ExactMatch(name).configure(term_frequency_adjustments=True) for name in EXACT_BY_FREQUENCY if name in filled
    ]
    comparisons += [library.ExactMatch(name) for name in EXACT if name in filled]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=UNIQUE_ID,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=_blocks(BLOCKING, filled),
    )


def _blocks(rules: tuple[tuple[str, ...], ...], filled: set[str]) -> list[Any]:
    by_names = () if "birth_date" in filled else (BY_NAMES,)
    return [block_on(*rule) for rule in (*rules, *by_names) if filled.issuperset(rule)]


@dataclass(frozen=True)
class BestThreshold:
    """The threshold (log2) at which clusters have their best F1, and how good they are there."""

    weight: int
    score: Score


def best_threshold(
    con: Connection, person_record: Path, pairs: Path, truth: str, least_weight: int = LEAST_WEIGHT
) -> BestThreshold:
    """Sweep the threshold, down to ``least_weight``.

    Args:
        pairs: Parquet of predicted pairs (record_key_l, record_key_r, match_weight).
        truth: as in ``evaluate``.
    """
    con.execute(
        f"""create or replace temp table numbered_record as
            select row_number() over (order by record_key) as record_no, record_key
            from read_parquet({literal(person_record)})"""
    )
    con.execute(
        f"""create or replace temp table pair as
            select l.record_no as record_no_l, r.record_no as record_no_r, p.match_weight
            from read_parquet({literal(pairs)}) as p
            join numbered_record as l on l.record_key = p.record_key_l
            join numbered_record as r on r.record_key = p.record_key_r"""
    )
    wide = _sweep(con, range(HIGHEST_THRESHOLD, least_weight - 1, -WIDE_STEP), truth)
    return _sweep(con, range(wide.weight + WIDE_STEP - 1, max(wide.weight - WIDE_STEP, least_weight - 1), -1), truth)


def _sweep(con: Connection, thresholds: range, truth: str) -> BestThreshold:
    """From high to low: each step only joins what the one before left apart."""
    con.execute("create or replace temp table label as select *, record_no as cluster_no from numbered_record")
    best: BestThreshold | None = None
    above = float("inf")
    for weight in thresholds:
        _join_clusters(con, weight, above)
        above = weight
        found = BestThreshold(weight, evaluate(con, "label", truth))
        if best is None or found.score.f1 > best.score.f1:
            best = found
    assert best is not None
    return best


def _join_clusters(con: Connection, weight: float, above: float) -> None:
    con.execute(
        """create or replace temp table joining as
           select distinct l.cluster_no as record_no_l, r.cluster_no as record_no_r
           from pair as p join label as l on l.record_no = p.record_no_l join label as r on r.record_no = p.record_no_r
           where p.match_weight >= $weight and p.match_weight < $above and l.cluster_no <> r.cluster_no""",
        {"weight": weight, "above": above},
    )
    components(con, "joining")
    con.execute(
        """create or replace temp table label_next as
           select l.record_no, l.record_key, coalesce(c.root_no, l.cluster_no) as cluster_no
           from label as l left join component as c on c.record_no = l.cluster_no"""
    )
    con.execute("create or replace temp table label as from label_next")
    con.execute("drop table label_next; drop table joining; drop table component")
