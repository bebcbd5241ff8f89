"""The rules have teeth: each catches an offence planted for it, and leaves what is right alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.house import rules
from tests.house.rules import Source
from tests.house.test_house import ROOMS

PLANTED = [
    (rules.vendor_offences, "connectors/readers/planted.py", "import duckdb\n"),
    (rules.vendor_offences, "hub/planted.py", "def act():\n    from splink import Linker\n"),
    (rules.vendor_offences, "schemas/contracts.py", "import great_expectations as gx\n"),
    (rules.vendor_offences, "reports/planted.py", "import importlib\nimportlib.import_module('airflow.sdk')\n"),
    (rules.long_modules, "matching/planted.py", "x = 1\n" * (rules.MODULE_LINES + 1)),
    (rules.catch_all_offences, "connectors/planted.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    (rules.catch_all_offences, "connectors/planted.py", "try:\n    pass\nexcept:\n    raise\n"),
    (rules.catch_all_offences, "connectors/planted.py", "try:\n    pass\nexcept (OSError, BaseException) as e:\n    pass\n"),
    (rules.word_offences, "matching/planted.py", '"""The canonical form."""\n'),
    (rules.word_offences, "matching/planted.py", "match_score = 1\n"),
    (rules.word_offences, "warehouse/planted.sql", "-- Master record of a person\n"),
    (rules.bare_table_offences, "warehouse/planted.py", 'rows = f"from read_parquet({literal(run.table(name))})"\n'),
    (rules.bare_table_offences, "reports/planted.py", "con.from_parquet(str(base.table('cover.period')))\n"),
    (rules.address_offences, "pip.conf", "index-url = https://mirror.example/simple\n"),
    (rules.address_offences, "constraints.txt", "# from https://py" + "pi.org/simple\n"),
    (rules.address_offences, "constraints.txt", "# from files.python" + "hosted.org/packages\n"),
    (rules.address_offences, "package-lock.json", "// registry" + ".npmjs.org\n"),
    (rules.address_offences, "docs/planted.md", "https://packages.example/simple\n"),
    (rules.machine_path_offences, "docs/planted.md", "Look into /home/somebody/databank.\n"),
    (rules.machine_path_offences, "cli/planted.py", 'HOME = "/wo' + 'rk/main"\n'),
]
RIGHT = [
    (rules.vendor_offences, "hub/duck.py", "import duckdb\n"),
    (rules.vendor_offences, "schemas/suites.py", "import great_expectations as gx\n"),
    (rules.long_modules, "matching/planted.py", "x = 1\n" * rules.MODULE_LINES),
    (rules.catch_all_offences, "cli/main.py", "try:\n    pass\nexcept Exception:\n    pass\n"),
    (rules.catch_all_offences, "connectors/planted.py", "try:\n    pass\nexcept (OSError, ValueError):\n    pass\n"),
    (rules.word_offences, "matching/planted.py", '"""The identity of a person; a match weight."""\n'),
    (rules.bare_table_offences, "warehouse/planted.py", 'rows = f"from {rows_of(run.table(name))}"\n'),
    (rules.address_offences, "docs/planted.md", "See https://docs.example/index.html\n"),
    (rules.address_offences, "Makefile", "uv pip compile --no-emit-index-url --generate-hashes\n"),
    (rules.machine_path_offences, "docs/planted.md", "Files lie in $DATABANK_HOME/inbox and var/home/.\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_offence_is_caught(rule: Callable[[Iterable[Source]], list[str]], path: str, text: str) -> None:
    offences = rule([Source(path, text)])
    assert len(offences) == 1
    assert offences[0].startswith(path)


@pytest.mark.parametrize(("rule", "path", "text"), RIGHT)
def test_what_is_right_is_left_alone(rule: Callable[[Iterable[Source]], list[str]], path: str, text: str) -> None:
    assert rule([Source(path, text)]) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("connectors/planted.py", "from matching.link import link\n"),
        ("matching/planted.py", "def act():\n    import warehouse.cover\n"),
        ("hub/planted.py", "from schemas.feed import Feed\n"),
        ("schemas/planted.py", "import importlib\nimportlib.import_module('connectors.landing')\n"),
        ("warehouse/planted.py", "import cli\n"),
        ("nights/planted.py", "from dags.databank import night\n"),
        ("synthetic/planted.py", "from connectors.readers import read\n"),
    ],
)
def test_a_room_that_looks_where_it_may_not_is_caught(path: str, text: str) -> None:
    assert len(rules.room_offences([Source(path, text)], ROOMS)) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("connectors/planted.py", "from schemas.feed import Feed\nfrom hub import duck\nfrom connectors import landing\n"),
        ("nights/planted.py", "import connectors, matching, warehouse, reports, schemas, hub\n"),
        ("cli/planted.py", "import nights, synthetic\n"),
        ("tests/planted.py", "import cli, matching, warehouse\n"),
    ],
)
def test_a_room_may_import_what_its_row_says(path: str, text: str) -> None:
    assert rules.room_offences([Source(path, text)], ROOMS) == []


def test_the_rooms_are_those_of_the_page() -> None:
    assert ROOMS["hub"] == {"hub"}
    assert ROOMS["matching"] == {"hub", "schemas", "matching"}
    assert {"connectors", "matching", "warehouse", "reports", "schemas", "hub"} <= ROOMS["nights"]
    assert "cli" not in ROOMS["dags"]
