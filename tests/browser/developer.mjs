// A developer gets a key and uses it.
import assert from "node:assert/strict";

async function getsAKey(house, javaScript) {
  const { page, context, faults, leave } = await house.visitor({ javaScript });
  await page.goto("/developers");
  await page.getByRole("link", { name: "Get a key" }).first().click();
  await page.getByLabel("What is your application called?").fill("Tide clock");
  await page.getByLabel("Your e-mail address").fill("anna@developers.example");
  await page.getByRole("checkbox", { name: /I accept/ }).check();
  await page.getByRole("button", { name: "Get a key" }).click();
  const key = (await page.getByLabel("Your API key").innerText()).trim();
  assert.match(key, /^fg_[A-Za-z0-9]+/);
  if (javaScript) assert.deepEqual(await house.barriers(page), []);
  else await nothingForScriptsIsDrawn(page);

  const answer = await context.request.get("/api/v1/datasets?q=tide&limit=2", { headers: { "X-Api-Key": key } });
  assert.equal(answer.status(), 200);
  assert.match(answer.headers()["ratelimit-policy"] ?? "", /starter/);
  assert.ok(answer.headers()["ratelimit"], "the answer says what is left");
  assert.ok((await answer.json()).total >= 0);
  assert.deepEqual(faults, []);
  await leave();
}

/** What only scripts can show stays away from readers who run none. */
async function nothingForScriptsIsDrawn(page) {
  const marked = page.locator("[hidden]");
  assert.notEqual(await marked.count(), 0, "the page has parts for scripts alone");
  assert.deepEqual(await marked.filter({ visible: true }).allInnerTexts(), []);
}

/** How the interactive documentation is read through: so far at once, so long between, so often at most. */
const SCROLL_PIXELS = 300;
const SCROLL_PAUSE_MS = 60;
const SCROLLS_A_WAY = 120;
const MOST_SCROLLS = 6 * SCROLLS_A_WAY;

export const stories = {
  "a developer gets a key in one form and calls the API with it": (house) => getsAKey(house, true),
  "the form gives a key without JavaScript": (house) => getsAKey(house, false),

  "what is missing in the form is said beside it, and what was typed stays": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/developers");
    await page.getByLabel("What is your application called?").fill("Tide clock");
    await page.getByRole("button", { name: "Get a key" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("What is your application called?").inputValue(), "Tide clock");
    assert.match(await page.getByRole("alert").innerText(), /e-mail/);
    assert.deepEqual(await house.barriers(page), []);
    await leave();
  },

  "a key that is not ours is refused with a problem": async (house) => {
    const { context, leave } = await house.visitor();
    const answer = await context.request.get("/api/v1/datasets", { headers: { "X-Api-Key": "fg_nonsense" } });
    assert.equal(answer.status(), 401);
    assert.match(answer.headers()["content-type"], /application\/problem\+json/);
    await leave();
  },

  "the interactive documentation shows every operation and asks no other host": async (house) => {
    const { page, context, faults, leave } = await house.visitor();
    const { paths } = await (await context.request.get("/openapi.json")).json();
    await page.goto("/docs");
    const shown = page.locator(".opblock");
    await shown.first().waitFor();
    await page.locator("#api-docs").scrollIntoViewIfNeeded();
    const methods = ["get", "post", "put", "patch", "delete"];
    const told = Object.values(paths).flatMap((path) => Object.keys(path).filter((method) => methods.includes(method)));
    // Of a long list the page draws what is in view: whoever scrolls down sees all of it.
    const seen = new Set();
    for (let step = 0; seen.size < told.length && step < MOST_SCROLLS; step += 1) {
      for (const id of await shown.evaluateAll((blocks) => blocks.map((block) => block.id))) seen.add(id);
      // Down and up again, as what is drawn moves what is below it.
      await page.mouse.wheel(0, Math.floor(step / SCROLLS_A_WAY) % 2 === 0 ? SCROLL_PIXELS : -SCROLL_PIXELS);
      await page.waitForTimeout(SCROLL_PAUSE_MS);
    }
    const missing = told.length - seen.size;
    assert.equal(missing, 0, `${missing} of ${told.length} operations are never drawn`);
    assert.deepEqual(faults, []);
    await leave();
  },

  "documentation runs in the page, without a key and with the one just given": async (house) => {
    const { page, faults, leave } = await house.visitor();
    await page.goto("/docs");
    assert.equal(await page.getByRole("button", { name: "Use the key I was just given" }).count(), 0, "no key was given yet");
    // Before its script has come the form leads to the answer itself.
    await page.locator("form[data-keys]").waitFor();
    const trial = page.locator("#try-search");
    await trial.getByRole("button", { name: "Try it" }).click();
    const answer = trial.getByRole("region", { name: "Answer", exact: true });
    await answer.waitFor();
    assert.match(await answer.innerText(), /^200/);
    for (const field of ["RateLimit", "RateLimit-Policy", "RateLimit-Cost", "Server-Timing"]) {
      await answer.getByRole("row", { name: new RegExp(`^${field} `) }).waitFor();
    }
    assert.match(await answer.locator("[data-body]").innerText(), /^\{\s*"items": \[/);
    assert.deepEqual(await house.barriers(page), []);

    await page.goto("/developers");
    await page.getByLabel("What is your application called?").fill("Tide clock");
    await page.getByLabel("Your e-mail address").fill("dora@developers.example");
    await page.getByRole("checkbox", { name: /I accept/ }).check();
    await page.getByRole("button", { name: "Get a key" }).click();
    const key = (await page.getByLabel("Your API key").innerText()).trim();
    await page.getByRole("button", { name: "Try it in the documentation" }).click();
    await page.getByRole("button", { name: "Use the key I was just given" }).click();
    assert.ok((await page.locator("#try-search [data-key-in]").first().textContent()).includes(key));
    assert.ok(!page.url().includes(key), "no key stands in an address");
    const asked = page.waitForRequest((request) => request.url().includes("/api/v1/usage"));
    await page.locator("#try-usage").getByRole("button", { name: "Try it" }).click();
    assert.equal((await asked).headers()["x-api-key"], key);
    assert.ok(!(await asked).url().includes(key));
    const usage = page.locator("#try-usage").getByRole("region", { name: "Answer", exact: true });
    await usage.waitFor();
    assert.match(await usage.innerText(), /^200/);
    await page.getByRole("button", { name: "Forget it" }).click();
    assert.ok(!(await page.content()).includes(key), "a forgotten key stands nowhere in the page");
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
    assert.deepEqual(faults, []);
    await leave();
  },

  "documentation runs without JavaScript": async (house) => {
    const { page, leave } = await house.visitor({ javaScript: false });
    await page.goto("/docs");
    await nothingForScriptsIsDrawn(page);
    await page.locator("#try-search").getByRole("button", { name: "Try it" }).click();
    await page.waitForURL(/\/api\/v1\/datasets\?q=/);
    assert.match(await page.locator("body").innerText(), /"items"/);
    await leave();
  },

  "an operator reads health, settings and journal, and checks the chain": async (house) => {
    const { page, faults, leave } = await house.visitor();
    await house.signIn(page, "operator");
    for (const path of ["/workspace/health", "/workspace/settings", "/workspace/journal", "/workspace/suspended", "/developers/changes"]) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      assert.deepEqual(await house.barriers(page), [], path);
    }
    await page.goto("/workspace/settings");
    const row = page.getByRole("row", { name: /listen/ }).first();
    assert.match(await row.innerText(), /127\.0\.0\.1/);
    await page.goto("/workspace/journal");
    await page.getByRole("button", { name: "Check the whole chain now" }).click();
    await page.getByText(/one proving the next/).waitFor();
    assert.deepEqual(faults, []);
    await leave();
  },
};
