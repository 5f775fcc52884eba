/** Which dialog is open. */
import { useStore } from "../../state/store";
import {
  CaptionDialog,
  CreateDialog,
  DeleteDialog,
  DescribeDialog,
  MergeDialog,
  NameTakenDialog,
  SplitDialog,
  TagsDialog,
} from "./ask";
import { HarvestDialog } from "./harvest";
import { BrokenDialog, HelpDialog, PaletteDialog } from "./help";
import { HistoryDialog } from "./history";
import { MoveDialog } from "./move";
import { CompareDialog, PreviewDialog } from "./preview";
import { ProposeDialog } from "./propose";
import { ReclusterDialog } from "./recluster";
import { SaveDialog } from "./save";

export function Dialogs() {
  const dialog = useStore().ui.dialog.value;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case "move":
      return <MoveDialog />;
    case "merge":
      return <MergeDialog ids={dialog.ids} name={dialog.name} />;
    case "name_taken":
      return <NameTakenDialog id={dialog.id} other={dialog.other} name={dialog.name} />;
    case "split":
      return <SplitDialog />;
    case "propose":
      return <ProposeDialog key={dialog.id} id={dialog.id} />;
    case "harvest":
      return <HarvestDialog />;
    case "recluster":
      return <ReclusterDialog />;
    case "create":
      return <CreateDialog />;
    case "describe":
      return <DescribeDialog id={dialog.id} />;
    case "tags":
      return <TagsDialog target={dialog.target} ids={dialog.ids} />;
    case "caption":
      return <CaptionDialog />;
    case "delete":
      return <DeleteDialog id={dialog.id} />;
    case "save":
      return <SaveDialog />;
    case "history":
      return <HistoryDialog />;
    case "help":
      return <HelpDialog />;
    case "palette":
      return <PaletteDialog />;
    case "broken":
      return <BrokenDialog />;
    case "preview":
      return <PreviewDialog index={dialog.index} row={dialog.row} />;
    case "compare":
      return <CompareDialog rows={dialog.rows} />;
    default:
      return dialog satisfies never;
  }
}
