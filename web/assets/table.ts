// What JavaScript adds to the page of a table: tabs in place of one long page, rows that scroll without end, charts and maps.
import "./table.scss";
import { readBlock, say } from "./scripts/block";
import { Client } from "./scripts/client";
import { addColumnWindows } from "./scripts/details";
import { Grid } from "./scripts/grid";
import { showSizes } from "./scripts/sizes";
import { addTabs } from "./scripts/tabs";

const block = readBlock();
if (block) {
  const client = new Client(block.key);
  const scroller = document.querySelector<HTMLElement>("[data-grid]");
  // Rows first: they have to be measured, and what tabs hide has no size.
  if (scroller) new Grid(block, client, scroller).start();
  addColumnWindows(say(block, "table-close"));
  for (const group of document.querySelectorAll<HTMLElement>("[data-tabs]")) addTabs(group);
  // Charts and maps are heavy: they come when somebody looks at them.
  const whenSeen = (id: string, start: (place: HTMLElement) => Promise<void>) => {
    const place = document.querySelector<HTMLElement>(id);
    if (!place) return;
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
      watch.disconnect();
      void start(place);
    });
    watch.observe(place);
  };
  whenSeen(".fg-downloads", () => showSizes(block, client));
  whenSeen("[data-chart]", async (place) => (await import("./scripts/chart")).startChart(block, client, place));
  whenSeen("[data-map]", async (place) => (await import("./scripts/map")).startMap(block, client, place));
}
