// Values of a table as a reader sees them. Nothing here is trusted: every value becomes text, and an address becomes a link
// only when it is one of the web.

/** Longest text that a cell shows, in characters. */
const LONGEST_TEXT = 300;
/** What a cell without a value shows. */
export const NOTHING = "–";

interface Geometry {
  readonly type: string;
  readonly coordinates?: unknown;
}

function isGeometry(value: unknown): value is Geometry {
  return typeof value === "object" && value !== null && typeof (value as Geometry).type === "string";
}

function shapeText(shape: Geometry): string {
  if (shape.type === "Point" && Array.isArray(shape.coordinates)) {
    return shape.coordinates.map((part: unknown) => (typeof part === "number" ? part.toFixed(5) : "?")).join(", ");
  }
  return shape.type;
}

/** The text of a value; `undefined` when there is none. */
export function textOf(value: unknown, scale: number | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number") return scale === undefined ? String(value) : value.toFixed(scale);
  if (isGeometry(value)) return shapeText(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** An address of the web that the text is, whole; `undefined` otherwise. */
export function webAddress(text: string): string | undefined {
  if (!/^https?:\/\/\S+$/i.test(text)) return undefined;
  try {
    return new URL(text).href;
  } catch {
    return undefined;
  }
}

/** Fills a cell. */
export function fillCell(cell: HTMLElement, value: unknown, scale: number | undefined): void {
  const text = textOf(value, scale);
  if (text === undefined) {
    cell.textContent = NOTHING;
    cell.classList.add("fg-rows__nothing");
    return;
  }
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  const address = webAddress(text);
  if (!address) {
    cell.textContent = shown;
    return;
  }
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = address;
  link.rel = "nofollow noopener noreferrer";
  link.textContent = shown;
  cell.append(link);
}

/** Reads JSON; whole numbers beyond what a float holds stay as they are written, where the browser says how they were. */
export function readJson(text: string): unknown {
  const keepDigits = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && context?.source && /^-?\d+$/.test(context.source)
      ? context.source
      : value;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}
