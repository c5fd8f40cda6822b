// Suggest-as-you-type: a combobox with a list (WAI-ARIA Authoring Practices, "Editable Combobox With List Autocomplete").

/** One line of `/api/v1/suggest`. */
interface Suggestion {
  readonly text: string;
  readonly href: string | undefined;
  readonly note: string | undefined;
}

/** Wait so long after the last key before asking, in milliseconds. */
const PAUSE_MS = 120;
/** Ask only from so many characters on. */
const FEWEST_CHARS = 2;
/** Show at most so many lines. */
const MOST_LINES = 8;

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Where a suggestion leads. */
function addressOf(kind: string | undefined, value: string): string | undefined {
  const name = encodeURIComponent(value);
  switch (kind) {
    case "dataset":
      return `/datasets/${name}`;
    case "publisher":
      return `/publishers/${name}`;
    case "keyword":
      return `/datasets?keyword=${name}`;
    case "query":
      return `/datasets?q=${name}`;
    default:
      return undefined;
  }
}

/** Reads the answer leniently: an array, or an object that holds one under `items`. */
export function readSuggestions(body: unknown): Suggestion[] {
  const lines = Array.isArray(body) ? body : ((body as { items?: unknown })?.items ?? []);
  if (!Array.isArray(lines)) return [];
  return lines
    .flatMap((line: unknown): Suggestion[] => {
      if (typeof line === "string") return [{ text: line, href: undefined, note: undefined }];
      const fields = (line ?? {}) as Record<string, unknown>;
      const text = textOf(fields["text"]);
      const value = textOf(fields["value"]);
      const kind = textOf(fields["kind"]);
      if (text === undefined) return [];
      return [{ text, href: value === undefined ? undefined : addressOf(kind, value), note: kind === "query" ? "often asked" : kind }];
    })
    .slice(0, MOST_LINES);
}

/** Turns a search box into a combobox that suggests. */
export function addSuggestions(input: HTMLInputElement): void {
  const address = input.dataset["suggest"];
  const form = input.form;
  if (!address || !form) return;

  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "fg-suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset["suggestLabel"] ?? "Suggestions");
  list.hidden = true;
  (input.parentElement ?? form).append(list);

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";

  let chosen = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  const options = () => [...list.querySelectorAll<HTMLLIElement>("[role=option]")];
  const close = () => {
    asking?.abort();
    clearTimeout(timer);
    chosen = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (place: number) => {
    const lines = options();
    chosen = lines.length ? (place + lines.length) % lines.length : -1;
    lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === chosen)));
    const line = lines[chosen];
    if (line) {
      input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    }
  };
  const take = (line: HTMLLIElement) => {
    const href = line.dataset["href"];
    if (href) {
      location.assign(href);
      return;
    }
    input.value = line.dataset["text"] ?? input.value;
    close();
    form.requestSubmit();
  };
  const show = (suggestions: Suggestion[]) => {
    list.replaceChildren(
      ...suggestions.map((suggestion, at) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${at}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.dataset["text"] = suggestion.text;
        if (suggestion.href) line.dataset["href"] = suggestion.href;
        const text = document.createElement("span");
        text.textContent = suggestion.text;
        line.append(text);
        if (suggestion.note) {
          const note = document.createElement("small");
          note.textContent = suggestion.note;
          line.append(" ", note);
        }
        // On pointerdown the box would lose the focus and close the list before the click arrives.
        line.addEventListener("pointerdown", (event) => event.preventDefault());
        line.addEventListener("click", () => take(line));
        return line;
      }),
    );
    chosen = -1;
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(input.value.trim())}`, {
        signal: asking.signal,
        headers: { accept: "application/json" },
      });
      show(answer.ok ? readSuggestions(await answer.json()) : []);
    } catch {
      // Suggestions are a courtesy: without an answer the box stays a box.
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < FEWEST_CHARS) {
      close();
      return;
    }
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
      return;
    }
    if (list.hidden) return;
    const line = options()[chosen];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && line) {
      event.preventDefault();
      take(line);
    } else if (event.key === "Tab") {
      close();
    }
  });
  input.addEventListener("blur", close);
}
