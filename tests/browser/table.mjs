// Tables: citizens look at rows, developers copy calls that work.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const AsyncFunction = (async () => {}).constructor;

async function answerOf(context, address) {
  const answer = await context.request.get(address);
  assert.equal(answer.status(), 200, `${address}: ${answer.status()}`);
  return answer;
}

/** The table with the most rows, with its columns: the longest makes the best walk. */
export async function largestTable(context) {
  const { items } = await (await answerOf(context, "/api/v1/tables?limit=200")).json();
  assert.ok(items.length > 0, "the demo has tables");
  const largest = items.reduce((best, table) => (table.rows > best.rows ? table : best));
  const described = await (await answerOf(context, `/api/v1/tables/${largest.id}`)).json();
  return { ...described, page: `/datasets/${largest.dataset}/tables/${largest.id}` };
}

const grid = (page) => page.getByRole("grid", { name: /^Rows of / });
const status = (page) => page.locator("[data-grid-status]");
/** The status once the script has taken over: before, the same words stand in the page as it came. */
const shown = (page) => page.locator("body:has(.fg-grid--live) [data-grid-status]").filter({ hasText: /^(Rows [\d,]+ to|No row fits)/ });
const scroller = (page) => page.locator("[data-grid]");

/** The texts of a column in the rows that are drawn; the first is the row's number. */
const cellsOf = (page, place) =>
  grid(page).locator(`tbody tr:not(.fg-rows__waiting) > :nth-child(${place + 2})`).evaluateAll((cells) => cells.map((cell) => cell.textContent));

/** Waits until the rows have answered the last question. */
async function settled(page, act) {
  const answered = page.waitForResponse((answer) => /\/rows\?/.test(answer.url()));
  await act();
  await answered;
  await page.locator("[data-grid]:not([aria-busy])").waitFor();
  await shown(page).waitFor();
}

function isAscending(values) {
  return values.every((value, at) => at === 0 || values[at - 1] <= value);
}

/** The first table of the demo that fits, with its columns. */
async function tableWith(context, fits) {
  const { items } = await (await answerOf(context, "/api/v1/tables?limit=200")).json();
  for (const item of items) {
    const table = await (await answerOf(context, `/api/v1/tables/${item.id}`)).json();
    if (fits(table)) return { ...table, page: `/datasets/${item.dataset}/tables/${item.id}` };
  }
  return assert.fail("no table of the demo fits");
}

const hasType = (table, ...types) => table.columns.some((column) => types.includes(column.type));
/** A file that was downloaded. */
const readDownload = async (download) => readFileSync(await download.path());

export const stories = {
  "a citizen opens a dataset's table, sorts, narrows down and scrolls to the end": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(table.page.replace(/\/tables\/.*/, ""));
    await page.getByRole("link", { name: /^Table/ }).first().click();
    await page.waitForURL(/\/tables\//);
    await page.goto(table.page);
    await shown(page).waitFor();
    assert.match(await status(page).innerText(), new RegExp(`^Rows 1 to \\d+ of ${table.rows.toLocaleString("en")} rows`));

    const place = table.columns.findIndex((column) => ["integer", "decimal"].includes(column.type));
    assert.ok(place >= 0, "the table has a column of numbers");
    const head = grid(page).locator("thead th").nth(place + 1);
    const asked = page.waitForRequest(/\/api\/v1\/tables\/[^/]+\/rows\?/);
    await settled(page, () => head.locator("[data-sort]").click());
    assert.match((await (await asked).allHeaders())["x-api-key"] ?? "", /^fg_/, "the portal's pages call with a key of their own");
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    const numbers = async () => (await cellsOf(page, place)).map(Number).filter((value) => !Number.isNaN(value));
    assert.ok(isAscending(await numbers()), String(await numbers()));
    await settled(page, () => head.locator("[data-sort]").click());
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    assert.ok(isAscending((await numbers()).reverse()), String(await numbers()));

    await settled(page, () => page.getByLabel("Go to row").fill(String(table.rows)).then(() => page.keyboard.press("Enter")));
    await status(page).filter({ hasText: new RegExp(` to ${table.rows.toLocaleString("en")} of`) }).waitFor();

    const named = table.columns.findIndex((column) => column.type === "text" && column.statistics.top?.[0]?.rows > 1);
    assert.ok(named >= 0, "the table has a column of names");
    const { value, rows } = table.columns[named].statistics.top[0];
    await settled(page, () => page.locator(`[name="is.${table.columns[named].name}"]`).fill(value));
    const fit = Number((await status(page).innerText()).match(/of ([\d,]+) that fit/)[1].replaceAll(",", ""));
    assert.equal(fit, rows);
    assert.deepEqual([...new Set(await cellsOf(page, named))], [value]);
    // The view is in the address, and can be passed on.
    await page.reload();
    await shown(page).waitFor();
    assert.match(await status(page).innerText(), /that fit/);
    assert.deepEqual(await house.barriers(page), []);

    await settled(page, () => page.getByRole("link", { name: "Start over" }).click());
    assert.doesNotMatch(await status(page).innerText(), /that fit/);
    await settled(page, () => page.getByLabel("Find words").fill("zzqxvbnzz"));
    assert.match(await status(page).innerText(), /No row fits/);
    assert.deepEqual(await context.cookies(), [], "looking sets no cookie");
    assert.deepEqual(faults, []);
    await leave();
  },

  "rows are walked through by keyboard, and each opens whole": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(table.page);
    await shown(page).waitFor();
    await grid(page).locator("tbody [tabindex='0']").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    const where = () => page.evaluate(() => [document.activeElement.cellIndex, Number(document.activeElement.closest("tr")?.dataset.row)]);
    assert.deepEqual(await where(), [1, 1]);
    await page.keyboard.press("Control+End");
    assert.deepEqual(await where(), [table.columns.length, table.rows - 1]);
    await page.keyboard.press("Control+Home");
    assert.deepEqual(await where(), [0, 0]);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Row 1" });
    await dialog.waitFor();
    assert.equal(await dialog.locator("dt").count(), table.columns.length);
    assert.deepEqual(await house.barriers(page), []);
    await page.keyboard.press("Escape");
    assert.deepEqual(await where(), [0, 0], "the reader is back where they were");
    await grid(page).getByRole("link", { name: /^About the column/ }).first().click();
    await page.getByRole("dialog").getByText("Different values").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.deepEqual(faults, []);
    await leave();
  },

  "a table of five million rows is scrolled through like any other": async (house) => {
    const MANY = 5_000_000;
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    const column = table.columns.find(({ type }) => type === "text").name;
    await page.route(/\/rows\?/, (route) => {
      const asked = new URL(route.request().url()).searchParams;
      const from = Number(asked.get("offset") ?? 0);
      const items = Array.from({ length: Math.min(Number(asked.get("limit")), MANY - from) }, (_, at) => ({ [column]: `row ${from + at}` }));
      return route.fulfill({ json: { items, total: MANY, next: null } });
    });
    await page.goto(table.page);
    await settled(page, () => page.getByLabel("Find words").fill("any"));
    const rowsInView = () => grid(page).locator("tbody tr:not(.fg-rows__waiting)").evaluateAll((rows) => rows.map((row) => Number(row.dataset.row)));
    const isWhole = (rows) => rows.length > 10 && rows.every((row, at) => at === 0 || row === rows[at - 1] + 1);
    await settled(page, () => scroller(page).evaluate((place) => (place.scrollTop = place.scrollHeight / 2)));
    await page.locator(".fg-rows__waiting").first().waitFor({ state: "detached" });
    const middle = await rowsInView();
    assert.ok(isWhole(middle) && Math.abs(middle[0] - MANY / 2) < MANY / 100, middle.join(" "));
    await scroller(page).hover();
    await page.mouse.wheel(0, 340);
    await page.waitForFunction((before) => Number(document.querySelector("[data-grid-body] tr")?.dataset.row) > before, middle[0]);
    const next = await rowsInView();
    assert.ok(next[0] - middle[0] <= 40, "a turn of the wheel moves by rows and not by thousands");
    await settled(page, () => scroller(page).evaluate((place) => (place.scrollTop = place.scrollHeight)));
    await status(page).filter({ hasText: "to 5,000,000 of 5,000,000" }).waitFor();
    assert.equal(await grid(page).getAttribute("aria-rowcount"), String(MANY + 2));
    assert.deepEqual(faults, []);
    await leave();
  },

  "a citizen changes a chart and takes it away": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await tableWith(context, (one) => hasType(one, "date", "timestamp") && hasType(one, "decimal", "integer") && one.rows > 100);
    const chunks = [];
    page.on("request", (request) => /\/assets\/chart-/.test(request.url()) && chunks.push(request.url()));
    await page.goto(table.page);
    await shown(page).waitFor();
    assert.deepEqual(chunks, [], "nothing of charts comes before somebody asks for one");
    await page.getByRole("tab", { name: "Chart" }).click();
    const picture = page.locator("[data-chart-picture] svg");
    await picture.waitFor();
    assert.match((await picture.getAttribute("aria-label")) ?? "", /values, from/);
    const title = page.locator("[data-chart-caption]");
    const first = await title.innerText();
    await page.locator("#chart-kind").selectOption("bar");
    await page.locator("#chart-aggregate").selectOption("count");
    await title.filter({ hasText: "Number of rows" }).waitFor();
    assert.notEqual(await title.innerText(), first);
    assert.match(page.url(), /chart\.kind=bar/);
    assert.deepEqual(await house.barriers(page), []);
    const beginnings = { png: "\x89PNG", svg: "<svg", csv: "" };
    for (const [kind, beginning] of Object.entries(beginnings)) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: kind.toUpperCase(), exact: true }).click()]);
      const bytes = await readDownload(download);
      assert.ok(bytes.toString("latin1").startsWith(beginning) && bytes.length > 50, kind);
      if (kind === "svg") assert.doesNotMatch(bytes.toString(), /<(script|style|foreignObject)/);
    }
    await page.getByText("The numbers as a table").click();
    assert.ok((await page.locator("[data-chart-table] tbody tr").count()) > 0);
    // The same picture, in a frame on somebody else's page.
    const code = await page.locator("[data-chart-embed]").textContent();
    const address = code.match(/src="([^"]+)"/)[1].replaceAll("&amp;", "&");
    const framed = await context.request.get(address);
    assert.match(framed.headers()["content-security-policy"], /frame-ancestors \*/);
    assert.doesNotMatch(framed.headers()["content-security-policy"], /unsafe/);
    assert.match((await context.request.get(table.page)).headers()["content-security-policy"], /frame-ancestors 'none'/);
    await page.goto(address);
    await picture.waitFor();
    assert.ok(await page.getByRole("link", { name: /Look at the data/ }).isVisible());
    assert.deepEqual(await house.barriers(page), []);
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual(faults, []);
    await leave();
  },

  "a citizen looks at places on a map and at what is known of one": async (house) => {
    for (const types of [["point", "geometry"], ["decimal"]]) {
      const { page, context, faults, leave } = await house.visitor();
      const table = await tableWith(context, (one) =>
        types.includes("decimal") ? one.columns.some(({ name }) => name === "longitude") && one.rows > 100 : hasType(one, ...types));
      await page.goto(`${table.page}#map`);
      await page.locator("[data-map-view] canvas").waitFor();
      const said = page.locator("[data-map-status]").filter({ hasText: /places/ });
      await said.waitFor();
      assert.match(await said.innerText(), new RegExp(`^${table.rows.toLocaleString("en")} places`));
      await page.getByText("The places as a list").click();
      await page.locator("[data-map-list] button").first().click();
      await page.locator(".maplibregl-popup dl dt").first().waitFor();
      assert.deepEqual(await house.barriers(page), []);
      assert.deepEqual(faults, [], "no other host, and nothing that the policy forbids");
      await leave();
    }
  },

  "search, a dataset and a table are light before charts and maps are asked for": async (house) => {
    const MOST_BYTES = 60_000;
    const { context, leave } = await house.visitor();
    const table = await largestTable(context);
    await leave();
    const weights = {};
    for (const address of ["/datasets?q=water", table.page.replace(/\/tables\/.*/, ""), table.page]) {
      const visitor = await house.visitor();
      const line = await visitor.context.newCDPSession(visitor.page);
      let bytes = 0;
      await line.send("Network.enable");
      line.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
      await visitor.page.goto(address, { waitUntil: "networkidle" });
      weights[address] = bytes;
      await visitor.leave();
    }
    console.log(JSON.stringify(weights));
    for (const [address, bytes] of Object.entries(weights)) assert.ok(bytes > 5_000 && bytes <= MOST_BYTES, `${address}: ${bytes} bytes`);
  },

  "what changed in a dataset is told": async (house) => {
    const { page, faults, leave } = await house.visitor();
    await page.goto("/datasets?q=trees");
    await page.locator(".fg-result h3 a").first().click();
    await page.waitForURL(/\/datasets\/[a-z0-9-]+$/);
    await page.goto(`${page.url()}/versions`);
    await page.getByRole("heading", { name: "What changed" }).waitFor();
    await page.getByText("The first version").waitFor();
    assert.deepEqual(await house.barriers(page), []);
    assert.deepEqual(faults, []);
    await leave();
  },

  "what the API refuses is said with its reason": async (house) => {
    const { page, context, leave } = await house.visitor();
    const table = await largestTable(context);
    const refuse = (status, problem) => (route) =>
      route.fulfill({
        status,
        headers: { "content-type": "application/problem+json", "retry-after": "7" },
        body: JSON.stringify({ status, ...problem }),
      });
    await page.goto(table.page);
    await shown(page).waitFor();
    await page.route(/\/rows\?/, refuse(429, { title: "Quota used up", detail: "Plan `keyless` allows less." }));
    await page.getByLabel("Find words").fill("a");
    const problem = page.locator("[data-grid-problem]");
    await problem.getByText("Plan `keyless` allows less.").waitFor();
    assert.ok(await problem.getByRole("button", { name: /Try again in \d+ s/ }).isDisabled());
    assert.ok(await problem.getByRole("link", { name: /free key/ }).isVisible());
    assert.deepEqual(await house.barriers(page), []);
    await page.unroute(/\/rows\?/);
    await page.route(/\/rows\?/, (route) => route.abort());
    await page.getByLabel("Find words").fill("an");
    await problem.getByText("did not answer").waitFor();
    await page.unroute(/\/rows\?/);
    await settled(page, () => problem.getByRole("button", { name: "Try again" }).click());
    assert.ok(!(await problem.isVisible()));
    // The API's own refusal: a number is asked for with letters.
    const number = table.columns.find((column) => ["integer", "decimal"].includes(column.type));
    await page.locator(`[name="is.${number.name}"]`).fill("many");
    await problem.waitFor();
    assert.ok((await problem.innerText()).length > 10);
    await leave();
  },

  "every call on the page answers, and code that is copied runs": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const table = await largestTable(context);
    await page.goto(`${table.page}#api`);
    const calls = page.getByRole("region", { name: "Addresses of this table" }).getByRole("link");
    const addresses = await calls.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    assert.ok(addresses.length >= 6);
    for (const address of addresses) await answerOf(context, address);

    const copied = async (language, number) => {
      await page.getByRole("tab", { name: language, exact: true }).click();
      await page.evaluate(() => navigator.clipboard.writeText(""));
      await page.getByRole("tabpanel", { name: language, exact: true }).getByRole("button", { name: /^Cop(y|ied)$/ }).nth(number).click();
      // The clipboard is written after the click has been answered.
      await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
      return page.evaluate(() => navigator.clipboard.readText());
    };
    const said = [];
    const quiet = { log: (...words) => said.push(words), table: (rows) => said.push(rows) };
    for (const number of [0, 1]) await new AsyncFunction("console", await copied("JavaScript", number))(quiet);
    assert.ok(said[0][0] > 0, "rows come");
    assert.ok(said[1].length > 0, "groups come");
    for (const number of [0, 1, 3]) {
      const code = await copied("curl", number);
      let body;
      try {
        body = execFileSync("bash", ["-c", `command -v curl > /dev/null || exit 42\n${code}`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      } catch (error) {
        if (error.status === 42) break; // No curl on this machine.
        throw error;
      }
      assert.ok(body.startsWith("{"), `${code}\nanswers ${JSON.stringify(body)}`);
      assert.ok(JSON.parse(body).items.length > 0, code);
    }
    for (const language of ["Python", "R", "Excel and Power Query"]) {
      assert.ok((await copied(language, 0)).includes(`${house.address}`), language);
    }
    assert.deepEqual(faults, []);
    await leave();
  },

  "the table's own contract can be tried in the browser": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(`${table.page}#api`);
    await page.getByRole("link", { name: "try them in the browser" }).click();
    await page.waitForURL(/\/docs\?table=/);
    await page.locator(".opblock").first().waitFor();
    const { paths } = await (await answerOf(context, table.links.openapi)).json();
    assert.equal(await page.locator(".opblock").count(), Object.keys(paths).length);
    assert.deepEqual(faults, []);
    await leave();
  },

  "the table can be taken away in every form": async (house) => {
    const { page, context, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(`${table.page}#download`);
    const links = page.getByRole("tabpanel", { name: "Download" }).locator("a[download]");
    const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.ok(addresses.length >= 7, addresses.join(" "));
    for (const address of addresses) assert.ok((await (await answerOf(context, address)).body()).length > 10, address);
    await leave();
  },

  "tabs are worked by keyboard, and an address opens its own": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(`${table.page}#versions`);
    const tab = (name) => page.getByRole("tab", { name, exact: true });
    assert.equal(await tab("Versions").getAttribute("aria-selected"), "true");
    await page.getByRole("tabpanel", { name: "Versions" }).getByText("The first version").waitFor();
    await tab("Versions").focus();
    await page.keyboard.press("Home");
    assert.equal(await tab("Data").getAttribute("aria-selected"), "true");
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("tabpanel", { name: "API" }).getByText("Copy and run").waitFor();
    assert.match(page.url(), /#api$/);
    assert.deepEqual(faults, []);
    await leave();
  },

  "without JavaScript the rows are there, sorted, narrowed down and page by page": async (house) => {
    const { page, context, leave } = await house.visitor({ javaScript: false });
    const table = await largestTable(context);
    await page.goto(table.page);
    for (const name of ["Data", "Chart", "Columns", "API", "Download", "Versions"]) {
      assert.ok(await page.getByRole("heading", { level: 2, name, exact: true }).isVisible(), name);
    }
    const rows = page.locator("[data-grid-body] tr");
    assert.equal(await rows.count(), Math.min(25, table.rows));
    const place = table.columns.findIndex((column) => ["integer", "decimal"].includes(column.type));
    const values = () => page.locator(`[data-grid-body] td:nth-child(${place + 2})`).allInnerTexts();
    await page.locator("[data-sort]").nth(place).click();
    await page.waitForURL(/sortby=/);
    const numbers = (await values()).map(Number).filter((value) => !Number.isNaN(value));
    assert.ok(numbers.length > 0 && isAscending(numbers), numbers.join(" "));
    await page.getByRole("link", { name: "Next" }).click();
    assert.match(await status(page).innerText(), /^Rows 26 to 50 of/);
    const named = table.columns.find((column) => column.type === "text" && column.statistics.top?.[0]?.rows > 1);
    await page.locator(`[name="is.${named.name}"]`).fill(named.statistics.top[0].value);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    assert.match(await status(page).innerText(), new RegExp(`of ${named.statistics.top[0].rows.toLocaleString("en")} that fit`));
    for (const name of ["JSON, a page at a time", "CSV"]) {
      await answerOf(context, await page.locator("#data").getByRole("link", { name }).getAttribute("href"));
    }
    assert.ok(await page.getByRole("link", { name: "the numbers behind the chart" }).isVisible());
    await answerOf(context, await page.getByRole("link", { name: "the numbers behind the chart" }).getAttribute("href"));
    await leave();
  },
};
