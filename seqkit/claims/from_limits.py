"""Checks on claims from the limits: what is refused, what repairs it, what goes round it."""

from __future__ import annotations

import keras
import numpy as np

from seqkit import limits
from seqkit.claims.claim import Evidence
from seqkit.claims.measuring import once
from seqkit.limits.limit import Check


def limits_of(id: str, required: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The limits that give evidence for a claim: those it needs, and those that name it."""
    naming = tuple(one.name for one in limits.all_limits() if id in one.claims)
    return (*required, *(name for name in naming if name not in required))


def impossible(id: str, *required: str) -> Evidence:
    """The evidence of a claim that something cannot be written in a list.

    Args:
        id: the claim.
        *required: limits without which there is no evidence.

    Returns:
        It says that Keras refuses every attempt; but a way round may work.

    Raises:
        UnknownLimitError: a required limit is missing.
    """
    used = limits_of(id, required)
    ways = tuple(name for name in used if limits.get(name).workaround_function is not None)
    return Evidence(
        says=tuple(refused(name) for name in used),
        but=tuple(way_round(name) for name in ways),
    )


def refusals(*names: str, way: str) -> Evidence:
    """The evidence of a claim that names several limits: all are refused; a way round works."""
    return Evidence(says=tuple(refused(name) for name in names), but=(way_round(way),))


@once
def fix_of(name: str) -> keras.Model:
    """The fix of a limit, built once: only read it."""
    return limits.get(name).fix()


@once
def refused(name: str) -> Check:
    """Whether Keras raises at every loud attempt of a limit."""
    limit = limits.get(name)
    loud = [one for one in limit.attempts if one.loud]
    accepted = [one.title for one in loud if not one.run().failed]
    return Check(
        f"{name}: Keras refuses {', '.join(one.title for one in loud)}",
        bool(loud) and not accepted,
        f"Keras {keras.__version__} accepts {', '.join(accepted)} now.",
    )


@once
def repaired(name: str) -> Check:
    """Whether the fix of a limit builds with the Functional API or by subclassing."""
    model = fix_of(name)
    return Check(
        f"{name}: the fix builds and is no Sequential",
        isinstance(model, keras.Model) and not isinstance(model, keras.Sequential),
        f"Run sk.limits.get({name!r}).verify().",
    )


@once
def way_round(name: str) -> Check:
    """Whether the way round is a Sequential that builds and gives numbers.

    Whether it computes the same as the fix is what `sk.limits.get(name).verify()` checks.
    """
    limit = limits.get(name)
    model = limit.workaround()
    return Check(
        f"{name}: a way round builds and runs in a Sequential; its price: {limit.price}",
        isinstance(model, keras.Sequential) and _gives_numbers(model),
        f"Run sk.limits.get({name!r}).verify().",
    )


def _gives_numbers(model: keras.Sequential) -> bool:
    """Whether an example of zeros, which is a valid id as well, comes out as finite numbers."""
    shape = [8 if size is None else size for size in model.input_shape[1:]]
    given = model(np.zeros((2, *shape), model.inputs[0].dtype))
    found = keras.tree.flatten(given)  # one tensor, a list of them, or a dict
    return all(np.isfinite(keras.ops.convert_to_numpy(one)).all() for one in found)
