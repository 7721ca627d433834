/** The printed form of the demonstration: console lines with their time, headings, sentences and colours. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Transcript } from "../../../simulator/start/transcript.ts";

function paper(colours = false) {
  let text = "";
  let nanos = 0;
  const transcript = new Transcript({
    write: (part) => {
      text += part;
    },
    colours,
    nanos: () => nanos,
  });
  const at = (seconds: number, bytes: string) => {
    nanos = seconds * 1e9;
    transcript.console(Buffer.from(bytes, "latin1"));
  };
  return { transcript, at, text: () => text };
}

describe("transcript", () => {
  it("prints console lines when complete, with the time they began", () => {
    const { at, text } = paper();
    at(1.5, "hel");
    at(2, "lo\r\n\r\nnext");
    assert.equal(text(), "     1.500  hello\n\n");
  });

  it("sets headings and sentences apart, and ends an incomplete line first", () => {
    const { transcript, at, text } = paper();
    at(1, "bmc> ");
    transcript.heading("Power on");
    transcript.say("done");
    assert.equal(text(), "     1.000  bmc> \n\n== Power on ==\n\n            done\n");
  });

  it("shows the last version of a line that was written again, without escape sequences", () => {
    const { at, text } = paper();
    at(1, "bmc> pow\r\x1b[K[    1.000] power: on\r\n");
    assert.equal(text(), "     1.000  [    1.000] power: on\n");
  });

  it("uses colours only where they are wanted", () => {
    const { transcript, text } = paper(true);
    transcript.heading("x");
    assert.match(text(), /\x1b\[1m== x ==\x1b\[0m/);
  });
});
