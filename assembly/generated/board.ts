// Generated from boards/slot-hat.json by `npm run generate`. Do not edit.

/** Board the logic was built for. */
export const BOARD_NAME: string = "slot-hat";

// Rails in power-up order; they go down in reverse.
/** Number of rails. */
export const RAIL_COUNT: i32 = 2;
/** Name in messages. */
export const RAIL_NAME: StaticArray<string> = ["3V3_AUX", "5V"];
/** Signal mask that enables: EN_3V3_AUX, EN_5V. */
export const RAIL_ENABLE: StaticArray<u32> = [0x4, 0x8];
/** Signal mask that reports: PG_3V3_AUX, PG_5V. */
export const RAIL_POWER_GOOD: StaticArray<u32> = [0x100, 0x200];
/** Nominal voltage. */
export const RAIL_NOMINAL_MV: StaticArray<u32> = [3300, 5100];
/** From enable to power-good at most. */
export const RAIL_POWER_GOOD_TIMEOUT_MS: StaticArray<u32> = [50, 100];
/** From disable to power-good gone at most. */
export const RAIL_DISCHARGE_TIMEOUT_MS: StaticArray<u32> = [500, 500];

// Sensors: value = code * 3300 mV / 4096 * numerator / denominator; channel -1 where absent.
/** VIN, in mv. */
export const SENSOR_VIN_CHANNEL: i32 = 0;
export const SENSOR_VIN_NUMERATOR: u32 = 8;
export const SENSOR_VIN_DENOMINATOR: u32 = 1;
/** V5, in mv. */
export const SENSOR_V5_CHANNEL: i32 = 1;
export const SENSOR_V5_NUMERATOR: u32 = 2;
export const SENSOR_V5_DENOMINATOR: u32 = 1;
/** I5, in ma. */
export const SENSOR_I5_CHANNEL: i32 = 2;
export const SENSOR_I5_NUMERATOR: u32 = 2;
export const SENSOR_I5_DENOMINATOR: u32 = 1;
/** V3V3, in mv. */
export const SENSOR_V3V3_CHANNEL: i32 = 3;
export const SENSOR_V3V3_NUMERATOR: u32 = 2;
export const SENSOR_V3V3_DENOMINATOR: u32 = 1;
/** TEMPERATURE, in mdeg. */
export const SENSOR_TEMPERATURE_CHANNEL: i32 = 4;
export const SENSOR_TEMPERATURE_NUMERATOR: u32 = 1;
export const SENSOR_TEMPERATURE_DENOMINATOR: u32 = 1;

/** All rails good to COMPUTE_RUN released. */
export const RUN_DELAY_MS: u32 = 20;
/** SHUTDOWN_REQ to HALTED at most. */
export const SHUTDOWN_TIMEOUT_MS: u32 = 60000;
/** COMPUTE_RUN low during a reset. */
export const RESET_PULSE_MS: u32 = 100;
/** Rails down during a power cycle. */
export const CYCLE_OFF_MS: u32 = 2000;
