# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercise 10: sizes, a request, a repair, and weights for PyTorch
#
# {{badges}}
#
# *35 minutes · needs lesson 10 · runs in under a minute on a CPU, without any extra package*
#
# Each question has a cell for your answer and a cell that checks it. Take the `#` off
# `# ex10.q1.hint()` for a hint: there are three for each question.

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# **This is the notebook with the solutions.** Try [the exercise](../exercises/10_ship_it.ipynb) first.

# %% seqkit={"role": "setup"}
# {{colab_install}}

# %% seqkit={"role": "setup"}
import json

import keras
import numpy as np
from keras import layers

import seqkit as sk
from seqkit.exercises import ex10

sk.seed(0)

# %% seqkit={"role": "setup"} tags=["nbval-ignore-output"]
sk.device()

# %% [markdown]
# {{question q1}}
#
# The stack 784 → 32 → 10 of lesson 01 was trained with `adam` and saved with `model.save("first.keras")`.
# How many **bytes** do the weights and Adam's averages take in that file? (Leave out the small rest: the
# configuration, and the counter of steps.)

# %% seqkit={"role": "answer", "question": "q1", "points": 1}
### BEGIN SOLUTION
count = 784 * 32 + 32 + 32 * 10 + 10
size = count * 3 * 4  # the weight and two averages, four bytes each
### STARTER
# size = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q1"}
ex10.q1.check(size)
# ex10.q1.hint()
# ex10.q1.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 25,450 parameters · 3 · 4 = 305,400 bytes. An export to ONNX or LiteRT keeps one number for each
# parameter: 101,800 bytes and the graph.

# %% [markdown]
# {{question q2}}
#
# Which file do you hand over? Write one letter for each use, in one text, such as `"sslok"`:
# **k** for `.keras`, **s** for SavedModel, **l** for LiteRT, **o** for ONNX.
#
# 1. Your own training was interrupted. It should go on tomorrow, as if nothing had happened.
# 2. A desktop program written in C#, with no TensorFlow anywhere, should name clothes.
# 3. An app on a telephone should name clothes without a network connection. The team wants the runtime that is
#    made for small devices.
# 4. A colleague uses Keras on the PyTorch backend and wants to add a layer.
# 5. Your company runs a TensorFlow Serving server.

# %% seqkit={"role": "answer", "question": "q2", "points": 1}
### BEGIN SOLUTION
uses = "kolks"
### STARTER
# uses = ...  # five letters in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q2"}
ex10.q2.check(uses)
# ex10.q2.hint()
# ex10.q2.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# 1 and 4 go on with Keras, so they need layers, and the first one also the optimizer. The other three only ask. ONNX
# Runtime also runs on telephones; the runtime that is made for small devices is LiteRT.

# %% [markdown]
# {{question q3}}
#
# A model for colour pictures begins with `keras.Input((32, 32, 3), name="picture")` and was exported to ONNX.
# A colleague sends one picture as a NumPy array `x`, taken from a PyTorch program. ONNX Runtime answers:
#
# > Got invalid dimensions for input: picture for the following indices
# > index: 1 Got: 3 Expected: 32
# > index: 3 Got: 32 Expected: 3
#
# What should the colleague do?
#
# {{options q3}}

# %% seqkit={"role": "answer", "question": "q3", "points": 1}
### BEGIN SOLUTION
reading = "c"
### STARTER
# reading = ...  # one letter in quotes
### END SOLUTION

# %% seqkit={"role": "check", "question": "q3"}
ex10.q3.check(reading)
# ex10.q3.hint()
# ex10.q3.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# `reshape` would silence the message and scramble the picture. A small test tells the two apart: in the pictures below
# each pixel is (1, 2, 3).

# %% seqkit={"role": "text", "only": "solutions"}
first = np.broadcast_to(np.array([1, 2, 3]).reshape(1, 3, 1, 1), (1, 3, 32, 32))
print("reshape:  ", first.reshape(1, 32, 32, 3)[0, 0, 0])
print("transpose:", first.transpose(0, 2, 3, 1)[0, 0, 0])

# %% [markdown]
# {{question q4}}
#
# Write a function that returns the **body** of a request to TensorFlow Serving, as a text. Use the row form, with the key
# `instances`. `pictures` has the shape (n, 28, 28) and holds whole numbers from 0 to 255; n may be 1. The server has
# the model of the lesson: it takes (28, 28, 1) and divides by 255 itself.


# %% seqkit={"role": "answer", "question": "q4", "points": 2}
def request_for(pictures):
    ### BEGIN SOLUTION
    return json.dumps({"instances": pictures[..., None].tolist()})
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q4"}
ex10.q4.check(request_for)
# ex10.q4.hint()
# ex10.q4.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The reply would be `{"predictions": [[...ten shares...], ...]}`, one row for each instance, in the same order.

# %% [markdown]
# {{question q5}}
#
# `trained` was trained on pixels that a script had divided by 255. It takes pictures of (28, 28). Make a model
# `shipped` that takes the **raw** pixels, from 0 to 255, and gives the same answers as `trained` gives for divided ones
# (to 1e-4). A Sequential is enough. Do not train again.
#
# `ex10.loss_on(model)` is the loss on raw test pixels, to see how far you are. (One tenth for each class would give 2.3.)

# %% seqkit={"role": "given"}
trained = ex10.trained_model()
sk.expect(ex10.loss_on(trained) > 1.3, "with raw pixels the loss of trained is above 1.3")
sk.expect(ex10.loss_on(trained, 1 / 255) < 0.7, "with divided pixels it is below 0.7")

# %% seqkit={"role": "answer", "question": "q5", "points": 2}
### BEGIN SOLUTION
shipped = keras.Sequential([keras.Input((28, 28)), layers.Rescaling(1 / 255), *trained.layers])
### STARTER
# shipped = ...
### END SOLUTION

# %% seqkit={"role": "check", "question": "q5"}
ex10.q5.check(shipped)
# ex10.q5.hint()
# ex10.q5.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# Both models share their layers, and so their weights. `trained` itself may stand in the list, too:
# `[keras.Input((28, 28)), layers.Rescaling(1 / 255), trained]`.

# %% [markdown]
# {{question q6}}
#
# In Keras a map of height × width × channels goes through `Flatten` into a `Dense` layer with the kernel `kernel`, of shape
# (height · width · channels, units). Write a function that returns the weight for `torch.nn.Linear`, of shape
# (units, channels · height · width). PyTorch's `Flatten` reads a map of channels × height × width. NumPy is enough.


# %% seqkit={"role": "answer", "question": "q6", "points": 2}
def weight_for_torch(kernel, height, width, channels):
    ### BEGIN SOLUTION
    cube = kernel.reshape(height, width, channels, -1)
    return cube.transpose(3, 2, 0, 1).reshape(cube.shape[-1], -1)
    ### STARTER
    # return ...
    ### END SOLUTION


# %% seqkit={"role": "check", "question": "q6"}
ex10.q6.check(weight_for_torch)
# ex10.q6.hint()
# ex10.q6.solution()

# %% [markdown] seqkit={"role": "text", "only": "solutions"}
# The first `reshape` gives the rows back the axes that `Flatten` took away, `transpose` brings all four into PyTorch's order, and
# the last `reshape` flattens in that order.

# %% [markdown]
# ## Next
#
# This is the end of Part I. Lesson 11 shows where the one road ends.
