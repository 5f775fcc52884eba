"""Embedding a folder of 1080p JPEG beside the loop that everybody writes first; two workers beside one."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import shoal
from shoal.compute.batches import default_workers

IDS = ("embed.", "workers.")
PICTURES, ROUNDS = 64, 3
MOST_ROUNDS, QUIET = 6, 0.1
CLIP = Path(shoal.__file__).parent / "demo_data" / "bbb_demo.mp4"

Loop = Callable[[list[Path]], npt.NDArray[np.float32]]


def make_pictures(folder: Path, count: int) -> list[Path]:
    """Frames of the bundled film, enlarged to 1080p with some grain, as JPEG of quality 90."""
    import av

    paths: list[Path] = []
    with av.open(str(CLIP)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 16 or len(paths) == count:
                continue
            large = frame.to_image().resize((1920, 1080), Image.Resampling.LANCZOS)
            grain = np.random.default_rng(number).normal(0, 4, (1080, 1920, 1))
            pixels = (np.asarray(large) + grain).clip(0, 255).astype(np.uint8)
            paths.append(folder / f"{len(paths):04d}.jpg")
            Image.fromarray(pixels).save(paths[-1], quality=90)
    return paths


def unit(rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Rows of length 1."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clip_loop(checkpoint: Path) -> Loop:
    """The usual loop over open_clip: Pillow, its own transform, batches of 32, fp32, every core."""
    import open_clip
    import torch

    model, _, preprocess = open_clip.create_model_and_transforms("ViT-B-32", pretrained=str(checkpoint))
    model.eval()

    def loop(paths: list[Path]) -> npt.NDArray[np.float32]:
        found = []
        with torch.no_grad():
            for start in range(0, len(paths), 32):
                inputs = [preprocess(Image.open(path)) for path in paths[start : start + 32]]
                found.append(model.encode_image(torch.stack(inputs)).numpy())
        return unit(np.concatenate(found))

    return loop


def offline_loop() -> Loop:
    """The same loop over the offline model as it is published: batch norms apart, whole pictures decoded."""
    import torch

    from shoal.backends.efficientnet_lite import NAME, SIDE, build_network
    from shoal.backends.framing import letterbox
    from shoal.backends.weights import checked_path

    network = build_network()
    network.load_state_dict(torch.load(checked_path(NAME), weights_only=True))
    network.eval()

    def loop(paths: list[Path]) -> npt.NDArray[np.float32]:
        found = []
        with torch.no_grad():
            for start in range(0, len(paths), 32):
                pictures = [
                    letterbox(Image.open(path).convert("RGB"), SIDE) for path in paths[start : start + 32]
                ]
                inputs = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
                found.append(network((inputs - 127) / 128).numpy())
        return unit(np.concatenate(found))

    return loop


def save_checkpoint(path: Path) -> None:
    """ViT-B-32 with random weights of seed 0: speed and rounding do not depend on what was learnt."""
    from shoal.backends.torch_tower import guard_torchvision

    guard_torchvision()
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    save_file(open_clip.create_model("ViT-B-32").state_dict(), str(path))


def beside(
    folder: Path, paths: list[Path], model: str, loop: Loop
) -> tuple[list[float], list[float], Any, Any]:
    """Pictures a second of `shoal.embed` and of the loop, in turns, and the vectors of both."""
    ours: list[float] = []
    theirs: list[float] = []
    mine = peer = np.empty(0)
    loop(paths[:8])
    shoal.embed(shoal.Items(folder, [p.name for p in paths[:8]]), model=model, cache=False, progress=False)
    for _ in range(ROUNDS):
        began = perf_counter()
        peer = loop(paths)
        theirs.append(len(paths) / (perf_counter() - began))
        began = perf_counter()
        mine = shoal.embed(folder, model=model, cache=False, progress=False).vectors
        ours.append(len(paths) / (perf_counter() - began))
    return ours, theirs, mine, peer


def speed_row(name: str, ours: list[float], theirs: list[float], peer: str, note: str) -> dict[str, Any]:
    """One row; the ratio is the median of the rounds' ratios."""
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "id": name,
        "value": round(statistics.median(ours), 2),
        "unit": "pictures/s",
        "peer": peer,
        "peer_value": round(statistics.median(theirs), 2),
        "ratio": round(ratio, 2),
        "bar": "ratio ≥ 4.5",
        "passed": ratio >= 4.5,
        "note": note,
    }


def vitb32_rows(folder: Path, paths: list[Path], place: Path) -> list[dict[str, Any]]:
    """``embed.vitb32.vs_loop`` and ``embed.vitb32.cosine``."""
    checkpoint = place / "vitb32.safetensors"
    save_checkpoint(checkpoint)
    ours, theirs, mine, peer = beside(
        folder, paths, f"open_clip:ViT-B-32@{checkpoint}", clip_loop(checkpoint)
    )
    cosine = float((mine * peer).sum(axis=1).mean())
    middle = peer.mean(axis=0)
    centred = float((unit(mine - middle) * unit(peer - middle)).sum(axis=1).mean())
    between = float((peer @ peer.T)[~np.eye(len(peer), dtype=bool)].mean())
    return [
        speed_row(
            "embed.vitb32.vs_loop", ours, theirs, "open_clip fp32 + Pillow, batches of 32",
            f"{len(paths)} pictures of 1080p, model loaded, no cache, hashing included; rounds: "
            + ", ".join(f"{a:.1f}/{b:.1f}" for a, b in zip(ours, theirs, strict=True)),
        ),
        {
            "id": "embed.vitb32.cosine",
            "value": round(cosine, 5),
            "unit": "cosine",
            "peer": "the same loop's vectors",
            "bar": "≥ 0.995",
            "passed": cosine >= 0.995,
            "note": f"mean over the pictures; {centred:.4f} after taking the mean vector from both; two "
            f"different pictures have {between:.2f} with these random weights",
        },
    ]  # fmt: skip


def _processor_seconds(pids: list[int]) -> float:
    """What some processes have used, by ``/proc``; fields 14 and 15 of stat, in ticks."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def _busy_seconds() -> float:
    """What all processes of the machine have used: user, nice, system, irq and softirq."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    return sum(int(fields[at]) for at in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")


def workers_row(folder: Path, paths: list[Path], place: Path) -> dict[str, Any]:
    """``workers.2.vs_1``: process pools of one and of two workers, one thread in each, started and warm.

    In turns, and only rounds count in which others used less than a tenth of the machine, as long as there
    are three such; two workers cannot be twice as fast on cores that they do not have.
    """
    checkpoint = place / "vitb32.safetensors"
    if not checkpoint.exists():
        save_checkpoint(checkpoint)
    model = f"open_clip:ViT-B-32@{checkpoint}"
    items = shoal.Items(folder, [p.name for p in paths])
    context = multiprocessing.get_context("spawn")
    rounds: list[tuple[float, dict[int, float]]] = []
    found: dict[int, bytes] = {}
    pools = {n: ProcessPoolExecutor(n, mp_context=context) for n in (1, 2)}
    try:
        for pool in pools.values():  # every worker imports and loads
            shoal.embed(items, model=model, executor=pool, cache=False, progress=False)
        ours = [os.getpid(), *(pid for pool in pools.values() for pid in pool._processes)]
        while len(rounds) < MOST_ROUNDS and sum(others < QUIET for others, _ in rounds) < ROUNDS:
            busy, own, started = _busy_seconds(), _processor_seconds(ours), perf_counter()
            times: dict[int, float] = {}
            for workers, pool in pools.items():
                began = perf_counter()
                result = shoal.embed(items, model=model, executor=pool, cache=False, progress=False)
                times[workers] = perf_counter() - began
                found[workers] = result.vectors.tobytes()
            used = _busy_seconds() - busy - (_processor_seconds(ours) - own)
            rounds.append((used / (perf_counter() - started) / default_workers(), times))
    finally:
        for pool in pools.values():
            pool.shutdown()
    quiet = [entry for entry in rounds if entry[0] < QUIET]
    counted = quiet if len(quiet) >= ROUNDS else sorted(rounds, key=lambda entry: entry[0])[:ROUNDS]
    ratio = statistics.median(times[1] / times[2] for _, times in counted)
    same = found[1] == found[2]
    return {
        "id": "workers.2.vs_1",
        "value": round(len(paths) / statistics.median(times[2] for _, times in counted), 2),
        "unit": "pictures/s",
        "peer": "one process",
        "peer_value": round(len(paths) / statistics.median(times[1] for _, times in counted), 2),
        "ratio": round(ratio, 2),
        "bar": "ratio ≥ 1.8, same bytes",
        "passed": ratio >= 1.8 and same,
        "note": f"ViT-B-32, {len(paths)} pictures; bytes {'identical' if same else 'DIFFER'}; "
        f"the {len(counted)} quietest of {len(rounds)} rounds: "
        + ", ".join(f"{t[1] / t[2]:.2f} while others used {100 * o:.0f} %" for o, t in counted),
    }


def rows(only: str = "") -> list[dict[str, Any]]:
    """Rows ``embed.vitb32.*``, ``embed.offline.vs_loop`` and ``workers.2.vs_1``."""

    def wanted(name: str) -> bool:
        return name.startswith(only) or only.startswith(name)

    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="shoal-bench-") as where:
        place = Path(where)
        folder = place / "pictures"
        folder.mkdir()
        paths = make_pictures(folder, PICTURES)
        if wanted("embed.vitb32"):
            found += vitb32_rows(folder, paths, place)
        if wanted("embed.offline"):
            ours, theirs, mine, peer = beside(folder, paths, "efficientnet-lite2", offline_loop())
            cosine = float((mine * peer).sum(axis=1).mean())
            found.append(
                speed_row(
                    "embed.offline.vs_loop", ours, theirs, "the published network, fp32 + Pillow",
                    f"EfficientNet-Lite2; mean cosine to the loop's vectors {cosine:.4f}",
                )
            )  # fmt: skip
        if wanted("workers."):
            found.append(workers_row(folder, paths, place))
    return found
