"""Warm kernels: IPython kernels as forks of a process that has imported Keras, in a sandbox."""
