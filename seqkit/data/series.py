"""The sets of weather."""

from __future__ import annotations

import numpy as np

from seqkit.data.dataset import Card, Dataset
from seqkit.data.files import read_csv, read_npz

DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
HOURS = 24
WEATHER = ("sun", "rain", "fog", "drizzle", "snow")
DAILY = ("precipitation", "temp_max", "temp_min", "wind")


def weather_hourly(card: Card) -> Dataset:
    """Read a typical year of hourly weather; each month is a run of its own.

    Args:
        card: Name, licence and so on.

    Returns:
        8,760 hours and 8 variables.
    """
    columns = read_npz("tmy3_greensboro.npz")
    months = np.repeat(np.arange(1, 13), [days * HOURS for days in DAYS_OF_MONTHS])
    return Dataset(
        card,
        x=np.stack(list(columns.values()), axis=1),
        features=tuple(columns),
        columns={**columns, "month": months},
        runs=months,
        target="dry_bulb_c",
        rule="fixed: the last 20 % of each month are for the test (see .windows)",
        notes=("the months come from different years, so .windows never crosses a month's end",),
    )


def weather_daily(card: Card) -> Dataset:
    """Read four years of daily weather; the last year is for the test.

    Args:
        card: Name, licence and so on.

    Returns:
        1,461 days, 4 measured variables, and the kind of weather as label.
    """
    columns = read_csv("seattle-weather.csv.gz")
    columns["date"] = np.array(
        [day.replace("/", "-") for day in columns["date"]], dtype="datetime64[D]"
    )
    kinds = {name: label for label, name in enumerate(WEATHER)}
    return Dataset(
        card,
        x=np.stack([columns[name] for name in DAILY], axis=1).astype(np.float32),
        y=np.array([kinds[name] for name in columns["weather"]], dtype=np.uint8),
        classes=WEATHER,
        features=DAILY,
        columns=columns,
        runs=np.zeros(len(columns["date"]), dtype=np.int64),
        target="temp_max",
        test_share=0.25,
        rule="fixed: 2012 to 2014 are for training, 2015 is for the test (see .windows)",
    )
