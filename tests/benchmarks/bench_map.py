"""Map and clusters beside umap-learn twice (2-D, 5-D) and hdbscan: time, agreement, trust, memory."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.steps.cluster import cluster
from shoal.steps.neighbours import find_neighbours, neighbours
from shoal.steps.project import project
from tests.benchmarks import vector_sets

IDS = ("map.",)
PEER = "umap-learn 2-D + umap-learn 5-D + hdbscan"
SMALL, SEEDS = 10_000, 3

Vectors = npt.NDArray[np.float32]
Found = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


def ours(vectors: Vectors, seed: int = 0) -> Found:
    """Clusters and map with the defaults."""
    embeddings = vector_sets.as_embeddings(vectors)
    graph = neighbours(embeddings, k=14, pca=50, seed=seed, progress=False)
    found = cluster(embeddings, graph=graph, seed=seed, progress=False)
    return found.labels, project(embeddings, graph=graph, seed=seed, progress=False).xy


def theirs(vectors: Vectors, seed: int = 0) -> Found:
    """The usual way: one UMAP to look at, one to cluster in, HDBSCAN with the same sizes."""
    import hdbscan
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        xy = umap.UMAP(random_state=seed).fit_transform(vectors)
        space = umap.UMAP(n_components=5, min_dist=0.0, random_state=seed).fit_transform(vectors)
        labels = hdbscan.HDBSCAN(min_cluster_size=12, min_samples=2).fit_predict(space)
    return np.asarray(labels, np.int32), np.asarray(xy, np.float32)


def warm_up() -> None:
    """Compile everything, ours and theirs, before the clock runs."""
    vectors, _ = vector_sets.mixture(5_000, dims=64, groups=20)
    ours(vectors)
    theirs(vectors)
    find_neighbours(vector_sets.mixture(31_000, dims=16, groups=20)[0], k=14, pca=10, seed=0)


def speed(n: int = 100_000) -> dict[str, Any]:
    """One row: seconds for n × 512, ours and theirs; ours before and after theirs, so that load is shared."""
    warm_up()
    vectors, _ = vector_sets.mixture(n)
    seconds: list[float] = []
    for run in (ours, theirs, ours):
        started = time.perf_counter()
        run(vectors)
        seconds.append(time.perf_counter() - started)
    mine = statistics.mean((seconds[0], seconds[2]))
    ratio = seconds[1] / mine
    return {
        "id": "map.100k.vs_umap_hdbscan", "value": mine, "unit": "s", "peer": PEER,
        "peer_value": seconds[1], "ratio": ratio, "bar": 5.0, "passed": ratio >= 5.0,
        "note": f"{n:,} × 512, groups in noise; everything compiled before; ours before and after theirs: "
        f"{seconds[0]:.1f} and {seconds[2]:.1f} s",
    }  # fmt: skip


def sets() -> dict[str, vector_sets.Labelled]:
    """The real sets that are here."""
    from shoal.steps.embed import embed

    found = {"digits": vector_sets.digits()}
    clothes = vector_sets.fashion()
    if clothes is not None:
        found["fashion-mnist"] = clothes
    data = vector_sets.data_folder()
    if data is not None:
        for name, read in (("cast", vector_sets.cast_items), ("orl", vector_sets.orl_items)):
            items, labels = read(data)
            found[name] = (embed(items, model="efficientnet-lite2", progress=False).vectors, labels)
    return found


def quality(vectors: Vectors, labels: npt.NDArray[np.int64], run: Any) -> tuple[float, float]:
    """Median ARI and trustworthiness (15 neighbours, at most 5,000 rows) over seeds: three for small sets."""
    from sklearn.manifold import trustworthiness
    from sklearn.metrics import adjusted_rand_score

    looked_at = np.arange(len(vectors))
    if len(vectors) > 5_000:
        looked_at = np.random.default_rng(0).choice(len(vectors), 5_000, replace=False)
    scores = []
    for seed in range(SEEDS if len(vectors) <= SMALL else 1):
        found, xy = run(vectors, seed)
        trust = trustworthiness(vectors[looked_at], xy[looked_at], n_neighbors=15)
        scores.append((float(adjusted_rand_score(labels, found)), float(trust)))
    return statistics.median(s[0] for s in scores), statistics.median(s[1] for s in scores)


def ratios() -> list[dict[str, Any]]:
    """Two rows: the third best ratio over the real sets, so that at least three reach it."""
    measured = {name: [quality(*known, run) for run in (ours, theirs)] for name, known in sets().items()}
    rows = []
    for at, what in enumerate(("ari", "trust")):
        by_set = {name: (ours_[at], theirs_[at]) for name, (ours_, theirs_) in measured.items()}
        order = sorted(by_set, key=lambda name: by_set[name][0] / by_set[name][1], reverse=True)
        third = by_set[order[min(2, len(order) - 1)]]
        said = "; ".join(f"{name} {by_set[name][0]:.3f} : {by_set[name][1]:.3f}" for name in by_set)
        rows.append(
            {
                "id": f"map.100k.{what}_ratio", "value": third[0], "unit": "score", "peer": PEER,
                "peer_value": third[1], "ratio": third[0] / third[1], "bar": 0.98,
                "passed": len(order) >= 3 and third[0] / third[1] >= 0.98,
                "note": f"the third best of {len(order)} real sets, ours : theirs; {said}. "
                "Medians of three seeds (one for fashion-mnist)",
            }
        )  # fmt: skip
    return rows


def _million(n: int, answers: Any) -> None:
    vectors, _ = vector_sets.mixture(n)
    started = time.perf_counter()
    labels, xy = ours(vectors)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    # ru_maxrss counts KiB on Linux
    peak, busy = used.ru_maxrss / 2**20, (used.ru_utime + used.ru_stime) / 60
    answers.put((seconds, peak, int(labels.max()) + 1, bool(np.isfinite(xy).all()), busy))


def million(n: int = 1_000_000) -> list[dict[str, Any]]:
    """Two rows: minutes and peak memory of a process that clusters and maps a million vectors."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=_million, args=(n, answers))
    child.start()
    seconds, peak, clusters, finite, busy = answers.get(timeout=3600)
    child.join()
    note = f"{n:,} × 512, {clusters} clusters; compiling included; {busy:.1f} minutes of processor time"
    return [
        {"id": "map.1m.minutes", "value": seconds / 60, "unit": "min", "bar": 15,
         "passed": finite and seconds <= 900, "note": note},
        {"id": "map.1m.gib", "value": peak, "unit": "GiB", "bar": 24, "passed": peak <= 24, "note": note},
    ]  # fmt: skip


def rows(only: str = "") -> list[dict[str, Any]]:
    """The rows that are asked for."""
    parts = {
        ("map.100k.vs_umap_hdbscan",): lambda: [speed()],
        ("map.100k.ari_ratio", "map.100k.trust_ratio"): ratios,
        ("map.1m.minutes", "map.1m.gib"): million,
    }
    return [row for ids, run in parts.items() if any(i.startswith(only) for i in ids) for row in run()]
