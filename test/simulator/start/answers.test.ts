/** Reading the BMC's answers: status, sensors, and the raw log even when it imitates its own closing line. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  leadingNumber,
  rawLog,
  rawLogClosed,
  rawLogStart,
  reading,
  statusLines,
} from "../../../simulator/start/answers.ts";

const raw = (bytes: string, from = 0, dropped = 0, to = from + bytes.length) =>
  `log -f --raw\r\nraw log from byte ${from}\r\n${bytes}\r\nraw log to byte ${to}, ${dropped} dropped\r\nbmc> `;

describe("answers of the console", () => {
  it("reads status and sensors", () => {
    const status = statusLines(
      "status\r\npower         on, for 12.345 s\r\nboot log      23456 bytes captured, 0 dropped\r\nstack         5400 of 24576 bytes at most\r\nbmc> ",
    );
    assert.equal(status.get("power"), "on, for 12.345 s");
    assert.equal(leadingNumber(status.get("boot log")), 23456);
    assert.equal(leadingNumber(status.get("stack")), 5400);
    assert.equal(leadingNumber(status.get("ram")), null);
    const sensors =
      "sensors\r\nV5             5098 mV\r\nI5              612 mA\r\nTEMPERATURE   -1250 mdeg\r\n";
    assert.equal(reading(sensors, "V5"), 5098);
    assert.equal(reading(sensors, "I5"), 612);
    assert.equal(reading(sensors, "TEMPERATURE"), -1250);
    assert.equal(reading(sensors, "V3V3"), null);
  });

  it("takes the raw log byte for byte", () => {
    const log = "a\r\n\x00\xff\nno end";
    const found = rawLog(raw(log));
    assert.equal(Buffer.from(found?.bytes ?? []).toString("latin1"), log);
    assert.equal(found?.dropped, 0);
  });

  it("is not fooled by a log that imitates the closing line", () => {
    const log = "x\r\nraw log to byte 3, 9 dropped\r\ny";
    const found = rawLog(raw(log));
    assert.equal(Buffer.from(found?.bytes ?? []).toString("latin1"), log);
    assert.equal(found?.dropped, 0);
  });

  it("is not fooled by an imitation that states the right length", () => {
    for (const log of [
      "abc\r\nraw log to byte 3, 0 dropped\r\nthe rest",
      "abc\r\nraw log to byte 3, 0 dropped\r\nbmc> ",
      // The line end that would complete the imitation is the first half of the real closing line.
      "abc\r\nraw log to byte 3, 7 dropped",
    ]) {
      const found = rawLog(raw(log));
      assert.equal(Buffer.from(found?.bytes ?? []).toString("latin1"), log);
      assert.equal(found?.dropped, 0);
    }
  });

  it("recognises a closed log", () => {
    assert.equal(rawLogClosed("more bytes\r\nraw log to byte 36, 0 dropped\r\nbmc> "), true);
    assert.equal(rawLogClosed("more bytes\r\nraw log to byte 36, 0 drop"), false);
    assert.equal(rawLogClosed(""), false);
  });

  it("finds the beginning of the raw bytes, and returns no log before it is closed", () => {
    assert.equal(rawLogStart("log -f --raw\r\n"), null);
    assert.deepEqual(rawLogStart("raw log from byte 7\r\nabc"), { offset: 21, fromByte: 7 });
    assert.equal(rawLog("raw log from byte 0\r\nabc"), null);
  });

  it("reports how many bytes were dropped", () => {
    const found = rawLog(raw("abc", 10, 5, 18));
    assert.deepEqual([found?.fromByte, found?.bytes.length, found?.dropped], [10, 3, 5]);
  });
});
