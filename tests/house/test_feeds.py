"""The contracts of the tree: valid for public tools, whole for us, and writable by the synthetic nation."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from hub.settings import CONTRACTS_IN_TREE
from schemas import iran_system
from schemas.codes import insurers
from schemas.contracts import load_feeds, standard_faults
from schemas.document import read_document
from schemas.feed import Feed
from schemas.fields import field_dictionary
from schemas.layouts import DETECTED
from schemas.patterns import pattern_of

FEEDS = load_feeds(CONTRACTS_IN_TREE)
INSURERS = [feed for feed in FEEDS if feed.role == "insurer"]
# What conflict returns, survivorship and the person's own page need of any insurer.
INSURER_FIELDS = {"member_no", "booklet_no", "national_code", "given_name", "surname", "birth_date", "sex_code",
                  "cover_from_date", "cover_to_date", "relation_code"}  # fmt: skip
PUBLIC_LAYOUTS = ("sso_contributions",)
by_name = pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)


def columns_of(feed: Feed) -> set[str]:
    return {column.name for layout in feed.layouts for column in layout.columns}


@by_name
def test_contract_fits_the_standard(feed: Feed) -> None:
    document = read_document(CONTRACTS_IN_TREE / f"{feed.name}.odcs.yaml")
    assert [fault.message for fault in standard_faults(document.value)] == []


def test_the_standard_finds_a_planted_fault() -> None:
    value = read_document(CONTRACTS_IN_TREE / "ihio_rural.odcs.yaml").value
    value["schema"][0]["properties"][0]["primarykey"] = True
    assert "'primarykey' was unexpected" in standard_faults(value)[0].message


@by_name
def test_public_tools_are_told_what_a_valid_value_looks_like(feed: Feed) -> None:
    """Without it `make lint-contracts` warns that a limit on invalid values cannot be tested."""
    for schema, layout in zip(feed.document.schema_, feed.layouts, strict=True):
        columns = {column.name: column for column in layout.columns}
        for prop in schema.properties:
            for limit in prop.quality or ():
                if limit.metric == "invalidValues":
                    column = columns[prop.name]
                    assert limit.arguments == {"pattern": pattern_of(column.field, column.date_format)}


@by_name
def test_every_field_is_declared_and_of_the_dictionary(feed: Feed) -> None:
    assert columns_of(feed) <= set(field_dictionary())


def test_seventeen_insurers_four_registers_and_what_is_told_of_their_persons() -> None:
    assert Counter(feed.role for feed in FEEDS) == {
        "answers": 2,
        "benefit": 1,
        "special_claim": 1,
        "special_mark": 1,
        "insurer": 17,
        "registry": 1,
        "address": 1,
        "support": 1,
        "employment": 1,
    }
    codes = [feed.insurer_code for feed in INSURERS]
    assert len(set(codes)) == 17
    assert set(codes) <= set(insurers())


@pytest.mark.parametrize("feed", INSURERS, ids=lambda feed: feed.name)
def test_an_insurer_gives_what_cover_needs(feed: Feed) -> None:
    columns = columns_of(feed)
    assert columns >= INSURER_FIELDS
    assert columns & {"principal_member_no", "principal_national_code"}


@by_name
def test_every_code_of_ours_can_be_written(feed: Feed) -> None:
    """The synthetic nation writes files from contracts, so each code of ours needs a value of the agency's."""
    for layout in feed.layouts:
        for column in layout.columns:
            assert set(column.codes.values()) == set(column.field.codes), column.name


@by_name
def test_names_and_codes_exist_in_the_encoding(feed: Feed) -> None:
    for layout in feed.layouts:
        words = [word for column in layout.columns for word in (column.source, *column.codes)] + list(layout.ignored)
        is_told = layout.format.encoding == DETECTED
        assert iran_system.encode("".join(words)) if is_told else "".join(words).encode(layout.format.encoding)


@by_name
def test_file_names_carry_the_business_date(feed: Feed) -> None:
    """The one star of the glob stands for the date, so that a name can be made as well as read."""
    assert feed.files.count("*") == 1
    found = [
        re.search(feed.business_date_pattern, feed.files.replace("*", written)) for written in ("14050829", "1405-08-29")
    ]
    assert [match.groupdict() for match in found if match] == [{"y": "1405", "m": "08", "d": "29"}]


@by_name
def test_feed_is_due_limited_and_honest(feed: Feed) -> None:
    layout = feed.layouts[0]
    assert feed.due
    assert layout.max_quarantined_percent <= 5
    assert layout.max_changed_percent
    assert layout.max_row_count_change_percent
    assert layout.row_count_between is None, "nations differ in size"
    assert feed.is_our_layout == (feed.name not in PUBLIC_LAYOUTS)
    assert "ours" in feed.document.description.limitations
    assert feed.document.team
    assert feed.document.support


@by_name
def test_every_column_says_how_sensitive_it_is(feed: Feed) -> None:
    properties = [prop for schema in feed.document.schema_ for prop in schema.properties]
    assert all(prop.classification == field_dictionary()[prop.name].sensitivity for prop in properties)


def test_one_source_leads_each_group_of_survivorship() -> None:
    ranks = {group: Counter(feed.survivorship.get(group) for feed in FEEDS) for group in ("identity", "address")}
    for group, counts in ranks.items():
        del counts[None]
        assert all(count == 1 for count in counts.values()), f"two feeds share a rank for {group}"
    best = {group: min(FEEDS, key=lambda feed: feed.survivorship.get(group, 999)).name for group in ranks}
    assert best == {"identity": "sabt_persons", "address": "post_addresses"}


@by_name
def test_ranks_only_what_the_feed_delivers(feed: Feed) -> None:
    gives = {"identity": "surname", "address": "address", "contact": "mobile_no"}
    for group in feed.survivorship:
        alternatives = {gives[group], "postal_code"} if group == "address" else {gives[group]}
        assert alternatives & columns_of(feed), group


def test_the_formats_of_this_issue_all_occur() -> None:
    kinds = {(lay.format.kind, lay.format.encoding) for feed in FEEDS for lay in feed.layouts}
    assert kinds >= {
        ("delimited", "utf-8"), ("delimited", "cp1256"), ("delimited", "utf-8-sig"), ("delimited", "utf-16"),
        ("fixed", "cp1256"), ("jsonl", "utf-8"), ("excel", "utf-8"), ("parquet", "utf-8"),
        ("dbf", "detect"),
    }  # fmt: skip
    assert any(feed.files.endswith(".gz") for feed in FEEDS)
