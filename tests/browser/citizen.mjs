// A citizen looks for data.
import assert from "node:assert/strict";

const resultCount = async (page) => Number((await page.getByRole("status").first().innerText()).match(/[\d,]+/)[0].replaceAll(",", ""));

/** Searches, narrows down, reads a dataset and fetches its file; the same with and without JavaScript. */
async function walksToAFile(house, javaScript) {
  const { page, context, faults, leave } = await house.visitor({ javaScript });
  await page.goto("/");
  await page.getByRole("searchbox").or(page.getByRole("combobox")).first().fill("library visits");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/\/datasets\?.*q=library/);
  const all = await resultCount(page);
  assert.ok(all >= 1, "something is found");

  const facet = page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: /Ardenport/ }).first();
  if (!(await facet.isVisible())) await page.getByText("Narrow down").click();
  await facet.click();
  await page.waitForURL(/publisher=/);
  const fewer = await resultCount(page);
  assert.ok(fewer >= 1 && fewer <= all, `${fewer} of ${all} remain`);

  await page.getByRole("link", { name: /library visits/i }).first().click();
  await page.waitForURL(/\/datasets\/[a-z0-9-]+$/);
  assert.match(await page.getByRole("heading", { level: 1 }).innerText(), /library/i);
  const download = page.getByRole("link", { name: /^Download/ }).first();
  const file = await context.request.get(await download.getAttribute("href"));
  assert.equal(file.status(), 200);
  assert.ok((await file.body()).length > 100, "the file has rows");
  assert.deepEqual(await context.cookies(), [], "reading sets no cookie");
  assert.deepEqual(faults, []);
  await leave();
}

export const stories = {
  "a citizen searches, narrows down, opens a dataset and fetches its file": (house) => walksToAFile(house, true),
  "all of this works without JavaScript": (house) => walksToAFile(house, false),

  "the search box suggests while a citizen types": async (house) => {
    const { page, faults, leave } = await house.visitor();
    await page.goto("/");
    await page.getByRole("combobox").fill("libr");
    const first = page.getByRole("option").first();
    await first.waitFor();
    await page.keyboard.press("ArrowDown");
    assert.equal(await first.getAttribute("aria-selected"), "true");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/(datasets|publishers)/);
    assert.deepEqual(faults, []);
    await leave();
  },

  "words that nothing has lead to ideas, not to a dead end": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/datasets?q=zzqxvbn");
    await page.getByRole("status").getByText("Nothing found").waitFor();
    assert.ok((await page.getByRole("main").getByRole("listitem").count()) > 0);
    await leave();
  },

  "an address that nothing has is answered as a page": async (house) => {
    const { page, leave } = await house.visitor();
    const answer = await page.goto("/datasets/there-is-no-such-dataset");
    assert.equal(answer.status(), 404);
    assert.match(answer.headers()["content-type"], /text\/html/);
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await leave();
  },

  "the keyboard reaches the content before the menu": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to main content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await leave();
  },
};
