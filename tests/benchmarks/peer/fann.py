"""FANN 2.2 in double precision, called through ctypes.

Its mathematics is made the node engine's: steepness 1/2 for the sigmoid (FANN's is 1 / (1 + exp(-2
steepness a))), the linear error function instead of FANN's own, no momentum, and for tanh, whose
output errors FANN halves, twice the learning rate. Two differences stay: FANN clips a value to
0.01..0.99 (tanh: -0.98..0.98) before it takes the derivative there, and its learning rate is a
float32. It also keeps each weight's last change, for a momentum, at every step.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import weakref
from collections.abc import Sequence
from ctypes import POINTER, c_double, c_float, c_int, c_uint, c_void_p
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from peer.protocol import Action, Array, Rows, Unsupported, matrices_of

__all__ = ["PEERS", "FannPeer"]

ACTIVATIONS = {"sigmoid": (3, 0.5, 1.0), "tanh": (5, 1.0, 2.0)}
"""FANN's number of the activation, the steepness, and by what the learning rate is multiplied."""

Doubles = POINTER(c_double)


class Network(ctypes.Structure):
    """The first fields of doublefann.h's `struct fann`."""

    _fields_: ClassVar = [
        *(("errno_f", c_int), ("error_log", c_void_p), ("errstr", c_void_p)),
        *(("learning_rate", c_float), ("learning_momentum", c_float), ("connection_rate", c_float)),
        *(("network_type", c_int), ("first_layer", c_void_p), ("last_layer", c_void_p)),
        *(("total_neurons", c_uint), ("num_input", c_uint), ("num_output", c_uint)),
        ("weights", Doubles),
    ]


class Data(ctypes.Structure):
    """doublefann.h's `struct fann_train_data`: for each step where its input and target begin."""

    _fields_: ClassVar = [
        *(("errno_f", c_int), ("error_log", c_void_p), ("errstr", c_void_p)),
        *(("num_data", c_uint), ("num_input", c_uint), ("num_output", c_uint)),
        *(("input", c_void_p), ("output", c_void_p)),
    ]


@cache
def library() -> Any:
    """Return FANN, its functions' arguments declared.

    Raises:
        OSError: If it is not installed.
    """
    fann = ctypes.CDLL(ctypes.util.find_library("doublefann") or "libdoublefann.so.2")
    network = POINTER(Network)
    fann.fann_create_standard_array.restype = network
    fann.fann_destroy.argtypes = [network]
    fann.fann_destroy.restype = None
    fann.fann_train_epoch.argtypes = [network, POINTER(Data)]
    fann.fann_train_epoch.restype = c_float
    for layer in ("hidden", "output"):
        getattr(fann, f"fann_set_activation_function_{layer}").argtypes = [network, c_int]
        getattr(fann, f"fann_set_activation_steepness_{layer}").argtypes = [network, c_double]
    for word in ("training_algorithm", "train_error_function"):
        getattr(fann, f"fann_set_{word}").argtypes = [network, c_int]
    for word in ("learning_rate", "learning_momentum"):
        getattr(fann, f"fann_set_{word}").argtypes = [network, c_float]
    return fann


@dataclass(frozen=True)
class FannPeer:
    """FANN's incremental training: one call of `fann_train_epoch` for all the steps."""

    name: str = "FANN"

    def tolerance(self, activation: str) -> float | None:
        """Return what clipping costs the sigmoid, which it meets seldom; tanh meets it often."""
        return 1e-3 if activation == "sigmoid" else None

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        try:
            library()
        except OSError as error:
            return f"libdoublefann cannot be loaded: {error}"
        return None

    def per_sample(
        self,
        widths: Sequence[int],
        activation: str,
        theta: Array,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`."""
        if activation not in ACTIVATIONS:
            raise Unsupported(f"FANN 2.2 has no {activation}")
        fann, (number, steepness, factor) = library(), ACTIVATIONS[activation]
        network = fann.fann_create_standard_array(len(widths), (c_uint * len(widths))(*widths))
        for layer in ("hidden", "output"):
            getattr(fann, f"fann_set_activation_function_{layer}")(network, number)
            getattr(fann, f"fann_set_activation_steepness_{layer}")(network, steepness)
        fann.fann_set_training_algorithm(network, 0)  # incremental
        fann.fann_set_train_error_function(network, 0)  # linear
        fann.fann_set_learning_rate(network, factor * eta)
        fann.fann_set_learning_momentum(network, 0.0)
        weights = np.ctypeslib.as_array(network.contents.weights, (len(theta),))
        matrices = matrices_of(theta, widths)
        shapes = [w.shape for w in matrices]
        # Neuron by neuron, the constant neuron's weight last.
        weights[:] = np.concatenate([np.roll(w, -1, 0).T.ravel() for w in matrices])
        inputs, targets = np.ascontiguousarray(X), np.ascontiguousarray(y)
        starts = [(a.ctypes.data + rows * a.strides[0]).astype(np.uintp) for a in (inputs, targets)]
        pointers = [start.ctypes.data for start in starts]
        data = Data(0, None, None, len(rows), widths[0], widths[-1], *pointers)
        held = (inputs, targets, starts)  # what the pointers point to

        def action() -> list[Array]:
            fann.fann_train_epoch(network, data)
            trained, first = [], 0
            for before, width in shapes:
                piece = weights[first : first + before * width].reshape(width, before)
                trained.append(np.roll(piece.T, 1, 0))
                first += before * width
            return trained

        weakref.finalize(action, lambda: (held, fann.fann_destroy(network)))
        return action


PEERS = (FannPeer(),)
