"""Right answers get full points, exactly, whatever else the notebook looks like."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seqkit.grading.grader import Grader, Settings
from seqkit.grading.grading_kernel import Limits
from seqkit.grading.master import load_all
from seqkit.grading.results import SubmissionResult, Verdict
from seqkit.grading.submissions import Submission, find
from seqkit.kernel.sandbox import problem
from tests.grading import submissions_made as made
from tests.grading.submissions_made import Notebook

pytestmark = pytest.mark.skipif(bool(problem()), reason=problem())

Change = Callable[[Notebook], None]


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    """A grader with all exercises of the course, and with the parts of the first one."""
    folder = made.masters_of_parts(tmp_path_factory.mktemp("fair") / "exercises")
    for path in (made.ROOT / "exercises").glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    settings = Settings(folder, "fa1e", Limits(cell_seconds=120.0, submission_seconds=400.0))
    with Grader(load_all(folder), settings) as one:
        yield one


def graded(
    grader: Grader, notebook: object, tmp_path: Path, exercise: str, student: str = "ana"
) -> SubmissionResult:
    path = made.write(notebook, tmp_path / student / f"{exercise}.ipynb")
    return grader.grade(Submission(student, exercise, path))


def assert_full(result: SubmissionResult) -> None:
    """All points, and not one more."""
    for one in result.questions:
        assert (one.verdict, one.points) == (Verdict.CORRECT, one.max_points), one
    assert result.points == result.max_points > 0


# Notebooks that look different.


def _every_cell(notebook: Notebook, **fields: object) -> None:
    for cell in notebook["cells"]:
        cell.update(fields)


def _drop(notebook: Notebook, *names: str) -> None:
    for cell in notebook["cells"]:
        for name in names:
            cell.pop(name, None)


def deleted_checks(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if "-check" not in cell["id"]]


def deleted_everything_but_answers(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if "-answer" in cell["id"]]


def outputs_of_another_keras(notebook: Notebook) -> None:
    text = "Keras 3.10.0 · backend jax · 4 devices\nx Not correct · question 1\n"
    output = {"output_type": "stream", "name": "stdout", "text": text}
    error = {"output_type": "error", "ename": "E", "evalue": "old", "traceback": ["\x1b[31mE"]}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[output, error], execution_count=99)


def without_ids(notebook: Notebook) -> None:
    _drop(notebook, "id")
    notebook["nbformat_minor"] = 4


def without_marks(notebook: Notebook) -> None:
    _every_cell(notebook, metadata={})


def copied_into_a_new_notebook(notebook: Notebook) -> None:
    without_marks(notebook)
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"new-{number}"


def from_colab(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4", "toc_visible": True},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] |= {
            "id": f"aB{number}x",
            "colab": {"base_uri": "https://localhost:8080/"},
            "executionInfo": {"status": "ok", "timestamp": 1, "user": {"displayName": "Ana"}},
            "outputId": "0",
        }
    _drop(notebook, "id")
    head = {"cell_type": "markdown", "source": "<a href='x'>Open in Colab</a>", "metadata": {}}
    notebook["cells"].insert(0, head)


def from_vscode(notebook: Notebook) -> None:
    notebook["metadata"] |= {"vscode": {"interpreter": {"hash": "0"}}, "orig_nbformat": 4}
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n").splitlines(keepends=True)


def other_kernel_name(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "conda-env-tf", "display_name": "tf (Python)"}


def answers_first(notebook: Notebook) -> None:
    answers = [cell for cell in notebook["cells"] if "-answer" in cell["id"]]
    others = [cell for cell in notebook["cells"] if "-answer" not in cell["id"]]
    notebook["cells"] = [*others[:5], *answers, *others[5:]]


def last_question_first(notebook: Notebook) -> None:
    marks = [cell["metadata"].get("seqkit", {}).get("question") for cell in notebook["cells"]]
    last = [cell for cell, mark in zip(notebook["cells"], marks, strict=True) if mark == "q5"]
    rest = [cell for cell, mark in zip(notebook["cells"], marks, strict=True) if mark != "q5"]
    first = marks.index("q1")
    notebook["cells"] = [*rest[:first], *last, *rest[first:]]


def extra_cells(notebook: Notebook) -> None:
    made.insert(notebook, 0, "# My own notes\nimport math, collections")
    made.insert(notebook, made.place(notebook, "q1-answer"), "def product(a, b):\n    return a * b")
    made.answer(notebook, "q1", "parameters = product(784, 64) + 64 + product(64, 10) + 10")
    made.insert(notebook, made.place(notebook, "q2-check") + 1, "model.summary()")
    text = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "# Thoughts\n$x^2$"}
    notebook["cells"].insert(made.place(notebook, "q3-answer"), text)
    made.insert(notebook, len(notebook["cells"]), "print('done')")


def an_extra_cell_that_fails(notebook: Notebook) -> None:
    made.insert(notebook, made.place(notebook, "q2-check") + 1, "model.fit(None)  # I tried this")
    made.insert(notebook, len(notebook["cells"]), "1 / 0")


def split_answers(notebook: Notebook) -> None:
    made.answer(notebook, "q1", "first = 784 * 64 + 64")
    below = made.place(notebook, "q1-answer") + 1
    made.insert(notebook, below, "parameters = first + 64 * 10 + 10")
    marks = made.cell(notebook, "q5-answer")["metadata"]
    head, _, body = made.source(notebook, "q5-answer").partition("def ")
    made.answer(notebook, "q5", f"{head}\n# first part")
    below = made.place(notebook, "q5-answer") + 1
    made.insert(notebook, below, f"def {body}", metadata=marks)


def helpers_above(notebook: Notebook) -> None:
    made.insert(notebook, made.place(notebook, "q5-answer"), "def rows(x):\n    return len(x)")
    made.answer(
        notebook,
        "q5",
        "def score_gradient(p, y):\n    return (p - np.eye(p.shape[1])[y]) / rows(y)",
    )


def renamed(notebook: Notebook) -> None:
    made.answer(
        notebook,
        "q2",
        textwrap.dedent("""
        from keras.layers import Dense as D
        from keras.models import Sequential as S
        netz = S(name="my_größe_net")
        netz.add(keras.layers.InputLayer(shape=(784,), name="eingang"))
        for number, größe in enumerate([128, 64]):
            netz.add(D(größe, name=f"schicht_{number}"))
            netz.add(keras.layers.Activation("relu", name=f"aktivierung_{number}"))
        netz.add(D(10, name="ausgang", kernel_initializer="he_normal"))
        netz.add(keras.layers.Softmax())
        netz.compile("adam", keras.losses.SparseCategoricalCrossentropy(), metrics=["acc"])
        model = netz
        """),
    )
    made.answer(
        notebook,
        "q3",
        'stack = (keras.Input(shape=[28, 28]), layers.Reshape((-1,), name="flach"),\n'
        '    layers.Dense(32, "relu", name="a"), layers.Dense(10, "softmax", name="b"))\n'
        "stack = list(stack)",
    )


def activation_as_a_layer(notebook: Notebook) -> None:
    made.answer(
        notebook,
        "q3",
        "stack = [keras.Input((28, 28)), layers.Flatten(), layers.Dense(32, layers.ReLU()),\n"
        "    layers.Dense(10, activation=layers.Softmax())]",
    )


def warnings_on_stderr(notebook: Notebook) -> None:
    noise = """
    import logging, sys, warnings
    warnings.warn("harmless")
    warnings.warn("old", DeprecationWarning)
    logging.getLogger("tensorflow").error("harmless")
    logging.error("harmless")
    print("harmless", file=sys.stderr)
    import os
    os.write(2, b"2026-01-01 W external/local_xla harmless\\n")
    """
    for name in made.PARTS["quick"]:
        made.before(notebook, name, textwrap.dedent(noise))
    made.after(notebook, "q5", "import warnings\nwarnings.simplefilter('always')")


def warnings_inside_functions(notebook: Notebook) -> None:
    made.answer(
        notebook,
        "q5",
        textwrap.dedent("""
        def score_gradient(probabilities, labels):
            import warnings
            warnings.warn("each time")
            print("called with", probabilities.shape)
            np.log(np.zeros(1))  # numpy warns
            return (probabilities - np.eye(probabilities.shape[1])[labels]) / len(labels)
        """),
    )


def much_output(notebook: Notebook) -> None:
    made.before(notebook, "q1", "for line in range(2_000):\n    print(line, 'x' * 80)")
    made.after(notebook, "q2", "model.summary()\nprint(model.to_json())")


def plots(notebook: Notebook) -> None:
    pytest.importorskip("matplotlib")
    made.before(
        notebook,
        "q1",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    )


def magics(notebook: Notebook) -> None:
    made.before(notebook, "q1", "%time x = 1\n%load_ext autoreload\n%autoreload 2\n!echo hello")
    made.insert(notebook, 0, "%%time\nstarted = 1")
    made.insert(notebook, 0, "!ls -la\n%pwd")
    made.insert(notebook, 0, "%%bash\necho hello")


def awaits(notebook: Notebook) -> None:
    made.before(notebook, "q1", "import asyncio\nawait asyncio.sleep(0.01)")


def checks_and_hints_in_answers(notebook: Notebook) -> None:
    made.after(notebook, "q1", "ex01.q1.check(parameters)\nex01.q1.hint()\nex01.q1.hint()")
    made.after(notebook, "q2", "ex01.q2.check(model)\nex01.q2.hint()\nex01.q2.solution()")
    made.after(notebook, "q3", "ex01.q3.check(stack)")
    made.after(notebook, "q5", "ex01.q5.check(score_gradient)\nex01.q5")


def tools_of_the_library(notebook: Notebook) -> None:
    made.after(
        notebook,
        "q2",
        "sk.trace(model)\nprint(sk.lint(model))\nsk.draw(model)\nprint(sk.to_source(model))\n"
        "with sk.attempt():\n    keras.Sequential([keras.Input((3,)), layers.Conv2D(3, 3)])",
    )


def a_model_trained_a_little(notebook: Notebook) -> None:
    made.after(
        notebook,
        "q2",
        "model.fit(np.random.rand(64, 784), np.zeros(64), epochs=2)\n"
        "model.evaluate(np.random.rand(64, 784), np.zeros(64))",
    )


def changed_given_text(notebook: Notebook) -> None:
    setup = made.cell(notebook, "setup-d63924c4ed")
    setup["source"] = made.source(notebook, "setup-d63924c4ed") + "\nimport math  # mine\n"
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["cell_type"] != "markdown"]


def a_second_try(notebook: Notebook) -> None:
    """A wrong answer first, and the right one in a copy of the cell below."""
    marks = made.cell(notebook, "q1-answer")["metadata"]
    right = made.source(notebook, "q1-answer")
    made.answer(notebook, "q1", "parameters = 7")
    below = made.place(notebook, "q1-answer") + 1
    made.insert(notebook, below, right, metadata=marks, id="copy-of-q1")


def names_used_twice(notebook: Notebook) -> None:
    made.after(notebook, "q3", "model = 7\nparameters = None")


def a_quiet_exit(notebook: Notebook) -> None:
    made.insert(notebook, len(notebook["cells"]), "import sys\nsys.exit(0)")


def lines_of_windows_and_tabs(notebook: Notebook) -> None:
    made.answer(
        notebook,
        "q5",
        "def score_gradient(p, y):\r\n\tone = np.eye(p.shape[1])[y]\r\n"
        "\treturn (p - one) / len(y)\r\n",
    )


LOOKS: list[Change] = [
    deleted_checks,
    deleted_everything_but_answers,
    outputs_of_another_keras,
    without_ids,
    without_marks,
    copied_into_a_new_notebook,
    from_colab,
    from_vscode,
    other_kernel_name,
    answers_first,
    last_question_first,
    extra_cells,
    an_extra_cell_that_fails,
    split_answers,
    helpers_above,
    renamed,
    activation_as_a_layer,
    warnings_on_stderr,
    warnings_inside_functions,
    much_output,
    plots,
    magics,
    awaits,
    checks_and_hints_in_answers,
    tools_of_the_library,
    a_model_trained_a_little,
    changed_given_text,
    a_second_try,
    names_used_twice,
    a_quiet_exit,
    lines_of_windows_and_tabs,
]


@pytest.mark.parametrize("change", LOOKS, ids=lambda change: change.__name__)
def test_a_notebook_may_look_different(grader: Grader, tmp_path: Path, change: Change) -> None:
    notebook = made.part(made.solution(), "quick")
    change(notebook)
    assert_full(graded(grader, notebook, tmp_path, "01_quick"))


@pytest.mark.parametrize(
    "name", ["01_quick (1).ipynb", "01_quick-Copy2.ipynb", "Copy of 01_quick.ipynb"]
)
def test_the_name_may_be_that_of_a_copy(grader: Grader, tmp_path: Path, name: str) -> None:
    made.write(made.part(made.solution(), "quick"), tmp_path / "ana maría" / name)
    (found,) = find(tmp_path, ["01_quick", "01_small"])
    assert_full(grader.grade(found))


# Answers that are written differently.

UNUSUAL = {
    "01_first_stack": {
        "q1": "parameters = np.int64(sum(a * b + b for a, b in [(784, 64), (64, 10)]))",
        "q2": """
            first = keras.Sequential([keras.Input((784,))])
            for units in (128, 64):
                first.add(layers.Dense(units, activation=keras.activations.relu))
            first.add(layers.Dense(10))
            first.add(layers.Activation("softmax"))
            first.compile(keras.optimizers.Adam(1e-4),
                          loss=keras.losses.SparseCategoricalCrossentropy())
            model = first
            """,
        "q3": """
            stack = [keras.Input((28, 28)), layers.Reshape((784,))] + [
                layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")]
            """,
        "q4": 'reading = " B) "',
        "q5": """
            score_gradient = lambda p, y: [
                [(value - (column == label)) / len(y) for column, value in enumerate(row)]
                for row, label in zip(p.tolist(), y.tolist())]
            """,
        "q6": """
            keras.utils.set_random_seed(7)
            better = keras.Sequential([keras.Input((28, 28)), layers.Rescaling(1 / 255),
                layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(10)])
            better.compile(keras.optimizers.Adam(2e-3),
                keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["acc"])
            better.fit(fashion.x_train, fashion.y_train, epochs=5, batch_size=64, verbose=2)
            """,
    },
    "02_shapes": {
        "q1": "import numpy as np\nshape = [None, np.int64(30), 22.0, 24]",
        "q2": """
            lstm = keras.Sequential([keras.Input((None, 8)), layers.LSTM(20)])
            parameters = lstm.count_params()
            """,
        "q3": 'reason = "B"',
        "q4": """
            stack = [layers.InputLayer(shape=(32, 20, 1)), layers.Conv2D(8, (3, 3)), layers.ReLU(),
                layers.MaxPool2D(), layers.Reshape((15, -1)), layers.LSTM(16), layers.Dense(10),
                layers.Softmax()]
            stack[0] = keras.Input((32, 20, 1), name="pixels")
            """,
        "q5": """
            model = keras.Sequential(name="pictures")
            model.add(keras.Input(shape=(32, 32, 3)))
            for filters in (8, 16):
                model.add(layers.Convolution2D(filters, (3, 3), 1, "same", activation="relu"))
                model.add(layers.MaxPooling2D(pool_size=(2, 2), strides=2))
            model.add(layers.GlobalAvgPool2D())
            model.add(layers.Dense(5, activation=keras.activations.softmax))
            """,
        "q6": """
            def walk(shape, stack, total=0):
                if not stack:
                    return list(shape), np.int64(total)
                built = {"Dense": layers.Dense, "Conv2D": layers.Conv2D, "Flatten": layers.Flatten,
                         "MaxPooling2D": layers.MaxPooling2D}
                (name, *settings), *rest = stack
                model = keras.Sequential([keras.Input(tuple(shape)), built[name](*settings)])
                return walk(model.output_shape[1:], rest, total + model.count_params())
            """,
    },
    "03_heads_and_losses": {
        "q1": "precision = np.float32(60) / 400",
        "q2": 'reading = "a)"',
        "q3": """
            HEADS = {"number": (None, "mean_squared_error"), "yes or no": ("sigmoid", "bce"),
                     "one of several": ("softmax", "sparse_categorical_crossentropy")}
            def choose(task, count):
                end, loss = HEADS.get(task, ("sigmoid", "binary_crossentropy"))
                return [np.int64(count), end, loss]
            """,
        "q4": """
            genres = keras.Sequential([keras.Input((30,)), layers.Dense(16, activation="relu"),
                layers.Dense(4), layers.Activation("sigmoid")])
            genres.compile("adam", keras.losses.BinaryCrossentropy())
            """,
        "q5": """
            given = ex03.trained_model()
            inputs = keras.Input((6,))
            hidden = layers.Dense(8, activation="relu")(inputs)
            new = keras.Model(inputs, layers.Dense(5, name="scores")(hidden))
            for mine, theirs in zip(new.layers[1:], given.layers):
                mine.set_weights(theirs.get_weights())
            new.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            """,
        "q6": """
            sk.seed(3)
            better = build_linear()
            weights = np.where(y_train == 1, len(y_train) / (2 * y_train.sum()), 0.5)
            better.fit(x_train, y_train, sample_weight=weights, epochs=12, batch_size=256,
                       verbose=0)
            """,
    },
    "09_mistakes": {
        "q1": 'accepted = "E, D, B"',
        "q2": 'reading = "C"',
        "q3": """
            model = keras.Sequential([keras.Input((16, 16, 1)),
                layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
                layers.Dense(3)])
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            """,
        "q4": 'diagnosis = "b)"',
        "q5": """
            x, y = ex09.readings()
            sk.seed(1)
            model = keras.Sequential([keras.Input((4,)), layers.Dense(16), layers.ReLU(),
                layers.Dense(1, activation="linear")])
            model.compile(keras.optimizers.Adam(0.02), keras.losses.MeanSquaredError())
            model.fit(x, y, epochs=40, batch_size=32, verbose=0)
            """,
        "q6": """
            def split(source):
                numbers = sorted(set(source.tolist()))
                out = set(numbers[:: 5])
                return ([row for row, one in enumerate(source) if one not in out],
                        [row for row, one in enumerate(source) if one in out])
            """,
    },
}


@pytest.mark.parametrize("exercise", UNUSUAL)
def test_a_right_answer_may_be_unusual(grader: Grader, tmp_path: Path, exercise: str) -> None:
    notebook = made.part(made.solution(exercise), "whole")
    for question, code in UNUSUAL[exercise].items():
        made.answer(notebook, question, textwrap.dedent(code))
    assert_full(graded(grader, notebook, tmp_path, exercise))


@pytest.mark.parametrize("exercise", ["01_first_stack", "02_shapes"])
def test_the_solution_of_the_course_is_right(grader: Grader, tmp_path: Path, exercise: str) -> None:
    result = graded(grader, made.solution(exercise), tmp_path, exercise)
    assert_full(result)
    assert not result.notes


# Faults of one answer cost no other.


@pytest.mark.parametrize("question", made.PARTS["quick"])
def test_an_error_costs_only_its_question(grader: Grader, tmp_path: Path, question: str) -> None:
    notebook = made.part(made.solution(), "quick")
    made.answer(notebook, question, "raise RuntimeError('I gave up')")
    result = graded(grader, notebook, tmp_path, "01_quick")
    for one in result.questions:
        wanted = Verdict.ERROR if one.question == question else Verdict.CORRECT
        assert one.verdict is wanted, one
    assert "I gave up" in made.by_name(result)[question].message


def test_the_same_file_gets_the_same_grades(grader: Grader, tmp_path: Path) -> None:
    notebook = made.part(made.solution(), "quick")
    made.answer(notebook, "q1", "parameters = 50_816")
    made.before(notebook, "q2", "import random, time\nprint(random.random(), time.time())")
    first = graded(grader, notebook, tmp_path, "01_quick")
    assert graded(grader, notebook, tmp_path, "01_quick") == first


def test_two_students_with_the_same_answers_get_the_same(grader: Grader, tmp_path: Path) -> None:
    notebook = made.part(made.solution(), "quick")
    made.answer(notebook, "q5", "def score_gradient(p, y):\n    return -p")
    one, other = (
        graded(grader, notebook, tmp_path, "01_quick", student) for student in ("ana", "zoë")
    )
    assert one.questions == other.questions
