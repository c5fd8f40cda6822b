// Agency staff bring a table to the public: uploaded, held for personal data, repaired, reviewed, planned, released.
import assert from "node:assert/strict";

/** Fifty persons with their addresses: whatever the screen's rules are, this is held. */
const PEOPLE = ["ward,name,email,born,visits"]
  .concat(
    Array.from({ length: 50 }, (_, at) => {
      const first = ["Anna", "Ben", "Clara", "David", "Emma", "Frank", "Greta", "Hugo", "Ida", "Jonas"][at % 10];
      const last = ["Schmidt", "Weber", "Fischer", "Wagner", "Becker"][Math.floor(at / 10)];
      const born = `19${40 + (at % 50)}-0${1 + (at % 9)}-1${at % 9}`;
      return `${"ABC"[at % 3]},${first} ${last},${first.toLowerCase()}.${last.toLowerCase()}@mail.example,${born},${at % 7}`;
    }),
  )
  .join("\n");

/** The portal's clock looks every few seconds, and a busy machine is late. */
const RELEASE_MS = 120_000;

const tag = (page, words) => page.locator(".fg-tag").getByText(words, { exact: false }).first();

/** A day and time so many seconds from now, as the form wants it, in UTC. */
const soon = (secs) => new Date(Date.now() + secs * 1000).toISOString().slice(0, 19);

export const stories = {
  "an editor's table is held, repaired, reviewed, planned and public": async (house) => {
    const editor = await house.visitor();
    await house.signIn(editor.page, "publisher");
    await editor.page.waitForURL(/\/workspace/);
    await editor.page.getByRole("link", { name: "Publish a dataset" }).first().click();
    await editor.page.getByLabel("The file").setInputFiles({ name: "ward-visits.csv", mimeType: "text/csv", buffer: Buffer.from(PEOPLE) });
    await editor.page.getByRole("button", { name: "Upload and describe" }).click();
    await editor.page.waitForURL(/\/workspace\/drafts\/[0-9a-f-]+\?new=yes/);
    const draft = editor.page.url().replace(/\?.*/, "");

    // What the file suggests stands there; the panel follows what is typed.
    await editor.page.getByLabel("Title", { exact: true }).first().fill("Visits by ward");
    await editor.page.getByLabel("Description", { exact: true }).first().fill("How often each ward was visited.");
    await editor.page.getByLabel("Licence", { exact: true }).first().selectOption({ label: "CC BY 4.0: name the source" });
    await editor.page.locator("#check-panel").getByText("Fix this first").waitFor();
    await editor.page.getByRole("button", { name: "Save", exact: true }).click();
    await editor.page.getByText("Saved.").waitFor();

    // The gate holds the file, and shows masked evidence.
    await editor.page.goto(`${draft}/files`);
    await tag(editor.page, "Waits for a reviewer").waitFor();
    await editor.page.getByRole("link", { name: "See why, and what to do" }).click();
    await editor.page.getByRole("heading", { name: "What was found" }).waitFor();
    const evidence = await editor.page.locator("main").innerText();
    assert.ok(!evidence.includes("anna.schmidt@mail.example") && !evidence.includes("Anna Schmidt"), "evidence is masked");
    await editor.page.getByRole("button", { name: "Show what it would do" }).click();
    await editor.page.getByRole("heading", { name: "What it would do" }).waitFor();
    await editor.page.getByLabel("Why this is enough").fill("Nobody needs to know who visited whom.");
    await editor.page.getByRole("button", { name: "Repair it so" }).click();
    await tag(editor.page, "Repaired").waitFor();

    // Submitted, and looked at by somebody else.
    await editor.page.goto(`${draft}/journey`);
    await editor.page.getByRole("button", { name: "Submit for review" }).click();
    await editor.page.getByText("Submitted: a reviewer").waitFor();
    const reviewer = await house.visitor();
    await house.signIn(reviewer.page, "steward");
    await reviewer.page.waitForURL(/\/workspace/);
    await reviewer.page.getByRole("link", { name: /^Review.*Visits by ward/ }).click();
    await reviewer.page.getByRole("heading", { name: "Decide" }).waitFor();
    await reviewer.page.getByLabel("Public from").fill(soon(20));
    await reviewer.page.getByLabel("Time zone").fill("UTC");
    await reviewer.page.getByRole("button", { name: "Approve" }).click();
    await tag(reviewer.page, "Approved").waitFor();

    // It is public at its time, and without what was taken out.
    const citizen = await house.visitor();
    const slug = await publicAddress(reviewer.page, draft);
    const begun = Date.now();
    let answer = await citizen.page.goto(slug);
    while (answer.status() !== 200 && Date.now() - begun < RELEASE_MS) {
      await citizen.page.waitForTimeout(1000);
      answer = await citizen.page.goto(slug);
    }
    assert.equal(answer.status(), 200, "the release came at its time");
    assert.ok(!(await citizen.page.content()).includes("mail.example"));
    // Chromium reports each refused look at the page before its time; nothing else may be said.
    const said = [...editor.faults, ...reviewer.faults];
    assert.deepEqual(said, []);
    for (const one of [editor, reviewer, citizen]) await one.leave();
  },

  "a description is written, returned and mended without JavaScript": async (house) => {
    const editor = await house.visitor({ javaScript: false });
    await house.signIn(editor.page, "publisher");
    await editor.page.goto("/workspace/drafts/new");
    await editor.page.locator("#title").fill("Ferry times");
    await editor.page.getByRole("button", { name: "Begin" }).click();
    const draft = editor.page.url();
    await editor.page.getByLabel("Description", { exact: true }).first().fill("When ferries leave.");
    await editor.page.getByRole("button", { name: "Save and go on to submit" }).click();
    await editor.page.getByRole("button", { name: "Submit for review" }).click();
    const reviewer = await house.visitor({ javaScript: false });
    await house.signIn(reviewer.page, "steward");
    await reviewer.page.goto(`${draft}/review`);
    await reviewer.page.getByLabel("On the whole of it").fill("Say for which year.");
    await reviewer.page.getByRole("button", { name: "Return to its editors" }).click();
    await tag(reviewer.page, "Returned").waitFor();
    await editor.page.goto(draft);
    await editor.page.getByText("Say for which year.").waitFor();
    for (const one of [editor, reviewer]) await one.leave();
  },
};

/** The address that the dataset will have, from the preview of its draft. */
async function publicAddress(page, draft) {
  await page.goto(`${draft}/preview`);
  const command = await page.locator("pre", { hasText: "/api/v1/datasets/" }).first().innerText();
  return `/datasets/${command.match(/\/api\/v1\/datasets\/([a-z0-9-]+)/)[1]}`;
}
