"""The fast path: which settings follow from the device, and that they change no number."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.training.device import Device
from seqkit.training.fast_path import STEPS_PER_EXECUTION, Chip, FastPath, choose, fast_path

CPU = Device("CPU", "2 cores", "no GPU found", "")
GPU = Device("GPU", "NVIDIA T4", "found by JAX", "")
TPU = Device("TPU", "TPU v5", "found by JAX", "")
UNKNOWN = Chip()
X, Y = np.ones((640, 3)), np.ones(640, "int32")


def chosen(
    where: Device, backend: str, chip: Chip = UNKNOWN, x: object = X, batch_size: int = 32
) -> FastPath:
    return choose(x, Y, batch_size, where, backend, chip)


def test_data_stay_where_the_device_is_the_cpu() -> None:
    for backend in ("tensorflow", "jax", "torch"):
        path = chosen(CPU, backend)
        assert path.x is X and path.y is Y and not path.moved


def test_data_that_fit_go_to_the_gpu_once_and_as_fit_would_cast_them() -> None:
    path = chosen(GPU, "torch", Chip(memory=10**9))
    assert path.moved
    assert keras.ops.is_tensor(path.x) and keras.ops.is_tensor(path.y)
    assert keras.backend.standardize_dtype(path.x.dtype) == "float32"
    assert keras.backend.standardize_dtype(path.y.dtype) == "int32"


def test_data_that_do_not_fit_stay_and_the_reason_says_so() -> None:
    path = chosen(GPU, "torch", Chip(memory=50_000))
    assert not path.moved and "is more than" in path.reasons["data"]


def test_words_are_never_moved() -> None:
    path = chosen(GPU, "torch", Chip(memory=10**9), x=np.array(["a", "b"], dtype=object))
    assert not path.moved and "not all of them" in path.reasons["data"]


def test_several_inputs_move_together() -> None:
    path = chosen(GPU, "torch", Chip(memory=10**9), x={"a": X, "b": X})
    assert path.moved and set(path.x) == {"a", "b"}
    assert all(keras.ops.is_tensor(one) for one in path.x.values())


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_data_stay_where_fit_would_bring_them_back(backend: str) -> None:
    path = chosen(GPU, backend, Chip(memory=10**12))
    assert not path.moved and "cuts the batches on the CPU" in path.reasons["data"]


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="an array of JAX")
def test_fit_on_jax_brings_arrays_of_jax_back() -> None:
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

    batches = ArrayDataAdapter(keras.ops.ones((8, 2)), batch_size=4).get_jax_iterator()
    assert all(isinstance(one, np.ndarray) for batch in batches for one in batch)


@pytest.mark.parametrize(
    ("backend", "rows", "steps"),
    [("tensorflow", 640, 16), ("jax", 640, 16), ("tensorflow", 96, 3), ("jax", 5, 1)],
)
def test_steps_are_at_most_the_batches_of_an_epoch(backend: str, rows: int, steps: int) -> None:
    assert chosen(CPU, backend, x=np.ones((rows, 2))).compile_options["steps_per_execution"] == (
        steps
    )


def test_pytorch_takes_one_step_at_a_time() -> None:
    assert chosen(CPU, "torch").compile_options["steps_per_execution"] == 1


def test_under_tf_distribute_one_step_at_a_time() -> None:
    path = choose(X, Y, 32, CPU, "tensorflow", UNKNOWN, in_a_strategy=True)
    assert path.compile_options["steps_per_execution"] == 1
    assert "tf.distribute" in path.reasons["steps_per_execution"]
    path = choose(X, Y, 32, GPU, "tensorflow", UNKNOWN, in_a_strategy=True)
    assert "off" in path.reasons["jit_compile"]


@pytest.mark.parametrize(
    ("where", "chip", "precision"),
    [
        (CPU, Chip(), "float32"),
        (GPU, Chip(), "float32"),
        (GPU, Chip(capability=7.5), "float32"),
        (GPU, Chip(capability=8.0), "mixed_bfloat16"),
        (TPU, Chip(), "mixed_bfloat16"),
    ],
)
def test_16_bits_only_where_the_hardware_has_them(
    where: Device, chip: Chip, precision: str
) -> None:
    path = chosen(where, "jax", chip)
    assert path.precision == precision
    keras.config.set_dtype_policy(path.precision)  # Keras knows the name
    keras.config.set_dtype_policy("float32")


def test_it_shows_each_setting_with_its_reason() -> None:
    lines = str(chosen(CPU, "tensorflow")).splitlines()
    assert [line.split()[0] for line in lines] == [
        "data",
        "steps_per_execution",
        "jit_compile",
        "precision",
    ]
    assert "20 batches an epoch, the callbacks are called 2 times" in lines[1]


@pytest.mark.parametrize("wrong", [0, -1, 2.5, None, "32"])
def test_a_wrong_batch_size_is_refused_in_words(wrong: object) -> None:
    with pytest.raises(ValueError, match="a whole number of 1 or more"):
        fast_path(X, Y, batch_size=wrong)  # type: ignore[arg-type]


def test_without_targets_and_without_a_length() -> None:
    assert fast_path(X).y is None
    batches = ((X[:4], Y[:4]) for _ in range(3))
    path = fast_path(batches)
    assert path.x is batches and path.compile_options["steps_per_execution"] == 1
    assert "not all of them are arrays" in path.reasons["data"]
    if keras.backend.backend() != "torch":
        assert "not known" in path.reasons["steps_per_execution"]


class Batches(keras.utils.PyDataset):
    def __init__(self, length: int | None) -> None:
        super().__init__()
        self.length = length

    @property
    def num_batches(self) -> int | None:
        if self.length == 0:
            raise NotImplementedError
        return self.length

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[:32], Y[:32]


@pytest.mark.parametrize(("length", "steps"), [(20, 16), (3, 3), (None, 1), (0, 1)])
def test_a_dataset_tells_how_many_batches_it_has(length: int | None, steps: int) -> None:
    data = Batches(length)
    for where in (CPU, GPU):
        path = choose(data, None, 32, where, "jax", UNKNOWN)
        assert path.x is data and not path.moved
        assert path.compile_options["steps_per_execution"] == steps


@pytest.mark.parametrize(("batches", "steps"), [(20, 16), (3, 3), (None, 1)])
def test_a_tf_dataset_tells_it_too(batches: int | None, steps: int) -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensors((X[:32], Y[:32])).repeat(batches)
    path = choose(data, None, 32, CPU, "tensorflow", UNKNOWN)
    assert path.x is data and path.compile_options["steps_per_execution"] == steps


def test_its_own_result_is_taken_as_well() -> None:
    once = chosen(GPU, "torch", Chip(memory=10**9))
    again = choose(once.x, once.y, 32, GPU, "torch", Chip(memory=10**9))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(again.x), X)
    assert again.moved or keras.backend.backend() != "torch"


def trained(options: dict, x: object, y: object, batch_size: int) -> tuple[list, list[float], int]:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], **options)
    calls = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(1))
    seen: list[int] = []
    history = model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0, callbacks=[calls])
    return model.get_weights(), history.history["loss"], len(seen)


@settings(max_examples=5, deadline=None)
@given(rows=st.integers(1, 300), batch_size=st.integers(1, 40))
def test_the_training_computes_the_same_numbers(rows: int, batch_size: int) -> None:
    random = np.random.default_rng(rows)
    x, y = random.normal(size=(rows, 3)).astype("float32"), random.normal(size=rows)
    path = fast_path(x, y, batch_size=batch_size)
    plain, plain_loss, calls = trained({}, x, y, batch_size)
    fast, fast_loss, fewer = trained(path.compile_options, path.x, path.y, path.batch_size)
    for one, other in zip(plain, fast, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(plain_loss, fast_loss, rtol=1e-4)
    batches = -(-rows // batch_size)
    assert calls == 2 * batches
    at_once = 1 if keras.backend.backend() == "torch" else min(STEPS_PER_EXECUTION, batches)
    assert fewer == 2 * -(-batches // at_once)
