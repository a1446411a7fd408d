"""Late days: how many there are, and how many points they cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from seqkit.grading.errors import GradingError

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LatePolicy:
    """What being late costs.

    Attributes:
        grace_days: late days that cost nothing, for each submission.
        percent_per_day: the share of the points that each further day costs.
        cap: the largest share that can be lost.

    Example:
        >>> policy = LatePolicy(grace_days=1, percent_per_day=10, cap=50)
        >>> [policy.percent(days) for days in (0, 1, 2, 3, 9)]
        [0.0, 0.0, 10.0, 20.0, 50.0]
    """

    grace_days: int = 0
    percent_per_day: float = 10.0
    cap: float = 100.0

    def __post_init__(self) -> None:
        if self.grace_days < 0 or not 0 <= self.percent_per_day <= 100 or not 0 <= self.cap <= 100:
            raise GradingError(
                "A policy for late days needs 0 or more days of grace, and percentages from 0 to "
                f"100. It got {self.grace_days} days, {self.percent_per_day} percent a day, and at "
                f"most {self.cap} percent."
            )

    def percent(self, days: int) -> float:
        """The share of the points that is lost.

        Args:
            days: how many days late.

        Returns:
            Percent, from 0 to the cap.
        """
        counted = max(0, days - self.grace_days)
        return float(min(self.cap, counted * self.percent_per_day))


@dataclass(frozen=True)
class Lateness:
    """How late one submission came.

    Attributes:
        received: when it came.
        deadline: until when it was due.
        days: the days after the deadline; a day that has begun counts.
        percent: the share of the points that is lost.
    """

    received: datetime
    deadline: datetime
    days: int
    percent: float

    @property
    def factor(self) -> float:
        """What the points are multiplied by."""
        return 1 - self.percent / 100


def lateness(received: datetime, deadline: datetime, policy: LatePolicy) -> Lateness:
    """Work out how late a submission is.

    Args:
        received: when it came.
        deadline: until when it was due.
        policy: what late days cost.

    Returns:
        The late days, and their price.

    Raises:
        GradingError: when only one of the times has a time zone.

    Example:
        >>> due, came = moment("2026-03-01 23:59"), moment("2026-03-03 00:10")
        >>> late = lateness(came, due, LatePolicy())
        >>> late.days, late.percent
        (2, 20.0)
    """
    if (received.tzinfo is None) != (deadline.tzinfo is None):
        raise GradingError(
            f"The deadline {deadline} and the time of receipt {received} cannot be compared: only "
            "one of them has a time zone. Give both with one, or both without."
        )
    days = max(0, math.ceil((received - deadline) / _DAY))
    return Lateness(received, deadline, days, policy.percent(days))


def moment(text: str | datetime, end_of_day: bool = False) -> datetime:
    """Read a time.

    Args:
        text: such as `2026-03-01`, `2026-03-01 23:59` or `2026-03-01T23:59+01:00`.
        end_of_day: a date alone means the end of that day, as for a deadline.

    Returns:
        The time. Without a time zone it is that of the course, wherever grading runs.

    Raises:
        GradingError: when it is no time.

    Example:
        >>> moment("2026-03-01", end_of_day=True)
        datetime.datetime(2026, 3, 1, 23, 59, 59)
    """
    if isinstance(text, datetime):
        return text
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise GradingError(
            f"{text!r} is no time. Write it as 2026-03-01 or 2026-03-01 23:59, and with a time "
            "zone if you like: 2026-03-01T23:59+01:00."
        ) from None
    date_alone = len(text.strip()) <= len("2026-03-01") and ":" not in text
    return datetime.combine(read, time(23, 59, 59)) if date_alone and end_of_day else read
