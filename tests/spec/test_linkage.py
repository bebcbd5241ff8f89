"""Linkage: who is one person, who never is, and what people must decide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.duck import connection
from hub.settings import Settings
from tests.spec.people_world import People, fresh_runner, people, valid_code  # noqa: F401
from tests.tables import World

HEADER = "key | national_code | given_name | surname | father_name | sex_code | birth_date | mobile_no | postal_code"
HOME = "09121234567 | 1439814711"
OTHER_HOME = "09125550001 | 1439814733"
FOREIGN = "key | foreign_id | passport_no | given_name | surname | father_name | sex_code | birth_date | nationality_code"


def code(n: int) -> str:
    """The n-th national code of these stories."""
    return valid_code(123456000 + n * 13)


def one_digit_wrong() -> tuple[str, str]:
    """A code and another valid one that differs in one digit."""
    for serial in range(200_000_000, 200_009_999):
        right = valid_code(serial)
        for place in range(9):
            wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
            if valid_code(int(wrong[:9])) == wrong:
                return right, wrong
    raise AssertionError("no such code")


RIGHT, WRONG = one_digit_wrong()
SPELLINGS = {
    "same": ("محمد رضا", "رضائی"),
    "joined": ("محمدرضا", "رضایی"),
    "zwnj": ("محمد\u200cرضا", "رضايي"),
    "honorific": ("سید محمد رضا", "رضایی"),
    "typed": ("محمدرصا", "رضایی"),
    "dropped": ("رضا", "رضایی"),
    "cut": ("ضا", "رضایی"),
    "swapped": ("رضایی", "محمدرضا"),
    "latin": ("Mohammad Reza", "Rezaei"),
}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One nation in which every case below happens to a family of its own; linked once."""
    home = tmp_path_factory.mktemp("story")
    with connection(Settings(home=home, memory="1GB", threads=2)) as con:
        people = People(World(con, home))
        people.given_neighbours()
        people.given(
            "civil",
            f"""{HEADER}
            L01  | {code(1)}  | محمد رضا | رضایی     | علی   | male   | 1970-05-17 | |
            L02a | {code(2)}  | مهدی     | تهرانچی   | علی   | male   | 1960-05-17 | |
            L02b | {code(3)}  | سارا     | تهرانچی   | مهدی  | female | 1992-09-02 | |
            L02c | {code(4)}  | مهدی     | کمانگر    | علی   | male   | 1961-05-17 | |
            L03  | {code(5)}  | امیر     | دلاوری    | رضا   | male   | 1963-02-11 | |
            L03a | {code(6)}  | امیر     | سپهری     | رضا   | male   | 1963-02-12 | |
            L03b | {code(7)}  | امیر     | سپهری     | رضا   | male   | 1963-02-12 | |
            L04  | {RIGHT}    | مریم     | خسروانی   | احمد  | female | 1975-03-08 | |
            L05a | {code(8)}  | حسن      | بهمنیار   | علی   | male   | 1990-06-01 | |
            L05b | {code(9)}  | نیما     | بهمنیار   | علی   | male   | 1990-06-01 | |
            L05c | {code(10)} | حسن      | شاهرودی   | علی   | male   | 1991-06-02 | |
            L05d | {code(11)} | حسین     | شاهرودی   | علی   | male   | 1991-06-02 | |
            L05e | {code(12)} | حسن      | لواسانی   | علی   | male   | 1992-06-03 | |
            L06a | {code(13)} | علی      | فراهانی   | محمد  | male   | 1940-05-18 | |
            L06b | {code(14)} | علی      | فراهانی   | علی   | male   | 1968-09-03 | |
            L06c | {code(15)} | علی      | ساوجی     | محمد  | male   | 1941-05-19 | |
            L02d | {code(16)} | مجید     | ملاساوه‌ای | حمید  | male   | 1986-10-20 | |
            L06k | {code(17)} | امیررضا  | زرین‌کوب  | رضا   | male   | 1998-05-22 | |
            L01n | {code(18)} |          | خوانساری  | علی   | female | 1955-08-05 | |
            L03m | {code(19)} | هوشنگ    | لنگرودیان | سعید  | male   | 1974-04-04 | |
            L03p | {code(20)} | سهیلا    | شفیعی بروجردی | سعید | female | 1976-06-06 | |
            L03q | {code(21)} | منوچهر   | گلپایگانی | جلیل  | male   | 1978-08-08 | |
            L01o | {code(22)} | صدیقه    | سمیعی     | حمید  | female | 1966-02-02 | |
            L01c | {code(23)} | سعید     | طلوعی     | منصور | male   | 1971-03-03 | |""",
        )
        people.given(
            "fund",
            "\n".join([
                HEADER,
                *(f"L01{k} | {code(1)} | {g} | {s} | علی | male | 1970-05-17 | |" for k, (g, s) in SPELLINGS.items()),
                f"L01o | {code(22)} | مهناز | سمیعی    | حمید   | female | 1966-02-02 | |",
                f"L01c | {code(23)} | منصور | طلوعی    | سعید   | male   | 1971-03-03 | |",
                f"L02b | {code(2)}  | سارا | تهرانچی | مهدی   | female | 1992-09-02 | |",
                f"L02c | {code(4)}  | شهین | بزرگمهر | کامران | female | 1993-09-03 | |",
                f"L01n | {code(18)} |      | خوانساری |       |        |            | |",
                f"L01N | {code(18)} |      | دامغانی  |       |        |            | |",
                "L03    |            | امیر | دلاوری  | رضا    | male   | 1963-02-11 | |",
                "L03m | | هوشنگ | لندرودیان | | | | |\nL03n | | هوزنگ | لنگرودیان | | | | |",
                f"L03q  | {code(21)} | منوچهر | گلپایگانی | جلیل | male   | 1978-08-08 | 09125550002 |",
                "L03r | | منوچهز | گلپابگانی | | | | 09125550002 |\nL03p | | سهیلا | بروجردی | | | | |",
                "L03ab  |            | امیر | سپهری   | رضا    | male   | 1963-02-12 | |",
                f"L04  | {WRONG}    | مریم | خسروانی | احمد   | female | 1975-03-08 | |",
                f"L05a |            | حسن  | بهمنیار | علی    | male   | 1990-06-01 | {HOME}",
                f"L05b | {code(9)}  | نیما | بهمنیار | علی    | male   | 1990-06-01 | {HOME}",
                f"L05B |            | نیما | بهمنیار | علی    | male   | 1990-06-01 | {HOME}",
                f"L05t | {code(8)}  | نیما | بهمنیار | علی    | male   | 1990-06-01 | |",
                f"L05u | {code(8)}  | کیوان | بهمنیار | علی    | male   | 1990-06-01 | |",
                f"L05d |            | حسین | شاهرودی | علی    | male   | 1991-06-02 | {HOME}",
                "L05e   |            | حسین | لواسانی | علی    | male   | 1992-06-03 | |",
                f"L05E | {code(12)} | حسین | لواسانی | علی    | male   | 1992-06-03 | |",
                f"L06a |            | علی  | فراهانی | محمد   | male   | 1940-05-18 | {HOME}",
                f"L06b | {code(14)} | علی  | فراهانی | علی    | male   | 1968-09-03 | {HOME}",
                f"L06g |            | علی  | فراهانی | محمد   | male   | 1999-01-30 | {HOME}",
                f"L06c | {code(15)} | علی  | ساوجی   | کاظم   | male   | 1999-01-31 | |",
                f"L02d | {code(16)} | مجید | ای      | حمید   | male   |            | |",
                f"L06k | {code(17)} | امیررضا | زرین‌کوب | رضا | male | 1998-05-22 | {OTHER_HOME}",
                f"L06p |            | رضا  | زرین‌کوب |        |        |            | {OTHER_HOME}",
            ]),
        )  # fmt: skip
        people.given(
            "fund",
            f"""{FOREIGN}
            L08a | 190012345678 | | جمعه خان | بارکزی | محمد نبی | male | 1985-06-09 | AFG
            L08b | 190099999999 | | گل آغا   | نورزی  | عبدالله  | male | 1990-01-20 | AFG
            L08c | 190055555501 | | خیرمحمد  | اچکزی  | عبدالرحیم | male | 2011-07-29 | AFG
            L08d | 190055555502 | | محمد     | اچکزی  | عبدالرحیم | male |            | AFG""",
        )
        people.given(
            "other",
            f"""{FOREIGN}
            L08a |              | P1234567 | Jomeh Khan | Barakzai | Mohammad Nabi | male | 1985-06-09 | AFG
            L08A | 190012345678 | P1234567 | جمعه‌خان    | بارکزی   | محمد نبی      | male | 1985-06-09 | AFG
            L08b | 190099999999 |          | گل آقا     | نورزایی  |               | male | 1990-01-20 | AFG""",
        )
        people.link()
        yield people


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_L01_same_code_name_and_birth_however_spelt(story: People, spelling: str) -> None:
    assert story.are_one("civil:L01", f"fund:L01{spelling}")
    assert story.method(f"fund:L01{spelling}") == "code"


def test_L01_without_given_name_and_birth_the_surname_bears_the_code_out(story: People) -> None:
    assert story.method("fund:L01n") == "code"
    assert not story.are_one("fund:L01N", "civil:L01n")


@pytest.mark.parametrize("key", ["L01o", "L01c"])
def test_L01_called_otherwise_or_given_and_fathers_name_in_each_others_place(story: People, key: str) -> None:
    assert story.are_one(f"civil:{key}", f"fund:{key}")
    assert story.method(f"fund:{key}") == "code"


def test_L02_a_relatives_code_links_to_where_the_other_evidence_points(story: People) -> None:
    assert not story.are_one("fund:L02b", "civil:L02a")
    assert story.are_one("fund:L02b", "civil:L02b")
    assert story.method("fund:L02b") == "score"


def test_L02_with_nobody_to_go_to_it_is_for_people_to_decide(story: People) -> None:
    assert story.method("fund:L02c") == "single"
    assert story.review("fund:L02c", "civil:L02c") == "contradiction"


def test_L02_a_surname_cut_short_does_not_make_the_code_anothers(story: People) -> None:
    assert story.are_one("fund:L02d", "civil:L02d")
    assert story.method("fund:L02d") == "code"


def test_L03_no_code_but_all_else_agrees_with_exactly_one(story: People) -> None:
    assert story.are_one("fund:L03", "civil:L03")
    assert story.method("fund:L03") == "score"


def test_L03_without_a_birth_no_error_in_names_that_nobody_bears_hides_the_person(story: People) -> None:
    assert story.are_one("civil:L03m", "fund:L03m", "fund:L03n"), "an error amid either name"
    assert story.are_one("civil:L03p", "fund:L03p"), "a part left out"
    assert story.are_one("civil:L03q", "fund:L03q", "fund:L03r"), "errors in both, but a known phone"


def test_L03_with_two_about_equally_people_decide(story: People) -> None:
    assert story.method("fund:L03ab") == "single"
    assert story.review("fund:L03ab", "civil:L03a") == "margin"
    assert story.review("fund:L03ab", "civil:L03b") == "margin"


def test_L04_one_wrong_digit_of_the_code(story: People) -> None:
    assert story.are_one("fund:L04", "civil:L04")


def test_L05_twins_of_one_household_are_two(story: People) -> None:
    assert story.are_one("civil:L05a", "fund:L05a")
    assert story.are_one("civil:L05b", "fund:L05b", "fund:L05B")
    assert not story.are_one("civil:L05a", "civil:L05b")


def test_L05_under_a_twins_code_a_record_is_of_whom_its_name_tells_or_of_nobody(story: People) -> None:
    assert story.are_one("fund:L05t", "civil:L05b")
    assert not story.are_one("fund:L05u", "civil:L05a")
    assert not story.are_one("fund:L05u", "civil:L05b")


def test_L05_twins_of_nearly_equal_names_are_two(story: People) -> None:
    assert story.are_one("civil:L05d", "fund:L05d")
    assert not story.are_one("civil:L05c", "civil:L05d")


def test_L05_a_name_of_its_own_is_no_typed_error_of_the_only_one_known(story: People) -> None:
    assert not story.are_one("fund:L05e", "civil:L05e")
    assert story.review("fund:L05e", "civil:L05e") == "twins"
    assert story.are_one("fund:L05E", "civil:L05e")  # the same with the code


def test_L06_father_son_and_grandson_of_one_name(story: People) -> None:
    assert story.are_one("fund:L06a", "civil:L06a")
    assert story.are_one("fund:L06b", "civil:L06b")
    assert story.cluster("fund:L06g") not in {story.cluster("civil:L06a"), story.cluster("civil:L06b")}


def test_L06_the_grandfathers_code_on_the_grandson(story: People) -> None:
    assert not story.are_one("fund:L06c", "civil:L06c")


def test_L06_the_father_at_one_address_is_not_the_son_whose_name_holds_his(story: People) -> None:
    assert story.are_one("fund:L06k", "civil:L06k")
    assert not story.are_one("fund:L06p", "civil:L06k")


def test_L07_no_cluster_holds_two_verified_codes(story: People) -> None:
    worst = story.con.execute(
        """select max(n) from (select count(distinct national_code) as n from linkage.cluster
           join linkage.person_record using (record_key) where is_registry group by cluster_no)"""
    ).fetchall()
    assert worst == [(1,)]


def test_L08_foreigners_meet_by_code_passport_and_name(story: People) -> None:
    assert story.are_one("fund:L08a", "other:L08a", "other:L08A")
    assert story.are_one("fund:L08b", "other:L08b")
    assert not story.are_one("fund:L08a", "fund:L08b")
    assert story.method("other:L08a") == "cluster"


def test_L08_brothers_with_documents_of_their_own_are_two(story: People) -> None:
    assert not story.are_one("fund:L08c", "fund:L08d")


def test_every_record_is_in_one_cluster_and_clusters_are_dense(story: People) -> None:
    rows = story.con.execute(
        """select count(*), count(distinct record_key), min(cluster_no), max(cluster_no) - count(distinct cluster_no) + 1
           from linkage.cluster"""
    ).fetchall()
    records = story.con.execute("select count(*) from linkage.person_record").fetchall()[0][0]
    assert rows == [(records, records, 0, 0)]


@pytest.fixture
def nation(people: People) -> People:  # noqa: F811
    people.given_neighbours()
    return people


def test_judgements_bind_every_path(nation: People) -> None:
    """L05, L07, I04: a judgement outranks weights and codes, but never unites two verified codes."""
    nation.given(
        "civil",
        f"""{HEADER}
        e | {code(1)} | حسن  | لواسانی | علی | male | 1992-06-03 | |
        a | {code(2)} | مهدی | تهرانچی | علی | male | 1960-05-17 | |
        b | {code(3)} | مهدی | تهرانچی | علی | male | 1960-05-17 | |
        n | {code(4)} | سارا | ساوجی   | رضا | female | 1980-01-02 | |""",
    )
    nation.given(
        "fund",
        f"""{HEADER}
        e |           | حسین | لواسانی | علی | male | 1992-06-03 | |
        a | {code(2)} | مهدی | تهرانچی | علی | male | 1960-05-17 | |
        b | {code(3)} | مهدی | تهرانچی | علی | male | 1960-05-17 | |
        n | {code(4)} | سارا | ساوجی   | رضا | female | 1980-01-02 | |
        m | {code(4)} | سارا | ساوجی   | رضا | female | 1980-01-02 | |""",
    )
    nation.judge(
        ("fund:e", "civil:e", True), ("fund:a", "fund:b", True), ("civil:a", "civil:b", True),
        ("fund:n", "civil:n", False), ("fund:n", "fund:m", False), ("fund:m", "gone:1", True),
    )  # fmt: skip
    nation.link()
    assert nation.are_one("fund:e", "civil:e")
    assert nation.method("fund:e") == "judgement"
    assert nation.are_one("fund:a", "fund:b")
    assert not nation.are_one("civil:a", "civil:b")
    assert nation.review("civil:a", "civil:b") == "contradiction"
    assert nation.are_one("fund:m", "civil:n")
    assert nation.method("fund:n") == "single"


def test_L10_a_shared_value_is_capped_and_named(people: People) -> None:  # noqa: F811
    people.rows["fund"] = [
        {
            "key": f"{n:03d}",
            "given_name": "علی",
            "surname": "محمدی",
            "father_name": "رضا",
            "birth_date": f"{1940 + n // 12}-{n % 12 + 1:02d}-05",
        }
        for n in range(160)
    ]
    counts = people.link()
    assert counts.capped_rules == ("given_name_key+surname_key+father_name_key~birth_month|birth_day",)
    assert people.con.execute("select count(distinct cluster_no) from linkage.cluster").fetchall() == [(160,)]
    capped = people.con.execute(
        "select capped_block_count, capped_pair_count from linkage.blocking_yield where blocking_rule = ?",
        counts.capped_rules,
    ).fetchall()
    assert capped == [(1, 160 * 160)]


def test_L11_order_and_threads_do_not_matter(nation: People, tmp_path: Path) -> None:
    messy(nation)
    nation.link()
    first = outcome(nation)
    nation.rows = {feed: rows[::-1] for feed, rows in reversed(nation.rows.items())}
    nation.runner = fresh_runner(nation, "turned")
    nation.link()
    assert outcome(nation) == first
    with connection(Settings(home=tmp_path, memory="1GB", threads=4)) as con:
        other = People(World(con, tmp_path / "threads"))
        other.rows = nation.rows
        other.link()
        assert outcome(other) == first


def messy(nation: People) -> None:
    """Every third neighbour once more, without a code, some with an error."""
    rows = [dict(row) for row in nation.rows["civil"][::3]]
    for n, row in enumerate(rows):
        row["national_code"] = None
        row["father_name"] = None if n % 4 == 0 else row["father_name"]
        row["given_name"] = f"{row['given_name']}ی" if n % 5 == 0 else row["given_name"]
    nation.rows["fund"] = rows
    nation.rows["other"] = [dict(row) for row in rows[::2]]


def outcome(nation: People) -> list[list[tuple[object, ...]]]:
    """All that linking left, weights as they are."""
    names = ("linkage.cluster", "linkage.scored_pair", "person.review_pair", "linkage.blocking_yield")
    return [nation.con.execute(f"from {name} order by all").fetchall() for name in names]
