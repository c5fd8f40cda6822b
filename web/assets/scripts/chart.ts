// A table's chart: one that suggests itself, another by the form above it. What it shows stands in the page's address, in words
// below it and in a table, so that it can be passed on, read out and taken away.
import "../chart.scss";
import { type Block, counted, type Picture, say } from "./block";
import { type Client, Refusal } from "./client";
import { coloursOf, draw, type Look, pngOf, svgText } from "./draw";
import { callOf, columnOf, csvOf, isNumber, isTime, type Numbers, numbersOf, type Point } from "./numbers";

/** Lines of the list of numbers on the page; the file has all. */
const MOST_LISTED = 200;
const FIELDS = ["kind", "x", "unit", "aggregate", "y", "split"] as const;

/** Shows the chart in that place, and draws again whenever the form says so. */
export async function startChart(block: Block, client: Client, place: HTMLElement): Promise<void> {
  await new Chart(block, client, place).start();
}

class Chart {
  private asking: AbortController | undefined;
  private shown: { picture: Picture; numbers: Numbers; drawn: SVGSVGElement; look: Look; title: string } | undefined;
  private width = 0;

  constructor(
    private readonly block: Block,
    private readonly client: Client,
    private readonly place: HTMLElement,
  ) {}

  private part<T extends HTMLElement>(name: string): T | null {
    return this.place.querySelector<T>(`[data-chart-${name}]`);
  }

  private say(key: string, values: Record<string, string | number> = {}): string {
    return say(this.block, key, values);
  }

  async start(): Promise<void> {
    const picture = this.fromAddress();
    if (picture) this.fill(picture);
    const form = this.part<HTMLFormElement>("form");
    form?.addEventListener("submit", (event) => event.preventDefault());
    form?.addEventListener("change", () => {
      this.fit();
      const now = this.fromForm();
      if (!now) return;
      this.writeAddress(now);
      void this.show(now);
    });
    for (const button of this.place.querySelectorAll<HTMLButtonElement>("[data-chart-save]")) {
      button.addEventListener("click", () => void this.save(button.dataset["chartSave"] ?? ""));
    }
    // Rows were narrowed down in the other tab.
    document.addEventListener("fg-question", () => this.current() && void this.show(this.current() as Picture));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.again());
    new ResizeObserver(() => {
      const width = this.part("picture")?.clientWidth ?? 0;
      if (width > 0 && Math.abs(width - this.width) > 8) this.again();
    }).observe(this.place);
    this.fit();
    const first = this.current() ?? picture;
    if (first) await this.show(first);
    else this.tell(this.say("table-chart-choose"));
  }

  // The form and the address ------------------------------------------------------------------------------------------------------

  private current(): Picture | undefined {
    return this.part("form") ? this.fromForm() : this.fromAddress();
  }

  private fromAddress(): Picture | undefined {
    const asked = new URLSearchParams(location.search);
    const given = (name: string) => asked.get(`chart.${name}`) || undefined;
    const x = given("x");
    if (!given("kind") || !x || !columnOf(this.block, x)) return this.block.chart ?? undefined;
    const picture: Record<string, string> = { kind: given("kind") ?? "bar", x, aggregate: given("aggregate") ?? "count" };
    for (const name of ["unit", "y", "split"] as const) {
      const value = given(name);
      if (value && (name === "unit" || columnOf(this.block, value))) picture[name] = value;
    }
    return picture as unknown as Picture;
  }

  private fromForm(): Picture | undefined {
    const form = this.part<HTMLFormElement>("form");
    if (!form) return undefined;
    const picture: Record<string, string> = {};
    for (const name of FIELDS) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLSelectElement && field.value && !field.closest("[hidden]")) picture[name] = field.value;
    }
    return picture["kind"] && picture["x"] ? ({ aggregate: "count", ...picture } as unknown as Picture) : undefined;
  }

  private fill(picture: Picture): void {
    const form = this.part<HTMLFormElement>("form");
    for (const name of FIELDS) {
      const field = form?.elements.namedItem(name);
      if (field instanceof HTMLSelectElement && picture[name] !== undefined) field.value = picture[name] ?? "";
    }
  }

  /** Shows the fields that the kind of chart has, and offers the columns that fit it. */
  private fit(): void {
    const form = this.part<HTMLFormElement>("form");
    if (!form) return;
    const field = (name: string) => form.elements.namedItem(name) as HTMLSelectElement;
    const show = (name: string, isShown: boolean) => {
      const around = field(name).closest<HTMLElement>(".govuk-form-group");
      if (around) around.hidden = !isShown;
    };
    const kind = field("kind").value;
    const fits = (name: string) => {
      const column = columnOf(this.block, name);
      if (kind === "histogram") return isNumber(column);
      if (kind === "dots") return isNumber(column) || isTime(column);
      return true;
    };
    for (const option of field("x").options) option.disabled = !fits(option.value);
    if (field("x").selectedOptions[0]?.disabled) {
      const first = [...field("x").options].find((option) => !option.disabled);
      if (first) field("x").value = first.value;
    }
    const x = columnOf(this.block, field("x").value);
    show("unit", isTime(x) && (kind === "line" || kind === "bar"));
    show("aggregate", kind === "line" || kind === "bar");
    show("y", kind === "dots" || ((kind === "line" || kind === "bar") && field("aggregate").value !== "count"));
    const adds = ["count", "sum"].includes(field("aggregate").value);
    show("split", kind === "dots" || kind === "line" || (kind === "bar" && adds));
    // What is added up without a word from the reader is something that can be.
    if (!field("y").value && (kind === "dots" || field("aggregate").value !== "count")) {
      const numbers = this.block.columns.filter((column) => isNumber(column) && column.name !== field("x").value);
      field("y").value = (numbers.find(({ measure }) => measure) ?? numbers[0])?.name ?? "";
    }
  }

  private writeAddress(picture: Picture): void {
    const asked = this.asked(picture, new URLSearchParams(location.search));
    history.replaceState(history.state, "", `${location.pathname}?${asked}${location.hash}`);
  }

  private asked(picture: Picture, asked: URLSearchParams): URLSearchParams {
    for (const name of FIELDS) {
      const value = picture[name];
      if (value) asked.set(`chart.${name}`, value);
      else asked.delete(`chart.${name}`);
    }
    return asked;
  }

  // The picture -------------------------------------------------------------------------------------------------------------------

  private tell(text: string): void {
    const status = this.part("status");
    if (status) status.textContent = text;
  }

  private async show(picture: Picture): Promise<void> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.tell(this.say("table-chart-loading"));
    this.place.setAttribute("aria-busy", "true");
    try {
      const numbers = await numbersOf(this.block, this.client, picture, this.say("table-chart-none"), asking.signal);
      if (asking.signal.aborted) return;
      this.render(picture, numbers);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.clear();
      this.tell(error instanceof Refusal ? error.reasons.join(" ") : this.say("table-offline"));
    } finally {
      if (this.asking === asking) this.place.removeAttribute("aria-busy");
    }
  }

  private clear(): void {
    this.shown = undefined;
    for (const name of ["picture", "legend", "table"]) this.part(name)?.replaceChildren();
    const after = this.part("after");
    if (after) after.hidden = true;
  }

  private again(): void {
    if (this.shown) this.render(this.shown.picture, this.shown.numbers);
  }

  private render(picture: Picture, numbers: Numbers): void {
    const holder = this.part("picture");
    if (!holder) return;
    if (numbers.points.length === 0) {
      this.clear();
      this.tell(this.say("table-chart-empty"));
      return;
    }
    const title = this.titleOf(picture);
    const look = this.look(picture, holder.clientWidth || 720);
    this.width = holder.clientWidth;
    const drawn = draw(picture, numbers, look);
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", `${title}. ${this.summary(picture, numbers)}`);
    holder.replaceChildren(drawn);
    this.shown = { picture, numbers, drawn, look, title };
    const caption = this.part("caption");
    if (caption) caption.textContent = title;
    const said = [this.summary(picture, numbers)];
    if (numbers.left > 0) said.push(this.say("table-chart-left", { left: numbers.left }));
    if (numbers.of !== undefined) said.push(this.say("table-chart-part", { shown: numbers.points.length, all: numbers.of }));
    this.tell(said.join(" "));
    this.showLegend(numbers, look);
    this.showTable(picture, numbers);
    this.showWays(picture);
    const after = this.part("after");
    if (after) after.hidden = false;
  }

  private look(picture: Picture, width: number): Look {
    const colours = getComputedStyle(document.documentElement);
    const colour = (name: string) => colours.getPropertyValue(name).trim();
    return {
      width,
      isYear: columnOf(this.block, picture.x)?.year ?? false,
      isDark: matchMedia("(prefers-color-scheme: dark)").matches && !matchMedia("print").matches,
      ink: colour("--ink"),
      ground: colour("--card"),
      line: colour("--line"),
      xTitle: columnOf(this.block, picture.x)?.title ?? picture.x,
      yTitle: this.measureOf(picture),
      told: (point) => this.cells(picture, point).join("\n"),
    };
  }

  private measureOf(picture: Picture): string {
    const column = columnOf(this.block, picture.y)?.title ?? "";
    if (picture.kind === "dots") return column;
    if (picture.aggregate === "count" || !picture.y || picture.kind === "histogram") return this.say("table-chart-of-count");
    return this.say(`table-chart-of-${picture.aggregate}`, { column });
  }

  private titleOf(picture: Picture): string {
    const x = columnOf(this.block, picture.x)?.title ?? picture.x;
    const split = columnOf(this.block, picture.split)?.title;
    const isSplit = split && picture.kind !== "histogram";
    if (picture.kind === "dots") return this.say("table-chart-title-dots", { y: this.measureOf(picture), x });
    return this.say(isSplit ? "table-chart-title-split" : "table-chart-title", { y: this.measureOf(picture), x, split: split ?? "" });
  }

  /** What the picture shows, in a sentence: how many, from where to where, least and most. */
  private summary(picture: Picture, { points }: Numbers): string {
    const byHeight = [...points].sort((a, b) => a.y - b.y);
    const [least, most] = [byHeight[0], byHeight.at(-1)];
    if (!least || !most) return "";
    return this.say("table-chart-summary", {
      points: points.length,
      least: counted(least.y),
      leastAt: this.along(picture, least),
      most: counted(most.y),
      mostAt: this.along(picture, most),
    });
  }

  /** Where along the picture a point is, in words. */
  private along(picture: Picture, { x, x2 }: Point): string {
    const language = document.documentElement.lang || "en";
    if (x instanceof Date) {
      const options: Record<string, Intl.DateTimeFormatOptions> = {
        year: { year: "numeric" },
        month: { year: "numeric", month: "long" },
        hour: { dateStyle: "medium", timeStyle: "short" },
      };
      return x.toLocaleString(language, { ...(options[picture.unit ?? ""] ?? { dateStyle: "medium" }), timeZone: "UTC" });
    }
    if (typeof x === "string") return x;
    // A year is no quantity: no separator in it.
    const said = (value: number) => (Number.isInteger(value) && picture.kind !== "histogram" ? String(value) : counted(value));
    return x2 === undefined ? said(x) : `${said(x)}–${said(x2)}`;
  }

  private heads(picture: Picture, numbers: Numbers): string[] {
    const title = (name: string | undefined) => columnOf(this.block, name)?.title ?? "";
    return [title(picture.x), ...(numbers.series.length > 0 ? [title(picture.split)] : []), this.measureOf(picture)];
  }

  private cells(picture: Picture, point: Point): string[] {
    return [this.along(picture, point), ...(point.split === undefined ? [] : [point.split]), counted(point.y)];
  }

  private showLegend({ series }: Numbers, look: Look): void {
    const colours = coloursOf(look.isDark);
    this.part("legend")?.replaceChildren(
      ...series.map((name, at) => {
        const item = document.createElement("li");
        const mark = document.createElement("span");
        mark.className = "fg-legend__mark";
        mark.style.backgroundColor = colours[at] ?? look.ink;
        item.append(mark, name);
        return item;
      }),
    );
  }

  private showTable(picture: Picture, numbers: Numbers): void {
    const line = (texts: readonly string[], tag: "th" | "td") => {
      const row = document.createElement("tr");
      row.className = "govuk-table__row";
      texts.forEach((text, at) => {
        const cell = document.createElement(tag === "td" && at === 0 ? "th" : tag);
        const isHead = cell instanceof HTMLTableCellElement && cell.tagName === "TH";
        if (isHead) cell.scope = tag === "th" ? "col" : "row";
        cell.className = `${isHead ? "govuk-table__header" : "govuk-table__cell"}${at === texts.length - 1 ? " fg-number" : ""}`;
        cell.textContent = text;
        row.append(cell);
      });
      return row;
    };
    const heads = document.createElement("thead");
    heads.append(line(this.heads(picture, numbers), "th"));
    const body = document.createElement("tbody");
    body.append(...numbers.points.slice(0, MOST_LISTED).map((point) => line(this.cells(picture, point), "td")));
    const table = document.createElement("table");
    table.className = "govuk-table fg-table--dense";
    const caption = document.createElement("caption");
    caption.className = "govuk-visually-hidden";
    caption.textContent = this.titleOf(picture);
    table.append(caption, heads, body);
    const more = numbers.points.length - MOST_LISTED;
    const note = document.createElement("p");
    note.className = "govuk-body-s";
    note.textContent = more > 0 ? this.say("table-chart-listed", { shown: MOST_LISTED, all: numbers.points.length }) : "";
    this.part("table")?.replaceChildren(table, ...(more > 0 ? [note] : []));
  }

  /** The call behind the picture, and the lines that put it on another page. */
  private showWays(picture: Picture): void {
    const call = this.part<HTMLAnchorElement>("call");
    if (call) call.href = callOf(this.block, picture);
    const code = this.part("embed");
    if (!code) return;
    const asked = this.asked(picture, new URLSearchParams(location.search));
    const address = `${location.origin}${this.block.page}/embed?${asked}`;
    const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
    code.textContent = `<iframe src="${escaped(address)}" title="${escaped(this.titleOf(picture))}" width="100%" height="520" loading="lazy"></iframe>`;
  }

  // Out ---------------------------------------------------------------------------------------------------------------------------

  private async save(kind: string): Promise<void> {
    const { shown } = this;
    if (!shown) return;
    const { picture, numbers, drawn, look, title } = shown;
    const plain = (point: Point) => {
      const x = point.x instanceof Date ? point.x.toISOString().replace(/T00:00:00\.000Z$/, "") : String(point.x);
      const end = point.x2 === undefined ? [] : [String(point.x2)];
      return [x, ...end, ...(point.split === undefined ? [] : [point.split]), String(point.y)];
    };
    const heads = this.heads(picture, numbers);
    if (picture.kind === "histogram") heads.splice(0, 1, `${heads[0]} ≥`, `${heads[0]} <`);
    const csv = () => new Blob([csvOf(heads, numbers.points.map(plain))], { type: "text/csv;charset=utf-8" });
    const svg = () => new Blob([svgText(drawn, title, look)], { type: "image/svg+xml" });
    const blob = kind === "csv" ? csv() : kind === "svg" ? svg() : await pngOf(drawn, title, look);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 80) || "chart"}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
