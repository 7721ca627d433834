/** The typist between keyboard and console: single keys, pastes line by line, Ctrl-C and Ctrl-]. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LARGEST_PASTE_BYTES, Typist } from "../../../simulator/start/typist.ts";

class FakeConsole {
  typed = "";
  printed = "bmc> ";
  untyped = 0;
  stopped = 0;
  nanos = 0;

  get received(): number {
    return this.printed.length;
  }

  endsWith(text: string): boolean {
    return this.printed.endsWith(text);
  }

  type(bytes: Uint8Array): void {
    this.typed += Buffer.from(bytes).toString("latin1");
  }

  stopTyping(): void {
    this.stopped++;
  }
}

function desk() {
  const bmc = new FakeConsole();
  const typist = new Typist(bmc, () => bmc.nanos);
  const press = (text: string) => typist.press(Buffer.from(text, "latin1"));
  const wait = (ms: number) => {
    for (let step = 0; step < ms; step++) {
      bmc.nanos += 1e6;
      typist.step();
    }
  };
  return { bmc, typist, press, wait };
}

describe("typist", () => {
  it("passes keys on at once", () => {
    const { bmc, press } = desk();
    assert.equal(press("h"), false);
    assert.equal(bmc.typed, "h");
    press("\x1b[A");
    assert.equal(bmc.typed, "h\x1b[A");
  });

  it("keys wait for the first prompt, also after a Ctrl-C", () => {
    const { bmc, press, wait } = desk();
    bmc.printed = "";
    press("rubbish\x03status\rver");
    wait(5);
    bmc.printed = "\r\nracklet-bmc";
    wait(20);
    assert.equal(bmc.typed, "\x03");
    bmc.printed += ", type help\r\nbmc> ";
    wait(20);
    assert.equal(bmc.typed, "\x03status\r");
  });

  it("keys wait a second at most for a BMC that prints no prompt", () => {
    const { bmc, press, wait } = desk();
    bmc.printed = "";
    press("status\r");
    wait(1001);
    assert.equal(bmc.typed, "status\r");
  });

  it("leaves at Ctrl-], and Ctrl-C goes to the BMC", () => {
    const { bmc, press } = desk();
    assert.equal(press("ab\x1dcd"), true);
    assert.equal(press("\x03"), false);
    assert.match(bmc.typed, /\x03$/);
  });

  it("a paste goes line by line: the next waits for the prompt", () => {
    const { bmc, press, wait } = desk();
    press("status\rsensors\r");
    wait(50);
    assert.equal(bmc.typed, "status\r");
    bmc.printed += "status\r\n...\r\nbmc> ";
    wait(50);
    assert.equal(bmc.typed, "status\rsensors\r");
  });

  it("goes on after a second without a prompt", () => {
    const { bmc, press, wait } = desk();
    press("log -f\rx");
    wait(900);
    assert.equal(bmc.typed, "log -f\r");
    wait(200);
    assert.equal(bmc.typed, "log -f\rx");
  });

  it("a long line goes out slower than the wire, none of it lost", () => {
    const { bmc, typist, press, wait } = desk();
    const line = "0123456789".repeat(100);
    press(line);
    assert.ok(bmc.typed.length < 40, `${bmc.typed.length} at once`);
    wait(100);
    assert.ok(bmc.typed.length < 100 * 11.52, "faster than 115200 baud");
    wait(200);
    assert.equal(bmc.typed, line);
    assert.equal(typist.waiting, 0);
  });

  it("Ctrl-C discards the waiting text and goes first", () => {
    const { bmc, typist, press } = desk();
    press("log -f\rmore and more\r");
    press("\x03");
    assert.equal(typist.waiting, 0);
    assert.equal(bmc.typed, "log -f\r\x03");
    assert.equal(bmc.stopped, 1);
  });

  it("bounds a paste and counts the bytes it cut off", () => {
    const { typist } = desk();
    typist.press(Buffer.alloc(LARGEST_PASTE_BYTES + 1000, "\r"));
    assert.ok(typist.waiting <= LARGEST_PASTE_BYTES);
    assert.equal(typist.dropped, 1000);
  });
});
