// Documentation that runs: forms whose answers are shown in the page, and the reader's key in its samples.
//
// The key lives in this tab's sessionStorage alone. It goes out in one header field of calls to the API, never in an address and
// never to a page.

const STORE = "fairground-key";
const GIVEN = "fairground-key-given";
/** What stands in samples where a key belongs; the server writes the same. */
const PLACE = "YOUR_KEY";
/** So much of an answer is read and shown. */
const SHOWN_CHARS = 6000;
/** An answer longer than this is not taken apart to be printed well, in characters. */
const LONGEST_PRETTY_CHARS = 1_000_000;
const KEY_SHAPE = /^fg_[A-Za-z0-9_-]{8,190}$/;
/** So much of a key is shown, to tell it from others. */
const HINT_CHARS = 8;

function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null; // Storage is off: then nothing is kept.
  }
}

function keep(name: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // Storage is off.
  }
}

/** The texts that hold a key's place, as the server wrote them. */
const places: { node: Text; text: string }[] = [];

function findPlaces(): void {
  for (const part of document.querySelectorAll("[data-key-in]")) {
    const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const text = node.nodeValue ?? "";
      if (text.includes(PLACE)) places.push({ node: node as Text, text });
    }
  }
}

function fillPlaces(): void {
  const key = kept(STORE);
  for (const { node, text } of places) node.nodeValue = key ? text.replaceAll(PLACE, key) : text;
}

/** On the page that shows a key, once: it may be taken along into the documentation. */
function offerGiven(): void {
  const secret = document.querySelector<HTMLElement>(".fg-secret");
  const key = secret?.textContent?.trim() ?? "";
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-take-key]")) {
    if (!KEY_SHAPE.test(key)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      keep(GIVEN, key);
      location.assign("/docs#try");
    });
  }
}

function handleKeys(form: HTMLFormElement): void {
  const input = form.querySelector("input");
  const given = form.querySelector<HTMLButtonElement>("[data-use-given]");
  const forget = form.querySelector<HTMLButtonElement>("[data-forget]");
  const state = form.querySelector<HTMLElement>("[data-key-state]");
  if (!input || !given || !forget || !state) return;
  const tell = () => {
    const key = kept(STORE);
    state.textContent = key
      ? `${state.dataset["with"] ?? ""} ${key.slice(0, HINT_CHARS)}…`
      : (state.dataset["without"] ?? "");
    forget.hidden = !key && !kept(GIVEN);
    given.hidden = !kept(GIVEN) || kept(GIVEN) === key;
    fillPlaces();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = input.value.trim();
    const isKey = KEY_SHAPE.test(key);
    input.toggleAttribute("aria-invalid", !isKey);
    if (!isKey) {
      state.textContent = state.dataset["wrong"] ?? "";
      return;
    }
    keep(STORE, key);
    input.value = "";
    tell();
  });
  given.addEventListener("click", () => {
    keep(STORE, kept(GIVEN));
    tell();
    forget.focus();
  });
  forget.addEventListener("click", () => {
    keep(STORE, null);
    keep(GIVEN, null);
    input.value = "";
    tell();
    input.focus();
  });
  form.hidden = false;
  tell();
}

/** Path and query of a form, without fields that hold nothing. */
function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value.trim()) query.append(name, value.trim());
  const path = form.getAttribute("action") ?? "";
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The first part of a body as text, and whether there is more. */
async function firstPart(answer: Response): Promise<[string, boolean]> {
  const reader = answer.body?.getReader();
  if (!reader) return ["", false];
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return [text + decoder.decode(), false];
    text += decoder.decode(value, { stream: true });
    if (text.length > LONGEST_PRETTY_CHARS) {
      void reader.cancel();
      return [text, true];
    }
  }
}

/** JSON laid out in lines, its numbers and texts as they came; anything else as it is. */
function pretty(text: string, kind: string): string {
  if (!/json/.test(kind)) return text;
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (piece === "{" || piece === "[") {
      depth += 1;
      out += piece + line();
    } else if (piece === "}" || piece === "]") {
      depth -= 1;
      // What is empty stays together.
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + piece : out + line() + piece;
    } else if (piece === ",") out += piece + line();
    else if (piece === ":") out += ": ";
    else out += piece;
    if (out.length > SHOWN_CHARS) break;
  }
  return out;
}

function show(part: HTMLElement, answer: Response, text: string, isCut: boolean, tookMs: number): void {
  const model = document.querySelector<HTMLTemplateElement>("#try-answer");
  const box = model?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  if (!box) return;
  const set = (selector: string, value: string) => {
    const found = box.querySelector(selector);
    if (found) found.textContent = value;
  };
  set("[data-status]", `${answer.status} ${answer.statusText}`.trim());
  set("[data-took]", `${Math.max(1, Math.round(tookMs))} ms`);
  const words = [...box.querySelectorAll<HTMLElement>("[data-when]")];
  const fitting = words.find((one) => one.dataset["when"] === String(answer.status));
  const general = words.find((one) => one.dataset["when"] === String(answer.status)[0]);
  for (const one of words) if (one !== (fitting ?? general)) one.remove();
  for (const row of box.querySelectorAll<HTMLElement>("[data-field]")) {
    const value = answer.headers.get(row.dataset["field"] ?? "");
    const cell = row.querySelector("td code");
    if (value !== null && cell) cell.textContent = value;
    else row.remove();
  }
  const whole = isCut ? text : pretty(text, answer.headers.get("content-type") ?? "");
  set("[data-body]", whole.slice(0, SHOWN_CHARS));
  if (!isCut && whole.length <= SHOWN_CHARS) box.querySelector("[data-cut]")?.remove();
  part.replaceChildren(box);
  box.focus();
}

function runHere(form: HTMLFormElement): void {
  const trial = form.closest("section");
  const part = trial?.querySelector<HTMLElement>("[data-answer]");
  if (!trial || !part) return;
  const addresses = trial.querySelectorAll<HTMLElement>("[data-address]");
  const rewrite = () => {
    for (const place of addresses) place.textContent = `${form.dataset["origin"] ?? ""}${addressOf(form)}`;
  };
  form.addEventListener("input", rewrite);
  let running: AbortController | null = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running?.abort();
    const own = new AbortController();
    running = own;
    const headers: Record<string, string> = {};
    const key = kept(STORE);
    if (key) headers["x-api-key"] = key;
    part.setAttribute("aria-busy", "true");
    const began = performance.now();
    try {
      const answer = await fetch(addressOf(form), { credentials: "omit", headers, cache: "no-store", signal: own.signal });
      const [text, isCut] = await firstPart(answer);
      show(part, answer, text, isCut, performance.now() - began);
    } catch {
      if (own.signal.aborted) return;
      const failed = document.querySelector<HTMLTemplateElement>("#try-failed");
      if (failed) part.replaceChildren(failed.content.cloneNode(true));
    }
    part.removeAttribute("aria-busy");
  });
}

/** Takes the page's forms, samples and key into hand. */
export function runDocs(): void {
  findPlaces();
  fillPlaces();
  offerGiven();
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keys]")) handleKeys(form);
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-try]")) runHere(form);
}
