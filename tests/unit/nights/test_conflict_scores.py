"""What counts as wrong given the linkage when conflicts are held against the truth."""

from pathlib import Path

import duckdb
import pytest

from nights.conflict_scores import KindScore, conflict_scores


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    duckdb.sql(
        f"""copy (select 'two_basic' as kind_code, 'sso:1' as record_key_a, 'ihio:1' as record_key_b where false)
            to '{tmp_path / "conflict.parquet"}' (format parquet)"""
    )
    return tmp_path


def found_wrongly(truth: Path, registry_person: int, other_person: int) -> KindScore:
    """A conflict of sso:1 that is not true, where its person's only other record, the registry's, is with someone else."""
    with duckdb.connect() as con:
        con.execute("create schema person; create schema cover; create schema special; create schema employment")
        con.execute(
            f"""create table person.crosswalk as from (values
                    ('civil:1', {registry_person}, 'registry'), ('sso:1', {other_person}, 'single')
                ) as t(record_key, person_id, method_code)"""
        )
        for name in ("special.mark", "special.claim", "employment.benefit"):
            con.execute(f"create table {name} (record_key varchar, person_id bigint)")
        con.execute("create temp table truth as select record_key, 7 as true_person_id from person.crosswalk")
        con.execute(
            """create table cover.conflict as
               select 'code_of_other' as kind_code, 'sso:1' as record_key_a, null as record_key_b, 'open' as status_code"""
        )
        (score,) = conflict_scores(con, truth)
    return score


@pytest.mark.parametrize("persons", [(1, 2), (2, 1)])
def test_a_record_apart_from_the_registrys_is_linked_wrongly_whatever_the_numbers_of_the_persons(
    truth: Path, persons: tuple[int, int]
) -> None:
    score = found_wrongly(truth, *persons)
    assert (score.false, score.linked_false) == (1, 0)


def test_a_conflict_of_a_record_with_its_registry_record_is_wrong_by_itself(truth: Path) -> None:
    score = found_wrongly(truth, 1, 1)
    assert (score.false, score.linked_false) == (1, 1)
