// What JavaScript adds to the pages. Everything works without it.
import { addCopyButtons } from "./scripts/copy";
import { renewWhileMoving } from "./scripts/renew";
import { addSuggestions } from "./scripts/suggest";

for (const input of document.querySelectorAll<HTMLInputElement>("input[data-suggest]")) addSuggestions(input);
const addTo = (part: ParentNode) => {
  for (const code of part.querySelectorAll<HTMLElement>("[data-copy]")) addCopyButtons(code);
};
addTo(document);
renewWhileMoving(addTo);
