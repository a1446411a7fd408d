"""Reading a program without running it: what is followed, what is noted, what is never done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from seqkit.errors import SeqkitError
from seqkit.linting.files import FileReport, lint_file
from seqkit.linting.reading import Reading, read_file
from seqkit.linting.sources import without_magics

HEAD = "import keras\nfrom keras import layers\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_text(text: str, head: str = HEAD) -> Reading:
        file = tmp_path / "program.py"
        file.write_text(head + text, encoding="utf-8")
        return read_file(file)

    return read_text


@pytest.fixture
def check(tmp_path: Path) -> Any:
    def check_text(text: str, head: str = HEAD, name: str = "program.py") -> FileReport:
        file = tmp_path / name
        file.write_text(head + text, encoding="utf-8")
        return lint_file(file)

    return check_text


def kinds(reading: Reading) -> list[list[str]]:
    return [[type(item).__name__ for item in model.items] for model in reading.models]


LIST = "[keras.Input((4,)), layers.Dense(3), layers.Dense(2)]"

WRITTEN_ALIKE = {
    "a list": f"m = keras.Sequential({LIST})",
    "a keyword": f"m = keras.Sequential(layers={LIST}, name='m')",
    "a tuple": "m = keras.Sequential((keras.Input((4,)), layers.Dense(3), layers.Dense(2)))",
    "a name": f"stack = {LIST}\nm = keras.Sequential(stack)",
    "a sum of lists": "a = [keras.Input((4,))]\n"
    "m = keras.Sequential(a + [layers.Dense(3)] + [layers.Dense(2)])",
    "append": "s = [keras.Input((4,))]\nfor n in (3, 2):\n    s.append(layers.Dense(n))\n"
    "m = keras.Sequential(s)",
    "extend": "s = [keras.Input((4,))]\ns.extend([layers.Dense(3), layers.Dense(2)])\n"
    "m = keras.Sequential(s)",
    "add": "m = keras.Sequential()\nm.add(keras.Input((4,)))\nm.add(layers.Dense(3))\n"
    "m.add(layer=layers.Dense(2))",
    "pop": f"m = keras.Sequential({LIST})\nm.add(layers.Flatten())\nm.pop()",
    "keras.models": f"from keras.models import Sequential as S\nm = S({LIST})",
    "tf.keras": "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.Input((4,)),"
    " tf.keras.layers.Dense(3), tf.keras.layers.Dense(2)])",
    "tensorflow.keras": "from tensorflow.keras.models import Sequential\n"
    "from tensorflow.keras.layers import Dense, Input\nm = Sequential([Input(shape=(4,)),"
    " Dense(3), Dense(units=2)])",
    "import keras.layers as kl": "import keras.layers as kl\n"
    "m = keras.Sequential([kl.Input((4,)), kl.Dense(3), kl.Dense(2)])",
    "numbers by name": "a, b = 3, 2\nSHAPE = (2 * 2,)\n"
    "m = keras.Sequential([keras.Input(SHAPE), layers.Dense(a), layers.Dense(b)])",
    "a loop": "m = keras.Sequential()\nm.add(keras.Input((4,)))\nfor i in range(2):\n"
    "    m.add(layers.Dense(3 - i, name=f'd{i}'))",
    "a star": "m = keras.Sequential([keras.Input((4,)), *[layers.Dense(3 - i) for i in range(2)]])",
    "a star of a name": "more = [layers.Dense(3), layers.Dense(2)]\n"
    "m = keras.Sequential([keras.Input((4,)), *more])",
    "a function": f"def build():\n    model = keras.Sequential({LIST})\n    return model\n"
    "m = build()",
    "an uncalled function": f"def build():\n    return keras.Sequential({LIST})",
    "arguments": "def build(n, last=2):\n    return keras.Sequential([keras.Input((4,)),"
    " layers.Dense(n), layers.Dense(last)])\nm = build(3)",
    "a helper": "def dense(n):\n    return layers.Dense(n, activation='relu')\n"
    "m = keras.Sequential([keras.Input((4,)), dense(3), dense(2)])",
    "a method": f"class A:\n    def build(self):\n        return keras.Sequential({LIST})",
    "partial": "from functools import partial\nD = partial(layers.Dense, activation='relu')\n"
    "m = keras.Sequential([keras.Input((4,)), D(3), D(units=2)])",
    "main": f"if __name__ == '__main__':\n    m = keras.Sequential({LIST})",
    "a known if": "deep = False\nm = keras.Sequential([keras.Input((4,)), layers.Dense(3)])\n"
    "if deep:\n    m.add(layers.Dense(9))\nelse:\n    m.add(layers.Dense(2))",
    "with": f"with strategy.scope():\n    m = keras.Sequential({LIST})",
    "try": f"try:\n    m = keras.Sequential({LIST})\nexcept ValueError:\n    pass",
    "an attribute": "class A:\n    def __init__(self):\n        self.m = keras.Sequential()\n"
    "        self.m.add(keras.Input((4,)))\n        self.m.add(layers.Dense(3))\n"
    "        self.m.add(layers.Dense(2))",
    "an attribute of a list": "class A:\n    def __init__(self):\n        self.s = []\n"
    "        self.s.append(keras.Input((4,)))\n"
    "        self.s.extend([layers.Dense(3), layers.Dense(2)])\n"
    "        self.m = keras.Sequential(self.s)",
    "a class body": f"class A:\n    m = keras.Sequential({LIST})",
    "async": f"async def build():\n    return keras.Sequential({LIST})",
    "a function in a function": f"def f():\n    def g():\n        return keras.Sequential({LIST})",
    "a walrus": f"print(m := keras.Sequential({LIST}))\nm.add(layers.Flatten())\nm.pop()",
    "a walrus in an if": f"if m := keras.Sequential({LIST}):\n    pass",
    "an argument of a call": f"print(keras.Sequential({LIST}))",
    "a call in a call": f"out = Net(encoder=wrap(keras.Sequential({LIST})))(x)",
    "star of keras.layers": "from keras.layers import *\nm = keras.Sequential([Input((4,)),"
    " Dense(3), Dense(2)])",
    "star of tf.keras": "from tensorflow.keras import *\nm = Sequential([Input((4,)),"
    " layers.Dense(3), layers.Dense(2)])",
    "star of tf.keras.layers": "from tensorflow.keras.models import *\n"
    "from tensorflow.keras.layers import *\nm = Sequential([Input((4,)), Dense(3), Dense(2)])",
    "or": "n = None\nm = keras.Sequential([keras.Input((4,)), layers.Dense(n or 3),"
    " layers.Dense(2 if n is None else 9)])",
    "two loops": "m = keras.Sequential([keras.Input((4,)),"
    " *[layers.Dense(a - b) for a in (4, 3) for b in (1,)]])",
    "a dict": "how = {'activation': 'relu'}\nm = keras.Sequential([keras.Input((4,)),"
    " layers.Dense(3, **how), layers.Dense(2, **how)])",
}


@pytest.mark.parametrize("text", WRITTEN_ALIKE.values(), ids=WRITTEN_ALIKE.keys())
def test_ways_to_write_one_model(read: Any, text: str) -> None:
    reading = read(text)
    assert [model.unread for model in reading.models] == [""], reading.notes
    assert kinds(reading) == [["KerasTensor", "Dense", "Dense"]]
    (model,) = reading.models
    assert [layer.units for layer in model.items[1:]] == [3, 2]
    assert tuple(model.items[0].shape) == (None, 4)


def test_compile(read: Any) -> None:
    (model,) = read(
        "m = keras.Sequential([layers.Dense(1)])\nrate = 10 ** -3\n"
        "m.compile(keras.optimizers.Adam(learning_rate=rate), loss=keras.losses.mse,"
        " metrics=['mae', keras.metrics.RootMeanSquaredError()])"
    ).models
    assert model.compile["loss"] == "mse"
    assert isinstance(model.compile["optimizer"], keras.optimizers.Adam)
    assert model.compile["metrics"][0] == "mae" and len(model.compile["metrics"]) == 2


def test_activations_by_function(read: Any) -> None:
    (model,) = read(
        "import tensorflow as tf\nm = keras.Sequential([layers.Dense(1, activation=tf.nn.relu),"
        " layers.Dense(1, keras.activations.softmax)])"
    ).models
    assert [layer.activation.__name__ for layer in model.items] == ["relu", "softmax"]


def test_the_same_object_stays_the_same(check: Any) -> None:
    result = check("d = layers.Dense(4, 'relu')\nm = keras.Sequential([keras.Input((4,)), d, d])\n")
    assert result.report.codes == ("SEQ105",)


def test_a_model_inside(check: Any) -> None:
    result = check(
        "inner = keras.Sequential([layers.Dense(4, 'relu')])\n"
        "m = keras.Sequential([keras.Input((3, 4)), layers.TimeDistributed(inner), inner])\n"
    )
    assert (result.report.codes, result.notes, result.models) == ((), (), 2)


def test_a_published_model_inside(read: Any) -> None:
    (model,) = read(
        "base = keras.applications.MobileNet(weights='imagenet', include_top=False,"
        " input_shape=(32, 32, 3))\nbase.trainable = False\n"
        "m = keras.Sequential([base, layers.Flatten()])"
    ).models
    assert model.items[0].output_shape == (None, 1, 1, 1024)


def test_places(check: Any) -> None:
    result = check(
        "m = keras.Sequential([\n    keras.Input((8,)),\n    layers.Dense(4),\n"
        "    layers.Dense(1, activation='softmax'),\n])\n"
        "m.compile(loss='categorical_crossentropy', optimizer='adm')\n"
    )
    places = {one.code: (one.place.line, one.place.column) for one in result.report}
    assert places == {"SEQ106": (5, 5), "SEQ201": (6, 5), "SEQ202": (6, 5), "SEQ402": (8, 1)}


def test_each_finding_once(check: Any) -> None:
    result = check(
        "def build():\n    return keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])"
        "\na, b = build(), build()\n"
    )
    assert (len(result.report), result.models) == (1, 1)


NOT_READ = {
    "a class of the program": ("class Own(layers.Layer):\n    pass\n", "Own()", "Own is a class"),
    "a Lambda": ("", "layers.Lambda(lambda x: x)", "layers.Lambda(...) is not run"),
    "a size from data": ("x = load()\n", "layers.Dense(x.shape[1])", "x comes from code"),
    "an argument": ("", "layers.Dense(int(input()))", "input"),
    "another library": ("import hub\n", "hub.KerasLayer('a')", "hub.KerasLayer(...) is not run"),
    "a file": ("", "layers.StringLookup(vocabulary='/etc/passwd')", "vocabulary"),
    "a huge power": ("", "layers.Dense(10 ** 10 ** 10)", "not worked out"),
    "a huge list": ("", "layers.Reshape([1] * 10 ** 9)", "not worked out"),
    "an unknown if": ("n = 1\nif flag:\n    n = 2\n", "layers.Dense(n)", "n: it depends on an if"),
    "a while loop": ("n = 1\nwhile n < 9:\n    n += 1\n", "layers.Dense(n)", "while loop"),
}


@pytest.mark.parametrize(("before", "item", "words"), NOT_READ.values(), ids=NOT_READ.keys())
def test_what_is_not_read_is_said(check: Any, before: str, item: str, words: str) -> None:
    result = check(f"{before}m = keras.Sequential([keras.Input((4,)), {item}, layers.Dense(1)])\n")
    assert result.models == 0 and len(result.report) == 0
    (note,) = result.notes
    assert words in note.text and "is not checked" in note.text
    assert note.place.line == HEAD.count("\n") + before.count("\n") + 1


def test_a_model_that_changes_in_an_unknown_way(check: Any) -> None:
    model = "m = keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])\n"
    assert check(f"{model}if flag:\n    m.add(layers.Dense(2))\n").models == 0
    assert check(f"{model}for layer in found():\n    m.add(layer)\n").models == 0
    assert check(f"{model}if flag:\n    print(m)\n").models == 1


CHANGES = {
    "a private list": "m._layers.pop()",
    "a copy of the list": "m.layers.pop()",
    "del": "del m.layers[-1]",
    "an item": "m.layers[-1] = layers.Dense(3)",
    "an attribute of a layer": "m.layers[-1].activation = None",
    "a layer by name": "m.get_layer('a').units = 3",
    "an unknown method": "m.replace(3)",
    "a method in a call": "print(m.pop())",
    "a method of self": "self.extend(m)",
    "match": "match flag:\n    case 1:\n        m.add(layers.Dense(3))",
    "a function under an if": "def more(a):\n    a.add(layers.Dense(3))\nif flag:\n    more(m)",
    "while": "while flag:\n    m.pop()",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_model_that_is_changed_by_hand(check: Any, change: str) -> None:
    """Whatever the reader does not follow may have repaired the model."""
    result = check(f"m = keras.Sequential([layers.Dense(1, 'softmax', name='a')])\n{change}\n")
    assert (result.models, result.report.codes) == (0, ())
    assert "is not checked" in result.notes[0].text


def test_methods_that_change_no_layer(check: Any) -> None:
    result = check(
        "m = keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])\n"
        "m.build()\nm.summary()\nh = m.fit(x, y).history\nprint(m.predict(x))\n"
        "m.layers[0].trainable = False\nm.layers[0].set_weights(w)\nm.save('a.keras')\n"
    )
    assert (result.models, result.report.codes, result.notes) == (1, ("SEQ201",), ())


def test_a_function_inside_an_expression_is_followed(check: Any) -> None:
    head = "def ready(m):\n    m.compile(loss='mse')\n    return m\n"
    model = "a = keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])\n"
    for use in ("h = ready(a).fit(x)", "print(ready(a))", "h = ready(a).predict(x)[:, 0]"):
        result = check(f"{head}{model}{use}\n")
        assert (result.models, result.notes) == (1, ()), use
        assert "SEQ201" in result.report.codes


def test_items_that_are_not_known_are_no_crash(check: Any) -> None:
    """A star before something that only a run would tell."""
    text = "def step(*before):\n    return [*before, layers.ReLU()]\n"
    text += "stack = [keras.Input((4,)), *step(unknown())]\nm = keras.Sequential(stack)"
    found = check(text)
    assert found.report.ok


def test_pop_is_followed(check: Any) -> None:
    text = "m = keras.Sequential([layers.Dense({}), layers.Dense({})])\nm.pop()\n"
    assert "SEQ201" not in check(text.format("3", "1, 'softmax'")).report.codes
    assert "SEQ201" in check(text.format("1, 'softmax'", "3")).report.codes


def test_an_attribute_that_another_method_changes(check: Any) -> None:
    result = check(
        "class A:\n    def more(self):\n        self.m.add(layers.Dense(3))\n"
        "    def __init__(self):\n"
        "        self.m = keras.Sequential([layers.Dense(1, 'softmax')])\n"
    )
    assert (result.models, result.report.codes) == (0, ())
    assert result.notes[0].place.line == 5


PASSED_OVER = {
    "lambda": "f = lambda: keras.Sequential([layers.Dense(1, 'softmax')])",
    "an unknown if": "if flag:\n    m = keras.Sequential([layers.Dense(1, 'softmax')])",
    "match": "match flag:\n    case 1:\n        m = keras.Sequential([layers.Dense(1)])",
    "except": "try:\n    pass\nexcept ValueError:\n    m = keras.Sequential([layers.Dense(1)])",
    "a derived class": "class M(keras.Sequential):\n    def __init__(self):\n"
    "        super().__init__([layers.Dense(1, 'softmax')])",
    "an empty model": "m = keras.Sequential()\nfill(m)",
    "a comprehension": "ms = [keras.Sequential([layers.Dense(n)]) for n in sizes]",
    "a star": "if flag:\n    from keras.models import *\n    m = Sequential([layers.Dense(1)])",
}


@pytest.mark.parametrize("text", PASSED_OVER.values(), ids=PASSED_OVER.keys())
def test_no_model_is_passed_over_in_silence(check: Any, text: str) -> None:
    result = check(text + "\n")
    assert (result.models, len(result.report)) == (0, 0)
    assert len(result.notes) == 1 and "Sequential" in result.notes[0].text


def test_sequential_of_another_library(check: Any) -> None:
    assert check("from torch import nn\nf = lambda: nn.Sequential(nn.Linear(1, 1))\n").notes == ()


def test_an_input_whose_shape_is_not_known(check: Any) -> None:
    """Then no shape is known, but rules without shapes still speak."""
    result = check(
        "m = keras.Sequential([keras.Input(x.shape[1:]), layers.Dense(1, activation='softmax')])\n"
    )
    assert result.report.codes == ("SEQ201",) and result.models == 1
    assert "no shape is known" in result.notes[0].text


def test_a_loss_that_is_not_read_is_not_missing(check: Any) -> None:
    model = "m = keras.Sequential([keras.Input((4,)), layers.Dense(1)])\n"
    assert check(f"{model}m.compile(loss=my_loss, optimizer=find())\n").report.codes == ()
    assert check(f"{model}m.compile(**options)\n").report.codes == ()
    assert check(f"{model}m.compile('adam')\n").report.codes == ("SEQ401",)


def test_layers_that_keras_refuses(check: Any) -> None:
    result = check("m = keras.Sequential([keras.Input((4,)),\n    layers.Dropout(20)])\n")
    (finding,) = result.report
    assert (finding.code, finding.place.line) == ("SEQ100", 4)
    assert "layers.Dropout(20)" in finding.message


def test_what_is_no_layer(check: Any) -> None:
    for item in ("layers.Flatten", "[layers.Dense(1)]", "'relu'", "build"):
        result = check(
            f"def build(x):\n    pass\nm = keras.Sequential([keras.Input((4,)), {item}])\n"
        )
        assert result.report.codes == ("SEQ101",), item


def test_noqa(check: Any) -> None:
    model = "m = keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])  # noqa: {}\n"
    assert check(model.format("SEQ201")).report.codes == ()
    assert check(model.format("E501, seq201")).report.codes == ()
    assert check(model.format("SEQ202")).report.codes == ("SEQ201",)


@pytest.mark.parametrize(
    ("comment", "silenced"),
    [
        ("# noqa", True),
        ("# NOQA", True),
        ("#noqa:SEQ201", True),
        ("# NOQA:SEQ201", True),
        ("# NoQA : e501,Seq201", True),
        ("# noqa: SEQ202", False),
        ("# noqa: why not", False),
        ("# noqanda", False),
        ("; s = '# noqa'", False),
    ],
)
def test_spellings_of_noqa(check: Any, comment: str, silenced: bool) -> None:
    model = "m = keras.Sequential([keras.Input((4,)), layers.Dense(1, 'softmax')])"
    assert check(f"{model} {comment}\n").report.ok is silenced


def test_encodings(tmp_path: Path) -> None:
    text = "import keras\nname = 'é'\nm = keras.Sequential([keras.layers.Dense(1, 'softmax')])\n"
    file = tmp_path / "program.py"
    file.write_bytes(b"# -*- coding: latin-1 -*-\n" + text.encode("latin-1"))
    assert "SEQ201" in lint_file(file).report.codes
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert "SEQ201" in lint_file(file).report.codes
    file.write_bytes(b"# coding: klingon\n")
    with pytest.raises(SeqkitError, match="encoding"):
        lint_file(file)


def test_nothing_is_run(check: Any, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    result = check(
        f"open({str(trap)!r}, 'w').close()\n"
        f"m = keras.Sequential([keras.Input((4,)), open({str(trap)!r}, 'w'), layers.Dense(1)])\n"
        f"n = keras.Sequential([layers.Dense(1, kernel_initializer=open({str(trap)!r}, 'w'))])\n"
        "raise SystemExit\n"
    )
    assert not trap.exists() and result.models == 0


HOSTILE = {
    "endless recursion": "def f():\n    return f()\nm = keras.Sequential([f()])",
    "a deep expression": "n = " + "+".join(["1"] * 3000),
    "a long loop": "m = keras.Sequential()\nfor i in range(10 ** 9):\n    m.add(layers.Dense(1))",
    "nested loops": "m = keras.Sequential()\n"
    + "".join(f"{' ' * i}for i{i} in range(200):\n" for i in range(6))
    + f"{' ' * 6}m.add(layers.Dense(1))",
    "doubling": "s = [layers.Dense(1)]\n" + "s = s + s\n" * 40 + "m = keras.Sequential(s)",
    "a tree of calls": "".join(
        f"def f{i}():\n    f{i + 1}()\n    f{i + 1}()\n    f{i + 1}()\n" for i in range(30)
    )
    + "f0()",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_programs_end(check: Any, text: str) -> None:
    assert check(text).models <= 1


def test_a_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["%pip install keras\n", "import keras\n", "!ls\n"]},
        {"cell_type": "code", "source": "%%bash\nrm -r *"},
        {"cell_type": "code", "source": "this is no Python"},
        {
            "cell_type": "code",
            "source": "%%time\nkeras.Sequential([keras.Input((4,)),\n"
            "    keras.layers.Dense(1, activation='softmax')])",
        },
    ]
    file = tmp_path / "book.ipynb"
    file.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    result = lint_file(file)
    (finding,) = result.report
    assert finding.place is not None
    assert str(finding.place) == f"{file}:cell 5:3:5"
    assert [note.place.cell for note in result.notes] == [4]


def test_magics_inside_a_block() -> None:
    assert without_magics("if True:\n    %time\nx = 1") == "if True:\n    pass\nx = 1"


MODEL_CELL = "keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, 'softmax')])"


@pytest.mark.parametrize(
    "source",
    [
        f"%%time\n{MODEL_CELL}",
        f"%%timeit -n 1 -r 1\n{MODEL_CELL}",
        f"%%capture out\n%matplotlib inline\n{MODEL_CELL}",
        f"%%attempt\n{MODEL_CELL}",
        f"files = !ls *.csv\na, b = %sx ls\n{MODEL_CELL}",
        f"if True:\n    files = !ls \\\n  -l\n    {MODEL_CELL}",
        f"%time m = {MODEL_CELL}",
        f'text = """\n!not shell\n"""\nn = (5\n% 3)\n{MODEL_CELL}',
    ],
)
def test_cells_with_magics_are_read(tmp_path: Path, source: str) -> None:
    result = lint_file(notebook(tmp_path, "import keras", source))
    assert (result.report.codes, result.notes) == (("SEQ201",), ())
    (finding,) = result.report
    assert finding.place is not None
    line = source.split("\n")[finding.place.line - 1]
    assert line[finding.place.column - 1 :].startswith("keras.layers.Dense(1")


@pytest.mark.parametrize("magic", ["bash", "html", "writefile a.py", "javascript", "timeouts"])
def test_cells_in_other_languages_are_no_fault(tmp_path: Path, magic: str) -> None:
    other = f"%%{magic}\nif [ 1 ]; then ls; fi"
    result = lint_file(notebook(tmp_path, other, "import keras", MODEL_CELL))
    assert (result.report.codes, result.notes) == (("SEQ201",), ())


def notebook(folder: Path, *sources: str) -> Path:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    file = folder / "book.ipynb"
    file.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.py", None, "does not exist"),
        ("text.txt", "x", "neither a program nor a notebook"),
        ("bad.ipynb", "{}", "is not a notebook"),
        ("bad.keras", "text", "not a model that Keras can open"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SeqkitError, match=words):
        lint_file(file)


def test_a_folder_and_bytes(tmp_path: Path) -> None:
    with pytest.raises(SeqkitError, match="is a folder"):
        lint_file(tmp_path)
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SeqkitError, match="UTF-8"):
        lint_file(tmp_path / "bytes.py")


def test_a_saved_model(tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model.compile(loss="sparse_categorical_crossentropy")
    model.save(file)
    assert lint_file(file).report.codes == ("SEQ203",)


def test_select(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"{HEAD}m = keras.Sequential([layers.Flatten(), layers.Dense(1, 'softmax')])")
    assert lint_file(file, select="SEQ2").report.codes == ("SEQ201",)
    assert lint_file(file, ignore="SEQ").report.codes == ()
