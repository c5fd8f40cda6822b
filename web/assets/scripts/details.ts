// A window over the page (`<dialog>`): all values of a row, or what is known of a column.

function open(title: string, content: readonly Node[], close: string): void {
  const dialog = document.createElement("dialog");
  dialog.className = "fg-dialog";
  const head = document.createElement("h2");
  head.className = "govuk-heading-m";
  head.id = "dialog-title";
  head.textContent = title;
  dialog.setAttribute("aria-labelledby", head.id);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary fg-dialog__close";
  button.textContent = close;
  button.addEventListener("click", () => dialog.close());
  // A click beside it closes it as well.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
  const inner = document.createElement("div");
  inner.className = "fg-dialog__inner";
  inner.append(head, ...content, button);
  dialog.append(inner);
  document.body.append(dialog);
  dialog.showModal();
}

/** Shows names with their values. */
export function showDetails(title: string, values: readonly (readonly [string, string])[], close: string): void {
  const list = document.createElement("dl");
  list.className = "fg-dialog__values";
  for (const [name, value] of values) {
    const term = document.createElement("dt");
    term.textContent = name;
    const text = document.createElement("dd");
    text.textContent = value;
    list.append(term, text);
  }
  open(title, [list], close);
}

/** Links to a column's description open it over the rows. */
export function addColumnWindows(close: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-about]")) {
    link.addEventListener("click", (event) => {
      const about = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const title = about?.querySelector("h3")?.textContent;
      if (!about || !title || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const copies = [...about.children].map((part) => part.cloneNode(true) as HTMLElement);
      for (const copy of copies) copy.querySelector("h3")?.remove();
      open(title, copies, close);
    });
  }
}
