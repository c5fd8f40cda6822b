// A form is checked while it is filled: what the server says of it stands beside it, a moment after the last key. Saving checks again,
// so nothing is lost without this.

/** Wait so long after the last key before asking. */
const PAUSE_MS = 700;
/** Give up after so many failures in a row. */
const MOST_FAILURES = 3;

/** Whether a form holds something else than the page brought: typed before this script came, or given back by the browser. */
function isFilledIn(form: HTMLFormElement): boolean {
  return [...form.elements].some((field) => {
    if (field instanceof HTMLSelectElement) {
      const options = [...field.options];
      // Where the page chose nothing, a single choice stands at its first.
      if (!field.multiple && !options.some(({ defaultSelected }) => defaultSelected)) return field.selectedIndex > 0;
      return options.some(({ selected, defaultSelected }) => selected !== defaultSelected);
    }
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    if (!(field instanceof HTMLInputElement)) return false;
    if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  });
}

/** Sends the form to `data-live` when it changes, and puts the answer into the element that `data-live-into` names. */
export function checkWhileTyping(form: HTMLFormElement): void {
  const address = form.dataset["live"];
  const panel = document.getElementById(form.dataset["liveInto"] ?? "");
  if (!address || !panel) return;
  let waiting: number | undefined;
  let asked: AbortController | undefined;
  let failures = 0;

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    try {
      const answer = await fetch(address, { method: "POST", body: fields, signal: asked.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      panel.replaceChildren(...fresh.body.childNodes);
      failures = 0;
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) failures += 1;
    }
  };
  const askSoon = () => {
    window.clearTimeout(waiting);
    if (failures < MOST_FAILURES) waiting = window.setTimeout(() => void ask(), PAUSE_MS);
  };
  form.addEventListener("input", askSoon);
  if (isFilledIn(form)) askSoon();
}

/** Says before leaving that something was typed and not saved. */
export function warnBeforeLeaving(form: HTMLFormElement): void {
  let isChanged = isFilledIn(form);
  form.addEventListener("input", () => (isChanged = true));
  form.addEventListener("submit", () => (isChanged = false));
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}

/** Shows that a file may be let go over the box; the field itself takes it. */
export function showDropping(box: HTMLElement): void {
  const field = box.querySelector<HTMLInputElement>('input[type="file"]');
  if (!field) return;
  const over = (isOver: boolean) => box.classList.toggle("fg-drop--over", isOver);
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  box.addEventListener("dragleave", () => over(false));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = event.dataTransfer?.files;
    if (files && files.length > 0) {
      field.files = files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

/** Suggests the zone that the reader's own clock hangs in, where none was chosen. */
export function suggestZone(field: HTMLInputElement): void {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (own && field.value === field.defaultValue && ["", "UTC"].includes(field.value)) field.value = own;
}
