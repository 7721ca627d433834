/**
 * A board description, resolved: its bases are merged and its pins checked. The build writes it as
 * `board.json` beside the image, and the simulator wires its devices from that file. This file has types
 * only; the rules are in schema.json and scripts/boards/.
 */

export interface Board {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly crystal_hz: number;
  /** From the crystal's first oscillation to a stable clock. */
  readonly crystal_startup_ms: number;
  readonly flash: { readonly chip: string; readonly bytes: number };
  /** By signal name as on the schematic: "EN_5V", "PRESENT#", "UART0_TX", "VIN_SENSE". */
  readonly signals: Readonly<Record<string, BoardSignal>>;
  /** In the order they come up; they go down in reverse. */
  readonly rails: readonly BoardRail[];
  /** By name. quantities.ts says what each of them measures. */
  readonly sensors: Readonly<Record<string, BoardSensor>>;
  readonly timing: BoardTiming;
  readonly smbus: BoardSmbus;
  /** Null if the board has none. */
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
  /** For outputs. "open-drain" pulls low or releases the line. */
  readonly drive?: "push-pull" | "open-drain";
  /** Level that means asserted. A name ending in # is active low. */
  readonly active: "high" | "low";
  /** The RP2040's own pull resistor. */
  readonly pull: "none" | "up" | "down";
  /** A resistor on the board, so that the pin has a level while the RP2040 is in reset. */
  readonly external_pull?: "up" | "down";
  /** Where the pin is brought out, for the pin table: "PMOD2 pin 7", "header pin 12". */
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
  /** The longest time from enable to power-good. */
  readonly power_good_timeout_ms: number;
  /** The longest time from disable until power-good is gone. */
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
  /** From the last rail's power-good until COMPUTE_RUN is asserted. */
  readonly run_delay_ms: number;
  /** The longest time the compute OS may take from SHUTDOWN_REQ to HALTED. */
  readonly shutdown_timeout_ms: number;
  /** How long `power reset` keeps COMPUTE_RUN deasserted. */
  readonly reset_pulse_ms: number;
  /** How long the rails stay off during `power cycle`. */
  readonly cycle_off_ms: number;
}

export interface BoardSmbus {
  /** 7-bit address of slot 0; slot n answers at address + n. */
  readonly address: number;
}

/** A chip on I2C0 that measures the compute supply a second time, independently of the converter. */
export interface BoardPowerMonitor {
  readonly chip: "PAC1921";
  /** 7-bit; the chip's address resistor selects it. */
  readonly address: number;
  readonly shunt_micro_ohm: number;
}

/** The identity that the BMC reports over PMBus: printable ASCII, at most 16 characters each. */
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
  /** How far within a limit the quantity must return to count as good again. */
  readonly hysteresis: number;
  /** How long the quantity must be beyond a limit until that counts. */
  readonly warning_filter_ms: number;
  readonly fault_filter_ms: number;
}

export interface BoardProtection {
  /**
   * A current that switches the compute supply off in the converter's interrupt, after this many rounds in
   * a row.
   */
  readonly overcurrent_ma: number;
  readonly overcurrent_rounds: number;
  /** Input power has failed once it was below its low fault limit for this long. */
  readonly brown_out_us: number;
  /** The pauses before the first, second and third retry after a fault. After them the fault is latched. */
  readonly retry_pauses_ms: readonly number[];
  /** Once a slot has been on for this long, it has all retries again. */
  readonly good_after_ms: number;
}

export type RestorePolicy = "last" | "always-on" | "always-off";

/** What the BMC does when input power returns. */
export interface BoardRestore {
  readonly policy: RestorePolicy;
  /** How long the input must be good without interruption. */
  readonly settle_ms: number;
  /** Slot n waits n times this long. */
  readonly stagger_ms: number;
}
