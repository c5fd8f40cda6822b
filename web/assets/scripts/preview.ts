// A look at a table's rows: an ordinary client of the public API, with the portal's own key, in the reader's browser.
import { fillCell, readJson } from "./cell";
import { type Column, parametersOf, type Question } from "./question";

/** Wait so long after the last key before asking, in milliseconds. */
const PAUSE_MS = 450;
/** What says that the portal's key is spent, suspended or unknown: never the reader's fault. */
const KEY_REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);
/** Prefix of a column's box in the page's own address. */
const BOX = "is.";

interface Page {
  readonly items: Record<string, unknown>[];
  readonly total: number;
  readonly next: string | null;
}

/** What the API says when it does not answer (RFC 9457). */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: { parameter?: string; detail?: string }[];
}

interface ShownColumn extends Column {
  readonly title: string;
  readonly scale: number | undefined;
  readonly head: HTMLTableCellElement;
  readonly box: HTMLInputElement | null;
}

const counted = (number: number) => number.toLocaleString("en");

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retrySecs: number,
  ) {
    super(problem.title ?? `status ${status}`);
  }
}

class Preview {
  private readonly api: string;
  private readonly pin: string;
  private readonly properties: string;
  private readonly rows: number;
  /** The portal's key, until it is refused: then the reader calls as anybody may. */
  private key: string | undefined;
  private readonly columns: ShownColumn[];
  private readonly question: Question = { words: "", boxes: new Map(), sort: undefined };
  /** Cursors of the pages before this one, the first of which has none. */
  private before: (string | undefined)[] = [];
  private cursor: string | undefined;
  private next: string | null = null;
  private asking: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private countdown: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly place: HTMLElement) {
    this.api = place.dataset["preview"] ?? "";
    this.pin = place.dataset["pin"] ?? "";
    this.properties = place.dataset["properties"] ?? "";
    this.rows = Number(place.dataset["rows"]);
    this.key = place.dataset["key"];
    const boxes = [...place.querySelectorAll<HTMLInputElement>("[data-filter]")];
    this.columns = [...place.querySelectorAll<HTMLTableCellElement>("th[data-column]")].map((head) => {
      const name = head.dataset["column"] ?? "";
      const scale = head.dataset["scale"];
      return {
        name,
        title: (head.textContent ?? "").trim(),
        kind: head.dataset["kind"] ?? "text",
        plain: "plain" in head.dataset,
        scale: scale === undefined ? undefined : Number(scale),
        head,
        box: boxes.find((box) => box.dataset["filter"] === name) ?? null,
      };
    });
  }

  private part<T extends HTMLElement>(name: string): T {
    return this.place.querySelector<T>(`[data-preview-${name}]`) as T;
  }

  private get form(): HTMLFormElement {
    return this.part<HTMLFormElement>("form");
  }

  private field(name: string): HTMLInputElement | HTMLSelectElement | null {
    const field = this.form.elements.namedItem(name);
    return field instanceof HTMLInputElement || field instanceof HTMLSelectElement ? field : null;
  }

  start(): void {
    this.place.hidden = false;
    for (const other of document.querySelectorAll<HTMLElement>("[data-preview-without]")) other.hidden = true;
    this.readAddress();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.fromStart();
    });
    this.form.addEventListener("reset", () => {
      for (const column of this.columns) if (column.box) column.box.value = "";
      this.question.sort = undefined;
      // The form's own fields are reset only after this event.
      setTimeout(() => this.fromStart(), 0);
    });
    this.field("limit")?.addEventListener("change", () => this.fromStart());
    this.field("q")?.addEventListener("input", () => this.soon());
    for (const column of this.columns) {
      column.box?.addEventListener("input", () => this.soon());
      column.box?.addEventListener("keydown", (event) => {
        if (event.key === "Enter") this.fromStart();
      });
      column.head.querySelector("[data-sort]")?.addEventListener("click", () => this.sortBy(column));
    }
    this.part<HTMLButtonElement>("next").addEventListener("click", () => {
      if (this.next === null) return;
      this.before.push(this.cursor);
      this.cursor = this.next;
      void this.show();
    });
    this.part<HTMLButtonElement>("previous").addEventListener("click", () => {
      this.cursor = this.before.pop();
      void this.show();
    });
    this.fromStart(true);
  }

  /** The question in the page's own address, so that a view can be passed on. */
  private readAddress(): void {
    const asked = new URLSearchParams(location.search);
    const words = this.field("q");
    if (words) words.value = asked.get("q") ?? "";
    for (const column of this.columns) if (column.box) column.box.value = asked.get(BOX + column.name) ?? "";
    const sort = asked.get("sortby") ?? "";
    const name = sort.replace(/^-/, "");
    if (this.columns.some((column) => column.name === name && column.box)) {
      this.question.sort = { column: name, descending: sort.startsWith("-") };
    }
  }

  private writeAddress(): void {
    const asked = new URLSearchParams(location.search);
    for (const name of [...asked.keys()]) if (name === "q" || name === "sortby" || name.startsWith(BOX)) asked.delete(name);
    if (this.question.words) asked.set("q", this.question.words);
    for (const [name, text] of this.question.boxes) asked.set(BOX + name, text);
    const { sort } = this.question;
    if (sort) asked.set("sortby", `${sort.descending ? "-" : ""}${sort.column}`);
    const query = asked.toString();
    history.replaceState(history.state, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
  }

  /** A click sorts upwards, the next downwards, the third not at all. */
  private sortBy(column: ShownColumn): void {
    const { sort } = this.question;
    if (sort?.column !== column.name) this.question.sort = { column: column.name, descending: false };
    else this.question.sort = sort.descending ? undefined : { column: column.name, descending: true };
    this.fromStart();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fromStart(), PAUSE_MS);
  }

  /** Asks what the boxes say, from the first page on. */
  private fromStart(isFirst = false): void {
    clearTimeout(this.timer);
    this.question.words = this.field("q")?.value.trim() ?? "";
    this.question.boxes = new Map(
      this.columns.flatMap((column): [string, string][] => {
        const text = column.box?.value.trim();
        return text ? [[column.name, text]] : [];
      }),
    );
    this.before = [];
    this.cursor = undefined;
    if (!isFirst) this.writeAddress();
    void this.show();
  }

  private parameters(): URLSearchParams {
    const parameters = parametersOf(this.question, this.columns);
    if (this.pin) parameters.set("version", this.pin);
    return parameters;
  }

  private async ask(address: string, signal: AbortSignal): Promise<[Page, Headers]> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.key) headers["x-api-key"] = this.key;
    const answer = await fetch(address, { signal, credentials: "omit", headers });
    if (this.key && KEY_REFUSED.has(answer.status)) {
      this.key = undefined;
      return this.ask(address, signal);
    }
    const body = await answer.text();
    if (answer.ok) return [readJson(body) as Page, answer.headers];
    let problem: Problem = {};
    try {
      problem = JSON.parse(body) as Problem;
    } catch {
      // Not ours, as from a proxy between: the status has to do.
    }
    throw new Refusal(answer.status, problem, Number(answer.headers.get("retry-after") ?? 0));
  }

  /** Asks for the page at the cursor and shows it. */
  private async show(): Promise<void> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    clearInterval(this.countdown);
    const parameters = this.parameters();
    this.showTake(parameters);
    parameters.set("limit", this.field("limit")?.value ?? "25");
    if (this.properties) parameters.set("properties", this.properties);
    if (this.cursor) parameters.set("cursor", this.cursor);
    const address = `${this.api}/rows?${parameters}`;
    this.place.setAttribute("aria-busy", "true");
    this.showSort();
    this.say("Loading rows…");
    try {
      const [page, headers] = await this.ask(address, asking.signal);
      this.showPage(page);
      this.showCost(headers);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.showProblem(error);
    }
    this.place.removeAttribute("aria-busy");
  }

  private say(text: string): void {
    this.part("status").textContent = text;
  }

  private showPage(page: Page): void {
    this.part("problem").hidden = true;
    for (const column of this.columns) column.box?.removeAttribute("aria-invalid");
    this.next = page.next;
    const limit = Number(this.field("limit")?.value ?? 25);
    const first = this.before.length * limit + 1;
    const last = first + page.items.length - 1;
    const isAll = page.total === this.rows;
    const of = isAll ? `${counted(page.total)} rows` : `${counted(page.total)} that fit, among ${counted(this.rows)}`;
    this.say(page.items.length === 0 ? "No row fits. Change a box or start over." : `Rows ${counted(first)} to ${counted(last)} of ${of}`);
    const body = this.part<HTMLTableSectionElement>("body");
    body.replaceChildren(
      ...page.items.map((item) => {
        const row = document.createElement("tr");
        for (const column of this.columns) {
          const cell = document.createElement("td");
          if (["integer", "decimal"].includes(column.kind)) cell.className = "fg-rows__number";
          else if (["date", "timestamp", "point", "boolean"].includes(column.kind)) cell.className = "fg-rows__whole";
          fillCell(cell, item[column.name], column.scale);
          row.append(cell);
        }
        return row;
      }),
    );
    this.part<HTMLButtonElement>("next").disabled = page.next === null;
    this.part<HTMLButtonElement>("previous").disabled = this.before.length === 0;
  }

  /** What the answer cost and what is left, as it says itself. */
  private showCost(headers: Headers): void {
    const said: string[] = [];
    const took = /dur=([\d.]+)/.exec(headers.get("server-timing") ?? "")?.[1];
    if (took) said.push(`answered in ${Number(took).toPrecision(2).replace(/\.?0+$/, "")} ms`);
    const cost = /\d+/.exec(headers.get("ratelimit-cost") ?? "")?.[0];
    if (cost) said.push(`${cost} ${cost === "1" ? "unit" : "units"}`);
    const left = [...(headers.get("ratelimit") ?? "").matchAll(/"[^"]*-day"[^,]*?;r=(\d+)/g)][0]?.[1];
    // What is left of the portal's own key says nothing to a reader.
    if (left && !this.key) said.push(`${counted(Number(left))} left today`);
    this.part("cost").textContent = said.join(" · ");
  }

  private showSort(): void {
    for (const { head, name } of this.columns) {
      const { sort } = this.question;
      if (sort?.column === name) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  /** The same rows to take away, and the call that they are. */
  private showTake(parameters: URLSearchParams): void {
    const query = parameters.toString();
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-take]")) {
      link.href = `${this.api}/${link.dataset["take"]}${query ? `?${query}` : ""}`;
    }
    const call = document.querySelector<HTMLElement>("[data-preview-call]");
    const line = document.querySelector<HTMLElement>("[data-preview-address]");
    if (!call || !line) return;
    call.textContent = `${location.origin}${this.api}/rows${query ? `?${query}` : ""}`;
    line.hidden = false;
  }

  private showProblem(error: unknown): void {
    const place = this.part("problem");
    const paragraph = (text: string) => {
      const line = document.createElement("p");
      line.className = "govuk-body";
      line.textContent = text;
      return line;
    };
    const again = document.createElement("button");
    again.type = "button";
    again.className = "govuk-button govuk-button--secondary";
    again.textContent = "Try again";
    again.addEventListener("click", () => void this.show());
    place.replaceChildren();
    place.hidden = false;
    this.part("body").replaceChildren();
    this.part("cost").textContent = "";
    this.part<HTMLButtonElement>("next").disabled = true;
    this.part<HTMLButtonElement>("previous").disabled = this.before.length === 0;
    if (!(error instanceof Refusal)) {
      this.say("No answer.");
      place.append(paragraph("The portal did not answer. Perhaps you are offline."), again);
      return;
    }
    const { status, problem, retrySecs } = error;
    this.say("No rows.");
    if (status === 429) {
      place.append(
        paragraph("You have asked much in a short time, and the limits are the same for everybody."),
        paragraph(problem.detail ?? problem.title ?? ""),
      );
      this.wait(again, retrySecs);
      const key = document.createElement("a");
      key.className = "govuk-link";
      key.href = "/developers#get-a-key";
      key.textContent = "a free key gives programs more room";
      const line = paragraph("For more than a look, ");
      line.append(key, ".");
      place.append(line, again);
      return;
    }
    const faults = (problem.errors ?? []).flatMap((fault) => (fault.detail ? [fault] : []));
    const reasons = faults.length > 0 ? faults.map((fault) => fault.detail ?? "") : [problem.detail ?? problem.title ?? `The portal could not answer this (status ${status}).`];
    place.append(...reasons.map((reason) => paragraph(reason)));
    for (const column of this.columns) {
      const isNamed = faults.some((fault) => fault.parameter === column.name);
      if (isNamed) column.box?.setAttribute("aria-invalid", "true");
      else column.box?.removeAttribute("aria-invalid");
    }
    // What was asked wrongly is wrong again; everything else may pass.
    if (status >= 500 || status === 408) {
      this.wait(again, retrySecs);
      place.append(again);
    }
  }

  /** A button that counts down until it may be pressed. */
  private wait(button: HTMLButtonElement, secs: number): void {
    if (!(secs > 0)) return;
    let left = Math.ceil(secs);
    const label = button.textContent ?? "";
    const tick = () => {
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${label} in ${counted(left)} s` : label;
      if (left <= 0) clearInterval(this.countdown);
      left -= 1;
    };
    tick();
    this.countdown = setInterval(tick, 1000);
  }
}

/** Shows the rows of the table that the place names. */
export function startPreview(place: HTMLElement): void {
  new Preview(place).start();
}
