/** How a boot ended that brought no log-in prompt, as the last bytes of its log show. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeEnd, panicBehind } from "../../../simulator/start/boot-end.ts";

const end = (log: string) => describeEnd(Buffer.from(log, "latin1"));

describe("the end of a boot", () => {
  const KERNEL = "[    0.000000] Linux version 6.1.0\r\n";
  for (const [name, log, expected] of [
    [
      "a shell of Debian's initramfs",
      "ALERT!\r\nDropping to a shell!\r\n\r\n(initramfs) \x1b[6n",
      /initramfs/,
    ],
    ["a shell of dracut", `${KERNEL}Entering emergency mode.\r\ndracut:/# `, /initramfs/],
    [
      "emergency mode",
      "You are in emergency mode. After logging in, type\r\nPress Enter to continue.",
      /emergency mode; its last line is "Press Enter to continue\."/,
    ],
    [
      "a shell without a log-in",
      "Welcome to Buildroot\r\n# ",
      /shell without a log-in; its last line is "#"/,
    ],
    ["the prompt of U-Boot", "## Error: no boot device\r\n=> ", /prompt of the boot loader/],
    ["the prompt of GRUB", "error: no such device\r\ngrub rescue> ", /prompt of the boot loader/],
    ["an empty card slot", "Boot mode: SD (00)\nInsert SD-CARD\n", /nothing to boot/],
    [
      "a panic",
      `${KERNEL}Kernel panic - not syncing: VFS\r\nCall trace:\r\n x+1\r\n`,
      /panicked: "Kernel panic/,
    ],
    ["a text that nothing here knows", "hello\r\nworld\r\n\r\n", /^its last line is "world"$/],
    ["unreadable bytes", "\xff\x00\x80\r\n", /no readable line/],
    ["nothing", "", /printed nothing/],
  ] as const) {
    it(`${name} is named`, () => {
      assert.match(end(log), expected);
    });
  }

  it("cuts a long line, and lets no control character through", () => {
    assert.match(end(`${"x".repeat(500)}`), /^its last line is "x{60}\.\.\."$/);
    assert.match(end("a\x07b\x1b]0;title\x07c"), /^[ -~]+$/);
  });

  it("a panic counts behind the log-in prompt only", () => {
    const log = Buffer.from("Kernel panic - not syncing: A\nslot login: \nKernel panic - not syncing: B\n");
    const prompt = log.indexOf("login: ") + 7;
    assert.equal(panicBehind(log, prompt), '"Kernel panic - not syncing: B"');
    assert.equal(panicBehind(log.subarray(0, prompt), prompt), null);
  });

  it("of two panics the last is named, because a board restarts after one", () => {
    const log =
      "Kernel panic - not syncing: first\r\nLinux version 6\r\nKernel panic - not syncing: second\r\n";
    assert.match(end(log), /not syncing: second/);
    assert.match(panicBehind(Buffer.from(log), 0) ?? "", /not syncing: second/);
  });
});
