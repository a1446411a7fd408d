"""Claims of the article on tricks for using Sequential well (D)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.claims import stacks
from seqkit.claims.beginners_guide import B15_5
from seqkit.claims.claim import Evidence, Verdict
from seqkit.claims.craft import (
    batch_norm,
    dropout,
    gradients,
    normalization_modes,
    penalties,
    revived,
    sizes,
    small_photo_net,
)
from seqkit.claims.measuring import is_true, says
from seqkit.claims.runs import forecast, loans, sentences, textures
from seqkit.claims.writing import claim
from seqkit.limits.measure import answer


@claim(
    "D1",
    "The first layers must suit the data: LSTM or Conv1D for series, Conv2D for images.",
    lessons=(4, 5, 9),
    recorded=Verdict.HOLDS,
    shown_in=(4,),
    note="Measured on photographs of three textures.",
)
def d1() -> Evidence:
    """The same patches for three stacks."""
    found = textures()
    return Evidence(
        says=(
            is_true(
                "textures: a linear stack stays under 75 % (guessing 33 %)", found.linear < 0.75
            ),
            is_true("textures: a Dense stack stays under 75 %, too", found.dense < 0.75),
            is_true("textures: Conv2D first gives over 85 %", found.convolutional > 0.85),
        )
    )


@claim(
    "D2",
    "Keep complexity in check: start shallow, and add until validation stops improving.",
    lessons=(7,),
    recorded=Verdict.HOLDS,
    note="Measured on two rings of points; lesson 07 sweeps over widths on clothes.",
)
def d2() -> Evidence:
    """No, one and three hidden layers."""
    found = sizes()
    return Evidence(
        says=(
            is_true("no hidden layer: under 65 % (guessing 50 %)", found["none"] < 0.65),
            is_true("one hidden layer: over 90 %", found["one"] > 0.9),
            is_true(
                "three wider ones add under 4 points: validation has stopped improving",
                found["three"] - found["one"] < 0.04,
            ),
        )
    )


@claim(
    "D3",
    "L1 and L2 penalties in Dense layers encourage sparsity.",
    lessons=(7,),
    recorded=Verdict.WRONG,
    note="It holds for L1 only. L2 at this strength leaves few of them near zero.",
)
def d3() -> Evidence:
    """Near-zero weights, counted."""
    share = penalties()
    return Evidence(
        says=(
            is_true("with L2, over 30 % of the weights are nearly zero", share["L2"] > 0.3),
        ),
        instead=(
            is_true("with L1, over 30 % of the weights are nearly zero", share["L1"] > 0.3),
            is_true("without a penalty, under 10 % of them are", share["none"] < 0.1),
        ),
    )  # fmt: skip


@claim(
    "D4",
    "BatchNormalization speeds up training; put it after the activation; its two modes differ.",
    lessons=(7,),
    recorded=Verdict.HOLDS_BUT,
    note=(
        "Why it helps is disputed: Santurkar et al. (2018) found that it is not the shift of the "
        "inputs that the article names."
    ),
)
def d4() -> Evidence:
    """Speed, order and modes."""
    loss = batch_norm()
    differs, steady = normalization_modes()
    return Evidence(
        says=(
            is_true(
                "in the second epoch the loss is lower with it, placed after the activation",
                loss.after < loss.plain - 0.1,
            ),
            is_true(
                "in training it uses the batch's own mean, in inference the stored one", differs
            ),
            is_true("in inference an example gives the same, alone or in a batch", steady),
        ),
        but=(
            is_true(
                "before the activation it speeds up training as well, so the order is no must",
                loss.before < loss.plain - 0.1,
            ),
        ),
    )


@claim(
    "D5",
    "No sigmoid inside: gradients vanish. ReLU is fast; LeakyReLU and ELU avoid dead units.",
    lessons=(7,),
    recorded=Verdict.HOLDS,
)
def d5() -> Evidence:
    """Gradients by depth, and units that are below zero for every example."""
    dead, leaky, elu = (revived(name) for name in ("relu", "leaky_relu", "elu"))
    return Evidence(
        says=(
            is_true(
                "10 sigmoid layers: the first gets under 1 % of the last one's gradient",
                gradients("sigmoid") < 0.01,
            ),
            is_true(
                "10 ReLU layers: the first gets over 20 % of the last one's gradient",
                gradients("relu") > 0.2,
            ),
            is_true("units below zero for every example: ReLU passes no gradient on", dead == 0),
            is_true("LeakyReLU and ELU pass some on, so such units can recover", leaky > 0 < elu),
        )
    )


@claim(
    "D6",
    "Sigmoid, softmax or linear at the end, by the task.",
    lessons=(3,),
    recorded=Verdict.HOLDS_BUT,
    note="The same as B15.5: logits with from_logits=True are the other right way.",
)
def d6() -> Evidence:
    """As B15.5."""
    assert B15_5.evidence is not None
    return B15_5.evidence()


@claim(
    "D7",
    "Class weights help with imbalance.",
    lessons=(3,),
    recorded=Verdict.HOLDS_BUT,
    note="They move the threshold more than the order. Good loans are refused in exchange.",
)
def d7() -> Evidence:
    """Bad loans found, with and without."""
    found = loans()
    plain, weighted = found.recall
    return Evidence(
        says=(
            is_true("without class weights under 5 % of the bad loans are found", plain < 0.05),
            is_true("with class weights over 40 % of them are", weighted > 0.4),
        ),
        but=(
            is_true(
                "the average precision stays under 25 %: the order hardly gets better",
                max(found.precision) < 0.25 and found.precision[1] - found.precision[0] < 0.08,
            ),
        ),
    )


@claim(
    "D8",
    "Dropout of 0.2–0.3 first; sparingly after convolutions and near the output.",
    lessons=(7,),
    recorded=Verdict.HOLDS,
    note="Measured near the output of a Dense stack on 256 pictures.",
)
def d8() -> Evidence:
    """No, a little and nearly complete dropout."""
    found = dropout()
    none, some, most = (found[rate] for rate in (0.0, 0.3, 0.95))
    return Evidence(
        says=(
            is_true(
                "dropout of 0.3 narrows the gap between the losses of training and test",
                some.gap < 0.95 * none.gap,
            ),
            is_true("it costs under 8 points of test accuracy", some.test > none.test - 0.08),
            is_true("dropout of 0.95 costs over 30 points", most.test < none.test - 0.3),
        )
    )


@claim(
    "D9",
    "Example: a CNN with BatchNormalization, L2 and Dropout for 28×28×1.",
    lessons=(4, 7),
    recorded=Verdict.HOLDS,
)
def d9() -> Evidence:
    """Built and trained on a little."""
    return Evidence(
        says=(
            is_true(
                "trained on 512 pictures of clothes it gets over 50 % (guessing 10 %)",
                small_photo_net() > 0.5,
            ),
        )
    )


@claim(
    "D10",
    "Example: a stack of LSTMs for series of shape (None, 1).",
    lessons=(5,),
    recorded=Verdict.HOLDS,
)
def d10() -> Evidence:
    """Trained, and run on two lengths."""
    found = forecast()
    return Evidence(
        says=(
            is_true(
                "trained on hourly temperatures it forecasts better than 'as now'",
                found.error < 0.95,
            ),
            is_true(
                "the same weights take 24 steps as well as 48", found.lengths == ((2, 1), (2, 1))
            ),
        )
    )


@claim(
    "D11",
    "Example: Embedding with input_length=20, average, Dense, sigmoid.",
    lessons=(5,),
    recorded=Verdict.OUTDATED,
    note="input_length is not needed any more. The rest of the example holds.",
)
def d11() -> Evidence:
    """The argument warns; the stack works without it."""
    warned = says(layers.Embedding, 50, 4, input_length=20, words="input_length")
    free = keras.Sequential([keras.Input((None,)), layers.Embedding(50, 4)])
    lengths = [answer(free, np.zeros((1, steps), "int32")).shape[1] for steps in (20, 30)]
    return Evidence(
        says=(is_true("Embedding takes input_length=20 and gives no warning", not warned),),
        once=(is_true("input_length= is still read, and gives a warning", warned),),
        instead=(
            is_true("without it the same Embedding takes 20 words as well as 30",
                    lengths == [20, 30]),
            is_true("the stack without it tells spam from ham: over 90 % (the larger class: 76 %)",
                    sentences().spam > 0.9 and stacks.sentence_classifier(9, 9).built),
        ),
    )  # fmt: skip
