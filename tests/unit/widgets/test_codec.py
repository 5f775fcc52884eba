"""Arrays and sets of rows as buffers."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import BadInputError
from shoal.widgets.codec import Buffers, decode_array, decode_items, visible_text
from shoal.widgets.protocol.base import ArrayRef, ItemSet

N = 500
ROWS = st.one_of(
    st.sets(st.integers(0, N - 1)).map(lambda s: np.array(sorted(s), np.int64)),
    st.tuples(st.integers(0, N), st.integers(0, N)).map(lambda p: np.arange(min(p), max(p))),
)


@given(ROWS)
def test_a_set_comes_back_and_costs_at_most_a_bit_a_row(rows):
    out = Buffers()
    ref = out.items(rows, N)
    assert decode_items(ref, out.parts, N).tolist() == rows.tolist()
    assert out.size <= (N + 7) // 8


def test_half_a_million_of_a_million_cost_125_kb():
    rows = np.flatnonzero(np.random.default_rng(0).random(1_000_000) < 0.5)
    out = Buffers()
    assert out.items(rows, 1_000_000).encoding == "bits"
    assert out.size == 125_000


@pytest.mark.parametrize("dtype", ["int32", "uint8", "float32", "float64"])
def test_arrays_come_back(dtype):
    values = np.arange(12).reshape(4, 3).astype(dtype)
    out = Buffers()
    ref = out.array(values[::2])
    assert (ref.dtype, ref.shape) == (dtype, [2, 3])
    assert decode_array(ref, out.parts).tolist() == values[::2].tolist()


@pytest.mark.parametrize(
    "ref",
    [
        ArrayRef(dtype="int32", shape=[3], buffer=0),
        ArrayRef(dtype="int32", shape=[-2], buffer=0),
        ArrayRef(dtype="int32", shape=[2], buffer=1),
    ],
)
def test_arrays_that_do_not_fit_their_buffer_are_refused(ref):
    with pytest.raises(BadInputError):
        decode_array(ref, [b"12345678"])


@pytest.mark.parametrize(
    ("encoding", "count", "data"),
    [
        ("rows", 1, b"\xff\xff\xff\x7f"),
        ("rows", 2, b"\x01\0\0\0"),
        ("rows", 1, b"\x01\0"),
        ("ranges", 1, b"\x01\0\0\0\xff\xff\xff\xff"),
        ("ranges", 1, b"\x05\0\0\0\x02\0\0\0"),
        ("bits", 3, b"\x01"),
        ("bits", 1, b"\0" * 63 + b"\x80"),
    ],
)
def test_hostile_sets_are_refused(encoding, count, data):
    with pytest.raises(BadInputError):
        decode_items(ItemSet(encoding=encoding, count=count, buffer=0), [data], N)


def test_names_that_are_no_text_become_visible():
    assert visible_text("a\udcffb") == "a\\xffb"
    assert visible_text("é<b>") == "é<b>"


def unpacked(ref, parts):
    """What a view does: inflate, then put the planes' bytes back beside each other."""
    planes = np.frombuffer(zlib.decompress(parts[ref.buffer], -zlib.MAX_WBITS), np.uint8)
    records = planes.reshape(-1, ref.shape[0]).T
    return np.ascontiguousarray(records).view(np.dtype(ref.dtype).newbyteorder("<")).reshape(ref.shape)


@pytest.mark.parametrize("dtype", ["int32", "uint16", "float32"])
@pytest.mark.parametrize("shape", [(4_000,), (2_000, 2)])
def test_packed_arrays_come_back_smaller(dtype, shape):
    values = np.sort(np.random.default_rng(1).integers(0, 300, shape), axis=0).astype(dtype)
    out = Buffers()
    ref = out.packed(values)
    assert ref.packing == "planes"
    assert np.array_equal(unpacked(ref, out.parts), values)
    assert out.size < values.nbytes / 3


def test_what_does_not_shrink_is_sent_as_it_is():
    values = np.random.default_rng(2).integers(0, 2**32, 1_000, np.uint32).view(np.int32)
    for array in (values, values[:0]):
        out = Buffers()
        ref = out.packed(array)
        assert ref.packing == "none"
        assert np.array_equal(decode_array(ref, out.parts), array)


def test_what_deflates_little_goes_as_it_is():
    values = np.random.default_rng(0).integers(0, 2**15, (30_000, 2)).astype(np.uint16)  # 15 bits of 16
    planes = zlib.compress(np.ascontiguousarray(values.view(np.uint8).reshape(len(values), -1).T).tobytes())
    assert 0.85 * values.nbytes < len(planes) < values.nbytes, "it would save something"
    out = Buffers()
    assert out.packed(values).packing == "none"
    assert out.size == values.nbytes


def test_views_send_no_packed_arrays():
    out = Buffers()
    ref = out.packed(np.zeros(1_000, np.int32))
    with pytest.raises(BadInputError, match="packed"):
        decode_array(ref, out.parts)
