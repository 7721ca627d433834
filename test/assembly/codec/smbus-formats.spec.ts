/**
 * LINEAR11, LINEAR16 and PEC against published values. test/client/formats.test.ts checks every word and
 * every value against exact arithmetic.
 */
import {
  linear11FromMilli,
  linear16FromMilli,
  milliFromLinear11,
  milliFromLinear16,
} from "../../../assembly/codec/linear";
import { pec, pecOver } from "../../../assembly/codec/pec";

/**
 * Defaults of the LTC2977's command table, which also uses the smallest exponent: pairs of thousandths and
 * word.
 */
const LTC2977: StaticArray<i32> = [
  10000, 0xd280, 9000, 0xd240, 15000, 0xd3c0, 14000, 0xd380, 105000, 0xeb48, 70000, 0xea30, -40000, 0xe580,
  1000, 0xba00, 0, 0x8000,
];

const text: usize = memory.data(16);

describe("LINEAR11", () => {
  test("defaults of a published command table, both ways", () => {
    for (let i = 0; i < LTC2977.length; i += 2) {
      expect(linear11FromMilli(LTC2977[i])).toBe(<u32>LTC2977[i + 1]);
      expect(milliFromLinear11(<u32>LTC2977[i + 1])).toBe(LTC2977[i]);
    }
  });

  test("9807h is 854 uV: 7 * 2^-13", () => {
    expect(milliFromLinear11(0x9807)).toBe(1);
  });

  test("two's complement has one more negative value: -1024 keeps its exponent, 1024 does not", () => {
    expect(linear11FromMilli(-1024000)).toBe(0x0400);
    expect(linear11FromMilli(1023000)).toBe(0x03ff);
    expect(linear11FromMilli(1024000)).toBe(0x0a00);
    expect(linear11FromMilli(1023499)).toBe(0x03ff);
    expect(linear11FromMilli(1023500)).toBe(0x0a00);
  });

  test("the ends of i32", () => {
    expect(linear11FromMilli(i32.MAX_VALUE)).toBe(0x620c);
    expect(milliFromLinear11(0x7bff)).toBe(i32.MAX_VALUE);
    expect(milliFromLinear11(0x7c00)).toBe(i32.MIN_VALUE);
  });
});

describe("LINEAR16 with exponent -12", () => {
  test("whole volts are multiples of 4096", () => {
    for (let volts: u32 = 0; volts < 16; volts++) {
      expect(linear16FromMilli(volts * 1000)).toBe(volts << 12);
      expect(milliFromLinear16(volts << 12)).toBe(volts * 1000);
    }
  });

  test("beyond 16 V it saturates", () => {
    expect(linear16FromMilli(15999)).toBe(65532);
    expect(linear16FromMilli(16000)).toBe(65535);
    expect(linear16FromMilli(u32.MAX_VALUE)).toBe(65535);
  });
});

describe("PEC", () => {
  test('the check value of CRC-8/SMBUS: "123456789" gives f4h', () => {
    for (let i: u32 = 0; i < 9; i++) store<u8>(text + i, 0x31 + i);
    expect(pecOver(0, text, 9)).toBe(0xf4);
  });

  test("a message with its own code gives 0", () => {
    store<u32>(text, 0x88210020);
    const code = pecOver(0, text, 4);
    expect(pec(code, code)).toBe(0);
  });

  test("no bytes leave the code unchanged", () => {
    expect(pecOver(0x5a, text, 0)).toBe(0x5a);
  });
});
