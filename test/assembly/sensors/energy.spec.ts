/** Energy in millijoules: no remainder is lost, and the count continues beyond 32 bits. */
import { add, energy_mj } from "../../../assembly/sensors/energy";

const PJ_PER_MJ: u64 = 1000000000; // per millijoule

/** The count before the test, because all tests of a file share one count. */
let before: u64 = 0;
function drawn(): u64 {
  return energy_mj() - before;
}

/** Remainders below a millijoule that are carried on. `settle` makes them zero, so that a test knows them. */
let carried: u64 = 0;
function draw(power_uw: u32, elapsed_us: u32): void {
  add(power_uw, elapsed_us);
  carried = (carried + ((<u64>power_uw * elapsed_us) % PJ_PER_MJ)) % PJ_PER_MJ;
}
function settle(): void {
  if (carried > 0) draw(1, <u32>(PJ_PER_MJ - carried));
  before = energy_mj();
}

beforeEach(settle);

describe("energy", () => {
  test("a remainder below a millijoule is carried on", () => {
    draw(99999, 9999);
    expect(drawn()).toBe(0);
    draw(109999, 1);
    expect(drawn()).toBe(1, "999890001 and 109999 picojoules are one millijoule");
    for (let i = 0; i < 1000; i++) draw(999, 1000);
    expect(drawn()).toBe(1, "another 999 microjoules");
    draw(1000, 1000);
    expect(drawn()).toBe(2);
  });

  test("no power or no time adds nothing", () => {
    draw(0, u32.MAX_VALUE);
    draw(u32.MAX_VALUE, 0);
    expect(drawn()).toBe(0);
  });

  test("an hour of 10 ms windows at an odd power is exact", () => {
    // 4.999999 W for 3600 s is 17999.9964 J.
    for (let window = 0; window < 360000; window++) draw(4999999, 10000);
    expect(drawn()).toBe(17999996);
    expect(carried).toBe(400000000);
  });

  test("random windows give the sum of their products", () => {
    let seed: u32 = 7;
    let sum: u64 = 0;
    let wrong = 0;
    for (let i = 0; i < 20000; i++) {
      seed = seed * 1103515245 + 12345;
      const power = (seed >> 6) % 25000000;
      seed = seed * 1103515245 + 12345;
      const elapsed = (seed >> 6) % 30000000;
      draw(power, elapsed);
      sum += <u64>power * elapsed;
      if (drawn() != sum / PJ_PER_MJ) wrong++;
    }
    expect(wrong).toBe(0);
    expect(sum > (<u64>1) << 61).toBe(true);
  });

  test("continues beyond 32 bits of microseconds", () => {
    // 15 W in steps of 30 s for 80 minutes.
    for (let i = 0; i < 160; i++) draw(15000000, 30000000);
    expect(<u64>160 * 30000000 > <u64>u32.MAX_VALUE).toBe(true);
    expect(drawn()).toBe(72000000);
  });

  test("continues beyond 32 bits of millijoules", () => {
    for (let i = 0; i < 100; i++) draw(15000000, 4000000000);
    expect(drawn()).toBe(6000000000);
    expect(drawn() > <u64>u32.MAX_VALUE).toBe(true);
  });

  test("the largest possible window does not overflow, even many times in a row", () => {
    // (2^32 - 1)^2 picojoules are 18446744065 millijoules and 119617025 picojoules.
    for (let i: u64 = 1; i <= 100; i++) {
      draw(u32.MAX_VALUE, u32.MAX_VALUE);
      expect(drawn()).toBe(i * 18446744065 + (i * 119617025) / PJ_PER_MJ);
    }
  });
});
