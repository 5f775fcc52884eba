"""The review as pandas tables: clusters, items, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from shoal.errors import MissingError
from shoal.review import commands as cmd
from shoal.review.opinions import Opinions
from shoal.review.session import Session

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["clusters_frame", "disagreement_frame", "history_frame", "items_frame"]


def clusters_frame(session: Session) -> pd.DataFrame:
    """The clusters, largest first: id, name, size, description, tags, reviewed."""
    import pandas as pd

    state = session.state
    rows = [
        {
            "id": r.id,
            "name": r.name,
            "size": state.size(r.code),
            "description": r.description,
            "tags": r.tags,
            "reviewed": r.reviewed,
        }
        for r in state.clusters.values()
    ]
    columns = ["id", "name", "size", "description", "tags", "reviewed"]
    return pd.DataFrame(rows, columns=columns).sort_values("size", ascending=False, ignore_index=True)


def items_frame(session: Session) -> pd.DataFrame:
    """All items: id, path, cluster, tags, caption, and the columns of facts."""
    import pandas as pd

    table, state = session.table, session.state
    names = {code: cmd.name_of(state, state.id_of(code)) for code in np.unique(state.codes).tolist()}
    frame = pd.DataFrame({"id": table.ids, "path": table.paths})
    frame["cluster"] = [names[code] for code in state.codes.tolist()]
    frame["tags"] = [state.notes["tags"].get(row, ()) for row in range(len(frame))]
    frame["caption"] = [state.notes["caption"].get(row, "") for row in range(len(frame))]
    for name, values in table.columns.items():
        if values.ndim == 1 and name != "vector_row":
            frame[name] = values
    return frame


def disagreement_frame(session: Session, opinions: Opinions) -> pd.DataFrame:
    """Where two models disagree, the surest first: item, cluster, one, other, model, score, why.

    Raises
    ------
    MissingError
        When there is no second model, or the review has no vectors.
    """
    import pandas as pd

    found = opinions.disagreement()
    if found is None:
        raise MissingError(
            "there are not two models to compare",
            hint='Give the review use_vectors(vectors, name="clothes", beside=True).',
        )
    state = session.state
    rows = np.flatnonzero(found.score > 0)
    rows = rows[np.argsort(-found.score[rows], kind="stable")]

    def named(codes: npt.NDArray[np.int32]) -> list[str]:
        return [cmd.name_of(state, state.id_of(code)) for code in codes[rows].tolist()]

    items: list[str] = [session.table.ids[row] for row in rows.tolist()]
    frame = pd.DataFrame({"item": items})
    frame["cluster"], frame["one"], frame["other"] = named(state.codes), named(found.own), named(found.other)
    frame["model"] = [opinions.names[1 + number] for number in found.model[rows].tolist()]
    frame["score"] = found.score[rows]
    frame["why"] = [opinions.words(row, least=0.0) for row in rows.tolist()]
    return frame


def history_frame(session: Session) -> pd.DataFrame:
    """The history, oldest first: label, time, actor, items, checkpoint, saved, in_force."""
    import pandas as pd

    history = session.history
    rows = [
        {
            "label": e.record.label,
            "at": e.record.at,
            "actor": e.record.actor,
            "items": len(e.change.touched),
            "checkpoint": e.checkpoint,
            "saved": e.saved,
            "in_force": i < history.cursor,
        }
        for i, e in enumerate(history.entries)
    ]
    return pd.DataFrame(rows, columns=["label", "at", "actor", "items", "checkpoint", "saved", "in_force"])
