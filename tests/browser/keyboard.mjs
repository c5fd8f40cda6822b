// Whoever has no mouse: past the menu in one step, through a page in the order in which it is read, and always seeing where they are.
import assert from "node:assert/strict";

import { editorTour } from "./tour.mjs";

const PUBLIC_PAGES = ["/", "/datasets?q=water", "/publishers", "/themes", "/developers", "/services", "/transparency", "/service-level", "/requests/new", "/sign-in", "/register", "/developers/changes"];
const STAFF_PAGES = ["/workspace", "/workspace/yours", "/workspace/people", "/workspace/settings", "/workspace/health", "/workspace/journal", "/workspace/suspended", "/workspace/services/new", "/workspace/tariff", "/workspace/register", "/me"];
/** So many steps are gone on each page. */
const STEPS = 45;

/** What has the focus: what it is, whether it follows what had it before, and whether one sees it. */
const focused = (page) =>
  page.evaluate(() => {
    const one = document.activeElement;
    if (one === null || one === document.body || one === document.documentElement) return null;
    const last = window.lastFocused;
    window.lastFocused = one;
    const box = one.getBoundingClientRect();
    const shown = (element) => {
      const style = getComputedStyle(element);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    // A box or circle of a form draws its ring around what stands for it.
    const label = one.labels?.[0];
    const ring = [one, one.parentElement, label].some((element) => element && (shown(element) || ["::before", "::after"].some((part) => {
      const style = getComputedStyle(element, part);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    })));
    return {
      what: `${one.tagName.toLowerCase()} “${(one.innerText || one.name || one.getAttribute("aria-label") || "").trim().slice(0, 40)}”`,
      // A date is typed in parts, and has a button of the browser's own: one element, several steps.
      isSame: last === one,
      follows: !last || last === one || (last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0,
      isSeen: ring,
      isInView: box.bottom > 0 && box.top < window.innerHeight,
    };
  });

async function walks(page, path, found) {
  await page.goto(path);
  await page.keyboard.press("Tab");
  const first = await focused(page);
  if (!/skip|main/i.test(first?.what ?? "")) found.push(`${path}: the first step leads to ${first?.what}, not past the menu`);
  await page.keyboard.press("Enter");
  const inMain = await page.evaluate(() => document.activeElement?.id === "main" || location.hash === "#main");
  if (!inMain) found.push(`${path}: the first link leads past nothing`);
  for (let step = 0; step < STEPS; step += 1) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    // At the end of the page the browser has the focus itself, or the page begins anew.
    if (here === null || here.what === first.what) break;
    if (!here.follows) found.push(`${path}: ${here.what} comes after what follows it`);
    if (!here.isSeen && !here.isSame) found.push(`${path}: nobody sees that ${here.what} has the focus`);
    if (!here.isInView) found.push(`${path}: ${here.what} has the focus out of sight`);
  }
}

export const stories = {
  "public pages are walked through by keyboard in the order of reading": async (house) => {
    const { page, faults, leave } = await house.visitor({ width: 1280 });
    const found = [];
    for (const path of PUBLIC_PAGES) await walks(page, path, found);
    assert.deepEqual(found, []);
    assert.deepEqual(faults, []);
    await leave();
  },

  "staff pages are walked through by keyboard in the order of reading": async (house) => {
    const operator = await house.visitor({ width: 1280 });
    await house.signIn(operator.page, "operator");
    await operator.page.waitForURL(/\/workspace/);
    const editor = await house.visitor({ width: 1280 });
    await house.signIn(editor.page, "publisher");
    await editor.page.waitForURL(/\/workspace/);
    const found = [];
    for (const path of STAFF_PAGES) await walks(operator.page, path, found);
    const { pages } = await editorTour(house, editor.page);
    for (const path of Object.values(pages)) await walks(editor.page, path, found);
    assert.deepEqual(found, []);
    for (const one of [operator, editor]) await one.leave();
  },

  "a search is asked and a result opened without a mouse": async (house) => {
    const { page, leave } = await house.visitor();
    await page.goto("/");
    await page.locator("form[role=search] input[name=q]").first().focus();
    await page.keyboard.type("water");
      await page.keyboard.press("Enter");
    await page.waitForURL(/\/datasets\?q=water/);
    await page.locator(".fg-result h3 a").first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/datasets\/[a-z0-9-]+/);
    assert.ok(await page.locator("h1").isVisible());
    await leave();
  },
};
