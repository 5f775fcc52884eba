/** What the trash offers: everything of one reason chosen at once, and what is chosen restored. */
import { grouped, visible } from "../lib/text";
import { useStore } from "../state/store";
import { commands } from "./commands";
import { Button, MenuButton } from "./controls";

export function TrashTools() {
  const store = useStore();
  const { kernel, marks } = store;
  marks.version.value;
  kernel.codesVersion.value;
  const reasons = marks.rejected();
  const { trash } = commands(store);
  return (
    <>
      {reasons.length > 0 && (
        <MenuButton
          label="Reasons"
          title="Choose what was rejected for one reason"
          testid="reasons"
          items={() =>
            reasons.map(([word, rows]) => ({
              label: `Select ${grouped(rows.length)} ${visible(word)}`,
              run: () => kernel.selection.apply(rows, "replace"),
            }))
          }
        />
      )}
      <Button
        ghost
        testid="restore"
        label="Restore"
        action="trash"
        disabled={trash.disabled}
        onClick={trash.run}
      />
    </>
  );
}
