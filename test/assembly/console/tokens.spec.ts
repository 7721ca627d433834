/** A command line split into tokens: separating, comparing, numbers. */

import {
  equals,
  isOption,
  NOT_A_NUMBER,
  number,
  signedNumber,
  split,
} from "../../../assembly/console/tokens";

/** Puts a line where `split` can find it. */
const line: usize = memory.data(64);
function tokens(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(line + i, text.charCodeAt(i));
  split(line, text.length);
}

function is(token: i32, name: string): bool {
  return equals(token, changetype<usize>(name), name.length, 1);
}

describe("tokens", () => {
  test("spaces of any number separate", () => {
    tokens("  power   off --yes ");
    expect(is(0, "power")).toBe(true);
    expect(is(1, "off")).toBe(true);
    expect(is(2, "--yes")).toBe(true);
    expect(is(1, "of")).toBe(false);
    expect(is(1, "offf")).toBe(false);
  });

  test("letters of one byte compare as those of a string do", () => {
    tokens("off off on");
    expect(equals(0, line + 4, 3, 0)).toBe(true);
    expect(equals(0, line + 8, 2, 0)).toBe(false);
    expect(equals(2, line, 2, 0)).toBe(false);
  });

  test("numbers end at their limit and at anything that is no digit", () => {
    tokens("0 17 100 101 12a -1 99999999999999999999");
    expect(number(0, 100)).toBe(0);
    expect(number(1, 100)).toBe(17);
    expect(number(2, 100)).toBe(100);
    expect(number(3, 100)).toBe(-1);
    expect(number(4, 100)).toBe(-1);
    expect(number(5, 100)).toBe(-1);
    expect(number(6, 100)).toBe(-1);
  });

  test("signed numbers may have one minus, and the limit holds either way", () => {
    tokens("-17 17 -100 -101 - --5 -1-");
    expect(signedNumber(0, 100)).toBe(-17);
    expect(signedNumber(1, 100)).toBe(17);
    expect(signedNumber(2, 100)).toBe(-100);
    expect(signedNumber(3, 100)).toBe(NOT_A_NUMBER);
    expect(signedNumber(4, 100)).toBe(NOT_A_NUMBER);
    expect(signedNumber(5, 100)).toBe(NOT_A_NUMBER);
    expect(signedNumber(6, 100)).toBe(NOT_A_NUMBER);
  });

  test("a hyphen makes an option, unless a digit follows or nothing", () => {
    tokens("-n --raw -5 - n-");
    expect(isOption(0)).toBe(true);
    expect(isOption(1)).toBe(true);
    expect(isOption(2)).toBe(false);
    expect(isOption(3)).toBe(false);
    expect(isOption(4)).toBe(false);
  });
});
