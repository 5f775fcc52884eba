/** The queue as a view knows it: the question that is asked, the marks on its claims, and how far the work is. */
import { batch, signal } from "@preact/signals";
import {
  KernelError,
  type QuestionInfo,
  type QueueReply,
  type RequestPayload,
  type SuggestionInfo,
} from "../protocol/messages";
import type { Store } from "./store";

export type QueueMode = QueueReply["mode"];
/** Begins what stands for a new cluster among the places that items are sent to: "+1", "+2". */
export const NEW_MARK = "+";

export type Mark = boolean | null;

type QueueRequest = Extract<
  RequestPayload,
  { kind: "ask_queue" | "answer_queue" | "skip_queue" | "set_queue" }
>;

/** Suggestions at a time: as many as there are digits. */
export const SUGGESTED = 9;
const NOBODY = "Click pictures first, then say where they belong.";

export class QueueState {
  readonly mode = signal<QueueMode>("review");
  readonly question = signal<QuestionInfo | null>(null);
  readonly status = signal<QueueReply["status"] | null>(null);
  /** What the last answer did, in words. */
  readonly label = signal("");
  /** One a claim: yes, no, nobody can tell. */
  readonly marks = signal<readonly Mark[]>([]);
  /** For a page of items, one a claim: the cluster that it is sent to instead. */
  readonly sent = signal<readonly (string | null)[]>([]);
  readonly busy = signal(false);
  /** Why nothing can be asked, in the kernel's words; null when it can. */
  readonly problem = signal<KernelError | null>(null);
  /** Claim under the pointer or the focus: it stands out on the map, and a digit sends it. */
  readonly pointed = signal<number | null>(null);
  /** First of the suggestions in view. */
  readonly from = signal(0);
  /** Keys and clicks since the view was opened. */
  readonly keys = signal(0);
  readonly #stop: () => void;
  #own = 0;
  /** The claim that was turned last: Shift takes everything from there on. */
  #last = 0;

  constructor(
    readonly store: Store,
    mode: QueueMode = "review",
  ) {
    this.mode.value = mode;
    // Somebody else edited: what is asked may be answered already.
    this.#stop = store.kernel.onApplied(() => {
      if (this.#own === 0) this.ask().catch(store.ui.fail);
    });
  }

  close(): void {
    this.#stop();
  }

  async #send(request: QueueRequest): Promise<void> {
    this.#own++;
    this.busy.value = true;
    try {
      const { reply } = await this.store.transport.send(request);
      batch(() => this.#show(reply));
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "conflict") throw error;
      const { reply } = await this.store.transport.send({ kind: "ask_queue", mode: this.mode.peek() });
      batch(() => this.#show(reply));
    } finally {
      this.#own--;
      if (this.#own === 0) this.busy.value = false;
    }
  }

  #show(reply: QueueReply): void {
    if (reply.mode !== this.mode.peek()) return; // asked before the mode was changed
    const before = this.question.peek();
    this.problem.value = null;
    this.question.value = reply.question;
    this.status.value = reply.status;
    this.store.asking.hear(reply.status);
    if (reply.label) this.label.value = reply.label;
    if (reply.question?.id !== before?.id || reply.question?.kind !== before?.kind) {
      this.marks.value = reply.question?.claims.map((claim) => claim.guess) ?? [];
      this.sent.value = this.marks.value.map(() => null);
      this.from.value = 0;
      this.#last = 0;
    }
    if (reply.question?.id !== before?.id) {
      this.pointed.value = null; // what the pointer was on is gone, and no event says so
      this.store.ui.pointed.value = null;
    }
  }

  /** Ask for the question that is worth most now; a refusal (no vectors) is shown in its place. */
  async ask(): Promise<void> {
    try {
      await this.#send({ kind: "ask_queue", mode: this.mode.peek() });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      batch(() => {
        this.question.value = null;
        this.problem.value = error;
      });
    }
  }

  async go(mode: QueueMode): Promise<void> {
    batch(() => {
      this.mode.value = mode;
      this.question.value = null;
      this.problem.value = null;
      this.label.value = "";
      this.marks.value = [];
      this.sent.value = [];
    });
    await this.ask();
  }

  /** The suggestions in view: those that the digits stand for. */
  get listed(): readonly SuggestionInfo[] {
    return this.question.value?.suggestions.slice(this.from.value, this.from.value + SUGGESTED) ?? [];
  }

  /** Show the next suggestions, or those before. */
  turnSuggestions(by: 1 | -1): void {
    const to = this.from.peek() + by * SUGGESTED;
    if (to >= 0 && to < (this.question.peek()?.suggestions.length ?? 0)) this.from.value = to;
  }

  /** Go on to the next page of items to sort, or back. */
  async turnPage(by: 1 | -1): Promise<void> {
    if (this.busy.peek()) return;
    await this.#send({ ...this.#wish(), turn: by });
  }

  /** Turn a mark round; `unsure` turns it to "nobody can tell" and back. */
  turn(place: number, unsure = false): void {
    const marks = [...this.marks.peek()];
    const now = marks[place];
    if (now === undefined) return;
    marks[place] = unsure
      ? now === null
        ? (this.question.peek()?.claims[place]?.guess ?? false)
        : null
      : !now;
    this.#mark(marks, [place]);
  }

  /** Give everything from the claim turned last up to this one its mark. */
  turnUpTo(place: number): void {
    const marks = [...this.marks.peek()];
    const mark = marks[this.#last];
    if (mark === undefined || marks[place] === undefined) return;
    const [from, to] = this.#last < place ? [this.#last, place] : [place, this.#last];
    const places = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    for (const each of places) marks[each] = mark;
    this.#mark(marks, places, place);
  }

  #mark(marks: readonly Mark[], places: readonly number[], last = places[0] ?? 0): void {
    const sent = [...this.sent.peek()];
    for (const place of places) sent[place] = null;
    this.#last = last;
    batch(() => {
      this.marks.value = marks;
      this.sent.value = sent;
    });
  }

  /** The claim under the pointer or the focus, when a digit is about it alone: it is not marked, or was sent. */
  get #one(): number | null {
    const place = this.pointed.peek();
    if (place === null) return null;
    const mark = this.marks.peek()[place];
    return mark === undefined || (mark === false && !this.sent.peek()[place]) ? null : place;
  }

  /**
   * Send to a cluster: it is carried out with the page. What is pointed at goes alone, and comes back when it is
   * sent there once more; elsewhere, all that was marked as not belonging and was not sent yet.
   */
  sendTo(cluster: string, pointing = true): void {
    const one = pointing ? this.#one : null;
    if (one !== null) {
      const back = this.sent.peek()[one] === cluster;
      this.#mark(
        this.marks.peek().map((mark, place) => (place === one ? back : mark)),
        [one],
      );
      if (!back) this.sent.value = this.sent.peek().map((to, place) => (place === one ? cluster : to));
      return;
    }
    const marks = this.marks.peek();
    this.sent.value = this.sent.peek().map((to, place) => to ?? (marks[place] === false ? cluster : null));
  }

  /** Send everything from the claim sent or turned last up to the one that is pointed at. */
  sendRunTo(cluster: string): void {
    const place = this.pointed.peek();
    if (place === null) {
      this.sendTo(cluster);
      return;
    }
    const [from, to] = this.#last < place ? [this.#last, place] : [place, this.#last];
    const inside = (at: number) => at >= from && at <= to;
    batch(() => {
      this.marks.value = this.marks.peek().map((mark, at) => (inside(at) ? false : mark));
      this.sent.value = this.sent.peek().map((sent, at) => (inside(at) ? cluster : sent));
    });
    this.#last = place;
  }

  /** Begin a cluster with what `sendTo` would send; the kernel gives it its name. */
  sendToNew(pointing = true): void {
    const begun = this.sent.peek().map((to) => (to?.startsWith(NEW_MARK) ? Number(to.slice(1)) : 0));
    this.sendTo(`${NEW_MARK}${Math.max(0, ...begun) + 1}`, pointing);
  }

  markAll(mark: boolean): void {
    const marks = this.marks.peek().map(() => mark);
    this.#mark(
      marks,
      marks.map((_, place) => place),
    );
  }

  turnAll(): void {
    const marks = this.marks.peek().map((mark) => (mark === null ? null : !mark));
    this.#mark(
      marks,
      marks.map((_, place) => place),
    );
  }

  async say(verdicts: readonly Mark[]): Promise<void> {
    const question = this.question.peek();
    if (!question || this.busy.peek()) return;
    await this.#send({
      kind: "answer_queue",
      mode: this.mode.peek(),
      question: question.id,
      verdicts: [...verdicts],
      choice: null,
      name: null,
      sent: verdicts === this.marks.peek() && this.sent.peek().some(Boolean) ? [...this.sent.peek()] : [],
    });
  }

  sayAll(verdict: Mark): Promise<void> {
    return this.say(this.marks.peek().map(() => verdict));
  }

  /**
   * Send what is marked on a page of items to sort; null sends each to its best guess. With nothing marked, what is
   * pointed at goes to the cluster that is named.
   */
  async assign(to: string | null, name: string | null = null): Promise<void> {
    const question = this.question.peek();
    if (!question || this.busy.peek()) return;
    const pointed = to ? this.pointed.peek() : null;
    const marks = this.marks.peek().some(Boolean)
      ? this.marks.peek()
      : question.claims.map((_, place) => place === pointed);
    const sent = question.claims.map((claim, place) =>
      marks[place] ? (to ?? (claim.cluster || null)) : null,
    );
    if (!sent.some(Boolean)) {
      this.label.value = NOBODY;
      return;
    }
    const mode = this.mode.peek();
    await this.#send({
      kind: "answer_queue",
      mode,
      question: question.id,
      verdicts: [],
      choice: null,
      name,
      sent,
    });
  }

  async choose(choice: string, name: string | null = null): Promise<void> {
    const question = this.question.peek();
    if (!question || this.busy.peek()) return;
    if (question.kind === "page") return this.assign(choice, name);
    await this.#send({
      kind: "answer_queue",
      mode: this.mode.peek(),
      question: question.id,
      verdicts: [],
      choice,
      name,
      sent: [],
    });
  }

  async skip(): Promise<void> {
    const question = this.question.peek();
    if (!question || this.busy.peek() || this.mode.peek() === "audit") return;
    const places = this.marks.peek().flatMap((mark, place) => (mark ? [place] : []));
    if (question.kind === "page" && places.length === 0) {
      this.label.value = NOBODY;
      return;
    }
    await this.#send({ kind: "skip_queue", mode: this.mode.peek(), question: question.id, places });
  }

  #wish() {
    const nothing = { manualOnly: null, shuffle: null, paged: null, turn: 0, again: false };
    return { kind: "set_queue", mode: this.mode.peek(), ...nothing } as const;
  }

  async set(wish: {
    manualOnly?: boolean;
    shuffle?: boolean;
    paged?: boolean;
    again?: boolean;
  }): Promise<void> {
    await this.#send({ ...this.#wish(), ...wish });
  }

  async undo(): Promise<void> {
    const { kernel, transport } = this.store;
    if (kernel.history.peek().cursor === 0 || this.busy.peek()) return;
    this.#own++;
    try {
      const { reply, revision } = await transport.send({ kind: "undo" }, [], kernel.revision.peek());
      if (revision > kernel.revision.peek()) await kernel.sync();
      this.label.value = reply.label;
    } finally {
      this.#own--;
    }
    await this.ask();
  }
}
