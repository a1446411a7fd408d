"""Exercise 17: shared layers, gradients, towers. Questions on lesson 17."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqkit.exercises.answer_data import AnswerData
from seqkit.exercises.answers import ChoiceAnswer, IntegerAnswer
from seqkit.exercises.criteria import Criterion, combine
from seqkit.exercises.errors import RefusedModelError
from seqkit.exercises.judges import choice_is, number_is
from seqkit.exercises.keras_types import Model
from seqkit.exercises.misconceptions import Misconception
from seqkit.exercises.model_answers import FunctionalAnswer
from seqkit.exercises.question import Question
from seqkit.exercises.rebuild import rebuild_model
from seqkit.exercises.verdict import Outcome, incorrect

# Question 1: count a layer that stands in the list twice.

q1 = Question(
    exercise=__name__,
    number=1,
    title="Count a list with the same layer twice",
    objective="say what the same layer twice in a list means",
    kind="predict",
    minutes=3,
    difficulty=1,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        56,
        "6·6 + 6 = 42 for d, once, and 6·2 + 2 = 14 for the last layer.",
        known={
            98: "You counted d for each place in the list. There is one d, with one set of weights.",
            42: "The last layer has parameters, too: 6·2 + 2.",
            48: "These are the weights alone. Each layer has a bias for each unit.",
            0: "It builds. Only two different layers of one name are refused.",
            28: "d has 6 units on 6 numbers: 6·6 + 6.",
        },
        otherwise="Count each layer object once: d, and the last layer. ReLU has no parameters.",
    ),
    hints=(
        "How many different layers with weights are there? Not: how many places.",
        "There are two: d with 6 units on 6 numbers, and the last layer.",
        "(6·6 + 6) + (6·2 + 2).",
    ),
    misconceptions=(
        Misconception("counts each place", 98, shows="one set of weights"),
        Misconception("forgets the last layer", 42, shows="last layer has parameters"),
        Misconception("leaves out the biases", 48, shows="weights alone"),
        Misconception("expects an error", 0, shows="It builds"),
    ),
    equivalents=(np.int64(56), 56.0),
)


# Question 2: choose the one that shares.

_WAYS = {
    "a": '`a = layers.Dense(4, name="d")` and `b = layers.Dense(4, name="d")`; a on the left input, '
    "b on the right",
    "b": "`b = layers.Dense.from_config(a.get_config())`; a on the left input, b on the right",
    "c": "`b.set_weights(a.get_weights())` before the training; a on the left input, b on the right",
    "d": "a on the left input, and a on the right input",
}

q2 = Question(
    exercise=__name__,
    number=2,
    title="Choose what shares weights",
    objective="tell sharing from equal names and from copies",
    kind="choose",
    minutes=3,
    difficulty=1,
    points=1,
    answer=ChoiceAnswer(_WAYS),
    judge=choice_is(
        "d",
        "Sharing is calling one layer object several times, and nothing else.",
        feedback={
            "a": "A name is only a name: these are two layers. In one model Keras even refuses two "
            "layers of one name.",
            "b": "from_config copies the settings. The copy gets new weights of its own. In one model "
            "Keras even refuses it until it has a name of its own.",
            "c": "They are equal until the first step of training. Each then gets its own gradient.",
        },
    ),
    hints=(
        "In which of the four is there only one set of weights, also after a step of training?",
        "How many layer objects are there in each answer? a and b are two.",
        "Sharing means: the same object is called twice.",
    ),
    misconceptions=(
        Misconception("trusts the name", "a", shows="only a name"),
        Misconception("trusts the settings", "b", shows="copies the settings"),
        Misconception("trusts equal first weights", "c", shows="first step of training"),
    ),
    equivalents=("D", " d) "),
)


# Question 3: the gradient of a shared weight.

q3 = Question(
    exercise=__name__,
    number=3,
    title="Work out the gradient of a shared weight",
    objective="explain with numbers why the gradient of a shared weight is a sum",
    kind="predict",
    minutes=5,
    difficulty=2,
    points=1,
    answer=IntegerAnswer(),
    judge=number_is(
        50,
        "The slope of y² is 2·5 = 10. Through the left call 10·2 = 20, through the right call "
        "10·3 = 30, together 50.",
        known={
            20: "That is the part of the left call. The right call has an influence, too.",
            30: "That is the part of the right call. The left call has an influence, too.",
            25: "You took the mean, or the loss itself. The two parts are added: the chain rule "
            "divides by nothing.",
            10: "That is the slope of y² by y. Now go on to w: through both calls.",
            -50: "Right size, wrong sign. The gradient points up; the step goes down.",
            60: "Do not multiply the two parts. They are added.",
        },
        otherwise="First the slope of y² by y. Then multiply by what y gains when w grows, through "
        "each of the two calls, and add.",
    ),
    hints=(
        "y = 1·2 + 1·3 = 5. How much does y² change when y changes a little?",
        "The slope of y² is 2·y = 10. Through the left call, y gains 2 when w grows by 1.",
        "10·2 through the left call and 10·3 through the right one. Add them.",
    ),
    misconceptions=(
        Misconception("takes the left call only", 20, shows="part of the left call"),
        Misconception("takes the right call only", 30, shows="part of the right call"),
        Misconception("takes the mean", 25, shows="took the mean"),
        Misconception("stops at y", 10, shows="go on to w"),
        Misconception("gives the step", -50, shows="wrong sign"),
    ),
    equivalents=(np.int64(50), 50.0),
)


# Question 4: which test of a Siamese network.

_TESTS = {
    "a": "new pictures of the same 100 cows",
    "b": "pictures of two of the 100 cows that never stood in one pair before",
    "c": "pictures of 20 other cows, of which no picture was in the training",
    "d": "the pairs of the training with left and right exchanged",
}

q4 = Question(
    exercise=__name__,
    number=4,
    title="Choose the test of a Siamese network",
    objective="measure it on what it has never seen",
    kind="choose",
    minutes=3,
    difficulty=2,
    points=1,
    answer=ChoiceAnswer(_TESTS),
    judge=choice_is(
        "c",
        "The new cows are seen in no picture of the training, so they must be in none here. In "
        "lesson 17 the score on digits never seen was far below the other two.",
        feedback={
            "a": "This tests new pictures, but of known cows. Lesson 17: 97 to 98 % for known "
            "digits, 64 to 74 % for digits never seen.",
            "b": "Only the combination is new. Each of the two cows has its code already.",
            "d": "A shared encoder gives the same distance in both orders. This tests nothing new.",
        },
    ),
    hints=(
        "What is new next year: the pictures, the combinations, or the cows?",
        "A test must be as new as the use will be. Next year the cows themselves are new.",
        "Keep some cows out of the training altogether, and test with them.",
    ),
    misconceptions=(
        Misconception("takes new pictures for new classes", "a", shows="of known cows"),
        Misconception("takes new pairs for new classes", "b", shows="Only the combination"),
        Misconception("tests the order", "d", shows="in both orders"),
    ),
    equivalents=("C", " c) "),
)


# Question 5: one table in place of two.

TEAMS, WIDTH = 40, 3
_ADVICE = "Build the model with keras.Model([first, second], outputs)."


def _league(
    *, shared: bool = True, join: str = "Subtract", end: str | None = "sigmoid", width: int = WIDTH
) -> Model:
    """Two team numbers, looked up and compared; or a model with a named fault."""
    import keras
    from keras import layers

    left, right = (keras.Input((1,), dtype="int32") for _ in range(2))
    table = layers.Embedding(TEAMS, width)
    other = table if shared else layers.Embedding(TEAMS, width)
    joined = getattr(layers, join)()([table(left), other(right)])
    outputs = layers.Dense(1, activation=end)(layers.Flatten()(joined))
    return keras.Model([left, right], outputs)


def _left_only() -> Model:
    """Both codes come from the left input."""
    import keras
    from keras import layers

    left, right = (keras.Input((1,), dtype="int32") for _ in range(2))
    table = layers.Embedding(TEAMS, WIDTH)
    gap = layers.Subtract()([table(left), table(left)])
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(layers.Flatten()(gap)))


def _nested_league() -> Model:
    """The table inside a Sequential that is called twice; the activation apart."""
    import keras
    from keras import layers

    left, right = (keras.Input((1,), dtype="int32") for _ in range(2))
    side = keras.Sequential(
        [keras.Input((1,), dtype="int32"), layers.Embedding(TEAMS, WIDTH), layers.Flatten()]
    )
    score = layers.Dense(1)(layers.Subtract()([side(left), side(right)]))
    return keras.Model([left, right], layers.Activation("sigmoid")(score))


def _pair_model(data: AnswerData) -> Model:
    """The model again, with two inputs of one number each, and one output."""
    import keras

    if data.values["class"] == "subclass":
        raise RefusedModelError(f"This check cannot look into a class of your own. {_ADVICE}")
    if data.values["class"] != "Functional":
        raise RefusedModelError(
            f"The task needs two inputs side by side, and a {data.values['class']} model has one "
            f"road. {_ADVICE}"
        )
    model = rebuild_model(data)
    if isinstance(model.input, dict):
        raise RefusedModelError(f"The inputs are a dict. Pass them as a list. {_ADVICE}")
    if len(model.outputs) != 1:
        raise RefusedModelError("The model gives several tensors. The task asks for one output.")
    return keras.Model(list(model.inputs), model.outputs[0])


def _inputs_fault(model: Model) -> str:
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if shapes == [(None, 1), (None, 1)]:
        return ""
    words = ", ".join(str(shape) for shape in shapes)
    return f"Inputs: {words}. The task asks for two inputs (None, 1)."


def _draw(model: Model) -> dict[tuple[int, ...], np.ndarray]:
    """Give the model weights that are all different, and return them by their shape."""
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=weight.shape) for weight in model.get_weights()])
    return {weight.shape: weight for weight in model.get_weights()}


def _answers(model: Model, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    import keras

    numbers = [side[:, None].astype("int32") for side in (first, second)]
    return np.asarray(keras.ops.convert_to_numpy(model(numbers)))[:, 0]


def _judge_q5(data: AnswerData) -> Outcome:
    model = _pair_model(data)
    if fault := _inputs_fault(model) or _table_fault(model):
        return incorrect(fault)
    if model.output_shape != (None, 1):
        return incorrect(f"The output is {model.output_shape}; the task asks for (None, 1).")
    return combine(
        [
            Criterion(True, "", share=1),
            Criterion(*_compares(model), share=2),
        ],
        praise="One table of 120 parameters, looked up twice, and 4 for the comparison.",
    )


def _table_fault(model: Model) -> str:
    """Say what is wrong with the tables, or ''."""
    shapes = [tuple(weight.shape) for weight in model.weights]
    tables = [shape for shape in shapes if shape[0] == TEAMS]
    if len(tables) == 2:
        return (
            f"There are two tables of {TEAMS} rows: {model.count_params()} parameters, expected "
            "124. Make one Embedding and call it on both inputs."
        )
    if tables != [(TEAMS, WIDTH)]:
        return f"Expected one Embedding({TEAMS}, {WIDTH}); its weights have the shape (40, 3)."
    if sorted(shapes) != [(1,), (WIDTH, 1), (TEAMS, WIDTH)]:
        return (
            f"The model has {model.count_params()} parameters, expected 124: the table, and a "
            "Dense(1) on the 3 differences."
        )
    return ""


def _compares(model: Model) -> tuple[bool, str]:
    """Whether the answers are the sigmoid of Dense(1) on the difference of two rows."""
    weights = _draw(model)
    table, last, bias = (weights[shape] for shape in ((TEAMS, WIDTH), (WIDTH, 1), (1,)))
    left, right = np.arange(TEAMS), np.arange(TEAMS)[::-1]
    came = _answers(model, left, right)
    score = ((table[left] - table[right]) @ last + bias)[:, 0]
    if np.allclose(came, 1 / (1 + np.exp(-score)), atol=1e-4):
        return True, ""
    if np.allclose(came, _answers(model, left, left), atol=1e-5):
        return False, "The second input is lost: other numbers there change no answer."
    if np.allclose(came, score, atol=1e-3):
        return False, "The table is shared, but Dense(1) has lost its activation='sigmoid'."
    return False, (
        "The table is shared, but the answer is not the one of the given model: the first row "
        "minus the second row, then Dense(1) with sigmoid. Change nothing but the table."
    )


q5 = Question(
    exercise=__name__,
    number=5,
    title="Repair a model with two tables",
    objective="share an embedding between two inputs",
    kind="repair",
    minutes=6,
    difficulty=2,
    points=2,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q5,
    hints=(
        "How many Embedding objects are made in the code? How many should there be?",
        "Make table = layers.Embedding(40, 3) once, before the two inputs are used. (A copy by "
        "from_config is a second table: Keras refuses its name, and another name does not help.)",
        "layers.Subtract()([table(left), table(right)]); the rest stays as it is.",
    ),
    misconceptions=(
        Misconception(
            "leaves the two tables", lambda: _league(shared=False), shows="There are two tables"
        ),
        Misconception(
            "adds in place of subtracting",
            lambda: _league(join="Add"),
            shows="first row minus the second",
        ),
        Misconception(
            "loses the sigmoid", lambda: _league(end=None), shows="lost its activation='sigmoid'"
        ),
        Misconception("looks up the left team twice", _left_only, shows="second input is lost"),
        Misconception(
            "takes another width", lambda: _league(width=4), shows=r"one Embedding\(40, 3\)"
        ),
        Misconception(
            "concatenates the rows", lambda: _league(join="Concatenate"), shows="expected 124"
        ),
    ),
    equivalents=(_nested_league, lambda: _league()),
)


# Question 6: two towers.

USERS, ITEMS, CODE = 50, 80, 8


def _towers(
    join: str = "dot", *, swapped: bool = False, code: int = CODE, end: bool = False
) -> Model:
    """Two towers and their product, or a model with a named fault."""
    import keras
    from keras import layers

    user, item = (keras.Input((1,), dtype="int32") for _ in range(2))
    sizes = (ITEMS, USERS) if swapped else (USERS, ITEMS)
    codes = [
        layers.Flatten()(layers.Embedding(size, code)(x))
        for size, x in zip(sizes, (user, item), strict=True)
    ]
    joins: dict[str, Callable[[], object]] = {
        "dot": lambda: layers.Dot(axes=1)(codes),
        "cosine": lambda: layers.Dot(axes=1, normalize=True)(codes),
        "dense": lambda: layers.Dense(1)(layers.Concatenate()(codes)),
        "multiply": lambda: layers.Multiply()(codes),
    }
    outputs = joins[join]()
    return keras.Model([user, item], layers.Dense(1)(outputs) if end else outputs)


def _one_table_for_all() -> Model:
    """Users and items in one table."""
    import keras
    from keras import layers

    user, item = (keras.Input((1,), dtype="int32") for _ in range(2))
    table = layers.Embedding(USERS + ITEMS, CODE)
    codes = [layers.Flatten()(table(x)) for x in (user, item)]
    return keras.Model([user, item], layers.Dot(axes=1)(codes))


def _towers_of_one_input(which: int) -> Model:
    """Both tables look up the number of one input."""
    import keras
    from keras import layers

    inputs = [keras.Input((1,), dtype="int32") for _ in range(2)]
    codes = [
        layers.Flatten()(layers.Embedding(size, CODE)(inputs[which])) for size in (USERS, ITEMS)
    ]
    return keras.Model(inputs, layers.Dot(axes=1)(codes))


def _weighted_products() -> Model:
    """The products of the two codes, weighed by a Dense layer."""
    import keras
    from keras import layers

    codes = _towers("multiply")
    return keras.Model(codes.inputs, layers.Dense(1)(codes.output))


def _towers_with_a_dict() -> Model:
    """The right towers, with inputs that have names in place of an order."""
    import keras

    towers = _towers()
    return keras.Model(dict(zip(("user", "item"), towers.inputs, strict=True)), towers.output)


def _subclass_model() -> Model:
    """A class of one's own, which gives no architecture."""
    import keras
    from keras import layers

    class Towers(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.users = layers.Embedding(USERS, CODE)
            self.items = layers.Embedding(ITEMS, CODE)

        def call(self, inputs: list[Any]) -> Any:
            codes = self.users(inputs[0]) * self.items(inputs[1])
            return keras.ops.sum(codes, axis=-1)

    model = Towers()
    model([np.zeros((1, 1), "int32")] * 2)
    return model


def _unusual_towers() -> Model:
    """Towers as Sequentials; the product by hand, as a sum of products."""
    import keras
    from keras import layers, ops

    user, item = (keras.Input((1,), dtype="int32") for _ in range(2))
    codes = [
        keras.Sequential(
            [keras.Input((1,), dtype="int32"), layers.Embedding(size, CODE), layers.Reshape((8,))]
        )(x)
        for size, x in ((USERS, user), (ITEMS, item))
    ]
    return keras.Model([user, item], ops.sum(layers.Multiply()(codes), axis=1, keepdims=True))


def _judge_q6(data: AnswerData) -> Outcome:
    model = _pair_model(data)
    if fault := _inputs_fault(model) or _tower_fault(model):
        return incorrect(fault)
    if model.output_shape != (None, 1):
        return incorrect(
            f"The output is {model.output_shape}; the task asks for one number for each pair: "
            "(None, 1). Flatten each code, and join them with Dot(axes=1)."
        )
    return combine(
        [Criterion(True, "", share=1), Criterion(*_multiplies(model), share=2)],
        praise="The codes of all users times the codes of all items are the answers of this model.",
    )


def _tower_fault(model: Model) -> str:
    shapes = sorted(tuple(weight.shape) for weight in model.weights)
    wanted = [(USERS, CODE), (ITEMS, CODE)]
    if shapes == wanted:
        return ""
    if (USERS + ITEMS, CODE) in shapes:
        return "Users and items share one table. User 3 and item 3 are different things: make two."
    if all(shape in shapes for shape in wanted):
        if sorted([*wanted, (1,), (2 * CODE, 1)]) == shapes:
            return (
                "A Dense layer on two codes side by side can only add; let Dot(axes=1) be the end."
            )
        extra = [shape for shape in shapes if shape not in wanted]
        return (
            f"Besides the two tables the model has weights of the shapes {extra}. The task asks for "
            "the plain dot product of the two rows: leave these layers out."
        )
    return f"The weights have the shapes {shapes}; the task asks for tables of {wanted}."


def _multiplies(model: Model) -> tuple[bool, str]:
    weights = _draw(model)
    products = weights[(USERS, CODE)] @ weights[(ITEMS, CODE)].T
    users, items = np.arange(USERS), np.arange(USERS)[::-1]
    came = _answers(model, users, items)
    if np.allclose(came, products[users, items], atol=1e-3):
        return True, ""
    if np.allclose(came, products[items, users], atol=1e-3):
        return (
            False,
            "The towers are exchanged: the first input is the user (50), the second the item.",
        )
    if np.allclose(came, _answers(model, users, users), atol=1e-5):
        return False, "The second input is lost: other items change no answer."
    if np.allclose(came, _answers(model, items, items), atol=1e-5):
        return False, "The first input is lost: other users change no answer."
    return False, (
        "The answer is not the dot product of the two codes. Leave normalize=True and activations "
        "out: Dot(axes=1) alone."
    )


q6 = Question(
    exercise=__name__,
    number=6,
    title="Build two towers",
    objective="build a recommender with two towers",
    kind="build",
    minutes=10,
    difficulty=3,
    points=3,
    answer=FunctionalAnswer(_ADVICE),
    judge=_judge_q6,
    hints=(
        "Each tower is Input((1,), dtype='int32'), then Embedding, then Flatten.",
        "The user table has 50 rows and the item table 80, with 8 numbers in each row.",
        "score = layers.Dot(axes=1)([user_code, item_code]), then keras.Model([user, item], score).",
    ),
    misconceptions=(
        Misconception("ends in Dense", lambda: _towers("dense"), shows="can only add"),
        Misconception("uses one table", _one_table_for_all, shows="share one table"),
        Misconception(
            "does not sum", lambda: _towers("multiply"), shows="one number for each pair"
        ),
        Misconception("takes the cosine", lambda: _towers("cosine"), shows="normalize=True"),
        Misconception(
            "exchanges the towers", lambda: _towers(swapped=True), shows="towers are exchanged"
        ),
        Misconception("takes another length", lambda: _towers(code=16), shows="asks for tables of"),
        Misconception("reads the user only", lambda: _towers_of_one_input(0), shows="other items"),
        Misconception("reads the item only", lambda: _towers_of_one_input(1), shows="other users"),
        Misconception(
            "weighs the products", _weighted_products, shows=r"shapes \[\(1,\), \(8, 1\)"
        ),
        Misconception("names the inputs", _towers_with_a_dict, shows="Pass them as a list"),
        Misconception("writes a class", _subclass_model, shows="class of your own"),
    ),
    equivalents=(lambda: _towers(), _unusual_towers),
)
