"""A convolution, edge by edge: one weight on many edges, named `shared="k1"`.

You learn what a layer of a convolutional network is as a graph: every output neuron has edges from
a few neighbouring inputs alone, and edges of one name carry one weight, which receives the sum of
their gradients. A 1-D kernel learns to find steps in a signal; a 2-D one is built likewise.

Source: LeCun et al., "Backpropagation Applied to Handwritten Zip Code Recognition" (1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import graphnn as gn


def convolution_1d(
    length: int, kernel: Sequence[float], bias: float, stride: int = 1
) -> gn.Network:
    """Return the network v_j = sum_i kernel_i x_{stride j + i} + bias, its weights shared.

    Args:
        length: The number of inputs.
        kernel: The first weights of the kernel.
        bias: The first weight of the constant neuron's edges.
        stride: How far the kernel moves from one output to the next.
    """
    outputs = (length - len(kernel)) // stride + 1
    net = gn.Network([length, outputs], activation="identity")
    for j in range(1, outputs + 1):
        net.add_edge((0, 0), (1, j), bias, shared="b")
        for i, weight in enumerate(kernel, start=1):
            net.add_edge((0, stride * (j - 1) + i), (1, j), weight, shared=f"k{i}")
    return net


def convolution_2d(
    shape: tuple[int, int], kernel: Sequence[Sequence[float]], bias: float, padding: int = 0
) -> gn.Network:
    """Return the network of a 2-D convolution over an image, row by row, with zeros around it.

    Args:
        shape: The rows and columns of the image.
        kernel: The first weights of the kernel.
        bias: The first weight of the constant neuron's edges.
        padding: How many zeros are around the image: edges from them are left out.
    """
    height, width = len(kernel), len(kernel[0])
    rows = shape[0] + 2 * padding - height + 1
    columns = shape[1] + 2 * padding - width + 1
    net = gn.Network([shape[0] * shape[1], rows * columns], activation="identity")
    for row in range(rows):
        for column in range(columns):
            output = (1, row * columns + column + 1)
            net.add_edge((0, 0), output, bias, shared="b")
            for i in range(height):
                for j in range(width):
                    y, x = row + i - padding, column + j - padding
                    if 0 <= y < shape[0] and 0 <= x < shape[1]:
                        pixel = (0, y * shape[1] + x + 1)
                        net.add_edge(pixel, output, kernel[i][j], shared=f"k{i + 1}{j + 1}")
    return net


def main(folder: Path) -> None:
    """Learn a kernel that marks where a signal steps up, and draw it.

    Args:
        folder: Where the picture goes.
    """
    net = convolution_1d(6, [0.3, 0.1, -0.2], bias=0.05)
    rng = np.random.default_rng(0)
    X = rng.choice([0.0, 1.0], size=(200, 6))
    y = (X[:, 2:] - X[:, :-2]) / 2  # the central difference: kernel (-1/2, 0, 1/2)

    trace = gn.backward(net, X[0], y[0])
    print("the gradient of k1 is the sum over its edges of delta_j v_i:")
    for u, v in net.shared("k1"):
        print(f"  {u} -> {v}: {trace.delta[v]:+.4f} x {trace.v[u]:.0f}")
    print(f"  dl/dk1 = {trace.gradient[net.shared('k1')[0]]:+.4f}")

    print(f"\n{len(net.edges)} edges, {len(gn.compile(net).theta)} weights")
    gn.train(net, X, y, optimizer=gn.SGD(0.05), epochs=30)
    for name, expected in (("k1", -0.5), ("k2", 0.0), ("k3", 0.5), ("b", 0.0)):
        print(
            f"  {name} = {net.edges[net.shared(name)[0]]['weight']:+.4f}, expected {expected:+.1f}"
        )

    image = convolution_2d((4, 4), [[1.0, 0.0], [0.0, -1.0]], bias=0.0)
    print(f"\na 2 x 2 kernel over a 4 x 4 image: {image}, {len(gn.compile(image).theta)} weights")
    gn.draw(net, folder / "10_convolution.svg")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
