// The numbers behind a chart: what is asked of the public API for it, and what comes back, in rows that can be drawn, listed and
// taken away.
import type { Block, ColumnFacts, Picture } from "./block";
import type { Client } from "./client";
import { parametersOf, questionIn } from "./question";

/** Bars in a chart: more are no longer read. The rest is told, not drawn. */
const MOST_BARS = 25;
/** Lines in a chart. */
const MOST_LINES = 6;
/** Groups that are asked for at most: the API's own bound is higher. */
const MOST_GROUPS = 5_000;
/** Ranges of a histogram, roughly. */
const RANGES = 24;
/** Dots in a chart. */
const MOST_DOTS = 3_000;

/** What stands along the picture. */
export type Along = Date | number | string;

/** One point, bar or range. */
export interface Point {
  readonly x: Along;
  readonly y: number;
  /** The end of a range. */
  readonly x2?: number;
  /** Which line or part of a bar. */
  readonly split?: string;
}

export interface Numbers {
  readonly points: readonly Point[];
  /** The lines or parts, the largest first; empty when there is one. */
  readonly series: readonly string[];
  /** Groups that there are and are not drawn. */
  readonly left: number;
  /** Rows that fit the question, where a part of them is drawn. */
  readonly of?: number;
}

interface Groups {
  readonly items: Readonly<Record<string, unknown>>[];
  readonly total: number;
}

/** Whether a column holds times. */
export const isTime = (column: ColumnFacts | undefined) => column?.kind === "date" || column?.kind === "timestamp";
/** Whether a column holds numbers. */
export const isNumber = (column: ColumnFacts | undefined) => column?.kind === "integer" || column?.kind === "decimal";

export const columnOf = (block: Block, name: string | undefined) => block.columns.find((column) => column.name === name);

/** A round number near `size`: 1, 2 or 5 with zeros. */
export function roundSize(size: number): number {
  if (!(size > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  const part = size / power;
  return (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1) * power;
}

/** The call that gives a picture's numbers, as path and query. */
export function callOf(block: Block, picture: Picture): string {
  const parameters = parametersOf({ ...questionIn(location.search, block.columns), sort: undefined }, block.columns);
  if (block.version !== null) parameters.set("version", String(block.version));
  if (picture.kind === "dots") {
    const names = [picture.x, picture.y, picture.split].filter((name): name is string => Boolean(name));
    parameters.set("properties", [...new Set(names)].join(","));
    parameters.set("limit", String(MOST_DOTS));
    return `${block.api}/rows?${parameters}`;
  }
  const column = columnOf(block, picture.x);
  const keys: string[] = [];
  if (picture.kind === "histogram") {
    const [least, most] = column?.range ?? [0, RANGES];
    let width = roundSize((most - least) / RANGES);
    if (column?.kind === "integer") width = Math.max(1, Math.round(width));
    keys.push(`x:width(${picture.x},${width})`);
  } else if (isTime(column) && picture.unit) keys.push(`x:date_trunc(${picture.unit},${picture.x})`);
  else keys.push(`x:${picture.x}`);
  if (picture.split && picture.split !== picture.x && picture.kind !== "histogram") keys.push(`split:${picture.split}`);
  parameters.set("groupby", keys.join(","));
  const isCount = picture.aggregate === "count" || !picture.y || picture.kind === "histogram";
  parameters.set("aggregate", isCount ? "y:count" : `y:${picture.aggregate}(${picture.y})`);
  parameters.set("sortby", picture.kind === "bar" ? "-y" : "x");
  parameters.set("limit", String(picture.kind === "bar" && keys.length === 1 ? MOST_BARS : MOST_GROUPS));
  return `${block.api}/aggregate?${parameters}`;
}

/** Asks for a picture's numbers. */
export async function numbersOf(block: Block, client: Client, picture: Picture, none: string, signal: AbortSignal): Promise<Numbers> {
  const [answer] = await client.get<Groups>(callOf(block, picture), signal);
  if (picture.kind === "dots") return dots(answer, picture, none);
  const column = columnOf(block, picture.x);
  const isRange = picture.kind === "histogram";
  const read = (value: unknown): Along | undefined => {
    if (isRange || isNumber(column)) return value === null || value === undefined ? undefined : Number(value);
    if (isTime(column)) return typeof value === "string" ? new Date(value) : undefined;
    return value === null || value === undefined ? none : String(value);
  };
  let points: Point[] = [];
  for (const item of answer.items) {
    const [x, y] = [read(item["x"]), item["y"]];
    if (x === undefined || y === null || y === undefined) continue;
    const split = "split" in item ? { split: item["split"] === null ? none : String(item["split"]) } : {};
    points.push({ x, y: Number(y), ...split });
  }
  if (isRange) points = ranged(points);
  const total = answer.total;
  const series = largest(points, ({ split }) => split, MOST_LINES);
  if (series.length > 0) points = points.filter(({ split }) => split !== undefined && series.includes(split));
  let left = Math.max(0, total - answer.items.length);
  if (picture.kind === "bar" && series.length > 0) {
    const bars = largest(points, ({ x }) => String(x), MOST_BARS);
    const all = new Set(points.map(({ x }) => String(x))).size;
    left = all - bars.length;
    points = points.filter(({ x }) => bars.includes(String(x)));
  }
  return { points, series, left };
}

function dots(answer: Groups, picture: Picture, none: string): Numbers {
  const points = answer.items.flatMap((item): Point[] => {
    const [x, y] = [item[picture.x], picture.y ? item[picture.y] : undefined];
    if (x === null || x === undefined || y === null || y === undefined) return [];
    const split = picture.split ? { split: item[picture.split] === null ? none : String(item[picture.split]) } : {};
    return [{ x: typeof x === "number" ? x : new Date(String(x)), y: Number(y), ...split }];
  });
  const series = largest(points, ({ split }) => split, MOST_LINES);
  const shown = series.length > 0 ? points.filter(({ split }) => split !== undefined && series.includes(split)) : points;
  return { points: shown, series, left: 0, ...(answer.total > answer.items.length ? { of: answer.total } : {}) };
}

/** Ranges know their ends by the smallest step between two beginnings. */
function ranged(points: readonly Point[]): Point[] {
  const starts = points.map(({ x }) => Number(x)).sort((a, b) => a - b);
  let step = Number.POSITIVE_INFINITY;
  starts.forEach((start, at) => {
    const before = starts[at - 1];
    if (before !== undefined) step = Math.min(step, start - before);
  });
  if (!Number.isFinite(step)) step = 1;
  return points.map((point) => ({ ...point, x2: Number(point.x) + step }));
}

/** The names with the largest sums, the largest first. */
function largest(points: readonly Point[], name: (point: Point) => string | undefined, most: number): string[] {
  const sums = new Map<string, number>();
  for (const point of points) {
    const key = name(point);
    if (key !== undefined) sums.set(key, (sums.get(key) ?? 0) + Math.abs(point.y));
  }
  return [...sums.entries()].sort(([, a], [, b]) => b - a).slice(0, most).map(([key]) => key);
}

/** Numbers as a file: fields with quotes where they need them (RFC 4180). */
export function csvOf(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [heads, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
