"""`sk.choose`: ask the guide, or let it look at a model."""

from __future__ import annotations

from typing import Any, overload

from seqkit.choosing.advice import Advice, advise
from seqkit.choosing.chooser import Chooser
from seqkit.choosing.flow import figure
from seqkit.choosing.guide import Recommendation, decide
from seqkit.drawing import Drawing


class Choose:
    """The type of `sk.choose`: a function that also has `figure()`."""

    @overload
    def __call__(self) -> Chooser: ...

    @overload
    def __call__(self, model: Any, input_shape: Any = None) -> Advice: ...

    def __call__(self, model: Any = None, input_shape: Any = None) -> Chooser | Advice:
        """Choose the API for a model.

        Without a model the guide asks: with buttons in a notebook, as text elsewhere. With a model
        or a list of layers it answers its own questions by reading the graph, and says which API
        suffices.

        Args:
            model: whatever `sk.trace` takes; None to be asked.
            input_shape: shape of one example, without the batch axis, where it is not known.

        Returns:
            A `Chooser`, or an `Advice`.

        Raises:
            NotAModelError: `model` is nothing that Keras 3 can build.
            InputShapeError: the input shape is missing, or is not a shape.

        Example:
            >>> import keras
            >>> choose([keras.Input((4,)), keras.layers.Dense(3)]).recommendation.title
            'Sequential'

        Taught in lesson 20.
        """
        return Chooser() if model is None else advise(model, input_shape)

    def decide(self, *yes: str) -> Recommendation:
        """Say what the guide recommends when only these questions are answered with yes.

        Args:
            yes: names of questions: decides, inputs, outputs, shared, branches, own_step, training.

        Raises:
            UnknownQuestionError: the guide has no question of that name.

        Example:
            >>> choose.decide("inputs", "training").title
            'Functional API, with a train_step of your own'
        """
        return decide(*yes)

    def figure(self) -> Drawing:
        """Draw the whole guide as one picture, to print or to show.

        Example:
            >>> choose.figure().svg.startswith("<svg")
            True
        """
        return figure()

    def __repr__(self) -> str:
        return "sk.choose: sk.choose() asks, sk.choose(model) looks, sk.choose.figure() draws"


choose = Choose()
