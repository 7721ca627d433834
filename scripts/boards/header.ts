/** Generates board.h, which gives the host its pins. The build writes it beside each image. */
import type { Board, BoardSignal, PinFunction } from "../../boards/board.ts";
import { pagesOfRails, quantityOf } from "../../boards/quantities.ts";
import { contractName, signalOnBoard } from "./check-signals.ts";
import { GPIO_COUNT } from "./pins.ts";

/** The number of a line that the board does not connect: the first that is not a bit of a GPIO mask. */
const NO_GPIO = 32;
/** The first number that is not a channel of the converter. */
const NO_CHANNEL = 5;

const I2C_FUNCTIONS: readonly PinFunction[] = ["i2c0_sda", "i2c0_scl", "i2c1_sda", "i2c1_scl"];

/**
 * Returns the C header of a board: name, crystal, flash, contract signals as an X macro, serial pins, ADC
 * mask.
 */
export function boardHeader(board: Board): string {
  const signals = Object.entries(board.signals);
  const pages = pagesOfRails(board.rails);
  const railsOfPages = pages.map((_, page) => pages.indexOf(page));
  const rows = signals
    .flatMap(([name, wiring]) => {
      const signal = signalOnBoard(name, board.rails);
      return signal === undefined ? [] : [{ signal, wiring }];
    })
    .sort((left, right) => left.signal.value - right.signal.value)
    .map(({ signal, wiring }) => `  X(${macroRow(signal.name, wiring).join(", ")})`);
  const uarts = signals
    .filter(([, signal]) => signal.function.startsWith("uart"))
    .sort(([, left], [, right]) => left.gpio - right.gpio)
    .map(([, signal]) => gpioMacro(signal.function.toUpperCase(), signal.gpio));
  return [
    `// Generated from boards/${board.name}.json by \`npm run build\`. Do not edit.`,
    "#pragma once",
    "",
    `#define BOARD_NAME "${board.name}"`,
    `#define BOARD_CRYSTAL_HZ ${board.crystal_hz}u`,
    `#define BOARD_CRYSTAL_STARTUP_MS ${board.crystal_startup_ms}u`,
    `#define BOARD_FLASH_BYTES ${board.flash.bytes}u`,
    "",
    "// X(signal, GPIO, direction, drive, active level, pull of the RP2040)",
    "// The drive of an input has no meaning.",
    "#define BOARD_SIGNALS(X) \\",
    rows.join(" \\\n"),
    "",
    ...uarts,
    "",
    `// ${NO_GPIO} is not a GPIO: the board does not connect the line.`,
    ...I2C_FUNCTIONS.map((name) => gpioMacro(name.toUpperCase(), gpioOfFunction(board, name))),
    gpioMacro("SMBALERT", gpioOfSignal(board, "SMBALERT")),
    "",
    "// 0: the board has none, and the host does not start I2C0.",
    `#define BOARD_HAS_POWER_MONITOR ${board.power_monitor === null ? 0 : 1}`,
    "",
    `// Channel 4 is the temperature sensor in the RP2040; ${NO_CHANNEL}: not measured.`,
    `#define BOARD_ADC_CHANNELS 0x${adcChannels(board).toString(16)}u`,
    "// Each rail is a page of the SMBus target.",
    `#define BOARD_RAILS ${board.rails.length}u`,
    `#define BOARD_PAGE_RAILS {${railsOfPages.join(", ")}}`,
    `#define BOARD_PAGE_NAMES {${railsOfPages.map((rail) => `"${board.rails[rail]?.name}"`).join(", ")}}`,
    "",
    "// What the minimal state reports on the SMBus.",
    `#define BOARD_SMBUS_ADDRESS 0x${board.smbus.address.toString(16)}u`,
    `#define BOARD_MANUFACTURER ${JSON.stringify(board.identity.manufacturer)}`,
    `#define BOARD_REVISION ${JSON.stringify(board.identity.revision)}`,
    `#define BOARD_DATE ${JSON.stringify(board.identity.date)}`,
    "",
    "// Voltage and current of the rail that feeds the compute board, whose product is its power.",
    `#define BOARD_VOUT_ADC_CHANNEL ${channelOf(board, "VOUT_0")}u`,
    `#define BOARD_IOUT_ADC_CHANNEL ${channelOf(board, "IOUT")}u`,
    `#define BOARD_UNUSED_GPIOS 0x${unusedGpios(board).toString(16).padStart(8, "0")}u`,
    "",
  ].join("\n");
}

function gpioMacro(name: string, gpio: number): string {
  return `#define BOARD_${name}_GPIO ${gpio}u`;
}

function gpioOfFunction(board: Board, wanted: PinFunction): number {
  return Object.values(board.signals).find((signal) => signal.function === wanted)?.gpio ?? NO_GPIO;
}

function gpioOfSignal(board: Board, wanted: string): number {
  return Object.entries(board.signals).find(([name]) => contractName(name) === wanted)?.[1].gpio ?? NO_GPIO;
}

function channelOf(board: Board, quantity: string): number {
  return quantityOf(board, quantity)?.sensor?.adc_channel ?? NO_CHANNEL;
}

function macroRow(name: string, signal: BoardSignal): string[] {
  return [
    name,
    String(signal.gpio),
    ...[signal.direction ?? "in", signal.drive ?? "push-pull", signal.active, signal.pull].map((word) =>
      word.toUpperCase().replace("-", "_"),
    ),
  ];
}

function adcChannels(board: Board): number {
  return Object.values(board.sensors).reduce((mask, sensor) => mask | (1 << sensor.adc_channel), 0);
}

function unusedGpios(board: Board): number {
  const all = 2 ** GPIO_COUNT - 1;
  return Object.values(board.signals).reduce((mask, { gpio }) => mask & ~(1 << gpio), all);
}
