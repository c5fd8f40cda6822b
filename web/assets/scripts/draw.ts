// Draws numbers with Observable Plot, in the page's own colours.
import { axisX, axisY, barX, dot, gridX, gridY, lineY, plot, pointer, pointerX, pointerY, rectY, ruleX, ruleY, tip } from "@observablehq/plot";

import { counted, type Picture } from "./block";
import type { Numbers, Point } from "./numbers";

/** Names along bars are cut at this length, in characters; the list of numbers has them whole. */
const LONGEST_NAME = 26;
const NAME_PX = 6.6;
const BAR_PX = 26;
const MARGIN_PX = 28;

/** Colours that are told apart on either ground, also by those who see fewer of them. */
const LIGHT = ["#0a5c63", "#c2410c", "#5b3d8c", "#8a6d00", "#b01e68", "#1f4e8c"];
const DARK = ["#6fd0d8", "#ff9d66", "#c3a8f0", "#e9cf5a", "#ff8fc0", "#8fbcf7"];

export interface Look {
  readonly width: number;
  readonly isDark: boolean;
  /** Whether years stand along the picture: they are no quantities. */
  readonly isYear: boolean;
  /** The page's own colours. */
  readonly ink: string;
  readonly ground: string;
  readonly line: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** A point in words, for who points at it. */
  readonly told: (point: Point) => string;
}

/** The colours of series, in their order. */
export function coloursOf(isDark: boolean): readonly string[] {
  return isDark ? DARK : LIGHT;
}

/** Draws; the answer is not yet part of the page. */
export function draw(picture: Picture, numbers: Numbers, look: Look): SVGSVGElement {
  const colours = coloursOf(look.isDark);
  const { points, series } = numbers;
  const colour = series.length > 0 ? ({ split }: Point) => colours[series.indexOf(split ?? "")] ?? look.ink : (colours[0] ?? look.ink);
  const bubble = { ariaHidden: "true", fill: look.ground, stroke: look.line, textPadding: 8, fontSize: 13, title: look.told };
  const common = { width: look.width, className: "fg-plot", marginTop: 26, style: { fontSize: "13px", color: look.ink, background: look.ground } };
  const grid = { stroke: look.line, strokeOpacity: 1 };
  const numbered = { tickFormat: (value: unknown) => (typeof value === "number" ? short(value) : String(value)) };
  let drawn: Element;
  if (picture.kind === "bar") {
    const names = [...new Set(points.map(({ x }) => String(x)))];
    const longest = Math.min(LONGEST_NAME, Math.max(4, ...names.map((name) => name.length)));
    const marginLeft = Math.min(Math.ceil(longest * NAME_PX) + 20, Math.round(look.width * 0.45));
    const fits = Math.max(6, Math.floor((marginLeft - 20) / NAME_PX));
    drawn = plot({
      ...common,
      marginLeft,
      marginRight: 24,
      marginTop: MARGIN_PX,
      marginBottom: 6,
      height: names.length * BAR_PX + MARGIN_PX + 6,
      x: { label: null },
      y: { label: null, domain: names },
      marks: [
        gridX(grid),
        axisX({ ...numbered, anchor: "top", label: null, ticks: look.width / 110, tickSize: 0 }),
        axisY({ label: null, tickSize: 0, tickFormat: (name: string) => (name.length > fits ? `${name.slice(0, fits - 1)}…` : name) }),
        barX(points, { x: "y", y: (point: Point) => String(point.x), fill: colour, ...(series.length > 0 ? { order: [...series] } : {}), insetTop: 1, insetBottom: 1 }),
        ruleX([0], { stroke: look.ink }),
        tip(points, pointerY({ x: "y", y: (point: Point) => String(point.x), ...bubble })),
      ],
    });
  } else {
    const widest = Math.max(...points.map(({ y }) => short(y).length), 3);
    const isRange = picture.kind === "histogram";
    const isDots = picture.kind === "dots";
    const least = Math.min(...points.map(({ y }) => y));
    const isTime = points.some(({ x }) => x instanceof Date);
    const isText = points.some(({ x }) => typeof x === "string");
    const along = isTime ? { ticks: Math.max(3, look.width / 110) } : { ...(look.isYear ? { tickFormat: String } : numbered), ticks: Math.max(3, look.width / 90) };
    const marks = isRange
      ? [rectY(points, { x1: "x", x2: "x2", y: "y", fill: colour, insetLeft: 0.5, insetRight: 0.5 }), ruleY([0], { stroke: look.ink })]
      : isDots
        ? [dot(points, { x: "x", y: "y", stroke: colour, strokeOpacity: 0.8, r: 3 })]
        : [
            ...(least >= 0 ? [ruleY([0], { stroke: look.ink })] : []),
            lineY(points, { x: "x", y: "y", stroke: colour, ...(series.length > 0 ? { z: "split" } : {}), strokeWidth: 2 }),
            ...(points.length <= 60 ? [dot(points, { x: "x", y: "y", fill: colour, r: 2.5 })] : []),
          ];
    const place = isRange ? { x1: "x", x2: "x2", y: "y" } : { x: "x", y: "y" };
    const byPointer = isRange || !isDots ? pointerX : pointer;
    drawn = plot({
      ...common,
      height: Math.round(Math.min(420, Math.max(260, look.width * 0.5))),
      marginLeft: Math.max(44, Math.ceil(widest * 7.4) + 14),
      marginRight: 18,
      marginBottom: 44,
      x: { label: look.xTitle, ...(isTime ? { type: "utc" as const } : isText ? { type: "point" as const } : {}) },
      y: { label: look.yTitle, ...(isRange ? { zero: true } : {}) },
      marks: [
        gridY(grid),
        axisX({ ...along, label: look.xTitle, tickSize: 4 }),
        axisY({ ...numbered, label: look.yTitle, tickSize: 0 }),
        ...marks,
        tip(points, byPointer({ ...place, ...bubble })),
      ],
    });
  }
  // The stylesheet of the page has its rules; an element of its own is what the policy of our pages forbids.
  for (const style of drawn.querySelectorAll("style")) style.remove();
  // The picture has one name; its groups have no role that could carry names of their own.
  for (const group of drawn.querySelectorAll("g[aria-label]:not([aria-hidden])")) group.removeAttribute("aria-label");
  return drawn as SVGSVGElement;
}

/** A number in few letters. */
function short(value: number): string {
  if (Math.abs(value) < 10_000) return counted(value);
  return value.toLocaleString(document.documentElement.lang || "en", { notation: "compact", maximumFractionDigits: 1 });
}

/** The drawing as a file that looks the same anywhere. */
export function svgText(drawn: SVGSVGElement, title: string, look: Look): string {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("color", look.ink);
  copy.setAttribute("font-size", "13");
  copy.removeAttribute("class");
  for (const bubble of copy.querySelectorAll("[aria-label=tip]")) bubble.remove();
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", look.ground);
  const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
  name.textContent = title;
  copy.prepend(name, ground);
  return new XMLSerializer().serializeToString(copy);
}

/** The drawing as pixels, twice as fine as on the page. */
export async function pngOf(drawn: SVGSVGElement, title: string, look: Look): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(drawn, title, look))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width.baseVal.value * 2;
  canvas.height = drawn.height.baseVal.value * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/png"));
}
