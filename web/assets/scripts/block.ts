// What the page hands its scripts in one data block: facts of the table, and the words that they say.

/** A column of the table. */
export interface ColumnFacts {
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly scale?: number;
  /** Whether `column=value` works for it; otherwise its name means something else, and only a filter does. */
  readonly plain: boolean;
  readonly distinct: number;
  /** Whether adding it up or averaging it says something. */
  readonly measure: boolean;
  /** Whether its numbers are years. */
  readonly year: boolean;
  /** Least and greatest value; of times in seconds since 1970. */
  readonly range?: readonly [number, number];
}

/** A chart, as the form and the page's address say it. */
export interface Picture {
  readonly kind: string;
  readonly x: string;
  readonly unit?: string;
  readonly aggregate: string;
  readonly y?: string;
  readonly split?: string;
}

/** Where the rows are on the map. */
export interface Places {
  readonly geometry?: string;
  readonly pair?: readonly [string, string];
  readonly extent: readonly [number, number, number, number];
  readonly label?: string;
}

/** A table's page. */
export interface Block {
  /** The table's address in the API. */
  readonly api: string;
  /** The table's page. */
  readonly page: string;
  readonly title: string;
  /** The version that is looked at, where it is not the current one. */
  readonly version: number | null;
  readonly rows: number;
  /** The portal's key. */
  readonly key: string | null;
  /** The columns that the view of rows shows, where it does not show all. */
  readonly properties: string;
  readonly columns: readonly ColumnFacts[];
  readonly chart: Picture | null;
  readonly map: Places | null;
  readonly words: Readonly<Record<string, string>>;
}

/** The page's block. */
export function readBlock(): Block | undefined {
  const text = document.getElementById("table-block")?.textContent;
  return text ? (JSON.parse(text) as Block) : undefined;
}

/** A sentence of the page's language, with what it is about in place of `{name}`. */
export function say(block: Block, key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = block.words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    return value === undefined ? all : typeof value === "number" ? counted(value) : value;
  });
}

/** A number as the page's language writes it. */
export function counted(number: number, digits = 3): string {
  return number.toLocaleString(document.documentElement.lang || "en", { maximumFractionDigits: digits });
}
