// The public API, called from a reader's browser as any program would, with the portal's own key.
import { readJson } from "./cell";

/** What says that the portal's key is spent, suspended or unknown: never the reader's fault. */
const KEY_REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

/** What the API says when it does not answer (RFC 9457). */
export interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: { parameter?: string; detail?: string }[];
}

/** An answer that is a refusal. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly retrySecs: number,
  ) {
    super(problem.title ?? `status ${status}`);
  }

  /** What was wrong, in sentences. */
  get reasons(): string[] {
    const faults = (this.problem.errors ?? []).flatMap((fault) => fault.detail ?? []);
    if (faults.length > 0) return faults;
    return [this.problem.detail ?? this.problem.title ?? String(this.status)];
  }
}

export class Client {
  constructor(
    /** Given up once it is refused: then the reader calls as anybody may. */
    private key: string | null,
  ) {}

  /** Whether calls are made with the portal's key. */
  get isKeyed(): boolean {
    return this.key !== null;
  }

  /** The answer to a `GET`. */
  async get<T>(address: string, signal?: AbortSignal): Promise<[T, Headers]> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.key) headers["x-api-key"] = this.key;
    const answer = await fetch(address, { credentials: "omit", headers, ...(signal ? { signal } : {}) });
    if (this.key && KEY_REFUSED.has(answer.status)) {
      this.key = null;
      return this.get(address, signal);
    }
    const body = await answer.text();
    if (answer.ok) return [readJson(body) as T, answer.headers];
    let problem: Problem = {};
    try {
      problem = JSON.parse(body) as Problem;
    } catch {
      // Not ours, as from a proxy between: the status has to do.
    }
    throw new Refusal(answer.status, problem, Number(answer.headers.get("retry-after") ?? 0));
  }
}
