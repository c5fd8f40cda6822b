// The page of a job that is under way renews its main part, without a reload that would lose the reader's place.

/** Give up after so many failures in a row: the reader can still reload. */
const MOST_FAILURES = 5;

/**
 * While the page holds `data-refresh` (in seconds), fetches it again and puts the new main part in place of the old; `addTo` then
 * adds to it what scripts add.
 */
export function renewWhileMoving(addTo: (part: ParentNode) => void, failures = 0): void {
  const marked = document.querySelector<HTMLElement>("main [data-refresh]");
  const seconds = Number(marked?.dataset["refresh"]);
  if (!marked || !(seconds > 0) || failures >= MOST_FAILURES) return;
  afterNewsOr(seconds, marked.dataset["events"], async () => {
    const isBusy =
      document.querySelector("main details[open]") !== null ||
      document.activeElement?.matches("main a, main button, main summary") === true;
    if (document.hidden || isBusy) {
      // Not while the reader is busy in it, nor while nobody looks.
      renewWhileMoving(addTo, failures);
      return;
    }
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      const main = document.querySelector("main");
      if (!answer.ok || !fresh || !main) throw new Error(`status ${answer.status}`);
      main.replaceChildren(...fresh.childNodes);
      addTo(main);
      renewWhileMoving(addTo);
    } catch {
      renewWhileMoving(addTo, failures + 1);
    }
  });
}

/**
 * Goes on when the job at `events` (server-sent events) tells something new, but not more than once a second; where there are no
 * events, or they fail, after so many seconds.
 */
function afterNewsOr(seconds: number, events: string | undefined, goOn: () => void): void {
  if (!events || !("EventSource" in window)) {
    setTimeout(goOn, seconds * 1000);
    return;
  }
  const source = new EventSource(events);
  const begun = Date.now();
  let first = true;
  const once = (pause: number) => {
    source.close();
    setTimeout(goOn, pause);
  };
  source.addEventListener("progress", () => {
    // The first event says what the page shows already.
    if (first) first = false;
    else once(Math.max(0, 1000 - (Date.now() - begun)));
  });
  source.addEventListener("end", () => once(0));
  source.addEventListener("error", () => once(seconds * 1000));
}
