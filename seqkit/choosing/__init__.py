"""`sk.choose`: which of Keras' ways to write a model does a task need?

`guide` holds the questions and the answers as data, `skeletons` the code that each answer shows,
`advice` answers the questions for a model that exists, `chooser` asks them in a notebook, and
`flow` draws them.
"""

from seqkit.choosing.advice import Advice
from seqkit.choosing.choose import choose
from seqkit.choosing.guide import Answer, Question, Recommendation, decide

__all__ = ["Advice", "Answer", "Question", "Recommendation", "choose", "decide"]
