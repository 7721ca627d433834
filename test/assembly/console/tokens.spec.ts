/** The parts of a console line: tokens, numbers, and names that are nearly one of a list. */

import { distance, is, nearest, number, split } from "../../../assembly/console/tokens";

/** Puts a line where `split` can find it. */
const line: usize = memory.data(64);
function words(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(line + i, text.charCodeAt(i));
  split(line, text.length);
}

describe("words", () => {
  test("spaces of any number separate", () => {
    words("  power   off --yes ");
    expect(is(0, "power")).toBe(true);
    expect(is(1, "off")).toBe(true);
    expect(is(2, "--yes")).toBe(true);
    expect(is(1, "of")).toBe(false);
    expect(is(1, "offf")).toBe(false);
  });

  test("numbers end at their limit and at anything that is no digit", () => {
    words("0 17 100 101 12a -1 99999999999999999999");
    expect(number(0, 100)).toBe(0);
    expect(number(1, 100)).toBe(17);
    expect(number(2, 100)).toBe(100);
    expect(number(3, 100)).toBe(-1);
    expect(number(4, 100)).toBe(-1);
    expect(number(5, 100)).toBe(-1);
    expect(number(6, 100)).toBe(-1);
  });

  test("edit distance, against values worked by hand", () => {
    words("kitten pwoer");
    expect(distance(0, "sitting")).toBe(3);
    expect(distance(1, "power")).toBe(2);
    expect(distance(0, "kitten")).toBe(0);
    expect(distance(0, "")).toBe(6);
  });

  test("of two equally near names the one with the same beginning wins", () => {
    const names: StaticArray<string> = ["on", "off", "reset"];
    words("of");
    expect(nearest(0, names)).toBe("off");
  });
});
