/** The rails of a board in the fuzzer's slot in Node: their signals, and what the converter shows of them. */
import type { Board, BoardSensor } from "../../../boards/board.ts";
import { computeRail, pagesOfRails, quantitiesOf, quantityOf } from "../../../boards/quantities.ts";
import { Signal } from "../../../simulator/generated/abi.ts";

const ENABLES = [Signal.EN_RAIL_0, Signal.EN_RAIL_1, Signal.EN_RAIL_2, Signal.EN_RAIL_3];
const GOODS = [Signal.PG_RAIL_0, Signal.PG_RAIL_1, Signal.PG_RAIL_2, Signal.PG_RAIL_3];
const INPUT_MV = 15_000;
const LOAD_MA = 1500;
/** Of a die at about 26 degrees. */
const DIE_CODE = 876;
const CHANNELS = 5;
const REFERENCE_MV = 3300;
const FULL_SCALE = 4096;

export interface Supply {
  readonly page: number;
  readonly enable: number;
  readonly good: number;
}

/** The supplies in the order they come up. */
export function suppliesOf({ rails }: Board): Supply[] {
  const pages = pagesOfRails(rails);
  return rails.map((_, index) => ({
    page: pages[index] as number,
    enable: ENABLES[index] as number,
    good: GOODS[index] as number,
  }));
}

/** The power-good signals of all rails. */
export function goodSignals(supplies: readonly Supply[]): number {
  return supplies.reduce((signals, { good }) => signals | good, 0);
}

/** Codes by converter channel: input power, and supplies where their power-good says that they are up. */
export function codesOf(board: Board, signals: number): number[] {
  const { rails } = board;
  const isUp = (index: number) => (signals & (GOODS[index] as number)) !== 0;
  const codes = new Array(CHANNELS).fill(0);
  for (const { quantity, sensor, rail } of quantitiesOf(board)) {
    if (!sensor) continue;
    if (quantity === "TEMPERATURE") codes[sensor.adc_channel] = DIE_CODE;
    else if (quantity === "VIN") codes[sensor.adc_channel] = codeOf(INPUT_MV, sensor);
    else if (quantity === "IOUT")
      codes[sensor.adc_channel] = isUp(computeRail(rails)) ? codeOf(LOAD_MA, sensor) : 0;
    else if (rail && isUp(rails.indexOf(rail))) codes[sensor.adc_channel] = codeOf(rail.nominal_mv, sensor);
  }
  return codes;
}

function codeOf(value: number, { numerator, denominator }: BoardSensor): number {
  return Math.round((value * denominator * FULL_SCALE) / numerator / REFERENCE_MV);
}

/** The channels whose product is the power of the compute rail. A board without one of them has no power. */
export function powerChannelsOf(board: Board): { voltage: number; current: number } {
  const channel = (quantity: string) => quantityOf(board, quantity)?.sensor?.adc_channel ?? 0;
  return { voltage: channel("VOUT_0"), current: channel("IOUT") };
}

/** Erratum RP2040-E11: these codes are ten steps wide, the others one; there are 4132 steps. */
const WIDE = [512, 1536, 2560, 3584];
/** Returns the millivolts at the pin in the middle of a code; code 0 is nothing. */
export function mvOfCode(code: number): number {
  const wide = WIDE.filter((each) => each < code).length * 9 + (WIDE.includes(code) ? 4 : 0);
  return code === 0 ? 0 : ((code + wide + 0.5) * 3300) / 4132;
}
