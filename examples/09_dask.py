"""Dask: choosing a network by cross-validation on a cluster, here of two processes.

You learn that restarts and scikit-learn's searches run elsewhere without another line: what stands
within `joblib.parallel_config(backend="dask")` goes to the cluster, and the results are those of
one process. Needs `python -m pip install 'graphnn[sklearn,dask]'`.

Source: scikit-learn's user guide, "Tuning the hyper-parameters of an estimator".
"""

from __future__ import annotations

from pathlib import Path

import joblib
from distributed import Client, LocalCluster
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import graphnn as gn

CHOICES = {
    "graphclassifier__hidden_layer_sizes": [(2,), (8,), (8, 8)],
    "graphclassifier__alpha": [1e-4, 1.0],
}


def main(folder: Path) -> None:
    """Search a grid and make restarts, both on a cluster.

    Args:
        folder: For pictures; there are none here.
    """
    X, y = load_wine(return_X_y=True)
    # The scaler is fitted anew to the training part of each fold.
    model = make_pipeline(
        StandardScaler(), gn.GraphClassifier(solver="lbfgs", activation="tanh", random_state=0)
    )
    search = GridSearchCV(model, CHOICES, cv=StratifiedKFold(5, shuffle=True, random_state=0))

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        search.fit(X, y)
        net = gn.Network.dense([13, 4, 3], ["tanh", "identity"], seed=0)
        inputs = StandardScaler().fit_transform(X)
        restarts = gn.train(net, inputs, y, "softmax_cross_entropy", epochs=20, restarts=8)

    results = search.cv_results_
    print("hidden layers   alpha    accuracy over 5 folds")
    for choice, mean, spread in zip(
        results["params"], results["mean_test_score"], results["std_test_score"], strict=True
    ):
        layers, alpha = (choice[name] for name in CHOICES)
        print(f"{layers!s:<15} {alpha:<8g} {mean:.3f} +- {spread:.3f}")
    best = [search.best_params_[name] for name in CHOICES]
    print(f"\nbest: hidden layers {best[0]}, alpha {best[1]:g}: {search.best_score_:.3f}")
    print(f"\n{len(restarts.runs)} restarts on the cluster:\n{restarts}")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
