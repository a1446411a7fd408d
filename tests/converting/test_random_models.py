"""Random Sequentials, as a Functional model and as source code: the outputs stay the same."""

from __future__ import annotations

import warnings

from hypothesis import HealthCheck, given, settings

from seqkit.converting import to_functional, to_source
from seqkit.converting.folding import WIDTH
from tests.converting.outputs import arrays, assert_outputs, plain_config
from tests.strategies import LayerList, layer_lists

# Always the same lists, so that a run tells of the change and not of its luck.
RANDOM = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@RANDOM
@given(layer_lists(valid=True))
def test_as_functional_model_and_as_code(drawn: LayerList) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # masks that get lost in the random lists
        model, data = drawn.model(), drawn.data()
        expected = arrays(model(data))
        converted = to_functional(model, flatten=bool(len(drawn.code) % 2))
        assert [weight.path for weight in converted.weights] == [
            weight.path for weight in model.weights
        ]
        assert_outputs(converted, data, expected)

        for style in ("functional", "sequential"):
            source = to_source(model, style)
            assert not source.scope
            assert all(len(line) <= WIDTH for line in source.split("\n"))
            made = source.run()
            made.set_weights(model.get_weights())
            assert_outputs(made, data, expected)
        assert plain_config(made) == plain_config(model)
