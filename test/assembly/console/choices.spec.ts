/** Words that may stand at one position: the nearest to a mistyped one, and what they begin with alike. */

import { CHOICE_BYTES, CHOICES } from "../../../assembly/capacities";
import { add, clear, commonLength, count, distance, near } from "../../../assembly/console/choices";
import { split } from "../../../assembly/console/tokens";

const line: usize = memory.data(64);
function tokens(text: string): void {
  for (let i = 0; i < text.length; i++) store<u8>(line + i, text.charCodeAt(i));
  split(line, text.length);
}

function offer(name: string): void {
  add(changetype<usize>(name), name.length, 1);
}

describe("choices", () => {
  test("edit distance, against values worked by hand", () => {
    clear(0, 0);
    offer("sitting");
    offer("power");
    offer("kitten");
    offer("");
    tokens("kitten pwoer");
    expect(distance(0, 0)).toBe(3);
    expect(distance(1, 1)).toBe(2);
    expect(distance(0, 2)).toBe(0);
    expect(distance(0, 3)).toBe(6);
  });

  test("of two equally near names the one that begins alike", () => {
    clear(0, 0);
    offer("on");
    offer("off");
    offer("reset");
    tokens("of");
    expect(near(0)).toBe(1);
  });

  test("only what may be a slip or the beginning of a name is near", () => {
    clear(0, 0);
    offer("log");
    offer("status");
    offer("--yes");
    tokens("on stat s --yse satus stxxxs rubbish");
    expect(near(0)).toBe(-1, "two letters of three");
    expect(near(1)).toBe(1, "a beginning");
    expect(near(2)).toBe(-1, "a single letter");
    expect(near(3)).toBe(2, "two of five");
    expect(near(4)).toBe(1, "one of six");
    expect(near(5)).toBe(-1, "three of six");
    expect(near(6)).toBe(-1, "unrelated");
  });

  test("only words with the wanted beginning are kept", () => {
    tokens("po");
    clear(line, 2);
    offer("power");
    offer("p");
    offer("help");
    offer("policy");
    expect(count).toBe(2);
    expect(commonLength()).toBe(2);
  });

  test("one word alone is common to itself", () => {
    clear(0, 0);
    offer("status");
    expect(commonLength()).toBe(6);
  });

  test("what finds no room is left out", () => {
    clear(0, 0);
    offer("a".repeat(CHOICE_BYTES + 1));
    expect(count).toBe(0);
    for (let i: u32 = 0; i < CHOICES + 5; i++) offer("a".repeat(CHOICE_BYTES));
    expect(count).toBe(CHOICES);
  });
});
