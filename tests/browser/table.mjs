// Tables: citizens look at rows, developers copy calls that work.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

/** A page of the preview, unless the reader chooses another. */
const PAGE_ROWS = 25;

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

const preview = (page) => page.getByRole("region", { name: /^Rows of / });
const status = (page) => page.locator("[data-preview-status]");
const shown = (page) => status(page).filter({ hasText: /^(Rows [\d,]+ to|No row fits)/ });

/** The texts of a column in the preview. */
const cellsOf = (page, place) =>
  preview(page).locator(`tbody td:nth-child(${place + 1})`).evaluateAll((cells) => cells.map((cell) => cell.textContent));

/** Waits until the preview has answered the last question. */
async function settled(page, act) {
  const answered = page.waitForResponse((answer) => /\/rows\?/.test(answer.url()));
  await act();
  await answered;
  await page.locator("[data-preview]:not([aria-busy])").waitFor();
  await shown(page).waitFor();
}

function isAscending(values) {
  return values.every((value, at) => at === 0 || values[at - 1] <= value);
}

export const stories = {
  "a citizen opens a dataset's table, sorts, narrows down and pages": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const table = await largestTable(context);
    await page.goto(table.page.replace(/\/tables\/.*/, ""));
    const asked = page.waitForRequest(/\/api\/v1\/tables\/[^/]+\/rows\?/);
    await page.locator(`main a[href="${table.page}"]`).first().click();
    await page.waitForURL(/\/tables\//);
    assert.match((await (await asked).allHeaders())["x-api-key"] ?? "", /^fg_/, "the portal's pages call with a key of their own");
    await shown(page).waitFor();
    assert.match(await status(page).innerText(), new RegExp(`of ${table.rows.toLocaleString("en")} rows`));
    assert.equal(await preview(page).locator("tbody tr").count(), Math.min(PAGE_ROWS, table.rows));

    const place = table.columns.findIndex((column) => ["integer", "decimal"].includes(column.type));
    assert.ok(place >= 0, "the table has a column of numbers");
    const head = preview(page).locator("thead th").nth(place);
    await settled(page, () => head.getByRole("button").click());
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    const upwards = (await cellsOf(page, place)).map(Number).filter((value) => !Number.isNaN(value));
    assert.ok(isAscending(upwards), upwards.join(" "));
    await settled(page, () => head.getByRole("button").click());
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    const downwards = (await cellsOf(page, place)).map(Number).filter((value) => !Number.isNaN(value));
    assert.ok(isAscending(downwards.reverse()), downwards.join(" "));

    if (table.rows > PAGE_ROWS) {
      await settled(page, () => page.getByRole("button", { name: "Next" }).click());
      assert.match(await status(page).innerText(), /^Rows 26 to /);
      await settled(page, () => page.getByRole("button", { name: "Previous" }).click());
      assert.match(await status(page).innerText(), /^Rows 1 to /);
    }

    const named = table.columns.findIndex((column) => column.type === "text" && column.statistics.top?.[0]?.rows > 1);
    assert.ok(named >= 0, "the table has a column of names");
    const { value, rows } = table.columns[named].statistics.top[0];
    await settled(page, () => preview(page).locator("thead tr:nth-child(2) td").nth(named).getByRole("combobox").fill(value));
    const fit = Number((await status(page).innerText()).match(/of ([\d,]+) that fit/)[1].replaceAll(",", ""));
    assert.equal(fit, rows);
    assert.deepEqual([...new Set(await cellsOf(page, named))], [value]);
    // The view is in the address, and can be passed on.
    await page.reload();
    await shown(page).waitFor();
    assert.match(await status(page).innerText(), /that fit/);

    await settled(page, () => page.getByRole("button", { name: "Start over" }).click());
    assert.doesNotMatch(await status(page).innerText(), /that fit/);
    await settled(page, () => page.getByLabel("Find words").fill("zzqxvbnzz"));
    assert.match(await status(page).innerText(), /No row fits/);
    assert.deepEqual(await context.cookies(), [], "looking sets no cookie");
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
    await page.route(/\/rows\?/, refuse(429, { title: "Quota used up", detail: "Plan `keyless` allows less." }));
    await page.goto(table.page);
    const problem = page.locator("[data-preview-problem]");
    await problem.getByText("Plan `keyless` allows less.").waitFor();
    assert.ok(await problem.getByRole("button", { name: /Try again in \d+ s/ }).isDisabled());
    assert.ok(await problem.getByRole("link", { name: /free key/ }).isVisible());
    assert.deepEqual(await house.barriers(page), []);
    await page.unroute(/\/rows\?/);
    await page.route(/\/rows\?/, (route) => route.abort());
    await page.reload();
    await problem.getByText("did not answer").waitFor();
    await page.unroute(/\/rows\?/);
    await settled(page, () => problem.getByRole("button", { name: "Try again" }).click());
    assert.ok(!(await problem.isVisible()));
    // The API's own refusal: a number is asked for with letters.
    const number = table.columns.find((column) => ["integer", "decimal"].includes(column.type));
    await page.locator(`[data-filter="${number.name}"]`).fill("many");
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
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tabpanel", { name: "Columns" }).getByText("Different values").first().waitFor();
    assert.match(page.url(), /#columns$/);
    assert.deepEqual(faults, []);
    await leave();
  },

  "without JavaScript everything but the preview is there": async (house) => {
    const { page, context, leave } = await house.visitor({ javaScript: false });
    const table = await largestTable(context);
    await page.goto(table.page);
    for (const name of ["Data", "Columns", "API", "Download", "Versions"]) {
      assert.ok(await page.getByRole("heading", { level: 2, name, exact: true }).isVisible(), name);
    }
    assert.ok(!(await page.locator("[data-preview]").isVisible()));
    for (const name of ["JSON, a page at a time", "CSV"]) {
      await answerOf(context, await page.locator("#data").getByRole("link", { name }).getAttribute("href"));
    }
    await leave();
  },
};
