// One house for all stories: the demo starts once, and each story brings visitors of its own.
import { after, before, describe, it } from "node:test";

import { stories as access } from "./access.mjs";
import { stories as agency } from "./agency.mjs";
import { stories as citizen } from "./citizen.mjs";
import { stories as developer } from "./developer.mjs";
import { stories as follow } from "./follow.mjs";
import { openHouse } from "./house.mjs";
import { stories as keyboard } from "./keyboard.mjs";
import { stories as languages } from "./languages.mjs";
import { stories as table } from "./table.mjs";
import { stories as workflow } from "./workflow.mjs";

// Every page is looked at in several sizes and colours: some stories are long, and longer on a busy machine.
const STORY_MS = 900_000;

let house;
before(async () => {
  house = await openHouse();
});
after(() => house?.close());

for (const [cast, stories] of Object.entries({ citizen, follow, developer, table, agency, workflow, languages, keyboard, access })) {
  describe(cast, () => {
    for (const [title, story] of Object.entries(stories)) it(title, { timeout: STORY_MS }, () => story(house));
  });
}
