"""The lunar Hijri calendar of civil registers in Arab countries: a table of its days.

Source: the months of the Umm al-Qura calendar, 1343-1500 (King Abdulaziz City for Science and Technology, Riyadh), as the
package hijridate 2.6 tells them; months announced elsewhere begin a day earlier or later now and then.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

FIRST_YEAR, LAST_YEAR = 1343, 1500
_FIRST_DAY = np.datetime64("1924-08-01", "D")
_SHORTEST_MONTH = 28
# Of each year six hexadecimal digits: of each of its months two bits, the days that it has beyond 28.
_YEARS = (
    "9a6a2a59999999d8a65a69695a69a5999a5c999a8e6659a69995a69999999a66966669999999a6599a5999999aa65969a9965999999a"
    "99999999999999999a9998a999999a99999999999999999a999a6999999999666a66659a666666999a5a99996965a99996669a999999"
    "6666669999999a65999a69666699999999999a59a9a5999a59999a69999999999a999a6599999a59999a99599a9999699a65999a9966"
    "669999999a66666669a6599a666599a999666a665969a9965a69999999a66666669999669a66599a9996669a65969a9965a69a5966a6"
    "6659a699996699a66599a9996669a6659aa6595aa69656a69996669a65999a66996669a6599a69965a9a65969a6966666999966a6665"
    "9a69996669a59999a66666669a59969a96599a999666a66599a69966669999999a6696666a65966a69659a9999669a66599a69996669"
    "a65999a996666a59996a66665a66999666a665969a9965a6a65969a6665a6699999999a6659a6999666a66596a9996669a65999a6666"
    "5a69a59699a9659a699996699a6599a6996666a65966a69659a6a59669a66599a669666669a6599a69965a6a65969a6965a66a59999a"
    "66659a6999666a66599a699666699a5999a69665a6a59666a66599a9996669a59999a666666669a5966a"
)


@cache
def hijri_table() -> pa.Table:
    """Every day of the years 1343-1500; a 30th that a month does not have is the next day, as where it began a day later.

    Grain: hijri_int.
    Columns: hijri_int int32 as 13920701, iso_date date32.
    """
    years = [int(_YEARS[first : first + 6], 16) for first in range(0, len(_YEARS), 6)]
    lengths = [_SHORTEST_MONTH + (year >> shift & 3) for year in years for shift in range(22, -1, -2)]
    starts = _FIRST_DAY + np.cumsum([0, *lengths[:-1]])
    days = [
        ((FIRST_YEAR + month // 12) * 10_000 + (month % 12 + 1) * 100 + day + 1, start + day)
        for month, (start, length) in enumerate(zip(starts, lengths, strict=True))
        for day in range(max(length, 30))
    ]
    numbers, dates = zip(*days, strict=True)
    return pa.table({"hijri_int": pa.array(numbers, pa.int32()), "iso_date": pa.array(np.array(dates), pa.date32())})
