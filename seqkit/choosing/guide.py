"""The decision guide as data: questions that are asked in order, and what each answer says.

The questions stand in the order of what they demand. The first one that is answered with yes names
the API; whoever needs that has all that the later questions ask for, too. One more question, on the
training, is asked in the end, because it can be combined with every API.
"""

from __future__ import annotations

from dataclasses import dataclass

from seqkit.choosing import skeletons
from seqkit.choosing.skeletons import Skeleton
from seqkit.display import Displayable, escape, preformatted
from seqkit.errors import SeqkitError

SEQUENTIAL = "Sequential"
OWN_LAYER = "Sequential with a layer of your own"
FUNCTIONAL = "Functional API"
SUBCLASS = "subclass of keras.Model"
TRAIN_STEP = "with a train_step of your own"


class UnknownQuestionError(SeqkitError, ValueError):
    """The guide has no question of this name."""


@dataclass(frozen=True)
class Answer:
    """What follows from a yes.

    Attributes:
        api: how the model is written.
        reason: why, in one sentence.
        example: a model that needs it.
        lesson: number of the lesson that teaches it.
        skeleton: code to begin with.
        instead: another way that works too, and its price; empty if there is none.
    """

    api: str
    reason: str
    example: str
    lesson: int
    skeleton: Skeleton
    instead: str = ""


@dataclass(frozen=True)
class Question:
    """A question that is answered with yes or no.

    Attributes:
        name: a short name, for code.
        text: the question.
        help: what is meant, in one sentence.
        yes: what a yes means.
    """

    name: str
    text: str
    help: str
    yes: Answer


BUILDING: tuple[Question, ...] = (
    Question(
        "decides",
        "Does the path depend on the data?",
        "Which layers run, or how often, is decided by the value of a tensor.",
        Answer(
            SUBCLASS,
            "The Functional API records each call once, before there are values, so which layers "
            "run, or how often, is said in call().",
            "an early exit, a loop until an answer is good enough, routing between experts",
            19,
            skeletons.PATH_FROM_DATA,
            "For one choice, a layer of your own is enough: ops.where decides for each example, "
            "ops.cond for the whole batch. A Python loop over values runs outside of fit.",
        ),
    ),
    Question(
        "inputs",
        "Is there more than one input?",
        "Two kinds of data, or two examples at once, that enter at different places.",
        Answer(
            FUNCTIONAL,
            "A Sequential has one entrance; in the Functional API each keras.Input is one.",
            "title and numbers of an artwork, question and answer, two pictures",
            13,
            skeletons.TWO_INPUTS,
        ),
    ),
    Question(
        "outputs",
        "Is there more than one output?",
        "Two answers with a loss each, or a helping answer in the middle of the network.",
        Answer(
            FUNCTIONAL,
            "A Sequential gives what its last layer gives, and keras.Model takes any tensors as "
            "outputs.",
            "class and box, mood and topic, an auxiliary loss",
            14,
            skeletons.TWO_OUTPUTS,
        ),
    ),
    Question(
        "shared",
        "Is one layer used at two places?",
        "The same weights read two tensors.",
        Answer(
            FUNCTIONAL,
            "A layer can be called on any number of tensors, and all calls share its weights.",
            "twin (Siamese) networks, one embedding for two texts",
            17,
            skeletons.SHARED,
            "Twice in a row works in a Sequential, too: [d, relu, d] shares the weights of d.",
        ),
    ),
    Question(
        "branches",
        "Does the data skip, split or meet again?",
        "A tensor is read by two layers, or a layer reads two tensors.",
        Answer(
            FUNCTIONAL,
            "In a list each tensor is read once, by the next layer, and then it has no name.",
            "residual blocks, Inception (lesson 15), attention (16), U-Net (18)",
            12,
            skeletons.SKIP,
            "If it happens inside one block with one tensor in and one out, a layer of your own "
            "can hide it, and the list suffices. Price: summary() and drawings show one box.",
        ),
    ),
    Question(
        "own_step",
        "Is there a step that no built-in layer does?",
        "A formula of your own, with one tensor in and one tensor out.",
        Answer(
            OWN_LAYER,
            "One tensor goes in and one comes out, so the layer stands in the list like any other.",
            "a special scaling, ranks in place of numbers, a residual block hidden in one item",
            20,
            skeletons.OWN_STEP,
        ),
    ),
)
"""How the model is built: the first yes decides."""

OTHERWISE = Answer(
    SEQUENTIAL,
    "The data takes one straight road, and a list is the shortest way to say so.",
    "a classifier of pictures, a stack of LSTM layers, an autoencoder",
    1,
    skeletons.PLAIN,
)
"""What remains when every question on the building was answered with no."""

TRAINING = Question(
    "training",
    "Must one training step do more than fit does?",
    "fit predicts, computes the loss, and moves the weights along its gradients.",
    Answer(
        TRAIN_STEP,
        "The wiring stays, and a train_step of your own changes what fit does with a batch.",
        "labels made from the data, two optimizers, a generator against a discriminator",
        20,
        skeletons.OWN_TRAINING,
        "A loss function, a callback or compute_loss() is often enough, and shorter.",
    ),
)
"""Asked in the end, whatever the model is."""

QUESTIONS = (*BUILDING, TRAINING)


@dataclass(frozen=True, repr=False)
class Recommendation(Displayable):
    """What the guide says at its end.

    Attributes:
        answer: how the model is built.
        training: what to do for the training; None where fit is enough.
    """

    answer: Answer
    training: Answer | None = None

    @property
    def title(self) -> str:
        """The API in a few words."""
        return f"{self.answer.api}, {self.training.api}" if self.training else self.answer.api

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The one or two answers that it is made of."""
        return (self.answer,) if self.training is None else (self.answer, self.training)

    def as_text(self) -> str:
        """Return the recommendation with reason, lesson and code."""
        blocks = [f"=> {self.title}"]
        for one in self.answers:
            blocks.append("\n".join(f"{name:<12}{text}" for name, text in told(one)))
            blocks.append(one.skeleton.source)
        return "\n\n".join(blocks)

    def as_html(self) -> str:
        """Return the same as HTML in the theme's own colours."""
        parts = [f'<div style="font-weight:bold;font-size:110%">→ {escape(self.title)}</div>']
        parts += [answer_html(one) for one in self.answers]
        return "".join(parts)


def told(answer: Answer) -> list[tuple[str, str]]:
    """What is said about an answer, line by line."""
    lines = [
        ("why", answer.reason),
        ("example", answer.example),
        ("lesson", f"{answer.lesson:02d}"),
    ]
    return [*lines, ("also", answer.instead)] if answer.instead else lines


def answer_html(answer: Answer) -> str:
    """An answer as HTML: reason, example, lesson, code."""
    lines = "".join(
        f"<div><strong>{name}</strong>: {escape(text)}</div>" for name, text in told(answer)
    )
    return (
        f'<div style="margin:6px 0">{lines}</div>'
        '<div style="border:1px dashed;border-radius:4px;padding:2px 10px;overflow-x:auto">'
        f"{preformatted(answer.skeleton.source)}</div>"
    )


def decide(*yes: str) -> Recommendation:
    """Return what the guide recommends when these questions are answered with yes.

    Args:
        yes: names of questions; all others are answered with no.

    Returns:
        A `Recommendation`.

    Raises:
        UnknownQuestionError: the guide has no question of that name.

    Example:
        >>> decide().title, decide("branches").title
        ('Sequential', 'Functional API')
        >>> decide("inputs", "decides", "training").title
        'subclass of keras.Model, with a train_step of your own'
    """
    names = [question.name for question in QUESTIONS]
    for name in yes:
        if name not in names:
            raise UnknownQuestionError(
                f"The guide has no question {name!r}. Its questions: {', '.join(names)}."
            )
    answer = next((one.yes for one in BUILDING if one.name in yes), OTHERWISE)
    return Recommendation(answer, TRAINING.yes if TRAINING.name in yes else None)
