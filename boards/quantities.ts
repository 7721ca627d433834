/**
 * The meaning of a board's rails and sensors: which PMBus page a rail has, and which quantity a sensor
 * measures. The names of quantities are those of abi/quantities.ts: VIN, VOUT_n of page n,
 * IOUT, POUT, TEMPERATURE.
 *
 * A board file states no quantity, because the rest of it already does: the sensor in millidegrees measures
 * the die, the one in milliamperes the current of the rail that feeds the compute board, and a voltage
 * belongs to the rail that names it. The voltage that no rail names is the input. Power is voltage times
 * current of the compute rail.
 */
import type { BoardRail, BoardSensor } from "./board.ts";

/** As people write units; board files have lower case. */
export const UNITS = { mv: "mV", ma: "mA", mw: "mW", mdeg: "mdeg" } as const;

export interface BoardQuantity {
  /** In the vocabulary: "VOUT_1". */
  readonly quantity: string;
  /** On this board, and on its console: "V3V3". */
  readonly name: string;
  readonly unit: keyof typeof UNITS;
  /** What the converter measures it with; none for the computed power. */
  readonly sensor?: BoardSensor;
  /** The rail it is about; none for the input and the temperature. */
  readonly rail?: BoardRail;
}

/**
 * What a rail and a sensor must have for this file: a whole board, or what a check has found whole of one.
 */
interface Parts {
  readonly rails: readonly BoardRail[];
  readonly sensors: Readonly<Record<string, BoardSensor>>;
}

/** The index of the rail that feeds the compute board; -1 where a file that is being checked has none. */
export function computeRail(rails: readonly Pick<BoardRail, "feeds_compute">[]): number {
  return rails.findIndex((rail) => rail.feeds_compute === true);
}

/** The PMBus page of each rail: 0 feeds the compute board, the others follow in the order they come up. */
export function pagesOfRails(rails: readonly Pick<BoardRail, "feeds_compute">[]): number[] {
  const compute = computeRail(rails);
  return rails.map((_, index) => (index === compute ? 0 : index < compute ? index + 1 : index));
}

/** "V5" and a current make the power "P5". */
export function powerName(voltageName: string): string {
  return `P${voltageName.replace(/^V/, "")}`;
}

/** Everything this board measures. */
export function quantitiesOf({ rails, sensors }: Parts): BoardQuantity[] {
  const pages = pagesOfRails(rails);
  const feeding = rails[computeRail(rails)];
  const found = Object.entries(sensors).map(([name, sensor]): BoardQuantity => {
    const common = { name, unit: sensor.unit, sensor };
    if (sensor.unit === "mdeg") return { ...common, quantity: "TEMPERATURE" };
    if (sensor.unit === "ma") return { ...common, quantity: "IOUT", ...(feeding ? { rail: feeding } : {}) };
    const index = rails.findIndex((rail) => rail.sensor === name);
    const rail = rails[index];
    return rail ? { ...common, quantity: `VOUT_${pages[index]}`, rail } : { ...common, quantity: "VIN" };
  });
  const voltage = found.find(({ quantity }) => quantity === "VOUT_0");
  const current = found.find(({ quantity }) => quantity === "IOUT");
  if (!voltage || !current) return found;
  const power = { quantity: "POUT", name: powerName(voltage.name), unit: "mw" as const };
  return [...found, { ...power, ...(feeding ? { rail: feeding } : {}) }];
}

/** The quantity of that name in the vocabulary, where the board measures it. */
export function quantityOf(board: Parts, quantity: string): BoardQuantity | undefined {
  return quantitiesOf(board).find((one) => one.quantity === quantity);
}
