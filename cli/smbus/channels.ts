/** The columns of a trace: which channels of the converter there are, and what their codes mean. */
import { measured, type Sensor } from "@racklet/client";

export interface Channel {
  readonly name: string;
  readonly unit: string;
  readonly channel: number;
  readonly value: (code: number) => number;
}

const UNITS = { mv: "mV", ma: "mA", mdeg: "mdeg" } as const;

type Sensors = Readonly<Record<string, (Sensor & { readonly adc_channel: number }) | null | undefined>>;

/** The sensors of a board as the board file lists them. */
export function channelsOf(sensors: Sensors): Channel[] {
  return Object.entries(sensors).flatMap(([name, sensor]) => {
    if (!sensor) return [];
    const value = (code: number) => Math.round(measured(code, sensor));
    return [{ name, unit: UNITS[sensor.unit], channel: sensor.adc_channel, value }];
  });
}

/** Where the board is not known, the codes themselves. */
export const CODES: readonly Channel[] = [0, 1, 2, 3, 4].map((channel) => ({
  name: `channel ${channel}`,
  unit: "code",
  channel,
  value: (code) => code,
}));
