// Which rows of a long list are in view. A list of millions of rows is taller than browsers can scroll, so that beyond a height
// the scroll bar stands for a part of the list, while wheel and keys still move by single rows.

/** The tallest room that is scrolled, in pixels: well within what every browser can. */
const MOST_PX = 6_000_000;

/** Where the list stands. */
export interface Stand {
  /** The first row that is drawn, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Empty room above and below what is drawn, in pixels. */
  readonly above: number;
  readonly below: number;
  /** The first and the last row that a reader sees whole; `last < first` when there is none. */
  readonly first: number;
  readonly last: number;
}

export class Windowing {
  /** How far the list is scrolled, in pixels of the list itself. */
  private top = 0;
  private scrolled = 0;

  constructor(
    private rows: number,
    private readonly rowPx: number,
    private readonly overscan: number,
  ) {}

  private get listPx(): number {
    return this.rows * this.rowPx;
  }

  private get roomPx(): number {
    return Math.min(this.listPx, MOST_PX);
  }

  private get isScaled(): boolean {
    return this.listPx > this.roomPx;
  }

  /** Another list: from its beginning. */
  restart(rows: number): void {
    this.rows = rows;
    this.top = 0;
    this.scrolled = 0;
  }

  /** The list turned out longer or shorter. */
  resize(rows: number): void {
    this.rows = rows;
  }

  /** The reader scrolled: `scrollTop` of a room that shows `viewPx` of the list. */
  scroll(scrollTop: number, viewPx: number): void {
    const most = Math.max(0, this.listPx - viewPx);
    const roomMost = Math.max(1, this.roomPx - viewPx);
    const by = scrollTop - this.scrolled;
    this.scrolled = scrollTop;
    if (!this.isScaled) this.top = scrollTop;
    // Far: the scroll bar was moved. Near: wheel and keys move by pixels.
    else if (scrollTop <= 0) this.top = 0;
    else if (scrollTop >= roomMost - 1) this.top = most;
    else if (Math.abs(by) > viewPx) this.top = (scrollTop / roomMost) * most;
    else this.top += by;
    this.top = Math.min(Math.max(0, this.top), most);
  }

  /** The `scrollTop` at which the list would stand as it does now. */
  settled(viewPx: number): number {
    if (!this.isScaled) return this.top;
    const most = Math.max(1, this.listPx - viewPx);
    this.scrolled = (this.top / most) * Math.max(0, this.roomPx - viewPx);
    return this.scrolled;
  }

  /** Moves so far that a row is in view; true when it was not. */
  reveal(row: number, viewPx: number): boolean {
    const at = row * this.rowPx;
    if (at < this.top) this.top = at;
    else if (at + this.rowPx > this.top + viewPx) this.top = at + this.rowPx - viewPx;
    else return false;
    return true;
  }

  /** Moves to a row, which is then the first in view. */
  jump(row: number, viewPx: number): void {
    this.top = Math.min(Math.max(0, row * this.rowPx), Math.max(0, this.listPx - viewPx));
  }

  stand(viewPx: number): Stand {
    const inView = this.top / this.rowPx;
    const start = Math.max(0, Math.floor(inView) - this.overscan);
    const end = Math.min(this.rows, Math.ceil((this.top + viewPx) / this.rowPx) + this.overscan);
    const above = Math.max(0, this.scrolledRoom(viewPx) - (this.top - start * this.rowPx));
    const below = Math.max(0, this.roomPx - above - (end - start) * this.rowPx);
    const first = Math.min(Math.round(inView), Math.max(0, this.rows - 1));
    const last = Math.min(this.rows, Math.round((this.top + viewPx) / this.rowPx)) - 1;
    return { start, end, above, below, first, last };
  }

  private scrolledRoom(viewPx: number): number {
    return this.isScaled ? Math.min(this.scrolled, Math.max(0, this.roomPx - viewPx)) : this.top;
  }
}
