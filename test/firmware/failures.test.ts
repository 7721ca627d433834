/**
 * Failures of the BMC itself. Whatever the cause, the firmware records it and restarts the logic, and the
 * compute board's power stays exactly as it was, without an edge on any of its pins. After three failures in
 * a row the BMC runs a minimal console, and the power still does not change.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { ENGINES } from "../../boards/image.ts";
import { build } from "../../scripts/build.ts";
import { Slot } from "../../simulator/slot/slot.ts";
import { readSymbols } from "../../simulator/tools/elf.ts";
import { Random } from "../support/logic.ts";
import {
  asserted,
  assertNoWarnings,
  buildDirectory,
  command,
  firmware,
  powerUp,
  startedSlot,
} from "../support/simulated-slot.ts";
import { busOf } from "./smbus/smbus-parked.ts";

/**
 * The same image with a logic that fails three seconds after a start, in the way that the slot straps select.
 */
const SABOTEUR = { wasm3: buildDirectory("saboteur-wasm3"), aot: buildDirectory("saboteur-aot") };

before(async () => {
  for (const [engine, out] of Object.entries(SABOTEUR)) {
    await build({ board: "slot-hat", engine, logic: "test/firmware/saboteur.ts", out, report: "nothing" });
  }
});

/** Address of one of the firmware's variables. */
function symbol(name: string): number {
  const address = readSymbols(readFileSync(`${buildDirectory()}/firmware.elf`)).get(name);
  assert.ok(address !== undefined, `the firmware has ${name}`);
  return address;
}

const WATCHDOG_CTRL = 0x4005_8000;
const WATCHDOG_TRIGGER = 0x8000_0000;
const POWER_PINS = ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN", "SHUTDOWN_REQ"];

/** Watches the pins that hold the compute board's power from now on. */
function powerEdges(slot: Slot): string[] {
  const edges: string[] = [];
  for (const name of POWER_PINS) {
    slot.signal(name)?.onChange((now) => edges.push(`${now ? "+" : "-"}${name} at ${slot.chip.nanos}`));
  }
  return edges;
}

function watchdogResets(slot: Slot): number {
  return slot.chip.resets.filter((reset) => reset.kind === "watchdog").length;
}

function assertPowerUntouched(slot: Slot, edges: readonly string[]): void {
  assert.deepEqual(edges, [], slot.describe());
  for (const name of ["EN_3V3_AUX", "EN_5V", "COMPUTE_RUN"]) assert.ok(asserted(slot, name), `${name} stays`);
  assert.ok(slot.compute.running, "the compute board runs on");
}

const SABOTAGES = [
  { strap: 1, what: "a logic that spins", shown: /reset {8}watchdog, the logic hung/ },
  { strap: 2, what: "unreachable", shown: /reset {8}trap in the logic \(unreachable\)/ },
  { strap: 3, what: "a store behind linear memory", shown: /reset {8}trap in the logic \(out of bounds\)/ },
  {
    strap: 4,
    what: "endless recursion",
    shown: /reset {8}(trap in the logic \(call stack exhausted\)|stack overflow)/,
  },
  { strap: 5, what: "a division by zero", shown: /reset {8}trap in the logic \(division\)/ },
  {
    strap: 6,
    what: "a bad block passed to the host",
    shown: /reset {8}trap in the logic \(bad import argument\)/,
  },
  {
    strap: 8,
    what: "a call of a missing table entry",
    shown: /reset {8}trap in the logic \(indirect call\)/,
  },
  { strap: 9, what: "a call with the wrong type", shown: /reset {8}trap in the logic \(indirect call\)/ },
  { strap: 10, what: "a failed assertion", shown: /reset {8}trap in the logic \(assertion failed\)/ },
  { strap: 11, what: "an integer overflow", shown: /reset {8}trap in the logic \(division\)/ },
  { strap: 7, what: "a native stack overflow", shown: /reset {8}stack overflow/ },
];

const ENGINE_SABOTAGES = ENGINES.flatMap((engine) => SABOTAGES.map((sabotage) => ({ ...sabotage, engine })));

for (const { strap, what, shown, engine } of ENGINE_SABOTAGES) {
  // Only an interpreter needs native stack for straight-line code.
  if (engine === "aot" && strap === 7) continue;
  test(`${what} restarts the logic and leaves the compute board alone (${engine})`, () => {
    const slot = startedSlot({ directory: SABOTEUR[engine], slotId: strap });
    powerUp(slot);
    const edges = powerEdges(slot);
    slot.expect("bmc> ", 100);
    slot.expect(/type help\r\n/, 6000);
    slot.expect(/power: on, as found after the restart\r\n/, 200);
    const status = command(slot, "status");
    assert.match(status, shown);
    assert.match(status, /1 restarts/);
    assert.match(status, /power {8}on/);
    assert.equal(watchdogResets(slot), 1);
    slot.runFor(5000);
    assert.equal(watchdogResets(slot), 1, "once, not in a loop");
    assertPowerUntouched(slot, edges);
  });
}

test("a HardFault in the host restarts it and leaves the compute board alone", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(1000);
  const edges = powerEdges(slot);
  crash(slot);
  slot.expect(/type help\r\n/, 3000);
  assert.match(command(slot, "status"), /reset {8}HardFault \(0x[0-9a-f]{8}\), 1 restarts/);
  assertPowerUntouched(slot, edges);
});

test("reboot restarts the BMC, keeps time going and the power as it is", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(2000);
  const edges = powerEdges(slot);
  slot.terminal.type("reboot --yes\r");
  slot.expect(/restarting the BMC/, 1000);
  slot.expect(/type help\r\n/, 2000);
  slot.expect(/power: on, as found after the restart/, 200);
  const uptime = command(slot, "uptime");
  const since = (key: string) => Number(new RegExp(`${key} +(\\d+\\.\\d+) s ago`).exec(uptime)?.[1]);
  assert.ok(since("power-on") > 2, uptime);
  assert.ok(since("BMC start") < 0.5, uptime);
  assert.match(command(slot, "status"), /reset {8}requested, 1 restarts/);
  assertPowerUntouched(slot, edges);
  assertNoWarnings(slot);
});

/** Causes a sudden HardFault, as a flipped bit in a return address does. */
function crash(slot: Slot): void {
  slot.chip.bus.core.waiting = false;
  slot.chip.bus.core.PC = 0x30000000;
}

test("a crash before the watchdog is set up restarts the chip as well", () => {
  // After power-on both WDSEL registers are 0 (datasheet 2.13.5, 2.14.3): a watchdog would reset nothing.
  for (const where of ["clocks_begin", "signals_adopt_outputs", "clocks_start"]) {
    const slot = new Slot({ directory: buildDirectory() });
    slot.powerOn();
    const at = symbol(where) & ~1;
    slot.chip.trace = (pc) => {
      if (pc !== at) return;
      delete slot.chip.trace;
      crash(slot);
    };
    slot.expect("bmc> ", 1000);
    assert.equal(watchdogResets(slot), 1, where);
    assert.match(command(slot, "status"), /reset {8}watchdog.*, 1 restarts/);
  }
});

test("a write into the stack's guard restarts the logic after the pass, before anything else is damaged", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(300);
  const guard = symbol("stack_bottom");
  for (const offset of [0, symbol("STACK_GUARD_BYTES") - 4]) {
    const edges = powerEdges(slot);
    slot.chip.bus.writeUint32(guard + offset, 0x12345678);
    slot.expect(/type help\r\n/, 200);
    slot.expect("bmc> ", 200);
    assert.match(command(slot, "status"), /reset {8}stack overflow/);
    assertPowerUntouched(slot, edges);
  }
});

test("a restart on the way down does not stop the way down, and the retry comes as without it", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.supplies["5V"]?.trip();
  slot.runUntil(() => !asserted(slot, "EN_5V"), 1000, "EN_5V to go low");
  crash(slot);
  const edges = powerEdges(slot);
  slot.expect(/type help\r\n/, 1000);
  slot.expect(/as found after the restart/, 200);
  slot.runFor(950);
  assert.ok(!edges.some((edge) => edge.startsWith("+")), `nothing comes up before its time: ${edges}`);
  assert.match(command(slot, "status"), /power {8}off, to be tried again.*fault {8}5V power-good lost/s);
  slot.expect(/coming up, tried again \(1\)/, 1000);
});

test("a latched fault stays latched over restarts", () => {
  const slot = startedSlot({ fault: "pg-5v-never" });
  slot.terminal.type("power on\r");
  slot.expect(/power: off, latched/, 60_000);
  slot.terminal.type("reboot --yes\r");
  slot.expect(/power: off \(fault\), as found after the restart/, 1000);
  assert.match(command(slot, "status"), /power {8}off \(fault\).*fault {8}5V power-good did not come/s);
  assert.match(command(slot, "power on"), /error: a fault is latched/);
});

test("a rail that fails while the BMC restarts is reported afterwards, however short the failure", () => {
  // A glitch in the boot ROM, one while the engine loads, and one that lasts through all of it.
  for (const [afterMs, us] of [
    [0.2, 50],
    [20, 100],
    [20, 40_000],
  ] as const) {
    const slot = startedSlot();
    powerUp(slot);
    crash(slot);
    slot.runFor(afterMs);
    slot.supplies["5V"]?.glitchPowerGood(us);
    slot.expect(/power: fault: 5V power-good lost/, 1000);
    slot.expect(/power: off, to be tried again/, 2000);
    assert.equal(asserted(slot, "COMPUTE_RUN"), false);
  }
});

test("restarts at random moments leave no edge on any power pin (seed printed on failure)", () => {
  const seed = 21;
  const random = new Random(seed);
  const lines = [
    "power on",
    "power off --yes",
    "power reset --yes",
    "power cycle --yes",
    "power force-off --yes",
  ];
  let slot = startedSlot({ seed });
  for (let restart = 1; restart <= 60; restart++) {
    // Three failures in a row would lead to the minimal state. A new slot starts with none.
    if (restart % 2 === 1) {
      slot = startedSlot({ seed });
      slot.terminal.type("power on\r");
    }
    slot.runFor(random.below(3) === 0 ? random.below(5000) : random.below(120));
    slot.terminal.type(`${lines[random.below(lines.length)]}\r`);
    slot.runFor(random.below(60) + random.below(1000) / 1000);
    crash(slot);
    const edges = powerEdges(slot);
    slot.expect(/type help\r\n/, 1000);
    assert.deepEqual(edges, [], `restart ${restart}, seed ${seed}\n${slot.describe()}`);
  }
});

test("a power-good glitch of microseconds switches off and is reported", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runFor(500);
  slot.supplies["3V3_AUX"]?.glitchPowerGood(2);
  slot.expect(/power: fault: 3V3_AUX power-good lost/, 500);
});

test("an OS that halts while the BMC restarts is switched off, and a glitch on HALTED has no effect", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.runUntil(() => slot.compute.loginPromptReached, 60_000, "the log-in prompt");
  const halted = slot.signal("HALTED");
  assert.ok(halted);
  // The test drives the net under the compute board's name, because two drivers of one net would conflict.
  halted.drive("compute board", true);
  slot.runFor(1);
  halted.drive("compute board", false);
  slot.runFor(100);
  assert.ok(asserted(slot, "EN_5V"));
  crash(slot);
  slot.runFor(20);
  halted.drive("compute board", true);
  slot.expect(/power: halted, going down/, 3000);
});

test("time goes on over a hang, by the watchdog's period", () => {
  const slot = startedSlot({ directory: SABOTEUR.wasm3, slotId: 1 });
  const uptime = () => Number(/power-on +(\d+\.\d+) s ago/.exec(command(slot, "uptime"))?.[1]);
  const before = uptime() - slot.chip.nanos / 1e9;
  slot.expect(/type help\r\n/, 6000);
  slot.expect("bmc> ", 100);
  const lost = before - (uptime() - slot.chip.nanos / 1e9);
  // The time from the watchdog's reset to the timer's start is not counted: boot ROM and start-up.
  assert.ok(lost >= 0 && lost < 0.1, `${lost} s lost`);
});

test("a retained record with a wrong checksum is not used, and neither is such a copy", () => {
  const spoilt = (names: readonly string[]) => {
    const slot = startedSlot();
    command(slot, "reboot --yes");
    slot.expect("bmc> ", 1000);
    crash(slot);
    slot.runUntil(() => watchdogResets(slot) === 2, 100, "the restart");
    for (const name of names) {
      const address = symbol(name) + 12;
      slot.chip.bus.writeUint32(address, slot.chip.bus.readUint32(address) ^ 0x40);
    }
    slot.expect(/type help\r\n/, 1000);
    return command(slot, "status");
  };
  assert.match(spoilt(["retained", "retained_copy"]), /reset {8}watchdog, the logic hung, 1 restarts/);
  assert.match(spoilt(["retained_copy"]), /reset {8}HardFault.*, 2 restarts/);
  // The copy also has what the HardFault recorded.
  assert.match(spoilt(["retained"]), /reset {8}HardFault.*, 2 restarts/);
});

test("a watchdog reset at any instruction that changes the retained record loses none of it", () => {
  const entry = symbol("host_retained_write");
  let instructions = 0;
  let isThrough = false;
  while (!isThrough) {
    const slot = startedSlot();
    slot.terminal.type("power on\r");
    slot.runUntil(() => asserted(slot, "EN_3V3_AUX"), 100, "the first rail");
    const edges: string[] = [];
    slot.signal("EN_3V3_AUX")?.onChange((now) => edges.push(`EN_3V3_AUX ${now}`));
    let since = -1;
    let caller = 0;
    slot.chip.trace = (pc) => {
      if (since < 0 && pc !== entry) return;
      if (since < 0) caller = busOf(slot).cpu.registers[14] as number;
      isThrough = (pc | 1) === (caller | 1);
      if (++since !== instructions && !isThrough) return;
      delete slot.chip.trace;
      slot.chip.bus.writeUint32(WATCHDOG_CTRL, WATCHDOG_TRIGGER);
    };
    slot.runUntil(() => watchdogResets(slot) === 1, 100, "the reset");
    slot.expect(/power: on\r\n/, 500);
    assert.deepEqual(edges, [], `after ${instructions} instructions`);
    instructions += 7; // a prime, so that the resets meet every part of its loops
  }
  assert.ok(instructions > 100, `${instructions} instructions`);
});

test("failures with a minute of good running between them do not add up", () => {
  const slot = startedSlot();
  for (let failure = 0; failure < 5; failure++) {
    crash(slot);
    slot.expect(/type help\r\n/, 1000);
    slot.expect("bmc> ", 100);
    if (failure % 2 === 1) slot.runFor(61_000);
  }
  assert.match(command(slot, "status"), /5 restarts/);
});

test("the reset button restarts the BMC with its outputs off: no other reset changes the power", () => {
  const slot = startedSlot();
  powerUp(slot);
  slot.chip.pressRun();
  slot.expect(/type help\r\n/, 1000);
  assert.match(command(slot, "status"), /power {8}off.*reset {8}reset button, 0 restarts/s);
});

for (const { strap, engine } of ENGINES.flatMap((engine) => [14, 15].map((strap) => ({ strap, engine })))) {
  test(`a failure in every life ends in a minimal console that answers (strap ${strap}, ${engine})`, () => {
    const slot = startedSlot({ directory: SABOTEUR[engine], slotId: strap });
    powerUp(slot);
    const edges = powerEdges(slot);
    slot.runUntil(() => watchdogResets(slot) === 3, 20_000, "three restarts");
    slot.runFor(10_000);
    assert.equal(watchdogResets(slot), 3, "and no more");
    slot.terminal.type("\rstatus\r");
    slot.expect(strap === 14 ? /hung/i : /unreachable/i, 1000);
    slot.terminal.type("nonsense\r");
    slot.expect(/help/i, 1000);
    assertPowerUntouched(slot, edges);
    slot.terminal.type("retry\r");
    slot.expect(/type help\r\n/, 1000);
    assertPowerUntouched(slot, edges);
  });
}

test("the minimal console switches the slot off, and it stays off", () => {
  const slot = startedSlot({ directory: SABOTEUR.aot, slotId: 15 });
  powerUp(slot);
  slot.runUntil(() => watchdogResets(slot) === 3, 20_000, "three restarts");
  slot.expect("minimal> ", 1000);
  const edges = powerEdges(slot);
  slot.terminal.type("power force-off\r");
  slot.expect("power force-off --yes", 1000);
  assert.equal(edges.length, 0);
  slot.terminal.type("power force-off --yes\r");
  slot.expect("the slot is off\r\n", 2000);
  assert.deepEqual(
    edges.map((edge) => edge.split(" ")[0]),
    ["-COMPUTE_RUN", "-EN_5V", "-EN_3V3_AUX"],
  );
  assert.equal(slot.compute.running, false);
  slot.terminal.type("status\r");
  slot.expect("failures  3 in a row", 1000);
  slot.terminal.type("retry\r");
  slot.expect(/type help\r\n/, 1000);
  slot.runFor(2500);
  assert.equal(edges.length, 3, "it does not come up again");
});

// Compiled by wasm3 or translated, the logic lies in flash in full, and a byte in its middle certainly
// belongs to it.
const LOGIC_IN_FLASH = { wasm3: "snapshot_start", aot: "logic_begin" };

for (const engine of ENGINES) {
  test(`a damaged logic never runs: the BMC has a minimal console and its outputs off (${engine})`, () => {
    const directory = buildDirectory(`slot-hat-${engine}`);
    const begin = readSymbols(readFileSync(`${directory}/firmware.elf`)).get(LOGIC_IN_FLASH[engine]);
    const offset = (begin ?? 0) + 20_000 - 0x1000_0000;
    const image = Uint8Array.from(firmware(`slot-hat-${engine}`));
    // A UF2 block is 512 bytes and carries 256.
    const changed = Math.floor(offset / 256) * 512 + 32 + (offset % 256);
    image[changed] = (image[changed] ?? 0) ^ 0x10;
    const slot = startedSlotWithout(directory, image);
    slot.expect(/logic in flash is damaged: its checksum is wrong/, 1000);
    slot.terminal.type("\rstatus\r");
    slot.expect(/logic in flash is damaged: its checksum is wrong/, 1000);
    for (const name of POWER_PINS) assert.equal(asserted(slot, name), false, name);
  });
}

/** A started slot whose logic prints no prompt to wait for. */
function startedSlotWithout(directory: string, image: Uint8Array): Slot {
  const slot = new Slot({ directory, image });
  slot.powerOn();
  return slot;
}
