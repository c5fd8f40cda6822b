// What JavaScript adds to the pages. Everything works without it.
import { addCopyButtons } from "./scripts/copy";
import { renewWhileMoving } from "./scripts/renew";
import { addSuggestions } from "./scripts/suggest";

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) addSuggestions(input);
for (const code of document.querySelectorAll<HTMLElement>("[data-copy]")) addCopyButtons(code);
renewWhileMoving();
