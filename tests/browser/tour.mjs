// Pages that exist only once somebody has done something: a draft and what belongs to it, what others saved meanwhile, versions, a
// tombstone, an invitation, an application with its letters. The tour makes them, and says how to come to each.
import assert from "node:assert/strict";

/** A visitor who is signed in with a role of the demo's. */
export async function as(house, role, options) {
  const visitor = await house.visitor(options);
  await house.signIn(visitor.page, role);
  await visitor.page.waitForURL(/\/workspace/);
  return visitor;
}

/** A draft of the publisher's, with some of its description. */
async function beginDraft(page, title) {
  await page.goto("/workspace/drafts/new");
  await page.locator("#title").fill(title);
  await page.locator('form[action="/workspace/drafts"] button[type=submit]').first().click();
  await page.waitForURL(/\/workspace\/drafts\/[0-9a-f-]+/);
  return new URL(page.url()).pathname;
}

/** What one sees who saves a draft that somebody else has saved since: two windows, and the second one is late. */
async function seeConflict(page, draft) {
  const other = await page.context().newPage();
  await page.goto(draft);
  await other.goto(draft);
  for (const [one, text] of [[other, `What others wrote at ${Date.now()}.`], [page, "What I wrote meanwhile."]]) {
    await one.locator("textarea[name^=description]").first().fill(text);
    await one.locator('button[name=act][value=save]').first().click();
    await one.waitForLoadState("load");
  }
  await other.close();
}

/** The addresses of what the editor of a publisher sees, and the pages that are come to by doing. */
export async function editorTour(house, page) {
  const draft = await beginDraft(page, "Ferry times and the delays of every harbour");
  const at = (part) => `${draft}${part}`;
  return {
    pages: {
      drafts: "/workspace/drafts",
      "new-draft": "/workspace/drafts/new",
      draft,
      "draft-files": at("/files"),
      "draft-document": at("/document"),
      "draft-preview": at("/preview"),
      "draft-journey": at("/journey"),
      "draft-review": at("/review"),
      "draft-discard": at("/discard"),
      held: "/workspace/held",
      people: "/workspace/people",
      yours: "/workspace/yours",
    },
    done: { "draft-conflict": () => seeConflict(page, draft) },
  };
}

/** Asks the operator to work for a publisher; gives where the letter leads. */
async function invited(house, page) {
  await page.goto("/workspace/people");
  if (!page.url().includes("/publishers/")) await page.goto(await page.locator('main a[href*="/people"]').first().getAttribute("href"));
  const form = page.locator("form", { has: page.locator("input[name=email]") }).first();
  await form.locator("input[name=email]").fill(house.emails.operator);
  await form.locator("button[type=submit]").first().click();
  const letter = await house.letter((text) => text.includes(`To: ${house.emails.operator}`) && text.includes("/workspace/invitation?token="));
  return `/workspace/invitation?token=${letter.match(/invitation\?token=(\S+)/)[1]}`;
}

/** Withdraws one of the datasets that no other story asks for; gives the address where it was. */
async function withdrawn(page) {
  const { items } = await (await page.request.get("/api/v1/datasets?limit=50")).json();
  const bare = items.filter((one) => !/water|bed|air|transit|stop|school/.test(one.slug)).pop() ?? items.pop();
  await page.goto(`/workspace/datasets/${bare.slug}/withdraw`);
  await page.locator("textarea[name=reason]").fill("Its publisher took it back, and another one holds the same.");
  await page.locator(`form[action$="/withdraw"] button[type=submit]`).click();
  await page.waitForLoadState("load");
  return `/datasets/${bare.slug}`;
}

/** The same for an operator: the public's datasets as versions, one of them withdrawn, and an invitation. */
export async function operatorTour(house, page) {
  await page.goto("/datasets?q=water");
  const name = (await page.locator(".fg-result h3 a").first().getAttribute("href")).split("/").pop();
  const versions = `/workspace/datasets/${name}`;
  const invitation = await invited(house, page);
  const tombstone = await withdrawn(page);
  return {
    pages: {
      invitation,
      tombstone,
      versions,
      compare: `${versions}/compare?from=1&to=1`,
      withdraw: `${versions}/withdraw`,
      audit: "/workspace/audit",
      demand: "/workspace/demand",
      "all-applications": "/workspace/applications",
      "announce-a-tariff": "/workspace/tariff",
      "add-to-the-register": "/workspace/register?kind=arrangement",
      "new-service": "/workspace/services/new",
      yours: "/workspace/yours",
      settings: "/workspace/settings",
      health: "/workspace/health",
      journal: "/workspace/journal",
      suspended: "/workspace/suspended",
    },
    done: {},
  };
}

/** An application of somebody's without an account: its page, its use and the letters about it. */
export async function developerTour(house, page) {
  const email = `tour-${Date.now()}@developers.example`;
  await page.goto("/developers");
  await page.locator("input[name=name]").fill("Tide clock for every harbour of the coast");
  await page.locator("input[name=email]").fill(email);
  await page.locator("form input[type=checkbox]").first().check();
  await page.locator('form[action="/developers"] button[type=submit]').click();
  await page.waitForLoadState("load");
  await page.goto("/developers/applications");
  await page.locator('form[action="/developers/links"] input[name=email]').fill(email);
  await page.locator('form[action="/developers/links"] button[type=submit]').click();
  const letter = await house.letter((text) => text.includes(`To: ${email}`) && text.includes("/developers/manage?token="));
  await page.goto(`/developers/manage?token=${letter.match(/manage\?token=(\S+)/)[1]}`);
  await page.locator('form[action="/developers/manage"] button[type=submit]').click();
  await page.waitForURL(/\/developers\/applications/);
  const application = await page.locator('main a[href^="/developers/applications/"]').first().getAttribute("href");
  assert.match(application, /applications\/[0-9a-f-]{36}/);
  const id = application.match(/applications\/([0-9a-f-]{36})/)[1];
  return {
    pages: {
      applications: "/developers/applications",
      application: `/developers/applications/${id}`,
      "application-usage": `/developers/applications/${id}/usage`,
    },
    done: {},
  };
}
