// Citizens who follow, ask and request: letters arrive, publishers answer, one click ends it.
import assert from "node:assert/strict";

const EMAIL = "ada@citizens.example";
const TABLE = "stops-of-the-night-bus";

/** The first public dataset of the agency that the demo's staff work for. */
async function datasetOf(house) {
  const { context, leave } = await house.visitor();
  const answer = await context.request.get("/api/v1/datasets?publisher=merrow-transit&limit=1");
  const { items } = await answer.json();
  await leave();
  return items[0];
}

/** Loads a table into a dataset as its publisher; every further time is a change. */
async function load(house, slug, rows) {
  const { context, leave } = await house.visitor();
  const signedIn = await context.request.post("/api/v1/sessions", { data: { email: house.emails.operator, password: house.password } });
  const { token } = await signedIn.json();
  const content = ["stop,line", ...rows.map((row) => `${row},N1`)].join("\n");
  const put = await context.request.put(`/api/v1/datasets/${slug}/tables/${TABLE}.csv`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "text/csv" },
    data: content,
  });
  assert.ok(put.ok(), `${put.status()}: ${await put.text()}`);
  await leave();
}

/** Opens the link in a letter and presses the button behind it. */
async function confirm(house, page, email, javaScript = true) {
  const letter = await house.letter((text) => text.includes(`To: ${email}`) && text.includes("/confirm?token="));
  await page.goto(letter.match(/\/confirm\?token=\S+/)[0]);
  if (javaScript) assert.deepEqual(await house.barriers(page), []);
  await page.getByRole("button", { name: "Confirm" }).click();
}

async function follows(house, javaScript) {
  const email = javaScript ? EMAIL : `plain.${EMAIL}`;
  const dataset = await datasetOf(house);
  await load(house, dataset.slug, ["Harbour", "Market"]);
  const { page, context, faults, leave } = await house.visitor({ width: 360, javaScript });
  await page.goto(`/datasets/${dataset.slug}`);
  await page.getByRole("link", { name: "Follow", exact: true }).click();
  await page.getByLabel("Your e-mail address").fill(email);
  await page.getByLabel("How often").selectOption("immediate");
  await page.getByRole("button", { name: "Follow" }).click();
  await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
  await confirm(house, page, email, javaScript);
  await page.getByRole("heading", { name: "You follow this now" }).waitFor();
  await load(house, dataset.slug, ["Harbour", "Market", javaScript ? "Museum" : "Mill", "Meadow"]);

  const told = await house.letter((text) => text.includes(`To: ${email}`) && text.includes("This changed"));
  assert.match(told, /List-Unsubscribe-Post: List-Unsubscribe=One-Click/);
  await page.goto(told.match(/\/follows\/[0-9a-f]+/)[0]);
  await page.getByRole("heading", { level: 1, name: "What you follow" }).waitFor();
  if (javaScript) assert.deepEqual(await house.barriers(page), []);
  await page.goto(told.match(/List-Unsubscribe: <[^>]*(\/unsubscribe\/[0-9a-z]+)>/)[1]);
  await page.getByRole("button", { name: "Stop following" }).click();
  await page.getByRole("heading", { name: "You no longer follow this" }).waitFor();
  assert.deepEqual(await context.cookies(), [], "following sets no cookie");
  assert.deepEqual(faults, []);
  await leave();
}

export const stories = {
  "a citizen follows a dataset, gets a letter of its change and leaves with one click": (house) => follows(house, true),
  "following works without JavaScript": (house) => follows(house, false),

  "a citizen asks and the publisher answers": async (house) => {
    const dataset = await datasetOf(house);
    const question = `Since when is this counted? (${Date.now()})`;
    const { page, faults, leave } = await house.visitor();
    await page.goto(`/datasets/${dataset.slug}`);
    await page.getByRole("link", { name: "Ask a question" }).click();
    await page.getByLabel("Your question").fill(question);
    await page.getByLabel("Your e-mail address").fill(`asks.${EMAIL}`);
    await page.getByRole("button", { name: "Ask" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
    await confirm(house, page, `asks.${EMAIL}`);
    await page.getByRole("heading", { name: "Your question is public" }).waitFor();

    const staff = await house.visitor();
    await house.signIn(staff.page, "steward");
    await staff.page.waitForURL(/\/workspace/);
    await staff.page.goto(`/datasets/${dataset.slug}/questions`);
    const item = staff.page.getByRole("listitem").filter({ hasText: question });
    await item.getByRole("link", { name: /Answer/ }).click();
    await staff.page.getByRole("textbox", { name: "Answer" }).fill("Since January.");
    assert.deepEqual(await house.barriers(staff.page), []);
    await staff.page.getByRole("button", { name: "Publish the answer" }).click();
    await staff.page.getByRole("status").getByText("Saved").waitFor();
    assert.deepEqual(staff.faults, []);
    await staff.leave();

    await page.goto(`/datasets/${dataset.slug}`);
    await page.getByText("Since January.").first().waitFor();
    const letter = await house.letter((text) => text.includes(`To: asks.${EMAIL}`) && text.includes("Since January."));
    assert.ok(letter.includes(question));
    assert.deepEqual(faults, []);
    await leave();
  },

  "what is missing is asked for, and others support it": async (house) => {
    const title = `Benches along the canal ${Date.now()}`;
    const { page, faults, leave } = await house.visitor({ width: 768 });
    await page.goto("/datasets?q=zzqxvbn");
    await page.getByRole("link", { name: "Ask for this data" }).click();
    await page.getByRole("link", { name: /public request/ }).click();
    await page.getByLabel("Which data?").fill(title);
    await page.getByLabel("What for, and what should it hold?").fill("To rest on the way to school.");
    await page.getByLabel("Your e-mail address").fill(`wants.${EMAIL}`);
    assert.deepEqual(await house.barriers(page), []);
    await page.getByRole("button", { name: "Ask for this data" }).click();
    await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
    await confirm(house, page, `wants.${EMAIL}`);
    await page.getByRole("link", { name: "See the request" }).click();
    await page.getByLabel("Your e-mail address").fill(`supports.${EMAIL}`);
    await page.getByRole("button", { name: "Support it" }).click();
    await confirm(house, page, `supports.${EMAIL}`);
    await page.getByRole("link", { name: "See the request" }).click();
    await page.getByText("2 people ask for it").waitFor();
    assert.deepEqual(await house.barriers(page), []);
    assert.deepEqual(faults, []);
    await leave();
  },
};
