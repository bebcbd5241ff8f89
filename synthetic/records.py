"""Which rows each agency holds tonight: the people in its file, by the feed's role."""

from __future__ import annotations

import numpy as np

from schemas.feed import Feed, Layout
from synthetic import facts
from synthetic.chance import Floats, Ints, Mask, salt, uniform, words
from synthetic.covers import EMPLOYEE, PRINCIPAL, Covers
from synthetic.draft import Draft, World
from synthetic.families import YEAR
from synthetic.people import NONE
from synthetic.studies import AGES

#: Share of adults whose address the post knows, and of people whom a support organisation looks after.
POST_SHARE, POST_AGE = 0.52, 18
SUPPORT_SHARE, SUPPORT_SHARE_OLD, OLD_AGE = 0.025, 0.07, 70
#: Share of the people of an age whom a school, a university or a bank of theirs lists.
LISTED_SHARE = 0.4
#: How long other agencies keep listing the dead.
LATELY_DAYS = 400
#: Insurer whose members' employers send contribution lists.
LIST_INSURER = "SSO"
TWO_WORKSHOPS = 0.03
SECOND_WORKSHOP = 1 << 40
WORK_AGES = (19, 65)


def draft(world: World, feed: Feed, layout: Layout, feeds: list[Feed]) -> Draft:
    """The rows of a feed, in an order that stays the same from night to night."""
    if feed.role == "insurer":
        rows = listed(world.covers, feeds.index(feed), world.today)
        return Draft(world, feed, layout, rows, world.covers.person[rows], rows)
    if feed.role in facts.MADE:
        return facts.draft(world, feed, layout, feeds)
    if feed.role == "employment":
        serial, person, cover = _workers(world, feeds)
        return Draft(world, feed, layout, serial, person, cover)
    person = np.flatnonzero(_members(world, feed)).astype(np.int64)
    return Draft(world, feed, layout, person, person, np.full(len(person), NONE, dtype=np.int64))


def listed(covers: Covers, feed: int, today: int) -> Ints:
    """Covers that an insurer's file shows on a day."""
    shown = (covers.feed == feed) & ((covers.gone_day == NONE) | (covers.gone_day > today))
    rows: Ints = np.flatnonzero(shown).astype(np.int64)
    return rows


def _members(world: World, feed: Feed) -> Mask:
    people = world.people
    citizen: Mask = people.code != NONE
    if feed.is_registry:
        return citizen & ~unregistered(world)
    lately = (people.death == NONE) | (people.death > world.first_day - LATELY_DAYS)
    age: Floats = (world.first_day - people.birth) / YEAR  # on the first night: nobody joins a file by growing older
    chance = uniform(words(np.arange(len(people)).astype(np.uint64), salt(world.options.seed, feed.name, "member")))
    share = np.where(age > OLD_AGE, SUPPORT_SHARE_OLD, SUPPORT_SHARE)
    if feed.role == "address":
        share = np.where(age > POST_AGE, POST_SHARE, 0.0)
    listed_ages = next((ages for name, ages in AGES.items() if name in feed.staging_table.columns), None)
    if listed_ages:
        share = np.where((age >= listed_ages[0]) & (age <= listed_ages[1]), LISTED_SHARE, 0.0)
    known: Mask = citizen & lately & (chance < share)
    return known


def unregistered(world: World) -> Mask:
    """Citizens of whom the registry tells nothing, though they bear a code."""
    bits = words(np.arange(len(world.people)).astype(np.uint64), salt(world.options.seed, "unregistered"))
    return uniform(bits) < world.options.habits.unregistered


def _workers(world: World, feeds: list[Feed]) -> tuple[Ints, Ints, Ints]:
    covers, people = world.covers, world.people
    theirs = [i for i, feed in enumerate(feeds) if feed.insurer_code == LIST_INSURER and feed.benefit_kind_code == "basic"]
    age = (world.first_day - people.birth[covers.person]) / YEAR
    works = (
        (covers.relation == PRINCIPAL)
        & (covers.member_kind == EMPLOYEE)
        & (covers.to_day == NONE)
        & (covers.copy_of == NONE)
    )
    works &= (age > WORK_AGES[0]) & (age < WORK_AGES[1]) & people.is_alive[covers.person]
    rows = np.flatnonzero(np.isin(covers.feed, theirs) & works).astype(np.int64)
    chance = uniform(words(rows.astype(np.uint64), salt(world.options.seed, "workshops")))
    second = rows[chance < TWO_WORKSHOPS]
    cover = np.concatenate([rows, second])
    return np.concatenate([rows, second + SECOND_WORKSHOP]), covers.person[cover], cover
