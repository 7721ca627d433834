/** Conversions against exact arithmetic, and the formatting everything that prints is made of. */

import { convert } from "../../assembly/sensors";
import { distance, is, nearest, number, split } from "../../assembly/words";

/** Puts a line where `split` can find it. */
const line: usize = memory.data(64);
function words(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(line + i, text.charCodeAt(i));
  split(line, text.length);
}

describe("sensor conversion", () => {
  test("every code of a 1:8 divider, rounded to nearest", () => {
    for (let code: u64 = 0; code < 4096; code++) {
      // 3300 mV * 8 / 4096 = 6.4453125 mV a code, exactly 825 / 128.
      const exact_128ths = code * 825;
      const rounded = (exact_128ths + 64) / 128;
      expect(convert(<u32>code, 1, 8, 1)).toBe(<u32>rounded);
    }
  });

  test("the largest sum does not overflow", () => {
    // 4 conversions of 4095 through 1:8: 3300 * 8 * 4095 / 4096 = 26393.55 mV.
    expect(convert(16380, 4, 8, 1)).toBe(26394);
  });

  test("0.5 V per ampere: 1.65 V at the pin is 3.3 A", () => {
    expect(convert(2048, 1, 2, 1)).toBe(3300);
  });
});

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

  test("of two equally near names the one that begins alike", () => {
    const names: StaticArray<string> = ["on", "off", "reset"];
    words("of");
    expect(nearest(0, names)).toBe("off");
  });
});
