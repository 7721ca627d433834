/**
 * The SMBus command table. Its codes and bits are compared with Linux' drivers/hwmon/pmbus/pmbus.h, which
 * others have checked against many devices, and with each other. The last tests check a few lines of the
 * files generated from it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_BYTES, commands, numbers } from "../../abi/smbus.ts";
import type { SmbusCommand } from "../../abi/smbus-schema.ts";
import { commandForm, constantName, fixedBytes, smbusLogicFile } from "../../scripts/generate/smbus.ts";
import { smbusClientFile } from "../../scripts/generate/smbus-client.ts";
import { smbusDocument } from "../../scripts/generate/smbus-document.ts";

/** enum pmbus_regs, and three codes of the specification that the driver does not use: 02h, 87h, ADh. */
const PMBUS = {
  PAGE: 0x00,
  OPERATION: 0x01,
  ON_OFF_CONFIG: 0x02,
  CLEAR_FAULTS: 0x03,
  PHASE: 0x04,
  WRITE_PROTECT: 0x10,
  CAPABILITY: 0x19,
  QUERY: 0x1a,
  SMBALERT_MASK: 0x1b,
  VOUT_MODE: 0x20,
  VOUT_COMMAND: 0x21,
  POUT_MAX: 0x31,
  VOUT_OV_FAULT_LIMIT: 0x40,
  VOUT_OV_WARN_LIMIT: 0x42,
  VOUT_UV_WARN_LIMIT: 0x43,
  VOUT_UV_FAULT_LIMIT: 0x44,
  IOUT_OC_FAULT_LIMIT: 0x46,
  IOUT_OC_WARN_LIMIT: 0x4a,
  IOUT_UC_FAULT_LIMIT: 0x4b,
  OT_FAULT_LIMIT: 0x4f,
  OT_WARN_LIMIT: 0x51,
  UT_WARN_LIMIT: 0x52,
  UT_FAULT_LIMIT: 0x53,
  VIN_OV_FAULT_LIMIT: 0x55,
  VIN_OV_WARN_LIMIT: 0x57,
  VIN_UV_WARN_LIMIT: 0x58,
  VIN_UV_FAULT_LIMIT: 0x59,
  IIN_OC_FAULT_LIMIT: 0x5b,
  IIN_OC_WARN_LIMIT: 0x5d,
  POUT_OP_FAULT_LIMIT: 0x68,
  POUT_OP_WARN_LIMIT: 0x6a,
  PIN_OP_WARN_LIMIT: 0x6b,
  STATUS_BYTE: 0x78,
  STATUS_WORD: 0x79,
  STATUS_VOUT: 0x7a,
  STATUS_IOUT: 0x7b,
  STATUS_INPUT: 0x7c,
  STATUS_TEMPERATURE: 0x7d,
  STATUS_CML: 0x7e,
  STATUS_OTHER: 0x7f,
  STATUS_MFR_SPECIFIC: 0x80,
  READ_EOUT: 0x87,
  READ_VIN: 0x88,
  READ_IIN: 0x89,
  READ_VCAP: 0x8a,
  READ_VOUT: 0x8b,
  READ_IOUT: 0x8c,
  READ_TEMPERATURE_1: 0x8d,
  READ_POUT: 0x96,
  READ_PIN: 0x97,
  PMBUS_REVISION: 0x98,
  MFR_ID: 0x99,
  MFR_MODEL: 0x9a,
  MFR_REVISION: 0x9b,
  MFR_LOCATION: 0x9c,
  MFR_DATE: 0x9d,
  MFR_SERIAL: 0x9e,
  IC_DEVICE_ID: 0xad,
} as const;

/** PB_STATUS_*, PB_VOLTAGE_*, PB_IOUT_*, PB_POUT_*, PB_TEMP_* and PB_CML_* of that file, by bit. */
const BITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  STATUS_WORD: {
    NONE_OF_THE_ABOVE: 0,
    CML: 1,
    TEMPERATURE: 2,
    VIN_UV_FAULT: 3,
    IOUT_OC_FAULT: 4,
    VOUT_OV_FAULT: 5,
    OFF: 6,
    BUSY: 7,
    "POWER_GOOD#": 11,
    MFR_SPECIFIC: 12,
    INPUT: 13,
    IOUT_POUT: 14,
    VOUT: 15,
  },
  STATUS_VOUT: { VOUT_UV_FAULT: 4, VOUT_UV_WARNING: 5, VOUT_OV_WARNING: 6, VOUT_OV_FAULT: 7 },
  STATUS_INPUT: { VIN_UV_FAULT: 4, VIN_UV_WARNING: 5, VIN_OV_WARNING: 6, VIN_OV_FAULT: 7 },
  STATUS_IOUT: { POUT_OP_WARNING: 0, POUT_OP_FAULT: 1, IOUT_OC_WARNING: 5, IOUT_OC_FAULT: 7 },
  STATUS_TEMPERATURE: { UT_FAULT: 4, UT_WARNING: 5, OT_WARNING: 6, OT_FAULT: 7 },
  STATUS_CML: {
    OTHER_MEMORY_LOGIC: 0,
    OTHER_COMMUNICATION: 1,
    PEC_FAILED: 5,
    INVALID_DATA: 6,
    INVALID_COMMAND: 7,
  },
};

const MFR_SPECIFIC = { first: 0xd0, last: 0xfd };

function named(name: string): SmbusCommand {
  const command = commands.find((candidate) => candidate.name === name);
  assert.ok(command, name);
  return command;
}

test("codes and names are unique, and in the order of the codes", () => {
  const codes = commands.map(({ code }) => code);
  assert.deepEqual(
    codes,
    [...new Set(codes)].sort((one, other) => one - other),
  );
  assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
});

test("standard commands have the standard's codes, and the slot's own are in the manufacturer's range", () => {
  for (const { name, code } of commands) {
    const standard = (PMBUS as Readonly<Record<string, number>>)[name];
    if (standard !== undefined) assert.equal(code, standard, name);
    else assert.ok(name.startsWith("MFR_") && code >= MFR_SPECIFIC.first && code <= MFR_SPECIFIC.last, name);
  }
});

test("status bits are where Linux looks for them", () => {
  for (const [register, bits] of Object.entries(BITS)) {
    const values = named(register).values ?? [];
    for (const [name, bit] of Object.entries(bits)) {
      assert.equal(values.find((value) => value.name === name)?.value, bit, `${register} ${name}`);
    }
  }
  const low = named("STATUS_WORD").values?.filter(({ value }) => value < 8);
  assert.deepEqual(named("STATUS_BYTE").values, low);
});

test("forms and formats fit each other", () => {
  for (const { name, read, write, format, unit, values, fields, callFields, prepared } of commands) {
    assert.ok(read ?? write, name);
    assert.equal(
      format === undefined,
      write === "send" && read === undefined,
      `${name}: a format for data only`,
    );
    const sizes = [read, write].filter((form) => form === "byte" || form === "word");
    if (format?.startsWith("linear")) assert.deepEqual([...new Set(sizes)], ["word"], name);
    assert.equal(unit !== undefined, format?.startsWith("linear") ?? false, name);
    if (format === "text") assert.equal(read, "block", name);
    assert.equal(callFields !== undefined, read === "call", name);
    assert.equal(fields !== undefined, format === "bytes", name);
    if (prepared) assert.notEqual(read, "call", `${name}: a call cannot be prepared`);
    if (prepared) assert.ok(read, name);
    const limit = read === "word" ? 16 : 8;
    for (const value of values ?? []) assert.ok(value.value < (format === "bits" ? limit : 1 << limit), name);
    assert.equal(new Set(values?.map((value) => value.value)).size, values?.length ?? 0, name);
  }
});

test("the fields fit into an SMBus block, and only a last field has a variable length", () => {
  for (const { name, fields = [], callFields = [] } of commands) {
    for (const list of [fields, callFields]) {
      assert.ok(list.reduce((sum, { bytes }) => sum + bytes, 0) <= BLOCK_BYTES, name);
      assert.ok(
        list.slice(0, -1).every(({ bytes }) => bytes > 0),
        name,
      );
      assert.equal(new Set(list.map((field) => field.name)).size, list.length, name);
    }
  }
});

test("numbers in blocks are named without gaps, and every name in a field's description exists", () => {
  for (const { name, values } of numbers) {
    assert.deepEqual(
      values.map(({ value }) => value),
      values.map((_, index) => index),
      name,
    );
    assert.equal(new Set(values.map((value) => value.name)).size, values.length, name);
  }
  const known = new Set([...numbers, ...commands].map(({ name }) => name));
  const texts = [
    ...commands.flatMap(({ fields = [] }) => fields.map(({ description }) => description)),
    ...numbers.flatMap(({ values }) => values.map(({ description }) => description)),
  ];
  const named = texts.flatMap((text) => text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
  assert.ok(named.includes("FAULT_REASON") && named.includes("LIMIT_KIND"));
});

test("write protection can be lifted under every level, and only writable commands have levels", () => {
  assert.deepEqual(named("WRITE_PROTECT").writableUnder, [0x80, 0x40, 0x20]);
  const levels = named("WRITE_PROTECT").values?.map(({ value }) => value) ?? [];
  for (const { name, write, writableUnder = [] } of commands) {
    if (writableUnder.length > 0) assert.ok(write, name);
    for (const level of writableUnder) assert.ok(levels.includes(level), name);
    // A command that is writable under one level is writable under every lower one.
    const through = [0x80, 0x40, 0x20].map((level) => writableUnder.includes(level));
    assert.deepEqual(through, [...through].sort(), name);
  }
});

test("the form byte encodes how a command is read and written and on which pages; 0 means no command", () => {
  assert.equal(commandForm(named("READ_VIN")), 0b00_000_010);
  assert.equal(commandForm(named("READ_VOUT")), 0b10_000_010);
  assert.equal(commandForm(named("IOUT_OC_WARN_LIMIT")), 0b01_011_010);
  assert.equal(commandForm(named("CLEAR_FAULTS")), 0b00_001_000);
  assert.equal(commandForm(named("SMBALERT_MASK")), 0b00_011_100);
  assert.equal(commandForm(named("MFR_CONSOLE_INPUT")), 0b00_100_000);
  assert.ok(commands.every((command) => commandForm(command) > 0));
  const alien = { code: 0xfd, name: "X", description: "", read: "byte", pages: [1] } as const;
  assert.throws(() => commandForm(alien), /pages 1 have no encoding/);
});

test("the logic's generated file has its constants and tables", () => {
  const { text } = smbusLogicFile();
  for (const line of [
    "export const CODE_READ_VIN: u32 = 0x88;",
    "export const STATUS_CML_INVALID_COMMAND: u32 = 0x80;",
    "export const STATUS_WORD_POWER_GOOD_N: u32 = 0x0800;",
    "export const OPERATION_SOFT_OFF: u32 = 0x40;",
    "export const MFR_LAST_FAULT_BYTES: u32 = 27;",
    "export const MFR_LOG_READ_CALL_BYTES: u32 = 4;",
    "export const VOUT_EXPONENT: i32 = -12;",
    "export const READ_MASK: u32 = 0x07;",
    "export const WRITE_WORD: u32 = 0x18;",
    "export const PAGES_EACH: u32 = 0x80;",
  ]) {
    assert.ok(text.split("\n").includes(line), line);
  }
  assert.doesNotMatch(text, /MFR_LOG_READ_BYTES/, "its length is variable");
  const names = [...text.matchAll(/export const (\w+)/g)].map((match) => match[1]);
  assert.equal(new Set(names).size, names.length, "one meaning for each name");
  for (const [name, entry] of [
    ["COMMAND_FORMS", commandForm(named("READ_VIN"))],
    ["WRITABLE_UNDER", 0],
  ] as const) {
    const [, body = ""] = new RegExp(`${name}: StaticArray<u8> = \\[([^\\]]*)\\]`).exec(text) ?? [];
    const bytes = body
      .split(",")
      .map((byte) => byte.trim())
      .filter(Boolean)
      .map(Number);
    assert.equal(bytes.length, 256);
    assert.equal(bytes[0x88], entry);
    assert.equal(bytes[0xff], 0);
  }
});

test("the client's generated file has commands and values", () => {
  const { text } = smbusClientFile();
  assert.match(
    text,
    / {2}READ_VOUT: \{\n {4}code: 0x8b,\n {4}read: "word",\n {4}format: "linear16",\n {4}unit: "V",/,
  );
  assert.match(text, / {6}"POWER_GOOD#": 0x0b,/);
  assert.match(text, / {2}LIMIT_KIND: \{\n {4}\/\*\* fault above \*\/\n {4}HIGH_FAULT: 0,/);
});

test("the document gets its tables between its marks and nowhere else", () => {
  const once = smbusDocument("# Title\n\nBy hand.\n");
  assert.match(once, /^# Title\n\nBy hand\.\n/);
  assert.match(once, /\| 88h \| READ_VIN \| word \| {2}\| {2}\| LINEAR11, V \| input voltage \|/);
  assert.match(once, /\| D5h \| MFR_LOG_READ \| call \* \|/);
  // A command that a process call reads is listed as read, though it can also be written.
  assert.match(once, /\| SMBALERT_MASK \| read \| 0 \| mask \|/);
  assert.match(once, /\| MFR_CONSOLE_INPUT \| sent \| 0\.\.\. \| data \|/);
  assert.match(once, /\| LIMIT_KIND \| {2}\| {2}\| .*\|\n\| {2}\| 0 \| HIGH_FAULT \| fault above \|/);
  assert.equal(smbusDocument(once), once);
});

test("names become constants, and fields of fixed length have a sum", () => {
  assert.equal(constantName("STATUS_WORD", "POWER_GOOD#"), "STATUS_WORD_POWER_GOOD_N");
  assert.equal(fixedBytes([{ name: "a", bytes: 4, description: "" }]), 4);
  assert.equal(fixedBytes([{ name: "rest", bytes: 0, description: "" }]), undefined);
});
