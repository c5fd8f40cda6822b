// Agency staff look after their sources.
import assert from "node:assert/strict";

/** A harvest of a sample agency takes seconds, also in a debug build. */
const HARVEST_MS = 60_000;

export const stories = {
  "a steward signs in, runs a source and reads the job's records": async (house) => {
    const { page, faults, leave } = await house.visitor();
    await house.signIn(page, "steward");
    await page.waitForURL(/\/workspace/);
    await page.getByRole("region", { name: "Sources" }).getByRole("link", { name: "merrow-transit" }).first().click();
    await page.getByRole("button", { name: "Run now" }).click();
    if (!/\/workspace\/jobs\//.test(page.url())) {
      await page.getByRole("region", { name: "Jobs" }).getByRole("link").first().click();
    }
    await page.waitForURL(/\/workspace\/jobs\//);
    // The page renews itself until the job is done.
    await page.locator(".fg-page-head").getByText("Completed").waitFor({ timeout: HARVEST_MS });
    const figures = await page.locator(".fg-figures div").evaluateAll((cells) =>
      Object.fromEntries(cells.map((cell) => [cell.querySelector("dt").innerText, Number(cell.querySelector("dd").innerText)])),
    );
    assert.ok(figures.Found > 0, JSON.stringify(figures));
    const { Found, ...outcomes } = figures;
    assert.equal(Object.values(outcomes).reduce((sum, count) => sum + count, 0), Found, JSON.stringify(figures));
    assert.deepEqual(faults, []);
    await leave();
  },

  "the workspace is closed to those who did not sign in": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/workspace");
    await page.waitForURL(/\/sign-in/);
    await leave();
  },

  "a wrong password is refused without saying which part was wrong": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill("nobody@demo.example");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    assert.match(await page.getByRole("alert").innerText(), /address or the password/);
    await leave();
  },

  "who signs out is out": async (house) => {
    const { page, leave } = await house.visitor({ javaScript: false });
    await house.signIn(page, "publisher");
    await page.waitForURL(/\/workspace/);
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.goto("/workspace");
    await page.waitForURL(/\/sign-in/);
    await leave();
  },
};
