/**
 * Tests the project's boards: all are usable, and what is generated from them is what the other parts rely
 * on.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { FLASH_CHIPS } from "../../scripts/boards/check-flash.ts";
import { signalOnBoard } from "../../scripts/boards/check-signals.ts";
import {
  boardAssemblyScript,
  boardHeader,
  boardPinTable,
  listBoards,
  loadBoard,
  withGeneratedSection,
} from "../../scripts/boards.ts";
import { boardFolder, tableOf } from "./board-folder.ts";

const golden = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

test("the project has its three boards, and every board there is can be used", () => {
  const names = listBoards();
  for (const name of ["hatlet", "pico", "slot-hat"]) assert.ok(names.includes(name), name);
  for (const name of names) assert.equal(loadBoard(name).name, name);
});

test("slot-hat wires every signal of the contract but for rails it does not have", () => {
  const { signals, rails } = loadBoard("slot-hat");
  const wired = Object.keys(signals).map((name) => signalOnBoard(name, rails)?.name);
  const missing = contract.signals.map(({ name }) => name).filter((name) => !wired.includes(name));
  assert.deepEqual(missing, ["EN_RAIL_2", "EN_RAIL_3", "PG_RAIL_2", "PG_RAIL_3"]);
});

test("board.h of slot-hat, to the letter", () => {
  assert.equal(boardHeader(loadBoard("slot-hat")), golden("slot-hat.golden.h"));
});

test("board.h of every board compiles, and its macro has every signal once", () => {
  for (const name of listBoards()) {
    const board = loadBoard(name);
    const isOfContract = (signal: string) => signalOnBoard(signal, board.rails) !== undefined;
    const count = Object.keys(board.signals).filter(isOfContract).length;
    const uarts = Object.entries(board.signals).filter(([signal]) => signal.startsWith("UART"));
    const uartSum = uarts.reduce((sum, [, { gpio }]) => sum + gpio, 0);
    // The compiler takes it for the main file, where the pragma would cause a warning.
    const program = `${boardHeader(board).replace("#pragma once", "")}
      enum { IN, OUT, PUSH_PULL, OPEN_DRAIN, HIGH, LOW, NONE, UP, DOWN };
      #define MASK(name, gpio, direction, drive, active, pull) \\
        + (1u << gpio) + 0u * (direction + drive + active + pull)
      #define COUNT(name, gpio, direction, drive, active, pull) + 1
      enum { name_is_a_string = sizeof(BOARD_NAME) };
      _Static_assert((0 BOARD_SIGNALS(COUNT)) == ${count}, "signals");
      _Static_assert(((0 BOARD_SIGNALS(MASK)) & BOARD_UNUSED_GPIOS) == 0, "a used GPIO among the unused");
      _Static_assert(BOARD_FLASH_BYTES == ${board.flash.bytes}, "flash");
      _Static_assert(BOARD_UART0_TX_GPIO + BOARD_UART0_RX_GPIO + BOARD_UART1_TX_GPIO + BOARD_UART1_RX_GPIO
        == ${uartSum}, "UARTs");`;
    const compiler = spawnSync(
      "arm-none-eabi-gcc",
      ["-std=c11", "-Wall", "-Werror", "-fsyntax-only", "-xc", "-"],
      {
        input: program,
        encoding: "utf8",
      },
    );
    assert.equal(compiler.status, 0, compiler.stderr ?? String(compiler.error));
  }
});

test("a derived board says only what differs and inherits the rest", (context) => {
  const change = { signals: { LED_IDENTIFY: null, LED_STATUS: { gpio: 9 } }, timing: { run_delay_ms: 5 } };
  const folder = boardFolder(context, { mine: { extends: "slot-hat", name: "mine", ...change } });
  const base = loadBoard("slot-hat", folder);
  const board = loadBoard("mine", folder);
  assert.deepEqual(board.signals.LED_STATUS, { ...base.signals.LED_STATUS, gpio: 9 });
  assert.equal("LED_IDENTIFY" in board.signals, false);
  assert.deepEqual(board.timing, { ...base.timing, run_delay_ms: 5 });
  assert.deepEqual(board.rails, base.rails);
  assert.doesNotMatch(boardHeader(board), /LED_IDENTIFY/);
});

test("a board may extend one that extends another", (context) => {
  const folder = boardFolder(context, {
    middle: { extends: "slot-hat", name: "middle", rails: [{ name: "5V", nominal_mv: 5000 }] },
    last: { extends: "middle", name: "last", rails: [{ name: "5V", discharge_timeout_ms: 9 }] },
  });
  const rails = loadBoard("last", folder).rails;
  assert.deepEqual(
    rails.map(({ name, nominal_mv, discharge_timeout_ms }) => [name, nominal_mv, discharge_timeout_ms]),
    [
      ["3V3_AUX", 3300, 500],
      ["5V", 5000, 9],
    ],
  );
});

test("the resolved board has the shape of Board: nothing of absent sensors, no notes", () => {
  const pico = loadBoard("pico");
  assert.deepEqual(Object.keys(pico.sensors), ["VIN", "V5", "I5", "TEMPERATURE"]);
  assert.deepEqual(
    pico.rails.map(({ feeds_compute }) => feeds_compute),
    [false, true],
  );
  assert.equal(pico.rails[0]?.sensor, null);
  assert.equal(JSON.stringify(pico).includes('"note"'), false);
  assert.equal("extends" in pico || "$schema" in pico, false);
});

test("pico keeps off the pins the Pico itself has wired", () => {
  const { signals } = loadBoard("pico");
  const used = Object.values(signals).map(({ gpio }) => gpio);
  for (const gpio of [23, 24, 25, 29]) assert.equal(used.includes(gpio), false, `GPIO${gpio}`);
  assert.equal("V3V3_SENSE" in signals, false);
});

test("header pins of pico are those of the Pico's pinout", () => {
  // Pins 1 to 20 go down the left edge, 21 to 40 up the right edge. About every fifth pin is ground.
  const edge = [0, 1, null, 2, 3, 4, 5, null, 6, 7, 8, 9, null, 10, 11, 12, 13, null, 14, 15];
  const other = [16, 17, null, 18, 19, 20, 21, null, 22, null, 26, 27, null, 28];
  const pinout = [...edge, ...other];
  for (const [name, signal] of Object.entries(loadBoard("pico").signals)) {
    assert.equal(signal.connector, `header pin ${pinout.indexOf(signal.gpio) + 1}`, name);
  }
});

test("constants for the logic say where a sensor is absent", () => {
  const text = boardAssemblyScript(loadBoard("pico"));
  const names = tableOf("QUANTITY_NAME", text);
  assert.deepEqual(
    names,
    ["VIN", "V5", "", "I5", "P5", "TEMPERATURE", "", ""].map((name) => `"${name}"`),
  );
  assert.deepEqual(tableOf("QUANTITY_CHANNEL", text), ["0", "1", "-1", "2", "-1", "4", "-1", "-1"]);
  assert.deepEqual(tableOf("CHANNEL_QUANTITY", text), ["0", "1", "3", "-1", "5"]);
  assert.deepEqual(tableOf("RAIL_QUANTITY", text), ["-1", "1"]);
  assert.match(text, /^export const MEASURED: u32 = 0x3b;$/m);
  assert.match(text, /^export const BOARD_NAME: string = "pico";$/m);
});

test("rails of the logic's constants are in power-up order, as masks of the contract", () => {
  const text = boardAssemblyScript(loadBoard("slot-hat"));
  const bit = (name: string) => 1 << (contract.signals.find((signal) => signal.name === name)?.value ?? -1);
  const hex = (...names: string[]) => names.map((name) => `0x${bit(name).toString(16)}`).join(", ");
  assert.ok(text.includes('RAIL_NAME: StaticArray<string> = ["3V3_AUX", "5V"];'));
  assert.ok(text.includes(`RAIL_ENABLE: StaticArray<u32> = [${hex("EN_RAIL_0", "EN_RAIL_1")}];`));
  assert.ok(text.includes(`RAIL_POWER_GOOD: StaticArray<u32> = [${hex("PG_RAIL_0", "PG_RAIL_1")}];`));
});

test("the pin table has a row for every signal and every wired pin, by GPIO", () => {
  const rows = boardPinTable([loadBoard("pico")])
    .split("\n")
    .filter((line) => /^\| \d/.test(line));
  const gpios = rows.map((line) => Number(line.split("|")[1]));
  assert.deepEqual(
    gpios,
    [...gpios].sort((left, right) => left - right),
  );
  assert.equal(rows.length, 26 + 4);
  assert.ok(
    rows.includes("| 23 |  |  |  |  |  | not for signals: power-save mode of the Pico's regulator |"),
  );
  assert.ok(
    rows.includes(
      "| 8 | SMBALERT# | open drain | low | up (external) | header pin 11 | asks the SMBus controller for attention |",
    ),
  );
});

test("the generated section is replaced in place, and the prose around it kept", () => {
  const first = withGeneratedSection("# Boards\n\nProse.\n", "one");
  assert.match(first, /^# Boards\n\nProse\.\n\n<!-- begin generated.*-->\n\none\n<!-- end generated -->\n$/);
  const second = withGeneratedSection(`${first}\nAfter.\n`, "two");
  assert.match(second, /Prose\.\n\n<!-- begin.*-->\n\ntwo\n<!-- end generated -->\n\nAfter\.\n$/);
  assert.equal(withGeneratedSection(second, "two"), second);
});

test("every chip of the schema has a size that the schema allows, and no chip has none", () => {
  const schema = JSON.parse(readFileSync(new URL("../../boards/schema.json", import.meta.url), "utf8"));
  const { chip, bytes } = schema.properties.flash.properties;
  assert.deepEqual(Object.keys(FLASH_CHIPS), chip.enum);
  for (const size of Object.values(FLASH_CHIPS)) assert.ok(bytes.enum.includes(size), String(size));
});

test("a board without a start-up time of its crystal gets 1 ms, and another one its own", (context) => {
  const folder = boardFolder(context, {
    slow: { extends: "slot-hat", name: "slow", crystal_startup_ms: 64 },
  });
  assert.match(boardHeader(loadBoard("slot-hat")), /^#define BOARD_CRYSTAL_STARTUP_MS 1u$/m);
  assert.match(boardHeader(loadBoard("slow", folder)), /^#define BOARD_CRYSTAL_STARTUP_MS 64u$/m);
});
