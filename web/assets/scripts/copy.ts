/** How long the button says that it has copied, in milliseconds. */
const SAID_MS = 2000;

/** Puts a button beside `target` that copies its text. Labels come from the page, which speaks the reader's language. */
export function addCopyButtons(target: HTMLElement): void {
  if (!("clipboard" in navigator)) return;
  const label = target.dataset["copy"] || "Copy";
  const done = target.dataset["copied"] || "Copied";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fg-copy";
  button.textContent = label;
  const status = document.createElement("span");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText((target.textContent ?? "").trim());
    } catch {
      return; // The reader or the browser said no; the text is still there to select.
    }
    button.textContent = done;
    status.textContent = done;
    setTimeout(() => {
      button.textContent = label;
      status.textContent = "";
    }, SAID_MS);
  });
  const frame = document.createElement("div");
  frame.className = "fg-copy-frame";
  target.replaceWith(frame);
  frame.append(target, button, status);
}
