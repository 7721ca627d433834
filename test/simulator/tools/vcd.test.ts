/** The VCD writer: header, order of events, serial frames, and files that cannot be written. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { VcdError, VcdWriter } from "../../../simulator/tools/vcd.ts";

const BIT_NANOS = 1e9 / 115200;
const folder = mkdtempSync(join(tmpdir(), "racklet-vcd-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, write: (vcd: VcdWriter) => void): { path: string; text: string } {
  const path = join(folder, name);
  const vcd = new VcdWriter(path);
  write(vcd);
  vcd.close();
  return { path, text: readFileSync(path, "latin1") };
}

/** [tick, value and identifier] of every change after the initial values. */
function changes(text: string): [number, string][] {
  const list: [number, string][] = [];
  let tick = 0;
  for (const line of text.slice(text.lastIndexOf("$end\n") + 5).split("\n")) {
    if (line.startsWith("#")) tick = Number(line.slice(1));
    else if (line !== "") list.push([tick, line]);
  }
  return list;
}

describe("VCD writer", () => {
  it("reports a failed write once, and closing after that throws nothing", () => {
    const vcd = new VcdWriter("/dev/full");
    const wire = vcd.wire("EN_5V", false);
    vcd.change(wire, 10, true);
    const failed = (message: string) => (error: unknown) =>
      error instanceof VcdError && error.message === message;
    assert.throws(
      () => vcd.close(),
      failed("cannot write the VCD file /dev/full: no space is left on the device"),
    );
    vcd.change(wire, 20, false);
    vcd.close();
    assert.throws(
      () => new VcdWriter(folder),
      failed(`cannot write the VCD file ${folder}: that is a folder`),
    );
  });

  it("declares wires and reals at 1 ns, with initial values", () => {
    const { text } = written("header.vcd", (vcd) => {
      vcd.wire("EN_5V", true);
      vcd.real("5V_mV", 0);
    });
    assert.match(text, /\$timescale 1 ns \$end/);
    assert.match(text, /\$var wire 1 ! EN_5V \$end\n\$var real 64 " 5V_mV \$end/);
    assert.match(text, /#0\n\$dumpvars\n1!\nr0 "\n\$end\n$/);
  });

  it("sorts events that come a little late and leaves out those that change nothing", () => {
    const { text } = written("order.vcd", (vcd) => {
      const a = vcd.wire("a", false);
      const v = vcd.real("v", 1.5);
      vcd.change(a, 3000, true);
      vcd.change(v, 1000, 2.5);
      vcd.change(a, 2000, false);
      vcd.change(v, 4000, 2.5);
    });
    assert.deepEqual(changes(text), [
      [1000, 'r2.5 "'],
      [3000, "1!"],
    ]);
  });

  it("writes a frame bit by bit: start, lowest bit first, stop", () => {
    const { text } = written("frame.vcd", (vcd) => {
      vcd.frame(vcd.wire("TX", true), 1000, 100, { byte: 0b0000_0110 });
    });
    assert.deepEqual(changes(text), [
      [1000, "0!"],
      [1200, "1!"],
      [1400, "0!"],
      [1900, "1!"],
    ]);
  });

  it("shows a break as a line held low, and a missing stop bit", () => {
    const { text } = written("break.vcd", (vcd) => {
      const line = vcd.wire("RX", true);
      vcd.frame(line, 0, 100, { byte: 0, break: true });
      vcd.frame(line, 2000, 100, { byte: 0xff, framingError: true });
    });
    assert.deepEqual(changes(text), [
      [0, "0!"],
      [1000, "1!"],
      [2000, "0!"],
      [2100, "1!"],
      [2900, "0!"],
      [3000, "1!"],
    ]);
  });

  it("ticks never run backwards, however many events there are", () => {
    const { text } = written("many.vcd", (vcd) => {
      const wires = Array.from({ length: 120 }, (_, index) => vcd.wire(`w${index}`, false));
      for (let event = 0; event < 20_000; event++) {
        const wire = wires[event % wires.length];
        if (wire) vcd.change(wire, event * 1000 - (event % 7) * 5000, (event / wires.length) % 2 < 1);
      }
    });
    const ticks = changes(text).map(([tick]) => tick);
    assert.ok(ticks.length > 10_000);
    assert.ok(ticks.every((tick, index) => index === 0 || tick >= (ticks[index - 1] ?? 0)));
    const identifiers = [...text.matchAll(/\$var wire 1 (\S+) /g)].map((match) => match[1]);
    assert.equal(new Set(identifiers).size, 120);
  });

  it("an independent decoder reads the text on a serial line", (context) => {
    if (spawnSync("sigrok-cli", ["--version"]).status !== 0) {
      context.skip("sigrok-cli is not installed");
      return;
    }
    const message = "racklet-bmc 0.1.0 on slot-hat, type help\r\n";
    const { path } = written("uart.vcd", (vcd) => {
      const line = vcd.wire("UART1_TX", true);
      const rail = vcd.real("5V_mV", 0);
      for (const [index, character] of [...message].entries()) {
        const startNanos = 1e6 + index * 10 * BIT_NANOS;
        vcd.frame(line, startNanos, BIT_NANOS, { byte: character.charCodeAt(0) });
        vcd.change(rail, startNanos + 100, 5000 + index);
      }
      vcd.change(rail, 1e7, 0);
    });
    const decoder = "uart:rx=UART1_TX:baudrate=115200:format=ascii";
    const result = spawnSync(
      "sigrok-cli",
      ["-i", path, "-I", "vcd:downsample=100", "-P", decoder, "-A", "uart=rx-data"],
      { encoding: "utf8" },
    );
    const text = result.stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^uart-\d+: /, ""))
      .map((value) =>
        value.replace(/^\[([0-9A-F]{2})\]$/, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      )
      .join("");
    assert.equal(text, message, result.stderr);
  });
});
