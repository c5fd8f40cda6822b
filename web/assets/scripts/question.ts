// What the boxes above the rows ask, as parameters of the public API. The server reads the page's address in the same way.

/** Prefix of a column's box in the page's own address. */
const BOX = "is.";

/** A column of the table. */
export interface Column {
  readonly name: string;
  readonly kind: string;
  /** Whether `column=value` works for it; otherwise its name means something else, and only a filter does. */
  readonly plain: boolean;
}

/** What a reader asks. */
export interface Question {
  words: string;
  /** By column. */
  boxes: Map<string, string>;
  sort: { column: string; descending: boolean } | undefined;
}

const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Whether a column's values lie on a line, so that ranges make sense. */
const isOrdered = (kind: string) => ["integer", "decimal", "date", "timestamp"].includes(kind);

function literal(column: Column, text: string): string {
  switch (column.kind) {
    case "integer":
    case "decimal":
      // What is no number is quoted and then refused by the API with a sentence, not by us.
      return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? text : quoteText(text);
    case "boolean":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : quoteText(text);
    default:
      return quoteText(text);
  }
}

/** A box's text as a condition of CQL2; `undefined` when it is a plain value. */
export function conditionOf(column: Column, text: string): string | undefined {
  const name = quoteName(column.name);
  if (text === "-") return column.plain ? undefined : `${name} is null`;
  if (isOrdered(column.kind)) {
    const range = /^(.+?)\.\.(.+)$/.exec(text);
    if (range?.[1] && range[2]) {
      return `${name} >= ${literal(column, range[1].trim())} and ${name} <= ${literal(column, range[2].trim())}`;
    }
    const bound = /^(<=|>=|<|>)\s*(.+)$/.exec(text);
    if (bound?.[1] && bound[2]) return `${name} ${bound[1]} ${literal(column, bound[2].trim())}`;
  }
  if (column.kind === "text" && text.includes("*")) {
    // Of our own, `*` is any run of characters; `%` and `_` mean themselves.
    const pattern = text.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%");
    return `casei(${name}) like casei(${quoteText(pattern)})`;
  }
  return column.plain ? undefined : `${name} = ${literal(column, text)}`;
}

/** The parameters of the API that ask it, without a page. */
export function parametersOf(question: Question, columns: readonly Column[]): URLSearchParams {
  const parameters = new URLSearchParams();
  if (question.words) parameters.set("q", question.words);
  const conditions: string[] = [];
  for (const column of columns) {
    const text = question.boxes.get(column.name)?.trim();
    if (!text) continue;
    const condition = conditionOf(column, text);
    if (condition) conditions.push(condition);
    else parameters.append(column.name, text === "-" ? "" : text);
  }
  if (conditions.length > 0) parameters.set("filter", conditions.join(" and "));
  if (question.sort) parameters.set("sortby", `${question.sort.descending ? "-" : ""}${question.sort.column}`);
  return parameters;
}

/** The question that stands in the page's address. */
export function questionIn(address: string, columns: readonly Column[]): Question {
  const asked = new URLSearchParams(address);
  const boxes = new Map<string, string>();
  for (const { name, kind } of columns) {
    const text = asked.get(BOX + name)?.trim();
    if (text && isSortable(kind)) boxes.set(name, text);
  }
  const sort = asked.get("sortby") ?? "";
  const column = sort.replace(/^-/, "");
  const isKnown = columns.some(({ name, kind }) => name === column && isSortable(kind));
  return {
    words: asked.get("q")?.trim() ?? "",
    boxes,
    sort: isKnown ? { column, descending: sort.startsWith("-") } : undefined,
  };
}

/** The page's query for a question; what else stands in the address stays. */
export function addressOf(question: Question, address: string): URLSearchParams {
  const asked = new URLSearchParams(address);
  for (const name of [...asked.keys()]) if (["q", "sortby", "from"].includes(name) || name.startsWith(BOX)) asked.delete(name);
  if (question.words) asked.set("q", question.words);
  for (const [name, text] of question.boxes) asked.set(BOX + name, text);
  const { sort } = question;
  if (sort) asked.set("sortby", `${sort.descending ? "-" : ""}${sort.column}`);
  return asked;
}

/** Whether values of that kind can be sorted and compared. */
export function isSortable(kind: string): boolean {
  return kind !== "point" && kind !== "geometry";
}
