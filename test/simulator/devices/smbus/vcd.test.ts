/** SMBus messages in a VCD file, read back by sigrok's I2C decoder, which shares no code with the project. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pecOf } from "../../../../simulator/devices/smbus/pec.ts";
import {
  quick,
  readBlock,
  readWord,
  writeBlock,
  writeWord,
} from "../../../../simulator/devices/smbus/protocols.ts";
import { VcdWriter } from "../../../../simulator/tools/vcd.ts";
import { ADDRESS, smbusBench } from "./bench.ts";

const folder = mkdtempSync(join(tmpdir(), "racklet-smbus-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const hex = (byte: number) => byte.toString(16).toUpperCase().padStart(2, "0");
const write = (...bytes: number[]) => bytes.flatMap((byte) => [`Data write: ${hex(byte)}`, "ACK"]);
const read = (...bytes: number[]) =>
  bytes.flatMap((byte, index) => [`Data read: ${hex(byte)}`, index < bytes.length - 1 ? "ACK" : "NACK"]);
const to = (address: number, way: "write" | "read") => [
  way === "write" ? "Write" : "Read",
  `Address ${way}: ${hex(address)}`,
];

describe("SMBus in a VCD file", () => {
  for (const [hz, downsample] of [
    [100_000, 100],
    [1_000_000, 20],
  ] as const) {
    it(`an independent decoder reads the same messages at ${hz / 1000} kHz`, (context) => {
      if (spawnSync("sigrok-cli", ["--version"]).status !== 0) {
        context.skip("sigrok-cli is not installed");
        return;
      }
      const bench = smbusBench({ hz, stretchNanos: 4000 });
      const { clock, transfer } = bench;
      const path = join(folder, `${hz}.vcd`);
      const vcd = new VcdWriter(path);
      for (const [name, net] of [
        ["I2C1_SDA", bench.sda],
        ["I2C1_SCL", bench.scl],
      ] as const) {
        const wire = vcd.wire(name, true);
        net.onChange((level) => vcd.change(wire, clock.nanos, level));
      }
      clock.runFor(0.1);
      const word = { address: ADDRESS, command: 0x41, pec: true };
      const block = { address: ADDRESS, command: 0x81, pec: false };
      assert.equal(transfer(writeWord(word, 0x1234)).kind, "ok");
      assert.equal(transfer(readWord(word)).kind, "ok");
      assert.equal(transfer(writeBlock(block, Uint8Array.of(0, 0xff, 0x55))).kind, "ok");
      assert.equal(transfer(readBlock(block)).kind, "ok");
      assert.equal(transfer(quick(0x10, "write")).kind, "nack");
      clock.runFor(0.1);
      vcd.change(vcd.wire("END", false), clock.nanos, true);
      vcd.close();

      const [w, r] = [ADDRESS << 1, (ADDRESS << 1) | 1];
      const expected = [
        ["Start", ...to(ADDRESS, "write"), "ACK"],
        [...write(0x41, 0x34, 0x12, pecOf([w, 0x41, 0x34, 0x12])), "Stop"],
        ["Start", ...to(ADDRESS, "write"), "ACK", ...write(0x41)],
        ["Start repeat", ...to(ADDRESS, "read"), "ACK"],
        [...read(0x34, 0x12, pecOf([w, 0x41, r, 0x34, 0x12])), "Stop"],
        ["Start", ...to(ADDRESS, "write"), "ACK", ...write(0x81, 3, 0, 0xff, 0x55), "Stop"],
        ["Start", ...to(ADDRESS, "write"), "ACK", ...write(0x81)],
        ["Start repeat", ...to(ADDRESS, "read"), "ACK", ...read(3, 0, 0xff, 0x55), "Stop"],
        ["Start", ...to(0x10, "write"), "NACK", "Stop"],
      ].flat();
      const decoder = ["-P", "i2c:scl=I2C1_SCL:sda=I2C1_SDA", "-A", "i2c=addr-data"];
      const result = spawnSync("sigrok-cli", ["-i", path, "-I", `vcd:downsample=${downsample}`, ...decoder], {
        encoding: "utf8",
      });
      const seen = result.stdout
        .trim()
        .split("\n")
        .map((line) => line.replace(/^i2c-\d+: /, ""));
      assert.deepEqual(seen, expected, result.stderr);
    });
  }
});
