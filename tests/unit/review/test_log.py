"""The edit log: checksummed, chained, torn tails set aside, gaps never guessed over."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoal.errors import ConflictError, DamagedError, SaveError
from shoal.review.log import EditLog, read_log


def fill(path, n):
    log = EditLog(path)
    list(log.read_new())
    for i in range(n):
        log.append(
            "do", cursor=i + 1, label=f"edit {i} <b> é", at="2026-01-01T00:00:00.000Z", actor="ann", change={}
        )
    log.close()
    return path.read_bytes()


def reopened(path):
    log = EditLog(path)
    records = list(log.read_new())
    return log, records


def test_lines_are_json_with_all_fields(tmp_path):
    data = fill(tmp_path / "actions.jsonl", 2)
    first, second = (json.loads(line) for line in data.splitlines())
    assert list(first) == ["v", "seq", "base", "actor", "at", "kind", "cursor", "label", "change", "check"]
    assert (first["seq"], second["seq"], second["base"]) == (1, 2, 1)


def test_every_byte_of_a_torn_last_line(tmp_path):
    """Fault row 4: whatever is left of the last line, the others are back, the rest is set aside."""
    path = tmp_path / "actions.jsonl"
    whole = fill(path, 4)
    start = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        log, records = reopened(path)
        assert [r.seq for r in records] == [1, 2, 3]
        assert path.read_bytes() == whole[:start]
        assert (log.torn is None) == (cut == start)
        if log.torn is not None:
            assert log.torn.read_bytes() == whole[start:cut]
        log.close()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_flipped_bit_is_seen(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("log") / "actions.jsonl"
    whole = bytearray(fill(path, 3))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    last = bytes(whole).rindex(b"\n", 0, len(whole) - 1) + 1 if whole[-1:] == b"\n" else 0
    try:
        records = [r for r, _, _ in read_log(bytes(whole))]
    except DamagedError:
        return
    # only damage in the last line may be taken for a torn tail
    assert place >= last or not last
    assert len(records) == 2


def test_a_missing_line_is_an_error(tmp_path):
    path = tmp_path / "actions.jsonl"
    lines = fill(path, 4).splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2] + lines[3])
    with pytest.raises(DamagedError, match="line 2"):
        reopened(path)


def test_a_newer_version_is_refused_not_guessed(tmp_path):
    import zlib

    body = b'{"v":99,"seq":1,"base":0,"actor":"a","at":"","kind":"do","cursor":1,"label":""'
    (tmp_path / "actions.jsonl").write_bytes(body + b',"check":"%08x"}\n' % zlib.crc32(body))
    with pytest.raises(DamagedError, match="newer"):
        reopened(tmp_path / "actions.jsonl")


def test_two_sessions_never_write_over_each_other(tmp_path):
    """Fault row 19, for the log: one wins, the other hears of it and can follow."""
    path = tmp_path / "actions.jsonl"
    fill(path, 1)
    (one, _), (two, _) = reopened(path), reopened(path)
    one.append("do", cursor=2, label="one", at="", actor="a", change={})
    with pytest.raises(ConflictError):
        two.append("do", cursor=2, label="two", at="", actor="b", change={})
    assert [r.label for r in two.read_new()] == ["one"]
    two.append("do", cursor=3, label="two", at="", actor="b", change={})
    assert [r.label for r in one.read_new()] == ["two"]
    assert [r.seq for r in reopened(path)[1]] == [1, 2, 3]


def test_a_disk_that_fails_to_sync_is_reported_and_never_retried(tmp_path, monkeypatch):
    """Fault row 5, for the log."""
    path = tmp_path / "actions.jsonl"
    fill(path, 1)
    log, _ = reopened(path)

    def fail(_fd):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", fail)
    with pytest.raises(SaveError, match="Input/output error"):
        log.append("do", cursor=2, label="x", at="", actor="a", change={})
    monkeypatch.undo()
    with pytest.raises(SaveError, match="before"):
        log.append("do", cursor=2, label="x", at="", actor="a", change={})
    assert [r.seq for r in reopened(path)[1]] == [1]
