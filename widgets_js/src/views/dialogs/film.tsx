/** Where a picture is in its film: a bar with its shot, and the items around it in time. */
import { useEffect, useState } from "preact/hooks";
import { timecode, visible } from "../../lib/text";
import { type FilmReply, KernelError } from "../../protocol/messages";
import { shownName } from "../../state/cluster_list";
import { useStore } from "../../state/store";
import { Cover, Dot } from "../controls";

const EACH_SIDE = 6;

function useFilm(row: number): FilmReply | null {
  const { transport, kernel, ui } = useStore();
  const [film, setFilm] = useState<{ row: number; reply: FilmReply } | null>(null);
  const known = kernel.meta.value?.columns.some((c) => c.name === "time_s") ?? false;
  useEffect(() => {
    let open = true;
    if (known)
      transport.send({ kind: "get_film", row, count: EACH_SIDE }).then(
        ({ reply }) => open && setFilm({ row, reply }),
        (error: unknown) => {
          // An item without a time has no place in the film: nothing to say.
          if (!(error instanceof KernelError && error.code === "missing")) ui.fail(error);
        },
      );
    return () => {
      open = false;
    };
  }, [row, known]);
  return film?.reply.rows.includes(row) ? film.reply : null;
}

export function FilmStrip({ row, show }: { row: number; show(row: number): void }) {
  const { kernel } = useStore();
  const film = useFilm(row);
  if (!film) return null;
  const at = film.rows.indexOf(row);
  const length = Math.max(1e-9, film.lastS - film.firstS);
  const place = (time: number): string => `${(100 * (time - film.firstS)) / length}%`;
  const now = film.times[at] as number;
  const shot = film.shots[at] as number;
  const from = film.shotFirstS ?? now;
  const to = film.shotLastS ?? now;
  return (
    <section class="sh-film" aria-label="Its place in the film" data-testid="film">
      <div class="sh-film-bar" title={`${timecode(now)} of ${timecode(film.lastS)}`}>
        <i
          class="sh-film-shot"
          style={{ left: place(from), width: `max(2px, ${(100 * (to - from)) / length}%)` }}
        />
        <i class="sh-film-now" style={{ left: place(now) }} />
      </div>
      <div class="sh-film-strip">
        {film.rows.map((other, k) => {
          const cluster = kernel.clusterOf(kernel.codes[other] as number);
          const cut = k > 0 && film.shots[k] !== film.shots[k - 1];
          const name = cluster ? visible(shownName(cluster)) : "";
          return (
            <button
              key={other}
              type="button"
              class={`sh-film-item${other === row ? " sh-on" : ""}${cut ? " sh-cut" : ""}`}
              aria-current={other === row ? "true" : undefined}
              aria-label={`${timecode(film.times[k] as number)}, ${name}`}
              title={`${timecode(film.times[k] as number)} · ${name}`}
              data-row={other}
              onClick={() => other !== row && show(other)}
            >
              <Cover row={other} px={56} fluid />
              <span class="sh-film-time">
                <Dot cluster={cluster} /> {timecode(film.times[k] as number)}
              </span>
            </button>
          );
        })}
      </div>
      <p class="sh-muted sh-film-words">
        {shot >= 0 && `Shot ${shot}, ${timecode(from)} to ${timecode(to)} · `}
        {timecode(now)} of {timecode(film.lastS)}
      </p>
    </section>
  );
}
