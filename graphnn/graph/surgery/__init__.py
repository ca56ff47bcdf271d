"""Surgery on networks, trained ones above all: every act returns a new network.

The network that is given is only read, as by networkx's functions; the new one has an identity of
its own, so a program of the old cannot be stored into it by mistake. What the act does not concern
is carried over: weights, activations, frozen and shared edges, labels, preprocessing. An act that
is refused has changed nothing.

`split_edge`, `insert_layer`, `duplicate` and `widen` make a network grow and keep what it computes;
`prune` and `remove_dead` make it smaller; `beside` and `in_series` join two; `subnetwork` takes a
part. Single neurons and edges are added to and removed from a network by its own methods.
"""

from graphnn.graph.surgery.ancestry import subnetwork
from graphnn.graph.surgery.copies import duplicate, widen
from graphnn.graph.surgery.dead import remove_dead
from graphnn.graph.surgery.pruning import prune
from graphnn.graph.surgery.splitting import insert_layer, split_edge
from graphnn.graph.surgery.union import beside, in_series

__all__ = [
    "beside",
    "duplicate",
    "in_series",
    "insert_layer",
    "prune",
    "remove_dead",
    "split_edge",
    "subnetwork",
    "widen",
]
