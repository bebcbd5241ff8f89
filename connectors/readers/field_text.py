"""Bytes of DBF fields as text: each field in the encoding that its values tell, each distinct value decoded once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers import limits
from connectors.readers.guessed import CP1256, fitting, likeliest, text_of, told
from connectors.readers.unpack import corrupt
from schemas.layouts import DETECTED

Reasons = npt.NDArray[np.object_]
CONTROLS = r"[\x00-\x1f]"


class FieldText:
    """The encodings of one table's fields.

    Args:
        declared: the contract's encoding; ``detect`` where each field's own values decide.
    """

    def __init__(self, table: str, declared: str) -> None:
        self.table, self.declared = table, declared
        self.votes: Counter[str] = Counter()
        self.known: dict[str, str] = {}

    def learn(self, columns: Mapping[str, pa.Array]) -> None:
        """Let the first telling values of each field decide about it.

        Raises:
            DeliveryCorrupt: they are in another encoding than the declared one; names the field.
        """
        for name, column in columns.items():
            if name in self.known:
                continue
            votes = told(islice(_high(column.unique()), limits.VOTING_VALUES))
            self.votes += votes
            if (encoding := likeliest(votes)) is not None:
                self.known[name] = encoding
                if self.declared not in (DETECTED, encoding):
                    raise corrupt(
                        self.table,
                        f"is declared as {self.declared} but its field {name} is {encoding}",
                        f"Ask the agency to send {self.declared}, or declare {DETECTED} in the contract.",
                    )

    def decoded(self, name: str, column: pa.Array, reasons: Reasons) -> pa.Array:
        """A field's values as text, '' as null. Rows whose value is no text of its encoding get a reason."""
        if pc.any(pc.match_substring_regex(column, CONTROLS)).as_py():
            reasons[pc.match_substring_regex(column, CONTROLS).to_numpy(zero_copy_only=False)] = "control_character"
        if not pc.all(pc.string_is_ascii(column)).as_py():
            column = self._decoded(name, column, reasons)
        return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)

    def _decoded(self, name: str, column: pa.Array, reasons: Reasons) -> pa.Array:
        encoding = self.known.get(name) or (self.declared if self.declared != DETECTED else None)
        encoding = encoding or likeliest(self.votes) or CP1256
        coded = column.cast(pa.binary()).dictionary_encode()
        values: list[bytes] = coded.dictionary.to_pylist()
        is_text = [value.isascii() or encoding in fitting(value) for value in values]
        if not all(is_text):
            reasons[~np.array(is_text)[coded.indices.to_numpy()]] = "other_encoding"
        texts = [_text(value, encoding) if good else None for value, good in zip(values, is_text, strict=True)]
        return pa.array(texts, pa.string()).take(coded.indices)


def _text(value: bytes, encoding: str) -> str:
    return value.decode("ascii") if value.isascii() else text_of(value, encoding)


def _high(values: pa.Array) -> list[bytes]:
    return [value for value in values.cast(pa.binary()).to_pylist() if not value.isascii()]
