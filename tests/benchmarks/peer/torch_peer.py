"""PyTorch, eager, as its tutorials write it; and layers that lack edges by a mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from peer.protocol import Action, Array, Rows, matrices_of, missing

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["PEERS", "SPARSE", "MaskedPeer", "TorchPeer"]


@dataclass(frozen=True)
class TorchPeer:
    """`torch.nn.Linear`, autograd and `torch.optim.SGD`."""

    name: str = "PyTorch eager"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's, in float64."""
        return 1e-9

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        return missing("torch")

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
        """Prepare one step for each entry of `rows`, on one thread."""
        batches = [rows[k : k + 1] for k in range(len(rows))]
        matrices = matrices_of(theta, widths)
        return self.mini_batch(widths, activation, matrices, X, y, batches, eta, "float64", 1)

    def mini_batch(
        self,
        widths: Sequence[int],
        activation: str,
        matrices: Sequence[Array],
        X: Array,
        y: Array,
        batches: Sequence[Rows],
        eta: float,
        dtype: str,
        threads: int,
    ) -> Action:
        """Prepare one step for each batch, on the mean of 1/2 sum (v - y)^2 over its samples.

        The arguments: see `peer.protocol.BatchPeer`. The number of threads is the whole process's.
        """
        import torch

        torch.set_num_threads(threads)
        kinds = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
        linear = [linear_layer(w, dtype) for w in matrices]
        model = torch.nn.Sequential(
            *(one for layer in linear for one in (layer, kinds[activation]()))
        )
        optimizer = torch.optim.SGD(model.parameters(), lr=eta)
        inputs, targets = (torch.from_numpy(a.astype(dtype, copy=False)) for a in (X, y))
        # A single sample is a view, a batch is gathered.
        picks = [int(b[0]) if len(b) == 1 else torch.from_numpy(b) for b in batches]

        def action() -> list[Array]:
            for pick in picks:
                optimizer.zero_grad()
                difference = model(inputs[pick]) - targets[pick]
                loss = 0.5 * difference.square().sum()
                if not isinstance(pick, int):
                    loss = loss / len(pick)
                loss.backward()
                optimizer.step()
            return [
                np.vstack([layer.bias.detach().numpy(), layer.weight.detach().numpy().T])
                for layer in linear
            ]

        return action


@dataclass(frozen=True)
class MaskedPeer:
    """Dense matrices times a mask of the edges that exist, autograd and `torch.optim.SGD`."""

    name: str = "PyTorch, masked"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's."""
        return 1e-9

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        return missing("torch")

    def sparse(
        self,
        matrices: Sequence[csr_array],
        activation: str,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`, missing edges held at 0 by a mask.

        The arguments and what is returned: see `peer.protocol.SparsePeer`.
        """
        import torch

        torch.set_num_threads(1)
        function = getattr(torch, activation)
        inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
        places = [
            (np.repeat(np.arange(w.shape[0]), np.diff(w.indptr)), w.indices) for w in matrices
        ]
        masks, weights = [], []
        for w, place in zip(matrices, places, strict=True):
            mask = torch.zeros(w.shape, dtype=torch.float64)
            mask[place] = 1.0
            masks.append(mask.T.contiguous())
            weights.append(torch.from_numpy(w.toarray().T.copy()).requires_grad_())
        optimizer = torch.optim.SGD(weights, lr=eta)
        one = torch.ones(1, dtype=torch.float64)

        def action() -> list[Array]:
            for k in rows.tolist():
                optimizer.zero_grad()
                v = inputs[k]
                for weight, mask in zip(weights, masks, strict=True):
                    v = function((weight * mask) @ torch.cat((one, v)))
                (0.5 * (v - targets[k]).square().sum()).backward()
                optimizer.step()
            trained = [weight.detach().numpy().T for weight in weights]
            return [w[place] for w, place in zip(trained, places, strict=True)]

        return action


def linear_layer(w: Array, dtype: str) -> Any:
    """Return a `torch.nn.Linear` with the weights w^(t)."""
    import torch

    layer = torch.nn.Linear(len(w) - 1, w.shape[1], dtype=getattr(torch, dtype))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(w[1:].T))
        layer.bias.copy_(torch.from_numpy(w[0]))
    return layer


PEERS = (TorchPeer(),)
SPARSE = (MaskedPeer(),)
