/** Reading the BMC's answers: status, sensors, and the raw log even when it imitates its own closing line. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  leadingNumber,
  rawLog,
  rawLogClosed,
  rawLogStart,
  reading,
  sensorRemarks,
  statusLines,
} from "../../../simulator/start/answers.ts";

const raw = (bytes: string, from = 0, dropped = 0, to = from + bytes.length) =>
  `log -f --raw\r\nraw log from byte ${from}\r\n${bytes}\r\nraw log to byte ${to}, ${dropped} dropped\r\nbmc> `;

describe("answers of the console", () => {
  it("finds what the BMC says about its sensors, and nothing in a good answer", () => {
    const header =
      "sensors\r\n              reading      smallest  largest   fault<    warn<    warn>   fault>\r\n";
    const good = "V5             5095 mV       5088     5101     4600     4750     5300     5500";
    const monitor = "PAC1921        5099 mV, 547 mA, 2815 mW, agrees within 0/1000";
    assert.deepEqual(sensorRemarks(`${header}${good}\r\n${monitor}\r\nbmc> `), []);
    const bad = `${good}  nonsense: stuck\r\n${good}  warning\r\nI5 ${good}  FAULT\r\n`;
    assert.deepEqual(sensorRemarks(`${header}${bad}${monitor}, 3 errors, 1 recoveries\r\nbmc> `), [
      "V5 nonsense: stuck",
      "V5 warning",
      "I5 FAULT",
      "PAC1921 3 errors, 1 recoveries",
    ]);
    assert.deepEqual(
      sensorRemarks("PAC1921        2573 mV, 0 mA, 0 mW, DEVIATES from the converter by 500/1000\r\n"),
      [],
    );
  });

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
