"""SEQ1: how the layers stand together."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from seqkit.graph import Node
from seqkit.graph.reasons import is_merge, reason_for
from seqkit.linting.finding import Fault
from seqkit.linting.layers import (
    ALL_CONVOLUTIONS,
    CONVOLUTIONS,
    DENSE,
    DROPOUTS,
    LINEAR,
    POOLINGS,
    RECURRENT,
    activation_of,
    has_weights,
    is_own,
    plural,
    says,
    spatial,
    strides,
    window,
)
from seqkit.linting.rule import Found, rule
from seqkit.linting.subject import Subject, begins_with_input


@rule(
    "SEQ100",
    "refused-by-keras",
    "error",
    "parameter",
    lesson="",
    why="Keras checks the arguments of a layer when it is made. The program stops at that line, "
    "before any model exists. `sk.lint` never sees such a layer; `seqkit lint FILE` does.",
    example="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((8,)), layers.Dropout(20), layers.Dense(1)])
        """,
    fix="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((8,)), layers.Dropout(0.2), layers.Dense(1)])
        """,
)
def refused_by_keras(subject: Subject) -> Iterator[Found]:
    """A program makes a layer with arguments that Keras refuses."""
    return iter(())  # found while a file is read: there is no layer to look at


@rule(
    "SEQ101",
    "build-fails",
    "error",
    "adjacent_layer",
    lesson="02",
    why="Keras stops at the first layer that cannot take what the layer before it gives. Its "
    "message often names neither the layer's place nor the shapes that met.",
    example="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.LSTM(16),
            layers.Dense(10, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Reshape((26, 26 * 8)),
            layers.LSTM(16),
            layers.Dense(10, activation="softmax"),
        ]
        """,
)
def build_fails(subject: Subject) -> Iterator[Found]:
    """A layer cannot be called on what the layer before it gives."""
    node, reason = _where_it_fails(subject)
    if node is None or node.kind == "InputLayer":
        return  # of an Input SEQ102 says more
    came = " and ".join(str(shape) for shape in node.input_shapes)
    message = f"{says(node)} cannot be built{f' on {came}' if came else ''}: {reason}."
    fix = "sk.explain(sk.trace(...)) says what to write; the trace shows every shape up to here."
    yield Found(message, fix, node, _fault_of(node))


def _where_it_fails(subject: Subject) -> tuple[Node | None, str]:
    """The first layer that fails, or that gives a map without pixels (JAX accepts that)."""
    for node in subject.nodes:
        if any(0 in shape[1:] for shape in node.output_shapes):
            words = ValueError("it gives an empty map")
            return node, reason_for(node.item, node.layer, node.input_shapes, words)
    failure = subject.graph.failure
    return (None, "") if failure is None else (subject.nodes[failure.index], failure.reason)


def _fault_of(node: Node) -> Fault:
    """The kind of fault behind a layer that cannot be called."""
    attention = ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention")
    if not isinstance(node.item, keras.Layer) or is_merge(node.layer) or node.kind in attention:
        return "topology"
    if node.kind in ("Reshape", "Permute", "Cropping1D", "Cropping2D", "Cropping3D"):
        return "parameter"
    edges, sides = window(node), spatial(node)
    too_large = any(side and edge > side for edge, side in zip(edges, sides, strict=False))
    if too_large and len(edges) == len(sides):
        return "parameter"
    return "feature_input" if node.index == 0 else "adjacent_layer"


@rule(
    "SEQ102",
    "input-not-first",
    "error",
    "topology",
    lesson="13",
    why="A Sequential has one Input, and it stands first. When the list does not begin with one, "
    "Keras takes a later Input with no message, and every call fails.",
    example="""
        from keras import Input, layers

        stack = [layers.Dense(8, activation="relu"), Input((4,)), layers.Dense(1)]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1)]
        """,
)
def input_not_first(subject: Subject) -> Iterator[Found]:
    """A Sequential has an Input that is not its first item."""
    if not subject.is_chain:
        return
    for node in subject.nodes:
        if node.kind == "InputLayer":
            first = begins_with_input(subject)
            what = "a second Input" if first else "an Input that does not stand first"
            fix = (
                "Keep one Input. For several inputs use the Functional API: "
                "keras.Model([first, second], output)."
                if first
                else "Move it to the front of the list."
            )
            yield Found(f"Layer {node.index} is {what}. A Sequential has one, at the front.", fix)


@rule(
    "SEQ103",
    "no-input",
    "info",
    "feature_input",
    lesson="02",
    why="Without keras.Input the model has no weights until it sees data: summary() shows '?' and "
    "'0 (unbuilt)', count_params() raises, and no shape can be checked.",
    example="""
        from keras import Sequential, layers

        model = Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
        """,
    fix="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
        """,
)
def no_input(subject: Subject) -> Iterator[Found]:
    """A Sequential does not say the shape of its input, and is not built."""
    if not subject.is_chain or (subject.model is not None and subject.model.built):
        return
    if begins_with_input(subject) or any(node.kind == "InputLayer" for node in subject.nodes):
        return
    if not subject.knows_shapes:
        yield Found(
            "The list does not begin with keras.Input: no shape is known before the first call.",
            "Put keras.Input(shape) first, with the shape of one example, as in "
            "keras.Input((28, 28, 1)).",
        )


@rule(
    "SEQ104",
    "input-shape-ignored",
    "warning",
    "feature_input",
    lesson="02",
    why="Only the first layer's input_shape= is read. On a later layer Keras ignores it, even when "
    "it is wrong, so it tells the reader something that need not be true.",
    example="""
        from keras import Input, layers

        stack = [
            Input((4,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, input_shape=(16,)),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1)]
        """,
)
def input_shape_ignored(subject: Subject) -> Iterator[Found]:
    """A layer that is not the first has `input_shape=`."""
    if not subject.is_chain:
        return
    for node in subject.nodes:
        given = getattr(node.item, "_input_shape_arg", None)
        if given is None or (node.index == 0 and not _led(subject)):
            continue
        given = tuple(given)
        message = (
            f"{says(node)} has input_shape={given}, which Keras ignores: it is not the first layer."
        )
        came = node.input_shapes[0][1:] if node.input_shapes else None
        if came is not None and came != given:
            message += f" It is also wrong: what comes in is {came}."
        yield Found(message, "Leave input_shape= out; keras.Input at the front is enough.", node)


def _led(subject: Subject) -> bool:
    """Whether an Input of its own stands before the first layer."""
    return len(subject.items) > len(subject.nodes)


@rule(
    "SEQ105",
    "layer-twice",
    "warning",
    "topology",
    lesson="17",
    why="The same layer object at two places is one layer with one set of weights. That is rarely "
    "meant in a Sequential, and nothing in summary() points it out.",
    example="""
        from keras import Input, layers

        hidden = layers.Dense(8, activation="relu")
        stack = [Input((8,)), hidden, hidden, layers.Dense(1)]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(1),
        ]
        """,
)
def layer_twice(subject: Subject) -> Iterator[Found]:
    """A Sequential calls a layer with weights at two places."""
    if not subject.is_chain:
        return
    first_at: dict[int, Node] = {}
    for node in subject.nodes:
        first = first_at.setdefault(id(node.item), node)
        if first is not node and has_weights(first):
            yield Found(
                f"{says(node)} is the same object as layer {first.index}: both share one set of "
                f"weights.",
                "Make a new layer for each place. To share on purpose, use the Functional API, "
                "where sharing can be seen.",
                node,
            )


@rule(
    "SEQ106",
    "linear-stack",
    "warning",
    "parameter",
    lesson="07",
    why="Two linear layers without a non-linear function between them can do no more than one: "
    "W2(W1 x) is (W2 W1) x. The extra weights cost time and memory and add nothing that one layer "
    "could not learn. A narrow layer in the middle (a low rank on purpose) is not reported.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(32), layers.Dense(3, activation="softmax")]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def linear_stack(subject: Subject) -> Iterator[Found]:
    """Dense layers, or convolutions, follow each other with nothing non-linear between."""
    for run in _linear_runs(subject):
        names = ", ".join(f"{node.index}" for node in run[:-1]) + f" and {run[-1].index}"
        yield Found(
            f"Nothing non-linear stands between the layers {names} ({run[0].kind}): together they "
            f"can do no more than one linear layer.",
            f"Give {'each but the last' if len(run) > 2 else f'layer {run[0].index}'} an "
            f'activation, as in {run[0].kind}(..., activation="relu").',
            run[0],
        )


def _linear_runs(subject: Subject) -> list[list[Node]]:
    """Groups of layers with only linear layers between one and the next."""
    runs: dict[int, list[Node]] = {}  # by the index of the last layer so far
    for node in subject.nodes:
        before = _linear_before(subject, node)
        if before is not None and not _narrows(before, node):
            runs[node.index] = [*runs.pop(before.index, [before]), node]
    return list(runs.values())


def _linear_before(subject: Subject, node: Node) -> Node | None:
    """The layer of the same family before this one, if only linear layers stand between."""
    family = _family(node)
    if not family:
        return None
    for before in subject.upstream(node):
        if before.kind in LINEAR and not is_own(before):
            continue
        same = before.kind in family and activation_of(before) == "linear"
        return before if same and not is_own(before) else None
    return None


def _family(node: Node) -> tuple[str, ...]:
    if node.kind == "Dense":
        return ("Dense",)
    if (
        node.kind in CONVOLUTIONS
        and max(window(node)) > 1
        and getattr(node.layer, "groups", 1) == 1
    ):
        return CONVOLUTIONS
    return ()


def _narrows(first: Node, second: Node) -> bool:
    """Whether the middle is narrower than both sides, as in a low-rank factorisation."""
    if first.kind in CONVOLUTIONS:
        # 1×n after n×1 and a 1×1 convolution are common factorisations.
        return min(window(first)) == 1 or min(window(second)) == 1
    if not (first.input_shapes and first.output_shapes and second.output_shapes):
        return False
    came, middle = first.input_shapes[0][-1], first.output_shapes[0][-1]
    last = second.output_shapes[0][-1]
    return None not in (came, middle, last) and middle < came and middle < last  # type: ignore[operator]


@rule(
    "SEQ107",
    "softmax-inside",
    "warning",
    "parameter",
    lesson="03",
    why="Softmax makes the units of a layer compete for a sum of 1, and its gradient is small. "
    "It belongs at the end of a classifier. Inside, the layers before it learn slowly.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="softmax"),
            layers.Dense(3, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def softmax_inside(subject: Subject) -> Iterator[Found]:
    """A softmax stands before another layer with weights."""
    for node in subject.nodes:
        if activation_of(node) != "softmax" or node.kind in RECURRENT:
            continue
        later = _next_weighted(subject, node)
        if later is not None:
            yield Found(
                f"{says(node)} applies softmax, and layer {later.index}, {later.kind}, follows: "
                f"softmax belongs at the output.",
                'Use activation="relu" in hidden layers.',
                node,
            )


def _next_weighted(subject: Subject, node: Node) -> Node | None:
    """The next Dense, convolution or recurrent layer on the one road that leaves this node."""
    after = subject.after(node)
    while after is not None and len(after.input_shapes) < 2:
        if after.kind in (*DENSE, *ALL_CONVOLUTIONS, *RECURRENT) and not is_own(after):
            return after
        after = subject.after(after)
    return None


@rule(
    "SEQ108",
    "sigmoid-stack",
    "warning",
    "parameter",
    lesson="07",
    why="The slope of the sigmoid is at most 1/4. Each layer multiplies the gradient by such a "
    "slope, so after a few layers little of it is left for the first ones.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="sigmoid"),
            layers.Dense(32, activation="sigmoid"),
            layers.Dense(32, activation="sigmoid"),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
)
def sigmoid_stack(subject: Subject) -> Iterator[Found]:
    """Three or more hidden layers use sigmoid, without a normalisation between them."""
    hidden = [
        node
        for node in subject.nodes
        if activation_of(node) == "sigmoid"
        and node.kind in (*DENSE, *ALL_CONVOLUTIONS)
        and _next_weighted(subject, node) is not None
    ]
    normalised = any(node.kind.endswith("Normalization") for node in subject.nodes)
    if len(hidden) >= 3 and not normalised and subject.is_chain:
        yield Found(
            f"{len(hidden)} hidden layers use sigmoid. Its slope is at most 1/4, so the gradient "
            f"of the first layer is at most 1/{4 ** len(hidden)} of what it would be without.",
            'Use activation="relu" in hidden layers, and sigmoid only at the output.',
            hidden[0],
        )


@rule(
    "SEQ109",
    "dropout-at-the-end",
    "warning",
    "adjacent_layer",
    lesson="07",
    why="Dropout after the output sets predictions to 0 at random while training, and scales up "
    "the others. Probabilities then no longer sum to 1, and the loss measures the noise.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
            layers.Dropout(0.2),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def dropout_at_the_end(subject: Subject) -> Iterator[Found]:
    """The output of the model goes through a dropout."""
    for node in subject.nodes:
        if node.kind not in DROPOUTS or is_own(node):
            continue
        end, before = node, subject.before(node)
        while before is not None and before.kind in ("Flatten", "Reshape", "Activation", "Softmax"):
            before = subject.before(before)
        after = subject.after(node)
        if after is not None and after.kind in ("Softmax", "Activation") and subject.is_last(after):
            end = after
        headed = before is not None and before.kind in DENSE
        if subject.is_last(end) and headed and (subject.is_chain or subject.training):
            yield Found(
                f"{says(node)} acts on the output of the model: while training, predictions are "
                f"set to 0 at random.",
                f"Move it before layer {before.index}, {before.kind}." if before else "Remove it.",
                node,
            )


@rule(
    "SEQ110",
    "normalisation-at-the-end",
    "warning",
    "adjacent_layer",
    lesson="07",
    why="A normalisation after softmax or sigmoid takes probabilities and gives numbers around 0, "
    "also below 0 and above 1, which a loss for probabilities cannot use.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
            layers.BatchNormalization(),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def normalisation_at_the_end(subject: Subject) -> Iterator[Found]:
    """The probabilities that a model gives go through a normalisation."""
    for node in subject.nodes:
        before = subject.before(node)
        if not node.kind.endswith("Normalization") or before is None or not subject.is_last(node):
            continue
        if activation_of(before) in ("softmax", "sigmoid"):
            yield Found(
                f"{says(node)} acts on the probabilities of layer {before.index}, {before.kind}: "
                f"what leaves the model is no longer between 0 and 1.",
                f"Move it before layer {before.index}.",
                node,
            )


@rule(
    "SEQ111",
    "everything-dropped",
    "error",
    "parameter",
    lesson="07",
    why="The rate is the share of values that is set to 0. With 1.0 nothing passes while "
    "training, so the layers before it learn nothing.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(1.0),
            layers.Dense(1),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
        """,
)
def everything_dropped(subject: Subject) -> Iterator[Found]:
    """A dropout has the rate 1."""
    for node in subject.nodes:
        if node.kind in ("Dropout", *DROPOUTS[3:]) and getattr(node.layer, "rate", 0) >= 1:
            yield Found(
                f"{says(node)} has the rate {node.layer.rate}: it sets every value to 0 while "
                f"training.",
                "Use a rate from 0.1 to 0.5.",
                node,
            )


@rule(
    "SEQ112",
    "high-dropout",
    "warning",
    "parameter",
    lesson="07",
    why="The rate is the share of values that is set to 0, not the share that is kept. Above 0.7 "
    "so little passes that training is slow and noisy. Rates from 0.1 to 0.5 are usual.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.8),
            layers.Dense(1),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
        """,
)
def high_dropout(subject: Subject) -> Iterator[Found]:
    """A dropout sets more than 70 % of the values to 0."""
    for node in subject.nodes:
        rate = getattr(node.layer, "rate", 0)
        if node.kind in DROPOUTS and isinstance(rate, float | int) and 0.7 < rate < 1:
            yield Found(
                f"{says(node)} has the rate {rate:g}: it sets {rate:.0%} of the values to 0. The "
                f"rate is what is dropped, not what is kept.",
                f"If {rate:.0%} was meant to stay, write Dropout({1 - rate:.2g}).",
                node,
            )


@rule(
    "SEQ113",
    "axes-left-open",
    "warning",
    "adjacent_layer",
    lesson="09",
    why="Dense works along the last axis only. After a convolution it gives one answer for each "
    "pixel and not one for each image. With mse Keras then trains with no message; with a class "
    "loss it fails in fit and names no layer.",
    example="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
        """,
)
def axes_left_open(subject: Subject) -> Iterator[Found]:
    """A Dense at the end still has the axes of an image, or of a series after a convolution."""
    if _labels_have_those_axes(subject):
        return
    first = _first_dense_of_the_end(subject)
    if first is None or not first.input_shapes:
        return
    axes = len(first.input_shapes[0])
    road = [node.kind for node in subject.upstream(first)]
    convolved = any(kind in (*ALL_CONVOLUTIONS, *POOLINGS) for kind in road)
    recurrent = any(kind in (*RECURRENT, "Bidirectional") for kind in road)
    if axes >= 4 or (axes == 3 and convolved and not recurrent):
        came = first.input_shapes[0]
        yield Found(
            f"{says(first)} works on {came}, and nothing removes the axes between batch and "
            f"features: the model gives {subject.graph.outputs[0].shape}, one answer for each "
            f"position.",
            f"Put Flatten() or GlobalAveragePooling{axes - 2}D() before layer {first.index}.",
            first,
        )


def _first_dense_of_the_end(subject: Subject) -> Node | None:
    """The first of the Dense layers at the end of a chain, if it ends with some."""
    if (
        not subject.is_chain
        or not subject.graph.ok
        or not subject.graph.outputs
        or not subject.nodes
    ):
        return None
    found: Node | None = None
    for node in reversed(subject.nodes):
        if node.kind == "Dense" and not is_own(node):
            found = node
        elif node.kind not in (*DROPOUTS, "Softmax", "Activation", "ReLU", "BatchNormalization"):
            break
    return found


def _labels_have_those_axes(subject: Subject) -> bool:
    """Whether y shows that an answer for each position is meant; or y decides it elsewhere."""
    return subject.labels is not None and subject.needs is not None


@rule(
    "SEQ114",
    "whole-sequence",
    "info",
    "adjacent_layer",
    lesson="05",
    why="With return_sequences=True a recurrent layer gives its state after every step, and Dense "
    "answers for every step. That is right for tagging each word, and wrong for one label a "
    "sequence.",
    example="""
        from keras import Input, layers

        stack = [
            Input((20, 4)),
            layers.LSTM(16, return_sequences=True),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((20, 4)),
            layers.LSTM(16),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
)
def whole_sequence(subject: Subject) -> Iterator[Found]:
    """A model ends with a Dense that answers for every step of a sequence."""
    if _labels_have_those_axes(subject):
        return
    first = _first_dense_of_the_end(subject)
    if first is None or not first.input_shapes or len(first.input_shapes[0]) != 3:
        return
    for node in subject.upstream(first):
        if node.kind in ("RepeatVector", "TimeDistributed", "Reshape"):
            return
        if node.kind in (*RECURRENT, "Bidirectional", "Embedding"):
            yield Found(
                f"The model gives {subject.graph.outputs[0].shape}: an answer for every step, "
                f"because layer {node.index}, {node.kind}, hands on the whole sequence.",
                "For one answer a sequence, "
                + (
                    "add GlobalAveragePooling1D() after it."
                    if node.kind == "Embedding"
                    else "leave return_sequences=True out of the last recurrent layer."
                ),
                node,
            )
            return


@rule(
    "SEQ115",
    "activation-twice",
    "warning",
    "parameter",
    lesson="03",
    why="A second activation bends what the first one has bent already. Softmax of a softmax is "
    "almost flat; softmax or sigmoid after relu cannot give low probabilities, because relu has "
    "cut everything below 0.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(3, activation="softmax"),
            layers.Softmax(),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(3, activation="softmax")]
        """,
)
def activation_twice(subject: Subject) -> Iterator[Found]:
    """Two activations follow each other, and the second undoes what the first is for."""
    for node in subject.nodes:
        if node.kind not in ("Activation", "Softmax", "ReLU"):
            continue
        before = subject.before(node)
        if before is None or before.kind not in (*DENSE, *CONVOLUTIONS, "Activation", "Softmax"):
            continue
        first, second = activation_of(before), activation_of(node)
        ends = ("softmax", "sigmoid")
        if first in (*ends, "relu") and second in ends:
            yield Found(
                f"Layer {before.index}, {before.kind}, applies {first}, and {says(node).lower()} "
                f"applies {second} to the result.",
                f"Keep one of them: leave {first} out of layer {before.index}.",
                node,
            )


@rule(
    "SEQ116",
    "window-on-one-pixel",
    "warning",
    "parameter",
    lesson="04",
    why="When the map has shrunk to one pixel, a larger kernel sees that pixel and padding only: "
    "of a 3×3 kernel one weight of nine is ever used. Pooling a single pixel does nothing.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(8),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu", padding="same"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def window_on_one_pixel(subject: Subject) -> Iterator[Found]:
    """A convolution or a pooling with a larger window works on a map of one pixel."""
    for node in subject.nodes:
        if node.kind not in (*CONVOLUTIONS, *POOLINGS) or is_own(node):
            continue
        sides = spatial(node)
        if sides and all(side == 1 for side in sides) and max(window(node), default=1) > 1:
            if node.status != "ok":
                continue
            shown = "×".join(str(side) for side in window(node))
            yield Found(
                f"{says(node)} has a window of {shown}, and the map that comes in is "
                f"{'×'.join(str(side) for side in sides)}: the rest of the window sees padding "
                f"only.",
                "Shrink the map less before it, or stop with Flatten() here.",
                node,
            )


@rule(
    "SEQ117",
    "stride-over-window",
    "warning",
    "parameter",
    lesson="04",
    why="A stride larger than the window skips pixels: no weight ever sees them. A kernel of 1 "
    "with a larger stride is a common way to thin out a map and is not reported.",
    example="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 3, strides=5, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((28, 28, 1)),
            layers.Conv2D(8, 5, strides=5, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
        """,
)
def stride_over_window(subject: Subject) -> Iterator[Found]:
    """The stride of a convolution or a pooling is larger than its window."""
    for node in subject.nodes:
        if node.kind not in (*CONVOLUTIONS, *POOLINGS) or is_own(node):
            continue
        pairs = zip(window(node), strides(node), strict=False)
        skipped = [(edge, step) for edge, step in pairs if step > edge > 1]
        if skipped:
            edge, step = skipped[0]
            yield Found(
                f"{says(node)} moves by {step} with a window of {edge}: {step - edge} of every "
                f"{step} rows are never seen.",
                f"Use a window of at least {step}, or a smaller stride.",
                node,
            )


@rule(
    "SEQ118",
    "channels-first-data",
    "warning",
    "feature_input",
    lesson="04",
    why="With data_format='channels_last' the last axis is the channels. An image of shape "
    "(3, 64, 64) is then read as 3 rows of 64 pixels with 64 channels. The model builds, and "
    "slides its kernels over the wrong axes.",
    example="""
        from keras import Input, layers

        stack = [
            Input((3, 64, 64)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((64, 64, 3)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
        """,
)
def channels_first_data(subject: Subject) -> Iterator[Found]:
    """The first convolution works along the channel axis of a square image."""
    for node in subject.nodes:
        if node.kind != "Conv2D" or (subject.before(node) is not None and _made(subject, node)):
            continue
        shape = node.input_shapes[0] if len(node.input_shapes) == 1 else ()
        last = getattr(node.layer, "data_format", "channels_last") == "channels_last"
        if not last or len(shape) != 4 or shape[1] not in (1, 3):
            continue
        if shape[2] == shape[3] and (shape[2] or 0) >= 8:
            right = (shape[2], shape[3], shape[1])
            yield Found(
                f"{says(node)} gets {shape} and takes the last axis as channels: "
                f"{shape[1]} rows, {shape[2]} columns and {shape[3]} channels.",
                f"Bring the data into the shape {right}: np.moveaxis(x, 1, -1).",
                node,
            )


def _made(subject: Subject, node: Node) -> bool:
    """Whether a layer before this one has made the shape, so that it is not the data's."""
    return any(before.kind not in ("InputLayer", "Rescaling") for before in subject.upstream(node))


@rule(
    "SEQ119",
    "one-step-sequence",
    "info",
    "feature_input",
    lesson="05",
    why="A recurrent layer carries a state from step to step. With one step there is nothing to "
    "carry: it is a Dense layer with more weights.",
    example="""
        from keras import Input, layers

        stack = [Input((1, 24)), layers.LSTM(16), layers.Dense(1)]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((24, 1)), layers.LSTM(16), layers.Dense(1)]
        """,
)
def one_step_sequence(subject: Subject) -> Iterator[Found]:
    """A recurrent layer gets sequences of one step."""
    for node in subject.nodes:
        if node.kind not in ("LSTM", "GRU", "SimpleRNN") or is_own(node):
            continue
        shape = node.input_shapes[0] if len(node.input_shapes) == 1 else ()
        stateful = getattr(node.layer, "stateful", False)
        if len(shape) == 3 and shape[1] == 1 and not stateful and _led_by_data(subject, node):
            yield Found(
                f"{says(node)} gets {shape}: sequences of one step with {shape[2]} features. "
                f"It has nothing to remember.",
                f"If these are {shape[2]} steps of one value, give the data the shape "
                f"(examples, {shape[2]}, 1)."
                if (shape[2] or 0) > 1
                else "Cut the series into windows of several steps.",
                node,
            )


def _led_by_data(subject: Subject, node: Node) -> bool:
    return all(before.kind in ("InputLayer", "Reshape") for before in subject.upstream(node))


@rule(
    "SEQ120",
    "embedding-inside",
    "error",
    "adjacent_layer",
    lesson="05",
    why="An Embedding looks up a row by a whole number. What a Dense or a convolution gives is cut "
    "to whole numbers, and no gradient passes: the layers before it never learn.",
    example="""
        from keras import Input, layers

        stack = [
            Input((10,)),
            layers.Dense(10, activation="relu"),
            layers.Embedding(100, 8),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((10,)),
            layers.Embedding(100, 8),
            layers.Flatten(),
            layers.Dense(10, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
)
def embedding_inside(subject: Subject) -> Iterator[Found]:
    """An Embedding stands after a layer that gives fractions and should learn."""
    for node in subject.nodes:
        if node.kind != "Embedding" or is_own(node):
            continue
        for before in subject.upstream(node):
            learns = before.kind in (*DENSE, *ALL_CONVOLUTIONS, *RECURRENT, "Embedding")
            if learns and not is_own(before) and getattr(before.layer, "trainable", True):
                yield Found(
                    f"{says(node)} takes what layer {before.index}, {before.kind}, gives as row "
                    f"numbers. No gradient passes, so layer {before.index} never learns.",
                    "Put the Embedding first, directly on the integer data.",
                    node,
                )
                break


@rule(
    "SEQ121",
    "dead-start",
    "error",
    "parameter",
    lesson="07",
    why="When kernel and bias of a relu layer begin at 0, its output and its gradient are 0, and "
    "stay so. Nothing before it or in it ever learns.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(32, activation="relu", kernel_initializer="zeros"),
            layers.Dense(1),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(32, activation="relu"), layers.Dense(1)]
        """,
)
def dead_start(subject: Subject) -> Iterator[Found]:
    """All weights of a hidden relu layer begin at 0."""
    for node in subject.nodes:
        if node.kind not in (*DENSE, *CONVOLUTIONS) or activation_of(node) != "relu":
            continue
        if is_own(node):
            continue
        kernel = type(getattr(node.layer, "kernel_initializer", None)).__name__
        bias = type(getattr(node.layer, "bias_initializer", None)).__name__
        without = bias == "Zeros" or not getattr(node.layer, "use_bias", True)
        if kernel == "Zeros" and without and not _has_learned(node):
            yield Found(
                f"{says(node)} begins with all weights at 0, and relu passes no gradient at 0: it "
                f"never learns.",
                "Leave kernel_initializer out; Keras' default draws small random weights.",
                node,
            )


def _has_learned(node: Node) -> bool:
    """Whether the weights are no longer as the initializer made them."""
    if not getattr(node.item, "built", False):
        return False
    try:
        return any(bool(keras.ops.any(weight)) for weight in node.item.weights)
    except Exception:  # weights that have a shape and no values
        return True


@rule(
    "SEQ122",
    "nothing-trainable",
    "warning",
    "training",
    lesson="06",
    why="fit changes trainable weights only. When all are frozen it runs to the end and changes "
    "nothing.",
    example="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((8,)), layers.Dense(1)])
        model.trainable = False
        model.compile(loss="mse")
        """,
    fix="""
        from keras import Input, Sequential, layers

        model = Sequential([Input((8,)), layers.Dense(1)])
        model.compile(loss="mse")
        """,
)
def nothing_trainable(subject: Subject) -> Iterator[Found]:
    """A compiled model has no trainable weights."""
    model = subject.model
    if model is None or subject.training is None or subject.training.loss is None:
        return
    if model.built and not model.trainable_weights:
        what = plural(len(model.weights), "weight tensor")
        message = f"All {what} are frozen" if model.weights else "The model has no weights"
        yield Found(
            f"{message}, so fit changes nothing.",
            "Set model.trainable = True, or freeze only some layers; then compile again."
            if model.weights
            else "Add layers with weights, such as Dense.",
        )
