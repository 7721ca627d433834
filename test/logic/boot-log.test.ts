/** Boot-log capture: every byte is kept as it came, counted, and shown safely. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { LogicUnderTest, Random } from "../support/logic.ts";
import { SmbusSlot } from "../support/smbus-logic.ts";

const RING_BYTES = 32768;

/** The bytes of a `log --raw` answer, by the counts in its first and last line. */
function rawBytes(answer: string): { from: number; to: number; bytes: string } {
  const head = /raw log from byte (\d+)\r\n/.exec(answer);
  const tail = /\r\nraw log to byte (\d+), \d+ dropped\r\n/.exec(answer);
  assert.ok(head && tail, `not framed: ${JSON.stringify(answer.slice(0, 200))}`);
  const from = Number(head[1]);
  const to = Number(tail[1]);
  const start = head.index + head[0].length;
  return { from, to, bytes: answer.slice(start, start + to - from) };
}

test("log --raw returns exactly the bytes that came, whatever they are", () => {
  const slot = new LogicUnderTest();
  const random = new Random(7);
  const sent = Buffer.from(Array.from({ length: 20000 }, () => random.below(256)));
  for (let at = 0; at < sent.length; at += 500) slot.bootLog(sent.subarray(at, at + 500));
  const { from, bytes } = rawBytes(slot.type("log --raw\r"));
  assert.equal(from, 0);
  assert.deepEqual(Buffer.from(bytes, "latin1"), sent);
});

test("a log longer than the ring keeps its newest 32 KB, and states their position", () => {
  const slot = new LogicUnderTest();
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(""), "latin1");
  for (let at = 0; at < sent.length; at += 1000) slot.bootLog(sent.subarray(at, at + 1000));
  const { from, to, bytes } = rawBytes(slot.type("log --raw\r"));
  assert.equal(to, sent.length);
  assert.equal(from, sent.length - RING_BYTES);
  assert.deepEqual(Buffer.from(bytes, "latin1"), sent.subarray(from));
});

test("following delivers a log of any length without a gap", () => {
  const slot = new LogicUnderTest();
  const mark = slot.printed;
  slot.type("log -f --raw\r");
  const random = new Random(3);
  const sent = Buffer.from(Array.from({ length: 80000 }, () => random.below(256)));
  for (let at = 0; at < sent.length; at += 700) slot.bootLog(sent.subarray(at, at + 700));
  slot.type("\x03");
  const { bytes } = rawBytes(slot.printedSince(mark));
  assert.deepEqual(Buffer.from(bytes, "latin1"), sent);
});

test("notices wait until raw bytes have ended, and are not lost", () => {
  const slot = new LogicUnderTest();
  slot.powerOn();
  const mark = slot.printed;
  slot.type("log -f --raw\r");
  slot.bootLog("abc");
  slot.host.setInputs(Signal.PG_RAIL_1, 0);
  slot.wait(1);
  slot.bootLog("def");
  slot.type("\x03");
  const printed = slot.printedSince(mark);
  assert.equal(rawBytes(printed).bytes, "abcdef");
  assert.match(
    printed,
    /raw log to byte 6, 0 dropped\r\n\[ +\d+\.\d+\] power: fault: 5V power-good lost .*\r\nbmc> $/s,
  );
});

test("the log shows control bytes of the compute board as dots", () => {
  const slot = new LogicUnderTest();
  slot.bootLog("\x1b]0;owned\x07\x1b[2J plain \x9b31m\ttab\r\nnext\x00\x7f");
  const answer = slot.type("log\r");
  assert.ok(answer.includes(".]0;owned..[2J plain .31m\ttab\r\nnext..\r\n"), JSON.stringify(answer));
  assert.doesNotMatch(answer, /\x1b|\x9b|\x00|\x7f/);
});

test("log -n shows the last lines, with and without a line end at the very end", () => {
  const slot = new LogicUnderTest();
  slot.bootLog("one\ntwo\nthree\nfour\n");
  assert.match(slot.type("log -n 2\r"), /-n 2\r\nthree\r\nfour\r\nbmc> $/);
  slot.bootLog("fi");
  assert.match(slot.type("log -n 2\r"), /-n 2\r\nfour\r\nfi\r\nbmc> $/);
  assert.match(slot.type("log -n 50\r"), /-n 50\r\none\r\ntwo\r\nthree\r\nfour\r\nfi\r\nbmc> $/);
});

test("log -n over a full ring of one endless line still ends", () => {
  const slot = new LogicUnderTest();
  for (let i = 0; i < 40; i++) slot.bootLog("x".repeat(1000));
  const mark = slot.printed;
  slot.type("log -n 1\r");
  slot.wait(100);
  assert.equal(slot.printedSince(mark).split("x").length - 1, RING_BYTES);
});

test("status counts captured and lost bytes", () => {
  const slot = new LogicUnderTest();
  slot.bootLog("12345");
  slot.host.ports[Port.COMPUTE].counters.overruns = 2;
  slot.host.ports[Port.COMPUTE].counters.dropped_bytes = 3;
  assert.match(slot.type("status\r"), /boot log {5}5 bytes captured, 5 dropped\r\n/);
});

test("what is typed while a log is printed waits for its end, and Ctrl-C drops it", () => {
  const slot = new LogicUnderTest();
  slot.bootLog("one\ntwo\n".repeat(400));
  const answer = slot.type("log\rversion\ruptime\r");
  assert.match(answer, /two\r\nbmc> version\r\nracklet-bmc [\s\S]*bmc> uptime\r\npower-on /);

  // A log that is followed has no end. The input before Ctrl-C is gone, that behind it is not.
  slot.type("log -f\r");
  assert.equal(slot.type("version\r"), "");
  assert.match(slot.type("upt\x03uptime\r"), /^bmc> uptime\r\npower-on /);

  // Ctrl-C counts behind more input than can wait, and after the log the console says what was lost.
  slot.type("log -f\r");
  for (let line = 0; line < 100; line++) assert.equal(slot.type("version\r"), "");
  assert.equal(slot.type("\x03"), "bmc> ");
  const printed = slot.type(`log\r${"#".repeat(300)}`);
  assert.match(printed, /two\r\nwarning: \d+ characters typed during the answer did not fit; .*\r\nbmc> $/);
  assert.match(slot.type("rest\rversion\r"), /^version\r\nracklet-bmc /);
});

test("where more is typed ahead than can wait, no line runs that was not typed as it is", () => {
  for (let length = 200; length < 360; length++) {
    const slot = new LogicUnderTest();
    slot.bootLog("one\ntwo\n".repeat(400));
    const typed = "power off\rpolicy last\rfault\r".repeat(20).slice(0, length);
    const printed = slot.type(`log\r${typed}`) + slot.type(" --yes\rversion\r");
    const ran = [...printed.matchAll(/^bmc> (.+)\r$/gm)].map(([, line]) => line);
    const whole = ["power off", "policy last", "fault", "version"];
    const last = `${typed.slice(typed.lastIndexOf("\r") + 1)} --yes`;
    for (const line of ran.slice(1))
      assert.ok(whole.includes(line as string) || line === last, `${length}: ${line}`);
    assert.equal(ran.at(-1), "version");
  }
});

test("Ctrl-C over the SMBus ends a followed log, however much waits", () => {
  const slot = new SmbusSlot();
  slot.type("log -f\r");
  slot.type("#".repeat(400));
  const block = (text: string) => slot.host.message([{ write: [0xd6, text.length, ...Buffer.from(text)] }]);
  block("x".repeat(32));
  block("y".repeat(32));
  slot.host.serveSmbus(); // both in one pass
  slot.wait(1);
  block("\x03");
  slot.host.serveSmbus();
  slot.wait(1);
  assert.match(slot.type("version\r"), /racklet-bmc /);
});
