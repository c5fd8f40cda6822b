// Pictures of every page at three widths, by day and by night, for people to look at: `make shots`.
// FAIRGROUND_SHOTS names the folder; FAIRGROUND_SHOTS_LANGUAGE the language of the pages.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { openHouse } from "./house.mjs";
import { as, developerTour, editorTour, operatorTour } from "./tour.mjs";

const WIDTHS = [360, 768, 1440];
const SCHEMES = ["light", "dark"];
const FOLDER = process.env.FAIRGROUND_SHOTS ?? "shots";
const LOCALE = process.env.FAIRGROUND_SHOTS_LANGUAGE ?? "en";
/** Pages are pictured whole, but no longer than this. */
const MOST_PIXELS = 12_000;

const PUBLIC_PAGES = {
  home: "/",
  results: "/datasets?q=water",
  "no-results": "/datasets?q=zzqxvbn",
  "ask-for-data": "/datasets/ask?q=zzqxvbn",
  publishers: "/publishers",
  developers: "/developers",
  applications: "/developers/applications",
  leak: "/developers/leaks",
  services: "/services",
  transparency: "/transparency",
  tariff: "/transparency/tariff",
  register: "/transparency/register",
  "service-level": "/service-level",
  "sign-in": "/sign-in",
  "sign-up": "/register",
  forgotten: "/forgotten-password",
  "not-found": "/no-such-page",
  docs: "/docs",
  changes: "/developers/changes",
};
const STAFF_PAGES = {
  desk: "/workspace",
  jobs: "/workspace/jobs",
  "new-source": "/workspace/sources/new",
  "own-services": "/workspace/services",
  "announce-a-tariff": "/workspace/tariff",
  "add-to-the-register": "/workspace/register",
  health: "/workspace/health",
  settings: "/workspace/settings",
  journal: "/workspace/journal",
  suspended: "/workspace/suspended",
  account: "/me",
};

/** Public pages whose addresses stand on other pages: the first link that begins so. */
const FOUND = {
  dataset: ["/datasets?q=water", ".fg-result h3 a"],
  publisher: ["/publishers", 'main a[href^="/publishers/"]'],
  table: ["/", null],
};

async function pagesOf(page) {
  const pages = { ...PUBLIC_PAGES };
  for (const [name, [from, link]] of Object.entries(FOUND)) {
    if (link === null) continue;
    await page.goto(from);
    const address = await page.locator(link).first().getAttribute("href").catch(() => null);
    if (address) pages[name] = address;
  }
  const { items } = await (await page.request.get("/api/v1/tables?limit=1")).json();
  const [table] = items;
  if (table) pages.table = `/datasets/${table.dataset?.slug ?? table.dataset}/tables/${table.id}`;
  return pages;
}

async function picture(page, folder, name, address) {
  await page.goto(address, { waitUntil: "load" });
  await photograph(page, folder, name);
}

/** Pictures what is on screen now. */
async function photograph(page, folder, name) {
  await page.waitForLoadState("networkidle").catch(() => {});
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const { width } = page.viewportSize();
  const clip = { x: 0, y: 0, width, height: Math.min(height, MOST_PIXELS) };
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, clip });
}

const house = await openHouse();
let pictures = 0;
try {
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const folder = join(FOLDER, `${width}-${colorScheme}`);
      await mkdir(folder, { recursive: true });
      const { page, leave } = await house.visitor({ width, colorScheme, locale: LOCALE });
      const pages = await pagesOf(page);
      for (const [name, address] of Object.entries(pages)) await picture(page, folder, name, address);
      await house.signIn(page, "operator");
      await page.waitForURL(/\/workspace/);
      for (const [name, address] of Object.entries(STAFF_PAGES)) await picture(page, folder, name, address);
      pictures += Object.keys(pages).length + Object.keys(STAFF_PAGES).length;
      await leave();
      for (const [role, tour] of [[null, developerTour], ["publisher", editorTour], ["operator", operatorTour]]) {
        const options = { width, colorScheme, locale: LOCALE };
        const staff = await (role === null ? house.visitor(options) : as(house, role, options));
        const { pages, done } = await tour(house, staff.page);
        for (const [name, address] of Object.entries(pages)) await picture(staff.page, folder, name, address);
        for (const [name, act] of Object.entries(done)) {
          await act();
          await photograph(staff.page, folder, name);
        }
        pictures += Object.keys(pages).length + Object.keys(done).length;
        await staff.leave();
      }
    }
  }
} finally {
  await house.close();
}
console.log(`${pictures} pictures in ${FOLDER}`);
