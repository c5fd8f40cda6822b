// Where a table's rows are: points that gather while they are close, lines and areas. The ground is a graticule of our own; no
// other host is asked for anything.
import "maplibre-gl/dist/maplibre-gl.css";
import "../map.scss";
import { type GeoJSONSource, type LayerSpecification, Map as View, type MapLayerMouseEvent, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

import { type Block, type Places, say } from "./block";
import { NOTHING, textOf } from "./cell";
import { type Client, Refusal } from "./client";
import { type Box, type Feature, type Found, graticule, placesOf, somewhere, toldColumns } from "./places";

/** Wait so long after the map came to rest before asking, in milliseconds. */
const PAUSE_MS = 350;
/** Places in the list below the map. */
const MOST_LISTED = 100;
/** Points nearer than this gather, in pixels. */
const GATHER_PX = 44;
/** Closer than this they stay apart. */
const APART_ZOOM = 15;
const FONT = ["sans-serif"];

/** Shows the map in that place. */
export async function startMap(block: Block, client: Client, place: HTMLElement): Promise<void> {
  if (block.map) await new Atlas(block, client, place, block.map).start();
}

class Atlas {
  private view: View | undefined;
  private found: Found = { features: [], rows: [], total: 0 };
  private isPart = false;
  private asking: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private popup: Popup | undefined;

  constructor(
    private readonly block: Block,
    private readonly client: Client,
    private readonly place: HTMLElement,
    private readonly places: Places,
  ) {}

  private part(name: string): HTMLElement | null {
    return this.place.querySelector(`[data-map-${name}]`);
  }

  private say(key: string, values: Record<string, string | number> = {}): string {
    return say(this.block, key, values);
  }

  private tell(text: string): void {
    const status = this.part("status");
    if (status) status.textContent = text;
  }

  async start(): Promise<void> {
    this.tell(this.say("table-map-loading"));
    const [answered] = await Promise.all([this.ask(undefined), this.open()]);
    if (answered) this.show();
    document.addEventListener("fg-question", () => void this.ask(this.isPart ? this.box() : undefined).then((isNew) => isNew && this.show()));
    this.showEmbed();
  }

  /** The map with its ground; without WebGL there is the list below it. */
  private async open(): Promise<void> {
    const holder = this.part("view");
    if (!holder) return;
    holder.hidden = false;
    setWorkerUrl(workerUrl);
    const [west, south, east, north] = roomy(this.places.extent);
    try {
      this.view = new View({
        container: holder,
        style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": colour("--ground-sunk") } }] },
        bounds: [west, south, east, north],
        fitBoundsOptions: { padding: 36 },
        maxZoom: 19,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        attributionControl: false,
        cooperativeGestures: true,
        locale: {
          "Map.Title": this.say("table-map-of", { title: this.block.title }),
          "NavigationControl.ZoomIn": this.say("table-map-closer"),
          "NavigationControl.ZoomOut": this.say("table-map-further"),
          "CooperativeGesturesHandler.WindowsHelpText": this.say("table-map-hold-ctrl"),
          "CooperativeGesturesHandler.MacHelpText": this.say("table-map-hold-cmd"),
          "CooperativeGesturesHandler.MobileHelpText": this.say("table-map-two-fingers"),
          "Popup.Close": this.say("table-close"),
        },
      });
    } catch {
      holder.hidden = true;
      this.view = undefined;
      return;
    }
    const { view } = this;
    view.touchZoomRotate.disableRotation();
    view.addControl(new NavigationControl({ showCompass: false }));
    view.addControl(new ScaleControl({}));
    await view.once("load");
    this.addLayers(view);
    view.on("moveend", () => this.moved());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint(view));
    this.moved();
  }

  private addLayers(view: View): void {
    const nothing = { type: "FeatureCollection" as const, features: [] };
    view.addSource("graticule", { type: "geojson", data: nothing });
    view.addSource("shapes", { type: "geojson", data: nothing });
    view.addSource("points", { type: "geojson", data: nothing, cluster: true, clusterRadius: GATHER_PX, clusterMaxZoom: APART_ZOOM });
    const layers: LayerSpecification[] = [
      { id: "graticule", type: "line", source: "graticule", paint: { "line-width": 1 } },
      {
        id: "degrees",
        type: "symbol",
        source: "graticule",
        layout: { "symbol-placement": "line", "symbol-spacing": 300, "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-offset": [0, -0.7] },
      },
      { id: "areas", type: "fill", source: "shapes", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-opacity": 0.28 } },
      { id: "lines", type: "line", source: "shapes", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-width": 2 } },
      { id: "points", type: "circle", source: "points", filter: ["!", ["has", "point_count"]], paint: { "circle-radius": 6, "circle-stroke-width": 1.5 } },
      {
        id: "crowds",
        type: "circle",
        source: "points",
        filter: ["has", "point_count"],
        paint: { "circle-radius": ["step", ["get", "point_count"], 14, 50, 18, 500, 24, 5000, 30], "circle-stroke-width": 2 },
      },
      {
        id: "counts",
        type: "symbol",
        source: "points",
        filter: ["has", "point_count"],
        layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 13, "text-allow-overlap": true },
      },
    ];
    for (const layer of layers) view.addLayer(layer);
    this.paint(view);
    for (const layer of ["points", "lines", "areas"]) {
      view.on("click", layer, (event) => this.clicked(event));
      view.on("mouseenter", layer, () => (view.getCanvas().style.cursor = "pointer"));
      view.on("mouseleave", layer, () => (view.getCanvas().style.cursor = ""));
    }
    view.on("click", "crowds", (event) => void this.enter(event));
  }

  /** The page's own colours, by day and by night. */
  private paint(view: View): void {
    const [ground, line, soft, ink, card] = ["--ground-sunk", "--line", "--ink-soft", "--link", "--card"].map(colour);
    const set = (layer: string, name: string, value: string | undefined) => view.setPaintProperty(layer, name as never, value as never);
    set("ground", "background-color", ground);
    set("graticule", "line-color", line);
    set("degrees", "text-color", soft);
    set("degrees", "text-halo-color", ground);
    view.setPaintProperty("degrees", "text-halo-width", 1.5);
    set("areas", "fill-color", ink);
    set("lines", "line-color", ink);
    for (const layer of ["points", "crowds"]) {
      set(layer, "circle-color", ink);
      set(layer, "circle-stroke-color", card);
    }
    set("counts", "text-color", card);
  }

  private box(): Box | undefined {
    const bounds = this.view?.getBounds();
    return bounds ? [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()] : undefined;
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.view?.getSource<GeoJSONSource>(name);
  }

  private moved(): void {
    const box = this.box();
    if (!box) return;
    void this.source("graticule")?.setData(graticule(box) as never);
    if (!this.isPart) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(box).then((isNew) => isNew && this.show()), PAUSE_MS);
  }

  /** Asks for places; false when the answer no longer matters. */
  private async ask(box: Box | undefined): Promise<boolean> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    try {
      this.found = await placesOf(this.block, this.client, this.places, box, asking.signal);
      if (!box) this.isPart = this.found.total > this.found.rows.length;
      return !asking.signal.aborted;
    } catch (error) {
      if (!asking.signal.aborted) this.tell(error instanceof Refusal ? error.reasons.join(" ") : this.say("table-offline"));
      return false;
    }
  }

  private show(): void {
    const { features, rows, total } = this.found;
    const isPoint = ({ geometry }: Feature) => geometry.type === "Point" || geometry.type === "MultiPoint";
    const collection = (some: readonly Feature[]) => ({ type: "FeatureCollection", features: some }) as never;
    void this.source("points")?.setData(collection(features.filter(isPoint)));
    void this.source("shapes")?.setData(collection(features.filter((feature) => !isPoint(feature))));
    const without = rows.length - features.length;
    const said = [
      total > rows.length
        ? this.say("table-map-part", { shown: features.length, all: total })
        : this.say(this.isPart ? "table-map-here" : "table-map-all", { shown: features.length }),
    ];
    if (without > 0) said.push(this.say("table-map-without", { without }));
    if (!this.view) said.unshift(this.say("table-map-no-view"));
    this.tell(said.join(" "));
    this.list();
  }

  private nameOf(row: Readonly<Record<string, unknown>> | undefined, at: number): string {
    const value = row && this.places.label ? textOf(row[this.places.label], undefined) : undefined;
    return value ?? this.say("table-map-place", { number: at + 1 });
  }

  /** The places as a list: whoever cannot see the map, or point at it, reads them here and has them shown. */
  private list(): void {
    const { features, rows } = this.found;
    this.part("list")?.replaceChildren(
      ...features.slice(0, MOST_LISTED).map((feature) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "fg-link-button";
        button.textContent = this.nameOf(rows[feature.properties.place], feature.properties.place);
        button.addEventListener("click", () => this.visit(feature));
        item.append(button);
        return item;
      }),
    );
    const note = this.part("listed");
    if (note) note.textContent = features.length > MOST_LISTED ? this.say("table-map-listed", { shown: MOST_LISTED, all: features.length }) : "";
  }

  private visit(feature: Feature): void {
    const at = somewhere(feature.geometry);
    const { view } = this;
    if (!at || !view) return;
    const isPoint = feature.geometry.type === "Point";
    view.jumpTo({ center: at, ...(isPoint ? { zoom: Math.max(view.getZoom(), APART_ZOOM + 1) } : {}) });
    this.describe(at, feature.properties.place);
    this.part("view")?.scrollIntoView({ block: "nearest" });
  }

  private clicked(event: MapLayerMouseEvent): void {
    const place = event.features?.[0]?.properties["place"] as unknown;
    if (typeof place === "number") this.describe([event.lngLat.lng, event.lngLat.lat], place);
  }

  /** Goes so close to a crowd that it falls apart. */
  private async enter(event: MapLayerMouseEvent): Promise<void> {
    const crowd = event.features?.[0];
    const source = this.source("points");
    if (!crowd || !source) return;
    const zoom = await source.getClusterExpansionZoom(Number(crowd.properties["cluster_id"]));
    this.view?.easeTo({ center: event.lngLat, zoom: Math.min(zoom + 0.5, APART_ZOOM + 1) });
  }

  /** What is known of a place, beside it. */
  private describe(at: [number, number], place: number): void {
    const row = this.found.rows[place];
    const { view } = this;
    if (!row || !view) return;
    const content = document.createElement("div");
    const title = document.createElement("h3");
    title.textContent = this.nameOf(row, place);
    const list = document.createElement("dl");
    for (const name of toldColumns(this.block, this.places)) {
      const column = this.block.columns.find((one) => one.name === name);
      if (!column || name === this.places.label) continue;
      const term = document.createElement("dt");
      term.textContent = column.title;
      const text = document.createElement("dd");
      text.textContent = textOf(row[name], column.scale) ?? NOTHING;
      list.append(term, text);
    }
    content.append(title, list);
    this.popup?.remove();
    this.popup = new Popup({ maxWidth: "320px", className: "fg-popup" }).setLngLat(at).setDOMContent(content).addTo(view);
  }

  private showEmbed(): void {
    const code = this.part("embed");
    if (!code) return;
    const asked = new URLSearchParams(location.search);
    asked.set("view", "map");
    const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
    const address = `${location.origin}${this.block.page}/embed?${asked}`;
    code.textContent = `<iframe src="${escaped(address)}" title="${escaped(this.say("table-map-of", { title: this.block.title }))}" width="100%" height="520" loading="lazy"></iframe>`;
  }
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** An extent with room around it, also where it is one place. */
function roomy([west, south, east, north]: Box): Box {
  const LEAST = 0.004;
  const [x, y] = [Math.max(0, LEAST - (east - west)) / 2, Math.max(0, LEAST - (north - south)) / 2];
  return [Math.max(-180, west - x), Math.max(-85, south - y), Math.min(180, east + x), Math.min(85, north + y)];
}
