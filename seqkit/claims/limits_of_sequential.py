"""Claims of the article on the limits of Sequential (A)."""

from __future__ import annotations

import ast
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import limits
from seqkit.claims import stacks
from seqkit.claims.claim import Evidence, Verdict
from seqkit.claims.from_limits import fix_of, impossible, limits_of, refused, repaired
from seqkit.claims.measuring import fails, is_true, once
from seqkit.claims.runs import depth_with_and_without_skips, image_net, series_net, vector_net
from seqkit.claims.writing import claim
from seqkit.converting import to_source
from seqkit.graph import read
from seqkit.limits.measure import answer
from seqkit.tracing import trace


class TwoEnds(layers.Layer):
    """Returns its input twice: a layer with two outputs."""

    def call(self, inputs: Any) -> list[Any]:
        """Give the input, and its double."""
        return [inputs, inputs * 2]


class OwnMerge(layers.Layer):
    """A merge of one's own: it needs two tensors."""

    def call(self, first: Any, second: Any) -> Any:
        """Give the product."""
        return first * second


class Scale(layers.Layer):
    """A layer of one's own with one input and one output."""

    def call(self, inputs: Any) -> Any:
        """Give the double."""
        return inputs * 2


@claim(
    "A1",
    "A Sequential has one input, one output, a fixed order and one direction; no loop, no skip.",
    lessons=(11,),
    recorded=Verdict.HOLDS_BUT,
    note="It holds for built-in layers. A layer of one's own can hide more than a straight road.",
)
def a1() -> Evidence:
    """A chain in the graph; the rest is refused."""
    x = layers.Input((4,))
    return Evidence(
        says=(
            is_true(
                "in the graph of a stack, every layer reads the layer before it and no other",
                _is_chain(stacks.small_stack()),
            ),
            is_true("a second Input in the list is refused", fails(_list, x, layers.Input((2,)))),
            is_true("Add(), which would end a skip, is refused", fails(_list, x, layers.Add())),
        ),
        but=(
            is_true(
                "a layer of one's own that returns two tensors gives a Sequential two outputs",
                len(_list(x, TwoEnds()).outputs) == 2,
            ),
        ),
    )


def _list(*items: Any) -> keras.Sequential:
    return keras.Sequential(list(items))


def _is_chain(model: keras.Sequential) -> bool:
    sources = [[edge.source for edge in node.inputs] for node in read(model).nodes]
    chained = all(source == [place - 1] for place, source in enumerate(sources))
    return len(sources) > 1 and chained


@claim(
    "A2.1",
    "A skip connection cannot be written, so no ResNet, DenseNet or Highway network.",
    lessons=(12,),
    recorded=Verdict.HOLDS_BUT,
    note="The way round hides the skip from summary(), from drawings and from reuse.",
    limits=("residual", "densenet", "highway"),
)
def a2_1() -> Evidence:
    """The three kinds of skip."""
    return impossible("A2.1", "residual", "densenet", "highway")


@claim(
    "A2.1b",
    "Skips ease vanishing gradients, and make very deep networks trainable.",
    lessons=(12,),
    recorded=Verdict.HOLDS,
    note="Measured on 14 Dense layers with Keras' own first weights; lesson 12 uses convolutions.",
    limits=("residual",),
)
def a2_1b() -> Evidence:
    """Gradients by depth, and the loss after the same training."""
    plain, skips = depth_with_and_without_skips()
    return Evidence(
        says=(
            is_true(
                "14 layers deep, the first hidden layer gets under 5 % of the gradient that it "
                "gets when every layer has a skip",
                plain.gradient < 0.05 * skips.gradient,
            ),
            is_true(
                "after the same steps the loss with skips is under 2; without, it is over 2.1 "
                "(guessing gives 2.3)",
                skips.loss < 2 and plain.loss > 2.1,
            ),
        )
    )


@claim(
    "A2.2",
    "A Sequential cannot take several inputs, such as text and image, or image and metadata.",
    lessons=(13,),
    recorded=Verdict.HOLDS_BUT,
    note="Worse than said: fit([x1, x2], y) only warns, and trains on x1 alone.",
    limits=("multi_input",),
)
def a2_2() -> Evidence:
    """Refused, or lost without an exception."""
    return impossible("A2.2", "multi_input")


@claim(
    "A2.3",
    "A Sequential has one output: no class with a box, no auxiliary loss, no second task.",
    lessons=(14,),
    recorded=Verdict.HOLDS_BUT,
    note="A last layer of one's own that returns a dict gives two outputs, and hides both heads.",
    limits=("multi_output", "auxiliary_loss"),
)
def a2_3() -> Evidence:
    """Two heads."""
    return impossible("A2.3", "multi_output", "auxiliary_loss")


@claim(
    "A2.4",
    "A Sequential cannot branch: no feature pyramid, no parallel convolutions, no ensemble.",
    lessons=(15,),
    recorded=Verdict.HOLDS_BUT,
    note="The branches are hidden in a layer of one's own.",
    limits=("branch", "inception", "feature_pyramid", "ensemble"),
)
def a2_4() -> Evidence:
    """Branches and what joins them."""
    return impossible("A2.4", "branch", "inception", "feature_pyramid", "ensemble")


@claim(
    "A2.5",
    "An Inception block (1×1, 3×3, 5×5 and pool side by side) cannot be written as a list.",
    lessons=(15,),
    recorded=Verdict.HOLDS_BUT,
    note="The block as one layer of one's own works; its four branches are hidden in it.",
    limits=("inception",),
)
def a2_5() -> Evidence:
    """A list inside the list."""
    return impossible("A2.5", "inception")


@claim(
    "A2.6",
    "Attention cannot be written: it needs query, key, value and their weighted sum.",
    lessons=(16,),
    recorded=Verdict.HOLDS_BUT,
    note="Self-attention inside a layer of one's own needs one tensor only, so it fits.",
    limits=("attention",),
)
def a2_6() -> Evidence:
    """MultiHeadAttention in the list."""
    return impossible("A2.6", "attention")


@claim(
    "A2.7",
    "A layer cannot be reused: not for a second input, and not by feeding its output back.",
    lessons=(17,),
    recorded=Verdict.HOLDS_BUT,
    note=(
        "Articles say 'not the same layer twice' as well. That is not so: [d, relu, d] builds and "
        "shares its weights, with no message."
    ),
    limits=("shared_layer", "siamese"),
)
def a2_7() -> Evidence:
    """Two inputs and one layer fail; one road and one layer work."""
    both = impossible("A2.7", "shared_layer", "siamese")
    shared = layers.Dense(4)
    twice = _list(layers.Input((4,)), shared, layers.ReLU(), shared)
    return Evidence(
        says=both.says,
        but=(
            is_true(
                "the same Dense(4) twice in one list builds, with 20 parameters and not 40",
                twice.count_params() == 20 and len(twice.layers) == 3,
            ),
        ),
    )


@claim(
    "A2.8",
    "Sequential does not suit encoder–decoders: seq2seq, U-Net, transformers, inner connections.",
    lessons=(18,),
    recorded=Verdict.HOLDS_BUT,
    note="What goes straight through works: a plain autoencoder, LSTM → RepeatVector → LSTM.",
    limits=("unet", "seq2seq"),
)
def a2_8() -> Evidence:
    """The cross connections fail; the straight encoder–decoders build."""
    cross = impossible("A2.8", "unet", "seq2seq")
    return Evidence(
        says=cross.says,
        but=(
            is_true(
                "a plain autoencoder is a Sequential: 64 numbers through 8 and back to 64",
                stacks.autoencoder(64, 8).output_shape == (None, 64),
            ),
            is_true(
                "LSTM → RepeatVector → LSTM → TimeDistributed is one, too: (7, 5) in, (9, 3) out",
                stacks.repeat_vector_seq2seq().output_shape == (None, 9, 3),
            ),
        ),
    )


@claim(
    "A2.9",
    "No conditional logic: no early exit, no routing, no convolution or policy chosen by the data.",
    lessons=(19,),
    recorded=Verdict.HOLDS_BUT,
    note="The choice works inside a layer of one's own, with ops.cond in place of `if`.",
    limits=("conditional", "early_exit", "conditional_convolution", "capsule", "policy"),
)
def a2_9() -> Evidence:
    """`if` on a tensor, and its relatives."""
    names = ("conditional", "early_exit", "conditional_convolution", "capsule", "policy")
    refusals = impossible("A2.9", *names)
    choice = _list(layers.Input((4,)), _choosing_layer())
    ones = np.ones((2, 4), "float32")
    return Evidence(
        says=refusals.says,
        but=(
            is_true(
                "a layer with ops.cond in a Sequential doubles large inputs and clears small ones",
                bool((answer(choice, ones) == 2).all() and (answer(choice, -ones) == 0).all()),
            ),
        ),
    )


def _choosing_layer() -> keras.Layer:
    class Choose(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return ops.cond(ops.sum(inputs) > 0, lambda: inputs * 2, lambda: inputs * 0)

    return Choose()


@claim(
    "A2.10",
    "Sequential is poor for research: new merges, odd wiring, reuse, layers of one's own.",
    lessons=(20,),
    recorded=Verdict.HOLDS_BUT,
    note="One new layer with one input is no trouble; a new way to connect layers is.",
)
def a2_10() -> Evidence:
    """A new merge fails; a new layer does not."""
    free = _list(layers.Input((None, 4)), Scale(), layers.Conv1D(3, 3))
    return Evidence(
        says=(
            is_true(
                "a merge of one's own, with two inputs, is refused",
                fails(_list, layers.Input((4,)), OwnMerge()),
            ),
        ),
        but=(
            is_true(
                "a layer of one's own with one input works in a Sequential",
                float(answer(_list(layers.Input((4,)), Scale()), np.ones((1, 4)))[0, 0]) == 2,
            ),
            is_true(
                "a Sequential of free length takes 10 steps as well as 20",
                [answer(free, np.ones((1, n, 4))).shape[1] for n in (10, 20)] == [8, 18],
            ),
        ),
    )


_JUDGEMENT = "A judgement. What was counted: "


@claim(
    "A3.1",
    "Sequential chooses simplicity over flexibility.",
    lessons=(11,),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "the names for tensors that the code of one model needs, and its freedom.",
)
def a3_1() -> Evidence:
    """Names for tensors, counted in generated code that was run."""
    model = stacks.small_stack()
    return Evidence(
        says=(
            is_true(
                "the same stack needs no name for a tensor as a list, and at least one as a graph",
                tensor_names(to_source(model, style="sequential"))
                == 0
                < tensor_names(to_source(model)),
            ),
            is_true(
                "the list has no place for a second road: [layer, [layer, layer]] is refused",
                fails(_list, layers.Dense(2), [layers.Dense(2), layers.Dense(2)]),
            ),
        )
    )


def tensor_names(source: Any) -> int:
    """Count the names, other than the model's, to which code assigns a layer's output."""
    names = {
        target.id
        for node in ast.walk(ast.parse(str(source)))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return len(names - {"model"})


@claim(
    "A3.2",
    "Sequential is made for one straight path.",
    lessons=(11,),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "the connections between the layers.",
)
def a3_2() -> Evidence:
    """The connections of a stack."""
    nodes = read(stacks.small_stack()).nodes
    edges = sum(len(node.inputs) for node in nodes)
    return Evidence(
        says=(
            is_true(
                "a stack of three layers has one road: each layer reads one tensor",
                len(nodes) == edges == 3,
            ),
            is_true(
                "adding a layer with add() can only make the road longer",
                _is_chain(stacks.longer_stack()),
            ),
        )
    )


@claim(
    "A3.3",
    "Sequential is the tool to enter with.",
    lessons=(11,),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "the names of Keras that the shortest programs use.",
)
def a3_3() -> Evidence:
    """What a first program must know."""
    model = stacks.first_model()
    listed, wired = (keras_names(to_source(model, style=s)) for s in ("sequential", "functional"))
    calls = [len(calls_of(to_source(model, style=s))) for s in ("sequential", "functional")]
    return Evidence(
        says=(
            is_true(
                "a first model needs three names of Keras: Sequential, Input and Dense",
                listed == {"Sequential", "Input", "Dense"},
            ),
            is_true(
                "as a graph it needs Model in place of Sequential, and more calls",
                wired == {"Model", "Input", "Dense"} and calls[1] > calls[0],
            ),
        )
    )


def keras_names(source: Any) -> set[str]:
    """The classes of Keras that code uses."""
    found = (node for node in ast.walk(ast.parse(str(source))) if isinstance(node, ast.Attribute))
    return {node.attr for node in found if node.attr[0].isupper()}


def calls_of(source: Any) -> list[ast.Call]:
    """The calls in code: a layer that is made and called counts twice."""
    return [node for node in ast.walk(ast.parse(str(source))) if isinstance(node, ast.Call)]


@claim(
    "A3.4",
    "Inside, a Sequential builds no graph, only a chain.",
    lessons=(11,),
    recorded=Verdict.WRONG,
    note="True of the idea, not of Keras 3: a built Sequential keeps a Functional model of itself.",
)
def a3_4() -> Evidence:
    """What a built Sequential holds."""
    model = stacks.small_stack()
    inside = getattr(model, "_functional", None)
    x = np.random.default_rng(0).normal(size=(3, 8)).astype("float32")
    return Evidence(
        says=(is_true("a built Sequential keeps no graph of its layers", inside is None),),
        instead=(
            is_true(
                "it keeps a Functional model of the same layers, which gives the same outputs",
                inside is not None
                and type(inside).__name__ == "Functional"
                and inside.layers[-1] is model.layers[-1]
                and np.array_equal(answer(inside, x), answer(model, x)),
            ),
        ),
    )


@claim(
    "A4.1",
    "ResNet, DenseNet, MobileNet, Inception, U-Net and Faster R-CNN cannot be Sequential.",
    lessons=(8, 12, 14, 15, 18),
    recorded=Verdict.WRONG,
    note="Wrong for MobileNet V1 alone. For the other five it holds, unless you write a layer "
    "of your own.",
    limits=("residual", "densenet", "inception", "unet", "two_stage_detector"),
)
def a4_1() -> Evidence:
    """MobileNet V1 as a stack; the other five refused."""
    names = ("residual", "densenet", "inception", "unet", "two_stage_detector")
    used = [name for name in limits_of("A4.1", names) if limits.get(name).attempts]
    flat = _is_flat_stack(stacks.mobilenet_layers(), 4_253_864)
    return Evidence(
        says=(
            is_true(
                "MobileNet V1 cannot be a list of built-in layers",
                not flat,
            ),
        ),
        instead=(
            is_true(
                "MobileNet V1 as a flat list has 4,253,864 parameters, as in keras.applications",
                flat,
            ),
            is_true(
                "VGG16 as a flat list has 138,357,544 parameters, as in keras.applications",
                _is_flat_stack(stacks.vgg16_layers(), 138_357_544),
            ),
            *(refused(name) for name in used),
        ),
    )


def _is_flat_stack(stack: list[keras.Layer], parameters: int) -> bool:
    """Whether the list is traced to its end with this many parameters, without weights."""
    found = trace(stack)
    return found.ok and found.total_params == parameters


@claim(
    "A4.2",
    "Transformers cannot be Sequential: attention, positions and norms around skips.",
    lessons=(16, 18),
    recorded=Verdict.HOLDS_BUT,
    note="A stack of custom TransformerBlock layers is a Sequential; the block itself is not.",
    limits=("transformer", "vit"),
)
def a4_2() -> Evidence:
    """Transformer parts in the list."""
    return impossible("A4.2", "transformer", "vit")


@claim(
    "A4.3",
    "Networks for several kinds of data (text and image, sound and film) cannot be Sequential.",
    lessons=(13,),
    recorded=Verdict.HOLDS_BUT,
    note="Only arrays that fit into one table can be joined by hand and taken apart inside.",
    limits=("multi_input",),
)
def a4_3() -> Evidence:
    """Two arrays of different kinds."""
    return impossible("A4.3", "multi_input")


@claim(
    "A4.4",
    "Recommenders with several embeddings, branches and extra losses cannot be Sequential.",
    lessons=(17,),
    recorded=Verdict.HOLDS_BUT,
    note="Two ids in one row can be taken apart inside a layer of one's own.",
    limits=("two_tower", "wide_and_deep"),
)
def a4_4() -> Evidence:
    """Two towers; wide and deep."""
    return impossible("A4.4", "two_tower", "wide_and_deep")


@claim(
    "A5.1",
    "The Functional API does it all: several inputs and outputs, skips, merges, branches, sharing.",
    lessons=(12, 13, 14, 15, 16, 17, 18, 20),
    recorded=Verdict.HOLDS,
    shown_in=(18, 20),
    note="Every fix is built here; lessons 12–18 train and check them.",
)
def a5_1() -> Evidence:
    """Every fix of a limit of wiring."""
    names = (
        "residual", "multi_input", "multi_output", "inception", "attention", "shared_layer",
        "unet",
    )  # fmt: skip
    return Evidence(
        says=(
            *(_functional(name) for name in names),
            _all_fixes(),
        )
    )


def _functional(name: str) -> Any:
    style = read(fix_of(name)).style
    return is_true(f"{name}: the fix is a Functional model", style == "functional")


@once
def _all_fixes() -> Any:
    names = limits.names()
    return is_true(
        "the fix of every other limit builds, too", all(repaired(name).holds for name in names)
    )


@claim(
    "A5.2",
    "Subclassing gives full freedom through call(), and is harder to debug.",
    lessons=(19,),
    recorded=Verdict.HOLDS,
    note="'Harder' is a judgement. What was counted: what Keras tells before data comes.",
    limits=("conditional",),
)
def a5_2() -> Evidence:
    """Freedom, and what is lost."""
    first = np.ones((2, 4), "float32")
    wired = [layers.Input((4,)), layers.Dense(3), layers.Reshape((4,))]
    return Evidence(
        says=(
            is_true(
                "a loop in call(), with a count that is chosen when it is called, runs",
                float(answer(_own_model(3), first)[0, 0]) == 8.0,
            ),
            is_true(
                "a mistake in the shapes: a stack fails when it is defined",
                fails(_list, *wired),
            ),
            is_true(
                "the same mistake: a subclassed model is made with no message, and fails on data",
                not fails(_wrong_model) and fails(_wrong_model(), first),
            ),
            is_true(
                "a stack knows its shapes before data comes; a subclassed model knows none",
                stacks.small_stack().output_shape == (None, 2) and not _wrong_model().built,
            ),
        )
    )


def _own_model(times: int) -> keras.Model:
    class Repeat(keras.Model):
        def call(self, inputs: Any) -> Any:
            for _ in range(times):
                inputs = inputs + inputs
            return inputs

    return Repeat()


def _wrong_model() -> keras.Model:
    class Wrong(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first = layers.Dense(3)
            self.second = layers.Reshape((4,))

        def call(self, inputs: Any) -> Any:
            return self.second(self.first(inputs))

    return Wrong()


@claim(
    "A6",
    "Sequential stays right for feed-forward nets, basic CNNs and RNNs, prototypes and small data.",
    lessons=(1, 2, 3, 4, 5, 6, 7, 8),
    recorded=Verdict.HOLDS,
    shown_in=(8,),
    note="One trained stack of each kind, on at most 2,000 examples.",
)
def a6() -> Evidence:
    """A vector net, an image net and a series net, each against what knows nothing."""
    return Evidence(
        says=(
            is_true(
                "a feed-forward stack tells clothes apart: over 70 % (guessing 10 %)",
                vector_net() > 0.7,
            ),
            is_true(
                "a convolutional stack tells textures apart: over 85 % (guessing 33 %)",
                image_net() > 0.85,
            ),
            is_true(
                "a recurrent stack forecasts the weather better than 'as now'",
                series_net() < 0.95,
            ),
        )
    )


@claim(
    "A7",
    "Who knows the limits chooses the right API, and is spared frustration.",
    lessons=(20,),
    recorded=Verdict.HOLDS,
    note=_JUDGEMENT + "for each limit of the course a reason, a refusal and a fix.",
)
def a7() -> Evidence:
    """Each limit tells why, and what to use."""
    every = limits.all_limits()
    return Evidence(
        says=(
            is_true(
                "every limit of the course names its reason and the lesson that teaches it",
                all(one.why and 11 <= one.lesson <= 20 for one in every),
            ),
            is_true(
                "every limit has an attempt that fails loudly, so the limit is met before training",
                all(any(one.loud for one in limit.attempts) for limit in every),
            ),
            _all_fixes(),
        )
    )
