// A table's chart or map alone, in a frame on another page.
import "./embed.scss";
import { readBlock } from "./scripts/block";
import { Client } from "./scripts/client";

const block = readBlock();
if (block) {
  const client = new Client(block.key);
  const chart = document.querySelector<HTMLElement>("[data-chart]");
  if (chart) void import("./scripts/chart").then(({ startChart }) => startChart(block, client, chart));
  const map = document.querySelector<HTMLElement>("[data-map]");
  if (map) void import("./scripts/map").then(({ startMap }) => startMap(block, client, map));
}
