/** The arguments of a request, taken one by one and checked. Each message names the argument and its form. */
import { safeLine } from "../../cli/safe-text.ts";
import { RequestError } from "./protocol.ts";

export class Arguments {
  readonly #given: Map<string, unknown>;

  constructor(given: object) {
    this.#given = new Map(Object.entries(given));
  }

  /** A whole number; without a default it must be there. */
  number(name: string, smallest: number, largest: number, fallback?: number): number {
    const value = this.#take(name);
    if (value === undefined && fallback !== undefined) return fallback;
    if (Number.isInteger(value) && (value as number) >= smallest && (value as number) <= largest)
      return value as number;
    throw refused(`"${name}" is missing or wrong: a whole number from ${smallest} to ${largest} is needed`);
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value.length > 0 && value.length <= 64) return value;
    throw refused(`"${name}" is missing or wrong: a text of 1 to 64 characters is needed`);
  }

  /** Bytes in hexadecimal. */
  bytes(name: string, most: number): Uint8Array {
    const value = this.#take(name);
    if (typeof value === "string" && value.length <= 2 * most && /^([0-9a-f]{2})*$/i.test(value))
      return Buffer.from(value, "hex");
    throw refused(
      `"${name}" is missing or wrong: up to ${most} bytes in hexadecimal are needed, such as "8b00"`,
    );
  }

  /** Whether the argument is this text, which then counts as taken. */
  isText(name: string, text: string): boolean {
    return this.#is(name, text);
  }

  isNull(name: string): boolean {
    return this.#is(name, null);
  }

  /** Throws where arguments are left that the request does not have. */
  end(): void {
    const [stray] = this.#given.keys();
    if (stray !== undefined) throw refused(`there is no argument "${safeLine(stray.slice(0, 64))}" here`);
  }

  #is(name: string, value: unknown): boolean {
    if (this.#given.get(name) !== value) return false;
    return this.#given.delete(name);
  }

  #take(name: string): unknown {
    const value = this.#given.get(name);
    this.#given.delete(name);
    return value;
  }
}

function refused(message: string): RequestError {
  return new RequestError("bad-request", message);
}
