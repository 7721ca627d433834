/** Names that are like none: no hint at an unrelated name, but the way to those that there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLine } from "../../../cli/smbus/commands.ts";
import { parseCommandLine } from "../../../cli/smbus/options.ts";

const UNRELATED = {
  frobnicate: "unknown command frobnicate; known: scan, get, set, ",
  "power explode": "unknown power command explode; known: on, off, force-off, cycle, reset",
  "get FROBNICATE": "unknown name FROBNICATE; docs/smbus.md has all of them",
  "set MFR_IDENTIFY blinking": "MFR_IDENTIFY knows no blinking; known: OFF, ON",
};

for (const [line, message] of Object.entries(UNRELATED)) {
  test(line, () => {
    const complains = (error: Error) =>
      error.message.startsWith(message) && !/did you mean/.test(error.message);
    assert.throws(() => parseLine(line.split(" ")), complains);
  });
}

test("a part of a PMBus name stands for the shortest name with it", () => {
  assert.throws(() => parseLine(["get", "VIN"]), /did you mean READ_VIN\?$/);
  assert.throws(() => parseLine(["get", "iout"]), /did you mean READ_IOUT\?$/);
});

test("--frobnicate", () => {
  const message = "unknown option --frobnicate; see npm run smbus -- --help";
  assert.throws(() => parseCommandLine(["--frobnicate"]), { message });
});
