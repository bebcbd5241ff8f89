"""Standardising: one key for every way of writing a name; what is no evidence counts as nothing."""

from __future__ import annotations

import pytest

from matching.evidence import address_text
from matching.names import given_forms
from matching.persian import display, match_key, name_and_honorifics
from matching.phonetic import phonetic_key
from tests.spec.people_world import People, feed_of, fresh_runner, people, valid_code  # noqa: F401


@pytest.mark.parametrize(
    "ways",
    [
        ("محمد رضا", "محمد\u200cرضا", "محمدرضا", "محمد  رضا", " محمد رضا "),
        ("علی", "علي", "على", "عَلِی", "علـــی"),
        ("کریمی", "كريمي", "ﮐﺮﯾﻤﯽ"),
        ("رضایی", "رضائی", "رضايي"),
        ("آرش", "ارش", "أرش", "إرش"),
        ("مؤذن", "موذن"),
        ("علاء", "علا"),
        ("ژیله", "ژیلۀ", "ژیلة"),
        ("José María", "jose maria", "JOSÉ-MARÍA"),
        ("Işıl", "ISIL", "isil"),
        ("Đặng", "Dang"),
        ("葛\U000e0100", "葛"),
    ],
)
def test_S01_one_key_for_every_way_of_writing(ways: tuple[str, ...]) -> None:
    assert len({match_key(way) for way in ways}) == 1


@pytest.mark.parametrize("names", [("มาลี", "มาลา"), ("สุดา", "สดา"), ("ບຸນ", "ບູນ"), ("राम", "रमा"), ("သီ", "သူ")])
def test_S01_vowels_that_are_marks_tell_names_apart(names: tuple[str, str]) -> None:
    one, other = map(match_key, names)
    assert one != other


def test_S01_different_names_keep_different_keys() -> None:
    names = ("حسن", "حسین", "محمد", "محمود", "حامد", "حمید", "زهرا", "زهره")
    assert len({match_key(name) for name in names}) == len(names)
    assert len({phonetic_key(match_key(name)) for name in names}) == len(names)


@pytest.mark.parametrize(
    "ways",
    [
        (
            "ساوه، خیابان امام خمینی، کوچه بنفشه، پلاک ۳۵۵",
            "ساوه خ امام خميني ك بنفشه پ 355",
            "ساوه/خ.امام خمینی/ک.بنفشه/پ.355",
        ),
        ("تهران، میدان ونک، بلوار میرداماد، طبقه 2، واحد 5", "تهران م ونک بل میرداماد ط 2 و 5"),
        ("12 High Street, Apartment 4", "12 High St. Apt 4"),
        ("4395 Franklin Drive", "4395 FRANKLIN DR"),
        ("Avenida Juárez 331, Zapopan", "AV. JUAREZ 331 ZAPOPAN", "av. jua\u0301rez 331, Zapopan"),
        ("12 Đường Trần Hưng Đạo", "12 DUONG TRAN HUNG DAO"),
    ],
)
def test_S01_one_key_for_every_way_of_writing_an_address(people: People, ways: tuple[str, ...]) -> None:  # noqa: F811
    assert len({people.con.execute(f"select {address_text('$1')}", [way]).fetchall()[0] for way in ways}) == 1


def test_S01_other_numbers_of_a_house_keep_other_keys(people: People) -> None:  # noqa: F811
    ways = ("ساوه، کوچه 3، پلاک 12", "ساوه، کوچه 31، پلاک 2")
    assert len({people.con.execute(f"select {address_text('$1')}", [way]).fetchall()[0] for way in ways}) == 2


@pytest.mark.parametrize(
    ("written", "key", "honorific"),
    [
        ("سید علی", "علی", "سید"),
        ("سیدعلی", "علی", "سید"),
        ("سیده\u200cزهرا", "زهرا", "سیده"),
        ("سیدهادی", "هادی", "سید"),
        ("حاج محمد", "محمد", "حاج"),
        ("الحاج محمد", "محمد", "الحاج"),
        ("Hj. Siti", "siti", "hj"),
        ("นางสาวสมหญิง", "สมหญิง", "นางสาว"),
        ("ด.ช.สมชาย", "สมชาย", "ด ช"),
        ("زهرا سادات", "زهرا", "سادات"),
        ("زهراسادات", "زهرا", "سادات"),
        ("اشرف‌السادات", "اشرف", "السادات"),
        ("FATEMEHSADAT", "fatemeh", "sadat"),
        ("Zahra Beigom", "zahra", "beigom"),
        ("حاجیخانم", "خانم", "حاجی"),
        ("سیدبیگم", "بیگم", "سید"),
        ("سیدسادات", None, "سید سادات"),
        ("غزالسادات", "غزال", "سادات"),
        ("ارسلان", "ارسلان", None),
        ("میرزا", "میرزا", None),
        ("سادات", None, "سادات"),
        ("الدکتور", None, "الدکتور"),
        ("علی", "علی", None),
    ],
)
def test_S02_honorifics_are_apart_not_lost(written: str, key: str | None, honorific: str | None) -> None:
    assert name_and_honorifics(written) == (key, honorific)
    assert display(written) == written


@pytest.mark.parametrize("nothing", ["نامشخص", "-", "ندارد", "***", "  ", "۰", "unknown", None])
def test_S01_placeholders_are_nothing(nothing: str | None) -> None:
    assert match_key(nothing) is None
    assert name_and_honorifics(nothing) == (None, None)
    assert display(nothing) is None


@pytest.mark.parametrize(
    ("persian", "latin"),
    [
        ("محمد", ("mohammad", "muhammad", "mohamed")),
        ("حسین", ("hossein", "hosein", "hussain")),
        ("فاطمه", ("fatemeh", "fateme", "fatima", "fatimah")),
        ("فاطمه‌زهرا", ("fatemehzahra", "fatimazahra")),
        ("قاسمی", ("ghasemi", "qasemi")),
        ("رضائی", ("rezaei", "rezaie")),
        ("ایران", ("iran",)),
        ("سمیه", ("somayeh", "somaye")),
    ],
)
def test_S01_transliterations_sound_like_the_name(persian: str, latin: tuple[str, ...]) -> None:
    assert {phonetic_key(match_key(name)) for name in latin} == {phonetic_key(match_key(persian))}


@pytest.mark.parametrize(
    ("written", "latin"), [("王", "Wang"), ("大海", "Dahai"), ("Сергей", "Sergei"), ("Γιώργος", "Giorgos")]
)
def test_S01_names_of_other_scripts_sound_as_their_transliteration(written: str, latin: str) -> None:
    assert phonetic_key(match_key(written)) == phonetic_key(match_key(latin))


@pytest.mark.parametrize(
    ("written", "capitals"), [("Đặng", "DANG"), ("Yıldız", "YILDIZ"), ("Łukasz", "LUKASZ"), ("Jørgensen", "JORGENSEN")]
)
def test_S01_letters_that_have_no_accent_to_lose_are_one_with_the_plain_ones(written: str, capitals: str) -> None:
    assert match_key(written) == match_key(capitals)


@pytest.mark.parametrize(
    ("nickname", "name"),
    [
        ("Bill", "William"),
        ("BILLY RAY", "William Ray"),
        ("Pepe", "José"),
        ("Mr. Bill", "William"),
        ("Billy-Ray", "Haji William Ray"),
        ("Ma.Carmen", "Dr. María del Carmen"),
        ("Ma. Carmen", "María del Carmen"),
        ("MA DE LOS ANGELES", "María de los Ángeles"),
    ],
)
def test_S01_a_well_known_nickname_sounds_as_its_name(people: People, nickname: str, name: str) -> None:  # noqa: F811
    people.given("fund", f"key | given_name | surname\n1 | {nickname} | Cruz\n2 | {name} | Cruz")
    people.standardise()
    heard = "select given_name_phonetic, given_name_key, given_name from linkage.person_record order by record_key"
    (sound, key, shown), (other_sound, other_key, _) = people.con.execute(heard).fetchall()
    assert sound == other_sound
    assert key != other_key, "it is still another way to call somebody"
    assert shown == nickname


@pytest.mark.parametrize("lone", ["Ma", "De Hua", "Zhi De"])
def test_S01_short_words_of_names_elsewhere_keep_their_sound(lone: str) -> None:
    assert given_forms(lone).phonetic == phonetic_key(match_key(lone))


def test_S02_the_records_hold_key_and_display_apart(people: People) -> None:  # noqa: F811
    people.given("fund", "key | given_name | surname | father_name\n1 | سیدعلی | حسيني | حاج محمد رضا")
    people.standardise()
    row = people.con.execute(
        "select given_name, given_name_key, honorific, surname, surname_key, father_name_key from linkage.person_record"
    ).fetchall()
    assert row == [("سیدعلی", "علی", "سید", "حسینی", "حسینی", "محمدرضا")]


def test_S03_standardising_is_idempotent() -> None:
    for written in ("سید  علي", "محمد\u200cرضا", "رضائی", "ﻣﺤﻤﺪ", "José María"):
        key, shown = match_key(written), display(written)
        assert match_key(key) == key
        assert display(shown) == shown
        assert match_key(shown) == key


def test_S03_order_of_rows_and_feeds_does_not_matter(people: People) -> None:  # noqa: F811
    people.given(
        "one", "key | given_name | surname | mobile_no\n1 | علی | کریمی | 09121111111\n2 | مریم | نوری | 09122222222"
    )
    people.given("two", "key | full_name\n1 | علی کریمی\n2 | نوری مریم\n3 | زهرا")
    people.standardise()
    first = people.con.execute("from linkage.person_record").fetchall()
    people.rows = {feed: rows[::-1] for feed, rows in reversed(people.rows.items())}
    people.runner = fresh_runner(people, "turned")
    people.standardise()
    assert people.con.execute("from linkage.person_record").fetchall() == first


def names_read(people: People, *columns: str) -> list[tuple[str | None, ...]]:  # noqa: F811
    """What feed two's names are read as."""
    people.standardise()
    asked = f"select {', '.join(columns)} from linkage.person_record where feed = 'two' order by record_key"
    return people.con.execute(asked).fetchall()


def test_S03_full_names_are_split_by_what_is_known_in_either_order(people: People) -> None:  # noqa: F811
    people.given("one", "key | given_name | surname\n1 | علی | کریمی\n2 | محمد رضا | نوری نژاد")
    people.given("two", "key | full_name\n1 | کریمی علی\n2 | محمد رضا نوری نژاد")
    assert names_read(people, "given_name_key", "surname_key") == [("علی", "کریمی"), ("محمدرضا", "نورینژاد")]


def test_S03_an_initial_is_a_word_and_one_word_is_the_name_that_others_bear_as_it(people: People) -> None:  # noqa: F811
    people.given("one", "key | given_name | surname\n1 | Kumar | Raman\n2 | Mani | Selvam")
    people.given("two", "key | full_name\n1 | R.Kumar\n2 | Mani\n3 | Selvam\n4 | Perumal")
    rows = names_read(people, "given_name_key", "surname_key")
    assert rows == [("kumar", "r"), ("mani", None), (None, "selvam"), (None, "perumal")]


def test_S03_full_names_that_nobody_else_bears_are_split_by_their_words(people: People) -> None:  # noqa: F811
    people.given("one", "key | given_name | surname\n1 | Ana Rita | Leal\n2 | Rita | Sousa\n3 | Luís | Vaz Leal")
    people.given("two", "key | full_name\n1 | Ana Luís Leal\n2 | Rita Vaz Sousa\n3 | LEAL SOUSA RITA")
    assert names_read(people, "given_name_key", "surname_key") == [
        ("analuis", "leal"),
        ("rita", "vazsousa"),
        ("rita", "lealsousa"),
    ]


def test_S03_a_father_after_the_given_name_is_no_part_of_it(people: People) -> None:  # noqa: F811
    people.given("one", "key | given_name | surname | father_name\n1 | Huda | Zibari | Abd Karim\n2 | Omar Ali | Jaf | Omar")
    people.given(
        "two", "key | full_name | father_name\n1 | Huda Abd Karim Jaff |\n2 | Omar Ali Jaf |\n3 | Huda Omar Jaff | Ali"
    )
    rows = names_read(people, "given_name_key", "father_name_key", "surname_key")
    assert rows == [("huda", "abdkarim", "jaff"), ("omarali", None, "jaf"), ("huda", "ali", "jaff")]


def test_S03_a_grandfather_after_the_father_is_no_part_of_either(people: People) -> None:  # noqa: F811
    people.given("one", "key | given_name | surname | father_name\n1 | سارة | الحربي | سعد\n2 | علي | الدليمي | عبدالله")
    people.given("two", "key | full_name\n1 | سارة سعد علي الحربي\n2 | علي عبدالله سعد الدليمي")
    rows = names_read(people, "given_name_key", "father_name_key", "surname_key")
    assert rows == [("ساره", "سعد", "الحربی"), ("علی", "عبدالله", "الدلیمی")]


def test_S03_son_of_and_daughter_of_say_whose_name_follows(people: People) -> None:  # noqa: F811
    """Whatever others tell; but where somebody bears it as a surname, it is a part of that."""
    people.given("one", "key | given_name | surname\n1 | سعد | بن لادن\n2 | عبدالله | العتيبي")
    people.given(
        "two",
        "key | full_name\n1 | نوره بنت عبد الله بن علي الدليمي\n2 | Siti binti Sugeng\n3 | سعد بن لادن\n"
        "4 | فهد بن عبد الله العتيبي\n5 | Bin Li",
    )
    assert names_read(people, "given_name_key", "father_name_key", "surname_key") == [
        ("نوره", "عبدالله", "الدلیمی"),
        ("siti", "sugeng", None),
        ("سعد", None, "بنلادن"),
        ("فهد", "عبدالله", "العتیبی"),
        ("bin", None, "li"),
    ]


def test_S03_a_second_given_name_that_few_bear_is_no_father(people: People) -> None:  # noqa: F811
    """Nobody else calls him by both names; were whole names to tell fathers, more than one of four would."""
    people.given("one", "key | given_name | surname | father_name\n1 | امیر | زرین | حسین\n2 | علی | کریمی | رضا")
    people.given("two", "key | full_name\n1 | امیر حسین سپهری\n2 | علی کریمی\n3 | علی زرین\n4 | امیر کریمی")
    assert names_read(people, "given_name_key", "father_name_key")[0] == ("امیرحسین", None)


def test_S04_partly_known_births_are_known_in_part(people: People) -> None:  # noqa: F811
    people.given(
        "fund",
        """
        key | birth_date | birth_date_partial
        1   | 2025-03-20 |
        2   |            | 1352-03-00
        3   |            | 1352-00-00
        4   |            |
        """,
    )
    people.standardise()
    rows = people.con.execute(
        "select birth_year, birth_month, birth_day from linkage.person_record order by record_key"
    ).fetchall()
    assert rows == [(1403, 12, 30), (1352, 3, None), (1352, None, None), (None, None, None)]


def test_S04_a_day_on_which_too_many_of_a_feed_are_born_is_unknown(people: People) -> None:  # noqa: F811
    people.rows["fund"] = [
        {"key": str(n), "given_name": f"نام{'ابپتج'[n % 5]}", "surname": f"کس{'دذرزژ'[n // 5]}", "birth_date": "2021-03-21"}
        for n in range(25)
    ]
    people.rows["other"] = [{"key": "1", "given_name": "علی", "surname": "نوری", "birth_date": "2021-03-21"}]
    people.standardise()
    known = people.con.execute("select record_key from linkage.person_record where birth_year is not null").fetchall()
    assert known == [("other:1",)]


def test_S05_check_digits_and_dummies(people: People) -> None:  # noqa: F811
    good = valid_code(123456001)
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    codes = [good, wrong, "1111111111", "0000000000", "0123456789", valid_code(123000000), good[1:]]
    people.rows["fund"] = [{"key": str(n), "national_code": code} for n, code in enumerate(codes)]
    people.standardise()
    rows = people.con.execute(
        "select national_code, national_code_claimed from linkage.person_record order by record_key"
    ).fetchall()
    assert rows == [(good, good), *((None, code) for code in codes[1:])]


def test_S05_a_code_in_place_of_the_certificate_number_is_read_as_code(people: People) -> None:  # noqa: F811
    good = valid_code(123456001)
    people.given("fund", f"key | birth_certificate_no\n1 | {good}\n2 | 0\n3 | 0042")
    people.standardise()
    rows = people.con.execute(
        "select national_code, birth_certificate_key from linkage.person_record order by record_key"
    ).fetchall()
    assert rows == [(good, None), (None, None), (None, "42")]


def test_S06_a_call_centres_mobile_is_no_evidence(people: People) -> None:  # noqa: F811
    people.rows["fund"] = [
        {"key": f"{n:02d}", "birth_date": f"1980-01-{n + 1:02d}", "mobile_no": "09120000000" if n < 13 else "09121111111"}
        for n in range(20)
    ]
    people.standardise()
    rows = people.con.execute("select distinct mobile_no, mobile_no_key from linkage.person_record order by 1").fetchall()
    assert rows == [("09120000000", None), ("09121111111", "121111111")]
    assert feed_of("fund").is_registry is False


@pytest.mark.parametrize(("abroad", "at_home"), [("84767564803", "0767564803"), ("16145551234", "6145551234")])
def test_S06_a_telephone_number_is_one_however_a_country_is_dialled(people: People, abroad: str, at_home: str) -> None:  # noqa: F811
    people.given("fund", f"key | mobile_no\n1 | {abroad}\n2 | {at_home}")
    people.standardise()
    assert len(people.con.execute("select distinct mobile_no_key from linkage.person_record").fetchall()) == 1
