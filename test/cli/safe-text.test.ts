/** Text made safe for a terminal: which characters and escape sequences pass, and which do not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SafeText, safeLine } from "../../cli/safe-text.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const plain = (text: string) => new SafeText("plain").push(bytes(text));
const editing = (text: string) => new SafeText("editing").push(bytes(text));

describe("text made safe for a terminal", () => {
  it("passes printable text and line ends", () => {
    assert.equal(plain("[  OK  ] a\tb\r\nc~"), "[  OK  ] a\tb\r\nc~");
  });

  it("passes UTF-8, and nothing that is not", () => {
    const text = Buffer.from("é…漢🙂");
    assert.equal(new SafeText("plain").push(text), "é…漢🙂");
    assert.equal(plain("a\xffb\xc3(c\x80"), "a.b.(c.");
    assert.equal(plain("\xed\xa0\x80"), ".");
    assert.equal(plain("\xc2\x9b31m"), ".31m", "a C1 control introducer");
  });

  it("shows control bytes as dots", () => {
    assert.equal(plain("a\x00b\x07c\x7f"), "a.b.c.");
  });

  it("lets through what line editing needs, and colours, in editing mode only", () => {
    assert.equal(editing("\r\x1b[K\x1b[3D\x1b[1;32mok\b\x07"), "\r\x1b[K\x1b[3D\x1b[1;32mok\b\x07");
    assert.equal(plain("\x1b[1;32mok\x1b[m"), "ok");
  });

  it("drops sequences that move, clear, set titles or ask for answers", () => {
    for (const sequence of [
      "\x1b[2J",
      "\x1b[H",
      "\x1b[6n",
      "\x1b[?1049h",
      "\x1b[5;1r",
      "\x1bc",
      "\x1b]0;title\x07",
    ]) {
      assert.equal(editing(`a${sequence}b`), "ab", JSON.stringify(sequence));
    }
    assert.equal(editing("a\x1bP1$qm\x1b\\b"), "ab");
  });

  it("an unterminated sequence hides one line at most", () => {
    assert.equal(editing("a\x1b]0;no end\r\nb"), "a\r\nb");
    assert.equal(editing(`a\x1b[${"1;".repeat(40)}b`).includes("b"), true);
    assert.equal(editing("a\x1b[12\nb"), "a\nb");
  });

  it("gives the same however the bytes are cut", () => {
    const text = Buffer.from("é\x1b[1;31mx\x1b]0;t\x07y\x1b[2Jz\r\n", "utf8");
    const whole = new SafeText("editing").push(text);
    const split = new SafeText("editing");
    assert.equal([...text].map((byte) => split.push(Uint8Array.of(byte))).join(""), whole);
  });
});

describe("a file name or a sentence", () => {
  it("is one line without anything a terminal obeys", () => {
    assert.equal(safeLine("boot\x1b[31m \x1b]0;title\x07log\r\n\t\x9b.txt"), "boot log.....txt");
    assert.equal(safeLine("Gerät-日本.log"), "Gerät-日本.log");
  });
});
