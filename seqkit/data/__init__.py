"""Real data sets, shipped with the library and read without a network.

    import seqkit as sk

    sk.data.names()                     the names
    fashion = sk.data.load("fashion")   one set; print it to see shapes, licence and caution
    fashion.x_train, fashion.y_train, fashion.x_test, fashion.y_test

Each set has a fixed split, so that two readers get the same numbers. Only NumPy is imported.
"""

from __future__ import annotations

from seqkit.data.dataset import Dataset, Split
from seqkit.data.files import DataFileError
from seqkit.data.loading import load, names

__all__ = ["DataFileError", "Dataset", "Split", "load", "names"]
