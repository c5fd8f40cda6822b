// How large a table is in each format, asked of the API once somebody thinks of taking it away.
import { type Block, counted, say } from "./block";
import type { Client } from "./client";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes in powers of 1000, with two digits that mean something. */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${counted(size, size < 10 && unit > 0 ? 1 : 0)} ${UNITS[unit]}`;
}

/** Fills in what is known only when it is asked for. */
export async function showSizes(block: Block, client: Client): Promise<void> {
  for (const place of document.querySelectorAll<HTMLElement>("[data-estimate]")) {
    try {
      const [estimate] = await client.get<{ bytes: number }>(place.dataset["estimate"] ?? "");
      place.textContent = say(block, "table-about-size", { size: sizeText(estimate.bytes) });
    } catch {
      // A size that cannot be had is not worth a word: the file still comes.
      return;
    }
  }
}
