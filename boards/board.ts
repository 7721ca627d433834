/**
 * What a board file says, resolved: bases merged, pins checked. The build writes it as
 * `board.json` beside the image, and the simulator wires its devices from that file.
 * Types only; the rules are in schema.json and scripts/boards.ts.
 */

export interface Board {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly crystal_hz: number;
  readonly flash: { readonly chip: string; readonly bytes: number };
  /** By signal name as on the schematic: "EN_5V", "PRESENT#", "UART0_TX", "VIN_SENSE". */
  readonly signals: Readonly<Record<string, BoardSignal>>;
  /** In the order they come up; they go down in reverse. */
  readonly rails: readonly BoardRail[];
  /** By name. quantities.ts says what each of them measures. */
  readonly sensors: Readonly<Record<string, BoardSensor>>;
  readonly timing: BoardTiming;
  readonly smbus: BoardSmbus;
  /** Null where the board has none. */
  readonly power_monitor: BoardPowerMonitor | null;
  readonly identity: BoardIdentity;
  readonly protection: BoardProtection;
  readonly restore: BoardRestore;
  /** By the name of the sensor, or of the computed power; see quantities.ts. */
  readonly limits: Readonly<Record<string, BoardLimits>>;
}

/** RP2040 pin function, named as in datasheet table 2 (section 1.4.3), lower case. */
export type PinFunction =
  | "sio"
  | `uart${0 | 1}_${"tx" | "rx"}`
  | `i2c${0 | 1}_${"sda" | "scl"}`
  | `adc${0 | 1 | 2 | 3}`;

export interface BoardSignal {
  readonly gpio: number;
  readonly function: PinFunction;
  /** For function "sio" only. */
  readonly direction?: "in" | "out";
  /** For outputs. "open-drain" pulls low or lets go. */
  readonly drive?: "push-pull" | "open-drain";
  /** Level that means asserted. A name ending in # is active low. */
  readonly active: "high" | "low";
  /** The RP2040's own pull resistor. */
  readonly pull: "none" | "up" | "down";
  /** A resistor on the board, so that the pin has a level while the RP2040 is in reset. */
  readonly external_pull?: "up" | "down";
  /** Where the pin comes out, for the pin table: "PMOD2 pin 7", "header pin 12". */
  readonly connector?: string;
  readonly meaning: string;
}

export interface BoardRail {
  readonly name: string;
  /** The board's signals that switch the rail and that report it good. */
  readonly enable: string;
  readonly power_good: string;
  /** The sensor that measures its voltage, where there is one. */
  readonly sensor: string | null;
  /** True for the one rail that feeds the compute board. The current sensor measures this rail. */
  readonly feeds_compute: boolean;
  readonly nominal_mv: number;
  /** From enable to power-good at most. */
  readonly power_good_timeout_ms: number;
  /** From disable to power-good gone at most. */
  readonly discharge_timeout_ms: number;
}

/**
 * value = code * 3300 mV / 4096 * numerator / denominator, in `unit`; the temperature of the die has a
 * formula of its own.
 */
export interface BoardSensor {
  readonly unit: "mv" | "ma" | "mdeg";
  readonly adc_channel: number;
  readonly numerator: number;
  readonly denominator: number;
}

export interface BoardTiming {
  /** All rails good to COMPUTE_RUN released. */
  readonly run_delay_ms: number;
  /** How long the compute OS may take from SHUTDOWN_REQ to HALTED. */
  readonly shutdown_timeout_ms: number;
  /** COMPUTE_RUN low during `power reset`. */
  readonly reset_pulse_ms: number;
  /** Rails down during `power cycle`. */
  readonly cycle_off_ms: number;
}

export interface BoardSmbus {
  /** 7-bit address of slot 0; slot n answers at address + n. */
  readonly address: number;
}

/** A chip on I2C0 that measures the compute supply once more, beside the converter. */
export interface BoardPowerMonitor {
  readonly chip: "PAC1921";
  /** 7-bit, as its address resistor says. */
  readonly address: number;
  readonly shunt_micro_ohm: number;
}

/** What the BMC says of itself over PMBus: printable ASCII, no longer than 16 characters. */
export interface BoardIdentity {
  readonly manufacturer: string;
  /** Of the board, not of the firmware. */
  readonly revision: string;
  /** YYMMDD, as PMBus writes MFR_DATE. */
  readonly date: string;
}

/** In mV, mA, mW or millidegrees; null where there is no such limit. */
export interface BoardLimits {
  /** The range within which limits may be set over SMBus. */
  readonly minimum: number;
  readonly maximum: number;
  readonly low_fault: number | null;
  readonly low_warning: number | null;
  readonly high_warning: number | null;
  readonly high_fault: number | null;
  /** How far back within a limit it must come to count as good again. */
  readonly hysteresis: number;
  /** How long it must be beyond a limit to count. */
  readonly warning_filter_ms: number;
  readonly fault_filter_ms: number;
}

export interface BoardProtection {
  /** Lets go of the compute supply in the converter's interrupt, after so many conversions in a row. */
  readonly overcurrent_ma: number;
  readonly overcurrent_rounds: number;
  /** Input below its low fault limit for so long has failed. */
  readonly brown_out_us: number;
  /** Before the first, second and third try after a fault; then it is latched. */
  readonly retry_pauses_ms: readonly number[];
  /** On for so long, a slot has three tries again. */
  readonly good_after_ms: number;
}

export type RestorePolicy = "last" | "always-on" | "always-off";

/** What happens when input power returns. */
export interface BoardRestore {
  readonly policy: RestorePolicy;
  /** How long the input must be good without a break. */
  readonly settle_ms: number;
  /** Slot n waits n times as long. */
  readonly stagger_ms: number;
}
