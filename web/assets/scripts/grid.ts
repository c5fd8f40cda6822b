// The rows of a table: all of them in one list that scrolls, of which only what is in view is asked for and drawn. The list is a
// grid (WAI-ARIA Authoring Practices, "Grid"): one stop of the tab key, arrows within.
import { type Block, counted, say } from "./block";
import { fillCell, NOTHING, textOf } from "./cell";
import { Client, Refusal } from "./client";
import { showDetails } from "./details";
import { addressOf, parametersOf, type Question, questionIn } from "./question";
import { Windowing } from "./windowing";

/** Wait so long after the last key before asking, in milliseconds. */
const PAUSE_MS = 450;
/** Wait so long while scrolling before asking. */
const SCROLL_PAUSE_MS = 90;
/** Wait so long after scrolling before telling where the list stands: a reader is not told of every row that passes. */
const TELL_PAUSE_MS = 350;
/** Rows that are asked for at once. */
const CHUNK_ROWS = 100;
/** Rows that are kept; those furthest from what is in view go first. */
const KEPT_ROWS = 6_000;
/** Rows drawn above and below what is in view. */
const OVERSCAN = 8;
/** The widest column that the list begins with, and the narrowest, in pixels. */
const WIDEST_PX = 340;
const NARROWEST_PX = 88;

type Row = Readonly<Record<string, unknown>>;

interface Page {
  readonly items: Row[];
  readonly total: number;
}

export class Grid {
  private readonly table: HTMLTableElement;
  private readonly body: HTMLTableSectionElement;
  private readonly room: HTMLElement;
  private readonly form: HTMLFormElement;
  private readonly names: string[];
  private question: Question;
  private total = 0;
  private rows = new Map<number, Row>();
  private readonly drawn = new Map<number, HTMLTableRowElement>();
  private readonly asking = new Map<number, AbortController>();
  private place: Windowing;
  private active = { row: 0, column: 0 };
  private timer: ReturnType<typeof setTimeout> | undefined;
  private scrollTimer: ReturnType<typeof setTimeout> | undefined;
  private tellTimer: ReturnType<typeof setTimeout> | undefined;
  private countdown: ReturnType<typeof setInterval> | undefined;
  private frame = 0;
  /** Counts questions, so that answers to earlier ones are let go. */
  private asked = 0;
  /** Whether the rows that are shown answer an earlier question, and the answer to the new one is on its way. */
  private isRenewing = false;
  private isFixed = false;

  constructor(
    private readonly block: Block,
    private readonly client: Client,
    private readonly scroller: HTMLElement,
  ) {
    const find = <T extends Element>(selector: string) => document.querySelector<T>(selector) as T;
    this.table = find("[data-grid-table]");
    this.body = find("[data-grid-body]");
    this.room = find("[data-grid-room]");
    this.form = find("[data-grid-form]");
    this.names = [...this.table.querySelectorAll<HTMLElement>("th[data-column]")].map((head) => head.dataset["column"] ?? "");
    this.question = questionIn(location.search, this.block.columns);
    this.place = new Windowing(0, this.rowPx, OVERSCAN);
  }

  private part<T extends HTMLElement>(name: string): T {
    return document.querySelector<T>(`[data-grid-${name}]`) as T;
  }

  private get rowPx(): number {
    return Number.parseFloat(getComputedStyle(this.scroller).getPropertyValue("--row-height")) || 34;
  }

  /** The height in which rows are seen: below the heads, which stay. */
  private get viewPx(): number {
    return Math.max(0, this.scroller.clientHeight - (this.table.tHead?.offsetHeight ?? 0));
  }

  start(): void {
    this.table.setAttribute("role", "grid");
    this.scroller.classList.add("fg-grid--live");
    for (const part of document.querySelectorAll<HTMLElement>("[data-without-script]")) part.hidden = true;
    for (const part of document.querySelectorAll<HTMLElement>("[data-with-script]")) part.hidden = false;
    this.listen();
    const from = Number(new URLSearchParams(location.search).get("from") ?? 0);
    const first = document.getElementById("table-rows")?.textContent;
    if (first) {
      const page = JSON.parse(first) as Page;
      this.take(page, from);
      if (from > 0) this.place.jump(from, this.viewPx);
      this.draw();
      this.fixWidths();
      this.settle();
    } else this.fromStart(true);
  }

  private listen(): void {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.fromStart();
    });
    for (const input of this.inputs()) {
      input.addEventListener("input", () => this.soon());
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        this.fromStart();
      });
    }
    this.part("reset").addEventListener("click", (event) => {
      event.preventDefault();
      for (const input of this.inputs()) input.value = "";
      this.question.sort = undefined;
      this.fromStart();
    });
    for (const link of this.table.querySelectorAll<HTMLAnchorElement>("[data-sort]")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.sortBy(link.closest<HTMLElement>("[data-column]")?.dataset["column"] ?? "");
      });
    }
    const jump = this.part<HTMLInputElement>("jump");
    jump.addEventListener("change", () => this.jumpTo(jump));
    jump.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      // The form is not sent: it would begin at the first row.
      event.preventDefault();
      this.jumpTo(jump);
    });
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.redraw()).observe(this.scroller);
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => this.click(event));
    this.body.addEventListener("focusin", (event) => this.follow(event.target as HTMLElement));
  }

  /** The form's boxes, also those in the heads. */
  private inputs(): HTMLInputElement[] {
    return [...this.form.elements].filter(
      (field): field is HTMLInputElement => field instanceof HTMLInputElement && field.type !== "hidden" && field.name !== "",
    );
  }

  /** A click sorts upwards, the next downwards, the third not at all. */
  private sortBy(column: string): void {
    const { sort } = this.question;
    if (sort?.column !== column) this.question.sort = { column, descending: false };
    else this.question.sort = sort.descending ? undefined : { column, descending: true };
    this.fromStart();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fromStart(), PAUSE_MS);
  }

  /** Asks what the boxes say, from the first row on. */
  private fromStart(isFirst = false): void {
    clearTimeout(this.timer);
    const boxes = new Map<string, string>();
    for (const input of this.inputs()) {
      const text = input.value.trim();
      if (input.name === "q") this.question.words = text;
      else if (input.name.startsWith("is.") && text) boxes.set(input.name.slice(3), text);
    }
    this.question.boxes = boxes;
    if (!isFirst) {
      const query = addressOf(this.question, location.search).toString();
      history.replaceState(history.state, "", `${location.pathname}${query ? `?${query}` : ""}${location.hash}`);
    }
    this.asked += 1;
    for (const asking of this.asking.values()) asking.abort();
    this.asking.clear();
    clearInterval(this.countdown);
    this.showSort();
    this.showTake();
    this.say(say(this.block, "table-rows-loading"));
    this.isRenewing = true;
    void this.ask(0, true);
    document.dispatchEvent(new CustomEvent("fg-question"));
  }

  /** The question as parameters of the API. */
  private parameters(): URLSearchParams {
    const parameters = parametersOf(this.question, this.block.columns);
    if (this.block.version !== null) parameters.set("version", String(this.block.version));
    return parameters;
  }

  /** Asks for the rows from there on. An answer to a new question replaces all that is shown. */
  private async ask(chunk: number, isNew = false): Promise<void> {
    const asked = this.asked;
    const asking = new AbortController();
    this.asking.set(chunk, asking);
    const parameters = this.parameters();
    parameters.set("limit", String(CHUNK_ROWS));
    if (chunk > 0) parameters.set("offset", String(chunk * CHUNK_ROWS));
    if (this.block.properties) parameters.set("properties", this.block.properties);
    this.scroller.setAttribute("aria-busy", "true");
    try {
      const [page, headers] = await this.client.get<Page>(`${this.block.api}/rows?${parameters}`, asking.signal);
      if (asked !== this.asked) return;
      if (isNew) this.clear();
      this.isRenewing = false;
      this.take(page, chunk * CHUNK_ROWS);
      this.part("problem").hidden = true;
      for (const input of this.inputs()) input.removeAttribute("aria-invalid");
      this.showCost(headers);
      this.draw();
      this.fixWidths();
    } catch (error) {
      if (asked !== this.asked || asking.signal.aborted) return;
      if (isNew) this.clear();
      this.isRenewing = false;
      this.showProblem(error, () => void this.ask(chunk, isNew));
    } finally {
      if (this.asking.get(chunk) === asking) this.asking.delete(chunk);
      if (this.asking.size === 0) this.scroller.removeAttribute("aria-busy");
    }
  }

  private clear(): void {
    this.rows.clear();
    this.drawn.clear();
    this.body.replaceChildren();
    this.total = 0;
    this.active = { row: 0, column: 0 };
    this.place = new Windowing(0, this.rowPx, OVERSCAN);
    this.scroller.scrollTop = 0;
  }

  private take(page: Page, from: number): void {
    this.total = page.total;
    this.place.resize(page.total);
    page.items.forEach((row, at) => this.rows.set(from + at, row));
    this.table.setAttribute("aria-rowcount", String(page.total + 2));
  }

  private scrolled(): void {
    this.place.scroll(this.scroller.scrollTop, this.viewPx);
    this.redraw();
    clearTimeout(this.tellTimer);
    this.tellTimer = setTimeout(() => this.settle(), TELL_PAUSE_MS);
  }

  /** Puts the scroll bar where the list stands. */
  private settle(): void {
    const settled = this.place.settled(this.viewPx);
    if (Math.abs(this.scroller.scrollTop - settled) > 1) this.scroller.scrollTop = settled;
    this.redraw();
  }

  private redraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    // Below a hidden tab nothing has a size.
    if (this.scroller.clientHeight === 0) return;
    const { start, end, above, below, first, last } = this.place.stand(this.viewPx);
    // The room stays as high as it is while lines come and go: a browser that measures in between would scroll otherwise.
    const list = above + below + (end - start) * this.rowPx;
    this.room.style.minHeight = `${list + (this.table.tHead?.offsetHeight ?? 0)}px`;
    this.room.style.paddingTop = `${above}px`;
    this.room.style.paddingBottom = `${below}px`;
    if (this.drawn.size === 0) this.body.replaceChildren();
    let isLost = false;
    for (const [row, line] of this.drawn) {
      if (row >= start && row < end) continue;
      isLost ||= line.contains(document.activeElement);
      line.remove();
      this.drawn.delete(row);
    }
    let next = this.body.firstElementChild;
    for (let row = start; row < end; row += 1) {
      const line = this.line(row);
      if (line === next) next = next.nextElementSibling;
      else this.body.insertBefore(line, next);
    }
    if (isLost) this.scroller.focus({ preventScroll: true });
    this.tell(first, last);
    clearTimeout(this.scrollTimer);
    this.scrollTimer = setTimeout(() => this.askForWhatIsMissing(start, end), SCROLL_PAUSE_MS);
  }

  /** The line of a row, filled in as soon as its values are here. */
  private line(row: number): HTMLTableRowElement {
    const values = this.rows.get(row);
    let line = this.drawn.get(row);
    if (!line) {
      line = document.createElement("tr");
      line.setAttribute("aria-rowindex", String(row + 3));
      line.dataset["row"] = String(row);
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = counted(row + 1);
      line.append(head, ...this.names.map(() => document.createElement("td")));
      for (const cell of line.cells) cell.tabIndex = -1;
      line.classList.add("fg-rows__waiting");
      this.drawn.set(row, line);
    }
    if (values && line.classList.contains("fg-rows__waiting")) {
      line.classList.remove("fg-rows__waiting");
      this.names.forEach((name, at) => {
        const cell = line.cells[at + 1];
        const column = this.block.columns.find((one) => one.name === name);
        if (!cell || !column) return;
        if (["integer", "decimal"].includes(column.kind)) cell.className = "fg-rows__number";
        fillCell(cell, values[name], column.scale);
      });
    }
    const cell = row === this.active.row ? line.cells[this.active.column] : undefined;
    if (cell) cell.tabIndex = 0;
    return line;
  }

  private askForWhatIsMissing(start: number, end: number): void {
    // What is missing for an earlier question is of no use, and what is on its way for the new one must arrive.
    if (this.isRenewing) return;
    const wanted = new Set<number>();
    for (let row = start; row < end; row += 1) if (!this.rows.has(row)) wanted.add(Math.floor(row / CHUNK_ROWS));
    for (const [chunk, asking] of this.asking) {
      if (!wanted.has(chunk)) asking.abort();
    }
    for (const chunk of wanted) if (!this.asking.has(chunk) || this.asking.get(chunk)?.signal.aborted) void this.ask(chunk);
    if (this.rows.size <= KEPT_ROWS) return;
    const middle = (start + end) / 2;
    const nearest = [...this.rows.entries()].sort(([a], [b]) => Math.abs(a - middle) - Math.abs(b - middle));
    this.rows = new Map(nearest.slice(0, KEPT_ROWS / 2));
  }

  /** Keeps columns as wide as they are now, so that they do not dance while rows pass. */
  private fixWidths(): void {
    const heads = this.table.tHead?.rows[0]?.cells;
    if (this.isFixed || !heads || this.scroller.clientWidth === 0 || this.rows.size === 0) return;
    this.isFixed = true;
    const widths = [...heads].map((head) => Math.min(Math.max(head.offsetWidth, NARROWEST_PX), WIDEST_PX));
    // The first column holds numbers of rows, and no more.
    widths[0] = Math.max(52, 20 + 9 * counted(this.total).length);
    const group = document.createElement("colgroup");
    for (const width of widths) {
      const column = document.createElement("col");
      column.style.width = `${width}px`;
      group.append(column);
    }
    this.table.caption?.after(group);
    this.table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
    this.table.classList.add("fg-rows--fixed");
  }

  // Where a reader is -----------------------------------------------------------------------------------------------------------

  private jumpTo(input: HTMLInputElement): void {
    const row = Math.round(Number(input.value)) - 1;
    if (!Number.isFinite(row) || this.total === 0) return;
    this.goTo(Math.min(Math.max(0, row), this.total - 1));
  }

  private goTo(row: number): void {
    this.place.jump(row, this.viewPx);
    this.setActive(row, this.active.column);
    this.settle();
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.viewPx / this.rowPx) - 1);
    const { row, column } = this.active;
    const last = this.total - 1;
    const to = { row, column };
    switch (event.key) {
      case "ArrowDown": to.row += 1; break;
      case "ArrowUp": to.row -= 1; break;
      case "ArrowRight": to.column += 1; break;
      case "ArrowLeft": to.column -= 1; break;
      case "PageDown": to.row += page; break;
      case "PageUp": to.row -= page; break;
      case "Home": to.column = 0; if (event.ctrlKey) to.row = 0; break;
      case "End": to.column = this.names.length; if (event.ctrlKey) to.row = last; break;
      case "Enter": event.preventDefault(); this.open(row); return;
      default: return;
    }
    event.preventDefault();
    this.setActive(Math.min(Math.max(0, to.row), last), Math.min(Math.max(0, to.column), this.names.length));
    if (this.place.reveal(this.active.row, this.viewPx)) this.scroller.scrollTop = this.place.settled(this.viewPx);
    this.draw();
    const cell = this.drawn.get(this.active.row)?.cells[this.active.column];
    cell?.focus({ preventScroll: true });
    if (cell) this.revealSideways(cell);
  }

  private setActive(row: number, column: number): void {
    const before = this.drawn.get(this.active.row)?.cells[this.active.column];
    if (before) before.tabIndex = -1;
    this.active = { row, column };
    const now = this.drawn.get(row)?.cells[column];
    if (now) now.tabIndex = 0;
  }

  /** Scrolls sideways, and only so; the first column stays and covers what lies below it. */
  private revealSideways(cell: HTMLTableCellElement): void {
    const stays = this.drawn.get(this.active.row)?.cells[0]?.offsetWidth ?? 0;
    const left = cell.offsetLeft - stays;
    const right = cell.offsetLeft + cell.offsetWidth - this.scroller.clientWidth;
    if (this.scroller.scrollLeft > left) this.scroller.scrollLeft = left;
    else if (this.scroller.scrollLeft < right) this.scroller.scrollLeft = right;
  }

  private follow(target: HTMLElement): void {
    const cell = target.closest<HTMLTableCellElement>("td, th");
    const row = Number(cell?.closest("tr")?.dataset["row"]);
    if (cell && Number.isFinite(row)) this.setActive(row, cell.cellIndex);
  }

  private click(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>("td, th");
    const row = Number(cell?.closest("tr")?.dataset["row"]);
    if (!cell || !Number.isFinite(row) || (event.target as HTMLElement).closest("a")) return;
    cell.focus({ preventScroll: true });
    // The number of a row opens it, and so does a value that does not fit its cell.
    if (cell.cellIndex === 0 || cell.scrollWidth > cell.clientWidth + 1) this.open(row);
  }

  /** Shows all values of a row, also those of columns that the list leaves out. */
  private open(row: number): void {
    const show = (values: Row) =>
      showDetails(
        say(this.block, "table-row", { row: row + 1 }),
        this.block.columns
          .filter(({ name }) => name in values)
          .map(({ title, name, scale }): [string, string] => [title, textOf(values[name], scale) ?? NOTHING]),
        say(this.block, "table-close"),
      );
    const values = this.rows.get(row);
    if (values && !this.block.properties) return show(values);
    const parameters = this.parameters();
    parameters.set("limit", "1");
    parameters.set("offset", String(row));
    this.client.get<Page>(`${this.block.api}/rows?${parameters}`).then(
      ([page]) => page.items[0] && show(page.items[0]),
      () => values && show(values),
    );
  }

  // What is said ----------------------------------------------------------------------------------------------------------------

  private say(text: string): void {
    const status = this.part("status");
    if (status.textContent !== text) status.textContent = text;
  }

  private tell(first: number, last: number): void {
    if (!this.part("problem").hidden) return;
    if (this.total === 0) return this.say(say(this.block, "table-rows-none"));
    const isAll = this.total === this.block.rows;
    const values = { first: first + 1, last: Math.max(first, last) + 1, total: this.total, all: this.block.rows };
    this.say(say(this.block, isAll ? "table-rows-all" : "table-rows-fit", values));
  }

  private showSort(): void {
    const { sort } = this.question;
    for (const head of this.table.querySelectorAll<HTMLElement>("th[data-column]")) {
      if (sort && sort.column === head.dataset["column"]) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  /** What the answer cost and what is left, as it says itself. */
  private showCost(headers: Headers): void {
    const said: string[] = [];
    const took = /dur=([\d.]+)/.exec(headers.get("server-timing") ?? "")?.[1];
    if (took) said.push(say(this.block, "table-cost-took", { ms: Number(Number(took).toPrecision(2)) }));
    const left = [...(headers.get("ratelimit") ?? "").matchAll(/"[^"]*-day"[^,]*?;r=(\d+)/g)][0]?.[1];
    // What is left of the portal's own key says nothing to a reader.
    if (left && !this.client.isKeyed) said.push(say(this.block, "table-cost-left", { left: Number(left) }));
    this.part("cost").textContent = said.join(" · ");
  }

  /** The same rows to take away, and the call that they are. */
  private showTake(): void {
    const query = this.parameters().toString();
    for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-take]")) {
      link.href = `${this.block.api}/${link.dataset["take"]}${query ? `?${query}` : ""}`;
    }
    const call = document.querySelector<HTMLElement>("[data-take-call]");
    if (call) call.textContent = `${location.origin}${this.block.api}/rows${query ? `?${query}` : ""}`;
  }

  private showProblem(error: unknown, again: () => void): void {
    const place = this.part("problem");
    place.replaceChildren();
    place.hidden = false;
    this.part("cost").textContent = "";
    const paragraph = (text: string) => {
      const line = document.createElement("p");
      line.className = "govuk-body";
      line.textContent = text;
      place.append(line);
      return line;
    };
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary";
    button.textContent = say(this.block, "table-again");
    button.addEventListener("click", again);
    if (!(error instanceof Refusal)) {
      this.say(say(this.block, "table-no-answer"));
      paragraph(say(this.block, "table-offline"));
      place.append(button);
      return;
    }
    this.say(say(this.block, "table-rows-refused"));
    if (error.status === 429) paragraph(say(this.block, "table-much-asked"));
    for (const reason of error.reasons) paragraph(reason);
    for (const input of this.inputs()) {
      const isNamed = (error.problem.errors ?? []).some((fault) => input.name === `is.${fault.parameter}`);
      if (isNamed) input.setAttribute("aria-invalid", "true");
    }
    if (error.status === 429) {
      const key = document.createElement("a");
      key.className = "govuk-link";
      key.href = "/developers#get-a-key";
      key.textContent = say(this.block, "table-free-key");
      paragraph("").append(key);
    }
    // What was asked wrongly is wrong again; everything else may pass.
    if (error.status >= 500 || error.status === 408 || error.status === 429) {
      this.wait(button, error.retrySecs);
      place.append(button);
    }
  }

  /** A button that counts down until it may be pressed. */
  private wait(button: HTMLButtonElement, secs: number): void {
    if (!(secs > 0)) return;
    let left = Math.ceil(secs);
    const tick = () => {
      button.disabled = left > 0;
      button.textContent = left > 0 ? say(this.block, "table-again-in", { secs: left }) : say(this.block, "table-again");
      if (left <= 0) clearInterval(this.countdown);
      left -= 1;
    };
    tick();
    this.countdown = setInterval(tick, 1000);
  }
}

