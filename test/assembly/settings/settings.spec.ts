/** The form of a record of settings: its checksum, its fields and their ranges. */
import { crc32 } from "../../../assembly/codec/crc32";
import { RestorePolicy } from "../../../assembly/generated/vocabulary";
import * as form from "../../../assembly/settings/record";

const bytes: usize = memory.data(256, 4);
const other: usize = memory.data(128, 4);

function hexadecimal(from: usize, length: u32): string {
  let text = "";
  for (let i: u32 = 0; i < length; i++) text += (<u32>load<u8>(from + i) + 0x100).toString(16).substring(1);
  return text;
}

describe("CRC-32", () => {
  test("the check value of the catalogue of CRCs, and the values of no bytes, of 32 zeroes and of 32 FFh", () => {
    const digits = "123456789";
    for (let i = 0; i < digits.length; i++) store<u8>(bytes + i, digits.charCodeAt(i));
    expect(crc32(bytes, 9)).toBe(0xcbf43926);
    expect(crc32(bytes, 0)).toBe(0);
    memory.fill(bytes, 0, 32);
    expect(crc32(bytes, 32)).toBe(0x190a55ad);
    memory.fill(bytes, 0xff, 32);
    expect(crc32(bytes, 32)).toBe(0xff6cab0b);
  });
});

describe("record", () => {
  test("lies in flash as its table says", () => {
    form.setDefaults(bytes);
    form.setRestorePolicy(bytes, RestorePolicy.AlwaysOff);
    form.setPowerWanted(bytes, true);
    form.setAdcOffset(bytes, 0, -2);
    form.setAdcGain(bytes, 4, 72090);
    form.seal(bytes, 0x01020304);
    expect(hexadecimal(bytes, 24)).toBe(
      "52425301" + "01000000" + "04030201" + "ffffffff" + "02000000" + "01000000",
    );
    expect(hexadecimal(bytes + 24, 8)).toBe("feffffff" + "00000000");
    expect(hexadecimal(bytes + 60, 8)).toBe("9a190100" + "ffffffff");
    expect(load<u32>(bytes + 124)).toBe(crc32(bytes, 124));
    expect(form.sequence(bytes)).toBe(0x01020304);
    expect(form.layout(bytes)).toBe(form.LAYOUT);
  });

  test("comes back as it was set", () => {
    form.setDefaults(bytes);
    for (let channel = 0; channel < form.ADC_CHANNELS; channel++) {
      form.setAdcOffset(bytes, channel, channel * 1000 - 2000);
      form.setAdcGain(bytes, channel, 65536 + channel);
    }
    form.seal(bytes, 1);
    memory.copy(other, bytes, form.RECORD_BYTES);
    expect(form.isWhole(other)).toBe(true);
    for (let channel = 0; channel < form.ADC_CHANNELS; channel++) {
      expect(form.adcOffset(other, channel)).toBe(channel * 1000 - 2000);
      expect(form.adcGain(other, channel)).toBe(65536 + channel);
    }
  });

  test("is whole only with every bit unchanged", () => {
    form.setDefaults(bytes);
    form.seal(bytes, 7);
    for (let bit: u32 = 0; bit < 8 * form.RECORD_BYTES; bit++) {
      const at = bytes + (bit >> 3);
      store<u8>(at, <u32>load<u8>(at) ^ (1 << (bit & 7)));
      expect(form.isWhole(bytes)).toBe(false);
      store<u8>(at, <u32>load<u8>(at) ^ (1 << (bit & 7)));
    }
    expect(form.isWhole(bytes)).toBe(true);
  });

  test("is allowed at the ends of its ranges and not beyond", () => {
    form.setDefaults(bytes);
    form.setAdcOffset(bytes, 1, -1024);
    form.setAdcOffset(bytes, 2, 1024);
    form.setAdcGain(bytes, 1, 58982);
    form.setAdcGain(bytes, 2, 72090);
    expect(form.isAllowed(bytes)).toBe(true);
    form.setAdcOffset(bytes, 1, -1025);
    expect(form.isAllowed(bytes)).toBe(false);
    form.setAdcOffset(bytes, 1, 0);
    form.setAdcGain(bytes, 2, 72091);
    expect(form.isAllowed(bytes)).toBe(false);
  });

  test("blank is all ones to the last bit", () => {
    memory.fill(bytes, 0xff, 128);
    expect(form.isBlank(bytes, 128)).toBe(true);
    store<u8>(bytes + 127, 0x7f);
    expect(form.isBlank(bytes, 128)).toBe(false);
    expect(form.isBlank(bytes, 124)).toBe(true);
  });
});
