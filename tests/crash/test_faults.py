"""Faults of a real system: full, read-only and foreign disks, limits, kills, and two owners at once."""

from __future__ import annotations

import codecs
import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest

import shoal.disk.save as save_module
from shoal.disk import Wish, apply_plan, committed, make_plan, recover, restore, scan
from shoal.disk.records import Step, encode, in_order
from shoal.errors import BadInputError, ConflictError, SaveError
from tests.unit.disk.folders import build, planned, save, tree
from tests.unit.disk.test_plan import made_scan
from tests.unit.disk.test_records import RECORD

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}

SAVE = """
import sys
from pathlib import Path
from shoal.errors import ShoalError
from tests.unit.disk.folders import save
root = Path(sys.argv[1])
try:
    save(root, dict(pair.split("=") for pair in sys.argv[2:]))
except ShoalError as error:
    print("refused:", error, flush=True)
    sys.exit(3)
print("saved", flush=True)
"""


def child(*args: str, before: list[str] | None = None, **kwargs: object) -> subprocess.CompletedProcess[str]:
    """Run the save above in another process."""
    command = [*(before or []), sys.executable, "-c", SAVE, *args]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, **kwargs)  # type: ignore[call-overload]


def in_namespace(tmp_path: Path, mount: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the save with mounts of its own, or skip where an ordinary user may not."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    probe = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", f"mount -t tmpfs none {tmp_path}"], capture_output=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip("mount namespaces are not allowed here")
    script = f'{mount} && exec "$@"'
    return child(*args, before=["unshare", "-Urm", "sh", "-c", script, "sh"])


def test_a_full_disk_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    """Fault row 6, with a real ENOSPC."""
    root = tmp_path / "root"
    (tmp_path / "seed").mkdir()
    build(tmp_path / "seed", [f"a/{i}.png" for i in range(300)] + ["b/x.png"])
    root.mkdir()
    fill = f"mount -t tmpfs -o size=2m none {root} && cp -r {tmp_path}/seed/. {root} && "
    fill += f"(cat /dev/zero > {root}/filler 2>/dev/null || true)"
    check = f"; code=$?; find {root}/a -name '*.png' | wc -l; exit $code"
    script = f"{fill}; {sys.executable} -c '{SAVE}' {root} a/1.png=b/1.png {check}"
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("mount namespaces are not allowed here")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "bytes free" in done.stdout or "No space left" in done.stdout
    assert "300" in done.stdout


def test_a_read_only_cluster_is_refused_before_anything_moves(tmp_path: Path) -> None:
    """Fault row 8, with a real EROFS: a cluster that is mounted read-only."""
    old = build(tmp_path, ["a/1.png", "b/1.png"])
    mount = f"mount --bind {tmp_path}/b {tmp_path}/b && mount -o remount,bind,ro {tmp_path}/b"
    done = in_namespace(tmp_path, mount, str(tmp_path), "a/1.png=b/2.png")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "'b' cannot be written to" in done.stdout
    assert tree(tmp_path) == old
    assert not committed(tmp_path)


def test_a_folder_that_this_user_may_not_write_to_is_refused() -> None:
    """Fault row 8, with a real EACCES."""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        root = Path(name)
        root.chmod(0o755)
        old = build(root, ["a/1.png", "b/1.png"])
        (root / "b").chmod(0o555)
        if os.geteuid() == 0:
            for path in (root, root / "a", root / "a/1.png"):
                os.chown(path, NOBODY, NOBODY)
            assert said_as_nobody(root, {"a/1.png": "b/2.png"}).startswith("'b' cannot be written to")
        else:
            with pytest.raises(SaveError, match="'b' cannot be written to"):
                save(root, {"a/1.png": "b/2.png"})
        (root / "b").chmod(0o755)
        assert tree(root) == old
        assert not committed(root)


def said_as_nobody(root: Path, wishes: dict[str, str]) -> str:
    """The error of a save by an ordinary user in a process of its own."""
    codecs.lookup("ascii")  # that user may not be able to read the library any more
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = "saved"
        try:
            os.seteuid(NOBODY)
            save(root, wishes)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent judges it
            said = str(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


@pytest.mark.parametrize("kind", ["tmpfs", "bind"])
def test_a_cluster_on_another_mount_is_refused_and_nothing_is_changed(tmp_path: Path, kind: str) -> None:
    """Fault row 9: another disk is seen before, a mount of the same disk by the rename that it refuses."""
    old = build(tmp_path, ["a/1.png", "a/2.png", "b/1.png", "c/3.png"])
    mount = (
        f"mount -t tmpfs none {tmp_path}/b" if kind == "tmpfs" else f"mount --bind {tmp_path}/b {tmp_path}/b"
    )
    done = in_namespace(tmp_path, mount, str(tmp_path), "c/3.png=a/3.png", "a/1.png=b/2.png")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "another disk" in done.stdout or "Invalid cross-device link" in done.stdout
    assert tree(tmp_path) == old
    assert recover(tmp_path).action == "nothing"


def test_running_out_of_file_handles(tmp_path: Path) -> None:
    """Fault row 7: with few handles the save goes through or says so."""
    names = [f"c{i}/{j}.png" for i in range(150) for j in range(2)]
    old = build(tmp_path, names)
    wishes = {f"c{i}/{j}.png": f"c{(i + 1) % 150}/x{j}.png" for i in range(150) for j in range(2)}
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 40, hard))
    try:
        save(tmp_path, wishes)
    except (SaveError, BadInputError) as error:
        assert os.strerror(errno.EMFILE) in str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    recover(tmp_path)
    assert tree(tmp_path) in (old, {wishes[path]: data for path, data in old.items()})
    assert bool(committed(tmp_path)) == (tree(tmp_path) != old)


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """Fault row 6, with a real EFBIG: whichever file is cut off, the error is said and nothing moved."""
    names = [f"a/{i:03d}.png" for i in range(60)]
    old = build(tmp_path, [*names, "b/x.png"])
    wishes = [f"{name}=b/{name[2:]}" for name in names]
    for limit in (256, 700, 1_500):
        # Python ignores the signal that comes with it, so the write itself fails.
        set_limit = lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))  # noqa: E731
        done = child(str(tmp_path), *wishes, preexec_fn=set_limit)
        assert done.returncode == 3, done.stdout + done.stderr
        assert os.strerror(errno.EFBIG) in done.stdout
        assert tree(tmp_path) == old
        assert not committed(tmp_path)
        assert recover(tmp_path).action in ("nothing", "cleaned")
    assert child(str(tmp_path), *wishes).returncode == 0
    assert len(tree(tmp_path)) == len(old)
    assert not [path for path in tree(tmp_path) if path.startswith("a/")]


TOLD_TO_FAIL = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]


@pytest.mark.parametrize("first", [1, 3, 5, 7, 9])
@pytest.mark.parametrize("more", ["", "+"], ids=["once", "from then on"])
def test_a_disk_that_fails_to_sync(tmp_path: Path, first: int, more: str) -> None:
    """Fault row 5, with a real EIO of the system call: "saved" is never said of what may not be on disk."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace here")
    old = build(tmp_path, ["a/1.png", "a/2.png", "b/1.png"])
    new = {"b/1.png": old["a/1.png"], "a/2.png": old["a/2.png"], "a/1.png": old["b/1.png"]}
    inject = f"inject=fsync,fdatasync:error=EIO:when={first}{more}"
    before = ["strace", *TOLD_TO_FAIL, "-e", inject]
    done = child(str(tmp_path), "a/1.png=b/1.png", "b/1.png=a/1.png", before=before)
    if "ptrace" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("tracing is not allowed here")
    if done.returncode == 3:
        assert os.strerror(errno.EIO) in done.stdout
        assert "saved" not in done.stdout.splitlines()
        recover(tmp_path)
        assert tree(tmp_path) == old
        assert not committed(tmp_path)
    else:
        # The failing sync came after the commit was on disk.
        assert done.returncode == 0, done.stdout + done.stderr
        assert first >= 9
        recover(tmp_path)
        assert tree(tmp_path) == new


@pytest.mark.parametrize("where", ["make_backup", "encode", "carry_out"])
def test_running_out_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Fault row 7: the error comes out, the folder is as it was, and the next save works."""
    old = build(tmp_path, ["a/1.png", "b/1.png"])

    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(save_module, where, no_memory)
        with pytest.raises(MemoryError):
            save(tmp_path, {"a/1.png": "b/2.png"})
    assert tree(tmp_path) == old
    assert recover(tmp_path).action == "nothing"
    assert save(tmp_path, {"a/1.png": "b/2.png"}).revision == 1


def test_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault row 21: order is by revision, names are never taken twice."""
    build(tmp_path, ["a/0.png", "b/1.png"])
    records = []
    for n, seconds in enumerate((2_000_000_000, 1_000_000_000, 1_000_000_000)):
        monkeypatch.setattr(time, "time_ns", lambda seconds=seconds: seconds * 10**9)
        records.append(save(tmp_path, {f"a/{n}.png": f"a/{n + 1}.png"}))
    assert committed(tmp_path) == records
    assert [r.revision for r in records] == [1, 2, 3]
    assert records[0].at > records[1].at
    assert len({r.changes_file for r in records}) == 3
    restore(tmp_path, 1)
    assert (tmp_path / "a/1.png").exists()


KILL = """
import os, sys, random, signal, threading, time
from pathlib import Path
from tests.unit.disk.folders import save
from shoal.disk import scan
root = Path(sys.argv[1])
threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
while True:
    items = scan(root, check="none").items
    other = {"a": "b", "b": "a"}
    save(root, {i.path: f"{other[i.cluster]}/{i.name}" for i in items})
"""


def test_processes_that_are_killed_at_any_time(tmp_path: Path) -> None:
    """Fault row 1 without a shim: real processes, real SIGKILL."""
    old = build(tmp_path, [f"a/{i}.png" for i in range(20)] + [f"b/b{i}.png" for i in range(20)])
    swapped = {("b" if p[0] == "a" else "a") + p[1:]: data for p, data in old.items()}
    for n in range(6):
        command = [sys.executable, "-c", KILL, str(tmp_path), str(0.35 + 0.037 * n)]
        killed = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        recover(tmp_path)
        done = len(committed(tmp_path))
        assert tree(tmp_path) == (swapped if done % 2 else old), f"round {n}, {done} saves"
    assert len(committed(tmp_path)) > 0


RACE = """
import sys
from pathlib import Path
from shoal.errors import BadInputError, ConflictError, SaveError
from tests.unit.disk.folders import save
from shoal.disk import scan
root, me, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
won = lost = 0
for n in range(rounds):
    try:
        found = scan(root, check="none")
        item = found.items[(n * 7 + len(me)) % len(found.items)]
        save(root, {item.path: f"{me}/{item.name}"})
        won += 1
    except (ConflictError, SaveError):
        lost += 1
print(won, lost)
"""


def test_two_processes_save_one_folder_a_thousand_times(tmp_path: Path) -> None:
    """Fault row 19: one wins, the other is told; nothing is lost, and the log tells the tree."""
    old = build(tmp_path, [f"a/{i}.png" for i in range(6)])
    commands = [[sys.executable, "-c", RACE, str(tmp_path), me, "500"] for me in ("x", "yy")]
    running = [subprocess.Popen(c, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) for c in commands]
    counts = []
    for process in running:
        out, _ = process.communicate(timeout=280)
        assert process.returncode == 0
        counts.append(tuple(int(n) for n in out.split()))
    assert sum(won + lost for won, lost in counts) == 1000
    assert sorted(tree(tmp_path).values()) == sorted(old.values())
    where = {path: path for path in old}
    for record in committed(tmp_path):
        moved = dict(record.moves)
        where = {path: moved.get(at, at) for path, at in where.items()}
    assert {where[path]: data for path, data in old.items()} == tree(tmp_path)
    # A save with nothing to move is one too.
    assert len(committed(tmp_path)) == sum(won for won, _ in counts)


def test_a_stale_plan_loses_against_a_save_in_between(tmp_path: Path) -> None:
    """Fault row 26 at the level of the disk."""
    build(tmp_path, ["a/1.png", "a/2.png", "b/1.png"])
    found, plan = scan(tmp_path, check="none"), planned(tmp_path, {"a/1.png": "b/9.png"})
    save(tmp_path, {"a/2.png": "b/8.png"})
    before = tree(tmp_path)
    with pytest.raises(ConflictError, match="revision 1"):
        apply_plan(tmp_path, plan, expected=found, report={}, changes={})
    assert tree(tmp_path) == before


def test_planning_and_the_record_are_linear_in_memory() -> None:
    """Fault row 33: twice the files take at most little more than twice the room."""

    def peak(n: int) -> int:
        found = made_scan([f"c{i % 100}/{i}.png" for i in range(n)])
        tracemalloc.start()
        plan = make_plan(found, [Wish(i.path, "noise", i.name) for i in found.items])
        steps = in_order(Step(m.src, m.dst, 1, 1, 1) for m in plan.moves)
        size = len(encode(RECORD.__class__(**{**_facts(), "steps": steps})))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size < 200 * n
        return used

    small, large = peak(10_000), peak(20_000)
    assert large < 2.4 * small
    assert large / 20_000 < 3_000, "bytes for each file that moves"


def test_a_whole_save_is_linear_in_memory(tmp_path: Path) -> None:
    """Fault row 33: half of the files in one folder; the benchmarks do it with a million."""

    def peak(n: int) -> int:
        root = tmp_path / str(n)
        names = [f"large/{i}.png" for i in range(n // 2)] + [f"c{i // 10}/{i}.png" for i in range(n // 2)]
        for folder in {name.partition("/")[0] for name in names}:
            (root / folder).mkdir(parents=True)
        for name in names:
            (root / name).touch()
        wishes = {f"large/{i}.png": f"c0/l{i}.png" for i in range(0, n // 2, 2)}
        tracemalloc.start()
        done = save(root, wishes)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(done.moves) == n // 4
        assert len(list(root.glob("*/*.png"))) == n
        return used

    small, large = peak(1_000), peak(2_000)
    assert large < 2.3 * small
    assert large / 2_000 < 4_000, "bytes for each file of the folder"


def _facts() -> dict[str, object]:
    return {name: getattr(RECORD, name) for name in RECORD.__dataclass_fields__}
