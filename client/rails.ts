/**
 * The rails of a slot. Each rail is a page of the slot's PMBus device. MFR_RAIL, read on a page, returns the
 * number of pages and the name of this page's rail. Both are facts of the board, so each is read once.
 */
import { COMMANDS, MOST_PAGES } from "./generated/commands.ts";
import type { Refusals } from "./refusals.ts";
import { commandNamed, decodeValue, type ValueOf } from "./values.ts";

export interface Rail {
  readonly page: number;
  /** The name in the board file, such as "3V3_AUX"; "page 1" where the slot does not report the name. */
  readonly name: string;
}

/**
 * Firmware without MFR_RAIL has pages 0 and 1 on every board. Our choice is to take that for granted. To
 * write PAGE until the slot refuses would leave a bit in STATUS_CML and pull SMBALERT#.
 */
const PAGES_BEFORE_MFR_RAIL = 2;

/** The rail's name, or "page 1" where it has none in the list. */
export function railName(rails: readonly Rail[], page: number): string {
  return rails.find((rail) => rail.page === page)?.name ?? unnamed(page);
}

/** The pages of this board that have the command; undefined alone for a command that is common to all. */
export function pagesOf(name: string, rails: readonly Rail[]): readonly (number | undefined)[] {
  const pages = commandNamed(name)?.pages;
  return pages?.filter((page) => rails.some((rail) => rail.page === page)) ?? [undefined];
}

function unnamed(page: number): string {
  return `page ${page}`;
}

/** The facts about rails that a client has read so far. */
export class KnownRails {
  readonly #refusals: Refusals;
  readonly #names = new Map<number, string>();
  #pages: readonly number[] | null = null;
  #lacksNames = false;

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  /** The pages of the board; null before the first `learn`. */
  get pages(): readonly number[] | null {
    return this.#pages;
  }

  /** Whether `learn` has nothing to add on this page. */
  knows(page: number): boolean {
    return this.#lacksNames || this.#names.has(page);
  }

  /** Reads the rail of `page`, the page in force, and leaves PAGE and the status registers as they are. */
  async learn(page: number): Promise<void> {
    if (this.knows(page)) return;
    const bytes = await this.#refusals.blockIfThere("MFR_RAIL");
    this.#lacksNames = bytes === null;
    if (bytes === null) {
      this.#pages = range(PAGES_BEFORE_MFR_RAIL);
      return;
    }
    const rail = decodeValue(COMMANDS.MFR_RAIL, bytes, 0) as ValueOf<"MFR_RAIL">;
    this.#pages = range(Math.min(Math.max(rail.pages, 1), MOST_PAGES));
    this.#names.set(page, Buffer.from(rail.name).toString("latin1"));
  }

  /** Drops a name that may be another page's, because PAGE was not what it seemed. */
  forget(page: number): void {
    this.#names.delete(page);
  }

  /** "1 (3V3_AUX)", or "1" as long as the name is not known. */
  label(page: number): string {
    const name = this.#names.get(page);
    return name === undefined ? `${page}` : `${page} (${name})`;
  }

  /** Every page of the board, with its name as far as it is known. */
  list(): readonly Rail[] {
    return (this.#pages ?? []).map((page) => ({ page, name: this.#names.get(page) ?? unnamed(page) }));
  }
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, page) => page);
}
