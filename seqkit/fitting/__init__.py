"""What `fit` needs: the data, the model's output and the loss must agree.

`arrays` describes what was passed as x and y, `head` the end of the model, `losses` what each
loss needs, and `agreement` says where the three do not fit together.
"""

from seqkit.fitting.agreement import Disagreement, disagreements
from seqkit.fitting.arrays import ArrayFacts, LabelFacts, array_facts, label_facts
from seqkit.fitting.head import Head, head_of
from seqkit.fitting.losses import LossNeeds, loss_needs

__all__ = [
    "ArrayFacts",
    "Disagreement",
    "Head",
    "LabelFacts",
    "LossNeeds",
    "array_facts",
    "disagreements",
    "head_of",
    "label_facts",
    "loss_needs",
]
