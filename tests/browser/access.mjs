// Every kind of page, on a phone and on a desk, by day and by night: no barrier, and nothing sticks out sideways.
import assert from "node:assert/strict";

import { largestTable } from "./table.mjs";

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];

const PUBLIC_PAGES = {
  home: "/",
  results: "/datasets?q=water",
  "no results": "/datasets?q=zzqxvbn",
  publishers: "/publishers",
  developers: "/developers",
  services: "/services",
  transparency: "/transparency",
  tariff: "/transparency/tariff",
  register: "/transparency/register",
  "sign-in": "/sign-in",
  "not found": "/no-such-page",
  docs: "/docs",
};
const STAFF_PAGES = { desk: "/workspace", jobs: "/workspace/jobs", "new source": "/workspace/sources/new", "own services": "/workspace/services", "new service": "/workspace/services/new", "announce a tariff": "/workspace/tariff", "add to the register": "/workspace/register" };

/** The first link inside the main part whose address begins with `start`. */
const firstLink = (page, start) => page.locator(`main a[href^="${start}"]`).first().getAttribute("href");

async function pagesOf(house, page) {
  const pages = { ...PUBLIC_PAGES };
  await page.goto("/datasets?q=water");
  pages.dataset = await page.locator(".fg-result h3 a").first().getAttribute("href");
  await page.goto("/publishers");
  pages.publisher = await firstLink(page, "/publishers/");
  const table = await largestTable(page.context());
  pages["dataset with a table"] = table.page.replace(/\/tables\/.*/, "");
  for (const part of ["data", "columns", "api", "download", "versions"]) pages[`table, ${part}`] = `${table.page}#${part}`;
  return pages;
}

async function staffPagesOf(house, page) {
  await house.signIn(page, "operator");
  await page.waitForURL(/\/workspace/);
  const pages = { ...STAFF_PAGES };
  pages.source = await firstLink(page, "/workspace/sources/merrow");
  pages.job = await firstLink(page, "/workspace/jobs/");
  return pages;
}

/** Until the preview's rows are there and its buttons have come to rest: colours on their way are nobody's barrier. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector("[data-preview-body] tr") && !document.querySelector(".fg-preview[aria-busy]"));
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
}

async function barriersOn(house, pagesFor) {
  const found = [];
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const { page, leave } = await house.visitor({ width, colorScheme });
      for (const [name, address] of Object.entries(await pagesFor(house, page))) {
        await page.goto(address);
        if (address.endsWith("#data")) await settled(page);
        const where = `${name} at ${width} px, ${colorScheme}`;
        for (const line of await house.barriers(page)) found.push(`${where}: ${line}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (over > 0) found.push(`${where}: ${over} px stick out sideways`);
      }
      await leave();
    }
  }
  return found;
}

async function findsNoBarriers(house, pagesFor) {
  const found = await barriersOn(house, pagesFor);
  assert.equal(found.length, 0, `${found.length} barriers:\n${found.join("\n")}`);
}

export const stories = {
  "public pages have no barriers": (house) => findsNoBarriers(house, pagesOf),
  "staff pages have no barriers": (house) => findsNoBarriers(house, staffPagesOf),
};
