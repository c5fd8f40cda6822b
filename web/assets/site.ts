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

// Forms of the workspace that are checked while they are filled: nobody else loads this.
const live = document.querySelector("[data-live], [data-drop], [data-zone]");
if (live) {
  void import("./scripts/live").then(({ checkWhileTyping, warnBeforeLeaving, showDropping, suggestZone }) => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-live]")) {
      checkWhileTyping(form);
      warnBeforeLeaving(form);
    }
    for (const box of document.querySelectorAll<HTMLElement>("[data-drop]")) showDropping(box);
    for (const field of document.querySelectorAll<HTMLInputElement>("input[data-zone]")) suggestZone(field);
  });
}

// Documentation that runs, and samples that take the reader's key.
if (document.querySelector("form[data-try], [data-key-in], [data-take-key]")) {
  void import("./scripts/try").then(({ runDocs }) => runDocs());
}
