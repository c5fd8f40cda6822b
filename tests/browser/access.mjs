// Every kind of page, on a phone and on a desk, by day and by night: no barrier, and nothing sticks out sideways.
import assert from "node:assert/strict";

import { largestTable } from "./table.mjs";
import { as, developerTour, editorTour, operatorTour } from "./tour.mjs";

/** Each width, the colours that its pages come in, and those that they are then turned to: both are drawn afresh once. */
const LOOKS = [
  [360, "light", "dark"],
  [1440, "dark", "light"],
];

const PUBLIC_PAGES = {
  home: "/",
  results: "/datasets?q=water",
  "no results": "/datasets?q=zzqxvbn",
  publishers: "/publishers",
  themes: "/themes",
  licences: "/licences",
  series: "/series",
  requests: "/requests",
  "ask for data": "/requests/new",
  developers: "/developers",
  services: "/services",
  transparency: "/transparency",
  tariff: "/transparency/tariff",
  register: "/transparency/register",
  "sign-in": "/sign-in",
  "not found": "/no-such-page",
  docs: "/docs",
  changes: "/developers/changes",
};
const STAFF_PAGES = { desk: "/workspace", drafts: "/workspace/drafts", "new draft": "/workspace/drafts/new", held: "/workspace/held", people: "/workspace/people", audit: "/workspace/audit", jobs: "/workspace/jobs", "new source": "/workspace/sources/new", "own services": "/workspace/services", "new service": "/workspace/services/new", "announce a tariff": "/workspace/tariff", "add to the register": "/workspace/register", health: "/workspace/health", settings: "/workspace/settings", journal: "/workspace/journal", suspended: "/workspace/suspended" };

/** The first link inside the main part whose address begins with `start`. */
const firstLink = (page, start) => page.locator(`main a[href^="${start}"]`).first().getAttribute("href");

async function pagesOf(house, page) {
  const pages = { ...PUBLIC_PAGES };
  await page.goto("/datasets?q=water");
  pages.dataset = await page.locator(".fg-result h3 a").first().getAttribute("href");
  await page.goto("/publishers");
  pages.publisher = await firstLink(page, "/publishers/");
  pages.theme = await (async () => { await page.goto("/themes"); return firstLink(page, "/themes/"); })();
  pages.licence = await (async () => { await page.goto("/licences"); return firstLink(page, "/licences/"); })();
  pages.follow = `/follow?dataset=${pages.dataset.split("/").pop()}`;
  pages.questions = `${pages.dataset}/questions`;
  const table = await largestTable(page.context());
  pages["dataset with a table"] = table.page.replace(/\/tables\/.*/, "");
  for (const part of ["data", "chart", "map", "columns", "api", "download", "versions"]) pages[`table, ${part}`] = `${table.page}#${part}`;
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

/** Until the rows are there and its buttons have come to rest: colours on their way are nobody's barrier. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector("[data-grid-body] tr") && !document.querySelector("[data-grid][aria-busy]"));
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
}

const sticksOut = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Turns the colours, and waits until they have come to rest: colours on their way are nobody's barrier. */
async function turn(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(async () => {
    // A frame first, so that changes have begun; one that comes to rest may be what another began with.
    for (let round = 0; round < 5; round += 1) {
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const moving = document.getAnimations().filter((animation) => animation.playState === "running");
      if (moving.length === 0) break;
      // What never ends, such as a turning wheel, is not waited for.
      const rest = new Promise((passed) => setTimeout(passed, 2_000));
      await Promise.race([Promise.allSettled(moving.map((animation) => animation.finished)), rest]);
    }
  });
}

/** Looks at every page in one width: at all rules in the colours that it came in, and at colours again in the others. */
async function barriersAt(house, pagesFor, [width, first, other]) {
  const found = [];
  const { page, leave } = await house.visitor({ width, colorScheme: first });
  for (const [name, address] of Object.entries(await pagesFor(house, page))) {
    await page.goto(address);
    // A part of the page before is not fetched anew, and still has the colours that it was turned to.
    await turn(page, first);
    if (address.endsWith("#data")) await settled(page);
    const where = `${name} at ${width} px`;
    for (const line of await house.barriers(page)) found.push(`${where}, ${first}: ${line}`);
    const over = await sticksOut(page);
    if (over > 0) found.push(`${where}: ${over} px stick out sideways`);
    await turn(page, other);
    for (const line of await house.barriers(page, { coloursAlone: true })) found.push(`${where}, ${other}: ${line}`);
  }
  await leave();
  return found;
}

async function findsNoBarriers(house, pagesFor) {
  // Both widths at the same time: each waits for the server while the other is looked at.
  const found = (await Promise.all(LOOKS.map((look) => barriersAt(house, pagesFor, look)))).flat();
  assert.equal(found.length, 0, `${found.length} barriers:\n${found.join("\n")}`);
}

/** What is on screen now, narrow and wide, at twice the size, and on paper. */
async function looksWell(house, page, name, found) {
  for (const [width, colorScheme] of [[360, "light"], [1440, "dark"]]) {
    await page.setViewportSize({ width, height: 900 });
    await turn(page, colorScheme);
    for (const line of await house.barriers(page)) found.push(`${name} at ${width} px, ${colorScheme}: ${line}`);
    const over = await sticksOut(page);
    if (over > 0) found.push(`${name} at ${width} px: ${over} px stick out sideways`);
  }
  // 400 % of a desk of 1280 pixels leaves 320 (WCAG 2.2, 1.4.10); then letters alone twice as large (1.4.4).
  for (const [width, size] of [[320, ""], [1280, "200%"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate((size) => (document.documentElement.style.fontSize = size), size);
    const over = await sticksOut(page);
    if (over > 0) found.push(`${name} at ${width} px ${size}: ${over} px stick out sideways`);
  }
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const part of [".fg-nav", ".fg-subnav", ".fg-footer__columns"]) {
    for (const one of await page.locator(part).all()) {
      if (await one.isVisible()) found.push(`${name}: ${part} is printed`);
    }
  }
  // On the way from the dark screen to paper colours pass through others, as between light and dark.
  const isInk = () => /^rgb\((\d|[1-4]\d), /.test(getComputedStyle(document.body).color);
  const printed = await page.waitForFunction(isInk, undefined, { timeout: 2_000 }).then(() => true, () => false);
  if (!printed) found.push(`${name}: is printed in ${await page.evaluate(() => getComputedStyle(document.body).color)}`);
  await page.emulateMedia({ media: null, colorScheme: null });
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function walksATour(house, role, tour) {
  const found = [];
  const { page, leave } = await (role === null ? house.visitor() : as(house, role));
  const { pages, done } = await tour(house, page);
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(address);
    await looksWell(house, page, name, found);
  }
  for (const [name, act] of Object.entries(done)) {
    await act();
    await looksWell(house, page, name, found);
  }
  // Longer words: nothing is pushed off a phone.
  const inLanguage = async (language) => {
    const window = await page.context().newPage();
    await window.setViewportSize({ width: 360, height: 900 });
    for (const [name, address] of Object.entries(pages)) {
      await window.goto(`${address}${address.includes("?") ? "&" : "?"}lang=${language}`);
      const over = await sticksOut(window);
      if (over > 0) found.push(`${name} in ${language}: ${over} px stick out sideways`);
    }
  };
  await Promise.all(["de", "fr"].map(inLanguage));
  await leave();
  assert.equal(found.length, 0, `${found.length} faults:\n${found.join("\n")}`);
}

export const stories = {
  "what an editor comes to has no barriers, on a phone, at twice the size and on paper": (house) =>
    walksATour(house, "publisher", editorTour),
  "what an operator comes to has no barriers, on a phone, at twice the size and on paper": (house) =>
    walksATour(house, "operator", operatorTour),
  "what a developer comes to has no barriers, on a phone, at twice the size and on paper": (house) =>
    walksATour(house, null, developerTour),
  "public pages have no barriers": (house) => findsNoBarriers(house, pagesOf),
  "staff pages have no barriers": (house) => findsNoBarriers(house, staffPagesOf),
};
