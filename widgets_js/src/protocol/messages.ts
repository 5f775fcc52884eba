/** Types of the messages as the views use them, and the guards that let them in. */
import { type Camel, toCamel } from "./camel";
import type * as gen from "./messages.gen";

export const VERSION = 1;
/** No message carries more buffer bytes than this. */
export const FRAME_BYTES = 900_000;

export type ArrayRef = Camel<gen.ArrayRef>;
export type ItemSet = Camel<gen.ItemSet>;
export type ClusterInfo = Camel<gen.ClusterInfo>;
export type ColumnInfo = Camel<gen.ColumnInfo>;
export type HistoryState = Camel<gen.HistoryState>;
export type HistoryEntry = Camel<gen.HistoryEntry>;
export type BrokenItem = Camel<gen.BrokenItem>;
export type ErrorInfo = Camel<gen.ErrorInfo>;
export type ItemInfo = Camel<gen.ItemInfo>;
export type Thumb = Camel<gen.Thumb>;
export type PlanReply = Camel<gen.PlanReply>;
export type PlanRow = Camel<gen.PlanRow>;
export type SavedReply = Camel<gen.SavedReply>;
export type HelloReply = Camel<gen.HelloReply>;
export type PreviewReply = Camel<gen.PreviewReply>;
export type SplitReply = Camel<gen.SplitReply>;
export type SplitPart = Camel<gen.SplitPart>;
export type HarvestReply = Camel<gen.HarvestReply>;
export type HarvestGroup = Camel<gen.HarvestGroup>;
export type FilmReply = Camel<gen.FilmReply>;
export type ValuesReply = Camel<gen.ValuesReply>;
export type QueueReply = Camel<gen.QueueReply>;
export type QuestionInfo = Camel<gen.QuestionInfo>;
export type ClaimInfo = Camel<gen.ClaimInfo>;
export type SuggestionInfo = Camel<gen.SuggestionInfo>;
export type ReclusteringReply = Camel<gen.ReclusteringReply>;
export type Regrouped = Camel<gen.Regrouped>;
export type PastReply = Camel<gen.PastReply>;
export type AutoMoveStep = Camel<gen.AutoMoveStep>;
export type DoneReply = Camel<gen.DoneReply>;
export type Changed = Camel<gen.Changed>;
export type Progress = Camel<gen.Progress>;
export type Notice = Camel<gen.Notice>;
export type Command = Camel<gen.Edit["command"]>;
export type Event = Camel<gen.Event>;
export type Reply = Camel<gen.Reply>;
export type RequestPayload = Camel<gen.Request["payload"]>;
export type ReplyPayload = NonNullable<Reply["payload"]>;
export type EventPayload = Event["payload"];
export type RequestKind = RequestPayload["kind"];

/** Which reply answers which request. */
export interface Answers {
  hello: HelloReply;
  get_array: Camel<gen.ArrayReply>;
  edit: DoneReply;
  undo: DoneReply;
  redo: DoneReply;
  jump: DoneReply;
  checkpoint: DoneReply;
  get_history: Camel<gen.HistoryReply>;
  get_thumbs: Camel<gen.ThumbsReply>;
  get_info: Camel<gen.InfoReply>;
  get_preview: PreviewReply;
  get_split: SplitReply;
  get_harvest: HarvestReply;
  get_film: FilmReply;
  get_values: ValuesReply;
  ask_queue: QueueReply;
  answer_queue: QueueReply;
  skip_queue: QueueReply;
  set_queue: QueueReply;
  get_auto_moves: Camel<gen.AutoMoveReply>;
  run_auto_move: DoneReply;
  get_reclustering: ReclusteringReply;
  accept_reclustering: DoneReply;
  get_past: PastReply;
  set_selection: Camel<gen.OkReply>;
  get_plan: PlanReply;
  save: SavedReply;
  cancel: Camel<gen.OkReply>;
}

export type AnswerTo<P extends RequestPayload> = P["kind"] extends keyof Answers
  ? Answers[P["kind"]]
  : ReplyPayload;

/** A request that the kernel refused or failed at, in its words. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasKind(value: unknown): boolean {
  return isRecord(value) && typeof value.kind === "string";
}

/** A reply in camelCase, or null when `raw` is something else (an event, another program's message). */
export function readReply(raw: unknown): Reply | null {
  if (!isRecord(raw) || raw.type !== "reply" || raw.v !== VERSION) return null;
  if (typeof raw.id !== "string" || typeof raw.ok !== "boolean" || typeof raw.revision !== "number")
    return null;
  if (raw.ok && !hasKind(raw.payload)) return null;
  if (!raw.ok && !(isRecord(raw.error) && typeof raw.error.message === "string")) return null;
  return toCamel(raw) as Reply;
}

/** An event in camelCase, or null when `raw` is something else. */
export function readEvent(raw: unknown): Event | null {
  if (!isRecord(raw) || raw.type !== "event" || raw.v !== VERSION) return null;
  if (typeof raw.revision !== "number" || !hasKind(raw.payload)) return null;
  return toCamel(raw) as Event;
}
