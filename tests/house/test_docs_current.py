"""Generated pages are what their sources say."""

from schemas import dictionary
from tests import spec_page

REMEDY = "is stale: run `make docs` and commit it"


def test_specification_page_is_current() -> None:
    assert spec_page.PAGE.read_text(encoding="utf-8") == spec_page.spec_page(), f"docs/spec.md {REMEDY}"


def test_data_dictionary_is_current() -> None:
    assert dictionary.PAGE.read_text(encoding="utf-8") == dictionary.data_dictionary(), f"docs/data_dictionary.md {REMEDY}"
