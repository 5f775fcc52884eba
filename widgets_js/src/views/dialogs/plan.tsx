/** What a save would do, in words: what goes where, what gets another name and why, what is refused, what the backup costs. */
import { bytes, grouped, plural, visible } from "../../lib/text";
import type { PlanReply, PlanRow } from "../../protocol/messages";

export type Backup = "link" | "copy" | "none";

const BACKUPS: Record<Backup, string> = {
  link: "by links (fast, almost no space)",
  copy: "by copies of the bytes",
  none: "none",
};
const MOST = 300;

const folder = (name: string) => visible(name.endsWith("/") || name === "" ? name : `${name}/`);

function Rows({ rows }: { rows: readonly PlanRow[] }) {
  return (
    <table class="sh-plan">
      <thead>
        <tr>
          <th scope="col">what</th>
          <th scope="col">from</th>
          <th scope="col">to</th>
          <th scope="col" class="sh-right">
            files
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, MOST).map((r, k) => (
          <tr key={k}>
            <td>{r.what}</td>
            <td class="sh-path">{folder(r.source)}</td>
            <td class="sh-path">{folder(r.target)}</td>
            <td class="sh-right sh-num">
              {grouped(r.files)}
              {r.sidecars > 0 && ` + ${plural(r.sidecars, "sidecar")}`}
            </td>
          </tr>
        ))}
        {rows.length > MOST && (
          <tr>
            <td colSpan={4}>and {grouped(rows.length - MOST)} more lines</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

export function Plan({
  plan,
  files,
  backup,
  setBackup,
}: {
  plan: PlanReply;
  files: boolean;
  backup: Backup;
  setBackup(b: Backup): void;
}) {
  return (
    <div class="sh-sheet-scroll" tabIndex={0} role="region" aria-label="Plan">
      {plan.rows.length > 0 && <Rows rows={plan.rows} />}
      {plan.rows.length === 0 && (
        <p class="sh-sheet-body">No file has to move; names, covers and marks are written to the report.</p>
      )}
      {plan.refusals.length > 0 && (
        <div class="sh-note sh-note-warn" data-testid="refusals">
          {plan.refusals.slice(0, 20).map((r, k) => (
            <p key={k}>
              <span class="sh-path">{visible(r.path)}</span>: {visible(r.reason)} <b>{visible(r.hint)}</b>
            </p>
          ))}
          {plan.refusals.length > 20 && <p>and {grouped(plan.refusals.length - 20)} more</p>}
        </div>
      )}
      {(plan.renamed.length > 0 || plan.notes.length > 0) && (
        <div class="sh-note">
          {plan.renamed.map((sentence, k) => (
            <p key={k}>{visible(sentence)}</p>
          ))}
          {plan.nRenamed > plan.renamed.length && (
            <p>and {grouped(plan.nRenamed - plan.renamed.length)} more get another name</p>
          )}
          {plan.notes.map((note, k) => (
            <p key={`n${k}`}>{visible(note)}</p>
          ))}
        </div>
      )}
      {files && (
        <ul class="sh-files">
          {plan.files.map(([from, to], k) => (
            <li key={k}>
              <span class="sh-path">{visible(from)}</span> → <span class="sh-path">{visible(to)}</span>
            </li>
          ))}
          {plan.nFiles > plan.files.length && <li>and {grouped(plan.nFiles - plan.files.length)} more</li>}
        </ul>
      )}
      <p class="sh-backup">
        <label>
          Backup{" "}
          <select
            class="sh-input"
            value={backup}
            data-testid="backup"
            onChange={(e) => setBackup(e.currentTarget.value as Backup)}
          >
            {(Object.keys(BACKUPS) as Backup[]).map((b) => (
              <option key={b} value={b}>
                {BACKUPS[b]}
              </option>
            ))}
          </select>
        </label>
        <span>
          {backup === "none"
            ? "This save cannot be taken back on disk"
            : `${bytes(plan.extraBytes)} · can be restored`}{" "}
          · nothing is overwritten or deleted
        </span>
      </p>
    </div>
  );
}
