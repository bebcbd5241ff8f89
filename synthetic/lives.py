"""What happens from one night to the next: births, deaths, moves, weddings, new surnames, covers that begin and end."""

from __future__ import annotations

import numpy as np

from synthetic.chance import Floats, Ints, Mask
from synthetic.codes import CodeOffice
from synthetic.covers import CHILD, OTHER_KIND, PRINCIPAL, SPOUSE, Covers, Insurers
from synthetic.families import YEAR, FamilyRules, newborn
from synthetic.names import name_pool
from synthetic.options import NationOptions
from synthetic.people import FEMALE, MALE, NONE, Dwellings, People
from synthetic.settle import give_mobiles, new_dwellings, register

#: Share of ended covers that an insurer drops from its file instead of listing them with their end.
DROPPED_SHARE = 0.3
MOTHER_AGES = (18, 45)
WEDDING_AGES = (20, 38)


class Life:
    """Changes a nation in place, one night after the other."""

    def __init__(
        self, options: NationOptions, people: People, dwellings: Dwellings, covers: Covers, office: CodeOffice
    ) -> None:
        self.options, self.people, self.dwellings, self.covers, self.office = options, people, dwellings, covers, office

    def night(self, rng: np.random.Generator, insurers: Insurers, today: int) -> None:
        """Everything that happened since the night before."""
        self._die(rng, today)
        self._move(rng, today)
        self._marry(rng, today)
        self._rename(rng)
        self._end_covers(rng, today)
        self._begin_covers(rng, insurers, today)
        self._be_born(rng, today)

    def _some(self, rng: np.random.Generator, who: Mask, rate: float, weights: Floats | None = None) -> Ints:
        """About ``rate`` of all people, at least one, out of those who qualify."""
        rows = np.flatnonzero(who)
        count = min(len(rows), max(1, int(rng.poisson(rate * self.people.is_alive.sum())))) if rate > 0 else 0
        chance = None if weights is None else weights[rows] / weights[rows].sum()
        return np.sort(rng.choice(rows, count, replace=False, p=chance)).astype(np.int64)

    def _age(self, today: int) -> Floats:
        return (today - self.people.birth) / YEAR

    def _die(self, rng: np.random.Generator, today: int) -> None:
        risk: Floats = np.exp((self._age(today) - 60) / 10)
        dead = self._some(rng, self.people.is_alive, self.options.events.death, risk)
        self.people.death[dead] = today - 1
        theirs = np.flatnonzero(np.isin(self.covers.person, dead) & (self.covers.to_day == NONE))
        self._end(rng, theirs[rng.random(len(theirs)) > self.options.habits.dead_still_listed], today)

    def _move(self, rng: np.random.Generator, today: int) -> None:
        people = self.people
        movers = self._some(rng, people.is_alive, self.options.events.move / 3)
        homes = np.unique(people.dwelling[movers])
        self._settle(rng, np.isin(people.dwelling, homes) & people.is_alive, today)

    def _settle(self, rng: np.random.Generator, who: Mask, today: int) -> None:
        """Households of some people get a dwelling each, where they lived or elsewhere, and remember the one before."""
        homes, place = np.unique(self.people.dwelling[who], return_inverse=True)
        fresh = new_dwellings(rng, self.dwellings.province[homes], today, 0.0)
        fresh.previous, fresh.since = homes, np.full(len(homes), today - 1)
        self.people.dwelling[who] = len(self.dwellings) + place
        self.dwellings.extend(fresh)

    def _marry(self, rng: np.random.Generator, today: int) -> None:
        people, age = self.people, self._age(today)
        free = (
            people.is_alive
            & (people.spouse == NONE)
            & (age > WEDDING_AGES[0])
            & (age < WEDDING_AGES[1])
            & (people.code != NONE)
        )
        men = self._some(rng, free & (people.sex == MALE), self.options.events.marriage)
        women = self._some(rng, free & (people.sex == FEMALE), self.options.events.marriage)
        count = min(len(men), len(women))
        men, women = men[:count], women[:count]
        strangers = (people.father[men] != people.father[women]) | (people.father[men] == NONE)
        men, women = men[strangers], women[strangers]
        people.spouse[men], people.spouse[women] = women, men
        fresh = new_dwellings(rng, self.dwellings.province[people.dwelling[men]], today, 0.0)
        people.dwelling[men] = people.dwelling[women] = len(self.dwellings) + np.arange(len(men))
        self.dwellings.extend(fresh)

    def _rename(self, rng: np.random.Generator) -> None:
        people = self.people
        who = self._some(rng, people.is_alive & (people.code != NONE), self.options.events.surname_change)
        fresh = name_pool().draw_surnames(rng, people.province[who])
        changed = fresh != people.surname[who]
        people.former_surname[who[changed]] = people.surname[who[changed]]
        people.surname[who[changed]] = fresh[changed]

    def _end(self, rng: np.random.Generator, rows: Ints, today: int) -> None:
        covers = self.covers
        covers.to_day[rows] = np.maximum(today, covers.from_day[rows] + 1)
        dropped = rng.random(len(rows)) < DROPPED_SHARE
        covers.gone_day[rows] = np.where(dropped, today, NONE)

    def _end_covers(self, rng: np.random.Generator, today: int) -> None:
        covers = self.covers
        heads = (covers.to_day == NONE) & (covers.relation == PRINCIPAL) & (covers.from_day < today - 1)
        rows = np.flatnonzero(heads & (rng.random(len(covers)) < self.options.events.cover_end))
        self._end(
            rng,
            np.flatnonzero(
                (np.isin(np.arange(len(covers)), rows) | np.isin(covers.principal, rows)) & (covers.to_day == NONE)
            ),
            today,
        )

    def _begin_covers(self, rng: np.random.Generator, insurers: Insurers, today: int) -> None:
        """People get a booklet: mostly those who have none, some beside the one they hold."""
        people = self.people
        basic = np.isin(self.covers.feed, insurers.basic) & (self.covers.to_day == NONE)
        holds = np.isin(np.arange(len(people)), self.covers.person[basic])
        wanting = np.where(holds, 0.01, 1.0)
        fit = people.is_alive & (people.code != NONE) & (self._age(today) > 18)
        who = self._some(rng, fit, self.options.events.cover_start, wanting)
        weights = insurers.weights(insurers.basic)
        feed = rng.choice(np.array(insurers.basic), len(who), p=weights / weights.sum()) if insurers.basic else who[:0]
        who = who[: len(feed)]
        kinds = np.full(len(who), OTHER_KIND, dtype=np.int64)
        self.covers.extend(Covers.of(feed, who, np.full(len(who), today - 1), np.full(len(who), PRINCIPAL), kinds))

    def _be_born(self, rng: np.random.Generator, today: int) -> None:
        people, age = self.people, self._age(today)
        fit = (
            people.is_alive
            & (people.sex == FEMALE)
            & (people.spouse != NONE)
            & (age > MOTHER_AGES[0])
            & (age < MOTHER_AGES[1])
        )
        mothers = self._some(rng, fit & (people.code != NONE), self.options.events.birth)
        fathers = people.spouse[mothers]
        rules = FamilyRules(name_pool(), self.options.habits, today)
        born = np.full(len(mothers), today - 1)
        children = newborn(rng, people, (fathers, mothers), (born, self.dwellings.province[people.dwelling[mothers]]), rules)
        children.dwelling = people.dwelling[children.mother]
        register(rng, children, np.arange(len(children)), self.office)
        rows = np.arange(len(people), len(people) + len(children))
        people.extend(children)
        give_mobiles(rng, people, rows, today, self.options.habits.mobile_shared)
        self._insure_children(rows, today)

    def _insure_children(self, rows: Ints, today: int) -> None:
        """A child joins the cover of the father, else of the mother."""
        covers, people = self.covers, self.people
        through = np.full(len(people), NONE, dtype=np.int64)
        going = np.flatnonzero(
            (covers.to_day == NONE) & np.isin(covers.relation, (PRINCIPAL, SPOUSE)) & (covers.copy_of == NONE)
        )[::-1]
        through[covers.person[going]] = going
        parent = np.where(through[people.father[rows]] == NONE, people.mother[rows], people.father[rows])
        cover = through[parent]
        insured = cover != NONE
        rows, cover = rows[insured], cover[insured]
        kinds = np.full(len(rows), OTHER_KIND, dtype=np.int64)
        fresh = Covers.of(covers.feed[cover], rows, np.full(len(rows), today - 1), np.full(len(rows), CHILD), kinds)
        fresh.principal = np.where(covers.relation[cover] == PRINCIPAL, cover, covers.principal[cover])
        covers.extend(fresh)
