"""The hub's certificate, as whoever looks at the state of the databank sees it."""

from pathlib import Path

import pytest

from hub.envelopes import certificate_ends, make_certificate
from hub.settings import Settings


def test_a_certificate_that_cannot_be_read_does_not_hide_the_rest_of_the_state(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert certificate_ends(settings) is None, "there is none yet"
    certificate = make_certificate(settings)
    assert certificate_ends(settings) is not None
    for spoilt in (b"", b"-----BEGIN CERTIFICATE-----\ncut"):
        certificate.write_bytes(spoilt)
        assert certificate_ends(settings) is None


def test_nor_does_one_in_a_room_that_only_another_user_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    make_certificate(settings)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert certificate_ends(settings) is None
