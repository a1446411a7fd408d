"""Every layer class of Keras, with several argument sets: the written code makes the same layer."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqkit.converting import layer_source
from seqkit.converting.configs import bare

# Arguments that the constructor needs, for a first look at every class.
NEEDED = {
    "Activation": "'relu'",
    "AdaptiveAveragePooling1D": "2",
    "AdaptiveAveragePooling2D": "(2, 3)",
    "AdaptiveAveragePooling3D": "2",
    "AdaptiveMaxPooling1D": "2",
    "AdaptiveMaxPooling2D": "2",
    "AdaptiveMaxPooling3D": "(2, 2, 3)",
    "AlphaDropout": "0.5",
    "AveragePooling1D": "2",
    "AveragePooling2D": "2",
    "AveragePooling3D": "2",
    "Bidirectional": "layers.LSTM(2)",
    "CategoryEncoding": "4",
    "CenterCrop": "3, 4",
    "Conv1D": "2, 3",
    "Conv1DTranspose": "2, 3",
    "Conv2D": "2, 3",
    "Conv2DTranspose": "2, 3",
    "Conv3D": "2, 3",
    "Conv3DTranspose": "2, 3",
    "ConvLSTM1D": "2, 3",
    "ConvLSTM2D": "2, 3",
    "ConvLSTM3D": "2, 3",
    "Dense": "3",
    "DepthwiseConv1D": "3",
    "DepthwiseConv2D": "3",
    "Discretization": "[0.0, 1.0]",
    "Dot": "1",
    "Dropout": "0.5",
    "EinsumDense": "'abc,cd->abd', output_shape=(None, 5)",
    "Embedding": "5, 3",
    "GRU": "2",
    "GRUCell": "2",
    "GaussianDropout": "0.5",
    "GaussianNoise": "0.5",
    "GroupQueryAttention": "2, 4, 2",
    "HashedCrossing": "5",
    "Hashing": "5",
    "InputLayer": "(3,)",
    "LSTM": "2",
    "LSTMCell": "2",
    "Lambda": "keras.ops.abs",
    "MaxNumBoundingBoxes": "4",
    "MultiHeadAttention": "2, 4",
    "Permute": "(2, 1)",
    "Pipeline": "[layers.Rescaling(0.5), layers.RandomFlip()]",
    "RNN": "layers.LSTMCell(2)",
    "RandomBrightness": "0.1",
    "RandomColorDegeneration": "0.1",
    "RandomContrast": "0.1",
    "RandomCrop": "3, 4",
    "RandomHue": "0.1",
    "RandomPosterization": "4",
    "RandomRotation": "0.1",
    "RandomSaturation": "0.1",
    "RandomSharpness": "0.1",
    "RandomTranslation": "0.1, 0.2",
    "RandomZoom": "0.1",
    "RepeatVector": "3",
    "Rescaling": "0.5",
    "Reshape": "(4, 4)",
    "Resizing": "3, 4",
    "ReversibleEmbedding": "5, 3",
    "SeparableConv1D": "2, 3",
    "SeparableConv2D": "2, 3",
    "SimpleRNN": "2",
    "SimpleRNNCell": "2",
    "SpatialDropout1D": "0.5",
    "SpatialDropout2D": "0.5",
    "SpatialDropout3D": "0.5",
    "SpectralNormalization": "layers.Dense(2)",
    "StackedRNNCells": "[layers.LSTMCell(2), layers.GRUCell(3)]",
    "TimeDistributed": "layers.Dense(2)",
    "Wrapper": "layers.Dense(2)",
}
# These wrap programs of other libraries, or files; their arguments are no code.
FOREIGN = {"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Layer"}
ONLY_TENSORFLOW = {
    "HashedCrossing",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
}

MORE = [
    # what every layer takes
    "layers.Dense(3, trainable=False)",
    "layers.Dense(3, dtype='float64')",
    "layers.Dense(3, dtype='mixed_float16', name='half')",
    "layers.LSTM(3, trainable=False, dtype='bfloat16')",
    "layers.Dense(3, activity_regularizer='l2')",
    # initializers, regularizers, constraints, activations
    "layers.Dense(3, kernel_initializer='he_normal', bias_initializer='ones')",
    "layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(seed=5))",
    "layers.Dense(3, kernel_initializer=keras.initializers.Constant(0.5))",
    "layers.Dense(3, kernel_initializer=keras.initializers.VarianceScaling(2.0, 'fan_out'))",
    "layers.Dense(3, kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2))",
    "layers.Dense(3, kernel_regularizer='l1', kernel_constraint='non_neg')",
    "layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(3, axis=1))",
    "layers.Dense(3, activation=layers.LeakyReLU(0.2))",
    "layers.Dense(3, activation=keras.activations.relu6)",
    "layers.Dense(3, activation='softmax', use_bias=False)",
    "layers.Activation(keras.ops.sin)",
    "layers.Activation(layers.ELU(0.5))",
    # equal and different numbers on each axis
    "layers.Conv2D(2, (3, 5), strides=(2, 1), padding='same', data_format='channels_first')",
    "layers.Conv2D(2, 3, strides=2, dilation_rate=1, groups=2, activation='relu')",
    "layers.Conv2DTranspose(2, 3, strides=2, output_padding=1, padding='same')",
    "layers.Conv1D(2, 3, padding='causal', dilation_rate=4)",
    "layers.MaxPooling2D(3, strides=3)",
    "layers.MaxPooling2D(3, strides=1, padding='same')",
    "layers.MaxPooling2D((2, 3))",
    "layers.MaxPooling1D(2, strides=1)",
    "layers.AveragePooling3D((1, 2, 2), strides=(1, 2, 2))",
    "layers.GlobalAveragePooling2D(keepdims=True)",
    "layers.ZeroPadding2D(((1, 2), (3, 4)))",
    "layers.ZeroPadding2D((1, 2))",
    "layers.ZeroPadding1D((1, 0))",
    "layers.ZeroPadding3D(2)",
    "layers.Cropping1D(2)",
    "layers.Cropping2D(((1, 1), (1, 1)))",
    "layers.Cropping3D(((1, 2), (0, 0), (3, 3)))",
    "layers.UpSampling2D(3, interpolation='bilinear')",
    "layers.UpSampling2D((1, 2))",
    "layers.Reshape((4,))",
    "layers.Reshape((-1, 2, 2))",
    "layers.Flatten(data_format='channels_first')",
    # recurrent layers and what holds them
    "layers.LSTM(3, return_sequences=True, stateful=True, dropout=0.2, seed=4)",
    "layers.GRU(3, reset_after=False, go_backwards=True)",
    "layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], return_sequences=True)",
    "layers.RNN(layers.StackedRNNCells([layers.SimpleRNNCell(2, activation='relu')]))",
    "layers.RNN(layers.GRUCell(2), zero_output_for_mask=True)",
    "layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode='sum')",
    "layers.Bidirectional(layers.LSTM(2), merge_mode=None)",
    "layers.Bidirectional(layers.LSTM(2), backward_layer=layers.GRU(2, go_backwards=True))",
    "layers.Bidirectional(layers.LSTM(2, name='reader'), name='both')",
    "layers.Bidirectional(layers.RNN(layers.LSTMCell(2)))",
    "layers.TimeDistributed(layers.Conv2D(2, (3, 1)))",
    "layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.ReLU()]))",
    "layers.TimeDistributed(keras.Sequential([keras.Input((4,)), layers.Dense(2)], name='each'))",
    "layers.TimeDistributed(layers.Bidirectional(layers.LSTM(2)))",
    "layers.SpectralNormalization(layers.Conv2D(2, 3), power_iterations=2)",
    "layers.ConvLSTM2D(2, (3, 5), return_sequences=True)",
    # normalization
    "layers.BatchNormalization(axis=1, momentum=0.9, epsilon=1e-5, scale=False)",
    "layers.LayerNormalization(axis=[1, 2], epsilon=1e-6)",
    "layers.GroupNormalization(groups=-1, center=False)",
    "layers.UnitNormalization(axis=[1, 2])",
    "layers.Normalization(mean=0.5, variance=2.0)",
    "layers.Normalization(axis=None)",
    "layers.Normalization(mean=[0.5, 1.0], variance=[2.0, 3.0], invert=True)",
    # attention, merging, the rest
    "layers.MultiHeadAttention(2, 4, value_dim=3, output_shape=6, dropout=0.1)",
    "layers.MultiHeadAttention(2, 4, attention_axes=(2, 3))",
    "layers.MultiHeadAttention(2, 4, value_dim=4)",
    "layers.Attention(use_scale=True, score_mode='concat')",
    "layers.Concatenate(axis=1)",
    "layers.Dot(axes=(1, 2), normalize=True)",
    "layers.EinsumDense('abc,cde->abde', output_shape=(None, 3, 3), bias_axes='de')",
    "layers.EinsumDense('ab,bc->ac', output_shape=4, activation='relu')",
    "layers.Embedding(5, 3, mask_zero=True, embeddings_initializer='zeros')",
    "layers.ReLU(max_value=6)",
    "layers.ReLU(6.0, 0.1, 0.2)",
    "layers.PReLU(shared_axes=[1, 2])",
    "layers.Softmax(axis=[1, 2])",
    "layers.Rescaling(1 / 255, offset=-1)",
    "layers.Rescaling([0.5, 0.2], [1.0, 2.0])",
    "layers.Dropout(0.5, noise_shape=(None, 1, 3), seed=3)",
    "layers.Masking(-1.0)",
    "layers.Discretization(num_bins=3, output_mode='one_hot')",
    "layers.CategoryEncoding(4, output_mode='one_hot')",
    "layers.RandomZoom((-0.1, 0.2), (-0.3, 0.4), fill_mode='constant')",
    "layers.RandomFlip('horizontal', seed=7)",
    "layers.Resizing(3, 4, crop_to_aspect_ratio=True)",
    "layers.Lambda(keras.ops.sum, arguments={'axis': 1})",
    # inputs
    "layers.InputLayer((3,), batch_size=4)",
    "layers.InputLayer((3, None), dtype='int32', name='words')",
    # nested models
    "keras.Sequential([layers.Dense(2), layers.Dropout(0.5)], name='block')",
    "keras.Sequential([keras.Sequential([layers.Dense(2)]), layers.ReLU()])",
    "keras.Sequential([keras.Input((3,)), layers.Dense(2)], trainable=False)",
]
MORE_ON_TENSORFLOW = [
    "layers.InputLayer((3,), sparse=True)",
    "layers.StringLookup(vocabulary=['a', 'b'], num_oov_indices=2)",
    "layers.StringLookup(vocabulary=['a', 'b'], output_mode='one_hot')",
    "layers.IntegerLookup(vocabulary=[3, 5], mask_token=0)",
    "layers.TextVectorization(10, output_sequence_length=4, vocabulary=['a', 'b'])",
    "layers.TextVectorization(ngrams=2, output_mode='multi_hot', standardize=None)",
    "layers.Hashing(5, salt=[1, 2], output_mode='one_hot')",
    "layers.HashedCrossing(5, output_mode='one_hot')",
]


def on_tensorflow() -> bool:
    return keras.backend.backend() == "tensorflow"


def first_looks() -> list[str]:
    """One expression for each class that stands in `keras.layers` under its own name."""
    found = []
    for name, kind in sorted(vars(layers).items()):
        if not (inspect.isclass(kind) and issubclass(kind, keras.Layer)) or name in FOREIGN:
            continue
        if kind.__name__ != name and name != "GroupQueryAttention":
            continue  # another name of the same class
        if name in ONLY_TENSORFLOW and not on_tensorflow():
            continue
        found.append(f"layers.{name}({NEEDED.get(name, '')})")
    return found


def make(code: str) -> Any:
    return eval(code, {"keras": keras, "layers": layers, "np": np})


@pytest.mark.parametrize(
    "code", first_looks() + MORE + (MORE_ON_TENSORFLOW if on_tensorflow() else [])
)
def test_the_written_layer_has_the_same_config(code: str) -> None:
    try:
        layer = make(code)
    except (AttributeError, TypeError, ValueError, ImportError) as error:
        pytest.skip(f"not in this Keras: {error}")
    source = layer_source(layer)
    made = make(source)
    made = getattr(made, "_keras_history", (made,))[0]  # keras.Input gives a tensor
    assert type(made) is type(layer)
    assert bare(made.get_config()) == bare(layer.get_config()), source
