"""SEQ5: matters of style, off unless they are selected."""

from __future__ import annotations

from collections.abc import Iterator

from seqkit.linting.layers import (
    CONVOLUTIONS,
    DENSE,
    activation_of,
    is_own,
    says,
)
from seqkit.linting.rule import Found, rule
from seqkit.linting.subject import Subject


@rule(
    "SEQ501",
    "bias-before-normalisation",
    "style",
    "parameter",
    lesson="07",
    why="BatchNormalization subtracts the mean, and with it every bias of the layer before; its "
    "own beta takes over. The bias costs memory and does nothing.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(1),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(1),
        ]
        """,
)
def bias_before_normalisation(subject: Subject) -> Iterator[Found]:
    """A layer with a bias and no activation stands right before a BatchNormalization."""
    for node in subject.nodes:
        before = subject.before(node)
        if node.kind != "BatchNormalization" or before is None or is_own(before):
            continue
        biased = getattr(before.layer, "use_bias", False) and activation_of(before) == "linear"
        if biased and before.kind in (*DENSE, *CONVOLUTIONS):
            yield Found(
                f"The bias of layer {before.index}, {before.kind}, is subtracted again by layer "
                f"{node.index}, {node.kind}.",
                f"Write {before.kind}(..., use_bias=False).",
                before,
            )


@rule(
    "SEQ502",
    "input-shape-argument",
    "style",
    "feature_input",
    lesson="02",
    why="Keras 3 warns about input_shape= on a layer and recommends keras.Input, which also takes "
    "a dtype and a batch size.",
    example="""
        from keras import layers

        stack = [layers.Dense(8, activation="relu", input_shape=(4,)), layers.Dense(1)]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1)]
        """,
)
def input_shape_argument(subject: Subject) -> Iterator[Found]:
    """The first layer tells the input shape by `input_shape=`."""
    if subject.is_chain and subject.nodes:
        first = subject.nodes[0]
        shape = getattr(first.item, "_input_shape_arg", None)
        if shape is not None and len(subject.items) == len(subject.nodes):
            yield Found(
                f"{says(first)} has input_shape={tuple(shape)}.",
                f"Put keras.Input({tuple(shape)}) before it.",
                first,
            )


@rule(
    "SEQ503",
    "flat-already",
    "style",
    "adjacent_layer",
    lesson="02",
    why="Flatten on data with one axis for each example changes nothing. It makes the reader look "
    "for axes that are not there.",
    example="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Flatten(), layers.Dense(1)]
        """,
    fix="""
        from keras import Input, layers

        stack = [Input((8,)), layers.Dense(1)]
        """,
)
def flat_already(subject: Subject) -> Iterator[Found]:
    """A Flatten gets what is flat already."""
    for node in subject.nodes:
        if node.kind == "Flatten" and node.input_shapes == node.output_shapes and node.input_shapes:
            yield Found(
                f"{says(node)} gets {node.input_shapes[0]} and changes nothing.", "Remove it.", node
            )


@rule(
    "SEQ504",
    "most-weights-in-one-layer",
    "style",
    "parameter",
    lesson="04",
    why="A Dense after Flatten has a weight for every value of the map. It often holds nearly all "
    "weights of the model, learns where things are instead of what they are, and overfits.",
    example="""
        from keras import Input, layers

        stack = [
            Input((64, 64, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((64, 64, 3)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
        """,
)
def most_weights_in_one_layer(subject: Subject) -> Iterator[Found]:
    """A Dense after Flatten holds more than 90 % of a million weights or more."""
    total = sum(node.params or 0 for node in subject.nodes)
    for node in subject.nodes:
        before = subject.before(node)
        if node.kind != "Dense" or before is None or before.kind != "Flatten":
            continue
        mine = node.params or 0
        if total >= 1_000_000 and mine > 0.9 * total:
            yield Found(
                f"{says(node)} holds {mine:,} of {total:,} weights ({mine / total:.0%}).",
                "Pool first: GlobalAveragePooling2D() instead of Flatten(), or more pooling.",
                node,
            )


@rule(
    "SEQ505",
    "one-unit-inside",
    "style",
    "parameter",
    lesson="07",
    why="A hidden layer of one unit presses all that was learned into a single number. An "
    "autoencoder may want that; elsewhere it is often a slip.",
    example="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(1, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
        """,
    fix="""
        from keras import Input, layers

        stack = [
            Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
        """,
)
def one_unit_inside(subject: Subject) -> Iterator[Found]:
    """A hidden Dense has one unit."""
    for node in subject.nodes:
        after = subject.after(node)
        if node.kind != "Dense" or after is None or after.kind != "Dense":
            continue
        if getattr(node.layer, "units", 0) == 1 and getattr(after.layer, "units", 0) > 1:
            yield Found(
                f"{says(node)} has one unit: layer {after.index} learns from a single number.",
                "Use more units.",
                node,
            )
