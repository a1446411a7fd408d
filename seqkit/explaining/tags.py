"""The two tags of an explanation, in plain words."""

from __future__ import annotations

from seqkit.explaining.explanation import Explanation, Fault

FAULT_WORDS: dict[Fault, str] = {
    "topology": "how the layers are connected",
    "feature_input": "the data that goes in",
    "label_output": "the labels, or the last layer",
    "adjacent_layer": "two layers beside each other do not fit",
    "parameter": "what a layer or the list was given",
    "training": "compile or fit",
    "environment": "what is installed",
    "unknown": "not known",
}


def tags(explanation: Explanation) -> str:
    """Name the pattern and the fault, and say what the fault means.

    Args:
        explanation: what to name.

    Example:
        >>> tags(Explanation("residual", "topology", "", "", ""))
        'pattern: residual · fault: topology (how the layers are connected)'
    """
    pattern = explanation.pattern.replace("_", " ")
    fault = explanation.fault.replace("_", " ")
    meaning = FAULT_WORDS[explanation.fault]
    words = f"{fault} ({meaning})" if explanation.fault != "unknown" else meaning
    return f"pattern: {pattern} · fault: {words}"
