// Generated from src/shoal/widgets/protocol by `npm run gen`. Do not edit.
/* eslint-disable */

export interface AllMessages {
  AcceptReclustering: AcceptReclustering;
  AnswerQueue: AnswerQueue;
  ArrayRef: ArrayRef;
  ArrayReply: ArrayReply;
  AskQueue: AskQueue;
  AssignItems: AssignItems;
  Assignment: Assignment;
  AutoMoveReply: AutoMoveReply;
  AutoMoveStep: AutoMoveStep;
  BrokenItem: BrokenItem;
  Cancel: Cancel;
  CaptionItems: CaptionItems;
  Changed: Changed;
  Checkpoint: Checkpoint;
  ClaimInfo: ClaimInfo;
  ClusterInfo: ClusterInfo;
  ColumnInfo: ColumnInfo;
  CreateCluster: CreateCluster;
  DeleteCluster: DeleteCluster;
  DescribeCluster: DescribeCluster;
  DoneReply: DoneReply;
  Edit: Edit;
  ErrorInfo: ErrorInfo;
  Event: Event;
  FilmReply: FilmReply;
  GetArray: GetArray;
  GetAutoMoves: GetAutoMoves;
  GetFilm: GetFilm;
  GetHarvest: GetHarvest;
  GetHistory: GetHistory;
  GetInfo: GetInfo;
  GetPast: GetPast;
  GetPlan: GetPlan;
  GetPreview: GetPreview;
  GetReclustering: GetReclustering;
  GetSplit: GetSplit;
  GetThumbs: GetThumbs;
  GetValues: GetValues;
  HarvestGroup: HarvestGroup;
  HarvestReply: HarvestReply;
  Hello: Hello;
  HelloReply: HelloReply;
  HistoryEntry: HistoryEntry;
  HistoryReply: HistoryReply;
  HistoryState: HistoryState;
  InfoReply: InfoReply;
  ItemInfo: ItemInfo;
  ItemSet: ItemSet;
  ItemsMoved: ItemsMoved;
  Jump: Jump;
  MarkReviewed: MarkReviewed;
  MergeClusters: MergeClusters;
  MoveItems: MoveItems;
  Near: Near;
  Notice: Notice;
  OkReply: OkReply;
  PastCluster: PastCluster;
  PastMove: PastMove;
  PastReply: PastReply;
  PlanReply: PlanReply;
  PlanRow: PlanRow;
  PreviewReply: PreviewReply;
  Progress: Progress;
  QuestionInfo: QuestionInfo;
  QueueReply: QueueReply;
  QueueStatus: QueueStatus;
  ReclusteringReply: ReclusteringReply;
  Redo: Redo;
  Refusal: Refusal;
  Regrouped: Regrouped;
  RenameCluster: RenameCluster;
  Reply: Reply;
  Request: Request;
  ResizedCluster: ResizedCluster;
  RestoreItems: RestoreItems;
  RunAutoMove: RunAutoMove;
  Save: Save;
  SavedReply: SavedReply;
  SelectionChanged: SelectionChanged;
  SetCover: SetCover;
  SetQueue: SetQueue;
  SetSelection: SetSelection;
  SkipQueue: SkipQueue;
  SplitCluster: SplitCluster;
  SplitPart: SplitPart;
  SplitReply: SplitReply;
  SuggestionInfo: SuggestionInfo;
  TagClusters: TagClusters;
  TagItems: TagItems;
  Thumb: Thumb;
  ThumbsReply: ThumbsReply;
  TrashItems: TrashItems;
  Undo: Undo;
  ValuesReply: ValuesReply;
}
/**
 * Take a proposal, as one edit; a conflict when the review was edited since it was made.
 */
export interface AcceptReclustering {
  kind: "accept_reclustering";
  /**
   * its id
   */
  proposal: string;
}
/**
 * Answer a question; the reply brings the next one.
 */
export interface AnswerQueue {
  /**
   * for "who": id of a cluster, "new", "noise", "trash" or "here"
   */
  choice?: string | null;
  kind: "answer_queue";
  mode: "review" | "pairs" | "sort" | "disputed" | "audit";
  /**
   * of a new cluster
   */
  name?: string | null;
  question: string;
  /**
   * for "place" and "page": one a claim, the cluster that it goes to (of a page also "new", "trash"; for "place" also "+1", "+2": new ones), null for none; empty when none is sent
   */
  sent?: (string | null)[];
  /**
   * one a claim; null for unsure
   */
  verdicts?: (boolean | null)[];
}
/**
 * An array in a buffer, C order, little endian.
 *
 * Packed as ``planes``, the buffer is raw deflate of the first bytes of all records, then of the second
 * bytes, and so on; a record is what one item (the first axis) has. Such planes shrink well: clusters lie in
 * runs, and neighbours on the map share their first bytes.
 */
export interface ArrayRef {
  buffer: number;
  dtype: "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "float32" | "float64";
  packing?: "none" | "planes";
  shape: number[];
}
/**
 * Rows ``start`` … of a column.
 */
export interface ArrayReply {
  array: ArrayRef;
  kind: "array";
  name: string;
  start: number;
}
/**
 * Ask for the question that is worth most now.
 */
export interface AskQueue {
  kind: "ask_queue";
  mode: "review" | "pairs" | "sort" | "disputed" | "audit";
}
/**
 * Put several sets of items each into its own cluster, as one edit: a split, a harvest of noise.
 */
export interface AssignItems {
  /**
   * for the history; the kernel's words when empty
   */
  label?: string;
  parts: Assignment[];
  type: "assign_items";
}
/**
 * Items and where they go: into the cluster ``to``, or into a new one called ``name``.
 */
export interface Assignment {
  items: ItemSet;
  name?: string | null;
  to?: string | null;
}
/**
 * A set of rows in the smallest of three encodings.
 *
 * ``ranges``: uint32 pairs [start, stop); ``rows``: uint32 ascending; ``bits``: one bit a row, least
 * significant first.
 */
export interface ItemSet {
  buffer: number;
  count: number;
  encoding: "ranges" | "rows" | "bits";
}
/**
 * The stops of the slider, lowest threshold first.
 */
export interface AutoMoveReply {
  kind: "auto_moves";
  steps: AutoMoveStep[];
}
/**
 * What auto-move would do at one threshold.
 */
export interface AutoMoveStep {
  count: number;
  /**
   * items placed by hand that say so
   */
  held_out: number;
  high: number;
  low: number;
  /**
   * share expected to go where they belong, 0..1
   */
  precision: number | null;
  threshold: number;
}
/**
 * A file that cannot be shown, and why.
 */
export interface BrokenItem {
  path: string;
  reason: string;
}
/**
 * Stop a long task, by its name in the progress events, or thumbnails by their ticket.
 */
export interface Cancel {
  kind: "cancel";
  task: string;
}
/**
 * Set the caption of items; an empty one removes it.
 */
export interface CaptionItems {
  caption: string;
  items: ItemSet;
  type: "caption_items";
}
/**
 * The state went from ``from_revision`` to the envelope's revision.
 *
 * A view that is not at ``from_revision`` resyncs.
 */
export interface Changed {
  action: "do" | "undo" | "redo" | "jump" | "save" | "checkpoint" | "reload";
  actor: string;
  /**
   * new and changed clusters, whole
   */
  clusters: ClusterInfo[];
  from_revision: number;
  history: HistoryState;
  kind: "changed";
  label: string;
  moved: ItemsMoved[];
  removed: string[];
  /**
   * columns whose values changed: fetch again when shown
   */
  stale_columns: string[];
}
/**
 * One cluster as the views show it. ``code`` is what the array of codes holds for its items.
 */
export interface ClusterInfo {
  code: number;
  /**
   * mean cosine similarity to the centroid, 0..1; null when unknown
   */
  cohesion: number | null;
  /**
   * index into the palette; the view takes it modulo the palette's length
   */
  color: number;
  /**
   * row of the cover picture
   */
  cover: number | null;
  description: string;
  id: string;
  kind: "cluster" | "noise" | "trash";
  /**
   * 0..1: of one piece, or two halves that have little in common; null: unknown
   */
  mixed?: number | null;
  name: string;
  reviewed: boolean;
  size: number;
  tags: string[];
}
/**
 * Where the history stands.
 *
 * ``cursor`` is the number of edits in force; ``length`` counts those that can be redone too.
 */
export interface HistoryState {
  cursor: number;
  length: number;
  redo_label: string | null;
  undo_label: string | null;
  /**
   * edits since the last save, undone ones counted too when they change the folder
   */
  unsaved: number;
}
/**
 * Rows that now have the code ``to``.
 */
export interface ItemsMoved {
  items: ItemSet;
  to: number;
}
/**
 * Name the present point of the history.
 */
export interface Checkpoint {
  kind: "checkpoint";
  name: string;
}
/**
 * One thing that a question asks.
 */
export interface ClaimInfo {
  /**
   * pictures on the other side; empty: the question's own
   */
  beside: number[];
  /**
   * for "page": id of the cluster that is the best guess
   */
  cluster?: string;
  guess: boolean;
  /**
   * of the clusters it is about
   */
  names: string[];
  probability: number;
  /**
   * why it is in question, where two models disagree about it
   */
  reason?: string;
  /**
   * pictures to show for it
   */
  rows: number[];
  /**
   * items that stand behind it
   */
  size: number;
  sort: "merge" | "split" | "move" | "check" | "group" | "pair";
}
/**
 * A per-item column that a view may fetch with ``get_array`` and sort or colour by.
 */
export interface ColumnInfo {
  /**
   * natural direction of sorting by this column
   */
  ascending: boolean;
  dtype: "uint8" | "uint16" | "int32" | "float32";
  name: string;
  /**
   * of a column sent in steps: what 0 stands for, one a value of an item
   */
  origin?: number[] | null;
  /**
   * values per item: 2 for positions, else 1
   */
  per_item: number;
  role: "codes" | "position" | "sort" | "colour";
  /**
   * what one more stands for; the greatest number of the dtype is no value
   */
  step?: number[] | null;
  title: string;
  /**
   * of a column of words: what each number stands for; greater ones for none
   */
  words?: string[] | null;
}
/**
 * Make an empty cluster.
 */
export interface CreateCluster {
  name: string;
  type: "create_cluster";
}
/**
 * Remove a cluster; its items go to noise.
 */
export interface DeleteCluster {
  cluster: string;
  type: "delete_cluster";
}
/**
 * Set the description of a cluster.
 */
export interface DescribeCluster {
  cluster: string;
  description: string;
  type: "describe_cluster";
}
/**
 * An edit is done and logged; the change itself came as a ``changed`` event before this reply.
 */
export interface DoneReply {
  /**
   * id of the cluster that the command made or left
   */
  cluster?: string | null;
  kind: "done";
  label: string;
}
/**
 * Carry out a command.
 */
export interface Edit {
  command:
    | MoveItems
    | MergeClusters
    | SplitCluster
    | AssignItems
    | RenameCluster
    | DescribeCluster
    | TagClusters
    | CreateCluster
    | DeleteCluster
    | SetCover
    | MarkReviewed
    | TrashItems
    | RestoreItems
    | TagItems
    | CaptionItems;
  kind: "edit";
}
/**
 * Move items into an existing cluster, ``"noise"`` included.
 */
export interface MoveItems {
  items: ItemSet;
  to: string;
  type: "move_items";
}
/**
 * Join clusters into one; ``into`` keeps its id, cover and colour (the largest when null).
 */
export interface MergeClusters {
  clusters: string[];
  into?: string | null;
  name: string;
  type: "merge_clusters";
}
/**
 * Put items into a new cluster.
 */
export interface SplitCluster {
  items: ItemSet;
  name: string;
  type: "split_cluster";
}
/**
 * Give a cluster another name; a name that is taken is refused with code ``name_taken``.
 */
export interface RenameCluster {
  cluster: string;
  name: string;
  type: "rename_cluster";
}
/**
 * Add and remove tags of clusters.
 */
export interface TagClusters {
  add?: string[];
  clusters: string[];
  remove?: string[];
  type: "tag_clusters";
}
/**
 * Choose the cover picture of a cluster; null lets the tool choose.
 */
export interface SetCover {
  cluster: string;
  row: number | null;
  type: "set_cover";
}
/**
 * Mark clusters as reviewed or not.
 */
export interface MarkReviewed {
  clusters: string[];
  reviewed: boolean;
  type: "mark_reviewed";
}
/**
 * Put items into the trash folder (they are excluded, never deleted).
 */
export interface TrashItems {
  items: ItemSet;
  type: "trash_items";
}
/**
 * Bring items back from the trash, each to the cluster it was in, else to noise.
 */
export interface RestoreItems {
  items: ItemSet;
  type: "restore_items";
}
/**
 * Add and remove tags of items.
 */
export interface TagItems {
  add?: string[];
  items: ItemSet;
  remove?: string[];
  type: "tag_items";
}
/**
 * A failed request, in words for a person.
 */
export interface ErrorInfo {
  code: string;
  hint: string;
  message: string;
}
/**
 * Envelope of an event, sent to every view.
 *
 * ``source`` is the id of the request that caused it, if any.
 */
export interface Event {
  payload: Changed | SelectionChanged | Progress | Notice;
  revision: number;
  source?: string | null;
  type: "event";
  v: 1;
}
/**
 * The selection, set by Python or by another view.
 */
export interface SelectionChanged {
  items: ItemSet;
  kind: "selection";
}
/**
 * A long task is under way; ``done == total`` is its end.
 */
export interface Progress {
  done: number;
  kind: "progress";
  task: string;
  total: number;
  what: string;
}
/**
 * Something a person should know, not tied to a request.
 */
export interface Notice {
  hint: string;
  kind: "notice";
  level: "info" | "warning" | "error";
  message: string;
}
/**
 * Items around one in time, in order.
 */
export interface FilmReply {
  /**
   * earliest time of all items
   */
  first_s: number;
  kind: "film";
  last_s: number;
  rows: number[];
  /**
   * first and last time of an item in the same shot
   */
  shot_first_s: number | null;
  shot_last_s: number | null;
  /**
   * −1 where unknown
   */
  shots: number[];
  /**
   * s
   */
  times: number[];
}
/**
 * Ask for rows ``start`` … ``start + count`` of a column.
 *
 * Short replies are legal, ask again for the rest.
 */
export interface GetArray {
  count: number;
  kind: "get_array";
  name: string;
  /**
   * the view can read packed arrays
   */
  packed?: boolean;
  start: number;
}
/**
 * Ask what auto-move would do at each threshold.
 */
export interface GetAutoMoves {
  kind: "get_auto_moves";
}
/**
 * Ask for the items around ``row`` in time: at most ``count`` to each side.
 */
export interface GetFilm {
  count: number;
  kind: "get_film";
  row: number;
}
/**
 * Ask which clusters the items of noise are nearest to; those below ``least`` similarity are left out.
 */
export interface GetHarvest {
  kind: "get_harvest";
  least: number;
}
/**
 * Ask for entries of the history, newest last.
 */
export interface GetHistory {
  count: number;
  kind: "get_history";
  start: number;
}
/**
 * Ask for names and facts of ``rows`` (uint32).
 */
export interface GetInfo {
  kind: "get_info";
  rows: ArrayRef;
}
/**
 * Ask how the review was with ``cursor`` edits in force. Nothing is changed by it.
 */
export interface GetPast {
  cursor: number;
  kind: "get_past";
}
/**
 * Ask what a save would do now.
 */
export interface GetPlan {
  kind: "get_plan";
}
/**
 * Ask for one picture at up to ``max_side`` px.
 */
export interface GetPreview {
  kind: "get_preview";
  max_side: number;
  row: number;
}
/**
 * Ask what clustering again would change. Progress comes as events of task ``"recluster"``.
 */
export interface GetReclustering {
  kind: "get_reclustering";
}
/**
 * Ask how a cluster would come apart, in ``parts`` parts (the suggested number when null).
 *
 * Progress comes as events of task ``"split"``.
 */
export interface GetSplit {
  cluster: string;
  kind: "get_split";
  method?: "auto" | "natural" | "even";
  parts?: number | null;
}
/**
 * Ask for thumbnails of ``rows`` (uint32), longest side ``side`` px.
 *
 * Those that are missing from the reply (the frame was full, or they were called off) may be asked for
 * again.
 */
export interface GetThumbs {
  kind: "get_thumbs";
  rows: ArrayRef;
  side: number;
  /**
   * ``cancel`` with it as the task calls off what is not begun
   */
  ticket?: string;
}
/**
 * Ask for the values of a column for the items of one cluster, in the order of their rows.
 */
export interface GetValues {
  cluster: string;
  kind: "get_values";
  name: string;
}
/**
 * Items of noise that are nearest to one cluster.
 */
export interface HarvestGroup {
  /**
   * cosine similarity to the centroid
   */
  best: number;
  /**
   * how many are almost as near to another cluster
   */
  close_calls: number;
  cluster: string;
  items: ItemSet;
  least: number;
  /**
   * the nearest first; at most 24
   */
  sample: number[];
}
/**
 * Where the items of noise could go, largest group first.
 */
export interface HarvestReply {
  groups: HarvestGroup[];
  kind: "harvest";
  /**
   * groups that did not fit; harvest these first
   */
  more: number;
  n_noise: number;
  /**
   * items of noise without a vector
   */
  n_unknown: number;
  /**
   * similarities that 95, 75, 50, 25 and 5 % of the items reach
   */
  steps: number[];
}
/**
 * Ask for the whole table of clusters and the sizes of everything else. Also used to resync.
 */
export interface Hello {
  kind: "hello";
}
/**
 * Everything but arrays and pictures.
 */
export interface HelloReply {
  broken: BrokenItem[];
  clusters: ClusterInfo[];
  columns: ColumnInfo[];
  history: HistoryState;
  kind: "hello";
  n_broken: number;
  n_items: number;
  /**
   * why nothing can be edited or saved, or null
   */
  read_only: string | null;
  root: string;
  seconds_spent: number;
  selection: ItemSet;
  /**
   * changes when the kernel-side object is a new one; then fetch everything again
   */
  session: string;
  title: string;
}
/**
 * One edit of the history.
 */
export interface HistoryEntry {
  actor: string;
  /**
   * UTC, ISO 8601
   */
  at: string;
  checkpoint: string | null;
  /**
   * cursor after this edit
   */
  index: number;
  items: number;
  label: string;
  /**
   * up to 4 rows that it touched
   */
  sample: number[];
  /**
   * the folder was saved at this point
   */
  saved: boolean;
}
/**
 * Entries of the history.
 */
export interface HistoryReply {
  entries: HistoryEntry[];
  kind: "history";
  start: number;
  /**
   * checkpoint before the first edit
   */
  start_name?: string | null;
}
/**
 * Facts about items in the order asked for.
 */
export interface InfoReply {
  items: ItemInfo[];
  kind: "info";
}
/**
 * Facts about one item, for tooltip and preview.
 */
export interface ItemInfo {
  caption: string;
  /**
   * title → value, ready to show: shot, time, size, sidecars …
   */
  facts: {
    [k: string]: string;
  };
  id: string;
  path: string;
  row: number;
  tags: string[];
}
/**
 * Go to any point of the history: ``cursor`` edits in force.
 */
export interface Jump {
  cursor: number;
  kind: "jump";
}
/**
 * A cluster, and the cosine similarity of something to its centroid.
 */
export interface Near {
  cluster: string;
  similarity: number;
}
/**
 * Taken note of.
 */
export interface OkReply {
  kind: "ok";
}
/**
 * A cluster as it was then.
 */
export interface PastCluster {
  /**
   * by the edit that led here
   */
  changed: boolean;
  code: number;
  color: number;
  /**
   * row of a picture; null for an empty cluster
   */
  cover: number | null;
  id: string;
  name: string;
  size: number;
}
/**
 * Items that the edit moved from one cluster to another.
 */
export interface PastMove {
  count: number;
  examples: number[];
  source_name: string;
  /**
   * null when the cluster is not there any more
   */
  target: string | null;
  target_name: string;
}
/**
 * The review at one point of its history, and the edit that led there.
 */
export interface PastReply {
  actor: string;
  at: string;
  checkpoint: string | null;
  /**
   * largest first
   */
  clusters: PastCluster[];
  /**
   * cluster of each item then; null when it fits in no message
   */
  codes: ArrayRef | null;
  cursor: number;
  kind: "past";
  /**
   * of that edit; empty at the start
   */
  label: string;
  /**
   * most items first
   */
  moves: PastMove[];
  n_noise: number;
  n_trash: number;
  /**
   * "auto" for what a machine decided
   */
  note: string;
  saved: boolean;
  touched: ItemSet1;
}
/**
 * A set of rows in the smallest of three encodings.
 *
 * ``ranges``: uint32 pairs [start, stop); ``rows``: uint32 ascending; ``bits``: one bit a row, least
 * significant first.
 */
export interface ItemSet1 {
  buffer: number;
  count: number;
  encoding: "ranges" | "rows" | "bits";
}
/**
 * What a save would do.
 */
export interface PlanReply {
  extra_bytes: number;
  /**
   * source and target of each move; at most 2,000
   */
  files: [string, string][];
  kind: "plan";
  n_files: number;
  n_renamed: number;
  notes: string[];
  refusals: Refusal[];
  /**
   * sentences about files that need another name; at most 50
   */
  renamed: string[];
  rows: PlanRow[];
}
/**
 * Something a save will not do, why, and the way out.
 */
export interface Refusal {
  hint: string;
  path: string;
  reason: string;
}
/**
 * One line of the plan: so many files go from one folder to another.
 */
export interface PlanRow {
  files: number;
  sidecars: number;
  source: string;
  target: string;
  what: "move" | "rename" | "merge" | "split" | "to noise" | "trash" | "restore";
}
/**
 * One picture, large.
 */
export interface PreviewReply {
  buffer: number;
  height: number;
  info: ItemInfo;
  kind: "preview";
  media_type: string;
  row: number;
  /**
   * of the original, px
   */
  width: number;
}
/**
 * One screen of the queue.
 */
export interface QuestionInfo {
  claims: ClaimInfo[];
  cluster: string | null;
  id: string;
  kind: "same" | "place" | "group" | "who" | "pair" | "page";
  /**
   * of the item, when it is about one
   */
  label: string;
  /**
   * of the cluster it is about
   */
  name: string | null;
  /**
   * why it is asked, where two models disagree about the item
   */
  reason?: string;
  shown: number[];
  /**
   * for "who" the answers; for "place" and "page" where to send what is marked
   */
  suggestions: SuggestionInfo[];
}
/**
 * A cluster that an item may belong to.
 */
export interface SuggestionInfo {
  cluster: string;
  name: string;
  rows: number[];
  /**
   * cosine similarity to its centroid
   */
  similarity: number;
  size: number;
  /**
   * share of the neighbours' votes, 0..1
   */
  votes: number;
}
/**
 * The next question, and how far the work is.
 */
export interface QueueReply {
  kind: "queue";
  /**
   * what the answer did; empty when nothing was answered
   */
  label: string;
  mode: "review" | "pairs" | "sort" | "disputed" | "audit";
  question: QuestionInfo | null;
  status: QueueStatus;
}
/**
 * How far the work is.
 */
export interface QueueStatus {
  advice: string;
  answered: number;
  auto: number;
  confirmed: number;
  /**
   * items left about which two models disagree; null without two
   */
  disputed?: number | null;
  /**
   * how right the review is, in words; empty without an audit
   */
  estimate: string;
  /**
   * place of the first item asked about, among those open
   */
  first?: number;
  items: number;
  later: number;
  /**
   * whether a metric of its own is in use, in words
   */
  learned: string;
  /**
   * of the audit's sample
   */
  looked_at: number;
  manual: number;
  manual_only: boolean;
  minutes_left: number | null;
  /**
   * items to sort that were not put off
   */
  open?: number;
  paged?: boolean;
  per_minute: number | null;
  /**
   * items in noise that nobody has put there
   */
  remaining: number;
  sample: number;
  shuffled: boolean;
}
/**
 * What clustering again would change; nothing is changed yet.
 */
export interface ReclusteringReply {
  clusters: ResizedCluster[];
  /**
   * pins, links and facts about groups: all there are
   */
  kept: number;
  kind: "reclustering";
  /**
   * moves that did not fit in a message
   */
  more: number;
  moved: number;
  /**
   * most items first
   */
  moves: Regrouped[];
  /**
   * pinned items that would move: 0
   */
  pinned_touched: number;
  proposal: string;
  /**
   * clusters that would keep all their items
   */
  same: number;
}
/**
 * A cluster that would gain or lose items.
 */
export interface ResizedCluster {
  /**
   * 0 for one that would go
   */
  after: number;
  /**
   * 0 for a new one
   */
  before: number;
  /**
   * null for a new one
   */
  cluster: string | null;
  name: string;
}
/**
 * Items that would go from one cluster to another.
 */
export interface Regrouped {
  /**
   * rows of the target as it is now; empty for a new cluster
   */
  beside: number[];
  /**
   * rows of pictures to show, spread over the items
   */
  examples: number[];
  items: ItemSet;
  /**
   * id of a cluster, or "noise"
   */
  source: string;
  source_name: string;
  /**
   * null for a new cluster
   */
  target: string | null;
  target_name: string;
}
/**
 * Carry out the last undone edit again.
 */
export interface Redo {
  kind: "redo";
}
/**
 * Envelope of a reply.
 *
 * ``payload`` is null exactly when ``ok`` is false, ``error`` exactly when it is true.
 */
export interface Reply {
  error?: ErrorInfo | null;
  id: string;
  ok: boolean;
  payload?:
    | (
        | HelloReply
        | ArrayReply
        | DoneReply
        | HistoryReply
        | ThumbsReply
        | InfoReply
        | PreviewReply
        | PlanReply
        | SavedReply
        | SplitReply
        | HarvestReply
        | FilmReply
        | ValuesReply
        | QueueReply
        | AutoMoveReply
        | ReclusteringReply
        | PastReply
        | OkReply
      )
    | null;
  revision: number;
  type: "reply";
  v: 1;
}
/**
 * Thumbnails in the order asked for.
 *
 * A reply may hold fewer than asked (frame limit): ask again for the rest.
 */
export interface ThumbsReply {
  kind: "thumbs";
  thumbs: Thumb[];
}
/**
 * One thumbnail: the bytes of an encoded picture, or why there is none.
 */
export interface Thumb {
  buffer: number | null;
  media_type: string | null;
  reason: string | null;
  row: number;
}
/**
 * The folders are written and fsynced.
 */
export interface SavedReply {
  backup: string | null;
  changes_file: string;
  kind: "saved";
  n_files: number;
  /**
   * number of this save, for ``restore``
   */
  save: number;
  seconds: number;
}
/**
 * How a cluster would come apart.
 */
export interface SplitReply {
  cluster: string;
  kind: "split";
  /**
   * numbers of parts that can be had, ascending
   */
  levels: number[];
  method: "natural" | "even";
  parts: SplitPart[];
  /**
   * mean silhouette for each of the levels
   */
  scores: number[];
  /**
   * the clearest number of parts; 1 when the items look like one
   */
  suggested: number;
}
/**
 * One part of a proposal. The first is the largest.
 */
export interface SplitPart {
  cohesion: number | null;
  /**
   * rows that show what it holds, the most typical first
   */
  examples: number[];
  items: ItemSet;
  /**
   * the other cluster that is nearest to it
   */
  near: Near | null;
}
/**
 * Values of a column for the items of one cluster, in the order of their rows.
 */
export interface ValuesReply {
  /**
   * null when it would not fit a frame: get the whole column
   */
  array: ArrayRef | null;
  cluster: string;
  kind: "values";
  name: string;
}
/**
 * Envelope of a request.
 *
 * ``base`` is the revision that the view shows; required for edits, undo, redo, jump and save.
 */
export interface Request {
  base?: number | null;
  id: string;
  payload:
    | Hello
    | GetArray
    | Edit
    | Undo
    | Redo
    | Jump
    | Checkpoint
    | GetHistory
    | GetThumbs
    | GetInfo
    | GetPreview
    | GetSplit
    | GetHarvest
    | GetFilm
    | GetValues
    | SetSelection
    | GetPlan
    | Save
    | AskQueue
    | AnswerQueue
    | SkipQueue
    | SetQueue
    | GetAutoMoves
    | RunAutoMove
    | GetReclustering
    | AcceptReclustering
    | GetPast
    | Cancel;
  v: 1;
}
/**
 * Take back the last edit.
 */
export interface Undo {
  kind: "undo";
}
/**
 * Tell the kernel (and other views) what is selected: ``review.selection``.
 */
export interface SetSelection {
  items: ItemSet;
  kind: "set_selection";
}
/**
 * Write the state to the folders. Progress comes as events of task ``"save"``.
 */
export interface Save {
  backup?: "link" | "copy" | "none";
  kind: "save";
}
/**
 * Put a question off; the reply brings the next one.
 */
export interface SkipQueue {
  kind: "skip_queue";
  mode: "review" | "pairs" | "sort" | "disputed" | "audit";
  /**
   * for "page": which of its items
   */
  places?: number[];
  question: string;
}
/**
 * Turn the switches of the queue; null leaves one as it is. The reply brings the question.
 */
export interface SetQueue {
  /**
   * ask about what was put off
   */
  again?: boolean;
  kind: "set_queue";
  manual_only?: boolean | null;
  mode: "review" | "pairs" | "sort" | "disputed" | "audit";
  /**
   * sort in pages
   */
  paged?: boolean | null;
  shuffle?: boolean | null;
  /**
   * pages to turn, negative for back
   */
  turn?: number;
}
/**
 * Move all that is at least that similar to a cluster; answered like an edit.
 */
export interface RunAutoMove {
  kind: "run_auto_move";
  threshold: number;
}
