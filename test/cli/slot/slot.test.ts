/**
 * A served slot on the command lines: `npm run slot` and `npm run smbus -- --served`, as processes on one
 * slot that keeps what each of them did.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseCommand } from "../../../cli/slot/commands.ts";
import { parseCommandLine } from "../../../cli/smbus/options.ts";
import { UsageError } from "../../../cli/usage-error.ts";
import { command, type Served, serveAt, socketFolder } from "../../support/served-slot.ts";

const home = socketFolder();
const path = join(home.folder, "s");
let served: Served;
before(async () => {
  served = await serveAt(path);
});
after(async () => {
  await served.end();
  home.remove();
});

const slot = (...args: string[]) => command("slot", `--served=${path}`, ...args);
const smbus = (...args: string[]) => command("smbus", `--served=${path}`, ...args);

test("one slot, many commands: a fault is injected, seen on the bus, taken back, and cleared", async () => {
  const on = await smbus("power", "on", "then", "wait", "1.5", "then", "status");
  assert.match(on.out, /^power on {2}asked for\npower +ON\n/, on.complaints);
  const injected = await slot("fault", "short-5v");
  assert.equal(
    injected.out,
    "short-5v: the supply 5V is shorted\ntake it back with: fault clear short-5v\n",
    injected.complaints,
  );
  assert.match(
    (await slot("fault", "temperature-sensor-open")).out,
    /^temperature-sensor-open: the TEMPERATURE sensor/,
  );
  const fault = await smbus("wait", "0.5", "then", "fault", "--json");
  // The slot runs on between two commands: it may have tried again already, into the same short.
  assert.match(JSON.parse(fault.out).fault.reason, /^(OVER_CURRENT|POWER_GOOD_TIMEOUT)$/, fault.out);
  assert.match(
    (await slot("fault")).out,
    /^\* short-5v +the supply 5V is shorted\n[\s\S]*\nin force \(\*\): short-5v, temp/m,
  );
  assert.equal((await slot("fault", "clear", "all")).out, "taken back: short-5v, temperature-sensor-open\n");
  // If it has given up meanwhile, the fault is latched.
  const clear = ["console", "fault clear", "then", "console", "power on"];
  const again = await smbus(...clear, "then", "wait", "3", "then", "status", "then", "console", "power");
  assert.match(again.out, /^power +ON\n/m, again.complaints);
  assert.match(again.out, /over-current \(fault\)[\s\S]*on: released from reset/);
  assert.match(
    served.output(),
    /\d s {2}fault short-5v: the supply 5V is shorted\n[\s\S]* fault short-5v taken back\n/,
  );
});

test("what the served slot refuses is one sentence and status 1, a slip status 2", async () => {
  const refused = async (args: string[], status: number, complaint: RegExp) => {
    const found = await slot(...args);
    assert.equal(found.status, status, found.complaints);
    assert.match(found.complaints, complaint);
    assert.equal(found.out, "");
  };
  await refused(
    ["fault", "shrt-5v"],
    1,
    /^error: unknown fault "shrt-5v"; known faults: .*; did you mean short-5v\?\n$/,
  );
  await refused(
    ["bord", "pull"],
    2,
    /^error: unknown command bord; did you mean board\? \(a served slot is named with --served=NAME\)\n$/,
  );
  const slip = await command("slot", "--served", "rack", "status");
  assert.match(
    slip.complaints,
    /^error: unknown command rack; see npm run slot -- --help \(a served slot is named with --served=NAME\)\n$/,
  );
  const named = await command("smbus", "--served", "rack", "status");
  assert.equal(named.status, 2);
  assert.match(
    named.complaints,
    /^error: unknown command rack; did you mean trace\? \(a served slot is named with --served=rack\)\n$/,
  );
  const nowhere = await command("smbus", `--served=${path}x`, "status");
  assert.equal(nowhere.status, 2);
  assert.match(
    nowhere.complaints,
    /^error: no slot is served as .*\/sx in .*\/sx; to serve one: npm start -- --serve .*\/sx\n$/,
  );
  const unattached = await command("start", "--attach", path);
  assert.notEqual(unattached.status, 0);
  assert.match(unattached.complaints, /^error: --attach needs a terminal; a program connects to the socket/m);
});

test("the command lines are checked before anything is asked", () => {
  const refused = (line: string, message: RegExp) =>
    assert.throws(
      () => parseCommand(line.split(" "), false),
      (error) => error instanceof UsageError && message.test(error.message),
      line,
    );
  refused("board", /^a word is missing: board pull or board plug$/);
  refused("board push", /^unknown word push: board pull or board plug$/);
  refused("board pull now", /^"now" is too much: board pull is complete without it$/);
  refused("supply", /^a number is missing: a number from 0 to 26 is needed, .* such as supply 6\.5$/);
  refused("supply 27", /^supply 27: a number from 0 to 26/);
  refused("supply -1", /^supply -1: a number from 0 to 26/);
  refused("load 1.2345", /^load 1\.2345: a number from 0 to 20/);
  refused("load much", /^load much: a number/);
  refused("wait 1e3", /^wait 1e3: a number from 0 to 3600/);
  refused("fault clear", /^a name is missing: fault clear NAME, or fault clear all$/);
  refused("fault a b", /^"b" is too much: fault a is complete without it$/);
  refused("bmc off", /^unknown word off: bmc reset or bmc power-cycle$/);
  refused("status now", /^"now" is too much/);
  refused("__proto__", /^unknown command/);
  assert.throws(
    () => parseCommand(["stop"], true),
    /^Error: stop has no answer in JSON; status, fault alone and list/,
  );
});

test("smbus --served takes no option of a slot that starts", () => {
  assert.equal(parseCommandLine(["--served", "status"]).served, "");
  assert.deepEqual(parseCommandLine(["--served", "status"]).rest, ["status"]);
  assert.equal(parseCommandLine(["--served=rack", "status"]).served, "rack");
  assert.equal(parseCommandLine(["status"]).served, null);
  const refused = (line: string, message: RegExp) =>
    assert.throws(() => parseCommandLine(line.split(" ")), message, line);
  refused(
    "--served --fault short-5v status",
    /^Error: --fault is for a slot that starts, and --served talks to one/,
  );
  refused("--served --bus 1 status", /^Error: --bus is for a real slot, and --served for a simulated one/);
});

test("stop ends the served slot, and a command that comes after it says so", async () => {
  assert.equal((await slot("stop")).out, "the served slot ends\n");
  const late = await slot("status");
  assert.equal(late.status, 2);
  assert.match(late.complaints, /^error: no slot is served as /);
});
