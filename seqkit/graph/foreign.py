"""Objects of other libraries, which are often passed where Keras 3 is needed."""

from __future__ import annotations

from typing import Any

_LIBRARIES = {
    "torch": "PyTorch",
    "tf_keras": "Keras 2 (the package tf_keras)",
    "tensorflow": "the Keras 2 that older TensorFlow versions carried",
    "flax": "Flax",
    "sklearn": "scikit-learn",
}


def library_of(thing: Any) -> str | None:
    """Name the library that a class or an object comes from, if it is one that people confuse.

    Args:
        thing: any object or class; a class that a user derived counts as well.

    Returns:
        The library's name, or None.

    Example:
        >>> library_of([1]) is None
        True
    """
    kind = thing if isinstance(thing, type) else type(thing)
    for parent in kind.__mro__:
        library = _LIBRARIES.get(parent.__module__.split(".")[0])
        if library is not None:
            return library
    return None
