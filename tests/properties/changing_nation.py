"""A small nation whose records change from night to night, made to be hard: few names, shared phones, missing and borrowed
codes, records that come, go, and say something else."""

from __future__ import annotations

from random import Random

from tests.spec.people_world import GIVEN, REGISTRY, SURNAMES, valid_code

Row = dict[str, str | None]
FEEDS = ("fund", "post", "clinic")
NOT_REGISTERED = ("mobile_no", "postal_code", "passport_no", "email", "city_name")


def family_name(random: Random) -> str:
    return random.choice(SURNAMES[:6])


class Nation:
    """Persons as the registry has them, and what other feeds say about them."""

    def __init__(self, seed: int, persons: int) -> None:
        self.random = Random(seed)
        self.persons = [self._person(number) for number in range(persons)]
        self.rows: dict[tuple[str, str], Row] = {}
        for number, person in enumerate(self.persons):
            if self.random.random() < 0.8:
                self.rows[REGISTRY, f"r{number}"] = self._registered(person)
            for feed in FEEDS:
                for copy in range(self.random.choice((0, 1, 1, 2))):
                    self.rows[feed, f"{number}.{copy}"] = self._told(person)

    def change(self, share: float) -> None:
        """Let records of this share come, go, or say something else."""
        for place, row in sorted(self.rows.items()):
            if self.random.random() < share:
                self._change(place, row)

    def _change(self, place: tuple[str, str], row: Row) -> None:
        what = self.random.random()
        person = self.random.choice(self.persons)
        if what < 0.2:
            del self.rows[place]
        elif what < 0.4:
            feed = self.random.choice((REGISTRY, *FEEDS))
            new = self._registered(person) if feed == REGISTRY else self._told(person)
            self.rows[feed, f"n{self.random.randrange(10**9)}"] = new
        else:
            field, source = self.random.choice(list(row)), self._told(person)
            self.rows[place] = {**row, field: source.get(field)}

    def feeds(self) -> dict[str, list[Row]]:
        """Rows by feed, as ``People.rows`` holds them."""
        found: dict[str, list[Row]] = {}
        for (feed, key), row in sorted(self.rows.items()):
            found.setdefault(feed, []).append({"key": key, **row})
        return found

    def _person(self, number: int) -> Row:
        pick = self.random
        year, month, day = pick.randrange(1950, 1960), pick.randrange(1, 13), pick.randrange(1, 4)
        return {
            "national_code": valid_code(400_000_000 + number * 37),
            "given_name": pick.choice(GIVEN), "surname": family_name(pick), "father_name": pick.choice(GIVEN[:8]),
            "sex_code": pick.choice(("male", "female")), "birth_date": f"{year}-{month:02d}-{day:02d}",
            "mobile_no": f"0912{pick.randrange(200):07d}", "postal_code": f"{1_000_000_000 + pick.randrange(100) * 7919}",
            "passport_no": f"K{pick.randrange(10**7):07d}",
            "email": f"{pick.choice('aAbBc')}{pick.randrange(400)}@mail.example",
            "city_name": pick.choice(("تهران", "اهواز", "یزد")),
        }  # fmt: skip

    def _registered(self, person: Row) -> Row:
        row = {name: person[name] for name in person if name not in NOT_REGISTERED}
        return {**row, "national_code": None} if self.random.random() < 0.1 else row

    def _told(self, person: Row) -> Row:
        row = dict(person)
        for field in row:
            if self.random.random() < 0.15:
                row[field] = None
        if self.random.random() < 0.5:
            row["national_code"] = None
        elif self.random.random() < 0.15:
            row["national_code"] = self.random.choice(self.persons)["national_code"]
        if self.random.random() < 0.2:
            field = self.random.choice(("given_name", "surname", "father_name", "birth_date", "mobile_no"))
            row[field] = self.random.choice(self.persons)[field]
        return row
