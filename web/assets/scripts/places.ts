// The places behind a map: what is asked of the public API for it, and what comes back, as GeoJSON.
import type { Block, Places } from "./block";
import type { Client } from "./client";
import { parametersOf, questionIn } from "./question";

/** Places that are drawn at once; of more, those in view are asked for. The API gives no more on a page. */
const MOST_PLACES = 10_000;
/** Columns that a place tells beside its name. */
const MOST_TOLD = 8;

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

export interface Shape {
  readonly type: string;
  readonly coordinates: unknown;
  readonly geometries?: readonly Shape[];
}

export interface Feature {
  readonly type: "Feature";
  readonly id: number;
  readonly geometry: Shape;
  readonly properties: { readonly place: number };
}

export interface Found {
  readonly features: readonly Feature[];
  /** The rows of the features, by their place. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that there are in the part that was asked for. */
  readonly total: number;
}

interface Page {
  readonly items: Readonly<Record<string, unknown>>[];
  readonly total: number;
}

/** The columns that a place tells. */
export function toldColumns(block: Block, places: Places): string[] {
  const hidden = new Set<string>([places.geometry ?? "", ...(places.pair ?? [])]);
  const names = block.columns.map(({ name }) => name).filter((name) => !hidden.has(name));
  const label = places.label ? [places.label] : [];
  return [...new Set([...label, ...names])].slice(0, MOST_TOLD);
}

/** Asks for the places within a box, or for all. */
export async function placesOf(block: Block, client: Client, places: Places, box: Box | undefined, signal: AbortSignal): Promise<Found> {
  const parameters = parametersOf({ ...questionIn(location.search, block.columns), sort: undefined }, block.columns);
  if (block.version !== null) parameters.set("version", String(block.version));
  const columns = [...(places.geometry ? [places.geometry] : (places.pair ?? [])), ...toldColumns(block, places)];
  parameters.set("properties", columns.join(","));
  parameters.set("limit", String(MOST_PLACES));
  if (box) within(parameters, places, box);
  const [page] = await client.get<Page>(`${block.api}/rows?${parameters}`, signal);
  const features = page.items.flatMap((row, place): Feature[] => {
    const geometry = shapeOf(row, places);
    return geometry ? [{ type: "Feature", id: place, geometry, properties: { place } }] : [];
  });
  return { features, rows: page.items, total: page.total };
}

function within(parameters: URLSearchParams, places: Places, [west, south, east, north]: Box): void {
  const said = (degrees: number) => String(Number(degrees.toFixed(6)));
  if (!places.pair) {
    const fit = (degrees: number, most: number) => said(Math.min(Math.max(degrees, -most), most));
    parameters.set("bbox", [fit(west, 180), fit(south, 90), fit(east, 180), fit(north, 90)].join(","));
    return;
  }
  const [longitude, latitude] = places.pair.map((name) => `"${name.replaceAll('"', '""')}"`);
  const filter = parameters.get("filter");
  const box = `${longitude} >= ${said(west)} and ${longitude} <= ${said(east)} and ${latitude} >= ${said(south)} and ${latitude} <= ${said(north)}`;
  parameters.set("filter", filter ? `(${filter}) and ${box}` : box);
}

function shapeOf(row: Readonly<Record<string, unknown>>, places: Places): Shape | undefined {
  if (places.geometry) {
    const shape = row[places.geometry];
    return typeof shape === "object" && shape !== null && "type" in shape ? (shape as Shape) : undefined;
  }
  const [x, y] = (places.pair ?? []).map((name) => row[name]);
  const isPlace = typeof x === "number" && typeof y === "number" && Math.abs(x) <= 180 && Math.abs(y) <= 90;
  return isPlace ? { type: "Point", coordinates: [x, y] } : undefined;
}

/** A position in or on a shape, to point at it. */
export function somewhere(shape: Shape): [number, number] | undefined {
  let [west, south, east, north] = [180, 90, -180, -90];
  const look = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [x, y] = part as unknown[];
    if (typeof x === "number" && typeof y === "number") {
      [west, east] = [Math.min(west, x), Math.max(east, x)];
      [south, north] = [Math.min(south, y), Math.max(north, y)];
    } else for (const inner of part) look(inner);
  };
  look(shape.coordinates);
  for (const inner of shape.geometries ?? []) look(inner.coordinates);
  return west <= east ? [(west + east) / 2, (south + north) / 2] : undefined;
}

/** Lines of the graticule in a box, so many degrees apart that a handful is in view. */
export function graticule([west, south, east, north]: Box): { type: "FeatureCollection"; features: object[] } {
  const STEPS = [30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
  const AIM = 5;
  const span = Math.max(east - west, 1e-4);
  const step = STEPS.find((size) => span / size >= AIM) ?? 0.0002;
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  const features: object[] = [];
  const said = (degrees: number, positive: string, negative: string) =>
    `${Math.abs(degrees).toFixed(digits)}°${Math.abs(degrees) < step / 2 ? "" : degrees > 0 ? positive : negative}`;
  const add = (coordinates: number[][], name: string) =>
    features.push({ type: "Feature", properties: { name }, geometry: { type: "LineString", coordinates } });
  const [bottom, top] = [Math.max(south - step, -85), Math.min(north + step, 85)];
  for (let at = Math.ceil((west - step) / step) * step; at <= east + step; at += step) {
    add([[at, bottom], [at, top]], said(((at + 540) % 360) - 180, "E", "W"));
  }
  for (let at = Math.ceil(bottom / step) * step; at <= top; at += step) add([[west - step, at], [east + step, at]], said(at, "N", "S"));
  return { type: "FeatureCollection", features };
}
