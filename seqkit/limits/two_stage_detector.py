"""Two stages: propose a box, cut it out, name what is in it (Girshick et al. 2014)."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from seqkit.limits.limit import Check, Limit, LimitAttempt

# A scene of 32 x 32 pixels with one object; stage two sees 8 x 8 pixels cut out of it.
SIDE, CROP, KINDS = 32, 8, 3
ROWS, TRAIN = 1792, 1536


def convolution_after_the_box() -> keras.Model:
    """Stage two is put behind stage one: its convolution gets the four numbers of the box."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 5, strides=4, activation="relu"),
            layers.Flatten(),
            layers.Dense(4, activation="sigmoid"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def kind_from_the_box() -> keras.Model:
    """It builds: stage two reads the box, and never sees a pixel."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(8, 5, strides=4, activation="relu"),
            layers.Flatten(),
            layers.Dense(4, activation="sigmoid"),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )


@keras.saving.register_keras_serializable("seqkit")
class Crop(layers.Layer):
    """Cut a box out of each picture, and resize it to size x size pixels.

    Taught in lesson 14.

    A box is (top, left, height, width) in shares of the side of the picture. Each new pixel is a
    weighted mean of the pixels around its place (bilinear interpolation).

    Args:
        size: rows and columns of the result.

    Example:
        >>> scenes, boxes = keras.Input((32, 32, 1)), keras.Input((4,))
        >>> Crop(8)(scenes, boxes).shape
        (None, 8, 8, 1)
    """

    def __init__(self, size: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.size = size

    def call(self, scene: keras.KerasTensor, box: keras.KerasTensor) -> keras.KerasTensor:
        """Give the pictures in the boxes; the loss of the kind shall not move the box."""
        box = keras.ops.stop_gradient(box)
        rows = self._weights(box[:, 0:1], box[:, 2:3], scene.shape[1])
        columns = self._weights(box[:, 1:2], box[:, 3:4], scene.shape[2])
        return keras.ops.einsum("nih,njw,nhwc->nijc", rows, columns, scene)

    def _weights(
        self, start: keras.KerasTensor, length: keras.KerasTensor, side: int
    ) -> keras.KerasTensor:
        """How much each old row (or column) counts for each new one."""
        middles = (keras.ops.arange(self.size, dtype="float32") + 0.5) / self.size
        places = (start + length * middles) * side - 0.5  # (batch, size), in pixels
        pixels = keras.ops.arange(side, dtype="float32")
        return keras.ops.relu(1 - keras.ops.abs(places[:, :, None] - pixels))

    def get_config(self) -> dict[str, object]:
        """Return the arguments, so that the layer can be saved and loaded."""
        return {**super().get_config(), "size": self.size}


def fix() -> keras.Model:
    """Stage two reads the scene again, at the place that stage one proposes."""
    scene = keras.Input((32, 32, 1))
    x = layers.Conv2D(8, 5, strides=4, activation="relu")(scene)
    x = layers.Flatten()(x)
    box = layers.Dense(4, activation="sigmoid", name="box")(x)
    crop = Crop(8, name="crop")(scene, box)
    x = layers.Conv2D(8, 3, activation="relu")(crop)
    x = layers.Flatten()(x)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    return keras.Model(scene, {"box": box, "kind": kind})


def evidence() -> tuple[Check, ...]:
    """What must be true of the list, of the crop and of the fix."""
    fixed, chain = fix(), kind_from_the_box()
    return (
        Check(
            "the fix gives (None, 4) and (None, 3) by name",
            {name: tuple(one.shape) for name, one in fixed.output.items()}
            == {"box": (None, 4), "kind": (None, KINDS)},
            "Check `fix`.",
        ),
        Check(
            "stage one has 1,780 parameters, and stage two 947",
            fixed.count_params() == 1780 + 947,
            "Count again in lesson 14.",
        ),
        Check(
            "a box of exactly 8 x 8 pixels gives these pixels",
            _cuts_exactly(),
            "Check `Crop`.",
        ),
        Check(
            "a box of 16 x 16 pixels gives means: a slope of brightness stays a slope",
            _keeps_a_slope(),
            "Check `Crop`.",
        ),
        Check(
            "in the list, two scenes with the same box get the same kind, whatever is in the box",
            not _sees_the_content(chain),
            "Change the text of lesson 14.",
        ),
        Check(
            "in the fix, the kind depends on the pixels in the box, and not on those outside",
            _sees_the_content(fixed) and not _sees_the_outside(fixed),
            "Stage two does not read the crop.",
        ),
    )


def trained() -> tuple[Check, ...]:
    """Both stages learn together, each from its own loss."""
    scenes, boxes, kinds = _scenes()
    fixed = _started(fix())
    losses = {"box": "mse", "kind": "sparse_categorical_crossentropy"}
    fixed.compile(keras.optimizers.Adam(0.005), losses, loss_weights={"box": 50.0, "kind": 1.0})
    options = {"epochs": 6, "batch_size": 32, "shuffle": False, "verbose": 0}
    fixed.fit(scenes[:TRAIN], {"box": boxes[:TRAIN], "kind": kinds[:TRAIN]}, **options)
    said = {name: _numbers(one) for name, one in fixed(scenes[TRAIN:]).items()}
    right = float((said["kind"].argmax(axis=1) == kinds[TRAIN:]).mean())
    gap = SIDE * float(np.abs(said["box"] - boxes[TRAIN:])[:, :2].mean())
    mean = SIDE * float(np.abs(boxes[:TRAIN].mean(axis=0) - boxes[TRAIN:])[:, :2].mean())
    return (
        Check(
            "stage one finds the corner of the box to 2 pixels; the mean box is off by over 5",
            gap < 2 < 5 < mean,
            f"It was {gap:.1f} pixels, the mean box {mean:.1f}.",
        ),
        Check(
            "stage two names over 80 % of what is in the box",
            right > 0.8,
            f"It was {right:.0%}; guessing gives 33 %.",
        ),
    )


def _cuts_exactly() -> bool:
    picture = np.random.default_rng(0).normal(size=(1, SIDE, SIDE, 1)).astype("float32")
    cut = Crop(CROP)(picture, np.array([[4, 10, CROP, CROP]], "float32") / SIDE)
    return bool(np.allclose(_numbers(cut), picture[:, 4:12, 10:18], atol=1e-4))


def _keeps_a_slope() -> bool:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE].astype("float32")
    picture = (2 * rows + 3 * columns)[None, ..., None]
    cut = _numbers(Crop(CROP)(picture, np.array([[4, 10, 16, 16]], "float32") / SIDE))
    steps = np.arange(CROP) * 2.0
    wanted = 2 * (4.5 + steps)[:, None] + 3 * (10.5 + steps)[None]
    return bool(np.allclose(cut[0, ..., 0], wanted, atol=1e-3))


def _sees_the_content(model: keras.Model) -> bool:
    """Whether the kind changes with the pixels in a box that is held in its place."""
    return _kind_moves(model, slice(8, 16))


def _sees_the_outside(model: keras.Model) -> bool:
    """Whether the kind changes with pixels far from a box that is held in its place."""
    return _kind_moves(model, slice(24, 32))


def _kind_moves(model: keras.Model, part: slice) -> bool:
    """Hold the box at 8 to 16 by the weights of its layer, and change one part of the scene."""
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=w.shape, scale=0.3) for w in model.get_weights()])
    layer = next(one for one in model.layers if getattr(one, "units", 0) == 4)
    shares = np.full(4, 8 / SIDE)
    layer.set_weights([np.zeros(layer.kernel.shape), np.log(shares / (1 - shares))])
    scene = generator.normal(size=(1, SIDE, SIDE, 1)).astype("float32")
    other = scene.copy()
    other[:, part, part] = generator.normal(size=other[:, part, part].shape)
    before, after = (model(one) for one in (scene, other))
    if isinstance(before, dict):
        before, after = before["kind"], after["kind"]
    return not np.allclose(_numbers(before), _numbers(after), atol=1e-5)


def _scenes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A frame of 8 x 8 pixels at a random place; inside lines lie, stand, or there are none."""
    generator = np.random.default_rng(0)
    scenes = generator.normal(size=(ROWS, SIDE, SIDE, 1), scale=0.1).astype("float32")
    corners = generator.integers(0, SIDE - CROP + 1, size=(ROWS, 2))
    kinds = generator.integers(0, KINDS, size=ROWS)
    lines = np.zeros((CROP, CROP), "float32")
    lines[::2] = 2
    insides = (lines, lines.T, np.ones((CROP, CROP), "float32"))
    for scene, (top, left), kind in zip(scenes, corners, kinds, strict=True):
        scene[top : top + CROP, left : left + CROP, 0] += insides[kind]
    boxes = np.concatenate([corners, np.full((ROWS, 2), CROP)], axis=1).astype("float32") / SIDE
    return scenes, boxes, kinds


def _started(model: keras.Model) -> keras.Model:
    """The model with weights that are the same in every run; the learner's seed is left alone."""
    weights = []
    for place, array in enumerate(model.get_weights()):
        fan = int(np.prod(array.shape[:-1]))
        values = np.random.default_rng(place).normal(size=array.shape, scale=(1 / fan) ** 0.5)
        weights.append(values if array.ndim > 1 else np.zeros(array.shape))
    model.set_weights(weights)
    return model


def _numbers(tensor: keras.KerasTensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


LIMIT = Limit(
    name="two_stage_detector",
    title="A second stage that reads the picture again cannot be written in a list",
    lesson=14,
    claims=("A4.1",),
    attempts=(
        LimitAttempt(
            "stage two behind stage one", convolution_after_the_box, pattern="shape_mismatch"
        ),
        LimitAttempt("the kind from the four numbers", kind_from_the_box, loud=False),
    ),
    why=(
        "Stage two needs two tensors, the scene and the box, and the model has two answers, the "
        "box and the kind. In a Sequential stage two gets what stage one gives, the four numbers, "
        "and the scene is gone."
    ),
    fix_function=fix,
    evidence=evidence,
    trained=trained,
    definitions=(Crop,),
)
